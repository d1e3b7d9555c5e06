"""What every rule, list and item may say of itself: title, reason, citation, remedy, time, for whom."""

from __future__ import annotations

import re
from collections.abc import Iterable

from burdenlib import policy as p
from burdenlib import syntax as s
from burdenlib.checker.context import Context, Head
from burdenlib.checker.facts import read_told
from burdenlib.problems import nearest
from burdenlib.source import Span, fold
from burdenlib.vocabulary import ACTORS, SEEN

__all__ = ["read_about", "read_citations"]


def read_about(context: Context, head: Head, declaration: s.Declaration) -> p.About:
    """Read these clauses of one declaration."""
    because, cite, remedy = declaration.one(s.Because), declaration.one(s.Cite), declaration.one(s.Remedy)
    binds, grade = declaration.one(s.Binds), declaration.one(s.Grade)
    seen, ref = declaration.one(s.Seen), declaration.one(s.Ref)
    if because is not None:
        _check_slots(context, because.text)
    if remedy is not None:
        _check_slots(context, remedy.text)
    return p.About(
        None if declaration.title is None else declaration.title.words,
        None if because is None else because.text.words,
        () if cite is None else read_citations(cite.citations),
        None if remedy is None else _remedy(context, remedy),
        _interval(context, head, declaration),
        None if binds is None else context.word(binds.actor, ACTORS),
        None if grade is None else grade.value,
        None if seen is None else context.word(seen.extent, SEEN),
        () if ref is None else tuple(each.text for each in ref.ids),
        declaration.span,
    )


def read_citations(citations: Iterable[s.Citation]) -> tuple[p.Citation, ...]:
    """Citations without their places."""
    return tuple(p.Citation(each.document, each.articles, each.note) for each in citations)


def _remedy(context: Context, remedy: s.Remedy) -> p.Remedy:
    changes = []
    for told in remedy.changes:
        fact = context.find_fact(told.fact.text)
        if fact is not None and fact.is_identity:
            context.report("remedy-changes-identity", told.fact.span, {"fact": told.fact.text})
        if (change := read_told(context, told)) is not None:
            changes.append(change)
    return p.Remedy(remedy.text.words, tuple(changes))


_SLOT = re.compile(r"\{([^{}]*)\}")


def _check_slots(context: Context, text: s.Text) -> None:
    """Each `{…}` of a reason or a remedy names a fact."""
    source = text.span.source
    for match in _SLOT.finditer(source.folded, text.span.start, text.span.end):
        name = match[1].strip()
        if context.find_fact(name) is None and name not in context.skipped:
            span = Span(source, match.start(), match.end())
            context.report("unknown-slot", span, {"name": name}, nearest=nearest(fold(name), context.spellings))


def _interval(context: Context, head: Head, declaration: s.Declaration) -> p.Interval:
    start, end = declaration.one(s.From), declaration.one(s.Until)
    interval = p.Interval(None if start is None else start.day.value, None if end is None else end.day.value)
    last = end if end is not None else start
    if last is not None:
        if interval.start is not None and interval.end is not None and interval.start > interval.end:
            context.report("impossible-interval", last.span)
        elif not interval.overlaps(head.interval):
            context.report("never-in-force", last.span, {"document": head.name})
    return interval
