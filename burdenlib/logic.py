"""Strong Kleene logic: true, false, and unknown (`None`)."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Truth", "all_true", "any_true", "either", "negate"]

Truth = bool | None


def negate(truth: Truth) -> Truth:
    """Not: unknown stays unknown."""
    return None if truth is None else not truth


def all_true(truths: Iterable[Truth]) -> Truth:
    """And: false if one is false, true if all are true, else unknown."""
    seen = set(truths)
    return False if False in seen else None if None in seen else True


def any_true(truths: Iterable[Truth]) -> Truth:
    """Or: true if one is true, false if all are false, else unknown."""
    seen = set(truths)
    return True if True in seen else None if None in seen else False


def either(test: Truth, yes: Truth, no: Truth) -> Truth:
    """If `test` then `yes` else `no`; where the test is unknown, what both agree on."""
    if test is None:
        return yes if yes is no else None
    return yes if test else no
