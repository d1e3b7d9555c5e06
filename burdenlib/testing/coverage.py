"""What the examples of policies exercise, counted over the checked policy: layout doesn't change it.

A *decision* is a condition that stands by itself: place and time of a document, the condition of a rule, what a list
governs, what an item covers, what keeps a ban list from rejecting, what a term means. A *condition* is a part of a
decision that has no parts. A decision is looked at only where it counts: that of a rule where its document applies, that
of an item where its list governs the task and the item has the task's code or title.

`mcdc` is masking MC/DC (as in Chilenski's and CAST-6's account of it) for three values. An example shows that a
condition matters with the value that it has (true or false) if the condition alone decides the outcome there: at each
`and` above it every other part is true, and at each `or` every other part is false. A part that is unknown masks as
a wrong value does, so that an unknown outcome shows nothing. A condition counts once it is shown with both values;
it stands in one place of a tree of `and`, `or` and `not`, so that the two outcomes are then unlike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from attrs import field, frozen

from burdenlib import policy as p
from burdenlib.evaluator import Evaluator, find_items
from burdenlib.facts import SetValue
from burdenlib.logic import Truth
from burdenlib.problems import Where
from burdenlib.testing.cases import Trial, cases_of, is_generated

__all__ = ["KINDS", "Coverage", "Decision", "Kind", "Point", "Recorder", "decisions", "measure"]

Kind = Literal["rules", "exceptions", "items", "values", "outcomes", "mcdc"]
KINDS: tuple[Kind, ...] = ("rules", "exceptions", "items", "values", "outcomes", "mcdc")

_OUTCOMES: Mapping[Truth, str] = {True: "true", False: "false", None: "unknown"}


@frozen(eq=False)
class Decision:
    """A condition that stands by itself, and where it counts.

    `item` is an item of `task_list`; a ban list without one stands for what keeps it from rejecting.
    """

    key: str
    policy: p.Policy
    condition: p.Condition
    where: Where
    rule: p.Rule | None = None
    task_list: p.TaskList | None = None
    item: p.Item | None = None
    is_document: bool = False


@frozen
class Point:
    """One thing that an example can exercise.

    `decision` names the rule, list, item or term; `number` tells the conditions of a decision apart; `outcome` is a
    value, or `true`, `false` or `unknown`.
    """

    kind: Kind
    decision: str
    number: int = 0
    outcome: str = ""
    text: str = field(default="", eq=False)
    where: Where = field(default=None, eq=False, repr=False)


@frozen(eq=False)
class Coverage:
    """Every point of the documents that were asked for, and how many tasks of examples of each sort exercise it."""

    policies: tuple[p.Policy, ...]
    points: tuple[Point, ...]
    written: Mapping[Point, int]
    generated: Mapping[Point, int]

    def seen(self, point: Point, *, written: bool = False) -> bool:
        """Whether an example exercises a point; with `written` only those count that were written by hand."""
        return bool(self.written.get(point) or (not written and self.generated.get(point)))

    def of(self, kind: Kind) -> tuple[Point, ...]:
        """The points of one kind."""
        return tuple(point for point in self.points if point.kind == kind)

    def missing(self, kind: Kind, *, written: bool = False) -> tuple[Point, ...]:
        """The points of one kind that no example exercises."""
        return tuple(point for point in self.of(kind) if not self.seen(point, written=written))

    def counts(self, kind: Kind, *, written: bool = False) -> tuple[int, int]:
        """How many points of one kind are exercised, and of how many. A condition of `mcdc` needs both its values."""
        points = self.of(kind)
        missing = self.missing(kind, written=written)
        if kind == "mcdc":
            return len(_conditions(points)) - len(_conditions(missing)), len(_conditions(points))
        return len(points) - len(missing), len(points)

    def fraction(self, kind: Kind, *, written: bool = False) -> float:
        """The exercised part of the points of one kind; 1 where there are none."""
        seen, total = self.counts(kind, written=written)
        return seen / total if total else 1.0


def _conditions(points: Iterable[Point]) -> set[tuple[str, int]]:
    return {(point.decision, point.number) for point in points}


def measure(policies: p.PolicySet, names: frozenset[str], tried: Iterable[Trial]) -> Coverage:
    """What examples exercise of the documents with these names, under which they are judged."""
    asked = tuple(policy for policy in policies.policies if policy.name in names)
    recorder = Recorder(policies, asked)
    for trial in tried:
        recorder.record(trial)
    return Coverage(asked, recorder.points, recorder.hits[False], recorder.hits[True])


# ---- what there is to exercise ----------------------------------------------------------------------------------------------


def decisions(policy: p.Policy) -> Iterator[Decision]:
    """The decisions of a document."""
    if policy.decides:
        yield Decision(policy.key, policy, policy.applies, policy.span, is_document=True)
    for rule in policy.rules:
        yield Decision(rule.key, policy, _own(rule.fires), rule.about.where, rule=rule)
    for each in policy.lists:
        yield Decision(each.key, policy, _own(each.governs), each.about.where)
        if each.unless:
            stays = p.All(tuple(p.Not(unless, clause="unless") for unless in each.unless))
            yield Decision(f"{each.key} unless", policy, stays, each.about.where, task_list=each)
        for number, item in enumerate((*each.items, *each.otherwise), 1):
            key = f"{each.key}[{item.code or f'otherwise {number - len(each.items)}'}]"
            if item.code is not None and len(each.by_code.get(item.code, ())) > 1:
                key += f"#{number}"
            yield Decision(key, policy, item.covers, item.about.where, task_list=each, item=item)
    for term in policy.terms:
        yield Decision(term.key, policy, term.condition, policy.span)


def _own(condition: p.Condition) -> p.Condition:
    """A rule's or a list's condition without place and time of its document, which stand first."""
    assert isinstance(condition, p.All)
    return p.All(condition.parts[1:])


def _is_plain(leaf: p.Condition) -> bool:
    """Whether a condition is always true, and nothing to exercise."""
    return isinstance(leaf, p.InForce) and leaf.interval.is_always


def _leaves(decision: Decision) -> list[p.Condition]:
    return [leaf for leaf in p.leaves(decision.condition) if not _is_plain(leaf)]


def _shown(leaf: p.Condition) -> str:
    if leaf.syntax is not None:
        return " ".join(leaf.syntax.span.text.split())
    match leaf:
        case p.InForce(interval):
            return f"{interval.start or ''}..{interval.end or ''}"
        case p.Inside(fact, places):
            return f"{fact} within {', '.join(places)}"
    return type(leaf).__name__


def _place_of(leaf: p.Condition, decision: Decision) -> Where:
    return decision.where if leaf.syntax is None else leaf.syntax.span


class Recorder:
    """Every point of some documents, and the examples that exercise it."""

    def __init__(self, policies: p.PolicySet, asked: tuple[p.Policy, ...]) -> None:
        self.policies = policies
        self.decisions = {policy.key: tuple(decisions(policy)) for policy in asked}
        self.hits: dict[bool, dict[Point, int]] = {False: {}, True: {}}
        self.points = tuple(
            dict.fromkeys(
                point for each in self.decisions.values() for decision in each for point in self._all(decision)
            )
        )

    def _all(self, decision: Decision) -> Iterator[Point]:
        if decision.rule is not None:
            yield Point("rules", decision.key, where=decision.where)
        if decision.item is not None:
            text = decision.item.title.pick("zh")
            yield Point("items", decision.key, text=text, where=decision.where)
        for number, part in enumerate(_exceptions(decision.condition)):
            yield Point("exceptions", decision.key, number, "", _shown(part), _place_of(part, decision))
        leaves = _leaves(decision)
        if len(leaves) > 1:
            for outcome in self._possible(decision, None):
                yield Point("outcomes", decision.key, -1, outcome, where=decision.where)
        for number, leaf in enumerate(leaves):
            text, where = _shown(leaf), _place_of(leaf, decision)
            for outcome in self._possible(decision, leaf):
                yield Point("outcomes", decision.key, number, outcome, text, where)
            for outcome in ("true", "false"):
                yield Point("mcdc", decision.key, number, outcome, text, where)
            for value in self._values(leaf):
                yield Point("values", decision.key, number, value, text, where)

    def _possible(self, decision: Decision, leaf: p.Condition | None) -> tuple[str, ...]:
        """What a condition can come to where it counts: what depends on known facts only is never unknown."""
        told = set() if decision.is_document else set(_told(decision))
        leaves = _leaves(decision) if leaf is None else [leaf]
        read = {name for each in leaves for name in p.facts_of(each)}
        simple = not any(isinstance(each, p.TermUse | p.OnList | p.OnAnyList | p.Mentions) for each in leaves)
        return ("true", "false") if simple and read <= told else ("true", "false", "unknown")

    def _values(self, leaf: p.Condition) -> tuple[str, ...]:
        """The enumerated values that a condition names."""
        match leaf:
            case p.Equal(fact, value) | p.Compare(fact, _, value) if isinstance(value, str):
                named: tuple[object, ...] = (value,)
            case p.Member(fact, values):
                named = values
            case p.Contains(fact, names):
                named = names
            case _:
                return ()
        declared = self.policies.facts.get(fact)
        if declared is None or declared.type.kind not in ("one_of", "ordered", "set_of"):
            return ()
        return tuple(dict.fromkeys(value for value in named if isinstance(value, str)))

    # ---- examples ---------------------------------------------------------------------------------------------------------

    def record(self, trial: Trial) -> frozenset[Point]:
        """Note and give what a task of an example exercises."""
        cases = cases_of(trial.under, trial.given)
        found: set[Point] = set()
        for case in cases or ():
            evaluator = Evaluator(trial.under, case.known, case.as_of)
            for policy in trial.under.policies:
                for decision in self.decisions.get(policy.key, ()):
                    if _counts(decision, evaluator):
                        found.update(self._exercised(decision, evaluator))
        hits = self.hits[is_generated(trial.example)]
        for point in found:
            hits[point] = hits.get(point, 0) + 1
        return frozenset(found)

    def _exercised(self, decision: Decision, evaluator: Evaluator) -> Iterator[Point]:
        truth = evaluator.prove(decision.condition).truth
        if truth and decision.rule is not None:
            yield Point("rules", decision.key)
        if truth and decision.item is not None:
            yield Point("items", decision.key)
        for number in _excepting(decision.condition, evaluator):
            yield Point("exceptions", decision.key, number)
        shown = list(_marked(decision.condition, evaluator, alone=True))
        if len(shown) > 1:
            yield Point("outcomes", decision.key, -1, _OUTCOMES[truth])
        for number, (leaf, outcome, alone) in enumerate(shown):
            yield Point("outcomes", decision.key, number, _OUTCOMES[outcome])
            if alone and outcome is not None:
                yield Point("mcdc", decision.key, number, _OUTCOMES[outcome])
            for value in self._values(leaf):
                if _has(evaluator, leaf, value):
                    yield Point("values", decision.key, number, value)


def _told(decision: Decision) -> Iterator[str]:
    """The facts that are known wherever a decision counts."""
    for leaf in p.leaves(decision.policy.applies):
        yield from p.facts_of(leaf)
    if decision.item is not None:
        yield "item"


def _counts(decision: Decision, evaluator: Evaluator) -> bool:
    """Whether a decision has a say in a task."""
    if decision.is_document:
        return True
    if decision.rule is None and decision.key in evaluator.policies.terms:
        return True
    if not evaluator.prove(decision.policy.applies).truth:
        return False
    task_list, item = decision.task_list, decision.item
    if task_list is None:
        return True
    if item is None:
        return bool(evaluator.cover(task_list.key).truth)
    value = evaluator.read("item").value
    if not isinstance(value, str) or not evaluator.prove(task_list.governs).truth:
        return False
    found = find_items(task_list, value)
    return item in found if item.code is not None else not found


def _exceptions(condition: p.Condition) -> Iterator[p.Condition]:
    for part in p.parts_of(condition):
        if part.clause == "unless" and isinstance(part, p.Not):
            yield part.part


def _excepting(condition: p.Condition, evaluator: Evaluator) -> Iterator[int]:
    """The exceptions that alone keep a decision from being true."""
    truths = [(part, evaluator.prove(part).truth) for part in p.parts_of(condition)]
    number = 0
    for part, truth in truths:
        if part.clause == "unless" and isinstance(part, p.Not):
            if truth is False and all(other for each, other in truths if each is not part):
                yield number
            number += 1


def _marked(condition: p.Condition, evaluator: Evaluator, *, alone: bool) -> Iterator[tuple[p.Condition, Truth, bool]]:
    """The conditions inside a decision in order: what each comes to, and whether it alone decides the outcome."""
    match condition:
        case p.All(parts) | p.Any(parts):
            truths = [evaluator.prove(part).truth for part in parts]
            neutral = isinstance(condition, p.All)
            for index, part in enumerate(parts):
                others = truths[:index] + truths[index + 1 :]
                yield from _marked(part, evaluator, alone=alone and all(each is neutral for each in others))
        case p.Not(part):
            yield from _marked(part, evaluator, alone=alone)
        case _ if not _is_plain(condition):
            yield condition, evaluator.prove(condition).truth, alone


def _has(evaluator: Evaluator, leaf: p.Condition, value: str) -> bool:
    """Whether the fact that a condition reads has one of the values that it names."""
    (fact, *_) = p.facts_of(leaf)
    found = evaluator.read(fact).value
    return value in found.includes if isinstance(found, SetValue) else found == value
