"""The digest of a policy: a hash of its meaning, and of nothing else.

Language, layout, comments, the order of files, declarations and clauses, full-width or ASCII punctuation, and
whether items stand in a table or in the text don't change it; examples and promises, which never change a verdict,
are left out.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import attrs

from burdenlib import policy as p
from burdenlib.facts import FactType, SetValue
from burdenlib.source import fold
from burdenlib.words import Words

__all__ = ["digest"]

_LEFT_OUT = frozenset(
    {"span", "where", "syntax", "digest", "promises", "examples", "by_code", "by_title", "key", "reaches"}
)
_UNORDERED = frozenset({"facts", "terms", "lists", "rules", "phrases", "items", "otherwise", "cites", "refs", "also"})
_UNORDERED |= {"wordings", "excluded", "set_by", "unless", "per", "to", "changes", "implements", "codes", "places"}
_DERIVED = frozenset({"fires", "covers", "applies", "governs", "in_force", "carries", "counts_working_days"})


def digest(policy: p.Policy) -> str:
    """SHA-256 over the canonical form of a checked policy, in hexadecimal."""
    return hashlib.sha256(_plain(policy, policy).encode()).hexdigest()


# ---- the canonical form: JSON in which what has no order is sorted ----------------------------------------------------------

Writer = Callable[[Any, p.Policy], str]
_quoted: Callable[[str], str] = json.encoder.encode_basestring


def _plain(value: Any, policy: p.Policy) -> str:
    kind: Any = type(value)
    return _writer(kind)(value, policy)


@cache
def _writer(kind: type) -> Writer:
    """What writes values of a kind."""
    for known, writer in _WRITERS.items():
        if issubclass(kind, known):
            return writer
    if attrs.has(kind):
        return _fields_of(kind)
    raise TypeError(kind)


def _fields_of(kind: type) -> Writer:
    """What writes a value as an object of its fields."""
    names = [
        field.name
        for field in attrs.fields(kind)
        if field.name not in _LEFT_OUT | _DERIVED and not field.name.startswith("_")
    ]
    keys = [(name, f"{_quoted(name)}: ", _field(name)) for name in sorted({*names, "is"})]
    is_kind = f'"is": {_quoted(kind.__name__)}'

    def write(value: Any, policy: p.Policy) -> str:
        fields = [is_kind if name == "is" else key + writer(getattr(value, name), policy) for name, key, writer in keys]
        return "{" + ", ".join(fields) + "}"

    return write


def _field(name: str) -> Writer:
    """What writes a field of this name."""
    if name in ("to", "implements"):
        return lambda value, policy: "null" if value is None else _names(value, policy)
    if name in _UNORDERED:
        return lambda value, policy: (
            _list(sorted(_plain(each, policy) for each in value))
            if isinstance(value, tuple | list)
            else _plain(value, policy)
        )
    return _plain


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(texts)}]"


def _strings(values: Iterable[str]) -> str:
    return _list(map(_quoted, values))


def _words(value: Words, _: p.Policy) -> str:
    zh, en = ("null" if text is None else _quoted(fold(text)) for text in (value.zh, value.en))
    return f'{{"en": {en}, "zh": {zh}}}'


def _set(value: SetValue, _: p.Policy) -> str:
    return f'{{"excludes": {_strings(sorted(value.excludes))}, "includes": {_strings(sorted(value.includes))}}}'


def _joined(value: p.All | p.Any, policy: p.Policy) -> str:
    if len(value.parts) == 1:
        return _plain(value.parts[0], policy)
    parts = {_plain(part, policy) for part in value.parts}
    return f'{{"{type(value).__name__}": {_strings(sorted(parts))}}}'


def _on_list(value: p.OnList, policy: p.Policy) -> str:
    codes, off = _strings(sorted(value.codes)), _plain(value.off, policy)
    return f'{{"codes": {codes}, "off": {off}, "on": {_names(value.lists, policy)}}}'


def _member(value: p.Member, policy: p.Policy) -> str:
    values = _strings(sorted(_plain(each, policy) for each in value.values))
    return f'{{"member": {_quoted(value.fact)}, "negated": {_plain(value.negated, policy)}, "values": {values}}}'


def _contains(value: p.Contains, policy: p.Policy) -> str:
    values = _strings(sorted(set(value.values)))
    return f'{{"contains": {_quoted(value.fact)}, "every": {_plain(value.every, policy)}, "values": {values}}}'


def _type(value: FactType, policy: p.Policy) -> str:
    values = _list(_plain(each, policy) for each in value.values)
    return f'{{"kind": {_quoted(value.kind)}, "or_none": {_plain(value.or_none, policy)}, "values": {values}}}'


def _mapping(value: Mapping[object, object], policy: p.Policy) -> str:
    entries = sorted((str(key), _plain(each, policy)) for key, each in value.items())
    return "{" + ", ".join(f"{_quoted(key)}: {text}" for key, text in entries) + "}"


def _names(keys: tuple[str, ...], policy: p.Policy) -> str:
    """Names for keys: the document's own without its name, others' without their version."""
    names = set()
    for key in keys:
        document, _, name = key.rpartition(".")
        names.add(name if document == policy.key else f"{document.partition('@')[0]}.{name}")
    return _strings(sorted(names))


_WRITERS: Mapping[type, Writer] = {
    type(None): lambda _, __: "null",
    bool: lambda value, _: "true" if value else "false",
    int: lambda value, _: str(value),
    str: lambda value, _: _quoted(fold(value)),
    Decimal: lambda value, _: f'{{"number": "{value.normalize():f}"}}',
    date: lambda value, _: f'{{"date": "{value.isoformat()}"}}',
    enum.Enum: lambda value, _: f'{{"constant": {_quoted(value.value)}}}',
    Words: _words,
    SetValue: _set,
    p.All: _joined,
    p.Any: _joined,
    p.OnList: _on_list,
    p.TermUse: lambda value, policy: f'{{"term": {_names(value.terms, policy)}}}',
    p.Mentions: lambda value, policy: f'{{"mentions": {_names(value.phrases, policy)}}}',
    p.Member: _member,
    p.Contains: _contains,
    FactType: _type,
    Mapping: _mapping,
    tuple: lambda value, policy: _list(_plain(each, policy) for each in value),
    list: lambda value, policy: _list(_plain(each, policy) for each in value),
}
