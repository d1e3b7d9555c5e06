"""An answer in words: short first (verdict, why, next step), the whole proof after. It words, it never decides."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from typing import Literal

from attrs import frozen

from burdenlib import policy as p
from burdenlib.answer import Answer, Coverage, Duty, Proof, Reason, ReasonKind
from burdenlib.answer_json import as_object
from burdenlib.facts import Value, show
from burdenlib.logic import Truth, negate
from burdenlib.vocabulary import ACTORS, GRADES, TELLERS, keyword
from burdenlib.wording import (
    admission_text,
    condition_text,
    fill,
    headline,
    interval_text,
    next_step,
    question_text,
    reading_text,
    reason_text,
    source_note,
    status_text,
)
from burdenlib.words import LANGUAGES, Language

__all__ = ["FORMATS", "Line", "explain", "explain_part"]

FORMATS = ("text", "markdown", "html", "json")


@frozen
class Line:
    """A line of a proof: how deep it stands, whether what it says holds, and the text."""

    depth: int
    truth: Truth | Literal["plain"]
    text: str


@frozen
class Section:
    """A heading with its lines."""

    heading: str
    lines: tuple[Line, ...]


def explain(answer: Answer, language: Language, format: Literal["text", "markdown", "html", "json"]) -> str:
    """Word an answer. Raises `ValueError` for a language or a format that there isn't."""
    if language not in LANGUAGES:
        raise ValueError(f"no such language: {language!r} (there are: {', '.join(LANGUAGES)})")
    if format not in FORMATS:
        raise ValueError(f"no such format: {format!r} (there are: {', '.join(FORMATS)})")
    writer = _Writer(answer, language)
    if format == "json":
        return json.dumps(writer.as_object(), ensure_ascii=False, indent=2)
    sections = tuple(writer.sections())
    return {"text": _as_text, "markdown": _as_markdown, "html": _as_html}[format](writer, sections)


def explain_part(answer: Answer, part: Proof | Coverage, language: Language) -> str:
    """A proof, or how a list stands to a task, in words: lines as an explanation has them."""
    writer = _Writer(answer, language)
    lines = writer.coverage(part, 0) if isinstance(part, Coverage) else writer.proofs((part,), 0)
    return "\n".join(map(_text_of, lines))


_KINDS: Mapping[ReasonKind, tuple[str, str]] = {
    "ban": ("禁止", "ban"),
    "require": ("要求", "requirement"),
    "ban_list": ("禁入清单", "ban list"),
    "not_listed": ("清单之外", "not listed"),
    "partial_list": ("清单不全", "partial list"),
    "no_list": ("无清单", "no list"),
    "limit": ("限额", "limit"),
    "narrower_policy": ("下级另有规定", "narrower policy"),
    "error": ("差错", "error"),
}


class _Writer:
    def __init__(self, answer: Answer, language: Language) -> None:
        self.answer = answer
        self.language: Language = language
        self.zh = language == "zh"

    @property
    def title(self) -> str:
        """The task's id and title."""
        title = self.answer.known.get("title")
        return f"{self.answer.task} {title}" if isinstance(title, str) else self.answer.task

    @property
    def short(self) -> tuple[tuple[str, str], ...]:
        """The two lines that come first, each with its label."""
        labels = ("结论", "下一步") if self.zh else ("verdict", "next step")
        return (labels[0], headline(self.answer, self.language)), (labels[1], next_step(self.answer, self.language))

    def say(self, zh: str, en: str) -> str:
        return zh if self.zh else en

    # ---- sections --------------------------------------------------------------------------------------------------

    def sections(self) -> Iterator[Section]:
        answer = self.answer
        for number, reason in enumerate(answer.reasons, 1):
            yield self._reason(number, reason)
        for admission in answer.admitted_by:
            heading = self.say("准入依据：", "admitted: ") + admission_text(admission, self.language)
            lines = [Line(0, "plain", self._cite(admission.cites, admission.seen)), *self.proofs(admission.proof, 0)]
            yield Section(heading, tuple(line for line in lines if line.text))
        yield from self._lists()

    def _lists(self) -> Iterator[Section]:
        answer, language = self.answer, self.language
        plain: list[tuple[str, list[str]]] = [
            (self.say("需要核实", "to find out"), [question_text(each, language) for each in answer.missing]),
            (self.say("随附义务", "duties"), [self._duty(each) for each in answer.duties]),
            (self.say("尚未按组合判断的限额", "limits not yet judged"), list(answer.limits)),
        ]
        facts = answer.policy_set.facts
        changes = []
        for change in answer.remedies:
            parts = [self._set(fact, value) for fact, value in change.changes]
            who = TELLERS.get(change.by, change.by) if self.zh else change.by
            changes.append(self.say("、", ", ").join(parts) + self.say(f"（由{who}）", f" (by {who})"))
        assumed = [self._set(fact, value) for fact, value in answer.assumed.items()]
        claimed = [facts[fact].label.pick("zh") if self.zh else fact for fact in answer.claimed]
        plain += [
            (self.say("文件所述整改", "remedies that the policies quote"), changes),
            (self.say("假定", "assumed"), assumed),
            (self.say("由非填报方告知(仅为声称)", "claimed by others than may tell"), claimed),
        ]
        for heading, texts in plain:
            if texts:
                yield Section(heading, tuple(Line(0, "plain", text) for text in texts))
        used = [f"{each.name} {each.version} {each.digest[:12]}" for each in answer.policies]
        day = "" if answer.as_of is None else self.say(f"({answer.as_of} 有效)", f" (as of {answer.as_of})")
        yield Section(self.say("适用文件", "policies") + day, tuple(Line(0, "plain", text) for text in used))

    def _set(self, fact: str, value: Value) -> str:
        declared = self.answer.policy_set.facts[fact]
        name = declared.label.pick("zh") if self.zh else fact
        return f"{name} = {show(declared.type, value, self.language)}"

    def _duty(self, duty: Duty) -> str:
        title = duty.about.title.pick(self.language) if duty.about.title is not None else duty.rule
        owed = "" if duty.owed_by is None else {**ACTORS, **TELLERS}[duty.owed_by] if self.zh else duty.owed_by
        text = title + (self.say(f"（{owed}）", f" ({owed})") if owed else "") + self._cited(duty.cites)
        if duty.condition is not None:
            condition = condition_text(self.answer, duty.condition, self.language)
            text += self.say(f"；如果 {condition}", f"; if {condition}")
        return text

    def _cited(self, cites: tuple[p.Citation, ...]) -> str:
        return " " + self.say("、", ", ").join(map(str, cites)) if cites else ""

    def _cite(self, cites: tuple[p.Citation, ...], seen: str | None) -> str:
        note = source_note(seen, self.language)
        text = (
            (keyword("cite", self.language) + self.say(" ", ": ") + self.say("、", ", ").join(map(str, cites)))
            if cites
            else ""
        )
        return text + (self.say(f"（{note}）", f" ({note})") if note else "")

    def _reason(self, number: int, reason: Reason) -> Section:
        kind = _KINDS[reason.kind][0 if self.zh else 1]
        open_ = "" if reason.truth or reason.kind == "error" else self.say("(待定)", " (open)")
        rule = f" {reason.rule}" if reason.rule is not None else ""
        where = f" [{reason.where}]" if reason.where is not None and reason.rule is not None else ""
        heading = f"{number}. {kind}{open_}{rule}{where}"
        about = reason.about
        lines = []
        if about.title is not None:
            lines.append(Line(0, "plain", about.title.pick(self.language)))
        text = reason_text(self.answer, reason, self.language)
        if about.title is None or text != about.title.pick(self.language):
            lines.append(Line(0, "plain", text))
        lines.append(Line(0, "plain", self._cite(reason.cites, reason.seen)))
        qualities = []
        if about.binds is not None:
            qualities.append(f"{keyword('binds', self.language)} {ACTORS[about.binds] if self.zh else about.binds}")
        if about.grade is not None:
            qualities.append(f"{keyword('grade', self.language)} {GRADES[about.grade] if self.zh else about.grade}")
        lines.append(Line(0, "plain", self.say("，", ", ").join(qualities)))
        if reason.instead is not None:
            lines.append(Line(0, "plain", f"{keyword('instead', self.language)} {reason.instead.pick(self.language)}"))
        if about.remedy is not None:
            remedy = fill(self.answer, about.remedy.text, self.language)
            lines.append(Line(0, "plain", f"{keyword('remedy', self.language)} {remedy}"))
        if reason.near:
            near = self.say("、", ", ").join(f"“{title}”" for title in reason.near)
            lines.append(Line(0, "plain", self.say(f"清单中相近的事项：{near}", f"similar items on the list: {near}")))
        lines += [line for coverage in reason.coverage for line in self.coverage(coverage, 0)]
        lines += self.proofs(reason.proof, 0)
        return Section(heading, tuple(line for line in lines if line.text))

    # ---- proofs ------------------------------------------------------------------------------------------------------

    def proofs(self, proofs: tuple[Proof, ...], depth: int) -> Iterator[Line]:
        for proof in proofs:
            yield from self._proof(proof, depth)

    def _proof(self, proof: Proof, depth: int) -> Iterator[Line]:
        condition = proof.condition
        if isinstance(condition, p.Not) and condition.clause is not None and proof.parts:
            yield from self._clause(condition.clause, condition.part, negate(proof.truth), proof.parts[0], depth)
        elif condition.clause is not None and (condition.syntax is not None or not isinstance(condition, p.All)):
            yield from self._clause(condition.clause, condition, proof.truth, proof, depth)
        elif isinstance(condition, p.All | p.Any | p.Not) and condition.syntax is None:
            yield from self.proofs(proof.parts, depth)
        elif isinstance(condition, p.InForce) and condition.interval.is_always:
            return
        else:
            yield from self._leaf_or_tree(proof, depth)

    def _clause(self, clause: str, condition: p.Condition, truth: Truth, proof: Proof, depth: int) -> Iterator[Line]:
        text = f"{keyword(clause, self.language)} {condition_text(self.answer, condition, self.language)}"
        if isinstance(condition, p.Inside) and condition.syntax is None:
            text = f"{keyword('for_place', self.language)} {self.say('、', ', ').join(condition.places)}"
        yield Line(depth, truth, text + self._read(proof))
        yield from self._inner(proof, depth + 1)

    def _leaf_or_tree(self, proof: Proof, depth: int) -> Iterator[Line]:
        yield Line(depth, proof.truth, condition_text(self.answer, proof.condition, self.language) + self._read(proof))
        yield from self._inner(proof, depth + 1)

    def _inner(self, proof: Proof, depth: int) -> Iterator[Line]:
        if proof.note is not None:
            yield Line(depth, "plain", proof.note.pick(self.language))
        yield from self.proofs(proof.parts, depth)
        for coverage in proof.lists:
            yield from self.coverage(coverage, depth)

    def _read(self, proof: Proof) -> str:
        if not proof.readings:
            return ""
        texts = self.say("；", "; ").join(
            reading_text(self.answer, reading, self.language) for reading in proof.readings
        )
        return f" —— {texts}" if self.zh else f" — {texts}"

    def coverage(self, coverage: Coverage, depth: int) -> Iterator[Line]:
        title = coverage.task_list.about.title
        name = f"“{title.pick(self.language)}”" if title is not None else coverage.task_list.name
        if coverage.item is not None:
            item = (
                f"{coverage.item.code} {coverage.item.title.pick(self.language)}"
                if coverage.item.code
                else coverage.item.title.pick(self.language)
            )
            text = self.say(f"{name} 列有：{item}", f"{name} has: {item}")
        elif coverage.found:
            items = self.say("、", ", ").join(
                f"{item.code} {item.title.pick(self.language)}" for item in coverage.found
            )
            text = self.say(f"{name} 有此名目：{items}", f"{name} names: {items}")
        else:
            text = self.say(f"{name} 中未见该事项", f"{name} doesn't name the item")
        if coverage.governs.truth is False:
            text = self.say(f"{name} 不适用", f"{name} doesn't govern")
        yield Line(depth, coverage.truth, text)
        interval = coverage.task_list.about.interval
        if not interval.is_always:
            yield Line(depth + 1, "plain", interval_text(interval, self.language))
        yield from self._proof(coverage.governs, depth + 1)
        if coverage.governs.truth is not False:
            yield from self.proofs(coverage.parts, depth + 1)
        for each in coverage.instead:
            yield from self.coverage(each, depth + 1)

    # ---- JSON --------------------------------------------------------------------------------------------------------

    def as_object(self) -> dict[str, object]:
        """The answer's JSON object with its wording and, for each reason, the lines of its proof."""
        return {
            "summary": dict(zip(("verdict", "next_step"), (text for _, text in self.short), strict=True)),
            **as_object(self.answer, self.language),
            "sections": [
                {
                    "heading": section.heading,
                    "lines": [
                        {
                            "depth": line.depth,
                            "holds": line.truth if line.truth != "plain" else "plain",
                            "text": line.text,
                        }
                        for line in section.lines
                    ],
                }
                for section in self.sections()
            ],
        }


# ---- formats -----------------------------------------------------------------------------------------------------------------

_MARKS = {True: "✓", False: "✗", None: "?", "plain": "·"}


def _as_text(writer: _Writer, sections: tuple[Section, ...]) -> str:
    colon = "：" if writer.zh else ": "
    lines = [writer.title, *(f"{label}{colon}{text}" for label, text in writer.short)]
    for section in sections:
        lines += ["", section.heading]
        lines += map(_text_of, section.lines)
    return "\n".join(lines)


def _text_of(line: Line) -> str:
    return f"{'  ' * (line.depth + 1)}{_MARKS[line.truth]} {line.text}"


def _as_markdown(writer: _Writer, sections: tuple[Section, ...]) -> str:
    colon = "：" if writer.zh else ": "
    lines = [f"## {_escaped(writer.title)}", ""]
    lines += [f"**{label}**{colon}{_escaped(text)}  " for label, text in writer.short]
    for section in sections:
        lines += ["", f"### {_escaped(section.heading)}", ""]
        lines += [f"{'  ' * line.depth}- {_MARKS[line.truth]} {_escaped(line.text)}" for line in section.lines]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    for char in "\\`*_[]<>#|":
        text = text.replace(char, f"\\{char}")
    return text.replace("\n", " ")


def _as_html(writer: _Writer, sections: tuple[Section, ...]) -> str:
    status = writer.answer.status
    parts = [
        f'<article class="burden-verdict burden-{status}" lang="{"zh-CN" if writer.zh else "en"}">',
        f"<h2>{html.escape(writer.title)}</h2>",
        f'<p class="burden-status">{html.escape(status_text(writer.answer, writer.language))}</p>',
        *(f"<p><strong>{html.escape(label)}</strong> {html.escape(text)}</p>" for label, text in writer.short),
    ]
    for section in sections:
        parts += [f"<section><h3>{html.escape(section.heading)}</h3>", *_html_list(section.lines), "</section>"]
    return "\n".join([*parts, "</article>"])


def _html_list(lines: tuple[Line, ...]) -> Iterator[str]:
    if lines:
        yield "<ul>"
        for line in lines:
            holds = {True: "true", False: "false", None: "open", "plain": "plain"}[line.truth]
            attributes = (
                f'data-holds="{holds}" data-depth="{line.depth}" style="margin-inline-start: {1.5 * line.depth}em"'
            )
            yield f"<li {attributes}>{_MARKS[line.truth]} {html.escape(line.text)}</li>"
        yield "</ul>"
