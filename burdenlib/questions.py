"""Which facts an undetermined task hangs on.

A fact is asked for if it belongs to a set of facts that, for some values, makes the answer definite, and from which
no fact can be left out. The sets are searched for by trying the values that the policies tell apart; only what is
open is judged again, since what is definite stays so. The search is bounded: each fact that it gives is right, but
where many facts are missing together it may not give all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from attrs import evolve, frozen

from burdenlib import policy as p
from burdenlib.answer import Coverage, Proof
from burdenlib.evaluator import Evaluator, shift
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.intake import Case
from burdenlib.judge import Grounds, as_missing, grounds
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
    """The task with some facts assumed, and what of it is then open."""

    assigned: Assignment
    definite: bool
    open_: Grounds
    evaluator: Evaluator


class _Search:
    def __init__(self, policies: p.PolicySet, case: Case) -> None:
        self.policies = policies
        self.case = case
        self.tried = 0
        evaluator = Evaluator(policies, case.known, case.as_of)
        found = grounds(policies, evaluator)
        charges = tuple(each for each in found.charges if each.truth(evaluator) is None)
        admitting = tuple(each for each in found.admitting if each.truth(evaluator) is not False)
        self.open = Grounds(charges, admitting, found.narrower)
        self.moves = (case.as_of is None and "date" not in case.known) or "target" not in case.known

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
        open_ = grounds(self.policies, evaluator) if self.moves else self.open
        return _State(assigned, open_.status(evaluator) != "undetermined", open_, evaluator)

    def _open_facts(self, state: _State) -> list[str]:
        """The unknown facts on which a state hangs."""
        return [] if state.definite else list(dict.fromkeys(self._open(state.open_, state.evaluator)))

    def _open(self, open_: Grounds, evaluator: Evaluator) -> Iterator[str]:
        for charge in open_.charges:
            if charge.truth(evaluator) is None:
                if charge.rule is not None:
                    yield from self._of_proof(evaluator.fires(charge.rule), evaluator)
                elif charge.ban_list is not None:
                    yield from self._of_coverage(evaluator.cover(charge.ban_list.key), evaluator)
                    for unless in charge.ban_list.unless:
                        yield from self._of_proof(evaluator.prove(unless), evaluator)
                else:
                    for each in charge.policy.lists:
                        yield from self._of_coverage(evaluator.cover(each.key), evaluator)
        if not any(ground.truth(evaluator) for ground in open_.admitting) or open_.charges:
            for ground in open_.admitting:
                if ground.truth(evaluator) is None:
                    if ground.rule is not None:
                        yield from self._of_proof(evaluator.fires(ground.rule), evaluator)
                    elif ground.task_list is not None:
                        yield from self._of_coverage(evaluator.cover(ground.task_list.key), evaluator)

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
    for condition in _conditions(policies):
        for leaf in p.leaves(condition):
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


def _conditions(policies: p.PolicySet) -> Iterable[p.Condition]:
    for policy in policies.policies:
        yield from (rule.fires for rule in policy.rules)
        yield from (term.condition for term in policy.terms)
        for each in policy.lists:
            yield each.governs
            yield from (item.covers for item in (*each.items, *each.otherwise))
