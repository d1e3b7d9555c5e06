"""Plugins: found, looked at one by one, and called one by one, so that a bad one costs nobody else anything.

Each plugin has a pluggy manager of its own: what it gets wrong is known to be its own, and the order of plugins
never matters. What survives loading is an immutable registry.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from burdenlib.facts import ValueProblemError, read_value
from burdenlib.lists import normal_code
from burdenlib.policy import Fact, PolicySet
from burdenlib.problems import Problem, nearest
from burdenlib.source import Cell
from burdenlib.task import Origin, Task, Told
from burdenlib.words import Words

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    import pluggy

    from burdenlib.hooks import Hook

__all__ = ["GROUP", "MAX_TASKS", "Plugin", "PluginInfo", "Registry", "discover"]

GROUP = "burdenlib"
"""The group of entry points under which plugins are found."""

MAX_TASKS = 1_000_000
"""How many tasks one plugin may register."""


@frozen(eq=False)
class Plugin:
    """One plugin that was loaded: its name, its department (`None` for a service), its hooks."""

    name: str
    department: str | None
    distribution: str | None
    manager: pluggy.PluginManager
    hooks: frozenset[Hook]

    @property
    def source(self) -> str:
        """How the plugin is credited."""
        return f"plugin {self.name}"

    def call(self, hook: Hook, **arguments: object) -> object:
        """Call one hook; `None` if the plugin doesn't fill it. Raises what the plugin raises."""
        found: list[object] = getattr(self.manager.hook, hook)(**arguments)
        return found[0] if found else None


@frozen
class PluginInfo:
    """What is to be told of a plugin, loaded or not."""

    name: str
    department: str | None
    distribution: str | None
    hooks: tuple[Hook, ...]
    problems: tuple[Problem, ...]


@frozen(eq=False)
class Registry:
    """The plugins in use, in order of their names, and what is wrong with those that are not."""

    plugins: tuple[Plugin, ...] = ()
    infos: tuple[PluginInfo, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with any plugin."""
        return tuple(problem for info in self.infos for problem in info.problems)

    def with_hook(self, hook: Hook) -> Iterator[Plugin]:
        """The plugins that fill a hook."""
        return (plugin for plugin in self.plugins if hook in plugin.hooks)


# ---- finding -----------------------------------------------------------------------------------------------------------------


def discover(plugins: bool | Iterable[object], services: Iterable[object] = ()) -> Registry:  # noqa: FBT001
    """Load plugins: with `True` every installed one that speaks for a department, else those that are given.

    Given plugins are names of entry points, modules or objects; `services` are named beside them.
    """
    installed = _installed() if plugins or services else {}
    given: dict[str, list[tuple[object, str | None]]] = {}
    infos: list[PluginInfo] = []
    wanted = [*(() if isinstance(plugins, bool) else plugins), *services]
    named = {each for each in wanted if isinstance(each, str)}
    for name, entries in installed.items():
        if plugins is True or name in named:
            given[name] = [(entry, _distribution(entry)) for entry in entries]
    for each in wanted:
        if isinstance(each, str):
            if each not in installed:
                near = nearest(each, installed)
                problem = Problem("plugin-unknown", Cell(f"plugin {each}"), {"plugin": each}, nearest=near)
                infos.append(PluginInfo(each, None, None, (), (problem,)))
        else:
            given.setdefault(_name_of(each), []).append((each, None))
    loaded: list[Plugin] = []
    for name in sorted(given):
        plugin, info = _load(
            name, given[name], is_named=name in named or any(_is_given(e, wanted) for e, _ in given[name])
        )
        infos.append(info)
        if plugin is not None:
            loaded.append(plugin)
    return Registry(tuple(loaded), tuple(infos))


def _is_given(entry: object, wanted: list[object]) -> bool:
    return any(entry is each for each in wanted)


def _installed() -> dict[str, list[EntryPoint]]:
    from importlib.metadata import entry_points

    found: dict[str, list[EntryPoint]] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        others = found.setdefault(entry.name, [])
        if all(other.value != entry.value for other in others):
            others.append(entry)
    return found


def _distribution(entry: EntryPoint) -> str | None:
    return None if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"


def _name_of(plugin: object) -> str:
    name = getattr(plugin, "name", None)
    if isinstance(name, str) and name:
        return name
    return plugin.__name__.rpartition(".")[2] if isinstance(plugin, ModuleType | type) else type(plugin).__name__


def _load(name: str, entries: list[tuple[object, str | None]], *, is_named: bool) -> tuple[Plugin | None, PluginInfo]:
    from importlib.metadata import EntryPoint

    import pluggy

    from burdenlib import hooks
    from burdenlib.hooks import HOOKS

    where, distribution = Cell(f"plugin {name}"), entries[0][1]

    def refused(*problems: Problem, department: str | None = None) -> tuple[None, PluginInfo]:
        return None, PluginInfo(name, department, distribution, (), problems)

    if len(entries) > 1:
        return refused(Problem("plugin-duplicate", where, {"plugin": name}))
    plugin = entries[0][0]
    try:
        if isinstance(plugin, EntryPoint):
            plugin = plugin.load()
        if isinstance(plugin, type):
            plugin = plugin()
        department = getattr(plugin, "department", None)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # a plugin may raise anything, even SystemExit
        details = {"plugin": name, "hook": "import", "error": describe(error)}
        return refused(Problem("plugin-failed", where, details))
    if department is not None and not (isinstance(department, str) and department.strip()):
        details = {"plugin": name, "hook": "department", "error": f"{department!r} is no department"}
        return refused(Problem("plugin-nonsense", where, details))
    if department is None and not is_named:
        return refused(Problem("plugin-not-named", where, {"plugin": name}))
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hooks)
    try:
        manager.register(plugin, name)
        filled = frozenset(hook for hook in HOOKS if getattr(manager.hook, hook).get_hookimpls())
        problems = tuple(_hook_problems(name, plugin, department, filled))
        if not problems:  # those say more of a hook that isn't one
            manager.check_pending()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # looking at an object may run its code
        details = {"plugin": name, "error": describe(error)}
        return refused(Problem("plugin-hook", where, details), department=department)
    if problems:
        return refused(*problems, department=department)
    shown = tuple(hook for hook in HOOKS if hook in filled)
    return (
        Plugin(name, department, distribution, manager, filled),
        PluginInfo(name, department, distribution, shown, ()),
    )


def _hook_problems(name: str, plugin: object, department: str | None, filled: frozenset[Hook]) -> Iterator[Problem]:
    """Functions that look like hooks and are none, and hooks that such a plugin may not fill."""
    from burdenlib.hooks import DEPARTMENT_HOOKS, HOOKS, SERVICE_HOOKS

    where = Cell(f"plugin {name}")
    for attribute in dir(plugin):
        if attribute.startswith("burdenlib_") and attribute not in filled:
            if attribute in HOOKS:
                error = f"`{attribute}` isn't marked with @burdenlib.hookimpl"
            else:
                near = nearest(attribute, HOOKS)
                error = f"there is no hook `{attribute}`" + (f"; did you mean `{near}`?" if near else "")
            yield Problem("plugin-hook", where, {"plugin": name, "error": error})
    if department is not None and "burdenlib_policies" in filled:
        yield Problem("plugin-policies", where, {"plugin": name})
    allowed = SERVICE_HOOKS if department is None else DEPARTMENT_HOOKS | {"burdenlib_policies"}
    for hook in sorted(filled - allowed):
        sort = "a service plugin" if department is None else "a department's plugin"
        yield Problem("plugin-hook", where, {"plugin": name, "error": f"{sort} can't fill `{hook}`"})
    if not filled and not any(attribute.startswith("burdenlib_") for attribute in dir(plugin)):
        yield Problem("plugin-hook", where, {"plugin": name, "error": "it fills no hook"})


def describe(error: BaseException) -> str:
    """What a plugin raised, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


# ---- calling -------------------------------------------------------------------------------------------------------------------


def attempt(
    plugin: Plugin, hook: Hook, read: Callable[[object], Any], **arguments: object
) -> tuple[Any, Problem | None]:
    """Call a hook and read what it returns; what goes wrong in either is a problem, and nothing is raised."""
    where = Cell(plugin.source)
    try:
        returned = plugin.call(hook, **arguments)
        return (None if returned is None else read(returned)), None
    except KeyboardInterrupt:
        raise
    except _NonsenseError as error:
        return None, Problem("plugin-nonsense", where, {"plugin": plugin.name, "hook": hook, "error": str(error)})
    except BaseException as error:  # noqa: BLE001  # a plugin may raise anything, even SystemExit
        details = {"plugin": plugin.name, "hook": hook, "error": describe(error)}
        return None, Problem("plugin-failed", where, details)


class _NonsenseError(Exception):
    """What a plugin returned can't be used."""


def registered_tasks(plugin: Plugin, policies: PolicySet) -> tuple[tuple[Task, ...], tuple[Problem, ...]]:
    """The tasks that a plugin registers for its own department, and what is wrong with the others."""

    def read(returned: object) -> tuple[Task, ...]:
        if isinstance(returned, str | bytes | Mapping) or not isinstance(returned, Iterable):
            raise _NonsenseError(f"tasks were expected, not {type(returned).__name__}")
        tasks = tuple(_task(plugin, each) for each in itertools.islice(returned, MAX_TASKS + 1))
        if len(tasks) > MAX_TASKS:
            raise _NonsenseError(f"more than {MAX_TASKS:,} tasks")
        return tasks

    tasks, problem = attempt(plugin, "burdenlib_tasks", read, policies=policies)
    problems = [] if problem is None else [problem]
    kept: list[Task] = []
    ids: set[str] = set()
    for task in tasks or ():
        department = department_of(task, policies)
        details: dict[str, object] = {"plugin": plugin.name, "department": plugin.department or "", "task": task.id}
        if department is None or not same_department(department, plugin.department):
            other = department if department is not None else Words("(未填写)", "(not told)")
            problems.append(Problem("plugin-department", Cell(plugin.source), {**details, "other": other}))
        elif task.id in ids:
            twin = {"id": task.id, "one": plugin.source, "other": plugin.source}
            problems.append(Problem("duplicate-id", Cell(plugin.source), twin))
            kept = [each for each in kept if each.id != task.id]
        else:
            kept.append(task)
        ids.add(task.id)
    return tuple(kept), tuple(problems)


def _task(plugin: Plugin, each: object) -> Task:
    if isinstance(each, Task):
        return evolve(each, source=plugin.source, told_by="department", tellers={})
    if not isinstance(each, Mapping) or not all(isinstance(key, str) for key in each):
        raise _NonsenseError(f"a task was expected, not {type(each).__name__}")
    facts = dict(each)
    name = facts.get("id", facts.get("编号"))
    if not isinstance(name, str) or not name.strip():
        raise _NonsenseError("a task has no id")
    return Task(name, facts, source=plugin.source)


def department_of(task: Task, policies: PolicySet) -> str | None:
    """The department that a task names."""
    fact = policies.facts.get("department")
    for key in ("department",) if fact is None else fact.spellings:
        value = task.facts.get(key)
        if isinstance(value, str) and value.strip():
            return value
    return None


def same_department(one: str, other: str | None) -> bool:
    """Whether two names of departments are the same text."""
    return other is not None and normal_code(one) == normal_code(other)


def told_facts(plugin: Plugin, task: Task, policies: PolicySet) -> tuple[tuple[Told, ...], tuple[Problem, ...]]:
    """What a plugin tells of a task; a fact that it may not tell, or a value that is none, is a problem and left out."""

    def read(returned: object) -> list[tuple[str, Told]]:
        if not isinstance(returned, Mapping):
            raise _NonsenseError(f"a mapping of facts was expected, not {type(returned).__name__}")
        return [(name, told) for name, value in returned.items() for told in _statements(name, value)]

    statements, problem = attempt(plugin, "burdenlib_facts", read, task=task, policies=policies)
    problems = [] if problem is None else [problem]
    told = []
    for name, statement in statements or ():
        found = _readable(plugin, name, statement, policies)
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            told.append(found)
    return tuple(told), tuple(problems)


def _statements(name: object, value: object) -> Iterator[Told]:
    if not isinstance(name, str):
        raise _NonsenseError(f"a fact's name was expected, not {type(name).__name__}")
    if isinstance(value, Told):
        yield value
    elif isinstance(value, list | tuple) and value and all(isinstance(each, Told) for each in value):
        yield from value
    else:
        yield Told(value)


def _readable(plugin: Plugin, name: str, told: Told, policies: PolicySet) -> Told | Problem | None:
    where = Cell(plugin.source, None, name)
    details: dict[str, object] = {"plugin": plugin.name, "fact": name}
    fact = policies.find_fact(name)
    if fact is None:
        reason = Words("没有这个要素", "there is no such fact")
        return Problem(
            "plugin-fact", where, {**details, "reason": reason}, nearest=nearest(name, policies.fact_spellings)
        )
    teller = _teller(plugin, fact)
    if teller is None:
        reason = Words("该要素由主管机关或登记机关填报", "an authority or a register sets it")
        return Problem("plugin-fact", where, {**details, "reason": reason})
    try:
        value = read_value(fact.type, told.value)
    except ValueProblemError as problem:
        reason = Words(
            *(
                Problem(problem.code, where, {**problem.details, **details}).message(language)
                for language in ("zh", "en")
            )
        )
        return Problem("plugin-fact", where, {**details, "reason": reason}, nearest=problem.nearest)
    if value is None:
        return None
    given = told.origin
    return Told(value, Origin(teller, plugin.source, None, given.field, given.quote, given.offset), fact.name)


def _teller(plugin: Plugin, fact: Fact) -> str | None:
    """As whom a plugin tells a fact: a department as the department, a service only what a department or target sets."""
    if plugin.department is not None:
        return "department"
    return next((actor for actor in ("department", "target", "identity") if actor in fact.set_by), None)


def paths_of(plugin: Plugin, hook: Hook) -> tuple[tuple[str | Path, ...], Problem | None]:
    """The documents that a plugin brings."""

    def read(returned: object) -> tuple[str | Path, ...]:
        if isinstance(returned, str | bytes) or not isinstance(returned, Iterable):
            raise _NonsenseError(f"a list of documents was expected, not {type(returned).__name__}")
        found = tuple(itertools.islice(returned, 1000))
        if not all(isinstance(each, str | Path) for each in found):
            raise _NonsenseError("documents are texts or paths")
        return found

    found, problem = attempt(plugin, hook, read)
    return (found or ()), problem


def mapping_of(plugin: Plugin, hook: Hook) -> tuple[Mapping[str, Callable[..., Any]], Problem | None]:
    """The readers or renderers that a plugin brings."""

    def read(returned: object) -> Mapping[str, Callable[..., Any]]:
        if not isinstance(returned, Mapping):
            raise _NonsenseError(f"a mapping was expected, not {type(returned).__name__}")
        if not all(isinstance(name, str) and callable(each) for name, each in returned.items()):
            raise _NonsenseError("names with functions were expected")
        return dict(returned)

    found, problem = attempt(plugin, hook, read)
    return (found or {}), problem
