"""Three-valued truth of many rows at once, as planes of bits: one bit of a plane stands for one row.

The bits of a byte count from the lowest, as Arrow's do. A plane that is the same for all rows is a Python `bool`,
so that what a batch can't touch costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from attrs import frozen

__all__ = [
    "FALSE",
    "TRUE",
    "UNKNOWN",
    "Bits",
    "Codes",
    "Plane",
    "Switch",
    "Truths",
    "any_plane",
    "both",
    "choose",
    "conjunction",
    "count",
    "disjunction",
    "either",
    "is_empty",
    "minus",
    "opposite",
    "pack",
    "rows_of",
    "rows_there",
    "stacked",
    "to_bytes",
    "to_codes",
    "trimmed",
    "unpack",
]

Bits = npt.NDArray[np.uint8]
Codes = npt.NDArray[Any]
Plane = bool | Bits


def both(one: Plane, other: Plane) -> Plane:
    """The rows of one plane that are in the other."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    return one & other


def either(one: Plane, other: Plane) -> Plane:
    """The rows of one plane, and those of the other."""
    if isinstance(one, bool):
        return True if one else other
    if isinstance(other, bool):
        return True if other else one
    return one | other


def opposite(one: Plane) -> Plane:
    """The rows that aren't in a plane."""
    return not one if isinstance(one, bool) else ~one


def minus(one: Plane, other: Plane) -> Plane:
    """The rows of one plane that aren't in the other."""
    if one is False or other is False:
        return one
    return both(one, opposite(other))


def any_plane(planes: Iterable[Plane]) -> Plane:
    """The rows of all these planes."""
    found: Plane = False
    for plane in planes:
        found = either(found, plane)
        if found is True:
            break
    return found


_GLANCE: Final = 64


def is_empty(plane: Plane) -> bool:
    """Whether no row is in the plane; of a plane that is only named (`circuits.Wire`) that isn't known."""
    if not isinstance(plane, np.ndarray):
        return plane is False
    return not plane[:_GLANCE].any() and not plane.any()


def trimmed(plane: Plane) -> Plane:
    """A plane, or none where no row is in it."""
    return False if is_empty(plane) else plane


def _is_full(plane: Plane) -> bool:
    return bool(plane.min(initial=255) == 255) if isinstance(plane, np.ndarray) else plane is True


def pack(flags: npt.NDArray[Any]) -> Bits:
    """A plane of the rows whose flag isn't zero."""
    return np.packbits(flags, bitorder="little")


def rows_there(rows: int) -> Plane:
    """All rows, but not the bits that fill the last byte."""
    return rows % 8 == 0 or pack(np.ones(rows, dtype=np.bool_))


def unpack(plane: Plane, rows: int) -> npt.NDArray[np.bool_]:
    """A flag for each row."""
    if isinstance(plane, bool):
        return np.full(rows, plane)
    return np.unpackbits(plane, count=rows, bitorder="little").view(np.bool_)


def rows_of(plane: Plane, rows: int) -> npt.NDArray[np.intp]:
    """The numbers of the rows that are in a plane."""
    return np.flatnonzero(unpack(plane, rows))


def count(plane: Plane, rows: int) -> int:
    """How many rows are in a plane."""
    if isinstance(plane, bool):
        return rows if plane else 0
    words = rows // 64
    found = int(np.bitwise_count(plane[: words * 8].view("<u8")).sum(dtype=np.int64))
    return found + (int.from_bytes(plane[words * 8 :].tobytes(), "little") & ((1 << rows % 64) - 1)).bit_count()


# ---- three-valued truth -----------------------------------------------------------------------------------------------


@frozen
class Truths:
    """The rows for which something is true, and those for which it is false; of the others it is unknown."""

    true: Plane
    false: Plane

    @property
    def open(self) -> Plane:
        """The rows for which it is unknown."""
        return opposite(either(self.true, self.false))

    @property
    def known(self) -> Plane:
        """The rows for which it isn't unknown."""
        return either(self.true, self.false)

    def negated(self) -> Truths:
        """The opposite: unknown stays unknown."""
        return Truths(self.false, self.true)

    def within(self, rows: Plane) -> Truths:
        """The same in these rows, unknown in the others."""
        return self if rows is True else Truths(both(self.true, rows), both(self.false, rows))


TRUE: Final = Truths(True, False)
FALSE: Final = Truths(False, True)
UNKNOWN: Final = Truths(False, False)


def conjunction(parts: Iterable[Truths]) -> Truths:
    """And: false if one is false, true if all are; `parts` are asked for only as long as they matter."""
    true: Plane = True
    false: Plane = False
    for part in parts:
        true, false = both(true, part.true), either(false, part.false)
        if is_empty(true):
            true = False
            if _is_full(false):
                return FALSE
    return Truths(true, false)


def disjunction(parts: Iterable[Truths]) -> Truths:
    """Or: true if one is true, false if all are false."""
    return conjunction(part.negated() for part in parts).negated()


def choose(test: Truths, yes: Truths, no: Truths) -> Truths:
    """If `test` then `yes` else `no`; where the test is unknown, what both agree on."""

    def side(one: Plane, other: Plane) -> Plane:
        return any_plane((both(test.true, one), both(test.false, other), both(one, other)))

    return Truths(side(yes.true, no.true), side(yes.false, no.false))


# ---- codes to planes ----------------------------------------------------------------------------------------------------


class Switch:
    """A column of small codes as planes: one for each bit of the codes, and from them one for each set of codes."""

    def __init__(self, bits: Sequence[Bits]) -> None:
        self.bits = bits
        self._made: dict[bytes, Plane] = {}

    @classmethod
    def of_codes(cls, codes: Codes, size: int) -> Switch:
        """The switch of codes that are less than `size`."""
        return cls([_bit(codes, number) for number in range(max(size - 1, 0).bit_length())])

    def where(self, chosen: bytes) -> Plane:
        """The rows whose code is chosen: `chosen` has a 1 or a 0 for each code."""
        width = 1 << len(self.bits)
        return self._where(chosen + chosen[-1:] * (width - len(chosen)), len(self.bits))

    def _where(self, chosen: bytes, depth: int) -> Plane:
        if chosen.count(chosen[0]) == len(chosen):
            return chosen[0] == 1
        if chosen not in self._made:
            half = len(chosen) // 2
            low = self._where(chosen[:half], depth - 1)
            high = low if chosen[:half] == chosen[half:] else self._where(chosen[half:], depth - 1)
            self._made[chosen] = low if high is low else _mixed(self.bits[depth - 1], low, high)
        return self._made[chosen]


def _bit(codes: Codes, number: int) -> Bits:
    """The rows whose code has a bit."""
    if codes.itemsize > 1:
        codes = (codes >> (number & ~7)).astype(np.uint8)
    return pack(codes & np.uint8(1 << (number & 7)))


def _mixed(bit: Bits, low: Plane, high: Plane) -> Plane:
    """`high` where the bit is set, `low` where it isn't."""
    if isinstance(low, bool):
        return either(~bit, high) if low else both(bit, high)
    if isinstance(high, bool):
        return low | bit if high else low & ~bit
    return low ^ (bit & (low ^ high))


# ---- planes side by side --------------------------------------------------------------------------------------------------

_GAP: Final = 8
"""Words between planes, so that those of a power of two of rows don't all fall on the same places of the cache."""


def stacked(planes: Sequence[Plane], rows: int) -> Codes:
    """Planes as the rows of an array of words, with a few words more."""
    length = -(-rows // 8)
    found = np.zeros((len(planes), -(-length // 8) + _GAP), dtype="<u8")
    _lay(planes, found.view(np.uint8)[:, :length])
    return found


def _lay(planes: Sequence[Plane], rows: Bits) -> None:
    """Write each plane into a row of bytes."""
    for row, plane in zip(rows, planes, strict=True):
        row[:] = (255 if plane else 0) if isinstance(plane, bool) else plane


# ---- planes to codes ------------------------------------------------------------------------------------------------------

_ROUNDS: Final = ((4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333), (1, 0x5555555555555555))


def to_codes(planes: Sequence[Plane], rows: int) -> Codes:
    """For each row the number whose bits tell in which of the planes it is."""
    width = max(1, -(-len(planes) // 8))
    size = next(each for each in (1, 2, 4, 8) if each >= width)
    found = _transposed(planes[:8], rows).astype(f"<u{size}", copy=False)
    for at in range(8, len(planes), 8):
        part = _transposed(planes[at : at + 8], rows).astype(found.dtype)
        found |= np.left_shift(part, found.dtype.type(at), out=part)
    return found


def to_bytes(planes: Sequence[Plane], rows: int) -> list[Bits]:
    """For each row a byte for every eight of the planes, whose bits tell in which of them it is."""
    return [_transposed(planes[at : at + 8], rows) for at in range(0, len(planes), 8)]


def _transposed(planes: Sequence[Plane], rows: int) -> Bits:
    """Eight planes as a byte for each row: squares of eight by eight bits, each turned over.

    The planes swap half bytes, then pairs of bits, then bits; each then holds the bytes of every eighth row.
    """
    length = -(-rows // 8)
    square = np.empty((8, -(-length // 8) * 8), dtype=np.uint8)
    _lay(planes, square[: len(planes), :length])
    square[len(planes) :] = 0
    words = square.view("<u8")
    spare = np.empty((4, words.shape[1]), dtype=words.dtype)
    for distance, mask in _ROUNDS:
        pairs = words.reshape(4 // distance, 2, distance, -1)
        one, other, swapped = pairs[:, 0], pairs[:, 1], spare.reshape(4 // distance, distance, -1)
        shift = np.uint64(distance)
        np.right_shift(one, shift, out=swapped)
        np.bitwise_xor(swapped, other, out=swapped)
        np.bitwise_and(swapped, np.uint64(mask), out=swapped)
        np.bitwise_xor(other, swapped, out=other)
        np.left_shift(swapped, shift, out=swapped)
        np.bitwise_xor(one, swapped, out=one)
    found = np.empty((length, 8), dtype=np.uint8)
    for index in range(8):
        found[:, index] = square[index, :length]
    return found.reshape(-1)[:rows]
