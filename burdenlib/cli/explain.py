"""`burdenlib explain`: the whole explanation of each verdict."""

from __future__ import annotations

import json
from typing import Any

import click
from attrs import evolve

from burdenlib.cli.check import finish, refuse_overwriting
from burdenlib.cli.judging import judge
from burdenlib.cli.options import Judging, judging_options
from burdenlib.cli.output import put
from burdenlib.problems import Problem, TaskError, nearest
from burdenlib.source import Cell
from burdenlib.writers import Report, as_page, printable

__all__ = ["explain"]


@click.command()
@judging_options
@click.option("--task", "tasks", multiple=True, metavar="ID", help="Explain only this task. 只说明该任务。")
@click.option(
    "--format",
    type=click.Choice(["text", "markdown", "html", "json"]),
    default="text",
    help="How to word it. 输出格式。",
)
@click.pass_context
def explain(ctx: click.Context, /, tasks: tuple[str, ...], **options: Any) -> None:
    """Judge the tasks of FILEs and explain each verdict with its whole proof.

    逐项说明结论、理由、依据和证明过程。

    Exit status: as of `check`, for the tasks that are explained.
    """
    asked = Judging(**options)
    refuse_overwriting(asked)
    judged = judge(asked)
    report = _only(judged.report, tasks) if tasks else judged.report
    put(_worded(report, asked.format or "text").encode("utf-8", "backslashreplace"), asked.output)
    finish(ctx, evolve(judged, report=report), asked.language)


def _only(report: Report, tasks: tuple[str, ...]) -> Report:
    known = {result.verdict.task for result in report.results}
    if missing := [task for task in tasks if task not in known]:
        problems = [Problem("unknown-task", Cell("--task"), {"id": id}, nearest=nearest(id, known)) for id in missing]
        raise TaskError([*report.problems, *problems])
    return evolve(report, results=tuple(result for result in report.results if result.verdict.task in tasks))


def _worded(report: Report, format: str) -> str:
    verdicts = [result.verdict for result in report.results]
    language = report.language
    if format == "json":
        explained = [json.loads(verdict.explain(language, "json")) for verdict in verdicts]
        return json.dumps(explained, ensure_ascii=False, indent=2) + "\n"
    if format == "html":
        return as_page(report, summary=False)
    if format == "markdown":
        return "\n\n".join(printable(verdict.explain(language, "markdown")) for verdict in verdicts) + "\n"
    rule = "\n\n" + "\u2500" * 60 + "\n\n"
    return rule.join(printable(verdict.explain(language)) for verdict in verdicts) + "\n"
