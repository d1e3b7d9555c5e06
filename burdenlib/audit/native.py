"""What a compiler makes faster: programs on planes, and the sets of planes that rows are in (numba, extra `fast`).

Both work through blocks of rows that stay in the cache, and without Python's lock. NumPy does the same where numba isn't
installed, and for few rows, for which fetching a compiler doesn't pay; the tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from burdenlib.audit.circuits import AND, LOAD, MINUS, NOT, OR, STORE, XOR, Program
from burdenlib.audit.planes import Bits, Codes, Plane, stacked

__all__ = ["join", "number", "run"]

_BLOCK = 64
"""How many words of 64 rows are worked on at once."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_NEAR = 16


@njit(nogil=True, cache=True)
def _transpose(planes: Codes, top: int) -> None:
    """Turn over squares of 64 words from row `top` on: bit `i` of row `j` becomes bit `j` of row `i`, in each column.

    Warren, Hacker's Delight, 7-3, for all columns side by side.
    """
    distance = 32
    mask = np.uint64(0x00000000FFFFFFFF)
    while distance:
        shift = np.uint64(distance)
        for first in range(0, 64, 2 * distance):
            for row in range(top + first, top + first + distance):
                for at in range(_NEAR):
                    swapped = ((planes[row, at] >> shift) ^ planes[row + distance, at]) & mask
                    planes[row, at] ^= swapped << shift
                    planes[row + distance, at] ^= swapped
        distance >>= 1
        mask ^= mask << np.uint64(distance)


@njit(nogil=True, cache=True)
def number(planes: Codes, rows: int) -> tuple[Codes, Codes]:
    """The sets of planes that rows are in: for each row the number of its set, and the bits of each set.

    `planes` has a row of words for each plane, and may have more of them than rows ask for; a set has a word for every
    64 planes. Sets are numbered as they come up, and found again by hashing with open addressing (Knuth, The Art of
    Computer Programming, 6.4).
    """
    count, words = planes.shape[0], (rows + 63) // 64
    width = (count + 63) // 64
    codes = np.empty(rows, dtype=np.int32)
    sets = np.empty((1024, width), dtype=np.uint64)
    slots = np.full(4096, -1, dtype=np.int32)
    last = np.uint64(slots.size - 1)
    found = 0
    near = np.zeros((64 * width, _NEAR), dtype=np.uint64)
    keys = np.empty((1, width), dtype=np.uint64)
    for start in range(0, words, _NEAR):
        length = min(_NEAR, words - start)
        for group in range(width):
            for plane in range(64 * group, 64 * group + 64):
                for at in range(_NEAR):
                    near[plane, at] = planes[plane, start + at] if plane < count and at < length else np.uint64(0)
            _transpose(near, 64 * group)
        for at in range(length):
            row = (start + at) * 64
            for bit in range(min(64, rows - row)):
                for group in range(width):
                    keys[0, group] = near[64 * group + bit, at]
                slot = _hash(keys, 0) & last
                chosen = slots[slot]
                while chosen >= 0 and not _equal(sets, chosen, keys):
                    slot = (slot + np.uint64(1)) & last
                    chosen = slots[slot]
                if chosen < 0:
                    if found == len(sets):
                        more = np.empty((2 * found, width), dtype=np.uint64)
                        more[:found] = sets
                        sets = more
                    for group in range(width):
                        sets[found, group] = keys[0, group]
                    slots[slot] = chosen = found
                    found += 1
                    if 2 * found > slots.size:
                        slots = _spread(sets[:found], 4 * slots.size)
                        last = np.uint64(slots.size - 1)
                codes[row + bit] = chosen
    return codes, sets[:found].copy()


@njit(nogil=True, cache=True)
def _hash(sets: Codes, at: int) -> np.uint64:
    found = np.uint64(0)
    for group in range(sets.shape[1]):
        found = (found ^ sets[at, group]) * _FACTOR
        found ^= found >> _HALF
    return found


@njit(nogil=True, cache=True)
def _equal(sets: Codes, at: int, keys: Codes) -> bool:
    same = True
    for group in range(keys.shape[1]):
        same = same and sets[at, group] == keys[0, group]
    return same


@njit(nogil=True, cache=True)
def _spread(sets: Codes, size: int) -> Codes:
    """The slots of some sets in a larger table."""
    slots = np.full(size, -1, dtype=np.int32)
    last = np.uint64(size - 1)
    for each in range(len(sets)):
        slot = _hash(sets, each) & last
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & last
        slots[slot] = each
    return slots


def run(program: Program, planes: Sequence[Plane], rows: int) -> list[Bits]:
    """The outputs of a program for planes of some rows."""
    length = -(-rows // 8)
    inputs = stacked(planes or (False,), rows)
    found = np.empty((program.outputs, inputs.shape[1]), dtype=inputs.dtype)
    _compute(program.steps, program.registers, inputs, found, -(-length // 8))
    return [*found.view(np.uint8)[:, :length]]


@njit(nogil=True, cache=True)
def _compute(steps: Codes, registers: int, inputs: Codes, outputs: Codes, words: int) -> None:
    """Run a program on planes, block by block.

    A step is an operation, the register that it fills, and those that it reads; `LOAD` reads an input, `STORE` fills
    an output. Inputs and outputs have a row of words for each plane; so many of them are asked for.
    """
    held = np.zeros((registers, _BLOCK), dtype=np.uint64)
    for start in range(0, words, _BLOCK):
        length = min(_BLOCK, words - start)
        for step in range(steps.shape[0]):
            operation, to, one, other = steps[step, 0], steps[step, 1], steps[step, 2], steps[step, 3]
            if operation == AND:
                for at in range(_BLOCK):
                    held[to, at] = held[one, at] & held[other, at]
            elif operation == OR:
                for at in range(_BLOCK):
                    held[to, at] = held[one, at] | held[other, at]
            elif operation == MINUS:
                for at in range(_BLOCK):
                    held[to, at] = held[one, at] & ~held[other, at]
            elif operation == XOR:
                for at in range(_BLOCK):
                    held[to, at] = held[one, at] ^ held[other, at]
            elif operation == NOT:
                for at in range(_BLOCK):
                    held[to, at] = ~held[one, at]
            elif operation == LOAD:
                for at in range(length):
                    held[to, at] = inputs[one, start + at]
            elif operation == STORE:
                for at in range(length):
                    outputs[to, start + at] = held[one, at]


def join(parts: Codes, names: Codes, edges: Codes, gap: int) -> tuple[Codes, Codes]:
    """The texts of sets of names: where each ends, and all bytes.

    `parts` has for every eight names a row with a byte for each set, whose bits say which of them it has. `edges` says where
    each name begins in `names`; it begins with a separator of `gap` bytes, which the first name of a text goes without.
    """
    ends = np.zeros(parts.shape[1] + 1, dtype=np.int64)
    _measure(parts, edges, gap, ends)
    found = np.empty(ends[-1], dtype=np.uint8)
    _fill(parts, names, edges, gap, ends, found)
    return ends, found


@njit(nogil=True, cache=True)
def _measure(parts: Codes, edges: Codes, gap: int, ends: Codes) -> None:
    for each in range(parts.shape[1]):
        size = 0
        for eight in range(parts.shape[0]):
            byte = parts[eight, each]
            for bit in range(8):
                if byte >> bit & 1:
                    size += edges[8 * eight + bit + 1] - edges[8 * eight + bit]
        ends[each + 1] = ends[each] + max(size - gap, 0)


@njit(nogil=True, cache=True)
def _fill(parts: Codes, names: Codes, edges: Codes, gap: int, ends: Codes, found: Codes) -> None:
    for each in range(parts.shape[1]):
        to, skipped = ends[each], gap
        for eight in range(parts.shape[0]):
            byte = parts[eight, each]
            if byte:
                for bit in range(8):
                    if byte >> bit & 1:
                        first = edges[8 * eight + bit] + skipped
                        length = edges[8 * eight + bit + 1] - first
                        for at in range(length):
                            found[to + at] = names[first + at]
                        to += length
                        skipped = 0
