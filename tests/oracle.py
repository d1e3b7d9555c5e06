"""A second evaluator, written from the description of the language alone: slow, naive, for tasks told in whole or part.

It reads syntax trees and shares nothing with the engine but the parser's classes. Working days are left to the
table of holidays, which both use.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chinese_calendar import is_workday

from burdenlib import syntax as s

ORDERED = {"level": ("central", "province", "county", "township")}
ORDERED["mandate"] = ORDERED["level"]
RANK = ("central", "province", "city", "county", "township", "grassroots")
EARLIEST, LATEST = dt.date.min, dt.date.max
ONLY_FOR = {"emergency": (("work", "form"), False), "applied_on": (("work",), "none")}

Facts = Mapping[str, Any]


def k_not(a: bool | None) -> bool | None:
    return None if a is None else not a


def k_and(*truths: bool | None) -> bool | None:
    if any(t is False for t in truths):
        return False
    return None if any(t is None for t in truths) else True


def k_or(*truths: bool | None) -> bool | None:
    return k_not(k_and(*(k_not(t) for t in truths)))


def title_of(text: str) -> str:
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    marks = "".join("." if unicodedata.category(char).startswith("P") else char for char in text)
    return re.sub(r"\.+", ".", marks)


class Document:
    def __init__(self, file: s.File) -> None:
        head = file.policy
        self.file = file
        self.name = str(head.name)
        issuer, place, effective = head.one(s.IssuedBy), head.one(s.ForPlace), head.one(s.Effective)
        assert issuer and place and effective
        self.level = issuer.level.text
        self.place = "" if place.code is None else place.code.text
        self.start = effective.start.value
        self.end = LATEST if effective.end is None else effective.end.value

    def named(self, kind: str, name: str) -> s.Declaration | None:
        return next((d for d in self.file.declarations if d.kind == kind and str(d.name) == name), None)

    def all(self, *kinds: str) -> list[s.Declaration]:
        return [d for d in self.file.declarations if d.kind in kinds]


class Oracle:
    """Judges one task; `facts` hold `date`s, sets, `"none"` and places without trailing zeros, and may lack some.

    A set told in part is a mapping of what it `includes` and `excludes`.
    """

    def __init__(self, files: Sequence[s.File], facts: Facts) -> None:
        self.documents = [Document(file) for file in files]
        self.facts = facts

    def read(self, name: str) -> Any:
        """What a fact is, `None` if nobody told it and it may exist."""
        if name not in self.facts and name in ONLY_FOR and "kind" in self.facts:
            kinds, otherwise = ONLY_FOR[name]
            return None if self.facts["kind"] in kinds else otherwise
        return self.facts.get(name)

    def within(self, name: str, place: str) -> bool | None:
        code = self.read(name)
        return None if code is None else code.startswith(place)

    # ---- conditions ----------------------------------------------------------------------------------------------

    def holds(self, doc: Document, c: s.Condition) -> bool | None:
        match c:
            case s.AllOf(parts):
                return k_and(*(self.holds(doc, part) for part in parts))
            case s.AnyOf(parts):
                return k_or(*(self.holds(doc, part) for part in parts))
            case s.Not(part):
                return k_not(self.holds(doc, part))
            case s.Holds(name):
                term = doc.named("term", name.text)
                if term is not None:
                    means = term.one(s.Means)
                    assert means
                    return self.holds(doc, means.condition)
                return self.read(name.text)  # type: ignore[no-any-return]
            case s.Is(fact, value, negated):
                left, right = self.read(fact.text), self.value(value)
                return None if left is None or right is None else (left == right) != negated
            case s.In(fact, values, negated):
                left = self.read(fact.text)
                return None if left is None else (left in [self.value(v) for v in values.literals]) != negated
            case s.Has(fact, negated):
                left = self.read(fact.text)
                return None if left is None else (left != "none") != negated
            case s.Includes(fact, values, quantifier):
                found = [self.in_set(fact.text, self.value(v)) for v in values.literals]
                return k_and(*found) if quantifier == "all" else k_or(*found)
            case s.Within(fact, places):
                return k_or(*(self.within(fact.text, place.text) for place in places))
            case s.Compare(fact, operator, amount):
                return self.compare(fact.text, operator, amount)
            case s.OnList(name, _, off):
                task_list = next(d for d in doc.all("list", "ban_list") if str(d.name) == name.text)
                governs, covers = self.list_state(doc, task_list)
                return k_and(governs, k_not(covers) if off else covers)
            case s.OnAnyList(negated):
                truth = k_or(*(k_and(*self.list_state(d, each)) for d in self.documents for each in d.all("list")))
                return k_not(truth) if negated else truth
        raise AssertionError(c)

    def in_set(self, name: str, value: str) -> bool | None:
        told = self.read(name)
        if isinstance(told, Mapping):
            return True if value in told["includes"] else False if value in told["excludes"] else None
        return None if told is None else value in told

    def value(self, literal: Any) -> Any:
        match literal:
            case s.Name(text):
                return self.read(text) if text in ("level", "applied_on") else text
            case s.Constant("none"):
                return "none"
            case s.Number(value) | s.Day(value):
                return value
        raise AssertionError(literal)

    def compare(self, fact: str, operator: str, amount: Any) -> bool | None:
        left = self.read(fact)
        if isinstance(amount, s.Offset):
            right = self.read(amount.fact.text)
            if left is not None and isinstance(right, dt.date):
                right = moved(right, int(amount.count.value) * (1 if amount.after else -1), working=amount.working)
        else:
            right = self.value(amount)
        if left is None or right is None:
            return None
        if left == "none" or right == "none":
            return False
        if fact in ORDERED:
            left, right = -ORDERED[fact].index(left), -ORDERED[fact].index(right)
        return {
            "at_least": left >= right,
            "no_earlier": left >= right,
            "at_most": left <= right,
            "no_later": left <= right,
            "above": left > right,
            "after": left > right,
            "below": left < right,
            "before": left < right,
        }[operator]

    # ---- time and place ------------------------------------------------------------------------------------------

    def in_force(self, declaration: s.Declaration) -> bool | None:
        first, last = declaration.one(s.From), declaration.one(s.Until)
        if first is None and last is None:
            return True
        return self.between(EARLIEST if first is None else first.day.value, LATEST if last is None else last.day.value)

    def between(self, first: dt.date, last: dt.date) -> bool | None:
        day = self.read("date")
        return None if day is None else first <= day <= last

    def applies(self, doc: Document) -> bool | None:
        return k_and(self.between(doc.start, doc.end), self.within("target", doc.place) if doc.place else True)

    # ---- lists -----------------------------------------------------------------------------------------------------

    def higher(self, task_list: s.Declaration) -> tuple[Document, s.Declaration] | None:
        clause = task_list.one(s.Implements)
        if clause is None:
            return None
        policy, _, name = clause.list.text.partition(".")
        doc = next(d for d in self.documents if d.name == policy)
        found = doc.named("list", name)
        assert found
        return doc, found

    def implementers(self, doc: Document, task_list: s.Declaration) -> Iterator[tuple[Document, s.Declaration]]:
        for other in self.documents:
            for each in other.all("list"):
                higher = self.higher(each)
                if higher and higher[0] is doc and higher[1] is task_list:
                    yield other, each

    def governs(self, doc: Document, task_list: s.Declaration) -> bool | None:
        clause = task_list.one(s.Governs)
        own = True if clause is None else self.holds(doc, clause.condition)
        return k_and(self.applies(doc), self.in_force(task_list), own)

    def list_state(self, doc: Document, task_list: s.Declaration) -> tuple[bool | None, bool | None]:
        """Whether a list governs the task, and whether it (or what implements it) covers it."""
        governs, covers = self.governs(doc, task_list), self.covers(doc, task_list)
        below = [self.list_state(*each) for each in self.implementers(doc, task_list)]
        replaced = k_or(*(g for g, _ in below))
        theirs = k_or(*(k_and(g, c) for g, c in below))
        if replaced is None:
            covers = covers if covers is theirs else None
        elif replaced:
            covers = theirs
        return governs, covers

    def covers(self, doc: Document, task_list: s.Declaration) -> bool | None:
        asked = self.read("item")
        if asked is None:
            return None
        items = [item for item in task_list.items if item.kind == "item"]
        found = [item for item in items if item.code and item.code.text == asked]
        found = found or [
            item for item in items if item.title and title_of(item.title.words.pick("zh")) == title_of(asked)
        ]
        if found:
            return k_or(*(self.item_covers(doc, task_list, item) for item in found))
        rest = [self.item_covers(doc, task_list, item) for item in task_list.items if item.kind == "otherwise"]
        extent = task_list.one(s.Extent)
        if extent is not None and extent.kind == "partial":
            rest.append(self.read(extent.answered_by.text) if extent.answered_by is not None else None)
        return k_or(*rest)

    def item_covers(self, doc: Document, task_list: s.Declaration, item: s.Declaration) -> bool | None:
        role, when = item.one(s.Role), item.one(s.When)
        parts: list[bool | None] = [self.in_force(item)]
        if role is not None:
            told = self.read("role")
            parts.append(None if told is None else told == role.value.text)
        if when is not None:
            parts.append(self.holds(doc, when.condition))
        parts += [k_not(self.holds(doc, unless.condition)) for unless in item.all(s.Unless)]
        carried = self.carried(task_list, item)
        if carried:
            parts.append(k_or(*(self.still_in_force(*each) for each in carried)))
        return k_and(*parts)

    def carried(
        self, task_list: s.Declaration, item: s.Declaration
    ) -> list[tuple[Document, s.Declaration, s.Declaration]]:
        higher = self.higher(task_list)
        if higher is None or item.kind == "otherwise":
            return []
        refines = item.one(s.Refines)
        found = []
        for other in higher[1].items:
            if other.kind != "item":
                continue
            if refines is not None:
                same = other.code is not None and other.code.text == refines.code.text
            else:
                same = title_of(other.title.words.pick("zh")) == title_of(item.title.words.pick("zh"))  # type: ignore[union-attr]
            if same:
                found.append((*higher, other))
        return found

    def still_in_force(self, doc: Document, task_list: s.Declaration, item: s.Declaration) -> bool | None:
        own = k_and(self.between(doc.start, doc.end), self.in_force(task_list), self.in_force(item))
        above = self.carried(task_list, item)
        return k_and(own, k_or(*(self.still_in_force(*each) for each in above)) if above else True)

    # ---- rules --------------------------------------------------------------------------------------------------------

    def fires(self, doc: Document, rule: s.Declaration) -> bool | None:
        when, must = rule.one(s.When), rule.one(s.Must)
        assert when
        parts = [self.applies(doc), self.in_force(rule), self.holds(doc, when.condition)]
        if must is not None:
            parts.append(k_not(self.holds(doc, must.condition)))
        parts += [k_not(self.holds(doc, unless.condition)) for unless in rule.all(s.Unless)]
        return k_and(*parts)

    def reaches(self, doc: Document, admit: s.Declaration, other: Document, task_list: s.Declaration) -> bool:
        to = admit.one(s.To)
        extent = task_list.one(s.Extent)
        if extent is None or extent.kind == "open":
            return False
        own_or_below = RANK.index(other.level) >= RANK.index(doc.level) and other.place.startswith(doc.place)
        open_above = (
            RANK.index(other.level) < RANK.index(doc.level)
            and task_list.one(s.MayAdd) is not None
            and doc.place.startswith(other.place)
        )
        if not (own_or_below or open_above):
            return False
        if to is None or not to.lists:
            return True
        if other is doc and str(task_list.name) in [name.text for name in to.lists]:
            return True
        higher = self.higher(task_list)
        return higher is not None and self.reaches(doc, admit, *higher)

    def shut_out(self, doc: Document) -> bool | None:
        lists = doc.all("list")
        shutting = [each for each in lists if each.one(s.Extent).kind != "open"]  # type: ignore[union-attr]
        governed = k_or(*(self.list_state(doc, each)[0] for each in shutting))
        covered = k_or(*(k_and(*self.list_state(doc, each)) for each in lists))
        reached = k_or(
            *(
                k_and(self.list_state(doc, each)[0], self.fires(other, admit))
                for each in shutting
                for other in self.documents
                for admit in other.all("admit")
                if self.reaches(other, admit, doc, each)
            )
        )
        return k_and(governed, k_not(covered), k_not(reached))

    def banned_by_list(self, doc: Document, ban_list: s.Declaration) -> bool | None:
        saved = [k_not(self.holds(doc, unless.condition)) for unless in ban_list.all(s.Unless)]
        return k_and(*self.list_state(doc, ban_list), *saved)

    def status(self) -> str:
        rejected = k_or(
            *(self.fires(doc, rule) for doc in self.documents for rule in doc.all("ban", "require")),
            *(self.banned_by_list(doc, each) for doc in self.documents for each in doc.all("ban_list")),
            *(self.shut_out(doc) for doc in self.documents),
        )
        if rejected:
            return "rejected"
        admitted = k_or(
            *(k_and(*self.list_state(doc, each)) for doc in self.documents for each in doc.all("list")),
            *(self.fires(doc, rule) for doc in self.documents for rule in doc.all("admit")),
        )
        target = self.read("target")
        narrower = [
            doc
            for doc in self.documents
            if doc.place
            and doc.place.startswith(target or "")
            and doc.place != target
            and self.between(doc.start, doc.end) is not False
        ]
        return "accepted" if rejected is False and admitted and not narrower else "undetermined"


def moved(day: dt.date, count: int, *, working: bool) -> dt.date | None:
    if not working:
        return day + dt.timedelta(days=count)
    step = dt.timedelta(days=1 if count > 0 else -1)
    try:
        while count:
            day += step
            if is_workday(day):
                count -= 1 if count > 0 else -1
    except NotImplementedError:  # outside the table
        return None
    return day


# ---- limits ----------------------------------------------------------------------------------------------------------------------


def window(day: dt.date, each: str | None) -> tuple[int, ...]:
    match each:
        case "year":
            return (day.year,)
        case "quarter":
            return (day.year, (day.month + 2) // 3)
        case "month":
            return (day.year, day.month)
        case "week":
            return tuple(day.isocalendar())[:2]
    return ()


def portfolio(files: Sequence[s.File], tasks: Sequence[Facts]) -> list[str]:
    """The statuses of completely told tasks whose single verdicts are all definite."""
    oracles = [Oracle(files, task) for task in tasks]
    single = [oracle.status() for oracle in oracles]
    final = list(single)
    for doc in oracles[0].documents:
        for rule in doc.all("limit"):
            quota = rule.one(s.Quota)
            assert quota
            counted = [
                index
                for index, oracle in enumerate(oracles)
                if single[index] == "accepted"
                and next(d for d in oracle.documents if d.name == doc.name)
                and oracle.fires(next(d for d in oracle.documents if d.name == doc.name), rule)
            ]
            for index in counted:
                own = tasks[index]
                points = {own["target"]} | {
                    tasks[i]["target"] for i in counted if tasks[i]["target"].startswith(own["target"])
                }
                by_target = any(name.text == "target" for name in quota.per)
                used = []
                for point in points if by_target else {None}:
                    group = [
                        i
                        for i in counted
                        if (tasks[i]["date"], tasks[i]["id"]) <= (own["date"], own["id"])
                        and all(tasks[i][name.text] == own[name.text] for name in quota.per if name.text != "target")
                        and (point is None or point.startswith(tasks[i]["target"]))
                        and window(tasks[i]["date"], quota.each) == window(own["date"], quota.each)
                    ]
                    used.append(sum(_amount(tasks[i], quota) for i in group))
                if max(used) > quota.count.value:
                    final[index] = "rejected"
    return final


def _amount(task: Facts, quota: s.Quota) -> int:
    if quota.of is None:
        return 1
    value = task[quota.of.text]
    return 0 if value == "none" else int(value)
