"""Rows for the policies that ship: the columns of the sample sheet, or all facts that are asked for; a tenth is missing.

Values are those that the policies tell apart, and some that they don't know; villages lie in the places that documents
are for. Facts that can't exist for a task are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import burdenlib as bl
from burdenlib.audit import planes as b
from burdenlib.audit.judging import Judge
from burdenlib.audit.sources import open_sources
from burdenlib.policy import Fact

SAMPLE = Path(__file__).parent.parent / "dsl" / "demo" / "sample.csv"
DIGITS = (6, 9, 12)


def table(engine: bl.Engine, rows: int, *, whole: bool = False, seed: int = 1) -> pa.Table:
    """Rows for all that ships: with the columns of the sample sheet, or with all facts (`whole`)."""
    random = np.random.default_rng(seed)
    judge = Judge(engine.policies, None)
    known = open_sources(SAMPLE, engine.policies, {}, ())[0].facts
    names = [name for name in judge.kernel.classes if name != "id" and (whole or name in known)]
    columns = {name: _column(_values(engine, engine.policies.facts[name], random), rows, random) for name in names}
    while True:
        made = pa.table(columns).combine_chunks()
        (source,) = open_sources(made, engine.policies, {}, ())
        decided = judge.judge(source, np.arange(rows), made.to_batches()[0]).decided
        if not decided.misplaced:
            assert b.is_empty(decided.bad)
            return made
        for name, plane in decided.misplaced.items():
            columns[name] = _without(columns[name], pa.array(b.unpack(plane, rows)))


def _column(values: Sequence[object], rows: int, random: np.random.Generator) -> pa.Array:
    distinct = list(dict.fromkeys(values))
    codes = random.integers(0, len(distinct), rows).astype(np.int32)
    missing = random.random(rows) < 0.1
    if isinstance(distinct[0], bool):
        return pa.array(np.array(distinct)[codes], mask=missing)
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), pa.array(distinct))


def _without(column: pa.Array, where: pa.Array) -> pa.Array:
    if not pa.types.is_dictionary(column.type):
        return pc.if_else(where, pa.scalar(None, column.type), column)
    indices = pc.if_else(where, pa.scalar(None, pa.int32()), column.indices)
    return pa.DictionaryArray.from_arrays(indices, column.dictionary)


def _values(engine: bl.Engine, fact: Fact, random: np.random.Generator) -> Sequence[object]:
    policies, kind = engine.policies, fact.type
    match kind.kind:
        case "yes_no":
            return [True, False]
        case "one_of" | "ordered":
            return sorted(kind.names)
        case "set_of":
            names = sorted(kind.names)
            return ["、".join(name for name in names if random.random() < 0.25) or names[0] for _ in range(24)]
        case "date":
            return [dt.date(2016, 1, 1) + dt.timedelta(days=int(day)) for day in random.integers(0, 3650, 300)]
        case "number":
            return ["0", "1", "3", "10", "30", "100"]
        case "place":
            places = [each.place for each in policies.policies if each.place] + ["62", "65"]
            return [_village(place, number) for place in places for number in range(250)]
    if fact.name == "item":
        lists = policies.lists.values()
        return [*sorted({text for each in lists for text in (*each.by_code, *each.by_title)}), "X-1", "X-2", "X-3"]
    if fact.name in ("title", "text"):
        wordings = sorted({wording for each in policies.phrases.values() for wording in each.wordings})
        return [f"关于{each if at % 2 else '工作'}的通知" for at, each in enumerate(wordings)]
    return ["甲", "乙", "丙"]


def _village(place: str, number: int) -> str:
    """The code of a village that lies in a place."""
    county = place + "0101"[len(place) - 2 :] if len(place) < DIGITS[0] else place
    town = county if len(county) == DIGITS[1] else f"{county}1{1 + number // 50:02}"
    return f"{town}2{1 + number % 50:02}"
