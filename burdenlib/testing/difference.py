"""Why an example got another answer than the one that it expects, in words."""

from __future__ import annotations

from collections.abc import Iterator

from burdenlib.answer import Coverage, Proof
from burdenlib.evaluator import Evaluator
from burdenlib.examples import Result
from burdenlib.explainer import explain_part
from burdenlib.problems import Where
from burdenlib.task import Known
from burdenlib.verdict import Verdict
from burdenlib.words import Language

__all__ = ["explained", "lacking"]


def explained(verdict: Verdict, language: Language) -> str:
    """The explanation, without a heading that only says how the task is called."""
    head, _, rest = verdict.explain(language).partition("\n")
    return rest if head == verdict.task else f"{head}\n{rest}"


def lacking(result: Result, language: Language) -> Iterator[str]:
    """What the example names and the answer doesn't: of a rule or a list its place and proof, or a fact."""
    verdict, example, zh = result.verdict, result.example, language == "zh"
    if verdict is None:
        return
    rests_on = {reason.rule for reason in verdict.reasons}
    if verdict.status == "accepted":
        rests_on = {each.rule for each in verdict.admitted_by}
    for names, found, words in (
        (example.by, rests_on, "结论未根据" if zh else "the answer doesn't rest on"),
        (example.duties, {duty.rule for duty in verdict.duties}, "结论未附带" if zh else "the answer comes without"),
    ):
        for name in (each for each in names if each not in found):
            yield f"{words} {name}"
            for where, part in _standing(verdict, name):
                yield f"  --> {where}"
                yield explain_part(verdict, part, language)
    owed = {duty.rule for duty in verdict.duties}
    for name in (each for each in example.without if each in owed):
        yield f"结论附带 {name}" if zh else f"the answer comes with {name}"
        for where, part in _standing(verdict, name):
            yield f"  --> {where}"
            yield explain_part(verdict, part, language)
    for fact in example.asking:
        if fact not in {missing.fact for missing in verdict.missing}:
            yield f"结论未询问 {fact}" if zh else f"the answer doesn't ask {fact}"


def _standing(verdict: Verdict, name: str) -> Iterator[tuple[Where, Proof | Coverage]]:
    """How each rule and list of a name stands to the task, and where it is written."""
    policies = verdict.policy_set
    evaluator = Evaluator(policies, {fact: Known(value) for fact, value in verdict.known.items()}, verdict.as_of)
    for policy in policies.policies:
        yield from ((rule.about.where, evaluator.fires(rule)) for rule in policy.rules if rule.name == name)
        yield from ((each.about.where, evaluator.cover(each.key)) for each in policy.lists if each.name == name)
