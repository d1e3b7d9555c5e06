"""Python source for a few formulas at once: nested guards, each fact read where it is first needed.

No text of a policy becomes code: what stands in the source are names and numbers of this module's own, and everything
else comes in through the namespace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from attrs import frozen

from burdenlib.compiled.formula import OPEN, TRUE, Formula
from burdenlib.compiled.variables import (
    FactVariable,
    ItemVariable,
    MentionVariable,
    PairVariable,
    SetVariable,
    Variable,
)

__all__ = ["Asked", "Bits", "Flavour", "Source", "conjuncts", "namespace_of", "reading"]

Mode = Literal["true", "possible"]

OFTEN = 1.0
"""What is likely to be read more often than this is read once, before the guards that need it."""


@frozen(eq=False)
class Asked:
    """A formula of which the code has to find out whether it is possible, and whether it is true.

    `details` are asked where the formula is possible. With `only_true` nothing else is of interest.
    """

    formula: Formula
    details: tuple[Formula, ...] = ()
    only_true: bool = False


@frozen
class Bits:
    """The bits in which the answer to one question stands: true, open, and two for each detail: true, possible."""

    true: int
    open: int
    details: tuple[tuple[int, int], ...]


# ---- reading --------------------------------------------------------------------------------------------------------------


Flavour = Literal["told", "slow", "read"]
"""What the code reads: what a task tells, by tables of what was told before; the same by functions; codes."""


def reading(number: int, variable: Variable, flavour: Flavour) -> str:
    """An expression that reads a variable that hangs on nothing else.

    A yes/no fact is taken as it is told: what is neither yes nor no isn't known, and where that leaves something open
    it is looked at again.
    """
    is_one = isinstance(variable, FactVariable | SetVariable | ItemVariable)
    if flavour == "read" and is_one:
        return f"f[{number}]"
    facts = "f[-1]" if flavour == "read" else "f"
    told = f"{facts}.get(K{number})"
    match variable:
        case MentionVariable():
            return f"X{number}({told}, {facts}.get(L{number}))"
        case FactVariable() if variable.role == "yes_no":
            return told
        case _ if flavour == "slow":
            return f"X{number}({told})"
        case FactVariable() if variable.fact.type.kind == "number":
            return f"(N{number}[x] if (x := {told}).__class__ is not bool else X{number}(x))"
        case SetVariable():
            of_list = f"S{number}[x[0]] if len(x) == 1 else N{number}[(*x,)]"
            return f"(({of_list}) if (x := {told}).__class__ is list else N{number}[x])"
    return f"N{number}[{told}]"


def namespace_of(number: int, variable: Variable) -> Iterator[tuple[str, object]]:
    """What the expression that reads a variable needs."""
    yield f"K{number}", variable.keys[0]
    yield f"X{number}", variable.told
    if isinstance(variable, FactVariable | SetVariable | ItemVariable):
        yield f"N{number}", variable.table
        if isinstance(variable, SetVariable):
            yield f"S{number}", variable.singles
    else:
        yield f"L{number}", variable.keys[1]


# ---- tests ----------------------------------------------------------------------------------------------------------------

_YES_NO: Mapping[int, str] = {
    0b000: "False",
    0b001: "{}.__class__ is not bool",
    0b010: "{} is False",
    0b100: "{} is True",
    0b011: "{} is not True",
    0b101: "{} is not False",
    0b110: "{}.__class__ is bool",
    0b111: "True",
}


def _test_of_codes(name: str, mask: int, size: int) -> str:
    """That a code is in a mask of codes 0 to `size`."""
    every = (2 << size) - 1
    rest = every & ~mask
    if not mask or not rest:
        return str(not rest)
    if not mask & mask - 1:
        return f"{name} == {mask.bit_length() - 1}"
    if not rest & rest - 1:
        return f"{name} != {rest.bit_length() - 1}" if rest > 1 else name
    low, high = (mask & -mask).bit_length() - 1, mask.bit_length() - 1
    if mask == (2 << high) - (1 << low):
        return f"{name} <= {high}" if low == 0 else f"{name} >= {low}" if high == size else f"{low} <= {name} <= {high}"
    if rest.bit_count() < mask.bit_count():
        return f"{name} not in {_numbers(rest)}"
    return f"{name} in {_numbers(mask)}"


def _numbers(mask: int) -> str:
    found = [number for number in range(mask.bit_length()) if mask >> number & 1]
    return f"({', '.join(map(str, found))})" if len(found) < 4 else f"{{{', '.join(map(str, found))}}}"


# ---- code -----------------------------------------------------------------------------------------------------------------


class _Guards:
    """Formulas by what they have in common: each node is a formula under those above it."""

    __slots__ = ("ends", "inner", "reads")

    def __init__(self) -> None:
        self.inner: dict[Formula, _Guards] = {}
        self.ends: list[int] = []
        self.reads: Mapping[int, float] | None = None

    def chains(self) -> Iterator[tuple[list[Formula], _Guards]]:
        """Formulas that are asked one after the other, with nothing to do between them, and what is below."""
        for formula, inner in self.inner.items():
            chain, last = [formula], inner
            while not last.ends and len(last.inner) == 1:
                following, last = next(iter(last.inner.items()))
                chain.append(following)
            yield chain, last


class Source:
    """Writes the code that answers some questions in the bits of one number, `m`."""

    def __init__(self, variables: Sequence[Variable], asked: Sequence[Asked], flavour: Flavour) -> None:
        self.variables = variables
        self.flavour = flavour
        self.asked = asked
        self.lines: list[str] = []
        self.used: set[int] = set()
        self.bits = tuple(self._bits())
        self.first = 0
        self._pairs: dict[int, Formula] = {}
        known: set[int] = set()
        for only_true in (False, True):
            self._block(self._guards(only_true=only_true), "true" if only_true else "possible", known, 1)

    def _bits(self) -> Iterator[Bits]:
        at = 0
        for each in self.asked:
            width = 2 + 2 * len(each.details)
            bits = [1 << number for number in range(at, at + width)]
            at += width
            yield Bits(bits[0], bits[1], tuple(zip(bits[2::2], bits[3::2], strict=True)))

    def _guards(self, *, only_true: bool) -> _Guards:
        root = _Guards()
        chosen = [(number, each) for number, each in enumerate(self.asked) if each.only_true is only_true]
        common = Counter(part for _, each in chosen for part in conjuncts(each.formula))
        for number, each in chosen:
            node = root
            for part in sorted(
                conjuncts(each.formula), key=lambda part: (self._cost(part) / common[part], part.number)
            ):
                node = node.inner.setdefault(part, _Guards())
            node.ends.append(number)
        return root

    def _cost(self, formula: Formula) -> float:
        """How dear a guard is for each task that it keeps out, roughly: the cheapest come first."""
        if any(isinstance(self.variables[number], MentionVariable) for number in formula.variables):
            return 1000.0
        leaf = formula.parts[0] if formula.operator == "not" else formula
        costs = {"codes": 1.0, "bit": 2.0, "pair": 6.0}
        cost = costs.get(leaf.operator) or 1.0 + 2.0 * len(leaf.variables)
        return cost / max(0.05, 1 - self._passed(formula))

    def _passed(self, formula: Formula) -> float:
        """How many of all tasks a guard lets pass, roughly."""
        match formula.operator:
            case "not":
                return 1 - self._passed(formula.parts[0])
            case "codes":
                size = 2 if self._is_yes_no(formula.variable) else self._size(formula.variable)
                return formula.mask.bit_count() / size
            case "pair":
                return 0.5
        return 0.3 if formula.operator == "or" else 0.2

    def _reads(self, guards: _Guards) -> Mapping[int, float]:
        """How often each variable would be read under some guards if each guard read it anew, roughly."""
        if guards.reads is None:
            found: dict[int, float] = {}
            for chain, last in guards.chains():
                reached, seen = 1.0, set[int]()
                for formula in chain:
                    for number in set(formula.variables) - seen:
                        found[number] = found.get(number, 0.0) + reached
                    seen |= set(formula.variables)
                    reached *= self._passed(formula)
                for number, often in self._reads(last).items():
                    if number not in seen:
                        found[number] = found.get(number, 0.0) + reached * often
            guards.reads = found
        return guards.reads

    def _line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    # ---- guards ------------------------------------------------------------------------------------------------------

    def _block(self, guards: _Guards, mode: Mode, known: set[int], depth: int) -> None:
        for number in guards.ends:
            self._end(number, known, depth)
        often = [number for number, times in self._reads(guards).items() if times > OFTEN and self._is_one(number)]
        self._read([number for number in often if number not in known], depth)
        known.update(often)
        for chain, last in guards.chains():
            inside, deeper = self._guard(chain, mode, known, depth)
            self._block(last, mode, inside, deeper)

    def _guard(self, chain: Sequence[Formula], mode: Mode, known: set[int], depth: int) -> tuple[set[int], int]:
        """Open the block where all formulas of a chain hold; give what is read there, and how deep it is."""
        inside, tests = set(known), list[str]()
        for index, formula in enumerate(chain):
            needed = [number for number in self._order(formula) if number not in inside]
            name = f"(v{needed[0]} := {self._reading(needed[0])})" if len(needed) == 1 else ""
            if name and name in (test := self._test(formula, mode, name)) and not formula.parts:
                tests.append(test)
            else:
                if needed and tests:
                    self._line(depth, f"if {' and '.join(tests)}:")
                    depth, tests = depth + 1, []
                self._read(needed, depth)
                tests.append(self._test(formula, mode))
            inside.update(needed)
            if index == 0:
                known.update(needed)
        self._line(depth, f"if {' and '.join(tests)}:")
        return inside, depth + 1

    def _end(self, number: int, known: set[int], depth: int) -> None:
        """Note that a formula is possible, and whether it is true."""
        asked, bits = self.asked[number], self.bits[number]
        sure = "True" if asked.only_true else self._is_sure(asked.formula)
        if sure == "True" and depth == 1:
            self.first |= bits.true
        else:
            is_open = self._open(asked.formula, bits.open)
            value = {"True": str(bits.true), "False": is_open}.get(sure, f"{bits.true} if {sure} else {is_open}")
            self._line(depth, f"m |= {value}")
        inside = set(known)
        for detail, (is_true, is_possible) in zip(asked.details, bits.details, strict=True):
            if detail.operator != "constant":
                needed = [each for each in self._order(detail) if each not in inside]
                self._read(needed, depth)
                inside.update(needed)
                self._line(depth, f"if {self._test(detail, 'true')}: m |= {is_true}")
                self._line(depth, f"if {self._test(detail, 'possible')}: m |= {is_possible}")

    def _open(self, formula: Formula, bit: int) -> str:
        """The bit for a formula that is open; a yes/no fact that is neither told as such nor untold is refused."""
        flags = sorted(number for number in formula.variables if self._is_yes_no(number))
        tests = [f"(v{number} is None or v{number}.__class__ is bool)" for number in flags]
        return f"{bit} if {' and '.join(tests)} else refuse()" if tests else str(bit)

    def _is_sure(self, formula: Formula) -> str:
        """A test that a formula known to be possible is true."""
        tests: dict[str, None] = {}
        for part in conjuncts(formula):
            if part is OPEN:
                return "False"
            if part.operator == "codes":
                is_yes_no = self._is_yes_no(part.variable)
                tests[self._test(part, "true") if is_yes_no else f"v{part.variable}"] = None
            else:
                tests[self._test(part, "true")] = None
        return " and ".join(tests) or "True"

    # ---- reading -----------------------------------------------------------------------------------------------------

    def _order(self, formula: Formula) -> Iterator[int]:
        """The variables that a formula reads, each after those that it hangs on."""
        for part in formula.parts:
            yield from self._order(part)
        if formula.variable >= 0:
            if formula.operator == "pair":
                self._pairs[formula.variable] = formula
            yield formula.variable

    def _read(self, numbers: Iterable[int], depth: int) -> None:
        for number in dict.fromkeys(numbers):
            self._line(depth, f"v{number} = {self._reading(number)}")

    def _reading(self, number: int) -> str:
        self.used.add(number)
        if not isinstance(self.variables[number], PairVariable):
            return reading(number, self.variables[number], self.flavour)
        gone = (f"not ({self._test(part, 'possible')})" for part in self._pairs[number].parts)
        facts = "f[-1]" if self.flavour == "read" else "f"
        return f"X{number}({facts}.get(K{number}), {facts}.get(L{number}), {', '.join(gone)})"

    # ---- tests -------------------------------------------------------------------------------------------------------

    def _size(self, number: int) -> int:
        return self.variables[number].size  # type: ignore[union-attr]  # the item has no codes of this kind

    def _is_one(self, number: int) -> bool:
        """Whether a variable hangs on one fact only, and so is cheap to read."""
        return isinstance(self.variables[number], FactVariable | SetVariable | ItemVariable)

    def _is_yes_no(self, number: int) -> bool:
        variable = self.variables[number]
        return isinstance(variable, FactVariable) and variable.role == "yes_no"

    def _test(self, formula: Formula, mode: Mode, name: str = "") -> str:
        """That a formula is true, or possible; `name` stands for the variable of a leaf."""
        other: Mode = "possible" if mode == "true" else "true"
        name = name or f"v{formula.variable}"
        match formula.operator:
            case "constant":
                return str(formula.truth is True if mode == "true" else formula.truth is not False)
            case "codes":
                mask = formula.mask | (mode == "possible")
                if self._is_yes_no(formula.variable):
                    return _YES_NO[mask & 0b111].format(name)
                return _test_of_codes(name, mask, self._size(formula.variable))
            case "bit":
                return f"{name} & {(2 if mode == 'true' else 1) << 2 * formula.mask}"
            case "pair":
                return f"{name} == 2" if mode == "true" else f"{name} != 1"
            case "not":
                return f"not ({self._test(formula.parts[0], other)})"
            case "maybe":
                return self._test(formula.parts[0], "possible")
        joint = " and " if formula.operator == "and" else " or "
        return f"({joint.join(self._test(part, mode) for part in formula.parts)})"


def conjuncts(formula: Formula) -> tuple[Formula, ...]:
    """The formulas that have to hold together for a formula to hold."""
    if formula is TRUE:
        return ()
    return formula.parts if formula.operator == "and" else (formula,)
