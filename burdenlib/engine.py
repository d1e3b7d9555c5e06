"""The object that most people use: policies loaded once, tasks judged by them."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field

from burdenlib.facts import Value, ValueProblemError, read_value, to_json
from burdenlib.intake import Case, make_case
from burdenlib.judge import judge
from burdenlib.limits import apply_limits
from burdenlib.loader import Loaded, Sourcelike, load_documents, shipped_facts
from burdenlib.policy import PolicySet
from burdenlib.problems import PolicyError, Problem, TaskError, nearest
from burdenlib.questions import with_missing
from burdenlib.registry import (
    Plugin,
    Registry,
    attempt,
    department_of,
    discover,
    mapping_of,
    paths_of,
    registered_tasks,
    same_department,
    told_facts,
)
from burdenlib.source import Cell
from burdenlib.task import Task, Told, read_task
from burdenlib.verdict import Outcome, Verdict
from burdenlib.words import Words

if TYPE_CHECKING:
    from burdenlib.audit import Audit
    from burdenlib.compiled import Decision, Program, TaskTexts
    from burdenlib.sql import Column, DialectName, Query, Table

__all__ = ["Assumption", "Engine"]

Assumption = Mapping[str, object] | Literal["usual"] | None
"""What to assume of facts that nobody tells: values by fact, or of each fact what is usual."""

Progress = Callable[[int, int], None]


@define(frozen=True, eq=False, slots=False)
class Engine:
    """Policies and plugins, ready to judge tasks; it doesn't change.

    `policies` are the checked documents, `registry` the plugins in use, `problems` what was wrong with plugins and
    the warnings of the checker.
    """

    policies: PolicySet
    registry: Registry = field(factory=Registry)
    problems: tuple[Problem, ...] = ()

    @classmethod
    def load(
        cls,
        *paths: str | Path,
        texts: Mapping[str, str] | None = None,
        plugins: bool | Iterable[object] = False,
        services: Iterable[object] = (),
    ) -> Engine:
        """Load policies: files, folders or names of shipped sets (none: all that is shipped), and texts by name.

        `plugins=True` uses every installed plugin that speaks for a department, a list those that it names (entry
        points, modules or objects); `services` names service plugins beside them. Raises `PolicyError`; what is
        wrong with a plugin is kept in `problems`.
        """
        registry = discover(plugins, services)
        base: list[Sourcelike] = [*paths]
        loaded = load_documents(base, texts)
        loaded, problems = _with_documents(base, texts, loaded, registry)
        return cls(loaded.policies, registry, (*loaded.policies.findings, *registry.problems, *problems))

    # ---- plugins -----------------------------------------------------------------------------------------------------

    @cached_property
    def _registered(self) -> tuple[tuple[Task, ...], tuple[Problem, ...]]:
        tasks: list[Task] = []
        problems: list[Problem] = []
        by_key: dict[tuple[str, str], tuple[Plugin, Task]] = {}
        for plugin in self.registry.with_hook("burdenlib_tasks"):
            found, wrong = registered_tasks(plugin, self.policies)
            problems += wrong
            for task in found:
                twins = [(other, each) for (_, name), (other, each) in by_key.items() if name == task.id]
                for other, each in twins:
                    details = {"id": task.id, "one": other.source, "other": plugin.source}
                    problems.append(Problem("duplicate-id", Cell(plugin.source), details))
                    if same_department(other.department or "", plugin.department) and each in tasks:
                        tasks.remove(each)
                if not any(same_department(other.department or "", plugin.department) for other, _ in twins):
                    tasks.append(task)
                by_key.setdefault((plugin.name, task.id), (plugin, task))
        return tuple(tasks), tuple(problems)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that the departments' plugins register, in order of the plugins' names."""
        return self._registered[0]

    def _derive(self, task: Task) -> tuple[tuple[Told, ...], list[Problem]]:
        """What plugins tell of a task: the plugins of its own department, and the services."""
        told: list[Told] = []
        problems: list[Problem] = []
        department = department_of(task, self.policies)
        for plugin in self.registry.with_hook("burdenlib_facts"):
            is_service = plugin.department is None
            if is_service or (department is not None and same_department(department, plugin.department)):
                found, wrong = told_facts(plugin, task, self.policies)
                told += found
                problems += wrong
        return tuple(told), problems

    def _observe(self, task: Task, verdict: Verdict) -> Iterator[Problem]:
        department = department_of(task, self.policies)
        for plugin in self.registry.with_hook("burdenlib_verdict"):
            if plugin.department is None or (department and same_department(department, plugin.department)):
                _, problem = attempt(plugin, "burdenlib_verdict", lambda _: None, task=task, verdict=verdict)
                if problem is not None:
                    yield problem

    def readers(self) -> tuple[Mapping[str, Callable[..., object]], tuple[Problem, ...]]:
        """The readers that service plugins bring, by suffix, and what is wrong with others."""
        return self._collected("burdenlib_readers")

    def renderers(self) -> tuple[Mapping[str, Callable[..., object]], tuple[Problem, ...]]:
        """The renderers that service plugins bring, by name, and what is wrong with others."""
        return self._collected("burdenlib_renderers")

    def _collected(
        self, hook: Literal["burdenlib_readers", "burdenlib_renderers"]
    ) -> tuple[Mapping[str, Callable[..., object]], tuple[Problem, ...]]:
        found: dict[str, Callable[..., object]] = {}
        problems: list[Problem] = []
        for plugin in self.registry.with_hook(hook):
            more, problem = mapping_of(plugin, hook)
            problems += [] if problem is None else [problem]
            found |= {name: each for name, each in more.items() if name not in found}
        return found, tuple(problems)

    # ---- judging -----------------------------------------------------------------------------------------------------

    def check(
        self,
        task: Task | Mapping[str, object],
        *,
        as_of: date | None = None,
        assume: Assumption = None,
        strict: bool = False,
    ) -> Verdict:
        """Judge one task by itself; limits over a portfolio are named in `limits`, not judged.

        `as_of` moves what is in force, not the task's date. `strict` counts facts told by others than may tell them
        as missing. Raises `TaskError` if the task can't be judged as it is told; a plugin that fails to look at the
        verdict is named in a `RuntimeWarning`.
        """
        task = as_task(task)
        case, problems, _ = self._case(task, as_of, self._assumptions(assume), usual=assume == "usual", strict=strict)
        if case is None:
            raise TaskError(problems)
        verdict = with_missing(self.policies, case, judge(self.policies, case))
        for problem in self._observe(task, verdict):
            warnings.warn(problem.message("en"), RuntimeWarning, stacklevel=2)
        return verdict

    @cached_property
    def _program(self) -> Program:
        """What decides a task from what it tells, or leaves it to the interpreter: so where plugins tell facts."""
        from burdenlib.compiled import Program

        return Program(self.policies, leaves_all=bool([*self.registry.with_hook("burdenlib_facts")]))

    @cached_property
    def _texts(self) -> TaskTexts:
        from burdenlib.compiled import TaskTexts

        return TaskTexts()

    def decide(self, task: Task | Mapping[str, object], *, as_of: date | None = None) -> Decision:
        """Decide one task by itself as `check` does, without the proof and the words, some thousand times as fast.

        Facts that the decision doesn't need aren't read: `check` names everything that is wrong with a task. Raises
        `TaskError` for what is needed and can't be read, and for what is no fact.
        """
        if as_of is None:
            program = self._program
            if type(task) is dict:
                decision = program.tree.root(task)
                if decision is None:
                    decision = program.decide_labelled(task)
            else:
                told = self._told(task)
                decision = None if told is None else program.decide(told)
            if decision is not None:
                return decision
        if not isinstance(task, Task):
            task = Task(str(task.get("id", task.get("编号", "task"))), task)
        case, problems, _ = self._case(task, as_of, {}, usual=False, strict=False)
        if case is None:
            raise TaskError(problems)
        from burdenlib.compiled import Decision

        return Decision.of(judge(self.policies, case))

    def decide_json(self, data: bytes) -> bytes:
        """Decide a task that is a JSON object with an `id`; the answer is one with `task`, `status` and what decides.

        Raises `TaskError` if the task can't be judged as it is told, or is no JSON object that says each thing once.
        """
        texts = self._texts
        name, facts = texts.read(data)
        return texts.answer(name, self.decide(facts))

    def _told(self, task: Task | Mapping[str, object]) -> Mapping[str, object] | None:
        """What a task tells, its id included; `None` where it comes from a table, whose cells are read otherwise."""
        if not isinstance(task, Task):
            return task
        return None if task.cells else {**task.facts} if "编号" in task.facts else {"id": task.id, **task.facts}

    def check_all(
        self,
        tasks: Iterable[Task | Mapping[str, object]],
        *,
        as_of: date | None = None,
        assume: Assumption = None,
        assume_usual: bool = False,
        strict: bool = False,
        keep_going: bool = False,
        progress: Progress | None = None,
    ) -> Outcome:
        """Judge a portfolio, limits included.

        Raises `TaskError` with everything that is wrong with any task; with `keep_going` the other tasks are judged
        and the problems stand in the outcome. `progress` is called with how many tasks are done, and of how many.
        """
        given = [as_task(task) for task in tasks]
        values = self._assumptions(assume)
        usual = assume_usual or assume == "usual"
        problems, twins = _duplicate_ids(given, self.policies)
        judged: list[tuple[Case, Verdict]] = []
        numbers: list[int] = []
        notes: list[Problem] = []
        for number, task in enumerate(given):
            if id(task) not in twins:
                case, wrong, noted = self._case(task, as_of, values, usual=usual, strict=strict)
                problems += wrong
                notes += noted
                if case is not None and (keep_going or not problems):
                    judged.append((case, with_missing(self.policies, case, judge(self.policies, case))))
                    numbers.append(number)
            if progress is not None:
                progress(number + 1, len(given))
        if problems and not keep_going:
            raise TaskError(problems)
        verdicts = apply_limits(self.policies, judged)
        for number, verdict in zip(numbers, verdicts, strict=True):
            notes += self._observe(given[number], verdict)
        found = (*problems, *_once(notes), *self._registered[1], *self.registry.problems)
        return Outcome(tuple(verdicts), found, self._digest([case for case, _ in judged]), tuple(numbers))

    def audit(self, source: object, **options: Any) -> Audit:
        """Judge a whole table, column by column, without plugins; `source` and `options` are those of `burdenlib.audit.audit`."""
        from burdenlib.audit import audit

        return audit(self.policies, source, **options)

    def sql(
        self,
        dialect: DialectName = "postgres",
        table: Table = "tasks",
        columns: Mapping[str, str | Column] | Iterable[str] | None = None,
        **options: Any,
    ) -> Query:
        """Write the policies as one query over a table of a database, without plugins; see `burdenlib.sql.query`."""
        from burdenlib.sql import query

        return query(self.policies, dialect, table, columns, **options)

    def _case(
        self,
        task: Task,
        as_of: date | None,
        assume: Mapping[str, Value],
        *,
        usual: bool,
        strict: bool,
    ) -> tuple[Case | None, tuple[Problem, ...], list[Problem]]:
        """A task ready to be judged, or why it can't be; and what went wrong in plugins about it."""
        told, problems = read_task(task, self.policies)
        problems = tuple(problem for problem in problems if not self._known_elsewhere(problem))
        derived, noted = self._derive(task)
        errors = [Words(problem.message("zh"), problem.message("en")) for problem in noted]
        case, more = make_case(
            self.policies,
            task.id,
            told,
            derived=derived,
            errors=errors,
            as_of=as_of,
            assume=assume,
            assume_usual=usual,
            strict=strict,
        )
        wrong = (*problems, *more)
        return (None if wrong else case), wrong, noted

    def _known_elsewhere(self, problem: Problem) -> bool:
        """Whether a fact that no loaded policy declares is one that a shipped policy declares."""
        return problem.code == "unknown-fact" and problem.details["name"] in shipped_facts()

    def _assumptions(self, assume: Assumption) -> Mapping[str, Value]:
        if assume is None or isinstance(assume, str):
            return {}
        values: dict[str, Value] = {}
        problems = []
        for name, raw in assume.items():
            where = Cell("assume", None, name)
            if (fact := self.policies.find_fact(name)) is None:
                near = nearest(name, self.policies.fact_spellings)
                problems.append(Problem("unknown-fact", where, {"name": name}, nearest=near))
                continue
            try:
                value = read_value(fact.type, raw)
            except ValueProblemError as problem:
                details = {**problem.details, "fact": name}
                problems.append(Problem(problem.code, where, details, nearest=problem.nearest))
                continue
            if value is not None:
                values[fact.name] = value
        if problems:
            raise TaskError(problems)
        return values

    def _digest(self, cases: Sequence[Case]) -> str:
        """SHA-256 over what is known of the tasks of a portfolio, whatever their order."""
        facts = self.policies.facts
        lines = sorted(
            json.dumps(
                [
                    case.task,
                    {name: to_json(facts[name].type, known.value) for name, known in sorted(case.known.items())},
                ],
                ensure_ascii=False,
                sort_keys=True,
            )
            for case in cases
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def as_task(task: Task | Mapping[str, object]) -> Task:
    """A task, or a mapping of facts with an `id`, as a task; raises `TaskError` if there is no id."""
    if isinstance(task, Task):
        return task
    name = task.get("id", task.get("编号"))
    if not isinstance(name, str) or not name.strip():
        raise TaskError([Problem("not-a-task", Cell("task"), {"found": type(task).__name__})])
    return Task(name, task)


def _duplicate_ids(tasks: Sequence[Task], policies: PolicySet) -> tuple[list[Problem], frozenset[int]]:
    """The tasks that share their id with another one (by `id()`), and a problem for each pair.

    Departments number their tasks for themselves: a task that a plugin registers shares its id only with tasks of
    its own department, so that no plugin takes another department's tasks away.
    """
    problems: list[Problem] = []
    twins: set[int] = set()
    seen: dict[str, list[tuple[int, Task]]] = {}
    for number, task in enumerate(tasks, 1):
        for other_number, other in seen.get(task.id, ()):
            if _are_twins(task, other, policies):
                where = next(iter(task.cells.values()), Cell(task.source or "task"))
                details = {
                    "id": task.id,
                    "one": place_of(other) or f"#{other_number}",
                    "other": place_of(task) or f"#{number}",
                }
                problems.append(Problem("duplicate-id", Cell(where.file, where.row), details))
                twins |= {id(task), id(other)}
        seen.setdefault(task.id, []).append((number, task))
    return problems, frozenset(twins)


def _are_twins(task: Task, other: Task, policies: PolicySet) -> bool:
    if not (task.source.startswith("plugin ") or other.source.startswith("plugin ")):
        return True
    return same_department(department_of(task, policies) or "", department_of(other, policies) or "")


def place_of(task: Task) -> str:
    """Where a task comes from, in short."""
    cell = next(iter(task.cells.values()), None)
    return str(Cell(cell.file, cell.row)) if cell is not None else task.source


def _once(problems: Iterable[Problem]) -> Iterator[Problem]:
    seen: set[str] = set()
    for problem in problems:
        text = problem.message("en")
        if text not in seen:
            seen.add(text)
            yield problem


def _with_documents(
    paths: Sequence[Sourcelike], texts: Mapping[str, str] | None, base: Loaded, registry: Registry
) -> tuple[Loaded, tuple[Problem, ...]]:
    """Add the documents that plugins bring, vocabularies first; what can't be used is named and left out."""
    problems: list[Problem] = []
    loaded, documents = base, [*paths]
    for hook in ("burdenlib_vocabulary", "burdenlib_policies"):
        added: list[tuple[Plugin, tuple[Sourcelike, ...]]] = []
        for plugin in registry.with_hook(hook):
            found, problem = paths_of(plugin, hook)
            problems += [] if problem is None else [problem]
            brought = tuple(_document(plugin, index, each) for index, each in enumerate(found))
            if brought and (problem := _unusable(documents, texts, plugin, hook, brought)) is not None:
                problems.append(problem)
            elif brought:
                added.append((plugin, brought))
        if added:
            try:
                loaded = load_documents([*documents, *(each for _, group in added for each in group)], texts)
                documents += [each for _, group in added for each in group]
            except PolicyError as error:  # each fits by itself, together they don't: all are left out, and named
                text = error.problems[0].message("en")
                problems += [
                    Problem(
                        "plugin-nonsense", Cell(plugin.source), {"plugin": plugin.name, "hook": hook, "error": text}
                    )
                    for plugin, _ in added
                ]
    return loaded, tuple(problems)


def _document(plugin: Plugin, index: int, each: str | Path) -> Sourcelike:
    if isinstance(each, str) and ("\n" in each or each.lstrip().startswith(("policy ", "文件 "))):
        return (f"{plugin.source}#{index + 1}", each)
    return each


def _unusable(
    paths: Sequence[Sourcelike],
    texts: Mapping[str, str] | None,
    plugin: Plugin,
    hook: str,
    documents: tuple[Sourcelike, ...],
) -> Problem | None:
    details: dict[str, object] = {"plugin": plugin.name, "hook": hook}
    try:
        loaded = load_documents([*paths, *documents], texts)
    except PolicyError as error:
        return Problem("plugin-nonsense", Cell(plugin.source), {**details, "error": error.problems[0].message("en")})
    had = {policy.file for policy in load_documents([*paths], texts).policies.policies}
    for policy in loaded.policies.policies:
        if hook == "burdenlib_vocabulary" and policy.decides and policy.file not in had:
            error_text = f"the document `{policy.name}` holds more than facts"
            return Problem("plugin-nonsense", Cell(plugin.source), {**details, "error": error_text})
    return None
