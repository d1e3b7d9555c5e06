"""CSV as Excel opens it: UTF-8 with a mark, CRLF, and no cell that it would run as a formula."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime

from burdenlib.writers.columns import CellValue, grid
from burdenlib.writers.report import Report, printable

__all__ = ["as_csv", "guard"]

_RUNS = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def guard(text: str) -> str:
    """Text with an apostrophe before it if a spreadsheet would run it; the reader takes the apostrophe away again."""
    return f"'{text}" if _RUNS.match(text) else text


def as_csv(report: Report) -> bytes:
    """The results as a table."""
    table = grid(report, report.say("\uff1b", "; "))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([guard(printable(head)) for head in table.heads])
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return stream.getvalue().encode("utf-8-sig")


def _text(cell: CellValue) -> str:
    match cell:
        case None:
            return ""
        case datetime() if cell.time() == datetime.min.time():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case str():
            return guard(printable(cell) if not cell.startswith(("\t", "\r")) else cell[0] + printable(cell[1:]))
    return str(cell)
