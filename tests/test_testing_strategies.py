"""What `reach` finds is true, and `tasks_where` reaches every rule, exception and item that ships."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import burdenlib as bl
import burdenlib.testing as bt
from burdenlib import policy as p
from burdenlib.evaluator import Evaluator
from burdenlib.facts import SetValue
from burdenlib.intake import make_case
from burdenlib.judge import judge
from burdenlib.policy import PolicySet
from burdenlib.task import Known, Told, read_task
from burdenlib.testing.reach import Chance, Goal, covered, reach

SHIPPED = bl.Engine.load()
SHANDONG = bl.Engine.load("shandong")
DEMO = bl.Engine.load("demo")
QUICK = settings(deadline=None, database=None, max_examples=500)
RARE = settings(QUICK, max_examples=5000)


def truth(policies: PolicySet, facts: dict[str, object], condition: p.Condition) -> bool | None:
    known = {name: Known(value) for name, value in facts.items()}  # type: ignore[arg-type]
    return Evaluator(policies, known).prove(condition).truth


def status_of(engine: bl.Engine, task: bl.Task) -> str:
    """The status alone, without the search for what is missing."""
    told, _ = read_task(task, engine.policies)
    case, problems = make_case(engine.policies, task.id, told)
    assert not problems
    return judge(engine.policies, case).status


def decisions(policies: PolicySet) -> Iterator[tuple[str, p.Condition]]:
    for policy in policies.policies:
        yield from ((rule.name, rule.fires) for rule in policy.rules)
        yield from ((each.name, each.governs) for each in policy.lists)


@pytest.mark.parametrize("wanted", [True, False, None])
def test_every_shipped_rule_and_list_is_reached_with_each_truth(wanted: bool | None) -> None:
    policies = SHIPPED.policies
    for name, condition in decisions(policies):
        facts = reach(policies, [Goal(condition, wanted)], Chance(3))
        assert facts is not None, (name, wanted)
        assert truth(policies, facts, condition) is wanted


def test_every_shipped_item_is_reached() -> None:
    policies = SHIPPED.policies
    for task_list in policies.lists.values():
        for item in task_list.items:
            facts = reach(policies, [Goal(covered(task_list, item))], Chance(3))
            assert facts is not None, (task_list.name, item.code)
        for item in task_list.otherwise:
            goals = [Goal(task_list.governs), Goal(item.covers), Goal(covered(task_list))]
            assert reach(policies, goals, Chance(3)) is not None, task_list.name


def test_every_shipped_exception_alone_saves_a_task() -> None:
    for policy in SHIPPED.policies.policies:
        for rule in policy.rules:
            for number in range(len(rule.unless)):
                bt.tasks_where(SHIPPED, saved_from=(rule.name, number))
        for each in policy.lists:
            for item in each.items:
                for number in range(len(item.unless)):
                    bt.tasks_where(SHIPPED, saved_from=(f"{each.name}[{item.code}]", number))
            for number in range(len(each.unless)):
                bt.tasks_where(SHIPPED, saved_from=(each.name, number))


def test_what_is_reached_may_be_told_of_such_a_task() -> None:
    policies = SHANDONG.policies
    for name, condition in decisions(policies):
        facts = reach(policies, [Goal(condition)], Chance(5))
        assert facts is not None, name
        _, problems = make_case(policies, "t", [Told(value, fact=fact) for fact, value in facts.items()])
        assert not problems, (name, [problem.message("en") for problem in problems])


def test_facts_that_are_given_stay() -> None:
    policies = SHANDONG.policies
    rule = next(rule for policy in policies.policies for rule in policy.rules if rule.name.endswith(".责任书"))
    start = {"target": "370829101201", "date": date(2022, 5, 5), "title": "一张表"}
    facts = reach(policies, [Goal(rule.fires)], Chance(1), start=start)
    assert facts is not None
    assert {name: facts[name] for name in start} == start
    assert reach(policies, [Goal(rule.fires)], Chance(1), start={**start, "target": "11"}) is None


def test_goals_that_contradict_each_other_are_not_reached() -> None:
    policies = DEMO.policies
    for condition in (p.YesNo("funded"), p.Has("mandate"), p.Contains("channels", ("pledge",))):
        assert reach(policies, [Goal(condition), Goal(condition, truth=False)], Chance()) is None
        assert reach(policies, [Goal(p.All((condition, p.Not(condition))))], Chance()) is None


def test_a_partly_told_set_is_reached() -> None:
    policies = DEMO.policies
    pledge, veto = p.Contains("channels", ("pledge",)), p.Contains("channels", ("veto",))
    facts = reach(policies, [Goal(pledge), Goal(veto, None)], Chance())
    assert facts is not None
    told = facts["channels"]
    assert isinstance(told, SetValue)
    assert "pledge" in told.includes and "veto" not in told.includes | told.excludes


def test_the_same_seed_finds_the_same_facts() -> None:
    for _, condition in [*decisions(DEMO.policies)][:10]:
        one, other = (reach(DEMO.policies, [Goal(condition)], Chance(9)) for _ in range(2))
        assert one == other


# ---- strategies ----------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(bt.tasks(SHANDONG), bt.tasks("demo", about="demo_county"))
def test_every_drawn_task_can_be_judged(one: bl.Task, other: bl.Task) -> None:
    assert status_of(SHANDONG, one) in ("accepted", "rejected", "undetermined")
    assert not DEMO.check(other, strict=True).claimed


@given(bt.facts(DEMO))
def test_facts_make_a_task(facts: dict[str, object]) -> None:
    status_of(DEMO, bl.Task("t", facts))


@pytest.mark.parametrize("status", ["accepted", "rejected", "undetermined"])
@pytest.mark.parametrize("engine", [DEMO, SHANDONG], ids=["demo", "shandong"])
def test_tasks_have_the_wanted_verdict(engine: bl.Engine, status: str) -> None:
    @settings(max_examples=30)
    @given(bt.tasks_where(engine, verdict=status))  # type: ignore[arg-type]
    def run(task: bl.Task) -> None:
        assert status_of(engine, task) == status

    run()


@given(bt.tasks_where(SHANDONG, fires="shandong_assignment.责任书"))
def test_tasks_fire_the_wanted_rule(task: bl.Task) -> None:
    assert "shandong_assignment.责任书" in {reason.rule for reason in SHANDONG.check(task).reasons if reason.truth}


@given(bt.tasks_where(SHANDONG, saved_from=("shandong_assignment.责任书", 0)))
def test_tasks_are_saved_by_the_wanted_exception(task: bl.Task) -> None:
    verdict = SHANDONG.check(task)
    assert "shandong_assignment.责任书" not in {reason.rule for reason in verdict.reasons}


def test_tasks_are_covered_by_the_wanted_item() -> None:
    policies = SHANDONG.policies
    task_list = next(each for each in policies.lists.values() if len(each.items) > 20)
    found: list[set[str | None]] = []
    for item in task_list.items[::7]:
        assert item.code is not None
        found.clear()

        @settings(max_examples=5)
        @given(bt.tasks_where(SHANDONG, verdict="accepted", covered_by=(task_list.name, item.code)))
        def run(task: bl.Task) -> None:
            found.append({each.item.code for each in SHANDONG.check(task).admitted_by if each.item is not None})

        run()
        carried_out = {each.code for one in policies.lists.values() for each in one.items if item.code in each.carries}
        assert found and all(codes & {item.code, *carried_out} for codes in found)


def test_what_nothing_reaches_is_said_at_once() -> None:
    with pytest.raises(bt.UnreachableError, match=r"fires='shandong_assignment\.责任书'"):
        bt.tasks_where(SHANDONG, verdict="accepted", fires="shandong_assignment.责任书")
    with pytest.raises(KeyError):
        bt.tasks_where(SHANDONG, fires="no.rule")


def test_drawing_reaches_all_three_answers() -> None:
    for status in ("accepted", "rejected", "undetermined"):
        find(bt.tasks(SHANDONG), lambda task, status=status: status_of(SHANDONG, task) == status, settings=QUICK)


def test_draws_shrink_to_what_a_reader_understands() -> None:
    plainest = find(bt.tasks_where(SHANDONG, fires="shandong_assignment.责任书"), lambda _: True, settings=QUICK)
    facts = plainest.facts
    assert set(facts) == {"date", "target", "target_kind", "level", "kind", "channels", "basis"}
    assert facts["channels"] == ("pledge",)
    rejected = find(bt.tasks(SHANDONG), lambda task: status_of(SHANDONG, task) == "rejected", settings=QUICK)
    assert len(rejected.facts) <= 9


def test_draws_lie_at_the_edges() -> None:
    """The last day of one version or rule, the first of another, items and names just off them."""
    ends = {policy.in_force.start for policy in SHANDONG.policies.policies if policy.in_force.start}
    titles = {item.title.zh for each in SHANDONG.policies.lists.values() for item in each.items}
    find(bt.tasks(SHANDONG), lambda task: task.get("date") in ends, settings=RARE)
    find(bt.tasks(SHANDONG), lambda task: task.get("item") in titles, settings=RARE)
    find(bt.tasks(SHANDONG), lambda task: str(task.get("item"))[:-1] in titles, settings=RARE)
    find(bt.tasks(SHANDONG), lambda task: not str(task.get("target") or "37").startswith("37"), settings=RARE)


def test_portfolios_use_up_limits() -> None:
    engine = bl.Engine.load(
        texts={
            "small.burden": """
policy small "小文件(自编)" version 1 issued by county "示范" for place 990101 effective 2024-01-01 cite 《演示》
admit all "一律准入" when kind is form to every list
limit two "一季两张" at most 2 per target each quarter when kind is form
"""
        }
    )

    def is_used_up(tasks: list[bl.Task]) -> bool:
        return any(reason.kind == "limit" for verdict in engine.check_all(tasks) for reason in verdict.reasons)

    tasks = find(bt.portfolios(engine), is_used_up, settings=QUICK)
    assert len({task.id for task in tasks}) == len(tasks)


@given(st.data())
def test_generated_policies_can_be_loaded(data: st.DataObject) -> None:
    made = data.draw(bt.policies())
    engine = bl.Engine.load(texts=bt.texts_of([made]))
    engine.check(data.draw(bt.tasks(engine)))


def test_reach_needs_no_hypothesis() -> None:
    code = """
import sys
sys.modules["hypothesis"] = None
import burdenlib.testing, burdenlib.testing.reach, burdenlib.testing.coverage, burdenlib.testing.mutation
try:
    burdenlib.testing.tasks
except ImportError:
    print("asked for")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "asked for\n"


def test_every_public_name_is_there() -> None:
    for name in bt.__all__:
        assert getattr(bt, name) is not None
    with pytest.raises(AttributeError):
        _ = bt.nothing  # type: ignore[attr-defined]
