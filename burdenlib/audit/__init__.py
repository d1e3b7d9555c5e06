"""Whole tables of tasks, judged column by column: Arrow batches in, Arrow batches out."""

from __future__ import annotations

from burdenlib.audit.session import Audit, Summary, audit

__all__ = ["Audit", "Summary", "audit"]
