"""Databases that are asked policies as SQL: DuckDB, a PostgreSQL and a Spark of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
from attrs import evolve

import burdenlib.testing as bt
from burdenlib import policy as p
from burdenlib.engine import Engine
from burdenlib.facts import NONE, SetValue, Value, read_value
from burdenlib.sql import Column, DialectName, Query, query
from burdenlib.testing.implementations import SILENT, codes_of, named, reply_of_row, without_limits

try:
    import psycopg
    from psycopg import sql
except ImportError:  # no wheel for this machine
    psycopg = None  # type: ignore[assignment]

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))

HAS_POSTGRES = psycopg is not None and bool(PROGRAMS)


class Database(Protocol):
    """A database with a table of tasks."""

    dialect: DialectName

    def answers(self, asked: Query, rows: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
        """Fill the table, ask, and give the answers in the order of the rows' ids."""
        ...


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class DuckDb:
    dialect: DialectName = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()

    def answers(self, asked: Query, rows: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
        types = {"id": "text", **asked.types}
        columns = ", ".join(f"{quoted(name)} {'double' if kind == 'numeric' else kind}" for name, kind in types.items())
        self.connection.execute(f"create or replace table tasks ({columns})")
        told = pa.table({name: _column(kind, [row.get(name) for row in rows]) for name, kind in types.items()})
        self.connection.register("told", told)
        self.connection.execute("insert into tasks select * from told")
        found = self.connection.execute(asked.text, dict(asked.parameters))
        names = [each[0] for each in found.description]
        return sorted((dict(zip(names, each, strict=True)) for each in found.fetchall()), key=lambda each: each["id"])


def _column(kind: str, values: Sequence[object]) -> pa.Array:
    types = {"boolean": pa.bool_(), "numeric": pa.float64(), "text[]": pa.list_(pa.string())}
    if kind == "date" and not any(isinstance(each, str) for each in values):
        return pa.array(values, pa.date32())
    return pa.array(values, types.get(kind, pa.string()))


@cache
def duck() -> DuckDb:
    return DuckDb()


class Postgres:
    dialect: DialectName = "postgres"

    def __init__(self, folder: str) -> None:
        self.connection = psycopg.connect(host=folder, dbname="postgres", user="burden", autocommit=True)

    def close(self) -> None:
        self.connection.close()

    def answers(self, asked: Query, rows: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
        types = {"id": "text", **asked.types}
        columns = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in types.items()]
        marks = sql.SQL(", ").join(sql.Placeholder() * len(types))
        with self.connection.cursor() as cursor:
            cursor.execute("drop table if exists tasks")
            cursor.execute(sql.SQL("create table tasks ({})").format(sql.SQL(", ").join(columns)))
            cursor.executemany(
                sql.SQL("insert into tasks values ({})").format(marks),
                [[row.get(name) for name in types] for row in rows],
            )
            cursor.execute(asked.text, asked.parameters or None)
            names = [each.name for each in cursor.description or ()]
            found = [dict(zip(names, each, strict=True)) for each in cursor.fetchall()]
        return sorted(found, key=lambda each: each["id"])


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL in a temporary folder, that nobody else can reach."""
    programs = PROGRAMS[-1].parent
    with tempfile.TemporaryDirectory(prefix="burden") as folder:
        user = "nobody" if os.geteuid() == 0 else None  # the server refuses to run as root
        if user is not None:
            shutil.chown(folder, user)

        def run(program: str, *options: str) -> None:
            subprocess.run(
                [programs / program, "-D", f"{folder}/data", *options],
                check=True,
                capture_output=True,
                user=user,
                cwd=folder,
            )

        run("initdb", "-U", "burden", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c jit=off"
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            with closing(Postgres(folder)) as database:
                yield database
        finally:
            run("pg_ctl", "-m", "immediate", "stop")


class Spark:
    dialect: DialectName = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session

    def answers(self, asked: Query, rows: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
        kinds = {"text": "string", "numeric": "double", "text[]": "array<string>"}
        types = {"id": "text", **asked.types}
        schema = ", ".join(f"`{name.replace('`', '``')}` {kinds.get(kind, kind)}" for name, kind in types.items())
        told = [[float(v) if type(v := row.get(name)) is int else v for name in types] for row in rows]
        self.session.createDataFrame(told, schema).createOrReplaceTempView("tasks")
        found = [row.asDict() for row in self.session.sql(asked.text, args=dict(asked.parameters)).collect()]
        return sorted(found, key=lambda each: each["id"])


@contextmanager
def spark_session() -> Iterator[Spark]:
    """A Spark of one thread."""
    from pyspark.sql import SparkSession

    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1"}
    session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    try:
        yield Spark(session)
    finally:
        session.stop()


# ---- as an implementation --------------------------------------------------------------------------------------------------


def as_sql(database: Database) -> bt.Implementation:
    """The policies as SQL, asked in a database; it leaves portfolios alone, and what hangs on rules outside SQL."""

    def answer(engine: Engine, question: bt.Question) -> list[bt.Reply]:
        policies = without_limits(engine.policies)
        told = [named(policies, task) for task in question.tasks]
        asked = _query(policies, database.dialect, question.as_of)
        rows = {f"{at:06}": _row(policies, asked, f"{at:06}", task) for at, task in enumerate(told) if task is not None}
        found = {row["id"]: row for row in database.answers(asked, [*rows.values()])} if rows else {}
        outside = frozenset(each.rule for each in asked.outside)
        return [_reply(policies, found.get(f"{at:06}"), outside) for at in range(len(told))]

    return bt.Implementation(f"SQL, {database.dialect}", answer)


@lru_cache(maxsize=8)
def _query(policies: p.PolicySet, dialect: DialectName, as_of: date | None) -> Query:
    columns = {
        fact.name: Column(
            fact.name,
            none=f"{fact.name} none" if fact.type.kind in ("number", "date") and fact.type.or_none else None,
            excludes=f"{fact.name} not" if fact.type.kind == "set_of" else None,
        )
        for fact in policies.facts.values()
        if fact.name != "id"
    }
    return query(policies, dialect, columns=columns, as_of=as_of, leave_open=True)


def _row(policies: p.PolicySet, asked: Query, name: str, task: Mapping[str, object]) -> dict[str, object]:
    row: dict[str, object] = {"id": name}
    for key, raw in task.items():
        if key in asked.columns:
            column = asked.columns[key]
            value = read_value(policies.facts[key].type, raw)
            if column.excludes is not None and isinstance(value, SetValue):
                row[column.excludes] = sorted(value.excludes)
            if column.none is not None and value is NONE:
                row[column.none] = True
            else:
                row[column.name] = _cell(value)
    return row


def _cell(value: Value | None) -> object:
    if isinstance(value, SetValue):
        return sorted(value.includes)
    return "none" if value is NONE else float(value) if isinstance(value, Decimal) else value


def _reply(policies: p.PolicySet, row: Mapping[str, Any] | None, outside: frozenset[str]) -> bt.Reply:
    if row is None or (row["problems"] or "").startswith("text-not-comparable"):
        return SILENT
    reply = reply_of_row(row, codes_of(policies))
    if any(rule in outside for _, rule in reply.reasons or ()):
        return SILENT
    if outside and reply.status == "rejected":  # then nothing is said of what is open
        return evolve(reply, reasons=None)
    return reply
