"""The conditions on single facts, as SQL conditions that are null where the fact isn't told.

The formulas of `burdenlib.compiled` speak of codes, one for each class of values that no condition tells apart. Which
values have a code is asked of the variable, value by value, at the points that its conditions name and between them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby, pairwise

from attrs import frozen
from sqlglot import exp

from burdenlib import policy as p
from burdenlib.compiled.variables import FactVariable
from burdenlib.facts import NONE, Value
from burdenlib.lists import normal_code
from burdenlib.places import LEVEL_LENGTHS, is_inside
from burdenlib.sql.constants import Constants, all_of, any_of, cases, is_null, negated, no, yes
from burdenlib.sql.reading import NONE as NONE_TEXT
from burdenlib.sql.reading import Told

__all__ = ["Leaves"]

Expr = exp.Expr
_LENGTHS = tuple(LEVEL_LENGTHS.values())


_Holds = Callable[[Value], bool]


@frozen
class _Run:
    """A stretch of a scale, from `low` to `high` (`None`: without end), with its ends unless they are open."""

    low: Value | None
    high: Value | None
    open_low: bool = False
    open_high: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether it has no ends."""
        return self.low is None and self.high is None


class Leaves:
    """Conditions on the values of facts, by masks of codes."""

    def __init__(self, constants: Constants) -> None:
        self._constant = constants
        self._points: dict[str, tuple[Value, ...]] = {}

    def condition(self, variable: FactVariable, mask: int, told: Told) -> Expr:
        """That the code of a fact that is told is one of a mask; null where it isn't told."""

        def holds(value: Value) -> bool:
            return bool(mask >> variable.code(value) & 1)

        match told.kind:
            case "yes_no":
                return self._yes_no(told, holds(True), holds(False))
            case "number" | "date":
                return self._on_scale(told, self._runs(variable, holds), holds_none=holds(NONE))
            case "place":
                return self._of_places(told, variable, holds)
        if told.kind == "text":
            exact = {str(point): holds(point) for point in self._points_of(variable)}
            rest = holds(_another(exact))
        else:
            exact, rest = {value.name: holds(value.name) for value in told.fact.type.values}, False
        exact[NONE_TEXT] = told.fact.type.or_none and holds(NONE)
        return self._among(told.value, exact, rest=rest)

    def _points_of(self, variable: FactVariable) -> tuple[Value, ...]:
        """The values that conditions name."""
        name = variable.fact.name
        if name not in self._points:
            self._points[name] = tuple({point: None for leaf in variable.leaves for point in _constants(leaf)})
        return self._points[name]

    def _yes_no(self, told: Told, if_yes: bool, if_no: bool) -> Expr:  # noqa: FBT001
        if if_yes and not if_no:
            return told.value
        if if_no and not if_yes:
            return negated(told.value)
        return _if_known(told.value, if_yes)

    def _among(self, value: Expr, exact: Mapping[str, bool], *, rest: bool) -> Expr:
        """That a text is one of some, or that it is none of others."""
        named = [name for name, is_in in exact.items() if is_in is not rest]
        if not named:
            return _if_known(value, rest)
        among = exp.In(this=value, expressions=[self._constant(name) for name in named])
        return negated(among) if rest else among

    # ---- numbers and dates -------------------------------------------------------------------------------------------

    def _runs(self, variable: FactVariable, holds: _Holds) -> Iterator[_Run]:
        """The stretches of the scale for which something holds."""
        points = sorted(self._points_of(variable))  # type: ignore[type-var]  # values of one type
        found: list[tuple[_Run, bool]] = []
        bounds: list[Value | None] = [None, *points, None]
        for number, (low, high) in enumerate(pairwise(bounds)):
            if number:
                assert low is not None
                found.append((_Run(low, low), holds(low)))
            if (between := _between(low, high)) is not None:
                found.append((_Run(low, high, open_low=low is not None, open_high=high is not None), holds(between)))
        for is_in, group in groupby(found, key=lambda pair: pair[1]):
            runs = [run for run, _ in group]
            if is_in:
                yield _Run(runs[0].low, runs[-1].high, runs[0].open_low, runs[-1].open_high)

    def _on_scale(self, told: Told, runs: Iterable[_Run], *, holds_none: bool) -> Expr:
        found = list(runs)
        if any(run.is_everything for run in found):
            within = _if_known(told.value, truth=True)
        elif not found:
            within = _if_known(told.value, truth=False)
        else:
            within = any_of(self._within(told.value, run) for run in found)
        return cases([(told.none, yes() if holds_none else no())], within) if told.has_none_beside else within

    def _within(self, value: Expr, run: _Run) -> Expr:
        if run.low is not None and run.low == run.high and not run.open_low:
            return exp.EQ(this=value, expression=self._scalar(run.low))
        tests: list[Expr] = []
        if run.low is not None:
            above = exp.GT if run.open_low else exp.GTE
            tests.append(above(this=value.copy(), expression=self._scalar(run.low)))
        if run.high is not None:
            below = exp.LT if run.open_high else exp.LTE
            tests.append(below(this=value.copy(), expression=self._scalar(run.high)))
        return all_of(tests)

    def _scalar(self, value: Value) -> Expr:
        assert isinstance(value, dt.date | Decimal)
        return self._constant(value)

    # ---- places ------------------------------------------------------------------------------------------------------

    def _of_places(self, told: Told, variable: FactVariable, holds: _Holds) -> Expr:
        points = sorted({str(point) for point in self._points_of(variable)})
        rest = holds("00")
        exact = {NONE_TEXT: holds(NONE)} if told.fact.type.or_none else {}
        below = self._inside(told.value, [_Place.of(point, points) for point in _tops(points)], holds, exact, rest=rest)
        return _if_known(told.value, below) if isinstance(below, bool) else below

    def _inside(
        self, value: Expr, places: Sequence[_Place], holds: _Holds, exact: Mapping[str, bool], *, rest: bool
    ) -> Expr | bool:
        """What holds of a value, where `rest` holds of what isn't inside one of the places and isn't named."""
        named = [code for code, is_in in exact.items() if is_in is not rest]
        tests: list[Expr] = []
        for place in places:
            if len(place.code) == _LENGTHS[-1]:
                if holds(place.code) is not rest:
                    named.append(place.code)
                continue
            default = holds(place.code.ljust(next(cut for cut in _LENGTHS if cut > len(place.code)), "0"))
            own = self._inside(value, place.below, holds, {place.code: holds(place.code)}, rest=default)
            if own is rest:
                continue
            inside = exp.Like(this=value.copy(), expression=self._constant(f"{place.code}%"))
            if isinstance(own, bool):
                tests.append(negated(inside) if rest else inside)
            else:
                tests.append(any_of((negated(inside), own)) if rest else all_of((inside, own)))
        if named:
            among = exp.In(this=value.copy(), expressions=[self._constant(code) for code in named])
            tests.append(negated(among) if rest else among)
        if not tests:
            return rest
        return all_of(tests) if rest else any_of(tests)


@frozen
class _Place:
    """A place that conditions name, and those inside it."""

    code: str
    below: tuple[_Place, ...]

    @classmethod
    def of(cls, code: str, codes: Iterable[str]) -> _Place:
        """The place, and what is inside it among others."""
        inner = [each for each in codes if each != code and is_inside(each, code)]
        return cls(code, tuple(cls.of(each, inner) for each in _tops(inner)))


def _tops(codes: Sequence[str]) -> list[str]:
    """The codes that lie in none of the others."""
    return [each for each in codes if not any(each != other and is_inside(each, other) for other in codes)]


def _if_known(value: Expr, truth: bool) -> Expr:  # noqa: FBT001
    """One truth for every value that is told."""
    there = negated(is_null(value))
    return cases([(there, yes() if truth else no())])


def _another(named: Iterable[str]) -> str:
    """A text that no condition names."""
    taken = {normal_code(each) for each in named}
    found = "?"
    while found in taken:
        found += "?"
    return found


def _between(low: Value | None, high: Value | None) -> Value | None:
    """A value between two others (`None`: without end); `None` if there is none."""
    if isinstance(low, dt.date) or isinstance(high, dt.date):
        return _day_between(low, high)
    match low, high:
        case Decimal(), Decimal():
            return (low + high) / 2
        case Decimal(), None:
            return low + 1
        case None, Decimal():
            return high - 1
    return Decimal(0)


def _day_between(low: Value | None, high: Value | None) -> dt.date | None:
    first = low.toordinal() + 1 if isinstance(low, dt.date) else dt.date.min.toordinal()
    last = high.toordinal() - 1 if isinstance(high, dt.date) else dt.date.max.toordinal()
    return dt.date.fromordinal(last if low is None else first) if first <= last else None


def _constants(leaf: p.Condition) -> Iterator[Value]:
    """The values by which a condition tells those of its first fact apart."""
    found: Iterable[object] = ()
    match leaf:
        case p.Equal(_, value):
            found = (value,)
        case p.Member(_, found) | p.Inside(_, found):
            pass
        case p.Compare(_, _, amount):
            found = (amount,)
        case p.InForce(interval):
            found = (interval.start, interval.end)
    for each in found:
        if isinstance(each, str | Decimal | dt.date):
            yield normal_code(each) if isinstance(each, str) else each
