"""Policies as conditions on planes: the same walk as the evaluator's, made once and used for every batch.

Conditions that say the same are one node, and a node that several others use is worked out once in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

import numpy as np
from attrs import define, field, frozen

from burdenlib import policy as p
from burdenlib.audit import planes as b
from burdenlib.audit.columns import Classes, Column, clipped
from burdenlib.evaluator import Evaluator, find_items, nonexistent_value, shift
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.lists import normal_code
from burdenlib.logic import Truth
from burdenlib.phrases import uses
from burdenlib.places import is_inside
from burdenlib.task import Known

__all__ = ["Batch", "Covering", "Node", "Planner"]


# ---- nodes -----------------------------------------------------------------------------------------------------------------


@define(eq=False)
class Batch:
    """The rows of a batch while they are judged."""

    rows: int
    columns: Mapping[str, Column]
    _found: dict[Node, b.Truths] = field(factory=dict)
    _left: dict[Node, int] = field(factory=dict)

    @classmethod
    def knowing(cls, rows: int, columns: Mapping[str, Column], found: Mapping[Node, b.Truths]) -> Batch:
        """A batch of which the truth of some nodes is known beforehand."""
        return cls(rows, columns, dict(found), {node: node.users for node in found})

    def of(self, node: Node) -> b.Truths:
        """The truth of a node for each row; kept until the last of its users has asked."""
        if (kept := self._found.get(node)) is not None:
            self._left[node] -= 1
            if not self._left[node]:
                del self._found[node]
            return kept
        truths = node.on(self)
        if node.users > 1:
            self._found[node] = truths
            self._left[node] = node.users - 1
        return truths


@define(eq=False, slots=False)
class Node:
    """A condition; `users` counts who asks for it."""

    users: int = field(default=0, init=False)

    def on(self, batch: Batch) -> b.Truths:
        """Its truth for each row of a batch."""
        raise NotImplementedError

    @property
    def below(self) -> tuple[Node, ...]:
        """The nodes that it asks."""
        return ()

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts that it reads."""
        return frozenset().union(*(each.facts for each in self.below))


@define(eq=False, slots=False)
class _Constant(Node):
    truths: b.Truths

    def on(self, batch: Batch) -> b.Truths:
        del batch
        return self.truths


@define(eq=False, slots=False)
class _Joined(Node):
    parts: tuple[Node, ...]
    is_and: bool

    def on(self, batch: Batch) -> b.Truths:
        join = b.conjunction if self.is_and else b.disjunction
        return join(map(batch.of, self.parts))

    @property
    def below(self) -> tuple[Node, ...]:
        return self.parts


@define(eq=False, slots=False)
class _Not(Node):
    part: Node

    def on(self, batch: Batch) -> b.Truths:
        return batch.of(self.part).negated()

    @property
    def below(self) -> tuple[Node, ...]:
        return (self.part,)


@define(eq=False, slots=False)
class _Surely(Node):
    """True where the part is, else false."""

    part: Node

    def on(self, batch: Batch) -> b.Truths:
        true = batch.of(self.part).true
        return b.Truths(true, b.opposite(true))

    @property
    def below(self) -> tuple[Node, ...]:
        return (self.part,)


@define(eq=False, slots=False)
class _Choice(Node):
    """If `test` then `yes` else `no`."""

    test: Node
    yes: Node
    no: Node

    def on(self, batch: Batch) -> b.Truths:
        test = batch.of(self.test)
        return batch.of(self.no) if test.false is True else b.choose(test, batch.of(self.yes), batch.of(self.no))

    @property
    def below(self) -> tuple[Node, ...]:
        return (self.test, self.yes, self.no)


@define(eq=False, slots=False)
class _Within(Node):
    """A part where something is known, else unknown."""

    known: Node
    part: Node

    def on(self, batch: Batch) -> b.Truths:
        return batch.of(self.part).within(batch.of(self.known).known)

    @property
    def below(self) -> tuple[Node, ...]:
        return (self.known, self.part)


@define(eq=False, slots=False)
class _Question(Node):
    """What is asked of one fact. `exists` is the fact's `only when`: where it is false, `nonexistent` is the answer."""

    classes: Classes
    number: int
    exists: Node | None
    whole: Node | None
    nonexistent: Truth

    def on(self, batch: Batch) -> b.Truths:
        column = batch.columns.get(self.classes.fact.name)
        told = b.UNKNOWN if column is None else column.where(self.number)
        if self.exists is None:
            return told
        absent = batch.of(self.exists).false
        if column is not None and absent is not False:
            whole = column.told if self.whole is None else batch.of(self.whole).true
            absent = b.minus(absent, whole)
        if absent is False:
            return told
        here = {True: b.TRUE, False: b.FALSE, None: b.UNKNOWN}[self.nonexistent]
        return b.Truths(*(_patched(one, absent, other) for one, other in zip(_sides(told), _sides(here), strict=True)))

    @property
    def below(self) -> tuple[Node, ...]:
        return tuple(each for each in (self.exists, self.whole) if each is not None)

    @cached_property
    def facts(self) -> frozenset[str]:
        return frozenset({self.classes.fact.name}).union(*(each.facts for each in self.below))


def _sides(truths: b.Truths) -> tuple[b.Plane, b.Plane]:
    return truths.true, truths.false


def _patched(plane: b.Plane, where: b.Plane, value: b.Plane) -> b.Plane:
    return b.either(plane, where) if value is True else b.minus(plane, where)


@define(eq=False, slots=False)
class _Comparison(Node):
    """A comparison of two facts, by the order of their values in the batch.

    `usable` is true where there is something to compare, false where one is none. `key` gives what values are ordered
    by, `moved` the right value as it is compared.
    """

    left: Classes
    right: Classes
    usable: Node
    operator: str
    key: Callable[[Value], object]
    moved: Callable[[Value], Value | None]
    absent: tuple[Node | None, Node | None]
    _last: tuple[Sequence[Value | None], Sequence[Value | None], tuple[tuple[b.Codes, int], ...]] | None = None

    def on(self, batch: Batch) -> b.Truths:
        usable = batch.of(self.usable)
        if usable.true is False:
            return usable
        ranks = self._ranks(*(self._told(batch, each) for each in (self.left, self.right)))
        one, other = (
            self._ranked(batch, classes, absent, *each)
            for classes, absent, each in zip((self.left, self.right), self.absent, ranks, strict=True)
        )
        truth = b.pack(_COMPARE[self.operator](one, other))
        false = b.either(usable.false, b.minus(usable.true, truth))
        return b.Truths(b.both(usable.true, truth), false)

    def _told(self, batch: Batch, classes: Classes) -> Sequence[Value | None]:
        column = batch.columns.get(classes.fact.name)
        return () if column is None else column.values

    def _ranks(self, left: Sequence[Value | None], right: Sequence[Value | None]) -> tuple[tuple[b.Codes, int], ...]:
        """The places of the values of both facts in their order, and that of a fact that can't exist; kept for the next batch."""
        before = self._last
        if before is None or before[0] is not left or before[1] is not right:
            moved = [None if value is None else self.moved(value) for value in right]
            keys = [[None if value is None else self.key(value) for value in values] for values in (left, moved)]
            nothing = [self.key(nonexistent_value(each.fact)) for each in (self.left, self.right)]
            order = {key: rank for rank, key in enumerate(_ordered({*keys[0], *keys[1], *nothing} - {None}))}
            ranks = tuple(
                (np.array([order.get(key, -1) for key in own] or [-1], dtype=np.int32), order.get(none, -1))
                for own, none in zip(keys, nothing, strict=True)
            )
            before = self._last = left, right, ranks
        return before[2]

    def _ranked(self, batch: Batch, classes: Classes, absent: Node | None, table: b.Codes, nothing: int) -> b.Codes:
        """For each row the place of its value; any where none is told, since nothing is compared there."""
        column = batch.columns.get(classes.fact.name)
        if column is None:
            ranks = np.full(batch.rows, -1, dtype=np.int32)
        else:
            ranks = clipped(table, column.indices, column.told)
        if absent is not None and (where := batch.of(absent).true) is not False:
            ranks = np.where(b.unpack(where, batch.rows), np.int32(nothing), ranks)
        return ranks

    @property
    def below(self) -> tuple[Node, ...]:
        return (self.usable, *(each for each in self.absent if each is not None))


_EQUALITY = ("==", "!=")
_COMPARE: Mapping[str, Callable[[b.Codes, b.Codes], b.Codes]] = {
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
}


def _ordered(keys: set[object]) -> list[object]:
    """Keys of one type in their order; of others no order is asked."""
    try:
        return sorted(keys)  # type: ignore[type-var]  # what can't be ordered raises
    except TypeError:
        return list(keys)


# ---- the plan -----------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Covering:
    """How a list stands to the rows, as `Coverage` says it for one task.

    `unlisted` is true where the list has no item with the task's code or title. `ways` are what can cover it, in order:
    for the items found the place among them, then residual items, then the fact that answers for a partial list.
    """

    task_list: p.TaskList
    governs: Node
    covers: Node
    replaced: Node
    unlisted: Node
    ways: tuple[tuple[int | p.Item | None, Node], ...]
    truth: Node


class Planner:
    """Makes nodes of the conditions of a policy set, for a day (`None`: each task's own date)."""

    def __init__(self, policies: p.PolicySet, as_of: date | None) -> None:
        self.policies = policies
        self.as_of = as_of
        self.classes: dict[str, Classes] = {}
        self.true = self._noted(_Constant(b.TRUE))
        self.false = self._noted(_Constant(b.FALSE))
        self.unknown = self._noted(_Constant(b.UNKNOWN))
        self._nodes: dict[object, Node] = {}
        self._conditions: dict[int, tuple[p.Condition, Node]] = {}
        self._coverings: dict[tuple[str, frozenset[str] | None], Covering] = {}
        self._terms: dict[str, Node] = {}

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return len(self._nodes)

    @property
    def comparisons(self) -> tuple[Node, ...]:
        """The comparisons of two facts, which ask more of a batch than operations on planes."""
        return tuple(node for node in self._nodes.values() if isinstance(node, _Comparison))

    def use(self, node: Node) -> Node:
        """Say that a node will be asked for."""
        node.users += 1
        return node

    # ---- conditions --------------------------------------------------------------------------------------------------------

    def condition(self, condition: p.Condition) -> Node:
        """The node of a condition."""
        if id(condition) not in self._conditions:
            self._conditions[id(condition)] = condition, self._condition(condition)
        return self._conditions[id(condition)][1]

    def _condition(self, condition: p.Condition) -> Node:
        match condition:
            case p.All(parts):
                return self.all(map(self.condition, parts))
            case p.Any(parts):
                return self.any(map(self.condition, parts))
            case p.Not(part):
                return self.inverse(self.condition(part))
            case p.TermUse(terms):
                return self._term(terms)
            case p.OnList(lists, codes, off):
                return self.any(self._on(self.cover(key, frozenset(codes) if codes else None), off) for key in lists)
            case p.OnAnyList(negated):
                lists = tuple(key for key, each in self.policies.lists.items() if not each.is_ban)
                found = self.any(self.cover(key).truth for key in lists)
                return self.inverse(found) if negated else found
            case p.Mentions(keys):
                phrases = [self.policies.phrases[key] for key in keys]
                return self.any(self.ask(name, ("mentions", keys), _mentions(phrases)) for name in ("title", "text"))
            case p.InForce(interval):
                return self.in_force(interval)
            case _:
                return self._leaf(condition)

    def all(self, parts: Iterable[Node]) -> Node:
        """And."""
        return self._joined(parts, is_and=True)

    def any(self, parts: Iterable[Node]) -> Node:
        """Or."""
        return self._joined(parts, is_and=False)

    def inverse(self, part: Node) -> Node:
        """Not."""
        if isinstance(part, _Not):
            return part.part
        swapped = {self.true: self.false, self.false: self.true, self.unknown: self.unknown}
        return swapped.get(part) or self._node(("not", id(part)), lambda: _Not(part))

    def _joined(self, parts: Iterable[Node], *, is_and: bool) -> Node:
        neutral, decisive = (self.true, self.false) if is_and else (self.false, self.true)
        found = tuple(each for each in dict.fromkeys(parts) if each is not neutral)
        if decisive in found:
            return decisive
        if len(found) < 2:
            return found[0] if found else neutral
        return self._node(("joined", is_and, *map(id, found)), lambda: _Joined(found, is_and))

    def surely(self, part: Node) -> Node:
        """True where something is true, else false."""
        if isinstance(part, _Constant):
            return self.true if part is self.true else self.false
        return self._node(("surely", id(part)), lambda: _Surely(part))

    def open(self, part: Node) -> Node:
        """True where something is unknown, else false."""
        return self.inverse(self.any((self.surely(part), self.surely(self.inverse(part)))))

    def choice(self, test: Node, yes: Node, no: Node) -> Node:
        """If `test` then `yes` else `no`."""
        if test is self.false or yes is no:
            return no
        return self._node(("choice", id(test), id(yes), id(no)), lambda: _Choice(test, yes, no))

    def _node(self, key: object, make: Callable[[], Node]) -> Node:
        if key not in self._nodes:
            self._nodes[key] = self._noted(make())
        return self._nodes[key]

    def _noted(self, node: Node) -> Node:
        for each in node.below:
            each.users += 1
        return node

    def _term(self, terms: tuple[str, ...]) -> Node:
        versions = [self.policies.terms[key] for key in terms]
        if len(versions) == 1:
            return self.condition(versions[0].condition)
        return self.any(self.all((self.condition(each.applies), self.condition(each.condition))) for each in versions)

    def _on(self, covering: Covering, off: bool) -> Node:  # noqa: FBT001
        return self.all((covering.governs, self.inverse(covering.covers))) if off else covering.truth

    def in_force(self, interval: p.Interval) -> Node:
        """Whether the day of judgement lies in an interval."""
        if interval.is_always:
            return self.true
        if self.as_of is not None:
            return self.true if interval.holds(self.as_of) else self.false
        self._constants("date", (interval.start, interval.end))
        return self.ask("date", interval, lambda value: interval.holds(value) if isinstance(value, date) else None)

    # ---- facts -------------------------------------------------------------------------------------------------------------

    def classes_of(self, name: str) -> Classes:
        """The classes of the values of a fact."""
        return self.classes.setdefault(name, Classes(self.policies.facts[name]))

    def _constants(self, name: str, values: Iterable[Value | None]) -> None:
        if name in self.policies.facts:
            self.classes_of(name).constants.update(value for value in values if value is not None)

    def ask(self, name: str, key: object, predicate: Callable[[Value], Truth]) -> Node:
        """A question about the value of a fact; `key` tells it from other questions."""
        if name not in self.policies.facts:
            return self.unknown
        return self._node((name, key), lambda: self._question(name, predicate))

    def _question(self, name: str, predicate: Callable[[Value], Truth]) -> Node:
        fact = self.policies.facts[name]
        classes = self.classes_of(name)
        exists = None if fact.only_when is None else self.condition(fact.only_when)
        whole = None
        if exists is not None and fact.type.kind == "set_of":
            whole = self._node((name, "whole"), lambda: self._told_whole(fact))
        nothing = predicate(nonexistent_value(fact)) if exists is not None else None
        return _Question(classes, classes.ask(predicate), exists, whole, nothing)

    def _told_whole(self, fact: p.Fact) -> Node:
        classes = self.classes_of(fact.name)
        number = classes.ask(lambda value: isinstance(value, SetValue) and _is_whole(fact, value))
        return _Question(classes, number, None, None, None)

    def inside_target(self, policy: p.Policy) -> Node:
        """Whether a document is for a place inside the task's target."""
        self._constants("target", (policy.place,))

        def inside(value: Value) -> bool:
            return isinstance(value, str) and policy.place != value and is_inside(policy.place, value)

        return self.ask("target", ("inside", policy.place), inside)

    def known(self, name: str) -> Node:
        """Whether the value of a fact is known; of a set that is told in part it isn't."""
        fact = self.policies.facts[name]
        return self.ask(name, "known", lambda value: True if _is_whole(fact, value) else None)

    def misplaced(self, fact: p.Fact) -> Node:
        """Whether a fact is told of a task that can't have it, and not as nothing."""
        assert fact.only_when is not None
        nothing = nonexistent_value(fact)
        classes = self.classes_of(fact.name)

        def says(value: Value) -> bool:
            return value != nothing and not (isinstance(value, SetValue) and not value.includes)

        told = self._node((fact.name, "says"), lambda: _Question(classes, classes.ask(says), None, None, None))
        return self.all((told, self.inverse(self.condition(fact.only_when))))

    def _leaf(self, condition: p.Condition) -> Node:
        match condition:
            case p.Equal(fact, p.FactRef(other), negated) if other != fact:
                return self._compared(fact, other, "!=" if negated else "==")
            case p.Compare(fact, operator, p.FactRef(other)) if other != fact:
                return self._compared(fact, other, operator)
            case p.Compare(fact, operator, p.Offset() as offset) if offset.fact != fact:
                return self._compared(fact, offset.fact, operator, offset)
        names = tuple(dict.fromkeys(p.facts_of(condition)))
        assert len(names) == 1
        match condition:
            case p.Inside(fact, places):
                self._constants(fact, places)
                return self.ask(
                    fact,
                    condition,
                    lambda value: isinstance(value, str) and any(is_inside(value, each) for each in places),
                )
            case p.Equal(fact, value):
                self._constants(fact, () if isinstance(value, p.FactRef) else (value,))
            case p.Member(fact, values):
                self._constants(fact, values)
            case p.Compare(fact, _, amount) if not isinstance(amount, p.FactRef | p.Offset):
                self._constants(fact, (amount,))
        if isinstance(condition, p.Compare) and isinstance(condition.amount, p.Offset):  # of the fact itself
            self.classes_of(names[0]).exact = True
        return self.ask(names[0], condition, self._alone(names[0], condition))

    def _alone(self, name: str, condition: p.Condition) -> Callable[[Value], Truth]:
        """The truth of a condition on one fact, as the evaluator gives it."""
        return lambda value: Evaluator(self.policies, {name: Known(value)}).prove(condition).truth

    def _compared(self, left: str, right: str, operator: str, offset: p.Offset | None = None) -> Node:
        for name in (left, right):
            self.classes_of(name).needs_values = True
        kind = self.policies.facts[left].type

        def moved(value: Value) -> Value | None:
            if offset is None:
                return value
            return shift(value, offset.days, working=offset.working) if isinstance(value, date) else NONE

        def key(value: Value) -> object:
            if value is NONE and operator not in _EQUALITY:
                return None
            if kind.kind == "ordered" and isinstance(value, str) and operator not in _EQUALITY:
                return kind.rank(value)
            return _comparable(value)

        usable = self._usable(left, right, operator, offset, moved)
        absent = tuple(self._absent(name) for name in (left, right))
        return self._node(
            ("compared", left, right, operator, offset),
            lambda: _Comparison(
                self.classes_of(left),
                self.classes_of(right),
                usable,
                operator,
                key,
                moved,
                (absent[0], absent[1]),
            ),
        )

    def _usable(
        self,
        left: str,
        right: str,
        operator: str,
        offset: p.Offset | None,
        moved: Callable[[Value], Value | None],
    ) -> Node:
        """True where both values are there to be compared, false where one is none, else unknown."""
        known = self.all((self.told(left), self.told(right)))
        if operator in _EQUALITY:
            return known
        reached = self.ask(right, ("moved", offset), lambda value: None if moved(value) is None else True)
        some = self.all(self.ask(name, "some", lambda value: value is not NONE) for name in (left, right))
        known = self.all((known, reached))
        return self._node(("within", id(known), id(some)), lambda: _Within(known, some))

    def told(self, name: str) -> Node:
        """Whether anything is known of a fact."""
        return self.ask(name, "told", lambda _: True)

    def _absent(self, name: str) -> Node | None:
        """Where a fact doesn't exist, though nobody says so."""
        if self.policies.facts[name].only_when is None:
            return None
        own = self.classes_of(name)
        told = self._node((name, "own"), lambda: _Question(own, own.ask(lambda _: True), None, None, None))
        known = self.told(name)
        return self._node((name, "absent"), lambda: _Only(known, told))

    # ---- lists -------------------------------------------------------------------------------------------------------------

    def cover(self, key: str, codes: frozenset[str] | None = None) -> Covering:
        """How a list, or what of it has one of these codes, stands to the rows."""
        if (key, codes) not in self._coverings:
            self._coverings[key, codes] = self._cover(self.policies.lists[key], codes)
        return self._coverings[key, codes]

    def _cover(self, task_list: p.TaskList, codes: frozenset[str] | None) -> Covering:
        own = self.classes_of("item")
        own.codes |= frozenset(task_list.by_code)
        own.titles |= frozenset(task_list.by_title)
        governs = self.condition(task_list.governs)
        ways = tuple(self._ways(task_list, codes))
        unlisted = self.ask(
            "item", ("unlisted", task_list.key, codes), lambda value: not _found(task_list, codes, value)
        )
        covers = self._within_item(self.any(node for _, node in ways))
        below = [
            self.cover(each, self._carrying(each, codes)) for each in self.policies.implementers.get(task_list.key, ())
        ]
        replaced = self.any(each.governs for each in below)
        if below:
            covers = self.choice(replaced, self.any(each.truth for each in below), covers)
        truth = self.all((governs, covers))
        return Covering(task_list, governs, covers, replaced, unlisted, ways, truth)

    def _within_item(self, part: Node) -> Node:
        known = self.told("item")
        return self._node(("within", id(known), id(part)), lambda: _Within(known, part))

    def _carrying(self, key: str, codes: frozenset[str] | None) -> frozenset[str] | None:
        if codes is None:
            return None
        items = self.policies.lists[key].items
        return frozenset(item.code for item in items if item.code is not None and not codes.isdisjoint(item.carries))

    def _ways(self, task_list: p.TaskList, codes: frozenset[str] | None) -> Iterator[tuple[int | p.Item | None, Node]]:
        """What can cover a task, in the order in which the evaluator looks."""
        for place in range(_most_alike(task_list)):
            by_node: dict[Node, set[int]] = {}
            for item in task_list.items:
                by_node.setdefault(self.condition(item.covers), set()).add(id(item))
            parts = [
                self.all((self._stands(task_list, codes, place, node, frozenset(ids)), node))
                for node, ids in by_node.items()
            ]
            yield place, self.any(parts)
        if codes is not None:
            return
        unlisted = self.ask(
            "item", ("unlisted", task_list.key, codes), lambda value: not _found(task_list, codes, value)
        )
        for item in task_list.otherwise:
            yield item, self.all((unlisted, self.condition(item.covers)))
        if task_list.extent == "partial":
            answer = task_list.answered_by
            yield None, self.all((unlisted, self.unknown if answer is None else self.condition(p.YesNo(answer))))

    def _stands(
        self, task_list: p.TaskList, codes: frozenset[str] | None, place: int, node: Node, ids: frozenset[int]
    ) -> Node:
        """Whether the item at a place among those found has one of these ids."""

        def stands(value: Value) -> bool:
            found = _found(task_list, codes, value)
            return place < len(found) and id(found[place]) in ids

        return self.ask("item", ("stands", task_list.key, codes, place, id(node)), stands)


@define(eq=False, slots=False)
class _Only(Node):
    """True where one node is and another one isn't known."""

    one: Node
    other: Node

    def on(self, batch: Batch) -> b.Truths:
        true = b.minus(batch.of(self.one).true, batch.of(self.other).known)
        return b.Truths(true, b.opposite(true))

    @property
    def below(self) -> tuple[Node, ...]:
        return (self.one, self.other)


def _found(task_list: p.TaskList, codes: frozenset[str] | None, value: Value) -> tuple[p.Item, ...]:
    found = find_items(task_list, str(value))
    return found if codes is None else tuple(item for item in found if item.code in codes)


def _most_alike(task_list: p.TaskList) -> int:
    """How many items at most have one code or title."""
    groups = (*task_list.by_code.values(), *task_list.by_title.values())
    return max(map(len, groups), default=0)


def _mentions(phrases: Sequence[p.Phrases]) -> Callable[[Value], Truth]:
    def mentions(value: Value) -> Truth:
        return next(uses(phrases, [value]), None) is not None if isinstance(value, str) else None

    return mentions


def _is_whole(fact: p.Fact, value: Value) -> bool:
    return not isinstance(value, SetValue) or value.includes | value.excludes == fact.type.names


def _comparable(value: Value) -> object:
    """What two values share if they are the same, and what they are ordered by."""
    if isinstance(value, str):
        return normal_code(value)
    return value if isinstance(value, date) or not isinstance(value, bool) else (bool, value)
