"""Limits over a portfolio that is spread over machines change what they change on one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burdenlib.audit import audit, spread
from burdenlib.audit.judging import Judge, Judged
from burdenlib.audit.results import SEPARATOR, Wording
from burdenlib.audit.sources import open_sources
from burdenlib.engine import Engine
from burdenlib.policy import PolicySet
from burdenlib.testing.implementations import cell_of
from tests.strategies import FACTS, Made, doors_with_limits, portfolios, texts_of

Row = dict[str, object]


def table_of(tasks: Sequence[Row], names: Sequence[str] = ()) -> pa.Table:
    """Tasks as a table of texts, with a column for each fact that one of them tells."""
    heads = names or sorted({name for task in tasks for name in task})
    return pa.table({name: pa.array([cell_of(task.get(name)) for task in tasks], pa.string()) for name in heads})


def judged_apart(policies: PolicySet, table: pa.Table, size: int) -> list[tuple[Judge, Judged]]:
    """Parts of a table, each judged as if on a machine of its own."""
    (source,) = open_sources(table, policies, {}, ())
    found = []
    for number, batch in enumerate(table.combine_chunks().to_batches(size)):
        judge = Judge(policies, None)
        rows = np.arange(number << 33, (number << 33) + batch.num_rows)
        found.append((judge, judge.judge(source, rows, batch.select(judge.wanted(source)))))
    return found


def spread_out(policies: PolicySet, table: pa.Table, size: int, chance: random.Random) -> list[Row]:
    """The answers to a table whose parts are judged apart, and whose rows meet in any order."""
    parts = judged_apart(policies, table, size)
    limits = Judge(policies, None).limits
    chosen = spread.spreads(limits, spread.add_up(each for judge, one in parts for each in spread.census(judge, [one])))
    sent = [
        row
        for judge, one in parts
        for batch in spread.entries(judge, spread.Texts(policies), chosen, one)
        for row in batch.to_pylist()
    ]
    chance.shuffle(sent)
    groups: dict[tuple[object, object], list[Row]] = {}
    for row in sent:
        groups.setdefault((row["limit"], row["bucket"]), []).append(row)
    tables = (pa.Table.from_pylist(group, spread.ENTRIES) for group in groups.values())
    changes = pa.concat_tables(
        [spread.CHANGES.empty_table(), *(spread.judge_places(policies, None, limits, each) for each in tables)]
    )
    outcomes = {(each["key"], each["twin"]): each for each in spread.settle(policies, limits, changes).to_pylist()}
    answers: list[Row] = []
    seen: Counter[object] = Counter()
    for judge, one in parts:
        keys = spread.keys(judge, spread.Texts(policies), chosen, one).to_pylist()
        told = one.answers(Wording())
        for row in range(len(keys)):
            answer = {name: column[row].as_py() for name, column in told.items()}
            if (key := keys[row]) is not None:
                twin = spread.MIXED if (key, spread.MIXED) not in outcomes else seen[key]
                change = outcomes.get((key, spread.ALIKE)) or outcomes.get((key, twin))
                seen[key] += 1
                answer |= {} if change is None else {name: change[name] for name in ("status", "reasons", "open")}
            answers.append({"id": one.task(row), **answer})
    return answers


def comparable(rows: Sequence[Row], *, ids: bool = True) -> Counter[object]:
    """How often each answer is given, whatever the order of rows and of reasons."""
    return Counter(
        (
            row["id"] if ids else None,
            row["status"],
            *(frozenset(str(row[name]).split(SEPARATOR)) for name in ("reasons", "open", "admitted_by")),
        )
        for row in rows
    )


def same_as_on_one_machine(
    policies: PolicySet, tasks: Sequence[Row], size: int, seed: int, *, ids: bool = True
) -> None:
    table = table_of(tasks, [*(("id",) if ids else ()), *sorted(FACTS)])
    alone = audit(policies, table, keep_going=True).to_arrow().to_pylist()
    apart = spread_out(policies, table, size, random.Random(seed))
    alone = [{"id": None, **row} for row in alone]
    assert comparable(apart, ids=ids) == comparable(alone, ids=ids)


# ---- generated portfolios ------------------------------------------------------------------------------------------------------


@given(doors_with_limits(), portfolios(8), st.integers(1, 3), st.integers(0, 9))
def test_portfolios_get_the_same_answers_in_parts(made: Made, tasks: list[Row], size: int, seed: int) -> None:
    same_as_on_one_machine(Engine.load(texts=texts_of([made])).policies, tasks, size, seed)


@given(doors_with_limits(), portfolios(3), st.data())
@settings(max_examples=settings().max_examples // 2)
def test_twins_share_their_changes(made: Made, tasks: list[Row], data: st.DataObject) -> None:
    """Which of them comes first doesn't matter; without an id nothing says which of unlike tasks of a day does."""
    policies = Engine.load(texts=texts_of([made])).policies
    many = data.draw(st.lists(st.sampled_from(tasks), min_size=2, max_size=7))
    same_as_on_one_machine(policies, many, 2, data.draw(st.integers(0, 9)))
    bare = {name: value for name, value in tasks[0].items() if name != "id"}
    same_as_on_one_machine(policies, [bare] * len(many), 2, data.draw(st.integers(0, 9)), ids=False)


# ---- what is put together ------------------------------------------------------------------------------------------------------

VISITS = """
policy visits "visits (composed)" version 1 issued by central "nobody" for place everywhere effective 2024-01-01
cite 《演示》
admit all "all" when kind is work
limit visits "visits" at most 2 per target, department each month when kind is work
"""
VILLAGES = tuple(f"37082910120{number}" for number in range(1, 6))


def visits(**changed: object) -> list[Row]:
    return [
        {
            "id": f"t{number:03}",
            "kind": "work",
            "department": ("民政局", "农业局")[number % 2],
            "target": VILLAGES[number % len(VILLAGES)],
            "date": date(2024, 1 + number % 3, 11),
            **changed,
        }
        for number in range(100)
    ]


def census_of(tasks: Sequence[Row]) -> tuple[PolicySet, spread.Spread]:
    policies = Engine.load("core", texts={"visits.burden": VISITS}).policies
    parts = judged_apart(policies, table_of(tasks), 16)
    limits = Judge(policies, None).limits
    chosen = spread.spreads(limits, spread.add_up(each for judge, one in parts for each in spread.census(judge, [one])))
    return policies, chosen[0]


def places_of(policies: PolicySet, tasks: Sequence[Row], chosen: spread.Spread) -> set[str]:
    parts = judged_apart(policies, table_of(tasks), 16)
    batches = (
        batch for judge, one in parts for batch in spread.entries(judge, spread.Texts(policies), {0: chosen}, one)
    )
    return {place for batch in batches for place in batch.column("place").to_pylist()}


@pytest.mark.parametrize(
    ("changed", "by", "places"),
    [
        ({}, ("target", "department", "date"), 5 * 2 * 3),
        ({"department": None}, ("target", "date"), 5 * 3),
        ({"target": None}, ("department", "date"), 2 * 3),
        ({"date": None, "department": None, "target": None}, (), 1),
        ({"target": "370829"}, ("target", "department", "date"), 2 * 3),
        ({"target": "110105001001"}, ("target", "department", "date"), 5 * 2 * 3 + 1),
    ],
)
def test_only_what_every_row_tells_puts_rows_apart(changed: Row, by: tuple[str, ...], places: int) -> None:
    tasks = visits()
    tasks.append({**tasks[0], "id": "other", **changed})
    policies, chosen = census_of(tasks)
    if chosen.by:
        assert chosen.by == by
    assert len(places_of(policies, tasks, chosen)) == places
    table = table_of(tasks)
    apart = spread_out(policies, table, 7, random.Random(1))
    alone = audit(policies, table).to_arrow().to_pylist()
    assert comparable(apart) == comparable(alone)
    assert {"accepted", "rejected"} <= {row["status"] for row in alone}


def test_a_limit_that_cannot_be_used_up_sends_nothing() -> None:
    policies = Engine.load("core", texts={"visits.burden": VISITS}).policies
    parts = judged_apart(policies, table_of(visits()[:2]), 16)
    limits = Judge(policies, None).limits
    found = spread.add_up(each for judge, one in parts for each in spread.census(judge, [one]))
    assert found[0].rows == found[0].accepted == 2
    assert spread.spreads(limits, found) == {}


def test_counting_gives_what_limits_in_memory_give() -> None:
    """Some tasks are undetermined, some may not match the limit, some come on the same day."""
    ban = "ban paid when funded\nlimit others at most 4 per department when kind is work and emergency\n"
    engine = Engine.load("core", texts={"visits.burden": VISITS + ban})
    limited: list[str] = []
    for seed in range(4):
        chance = random.Random(seed)
        tasks = [
            {
                **task,
                "funded": chance.choice(("no", "no", "yes", None)),
                "emergency": chance.choice(("yes", None) if seed % 2 else ("yes",)),
                "date": date(2024, 1, 1 + chance.randrange(20)),
            }
            for task in visits()[:60]
        ]
        found = audit(engine.policies, table_of(tasks)).to_arrow().to_pylist()
        told = [
            {**task, **{name: task[name] == "yes" for name in ("funded", "emergency") if task[name]}} for task in tasks
        ]
        verdicts = {verdict.task: verdict for verdict in engine.check_all(told).verdicts}
        for row in found:
            verdict = verdicts[row["id"]]
            reasons = {f"{each.kind} {each.rule}" for each in verdict.reasons}
            assert (row["status"], {*filter(None, row["reasons"].split(SEPARATOR))}) == (verdict.status, reasons)
        limited += [row["status"] for row in found if row["reasons"].startswith("limit ")]
    assert {"rejected", "undetermined"} == {*limited}
