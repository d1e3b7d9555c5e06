"""Limits over a portfolio too large to be held: of each row that a limit may count only numbers are kept.

Rows that agree on what the limit counts by may be counted together. Only where they may be more than the limit allows
are they judged: by counting, where all tell what the limit counts by, else by the code of a portfolio in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt
from attrs import define, evolve, field, frozen

from burdenlib import policy as p
from burdenlib.facts import Value
from burdenlib.intake import Case
from burdenlib.limits import apply_limits, period_of
from burdenlib.places import LEVEL_LENGTHS
from burdenlib.task import Known, Origin, Told
from burdenlib.verdict import Verdict

__all__ = ["Change", "Counted", "Portfolio", "Row", "Values", "change_of"]

Row = tuple[int, int]
"""A row: the number of its source, and its own number there."""

_Past = tuple[Row, bool, tuple[str, ...]]
"""A row past a limit, whether it surely is, and the facts that would tell."""

_WHOLE_CODE = LEVEL_LENGTHS["grassroots"]


@define(eq=False)
class Values:
    """The values of a fact by number; -1 stands for a value that nobody told."""

    values: list[Value] = field(factory=list)
    _numbers: dict[Value, int] = field(factory=dict)
    _read: dict[str, int] = field(factory=dict)

    def number_read(self, raw: object, read: Callable[[object], Value | None]) -> int:
        """The number of a value that has to be read first; how a text was read is remembered."""
        if not isinstance(raw, str):
            return self.number(read(raw))
        if raw not in self._read:
            self._read[raw] = self.number(read(raw))
        return self._read[raw]

    def number(self, value: Value | None) -> int:
        """The number of a value."""
        if value is None:
            return -1
        found = self._numbers.setdefault(value, len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found


@frozen(eq=False)
class Counted:
    """Rows of a batch that a limit may count: their numbers, which are accepted, which match it for sure, what each tells.

    `tasks` are their tasks' ids.
    """

    source: int
    rows: npt.NDArray[np.int64]
    accepted: npt.NDArray[np.bool_]
    matches: npt.NDArray[np.bool_]
    told: Mapping[str, npt.NDArray[np.int32]]
    tasks: Sequence[str]


@frozen
class Change:
    """What the limits make of a row that is accepted by itself."""

    status: str
    reasons: tuple[str, ...]
    open: tuple[str, ...]


@define(eq=False)
class Portfolio:
    """The rows that limits may count, by limit."""

    policies: p.PolicySet
    as_of: date | None
    limits: tuple[p.Rule, ...]
    values: Mapping[str, Values]
    _parts: dict[tuple[int, str], list[Counted]] = field(factory=dict)

    def add(self, limit: int, rows: Counted, place: str = "") -> None:
        """Keep rows for the limit with this number; those of different places are known not to count together."""
        self._parts.setdefault((limit, place), []).append(rows)

    def changes(self) -> dict[Row, Change]:
        """What the limits change, by row."""
        found: dict[Row, list[tuple[bool, str, tuple[str, ...]]]] = {}
        alone = {number: _only(self.policies, self.limits[number]) for number, _ in self._parts}
        for (number, _), parts in self._parts.items():
            rule = self.limits[number]
            for row, surely, asked in _Group(self, rule, alone[number], parts).judged():
                found.setdefault(row, []).append((surely, rule.name, asked))
        return {row: change_of(self.policies, reasons) for row, reasons in found.items()}


class _Group:
    """All rows that one limit may count."""

    def __init__(self, portfolio: Portfolio, rule: p.Rule, alone: p.PolicySet, parts: Sequence[Counted]) -> None:
        assert rule.quota is not None
        self.rule, self.quota, self.parts = rule, rule.quota, parts
        self.portfolio = portfolio
        self.alone = alone
        self.accepted = np.concatenate([part.accepted for part in parts])
        self.matches = np.concatenate([part.matches for part in parts])
        told = {name for part in parts for name in part.told}
        self.told = {
            name: np.concatenate([part.told.get(name, np.full(len(part.rows), -1, dtype=np.int32)) for part in parts])
            for name in told
        }
        self.starts = np.cumsum([0, *(len(part.rows) for part in parts)])
        names = (*self.quota.per, *(("date",) if self.quota.each is not None else ()))
        self.keys = {name: self._keys(name) for name in dict.fromkeys(names)}
        self.plain = self.quota.of is None and all(each is not None for each in self.keys.values())

    def judged(self) -> Iterator[_Past]:
        """The rows that the limit rejects or leaves open, as the limits of a portfolio in memory do."""
        groups, amounts = self._groups(), self._amounts()
        size = int(groups.max(initial=0)) + 1
        used = np.bincount(groups, weights=amounts, minlength=size) > float(self.quota.count)
        some = np.bincount(groups, weights=self.accepted, minlength=size) > 0
        chosen = np.flatnonzero((used & some)[groups])
        chosen = chosen[np.argsort(groups[chosen], kind="stable")]
        edges = np.flatnonzero(np.diff(groups[chosen])) + 1
        for together in np.split(chosen, edges):
            if len(together):
                past = self._past_by_number(together) if self.plain else None
                yield from self._judged(together) if past is None else past

    def _groups(self) -> npt.NDArray[np.intp]:
        """For each row the number of those that it may be counted with.

        A row of which something isn't known, but for the target, may be counted with any.
        """
        groups = np.zeros(len(self.accepted), dtype=np.intp)
        keys = self.keys
        if any(key is None for name, key in keys.items() if name != "target"):
            keys = {name: key for name, key in keys.items() if name == "target"}
        for own in keys.values():
            if own is not None:
                groups = np.unique(groups * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1]
        return groups

    def _keys(self, name: str) -> npt.NDArray[np.intp] | None:
        """For each row a number that rows share if they are counted together; `None` if one isn't known."""
        numbers = self.told.get(name)
        if numbers is None or numbers.min(initial=0) < 0:
            return None
        told, at = np.unique(numbers, return_inverse=True)
        values = self.portfolio.values[name].values
        keys = [self._key(name, values[number]) for number in told.tolist()]
        if None in keys:
            return None
        order = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        found: npt.NDArray[np.intp] = np.array([order[key] for key in keys], dtype=np.intp)[at]
        return found

    def _key(self, name: str, value: Value) -> object:
        """What rows have to share; `None` for an area, a task for which counts for every target inside."""
        if name == "date" and self.quota.each is not None and "date" not in self.quota.per:
            return period_of(value, self.quota.each) if isinstance(value, date) else None
        return None if name == "target" and len(str(value)) != _WHOLE_CODE else value

    def _amounts(self) -> npt.NDArray[np.float64]:
        """The most that each row uses; what isn't known may be any amount."""
        if self.quota.of is None:
            return np.ones(len(self.accepted))
        of = self.portfolio.values.get(self.quota.of)
        values = () if of is None else of.values
        known = [max(float(each), 0.0) if isinstance(each, Decimal) else 0.0 for each in values]
        numbers = self.told.get(self.quota.of, np.full(len(self.accepted), -1, dtype=np.int32))
        amounts: npt.NDArray[np.float64] = np.array([*known, np.inf])[numbers]
        return amounts

    def _past_by_number(self, together: npt.NDArray[np.intp]) -> list[_Past] | None:
        """The rows past the limit if all use one of it, and all tell where; `None` if that asks for facts."""
        tasks = [self._task(at) for at in together.tolist()]
        order = sorted(range(len(tasks)), key=lambda each: (self._day(int(together[each])), tasks[each][1]))
        ordered = together[order]
        accepted, count = self.accepted[ordered], float(self.quota.count)
        sure = accepted & self.matches[ordered]
        rejected = sure & (np.cumsum(sure) > count)
        perhaps = accepted & ~rejected & (np.arange(1, len(order) + 1) > count)
        if (perhaps & ~sure).any():
            return None
        past = np.flatnonzero(rejected | perhaps).tolist()
        return [(tasks[order[each]][0], bool(rejected[each]), ()) for each in past]

    def _day(self, at: int) -> date:
        number = int(self.told["date"][at]) if "date" in self.told else -1
        day = self.portfolio.values["date"].values[number] if number >= 0 else None
        return day if isinstance(day, date) else date.max

    def _task(self, at: int) -> tuple[Row, str]:
        number = int(np.searchsorted(self.starts, at, side="right")) - 1
        part = self.parts[number]
        inside = at - int(self.starts[number])
        return (part.source, int(part.rows[inside])), part.tasks[inside]

    def _judged(self, together: npt.NDArray[np.intp]) -> Iterator[_Past]:
        judged = []
        rows = []
        for at in together.tolist():
            row, task = self._task(at)
            case = Case(task, _known(self._told(at)), as_of=self.portfolio.as_of)
            rows.append(row)
            judged.append((case, _verdict(self.alone, case.task, accepted=bool(self.accepted[at]))))
        for row, (_, before), after in zip(rows, judged, apply_limits(self.alone, judged, named=False), strict=True):
            if after.status != before.status:
                yield row, after.status == "rejected", tuple(missing.fact for missing in after.missing)

    def _told(self, at: int) -> Iterator[tuple[str, Value]]:
        for name, numbers in self.told.items():
            if numbers[at] >= 0:
                yield name, self.portfolio.values[name].values[numbers[at]]


def _known(told: Iterator[tuple[str, Value]]) -> dict[str, Known]:
    return {name: Known(value, (Told(value, Origin(), name),)) for name, value in told}


def _verdict(policies: p.PolicySet, task: str, *, accepted: bool) -> Verdict:
    """A verdict with what limits look at."""
    return Verdict(
        task=task,
        status="accepted" if accepted else "undetermined",
        reasons=(),
        admitted_by=(),
        duties=(),
        limits=(),
        missing=(),
        remedies=(),
        assumed={},
        claimed=(),
        as_of=None,
        policies=(),
        known={},
        policy_set=policies,
    )


def _only(policies: p.PolicySet, rule: p.Rule) -> p.PolicySet:
    """The policies with one limit."""
    kept = (
        evolve(each, rules=tuple(own for own in each.rules if own.kind != "limit" or own is rule))
        for each in policies.policies
    )
    return evolve(policies, policies=tuple(kept))


def change_of(policies: p.PolicySet, reasons: Sequence[tuple[bool, str, tuple[str, ...]]]) -> Change:
    """What limits make of a row: for each whether it surely rejects, its name, and the facts that it asks for."""
    surely = [name for is_sure, name, _ in reasons if is_sure]
    if surely:
        return Change("rejected", tuple(f"limit {name}" for name in dict.fromkeys(surely)), ())
    asked = {fact for _, _, facts in reasons for fact in facts}
    names = tuple(f"limit {name}" for name in dict.fromkeys(name for _, name, _ in reasons))
    return Change("undetermined", names, tuple(name for name in policies.facts if name in asked))
