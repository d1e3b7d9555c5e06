"""What the passes of the checker share: the problems found so far, and who is called what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import define, field, frozen

from burdenlib import syntax as s
from burdenlib.policy import Fact, Interval
from burdenlib.problems import Note, Problem, Where, nearest
from burdenlib.source import Span
from burdenlib.vocabulary import KEYWORDS, written_apart
from burdenlib.words import Words

__all__ = ["RULE_KINDS", "Context", "Head", "ListDraft", "Sort", "both"]

RULE_KINDS = ("ban", "require", "admit", "limit", "duty")

Sort = Literal["fact", "term", "list", "phrases", "rule", "policy"]

SORT_WORDS: Mapping[str, Words] = {
    "fact": Words("要素", "fact"),
    "term": Words("所称", "term"),
    "list": Words("清单", "list"),
    "phrases": Words("用语", "phrases"),
    "rule": Words("规定", "rule"),
    "policy": Words("文件", "policy"),
}


def both(name: str) -> Words:
    """A keyword in both languages, for a message."""
    english, chinese = KEYWORDS[name]
    return Words(chinese, english)


@frozen
class Head:
    """The head of one document: who issued it, for which place, when it is in force."""

    file: s.File = field(repr=False)
    name: str
    version: str
    level: str | None
    place: str
    interval: Interval

    @property
    def key(self) -> str:
        """The name with the version."""
        return f"{self.name}@{self.version}"

    def key_of(self, name: str) -> str:
        """The key of something declared in the document."""
        return f"{self.key}.{name}"

    @property
    def span(self) -> Span:
        """Where the document names itself."""
        return self.file.policy.head


@frozen
class ListDraft:
    """A list with all its items, its tables read, before its conditions are checked."""

    head: Head
    declaration: s.Declaration
    items: tuple[s.Declaration, ...]
    otherwise: tuple[s.Declaration, ...]

    @property
    def key(self) -> str:
        """The key of the list."""
        return self.head.key_of(str(self.declaration.name))

    @property
    def is_ban(self) -> bool:
        """Whether it is a ban list."""
        return self.declaration.kind == "ban_list"

    @property
    def extent(self) -> str:
        """`closed`, `open` or `partial`; a ban list that doesn't say is closed."""
        extent = self.declaration.one(s.Extent)
        return "closed" if extent is None else extent.kind

    @property
    def may_add(self) -> bool:
        """Whether localities may add to it."""
        return self.declaration.one(s.MayAdd) is not None


@define
class Context:
    """The problems so far and the names of everything.

    `declared` gives, for each document's key, its names with their declarations; `versions` the heads of each
    document by name; `skipped` are names in text that could not be read; `higher` gives the versions of the
    list that each list implements.
    """

    skipped: frozenset[str] = frozenset()
    problems: list[Problem] = field(factory=list)
    heads: list[Head] = field(factory=list)
    versions: dict[str, list[Head]] = field(factory=dict)
    facts: dict[str, Fact] = field(factory=dict)
    spellings: dict[str, str] = field(factory=dict)
    declared: dict[str, dict[str, s.Declaration]] = field(factory=dict)
    lists: dict[str, ListDraft] = field(factory=dict)
    higher: dict[str, tuple[ListDraft, ...]] = field(factory=dict)

    def report(
        self,
        code: str,
        where: Where,
        details: Mapping[str, object] | None = None,
        *,
        nearest: str | None = None,
        advice: Words | None = None,
        notes: Iterable[Note] = (),
    ) -> None:
        """Keep a problem."""
        self.problems.append(Problem(code, where, details or {}, nearest, advice, tuple(notes)))

    # ---- clauses ---------------------------------------------------------------------------------------------------

    def check_clauses(self, declaration: s.Declaration) -> None:
        """Report clauses that stand twice."""
        seen: dict[type, Span] = {}
        for clause in sorted(declaration.clauses, key=lambda clause: clause.span.start):
            kind = type(clause)
            if kind in seen and kind not in s.REPEATABLE:
                note = Note(Words("第一次写在", "first given"), seen[kind])
                self.report("duplicate-clause", clause.span, notes=[note])
            seen.setdefault(kind, clause.span)

    # ---- names -----------------------------------------------------------------------------------------------------

    def fact(self, name: s.Name) -> Fact | None:
        """The fact that a name means, or `None` with a problem kept."""
        if (fact := self.find_fact(name.text)) is None:
            self.unknown("fact", name, self.spellings)
        return fact

    def find_fact(self, text: str) -> Fact | None:
        """The fact that a name means, or `None`."""
        found = self.spellings.get(text)
        return None if found is None else self.facts[found]

    def unknown(self, sort: Sort, name: s.Name, known: Iterable[str]) -> None:
        """Report a name that nobody knows, unless it may stand in text that could not be read."""
        if not self.skipped.isdisjoint(name.text.split(".")):
            return
        details = {"name": name.text, "sort": SORT_WORDS[sort]}
        if any(name.text in spellings for spellings in KEYWORDS.values()):
            advice = Words(
                f"“{name.text}”是关键词，这里缺少名称", f"`{name.text}` is a keyword; a name is missing here"
            )
            self.report(f"unknown-{sort}", name.span, details, advice=advice)
            return
        known = tuple(known)
        near, spaced = nearest(name.text, known), written_apart(name.text)
        if spaced is not None and (near is None or not set(known).isdisjoint(spaced.split())):
            self.report("unspaced", name.span, {"found": name.text, "spaced": spaced})
            return
        self.report(f"unknown-{sort}", name.span, details, nearest=near)

    def find(self, head: Head, name: s.Name, kinds: Iterable[str]) -> list[tuple[Head, s.Declaration]]:
        """What a name means in a document: its own, or with `policy.name` every version of another one's."""
        policy, _, last = name.text.rpartition(".")
        heads = self.versions.get(policy, []) if policy else [head]
        if policy == head.name:
            heads = [head]
        found = []
        for each in heads:
            declaration = self.declared.get(each.key, {}).get(last)
            if declaration is not None and declaration.kind in kinds:
                found.append((each, declaration))
        return found

    def known(self, head: Head, kinds: Iterable[str]) -> list[str]:
        """Every name of these kinds that a document may use."""
        names = []
        for each in self.heads:
            prefix = "" if each is head else f"{each.name}."
            names += [
                prefix + name for name, declaration in self.declared[each.key].items() if declaration.kind in kinds
            ]
        return names

    def resolve(self, sort: Sort, head: Head, name: s.Name) -> tuple[str, ...]:
        """The keys that a name of a term, a list, phrases or a rule means; none, with a problem kept, if unknown."""
        kinds = {"list": ("list", "ban_list"), "rule": (*RULE_KINDS, "list", "ban_list")}.get(sort, (sort,))
        found = self.find(head, name, kinds)
        if not found:
            policy = name.text.rpartition(".")[0]
            if policy and policy not in self.versions:
                self.unknown("policy", s.Name(policy, name.span), self.versions)
            else:
                self.unknown(sort, name, self.known(head, kinds))
        return tuple(each.key_of(str(declaration.name)) for each, declaration in found)

    def word(self, name: s.Name, table: Mapping[str, str]) -> str | None:
        """The English spelling of a word of a closed table, or `None` with a problem kept."""
        for english, chinese in table.items():
            if name.text in (english, chinese):
                return english
        words = Words("、".join(table.values()), ", ".join(table))
        near = nearest(name.text, [*table, *table.values()])
        self.report("unknown-word", name.span, {"found": name.text, "words": words}, nearest=near)
        return None
