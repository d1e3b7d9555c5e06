"""An answer as JSON, with the keys that other systems rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from burdenlib.answer import Answer
from burdenlib.facts import Value, to_json
from burdenlib.wording import condition_text, fill, reason_text
from burdenlib.words import Language

__all__ = ["as_object"]


def as_object(answer: Answer, language: Language) -> dict[str, object]:
    """An answer as a JSON object, with exactly the keys of the format."""

    def changes(pairs: Iterable[tuple[str, Value]]) -> Mapping[str, object]:
        return {fact: to_json(answer.policy_set.facts[fact].type, value) for fact, value in pairs}

    return {
        "task": answer.task,
        "status": answer.status,
        "reasons": [
            {
                "rule": reason.rule,
                "kind": reason.kind,
                "title": None if reason.about.title is None else reason.about.title.pick(language),
                "because": reason_text(answer, reason, language),
                "cite": [str(cite) for cite in reason.cites],
                "remedy": None if reason.about.remedy is None else fill(answer, reason.about.remedy.text, language),
                "grade": reason.about.grade,
                "binds": reason.about.binds,
                "ref": list(reason.refs),
                "source": None if reason.where is None else str(reason.where),
            }
            for reason in answer.reasons
        ],
        "admitted_by": [
            {"list": each.rule, "item": None if each.item is None else each.item.code or each.item.title.pick(language)}
            if each.is_list
            else {"admit": each.rule}
            for each in answer.admitted_by
        ],
        "duties": [
            {
                "duty": duty.rule,
                "title": None if duty.about.title is None else duty.about.title.pick(language),
                "owed_by": duty.owed_by,
                "if": None if duty.condition is None else condition_text(answer, duty.condition, language),
            }
            for duty in answer.duties
        ],
        "limits": list(answer.limits),
        "missing": [
            {"fact": each.fact, "question": each.question.pick(language), "set_by": ", ".join(each.set_by)}
            for each in answer.missing
        ],
        "remedies": [{"set": changes(each.changes), "by": each.by} for each in answer.remedies],
        "assumed": changes(answer.assumed.items()),
        "claimed": list(answer.claimed),
        "as_of": None if answer.as_of is None else answer.as_of.isoformat(),
        "policies": [{"name": used.name, "version": used.version, "digest": used.digest} for used in answer.policies],
    }
