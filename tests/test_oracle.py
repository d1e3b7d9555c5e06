"""The engine agrees with a naive evaluator on generated policies and completely told tasks."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from burdenlib.engine import Engine
from tests.oracle import Oracle, portfolio
from tests.strategies import Made, doors_with_limits, policy_sets, texts_of, whole_facts


@given(policy_sets(), whole_facts())
def test_single_verdicts_agree(made: tuple[Made, ...], facts: dict[str, object]) -> None:
    engine = Engine.load(texts=texts_of(made))
    expected = Oracle([each.file for each in made], facts).status()
    event(expected)
    assert engine.check({"id": "t", **facts}).status == expected


@given(doors_with_limits(), policy_sets(), st.lists(whole_facts(), min_size=1, max_size=8))
def test_portfolios_agree(door: Made, others: tuple[Made, ...], drawn: list[dict[str, object]]) -> None:
    made = (door, *(each for each in others if each.name != "door"))
    engine = Engine.load(texts=texts_of(made))
    files = [each.file for each in made]
    tasks = [{"id": f"t{number}", **facts} for number, facts in enumerate(drawn)]
    singles = [Oracle(files, task).status() for task in tasks]
    definite = [(task, status) for task, status in zip(tasks, singles, strict=True) if status != "undetermined"]
    if definite:
        expected = portfolio(files, [task for task, _ in definite])
        event(f"{sum(a != b for a, (_, b) in zip(expected, definite, strict=True))} past a limit")
        assert [verdict.status for verdict in engine.check_all([task for task, _ in definite])] == expected
