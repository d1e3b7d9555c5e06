"""Item titles and item tables: how a title is compared, which titles are near, what a table holds."""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from attrs import frozen

from burdenlib.problems import Problem, hidden_characters, nearest
from burdenlib.source import Cell, Source, Span

__all__ = [
    "COLUMNS",
    "TableRow",
    "column_named",
    "column_spellings",
    "decode",
    "near_titles",
    "normal_code",
    "normal_title",
    "read_table",
    "split_titles",
]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("编码", "代码"),
    "title": ("名称", "事项名称"),
    "also": ("又称",),
    "category": ("类别", "分类"),
    "role": ("角色",),
    "department": ("部门",),
    "place": ("区划", "地区"),
    "when": ("情形",),
    "unless": ("例外",),
    "refines": ("细化",),
    "from": ("自",),
    "until": ("至",),
    "cite": ("依据",),
    "instead": ("改由",),
    "seen": ("所见",),
}
"""The columns of an item table and their Chinese heads."""

_SPELLINGS = {spelling: name for name, others in COLUMNS.items() for spelling in (name, *others)}

MAX_TABLE = 64_000_000
"""The largest item table that is read, in bytes."""


def column_named(spelling: str) -> str | None:
    """The column that `spelling` names in one language or the other."""
    return _SPELLINGS.get(unicodedata.normalize("NFKC", spelling).strip())


def column_spellings() -> tuple[str, ...]:
    """Every way to write the head of a column."""
    return tuple(_SPELLINGS)


# ---- titles ----------------------------------------------------------------------------------------------------------


def normal_code(text: str) -> str:
    """A code as it is compared: NFKC, without space at the ends."""
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=65_536)
def normal_title(text: str) -> str:
    """A title as it is compared: NFKC, spaces dropped, a run of punctuation one mark; digits stay as they are."""
    kept: list[str] = []
    for char in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(char)
        if char.isspace() or category == "Cf":
            continue
        if category[0] != "P":
            kept.append(char)
        elif not kept or kept[-1] != "·":
            kept.append("·")
    return "".join(kept)


def near_titles(text: str, titles: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The titles most like `text`, as suggestions: they never match."""
    folded = {normal_title(title): title for title in titles}
    found = difflib.get_close_matches(normal_title(text), folded, n=count, cutoff=0.5)
    return tuple(folded[title] for title in found)


# ---- tables ----------------------------------------------------------------------------------------------------------


@frozen
class TableRow:
    """A row of an item table: the filled cells by column, each with its place."""

    where: Cell
    cells: Mapping[str, Span]

    def text(self, column: str) -> str | None:
        """The text of a cell, or `None` if it is empty."""
        span = self.cells.get(column)
        return None if span is None else span.text


def read_table(name: str, data: bytes) -> tuple[tuple[TableRow, ...], tuple[Problem, ...]]:
    """Read an item table (CSV, in UTF-8 or GB18030); give its rows, and what is wrong with it."""
    if len(data) > MAX_TABLE:
        return (), (Problem("file-too-large", Cell(name), {"limit": f"{MAX_TABLE:,}"}),)
    if (text := decode(data)) is None:
        return (), (Problem("unknown-encoding", Cell(name)),)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return (), (Problem("bad-csv", Cell(name), {"error": str(error)}),)
    if not records or not any(cell.strip() for cell in records[0]):
        return (), (Problem("empty-table", Cell(name)),)
    heads, problems = _heads(name, records[0])
    shown = [text.strip() for text in records[0]]
    rows = []
    for number, record in enumerate(records[1:], start=2):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) > len(heads) and any(cell.strip() for cell in record[len(heads) :]):
            problems.append(Problem("row-too-long", Cell(name, number), {"columns": str(len(heads))}))
            continue
        cells = {}
        for head, column, text in zip(heads, shown, record, strict=False):
            if head is not None and text.strip():
                source = Source(name, text.strip(), Cell(name, number, column))
                cells[head] = Span(source, 0, len(source.text))
                problems += hidden_characters(source)
        empty = [column for column in ("code", "title") if column not in cells and column in heads]
        problems += [Problem("empty-cell", Cell(name, number, column)) for column in empty]
        rows.append(TableRow(Cell(name, number), cells))
    return tuple(rows), tuple(problems)


def _heads(name: str, record: list[str]) -> tuple[list[str | None], list[Problem]]:
    problems: list[Problem] = []
    heads: list[str | None] = []
    for text in record:
        head = column_named(text)
        if head is None:
            where = Cell(name, 1, text.strip())
            near = nearest(text.strip(), column_spellings())
            problems.append(Problem("unknown-column", where, {"found": text.strip()}, nearest=near))
        elif head in heads:
            problems.append(Problem("duplicate-column", Cell(name, 1, text.strip()), {"found": text.strip()}))
            head = None
        heads.append(head)
    missing = [column for column in ("code", "title") if column not in heads]
    problems += [Problem("missing-column", Cell(name, 1), {"column": column}) for column in missing]
    return heads, problems


def decode(data: bytes) -> str | None:
    """Text from bytes in UTF-8 (with or without a mark), UTF-16 with a mark, or GB18030 as Excel writes in China."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig" and len(_WIDE.findall(data, 0, error.start)) >= MANY:
                return None
    return None


_WIDE = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
MANY = 8
"""So many Chinese characters before the first byte that isn't UTF-8: the text is UTF-8, and damaged."""


def split_titles(text: str) -> Iterator[str]:
    """The aliases in a cell: separated by semicolons or lines if there are any, else by commas of either width."""
    separator = r"[;\uff1b\n]" if re.search(r"[;\uff1b\n]", text) else r"[\u3001,\uff0c]"
    return (part.strip() for part in re.split(separator, text) if part.strip())
