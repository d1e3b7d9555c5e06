"""What readers find in files: tasks with the rows that they come from, columns, and problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from attrs import define, field, frozen

from burdenlib.problems import Problem, TaskError
from burdenlib.task import Task

__all__ = ["MAX_TASKS", "Columns", "Entry", "Found", "Intake", "Refused", "join"]

MAX_TASKS = 1_000_000
"""How many tasks are read from all files together."""


@frozen
class Entry:
    """A task and the row that it comes from, as it stands there, by the heads of the columns.

    `portfolio` names the portfolio of its own that a task belongs to; the tasks without one belong together.
    """

    task: Task
    row: Mapping[str, object] = field(hash=False)
    portfolio: str | None = None


@frozen
class Columns:
    """The heads of a table, in their order."""

    heads: tuple[str, ...]


Found = Entry | Columns | Problem
"""What a reader finds, one after the other."""


class Refused(Exception):  # noqa: N818  # no error of the program: it carries a problem out of a reader
    """A file of which nothing more can be read, and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@define(frozen=True, slots=False)
class Intake:
    """What was read: tasks in the order of the files, the heads of their columns, and what is wrong.

    Iterating gives the tasks, and raises `TaskError` if anything is wrong with any of them.
    """

    entries: tuple[Entry, ...] = ()
    columns: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Task]:
        if errors := self.errors:
            raise TaskError(errors)
        return (entry.task for entry in self.entries)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems for which something couldn't be read."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @cached_property
    def _grouped(self) -> tuple[tuple[Entry, ...], ...]:
        groups: dict[str | None, list[Entry]] = {}
        for entry in self.entries:
            groups.setdefault(entry.portfolio, []).append(entry)
        return tuple(tuple(group) for group in groups.values())

    @property
    def portfolios(self) -> tuple[tuple[Task, ...], ...]:
        """The tasks that are judged together: those of all files, and each portfolio of its own."""
        return tuple(tuple(entry.task for entry in group) for group in self._grouped)

    @property
    def rows(self) -> tuple[tuple[Mapping[str, object], ...], ...]:
        """The rows of the tasks in `portfolios`, each in the same place."""
        return tuple(tuple(entry.row for entry in group) for group in self._grouped)


def join(intakes: Iterable[Intake]) -> Intake:
    """Several files as one."""
    all_ = tuple(intakes)
    return Intake(
        tuple(entry for each in all_ for entry in each.entries),
        tuple(dict.fromkeys(head for each in all_ for head in each.columns)),
        tuple(problem for each in all_ for problem in each.problems),
    )
