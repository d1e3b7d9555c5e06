"""Mutants of policies: each operator, who kills them, what is the same, and examples that kill survivors."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from burdenlib import policy as p
from burdenlib.cli import main
from burdenlib.evaluator import Evaluator
from burdenlib.facts import NONE, SetValue, Value
from burdenlib.formatter import print_file
from burdenlib.loader import load_documents
from burdenlib.logic import Truth
from burdenlib.parser import parse
from burdenlib.source import Source
from burdenlib.task import Known
from burdenlib.testing import mutation as mutating
from burdenlib.testing.cases import trials
from burdenlib.testing.mutants import OPERATORS, Mutant
from burdenlib.testing.mutation import Mutation, mutate
from burdenlib.testing.paste import with_examples
from burdenlib.testing.sameness import FALSE, compare
from burdenlib.testing.workbench import Workbench
from burdenlib.words import Language

HEAD = """
policy county "Composed for tests" / "自编" version 1 issued by county "自编机关" for place 990101 effective 2024-01-01
  cite 《自编文件》
"""
CITE = " cite 《自编文件》第一条\n"
COUNTY = (
    HEAD
    + """
list tasks "the county's list" governs when kind is work closed
  item T-1 "help to visit families" role assist
ban pledges "no pledges" when channels includes pledge unless mandate at least province cite 《自编文件》第一条
example "a pledge"
  given target: 990101001201, date: 2024-05-06, kind: work, item: "T-1", role: assist,
      channels: {pledge}, mandate: none
  expect rejected by pledges
"""
)


def loaded(*texts: str) -> tuple[p.PolicySet, frozenset[str]]:
    found = load_documents((), {f"<{number}>": text for number, text in enumerate(texts)})
    return found.policies, frozenset(each.name for each in found.policies.policies if each.file in found.asked)


def mutated(*texts: str, **options: object) -> Mutation:
    policies, names = loaded(*texts)
    return mutate(policies, names, trials(policies, names), processes=1, **options)  # type: ignore[arg-type]


def bench(*texts: str) -> Workbench:
    policies, names = loaded(*texts)
    return Workbench.of(policies, names, tuple(trials(policies, names)))


def made(text: str) -> list[Mutant]:
    taken = bench(text)
    return [each for each in taken.mutants(taken.asked[0]) if each.declaration]


# ---- operators -----------------------------------------------------------------------------------------------------------------

BAN = "ban b when kind is form and {}" + CITE
CASES: tuple[tuple[str, str, str, set[str]], ...] = (
    ("drop_rule", "ban b when funded", "ban b", {""}),
    ("drop_exception", "ban b when funded unless emergency", "unless", {""}),
    ("negate_exception", "ban b when funded unless emergency", "unless", {"unless not emergency"}),
    ("drop_condition", "ban b when funded and emergency", "when", {"when funded", "when emergency"}),
    ("drop_condition", "ban b when funded or emergency", "when", {"when funded", "when emergency"}),
    ("and_or", "ban b when funded and emergency", "when", {"when funded or emergency"}),
    ("and_or", "ban b when funded or emergency", "when", {"when funded and emergency"}),
    ("negate", "ban b when funded", "when", {"when not funded"}),
    ("negate", "ban b when not funded", "when", {"when funded"}),
    ("negate", "ban b when kind is not form", "when", {"when kind is form"}),
    ("negate", "ban b when has mandate", "when", {"when no mandate"}),
    ("negate", "ban b when unlisted", "when", {"when listed"}),
    ("swap_value", "ban b when kind is form", "when", {"when kind is meeting"}),
    ("swap_value", "ban b when channels includes pledge", "when", {"when channels includes ranking"}),
    ("swap_value", "ban b when mandate at least province", "when", {"when mandate at least city"}),
    ("widen_set", "ban b when kind in {form, meeting}", "when", {"when kind in {form, meeting, work}"}),
    ("narrow_set", "ban b when kind in {form, meeting}", "when", {"when kind in {form}", "when kind in {meeting}"}),
    (
        "any_all",
        "ban b when channels includes any of {pledge, veto}",
        "when",
        {"when channels includes all of {pledge, veto}"},
    ),
    ("boundary", "ban b when mandate at least province", "when", {"when mandate above province"}),
    ("boundary", "ban b when mandate below level", "when", {"when mandate at most level"}),
    (
        "shift_number",
        "limit b at most 2 per target",
        "limit",
        {"limit b at most 3 per target", "limit b at most 1 per target"},
    ),
    (
        "shift_date",
        "ban b when applied_on before 2024-03-01",
        "when",
        {"when applied_on before 2024-03-02", "when applied_on before 2024-02-29"},
    ),
    ("shift_date", "ban b when funded from 2024-03-01", "from", {"from 2024-03-02", "from 2024-02-29"}),
    (
        "shift_number",
        "ban b when date after 5 days after applied_on",
        "when",
        {"when date after 6 days after applied_on", "when date after 4 days after applied_on"},
    ),
    (
        "working_days",
        "ban b when date after 5 days after applied_on",
        "when",
        {"when date after 5 working days after applied_on"},
    ),
    ("widen_place", "ban b when target within 990101001", "when", {"when target within 990101"}),
    ("extent", 'list b "b" closed item T-1 "一"', "closed", {"open"}),
    ("extent", 'list b "b" open item T-1 "一"', "open", {"closed"}),
    ("drop_list", 'ban list b "b" item T-1 "一"', "ban list", {""}),
    ("drop_item", 'list b "b" closed item T-1 "一" item T-2 "二"', "item", {""}),
    ("swap_value", 'list b "b" closed item T-1 "一" role assist', "item", {'item T-1 "一" role responsible'}),
)


@pytest.mark.parametrize(
    ("operator", "text", "of", "expected"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
def test_an_operator_makes_these_changes(operator: str, text: str, of: str, expected: set[str]) -> None:
    clause = text if "item" not in text else text.replace(" item", " cite 《自编文件》第一条 item", 1)
    found = [
        each.change() for each in made(HEAD + clause + ("\n" if "item" in text else CITE)) if each.operator == operator
    ]
    new = {next((line[2:].strip() for line in change.splitlines() if line[0] == "+"), "") for change in found}
    old = {line[2:].strip() for change in found for line in change.splitlines() if line[0] == "-"}
    assert new == expected
    assert any(line.startswith(of) for line in old)


def test_every_operator_is_tried() -> None:
    assert {operator for operator, *_ in CASES} == set(OPERATORS)


def test_a_table_of_items_is_changed_as_well(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("code,title,role,from\nT-1,一,assist,2024-02-01\nT-2,二,,\n", "utf-8")
    file = tmp_path / "county.burden"
    file.write_text(HEAD + 'list b "b" closed cite 《自编文件》第一条 items from "items.csv"\n', "utf-8")
    found = load_documents([file])
    taken = Workbench.of(found.policies, frozenset({"county"}), ())
    changes = {(each.operator, each.row[1]) for each in taken.mutants(taken.asked[0]) if each.table is not None}
    assert changes == {
        ("drop_item", ""),
        ("swap_value", "T-1,一,responsible,2024-02-01"),
        ("shift_date", "T-1,一,assist,2024-02-02"),
        ("shift_date", "T-1,一,assist,2024-01-31"),
    }
    (row, *_) = (each for each in taken.mutants(taken.asked[0]) if each.operator == "drop_item")
    changed = taken.under(taken.asked[0], row)
    assert changed is not None
    assert [item.code for each in changed.lists.values() for item in each.items] == ["T-2"]


@pytest.mark.parametrize("path", ["dsl/demo", "dsl/shandong/assignment.burden", "dsl/huangshan"])
def test_mutants_are_unlike_each_other_and_read_as_what_they_are(path: str) -> None:
    found = load_documents([path])
    names = frozenset(each.name for each in found.policies.policies if each.file in found.asked)
    taken = Workbench.of(found.policies, names, ())
    for policy in taken.asked:
        mutants = taken.mutants(policy)
        assert len({each.id for each in mutants}) == len(mutants)
        trees = [each.tree for each in mutants if each.table is None]
        assert len(set(trees)) == len(trees)
        assert taken.trees[policy.key] not in trees
        language: Language = "zh" if policy.span.source.text.startswith("文件") else "en"
        for each in random.Random(0).sample(trees, min(12, len(trees))):
            assert parse(Source("<mutant>", print_file(each, language))).file == each


def test_leaving_out_what_has_no_say_changes_no_document() -> None:
    found = load_documents(["dsl/shandong"])
    names = frozenset(each.name for each in found.policies.policies if each.file in found.asked)
    taken = Workbench.of(found.policies, names, ())
    for policy in taken.asked:
        under = taken.under(policy)
        assert under is not None
        whole = {each.key: each.digest for each in found.policies.policies}
        assert all(whole[each.key] == each.digest for each in under.policies if each.decides)


# ---- fates ---------------------------------------------------------------------------------------------------------------------------


def fates(found: Mutation) -> dict[str, str]:
    return {fate.mutant.partition("@1.")[2]: fate.outcome for fate in found.fates}


def test_the_fates_in_a_small_policy_are_those_found_by_hand() -> None:
    killed = {  # all those that keep the ban from firing on the pledge of the example
        "pledges:drop_rule:1",
        "pledges:negate:1",
        "pledges:swap_value:1",
        "pledges:negate_exception:1",
    }
    found = fates(mutated(COUNTY, search=False))
    assert {name for name, outcome in found.items() if outcome == "killed"} == killed
    assert len(found) == 14
    assert "same" not in found.values()


@pytest.mark.parametrize(
    ("condition", "same"),
    [
        ("kind is form and kind is not work", {"drop_condition:2", "swap_value:2"}),
        ("kind is form or kind is not work", {"drop_condition:1", "swap_value:1"}),
        ("has mandate and mandate at least township", {"drop_condition:1"}),
        ("funded and (emergency or not emergency)", set()),  # where it isn't told the two differ
        ("has mandate and level is city", set()),
    ],
)
def test_what_no_task_tells_apart_is_the_same_and_nothing_else(condition: str, same: set[str]) -> None:
    found = fates(mutated(HEAD + "ban b when " + condition + CITE, search=False))
    assert {name.partition(":")[2] for name, outcome in found.items() if outcome == "same"} == same


def test_a_change_after_which_the_text_is_no_policy_is_not_counted() -> None:
    text = COUNTY + 'ban off "off the list" when off tasks unless on tasks[T-1] cite 《自编文件》第二条\n'
    assert "tasks:drop_item:1" not in fates(mutated(text, search=False))


def test_examples_of_documents_that_rest_on_another_kill_its_mutants() -> None:
    other = (
        HEAD.replace("policy county", "policy other").replace("\n  cite", "\n  uses county\n  cite")
        + 'example "elsewhere"\n  given target: 990101001201, date: 2024-05-06, kind: work, item: "T-1",\n'
        "      role: assist, channels: {pledge}, mandate: province\n  expect accepted by county.tasks\n"
    )
    (alone,) = (each for name, each in fates(mutated(COUNTY, search=False)).items() if name == "pledges:boundary:1")
    (both,) = (
        each for name, each in fates(mutated(COUNTY, other, search=False)).items() if name == "pledges:boundary:1"
    )
    assert (alone, both) == ("survived", "killed")


# ---- examples for survivors ------------------------------------------------------------------------------------------------------------

RICH = (
    HEAD
    + """
term handed "handed down" means target_kind in {village, community} and level is not grassroots
list tasks "the county's list" governs when kind is work and handed closed
  item T-1 "help to visit families" role assist
  item T-2 "help in storms" when emergency from 2024-06-01 until 2024-09-30
  otherwise "what a joint meeting approves" when approved_by includes any of {joint_meeting, county}
list boards "boards" governs when kind is signboard partial answered by listed_locally
  item S-1 "the committee"
ban list gone "gone boards" governs when kind is signboard unless mandate at least province
  item X-1 "task force office"
ban pledges "no pledges" when channels includes pledge unless basis at least administrative_regulation
    unless on tasks[T-2]
  cite 《自编文件》第一条
require money "money" when kind is work and duration is long_term must funded from 2024-03-01 cite 《自编文件》第二条
admit urgent "what is urgent" when emergency and mandate at least county to tasks cite 《自编文件》第三条
limit meetings "two a year" at most 2 per target each year when kind is meeting cite 《自编文件》第四条
list meeting "meetings" governs when kind is meeting open item M-1 "meeting"
duty told "residents are told" when kind is work and duration is not temporary owed by committee cite 《自编文件》第五条
"""
)
SEED = """
example "a visit"
  given target: 990101001201, target_kind: village, level: county, date: 2024-05-06, kind: work, item: "T-1",
      role: assist, channels: {notice}, duration: temporary, emergency: no
  expect accepted by tasks
"""


@pytest.fixture(scope="module")
def rich() -> Mutation:
    return mutated(RICH + SEED)


@pytest.mark.slow
def test_a_survivor_gets_an_example_that_kills_it_once_it_is_pasted(rich: Mutation) -> None:
    found = [fate for fate in rich.survivors if fate.example is not None]
    assert len(found) >= 0.9 * len(rich.survivors) > 40
    pasted = with_examples(RICH + SEED, list(dict.fromkeys(fate.example for fate in found if fate.example)))
    again = mutated(pasted, search=False)
    outcomes = {fate.mutant: fate for fate in again.fates}
    assert {outcomes[fate.mutant].outcome for fate in found} == {"killed"}
    assert all(outcomes[fate.mutant].generated for fate in found)
    assert again.score(written=True) == pytest.approx(rich.score())
    assert again.score() > 0.95


def test_what_a_limit_may_count_beside_is_found_with_several_tasks() -> None:
    text = """
list visits "visits" governs when kind is work and target_kind is village open item T-1 "visits"
limit m at most 2 per target each year when kind is work and target_kind is village"""
    found = mutated(HEAD + text + CITE)
    (fate,) = (each for each in found.survivors if each.mutant.endswith("m:drop_condition:2"))
    assert fate.example is not None
    assert fate.example.count("given id") == 3
    again = fates(mutated(with_examples(HEAD + text + CITE, [fate.example]), search=False))
    assert again["m:drop_condition:2"] == "killed"


@pytest.mark.slow
def test_pasted_examples_hold_in_the_policy(rich: Mutation, tmp_path: Path) -> None:
    file = tmp_path / "county.burden"
    examples = list(dict.fromkeys(fate.example for fate in rich.survivors if fate.example))
    file.write_text(with_examples(RICH + SEED, examples), "utf-8")
    result = CliRunner().invoke(main, ["test", str(file), "--examples", "generated", "--format", "json"])
    assert json.loads(result.stdout) == {"passed": len(examples), "failed": 0, "failures": []}


# ---- the command ---------------------------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner(env={"LC_ALL": "en_GB.UTF-8"}).invoke(main, ["mutate", *arguments])
    return result.exit_code, result.stdout


def test_the_answer_has_the_promised_keys(tmp_path: Path) -> None:
    file = tmp_path / "county.burden"
    file.write_text(COUNTY, "utf-8")
    status, text = run(str(file), "--format", "json", "--jobs", "1")
    answer = json.loads(text)
    assert status == 1
    assert list(answer) == ["mutants", "killed", "same", "survived", "survivors", "proofs"]
    assert answer["mutants"] == answer["killed"] + answer["same"] + answer["survived"] == 14
    assert len(answer["survivors"]) == answer["survived"] == 10
    assert all(each["example"].startswith("example ") for each in answer["survivors"])


def test_written_examples_leave_no_survivor_and_are_counted_apart(tmp_path: Path) -> None:
    file = tmp_path / "county.burden"
    file.write_text(COUNTY, "utf-8")
    run(str(file), "--write-examples", "--jobs", "1")
    status, text = run(str(file), "--language", "en", "--jobs", "2")
    assert status == 0
    assert text == (
        "14 mutants: 14 killed, 0 the same, 0 survived\n"
        "score: 28.5 % by examples written by hand, 100.0 % with generated ones\n"
    )
    status, text = run(str(file), "--examples", "written", "--no-search", "--format", "json")
    assert json.loads(text)["killed"] == 4
    assert file.read_text("utf-8").startswith(COUNTY.rstrip())


def test_a_run_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, state = tmp_path / "county.burden", tmp_path / "state"
    file.write_text(COUNTY, "utf-8")
    options = (str(file), "--state", str(state), "--format", "json", "--jobs", "1")
    whole = run(*options)
    head, *lines = state.read_text("utf-8").splitlines()
    assert len(lines) == 14
    state.write_text("\n".join((head, *lines[:9], lines[9][:20])) + "\n", "utf-8")
    examined: list[int] = []
    real = mutating.examine

    def noted(*arguments: object, **options: object) -> Iterator[object]:
        examined.extend(arguments[2])  # type: ignore[arg-type]
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(mutating, "examine", noted)
    assert run(*options)[0] == whole[0]
    assert len(examined) == 5
    assert run(*options)[1] == run(*options)[1]
    assert len(examined) == 5
    file.write_text(COUNTY.replace("assist", "own"), "utf-8")
    run(*options)
    assert len(examined) == 5 + 14


def test_many_processes_find_what_one_finds() -> None:
    policies, names = loaded(RICH + SEED)
    one, two = (
        mutate(policies, names, trials(policies, names), processes=count, search=False).fates for count in (1, 2)
    )
    assert one == two


# ---- sameness --------------------------------------------------------------------------------------------------------------------------------

ATOMS = (
    "funded",
    "emergency",
    "kind is form",
    "kind is not work",
    "kind in {form, meeting}",
    "mandate at least province",
    "mandate is none",
    "has mandate",
    "channels includes pledge",
    "channels includes any of {pledge, veto}",
    "channels includes all of {pledge, veto}",
)
VALUES: Mapping[str, tuple[Value | None, ...]] = {
    "funded": (True, False, None),
    "emergency": (True, False, None),
    "kind": ("form", "work", "meeting", None),
    "mandate": ("province", "city", NONE, None),
}


def tree(chooser: random.Random, depth: int = 2) -> str:
    if depth == 0 or chooser.random() < 0.3:
        return chooser.choice(ATOMS)
    if chooser.random() < 0.2:
        return f"not ({tree(chooser, depth - 1)})"
    word = chooser.choice((" and ", " or "))
    return word.join(f"({tree(chooser, depth - 1)})" for _ in range(2))


def truth(policies: p.PolicySet, facts: Mapping[str, Value | None], condition: p.Condition) -> Truth:
    known = {name: Known(value) for name, value in facts.items() if value is not None}
    return Evaluator(policies, known).prove(condition).truth


def assignments(policies: p.PolicySet) -> Iterator[dict[str, Value | None]]:
    """Every way to know the facts of the atoms, as far as these can tell."""
    names = policies.facts["channels"].type.names
    parts = [
        SetValue(frozenset(n for n, t in zip(("pledge", "veto"), each, strict=True) if t), frozenset())
        for each in itertools.product((True, False), repeat=2)
    ]
    sets: list[SetValue | None] = [evolve(each, excludes=names - each.includes) for each in parts]
    sets += [SetValue(frozenset({"pledge"})), SetValue(frozenset(), frozenset({"pledge"})), None]
    values: dict[str, tuple[Value | None, ...]] = {
        **VALUES,
        "mandate": ("province", "city", NONE, None),
        "channels": tuple(sets),
    }
    for combination in itertools.product(*values.values()):
        yield dict(zip(values, combination, strict=True))


@pytest.mark.parametrize("seed", range(12))
def test_sameness_agrees_with_evaluation_over_everything(seed: int) -> None:
    chooser = random.Random(seed)
    one, other = tree(chooser), tree(chooser)
    if seed % 3 == 0:  # two ways to write one condition
        other = f"not (not ({one}))"
    text = HEAD + f"ban one when {one}{CITE}ban other when {other}{CITE}"
    policies, _ = loaded(text)
    pair = tuple(rule.when for policy in policies.policies for rule in policy.rules)
    same, differences = compare(policies, policies, (pair[0], pair[1]))
    bare = evolve(policies, facts={name: evolve(fact, only_when=None) for name, fact in policies.facts.items()})
    really = all(truth(bare, each, pair[0]) is truth(bare, each, pair[1]) for each in assignments(bare))
    if really:
        assert same
    if same:
        assert all(truth(policies, each, pair[0]) is truth(policies, each, pair[1]) for each in assignments(policies))
    for each in differences[:50]:
        assert (truth(policies, each.facts, pair[0]), truth(policies, each.facts, pair[1])) == (each.one, each.other)


def test_a_condition_that_can_hold_is_unlike_one_that_never_does() -> None:
    policies, _ = loaded(HEAD + "ban b when kind is form and kind is work" + CITE + "ban c when kind is form" + CITE)
    never, can = (rule.when for policy in policies.policies for rule in policy.rules)
    assert not compare(policies, policies, (can, FALSE))[0]
    same, differences = compare(policies, policies, (never, FALSE))
    assert not same
    assert {each.one for each in differences} == {None}  # it is open as long as the kind isn't told
