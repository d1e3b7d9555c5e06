"""Conditions as the search for facts reads them: terms, lists and phrases opened up, leaves tied to variables."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from burdenlib import policy as p
from burdenlib.testing.domains import FALSE, TRUE, UNKNOWN, Domain, Leaf, Mention, Space, Variable, name_index

__all__ = ["Covers", "Fixed", "Many", "Node", "On", "Opposite", "Pair", "Plan"]


@frozen(eq=False)
class Fixed:
    """A truth that no fact changes."""

    truth: int


@frozen(eq=False)
class On:
    """A leaf that reads one variable."""

    variable: Variable
    leaf: Leaf


@frozen(eq=False)
class Pair:
    """A leaf that compares two facts."""

    leaf: p.Compare | p.Equal
    one: Variable
    other: Variable


@frozen(eq=False)
class Opposite:
    """Not."""

    part: Node


@frozen(eq=False)
class Many:
    """An `and`, which a false part decides, or an `or`, which a true part does."""

    parts: tuple[Node, ...]
    decisive: int


@frozen(eq=False)
class Covers:
    """Whether what a list has under the task's item covers it, the list's governing aside.

    `codes` narrow what counts to these items.
    """

    key: str
    codes: frozenset[str] | None


Node = Fixed | On | Pair | Opposite | Many | Covers

ITEM: Variable = ("item", None)


def every(parts: Iterable[Node]) -> Many:
    """True if all parts are."""
    return Many(tuple(parts), FALSE)


def some(parts: Iterable[Node]) -> Many:
    """True if one part is."""
    return Many(tuple(parts), TRUE)


class Plan:
    """The nodes of conditions, made once for each."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.policies = space.policies
        self._nodes: dict[int, tuple[p.Condition, Node]] = {}
        self._lists: dict[tuple[str, frozenset[str] | None], tuple[Node, Node]] = {}
        self._terms: dict[tuple[str, ...], Node] = {}

    def node(self, condition: p.Condition) -> Node:
        """A condition as a node."""
        found = self._nodes.get(id(condition))
        if found is None:
            found = (condition, self._make(condition))
            self._nodes[id(condition)] = found
        return found[1]

    def _make(self, condition: p.Condition) -> Node:
        match condition:
            case p.All(parts):
                return every(self.node(part) for part in parts)
            case p.Any(parts):
                return some(self.node(part) for part in parts)
            case p.Not(part):
                return Opposite(self.node(part))
            case p.Contains(fact, values, is_every):
                parts_of = tuple(On((fact, value), condition) for value in values)
                return every(parts_of) if is_every else some(parts_of)
            case p.Mentions(phrases):
                return some(On((fact, None), Mention(fact, phrases)) for fact in ("title", "text"))
            case p.InForce(interval):
                return Fixed(TRUE) if interval.is_always else On(("date", None), condition)
            case p.TermUse(terms):
                return self._term(terms)
            case p.OnList(lists, codes, off):
                kept = frozenset(codes) if codes else None
                return some(self._off(key, kept) if off else self.on(key, kept) for key in lists)
            case p.OnAnyList(negated):
                anywhere = some(self.on(key) for key, each in self.policies.lists.items() if not each.is_ban)
                return Opposite(anywhere) if negated else anywhere
        first, *others = dict.fromkeys(p.facts_of(condition))
        if others:
            assert isinstance(condition, p.Compare | p.Equal)
            return Pair(condition, (first, None), (others[0], None))
        return On((first, None), condition)

    def _term(self, keys: tuple[str, ...]) -> Node:
        if keys not in self._terms:
            terms = [self.policies.terms[key] for key in keys]
            alone = len(terms) == 1
            parts = [
                self.node(term.condition) if alone else every((self.node(term.applies), self.node(term.condition)))
                for term in terms
            ]
            self._terms[keys] = parts[0] if alone else some(parts)
        return self._terms[keys]

    # ---- lists ---------------------------------------------------------------------------------------------------------

    def on(self, key: str, codes: frozenset[str] | None = None) -> Node:
        """Whether a list, or what of it has these codes, governs and covers."""
        return every(self._list(key, codes))

    def _off(self, key: str, codes: frozenset[str] | None) -> Node:
        governs, covers = self._list(key, codes)
        return every((governs, Opposite(covers)))

    def _list(self, key: str, codes: frozenset[str] | None) -> tuple[Node, Node]:
        """Whether a list governs, and whether it, or what takes its place, covers."""
        if (key, codes) not in self._lists:
            governs, covers = self.node(self.policies.lists[key].governs), Covers(key, codes)
            whole: Node = covers
            if below := self.policies.implementers.get(key, ()):
                instead = [self._list(each, self._carrying(each, codes)) for each in below]
                replaced = some(node for node, _ in instead)
                theirs = some(every(pair) for pair in instead)
                whole = some((every((replaced, theirs)), every((Opposite(replaced), covers))))
            self._lists[key, codes] = (governs, whole)
        return self._lists[key, codes]

    def _carrying(self, key: str, codes: frozenset[str] | None) -> frozenset[str] | None:
        if codes is None:
            return None
        items = self.policies.lists[key].items
        return frozenset(item.code for item in items if item.code is not None and not codes.isdisjoint(item.carries))

    def classes(self, domain: Domain, covers: Covers) -> tuple[int, Node, tuple[tuple[int, Node], ...]]:
        """How the names of an item divide: those that the list doesn't have, and those of each of its items.

        Gives the mask of the former with what decides for them, then a mask for each item with what decides.
        """
        kept = (covers.key, covers.codes)
        if kept not in domain.kept:
            domain.kept[kept] = self._divide(domain, covers)
        return domain.kept[kept]  # type: ignore[return-value]

    def _divide(self, domain: Domain, covers: Covers) -> tuple[int, Node, tuple[tuple[int, Node], ...]]:
        task_list = self.policies.lists[covers.key]
        codes, titles = name_index(domain)
        masks: dict[tuple[int, ...], int] = {}
        items: dict[tuple[int, ...], tuple[p.Item, ...]] = {}
        taken = 0
        for table, index in ((task_list.by_code, codes), (task_list.by_title, titles)):
            added = 0
            for name, found in table.items():
                mask = index.get(name, 0) & ~taken
                chosen = tuple(item for item in found if covers.codes is None or item.code in covers.codes)
                if mask and (chosen or covers.codes is None):
                    key = tuple(map(id, chosen))
                    masks[key], items[key] = masks.get(key, 0) | mask, chosen
                added |= mask
            taken |= added
        named = tuple((mask, some(self.node(item.covers) for item in items[key])) for key, mask in masks.items())
        off = domain.whole & ~domain.untold
        for mask, _ in named:
            off &= ~mask
        return off, self._residue(task_list, covers), named

    def _residue(self, task_list: p.TaskList, covers: Covers) -> Node:
        """What decides for a name that the list doesn't have."""
        if covers.codes is not None:
            return Fixed(FALSE)
        parts = [self.node(item.covers) for item in task_list.otherwise]
        if task_list.extent == "partial":
            answer = task_list.answered_by
            parts.append(Fixed(UNKNOWN) if answer is None else self.node(p.YesNo(answer)))
        return some(parts)
