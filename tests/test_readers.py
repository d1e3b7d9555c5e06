"""Files of tasks: what is read from each format, what is named where it can't be read, and that nothing gets lost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import burdenlib
from burdenlib import Engine, Intake, TaskError
from burdenlib.facts import SetValue
from burdenlib.problems import Problem
from burdenlib.readers import read_tasks
from burdenlib.readers import xlsx as xlsx_reader

POLICY = """
policy lists "测试清单" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试清单》
list tasks "协助事项清单" closed governs when kind is work
  item T-1 "入户走访" role assist
ban pledges "不得签责任书" when channels includes pledge cite 《测试规定》第三条
"""
ENGINE = Engine.load(texts={"lists.burden": POLICY})
KNOWN = ENGINE.policies

FACTS: Mapping[str, object] = {
    "id": "A-1",
    "title": "入户走访",
    "kind": "work",
    "target": "370899101201",
    "target_kind": "village",
    "item": "T-1",
    "role": "assist",
    "channels": ["notice", "chat_group"],
    "funded": True,
    "date": "2024-05-01",
}
HEADS = ("编号", "标题", "类别", "对象", "对象类别", "事项", "承担角色", "下达方式", "经费落实", "日期")
CELLS = ("A-1", "入户走访", "工作事务", "370899101201", "村", "T-1", "协助", "通知、工作群", "是", "2024-05-01")


def read(tmp_path: Path, data: bytes | str, suffix: str, **options: Any) -> Intake:
    path = tmp_path / f"tasks{suffix}"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_tasks(path, KNOWN, **options)


def table(*rows: Sequence[object]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def book(*rows: Sequence[object], edit: Callable[[Any, Any], object] | None = None) -> bytes:
    """A workbook with the rows on its first sheet; `edit` gets the book and the sheet."""
    made = openpyxl.Workbook()
    sheet: Any = made.active
    for row in rows:
        sheet.append(list(row))
    if edit is not None:
        edit(made, sheet)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def excel(strings: str, rows: str, *, head: str = "", more: Mapping[str, bytes] | None = None) -> bytes:
    """A workbook as Excel writes it: its texts in a table of their own, the cells with numbers into it."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(
            f'<Override PartName="/xl/{part}.xml" ContentType="{_KIND}.{kind}+xml"/>'
            for part, kind in (
                ("workbook", "sheet.main"),
                ("worksheets/sheet1", "worksheet"),
                ("sharedStrings", "sharedStrings"),
            )
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'{head}<sst xmlns="{_MAIN}">{strings}</sst>',
        **(more or {}),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return stream.getvalue()


STRINGS = "".join(f"<si><t>{text}</t></si>" for text in ("编号", "标题", "A-1", "走访"))
ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row>'
)


def told(intake: Intake) -> list[dict[str, object]]:
    """What each task tells, as the engine reads it."""
    found = []
    for entry in intake.entries:
        statements, problems = burdenlib.task.read_task(entry.task, KNOWN)
        assert not problems, [problem.draw("en") for problem in problems]
        found.append({each.fact: each.value for each in statements})
    return found


def codes(intake: Intake) -> list[str]:
    return [problem.code for problem in intake.problems]


def errors(intake: Intake) -> list[Problem]:
    return list(intake.errors)


def only(intake: Intake) -> Problem:
    (problem,) = intake.problems
    for language in ("zh", "en"):
        assert problem.draw(language)
    return problem


EXPECTED = {name: value for name, value in FACTS.items() if name != "channels"} | {"date": dt.date(2024, 5, 1)}


def check_first(intake: Intake) -> None:
    """The first task tells what `FACTS` tells."""
    assert not errors(intake), [problem.draw("en") for problem in errors(intake)]
    found = told(intake)[0]
    channels = found.pop("channels")
    assert isinstance(channels, SetValue)
    assert channels.includes == {"notice", "chat_group"}
    assert "pledge" in channels.excludes
    assert found == EXPECTED


# ---- every format tells the same ---------------------------------------------------------------------------------------


def as_chinese(facts: Mapping[str, object]) -> dict[str, object]:
    """The same facts under their labels, with Chinese values where the fact is an enumeration."""
    found: dict[str, object] = {}
    for name, value in facts.items():
        fact = KNOWN.facts[name]
        words = {each.name: each.words.pick("zh") for each in fact.type.values}
        plain = [words[each] for each in value] if isinstance(value, list) else words.get(str(value), value)
        found[fact.label.pick("zh")] = plain
    return found


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".json", json.dumps([FACTS])),
        (".json", json.dumps(FACTS)),
        (".json", json.dumps({"tasks": [FACTS]})),
        (".json", json.dumps({"id": "A-1", "facts": {k: v for k, v in FACTS.items() if k != "id"}})),
        (".json", json.dumps([{"id": "A-1", "facts": FACTS, "expect": "accepted", "by": ["X"], "why": "…"}])),
        (".json", json.dumps([as_chinese(FACTS)], ensure_ascii=False)),
        (
            ".json",
            json.dumps({**FACTS, "mandate": None, "channels": {"excludes": ["pledge"], "includes": FACTS["channels"]}}),
        ),
        (".jsonl", "\n" + json.dumps(FACTS) + "\r\n\r\n"),
        (".ndjson", json.dumps(FACTS, ensure_ascii=False)),
        (".csv", table(HEADS, CELLS)),
        (".csv", table([KNOWN.find_fact(head).name for head in HEADS], CELLS)),  # type: ignore[union-attr]
        (".tsv", "\t".join(HEADS) + "\n" + "\t".join(CELLS)),
        (".CSV", table(HEADS, CELLS)),
    ],
)
def test_the_same_task_in_every_shape(tmp_path: Path, suffix: str, text: str) -> None:
    check_first(read(tmp_path, text, suffix))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, ending: str, suffix: str) -> None:
    text = json.dumps(as_chinese(FACTS), ensure_ascii=False) + "\n" if suffix != ".csv" else table(HEADS, CELLS)
    text = text.replace("\r\n", "\n").replace("\n", ending)
    check_first(read(tmp_path, text.encode(encoding), suffix))


def test_excels_unicode_text_is_a_table_with_tabs(tmp_path: Path) -> None:
    text = "\t".join(HEADS) + "\r\n" + "\t".join(CELLS) + "\r\n"
    check_first(read(tmp_path, text.encode("utf-16"), ".csv"))


def test_a_workbook(tmp_path: Path) -> None:
    row = [*CELLS[:3], 370899101201, *CELLS[4:8], True, dt.date(2024, 5, 1)]
    check_first(read(tmp_path, book(HEADS, row), ".xlsx"))
    row = [*CELLS[:3], 370899101201.0, *CELLS[4:8], 1, "2024年5月1日"]
    check_first(read(tmp_path, book(HEADS, row), ".xlsm"))


def test_a_workbook_as_excel_writes_it(tmp_path: Path) -> None:
    intake = read(tmp_path, excel(STRINGS, ROWS), ".xlsx")
    assert told(intake) == [{"id": "A-1", "title": "走访"}]
    assert not intake.problems


def test_a_parquet_file(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows: list[dict[str, object]] = [
        {**FACTS, "date": dt.date(2024, 5, 1)},
        {"id": "A-2", "mandate": "none", "date": None},
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    parquet.write_table(pyarrow.table(columns), tmp_path / "tasks.parquet")
    intake = read_tasks(tmp_path / "tasks.parquet", KNOWN)
    check_first(intake)
    assert set(told(intake)[1]) == {"id", "mandate"}
    parquet.write_table(pyarrow.table({"titel": ["x"], "id": [5]}), tmp_path / "bad.parquet")
    intake = read_tasks(tmp_path / "bad.parquet", KNOWN)
    assert codes(intake) == ["unknown-column", "ill-typed"]
    assert intake.problems[0].nearest == "title"
    assert only(read(tmp_path, b"PAR1 nonsense PAR1", ".parquet")).code == "unreadable-file"


@given(st.permutations(range(len(HEADS))), st.booleans())
def test_the_order_of_columns_is_irrelevant(order: list[int], english: bool) -> None:
    heads = [HEADS[i] if not english else KNOWN.find_fact(HEADS[i]).name for i in order]  # type: ignore[union-attr]
    text = table(heads, [CELLS[i] for i in order])
    found = burdenlib.readers.csv_file.read_csv(
        "t.csv", "t.csv", text.encode(), burdenlib.readers.heads.Vocabulary(KNOWN)
    )
    entries = [each for each in found if isinstance(each, burdenlib.readers.Entry)]
    check_first(Intake(tuple(entries)))


# ---- JSON --------------------------------------------------------------------------------------------------------------


def test_a_portfolio_is_judged_by_itself(tmp_path: Path) -> None:
    lines = [{"id": "K", "expect": "x", "tasks": [FACTS, {"kind": "work"}]}, {"id": "B"}, {"id": "C"}]
    intake = read(tmp_path, "\n".join(map(json.dumps, lines)), ".jsonl")
    assert [[task.id for task in group] for group in intake.portfolios] == [["A-1", "K-2"], ["B", "C"]]
    assert [len(group) for group in intake.rows] == [2, 2]


def test_ids_are_made_of_the_file_and_the_line(tmp_path: Path) -> None:
    intake = read(tmp_path, '[{"kind":"work"},{"kind":"work"},\n{"kind":"work"}]', ".json")
    assert [task.id for task in intake] == ["tasks.json:1", "tasks.json:1#2", "tasks.json:2"]


@pytest.mark.parametrize(
    ("text", "code", "line", "said"),
    [
        ("", "no-tasks", None, ""),
        (" \n ", "no-tasks", None, ""),
        ("[]", "no-tasks", None, ""),
        ('{"tasks": []}', "no-tasks", None, ""),
        ("3", "not-a-task", 1, "a number"),
        ('[{"id":"a"},\n"b"]', "not-a-task", 2, "a text"),
        ("[[]]", "not-a-task", 1, "an array"),
        ("[null]", "not-a-task", 1, "null"),
        ('[{"id":"a"},]', "bad-json", 1, "character 13"),
        ('{"id":"a",\n"title":"b"', "bad-json", 2, "a comma is expected"),
        ('{"id" "a"}', "bad-json", 1, "a colon is expected"),
        ("{id: 1}", "bad-json", 1, "a key in double quotes"),
        ("{'id': 1}", "bad-json", 1, "a key in double quotes"),
        ('{"id":"a\\q"}', "bad-json", 1, "backslash"),
        ('{"id":"a\n', "bad-json", 1, "control character"),
        ('{"id":"a', "bad-json", 1, "no closing quote"),
        ('{"id":"a\x00"}', "bad-json", 1, "control character"),
        ('{"id":"a"}\n{"id":"b"}', "bad-json", 2, ".jsonl"),
        ('{"id":"a","title":"x","title":"y"}', "duplicate-key", 1, "`title` stands twice"),
        ('{"id":"a","facts":{"kind":"work"},"titel":"x"}', "unknown-fact", 1, "did you mean `title`?"),
        ('{"id":"a","tasks":[{"id":"b"}],"titel":"x"}', "unknown-fact", 1, "did you mean `title`?"),
        ('{"id":5}', "ill-typed", 1, "`id`"),
        ('{"id":" "}', "empty-text", 1, "`id`"),
        ('{"id":"a","facts":{"id":"b"}}', "told-twice", 1, "`id`"),
        ("[" * 100_000, "bad-json", 1, "nested too deeply"),
        ('{"a":' * 100_000, "bad-json", 1, "nested too deeply"),
        ('[{"id":"a","title":' + "[" * 40 + "]" * 40 + "}]", "bad-json", 1, "nested too deeply"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_json_that_cant_be_used(tmp_path: Path, text: str, code: str, line: int | None, said: str) -> None:
    problem = next(iter(read(tmp_path, text, ".json").problems))
    assert problem.code == code
    assert problem.file == str(tmp_path / "tasks.json") + (f":{line}" if line else "")
    assert said in problem.draw("en")
    assert not any(word in problem.draw("zh") for word in ("Expecting", "expected", "Invalid", "Extra"))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000], ids=lambda value: value[:5])
def test_what_is_no_number_is_named_with_its_fact_and_costs_the_others_nothing(tmp_path: Path, value: str) -> None:
    text = f'[{{"id":"a","attendance":{value}}},\n{{"id":"b","kind":"work"}}]'
    intake = read(tmp_path, text, ".json")
    assert [task.id for task in intake] == ["a", "b"]
    outcome = ENGINE.check_all(intake, keep_going=True)
    assert [verdict.task for verdict in outcome] == ["b"]
    (problem,) = outcome.problems
    assert (problem.code, problem.column) == ("ill-typed", "attendance")


def test_a_bad_line_costs_the_others_nothing(tmp_path: Path) -> None:
    intake = read(tmp_path, '{"id":"a"}\nnot json\n[1]\n{"id":"b"}\n{"id":"c","id":"d"}', ".jsonl")
    assert [entry.task.id for entry in intake.entries] == ["a", "b"]
    assert codes(intake) == ["bad-json", "not-a-task", "duplicate-key"]
    assert [problem.file.rpartition(":")[2] for problem in intake.problems if problem.file] == ["2", "3", "5"]


def test_the_tasks_before_a_mistake_are_read(tmp_path: Path) -> None:
    intake = read(tmp_path, '[{"id":"a"},{"id":"b"},{"id":', ".json")
    assert [entry.task.id for entry in intake.entries] == ["a", "b"]
    with pytest.raises(TaskError):
        list(intake)


@pytest.mark.parametrize(
    ("text", "ids", "found"),
    [
        ('{"id":"a"}', ["a"], []),
        ('{"id":"a"}\n{"id":"b"}\n', ["a", "b"], []),
        ('[{"id":"a"},\n{"id":"b"}]', ["a", "b"], []),
        ('{\n "id": "a"\n}', ["a"], []),
        ('{"id":"a"}\nnonsense\n{"id":"b"}', ["a", "b"], ["bad-json"]),
        ('{\n "id": "a",\n "title": \n}', [], ["bad-json"]),
        ('[\n{"id":"a"},\n]', ["a"], ["bad-json"]),
        ("nonsense\nnonsense", [], ["bad-json"]),
    ],
)
def test_standard_input_is_json_or_json_lines(
    monkeypatch: pytest.MonkeyPatch, text: str, ids: list[str], found: list[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    intake = read_tasks("-", KNOWN)
    assert [entry.task.id for entry in intake.entries] == ids
    assert codes(intake) == found
    assert all(problem.file is not None and problem.file.startswith("<stdin>") for problem in intake.problems)


# ---- tables ------------------------------------------------------------------------------------------------------------


def test_quotes_and_line_ends_in_cells(tmp_path: Path) -> None:
    intake = read(tmp_path, table(["id", "title"], ["a", '甲,"乙"\n丙'], ["b", "丁"]), ".csv")
    assert told(intake) == [{"id": "a", "title": '甲,"乙"\n丙'}, {"id": "b", "title": "丁"}]
    assert [entry.task.cells["title"].row for entry in intake.entries] == [2, 3]


@pytest.mark.parametrize("head", ["ｉｄ", "　编号　", "编 号", "编号*", "*编号", "id\n", "\ufeffid"])
def test_heads_are_found_however_they_are_spaced(tmp_path: Path, head: str) -> None:
    intake = read(tmp_path, table([head, "标题"], ["a", "走访"]), ".csv")
    assert told(intake) == [{"id": "a", "title": "走访"}]


def test_an_empty_cell_tells_nothing_and_none_is_none(tmp_path: Path) -> None:
    intake = read(
        tmp_path, table(["id", "mandate", "channels", "title"], ["a", "　 ", "", "x"], ["b", "无", "无"]), ".csv"
    )
    first, second = told(intake)
    assert set(first) == {"id", "title"}
    assert second["mandate"] is burdenlib.NONE
    assert second["channels"] == SetValue(excludes=KNOWN.facts["channels"].type.names)


@pytest.mark.parametrize(
    "cell",
    [
        "通知、工作群",
        "notice,chat_group",
        "通知，工作群",
        "通知；工作群",
        "通知;chat_group",
        "通知\n工作群",
        " 通知 、 工作群 、",
    ],
)
def test_several_values_in_a_cell(tmp_path: Path, cell: str) -> None:
    intake = read(tmp_path, table(["id", "channels"], ["a", cell]), ".csv")
    channels = told(intake)[0]["channels"]
    assert isinstance(channels, SetValue)
    assert channels.includes == {"notice", "chat_group"}


@pytest.mark.parametrize(
    "cell", ["2024-05-01", "2024年5月1日", "2024/5/1", "2024-5-1", "２０２４－０５－０１", "２０２４年５月１日"]
)
def test_dates_as_people_write_them(tmp_path: Path, cell: str) -> None:
    assert told(read(tmp_path, table(["id", "date"], ["a", cell]), ".csv"))[0]["date"] == dt.date(2024, 5, 1)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("是", True),
        ("yes", True),
        ("TRUE", True),
        ("1", True),
        ("１", True),
        ("否", False),
        ("no", False),
        ("0", False),
    ],
)
def test_yes_and_no_as_people_write_them(tmp_path: Path, cell: str, value: bool) -> None:
    assert told(read(tmp_path, table(["id", "funded"], ["a", cell]), ".csv"))[0]["funded"] is value


@pytest.mark.parametrize(
    ("rows", "code", "row", "column", "said"),
    [
        ([["id", "titel", "kind"], ["a", "x", "work"]], "unknown-column", 1, "titel", "did you mean `title`?"),
        ([["编号", "类别", "标提"], ["a", "work", "x"]], "unknown-column", 1, "标提", "did you mean `标题`?"),
        ([["id", "Kind", "title"], ["a", "work", "x"]], "unknown-column", 1, "Kind", "did you mean `kind`?"),
        ([["id", "title", "标题"], ["a", "x", "y"]], "duplicate-column", 1, "标题", "stands twice"),
        ([["id", "title"], ["a", "x", "y"], ["b", "x"]], "row-too-long", 2, None, "2"),
        ([["id", "", "title"], ["a", "x", "y"], ["b", "x", "y"]], "headless-column", 2, None, "B2"),
        ([["titel", "knd"], ["a", "x"]], "no-header", None, None, "did you mean `title`?"),
        ([["甲", "乙"], ["a", "x"]], "no-header", None, None, "head each column"),
        ([["id", "title"]], "no-tasks", None, None, ""),
        ([], "no-tasks", None, None, ""),
    ],
)
def test_tables_that_cant_be_used(
    tmp_path: Path, rows: list[list[str]], code: str, row: int | None, column: str | None, said: str
) -> None:
    for suffix, data in ((".csv", table(*rows).encode()), (".xlsx", book(*rows))):
        problem = only(read(tmp_path, data, suffix))
        assert problem.code == code
        assert problem.file == str(tmp_path / f"tasks{suffix}")
        assert (problem.line, problem.column) == (row, column)
        assert said in problem.draw("en")


@pytest.mark.parametrize(
    ("fact", "cell", "code", "said"),
    [
        ("kind", "wrok", "unknown-value", "did you mean `work`?"),
        ("kind", "工作事物", "unknown-value", "did you mean `工作事务`?"),
        ("channels", "通知、责任壮", "unknown-value", "did you mean `责任书`?"),
        ("date", "2024-13-01", "ill-typed", "date"),
        ("date", "05/01/2024", "ill-typed", "date"),
        ("date", "2024年2月30日", "ill-typed", "date"),
        ("funded", "maybe", "ill-typed", "yes/no"),
        ("funded", "无", "never-none", "yes/no"),
        ("attendance", "many", "ill-typed", "number"),
        ("attendance", "nan", "ill-typed", "number"),
        ("target", "3708", None, ""),
        ("target", "村里", "bad-place", "村里"),
        ("title", "a\x07b", "control-character", "U+0007"),
        ("title", "a\u202eb", "control-character", "U+202E"),
    ],
)
def test_cells_that_cant_be_used_are_named_with_row_and_column(
    tmp_path: Path, fact: str, cell: str, code: str | None, said: str
) -> None:
    text = table(["某县申报表"], ["id", fact], ["a", ""], ["b", cell])
    intake = read(tmp_path, text, ".csv")
    outcome = ENGINE.check_all([entry.task for entry in intake.entries], keep_going=True)
    if code is None:
        assert not outcome.problems
        return
    assert [verdict.task for verdict in outcome] == ["a"]
    (problem,) = outcome.problems
    assert (problem.code, problem.line, problem.column) == (code, 4, fact)
    assert problem.file == str(tmp_path / "tasks.csv")
    assert said in problem.draw("en")
    assert fact in problem.draw("zh")


@pytest.mark.parametrize(
    ("data", "code", "line", "said"),
    [
        ('id,title\na,"x" y\nb,t\n', "bad-csv", 2, "结束的引号之后应为逗号"),
        ('id,title\nb,t\na,"x y\nb,t\n', "bad-csv", 3, "引号没有闭合"),
        ("id,title\na,b\n\nc,x\0y\n", "bad-csv", 4, "NUL"),
        ("id,title\na," + "x" * 200_000, "bad-csv", 2, "131,072"),
        (b"id,title\na,\xff\xff", "unknown-encoding", None, "GB18030"),
        ("id,title\na,一个坏字节不该使全文变成乱码".encode() + b"\xe4\n", "unknown-encoding", None, "GB18030"),
        ("id,title" + ",x" * 300_000, "unreadable-file", 1, "1,000"),
        ("id,title," + ",".join(f"列{n}" for n in range(300_000)), "unreadable-file", 1, "1,000"),
        ("id,title\n" + "," * 1_000_000 + "x", "row-too-long", 2, "2"),
        ("id,title\n" + "," * 3_000_000, "no-tasks", None, ""),
    ],
    ids=["quote", "unclosed", "nul", "long", "encoding", "broken byte", "same heads", "heads", "wide", "commas"],
)
def test_hostile_tables_get_a_clear_error_soon(
    tmp_path: Path, data: str | bytes, code: str, line: int | None, said: str
) -> None:
    start = time.process_time()
    problem = only(read(tmp_path, data, ".csv"))
    assert time.process_time() - start < 20  # bounded, not fast
    assert (problem.code, problem.line) == (code, line)
    assert said in problem.draw("zh")


def test_a_hundred_unknown_columns_are_all_named(tmp_path: Path) -> None:
    heads = ["id", "title", *(f"title{n}" for n in range(100))]
    intake = read(tmp_path, table(heads, ["a", "x"]), ".csv")
    assert {problem.details["found"] for problem in intake.problems} == set(heads[2:])
    assert intake.problems[0].nearest == "title"


def test_rows_above_the_heads_are_named(tmp_path: Path) -> None:
    intake = read(tmp_path, table(["某县基层事项申报表"], [], ["编号", "标题"], ["a", "x"]), ".csv")
    assert told(intake) == [{"id": "a", "title": "x"}]
    assert only(intake).code == "skipped-rows"
    assert "某县基层事项申报表" in only(intake).draw("zh")


def test_columns_are_left_out_only_if_the_user_says_so_and_are_named(tmp_path: Path) -> None:
    text = table(["id", "title", "备注"], ["a", "x", "!"])
    assert codes(read(tmp_path, text, ".csv")) == ["unknown-column"]
    intake = read(tmp_path, text, ".csv", skip=["备注"])
    assert codes(intake) == ["skipped-columns"]
    assert intake.entries[0].row == {"id": "a", "title": "x", "备注": "!"}
    intake = read(tmp_path, text, ".csv", columns={"备注": "text"})
    assert told(intake) == [{"id": "a", "title": "x", "text": "!"}]
    assert codes(read(tmp_path, text, ".csv", skip=["title", "备注"])) == ["skipped-columns"]
    assert told(read(tmp_path, text, ".csv", skip=["title", "备注"]))[0]["title"] == "x"  # a fact is never left out


def test_what_the_writer_guards_is_read_as_it_was(tmp_path: Path) -> None:
    assert told(read(tmp_path, "id,title\n'-1,'=cmd\n", ".csv")) == [{"id": "-1", "title": "=cmd"}]
    assert told(read(tmp_path, "id,title\n'a,'b'\n", ".csv")) == [{"id": "'a", "title": "'b'"}]


# ---- workbooks ---------------------------------------------------------------------------------------------------------


def edit_formula(_: Any, sheet: Any) -> None:
    sheet["B2"] = "=A2&A2"


def edit_error(_: Any, sheet: Any) -> None:
    sheet["B2"] = "#REF!"


@pytest.mark.parametrize(("edit", "code"), [(edit_formula, "formula-without-value"), (edit_error, "error-cell")])
def test_a_cell_without_a_value_is_named(tmp_path: Path, edit: Callable[[Any, Any], None], code: str) -> None:
    intake = read(tmp_path, book(HEADS, CELLS, ["B-1", *CELLS[1:]], edit=edit), ".xlsx")
    problem = only(intake)
    assert (problem.code, problem.line, problem.column) == (code, 2, "标题")
    assert [entry.task.id for entry in intake.entries] == ["B-1"]


def test_the_stored_result_of_a_formula_counts(tmp_path: Path) -> None:
    rows = ROWS.replace("<v>3</v>", "<f>A2</f><v>走访</v>").replace('r="B2" t="s"', 'r="B2" t="str"')
    assert told(read(tmp_path, excel(STRINGS, rows), ".xlsx")) == [{"id": "A-1", "title": "走访"}]
    empty = ROWS.replace("<v>3</v>", '<f>IF(1,"")</f><v></v>').replace('r="B2" t="s"', 'r="B2" t="str"')
    assert told(read(tmp_path, excel(STRINGS, empty), ".xlsx")) == [{"id": "A-1"}]


def test_sheets_hidden_empty_and_several(tmp_path: Path) -> None:
    def edit(made: Any, sheet: Any) -> None:
        sheet.title = "一"
        for name, rows in (("隐", [HEADS, ["H-1", *CELLS[1:]]]), ("二", [HEADS, ["B-1", *CELLS[1:]]]), ("空", [])):
            other = made.create_sheet(name)
            for row in rows:
                other.append(list(row))
        made["隐"].sheet_state = "hidden"
        made.create_sheet("说明").append(["请逐行填写"])

    data = book(HEADS, CELLS, edit=edit)
    intake = read(tmp_path, data, ".xlsx")
    assert [entry.task.id for entry in intake.entries] == ["A-1", "B-1"]
    assert intake.entries[1].task.source.endswith("tasks.xlsx[二]")
    assert codes(intake) == ["skipped-sheet", "no-header"]
    assert [str(problem.file).rpartition("[")[2] for problem in intake.problems] == ["隐]", "说明]"]
    assert "--skip-column" in intake.problems[1].draw("zh")
    assert not errors(read(tmp_path, data, ".xlsx", skip=["说明"]))


def test_ids_of_rows_without_one_name_sheet_and_row(tmp_path: Path) -> None:
    def edit(made: Any, sheet: Any) -> None:
        sheet.title = "一"
        other = made.create_sheet("二")
        other.append(["标题", "类别"])
        other.append(["甲", "工作事务"])

    intake = read(tmp_path, book(["标题", "类别"], ["甲", "工作事务"], edit=edit), ".xlsx")
    assert [task.id for task in intake] == ["tasks.xlsx[一]:2", "tasks.xlsx[二]:2"]


def test_merged_cells_count_in_every_row(tmp_path: Path) -> None:
    def edit(_: Any, sheet: Any) -> None:
        sheet.insert_rows(1)
        sheet["A1"] = "某县基层事项申报表"
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("C3:C5")

    rows: list[list[object]] = [
        ["编号", "标题", "部门"],
        ["a", "甲", "民政局"],
        ["b", "乙", None],
        ["c", "丙", None],
        ["d", "丁", None],
    ]
    found = told(read(tmp_path, book(*rows, edit=edit), ".xlsx"))
    assert [each.get("department") for each in found] == ["民政局", "民政局", "民政局", None]


def test_a_merge_that_begins_in_an_empty_row_brings_nothing(tmp_path: Path) -> None:
    def edit(_: Any, sheet: Any) -> None:
        sheet.merge_cells("C3:C4")  # row 3 is empty; what stands in row 4 below the merge doesn't show

    rows: list[list[object]] = [["编号", "标题", "部门"], ["a", "甲", "民政局"], [], ["c", "丙", None]]
    assert [each.get("department") for each in told(read(tmp_path, book(*rows, edit=edit), ".xlsx"))] == [
        "民政局",
        None,
    ]


def test_numbers_percentages_and_dates_in_a_workbook(tmp_path: Path) -> None:
    def edit(_: Any, sheet: Any) -> None:
        sheet["B2"].number_format = "0%"
        sheet["C3"].number_format = "yyyy-mm-dd hh:mm"

    rows: list[list[object]] = [
        ["编号", "到会比例", "日期", "要求文号"],
        [1, 0.5, dt.date(2024, 5, 1), 2024],
        [2.0, 66.6, dt.datetime.fromisoformat("2024-05-01 08:30"), "x"],
    ]
    intake = read(tmp_path, book(*rows, edit=edit), ".xlsx")
    assert [task.id for task in intake] == ["1", "2"]
    outcome = ENGINE.check_all(intake, keep_going=True)
    known = outcome["1"].known
    assert (known["attendance"], known["date"], known["mandate_document"]) == (50, dt.date(2024, 5, 1), "2024")
    (problem,) = outcome.problems
    assert (problem.code, problem.line, problem.column) == ("ill-typed", 3, "日期")


def test_five_hundred_rows_are_read_soon_and_none_is_lost(tmp_path: Path) -> None:
    rows = [[f"A-{n}", *CELLS[1:]] for n in range(500)]
    data = book(HEADS, *rows)
    start = time.process_time()
    intake = read(tmp_path, data, ".xlsx")
    assert time.process_time() - start < 20  # bounded, not fast
    assert [task.id for task in intake] == [row[0] for row in rows]
    assert not intake.problems


def test_a_bad_row_costs_the_others_nothing(tmp_path: Path) -> None:
    rows = [[f"A-{n}", *CELLS[1:]] for n in range(50)]
    rows[7][2], rows[9][9] = "wrok", "never"
    intake = read(tmp_path, book(HEADS, *rows), ".xlsx")
    outcome = ENGINE.check_all(intake, keep_going=True)
    assert {verdict.task for verdict in outcome} == {row[0] for row in rows} - {"A-7", "A-9"}
    assert [(problem.line, problem.column) for problem in outcome.problems] == [(9, "类别"), (11, "日期")]
    with pytest.raises(TaskError) as error:
        ENGINE.check_all(intake)
    assert len(error.value.problems) == 2


def test_a_cell_in_the_last_row_of_the_sheet_takes_no_time(tmp_path: Path) -> None:
    last = '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>B-1</t></is></c></row>'
    start = time.process_time()
    intake = read(tmp_path, excel(STRINGS, ROWS + last), ".xlsx")
    assert time.process_time() - start < 20  # bounded, not fast
    assert [entry.task.cells["编号"].row for entry in intake.entries] == [2, 1_048_576]


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (excel(STRINGS + "<si><t>a</t></si>" * 1_000_000, ROWS), "file-too-large"),
        (excel(STRINGS, ROWS + "<row/>" * 1_000_000), "file-too-large"),
        (excel(STRINGS.replace("走访", "&j;"), ROWS, head=ENTITIES), "unreadable-file"),
        (
            excel(STRINGS.replace("走访", "&a;"), ROWS, head='<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
            "unreadable-file",
        ),
        (excel(STRINGS, ROWS, more={"xl/workbook.xml": b"<!DOCTYPE x><workbook/>"}), "unreadable-file"),
        (excel(STRINGS, "<row"), "unreadable-file"),
        (excel(STRINGS, ROWS.replace("<v>3</v>", "<v>99</v>")), "unreadable-file"),
        (excel(STRINGS, ROWS)[:500], "unreadable-file"),
        (b"PK\x03\x04" + bytes(1000), "unreadable-file"),
        (b"\xd0\xcf\x11\xe0" + bytes(1000), "unreadable-file"),
        (b"", "unreadable-file"),
    ],
    ids=[
        "strings", "rows", "entities", "external", "doctype", "xml", "index", "truncated", "zip", "old", "empty",
    ],
)  # fmt: skip
def test_hostile_workbooks_get_a_clear_error_soon(tmp_path: Path, data: bytes, code: str) -> None:
    start = time.process_time()
    tracemalloc.start()
    problem = only(read(tmp_path, data, ".xlsx"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert problem.code == code
    assert problem.file == str(tmp_path / "tasks.xlsx")
    assert time.process_time() - start < 20  # bounded, not fast
    assert peak < 100_000_000
    assert "passwd" not in problem.draw("en")


def test_an_old_workbook_says_how_to_save_it(tmp_path: Path) -> None:
    assert ".xlsx" in str(only(read(tmp_path, b"\xd0\xcf\x11\xe0" + bytes(1000), ".xlsx")).help("zh"))
    for suffix in (".xls", ".ods", ".et"):
        problem = only(read(tmp_path, b"\xd0\xcf\x11\xe0", suffix))
        assert problem.code == "unknown-format"
        assert "另存为 .xlsx" in str(problem.help("zh"))


def test_a_package_larger_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_reader, "MAX_UNPACKED", 1000)
    assert only(read(tmp_path, excel(STRINGS, ROWS), ".xlsx")).code == "file-too-large"
    monkeypatch.undo()
    monkeypatch.setattr(xlsx_reader, "MAX_CELLS", 3)
    assert only(read(tmp_path, excel(STRINGS, ROWS), ".xlsx")).code == "unreadable-file"


# ---- files -------------------------------------------------------------------------------------------------------------


def test_files_that_cant_be_read(tmp_path: Path) -> None:
    assert only(read_tasks(tmp_path / "none.csv", KNOWN)).code == "unreadable-file"
    (tmp_path / "folder.csv").mkdir()
    assert only(read_tasks(tmp_path / "folder.csv", KNOWN)).code == "unreadable-file"
    assert only(read(tmp_path, b"", ".csvx")).nearest == ".csv"
    assert only(read(tmp_path, b"", "")).code == "unknown-format"


def test_a_file_larger_than_the_limit_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burdenlib.readers, "MAX_FILE", 3_000_000)
    path = tmp_path / "tasks.json"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    tracemalloc.start()
    assert only(read_tasks(path, KNOWN)).code == "file-too-large"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_small_file_takes_little_memory(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps(FACTS))
    tracemalloc.start()
    read_tasks(tmp_path / "t.json", KNOWN)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_large_json_is_read_in_bounded_time(tmp_path: Path) -> None:
    task = json.dumps({"id": "%d", "title": "标" * 2000, "kind": "work"}, ensure_ascii=False)
    text = "[" + ",\n".join(task.replace("%d", str(n)) for n in range(1500)) + "]"
    data = text.encode()
    assert len(data) > 9_000_000
    start = time.process_time()
    intake = read(tmp_path, data, ".json")
    assert time.process_time() - start < 20  # bounded, not fast
    assert len(intake.entries) == 1500
    assert intake.entries[-1].task.source.endswith(":1500")


def test_more_tasks_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burdenlib.readers, "MAX_TASKS", 10)
    intake = read(tmp_path, table(["id", "title"], *([str(n), "x"] for n in range(20))), ".csv")
    assert codes(intake) == ["too-many-tasks"]


def test_progress_counts_every_task(tmp_path: Path) -> None:
    seen: list[int] = []
    read(tmp_path, table(["id", "title"], *([str(n), "x"] for n in range(20))), ".csv", progress=seen.append)
    assert seen == list(range(1, 21))


def test_a_plugins_reader_and_what_it_does_wrong(tmp_path: Path) -> None:
    def good(path: Path) -> list[object]:
        return [burdenlib.Task("a", {"title": path.name}), {"id": "b"}, 5]

    def raises(path: Path) -> list[object]:
        raise SystemExit(path.name)

    (tmp_path / "x.ofd").write_bytes(b"")
    intake = read_tasks(tmp_path / "x.ofd", KNOWN, {".OFD": good})
    assert [entry.task.id for entry in intake.entries] == ["a", "b"]
    assert codes(intake) == ["not-a-task"]
    for bad in (raises, lambda _: "text", lambda _: None):
        assert only(read_tasks(tmp_path / "x.ofd", KNOWN, {".ofd": bad})).code == "plugin-failed"


@given(st.binary(max_size=300), st.sampled_from(sorted(burdenlib.readers.SUFFIXES)))
def test_any_bytes_are_read_or_refused(data: bytes, suffix: str) -> None:
    reader = burdenlib.readers.SUFFIXES[suffix]
    vocabulary = burdenlib.readers.heads.Vocabulary(KNOWN)
    try:
        found = list(reader("f", "f", data, vocabulary))
    except burdenlib.readers.found.Refused as refused:
        found = [refused.problem]
    for each in found:
        if isinstance(each, Problem):
            assert each.draw("zh")
            assert each.draw("en")
