"""An audit from its source to its answers: batches are read, judged on all cores and given on in their order."""

from __future__ import annotations

import os
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field, frozen

from burdenlib.audit import planes as b
from burdenlib.audit.circuits import FEWEST
from burdenlib.audit.columns import unguarded
from burdenlib.audit.judging import Judge, Rows, task_id
from burdenlib.audit.kernel import Decided
from burdenlib.audit.portfolio import Change, Counted, Portfolio
from burdenlib.audit.results import COLUMNS, SEPARATOR, STATUSES, Wording
from burdenlib.audit.sources import Piece, Source, filled_rows, open_sources, unreadable
from burdenlib.intake import make_case
from burdenlib.judge import judge
from burdenlib.policy import PolicySet
from burdenlib.problems import Problem, TaskError
from burdenlib.questions import with_missing
from burdenlib.source import Cell
from burdenlib.task import Task, read_task
from burdenlib.verdict import Verdict

__all__ = ["Audit", "Summary", "audit"]

Progress = Callable[[int, int], None]

_BATCH: Final = 1 << 20
_SMALL_BATCH: Final = 1 << 18
_MANY_NODES: Final = 20_000


def audit(
    policies: PolicySet,
    source: object,
    *,
    as_of: date | None = None,
    columns: Mapping[str, str] | None = None,
    skip: Iterable[str] = (),
    keep_going: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Judge a table of tasks; nothing is read until the answers are asked for.

    `source` is a file (Parquet, Arrow, CSV) or several, or anything that gives Arrow batches: a table, a data frame,
    the result of a query. `columns` gives the facts of columns with other heads, `skip` heads to leave out.
    `progress` is called with how many rows are done, and of how many (0: nobody knows). Raises `TaskError` where a
    row can't be judged; with `keep_going` its answer is null, and the problem stands in `problems`.
    """
    sources = open_sources(source, policies, columns or {}, skip)
    problems = [problem for each in sources for problem in each.problems]
    if not keep_going and any(problem.severity == "error" for problem in problems):
        raise TaskError(problems)
    return Audit(policies, tuple(sources), as_of, keep_going, threads or os.cpu_count() or 1, progress, problems)


@define
class Summary:
    """How many rows there are, with which answers, for which reasons, and which facts are open in how many."""

    rows: int = 0
    statuses: Counter[str] = field(factory=Counter)
    reasons: Counter[str] = field(factory=Counter)
    open: Counter[str] = field(factory=Counter)

    def add(self, decided: Decided) -> None:
        """Count a batch."""
        rows = decided.rows
        accepted, rejected, bad = (b.count(each, rows) for each in (decided.accepted, decided.rejected, decided.bad))
        self.rows += rows
        self.statuses.update(
            accepted=accepted, rejected=rejected, undetermined=rows - accepted - rejected - bad, bad=bad
        )
        for counter, planes in ((self.reasons, decided.reasons), (self.open, decided.open)):
            counter.update({name: b.count(b.minus(plane, decided.bad), rows) for name, plane in planes.items()})
        for named in decided.named:
            self.reasons.update(named.counts)

    def change(self, change: Change) -> None:
        """Count a row that was accepted by itself as what the limits make of it."""
        self.statuses.update({"accepted": -1, change.status: 1})
        self.reasons.update(change.reasons)
        self.open.update(change.open)

    def to_json(self) -> dict[str, object]:
        """The counts by name, the most frequent first."""
        return {
            "rows": self.rows,
            **{status: self.statuses[status] for status in (*STATUSES, "bad")},
            "reasons": dict(self.reasons.most_common()),
            "open": dict(self.open.most_common()),
        }


@frozen(eq=False)
class _Answer:
    """What came of a batch: the answers, the planes, the problems, and the rows that limits may count."""

    batch: pa.RecordBatch
    decided: Decided
    problems: tuple[Problem, ...]
    counted: tuple[tuple[int, Counted], ...]


@define(eq=False, slots=False)
class Audit:
    """The answers to a table of tasks, in the order of its rows.

    `batches` gives them as they are found, about `batch_size` rows at once. `summary` and `problems` tell of the rows that were given so far.
    """

    policies: PolicySet
    sources: tuple[Source, ...]
    as_of: date | None
    keep_going: bool
    threads: int
    progress: Progress | None
    problems: list[Problem]
    summary: Summary = field(factory=Summary)
    batch_size: int | None = None
    fewest: int = FEWEST
    """How many rows a batch has to have for compiled code to be fetched."""

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self.policies, self.as_of, self.fewest)

    @property
    def schema(self) -> pa.Schema:
        """The columns of the answers: `row` (from 0), `file` if there are several, `id` if the table has one."""
        fields = [pa.field("row", pa.int64(), nullable=False)]
        if len(self.sources) > 1:
            fields.append(pa.field("file", pa.dictionary(pa.int32(), pa.string())))
        if (kind := self._id_type) is not None:
            fields.append(pa.field("id", kind))
        return pa.schema([*fields, *(pa.field(name, kind) for name, kind in COLUMNS.items())])

    @property
    def _id_type(self) -> pa.DataType | None:
        kinds = {each.schema.field(each.facts["id"]).type for each in self.sources if "id" in each.facts}
        if len(kinds) == 1 and all("id" in each.facts for each in self.sources):
            return kinds.pop()
        return pa.string() if kinds else None

    # ---- answers -----------------------------------------------------------------------------------------------------------

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The answers, batch by batch; where limits may count a row, the rest waits in a file until all are read."""
        judge = self._judge
        self.summary = Summary()
        judge.values = {}
        portfolio = Portfolio(self.policies, self.as_of, judge.limits, judge.values)
        answers = self._answers(tuple(COLUMNS))
        for answer in answers:
            if answer.counted:
                yield from self._after_limits(answer, answers, portfolio)
                return
            yield answer.batch

    def summarise(self) -> Summary:
        """Only the counts."""
        for _ in self.batches():
            pass
        return self.summary

    def _answers(self, wanted: tuple[str, ...]) -> Iterator[_Answer]:
        wording = Wording(wanted, self.fewest)
        total = sum(each.rows for each in self.sources) if all(each.rows for each in self.sources) else 0
        for answer in self._in_order(wording):
            self.problems += answer.problems
            if answer.problems and not self.keep_going:
                raise TaskError(self.problems)
            self.summary.add(answer.decided)
            if self.progress is not None:
                self.progress(self.summary.rows, total)
            yield answer

    def _in_order(self, wording: Wording) -> Iterator[_Answer]:
        """The batches judged on all cores, a few ahead of what is asked for."""
        waiting: deque[Future[_Answer]] = deque()
        with ThreadPoolExecutor(self.threads) as pool:
            try:
                for source, start, piece in self._pieces():
                    waiting.append(pool.submit(self._answer, wording, source, start, piece))
                    if len(waiting) > self.threads + 1:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for each in waiting:
                    each.cancel()
                self._judge.kernel.forget()

    def _pieces(self) -> Iterator[tuple[int, int, Piece]]:
        """All sources in pieces, each with the number of its source and that of its first row there."""
        size = self.batch_size or (_BATCH if self._judge.kernel.size <= _MANY_NODES else _SMALL_BATCH)
        for number, source in enumerate(self.sources):
            start = 0
            with self._reading(source):
                for piece in source.pieces(self._judge.wanted(source), size):
                    yield number, start, piece
                    start += piece[0]

    @contextmanager
    def _reading(self, source: Source) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            raise unreadable(source.name, str(error)) from error

    def _answer(self, wording: Wording, number: int, start: int, piece: Piece) -> _Answer:
        source = self.sources[number]
        with self._reading(source):
            batch = piece[1]()
        rows = np.arange(start, start + batch.num_rows)
        if source.is_table and (filled := filled_rows(batch)) is not None:
            rows, batch = rows[filled], batch.filter(pa.array(filled))
        judged = self._judge.judge(source, rows, batch)
        answer = self._framed(number, rows, batch, judged.answers(wording))
        problems = tuple(self._judge.problems(judged))
        return _Answer(answer, judged.decided, problems, tuple(self._judge.counted(judged, number)))

    def _framed(self, number: int, rows: Rows, batch: pa.RecordBatch, answer: Mapping[str, pa.Array]) -> pa.RecordBatch:
        source = self.sources[number]
        columns: dict[str, pa.Array] = {"row": pa.array(rows)}
        if len(self.sources) > 1:
            at = np.full(len(rows), number, dtype=np.int32)
            columns["file"] = pa.DictionaryArray.from_arrays(
                pa.array(at), pa.array([each.name for each in self.sources])
            )
        if (kind := self._id_type) is not None:
            ids = batch.column(source.facts["id"]) if "id" in source.facts else pa.nulls(len(rows), kind)
            columns["id"] = ids if ids.type == kind else ids.cast(kind)
        return pa.RecordBatch.from_arrays([*columns.values(), *answer.values()], schema=self.schema)

    # ---- limits ------------------------------------------------------------------------------------------------------------

    def _after_limits(
        self, first: _Answer, answers: Iterator[_Answer], portfolio: Portfolio
    ) -> Iterator[pa.RecordBatch]:
        with tempfile.TemporaryDirectory(prefix="burdenlib-") as folder:
            path = Path(folder) / "answers.arrows"
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, self.schema) as writer:
                for answer in _chained(first, answers):
                    writer.write_batch(answer.batch)
                    for limit, rows in answer.counted:
                        portfolio.add(limit, rows)
            changes = portfolio.changes()
            for change in changes.values():
                self.summary.change(change)
            with pa.memory_map(str(path)) as memory:
                yield from self._patched(pa.ipc.open_stream(memory), changes)

    def _patched(
        self, batches: Iterable[pa.RecordBatch], changes: Mapping[tuple[int, int], Change]
    ) -> Iterator[pa.RecordBatch]:
        by_source: dict[int, list[int]] = {}
        for source, row in sorted(changes):
            by_source.setdefault(source, []).append(row)
        for batch in batches:
            if batch.num_rows == 0:
                continue
            rows = batch.column("row").to_numpy()
            number = batch.column("file").indices[0].as_py() if len(self.sources) > 1 else 0
            mine = [row for row in by_source.get(number, ()) if rows[0] <= row <= rows[-1]]
            at = {int(np.searchsorted(rows, row)): changes[number, row] for row in mine}
            yield _changed(batch, at) if at else batch

    # ---- out ---------------------------------------------------------------------------------------------------------------

    def reader(self) -> pa.RecordBatchReader:
        """The answers as Arrow passes them between programs."""
        return pa.RecordBatchReader.from_batches(self.schema, self.batches())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.reader().__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pa.Table:
        """All answers as one table."""
        return pa.Table.from_batches(self.batches(), self.schema)

    def write(self, path: str | Path) -> Summary:
        """Write the answers to a file (`.parquet`, `.arrow` or `.csv`), and give the counts."""
        from burdenlib.audit.output import write

        write(self, Path(path))
        return self.summary

    # ---- one row -----------------------------------------------------------------------------------------------------------

    def explain(self, row: int | str, source: int = 0) -> Verdict:
        """The verdict on one row, with its whole proof: `row` is its number (from 0) or the id of its task.

        Limits are named in it, not judged. Raises `KeyError` if there is no such row.
        """
        task = self._find(self.sources[source], row)
        told, problems = read_task(task, self.policies)
        case, more = make_case(self.policies, task.id, told, as_of=self.as_of)
        if wrong := (*problems, *more):
            raise TaskError(wrong)
        return with_missing(self.policies, case, judge(self.policies, case))

    def _find(self, source: Source, row: int | str) -> Task:
        heads = list(dict.fromkeys(source.facts.values()))
        start = 0
        for batch in source.read(heads):
            at = _row_in(batch, row, start, source.facts.get("id"))
            if at is not None:
                return self._as_task(source, batch, at, start + at)
            start += batch.num_rows
        raise KeyError(row)

    def _as_task(self, source: Source, batch: pa.RecordBatch, at: int, row: int) -> Task:
        facts: dict[str, object] = {}
        cells: dict[str, Cell] = {}
        for name, head in source.facts.items():
            raw = batch.column(head)[at].as_py()
            if raw is None:
                continue
            facts[name] = unguarded(raw) if source.guarded else raw
            if not isinstance(raw, list | dict):
                cells[name] = source.place(row, head)
        return Task(task_id(source, row, batch, at), facts, source=source.name, cells=cells)


def _row_in(batch: pa.RecordBatch, row: int | str, start: int, id: str | None) -> int | None:
    if isinstance(row, int):
        return row - start if start <= row < start + batch.num_rows else None
    if id is None:
        return None
    ids = batch.column(id)
    at = pc.index(ids.cast(pa.string()) if not pa.types.is_string(ids.type) else ids, pa.scalar(row)).as_py()
    return at if at >= 0 else None


def _chained(first: _Answer, rest: Iterator[_Answer]) -> Iterator[_Answer]:
    yield first
    yield from rest


def _changed(batch: pa.RecordBatch, changes: Mapping[int, Change]) -> pa.RecordBatch:
    """A batch with other answers in some rows."""
    rows = np.fromiter(changes, dtype=np.int64)
    texts: Mapping[str, Sequence[str]] = {
        "status": [each.status for each in changes.values()],
        "reasons": [SEPARATOR.join(each.reasons) for each in changes.values()],
        "open": [SEPARATOR.join(each.open) for each in changes.values()],
    }
    for name, values in texts.items():
        batch = batch.set_column(batch.schema.get_field_index(name), name, _replaced(batch.column(name), rows, values))
    return batch


def _replaced(column: Any, rows: b.Codes, values: Sequence[str]) -> pa.Array:
    words = {word: number for number, word in enumerate(column.dictionary.to_pylist())}
    codes = column.indices.fill_null(0).to_numpy(zero_copy_only=False).copy()
    codes[rows] = [words.setdefault(value, len(words)) for value in values]
    mask = None if column.null_count == 0 else ~column.is_valid().to_numpy(zero_copy_only=False)
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=mask), pa.array(list(words), pa.string()))
