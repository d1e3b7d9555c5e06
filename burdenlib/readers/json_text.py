"""JSON and JSON Lines to objects, each with its line: no key twice, no endless nesting."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from typing import Final, NoReturn

from attrs import field, frozen

from burdenlib.problems import Problem
from burdenlib.readers.found import Refused
from burdenlib.source import Cell
from burdenlib.words import Words

__all__ = ["MAX_DEPTH", "Piece", "read_any", "read_json", "read_lines"]

MAX_DEPTH = 32
"""How deep a task may be nested."""

_MOST_DIGITS = 300

_SPACE = re.compile(r"[ \t\n\r]*")
_TOO_DEEP = Words("嵌套过深", "it is nested too deeply")
_SAID: Final = {
    "Expecting value": Words("此处应有一个值", "a value is expected"),
    "Expecting ',' delimiter": Words("此处应有逗号", "a comma is expected"),
    "Expecting ':' delimiter": Words("此处应有冒号", "a colon is expected"),
    "Expecting property name enclosed in double quotes": Words(
        "此处应有加双引号的键名", "a key in double quotes is expected"
    ),
    "Unterminated string starting at": Words("字符串没有结束的引号", "this text has no closing quote"),
    "Invalid control character at": Words("字符串中有控制字符", "a control character stands in a text"),
    "Invalid \\escape": Words("反斜杠之后的字符无效", "the character after the backslash means nothing"),
    "Invalid \\uXXXX escape": Words("\\u 之后应有四位十六进制数", "four hexadecimal digits are expected after \\u"),
    "Illegal trailing comma before end of object": Words(
        "最后一项之后不应有逗号", "no comma stands after the last one"
    ),
    "Illegal trailing comma before end of array": Words("最后一项之后不应有逗号", "no comma stands after the last one"),
    "Extra data": Words("结尾之后还有内容", "something stands after the end"),
}
"""What the decoder says, in plain words."""

_NO_TABLE = Words(
    "标准输入只读 JSON 或 JSON Lines，表格请存成文件", "only JSON and JSON Lines are read from standard input"
)
_JSONL = Words("若每行一个对象,文件名应以 .jsonl 结尾", "if each line is an object, name the file .jsonl")


@frozen
class Piece:
    """A value that stands at the top of a file, the line on which it begins, the keys that stand twice in it.

    `inside` says that it is one of several: of an array, or of the list under `tasks`.
    """

    value: object
    line: int
    twice: tuple[str, ...] = field(default=())
    inside: bool = True


def read_json(file: str, text: str) -> Iterator[Piece | Problem]:
    """The objects of a JSON text: itself, those of an array, or those of the list under `tasks`."""
    return _Reader(file, text).whole()


def read_lines(file: str, text: str) -> Iterator[Piece | Problem]:
    """The objects of JSON Lines, one on a line; a line that is no JSON costs the others nothing."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield from _Reader(file, line.strip(), number).single()
            except Refused as refused:
                yield refused.problem


def read_any(file: str, text: str) -> Iterator[Piece | Problem]:
    """The objects of a text that is JSON, or JSON Lines if more than one object stands in it."""
    reader = _Reader(file, text)
    if text.strip() and text.lstrip()[0] not in "[{":
        reader.refuse(_NO_TABLE)
    return reader.whole() if reader.is_one() else read_lines(file, text)


class _Reader:
    def __init__(self, file: str, text: str, line: int = 1) -> None:
        self.file = file
        self.text = text
        self.first = line
        self.twice: list[str] = []
        self.decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_int=_integer)
        self.counted = (0, line)

    def is_one(self) -> bool:
        """Whether the text holds one value, or something that is no JSON anyway."""
        for text in (self.text, self.text.lstrip().partition("\n")[0]):
            try:
                _, end = self.decoder.raw_decode(text, self._skip(0) if text is self.text else 0)
            except (ValueError, RecursionError):
                continue
            finally:
                self.twice.clear()
            return text is self.text and self._skip(end) == len(text)
        return True

    def refuse(self, advice: Words) -> NoReturn:
        """Refuse the whole text."""
        self._fail(_said("Expecting value"), self._skip(0), advice)

    def single(self) -> Iterator[Piece]:
        """The one value of the text."""
        start = self._skip(0)
        value, twice, end = self._value(start)
        self._ends(end)
        yield Piece(value, self._line(start), twice)

    def whole(self) -> Iterator[Piece]:
        """The values of the text."""
        start = self._skip(0)
        if start == len(self.text):
            return
        if self.text[start] == "[":
            self._ends((yield from self._array(start)))
            return
        value, twice, end = self._value(start)
        self._ends(end)
        if isinstance(value, dict) and set(value) == {"tasks"} and isinstance(value["tasks"], list) and not twice:
            yield from self._array(self.text.index("[", start))
        else:
            yield Piece(value, self._line(start), twice, inside=False)

    def _array(self, start: int) -> Generator[Piece, None, int]:
        """The values of the array that begins at `start`; gives where it ends."""
        at = self._skip(start + 1)
        if self.text[at : at + 1] == "]":
            return at + 1
        while True:
            value, twice, end = self._value(at)
            yield Piece(value, self._line(at), twice)
            end = self._skip(end)
            if self.text[end : end + 1] == "]":
                return end + 1
            if self.text[end : end + 1] != ",":
                self._fail(_said("Expecting ',' delimiter"), end)
            at = self._skip(end + 1)

    def _value(self, at: int) -> tuple[object, tuple[str, ...], int]:
        self.twice.clear()
        try:
            value, end = self.decoder.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            self._fail(_said(error.msg), error.pos)
        except RecursionError:
            self._fail(_TOO_DEEP, at)
        if _depth(value) > MAX_DEPTH:
            self._fail(_TOO_DEEP, at)
        return value, tuple(dict.fromkeys(self.twice)), end

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            self.twice += [key for key, _ in pairs if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
        return found

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return at if match is None else match.end()

    def _ends(self, at: int) -> None:
        if (at := self._skip(at)) < len(self.text):
            self._fail(_said("Extra data"), at, _JSONL if self.text[at] == "{" else None)

    def _line(self, at: int) -> int:
        """The line of an offset; offsets only grow, so what was counted isn't counted again."""
        last, line = self.counted
        if at < last:
            last, line = 0, self.first
        line += self.text.count("\n", last, at)
        self.counted = (at, line)
        return line

    def _fail(self, error: Words, at: int, advice: Words | None = None) -> NoReturn:
        place = at - self.text.rfind("\n", 0, at)
        error = Words(f"{error.pick('zh')}(第{place}字)", f"{error.pick('en')} (character {place})")
        raise Refused(
            Problem("bad-json", Cell(f"{self.file}:{self._line(at)}"), {"error": error}, advice=advice)
        ) from None


def _said(message: str) -> Words:
    return _SAID.get(message, Words(message, message))


def _integer(digits: str) -> int | float:
    """A whole number; one that no fact can hold is infinite, so that the error names the fact."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float("inf")


def _depth(value: object) -> int:
    """How deep a value is nested, counted without recursion."""
    depth, level = 0, [value]
    while level := [
        part
        for each in level
        if isinstance(each, dict | list)
        for part in (each.values() if isinstance(each, dict) else each)
    ]:
        depth += 1
        if depth > MAX_DEPTH:
            break
    return depth
