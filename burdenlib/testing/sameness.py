"""Two conditions compared by evaluation over everything that they can tell apart.

The conditions without parts are gathered with the facts that they read. Each fact gets one value for every way in
which these conditions can come out, *not told* among them; a condition on lists, wordings or two facts at once is
taken to come out in any way. If two conditions agree on every combination, no task tells them apart. A combination
on which they differ is a hint how such a task looks.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from attrs import evolve, field, frozen

from burdenlib import policy as p
from burdenlib.evaluator import Evaluator, nonexistent_value
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.lists import normal_code
from burdenlib.logic import Truth, all_true, any_true, negate
from burdenlib.task import Known

__all__ = ["FALSE", "LIMIT", "Difference", "compare", "values_of"]

FALSE = p.Any(())
"""A condition that is never true: what is left of a rule that is gone."""

LIMIT = 20_000
"""How many combinations are looked at."""

_MOST_OF_A_SET = 4


@frozen
class Difference:
    """Values of facts (`None`: not told) on which two conditions differ, and what each comes to."""

    facts: Mapping[str, Value | None]
    one: Truth
    other: Truth
    free: int = 0


@frozen
class _Choice:
    """A value of a variable and what the conditions on it come to, by their numbers."""

    value: Value | None
    truths: tuple[tuple[int, Truth], ...]


@frozen
class _Variable:
    """A fact, or (with `fact` empty) a condition that is taken to come out in any way."""

    fact: str
    choices: tuple[_Choice, ...]
    absent: _Choice | None = None


@frozen(eq=False)
class _Table:
    leaves: Mapping[p.Condition, int]
    variables: tuple[_Variable, ...]
    exists: Mapping[str, p.Condition]
    whole: bool = True


def compare(
    one: p.PolicySet, other: p.PolicySet, pair: tuple[p.Condition, p.Condition]
) -> tuple[bool, list[Difference]]:
    """Whether it is shown that two conditions always agree; else some combinations on which they differ."""
    left, right = _expanded(one, pair[0]), _expanded(other, pair[1])
    if left == right:
        return True, []
    table = _table(one, (left, right))
    found: list[Difference] = []
    size = 1
    for variable in table.variables:
        size *= len(variable.choices)
    combinations = itertools.product(*(variable.choices for variable in table.variables))
    for choices in itertools.islice(combinations, LIMIT):
        truths = _truths(table, choices)
        if truths is None:
            continue
        a, b = _evaluate(left, table.leaves, truths), _evaluate(right, table.leaves, truths)
        if a is not b:
            pairs = list(zip(table.variables, choices, strict=True))
            facts = {each.fact: choice.value for each, choice in pairs if each.fact and each.fact != _DAY}
            day = next((choice.value for each, choice in pairs if each.fact == _DAY), None)
            if day is not None and facts.get("date") is None:
                facts["date"] = day
            free = sum(not each.fact for each in table.variables)
            found.append(Difference(facts, a, b, free))
    return table.whole and size <= LIMIT and not found, found


# ---- conditions over combinations ----------------------------------------------------------------------------------------


def _expanded(policies: p.PolicySet, condition: p.Condition) -> p.Condition:
    """A condition with what its terms mean in their place."""
    match condition:
        case p.All(parts):
            return p.All(tuple(_expanded(policies, part) for part in parts))
        case p.Any(parts):
            return p.Any(tuple(_expanded(policies, part) for part in parts))
        case p.Not(part):
            return p.Not(_expanded(policies, part))
        case p.TermUse((key,)) if key in policies.terms:
            return _expanded(policies, policies.terms[key].condition)
        case p.TermUse(keys) if all(key in policies.terms for key in keys):
            terms = [policies.terms[key] for key in keys]
            return p.Any(tuple(_expanded(policies, p.All((term.applies, term.condition))) for term in terms))
    return condition


def _evaluate(condition: p.Condition, leaves: Mapping[p.Condition, int], truths: Mapping[int, Truth]) -> Truth:
    match condition:
        case p.All(parts):
            return all_true(_evaluate(part, leaves, truths) for part in parts)
        case p.Any(parts):
            return any_true(_evaluate(part, leaves, truths) for part in parts)
        case p.Not(part):
            return negate(_evaluate(part, leaves, truths))
    return truths[leaves[condition]]


def _truths(table: _Table, choices: Sequence[_Choice]) -> Mapping[int, Truth] | None:
    """What every condition comes to, or `None` where a fact is told of a task that can't have it."""
    truths = {number: truth for choice in choices for number, truth in choice.truths}
    for variable, choice in zip(table.variables, choices, strict=True):
        condition = table.exists.get(variable.fact)
        if condition is None or variable.absent is None:
            continue
        if _evaluate(condition, table.leaves, truths) is False:
            empty = isinstance(choice.value, SetValue) and not choice.value.includes
            if choice.value is not None and choice.value != variable.absent.value and not empty:
                return None
            truths |= dict(variable.absent.truths)
    return truths


# ---- variables ----------------------------------------------------------------------------------------------------------------

_DAY = "\u00b7day"
"""The day of judgement, which need not be the fact `date`."""


def _table(policies: p.PolicySet, conditions: Iterable[p.Condition]) -> _Table:
    leaves: dict[p.Condition, int] = {}
    exists: dict[str, p.Condition] = {}
    todo = list(conditions)
    while todo:
        for leaf in p.leaves(todo.pop()):
            if leaf in leaves:
                continue
            leaves[leaf] = len(leaves)
            name = _variable_of(leaf)
            fact = policies.facts.get(name)
            if fact is not None and fact.only_when is not None and name not in exists:
                exists[name] = _expanded(policies, fact.only_when)
                todo.append(exists[name])
    by_fact: dict[str, list[p.Condition]] = {}
    variables: list[_Variable] = []
    whole = True
    for leaf, number in leaves.items():
        if name := _variable_of(leaf):
            by_fact.setdefault(name, []).append(leaf)
        else:
            variables.append(_Variable("", tuple(_Choice(None, ((number, truth),)) for truth in (True, False, None))))
    plain = _Plain(policies)
    order = sorted(by_fact, key=lambda name: name in exists)
    for name in order:
        values, complete = plain.values(name, by_fact[name])
        whole = whole and complete
        choices: dict[tuple[tuple[int, Truth], ...], _Choice] = {}
        for value in values:
            row = tuple((leaves[leaf], plain.truth(leaf, name, value)) for leaf in by_fact[name])
            choices.setdefault(row, _Choice(value, row))
        absent = None
        if name in exists:
            nothing = nonexistent_value(policies.facts[name])
            absent = _Choice(nothing, tuple((leaves[leaf], plain.truth(leaf, name, nothing)) for leaf in by_fact[name]))
        variables.append(_Variable(name, tuple(choices.values()), absent))
    return _Table(leaves, tuple(variables), exists, whole)


def _variable_of(leaf: p.Condition) -> str:
    """The fact whose value alone decides a condition; empty if there is no such fact."""
    match leaf:
        case p.InForce():
            return _DAY
        case p.Equal(fact, value) | p.Compare(fact, _, value) if not isinstance(value, p.FactRef | p.Offset):
            return fact
        case p.YesNo(fact) | p.Member(fact) | p.Contains(fact) | p.Inside(fact) | p.Has(fact):
            return fact
    return ""


@frozen(eq=False)
class _Plain:
    """Conditions on one fact, evaluated without regard to `only when`."""

    policies: p.PolicySet
    stripped: p.PolicySet = field(init=False)

    @stripped.default
    def _strip(self) -> p.PolicySet:
        facts = {name: evolve(fact, only_when=None) for name, fact in self.policies.facts.items()}
        return evolve(self.policies, facts=facts)

    def truth(self, leaf: p.Condition, name: str, value: Value | None) -> Truth:
        """What a condition comes to where its fact has this value."""
        known = {} if value is None else {"date" if name == _DAY else name: Known(value)}
        return Evaluator(self.stripped, known).prove(leaf).truth

    def values(self, name: str, leaves: Sequence[p.Condition]) -> tuple[list[Value | None], bool]:
        """Values of a fact for every way in which conditions on it can come out, and whether these are all."""
        if name == _DAY:
            ends = [day for leaf in leaves if isinstance(leaf, p.InForce) for day in _ends(leaf.interval)]
            return [*dict.fromkeys(_round(ends)), None], True
        return values_of(self.policies, name, leaves)


def values_of(policies: p.PolicySet, name: str, leaves: Iterable[p.Condition]) -> tuple[list[Value | None], bool]:
    """Values of a fact that conditions on it tell apart, *not told* among them, and whether no way is left out."""
    fact, leaves = policies.facts[name], tuple(leaves)
    kind = fact.type
    values: list[Value | None]
    whole = True
    match kind.kind:
        case "yes_no":
            values = [True, False]
        case "one_of" | "ordered":
            values = [each.name for each in kind.values]
        case "set_of":
            named = sorted({value for leaf in leaves if isinstance(leaf, p.Contains) for value in leaf.values})
            values, whole = list(_sets(named, kind.names)), len(named) <= _MOST_OF_A_SET
        case "number":
            numbers = {value for value in _constants(leaves) if isinstance(value, Decimal)} or {Decimal(1)}
            values = [*sorted({number + step for number in numbers for step in (-1, 0, 1)} | set(_between(numbers)))]
        case "date":
            days = {value for value in _constants(leaves) if isinstance(value, date)}
            days |= {day for leaf in leaves if isinstance(leaf, p.InForce) for day in _ends(leaf.interval)}
            values = list(dict.fromkeys(_round(days or {date(2024, 1, 1)})))
        case "place":
            codes = {value for value in _constants(leaves) if isinstance(value, str)}
            values = [*(_inside(code, codes) for code in sorted(codes)), _inside("", codes)]
            values += [code for code in sorted(codes) if code]
        case _:
            texts = {normal_code(value): value for value in _constants(leaves) if isinstance(value, str)}
            values = [*texts.values(), "(演示)"]
    return [*values, *([NONE] if kind.or_none else []), None], whole


def _constants(leaves: Iterable[p.Condition]) -> Iterator[object]:
    for leaf in leaves:
        match leaf:
            case p.Equal(_, value) | p.Compare(_, _, value):
                yield value
            case p.Member(_, values) | p.Inside(_, values):
                yield from values


def _ends(interval: p.Interval) -> Iterator[date]:
    yield from (day for day in (interval.start, interval.end) if day is not None)


def _round(days: Iterable[date]) -> Iterator[date]:
    for day in sorted(days):
        yield from (day - timedelta(days=1), day, day + timedelta(days=1))


def _between(numbers: Iterable[Decimal]) -> Iterator[Decimal]:
    ordered = sorted(numbers)
    for number in ordered:
        yield from (number - Decimal("0.5"), number + Decimal("0.5"))


def _inside(code: str, codes: Iterable[str]) -> str:
    """A village's place inside one place and inside no other one of these that is smaller."""
    tail = "990199001001"
    for number in range(99, 0, -1):
        found = code if len(code) >= 12 else (code + f"{number:02}{tail[len(code) + 2 :]}")[:12]
        deeper = [each for each in codes if each != code and each.startswith(code) and found.startswith(each)]
        if not deeper:
            return found
    return code


def _sets(named: Sequence[str], names: frozenset[str]) -> Iterator[SetValue]:
    """What can be known of a set: each of a few values in it, not in it, or neither known."""
    if len(named) > _MOST_OF_A_SET:
        yield from (SetValue(frozenset(each), names - frozenset(each)) for each in ((), *((n,) for n in named), named))
        return
    rest = sorted(names - frozenset(named))
    for included in itertools.product((False, True), repeat=len(named)):
        inside = frozenset(name for name, has in zip(named, included, strict=True) if has)
        yield SetValue(inside, names - inside)
    if rest:
        yield SetValue(frozenset(rest[:1]), names - frozenset(rest[:1]))
    for truths in itertools.product((True, False, None), repeat=len(named)):
        if None in truths:
            pairs = list(zip(named, truths, strict=True))
            yield SetValue(
                frozenset(name for name, truth in pairs if truth),
                frozenset(name for name, truth in pairs if truth is False),
            )
