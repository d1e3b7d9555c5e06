"""Wordings in a text: where they stand, and whether the sentence means them or forbids them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from attrs import frozen

from burdenlib.policy import Phrases
from burdenlib.source import fold

__all__ = ["Finding", "find"]


@frozen
class Finding:
    """A wording found in a text: its offset (in characters), the sentence that it stands in, and whether it is negated."""

    wording: str
    offset: int
    sentence: str
    negated: bool


_FORBID = [
    "不得",
    "不准",
    "不许",
    "不应",
    "不宜",
    "不能",
    "不可",
    "不要",
    "不再",
    "不予",
    "不用",
    "不必",
    "不需",
    "不以",
    "不搞",
    "不设",
    "不签",
    "不与",
    "不把",
    "不将",
    "不列入",
    "不实行",
    "不采取",
    "严禁",
    "禁止",
    "杜绝",
    "取消",
    "废止",
    "废除",
    "停止",
    "叫停",
    "制止",
    "纠正",
    "纠治",
    "整治",
    "清理",
    "避免",
    "防止",
    "减少",
    "反对",
    "免于",
    "免除",
    "无需",
    "无须",
    "毋须",
    "切忌",
]
_FORBIDDEN = re.compile("|".join(map(re.escape, sorted(_FORBID, key=len, reverse=True))))
_AFFIRMED = re.compile("不得不|不能不|不可不|不应不|不得少于|不能少于|不得低于|不得以任何理由(?:拒绝|推诿|拖延)")
_ABSENT = re.compile("(?:没有|未曾|未|勿|无)[^的]{0,8}\\Z")
_CLAUSE = re.compile(r"[^,;。!?\n]*[,;。!?\n]?")
_SENTENCE = re.compile(r"[^。!?\n;]*[。!?\n;]?")


def find(phrases: Phrases, text: str) -> tuple[Finding, ...]:
    """Every place where a wording stands outside the wordings that don't count.

    A wording is negated where a negation stands before it in its clause, and no double negation undoes that:
    “不得签订责任书” asks for no pledge, “不得不签订责任书” does.
    """
    folded = fold(text)
    shadows = [
        (match.start(), match.end())
        for wording in phrases.excluded
        for match in re.finditer(re.escape(fold(wording)), folded)
    ]
    found = []
    for match in _wordings(phrases.wordings).finditer(folded):
        if not any(start <= match.start() and match.end() <= end for start, end in shadows):
            sentence = _around(_SENTENCE, folded, match.start())
            found.append(
                Finding(
                    text[match.start() : match.end()],
                    match.start(),
                    text[sentence[0] : sentence[1]].strip(),
                    _negated(folded, match.start()),
                )
            )
    return tuple(found)


@lru_cache(maxsize=1024)
def _wordings(wordings: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(fold(each)) for each in sorted(wordings, key=len, reverse=True)))


def _around(unit: re.Pattern[str], text: str, at: int) -> tuple[int, int]:
    for match in unit.finditer(text):
        if match.start() <= at < match.end():
            return match.start(), match.end()
    return 0, len(text)


def _negated(text: str, at: int) -> bool:
    """Whether the clause forbids, up to `at`, or says just before it that the thing is absent."""
    start, _ = _around(_CLAUSE, text, at)
    before = text[start:at]
    affirmed = [match.span() for match in _AFFIRMED.finditer(before)]
    forbidden = any(
        not any(begin <= match.start() < end for begin, end in affirmed) for match in _FORBIDDEN.finditer(before)
    )
    return forbidden or (not affirmed and _ABSENT.search(before) is not None)


def uses(phrases: Sequence[Phrases], texts: Iterable[str]) -> Iterator[Finding]:
    """The findings that are meant, not negated, in any of the texts."""
    for text in texts:
        for each in phrases:
            yield from (finding for finding in find(each, text) if not finding.negated)
