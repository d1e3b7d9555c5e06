"""Full-width twins mean the same: of every policy that ships, of every item table, title, JSON value and cell."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from burdenlib import Engine, PolicySet, Task
from burdenlib.intake import make_case
from burdenlib.judge import judge
from burdenlib.lists import normal_code, normal_title
from burdenlib.loader import load_documents
from burdenlib.locate import dsl
from burdenlib.parser import parse
from burdenlib.readers import read_tasks
from burdenlib.source import FULL_WIDTH, Source, fold
from burdenlib.task import read_task

TWINS = {ord(ascii_): wide for wide, ascii_ in FULL_WIDTH.items()}
"""Each ASCII character, space, digit, letter and mark, and its full-width twin."""

HALVES: Mapping[str, dict[int, int]] = {
    "punctuation": {k: v for k, v in TWINS.items() if not chr(k).isalnum() and chr(k) != " "},
    "digits": {k: v for k, v in TWINS.items() if chr(k).isdigit()},
    "letters": {k: v for k, v in TWINS.items() if chr(k).isalpha()},
    "spaces": {k: v for k, v in TWINS.items() if chr(k) == " "},
    "everything": TWINS,
}

SHIPPED = sorted(dsl().rglob("*.burden"))
TABLES = sorted(dsl().rglob("*.csv"))

POLICY = """
policy lists "测试清单" / "Test lists" version 1.0 issued by county "测试县" for place 370899 effective 2024-01-01
  cite 《测试清单》第二条 "测发〔2024〕3号"
list tasks "协助事项(村、社区)" closed governs when kind is work
  item T-1 "入户走访(每月1次)" also "走访", "家访 2" role assist
  item T-2 "A类、B类普查" when duration is temporary
ban pledges "不得签责任书" / "no pledges" when channels includes any of {pledge, veto} or (attendance at least 66.7 and funded)
  unless basis at least law because "{title}: {attendance}%" cite 《测试规定》第三条
limit one "每月一次" at most 1 per target each month when kind is meeting cite 《测试规定》第五条
"""


def name_of(path: Path) -> str:
    return path.relative_to(dsl()).as_posix()


def widened(text: str, half: str) -> str:
    return text.translate(HALVES[half])


def digests(policies: PolicySet) -> dict[tuple[str, str], str]:
    return {(policy.name, policy.version): policy.digest for policy in policies.policies}


# ---- policies ------------------------------------------------------------------------------------------------------------


def test_there_is_something_to_be_widened() -> None:
    assert SHIPPED
    assert widened("a 1,", "everything") == "\uff41\u3000\uff11\uff0c"
    assert fold(widened(POLICY, "everything")) == POLICY
    assert all(widened(POLICY, half) != POLICY for half in HALVES)


@pytest.mark.parametrize("half", HALVES)
def test_a_policy_has_its_twins_digest(half: str) -> None:
    one = load_documents(texts={"p": POLICY}).policies
    other = load_documents(texts={"p": widened(POLICY, half)}).policies
    assert digests(one) == digests(other)


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_a_shipped_policys_twin_is_the_same_tree(path: Path) -> None:
    text = path.read_text("utf-8")
    one, other = parse(Source("p", text)), parse(Source("p", widened(text, "everything")))
    assert one.file is not None
    assert other.file is not None, [problem.draw("en") for problem in other.problems]
    assert [problem.code for problem in one.problems] == [problem.code for problem in other.problems]


@cache
def everything() -> PolicySet:
    return load_documents().policies


def test_every_shipped_policy_and_table_has_its_twins_digest(tmp_path: Path) -> None:
    for path in SHIPPED:
        twin = tmp_path / name_of(path)
        twin.parent.mkdir(parents=True, exist_ok=True)
        twin.write_text(widened(path.read_text("utf-8"), "everything"), "utf-8")
    for path in TABLES:
        name = widened(path.name, "everything")  # the name of a table is a text of the policy
        ((tmp_path / name_of(path)).parent / name).write_bytes(widened_table(path.read_bytes()))
    assert digests(load_documents([tmp_path]).policies) == digests(everything())


def widened_table(data: bytes) -> bytes:
    """An item table with every cell and head full-width; the commas and quotes between the cells stay."""
    rows = [[widened(cell, "everything") for cell in row] for row in csv.reader(io.StringIO(data.decode("utf-8-sig")))]
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


# ---- titles --------------------------------------------------------------------------------------------------------------


def test_every_title_is_found_by_its_twin() -> None:
    seen = 0
    for task_list in everything().lists.values():
        for item in task_list.items:
            titles = [*item.title.ordered("zh"), *item.also]
            for half in HALVES:
                for title in titles:
                    assert normal_title(widened(title, half)) == normal_title(title), title
            if item.code:
                assert normal_code(widened(item.code, "everything")) == normal_code(item.code)
            seen += len(titles)
    assert seen


# ---- facts ---------------------------------------------------------------------------------------------------------------

ENGINE = Engine.load(texts={"p": POLICY})

FACTS: Mapping[str, object] = {
    "id": "A-1",
    "title": "入户走访 (5月, 第2次)",
    "kind": "work",
    "target": "370899101201",
    "target_kind": "村",
    "item": "入户走访(每月1次)",
    "role": "assist",
    "channels": ["notice", "工作群"],
    "basis": "none",
    "funded": True,
    "date": "2024-05-01",
    "attendance": 50.5,
    "duration": "temporary",
}
CELLS: Mapping[str, str] = {
    **{name: str(value) for name, value in FACTS.items()},
    "channels": "notice, 工作群;chat_group",
    "funded": "yes",
    "date": "2024/5/1",
    "attendance": "50.5%",
}


def meaning(task: Task) -> tuple[object, ...]:
    """What a task tells, and the verdict and its reasons; free texts are kept as they are written, so they are folded."""
    told, problems = read_task(task, ENGINE.policies)
    assert not problems, [problem.draw("en") for problem in problems]
    case, problems = make_case(ENGINE.policies, task.id, told)
    assert not problems, [problem.draw("en") for problem in problems]
    verdict = judge(ENGINE.policies, case)
    known = {name: fold(value) if isinstance(value, str) else value for name, value in verdict.known.items()}
    admitted = [(each.rule, each.item and each.item.code) for each in verdict.admitted_by]
    return verdict.status, admitted, [(reason.kind, reason.rule) for reason in verdict.reasons], known


def widened_value(value: object, half: str) -> object:
    match value:
        case str():
            return widened(value, half)
        case list():
            return [widened_value(each, half) for each in value]
        case dict():
            return {key: widened_value(each, half) for key, each in value.items()}
    return value


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("item", ["T-1", "入户走访(每月1次)", "走访", "家访 2", "家访2", "A类、B类普查", "别的 (1)"])
def test_a_tasks_twin_gets_the_same_verdict(half: str, item: str) -> None:
    facts = {**FACTS, "item": item, "channels": {"includes": ["notice"], "excludes": ["pledge", "veto"]}}
    wide = {name: value if name == "id" else widened_value(value, half) for name, value in facts.items()}
    assert meaning(Task("x", facts)) == meaning(Task("x", wide))
    names = {name if name == "id" else widened(name, half): value for name, value in wide.items()}
    assert meaning(Task("x", facts)) == meaning(Task("x", names))


@pytest.mark.parametrize("half", HALVES)
def test_a_json_files_twin_means_the_same(half: str, tmp_path: Path) -> None:
    for name, facts in (("one", FACTS), ("other", {k: widened_value(v, half) for k, v in FACTS.items()})):
        (tmp_path / f"{name}.json").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
    one, other = (next(iter(read_tasks(tmp_path / f"{name}.json", ENGINE.policies))) for name in ("one", "other"))
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("head", CELLS)
def test_every_cell_and_head_of_a_sheet_means_what_its_twin_means(half: str, head: str, tmp_path: Path) -> None:
    rows = [CELLS, {**CELLS, head: widened(CELLS[head], half)}]
    heads = list(CELLS)
    stream = io.StringIO()
    csv.writer(stream).writerows([heads, *(row.values() for row in rows)])
    (tmp_path / "cells.csv").write_text(stream.getvalue(), "utf-8")
    one, other = read_tasks(tmp_path / "cells.csv", ENGINE.policies)
    assert meaning(one) == meaning(other)
    stream = io.StringIO()
    csv.writer(stream).writerows([[widened(each, half) if each == head else each for each in heads], CELLS.values()])
    (tmp_path / "heads.csv").write_text(stream.getvalue(), "utf-8")
    (third,) = read_tasks(tmp_path / "heads.csv", ENGINE.policies)
    assert meaning(third) == meaning(one)


@pytest.mark.parametrize("half", HALVES)
def test_a_workbooks_twin_means_the_same(half: str, tmp_path: Path) -> None:
    for name, translate in (("one", False), ("other", True)):
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for row in (CELLS.keys(), CELLS.values()):
            sheet.append([widened(cell, half) if translate else cell for cell in row])
        book.save(tmp_path / f"{name}.xlsx")
    one, other = (next(iter(read_tasks(tmp_path / f"{name}.xlsx", ENGINE.policies))) for name in ("one", "other"))
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize("half", HALVES)
def test_yes_no_none_and_dates_have_twins_in_every_spelling(half: str, tmp_path: Path) -> None:
    spellings = {
        "funded": ["yes", "no", "是", "否", "true", "false", "1", "0", "TRUE"],
        "basis": ["none", "无", "law", "法律"],
        "date": ["2024-05-01", "2024/5/1", "2024年5月1日"],
        "target": ["37", "3708", "370899", "370899101", "370899101201"],
        "attendance": ["50", "50.5", "50%", "-1", "1e2"],
    }
    for head, cells in spellings.items():
        stream = io.StringIO()
        csv.writer(stream).writerows([["id", head]] + [[f"{n}", cell] for n, cell in enumerate(cells)])
        (tmp_path / "one.csv").write_text(stream.getvalue(), "utf-8")
        lines = stream.getvalue().splitlines()
        wide = [lines[0], *(re.sub(r"(?<=,).*", lambda match: widened(match[0], half), line) for line in lines[1:])]
        (tmp_path / "other.csv").write_text("\n".join(wide), "utf-8")
        one, other = (
            [
                {each.fact: each.value for each in read_task(task, ENGINE.policies)[0]}.get(head)
                for task in read_tasks(tmp_path / f"{name}.csv", ENGINE.policies)
            ]
            for name in ("one", "other")
        )
        assert one == other
        assert None not in one
