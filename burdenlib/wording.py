"""The parts of an answer in words: conditions, facts and where they come from, reasons, the next step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from burdenlib import policy as p
from burdenlib.answer import Admission, Answer, Missing, Reading, Reason, ReasonKind
from burdenlib.facts import show
from burdenlib.source import fold
from burdenlib.task import Origin
from burdenlib.vocabulary import SEEN, STATUSES, TELLERS, keyword
from burdenlib.words import Language, Words

if TYPE_CHECKING:
    from burdenlib.syntax import Condition as Written
    from burdenlib.translation import Lexicon

__all__ = [
    "admission_text",
    "condition_text",
    "headline",
    "interval_text",
    "next_step",
    "question_text",
    "reading_text",
    "reason_text",
]


@lru_cache(maxsize=4)
def _lexicon(policies: p.PolicySet) -> Lexicon:
    from burdenlib.translation import Lexicon

    return Lexicon.of(policies.facts.values())


@lru_cache(maxsize=8)
def _worded(policies: p.PolicySet, language: Language) -> dict[int, tuple[Written, str]]:  # noqa: ARG001  # keys
    """The texts of the conditions that were worded before; each stands with its text, so that its id stays its own."""
    return {}


def _written_text(policies: p.PolicySet, written: Written, language: Language) -> str:
    """A condition of a text in the words of the language."""
    worded = _worded(policies, language)
    if (found := worded.get(id(written))) is None:
        from burdenlib.formatter import format_condition

        found = worded[id(written)] = (written, format_condition(written, language, _lexicon(policies)))
    return found[1]


def condition_text(answer: Answer, condition: p.Condition, language: Language) -> str:
    """A condition in the words of the language; one that stands in no text is described."""
    if condition.syntax is not None:
        return _written_text(answer.policy_set, condition.syntax, language)
    zh = language == "zh"
    match condition:
        case p.Not(part):
            return f"{keyword('not', language)} {condition_text(answer, part, language)}"
        case p.All(parts) | p.Any(parts):
            word = keyword("and" if isinstance(condition, p.All) else "or", language)
            return f" {word} ".join(condition_text(answer, part, language) for part in parts)
        case p.Inside(fact, places):
            name = fact_name(answer, fact, language)
            return f"{name} {keyword('within', language)} {('、' if zh else ', ').join(places)}"
        case p.YesNo(fact):
            return fact_name(answer, fact, language)
        case p.Has(fact):
            return f"{keyword('has', language)} {fact_name(answer, fact, language)}"
        case p.InForce(interval, of):
            return (
                f"{of.pick(language)}{'施行期间' if zh else ' is in force'} {interval_text(interval, language)}".strip()
            )
        case p.OnList(lists):
            names = [answer.policy_set.lists[key].name for key in lists]
            return f"{keyword('on', language)} {('、' if zh else ', ').join(names)}"
    return type(condition).__name__


def interval_text(interval: p.Interval, language: Language) -> str:
    """An interval in words."""
    zh = language == "zh"
    start, end = interval.start, interval.end
    if zh:
        return (f"{start} 起" if start else "") + (f"至 {end}" if end else "") if not interval.is_always else ""
    return " ".join(part for part in (f"from {start}" if start else "", f"until {end}" if end else "") if part)


def fact_name(answer: Answer, name: str, language: Language) -> str:
    """A fact's name for a reader: its label in Chinese, its name in English."""
    fact = answer.policy_set.facts.get(name)
    return name if fact is None else fact.label.pick("zh") if language == "zh" else fact.name


def reading_text(answer: Answer, reading: Reading, language: Language) -> str:
    """A fact, its value and where that comes from."""
    zh = language == "zh"
    fact = answer.policy_set.facts.get(reading.fact)
    value = "" if fact is None else show(fact.type, reading.value, language)
    if len(value) > 40:
        value = value[:39] + "…"
    origins = [text for told in reading.told if (text := origin_text(told.origin, language))]
    if reading.because is not None:
        origins.append(reading.because.pick(language))
    shown = f"{fact_name(answer, reading.fact, language)}{'：' if zh else ': '}{value}"
    if not origins:
        return shown
    return f"{shown}（{'；'.join(dict.fromkeys(origins))}）" if zh else f"{shown} ({'; '.join(dict.fromkeys(origins))})"


def origin_text(origin: Origin, language: Language) -> str:
    """Where a value comes from, as far as its source says."""
    zh = language == "zh"
    parts = []
    if origin.source:
        parts.append(origin.source)
    if origin.cell is not None:
        if origin.cell.row is not None:
            parts.append(f"第{origin.cell.row}行" if zh else f"row {origin.cell.row}")
        if origin.cell.column is not None:
            parts.append(f"“{origin.cell.column}”列" if zh else f"column “{origin.cell.column}”")
    if origin.quote is not None:
        parts.append(f"原文“{origin.quote}”" if zh else f"text “{origin.quote}”")
        if origin.offset is not None:
            parts.append(f"第{origin.offset + 1}字" if zh else f"at character {origin.offset + 1}")
    if parts and origin.teller not in ("department", "identity"):
        parts.append(TELLERS[origin.teller] if zh else f"told by {origin.teller}")
    return " ".join(parts)


# ---- reasons -------------------------------------------------------------------------------------------------------------

_SLOT = re.compile(r"\{([^{}]*)\}")


def fill(answer: Answer, words: Words, language: Language) -> str:
    """A reason or a remedy with its slots filled by what is known of the facts."""

    def value(match: re.Match[str]) -> str:
        fact = answer.policy_set.find_fact(match[1].strip())
        return match[0] if fact is None else show(fact.type, answer.known.get(fact.name), language)

    text = words.pick(language)
    folded = fold(text)
    shown, last = [], 0
    for match in _SLOT.finditer(folded):
        shown += [text[last : match.start()], value(match)]
        last = match.end()
    return "".join([*shown, text[last:]])


def reason_text(answer: Answer, reason: Reason, language: Language) -> str:
    """A reason in one sentence; where it is open, what isn't known is not said as if it were."""
    zh = language == "zh"
    if reason.about.because is not None and reason.truth:
        text = fill(answer, reason.about.because, language)
        return text if reason.message is None else f"{text}{'；' if zh else '; '}{reason.message.pick(language)}"
    title = reason.about.title.pick(language) if reason.about.title is not None else reason.rule or ""
    item = _item_text(answer, language)
    match reason.kind:
        case "ban" if reason.truth is None:
            return f"是否违反“{title}”尚不能确定" if zh else f"whether it breaks “{title}” is not known yet"
        case "require" if reason.truth is None:
            return f"是否符合“{title}”尚不能确定" if zh else f"whether it meets “{title}” is not known yet"
        case "ban" | "require":
            return title
        case "ban_list" if reason.truth is None and all(each.truth for each in reason.coverage):
            return (
                f"“{item}”列入“{title}”，是否属于例外尚不能确定"
                if zh
                else f"“{item}” is on “{title}”; whether an exception holds is not known yet"
            )
        case "ban_list" if reason.truth is None:
            return (
                f"“{item}”是否列入“{title}”尚不能确定" if zh else f"whether “{item}” is on “{title}” is not known yet"
            )
        case "ban_list":
            return f"“{item}”列入“{title}”" if zh else f"“{item}” is on “{title}”"
        case "not_listed" if reason.truth and (lower := _in_its_place(reason)) is not None:
            other = lower.pick(language)
            return (
                f"“{item}”不在“{other}”之列（该清单落实“{title}”）"
                if zh
                else f"“{item}” is not on “{other}”, which carries out “{title}”"
            )
        case "not_listed" if reason.truth and _found(reason):
            return (
                f"“{item}”虽在“{title}”中，但不符合该事项的条件"
                if zh
                else f"“{item}” is named on “{title}”, but not for a task like this"
            )
        case "not_listed" if reason.truth:
            return f"“{item}”不在“{title}”之列" if zh else f"“{item}” is not on “{title}”"
        case "not_listed":
            return (
                f"“{item}”是否列入“{title}”尚不能确定" if zh else f"whether “{item}” is on “{title}” is not known yet"
            )
        case "partial_list":
            return (
                f"“{title}”只掌握部分内容，其中未见“{item}”"
                if zh
                else f"only a part of “{title}” is at hand, and “{item}” is not in it"
            )
        case "limit":
            message = reason.message.pick(language) if reason.message is not None else ""
            return f"{title}：{message}" if zh else f"{title}: {message}"
    return reason.message.pick(language) if reason.message is not None else title


def _found(reason: Reason) -> bool:
    return any(each.found and not each.replaced for each in reason.coverage)


def _in_its_place(reason: Reason) -> Words | None:
    """The title of the lower list that takes the place of the first one, and doesn't have the item."""
    first = reason.coverage[0] if reason.coverage else None
    if first is None or first.replaced is not True:
        return None
    lower = next((each for each in first.instead if each.governs.truth), None)
    return None if lower is None or lower.found else lower.task_list.about.title


def _item_text(answer: Answer, language: Language) -> str:
    value = answer.known.get("item")
    return value if isinstance(value, str) else ("该事项" if language == "zh" else "the item")


def source_note(seen: str | None, language: Language) -> str:
    """What to say where a policy's source was seen only in part or at second hand."""
    if seen in (None, "full", "list"):
        return ""
    assert seen is not None
    return (
        f"来源仅见{SEEN[seen]}"
        if language == "zh"
        else f"known only from {'an extract' if seen == 'extract' else 'a digest'}"
    )


def admission_text(admission: Admission, language: Language) -> str:
    """What admits a task, in a few words."""
    title = admission.about.title.pick(language) if admission.about.title is not None else admission.rule
    if admission.item is not None:
        item = admission.item.title.pick(language)
        return f"列入“{title}”：{item}" if language == "zh" else f"on “{title}”: {item}"
    if admission.is_list:
        return f"登记机关答复已列入“{title}”" if language == "zh" else f"the register says that it is on “{title}”"
    return title


def question_text(missing: Missing, language: Language) -> str:
    """A question and who can answer it."""
    zh = language == "zh"
    who = [TELLERS[actor] if zh else actor for actor in missing.set_by if actor != "identity"]
    question = missing.question.pick(language)
    if not who:
        return question
    return f"{question}（由{'、'.join(who)}答复）" if zh else f"{question} (the {' or the '.join(who)} can answer)"


# ---- short answers --------------------------------------------------------------------------------------------------------


def status_text(answer: Answer, language: Language) -> str:
    """The status in words."""
    return STATUSES[answer.status] if language == "zh" else answer.status


def headline(answer: Answer, language: Language) -> str:
    """The answer in one sentence: the verdict and its first reason, with the citation."""
    zh = language == "zh"
    status, colon = status_text(answer, language), "：" if zh else ": "
    if answer.status == "accepted":
        first = answer.admitted_by[0]
        return status + colon + admission_text(first, language) + _cited(first.cites[:1], language)
    deciding = [reason for reason in answer.reasons if reason.kind != "error"] or list(answer.reasons)
    if not deciding:
        return status
    text = status + colon + reason_text(answer, deciding[0], language) + _cited(deciding[0].cites[:1], language)
    if (others := len(deciding) - 1) > 0:
        text += f"；另有{others}项理由" if zh else f"; and {others} more reason{'s' if others > 1 else ''}"
    return text


def _cited(cites: tuple[p.Citation, ...], language: Language) -> str:
    if not cites:
        return ""
    return f"（{cites[0]}）" if language == "zh" else f" ({cites[0]})"


def next_step(answer: Answer, language: Language) -> str:
    """What to do first; never what the reason says already."""
    if answer.status == "accepted":
        return _with_duties(answer, language)
    return _to_settle(answer, language) if answer.status == "undetermined" else _to_mend(answer, language)


def _with_duties(answer: Answer, language: Language) -> str:
    zh = language == "zh"
    duties = [duty.about.title.pick(language) if duty.about.title is not None else duty.rule for duty in answer.duties]
    if not duties:
        return "可以下达" if zh else "may be assigned"
    text = ("可以下达，同时须做到：" if zh else "may be assigned, with: ") + ("；" if zh else "; ").join(
        duties[:_MOST_STEPS]
    )
    if (others := len(duties) - _MOST_STEPS) > 0:
        text += f"；另有{others}项义务" if zh else f"; and {others} more {'duties' if others > 1 else 'duty'}"
    return text


_SETTLING: Mapping[ReasonKind, Words] = {
    "no_list": Words(
        "暂缓下达，报请该级有权机关决定；有答复后重新申报",
        "hold it back, ask that body to decide, and register it again",
    ),
    "narrower_policy": Words("按地区拆分任务，逐一申报", "split the task by place and register each part"),
    "partial_list": Words("查阅清单全文，或请制定机关答复", "look it up in the whole list, or ask its issuer"),
    "limit": Words("先确定同期其他任务的结论，再重新判定", "settle the other tasks first, then judge this one again"),
    "error": Words("先排除差错，再重新判定", "clear up the error first, then judge it again"),
}
"""What to do where no fact that can be told settles it, by the kind of the reason."""


def _to_settle(answer: Answer, language: Language) -> str:
    zh = language == "zh"
    if answer.missing:
        text = ("先核实：" if zh else "first find out: ") + question_text(answer.missing[0], language)
        if (others := len(answer.missing) - 1) > 0:
            text += f"；另有{others}项待核实" if zh else f"; then {others} more"
        return text
    kinds = [reason.kind for reason in answer.reasons]
    for kind, words in _SETTLING.items():
        if kind in kinds:
            return words.pick(language)
    return "提请有权机关答复" if zh else "ask the competent body"


def _to_mend(answer: Answer, language: Language) -> str:
    """What a department can do about a rejection: the remedies that are quoted, else what the reasons suggest."""
    zh = language == "zh"
    rejecting = [reason for reason in answer.reasons if reason.truth]
    steps = [step for reason in rejecting if (step := _remedy(answer, reason, language)) is not None]
    texts = list(dict.fromkeys(steps))
    if texts:
        more = len(texts) > _MOST_STEPS or len(steps) < len(rejecting)
        texts = texts[:_MOST_STEPS] + (
            [("其他理由须一并解决" if zh else "the other reasons stand as well")] if more else []
        )
        return ("；" if zh else "; ").join(texts)
    for reason in rejecting:
        if reason.near:
            near = ("、" if zh else ", ").join(f"“{title}”" for title in reason.near)
            return f"核对事项名称，清单中相近的有：{near}" if zh else f"check the item's name; the list has {near}"
    if any(reason.kind == "not_listed" and _found(reason) for reason in rejecting):
        return "对照清单核对该事项的角色、情形和期限" if zh else "compare role, circumstances and dates with the item's"
    if all(reason.kind in ("not_listed", "partial_list") for reason in rejecting):
        return "按程序申请准入，或由本部门自行承担" if zh else "apply for admission, or do the work yourself"
    if any(reason.kind == "limit" for reason in rejecting):
        return "合并、改期或取消" if zh else "merge it with another one, move it, or drop it"
    return "不再下达，或修改后重新申报" if zh else "withdraw it, or change it and register it again"


_MOST_STEPS = 2
"""How many remedies or duties are told in one line."""


def _remedy(answer: Answer, reason: Reason, language: Language) -> str | None:
    if reason.about.remedy is not None:
        return fill(answer, reason.about.remedy.text, language)
    if reason.instead is not None:
        return ("改由：" if language == "zh" else "instead: ") + reason.instead.pick(language)
    return None
