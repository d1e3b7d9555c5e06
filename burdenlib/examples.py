"""The examples of policies, judged: by each document with what it uses and implements, or by everything loaded."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from burdenlib import policy as p
from burdenlib.facts import Value
from burdenlib.intake import Case, make_case
from burdenlib.judge import judge
from burdenlib.limits import apply_limits
from burdenlib.policy import restrict
from burdenlib.questions import with_missing
from burdenlib.task import Origin, Told
from burdenlib.verdict import Verdict
from burdenlib.vocabulary import STATUSES
from burdenlib.words import Language, Words

__all__ = ["Result", "run_examples"]


@frozen
class Result:
    """What became of one example; `verdict` is missing where its task could not be judged."""

    policy: p.Policy
    example: p.Example
    passed: bool
    expected: Words
    got: Words
    verdict: Verdict | None


def run_examples(
    policies: p.PolicySet, names: frozenset[str] | None = None, *, everything: bool = False
) -> Iterator[Result]:
    """Judge the examples of the documents with these names (`None`: of all).

    An example is judged under its own document and those that it uses, implements or refers to; with `everything`
    under all that is loaded.
    """
    for policy in policies.policies:
        if policy.examples and (names is None or policy.name in names):
            under = policies if everything else restrict(policies, related(policies, policy))
            for example in policy.examples:
                yield _run(policy, example, under)


def related(policies: p.PolicySet, policy: p.Policy) -> frozenset[str]:
    """The names of a document and of all that it rests on."""
    names: set[str] = set()
    todo = {"core", policy.name}
    while todo:
        name = todo.pop()
        names.add(name)
        for each in policies.policies:
            if each.name == name:
                todo |= {*each.uses, *_referred(policies, each)} - names
    return frozenset(names)


def _referred(policies: p.PolicySet, policy: p.Policy) -> Iterator[str]:
    conditions = [rule.fires for rule in policy.rules] + [term.condition for term in policy.terms]
    for each in policy.lists:
        conditions += [each.governs, *each.unless, *(item.covers for item in (*each.items, *each.otherwise))]
        yield from (policies.owner[key].name for key in each.implements)
    for rule in policy.rules:
        yield from (policies.owner[key].name for key in rule.to or ())
    for condition in conditions:
        for leaf in p.leaves(condition):
            match leaf:
                case p.OnList(keys) | p.TermUse(keys) | p.Mentions(keys):
                    yield from (policies.owner[key].name for key in keys)


def _run(policy: p.Policy, example: p.Example, under: p.PolicySet) -> Result:
    judged: list[tuple[Case, Verdict]] = []
    expected = _shown(example.status, example.by, example.duties, example.asking)
    for number, given in enumerate(example.given, 1):
        told = [_told(under, name, value) for name, value in given.items()]
        name = given.get("id")
        case, problems = make_case(under, name if isinstance(name, str) else f"{number:04}", told)
        if problems:
            got = Words(problems[0].message("zh"), problems[0].message("en"))
            return Result(policy, example, passed=False, expected=expected, got=got, verdict=None)
        judged.append((case, with_missing(under, case, judge(under, case))))
    verdict = apply_limits(under, judged)[-1]
    by = tuple(reason.rule for reason in verdict.reasons if reason.rule is not None)
    if verdict.status == "accepted":
        by = tuple(each.rule for each in verdict.admitted_by)
    duties = tuple(duty.rule for duty in verdict.duties)
    asking = tuple(missing.fact for missing in verdict.missing)
    passed = (
        verdict.status == example.status
        and set(example.by) <= set(by)
        and set(example.duties) <= set(duties)
        and set(example.asking) <= set(asking)
    )
    return Result(policy, example, passed, expected, _shown(verdict.status, by, duties, asking), verdict)


def _told(policies: p.PolicySet, name: str, value: Value) -> Told:
    """An example speaks as whoever may tell the fact."""
    return Told(value, Origin(policies.facts[name].set_by[0]), name)


def _shown(status: str, by: tuple[str, ...], duties: tuple[str, ...], asking: tuple[str, ...]) -> Words:
    def text(language: Language) -> str:
        zh = language == "zh"
        comma = "、" if zh else ", "
        parts = [STATUSES[status] if zh else status]
        for word, names in (
            ("根据" if zh else "by", by),
            ("附带" if zh else "with", duties),
            ("询问" if zh else "asking", asking),
        ):
            if names:
                parts.append(f"{word} {comma.join(names)}")
        return " ".join(parts)

    return Words(text("zh"), text("en"))
