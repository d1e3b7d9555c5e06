"""Verdicts written down: what people and programs get to see, whatever the titles of the tasks hold."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from burdenlib import Engine, Task, Verdict
from burdenlib.problems import Problem
from burdenlib.readers import read_tasks
from burdenlib.source import Cell, display_width
from burdenlib.wording import headline, next_step, reason_text
from burdenlib.words import LANGUAGES, Language
from burdenlib.writers import FORMATS, OWN, SUFFIXES, Report, Result, as_page, as_text, printable, tally, write
from burdenlib.writers.columns import deciding_text, grid
from burdenlib.writers.csv_file import guard
from burdenlib.writers.text import wrap

POLICY = """
policy lists "测试清单" / "Test lists" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试清单》
list tasks "协助事项" / "tasks with help" closed governs when kind is work cite 《测试清单》第二条
  item T-1 "入户走访" role assist
  item T-2 "人口普查登记" when duration is temporary
list forms "报表清单" / "forms" partial governs when kind is form
  item F-1 "集体资产年报"
list meetings "会议清单" / "meetings" open governs when kind is meeting
  item M-1 "工作例会"
ban list signs "牌子负面清单" / "signs that nobody hangs" governs when kind is signboard
  item S-1 "工作站牌子" unless placement is inside instead "放在室内"
ban pledges "不得签责任书" / "no pledges" when channels includes pledge because "{title}以责任书下派给{target_kind}" / "{title} makes a {target_kind} sign"
  cite 《测试规定》第三条 remedy "取消责任书" / "drop the pledge" set channels: consultation
require money "须有经费" / "money is needed" when kind is work must funded cite 《测试规定》第四条
limit one "每月一次" / "one a month" at most 1 per target each month when kind is meeting cite 《测试规定》第五条
duty report "十日内备案" / "report it within ten days" when kind is work owed by assigner cite 《测试规定》第六条
"""
WARD = """
policy ward "镇规定" / "Ward rules" version 1 issued by township "某镇" for place 370899101 effective 2024-01-01 cite 《镇规定》
ban chats "不得建群" / "no chat groups" when channels includes chat_group cite 《镇规定》第一条
"""
ENGINE = Engine.load(texts={"lists.burden": POLICY, "ward.burden": WARD})

BASE: Mapping[str, object] = {
    "title": "入户走访",
    "target": "370899101201",
    "target_kind": "village",
    "kind": "work",
    "item": "T-1",
    "role": "assist",
    "channels": ["notice"],
    "funded": True,
    "date": "2024-05-01",
}
MEETING: Mapping[str, object] = {**BASE, "kind": "meeting", "item": "M-1"}


def without(facts: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name not in names}


TASKS: Mapping[str, Mapping[str, object]] = {
    "on-list": BASE,
    "plain": {**MEETING, "date": "2024-03-01"},
    "ban": {**BASE, "channels": ["pledge"]},
    "open-ban": without(BASE, "channels"),
    "require": {**BASE, "funded": False},
    "open-require": without(BASE, "funded"),
    "not-listed": {**BASE, "item": "招商引资"},
    "near": {**BASE, "item": "入户走仿"},
    "conditions": {**BASE, "role": "responsible"},
    "open-item": {**BASE, "item": "人口普查登记"},
    "both": {**BASE, "channels": ["pledge"], "item": "招商引资"},
    "partial": {**BASE, "kind": "form", "item": "月报"},
    "no-list": {**BASE, "kind": "app", "item": "某应用"},
    "elsewhere": {**BASE, "target": "370811101201"},
    "ban-list": {**BASE, "kind": "signboard", "item": "S-1", "placement": "outside"},
    "open-ban-list": {**BASE, "kind": "signboard", "item": "S-1"},
    "limit-1": MEETING,
    "limit-2": MEETING,
    "area": {**BASE, "target": "370899"},
    "nothing": {"title": "不明"},
}


def report(language: Language = "zh", tasks: Mapping[str, Mapping[str, object]] = TASKS, **options: Any) -> Report:
    made = [Task(id, facts) for id, facts in tasks.items()]
    limited = iter(ENGINE.check_all([task for task in made if "limit" in task.id]))
    outcome = [next(limited) if "limit" in task.id else ENGINE.check(task) for task in made]
    results = [Result(verdict, task.facts) for verdict, task in zip(outcome, made, strict=True)]
    columns = tuple(dict.fromkeys(name for task in made for name in task.facts))
    return Report(tuple(results), columns, language, **options)


REPORTS: Mapping[Language, Report] = {language: report(language) for language in LANGUAGES}
VERDICTS = {result.verdict.task: result.verdict for result in REPORTS["zh"].results}

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|'/c calc'!A1",
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    "＝1+1",
    "'=1",
    "\t=1",
    "](http://x) [a](javascript:x) **b** _c_ | d | # e `f`",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "甲\u202e乙\u2066丙\u200f",
    "两行\n## 标题\n- 项",
    "\ud800",
    "&lt;b&gt; &amp;",
    "[bold red]x[/]",
    "{title} {0} %s",
    "",
    "长" * 5000,
)


def hostile(title: str) -> Report:
    """A report whose title and id hold a hostile text; what a reader would refuse is put in behind its back."""
    verdict = VERDICTS["ban"]
    known = {**verdict.known, "title": title, "item": title}
    made = evolve(verdict, task=title or "x", known=known)
    return Report(
        (Result(made, {"id": title, "title": title, title or "x": title}),), ("id", "title", title or "x"), "zh"
    )


# ---- what verdicts say --------------------------------------------------------------------------------------------------


def test_the_tasks_show_every_kind_of_reason() -> None:
    kinds = {(reason.kind, reason.truth) for verdict in VERDICTS.values() for reason in verdict.reasons}
    assert kinds >= {
        ("ban", True), ("ban", None), ("require", True), ("require", None), ("not_listed", True), ("not_listed", None),
        ("partial_list", None), ("no_list", None), ("ban_list", True), ("ban_list", None), ("limit", True),
        ("narrower_policy", None),
    }  # fmt: skip
    assert {verdict.status for verdict in VERDICTS.values()} == {"accepted", "rejected", "undetermined"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TASKS)
def test_why_and_next_step_say_different_things_shortly(name: str, language: Language) -> None:
    verdict = VERDICTS[name]
    why, step = deciding_text(verdict, language), next_step(verdict, language)
    assert why
    assert step
    pieces = re.split(r"[:：;；。]", step)
    assert all(piece.strip() not in why for piece in pieces if len(piece.strip()) > 6), (why, step)
    assert display_width(why) <= 160
    assert display_width(step) <= 160
    assert why[-1] not in ".。"
    other = "en" if language == "zh" else "zh"
    assert next_step(verdict, other) != step  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("on-list", "可以下达，同时须做到：十日内备案", "may be assigned, with: report it within ten days"),
        ("plain", "可以下达", "may be assigned"),
        ("ban", "取消责任书", "drop the pledge"),
        ("open-ban", "先核实：", "first find out: "),
        ("not-listed", "按程序申请准入", "apply for admission"),
        ("near", "“入户走访”", "“入户走访”"),
        ("conditions", "对照清单核对", "compare role"),
        ("both", "取消责任书；其他理由须一并解决", "drop the pledge; the other reasons stand as well"),
        ("partial", "查阅清单全文", "look it up in the whole list"),
        ("no-list", "报请该级有权机关决定", "ask that body to decide"),
        ("elsewhere", "报请该级有权机关决定", "ask that body to decide"),
        ("ban-list", "改由：放在室内", "instead: 放在室内"),
        ("limit-2", "合并、改期或取消", "merge it with another one"),
        ("area", "按地区拆分任务", "split the task by place"),
    ],
)
def test_the_next_step_is_one_that_helps(name: str, zh: str, en: str) -> None:
    assert zh in next_step(VERDICTS[name], "zh")
    assert en in next_step(VERDICTS[name], "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_open_reason_is_not_told_as_if_it_held(language: Language) -> None:
    unsure = "尚不能确定" if language == "zh" else "not known"
    for name in ("open-ban", "open-require", "open-item", "open-ban-list"):
        verdict = VERDICTS[name]
        assert verdict.status == "undetermined"
        for reason in verdict.reasons:
            assert reason.kind == "no_list" or unsure in reason_text(verdict, reason, language)
        assert unsure in headline(verdict, language)
    sure = VERDICTS["ban"]
    assert unsure not in headline(sure, language)
    assert ("以责任书下派给村" if language == "zh" else "makes a village sign") in headline(sure, language)


def test_the_tally_counts_every_verdict_and_tells_of_errors() -> None:
    counts = [sum(verdict.status == status for verdict in VERDICTS.values()) for status in ("accepted", "rejected")]
    assert tally(REPORTS["zh"]).startswith(f"共 {len(TASKS)} 项：准入 {counts[0]} 项，不予准入 {counts[1]} 项")
    assert tally(REPORTS["en"]).startswith(f"{len(TASKS)} tasks: {counts[0]} accepted, {counts[1]} rejected")
    failed = evolve(
        REPORTS["en"], problems=(Problem("no-tasks", Cell("x")), Problem("skipped-rows", Cell("x"), {"text": ""}))
    )
    assert tally(failed).endswith("; 1 error, and what they touch was not judged")


# ---- JSON ----------------------------------------------------------------------------------------------------------------

KEYS = {
    "task", "status", "reasons", "admitted_by", "duties", "limits", "missing", "remedies", "assumed", "claimed",
    "as_of", "policies",
}  # fmt: skip
REASON = {"rule", "kind", "title", "because", "cite", "remedy", "grade", "binds", "ref", "source"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_json_has_exactly_the_keys_of_the_format(language: Language) -> None:
    objects = json.loads(write(REPORTS[language], "json"))
    assert [each["task"] for each in objects] == list(TASKS)
    for each in objects:
        assert set(each) == KEYS
        assert all(set(reason) == REASON for reason in each["reasons"])
        assert all(set(admitted) in ({"list", "item"}, {"admit"}) for admitted in each["admitted_by"])
        assert all(set(duty) == {"duty", "title", "owed_by", "if"} for duty in each["duties"])
        assert all(set(missing) == {"fact", "question", "set_by"} for missing in each["missing"])
        assert all(set(remedy) == {"set", "by"} for remedy in each["remedies"])
        assert all(set(policy) == {"name", "version", "digest"} for policy in each["policies"])
        assert each["status"] in ("accepted", "rejected", "undetermined")
        assert all(re.fullmatch(r"\w+\.\w+", reason["rule"]) for reason in each["reasons"] if reason["kind"] == "ban")
    (ban,) = (each for each in objects if each["task"] == "ban")
    reason = ban["reasons"][0]
    assert reason["rule"] == "lists.pledges"
    assert re.fullmatch(r"lists\.burden:\d+", reason["source"])
    assert reason["cite"] == ["《测试规定》第三条"]
    assert ban["remedies"] == [{"set": {"channels": ["consultation"]}, "by": "department"}]
    assert ban["as_of"] == "2024-05-01"


def test_json_lines_are_the_same_objects_one_on_a_line() -> None:
    lines = write(REPORTS["zh"], "jsonl").decode().splitlines()
    assert [json.loads(line) for line in lines] == json.loads(write(REPORTS["zh"], "json"))


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_json_holds_any_title(title: str) -> None:
    for format in ("json", "jsonl"):
        data = write(hostile(title), format)
        data.decode("utf-8")
        assert b"\x1b" not in data


# ---- CSV -----------------------------------------------------------------------------------------------------------------


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_csv_opens_in_excel(language: Language) -> None:
    data = write(REPORTS[language], "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    rows = rows_of(data)
    assert len(rows) == len(TASKS) + 1
    assert {len(row) for row in rows} == {len(rows[0])}
    zh = language == "zh"
    assert rows[0][0] == ("编号" if zh else "id")
    assert rows[0][-7:] == (
        ["结论", "理由", "下一步", "依据", "规定", "待核实要素", "义务"]
        if zh
        else ["verdict", "why", "next step", "citation", "rules", "to find out", "duties"]
    )
    by_id = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert by_id["ban"]["结论" if zh else "verdict"] == ("不予准入" if zh else "rejected")
    assert by_id["ban"]["规定" if zh else "rules"] == "lists.pledges"
    assert "《测试规定》第三条" in by_id["ban"]["依据" if zh else "citation"]
    assert by_id["open-require"]["待核实要素" if zh else "to find out"]


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_no_cell_of_a_csv_is_run_as_a_formula(title: str) -> None:
    for row in rows_of(write(hostile(title), "csv")):
        for cell in row:
            assert not re.match(r"\s*[=+\-@\t\r＝＋－＠]", cell), cell
            assert "\x1b" not in cell
            assert "\u202e" not in cell


@given(st.text(alphabet="=+-@'＝＋－＠\t\r甲a1 ", max_size=6))
def test_what_guards_a_cell_is_taken_away_again(text: str) -> None:
    guarded = guard(text)
    assert not re.match(r"[=+\-@\t\r＝＋－＠]", guarded)
    assert guarded in (text, f"'{text}")


def test_a_csv_that_was_written_can_be_judged_again(tmp_path: Path) -> None:
    first = report(
        tasks={"-1": {**BASE, "title": "=走访"}, "b": {**BASE, "channels": ["pledge", "notice"], "mandate": "none"}}
    )
    for language in LANGUAGES:
        for format in ("csv", "xlsx"):
            path = tmp_path / f"{language}.{format}"
            path.write_bytes(write(evolve(first, language=language), format))
            intake = read_tasks(path, ENGINE.policies, skip=OWN)
            assert not intake.errors, [problem.draw("en") for problem in intake.errors]
            again = list(ENGINE.check_all(intake))
            assert [verdict.to_json() for verdict in again] == [result.verdict.to_json() for result in first.results]
            assert again[0].known["title"] == "=走访"


# ---- XLSX ----------------------------------------------------------------------------------------------------------------


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_a_workbook_keeps_the_inputs_columns_and_values() -> None:
    row = {
        "编号": 17,
        "标题": "入户走访",
        "到会比例": 66.5,
        "日期": dt.datetime.fromisoformat("2024-05-01"),
        "经费落实": True,
        "对象": 370899101201,
        "备注": "=1+1",
        "空": None,
    }
    verdict = evolve(VERDICTS["ban"], task="17")
    sheet = opened(write(Report((Result(verdict, row),), tuple(row), "zh"), "xlsx")).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert heads[: len(row)] == list(row)
    values = dict(zip(heads, sheet[2], strict=True))
    assert values["编号"].value == 17
    assert values["到会比例"].value == 66.5
    assert values["日期"].value == dt.datetime.fromisoformat("2024-05-01")
    assert values["日期"].number_format == "yyyy-mm-dd"
    assert values["经费落实"].value == "是"
    assert str(values["对象"].value) == "370899101201"
    assert (values["备注"].value, values["备注"].data_type) == ("=1+1", "s")
    assert values["空"].value is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_shows_the_verdict_in_colour_with_why_and_what_next(language: Language) -> None:
    options = {"判定日": "2024-05-01"}
    problems = (Problem("ill-typed", Cell("t.xlsx", 3, "日期"), {"type": "date", "found": "x"}),)
    book = opened(write(evolve(REPORTS[language], options=options, problems=problems), "xlsx"))
    sheet, about = book.worksheets
    heads = [cell.value for cell in sheet[1]]
    zh = language == "zh"
    at = heads.index("结论" if zh else "verdict")
    colours = {"accepted": "C6EFCE", "rejected": "FFC7CE", "undetermined": "FFEB9C"}
    for row, verdict in zip(sheet.iter_rows(min_row=2), VERDICTS.values(), strict=True):
        assert row[at].fill.fgColor.rgb == f"00{colours[verdict.status]}"
        assert row[at].font.b
        assert row[heads.index("理由" if zh else "why")].value
        assert row[heads.index("下一步" if zh else "next step")].value == next_step(verdict, language)
        assert all(cell.alignment.wrap_text for cell in row)
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(len(TASKS) + 1, len(heads)).coordinate}"
    assert all(8 <= dimension.width <= 44 for dimension in sheet.column_dimensions.values())
    said = [str(cell.value) for row in about.iter_rows() for cell in row if cell.value]
    assert "判定日" in said
    assert "t.xlsx:3:日期" in said
    assert {used.digest for verdict in VERDICTS.values() for used in verdict.policies} <= set(said)


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_a_workbook_holds_any_title_as_text(title: str) -> None:
    sheet = opened(write(hostile(title), "xlsx")).worksheets[0]
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type in ("s", "n", "inlineStr"), (cell.coordinate, cell.value)
            if isinstance(cell.value, str):
                assert len(cell.value) <= 32_767
                assert not re.search("[\x00-\x08\x1b\u202e]", cell.value)
                assert not cell.value.startswith("=") or cell.quotePrefix


def test_a_column_that_an_earlier_run_wrote_is_replaced() -> None:
    row = {"编号": "a", "标题": "走访", "结论": "旧", "why": "old"}
    table = grid(Report((Result(VERDICTS["ban"], row),), tuple(row), "zh"), "; ")
    assert table.heads.count("结论") == 1
    assert "why" not in table.heads
    assert "旧" not in table.rows[0]


def test_a_row_without_an_id_shows_the_one_that_was_made_for_it() -> None:
    verdict = evolve(VERDICTS["ban"], task="t.csv:2")
    for row in ({"编号": None, "标题": "x"}, {"标题": "x"}):
        table = grid(Report((Result(verdict, row),), tuple(row), "zh"), "; ")
        assert table.rows[0][table.heads.index("编号")] == "t.csv:2"


# ---- text ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [72, 80, 120, 200])
def test_a_table_is_as_wide_as_it_may_be_and_its_lines_are_aligned(language: Language, width: int) -> None:
    text = as_text(REPORTS[language], width=width)
    table = text.partition("\n\n")[0].splitlines()
    assert {display_width(line) for line in table} == {max(map(display_width, table))}
    assert display_width(table[0]) <= width
    edges = [at for at, char in enumerate(table[0]) if char in "╭┬╮"]
    for line in table[1:-1]:
        at, positions = 0, set()
        for char in line:
            if char in "│├┼┤":
                positions.add(at)
            at += display_width(char)
        assert set(edges) <= positions, line
    assert tally(REPORTS[language]) in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [20, 40, 71])
def test_a_narrow_terminal_shows_blocks(language: Language, width: int) -> None:
    text = as_text(REPORTS[language], width=width)
    blocks = text.split("\n\n")
    assert len(blocks) == len(TASKS) + 1
    for block, verdict in zip(blocks, VERDICTS.values(), strict=False):
        assert block.startswith(verdict.task[:8])
        assert all(display_width(line) <= width for line in block.splitlines())
        assert next_step(verdict, language).replace(" ", "") in re.sub(r"\s", "", block)


@given(st.text(alphabet="甲乙（）《》，。“” abc-1", max_size=60), st.integers(2, 30))
def test_breaking_lines_loses_nothing_but_space_and_keeps_within_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(display_width(line) <= width for line in lines)
    for held in re.finditer(
        "[（《“]*([a-z0-9-]+)[）》，。”]*", text
    ):  # a line neither begins nor ends with the wrong mark
        assert display_width(held[0]) > width - 4 or any(held[1] in line for line in lines)


def test_chinese_lines_neither_begin_nor_end_with_the_wrong_mark() -> None:
    for width in (60, 80, 100, 120):
        for line in as_text(REPORTS["zh"], width=width).splitlines():
            for cell in line.split("│")[1:-1]:
                assert not re.match(r" [，。；：、？）》”]", cell), line
                assert not re.search(r"[（《“]\s*$", cell), line


def test_a_table_is_in_colour_only_on_a_terminal() -> None:
    assert "\x1b" not in as_text(REPORTS["zh"])
    coloured = as_text(REPORTS["zh"], colour=True)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert plain == as_text(REPORTS["zh"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_explanations_stand_below_the_table(language: Language) -> None:
    text = as_text(REPORTS[language], explain=True)
    for verdict in VERDICTS.values():
        assert verdict.explain(language) in text
    assert as_text(Report((), (), language)).strip() == tally(Report((), (), language))
    options = evolve(REPORTS[language], options={"判定日": "2024-05-01"})
    assert "2024-05-01" in as_text(options)


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_no_title_steers_the_terminal(title: str) -> None:
    for explain in (False, True):
        text = as_text(hostile(title), explain=explain)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff]", text)
    if "[bold" in title:
        assert "[bold" in as_text(hostile(title))


@given(st.text(max_size=40))
def test_printable_text_has_nothing_that_steers(text: str) -> None:
    shown = printable(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert printable(shown) == shown


# ---- HTML and Markdown ---------------------------------------------------------------------------------------------------

_VOID = {"meta", "img", "br", "hr", "link", "input"}


class Checker(HTMLParser):
    """Reads a page strictly: every tag is closed, and what a browser would run or load is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "iframe", "object", "link", "form", "svg", "base"}
        for name, value in attrs:
            assert not name.startswith("on")
            assert "javascript:" not in (value or "")
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read_page(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    return checker


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_and_needs_nothing_else(language: Language) -> None:
    page = as_page(evolve(REPORTS[language], problems=(Problem("no-tasks", Cell("<b>.csv")),)))
    assert page.startswith("<!DOCTYPE html>")
    assert "http" not in page
    checker = read_page(page)
    assert checker.links == [f"#task-{number}" for number in range(1, len(TASKS) + 1)]
    assert checker.ids == [link[1:] for link in checker.links]
    text = "".join(checker.text)
    assert tally(evolve(REPORTS[language], problems=(Problem("no-tasks", None),))) in text
    assert "<b>.csv" in text
    for verdict in VERDICTS.values():
        assert next_step(verdict, language) in text
    assert all(used.digest in text for verdict in VERDICTS.values() for used in verdict.policies)


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_a_page_shows_any_title_as_text(title: str) -> None:
    checker = read_page(as_page(hostile(title)))
    assert printable(title).strip() in "".join(checker.text)


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_markdown_shows_any_title_as_text(title: str) -> None:
    verdict = hostile(title).results[0].verdict
    text = printable(verdict.explain("zh", "markdown"))
    bare = re.sub(r"\\.", "", text, flags=re.DOTALL)
    assert not re.search(r"[<>`|\[\]]", bare)
    lines = [line for line in text.splitlines() if line]
    assert all(re.match(r"(## |### |\*\*|\s*- )", line) for line in lines), lines


def test_an_html_fragment_escapes_its_texts() -> None:
    fragment = hostile(HOSTILE[0]).results[0].verdict.explain("en", "html")
    assert html.escape(HOSTILE[0]) in fragment
    assert "<script" not in fragment


# ---- all together --------------------------------------------------------------------------------------------------------


def test_every_suffix_has_a_format_and_every_format_writes() -> None:
    assert set(SUFFIXES.values()) == set(FORMATS)
    for format in FORMATS:
        for language in LANGUAGES:
            assert isinstance(write(Report((), (), language), format), bytes)
            assert write(REPORTS[language], format) == write(REPORTS[language], format) or format == "xlsx"
    with pytest.raises(KeyError):
        write(REPORTS["zh"], "pdf")


def test_every_format_tells_the_same_verdicts() -> None:
    expected = [verdict.status for verdict in VERDICTS.values()]
    shown: list[list[str]] = [
        [each["status"] for each in json.loads(write(REPORTS["en"], "json"))],
        [
            row[rows_of(write(REPORTS["en"], "csv"))[0].index("verdict")]
            for row in rows_of(write(REPORTS["en"], "csv"))[1:]
        ],
        re.findall(r'class="status \w+">(\w+)<', write(REPORTS["en"], "html").decode()),
        re.findall(r"│ (accepted|rejected|undetermined) +│", as_text(REPORTS["en"], width=200)),
    ]
    assert shown == [expected] * 4


def test_verdicts_are_never_true_or_false() -> None:
    verdict: Verdict = VERDICTS["ban"]
    with pytest.raises(TypeError):
        bool(verdict)
