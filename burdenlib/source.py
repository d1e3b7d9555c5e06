"""Where text came from: sources, spans, and how wide characters are drawn."""

from __future__ import annotations

import bisect
import unicodedata
from functools import cached_property

from attrs import define, field, frozen

__all__ = ["FULL_WIDTH", "Cell", "Source", "Span", "display_width", "fold"]

FULL_WIDTH = {0x3000: " "} | {0xFF01 + i: chr(0x21 + i) for i in range(0x5E)}
"""Each full-width character and its ASCII twin, one for one, so that offsets stay the same."""


def fold(text: str) -> str:
    """Replace each full-width character by its ASCII twin; the length doesn't change."""
    return text if text.isascii() else text.translate(FULL_WIDTH)


def display_width(text: str) -> int:
    """Count the columns that a terminal needs for `text`: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@frozen
class Cell:
    """A place in a table: the file, the row (from 1, as a spreadsheet counts), the head of the column."""

    file: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        return self.file if self.row is None else f"{self.file}:{self.row}"


@define(frozen=True, eq=False, slots=False)
class Source:
    """One text with the name under which its reader knows it.

    `name` is the path as the user gave it, or a made-up name such as `<text>`; `text` is NFC; `cell` says which
    cell of a table the text is, if it is one.
    """

    name: str
    text: str = field(converter=_nfc, repr=False)
    cell: Cell | None = None

    @cached_property
    def folded(self) -> str:
        """The text as the parser sees it: full-width punctuation, digits and letters as ASCII."""
        return fold(self.text)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(i + 1 for i, char in enumerate(self.text) if char == "\n")]

    def line_number(self, offset: int) -> int:
        """Number (from 1) of the line that holds `offset`."""
        return bisect.bisect_right(self._line_starts, offset)

    def line_start(self, number: int) -> int:
        """Offset of the first character of line `number` (from 1)."""
        return self._line_starts[number - 1]

    def line(self, number: int) -> str:
        """Text of line `number` (from 1) without its end."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def column(self, offset: int) -> int:
        """Display column (from 1) of `offset` in its line; a Chinese character takes two."""
        start = self._line_starts[self.line_number(offset) - 1]
        return display_width(self.text[start:offset]) + 1


@define(frozen=True, eq=False)
class Span:
    """A stretch of a source, from `start` up to `end`, in characters."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """Line number (from 1) of the start."""
        return self.source.line_number(self.start)

    @property
    def column(self) -> int:
        """Display column (from 1) of the start."""
        return self.source.column(self.start)

    @property
    def text(self) -> str:
        """The text that the span covers."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        cell = self.source.cell
        return f"{self.source.name}:{self.line if cell is None else cell.row}"

    def draw(self) -> str:
        """The line of the span with a rule of carets under it, aligned under wide characters."""
        line = self.source.line(self.line)
        start = self.start - self.source.line_start(self.line)
        number = self.line if self.source.cell is None else self.source.cell.row
        end = min(len(line), start + max(1, self.end - self.start))
        shown, before, under = _window(line.replace("\t", " "), start, end)
        gutter = " " * len(str(number))
        return (
            f"{gutter} |\n{number} | {shown}\n"
            f"{gutter} | {' ' * display_width(before)}{'^' * max(1, display_width(under))}"
        )


def _window(line: str, start: int, end: int, width: int = 100) -> tuple[str, str, str]:
    """Cut a long line down to the part round the span; give the part, what stands before the span, the span."""
    if len(line) <= width:
        return line, line[:start], line[start:end]
    left = max(0, start - width // 3)
    right = min(len(line), left + width)
    head, tail = "…" if left else "", "…" if right < len(line) else ""
    return f"{head}{line[left:right]}{tail}", head + line[left:start], line[start : min(end, right)]
