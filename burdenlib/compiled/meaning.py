"""A checked policy set as formulas: what can reject a task, what can admit it, and what keeps it from being accepted.

Each formula says what `judge` and `evaluator` say, and nothing about words or proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Literal

from attrs import evolve, field, frozen

from burdenlib import policy as p
from burdenlib.compiled.formula import FALSE, OPEN, TRUE, UNTOLD, Formula, Formulas, constant
from burdenlib.compiled.variables import (
    FactVariable,
    ItemVariable,
    LeftToInterpreterError,
    MentionVariable,
    PairVariable,
    SetVariable,
    Variable,
    View,
)
from burdenlib.evaluator import nonexistent_value
from burdenlib.logic import Truth
from burdenlib.places import ancestors, is_inside
from burdenlib.words import Words

__all__ = ["Given", "Meaning", "Part", "conditions_of", "is_supported"]


@frozen(eq=False)
class Part:
    """Something that can decide: a charge, a ground that admits, or a document for a place inside the target.

    `lists` are what else has to be known to name the reason: of each list that shuts out, whether it governs and
    whether it covers; of a list that admits, whether another one takes its place, and under which conditions each
    item that may be found covers.
    """

    role: Literal["charge", "ground", "narrower"]
    policy: p.Policy
    formula: Formula
    rule: p.Rule | None = None
    task_list: p.TaskList | None = None
    details: tuple[Formula, ...] = ()
    number: int = field(default=0)


def is_supported(policies: p.PolicySet) -> bool:
    """Whether the facts on which the language itself rests are as the compiled form takes them to be."""
    facts = [policies.facts[name] for name in ("title", "text", "item", "date", "target") if name in policies.facts]
    return all(fact.only_when is None and not fact.type.or_none for fact in facts)


def conditions_of(policies: p.PolicySet) -> Iterator[p.Condition]:
    """Every whole condition of some documents: of rules, lists, items, terms, and of what says whether a fact exists."""
    for policy in policies.policies:
        yield policy.applies
        yield from (rule.fires for rule in policy.rules)
        for each in policy.lists:
            yield from (each.governs, *each.unless)
            yield from (item.covers for item in (*each.items, *each.otherwise))
    for term in policies.terms.values():
        yield from (term.applies, term.condition)
    yield from (fact.only_when for fact in policies.facts.values() if fact.only_when is not None)


class Meaning:
    """The formulas of a policy set, and the variables that they are about.

    With `as_of`, what is in force doesn't hang on the task's date.
    """

    def __init__(self, policies: p.PolicySet, as_of: date | None = None) -> None:
        self.policies = policies
        self.as_of = as_of
        self.bare = evolve(policies, facts={name: evolve(f, only_when=None) for name, f in policies.facts.items()})
        self.variables: list[Variable] = []
        self.make = Formulas(self._size)
        self._of_fact: dict[str, int] = {}
        self._pairs: dict[p.Condition, int] = {}
        self._mentions: dict[tuple[str, ...], int] = {}
        self._formulas: dict[int, Formula] = {}  # by identity: the policies hold the conditions
        self._terms: dict[str, Formula] = {}
        self._existence: dict[str, Formula] = {}
        self._intervals: dict[p.Interval, Formula] = {}
        self._covers: dict[View, Formula] = {}
        self.conditions: dict[int, Formula] = {}
        self._declare()
        self.parts = tuple(evolve(part, number=number) for number, part in enumerate(self._parts()))

    def _size(self, variable: int) -> int:
        found = self.variables[variable]
        return 0 if isinstance(found, ItemVariable | SetVariable) else found.size

    # ---- variables ---------------------------------------------------------------------------------------------------

    def _declare(self) -> None:
        """Find what conditions tell apart of each fact."""
        self.item = ItemVariable(self.policies)
        self.variables.append(self.item)
        for name, fact in self.policies.facts.items():
            self._of_fact[name] = len(self.variables)
            self.variables.append(SetVariable(fact) if fact.type.kind == "set_of" else FactVariable(fact))
        for leaf in self._leaves():
            names = ("date",) if isinstance(leaf, p.InForce) else tuple(p.facts_of(leaf))
            for name in names[:1]:
                variable = self.variables[self._of_fact[name]] if name in self._of_fact else None
                if isinstance(variable, FactVariable):
                    variable.leaves.append(leaf)
        for each in self.variables:
            if isinstance(each, FactVariable):
                each.close()

    def _leaves(self) -> Iterator[p.Condition]:
        """Every condition without parts, once; the places inside which a document's place may lie among them."""
        conditions = {id(condition): condition for condition in self._conditions()}
        leaves = {id(leaf): leaf for condition in conditions.values() for leaf in p.leaves(condition)}
        yield from (leaf for leaf in leaves.values() if not isinstance(leaf, p.Mentions))
        for place in {place for policy in self.policies.policies for place in _outer(policy.place)}:
            yield p.Equal("target", place)

    def _conditions(self) -> Iterator[p.Condition]:
        return conditions_of(self.policies)

    # ---- conditions --------------------------------------------------------------------------------------------------

    def formula(self, condition: p.Condition) -> Formula:
        """The formula of a condition."""
        found = self._formulas.get(id(condition))
        if found is None:
            found = self._formulas[id(condition)] = self._formula(condition)
        return found

    def _formula(self, condition: p.Condition) -> Formula:
        match condition:
            case p.All(parts):
                return self.make.both(map(self.formula, parts))
            case p.Any(parts):
                return self.make.either(map(self.formula, parts))
            case p.Not(part):
                return self.make.negate(self.formula(part))
            case p.TermUse(terms):
                return self.make.either(self._term(key, alone=len(terms) == 1) for key in terms)
            case p.OnList(lists, codes, off):
                return self.make.either(self._on(key, codes or None, off=off) for key in lists)
            case p.OnAnyList(negated):
                admitting = (key for key, each in self.policies.lists.items() if not each.is_ban)
                found = self.make.either(self._on(key, None, off=False) for key in admitting)
                return self.make.negate(found) if negated else found
            case p.Mentions(phrases):
                return self._mention(phrases)
            case p.InForce(interval):
                return self._in_force(interval)
        return self._leaf(condition)

    def _term(self, key: str, *, alone: bool) -> Formula:
        term = self.policies.terms[key]
        if key not in self._terms:
            self._terms[key] = self.formula(term.condition)
        return self._terms[key] if alone else self.make.both((self.formula(term.applies), self._terms[key]))

    def _in_force(self, interval: p.Interval) -> Formula:
        if interval not in self._intervals:
            self._intervals[interval] = self._new_interval(interval)
        return self._intervals[interval]

    def _new_interval(self, interval: p.Interval) -> Formula:
        if interval.is_always:
            return TRUE
        if self.as_of is not None:
            return constant(interval.holds(self.as_of))
        if "date" not in self._of_fact:
            return OPEN
        number = self._of_fact["date"]
        variable = self.variables[number]
        assert isinstance(variable, FactVariable)
        return self.make.codes(number, variable.mask(p.InForce(interval, Words())))

    def _leaf(self, leaf: p.Condition) -> Formula:
        if isinstance(leaf, p.Equal | p.Member | p.Has) and leaf.negated:
            return self.make.negate(self._leaf(evolve(leaf, negated=False)))
        if (isinstance(leaf, p.Equal) and isinstance(leaf.value, p.FactRef)) or (
            isinstance(leaf, p.Compare) and isinstance(leaf.amount, p.FactRef | p.Offset)
        ):
            return self._pair(leaf)
        name = next(p.facts_of(leaf))
        number = self._of_fact[name]
        variable = self.variables[number]
        if isinstance(variable, FactVariable):
            mask = variable.mask(leaf)
            holds = bool(mask >> variable.code(nonexistent_value(variable.fact)) & 1)
            return self._where_it_exists(name, self.make.codes(number, mask), holds=holds)
        if isinstance(variable, SetVariable) and isinstance(leaf, p.Contains):
            join = self.make.both if leaf.every else self.make.either
            bits = (self.make.bit(number, variable.numbers[value]) for value in leaf.values)
            return join(self._where_it_exists(name, bit, holds=False) for bit in bits)
        raise LeftToInterpreterError(type(leaf))

    def _exists(self, name: str) -> Formula:
        """Under which condition a fact exists."""
        if name not in self._existence:
            only_when = self.policies.facts[name].only_when
            self._existence[name] = TRUE if only_when is None else self.formula(only_when)
        return self._existence[name]

    def _where_it_exists(self, name: str, formula: Formula, *, holds: bool) -> Formula:
        """A condition on a fact that, where it doesn't exist, `holds` or doesn't."""
        maybe = self.make.maybe(self._exists(name))
        return self.make.either((formula, self.make.negate(maybe))) if holds else self.make.both((formula, maybe))

    def _pair(self, leaf: p.Equal | p.Compare) -> Formula:
        if leaf not in self._pairs:
            other = leaf.value if isinstance(leaf, p.Equal) else leaf.amount
            assert isinstance(other, p.FactRef | p.Offset)
            facts = (self.policies.facts[leaf.fact], self.policies.facts[other.fact])
            self._pairs[leaf] = len(self.variables)
            absent = (nonexistent_value(facts[0]), nonexistent_value(facts[1]))
            self.variables.append(PairVariable(self.bare, leaf, absent))
        number = self._pairs[leaf]
        variable = self.variables[number]
        one, other_exists = (self._exists(key) for key in variable.keys)
        return self.make.pair(number, one, other_exists)

    def _mention(self, phrases: tuple[str, ...]) -> Formula:
        if phrases not in self._mentions:
            self._mentions[phrases] = len(self.variables)
            self.variables.append(MentionVariable(self.bare, phrases))
        return self.make.codes(self._mentions[phrases], 1 << 2)

    # ---- lists -------------------------------------------------------------------------------------------------------

    def governs(self, key: str) -> Formula:
        """That a list governs the task."""
        return self.formula(self.policies.lists[key].governs)

    def covers(self, key: str, codes: tuple[str, ...] | None = None) -> Formula:
        """That a list, or what takes its place, covers the task."""
        view = self.item.view(key, codes)
        if view not in self._covers:
            self._covers[view] = self._new_covers(key, codes)
        return self._covers[view]

    def truth(self, key: str, codes: tuple[str, ...] | None = None) -> Formula:
        """That the task is on a list."""
        return self.make.both((self.governs(key), self.covers(key, codes)))

    def replaced(self, key: str) -> Formula:
        """That another list takes the place of this one."""
        return self.make.either(map(self.governs, self.policies.implementers.get(key, ())))

    def _on(self, key: str, codes: tuple[str, ...] | None, *, off: bool) -> Formula:
        if off:
            return self.make.both((self.governs(key), self.make.negate(self.covers(key, codes))))
        return self.truth(key, codes)

    def _new_covers(self, key: str, codes: tuple[str, ...] | None) -> Formula:
        own = self._covers_itself(key, codes)
        below = self.policies.implementers.get(key, ())
        if not below:
            return own
        theirs = self.make.either(self.truth(each, self._carrying(each, codes)) for each in below)
        replaced = self.replaced(key)
        return self.make.either(
            (
                self.make.both((replaced, theirs)),
                self.make.both((self.make.negate(replaced), own)),
                self.make.both((theirs, own)),
            )
        )

    def _carrying(self, key: str, codes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if codes is None:
            return None
        items = self.policies.lists[key].items
        return tuple(item.code for item in items if item.code is not None and not set(codes).isdisjoint(item.carries))

    def _covers_itself(self, key: str, codes: tuple[str, ...] | None) -> Formula:
        task_list, view = self.policies.lists[key], self.item.view(key, codes)
        kept = [item for item in task_list.items if codes is None or item.code in codes]
        conditions = {self._covers_of(item): None for item in kept}
        parts = [self.make.both((self.make.found(0, (view, condition.number)), condition)) for condition in conditions]
        if codes is None:
            otherwise = self.make.either((*map(self._covers_of, task_list.otherwise), self._answer(task_list)))
            parts.append(self.make.both((self.make.negate(self.make.found(0, view)), otherwise)))
        return self.make.either((*parts, self.make.found(0, UNTOLD)))

    def _answer(self, task_list: p.TaskList) -> Formula:
        """What answers for the part of a list that isn't at hand."""
        if task_list.extent != "partial":
            return FALSE
        return OPEN if task_list.answered_by is None else self._leaf(p.YesNo(task_list.answered_by))

    def _covers_of(self, item: p.Item) -> Formula:
        formula = self.formula(item.covers)
        self.item.covers[id(item)] = formula.number
        self.conditions[formula.number] = formula
        return formula

    # ---- what decides ------------------------------------------------------------------------------------------------

    def _parts(self) -> Iterator[Part]:
        for policy in self.policies.policies:
            for rule in policy.rules:
                if rule.kind in ("ban", "require", "admit"):
                    role: Literal["charge", "ground"] = "ground" if rule.kind == "admit" else "charge"
                    yield Part(role, policy, self.formula(rule.fires), rule=rule)
            yield from (self._list_part(policy, each) for each in policy.lists)
            if any(each.shuts_out for each in policy.lists):
                yield self._shut_out(policy)
            if policy.place:
                yield self._narrower(policy)

    def _list_part(self, policy: p.Policy, each: p.TaskList) -> Part:
        truth = self.truth(each.key)
        if each.is_ban:
            saved = (self.make.negate(self.formula(unless)) for unless in each.unless)
            return Part("charge", policy, self.make.both((truth, *saved)), task_list=each)
        return Part("ground", policy, truth, task_list=each, details=(self.replaced(each.key),))

    def _shut_out(self, policy: p.Policy) -> Part:
        shutting = [each for each in policy.lists if each.shuts_out]
        governed = self.make.either(self.governs(each.key) for each in shutting)
        covered = self.make.either(self.truth(each.key) for each in policy.lists if not each.is_ban)
        reached = self.make.either(
            self.make.both((self.governs(each.key), self.formula(rule.fires)))
            for each in shutting
            for rule in self._reaching(each.key)
        )
        formula = self.make.both((governed, self.make.negate(covered), self.make.negate(reached)))
        if len(shutting) == 1 and shutting[0].extent == "closed":  # nothing more has to be known to name the reason
            return Part("charge", policy, formula)
        details = tuple(detail for each in shutting for detail in (self.governs(each.key), self.truth(each.key)))
        return Part("charge", policy, formula, details=details)

    def _reaching(self, key: str) -> Iterable[p.Rule]:
        return self._admissions.get(key, ())

    @cached_property
    def _admissions(self) -> dict[str, list[p.Rule]]:
        """The admissions that reach each list."""
        found: dict[str, list[p.Rule]] = {}
        for _, rule in self.policies.rules("admit"):
            for key in rule.reaches:
                found.setdefault(key, []).append(rule)
        return found

    def _narrower(self, policy: p.Policy) -> Part:
        """Whether the document's place is, or may be, inside the target; nothing told holds a whole province."""
        told = self._leaf(p.Member("target", (policy.place,)))
        outer = _outer(policy.place)
        inside = self._leaf(p.Member("target", outer)) if outer else self.make.both((told, self.make.negate(told)))
        return Part("narrower", policy, self.make.both((inside, self._in_force(policy.in_force))))


def _outer(place: str) -> tuple[str, ...]:
    """The places that hold a place and aren't it, or the whole country."""
    return tuple(each for each in ancestors(place) if each and each != place and is_inside(place, each))


class Given:
    """That one variable has a code: formulas become what they are then."""

    def __init__(self, meaning: Meaning, number: int, code: int) -> None:
        self.make = meaning.make
        self.number = number
        self.code = code
        variable = meaning.variables[number]
        self.held = variable.classes[code] if isinstance(variable, ItemVariable) else None
        self._done: dict[Formula, Formula] = {}

    def __call__(self, formula: Formula) -> Formula:
        """What a formula is then."""
        return self.make.given(formula, self.number, self._leaf, self._done)

    def _leaf(self, leaf: Formula) -> Truth:
        if self.code == 0:
            return None
        if self.held is None:
            return bool(leaf.mask >> self.code & 1)
        return leaf.payload != UNTOLD and leaf.payload in self.held
