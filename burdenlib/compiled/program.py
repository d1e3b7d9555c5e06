"""A checked policy set made ready to decide one task after the other as fast as Python goes.

The interpreter stays the definition, and judges whatever the compiled form leaves to it: facts that can't be read,
working days outside the table of holidays, vocabularies that it doesn't know.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from burdenlib.compiled.decision import Decision
from burdenlib.compiled.meaning import Meaning, is_supported
from burdenlib.compiled.tree import Tree
from burdenlib.compiled.variables import LeftToInterpreterError
from burdenlib.policy import PolicySet
from burdenlib.source import fold

__all__ = ["Program"]


class Program:
    """Decides tasks by a policy set, on one day if `as_of` gives it, else each on its own date."""

    def __init__(self, policies: PolicySet, as_of: date | None = None) -> None:
        self.policies = policies
        self._are_names = frozenset(policies.facts).issuperset
        self._tree = Tree(_meaning(policies, as_of))

    def decide(self, facts: Mapping[str, object]) -> Decision | None:
        """Decide a task from what is told of it, by names or labels of facts; `None` leaves it to the interpreter.

        A fact that the decision doesn't need isn't read, and one that can't exist for the task counts as not told.
        """
        try:
            if self._are_names(facts):
                return self._tree.root(facts.get)
            named = self._named(facts)
            return None if named is None else self._tree.root(named.get)
        except (LeftToInterpreterError, TypeError):
            return None

    def _named(self, facts: Mapping[str, object]) -> dict[str, object] | None:
        """The facts by their names; `None` if a key is no fact, or a fact is told twice."""
        named: dict[str, object] = {}
        for key, value in facts.items():
            fact = self.policies.find_fact(fold(str(key)).strip())
            if fact is None or fact.name in named:
                return None
            named[fact.name] = value
        return named


def _meaning(policies: PolicySet, as_of: date | None) -> Meaning | None:
    try:
        return Meaning(policies, as_of) if is_supported(policies) else None
    except LeftToInterpreterError:
        return None
