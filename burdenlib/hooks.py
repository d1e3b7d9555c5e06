"""The hooks that a plugin may fill; all are optional.

A plugin is a module or an object, found under the entry point `burdenlib` or handed to `Engine.load`. A plugin that
has a `department` speaks for that department: it registers tasks of that department and tells facts of those. One
without is a service: the operator has to name it, and it may also bring policies, readers and renderers, but tells
nothing that an authority or a register sets. Only a policy admits; plugins return data, never decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import pluggy

from burdenlib.policy import PolicySet
from burdenlib.task import Task, Told
from burdenlib.verdict import Verdict
from burdenlib.words import Language

__all__ = ["DEPARTMENT_HOOKS", "HOOKS", "SERVICE_HOOKS", "Hook", "hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("burdenlib")
hookimpl = pluggy.HookimplMarker("burdenlib")
"""Marks a function of a plugin as a hook."""

Reader = Callable[[Path], Iterable[Task | Mapping[str, object]]]
Renderer = Callable[[Sequence[Verdict], Language], str]

Hook = Literal[
    "burdenlib_policies",
    "burdenlib_vocabulary",
    "burdenlib_tasks",
    "burdenlib_facts",
    "burdenlib_verdict",
    "burdenlib_readers",
    "burdenlib_renderers",
]

DEPARTMENT_HOOKS: frozenset[Hook] = frozenset(
    {"burdenlib_vocabulary", "burdenlib_tasks", "burdenlib_facts", "burdenlib_verdict"}
)
"""The hooks of a plugin that speaks for a department."""

SERVICE_HOOKS: frozenset[Hook] = frozenset(
    {
        "burdenlib_policies",
        "burdenlib_vocabulary",
        "burdenlib_facts",
        "burdenlib_verdict",
        "burdenlib_readers",
        "burdenlib_renderers",
    }
)
"""The hooks of a service plugin."""


@hookspec
def burdenlib_policies() -> Iterable[str | Path]:  # type: ignore[empty-body]  # a specification
    """Give policy files or folders to load beside the operator's (service plugins only)."""


@hookspec
def burdenlib_vocabulary() -> Iterable[str | Path]:  # type: ignore[empty-body]
    """Give documents that declare further facts: the texts of policies that hold nothing but facts, or their paths."""


@hookspec
def burdenlib_tasks(policies: PolicySet) -> Iterable[Task | Mapping[str, object]]:  # type: ignore[empty-body]
    """Register the department's tasks: `Task` objects, or mappings of facts with their `id` (departments only)."""


@hookspec
def burdenlib_facts(  # type: ignore[empty-body]
    task: Task, policies: PolicySet
) -> Mapping[str, object | Told | Sequence[Told]]:
    """Tell further facts of a task, say from its document.

    A department's plugin is asked only about its own department's tasks. Values are as in `Task.facts`; a `Told`
    says where the value was found; several `Told` of one fact add up.
    """


@hookspec
def burdenlib_verdict(task: Task, verdict: Verdict) -> None:
    """Look at a verdict; what is returned is ignored, and the verdict can't be changed."""


@hookspec
def burdenlib_readers() -> Mapping[str, Reader]:  # type: ignore[empty-body]
    """Give readers for further types of files, by suffix such as `.ods` (service plugins only)."""


@hookspec
def burdenlib_renderers() -> Mapping[str, Renderer]:  # type: ignore[empty-body]
    """Give renderers for further output formats, by name (service plugins only)."""


HOOKS: Mapping[Hook, object] = {
    "burdenlib_policies": burdenlib_policies,
    "burdenlib_vocabulary": burdenlib_vocabulary,
    "burdenlib_tasks": burdenlib_tasks,
    "burdenlib_facts": burdenlib_facts,
    "burdenlib_verdict": burdenlib_verdict,
    "burdenlib_readers": burdenlib_readers,
    "burdenlib_renderers": burdenlib_renderers,
}
"""Every hook with its specification."""
