"""What an example can see of the answers under two sets of documents, and whether some task shows a difference.

Both sets become formulas over the same variables; each three-valued formula becomes two that hold or not: that it is
true, and that it isn't false. Then a task is looked for on which the status differs, or what is named for it: what
rejects it, what admits it, or which duties come with it. Wordings, and most facts that are compared with each other,
are taken to come out in any way: where no such task is found there is none, but one that is found need not exist.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from attrs import frozen

from burdenlib import policy as p
from burdenlib.compiled.formula import UNTOLD, Formula
from burdenlib.compiled.meaning import Meaning, Part, conditions_of, is_supported
from burdenlib.compiled.variables import (
    FactVariable,
    ItemVariable,
    LeftToInterpreterError,
    PairVariable,
    SetVariable,
    View,
)
from burdenlib.evaluator import Evaluator
from burdenlib.facts import NONE
from burdenlib.lists import normal_title
from burdenlib.logic import Truth
from burdenlib.places import ancestors
from burdenlib.task import Known
from burdenlib.testing.sameness import values_of
from burdenlib.testing.solver import FALSE, TRUE, Node, Nodes, TooHardError, solve

__all__ = ["Likeness", "likeness"]

Likeness = Literal["answers", "examples", ""]
"""How alike the answers under two sets of documents are for every task.

`answers`: the status is the same, and so is all that an answer names. `examples`: one side may name more of what
rejects or admits; as an example can only expect that something is named, none that holds there fails here. Empty: not
shown to be alike.
"""


def likeness(before: p.PolicySet, after: p.PolicySet) -> Likeness:
    """How alike two sets of documents answer, of which the second one must name all that the first one does."""
    try:
        found = _comparison(before, after)
        if found is None or not _never(found, found.seen_by_examples()):
            return ""
        return "answers" if _never(found, found.seen_in_answers()) else "examples"
    except (LeftToInterpreterError, TooHardError):
        return ""


def _never(found: _Comparison, goals: Iterable[Sequence[Node]]) -> bool:
    """Whether no task shows any of these."""
    return all(solve(found.nodes, goal) is None for goal in goals)


# ---- two sets of documents as formulas over the same variables ------------------------------------------------------------------


class _Item(ItemVariable):
    """The item as one side reads it: what it finds on one of the lists in `own` isn't what the other side finds."""

    def __init__(self, policies: p.PolicySet, own: frozenset[str], mark: str) -> None:
        super().__init__(policies)
        self._own = own
        self._mark = mark
        self._lists: dict[View, str] = {}

    def view(self, key: str, codes: tuple[str, ...] | None) -> View:
        """Take note of a list, narrowed or not, on which the item is looked for."""
        name, narrowed = super().view(key, codes)
        found = (name + self._mark if key in self._own else name, narrowed)
        self._lists[found] = key
        return found

    def finds(self, code: str, title: str) -> frozenset[Hashable]:
        """What a text that reads as this code and this title finds."""
        found: set[Hashable] = set()
        for view, key in self._lists.items():
            task_list = self.policies.lists[key]
            for item in task_list.by_code.get(code) or task_list.by_title.get(title, ()):
                if not view[1] or item.code in view[1]:
                    found |= {view, (view, self.covers[id(item)])}
        return frozenset(found)


_OTHERS: Sequence[p.RuleKind] = ("duty", "limit")


class _Side(Meaning):
    """One of two sets of documents; the second one takes its variables from the first one.

    `others` are the formulas of duties and limits: once both sides are made, no variable is added.
    """

    item: _Item

    def __init__(
        self, policies: p.PolicySet, other: p.PolicySet, own: frozenset[str], first: _Side | None = None
    ) -> None:
        self._other = other
        self._own = own
        self._first = first
        super().__init__(policies)
        self.others = {rule.key: self.formula(rule.fires) for kind in _OTHERS for _, rule in policies.rules(kind)}

    def _declare(self) -> None:
        first = self._first
        if first is None:
            super()._declare()
        else:
            self.variables, self.make = first.variables, first.make
            self._of_fact, self._pairs, self._mentions = first._of_fact, first._pairs, first._mentions  # noqa: SLF001  # our own
        self.item = _Item(self.policies, self._own, " before" if first is None else " after")

    def _conditions(self) -> Iterator[p.Condition]:
        yield from super()._conditions()
        yield from conditions_of(self._other)
        for policy in self._other.policies:
            yield from (p.Equal("target", place) for place in ancestors(policy.place) if place)


def _sides(before: p.PolicySet, after: p.PolicySet) -> tuple[_Side, _Side] | None:
    """Both sets as formulas; `None` where something differs that isn't compared."""
    if not (is_supported(before) and is_supported(after)) or _fixed(before) != _fixed(after):
        return None
    every = frozenset(before.lists) | frozenset(after.lists)
    changed = (key for key in every if _items(before, key) != _items(after, key))
    for own in (frozenset(changed), every):
        one = _Side(before, after, own)
        other = _Side(after, before, own, one)
        if all(_covers(one, key) == _covers(other, key) for key in every - own):
            return one, other
    return None


def _fixed(policies: p.PolicySet) -> object:
    """What has to be the same on both sides: facts, wordings, and what limits allow."""
    return (
        {name: (fact.type, fact.only_when) for name, fact in policies.facts.items()},
        {key: (each.wordings, each.excluded) for key, each in policies.phrases.items()},
        {rule.key: rule.quota for _, rule in policies.rules("limit")},
    )


def _items(policies: p.PolicySet, key: str) -> list[object] | None:
    if key not in policies.lists:
        return None
    return [(each.code, each.title, each.also, each.covers) for each in policies.lists[key].items]


def _covers(side: _Side, key: str) -> list[int | None]:
    """The numbers of the formulas under which the items of a list cover."""
    return [side.item.covers.get(id(item)) for item in side.policies.lists[key].items]


# ---- three-valued formulas as nodes ---------------------------------------------------------------------------------------------


class _Translator:
    """Makes nodes of formulas; a variable is asked for by its number, or by what it stands for."""

    def __init__(self, one: _Side, other: _Side) -> None:
        self.nodes = Nodes()
        self.one = one
        self._variables: dict[Hashable, int] = {}
        self._days: dict[Hashable, tuple[int, Mapping[int, tuple[Truth, ...]]]] = {}
        self._done: dict[tuple[Formula, bool], Node] = {}
        self._facts = {
            each.fact.name: (number, each)
            for number, each in enumerate(one.variables)
            if isinstance(each, FactVariable)
        }
        self._classes = _classes(one.item, other.item)

    def node(self, formula: Formula, *, maybe: bool = False) -> Node:
        """That a formula is true, or (`maybe`) that it isn't false."""
        found = self._done.get((formula, maybe))
        if found is None:
            found = self._done[formula, maybe] = self._node(formula, maybe=maybe)
        return found

    def _node(self, formula: Formula, *, maybe: bool) -> Node:
        nodes = self.nodes
        match formula.operator:
            case "constant":
                return TRUE if formula.truth or (maybe and formula.truth is None) else FALSE
            case "not":
                return nodes.negate(self.node(formula.parts[0], maybe=not maybe))
            case "maybe":
                return self.node(formula.parts[0], maybe=True)
            case "and":
                return nodes.both([self.node(part, maybe=maybe) for part in formula.parts])
            case "or":
                return nodes.either([self.node(part, maybe=maybe) for part in formula.parts])
            case "codes":
                return nodes.literal(self._variable(formula.variable), formula.mask | maybe)
            case "found":
                return nodes.literal(self._variable(0), self._finding(formula.payload) | maybe)
            case "bit":
                return self._free((formula.variable, formula.mask), maybe=maybe)
        return self._compared(formula, maybe=maybe)

    def _finding(self, payload: Hashable) -> int:
        """The classes of items that find something."""
        return sum(1 << code for code, held in enumerate(self._classes) if payload != UNTOLD and payload in held)

    def _free(self, key: Hashable, *, maybe: bool) -> Node:
        """What comes out unknown, false or true, whatever else holds."""
        if key not in self._variables:
            self._variables[key] = self.nodes.variable(0b111)
        return self.nodes.literal(self._variables[key], 0b101 if maybe else 0b100)

    def _variable(self, number: int) -> int:
        if number not in self._variables:
            self._variables[number] = self.nodes.variable(self._domain(number))
        return self._variables[number]

    def _domain(self, number: int) -> int:
        """The codes that a variable can have; perhaps more."""
        if number == 0:
            return (1 << len(self._classes)) - 1
        variable = self.one.variables[number]
        assert not isinstance(variable, SetVariable | ItemVariable)
        if isinstance(variable, FactVariable):
            kind = variable.fact.type
            none = {variable.code(NONE)} if kind.or_none else set()
            match kind.kind:
                case "yes_no":
                    return _mask({0, variable.code(True), variable.code(False)})
                case "one_of" | "ordered":
                    return _mask({0, *none, *map(variable.code, kind.names)})
                case "date":
                    return _mask({0, *none, *self._real(variable)})
        return (2 << variable.size) - 1

    # ---- two facts -----------------------------------------------------------------------------------------------------

    def _compared(self, formula: Formula, *, maybe: bool) -> Node:
        """What two facts have to do with each other; of days, true only if both are told, open only if one isn't."""
        pair = self.one.variables[formula.variable]
        assert isinstance(pair, PairVariable)
        if not _is_of_days(pair):
            return self._free(formula, maybe=maybe)
        nodes = self.nodes
        variable, outcomes = self._lying(pair)
        truths = outcomes[formula.variable]
        told = nodes.both(map(self._is_told, pair.keys))
        if not maybe:
            return nodes.both((nodes.literal(variable, _mask(n for n, each in enumerate(truths) if each)), told))
        untold = nodes.either(map(self._is_untold, pair.keys))
        open_ = nodes.literal(variable, _mask(n for n, each in enumerate(truths) if each is not False))
        return nodes.both((open_, nodes.either((untold, told))))

    def _is_told(self, name: str) -> Node:
        """That a day is known; where no condition tells *none* from a day, that may be."""
        number, variable = self._facts[name]
        return self.nodes.literal(self._variable(number), _mask(self._real(variable)))

    def _is_untold(self, name: str) -> Node:
        return self.nodes.literal(self._variable(self._facts[name][0]), 1)

    def _real(self, variable: FactVariable) -> set[int]:
        """The codes of days."""
        values, _ = values_of(self.one.policies, variable.fact.name, variable.leaves)
        return {variable.code(value) for value in values if isinstance(value, date)}

    def _lying(self, pair: PairVariable) -> tuple[int, Mapping[int, tuple[Truth, ...]]]:
        """How two days lie to each other: a variable, and for each comparison of them what it comes to, by its values."""
        if pair.keys not in self._days:
            every = {
                number: each.leaf
                for number, each in enumerate(self.one.variables)
                if isinstance(each, PairVariable) and each.keys == pair.keys and _is_of_days(each)
            }
            rows = list(dict.fromkeys(_outcomes(pair.bare, [*every.values()])))
            variable = self.nodes.variable((1 << len(rows)) - 1)
            self._days[pair.keys] = variable, dict(zip(every, zip(*rows, strict=True), strict=True))
        return self._days[pair.keys]


def _mask(codes: Iterable[int]) -> int:
    mask = 0
    for code in codes:
        mask |= 1 << code
    return mask


def _classes(one: _Item, other: _Item) -> list[frozenset[Hashable]]:
    """What the texts of items can find on both sides; for the first, none is told, and the second finds nothing.

    A text reads as a code, and that as a title, so that every code and every title is looked at once.
    """
    lists = [each for side in (one, other) for each in side.policies.lists.values()]
    codes = sorted({code for each in lists for code in each.by_code})
    titles = sorted({title for each in lists for title in each.by_title})
    texts = [("", ""), *((code, normal_title(code)) for code in codes), *(("", title) for title in titles)]
    return [frozenset(), *dict.fromkeys(one.finds(*text) | other.finds(*text) for text in texts)]


def _is_of_days(pair: PairVariable) -> bool:
    """Whether two different dates are compared that are a number of days apart."""
    leaf = pair.leaf
    if not isinstance(leaf, p.Compare) or pair.kinds[0].kind != "date" or pair.keys[0] == pair.keys[1]:
        return False
    return isinstance(leaf.amount, p.FactRef) or (isinstance(leaf.amount, p.Offset) and not leaf.amount.working)


def _outcomes(policies: p.PolicySet, leaves: Sequence[p.Condition]) -> Iterator[tuple[Truth, ...]]:
    """What comparisons of the same two dates come to, for every way in which these can lie to each other.

    Days next to the ends of the calendar, after which there are none to count, are left out.
    """
    compared = [leaf for leaf in leaves if isinstance(leaf, p.Compare)]
    one, other = p.facts_of_leaf(compared[0])
    edges = {leaf.amount.days if isinstance(leaf.amount, p.Offset) else 0 for leaf in compared}
    steps = sorted({edge + more for edge in edges for more in (-1, 0, 1)})
    start = date(2024, 6, 3)
    yield (None,) * len(leaves)
    yield (False,) * len(leaves)
    for step in steps:
        evaluator = Evaluator(policies, {one: Known(start + timedelta(step)), other: Known(start)})
        yield tuple(evaluator.prove(leaf).truth for leaf in leaves)


# ---- what is seen -----------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class _Seen:
    """What one side says of a task: by name what rejects it, what admits it and what is owed.

    `counts` are by the keys of limits whether they count it, and whether they may. `suspects` are what may reject, `grounds` what admits, with or without a name, `narrower` what may lie inside.
    """

    rejects: Mapping[str, Node]
    admits: Mapping[str, Node]
    owed: Mapping[str, Node]
    counts: Mapping[str, tuple[Node, Node]]
    suspects: tuple[Node, ...]
    grounds: tuple[Node, ...]
    narrower: tuple[Node, ...]


def _seen(side: _Side, to: _Translator) -> _Seen:
    charges, grounds, narrower = (
        [part for part in side.parts if part.role == role] for role in ("charge", "ground", "narrower")
    )
    duties, limits = ([rule for _, rule in side.policies.rules(kind)] for kind in _OTHERS)
    return _Seen(
        _by_name(to, [pair for part in charges for pair in _reasons(side, part, to)]),
        _by_name(to, [_admission(part, to) for part in grounds]),
        _by_name(to, [(rule.name, to.node(side.others[rule.key], maybe=True)) for rule in duties]),
        {rule.key: _both_ways(to, side.others[rule.key]) for rule in limits},
        tuple(to.node(part.formula, maybe=True) for part in charges),
        tuple(to.node(part.formula) for part in grounds),
        tuple(to.node(part.formula, maybe=True) for part in narrower),
    )


def _both_ways(to: _Translator, formula: Formula) -> tuple[Node, Node]:
    return to.node(formula), to.node(formula, maybe=True)


def _by_name(to: _Translator, pairs: Sequence[tuple[str, Node]]) -> Mapping[str, Node]:
    found: dict[str, list[Node]] = {}
    for name, node in pairs:
        found.setdefault(name, []).append(node)
    return {name: to.nodes.either(each) for name, each in found.items()}


def _reasons(side: _Side, part: Part, to: _Translator) -> Iterator[tuple[str, Node]]:
    """When a charge is a reason, by the names under which it can be one: who shuts out names the first list that governs."""
    sure = to.node(part.formula)
    named = part.rule or part.task_list
    if named is not None:
        yield named.name, sure
        return
    earlier: list[Node] = []
    for each in part.policy.lists:
        if each.shuts_out:
            governs = to.node(side.governs(each.key))
            yield each.name, to.nodes.both((sure, governs, *earlier))
            earlier.append(to.nodes.negate(governs))


def _admission(part: Part, to: _Translator) -> tuple[str, Node]:
    """When a ground is named as one that admits: a list whose place another one takes isn't."""
    named = part.rule or part.task_list
    assert named is not None
    replaced = [to.nodes.negate(to.node(each)) for each in part.details] if part.rule is None else []
    return named.name, to.nodes.both((to.node(part.formula), *replaced))


@frozen(eq=False)
class _Comparison:
    """What both sides say, over the same nodes; each goal is a row of nodes that hold together where they differ."""

    nodes: Nodes
    before: _Seen
    after: _Seen

    def seen_by_examples(self) -> Iterator[Sequence[Node]]:
        """The status, all duties, and what is named before and not after."""
        yield self._one_alone([*self.before.rejects.values()], [*self.after.rejects.values()])
        for one, other in ((self.before, self.after), (self.after, self.before)):
            yield (*self._accepted(one), self.nodes.negate(self.nodes.both(self._accepted(other))))
        for mine, theirs in _named(self.before.owed, self.after.owed):
            yield (self.nodes.differ(mine, theirs), *self._accepted(self.before))
        yield from self._lost(self.before, self.after)
        yield from self._counted()

    def seen_in_answers(self) -> Iterator[Sequence[Node]]:
        """What is named after and not before."""
        yield from self._lost(self.after, self.before)

    def _counted(self) -> Iterator[Sequence[Node]]:
        """What limits may count of all that isn't rejected, and what they count of what is accepted.

        Nothing that is accepted may be open: what a limit asks for then hangs on how its condition is written.
        """
        kept = [self.nodes.negate(each) for each in self.before.rejects.values()]
        accepted = self._accepted(self.before)
        for key, (sure, maybe) in self.before.counts.items():
            now = self.after.counts[key]
            if (sure, maybe) != now:
                yield (self.nodes.differ(maybe, now[1]), *kept)
                yield (self.nodes.differ(sure, now[0]), *accepted)
                yield (maybe, self.nodes.negate(sure), *accepted)

    def _lost(self, here: _Seen, there: _Seen) -> Iterator[Sequence[Node]]:
        for one, other in _named(here.rejects, there.rejects):
            yield (one, self.nodes.negate(other))
        for one, other in _named(here.admits, there.admits):
            yield (one, self.nodes.negate(other), *self._accepted(self.before))

    def _accepted(self, seen: _Seen) -> tuple[Node, ...]:
        off = map(self.nodes.negate, (*seen.suspects, *seen.narrower))
        return (*off, self.nodes.either(seen.grounds))

    def _one_alone(self, one: Sequence[Node], other: Sequence[Node]) -> Sequence[Node]:
        """That something holds on one side and nothing on the other, so that what they have in common is off."""
        common = [node for node in one if node in other]
        left = (self.nodes.either(node for node in each if node not in common) for each in (one, other))
        return (self.nodes.differ(*left), *map(self.nodes.negate, common))


def _named(one: Mapping[str, Node], other: Mapping[str, Node]) -> Iterator[tuple[Node, Node]]:
    """What two sides say under each name, where that isn't the same node."""
    pairs = ((one.get(name, FALSE), other.get(name, FALSE)) for name in {**one, **other})
    return (pair for pair in pairs if pair[0] is not pair[1])


def _comparison(before: p.PolicySet, after: p.PolicySet) -> _Comparison | None:
    sides = _sides(before, after)
    if sides is None:
        return None
    to = _Translator(*sides)
    one, other = (_seen(side, to) for side in sides)
    return _Comparison(to.nodes, one, other)
