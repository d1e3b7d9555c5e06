"""Limits over a portfolio that is spread over machines: rows that may count together meet in one place.

A census says which facts every row tells that a limit may count. Rows are put together by those facts: by a target,
or by the largest area with a task of its own that holds it. A fact that some row doesn't tell puts nothing apart,
since that row may count with any other. What meets is judged by the code that judges portfolios of one machine.

A row is known by a key made of what its limits look at, not by its number: where a lost machine's work is done again
rows may come in another order. Twins, rows with the same key, share their changes out among themselves.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
from attrs import define, field, frozen

from burdenlib.audit.judging import Judge, Judged, Tasks
from burdenlib.audit.portfolio import Change, Counted, Portfolio, Values, change_of
from burdenlib.audit.results import SEPARATOR
from burdenlib.facts import FactType, Value, read_value, to_json
from burdenlib.limits import period_of
from burdenlib.places import ancestors
from burdenlib.policy import PolicySet, Rule

__all__ = [
    "ALIKE",
    "BUCKETS",
    "CENSUS",
    "CHANGES",
    "ENTRIES",
    "MIXED",
    "OUTCOMES",
    "Census",
    "Spread",
    "Texts",
    "add_up",
    "census",
    "entries",
    "judge_places",
    "keys",
    "settle",
    "spreads",
]

BUCKETS: Final = 256
"""Into how many parts the places of a limit are put together."""

ALIKE: Final = -1
"""Stands for the number of a twin where all twins have the same outcome."""

MIXED: Final = -2
"""Stands for the number of a twin where twins differ: their outcomes stand apart."""

_COMMA: Final = "\x1f"

CENSUS: Final = pa.schema(
    [
        ("limit", pa.int32()),
        ("rows", pa.int64()),
        ("accepted", pa.int64()),
        ("unknown", pa.list_(pa.string())),
        ("areas", pa.list_(pa.string())),
    ]
)
ENTRIES: Final = pa.schema(
    [
        ("limit", pa.int32()),
        ("bucket", pa.int32()),
        ("place", pa.string()),
        ("key", pa.binary()),
        ("id", pa.string()),
        ("accepted", pa.bool_()),
        ("matches", pa.bool_()),
        ("told", pa.string()),
    ]
)
CHANGES: Final = pa.schema(
    [
        ("bucket", pa.int32()),
        ("key", pa.binary()),
        ("twins", pa.int32()),
        ("twin", pa.int32()),
        ("limit", pa.int32()),
        ("surely", pa.bool_()),
        ("asked", pa.string()),
    ]
)
OUTCOMES: Final = pa.schema(
    [
        ("key", pa.binary()),
        ("twin", pa.int32()),
        ("status", pa.string()),
        ("reasons", pa.string()),
        ("open", pa.string()),
    ]
)


# ---- what has to be known beforehand ---------------------------------------------------------------------------------------


@frozen
class Census:
    """Of the rows that a limit may count: how many there are, how many are accepted; which facts some don't tell; areas.

    `areas` are the targets that other targets lie in.
    """

    rows: int = 0
    accepted: int = 0
    unknown: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()

    def __add__(self, other: Census) -> Census:
        return Census(
            self.rows + other.rows,
            self.accepted + other.accepted,
            self.unknown | other.unknown,
            self.areas | other.areas,
        )


@frozen
class Spread:
    """How the rows of a limit are put together: by which facts, the period of a date, and areas that hold targets.

    `most` is how many rows the limit may change.
    """

    by: tuple[str, ...]
    each: str | None = None
    areas: frozenset[str] = frozenset()
    most: int = 0


def census(judge: Judge, judged: Iterable[Judged]) -> Iterator[tuple[int, Census]]:
    """The census of some batches, by limit."""
    for batch in judged:
        for number, rows in judge.counted(batch, 0):
            known = {
                name: _known(judge.values.get(name, Values()), name, rows) for name in _shared(judge.limits[number])
            }
            areas = _areas(judge.values, rows) if "target" in known else frozenset()
            unknown = frozenset(name for name, all_tell in known.items() if not all_tell)
            yield number, Census(len(rows.rows), int(rows.accepted.sum()), unknown, areas)


def add_up(parts: Iterable[tuple[int, Census]]) -> dict[int, Census]:
    """The parts of a census together."""
    found: dict[int, Census] = {}
    for number, part in parts:
        found[number] = found.get(number, Census()) + part
    return found


def spreads(limits: Sequence[Rule], found: Mapping[int, Census]) -> dict[int, Spread]:
    """How the rows of each limit are put together; a limit that surely changes nothing is left out."""
    chosen: dict[int, Spread] = {}
    for number, part in sorted(found.items()):
        quota = limits[number].quota
        assert quota is not None
        if part.accepted and (quota.of is not None or part.rows > quota.count):
            by = tuple(name for name in _shared(limits[number]) if name not in part.unknown)
            chosen[number] = Spread(by, None if "date" in quota.per else quota.each, part.areas, part.accepted)
    return chosen


def _shared(limit: Rule) -> tuple[str, ...]:
    """The facts that rows have to share to be counted together."""
    quota = limit.quota
    assert quota is not None
    return tuple(dict.fromkeys((*quota.per, *(("date",) if quota.each is not None else ()))))


def _known(values: Values, name: str, rows: Counted) -> bool:
    """Whether each row tells a fact, as something that rows can share."""
    numbers = rows.told.get(name)
    if numbers is None or numbers.min(initial=0) < 0:
        return False
    kind = {"target": str, "date": date}.get(name, object)
    return all(isinstance(values.values[number], kind) for number in np.unique(numbers).tolist())


def _areas(values: Mapping[str, Values], rows: Counted) -> frozenset[str]:
    numbers = np.unique(rows.told.get("target", np.array([], dtype=np.int32))).tolist()
    found = (str(values["target"].values[number]) for number in numbers if number >= 0)
    return frozenset(each for each in found if len(each) < _WHOLE)


_WHOLE: Final = 12


# ---- entries ---------------------------------------------------------------------------------------------------------------


@define(eq=False)
class Texts:
    """Values as texts: read back they are the same values, and equal values have equal texts."""

    policies: PolicySet
    _texts: dict[str, list[str]] = field(factory=dict)
    _places: dict[tuple[int, str], dict[int, str]] = field(factory=dict)

    def told(self, values: Mapping[str, Values], rows: Counted) -> list[str]:
        """For each row all that it tells."""
        names = sorted(rows.told)
        texts = [self._of(name, values[name]) for name in names]
        columns = [rows.told[name].tolist() for name in names]
        return [
            _COMMA.join([text[number] for text, number in zip(texts, numbers, strict=True) if number >= 0])
            for numbers in zip(*columns, strict=True)
        ] or [""] * len(rows.rows)

    def _of(self, name: str, values: Values) -> list[str]:
        made = self._texts.setdefault(name, [])
        kind = self.policies.facts[name].type
        made += (f"{name}={_text(kind, value)}" for value in values.values[len(made) :])
        return made

    def places(self, number: int, spread: Spread, values: Mapping[str, Values], rows: Counted) -> list[str]:
        """For each row the place at which it meets the rows that may count with it."""
        columns = [self._parts(number, name, spread, values[name], rows.told[name].tolist()) for name in spread.by]
        return [_COMMA.join(parts) for parts in zip(*columns, strict=True)] if columns else [""] * len(rows.rows)

    def _parts(self, number: int, name: str, spread: Spread, values: Values, numbers: list[int]) -> list[str]:
        known = self._places.setdefault((number, name), {})
        texts = self._of(name, values)
        for each in set(numbers) - known.keys():
            known[each] = _place(name, values.values[each], spread) or texts[each]
        return [known[each] for each in numbers]


def _place(name: str, value: Value, spread: Spread) -> str | None:
    if name == "target":
        return next((each for each in ancestors(str(value)) if each in spread.areas), str(value)) or "everywhere"
    if name == "date" and spread.each is not None and isinstance(value, date):
        return str(period_of(value, spread.each))
    return None


def _text(kind: FactType, value: Value) -> str:
    plain = str(value) if isinstance(value, Decimal) else to_json(kind, value)
    return json.dumps(plain, ensure_ascii=True, sort_keys=True)


def _value(kind: FactType, text: str) -> Value | None:
    plain = json.loads(text)
    if kind.kind == "number" and plain != "none":
        return Decimal(plain)
    return read_value(kind, plain)


@frozen(eq=False)
class _Limited:
    """The rows of a batch that limits may count: by limit, and for each row its key and the id that it tells."""

    by_limit: tuple[tuple[int, Counted, list[str]], ...]
    keys: Mapping[int, bytes]
    ids: Mapping[int, str | None]


def _limited(judge: Judge, texts: Texts, chosen: Mapping[int, Spread], judged: Judged) -> _Limited:
    found = []
    parts: dict[int, list[str]] = {}
    ids: dict[int, str | None] = {}
    for number, rows in judge.counted(judged, 0):
        if number not in chosen:
            continue
        told = texts.told(judge.values, rows)
        found.append((number, rows, told))
        assert isinstance(rows.tasks, Tasks)
        for row, id, text in zip(rows.rows.tolist(), rows.tasks.ids, told, strict=True):
            ids[row] = None if id in (None, "") else str(id).strip()
            parts.setdefault(row, []).append(f"{number}:{text}")
    digests = {row: _digest(ids[row], each) for row, each in parts.items()}
    return _Limited(tuple(found), digests, ids)


def _digest(id: str | None, parts: Sequence[str]) -> bytes:
    text = json.dumps([id, *parts])
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def entries(judge: Judge, texts: Texts, chosen: Mapping[int, Spread], judged: Judged) -> Iterator[pa.RecordBatch]:
    """What the limits have to know of the rows of a batch, with the place of each row."""
    limited = _limited(judge, texts, chosen, judged)
    for number, rows, told in limited.by_limit:
        places = texts.places(number, chosen[number], judge.values, rows)
        numbers = rows.rows.tolist()
        columns = [
            [number] * len(numbers),
            [zlib.crc32(place.encode()) % BUCKETS for place in places],
            places,
            [limited.keys[row] for row in numbers],
            [limited.ids[row] for row in numbers],
            rows.accepted,
            rows.matches,
            told,
        ]
        yield _batch(ENTRIES, columns)


def keys(judge: Judge, texts: Texts, chosen: Mapping[int, Spread], judged: Judged) -> pa.Array:
    """For each row of a batch its key if limits may change its answer."""
    limited = _limited(judge, texts, chosen, judged)
    found: list[bytes | None] = [None] * len(judged.rows)
    first = int(judged.rows[0]) if len(judged.rows) else 0
    for _, rows, _ in limited.by_limit:
        for row in rows.rows[rows.accepted].tolist():
            found[row - first] = limited.keys[row]
    return pa.array(found, pa.binary())


# ---- what the limits make of them ------------------------------------------------------------------------------------------


def judge_places(policies: PolicySet, as_of: date | None, limits: Sequence[Rule], table: pa.Table) -> pa.Table:
    """Judge a limit over entries of whole places; gives what it changes."""
    if not table.num_rows:
        return CHANGES.empty_table()
    number = table.column("limit")[0].as_py()
    found = _Entries(table)
    values: dict[str, Values] = {}
    portfolio = Portfolio(policies, as_of, (limits[number],), values)
    reader = _Reader(policies, values)
    for place, at in _together(limits[number], table.column("place").to_pylist()):
        rows = np.array(at, dtype=np.int64)
        told = reader.numbers([found.told[each] for each in at])
        ids = [found.ids[each] for each in at]
        portfolio.add(0, Counted(0, rows, found.accepted[rows], found.matches[rows], told, ids), place)
    changed: list[tuple[object, ...]] = []
    for (_, row), change in portfolio.changes().items():
        key = found.keys[row]
        asked = SEPARATOR.join(change.open)
        surely = change.status == "rejected"
        changed.append((_bucket(key), key, found.twins[key], found.numbers[row], number, surely, asked))
    return _table(CHANGES, changed)


class _Entries:
    """Entries as lists; twins have numbers, and tasks without an id are called by their keys."""

    def __init__(self, table: pa.Table) -> None:
        self.keys: list[bytes] = table.column("key").to_pylist()
        self.told: list[str] = table.column("told").to_pylist()
        self.accepted = np.array(table.column("accepted").to_pylist(), dtype=np.bool_)
        self.matches = np.array(table.column("matches").to_pylist(), dtype=np.bool_)
        self.twins = Counter(self.keys)
        seen: Counter[bytes] = Counter()
        self.numbers: list[int] = []
        for key in self.keys:
            self.numbers.append(seen[key])
            seen[key] += 1
        ids = zip(table.column("id").to_pylist(), self.keys, self.numbers, strict=True)
        self.ids: list[str] = [f"{key.hex()}:{twin:09}" if id is None else id for id, key, twin in ids]


def _together(limit: Rule, places: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    """The rows of each place, where they can be more than the limit allows."""
    assert limit.quota is not None
    found: dict[str, list[int]] = {}
    for row, place in enumerate(places):
        found.setdefault(place, []).append(row)
    for place, rows in found.items():
        if limit.quota.of is not None or len(rows) > limit.quota.count:
            yield place, rows


@define(eq=False)
class _Reader:
    """Reads what entries tell; each text once."""

    policies: PolicySet
    values: dict[str, Values]
    _known: dict[str, tuple[str, int]] = field(factory=dict)

    def numbers(self, told: Sequence[str]) -> dict[str, Any]:
        """For each row the number of the value that it tells, by fact."""
        found: dict[str, Any] = {}
        for row, text in enumerate(told):
            for part in text.split(_COMMA) if text else ():
                name, number = self._known.get(part) or self._new(part)
                if name not in found:
                    found[name] = np.full(len(told), -1, dtype=np.int32)
                found[name][row] = number
        return found

    def _new(self, part: str) -> tuple[str, int]:
        name, _, text = part.partition("=")
        value = _value(self.policies.facts[name].type, text)
        self._known[part] = name, self.values.setdefault(name, Values()).number(value)
        return self._known[part]


def _bucket(key: bytes) -> int:
    return key[0] % BUCKETS


def settle(policies: PolicySet, limits: Sequence[Rule], table: pa.Table) -> pa.Table:
    """What all limits together make of the rows that any of them changes."""
    found: dict[bytes, dict[int, list[tuple[int, bool, str]]]] = {}
    twins: dict[bytes, int] = {}
    for row in table.to_pylist():
        twins[row["key"]] = row["twins"]
        by_twin = found.setdefault(row["key"], {})
        by_twin.setdefault(row["twin"], []).append((row["limit"], row["surely"], row["asked"]))
    outcomes: list[tuple[object, ...]] = []
    for key, by_twin in found.items():
        changes = {twin: _change(policies, limits, reasons) for twin, reasons in by_twin.items()}
        if len(changes) == twins[key] and len(set(changes.values())) == 1:
            outcomes.append(_outcome(key, ALIKE, changes[0]))
            continue
        outcomes.append((key, MIXED, None, None, None))
        outcomes += (_outcome(key, twin, change) for twin, change in changes.items())
    return _table(OUTCOMES, outcomes)


def _change(policies: PolicySet, limits: Sequence[Rule], reasons: list[tuple[int, bool, str]]) -> Change:
    return change_of(
        policies,
        [
            (surely, limits[number].name, tuple(asked.split(SEPARATOR)) if asked else ())
            for number, surely, asked in sorted(reasons)
        ],
    )


def _outcome(key: bytes, twin: int, change: Change) -> tuple[object, ...]:
    return key, twin, change.status, SEPARATOR.join(change.reasons), SEPARATOR.join(change.open)


def _table(schema: pa.Schema, rows: Sequence[Sequence[object]]) -> pa.Table:
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in schema]
    return pa.Table.from_batches([_batch(schema, columns)], schema)


def _batch(schema: pa.Schema, columns: Sequence[Any]) -> pa.RecordBatch:
    arrays = [pa.array(column, each.type) for column, each in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
