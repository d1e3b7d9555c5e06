"""What was found out about a batch as Arrow columns; texts are put together once for each set of reasons."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field

from burdenlib.audit import planes as b
from burdenlib.audit.columns import numbered
from burdenlib.audit.kernel import Decided, Way
from burdenlib.evaluator import find_items
from burdenlib.facts import FactType, ValueProblemError, read_cell

__all__ = ["COLUMNS", "SEPARATOR", "STATUSES", "Wording"]

STATUSES: Final = ("accepted", "rejected", "undetermined")
SEPARATOR: Final = "; "

_TEXT = pa.dictionary(pa.int32(), pa.string())
COLUMNS: Final[Mapping[str, pa.DataType]] = {
    "status": pa.dictionary(pa.int8(), pa.string()),
    "reasons": _TEXT,
    "admitted_by": _TEXT,
    "open": _TEXT,
}
"""The columns of an answer with their types."""

_MOST_BITS: Final = 20
_MANY: Final = 1 << 16
"""How many texts may stand in a dictionary though no row has them."""


@define(eq=False)
class _Sets:
    """The sets of some planes in which rows were found, numbered as they come up."""

    names: tuple[str, ...]
    found: list[tuple[int, ...]] = field(factory=list)
    numbers: npt.NDArray[np.int32] = field(init=False)
    lock: threading.Lock = field(factory=threading.Lock)
    _texts: pa.Array = field(factory=lambda: pa.array([], pa.string()))

    @numbers.default
    def _none(self) -> npt.NDArray[np.int32]:
        return np.full(1 << len(self.names), -1, dtype=np.int32)

    def codes(self, planes: Sequence[b.Plane], rows: int) -> b.Codes:
        """For each row the number of the set of planes in which it is."""
        keys = b.to_codes(planes, rows)
        codes = self.numbers.take(keys, mode="clip")
        if rows and codes.min() < 0:
            with self.lock:
                for key in np.unique(keys[codes < 0]).tolist():
                    if self.numbers[key] < 0:
                        self.found.append(tuple(bit for bit in range(len(planes)) if key >> bit & 1))
                        self.numbers[key] = len(self.found) - 1
            codes = self.numbers.take(keys, mode="clip")
        return codes

    def texts(self, always: Sequence[str]) -> pa.Array:
        """The names in each set; `always` are those that every row has."""
        with self.lock:
            made = len(self._texts)
            if made < len(self.found):
                more = (SEPARATOR.join((*always, *(self.names[each] for each in one))) for one in self.found[made:])
                self._texts = pa.concat_arrays([self._texts, pa.array(more, pa.string())])
            return self._texts


@define(eq=False)
class Wording:
    """Puts planes into words; remembers what it has put together."""

    wanted: tuple[str, ...] = tuple(COLUMNS)
    _sets: dict[tuple[str, tuple[str, ...], tuple[str, ...]], _Sets] = field(factory=dict)

    def columns(self, decided: Decided, items: pa.Array | None) -> dict[str, pa.Array]:
        """The answer's columns for a batch; `items` is the column of the tasks' items."""
        made: Mapping[str, Callable[[], pa.Array]] = {
            "status": lambda: _status(decided),
            "reasons": lambda: self._named("reasons", decided.reasons, decided),
            "admitted_by": lambda: self._admitted(decided, items),
            "open": lambda: self._named("open", decided.open, decided),
        }
        return {name: made[name]() for name in self.wanted}

    def _numbering(self, what: str, names: tuple[str, ...], always: tuple[str, ...]) -> _Sets:
        return self._sets.setdefault((what, names, always), _Sets(names))

    def _named(self, what: str, planes: Mapping[str, b.Plane], decided: Decided) -> pa.Array:
        """For each row the names of the planes in which it is."""
        return _worded(*self._numbers(what, planes, decided.rows), decided)

    def _numbers(self, what: str, planes: Mapping[str, b.Plane], rows: int) -> tuple[b.Codes, pa.Array]:
        always = tuple(name for name, plane in planes.items() if plane is True)
        some = {name: plane for name, plane in planes.items() if not isinstance(plane, bool)}
        parts = []
        for start in range(0, max(len(some), 1), _MOST_BITS):
            names = tuple(some)[start : start + _MOST_BITS]
            sets = self._numbering(what, names, always if start == 0 else ())
            codes = sets.codes([some[name] for name in names], rows)
            parts.append((codes, sets.texts(always if start == 0 else ())))
        return parts[0] if len(parts) == 1 else _joined(parts)

    def _admitted(self, decided: Decided, items: pa.Array | None) -> pa.Array:
        """For each row what admits it: rules, and lists with the code or the title of the item."""
        ways = [way for way, _ in decided.admitted]
        planes = {str(number): plane for number, (_, plane) in enumerate(decided.admitted)}
        codes, named = self._numbers("ways", planes, decided.rows)
        sets = [[ways[int(each)] for each in text.split(SEPARATOR) if each] for text in named.to_pylist()]
        if items is None or not any(way.place is not None for way in ways):
            return _worded(codes, pa.array([_told(one, None) for one in sets], pa.string()), decided)
        at, values = _item_values(items)
        values = values or [None]
        width = len(values)
        wide = np.int64 if len(sets) * width > 1 << 31 else np.int32
        last = np.asarray(width - 1, dtype=f"u{at.itemsize}")  # under a null anything may stand
        keys = np.multiply(codes, width, dtype=wide) + np.minimum(at.view(last.dtype), last).astype(wide)
        pairs: Sequence[int] = range(len(sets) * width)
        if len(pairs) > _MANY:
            keys, pairs = _ranked(keys)
        texts: dict[str, int] = {}
        told = (_told(sets[pair // width], values[pair % width]) for pair in pairs)
        numbers = np.array([texts.setdefault(text, len(texts)) for text in told], dtype=np.int32)
        return _worded(numbers.take(keys, mode="clip"), pa.array(list(texts), pa.string()), decided)


def _told(ways: Sequence[Way], value: str | None) -> str:
    return SEPARATOR.join(dict.fromkeys(_way(way, value) for way in ways))


def _way(way: Way, value: str | None) -> str:
    if way.place is None or way.task_list is None or value is None:
        return _plain(way)
    found = find_items(way.task_list, value)
    item = found[way.place] if way.place < len(found) else None
    return way.rule if item is None else f"{way.rule} {item.code or item.title.pick('zh')}"


def _plain(way: Way) -> str:
    return way.rule if way.item is None else f"{way.rule} {way.item.code or way.item.title.pick('zh')}"


def _item_values(items: pa.Array) -> tuple[b.Codes, list[str | None]]:
    at, distinct = numbered(items)
    values: list[str | None] = []
    for each in distinct.to_pylist() if isinstance(distinct, pa.Array) else distinct:
        try:
            value = read_cell(FactType("text"), each)
        except ValueProblemError:
            value = None
        values.append(value if isinstance(value, str) else None)
    return at, values


def _status(decided: Decided) -> pa.Array:
    undetermined = b.opposite(b.either(decided.accepted, decided.rejected))
    codes = b.to_codes([decided.rejected, b.minus(undetermined, decided.bad)], decided.rows)
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.view(np.int8), mask=_mask(decided)), pa.array(STATUSES), safe=False
    )


def _mask(decided: Decided) -> npt.NDArray[np.bool_] | None:
    return None if b.is_empty(decided.bad) else b.unpack(decided.bad, decided.rows)


def _worded(codes: b.Codes, texts: pa.Array, decided: Decided) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32, copy=False), mask=_mask(decided)), texts, safe=False
    )


def _joined(parts: Sequence[tuple[b.Codes, pa.Array]]) -> tuple[b.Codes, pa.Array]:
    """Several numbers for each row as one, with their texts one after the other."""
    codes, texts = parts[0][0].astype(np.int64), parts[0][1].to_pylist()
    for own, more in parts[1:]:
        added = more.to_pylist()
        codes, keys = _ranked(codes * len(added) + own)
        pairs = (divmod(key, len(added)) for key in keys)
        texts = [SEPARATOR.join(filter(None, (texts[one], added[other]))) for one, other in pairs]
    return codes, pa.array(texts, pa.string())


def _ranked(keys: b.Codes) -> tuple[b.Codes, list[int]]:
    """Numbers as a row of numbers without gaps, and what they stand for."""
    found = pc.dictionary_encode(pa.array(keys))
    return found.indices.to_numpy(zero_copy_only=True), found.dictionary.to_pylist()
