"""XLSX: the input's columns, the verdict in colour beside them, and a second sheet that says how it was reached."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from burdenlib.answer import Status
from burdenlib.source import display_width
from burdenlib.writers.columns import CellValue, Grid, grid
from burdenlib.writers.report import Report, policies_used, printable, tally

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

__all__ = ["as_xlsx"]

_COLOURS: dict[Status, tuple[str, str]] = {
    "accepted": ("C6EFCE", "006100"),
    "rejected": ("FFC7CE", "9C0006"),
    "undetermined": ("FFEB9C", "7F5F00"),
}
_LONGEST = 32_000
_NARROWEST, _WIDEST = 8, 44
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def as_xlsx(report: Report) -> bytes:
    """The results as a workbook."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    _verdicts(book, report, grid(report, "\n"))
    _about(book, report)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _verdicts(book: Workbook, report: Report, table: Grid) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    sheet: Any = book.create_sheet(report.say("判定结论", "verdicts"))
    widths = [_width(column) for column in _columns(table)]
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    last = get_column_letter(len(table.heads))
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{last}{len(table.rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    line = Side("thin", color="D0D0D0")
    border = Border(line, line, line, line)
    top = Alignment(horizontal="left", vertical="top", wrap_text=True)
    head_fill = PatternFill("solid", fgColor="E7EBF0")

    def cell(value: CellValue) -> Any:
        made = _cell(WriteOnlyCell(sheet), value)
        made.alignment, made.border = top, border
        return made

    heads = [cell(head) for head in table.heads]
    for each in heads:
        each.font, each.fill = Font(bold=True), head_fill
    sheet.append(heads)
    styles = {
        status: (PatternFill("solid", fgColor=fill), Font(bold=True, color=ink))
        for status, (fill, ink) in _COLOURS.items()
    }
    for number, (row, result) in enumerate(zip(table.rows, report.results, strict=True), start=2):
        cells = [cell(value) for value in row]
        marked = cells[table.verdict]
        marked.fill, marked.font = styles[result.verdict.status]
        sheet.row_dimensions[number].height = _height(row, widths)
        sheet.append(cells)


def _cell(cell: Any, value: CellValue) -> Any:
    """Fill a cell; text stays text, whatever it looks like."""
    if isinstance(value, str):
        text = _ILLEGAL.sub("\ufffd", printable(value))
        cell.value = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\u2026({len(text):,})"
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in "=+-@\t'" and value != ""
        if value.isdigit():
            cell.number_format = "@"
    elif isinstance(value, datetime | date):
        midnight = not isinstance(value, datetime) or value.time() == datetime.min.time()
        cell.value = value
        cell.number_format = "yyyy-mm-dd" if midnight else "yyyy-mm-dd hh:mm"
    else:
        cell.value = value
    return cell


def _columns(table: Grid) -> Iterator[tuple[CellValue, ...]]:
    for index, head in enumerate(table.heads):
        yield (head, *(row[index] for row in table.rows[:1000]))


def _width(column: Sequence[CellValue]) -> float:
    """A width for most of a column: its head, and its cells but for the few longest."""
    head, *cells = (max((display_width(line) for line in _shown(cell).split("\n")), default=0) for cell in column)
    usual = sorted(cells)[int(len(cells) * 0.95)] if cells else 0
    return float(min(max(head + 4, usual + 2, _NARROWEST), _WIDEST))


def _height(row: Sequence[CellValue], widths: Sequence[float]) -> float:
    """A height in which a row's cells can be read; not every program finds it by itself."""
    lines = max(
        sum(max(1, math.ceil(display_width(line) / (width - 1.5))) for line in _shown(cell).split("\n"))
        for cell, width in zip(row, widths, strict=True)
    )
    return float(min(max(lines, 1) * 16 + 4, 320))


def _shown(cell: CellValue) -> str:
    if isinstance(cell, date):
        return cell.strftime("%Y-%m-%d")
    return "" if cell is None else str(cell)[:2000]


# ---- the second sheet ------------------------------------------------------------------------------------------------------------


def _about(book: Workbook, report: Report) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    sheet: Any = book.create_sheet(report.say("判定依据", "how it was judged"))
    for letter, width in zip("ABCD", (36, 18, 70, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    for heading, *cells in _lines(report):
        row = [_cell(WriteOnlyCell(sheet), text) for text in (heading, *cells)]
        for each in row:
            each.alignment = Alignment(vertical="top", wrap_text=True)
        if not cells:
            row[0].font = Font(bold=True)
        sheet.append(row)


def _lines(report: Report) -> Iterator[tuple[str, ...]]:
    """The rows of the second sheet; a heading stands alone."""
    yield (tally(report),)
    yield ("",)
    if report.options:
        yield (report.say("判定选项", "options"),)
        yield from report.options.items()
        yield ("",)
    yield (report.say("适用文件(名称、版本、摘要)", "policies (name, version, digest)"),)
    for used in policies_used(report):
        yield used.name, used.version, used.digest
    if report.problems:
        yield ("",)
        yield (report.say("未能判定及提示", "not judged, and notes"),)
    for problem in report.problems:
        place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part is not None)
        yield place, problem.code, problem.message(report.language), problem.help(report.language) or ""
