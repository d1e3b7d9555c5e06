"""A verdict as the cells of a row: the input's columns, then what was found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from attrs import frozen

from burdenlib.facts import NoneValue, SetValue
from burdenlib.policy import Citation
from burdenlib.source import fold
from burdenlib.verdict import Verdict
from burdenlib.wording import admission_text, headline, next_step, question_text, reason_text, status_text
from burdenlib.words import Language
from burdenlib.writers.report import Report, Result

__all__ = ["HEADS", "ColumnWriter", "Grid", "deciding_text", "grid", "plain_cell"]

CellValue = str | int | float | bool | date | datetime | None


@frozen
class ColumnWriter:
    """A column that a verdict fills: its head in each language, and the lines of its cell."""

    zh: str
    en: str
    lines: Callable[[Verdict, Language], list[str]]

    def head(self, language: Language) -> str:
        """The head in one language."""
        return self.zh if language == "zh" else self.en


def deciding_text(verdict: Verdict, language: Language) -> str:
    """The headline of a verdict without its first word."""
    return headline(verdict, language).removeprefix(status_text(verdict, language)).lstrip("\uff1a: ")


def _why(verdict: Verdict, language: Language) -> list[str]:
    if verdict.status == "accepted":
        return _once(admission_text(each, language) + _cited(each.cites, language) for each in verdict.admitted_by)
    reasons = verdict.reasons
    lines = _once(reason_text(verdict, each, language) + _cited(each.cites, language) for each in reasons)
    return lines if len(lines) < 2 else [f"{number}. {line}" for number, line in enumerate(lines, start=1)]


def _cited(cites: Sequence[Citation], language: Language) -> str:
    if not cites:
        return ""
    return f"\uff08{cites[0]}\uff09" if language == "zh" else f" ({cites[0]})"


def _citations(verdict: Verdict, language: Language) -> list[str]:
    del language
    sources = verdict.admitted_by if verdict.status == "accepted" else verdict.reasons
    return _once(str(cite) for each in sources for cite in each.cites)


def _rules(verdict: Verdict, language: Language) -> list[str]:
    del language
    if verdict.status == "accepted":
        return _once(each.rule for each in verdict.admitted_by)
    return _once(reason.rule for reason in verdict.reasons if reason.rule is not None)


def _duties(verdict: Verdict, language: Language) -> list[str]:
    return _once(duty.about.title.pick(language) if duty.about.title else duty.rule for duty in verdict.duties)


def _once(texts: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(texts))


WRITERS: Sequence[ColumnWriter] = (
    ColumnWriter("结论", "verdict", lambda verdict, language: [status_text(verdict, language)]),
    ColumnWriter("理由", "why", _why),
    ColumnWriter("下一步", "next step", lambda verdict, language: [next_step(verdict, language)]),
    ColumnWriter("依据", "citation", _citations),
    ColumnWriter("规定", "rules", _rules),
    ColumnWriter(
        "待核实要素",
        "to find out",
        lambda verdict, language: [question_text(each, language) for each in verdict.missing],
    ),
    ColumnWriter("义务", "duties", _duties),
)

HEADS = frozenset(head for writer in WRITERS for head in (writer.zh, writer.en))
"""Every head of a column that the writers add; readers leave such columns out, so that a table can be judged again."""


def _is_id(head: str) -> bool:
    return "".join(fold(head).split()).strip("*") in ("id", "编号")


@frozen
class Grid:
    """A table: heads, rows of cells, and in which column the verdict stands."""

    heads: tuple[str, ...]
    rows: tuple[tuple[CellValue, ...], ...]
    verdict: int


def grid(report: Report, separator: str) -> Grid:
    """The results as a table; the lines of a cell are joined by `separator`."""
    language = report.language
    kept = tuple(head for head in report.columns if not _is_own(head, report))
    id_ = () if any(map(_is_id, kept)) else (report.say("编号", "id"),)
    heads = (*id_, *kept, *(writer.head(language) for writer in WRITERS))
    rows = tuple(
        (
            *(result.verdict.task for _ in id_),
            *(plain_cell(_cell(result, head), language) for head in kept),
            *(separator.join(writer.lines(result.verdict, language)) for writer in WRITERS),
        )
        for result in report.results
    )
    return Grid(heads, rows, len(id_) + len(kept))


def _is_own(head: str, report: Report) -> bool:
    """Whether an earlier run wrote a column: its cells are stale, unless a policy has a fact of that name."""
    if fold(head).strip() not in HEADS:
        return False
    return all(result.verdict.policy_set.find_fact(fold(head).strip()) is None for result in report.results[:1])


def _cell(result: Result, head: str) -> object:
    """A cell of the row; a row without an id shows the one that was made for it."""
    value = result.row.get(head)
    return result.verdict.task if _is_id(head) and value in (None, "") else value


def plain_cell(value: object, language: Language) -> CellValue:
    """A value that a table can hold, so that reading it again gives the same fact."""
    zh = language == "zh"
    match value:
        case None | str() | date():
            return value
        case bool():
            return ("是" if value else "否") if zh else ("yes" if value else "no")
        case int() | float():
            return str(value) if isinstance(value, int) and abs(value) >= 10**11 else value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case NoneValue():
            return "无" if zh else "none"
        case SetValue(includes):
            return plain_cell(sorted(includes), language)
        case Mapping():
            return json.dumps(value, ensure_ascii=False, default=_json)
        case list() | tuple() | set() | frozenset():
            parts = sorted(map(str, value)) if isinstance(value, set | frozenset) else list(map(str, value))
            return ("、" if zh else ", ").join(parts) or ("无" if zh else "none")
    return str(value)


def _json(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(map(str, value)) if isinstance(value, tuple | set | frozenset | list) else str(value)
