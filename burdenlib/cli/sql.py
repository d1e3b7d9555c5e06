"""`burdenlib sql`: write the policies as a query, so that the tasks can stay in their database."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

import click

from burdenlib.cli.guard import ALL_ACCEPTED
from burdenlib.cli.options import DayType, language_option
from burdenlib.cli.output import put
from burdenlib.cli.progress import LOADING, Waiting
from burdenlib.engine import Engine
from burdenlib.problems import Problem, TaskError
from burdenlib.source import Cell
from burdenlib.words import Language

if TYPE_CHECKING:
    from burdenlib.sql import DialectName, Query

__all__ = ["sql"]


@click.command()
@click.option(
    "--dialect",
    type=click.Choice(["postgres", "duckdb", "spark"]),
    default="postgres",
    help="The database; default: postgres. 数据库类型。",
)
@click.option(
    "--policy",
    multiple=True,
    metavar="PATH_OR_NAME",
    help="A policy file, a folder, or a shipped set; default: all that is shipped. 政策文件、文件夹或随附政策集。",
)
@click.option("--table", default="tasks", metavar="NAME", help="The table of tasks; default: tasks. 任务表名。")
@click.option(
    "--column",
    multiple=True,
    metavar="FACT[=NAME]",
    help="A fact that has a column; default: all that are read. 有对应列的要素。",
)
@click.option("--key", multiple=True, metavar="NAME", help="A column to hand on; default: id. 原样输出的列。")
@click.option("--as-of", type=DayType(), help="Judge by what is in force on this day. 按该日有效的规定判定。")
@click.option("--leave-open", is_flag=True, help="Leave open what SQL can't say. 无法写成 SQL 的规则留待核实。")
@click.option("--show-columns", is_flag=True, help="List the columns that the query reads. 列出查询读取的列。")
@click.option("--output", "-o", metavar="PATH", help="Write to a file. 写入文件。")
@language_option
@click.pass_context
def sql(
    ctx: click.Context,
    /,
    dialect: str,
    policy: tuple[str, ...],
    table: str,
    column: tuple[str, ...],
    key: tuple[str, ...],
    as_of: date | None,
    leave_open: bool,
    show_columns: bool,
    output: str | None,
    language: Language,
) -> None:
    """Write the policies as one SQL query over a table of tasks.

    把政策写成一条 SQL 查询,任务数据无需离开数据库。

    Exit status: 0 written; 2 a policy that can't be used or said in SQL.
    """
    with Waiting(LOADING, language):
        engine = Engine.load(*policy)
        found = engine.sql(
            cast("DialectName", dialect),
            table,
            dict(_pair(each) for each in column) if column else None,
            keys=key or ("id",),
            as_of=as_of,
            leave_open=leave_open,
            literals=True,
        )
    text = _columns(found) if show_columns else f"{found.text};\n"
    put(text.encode("utf-8", "backslashreplace"), output)
    ctx.exit(ALL_ACCEPTED)


def _pair(text: str) -> tuple[str, str]:
    fact, equals, name = text.partition("=")
    if equals and not name:
        raise TaskError([Problem("unknown-column", Cell("--column"), {"found": text})])
    return fact, name or fact


def _columns(found: Query) -> str:
    facts = {name: fact for fact, column in found.columns.items() for name in column.names}
    return "".join(f"{name}\t{kind}\t{facts[name]}\n" for name, kind in found.types.items())
