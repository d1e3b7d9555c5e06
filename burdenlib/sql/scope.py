"""What of a policy set can be said in SQL, and what can't."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from attrs import frozen

from burdenlib import policy as p
from burdenlib.compiled.formula import Formula
from burdenlib.compiled.meaning import Meaning, is_supported
from burdenlib.compiled.variables import (
    FactVariable,
    ItemVariable,
    LeftToInterpreterError,
    MentionVariable,
    PairVariable,
    SetVariable,
)
from burdenlib.problems import BurdenError, Problem, Where

__all__ = ["Outside", "Scope", "UnsupportedSqlError"]


@frozen
class Outside:
    """A rule or a list that can't be said in SQL, and the construct that can't."""

    rule: str
    construct: str
    where: Where = None


class UnsupportedSqlError(BurdenError):
    """A policy set says something that can't be said in SQL; `outside` names the rules, and what of them."""

    def __init__(self, outside: Iterable[Outside]) -> None:
        self.outside = tuple(outside)
        super().__init__(
            Problem("outside-sql", each.where, {"rule": each.rule, "construct": each.construct})
            for each in self.outside
        )


class Scope:
    """The formulas of a policy set, and what of them SQL can't say.

    `unsaid` are the variables that can't be worked out, each with its construct.
    """

    def __init__(self, policies: p.PolicySet, as_of: date | None) -> None:
        self.policies = policies
        try:
            if not is_supported(policies):
                raise LeftToInterpreterError
            self.meaning = Meaning(policies, as_of)
        except LeftToInterpreterError:
            rest = "a vocabulary in which title, text, item, date or target may not exist"
            raise UnsupportedSqlError([Outside("core", rest)]) from None
        self.rules = {
            rule.key: self.meaning.formula(rule.fires) for policy in policies.policies for rule in policy.rules
        }
        self.lists = {key: self.meaning.truth(key) for key in policies.lists}
        self.existing = {
            name: self.meaning.formula(fact.only_when)
            for name, fact in policies.facts.items()
            if fact.only_when is not None
        }
        self.unsaid: dict[int, str] = dict(self._unsaid())

    def _unsaid(self) -> Iterator[tuple[int, str]]:
        for number, variable in enumerate(self.meaning.variables):
            match variable:
                case MentionVariable():
                    yield number, "mentions"
                case PairVariable() if variable.kinds[0].kind == "set_of":
                    yield number, "a comparison of two sets"

    @property
    def judged(self) -> int:
        """How many rules and lists there are."""
        return len(self.rules) + len(self.lists)

    @property
    def outside(self) -> tuple[Outside, ...]:
        """The rules and lists that can't be said."""
        return tuple(self._outside())

    def _outside(self) -> Iterator[Outside]:
        for policy in self.policies.policies:
            for rule in policy.rules:
                constructs = self._constructs(self.rules[rule.key])
                if rule.kind == "limit":
                    constructs = ("limit", *constructs)
                for construct in constructs:
                    yield Outside(rule.name, construct, rule.about.where)
            for each in policy.lists:
                for construct in self._constructs(self._whole(each)):
                    yield Outside(each.name, construct, each.about.where)

    def _whole(self, each: p.TaskList) -> Formula:
        return self.meaning.make.both((self.lists[each.key], *map(self.meaning.formula, each.unless)))

    def _constructs(self, formula: Formula) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.unsaid[number] for number in sorted(formula.variables & set(self.unsaid))))

    # ---- variables ---------------------------------------------------------------------------------------------------

    def facts_of(self, formula: Formula) -> frozenset[str]:
        """The facts that a formula reads."""
        return frozenset(name for number in formula.variables for name in self.meaning.variables[number].keys)

    def open_facts(self) -> frozenset[str]:
        """The facts of which nobody can say in SQL whether they exist."""
        unsaid = set(self.unsaid)
        return frozenset(name for name, formula in self.existing.items() if not unsaid.isdisjoint(formula.variables))

    def reading(self, facts: frozenset[str]) -> Iterator[int]:
        """The variables that read one of some facts and nothing else."""
        for number, variable in enumerate(self.meaning.variables):
            match variable:
                case FactVariable() | SetVariable() if variable.fact.name in facts:
                    yield number
                case ItemVariable() if "item" in facts:
                    yield number

    @property
    def pairs(self) -> Mapping[int, PairVariable]:
        """The comparisons of two facts."""
        return {n: each for n, each in enumerate(self.meaning.variables) if isinstance(each, PairVariable)}
