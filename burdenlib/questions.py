"""Which facts an undetermined task hangs on.

A fact is asked for if it belongs to a set of facts that, for some values, makes the answer definite, and from which
no fact can be left out. The sets are searched for by trying the values that the policies tell apart. Only what is
open and may read a fact that is tried is judged again: what is definite stays so, and the rest stays open. The search
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
from burdenlib.evaluator import Evaluator, shift
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.intake import Case
from burdenlib.judge import Charge, Ground, as_missing, bearing, grounds
from burdenlib.logic import Truth
from burdenlib.task import Known
from burdenlib.verdict import Verdict

__all__ = ["BUDGET", "with_missing"]

BUDGET = 200
"""How many assignments of values are tried for one task."""

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
    """The task with some facts assumed, whether that settles it, and what reads its facts."""

    assigned: Assignment
    definite: bool
    evaluator: Evaluator

    @property
    def names(self) -> frozenset[str]:
        """The facts that are assumed."""
        return frozenset(name for name, _ in self.assigned)


class _Search:
    def __init__(self, policies: p.PolicySet, case: Case) -> None:
        self.policies = policies
        self.case = case
        self.tried = 0
        self.evaluator = Evaluator(policies, case.known, case.as_of)
        found = grounds(policies, self.evaluator)
        reads = _reads(policies)
        self.charges = {
            charge: reads.of_all(charge) for charge in found.charges if charge.truth(self.evaluator) is None
        }
        self.admitting = {
            ground: reads.of_all(ground) for ground in found.admitting if ground.truth(self.evaluator) is not False
        }
        self.narrower = bool(found.narrower)
        everything: tuple[Charge | Ground, ...] = (*self.charges, *self.admitting)
        self.open_facts = {each: self._of(each, self.evaluator) for each in everything}

    def missing(self) -> set[str]:
        """The facts of every set that was found, smallest sets first."""
        start = self._state(())
        found: set[str] = set()
        frontier = [start]
        for _ in range(2):
            following: list[_State] = []
            for state in frontier:
                for fact in self._open_facts(state):
                    if fact in found or any(fact == name for name, _ in state.assigned):
                        continue
                    for value in self._values(fact, dict(state.assigned)):
                        if self.tried >= BUDGET:
                            return found or self._greedy(start)
                        after = self._state((*state.assigned, (fact, value)))
                        if after.definite and self._is_minimal(after.assigned):
                            found.update(name for name, _ in after.assigned)
                            break
                        if not after.definite:
                            following.append(after)
            frontier = [state for state in following if found.isdisjoint(name for name, _ in state.assigned)]
        return found or self._greedy(start)

    def _is_minimal(self, assigned: Assignment) -> bool:
        return not any(
            self._state(smaller).definite
            for size in range(1, len(assigned))
            for smaller in combinations(assigned, size)
        )

    def _greedy(self, state: _State) -> set[str]:
        """One set found by telling fact after fact, each with the value that leaves least open."""
        for _ in range(40):
            if state.definite:
                break
            following = [
                self._state((*state.assigned, (fact, value)))
                for fact in self._open_facts(state)[:6]
                if all(fact != name for name, _ in state.assigned)
                for value in self._values(fact, dict(state.assigned))
            ]
            following = [each for each in following if each.definite or self._open_facts(each)]
            if not following:
                return set()
            state = min(following, key=lambda each: (not each.definite, len(self._open_facts(each))))
        if not state.definite:
            return set()
        assigned = list(state.assigned)
        for pair in state.assigned:
            rest = [each for each in assigned if each != pair]
            if self._state(tuple(rest)).definite:
                assigned = rest
        return {name for name, _ in assigned}

    # ---- states ------------------------------------------------------------------------------------------------------

    def _state(self, assigned: Assignment) -> _State:
        self.tried += 1
        known = {**self.case.known, **{name: Known(value) for name, value in assigned}}
        evaluator = Evaluator(self.policies, known, self.case.as_of)
        names = frozenset(name for name, _ in assigned)
        return _State(assigned, self._rejects(names, evaluator) or self._accepts(names, evaluator), evaluator)

    def _rejects(self, names: frozenset[str], evaluator: Evaluator) -> bool:
        return any(charge.truth(evaluator) for charge, reads in self.charges.items() if reads & names)

    def _accepts(self, names: frozenset[str], evaluator: Evaluator) -> bool:
        """A charge that reads none of the facts stays open, so that nothing can be accepted."""
        if not all(reads & names and charge.truth(evaluator) is False for charge, reads in self.charges.items()):
            return False
        if not any(ground.truth(evaluator) for ground in self.admitting):
            return False
        moved = not names.isdisjoint(("target", "date"))
        return not (grounds(self.policies, evaluator).narrower if moved else self.narrower)

    def _open_facts(self, state: _State) -> list[str]:
        """The unknown facts on which a state hangs."""
        return [] if state.definite else list(dict.fromkeys(self._open(state)))

    def _open(self, state: _State) -> Iterator[str]:
        for charge, reads in self.charges.items():
            yield from self._open_in(charge, reads, state)
        if self.charges or not any(self._truth(ground, reads, state) for ground, reads in self.admitting.items()):
            for ground, reads in self.admitting.items():
                yield from self._open_in(ground, reads, state)

    def _truth(self, each: Charge | Ground, reads: frozenset[str], state: _State) -> Truth:
        return each.truth(state.evaluator if reads & state.names else self.evaluator)

    def _open_in(self, each: Charge | Ground, reads: frozenset[str], state: _State) -> tuple[str, ...]:
        return self._of(each, state.evaluator) if reads & state.names else self.open_facts[each]

    def _of(self, each: Charge | Ground, evaluator: Evaluator) -> tuple[str, ...]:
        """The unknown facts that something open hangs on."""
        return tuple(dict.fromkeys(self._all_of(each, evaluator)))

    def _all_of(self, each: Charge | Ground, evaluator: Evaluator) -> Iterator[str]:
        if each.truth(evaluator) is not None:
            return
        rules, lists = bearing(self.policies, each)
        for rule in rules:
            yield from self._of_proof(evaluator.fires(rule), evaluator)
        for task_list in lists:
            yield from self._of_coverage(evaluator.cover(task_list.key), evaluator)
            for unless in task_list.unless:
                yield from self._of_proof(evaluator.prove(unless), evaluator)

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


@lru_cache(maxsize=4)
def _reads(policies: p.PolicySet) -> _Reads:
    return _Reads(policies)


class _Reads:
    """Which facts a condition may read, through terms, lists and the facts' own `only when`."""

    def __init__(self, policies: p.PolicySet) -> None:
        self.policies = policies
        self.known: dict[str, frozenset[str]] = {}

    def of_all(self, each: Charge | Ground) -> frozenset[str]:
        """The facts that may decide whether something rejects or admits."""
        rules, lists = bearing(self.policies, each)
        conditions = (*(rule.fires for rule in rules), *(unless for task_list in lists for unless in task_list.unless))
        return frozenset().union(*map(self.of, conditions), *(self._named(task_list.key) for task_list in lists))

    def of(self, condition: p.Condition) -> frozenset[str]:
        """The facts that a condition may read."""
        return frozenset().union(*(self._leaf(leaf) for leaf in p.leaves(condition)))

    def _leaf(self, leaf: p.Condition) -> frozenset[str]:
        match leaf:
            case p.TermUse(terms):
                return frozenset().union(*(self._named(key) for key in terms))
            case p.OnList(lists):
                return frozenset().union(*(self._named(key) for key in lists))
            case p.OnAnyList():
                return frozenset().union(
                    *(self._named(key) for key, each in self.policies.lists.items() if not each.is_ban)
                )
        return frozenset().union(*(self._named(name) for name in p.facts_of(leaf)))

    def _named(self, key: str) -> frozenset[str]:
        """What a term, a list or a fact reads; the checker has made sure that none uses itself."""
        if key not in self.known:
            self.known[key] = frozenset().union(*self._inside(key))
        return self.known[key]

    def _inside(self, key: str) -> Iterator[frozenset[str]]:
        if (term := self.policies.terms.get(key)) is not None:
            yield from (self.of(term.applies), self.of(term.condition))
        elif (task_list := self.policies.lists.get(key)) is not None:
            yield self._named("item")
            yield from (self._named(each) for each in self.policies.implementers.get(key, ()))
            yield self.of(task_list.governs)
            yield from (self.of(item.covers) for item in (*task_list.items, *task_list.otherwise))
            if task_list.answered_by is not None:
                yield self._named(task_list.answered_by)
        else:
            fact = self.policies.facts.get(key)
            yield frozenset((key,))
            if fact is not None and fact.only_when is not None:
                yield self.of(fact.only_when)


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
