"""Files of tasks: JSON, JSON Lines, CSV, XLSX, Parquet, and what service plugins read."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from burdenlib.policy import PolicySet
from burdenlib.problems import Problem, nearest
from burdenlib.readers.csv_file import read_csv, text_of
from burdenlib.readers.found import MAX_TASKS, Columns, Entry, Found, Intake, Refused, join
from burdenlib.readers.heads import Vocabulary
from burdenlib.readers.json_text import read_any, read_json, read_lines
from burdenlib.readers.objects import read_object, read_pieces
from burdenlib.source import Cell
from burdenlib.task import Task
from burdenlib.words import Words

__all__ = ["MAX_FILE", "SUFFIXES", "Entry", "Intake", "join", "read_tasks"]

MAX_FILE = 256_000_000
"""The largest file that is read, in bytes."""

_CHUNK = 1 << 20
_SAVE_AS = Words("请用表格软件另存为 .xlsx", "save it as .xlsx in a spreadsheet program")
_OTHER_SHEETS = frozenset({".xls", ".xlsb", ".ods", ".et", ".ett", ".numbers"})
"""Suffixes of spreadsheets that aren't read."""

Reader = Callable[[str, str, bytes, Vocabulary], Iterator[Found]]
ForeignReader = Callable[[Path], Iterable[Task | Mapping[str, object]]]


def _read_tsv(file: str, name: str, data: bytes, vocabulary: Vocabulary) -> Iterator[Found]:
    return read_csv(file, name, data, vocabulary, "\t")


def _read_json(file: str, name: str, data: bytes, vocabulary: Vocabulary) -> Iterator[Found]:
    return read_pieces(file, name, read_json(file, text_of(file, data)), vocabulary.known)


def _read_lines(file: str, name: str, data: bytes, vocabulary: Vocabulary) -> Iterator[Found]:
    return read_pieces(file, name, read_lines(file, text_of(file, data)), vocabulary.known)


def _read_any(file: str, name: str, data: bytes, vocabulary: Vocabulary) -> Iterator[Found]:
    return read_pieces(file, name, read_any(file, text_of(file, data)), vocabulary.known)


def _read_xlsx(file: str, name: str, data: bytes, vocabulary: Vocabulary) -> Iterator[Found]:
    from burdenlib.readers.xlsx import read_xlsx

    return read_xlsx(file, name, data, vocabulary)


def _read_parquet(file: str, name: str, data: bytes, vocabulary: Vocabulary) -> Iterator[Found]:
    from burdenlib.readers.parquet import read_parquet

    return read_parquet(file, name, data, vocabulary)


SUFFIXES: Mapping[str, Reader] = {
    ".json": _read_json,
    ".jsonl": _read_lines,
    ".ndjson": _read_lines,
    ".csv": read_csv,
    ".tsv": _read_tsv,
    ".xlsx": _read_xlsx,
    ".xlsm": _read_xlsx,
    ".parquet": _read_parquet,
}
"""The readers by the suffix of a file."""


def read_tasks(
    path: str | Path,
    known: PolicySet,
    readers: Mapping[str, Callable[..., object]] | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    skip: Iterable[str] = (),
    progress: Callable[[int], None] | None = None,
) -> Intake:
    """Read the tasks of a file, or of standard input (`-`, JSON or JSON Lines); nothing is raised.

    `known` are the policies whose facts head the columns; `readers` read further suffixes. `columns` gives the facts
    of columns with other heads, `skip` the heads and the sheets to leave out. What can't be read stands in the
    intake's `problems`, with its place; the rest is read all the same.
    """
    vocabulary = Vocabulary(known, columns or {}, frozenset(skip))
    entries: list[Entry] = []
    heads: dict[str, None] = {}
    problems: list[Problem] = []
    file = "<stdin>" if str(path) == "-" else str(path)
    try:
        for found in _found(path, file, vocabulary, readers or {}):
            match found:
                case Entry():
                    entries.append(found)
                    _count(file, len(entries), progress)
                case Problem():
                    problems.append(found)
                case Columns():
                    heads |= dict.fromkeys(found.heads)
    except Refused as refused:
        problems.append(refused.problem)
    if not entries and not any(problem.severity == "error" for problem in problems):
        problems.append(Problem("no-tasks", Cell(file)))
    return Intake(tuple(entries), tuple(heads), tuple(problems))


def _count(file: str, count: int, progress: Callable[[int], None] | None) -> None:
    if count > MAX_TASKS:
        raise Refused(Problem("too-many-tasks", Cell(file), {"limit": f"{MAX_TASKS:,}"}))
    if progress is not None:
        progress(count)


def _found(
    path: str | Path, file: str, vocabulary: Vocabulary, readers: Mapping[str, Callable[..., object]]
) -> Iterator[Found]:
    if str(path) == "-":
        return _read_any(file, "stdin", _bytes(file, "-"), vocabulary)
    suffix = Path(path).suffix.lower()
    foreign = {each.lower(): reader for each, reader in readers.items()}
    if suffix in SUFFIXES:
        return SUFFIXES[suffix](file, Path(path).name, _bytes(file, path), vocabulary)
    if suffix in foreign:
        return _foreign(Path(path), foreign[suffix], vocabulary)
    suffixes = (*SUFFIXES, *foreign)
    details = {"suffix": suffix or Path(path).name, "known": ", ".join(suffixes)}
    if suffix in _OTHER_SHEETS:
        raise Refused(Problem("unknown-format", Cell(file), details, advice=_SAVE_AS))
    raise Refused(Problem("unknown-format", Cell(file), details, nearest=nearest(suffix, suffixes) if suffix else None))


def _bytes(file: str, path: str | Path) -> bytes:
    try:
        if str(path) == "-":
            return _all_of(file, sys.stdin.buffer)
        with Path(path).open("rb") as stream:
            return _all_of(file, stream)
    except OSError as error:
        raise Refused(Problem("unreadable-file", Cell(file), {"error": error.strerror or str(error)})) from error


def _all_of(file: str, stream: IO[bytes]) -> bytes:
    """What a stream holds, in pieces: a file may be longer than it says, and most are far shorter than the limit."""
    data = bytearray()
    while chunk := stream.read(_CHUNK):
        data += chunk
        if len(data) > MAX_FILE:
            raise Refused(Problem("file-too-large", Cell(file), {"limit": f"{MAX_FILE:,}"}))
    return bytes(data)


def _foreign(path: Path, reader: Callable[..., object], vocabulary: Vocabulary) -> Iterator[Found]:
    """What a plugin reads from a file; what goes wrong in it is named and costs nothing else."""
    try:
        returned = reader(path)
        if isinstance(returned, str | bytes | Mapping) or not isinstance(returned, Iterable):
            raise TypeError(f"tasks were expected, not {type(returned).__name__}")
        tasks = tuple(itertools.islice(returned, MAX_TASKS + 1))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # a plugin may raise anything, even SystemExit
        text = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        details = {"plugin": getattr(reader, "__module__", str(reader)), "hook": "burdenlib_readers", "error": text}
        raise Refused(Problem("plugin-failed", Cell(str(path)), details)) from None
    for index, task in enumerate(tasks, start=1):
        if isinstance(task, Task):
            yield Columns(tuple(task.facts))
            yield Entry(task, task.facts)
        else:
            yield from read_object(f"{path}#{index}", f"{path.name}#{index}", task, vocabulary.known)
