"""A second evaluator, written from the description of the language alone: slow, naive, for tasks told in whole or part.

It reads syntax trees and shares nothing with the engine but the parser's classes. Working days are left to the
table of holidays, which both use. `answers` is asked as any outside implementation is.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from attrs import evolve
from chinese_calendar import is_workday as worked

from burdenlib import syntax as s
from burdenlib.parser import parse
from burdenlib.source import Source
from burdenlib.testing.generated import CORE

RANK = ("central", "province", "city", "county", "township", "grassroots")
LEVELS = dict(zip(("中央", "省", "市", "县", "乡镇", "村社"), RANK, strict=True))
COLUMNS = {"编码": "code", "名称": "title", "又称": "also", "角色": "role", "情形": "when", "例外": "unless"}
COLUMNS |= {"细化": "refines", "自": "from", "至": "until"}
EARLIEST, LATEST = dt.date.min, dt.date.max

is_workday = lru_cache(maxsize=20_000)(worked)

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


@cache
def read_policy(text: str) -> s.File:
    found = parse(Source("<text>", text))
    assert found.file is not None and not found.problems, found.problems
    return found.file


class Fact:
    """A fact as its declaration tells it."""

    def __init__(self, declaration: s.Declaration, others: Mapping[str, Fact]) -> None:
        kind, only = declaration.one(s.Type), declaration.one(s.OnlyWhen)
        assert kind
        like = others[kind.like.text] if kind.like is not None else None
        self.name = str(declaration.name)
        self.kind = kind.kind if like is None else like.kind
        self.or_none = kind.or_none or (like is not None and like.or_none)
        self.values = like.values if like is not None else tuple(each.name.text for each in kind.values)
        self.labels = dict(like.labels) if like is not None else {}
        for each in kind.values:
            label = each.label
            words = [label.text] if isinstance(label, s.Name) else [label.words.zh, label.words.en]
            self.labels |= {word: each.name.text for word in words if word is not None}
        self.only_when = None if only is None else only.condition

    def value(self, text: str) -> str | None:
        """The value that is written so."""
        return text if text in self.values else self.labels.get(text)

    def read(self, raw: Any) -> Any:
        """A value as JSON has it; raises `ValueError` if it is none."""
        if raw in ("none", "无") and not isinstance(raw, bool):
            if not self.or_none:
                raise ValueError(raw)
            return "none"
        match self.kind, raw:
            case "yes_no", bool():
                return raw
            case "text", str():
                return raw
            case "number", int() | float() if not isinstance(raw, bool):
                return Decimal(str(raw))
            case "date", str():
                return dt.date.fromisoformat(raw)
            case "place", str() | int() if not isinstance(raw, bool):
                return shortened(str(raw))
            case "one_of" | "ordered", str():
                return self.known(raw)
            case "set_of", list():
                return {self.known(each) for each in raw}
            case "set_of", dict():
                return {side: {self.known(each) for each in raw.get(side, ())} for side in ("includes", "excludes")}
        raise ValueError(raw)

    def known(self, text: str) -> str:
        value = self.value(text)
        if value is None:
            raise ValueError(text)
        return value


def shortened(code: str) -> str:
    """A code without the levels at its end that hold zeros only."""
    cuts = (0, 2, 4, 6, 9, 12)
    if len(code) not in cuts or not code.isdigit():
        raise ValueError(code)
    while code and not code[cuts[cuts.index(len(code)) - 1] :].strip("0"):
        code = code[: cuts[cuts.index(len(code)) - 1]]
    return code


class Document:
    def __init__(self, file: s.File) -> None:
        head = file.policy
        self.file = file
        self.name = str(head.name)
        issuer, place, effective = head.one(s.IssuedBy), head.one(s.ForPlace), head.one(s.Effective)
        self.level = "central" if issuer is None else LEVELS.get(issuer.level.text, issuer.level.text)
        self.place = "" if place is None or place.code is None else shortened(place.code.text)
        self.start = EARLIEST if effective is None else effective.start.value
        self.end = LATEST if effective is None or effective.end is None else effective.end.value
        self.ends_itself = effective is not None and effective.end is not None
        ended = head.one(s.Supersedes)
        self.supersedes = () if ended is None else tuple(name.text for name in ended.names)

    def named(self, kind: str, name: str) -> s.Declaration | None:
        return next((d for d in self.file.declarations if d.kind == kind and str(d.name) == name), None)

    def all(self, *kinds: str) -> list[s.Declaration]:
        return [d for d in self.file.declarations if d.kind in kinds]


class Oracle:
    """Judges one task; `facts` hold `date`s, sets, `"none"` and places without trailing zeros, and may lack some.

    A set told in part is a mapping of what it `includes` and `excludes`.
    """

    def __init__(self, files: Sequence[s.File], facts: Facts, as_of: dt.date | None = None) -> None:
        if not any(str(file.policy.name) == "core" for file in files):
            files = [read_policy(CORE), *files]
        self.documents = [Document(file) for file in files]
        self.facts = facts
        self.as_of = as_of
        self.found_out: dict[tuple[int, frozenset[str] | None], tuple[bool | None, bool | None]] = {}
        self.vocabulary: dict[str, Fact] = {}
        self.spelled: dict[str, str] = {}
        for doc in self.documents:
            for each in doc.all("fact"):
                fact = self.vocabulary[str(each.name)] = Fact(each, self.vocabulary)
                words = (fact.name, each.title.words.zh, each.title.words.en) if each.title else (fact.name,)
                self.spelled |= {word: fact.name for word in words if word is not None}
        self._settle_time()

    def _settle_time(self) -> None:
        """A version ends before the next begins, another document before the one that supersedes it."""
        day = dt.timedelta(days=1)
        begin = {id(doc): doc.start for doc in self.documents}
        for doc in self.documents:
            later = [other.start for other in self.documents if other.name == doc.name and other.start > doc.start]
            if later and not doc.ends_itself:
                doc.end = min(doc.end, min(later) - day)
        for doc in self.documents:
            for other in self.documents:
                if other.name in doc.supersedes and begin[id(other)] < doc.start:
                    other.end = min(other.end, doc.start - day)

    def read(self, name: str) -> Any:
        """What a fact is, `None` if nobody told it and it may exist."""
        name = self.spelled[name]
        fact = self.vocabulary[name]
        if (
            name not in self.facts
            and fact.only_when is not None
            and self.holds(self.documents[0], fact.only_when) is False
        ):
            return {"yes_no": False, "set_of": set()}.get(fact.kind, "none")
        return self.facts.get(name)

    def is_misplaced(self) -> bool:
        """Whether a fact is told of a task that can't have it."""
        for name, told in self.facts.items():
            fact = self.vocabulary[name]
            if fact.only_when is not None and self.holds(self.documents[0], fact.only_when) is False:
                nothing = (
                    (not told["includes"] if isinstance(told, Mapping) else not told)
                    if fact.kind == "set_of"
                    else told == (False if fact.kind == "yes_no" else "none")
                )
                if not nothing:
                    return True
        return False

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
                terms = self.named(doc, "term", name.text)
                if len(terms) == 1:
                    means = terms[0][1].one(s.Means)
                    assert means
                    return self.holds(terms[0][0], means.condition)
                return self.read(name.text)  # type: ignore[no-any-return]
            case s.Is(fact, value, negated):
                left, right = self.read(fact.text), self.value(fact.text, value)
                return None if left is None or right is None else same(left, right) != negated
            case s.In(fact, values, negated):
                left = self.read(fact.text)
                chosen = [self.value(fact.text, v) for v in values.literals]
                return None if left is None else any(same(left, each) for each in chosen) != negated
            case s.Has(fact, negated):
                left = self.read(fact.text)
                return None if left is None else (left != "none") != negated
            case s.Includes(fact, values, quantifier):
                found = [self.in_set(fact.text, self.value(fact.text, v)) for v in values.literals]
                return k_and(*found) if quantifier == "all" else k_or(*found)
            case s.Within(fact, places):
                return k_or(*(self.within(fact.text, shortened(place.text)) for place in places))
            case s.Compare(fact, operator, amount):
                return self.compare(fact.text, operator, amount)
            case s.OnList(name, codes, off):
                chosen_codes = frozenset(code.text for code in codes) or None
                found_lists = self.named(doc, "list", name.text) or self.named(doc, "ban_list", name.text)
                states = [self.list_state(*each, chosen_codes) for each in found_lists]
                return k_or(*(k_and(governs, k_not(covers) if off else covers) for governs, covers in states))
            case s.Mentions(name):
                return k_or(*(self.mentions(each) for _, each in self.named(doc, "phrases", name.text)))
            case s.OnAnyList(negated):
                truth = k_or(*(k_and(*self.list_state(d, each)) for d in self.documents for each in d.all("list")))
                return k_not(truth) if negated else truth
        raise AssertionError(c)

    def in_set(self, name: str, value: str) -> bool | None:
        told = self.read(name)
        if isinstance(told, Mapping):
            return True if value in told["includes"] else False if value in told["excludes"] else None
        return None if told is None else value in told

    def named(self, doc: Document, kind: s.DeclarationKind, name: str) -> list[tuple[Document, s.Declaration]]:
        """What a name means in a document: its own, or with a dot what each version of another one has."""
        policy, dot, rest = name.partition(".")
        docs = [other for other in self.documents if other.name == policy] if dot else [doc]
        found = [(other, other.named(kind, rest if dot else name)) for other in docs]
        return [(other, each) for other, each in found if each is not None]

    def mentions(self, phrases: s.Declaration) -> bool | None:
        """Whether a wording stands in the title or the text; what sentences forbid is left to the engine's own tests."""
        texts = [self.read("title"), self.read("text")]
        clauses = [*phrases.all(s.Wordings)]
        for told in texts:
            left = told or ""
            for excluded in (word for each in clauses if each.excluded for word in each.texts):
                left = left.replace(excluded.words.pick("zh"), "")
            if any(word.words.pick("zh") in left for each in clauses if not each.excluded for word in each.texts):
                return True
        return None if None in texts else False

    def value(self, fact: str, literal: Any) -> Any:
        match literal:
            case s.Name(text):
                value = self.vocabulary[self.spelled[fact]].value(text)
                return self.read(text) if value is None else value
            case s.Constant("none"):
                return "none"
            case s.Constant(word):
                return word == "yes"
            case s.Text(words):
                return words.pick("zh")
            case s.Number(value) if self.vocabulary[self.spelled[fact]].kind == "place":
                return shortened(str(value))
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
            right = self.value(fact, amount)
        if left is None or right is None:
            return None
        if left == "none" or right == "none":
            return False
        order = self.vocabulary[self.spelled[fact]]
        if order.kind == "ordered":
            left, right = -order.values.index(left), -order.values.index(right)
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
        day = self.read("date") if self.as_of is None else self.as_of
        return None if day is None else first <= day <= last

    def applies(self, doc: Document) -> bool | None:
        return k_and(self.between(doc.start, doc.end), self.within("target", doc.place) if doc.place else True)

    # ---- lists -----------------------------------------------------------------------------------------------------

    def higher(self, task_list: s.Declaration) -> tuple[Document, s.Declaration] | None:
        clause = task_list.one(s.Implements)
        if clause is None:
            return None
        policy, _, name = clause.list.text.partition(".")
        doc = next(d for d in self.documents if d.name == policy and d.named("list", name))
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

    def list_state(
        self, doc: Document, task_list: s.Declaration, codes: frozenset[str] | None = None
    ) -> tuple[bool | None, bool | None]:
        """Whether a list governs the task, and whether it (or what implements it) covers it.

        With `codes` only by the items that have one, or by those that carry one of these out.
        """
        key = id(task_list), codes
        if key not in self.found_out:
            self.found_out[key] = self._list_state(doc, task_list, codes)
        return self.found_out[key]

    def _list_state(
        self, doc: Document, task_list: s.Declaration, codes: frozenset[str] | None
    ) -> tuple[bool | None, bool | None]:
        governs, covers = self.governs(doc, task_list), self.covers(doc, task_list, codes)
        below = [
            self.list_state(other, each, None if codes is None else self.carrying(each, codes))
            for other, each in self.implementers(doc, task_list)
        ]
        replaced = k_or(*(g for g, _ in below))
        theirs = k_or(*(k_and(g, c) for g, c in below))
        if replaced is None:
            covers = covers if covers is theirs else None
        elif replaced:
            covers = theirs
        return governs, covers

    def carrying(self, task_list: s.Declaration, codes: frozenset[str]) -> frozenset[str]:
        """The codes of the items that carry out items with these codes."""
        return frozenset(
            item.code.text
            for item in task_list.items
            if item.code is not None
            and any(other.code and other.code.text in codes for _, _, other in self.carried(task_list, item))
        )

    def found(self, task_list: s.Declaration) -> list[s.Declaration]:
        """The items with the task's code, else those with its title."""
        asked = self.read("item")
        if asked is None:
            return []
        items = [item for item in task_list.items if item.kind == "item"]
        found = [item for item in items if item.code and item.code.text == unicodedata.normalize("NFKC", asked).strip()]
        return found or [item for item in items if title_of(asked) in map(title_of, titles_of(item))]

    def covers(self, doc: Document, task_list: s.Declaration, codes: frozenset[str] | None = None) -> bool | None:
        asked = self.read("item")
        if asked is None:
            return None
        found = self.found(task_list)
        if codes is not None:
            return k_or(*(self.item_covers(doc, task_list, i) for i in found if i.code and i.code.text in codes))
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
            parts.append(None if told is None else told == self.vocabulary["role"].value(role.value.text))
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
                carried = other.code is not None and other.code.text == refines.code.text
            else:
                carried = title_of(other.title.words.pick("zh")) == title_of(item.title.words.pick("zh"))  # type: ignore[union-attr]
            if carried:
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

    # ---- the answer --------------------------------------------------------------------------------------------------

    def charges(self) -> Iterator[tuple[str, str, bool | None]]:
        """What can reject the task: the kind of the reason, the rule or list, and whether it does."""
        for doc in self.documents:
            for rule in doc.all("ban", "require"):
                yield rule.kind, f"{doc.name}.{rule.name}", self.fires(doc, rule)
            for each in doc.all("ban_list"):
                truth = self.banned_by_list(doc, each)
                not_held = truth is None and is_partial(each) and self.read("item") and not self.found(each)
                yield "partial_list" if not_held else "ban_list", f"{doc.name}.{each.name}", truth
            truth = self.shut_out(doc)
            if truth is not False:
                yield self.shut_out_kind(doc, truth), f"{doc.name}.{self.shutting(doc).name}", truth

    def shutting(self, doc: Document) -> s.Declaration:
        """The list that shuts the task out: the first that governs it, else the first that may."""
        lists = [(each, self.governs(doc, each)) for each in doc.all("list") if not is_open(each)]
        sure = [each for each, governs in lists if governs]
        return (sure or [each for each, governs in lists if governs is None])[0]

    def shut_out_kind(self, doc: Document, truth: bool | None) -> str:
        """Whether it is open because only part of a list is at hand."""
        not_held = [
            each
            for each in doc.all("list")
            if is_partial(each)
            and self.read("item")
            and not self.found(each)
            and k_and(*self.list_state(doc, each)) is None
        ]
        return "partial_list" if truth is None and not_held else "not_listed"

    def admitting(self) -> Iterator[tuple[Document, s.Declaration, bool | None]]:
        """What can admit the task, and whether it does."""
        for doc in self.documents:
            for each in doc.all("list"):
                yield doc, each, k_and(*self.list_state(doc, each))
            for each in doc.all("admit"):
                yield doc, each, self.fires(doc, each)

    def narrower(self) -> list[Document]:
        target = self.read("target")
        return [
            doc
            for doc in self.documents
            if doc.place
            and doc.place.startswith(target or "")
            and doc.place != target
            and self.between(doc.start, doc.end) is not False
        ]

    def status(self) -> str:
        return str(self.answer()["status"])

    def answer(self) -> dict[str, Any]:
        """The answer as the conformance suite writes it."""
        charges, admitting, narrower = list(self.charges()), list(self.admitting()), self.narrower()
        rejected, admitted = (k_or(*(truth for _, _, truth in each)) for each in (charges, admitting))
        status = "rejected" if rejected else "undetermined"
        if rejected is False and admitted and not narrower:
            status = "accepted"
        reasons: list[dict[str, Any]] = [{"kind": kind, "rule": rule} for kind, rule, truth in charges if truth]
        if status == "undetermined":
            reasons = [{"kind": kind, "rule": rule} for kind, rule, truth in charges if truth is None]
            reasons += [{"kind": "narrower_policy", "rule": doc.name} for doc in narrower]
            if not admitted and not any(each["kind"] in ("not_listed", "partial_list") for each in reasons):
                reasons.append({"kind": "no_list", "rule": None})
        by = [(doc, each) for doc, each, truth in admitting if truth and not self.is_replaced(doc, each)]
        return {
            "status": status,
            "reasons": reasons,
            "admitted_by": [self.admission(doc, each) for doc, each in by],
            "duties": list(self.duties()) if status == "accepted" else [],
        }

    def is_replaced(self, doc: Document, each: s.Declaration) -> bool:
        """Whether lists that implement this one take its place."""
        return bool(k_or(*(self.list_state(*below)[0] for below in self.implementers(doc, each))))

    def admission(self, doc: Document, each: s.Declaration) -> dict[str, Any]:
        name = f"{doc.name}.{each.name}"
        if each.kind == "admit":
            return {"admit": name}
        code = next((i.code.text for i in self.found(each) if i.code and self.item_covers(doc, each, i)), None)
        return {"list": name, "item": code}

    def duties(self) -> Iterator[dict[str, Any]]:
        for doc in self.documents:
            for rule in doc.all("duty"):
                truth = self.fires(doc, rule)
                if truth is not False:
                    yield {"duty": f"{doc.name}.{rule.name}"} | ({} if truth else {"if": True})


def is_open(task_list: s.Declaration) -> bool:
    extent = task_list.one(s.Extent)
    return extent is None or extent.kind == "open"


def is_partial(task_list: s.Declaration) -> bool:
    extent = task_list.one(s.Extent)
    return extent is not None and extent.kind == "partial"


def titles_of(item: s.Declaration) -> Iterator[str]:
    """The title and the aliases of an item."""
    also = item.one(s.Also)
    for text in (item.title, *(() if also is None else also.titles)):
        if text is not None:
            yield text.words.pick("zh")


def same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return unicodedata.normalize("NFKC", one).strip() == unicodedata.normalize("NFKC", other).strip()
    return type(one) is type(other) and one == other


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
    found = [oracle.status() for oracle in oracles]
    past = past_limits(oracles, found)
    return ["rejected" if past.get(index) else status for index, status in enumerate(found)]


def past_limits(oracles: Sequence[Oracle], single: Sequence[str]) -> dict[int, list[str]]:
    """The limits that accepted tasks are past, by the number of the task."""
    tasks = [oracle.facts for oracle in oracles]
    final: dict[int, list[str]] = {}
    for doc in oracles[0].documents:
        for rule in doc.all("limit"):
            quota = rule.one(s.Quota)
            assert quota
            per = [oracles[0].spelled[name.text] for name in quota.per]
            counted = [
                index
                for index, oracle in enumerate(oracles)
                if single[index] == "accepted"
                and oracle.fires(next(d for d in oracle.documents if d.file is doc.file), rule)
            ]
            for index in counted:
                own = tasks[index]
                points = {own.get("target")} | {
                    tasks[i]["target"] for i in counted if tasks[i]["target"].startswith(own["target"])
                }
                used = []
                for point in points if "target" in per else {None}:
                    group = [
                        i
                        for i in counted
                        if (tasks[i]["date"], tasks[i]["id"]) <= (own["date"], own["id"])
                        and all(oracles[i].read(name) == oracles[index].read(name) for name in per if name != "target")
                        and (point is None or point.startswith(tasks[i]["target"]))
                        and window(tasks[i]["date"], quota.each) == window(own["date"], quota.each)
                    ]
                    used.append(sum(_amount(oracles[i], quota) for i in group))
                if max(used) > quota.count.value:
                    final.setdefault(index, []).append(f"{doc.name}.{rule.name}")
    return final


def _amount(oracle: Oracle, quota: s.Quota) -> int:
    if quota.of is None:
        return 1
    value = oracle.read(quota.of.text)
    return 0 if value == "none" else int(value)


# ---- asked in JSON -----------------------------------------------------------------------------------------------------------


def answers(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answers to a question as `burdenlib.testing` asks it; of a portfolio only where all of it is definite."""
    tables = question.get("tables", {})
    files = [with_tables(read_policy(text), tables) for text in question["policies"].values()]
    as_of = dt.date.fromisoformat(question["as_of"]) if "as_of" in question else None
    empty = Oracle(files, {}, as_of)
    found: list[Oracle | None] = [told(empty, task) for task in question["tasks"]]
    judged = [{"status": "refused"} if oracle is None else oracle.answer() for oracle in found]
    if not question.get("together"):
        return judged
    oracles = [oracle for oracle in found if oracle is not None]
    single = [answer for answer in judged if answer["status"] != "refused"]
    if not is_plain(oracles, [answer["status"] for answer in single]):
        return [{} for _ in judged]
    for number, rules in past_limits(oracles, [answer["status"] for answer in single]).items():
        single[number] |= {
            "status": "rejected",
            "reasons": [{"kind": "limit", "rule": rule} for rule in rules],
            "duties": [],
        }
    return judged


def with_tables(file: s.File, tables: Mapping[str, str]) -> s.File:
    """A policy with the items of its tables in its lists, before the residual items."""
    if not tables:
        return file
    found = []
    for each in file.declarations:
        rows = [row for clause in each.all(s.ItemsFrom) for row in table(tables[clause.file.words.pick("zh")])]
        kinds = ([i for i in each.items if i.kind == "item"], [i for i in each.items if i.kind != "item"])
        found.append(evolve(each, items=(*kinds[0], *rows, *kinds[1])))
    return evolve(file, declarations=tuple(found))


def table(text: str) -> Iterator[s.Declaration]:
    """The rows of an item table as items."""
    heads, *rows = csv.reader(io.StringIO(text))
    for cells in rows:
        row = {COLUMNS.get(head, head): cell for head, cell in zip(heads, cells, strict=True)}
        lines = [f'policy t "t"\nlist t\n  item {row["code"]} "{row["title"]}"']
        lines += [
            f"    {name} {row[name]}"
            for name in ("role", "when", "unless", "refines", "from", "until")
            if row.get(name)
        ]
        lines += ["    also " + ", ".join(f'"{title}"' for title in row["also"].split("；"))] if row.get("also") else []
        yield from read_policy("\n".join(lines) + "\n").declarations[0].items


def told(empty: Oracle, task: Mapping[str, Any]) -> Oracle | None:
    """A task as it is judged; `None` if it can't be as it is told."""
    oracle = copy(empty)
    oracle.found_out = {}
    try:
        oracle.facts = {
            oracle.spelled[name]: oracle.vocabulary[oracle.spelled[name]].read(raw)
            for name, raw in task.items()
            if raw is not None
        }
    except (KeyError, ValueError):
        return None
    return None if oracle.is_misplaced() else oracle


def is_plain(oracles: Sequence[Oracle], statuses: Sequence[str]) -> bool:
    """Whether all tasks of a portfolio are definite, and all that limits ask of those accepted is told."""
    for oracle, status in zip(oracles, statuses, strict=True):
        if status == "undetermined":
            return False
        for doc in oracle.documents if status == "accepted" else ():
            for rule in doc.all("limit"):
                quota = rule.one(s.Quota)
                assert quota
                asked = ["date", "target", *(name.text for name in (*quota.per, *((quota.of,) if quota.of else ())))]
                if oracle.fires(doc, rule) is None or any(oracle.read(name) is None for name in asked):
                    return False
    return True
