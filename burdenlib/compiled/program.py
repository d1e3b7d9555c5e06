"""A checked policy set made ready to decide one task after the other as fast as Python goes.

The interpreter stays the definition, and judges whatever the compiled form leaves to it: facts that can't be read,
working days outside the table of holidays, vocabularies that it doesn't know.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from burdenlib.compiled.decision import Decision
from burdenlib.compiled.meaning import Meaning, is_supported
from burdenlib.compiled.tree import NoTree, Tree
from burdenlib.compiled.variables import FactVariable, ItemVariable, LeftToInterpreterError, SetVariable
from burdenlib.policy import PolicySet
from burdenlib.source import fold

__all__ = ["Program"]

Read = Sequence[Any]
"""A task that was read: the codes of its facts, what it told last."""


class Program:
    """Decides tasks by a policy set, on one day if `as_of` gives it, else each on its own date.

    With `leaves_all` nothing is compiled and the interpreter decides everything. `tree.root` is the shortest way to
    decide a `dict`; `None` is then for `decide_labelled` to look at more closely.
    """

    def __init__(self, policies: PolicySet, as_of: date | None = None, *, leaves_all: bool = False) -> None:
        self.policies = policies
        self._are_names = frozenset(policies.facts).issuperset
        self._meaning = None if leaves_all else _meaning(policies, as_of)
        self.tree = NoTree() if self._meaning is None else Tree(self._meaning, "told")
        self._tree_of_codes = NoTree() if self._meaning is None else Tree(self._meaning, "read")

    def decide(self, facts: Mapping[str, object]) -> Decision | None:
        """Decide a task from what is told of it, by names or labels of facts; `None` leaves it to the interpreter.

        A fact that the decision doesn't need isn't read, and one that can't exist for the task counts as not told.
        """
        told = facts if type(facts) is dict else dict(facts)  # code that meets one type is faster
        decision = self.tree.root(told)
        return self.decide_labelled(told) if decision is None else decision

    def decide_labelled(self, facts: dict[str, object]) -> Decision | None:
        """Decide a task that `tree.root` left because not all keys are names of facts: they may be labels."""
        if self._are_names(facts) or (named := self._named(facts)) is None:
            return None
        return self.tree.root(named)

    def _named(self, facts: Mapping[str, object]) -> dict[str, object] | None:
        """The facts by their names; `None` if a key is no fact, or a fact is told twice."""
        named: dict[str, object] = {}
        for key, value in facts.items():
            fact = self.policies.find_fact(fold(str(key)).strip())
            if fact is None or fact.name in named:
                return None
            named[fact.name] = value
        return named

    # ---- tasks that are decided more than once -------------------------------------------------------------------------

    def read(self, facts: Mapping[str, object]) -> Read | None:
        """Read all that a task tells, to decide it more than once; `None` if not all of it can be read."""
        named = facts if self._are_names(facts) else self._named(facts)
        if self._meaning is None or named is None:
            return None
        found: list[Any] = [*self._untold, named]
        try:
            for name, raw in named.items():
                for number, told in self._readers[name]:
                    found[number] = told(raw)
        except LeftToInterpreterError:
            return None
        return found

    def decide_read(self, task: Read) -> Decision | None:
        """Decide a task that was read; `None` leaves it to the interpreter."""
        return self._tree_of_codes.root(task)

    @cached_property
    def _untold(self) -> tuple[Any, ...]:
        """The codes of a task that tells nothing."""
        assert self._meaning is not None
        return tuple(
            None
            if isinstance(each, FactVariable) and each.role == "yes_no"
            else each.table[None]
            if isinstance(each, FactVariable | SetVariable | ItemVariable)
            else None
            for each in self._meaning.variables
        )

    @cached_property
    def _readers(self) -> Mapping[str, list[tuple[int, Callable[[object], Any]]]]:
        """What reads each fact, with the number of its variable: the item by what it finds and by its text."""
        assert self._meaning is not None
        found: dict[str, list[tuple[int, Callable[[object], Any]]]] = {name: [] for name in self.policies.facts}
        for number, each in enumerate(self._meaning.variables):
            if isinstance(each, FactVariable | SetVariable | ItemVariable):
                found.setdefault(each.keys[0], []).append((number, each.told))
        return found


def _meaning(policies: PolicySet, as_of: date | None) -> Meaning | None:
    collects = gc.isenabled()
    gc.disable()  # nothing that is made here is garbage, and looking for it would take most of the time
    try:
        return Meaning(policies, as_of) if is_supported(policies) else None
    except LeftToInterpreterError:
        return None
    finally:
        if collects:
            gc.enable()
