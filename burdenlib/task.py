"""Tasks, and what is told of them: who told which fact, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import attrs
from attrs import field, frozen

from burdenlib.facts import SetValue, Value, ValueProblemError, read_cell, read_value
from burdenlib.policy import PolicySet
from burdenlib.problems import Problem, nearest
from burdenlib.source import Cell, fold
from burdenlib.vocabulary import TELLERS

__all__ = ["Conflict", "Known", "Origin", "Task", "Told", "gather", "read_task"]


@frozen
class Origin:
    """Where a value comes from.

    `teller` says as whom the source speaks; `source` is a file, a plugin or a caller; `cell` its place in a table;
    `quote` and `offset` (in characters) a place in the task's own `field` (title or text).
    """

    teller: str = "department"
    source: str = ""
    cell: Cell | None = None
    field: str | None = None
    quote: str | None = None
    offset: int | None = None


@frozen
class Told:
    """A statement of one source about one fact.

    Plugins return it where they can say where they found a value: give `value` (and `field`, `quote` and `offset`
    in `origin`); the fact's name is the key under which they return it.
    """

    value: object
    origin: Origin = Origin()
    fact: str = ""


def _frozen_mapping(facts: Mapping[str, object]) -> Mapping[str, object]:
    return MappingProxyType({key: _frozen(value) for key, value in facts.items()})


def _frozen(value: object) -> object:
    """A value that nobody to whom the task is shown can change."""
    match value:
        case dict():
            return _frozen_mapping(value)
        case list():
            return tuple(value)
        case set():
            return frozenset(value)
    return value


@frozen
class Task:
    """A task as a department registers it.

    `facts` are values by the facts' names or labels: text, `bool`, numbers, `date` or ISO text, sets of names,
    `{"includes": […], "excludes": […]}`, `"none"`; a missing key or `None` is not told. `told_by` says who speaks
    (`department` unless it is said otherwise), `tellers` who speaks of single facts. `source` names where the task
    comes from; `cells` give the place of each fact in a table, whose values are read as cells are.
    """

    id: str
    facts: Mapping[str, object] = field(factory=dict, converter=_frozen_mapping, hash=False)
    told_by: str = field(default="department", validator=attrs.validators.in_(TELLERS), kw_only=True)
    tellers: Mapping[str, str] = field(factory=dict, converter=_frozen_mapping, kw_only=True, hash=False)
    source: str = field(default="", kw_only=True)
    cells: Mapping[str, Cell] = field(factory=dict, kw_only=True, repr=False, hash=False)

    def get(self, fact: str) -> object:
        """What was told of a fact, as it was told, or `None`."""
        return self.facts.get(fact)


# ---- reading ------------------------------------------------------------------------------------------------------------


def read_task(task: Task, policies: PolicySet) -> tuple[tuple[Told, ...], tuple[Problem, ...]]:
    """The statements that a task makes, and what is wrong with those that can't be used."""
    told: list[Told] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    facts = dict(task.facts)
    if "id" in policies.facts and not any(_spells(policies, key, "id") for key in facts):
        facts["id"] = task.id
    for key, raw in facts.items():
        where = task.cells.get(key, Cell(task.source or "task", None, None if task.cells else key))
        spelling = fold(str(key)).strip()
        fact = policies.find_fact(spelling)
        details = {"task": task.id, "fact": spelling}
        if fact is None:
            near = nearest(spelling, policies.fact_spellings)
            problems.append(Problem("unknown-fact", where, {"name": spelling}, nearest=near))
            continue
        if fact.name in seen:
            problems.append(Problem("told-twice", where, {**details, "other": seen[fact.name]}))
            continue
        seen[fact.name] = spelling
        try:
            value = read_cell(fact.type, raw) if key in task.cells else read_value(fact.type, raw)
        except ValueProblemError as problem:
            problems.append(Problem(problem.code, where, {**problem.details, **details}, nearest=problem.nearest))
            continue
        if value is not None:
            teller = str(task.tellers.get(key, task.told_by))
            told.append(Told(value, Origin(teller, task.source, task.cells.get(key)), fact.name))
    return tuple(told), tuple(problems)


def _spells(policies: PolicySet, key: str, name: str) -> bool:
    fact = policies.find_fact(fold(str(key)).strip())
    return fact is not None and fact.name == name


# ---- gathering ----------------------------------------------------------------------------------------------------------


@frozen
class Known:
    """The value of a fact with the statements that it rests on."""

    value: Value
    told: tuple[Told, ...] = ()
    assumed: bool = False


@frozen
class Conflict:
    """Two statements that contradict each other about a fact; for a set, about `value` in it."""

    fact: str
    one: Told
    other: Told
    value: str | None = None


def gather(statements: Iterable[Told]) -> tuple[dict[str, Known], tuple[Conflict, ...]]:
    """Add up statements: sets value by value; where two contradict each other, nothing is known."""
    by_fact: dict[str, list[Told]] = {}
    for told in statements:
        by_fact.setdefault(told.fact, []).append(told)
    known: dict[str, Known] = {}
    conflicts: list[Conflict] = []
    for fact, group in by_fact.items():
        found = _sets(fact, group) if isinstance(group[0].value, SetValue) else _scalars(fact, group)
        for each in found:
            if isinstance(each, Conflict):
                conflicts.append(each)
            else:
                known[fact] = each
    return known, tuple(conflicts)


def _scalars(fact: str, group: list[Told]) -> Iterator[Known | Conflict]:
    others = [told for told in group if told.value != group[0].value]
    if others:
        yield Conflict(fact, group[0], others[0])
    else:
        yield Known(group[0].value, tuple(group))  # type: ignore[arg-type]  # statements that were read hold values


def _sets(fact: str, group: list[Told]) -> Iterator[Known | Conflict]:
    includes = frozenset().union(*(told.value.includes for told in group))  # type: ignore[attr-defined]  # all are sets
    excludes = frozenset().union(*(told.value.excludes for told in group))  # type: ignore[attr-defined]
    for value in sorted(includes & excludes):
        one = next(told for told in group if value in told.value.includes)  # type: ignore[attr-defined]
        other = next(told for told in group if value in told.value.excludes)  # type: ignore[attr-defined]
        yield Conflict(fact, one, other, value)
    yield Known(SetValue(includes - excludes, excludes - includes), tuple(group))
