"""Values worth trying: for each fact those that the policies tell apart, and what they make of each condition.

A set counts as one variable for each of its values. The candidates of a variable stand in one row, the plainest
first; which of them make a condition false, unknown or true is kept as three masks of bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import chain

from attrs import field, frozen

from burdenlib import policy as p
from burdenlib.evaluator import Evaluator, nonexistent_value
from burdenlib.facts import NONE, Value
from burdenlib.lists import normal_code, normal_title
from burdenlib.logic import Truth
from burdenlib.phrases import uses
from burdenlib.places import is_inside
from burdenlib.task import Known

__all__ = ["FALSE", "TRUE", "UNKNOWN", "Domain", "Mention", "Space", "Variable", "bit_of", "outside", "space_of"]

FALSE, UNKNOWN, TRUE = 1, 2, 4
"""The three truths as bits, so that several together are one number."""

Variable = tuple[str, str | None]
"""A fact, or one value of a set: told to be in it or not."""

_PLAIN_DAYS = (date(2025, 6, 3), date(2024, 6, 4), date(2023, 6, 6), date(2022, 6, 7))


def outside(policies: p.PolicySet) -> str | None:
    """A village in the place of no document that is for a part of the country; `None` if they fill it."""
    places = {policy.place for policy in policies.policies if policy.place}
    codes = (f"{number}0101001001" for number in range(99, 10, -1))
    return next((code for code in codes if not any(is_inside(code, place) for place in places)), None)


def bit_of(truth: Truth) -> int:
    """A truth as a bit."""
    return UNKNOWN if truth is None else TRUE if truth else FALSE


@frozen
class Mention:
    """Whether one text uses one of the phrases: half of `mentions`, which looks at title and text."""

    fact: str
    phrases: tuple[str, ...]


Leaf = p.Condition | Mention


@frozen(eq=False)
class Domain:
    """The candidates of one variable; the last is `None`, not told.

    `absent` is the bit of the value that the fact has where it doesn't exist.
    """

    variable: Variable
    values: tuple[Value | None, ...]
    absent: int = 0
    kept: dict[object, object] = field(factory=dict, repr=False)

    @property
    def untold(self) -> int:
        """The bit of what is not told."""
        return 1 << (len(self.values) - 1)

    @property
    def whole(self) -> int:
        """All bits."""
        return (1 << len(self.values)) - 1

    def with_more(self, values: Iterable[Value]) -> Domain:
        """The candidates with others before what is not told; the bits of the old ones stay."""
        added = tuple(value for value in dict.fromkeys(values) if value not in self.values)
        return Domain(self.variable, (*self.values[:-1], *added, None), self.absent) if added else self


class Space:
    """The variables of a set of policies, each with its candidates."""

    def __init__(self, policies: p.PolicySet) -> None:
        self.policies = policies
        self.domains: dict[Variable, Domain] = {}
        self._literals = _literals(policies)

    def domain(self, variable: Variable) -> Domain:
        """The candidates of a variable."""
        if variable not in self.domains:
            self.domains[variable] = self._make(variable)
        return self.domains[variable]

    def masks(self, domain: Domain, leaf: Leaf) -> tuple[int, int, int]:
        """The candidates that make a leaf false, unknown and true."""
        found = domain.kept.get(id(leaf))
        if found is None:
            masks = {FALSE: 0, UNKNOWN: 0, TRUE: 0}
            for index, value in enumerate(domain.values):
                masks[self._truth(domain.variable, leaf, value)] |= 1 << index
            found = (leaf, (masks[FALSE], masks[UNKNOWN], masks[TRUE]))
            domain.kept[id(leaf)] = found
        return found[1]  # type: ignore[index, no-any-return]  # the leaf is kept so that its id stays its own

    def _truth(self, variable: Variable, leaf: Leaf, value: Value | None) -> int:
        fact, member = variable
        if value is None:
            return UNKNOWN
        if member is not None:
            return TRUE if value else FALSE
        if isinstance(leaf, p.InForce):
            return bit_of(isinstance(value, date) and leaf.interval.holds(value))
        if isinstance(leaf, Mention):
            phrases = [self.policies.phrases[key] for key in leaf.phrases]
            return bit_of(next(uses(phrases, [str(value)]), None) is not None)
        return bit_of(Evaluator(self.policies, {fact: Known(value)}).prove(leaf).truth)

    # ---- candidates --------------------------------------------------------------------------------------------------

    def _make(self, variable: Variable) -> Domain:
        name, member = variable
        fact = self.policies.facts.get(name)
        if fact is None:
            return Domain(variable, (None,))
        values: list[Value | None] = [False, True] if member is not None else list(dict.fromkeys(self._values(fact)))
        absent = 0
        if fact.only_when is not None:
            nothing = False if member is not None else nonexistent_value(fact)
            if nothing in values:
                absent = 1 << values.index(nothing)
        return Domain(variable, (*values, None), absent)

    def _values(self, fact: p.Fact) -> Iterator[Value]:
        found = self._literals.get(fact.name, {})
        match fact.type.kind:
            case "yes_no":
                yield from (True, False)
            case "one_of" | "ordered":
                yield from (value.name for value in fact.type.values)
            case "number":
                yield from _numbers(value for value in found if isinstance(value, Decimal))
            case "date":
                yield from _days(value for value in found if isinstance(value, date))
            case "place":
                yield from _places((str(value) for value in found), outside(self.policies))
            case _ if fact.name == "item":
                yield from _item_names(self.policies, [str(value) for value in found])
            case _:
                yield from ("一项工作" if fact.name in ("title", "text") else "甲", *map(str, found))
                if fact.name in ("title", "text"):
                    yield from _sentences(self.policies)
        if fact.type.or_none:
            yield NONE


@lru_cache(maxsize=8)
def space_of(policies: p.PolicySet) -> Space:
    """The space of a set of policies, made once."""
    return Space(policies)


def _numbers(found: Iterable[Decimal]) -> Iterator[Value]:
    edges = sorted(set(found)) or [Decimal(1)]
    yield from chain.from_iterable((edge, edge + 1, edge - 1) for edge in edges)


def _days(found: Iterable[date]) -> Iterator[Value]:
    yield from _PLAIN_DAYS
    for day in sorted(set(found), reverse=True):
        yield from (day, day - timedelta(days=1), day + timedelta(days=1))


def _places(found: Iterable[str], beyond: str | None) -> Iterator[Value]:
    """A village in each place, then one outside all of them, some just beside them, then the places themselves."""
    places = sorted({place for place in found if place}, key=lambda place: (len(place), place))
    villages = [_village_in(place) for place in places]
    yield from villages
    if beyond is not None:
        yield beyond
    yield from (_village_in(beside) for place in places if (beside := _beside(place)) not in places)
    yield from places


def _village_in(place: str) -> str:
    filled = {2: "0101001001", 4: "01001001", 6: "001001", 9: "001"}
    return place + filled.get(len(place), "")


def _beside(place: str) -> str:
    """Another division of the same kind next to a place."""
    number = int(place[-2:])
    return f"{place[:-2]}{number + 1 if number < 99 else number - 1:02}"


def _item_names(policies: p.PolicySet, found: Iterable[str]) -> Iterator[Value]:
    """A name on no list, then each item's titles, code and aliases, then names just off them."""
    near: list[str] = []
    yield "清单外的一件事"
    yield from found
    for task_list in policies.lists.values():
        for item in task_list.items:
            yield from item.title.ordered("zh")
            if item.code is not None:
                yield item.code
            yield from item.also
            near.append(item.title.pick("zh") + "等")
    yield from near


def _sentences(policies: p.PolicySet) -> Iterator[Value]:
    """A sentence with each wording of the phrases, and one that forbids it."""
    for phrases in policies.phrases.values():
        for wording in phrases.wordings[:2]:
            yield from (f"请各村{wording}", f"不得{wording}")
        yield from phrases.excluded[:1]


def name_index(domain: Domain) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The candidates for `item` by the code and by the title that each may be read as."""
    if "names" not in domain.kept:
        codes: dict[str, int] = {}
        titles: dict[str, int] = {}
        for index, value in enumerate(domain.values):
            if isinstance(value, str):
                code, title = normal_code(value), normal_title(value)
                codes[code] = codes.get(code, 0) | 1 << index
                titles[title] = titles.get(title, 0) | 1 << index
        domain.kept["names"] = (codes, titles)
    return domain.kept["names"]  # type: ignore[return-value]


# ---- what the policies compare with ---------------------------------------------------------------------------------------


def _literals(policies: p.PolicySet) -> Mapping[str, Mapping[Value, None]]:
    """The values that stand beside each fact in any condition, in order."""
    found: dict[str, dict[Value, None]] = {}

    def note(fact: str, *values: object) -> None:
        kept = found.setdefault(fact, {})
        kept.update((value, None) for value in values if isinstance(value, str | Decimal | date))

    for condition in _conditions(policies):
        for leaf in p.leaves(condition):
            match leaf:
                case p.Equal(fact, value):
                    note(fact, value)
                case p.Member(fact, values):
                    note(fact, *values)
                case p.Compare(fact, _, amount):
                    note(fact, amount)
                case p.Inside(fact, places):
                    note(fact, *places)
                case p.InForce(interval):
                    note("date", interval.start, interval.end)
    for policy in policies.policies:
        note("target", policy.place)
    return found


def _conditions(policies: p.PolicySet) -> Iterator[p.Condition]:
    for policy in policies.policies:
        yield policy.applies
        yield from (rule.fires for rule in policy.rules)
        yield from (term.condition for term in policy.terms)
        yield from (promise.condition for promise in policy.promises)
        for task_list in policy.lists:
            yield from (task_list.governs, *task_list.unless)
            yield from (item.covers for item in (*task_list.items, *task_list.otherwise))
    yield from (fact.only_when for fact in policies.facts.values() if fact.only_when is not None)
