"""Tables judged column by column give the verdicts of tasks judged one by one."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import burdenlib.testing as bt
from burdenlib.audit import audit, kernel, native
from burdenlib.audit import planes as b
from burdenlib.audit.circuits import Circuit, Wire
from burdenlib.audit.results import SEPARATOR, STATUSES, Sets, Words, find_many
from burdenlib.cli import main
from burdenlib.engine import Engine
from burdenlib.intake import make_case
from burdenlib.judge import judge
from burdenlib.limits import apply_limits
from burdenlib.logic import all_true, any_true, either
from burdenlib.problems import TaskError
from burdenlib.questions import with_missing
from burdenlib.readers import read_tasks
from burdenlib.task import Task, read_task
from burdenlib.testing import implementations
from burdenlib.testing.implementations import cell_of
from burdenlib.verdict import Outcome, Verdict
from tests.strategies import Made, doors_with_limits, portfolios, texts_of

ROOT = Path(__file__).parent.parent
pq = pytest.importorskip("pyarrow.parquet")

# ---- what is compared ----------------------------------------------------------------------------------------------------------


def table_of(tasks: Sequence[Mapping[str, object]]) -> pa.Table:
    return implementations.table_of(county().policies, tasks)


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
        assert words(row["reasons"]) == reasons_of(verdict), (name, row, verdict.explain())
        assert words(row["admitted_by"]) == admitted_by(verdict), (name, verdict.explain())
        assert words(row["open"]) >= {missing.fact for missing in verdict.missing}, (name, verdict.explain())
        assert verdict.status == "undetermined" or not row["open"]


test_compiled_code_gives_them_too = bt.agreement(bt.AUDIT, bt.AUDIT_COMPILED, examples=64)


def test_batches_of_too_many_kinds_are_judged_without_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_MOST_NOTED", 0)
    bt.agree(bt.AUDIT, bt.AUDIT_COMPILED, examples=24)


test_a_table_gets_the_verdicts_of_its_tasks = bt.agreement(bt.INTERPRETER_ASKING, bt.AUDIT, examples=64)
test_a_table_gets_the_verdicts_of_a_portfolio = bt.agreement(
    bt.INTERPRETER_ASKING, bt.AUDIT, examples=10, together=True
)


# ---- limits ------------------------------------------------------------------------------------------------------------------------


@given(doors_with_limits(), portfolios(8), st.integers(1, 3))
@settings(max_examples=settings().max_examples // 2)
def test_limits_count_over_all_batches(made: Made, tasks: list[dict[str, object]], size: int) -> None:
    engine = Engine.load(texts=texts_of([made]))
    outcome = engine.check_all([Task(str(each["id"]), each) for each in tasks], keep_going=True)
    found = audit(engine.policies, table_of(tasks).to_batches(size), keep_going=True)
    found.batch_size = size
    rows = found.to_arrow().to_pylist()
    agree(rows, outcome, [str(each["id"]) for each in tasks])
    counts = {status: sum(row["status"] == status for row in rows) for status in STATUSES}
    assert counts == {status: found.summary.statuses[status] for status in STATUSES}


def test_a_limit_is_used_up_across_batches_and_files(tmp_path: Path) -> None:
    text = """
policy visits "visits (composed)" version 1 issued by county "nobody" for place 370829 effective 2024-01-01
cite 《演示》
admit all "all" when kind is work
limit visits "two visits a month" at most 2 per target each month when kind is work
"""
    engine = Engine.load(texts={"visits.burden": text})
    villages = ("370829101201", "370829101202")
    tasks = [
        {
            "id": f"{number:05}",
            "kind": "work",
            "target": villages[number % 3 == 0],
            "date": f"2024-0{1 + number % 5}-11",
        }
        for number in range(1200)
    ]
    outcome = engine.check_all([Task(each["id"], each) for each in tasks])
    for name, part in (("a.parquet", tasks[:700]), ("b.parquet", tasks[700:])):
        pq.write_table(table_of(part), tmp_path / name, row_group_size=512)
    found = audit(engine.policies, [tmp_path / "a.parquet", tmp_path / "b.parquet"])
    found.batch_size = 256
    rows = found.to_arrow().to_pylist()
    agree(rows, outcome, [each["id"] for each in tasks])
    assert {row["status"] for row in rows} == {"accepted", "rejected"}
    assert [row["row"] for row in rows] == [*range(700), *range(500)]
    assert found.summary.reasons["limit visits.visits"] == sum(row["status"] == "rejected" for row in rows)


# ---- rules of one pattern ----------------------------------------------------------------------------------------------------------


def test_rules_told_apart_by_a_fact_give_the_verdicts_of_each() -> None:
    lines = [
        f'ban d{number} when department is "office {number}" and kind is work unless emergency' for number in range(70)
    ]
    lines += [f'ban e{number} when level is county and department is "OFFICE {number}"' for number in range(0, 30, 2)]
    lines += [
        'ban alone when department is "office 3" and government_duty',
        "ban other when kind is form and emergency",
    ]
    head = 'policy many "many (composed)" version 1 issued by province "nobody" for place 37 effective 2024-01-01 cite 《演示》'
    engine = Engine.load(texts={"many.burden": "\n".join([head, *lines, "admit all when kind in {work, form}"])})
    chance = random.Random(3)
    choices: dict[str, Sequence[object]] = {
        "department": [f"{word} {number}" for word in ("office", " Office", "OFFICE") for number in range(80)],
        "kind": ["work", "work", "form"],
        "level": ["county", "province"],
        "emergency": [True, False],
        "government_duty": [True, False],
        "target": ["370829101201", "110102001001"],
        "date": ["2024-03-01"],
    }
    tasks: list[dict[str, object]] = [
        {
            "id": f"{number:04}",
            **{name: chance.choice(values) for name, values in choices.items() if chance.random() > 0.15},
        }
        for number in range(400)
    ]
    outcome = engine.check_all([Task(str(each["id"]), each) for each in tasks])
    found = audit(engine.policies, implementations.table_of(engine.policies, tasks))
    found.batch_size = 64
    agree(found.to_arrow().to_pylist(), outcome, [str(each["id"]) for each in tasks])
    (bank,) = found._judge.kernel.banks
    assert len(bank.patterns) == 2
    counts = Counter(reason for verdict in outcome.verdicts for reason in reasons_of(verdict))
    assert counts["ban many.d3"] and counts["ban many.alone"]
    assert +found.summary.reasons == counts


# ---- what is shipped ---------------------------------------------------------------------------------------------------------------


@cache
def shipped() -> Engine:
    return Engine.load()


def judged_together(engine: Engine, tasks: Sequence[Mapping[str, object]], asking: int) -> Outcome:
    """What `check_all` gives; what is missing is looked for in the first tasks only, since that takes long."""
    judged = []
    for number, task in enumerate(tasks):
        told, wrong = read_task(Task(str(task["id"]), task), engine.policies)
        case, more = make_case(engine.policies, str(task["id"]), told)
        if not (*wrong, *more):
            verdict = judge(engine.policies, case)
            judged.append((case, with_missing(engine.policies, case, verdict) if number < asking else verdict))
    return Outcome(tuple(apply_limits(engine.policies, judged)))


def test_the_shipped_policies_judge_the_cases_and_parts_of_them_alike() -> None:
    engine = shipped()
    lines = (ROOT / "tests" / "data" / "cases.jsonl").read_text("utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    cases = [task.get("facts", task) for each in read for task in each.get("tasks", [each])]
    assert len(cases) > 40
    chance = random.Random(7)
    tasks = []
    for number in range(60):
        whole = {name: value for name, value in chance.choice(cases).items() if not isinstance(value, dict)}
        kept = {name: value for name, value in whole.items() if chance.random() > 0.2}
        tasks.append({**kept, "id": f"{number:04}"})
    tasks[9]["applied_on"] = "2024-01-01"
    tasks[9]["kind"] = "signboard"  # for which no application exists
    outcome = judged_together(engine, tasks, asking=5)
    found = audit(engine.policies, table_of(tasks), keep_going=True)
    agree(found.to_arrow().to_pylist(), outcome, [str(each["id"]) for each in tasks])
    assert all(found.summary.statuses[status] for status in ("rejected", "undetermined"))


def test_the_sample_batch_is_judged_alike() -> None:
    engine = shipped()
    path = ROOT / "dsl" / "demo" / "sample.csv"
    outcome = engine.check_all(read_tasks(path, engine.policies))
    found = audit(engine.policies, path)
    rows = found.to_arrow().to_pylist()
    agree(rows, outcome, [row["id"] for row in rows])
    assert len(rows) == len(outcome) == found.summary.rows
    first = outcome.verdicts[0]
    assert found.explain(first.task).explain() == found.explain(0).explain()
    assert found.explain(0).status == first.status
    with pytest.raises(KeyError):
        found.explain("no such task")


# ---- what is read ------------------------------------------------------------------------------------------------------------------

COUNTY = """
policy county "a county (composed)" version 1 issued by county "nobody" for place 370829 effective 2024-01-01
cite 《演示》
list tasks "tasks" governs when kind is work closed
  item T-1 "visits" role assist
  item T-2 "visits" role own
ban pledges "no pledges" when channels includes pledge unless mandate at least province
"""
TASKS = [
    {
        "id": f"t{number}",
        "target": "370829101201",
        "target_kind": "village",
        "kind": "work",
        "item": ("T-1", "visits", "T-2", "other")[number % 4],
        "date": dt.date(2024, 3, 1 + number),
        "role": ("assist", "own")[number % 2],
        "channels": [["notice"], ["notice", "pledge"], None][number % 3],
        "mandate": ("none", "province", None)[number % 3],
    }
    for number in range(12)
]


@cache
def county() -> Engine:
    return Engine.load(texts={"county.burden": COUNTY})


def typed() -> pa.Table:
    """The tasks with dates as dates, sets as lists, and words as dictionaries."""
    table = pa.Table.from_pylist(TASKS)
    words_ = [name for name in table.column_names if pa.types.is_string(table.schema.field(name).type) and name != "id"]
    for name in words_:
        table = table.set_column(table.column_names.index(name), name, table[name].dictionary_encode())
    return table


def answers(source: object, **options: object) -> list[dict[str, object]]:
    return county().audit(source, **options).to_arrow().to_pylist()


def test_every_kind_of_source_gives_the_same_answers(tmp_path: Path) -> None:
    expected = answers(table_of(TASKS))
    outcome = county().check_all([Task(str(each["id"]), each) for each in TASKS])
    agree(expected, outcome, [str(each["id"]) for each in TASKS])
    assert {row["status"] for row in expected} == {*STATUSES}
    assert {row["admitted_by"] for row in expected} >= {"county.tasks T-1", "county.tasks T-2"}
    table = typed()
    assert answers(table) == expected
    assert answers(table.to_batches(5)) == expected
    assert answers(iter(table.to_batches(5))) == expected
    assert answers(pa.RecordBatchReader.from_batches(table.schema, table.to_batches(7))) == expected
    pq.write_table(table, tmp_path / "tasks.parquet", row_group_size=5)
    assert answers(tmp_path / "tasks.parquet") == expected
    with pa.ipc.new_file(tmp_path / "tasks.arrow", table.schema) as writer:
        writer.write_table(table)
    assert answers(tmp_path / "tasks.arrow") == expected
    with pa.ipc.new_stream(tmp_path / "tasks.arrows", table.schema) as writer:
        writer.write_table(table)
    assert answers(tmp_path / "tasks.arrows") == expected
    write_csv(tmp_path / "tasks.csv", TASKS)
    assert answers(tmp_path / "tasks.csv") == expected
    shifted = pa.concat_tables([table.slice(0, 3), table]).slice(3)  # its bits begin within a byte
    assert answers(shifted.combine_chunks().slice(0)) == expected
    assert [row["status"] for row in answers(table.slice(3))] == [row["status"] for row in expected][3:]


def write_csv(path: Path, tasks: Sequence[Mapping[str, object]], encoding: str = "utf-8-sig") -> None:
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(tasks[0])
        writer.writerows([[cell_of(value) for value in task.values()] for task in tasks])


def test_a_table_of_a_spreadsheet_is_read_as_check_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    text = (
        "全县任务,,,,\r\n编号,对 象,类别,事项,日期,下达方式\r\n"
        "甲1,370829101201,工作事务,visits,2024年3月1日,通知、责任书\r\n"
        "甲2,３７０８２９１０１２０１,工作事务,T-1,2024/3/2,无\r\n,,,,,\r\n"
    )
    path.write_bytes(text.encode("gb18030"))
    found = county().audit(path)
    outcome = county().check_all(read_tasks(path, county().policies))
    rows = found.to_arrow().to_pylist()
    agree(rows[:2], outcome, ["甲1", "甲2"])
    assert [row["id"] for row in rows] == ["甲1", "甲2"]


def test_every_bad_value_and_column_is_named_with_its_row(tmp_path: Path) -> None:
    tasks = [dict(each) for each in TASKS]
    tasks[4]["kind"] = "wrok"
    tasks[7]["date"] = "2024-02-30"
    write_csv(tmp_path / "tasks.csv", tasks)
    with pytest.raises(TaskError) as error:
        answers(tmp_path / "tasks.csv")
    found = {(problem.code, problem.where.row, problem.where.column) for problem in error.value.problems}
    assert found == {("unknown-value", 6, "kind"), ("ill-typed", 9, "date")}
    audit_ = county().audit(tmp_path / "tasks.csv", keep_going=True)
    rows = audit_.to_arrow().to_pylist()
    assert [number for number, row in enumerate(rows) if row["status"] is None] == [4, 7]
    assert rows[4]["reasons"] is rows[4]["open"] is rows[4]["admitted_by"] is None
    assert len(audit_.problems) == audit_.summary.statuses["bad"] == 2
    agree([rows[0]], county().check_all([TASKS[0]]), ["t0"])
    with pytest.raises(TaskError, match="unknown-column"):
        county().audit(table_of([{**TASKS[0], "chanels": "notice"}]))
    assert answers(table_of([{**TASKS[0], "chanels": "notice"}]), skip=["chanels"])


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tasks.parquet").write_bytes(b"PAR1 no")
    (tmp_path / "tasks.ods").write_bytes(b"")
    for name, code in (
        ("tasks.parquet", "unreadable-file"),
        ("tasks.ods", "unknown-format"),
        ("no.csv", "unreadable-file"),
    ):
        with pytest.raises(TaskError, match=code):
            county().audit(tmp_path / name)
    with pytest.raises(TypeError):
        county().audit(object())
    once = county().audit(iter(typed().to_batches()))
    once.summarise()
    with pytest.raises(ValueError, match="only once"):
        once.summarise()


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_a_parquet_file_is_read_in_pieces_of_any_size(tmp_path: Path, size: int) -> None:
    expected = [{**row, "row": number} for number, row in enumerate(answers(typed()))]
    for group in (1, 5, 12):
        pq.write_table(typed(), tmp_path / "tasks.parquet", row_group_size=group)
        found = county().audit(tmp_path / "tasks.parquet")
        found.batch_size = size
        assert found.to_arrow().to_pylist() == expected


# ---- what is written ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".csv"])
def test_answers_are_written_as_they_are_given(tmp_path: Path, suffix: str) -> None:
    found = county().audit(typed())
    found.batch_size = 8
    path = tmp_path / f"answers{suffix}"
    summary = found.write(path)
    assert summary.rows == len(TASKS)
    if suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    else:
        rows = (pq.read_table(path) if suffix == ".parquet" else pa.ipc.open_file(path).read_all()).to_pylist()
    expected = answers(typed())
    assert [row["status"] for row in rows] == [row["status"] for row in expected]
    assert [row["reasons"] for row in rows] == [row["reasons"] for row in expected]
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_audit_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.parquet"
    path.write_bytes(b"old")
    with pytest.raises(TaskError):
        county().audit(table_of([{**TASKS[0], "kind": "wrok"}])).write(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(TaskError, match="unknown-output"):
        county().audit(typed()).write(tmp_path / "answers.ods")


def test_the_command_counts_writes_and_explains(tmp_path: Path) -> None:
    (tmp_path / "county.burden").write_text(COUNTY, "utf-8")
    write_csv(tmp_path / "tasks.csv", TASKS)
    given_ = [str(tmp_path / "tasks.csv"), "--policy", str(tmp_path / "county.burden"), "--language", "en"]

    def run(*more: str) -> Result:
        return CliRunner().invoke(main, ["audit", *given_, *more])

    written = run("--output", str(tmp_path / "answers.parquet"), "--format", "json")
    counts = json.loads(written.output)
    assert written.exit_code == 1
    expected = [row["status"] for row in answers(typed())]
    assert {status: counts[status] for status in STATUSES} == {each: expected.count(each) for each in STATUSES}
    assert pq.read_table(tmp_path / "answers.parquet")["status"].to_pylist() == expected
    for number in range(3):
        explained = run("--explain", f"t{number}")
        assert f"verdict: {expected[number]}" in explained.output
        assert explained.output == run("--explain", str(number)).output
        assert explained.exit_code == (expected[number] != "accepted")
    assert run("--explain", "t99").exit_code == run("--output", given_[0]).exit_code == 2
    assert "output-is-input" in run("--output", given_[0]).output


# ---- planes ------------------------------------------------------------------------------------------------------------------------


@given(st.integers(1, 70), st.integers(0, 24), st.integers(0, 2**32))
def test_planes_become_numbers_whose_bits_they_are(rows: int, planes: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    flags = chance.random((planes, rows)) < 0.4
    made = [b.pack(each) for each in flags]
    expected = [sum(1 << bit for bit in range(planes) if flags[bit, row]) for row in range(rows)]
    assert b.to_codes(made, rows).tolist() == expected
    assert [b.count(each, rows) for each in made] == flags.sum(axis=1).tolist()


@given(st.integers(1, 70), st.integers(1, 40), st.integers(0, 2**32))
def test_rows_in_the_same_planes_share_a_number(rows: int, planes: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    flags = chance.random((planes, rows)) < 0.1
    made = [b.pack(each) for each in flags]
    expected = [np.flatnonzero(flags[:, row]).tolist() for row in range(rows)]
    few = [Sets(planes).find(made, rows)] if planes <= 20 else []
    for found in (find_many(made, rows), find_many(made, rows, native), *few):
        sets = found.sets
        assert [sets[number] for number in found.codes.tolist()] == expected
        assert len({*map(tuple, sets)}) == len(sets)
        names = tuple(f"n{number}" for number in range(planes))
        for always in ((), ("always", "每次")):
            texts = [SEPARATOR.join((*always, *(names[each] for each in one))) for one in sets]
            words = Words(names, always)
            assert words.texts(found.parts).to_pylist() == words.texts(found.parts, native).to_pylist() == texts


@given(st.integers(1, 600), st.integers(1, 40), st.integers(0, 2**32))
def test_a_switch_finds_the_rows_of_any_set_of_codes(size: int, rows: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    codes = chance.integers(0, size, rows).astype(np.uint16)
    chosen = chance.integers(0, 2, size).astype(np.uint8)
    found = b.Switch.of_codes(codes, size).where(chosen.tobytes())
    assert b.unpack(found, rows).tolist() == (chosen[codes] == 1).tolist()


@given(st.integers(1, 10_000), st.integers(1, 90), st.integers(0, 2**32))
@settings(max_examples=max(settings().max_examples // 4, 10))
def test_compiled_code_finds_the_sets_of_many_rows(rows: int, planes: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    made = [b.pack(each) for each in chance.random((planes, rows)) < chance.choice([0.01, 0.3])]
    ours, theirs = find_many(made, rows, native), find_many(made, rows)
    assert ours.count == theirs.count
    one, other = (np.stack(found.parts)[:, found.codes] for found in (ours, theirs))
    assert (one == other).all()


OPERATIONS = (b.both, b.either, b.minus)


@given(st.data(), st.integers(1, 9_000), st.integers(0, 2**32))
@settings(max_examples=max(settings().max_examples // 2, 10))
def test_planes_that_are_named_are_those_of_the_same_operations(data: st.DataObject, rows: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    given_ = [b.pack(each) for each in chance.random((5, rows)) < 0.5]
    circuit = Circuit()
    bits: list[Any] = [True, False, *given_]
    named: list[Any] = [True, False, *(circuit.input() for _ in given_)]
    for _ in range(data.draw(st.integers(1, 60))):
        which = data.draw(st.sampled_from(["opposite", "mixed", *range(3)]))
        at = [data.draw(st.integers(0, len(bits) - 1)) for _ in range(3)]
        for planes in (bits, named):
            one, two, three = (planes[each] for each in at)
            if which == "opposite":
                planes.append(b.opposite(one))
            elif which == "mixed":
                planes.append(two if isinstance(one, bool) else b._mixed(one, two, three))
            else:
                planes.append(OPERATIONS[which](one, two))
    wires = [each for each in named if isinstance(each, Wire)]
    wanted = data.draw(st.lists(st.sampled_from(wires), min_size=1, unique=True))
    found = dict(zip(wanted, native.run(circuit.program(wanted), given_, rows), strict=True))
    for plane, wire in zip(bits, named, strict=True):
        if isinstance(wire, bool):
            assert (b.unpack(plane, rows) == wire).all()
        elif wire in found:
            assert (b.unpack(found[wire], rows) == b.unpack(plane, rows)).all()


TRUTHS = (True, False, None)


def plane_of(truths: Sequence[bool | None]) -> b.Truths:
    return b.Truths(*(b.pack(np.array([each is side for each in truths])) for side in (True, False)))


def truths_of(found: b.Truths, rows: int) -> list[bool | None]:
    true, false = b.unpack(found.true, rows), b.unpack(found.false, rows)
    assert not (true & false).any()
    return [True if one else False if other else None for one, other in zip(true, false, strict=True)]


def test_planes_follow_the_three_valued_tables() -> None:
    table = list(itertools.product(TRUTHS, repeat=3))
    one, two, three = (plane_of(column) for column in zip(*table, strict=True))
    rows = len(table)
    assert truths_of(b.conjunction((one, two, three)), rows) == [all_true(each) for each in table]
    assert truths_of(b.disjunction((one, two, three)), rows) == [any_true(each) for each in table]
    assert truths_of(b.choose(one, two, three), rows) == [either(*each) for each in table]
    for constant, truth in ((b.TRUE, True), (b.FALSE, False), (b.UNKNOWN, None)):
        assert truths_of(b.conjunction((one, constant)), rows) == [all_true((each[0], truth)) for each in table]
        assert truths_of(b.choose(constant, two, three), rows) == [either(truth, *each[1:]) for each in table]
