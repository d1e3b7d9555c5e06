"""`burdenlib check`: judge tasks, and write the verdicts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from burdenlib.cli.guard import ALL_ACCEPTED, NOT_ALL_ACCEPTED, UNUSABLE
from burdenlib.cli.judging import Judged, judge
from burdenlib.cli.options import Judging, judging_options
from burdenlib.cli.output import put, show_problems, terminal_width, wants_colour
from burdenlib.cli.progress import WRITING, Waiting
from burdenlib.problems import Problem, TaskError, nearest
from burdenlib.source import Cell
from burdenlib.words import Language
from burdenlib.writers import FORMATS, SUFFIXES, Report, as_text, write

__all__ = ["check", "finish", "refuse_overwriting"]

_BINARY = frozenset({"xlsx"})


@click.command()
@judging_options
@click.option(
    "--format", metavar="NAME", help=f"{', '.join(FORMATS)}, or a plugin's; default: by --output, else text. 输出格式。"
)
@click.option("-v", "--explain", is_flag=True, help="Print each explanation under the table. 在表后逐项说明。")
@click.pass_context
def check(ctx: click.Context, /, explain: bool, **options: Any) -> None:
    """Judge the tasks of FILEs and write the verdicts.

    判定任务能否下达。FILE:JSON、JSONL、CSV、XLSX、Parquet,“-”为标准输入。

    Exit status: 0 all accepted; 1 something rejected or undetermined; 2 input or policy that can't be used.
    """
    asked = Judging(**options)
    refuse_overwriting(asked)
    format = _format(asked)
    if format in _BINARY and asked.output is None and sys.stdout.isatty():
        raise TaskError([Problem("needs-output", Cell("--format"), {"format": format})])
    judged = judge(asked)
    renderer = None if format in FORMATS else _renderer(judged, format)
    with Waiting(WRITING, asked.language):
        data = _rendered(judged.report, format, renderer, asked, explain=explain)
    put(data, asked.output)
    finish(ctx, judged, asked.language)


def finish(ctx: click.Context, judged: Judged, language: Language) -> None:
    """Show what was wrong, and end with the status that says how it went."""
    show_problems(judged.report.problems, language)
    if not judged.is_complete:
        ctx.exit(UNUSABLE)
    ctx.exit(ALL_ACCEPTED if judged.all_accepted else NOT_ALL_ACCEPTED)


def refuse_overwriting(options: Judging) -> None:
    """Refuse to write over what is read."""
    if options.output is None or options.output == "-":
        return
    target = Path(options.output)
    if any(file != "-" and Path(file).exists() and target.exists() and target.samefile(file) for file in options.files):
        raise TaskError([Problem("output-is-input", Cell(options.output))])


def _format(options: Judging) -> str:
    if options.format is not None:
        return options.format
    if options.output is None or options.output == "-":
        return "text"
    suffix = Path(options.output).suffix.lower()
    if suffix not in SUFFIXES:
        details = {"suffix": suffix or options.output, "known": ", ".join(SUFFIXES)}
        raise TaskError([Problem("unknown-output", Cell(options.output), details)])
    return SUFFIXES[suffix]


Renderer = Callable[..., object]


def _renderer(judged: Judged, format: str) -> Renderer:
    """The renderer of a service plugin."""
    renderers, _ = judged.engine.renderers()
    if format not in renderers:
        known = (*FORMATS, *renderers)
        details = {"suffix": format, "known": ", ".join(known)}
        raise TaskError([Problem("unknown-output", Cell("--format"), details, nearest=nearest(format, known))])
    return renderers[format]


def _rendered(report: Report, format: str, renderer: Renderer | None, options: Judging, *, explain: bool) -> bytes:
    if renderer is not None:
        return _foreign(report, renderer, options.language)
    if format == "text":
        width = terminal_width() if options.output is None else None
        colour = options.output is None and wants_colour()
        return as_text(report, width=width, colour=colour, explain=explain).encode(_encoding(options), "replace")
    return write(report, format)


def _encoding(options: Judging) -> str:
    """Files are in UTF-8; standard output is in what it says that it is in."""
    return (sys.stdout.encoding or "utf-8") if options.output is None else "utf-8"


def _foreign(report: Report, renderer: Renderer, language: Language) -> bytes:
    """What a plugin makes of the verdicts; what goes wrong in it is named."""
    try:
        text = renderer(tuple(result.verdict for result in report.results), language)
        if not isinstance(text, str | bytes):
            raise TypeError(f"text was expected, not {type(text).__name__}")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # a plugin may raise anything, even SystemExit
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        plugin = getattr(renderer, "__module__", str(renderer))
        details = {"plugin": plugin, "hook": "burdenlib_renderers", "error": said}
        raise TaskError([Problem("plugin-failed", Cell(f"plugin {plugin}"), details)]) from None
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")
