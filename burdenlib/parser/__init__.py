"""Policy text to syntax tree. The only package that knows Lark.

A text is parsed whole; where that fails, each mistake is reported and reading goes on at the next line
that begins with a declaration, so that one look shows all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from burdenlib import syntax as s
from burdenlib.parser.build import MAX_DEPTH, Built, Rule, build, build_citations, build_condition
from burdenlib.parser.mistakes import MistakeError
from burdenlib.problems import Problem, hidden_characters
from burdenlib.source import Source, Span
from burdenlib.vocabulary import KEYWORDS

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_PROBLEMS", "Parsed", "parse", "parse_citations", "parse_condition"]

MAX_LENGTH = 16_000_000
"""The longest policy text that is read, in characters."""

MAX_LOOK_BACK = 4
"""How many declarations before a mistake are looked at to find where it began."""

MAX_PROBLEMS = 100
"""After so many mistakes in one text the rest isn't read."""


@frozen
class Parsed:
    """What could be read of a text: the tree (`None` if the head is missing), and the mistakes.

    `skipped` are the names in the parts that could not be read: an unknown name among them is no new mistake.
    """

    file: s.File | None
    problems: tuple[Problem, ...]
    skipped: frozenset[str] = frozenset()


def parse(source: Source) -> Parsed:
    """Read a policy text; nothing is raised, whatever the text."""
    if problems := _unreadable(source):
        return Parsed(None, problems)
    head, declarations, problems, skipped = _recover(source)
    if head is None:
        return Parsed(None, problems, skipped)
    return Parsed(s.File(source, head, declarations, tuple(_comments(source))), problems, skipped)


def parse_condition(source: Source) -> tuple[s.Condition | None, tuple[Problem, ...]]:
    """Read a condition that stands alone, as in a cell of an item table."""
    if problems := _unreadable(source):
        return None, problems
    try:
        return build_condition(source)
    except MistakeError as mistake:
        return None, (mistake.problem,)


def parse_citations(source: Source) -> tuple[tuple[s.Citation, ...], tuple[Problem, ...]]:
    """Read citations that stand alone, as in a cell of an item table."""
    try:
        citations, problems = build_citations(source)
        return citations, (*problems, *_unreadable(source))
    except MistakeError as mistake:
        return (), (mistake.problem,)


_BRACKETS = re.compile(r'"[^"\n]*"|“[^“”\n]*”|《[^》\n]*》|#[^\n]*|[()]')


def _unreadable(source: Source) -> tuple[Problem, ...]:
    """What no policy may hold: too much text, parentheses in too many layers, characters that nobody can see."""
    if len(source.text) > MAX_LENGTH:
        return (Problem("too-long", Span(source, 0, 0), {"limit": f"{MAX_LENGTH:,}"}),)
    depth = 0
    for match in _BRACKETS.finditer(source.folded):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            return (Problem("too-deep", Span(source, match.start(), match.end()), {"limit": str(MAX_DEPTH)}),)
    return hidden_characters(source, MAX_PROBLEMS)


_COMMENT = re.compile(r'"[^"\n]*"|“[^“”\n]*”|《[^》\n]*》|#[^\n]*')


def _comments(source: Source) -> Iterator[s.Comment]:
    for match in _COMMENT.finditer(source.folded):
        if match[0][0] == "#":
            span = Span(source, match.start(), match.end())
            yield s.Comment(span.text[1:].strip(), span)


_DECLARATIONS = ("policy", "fact", "term", "list", "ban_list", "ban", "require", "admit", "limit", "duty")
_STARTS = re.compile(
    r"^[ \t]*(?:"
    + "|".join(
        word.replace(" ", r"\s+") for key in (*_DECLARATIONS, "phrases", "promise", "example") for word in KEYWORDS[key]
    )
    + r")(?!\w)",
    re.MULTILINE,
)
_NAMES = re.compile(r"[^\W\d_]\w*")

Recovered = tuple[s.Declaration | None, tuple[s.Declaration, ...], tuple[Problem, ...], frozenset[str]]


def _recover(source: Source) -> Recovered:
    """Read the text in stretches, each from a declaration to the next mistake."""
    starts = [match.start() for match in _STARTS.finditer(source.folded)]
    kept: list[s.Declaration] = []
    problems: list[Problem] = []
    skipped: set[str] = set()
    position, end = 0, len(source.text)
    while position < end or position == 0:
        rule: Rule = "rest" if position else "start"
        try:
            found, lesser = build(source, rule, position, end)
            kept += found
            problems += lesser
            break
        except MistakeError as mistake:
            (found, lesser), broken, resume, mistake_found = _around(source, rule, position, mistake, starts)
        kept += found
        problems += [*lesser, mistake_found.problem]
        skipped.update(_NAMES.findall(source.folded, broken, resume))
        if len(problems) >= MAX_PROBLEMS:
            problems.append(Problem("too-many-problems", Span(source, resume, resume), {}))
            break
        position = resume or end
    head = next((each for each in kept if each.kind == "policy"), None)
    others = tuple(each for each in kept if each.kind != "policy")
    return head, others, tuple(problems), frozenset(skipped)


def _around(
    source: Source, rule: Rule, position: int, mistake: MistakeError, starts: list[int]
) -> tuple[Built[tuple[s.Declaration, ...]], int, int, MistakeError]:
    """What can be read before a mistake, where the broken declaration begins and ends, and the mistake in it.

    A mistake may come to light only in the next declaration: then what is before it can't be read by itself either.
    """
    at, end = mistake.position, len(source.text)
    before = [start for start in starts if position < start <= at]
    resume = next((start for start in starts if start > max(at, position)), end)
    for start in reversed(before[-MAX_LOOK_BACK:]):
        try:
            return build(source, rule, position, start), start, resume, mistake
        except MistakeError as earlier:
            mistake, resume = earlier, start
    return ((), ()), position, resume, mistake
