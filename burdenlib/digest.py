"""The digest of a policy: a hash of its meaning, and of nothing else.

Language, layout, comments, the order of files, declarations and clauses, full-width or ASCII punctuation, and
whether items stand in a table or in the text don't change it; examples and promises, which never change a verdict,
are left out.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from burdenlib import policy as p
from burdenlib.facts import FactType, NoneValue, SetValue
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
    return hashlib.sha256(json.dumps(_plain(policy, policy), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _plain(value: Any, policy: p.Policy) -> Any:
    """The canonical form: JSON in which what has no order is sorted."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return fold(value)
        case Decimal():
            return {"number": f"{value.normalize():f}"}
        case date():
            return {"date": value.isoformat()}
        case enum.Enum():
            return {"constant": value.value}
        case Words():
            return {
                "zh": None if value.zh is None else fold(value.zh),
                "en": None if value.en is None else fold(value.en),
            }
        case SetValue():
            return {"includes": sorted(value.includes), "excludes": sorted(value.excludes)}
        case p.All() | p.Any() if len(value.parts) == 1:
            return _plain(value.parts[0], policy)
        case p.All() | p.Any():
            parts = {json.dumps(_plain(part, policy), ensure_ascii=False, sort_keys=True) for part in value.parts}
            return {type(value).__name__: sorted(parts)}
        case p.OnList():
            return {"on": _names(value.lists, policy), "codes": sorted(value.codes), "off": value.off}
        case p.TermUse():
            return {"term": _names(value.terms, policy)}
        case p.Mentions():
            return {"mentions": _names(value.phrases, policy)}
        case p.Member():
            values = sorted(json.dumps(_plain(each, policy), ensure_ascii=False) for each in value.values)
            return {"member": value.fact, "values": values, "negated": value.negated}
        case p.Contains():
            return {"contains": value.fact, "values": sorted(set(value.values)), "every": value.every}
        case FactType():
            return {"kind": value.kind, "or_none": value.or_none, "values": [_plain(v, policy) for v in value.values]}
        case NoneValue():
            return "none"
        case Mapping():
            return {str(key): _plain(each, policy) for key, each in value.items()}
        case tuple() | list():
            return [_plain(each, policy) for each in value]
    if attrs.has(type(value)):
        return {"is": type(value).__name__} | {
            field.name: _field(field.name, getattr(value, field.name), policy)
            for field in attrs.fields(type(value))
            if field.name not in _LEFT_OUT | _DERIVED and not field.name.startswith("_")
        }
    raise TypeError(type(value))


def _field(name: str, value: Any, policy: p.Policy) -> Any:
    if name in ("to", "implements") and value is not None:
        return _names(value, policy)
    plain = _plain(value, policy)
    if name in _UNORDERED and isinstance(plain, list):
        return sorted(plain, key=lambda each: json.dumps(each, ensure_ascii=False, sort_keys=True))
    return plain


def _names(keys: tuple[str, ...], policy: p.Policy) -> list[str]:
    """Names for keys: the document's own without its name, others' without their version."""
    names = set()
    for key in keys:
        document, _, name = key.rpartition(".")
        names.add(name if document == policy.key else f"{document.partition('@')[0]}.{name}")
    return sorted(names)
