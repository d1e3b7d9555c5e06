"""When two sets of documents are shown to answer alike, and that no task contradicts it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from burdenlib import policy as p
from burdenlib.engine import Engine, as_task
from burdenlib.intake import Case, make_case
from burdenlib.loader import load_documents
from burdenlib.task import read_task
from burdenlib.testing.cases import answer, cases_of, trials
from burdenlib.testing.mutation import mutate
from burdenlib.testing.observed import likeness
from burdenlib.testing.reach import Chance, Goal, charges_of, grounds_of, reach
from burdenlib.testing.search import pairs_of
from burdenlib.testing.solver import FALSE, Node, Nodes, TooHardError, solve
from burdenlib.testing.workbench import Workbench
from burdenlib.verdict import Verdict
from tests.strategies import Made, chains, doors_with_limits, policy_sets, reaches, some_facts, texts_of, whole_facts
from tests.strategies import portfolios as small_portfolios

HEAD = """
policy county "Composed for tests" / "自编" version 1 issued by county "自编机关" for place 990101 effective 2024-01-01
  cite 《自编文件》
"""
CITE = " cite 《自编文件》第一条\n"


def loaded(*texts: str) -> p.PolicySet:
    return load_documents((), {f"<{number}>": text for number, text in enumerate(texts)}).policies


def alike(one: str, other: str) -> str:
    return likeness(loaded(HEAD + one), loaded(HEAD + other))


# ---- the search of values -----------------------------------------------------------------------------------------------------

SIZES = (2, 3, 3, 4)


def nodes_of(nodes: Nodes) -> st.SearchStrategy[Node]:
    literals = st.integers(0, len(SIZES) - 1).flatmap(
        lambda number: st.integers(0, (1 << SIZES[number]) - 1).map(lambda mask: nodes.literal(number, mask))
    )

    def joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        rows = st.lists(inner, min_size=1, max_size=4)
        return st.one_of(rows.map(nodes.both), rows.map(nodes.either), inner.map(nodes.negate))

    return st.recursive(literals, joined, max_leaves=16)


def holds(node: Node, values: Sequence[int]) -> bool:
    match node.operator:
        case "literal":
            return bool(node.mask >> values[node.variable] & 1)
        case "and":
            return all(holds(part, values) for part in node.parts)
        case "or":
            return any(holds(part, values) for part in node.parts)
    return node is not FALSE


@given(st.data())
def test_values_are_found_where_there_are_some_and_nowhere_else(data: st.DataObject) -> None:
    nodes = Nodes()
    for size in SIZES:
        nodes.variable((1 << size) - 1)
    wanted = data.draw(st.lists(nodes_of(nodes), min_size=1, max_size=4))
    every = [*itertools.product(*map(range, SIZES))]
    fitting = [values for values in every if all(holds(node, values) for node in wanted)]
    found = solve(nodes, wanted)
    assert (found is None) == (not fitting)
    if found is not None:
        assert all(values in fitting for values in every if all(found[n] >> v & 1 for n, v in enumerate(values)))


@given(st.data())
def test_a_negation_holds_where_its_part_does_not(data: st.DataObject) -> None:
    nodes = Nodes()
    for size in SIZES:
        nodes.variable((1 << size) - 1)
    one, other = data.draw(nodes_of(nodes)), data.draw(nodes_of(nodes))
    differ = nodes.differ(one, other)
    for values in itertools.product(*map(range, SIZES)):
        assert holds(nodes.negate(one), values) is not holds(one, values)
        assert holds(differ, values) == (holds(one, values) is not holds(other, values))


def test_a_search_that_takes_too_long_is_given_up() -> None:
    nodes = Nodes()
    birds = [[nodes.variable(0b11) for _ in range(5)] for _ in range(6)]  # six in five holes, no two in one
    wanted = [nodes.either(nodes.literal(hole, 2) for hole in bird) for bird in birds]
    for hole in range(5):
        for one, other in itertools.combinations(birds, 2):
            wanted.append(nodes.either((nodes.literal(one[hole], 1), nodes.literal(other[hole], 1))))
    assert solve(nodes, wanted) is None
    with pytest.raises(TooHardError):
        solve(nodes, wanted, limit=10)


# ---- what is alike ------------------------------------------------------------------------------------------------------------------

LIST = 'list tasks "tasks" governs when kind is work and target_kind is village closed item T-1 "visits"\n'
OPEN_LIST = LIST.replace("closed", "open")
EARLY = 'policy county "自编" version {} issued by county "自编机关" for place 990101 effective {} cite 《自编文件》\n'


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # a duty shows only on what is accepted, and only the list admits
        (
            LIST + "duty d when kind is work and target_kind is village owed by assigner" + CITE,
            LIST + "duty d when kind is work owed by assigner" + CITE,
            "answers",
        ),
        (
            LIST + "duty d when kind is work and target_kind is village owed by assigner" + CITE,
            LIST + "duty d when kind in {work, form} owed by assigner" + CITE,
            "answers",
        ),
        # but not if something else admits as well, or the condition says more than the list
        (
            LIST
            + "admit a when kind is work and funded"
            + CITE
            + "duty d when kind is work and target_kind is village owed by assigner"
            + CITE,
            LIST + "admit a when kind is work and funded" + CITE + "duty d when kind is work owed by assigner" + CITE,
            "",
        ),
        (
            LIST + "duty d when kind is work and funded owed by assigner" + CITE,
            LIST + "duty d when kind is work owed by assigner" + CITE,
            "",
        ),
        # a duty that may be owed is shown, so that an unknown is noticed as well
        (
            LIST + "duty d when funded and not funded owed by assigner" + CITE,
            LIST + "duty d when funded and kind is form owed by assigner" + CITE,
            "",
        ),
        # what is never true is open as long as other facts aren't told
        (
            LIST + "ban a when funded and not funded" + CITE,
            LIST + "ban a when emergency and not emergency" + CITE,
            "",
        ),
        # of two rules that reject alike one may reject more, beside the other; but not alone
        ("ban a when funded" + CITE + "ban b when funded and emergency" + CITE, "ban a when funded" + CITE + "ban b when funded" + CITE, "examples"),
        ("ban a when funded" + CITE + "ban b when funded" + CITE, "ban a when funded" + CITE + "ban b when funded and emergency" + CITE, ""),
        ("ban a when funded" + CITE + "ban b when emergency" + CITE, "ban a when funded" + CITE + "ban b when emergency or kind is form" + CITE, ""),
        # an exception for what another one saves already
        (
            "ban a when funded unless emergency unless emergency and kind is work" + CITE,
            "ban a when funded unless emergency" + CITE,
            "answers",
        ),
        ("ban a when funded unless emergency" + CITE, "ban a when funded" + CITE, ""),
        # days that are compared: fifteen days later is ten days later
        (
            "require a when kind is disclosure must disclosed_on no later than 10 days after period_end" + CITE
            + "require b when kind is disclosure and funded must disclosed_on no later than 15 days after period_end" + CITE,
            "require a when kind is disclosure must disclosed_on no later than 10 days after period_end" + CITE
            + "require b when kind is disclosure must disclosed_on no later than 15 days after period_end" + CITE,
            "examples",
        ),
        (
            "require a when kind is disclosure must disclosed_on no later than 10 days after period_end" + CITE
            + "require b when kind is disclosure and funded must disclosed_on no later than 9 days after period_end" + CITE,
            "require a when kind is disclosure must disclosed_on no later than 10 days after period_end" + CITE
            + "require b when kind is disclosure must disclosed_on no later than 9 days after period_end" + CITE,
            "",
        ),
        # an item that a residual item covers just as well; and one whose code another rule asks for
        (
            'list tasks "tasks" governs when kind is work closed item T-1 "visits" when funded otherwise "all" when funded\n',
            'list tasks "tasks" governs when kind is work closed item T-2 "counts" when funded otherwise "all" when funded\n',
            "answers",
        ),
        (
            'list tasks "tasks" governs when kind is work closed item T-1 "visits" when funded otherwise "all" when funded\n',
            'list tasks "tasks" governs when kind is work closed item T-1 "visits" otherwise "all" when funded\n',
            "",
        ),
        # what a limit counts of what stays undetermined may use it up
        (
            OPEN_LIST + "limit m at most 1 per target each year when kind is work and target_kind is village" + CITE,
            OPEN_LIST + "limit m at most 1 per target each year when kind is work" + CITE,
            "",
        ),
        (
            OPEN_LIST + "limit m at most 1 per target each year when kind is work" + CITE,
            OPEN_LIST + "limit m at most 2 per target each year when kind is work" + CITE,
            "",
        ),
    ],
)  # fmt: skip
def test_what_is_shown_to_be_alike_and_what_is_not(one: str, other: str, expected: str) -> None:
    assert alike(one, other) == expected


def test_a_version_covers_for_the_next_one_on_the_day_between() -> None:
    ban = "ban a when funded" + CITE
    first = EARLY.format(1, "2020-01-01") + ban
    on_time, late = (EARLY.format(2, day) + ban for day in ("2024-01-01", "2024-01-02"))
    assert likeness(loaded(first, on_time), loaded(first, late)) == "answers"
    assert likeness(loaded(on_time), loaded(late)) == ""


def test_what_is_the_same_only_with_its_documents_is_said_so() -> None:
    duty = "duty d when kind is work and target_kind is village owed by assigner" + CITE
    policies = loaded(HEAD + LIST + duty)
    found = mutate(policies, frozenset({"county"}), trials(policies, frozenset({"county"})), processes=1, search=False)
    shown = {fate.mutant.partition(".")[2]: fate.shown for fate in found.of("same")}
    assert shown["d:drop_condition:1"] == shown["d:drop_condition:2"] == "answers"
    other = "admit a when kind is work" + CITE
    policies = loaded(HEAD + LIST + duty, HEAD.replace("county", "other", 1) + "  uses county\n" + other)
    names = frozenset({"county", "other"})
    found = mutate(policies, names, trials(policies, names), processes=1, search=False)
    assert "d:drop_condition:2" in {
        fate.mutant.partition(".")[2] for fate in found.of("same")
    }  # no example rests on it


# ---- no task contradicts it -----------------------------------------------------------------------------------------------------------


def shown(verdict: Verdict) -> tuple[str, set[str], set[str]]:
    """What of an answer an example can see, as far as the status lets it."""
    if verdict.status == "accepted":
        return verdict.status, {each.rule for each in verdict.admitted_by}, {each.rule for each in verdict.duties}
    if verdict.status == "rejected":
        return verdict.status, {str(each.rule) for each in verdict.reasons}, set()
    return verdict.status, set(), set()


def told_apart(like: str, before: p.PolicySet, after: p.PolicySet, cases: Sequence[Case]) -> str | None:
    """How the last of some tasks contradicts that two sets of documents are alike."""
    verdicts = [answer(each, cases, asking=False) for each in (before, after)]
    (status, names, duties), (then, others, owed) = map(shown, verdicts)
    fits = names == others if like == "answers" else names <= others
    if (status, duties) == (then, owed) and fits:
        return None
    return f"{status} {sorted(names)} {sorted(duties)}, then {then} {sorted(others)} {sorted(owed)}"


def near(before: p.PolicySet, after: p.PolicySet, key: str, seed: int) -> Iterator[Sequence[Case]]:
    """Tasks on which a condition that was changed comes out differently, some of which nothing rejects, or are accepted."""
    one, other = (next(each for each in side.policies if each.key == key) for side in (before, after))
    off = [Goal(each, False) for each in charges_of(before).values()]
    accepted = [*off, Goal(p.Any(tuple(grounds_of(before).values())))]
    for part in pairs_of(one, other):
        for truths, more in itertools.product(itertools.permutations((True, False, None), 2), ([], off, accepted)):
            goals = [Goal(condition, truth) for condition, truth in zip(part.pair, truths, strict=True)]
            facts = reach(before, [*goals, *more], Chance(seed))
            cases = None if not facts else cases_of(before, (facts,))
            if cases is not None:
                yield cases


def check_all(made: Sequence[Made], portfolios: Sequence[Sequence[dict[str, object]]], seed: int, most: int) -> None:
    """No task contradicts what is said of some mutants of generated documents."""
    engine = Engine.load(texts=texts_of(made))
    names = frozenset(each.name for each in engine.policies.policies if each.name != "core")
    bench = Workbench.of(engine.policies, names, ())
    chooser = random.Random(seed)
    told = [cases for tasks in portfolios if (cases := read(engine, tasks)) is not None]
    owing = [each for each in bench.asked if any(rule.kind == "duty" for rule in each.rules)]
    policy = chooser.choice(owing or bench.asked)
    mutants = bench.mutants(policy)
    if chooser.random() < 0.5:  # of duties, which show only on what is accepted
        mutants = tuple(each for each in mutants if each.declaration.startswith("duty")) or mutants
    before = bench.under(policy)
    assert before is not None
    for mutant in chooser.sample(mutants, min(most, len(mutants))):
        after = bench.under(policy, mutant)
        like = "" if after is None else likeness(before, after)
        event(f"{mutant.operator}: {like}")
        if after is None or not like:
            continue
        for cases in itertools.chain(told, near(before, after, policy.key, seed)):
            assert told_apart(like, before, after, cases) is None, (mutant.id, mutant.change(), cases[-1].known)


def read(engine: Engine, tasks: Sequence[dict[str, object]]) -> Sequence[Case] | None:
    cases = []
    for number, facts in enumerate(tasks):
        told, wrong = read_task(as_task({"id": f"t{number}", **facts}), engine.policies)
        case, more = make_case(engine.policies, f"t{number}", told)
        if wrong or more:
            return None
        cases.append(case)
    return cases


PORTFOLIOS = st.lists(
    st.one_of(whole_facts().map(lambda facts: [facts]), some_facts().map(lambda pair: [pair[0]]), small_portfolios(4)),
    min_size=8,
    max_size=12,
)
DOCUMENTS = st.one_of(policy_sets(2), doors_with_limits().map(lambda made: (made,)), reaches(), chains())
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(QUICK, max_examples=max(24, settings().max_examples // 4))
@given(DOCUMENTS, PORTFOLIOS, st.integers(0, 1 << 16))
def test_no_task_tells_apart_what_is_shown_to_be_alike(
    made: tuple[Made, ...], portfolios: list[list[dict[str, object]]], seed: int
) -> None:
    check_all(made, portfolios, seed, 4)
