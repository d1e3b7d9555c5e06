"""That nothing is defined by itself: cycles through terms, lists and facts are refused, and so is too much depth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from burdenlib import policy as p
from burdenlib.checker.context import Context
from burdenlib.parser import MAX_DEPTH
from burdenlib.problems import Where
from burdenlib.words import Words

__all__ = ["check_order"]

MAX_CHAIN = 3 * MAX_DEPTH
"""How deep conditions may be nested through the terms and lists that they use."""


def check_order(
    context: Context,
    terms: Mapping[str, p.Term],
    lists: Mapping[str, p.TaskList],
    implementers: Mapping[str, tuple[str, ...]],
) -> None:
    """Report the first cycle that each term, list or fact is part of."""
    graph = _Graph(context, terms, lists, implementers)
    for node in (*terms, *lists, *context.facts):
        graph.visit(node)


class _Graph:
    """Depth-first search without recursion; `done` holds how deep each finished node goes."""

    def __init__(
        self,
        context: Context,
        terms: Mapping[str, p.Term],
        lists: Mapping[str, p.TaskList],
        implementers: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.context = context
        self.terms = terms
        self.lists = lists
        self.implementers = implementers
        self.admitting = tuple(key for key, each in lists.items() if not each.is_ban)
        self.done: dict[str, int] = {}

    def visit(self, root: str) -> None:
        if root in self.done:
            return
        path: list[tuple[str, Iterator[str]]] = [(root, self._uses(root))]
        on_path = {root: 0}
        deepest = {root: 0}
        while path:
            node, uses = path[-1]
            used = next(uses, None)
            if used is None:
                path.pop()
                del on_path[node]
                self.done[node] = deepest[node] + self._own_depth(node)
                if path:
                    above = path[-1][0]
                    deepest[above] = max(deepest[above], self.done[node])
                if self.done[node] > MAX_CHAIN:
                    self.context.report("too-deep", self._where(node), {"limit": str(MAX_CHAIN)})
                    self.done[node] = 0
            elif used in on_path:
                names = [
                    name.partition("@")[0] + "." + name.rpartition(".")[2] if "@" in name else name for name, _ in path
                ]
                cycle = [*names[on_path[used] :], names[on_path[used]]]
                self.context.report("cycle", self._where(used), {"cycle": Words(*(" → ".join(cycle),) * 2)})
            elif used in self.done:
                deepest[node] = max(deepest[node], self.done[used])
            else:
                on_path[used] = len(path)
                deepest[used] = 0
                path.append((used, self._uses(used)))

    def _where(self, node: str) -> Where:
        if node in self.terms:
            head = next(each for each in self.context.heads if node.startswith(each.key + "."))
            return self.context.declared[head.key][self.terms[node].name].head
        return self.lists[node].about.where if node in self.lists else self.context.facts[node].span

    def _conditions(self, node: str) -> Iterable[p.Condition]:
        if node in self.terms:
            return (self.terms[node].condition,)
        if node in self.lists:
            each = self.lists[node]
            return (each.governs, *(item.covers for item in (*each.items, *each.otherwise)))
        only_when = self.context.facts[node].only_when
        return () if only_when is None else (only_when,)

    def _own_depth(self, node: str) -> int:
        return max((_depth(condition) for condition in self._conditions(node)), default=0)

    def _uses(self, node: str) -> Iterator[str]:
        if node in self.lists:
            yield from self.implementers.get(node, ())
            if (answered_by := self.lists[node].answered_by) is not None:
                yield answered_by
        for condition in self._conditions(node):
            yield from (name for name in p.facts_of(condition) if name in self.context.facts)
            for leaf in p.leaves(condition):
                match leaf:
                    case p.TermUse(terms):
                        yield from terms
                    case p.OnList(lists):
                        yield from lists
                    case p.OnAnyList():
                        yield from self.admitting


def _depth(condition: p.Condition) -> int:
    return 1 + max((_depth(part) for part in p.parts_of(condition)), default=0)
