"""The forestry bureau of a demonstration county registers its tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import burdenlib
from burdenlib import NONE, Task

department = "示范县林业局(演示)"


@burdenlib.hookimpl
def burdenlib_tasks() -> Iterator[Task]:
    """Register the bureau's two tasks of the spring."""
    always = {
        "department": department,
        "level": "county",
        "target": "370899102201",
        "target_kind": "village",
        "kind": "work",
        "date": date(2024, 3, 20),
        "government_duty": False,
        "mandate": NONE,
    }
    yield Task(
        "LY-2024-01",
        {**always, "title": "森林防火宣传", "item": "森林防火宣传", "role": "assist", "channels": {"notice"}},
    )
    yield Task(
        "LY-2024-02", {**always, "title": "签订森林防火责任状", "item": "森林防火责任状", "channels": {"pledge"}}
    )


@burdenlib.hookimpl
def burdenlib_facts(task: Task) -> Mapping[str, object]:
    """Tell what the bureau knows of its own tasks from its own files."""
    return {"funded": True, "duration": "long_term"} if task.id == "LY-2024-01" else {"funded": False}
