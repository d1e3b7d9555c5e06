"""Verdicts written down: a table for a terminal, JSON, JSON Lines, CSV, XLSX, HTML."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from burdenlib.writers.columns import HEADS
from burdenlib.writers.report import SHEETS, Report, Result, printable, tally
from burdenlib.writers.text import as_text

__all__ = ["FORMATS", "OWN", "SUFFIXES", "Report", "Result", "as_page", "as_text", "printable", "tally", "write"]

OWN = HEADS | SHEETS
"""The heads and sheets that the writers add to a table; readers leave them out."""


def _as_json(report: Report) -> bytes:
    verdicts = [result.verdict.to_json(report.language) for result in report.results]
    return (json.dumps(verdicts, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def _as_lines(report: Report) -> bytes:
    verdicts = (result.verdict.to_json(report.language) for result in report.results)
    return "".join(json.dumps(verdict, ensure_ascii=False) + "\n" for verdict in verdicts).encode(
        "utf-8", "backslashreplace"
    )


def as_page(report: Report, *, summary: bool = True) -> str:
    """A page of HTML that stands by itself; `summary` puts the table of all verdicts before the explanations."""
    from burdenlib.writers import page

    return page.as_page(report, summary=summary)


def _as_csv(report: Report) -> bytes:
    from burdenlib.writers.csv_file import as_csv

    return as_csv(report)


def _as_xlsx(report: Report) -> bytes:
    from burdenlib.writers.xlsx import as_xlsx

    return as_xlsx(report)


FORMATS: Mapping[str, Callable[[Report], bytes]] = {
    "text": lambda report: as_text(report).encode(),
    "json": _as_json,
    "jsonl": _as_lines,
    "csv": _as_csv,
    "xlsx": _as_xlsx,
    "html": lambda report: as_page(report).encode(),
}
"""The writers by the name of their format."""

SUFFIXES: Mapping[str, str] = {
    ".txt": "text",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".html": "html",
    ".htm": "html",
}
"""The formats by the suffix of a file."""


def write(report: Report, format: str) -> bytes:
    """The report as the bytes of a file; raises `KeyError` for a format that there isn't."""
    return FORMATS[format](report)
