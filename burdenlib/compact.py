"""Values to bytes and back, column by column: a tenth of the time of a pickle, and nothing in it is ever run.

What can be kept are plain values and attrs classes of this package. A field whose metadata say `later` is kept apart:
it holds where its value is, until `taken` reads it.
"""

from __future__ import annotations

import enum
import marshal
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from itertools import chain, compress, islice, repeat
from operator import attrgetter
from typing import Any, TypeVar, cast

import attrs

from burdenlib.garbage import put_off

__all__ = ["LATER", "Later", "pack", "taken", "unpack"]

T = TypeVar("T")

LATER = "later"
"""The key of the metadata of a field that is kept apart."""

PACKAGE = "burdenlib."


class Later(tuple["_Margin", int]):
    """Where the value of a field is that hasn't been read yet."""

    __slots__ = ()


class _Margin:
    """What is kept apart: bytes, or once one of its values was asked for, the values."""

    def __init__(self, data: bytes) -> None:
        self._content: bytes | tuple[Any, ...] = data

    def __getitem__(self, number: int) -> Any:
        content = self._content
        if isinstance(content, bytes):
            content = self._content = cast(tuple[Any, ...], _read(marshal.loads(content), None))  # noqa: S302  # as `unpack`
        return content[number]


def taken(owner: object, name: str, value: T | Later) -> T:
    """The value of a field that may be kept apart; it is read at most once."""
    if type(value) is not Later:
        return cast(T, value)
    margin, number = value
    found: T = margin[number]
    object.__setattr__(owner, name, found)
    return found


# ---- writing ---------------------------------------------------------------------------------------------------------------


def pack(value: object) -> bytes:
    """A value as bytes; raises `TypeError` if it holds what can't be kept."""
    later: list[object] = []
    with put_off():
        main = _Writer(later).written(value)
        aside = _Writer(None).written(tuple(later))
    sections: Any = (main, marshal.dumps(cast(Any, aside)))
    return marshal.dumps(sections)


_ATOMS = frozenset((str, int, float, bytes, bool, type(None)))
_FIRST = ("plain", "dates", "numbers", "constants")


class _Writer:
    """Values in sections: plain ones, dates, numbers, sets, objects by class, tuples by depth and length, mappings.

    Each value is numbered as it is met (`numbers` go by its id, `known` by what it is); `members` are the numbers of
    each section in the order of their places. Whatever is numbered is held by `value` itself, so that ids stay.
    """

    def __init__(self, later: list[object] | None) -> None:
        self.later = later
        self.numbers: dict[int, int] = {}
        self.known: dict[object, int] = {}
        self.count = 0
        self.members: dict[str, list[int]] = {}
        self.names: dict[type, str] = {}
        self.depths: dict[int, int] = {}
        self.sections: dict[str, list[Any]] = {}
        self.columns: dict[str, list[list[Any]]] = {}
        self.todo: dict[str, list[Any]] = {}

    def written(self, value: object) -> tuple[object, ...]:
        """The sections as plain values, each value a number in the row of all sections."""
        root = self.number(value)
        while self.todo:
            section, objects = self.todo.popitem()
            if section == "mappings":
                self.sections[section] += [self._all((*each, *each.values())) for each in objects]
            elif section == "rows":
                self.sections[section] += [self._all(each) for each in objects]
            else:
                self._fields(section, objects)
        return self._finished(root)

    def number(self, value: object) -> int:
        """The number of a value, given to it if it is new."""
        found = self.numbers.get(id(value))
        return self._new(value) if found is None else found

    def _all(self, values: Iterable[object]) -> list[int]:
        values = [*values]
        found = [*map(self.numbers.get, map(id, values))]
        return [self._new(value) if number is None else number for value, number in zip(values, found, strict=True)]

    def _new(self, value: Any) -> int:
        """Number a value that may be new."""
        if (found := self.numbers.get(id(value))) is not None:
            return found
        kind = type(value)
        if (section := self.names.get(kind)) is not None:
            self.todo.setdefault(section, []).append(value)
            number = self._spot(section)
        elif kind in _ATOMS:
            number = self._known((kind, repr(value) if kind is float else value), "plain", value)  # zero has two signs
        elif kind is tuple:
            number = self._tuple(value)
        elif kind is date:
            number = self._known((kind, value), "dates", value.toordinal())
        elif kind is Decimal:
            number = self._known((kind, str(value)), "numbers", str(value))
        elif isinstance(value, enum.Enum):
            number = self._known((kind, value.name), "constants", (_name_of(kind), value.name))
        elif kind is frozenset:
            number = self._set(value)
        else:
            section = "mappings" if kind is dict else "rows" if kind is list else _name_of(kind)
            self.names[kind] = section
            self.sections[section] = []
            return self._new(value)
        self.numbers[id(value)] = number
        return number

    def _spot(self, section: str) -> int:
        """The next number, for the next place in a section."""
        number = self.count
        self.count = number + 1
        if (members := self.members.get(section)) is None:
            members = self.members[section] = []
        members.append(number)
        return number

    def _put(self, section: str, content: object) -> int:
        self.sections.setdefault(section, []).append(content)
        return self._spot(section)

    def _known(self, key: object, section: str, content: object) -> int:
        if (found := self.known.get(key)) is None:
            found = self.known[key] = self._put(section, content)
        return found

    def _tuple(self, value: tuple[object, ...]) -> int:
        numbers = self._all(value)
        depth = 1 + max(map(self.depths.get, numbers, repeat(0)), default=0)
        number = self._put(f"tuples {depth} {len(value)}", numbers)
        self.depths[number] = depth
        return number

    def _set(self, value: frozenset[Any]) -> int:
        numbers = self._all(sorted(value, key=repr))
        if any(type(each) not in _ATOMS for each in value):
            raise TypeError("a set of what isn't plain")
        return self._put("sets", numbers)

    def _fields(self, section: str, objects: list[Any]) -> None:
        """Add objects of a class to its columns, one for each field."""
        fields = attrs.fields(type(objects[0]))
        columns = self.columns.setdefault(section, [[] for _ in fields])
        for field, column in zip(fields, columns, strict=True):
            values = [*map(attrgetter(field.name), objects)]
            if field.metadata.get(LATER):
                values = [taken(each, field.name, value) for each, value in zip(objects, values, strict=True)]
            if _is_whole(field):
                column.extend(values)
            elif field.metadata.get(LATER) and self.later is not None:
                column.extend(map(self._apart, values))
            else:
                column.extend(self._all(values))

    def _apart(self, value: object) -> int:
        """The number of a value among those that are kept apart, below zero; that of `None` is the usual one."""
        if value is None or self.later is None:
            return self.number(value)
        self.later.append(value)
        return -len(self.later)

    def _finished(self, root: int) -> tuple[object, ...]:
        classes = sorted(self.columns)
        tuples = sorted((name for name in self.sections if name.startswith("tuples ")), key=_shape)
        final, start = [0] * self.count, 0
        for name in (*_FIRST, *classes, "mappings", "rows", "sets", *tuples):
            for number in self.members.get(name, ()):
                final[number] = start
                start += 1

        def cells(numbers: Iterable[int]) -> bytes:
            return array("I", map(final.__getitem__, numbers)).tobytes()

        def column(field: attrs.Attribute[Any], numbers: list[int]) -> object:
            if _is_whole(field):
                return (array("q", numbers).tobytes(),)
            if min(numbers) < 0:
                there = bytes(number < 0 for number in numbers)
                return there, array("I", [-1 - number for number in numbers if number < 0]).tobytes()
            return final[numbers[0]] if numbers.count(numbers[0]) == len(numbers) else cells(numbers)

        def columns(name: str) -> list[object]:
            return [*map(column, attrs.fields(_class_of(name)), self.columns[name])]

        return (
            *(self.sections.get(name, []) for name in _FIRST),
            [(name, len(self.members[name]), columns(name)) for name in classes],
            *([cells(each) for each in self.sections.get(name, ())] for name in ("mappings", "rows", "sets")),
            [
                (_shape(name)[1], cells(chain.from_iterable(self.sections[name])), len(self.sections[name]))
                for name in tuples
            ],
            final[root],
        )


def _is_whole(field: attrs.Attribute[Any]) -> bool:
    """Whether a field holds whole numbers only, which need no places of their own."""
    return cast(object, field.type) in ("int", int)


def _shape(section: str) -> tuple[int, int]:
    """The depth of the tuples in a section, and their length."""
    _, depth, length = section.split()
    return int(depth), int(length)


def _name_of(kind: type) -> str:
    """The name under which a class is found again."""
    if not kind.__module__.startswith(PACKAGE) or not (attrs.has(kind) or issubclass(kind, enum.Enum)):
        raise TypeError(f"nothing to keep: {kind}")
    return f"{kind.__module__}:{kind.__qualname__}"


# ---- reading ---------------------------------------------------------------------------------------------------------------


def unpack(data: bytes) -> Any:
    """The value that `pack` made bytes of. The bytes have to be those, and of this version of the code."""
    main, aside = marshal.loads(data)  # noqa: S302  # plain values, and its caller has sealed them
    return _read(main, _Margin(aside))


def _read(sections: tuple[Any, ...], margin: _Margin | None) -> Any:
    plain, days, numbers, constants, classes, mappings, rows, sets, tuples, root = sections
    with put_off():
        values = [*plain, *map(date.fromordinal, days), *map(Decimal, numbers)]
        values += (getattr(_class_of(name), member) for name, member in constants)
        made = [(_class_of(name), count, columns) for name, count, columns in classes]
        starts = []
        for kind, count, _ in made:
            starts.append(len(values))
            values += map(kind.__new__, repeat(kind, count))
        first_mapping = len(values)
        values += ({} for _ in mappings)
        first_row = len(values)
        values += ([] for _ in rows)
        values += [frozenset(_at(values, cells)) for cells in sets]
        for length, cells, count in tuples:
            found = _at(values, cells)
            values += list(zip(*[found] * length, strict=False)) if length else [()] * count
        for start, (kind, count, columns) in zip(starts, made, strict=True):
            _fill(kind, values[start : start + count], columns, values, margin)
        for mapping, cells in zip(values[first_mapping:first_row], mappings, strict=True):
            half = len(cells) // (2 * _WIDTH)
            found = _at(values, cells)
            mapping.update(zip([*islice(found, half)], found, strict=True))
        for row, cells in zip(values[first_row : first_row + len(rows)], rows, strict=True):
            row.extend(_at(values, cells))
    return values[root]


def _fill(kind: Any, objects: list[Any], columns: list[Any], values: list[Any], margin: Any) -> None:
    """Give objects of a class their fields, one field after the other."""
    for field, column in zip(attrs.fields(kind), columns, strict=True):
        place: Any = getattr(kind, field.name, None)
        if isinstance(column, tuple) and len(column) == 1:
            whole = array("q")
            whole.frombytes(column[0])
            _each(place.__set__, objects, whole)
        elif not hasattr(place, "__set__"):
            for each, value in zip(objects, _column(column, len(objects), values), strict=True):
                object.__setattr__(each, field.name, value)
        elif not isinstance(column, tuple):
            _each(place.__set__, objects, _column(column, len(objects), values))
        else:
            there, cells = column
            if not all(there):
                _each(place.__set__, objects, repeat(None))
            later = map(tuple.__new__, repeat(Later), zip(repeat(margin), _numbers(cells)))
            _each(place.__set__, compress(objects, there), later)


def _each(work: Any, *arguments: Iterable[Any]) -> None:
    """Do something with each row of arguments."""
    deque(map(work, *arguments), maxlen=0)


def _column(column: int | bytes, count: int, values: list[Any]) -> Iterable[Any]:
    """The values of a column; a number alone is the same value for all."""
    return repeat(values[column], count) if isinstance(column, int) else _at(values, column)


_WIDTH = array("I").itemsize


def _at(values: list[Any], cells: bytes) -> Iterator[Any]:
    """The values with these numbers."""
    return map(values.__getitem__, _numbers(cells))


def _numbers(cells: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(cells)
    return numbers


@cache
def _class_of(name: str) -> Any:
    """A class of this package by its name."""
    module, _, path = name.partition(":")
    if not module.startswith(PACKAGE):
        raise TypeError(name)
    found: Any = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found
