"""A syntax tree in the other language: names of facts, values and closed words rewritten, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

import attrs
from attrs import evolve, frozen

from burdenlib import syntax as s
from burdenlib.facts import FactType
from burdenlib.lists import COLUMNS, column_named
from burdenlib.policy import Fact
from burdenlib.vocabulary import ACTORS, LEVELS, SEEN, TELLERS, canonical
from burdenlib.words import Language, Words, has_han

__all__ = ["Lexicon", "translate"]

_NAME = re.compile(r"[^\W\d_]\w*")


@frozen
class Lexicon:
    """The names of facts and their values in both languages."""

    facts: Mapping[str, Fact]

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Lexicon:
        """Index facts by every way to write their names."""
        return cls({spelling: fact for fact in facts for spelling in fact.spellings})

    def fact(self, text: str, language: Language) -> str:
        """The name of a fact in `language`; a name that is no fact's stays as it is."""
        fact = self.facts.get(text)
        return text if fact is None else _pick(text, (fact.name, *fact.label.ordered(language)), language)

    def value(self, fact: str, text: str, language: Language) -> str:
        """The name of a value of a fact in `language`; another fact's name there is a fact's name."""
        known = self.facts.get(fact)
        if known is None:
            return text
        name = known.type.find(text)
        return self.fact(text, language) if name is None else value_name(known.type, name, language)


def value_name(kind: FactType, name: str, language: Language) -> str:
    """How a policy in `language` writes a value."""
    return _pick(name, (name, *kind.words(name).ordered(language)), language)


def _pick(text: str, names: Iterable[str], language: Language) -> str:
    """The first of the names that belongs to the language and is a name; else the text itself."""
    wants_han = language == "zh"
    return next((name for name in names if has_han(name) == wants_han and _NAME.fullmatch(name)), text)


def translate(tree: s.File, language: Language, lexicon: Lexicon) -> s.File:
    """Rewrite a tree's names in `language`; what the lexicon doesn't know stays as it is."""
    return _Translator(language, lexicon).tree(tree)


def translate_condition(condition: s.Condition, language: Language, lexicon: Lexicon) -> s.Condition:
    """Rewrite the names in a condition."""
    return _Translator(language, lexicon).tree(condition)


T = TypeVar("T")


class _Translator:
    def __init__(self, language: Language, lexicon: Lexicon) -> None:
        self.language = language
        self.lexicon = lexicon

    def tree(self, node: T) -> T:
        """A node with everything in it rewritten."""
        return cast(T, self._node(node))

    def _node(self, node: Any) -> Any:
        match node:
            case tuple():
                return tuple(self._node(each) for each in node)
            case s.Is(fact, value):
                return evolve(node, fact=self._fact(fact), value=self._value(fact, value))
            case s.In(fact, values) | s.Includes(fact, values):
                return evolve(node, fact=self._fact(fact), values=self._values(fact, values))
            case s.Compare(fact, _, amount):
                return evolve(node, fact=self._fact(fact), amount=self._value(fact, amount))
            case s.Within(fact) | s.Has(fact):
                return evolve(node, fact=self._fact(fact))
            case s.Holds(name):
                return evolve(node, name=self._fact(name))
            case s.Told(fact, value):
                return evolve(node, fact=self._fact(fact), value=self._value(fact, value))
            case s.Each(fact, values):
                return evolve(node, fact=self._fact(fact), values=tuple(self._value(fact, each) for each in values))
            case s.Declaration("fact", s.Name() as name):
                return evolve(node, clauses=tuple(self._fact_clause(name, clause) for clause in node.clauses))
            case s.Extent(_, s.Name() as fact):
                return evolve(node, answered_by=self._fact(fact))
            case s.Quota(_, of, per):
                summed = None if of is None else self._fact(of)
                return evolve(node, of=summed, per=tuple(self._fact(each) for each in per))
            case s.Shows(fact, value):
                return evolve(node, fact=self._fact(fact), value=self._value(fact, value))
            case s.Role(value):
                return evolve(node, value=self._value(s.Name("role", value.span), value))
            case s.Expect():
                return evolve(node, asking=tuple(self._fact(each) for each in node.asking))
            case s.IssuedBy(level):
                return evolve(node, level=self._word(level, LEVELS))
            case s.SetBy(actors):
                return evolve(node, actors=tuple(self._word(each, TELLERS) for each in actors))
            case s.Binds(actor):
                return evolve(node, actor=self._word(actor, ACTORS))
            case s.OwedBy(actor):
                return evolve(node, actor=self._word(actor, {**ACTORS, **TELLERS}))
            case s.Seen(extent):
                return evolve(node, extent=self._word(extent, SEEN))
            case s.EachStates(columns):
                return evolve(node, columns=tuple(self._column(each) for each in columns))
        if attrs.has(type(node)) and not isinstance(node, s.Name | s.Text | Words):
            changes = {
                field.name: self._node(value)
                for field in attrs.fields(type(node))
                if attrs.has(type(value := getattr(node, field.name))) or isinstance(value, tuple)
                if field.eq
            }
            return evolve(node, **changes)
        return node

    def _fact_clause(self, name: s.Name, clause: s.Clause) -> s.Clause:
        match clause:
            case s.Usually(value):
                return evolve(clause, value=self._value(name, value))
            case s.Type(like=s.Name() as like):
                return evolve(clause, like=self._fact(like))
        return self.tree(clause)

    def _fact(self, name: s.Name) -> s.Name:
        return evolve(name, text=self.lexicon.fact(name.text, self.language))

    def _value(self, fact: s.Name, value: Any) -> Any:
        match value:
            case s.Name(text):
                return evolve(value, text=self.lexicon.value(fact.text, text, self.language))
            case s.Values():
                return self._values(fact, value)
            case s.Offset():
                return evolve(value, fact=self._fact(value.fact))
        return value

    def _values(self, fact: s.Name, values: s.Values) -> s.Values:
        return evolve(values, literals=tuple(self._value(fact, each) for each in values.literals))

    def _word(self, name: s.Name, table: Mapping[str, str]) -> s.Name:
        english = canonical(name.text, table)
        if english is None:
            return name
        return evolve(name, text=table[english] if self.language == "zh" else english)

    def _column(self, code: s.Code) -> s.Code:
        column = column_named(code.text)
        if column is None:
            return code
        return evolve(code, text=COLUMNS[column][0] if self.language == "zh" else column)
