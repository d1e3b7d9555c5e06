"""The bureau's plugin registers its tasks, tells what it may, and its tasks are judged as it expects."""

from __future__ import annotations

import burdenlib_forestry
from hypothesis import given, settings

import burdenlib
import burdenlib.testing as bt


def test_it_registers_its_own_two_tasks_and_nothing_is_wrong(engine: burdenlib.Engine) -> None:
    assert [task.id for task in engine.tasks] == ["LY-2024-01", "LY-2024-02"]
    assert {task.get("department") for task in engine.tasks} == {burdenlib_forestry.department}
    assert engine.registry.problems == ()
    assert engine.check_all(engine.tasks).problems == ()


def test_its_tasks_are_judged_as_expected(engine: burdenlib.Engine) -> None:
    outcome = engine.check_all(engine.tasks)
    help_with_fires, pledge = outcome["LY-2024-01"], outcome["LY-2024-02"]
    assert help_with_fires.status == "accepted"
    assert [each.rule for each in help_with_fires.admitted_by] == ["demo_county.村级事项"]
    assert pledge.status == "rejected"
    assert "demo_county.村级事项" in [reason.rule for reason in pledge.reasons]


def test_what_it_tells_is_its_own_to_tell(engine: burdenlib.Engine) -> None:
    for verdict in engine.check_all(engine.tasks):
        assert verdict.known["funded"] is (verdict.task == "LY-2024-01")
        assert "funded" not in verdict.claimed


def test_it_fails_on_no_task_of_its_department(engine: burdenlib.Engine) -> None:
    tasks = bt.tasks_where(engine, given={"department": burdenlib_forestry.department})

    @settings(deadline=None, max_examples=25)
    @given(tasks)
    def run(task: burdenlib.Task) -> None:
        assert engine.check_all([task]).problems == ()

    run()
