"""Whole tables of tasks, judged column by column: Arrow batches in, Arrow batches out."""

from __future__ import annotations

from burdenlib.problems import Problem, TaskError
from burdenlib.source import Cell

try:
    from burdenlib.audit.session import Audit, Summary, audit
except ModuleNotFoundError as error:
    if error.name not in ("numpy", "pyarrow"):
        raise
    raise TaskError([Problem("needs-extra", Cell("audit"), {"package": error.name, "extra": "audit"})]) from None

__all__ = ["Audit", "Summary", "audit"]
