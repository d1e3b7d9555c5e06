"""The cases of the conformance suite, and what writes them: `python -m tests.conformance --write`.

Policies and tasks stand here; the answers are the interpreter's, and are written only if the naive evaluator gives the
same. `--generated` also draws the file of generated policies anew.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import burdenlib.testing as bt
from burdenlib import Engine
from burdenlib.loader import load_documents
from burdenlib.testing.generated import CORE
from tests.conformance_constructs import CONSTRUCTS
from tests.oracle import answers

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "dsl" / "conformance"
FORMAT = 1
NAIVE = bt.calling("naive", answers)

Task = dict[str, Any]


class Case(NamedTuple):
    name: str
    exercises: tuple[str, ...]
    policies: Mapping[str, str]
    tasks: tuple[Task, ...]
    together: bool = False
    as_of: str | None = None
    tables: Mapping[str, str] = {}


# ---- shorthand ---------------------------------------------------------------------------------------------------------------


def doc(
    name: str,
    body: str,
    *,
    place: str = "990101",
    start: str = "2024-01-01",
    end: str | None = None,
    version: str = "1",
    head: str = "",
) -> str:
    """A policy whose issuer is of the level of its place."""
    level = {0: "central", 2: "province", 4: "city", 6: "county", 9: "township"}[len(place)]
    until = "" if end is None else f" until {end}"
    where = place or "everywhere"
    lines = (
        f'policy {name} "演示(自编)" / "composed"',
        f"  version {version}",
        f'  issued by {level} "演示机关"',
        f"  for place {where}",
        f"  effective {start}{until}",
        *(f"  {line}" for line in head.splitlines()),
        "  cite 《演示文件》",
    )
    return "\n".join(lines) + "\n\n" + body.strip("\n") + "\n"


OPEN = 'admit all "一律准入"\n  when kind in {work, form, certificate}\n  to every list\n\n'
"""Everything is admitted, so that what else a policy says decides."""

VILLAGE: Task = {"target": "990101001001", "date": "2024-06-03", "kind": "work"}


def vary(base: Task, **facts: Sequence[Any]) -> list[Task]:
    """A task for each combination of values; `None` leaves a fact out."""
    found = []
    for values in itertools.product(*facts.values()):
        told = {**base, **dict(zip(facts, values, strict=True))}
        found.append({name: value for name, value in told.items() if value is not None})
    return found


def case(name: str, exercises: str, policies: str | Sequence[str], tasks: Sequence[Task], **more: Any) -> Case:
    texts = [policies] if isinstance(policies, str) else policies
    named = {f"{number}.burden": text for number, text in enumerate(texts, 1)}
    numbered = tuple({"id": f"t{number:02}", **task} for number, task in enumerate(tasks, 1))
    return Case(name, tuple(exercises.split()), named, numbered, **more)


YES_NO = (True, False, None)


def shown_by(name: str, exercises: str, condition: str, tasks: Sequence[Task], more: str = "") -> Case:
    """A ban on a condition where everything is admitted: rejected, accepted and undetermined show its truth."""
    return case(name, f"ban {exercises}", doc("a", f"{more}{OPEN}ban tested\n  when {condition}\n"), tasks)


# ---- the cases ---------------------------------------------------------------------------------------------------------------


def logic() -> Iterator[Case]:
    both = vary(VILLAGE, funded=YES_NO, listed_locally=YES_NO)
    yield shown_by("and", "and yes_no unknown", "funded and listed_locally", both)
    yield shown_by("or", "or yes_no unknown", "funded or listed_locally", both)
    yield shown_by("not", "not yes_no unknown", "not funded", vary(VILLAGE, funded=YES_NO))
    yield shown_by("and with not", "and not unknown", "funded and not listed_locally", both)
    yield shown_by("parentheses", "and or not", "(funded or listed_locally) and not (funded and listed_locally)", both)
    yield shown_by(
        "an unknown part beside others",
        "and or unknown",
        "funded and (listed_locally or role is own)",
        vary(VILLAGE, funded=YES_NO, listed_locally=(True, None), role=("own", "assist", None)),
    )


def rules() -> Iterator[Case]:
    both = vary(VILLAGE, funded=YES_NO, listed_locally=YES_NO)
    yield case("exception", "ban unless", doc("a", OPEN + "ban b\n  when funded\n  unless listed_locally\n"), both)
    yield case(
        "two exceptions",
        "ban unless",
        doc("a", OPEN + "ban b\n  when funded\n  unless listed_locally\n  unless role is own\n"),
        vary({**VILLAGE, "funded": True}, listed_locally=YES_NO, role=("own", "assist", None)),
    )
    yield case(
        "requirement",
        "require unless",
        doc("a", OPEN + "require r\n  when funded\n  must listed_locally\n  unless role is own\n"),
        vary(VILLAGE, funded=YES_NO, listed_locally=YES_NO, role=("own", "assist", None)),
    )
    yield case(
        "requirement without a scope of its own",
        "require",
        doc("a", OPEN + "require r\n  when kind in {work, form}\n  must funded\n"),
        vary(VILLAGE, kind=("work", "certificate"), funded=YES_NO),
    )
    yield case(
        "several rules at once",
        "ban require reasons",
        doc(
            "a",
            OPEN
            + "ban one\n  when funded\n\nban two\n  when listed_locally\n\nrequire three\n  when kind is work\n  must role is own\n",
        ),
        vary(VILLAGE, funded=YES_NO, listed_locally=YES_NO, role=("own", "assist", None)),
    )
    yield case(
        "a ban beats any admission",
        "ban admit verdict",
        [doc("a", OPEN, place=""), doc("b", "ban pages\n  when pages above 3\n")],
        vary(VILLAGE, pages=(3, 4, None)),
    )
    yield case(
        "what is for the reader changes nothing",
        "binds grade seen because remedy ref promise example",
        doc(
            "a",
            OPEN
            + 'ban b "标题" / "title"\n  when funded\n  because "{title}" / "{title}"\n  remedy "改正" / "mend it" set funded: no\n'
            + "  binds assigner\n  grade must not\n  cite 《演示文件》第二条\n  seen extract\n  ref X1\n\n"
            + "promise never\n  never accepted when not funded\n\npromise always\n  always rejected when kind is work\n\n"
            + 'example "说错了的示例" / "an example that is wrong"\n  given funded: yes\n  expect accepted\n',
            head="seen list",
        ),
        vary(VILLAGE, funded=YES_NO),
    )


def none_and_absence() -> Iterator[Case]:
    levels = ("central", "county", "none", None)
    mandate = vary(VILLAGE, mandate=levels)
    for name, condition in (
        ("has", "has mandate"),
        ("no", "no mandate"),
        ("is none", "mandate is none"),
        ("is not none", "mandate is not none"),
        ("is a value", "mandate is county"),
        ("is not a value", "mandate is not county"),
        ("at least, of none", "mandate at least county"),
        ("below, of none", "mandate below central"),
        ("not at least, of none", "not (mandate at least county)"),
    ):
        kinds = "has" if name in ("has", "no") else "is" if " is" in f" {name}" else "compare_ordered"
        yield shown_by(name, f"{kinds} none unknown", condition, mandate)
    yield shown_by("in", "in none", "mandate in {central, province}", mandate)
    yield shown_by("not in", "in none", "mandate not in {central, province}", mandate)
    yield shown_by(
        "another fact, both none",
        "is fact_on_the_right none",
        "level is mandate",
        vary(VILLAGE, level=levels, mandate=levels),
    )
    yield shown_by(
        "number or none", "compare_number none", "pages at most 2", vary(VILLAGE, pages=(2, 3, "none", None))
    )
    yield shown_by(
        "date or none",
        "compare_date none",
        "applied_on before 2024-03-01",
        vary(VILLAGE, applied_on=("2024-02-29", "2024-03-01", "none", None)),
    )


def comparisons() -> Iterator[Case]:
    ranks = vary(VILLAGE, level=("central", "province", "county", "township", None))
    for operator in ("at least", "at most", "above", "below"):
        yield shown_by(f"level {operator}", "compare_ordered", f"level {operator} province", ranks)
        yield shown_by(
            f"pages {operator}", "compare_number", f"pages {operator} 2", vary(VILLAGE, pages=(1, 2, 2.5, 3))
        )
    for operator in ("before", "after", "no earlier than", "no later than"):
        days = vary(VILLAGE, date=("2024-02-29", "2024-03-01", "2024-03-02"))
        yield shown_by(f"date {operator}", "compare_date", f"date {operator} 2024-03-01", days)
    yield shown_by(
        "a fact on the right",
        "compare_ordered fact_on_the_right",
        "mandate above level",
        vary(VILLAGE, mandate=("province", "county", None), level=("province", "county", None)),
    )
    yield shown_by(
        "a date on the right",
        "compare_date fact_on_the_right",
        "date after applied_on",
        vary(VILLAGE, applied_on=("2024-06-02", "2024-06-03", "2024-06-04", "none", None)),
    )
    yield shown_by("is, of text", "is text", 'department is "甲局"', vary(VILLAGE, department=("甲局", "乙局", None)))
    yield shown_by(
        "one of several", "in", "role in {own, assist}", vary(VILLAGE, role=("own", "assist", "responsible", None))
    )
    yield shown_by(
        "none of several", "in", "role not in {own, assist}", vary(VILLAGE, role=("own", "responsible", None))
    )


def sets() -> Iterator[Case]:
    told: list[Any] = [
        ["pledge"],
        ["pledge", "veto"],
        ["notice"],
        [],
        {"includes": ["pledge"], "excludes": []},
        {"includes": [], "excludes": ["pledge"]},
        {"includes": ["notice"], "excludes": ["veto"]},
        {"includes": ["pledge"], "excludes": ["veto"]},
        {"includes": [], "excludes": []},
        None,
    ]
    tasks = vary(VILLAGE, channels=told)
    yield shown_by("includes", "includes set partial_set", "channels includes pledge", tasks)
    yield shown_by("includes any of", "includes_any set partial_set", "channels includes any of {pledge, veto}", tasks)
    yield shown_by("includes all of", "includes_all set partial_set", "channels includes all of {pledge, veto}", tasks)
    yield shown_by("not includes", "includes not set partial_set", "not (channels includes pledge)", tasks)


def time() -> Iterator[Case]:
    ends = ("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01", None)
    yield case("a document", "effective", doc("a", OPEN, end="2024-12-31"), vary(VILLAGE, date=ends))
    for kind, body in (
        ("a rule", "ban b\n  when kind is work\n  from 2024-03-01\n  until 2024-03-31\n"),
        ("an exception's rule", "ban b\n  when kind is work\n  unless funded\n  from 2024-03-01\n"),
    ):
        days = ("2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01", None)
        yield case(kind, "from until", doc("a", OPEN + body), vary(VILLAGE, date=days))
    listed = 'list l\n  governs when kind is work\n  closed\n{}  item I-1 "甲事项"\n{}'
    days = ("2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01", None)
    item = {**VILLAGE, "item": "I-1"}
    bounds = "    from 2024-03-01\n    until 2024-03-31\n"
    yield case("an item", "from until item closed", doc("a", listed.format("", bounds)), vary(item, date=days))
    yield case("a list", "from until list closed", doc("a", listed.format(bounds, "")), vary(item, date=days))
    yield case(
        "as of another day",
        "as_of compare_date",
        doc("a", OPEN + "ban b\n  when date before 2024-02-01\n\nban c\n  when kind is work\n  from 2024-03-01\n"),
        vary(VILLAGE, date=("2024-01-31", "2024-02-01", None)),
        as_of="2024-03-01",
    )
    yield case("as of a day before", "as_of effective", doc("a", OPEN), [VILLAGE], as_of="2023-12-31")


def days() -> Iterator[Case]:
    def counted(name: str, condition: str, applied: Sequence[str | None], day: str) -> Case:
        return shown_by(name, "days compare_date", condition, vary({**VILLAGE, "date": day}, applied_on=applied))

    yield counted(
        "days after", "date after 10 days after applied_on", ("2024-05-23", "2024-05-24", "none", None), "2024-06-03"
    )
    yield counted("days before", "date before 3 days before applied_on", ("2024-06-06", "2024-06-07"), "2024-06-03")
    holidays = vary(
        {**VILLAGE, "date": "2024-02-20"}, applied_on=("2024-02-05", "2024-02-06", "2024-02-07", "2024-02-08")
    )
    yield shown_by(
        "working days over a holiday, with days made up for",
        "working_days",
        "date no earlier than 5 working days after applied_on",
        holidays,
    )
    yield shown_by(
        "working days before",
        "working_days",
        "date no later than 2 working days before applied_on",
        vary({**VILLAGE, "date": "2024-02-09"}, applied_on=("2024-02-18", "2024-02-19", "2024-02-20", "2024-02-21")),
    )
    yield shown_by(
        "outside the table of holidays",
        "working_days unknown",
        "date after 5 working days after applied_on",
        vary(VILLAGE, applied_on=("1999-03-01", "none", None)),
    )


def places() -> Iterator[Case]:
    targets = ("990101001001", "990102001001", "990101", "9901", "110101001001", None)
    yield case("a county's document", "place", doc("a", OPEN), vary(VILLAGE, target=targets))
    yield case(
        "a document for the whole country", "place everywhere", doc("a", OPEN, place=""), vary(VILLAGE, target=targets)
    )
    yield case(
        "trailing zeros",
        "place",
        doc("a", OPEN),
        vary(VILLAGE, target=("990101001000", "990101000000", "990100", "990000000000")),
    )
    yield shown_by(
        "within",
        "within",
        "target within 990101001",
        vary(VILLAGE, target=("990101001001", "990101002001", "990101001")),
    )
    yield shown_by(
        "within several",
        "within",
        "target within {990101001, 990101003}",
        vary(VILLAGE, target=("990101001001", "990101002001", "990101003")),
    )
    inner = doc("b", "ban b\n  when funded\n", place="990101")
    yield case(
        "a document for a place inside the target",
        "narrower_policy place",
        [doc("a", OPEN, place="9901"), inner],
        vary(VILLAGE, target=("990101001001", "990102001001", "990101", "9901", None), funded=(False, True)),
    )
    yield case(
        "a document for a place inside, before it is in force",
        "narrower_policy effective",
        [doc("a", OPEN, place="9901"), doc("b", "ban b\n  when funded\n", start="2025-01-01")],
        vary({**VILLAGE, "target": "9901", "funded": False}, date=("2024-12-31", "2025-01-01", None)),
    )
    yield case(
        "what rejects an area rejects it all the same",
        "narrower_policy ban",
        [doc("a", OPEN + "ban c\n  when funded\n", place="9901"), inner],
        vary({**VILLAGE, "target": "9901"}, funded=YES_NO),
    )


def versions() -> Iterator[Case]:
    first = doc("a", OPEN + "ban old\n  when funded\n", version="1")
    second = doc("a", OPEN + "ban new\n  when not funded\n", version="2", start="2024-07-01")
    near = ("2023-12-31", "2024-01-01", "2024-06-30", "2024-07-01", None)
    yield case("the next version", "version", [first, second], vary(VILLAGE, date=near, funded=(True, False)))
    newer = doc("b", OPEN + "ban new\n  when not funded\n", start="2024-07-01", head="supersedes a")
    yield case("supersedes", "supersedes", [first, newer], vary(VILLAGE, date=near, funded=(True, False)))
    ended = doc("a", OPEN + "ban old\n  when funded\n", end="2024-05-31")
    yield case(
        "supersedes what had ended before",
        "supersedes effective",
        [ended, newer],
        vary({**VILLAGE, "funded": True}, date=("2024-05-31", "2024-06-01", "2024-07-01")),
    )
    yield case(
        "an unchanged rule in two versions",
        "version ban",
        [first, doc("a", OPEN + "ban old\n  when funded\n", version="2", start="2024-07-01")],
        vary({**VILLAGE, "funded": True}, date=("2024-06-30", "2024-07-01", None)),
    )


LIST = 'list l "清单"\n  governs when kind is work\n  {}\n  item I-1 "甲事项"\n    also "甲、乙事项"\n  item I-2 "丙事项"\n    role assist\n'


def lists() -> Iterator[Case]:
    names = ("I-1", "甲事项", "I-2", "没有的事项", None)
    for extent in ("closed", "open", "partial", "partial answered by listed_locally"):
        told = YES_NO if "answered" in extent else (None,)
        yield case(
            extent,
            f"list {extent.split()[0]} item{' answered_by' if len(told) > 1 else ''}",
            doc("a", LIST.format(extent)),
            vary(VILLAGE, item=names, role=("assist",), listed_locally=told),
        )
    yield case(
        "how an item is found",
        "item also title_normalisation closed",
        doc("a", LIST.format("closed")),
        vary(
            {**VILLAGE, "role": "own"},
            item=(
                "I-1",
                "I-1 ",
                "甲事项",
                "甲 事项",
                "甲、乙事项",
                "甲,乙事项",
                "甲，，乙 事项",
                "甲乙事项",
                "Ｉ-1",
                "i-1",
                "甲事项1",
            ),
        ),
    )
    yield case(
        "role",
        "item role",
        doc("a", LIST.format("closed")),
        vary({**VILLAGE, "item": "丙事项"}, role=("assist", "own", None)),
    )
    yield case(
        "what a list doesn't govern",
        "governs no_list",
        doc("a", LIST.format("closed")),
        vary({**VILLAGE, "item": "I-1"}, kind=("work", "form", None)),
    )
    yield case(
        "conditions of items",
        "item when unless closed",
        doc("a", 'list l\n  closed\n  item I-1 "甲事项"\n    when funded\n    unless listed_locally\n'),
        vary({**VILLAGE, "item": "I-1"}, funded=YES_NO, listed_locally=YES_NO),
    )
    yield case(
        "items with one title",
        "item role admitted_by",
        doc("a", 'list l\n  closed\n  item I-1 "甲事项"\n    role own\n  item I-2 "甲事项"\n    role assist\n'),
        vary(VILLAGE, item=("甲事项", "I-1", "I-2"), role=("own", "assist", "responsible", None)),
    )
    rows = (
        "编码,名称,又称,角色,情形,例外,自,至",
        "T-1,甲事项,乙事项；丙事项,assist,,,,",
        "T-2,丁事项,,,funded,listed_locally,,",
        "T-3,戊事项,,,,,2024-03-01,2024-06-03",
    )
    heads = dict(
        zip(rows[0].split(","), ["code", "title", "also", "role", "when", "unless", "from", "until"], strict=True)
    )
    for name, head in (("in Chinese", rows[0]), ("in English", ",".join(heads.values()))):
        yield case(
            f"items from a table, its heads {name}",
            "items_from item also role when unless from until",
            doc("a", 'list l\n  closed\n  items from "items.csv"\n  item I-1 "己事项"\n'),
            [
                *vary({**VILLAGE, "role": "assist"}, item=("T-1", "丙事项", "己事项", "没有的事项")),
                *vary({**VILLAGE, "item": "T-2", "role": "own"}, funded=YES_NO, listed_locally=(False, None)),
                *vary({**VILLAGE, "item": "戊事项"}, date=("2024-02-29", "2024-03-01", "2024-06-03", "2024-06-04")),
            ],
            tables={"items.csv": "\n".join((head, *rows[1:])) + "\n"},
        )
    yield case(
        "what items state for the reader",
        "each_item_states department item",
        doc(
            "a",
            "list l\n  closed\n  each item states role, department\n"
            '  item I-1 "甲事项"\n    role own\n    department "甲局"\n',
        ),
        vary({**VILLAGE, "item": "I-1", "department": "乙局"}, role=("own", "assist")),
    )
    yield case(
        "the residual item",
        "otherwise closed",
        doc("a", 'list l\n  closed\n  item I-1 "甲事项"\n    role own\n  otherwise "其他"\n    when funded\n'),
        vary(VILLAGE, item=("I-1", "没有的事项", None), role=("own", "assist"), funded=YES_NO),
    )
    yield case(
        "each document is satisfied by itself",
        "closed open not_listed",
        [
            doc("a", LIST.format("closed"), place="99"),
            doc("b", 'list m\n  open\n  item M-1 "丁事项"\n\nlist n\n  closed\n  item N-1 "戊事项"\n'),
        ],
        vary({**VILLAGE, "role": "own"}, item=("甲事项", "丁事项", "戊事项", "没有的事项")),
    )
    yield case(
        "two lists of one document",
        "closed open not_listed",
        doc("b", 'list m\n  open\n  item M-1 "丁事项"\n\nlist n\n  closed\n  item N-1 "戊事项"\n'),
        vary(VILLAGE, item=("丁事项", "戊事项", "没有的事项", None)),
    )
    banned = (
        'ban list b "禁入清单"\n  governs when kind is work\n  unless listed_locally\n'
        '  item B-1 "甲事项"\n    instead "向主管部门申请"\n  item B-2 "乙事项"\n    unless funded\n  otherwise "其他"\n    when pages above 9\n'
    )
    yield case(
        "ban list",
        "ban_list unless instead otherwise",
        doc("a", OPEN + banned),
        vary(
            VILLAGE,
            item=("甲事项", "B-2", "没有的事项", None),
            listed_locally=(False, None),
            funded=(True, None),
            pages=(9, 10),
        ),
    )
    yield case(
        "exceptions of ban lists and of their items",
        "ban_list unless",
        doc("a", OPEN + banned),
        vary({**VILLAGE, "pages": 1, "item": "B-2"}, listed_locally=YES_NO, funded=YES_NO),
    )
    yield case(
        "a ban list of which part is at hand",
        "ban_list partial partial_list",
        doc("a", OPEN + 'ban list b\n  partial answered by listed_locally\n  item B-1 "甲事项"\n'),
        vary(VILLAGE, item=("甲事项", "没有的事项", None), listed_locally=YES_NO),
    )
    yield case(
        "nothing admits and nothing shuts out",
        "no_list verdict",
        doc("a", "ban b\n  when funded\n"),
        vary(VILLAGE, funded=YES_NO),
    )


def on_lists() -> Iterator[Case]:
    body = LIST.format("open") + "\n" + OPEN
    asked = vary({**VILLAGE, "role": "own"}, item=("I-1", "I-2", "没有的事项", None), kind=("work", "form", None))
    for condition, exercises in (
        ("on l", "on_list"),
        ("off l", "off_list"),
        ("not (on l)", "on_list not"),
        ("listed", "listed"),
        ("unlisted", "unlisted"),
        ("on l[I-1]", "on_list_codes"),
    ):
        yield case(condition, exercises, doc("a", f"{body}ban tested\n  when {condition}\n"), asked)
    yield case(
        "on another document's list",
        "on_list qualified_name uses",
        [doc("b", LIST.format("open") + "\n" + OPEN, place=""), doc("a", "ban tested\n  when on b.l\n", head="uses b")],
        vary({**VILLAGE, "role": "own"}, item=("I-1", "I-2", None)),
    )


def implementing() -> Iterator[Case]:
    above = (
        'list l "上级清单"\n  governs when kind is work\n  {}\n  item H-1 "甲事项"\n  item H-2 "乙事项"\n    until 2024-06-30\n'
        '  item H-3 "丙事项"\n'
    )
    below = (
        'list m "县级清单"\n  governs when kind is work{}\n  closed\n  implements a.l\n  item C-1 "甲事项"\n'
        '  item C-2 "乙事项一"\n    refines H-2\n  item C-3 "甲事项之一"\n    role own\n    refines H-1\n'
    )
    asked = vary(VILLAGE, item=("H-1", "甲事项", "C-1", "C-2", "C-3", "H-3", "丙事项", None), role=("own", None))
    upper = doc("a", above.format("closed"), place="99")
    yield case("in its area", "implements refines not_listed", [upper, doc("b", below.format(""))], asked)
    yield case(
        "in another area",
        "implements place",
        [upper, doc("b", below.format(""))],
        vary({**VILLAGE, "target": "990102001001"}, item=("H-1", "甲事项", "C-2", "丙事项")),
    )
    yield case(
        "an item covers only while the one that it carries out is in force",
        "implements refines until",
        [upper, doc("b", below.format(""))],
        vary({**VILLAGE, "item": "C-2"}, date=("2024-06-30", "2024-07-01", None)),
    )
    yield case(
        "only where it governs",
        "implements governs",
        [upper, doc("b", below.format(" and funded"))],
        vary(VILLAGE, item=("H-1", "甲事项", "C-2", "H-3"), funded=YES_NO),
    )
    yield case(
        "only while it is in force",
        "implements effective",
        [upper, doc("b", below.format(""), start="2024-06-03", end="2024-12-31")],
        vary({**VILLAGE, "item": "丙事项"}, date=("2024-06-02", "2024-06-03", "2024-12-31", "2025-01-01", None)),
    )
    adding = 'list m\n  governs when kind is work\n  closed\n  implements a.l\n  item C-1 "甲事项"\n  item C-9 "增补的事项"\n'
    yield case(
        "what localities may add",
        "implements localities_may_add",
        [doc("a", above.format("closed\n  localities may add"), place="99"), doc("b", adding)],
        vary(VILLAGE, item=("C-1", "C-9", "H-2", "没有的事项")),
    )
    yield case(
        "an open list may be added to",
        "implements open",
        [doc("a", above.format("open"), place="99"), doc("b", adding)],
        vary(VILLAGE, item=("C-9", "H-2", "没有的事项")),
    )
    yield case(
        "conditions on the higher list follow it",
        "implements on_list on_list_codes",
        [
            doc(
                "a",
                above.format("closed")
                + "\nban top\n  when on l[H-1] and funded\n\nban any\n  when off l and listed_locally\n",
                place="99",
            ),
            doc("b", below.format("")),
        ],
        vary(
            {**VILLAGE, "role": "own"},
            item=("C-1", "C-2", "C-3", "H-3"),
            funded=(True, False),
            listed_locally=(True, False),
        ),
    )


def admits() -> Iterator[Case]:
    shut = 'list l\n  governs when kind is work\n  closed{}\n  item I-1 "甲事项"\n'
    admit = "admit urgent\n  when emergency\n  to {}\n"
    asked = vary({**VILLAGE, "item": "没有的事项"}, emergency=YES_NO)
    yield case(
        "to every list of its own document",
        "admit to_every_list",
        doc("a", f"{shut.format('')}\n{admit.format('every list')}"),
        asked,
    )
    yield case(
        "to a list by its name",
        "admit to_list",
        doc("a", f'{shut.format("")}\nlist m\n  closed\n  item M-1 "乙事项"\n\n{admit.format("l")}'),
        vary(VILLAGE, item=("没有的事项", "甲事项"), emergency=YES_NO),
    )
    for name, above, below in (
        ("from above reaches down", f"{admit.format('every list')}", shut.format("")),
        ("from below doesn't reach up", shut.format(""), admit.format("every list")),
        (
            "from below reaches up where localities may add",
            shut.format("\n  localities may add"),
            admit.format("every list"),
        ),
    ):
        adds = " localities_may_add" if "may add" in name else ""
        yield case(name, f"admit reach{adds}", [doc("a", above, place="99"), doc("b", below)], asked)
    yield case(
        "it doesn't reach another place",
        "admit reach place",
        [doc("a", shut.format("")), doc("b", admit.format("every list"), place="990102")],
        vary({**VILLAGE, "item": "没有的事项", "emergency": True}, target=("990101001001", "990102001001", "9901")),
    )
    yield case(
        "naming a list reaches those that implement it",
        "admit to_list implements",
        [
            doc("a", f"{shut.format('')}\n{admit.format('l')}", place="99"),
            doc("b", 'list m\n  governs when kind is work\n  closed\n  implements a.l\n  item C-1 "甲事项"\n'),
        ],
        asked,
    )
    yield case(
        "it undoes no ban, no requirement and no ban list",
        "admit ban require ban_list",
        doc(
            "a",
            f"{admit.format('every list')}\nban b\n  when funded\n\nrequire r\n  when kind is work\n  must role is own\n\n"
            'ban list x\n  item X-1 "甲事项"\n',
        ),
        vary({**VILLAGE, "emergency": True}, funded=(True, False), role=("own", "assist"), item=("甲事项", "乙事项")),
    )


def limits() -> Iterator[Case]:
    def limited(name: str, exercises: str, quota: str, tasks: Sequence[Task], condition: str = "kind is work") -> Case:
        body = f"{OPEN}limit q\n  at most {quota}\n  when {condition}\n"
        return case(name, f"limit {exercises}", doc("a", body, place=""), tasks, together=True)

    one, two, town = "990101001001", "990101001002", "990101001"
    task = {"kind": "work", "department": "甲局", "pages": 1}
    yield limited(
        "so many for each target",
        "per",
        "2 per target",
        [
            {**task, "target": t, "date": d}
            for t, d in ((one, "2024-01-05"), (one, "2024-01-03"), (one, "2024-01-04"), (two, "2024-01-05"))
        ],
    )
    for each, turn in (
        ("year", ("2024-01-01", "2024-12-31", "2025-01-01")),
        ("quarter", ("2024-01-01", "2024-03-31", "2024-04-01")),
        ("month", ("2024-02-01", "2024-02-29", "2024-03-01")),
        ("week", ("2024-12-29", "2024-12-30", "2025-01-05")),
    ):
        yield limited(
            f"each {each}", f"per each_{each}", f"1 per target each {each}", vary({**task, "target": one}, date=turn)
        )
    yield limited(
        "on one day in the order of ids",
        "order",
        "1 per target",
        vary({**task, "target": one, "date": "2024-01-05"}, pages=(1, 2, 3)),
    )
    yield limited(
        "a sum",
        "of",
        "5 of pages per target each year",
        vary({**task, "target": one}, date=("2024-01-05", "2024-01-06"), pages=(2, 3, "none")),
    )
    yield limited(
        "by other facts",
        "per",
        "1 per department, kind",
        vary({**task, "date": "2024-01-05", "target": one}, department=("甲局", "乙局"), kind=("work", "work", "form")),
        "kind in {work, form}",
    )
    yield limited(
        "a task for an area counts for every target inside",
        "per place",
        "2 per target",
        [
            {**task, "target": t, "date": d}
            for t, d in (
                (town, "2024-01-01"),
                (one, "2024-01-02"),
                (one, "2024-01-03"),
                (two, "2024-01-04"),
                (town, "2024-01-05"),
            )
        ],
    )
    body = f"{OPEN}ban b\n  when funded\n\nlimit q\n  at most 1 per target\n  when kind is work\n\nlimit r\n  at most 2 per department\n  when kind is work\n"
    several = vary({**task, "target": one}, date=("2024-01-01", "2024-01-02"), funded=(True, False))
    yield case(
        "what is rejected by itself doesn't count", "limit ban", doc("a", body, place=""), several, together=True
    )
    yield case(
        "limits don't interact",
        "limit",
        doc("a", body, place=""),
        [
            {**task, "funded": False, "target": t, "date": d}
            for t, d in ((one, "2024-01-01"), (one, "2024-01-02"), (two, "2024-01-03"))
        ],
        together=True,
    )
    yield case(
        "undetermined ones could use it up",
        "limit unknown",
        doc("a", body, place=""),
        [
            {**task, "target": one, "date": "2024-01-01"},
            {**task, "funded": False, "target": one, "date": "2024-01-02"},
            {**task, "funded": False, "target": two, "date": "2024-01-03"},
        ],
        together=True,
    )
    yield limited(
        "an amount that nobody told",
        "of unknown",
        "5 of pages per target",
        [
            {**task, "target": one, "date": "2024-01-01", "pages": 3},
            {"kind": "work", "target": one, "date": "2024-01-02"},
            {**task, "target": one, "date": "2024-01-03", "pages": 3},
        ],
    )
    for name, second in (
        ("an amount below zero", {"pages": -1}),
        ("an amount below zero that perhaps doesn't count", {"pages": -1, "funded": None}),
    ):
        yield limited(
            name,
            "of unknown",
            "2 of pages per target",
            [
                {**task, "target": one, "date": "2024-01-01", "funded": False, **second},
                {**task, "target": one, "date": "2024-01-02", "funded": False, "pages": 3},
                {**task, "target": one, "date": "2024-01-03", "funded": False, "pages": 4},
            ],
            "not funded",
        )
    yield limited(
        "a task that may or may not match",
        "unknown",
        "1 per target",
        [
            {**task, "target": one, "date": "2024-01-01"},
            {**task, "target": one, "date": "2024-01-02", "funded": True},
            {**task, "target": one, "date": "2024-01-03", "funded": False},
        ],
        "funded",
    )
    yield case(
        "by itself a task isn't held against a limit",
        "limit",
        doc("a", body, place=""),
        vary({**task, "target": one, "date": "2024-01-01"}, funded=(False, False)),
    )


def names() -> Iterator[Case]:
    tasks = vary(VILLAGE, target_kind=("village", "community", None), role=("own", "assist", None))
    term = 'term committee "村居"\n  means target_kind in {village, community} and role is assist\n\n'
    yield shown_by("a term", "term", "committee", tasks, term)
    yield shown_by("a term denied", "term not", "not committee", tasks, term)
    yield case(
        "a term of another document",
        "term qualified_name uses",
        [doc("b", term, place=""), doc("a", OPEN + "ban tested\n  when b.committee\n", head="uses b")],
        tasks,
    )
    fact = 'fact dogs "犬只数量" number or none\n  ask "几只" / "how many"\n  set by department\n\n'
    yield shown_by("a fact of its own", "fact", "dogs above 2", vary(VILLAGE, dogs=(2, 3, "none", None)), fact)
    enum = 'fact size "大小" ordered {large 大 > small 小}\n  set by department\n\nfact other "另一" same as size\n  set by department\n\n'
    yield shown_by(
        "same as",
        "fact same_as compare_ordered",
        "size above other",
        vary(VILLAGE, size=("large", "small", "大", None), other=("large", "small")),
        enum,
    )


def phrases() -> Iterator[Case]:
    said = 'phrases pledge\n  {"责任书", "责任状"}\n  but not {"责任书面"}\n  shows channels includes pledge\n\n'
    yield shown_by(
        "mentions",
        "phrases mentions",
        "mentions pledge",
        [
            {**VILLAGE, **told}
            for told in (
                {"title": "签订责任书", "text": "请各村签订。"},
                {"title": "通知", "text": "各村须签订责任状。"},
                {"title": "通知", "text": "责任书面材料。"},
                {"title": "通知", "text": "没有这些词。"},
                {"title": "通知"},
                {"title": "签订责任书"},
                {},
            )
        ],
        said,
    )


def duties() -> Iterator[Case]:
    body = (
        OPEN
        + "duty train\n  when role is assist\n  owed by assigner\n\nduty report\n  when funded\n  owed by committee\n\nban b\n  when pages above 3\n"
    )
    yield case(
        "duties",
        "duty owed_by",
        doc("a", body),
        vary(VILLAGE, role=("assist", "own", None), funded=(True, None), pages=(1, 4, None)),
    )


def facts() -> Iterator[Case]:
    yield shown_by(
        "only when, of a yes/no fact",
        "only_when unknown",
        "emergency",
        vary(VILLAGE, kind=("work", "certificate", None), emergency=YES_NO),
    )
    yield shown_by(
        "only when, of a date",
        "only_when none",
        "no applied_on",
        vary(VILLAGE, kind=("work", "form", None), applied_on=("2024-01-01", "none", None)),
    )
    yield shown_by(
        "what can't be read",
        "refused",
        "funded",
        [
            {**VILLAGE, **told}
            for told in (
                {"funded": "maybe"},
                {"funded": 1},
                {"funded": "none"},
                {"kind": "wrok"},
                {"fundde": True},
                {"date": "2024-02-30"},
                {"target": "99010"},
                {"pages": "many"},
                {"channels": "pledge"},
                {"channels": ["plegde"]},
                {"level": "none", "funded": True},
            )
        ],
    )
    yield shown_by(
        "spellings",
        "labels null",
        "channels includes pledge",
        [
            {**VILLAGE, "channels": ["责任书"]},
            {**VILLAGE, "channels": ["通知"]},
            {"对象": "990101001001", "日期": "2024-06-03", "类别": "工作事务", "下达方式": ["pledge"]},
            {**VILLAGE, "channels": None},
            {**VILLAGE, "target": 990101001001, "channels": []},
        ],
    )


CHINESE = """文件 a "演示（自编）" / "composed"
  版本 1
  制定机关 县 "演示机关"
  适用地区 990101
  施行 2024年1月1日
  依据 《演示文件》

清单 清单一 "清单"
  适用于 类别 是 工作事务
  封闭
  事项 I-1 "甲事项"
    又称 "甲、乙事项"
    角色 协助
  其他 "其他"
    情形 下达方式 含 任一 {通知、一票否决}

禁止 责任书 "不得签订责任书"
  情形 下达方式 含 责任书 且 非 经费落实
  例外 明确要求层级 不低于 省
  自 2024年3月1日

要求 申请 "须先申请"
  情形 类别 是 工作事务
  应当 有 申请日期 且 日期 不早于 申请日期 之后 3 日

义务 培训 "培训"
  情形 承担角色 是 协助
  义务人 下达方
"""
ENGLISH = doc(
    "a",
    """
list 清单一 "清单"
  governs when kind is work
  closed
  item I-1 "甲事项"
    also "甲、乙事项"
    role assist
  otherwise "其他"
    when channels includes any of {notice, veto}

ban 责任书 "不得签订责任书"
  when channels includes pledge and not funded
  unless mandate at least province
  from 2024-03-01

require 申请 "须先申请"
  when kind is work
  must has applied_on and date no earlier than 3 days after applied_on

duty 培训 "培训"
  when role is assist
  owed by assigner
""",
)


def languages() -> Iterator[Case]:
    tasks = vary(
        {**VILLAGE, "item": "甲事项", "role": "assist", "mandate": "none", "applied_on": "2024-05-31"},
        channels=(["pledge"], ["notice"]),
        funded=YES_NO,
        applied_on=("2024-05-31", "2024-06-01"),
    )
    tasks += vary(
        {**VILLAGE, "applied_on": "2024-01-01", "role": "assist"},
        item=("没有的事项", "甲、乙事项"),
        channels=(["veto"], []),
        mandate=("province",),
    )
    yield case("in Chinese", "chinese", CHINESE, tasks)
    yield case("the same in English", "english", ENGLISH, tasks)
    wide = CHINESE.replace("{", "\uff5b").replace("}", "\uff5d").replace("(", "\uff08").replace("1\n", "\uff11\n", 1)
    yield case("the same with full-width characters", "chinese full_width", wide, tasks[:6])


FILES: dict[str, tuple[str, str, Any]] = {
    "logic": ("三值逻辑", "Three-valued logic", logic),
    "rules": ("禁止与要求", "Bans and requirements", rules),
    "none": ("无与未告知", "None, and what nobody told", none_and_absence),
    "comparisons": ("比较", "Comparisons", comparisons),
    "sets": ("多选", "Sets", sets),
    "time": ("施行期间", "When things are in force", time),
    "days": ("日与工作日", "Days and working days", days),
    "places": ("地区", "Places", places),
    "versions": ("版本与废止", "Versions and what supersedes them", versions),
    "lists": ("清单", "Lists", lists),
    "on_lists": ("列入与未列入", "On lists and off them", on_lists),
    "implementing": ("落实上级清单", "Lists that implement others", implementing),
    "admits": ("准入", "Admissions and what they reach", admits),
    "limits": ("限额", "Limits over portfolios", limits),
    "names": ("所称与要素", "Terms and facts", names),
    "phrases": ("用语", "Phrases", phrases),
    "duties": ("义务", "Duties", duties),
    "facts": ("告知的要素", "What is told", facts),
    "languages": ("两种语言", "Two languages", languages),
}


# ---- writing -----------------------------------------------------------------------------------------------------------------


def question_of(each: Case) -> bt.Question:
    day = None if each.as_of is None else date.fromisoformat(each.as_of)
    return bt.Question(each.tasks, each.together, day, each.tables)


def answered(each: Case) -> list[dict[str, object]]:
    """The interpreter's answers, if the naive evaluator gives the same."""
    tables = {name: text.encode() for name, text in each.tables.items()}
    engine = Engine(load_documents((), {"core": CORE, **each.policies}, tables).policies)
    question = question_of(each)
    replies = bt.INTERPRETER_ASKING.ask(engine, question)
    for task, one, other in zip(each.tasks, replies, NAIVE.ask(engine, question), strict=True):
        if one.differs(other):
            raise SystemExit(f"{each.name}: {task}: the interpreter says {one}, the naive evaluator {other}")
        if (one.status or "").startswith("failed"):
            raise SystemExit(f"{each.name}: {one.status}")
    names = [task_list.name for task_list in engine.policies.lists.values()]
    return [reply.to_json(names) for reply in replies]


def as_text(name: str, zh: str, en: str, cases: Sequence[tuple[Case, list[dict[str, object]]]]) -> str:
    """A file of the suite: a line for each task and each answer."""

    def lines(found: Sequence[object]) -> str:
        return "[\n" + ",\n".join(f"    {json.dumps(each, ensure_ascii=False)}" for each in found) + "\n   ]"

    parts = []
    for each, found in cases:
        told: dict[str, str] = {
            "name": json.dumps(each.name, ensure_ascii=False),
            "exercises": json.dumps(each.exercises),
        }
        told["policies"] = json.dumps(each.policies, ensure_ascii=False)
        if each.tables:
            told["tables"] = json.dumps(each.tables, ensure_ascii=False)
        if each.together:
            told["together"] = "true"
        if each.as_of is not None:
            told["as_of"] = json.dumps(each.as_of)
        told |= {"tasks": lines(each.tasks), "answers": lines(found)}
        parts.append("  {\n" + ",\n".join(f'   "{key}": {value}' for key, value in told.items()) + "\n  }")
    head = {"format": FORMAT, "name": name, "title": {"zh": zh, "en": en}, "vocabulary": CORE.strip() + "\n"}
    shown = "".join(f' "{key}": {json.dumps(value, ensure_ascii=False)},\n' for key, value in head.items())
    return "{\n" + shown + ' "cases": [\n' + ",\n".join(parts) + "\n ]\n}\n"


def files() -> Iterator[tuple[str, str]]:
    """The files of the suite that follow from this module, each with its text; the generated one isn't among them."""
    for name, (zh, en, cases) in FILES.items():
        yield f"{name}.json", as_text(name, zh, en, [(each, answered(each)) for each in cases()])


def index_text() -> str:
    """What says which case exercises what."""
    found: dict[str, list[str]] = {name: [] for name in CONSTRUCTS}
    tasks = 0
    for each in bt.conformance_cases(FOLDER):
        tasks += len(each.question.tasks)
        for construct in each.exercises:
            found[construct].append(f"{each.file}: {each.name}")
    told = {
        name: {"zh": CONSTRUCTS[name][0], "en": CONSTRUCTS[name][1], "cases": cases} for name, cases in found.items()
    }
    return json.dumps({"format": FORMAT, "tasks": tasks, "constructs": told}, ensure_ascii=False, indent=1) + "\n"


def generated_cases(sets: int = 40, tasks: int = 5) -> Iterator[Case]:
    """Sets of generated policies, each with tasks that are answered for different reasons."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st

    from burdenlib.testing.differential import drawn_question, generated

    found: list[Case] = []

    @settings(
        max_examples=4 * sets,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(20241125)
    @given(generated(), st.integers(0, 1 << 30))
    def run(made: tuple[bt.Made, ...], drawn: int) -> None:
        texts = bt.texts_of(made)
        engine = Engine.load(texts=texts)
        asked = drawn_question(engine.policies, bt.Chance(drawn), 60)
        if asked.as_of is not None:
            return
        told = asked.to_json(engine.policies)["tasks"]
        assert isinstance(told, list)
        chosen: dict[object, Task] = {}
        for task, reply in zip(told, bt.INTERPRETER.ask(engine, asked), strict=True):
            chosen.setdefault((reply.status, reply.reasons, reply.admitted_by), task)
        if len({reply[0] for reply in chosen}) >= 3 and len(chosen) >= tasks:  # type: ignore[index]
            numbered = tuple({**task, "id": f"t{n:02}"} for n, task in enumerate([*chosen.values()][:tasks], 1))
            policies = {name: text for name, text in texts.items() if name != "core"}
            found.append(Case(f"set {len(found) + 1}", ("generated",), policies, numbered))

    run()
    yield from sorted(found, key=lambda each: sum(map(len, each.policies.values())))[:sets]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the files")
    parser.add_argument("--generated", action="store_true", help="draw generated policies anew")
    told = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    written = dict(files())
    if told.generated:
        cases = [(each, answered(each)) for each in generated_cases()]
        written["generated.json"] = as_text("generated", "生成的文件", "Generated policies", cases)
    if told.write:
        for name, text in written.items():
            (FOLDER / name).write_text(text, "utf-8")
        (FOLDER / "index.json").write_text(index_text(), "utf-8")
    size = sum(map(len, written.values()))
    sys.stdout.write(f"{len(written)} files, {size:,} characters\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
