"""From the columns of a table to what is told of a task, and what of that can't be used.

Every fact that is told is brought into one form: names of values for enumerations, codes without trailing zeros for
places, texts as they are compared. NULL is not told. `none` is a text like others where columns hold text; a date or a
number has another column that says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import frozen
from sqlglot import exp

from burdenlib import policy as p
from burdenlib.facts import FactType
from burdenlib.sql.constants import (
    Constants,
    all_of,
    any_of,
    call,
    cases,
    cast,
    col,
    is_null,
    negated,
    no,
    unknown,
    yes,
)
from burdenlib.sql.dialects import Dialect
from burdenlib.sql.texts import Texts
from burdenlib.vocabulary import KEYWORDS

__all__ = ["SOURCE", "Column", "Reader", "Told", "column_types"]

Expr = exp.Expr

SOURCE: Final = "source"
"""The name of the table in the innermost query."""

NONE: Final = "none"
_NONES: Final = tuple(KEYWORDS["none"])
_WORDS: Final = ("one_of", "ordered")
_BIG: Final = 1e300
_CUTS: Final = ((10, 3, None), (7, 3, 9), (5, 2, 6), (3, 2, 4))
"""Where a part of a place's code begins, its length, and the length of the code without it and what follows."""


@frozen
class Column:
    """The columns that tell a fact.

    `none` names a yes/no column that is true where it is known that there is none (for dates and numbers); `excludes`
    one for what a set doesn't hold: with it, `name` tells only what the set holds for sure.
    """

    name: str
    none: str | None = None
    excludes: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its columns."""
        return tuple(each for each in (self.name, self.none, self.excludes) if each is not None)


def column_types(kind: FactType, column: Column) -> Iterator[tuple[str, str]]:
    """The columns of a fact, each with the type that it should have (in PostgreSQL's words)."""
    types = {"yes_no": "boolean", "number": "numeric", "date": "date", "set_of": "text[]"}
    yield column.name, types.get(kind.kind, "text")
    if column.none is not None:
        yield column.none, "boolean"
    if column.excludes is not None:
        yield column.excludes, "text[]"


@frozen(eq=False)
class Told:
    """A fact that a column tells, under the names that its values have within the query.

    `none` is the column for *known not to exist*, where that isn't a text among others.
    """

    fact: p.Fact
    column: Column
    number: int
    constant: Constants

    @property
    def kind(self) -> str:
        """The kind of the fact's type."""
        return self.fact.type.kind

    @property
    def has_none_beside(self) -> bool:
        """Whether another column says that there is none."""
        return self.column.none is not None

    @property
    def value(self) -> Expr:
        """The value."""
        return col(f"v{self.number}")

    def bit(self, value: int) -> Expr:
        """Whether a set holds one of its values, by the number of the value."""
        return col(f"v{self.number}_{value}")

    @property
    def none(self) -> Expr:
        """Whether it is told that there is none."""
        if self.has_none_beside:
            return col(f"n{self.number}")
        if self.kind in ("text", "place", *_WORDS):
            return exp.EQ(this=self.value, expression=self.constant(NONE))
        return no()

    @property
    def known(self) -> Expr:
        """Whether the fact is told; of a set, whether all of it is."""
        if self.kind == "set_of":
            return all_of(_there(self.bit(number)) for number in range(len(self.fact.type.values)))
        told = _there(self.value)
        return any_of((told, self.none)) if self.has_none_beside else told

    @property
    def says(self) -> Expr:
        """Whether something is told that can't be said of a fact that doesn't exist."""
        match self.kind:
            case "yes_no":
                return exp.Coalesce(this=self.value, expressions=[no()])
            case "set_of":
                return col(f"s{self.number}")
        there = _there(self.value)
        return there if self.has_none_beside else all_of((there, negated(exp.paren(self.none, copy=False))))


def _there(part: Expr) -> Expr:
    return negated(is_null(part))


class Reader:
    """Reads the columns of a table, fact by fact: first as they stand, then what they tell."""

    def __init__(self, dialect: Dialect, constants: Constants, told: Sequence[Told]) -> None:
        self._dialect = dialect
        self._constant = constants
        self._texts = Texts(dialect, constants)
        self.told = told

    def raw(self) -> Iterator[tuple[str, Expr]]:
        """The columns as they stand."""
        for each in self.told:
            source = col(each.column.name, SOURCE)
            match each.kind:
                case "place" | "one_of" | "ordered":
                    trimmed = exp.Trim(this=cast(source, "TEXT"))
                    yield f"r{each.number}", exp.Nullif(this=trimmed, expression=self._constant(""))
                case "text":
                    text = cast(source, "TEXT")
                    yield f"r{each.number}", self._texts.code(text)
                    yield f"c{each.number}", self._texts.forbidden(text.copy())
                    if (incomparable := self._texts.incomparable(text.copy())) is not None:
                        yield f"i{each.number}", incomparable
                case "set_of":
                    yield f"r{each.number}", cast(source, "TEXT[]")
                case _:
                    yield f"r{each.number}", source
            if each.has_none_beside:
                stated = col(each.column.none or "", SOURCE)
                yield f"n{each.number}", exp.Coalesce(this=stated, expressions=[no()])
            if each.column.excludes is not None:
                yield f"e{each.number}", cast(col(each.column.excludes, SOURCE), "TEXT[]")

    def values(self, *, with_item: bool) -> Iterator[tuple[str, Expr]]:
        """What the columns tell; the item also as its title is compared."""
        for each in self.told:
            match each.kind:
                case "one_of" | "ordered":
                    yield f"v{each.number}", self._word(each)
                case "place":
                    yield f"v{each.number}", self._place(each)
                case "text":
                    yield f"v{each.number}", self._text(each)
                    if with_item and each.fact.name == "item":
                        yield "item_title", self._texts.title(_raw(each))
                case "set_of":
                    for number, value in enumerate(each.fact.type.values):
                        yield f"v{each.number}_{number}", self._bit(each, value.spellings)
                    filled = exp.GT(this=self._dialect.size(_raw(each)), expression=exp.Literal.number(0))
                    yield f"s{each.number}", exp.Coalesce(this=filled, expressions=[no()])
                case _:
                    yield f"v{each.number}", _raw(each)

    # ---- values ------------------------------------------------------------------------------------------------------

    def _word(self, each: Told) -> Expr:
        names = [(spelling, value.name) for value in each.fact.type.values for spelling in value.spellings]
        if each.fact.type.or_none:
            names += [(spelling, NONE) for spelling in _NONES]
        branches = ((self._constant(spelling), self._constant(name)) for spelling, name in names)
        return cases(branches, of=_raw(each))

    def _place(self, each: Told) -> Expr:
        """The code without zeros at its end, dropped part by part."""
        constant, raw = self._constant, _raw(each)
        padded = call("RPAD", raw.copy(), constant(12), constant("0"))
        branches = []
        for start, length, cut in _CUTS:
            part = exp.Substring(this=padded.copy(), start=constant(start), length=constant(length))
            code = padded.copy() if cut is None else exp.Left(this=padded.copy(), expression=constant(cut))
            branches.append((exp.NEQ(this=part, expression=constant("0" * length)), code))
        digits = self._dialect.matches(raw.copy(), constant("^[0-9]+$"))
        sizes = exp.In(this=exp.Length(this=raw.copy()), expressions=[constant(size) for size in (2, 4, 6, 9, 12)])
        province = exp.NEQ(this=exp.Left(this=raw.copy(), expression=constant(2)), expression=constant("00"))
        shortened = cases(branches, exp.Left(this=padded.copy(), expression=constant(2)))
        nones = [self._none(each)] if each.fact.type.or_none else []
        return cases([*nones, (all_of((digits, sizes, province)), shortened)])

    def _none(self, each: Told) -> tuple[Expr, Expr]:
        return self._is_none(each), self._constant(NONE)

    def _is_none(self, each: Told) -> Expr:
        return exp.In(this=_raw(each), expressions=[self._constant(spelling) for spelling in _NONES])

    def _text(self, each: Told) -> Expr:
        return cases([self._none(each)], _raw(each)) if each.fact.type.or_none else _raw(each)

    def _bit(self, each: Told, spellings: Sequence[str]) -> Expr:
        row = self._constant.row(spellings, "TEXT[]")
        held = self._dialect.overlaps(_raw(each), row)
        if each.column.excludes is None:
            return held
        missing = self._dialect.overlaps(col(f"e{each.number}"), row.copy())
        return cases([(held, yes()), (missing, no())], unknown())

    # ---- what can't be used ------------------------------------------------------------------------------------------

    def problems(self) -> Iterator[tuple[str, Expr]]:
        """What may be wrong with the columns, as `code fact`, with the rows of which it is true."""
        for each in self.told:
            name = each.fact.name
            for code, test in self._problems_of(each):
                yield f"{code} {name}", test

    def _problems_of(self, each: Told) -> Iterator[tuple[str, Expr]]:
        unread = all_of((_there(_raw(each)), is_null(each.value)))
        match each.kind:
            case "one_of" | "ordered":
                yield "unknown-value", unread
            case "place":
                yield "bad-place", unread
            case "text":
                yield "control-character", col(f"c{each.number}")
                if not self._dialect.normalises:
                    yield "text-not-comparable", col(f"i{each.number}")
                if not each.fact.type.or_none:
                    yield "never-none", self._is_none(each)
            case "set_of":
                yield from self._problems_of_set(each)
            case "date" | "number":
                bounds = self._within_bounds(each)
                yield "ill-typed", all_of((_there(_raw(each)), negated(exp.Coalesce(this=bounds, expressions=[no()]))))
                if each.has_none_beside:
                    yield "none-and-value", all_of((_there(_raw(each)), each.none))

    def _within_bounds(self, each: Told) -> Expr:
        """Whether a date is a day of the calendar, and a number finite."""
        constant = self._constant
        if each.kind == "number":
            return exp.Between(this=_raw(each), low=constant(-_BIG), high=constant(_BIG))
        whole = exp.EQ(this=cast(_raw(each), "DATE"), expression=_raw(each))
        return all_of((whole, exp.Between(this=_raw(each), low=constant(dt.date.min), high=constant(dt.date.max))))

    def _problems_of_set(self, each: Told) -> Iterator[tuple[str, Expr]]:
        values = each.fact.type.values
        every = self._constant.row([spelling for value in values for spelling in value.spellings], "TEXT[]")
        told = [f"r{each.number}", *([f"e{each.number}"] if each.column.excludes is not None else [])]
        yield "unknown-value", any_of(self._dialect.strangers(col(name), every.copy()) for name in told)
        if each.column.excludes is not None:
            rows = (self._constant.row(value.spellings, "TEXT[]") for value in values)
            yield (
                "set-contradicts-itself",
                any_of(all_of(self._dialect.overlaps(col(name), row.copy()) for name in told) for row in rows),
            )

    @cached_property
    def by_name(self) -> Mapping[str, Told]:
        """What is told, by the names of the facts."""
        return {each.fact.name: each for each in self.told}


def _raw(each: Told) -> Expr:
    return col(f"r{each.number}")
