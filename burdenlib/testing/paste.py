"""Examples as text: ready to paste into the policy that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from burdenlib import policy as p
from burdenlib import syntax as s
from burdenlib.facts import Kind, NoneValue, SetValue, Value
from burdenlib.formatter import print_file
from burdenlib.source import Source, Span
from burdenlib.translation import Lexicon, translate
from burdenlib.vocabulary import KEYWORDS
from burdenlib.words import Language, Words

__all__ = ["example_text", "with_examples"]

_NOWHERE = Span(Source("<example>", ""), 0, 0)


def example_text(policies: p.PolicySet, policy: p.Policy, example: p.Example, language: Language) -> str:
    """An example as a policy in `language` writes it."""
    order = {name: number for number, name in enumerate(policies.facts)}
    given = tuple(
        s.Given(tuple(_told(policies, name, facts[name]) for name in sorted(facts, key=order.__getitem__)), _NOWHERE)
        for facts in example.given
    )
    expect = s.Expect(
        example.status,
        _names(example.by, policy),
        _names(example.duties, policy),
        _names(example.without, policy),
        tuple(s.Name(name, _NOWHERE) for name in example.asking),
        _NOWHERE,
    )
    title = s.Text(example.title, _NOWHERE)
    declaration = s.Declaration("example", None, title, (*given, expect), _NOWHERE, _NOWHERE)
    head = s.Declaration("policy", s.Name("p", _NOWHERE), None, (), _NOWHERE, _NOWHERE)
    tree = translate(s.File(_NOWHERE.source, head, (declaration,)), language, Lexicon.of(policies.facts.values()))
    return print_file(tree, language).split("\n", 1)[1].strip() + "\n"


def _names(names: Sequence[str], policy: p.Policy) -> tuple[s.Name, ...]:
    """The names of rules and lists, the document's own without its name."""
    return tuple(s.Name(name.removeprefix(f"{policy.name}."), _NOWHERE) for name in names)


def _told(policies: p.PolicySet, name: str, value: Value | p.Each) -> s.Told | s.Each:
    if isinstance(value, p.Each):
        kind = policies.facts[name].type.kind
        return s.Each(s.Name(name, _NOWHERE), tuple(_literal(kind, each) for each in value.values), _NOWHERE)
    return s.Told(s.Name(name, _NOWHERE), _literal(policies.facts[name].type.kind, value), _NOWHERE)


def _literal(kind: Kind, value: Value) -> s.LiteralNode | s.Values:
    match value:
        case bool():
            return s.Constant("yes" if value else "no", _NOWHERE)
        case NoneValue():
            return s.Constant("none", _NOWHERE)
        case SetValue(includes):
            return s.Values(tuple(s.Name(name, _NOWHERE) for name in sorted(includes)), _NOWHERE)
        case Decimal():
            return s.Number(value, percent=False, span=_NOWHERE)
        case date():
            return s.Day(value, _NOWHERE)
        case str() if kind == "text":
            return s.Text(Words.of(value), _NOWHERE)
        case str() if kind == "place":
            return s.Number(Decimal(value), percent=False, span=_NOWHERE)
    return s.Name(value, _NOWHERE)


_HEADINGS = {
    "zh": "# ---- 自动生成的示例\uff1a由程序写入\uff0c不计入手写示例 ----",
    "en": "# ---- generated examples: written by a program, counted apart from those by hand ----",
}


def with_examples(text: str, examples: Sequence[str]) -> str:
    """A policy's text with further examples at its end, under a heading that says where they come from."""
    language = "zh" if examples[0].startswith(KEYWORDS["example"][1]) else "en"
    heading = "" if _HEADINGS[language] in text else f"\n{_HEADINGS[language]}"
    return f"{text.rstrip()}\n{heading}\n" + "\n".join(examples)
