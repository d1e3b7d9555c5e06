"""What Lark says of a text that it can't read, in the words of the language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from typing import cast

from attrs import frozen
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from burdenlib.locate import shipped
from burdenlib.problems import Problem
from burdenlib.source import Source, Span, fold
from burdenlib.vocabulary import GRADES, KEYWORDS, PERIODS, PROMISES, written_apart
from burdenlib.words import Words

__all__ = ["MistakeError", "explain"]

Parse = Callable[[str], object]


class MistakeError(Exception):
    """A mistake that ends a run of the parser; `position` is where reading stopped."""

    def __init__(self, problem: Problem, position: int) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.position = position


def explain(source: Source, error: UnexpectedInput, start: int, end: int, parse: Parse) -> MistakeError:
    """Say what stands in the way; `parse` reads a text from the table of slips to see whether it fails likewise."""
    length, expected = 1, Words("", "")
    if isinstance(error, UnexpectedCharacters):
        at = cast(int, error.pos_in_stream)
        code = "unclosed-quote" if source.folded[at] in '"“”' else "unexpected-character"
    else:
        assert isinstance(error, UnexpectedToken | UnexpectedEOF)
        expected = _expected(error)
        if isinstance(error, UnexpectedToken) and error.token.type != "$END":
            code, at, length = "unexpected", error.token.start_pos or 0, len(error.token)
        else:
            code, at = "unexpected-end", max(start, start + len(source.folded[start:end].rstrip()) - 1)
    span = Span(source, at, at + length)
    advice = _advice(error, parse)
    if advice is None and (unspaced := _unspaced(source, at)) is not None:
        return MistakeError(unspaced, at)
    return MistakeError(Problem(code, span, {"found": span.text, "expected": expected}, advice=advice), at)


# ---- what was expected ----------------------------------------------------------------------------------------------

_TERMINALS = {
    "NAME": Words("名称", "a name"),
    "WORD": Words("编码", "a code"),
    "STRING": Words("引号内的文字", "a text in quotes"),
    "NUMBER": Words("数字", "a number"),
    "DATE": Words("日期(如 2024-01-31)", "a date (such as 2024-01-31)"),
    "DOCUMENT": Words("《文件名》", "a document 《…》"),
    "ARTICLE": Words("第…条", "an article 第…条"),
    "PERIOD": Words("、".join(PERIODS.values()), ", ".join(PERIODS)),
    "GRADE": Words("、".join(GRADES.values()), ", ".join(GRADES)),
    "PROMISED": Words("、".join(PROMISES.values()), ", ".join(PROMISES)),
    "_ABOVE_SIGN": Words("“>”", "`>`"),
    "_COMMA": Words("顿号或逗号", "a comma"),
    "_COLON": Words("冒号", "a colon"),
    "_SLASH": Words("“/”", "`/`"),
    "_LEFT": Words("“(”", "`(`"),
    "_RIGHT": Words("“)”", "`)`"),
    "_OPEN": Words("“{”", "`{`"),
    "_CLOSE": Words("“}”", "`}`"),
    "_FIRST": Words("“[”", "`[`"),
    "_LAST": Words("“]”", "`]`"),
    "$END": Words("文本结束", "the end of the text"),
}


def _expected(error: UnexpectedToken | UnexpectedEOF) -> Words:
    """The terminals that could have come here, in both languages, at most eight of them."""
    names: set[str] = set(error.accepts or ()) if isinstance(error, UnexpectedToken) else set()
    shown: dict[Words, None] = {}
    for name in sorted(names or set(error.expected), key=lambda name: (name not in _TERMINALS, name)):
        key = name.strip("_").lower()
        if name in _TERMINALS:
            shown[_TERMINALS[name]] = None
        elif key in KEYWORDS:
            english, chinese = KEYWORDS[key]
            shown[Words(f"“{chinese}”", f"`{english}`")] = None
    some = list(shown)[:8]
    more_zh, more_en = ("等", " and more") if len(shown) > len(some) else ("", "")
    return Words(
        "、".join(words.pick("zh") for words in some) + more_zh,
        ", ".join(words.pick("en") for words in some) + more_en,
    )


# ---- Chinese written without spaces --------------------------------------------------------------------------------------

_LAST_NAME = re.compile(r"[^\W\d_]\w*\s*\Z")


def _unspaced(source: Source, at: int) -> Problem | None:
    """The problem that the name at `at`, or just before it, holds a Chinese keyword, with the name written apart."""
    match = re.compile(r"[^\W\d_]\w*").match(source.folded, at) or _LAST_NAME.search(
        source.folded[max(0, at - 200) : at]
    )
    name = match[0].strip() if match else ""
    if match is None or (spaced := written_apart(name)) is None:
        return None
    start = match.start() if match.re is not _LAST_NAME else max(0, at - 200) + match.start()
    return Problem("unspaced", Span(source, start, start + len(name)), {"found": name, "spaced": spaced})


# ---- the table of common slips ---------------------------------------------------------------------------------------


@frozen
class _Slip:
    text: str
    advice: Words
    exact: bool


@cache
def _slips() -> tuple[_Slip, ...]:
    table = tomllib.loads(shipped("slips.toml").read_text("utf-8"))
    return tuple(
        _Slip(text, Words(zh=entry["zh"], en=entry["en"]), entry.get("exact", True))
        for entry in table["slip"]
        for text in entry["texts"]
    )


@cache
def _failure(text: str, parse: Parse) -> UnexpectedInput | None:
    try:
        parse(fold(text))
    except UnexpectedInput as error:
        return error
    return None


def _advice(error: UnexpectedInput, parse: Parse) -> Words | None:
    """The advice of the first slip that stops the parser in the same state at the same word.

    A slip that isn't `exact` needs only the same kind of word.
    """
    state, kind, word = _stopped_at(error)
    for slip in _slips():
        other = _failure(slip.text, parse)
        if other is not None:
            slip_state, slip_kind, slip_word = _stopped_at(other)
            if state == slip_state and kind == slip_kind and (word == slip_word or not slip.exact):
                return slip.advice
    return None


def _stopped_at(error: UnexpectedInput) -> tuple[object, str, str]:
    """The state in which the parser stopped, and the kind and the text of the word at which it did."""
    state = getattr(error.state, "position", error.state)
    if isinstance(error, UnexpectedToken):
        return state, error.token.type, str(error.token)
    return state, "", error.char if isinstance(error, UnexpectedCharacters) else ""
