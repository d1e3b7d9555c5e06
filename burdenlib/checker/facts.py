"""Second pass: the facts that all documents declare, their types and labels."""

from __future__ import annotations

from attrs import evolve

from burdenlib import syntax as s
from burdenlib.checker.context import Context, Head
from burdenlib.facts import NONE, EnumValue, FactType, SetValue, Value
from burdenlib.places import parse_place
from burdenlib.policy import Each, Fact
from burdenlib.problems import Note, nearest
from burdenlib.source import Span
from burdenlib.vocabulary import KEYWORDS, TELLERS
from burdenlib.words import Words

__all__ = ["read_each", "read_facts", "read_literal", "read_told"]

_RESERVED = frozenset(
    spelling
    for key in ("not", "on", "off", "listed", "unlisted", "has", "has_no", "mentions", "none", "yes", "no")
    for spelling in KEYWORDS[key]
) | {"have"}
"""Words that begin a condition or are values themselves: nobody could use a fact or a value with such a name."""

_RESERVED_VALUES = _RESERVED | frozenset(KEYWORDS["each_of"])
"""Words that can't name a value; `each` begins the values of a fact in an example."""


def read_facts(context: Context) -> list[tuple[Head, s.Declaration, Fact]]:
    """Declare every fact; give the declarations, whose conditions are checked later."""
    found: list[tuple[Head, s.Declaration, Fact]] = []
    waiting: list[tuple[Head, s.Declaration]] = []
    for head in context.heads:
        for declaration in head.file.declarations:
            if declaration.kind == "fact":
                context.check_clauses(declaration)
                kind = declaration.one(s.Type)
                if kind is not None and kind.kind == "same_as":
                    waiting.append((head, declaration))
                else:
                    _declare(context, found, head, declaration, None)
    while waiting:
        ready = [(head, each) for head, each in waiting if _like(context, each) is not None]
        for head, declaration in ready:
            _declare(context, found, head, declaration, _like(context, declaration))
        if not ready:
            for _, declaration in waiting:
                kind = declaration.one(s.Type)
                assert kind is not None and kind.like is not None
                context.unknown("fact", kind.like, context.spellings)
            break
        waiting = [pair for pair in waiting if pair not in ready]
    return found


def _like(context: Context, declaration: s.Declaration) -> FactType | None:
    kind = declaration.one(s.Type)
    assert kind is not None and kind.like is not None
    fact = context.find_fact(kind.like.text)
    return None if fact is None else fact.type


def _declare(
    context: Context,
    found: list[tuple[Head, s.Declaration, Fact]],
    head: Head,
    declaration: s.Declaration,
    like: FactType | None,
) -> None:
    name, title, kind = declaration.name, declaration.title, declaration.one(s.Type)
    assert name is not None and title is not None and kind is not None
    if "." in name.text:
        context.report("dotted-name", name.span, {"name": name.text})
    if name.text in _RESERVED:
        context.report("reserved-name", name.span, {"name": name.text})
    type_ = _type(context, kind, like)
    ask, set_by = declaration.one(s.Ask), declaration.one(s.SetBy)
    actors = [context.word(each, TELLERS) for each in set_by.actors] if set_by is not None else ["identity"]
    fact = Fact(
        name.text,
        title.words,
        type_,
        None if ask is None else ask.question.words,
        tuple(actor for actor in actors if actor is not None),
        None,
        None,
        head.name,
        name.span,
    )
    if declaration.one(s.OnlyWhen) is not None and type_.kind not in ("yes_no", "set_of"):
        fact = evolve(fact, type=evolve(type_, or_none=True))
    twin = context.facts.get(name.text)
    if twin is not None:
        note = Note(Words("另一处在", "the other declaration"), twin.span)
        if (twin.type, twin.label) != (fact.type, fact.label) or set(twin.set_by) != set(fact.set_by):
            context.report("conflicting-fact", name.span, {"name": name.text}, notes=[note])
        elif twin.policy == head.name and twin.span.source is name.span.source:
            context.report("duplicate-name", name.span, {"name": name.text}, notes=[note])
        return
    for spelling in fact.spellings:
        other = context.find_fact(spelling)
        if other is not None:
            note = Note(Words("另一处在", "the other declaration"), other.span)
            context.report("duplicate-name", name.span, {"name": spelling}, notes=[note])
        context.spellings.setdefault(spelling, fact.name)
    context.facts[fact.name] = fact
    usually = declaration.one(s.Usually)
    if usually is not None:
        fact = evolve(fact, usually=read_literal(context, fact, usually.value))
        context.facts[fact.name] = fact
    found.append((head, declaration, fact))


def _type(context: Context, kind: s.Type, like: FactType | None) -> FactType:
    if like is not None:
        return evolve(like, or_none=kind.or_none)
    if kind.or_none and kind.kind in ("yes_no", "set_of"):
        context.report("none-not-possible", kind.span)
    values = []
    seen: dict[str, s.Value] = {}
    for value in kind.values:
        label = value.label.words if isinstance(value.label, s.Text) else Words.of(value.label.text)
        entry = EnumValue(value.name.text, _value_words(value.name.text, label))
        for spelling in entry.spellings:
            if spelling in _RESERVED_VALUES:
                context.report("reserved-name", value.span, {"name": spelling})
            if spelling in seen:
                note = Note(Words("另一处在", "the other one"), seen[spelling].span)
                context.report("duplicate-value", value.span, {"value": spelling}, notes=[note])
            seen[spelling] = value
        values.append(entry)
    assert kind.kind != "same_as"
    return FactType(kind.kind, tuple(values), kind.or_none and kind.kind not in ("yes_no", "set_of"))


def _value_words(name: str, label: Words) -> Words:
    """The value in both languages: its name is one of them, its label the other."""
    name_words = Words.of(name)
    return Words(zh=name_words.zh or label.zh, en=name_words.en or label.en)


# ---- values in a policy text --------------------------------------------------------------------------------------------


def read_literal(context: Context, fact: Fact, literal: s.LiteralNode) -> Value | None:
    """The value of a fact that a literal writes, or `None` with a problem kept."""
    kind = fact.type
    match literal:
        case s.Constant("none"):
            if kind.or_none:
                return NONE
            context.report("never-none", literal.span, {"fact": fact.name, "type": kind.described})
            return None
        case s.Constant(word) if kind.kind == "yes_no":
            return word == "yes"
        case s.Text() if kind.kind == "text":
            return literal.words.pick("zh")
        case s.Day() if kind.kind == "date":
            return literal.value
        case s.Number() if kind.kind == "number":
            return literal.value
        case s.Number() if kind.kind == "place":
            code = parse_place(literal.span.source.folded[literal.span.start : literal.span.end])
            if code is None:
                context.report("bad-place", literal.span, {"found": literal.span.text})
            return code
        case s.Name() | s.Text() if kind.values:
            text = literal.text if isinstance(literal, s.Name) else literal.words.pick("zh")
            if (name := kind.find(text)) is None:
                near = nearest(text, kind.spellings)
                details = {"found": text, "values": kind.listed, "fact": Words(fact.label.pick("zh"), fact.name)}
                context.report("unknown-value", literal.span, details, nearest=near)
            return name
    details = {"fact": fact.name, "type": kind.described, "found": literal.span.text}
    context.report("wrong-type", literal.span, details)
    return None


def read_told(context: Context, told: s.Told, advice: Words | None = None) -> tuple[str, Value] | None:
    """A fact and its value from an example or a remedy, or `None` with a problem kept.

    `advice` is what to say where several values are given of a fact that has one.
    """
    if (fact := context.fact(told.fact)) is None:
        return None
    value = _read_value(context, fact, told.value, advice)
    return None if value is None else (fact.name, value)


def read_each(context: Context, each: s.Each) -> tuple[str, Each] | None:
    """A fact of an example and the values that it takes in turn, or `None` with a problem kept."""
    if (fact := context.fact(each.fact)) is None:
        return None
    if not each.values:
        context.report("empty-each", each.span, {"fact": each.fact.text})
        return None
    seen: dict[Value, Span] = {}
    for written in each.values:
        value = _read_value(context, fact, written)
        if value in seen:
            note = Note(Words("另一处在", "the other one"), seen[value])
            context.report("duplicate-value", written.span, {"value": written.span.text}, notes=[note])
        elif value is not None:
            seen[value] = written.span
    return (fact.name, Each(tuple(seen))) if seen else None


def _read_value(
    context: Context, fact: Fact, written: s.LiteralNode | s.Values, advice: Words | None = None
) -> Value | None:
    """The value that a literal or a set of them writes; one literal is a set with one value where the fact is a set."""
    if isinstance(written, s.Values) and fact.type.kind != "set_of":
        details = {"fact": fact.name, "type": fact.type.described, "found": written.span.text}
        context.report("wrong-type", written.span, details, advice=advice)
        return None
    if fact.type.kind != "set_of":
        assert not isinstance(written, s.Values)
        return read_literal(context, fact, written)
    literals = written.literals if isinstance(written, s.Values) else (written,)
    values = [read_literal(context, fact, literal) for literal in literals]
    if any(value is None for value in values):
        return None
    includes = frozenset(str(value) for value in values)
    return SetValue(includes, fact.type.names - includes)
