"""Parquet, where pyarrow is installed; list columns are sets."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator
from datetime import datetime

from burdenlib.policy import PolicySet
from burdenlib.problems import Problem
from burdenlib.readers.found import MAX_TASKS, Columns, Found, Refused
from burdenlib.readers.heads import Vocabulary, read_heads
from burdenlib.readers.objects import read_object
from burdenlib.readers.xlsx import MAX_UNPACKED
from burdenlib.source import Cell

__all__ = ["read_parquet"]


def read_parquet(file: str, name: str, data: bytes, vocabulary: Vocabulary) -> Iterator[Found]:
    """The tasks of a columnar file; values are as in JSON, dates as dates."""
    if importlib.util.find_spec("pyarrow") is None:
        raise Refused(Problem("needs-extra", Cell(file), {"package": "pyarrow", "extra": "parquet"}))
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        table = ParquetFile(io.BytesIO(data))
        groups = (table.metadata.row_group(index) for index in range(table.metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > MAX_UNPACKED:
            raise Refused(Problem("file-too-large", Cell(file), {"limit": f"{MAX_UNPACKED:,}"}))
        if table.metadata.num_rows > MAX_TASKS:
            raise Refused(Problem("too-many-tasks", Cell(file), {"limit": f"{MAX_TASKS:,}"}))
        yield from _rows(file, name, table, vocabulary)
    except (ArrowException, OSError, ValueError) as error:
        text = " ".join(str(error).split())[:200]
        raise Refused(Problem("unreadable-file", Cell(file), {"error": text})) from error


def _rows(file: str, name: str, table: object, vocabulary: Vocabulary) -> Iterator[Found]:
    heads = [str(head) for head in table.schema_arrow.names]  # type: ignore[attr-defined]  # pyarrow has no types
    columns, problems = read_heads(file, 1, heads, vocabulary)
    yield Columns(tuple(column.head for column in columns))
    yield from problems
    number = 0
    for batch in table.iter_batches(batch_size=10_000):  # type: ignore[attr-defined]
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            told = {
                column.key: _plain(value)
                for column, value in zip(columns, row, strict=True)
                if column.key is not None and value is not None
            }
            yield from _row(f"{file}:{number}", f"{name}:{number}", told, vocabulary.known)


def _row(place: str, name: str, told: dict[str, object], known: PolicySet) -> Iterator[Found]:
    return (each for each in read_object(place, name, told, known) if not isinstance(each, Columns))


def _plain(value: object) -> object:
    """A value as JSON has it; midnight is a date."""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date()
    return value
