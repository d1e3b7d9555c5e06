"""Examples for what no example exercises, found by taking the conditions apart.

What such an example expects is what the policies say now.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from burdenlib import policy as p
from burdenlib.examples import related
from burdenlib.facts import Value
from burdenlib.policy import restrict
from burdenlib.testing.cases import Trial, answer, cases_of, meets
from burdenlib.testing.coverage import Decision, Kind, Point, Recorder, decisions
from burdenlib.testing.domains import outside
from burdenlib.testing.reach import Chance, Goal, reach
from burdenlib.words import Words

__all__ = ["FILLED", "Filled", "fill"]

FILLED: tuple[Kind, ...] = ("rules", "mcdc", "exceptions", "items", "values")
"""What examples are made for; outcomes come along."""

_SEEDS = 4


@frozen(eq=False)
class Filled:
    """An example that was made, the document that it belongs to, and what it exercises."""

    policy: p.Policy
    example: p.Example
    points: frozenset[Point]


def fill(
    policies: p.PolicySet,
    names: frozenset[str],
    tried: Iterable[Trial],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Filled, ...]:
    """Examples that exercise what the examples tried so far don't, as far as such are found."""
    asked = tuple(policy for policy in policies.policies if policy.name in names)
    recorder = Recorder(policies, asked)
    for trial in tried:
        recorder.record(trial)
    found: list[Filled] = []
    by_key = {decision.key: decision for policy in asked for decision in decisions(policy)}
    unders: dict[str, p.PolicySet] = {}
    points = [point for kind in FILLED for point in recorder.points if point.kind == kind]
    for number, point in enumerate(points, 1):
        if not any(hits.get(point) for hits in recorder.hits.values()):
            decision = by_key[point.decision]
            policy = decision.policy
            if policy.key not in unders:
                unders[policy.key] = restrict(policies, related(policies, policy))
            example = _example(unders[policy.key], decision, point)
            if example is not None:
                points_of = recorder.record(Trial(policy, example, unders[policy.key], next(example.tasks())))
                found.append(Filled(policy, example, points_of))
        if progress is not None:
            progress(number, len(points))
    return tuple(_needed(found, recorder.hits[False]))


def _needed(found: Sequence[Filled], written: Mapping[Point, int]) -> list[Filled]:
    """The examples without those that exercise nothing but what others do."""
    counts = Counter(point for each in found for point in each.points if point.kind in FILLED)
    kept: list[Filled] = []
    for each in reversed(found):
        points = [point for point in each.points if point.kind in FILLED and point not in written]
        if any(counts[point] == 1 for point in points):
            kept.append(each)
        else:
            counts.subtract(points)
    return kept[::-1]


def _example(under: p.PolicySet, decision: Decision, point: Point) -> p.Example | None:
    goals = [*_where(decision), *_goals(decision, point)]
    start: Mapping[str, Value] = {}
    if decision.item is not None and decision.item.code is not None:
        start = {"item": decision.item.title.pick("zh")}
    beyond = outside(under)
    starts = (start, *(() if beyond is None else ({**start, "target": beyond},)))
    for begin, seed in itertools.product(starts, range(_SEEDS)):
        facts = reach(under, goals, Chance(seed), start=begin)
        if facts and (example := _expecting(under, decision.policy, facts, _title(decision, point))) is not None:
            return example
    return None


def _expecting(under: p.PolicySet, policy: p.Policy, facts: Mapping[str, Value], title: Words) -> p.Example | None:
    """A task as an example that expects what it gets."""
    example = p.Example(title, (facts,), "undetermined", (), (), (), (), policy.span)
    cases = cases_of(under, (facts,))
    if cases is None:
        return None
    verdict = answer(under, cases, asking=False)
    if verdict.status == "accepted":
        by = [each.rule for each in verdict.admitted_by]
    else:
        by = [each.rule for each in verdict.reasons if each.rule is not None and verdict.status == "rejected"]
    duties = tuple(dict.fromkeys(duty.rule for duty in verdict.duties))
    example = evolve(example, status=verdict.status, by=tuple(dict.fromkeys(by))[:2], duties=duties[:2])
    return example if meets(example, under, cases) else None


# ---- what has to hold ------------------------------------------------------------------------------------------------------------


def _where(decision: Decision) -> Iterator[Goal]:
    """That a decision counts."""
    if not decision.is_document and decision.key != "":
        yield Goal(decision.policy.applies)
    if decision.task_list is not None:
        yield Goal(decision.task_list.governs)
        if decision.item is None:
            yield Goal(p.OnList((decision.task_list.key,)))


def _goals(decision: Decision, point: Point) -> Iterator[Goal]:
    match point.kind:
        case "rules" | "items":
            yield Goal(decision.condition)
        case "exceptions":
            yield from _excepted(decision.condition, point.number)
        case "mcdc":
            yield from _alone(decision.condition, point.number, truth=point.outcome == "true")
        case "values":
            leaf = _leaves(decision.condition)[point.number]
            (fact, *_) = p.facts_of(leaf)
            if isinstance(leaf, p.Contains):
                yield Goal(p.Contains(fact, (point.outcome,)))
            else:
                yield Goal(p.Equal(fact, point.outcome))


def _excepted(condition: p.Condition, number: int) -> Iterator[Goal]:
    """That one exception holds and everything else of a decision does."""
    seen = -1
    for part in p.parts_of(condition):
        is_exception = part.clause == "unless" and isinstance(part, p.Not)
        seen += is_exception
        yield Goal(part, not (is_exception and seen == number))


def _leaves(condition: p.Condition) -> list[p.Condition]:
    return [leaf for leaf in p.leaves(condition) if not (isinstance(leaf, p.InForce) and leaf.interval.is_always)]


def _alone(condition: p.Condition, number: int, *, truth: bool) -> Iterator[Goal]:
    """That one condition inside a decision has a truth and alone decides the outcome."""
    match condition:
        case p.All(parts) | p.Any(parts):
            before = 0
            for part in parts:
                count = len(_leaves(part))
                if before <= number < before + count:
                    yield from _alone(part, number - before, truth=truth)
                else:
                    yield Goal(part, isinstance(condition, p.All))
                before += count
        case p.Not(part):
            yield from _alone(part, number, truth=truth)
        case _:
            yield Goal(condition, truth)


# ---- titles ------------------------------------------------------------------------------------------------------------------------

_MARKS = str.maketrans("", "", '"\u201c\u201d\uff02')


def _title(decision: Decision, point: Point) -> Words:
    name = decision.key.removeprefix(f"{decision.policy.key}.").removeprefix(decision.policy.key) or "-"
    text = point.text.translate(_MARKS)
    zh, en = {
        "rules": ("适用", "applies"),
        "items": ("覆盖", "covers"),
        "exceptions": (f"只因例外 {text} 而不适用", f"saved by {text} alone"),
        "values": (f"{text}\uff1a{point.outcome}", f"{text}: {point.outcome}"),
        "mcdc": (
            f"只由 {text} {'成立' if point.outcome == 'true' else '不成立'}决定\uff08{point.number + 1}\uff09",
            f"decided by {text} being {point.outcome} ({point.number + 1})",
        ),
    }[point.kind]
    return Words(f"自动生成\uff1a{name}\uff0c{zh}", f"generated: {name}, {en}")
