"""Where tables of tasks come from: files of Parquet, Arrow and CSV, and whatever gives Arrow batches."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from burdenlib.policy import PolicySet
from burdenlib.problems import Problem, TaskError, nearest
from burdenlib.readers.heads import MOST, Column, Vocabulary, read_heads
from burdenlib.source import Cell, fold

__all__ = ["SUFFIXES", "Piece", "Source", "coalesced", "filled_rows", "open_sources", "unreadable"]

SUFFIXES: Final = (".parquet", ".arrow", ".arrows", ".feather", ".ipc", ".csv", ".tsv")
_SNIFFED: Final = 1 << 16
_CSV_BLOCK: Final = 1 << 24

_LARGE: Final = 4
"""How many times larger than a batch a group of rows may be, so as to be read as a whole."""

Batches = Callable[[Sequence[str]], Iterator[pa.RecordBatch]]
Piece = tuple[int, Callable[[], pa.RecordBatch]]
"""How many rows there are, and what reads them: it may be called in another thread."""


@frozen(eq=False)
class Source:
    """A table of tasks: its name, the columns that tell facts, and its batches as often as they are asked for.

    `facts` gives the head of the column of each fact; `first` is the number of the first row as people count them;
    `rows` how many there are, 0 if nobody knows. `guarded` says that the cells are those of a spreadsheet's CSV.
    `parts` gives pieces of about so many rows, where they can be read one without the other.
    """

    name: str
    schema: pa.Schema
    facts: Mapping[str, str]
    read: Batches
    rows: int = 0
    first: int = 1
    guarded: bool = False
    is_table: bool = False
    problems: tuple[Problem, ...] = ()
    parts: Callable[[Sequence[str], int], Iterator[Piece]] | None = None

    def pieces(self, wanted: Sequence[str], rows: int) -> Iterator[Piece]:
        """The table in pieces of about so many rows."""
        if self.parts is not None:
            yield from self.parts(wanted, rows)
            return
        for batch in coalesced(self.read(wanted), rows):
            yield batch.num_rows, partial(_itself, batch)

    def tells_truth(self, name: str) -> bool:
        """Whether the column of a fact can hold nothing but yes and no."""
        return bool(pa.types.is_boolean(self.schema.field(self.facts[name]).type))

    def place(self, row: int, head: str | None = None) -> Cell:
        """Where the row with this number (from 0) stands."""
        if self.is_table:
            return Cell(self.name, row + self.first, head)
        return Cell(f"{self.name}:{row + self.first}", None, head)

    def task_id(self, row: int) -> str:
        """The id of a task that has none."""
        return f"{Path(self.name).name}:{row + self.first}"


def open_sources(source: object, policies: PolicySet, columns: Mapping[str, str], skip: Iterable[str]) -> list[Source]:
    """The tables that a source names or is; raises `TaskError` if one can't be read."""
    vocabulary = Vocabulary(policies, columns, frozenset(skip))
    if isinstance(source, str | Path):
        return [_file(Path(source), vocabulary)]
    if isinstance(source, list | tuple) and source and all(isinstance(each, str | Path) for each in source):
        return [_file(Path(each), vocabulary) for each in source]
    return [_stream(source, vocabulary)]


# ---- files -----------------------------------------------------------------------------------------------------------------


def _file(path: Path, vocabulary: Vocabulary) -> Source:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        details = {"suffix": suffix or path.name, "known": ", ".join(SUFFIXES)}
        near = nearest(suffix, SUFFIXES) if suffix else None
        raise TaskError([Problem("unknown-format", Cell(str(path)), details, nearest=near)])
    try:
        if suffix == ".parquet":
            return _parquet(path, vocabulary)
        return _csv(path, vocabulary, suffix) if suffix in (".csv", ".tsv") else _ipc(path, vocabulary)
    except OSError as error:
        raise unreadable(str(path), error.strerror or str(error)) from error
    except (pa.ArrowException, ValueError) as error:
        raise unreadable(str(path), str(error)) from error


def unreadable(name: str, error: str) -> TaskError:
    """That a table can't be read, or not to its end."""
    return TaskError([Problem("unreadable-file", Cell(name), {"error": " ".join(error.split())[:200]})])


def _parquet(path: Path, vocabulary: Vocabulary) -> Source:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
    facts, problems = _facts(str(path), 1, schema.names, vocabulary)
    ids = {facts.get("id")}
    groups = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]

    def opened(wanted: Sequence[str]) -> Any:
        texts = [head for head in wanted if head not in ids and _is_text(schema.field(head).type)]
        return ParquetFile(path, metadata=metadata, read_dictionary=texts)

    def read(wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with opened(wanted) as file:
            yield from file.iter_batches(batch_size=1 << 20, columns=list(wanted))

    def part(wanted: Sequence[str], numbers: Sequence[int]) -> pa.RecordBatch:
        with opened(wanted) as file:
            table = file.read_row_groups(list(numbers), columns=list(wanted), use_threads=False)
        return pa.concat_batches(table.to_batches()) if table.num_rows else pa.RecordBatch.from_pylist([], table.schema)

    def parts(wanted: Sequence[str], rows: int) -> Iterator[Piece]:
        if max(groups, default=0) > _LARGE * rows:
            for batch in coalesced(read(wanted), rows):
                yield batch.num_rows, partial(_itself, batch)
            return
        for numbers in _together(groups, rows):
            yield sum(groups[number] for number in numbers), partial(part, wanted, numbers)

    return Source(str(path), schema, facts, read, metadata.num_rows, problems=problems, parts=parts)


def _together(groups: Sequence[int], rows: int) -> Iterator[list[int]]:
    """Groups of rows that are read together: neighbours that have at most so many rows."""
    found: list[int] = []
    count = 0
    for number, own in enumerate(groups):
        if found and count + own > rows:
            yield found
            found, count = [], 0
        found.append(number)
        count += own
    if count:
        yield found


def _itself(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _ipc(path: Path, vocabulary: Vocabulary) -> Source:
    def opened() -> Any:
        memory = pa.memory_map(str(path))
        try:
            return pa.ipc.open_file(memory)
        except pa.ArrowInvalid:
            memory.seek(0)
            return pa.ipc.open_stream(memory)

    first = opened()
    facts, problems = _facts(str(path), 1, first.schema.names, vocabulary)
    rows = 0
    if hasattr(first, "num_record_batches"):
        rows = sum(first.get_batch(index).num_rows for index in range(first.num_record_batches))

    def read(wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        reader = opened()
        if hasattr(reader, "num_record_batches"):
            found = (reader.get_batch(index) for index in range(reader.num_record_batches))
        else:
            found = iter(reader)
        return (batch.select(list(wanted)) for batch in found)

    return Source(str(path), first.schema, facts, read, rows, problems=problems)


def _csv(path: Path, vocabulary: Vocabulary, suffix: str) -> Source:
    from pyarrow import csv as arrow_csv

    encoding, head = _sniffed(path)
    first_line = head.lstrip("\r\n").partition("\n")[0]
    delimiter = "\t" if suffix == ".tsv" or ("\t" in first_line and "," not in first_line) else ","
    at, heads = _heads(path, head, delimiter, vocabulary)
    facts, problems = _facts(str(path), at + 1, heads, vocabulary)
    names = [text if text and heads.count(text) == 1 else f"\0{index}" for index, text in enumerate(heads)]
    ids = {facts.get("id")}
    schema = pa.schema([(name, pa.string()) for name in names])

    def read(wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        types = {name: pa.string() if name in ids else pa.dictionary(pa.int32(), pa.string()) for name in names}
        reader = arrow_csv.open_csv(
            path,
            read_options=arrow_csv.ReadOptions(
                skip_rows=at + 1, column_names=names, encoding=encoding, block_size=_CSV_BLOCK
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=False),
        )
        return (batch.select(list(wanted)) for batch in reader)

    return Source(str(path), schema, facts, read, first=at + 2, guarded=True, is_table=True, problems=problems)


def _sniffed(path: Path) -> tuple[str, str]:
    """The encoding of a file, and the beginning of its text."""
    with path.open("rb") as stream:
        data = stream.read(_SNIFFED)
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(data)
        except UnicodeDecodeError:
            continue
        return encoding.removesuffix("-sig"), text
    raise TaskError([Problem("unknown-encoding", Cell(str(path)))])


def _heads(path: Path, text: str, delimiter: str, vocabulary: Vocabulary) -> tuple[int, list[str]]:
    """In which line the heads stand, and the heads."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(row)
            if len(rows) == MOST:
                break
    except csv.Error:
        pass  # the text may end within a cell
    perhaps = None
    for number, row in enumerate(rows):
        match vocabulary.looks_like_heads([each.strip() for each in row]):
            case "yes":
                return number, [each.strip() for each in row]
            case "perhaps" if perhaps is None:
                perhaps = number
    if perhaps is None:
        raise TaskError([Problem("no-header", Cell(str(path)), {"rows": str(MOST)})])
    return perhaps, [each.strip() for each in rows[perhaps]]


# ---- streams ---------------------------------------------------------------------------------------------------------------


def _stream(source: object, vocabulary: Vocabulary) -> Source:
    """A table, a data frame, the result of a query: anything that gives Arrow batches."""
    rows = 0
    if isinstance(source, pa.Table | pa.RecordBatch):
        rows, schema = source.num_rows, source.schema
        batches: Callable[[], Iterator[pa.RecordBatch]] = lambda: iter(_batches(source))  # noqa: E731
    else:
        reader = _reader(source)
        schema = reader.schema
        used: list[bool] = []

        def batches() -> Iterator[pa.RecordBatch]:
            if used:
                raise ValueError("this source can be read only once: give a table, or a file")
            used.append(True)
            return iter(reader)

    facts, problems = _facts("table", 1, schema.names, vocabulary)

    def read(wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        return (batch.select(list(wanted)) for batch in batches())

    return Source("table", schema, facts, read, rows, problems=problems)


def _batches(source: pa.Table | pa.RecordBatch) -> list[pa.RecordBatch]:
    return [source] if isinstance(source, pa.RecordBatch) else source.to_batches()


def _reader(source: object) -> pa.RecordBatchReader:
    if isinstance(source, pa.RecordBatchReader):
        return source
    for method in ("fetch_record_batch", "to_arrow_reader"):  # cursors of databases
        if hasattr(source, method):
            return getattr(source, method)()
    if hasattr(source, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(source)
    if isinstance(source, Iterable):
        batches = iter(source)
        first = next(batches, None)
        if isinstance(first, pa.RecordBatch):
            return pa.RecordBatchReader.from_batches(first.schema, _chained(first, batches))
    raise TypeError(f"a file, a table or Arrow batches were expected, not {type(source).__name__}")


def _chained(first: pa.RecordBatch, rest: Iterator[object]) -> Iterator[object]:
    yield first
    yield from rest


# ---- columns ---------------------------------------------------------------------------------------------------------------


def _facts(
    file: str, row: int, heads: Sequence[str], vocabulary: Vocabulary
) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """The head of the column of each fact, and what is wrong with the heads."""
    columns, problems = read_heads(file, row, heads, vocabulary)
    found = ((_fact_of(column, vocabulary.known), column.head) for column in columns)
    facts = {name: head for name, head in found if name is not None}
    if not facts:
        raise TaskError([Problem("no-header", Cell(file), {"rows": "1"})])
    return facts, problems


def _fact_of(column: Column, known: PolicySet) -> str | None:
    fact = None if column.key is None else known.find_fact(fold(column.key).strip())
    return None if fact is None else fact.name


def filled_rows(batch: pa.RecordBatch) -> npt.NDArray[np.bool_] | None:
    """The rows of a CSV file in which something stands; `None` if that are all."""
    filled = np.zeros(batch.num_rows, dtype=np.bool_)
    for column in batch.columns:
        some = pc.not_equal(pc.utf8_trim_whitespace(column.cast(pa.string())), "")
        filled |= some.to_numpy(zero_copy_only=False)
        if filled.all():
            return None
    return filled


def coalesced(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of about `rows`, those that begin within a byte of Arrow's bits left out."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        if batch.num_rows >= rows // 2 and not waiting:
            yield from _sliced(batch, rows)
            continue
        waiting.append(batch)
        count += batch.num_rows
        if count >= rows:
            yield from _sliced(pa.concat_batches(waiting), rows)
            waiting, count = [], 0
    if count:
        yield from _sliced(waiting[0] if len(waiting) == 1 else pa.concat_batches(waiting), rows)


def _sliced(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    for at in range(0, batch.num_rows, rows):
        yield batch.slice(at, rows)
