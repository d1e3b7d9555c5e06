"""A table for a terminal, in colour where there is one, and the explanations below it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from burdenlib.answer import Status
from burdenlib.source import display_width
from burdenlib.verdict import Verdict
from burdenlib.wording import next_step, status_text
from burdenlib.writers.columns import deciding_text
from burdenlib.writers.report import Report, printable, tally

__all__ = ["WIDTH", "as_text", "wrap"]

WIDTH = 120
"""How wide a table is where no terminal says."""

NARROW = 72
"""Below this width the results stand in blocks, not in a table."""

_LONGEST = 400
"""How much of a text is shown in a cell, in characters."""

_COLOURS: dict[Status, str] = {"accepted": "1;32", "rejected": "1;31", "undetermined": "1;33"}
_BOLD = "1"

Row = tuple[str, str, str, str, str]


def as_text(report: Report, *, width: int | None = None, colour: bool = False, explain: bool = False) -> str:
    """The results as a table, a line that counts them, and with `explain` every explanation."""
    space = max(width or WIDTH, 20)
    draw = _table if space >= NARROW else _blocks
    lines = list(draw(report, space, colour=colour)) if report.results else []
    parts = ["\n".join(lines), "\n".join(_below(report))]
    if explain:
        parts += [printable(result.verdict.explain(report.language)) for result in report.results]
    return "\n\n".join(part for part in parts if part) + "\n"


def _heads(report: Report) -> Row:
    if report.language == "zh":
        return "编号", "标题", "结论", "理由", "下一步"
    return "id", "title", "verdict", "why", "next step"


def _row(verdict: Verdict, report: Report) -> Row:
    title, language = verdict.known.get("title"), report.language
    return (
        _flat(verdict.task),
        _flat(title if isinstance(title, str) else ""),
        status_text(verdict, language),
        _flat(deciding_text(verdict, language)),
        _flat(next_step(verdict, language)),
    )


def _flat(text: str) -> str:
    text = " ".join(printable(text).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"


def _painted(text: str, paint: str, *, colour: bool) -> str:
    return f"\x1b[{paint}m{text}\x1b[0m" if colour and text else text


def _below(report: Report) -> Iterator[str]:
    yield tally(report)
    for name, value in report.options.items():
        yield printable(f"{name}{report.say('：', ': ')}{value}")


# ---- blocks --------------------------------------------------------------------------------------------------------------


def _blocks(report: Report, width: int, *, colour: bool) -> Iterator[str]:
    """Each result by itself, for a terminal that is too narrow for a table."""
    for number, result in enumerate(report.results):
        id, title, status, why, step = _row(result.verdict, report)
        if number:
            yield ""
        for line in wrap(f"{id} {title}".strip(), width):
            yield _painted(line, _BOLD, colour=colour)
        yield "  " + _painted(status, _COLOURS[result.verdict.status], colour=colour)
        for text in (why, f"→ {step}"):
            yield from (f"  {line}" for line in wrap(text, width - 2))


# ---- the table -----------------------------------------------------------------------------------------------------------


def _table(report: Report, width: int, *, colour: bool) -> Iterator[str]:
    heads, rows = _heads(report), [_row(result.verdict, report) for result in report.results]
    widths = _widths([heads, *rows], width)
    yield _rule("╭┬╮", widths)
    yield from _lines(heads, widths, [_BOLD] * len(heads), colour=colour)
    for row, result in zip(rows, report.results, strict=True):
        yield _rule("├┼┤", widths)
        paints = ["", "", _COLOURS[result.verdict.status], "", ""]
        yield from _lines(row, widths, paints, colour=colour)
    yield _rule("╰┴╯", widths)


def _widths(rows: Sequence[Row], width: int) -> tuple[int, ...]:
    """How wide each column is: the first three as far as they need it, the reasons and the next steps by halves."""
    id, title, status, why, step = (max(map(display_width, column)) for column in zip(*rows, strict=True))
    room = width - 3 * len(rows[0]) - 1
    id, title = min(id, 18), min(title, max(8, room // 6))
    rest = room - id - title - status
    half = rest * 4 // 7
    if why + step <= rest:
        return id, title, status, why, step
    if step <= rest - half:
        return id, title, status, rest - step, step
    return id, title, status, min(why, half), min(step, rest - min(why, half))


def _rule(marks: str, widths: Sequence[int]) -> str:
    return marks[0] + marks[1].join("─" * (width + 2) for width in widths) + marks[2]


def _lines(row: Row, widths: Sequence[int], paints: Sequence[str], *, colour: bool) -> Iterator[str]:
    cells = [wrap(text, width) for text, width in zip(row, widths, strict=True)]
    for parts in itertools.zip_longest(*cells, fillvalue=""):
        filled = (
            f"{_painted(part, paint, colour=colour and bool(paint))}{' ' * (width - display_width(part))}"
            for part, width, paint in zip(parts, widths, paints, strict=True)
        )
        yield f"│ {' │ '.join(filled)} │"


# ---- lines ---------------------------------------------------------------------------------------------------------------

_OPENING = frozenset("([{（［｛《〈「『【〔“‘")
_CLOSING = frozenset(")]},.;:!?%）］｝》〉」』】〕”’，。；：！？、％…")


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines; a line begins with no closing mark and ends with no opening one, words stay whole."""
    lines = [""]
    for unit in _units(text):
        if display_width(lines[-1] + unit.rstrip()) <= width:
            lines[-1] += unit
            continue
        if lines[-1]:
            lines.append("")
        for char in unit if display_width(unit.rstrip()) > width else (unit,):
            if lines[-1] and display_width(lines[-1] + char) > width:
                lines.append("")
            lines[-1] += char
    return [line.rstrip() for line in lines]


def _units(text: str) -> list[str]:
    """The pieces between which a line may end: words with the space after them, wide characters, marks beside either."""
    units: list[str] = []
    for char in text:
        last = units[-1][-1] if units else " "
        together = last in _OPENING or char in _CLOSING or (_is_narrow(last) and _is_narrow(char))
        if units and (char == " " or (last != " " and together)):
            units[-1] += char
        else:
            units.append(char)
    return units


def _is_narrow(char: str) -> bool:
    return char not in _OPENING and char not in _CLOSING and display_width(char) < 2
