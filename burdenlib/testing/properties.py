"""Properties of policies, ready to be applied: `test_mine = holds(MONOTONE, of="my_policy.burden")`.

A property draws tasks for the policies and says what each must do. Where one doesn't, the task is shrunk and printed
with its verdicts. A property that looks at the policies themselves (`ALIVE`, `USABLE`) searches instead of drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from attrs import evolve, field, frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from burdenlib import policy as p
from burdenlib.answer import Coverage, Proof, Reason, Status
from burdenlib.evaluator import Evaluator, shift
from burdenlib.facts import NONE, SetValue, Value, show
from burdenlib.judge import Charge, bearing, judge
from burdenlib.logic import Truth
from burdenlib.questions import with_missing
from burdenlib.task import Known
from burdenlib.testing.domains import space_of
from burdenlib.testing.reach import Chance, Goal, covered, reach
from burdenlib.testing.strategies import (
    Subject,
    UnreachableError,
    Wanted,
    but_for,
    case_of,
    item_but_for,
    known_facts,
    outcome,
    policies_of,
    tasks_where,
    told_more,
    values_of,
)
from burdenlib.verdict import Verdict
from burdenlib.words import Words

__all__ = [
    "ADMITTED",
    "ALIVE",
    "CONSTANT",
    "EVERY",
    "EXCEPTIONS_NARROW",
    "EXPLAINED",
    "MONOTONE",
    "PROMISES",
    "REMEDIES",
    "SEAMLESS",
    "USABLE",
    "BrokenError",
    "Property",
    "check",
    "decides",
    "holds",
    "tighter_than",
]

Facts = Mapping[str, Value]


class BrokenError(AssertionError):
    """A property doesn't hold: what it says, and the task that shows it.

    `drawn` is what was drawn, `None` where nothing was.
    """

    def __init__(self, message: str, drawn: Any = None) -> None:
        super().__init__(message)
        self.drawn = drawn


@frozen(eq=False)
class Property:
    """What must hold of policies.

    `drawn` gives the strategy of what is looked at (`None` if there is nothing to look at), `look` says what is wrong with it, or `None`. `search` goes through
    the policies themselves and says everything that is wrong.
    """

    name: str
    says: Words
    drawn: Callable[[p.PolicySet], st.SearchStrategy[Any] | None] = field(default=lambda _policies: None, repr=False)
    look: Callable[[p.PolicySet, Any], str | None] = field(default=lambda _policies, _drawn: None, repr=False)
    search: Callable[[p.PolicySet], Iterator[str]] = field(default=lambda _policies: iter(()), repr=False)


def holds(*properties: Property, of: Subject, examples: int = 100) -> Callable[[], None]:
    """Make a test that properties hold of policies.

    One line in a test file does: `test_mine = holds(MONOTONE, ADMITTED, of="my_policy.burden")`.
    """

    def test() -> None:
        policies = policies_of(of)
        for each in properties:
            check(each, policies, examples=examples)

    test.__doc__ = "; ".join(each.says.pick("en") for each in properties)
    return test


_PHASES = tuple(phase for phase in Phase if phase is not Phase.explain)
"""What Hypothesis does: all but its own explanation of a failure, which would be thrown away."""


def check(prop: Property, of: Subject, *, examples: int = 100) -> None:
    """Try a property on policies; raises `BrokenError` with the plainest task that breaks it."""
    policies = policies_of(of)
    found = list(prop.search(policies))
    if found:
        raise BrokenError("\n".join((f"{prop.name}: {prop.says.pick('en')}", *found)))
    strategy = prop.drawn(policies)
    if strategy is None:
        return

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=_PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.nested_given],
    )
    @given(strategy)
    def run(drawn: object) -> None:
        wrong = prop.look(policies, drawn)
        if wrong is not None:
            raise BrokenError(f"{prop.name}: {prop.says.pick('en')}\n{wrong}", drawn)

    try:
        run()
    except BrokenError as broken:
        # without the notes of Hypothesis, which print whole policies
        raise BrokenError(str(broken), broken.drawn) from None


# ---- judging ---------------------------------------------------------------------------------------------------------------


def _judged(policies: p.PolicySet, found: Facts) -> Verdict:
    return judge(policies, case_of(policies, found))


def _shown(policies: p.PolicySet, found: Facts) -> str:
    facts = policies.facts
    told = ", ".join(f"{name}: {show(facts[name].type, value, 'en')}" for name, value in found.items())
    return f"  given {told or 'nothing'}"


def _verdict(verdict: Verdict) -> str:
    by = [each.rule for each in verdict.reasons if each.truth and each.rule] or [a.rule for a in verdict.admitted_by]
    return f"  {verdict.status}" + (f" by {', '.join(by)}" if by and verdict.status != "undetermined" else "")


def _pair(policies: p.PolicySet, one: tuple[Facts, Verdict], other: tuple[Facts, Verdict]) -> str:
    return "\n".join(
        (
            _shown(policies, one[0]),
            _verdict(one[1]),
            "but",
            _shown(policies, other[0]),
            _verdict(other[1]),
        )
    )


# ---- information -----------------------------------------------------------------------------------------------------------


def _overturned(policies: p.PolicySet, drawn: tuple[Facts, Facts]) -> str | None:
    less, more = drawn
    before = _judged(policies, less)
    if before.status == "undetermined":
        return None
    after = _judged(policies, more)
    kept = {each.rule for each in before.admitted_by} <= {each.rule for each in after.admitted_by}
    return None if after.status == before.status and kept else _pair(policies, (less, before), (more, after))


MONOTONE = Property(
    "monotone",
    Words("多知道一些,从不推翻已确定的结论", "learning more never overturns a definite verdict"),
    told_more,
    _overturned,
)


def _unadmitted(policies: p.PolicySet, found: Facts) -> str | None:
    verdict = _judged(policies, found)
    fired = [reason for reason in verdict.reasons if reason.truth]
    sound = {
        "accepted": bool(verdict.admitted_by) and not fired,
        "rejected": bool(fired),
        "undetermined": bool(verdict.reasons) and not fired,
    }
    return None if sound[verdict.status] else "\n".join((_shown(policies, found), _verdict(verdict)))


ADMITTED = Property(
    "admitted",
    Words(
        "准入必有准入的根据,不予准入必有拒绝的条文",
        "what is accepted something admits; what is rejected a text refuses",
    ),
    known_facts,
    _unadmitted,
)


# ---- exceptions ------------------------------------------------------------------------------------------------------------


def _without_exceptions(policies: p.PolicySet) -> p.PolicySet:
    """The policies with every exception of a ban or requirement struck out."""
    bare = {rule.key: _bare(rule) for policy in policies.policies for rule in policy.rules}
    found = tuple(evolve(policy, rules=tuple(bare[rule.key] for rule in policy.rules)) for policy in policies.policies)
    return evolve(policies, policies=found)


def _bare(rule: p.Rule) -> p.Rule:
    if rule.kind not in ("ban", "require"):
        return rule
    kept = tuple(part for part in p.parts_of(rule.fires) if part.clause != "unless")
    return evolve(rule, unless=(), fires=p.All(kept))


def _widened(policies: p.PolicySet, found: Facts) -> str | None:
    verdict = _judged(policies, found)
    if verdict.status != "rejected":
        return None
    stricter = _without_exceptions(policies)
    other = _judged(stricter, found)
    fired = {reason.rule for reason in verdict.reasons if reason.truth}
    still = {reason.rule for reason in other.reasons if reason.truth}
    if other.status == "rejected" and fired <= still:
        return None
    return _pair(policies, (found, verdict), (found, other)) + "\n  with every exception struck out"


EXCEPTIONS_NARROW = Property(
    "exceptions narrow",
    Words(
        "例外只会收窄禁止,从不使更多任务被拒绝", "an exception only narrows its rule: without it no less is rejected"
    ),
    known_facts,
    _widened,
)


# ---- explanations ------------------------------------------------------------------------------------------------------------


@frozen
class _Proven:
    """What stands in proofs, and where a proof is short (on no list at all), what it rests on."""

    evaluator: Evaluator

    def facts(self, proof: Proof) -> Iterator[str]:
        """The facts that a proof read."""
        yield from (reading.fact for reading in proof.readings)
        for part in proof.parts:
            yield from self.facts(part)
        lists = proof.lists
        if isinstance(proof.condition, p.OnAnyList) and not lists:
            admitting = (key for key, each in self.evaluator.policies.lists.items() if not each.is_ban)
            lists = tuple(map(self.evaluator.cover, admitting))
        for each in lists:
            yield from self.on(each)

    def on(self, coverage: Coverage) -> Iterator[str]:
        """The facts that say how a list stands to the task."""
        yield from self.facts(coverage.governs)
        if coverage.governs.truth is not False:
            yield "item"
            for proof in coverage.parts:
                yield from self.facts(proof)
        for each in coverage.instead:
            yield from self.on(each)

    def behind(self, verdict: Verdict) -> Iterator[str]:
        """The facts in the proof of a verdict: of its first reason, or of what admits."""
        if verdict.status == "accepted":
            for admission in verdict.admitted_by:
                yield "item"
                for proof in admission.proof:
                    yield from self.facts(proof)
            return
        reason = next(reason for reason in verdict.reasons if reason.truth)
        for proof in reason.proof:
            yield from self.facts(proof)
        for coverage in reason.coverage:
            yield from self.on(coverage)
        if reason.kind == "not_listed":
            yield from self.shut_out(reason)

    def shut_out(self, reason: Reason) -> Iterator[str]:
        """The facts that say that no list of the document covers the task and that no admission reaches them."""
        policies = self.evaluator.policies
        policy = next(each for each in policies.policies for one in each.lists if one.name == reason.rule)
        rules, lists = bearing(policies, Charge(policy))
        for rule in rules:
            yield from self.facts(self.evaluator.fires(rule))
        for each in lists:
            yield from self.on(self.evaluator.cover(each.key))


def _unexplained(policies: p.PolicySet, found: Facts) -> str | None:
    verdict = _judged(policies, found)
    if verdict.status == "undetermined":
        return None
    evaluator = Evaluator(policies, {name: Known(value) for name, value in found.items()})
    names = _with_existence(policies, set(_Proven(evaluator).behind(verdict)))
    known = {name: value for name, value in found.items() if name in names}
    alone = _judged(policies, known)
    if verdict.status == "rejected":
        first = next(reason.rule for reason in verdict.reasons if reason.truth)
        enough = alone.status == "rejected" and first in {each.rule for each in alone.reasons if each.truth}
    else:
        enough = alone.status != "rejected" and {a.rule for a in verdict.admitted_by} <= {
            a.rule for a in alone.admitted_by
        }
    return None if enough else _pair(policies, (found, verdict), (known, alone))


def _with_existence(policies: p.PolicySet, names: set[str]) -> set[str]:
    """Facts with those that say whether they exist."""
    found, todo = set(names), list(names)
    while todo:
        fact = policies.facts.get(todo.pop())
        if fact is not None and fact.only_when is not None:
            more = set(p.facts_of(fact.only_when)) - found
            found |= more
            todo += more
    return found


EXPLAINED = Property(
    "explained",
    Words("理由所引的要素足以得出同一结论", "the facts in the proof alone give the same answer"),
    known_facts,
    _unexplained,
)


# ---- remedies ------------------------------------------------------------------------------------------------------------------


def _with_remedy(policies: p.PolicySet) -> st.SearchStrategy[tuple[p.Rule, Facts]] | None:
    """Tasks that break a rule which quotes a change of facts."""
    rules = [
        rule
        for policy in policies.policies
        for rule in policy.rules
        if rule.about.remedy is not None and rule.about.remedy.changes
    ]
    if not rules:
        return None
    return st.builds(
        lambda rule, seed: (rule, reach(policies, (Goal(rule.fires),), Chance(seed)) or {}),
        st.sampled_from(rules),
        st.integers(0, 200),
    )


def _unmended(policies: p.PolicySet, drawn: tuple[p.Rule, Facts]) -> str | None:
    rule, found = drawn
    verdict = _judged(policies, found)
    remedy = rule.about.remedy
    if remedy is None or rule.name not in {reason.rule for reason in verdict.reasons if reason.truth}:
        return None
    mended = {**found, **dict(remedy.changes)}
    after = _judged(policies, mended)
    broken = rule.name in {reason.rule for reason in after.reasons if reason.truth}
    return _pair(policies, (found, verdict), (mended, after)) if broken else None


REMEDIES = Property(
    "remedies work",
    Words("条文所引的整改做到之后,该条不再拒绝", "once the quoted remedy is done, its rule no longer rejects"),
    _with_remedy,
    _unmended,
)


# ---- dates ---------------------------------------------------------------------------------------------------------------------


def _edges(policies: p.PolicySet, found: Facts) -> set[date]:
    """The days on which something begins, and the days after something ends, for the task at hand."""
    days = {value for value in space_of(policies).domain(("date", None)).values if isinstance(value, date)}
    days |= {value for value in found.values() if isinstance(value, date)}
    for base in [value for name, value in found.items() if isinstance(value, date) and name != "date"]:
        days |= {day for offset in _offsets(policies) if (day := _moved(base, offset)) is not None}
    one = timedelta(days=1)
    return {moved for day in days for moved in (day - one, day, day + one)}


def _moved(base: date, offset: p.Offset) -> date | None:
    return shift(base, offset.days, working=offset.working)


def _offsets(policies: p.PolicySet) -> set[p.Offset]:
    conditions = [rule.fires for policy in policies.policies for rule in policy.rules]
    conditions += [term.condition for policy in policies.policies for term in policy.terms]
    conditions += [each for task_list in policies.lists.values() for item in task_list.items for each in (item.covers,)]
    leaves = (leaf for condition in conditions for leaf in p.leaves(condition))
    return {leaf.amount for leaf in leaves if isinstance(leaf, p.Compare) and isinstance(leaf.amount, p.Offset)}


@st.composite
def _two_days(draw: st.DrawFn, policies: p.PolicySet) -> tuple[Facts, Facts]:
    """A task on two days between which the policies name none."""
    found = draw(known_facts(policies))
    edges = sorted(_edges(policies, found))
    gaps = [(one, other) for one, other in pairwise(edges) if (other - one).days > 2]
    if not gaps:
        return found, found
    first, last = gaps[draw(st.integers(0, len(gaps) - 1))]
    span = (last - first).days - 2
    days = [first + timedelta(days=1 + draw(st.integers(0, span))) for _ in range(2)]
    return {**found, "date": days[0]}, {**found, "date": days[1]}


def _unsteady(policies: p.PolicySet, drawn: tuple[Facts, Facts]) -> str | None:
    one, other = (_judged(policies, found) for found in drawn)
    rules = [{each.rule for each in verdict.reasons if each.truth} for verdict in (one, other)]
    if one.status == other.status and rules[0] == rules[1]:
        return None
    return _pair(policies, (drawn[0], one), (drawn[1], other))


CONSTANT = Property(
    "constant between dates",
    Words("在所写的日期之间,结论不变", "between the dates that the policies name, verdicts stay the same"),
    _two_days,
    _unsteady,
)


@st.composite
def _days_at_edges(draw: st.DrawFn, policies: p.PolicySet) -> tuple[Facts, tuple[date, ...]]:
    """A task, and days next to those that the policies name: all of them, or a few if there are many."""
    found = draw(known_facts(policies))
    values = space_of(policies).domain(("date", None)).values
    days = [value for value in values if isinstance(value, date)]
    if len(days) <= EDGES:
        return found, tuple(days)
    return found, tuple(days[draw(st.integers(0, len(days) - 1))] for _ in range(EDGES // 4))


EDGES = 24
"""How many days one task is judged on at most."""


def _deciding(verdict: Verdict) -> set[tuple[str, str | None]]:
    """The rules and lists that reject, and those that admit."""
    rejecting = {("rejects", each.rule) for each in verdict.reasons if each.truth}
    return rejecting | {("admits", each.rule) for each in verdict.admitted_by}


def _hasty(policies: p.PolicySet, drawn: tuple[Facts, tuple[date, ...]]) -> str | None:
    found, days = drawn
    judged: dict[date, Verdict] = {}

    def on(day: date) -> Verdict:
        if day not in judged:
            judged[day] = _judged(policies, {**found, "date": day})
        return judged[day]

    one = timedelta(days=1)
    wrong = (_lonely([on(day - one), on(day), on(day + one)], policies, {**found, "date": day}) for day in days)
    return next((each for each in wrong if each is not None), None)


def _lonely(judged: list[Verdict], policies: p.PolicySet, found: Facts) -> str | None:
    """What is wrong with the answers on three days in a row."""
    before, on, after = map(_deciding, judged)
    if judged[1].status not in (judged[0].status, judged[2].status):
        how = "an answer that holds for this day only"
    elif on & before - after and on & after - before:
        how = "what ends on this day and what begins on it overlap"
    elif before - on - after and after - on - before:
        how = "between what ends the day before and what begins the day after is a gap"
    else:
        return None
    days = zip(("the day before", "on the day", "the day after"), judged, strict=True)
    shown = (f"  {name}:{_verdict(verdict)}" for name, verdict in days)
    return "\n".join((_shown(policies, found), *shown, f"  {how}"))


SEAMLESS = Property(
    "seamless",
    Words("没有只管一天的空当或重叠", "nothing changes for a single day: no gap and no overlap where dates meet"),
    _days_at_edges,
    _hasty,
)


# ---- what the policies promise ----------------------------------------------------------------------------------------------------


Promised = tuple[p.Promise, Facts]
"""A promise, and the facts of a task that it is about."""


def _promised(policies: p.PolicySet) -> st.SearchStrategy[Promised] | None:
    promises = [promise for policy in policies.policies for promise in policy.promises]
    if not promises:
        return None
    return st.sampled_from(promises).flatmap(lambda promise: _with_task(policies, promise))


def _with_task(policies: p.PolicySet, promise: p.Promise) -> st.SearchStrategy[Promised]:
    return st.tuples(st.just(promise), _about(policies, promise))


_RISKS: Mapping[str, tuple[tuple[Status, Truth], ...]] = {
    "never accepted when": (("accepted", True),),
    "accepted only when": (("accepted", False), ("accepted", None)),
    "always rejected when": (("accepted", True), ("undetermined", True)),
}
"""For each kind of promise the answers, with the truth of its condition, that would break it."""


@st.composite
def _about(draw: st.DrawFn, policies: p.PolicySet, promise: p.Promise) -> Facts:
    """A task that a promise is about: one that breaks it if there is one, else one that its condition holds of."""
    chance = Chance(draw(st.integers(0, 200)))
    status, truth = draw(st.sampled_from(_RISKS[promise.kind]))
    goal = Goal(promise.condition, truth)
    found = outcome(policies, Wanted(status, (goal,)), chance) or reach(policies, (goal,), chance)
    return draw(known_facts(policies)) if found is None else found


def _unkept(policies: p.PolicySet, drawn: Promised) -> str | None:
    promise, found = drawn
    verdict = _judged(policies, found)
    truth = Evaluator(policies, case_of(policies, found).known).prove(promise.condition).truth
    broken = {
        "never accepted when": truth is True and verdict.status == "accepted",
        "accepted only when": truth is not True and verdict.status == "accepted",
        "always rejected when": truth is True and verdict.status != "rejected",
    }
    if not broken[promise.kind]:
        return None
    return "\n".join((f"  promise {promise.name}", _shown(policies, found), _verdict(verdict)))


PROMISES = Property(
    "promises",
    Words("文件的保证在每个试过的任务上成立", "the promises of the policies hold for every task tried"),
    _promised,
    _unkept,
)


def keeps(promise: p.Promise) -> Property:
    """That one promise holds of every task tried."""
    return evolve(PROMISES, drawn=lambda policies: _with_task(policies, promise))


def broken_by(promise: p.Promise, policies: p.PolicySet, *, examples: int = 100) -> Verdict | None:
    """The verdict on the plainest task that breaks a promise, if one is found."""
    try:
        check(keeps(promise), policies, examples=examples)
    except BrokenError as broken:
        case = case_of(policies, broken.drawn[1])
        return with_missing(policies, case, judge(policies, case))
    return None


# ---- what is written is of use -----------------------------------------------------------------------------------------------------


def _dead(policies: p.PolicySet) -> Iterator[str]:
    for policy in policies.policies:
        for rule in policy.rules:
            if reach(policies, (Goal(rule.fires),), Chance()) is None:
                yield f"  {rule.name} can't fire: {_place(rule.about)}"
                continue
            for number in range(len(rule.unless)):
                if reach(policies, but_for(rule.fires, rule.unless, number), Chance()) is None:
                    yield f"  exception {number + 1} of {rule.name} saves nothing: {_place(rule.about)}"
        for each in policy.lists:
            for item in (*each.items, *each.otherwise):
                shown = item.code or item.title.pick("zh")
                if reach(policies, _covering(each, item), Chance()) is None:
                    yield f"  item {shown} of {each.name} covers nothing: {_place(item.about)}"
                for number in range(len(item.unless)):
                    if reach(policies, item_but_for(each, item, number), Chance()) is None:
                        yield f"  exception {number + 1} of item {shown} of {each.name} saves nothing"
            for number, unless in enumerate(each.unless, 1):
                if reach(policies, (Goal(covered(each)), Goal(unless)), Chance()) is None:
                    yield f"  exception {number} of {each.name} saves nothing: {_place(each.about)}"


def _covering(task_list: p.TaskList, item: p.Item) -> tuple[Goal, ...]:
    if item.code is not None:
        return (Goal(covered(task_list, item)),)
    return Goal(task_list.governs), Goal(item.covers), Goal(covered(task_list))


def _place(about: p.About) -> str:
    return "" if about.where is None else str(about.where)


ALIVE = Property(
    "alive",
    Words("每条规定、每个例外、每个事项都管得到任务", "every rule, exception and item applies to some task"),
    search=_dead,
)


def _useless(policies: p.PolicySet) -> Iterator[str]:
    for policy in policies.policies:
        for rule in policy.rules:
            if rule.kind == "admit" and not _can_be_accepted(policies, fires=rule.name):
                yield f"  what {rule.name} admits is never accepted: {_place(rule.about)}"
        for each in policy.lists:
            for item in each.items if not each.is_ban else ():
                if item.code is not None and not _is_accepted_under_each_name(policies, each, item.code, item):
                    yield f"  item {item.code} of {each.name} is never accepted: {_place(item.about)}"


def _is_accepted_under_each_name(policies: p.PolicySet, task_list: p.TaskList, code: str, item: p.Item) -> bool:
    """Whether the item can be accepted when it is named by its title, and when it is named by its code."""
    by = (task_list.name, code)
    return all(
        _can_be_accepted(policies, covered_by=by, given={"item": name}) for name in (code, item.title.pick("zh"))
    )


def _can_be_accepted(policies: p.PolicySet, **wanted: Any) -> bool:
    try:
        tasks_where(policies, verdict="accepted", **wanted)
    except UnreachableError:
        return False
    return True


USABLE = Property(
    "usable",
    Words("准入的事项不会总被别的规定拒绝", "nothing that is admitted is always refused by something else"),
    search=_useless,
)

EVERY = (MONOTONE, ADMITTED, EXCEPTIONS_NARROW, EXPLAINED, REMEDIES, CONSTANT, SEAMLESS, PROMISES, ALIVE, USABLE)
"""Every property that needs nothing but the policies."""


# ---- properties that need to be told something ---------------------------------------------------------------------------------------


def tighter_than(other: Subject) -> Property:
    """That everything which other policies reject is rejected, and nothing that they don't accept is accepted."""
    theirs = policies_of(other)

    def look(policies: p.PolicySet, found: Facts) -> str | None:
        known = {name: value for name, value in found.items() if name in theirs.facts and name in policies.facts}
        own, given_ = _judged(policies, known), _judged(theirs, known)
        looser = (given_.status == "rejected" and own.status != "rejected") or (
            own.status == "accepted" and given_.status == "rejected"
        )
        return _pair(policies, (known, own), (known, given_)) + "\n  by the other policies" if looser else None

    return Property(
        "tighter",
        Words("另一套规定拒绝的,这里也拒绝", "what the other policies reject is rejected here"),
        lambda policies: st.one_of(known_facts(theirs), known_facts(policies)),
        look,
    )


def decides(**given: object) -> Property:
    """That tasks of which this is told are accepted or rejected once everything about them is: no gap.

    `decides(kind="work", target_kind="village")`: a set of policies that has a say on all of those.
    """

    @st.composite
    def drawn(draw: st.DrawFn, policies: p.PolicySet) -> Facts:
        start = values_of(policies, given)
        goal = Goal(draw(st.sampled_from(_applying(policies))))
        chance = Chance(draw(st.integers(0, 500)))
        found = reach(policies, (goal,), chance, start=start) or start
        return _completed(policies, found, chance)

    def look(policies: p.PolicySet, found: Facts) -> str | None:
        verdict = _judged(policies, found)
        open_ = verdict.status == "undetermined" and not any(r.kind == "narrower_policy" for r in verdict.reasons)
        return "\n".join((_shown(policies, found), _verdict(verdict))) if open_ else None

    shown = ", ".join(f"{name}: {value}" for name, value in given.items())
    return Property(
        "decides",
        Words(f"“{shown}”的任务,情况全部告知后必有结论", f"every task with {shown} is decided once all is told"),
        drawn,
        look,
    )


def _applying(policies: p.PolicySet) -> list[p.Condition]:
    """Where and when each document that decides applies."""
    return [policy.applies for policy in policies.policies if policy.decides]


def _completed(policies: p.PolicySet, found: Facts, chooser: Chance) -> Facts:
    """The facts with all others told that the task may have."""
    known = dict(found)
    for name, fact in policies.facts.items():
        if name in ("id", "title", "text") or (name in known and not isinstance(known[name], SetValue)):
            continue
        evaluator = Evaluator(policies, {each: Known(value) for each, value in known.items()})
        if fact.only_when is not None and evaluator.prove(fact.only_when).truth is not True:
            continue
        known[name] = _told(policies, fact, known.get(name), chooser)
    return known


def _told(policies: p.PolicySet, fact: p.Fact, value: Value | None, chooser: Chance) -> Value:
    if fact.type.kind == "set_of":
        told = value if isinstance(value, SetValue) else SetValue()
        more = {name for name in sorted(fact.type.names - told.excludes) if chooser.below(4) == 0}
        includes = told.includes | more
        return SetValue(includes, fact.type.names - includes)
    values = [each for each in space_of(policies).domain((fact.name, None)).values if each is not None]
    return values[chooser.below(len(values))] if values else NONE
