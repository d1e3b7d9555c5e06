"""Mutation of policies: whether the examples notice small mistakes, and which example would.

A mutant is *killed* if an example fails on it, the *same* if it is shown that none could (its digest is the policy's,
each changed condition agrees with the old one whatever its facts are, or the answers agree under all documents with
which an example is judged), and has *survived* otherwise. Changes after which the text is no policy any more aren't
counted.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from attrs import asdict, evolve, field, frozen

from burdenlib import policy as p
from burdenlib.facts import Value
from burdenlib.problems import Problem, TaskError
from burdenlib.source import Cell
from burdenlib.testing.cases import Trial, cases_of, is_generated, meets
from burdenlib.testing.mutants import OPERATORS, Mutant, language_of
from burdenlib.testing.observed import likeness
from burdenlib.testing.paste import example_text
from burdenlib.testing.search import Part, Search, pairs_of
from burdenlib.testing.touch import Touch
from burdenlib.testing.workbench import Attempt, Workbench
from burdenlib.words import Language, Words

__all__ = ["Fate", "Mutation", "Outcome", "Shown", "State", "examine", "mutate"]

Outcome = Literal["killed", "same", "survived", "invalid"]

Shown = Literal["digest", "conditions", "answers", "examples"]
"""How a mutant is shown to be the same.

`digest` and `conditions` hold whatever else is loaded, `answers` and `examples` under the documents with which an
example of the policy, or of one that rests on it, is judged. With `examples` the mutant may name more of what rejects
or admits a task, beside what the policy names: no example can expect that it doesn't.
"""


@frozen
class Fate:
    """What became of a mutant.

    `by` is the title of the example that killed it, `generated` whether a program made that one. All others have their
    `change` and its place in the text; one that is the same says how that is `shown`, a survivor has, if one was found,
    the `example` that kills it; `tried` says how many tasks were judged under both.
    """

    mutant: str
    outcome: Outcome
    operator: str
    policy: str
    by: str | None = None
    generated: bool = False
    source: str = ""
    change: str = ""
    example: str | None = None
    tried: int = 0
    shown: Shown | None = None


@frozen
class Mutation:
    """The fates of all mutants that are policies."""

    fates: tuple[Fate, ...]

    def of(self, outcome: Outcome) -> tuple[Fate, ...]:
        """The mutants with one fate."""
        return tuple(fate for fate in self.fates if fate.outcome == outcome)

    @property
    def survivors(self) -> tuple[Fate, ...]:
        """The mutants that no example kills and that aren't shown to be the same."""
        return self.of("survived")

    def score(self, *, written: bool = False) -> float:
        """The part of the mutants that are not the same which examples kill; with `written` only those by hand count."""
        killed = [fate for fate in self.of("killed") if not (written and fate.generated)]
        total = len(self.of("killed")) + len(self.survivors)
        return len(killed) / total if total else 1.0


# ---- one mutant ----------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class _Examiner:
    """Examines the mutants of one document; examples that were found for one are tried on the next."""

    bench: Workbench
    policy: p.Policy
    language: Language
    before: p.PolicySet
    found: list[p.Example] = field(factory=list)
    digests: list[str] = field(init=False)
    carried_out: bool = field(init=False)

    @digests.default
    def _digests(self) -> list[str]:
        return [each.digest for each in self.before.policies]

    @carried_out.default
    def _carried_out(self) -> bool:
        """Whether other lists implement one of the document's, so that a change of it may change them."""
        return any(self.before.implementers.get(each.key) for each in self._before().lists)

    def fate(self, mutant: Mutant, *, search: bool) -> Fate:
        """What becomes of a mutant."""
        fate = Fate(mutant.id, "survived", mutant.operator, self.policy.name)
        after = self.bench.under(self.policy, mutant)
        if after is None:
            return evolve(fate, outcome="invalid")
        if [each.digest for each in after.policies] == self.digests:
            return evolve(self._placed(fate, mutant), outcome="same", shown="digest")
        changed = next((each for each in after.policies if each.key == self.policy.key), None)
        parts = () if changed is None else pairs_of(self._before(), changed)
        killer = self._killer(mutant, after, parts)
        if killer is not None:
            example = killer.trial.example
            title = example.title.pick(self.language)
            return evolve(fate, outcome="killed", by=title, generated=is_generated(example))
        return self._surviving(self._placed(fate, mutant), mutant, after, parts, search=search)

    def _placed(self, fate: Fate, mutant: Mutant) -> Fate:
        return evolve(fate, source=str(mutant.where), change=mutant.change())

    def _before(self) -> p.Policy:
        return next(each for each in self.before.policies if each.key == self.policy.key)

    def _killer(self, mutant: Mutant, after: p.PolicySet, parts: Sequence[Part]) -> Attempt | None:
        """An example that fails on a mutant, one that was written by hand if there is one."""
        generated = None
        for judge in self.bench.judges(self.policy):
            under: p.PolicySet | None = None
            touch: Touch | None = None
            for attempt in self.bench.attempts.get(judge.key, ()):
                if generated is not None and is_generated(attempt.trial.example):
                    continue
                if not self._can_touch(mutant, attempt):
                    continue
                under = after if judge is self.policy else under or self.bench.under(judge, mutant)
                if under is None:
                    break
                asking = bool(attempt.trial.example.asking)
                if touch is None or touch.before is not attempt.trial.under or touch.after is not under:
                    touch = Touch.of(attempt.trial.under, under, () if self.carried_out else parts)
                if touch.is_quiet(attempt.cases, asking=asking) or meets(attempt.trial.example, under, attempt.cases):
                    continue
                if not is_generated(attempt.trial.example):
                    return attempt
                generated = attempt
        return generated

    def _can_touch(self, mutant: Mutant, attempt: Attempt) -> bool:
        """Whether a rule, a list or an item of a document has a say in the tasks of an example."""
        head = mutant.before is None or mutant.before.kind in ("policy", "term")
        return head or mutant.policy in attempt.applying

    def _surviving(
        self, fate: Fate, mutant: Mutant, after: p.PolicySet, parts: Sequence[Part], *, search: bool
    ) -> Fate:
        attempts = self.bench.attempts.get(self.policy.key, ())
        firsts: dict[int, Mapping[str, Value]] = {}
        for attempt in attempts:
            firsts.setdefault(id(attempt.trial.example), attempt.trial.given[-1])
        searched = Search(self.policy, self.before, after, (*firsts.values(), {}), int(_hash(mutant.id)[:8], 16))
        if searched.same(parts):
            return evolve(fate, outcome="same", shown="conditions")
        if shown := self._shown(mutant):
            return evolve(fate, outcome="same", shown=shown)
        if not search or not parts:
            return fate
        for example in self.found:
            cases = cases_of(self.before, next(example.tasks()))
            if cases is not None and not meets(example, after, cases):
                return evolve(fate, example=self._text(example))
        found = searched.example(parts, self._title(mutant))
        if found is not None:
            self.found.append(found)
        return evolve(fate, example=None if found is None else self._text(found), tried=searched.tried[0])

    def _shown(self, mutant: Mutant) -> Literal["answers", "examples"] | None:
        """How alike the answers are wherever an example is judged; `None` if they aren't shown to be."""
        found: Literal["answers", "examples"] = "answers"
        for judge in self.bench.judges(self.policy):
            before, after = self.bench.under(judge), self.bench.under(judge, mutant)
            if before is None or after is None:  # there the change is no policy, and no example is tried
                continue
            alike = likeness(before, after)
            if not alike:
                return None
            found = alike if alike == "examples" else found
        return found

    def _text(self, example: p.Example) -> str:
        return example_text(self.bench.policies, self.policy, example, self.language)

    def _title(self, mutant: Mutant) -> Words:
        words, name = OPERATORS[mutant.operator], mutant.declaration or self.policy.name
        number = mutant.id.rpartition(":")[2]
        return Words(
            f"自动生成\uff1a{name}\uff0c防止{words.pick('zh')}\uff08{number}\uff09",
            f"generated: {name}, against: {words.pick('en')} ({number})",
        )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def examine(bench: Workbench, policy: p.Policy, numbers: Sequence[int], *, search: bool) -> Iterator[Fate]:
    """The fates of some mutants of a document."""
    before = bench.under(policy)
    assert before is not None
    examiner = _Examiner(bench, policy, language_of(policy.span.source), before)
    every = bench.mutants(policy)
    for number in numbers:
        yield examiner.fate(every[number], search=search)


# ---- all mutants ---------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class State:
    """A file that remembers the fates of mutants, so that a run can go on where it stopped.

    It holds one line for what was examined, then one for each fate; it is of no use once a document has changed.
    """

    path: Path

    def read(self, what: str) -> Mapping[str, Fate]:
        """The fates that were found for the same documents and options."""
        try:
            head, *lines = self.path.read_text("utf-8").splitlines()
        except (OSError, ValueError):
            return {}
        if head != what:
            return {}
        fates = {}
        for line in lines:
            try:
                fate = Fate(**json.loads(line))
            except (ValueError, TypeError):  # the last line of a run that was stopped
                continue
            fates[fate.mutant] = fate
        return fates

    def begin(self, what: str, fates: Iterable[Fate]) -> None:
        """Begin anew with what is known."""
        lines = [what, *(_line(fate) for fate in fates)]
        try:
            self.path.write_text("\n".join(lines) + "\n", "utf-8")
        except OSError as error:
            details = {"error": error.strerror or str(error)}
            raise TaskError([Problem("unwritable-file", Cell(str(self.path)), details)]) from error

    def add(self, fates: Iterable[Fate]) -> None:
        """Remember more."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{_line(fate)}\n" for fate in fates)


def _line(fate: Fate) -> str:
    return json.dumps(asdict(fate), ensure_ascii=False)


_CHUNK = 24
"""How many mutants of one document are examined together."""

Job = tuple[str, tuple[int, ...]]
_bench: Workbench | None = None
_search = True


def mutate(
    policies: p.PolicySet,
    names: frozenset[str],
    tried: Iterable[Trial],
    *,
    search: bool = True,
    state: State | None = None,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Mutation:
    """Examine every mutant of the documents with these names.

    `processes` says how many work at once (none: one for each core); with `state` a stopped run goes on.
    """
    bench = Workbench.of(policies, names, tuple(tried))
    every = {policy.key: [mutant.id for mutant in bench.mutants(policy)] for policy in bench.asked}
    what = _hash(json.dumps([_what(bench), every, search], ensure_ascii=False))
    known = dict(state.read(what)) if state is not None else {}
    if state is not None:
        state.begin(what, known.values())
    total = sum(map(len, every.values()))
    for fates in _worked(bench, list(_jobs(every, known)), processes or os.cpu_count() or 1, search=search):
        known |= {fate.mutant: fate for fate in fates}
        if state is not None:
            state.add(fates)
        if progress is not None:
            progress(len(known), total)
    ordered = (known[name] for ids in every.values() for name in ids)
    return Mutation(tuple(fate for fate in ordered if fate.outcome != "invalid"))


def _what(bench: Workbench) -> list[object]:
    """What the fates depend on: the documents and their examples."""
    texts = sorted({policy.span.source.text for policy in bench.policies.policies})
    counts = {key: [each.trial.example.title.pick("zh") for each in every] for key, every in bench.attempts.items()}
    return [version("burdenlib"), texts, [(policy.key, policy.digest) for policy in bench.policies.policies], counts]


def _jobs(every: Mapping[str, Sequence[str]], known: Mapping[str, Fate]) -> Iterator[Job]:
    for key, ids in every.items():
        left = [number for number, name in enumerate(ids) if name not in known]
        for start in range(0, len(left), _CHUNK):
            yield key, tuple(left[start : start + _CHUNK])


def _worked(bench: Workbench, jobs: Sequence[Job], processes: int, *, search: bool) -> Iterator[list[Fate]]:
    """The fates that come of the jobs, in any order."""
    global _bench, _search  # what the workers inherit, or get once
    _bench, _search = bench, search
    if processes <= 1 or len(jobs) <= 1:
        yield from map(_work, jobs)
        return
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    given = () if method == "fork" else (bench, search)
    with context.Pool(min(processes, len(jobs)), _start, given) as pool:
        yield from pool.imap_unordered(_work, jobs)


def _start(bench: Workbench | None = None, search: bool = True) -> None:  # noqa: FBT001, FBT002  # what a pool can pass
    global _bench, _search  # once in each worker
    if bench is not None:
        _bench, _search = bench, search


def _work(job: Job) -> list[Fate]:
    bench = _bench
    assert bench is not None
    key, numbers = job
    policy = next(each for each in bench.asked if each.key == key)
    return list(examine(bench, policy, numbers, search=_search))
