"""Limits over a portfolio too large to be held: only the rows that a limit may count are kept.

Of those only the groups in which it may be used up are judged, by the same code as a portfolio in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from attrs import define, evolve, field, frozen

from burdenlib import policy as p
from burdenlib.audit.columns import read_raw
from burdenlib.evaluator import Evaluator
from burdenlib.facts import Value, ValueProblemError
from burdenlib.intake import Case
from burdenlib.limits import apply_limits, period_of
from burdenlib.places import LEVEL_LENGTHS
from burdenlib.task import Known, Origin, Told
from burdenlib.verdict import Verdict

__all__ = ["Change", "Counted", "Portfolio", "read_told"]

_WHOLE_CODE = LEVEL_LENGTHS["grassroots"]


@frozen(eq=False, slots=True)
class Counted:
    """A row that a limit may count: its source and its number there, its task's id, whether it is accepted, what is told."""

    row: tuple[int, int]
    task: str
    accepted: bool
    told: Mapping[str, Value]


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
    _rows: dict[int, list[Counted]] = field(factory=dict)

    def add(self, limit: int, rows: Iterable[Counted]) -> None:
        """Keep rows for the limit with this number."""
        self._rows.setdefault(limit, []).extend(rows)

    def changes(self) -> dict[tuple[int, int], Change]:
        """What the limits change, by row."""
        found: dict[tuple[int, int], list[tuple[bool, str, tuple[str, ...]]]] = {}
        for number, rows in self._rows.items():
            rule = self.limits[number]
            alone = _only(self.policies, rule)
            for group in self._groups(rule, rows):
                for row, verdict in _judged(alone, self.as_of, group):
                    asked = tuple(missing.fact for missing in verdict.missing)
                    found.setdefault(row, []).append((verdict.status == "rejected", rule.name, asked))
        return {row: _change(self.policies, reasons) for row, reasons in found.items()}

    def _groups(self, rule: p.Rule, rows: Sequence[Counted]) -> Iterator[Sequence[Counted]]:
        """The rows that are counted together, where they may be more than the limit allows."""
        quota = rule.quota
        assert quota is not None
        keys = [_key(quota, self._values(quota, row)) for row in rows]
        loose = any(key is None for key in keys)
        if loose or any(len(str(key[0])) not in (0, _WHOLE_CODE) for key in keys if key is not None):
            # what isn't known may count anywhere, and a task for an area counts for every target inside
            yield rows
            return
        groups: dict[tuple[object, ...] | None, list[Counted]] = {}
        for key, row in zip(keys, rows, strict=True):
            groups.setdefault(key, []).append(row)
        for group in groups.values():
            if sum(map(self._amount, [quota] * len(group), group), Decimal(0)) > quota.count:
                yield group

    def _values(self, quota: p.Quota, row: Counted) -> dict[str, Value | None]:
        names = {*quota.per, *(("date",) if quota.each is not None else ()), *((quota.of,) if quota.of else ())}
        if all(name in row.told for name in names):
            return {name: row.told[name] for name in names}
        evaluator = Evaluator(self.policies, _known(row), self.as_of)
        return {name: evaluator.read(name).value for name in names}

    def _amount(self, quota: p.Quota, row: Counted) -> Decimal:
        if quota.of is None:
            return Decimal(1)
        value = self._values(quota, row)[quota.of]
        return max(value, Decimal(0)) if isinstance(value, Decimal) else Decimal(0)


def _key(quota: p.Quota, values: Mapping[str, Value | None]) -> tuple[object, ...] | None:
    """The group of a row, its target first; `None` if it isn't known."""
    if any(value is None for value in values.values()):
        return None
    day = values.get("date")
    period = period_of(day, quota.each) if quota.each is not None and isinstance(day, date) else ()
    target = values.get("target", "")
    return target, period, *(values[name] for name in quota.per if name != "target")


def _judged(
    policies: p.PolicySet, as_of: date | None, group: Sequence[Counted]
) -> Iterator[tuple[tuple[int, int], Verdict]]:
    """The rows of a group that a limit rejects or leaves open, as the limits of a portfolio in memory do."""
    judged = [(Case(row.task, _known(row), as_of=as_of), _verdict(policies, row)) for row in group]
    for row, (_, before), after in zip(group, judged, apply_limits(policies, judged), strict=True):
        if after.status != before.status:
            yield row.row, after


def _known(row: Counted) -> dict[str, Known]:
    return {name: Known(value, (Told(value, Origin(), name),)) for name, value in row.told.items()}


def _verdict(policies: p.PolicySet, row: Counted) -> Verdict:
    """A verdict with what limits look at."""
    return Verdict(
        task=row.task,
        status="accepted" if row.accepted else "undetermined",
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


def _change(policies: p.PolicySet, reasons: Sequence[tuple[bool, str, tuple[str, ...]]]) -> Change:
    surely = [name for is_sure, name, _ in reasons if is_sure]
    if surely:
        return Change("rejected", tuple(f"limit {name}" for name in dict.fromkeys(surely)), ())
    asked = {fact for _, _, facts in reasons for fact in facts}
    names = tuple(f"limit {name}" for name in dict.fromkeys(name for _, name, _ in reasons))
    return Change("undetermined", names, tuple(name for name in policies.facts if name in asked))


def read_told(policies: p.PolicySet, raw: Mapping[str, object]) -> dict[str, Value]:
    """The facts that a row tells; what can't be read is left out."""
    told: dict[str, Value] = {}
    for name, each in raw.items():
        try:
            value = read_raw(policies.facts[name].type, each)
        except ValueProblemError:
            continue
        if value is not None:
            told[name] = value
    return told
