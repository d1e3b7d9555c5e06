"""Planes that are only named: what is asked of them is noted down once and run on many batches by compiled code.

Nodes ask the same of a wire as of a plane of bits. What they ask becomes a circuit, in which equal operations are one and
what no answer needs is left out, and from it comes a program for `native.run`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from functools import cache
from types import ModuleType
from typing import Final

import numpy as np
from attrs import define, field, frozen

from burdenlib.audit.planes import Codes

__all__ = ["AND", "FEWEST", "LOAD", "MINUS", "NOT", "OR", "STORE", "XOR", "Circuit", "Program", "Wire", "compiler"]

FEWEST: Final = 1 << 18
"""How many rows a batch has to have before a compiler is fetched."""

AND, OR, XOR, NOT, MINUS, STORE, LOAD = range(7)
"""The operations of programs."""

_Step = tuple[int, int, int]


@define(eq=False)
class Wire:
    """The result of an operation of a circuit; it stands where bits of rows will be."""

    circuit: Circuit
    number: int

    def __and__(self, other: Wire) -> Wire:
        return self.circuit.pair(AND, self, other)

    def __or__(self, other: Wire) -> Wire:
        return self.circuit.pair(OR, self, other)

    def __xor__(self, other: Wire) -> Wire:
        return self.circuit.pair(XOR, self, other)

    def __invert__(self) -> Wire:
        return self.circuit.step(NOT, self.number, -1)


@define(eq=False)
class Circuit:
    """Operations on planes, noted down."""

    inputs: int = 0
    _steps: list[_Step] = field(factory=list)
    _wires: dict[_Step, Wire] = field(factory=dict)

    def input(self) -> Wire:
        """A plane that each batch brings along."""
        self.inputs += 1
        return self.step(LOAD, self.inputs - 1, -1)

    def pair(self, operation: int, one: Wire, other: Wire) -> Wire:
        """An operation for which order doesn't matter."""
        if one is other and operation != XOR:
            return one
        first, last = sorted((one.number, other.number))
        return self.step(operation, first, last)

    def step(self, operation: int, one: int, other: int) -> Wire:
        """An operation; that of the same before if there was one."""
        if operation == NOT and self._steps[one][0] == NOT:
            return self._wires[self._steps[self._steps[one][1]]]
        key = (operation, one, other)
        if key not in self._wires:
            self._steps.append(key)
            self._wires[key] = Wire(self, len(self._steps) - 1)
        return self._wires[key]

    def program(self, outputs: Sequence[Wire]) -> Program:
        """What makes some wires of the inputs; the circuit is let go of, since wires that stand for outputs hold it."""
        steps = self._needed(outputs)
        last = {read: at for at, (_, step) in enumerate(steps) for read in _reads(step)}
        stores: dict[int, list[int]] = {}
        for to, wire in enumerate(outputs):
            stores.setdefault(wire.number, []).append(to)
        found: list[tuple[int, int, int, int]] = []
        registers: dict[int, int] = {}
        free: list[int] = []
        size = 0
        for at, (number, (operation, one, other)) in enumerate(steps):
            if not free:
                free.append(size)
                size += 1
            to = registers[number] = free.pop()
            first = one if operation == LOAD else registers[one]
            found.append((operation, to, first, registers.get(other, -1)))
            found += ((STORE, each, to, -1) for each in stores.get(number, ()))
            # a step's own register is taken before those that it reads are free, so that compiled loops don't overlap
            free += [registers.pop(each) for each in {*_reads((operation, one, other))} if last[each] == at]
            if number not in last:
                free.append(registers.pop(number))
        self._steps.clear()
        self._wires.clear()
        return Program(np.array(found, dtype=np.int32).reshape(-1, 4), size, len(outputs))

    def _needed(self, outputs: Iterable[Wire]) -> list[tuple[int, _Step]]:
        """The steps that outputs need, in order, with and-nots as one."""
        wanted = {wire.number for wire in outputs}
        found: list[tuple[int, _Step]] = []
        for number in range(len(self._steps) - 1, -1, -1):
            if number in wanted:
                step = self._fused(self._steps[number])
                wanted.update(_reads(step))
                found.append((number, step))
        return found[::-1]

    def _fused(self, step: _Step) -> _Step:
        operation, one, other = step
        if operation == AND:
            for kept, turned in ((one, other), (other, one)):
                if self._steps[turned][0] == NOT:
                    return MINUS, kept, self._steps[turned][1]
        return step


def _reads(step: _Step) -> tuple[int, ...]:
    """The steps whose results a step reads."""
    operation, one, other = step
    return () if operation == LOAD else (one,) if operation == NOT else (one, other)


@frozen(eq=False)
class Program:
    """Steps on registers: an operation, the register that it fills, and those that it reads."""

    steps: Codes
    registers: int
    outputs: int


def compiler(rows: int, fewest: int) -> ModuleType | None:
    """The compiled code, where numba is installed and there are so many rows."""
    return _native() if rows >= fewest else None


@cache
def _native() -> ModuleType | None:
    try:
        return importlib.import_module("burdenlib.audit.native")
    except (ImportError, RuntimeError):  # no numba, or no folder in which it may keep what it compiled
        return None
