"""Tables judged column by column give the verdicts of tasks judged one by one."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burdenlib.audit import audit
from burdenlib.audit import planes as b
from burdenlib.audit.results import SEPARATOR, STATUSES, numbered
from burdenlib.engine import Engine
from burdenlib.logic import all_true, any_true, either
from burdenlib.problems import TaskError
from burdenlib.readers import read_tasks
from burdenlib.task import Task
from burdenlib.verdict import Outcome, Verdict
from tests.strategies import FACTS, Made, doors_with_limits, policy_sets, portfolios, some_facts, texts_of, whole_facts

ROOT = Path(__file__).parent.parent
pq = pytest.importorskip("pyarrow.parquet")

# ---- what is compared ----------------------------------------------------------------------------------------------------------


def cell(value: object) -> str | None:
    """A value as a cell of a table has it."""
    match value:
        case None:
            return None
        case bool():
            return "是" if value else "否"
        case set() | frozenset() | list() | tuple():
            return "、".join(sorted(value)) or "无"
        case dt.date():
            return value.isoformat()
    return str(value)


def table_of(tasks: Sequence[Mapping[str, object]], names: Sequence[str] | None = None) -> pa.Table:
    names = names or sorted({name for task in tasks for name in task})
    return pa.table({name: column_of([task.get(name) for task in tasks]) for name in names})


def column_of(values: Sequence[object]) -> pa.Array:
    """A column of text; one of objects where a set is told in part."""
    if not any(isinstance(value, dict) for value in values):
        return pa.array([cell(value) for value in values], pa.string())
    whole = ("notice", "pledge", "veto")
    parts = [
        {"includes": sorted(value), "excludes": sorted({*whole} - value)} if isinstance(value, set) else value
        for value in values
    ]
    members = pa.list_(pa.string())
    return pa.array(parts, pa.struct([("includes", members), ("excludes", members)]))


def words(text: str | None) -> frozenset[str]:
    return frozenset(text.split(SEPARATOR)) if text else frozenset()


def reasons_of(verdict: Verdict) -> frozenset[str]:
    named = ((reason.kind, reason.rule) for reason in verdict.reasons if reason.kind != "error")
    return frozenset(kind if rule is None else f"{kind} {rule}" for kind, rule in named)


def admitted_by(verdict: Verdict) -> frozenset[str]:
    return frozenset(
        each.rule if each.item is None else f"{each.rule} {each.item.code or each.item.title.pick('zh')}"
        for each in verdict.admitted_by
    )


def agree(rows: Sequence[Mapping[str, object]], outcome: Outcome, ids: Sequence[str]) -> None:
    found = {verdict.task: verdict for verdict in outcome.verdicts}
    assert len(rows) == len(ids)
    for row, name in zip(rows, ids, strict=True):
        verdict = found.get(name)
        if verdict is None:
            assert row["status"] is None and row["reasons"] is None and row["open"] is None
            continue
        assert row["status"] == verdict.status, (name, row, verdict.explain())
        assert words(row["reasons"]) == reasons_of(verdict), (name, verdict.explain())
        assert words(row["admitted_by"]) == admitted_by(verdict), (name, verdict.explain())
        assert words(row["open"]) >= {missing.fact for missing in verdict.missing}, (name, verdict.explain())
        assert verdict.status == "undetermined" or not row["open"]


def same_verdicts(engine: Engine, tasks: Sequence[Mapping[str, object]], as_of: dt.date | None = None) -> None:
    given = [{"id": f"{number:04}", **task} for number, task in enumerate(tasks)]
    outcome = engine.check_all([Task(str(each["id"]), each) for each in given], as_of=as_of, keep_going=True)
    found = audit(engine.policies, table_of(given, ["id", *FACTS]), as_of=as_of, keep_going=True)
    agree(found.to_arrow().to_pylist(), outcome, [str(each["id"]) for each in given])


# ---- generated policies ----------------------------------------------------------------------------------------------------------


def wild_facts() -> st.SearchStrategy[dict[str, object]]:
    """Tasks of which anything may be missing, and some of which tell what they can't have."""
    return st.fixed_dictionaries({}, optional=dict(FACTS))


@given(
    policy_sets(),
    st.lists(whole_facts() | some_facts().map(lambda pair: pair[0]) | wild_facts(), min_size=1, max_size=12),
    st.none() | st.sampled_from((dt.date(2024, 2, 1), dt.date(2022, 1, 1))),
)
@settings(max_examples=60)
def test_a_table_gets_the_verdicts_of_its_tasks(
    made: tuple[Made, ...], tasks: list[dict[str, object]], as_of: dt.date | None
) -> None:
    same_verdicts(Engine.load(texts=texts_of(made)), tasks, as_of)
