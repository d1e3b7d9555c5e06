"""The synthetic workload: a small composed policy set, tasks for it, and the same rules written by hand in Python.

A closed list of 150 items, 27 certificates that are no longer asked for, twelve bans of two to four conditions with
exceptions; twenty facts, of which each is missing in one task of ten.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

Facts = dict[str, Any]

HEAD = """
policy bench "Synthetic workload (composed)" / "\u6d4b\u901f\u7528\u89c4\u5219(\u81ea\u7f16)"
  version 1
  issued by province "Demonstration province"
  for place 37
  effective 2023-01-01
  cite \u300a\u6d4b\u901f\u7528\u89c4\u5219(\u81ea\u7f16)\u300b
"""

BANS = """
ban b01 when target_kind in {village, community} and channels includes pledge
  unless basis at least administrative_regulation
ban b02 when target_kind in {village, community} and channels includes veto
  unless mandate is central
ban b03 when kind is work and role is responsible and government_duty
  unless mandate at least province
ban b04 when kind is work and channels includes any of {target_quota, ranking}
  unless emergency
ban b05 when kind is form and not within_duty and level at most county
  unless approved_by includes statistics
ban b06 when kind is evaluation and not approved_by includes any of {central, province} and separate_assessment
  unless basis is law
ban b07 when kind is certificate and not within_duty
  unless basis at least local_regulation
ban b08 when kind is meeting and channels includes leader_speech and duration is not temporary
  unless emergency
ban b09 when kind is inspection and not approved_by includes county and level in {county, township}
  unless mandate at least city
ban b10 when kind is work and role is assist and not funded and duration is long_term
  unless mandate is central
ban b11 when kind is signboard and target_kind is not township
  unless mandate at least province
ban b12 when kind is app and target_kind in {village, community} and not approved_by includes joint_meeting
  unless emergency
"""

NAMES = (
    "id",
    "title",
    "department",
    "level",
    "target",
    "target_kind",
    "kind",
    "item",
    "date",
    "role",
    "channels",
    "government_duty",
    "mandate",
    "basis",
    "approved_by",
    "funded",
    "duration",
    "emergency",
    "separate_assessment",
    "within_duty",
)

LEVELS = ("central", "province", "city", "county", "township", "grassroots")
BASES = ("law", "administrative_regulation", "local_regulation", "rule", "policy_document")
KINDS = ("work", "work", "work", "work", "certificate", "certificate", "form", "evaluation", "meeting", "inspection")
MORE_KINDS = ("signboard", "app", "mechanism", "document")
CHANNELS = ("notice", "pledge", "veto", "target_quota", "ranking", "leader_speech", "chat_group", "department_document")
APPROVERS = ("county", "joint_meeting", "province", "central", "statistics")


def policy(items: int = 150, rules: int = 12) -> str:
    """The policy text; with more than twelve rules, the others are bans on single departments."""
    lists = [
        "list tasks governs when kind is work closed",
        *(f'  item W-{number} "help with matter {number}"' for number in range(items)),
        "ban list certificates governs when kind is certificate",
        "  unless mandate is central",
        *(f'  item C-{number} "certificate {number}"' for number in range(27)),
        "admit by_law when basis at least administrative_regulation to every list",
    ]
    more = (
        f'ban d{number} when department is "department {number}" and kind is work and not funded unless emergency'
        for number in range(rules - 12)
    )
    return "\n".join((HEAD, *lists, BANS, *more))


def tasks(count: int, *, items: int = 150, departments: int = 0, seed: int = 0, missing: float = 0.1) -> list[Facts]:
    """Tasks as a system registers them: JSON values, and one fact of ten not told."""
    chance = random.Random(seed)  # noqa: S311  # the same tasks on every run
    return [_task(number, chance, items, departments, missing) for number in range(count)]


def _task(number: int, chance: random.Random, items: int, departments: int, missing: float) -> Facts:
    kind = chance.choice((*KINDS, *MORE_KINDS))
    item = f"C-{chance.randrange(40)}" if kind == "certificate" else f"W-{chance.randrange(items * 5 // 4)}"
    if chance.random() < 0.3 and kind == "work":
        item = f"help with matter {chance.randrange(items)}"
    facts: Facts = {
        "id": f"t-{number}",
        "title": f"task number {number} of the workload",
        "department": f"department {chance.randrange(departments or 40)}",
        "level": chance.choice(LEVELS),
        "target": f"37{chance.randrange(8, 18):02}{chance.randrange(20, 30)}101{chance.randrange(200, 400)}",
        "target_kind": chance.choice(("village", "village", "community", "township")),
        "kind": kind,
        "item": item,
        "date": f"2024-{chance.randrange(1, 13):02}-{chance.randrange(1, 28):02}",
        "role": chance.choice(("own", "assist", "assist", "responsible")),
        "channels": sorted(chance.sample(CHANNELS, chance.choice((1, 1, 1, 2)))),
        "government_duty": chance.random() < 0.3,
        "mandate": chance.choice(("none", "none", *LEVELS)),
        "basis": chance.choice(("none", *BASES)),
        "approved_by": sorted(chance.sample(APPROVERS, chance.choice((0, 1, 2)))),
        "funded": chance.random() < 0.7,
        "duration": chance.choice(("long_term", "staged", "temporary")),
        "emergency": chance.random() < 0.1,
        "separate_assessment": chance.random() < 0.3,
        "within_duty": chance.random() < 0.8,
    }
    return {name: value for name, value in facts.items() if name in ("id", "department") or chance.random() >= missing}


# ---- the same by hand -----------------------------------------------------------------------------------------------------

COMMITTEES = frozenset(("village", "community"))
STRONG = frozenset(("law", "administrative_regulation"))
STATUTES = frozenset(("law", "administrative_regulation", "local_regulation"))
HIGH = frozenset(("central", "province"))
ABOVE_COUNTY = frozenset(("central", "province", "city"))
LOW = frozenset(("county", "township", "grassroots"))

Answer = tuple[str, tuple[tuple[str, bool | None], ...], tuple[str, ...]]


def by_hand(items: int = 150) -> Callable[[Mapping[str, Any]], Answer]:
    """What a careful programmer writes: nested tests, cheapest first, and each fact read where it is needed."""
    work = {text: f"W-{n}" for n in range(items) for text in (f"W-{n}", f"help with matter {n}")}
    banned = {text: f"C-{n}" for n in range(27) for text in (f"C-{n}", f"certificate {n}")}

    def decide(task: Mapping[str, Any]) -> Answer:

        target, day = task.get("target"), task.get("date")
        if (target is not None and not target.startswith("37")) or (day is not None and day < "2023-01-01"):
            return "undetermined", (("no_list", None),), ()
        sure = target is not None and day is not None
        fired: list[str] = []
        open_: list[str] = []
        kind, committee, channels, mandate = (
            task.get("kind"),
            task.get("target_kind"),
            task.get("channels"),
            task.get("mandate"),
        )
        basis = task.get("basis")
        by_law = None if basis is None else basis in STRONG
        if committee is None or committee in COMMITTEES:
            if (channels is None or "pledge" in channels) and not by_law:
                known = sure and committee is not None and channels is not None and by_law is False
                (fired if known else open_).append("b01")
            if (channels is None or "veto" in channels) and mandate != "central":
                known = sure and committee is not None and channels is not None and mandate is not None
                (fired if known else open_).append("b02")
        admitted: list[str] = []
        if sure and by_law:
            admitted.append("by_law")
        told = sure and kind is not None
        if kind == "work" or kind is None:
            role, duty = task.get("role"), task.get("government_duty")
            if role in ("responsible", None) and duty is not False and mandate not in HIGH:
                known = told and role is not None and duty is not None and mandate is not None
                (fired if known else open_).append("b03")
            if channels is None or "target_quota" in channels or "ranking" in channels:
                emergency = task.get("emergency")
                if not emergency:
                    known = told and channels is not None and emergency is False
                    (fired if known else open_).append("b04")
            if role in ("assist", None) and mandate != "central":
                funded = task.get("funded")
                if not funded:
                    duration = task.get("duration")
                    if duration == "long_term" or duration is None:
                        known = told and role is not None and funded is False and duration is not None
                        (fired if known and mandate is not None else open_).append("b10")
            item = task.get("item")
            if not told:
                open_.append("tasks")
            elif (code := work.get(item)) is not None:
                admitted.append(code)
            elif not by_law:
                (fired if item is not None and by_law is False else open_).append("tasks")
        if kind == "form" or kind is None:
            within = task.get("within_duty")
            if not within:
                level = task.get("level")
                if level in LOW or level is None:
                    approved = task.get("approved_by")
                    if approved is None or "statistics" not in approved:
                        known = told and within is False and level is not None and approved is not None
                        (fired if known else open_).append("b05")
        if kind == "evaluation" or kind is None:
            separate = task.get("separate_assessment")
            if separate is not False and basis != "law":
                approved = task.get("approved_by")
                if approved is None or not ("central" in approved or "province" in approved):
                    known = told and separate is not None and approved is not None and basis is not None
                    (fired if known else open_).append("b06")
        if kind == "certificate" or kind is None:
            within = task.get("within_duty")
            if not within and basis not in STATUTES:
                known = told and within is False and basis is not None
                (fired if known else open_).append("b07")
            item = task.get("item")
            if (item is None or item in banned) and mandate != "central":
                known = told and item is not None and mandate is not None
                (fired if known else open_).append("certificates")
        if (kind == "meeting" or kind is None) and (channels is None or "leader_speech" in channels):
            duration = task.get("duration")
            if duration != "temporary":
                emergency = task.get("emergency")
                if not emergency:
                    known = told and channels is not None and duration is not None and emergency is False
                    (fired if known else open_).append("b08")
        if kind == "inspection" or kind is None:
            level = task.get("level")
            if level in ("county", "township", None) and mandate not in ABOVE_COUNTY:
                approved = task.get("approved_by")
                if approved is None or "county" not in approved:
                    known = told and level is not None and approved is not None and mandate is not None
                    (fired if known else open_).append("b09")
        if (kind == "signboard" or kind is None) and committee != "township" and mandate not in HIGH:
            known = told and committee is not None and mandate is not None
            (fired if known else open_).append("b11")
        if (kind == "app" or kind is None) and committee != "township":
            approved = task.get("approved_by")
            if approved is None or "joint_meeting" not in approved:
                emergency = task.get("emergency")
                if not emergency:
                    known = told and committee is not None and approved is not None and emergency is False
                    (fired if known else open_).append("b12")
        if fired:
            return "rejected", tuple([(each, True) for each in fired]), tuple(admitted)
        if admitted and not open_:
            return "accepted", (), tuple(admitted)
        reasons = tuple([(each, None) for each in open_])
        if not admitted and "tasks" not in open_:
            reasons = (*reasons, ("no_list", None))
        if target is None:
            reasons = (*reasons, ("narrower_policy", None))
        return "undetermined", reasons, tuple(admitted)

    return decide
