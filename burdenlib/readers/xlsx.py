"""XLSX: every visible sheet, with merged cells, stored results of formulas, and cells that hold an error."""

from __future__ import annotations

import io
import posixpath
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, fromstring

from attrs import define, evolve, field, frozen

from burdenlib.problems import Problem
from burdenlib.readers.found import Found, Refused
from burdenlib.readers.heads import Vocabulary
from burdenlib.readers.table import Row, Unreadable, is_empty, read_rows
from burdenlib.source import Cell
from burdenlib.words import Words

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

__all__ = ["MAX_UNPACKED", "read_xlsx"]

MAX_UNPACKED = 512_000_000
"""How large the parts of a workbook may be together once they are unpacked, in bytes."""

_LARGE = 4_000_000

MAX_CELLS = 50_000_000
MAX_ROWS = 1_048_576
MAX_MERGES = 100_000

MAX_PACKED = 100
"""How many times larger a part may be unpacked, if it is large."""

_OLD = Words("请用表格软件另存为 .xlsx,且不设密码", "save it as .xlsx, without a password")
_NO_XLSX = Words("它不是 .xlsx 工作簿,或已损坏", "it is no .xlsx workbook, or it is damaged")
_HIDDEN = Words("它是隐藏的", "it is hidden")
_NO_TASKS = Words(
    "以要素名称或标签作列标题;不是任务的工作表,用 --skip-column 工作表名 略过",
    "head each column with the name or the label of a fact, or leave the sheet out: --skip-column SHEET",
)
_OURS = Words("它由 burdenlib 写出", "burdenlib wrote it")


def read_xlsx(file: str, name: str, data: bytes, vocabulary: Vocabulary) -> Iterator[Found]:
    """The tasks of a workbook."""
    package = _open(file, data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of what it doesn't read: drawings, validations
            yield from _sheets(file, name, data, package, vocabulary)
    except (Refused, GeneratorExit):
        raise
    except Exception as error:
        if isinstance(error, MemoryError):
            raise
        text = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        error_text = Words(f"{_NO_XLSX.pick('zh')}({text})", f"{_NO_XLSX.pick('en')} ({text})")
        raise Refused(Problem("unreadable-file", Cell(file), {"error": error_text})) from error


def _open(file: str, data: bytes) -> zipfile.ZipFile:
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        advice = _OLD if data.startswith(b"\xd0\xcf\x11\xe0") else None
        raise Refused(Problem("unreadable-file", Cell(file), {"error": _NO_XLSX}, advice=advice)) from error
    parts = package.infolist()
    if sum(part.file_size for part in parts) > MAX_UNPACKED or any(map(_is_bomb, parts)):
        raise Refused(Problem("file-too-large", Cell(file), {"limit": f"{MAX_UNPACKED:,}"}))
    return package


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    """Whether a large part of a package is packed tighter than any table is."""
    return part.file_size > _LARGE and part.file_size > MAX_PACKED * part.compress_size


def _sheets(file: str, name: str, data: bytes, package: zipfile.ZipFile, vocabulary: Vocabulary) -> Iterator[Found]:
    import openpyxl

    values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    formulas: Workbook | None = None
    parts = _parts(package)
    several = len(values.worksheets) > 1
    for sheet in values.worksheets:
        title = str(sheet.title)
        shown = f"{file}[{title}]" if several else file
        reason = _HIDDEN if sheet.sheet_state != "visible" else _OURS if vocabulary.skips(title) else None
        if reason is not None:
            yield Problem("skipped-sheet", Cell(shown), {"reason": reason})
            continue
        layout = _layout(shown, package, parts[title])
        if layout.has_formulas and formulas is None:
            formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        twin = formulas[title] if layout.has_formulas and formulas is not None else None
        rows = _rows(_cells(shown, sheet), None if twin is None else _cells(shown, twin), layout)
        made_up = f"{name}[{title}]" if several else name
        for found in read_rows(shown, made_up, rows, vocabulary, lenient=False):
            if several and isinstance(found, Problem) and found.code == "no-header":
                yield evolve(found, advice=_NO_TASKS)
            else:
                yield found


# ---- what lies in the package ------------------------------------------------------------------------------------------------

_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def _parts(package: zipfile.ZipFile) -> Mapping[str, str]:
    """The parts of the package that hold the sheets, by the sheets' titles."""
    kinds = {each.get("Type", "").rpartition("/")[2]: each.get("Target", "") for each in _xml(package, "_rels/.rels")}
    main = kinds["officeDocument"].lstrip("/")
    folder, leaf = posixpath.split(main)
    related = _xml(package, posixpath.join(folder, "_rels", f"{leaf}.rels"))
    targets = {each.get("Id"): each.get("Target", "") for each in related}
    return {
        each.get("name", ""): posixpath.normpath(posixpath.join("/", folder, targets[each.get(_ID)])).lstrip("/")
        for each in _xml(package, main).iterfind("{*}sheets/{*}sheet")
    }


def _xml(package: zipfile.ZipFile, part: str) -> Element:
    data = package.read(part)
    if b"<!DOCTYPE" in data:
        raise ValueError("a document type stands in it")
    return fromstring(data)  # noqa: S314  # without a document type there are no entities to expand


@frozen
class _Merge:
    """A merged area; columns from 0, rows from 1."""

    left: int
    top: int
    right: int
    bottom: int


@frozen
class _Layout:
    """What has to be known of a sheet before its rows are read."""

    merges: tuple[_Merge, ...]
    has_formulas: bool


_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CHUNK, _OVERLAP = 1 << 20, 200


def _layout(file: str, package: zipfile.ZipFile, part: str) -> _Layout:
    """Look through a sheet for merged cells, which stand behind the rows, and for formulas."""
    merges: dict[_Merge, None] = {}
    has_formulas = False
    tail = b""
    with package.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text = tail + chunk
            has_formulas = has_formulas or _FORMULA.search(text) is not None
            for match in _MERGE.finditer(text):
                merges[_Merge(_column(match[1]), int(match[2]), _column(match[3]), int(match[4]))] = None
            if len(merges) > MAX_MERGES:
                error = Words("合并单元格过多", "it has too many merged cells")
                raise Refused(Problem("unreadable-file", Cell(file), {"error": error}))
            tail = text[-_OVERLAP:]
    return _Layout(tuple(sorted(merges, key=lambda merge: merge.top)), has_formulas)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


# ---- rows ----------------------------------------------------------------------------------------------------------------------


def _cells(file: str, sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a sheet as long as they are; what the sheet says of its size is often wrong."""
    sheet.reset_dimensions()
    count = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        count += len(row) + 1
        if number > MAX_ROWS or count > MAX_CELLS:
            error = Words("单元格过多", "it has too many cells")
            raise Refused(Problem("unreadable-file", Cell(file), {"error": error}))
        yield row


def _rows(
    values: Iterable[tuple[Any, ...]], formulas: Iterable[tuple[Any, ...]] | None, layout: _Layout
) -> Iterator[Row]:
    merged = _Merged(layout.merges)
    twins = iter(formulas) if formulas is not None else None
    for number, cells in enumerate(values, start=1):
        twin = next(twins, ()) if twins is not None else ()
        if not cells:  # there may be a million of them above the last row
            continue
        own = [_value(cell, twin[i] if i < len(twin) else None) for i, cell in enumerate(cells)]
        down, across, bottom = merged.reach(number, own)
        if not all(map(is_empty, own)):
            yield Row(number, own, down, across, bottom)


def _value(cell: Any, twin: Any) -> object:
    """What a cell holds: its value as the spreadsheet shows it, or that there is none to be read."""
    value = cell.value
    if value is None:
        unknown = twin is not None and twin.data_type == "f" and cell.data_type != "str"
        return Unreadable("formula-without-value") if unknown else None
    if cell.data_type == "e":
        return Unreadable("error-cell", str(value))
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{(Decimal(str(value)) * 100).normalize():f}%"
    if isinstance(value, str | int | float | date | datetime):
        return value
    return str(value)


@define
class _Merged:
    """Merged cells, followed from row to row: the value of the first cell counts in all of them."""

    todo: tuple[_Merge, ...]
    next: int = 0
    active: list[tuple[_Merge, object]] = field(factory=list)

    def reach(self, row: int, own: list[object]) -> tuple[Mapping[int, object], Mapping[int, object], int]:
        """What merged cells bring into a row from above and from the side, and the last row that they reach."""
        self.active = [each for each in self.active if each[0].bottom >= row]
        while self.next < len(self.todo) and self.todo[self.next].top <= row:
            merge = self.todo[self.next]
            self.next += 1
            if merge.bottom >= row:
                is_top = merge.top == row and merge.left < len(own)
                self.active.append((merge, own[merge.left] if is_top else None))
        down: dict[int, object] = {}
        across: dict[int, object] = {}
        for merge, value in self.active:
            if is_empty(value):
                continue
            down[merge.left] = value
            across |= dict.fromkeys(range(merge.left + 1, merge.right + 1), value)
        return down, across, max((merge.bottom for merge, _ in self.active), default=row)
