"""The definition of what a policy means: one walk over its conditions, three-valued, with the proof built on the way.

Everything that is faster or cleverer has to agree with this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from attrs import evolve

from burdenlib import policy as p
from burdenlib import workdays
from burdenlib.answer import Coverage, Proof, Reading
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.lists import normal_code, normal_title
from burdenlib.logic import Truth, all_true, any_true, either, negate
from burdenlib.places import is_inside
from burdenlib.task import Known
from burdenlib.words import Words

if TYPE_CHECKING:
    from burdenlib.phrases import Finding

__all__ = ["Evaluator"]


_ASSUMED = Words("假定", "assumed")


class Evaluator:
    """Reads conditions for one task: its known facts, and the day on which it is judged.

    `as_of` moves what is in force, not the fact `date`; without it the day is the task's `date`. `before` has read the
    same task when less was known of it: what was definite then is so now, and isn't looked at again.
    """

    def __init__(
        self,
        policies: p.PolicySet,
        known: Mapping[str, Known],
        as_of: date | None = None,
        before: Evaluator | None = None,
    ) -> None:
        self.policies = policies
        self.known = known
        self.as_of = as_of
        self._before = before
        self.proofs: dict[int, Proof] = {}
        self._coverage: dict[str, Coverage] = {}
        self._terms: dict[str, Proof] = {}
        self._absent: dict[str, Reading] = {}

    def fires(self, rule: p.Rule) -> Proof:
        """The truth of a rule's whole condition, and why."""
        return self.prove(rule.fires)

    @property
    def day(self) -> date | None:
        """The day on which the task is judged, `None` if it isn't known."""
        if self.as_of is not None:
            return self.as_of
        value = self.read("date").value
        return value if isinstance(value, date) else None

    # ---- facts -------------------------------------------------------------------------------------------------------

    def read(self, name: str) -> Reading:
        """A fact's value; where `only when` says that the fact doesn't exist here, no, the empty set or none."""
        known = self.known.get(name)
        if known is not None and not (isinstance(known.value, SetValue) and self._is_partial(name, known.value)):
            return Reading(name, known.value, known.told, _ASSUMED if known.assumed else None)
        absent = self._nonexistent(name)
        if absent is not None:
            return absent
        return Reading(name, None) if known is None else Reading(name, known.value, known.told)

    def _is_partial(self, name: str, value: SetValue) -> bool:
        return value.includes | value.excludes != self.policies.facts[name].type.names

    def _nonexistent(self, name: str) -> Reading | None:
        fact = self.policies.facts.get(name)
        if fact is None or fact.only_when is None:
            return None
        if name not in self._absent:
            exists = self.prove(fact.only_when).truth
            because = Words("此类任务没有该要素", "the fact doesn't exist for such tasks")
            value = nonexistent_value(fact) if exists is False else None
            self._absent[name] = Reading(name, value, (), because if exists is False else None)
        reading = self._absent[name]
        return None if reading.value is None else reading

    # ---- conditions ----------------------------------------------------------------------------------------------------

    def prove(self, condition: p.Condition) -> Proof:
        """The truth of a condition, and why; it is found once."""
        proof = self.proofs.get(id(condition))  # a proof holds its condition, so that the id stays its own
        if proof is None:
            before = None if self._before is None else self._before.proofs.get(id(condition))
            proof = before if before is not None and before.truth is not None else self._prove(condition)
            self.proofs[id(condition)] = proof
        return proof

    def _prove(self, condition: p.Condition) -> Proof:
        match condition:
            case p.All(parts):
                return self._joined(condition, parts, decisive=False)
            case p.Any(parts):
                return self._joined(condition, parts, decisive=True)
            case p.Not(part):
                proof = self.prove(part)
                return Proof(condition, negate(proof.truth), (proof,))
            case p.TermUse(terms):
                proofs = tuple(self._term(key, alone=len(terms) == 1) for key in terms)
                return Proof(condition, any_true(proof.truth for proof in proofs), proofs)
            case p.OnList(lists, codes, off):
                return self._on_list(condition, lists, codes, off=off)
            case p.OnAnyList(negated):
                found = tuple(self.cover(key) for key, each in self.policies.lists.items() if not each.is_ban)
                truth = any_true(each.truth for each in found)
                deciding = tuple(each for each in found if each.truth is truth and truth is not False)
                return Proof(condition, negate(truth) if negated else truth, lists=deciding)
            case p.Mentions(phrases):
                return self._mentions(condition, phrases)
            case p.InForce(interval):
                return self._in_force(condition, interval)
            case _:
                return self._leaf(condition)

    def _joined(self, condition: p.Condition, parts: tuple[p.Condition, ...], *, decisive: bool) -> Proof:
        """An `and`, which one false part decides, or an `or`, which one true part decides; else all parts do."""
        proofs = []
        for part in parts:
            proof = self.prove(part)
            if proof.truth is decisive:
                return Proof(condition, decisive, (proof,))
            proofs.append(proof)
        truth = None if any(proof.truth is None for proof in proofs) else not decisive
        return Proof(condition, truth, tuple(proofs))

    def _leaf(self, condition: p.Condition) -> Proof:
        """A condition on facts: unknown as soon as a fact that it reads is."""
        readings = tuple([self.read(name) for name in p.facts_of_leaf(condition)])
        values = {reading.fact: reading.value for reading in readings}
        if isinstance(condition, p.Contains):
            return Proof(condition, _contains(condition, values[condition.fact]), readings=readings)
        if any(value is None for value in values.values()):
            return Proof(condition, None, readings=readings)
        match condition:
            case p.YesNo(fact):
                return Proof(condition, values[fact] is True, readings=readings)
            case p.Equal(fact, value, negated):
                other = values[value.fact] if isinstance(value, p.FactRef) else value
                return Proof(condition, same(values[fact], other) is not negated, readings=readings)
            case p.Member(fact, members, negated):
                is_member = any(same(values[fact], member) for member in members)
                return Proof(condition, is_member is not negated, readings=readings)
            case p.Has(fact, negated):
                return Proof(condition, (values[fact] is not NONE) is not negated, readings=readings)
            case p.Inside(fact, places):
                code = values[fact]
                inside = isinstance(code, str) and any(is_inside(code, place) for place in places)
                return Proof(condition, inside, readings=readings)
            case p.Compare():
                return self._compare(condition, values, readings)
        raise TypeError(type(condition))

    def _compare(
        self, condition: p.Compare, values: Mapping[str, Value | None], readings: tuple[Reading, ...]
    ) -> Proof:
        left, amount = values[condition.fact], condition.amount
        right: Value | None
        match amount:
            case p.FactRef(fact):
                right = values[fact]
            case p.Offset(days, working, fact):
                base = values[fact]
                if not isinstance(base, date):
                    right = NONE
                elif (right := shift(base, days, working=working)) is None:
                    return Proof(condition, None, readings=readings, note=out_of_table(base))
            case _:
                right = amount
        if left is NONE or right is NONE:
            return Proof(condition, False, readings=readings)
        kind = self.policies.facts[condition.fact].type
        if kind.kind == "ordered":
            left, right = kind.rank(str(left)), kind.rank(str(right))  # type: ignore[assignment]  # ranks are integers
        difference = (left > right) - (left < right)  # type: ignore[operator]  # the checker compares like with like
        truth = {">=": difference >= 0, "<=": difference <= 0, ">": difference > 0, "<": difference < 0}
        return Proof(condition, truth[condition.operator], readings=readings)

    def _in_force(self, condition: p.Condition, interval: p.Interval) -> Proof:
        if interval.is_always:
            return Proof(condition, True)
        day = self.day
        readings = () if self.as_of is not None else (self.read("date"),)
        return Proof(condition, None if day is None else interval.holds(day), readings=readings)

    def _mentions(self, condition: p.Condition, keys: Iterable[str]) -> Proof:
        readings = (self.read("title"), self.read("text"))
        texts = [reading.value for reading in readings if isinstance(reading.value, str)]
        found = next(self._uses(keys, texts), None) if texts else None
        if found is not None:
            note = Words(f"原文“{found.wording}”：{found.sentence}", f"“{found.wording}” in: {found.sentence}")
            return Proof(condition, True, readings=readings, note=note)
        return Proof(condition, False if len(texts) == len(readings) else None, readings=readings)

    def _uses(self, keys: Iterable[str], texts: list[str]) -> Iterator[Finding]:
        from burdenlib.phrases import uses

        return uses([self.policies.phrases[key] for key in keys], texts)

    def _term(self, key: str, *, alone: bool) -> Proof:
        """A term's condition; of several versions, that of the version in force."""
        if not alone:
            term = self.policies.terms[key]
            return self.prove(p.All((term.applies, term.condition)))
        if key not in self._terms:
            self._terms[key] = self.prove(self.policies.terms[key].condition)
        return self._terms[key]

    # ---- lists -----------------------------------------------------------------------------------------------------------

    def _on_list(self, condition: p.Condition, lists: tuple[str, ...], codes: tuple[str, ...], *, off: bool) -> Proof:
        found = tuple(self.cover(key, frozenset(codes) if codes else None) for key in lists)
        if off:
            truths = [all_true((each.governs.truth, negate(each.covers))) for each in found]
        else:
            truths = [each.truth for each in found]
        truth = any_true(truths)
        deciding = tuple(each for each, each_truth in zip(found, truths, strict=True) if each_truth is truth)
        return Proof(condition, truth, lists=deciding)

    def cover(self, key: str, codes: frozenset[str] | None = None) -> Coverage:
        """How a list, or what of it has one of these codes, stands to the task.

        A list that implements it takes its place where that one governs.
        """
        if codes is None and key in self._coverage:
            return self._coverage[key]
        if codes is None and self._before is not None and _is_settled(before := self._before.cover(key)):
            return before
        coverage = self._cover_itself(self.policies.lists[key], codes)
        if implementers := self.policies.implementers.get(key, ()):
            instead = tuple(self.cover(each, self._carrying(each, codes)) for each in implementers)
            coverage = _replaced(coverage, instead)
        if codes is None:
            self._coverage[key] = coverage
        return coverage

    def _carrying(self, key: str, codes: frozenset[str] | None) -> frozenset[str] | None:
        """The codes of the items of a list that carry out items with these codes."""
        if codes is None:
            return None
        items = self.policies.lists[key].items
        return frozenset(item.code for item in items if item.code is not None and not codes.isdisjoint(item.carries))

    def _cover_itself(self, task_list: p.TaskList, codes: frozenset[str] | None) -> Coverage:
        governs = self.prove(task_list.governs)
        if governs.truth is False:
            return Coverage(task_list, governs, False)
        reading = self.read("item")
        if reading.value is None:
            return Coverage(task_list, governs, None, parts=(Proof(p.Has("item"), None, readings=(reading,)),))
        found = find_items(task_list, str(reading.value))
        if codes is not None:
            found = tuple(item for item in found if item.code in codes)
        if found or codes is not None:
            return _first_covering(task_list, governs, found, found, tuple(self.prove(item.covers) for item in found))
        proofs = tuple(self.prove(item.covers) for item in task_list.otherwise)
        if task_list.extent == "partial":
            answered_by = task_list.answered_by
            asked = (
                self.prove(p.YesNo(answered_by)) if answered_by is not None else Proof(p.OnList((task_list.key,)), None)
            )
            proofs = (*proofs, asked)
        return _first_covering(task_list, governs, (), task_list.otherwise, proofs)


def _is_settled(coverage: Coverage) -> bool:
    """Whether nothing that becomes known can change how a list stands to a task."""
    if coverage.governs.truth is False and not coverage.instead:
        return True
    return None not in (coverage.governs.truth, coverage.covers, coverage.truth) and (
        not coverage.instead or (coverage.replaced is not None and all(map(_is_settled, coverage.instead)))
    )


def _first_covering(
    task_list: p.TaskList,
    governs: Proof,
    found: tuple[p.Item, ...],
    items: tuple[p.Item, ...],
    proofs: tuple[Proof, ...],
) -> Coverage:
    covers = any_true(proof.truth for proof in proofs)
    item = next((item for item, proof in zip(items, proofs, strict=False) if proof.truth), None)
    return Coverage(task_list, governs, covers, item, found, proofs)


def _replaced(coverage: Coverage, instead: tuple[Coverage, ...]) -> Coverage:
    """A list with the lists that implement it in its place, as far as they govern."""
    replaced = any_true(each.governs.truth for each in instead)
    covers = either(replaced, any_true(each.truth for each in instead), coverage.covers)
    item = next((each.item for each in instead if each.truth), None) if replaced else coverage.item
    return evolve(coverage, covers=covers, item=item, replaced=replaced, instead=instead)


# ---- values ----------------------------------------------------------------------------------------------------------------


def nonexistent_value(fact: p.Fact) -> Value:
    """The value of a fact that doesn't exist: no, the empty set, or none."""
    match fact.type.kind:
        case "yes_no":
            return False
        case "set_of":
            return SetValue(excludes=fact.type.names)
        case _:
            return NONE


def find_items(task_list: p.TaskList, text: str) -> tuple[p.Item, ...]:
    """The items with this code, else those with this title or alias."""
    return task_list.by_code.get(normal_code(text)) or task_list.by_title.get(normal_title(text), ())


def same(one: Value | None, other: Value | None) -> bool:
    """Whether two values are the same; texts are compared as NFKC without space at the ends."""
    if isinstance(one, str) and isinstance(other, str):
        return normal_code(one) == normal_code(other)
    return type(one) is type(other) and one == other


def shift(day: date, days: int, *, working: bool) -> date | None:
    """`days` days (working days) after `day`; `None` outside the table of holidays or the calendar."""
    if working:
        return workdays.shift(day, days)
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def out_of_table(day: date) -> Words:
    """That working days round `day` can't be counted."""
    table = workdays.table()
    return Words(
        f"{day.isoformat()} 前后的工作日超出节假日表({table.name} {table.version})的范围，无法计算",
        f"working days round {day.isoformat()} are outside the table of holidays ({table.name} {table.version})",
    )


def _contains(condition: p.Contains, value: Value | None) -> Truth:
    if not isinstance(value, SetValue):
        return None
    truths = [
        True if name in value.includes else False if name in value.excludes else None for name in condition.values
    ]
    return all_true(truths) if condition.every else any_true(truths)
