"""The examples of policies, judged: by each document with what it uses and implements, or by everything loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, frozen

from burdenlib import policy as p
from burdenlib.facts import Value, show
from burdenlib.intake import Case, make_case
from burdenlib.judge import judge
from burdenlib.limits import apply_limits
from burdenlib.policy import restrict
from burdenlib.questions import with_missing
from burdenlib.task import Origin, Told
from burdenlib.verdict import Verdict
from burdenlib.vocabulary import STATUSES
from burdenlib.words import Language, Words

__all__ = ["Judged", "Result", "related", "run_example", "run_examples"]


@frozen
class Judged:
    """One of the tasks that an example stands for: the values that `each` chose for it, and its answer.

    `verdict` is missing where the task could not be judged.
    """

    given: tuple[Mapping[str, Value], ...]
    chosen: Words | None
    passed: bool
    got: Words
    verdict: Verdict | None


@frozen
class Result:
    """What became of one example, and of each of the tasks that it stands for."""

    policy: p.Policy
    example: p.Example
    expected: Words
    tasks: tuple[Judged, ...]

    @property
    def passed(self) -> bool:
        """Whether every task came out as expected."""
        return not self.failures

    @property
    def failures(self) -> tuple[Judged, ...]:
        """The tasks that didn't come out as expected."""
        return tuple(task for task in self.tasks if not task.passed)

    @property
    def shown(self) -> Judged:
        """The first task that failed, else the first."""
        return next(iter(self.failures), self.tasks[0])

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on the first task that failed, else on the first."""
        return self.shown.verdict

    @property
    def got(self) -> Words:
        """What came out instead of what was expected, and for which values."""
        if len(self.tasks) == 1:
            return self.shown.got
        failures = self.failures or self.tasks
        by_answer: dict[Words, list[Words]] = {}
        for task in failures:
            by_answer.setdefault(task.got, []).append(task.chosen or Words.of(""))
        zh, en = (
            "\uff1b".join(f"{got.pick('zh')}\uff08{_listed(values, 'zh')}\uff09" for got, values in by_answer.items()),
            "; ".join(f"{got.pick('en')} ({_listed(values, 'en')})" for got, values in by_answer.items()),
        )
        count, total = len(failures), len(self.tasks)
        return Words(f"{total} 项任务中 {count} 项\uff1a{zh}", f"{count} of {total} tasks: {en}")


_MOST = 5
"""For how many values a result says that they came out alike."""


def _listed(values: Sequence[Words], language: Language) -> str:
    zh = language == "zh"
    shown = [each.pick(language) for each in values[:_MOST]]
    if (more := len(values) - len(shown)) > 0:
        shown.append(f"另有 {more} 项" if zh else f"and {more} more")
    return ("\uff1b" if zh else "; ").join(shown)


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
                yield run_example(policy, example, under)


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


def run_example(policy: p.Policy, example: p.Example, under: p.PolicySet) -> Result:
    """Judge every task that an example stands for under some documents."""
    expected = _shown(example.status, example.by, example.duties, example.asking, example.without)
    return Result(policy, example, expected, tuple(_judged(example, given, under) for given in example.tasks()))


def _judged(example: p.Example, given: tuple[Mapping[str, Value], ...], under: p.PolicySet) -> Judged:
    judged: list[tuple[Case, Verdict]] = []
    chosen = _chosen(example, given, under)
    for number, facts in enumerate(given, 1):
        told = [_told(under, name, value) for name, value in facts.items()]
        name = facts.get("id")
        case, problems = make_case(under, name if isinstance(name, str) else f"{number:04}", told)
        if problems:
            got = Words(problems[0].message("zh"), problems[0].message("en"))
            return Judged(given, chosen, passed=False, got=got, verdict=None)
        judged.append((case, judge(under, case)))
    answer = _answer(example, apply_limits(under, judged)[-1])
    if answer.passed and not example.asking:  # what is missing is looked for only where somebody asks for it
        return evolve(answer, given=given, chosen=chosen)
    judged = [(case, with_missing(under, case, verdict)) for case, verdict in judged]
    return evolve(_answer(example, apply_limits(under, judged)[-1]), given=given, chosen=chosen)


def _answer(example: p.Example, verdict: Verdict) -> Judged:
    by = tuple(reason.rule for reason in verdict.reasons if reason.rule is not None)
    if verdict.status == "accepted":
        by = tuple(each.rule for each in verdict.admitted_by)
    duties = tuple(duty.rule for duty in verdict.duties)
    asking = tuple(missing.fact for missing in verdict.missing)
    passed = (
        verdict.status == example.status
        and set(example.by) <= set(by)
        and set(example.duties) <= set(duties)
        and set(example.without).isdisjoint(duties)
        and set(example.asking) <= set(asking)
    )
    return Judged((), None, passed, _shown(verdict.status, by, duties, asking), verdict)


def _chosen(example: p.Example, given: tuple[Mapping[str, Value], ...], under: p.PolicySet) -> Words | None:
    """The values that `each` chose for a task, in words."""
    zh, en = [], []
    for number, (facts, told) in enumerate(zip(example.given, given, strict=True), 1):
        for name, value in told.items():
            if isinstance(facts[name], p.Each):
                fact = under.facts[name]
                of_zh, of_en = (f"第 {number} 项任务的", f" of task {number}") if len(given) > 1 else ("", "")
                zh.append(f"{of_zh}{fact.label.pick('zh')}\uff1a{show(fact.type, value, 'zh')}")
                en.append(f"{name}{of_en}: {show(fact.type, value, 'en')}")
    return Words("\uff0c".join(zh), ", ".join(en)) if en else None


def _told(policies: p.PolicySet, name: str, value: Value) -> Told:
    """An example speaks as whoever may tell the fact."""
    return Told(value, Origin(policies.facts[name].set_by[0]), name)


def _shown(
    status: str,
    by: tuple[str, ...],
    duties: tuple[str, ...],
    asking: tuple[str, ...],
    without: tuple[str, ...] = (),
) -> Words:
    def text(language: Language) -> str:
        zh = language == "zh"
        comma = "、" if zh else ", "
        parts = [STATUSES[status] if zh else status]
        for word, names in (
            ("根据" if zh else "by", by),
            ("附带" if zh else "with", duties),
            ("不附带" if zh else "without", without),
            ("询问" if zh else "asking", asking),
        ):
            if names:
                parts.append(f"{word} {comma.join(names)}")
        return " ".join(parts)

    return Words(text("zh"), text("en"))
