"""Small changes of a policy's syntax tree, each a mistake that an author could make.

A mutant is a tree, so that it is checked like any text and can be printed as a change of the author's text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from attrs import evolve, field, frozen

from burdenlib import syntax as s
from burdenlib.facts import FactType
from burdenlib.formatter import format_condition, print_file
from burdenlib.lists import TableRow
from burdenlib.parser import parse_condition
from burdenlib.policy import Fact
from burdenlib.source import Source, Span
from burdenlib.translation import Lexicon, value_name
from burdenlib.vocabulary import KEYWORDS
from burdenlib.words import Language, Words

__all__ = ["OPERATORS", "Mutant", "language_of", "mutants"]

OPERATORS: Mapping[str, Words] = {
    "drop_rule": Words("删去规则", "drop a rule"),
    "drop_exception": Words("删去例外", "drop an exception"),
    "negate_exception": Words("例外取反", "negate an exception"),
    "drop_condition": Words("删去条件", "drop a condition"),
    "and_or": Words("且、或互换", "swap and/or"),
    "negate": Words("条件取反", "negate a condition"),
    "swap_value": Words("换取值", "swap a value"),
    "widen_set": Words("扩大集合", "widen a set"),
    "narrow_set": Words("缩小集合", "narrow a set"),
    "any_all": Words("任一、全部互换", "swap any/all"),
    "boundary": Words("移动界限", "move a bound"),
    "shift_number": Words("改数值", "shift a number"),
    "shift_date": Words("改日期", "shift a date"),
    "working_days": Words("日、工作日互换", "swap days and working days"),
    "widen_place": Words("扩大地区", "widen a place"),
    "extent": Words("清单封闭与开放互换", "swap closed and open"),
    "drop_list": Words("删去清单", "drop a list"),
    "drop_item": Words("删去事项", "drop an item"),
}
"""The operators, and how they are called."""


@frozen(eq=False)
class Mutant:
    """One change: its operator, its place, the document with it (or the rows of an item table), and the part before and after.

    `policy` is the key of the document, `declaration` the name of what is changed in it (empty: its head).
    """

    id: str
    policy: str
    declaration: str
    operator: str
    where: Span
    tree: s.File
    before: s.Declaration | None = field(repr=False)
    after: s.Declaration | None = field(repr=False)
    table: str | None = None
    rows: tuple[TableRow, ...] = ()
    row: tuple[str, str] = ("", "")

    def change(self) -> str:
        """The change as lines of the policy's text, the old ones with `-`, the new ones with `+`."""
        if self.table is not None:
            return "\n".join(f"{sign} {text}" for sign, text in zip("-+", self.row, strict=True) if text)
        language = language_of(self.tree.source)
        old, new = (_lines(self.tree, each, language) for each in (self.before, self.after))
        lines = difflib.unified_diff(old, new, lineterm="", n=0)
        shown = (line for line in lines if line[:3] not in ("---", "+++") and line[0] in "+-" and line[1:].strip())
        return "\n".join(f"{line[0]} {line[1:]}" for line in shown)


def _lines(tree: s.File, declaration: s.Declaration | None, language: Language) -> list[str]:
    if declaration is None:
        return []
    if declaration.kind == "policy":
        return print_file(s.File(tree.source, declaration, ()), language).splitlines()
    head = evolve(declaration, kind="policy", clauses=(), items=(), title=None, code=None)
    head = evolve(head, name=head.name or s.Name("p", declaration.head))
    return print_file(s.File(tree.source, head, (declaration,)), language).splitlines()[1:]


def language_of(source: Source) -> Language:
    """The language of the keyword with which a policy begins."""
    match = _BEFORE.match(source.folded)
    return "zh" if source.folded.startswith(KEYWORDS["policy"][1], match.end() if match else 0) else "en"


_BEFORE = re.compile(r"(?:\s|#[^\n]*\n)*")


# ---- a document ---------------------------------------------------------------------------------------------------------------

Change = tuple[str, Span, s.Declaration | None]
"""An operator, the place that it changes, and the changed declaration, `None` if it is gone."""


def mutants(
    key: str, tree: s.File, facts: Mapping[str, Fact], tables: Callable[[Span], tuple[str, tuple[TableRow, ...]]]
) -> Iterator[Mutant]:
    """Every mutant of a document; `facts` by their spellings, `tables` reads the item table that a clause names."""
    maker = _Maker(facts, language_of(tree.source))
    counts: dict[tuple[str, str], int] = {}

    def make(operator: str, name: str, where: Span, changed: s.File, **more: object) -> Mutant:
        number = counts[name, operator] = counts.get((name, operator), 0) + 1
        return Mutant(f"{key}.{name}:{operator}:{number}", key, name, operator, where, changed, **more)  # type: ignore[arg-type]

    for index, old in enumerate((tree.policy, *tree.declarations)):
        seen: set[s.Declaration | None] = {old}
        for operator, where, new in maker.declaration(old):
            if new in seen:
                continue
            seen.add(new)
            if index == 0:
                assert new is not None
                changed = evolve(tree, policy=new)
            else:
                others = tree.declarations
                changed = evolve(
                    tree, declarations=(*others[: index - 1], *([] if new is None else [new]), *others[index:])
                )
            yield make(operator, _name(old) if index else "", where, changed, before=old, after=new)
        for clause in old.all(s.ItemsFrom):
            table, rows = tables(clause.file.span)
            for operator, number, row in maker.rows(rows):
                kept = (*rows[:number], *([] if row is None else [row]), *rows[number + 1 :])
                texts = (_row_text(rows[number]), "" if row is None else _row_text(row))
                where = rows[number].cells["code"]
                yield make(operator, _name(old), where, tree, before=old, after=old, table=table, rows=kept, row=texts)


def _name(declaration: s.Declaration) -> str:
    return "" if declaration.name is None else str(declaration.name)


def _row_text(row: TableRow) -> str:
    return ",".join(span.text for span in row.cells.values())


T = TypeVar("T")


def _without(parts: Sequence[T], index: int) -> tuple[T, ...]:
    return (*parts[:index], *parts[index + 1 :])


def _with(parts: Sequence[T], index: int, new: T) -> tuple[T, ...]:
    return (*parts[:index], new, *parts[index + 1 :])


_OTHER_BOUND: Mapping[s.Operator, s.Operator] = {
    "at_least": "above",
    "above": "at_least",
    "at_most": "below",
    "below": "at_most",
    "no_earlier": "after",
    "after": "no_earlier",
    "no_later": "before",
    "before": "no_later",
}


@frozen
class _Maker:
    """Makes the changes of one document; `facts` are the facts by their spellings."""

    facts: Mapping[str, Fact]
    language: Language

    # ---- declarations --------------------------------------------------------------------------------------------------

    def declaration(self, old: s.Declaration) -> Iterator[Change]:
        """Every change of a declaration."""
        match old.kind:
            case "ban" | "require" | "admit" | "limit" | "duty":
                yield "drop_rule", old.head, None
            case "ban_list":
                yield "drop_list", old.head, None
            case "policy" | "term" | "list" | "item" | "otherwise":
                pass
            case _:
                return
        for index, clause in enumerate(old.clauses):
            for operator, where, new in self.clause(clause):
                clauses = _without(old.clauses, index) if new is None else _with(old.clauses, index, new)
                yield operator, where, evolve(old, clauses=clauses)
        for index, item in enumerate(old.items):
            yield "drop_item", item.head, evolve(old, items=_without(old.items, index))
            for operator, where, changed in self.declaration(item):
                assert changed is not None
                yield operator, where, evolve(old, items=_with(old.items, index, changed))

    def clause(self, clause: s.Clause) -> Iterator[tuple[str, Span, s.Clause | None]]:
        """Every change of a clause; `None` where it goes."""
        match clause:
            case s.Unless(condition):
                yield "drop_exception", clause.span, None
                yield "negate_exception", clause.span, evolve(clause, condition=_negated(condition))
                yield from self._inside(clause, condition)
            case s.When(condition) | s.Must(condition) | s.Governs(condition) | s.Means(condition):
                yield from self._inside(clause, condition)
            case s.From(day) | s.Until(day):
                for shifted in _shifted(day):
                    yield "shift_date", clause.span, evolve(clause, day=shifted)
            case s.Effective(start, end):
                for shifted in _shifted(start):
                    yield "shift_date", clause.span, evolve(clause, start=shifted)
                for shifted in () if end is None else _shifted(end):
                    yield "shift_date", clause.span, evolve(clause, end=shifted)
            case s.Extent(kind):
                yield "extent", clause.span, s.Extent("closed" if kind == "open" else "open", None, clause.span)
            case s.Quota(count):
                for step in (1, -1):
                    if count.value + step >= 0:
                        yield "shift_number", count.span, evolve(clause, count=evolve(count, value=count.value + step))
            case s.Role(value):
                if (other := self._neighbour("role", value.text)) is not None:
                    yield "swap_value", clause.span, s.Role(s.Name(other, value.span), clause.span)
            case s.To(lists) if len(lists) > 1:
                for index in range(len(lists)):
                    yield "narrow_set", clause.span, evolve(clause, lists=_without(lists, index))
            case _:
                pass

    def _inside(self, clause: s.Clause, condition: s.Condition) -> Iterator[tuple[str, Span, s.Clause | None]]:
        for operator, where, new in self.condition(condition):
            changed: s.Clause = evolve(clause, condition=new)  # type: ignore[arg-type]  # it is one with a condition
            yield operator, where, changed

    # ---- conditions ----------------------------------------------------------------------------------------------------

    def condition(self, node: s.Condition) -> Iterator[tuple[str, Span, s.Condition]]:
        """Every change of a condition."""
        match node:
            case s.AllOf(parts) | s.AnyOf(parts):
                other = s.AnyOf if isinstance(node, s.AllOf) else s.AllOf
                yield "and_or", node.span, other(parts, node.span)
                for index, part in enumerate(parts):
                    rest = _without(parts, index)
                    yield "drop_condition", part.span, rest[0] if len(rest) == 1 else evolve(node, parts=rest)
                for index, part in enumerate(parts):
                    for operator, where, new in self.condition(part):
                        yield operator, where, evolve(node, parts=_with(parts, index, new))
            case s.Not(part):
                yield "negate", node.span, part
                for operator, where, new in self.condition(part):
                    if operator != "negate" or not isinstance(part, s.Holds | s.Mentions):
                        yield operator, where, s.Not(new, node.span)
            case _:
                yield "negate", node.span, _negated(node)
                for operator, changed in self._leaf(node):
                    yield operator, node.span, changed

    def _leaf(self, node: s.Condition) -> Iterator[tuple[str, s.Condition]]:
        match node:
            case s.Is(fact, s.Name() as value):
                if (other := self._neighbour(fact.text, value.text)) is not None:
                    yield "swap_value", evolve(node, value=s.Name(other, value.span))
            case s.In(fact, values) | s.Includes(fact, values):
                yield from self._sets(node, fact, values)
            case s.Compare():
                yield from self._compare(node)
            case s.Within(_, places):
                for index, place in enumerate(places):
                    if len(code := place.text.rstrip("0")) > 2:
                        wider = evolve(place, text=code[: max(each for each in (2, 4, 6, 9) if each < len(code))])
                        yield "widen_place", evolve(node, places=_with(places, index, wider))
                    if len(places) > 1:
                        yield "narrow_set", evolve(node, places=_without(places, index))
            case s.OnList(_, codes) if len(codes) > 1:
                for index in range(len(codes)):
                    yield "narrow_set", evolve(node, codes=_without(codes, index))
            case _:
                pass

    def _sets(self, node: s.In | s.Includes, fact: s.Name, values: s.Values) -> Iterator[tuple[str, s.Condition]]:
        literals = values.literals
        quantifier = node.quantifier if isinstance(node, s.Includes) else None
        if quantifier == "one":
            (value,) = literals
            if isinstance(value, s.Name) and (other := self._neighbour(fact.text, value.text)) is not None:
                yield "swap_value", evolve(node, values=evolve(values, literals=(s.Name(other, value.span),)))
            return
        if len(literals) > 1:
            for index in range(len(literals)):
                yield "narrow_set", evolve(node, values=evolve(values, literals=_without(literals, index)))
            if isinstance(node, s.Includes):
                yield "any_all", evolve(node, quantifier="all" if quantifier == "any" else "any")
        named = {each.text for each in literals if isinstance(each, s.Name)}
        if (added := self._outside(fact.text, named)) is not None:
            more = (*literals, s.Name(added, values.span))
            yield "widen_set", evolve(node, values=evolve(values, literals=more))

    def _compare(self, node: s.Compare) -> Iterator[tuple[str, s.Condition]]:
        match node.amount:
            case s.Name() as value:
                yield "boundary", evolve(node, operator=_OTHER_BOUND[node.operator])
                if (other := self._neighbour(node.fact.text, value.text)) is not None:
                    yield "swap_value", evolve(node, amount=s.Name(other, value.span))
            case s.Number() as number:
                yield "boundary", evolve(node, operator=_OTHER_BOUND[node.operator])
                for step in (1, -1):
                    yield "shift_number", evolve(node, amount=evolve(number, value=number.value + step))
            case s.Day() as day:
                for shifted in _shifted(day):
                    yield "shift_date", evolve(node, amount=shifted)
            case s.Offset() as offset:
                for step in (1, -1):
                    if (count := offset.count.value + step) > 0:
                        changed = evolve(offset, count=evolve(offset.count, value=Decimal(count)))
                        yield "shift_number", evolve(node, amount=changed)
                yield "working_days", evolve(node, amount=evolve(offset, working=not offset.working))
            case _:
                pass

    # ---- values --------------------------------------------------------------------------------------------------------

    def _type(self, fact: str) -> FactType | None:
        declared = self.facts.get(fact)
        return None if declared is None or not declared.type.values else declared.type

    def _neighbour(self, fact: str, value: str) -> str | None:
        """The value that is declared after this one, or before it if it is the last."""
        kind = self._type(fact)
        if kind is None or (name := kind.find(value)) is None or len(kind.values) < 2:
            return None
        names = [each.name for each in kind.values]
        index = names.index(name)
        return value_name(kind, names[index + 1 if index + 1 < len(names) else index - 1], self.language)

    def _outside(self, fact: str, named: set[str]) -> str | None:
        """The first declared value that isn't among these."""
        kind = self._type(fact)
        if kind is None:
            return None
        inside = {kind.find(each) for each in named}
        left = [each.name for each in kind.values if each.name not in inside]
        return value_name(kind, left[0], self.language) if left else None

    # ---- tables --------------------------------------------------------------------------------------------------------

    def rows(self, rows: Sequence[TableRow]) -> Iterator[tuple[str, int, TableRow | None]]:
        """Every change of an item table: the operator, the row's number, and the changed row, `None` if it is gone."""
        for number, row in enumerate(rows):
            if "code" not in row.cells or "title" not in row.cells:
                continue
            yield "drop_item", number, None
            for operator, column, text in self._cells(row):
                span = row.cells[column]
                source = Source(span.source.name, text, span.source.cell)
                changed = {**row.cells, column: Span(source, 0, len(source.text))}
                if not text:
                    del changed[column]
                yield operator, number, TableRow(row.where, changed)

    def _cells(self, row: TableRow) -> Iterator[tuple[str, str, str]]:
        for column, span in row.cells.items():
            match column:
                case "role":
                    if (other := self._neighbour("role", span.text)) is not None:
                        yield "swap_value", column, other
                case "from" | "until":
                    for day in _table_days(span.text):
                        yield "shift_date", column, day
                case "when" | "unless":
                    condition, _ = parse_condition(span.source)
                    lexicon = Lexicon.of(())
                    if column == "unless":
                        yield "drop_exception", column, ""
                    for operator, _, new in () if condition is None else self.condition(condition):
                        yield operator, column, format_condition(new, self.language, lexicon)
                case _:
                    pass


def _negated(node: s.Condition) -> s.Condition:
    match node:
        case s.Is() | s.In() | s.OnAnyList() | s.Has():
            return evolve(node, negated=not node.negated)
        case s.OnList() if not node.codes:
            return evolve(node, off=not node.off)
        case s.Not(part):
            return part
    return s.Not(node, node.span)


def _shifted(day: s.Day) -> Iterator[s.Day]:
    for step in (1, -1):
        yield evolve(day, value=day.value + timedelta(days=step))


def _table_days(text: str) -> Iterator[str]:
    from datetime import date

    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return
    for step in (1, -1):
        yield (day + timedelta(days=step)).isoformat()
