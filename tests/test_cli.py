"""The command line: every command and option, the exit statuses, and what stands on which stream."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result

import burdenlib
from burdenlib.cli import main
from burdenlib.cli import output as cli_output
from burdenlib.cli.language import default_language
from burdenlib.cli.progress import JUDGING, Waiting
from burdenlib.problems import Problem
from burdenlib.registry import PluginInfo
from burdenlib.source import Cell
from burdenlib.words import Language

POLICY = """
policy lists "测试清单" / "Test lists" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试清单》
list tasks "协助事项" / "tasks with help" closed governs when kind is work cite 《测试清单》第二条
  item T-1 "入户走访" role assist
ban pledges "不得签责任书" / "no pledges" when channels includes pledge cite 《测试规定》第三条
ban unapproved "未经批准不得下达" / "nothing without approval" when kind is work and emergency cite 《测试规定》第四条
limit one "每月一次" / "one a month" at most 1 per target each month when kind is meeting cite 《测试规定》第五条
list meetings "会议" / "meetings" open governs when kind is meeting
  item M-1 "工作例会"
example "a pledge"
  given kind: work, channels: {pledge}, target: 370899101201, date: 2024-05-01
  expect rejected by pledges
"""
LATER = """
policy later "后来的规定" version 1 issued by county "测试县" for place 370899 effective 2025-01-01 cite 《后来的规定》
ban visits "不再走访" when kind is work cite 《后来的规定》第一条
"""
FACTS: Mapping[str, object] = {
    "id": "A-1",
    "title": "入户走访",
    "kind": "work",
    "target": "370899101201",
    "target_kind": "village",
    "item": "T-1",
    "role": "assist",
    "channels": ["notice"],
    "emergency": False,
    "date": "2024-05-01",
}
PLEDGE = {**FACTS, "id": "A-2", "channels": ["pledge"]}
OPEN = {**{name: value for name, value in FACTS.items() if name != "channels"}, "id": "A-3"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy and tasks, in which the commands run, in English."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS", "BURDENLIB_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "p.burden").write_text(POLICY, "utf-8")
    write("good.json", [FACTS])
    write("bad.json", [FACTS, PLEDGE])
    write("open.json", [FACTS, OPEN])
    write("mixed.json", [FACTS, PLEDGE, OPEN])
    Path("sheet.csv").write_text(
        "编号,标题,类别,对象,事项,承担角色,下达方式,突发应急,日期\n"
        "C-1,走访,工作事务,370899101201,T-1,协助,通知,否,2024-05-01\n"
        "C-2,走访,工作事物,370899101201,T-1,协助,通知,否,2024-05-01\n"
        "C-3,走访,工作事务,370899101201,T-1,协助,责任书,否,2024-05-41\n"
        "C-4,走访,工作事务,370899101201,T-1,协助,责任书,否,2024-05-01\n",
        "utf-8",
    )
    return tmp_path


def write(name: str, value: object) -> None:
    Path(name).write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def run(*args: str, input: str | bytes | None = None, env: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, [*args], input=input, env=env)


def check(*args: str, **options: Any) -> Result:
    return run("check", "--policy", "p.burden", *args, **options)


def statuses(result: Result) -> dict[str, str]:
    return {each["task"]: each["status"] for each in json.loads(result.stdout)}


# ---- check: exit statuses and streams -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["good.json"], 0),
        (["bad.json"], 1),
        (["open.json"], 1),
        (["mixed.json"], 1),
        (["nosuch.json"], 2),
        (["sheet.csv"], 2),
        (["sheet.csv", "--keep-going"], 2),
        (["good.json", "--keep-going"], 0),
        (["good.json", "nosuch.json", "--keep-going"], 2),
        (["good.json", "--policy", "nosuch"], 2),
        (["good.json", "--as-of", "yesterday"], 2),
        (["good.json", "--format", "pdf"], 2),
        (["good.json", "--output", "x.pdf"], 2),
        (["good.json", "--language", "fr"], 2),
        (["good.json", "--nonsense"], 2),
        ([], 2),
    ],
)
def test_the_exit_status_says_how_it_went(args: list[str], status: int) -> None:
    result = check(*args)
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    if status == 2 and "--keep-going" not in args:
        assert result.stdout == ""
        assert result.stderr


def test_results_stand_on_standard_output_and_problems_on_standard_error() -> None:
    result = check("sheet.csv", "--keep-going", "--format", "json")
    assert statuses(result) == {"C-1": "accepted", "C-4": "rejected"}
    assert result.stderr.count("error[") == 2
    for row, column, near in ((3, "类别", "工作事务"), (4, "日期", "")):
        assert f"sheet.csv, row {row}, column `{column}`" in result.stderr
        assert near in result.stderr


def test_without_keep_going_every_problem_is_told_and_nothing_is_judged() -> None:
    result = check("sheet.csv")
    assert result.stdout == ""
    assert result.stderr.count("error[") == 2


def test_errors_are_told_in_the_users_language() -> None:
    for language, said in (("zh", "第3行,“类别”列"), ("en", "row 3, column `类别`")):
        assert said in check("sheet.csv", "--language", language).stderr
    assert "第3行" in check("sheet.csv", env={"LANG": "zh_CN.UTF-8"}).stderr
    assert "row 3" in check("sheet.csv", env={"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}).stderr
    assert "没有名为" in check("good.json", "--policy", "nosuch", "--language", "zh").stderr


@pytest.mark.parametrize(
    ("locale", "language"),
    [({}, "en"), ({"LANG": "C"}, "en"), ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LC_ALL": "zh_TW", "LANG": "en_US"}, "zh")],
)
def test_the_language_is_the_locales(monkeypatch: pytest.MonkeyPatch, locale: dict[str, str], language: str) -> None:
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language


# ---- check: input ---------------------------------------------------------------------------------------------------------


def test_several_files_are_one_portfolio() -> None:
    meeting = {**FACTS, "kind": "meeting", "item": "M-1"}
    write("one.json", [{**meeting, "id": "M-1"}])
    write("two.json", [{**meeting, "id": "M-2", "date": "2024-05-09"}])
    assert statuses(check("one.json", "--format", "json")) == {"M-1": "accepted"}
    assert statuses(check("two.json", "--format", "json")) == {"M-2": "accepted"}
    assert statuses(check("one.json", "two.json", "--format", "json")) == {"M-1": "accepted", "M-2": "rejected"}
    assert statuses(check("two.json", "one.json", "--format", "json")) == {"M-2": "rejected", "M-1": "accepted"}
    assert statuses(check("one.json", "one.json", "--format", "json")) == {"M-1": "accepted"}


def test_one_id_in_two_files_is_an_error_that_names_both() -> None:
    write("other.json", [FACTS])
    result = check("good.json", "other.json")
    assert result.exit_code == 2
    assert "duplicate-id" in result.stderr
    assert "good.json:1" in result.stderr
    assert "other.json:1" in result.stderr
    kept = check("bad.json", "other.json", "--keep-going", "--format", "json")
    assert statuses(kept) == {"A-2": "rejected"}


def test_files_of_one_name_in_two_folders_get_ids_of_their_own() -> None:
    for name in ("a", "b"):
        Path(name).mkdir()
        write(f"{name}/t.json", [{key: value for key, value in FACTS.items() if key != "id"}])
    assert list(statuses(check("a/t.json", "b/t.json", "--format", "json"))) == ["t.json:1", "b/t.json:1"]


def test_a_portfolio_of_a_file_is_judged_by_itself() -> None:
    meeting = {**FACTS, "kind": "meeting", "item": "M-1"}
    write("tasks.json", {"id": "K", "tasks": [{**meeting, "id": "1"}, {**meeting, "id": "2"}]})
    write("lone.json", [{**meeting, "id": "3"}])
    found = statuses(check("tasks.json", "lone.json", "--format", "json"))
    assert found == {"1": "accepted", "2": "rejected", "3": "accepted"}


def test_standard_input_is_json_or_json_lines() -> None:
    assert check("-", input=json.dumps([FACTS, PLEDGE])).exit_code == 1
    assert check("-", input=f"{json.dumps(FACTS)}\n{json.dumps(PLEDGE)}\n").exit_code == 1
    assert check("-", input=json.dumps(FACTS, indent=2)).exit_code == 0
    result = check("-", "--language", "zh", input="编号,标题\nA,走访\n")
    assert result.exit_code == 2
    assert "<stdin>" in result.stderr
    assert "标准输入只读 JSON" in result.stderr
    assert check("-", input="").exit_code == 2


def test_columns_and_sheets_are_left_out_on_demand() -> None:
    Path("t.csv").write_text("id,title,备注\nA,走访,x\n", "utf-8")
    assert "unknown-column" in check("t.csv").stderr
    result = check("t.csv", "--skip-column", "备注", "--format", "csv")
    assert result.exit_code == 1
    assert "skipped-columns" in result.stderr
    assert "备注" in result.stdout


def test_what_was_written_can_be_judged_again() -> None:
    for suffix in ("csv", "xlsx"):
        for language in ("zh", "en"):
            assert check("mixed.json", "-o", f"out.{suffix}", "--language", language).exit_code == 1
            again = check(f"out.{suffix}", "--format", "json")
            assert statuses(again) == statuses(check("mixed.json", "--format", "json"))


# ---- check: options -------------------------------------------------------------------------------------------------------


def test_as_of_moves_what_is_in_force() -> None:
    Path("later.burden").write_text(LATER, "utf-8")
    both = ["good.json", "--policy", "later.burden"]
    assert check(*both).exit_code == 0
    for day in ("2025-06-01", "2025年6月1日", "2025/6/1"):
        result = check(*both, "--as-of", day, "--format", "json")
        (verdict,) = json.loads(result.stdout)
        assert (result.exit_code, verdict["status"], verdict["as_of"]) == (1, "rejected", "2025-06-01")


def test_assumptions_are_listed_and_refused_for_what_is_told() -> None:
    untold = {name: value for name, value in OPEN.items() if name != "emergency"}
    write("untold.json", [untold])
    result = check(
        "untold.json", "--assume", "channels=notice、chat_group", "--assume", "突发应急=否", "--format", "json"
    )
    (verdict,) = json.loads(result.stdout)
    assert verdict["status"] == "accepted"
    assert verdict["assumed"] == {"channels": ["chat_group", "notice"], "emergency": False}
    usual = check("untold.json", "--assume", "usual", "--assume", "channels=notice", "--format", "json")
    assumed = json.loads(usual.stdout)[0]["assumed"]
    assert assumed["channels"] == ["notice"]
    assert assumed["emergency"] is False
    assert "listed_locally" not in assumed
    assert "假定" in check("untold.json", "--assume", "usual", "--language", "zh").stdout
    told = check("good.json", "--assume", "emergency=yes")
    assert told.exit_code == 2
    assert "assumed-but-told" in told.stderr


@pytest.mark.parametrize(
    ("assumption", "code", "near"),
    [
        ("chanels=notice", "unknown-fact", "channels"),
        ("kind=wrok", "unknown-value", "work"),
        ("channels=", "bad-assumption", ""),
        ("=notice", "bad-assumption", ""),
        ("nonsense", "bad-assumption", "usual"),
        ("date=soon", "ill-typed", ""),
    ],
)
def test_assumptions_that_cant_be_used(assumption: str, code: str, near: str) -> None:
    result = check("good.json", "--assume", assumption)
    assert result.exit_code == 2
    assert code in result.stderr
    assert near in result.stderr
    assert check("good.json", "--assume", "funded=yes", "--assume", "经费落实=no").exit_code == 2


def test_strict_counts_what_others_say_as_missing() -> None:
    (loose,) = json.loads(check("good.json", "--format", "json").stdout)
    (strict,) = json.loads(check("good.json", "--strict", "--format", "json").stdout)
    assert (loose["status"], strict["status"]) == ("accepted", "undetermined")
    assert loose["claimed"] == strict["claimed"] == ["emergency"]
    assert [each["fact"] for each in strict["missing"]] == ["emergency"]
    assert check("good.json", "--strict").exit_code == 1


def test_policies_are_files_folders_or_shipped_sets(folder: Path) -> None:
    assert run("check", "good.json", "--policy", str(folder)).exit_code == 0
    result = run("check", "good.json", "--policy", "core", "--format", "json")
    assert statuses(result) == {"A-1": "undetermined"}
    Path("broken.burden").write_text(POLICY.replace("includes pledge", "includes plege"), "utf-8")
    result = run("check", "good.json", "--policy", "broken.burden")
    assert result.exit_code == 2
    assert "did you mean `pledge`?" in result.stderr
    assert "^^^^^" in result.stderr


# ---- check: output --------------------------------------------------------------------------------------------------------

STARTS: Mapping[str, bytes] = {
    "txt": "╭".encode(),
    "json": b"[\n",
    "jsonl": b'{"task": "A-1"',
    "csv": b"\xef\xbb\xbf",
    "xlsx": b"PK",
    "html": b"<!DOCTYPE html>",
}


@pytest.mark.parametrize("suffix", STARTS)
def test_the_suffix_of_the_output_chooses_the_format(suffix: str) -> None:
    result = check("mixed.json", "--output", f"out.{suffix}")
    assert (result.exit_code, result.stdout) == (1, "")
    data = Path(f"out.{suffix}").read_bytes()
    assert data.startswith(STARTS[suffix])
    name = {"txt": "text"}.get(suffix, suffix)
    shown = check("mixed.json", "--format", name)
    assert shown.stdout_bytes == data or suffix == "xlsx"
    assert check("mixed.json", "--format", name, "-o", "out.dat").exit_code == 1
    assert Path("out.dat").read_bytes()[:2] == data[:2]
    assert check("mixed.json", "--format", name, "-o", "-").stdout_bytes[:2] == data[:2]


def test_a_workbook_of_five_hundred_rows_in_and_out(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["编号", "标题", "类别", "对象", "事项", "承担角色", "下达方式", "突发应急", "日期"])
    for number in range(500):
        channel = "责任书" if number % 5 == 0 else "通知"
        sheet.append([number, "走访", "工作事务", 370899101201, "T-1", "协助", channel, "否", "2024-05-01"])
    book.save("in.xlsx")
    result = check("in.xlsx", "-o", "out.xlsx", "--language", "zh")
    assert (result.exit_code, result.stdout) == (1, "")
    made = openpyxl.load_workbook(folder / "out.xlsx").worksheets[0]
    rows = list(made.iter_rows(values_only=True))
    at = rows[0].index("结论")
    assert [row[0] for row in rows[1:]] == list(range(500))
    assert [row[at] for row in rows[1:6]] == ["不予准入", "准入", "准入", "准入", "准入"]
    assert openpyxl.load_workbook("in.xlsx").worksheets[0]["D2"].value == 370899101201


def test_explanations_follow_on_demand() -> None:
    assert "1. ban lists.pledges" not in check("bad.json").stdout
    assert "1. ban lists.pledges" in check("bad.json", "-v").stdout
    assert "1. 禁止 lists.pledges" in check("bad.json", "--explain", "--language", "zh").stdout


def test_the_input_is_never_overwritten(folder: Path) -> None:
    before = (folder / "good.json").read_bytes()
    for name in ("good.json", "./good.json", str(folder / "good.json")):
        result = check("good.json", "-o", name)
        assert result.exit_code == 2
        assert "output-is-input" in result.stderr
    (folder / "link.json").symlink_to(folder / "good.json")
    assert check("good.json", "-o", "link.json").exit_code == 2
    assert (folder / "good.json").read_bytes() == before


def test_an_output_that_cant_be_written_is_named_and_leaves_nothing_behind(folder: Path) -> None:
    before = set(folder.iterdir())
    for name in ("nowhere/out.csv", "p.burden/out.csv"):
        result = check("good.json", "-o", name)
        assert result.exit_code == 2
        assert "unwritable-file" in result.stderr
    assert set(folder.iterdir()) == before


def test_the_output_keeps_its_permissions(folder: Path) -> None:
    target = folder / "out.csv"
    target.write_text("old")
    target.chmod(0o640)
    check("good.json", "-o", "out.csv")
    assert target.stat().st_mode & 0o777 == 0o640
    assert b"A-1" in target.read_bytes()
    os.umask(umask := os.umask(0o022))
    check("good.json", "-o", "new.csv")
    assert (folder / "new.csv").stat().st_mode & 0o777 == 0o666 & ~umask


def test_an_unknown_format_is_named_with_the_nearest() -> None:
    result = check("good.json", "--format", "jsn")
    assert result.exit_code == 2
    assert "did you mean `json`?" in result.stderr


def test_the_width_of_the_table_is_the_terminals() -> None:
    for width in ("80", "160"):
        lines = check("mixed.json", env={"COLUMNS": width}).stdout.splitlines()
        assert max(map(len, lines)) <= int(width)
    assert "\x1b" not in check("mixed.json").stdout


class Renders:
    """A service that renders verdicts, well or badly."""

    answer: object = "rendered"

    @burdenlib.hookimpl
    def burdenlib_renderers(self) -> Mapping[str, object]:
        def render(verdicts: tuple[burdenlib.Verdict, ...], language: str) -> object:
            if isinstance(self.answer, BaseException):
                raise self.answer
            return f"{language} {len(verdicts)}" if self.answer == "rendered" else self.answer

        return {"ofd": render}


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [("rendered", 1, "zh 2"), (b"bytes", 1, "bytes"), (None, 2, "plugin-failed"), (SystemExit(0), 2, "plugin-failed")],
)
def test_a_plugins_renderer(monkeypatch: pytest.MonkeyPatch, answer: object, status: int, said: str) -> None:
    service = Renders()
    service.answer = answer
    load = burdenlib.Engine.load
    monkeypatch.setattr(burdenlib.Engine, "load", lambda *paths, **_: load(*paths, services=[service]))
    result = check("bad.json", "--format", "ofd", "--language", "zh")
    assert result.exit_code == status
    assert said in result.output


# ---- explain --------------------------------------------------------------------------------------------------------------


def test_explain_words_every_verdict() -> None:
    result = run("explain", "mixed.json", "--policy", "p.burden", "--language", "zh")
    assert result.exit_code == 1
    assert all(id in result.stdout for id in ("A-1", "A-2", "A-3"))
    assert "证明" not in result.stderr
    only = run("explain", "mixed.json", "--policy", "p.burden", "--task", "A-1")
    assert only.exit_code == 0
    assert "A-2" not in only.stdout
    missing = run("explain", "mixed.json", "--policy", "p.burden", "--task", "A-11")
    assert missing.exit_code == 2
    assert "did you mean `A-1`?" in missing.stderr


@pytest.mark.parametrize(
    ("format", "start"), [("text", "A-1 "), ("markdown", "## A-1"), ("html", "<!DOCTYPE"), ("json", "[")]
)
def test_explain_in_every_format(format: str, start: str) -> None:
    result = run("explain", "mixed.json", "--policy", "p.burden", "--format", format, "-o", "out")
    assert (result.exit_code, result.stdout) == (1, "")
    text = Path("out").read_text("utf-8")
    assert text.startswith(start)
    if format == "json":
        verdicts = json.loads(text)
        assert [each["task"] for each in verdicts] == ["A-1", "A-2", "A-3"]
        assert all({"summary", "sections"} <= set(each) for each in verdicts)


# ---- lint, test, plugins --------------------------------------------------------------------------------------------------


def test_lint_prints_exactly_the_keys_of_the_format() -> None:
    answer = json.loads(run("lint", "p.burden", "--format", "json").stdout)
    assert set(answer) == {"policies", "problems"}
    (policy,) = answer["policies"]
    assert set(policy) == {"name", "version", "digest", "file"}
    assert (policy["name"], policy["version"], policy["file"]) == ("lists", "1", "p.burden")
    assert re.fullmatch("[0-9a-f]{64}", policy["digest"])
    Path("bad.burden").write_text(POLICY.replace("and emergency", "and emergenci"), "utf-8")
    result = run("lint", "bad.burden", "--format", "json", "--language", "zh")
    assert result.exit_code == 2
    answer = json.loads(result.stdout)
    (problem,) = [each for each in answer["problems"] if each["severity"] == "error"]
    assert set(problem) == {"code", "severity", "file", "line", "column", "message", "help"}
    assert (problem["code"], problem["file"], problem["line"]) == ("unknown-fact", "bad.burden", 6)
    assert isinstance(problem["column"], int)
    assert "是不是“emergency”" in problem["help"]
    assert result.stderr == ""


def test_lint_says_in_one_line_how_it_went() -> None:
    result = run("lint", "p.burden")
    assert result.exit_code == 0
    assert result.stdout == "1 document checked: 0 errors, 0 warnings, 0 notes\n"
    assert run("lint", "p.burden", "--language", "zh").stdout == "检查文件 1 件：错误 0，警告 0，提示 0\n"
    assert run("lint", "nosuch.burden").exit_code == 2
    Path("warned.burden").write_text(
        POLICY.replace("when kind is work and emergency cite 《测试规定》第四条", "when emergency"), "utf-8"
    )
    assert run("lint", "warned.burden").exit_code == 0
    assert run("lint", "warned.burden", "--strict").exit_code == 1
    assert "cited-by-document" in run("lint", "warned.burden").stderr


def test_test_prints_exactly_the_keys_of_the_format() -> None:
    result = run("test", "p.burden", "--format", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"passed": 1, "failed": 0, "failures": []}
    Path("wrong.burden").write_text(POLICY.replace("rejected by pledges", "accepted"), "utf-8")
    result = run("test", "wrong.burden", "--format", "json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert (answer["passed"], answer["failed"]) == (0, 1)
    (failure,) = answer["failures"]
    assert set(failure) == {"policy", "example", "source", "expected", "got"}
    assert failure["policy"] == "lists"
    assert failure["example"] == "a pledge"
    assert failure["source"] == "wrong.burden:10"
    assert failure["expected"] == "accepted"
    assert failure["got"].startswith("rejected by lists.pledges")


def test_test_in_text_and_its_options() -> None:
    assert run("test", "p.burden").stdout == "1 passed, 0 failed\n"
    assert run("test", "p.burden", "--language", "zh").stdout == "通过 1，未通过 0\n"
    Path("wrong.burden").write_text(POLICY.replace("rejected by pledges", "accepted"), "utf-8")
    result = run("test", "wrong.burden", "--language", "zh")
    assert result.exit_code == 1
    assert "应为: 准入" in result.stdout
    assert "1. 禁止" in run("test", "wrong.burden", "--language", "zh", "-v").stdout
    (Path("later.burden")).write_text(LATER.replace("2025-01-01", "2024-01-01"), "utf-8")
    accepted = POLICY.replace("rejected by pledges", "accepted").replace(
        "channels: {pledge}", 'channels: {notice}, emergency: no, item: "T-1", role: assist'
    )
    Path("fine.burden").write_text(accepted, "utf-8")
    assert run("test", "fine.burden", "later.burden").exit_code == 0
    assert run("test", "fine.burden", "later.burden", "--all").exit_code == 1
    assert run("test", "nosuch").exit_code == 2


def test_plugins_prints_exactly_the_keys_of_the_format() -> None:
    result = run("plugins", "--format", "json")
    answer = json.loads(result.stdout)
    assert all(set(each) == {"name", "department", "distribution", "hooks", "problems"} for each in answer)
    by_name = {each["name"]: each for each in answer}
    assert by_name["agriculture"]["department"].endswith("(演示)")
    assert by_name["agriculture"]["hooks"] == ["burdenlib_tasks"]
    assert by_name["documents"]["department"] is None
    assert all(isinstance(problem, str) for each in answer for problem in each["problems"])
    for language, said in (("zh", "部门"), ("en", "department")):
        assert said in run("plugins", "--language", language).stdout


def test_a_bad_plugin_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("plugin-duplicate", Cell("plugin x"), {"plugin": "x"})
    info = PluginInfo("x", None, "dist 1", (), (problem,))
    command = sys.modules["burdenlib.cli.plugins"]
    monkeypatch.setattr(command, "_installed", lambda: (info,))
    result = run("plugins", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["problems"] == ["two plugins are called `x`"]
    assert "有两个插件同名" in run("plugins", "--language", "zh").stdout
    monkeypatch.setattr(command, "_installed", tuple)
    assert json.loads(run("plugins", "--format", "json").stdout) == []
    assert run("plugins", "--language", "zh").stdout == "没有安装插件\n"


def test_plugins_register_tasks_on_demand() -> None:
    result = run("check", "--plugins", "--policy", "p.burden", "--format", "json", "--keep-going")
    assert result.exit_code in (1, 2)
    assert json.loads(result.stdout)
    assert "name a FILE" in run("check", "--policy", "p.burden").stderr


# ---- fmt ------------------------------------------------------------------------------------------------------------------


def test_fmt_rewrites_in_place_once(folder: Path) -> None:
    path = folder / "p.burden"
    before = path.read_text("utf-8")
    assert run("fmt", "--check", "p.burden").exit_code == 1
    assert run("fmt", "--check", "p.burden").stdout == "p.burden\n"
    assert path.read_text("utf-8") == before
    printed = run("fmt", "--stdout", "p.burden")
    assert (printed.exit_code, path.read_text("utf-8")) == (0, before)
    assert run("fmt", "p.burden").exit_code == 0
    assert path.read_text("utf-8") == printed.stdout
    assert run("fmt", "--check", "p.burden").exit_code == 0
    assert run("fmt", "--check", str(folder)).exit_code == 0


def test_fmt_translates_and_back() -> None:
    run("fmt", "p.burden")
    english = Path("p.burden").read_text("utf-8")
    digest = json.loads(run("lint", "p.burden", "--format", "json").stdout)["policies"][0]["digest"]
    assert run("fmt", "--language", "zh", "p.burden").exit_code == 0
    chinese = Path("p.burden").read_text("utf-8")
    assert "禁止 pledges" in chinese
    assert "下达方式 含 责任书" in chinese
    assert json.loads(run("lint", "p.burden", "--format", "json").stdout)["policies"][0]["digest"] == digest
    assert run("fmt", "--check", "p.burden").exit_code == 0
    assert run("fmt", "--language", "en", "p.burden").exit_code == 0
    assert Path("p.burden").read_text("utf-8") == english


def test_fmt_leaves_what_it_cant_read_as_it_is_and_formats_the_rest() -> None:
    broken = POLICY.replace("and emergency", "and (")
    Path("broken.burden").write_text(broken, "utf-8")
    result = run("fmt", "broken.burden", "p.burden")
    assert result.exit_code == 2
    assert "broken.burden:6" in result.stderr
    assert Path("broken.burden").read_text("utf-8") == broken
    assert run("fmt", "--check", "p.burden").exit_code == 0
    assert run("fmt", "nosuch.burden").exit_code == 2
    Path("empty").mkdir()
    assert run("fmt", "empty").exit_code == 2
    assert run("fmt").exit_code == 2


def test_fmt_prints_what_is_shipped_and_never_rewrites_it_by_name() -> None:
    result = run("fmt", "--stdout", "core")
    assert result.exit_code == 0
    assert "fact kind" in result.stdout
    assert run("fmt", "core").exit_code == 2


# ---- the group ------------------------------------------------------------------------------------------------------------


def test_help_names_every_command_and_option_in_both_languages() -> None:
    top = run("--help").stdout
    assert "基层减负" in top
    for name in main.list_commands(click.Context(main)):
        command = main.get_command(click.Context(main), name)
        assert name in top
        assert command is not None
        text = run(name, "-h").stdout
        assert re.search("[\u4e00-\u9fff]", text), name
        assert "Exit status" in text, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)
                assert max(parameter.opts, key=len) in text
    assert run("--version").stdout == f"burdenlib, version {burdenlib.__version__}\n"
    assert run("chekc").exit_code == 2


def test_a_defect_is_named_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a\nb")

    monkeypatch.setattr(burdenlib.Engine, "load", broken)
    result = check("good.json")
    assert result.exit_code == 70
    assert "RuntimeError: a b" in result.stderr
    assert "Traceback" not in result.output
    monkeypatch.setenv("BURDENLIB_DEBUG", "1")
    assert "Traceback" in check("good.json").stderr


def test_a_defect_in_telling_of_a_problem_is_named_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise NameError("x")

    monkeypatch.setattr(cli_output, "draw_all", broken)
    result = check("nosuch.json")
    assert result.exit_code == 70
    assert "NameError" in result.stderr


def test_an_interrupt_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(burdenlib.Engine, "load", interrupted)
    result = check("good.json")
    assert (result.exit_code, result.output) == (130, "")


def test_more_problems_than_anyone_reads_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_output, "MOST", 5)
    rows = "".join(f"C-{n},nonsense\n" for n in range(20))
    Path("t.csv").write_text(f"id,kind\n{rows}", "utf-8")
    result = check("t.csv")
    assert result.stderr.count("error[") == 5
    assert "15 more problems" in result.stderr
    assert "另有15个问题" in check("t.csv", "--language", "zh").stderr


def test_no_title_and_no_file_name_steers_the_terminal() -> None:
    write("\x1b[31m.json", [{**FACTS, "title": "x\u202ey"}])
    for args in (
        ["\x1b[31m.json"],
        ["\x1b[2Jnosuch.json"],
        ["good.json", "--policy", "\x1b[2J"],
        ["good.json", "--assume", "\x1b[2J=1"],
    ):
        result = check(*args)
        assert result.exit_code == 2
        assert "\x1b" not in result.output
        assert "\u202e" not in result.output


# ---- progress -------------------------------------------------------------------------------------------------------------


def test_progress_says_a_line_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Waiting(JUDGING, "zh", every=0.02) as progress:
        for done in range(1, 11):
            progress(done, 10)
            time.sleep(0.01)
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert all(re.fullmatch(r"判定任务: \d+/10 \(\d+ s\)", line) for line in lines)


@pytest.mark.parametrize(("language", "left"), [("zh", "还需"), ("en", "left")])
def test_progress_says_how_long_it_takes_until_nothing_is_left(
    capsys: pytest.CaptureFixture[str], language: Language, left: str
) -> None:
    with Waiting(JUDGING, language, every=0.02, paced=True) as progress:
        progress(1, 1_000_000)
        time.sleep(0.1)
        progress(1_000_000, 1_000_000)
        time.sleep(0.1)
    first, *_, last = capsys.readouterr().err.splitlines()
    assert re.search(rf"/s, {left} \d+ s\)$", first)
    assert last.endswith("/s)")


def test_progress_says_nothing_of_what_is_quick(capsys: pytest.CaptureFixture[str]) -> None:
    with Waiting(JUDGING, "en") as progress:
        progress(1, 1)
    assert capsys.readouterr().err == ""


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with Waiting(JUDGING, "en", delay=0.01) as progress:
        progress(3, 10)
        time.sleep(0.1)
        progress(7, 10)
        time.sleep(0.15)
    assert "judging tasks" in stream.getvalue()


# ---- as a process ---------------------------------------------------------------------------------------------------------


def process(*args: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONWARNINGS": "error", **options.pop("env", {})}
    return subprocess.run(  # our own program
        [sys.executable, "-m", "burdenlib", *args], capture_output=True, timeout=60, check=False, env=env, **options
    )


def test_as_a_process() -> None:
    done = process("check", "mixed.json", "--policy", "p.burden", "--format", "jsonl")
    assert done.returncode == 1
    assert [json.loads(line)["status"] for line in done.stdout.decode().splitlines()] == [
        "accepted",
        "rejected",
        "undetermined",
    ]
    assert done.stderr == b""


def test_a_terminal_that_knows_no_chinese_shows_what_it_can() -> None:
    env = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = process(
        "check", "sheet.csv", "mixed.json", "--keep-going", "--policy", "p.burden", "--language", "zh", env=env
    )
    assert done.returncode == 2
    assert b"A-1" in done.stdout
    assert b"unknown-value" in done.stderr
    assert b"Traceback" not in done.stderr
    gbk = process("check", "bad.json", "--policy", "p.burden", "--language", "zh", env={"PYTHONIOENCODING": "gbk"})
    assert "不予准入" in gbk.stdout.decode("gbk")


def test_a_closed_pipe_ends_quietly() -> None:
    write("many.json", [{**FACTS, "id": f"A-{n}"} for n in range(300)])
    command = f"{sys.executable} -m burdenlib check many.json --policy p.burden -v | head -c 10"
    done = subprocess.run(command, shell=True, capture_output=True, timeout=60, check=False)
    assert len(done.stdout) == 10
    assert done.stderr == b""
