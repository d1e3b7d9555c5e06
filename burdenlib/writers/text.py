"""A table for a terminal, in colour where there is one, and the explanations below it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from burdenlib.answer import Status
from burdenlib.source import display_width
from burdenlib.verdict import Verdict
from burdenlib.wording import next_step, status_text
from burdenlib.writers.columns import deciding_text
from burdenlib.writers.report import Report, printable, tally

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["WIDTH", "as_text"]

WIDTH = 120
"""How wide a table is where no terminal says."""

_STYLES: dict[Status, str] = {"accepted": "bold green", "rejected": "bold red", "undetermined": "bold yellow"}


def as_text(report: Report, *, width: int | None = None, colour: bool = False, explain: bool = False) -> str:
    """The results as a table, a line that counts them, and with `explain` every explanation."""
    from rich.console import Console

    stream = io.StringIO()
    console = Console(
        file=stream,
        width=max(width or WIDTH, 40),
        force_terminal=colour,
        no_color=not colour,
        color_system="auto" if colour else None,
        emoji=False,
        markup=False,
        highlight=False,
        legacy_windows=False,
    )
    if report.results:
        console.print(_table(report))
    text = "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
    parts = [text, "\n".join(_below(report))]
    if explain:
        parts += [printable(result.verdict.explain(report.language)) for result in report.results]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(report: Report) -> Table:
    from rich.box import ROUNDED, Box
    from rich.table import Table
    from rich.text import Text

    box: Box = ROUNDED
    table = Table(box=box, expand=False, show_lines=True, header_style="bold", pad_edge=True)
    ids = max(display_width(printable(result.verdict.task)) for result in report.results)
    table.add_column(report.say("编号", "id"), overflow="fold", min_width=min(ids, 14), max_width=18)
    table.add_column(report.say("标题", "title"), overflow="fold", ratio=2, min_width=8)
    table.add_column(report.say("结论", "verdict"), no_wrap=True)
    table.add_column(report.say("理由", "why"), overflow="fold", ratio=4, min_width=10)
    table.add_column(report.say("下一步", "next step"), overflow="fold", ratio=3, min_width=10)
    for result in report.results:
        verdict = result.verdict
        table.add_row(
            Text(_flat(verdict.task)),
            Text(_flat(_title(verdict))),
            Text(status_text(verdict, report.language), style=_STYLES[verdict.status]),
            Text(_flat(deciding_text(verdict, report.language))),
            Text(_flat(next_step(verdict, report.language))),
        )
    return table


def _title(verdict: Verdict) -> str:
    title = verdict.known.get("title")
    return title if isinstance(title, str) else ""


def _flat(text: str) -> str:
    return " ".join(printable(text).split())


def _below(report: Report) -> Iterator[str]:
    yield tally(report)
    for name, value in report.options.items():
        yield printable(f"{name}{report.say('：', ': ')}{value}")
