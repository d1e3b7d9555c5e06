"""Hypothesis strategies for policies and for the tasks that matter to them.

Tasks come from the policies themselves: some of their conditions are chosen, with the truth that each should have,
and facts that give it are looked for. So draws lie at the edges of what a policy names, and reach what is rare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path

from attrs import define, field, frozen
from hypothesis import strategies as st

from burdenlib import policy as p
from burdenlib.answer import Status
from burdenlib.engine import Engine
from burdenlib.evaluator import Evaluator, nonexistent_value
from burdenlib.facts import NONE, SetValue, Value, read_value
from burdenlib.intake import Case, make_case
from burdenlib.judge import grounds
from burdenlib.logic import Truth
from burdenlib.task import Known, Origin, Task, Told
from burdenlib.testing.domains import outside, space_of
from burdenlib.testing.generated import Made, documents, policy_sets
from burdenlib.testing.reach import Chance, Chooser, Goal, charges_of, covered, grounds_of, reach

__all__ = [
    "Subject",
    "UnreachableError",
    "facts",
    "policies",
    "policies_of",
    "policy_sets",
    "portfolios",
    "tasks",
    "tasks_where",
]

Subject = Engine | p.PolicySet | str | Path
"""What tasks are drawn for: an engine, its policies, or a file, folder or name of a shipped set."""


class UnreachableError(ValueError):
    """No task was found for what `tasks_where` asks: nothing can fire, or what is asked contradicts itself."""


def policies_of(subject: Subject) -> p.PolicySet:
    """The policies that a subject stands for."""
    match subject:
        case Engine():
            return subject.policies
        case p.PolicySet():
            return subject
    return Engine.load(subject).policies


def policies() -> st.SearchStrategy[Made]:
    """Generated documents: lists, bans, requirements, admissions, limits and duties over a small vocabulary."""
    return st.integers(0, 9).flatmap(documents)


# ---- choices ---------------------------------------------------------------------------------------------------------------


@cache
def _up_to(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


@frozen
class _Drawn:
    """Lets Hypothesis make the choices, so that it can shrink them to the plainest."""

    draw: st.DrawFn

    def below(self, count: int) -> int:
        return 0 if count < 2 else self.draw(_up_to(count))


@define
class _Split:
    """Makes several choices out of one number, so that Hypothesis has to draw but once."""

    number: int

    def below(self, count: int) -> int:
        self.number, chosen = divmod(self.number, count)
        return chosen


def _at_once(chooser: Chooser, most: int = 1 << 28) -> Chooser:
    return _Split(chooser.below(most))


@frozen
class _Plainest:
    """Makes the plainest choice, always."""

    def below(self, count: int) -> int:
        return min(0, count)


def _chance(seed: int) -> Chooser:
    return Chance(seed) if seed else _Plainest()


# ---- what a task is about ------------------------------------------------------------------------------------------------

Facts = Mapping[str, Value]

_TRUTHS: tuple[Truth, ...] = (True, False, None, True, True)

_MANY = 500
"""Of so many conditions one task each is enough in which it is true: the others make for variety."""


class _Pool:
    """Tasks that are about one condition of some policies each, found when they are first drawn, and kept.

    For each condition there is one under which it is false, one under which it is unknown, and three under which it
    is true; one, where there are many conditions. One in four is accepted, which chance alone seldom comes upon.
    """

    def __init__(self, policies: p.PolicySet, about: str | None) -> None:
        self.policies = policies
        self.aims = tuple(_aims(policies, about))
        self.grounds = tuple(
            condition for ground, condition in grounds_of(policies).items() if about in (None, ground.policy.name)
        )
        self.truths = _TRUTHS[: 3 if len(self.aims) > _MANY else None]
        self.names = tuple(name for name in policies.facts if name != "id")
        self.beyond = outside(policies)
        self._found: dict[tuple[int, int], Facts] = {}
        self._accepted: dict[tuple[int, int], Facts | None] = {}

    def facts(self, chooser: Chooser) -> Facts:
        """The facts of one of the tasks."""
        if not self.aims:
            return {}
        chooser = _at_once(chooser, len(self.aims) * len(self.truths) * 4)
        if self.grounds and chooser.below(4) == 3 and (accepted := self._accept(chooser)) is not None:
            return accepted
        aim, turn = chooser.below(len(self.aims)), chooser.below(len(self.truths))
        if (aim, turn) not in self._found:
            found = reach(self.policies, (Goal(self.aims[aim], self.truths[turn]),), _chance(turn))
            self._found[aim, turn] = {} if found is None else found
        return self._found[aim, turn]

    def _accept(self, chooser: Chooser) -> Facts | None:
        """The facts of a task that is accepted."""
        ground, turn = chooser.below(len(self.grounds)), chooser.below(len(self.truths) - 2)
        if (ground, turn) not in self._accepted:
            wanted = Wanted("accepted", (Goal(self.grounds[ground]),))
            self._accepted[ground, turn] = outcome(self.policies, wanted, _chance(turn))
        return self._accepted[ground, turn]

    def choose(self, chooser: Chooser) -> dict[str, Value]:
        """The facts of a task, with a few changes."""
        found = dict(self.facts(chooser))
        for _ in range(chooser.below(4)):
            found = self._change(chooser, found)
        return found

    def _change(self, chooser: Chooser, found: dict[str, Value]) -> dict[str, Value]:
        """One fact told otherwise, one left out, or what makes the task be about something else besides."""
        chooser = _at_once(chooser)
        turn = chooser.below(4)
        if turn == 0 and found:
            left_out = list(found)[chooser.below(len(found))]
            return {name: value for name, value in found.items() if name != left_out}
        if turn == 1:
            return self.possible({**self.facts(chooser), **found})
        return self.with_one_more({}, found, chooser)

    def with_one_more(self, fixed: Facts, found: Facts, chooser: Chooser) -> dict[str, Value]:
        """One more fact told, or one of those that aren't fixed told otherwise."""
        names = self.names if chooser.below(2) else tuple(found) or self.names
        name = names[chooser.below(len(names))]
        value = None if name in fixed else self.value(chooser, name)
        return dict(found) if value is None else self.possible({**found, name: value}, fixed)

    def value(self, chooser: Chooser, name: str) -> Value | None:
        """A value that the policies tell apart."""
        kind = self.policies.facts[name].type
        if kind.kind != "set_of":
            values = space_of(self.policies).domain((name, None)).values[:-1]
            if kind.kind == "place" and chooser.below(4) == 3:
                return self.beyond
            return values[chooser.below(len(values))] if values else None
        names = [each.name for each in kind.values]
        chosen, partly = chooser.below(2 ** min(len(names), 24)), chooser.below(4) == 3
        includes = frozenset(name for index, name in enumerate(names) if chosen >> index & 1)
        return SetValue(includes, frozenset() if partly else kind.names - includes)

    def possible(self, found: dict[str, Value], fixed: Facts | None = None) -> dict[str, Value]:
        """The facts without those that can't be told of such a task; `fixed` if that concerns one of them."""
        while True:
            evaluator = Evaluator(self.policies, {name: Known(value) for name, value in found.items()})
            wrong = [name for name in found if self._is_misplaced(evaluator, name, found[name])]
            if fixed is not None and not fixed.keys().isdisjoint(wrong):
                return dict(fixed)
            if not wrong:
                return found
            found = {name: value for name, value in found.items() if name not in wrong}

    def _is_misplaced(self, evaluator: Evaluator, name: str, value: Value) -> bool:
        fact = self.policies.facts[name]
        if fact.only_when is None or (isinstance(value, SetValue) and not value.includes):
            return False
        return value != nonexistent_value(fact) and evaluator.prove(fact.only_when).truth is False


@lru_cache(maxsize=32)
def _pool(policies: p.PolicySet, about: str | None) -> _Pool:
    return _Pool(policies, about)


def _aims(policies: p.PolicySet, about: str | None) -> Iterator[p.Condition]:
    """The conditions that decide: rules, items, lists, exceptions and promises."""
    chosen = [policy for policy in policies.policies if about in (None, policy.name)]
    for policy in chosen:
        for rule in policy.rules:
            yield rule.fires
            yield from (p.All((policy.applies, rule.when, unless)) for unless in rule.unless)
        for each in policy.lists:
            yield each.governs
            yield from (covered(each, item) for item in each.items)
            yield from (p.All((covered(each), unless)) for unless in each.unless)
        yield from (promise.condition for promise in policy.promises)


# ---- as tasks --------------------------------------------------------------------------------------------------------------


def plain(found: Mapping[str, Value]) -> dict[str, object]:
    """Facts as a person writes them."""
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Value) -> object:
    match value:
        case SetValue(includes, excludes):
            return {"includes": sorted(includes), "excludes": sorted(excludes)}
        case Decimal():
            return int(value) if value == value.to_integral_value() else value
        case date() | bool() | str():
            return value
    assert value is NONE
    return "none"


def task_of(policies: p.PolicySet, found: Mapping[str, Value], name: str = "t") -> Task:
    """A task in which each fact is told by someone who may."""
    shown = plain(found)
    for fact, value in found.items():
        if isinstance(value, SetValue) and value.includes | value.excludes == policies.facts[fact].type.names:
            shown[fact] = sorted(value.includes)
    tellers = {
        fact: policies.facts[fact].set_by[0]
        for fact in found
        if not policies.facts[fact].is_identity and "department" not in policies.facts[fact].set_by
    }
    return Task(name, shown, tellers=tellers)


def case_of(policies: p.PolicySet, found: Mapping[str, Value], name: str = "t") -> Case:
    """A task ready to be judged."""
    told = [Told(value, Origin(policies.facts[fact].set_by[0]), fact) for fact, value in found.items()]
    case, _ = make_case(policies, name, told)
    return case


# ---- the strategies ----------------------------------------------------------------------------------------------------------


def drawn_task(policies: p.PolicySet, chooser: Chooser) -> dict[str, object]:
    """Facts of a task at the edges of the policies, as a rule with most other things told besides."""
    pool = _pool(policies, None)
    turn = chooser.below(4)
    if turn == 0:
        return dict(task_of(policies, pool.choose(chooser)).facts)
    found = _scattered(pool, chooser, (0, 0, 1, 4)[chooser.below(4)])
    if turn < 3:
        found |= pool.facts(chooser)
    if chooser.below(16):
        found = pool.possible(found)
    return dict(task_of(policies, found).facts)


def drawn_day(policies: p.PolicySet, chooser: Chooser) -> date | None:
    """A day on which something that the policies say begins or ends, or one beside it."""
    day = _pool(policies, None).value(chooser, "date")
    return day if isinstance(day, date) else None


@st.composite
def known_facts(draw: st.DrawFn, policies: p.PolicySet, about: str | None = None) -> dict[str, Value]:
    """Facts of a task as the interpreter holds them."""
    return _pool(policies, about).choose(_Drawn(draw))


@st.composite
def told_more(draw: st.DrawFn, policies: p.PolicySet) -> tuple[dict[str, Value], dict[str, Value]]:
    """Facts of a task, and the same with more told."""
    chooser, pool = _Drawn(draw), _pool(policies, None)
    less = pool.choose(chooser)
    more = pool.possible({**pool.facts(chooser), **less}, less)
    for _ in range(chooser.below(4)):
        more = pool.with_one_more(less, more, _at_once(chooser))
    for name in [name for name in less if chooser.below(8) == 7]:
        value = less.pop(name)
        if isinstance(value, SetValue) and chooser.below(2):
            less[name] = SetValue(value.includes)
    return less, more


def facts(subject: Subject, *, about: str | None = None) -> st.SearchStrategy[dict[str, object]]:
    """Facts of one task, by name: a mapping that `Task` takes.

    They are chosen by what the policies ask, those of the document `about` if one is named.
    """
    found = policies_of(subject)
    return known_facts(found, about).map(plain)


def tasks(subject: Subject, *, about: str | None = None) -> st.SearchStrategy[Task]:
    """Tasks that lie where it matters to the policies: on and just beside what their conditions name."""
    found = policies_of(subject)
    return known_facts(found, about).map(lambda known: task_of(found, known))


@st.composite
def _portfolios(draw: st.DrawFn, policies: p.PolicySet, about: str | None, most: int) -> list[Task]:
    found = _alike(policies, _Drawn(draw), most, about)
    return [task_of(policies, known, f"t{number}") for number, known in enumerate(found, 1)]


def drawn_portfolio(policies: p.PolicySet, chooser: Chooser, most: int) -> list[dict[str, object]]:
    """Facts of tasks that are alike, as a rule with most other things told besides, so that limits can count them."""
    pool = _pool(policies, None)
    found = _alike(policies, chooser, most, None)
    if chooser.below(4):
        drawn = _scattered(pool, chooser, 0)
        found = [pool.possible({**drawn, **known}) for known in found]
    return [dict(task_of(policies, known).facts) for known in found]


def _scattered(pool: _Pool, chooser: Chooser, left_out: int) -> dict[str, Value]:
    """Values of all facts at random, but for so many in ten."""
    drawn = {name: pool.value(chooser, name) for name in pool.names if chooser.below(10) >= left_out}
    return {name: value for name, value in drawn.items() if value is not None}


def _alike(policies: p.PolicySet, chooser: Chooser, most: int, about: str | None) -> list[Facts]:
    """Facts of tasks some of which are alike, so that limits count them together."""
    pool = _pool(policies, about)
    limits = [rule.fires for policy, rule in policies.rules("limit") if about in (None, policy.name)]
    count = chooser.below(most) + 1
    first: Facts = pool.choose(chooser)
    if limits and chooser.below(4):
        first = reach(policies, (Goal(limits[chooser.below(len(limits))]),), _chance(chooser.below(8))) or first
    found = [first]
    for _ in range(count - 1):
        turn = chooser.below(3)
        if turn == 0:
            found.append(first)
        elif turn == 1:
            found.append(pool.with_one_more({}, first, chooser))
        else:
            found.append(pool.choose(chooser))
    return found


def portfolios(subject: Subject, *, about: str | None = None, most: int = 6) -> st.SearchStrategy[list[Task]]:
    """Portfolios: tasks that are alike, so that limits count them together, and others."""
    return _portfolios(policies_of(subject), about, most)


# ---- tasks with a chosen outcome ------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Wanted:
    """What a task has to come to: its verdict, and conditions with their truths; `found` are tasks that do."""

    verdict: Status | None
    goals: tuple[Goal, ...]
    given: Facts = field(factory=dict)
    found: dict[int, Facts | None] = field(factory=dict)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more that is told can change it."""
        return self.verdict != "undetermined" and all(goal.truth is not None for goal in self.goals)


def tasks_where(
    subject: Subject,
    *,
    verdict: Status | None = None,
    fires: str | None = None,
    covered_by: str | tuple[str, str] | None = None,
    saved_from: str | tuple[str, int] | None = None,
    given: Mapping[str, object] | None = None,
) -> st.SearchStrategy[Task]:
    """Tasks with a chosen outcome, found without throwing draws away.

    `fires` names a rule, `covered_by` a list or a list and the code of an item (or of what carries it out),
    `saved_from` a rule, a ban list or an item (`policy.list[CODE]`) that one of its exceptions keeps from holding, and
    which (from 0); `given` are facts that are told as they stand. Raises `UnreachableError` if no task is found.
    """
    policies = policies_of(subject)
    goals = (
        *([] if fires is None else [Goal(p.Any(tuple(rule.fires for rule in _rules(policies, fires))))]),
        *([] if covered_by is None else [_covered(policies, covered_by)]),
        *([] if saved_from is None else _saved(policies, saved_from)),
    )
    wanted = Wanted(verdict, goals, values_of(policies, given or {}))
    if not any(True for _ in _solutions(policies, wanted, 40)):
        asked: dict[str, object] = {"verdict": verdict, "fires": fires, "covered_by": covered_by}
        asked |= {"saved_from": saved_from, "given": given}
        named = ", ".join(f"{key}={value!r}" for key, value in asked.items() if value is not None)
        raise UnreachableError(f"no task was found with {named}")
    return _with_outcome(policies, wanted)


SOLUTIONS = 24
"""How many tasks with a chosen outcome are looked for at most; the draws are these, with more told."""


def _solutions(policies: p.PolicySet, wanted: Wanted, tries: int) -> Iterator[Facts]:
    for seed in range(tries):
        if seed not in wanted.found:
            wanted.found[seed] = outcome(policies, wanted, _chance(seed))
        if (found := wanted.found[seed]) is not None:
            yield found


@st.composite
def _with_outcome(draw: st.DrawFn, policies: p.PolicySet, wanted: Wanted) -> Task:
    """One of the tasks, with a few more facts told where those can't change the outcome."""
    chooser, pool = _Drawn(draw), _pool(policies, None)
    number = chooser.below(SOLUTIONS)
    solutions = _solutions(policies, wanted, 40)
    fixed = next(islice(solutions, number, None), None) or next(_solutions(policies, wanted, 40))
    found = dict(fixed)
    if wanted.is_settled:
        for _ in range(chooser.below(4)):
            found = pool.with_one_more(fixed, found, _at_once(chooser))
    return task_of(policies, found)


def values_of(policies: p.PolicySet, given: Mapping[str, object]) -> dict[str, Value]:
    """Facts as the interpreter holds them, from facts as `Task` takes them."""
    found: dict[str, Value] = {}
    for name, raw in given.items():
        fact = policies.find_fact(name)
        if fact is None:
            raise KeyError(name)
        value = read_value(fact.type, raw)
        if value is not None:
            found[fact.name] = value
    return found


def _rules(policies: p.PolicySet, name: str) -> list[p.Rule]:
    found = [rule for policy in policies.policies for rule in policy.rules if rule.name == name]
    if not found:
        raise KeyError(name)
    return found


def _lists(policies: p.PolicySet, name: str) -> list[p.TaskList]:
    found = [each for each in policies.lists.values() if each.name == name]
    if not found:
        raise KeyError(name)
    return found


def _covered(policies: p.PolicySet, by: str | tuple[str, str]) -> Goal:
    name, code = (by, None) if isinstance(by, str) else by
    keys = tuple(each.key for each in _lists(policies, name))
    return Goal(p.OnList(keys, () if code is None else (code,)))


def _saved(policies: p.PolicySet, by: str | tuple[str, int]) -> tuple[Goal, ...]:
    """That a rule would fire, a ban list reject or an item cover, but for an exception."""
    name, number = (by, None) if isinstance(by, str) else by
    rules = [rule for policy in policies.policies for rule in policy.rules if rule.name == name]
    if rules:
        return but_for(rules[-1].fires, rules[-1].unless, number)
    list_name, _, code = name.rstrip("]").partition("[")
    task_list = _lists(policies, list_name)[-1]
    if not code:
        return (Goal(covered(task_list)), *_alone(task_list.unless, number))
    item = next((item for item in task_list.items if item.code == code), None)
    if item is None:
        raise KeyError(name)
    return item_but_for(task_list, item, number)


def but_for(condition: p.Condition, unless: Sequence[p.Condition], number: int | None) -> tuple[Goal, ...]:
    """That a condition would hold but for an exception that is part of it, or for this one alone."""
    base = (Goal(part) for part in p.parts_of(condition) if part.clause != "unless")
    return (*base, *_alone(unless, number))


def item_but_for(task_list: p.TaskList, item: p.Item, number: int | None) -> tuple[Goal, ...]:
    """That an item under its own name would cover but for an exception."""
    names = (*item.title.ordered("zh"), *item.also, *(() if item.code is None else (item.code,)))
    named = () if item.code is None else (Goal(p.Member("item", names)),)
    return (Goal(task_list.governs), *named, *but_for(item.covers, item.unless, number))


def _alone(unless: Sequence[p.Condition], number: int | None) -> tuple[Goal, ...]:
    if number is None:
        return (Goal(p.Any(tuple(unless))),)
    return tuple(Goal(each, truth=index == number) for index, each in enumerate(unless))


def outcome(policies: p.PolicySet, wanted: Wanted, chooser: Chooser) -> dict[str, Value] | None:
    """The facts of a task with a chosen outcome, if one is found."""
    match wanted.verdict:
        case None:
            return reach(policies, wanted.goals, chooser, start=wanted.given)
        case "rejected":
            found = _rejected(policies, wanted, chooser)
        case "accepted":
            found = _accepted(policies, wanted, chooser)
            if not _admits(policies, wanted):  # what is sought then admits, and nothing that is told more overturns it
                return found
        case _:
            found = _undetermined(policies, wanted, chooser)
    return found if found is not None and _status(policies, found) == wanted.verdict else None


def _status(policies: p.PolicySet, found: Mapping[str, Value]) -> Status:
    """The status of a task, without all that an answer says besides."""
    case = case_of(policies, found)
    evaluator = Evaluator(policies, case.known, case.as_of)
    deciding = grounds(policies, evaluator)
    is_open = bool(deciding.narrower)
    for charge in deciding.charges:
        truth = charge.truth(evaluator)
        if truth:
            return "rejected"
        is_open = is_open or truth is None
    if is_open:
        return "undetermined"
    admitted = any(ground.truth(evaluator) for ground in deciding.admitting)
    return "accepted" if admitted else "undetermined"


TRIES = 12
"""How many conditions are tried that could bring a verdict about."""


def _rejected(policies: p.PolicySet, wanted: Wanted, chooser: Chooser) -> dict[str, Value] | None:
    base = reach(policies, wanted.goals, chooser, start=wanted.given)
    if base is not None and wanted.goals and _status(policies, base) == "rejected":
        return base
    conditions = list(charges_of(policies).values())
    for condition in _turned(conditions, chooser)[:TRIES]:
        if (found := reach(policies, (*wanted.goals, Goal(condition)), chooser, start=wanted.given)) is not None:
            return found
    return None


def _turned(found: Sequence[p.Condition], chooser: Chooser) -> Sequence[p.Condition]:
    """The conditions from a chosen one on."""
    first = chooser.below(len(found)) if len(found) > 1 else 0
    return (*found[first:], *found[:first])


def _accepted(policies: p.PolicySet, wanted: Wanted, chooser: Chooser) -> dict[str, Value] | None:
    """First what admits the task, then everything that could refuse it denied."""
    here = Goal(_in_a_village(policies))
    admitting = _turned([*grounds_of(policies).values()], chooser)
    for condition in [p.TRUE] if _admits(policies, wanted) else admitting[:TRIES]:
        start = reach(policies, (*wanted.goals, Goal(condition), here), chooser, start=wanted.given)
        if start is None:
            continue
        evaluator = Evaluator(policies, {name: Known(value) for name, value in start.items()})
        truths = [(charge, charge.truth(evaluator)) for charge in grounds(policies, evaluator).charges]
        if any(truth for _, truth in truths):
            continue
        readings = charges_of(policies)
        denied = [Goal(readings[charge], truth=False) for charge, truth in truths if truth is None]
        if (found := reach(policies, (*wanted.goals, Goal(condition), *denied), chooser, start=start)) is not None:
            return found
    return None


def _admits(policies: p.PolicySet, wanted: Wanted) -> bool:
    """Whether what is wanted admits by itself."""
    admitting = {id(condition) for condition in grounds_of(policies).values()}
    return any(id(goal.condition) in admitting or isinstance(goal.condition, p.OnList) for goal in wanted.goals)


@lru_cache(maxsize=8)
def _in_a_village(policies: p.PolicySet) -> p.Condition:
    """That the target is one village: no document is for a place inside it."""
    values = space_of(policies).domain(("target", None)).values
    return p.Member("target", tuple(value for value in values if isinstance(value, str) and len(value) == 12))


def _undetermined(policies: p.PolicySet, wanted: Wanted, chooser: Chooser) -> dict[str, Value] | None:
    """What could refuse the task, or admit it, is left open."""
    conditions = [*charges_of(policies).values(), *grounds_of(policies).values()]
    for condition in _turned(conditions, chooser)[:TRIES]:
        found = reach(policies, (*wanted.goals, Goal(condition, truth=None)), chooser, start=wanted.given)
        if found is not None and _status(policies, found) == "undetermined":
            return found
    return reach(policies, wanted.goals, chooser, start=wanted.given)
