"""Documents taken apart so that one can be changed, checked again and tried out, in a few milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from attrs import evolve, field, frozen

from burdenlib import policy as p
from burdenlib import syntax as s
from burdenlib.checker import check
from burdenlib.evaluator import Evaluator
from burdenlib.examples import related
from burdenlib.intake import Case
from burdenlib.lists import TableRow, read_table
from burdenlib.parser import Parsed, parse
from burdenlib.policy import Fact, restrict
from burdenlib.problems import PolicyError, Problem
from burdenlib.source import Span
from burdenlib.testing.cases import Trial, cases_of, meets
from burdenlib.testing.mutants import Mutant, mutants

__all__ = ["Attempt", "Workbench"]

_TRIED = ("example", "promise")


@frozen(eq=False)
class Attempt:
    """An example that passes, its tasks, and the documents (by key) that apply to one of them."""

    trial: Trial
    cases: tuple[Case, ...]
    applying: frozenset[str]


@frozen(eq=False)
class Workbench:
    """The trees of all loaded documents without their examples, and the examples of those that were asked for."""

    policies: p.PolicySet
    names: frozenset[str]
    trees: Mapping[str, s.File]
    attempts: Mapping[str, tuple[Attempt, ...]]
    _facts: Mapping[str, Fact] = field(repr=False)
    _whole: dict[str, bool] = field(factory=dict, init=False, repr=False)
    _judges: dict[str, tuple[p.Policy, ...]] = field(factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, policies: p.PolicySet, names: frozenset[str], tried: tuple[Trial, ...]) -> Workbench:
        """Take the documents apart; `names` are those that were asked for."""
        trees: dict[str, s.File] = {}
        for policy in policies.policies:
            tree = parse(policy.span.source).file
            assert tree is not None
            kept = tuple(each for each in tree.declarations if each.kind not in _TRIED)
            trees[policy.key] = evolve(tree, declarations=kept, comments=())
        attempts: dict[str, list[Attempt]] = {}
        for trial in tried:
            cases = cases_of(trial.under, trial.example)
            if cases is not None and meets(trial.example, trial.under, cases):
                applying = frozenset(_applying(trial.under, cases))
                attempts.setdefault(trial.policy.key, []).append(Attempt(trial, cases, applying))
        facts = {spelling: fact for fact in policies.facts.values() for spelling in fact.spellings}
        return cls(policies, names, trees, {key: tuple(each) for key, each in attempts.items()}, facts)

    @property
    def asked(self) -> tuple[p.Policy, ...]:
        """The documents that were asked for."""
        return tuple(policy for policy in self.policies.policies if policy.name in self.names)

    def mutants(self, policy: p.Policy) -> tuple[Mutant, ...]:
        """The mutants of a document, in order."""
        return tuple(mutants(policy.key, self.trees[policy.key], self._facts, _table))

    def judges(self, policy: p.Policy) -> tuple[p.Policy, ...]:
        """The documents whose examples can touch a document: itself first, then those that rest on it."""
        if policy.key not in self._judges:
            others = (each for each in self.asked if each is not policy and each.key in self.attempts)
            resting = (each for each in others if policy.name in related(self.policies, each))
            self._judges[policy.key] = (policy, *resting)
        return self._judges[policy.key]

    # ---- checking again ---------------------------------------------------------------------------------------------------

    def under(self, policy: p.Policy, mutant: Mutant | None = None) -> p.PolicySet | None:
        """The documents under which the examples of `policy` are judged, one of them changed; `None` if they are no policies."""
        names = related(self.policies, policy)
        if policy.key not in self._whole:
            self._whole[policy.key] = False
            self._whole[policy.key] = not self._is_faithful(policy, names)
        return self._checked(policy, names, mutant)

    def _is_faithful(self, policy: p.Policy, names: frozenset[str]) -> bool:
        """Whether the other documents may be left out but for their heads and facts."""
        found = self._checked(policy, names, None)
        if found is None:
            return False
        wanted = [(each.key, each.digest, each.in_force) for each in restrict(self.policies, names).policies]
        return [(each.key, each.digest, each.in_force) for each in found.policies] == wanted

    def _checked(self, policy: p.Policy, names: frozenset[str], mutant: Mutant | None) -> p.PolicySet | None:
        whole = self._whole[policy.key]
        parsed = []
        for key, tree in self.trees.items():
            if mutant is not None and key == mutant.policy:
                changed = mutant.tree
            elif whole or str(tree.policy.name) in names:
                changed = tree
            else:
                changed = self._bare(key)
            parsed.append(Parsed(changed, ()))

        def read(span: Span) -> tuple[tuple[TableRow, ...], tuple[Problem, ...]]:
            table, rows = _table(span)
            if mutant is not None and mutant.table == table:
                rows = mutant.rows
            return rows, ()

        try:
            return restrict(check(parsed, read), names)
        except PolicyError:
            return None

    def _bare(self, key: str) -> s.File:
        tree = self.trees[key]
        return evolve(tree, declarations=tuple(each for each in tree.declarations if each.kind == "fact"))


def _applying(under: p.PolicySet, cases: tuple[Case, ...]) -> Iterator[str]:
    for case in cases:
        evaluator = Evaluator(under, case.known, case.as_of)
        yield from (policy.key for policy in under.policies if evaluator.prove(policy.applies).truth is not False)


@cache
def _rows(path: str) -> tuple[TableRow, ...]:
    return read_table(path, Path(path).read_bytes())[0]


def _table(span: Span) -> tuple[str, tuple[TableRow, ...]]:
    path = str(Path(span.source.name).parent / span.text.strip('"\u201c\u201d\uff02'))
    return path, _rows(path)
