"""The pytest plugin: what it collects, what a failure says, its fixtures, and that it keeps out of the way."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import burdenlib as bl
import burdenlib.cli  # what is imported here isn't imported anew in every run inside
import burdenlib.pytest_plugin.items
from burdenlib.examples import run_examples
from burdenlib.loader import load_documents
from burdenlib.pytest_plugin.items import _unique
from burdenlib.testing import properties, together

assert burdenlib.cli and burdenlib.pytest_plugin.items

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent

HEAD = """
policy county "Lists of a county (composed)" / "示范县清单(自编)"
  version 1
  issued by county "Civil affairs bureau"
  for place 990101
  effective 2024-01-01
  cite 《示范县清单(自编)》

list tasks "the county's list of tasks"
  governs when kind is work
  closed
  item T-1 "help to visit families" role assist
  item T-2 "help to plant trees" role assist

ban pledges "no pledges"
  when channels includes pledge
  unless mandate at least province
  cite 《示范县清单(自编)》第一条
"""
TASK = "target: 990101001201, date: 2024-05-06, kind: work, role: assist, mandate: none"
ENGLISH = (
    HEAD
    + f"""
promise papers "no certificate is let in" / "证明不予准入"
  never accepted when kind is certificate

promise quiet "a pledge is never let in" / "责任书绝不准入"
  never accepted when channels includes pledge

example "a pledge" / "一项责任书"
  given {TASK}, item: "T-1", channels: {{pledge}}
  expect rejected by pledges

example "a visit" / "一次走访"
  given {TASK}, item: "T-1", channels: {{notice}}
  expect rejected by pledges

example "a visit" / "一次走访"
  given {TASK}, item: "T-1", channels: {{notice}}
  expect accepted by tasks

example "trees"
  given {TASK}, item: each {{"T-1", "T-2", "T-3"}}, channels: {{notice}}
  expect accepted
"""
)
CHINESE = """
文件 乡镇 "乡镇补充规定(自编)"
  版本 1
  制定机关 乡镇 "示范乡"
  适用地区 990101001
  施行 2024-01-01
  依据 《示范乡补充规定(自编)》

禁止 牌子 "不再挂牌"
  情形 类别 是 牌子
  依据 《示范乡补充规定(自编)》第一条

保证 挂牌 绝不准入 类别 是 牌子

示例 "一块牌子"
  给定 对象：990101001201，日期：2024-05-06，类别：牌子
  结果 不予准入 根据 牌子

示例 "写错的一块"
  给定 对象：990101001201，日期：2024-05-06，类别：牌子
  结果 准入
"""
IDS = [
    "county.burden::promise papers",
    "county.burden::promise quiet",
    "county.burden::example a pledge",
    "county.burden::example a visit",
    "county.burden::example a visit (2)",
    "county.burden::example trees",
    "乡镇.burden::保证 挂牌",
    "乡镇.burden::示例 一块牌子",
    "乡镇.burden::示例 写错的一块",
]
PASS = {IDS[0], IDS[2], IDS[4], IDS[6], IDS[7]}


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a policy in each language."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    write(pytester, "county.burden", ENGLISH)
    write(pytester, "乡镇.burden", CHINESE)
    return pytester


def write(project: pytest.Pytester, name: str, text: str) -> Path:
    path = project.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess("-p", "no:cacheprovider", *arguments)


def output(result: pytest.RunResult) -> str:
    return "\n".join((*result.outlines, *result.errlines))


def ids(project: pytest.Pytester, *arguments: str) -> list[str]:
    lines = run(project, "--collect-only", "-q", *arguments).outlines
    return [line for line in lines if "::" in line]


def reports(project: pytest.Pytester, *arguments: str) -> dict[str, pytest.TestReport]:
    """The report of each test that was called or skipped."""
    found = project.inline_run("-p", "no:cacheprovider", *arguments).getreports("pytest_runtest_logreport")
    return {each.nodeid: each for each in found if isinstance(each, pytest.TestReport) and each.when == "call"}


# ---- what is collected -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "en_GB.UTF-8"])
def test_each_example_and_promise_is_a_test_whose_id_no_locale_changes(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert ids(project) == IDS


def test_a_test_passes_where_the_command_says_so_and_knows_its_line(project: pytest.Pytester) -> None:
    found = reports(project, "--burden-tasks", "10")
    assert list(found) == IDS
    assert {name for name, report in found.items() if report.passed} == PASS
    loaded = load_documents([project.path])
    by_place = {
        (Path(each.example.span.source.name).name, each.example.span.line - 1): each.passed
        for each in run_examples(loaded.policies)
    }
    assert len(by_place) == 6
    for (file, line), as_expected in by_place.items():
        (report,) = (each for each in found.values() if each.location[:2] == (file, line))
        assert report.passed == as_expected
    for report in found.values():
        file, line, name = report.location
        text = (project.path / file).read_text("utf-8").splitlines()[line or 0]
        assert text.split()[0] == name.split()[0]


def test_words_in_both_languages_and_names_of_rules_select(project: pytest.Pytester) -> None:
    assert ids(project, "-k", "走访") == ids(project, "-k", "visit") == IDS[3:5]
    assert ids(project, "-k", "county.tasks") == [IDS[4]]
    assert ids(project, "-k", "pledges and not 走访") == [IDS[2]]
    assert ids(project, "-k", "乡镇 and example") == IDS[7:9]
    assert ids(project, "-k", "保证") == ids(project, "-k", "promise") == [IDS[0], IDS[1], IDS[6]]
    assert ids(project, "-k", "乡镇.挂牌") == [IDS[6]]


def test_each_id_selects_its_test(project: pytest.Pytester) -> None:
    for name in IDS:
        assert ids(project, name) == [name]
    assert list(reports(project, IDS[7])) == [IDS[7]]


def test_the_last_failures_run_again(project: pytest.Pytester) -> None:
    project.runpytest_inprocess("-k", "visit or trees")
    result = project.runpytest_inprocess("--lf", "-v")
    result.assert_outcomes(failed=2)
    assert "example a visit (2)" not in output(result)


@pytest.mark.parametrize(
    ("title", "shown"), [("a::b", "a: :b"), ("item [T-1]", "item [T-1]"), ("a\\b/c & d", "a\\b/c & d")], ids=str
)
def test_a_title_with_signs_of_its_own_makes_an_id_that_selects_it(
    project: pytest.Pytester, title: str, shown: str
) -> None:
    text = HEAD + "".join(
        f'\nexample "{each}"\n  given {TASK}, channels: {{pledge}}\n  expect rejected\n' for each in (title, "other")
    )
    write(project, "a/one.burden", text)
    name = f"a/one.burden::example {shown}"
    assert ids(project, "a") == [name, "a/one.burden::example other"]
    assert ids(project, name) == [name]


@given(st.lists(st.sampled_from(["x", "x (2)", "x (2) (2)", "y"]), max_size=8))
def test_no_two_tests_have_one_name(titles: list[str]) -> None:
    names: set[str] = set()
    made = [_unique(title, names) for title in titles]
    assert len(set(made)) == len(made)
    assert all(name.startswith(title) for name, title in zip(made, titles, strict=True))
    assert not titles or made[0] == titles[0]


@pytest.mark.slow
def test_workers_collect_the_same(project: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    result = run(project, "-n", "2", "-v", "-k", "example or 示例")
    result.assert_outcomes(passed=3, failed=3)
    assert "Different tests were collected" not in output(result)
    assert "expected rejected by county.pledges, got accepted by county.tasks" in output(result)


def test_other_programs_read_the_results(project: pytest.Pytester) -> None:
    run(project, "--junitxml", "found.xml", "-k", "visit")
    cases = ET.parse(project.path / "found.xml").getroot().findall(".//testcase")
    assert [case.get("name") for case in cases] == ["example a visit", "example a visit (2)"]
    (failure,) = cases[0]
    assert (failure.get("message") or "") == "expected rejected by county.pledges, got accepted by county.tasks"


# ---- what a failure says -----------------------------------------------------------------------------------------------------


def test_a_failed_example_tells_the_difference_the_place_and_the_proof(project: pytest.Pytester) -> None:
    text = reports(project, IDS[3])[IDS[3]].longreprtext
    line = ENGLISH[: ENGLISH.index('example "a visit"')].count("\n") + 1
    assert text.startswith(
        f"""expected rejected by county.pledges, got accepted by county.tasks
  --> county.burden:{line}:1
   |
{line} | example "a visit" / "一次走访"
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
the answer doesn't rest on county.pledges
  --> county.burden:15
  ✗ when channels includes pledge — channels: notice

verdict: accepted:"""
    )
    assert "✓ governs when kind is work — kind: work" in text
    assert "Traceback" not in text and ".py" not in text


def test_the_summary_names_the_place_in_the_policy(project: pytest.Pytester) -> None:
    text = output(run(project, "--tb=line", IDS[3]))
    line = ENGLISH[: ENGLISH.index('example "a visit"')].count("\n") + 1
    assert f"county.burden:{line}: expected rejected by county.pledges, got accepted by county.tasks" in text


def test_a_failure_speaks_the_language_of_the_locale_the_setting_or_the_option(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reports(project, IDS[8])[IDS[8]].longreprtext.startswith("expected accepted, got rejected by 乡镇.牌子")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    chinese = reports(project, IDS[8])[IDS[8]].longreprtext
    assert chinese.startswith("应为 准入\uff0c实为 不予准入 根据 乡镇.牌子") and "下一步" in chinese
    project.makeini("[pytest]\nburden_language = en\n")
    assert reports(project, IDS[8])[IDS[8]].longreprtext.startswith("expected")
    assert reports(project, "--burden-language", "zh", IDS[8])[IDS[8]].longreprtext == chinese


def test_an_example_of_several_values_names_those_that_fail(project: pytest.Pytester) -> None:
    text = reports(project, IDS[5])[IDS[5]].longreprtext
    assert text.startswith("expected accepted, got 1 of 3 tasks: rejected by county.tasks (item: T-3)")
    assert "\nitem: T-3\nverdict: rejected" in text


def test_an_example_that_names_what_is_not_asked_or_owed_says_so(project: pytest.Pytester) -> None:
    more = f"""
duty training "training" when role is assist owed by assigner cite 《示范县清单(自编)》第二条
duty pay "pay" when role is own owed by assigner cite 《示范县清单(自编)》第三条
example "owed" given {TASK}, item: "T-1", channels: {{notice}} expect accepted with pay
example "asked" given {TASK}, item: "T-1" expect undetermined asking funded
example "impossible" given {TASK}, item: "T-1", placement: wall expect accepted
"""
    write(project, "more/more.burden", HEAD + more)
    owed, asked, impossible = (each.longreprtext for each in reports(project, "more").values())
    assert "the answer comes without county.pay\n" in owed and "✗ when role is own — role: assist" in owed
    assert "the answer doesn't ask funded\n" in asked
    assert "placement" in impossible.partition("\n")[0] and "more.burden" in impossible


def test_a_broken_promise_shows_a_task_that_breaks_it(project: pytest.Pytester) -> None:
    text = reports(project, IDS[1], "--burden-tasks=5")[IDS[1]].longreprtext
    assert text.startswith("a task breaks the promise county.quiet: accepted\n  --> county.burden:")
    assert "channels: pledge" in text and "verdict: accepted" in text and "✓ governs when kind is work" in text
    text = reports(project, IDS[1], "--burden-language=zh", "--burden-tasks=5")[IDS[1]].longreprtext
    assert text.startswith("有任务违反保证 county.quiet\uff1a准入") and "下达方式: 责任书" in text


def test_a_promise_is_tried_by_itself() -> None:
    policies = bl.Engine.load(texts={"county.burden": ENGLISH}).policies
    papers, quiet = (each for policy in policies.policies for each in policy.promises)
    assert properties.broken_by(papers, policies, examples=5) is None
    verdict = properties.broken_by(quiet, policies, examples=5)
    assert verdict is not None and verdict.status == "accepted"
    with pytest.raises(properties.BrokenError) as caught:
        properties.check(properties.keeps(quiet), policies, examples=5)
    assert caught.value.drawn == (quiet, verdict.known)


def test_without_hypothesis_promises_are_skipped(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [
        name for name in sys.modules if re.match(r"(_?hypothesis|burdenlib\.testing\.(prop|strat|gen))", name)
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    result = run(project, "--assert=plain", "-p", "no:hypothesispytest", "-rs", "-k", "papers or pledge")
    result.assert_outcomes(skipped=2, passed=1, failed=1)
    assert "promises are tried with Hypothesis: install burdenlib[testing]" in output(result)


# ---- policies that can't be used -----------------------------------------------------------------------------------------------


def test_a_broken_policy_is_drawn_and_costs_its_neighbours_nothing(project: pytest.Pytester) -> None:
    write(
        project,
        "wrong.burden",
        HEAD.replace("policy county", "policy wrong").replace("includes pledge", "includes pledg").replace("T-", "W-"),
    )
    write(
        project,
        "table.burden",
        CHINESE.replace("文件 乡镇", "文件 表")
        + '\n禁入清单 表 适用于 类别 是 报表台账 依据 《示范》 事项见 "rows.csv"\n',
    )
    write(project, "rows.csv", "code,title,roel\nX-1,甲,own\n")
    result = run(project, "-k", "a_pledge or 一块牌子 or 一项责任书", "--continue-on-collection-errors")
    result.assert_outcomes(passed=2, errors=2)
    text = output(result)
    assert "ERROR collecting wrong.burden" in text and "ERROR collecting table.burden" in text
    assert "error[unknown-value]: `pledg` is no value of `channels`" in text
    assert "  --> wrong.burden:16:" in text and "help: did you mean `pledge`?" in text
    assert "there is no column `roel`" in text and "rows.csv" in text
    assert "Traceback" not in text and ".py:" not in text


def test_documents_of_a_folder_are_loaded_together_and_once(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The township's document names the county's, which isn't shipped."""
    write(
        project,
        "乡镇.burden",
        CHINESE.replace("类别 是 牌子\n  依据", "列入 county.tasks\n  依据", 1).replace(
            "类别：牌子", '类别：工作事务，事项："T-1"，承担角色：协助'
        ),
    )
    calls: list[object] = []
    real = together.load_documents

    def counted(paths: list[object]) -> object:
        calls.append(paths)
        return real(paths)  # type: ignore[arg-type]

    monkeypatch.setattr(together, "load_documents", counted)
    assert reports(project, "乡镇.burden::示例 一块牌子")["乡镇.burden::示例 一块牌子"].passed
    assert len(calls) == 1
    run(project, "--collect-only")
    assert len(calls) == 2


def test_documents_of_several_folders_belong_together_where_the_setting_says_so(project: pytest.Pytester) -> None:
    text = CHINESE.replace("类别 是 牌子\n  依据", "列入 county.tasks\n  依据", 1).replace(
        "类别：牌子", '类别：工作事务，事项："T-1"，承担角色：协助'
    )
    (project.path / "乡镇.burden").unlink()
    write(project, "towns/乡镇.burden", text)
    assert "error[unknown-policy]" in output(run(project, "towns", "--burden-language=en"))
    project.makeini("[pytest]\nburden_policy =\n  county.burden\n  towns\n")
    assert reports(project, "towns", "-k", "一块牌子")["towns/乡镇.burden::示例 一块牌子"].passed


# ---- fixtures --------------------------------------------------------------------------------------------------------------


USING = """
import burdenlib

def test_engine(engine):
    assert isinstance(engine, burdenlib.Engine)
    assert not engine.registry.plugins
    print("documents:", ",".join(each.name for each in engine.policies.policies))

def test_policy(policy, engine):
    assert policy in engine.policies.policies
    assert policy.name == "county"
"""


def test_the_fixtures_give_the_policies_that_are_named(project: pytest.Pytester) -> None:
    project.makepyfile(USING)
    result = run(project, "--burden-policy", "county.burden", "--no-burden-collect", "-s")
    result.assert_outcomes(passed=2)
    assert "documents: core,county" in output(result)
    project.makeini("[pytest]\nburden_policy = county.burden\nburden_collect = false\n")
    (project.path / "below").mkdir()
    result = project.runpytest_inprocess("-s", "--rootdir", str(project.path), str(project.path))
    result.assert_outcomes(passed=2)
    result = run(project, "--burden-policy", "demo", "-s")
    result.assert_outcomes(passed=1, errors=1)
    assert "the fixture `policy` is for one policy file; --burden-policy names demo" in output(result)
    result = run(project, "--burden-policy", "demo", "--burden-language", "zh", "-k", "policy")
    assert "夹具 `policy` 只用于一份政策文件" in output(result)


def test_without_a_name_the_engine_has_all_that_is_shipped(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    small = bl.Engine.load("demo")

    def load(*paths: object, plugins: object) -> bl.Engine:
        assert not plugins
        asked.append(paths)
        return small

    monkeypatch.setattr(bl.Engine, "load", load)
    project.makepyfile("def test_one(engine):\n    pass\n\ndef test_two(engine):\n    pass\n")
    run(project, "--no-burden-collect").assert_outcomes(passed=2)
    assert asked == [()]


def test_a_policy_that_the_fixtures_cannot_use_is_drawn(project: pytest.Pytester) -> None:
    project.makepyfile(USING)
    result = run(project, "--burden-policy", "countty.burden", "--burden-policy", "demoo", "--no-burden-collect")
    result.assert_outcomes(errors=2)
    assert "did you mean `demo`?" in output(result)
    assert "Traceback" not in output(result) and "engine.py" not in output(result)


def test_a_conftest_names_the_plugins_of_the_engine(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
import burdenlib, pytest

class Bureau:
    department = "Bureau"

    @burdenlib.hookimpl
    def burdenlib_tasks(self):
        yield {"id": "B-1", "department": "Bureau", "channels": ["pledge"]}

@pytest.fixture(scope="session")
def burden_plugins():
    return [Bureau()]
"""
    )
    project.makepyfile("def test_tasks(engine):\n    assert [task.id for task in engine.tasks] == ['B-1']\n")
    run(project, "--burden-policy", "county.burden", "--no-burden-collect").assert_outcomes(passed=1)


def test_a_project_has_its_own_fixtures_of_these_names(project: pytest.Pytester) -> None:
    project.makeconftest("import pytest\n\n@pytest.fixture\ndef engine():\n    return 'mine'\n")
    project.makepyfile("def test_mine(engine):\n    assert engine == 'mine'\n")
    run(project, "--no-burden-collect").assert_outcomes(passed=1)


# ---- out of the way ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "off", [["-p", "no:burdenlib"], ["--no-burden-collect"], ["-o", "burden_collect=false"]], ids=" ".join
)
def test_collecting_can_be_turned_off(project: pytest.Pytester, off: list[str]) -> None:
    assert ids(project, *off) == []
    project.makepyfile("def test_one():\n    pass\n")
    run(project, *off, "-W", "error").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "burden_language=fr"], "burden_language is zh or en, not fr"),
        (["--burden-tasks", "0"], "burden_tasks is a number from 1 up, not 0"),
        (["-o", "burden_tasks=many"], "burden_tasks is a number from 1 up, not many"),
    ],
    ids=["language", "none", "words"],
)
def test_a_wrong_setting_is_an_error_of_usage(project: pytest.Pytester, arguments: list[str], said: str) -> None:
    result = run(project, *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in output(result)


def test_a_run_without_policies_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    program = f"""
import json, pytest, sys
status = pytest.main(["-q", "-p", "no:cacheprovider", "-W", "error", "--strict-config", {str(tmp_path)!r}])
print(json.dumps([int(status), sorted(name for name in sys.modules if name.startswith(("burdenlib", "lark", "attr")))]))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert json.loads(result.stdout.splitlines()[-1]) == [0, ["burdenlib", "burdenlib.pytest_plugin"]]


def test_this_repository_collects_no_policies_in_its_own_run() -> None:
    assert not [*Path(__file__).parent.rglob("*.burden")]


# ---- what is written about it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["testing.md", "testing.zh.md"])
def test_every_option_setting_and_fixture_is_documented(project: pytest.Pytester, page: str) -> None:
    said = output(run(project, "--help"))
    names = set(re.findall(r"--(?:no-)?burden[\w-]*|burden_\w+", said))
    assert len(names) == 8
    text = (ROOT / "docs" / page).read_text("utf-8")
    missing = [name for name in (*names, "engine", "policy", "burden_plugins") if f"`{name}" not in text]
    assert not missing


@pytest.mark.slow
def test_the_example_package_passes_its_own_tests(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    example = project.path / "forestry"
    shutil.copytree(ROOT / "examples" / "burdenlib-forestry", example)
    monkeypatch.chdir(example)
    project.runpytest_inprocess("-p", "no:cacheprovider", "--rootdir", str(example)).assert_outcomes(passed=4)
