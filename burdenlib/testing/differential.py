"""Any two implementations of the language, asked the same: where they contradict each other, the least that shows it.

`agree(INTERPRETER, COMPILED)` draws policies and tasks; with `policies` it draws tasks for those. A disagreement is
an error whose text is a policy, a task and the two answers. Any other way to judge tasks joins in as an `Implementation`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from attrs import frozen
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from burdenlib import policy as p
from burdenlib.engine import Engine
from burdenlib.problems import PolicyError, TaskError
from burdenlib.testing.generated import Made, chains, doors_with_limits, policy_sets, reaches, texts_of
from burdenlib.testing.implementations import Implementation, Question, Reply
from burdenlib.testing.reach import Chance, Chooser
from burdenlib.testing.smaller import Texts, smallest
from burdenlib.testing.strategies import Subject, drawn_day, drawn_portfolio, drawn_task, policies_of

__all__ = [
    "Disagreement",
    "DisagreementError",
    "agree",
    "agreement",
    "compare",
    "drawn_question",
    "generated",
    "smaller",
]

# ---- disagreements ---------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Disagreement:
    """Policies and tasks of which two implementations say what can't both be so, and in which parts of the answer."""

    texts: Texts
    question: Question
    number: int
    names: tuple[str, str]
    replies: tuple[Reply, Reply]
    parts: tuple[str, ...]

    def __str__(self) -> str:
        task = self.question.tasks[self.number]
        told = "\n".join(f"  {name}: {_shown(value)}" for name, value in task.items())
        day = "" if self.question.as_of is None else f"\nas of {self.question.as_of.isoformat()}"
        others = "".join(
            "\nafter\n" + "\n".join(f"  {name}: {_shown(value)}" for name, value in each.items())
            for index, each in enumerate(self.question.tasks)
            if index != self.number
        )
        policies = "\n".join(text.strip() + "\n" for text in self.texts.values())
        title = f"{self.names[0]} and {self.names[1]} disagree on the {', '.join(self.parts)}"
        return f"{title}\n\n{policies}\ntask\n{told}{others}{day}\n\n{self._table()}"

    def _table(self) -> str:
        rows = [("", *self.names)]
        for name in ("status", "reasons", "admitted_by", "duties", "missing", "open"):
            cells = [_cell(getattr(reply, name)) for reply in self.replies]
            if not {*cells} <= {"", "none"}:
                rows.append((name, cells[0] or "(says nothing)", cells[1] or "(says nothing)"))
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        return "\n".join(f"{a.ljust(widths[0])}  {b.ljust(widths[1])}  {c}".rstrip() for a, b, c in rows)


class DisagreementError(AssertionError):
    """Two implementations contradict each other; `disagreement` is the least that shows it."""

    def __init__(self, disagreement: Disagreement) -> None:
        super().__init__(str(disagreement))
        self.disagreement = disagreement


def _shown(value: object) -> str:
    match value:
        case set() | frozenset() | list() | tuple():
            return "{" + ", ".join(sorted(map(str, value))) + "}"
        case dict():
            return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
        case bool():
            return "yes" if value else "no"
    return str(value)


def _cell(part: object) -> str:
    match part:
        case None:
            return ""
        case str():
            return part
        case frozenset():
            return ", ".join(sorted(map(_pair, part))) or "none"
    raise AssertionError(part)


def _pair(each: object) -> str:
    return each if isinstance(each, str) else " ".join(str(part) for part in each if part not in (None, False))  # type: ignore[attr-defined]


def compare(implementations: Sequence[Implementation], engine: Engine, question: Question) -> Disagreement | None:
    """The first task of a question on which one of the implementations contradicts the first of them."""
    first, *others = implementations
    expected = first.ask(engine, question)
    for other in others:
        for number, (one, two) in enumerate(zip(expected, other.ask(engine, question), strict=True)):
            if parts := first.differs(one, other, two):
                texts = {policy.file: policy.span.source.text for policy in engine.policies.policies}
                return Disagreement(texts, question, number, (first.name, other.name), (one, two), parts)
    return None


def smaller(found: Disagreement, implementations: Sequence[Implementation], engine: Engine) -> Disagreement:
    """The least that shows a disagreement of the same kind.

    It is between the same two, with the same answers for reasons of the same kinds.
    """
    two = [each for each in implementations if each.name in found.names]
    question = found.question
    if not question.together:
        question = Question((question.tasks[found.number],), as_of=question.as_of)
    last = found

    def shows(texts: Texts, asked: Question) -> bool:
        nonlocal last
        try:
            other = compare(two, Engine.load(texts=texts), asked)
        except (PolicyError, TaskError, KeyError):
            return False
        if other is None or _kind(other) != _kind(found):
            return False
        last = Disagreement(texts, asked, other.number, other.names, other.replies, other.parts)
        return True

    smallest(engine.policies, question, shows)
    return last


def _kind(found: Disagreement) -> tuple[object, ...]:
    kinds = (frozenset(kind for kind, _ in reply.reasons or ()) for reply in found.replies)
    return found.names, found.parts, *(reply.status for reply in found.replies), *kinds


# ---- what is asked ---------------------------------------------------------------------------------------------------------


def generated(*, together: bool = False) -> st.SearchStrategy[tuple[Made, ...]]:
    """Sets of generated policies; for portfolios, such as have limits."""
    if together:
        return st.tuples(doors_with_limits()) | st.tuples(doors_with_limits(), policy_sets(2)).map(_with_door)
    return st.one_of(policy_sets(), policy_sets(), chains(), reaches())


def _with_door(drawn: tuple[Made, tuple[Made, ...]]) -> tuple[Made, ...]:
    door, others = drawn
    return door, *(each for each in others if each.name != door.name)


def drawn_question(policies: p.PolicySet, chooser: Chooser, tasks: int, *, together: bool = False) -> Question:
    """Tasks for policies, now and then judged as of another day."""
    day = drawn_day(policies, chooser) if chooser.below(8) == 0 else None
    if together:
        found = drawn_portfolio(policies, chooser, tasks)
    else:
        found = [drawn_task(policies, chooser) for _ in range(tasks)]
    return Question(tuple({**told, "id": f"t{number}"} for number, told in enumerate(found, 1)), together, day)


# ---- asking ----------------------------------------------------------------------------------------------------------------

TASKS = 8
"""How many tasks are drawn for each set of generated policies, and for each portfolio at most."""


def agree(
    one: Implementation,
    other: Implementation,
    *more: Implementation,
    policies: Subject | None = None,
    examples: int = 100,
    together: bool = False,
    seed: int | None = None,
) -> None:
    """Compare implementations with the first of them; raises `DisagreementError` with the least that they disagree on.

    Without `policies` those are generated: an engine, a file, a folder or the name of a shipped set otherwise. There
    are `examples` tasks, or portfolios if they are judged `together`. The same `seed` draws the same.
    """
    asked = (one, other, *more)
    if policies is None:
        _agree_on_generated(asked, examples, seed, together=together)
        return
    engine = Engine(policies_of(policies))
    first = random.randrange(1 << 30) if seed is None else seed  # noqa: S311  # which tasks are drawn is no secret
    tasks = 1 if not together else TASKS
    for number in range(examples if together else (examples + TASKS - 1) // TASKS):
        chance = Chance(first + number)
        size = tasks if together else min(TASKS, examples - number * TASKS)
        _compare_or_raise(asked, engine, drawn_question(engine.policies, chance, size, together=together))


def _agree_on_generated(asked: Sequence[Implementation], examples: int, number: int | None, *, together: bool) -> None:
    sets = examples if together else (examples + TASKS - 1) // TASKS

    @settings(
        max_examples=sets,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(generated(together=together), st.integers(0, 1 << 30))
    def run(made: tuple[Made, ...], drawn: int) -> None:
        engine = Engine.load(texts=texts_of(made))
        _compare_or_raise(asked, engine, drawn_question(engine.policies, Chance(drawn), TASKS, together=together))

    try:
        (run if number is None else seed(number)(run))()
    except DisagreementError as error:
        raise DisagreementError(error.disagreement) from None  # without the notes of Hypothesis


def _compare_or_raise(asked: Sequence[Implementation], engine: Engine, question: Question) -> None:
    found = compare(asked, engine, question)
    if found is not None:
        raise DisagreementError(smaller(found, asked, engine))


def agreement(
    one: Implementation,
    other: Implementation,
    *more: Implementation,
    of: Subject | None = None,
    examples: int = 100,
    together: bool = False,
) -> Callable[[], None]:
    """Make a test that implementations agree.

    One line in a test file does: `test_mine = agreement(INTERPRETER, mine)`.
    """

    def test() -> None:
        agree(one, other, *more, policies=of, examples=examples, together=together)

    test.__doc__ = f"{', '.join(each.name for each in (one, other, *more))} agree."
    return test
