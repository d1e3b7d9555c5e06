"""Facts under which conditions have chosen truths, found by taking the conditions apart.

An `and` is true where all its parts are, false where one chosen part is, and so on down to the leaves, each of which
narrows the candidates of one fact. Choices are left to a chooser; where they contradict each other, others are tried,
up to a bound. What is found has been checked with the interpreter.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from attrs import frozen

from burdenlib import policy as p
from burdenlib.evaluator import Evaluator, nonexistent_value, shift
from burdenlib.facts import SetValue, Value
from burdenlib.judge import Charge, Ground
from burdenlib.logic import Truth
from burdenlib.task import Known
from burdenlib.testing.domains import FALSE, TRUE, UNKNOWN, Domain, Variable, bit_of, space_of
from burdenlib.testing.plan import ITEM, Covers, Fixed, Many, Node, On, Opposite, Pair, Plan

__all__ = ["Chance", "Chooser", "Goal", "charges_of", "covered", "grounds_of", "reach", "reading_of"]

STEPS, DEAD_ENDS, ATTEMPTS = 20_000, 120, 4
"""The bounds of a search: steps and dead ends of one attempt, and attempts."""


class Chooser(Protocol):
    """Makes the choices of a search."""

    def below(self, count: int) -> int:
        """A number from 0 up to count - 1; 0 is the plainest choice."""


class Chance:
    """Chooses at random, the same way for the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311  # choices that can be repeated, no secret

    def below(self, count: int) -> int:
        """A number from 0 up to count - 1."""
        return int(self._random.random() * count)


@frozen
class Goal:
    """A condition and the truth that it should have; `None` is unknown."""

    condition: p.Condition
    truth: Truth = True


def reach(
    policies: p.PolicySet,
    goals: Sequence[Goal],
    chooser: Chooser,
    *,
    start: Mapping[str, Value] | None = None,
) -> dict[str, Value] | None:
    """Facts under which every goal has its truth, or `None` if none were found.

    Few facts are told, and each of them may be told of such a task. `start` are facts that have to be as they are.
    """
    for attempt in range(ATTEMPTS):
        chosen = chooser if attempt == 0 else Chance(chooser.below(1 << 16) + attempt)
        found = _Search(policies, goals, chosen, start or {}).run()
        if found is not None:
            return found
    return None


# ---- conditions for what judges -----------------------------------------------------------------------------------------


def covered(task_list: p.TaskList, item: p.Item | None = None) -> p.Condition:
    """That a list covers a task, or that this item of it, or of what carries it out, does."""
    return p.OnList((task_list.key,), () if item is None or item.code is None else (item.code,))


def reading_of(policies: p.PolicySet, each: Charge | Ground) -> p.Condition:
    """What makes something reject or admit, as one condition."""
    if each.rule is not None:
        return each.rule.fires
    one = each.ban_list if isinstance(each, Charge) else each.task_list
    if one is not None:
        return p.All((covered(one), *(p.Not(unless) for unless in one.unless))) if one.is_ban else covered(one)
    shutting = [task_list for task_list in each.policy.lists if task_list.shuts_out]
    reaching = [
        p.All((task_list.governs, rule.fires))
        for task_list in shutting
        for _, rule in policies.rules("admit")
        if task_list.key in rule.reaches
    ]
    on_own = tuple(covered(task_list) for task_list in each.policy.lists if not task_list.is_ban)
    governed = tuple(task_list.governs for task_list in shutting)
    return p.All((p.Any(governed), p.Not(p.Any(on_own)), p.Not(p.Any(tuple(reaching)))))


@lru_cache(maxsize=8)
def charges_of(policies: p.PolicySet) -> Mapping[Charge, p.Condition]:
    """Everything that can reject a task, with its condition."""
    found: list[Charge] = []
    for policy in policies.policies:
        found += [Charge(policy, rule=rule) for rule in policy.rules if rule.kind in ("ban", "require")]
        found += [Charge(policy, ban_list=each) for each in policy.lists if each.is_ban]
        found += [Charge(policy)] if any(each.shuts_out for each in policy.lists) else []
    return {charge: reading_of(policies, charge) for charge in found}


@lru_cache(maxsize=8)
def grounds_of(policies: p.PolicySet) -> Mapping[Ground, p.Condition]:
    """Everything that can admit a task, with its condition."""
    found: list[Ground] = []
    for policy in policies.policies:
        found += [Ground(policy, rule=rule) for rule in policy.rules if rule.kind == "admit"]
        found += [Ground(policy, task_list=each) for each in policy.lists if not each.is_ban]
    return {ground: reading_of(policies, ground) for ground in found}


@lru_cache(maxsize=8)
def _plan_of(policies: p.PolicySet) -> Plan:
    return Plan(space_of(policies))


# ---- steps ----------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class _Wish:
    """That a node has one of these truths."""

    node: Node
    allowed: int


@frozen(eq=False)
class _Narrow:
    """That a variable has one of these candidates."""

    variable: Variable
    mask: int


@frozen(eq=False)
class _Tell:
    """That a variable has one value, which the chooser chooses."""

    variable: Variable


@frozen(eq=False)
class _Bind:
    """That a leaf on two facts has one of these truths, one of them having its value."""

    pair: Pair
    fixed: Variable
    allowed: int


@frozen(eq=False)
class _Try:
    """That one of these does, the first that can, in this order."""

    options: _Ways


_Step = _Wish | _Narrow | _Tell | _Bind | _Try
_Ways = tuple[tuple[_Step, ...], ...]


@frozen(eq=False)
class _State:
    """The candidates that a variable still has, and the leaves that narrowed it while both facts were open."""

    domain: Domain
    mask: int
    wishes: tuple[tuple[On, int], ...] = ()


class _DeadEnd(Exception):  # noqa: N818  # it is no error
    """Two goals contradict each other."""


class _Search:
    def __init__(
        self, policies: p.PolicySet, goals: Sequence[Goal], chooser: Chooser, start: Mapping[str, Value]
    ) -> None:
        self.policies = policies
        self.goals = goals
        self.chooser = chooser
        self.start = start
        self.plan = _plan_of(policies)
        self.space = self.plan.space
        self.states: dict[Variable, _State] = {}
        self.agenda: list[_Step] = []
        self.later: list[_Step] = []

    def run(self) -> dict[str, Value] | None:
        """The facts, or `None` if the bounds were met or nothing is left to try."""
        try:
            self._begin()
        except _DeadEnd:
            return None
        trail: list[tuple[dict[Variable, _State], list[_Step], list[_Step], _Ways]] = []
        dead_ends = 0
        for _ in range(STEPS):
            try:
                options = self._advance()
                if options is None:
                    return self._facts()
            except _DeadEnd:
                dead_ends += 1
                if not trail or dead_ends > DEAD_ENDS:
                    return None
                self.states, self.agenda, self.later, options = trail.pop()
            if len(options) > 1:
                trail.append((dict(self.states), list(self.agenda), list(self.later), options[1:]))
            self.agenda += reversed(options[0])
        return None

    def _begin(self) -> None:
        for name, value in self.start.items():
            self._begin_with(name, value)
        self.agenda += [_Wish(self.plan.node(goal.condition), bit_of(goal.truth)) for goal in reversed(self.goals)]

    def _begin_with(self, name: str, value: Value) -> None:
        if isinstance(value, SetValue):
            for member in sorted(value.includes | value.excludes):
                self._narrow((name, member), 2 if member in value.includes else 1)
            return
        variable = (name, None)
        domain = self.space.domain(variable)
        if value not in domain.values:
            domain = domain.with_more([value])
        self.states[variable] = _State(domain, domain.whole)
        self._narrow(variable, 1 << domain.values.index(value))

    def _advance(self) -> _Ways | None:
        """Take the next step; give the options where there are several, `None` where all is done."""
        while self.agenda:
            step = self.agenda.pop()
            options = self._options(step, whole=False)
            if options is None:
                self.later.append(step)
            elif len(options) == 1:
                self.agenda += reversed(options[0])
            elif options:
                return options
        if self.later:
            step = self.later.pop(0)
            options = self._options(step, whole=True)
            assert options is not None
            return options or ((),)
        for variable, state in self.states.items():
            if not state.mask & state.domain.untold and state.mask & (state.mask - 1):
                return ((_Tell(variable),),)
        return None

    def _options(self, step: _Step, *, whole: bool) -> _Ways | None:
        """The ways to take a step: none where nothing is left to do, `None` to come back to a choice later."""
        match step:
            case _Narrow(variable, mask):
                self._narrow(variable, mask)
                return ()
            case _Tell(variable):
                return self._tell(variable)
            case _Bind():
                self._bind(step)
                return ()
            case _Try(options):
                return options
        return self._wish(step.node, step.allowed, whole=whole)

    # ---- what a node can be ------------------------------------------------------------------------------------------

    def _state(self, variable: Variable) -> _State:
        state = self.states.get(variable)
        if state is None:
            domain = self.space.domain(variable)
            state = _State(domain, domain.whole)
        return state

    def _possible(self, node: Node) -> int:
        """The truths that a node may still have, and perhaps more."""
        if isinstance(node, On):  # most time of a search is spent here
            state = self.states.get(node.variable)
            domain = self.space.domain(node.variable) if state is None else state.domain
            mask = domain.whole if state is None else state.mask
            false, unknown, true = self.space.masks(domain, node.leaf)
            return (FALSE if mask & false else 0) | (UNKNOWN if mask & unknown else 0) | (TRUE if mask & true else 0)
        if isinstance(node, Many):
            decisive, possible = node.decisive, self._possible
            joined, found = _JOINED[decisive], FALSE + TRUE - decisive
            for part in node.parts:
                found = joined[found][possible(part)]
                if found == decisive:
                    return found
            return found
        if isinstance(node, Opposite):
            return _NEGATED[self._possible(node.part)]
        if isinstance(node, Fixed):
            return node.truth
        if isinstance(node, Covers):
            return self._possible_cover(node)
        one, other = self._state(node.one), self._state(node.other)
        unknown = (one.mask & one.domain.untold) | (other.mask & other.domain.untold)
        told = one.mask != one.domain.untold and other.mask != other.domain.untold
        return (UNKNOWN if unknown else 0) | (FALSE | TRUE if told else 0)

    def _possible_cover(self, node: Covers) -> int:
        state = self._state(ITEM)
        off, residue, named = self.plan.classes(state.domain, node)
        found = UNKNOWN if state.mask & state.domain.untold else 0
        if found and state.mask & off and len(named) > 1:
            return FALSE | UNKNOWN | TRUE
        if state.mask & off:
            found |= self._possible(residue)
        if state.mask & ~off & ~state.domain.untold:
            for mask, covers in named:
                if state.mask & mask:
                    found |= self._possible(covers)
                    if found == FALSE | UNKNOWN | TRUE:
                        break
        return found

    # ---- goals ---------------------------------------------------------------------------------------------------------

    def _wish(self, node: Node, allowed: int, *, whole: bool) -> _Ways | None:
        match node:
            case On(variable, leaf):
                self._narrow_to(node, variable, self.space.masks(self._state(variable).domain, leaf), allowed)
                return ()
            case Opposite(part):
                return ((_Wish(part, _NEGATED[allowed]),),)
        possible = self._possible(node)
        if not possible & allowed:
            raise _DeadEnd
        if possible & ~allowed == 0:
            return ()
        match node:
            case Many(parts, decisive):
                if allowed == FALSE + TRUE - decisive:
                    return (tuple(_Wish(part, allowed) for part in parts),)
                options = self._ways(parts, decisive, allowed)
            case Covers():
                options = self._cover(node, allowed)
            case Pair():
                options = self._pair(node, allowed)
            case _:
                return ()
        if not options:
            raise _DeadEnd
        return self._turned(options) if whole or len(options) == 1 else None

    def _ways(self, parts: tuple[Node, ...], decisive: int, allowed: int) -> _Ways:
        """How an `and` can be false or unknown, an `or` true or unknown."""
        neutral = FALSE + TRUE - decisive
        found: list[tuple[_Step, ...]] = []
        if allowed & decisive:
            wanted = allowed & (decisive | UNKNOWN)
            if wanted == decisive:
                return tuple((_Wish(part, decisive),) for part in parts if self._possible(part) & decisive)
            found += [(_Wish(part, decisive),) for part in parts if self._possible(part) & decisive]
        if allowed & UNKNOWN:
            rest = UNKNOWN | neutral
            everything = tuple(_Wish(part, rest) for part in parts)
            if allowed & neutral:
                found.append(everything)
            else:
                found += [(_Wish(part, UNKNOWN), *everything) for part in parts if self._possible(part) & UNKNOWN]
        elif allowed & neutral:
            found.append(tuple(_Wish(part, neutral) for part in parts))
        return tuple(found)

    def _cover(self, node: Covers, allowed: int) -> _Ways:
        state = self._state(ITEM)
        off, residue, named = self.plan.classes(state.domain, node)
        found: list[tuple[_Step, ...]] = []
        if state.mask & off and self._possible(residue) & allowed:
            found.append((_Narrow(ITEM, off), _Wish(residue, allowed)))
        if allowed & UNKNOWN and state.mask & state.domain.untold:
            found.append((_Narrow(ITEM, state.domain.untold),))
        items = tuple(
            (_Narrow(ITEM, mask), _Wish(covers, allowed))
            for mask, covers in named
            if state.mask & mask and self._possible(covers) & allowed
        )
        if allowed & TRUE or len(items) < 2:
            return (*found, *items)
        return (*found, (_Try(self._turned(items)),)) if found else items

    def _pair(self, node: Pair, allowed: int) -> _Ways:
        one, other = self._state(node.one), self._state(node.other)
        found: list[tuple[_Step, ...]] = []
        if allowed & (TRUE | FALSE):
            order = (node.one, node.other) if _is_single(one) else (node.other, node.one)
            found += [(_Tell(fixed), _Bind(node, fixed, allowed)) for fixed in order]
        if allowed & UNKNOWN:
            for variable, state in ((node.one, one), (node.other, other)):
                if state.mask & state.domain.untold:
                    found.append((_Narrow(variable, state.domain.untold),))
        return tuple(found)

    def _turned(self, options: _Ways) -> _Ways:
        """The options from a chosen one on."""
        if len(options) < 2:
            return options
        first = self.chooser.below(len(options))
        return (*options[first:], *options[:first])

    # ---- facts -----------------------------------------------------------------------------------------------------------

    def _narrow_to(self, node: On, variable: Variable, masks: tuple[int, int, int], allowed: int) -> None:
        mask = sum(mask for mask, bit in zip(masks, (FALSE, UNKNOWN, TRUE), strict=True) if allowed & bit)
        self._narrow(variable, mask, (node, allowed))

    def _narrow(self, variable: Variable, mask: int, wish: tuple[On, int] | None = None) -> None:
        state = self._state(variable)
        kept = state.mask & mask
        if not kept:
            raise _DeadEnd
        if kept != state.mask or wish is not None:
            wishes = state.wishes if wish is None else (*state.wishes, wish)
            self.states[variable] = _State(state.domain, kept, wishes)
        if kept != state.mask:
            self._link(variable, state, kept)

    def _link(self, variable: Variable, before: _State, mask: int) -> None:
        """Ask that the fact exists, once it can no longer be what it is where it doesn't."""
        fact = self.policies.facts.get(variable[0])
        if fact is None or fact.only_when is None:
            return
        absent, untold = before.domain.absent, before.domain.untold
        if mask & absent or not (before.mask & absent or (before.mask & untold and not mask & untold)):
            return
        exists = self.plan.node(fact.only_when)
        self.agenda.append(_Try(((_Wish(exists, TRUE),), (_Wish(exists, TRUE | UNKNOWN),))))

    def _tell(self, variable: Variable) -> _Ways:
        """The values that a variable can be told with, from a chosen one on, up to a few."""
        state = self._state(variable)
        mask = state.mask & ~state.domain.untold
        if not mask:
            raise _DeadEnd
        bits = list(_bits(mask))
        first = self.chooser.below(len(bits)) if len(bits) > 1 else 0
        return tuple((_Narrow(variable, bit),) for bit in (*bits[first:], *bits[:first])[:12])

    def _bind(self, step: _Bind) -> None:
        """Give a leaf the value of one of its facts, and narrow the other one, to values next to the edge among others."""
        pair = step.pair
        fixed, value = step.fixed, self._value(step.fixed)
        open_ = pair.other if fixed == pair.one else pair.one
        state = self._state(open_)
        domain = state.domain.with_more(self._near(pair, fixed, value, open_))
        if domain is not state.domain:
            state = self._grown(state, domain)
            self.states[open_] = state
        mask = 0
        for index, other in enumerate(domain.values):
            if state.mask >> index & 1:
                truth = self._truth(pair.leaf, {fixed[0]: value, open_[0]: other})
                mask |= (1 << index) if truth & step.allowed else 0
        self._narrow(open_, mask)

    def _grown(self, state: _State, domain: Domain) -> _State:
        """A state with more candidates: the new ones have to fit what narrowed the old ones."""
        old = len(state.domain.values) - 1
        mask = state.mask & (state.domain.untold - 1)
        new = domain.whole & ~((1 << old) - 1) & ~domain.untold
        if state.wishes or state.mask == state.domain.whole:
            for node, allowed in state.wishes:
                masks = self.space.masks(domain, node.leaf)
                new &= sum(each for each, bit in zip(masks, (FALSE, UNKNOWN, TRUE), strict=True) if allowed & bit)
        else:
            new = 0
        if _is_single(state):
            new = 0
        untold = domain.untold if state.mask & state.domain.untold else 0
        return _State(domain, mask | new | untold, state.wishes)

    def _near(self, pair: Pair, fixed: Variable, value: Value, open_: Variable) -> Iterator[Value]:
        """Values next to the edge that the value of one fact sets for the other."""
        offset = pair.leaf.amount if isinstance(pair.leaf, p.Compare) else None
        match value:
            case date():
                days = offset.days if isinstance(offset, p.Offset) else 0
                working = isinstance(offset, p.Offset) and offset.working
                edge = shift(value, days if fixed == pair.other else -days, working=working) if days else value
                if edge is not None:
                    steps = (0, -1, 1) if fixed == pair.other or not working else range(-4, 5)
                    yield from (moved for step in steps if (moved := shift(edge, step, working=False)) is not None)
            case Decimal():
                yield from (value, value - 1, value + 1)
            case str() if self.policies.facts[open_[0]].type.kind in ("text", "place"):
                yield value

    def _truth(self, leaf: p.Condition, values: Mapping[str, Value | None]) -> int:
        known = {name: Known(value) for name, value in values.items() if value is not None}
        return bit_of(Evaluator(self.policies, known).prove(leaf).truth)

    def _value(self, variable: Variable) -> Value:
        state = self._state(variable)
        value = state.domain.values[state.mask.bit_length() - 1]
        assert value is not None
        return value

    # ---- the result ------------------------------------------------------------------------------------------------------

    def _facts(self) -> dict[str, Value]:
        """The facts of the candidates that are left, if the interpreter agrees."""
        facts: dict[str, Value] = dict(self.start)
        sets: dict[str, dict[str, _State]] = {}
        for (name, member), state in self.states.items():
            if member is not None:
                sets.setdefault(name, {})[member] = state
            elif name not in facts and not state.mask & state.domain.untold:
                facts[name] = self._value((name, None))
        for name, members in sets.items():
            if (told := self._set(name, members)) is not None and self.start.get(name) != told:
                facts[name] = told
        evaluator = Evaluator(self.policies, {name: Known(value) for name, value in facts.items()})
        if any(evaluator.prove(goal.condition).truth is not goal.truth for goal in self.goals):
            raise _DeadEnd
        return {name: value for name, value in facts.items() if self._is_needed(evaluator, name, value)}

    def _set(self, name: str, members: Mapping[str, _State]) -> SetValue | None:
        """What is told of a set: all of it, unless something in it has to stay open."""
        includes = {member for member, state in members.items() if state.mask == 2}
        excludes = {member for member, state in members.items() if state.mask == 1}
        if not includes and not excludes:
            return None
        names = self.policies.facts[name].type.names
        free = {member for member in names - includes - excludes if member not in members or members[member].mask & 1}
        started = self.start.get(name)
        if isinstance(started, SetValue):
            free -= names - started.includes - started.excludes
        return SetValue(frozenset(includes), frozenset(excludes | free))

    def _is_needed(self, evaluator: Evaluator, name: str, value: Value) -> bool:
        """Whether a fact says more than that it doesn't exist for such a task; it mustn't say less."""
        fact = self.policies.facts.get(name)
        if fact is None or fact.only_when is None or evaluator.prove(fact.only_when).truth is not False:
            return True
        empty = isinstance(value, SetValue) and not value.includes
        if value != nonexistent_value(fact) and not empty:
            raise _DeadEnd
        return name in self.start


def _is_single(state: _State) -> bool:
    return not state.mask & (state.mask - 1)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit


def _joined(one: int, other: int, decisive: int) -> int:
    """The truths of an `and` (an `or`) of two parts that may have these truths."""
    neutral = FALSE + TRUE - decisive
    found = (one | other) & decisive
    if (one & UNKNOWN and other & (UNKNOWN | neutral)) or (other & UNKNOWN and one & (UNKNOWN | neutral)):
        found |= UNKNOWN
    if one & other & neutral:
        found |= neutral
    return found


_JOINED = {
    decisive: tuple(tuple(_joined(one, other, decisive) for other in range(8)) for one in range(8))
    for decisive in (FALSE, TRUE)
}
_NEGATED = tuple((bits & UNKNOWN) | (TRUE if bits & FALSE else 0) | (FALSE if bits & TRUE else 0) for bits in range(8))
