"""From what is told of a task to a case that can be judged: strictness, contradictions, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from attrs import field, frozen

from burdenlib import policy as p
from burdenlib.evaluator import Evaluator, nonexistent_value
from burdenlib.facts import SetValue, Value, show
from burdenlib.problems import Problem
from burdenlib.source import Cell
from burdenlib.task import Conflict, Known, Told, gather
from burdenlib.wording import origin_text
from burdenlib.words import Words

__all__ = ["Case", "make_case"]


@frozen
class Case:
    """A task ready to be judged: what is known of it, what of that is assumed or only claimed, what went wrong."""

    task: str
    known: Mapping[str, Known]
    assumed: Mapping[str, Value] = field(factory=dict)
    claimed: tuple[str, ...] = ()
    errors: tuple[Words, ...] = ()
    as_of: date | None = None


def make_case(
    policies: p.PolicySet,
    task: str,
    told: Iterable[Told],
    *,
    derived: Iterable[Told] = (),
    errors: Iterable[Words] = (),
    as_of: date | None = None,
    assume: Mapping[str, Value] | None = None,
    assume_usual: bool = False,
    strict: bool = False,
) -> tuple[Case, tuple[Problem, ...]]:
    """Put together what is known of a task, and say what can't be used.

    A fact that someone tells who isn't its `set by` is claimed, and with `strict` it isn't known. Contradictions
    leave a fact unknown. An assumption about a told fact, and a fact told of a task that can't have it, are problems;
    what plugins derived for a task that can't have it is left out, with an error.
    """
    own, derived = tuple(told), tuple(derived)
    known, _ = gather(own)
    problems = list(_misplaced(policies, task, known, as_of))
    errors = list(errors)
    impossible = {problem.details["fact"] for problem in _misplaced(policies, task, gather(derived)[0] | known, as_of)}
    for each in derived:
        if each.fact in impossible and not any(other.fact == each.fact for other in own):
            errors.append(_dropped(policies, each))
            derived = tuple(other for other in derived if other is not each)
    statements = (*own, *derived)
    rightful = {each.fact for each in statements if _may_tell(policies, each)}
    claimed = tuple(sorted({each.fact for each in statements} - rightful))
    known, conflicts = gather(each for each in statements if not strict or _may_tell(policies, each))
    assumed: dict[str, Value] = {}
    for name, value in (assume or {}).items():
        if name in known:
            problems.append(Problem("assumed-but-told", Cell(task), {"fact": name, "task": task}))
        else:
            assumed[name] = value
    if assume_usual:
        evaluator = Evaluator(policies, known, as_of)
        for fact in policies.facts.values():
            untold = fact.name not in known and fact.name not in assumed
            if fact.usually is not None and untold and evaluator.read(fact.name).value is None:
                assumed[fact.name] = fact.usually
    known |= {name: Known(value, assumed=True) for name, value in assumed.items()}
    messages = (*errors, *(_conflict(policies, conflict) for conflict in conflicts))
    return Case(task, known, assumed, claimed, messages, as_of), tuple(problems)


def _may_tell(policies: p.PolicySet, told: Told) -> bool:
    fact = policies.facts[told.fact]
    return fact.is_identity or told.origin.teller in fact.set_by


def _misplaced(policies: p.PolicySet, task: str, known: Mapping[str, Known], as_of: date | None) -> Iterable[Problem]:
    """Facts told of a task for which, by their `only when`, they don't exist."""
    evaluator = Evaluator(policies, known, as_of)
    for name, each in known.items():
        fact = policies.facts[name]
        if fact.only_when is None or evaluator.prove(fact.only_when).truth is not False:
            continue
        expected = nonexistent_value(fact)
        empty = isinstance(each.value, SetValue) and not each.value.includes
        if each.value != expected and not empty:
            origin = each.told[0].origin if each.told else None
            where = origin.cell if origin is not None and origin.cell is not None else Cell(task, None, name)
            shown = Words(show(fact.type, each.value, "zh"), show(fact.type, each.value, "en"))
            yield Problem("misplaced-fact", where, {"fact": name, "task": task, "value": shown})


def _dropped(policies: p.PolicySet, told: Told) -> Words:
    fact = policies.facts[told.fact]
    source = told.origin.source or "?"
    return Words(
        f"{source} 告知了此类任务没有的要素“{fact.label.pick('zh')}”，未予采用",
        f"{source} told `{fact.name}`, which doesn't exist for such a task; it was left out",
    )


def _conflict(policies: p.PolicySet, conflict: Conflict) -> Words:
    fact = policies.facts[conflict.fact]
    zh = fact.label.pick("zh")
    en = fact.name
    if conflict.value is not None:
        zh += f"“{fact.type.words(conflict.value).pick('zh')}”"
        en += f" `{conflict.value}`"
    one, other = conflict.one, conflict.other
    values = [
        [show(fact.type, each.value, language) for each in (one, other)]  # type: ignore[arg-type]  # values were read
        for language in ("zh", "en")
    ]
    sources = [[origin_text(each.origin, language) or "?" for each in (one, other)] for language in ("zh", "en")]
    return Words(
        f"{zh}的来源互相矛盾：{sources[0][0]} 称 {values[0][0]},{sources[0][1]} 称 {values[0][1]}；按未告知处理",
        f"sources contradict each other about {en}: {sources[1][0]} says {values[1][0]}, {sources[1][1]} says "
        f"{values[1][1]}; it counts as not told",
    )
