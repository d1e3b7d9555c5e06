"""Rules that differ only in the value that they ask of one fact, judged together: thousands cost no more than one.

`ban … when department is "x" and …` for each of many departments is one pattern: what the rules share is worked out once,
and the value of a row says which rule it meets.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field, frozen

from burdenlib import policy as p
from burdenlib.audit import planes as b
from burdenlib.audit.columns import Classes, Column, clipped, looked_up
from burdenlib.audit.plan import Batch, Node, Planner
from burdenlib.facts import Value
from burdenlib.lists import normal_code

__all__ = ["Bank", "Met", "Named", "Seen", "find_banks"]

_FEWEST = 64
"""How many values a fact has to be asked for before rules are judged by pattern."""
_ALIKE = 8
"""How many rules make a pattern."""
_MOST_PATTERNS = 56

_Guarded = tuple[p.Rule, str, tuple[p.Condition, ...]]
"""A rule, the value that it asks for, and its other conditions."""


@frozen(eq=False)
class Named:
    """Reasons of some rows: for each of the rows the number of its names."""

    rows: b.Codes
    numbers: b.Codes
    names: Sequence[tuple[str, ...]]

    @property
    def counts(self) -> Counter[str]:
        """In how many rows each name stands."""
        found: Counter[str] = Counter()
        for names, count in zip(self.names, np.bincount(self.numbers, minlength=len(self.names)).tolist(), strict=True):
            found.update(dict.fromkeys(names, count))
        return found


@frozen(eq=False)
class Pattern:
    """What rules of a bank share, and their names by the number of the value that they ask for."""

    rest: Node
    names: Mapping[int, tuple[str, ...]]


@frozen(eq=False)
class Seen:
    """What a bank sees of a batch: the number of each row's value, and for each pattern where it has a rule for it."""

    codes: b.Codes
    here: tuple[b.Plane, ...]


@frozen(eq=False)
class Met:
    """How the rows of a batch stand to the patterns of a bank."""

    bank: Bank
    truths: tuple[tuple[b.Plane, b.Plane], ...]
    """For each pattern where a rule fires, and where one may."""

    @property
    def fires(self) -> b.Plane:
        """Where any rule fires."""
        return b.any_plane(true for true, _ in self.truths)

    @property
    def open(self) -> b.Plane:
        """Where any rule may fire, if more were known."""
        return b.any_plane(open_ for _, open_ in self.truths)

    def asking(self) -> Iterator[tuple[frozenset[str], b.Plane]]:
        """The facts that are read where a rule may fire."""
        for pattern, (_, open_) in zip(self.bank.patterns, self.truths, strict=True):
            yield pattern.rest.facts | {self.bank.classes.fact.name}, open_

    def held(self, rejected: b.Plane, undetermined: b.Plane) -> tuple[b.Plane, ...]:
        """For each pattern where its rules are reasons: they fire and reject, or may fire where a row is undetermined."""
        return tuple(b.either(b.both(rejected, true), b.both(undetermined, open_)) for true, open_ in self.truths)


@define(eq=False, slots=False)
class Bank:
    """Rules told apart by one fact; `numbers` gives the number of each value that is asked for, from 1."""

    classes: Classes
    numbers: Mapping[str, int]
    patterns: tuple[Pattern, ...]
    _last: tuple[Sequence[Value | None], b.Codes] | None = None
    _names: dict[tuple[int, int], tuple[str, ...]] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def see(self, batch: Batch) -> Seen:
        """See which rows the rules may concern."""
        column = batch.columns.get(self.classes.fact.name)
        codes = np.zeros(batch.rows, dtype=np.int32) if column is None else self._codes(column, batch.rows)
        asked = b.pack(codes)
        return Seen(codes, tuple(asked if meets is None else b.pack(looked_up(meets, codes)) for meets in self._meets))

    def meet(self, batch: Batch, seen: Iterable[b.Plane]) -> Met:
        """Where rules fire, and where they may; `seen` says for each pattern where it has a rule for a row's value."""
        column = batch.columns.get(self.classes.fact.name)
        unknown = True if column is None else b.opposite(column.told)
        truths = []
        for pattern, here in zip(self.patterns, seen, strict=True):
            rest = batch.of(pattern.rest)
            open_ = b.either(b.both(rest.open, here), b.minus(unknown, rest.false))
            truths.append((b.both(rest.true, here), open_))
        return Met(self, tuple(truths))

    def named(self, codes: b.Codes, held: Sequence[b.Plane]) -> Named | None:
        """The reasons of rows by the numbers of their values; `held` says for each pattern where its rules are reasons."""
        any_, rows = b.any_plane(held), len(codes)
        if b.is_empty(any_):
            return None
        at = b.rows_of(any_, rows)
        bits = np.zeros(len(at), dtype=np.uint64)
        for number, part in enumerate(b.to_bytes(held, rows)):
            bits |= part[at].astype(np.uint64) << np.uint64(8 * number)
        sets = pc.dictionary_encode(pa.array(bits))
        width = len(sets.dictionary)
        found = pc.dictionary_encode(pa.array(codes[at].astype(np.int64) * width + sets.indices.to_numpy()))
        chosen = sets.dictionary.to_pylist()
        names = [self.names(key // width, chosen[key % width]) for key in found.dictionary.to_pylist()]
        return Named(at, found.indices.to_numpy(), names)

    def _codes(self, column: Column, rows: int) -> b.Codes:
        before = self._last
        if before is not None and before[0] is column.values:
            table = before[1]
        else:
            keys = (normal_code(each) if isinstance(each, str) else None for each in column.values)
            table = np.array([0 if key is None else self.numbers.get(key, 0) for key in keys] or [0], dtype=np.int32)
            self._last = column.values, table
        codes = clipped(table, column.indices, column.told)
        return codes if column.told is True else codes * b.unpack(column.told, rows)

    @cached_property
    def _meets(self) -> tuple[b.Codes | None, ...]:
        """For each pattern the values that it has rules for; `None` if it has one for each."""
        numbers = np.arange(len(self.numbers) + 1)
        return tuple(
            None if len(each.names) == len(self.numbers) else np.isin(numbers, [*each.names]).view(np.uint8)
            for each in self.patterns
        )

    def names(self, code: int, bits: int) -> tuple[str, ...]:
        """The names of the rules for a value that have some of the patterns; for no value those for all."""
        with self._lock:
            if (code, bits) not in self._names:
                self._names[code, bits] = tuple(self._named(code, bits))
            return self._names[code, bits]

    def _named(self, code: int, bits: int) -> Iterator[str]:
        for number, pattern in enumerate(self.patterns):
            if bits >> number & 1:
                yield from (
                    pattern.names.get(code, ()) if code else (one for each in pattern.names.values() for one in each)
                )


# ---- finding them ----------------------------------------------------------------------------------------------------------


def find_banks(planner: Planner, policies: p.PolicySet) -> tuple[tuple[Bank, ...], frozenset[int]]:
    """The banks of a policy set, and the ids of the rules that are in one."""
    rules = [rule for policy in policies.policies for rule in policy.rules if rule.kind in ("ban", "require")]
    flat = [tuple(_flat(rule.fires)) for rule in rules]
    guards = [tuple(_guards(policies, parts)) for parts in flat]
    asked: dict[str, set[str]] = {}
    for found in guards:
        for _, fact, value in found:
            asked.setdefault(fact, set()).add(value)
    many = {fact: len(values) for fact, values in asked.items() if len(values) >= _FEWEST}
    by_fact: dict[str, list[_Guarded]] = {}
    for rule, parts, found in zip(rules, flat, guards, strict=True):
        if usable := [each for each in found if each[1] in many]:
            at, fact, value = max(usable, key=lambda each: many[each[1]])
            by_fact.setdefault(fact, []).append((rule, value, (*parts[:at], *parts[at + 1 :])))
    banks, taken = [], set[int]()
    for fact, guarded in by_fact.items():
        if patterns := _patterns(planner, guarded):
            banks.append(_bank(planner, fact, patterns))
            taken |= {id(rule) for each in patterns.values() for rule, _, _ in each}
    return tuple(banks), frozenset(taken)


def _patterns(planner: Planner, guarded: Iterable[_Guarded]) -> dict[Node, list[_Guarded]]:
    """The rules by what they share; those that share it with few others are left out."""
    by_text: dict[tuple[p.Condition, ...], list[_Guarded]] = {}
    for each in guarded:
        by_text.setdefault(each[2], []).append(each)
    common = sorted(by_text.items(), key=lambda each: -len(each[1]))[:_MOST_PATTERNS]
    found: dict[Node, list[_Guarded]] = {}
    for rest, alike in common:
        if len(alike) >= _ALIKE:
            found.setdefault(planner.all(map(planner.condition, rest)), []).extend(alike)
    return found


def _bank(planner: Planner, fact: str, found: Mapping[Node, Sequence[_Guarded]]) -> Bank:
    values = dict.fromkeys(value for alike in found.values() for _, value, _ in alike)
    numbers = {value: number for number, value in enumerate(values, 1)}
    patterns = []
    for rest, alike in found.items():
        names: dict[int, tuple[str, ...]] = {}
        for rule, value, _ in alike:
            names[numbers[value]] = (*names.get(numbers[value], ()), f"{rule.kind} {rule.name}")
        patterns.append(Pattern(planner.use(rest), names))
    classes = planner.classes_of(fact)
    classes.needs_values = True
    return Bank(classes, numbers, tuple(patterns))


def _guards(policies: p.PolicySet, parts: Sequence[p.Condition]) -> Iterator[tuple[int, str, str]]:
    """The conditions that ask whether a text is this one: their places, facts and values."""
    for at, each in enumerate(parts):
        if isinstance(each, p.Equal) and not each.negated and isinstance(each.value, str):
            own = policies.facts.get(each.fact)
            if own is not None and own.only_when is None and own.type.kind in ("text", "one_of", "ordered"):
                yield at, each.fact, normal_code(each.value)


def _flat(condition: p.Condition) -> Iterator[p.Condition]:
    if isinstance(condition, p.All):
        for part in condition.parts:
            yield from _flat(part)
    else:
        yield condition
