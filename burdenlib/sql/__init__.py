"""Policies as SQL: a checked policy set as one query for PostgreSQL, DuckDB or Spark; alone knows sqlglot."""

from __future__ import annotations

from burdenlib.problems import Problem, TaskError
from burdenlib.source import Cell

try:
    from burdenlib.sql.dialects import DialectName
    from burdenlib.sql.query import Query, Table, query
    from burdenlib.sql.reading import Column
    from burdenlib.sql.scope import Outside, UnsupportedSqlError
except ModuleNotFoundError as error:
    if error.name != "sqlglot":
        raise
    raise TaskError([Problem("needs-extra", Cell("sql"), {"package": error.name, "extra": "sql"})]) from None

__all__ = ["Column", "DialectName", "Outside", "Query", "Table", "UnsupportedSqlError", "query"]
