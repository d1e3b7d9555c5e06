"""Which tasks are looked at when a limit may be used up: those that may count for the same target, and no fewer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burdenlib import Engine, Task
from burdenlib.answer import Proof
from burdenlib.limits import _may_use_up, _Nearby, _Use
from burdenlib.places import inside, is_inside
from burdenlib.policy import TRUE
from tests.conformance import OPEN, doc

PLACES = ("", "37", "3701", "370102", "370102001", "370102001201", "370102001202", "3702", "41", "410102")
AMOUNTS = st.sampled_from([Decimal(-3), Decimal(-1), Decimal(0), Decimal(1), Decimal(2), Decimal(5), None])


@st.composite
def uses(draw: st.DrawFn) -> list[_Use]:
    """Tasks as a limit sees them, at targets that hold each other; what is unknown makes a task loose."""

    alike = draw(st.booleans())

    def one(index: int) -> _Use:
        target = "3701" if alike else draw(st.none() | st.sampled_from(PLACES))
        amount = draw(AMOUNTS)
        group = ("a" if alike else draw(st.sampled_from(["a", None, "b"])),)
        unknown = tuple(
            name for name, value in (("target", target), ("department", group[0]), ("pages", amount)) if value is None
        )
        day = dt.date(2024, 1, draw(st.integers(1, 3)))
        truth = draw(st.sampled_from([True, None]))
        return _Use(index, (day, str(index)), truth, True, group, target, amount, unknown, Proof(TRUE, True))

    return [one(index) for index in range(draw(st.integers(1, 12)))]


@settings(max_examples=max(settings().max_examples, 200))
@given(uses(), st.integers(-2, 8).map(Decimal), st.integers(0, 8).map(Decimal))
def test_only_tasks_that_cannot_matter_are_passed_over(tasks: list[_Use], used: Decimal, count: Decimal) -> None:
    near = _Nearby(tasks)
    for task in tasks:
        others = [each for each in tasks if each is not task and _may_use_up(each, task)]
        assert sorted(each.index for each in near.of(task)) == [each.index for each in others]
        amounts = [each.amount for each in others]
        known = [each for each in amounts if each is not None]
        most, least = (used + sum((choose(each, Decimal(0)) for each in known), Decimal(0)) for choose in (max, min))
        assert near.may_exceed(used, task, count) == (None in amounts or most > count)
        assert near.surely_exceed(used, task, count) == (None not in amounts and least > count)


@given(st.lists(st.sampled_from(PLACES)).map(sorted), st.sampled_from(PLACES))
def test_places_inside_a_place_stand_side_by_side(places: list[str], place: str) -> None:
    assert [*inside(places, place)] == [each for each in places if is_inside(each, place)]


POLICY = doc("a", f"{OPEN}limit few\n  at most 2 per target\n  when kind is work\n", place="")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load(texts={"a.burden": POLICY})


@pytest.mark.parametrize(
    ("target", "others"),
    [
        ("370102001201", [None, None]),  # open tasks may be for this village
        ("370102001000", ["370102001201", None]),  # one inside the area of the task, one anywhere
    ],
)
def test_tasks_that_dont_tell_where_may_use_up_a_limit(engine: Engine, target: str, others: list[str | None]) -> None:
    def task(number: int, where: str | None) -> Task:
        told = {"kind": "work", "date": f"2024-01-0{number + 1}"}
        return Task(f"t-{number}", told if where is None else {**told, "target": where})

    tasks = [*(task(number, where) for number, where in enumerate(others)), task(8, target)]
    outcome = engine.check_all(tasks)
    assert outcome.verdicts[-1].status == "undetermined"
    assert engine.check_all(tasks[-1:]).verdicts[0].status == "accepted"
