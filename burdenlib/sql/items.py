"""What the item of a task finds on the lists, as tables that are joined by its code and by its title."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cached_property

from attrs import frozen

from burdenlib import policy as p
from burdenlib.compiled.variables import ItemVariable, View
from burdenlib.lists import normal_title

__all__ = ["Lookup", "Slot"]

Found = Mapping[str, tuple[p.Item, ...]]
Slot = tuple[str, int]
"""A list, and a place among the items of it that have the task's code or title."""


@frozen(eq=False)
class _Class:
    """What all items of a class find: items whose conditions and views are the same."""

    number: int
    found: Found


class Lookup:
    """The keys of the items of all lists, and what each finds.

    Keys that no condition tells apart have one class; class 0 is: nothing found. Each place among the items found on
    an admission list has a column for the name of the item; places that no key fills together share one.
    """

    def __init__(self, policies: p.PolicySet, item: ItemVariable) -> None:
        self._lists = policies.lists
        self._item = item
        self._classes: dict[Hashable, _Class] = {}
        self.by_code = dict(self._by_code())
        self.by_title = dict(self._by_title())

    def _by_code(self) -> Iterator[tuple[str, Found]]:
        for code in dict.fromkeys(code for each in self._lists.values() for code in each.by_code):
            yield code, self._found(code, normal_title(code))

    def _by_title(self) -> Iterator[tuple[str, Found]]:
        for title in dict.fromkeys(title for each in self._lists.values() for title in each.by_title):
            yield title, self._found(None, title)

    def _found(self, code: str | None, title: str) -> Found:
        found = {}
        for key in dict.fromkeys((*self._having_code.get(code, ()), *self._having_title.get(title, ()))):
            each = self._lists[key]
            items = each.by_code.get(code, ()) if code is not None else ()
            found[key] = items or each.by_title.get(title, ())
        return found

    @cached_property
    def _having_code(self) -> Mapping[str | None, list[str]]:
        return self._having((key, each.by_code) for key, each in self._lists.items())

    @cached_property
    def _having_title(self) -> Mapping[str | None, list[str]]:
        return self._having((key, each.by_title) for key, each in self._lists.items())

    def _having(self, lists: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str | None, list[str]]:
        found: dict[str | None, list[str]] = {}
        for key, names in lists:
            for name in names:
                found.setdefault(name, []).append(key)
        return found

    # ---- classes -----------------------------------------------------------------------------------------------------

    def class_of(self, found: Found) -> int:
        """The number of the class of what a key finds."""
        sign = tuple((key, tuple(map(self._sign, items))) for key, items in sorted(found.items()))
        if sign not in self._classes:
            self._classes[sign] = _Class(len(self._classes) + 1, found)
        return self._classes[sign].number

    def _sign(self, item: p.Item) -> Hashable:
        views = (view for view, codes in self._item.views.items() if item.code in codes)
        return self._item.covers.get(id(item)), frozenset(views)

    @cached_property
    def _all(self) -> tuple[_Class, ...]:
        for found in (*self.by_code.values(), *self.by_title.values()):
            self.class_of(found)
        return tuple(self._classes.values())

    def finding(self, view: View, condition: int | None = None, place: int | None = None) -> list[int]:
        """The classes that find an item in a view of a list, with one condition, at one place."""
        return [each.number for each in self._all if self._finds(each.found, view, condition, place)]

    def _finds(self, found: Found, view: View, condition: int | None, place: int | None) -> bool:
        codes = self._item.views[view]
        items = found.get(view[0], ())
        return any(
            (not view[1] or item.code in codes) and (condition is None or self._item.covers.get(id(item)) == condition)
            for item in (items if place is None else items[place : place + 1])
        )

    def conditions_at(self, key: str, place: int) -> list[int]:
        """The numbers of the conditions of the items at a place of a list."""
        at = (found[key][place] for found in self._every if len(found.get(key, ())) > place)
        return list(dict.fromkeys(self._item.covers[id(item)] for item in at))

    def places(self, key: str) -> int:
        """How many items of a list at most have one code or title."""
        return max((len(found.get(key, ())) for found in self._every), default=0)

    @property
    def _every(self) -> Iterator[Found]:
        yield from self.by_code.values()
        yield from self.by_title.values()

    # ---- names -------------------------------------------------------------------------------------------------------

    @cached_property
    def slots(self) -> Mapping[Slot, int]:
        """The number of the column for the name of the item at each place."""
        beside: dict[Slot, set[Slot]] = {}
        for found in self._every:
            here = [*_slots_of(self._admitting(found))]
            for slot in here:
                beside.setdefault(slot, set()).update(here)
        numbers: dict[Slot, int] = {}
        for slot, others in beside.items():
            taken = {numbers[other] for other in others if other in numbers}
            numbers[slot] = next(number for number in range(len(taken) + 1) if number not in taken)
        return numbers

    def _admitting(self, found: Found) -> Found:
        return {key: items for key, items in found.items() if not self._lists[key].is_ban}

    def names(self, found: Found) -> list[str]:
        """The names of the items that a key finds, by column."""
        names = [""] * (max(self.slots.values(), default=-1) + 1)
        found = self._admitting(found)
        for slot in _slots_of(found):
            names[self.slots[slot]] = name_of(found[slot[0]][slot[1]])
        return names


def _slots_of(found: Found) -> Iterator[Slot]:
    return ((key, place) for key, items in found.items() for place in range(len(items)))


def name_of(item: p.Item) -> str:
    """The code of an item, or the title of one that has none."""
    return item.code or item.title.pick("zh") or ""
