"""Limits over a portfolio: which accepted tasks are past them, in order of date and id.

Among the tasks that match and are accepted those past the limit are rejected; where undetermined ones could use it
up, undetermined. Limits don't interact: a task that one rejects still counts for another. A task for an area counts
for every target inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from attrs import evolve, frozen

from burdenlib import policy as p
from burdenlib.answer import Proof, Reading, Reason
from burdenlib.evaluator import Evaluator
from burdenlib.facts import Value
from burdenlib.intake import Case
from burdenlib.judge import as_missing
from burdenlib.logic import Truth
from burdenlib.places import ancestors, inside, is_inside
from burdenlib.verdict import Verdict
from burdenlib.words import Words

__all__ = ["apply_limits", "period_of"]

_SHOWN = 20
"""So many of the tasks that use up a limit are named."""

_NOTHING = Decimal(0)


@frozen
class _Use:
    """One task of a portfolio as one limit sees it.

    `matches` says whether it counts, `accepted` whether it is accepted by itself; `group` holds the values of the
    `per` facts but the target, and the period, each `None` where it isn't known; `amount` is what it uses, `None` if it
    isn't known; `unknown` are the facts that the limit needs and nobody told.
    """

    index: int
    order: tuple[date, str]
    matches: Truth
    accepted: Truth
    group: tuple[object, ...]
    target: str | None
    amount: Decimal | None
    unknown: tuple[str, ...]
    proof: Proof


def apply_limits(policies: p.PolicySet, judged: Sequence[tuple[Case, Verdict]], *, named: bool = True) -> list[Verdict]:
    """Judge the limits over tasks that were judged one by one; gives the verdicts in the same order.

    Reasons name the tasks that use up a limit. Where many tasks are open that takes a time that grows with the square of
    their number, which is spared if they are not to be `named`.
    """
    reasons: dict[int, list[Reason]] = {}
    evaluators = [Evaluator(policies, case.known, case.as_of) for case, _ in judged]
    for policy, rule in policies.rules("limit"):
        uses = [
            use
            for index, (case, verdict) in enumerate(judged)
            if (use := _use(rule, index, case, verdict, evaluators[index])) is not None
        ]
        for index, reason in _past(policy, rule, uses, judged, named=named):
            reasons.setdefault(index, []).append(reason)
    return [_settled(policies, verdict, reasons.get(index, [])) for index, (_, verdict) in enumerate(judged)]


def _settled(policies: p.PolicySet, verdict: Verdict, reasons: list[Reason]) -> Verdict:
    verdict = evolve(verdict, limits=())
    if not reasons:
        return verdict
    rejecting = [reason for reason in reasons if reason.truth]
    if rejecting:
        return evolve(verdict, status="rejected", reasons=(*rejecting, *verdict.reasons), duties=(), missing=())
    names = {reading.fact for reason in reasons for proof in reason.proof for reading in _unread(proof)}
    missing = as_missing(policies, tuple(name for name in policies.facts if name in names))
    return evolve(verdict, status="undetermined", reasons=(*reasons, *verdict.reasons), duties=(), missing=missing)


def _unread(proof: Proof) -> Iterator[Reading]:
    if proof.truth is None:
        yield from (reading for reading in proof.readings if reading.value is None)
        for part in proof.parts:
            yield from _unread(part)


def _use(rule: p.Rule, index: int, case: Case, verdict: Verdict, evaluator: Evaluator) -> _Use | None:
    proof = evaluator.fires(rule)
    accepted: Truth = {"accepted": True, "rejected": False, "undetermined": None}[verdict.status]
    if proof.truth is False or accepted is False:
        return None
    quota = rule.quota
    assert quota is not None
    unknown: list[str] = []

    def value(name: str) -> Value | None:
        found = evaluator.read(name).value
        if found is None:
            unknown.append(name)
        return found

    target = value("target") if "target" in quota.per else None
    group: list[object] = [value(name) for name in quota.per if name != "target"]
    if quota.each is not None:
        day = value("date")
        group.append(period_of(day, quota.each) if isinstance(day, date) else None)
    amount: Decimal | None = Decimal(1)
    if quota.of is not None:
        summed = value(quota.of)
        amount = summed if isinstance(summed, Decimal) else None if summed is None else _NOTHING
    day = evaluator.read("date").value
    return _Use(
        index,
        (day if isinstance(day, date) else date.max, case.task),
        proof.truth,
        accepted,
        tuple(group),
        target if isinstance(target, str) else None,
        amount,
        tuple(unknown),
        proof,
    )


def _past(
    policy: p.Policy, rule: p.Rule, uses: Sequence[_Use], judged: Sequence[tuple[Case, Verdict]], *, named: bool
) -> Iterator[tuple[int, Reason]]:
    """The accepted tasks that are past the limit, or may be, each with its reason."""
    quota = rule.quota
    assert quota is not None
    loose = [use for use in uses if use.unknown]
    nearby = _Nearby(loose)

    def names(others: Iterable[_Use]) -> list[str]:
        if not named:
            return []
        return [judged[each.index][0].task for each in sorted(others, key=lambda each: each.index)]

    groups: dict[tuple[object, ...], list[_Use]] = {}
    for use in uses:
        if not use.unknown:
            groups.setdefault(use.group, []).append(use)
    for group in groups.values():
        tally = _Tally([use.target for use in group if use.target is not None])
        for use in sorted(group, key=lambda use: use.order):
            if use.accepted:
                (sure, users), (possible, perhaps) = tally.used(use.target)
                assert use.amount is not None
                if use.matches and nearby.surely_exceed(sure + use.amount, use, quota.count):
                    yield use.index, _reason(policy, rule, use, users, certain=True)
                elif nearby.may_exceed(possible + use.amount, use, quota.count):
                    yield use.index, _reason(policy, rule, use, [*perhaps, *names(nearby.of(use))], certain=False)
            tally.add(use, judged[use.index][0].task if named else None)
    anywhere = _Nearby(uses if loose else ())
    for use in loose:
        if use.accepted and (use.amount is None or anywhere.may_exceed(use.amount, use, quota.count)):
            yield use.index, _reason(policy, rule, use, names(anywhere.of(use)), certain=False)


class _Tally:
    """What the tasks so far use of a limit, by target; a task for an area counts for every target inside."""

    def __init__(self, targets: Sequence[str]) -> None:
        self.targets = sorted(set(targets))
        self.sure: dict[str, Decimal] = {}
        self.possible: dict[str, Decimal] = {}
        self.users: dict[str, list[str]] = {}

    def add(self, use: _Use, task: str | None) -> None:
        """Count a task, and keep its name if there is one.

        An amount below zero gives something back, but perhaps not if it isn't sure that the task counts.
        """
        target, amount = use.target or "", use.amount or _NOTHING
        is_sure = use.matches and use.accepted
        self.sure[target] = self.sure.get(target, _NOTHING) + (amount if is_sure else min(amount, _NOTHING))
        self.possible[target] = self.possible.get(target, _NOTHING) + (amount if is_sure else max(amount, _NOTHING))
        if task is not None:
            self.users.setdefault(target, []).append(task)

    def used(self, target: str | None) -> tuple[tuple[Decimal, list[str]], tuple[Decimal, list[str]]]:
        """The most that is used for one target inside `target`, and by which tasks: for sure, and at most."""
        points = [""] if target is None else [target, *inside(self.targets, target)]
        found = [self._used_at(point) for point in points]
        sure, possible = max(found, key=lambda used: used[0]), max(found, key=lambda used: used[1])
        return (sure[0], sure[2]), (possible[1], possible[2])

    def _used_at(self, point: str) -> tuple[Decimal, Decimal, list[str]]:
        above = tuple(ancestors(point))
        sure = sum((self.sure.get(each, _NOTHING) for each in above), _NOTHING)
        possible = sum((self.possible.get(each, _NOTHING) for each in above), _NOTHING)
        return sure, possible, [task for each in above for task in self.users.get(each, ())]


def _may_use_up(each: _Use, use: _Use) -> bool:
    """Whether a task may come before another one and count in the same group and for the same target."""
    earlier = each.order < use.order or "date" in each.unknown or "date" in use.unknown
    shared = all(one is None or one == other or other is None for one, other in zip(each.group, use.group, strict=True))
    near = (
        each.target is None
        or use.target is None
        or is_inside(use.target, each.target)
        or is_inside(each.target, use.target)
    )
    return earlier and shared and near


class _Nearby:
    """Tasks by their targets, so that only those are looked at that may count for the same one."""

    def __init__(self, uses: Sequence[_Use]) -> None:
        self.uses = uses
        self.plain = all(use.amount is not None and use.amount >= 0 for use in uses)
        self.by_target: dict[str | None, list[_Use]] = {}
        for use in uses:
            self.by_target.setdefault(use.target, []).append(use)
        self.targets = sorted(each for each in self.by_target if each is not None)

    def of(self, use: _Use) -> Iterator[_Use]:
        """The other tasks that may use up the limit before this one."""
        found: Iterable[_Use] = self.uses
        if use.target is not None:
            points = dict.fromkeys([None, *ancestors(use.target), *inside(self.targets, use.target)])
            found = (each for point in points for each in self.by_target.get(point, ()))
        return (each for each in found if each is not use and _may_use_up(each, use))

    def surely_exceed(self, used: Decimal, use: _Use, count: Decimal) -> bool:
        """Whether `used` exceeds the limit, whichever of the others count as well; an unknown amount may be any."""
        if used <= count or self.plain:
            return used > count
        for each in self.of(use):
            if each.amount is None:
                return False
            used += min(each.amount, _NOTHING)
        return used > count

    def may_exceed(self, used: Decimal, use: _Use, count: Decimal) -> bool:
        """Whether `used` exceeds the limit if some of the others count as well; an unknown amount may be any."""
        if used > count:
            return True
        for each in self.of(use):
            if each.amount is None:
                return True
            used += max(each.amount, _NOTHING)
            if used > count:
                return True
        return False


def _reason(policy: p.Policy, rule: p.Rule, use: _Use, users: Sequence[str], *, certain: bool) -> Reason:
    zh, en = "、".join(users[:_SHOWN]) or "(无)", ", ".join(users[:_SHOWN]) or "none"
    if more := len(users[_SHOWN:]):
        zh, en = f"{zh} 等 {len(users)} 项", f"{en} and {more} more"
    message = (
        Words(f"限额已由 {zh} 用完", f"the limit is used up by {en}")
        if certain
        else Words(f"限额可能由 {zh} 用完，尚不能确定", f"the limit may be used up by {en}")
    )
    about = rule.about
    cites = about.cites or policy.cites
    seen = about.seen or policy.seen
    truth = True if certain else None
    return Reason("limit", rule.name, about, cites, truth, about.refs, (use.proof,), seen=seen, message=message)


def period_of(day: date, each: str) -> tuple[int, ...]:
    """The calendar year, quarter or month, or the ISO week, that a day lies in."""
    match each:
        case "year":
            return (day.year,)
        case "quarter":
            return (day.year, (day.month - 1) // 3)
        case "month":
            return (day.year, day.month)
        case _:
            return day.isocalendar()[:2]
