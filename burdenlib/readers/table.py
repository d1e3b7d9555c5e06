"""Rows of a table to tasks: the heads are found, and each row below them is a task."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import field, frozen

from burdenlib.facts import FactType
from burdenlib.problems import Problem
from burdenlib.readers.found import Columns, Entry, Found, Refused
from burdenlib.readers.heads import MAX_COLUMNS, MOST, Column, Vocabulary, head_text, read_heads
from burdenlib.source import Cell
from burdenlib.task import Task
from burdenlib.words import Words

__all__ = ["Row", "Unreadable", "is_empty", "read_rows"]


@frozen
class Unreadable:
    """A cell that holds no value: the code of the problem, and what stands there."""

    code: str
    found: str = ""

    def __str__(self) -> str:
        return self.found


@frozen
class Row:
    """A row with something in it: its number (from 1), its own cells, and what merged cells bring into it.

    `down` comes from the cell above in the same column, `across` from another column. `bottom` is the last row that
    a merged cell of this row reaches.
    """

    number: int
    cells: Sequence[object]
    down: Mapping[int, object] = field(factory=dict)
    across: Mapping[int, object] = field(factory=dict)
    bottom: int = 0

    def heads(self) -> list[str]:
        """The cells as heads of columns."""
        width = max((len(self.cells), *(column + 1 for column in self.down)))
        own = [head_text(each) for each in self.cells] + [""] * (width - len(self.cells))
        return [text or head_text(self.down.get(column)) for column, text in enumerate(own)]

    def value(self, column: int) -> object:
        """What counts in a column: the row's own cell, or what a merged cell brings."""
        own = self.cells[column] if column < len(self.cells) else None
        return self.down.get(column, self.across.get(column)) if is_empty(own) else own


def is_empty(value: object) -> bool:
    """Whether a cell is empty: it tells nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def read_rows(file: str, name: str, rows: Iterable[Row], vocabulary: Vocabulary, *, lenient: bool) -> Iterator[Found]:
    """The tasks of a table called `file`; `name` heads the ids that are made for rows without one.

    The heads stand in the first of ten rows that names two facts; where `lenient`, one will do if no row has two.
    """
    todo = iter(rows)
    first = list(itertools.islice(todo, MOST))
    for row in first:
        if len(row.cells) > MAX_COLUMNS and sum(not is_empty(cell) for cell in row.cells) > MAX_COLUMNS:
            error = Words(f"超过{MAX_COLUMNS:,}列", f"it has more than {MAX_COLUMNS:,} columns")
            raise Refused(Problem("unreadable-file", Cell(file, row.number), {"error": error}))
    at = _find_heads(first, vocabulary, lenient=lenient)
    if at is None:
        if first:
            yield Problem("no-header", Cell(file), {"rows": str(MOST)}, nearest=_nearest(first, vocabulary))
        return
    above, block, rest = first[:at], *_block(first[at:], todo)
    if above:
        text = " / ".join(" ".join(filter(None, row.heads())) for row in above)
        yield Problem("skipped-rows", Cell(file, above[0].number), {"text": text[:200]})
    columns, problems = read_heads(file, block[-1].number, _heads_of(block), vocabulary)
    yield Columns(tuple(column.head for column in columns if column.head))
    yield from problems
    yield from _Table(file, name, columns, vocabulary).read(rest)


def _find_heads(rows: Sequence[Row], vocabulary: Vocabulary, *, lenient: bool) -> int | None:
    at: int | None = None
    for number, row in enumerate(rows):
        match vocabulary.looks_like_heads(row.heads()):
            case "yes":
                return number
            case "perhaps" if at is None:
                at = number
    if at is None:
        return None
    alone = sum(1 for text in rows[at].heads() if text) == 1 and vocabulary.find(max(rows[at].heads(), key=len))
    return at if lenient or alone else None


def _nearest(rows: Sequence[Row], vocabulary: Vocabulary) -> str | None:
    """The fact that a text of the first rows was perhaps meant to name."""
    texts = (text for row in rows for text in row.heads()[:MOST] if text)
    return next(filter(None, map(vocabulary.nearest, itertools.islice(texts, MOST))), None)


def _block(first: list[Row], todo: Iterator[Row]) -> tuple[list[Row], Iterator[Row]]:
    """The rows of the heads (more than one if heads are merged downwards), and the rows below them."""
    rows = itertools.chain(first, todo)
    block = [next(rows)]
    for row in rows:
        if row.number > block[0].bottom:
            return block, itertools.chain([row], rows)
        block.append(row)
    return block, iter(())


def _heads_of(block: Sequence[Row]) -> list[str]:
    """In each column the lowest head: those above it head groups of columns."""
    columns = itertools.zip_longest(*(row.heads() for row in block), fillvalue="")
    heads = [next((text for text in reversed(column) if text), "") for column in columns]
    while heads and not heads[-1]:
        heads.pop()
    return heads


class _Table:
    def __init__(self, file: str, name: str, columns: tuple[Column, ...], vocabulary: Vocabulary) -> None:
        self.file = file
        self.name = name
        self.columns = columns
        self.id = next((i for i, each in enumerate(columns) if each.key and vocabulary.same(each.key) == "id"), None)
        self.headless: set[int] = set()

    def read(self, rows: Iterable[Row]) -> Iterator[Found]:
        for row in rows:
            problems = tuple(self._problems(row))
            yield from problems
            if not problems:
                yield self._entry(row)

    def _problems(self, row: Row) -> Iterator[Problem]:
        """What keeps a row from being a task."""
        if any(not is_empty(cell) for cell in row.cells[len(self.columns) :]):
            yield Problem("row-too-long", Cell(self.file, row.number), {"columns": str(len(self.columns))})
        for index, column in enumerate(self.columns):
            value = row.value(index)
            if not column.head and index < len(row.cells) and not is_empty(row.cells[index]):
                yield from self._headless(row.number, index)
            elif column.key is not None and isinstance(value, Unreadable):
                yield Problem(value.code, Cell(self.file, row.number, column.head), {"found": value.found})
        if self.id is not None and not isinstance(value := row.value(self.id), str | int | float | Unreadable | None):
            details = {"type": FactType("text").described, "found": str(value)}
            yield Problem("ill-typed", Cell(self.file, row.number, self.columns[self.id].head), details)

    def _headless(self, row: int, index: int) -> Iterator[Problem]:
        """A problem for the first cell of a column without a head: the rows are read all the same."""
        if index not in self.headless:
            self.headless.add(index)
            yield Problem("headless-column", Cell(self.file, row), {"cell": f"{_letters(index)}{row}"})

    def _entry(self, row: Row) -> Entry:
        facts: dict[str, object] = {}
        cells: dict[str, Cell] = {}
        shown: dict[str, object] = {}
        for index, column in enumerate(self.columns):
            value = row.value(index)
            if not column.head or is_empty(value):
                continue
            shown[column.head] = str(value) if isinstance(value, Unreadable) else value
            if column.key is not None:
                facts[column.key] = value
                cells[column.key] = Cell(self.file, row.number, column.head)
        return Entry(Task(self._id(row), facts, source=self.file, cells=cells), shown)

    def _id(self, row: Row) -> str:
        value = None if self.id is None else row.value(self.id)
        if is_empty(value):
            return f"{self.name}:{row.number}"
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).strip()


def _letters(index: int) -> str:
    """The letters of a column, as a spreadsheet shows them."""
    number, letters = index + 1, ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
