"""Implementations of the language agree, and where one of them doesn't, the least that shows it is printed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from attrs import evolve

import burdenlib.testing as bt
from burdenlib import Engine
from burdenlib.testing.differential import compare
from tests import agreement
from tests.agreement import NAIVE
from tests.databases import as_sql, duck

FAST = (bt.INTERPRETER, bt.COMPILED, bt.COMPILED_READ, bt.COMPILED_JSON, bt.AUDIT, bt.AUDIT_COMPILED)
TEXT = """
policy county "a county (composed)" version 1 issued by county "nobody" for place 990101 effective 2024-01-01
cite 《演示》
list tasks "tasks" governs when kind is work closed
  item T-1 "visits" role assist
  item T-2 "counts"
ban pledges "no pledges" when channels includes pledge and funded unless mandate at least province
ban nights "not at night" when title is "夜间"
limit few "two a month" at most 2 per target each month when kind is work
"""

test_all_agree_on_tasks = bt.agreement(*FAST, examples=48)
test_all_agree_on_portfolios = bt.agreement(bt.INTERPRETER, bt.AUDIT, examples=12, together=True)
test_the_naive_evaluator_agrees = bt.agreement(bt.INTERPRETER, NAIVE, examples=40)
test_the_naive_evaluator_agrees_on_portfolios = bt.agreement(bt.INTERPRETER, NAIVE, examples=12, together=True)
test_a_database_agrees = bt.agreement(bt.INTERPRETER, as_sql(duck()), examples=12)
test_what_is_missing_is_open = bt.agreement(bt.INTERPRETER_ASKING, bt.INTERPRETER, bt.AUDIT, examples=24)
test_what_is_missing_of_portfolios_is_open = bt.agreement(
    bt.INTERPRETER_ASKING, bt.INTERPRETER, bt.AUDIT, examples=6, together=True
)


def test_a_file_can_be_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "county.burden"
    path.write_text(TEXT, "utf-8")
    bt.agree(*FAST, policies=path, examples=40)
    bt.agree(bt.INTERPRETER, bt.AUDIT, policies=Engine.load(path), examples=5, together=True)


# ---- where one is wrong ------------------------------------------------------------------------------------------------------


def _without_pledges(engine: Engine, question: bt.Question) -> list[bt.Reply]:
    """Overlooks what one ban rejects."""
    replies = bt.INTERPRETER.ask(engine, question)
    return [
        evolve(each, status="undetermined") if ("ban", "county.pledges") in each.reasons else each for each in replies
    ]


HASTY = bt.Implementation("hasty", _without_pledges, together=True)


def test_a_disagreement_is_shown_with_the_least_that_has_it() -> None:
    with pytest.raises(bt.DisagreementError) as caught:
        bt.agree(bt.INTERPRETER, HASTY, policies=Engine.load(texts={"county.burden": TEXT}), examples=400, seed=1)
    found = caught.value.disagreement
    assert found.names == ("interpreter", "hasty") and found.parts == ("status",)
    assert [reply.status for reply in found.replies] == ["rejected", "undetermined"]
    (text,) = found.texts.values()
    assert "ban pledges" in text
    assert not any(each in text for each in ("nights", "limit", "unless", "item", "governs", "funded"))
    assert set(found.question.tasks[0]) <= {"id", "target", "date", "channels", "item"}
    for part in (text.strip(), "rejected", "undetermined", "interpreter", "hasty", "ban county.pledges"):
        assert part in str(caught.value)
    assert compare((bt.INTERPRETER, HASTY), Engine.load(texts=found.texts), found.question) is not None


def test_a_portfolio_is_made_smaller_too() -> None:
    def counts_one_more(engine: Engine, question: bt.Question) -> list[bt.Reply]:
        replies = bt.INTERPRETER.ask(engine, question)
        return [evolve(each, status="accepted") if each.status == "rejected" else each for each in replies]

    generous = bt.Implementation("generous", counts_one_more, together=True)
    county = Engine.load(texts={"county.burden": TEXT})
    with pytest.raises(bt.DisagreementError) as caught:
        bt.agree(bt.INTERPRETER, generous, policies=county, examples=60, together=True, seed=5)
    found = caught.value.disagreement
    assert found.question.together
    assert sum(text.count("limit ") for text in found.texts.values()) <= 1
    assert len(found.question.tasks) <= 4


def test_one_that_fails_disagrees() -> None:
    def failing(engine: Engine, question: bt.Question) -> list[bt.Reply]:
        raise KeyError("pages")

    found = compare(
        (bt.INTERPRETER, bt.Implementation("failing", failing)),
        Engine.load(texts={"county.burden": TEXT}),
        bt.Question(({"id": "t"},)),
    )
    assert found is not None and "failed: KeyError: 'pages'" in str(found)


def test_what_is_not_said_is_not_compared() -> None:
    silent = bt.Implementation("silent", lambda _, question: [bt.SILENT] * len(question.tasks))
    bt.agree(bt.INTERPRETER, silent, examples=8)
    short = bt.Reply("rejected")
    full = bt.Reply("rejected", frozenset({("ban", "a.b")}), frozenset())
    assert short.differs(full) == () and full.differs(bt.Reply("rejected", frozenset())) == ("reasons",)
    assert bt.Reply(missing=frozenset({"role"})).differs(bt.Reply(open=frozenset({"kind"}))) == ("open",)
    assert bt.Reply(missing=frozenset({"role"})).differs(bt.Reply(open=frozenset({"kind", "role"}))) == ()


@pytest.mark.parametrize("strict", [True, False])
def test_one_that_reads_what_it_needs_may_judge_what_another_refuses(strict: bool) -> None:
    lax = bt.Implementation("lax", lambda _, question: [bt.Reply("accepted")] * len(question.tasks), strict=strict)
    task = {"id": "t", "kind": "wrok"}
    found = compare((bt.INTERPRETER, lax), Engine.load(texts={"county.burden": TEXT}), bt.Question((task,)))
    assert (found is not None) == strict


# ---- at length ---------------------------------------------------------------------------------------------------------------


def test_a_stretch_counts_decisions_and_tells_disagreements(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in (("SETS", 3), ("TASKS", 6), ("PORTFOLIOS", 1), ("SHIPPED_TASKS", 3)):
        monkeypatch.setattr(agreement, name, few)
    found = agreement.stretch(4)
    assert found.seed == 4 and found.decisions >= 18 and found.disagreements == []
    assert found.statuses.total() == found.decisions
    assert agreement.stretch(4) == found
    monkeypatch.setattr(agreement, "shipped", lambda: Engine.load(texts={"county.burden": TEXT}))
    assert agreement.stretch(9).disagreements == []
    generous = bt.Implementation("generous", lambda _, asked: [bt.Reply("accepted")] * len(asked.tasks))
    monkeypatch.setattr(agreement, "OURS", (bt.INTERPRETER, generous))
    monkeypatch.setattr(agreement, "smaller", lambda found, *_: found)
    (wrong,) = agreement.stretch(9).disagreements
    assert wrong.startswith("seed 9: interpreter and generous disagree on the status")


# ---- outside -----------------------------------------------------------------------------------------------------------------

SCRIPT = """
import json, sys
from datetime import date
from burdenlib import Engine, TaskError

for line in sys.stdin:
    question = json.loads(line)
    engine = Engine.load(texts=question["policies"])
    day = date.fromisoformat(question["as_of"]) if "as_of" in question else None
    if question.get("together"):
        answers = [each.to_json() for each in engine.check_all(question["tasks"], as_of=day)]
        answers = [{key: each[key] for key in ("status", "reasons", "missing")} for each in answers]
    else:
        answers = [{"status": engine.decide(task, as_of=day).status} for task in question["tasks"]]
    if "dies" in sys.argv:
        break
    print(json.dumps({"answers": answers}), flush=True)
"""


def test_a_command_is_asked_in_lines_of_json(tmp_path: Path) -> None:
    script = tmp_path / "outside.py"
    script.write_text(SCRIPT, "utf-8")
    outside = bt.command([sys.executable, str(script)], "outside")
    county = Engine.load(texts={"county.burden": TEXT})
    tasks = tuple(
        {"id": f"t{number}", "kind": "work", "item": "T-2", "target": "990101101201", "date": "2024-03-01"}
        for number in range(4)
    )
    for question in (bt.Question(tasks), bt.Question(tasks, together=True)):
        told = tuple({**task, "channels": {"notice"}, "title": "走访"} for task in tasks)
        for asked in (question, evolve(question, tasks=told)):
            assert compare((bt.INTERPRETER_ASKING, outside), county, asked) is None
    found = compare((bt.INTERPRETER, bt.command([sys.executable, str(script), "dies"])), county, bt.Question(tasks))
    assert found is not None and "stopped without an answer" in str(found)


def test_a_function_is_asked_with_objects_of_json() -> None:
    def judge(question: dict[str, object]) -> list[dict[str, object]]:
        assert "policy county" in str(question["policies"])
        return [{"status": "accepted"} for _ in question["tasks"]]  # type: ignore[attr-defined]

    county = Engine.load(texts={"county.burden": TEXT})
    found = compare((bt.INTERPRETER, bt.calling("generous", judge)), county, bt.Question(({"id": "t"},)))
    assert found is not None and found.names == ("interpreter", "generous")


def test_item_tables_come_along() -> None:
    engine = Engine.load("shandong")
    asked = bt.Question(({"id": "t"},)).to_json(engine.policies)
    tables = asked["tables"]
    assert isinstance(tables, dict)
    for policy in engine.policies.policies:
        assert asked["policies"][policy.file] == policy.span.source.text  # type: ignore[index]
    texts = "\n".join(str(text) for text in asked["policies"].values())  # type: ignore[attr-defined]
    assert all(f"{name}" in texts for name in tables)
