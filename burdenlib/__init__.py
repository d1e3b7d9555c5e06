"""A rules engine for workload-reduction checks: admission lists and bans on disguised task assignment.

Policies are written in a small language, in Chinese or English; departments register tasks through plugins; the
engine accepts or rejects each task with an explanation that cites the article, names the fact, and says what would
change the answer.

    engine = burdenlib.Engine.load("shandong")
    verdict = engine.check(burdenlib.Task(id="t-1", facts={...}))
    print(verdict.status, verdict.explain("zh"))
"""

from importlib.metadata import PackageNotFoundError, version

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

try:
    __version__ = version("burdenlib")
except PackageNotFoundError:  # a checkout that isn't installed
    __version__ = "0"

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
