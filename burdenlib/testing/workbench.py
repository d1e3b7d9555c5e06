"""Documents taken apart so that one can be changed, checked again and tried out, in a few milliseconds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import evolve, field, frozen

from burdenlib import policy as p
from burdenlib import syntax as s
from burdenlib.checker import IDENTITY, check
from burdenlib.evaluator import Evaluator
from burdenlib.examples import related
from burdenlib.intake import Case
from burdenlib.lists import TableRow, read_table
from burdenlib.parser import Parsed, parse
from burdenlib.policy import Fact, restrict
from burdenlib.problems import PolicyError, Problem
from burdenlib.source import Span, fold
from burdenlib.testing.cases import Trial, cases_of, meets
from burdenlib.testing.mutants import Mutant, mutants

__all__ = ["Attempt", "Workbench"]

_TRIED = ("example", "promise")
_WORD = re.compile(r"[^\W\d_]\w*")
_ALWAYS = (*IDENTITY, "kind", "target_kind", "level", "role", "department")


@frozen(eq=False)
class Attempt:
    """A task, or portfolio, of an example that passes, and the documents (by key) that apply to it."""

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
    _named: dict[str, frozenset[str]] = field(factory=dict, init=False, repr=False)
    _rows: dict[str, tuple[TableRow, ...]] = field(factory=dict, init=False, repr=False)
    _mutants: dict[str, tuple[Mutant, ...]] = field(factory=dict, init=False, repr=False)
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
            cases = cases_of(trial.under, trial.given)
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
        """The mutants of a document, in order; those of one document are kept, for they are asked for bit by bit."""
        if policy.key not in self._mutants:
            self._mutants.clear()
            self._mutants[policy.key] = tuple(mutants(policy.key, self.trees[policy.key], self._facts, self._table))
        return self._mutants[policy.key]

    def _table(self, span: Span) -> tuple[str, tuple[TableRow, ...]]:
        """The path and the rows of the item table that a clause names."""
        path = str(Path(span.source.name).parent / span.text.strip('"\u201c\u201d\uff02'))
        if path not in self._rows:
            self._rows[path] = read_table(path, Path(path).read_bytes())[0]
        return path, self._rows[path]

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

    def _needed(self, policy: p.Policy, names: frozenset[str]) -> frozenset[str]:
        """The facts whose names stand in the documents under which a document is judged, or that those rest on."""
        if policy.key not in self._named:
            texts = {each.span.source.folded for each in self.policies.policies if each.name in names - {"core"}}
            words = {word for text in texts for word in _WORD.findall(text)} | set(_ALWAYS)
            texts_of = {
                self._facts[str(each.name)].name: each.span.text
                for tree in self.trees.values()
                for each in tree.declarations
                if each.kind == "fact" and str(each.name) in self._facts
            }
            todo = [self._facts[word].name for word in words if word in self._facts]
            found: set[str] = set()
            while todo:
                if (name := todo.pop()) not in found:
                    found.add(name)
                    inside = _WORD.findall(fold(texts_of.get(name, "")))
                    todo += [self._facts[word].name for word in inside if word in self._facts]
            self._named[policy.key] = frozenset(found)
        return self._named[policy.key]

    def _is_faithful(self, policy: p.Policy, names: frozenset[str]) -> bool:
        """Whether the other documents may be left out but for their heads and facts."""
        found = self._checked(policy, names, None)
        if found is None:
            return False
        return _seen(found) == _seen(restrict(self.policies, names))

    def _checked(self, policy: p.Policy, names: frozenset[str], mutant: Mutant | None) -> p.PolicySet | None:
        whole, needed = self._whole[policy.key], self._needed(policy, names)
        parsed = []
        for key, tree in self.trees.items():
            if mutant is not None and key == mutant.policy:
                changed = mutant.tree
            else:
                changed = tree
            if not whole:
                is_near = str(tree.policy.name) in names
                kept = (each for each in changed.declarations if self._is_kept(each, needed, is_near=is_near))
                changed = evolve(changed, declarations=tuple(kept))
            parsed.append(Parsed(changed, ()))

        def read(span: Span) -> tuple[tuple[TableRow, ...], tuple[Problem, ...]]:
            table, rows = self._table(span)
            if mutant is not None and mutant.table == table:
                rows = mutant.rows
            return rows, ()

        try:
            return restrict(check(parsed, read), names)
        except PolicyError:
            return None

    def _is_kept(self, declaration: s.Declaration, needed: frozenset[str], *, is_near: bool) -> bool:
        """Whether a declaration can have a say: near by all but idle facts, else only the facts that are needed."""
        if declaration.kind != "fact":
            return is_near
        fact = self._facts.get(str(declaration.name))
        return fact is None or fact.name in needed


def _seen(policies: p.PolicySet) -> list[tuple[object, ...]]:
    """What has to stay as it is when idle facts are left out."""
    return [(each.key, each.in_force, each.digest if each.decides else "") for each in policies.policies]


def _applying(under: p.PolicySet, cases: tuple[Case, ...]) -> Iterator[str]:
    for case in cases:
        evaluator = Evaluator(under, case.known, case.as_of)
        yield from (policy.key for policy in under.policies if evaluator.prove(policy.applies).truth is not False)
