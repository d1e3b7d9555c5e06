"""Examples as cases: which documents judge them, what is told in them, and whether an answer is the expected one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from burdenlib import policy as p
from burdenlib.examples import related
from burdenlib.facts import Value
from burdenlib.intake import Case, make_case
from burdenlib.judge import judge
from burdenlib.limits import apply_limits
from burdenlib.policy import restrict
from burdenlib.questions import with_missing
from burdenlib.task import Origin, Told
from burdenlib.verdict import Verdict

__all__ = [
    "GENERATED",
    "KINDS_OF_EXAMPLES",
    "Given",
    "Trial",
    "answer",
    "cases_of",
    "chosen",
    "is_generated",
    "meets",
    "trials",
]

GENERATED = ("自动生成", "generated")
"""How the title of an example begins that a program has made; all others were written by hand."""


def is_generated(example: p.Example) -> bool:
    """Whether a program has made the example, as its title says."""
    return any(title is not None and title.startswith(GENERATED) for title in (example.title.zh, example.title.en))


KINDS_OF_EXAMPLES = ("all", "written", "generated")


def chosen(example: p.Example, kind: str) -> bool:
    """Whether an example is one of a kind."""
    return kind == "all" or is_generated(example) == (kind == "generated")


Given = tuple[Mapping[str, Value], ...]
"""What is told of a task, or of each task of a portfolio."""


@frozen(eq=False)
class Trial:
    """One task, or portfolio, of an example, with its document and the documents under which it is judged."""

    policy: p.Policy
    example: p.Example
    under: p.PolicySet
    given: Given


def trials(policies: p.PolicySet, names: frozenset[str], *, everything: bool = False) -> Iterator[Trial]:
    """Every task of the examples of the documents with these names, as `burdenlib test` judges them."""
    for policy in policies.policies:
        if policy.examples and policy.name in names:
            under = policies if everything else restrict(policies, related(policies, policy))
            for example in policy.examples:
                yield from (Trial(policy, example, under, given) for given in example.tasks())


def cases_of(under: p.PolicySet, given: Given) -> tuple[Case, ...] | None:
    """A task, or the tasks of a portfolio, or `None` if one can't be judged as it is told."""
    cases = []
    for number, facts in enumerate(given, 1):
        told = [
            Told(value, Origin(under.facts[name].set_by[0]), name)
            for name, value in facts.items()
            if name in under.facts
        ]
        name = facts.get("id")
        case, problems = make_case(under, name if isinstance(name, str) else f"{number:04}", told)
        if problems:
            return None
        cases.append(case)
    return tuple(cases)


def answer(under: p.PolicySet, cases: Sequence[Case], *, asking: bool = True) -> Verdict:
    """The verdict on the last of the tasks; without `asking` what is missing isn't looked for."""
    judged = [(case, judge(under, case)) for case in cases]
    if asking:
        judged = [(case, with_missing(under, case, verdict)) for case, verdict in judged]
    return apply_limits(under, judged)[-1]


def meets(example: p.Example, under: p.PolicySet, cases: Sequence[Case]) -> bool:
    """Whether the answer is the one that an example expects."""
    verdict = answer(under, cases, asking=False)
    if verdict.status != example.status:
        return False
    if verdict.status == "accepted":
        by = {each.rule for each in verdict.admitted_by}
    else:
        by = {reason.rule for reason in verdict.reasons if reason.rule is not None}
    duties = {duty.rule for duty in verdict.duties}
    if not set(example.by) <= by or not set(example.duties) <= duties or not duties.isdisjoint(example.without):
        return False
    if not example.asking:
        return True
    return set(example.asking) <= {missing.fact for missing in answer(under, cases).missing}
