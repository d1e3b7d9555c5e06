"""Lists and their items: tables read, codes and titles compared, additions to a higher list refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from attrs import evolve, frozen

from burdenlib import policy as p
from burdenlib import syntax as s
from burdenlib.checker.about import read_about
from burdenlib.checker.conditions import check_condition
from burdenlib.checker.context import Context, ListDraft, both
from burdenlib.lists import COLUMNS, TableRow, column_named, column_spellings, normal_code, normal_title, split_titles
from burdenlib.parser import parse_citations, parse_condition
from burdenlib.places import is_inside, parse_place
from burdenlib.problems import Note, Problem, nearest
from burdenlib.source import Span, fold
from burdenlib.vocabulary import LEVELS
from burdenlib.words import Words

__all__ = ["TableReader", "check_lists", "draft_lists"]

TableReader = Callable[[Span], tuple[tuple[TableRow, ...], tuple[Problem, ...]]]
"""Reads the item table that a span of a policy text names."""


# ---- drafts: the items of every list, tables included -------------------------------------------------------------------


def draft_lists(context: Context, read_table: TableReader) -> None:
    """Gather every list with its items, so that conditions can name their codes."""
    for head in context.heads:
        for declaration in head.file.declarations:
            if declaration.kind not in ("list", "ban_list"):
                continue
            context.check_clauses(declaration)
            items = [item for item in declaration.items if item.kind == "item"]
            for clause in declaration.all(s.ItemsFrom):
                rows, problems = read_table(clause.file.span)
                context.problems += problems
                items += [item for row in rows if (item := _row_item(context, row)) is not None]
            for item in declaration.items:
                context.check_clauses(item)
            otherwise = tuple(item for item in declaration.items if item.kind == "otherwise")
            draft = ListDraft(head, declaration, tuple(items), otherwise)
            context.lists[draft.key] = draft
    for draft in context.lists.values():
        context.higher[draft.key] = _higher_lists(context, draft)
    _check_codes(context)
    _check_titles(context)


_TABLE_DATES = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|年(\d{1,2})月(\d{1,2})日|/(\d{1,2})/(\d{1,2}))")


def _row_item(context: Context, row: TableRow) -> s.Declaration | None:
    """A row of a table as the item that a policy text would declare."""
    if "code" not in row.cells or "title" not in row.cells:
        return None
    clauses: list[s.Clause] = []
    for column, span in row.cells.items():
        text, folded = span.text, fold(span.text).strip()
        name = s.Name(folded, span)
        match column:
            case "also":
                titles = tuple(s.Text(Words.of(each), span) for each in split_titles(text))
                clauses.append(s.Also(titles, span))
            case "role":
                clauses.append(s.Role(name, span))
            case "department":
                clauses.append(s.Department(s.Text(Words.of(text), span), span))
            case "when" | "unless":
                condition, problems = parse_condition(span.source)
                context.problems += problems
                if condition is not None:
                    clauses.append((s.When if column == "when" else s.Unless)(condition, span))
            case "refines":
                clauses.append(s.Refines(s.Code(folded, span), span))
            case "from" | "until":
                if (day := _day(context, span)) is not None:
                    clauses.append((s.From if column == "from" else s.Until)(s.Day(day, span), span))
            case "cite":
                citations, problems = parse_citations(span.source)
                context.problems += problems
                clauses.append(s.Cite(citations, span))
            case "instead":
                clauses.append(s.Instead(s.Text(Words.of(text), span), span))
            case "seen":
                clauses.append(s.Seen(name, span))
    title = row.cells["title"]
    head = row.cells["code"]
    item = s.Declaration("item", None, s.Text(Words.of(title.text), title), tuple(clauses), head, head)
    extra = {column: row.cells[column] for column in ("category", "place") if column in row.cells}
    return evolve(item, code=s.Code(fold(head.text).strip(), head), extra=extra)


def _day(context: Context, span: Span) -> date | None:
    match = _TABLE_DATES.fullmatch(fold(span.text).strip())
    if match is not None:
        year, month, day = (int(part) for part in match.groups() if part is not None)
        try:
            return date(year, month, day)
        except ValueError:
            pass
    context.report("bad-date", span, {"found": span.text})
    return None


def _check_codes(context: Context) -> None:
    """Codes are unique over all lists; the versions of one list may repeat theirs."""
    seen: dict[str, tuple[ListDraft, s.Code]] = {}
    for draft in context.lists.values():
        own: dict[str, s.Code] = {}
        for item in draft.items:
            assert item.code is not None
            code = normal_code(item.code.text)
            name = (draft.head.name, str(draft.declaration.name))
            if code in own:
                _report_twin(context, "duplicate-code", item.code, own[code])
            elif code in seen and (seen[code][0].head.name, str(seen[code][0].declaration.name)) != name:
                _report_twin(context, "duplicate-code", item.code, seen[code][1])
            own.setdefault(code, item.code)
            seen.setdefault(code, (draft, item.code))


def _report_twin(context: Context, code: str, this: s.Code | s.Text, other: s.Code | s.Text) -> None:
    text = this.text if isinstance(this, s.Code) else this.words.pick("zh")
    note = Note(Words("另一处在", "the other one"), other.span)
    context.report(code, this.span, {"found": text}, notes=[note])


def _check_titles(context: Context) -> None:
    """A title may stand twice in a list where place, role, condition or time differ."""
    for draft in context.lists.values():
        seen: dict[tuple[object, ...], s.Text] = {}
        for item in draft.items:
            assert item.title is not None
            place = item.extra.get("place")
            circumstances = (
                None if place is None else parse_place(fold(place.text)),
                *(item.one(kind) for kind in (s.Role, s.When, s.From, s.Until)),
                tuple(item.all(s.Unless)),
            )
            for title in {normal_title(text): None for text in titles_of(item)}:
                key = (title, *circumstances)
                if key in seen:
                    _report_twin(context, "duplicate-title", item.title, seen[key])
                seen.setdefault(key, item.title)


def titles_of(item: s.Declaration) -> tuple[str, ...]:
    """The title of an item and its aliases, in both languages."""
    also = item.one(s.Also)
    title = item.title.words.ordered("zh") if item.title is not None else ()
    return (*title, *(text for each in (also.titles if also is not None else ()) for text in each.words.ordered("zh")))


# ---- checked lists ----------------------------------------------------------------------------------------------------------


@frozen
class _Higher:
    """An item of a higher list, found for an item that carries it out."""

    draft: ListDraft
    item: s.Declaration


def check_lists(context: Context, applies: Mapping[str, p.Condition]) -> dict[str, p.TaskList]:
    """The meaning of every list; `applies` gives place and time of each document by its key."""
    return {key: _check_list(context, draft, applies[draft.head.key]) for key, draft in sorted(context.lists.items())}


def _check_list(context: Context, draft: ListDraft, applies: p.Condition) -> p.TaskList:
    declaration, head = draft.declaration, draft.head
    _check_clauses(context, draft)
    about = read_about(context, head, declaration)
    extent = declaration.one(s.Extent)
    answered_by = None
    if extent is not None and extent.answered_by is not None and (fact := context.fact(extent.answered_by)) is not None:
        answered_by = fact.name
        if fact.type.kind != "yes_no":
            details = {"fact": fact.name, "type": fact.type.described, "wanted": both("yes_no")}
            context.report("wrong-use", extent.answered_by.span, details)
    governs = declaration.one(s.Governs)
    condition = p.TRUE if governs is None else check_condition(context, head, governs.condition)
    items = tuple(_check_item(context, draft, item) for item in draft.items)
    by_code: dict[str, tuple[p.Item, ...]] = {}
    by_title: dict[str, tuple[p.Item, ...]] = {}
    for item, syntax in sorted(zip(items, draft.items, strict=True), key=lambda pair: pair[0].code or ""):
        assert item.code is not None
        by_code[item.code] = (*by_code.get(item.code, ()), item)
        for title in {normal_title(text): None for text in titles_of(syntax)}:
            by_title[title] = (*by_title.get(title, ()), item)
    states = declaration.one(s.EachStates)
    return p.TaskList(
        draft.key,
        f"{head.name}.{declaration.name}",
        about,
        draft.is_ban,
        "closed" if extent is None else extent.kind,
        answered_by,
        condition,
        p.All((applies, p.InForce(about.interval, Words("清单", "the list")), evolve(condition, clause="governs"))),
        tuple(check_condition(context, head, each.condition) for each in declaration.all(s.Unless)),
        tuple(sorted(items, key=lambda item: item.code or "")),
        tuple(_check_item(context, draft, item) for item in draft.otherwise),
        tuple(each.key for each in context.higher[draft.key]),
        draft.may_add,
        tuple(column for each in (states.columns if states else ()) if (column := column_named(each.text)) is not None),
        by_code,
        by_title,
    )


def _check_clauses(context: Context, draft: ListDraft) -> None:
    declaration = draft.declaration
    if draft.is_ban:
        misplaced: tuple[type[s.Clause], ...] = (s.Implements, s.MayAdd)
    else:
        misplaced = (s.Unless,)
        if declaration.one(s.Extent) is None:
            context.report("missing-extent", declaration.head)
    for clause in declaration.clauses:
        if isinstance(clause, misplaced):
            context.report("misplaced-clause", clause.span, {"declaration": both(declaration.kind)})
    states = declaration.one(s.EachStates)
    columns = []
    for code in states.columns if states is not None else ():
        if (column := column_named(code.text)) is None:
            near = nearest(code.text, column_spellings())
            context.report("unknown-column", code.span, {"found": code.text}, nearest=near)
        else:
            columns.append((code, column))
    for item in draft.items:
        for code, column in columns:
            if not _states(item, column) and not (column == "cite" and declaration.one(s.Cite) is not None):
                note = Note(Words("清单要求在", "the list asks for it"), code.span)
                column_words = Words(COLUMNS[column][0], column)
                assert item.code is not None
                context.report("unstated", item.span, {"code": item.code.text, "column": column_words}, notes=[note])
    if not draft.items and not draft.otherwise and draft.extent == "closed" and draft.is_ban:
        context.report("empty-list", declaration.head)


_STATED_BY: Mapping[str, type[s.Clause]] = {
    "also": s.Also,
    "role": s.Role,
    "department": s.Department,
    "when": s.When,
    "unless": s.Unless,
    "refines": s.Refines,
    "from": s.From,
    "until": s.Until,
    "cite": s.Cite,
    "instead": s.Instead,
    "seen": s.Seen,
}


def _states(item: s.Declaration, column: str) -> bool:
    clause = _STATED_BY.get(column)
    return column in ("code", "title") or column in item.extra or (clause is not None and item.one(clause) is not None)


def _check_item(context: Context, draft: ListDraft, item: s.Declaration) -> p.Item:
    head = draft.head
    about = read_about(context, head, item)
    role, place = item.one(s.Role), item.extra.get("place")
    parts: list[p.Condition] = [p.InForce(about.interval, Words("事项", "the item"))]
    role_value = None
    if role is not None and (fact := context.facts.get("role")) is not None:
        if (role_value := fact.type.find(role.value.text)) is None:
            details = {
                "found": role.value.text,
                "fact": Words(fact.label.pick("zh"), "role"),
                "values": fact.type.listed,
            }
            near = nearest(role.value.text, fact.type.spellings)
            context.report("unknown-value", role.value.span, details, nearest=near)
        else:
            syntax = s.Is(s.Name("role", role.span), s.Name(role_value, role.span), False, role.span)
            parts.append(p.Equal("role", role_value, syntax=syntax, clause="role"))
    code = None
    if place is not None:
        if (code := parse_place(fold(place.text).strip())) is None:
            context.report("bad-place", place, {"found": place.text})
        else:
            parts.append(p.Inside("target", (code,), clause="place"))
    when = item.one(s.When)
    condition = p.TRUE if when is None else check_condition(context, head, when.condition)
    unless = tuple(check_condition(context, head, each.condition) for each in item.all(s.Unless))
    parts += [evolve(condition, clause="when"), *(p.Not(each, clause="unless") for each in unless)]
    refines = item.one(s.Refines)
    _check_carrying(context, draft, item)
    carried = () if item.kind == "otherwise" else _carried_out(context, draft, item)
    if carried:
        parts.append(p.Any(tuple(_in_force(context, each) for each in carried)))
    also, department, instead = item.one(s.Also), item.one(s.Department), item.one(s.Instead)
    category = item.extra.get("category")
    assert item.title is not None
    return p.Item(
        None if item.code is None else normal_code(item.code.text),
        item.title.words,
        tuple(text for each in (also.titles if also else ()) for text in each.words.ordered("zh")),
        None if category is None else category.text,
        role_value,
        None if department is None else department.name.words.pick("zh"),
        code,
        condition,
        unless,
        None if refines is None else normal_code(refines.code.text),
        tuple(sorted({normal_code(each.item.code.text) for each in carried if each.item.code is not None})),
        None if instead is None else instead.text.words,
        about,
        p.All(tuple(parts)),
    )


# ---- implementing a higher list ------------------------------------------------------------------------------------------


def _higher_lists(context: Context, draft: ListDraft) -> tuple[ListDraft, ...]:
    """The versions of the list that this one implements; a list of the same level or another place is refused."""
    clause = draft.declaration.one(s.Implements)
    if clause is None or draft.is_ban:
        return ()
    found = [context.lists[key] for key in context.resolve("list", draft.head, clause.list)]
    ranks = {level: rank for rank, level in enumerate(LEVELS)}
    for other in found:
        level, own = other.head.level, draft.head.level
        higher = level is not None and own is not None and ranks[level] < ranks[own]
        if other.is_ban or not higher or not is_inside(draft.head.place, other.head.place):
            note = Note(Words("该清单", "that list"), other.declaration.head)
            context.report("not-a-higher-list", clause.list.span, {"list": clause.list.text}, notes=[note])
            return ()
    in_force = tuple(other for other in found if other.head.interval.overlaps(draft.head.interval))
    if found and not in_force:
        context.report("never-in-force", clause.span, {"document": found[0].head.name})
    return in_force


def _carried_out(context: Context, draft: ListDraft, item: s.Declaration) -> tuple[_Higher, ...]:
    """The items of the higher list that an item refines or, without `refines`, repeats by title."""
    refines = item.one(s.Refines)
    titles = {normal_title(text) for text in titles_of(item)}

    def is_carried(other: s.Declaration) -> bool:
        if refines is not None:
            return other.code is not None and normal_code(other.code.text) == normal_code(refines.code.text)
        return not titles.isdisjoint(normal_title(text) for text in titles_of(other))

    return tuple(
        _Higher(each, other) for each in context.higher[draft.key] for other in each.items if is_carried(other)
    )


def _check_carrying(context: Context, draft: ListDraft, item: s.Declaration) -> None:
    """Report an item that refines nothing, or that adds to a higher list what that one doesn't allow."""
    refines, higher = item.one(s.Refines), context.higher[draft.key]
    if not higher:
        if refines is not None and draft.declaration.one(s.Implements) is None:
            context.report("refines-nothing", refines.span)
    elif item.kind == "otherwise" or not _carried_out(context, draft, item):
        if refines is None:
            _report_addition(context, item, higher)
            return
        if any(other.extent == "partial" for other in higher):
            _report_addition(context, item, [other for other in higher if other.extent == "partial"])
            return
        codes = [each.code.text for other in higher for each in other.items if each.code is not None]
        details = {"code": refines.code.text, "list": f"{higher[0].head.name}.{higher[0].declaration.name}"}
        context.report("unknown-code", refines.code.span, details, nearest=nearest(refines.code.text, codes))


def _report_addition(context: Context, item: s.Declaration, higher: Iterable[ListDraft]) -> None:
    for other in higher:
        if other.may_add or other.extent == "open":
            continue
        note = Note(Words("上级清单", "the higher list"), other.declaration.head)
        details = {
            "title": item.title.words if item.title else "",
            "list": f"{other.head.name}.{other.declaration.name}",
        }
        code = "added-to-partial" if other.extent == "partial" else "added-item"
        context.report(code, item.code.span if item.code is not None else item.head, details, notes=[note])


def _in_force(context: Context, higher: _Higher) -> p.Condition:
    """That an item of a higher list, its list and its document are in force, and what it carries out itself."""
    words = Words("所落实的上级事项", "the higher item carried out")
    intervals = (higher.draft.head.interval, _interval(higher.draft.declaration), _interval(higher.item))
    parts: tuple[p.Condition, ...] = tuple(p.InForce(each, words) for each in intervals if not each.is_always)
    if deeper := _carried_out(context, higher.draft, higher.item):
        parts = (*parts, p.Any(tuple(_in_force(context, each) for each in deeper)))
    return p.All(parts)


def _interval(declaration: s.Declaration) -> p.Interval:
    start, end = declaration.one(s.From), declaration.one(s.Until)
    return p.Interval(None if start is None else start.day.value, None if end is None else end.day.value)
