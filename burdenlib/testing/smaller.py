"""The smallest policies and tasks that still show something: parts are left out as long as it is still there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from attrs import define, evolve, field

from burdenlib import policy as p
from burdenlib import syntax as s
from burdenlib.formatter import print_file
from burdenlib.parser import parse
from burdenlib.source import Source
from burdenlib.testing.implementations import Question, texts_of_policies
from burdenlib.vocabulary import KEYWORDS
from burdenlib.words import Language

__all__ = ["smallest"]

T = TypeVar("T")
Texts = Mapping[str, str]
Shows = Callable[[Texts, Question], bool]
Slot = tuple[int, int, int]
"""A declaration: the number of its file, of the declaration (-1: the head), of the item (-1: the declaration itself)."""

SECONDS = 60.0
"""How long is looked for something smaller."""


def smallest(
    policies: p.PolicySet, question: Question, shows: Shows, seconds: float = SECONDS
) -> tuple[Texts, Question]:
    """Policies and tasks of which nothing can be left out without losing what `shows` sees in them.

    Where it sees nothing in the policies as they are printed from their trees, they are given as they stand.
    """
    texts = texts_of_policies(policies)
    trees = [parse(Source(name, text)).file for name, text in texts.items()]
    search = _Search([tree for tree in trees if tree is not None], question, shows, time.monotonic() + seconds)
    if None in trees or not search.still(search.files, question):
        return texts, question
    search.run()
    return search.texts(search.files), search.question


@define
class _Search:
    """What has been found so far."""

    files: list[s.File]
    question: Question
    shows: Shows
    until: float
    _tried: set[int] = field(factory=set)

    def run(self) -> None:
        """Leave things out in turn, the large ones first, until nothing more can be left out."""
        before = None
        while before != (self.files, self.question) and time.monotonic() < self.until:
            before = list(self.files), self.question
            self._fewer_tasks()
            self.files = self._fewer(self.files, lambda files: self.still(files, self.question))
            self._fewer_declarations()
            self._fewer_clauses()
            self._fewer_facts()
            self._fewer_members()

    def texts(self, files: Sequence[s.File]) -> Texts:
        return {file.source.name: print_file(file, _language(file)) for file in files}

    def still(self, files: Sequence[s.File], question: Question) -> bool:
        """Whether what is looked for is there; each thing is tried once."""
        texts = self.texts(files)
        tried = hash((tuple(texts.items()), repr(question)))
        if tried in self._tried or time.monotonic() > self.until or not files or not question.tasks:
            return False
        self._tried.add(tried)
        return self.shows(texts, question)

    def _fewer(self, parts: Sequence[T], keeps: Callable[[list[T]], bool]) -> list[T]:
        """The parts without those that can be left out: first half of them at once, in the end one by one."""
        found, size = list(parts), max(len(parts) // 2, 1)
        while size:
            start = 0
            while start < len(found):
                shorter = found[:start] + found[start + size :]
                if keeps(shorter):
                    found = shorter
                else:
                    start += size
            size //= 2
        return found

    # ---- tasks ---------------------------------------------------------------------------------------------------------------

    def _ask(self, question: Question) -> bool:
        if not self.still(self.files, question):
            return False
        self.question = question
        return True

    def _fewer_tasks(self) -> None:
        self._fewer(self.question.tasks, lambda tasks: self._ask(evolve(self.question, tasks=tuple(tasks))))
        if self.question.as_of is not None:
            self._ask(evolve(self.question, as_of=None))

    def _fewer_facts(self) -> None:
        for number in range(len(self.question.tasks)):
            told = [name for name in self.question.tasks[number] if name != "id"]
            self._fewer(told, partial(self._tell, number))

    def _tell(self, number: int, names: Sequence[str]) -> bool:
        return self._ask(self._telling(number, names))

    def _telling(self, number: int, names: Sequence[str]) -> Question:
        told = self.question.tasks[number]
        return self._with(number, {name: value for name, value in told.items() if name == "id" or name in names})

    def _with(self, number: int, task: Mapping[str, object]) -> Question:
        tasks = (*self.question.tasks[:number], task, *self.question.tasks[number + 1 :])
        return evolve(self.question, tasks=tasks)

    def _fewer_members(self) -> None:
        """Leave out members of sets that are told."""
        for number, task in enumerate(self.question.tasks):
            for name, value in task.items():
                if isinstance(value, list | tuple | set | frozenset):
                    self._fewer(sorted(value), partial(self._hold, number, name))

    def _hold(self, number: int, name: str, members: Sequence[str]) -> bool:
        return self._ask(self._with(number, {**self.question.tasks[number], name: list(members)}))

    # ---- policies ------------------------------------------------------------------------------------------------------------

    def _change(self, number: int, file: s.File) -> bool:
        files = [*self.files[:number], file, *self.files[number + 1 :]]
        if not self.still(files, self.question):
            return False
        self.files = files
        return True

    def _fewer_declarations(self) -> None:
        for number in range(len(self.files)):
            if self.files[number].comments:
                self._change(number, evolve(self.files[number], comments=()))
            self._fewer(self.files[number].declarations, partial(self._declare, number))
            for index in range(len(self.files[number].declarations)):
                items = self.files[number].declarations[index].items
                self._fewer(items, partial(self._list, (number, index, -1)))

    def _declare(self, number: int, declarations: Sequence[s.Declaration]) -> bool:
        return self._change(number, evolve(self.files[number], declarations=tuple(declarations)))

    def _list(self, slot: Slot, items: Sequence[s.Declaration]) -> bool:
        return self._put(slot, evolve(self._at(slot), items=tuple(items)))

    def _state(self, slot: Slot, clauses: Sequence[s.Clause]) -> bool:
        return self._put(slot, evolve(self._at(slot), clauses=tuple(clauses)))

    def _fewer_clauses(self) -> None:
        for slot in list(self._slots()):
            self._fewer(self._at(slot).clauses, partial(self._state, slot))
            if self._at(slot).kind in ("list", "ban_list", "ban", "require", "admit", "limit", "duty"):
                self._put(slot, evolve(self._at(slot), title=None))
            while any(self._state(slot, clauses) for clauses in _simpler_clauses(self._at(slot).clauses)):
                pass

    def _slots(self) -> Iterator[Slot]:
        for number, file in enumerate(self.files):
            yield number, -1, -1
            for index, declaration in enumerate(file.declarations):
                yield number, index, -1
                yield from ((number, index, item) for item in range(len(declaration.items)))

    def _at(self, slot: Slot) -> s.Declaration:
        number, index, item = slot
        file = self.files[number]
        declaration = file.policy if index < 0 else file.declarations[index]
        return declaration if item < 0 else declaration.items[item]

    def _put(self, slot: Slot, changed: s.Declaration) -> bool:
        number, index, item = slot
        file = self.files[number]
        if item >= 0:
            declaration = file.declarations[index]
            items = (*declaration.items[:item], changed, *declaration.items[item + 1 :])
            changed = evolve(declaration, items=items)
        if index < 0:
            return self._change(number, evolve(file, policy=changed))
        return self._declare(number, (*file.declarations[:index], changed, *file.declarations[index + 1 :]))


def _simpler_clauses(clauses: tuple[s.Clause, ...]) -> Iterator[tuple[s.Clause, ...]]:
    """The clauses with one of them simpler."""
    for number, clause in enumerate(clauses):
        for simpler in _simpler_clause(clause):
            yield (*clauses[:number], simpler, *clauses[number + 1 :])


def _simpler_clause(clause: s.Clause) -> Iterator[s.Clause]:
    changed: Callable[..., s.Clause] = evolve
    condition = getattr(clause, "condition", None)
    if condition is not None:
        yield from (changed(clause, condition=each) for each in _simpler(condition))
    for name in ("per", "titles", "texts", "citations", "names", "values"):
        parts = getattr(clause, name, None)
        if isinstance(parts, tuple) and len(parts) > 1:
            yield from (changed(clause, **{name: shorter}) for shorter in _without_one(parts))


def _simpler(condition: s.Condition) -> Iterator[s.Condition]:
    """Conditions of which this one is made, and this one with less in it."""
    match condition:
        case s.AllOf(parts) | s.AnyOf(parts):
            yield from parts
            if len(parts) > 2:
                yield from (evolve(condition, parts=shorter) for shorter in _without_one(parts))
            for number, part in enumerate(parts):
                for simpler in _simpler(part):
                    if type(simpler) is not type(condition):
                        yield evolve(condition, parts=(*parts[:number], simpler, *parts[number + 1 :]))
        case s.Not(part):
            yield part
            yield from (evolve(condition, part=simpler) for simpler in _simpler(part))
        case s.In(values=values) | s.Includes(values=values) if len(values.literals) > 1:
            shorter_values = (evolve(values, literals=each) for each in _without_one(values.literals))
            yield from (evolve(condition, values=each) for each in shorter_values)
        case s.Within(places=places) if len(places) > 1:
            yield from (evolve(condition, places=each) for each in _without_one(places))


def _without_one(parts: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    return (parts[:number] + parts[number + 1 :] for number in range(len(parts)))


def _language(file: s.File) -> Language:
    """The language of the keyword with which a policy begins."""
    return "zh" if file.policy.head.text.startswith(KEYWORDS["policy"][1]) else "en"
