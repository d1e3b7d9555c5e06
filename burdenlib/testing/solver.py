"""Whether conditions over a few values can hold together: a small search that is complete, within a bound.

A variable has one of finitely many values, numbered from 0; a *literal* says that its value is among those in a bit
mask. Nodes are literals, `and` and `or`, each made once; a negation is pushed down to the literals. The search narrows
what the variables may be by all that has to hold, and tries the parts of an `or` one after the other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final, Literal

from burdenlib.compiled.formula import flattened

__all__ = ["FALSE", "TRUE", "Node", "Nodes", "TooHardError", "solve"]

LIMIT = 20_000
"""How often the search may look at what has to hold before it gives up."""


class TooHardError(Exception):
    """The search was given up."""


class Node:
    """A literal, an `and` or an `or`, known by its identity; `variables` are those below it, as a bit mask."""

    __slots__ = ("mask", "number", "operator", "opposite", "parts", "size", "variable", "variables")

    def __init__(
        self,
        number: int,
        operator: Literal["true", "false", "literal", "and", "or"],
        parts: tuple[Node, ...] = (),
        variable: int = -1,
        mask: int = 0,
    ) -> None:
        self.number = number
        self.operator = operator
        self.parts = parts
        self.variable = variable
        self.mask = mask
        self.opposite: Node | None = None
        self.size: int = 1 + sum(part.size for part in parts)
        self.variables = 0 if variable < 0 else 1 << variable
        for part in parts:
            self.variables |= part.variables

    def __repr__(self) -> str:
        if self.operator == "literal":
            return f"v{self.variable}:{self.mask:b}"
        return f"{self.operator}({', '.join(map(repr, self.parts))})" if self.parts else self.operator


TRUE: Final = Node(0, "true")
FALSE: Final = Node(1, "false")
TRUE.opposite, FALSE.opposite = FALSE, TRUE


class Nodes:
    """Makes nodes; `domains` are the values that each variable may have, as bit masks."""

    def __init__(self) -> None:
        self.domains: list[int] = []
        self._made: dict[Hashable, Node] = {}

    def variable(self, domain: int) -> int:
        """A new variable with these values."""
        self.domains.append(domain)
        return len(self.domains) - 1

    def _make(
        self, operator: Literal["literal", "and", "or"], parts: tuple[Node, ...] = (), variable: int = -1, mask: int = 0
    ) -> Node:
        key = (operator, *sorted(part.number for part in parts), variable, mask)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Node(len(self._made) + 2, operator, parts, variable, mask)
        return found

    def literal(self, variable: int, mask: int) -> Node:
        """That a variable has one of these values."""
        mask &= self.domains[variable]
        if not mask:
            return FALSE
        return TRUE if mask == self.domains[variable] else self._make("literal", variable=variable, mask=mask)

    def negate(self, node: Node) -> Node:
        """Not."""
        if node.opposite is None:
            match node.operator:
                case "literal":
                    found = self.literal(node.variable, ~node.mask)
                case "and":
                    found = self.either(map(self.negate, node.parts))
                case _:
                    found = self.both(map(self.negate, node.parts))
            node.opposite, found.opposite = found, node
        return node.opposite

    def both(self, parts: Iterable[Node]) -> Node:
        """And."""
        return self._join("and", parts, FALSE, TRUE)

    def either(self, parts: Iterable[Node]) -> Node:
        """Or."""
        return self._join("or", parts, TRUE, FALSE)

    def differ(self, one: Node, other: Node) -> Node:
        """That exactly one of two holds."""
        if one is other:
            return FALSE
        return self.either((self.both((one, self.negate(other))), self.both((self.negate(one), other))))

    def _join(self, operator: Literal["and", "or"], parts: Iterable[Node], zero: Node, one: Node) -> Node:
        found: dict[Node, None] = {}
        masks: dict[int, int] = {}
        for part in flattened(operator, parts):
            if part is zero:
                return zero
            if part.operator == "literal":
                before = masks.get(part.variable)
                mask = part.mask if before is None else before & part.mask if operator == "and" else before | part.mask
                masks[part.variable] = mask
            elif part is not one:
                found[part] = None
        literals = [self.literal(variable, mask) for variable, mask in masks.items()]
        if zero in literals or any(part.opposite in found for part in found):
            return zero
        every = (*literals, *found)
        if not every:
            return one
        return every[0] if len(every) == 1 else self._make(operator, every)


# ---- the search -------------------------------------------------------------------------------------------------------------


class _Conflict(Exception):  # noqa: N818  # it is no error
    """What has to hold contradicts itself."""


class _State:
    """What the variables may still be, what holds, and the `or`s of which a part has to be found."""

    __slots__ = ("clauses", "domains", "holds", "nodes")

    def __init__(self, nodes: Nodes, domains: list[int], holds: dict[Node, Node], clauses: tuple[Node, ...]) -> None:
        self.nodes = nodes
        self.domains = domains
        self.holds = holds
        self.clauses = clauses

    def having(self, wanted: Iterable[Node]) -> _State:
        """The state once these hold as well, and all that follows by itself."""
        state = _State(self.nodes, list(self.domains), dict(self.holds), self.clauses)
        state._add(wanted)
        return state

    def _add(self, wanted: Iterable[Node]) -> None:
        todo, clauses = list(wanted), dict.fromkeys(self.clauses)
        while todo:
            done: dict[Node, Node] = {}
            moved = 0
            fresh: dict[Node, None] = {}
            while todo:
                node = self._now(todo.pop(), {})
                if node is FALSE:
                    raise _Conflict
                if node.operator == "and":
                    todo += node.parts
                elif node.operator == "literal":
                    self.domains[node.variable] &= node.mask
                    moved |= node.variables
                elif node.operator == "or":
                    fresh[node] = None
                    self.holds[node] = TRUE
                    self.holds[self.nodes.negate(node)] = FALSE
            waiting = {**clauses, **fresh}
            clauses = {}
            for clause in waiting:
                now = self._inside(clause, done)
                if now.operator == "or":
                    clauses[now] = None
                elif now is not TRUE:
                    todo.append(now)
            if moved and not todo:
                continue
        self.clauses = tuple(clauses)

    def _now(self, node: Node, done: dict[Node, Node]) -> Node:
        """A node as it is where all this holds."""
        found = self.holds.get(node)
        return self._inside(node, done) if found is None else found

    def _inside(self, node: Node, done: dict[Node, Node]) -> Node:
        if node.operator == "literal":
            domain = self.domains[node.variable]
            mask = node.mask & domain
            return FALSE if not mask else TRUE if mask == domain else node
        found = done.get(node)
        if found is None:
            if not node.parts:
                return node
            parts = tuple([self._now(part, done) for part in node.parts])
            if parts == node.parts:
                found = node
            else:
                found = self.nodes.both(parts) if node.operator == "and" else self.nodes.either(parts)
            done[node] = found
        return found


def solve(nodes: Nodes, wanted: Sequence[Node], *, limit: int = LIMIT) -> Mapping[int, int] | None:
    """Values of the variables for which all nodes hold, as bit masks of what each may be; `None` if there are none.

    Raises `TooHardError` where that isn't found out within the limit.
    """
    start = _State(nodes, list(nodes.domains), {}, ())
    todo: list[tuple[_State, tuple[Node, ...]]] = [(start, tuple(wanted))]
    looked = 0
    while todo:
        state, more = todo.pop()
        if (looked := looked + 1) > limit:
            raise TooHardError
        try:
            state = state.having(more)
        except _Conflict:
            continue
        if not state.clauses:
            return dict(enumerate(state.domains))
        clause = min(state.clauses, key=lambda each: (len(each.parts), each.size))
        first, *rest = sorted(clause.parts, key=lambda part: part.size)
        others = nodes.either(rest)
        todo.append((state, (nodes.negate(first), others)))
        todo.append((state, (first,)))
    return None
