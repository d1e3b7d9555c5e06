"""A rules engine for workload-reduction checks: admission lists and bans on disguised task assignment.

Policies are written in a small language, in Chinese or English; departments register tasks through plugins; the
engine accepts or rejects each task with an explanation that cites the article, names the fact, and says what would
change the answer.

    engine = burdenlib.Engine.load("shandong")
    verdict = engine.check(burdenlib.Task(id="t-1", facts={...}))
    print(verdict.status, verdict.explain("zh"))
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as checkers of types read it; `typing` itself takes as long to import as all the rest

if TYPE_CHECKING:
    from burdenlib.engine import Engine
    from burdenlib.facts import NONE, SetValue
    from burdenlib.hooks import hookimpl
    from burdenlib.phrases import Finding, find
    from burdenlib.policy import Phrases, Policy, PolicySet
    from burdenlib.problems import BurdenError, PolicyError, Problem, TaskError
    from burdenlib.readers import Intake, read_tasks
    from burdenlib.task import Origin, Task, Told
    from burdenlib.verdict import Outcome, Verdict
    from burdenlib.vocabulary import LANGUAGE_VERSION

    __version__: str

__all__ = [
    "LANGUAGE_VERSION",
    "NONE",
    "BurdenError",
    "Engine",
    "Finding",
    "Intake",
    "Origin",
    "Outcome",
    "Phrases",
    "Policy",
    "PolicyError",
    "PolicySet",
    "Problem",
    "SetValue",
    "Task",
    "TaskError",
    "Told",
    "Verdict",
    "__version__",
    "find",
    "hookimpl",
    "read_tasks",
]

_HOMES = {
    "burdenlib.engine": ("Engine",),
    "burdenlib.facts": ("NONE", "SetValue"),
    "burdenlib.hooks": ("hookimpl",),
    "burdenlib.phrases": ("Finding", "find"),
    "burdenlib.policy": ("Phrases", "Policy", "PolicySet"),
    "burdenlib.problems": ("BurdenError", "PolicyError", "Problem", "TaskError"),
    "burdenlib.readers": ("Intake", "read_tasks"),
    "burdenlib.task": ("Origin", "Task", "Told"),
    "burdenlib.verdict": ("Outcome", "Verdict"),
    "burdenlib.vocabulary": ("LANGUAGE_VERSION",),
}
"""Where each name comes from; a module is imported when one of its names is first asked for."""

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name == "__version__":
        value: object = _version()
    elif name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("burdenlib")
    except PackageNotFoundError:  # a checkout that isn't installed
        return "0"
