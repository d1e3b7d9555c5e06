"""One batch judged by itself: its answers, what is wrong with its values, and the rows that limits may count."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field, frozen

from burdenlib.audit import planes as b
from burdenlib.audit.circuits import FEWEST
from burdenlib.audit.columns import Column, encode, numbered, read_told, unguarded
from burdenlib.audit.kernel import Decided, Kernel
from burdenlib.audit.portfolio import Counted, Values
from burdenlib.audit.results import Wording
from burdenlib.audit.sources import Source
from burdenlib.facts import Value, show
from burdenlib.garbage import put_off
from burdenlib.policy import PolicySet, Rule
from burdenlib.problems import Problem
from burdenlib.words import Words

__all__ = ["Judge", "Judged", "Rows", "Tasks", "distinct_values", "task_id"]

Rows = npt.NDArray[np.int64]


@frozen(eq=False)
class Judged:
    """A batch of a source that was judged: the numbers of its rows, what they tell, and what was found out."""

    source: Source
    rows: Rows
    batch: pa.RecordBatch
    columns: Mapping[str, Column]
    decided: Decided

    def answers(self, wording: Wording) -> dict[str, pa.Array]:
        """The columns of the answer."""
        items = self.batch.column(self.source.facts["item"]) if "item" in self.columns else None
        return wording.columns(self.decided, items)

    def task(self, at: int) -> str:
        """The id of the task in a row of the batch, made up if it has none."""
        return task_id(self.source, int(self.rows[at]), self.batch, at)


@define(eq=False)
class Judge:
    """A kernel with what it judges by; `values` are those that limits look at, by fact.

    Compiled code judges batches of `fewest` rows and more.
    """

    policies: PolicySet
    as_of: date | None
    fewest: int = FEWEST
    kernel: Kernel = field(init=False, repr=False)
    values: dict[str, Values] = field(factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    @kernel.default
    def _planned(self) -> Kernel:
        return _kernel(self.policies, self.as_of)

    @property
    def limits(self) -> tuple[Rule, ...]:
        """The limits, in the order of their numbers."""
        return tuple(each.rule for each in self.kernel.limits)

    def reads(self, source: Source, name: str) -> bool:
        """Whether a fact is looked at: it is asked about, or its values may be misspelt."""
        if name in self.kernel.classes:
            return True
        kind = self.policies.facts[name].type.kind
        return kind != "text" and not (kind == "yes_no" and source.tells_truth(name))

    def wanted(self, source: Source) -> list[str]:
        """The columns that are read: the id, and those of the facts that are looked at."""
        read = (head for name, head in source.facts.items() if name == "id" or self.reads(source, name))
        return list(dict.fromkeys(read)) or list(source.facts.values())[:1]

    def judge(self, source: Source, rows: Rows, batch: pa.RecordBatch) -> Judged:
        """Judge the rows of a batch, each by itself."""
        columns = {
            name: encode(batch.column(head), self.kernel.classes_of(name), guarded=source.guarded)
            for name, head in source.facts.items()
            if head in batch.schema.names and self.reads(source, name)
        }
        return Judged(source, rows, batch, columns, self.kernel.decide(batch.num_rows, columns, self.fewest))

    def problems(self, judged: Judged) -> Iterator[Problem]:
        """One problem for each value that can't be used, at the first row that has it."""
        source, rows = judged.source, judged.rows
        for name, column in judged.columns.items():
            head = source.facts[name]
            for bad in column.problems:
                details = {**bad.problem.details, "task": judged.task(bad.row), "fact": name}
                place = source.place(int(rows[bad.row]), head)
                yield Problem(bad.problem.code, place, details, nearest=bad.problem.nearest)
        for name, plane in judged.decided.misplaced.items():
            at, head = int(b.rows_of(plane, judged.decided.rows)[0]), source.facts[name]
            kind = self.policies.facts[name].type
            value = read_told(self.policies, {name: judged.batch.column(head)[at].as_py()})[name]
            details = {
                "fact": name,
                "task": judged.task(at),
                "value": Words(show(kind, value, "zh"), show(kind, value, "en")),
            }
            yield Problem("misplaced-fact", source.place(int(rows[at]), head), details)

    def counted(self, judged: Judged, number: int) -> Iterator[tuple[int, Counted]]:
        """The rows that limits may count, for each limit; `number` is that of the source."""
        source, decided = judged.source, judged.decided
        accepted = b.unpack(decided.accepted, decided.rows)
        for limit, plane in enumerate(decided.limited):
            if b.is_empty(plane) or not len(at := b.rows_of(plane, decided.rows)):
                continue
            heads = {name: source.facts[name] for name in self.kernel.limit_facts(limit) if name in source.facts}
            told = {
                name: self._value_numbers(source, name, judged.batch.column(head).take(pa.array(at)))
                for name, head in heads.items()
            }
            if "id" in source.facts:
                ids = judged.batch.column(source.facts["id"]).take(pa.array(at)).to_pylist()
            else:
                ids = [None] * len(at)
            rows = judged.rows[at]
            matches = b.unpack(decided.matching[limit], decided.rows)[at]
            yield limit, Counted(number, rows, accepted[at], matches, told, Tasks(source, rows, ids))

    def _value_numbers(self, source: Source, name: str, column: pa.Array) -> npt.NDArray[np.int32]:
        """For each row the number of the value that it tells."""
        codes, raws = _distinct(source, column)
        with self._lock:
            known = self.values.setdefault(name, Values())
            numbers = [
                known.number_read(raw, lambda raw: read_told(self.policies, {name: raw}).get(name)) for raw in raws
            ]
        found = np.array(numbers or [-1], dtype=np.int32).take(codes, mode="clip")
        found[~column.is_valid().to_numpy(zero_copy_only=False)] = -1
        return found


_MOST_KERNELS: Final = 8
_kernels: list[Kernel] = []
_making: Final = threading.Lock()


def _kernel(policies: PolicySet, as_of: date | None) -> Kernel:
    """A policy set made ready; that of the audit before is used again."""
    with _making:
        for kernel in _kernels:
            if kernel.policies is policies and kernel.as_of == as_of:
                return kernel
        with put_off():
            _kernels.insert(0, Kernel(policies, as_of))
        del _kernels[_MOST_KERNELS:]
        return _kernels[0]


def distinct_values(
    policies: PolicySet, source: Source, name: str, column: pa.Array
) -> tuple[b.Codes, list[Value | None]]:
    """For each row the number of its value, and the values; under a null any number may stand."""
    codes, raws = _distinct(source, column)
    return codes, [read_told(policies, {name: raw}).get(name) for raw in raws]


def _distinct(source: Source, column: pa.Array) -> tuple[b.Codes, list[object]]:
    codes, distinct = numbered(column)
    if isinstance(distinct, pa.Array) and len(distinct) > len(column):  # a few rows of a batch have few of its values
        found = pc.dictionary_encode(pa.array(np.clip(codes, 0, len(distinct) - 1)))
        codes, distinct = found.indices.to_numpy(), distinct.take(found.dictionary)
    raws = distinct.to_pylist() if isinstance(distinct, pa.Array) else distinct
    return codes, [unguarded(raw) for raw in raws] if source.guarded else raws


def task_id(source: Source, row: int, batch: pa.RecordBatch, at: int) -> str:
    """The id of the task in a row of a batch, made up if it has none; `row` is its number in the source."""
    told = batch.column(source.facts["id"])[at].as_py() if "id" in source.facts else None
    return Tasks(source, np.array([row]), [told])[0]  # type: ignore[no-any-return]


@frozen(eq=False)
class Tasks(Sequence[str]):
    """The ids of the tasks of some rows, made up where there are none."""

    source: Source
    rows: Rows
    ids: Sequence[object]

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, at: Any) -> Any:
        told = self.ids[at]
        return self.source.task_id(int(self.rows[at])) if told in (None, "") else str(told).strip()
