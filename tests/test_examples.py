"""Examples that stand for several tasks: what `each` means, what is wrong with it, and how a failure is told."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import given, settings

from burdenlib import PolicyError, syntax
from burdenlib import policy as p
from burdenlib.cli import main
from burdenlib.examples import Result, run_examples
from burdenlib.facts import NONE, SetValue
from burdenlib.formatter import format_file, print_file
from burdenlib.loader import load_documents
from burdenlib.parser import parse
from burdenlib.problems import Problem
from burdenlib.source import Source
from burdenlib.testing.cases import answer, cases_of, trials
from burdenlib.testing.coverage import measure
from burdenlib.testing.mutation import mutate
from burdenlib.testing.paste import example_text
from burdenlib.testing.search import pairs_of
from burdenlib.testing.touch import Touch
from burdenlib.testing.workbench import Workbench
from burdenlib.translation import Lexicon
from burdenlib.verdict import Verdict
from burdenlib.words import Language, Words
from tests.strategies import Made, policy_sets, texts_of

HEAD = """
policy county "Composed for tests" / "自编" version 1 issued by county "自编机关" for place 990101 effective 2024-01-01
  cite 《自编文件》
list tasks "the county's list" governs when kind is work closed
  item T-1 "走访" role assist
  item T-2 "防汛" role assist until 2024-05-31
ban pledges "no pledges" when channels includes any of {pledge, veto} unless mandate at least province
  cite 《自编文件》第一条
"""
TASK = "target: 990101001201, kind: work, role: assist, mandate: none"


def loaded(examples: str) -> p.PolicySet:
    return load_documents(texts={"county.burden": HEAD + examples}).policies


def county(policies: p.PolicySet) -> p.Policy:
    return next(policy for policy in policies.policies if policy.name == "county")


def results(examples: str) -> list[Result]:
    return list(run_examples(loaded(examples), frozenset({"county"})))


def problems(examples: str) -> list[Problem]:
    with pytest.raises(PolicyError) as caught:
        loaded(examples)
    return list(caught.value.problems)


# ---- what it means --------------------------------------------------------------------------------------------------------------


def test_each_stands_for_one_task_per_combination_the_last_fact_changing_fastest() -> None:
    text = f'example "e" given {TASK}, item: each {{"T-1", "走访"}}, channels: each {{{{}}, notice, {{pledge, veto}}}}'
    (example,) = county(loaded(f"{text} expect accepted")).examples
    tasks = list(example.tasks())
    assert example.count == len(tasks) == 6
    assert [task[0]["item"] for task in tasks] == ["T-1"] * 3 + ["走访"] * 3
    sets = [task[0]["channels"] for task in tasks[:3]]
    assert all(isinstance(each, SetValue) for each in sets)
    assert [each.includes for each in sets if isinstance(each, SetValue)] == [set(), {"notice"}, {"pledge", "veto"}]
    assert {task[0]["mandate"] for task in tasks} == {NONE}


def test_each_may_stand_in_any_task_of_a_portfolio() -> None:
    text = """
limit one "one" at most 1 per target when kind is work cite 《自编文件》第二条
example "the second one in a village"
  given TASK, item: each {"T-1", "T-2"}, channels: {}, date: 2024-05-06
  given TASK, item: "T-1", channels: {}, date: each {2024-05-07, 2024-06-01, 2025-01-01}
  expect rejected by one
""".replace("TASK", TASK)
    (result,) = results(text)
    assert result.passed
    assert len(result.tasks) == 6
    assert {task.given[0]["item"] for task in result.tasks} == {"T-1", "T-2"}


def test_an_example_without_each_is_one_task() -> None:
    (example,) = county(loaded(f'example "e" given {TASK} expect undetermined')).examples
    assert list(example.tasks()) == [example.given]


def _single(example: syntax.Declaration) -> Iterator[syntax.Declaration]:
    """Examples without `each` that together say what an example with it says."""
    givens = list(example.all(syntax.Given))
    choices = [
        [
            [syntax.Told(told.fact, value, told.span) for value in told.values]
            if isinstance(told, syntax.Each)
            else [told]
            for told in given.facts
        ]
        for given in givens
    ]
    for combination in itertools.product(*(itertools.product(*facts) for facts in choices)):
        clauses = [syntax.Given(tuple(facts), example.span) for facts in combination]
        yield evolve(example, clauses=(*clauses, *example.all(syntax.Expect)))


@settings(max_examples=settings().max_examples // 2)
@given(policy_sets(most=2, examples=True))
def test_each_means_what_one_example_for_each_value_means(made: tuple[Made, ...]) -> None:
    spread = []
    for each in made:
        declarations = [
            other for one in each.file.declarations for other in (_single(one) if one.kind == "example" else (one,))
        ]
        spread.append(evolve(each, file=evolve(each.file, declarations=tuple(declarations))))
    together, apart = (list(run_examples(load_documents(texts=texts_of(some)).policies)) for some in (made, spread))
    said = [(result.policy.key, task.given, task.got, task.passed) for result in together for task in result.tasks]
    assert said == [(result.policy.key, *_alone(result)) for result in apart]
    for result in together:
        assert result.passed == all(task.passed for task in result.tasks)


def _alone(result: Result) -> tuple[object, ...]:
    (task,) = result.tasks
    assert task.chosen is None
    assert task.got == result.got
    return task.given, task.got, task.passed


@given(policy_sets(most=2, examples=True))
def test_examples_dont_change_the_digest(made: tuple[Made, ...]) -> None:
    bare = [
        evolve(
            each, file=evolve(each.file, declarations=tuple(d for d in each.file.declarations if d.kind != "example"))
        )
        for each in made
    ]
    one, other = (load_documents(texts=texts_of(some)).policies for some in (made, bare))
    assert {each.key: each.digest for each in one.policies} == {each.key: each.digest for each in other.policies}


# ---- what is wrong with it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "code", "under"),
    [
        ("kind: each {}", "empty-each", "kind: each {}"),
        ("kind: each {work, form, 工作事务}", "duplicate-value", "工作事务"),
        ("channels: each {{notice, pledge}, {pledge, notice}}", "duplicate-value", "{pledge, notice}"),
        ("date: each {2024-01-01, 2024年1月1日}", "duplicate-value", "2024年1月1日"),
        ("channels: each {{notice}, {plegde}}", "unknown-value", "plegde"),
        ("kind: each {work, wrok}", "unknown-value", "wrok"),
        ("kind: each {work, {form}}", "wrong-type", "{form}"),
        ("date: each {2024-01-01, work}", "wrong-type", "work"),
        ("funded: each {yes, none}", "never-none", "none"),
        ("knid: each {work, form}", "unknown-fact", "knid"),
        ("kind: work, kind: each {form}", "told-twice", "kind: each {form}"),
        ("kind: each {work}, kind: form", "told-twice", "kind: form"),
        ("date: each {2024-01-01, 2024-02-30}", "bad-date", "2024-02-30"),
    ],
)
def test_a_mistake_in_each_is_shown_where_it_stands(given_: str, code: str, under: str) -> None:
    (problem,) = problems(f'example "e" given {given_} expect undetermined')
    assert problem.code == code
    assert getattr(problem.where, "text", None) == under
    if code == "unknown-value":
        assert problem.nearest in ("pledge", "work")


def test_several_values_without_each_are_met_with_advice() -> None:
    (problem,) = problems('example "e" given date: {2024-01-01, 2024-12-31} expect undetermined')
    assert problem.code == "wrong-type"
    assert "`each {…}`" in problem.draw("en")
    assert "“逐一 {…}”" in problem.draw("zh")


def test_a_thousand_tasks_are_allowed_and_one_more_is_not() -> None:
    ten = ", ".join(f'"{number}"' for number in range(10))
    facts = f"item: each {{{ten}}}, title: each {{{ten}}}, text: each {{{ten}}}"
    assert county(loaded(f'example "e" given {facts} expect undetermined')).examples[0].count == 1000
    (problem,) = problems(f'example "e" given {facts}, kind: each {{work, form}} expect undetermined')
    assert problem.code == "too-many-combinations"
    assert "2,000" in problem.message("en")
    (problem,) = problems(f'example "e" given {facts} given kind: each {{work, form}} expect undetermined')
    assert problem.code == "too-many-combinations"


def test_each_is_no_value_and_no_remedy_has_it() -> None:
    (problem,) = problems('fact a "甲" one of {each 逐一, other 其他值}')[:1]
    assert problem.code == "reserved-name"
    remedy = 'ban b "b" when kind is work remedy "x" set channels: each {notice, pledge} cite 《自编文件》'
    assert {problem.code for problem in problems(remedy)} == {"unexpected"}


# ---- its layout -------------------------------------------------------------------------------------------------------------------


LONG = (
    f'example "e" given {TASK}, item: each {{"' + '", "'.join(f"第{number}件协助事项" for number in range(30)) + '"},\n'
    "channels: each {{notice}, {}, pledge}, date: each {2024-01-01} expect rejected"
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_is_laid_out_in_lines_that_fit_and_stays_so(language: Language) -> None:
    lexicon = Lexicon.of(loaded("").facts.values())
    file = parse(Source("x", HEAD + LONG)).file
    assert file is not None
    text = format_file(file, language, lexicon)
    again = parse(Source("x", text)).file
    assert again is not None
    assert format_file(again, language, lexicon) == text
    lines = text[text.index("示例" if language == "zh" else "example") :].splitlines()
    assert 5 < len(lines) < 15
    assert all(len(line.encode("gbk")) <= 100 for line in lines)
    wanted = "下达方式：逐一 {{通知}、{}、责任书}" if language == "zh" else "channels: each {{notice}, {}, pledge}"
    assert wanted in "".join(lines)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_example_with_each_can_be_pasted(language: Language) -> None:
    policies = loaded(LONG)
    (example,) = county(policies).examples
    text = example_text(policies, county(policies), example, language)
    (again,) = county(loaded(text)).examples
    assert list(again.tasks()) == list(example.tasks())


# ---- how a failure is told --------------------------------------------------------------------------------------------------------


FAILING = f"""
example "both may be asked" / "两项均可下达"
  given {TASK}, item: each {{"T-1", "T-2"}}, date: each {{2024-05-31, 2024-06-01}}, channels: each {{{{}}, pledge}}
  expect accepted by tasks
"""


def test_a_failure_says_for_which_values_and_shows_the_first_of_them(tmp_path: Path) -> None:
    (tmp_path / "county.burden").write_text(HEAD + FAILING, "utf-8")
    (result,) = results(FAILING)
    assert not result.passed
    assert len(result.tasks) == 8
    assert len(result.failures) == 5
    assert result.got.pick("en") == (
        "5 of 8 tasks: rejected by county.pledges (item: T-1, date: 2024-05-31, channels: pledge;"
        " item: T-1, date: 2024-06-01, channels: pledge; item: T-2, date: 2024-05-31, channels: pledge);"
        " rejected by county.tasks (item: T-2, date: 2024-06-01, channels: (empty));"
        " rejected by county.pledges, county.tasks (item: T-2, date: 2024-06-01, channels: pledge)"
    )
    assert result.verdict is result.failures[0].verdict
    answers = {
        language: CliRunner().invoke(main, ["test", str(tmp_path), "-v", "--language", language])
        for language in ("zh", "en")
    }
    assert {answer.exit_code for answer in answers.values()} == {1}
    assert f"got: {result.got.pick('en')}" in answers["en"].stdout
    assert "\n  item: T-1, date: 2024-05-31, channels: pledge\n  0001\n" in answers["en"].stdout
    assert (
        "实为: 8 项任务中 5 项：不予准入 根据 county.pledges（事项：T-1，日期：2024-05-31，下达方式：责任书；"
        in answers["zh"].stdout
    )
    answer = json.loads(
        CliRunner().invoke(main, ["test", str(tmp_path), "--format", "json", "--language", "en"]).stdout
    )
    assert (answer["passed"], answer["failed"]) == (0, 1)
    assert answer["failures"][0]["got"] == result.got.pick("en")


def test_many_values_that_fail_alike_are_counted() -> None:
    days = ", ".join(f"2024-06-{day:02}" for day in range(1, 21))
    (result,) = results(f'example "e" given {TASK}, item: "T-2", channels: {{}}, date: each {{{days}}} expect accepted')
    assert result.got.pick("en").startswith("20 of 20 tasks: rejected by county.tasks (date: 2024-06-01; ")
    assert result.got.pick("en").endswith("; date: 2024-06-05; and 15 more)")
    assert result.got.pick("zh").endswith("；另有 15 项）")


def test_a_portfolio_says_of_which_task_a_value_is() -> None:
    text = f'example "e" given {TASK} given {TASK}, item: each {{"T-1", "走访"}} expect rejected'
    (result,) = results(text)
    assert "(item of task 2: T-1; item of task 2: 走访)" in result.got.pick("en")
    assert "（第 2 项任务的事项：T-1；第 2 项任务的事项：走访）" in result.got.pick("zh")


# ---- coverage and mutation --------------------------------------------------------------------------------------------------------


MANY = f"""
example "either item is accepted while it is in force"
  given {TASK}, item: each {{"T-1", "T-2"}}, date: each {{2024-01-01, 2024-05-31}}, channels: {{}}
  expect accepted by tasks
example "the second item ends with May"
  given {TASK}, item: "T-2", date: each {{2024-06-01, 2025-01-01}}, channels: {{}}
  expect rejected by tasks
"""
FEW = MANY.replace('each {"T-1", "T-2"}', '"T-1"').replace("each {2024-01-01, 2024-05-31}", "2024-01-01")


def _fractions(text: str) -> tuple[float, float]:
    policies, names = loaded(text), frozenset({"county"})
    tried = tuple(trials(policies, names))
    found = mutate(policies, names, tried, search=False, processes=1)
    return measure(policies, names, tried).fraction("items"), found.score()


def test_every_task_of_an_example_counts_for_coverage_and_mutation() -> None:
    items, score = _fractions(MANY)
    fewer_items, lower_score = _fractions(FEW)
    assert (items, fewer_items) == (1.0, 0.5)
    assert score > lower_score


RICH = f"""
term harmless means channels includes notice and not emergency
admit urgent when emergency and level at least county to every list cite 《自编文件》第三条
ban quiet when harmless and off tasks and date after 2024-06-30 unless funded cite 《自编文件》第四条
duty report when harmless and on tasks owed by committee cite 《自编文件》第五条
{MANY}
example "in an emergency" given {TASK}, item: each {{"T-1", "T-2", "T-3"}}, level: county, emergency: each {{yes, no}},
  date: each {{2024-05-31, 2024-07-01}}, channels: each {{{{}}, notice}}, funded: no expect undetermined
example "unknown" given {TASK}, channels: each {{notice, veto}}, date: each {{2024-05-31, 2024-07-01}} expect undetermined
"""


def test_a_change_that_leaves_a_task_alone_leaves_its_answer() -> None:
    policies, names = loaded(RICH), frozenset({"county"})
    tried = tuple(trials(policies, names))
    bench = Workbench.of(policies, names, tried)
    (policy,) = bench.asked
    before = bench.under(policy)
    assert before is not None
    ours = next(each for each in before.policies if each.key == policy.key)
    judged = []
    for trial in tried:
        cases = cases_of(trial.under, trial.given)
        assert cases is not None
        judged.append((trial, cases, _told(answer(trial.under, cases, asking=False))))
    seen = {True: 0, False: 0}
    for mutant in bench.mutants(policy):
        after = bench.under(policy, mutant)
        if after is None:
            continue
        changed = next(each for each in after.policies if each.key == policy.key)
        touches: dict[int, Touch] = {}
        for trial, cases, old in judged:
            touch = touches.setdefault(id(trial.under), Touch.of(trial.under, after, pairs_of(ours, changed)))
            quiet = touch.is_quiet(cases, asking=False)
            seen[quiet] += 1
            if quiet:
                assert _told(answer(after, cases, asking=False)) == old, mutant.id
    assert seen[True] > seen[False] > 0


def _told(verdict: Verdict) -> tuple[object, ...]:
    reasons = frozenset((reason.kind, reason.rule, reason.truth) for reason in verdict.reasons)
    admitted = frozenset((each.rule, each.item and each.item.code) for each in verdict.admitted_by)
    return verdict.status, reasons, admitted, frozenset(duty.rule for duty in verdict.duties)


# ---- duties that don't come -----------------------------------------------------------------------------------------------------

DUTY = """
duty told "residents are told" when kind is work and funded owed by committee cite 《自编文件》第二条
"""
WITHOUT = f"""
example "nobody pays, so nobody is told" given {TASK}, date: 2024-05-06,
  item: "T-1", channels: {{}}, funded: no
  expect accepted by tasks without told
"""


def test_an_example_can_say_which_duty_does_not_come() -> None:
    (kept,) = results(DUTY + WITHOUT)
    assert kept.passed
    assert kept.expected == Words(
        "准入 根据 county.tasks 不附带 county.told", "accepted by county.tasks without county.told"
    )
    (broken,) = results(DUTY + WITHOUT.replace("funded: no", "funded: yes"))
    assert not broken.passed
    assert "county.told" in broken.got.pick("en")
    (open_,) = results(DUTY + WITHOUT.replace(", funded: no", ""))
    assert not open_.passed, "a duty that may come comes, too"
    assert [each.code for each in problems(DUTY + WITHOUT.replace("told\n", "pledges\n"))] == ["not-a-duty"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_does_not_come_is_printed_as_it_was_read(language: Language) -> None:
    parsed = parse(Source("one.burden", HEAD + DUTY + WITHOUT)).file
    assert parsed is not None
    printed = print_file(parsed, language)
    assert ("without told" in printed) is (language == "en")
    assert ("不附带 told" in printed) is (language == "zh")
    assert parse(Source("two.burden", printed)).file == parsed


def test_a_duty_that_is_widened_is_noticed() -> None:
    policies = loaded(DUTY + WITHOUT)
    names = frozenset({"county"})
    fates = mutate(policies, names, trials(policies, names), search=False, processes=1).fates
    dropped = [fate.outcome for fate in fates if "told:drop_condition" in fate.mutant]
    assert sorted(dropped) == ["killed", "same"]  # nothing but work is let in
    found = mutate(loaded(DUTY), names, (), search=True, processes=1).fates
    assert any(fate.example is not None and "without told" in fate.example for fate in found)
