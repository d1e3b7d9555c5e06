"""The engine agrees with the naive evaluator on tasks that lie at the edges of generated policies, told in whole or part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from hypothesis import assume, event, given
from hypothesis import strategies as st

from burdenlib.engine import Engine
from burdenlib.evaluator import Evaluator
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.judge import Charge, judge
from burdenlib.places import LEVEL_LENGTHS
from burdenlib.policy import PolicySet
from burdenlib.task import Known, Told, gather
from burdenlib.testing.reach import Chance, Goal, reach
from burdenlib.testing.strategies import case_of, known_facts
from tests.oracle import Oracle, portfolio
from tests.strategies import (
    CHANNELS,
    CORE,
    DAYS,
    TARGETS,
    Made,
    chains,
    doors_with_limits,
    policy_sets,
    reaches,
    some_facts,
    texts_of,
    whole_facts,
)

POLICIES = st.one_of(policy_sets(), policy_sets(), chains(), reaches())


def plain(known: Mapping[str, Value], channels: frozenset[str] = frozenset(CHANNELS)) -> dict[str, object]:
    """Facts as the naive evaluator takes them."""
    found: dict[str, object] = {}
    for name, value in known.items():
        match value:
            case SetValue(includes, excludes):
                whole = includes | excludes == channels
                found[name] = set(includes) if whole else {"includes": includes, "excludes": excludes}
            case _ if value is NONE:
                found[name] = "none"
            case _:
                found[name] = value
    return found


@given(POLICIES, st.data())
def test_tasks_at_the_edges_of_policies_agree(made: tuple[Made, ...], data: st.DataObject) -> None:
    policies = Engine.load(texts=texts_of(made)).policies
    files = [each.file for each in made]
    for _ in range(3):
        known = data.draw(known_facts(policies))
        expected = Oracle(files, plain(known)).status()
        event(expected)
        assert judge(policies, case_of(policies, known)).status == expected, known


@given(chains() | reaches(), st.data())
def test_what_an_admission_opens_agrees(made: tuple[Made, ...], data: st.DataObject) -> None:
    """Tasks that a list governs and an admission is for: they are shut out unless it reaches the list."""
    policies = Engine.load(texts=texts_of(made)).policies
    admits = [rule for _, rule in policies.rules("admit")]
    shutting = [each for each in policies.lists.values() if each.shuts_out]
    assume(admits and shutting)
    for _ in range(3):
        goals = [Goal(data.draw(st.sampled_from(admits)).fires), Goal(data.draw(st.sampled_from(shutting)).governs)]
        known = reach(policies, goals, Chance(data.draw(st.integers(0, 99))))
        if known is not None:
            _agrees_throughout(policies, made, known)


@given(POLICIES, some_facts())
def test_tasks_told_in_part_agree(made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]]) -> None:
    engine = Engine.load(texts=texts_of(made))
    for facts in some:
        expected = Oracle([each.file for each in made], facts).status()
        event(expected)
        assert engine.check({"id": "t", **facts}).status == expected, facts


@given(POLICIES, st.data())
def test_every_condition_agrees(made: tuple[Made, ...], data: st.DataObject) -> None:
    """Not the verdicts only, which hide much: each rule's own truth."""
    policies = Engine.load(texts=texts_of(made)).policies
    for _ in range(2):
        _agrees_throughout(policies, made, data.draw(known_facts(policies)))


def _agrees_throughout(policies: PolicySet, made: tuple[Made, ...], known: Mapping[str, Value]) -> None:
    evaluator = Evaluator(policies, case_of(policies, known).known)
    oracle = Oracle([each.file for each in made], plain(known))
    for document in oracle.documents:
        own = next(policy for policy in policies.policies if policy.name == document.name)
        if any(each.shuts_out for each in own.lists):
            assert Charge(own).truth(evaluator) is oracle.shut_out(document), (own.name, known)
        for rule in own.rules:
            declaration = next(d for d in document.file.declarations if str(d.name) == rule.name.split(".")[1])
            assert evaluator.fires(rule).truth is oracle.fires(document, declaration), (rule.name, known)
        for task_list in own.lists:
            declaration = next(d for d in document.file.declarations if str(d.name) == task_list.name.split(".")[1])
            governs, covers = oracle.list_state(document, declaration)
            truth = False if governs is False or covers is False else True if governs and covers else None
            assert evaluator.cover(task_list.key).truth is truth, (task_list.name, known)


TIMES = st.sampled_from(DAYS) | st.dates(dt.date(2023, 12, 20), dt.date(2024, 4, 10))


@given(
    doors_with_limits(),
    whole_facts(),
    st.lists(st.tuples(TIMES, st.sampled_from(TARGETS[:1] + TARGETS[:4])), min_size=2, max_size=6),
)
def test_portfolios_of_like_tasks_agree(door: Made, facts: dict[str, object], turns: list[tuple[dt.date, str]]) -> None:
    """Tasks that differ in date and target only, so that limits count them together."""
    tasks = [{"id": f"t{number}", **facts, "date": day, "target": target} for number, (day, target) in enumerate(turns)]
    expected = portfolio([door.file], tasks)
    event(f"{expected.count('rejected')} past a limit")
    engine = Engine.load(texts=texts_of([door]))
    assert [verdict.status for verdict in engine.check_all(tasks)] == expected


PARTS = st.dictionaries(st.sampled_from(CHANNELS), st.booleans())


@given(PARTS, PARTS)
def test_sources_add_up_to_what_neither_contradicts(one: dict[str, bool], other: dict[str, bool]) -> None:
    told = [
        Told(
            SetValue(
                frozenset(name for name, there in part.items() if there),
                frozenset(name for name, there in part.items() if not there),
            ),
            fact="channels",
        )
        for part in (one, other)
    ]
    known, conflicts = gather(told)
    both = {name for name in CHANNELS if name in one and name in other and one[name] != other[name]}
    agreed = {name: there for name, there in {**one, **other}.items() if name not in both}
    value = known["channels"].value
    assert isinstance(value, SetValue)
    assert value.includes == {name for name, there in agreed.items() if there}
    assert value.excludes == {name for name, there in agreed.items() if not there}
    assert {conflict.value for conflict in conflicts} == both


@given(policy_sets(), some_facts())
def test_trailing_zeros_of_a_place_say_nothing(
    made: tuple[Made, ...], some: tuple[dict[str, object], dict[str, object]]
) -> None:
    engine = Engine.load(texts=texts_of(made))
    facts = some[1]
    code = str(facts.get("target", "3710"))
    for length in LEVEL_LENGTHS.values():
        if length >= len(code):
            padded = {**facts, "target": code.ljust(length, "0")}
            expected = Oracle([each.file for each in made], {**facts, "target": code}).status()
            assert engine.check({"id": "t", **padded}).status == expected


VERSION = """
policy twice "两版(自编)" / "two versions" version {version} issued by county "演示" for place 370829
    effective {start}
ban all "一律禁止" when kind in {{work, form, certificate}} cite 《演示》
"""


@given(st.lists(st.sampled_from(DAYS), min_size=2, max_size=3, unique=True), st.sampled_from(DAYS), st.integers(-1, 1))
def test_one_version_is_in_force_on_each_day(starts: list[dt.date], near: dt.date, step: int) -> None:
    texts = {
        f"v{number}.burden": VERSION.format(version=number, start=start.isoformat())
        for number, start in enumerate(sorted(starts), 1)
    }
    policies = Engine.load(texts={"core": CORE, **texts}).policies
    day = near + dt.timedelta(days=step)
    evaluator = Evaluator(policies, {"date": Known(day), "target": Known("370829101201")})
    versions = [policy for policy in policies.policies if policy.name == "twice"]
    in_force = [policy.version for policy in versions if evaluator.prove(policy.applies).truth]
    begun = [str(number) for number, start in enumerate(sorted(starts), 1) if start <= day]
    assert in_force == begun[-1:]
