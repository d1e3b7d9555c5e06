"""The base of a plugin whose tasks stand in a spreadsheet.

from burdenlib.plugins.spreadsheet import SpreadsheetPlugin

plugin = SpreadsheetPlugin(
    department="示范县统计局(演示)",
    path=Path(__file__).with_name("tasks.csv"),
    columns={"任务名称": "title"},
    defaults={"channels": "通知"},
)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

import burdenlib
from burdenlib import PolicySet, Task


@attrs.frozen
class SpreadsheetPlugin:
    """A department's plugin that registers each row of a sheet (CSV, XLSX, JSON …) as a task.

    `columns` gives the facts of columns that are not headed by a fact's name or label; `defaults` are cells for
    columns that the sheet lacks or leaves empty. Every row is a task of `department`, whether or not it says so.
    """

    department: str
    path: Path = attrs.field(converter=Path)
    columns: Mapping[str, str] = attrs.field(factory=dict)
    defaults: Mapping[str, object] = attrs.field(factory=dict)

    @property
    def name(self) -> str:
        """The name under which the plugin is known where it isn't an entry point: that of its sheet."""
        return self.path.stem

    @burdenlib.hookimpl
    def burdenlib_tasks(self, policies: PolicySet) -> Iterator[Task]:
        """Register the rows; raises `burdenlib.TaskError` where the sheet can't be read."""
        tasks = burdenlib.read_tasks(self.path, policies, columns=self.columns)
        for task in tasks:
            defaults = {"department": self.department, **self.defaults}
            missing = {name: value for name, value in defaults.items() if not _tells(task, name, policies)}
            yield attrs.evolve(task, facts={**task.facts, **missing}, cells={**task.cells, **_cells(task, missing)})


def _tells(task: Task, name: str, policies: PolicySet) -> bool:
    fact = policies.find_fact(name)
    return any(task.get(spelling) not in (None, "") for spelling in (fact.spellings if fact is not None else (name,)))


def _cells(task: Task, missing: Mapping[str, object]) -> Mapping[str, Any]:
    """The row of the task as the place of what its sheet leaves out, so that it is read as cells are."""
    first = next(iter(task.cells.values()), None)
    return {} if first is None else {name: attrs.evolve(first, column=name) for name in missing}
