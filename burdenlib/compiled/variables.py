"""Variables: what of a task a condition can tell apart, as small numbers.

Each fact's values fall into classes that no condition tells apart, and a class has a code. Code 0 is what isn't known.
A set has a bit mask for its code: two bits for each value, that it may be in the set and that it is in it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Literal, TypeGuard

from burdenlib import policy as p
from burdenlib.evaluator import Evaluator, find_items
from burdenlib.facts import NONE, FactType, SetValue, Value, ValueProblemError, read_value
from burdenlib.lists import normal_code
from burdenlib.phrases import uses
from burdenlib.places import ancestors, is_inside
from burdenlib.task import Known

__all__ = [
    "FactVariable",
    "Hit",
    "ItemVariable",
    "LeftToInterpreterError",
    "MentionVariable",
    "PairVariable",
    "SetVariable",
    "Variable",
]

LIMIT = 65_536
"""How many spellings of values are remembered for one variable."""

LONGEST = 200
"""The longest text that is remembered."""


MOST_MARKS = 2_000_000
"""With more conditions on more classes than this, classes that nothing tells apart keep codes of their own."""


class LeftToInterpreterError(Exception):
    """What the compiled form doesn't decide: it can't be read, or needs what only the interpreter words."""


def read(kind: FactType, raw: object) -> Value | None:
    """Read what a task tells; what can't be read is for the interpreter to refuse."""
    try:
        return read_value(kind, raw)
    except ValueProblemError as error:
        raise LeftToInterpreterError from error


def remember(table: dict[Any, Any], raw: object, found: object, limit: int = LIMIT) -> None:
    """Note what a value that is told comes to; a table that is full is begun anew."""
    if len(table) >= limit:
        untold = table[None]
        table.clear()
        table[None] = untold
    table[raw] = found


def is_short_text(raw: object) -> bool:
    """Whether a value is told as a text that is worth remembering."""
    return type(raw) is str and len(raw) <= LONGEST


class FactVariable:
    """A fact whose values fall into classes: every type but sets."""

    role: Literal["yes_no", "fact"]

    def __init__(self, fact: p.Fact) -> None:
        self.fact = fact
        self.keys = (fact.name,)
        self.role = "yes_no" if fact.type.kind == "yes_no" else "fact"
        self.leaves: list[p.Condition] = []
        self.table: dict[Any, int] = {None: 0}
        self._points: list[Value] = []
        self._index: dict[object, int] = {}
        self._places: list[tuple[str, int]] = []
        self._inside_of: dict[str, int] = {}
        self._merged: list[int] = []
        self._all = 0
        self.size = 0

    def _keep(self, raw: object) -> bool:
        kind = self.fact.type.kind
        return is_short_text(raw) or (kind == "number" and type(raw) is not bool) or type(raw) is date

    # ---- classes -----------------------------------------------------------------------------------------------------

    @property
    def _is_scale(self) -> bool:
        """Whether values are compared: then a class is a point on the scale, or what lies between two points."""
        return self.fact.type.kind in ("number", "date")

    def close(self) -> None:
        """Fix the classes, once all conditions on the fact are known."""
        points = {self._normal(point) for leaf in self.leaves for point in _constants(leaf)}
        if self._is_scale:
            self._points = sorted(points)  # type: ignore[type-var]  # values of one type
            self._all = 2 * len(self._points) + 2
        else:
            known = self.fact.type.names if self.fact.type.kind in ("one_of", "ordered") else frozenset()
            order = (False, True) if self.role == "yes_no" else sorted({*points, *map(normal_code, known)}, key=str)
            self._index = {point: number for number, point in enumerate(order, start=1)}
            if self.fact.type.kind == "place":
                inside = {place for leaf in self.leaves if isinstance(leaf, p.Inside) for place in leaf.places}
                start = len(self._index) + 1
                self._index |= {("inside", place): start + number for number, place in enumerate(sorted(inside))}
            self._places = [(key[1] if isinstance(key, tuple) else str(key), code) for key, code in self._index.items()]
            self._all = len(self._index) + 2
        self.size = self._all
        if self.role == "fact":
            self._merge()

    def _merge(self) -> None:
        """Give one code to all classes that no condition tells apart."""
        masks = {self._mask(leaf) for leaf in self.leaves if not _names_another_fact(leaf)}
        if sum(mask.bit_count() for mask in masks) > MOST_MARKS:
            return
        marks: list[list[int]] = [[] for _ in range(self._all + 1)]
        for number, mask in enumerate(sorted(masks)):
            for code in _codes_in(mask):
                marks[code].append(number)
        numbers: dict[tuple[int, ...], int] = {}
        self._merged = [
            0,
            *(numbers.setdefault(tuple(marks[code]), len(numbers) + 1) for code in range(1, self._all + 1)),
        ]
        self.size = len(numbers)

    @property
    def _other(self) -> int:
        """The code of values that no condition names."""
        return self._all - 1

    def _normal(self, value: Value) -> Value:
        return normal_code(value) if isinstance(value, str) else value

    def code(self, value: Value | None) -> int:
        """The class of a value."""
        code = self._code(value)
        return self._merged[code] if self._merged else code

    def _code(self, value: Value | None) -> int:
        """The class of a value, before classes are merged."""
        if value is None:
            return 0
        if value is NONE:
            return self._all
        if self._is_scale:
            at = bisect_left(self._points, value)  # type: ignore[type-var]  # values of one type
            return 2 * at + 1 + (at < len(self._points) and self._points[at] == value)
        found = self._index.get(self._normal(value))
        if found is None and self.fact.type.kind == "place":
            found = self._inside(str(value))
        return self._other if found is None else found

    def _inside(self, code: str) -> int | None:
        for place in reversed([*ancestors(code)]):
            if (found := self._index.get(("inside", place))) is not None:
                return found
        return None

    def told(self, raw: object) -> Any:
        """The class of what a task tells, remembered; of a yes/no fact, what is told."""
        if type(raw) is str and (known := self.table.get(raw)) is not None:
            return known
        if type(raw) is bool and self.role == "yes_no":
            return raw
        value = read(self.fact.type, raw)
        if self.role == "yes_no":
            return value
        code = self.code(value)
        if self._keep(raw):
            remember(self.table, raw, code)
        return code

    # ---- conditions --------------------------------------------------------------------------------------------------

    def mask(self, leaf: p.Condition) -> int:
        """The classes for which a condition that isn't negated is true, as a bit mask."""
        mask = self._mask(leaf)
        if not self._merged:
            return mask
        found = 0
        for code in _codes_in(mask):
            found |= 1 << self._merged[code]
        return found

    def _mask(self, leaf: p.Condition) -> int:
        match leaf:
            case p.YesNo():
                return 1 << self._code(True)
            case p.Equal(_, value) if not isinstance(value, p.FactRef):
                return 1 << self._code(value)
            case p.Member(_, values):
                return sum({1 << self._code(value) for value in values})
            case p.Has():
                return (1 << self._all) - 2
            case p.Inside(_, places):
                return self._mask_of_places(places)
            case p.Compare(_, operator, amount) if not isinstance(amount, p.FactRef | p.Offset):
                return self._mask_of_comparison(operator, amount)
            case p.InForce(interval):
                return self._mask_of_interval(interval)
        raise LeftToInterpreterError(type(leaf))

    def _mask_of_places(self, places: tuple[str, ...]) -> int:
        mask = 0
        for place in places:
            if place not in self._inside_of:
                codes = (code for each, code in self._places if is_inside(each, place))
                self._inside_of[place] = sum(1 << code for code in codes)
            mask |= self._inside_of[place]
        return mask

    def _mask_of_comparison(self, operator: str, amount: Value) -> int:
        if not self._is_scale:
            return self._mask_of_ranks(operator, amount)
        at = self._code(amount)
        below, same = (1 << at) - 2, 1 << at
        above = ((1 << self._all) - 2) & ~below & ~same
        return {"<": below, "<=": below | same, ">": above, ">=": above | same}[operator]

    def _mask_of_ranks(self, operator: str, amount: Value) -> int:
        kind, mask = self.fact.type, 0
        limit = kind.rank(str(amount))
        for name in kind.names:
            rank = kind.rank(name)
            if {"<": rank < limit, "<=": rank <= limit, ">": rank > limit, ">=": rank >= limit}[operator]:
                mask |= 1 << self._code(name)
        return mask

    def _mask_of_interval(self, interval: p.Interval) -> int:
        first = 1 if interval.start is None else self._code(interval.start)
        last = self._all - 1 if interval.end is None else self._code(interval.end)
        return max(0, (1 << last + 1) - (1 << first))


def _codes_in(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit.bit_length() - 1
        mask ^= bit


def _names_another_fact(leaf: p.Condition) -> bool:
    return (isinstance(leaf, p.Equal) and isinstance(leaf.value, p.FactRef)) or (
        isinstance(leaf, p.Compare) and isinstance(leaf.amount, p.FactRef | p.Offset)
    )


def _constants(leaf: p.Condition) -> Iterable[Value]:
    """The values by which a condition tells a fact's values apart."""
    match leaf:
        case p.Equal(_, value) if not isinstance(value, p.FactRef):
            found: tuple[Value | None, ...] = (value,)
        case p.Member(_, values):
            found = values
        case p.Inside(_, places):
            found = places
        case p.Compare(_, _, amount) if not isinstance(amount, p.FactRef | p.Offset):
            found = (amount,)
        case p.InForce(interval):
            found = (interval.start, interval.end)
        case _:
            found = ()
    return (value for value in found if value is not None and value is not NONE)


class SetVariable:
    """A fact that is a set."""

    role: Literal["set"] = "set"

    def __init__(self, fact: p.Fact) -> None:
        self.fact = fact
        self.keys = (fact.name,)
        self.numbers = {value.name: number for number, value in enumerate(fact.type.values)}
        self.unknown = sum(1 << 2 * number for number in self.numbers.values())
        self.table: dict[Any, int] = {None: self.unknown}
        self.singles: dict[str, int] = {}
        self.size = 0

    def code(self, value: Value | None) -> int:
        """The bits of a set that is known, perhaps in part."""
        if not isinstance(value, SetValue):
            return self.unknown
        code = self.unknown
        for name in value.includes:
            code |= 2 << 2 * self.numbers[name]
        for name in value.excludes:
            code &= ~(1 << 2 * self.numbers[name])
        return code

    def told(self, raw: object) -> int:
        """The bits of what a task tells, remembered."""
        key = tuple(raw) if isinstance(raw, list) else raw
        if not _is_row_of_texts(key):
            return self.code(read(self.fact.type, raw))
        if (known := self.table.get(key)) is None:
            known = self.code(read(self.fact.type, raw))
            remember(self.table, key, known)
            if isinstance(key, tuple) and len(key) == 1 and len(self.singles) < LIMIT:
                self.singles[key[0]] = known
        return known


def _is_row_of_texts(raw: object) -> TypeGuard[tuple[str, ...] | frozenset[str]]:
    return isinstance(raw, tuple | frozenset) and len(raw) <= LONGEST and all(map(is_short_text, raw))


# ---- two facts ------------------------------------------------------------------------------------------------------------


class PairVariable:
    """What two facts have to do with each other: code 1 is no, 2 is yes."""

    role: Literal["pair"] = "pair"
    size = 2

    def __init__(self, bare: p.PolicySet, leaf: p.Equal | p.Compare, absent: tuple[Value, Value]) -> None:
        amount = leaf.value if isinstance(leaf, p.Equal) else leaf.amount
        assert isinstance(amount, p.FactRef | p.Offset)
        self.bare = bare
        self.leaf = leaf
        self.keys = (leaf.fact, amount.fact)
        self.absent = absent
        self.kinds = tuple(bare.facts[key].type for key in self.keys)
        self._known: dict[object, int] = {}

    def told(self, one: object, other: object, one_is_gone: bool, other_is_gone: bool) -> int:  # noqa: FBT001
        """The code for what a task tells of the two; `…_is_gone` says that a fact doesn't exist."""
        is_kept = all(each is None or is_short_text(each) or type(each) is date for each in (one, other))
        key = (one, other, one_is_gone, other_is_gone) if is_kept else None
        if key is not None and (code := self._known.get(key)) is not None:
            return code
        values = [read(kind, raw) for kind, raw in zip(self.kinds, (one, other), strict=True)]
        for number, is_gone in enumerate((one_is_gone, other_is_gone)):
            if values[number] is None and is_gone:
                values[number] = self.absent[number]
        code = self._code(values)
        if key is not None:
            if len(self._known) >= LIMIT:
                self._known.clear()
            self._known[key] = code
        return code

    def _code(self, values: list[Value | None]) -> int:
        known = {key: Known(value) for key, value in zip(self.keys, values, strict=True) if value is not None}
        if len(known) < len(set(self.keys)):
            return 0
        truth = Evaluator(self.bare, known).prove(self.leaf).truth
        if truth is None:  # working days outside the table of holidays: the interpreter says so in words
            raise LeftToInterpreterError
        return 2 if truth else 1


# ---- texts -----------------------------------------------------------------------------------------------------------------


class MentionVariable:
    """Whether the title or the text uses some phrases: code 1 is no, 2 is yes."""

    role: Literal["mention"] = "mention"
    size = 2
    keys = ("title", "text")

    def __init__(self, bare: p.PolicySet, phrases: tuple[str, ...]) -> None:
        self.phrases = [bare.phrases[key] for key in phrases]
        self.kinds = [bare.facts[key].type if key in bare.facts else None for key in self.keys]

    def told(self, *told: object) -> int:
        """The code for a title and a text."""
        values = [None if kind is None else read(kind, raw) for kind, raw in zip(self.kinds, told, strict=True)]
        texts = [value for value in values if isinstance(value, str)]
        if next(uses(self.phrases, texts), None) is not None:
            return 2
        return 1 if len(texts) == len(told) else 0


View = tuple[str, tuple[str, ...]]
"""A list, by its key, and the codes that narrow what counts of it (none: all of it)."""


class Hit:
    """What the text of an item finds on the lists; `code` is its class, 0 where no item is told."""

    __slots__ = ("code", "found")

    def __init__(self, code: int, found: Mapping[str, tuple[p.Item, ...]]) -> None:
        self.code = code
        self.found = found


class ItemVariable:
    """The item: its classes are what of each list its text finds, by the conditions under which the items cover."""

    role: Literal["item"] = "item"
    keys = ("item",)

    def __init__(self, policies: p.PolicySet) -> None:
        self.policies = policies
        self.views: dict[View, frozenset[str]] = {}
        self.covers: dict[int, int] = {}
        self.classes: list[frozenset[Hashable]] = [frozenset()]
        self._codes: dict[frozenset[Hashable], int] = {}
        self._hits: dict[Hashable, Hit] = {}
        self.table: dict[Any, Hit] = {None: Hit(0, {})}
        self.limit = LIMIT + 4 * sum(len(each.items) for each in policies.lists.values())

    def view(self, key: str, codes: tuple[str, ...] | None) -> View:
        """Take note of a list, narrowed or not, on which the item is looked for."""
        view = (key, () if codes is None else ("", *codes))
        self.views[view] = frozenset(codes or ())
        return view

    def hit(self, text: str) -> Hit:
        """What a text finds."""
        found = {key: items for key, each in self.policies.lists.items() if (items := find_items(each, text))}
        key = tuple((name, *map(id, items)) for name, items in found.items())
        if (hit := self._hits.get(key)) is None:
            hit = self._hits[key] = Hit(self._class(found), found)
        return hit

    def _class(self, found: Mapping[str, tuple[p.Item, ...]]) -> int:
        payload: set[Hashable] = set()
        for view, codes in self.views.items():
            for item in found.get(view[0], ()):
                if not view[1] or item.code in codes:
                    payload |= {view, (view, self.covers[id(item)])}
        held = frozenset(payload)
        if held not in self._codes:
            self._codes[held] = len(self.classes)
            self.classes.append(held)
        return self._codes[held]

    def told(self, raw: object) -> Hit:
        """What the item that a task tells finds, remembered."""
        if type(raw) is str and (known := self.table.get(raw)) is not None:
            return known
        value = read(self.policies.facts["item"].type, raw)
        if value is None:
            return self.table[None]
        hit = self.hit(str(value))
        if is_short_text(raw):
            remember(self.table, raw, hit, self.limit)
        return hit


Variable = FactVariable | SetVariable | PairVariable | MentionVariable | ItemVariable
