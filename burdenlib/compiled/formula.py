"""Formulas of three-valued logic over variables: each is built once, simplified as it is built, and never changed.

A variable has a *code* for every task. What is not known has a code of its own, so that two questions about a formula
are plain two-valued ones: is it true, and is it possible (not false)?
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Final, Literal, Protocol, Self, TypeVar

from burdenlib.logic import Truth

__all__ = ["FALSE", "OPEN", "TRUE", "Formula", "Formulas", "flattened"]

Operator = Literal["constant", "codes", "bit", "found", "pair", "not", "and", "or", "maybe"]


class Formula:
    """A formula, known by its identity.

    `codes`: the variable's code is one of those in the bit mask `mask`; unknown for code 0. `bit`: the set `variable`
    holds its value number `mask`. `found`: `payload` is among what the text of the item finds. `pair`: what two facts
    have to do with each other; its parts say whether each of the two may exist. `maybe`: the part isn't false.
    """

    __slots__ = ("mask", "number", "operator", "parts", "payload", "truth", "variable", "variables")

    def __init__(
        self,
        number: int,
        operator: Operator,
        parts: tuple[Formula, ...] = (),
        *,
        variable: int = -1,
        mask: int = 0,
        payload: Hashable = None,
        truth: Truth = None,
    ) -> None:
        self.number = number
        self.operator = operator
        self.parts = parts
        self.variable = variable
        self.mask = mask
        self.payload = payload
        self.truth = truth
        own = frozenset((variable,)) if variable >= 0 else frozenset()
        self.variables: frozenset[int] = own.union(*(part.variables for part in parts)) if parts else own

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self.parts))
        match self.operator:
            case "constant":
                return {True: "T", False: "F", None: "N"}[self.truth]
            case "codes" | "bit" | "found":
                return f"v{self.variable}{self.operator[0]}{self.payload if self.operator == 'found' else self.mask}"
        return f"{self.operator}({inner})"


TRUE: Final = Formula(0, "constant", truth=True)
FALSE: Final = Formula(1, "constant", truth=False)
OPEN: Final = Formula(2, "constant")

UNTOLD: Final = "untold"
"""The payload of the formula that is open where the item isn't told, and else false."""


def constant(truth: Truth) -> Formula:
    """The formula that always has this truth."""
    return TRUE if truth else OPEN if truth is None else FALSE


class _Joint(Protocol):
    """What may be joined of parts by an operator."""

    operator: Any

    @property
    def parts(self) -> Sequence[Self]: ...


_J = TypeVar("_J", bound=_Joint)


def flattened(operator: str, parts: Iterable[_J]) -> Iterator[_J]:
    """Parts in their order, each that is itself joined by the same operator as its own parts."""
    todo = list(parts)[::-1]
    while todo:
        part = todo.pop()
        if part.operator == operator:
            todo.extend(reversed(part.parts))
        else:
            yield part


class Formulas:
    """Makes formulas; `sizes` are how many codes besides 0 each variable has."""

    def __init__(self, sizes: Callable[[int], int]) -> None:
        self._made: dict[Hashable, Formula] = {}
        self._sizes = sizes

    def _make(
        self,
        operator: Operator,
        parts: tuple[Formula, ...] = (),
        *,
        variable: int = -1,
        mask: int = 0,
        payload: Hashable = None,
    ) -> Formula:
        key = (operator, *(part.number for part in parts), variable, mask, payload)
        found = self._made.get(key)
        if found is None:
            number = len(self._made) + 3
            found = Formula(number, operator, parts, variable=variable, mask=mask, payload=payload)
            self._made[key] = found
        return found

    # ---- leaves ------------------------------------------------------------------------------------------------------

    def codes(self, variable: int, mask: int) -> Formula:
        """That a variable has one of the codes in a mask."""
        return self._make("codes", variable=variable, mask=mask)

    def bit(self, variable: int, number: int) -> Formula:
        """That a set holds its value of this number."""
        return self._make("bit", variable=variable, mask=number)

    def found(self, variable: int, payload: Hashable) -> Formula:
        """That the item's text finds something."""
        return self._make("found", variable=variable, payload=payload)

    def pair(self, variable: int, one: Formula, other: Formula) -> Formula:
        """That two facts stand to each other as the variable says, as far as each exists."""
        return self._make("pair", (one, other), variable=variable)

    # ---- connectives -------------------------------------------------------------------------------------------------

    def negate(self, part: Formula) -> Formula:
        """Not."""
        if part.operator == "constant":
            return constant(None if part.truth is None else not part.truth)
        if part.operator == "not":
            return part.parts[0]
        if part.operator == "codes":
            every = (2 << self._sizes(part.variable)) - 2
            return self.codes(part.variable, every & ~part.mask)
        return self._make("not", (part,))

    def maybe(self, part: Formula) -> Formula:
        """That a formula isn't false."""
        if part.operator == "constant":
            return constant(part.truth is not False)
        return part if part.operator == "maybe" else self._make("maybe", (part,))

    def both(self, parts: Iterable[Formula]) -> Formula:
        """And."""
        return self._join("and", parts, FALSE, TRUE)

    def either(self, parts: Iterable[Formula]) -> Formula:
        """Or."""
        return self._join("or", parts, TRUE, FALSE)

    def _join(self, operator: Literal["and", "or"], parts: Iterable[Formula], zero: Formula, one: Formula) -> Formula:
        found: dict[Formula, None] = {}
        masks: dict[int, int] = {}
        for part in flattened(operator, parts):
            if part is zero:
                return zero
            if part.operator == "codes":
                before = masks.get(part.variable)
                if before is not None:
                    found.pop(self.codes(part.variable, before))
                mask = part.mask if before is None else before & part.mask if operator == "and" else before | part.mask
                masks[part.variable] = mask
                found[self.codes(part.variable, mask)] = None
            elif part is not one:
                found[part] = None
        if not found:
            return one
        return next(iter(found)) if len(found) == 1 else self._make(operator, tuple(found))

    # ---- knowing more ------------------------------------------------------------------------------------------------

    def given(
        self, formula: Formula, variable: int, leaf: Callable[[Formula], Truth], done: dict[Formula, Formula]
    ) -> Formula:
        """A formula where one variable is known: `leaf` gives the truth of each of its leaves.

        `done` keeps what was found for the parts, for other formulas where the same is known.
        """
        if variable not in formula.variables:
            return formula
        found = done.get(formula)
        if found is not None:
            return found
        if formula.variable == variable:
            found = constant(leaf(formula))
        else:
            parts = [self.given(part, variable, leaf, done) for part in formula.parts]
            match formula.operator:
                case "not":
                    found = self.negate(parts[0])
                case "maybe":
                    found = self.maybe(parts[0])
                case "and":
                    found = self.both(parts)
                case "or":
                    found = self.either(parts)
                case _:
                    found = self.pair(formula.variable, parts[0], parts[1])
        done[formula] = found
        return found
