"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import click
from attrs import frozen

from burdenlib.cli.language import default_language
from burdenlib.facts import FactType, ValueProblemError, read_cell
from burdenlib.words import Language

__all__ = ["Judging", "judging_options", "language_option", "text_or_json"]

F = TypeVar("F", bound=Callable[..., Any])


class DayType(click.ParamType[date]):
    """A date as a table may have it."""

    name = "DATE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read a date; anything else is an error of usage."""
        try:
            day = read_cell(FactType("date"), value)
        except ValueProblemError:
            day = None
        if not isinstance(day, date):
            self.fail(f"{value!r} is no date: write 2024-03-01", param, ctx)
        return day


def _language(ctx: click.Context, _: click.Parameter, value: str | None) -> Language:
    language: Language = default_language() if value is None else "zh" if value == "zh" else "en"
    ctx.meta["burdenlib.language"] = language
    return language


def language_option(command: F) -> F:
    """Add `--language`."""
    return click.option(
        "--language",
        type=click.Choice(["zh", "en"]),
        callback=_language,
        is_eager=True,
        help="Language of the answers; default: the locale's. 输出语言,默认随系统区域设置。",
    )(command)


def text_or_json(command: F) -> F:
    """Add `--format` for a command that answers in text or JSON."""
    return click.option(
        "--format",
        type=click.Choice(["text", "json"]),
        default="text",
        help="Text to read, or JSON for programs. 输出格式。",
    )(command)


@frozen
class Judging:
    """What the user says of how tasks are to be judged."""

    files: tuple[str, ...]
    policy: tuple[str, ...]
    as_of: date | None
    assume: tuple[str, ...]
    strict: bool
    keep_going: bool
    plugins: bool
    service: tuple[str, ...]
    skip_column: tuple[str, ...]
    format: str | None
    output: str | None
    language: Language


_OPTIONS: Sequence[Callable[[Any], Any]] = (
    click.argument("files", metavar="FILE...", nargs=-1),
    click.option(
        "--policy",
        multiple=True,
        metavar="PATH_OR_NAME",
        help="A policy file, a folder, or a shipped set; default: all that is shipped. 政策文件、文件夹或随附政策集。",
    ),
    click.option(
        "--as-of",
        type=DayType(),
        help="Judge by what is in force on this day. 按该日有效的规定判定。",
    ),
    click.option(
        "--assume",
        multiple=True,
        metavar="FACT=VALUE|usual",
        help="Assume a fact that no task tells, or of each what is usual. 假定未填报的要素。",
    ),
    click.option(
        "--strict", is_flag=True, help="Facts that others than may tell them say count as missing. 仅采信填报方。"
    ),
    click.option(
        "--keep-going", is_flag=True, help="Judge the good rows, list the bad ones, exit 2. 判定正确的行,列出有误的行。"
    ),
    click.option("--plugins", is_flag=True, help="Use the installed departments' plugins. 启用已安装的部门插件。"),
    click.option("--service", multiple=True, metavar="NAME", help="Use a service plugin. 启用服务插件。"),
    click.option(
        "--skip-column",
        multiple=True,
        metavar="HEAD",
        help="Leave out a column or a sheet of this name. 不读取该列或工作表。",
    ),
    click.option("--output", "-o", metavar="PATH", help="Write to a file; its suffix chooses the format. 写入文件。"),
    language_option,
)


def judging_options(command: F) -> F:
    """Add the options of the commands that judge tasks."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
