"""Two conditions compared by evaluation over everything that they can tell apart.

The conditions without parts are gathered with the facts that they read. Each fact gets one value for every way in
which these conditions can come out, *not told* among them; a condition on lists, wordings or two facts at once is
taken to come out in any way. If two conditions agree on every combination, no task tells them apart. A combination
on which they differ is a hint how such a task looks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from attrs import evolve, field, frozen

from burdenlib import policy as p
from burdenlib.evaluator import Evaluator, nonexistent_value
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.lists import normal_code
from burdenlib.logic import Truth
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
    codes: tuple[tuple[int, int], ...]


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
    one: p.PolicySet, other: p.PolicySet, pair: tuple[p.Condition, p.Condition], *, enough: int = LIMIT
) -> tuple[bool, list[Difference]]:
    """Whether it is shown that two conditions always agree; else some combinations on which they differ.

    The search ends after `enough` differences.
    """
    left, right = _expanded(one, pair[0]), _expanded(other, pair[1])
    if left == right:
        return True, []
    table = _table(one, left, right)
    formulas = _compiled(left, table.leaves), _compiled(right, table.leaves)
    exists = {
        number: (_compiled(table.exists[variable.fact], table.leaves), variable.absent)
        for number, variable in enumerate(table.variables)
        if variable.absent is not None
    }
    found: list[Difference] = []
    looked = 0
    for choices in itertools.product(*(variable.choices for variable in table.variables)):
        if (looked := looked + 1) > LIMIT or len(found) >= enough:
            return False, found
        truths = _truths(table, choices, exists)
        if truths is not None and (a := formulas[0](truths)) != (b := formulas[1](truths)):
            found.append(_difference(table, choices, _TRUTHS[a], _TRUTHS[b]))
    return table.whole and not found, found


def _difference(table: _Table, choices: Sequence[_Choice], one: Truth, other: Truth) -> Difference:
    pairs = list(zip(table.variables, choices, strict=True))
    facts = {each.fact: choice.value for each, choice in pairs if each.fact and each.fact != _DAY}
    day = next((choice.value for each, choice in pairs if each.fact == _DAY), None)
    if day is not None and facts.get("date") is None:
        facts["date"] = day
    return Difference(facts, one, other, sum(not each.fact for each in table.variables))


# ---- conditions over combinations ----------------------------------------------------------------------------------------


def _expanded(policies: p.PolicySet, condition: p.Condition) -> p.Condition:
    """A condition with what its terms mean, and what its lists govern, in their place."""
    match condition:
        case p.All(parts):
            inside = tuple(_expanded(policies, part) for part in parts)
            return p.All(
                tuple(leaf for each in inside for leaf in (each.parts if isinstance(each, p.All) else (each,)))
            )
        case p.Any(parts):
            return p.Any(tuple(_expanded(policies, part) for part in parts))
        case p.Not(part):
            return p.Not(_expanded(policies, part))
        case p.TermUse((key,)) if key in policies.terms:
            return _expanded(policies, policies.terms[key].condition)
        case p.TermUse(keys) if all(key in policies.terms for key in keys):
            terms = [policies.terms[key] for key in keys]
            return p.Any(tuple(_expanded(policies, p.All((term.applies, term.condition))) for term in terms))
        case p.OnList(keys, codes, off) if all(key in policies.lists for key in keys):
            return p.Any(tuple(_on(policies, key, codes, off=off) for key in keys))
    return condition


def _on(policies: p.PolicySet, key: str, codes: tuple[str, ...], *, off: bool) -> p.Condition:
    """That a list governs and covers a task: whether it covers is taken to come out in any way."""
    covers = p.OnList((key, _COVERS), codes)
    governs = _expanded(policies, policies.lists[key].governs)
    return p.All((governs, p.Not(covers) if off else covers))


_CODES: Mapping[Truth, int] = {False: 0, None: 1, True: 2}
_TRUTHS: Sequence[Truth] = (False, None, True)

Formula = Callable[[Sequence[int]], int]


def _compiled(condition: p.Condition, leaves: Mapping[p.Condition, int]) -> Formula:
    """A condition as a function of what its leaves come to: false is 0, unknown 1, true 2."""
    formula: Formula = eval(f"lambda t: {_formula(condition, leaves)}", {"min": min, "max": max})  # noqa: S307  # our own text
    return formula


def _formula(condition: p.Condition, leaves: Mapping[p.Condition, int]) -> str:
    match condition:
        case p.All(parts):
            return f"min({', '.join(('2', '2', *(_formula(part, leaves) for part in parts)))})"
        case p.Any(parts):
            return f"max({', '.join(('0', '0', *(_formula(part, leaves) for part in parts)))})"
        case p.Not(part):
            return f"(2 - {_formula(part, leaves)})"
    return f"t[{leaves[condition]}]"


def _truths(
    table: _Table, choices: Sequence[_Choice], exists: Mapping[int, tuple[Formula, _Choice]]
) -> Sequence[int] | None:
    """What every condition comes to, or `None` where a fact is told of a task that can't have it."""
    truths = [1] * len(table.leaves)
    for choice in choices:
        for number, code in choice.codes:
            truths[number] = code
    for index, (formula, absent) in exists.items():
        if formula(truths) == 0:
            value = choices[index].value
            empty = isinstance(value, SetValue) and not value.includes
            if value is not None and value != absent.value and not empty:
                return None
            for number, code in absent.codes:
                truths[number] = code
    return truths


# ---- variables ----------------------------------------------------------------------------------------------------------------

_COVERS = "\u00b7covers"

_DAY = "\u00b7day"
"""The day of judgement, which need not be the fact `date`."""


def _table(policies: p.PolicySet, left: p.Condition, right: p.Condition) -> _Table:
    leaves: dict[p.Condition, int] = {}
    exists: dict[str, p.Condition] = {}
    todo = [left, right]
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
    shared = _shared(left, right)
    by_fact: dict[str, list[p.Condition]] = {}
    free: list[_Variable] = []
    for leaf, number in leaves.items():
        if name := _variable_of(leaf):
            by_fact.setdefault(name, []).append(leaf)
        else:
            codes = [code for code in (2, 0, 1) if (leaf, code) not in shared]
            free.append(_Variable("", tuple(_Choice(None, ((number, code),)) for code in codes)))
    plain = _Plain(policies)
    whole, variables = True, []
    for name, on_it in by_fact.items():
        values, complete = plain.values(name, on_it)
        whole = whole and complete
        variables.append(_variable(plain, name, on_it, values, leaves, shared, exists=name in exists))
    variables.sort(key=lambda each: len(each.choices))
    order = sorted(variables, key=lambda each: each.absent is not None)
    return _Table(leaves, (*free, *order), exists, whole)


def _variable(
    plain: _Plain,
    name: str,
    on_it: Sequence[p.Condition],
    values: Iterable[Value | None],
    leaves: Mapping[p.Condition, int],
    shared: frozenset[tuple[p.Condition, int]],
    *,
    exists: bool,
) -> _Variable:
    """A fact with one value for each way in which the conditions on it can come out."""
    choices: dict[tuple[tuple[int, int], ...], _Choice] = {}

    def choice(value: Value | None) -> _Choice:
        return _Choice(value, tuple((leaves[leaf], _CODES[plain.truth(leaf, name, value)]) for leaf in on_it))

    for value in values:
        found = choice(value)
        decided = any((leaf, code) in shared for leaf, (_, code) in zip(on_it, found.codes, strict=True))
        if value is None or not decided:
            choices.setdefault(found.codes, found)
    absent = choice(nonexistent_value(plain.policies.facts[name])) if exists else None
    return _Variable(name, tuple(choices.values()), absent)


def _shared(left: p.Condition, right: p.Condition) -> frozenset[tuple[p.Condition, int]]:
    """What makes both conditions false, so that it needn't be looked at: parts of both, with what they may not come to."""
    if not isinstance(left, p.All) or not isinstance(right, p.All):
        return frozenset()
    found: set[tuple[p.Condition, int]] = set()
    for part in set(left.parts) & set(right.parts):
        inside = part.part if isinstance(part, p.Not) else part
        if not p.parts_of(inside):
            found.add((inside, 2 if isinstance(part, p.Not) else 0))
    return frozenset(found)


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
