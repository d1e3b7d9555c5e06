"""Comparisons of two facts, and days counted from a date."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from sqlglot import exp

from burdenlib import policy as p
from burdenlib.compiled.variables import PairVariable
from burdenlib.sql.constants import (
    Constants,
    all_of,
    any_of,
    cases,
    cast,
    col,
    is_null,
    negated,
    no,
    surely,
    unknown,
)
from burdenlib.sql.reading import Told

__all__ = ["Pairs", "counted"]

Expr = exp.Expr

_OPERATORS = {">=": exp.GTE, "<=": exp.LTE, ">": exp.GT, "<": exp.LT}


class Pairs:
    """The conditions on two facts of a policy set; `told` are the facts that have columns."""

    def __init__(self, constants: Constants, policies: p.PolicySet, told: Mapping[str, Told]) -> None:
        self._constant = constants
        self._policies = policies
        self._told = told

    def condition(self, pair: PairVariable, absent: Sequence[Expr | None]) -> Expr:
        """What a pair comes to; null where one of the two isn't known. `absent` says where each doesn't exist."""
        one, other = pair.keys
        sides = [self._value(one), self._value(other)]
        nones = [self._none(name, gone) for name, gone in zip(pair.keys, absent, strict=True)]
        if pair.kinds[0].kind == "yes_no":
            sides = [_or_no(side, gone) for side, gone in zip(sides, absent, strict=True)]
            nones = [no(), no()]
        unread = [all_of((is_null(side.copy()), negated(none.copy()))) for side, none in zip(sides, nones, strict=True)]
        head = (any_of(unread), unknown())
        if isinstance(pair.leaf, p.Equal):
            return cases(
                [head, (any_of(nones), all_of(each.copy() for each in nones))],
                exp.EQ(this=sides[0], expression=sides[1]),
            )
        return cases([head, (nones[1], no()), *self._compared(pair, pair.leaf, sides, nones[0])])

    def _compared(
        self, pair: PairVariable, leaf: p.Compare, sides: Sequence[Expr], is_none: Expr
    ) -> Iterator[tuple[Expr, Expr]]:
        """What is compared; past the calendar, and outside the table of working days, nothing is known."""
        left, right = sides
        if pair.kinds[0].kind == "ordered":
            left, right = (self._rank(name, side) for name, side in zip(pair.keys, sides, strict=True))
        elif isinstance(leaf.amount, p.Offset):
            right = self._moved(leaf.amount)
        yield is_null(right), unknown()
        yield is_none, no()
        yield exp.true(), _OPERATORS[leaf.operator](this=left, expression=right.copy())

    def _value(self, name: str) -> Expr:
        told = self._told.get(name)
        return exp.null() if told is None else told.value

    def _none(self, name: str, gone: Expr | None) -> Expr:
        """Whether a fact is known not to exist: it is told so, or it can't for such a task."""
        told = self._told.get(name)
        parts = [] if told is None else [surely(told.none)]
        if gone is not None:
            untold = is_null(self._value(name))
            parts.append(all_of((untold, gone.copy())))
        return any_of(parts)

    def _rank(self, name: str, side: Expr) -> Expr:
        kind = self._policies.facts[name].type
        return cases(
            ((self._constant(value.name), self._constant(kind.rank(value.name))) for value in kind.values), of=side
        )

    # ---- days --------------------------------------------------------------------------------------------------------

    def _moved(self, offset: p.Offset) -> Expr:
        """A number of days after a date, null where there is no such day."""
        base = self._value(offset.fact)
        if offset.fact not in self._told:
            return cast(exp.null(), "DATE")
        if offset.working and offset.days:
            return col(self.column(offset))
        first, last = dt.date.min, dt.date.max
        if offset.days < 0:
            first -= dt.timedelta(days=offset.days)
        else:
            last -= dt.timedelta(days=offset.days)
        within = exp.Between(this=base, low=self._constant(first), high=self._constant(last))
        return cases([(within, exp.Add(this=base.copy(), expression=self._constant(offset.days)))])

    @staticmethod
    def column(offset: p.Offset) -> str:
        """The name of the column for working days counted from a date."""
        return f"w{'m' if offset.days < 0 else ''}{abs(offset.days)}_{offset.fact}"

    def calendars(self, pairs: Sequence[PairVariable]) -> Mapping[str, p.Offset]:
        """The working days that have to be counted, by the names of their columns."""
        amounts = (each.leaf.amount for each in pairs if isinstance(each.leaf, p.Compare))
        return {
            self.column(each): each
            for each in amounts
            if isinstance(each, p.Offset) and each.working and each.days and each.fact in self._told
        }


def _or_no(side: Expr, gone: Expr | None) -> Expr:
    """A yes/no fact, that is no where it doesn't exist."""
    return side if gone is None else exp.Coalesce(this=side, expressions=[cases([(gone.copy(), no())])])


@cache
def counted(days: int) -> tuple[tuple[dt.date, dt.date], ...]:
    """Every day from which so many working days can be counted, with the day that they lead to."""
    working = _working_days()
    first, last = _table_bounds()
    found = []
    for ordinal in range(first.toordinal() - 1, last.toordinal() + 2):
        day = dt.date.fromordinal(ordinal)
        at = bisect_right(working, day) + days - 1 if days > 0 else bisect_left(working, day) + days
        if 0 <= at < len(working):
            found.append((day, working[at]))
    return tuple(found)


def _table_bounds() -> tuple[dt.date, dt.date]:
    from chinese_calendar import constants

    years = [day.year for day in constants.holidays]
    return dt.date(min(years), 1, 1), dt.date(max(years), 12, 31)


@cache
def _working_days() -> list[dt.date]:
    """All working days of the table, in order."""
    from chinese_calendar import constants

    first, last = _table_bounds()
    days = map(dt.date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return [day for day in days if day in constants.workdays or (day.weekday() < 5 and day not in constants.holidays)]
