"""Which facts an undetermined task hangs on.

A fact is asked for if it belongs to a set of facts that, for some values, makes the answer definite, and from which
no fact can be left out. The sets are searched for by trying the values that the policies tell apart. Only what is
open and hangs on a fact that is tried is judged again: what is definite stays so, and the rest stays open. The search
is bounded: each fact that it gives is right, but where many facts are missing together it may not give all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from attrs import evolve, frozen

from burdenlib import policy as p
from burdenlib.answer import Coverage, Proof
from burdenlib.evaluator import Evaluator, nonexistent_value, shift
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.intake import Case
from burdenlib.judge import Charge, Ground, as_missing, bearing, grounds
from burdenlib.logic import Truth
from burdenlib.task import Known
from burdenlib.verdict import Verdict

__all__ = ["BUDGET", "with_missing"]

BUDGET = 1000
"""How often something that rejects or admits is judged again for one task, about."""

MAX_FACTS = 12
"""How many facts are told at most to settle a task."""

Assignment = tuple[tuple[str, Value], ...]


def with_missing(policies: p.PolicySet, case: Case, verdict: Verdict) -> Verdict:
    """The verdict with the facts that it hangs on; a definite verdict hangs on none."""
    if verdict.status != "undetermined":
        return verdict
    names = _Search(policies, case).missing()
    order = {name: index for index, name in enumerate(policies.facts)}
    return evolve(verdict, missing=as_missing(policies, tuple(sorted(names, key=order.__getitem__))))


@frozen(eq=False)
class _State:
    """The task with some facts assumed, and whether that settles it."""

    assigned: Assignment
    definite: bool
    evaluator: Evaluator

    @property
    def names(self) -> frozenset[str]:
        """The facts that are assumed."""
        return frozenset(name for name, _ in self.assigned)


Bearing = Charge | Ground


class _Search:
    """What is open of a task: what may reject it, what may admit it, and the unknown facts that each hangs on.

    Something open stays open until one of its facts is told; a charge can't come true before one fact is told of each
    part that all have to hold (`needs`).
    """

    def __init__(self, policies: p.PolicySet, case: Case) -> None:
        self.policies = policies
        self.case = case
        self.left = BUDGET
        self.evaluator = Evaluator(policies, case.known, case.as_of)
        found = grounds(policies, self.evaluator)
        self.charges = [charge for charge in found.charges if charge.truth(self.evaluator) is None]
        self.admitting = [ground for ground in found.admitting if ground.truth(self.evaluator) is not False]
        self.narrower = bool(found.narrower)
        everything: tuple[Bearing, ...] = (*self.charges, *self.admitting)
        self.open_facts = {each: self._of(each, self.evaluator) for each in everything}
        self.reads = {each: frozenset(facts) for each, facts in self.open_facts.items()}
        self.needs = {charge: tuple(self._needs(charge)) for charge in self.charges}

    def missing(self) -> set[str]:
        """The facts of the sets that were found: of one or two facts, else for one charge after the other."""
        found = self._small_sets()
        self.left = BUDGET
        for charge in sorted(self.charges, key=lambda charge: len(self.needs[charge])):
            if found:
                break
            found = self._least(self._firing(charge))
        return found or self._least(self._settled())

    def _small_sets(self) -> set[str]:
        """The facts of sets of one or two that settle the task."""
        found: set[str] = set()
        frontier = [self._state(())]
        for _ in range(2):
            following: list[_State] = []
            for state in frontier:
                for fact in self._open_facts(state):
                    if fact in found or fact in state.names:
                        continue
                    for value in self._values(fact, dict(state.assigned)):
                        if self.left <= 0:
                            return found
                        after = self._state((*state.assigned, (fact, value)))
                        if after.definite and self._is_minimal(after.assigned):
                            found |= after.names
                            break
                        if not after.definite:
                            following.append(after)
            frontier = [state for state in following if found.isdisjoint(state.names)]
        return found

    def _is_minimal(self, assigned: Assignment) -> bool:
        """Whether no fact can be left out: telling more never opens what is settled, so that leaving out one is enough."""
        return len(assigned) == 1 or not any(
            self._state(rest).definite for rest in combinations(assigned, len(assigned) - 1)
        )

    def _least(self, assigned: Assignment | None) -> set[str]:
        """The facts of an assignment that settles the task, without those that can be left out."""
        kept = list(assigned or ())
        for pair in assigned or ():
            rest = [each for each in kept if each != pair]
            if self._state(tuple(rest)).definite:
                kept = rest
        return {name for name, _ in kept}

    def _firing(self, charge: Charge) -> Assignment | None:
        """Facts under which a charge rejects the task, told one after the other with the first value that may do."""
        assigned: Assignment = ()
        while self.left > 0 and len(assigned) < MAX_FACTS:
            evaluator = self._evaluator(assigned)
            if charge.truth(evaluator):
                return assigned
            told = {name for name, _ in assigned}
            fact = next((name for name in self._of(charge, evaluator) if name not in told), None)
            if fact is None:
                return None
            values = self._values(fact, dict(assigned))
            if fact == "target" and charge.policy.place:
                values = [charge.policy.place, *values]
            better = (each for each in ((*assigned, (fact, value)) for value in values) if self._may_fire(charge, each))
            following = next(better, None)
            if following is None:
                return None
            assigned = following
        return None

    def _may_fire(self, charge: Charge, assigned: Assignment) -> bool:
        self.left -= 1
        evaluator = self._evaluator(assigned)
        return self._is_possible(assigned, evaluator) and charge.truth(evaluator) is not False

    def _settled(self) -> Assignment | None:
        """Facts that settle the task, told one after the other with the value that leaves least open."""
        state = self._state(())
        while self.left > 0 and not state.definite and len(state.assigned) < MAX_FACTS:
            following = [
                self._state((*state.assigned, (fact, value)))
                for fact in self._open_facts(state)[:6]
                if fact not in state.names
                for value in self._values(fact, dict(state.assigned))
                if self.left > 0
            ]
            following = [each for each in following if each.definite or self._open_facts(each)]
            if not following:
                return None
            state = min(following, key=lambda each: (not each.definite, len(self._open_facts(each))))
        return state.assigned if state.definite else None

    # ---- states ------------------------------------------------------------------------------------------------------

    def _evaluator(self, assigned: Assignment) -> Evaluator:
        known = {**self.case.known, **{name: Known(value) for name, value in assigned}}
        return Evaluator(self.policies, known, self.case.as_of, self.evaluator)

    def _state(self, assigned: Assignment) -> _State:
        self.left -= 1
        evaluator = self._evaluator(assigned)
        names = frozenset(name for name, _ in assigned)
        definite = self._is_possible(assigned, evaluator) and (
            self._rejects(names, evaluator) or self._accepts(names, evaluator)
        )
        return _State(assigned, definite, evaluator)

    def _is_possible(self, assigned: Assignment, evaluator: Evaluator) -> bool:
        """Whether no fact is told of a task that can't have it."""
        for name, value in assigned:
            fact = self.policies.facts[name]
            if fact.only_when is not None and evaluator.prove(fact.only_when).truth is False:
                return value == nonexistent_value(fact)
        return True

    def _rejects(self, names: frozenset[str], evaluator: Evaluator) -> bool:
        for charge, needs in self.needs.items():
            if not any(need.isdisjoint(names) for need in needs):
                self.left -= 1
                if charge.truth(evaluator):
                    return True
        return False

    def _accepts(self, names: frozenset[str], evaluator: Evaluator) -> bool:
        for charge in self.charges:
            if self.reads[charge].isdisjoint(names):
                return False
        for charge in self.charges:
            self.left -= 1
            if charge.truth(evaluator) is not False:
                return False
        if not any(ground.truth(evaluator) for ground in self.admitting):
            return False
        moved = not names.isdisjoint(("target", "date"))
        return not (grounds(self.policies, evaluator).narrower if moved else self.narrower)

    def _open_facts(self, state: _State) -> list[str]:
        """The unknown facts on which a state hangs."""
        return [] if state.definite else list(dict.fromkeys(self._open(state)))

    def _open(self, state: _State) -> Iterator[str]:
        for charge in self.charges:
            yield from self._open_in(charge, state)
        if self.charges or not any(self._truth(ground, state) for ground in self.admitting):
            for ground in self.admitting:
                yield from self._open_in(ground, state)
        if self.narrower:
            yield from (name for name in ("target", "date") if self.case.known.get(name) is None)

    def _truth(self, each: Bearing, state: _State) -> Truth:
        return each.truth(self.evaluator if self.reads[each].isdisjoint(state.names) else state.evaluator)

    def _open_in(self, each: Bearing, state: _State) -> tuple[str, ...]:
        return self.open_facts[each] if self.reads[each].isdisjoint(state.names) else self._of(each, state.evaluator)

    def _of(self, each: Bearing, evaluator: Evaluator) -> tuple[str, ...]:
        """The unknown facts that something open hangs on."""
        return tuple(dict.fromkeys(self._all_of(each, evaluator)))

    def _all_of(self, each: Bearing, evaluator: Evaluator) -> Iterator[str]:
        if each.truth(evaluator) is not None:
            return
        rules, lists = bearing(self.policies, each)
        for rule in rules:
            yield from self._of_proof(evaluator.fires(rule), evaluator)
        for task_list in lists:
            yield from self._of_coverage(evaluator.cover(task_list.key), evaluator)
            for unless in task_list.unless:
                yield from self._of_proof(evaluator.prove(unless), evaluator)

    def _needs(self, charge: Charge) -> Iterator[frozenset[str]]:
        """For each open part that has to hold before a charge rejects, the facts that it hangs on."""
        if charge.rule is not None:
            yield from self._parts(self.evaluator.fires(charge.rule))
        elif charge.ban_list is not None:
            coverage = self.evaluator.cover(charge.ban_list.key)
            yield from self._parts(coverage.governs)
            if coverage.covers is None:
                yield frozenset(self._of_coverage(coverage, self.evaluator))
            for unless in charge.ban_list.unless:
                yield from self._parts(self.evaluator.prove(unless))
        else:
            yield from self._needs_to_shut_out(charge)

    def _needs_to_shut_out(self, charge: Charge) -> Iterator[frozenset[str]]:
        """A list has to govern, and whatever may cover the task or reach the list has to turn out false."""
        rules, lists = bearing(self.policies, charge)
        coverages = [self.evaluator.cover(each.key) for each in lists]
        shutting = [each.governs for each in coverages if each.task_list.shuts_out]
        if not any(governs.truth for governs in shutting):
            yield frozenset(name for governs in shutting for name in self._of_proof(governs, self.evaluator))
        for coverage in coverages:
            if coverage.truth is None:
                yield frozenset(self._of_coverage(coverage, self.evaluator))
        governed = frozenset(name for governs in shutting for name in self._of_proof(governs, self.evaluator))
        for rule in rules:
            if (proof := self.evaluator.fires(rule)).truth is None:
                yield governed.union(self._of_proof(proof, self.evaluator))

    def _parts(self, proof: Proof) -> Iterator[frozenset[str]]:
        if isinstance(proof.condition, p.All) and proof.truth is None:
            for part in proof.parts:
                yield from self._parts(part)
        elif proof.truth is None:
            yield frozenset(self._of_proof(proof, self.evaluator))

    def _of_coverage(self, coverage: Coverage, evaluator: Evaluator) -> Iterator[str]:
        for proof in (coverage.governs, *coverage.parts):
            yield from self._of_proof(proof, evaluator)
        for each in coverage.instead:
            yield from self._of_coverage(each, evaluator)

    def _of_proof(self, proof: Proof, evaluator: Evaluator) -> Iterator[str]:
        """The unknown facts that an open proof read, and what says whether they exist."""
        if proof.truth is not None:
            return
        for reading in proof.readings:
            fact = self.policies.facts.get(reading.fact)
            if fact is None:
                continue
            if reading.value is None or (isinstance(reading.value, SetValue) and _unknown_values(fact, reading.value)):
                if fact.only_when is not None:
                    yield from self._of_proof(evaluator.prove(fact.only_when), evaluator)
                yield reading.fact
        for part in proof.parts:
            yield from self._of_proof(part, evaluator)
        for each in proof.lists:
            yield from self._of_coverage(each, evaluator)

    # ---- values ------------------------------------------------------------------------------------------------------

    def _values(self, name: str, assigned: Mapping[str, Value]) -> list[Value]:
        """Values of a fact that the policies tell apart."""
        fact = self.policies.facts[name]
        values: dict[Value, None] = {}
        match fact.type.kind:
            case "yes_no":
                values = {True: None, False: None}
            case "one_of" | "ordered":
                values = {value.name: None for value in fact.type.values}
            case "set_of":
                known = self.case.known.get(name)
                told = known.value if known is not None and isinstance(known.value, SetValue) else SetValue()
                for extra in (
                    (),
                    *((value,) for value in sorted(_unknown_values(fact, told))),
                    tuple(_unknown_values(fact, told)),
                ):
                    includes = told.includes | frozenset(extra)
                    values[SetValue(includes, fact.type.names - includes)] = None
            case _:
                values = dict.fromkeys(self._edges(name, fact, assigned))
        if fact.type.or_none:
            values[NONE] = None
        return list(values)

    def _edges(self, name: str, fact: p.Fact, assigned: Mapping[str, Value]) -> Iterator[Value]:
        known: dict[str, Value] = {each: value.value for each, value in self.case.known.items()} | dict(assigned)
        literals = list(_literals(self.policies, name, known))
        match fact.type.kind:
            case "number":
                for number in sorted({value for value in literals if isinstance(value, Decimal)} | {Decimal(0)}):
                    yield from (number - 1, number, number + 1)
            case "date":
                days = {value for value in literals if isinstance(value, date)}
                if name == "date":
                    days |= {day for policy in self.policies.policies for day in _ends(policy.in_force)}
                for day in sorted(days or {date(2024, 1, 1)}):
                    yield from (day - timedelta(days=1), day, day + timedelta(days=1))
            case "place":
                places = {policy.place for policy in self.policies.policies if policy.place}
                yield from sorted(places | {str(value) for value in literals})
                yield "99"
            case _:
                yield from (value for value in literals if isinstance(value, str))
                if name == "item":
                    for each in self.policies.lists.values():
                        yield from (item.code for item in each.items[:4] if item.code is not None)
                yield "\u2026"


def _unknown_values(fact: p.Fact, value: SetValue) -> frozenset[str]:
    return fact.type.names - value.includes - value.excludes


def _ends(interval: p.Interval) -> Iterator[date]:
    yield from (day for day in (interval.start, interval.end) if day is not None)


def _literals(policies: p.PolicySet, name: str, known: Mapping[str, Value]) -> Iterator[Value]:
    """The values with which conditions compare a fact, those of other facts included where they are known."""
    for leaf in _leaves_on(policies).get(name, ()):
        match leaf:
            case p.Equal(fact, value) if fact == name and not isinstance(value, p.FactRef):
                yield value
            case p.Member(fact, values) if fact == name:
                yield from values
            case p.Inside(fact, places) if fact == name:
                yield from places
            case p.Compare(fact, _, p.FactRef(other)) | p.Equal(fact, p.FactRef(other)):
                yield from (known[b] for a, b in ((fact, other), (other, fact)) if a == name and b in known)
            case p.Compare(fact, _, p.Offset(days, working, other)):
                for a, b, step in ((fact, other, days), (other, fact, -days)):
                    base = known.get(b)
                    if a == name and isinstance(base, date) and (day := shift(base, step, working=working)):
                        yield day
            case p.Compare(fact, _, value) if fact == name and not isinstance(value, p.FactRef | p.Offset):
                yield value


@lru_cache(maxsize=4)
def _leaves_on(policies: p.PolicySet) -> Mapping[str, tuple[p.Condition, ...]]:
    """The conditions without parts in all documents, by the facts that they read."""
    found: dict[str, list[p.Condition]] = {}
    for condition in _conditions(policies):
        for leaf in p.leaves(condition):
            for name in dict.fromkeys(p.facts_of(leaf)):
                found.setdefault(name, []).append(leaf)
    return {name: tuple(leaves) for name, leaves in found.items()}


def _conditions(policies: p.PolicySet) -> Iterable[p.Condition]:
    for policy in policies.policies:
        yield from (rule.fires for rule in policy.rules)
        yield from (term.condition for term in policy.terms)
        for each in policy.lists:
            yield each.governs
            yield from (item.covers for item in (*each.items, *each.otherwise))
