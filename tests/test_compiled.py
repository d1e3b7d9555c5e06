"""The compiled form decides what the interpreter decides: on generated policies and tasks, and on all that is shipped."""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import burdenlib.testing as bt
from burdenlib import Engine, Task, TaskError
from burdenlib.compiled import Decision, Program, tree, variables
from burdenlib.facts import ValueProblemError, read_value
from burdenlib.intake import make_case
from burdenlib.judge import judge
from burdenlib.source import Cell
from burdenlib.task import read_task
from burdenlib.testing.differential import drawn_question, generated
from tests.strategies import FACTS, Made, texts_of

CASES = Path(__file__).parent / "data" / "cases.jsonl"


def interpreted(engine: Engine, facts: Mapping[str, object], as_of: dt.date | None = None) -> Decision | None:
    """What the judge decides; `None` if the task can't be judged as it is told."""
    told, problems = read_task(Task("t", facts), engine.policies)
    case, more = make_case(engine.policies, "t", told, as_of=as_of)
    return None if problems or more else Decision.of(judge(engine.policies, case))


def agree(engine: Engine, program: Program, facts: Mapping[str, object], as_of: dt.date | None = None) -> bool:
    """The compiled form decides as the judge does; give whether it decides at all."""
    expected = interpreted(engine, facts, as_of)
    if expected is None:
        return True
    told = {"id": "t", **facts}
    found, again = program.decide(told), program.decide(told)
    assert found == again
    read = program.read(told)
    assert read is not None
    assert program.decide_read(read) == found
    assert found is None or found == expected
    return found is not None


# ---- generated policies ------------------------------------------------------------------------------------------------------


@settings(max_examples=15)
@given(generated(), st.integers(0, 1 << 30))
def test_generated_policies(made: tuple[Made, ...], drawn: int) -> None:
    """What is decided is what the judge finds, in the same order, again and again; a fact told as null isn't told."""
    engine = Engine.load(texts=texts_of(made))
    question = drawn_question(engine.policies, bt.Chance(drawn), 6)
    program = Program(engine.policies, question.as_of)
    for task in question.tasks:
        for facts in (task, {**dict.fromkeys(FACTS), **task}):
            decided = agree(engine, program, facts, question.as_of)
            event("decided" if decided else "left to the interpreter")
            # only working days round `applied_on` may lie outside the table of holidays
            assert decided or "applied_on" in task
            # what was told before is read from tables
            as_list = {
                name: sorted(each) if isinstance(each, set | frozenset) else each for name, each in facts.items()
            }
            for _ in range(2):
                assert agree(engine, program, as_list, question.as_of) == decided


# ---- what is told ---------------------------------------------------------------------------------------------------------------

POLICY = """
policy told "编译测试(自编)" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试》
list works governs when kind is work closed
  item T-1 "甲、乙事项" also "'); raise SystemExit #"
  item T-2 "丙事项" role assist when funded
  item T-3 "丙事项" role own
ban pledges when channels includes pledge unless basis at least administrative_regulation
ban unfunded when kind is work and role is assist and not funded
ban named when department is "\\n') or 1 #" or title is "{K1}"
ban many when documents_increase above 3
ban outside when item is "placed" and placement is outside
"""
TOLD: dict[str, object] = {
    "id": "t",
    "title": "任务",
    "department": "甲局",
    "target": "370899101201",
    "target_kind": "village",
    "kind": "work",
    "item": "T-1",
    "date": "2024-03-01",
    "role": "own",
    "channels": ["notice"],
    "basis": "none",
    "funded": True,
    "documents_increase": 1,
}


@cache
def engine() -> Engine:
    return Engine.load(texts={"told": POLICY})


def status(**changes: object) -> str:
    return engine().decide({name: value for name, value in {**TOLD, **changes}.items() if value is not None}).status


def test_the_task_told_completely_is_accepted() -> None:
    decision = engine().decide(TOLD)
    assert decision.status == "accepted"
    assert [(each.rule, each.item) for each in decision.admitted_by] == [("told.works", "T-1")]
    assert decision is engine().decide(dict(TOLD))


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "工作事务"},
        {"item": "甲 , 乙 事项"},
        {"item": "'); raise SystemExit #"},
        {"date": dt.date(2024, 3, 1)},
        {"channels": {"notice"}},
        {"channels": ("通知",)},
        {"channels": {"includes": ["notice"], "excludes": ["pledge"]}},
        {"target": 370899101201},
        {"documents_increase": 3.0},
        {"emergency": None},
    ],
    ids=str,
)
def test_another_spelling_is_the_same_task(changes: dict[str, object]) -> None:
    assert status(**changes) == "accepted"
    named = {name: value for name, value in TOLD.items() if name != "id"}
    assert engine().decide({"编号": "t", **named, **changes}).status == "accepted"


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"channels": ["notice", "责任书"]}, {"told.pledges"}),
        ({"channels": ["pledge"], "role": "assist", "funded": False}, {"told.pledges", "told.unfunded"}),
        ({"department": "\\n') or 1 #"}, {"told.named"}),
        ({"title": "{K1}"}, {"told.named"}),
        ({"documents_increase": 3.5}, {"told.many"}),
        ({"item": "丁"}, {"told.works"}),
        ({"item": "丙事项", "role": "responsible"}, {"told.works"}),
    ],
    ids=lambda each: str(sorted(each) if isinstance(each, set) else each),
)
def test_what_rejects_is_named(changes: dict[str, object], rules: set[str]) -> None:
    decision = engine().decide({**TOLD, **changes})
    assert decision.status == "rejected"
    assert {each.rule for each in decision.reasons} == rules


def test_the_item_that_covers_is_named_among_those_of_one_title() -> None:
    for role, code in (("assist", "T-2"), ("own", "T-3")):
        decision = engine().decide({**TOLD, "item": "丙事项", "role": role})
        assert [each.item for each in decision.admitted_by] == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "wrok"},
        {"chanels": ["notice"]},
        {"channels": "notice"},
        {"channels": ["notice", 1]},
        {"channels": [["notice"]]},
        {"item": ["T-1"]},
        {"kind": ["work"]},
        {"target": 37089910.5},
        {"date": "2024-02-30"},
        {"documents_increase": True},
        {"basis": {"law": 1}},
        {"类别": "work"},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_refused_as_the_interpreter_refuses_it(changes: dict[str, object]) -> None:
    for _ in range(2):
        with pytest.raises(TaskError) as caught:
            engine().decide({**TOLD, **changes})
        with pytest.raises(TaskError) as expected:
            engine().check({**TOLD, **changes})
        assert str(caught.value) == str(expected.value)


@pytest.mark.parametrize("value", [1, 0, "yes", 1.0], ids=repr)
def test_a_number_is_no_yes(value: object) -> None:
    facts = {**TOLD, "item": "T-2", "role": "assist"}
    assert engine().decide(facts).status == "accepted"
    with pytest.raises(TaskError):
        engine().decide({**facts, "funded": value})


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(sorted(TOLD)),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text() | st.integers()),
        min_size=1,
        max_size=3,
    )
)
def test_nonsense_never_leads_to_acceptance(changes: dict[str, object]) -> None:
    """Where the same task without what is nonsense isn't accepted, it isn't accepted with it."""
    facts = {**TOLD, **changes, "id": "t"}
    try:
        decision = engine().decide(facts)
    except TaskError:
        return
    expected = interpreted(engine(), {name: value for name, value in facts.items() if _is_readable(name, value)})
    assert expected is not None
    assert decision.status == expected.status


def _is_readable(name: str, value: object) -> bool:
    try:
        read_value(engine().policies.facts[name].type, value)
    except ValueProblemError:
        return False
    return True


def test_tasks_from_tables_and_tasks_of_plugins_are_left_to_the_interpreter() -> None:
    cells = {name: Cell("t.csv", 2, name) for name in TOLD}
    written = {**TOLD, "channels": "notice", "funded": "是", "documents_increase": "1"}
    assert engine().decide(Task("t", written, cells=cells)).status == "accepted"
    assert (
        engine().decide(Task("t", {name: value for name, value in TOLD.items() if name != "id"})).status == "accepted"
    )
    assert Engine.load(texts={"told": POLICY}, plugins=True).decide(TOLD).status == "accepted"


def test_thousands_of_rules_that_nothing_tells_apart() -> None:
    """Where the fact that tells rules apart isn't told, each of them is open."""
    rules = "".join(f'\nban more{number} when department is "局{number}" and not funded' for number in range(1200))
    program = Program(Engine.load(texts={"told": POLICY + rules}).policies)
    facts = {name: value for name, value in TOLD.items() if name not in ("department", "funded")}
    decision = program.decide(facts)
    assert decision is not None and decision.status == "undetermined"
    assert sum("more" in (each.rule or "") for each in decision.reasons) == 1200
    one = program.decide({**facts, "department": "局7", "funded": False})
    assert one is not None and [each.rule for each in one.reasons] == ["told.more7"]


def test_another_day() -> None:
    assert engine().decide(TOLD, as_of=dt.date(2023, 12, 31)).status == "undetermined"


@pytest.mark.parametrize("has_msgspec", [True, False])
def test_json(has_msgspec: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_msgspec:
        monkeypatch.setitem(sys.modules, "msgspec", None)
    data = json.dumps({**TOLD, "id": '任务"1"'}, ensure_ascii=False).encode()
    answer = json.loads(engine().decide_json(data))
    assert answer == {
        "task": '任务"1"',
        "status": "accepted",
        "reasons": [],
        "admitted_by": [{"list": "told.works", "item": "T-1"}],
    }
    full = engine().check({**TOLD, "id": '任务"1"'}).to_json()
    assert all(full[key] == answer[key] for key in ("task", "status", "admitted_by"))
    for bad in (b"", b"[]", b"{", b"\xff", b'{"id":1}', b'{"kind":"work"}', b"[" * 100_000):
        with pytest.raises(TaskError):
            engine().decide_json(bad)
    for twice in (b'{"id":"1","funded":false,"funded":true}', b'{"id" :"1","funded":false,"funded":true,"a" :1}'):
        with pytest.raises(TaskError):
            engine().decide_json(twice)


def test_many_functions_make_room_for_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_FUNCTIONS", 3)
    monkeypatch.setattr(tree, "MOST_ANSWERS", 1)
    monkeypatch.setattr(tree, "FEW", 0)
    monkeypatch.setattr(tree, "GAIN", 0.1)
    monkeypatch.setattr(variables, "LIMIT", 2)
    monkeypatch.setattr(tree, "MOST_QUESTIONS", 3)
    program = Program(shipped()[0].policies)
    for facts in cases()[:4]:
        assert agree(shipped()[0], program, facts)


# ---- what is shipped -----------------------------------------------------------------------------------------------------------


@cache
def shipped() -> tuple[Engine, Program]:
    engine = Engine.load()
    return engine, Program(engine.policies)


@cache
def cases() -> tuple[Mapping[str, object], ...]:
    found = map(json.loads, CASES.read_text("utf-8").splitlines())
    return tuple(each["facts"] for each in found if "facts" in each)


@cache
def examples() -> tuple[Mapping[str, object], ...]:
    policies = shipped()[0].policies.policies
    return tuple(
        given for policy in policies for example in policy.examples for task in example.tasks() for given in task
    )


def varied(facts: Mapping[str, object], seed: random.Random) -> Iterator[tuple[str, object]]:
    """Most of what is told, now and then with the value that another case has."""
    for name, value in facts.items():
        if seed.random() > 0.15:
            others = [other[name] for other in cases() if name in other]
            yield name, seed.choice(others) if others and seed.random() < 0.15 else value


def test_the_shipped_policies_on_known_cases() -> None:
    engine, program = shipped()
    for facts in cases():
        assert agree(engine, program, facts)


@pytest.mark.parametrize("seed", range(2))
def test_the_shipped_policies_on_varied_cases(seed: int) -> None:
    engine, program = shipped()
    chance = random.Random(seed)
    for facts in chance.sample([*cases(), *examples()], 15):
        assert agree(engine, program, dict(varied(facts, chance)))
