"""Lark's tree to ours: one method for each rule of the grammar."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeVar, cast

from attrs import evolve
from lark import Lark, TextSlice, Token
from lark.exceptions import UnexpectedInput, VisitError
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive, v_args

from burdenlib import syntax as s
from burdenlib.locate import shipped
from burdenlib.parser.loop import StoppedError, Tables
from burdenlib.parser.mistakes import MistakeError, explain
from burdenlib.problems import Problem
from burdenlib.source import Source, Span, fold
from burdenlib.vocabulary import GRADES, KEYWORDS, PERIODS, PROMISES, canonical
from burdenlib.words import Words

__all__ = ["MAX_DEPTH", "build", "build_citations", "build_condition"]

T = TypeVar("T")

MAX_DEPTH = 64
"""How deep conditions may be nested."""


Rule = Literal["start", "rest"]


Built = tuple[T, tuple[Problem, ...]]
"""What was read, and the mistakes in it that don't keep one from reading on, such as an impossible date."""


def build(source: Source, rule: Rule, start: int, end: int) -> Built[tuple[s.Declaration, ...]]:
    """The declarations in a stretch of a source; raises `MistakeError`."""
    return cast(Built[tuple[s.Declaration, ...]], _run(source, rule, start, end))


def build_condition(source: Source) -> Built[s.Condition]:
    """The condition that a source consists of; raises `MistakeError`."""
    return cast(Built[s.Condition], _run(source, "condition", 0, len(source.text)))


def build_citations(source: Source) -> Built[tuple[s.Citation, ...]]:
    """The citations that a source consists of; raises `MistakeError`."""
    return cast(Built[tuple[s.Citation, ...]], _run(source, "citations", 0, len(source.text)))


@cache
def lark() -> Lark:
    """The parser, built from the grammar on first use."""
    return Lark(
        shipped("burden.lark").read_text("utf-8"),
        parser="lalr",
        start=["start", "rest", "condition", "citations"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


def _parse_slip(text: str) -> object:
    return lark().parse(text, start="start")


@cache
def _tables() -> Tables | None:
    """The parser's tables for reading what is without mistakes, or `None` if it has changed them."""
    try:
        return Tables.of(lark())
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError):
        return None


def _run(source: Source, rule: str, start: int, end: int) -> Built[object]:
    builder = _Builder(source)
    if (tables := _tables()) is not None:
        try:
            return tables.read(source.folded, rule, start, end, builder, builder.stretch), tuple(builder.problems)
        except (StoppedError, MistakeError):
            builder = _Builder(source)
    try:
        tree = lark().parse(TextSlice(source.folded, start, end), start=rule)
        return builder.transform(tree), tuple(builder.problems)
    except UnexpectedInput as error:
        raise explain(source, error, start, end, _parse_slip) from None
    except VisitError as error:
        if isinstance(error.orig_exc, MistakeError):
            raise error.orig_exc from None
        raise


def _nearest_day(year: int, month: int) -> date:
    """The last day of a month, to read on with where a date is impossible."""
    year, month = max(year, 1), min(max(month, 1), 12)
    return date(year, month, calendar.monthrange(year, month)[1])


_RANK = {kind: rank for rank, kind in enumerate(s.CLAUSES)}


def _of(kind: type[T], children: Sequence[object]) -> tuple[T, ...]:
    return tuple(child for child in children if isinstance(child, kind))


def _depth(condition: s.Condition) -> int:
    """How deep a condition is nested; the builder keeps it below `MAX_DEPTH`, so this ends."""
    match condition:
        case s.AllOf() | s.AnyOf():
            return 1 + max(_depth(part) for part in condition.parts)
        case s.Not():
            return 1 + _depth(condition.part)
        case _:
            return 1


def _flat(kind: type[s.AllOf | s.AnyOf], children: Sequence[s.Condition]) -> tuple[s.Condition, ...]:
    parts: list[s.Condition] = []
    for child in children:
        parts.extend(child.parts if isinstance(child, kind) else (child,))
    return tuple(parts)


_AMOUNT_UNITS = {"DAYS": False, "WORKING_DAYS": True}


@v_args(meta=True)
class _Builder(Transformer_NonRecursive[Token, Any]):
    """One method for each rule of the grammar; non-recursive, so that no nesting exhausts the stack."""

    def __init__(self, source: Source) -> None:
        super().__init__(visit_tokens=False)
        self._source = source
        self.problems: list[Problem] = []

    # tokens

    def stretch(self, start: int, end: int) -> Span:
        """A stretch of the source; where nodes are made at once, it is what they are told of their place."""
        return Span(self._source, start, end)

    def _span(self, meta: Meta | Span) -> Span:
        if isinstance(meta, Span):
            return meta
        return Span(self._source, 0, 0) if meta.empty else Span(self._source, meta.start_pos, meta.end_pos)

    def _at(self, token: Token) -> Span:
        return Span(self._source, token.start_pos or 0, token.end_pos or 0)

    def _raw(self, token: Token) -> str:
        """The token's text with full-width characters as the author wrote them."""
        return self._source.text[token.start_pos : token.end_pos]

    def _string(self, token: Token) -> str:
        return self._raw(token)[1:-1]

    def _text_of(self, token: Token) -> s.Text:
        return s.Text(Words.of(self._string(token)), self._at(token))

    def _name(self, token: Token) -> s.Name:
        return s.Name(str(token), self._at(token))

    def _code(self, token: Token) -> s.Code:
        return s.Code(str(token), self._at(token))

    def _number(self, token: Token) -> s.Number:
        return s.Number(Decimal(token.removesuffix("%")), token.endswith("%"), self._at(token))

    def _day(self, token: Token) -> s.Day:
        year, month, day = (int(part) for part in re.findall(r"\d+", token))
        try:
            return s.Day(date(year, month, day), self._at(token))
        except ValueError:
            self.problems.append(Problem("bad-date", self._at(token), {"found": str(token)}))
            return s.Day(_nearest_day(year, month), self._at(token))

    # the whole

    def start(self, meta: Meta, children: list[Any]) -> tuple[s.Declaration, ...]:
        return tuple(children)

    rest = start

    def _declare(self, kind: s.DeclarationKind, meta: Meta, children: list[Any], name: Token | None) -> s.Declaration:
        clauses = sorted((c for c in children if type(c) in _RANK), key=lambda clause: _RANK[type(clause)])
        title = next(iter(_of(s.Text, children)), None)
        span = self._span(meta)
        ends = [title.span.end] if title is not None else [name.end_pos or 0] if name is not None else []
        head = Span(self._source, span.start, max(ends, default=span.end))
        return s.Declaration(
            kind,
            None if name is None else self._name(name),
            title,
            tuple(clauses),
            span,
            head,
            items=_of(s.Declaration, children),
        )

    def policy(self, meta: Meta, children: list[Any]) -> s.Declaration:
        return self._declare("policy", meta, children, children[0])

    def fact(self, meta: Meta, children: list[Any]) -> s.Declaration:
        or_none = any(isinstance(child, Token) and child.type == "OR_NONE" for child in children)
        children = [evolve(c, or_none=or_none) if isinstance(c, s.Type) else c for c in children]
        return self._declare("fact", meta, children, children[0])

    def term(self, meta: Meta, children: list[Any]) -> s.Declaration:
        children = [s.Means(c, c.span) if isinstance(c, s.Condition) else c for c in children]
        return self._declare("term", meta, children, children[0])

    def list_(self, meta: Meta, children: list[Any]) -> s.Declaration:
        kind: s.DeclarationKind = "ban_list" if children[0].type == "BAN_LIST" else "list"
        return self._declare(kind, meta, children, children[1])

    def item(self, meta: Meta, children: list[Any]) -> s.Declaration:
        return evolve(self._declare("item", meta, children, None), code=self._code(children[0]))

    def otherwise(self, meta: Meta, children: list[Any]) -> s.Declaration:
        children = [s.When(c, c.span) if isinstance(c, s.Condition) else c for c in children]
        return self._declare("otherwise", meta, children, None)

    def ban(self, meta: Meta, children: list[Any]) -> s.Declaration:
        return self._declare("ban", meta, children, children[0])

    def require(self, meta: Meta, children: list[Any]) -> s.Declaration:
        return self._declare("require", meta, children, children[0])

    def admit(self, meta: Meta, children: list[Any]) -> s.Declaration:
        return self._declare("admit", meta, children, children[0])

    def limit(self, meta: Meta, children: list[Any]) -> s.Declaration:
        return self._declare("limit", meta, children, children[0])

    def duty(self, meta: Meta, children: list[Any]) -> s.Declaration:
        return self._declare("duty", meta, children, children[0])

    def phrases(self, meta: Meta, children: list[Any]) -> s.Declaration:
        names = [child for child in children[1:] if isinstance(child, Token)]
        first, *excluded = _of(s.Wordings, children)
        clauses: list[object] = [first, *(evolve(each, excluded=True) for each in excluded)]
        if names:
            span = Span(self._source, names[0].start_pos or 0, names[1].end_pos or 0)
            clauses.append(s.Shows(self._name(names[0]), self._name(names[1]), span))
        return self._declare("phrases", meta, [children[0], *_of(s.Text, children), *clauses], children[0])

    def promise(self, meta: Meta, children: list[Any]) -> s.Declaration:
        name, *others = children
        words = next(child for child in others if isinstance(child, Token))
        condition = next(child for child in others if isinstance(child, s.Condition))
        span = Span(self._source, words.start_pos or 0, condition.span.end)
        promised = s.Promised(canonical(fold(words), PROMISES) or "", condition, span)
        rest = [child for child in others if not isinstance(child, Token | s.Condition)]
        return self._declare("promise", meta, [name, promised, *rest], name)

    def example(self, meta: Meta, children: list[Any]) -> s.Declaration:
        return self._declare("example", meta, children, None)

    # clauses of the head

    def version(self, meta: Meta, children: list[Any]) -> s.Version:
        return s.Version(self._code(children[0]), self._span(meta))

    def issued_by(self, meta: Meta, children: list[Any]) -> s.IssuedBy:
        return s.IssuedBy(self._name(children[0]), children[1], self._span(meta))

    def for_place(self, meta: Meta, children: list[Any]) -> s.ForPlace:
        code = None if children[0].type == "EVERYWHERE" else self._code(children[0])
        return s.ForPlace(code, next(iter(_of(s.Text, children)), None), self._span(meta))

    def effective(self, meta: Meta, children: list[Any]) -> s.Effective:
        days = [self._day(child) for child in children]
        return s.Effective(days[0], days[1] if len(days) > 1 else None, self._span(meta))

    def supersedes(self, meta: Meta, children: list[Any]) -> s.Supersedes:
        return s.Supersedes(children[0], self._span(meta))

    def uses(self, meta: Meta, children: list[Any]) -> s.Uses:
        return s.Uses(children[0], self._span(meta))

    # clauses of facts

    def _type(self, kind: Any, meta: Meta, children: list[Any]) -> s.Type:
        return s.Type(kind, _of(s.Value, children), None, False, self._span(meta))

    def yes_no(self, meta: Meta, children: list[Any]) -> s.Type:
        return self._type("yes_no", meta, children)

    def text(self, meta: Meta, children: list[Any]) -> s.Type:
        return self._type("text", meta, children)

    def number(self, meta: Meta, children: list[Any]) -> s.Type:
        return self._type("number", meta, children)

    def date(self, meta: Meta, children: list[Any]) -> s.Type:
        return self._type("date", meta, children)

    def place(self, meta: Meta, children: list[Any]) -> s.Type:
        return self._type("place", meta, children)

    def one_of(self, meta: Meta, children: list[Any]) -> s.Type:
        return self._type("one_of", meta, children)

    def set_of(self, meta: Meta, children: list[Any]) -> s.Type:
        return self._type("set_of", meta, children)

    def ordered(self, meta: Meta, children: list[Any]) -> s.Type:
        return self._type("ordered", meta, children)

    def same_as(self, meta: Meta, children: list[Any]) -> s.Type:
        return s.Type("same_as", (), self._name(children[0]), False, self._span(meta))

    def value(self, meta: Meta, children: list[Any]) -> s.Value:
        label = children[1]
        return s.Value(
            self._name(children[0]), self._name(label) if isinstance(label, Token) else label, self._span(meta)
        )

    def ask(self, meta: Meta, children: list[Any]) -> s.Ask:
        return s.Ask(children[0], self._span(meta))

    def set_by(self, meta: Meta, children: list[Any]) -> s.SetBy:
        return s.SetBy(children[0], self._span(meta))

    def usually(self, meta: Meta, children: list[Any]) -> s.Usually:
        return s.Usually(children[0], self._span(meta))

    def only_when(self, meta: Meta, children: list[Any]) -> s.OnlyWhen:
        return s.OnlyWhen(children[0], self._span(meta))

    # clauses of lists and items

    def governs(self, meta: Meta, children: list[Any]) -> s.Governs:
        return s.Governs(children[0], self._span(meta))

    def closed(self, meta: Meta, children: list[Any]) -> s.Extent:
        return s.Extent("closed", None, self._span(meta))

    def open(self, meta: Meta, children: list[Any]) -> s.Extent:
        return s.Extent("open", None, self._span(meta))

    def partial(self, meta: Meta, children: list[Any]) -> s.Extent:
        return s.Extent("partial", self._name(children[1]) if len(children) > 1 else None, self._span(meta))

    def implements(self, meta: Meta, children: list[Any]) -> s.Implements:
        return s.Implements(self._name(children[0]), self._span(meta))

    def may_add(self, meta: Meta, children: list[Any]) -> s.MayAdd:
        return s.MayAdd(self._span(meta))

    def each_states(self, meta: Meta, children: list[Any]) -> s.EachStates:
        return s.EachStates(tuple(self._code(child) for child in children), self._span(meta))

    def items_from(self, meta: Meta, children: list[Any]) -> s.ItemsFrom:
        return s.ItemsFrom(self._text_of(children[0]), self._span(meta))

    def also(self, meta: Meta, children: list[Any]) -> s.Also:
        return s.Also(tuple(self._text_of(child) for child in children), self._span(meta))

    def refines(self, meta: Meta, children: list[Any]) -> s.Refines:
        return s.Refines(self._code(children[0]), self._span(meta))

    def department(self, meta: Meta, children: list[Any]) -> s.Department:
        return s.Department(self._text_of(children[0]), self._span(meta))

    def role(self, meta: Meta, children: list[Any]) -> s.Role:
        return s.Role(self._name(children[0]), self._span(meta))

    def instead(self, meta: Meta, children: list[Any]) -> s.Instead:
        return s.Instead(children[0], self._span(meta))

    # clauses of rules

    def when(self, meta: Meta, children: list[Any]) -> s.When:
        return s.When(children[0], self._span(meta))

    def unless(self, meta: Meta, children: list[Any]) -> s.Unless:
        return s.Unless(children[0], self._span(meta))

    def must(self, meta: Meta, children: list[Any]) -> s.Must:
        return s.Must(children[0], self._span(meta))

    def to(self, meta: Meta, children: list[Any]) -> s.To:
        return s.To(() if isinstance(children[0], Token) else children[0], self._span(meta))

    def per(self, meta: Meta, children: list[Any]) -> tuple[tuple[s.Name, ...], str | None]:
        return children[0], canonical(children[1], PERIODS) if len(children) > 1 else None

    def quota_first(self, meta: Meta, children: list[Any]) -> s.Quota:
        count, *of, (per, each) = children
        return s.Quota(self._number(count), self._name(of[0]) if of else None, per, each, self._span(meta))

    def per_first(self, meta: Meta, children: list[Any]) -> s.Quota:
        (per, each), count, *of = children
        return s.Quota(self._number(count), self._name(of[0]) if of else None, per, each, self._span(meta))

    def owed_by(self, meta: Meta, children: list[Any]) -> s.OwedBy:
        return s.OwedBy(self._name(children[0]), self._span(meta))

    def strings(self, meta: Meta, children: list[Any]) -> s.Wordings:
        return s.Wordings(tuple(self._text_of(child) for child in children), False, self._span(meta))

    def given(self, meta: Meta, children: list[Any]) -> s.Given:
        return s.Given(tuple(children), self._span(meta))

    def told(self, meta: Meta, children: list[Any]) -> s.Told:
        return s.Told(self._name(children[0]), children[1], self._span(meta))

    def each(self, meta: Meta, children: list[Any]) -> s.Each:
        return s.Each(self._name(children[0]), tuple(children[1:]), self._span(meta))

    def outcome(self, meta: Meta, children: list[Any]) -> s.Expect:
        status, *names = children
        by, duties, without, asking = (), (), (), ()
        span = self._span(meta)
        for group in names:
            before = self._source.folded[span.start : group[0].span.start].split()[-1]
            if before in KEYWORDS["with"]:
                duties = group
            elif before in KEYWORDS["without"]:
                without = group
            elif before in KEYWORDS["asking"]:
                asking = group
            else:
                by = group
        return s.Expect(status.type.lower(), by, duties, without, asking, span)

    def because(self, meta: Meta, children: list[Any]) -> s.Because:
        return s.Because(children[0], self._span(meta))

    def remedy(self, meta: Meta, children: list[Any]) -> s.Remedy:
        return s.Remedy(children[0], _of(s.Told, children), self._span(meta))

    def from_(self, meta: Meta, children: list[Any]) -> s.From:
        return s.From(self._day(children[0]), self._span(meta))

    def until(self, meta: Meta, children: list[Any]) -> s.Until:
        return s.Until(self._day(children[0]), self._span(meta))

    def binds(self, meta: Meta, children: list[Any]) -> s.Binds:
        return s.Binds(self._name(children[0]), self._span(meta))

    def grade(self, meta: Meta, children: list[Any]) -> s.Grade:
        return s.Grade(canonical(children[0], GRADES) or "", self._span(meta))

    def ref(self, meta: Meta, children: list[Any]) -> s.Ref:
        return s.Ref(tuple(self._code(child) for child in children), self._span(meta))

    def cite(self, meta: Meta, children: list[Any]) -> s.Cite:
        return s.Cite(children[0], self._span(meta))

    def seen(self, meta: Meta, children: list[Any]) -> s.Seen:
        return s.Seen(self._name(children[0]), self._span(meta))

    def citations(self, meta: Meta, children: list[Any]) -> tuple[s.Citation, ...]:
        return tuple(children)

    def citation(self, meta: Meta, children: list[Any]) -> s.Citation:
        articles = tuple(self._raw(child) for child in children if child.type == "ARTICLE")
        note = next((self._string(child) for child in children if child.type == "STRING"), None)
        return s.Citation(self._raw(children[0]), articles, note, self._span(meta))

    # words

    def words(self, meta: Meta, children: list[Any]) -> s.Text:
        return s.Text(Words.of(*(self._string(child) for child in children)), self._span(meta))

    def names(self, meta: Meta, children: list[Any]) -> tuple[s.Name, ...]:
        return tuple(self._name(child) for child in children)

    # conditions

    def _nest(self, condition: s.Condition) -> s.Condition:
        if _depth(condition) > MAX_DEPTH:
            problem = Problem("too-deep", condition.span, {"limit": str(MAX_DEPTH)})
            raise MistakeError(problem, condition.span.end)
        return condition

    def all_of(self, meta: Meta, children: list[Any]) -> s.Condition:
        return self._nest(s.AllOf(_flat(s.AllOf, children), self._span(meta)))

    def any_of(self, meta: Meta, children: list[Any]) -> s.Condition:
        return self._nest(s.AnyOf(_flat(s.AnyOf, children), self._span(meta)))

    def not_(self, meta: Meta, children: list[Any]) -> s.Condition:
        return self._nest(s.Not(children[0], self._span(meta)))

    def nested(self, meta: Meta, children: list[Any]) -> s.Condition:
        return cast(s.Condition, evolve(children[0], span=self._span(meta)))

    def holds(self, meta: Meta, children: list[Any]) -> s.Holds:
        return s.Holds(self._name(children[0]), self._span(meta))

    def is_(self, meta: Meta, children: list[Any]) -> s.Is:
        return s.Is(self._name(children[0]), children[1], False, self._span(meta))

    def is_not(self, meta: Meta, children: list[Any]) -> s.Is:
        return s.Is(self._name(children[0]), children[1], True, self._span(meta))

    def in_(self, meta: Meta, children: list[Any]) -> s.In:
        return s.In(self._name(children[0]), children[1], False, self._span(meta))

    def not_in(self, meta: Meta, children: list[Any]) -> s.In:
        return s.In(self._name(children[0]), children[1], True, self._span(meta))

    def comparison(self, meta: Meta, children: list[Any]) -> str:
        return str(children[0].type.lower())

    def compare(self, meta: Meta, children: list[Any]) -> s.Compare:
        return s.Compare(self._name(children[0]), children[1], children[2], self._span(meta))

    def _offset(self, meta: Meta, count: Token, fact: Token, *, unit: bool, after: bool) -> s.Offset:
        return s.Offset(self._number(count), unit, after, self._name(fact), self._span(meta))

    def days_after(self, meta: Meta, children: list[Any]) -> s.Offset:
        return self._offset(meta, children[0], children[-1], unit=children[1], after=True)

    def days_before(self, meta: Meta, children: list[Any]) -> s.Offset:
        return self._offset(meta, children[0], children[-1], unit=children[1], after=False)

    def after_days(self, meta: Meta, children: list[Any]) -> s.Offset:
        return self._offset(meta, children[-2], children[0], unit=children[-1], after=True)

    def before_days(self, meta: Meta, children: list[Any]) -> s.Offset:
        return self._offset(meta, children[-2], children[0], unit=children[-1], after=False)

    def unit(self, meta: Meta, children: list[Any]) -> bool:
        return _AMOUNT_UNITS[children[0].type]

    def includes(self, meta: Meta, children: list[Any]) -> s.Includes:
        values = s.Values((children[1],), children[1].span)
        return s.Includes(self._name(children[0]), values, "one", self._span(meta))

    def includes_any(self, meta: Meta, children: list[Any]) -> s.Includes:
        return s.Includes(self._name(children[0]), children[1], "any", self._span(meta))

    def includes_all(self, meta: Meta, children: list[Any]) -> s.Includes:
        return s.Includes(self._name(children[0]), children[1], "all", self._span(meta))

    def numbers(self, meta: Meta, children: list[Any]) -> tuple[s.Code, ...]:
        return tuple(self._code(child) for child in children)

    def within(self, meta: Meta, children: list[Any]) -> s.Within:
        places = (self._code(children[1]),) if isinstance(children[1], Token) else children[1]
        return s.Within(self._name(children[0]), places, self._span(meta))

    def list_ref(self, meta: Meta, children: list[Any]) -> tuple[s.Name, tuple[s.Code, ...]]:
        return self._name(children[0]), tuple(self._code(child) for child in children[1:])

    def on(self, meta: Meta, children: list[Any]) -> s.OnList:
        name, codes = children[0]
        return s.OnList(name, codes, False, self._span(meta))

    def off(self, meta: Meta, children: list[Any]) -> s.OnList:
        name, codes = children[0]
        return s.OnList(name, codes, True, self._span(meta))

    def listed(self, meta: Meta, children: list[Any]) -> s.OnAnyList:
        return s.OnAnyList(False, self._span(meta))

    def unlisted(self, meta: Meta, children: list[Any]) -> s.OnAnyList:
        return s.OnAnyList(True, self._span(meta))

    def has(self, meta: Meta, children: list[Any]) -> s.Has:
        return s.Has(self._name(children[0]), False, self._span(meta))

    def has_no(self, meta: Meta, children: list[Any]) -> s.Has:
        return s.Has(self._name(children[0]), True, self._span(meta))

    def mentions(self, meta: Meta, children: list[Any]) -> s.Mentions:
        return s.Mentions(self._name(children[0]), self._span(meta))

    def set(self, meta: Meta, children: list[Any]) -> s.Values:
        return s.Values(tuple(children), self._span(meta))

    def literal(self, meta: Meta, children: list[Any]) -> s.LiteralNode:
        token: Token = children[0]
        match token.type:
            case "NAME":
                return self._name(token)
            case "STRING":
                return self._text_of(token)
            case "NUMBER":
                return self._number(token)
            case "DATE":
                return self._day(token)
            case _:
                return s.Constant(cast(Any, token.type.lower()), self._at(token))
