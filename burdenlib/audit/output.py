"""Answers to files, batch by batch; a file is the old one or the whole new one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from burdenlib.problems import Problem, TaskError, nearest
from burdenlib.source import Cell

if TYPE_CHECKING:
    from burdenlib.audit.session import Audit

__all__ = ["SUFFIXES", "write"]


_DENSE: Final = ("row", "status")
"""Columns that don't become shorter by being compressed."""


def _parquet(path: str, schema: pa.Schema) -> AbstractContextManager[Any]:
    from pyarrow.parquet import ParquetWriter

    words = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    others = [field.name for field in schema if field.name not in words]
    deltas = {field.name: "DELTA_BINARY_PACKED" for field in schema if pa.types.is_integer(field.type)}
    return ParquetWriter(  # type: ignore[no-any-return]
        path,
        schema,
        use_dictionary=words,
        column_encoding=deltas,
        write_statistics=others,  # those of words cost as much as all the rest
        compression={field.name: "NONE" if field.name in _DENSE else "SNAPPY" for field in schema},
    )


def _arrow(path: str, schema: pa.Schema) -> AbstractContextManager[Any]:
    return pa.ipc.new_file(path, schema)  # type: ignore[no-any-return]


def _csv(path: str, schema: pa.Schema) -> AbstractContextManager[Any]:
    from pyarrow.csv import CSVWriter

    return CSVWriter(path, schema)  # type: ignore[no-any-return]


SUFFIXES: Final = {".parquet": _parquet, ".arrow": _arrow, ".csv": _csv}
"""The writers by the suffix of a file."""


def write(audit: Audit, path: Path) -> None:
    """Write all answers; the suffix chooses the format."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        details = {"suffix": suffix or path.name, "known": ", ".join(SUFFIXES)}
        raise TaskError([Problem("unknown-output", Cell(str(path)), details, nearest=nearest(suffix, SUFFIXES))])
    plain = suffix != ".parquet"  # a file of Arrow holds one dictionary for a column, CSV none
    schema = _plain(audit.schema) if plain else audit.schema
    batches = (batch.cast(schema) for batch in audit.batches()) if plain else audit.batches()
    try:
        _replace(path, lambda beside: _fill(SUFFIXES[suffix](beside, schema), batches))
    except OSError as error:
        raise TaskError(
            [Problem("unwritable-file", Cell(str(path)), {"error": error.strerror or str(error)})]
        ) from error


def _fill(opened: AbstractContextManager[Any], batches: Iterator[pa.RecordBatch]) -> None:
    with opened as writer:
        for batch in batches:  # each is a group of rows by itself, so that its dictionaries are kept
            writer.write_table(pa.Table.from_batches([batch]))


def _plain(schema: pa.Schema) -> pa.Schema:
    kinds = ((each.name, each.type) for each in schema)
    return pa.schema([(name, kind.value_type if pa.types.is_dictionary(kind) else kind) for name, kind in kinds])


def _replace(path: Path, fill: Callable[[str], None]) -> None:
    handle, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name[:50]}.")
    os.close(handle)
    try:
        fill(name)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
