"""First pass: who issued each document, for which place, and when each version is in force.

An issuer without the right to issue ends the checking here, before anything else is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from attrs import evolve

from burdenlib import syntax as s
from burdenlib.checker.context import RULE_KINDS, Context, Head, both
from burdenlib.places import EVERYWHERE, LEVEL_LENGTHS, parse_place
from burdenlib.policy import Interval
from burdenlib.problems import Note
from burdenlib.vocabulary import LEVELS
from burdenlib.words import Words

__all__ = ["read_heads"]


def read_heads(context: Context, files: Iterable[s.File]) -> bool:
    """Fill in the heads of all documents; false if one has no right to issue what it holds."""
    rightful = True
    for file in files:
        head, has_right = _head(context, file)
        rightful &= has_right
        twin = next((each for each in context.versions.get(head.name, []) if each.version == head.version), None)
        if twin is not None:
            note = Note(Words("另一份在", "the other one"), twin.span)
            context.report("duplicate-policy", head.span, {"name": head.name, "version": head.version}, notes=[note])
            continue
        context.versions.setdefault(head.name, []).append(head)
    if rightful:
        _settle_versions(context)
        _settle_supersession(context)
    context.heads = sorted(
        (head for heads in context.versions.values() for head in heads), key=lambda head: (head.name, head.version)
    )
    return rightful


def _head(context: Context, file: s.File) -> tuple[Head, bool]:
    policy = file.policy
    context.check_clauses(policy)
    name = str(policy.name)
    if "." in name:
        context.report("dotted-name", policy.head, {"name": name})
    kinds = {declaration.kind for declaration in file.declarations}
    decides = not kinds.isdisjoint({*RULE_KINDS, "list", "ban_list"})
    needed = [(s.Version, "version"), (s.IssuedBy, "issued_by"), (s.ForPlace, "for_place"), (s.Effective, "effective")]
    missing = [word for kind, word in (needed if decides else needed[:1]) if policy.one(kind) is None]
    for word in missing:
        context.report("missing-clause", policy.head, {"clause": both(word)})
    issuer, effective, version = policy.one(s.IssuedBy), policy.one(s.Effective), policy.one(s.Version)
    level = None if issuer is None else context.word(issuer.level, LEVELS)
    place, place_known = _place(context, policy.one(s.ForPlace))
    interval = Interval()
    if effective is not None:
        interval = Interval(effective.start.value, None if effective.end is None else effective.end.value)
        if interval.end is not None and effective.start.value > interval.end:
            context.report("impossible-interval", effective.span)
    head = Head(file, name, version.code.text if version else "", level, place, interval)
    has_right = not {"issued_by", "for_place"}.intersection(missing)
    if level is not None and place_known and (decides or policy.one(s.ForPlace) is not None):
        has_right &= _check_right(context, head, issuer)
    return head, has_right


def _place(context: Context, clause: s.ForPlace | None) -> tuple[str, bool]:
    if clause is None or clause.code is None:
        return EVERYWHERE, True
    if (code := parse_place(clause.code.text)) is None:
        context.report("bad-place", clause.code.span, {"found": clause.code.text})
        return EVERYWHERE, False
    return code, True


def _check_right(context: Context, head: Head, issuer: s.IssuedBy | None) -> bool:
    """The level fits the length of the place's code, and below the county nobody admits."""
    assert issuer is not None and head.level is not None
    level = Words(LEVELS[head.level], head.level)
    if LEVEL_LENGTHS[head.level] != len(head.place):
        fitting = next((name for name, length in LEVEL_LENGTHS.items() if length == len(head.place)), "central")
        clause = head.file.policy.one(s.ForPlace)
        notes = [] if clause is None else [Note(Words("地区", "the place"), clause.span)]
        details = {"level": level, "place": head.place or "*", "fitting": Words(LEVELS[fitting], fitting)}
        context.report("no-right", issuer.span, details, notes=notes)
        return False
    if head.level in ("township", "grassroots"):
        admitting = [each for each in head.file.declarations if each.kind in ("list", "admit")]
        for declaration in admitting:
            note = Note(Words("制定机关", "the issuer"), issuer.span)
            context.report("no-right-to-admit", declaration.head, {"level": level}, notes=[note])
        return not admitting
    return True


def _settle_versions(context: Context) -> None:
    """A version without an end ends the day before the next one begins; overlaps and gaps are reported."""
    for name, heads in context.versions.items():
        heads.sort(key=lambda head: (head.interval.start or date.min, head.version))
        for index, (earlier, later) in enumerate(pairwise(list(heads))):
            start = later.interval.start
            note = Note(Words("前一版本", "the earlier version"), earlier.span)
            details = {"name": name, "earlier": earlier.version, "later": later.version}
            end = earlier.interval.end
            if start is None or start == earlier.interval.start or (end is not None and end >= start):
                context.report("overlapping-versions", later.span, details, notes=[note])
                continue
            before = start - timedelta(days=1)
            if end is None:
                heads[index] = evolve(earlier, interval=evolve(earlier.interval, end=before))
            elif end < before:
                context.report("gap-between-versions", later.span, details, notes=[note])


def _settle_supersession(context: Context) -> None:
    """`supersedes` ends another document the day before this one begins."""
    for head in [head for heads in context.versions.values() for head in heads]:
        clause = head.file.policy.one(s.Supersedes)
        for name in clause.names if clause is not None else ():
            others = context.versions.get(name.text)
            if name.text == head.name or not others:
                context.unknown("policy", name, (each for each in context.versions if each != head.name))
                continue
            for index, other in enumerate(others):
                start = head.interval.start
                if start is None or (other.interval.start is not None and other.interval.start >= start):
                    context.report("superseded-before-force", name.span, {"name": name.text, "version": other.version})
                    continue
                before = start - timedelta(days=1)
                end = before if other.interval.end is None else min(other.interval.end, before)
                others[index] = evolve(other, interval=evolve(other.interval, end=end))
