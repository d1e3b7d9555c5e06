"""Problems as data: what is wrong, where, and what to do about it, in two languages."""

from __future__ import annotations

import difflib
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import field, frozen

from burdenlib.catalogue import CATALOGUE, Severity
from burdenlib.compact import LATER, Later, taken
from burdenlib.source import Cell, Source, Span
from burdenlib.words import Language, Words

__all__ = [
    "BurdenError",
    "Note",
    "PolicyError",
    "Problem",
    "TaskError",
    "Where",
    "draw_all",
    "hidden_characters",
    "nearest",
]


@frozen
class Note:
    """Another place that a problem has to do with."""

    text: Words
    _span: Span | Later = field(eq=False, metadata={LATER: True})

    @property
    def span(self) -> Span:
        """Where the place is."""
        return taken(self, "_span", self._span)


Where = Span | Cell | None


@frozen
class Problem:
    """Something wrong in a policy, in a task or in a plugin.

    `code` is a key of the catalogue; `details` fill its texts; `nearest` is the name that was perhaps meant;
    `advice` is put before the catalogue's help.
    """

    code: str = field()
    _where: Where | Later = field(eq=False, metadata={LATER: True})
    details: Mapping[str, object] = field(factory=dict, hash=False)
    nearest: str | None = None
    advice: Words | None = None
    notes: tuple[Note, ...] = ()

    @property
    def where(self) -> Where:
        """Where the problem is."""
        return taken(self, "_where", self._where)

    @code.validator
    def _known(self, _: object, code: str) -> None:
        if code not in CATALOGUE:
            raise KeyError(code)

    @property
    def severity(self) -> Severity:
        """`error`, `warning` or `note`."""
        return CATALOGUE[self.code].severity

    def message(self, language: Language) -> str:
        """One sentence that says what is wrong."""
        return self._fill(CATALOGUE[self.code].message, language)

    def help(self, language: Language) -> str | None:
        """What to do about it, if there is something to say."""
        parts = []
        if self.nearest is not None:
            parts.append(f"是不是“{self.nearest}”?" if language == "zh" else f"did you mean `{self.nearest}`?")
        if self.advice is not None:
            parts.append(self.advice.pick(language))
        if (words := CATALOGUE[self.code].help) is not None and self.nearest is None and self.advice is None:
            parts.append(self._fill(words, language))
        return " ".join(parts) or None

    def _fill(self, words: Words, language: Language) -> str:
        details = {
            key: value.pick(language) if isinstance(value, Words) else value for key, value in self.details.items()
        }
        return words.pick(language).format_map(details)

    @property
    def file(self) -> str | None:
        """The file that the problem is in."""
        match self.where:
            case Span(source):
                return source.name
            case Cell():
                return self.where.file
        return None

    @property
    def line(self) -> int | None:
        """The line, or the row of a table."""
        match self.where:
            case Span(source):
                return self.where.line if source.cell is None else source.cell.row
            case Cell():
                return self.where.row
        return None

    @property
    def column(self) -> int | str | None:
        """The display column in a text, or the head of a column in a table."""
        if isinstance(self.where, Span) and self.where.source.cell is not None:
            return self.where.source.cell.column
        return None if self.where is None else self.where.column

    def draw(self, language: Language) -> str:
        """The problem as a reader of a terminal sees it: message, place, the text with carets, help."""
        zh = language == "zh"
        kind = _SEVERITIES[self.severity].pick(language)
        lines = [f"{kind}[{self.code}]: {self.message(language)}"]
        match self.where:
            case Span():
                lines += [f"  --> {_at(self.where, language)}", self.where.draw()]
            case Cell():
                lines.append(f"  --> {_cell(self.where, language)}")
        for note in self.notes:
            lines += [f"  {note.text.pick(language)} --> {_at(note.span, language)}", note.span.draw()]
        if (text := self.help(language)) is not None:
            lines.append(f"  {'建议' if zh else 'help'}: {text}")
        return "\n".join(lines)


def _cell(cell: Cell, language: Language) -> str:
    zh = language == "zh"
    parts = [cell.file]
    if cell.row is not None:
        parts.append(f"第{cell.row}行" if zh else f"row {cell.row}")
    if cell.column is not None:
        parts.append(f"“{cell.column}”列" if zh else f"column `{cell.column}`")
    return ("," if zh else ", ").join(parts)


def _at(span: Span, language: Language) -> str:
    cell = span.source.cell
    return f"{span.source.name}:{span.line}:{span.column}" if cell is None else _cell(cell, language)


_SEVERITIES = {"error": Words("错误", "error"), "warning": Words("警告", "warning"), "note": Words("提示", "note")}

MAX_NOTES = 2
"""How many notes of one kind are drawn in full."""


def draw_all(problems: Iterable[Problem], language: Language) -> str:
    """All problems, errors first, each in the order of its place; of many like notes the first, and how many more."""
    rank = {"error": 0, "warning": 1, "note": 2}
    ordered = sorted(problems, key=lambda problem: (rank[problem.severity], problem.file or "", problem.line or 0))
    drawn: list[str] = []
    notes = Counter(problem.code for problem in ordered if problem.severity == "note")
    shown: Counter[str] = Counter()
    for problem in ordered:
        shown[problem.code] += 1
        if problem.severity != "note" or notes[problem.code] <= MAX_NOTES or shown[problem.code] == 1:
            drawn.append(problem.draw(language))
        elif shown[problem.code] == 2:
            more = notes[problem.code] - 1
            said = f"另有 {more} 条同类提示" if language == "zh" else f"{more} more of this kind"
            drawn.append(f"{_SEVERITIES['note'].pick(language)}[{problem.code}]: {said}")
    return "\n\n".join(drawn)


_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def hidden_characters(source: Source, most: int = 100) -> tuple[Problem, ...]:
    """Control, direction and zero-width characters in a text that people have to be able to read."""
    return tuple(
        Problem(
            "hidden-character",
            Span(source, match.start(), match.end()),
            {"code": f"U+{ord(match[0]):04X}", "name": unicodedata.name(match[0], "control character").lower()},
        )
        for match in itertools.islice(_HIDDEN.finditer(source.text), most)
    )


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name among `names` that `name` was perhaps meant to be."""
    folded = {known.lower(): known for known in names}
    if name.lower() in folded and folded[name.lower()] != name:
        return folded[name.lower()]
    short = len(name) <= 3
    found = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.5 if short else 0.6)
    return folded[found[0]] if found else None


class BurdenError(Exception):
    """The base of all errors that burdenlib raises; `problems` says what is wrong.

    `language` (default `en`) is the language of `str(error)`.
    """

    language: Literal["zh", "en"] = "en"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return draw_all(self.problems, self.language)


class PolicyError(BurdenError):
    """A policy can't be used."""


class TaskError(BurdenError):
    """A task can't be judged as it was told."""
