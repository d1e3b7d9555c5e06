"""What was found out about a batch as Arrow columns; texts are put together once for each set of reasons."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import ModuleType
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field, frozen

from burdenlib.audit import planes as b
from burdenlib.audit.circuits import FEWEST, compiler
from burdenlib.audit.columns import looked_up, numbered
from burdenlib.audit.kernel import Decided, Way
from burdenlib.audit.patterns import Named
from burdenlib.evaluator import find_items
from burdenlib.facts import FactType, ValueProblemError, read_cell

__all__ = ["COLUMNS", "SEPARATOR", "STATUSES", "Found", "Sets", "Wording", "Words", "find_many"]

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
_MOST_BYTES: Final = 1 << 31
"""How many bytes Arrow's arrays of texts may have."""
_MANY: Final = 1 << 16
"""How many texts may stand in a dictionary though no row has them."""
_KEPT: Final = 64
"""How many numberings of sets are remembered."""


# ---- sets of planes --------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Found:
    """The sets of planes in which rows are: for each row the number of its set, for each set a byte for every eight planes."""

    codes: b.Codes
    parts: Sequence[b.Bits]

    @property
    def count(self) -> int:
        """How many sets there are."""
        return len(self.parts[0]) if self.parts else 1

    @property
    def sets(self) -> list[list[int]]:
        """The numbers of the planes of each set."""
        bits = [np.unpackbits(part[:, None], axis=1, bitorder="little") for part in self.parts]
        return [np.flatnonzero(each).tolist() for each in np.concatenate(bits, axis=1)] if bits else [[]]


@define(eq=False, slots=False)
class Words:
    """Names that are joined to texts; `always` are those that stand in each."""

    names: tuple[str, ...]
    always: tuple[str, ...]

    @cached_property
    def _tables(self) -> tuple[pa.Array, ...]:
        eights = (self.names[at : at + 8] for at in range(0, len(self.names), 8))
        return tuple(pa.array(_choices(each), pa.string()) for each in eights)

    def texts(self, parts: Sequence[b.Bits], compiled: ModuleType | None = None) -> pa.Array:
        """The text of each set."""
        if compiled is not None and parts:
            ends, joined = compiled.join(self._with_always(parts), *self._pieces, len(SEPARATOR))
            if ends[-1] < _MOST_BYTES:
                offsets = pa.py_buffer(ends.astype(np.int32))
                return pa.StringArray.from_buffers(len(ends) - 1, offsets, pa.py_buffer(joined))
        told = [pa.repeat(_led(self.always), len(parts[0]) if parts else 1)]
        told += [pc.take(table, pa.array(part)) for table, part in zip(self._tables, parts, strict=True)]
        return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*told, ""), len(SEPARATOR))

    @cached_property
    def _pieces(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
        """The bytes of all names, each after a separator, and where each begins: names that stand in each text as one."""
        led = [_led(self.always).encode(), *[b""] * 7, *((SEPARATOR + name).encode() for name in self.names)]
        led += [b""] * (-len(led) % 8)
        return np.frombuffer(b"".join(led), dtype=np.uint8), np.cumsum([0, *map(len, led)], dtype=np.int64)

    def _with_always(self, parts: Sequence[b.Bits]) -> npt.NDArray[np.uint8]:
        """For every eight names the bytes of all sets; the first eight are the names that stand in each text."""
        return np.stack([np.full_like(parts[0], bool(self.always)), *parts])


def _choices(names: Sequence[str]) -> list[str]:
    """The texts of all sets of a few names, each name after a separator."""
    found: list[tuple[str, ...]] = [()]
    for name in names:
        found += [(*each, name) for each in found]
    return list(map(_led, found))


def _led(names: Sequence[str]) -> str:
    return "".join(SEPARATOR + name for name in names)


@define(eq=False)
class Sets:
    """The sets of a few planes in which rows were found, numbered as they come up."""

    count: int
    _keys: npt.NDArray[np.uint32] = field(factory=lambda: np.zeros(0, dtype=np.uint32))
    _numbers: npt.NDArray[np.int32] = field(init=False)
    _texts: pa.Array = field(factory=lambda: pa.array([], pa.string()))
    _lock: threading.Lock = field(factory=threading.Lock)

    @_numbers.default
    def _none(self) -> npt.NDArray[np.int32]:
        return np.full(1 << self.count, -1, dtype=np.int32)

    def find(self, planes: Sequence[b.Plane], rows: int) -> Found:
        """The sets in which the rows are."""
        keys = b.to_codes(planes, rows)
        codes = looked_up(self._numbers, keys)
        if rows and codes.min() < 0:
            with self._lock:
                self._number(keys[codes < 0])
            codes = looked_up(self._numbers, keys)
        parts = self._keys.view(np.uint8).reshape(-1, 4)
        return Found(codes, [parts[:, at].copy() for at in range(-(-self.count // 8))])

    def _number(self, keys: b.Codes) -> None:
        seen = np.zeros(len(self._numbers), dtype=np.bool_)
        seen[keys] = True
        new = np.flatnonzero(seen & (self._numbers < 0)).astype("<u4")
        first = len(self._keys)
        self._keys = np.concatenate([self._keys, new])
        self._numbers[new] = np.arange(first, len(self._keys), dtype=np.int32)

    def texts(self, words: Words, parts: Sequence[b.Bits]) -> pa.Array:
        """The text of each set: those that came up before have theirs."""
        with self._lock:
            made = len(self._texts)
            if not parts or made < len(parts[0]):
                more = words.texts([part[made:] for part in parts])
                self._texts = pa.concat_arrays([self._texts, more]) if parts else more
            return self._texts


def find_many(planes: Sequence[b.Plane], rows: int, compiled: ModuleType | None = None) -> Found:
    """The sets of many planes in which the rows are.

    Each byte of a set has a number by chance; that rows with one sum have one set is looked at again. Compiled code looks
    sets up in a table of its own.
    """
    if compiled is not None:
        codes, words = compiled.number(b.stacked(planes, rows), rows)
        eights = words.view(np.uint8)
        return Found(codes, [eights[:, at].copy() for at in range(-(-len(planes) // 8))])
    parts = b.to_bytes(planes, rows)
    chance = np.random.default_rng()
    while True:
        sums = np.zeros(rows, dtype=np.uint64)
        for part in parts:
            sums ^= looked_up(chance.integers(0, 1 << 64, 256, dtype=np.uint64), part)
        numbered = pc.dictionary_encode(pa.array(sums))
        codes = numbered.indices.to_numpy()
        first = np.zeros(len(numbered.dictionary), dtype=np.intp)
        first[codes[::-1]] = np.arange(rows - 1, -1, -1)
        sets = [part[first] for part in parts]
        if all((looked_up(each, codes) == part).all() for each, part in zip(sets, parts, strict=True)):
            return Found(codes, sets)


# ---- words -----------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class _Pairs:
    """The texts of pairs of a set of ways and an item's value, as they were for a column of items before."""

    items: pa.Array | list[object]
    sets: int
    numbers: npt.NDArray[np.int32]
    texts: pa.Array


@define(eq=False)
class Wording:
    """Puts planes into words; remembers what it has put together."""

    wanted: tuple[str, ...] = tuple(COLUMNS)
    fewest: int = FEWEST
    """For how many rows compiled code is fetched."""
    _sets: dict[object, Sets] = field(factory=dict)
    _words: dict[object, Words] = field(factory=dict)
    _pairs: dict[object, _Pairs] = field(factory=dict)
    _told: dict[tuple[Way, ...], dict[str | None, str]] = field(factory=dict)

    def columns(self, decided: Decided, items: pa.Array | None) -> dict[str, pa.Array]:
        """The answer's columns for a batch; `items` is the column of the tasks' items."""
        made: Mapping[str, Callable[[], pa.Array]] = {
            "status": lambda: _status(decided),
            "reasons": lambda: self._reasons(decided),
            "admitted_by": lambda: self._admitted(decided, items),
            "open": lambda: _worded(*self._named(decided.open, decided.rows), decided),
        }
        return {name: made[name]() for name in self.wanted}

    def _numbering(self, key: object, count: int) -> Sets:
        if key not in self._sets and len(self._sets) >= _KEPT:
            self._sets.clear()
        return self._sets.setdefault(key, Sets(count))

    def _reasons(self, decided: Decided) -> pa.Array:
        codes, texts = self._named(decided.reasons, decided.rows)
        for named in decided.named:
            codes, texts = _more_named(codes, texts, named)
        return _worded(codes, texts, decided)

    def _named(self, planes: Mapping[str, b.Plane], rows: int) -> tuple[b.Codes, pa.Array]:
        """For each row the number of the text with the names of the planes in which it is."""
        always = tuple(name for name, plane in planes.items() if plane is True)
        some = {name: plane for name, plane in planes.items() if not isinstance(plane, bool)}
        key = tuple(some), always
        if key not in self._words and len(self._words) >= _KEPT:
            self._words.clear()
        words = self._words.setdefault(key, Words(*key))
        if len(some) > _MOST_BITS:
            compiled = compiler(rows, self.fewest)
            found = find_many([*some.values()], rows, compiled)
            return found.codes, words.texts(found.parts, compiled)
        sets = self._numbering(key, len(some))
        found = sets.find([*some.values()], rows)
        return found.codes, sets.texts(words, found.parts)

    def _admitted(self, decided: Decided, items: pa.Array | None) -> pa.Array:
        """For each row what admits it: rules, and lists with the code or the title of the item."""
        ways = tuple(way for way, _ in decided.admitted)
        planes = [plane for _, plane in decided.admitted]
        if len(ways) > _MOST_BITS:
            found = find_many(planes, decided.rows, compiler(decided.rows, self.fewest))
        else:
            found = self._numbering(ways, len(ways)).find(planes, decided.rows)
        if items is None or not any(way.place is not None for way in ways):
            told = [_in_words([ways[each] for each in one], None) for one in found.sets]
            return _worded(found.codes, pa.array(told, pa.string()), decided)
        at, distinct = numbered(items)
        keys = _paired(found.codes, at, max(len(distinct), 1))
        if found.count * max(len(distinct), 1) > _MANY:
            keys, pairs = _ranked(keys)
            numbers, texts = self._pair_texts(ways, found.sets, _texts_of(distinct), pairs)
        else:
            kept = self._kept_pairs(ways, found, distinct)
            numbers, texts = kept.numbers, kept.texts
        return _worded(looked_up(numbers, keys), texts, decided)

    def _kept_pairs(self, ways: tuple[Way, ...], found: Found, distinct: pa.Array | list[object]) -> _Pairs:
        """The texts of all pairs of a set and an item's value; columns often have the values of the batch before."""
        kept = self._pairs.get(ways)
        if kept is None or kept.sets < found.count or not (isinstance(distinct, pa.Array) and kept.items == distinct):
            values = _texts_of(distinct)
            pairs = np.arange(found.count * len(values))
            kept = _Pairs(distinct, found.count, *self._pair_texts(ways, found.sets, values, pairs))
            if len(self._pairs) >= _KEPT:
                self._pairs.clear()
            self._pairs[ways] = kept
        return kept

    def _pair_texts(
        self,
        ways: Sequence[Way],
        sets: Sequence[Sequence[int]],
        values: Sequence[str | None],
        pairs: npt.NDArray[np.int64],
    ) -> tuple[npt.NDArray[np.int32], pa.Array]:
        """For each pair of a set of ways and a value the number of its text, and the texts."""
        if sum(map(len, self._told.values())) > _MANY:
            self._told.clear()
        chosen = [tuple(ways[each] for each in one) for one in sets]
        told = [(own, self._told.setdefault(own, {})) for own in chosen]
        texts: dict[str, int] = {}
        numbers: list[int] = []
        for one, at in zip(*(each.tolist() for each in np.divmod(pairs, len(values))), strict=True):
            own, known = told[one]
            value = values[at]
            text = known.get(value)
            if text is None:
                text = known[value] = _in_words(own, value)
            numbers.append(texts.setdefault(text, len(texts)))
        return np.array(numbers, dtype=np.int32), pa.array(list(texts), pa.string())


def _more_named(codes: b.Codes, texts: pa.Array, named: Named) -> tuple[b.Codes, pa.Array]:
    """Numbers and texts with those of some rows put before."""
    width = len(texts)
    pairs = pc.dictionary_encode(pa.array(named.numbers.astype(np.int64) * width + codes[named.rows]))
    own, base = np.divmod(pairs.dictionary.to_numpy(), width)
    told = pa.array([SEPARATOR.join(each) for each in named.names], pa.string()).take(pa.array(own))
    rest = texts.take(pa.array(base))
    both = pc.binary_join_element_wise(told, rest, SEPARATOR)
    codes = codes.copy()
    codes[named.rows] = pairs.indices.to_numpy() + width
    return codes, pa.concat_arrays([texts, pc.if_else(pc.equal(rest, ""), told, both)])


def _paired(codes: b.Codes, at: b.Codes, width: int) -> b.Codes:
    """One number for two, the second of which is less than `width` but under a null."""
    wide = np.int64 if (int(codes.max(initial=0)) + 1) * width > 1 << 31 else np.int32
    last = np.asarray(width - 1, dtype=f"u{at.itemsize}")
    keys = np.multiply(codes, width, dtype=wide)
    keys += np.minimum(at.view(last.dtype), last).astype(wide, copy=False)
    return keys


def _in_words(ways: Sequence[Way], value: str | None) -> str:
    return SEPARATOR.join(dict.fromkeys(_way(way, value) for way in ways))


def _way(way: Way, value: str | None) -> str:
    if way.place is None or way.task_list is None or value is None:
        return _plain(way)
    found = find_items(way.task_list, value)
    item = found[way.place] if way.place < len(found) else None
    return way.rule if item is None else f"{way.rule} {item.code or item.title.pick('zh')}"


def _plain(way: Way) -> str:
    return way.rule if way.item is None else f"{way.rule} {way.item.code or way.item.title.pick('zh')}"


def _texts_of(distinct: pa.Array | list[object]) -> list[str | None]:
    """The values of items as texts; at least one."""
    values: list[str | None] = []
    for each in distinct.to_pylist() if isinstance(distinct, pa.Array) else distinct:
        try:
            value = read_cell(FactType("text"), each)
        except ValueProblemError:
            value = None
        values.append(value if isinstance(value, str) else None)
    return values or [None]


def _status(decided: Decided) -> pa.Array:
    undetermined = b.opposite(b.either(decided.accepted, decided.rejected))
    codes = b.to_codes([decided.rejected, b.minus(undetermined, decided.bad)], decided.rows)
    return _chosen(codes.view(np.int8), pa.int8(), pa.array(STATUSES), decided)


def _worded(codes: b.Codes, texts: pa.Array, decided: Decided) -> pa.Array:
    return _chosen(codes.astype(np.int32, copy=False), pa.int32(), texts, decided)


def _chosen(codes: b.Codes, kind: pa.DataType, texts: pa.Array, decided: Decided) -> pa.Array:
    """One of some texts for each row, null where a row can't be judged."""
    valid = None
    if not b.is_empty(decided.bad):
        bad = decided.bad
        valid = pa.py_buffer(bytes(-(-decided.rows // 8)) if isinstance(bad, bool) else ~bad)
    indices = pa.Array.from_buffers(kind, decided.rows, [valid, pa.py_buffer(np.ascontiguousarray(codes))])
    return pa.DictionaryArray.from_arrays(indices, texts, safe=False)


def _ranked(keys: b.Codes) -> tuple[b.Codes, npt.NDArray[np.int64]]:
    """Numbers as a row of numbers without gaps, and what they stand for."""
    found = pc.dictionary_encode(pa.array(keys))
    return found.indices.to_numpy(), found.dictionary.to_numpy()
