"""Arrow columns to small codes: each distinct value is read once, and values that no condition tells apart are one."""

from __future__ import annotations

import datetime as dt
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, evolve, field, frozen

from burdenlib import policy as p
from burdenlib.audit.planes import Bits, Codes, Plane, Switch, Truths, any_plane, both, minus, pack, rows_of
from burdenlib.facts import FactType, Value, ValueProblemError, read_cell, read_value
from burdenlib.lists import normal_code, normal_title
from burdenlib.logic import Truth
from burdenlib.places import LEVEL_LENGTHS
from burdenlib.readers.csv_file import _GUARDED

__all__ = [
    "Bad",
    "Classes",
    "Coded",
    "Column",
    "Predicate",
    "Read",
    "clipped",
    "coded",
    "encode",
    "looked_up",
    "numbered",
    "read_raw",
    "read_told",
    "unguarded",
]

Predicate = Callable[[Value], Truth]

_KEPT = 1_000_000
"""How many values of a fact are remembered."""

_REMEMBERED: Final = 50_000
"""How many values of a fact are remembered from one audit to the next."""

_TRUTHS: Final = {None: 0, True: 1, False: 2}
_BOOLEANS: Final = pa.array([False, True])
_NOTHING: Final = 0
_NO_CODES: Final = np.zeros(0, dtype=np.uint8)


def read_raw(kind: FactType, raw: object) -> Value | None:
    """A value as a table of a database tells it: lists and objects as JSON has them, anything else as a cell."""
    return read_value(kind, raw) if isinstance(raw, list | dict | set) else read_cell(kind, raw)


def read_told(policies: p.PolicySet, raw: Mapping[str, object]) -> dict[str, Value]:
    """The facts that a row tells; what can't be read is left out."""
    told: dict[str, Value] = {}
    for name, each in raw.items():
        try:
            value = read_raw(policies.facts[name].type, each)
        except ValueProblemError:
            continue
        if value is not None:
            told[name] = value
    return told


@frozen
class Bad:
    """A value that can't be read: what is wrong, the first row that has it, and all rows that have it."""

    problem: ValueProblemError
    row: int
    rows: Plane


@frozen(eq=False, slots=False)
class Read:
    """The distinct values of a batch: the class of each, the values where they are wanted, and why some can't be read."""

    classes: npt.NDArray[np.intp]
    values: Sequence[Value | None]
    problems: Mapping[int, ValueProblemError]

    @cached_property
    def in_order(self) -> bool:
        """Whether the values have one class each, in the order of the classes."""
        return bool((np.diff(self.classes) > 0).all())

    @cached_property
    def present(self) -> npt.NDArray[np.intp]:
        """The classes that values have, each once, in their order."""
        if self.in_order:
            return self.classes
        seen = np.zeros(int(self.classes.max()) + 1, dtype=np.bool_)
        seen[self.classes] = True
        return np.flatnonzero(seen)

    @cached_property
    def small(self) -> Codes:
        """For each value the place of its class among those present."""
        count = len(self.present)
        places = np.zeros(int(self.classes.max()) + 1, dtype=_unsigned(count))
        places[self.present] = np.arange(count, dtype=places.dtype)
        return places[self.classes]


def _unsigned(count: int) -> str:
    return "u1" if count <= 256 else "u2" if count <= 65_536 else "u4"


# ---- classes of values ---------------------------------------------------------------------------------------------------


@define(eq=False)
class Classes:
    """The values of a fact in classes that no condition tells apart.

    `predicates` are all that is asked of the fact by itself, `constants` what it is compared with. Class 0 is: nothing
    told. A value is asked about once; values are first put together by a signature that costs less than asking, but for
    those of an `exact` fact. `needs_values` says that the fact is compared with other facts.
    """

    fact: p.Fact
    predicates: list[Predicate] = field(factory=list)
    constants: set[Value] = field(factory=set)
    titles: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    exact: bool = False
    needs_values: bool = False
    _by_sign: dict[object, int] = field(factory=dict)
    _by_truths: dict[bytes, int] = field(factory=dict)
    _rows: list[bytes] = field(factory=list)
    _read: dict[object, int | ValueProblemError] = field(factory=dict)
    _last: tuple[pa.Array, bool, Read] | None = None
    _lock: threading.Lock = field(factory=threading.Lock)

    def ask(self, predicate: Predicate) -> int:
        """Ask something of each value; gives the number of the question."""
        self.predicates.append(predicate)
        return len(self.predicates) - 1

    def read(self, values: pa.Array | list[object], *, guarded: bool = False) -> Read:
        """Read the distinct values of a batch; those of the batch before are most often the same."""
        before = self._last
        if before is not None and before[1] is guarded and isinstance(values, pa.Array) and before[0].equals(values):
            return before[2]
        raws = values.to_pylist() if isinstance(values, pa.Array) else values
        found = self._read_each(unguarded(raw) if guarded else raw for raw in raws)
        if isinstance(values, pa.Array):
            self._last = values, guarded, found
        return found

    def forget(self) -> None:
        """Let go of what was read if it is much."""
        with self._lock:
            self._last = None
            if len(self._read) > _REMEMBERED:
                self._read.clear()
                self._by_sign.clear()

    def _read_each(self, raws: Iterable[object]) -> Read:
        classes: list[int] = []
        values: list[Value | None] = []
        problems: dict[int, ValueProblemError] = {}
        with self._lock:
            for index, raw in enumerate(raws):
                key = _key(raw)
                found = _NOTHING if raw is None else self._read[key] if key in self._read else self._new(raw, key)
                if isinstance(found, ValueProblemError):
                    problems[index] = found
                    found = _NOTHING
                classes.append(found)
                if self.needs_values:
                    values.append(read_raw(self.fact.type, raw) if found else None)
        return Read(np.array(classes or [_NOTHING], dtype=np.intp), values, problems)

    def matrix(self, classes: Iterable[int]) -> npt.NDArray[np.uint8]:
        """The answers to all questions, a row for each of the classes: 0 unknown, 1 true, 2 false."""
        width = len(self.predicates)
        rows = [bytes(width) if each <= 0 else self._rows[each - 1] for each in classes]
        return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), width)

    def _new(self, raw: object, key: object) -> int | ValueProblemError:
        found: int | ValueProblemError
        try:
            value = read_raw(self.fact.type, raw)
        except ValueProblemError as problem:
            found = problem
        else:
            found = _NOTHING if value is None else self._class_of(value)
        if len(self._read) >= _KEPT:
            self._read.clear()
            self._by_sign.clear()
        self._read[key] = found
        return found

    def _class_of(self, value: Value) -> int:
        sign = self._sign(value)
        if sign not in self._by_sign:
            truths = bytes(_TRUTHS[predicate(value)] for predicate in self.predicates)
            if truths not in self._by_truths:
                self._rows.append(truths)
                self._by_truths[truths] = len(self._rows)
            self._by_sign[sign] = self._by_truths[truths]
        return self._by_sign[sign]

    def _sign(self, value: Value) -> object:
        """What tells a value from others as far as any condition can: values with one sign have one class."""
        if self.exact:
            return value
        match self.fact.type.kind:
            case "place" if isinstance(value, str):
                deepest = next(value[:cut] for cut in _CUTS if value[:cut] in self._places)
                return deepest, deepest == value
            case "date" if isinstance(value, dt.date):
                return bisect_left(self._days, value), bisect_right(self._days, value)
            case "text" if isinstance(value, str) and (self.codes or self.titles):
                code, title = normal_code(value), normal_title(value)
                constant = code if code in self._texts else None
                return code if code in self.codes else None, title if title in self.titles else None, constant
        return value

    @cached_property
    def _places(self) -> frozenset[str]:
        codes = [each for each in self.constants if isinstance(each, str)]
        return frozenset({"", *(code[:cut] for code in codes for cut in _CUTS)})

    @cached_property
    def _days(self) -> list[dt.date]:
        return sorted(each for each in self.constants if isinstance(each, dt.date))

    @cached_property
    def _texts(self) -> frozenset[str]:
        return frozenset(normal_code(each) for each in self.constants if isinstance(each, str))


_CUTS: Final = tuple(sorted(LEVEL_LENGTHS.values(), reverse=True))


# ---- columns of a batch ------------------------------------------------------------------------------------------------------


@define(eq=False)
class Column:
    """A fact in the rows of a batch.

    `told` are the rows in which something is told, `bad` those in which it can't be read. `present` are the classes of the
    values of the batch. `indices` number its distinct values, for `values` of those facts that are compared with others.
    """

    told: Plane
    bad: Plane
    problems: tuple[Bad, ...]
    present: npt.NDArray[np.intp]
    indices: Codes
    values: Sequence[Value | None]
    switch: Switch
    _answers: npt.NDArray[np.uint8]

    def where(self, question: int) -> Truths:
        """The rows for which the answer to a question is yes, and those for which it is no."""
        answers = self._answers[:, question]
        true = both(self.told, self.switch.where((answers == 1).tobytes()))
        if answers[self.present != _NOTHING].all():
            return Truths(true, minus(self.told, true))
        return Truths(true, both(self.told, self.switch.where((answers == 2).tobytes())))

    @property
    def planes(self) -> tuple[Plane, ...]:
        """The planes that it is made of."""
        return (self.told, self.bad, *self.switch.bits)

    def of_planes(self, planes: Sequence[Plane]) -> Column:
        """The same column with other planes."""
        told, bad, *bits = planes
        return evolve(self, told=told, bad=bad, switch=Switch(cast("list[Bits]", bits)))


@frozen(eq=False)
class Coded:
    """A column as codes of classes, one for each row; of a column of yes and no the codes are a plane."""

    classes: Classes
    codes: Codes
    read: Read
    valid: Plane
    bad: tuple[Bad, ...]
    indices: Codes
    is_plane: bool = False

    def column(self) -> Column:
        """The column as planes."""
        present = self.read.classes if self.is_plane else self.read.present
        switch = Switch([self.codes]) if self.is_plane else Switch.of_codes(self.codes, len(present))
        told = both(self.valid, switch.where((present != _NOTHING).tobytes()))
        answers = self.classes.matrix(present.tolist())
        bad = any_plane(each.rows for each in self.bad)
        return Column(told, bad, self.bad, present, self.indices, self.read.values, switch, answers)


def encode(array: pa.Array, classes: Classes, *, guarded: bool = False) -> Column:
    """A column as planes; `guarded` says that an apostrophe may stand before what a spreadsheet would run."""
    return coded(array, classes, guarded=guarded).column()


def coded(array: pa.Array, classes: Classes, *, guarded: bool = False) -> Coded:
    """A column as codes."""
    if pa.types.is_boolean(array.type) and not classes.needs_values:
        read = classes.read(_BOOLEANS, guarded=guarded)
        return Coded(classes, _bits(array), read, _valid(array), (), _NO_CODES, is_plane=True)
    indices, distinct = numbered(array)
    valid = _valid(array)
    read = classes.read(distinct, guarded=guarded)
    bad = tuple(_bad(indices, valid, read)) if read.problems else ()
    if read.in_order:
        codes: Codes = indices.astype(_unsigned(len(read.classes)), copy=False)
    else:
        codes = clipped(read.small, indices, valid)
    return Coded(classes, codes, read, valid, bad, indices if classes.needs_values else _NO_CODES)


def clipped(table: Codes, at: Codes, valid: Plane) -> Codes:
    """What a table holds at each number; under a null any number may stand."""
    if valid is True or (at.min(initial=0) >= 0 and at.max(initial=0) < len(table)):
        return looked_up(table, at)
    return table.take(at, mode="clip")


def unguarded(raw: object) -> object:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return raw[1:] if isinstance(raw, str) and _GUARDED.match(raw) else raw


def _bad(indices: Codes, valid: Plane, read: Read) -> Iterator[Bad]:
    for index, problem in read.problems.items():
        rows = both(valid, pack(indices == index))
        first = rows_of(rows, len(indices))
        if len(first):
            yield Bad(problem, int(first[0]), rows)


def _key(raw: object) -> object:
    """What a value is kept under: values of different types are different."""
    match raw:
        case str() | None:
            return raw
        case list():
            return _List(tuple(map(_key, raw)))
        case dict():
            return _Object(tuple((name, _key(each)) for name, each in raw.items()))
    return type(raw), raw


@frozen
class _List:
    parts: tuple[object, ...]


@frozen
class _Object:
    parts: tuple[tuple[str, object], ...]


def numbered(array: pa.Array) -> tuple[Codes, pa.Array | list[object]]:
    """For each row the number of its value, and the distinct values; under a null any number may stand."""
    kind = array.type
    if pa.types.is_boolean(kind):
        return np.unpackbits(_bits(array), bitorder="little", count=len(array)), _BOOLEANS
    if pa.types.is_nested(kind):
        return _factorised(array)
    if not pa.types.is_dictionary(kind):
        array = pc.dictionary_encode(array.cast(pa.string()) if _is_view(kind) else array)
    if pa.types.is_nested(array.type.value_type):
        return _factorised(array.dictionary_decode())
    indices = array.indices
    width = indices.type.bit_width // 8
    signed = np.dtype(f"{'u' if pa.types.is_unsigned_integer(indices.type) else 'i'}{width}")
    data = indices.buffers()[1]
    codes = np.frombuffer(data, dtype=signed, count=len(indices), offset=indices.offset * width)
    return codes, array.dictionary


def _is_view(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string_view(kind) or pa.types.is_null(kind))


def _factorised(array: pa.Array) -> tuple[Codes, list[object]]:
    """Lists and objects, which Arrow can't number."""
    numbers: dict[object, int] = {}
    values: list[object] = []
    codes = np.zeros(len(array), dtype=np.int32)
    for row, raw in enumerate(array.to_pylist()):
        key = _key(dict(raw) if pa.types.is_map(array.type) and raw is not None else raw)
        if key not in numbers:
            numbers[key] = len(values)
            values.append(raw)
        codes[row] = numbers[key]
    return codes, values


def looked_up(table: Codes, at: Codes) -> Codes:
    """What a table holds at numbers that are surely in it; Arrow is twice as fast here as NumPy."""
    found: Codes = pc.take(pa.array(table), pa.array(at), boundscheck=False).to_numpy()
    return found


def _bits(array: pa.Array) -> Bits:
    """The bits of a boolean column; under a null anything may stand."""
    data = np.frombuffer(array.buffers()[1], dtype=np.uint8)
    if array.offset % 8 == 0:
        return data[array.offset // 8 : -(-(array.offset + len(array)) // 8)]
    return pack(np.unpackbits(data, bitorder="little")[array.offset : array.offset + len(array)])


def _valid(array: pa.Array) -> Plane:
    """The rows that aren't null; the bits are Arrow's own where they begin with a byte."""
    nulls = array.null_count
    if nulls == 0 or nulls == len(array):
        return bool(nulls == 0)
    data = array.buffers()[0]
    if data is None:  # a dictionary may hold the null
        return pack(array.is_valid().to_numpy(zero_copy_only=False))
    if array.offset % 8 == 0:
        bits: Bits = np.frombuffer(data, dtype=np.uint8, count=-(-len(array) // 8), offset=array.offset // 8)
        return bits
    return pack(np.unpackbits(np.frombuffer(data, dtype=np.uint8), bitorder="little")[array.offset :][: len(array)])
