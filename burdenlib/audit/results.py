"""What was found out about a batch as Arrow columns; texts are put together once for each set of reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field

from burdenlib.audit import planes as b
from burdenlib.audit.columns import distinct, key_of, raw_of
from burdenlib.audit.kernel import Decided, Way
from burdenlib.evaluator import find_items
from burdenlib.facts import FactType, Value, ValueProblemError, read_cell

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

_DENSE = 20
"""Up to how many bits numbers are counted in a table of all of them."""


@define(eq=False)
class Wording:
    """Puts planes into words; remembers what it has put together."""

    wanted: tuple[str, ...] = tuple(COLUMNS)
    _texts: dict[tuple[str, ...], str] = field(factory=dict)
    _items: dict[tuple[int, object], str] = field(factory=dict)

    def columns(self, decided: Decided, items: pa.Array | None) -> dict[str, pa.Array]:
        """The answer's columns for a batch; `items` is the column of the tasks' items."""
        made: Mapping[str, Callable[[], pa.Array]] = {
            "status": lambda: _status(decided),
            "reasons": lambda: self._named(decided.reasons, decided),
            "admitted_by": lambda: self._admitted(decided, items),
            "open": lambda: self._named(decided.open, decided),
        }
        return {name: made[name]() for name in self.wanted}

    def _named(self, planes: Mapping[str, b.Plane], decided: Decided) -> pa.Array:
        """For each row the names of the planes in which it is."""
        names = list(planes)
        codes, sets = numbered(list(planes.values()), decided.rows)
        texts = [self._joined(tuple(names[each] for each in members)) for members in sets]
        return _worded(codes, texts, decided)

    def _joined(self, names: tuple[str, ...]) -> str:
        if (text := self._texts.get(names)) is None:
            text = self._texts[names] = SEPARATOR.join(names)
        return text

    def _admitted(self, decided: Decided, items: pa.Array | None) -> pa.Array:
        """For each row what admits it: rules, and lists with the code or the title of the item."""
        ways = [way for way, _ in decided.admitted]
        codes, sets = numbered([plane for _, plane in decided.admitted], decided.rows)
        if items is None or not any(way.place is not None for way in ways):
            return _worded(
                codes, [self._joined(tuple(_plain(ways[each]) for each in each_set)) for each_set in sets], decided
            )
        at, values = _item_values(items)
        combined, pairs = _paired(codes, len(sets), at, len(values))
        texts = [
            self._joined(tuple(dict.fromkeys(self._way(ways[each], values[item]) for each in sets[number])))
            for number, item in pairs
        ]
        return _worded(combined, texts, decided)

    def _way(self, way: Way, value: Value | None) -> str:
        if way.place is None or way.task_list is None or value is None:
            return _plain(way)
        key = (id(way), value)
        if key not in self._items:
            found = find_items(way.task_list, str(value))
            item = found[way.place] if way.place < len(found) else None
            name = "" if item is None else item.code or item.title.pick("zh")
            self._items[key] = f"{way.rule} {name}".rstrip()
        return self._items[key]


def _plain(way: Way) -> str:
    return way.rule if way.item is None else f"{way.rule} {way.item.code or way.item.title.pick('zh')}"


def _item_values(items: pa.Array) -> tuple[b.Codes, list[Value | None]]:
    at, raw = distinct(items)
    values: list[Value | None] = []
    for each in raw:
        try:
            values.append(read_cell(FactType("text"), raw_of(key_of(each))))
        except ValueProblemError:
            values.append(None)
    if items.null_count:
        at = np.where(b.unpack(b.pack(items.is_valid().to_numpy(zero_copy_only=False)), len(items)), at, len(values))
        values.append(None)
    return at, values


def _status(decided: Decided) -> pa.Array:
    codes = np.full(decided.rows, 2, dtype=np.int8)
    for plane, code in ((decided.accepted, 0), (decided.rejected, 1)):
        codes[b.unpack(plane, decided.rows)] = code
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=_mask(decided)), pa.array(STATUSES))


def _mask(decided: Decided) -> Any:
    return None if b.is_empty(decided.bad) else b.unpack(decided.bad, decided.rows)


def _worded(codes: b.Codes, texts: Sequence[str], decided: Decided) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=_mask(decided)), pa.array(texts, pa.string())
    )


# ---- sets of planes as numbers -------------------------------------------------------------------------------------------


def numbered(planes: Sequence[b.Plane], rows: int) -> tuple[b.Codes, list[tuple[int, ...]]]:
    """For each row the number of the set of planes in which it is, and the sets."""
    always = tuple(index for index, plane in enumerate(planes) if plane is True)
    some = [index for index, plane in enumerate(planes) if not isinstance(plane, bool)]
    codes, sets = np.zeros(rows, dtype=np.int32), [always]
    for start in range(0, len(some), 16):
        chosen = some[start : start + 16]
        own, keys = _ranked(b.to_codes([planes[each] for each in chosen], rows), len(chosen))
        members = [tuple(chosen[bit] for bit in range(len(chosen)) if key >> bit & 1) for key in keys]
        if start == 0:
            codes, sets = own, [(*always, *more) for more in members]
        else:
            codes, pairs = _paired(codes, len(sets), own, len(members))
            sets = [(*sets[one], *members[other]) for one, other in pairs]
    return codes, [tuple(sorted(each)) for each in sets]


def _paired(one: b.Codes, ones: int, other: b.Codes, others: int) -> tuple[b.Codes, list[tuple[int, int]]]:
    """For each row the number of its pair of numbers, and the pairs."""
    wide = one.astype(np.int64 if ones * others > 2**31 else np.int32) * others + other
    codes, keys = _ranked(wide, max(ones * others - 1, 1).bit_length())
    return codes, [divmod(key, others) for key in keys]


def _ranked(keys: b.Codes, bits: int) -> tuple[b.Codes, list[int]]:
    """Numbers of few bits as a row of numbers without gaps, and what they stand for."""
    if bits <= _DENSE:
        present = np.flatnonzero(np.bincount(keys, minlength=1 << bits))
        ranks = np.zeros(1 << bits, dtype=np.int32)
        ranks[present] = np.arange(len(present), dtype=np.int32)
        return ranks.take(keys, mode="clip"), present.tolist()
    found = pc.dictionary_encode(pa.array(keys))
    return found.indices.to_numpy(zero_copy_only=True), found.dictionary.to_pylist()
