"""Queries one round the other: each works out columns from those of the one before, and hands on what is still needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import define, field, frozen
from sqlglot import exp

from burdenlib.sql.constants import col
from burdenlib.sql.dialects import Dialect

__all__ = ["Join", "Stage", "nested"]

Expr = exp.Expr


@frozen(eq=False)
class Join:
    """A table of constants that is joined on one column each; columns of rows without a match are null."""

    table: Expr
    on: Expr
    columns: tuple[str, ...]


@define(eq=False)
class Stage:
    """One query: the columns that it works out, by name, with what each means where that helps a reader."""

    name: str
    columns: Mapping[str, Expr]
    joins: Sequence[Join] = ()
    remarks: Mapping[str, str] = field(factory=dict)


def nested(stages: Sequence[Stage], source: exp.Select, last: Sequence[Expr], dialect: Dialect) -> exp.Select:
    """The query that reads the columns `last` from the stages; the first stage stands round `source`."""
    kept = _kept(stages, last)
    query = exp.select(*last).from_(exp.to_identifier(stages[-1].name, quoted=True))
    before: exp.Select | str = source
    for stage, (own, passed) in zip(stages, kept, strict=True):
        inner = source.copy() if before is source else exp.select().from_(exp.to_identifier(str(before), quoted=True))
        for join in stage.joins:
            inner.join(join.table, on=join.on, join_type="left", copy=False)
        inner.select(*map(col, passed), *(_named(stage, name) for name in own), copy=False)
        query = query.with_(
            exp.to_identifier(stage.name, quoted=True), as_=dialect.held_apart(inner), append=True, copy=False
        )
        before = stage.name
    return query


def _named(stage: Stage, name: str) -> Expr:
    named = exp.alias_(stage.columns[name], name, quoted=True, copy=False)
    if name in stage.remarks:
        named.add_comments([stage.remarks[name]])
    return named


def _kept(stages: Sequence[Stage], last: Sequence[Expr]) -> list[tuple[list[str], list[str]]]:
    """For each stage the columns of its own that something needs, and those that it hands on."""
    needed = dict.fromkeys(_columns(last))
    found: list[tuple[list[str], list[str]]] = []
    for stage in reversed(stages):
        own = [name for name in stage.columns if name in needed]
        joined = {name for join in stage.joins for name in join.columns}
        more = _columns([*(stage.columns[name] for name in own), *(join.on for join in stage.joins)])
        passed = [name for name in needed if name not in stage.columns]
        needed = {name: None for name in (*passed, *more) if name not in joined}
        found.append((own, passed))
    return found[::-1]


def _columns(expressions: Iterable[Expr]) -> Iterable[str]:
    return (column.name for each in expressions for column in each.find_all(exp.Column))
