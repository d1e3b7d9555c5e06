"""The compiled form decides what the interpreter decides: on generated policies and tasks, and on all that is shipped."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from burdenlib import Engine, Task
from burdenlib.compiled import Decision, Program
from burdenlib.intake import make_case
from burdenlib.judge import judge
from burdenlib.task import read_task
from tests.strategies import DAYS, FACTS, Made, policy_sets, some_facts, texts_of

CASES = Path(__file__).parent / "data" / "cases.jsonl"


def interpreted(engine: Engine, facts: Mapping[str, object], as_of: dt.date | None = None) -> Decision | None:
    """What the judge decides; `None` if the task can't be judged as it is told."""
    told, problems = read_task(Task("t", facts), engine.policies)
    case, more = make_case(engine.policies, "t", told, as_of=as_of)
    return None if problems or more else Decision.of(judge(engine.policies, case))


def agree(engine: Engine, program: Program, facts: Mapping[str, object], as_of: dt.date | None = None) -> None:
    expected = interpreted(engine, facts, as_of)
    if expected is None:
        return
    found = program.decide({"id": "t", **facts})
    if found is None:  # left to the interpreter: only where working days can't be counted
        assert any(reason.kind == "error" for reason in expected.reasons) or "applied_on" in facts
        return
    assert found == expected


# ---- generated policies ------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(policy_sets(), st.lists(some_facts(), min_size=1, max_size=6))
def test_generated_policies(
    made: tuple[Made, ...], tasks: Sequence[tuple[dict[str, object], dict[str, object]]]
) -> None:
    engine = Engine.load(texts=texts_of(made))
    program = Program(engine.policies)
    for less, more in tasks:
        agree(engine, program, less)
        agree(engine, program, more)
        decision = program.decide(more)
        event("left to the interpreter" if decision is None else decision.status)


@settings(max_examples=10)
@given(policy_sets(), some_facts(), st.sampled_from(DAYS))
def test_judged_as_of_another_day(
    made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]], day: dt.date
) -> None:
    engine = Engine.load(texts=texts_of(made))
    agree(engine, Program(engine.policies, day), some[0], day)


@settings(max_examples=10)
@given(policy_sets(), st.dictionaries(st.sampled_from(sorted(FACTS)), st.none(), max_size=3), some_facts())
def test_a_fact_told_as_null_is_not_told(
    made: tuple[Made, ...], nulls: dict[str, None], some: tuple[dict[str, object], dict[str, object]]
) -> None:
    engine = Engine.load(texts=texts_of(made))
    agree(engine, Program(engine.policies), {**some[1], **nulls})


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
    return tuple(given for policy in policies for example in policy.examples for given in example.given)


def varied(facts: Mapping[str, object], seed: random.Random) -> Iterator[tuple[str, object]]:
    """Most of what is told, now and then with the value that another case has."""
    for name, value in facts.items():
        if seed.random() > 0.15:
            others = [other[name] for other in cases() if name in other]
            yield name, seed.choice(others) if others and seed.random() < 0.15 else value


def test_the_shipped_policies_on_known_cases() -> None:
    engine, program = shipped()
    for facts in cases():
        agree(engine, program, facts)


@pytest.mark.parametrize("seed", range(2))
def test_the_shipped_policies_on_varied_cases(seed: int) -> None:
    engine, program = shipped()
    chance = random.Random(seed)
    for facts in chance.sample([*cases(), *examples()], 40):
        agree(engine, program, dict(varied(facts, chance)))
