"""Read the tasks that the user names, judge them, and put each verdict beside its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import click
from attrs import evolve, frozen

from burdenlib.cli.options import Judging
from burdenlib.cli.progress import JUDGING, LOADING, READING, Waiting
from burdenlib.engine import Engine
from burdenlib.facts import Value, ValueProblemError, read_cell, show
from burdenlib.policy import PolicySet
from burdenlib.problems import Problem, TaskError, nearest
from burdenlib.readers import Entry, Intake, join, read_tasks
from burdenlib.readers.heads import facts_elsewhere
from burdenlib.source import Cell, fold
from burdenlib.task import Task, read_task
from burdenlib.verdict import Verdict
from burdenlib.words import Language
from burdenlib.writers import OWN, Report, Result

__all__ = ["Judged", "judge"]

_USUAL = frozenset({"usual", "通常"})


@frozen
class Judged:
    """What came of a run: the engine that judged, and the report on it."""

    engine: Engine
    report: Report

    @property
    def is_complete(self) -> bool:
        """Whether every task could be judged."""
        return not any(problem.severity == "error" for problem in self.report.problems)

    @property
    def all_accepted(self) -> bool:
        """Whether every verdict is `accepted`."""
        return all(result.verdict.status == "accepted" for result in self.report.results)


def judge(options: Judging) -> Judged:
    """Load, read and judge; raises `BurdenError` where nothing may be judged."""
    if not options.files and not options.plugins:
        raise click.UsageError("name a FILE of tasks, or give --plugins; 请给出任务文件,或使用 --plugins")
    with Waiting(LOADING, options.language):
        engine = Engine.load(*options.policy, plugins=options.plugins, services=options.service)
        assumed, usual = read_assumptions(options.assume, engine.policies)
    intake = _read(options, engine)
    if intake.errors and not options.keep_going:
        raise TaskError((*intake.problems, *_also_wrong(intake, engine.policies)))
    results, problems = _judge(options, engine, intake, assumed, usual=usual)
    noted = tuple(problem for problem in (*intake.problems, *problems) if problem.code != "plugin-not-named")
    described = _described(options, engine.policies, assumed, usual=usual)
    return Judged(engine, Report(tuple(results), _columns(intake, results), options.language, described, noted))


# ---- reading ---------------------------------------------------------------------------------------------------------------------


def _read(options: Judging, engine: Engine) -> Intake:
    readers, problems = engine.readers()
    skip = (*OWN, *options.skip_column)
    intakes: list[Intake] = []
    with Waiting(READING, options.language) as progress:
        for file in dict.fromkeys(options.files):
            done = sum(len(each.entries) for each in intakes)
            intakes.append(
                read_tasks(
                    file,
                    engine.policies,
                    readers,
                    skip=skip,
                    progress=_after(done, progress),
                )
            )
    together = _told_apart(join(intakes))
    return evolve(together, problems=(*together.problems, *problems))


def _after(done: int, progress: Callable[[int, int], None], total: int = 0) -> Callable[..., None]:
    """Count on from what earlier files or portfolios have done."""
    return lambda count, *_: progress(done + count, total)


def _told_apart(intake: Intake) -> Intake:
    """Give the tasks of files with one name in different folders different ids, where those were made up."""
    owners: dict[str, str] = {}
    entries = []
    for entry in intake.entries:
        task = entry.task
        folder = str(Path(task.source).parent)
        if owners.setdefault(task.id, task.source) != task.source and folder != "." and _is_made_up(task):
            task = evolve(task, id=f"{folder}/{task.id}")
        entries.append(evolve(entry, task=task))
    return evolve(intake, entries=tuple(entries))


def _is_made_up(task: Task) -> bool:
    return task.id.startswith(Path(task.source).name.partition(":")[0]) and not any(
        value == task.id for value in task.facts.values()
    )


def _also_wrong(intake: Intake, policies: PolicySet) -> Iterator[Problem]:
    """What is wrong with the tasks that could be read, so that everything is told at once."""
    for entry in intake.entries:
        for problem in read_task(entry.task, policies)[1]:
            if problem.code != "unknown-fact" or problem.details["name"] not in facts_elsewhere():
                yield problem


# ---- judging ---------------------------------------------------------------------------------------------------------------------


def _judge(
    options: Judging, engine: Engine, intake: Intake, assumed: Mapping[str, Value], *, usual: bool
) -> tuple[list[Result], tuple[Problem, ...]]:
    """The verdicts in the order of the tasks, those that plugins register last."""
    registered = tuple(Entry(task, task.facts) for task in engine.tasks)
    entries = (*intake.entries, *registered)
    groups: dict[str | None, list[Entry]] = {None: []} if registered else {}
    for entry in entries:
        groups.setdefault(entry.portfolio, []).append(entry)
    found: dict[int, Verdict] = {}
    problems: list[Problem] = []
    done = 0
    with Waiting(JUDGING, options.language) as progress:
        for group in groups.values():
            outcome = engine.check_all(
                [entry.task for entry in group],
                as_of=options.as_of,
                assume=assumed,
                assume_usual=usual,
                strict=options.strict,
                keep_going=options.keep_going,
                progress=_after(done, progress, len(entries)),
            )
            done += len(group)
            found |= {
                id(group[number]): verdict for number, verdict in zip(outcome.judged, outcome.verdicts, strict=True)
            }
            problems += outcome.problems
    results = [Result(found[id(entry)], entry.row) for entry in entries if id(entry) in found]
    return results, tuple(problems)


def _columns(intake: Intake, results: Iterable[Result]) -> tuple[str, ...]:
    """The input's columns; where plugins register tasks, those of their facts as well."""
    heads = dict.fromkeys(intake.columns)
    for result in results:
        heads |= dict.fromkeys(result.row)
    return tuple(heads)


# ---- assumptions -----------------------------------------------------------------------------------------------------------------


def read_assumptions(texts: Iterable[str], policies: PolicySet) -> tuple[Mapping[str, Value], bool]:
    """What `--assume` says: values by fact, read as the cells of a table, and whether to assume what is usual."""
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    usual = False
    for text in texts:
        name, sign, raw = fold(text).partition("=")
        name = name.strip()
        if not sign and name in _USUAL:
            usual = True
            continue
        if not name or not raw.strip():
            problems.append(Problem("bad-assumption", Cell("--assume"), {"found": text}))
            continue
        found = _assumption(name, text[len(text) - len(raw) :], policies)
        if isinstance(found, Problem):
            problems.append(found)
        elif found[0] in values:
            problems.append(Problem("told-twice", Cell("--assume", None, name), {"fact": name, "other": name}))
        else:
            values[found[0]] = found[1]
    if problems:
        raise TaskError(problems)
    return values, usual


def _assumption(name: str, raw: str, policies: PolicySet) -> tuple[str, Value] | Problem:
    where = Cell("--assume", None, name)
    if (fact := policies.find_fact(name)) is None:
        return Problem("unknown-fact", where, {"name": name}, nearest=nearest(name, policies.fact_spellings))
    try:
        value = read_cell(fact.type, raw)
    except ValueProblemError as problem:
        return Problem(problem.code, where, {**problem.details, "fact": name}, nearest=problem.nearest)
    if value is None:
        return Problem("bad-assumption", where, {"found": f"{name}={raw}"})
    return fact.name, value


def _described(
    options: Judging, policies: PolicySet, assumed: Mapping[str, Value], *, usual: bool
) -> Mapping[str, str]:
    """The options that the verdicts depend on, in words."""
    language: Language = options.language
    zh = language == "zh"
    parts = [
        f"{policies.facts[name].label.pick('zh') if zh else name}={show(policies.facts[name].type, value, language)}"
        for name, value in assumed.items()
    ]
    if usual:
        parts.append("通常取值" if zh else "what is usual")
    described: dict[str, str] = {}
    if options.as_of is not None:
        described["判定日" if zh else "as of"] = options.as_of.isoformat()
    if parts:
        described["假定" if zh else "assumed"] = ("；" if zh else "; ").join(parts)
    if options.strict:
        described["仅采信填报方" if zh else "strict"] = "是" if zh else "yes"
    return described
