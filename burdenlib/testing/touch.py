"""Which tasks of examples a change may touch, so that no others are judged again.

A task is left alone by a change if each changed condition comes to what it came to. That hangs on few facts, so it is
looked at once for all tasks that are alike in them: an example for a hundred values costs little more than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import field, frozen

from burdenlib import policy as p
from burdenlib.evaluator import Evaluator
from burdenlib.intake import Case
from burdenlib.lists import normal_code, normal_title
from burdenlib.logic import Truth
from burdenlib.testing.search import Part

__all__ = ["Touch"]

Truths = tuple[Truth, Truth]


@frozen(eq=False)
class Touch:
    """The changed parts of a document, and the documents before and after the change."""

    before: p.PolicySet
    after: p.PolicySet
    parts: tuple[_Seen, ...]

    @classmethod
    def of(cls, before: p.PolicySet, after: p.PolicySet, parts: Sequence[Part]) -> Touch:
        """Look at the parts once for all tasks."""
        return cls(before, after, tuple(_seen(before, after, part) for part in parts))

    def is_quiet(self, cases: Sequence[Case], *, asking: bool) -> bool:
        """Whether the answer stays the same; with `asking` also what is asked."""
        if not self.parts:
            return False
        return all(self._stays(each, case, asking=asking) for each in self.parts for case in cases)

    def _stays(self, seen: _Seen, case: Case, *, asking: bool) -> bool:
        if seen.names and _is_other(seen, case):
            return True
        if seen.part.loose:
            return False
        one, other = self._truths(seen, case)
        return one is other and not (asking and one is None)

    def _truths(self, seen: _Seen, case: Case) -> Truths:
        """What a part comes to in a task, before and after."""
        if seen.reads is None:
            return self._proved(seen, case)
        alike = (case.as_of, *(known.value if (known := case.known.get(name)) else None for name in seen.reads))
        if alike not in seen.truths:
            seen.truths[alike] = self._proved(seen, case)
        return seen.truths[alike]

    def _proved(self, seen: _Seen, case: Case) -> Truths:
        one, other = (
            Evaluator(policies, case.known, case.as_of).prove(condition).truth
            for policies, condition in zip((self.before, self.after), seen.part.pair, strict=True)
        )
        return one, other


@frozen(eq=False)
class _Seen:
    """A changed part: the facts that it reads (`None`: it looks at lists), and by their values what it comes to.

    `names` are the code and the titles of the item that it belongs to.
    """

    part: Part
    reads: tuple[str, ...] | None
    names: frozenset[str]
    truths: dict[tuple[object, ...], Truths] = field(factory=dict)


def _seen(before: p.PolicySet, after: p.PolicySet, part: Part) -> _Seen:
    reads: set[str] | None = set()
    for policies, condition in zip((before, after), part.pair, strict=True):
        for name in _read(policies, condition, set()):
            if name is None or reads is None:
                reads = None
            else:
                reads.add(name)
    item = part.item
    names = set()
    if item is not None and item.code is not None:
        names = {item.code, *(normal_title(each) for each in (*item.title.ordered("zh"), *item.also))}
    return _Seen(part, None if reads is None else tuple(sorted(reads)), frozenset(names))


def _read(policies: p.PolicySet, condition: p.Condition, seen: set[str]) -> Iterator[str | None]:
    """The facts that a condition may read, through terms and what says whether a fact exists; `None` for lists."""
    for leaf in p.leaves(condition):
        match leaf:
            case p.OnList() | p.OnAnyList():
                yield None
            case p.TermUse(keys):
                for key in keys:
                    if key in policies.terms and key not in seen:
                        seen.add(key)
                        term = policies.terms[key]
                        yield from _read(policies, term.applies, seen)
                        yield from _read(policies, term.condition, seen)
            case _:
                for name in p.facts_of(leaf):
                    yield name
                    fact = policies.facts.get(name)
                    if fact is not None and fact.only_when is not None and name not in seen:
                        seen.add(name)
                        yield from _read(policies, fact.only_when, seen)


def _is_other(seen: _Seen, case: Case) -> bool:
    """Whether a task is told to be about another item than the one that was changed."""
    known = case.known.get("item")
    if known is None or not isinstance(known.value, str):
        return False
    return normal_code(known.value) not in seen.names and normal_title(known.value) not in seen.names
