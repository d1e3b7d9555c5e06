"""Codes of administrative divisions (GB/T 2260, GB/T 10114): which place lies in which."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

__all__ = ["EVERYWHERE", "LEVEL_LENGTHS", "ancestors", "inside", "is_inside", "parse_place"]

EVERYWHERE = ""
"""The code of the whole country: a prefix of every code."""

LEVEL_LENGTHS = {"central": 0, "province": 2, "city": 4, "county": 6, "township": 9, "grassroots": 12}
"""How many digits of a code a division of each level fills."""

_CUTS = tuple(LEVEL_LENGTHS.values())


def parse_place(text: str) -> str | None:
    """Shorten a code to the digits that say something; `None` if it is no code.

    Zeros are dropped by level, not one by one: 371000 is the city 3710, not 371.
    """
    if not (text.isascii() and text.isdigit()) or len(text) not in _CUTS[1:]:
        return None
    steps = [text[start:end] for start, end in pairwise(_CUTS) if end <= len(text)]
    while steps and not int(steps[-1]):
        steps.pop()
    code = "".join(steps)
    return None if not code or any(not int(step) for step in steps[:1]) else code


def is_inside(code: str, place: str) -> bool:
    """Whether the division `code` is `place` or lies in it (both as `parse_place` gives them)."""
    return code.startswith(place)


def inside(codes: Sequence[str], place: str) -> Iterator[str]:
    """Those of some codes, given in their order, that are `place` or lie in it."""
    for at in range(bisect_left(codes, place), len(codes)):
        if not is_inside(codes[at], place):
            break
        yield codes[at]


def ancestors(code: str) -> Iterator[str]:
    """The divisions that hold `code`, from the country down to `code` itself."""
    for cut in _CUTS:
        if cut <= len(code):
            yield code[:cut]
