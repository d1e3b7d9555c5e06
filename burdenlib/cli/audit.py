"""`burdenlib audit`: judge whole tables column by column, and write the answers."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from burdenlib.cli.guard import ALL_ACCEPTED, NOT_ALL_ACCEPTED, UNUSABLE
from burdenlib.cli.options import DayType, language_option, text_or_json
from burdenlib.cli.output import put, show, show_problems
from burdenlib.cli.progress import AUDITING, LOADING, Waiting
from burdenlib.engine import Engine
from burdenlib.problems import Problem, TaskError
from burdenlib.source import Cell
from burdenlib.verdict import Verdict
from burdenlib.words import Language
from burdenlib.writers import OWN, printable

if TYPE_CHECKING:
    from burdenlib.audit import Audit, Summary

__all__ = ["audit"]

_MOST = 20
"""How many reasons and open facts the text tells."""


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--policy",
    multiple=True,
    metavar="PATH_OR_NAME",
    help="A policy file, a folder, or a shipped set; default: all that is shipped. 政策文件、文件夹或随附政策集。",
)
@click.option("--as-of", type=DayType(), help="Judge by what is in force on this day. 按该日有效的规定判定。")
@click.option("--keep-going", is_flag=True, help="Judge the good rows, list the bad ones. 判定正确的行,列出有误的行。")
@click.option("--skip-column", multiple=True, metavar="HEAD", help="Leave out a column of this name. 不读取该列。")
@click.option("--output", "-o", metavar="PATH", help="Write the answers to .parquet, .arrow or .csv. 写入文件。")
@click.option("--explain", metavar="ROW_ID", help="Explain only the row with this id or number. 只说明该行。")
@text_or_json
@language_option
@click.pass_context
def audit(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    policy: tuple[str, ...],
    as_of: date | None,
    keep_going: bool,
    skip_column: tuple[str, ...],
    output: str | None,
    explain: str | None,
    format: str,
    language: Language,
) -> None:
    """Judge the rows of FILEs (Parquet, Arrow, CSV), however many, and count the answers.

    审计大表:逐列判定全部行,汇总结论、理由和待核实要素。

    Exit status: 0 all accepted; 1 something rejected or undetermined; 2 input or policy that can't be used.
    """
    _refuse_overwriting(files, output)
    with Waiting(LOADING, language):
        engine = Engine.load(*policy)
    with Waiting(AUDITING, language, paced=True) as progress:
        found = engine.audit(
            files,
            as_of=as_of,
            skip=(*OWN, *skip_column),
            keep_going=keep_going,
            progress=progress,
        )
        if explain is not None:
            verdict = _explained(found, files, explain)
            put((_worded(verdict, format, language) + "\n").encode("utf-8", "backslashreplace"), None)
            ctx.exit(ALL_ACCEPTED if verdict.status == "accepted" else NOT_ALL_ACCEPTED)
        summary = found.summarise() if output is None else found.write(output)
    show_problems(found.problems, language)
    show(json.dumps(summary.to_json(), ensure_ascii=False, indent=2) if format == "json" else _text(summary, language))
    if any(problem.severity == "error" for problem in found.problems):
        ctx.exit(UNUSABLE)
    ctx.exit(ALL_ACCEPTED if summary.statuses["accepted"] == summary.rows else NOT_ALL_ACCEPTED)


def _refuse_overwriting(files: tuple[str, ...], output: str | None) -> None:
    target = None if output is None else Path(output)
    if target is None or not target.exists():
        return
    if any(Path(file).exists() and target.samefile(file) for file in files):
        raise TaskError([Problem("output-is-input", Cell(str(output)))])


def _explained(found: Audit, files: tuple[str, ...], row: str) -> Verdict:
    """The verdict on the row with an id, or else with a number."""
    names: list[str | int] = [row, *([int(row)] if row.isdigit() else [])]
    for name in names:
        for source in range(len(files)):
            try:
                return found.explain(name, source)
            except KeyError:
                continue
    raise TaskError([Problem("unknown-task", Cell("--explain"), {"id": row})])


def _worded(verdict: Verdict, format: str, language: Language) -> str:
    return verdict.explain(language, "json") if format == "json" else printable(verdict.explain(language))


def _text(summary: Summary, language: Language) -> str:
    zh = language == "zh"
    counts = summary.statuses
    head = (
        f"共 {summary.rows:,} 行:准入 {counts['accepted']:,} 行,不予准入 {counts['rejected']:,} 行,待核实 {counts['undetermined']:,} 行"
        if zh
        else f"{summary.rows:,} rows: {counts['accepted']:,} accepted, {counts['rejected']:,} rejected, "
        f"{counts['undetermined']:,} undetermined"
    )
    if counts["bad"]:
        head += f";另有 {counts['bad']:,} 行有误" if zh else f"; {counts['bad']:,} can't be used"
    lines = [head]
    for title, counter in (
        ("理由" if zh else "reasons", summary.reasons),
        ("待核实要素" if zh else "open", summary.open),
    ):
        found = [(name, number) for name, number in counter.most_common(_MOST) if number]
        if found:
            width = len(f"{found[0][1]:,}")
            lines += ["", title, *(f"  {number:>{width},}  {name}" for name, number in found)]
            if len(counter) > _MOST:
                lines.append(f"  …({len(counter) - _MOST:,})")
    return "\n".join(lines)
