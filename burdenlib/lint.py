"""What is allowed and yet not wise: findings about policies that load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from burdenlib import policy as p
from burdenlib.answer import Coverage, Proof
from burdenlib.evaluator import Evaluator
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.problems import Problem
from burdenlib.task import Known

__all__ = ["USUAL_FACTS", "lint"]

USUAL_FACTS = (
    "title",
    "department",
    "level",
    "target",
    "target_kind",
    "kind",
    "item",
    "date",
    "role",
    "channels",
    "government_duty",
    "mandate",
    "basis",
    "approved_by",
    "funded",
)
"""The columns that a sheet of tasks usually has."""


def lint(policies: p.PolicySet) -> Iterator[Problem]:
    """The checker's own warnings and notes, and rules that ask a rare fact of most kinds of task."""
    yield from policies.findings
    for policy in policies.policies:
        for rule in policy.rules:
            if rule.kind in ("ban", "require") and (fact := _thirst(policies, policy, rule)) is not None:
                yield Problem("thirsty-rule", rule.about.where, {"name": rule.name, "fact": fact})


def _thirst(policies: p.PolicySet, policy: p.Policy, rule: p.Rule) -> str | None:
    """A fact outside the usual columns on which the rule hangs for a harmless task of more than half of all kinds."""
    kind, target_kind = policies.facts.get("kind"), policies.facts.get("target_kind")
    if kind is None or target_kind is None:
        return None
    asked = Counter(
        fact
        for each in kind.type.values
        for fact in {
            fact
            for place in target_kind.type.values
            for fact in _asked(policies, rule, _harmless(policies, policy, rule, each.name, place.name))
        }
    )
    return min((fact for fact, times in asked.items() if 2 * times > len(kind.type.values)), default=None)


def _harmless(policies: p.PolicySet, policy: p.Policy, rule: p.Rule, kind: str, target_kind: str) -> dict[str, Known]:
    """A task with the usual columns of which nothing is wrong, in the rule's place and time."""
    start = rule.about.interval.start or policy.in_force.start or date(2024, 1, 1)
    end = policy.in_force.end
    values: dict[str, Value] = {
        "title": "\u2026",
        "department": "\u2026",
        "level": "county",
        "target": (policy.place or "37") + "0" * (12 - len(policy.place or "37")),
        "target_kind": target_kind,
        "kind": kind,
        "item": "\u2026",
        "date": min(start, end) if end is not None else start,
        "role": "assist",
        "channels": SetValue(frozenset({"notice"})),
        "government_duty": False,
        "mandate": NONE,
        "basis": NONE,
        "approved_by": SetValue(),
        "funded": True,
    }
    known: dict[str, Known] = {}
    for name, value in values.items():
        fact = policies.facts.get(name)
        if fact is not None and isinstance(value, SetValue):
            known[name] = Known(SetValue(value.includes & fact.type.names, fact.type.names - value.includes))
        elif fact is not None:
            known[name] = Known(value)
    return known


def _asked(policies: p.PolicySet, rule: p.Rule, known: dict[str, Known]) -> set[str]:
    proof = Evaluator(policies, known).fires(rule)
    return {name for name in _open_facts(proof) if name not in USUAL_FACTS}


def _open_facts(proof: Proof) -> Iterator[str]:
    if proof.truth is not None:
        return
    yield from (reading.fact for reading in proof.readings if reading.value is None)
    for part in proof.parts:
        yield from _open_facts(part)
    for coverage in proof.lists:
        yield from _open_in(coverage)


def _open_in(coverage: Coverage) -> Iterator[str]:
    for part in (coverage.governs, *coverage.parts):
        yield from _open_facts(part)
    for each in coverage.instead:
        yield from _open_in(each)
