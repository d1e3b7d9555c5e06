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
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def any_true(truths: Iterable[Truth]) -> Truth:
    """Or: true if one is true, false if all are false, else unknown."""
    found: Truth = False
    for truth in truths:
        if truth:
            return True
        if truth is None:
            found = None
    return found


def either(test: Truth, yes: Truth, no: Truth) -> Truth:
    """If `test` then `yes` else `no`; where the test is unknown, what both agree on."""
    if test is None:
        return yes if yes is no else None
    return yes if test else no
