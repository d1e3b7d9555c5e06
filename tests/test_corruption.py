"""Twelve corruptions of every fact of every accepted case: each is named in an error, and none gets a better verdict.

What is corrupted in a way that people may write on purpose is no error: nothing told (null, an empty cell) has to
get the verdict that the task has without the fact, the same told otherwise (full-width digits, spreadsheet dates) the
verdict of the task as it was. A free text can be misspelt only as another text, which no reader can know; then the
verdict alone is looked at.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest

from burdenlib import Engine, Task
from burdenlib.intake import Case, make_case
from burdenlib.judge import judge
from burdenlib.policy import Fact
from burdenlib.problems import Problem
from burdenlib.readers import Entry, read_tasks
from burdenlib.source import FULL_WIDTH
from burdenlib.task import read_task
from burdenlib.words import LANGUAGES

WIDE = {ord(ascii_): wide for wide, ascii_ in FULL_WIDTH.items() if ascii_.isdigit()}
ORDER = {"rejected": 0, "undetermined": 1, "accepted": 2}

Facts = Mapping[str, Any]
Meaning = Literal["wrong", "missing", "same", "another"]
"""What a corruption comes to: an error, a fact that isn't told, the same value, or another value that may be meant."""


def accepted_cases() -> Iterator[tuple[str, Facts]]:
    lines = (Path(__file__).parent / "data" / "cases.jsonl").read_text("utf-8").splitlines()
    for case in map(json.loads, lines):
        for index, task in enumerate(case.get("tasks", [{"id": case["id"], **case.get("facts", {})}])):
            expected = case["expect"] if isinstance(case["expect"], str) else case["expect"][index]
            if expected == "accepted":
                yield f"{case['id']}-{index}", {key: value for key, value in task.items() if key != "id"}


CASES = dict(accepted_cases())


@cache
def engine() -> Engine:
    return Engine.load()


def fact_of(name: str) -> Fact:
    fact = engine().policies.find_fact(name)
    assert fact is not None
    return fact


# ---- judging -------------------------------------------------------------------------------------------------------------


def judged(task: Task) -> tuple[str | None, list[Problem]]:
    """The verdict that `--keep-going` gives a task (`None`: it isn't judged), and what is wrong with it."""
    policies = engine().policies
    told, problems = read_task(task, policies)
    case, more = make_case(policies, task.id, told)
    wrong = [*problems, *more]
    return (None if wrong else status_of(case)), wrong


STATUSES: dict[str, str] = {}


def status_of(case: Case) -> str:
    """The status of a case; many corruptions come to the same case, which is judged once."""
    key = repr(sorted((name, str(known.value)) for name, known in case.known.items()))
    if key not in STATUSES:
        STATUSES[key] = judge(engine().policies, case).status
    return STATUSES[key]


@cache
def verdict_without(case: str, fact: str | None) -> int:
    """How good the verdict of a case is without one of its facts (`None`: with all)."""
    facts = {key: value for key, value in CASES[case].items() if key != fact}
    status, problems = judged(Task("x", facts))
    assert status is not None, [problem.draw("en") for problem in problems]
    return ORDER[status]


def read(path: Path) -> tuple[list[Entry], list[Problem]]:
    intake = read_tasks(path, engine().policies)
    return list(intake.entries), list(intake.errors)


def check(case: str, fact: str, meaning: Meaning, entries: list[Entry], errors: list[Problem], spelling: str) -> None:
    """One corrupted task: the fact is named in an error, or the verdict is what the meaning makes it."""
    best: int | None = None
    for entry in entries:
        status, problems = judged(entry.task)
        errors = [*errors, *problems]
        best = None if status is None else ORDER[status]
    without, whole = verdict_without(case, fact), verdict_without(case, None)
    if meaning == "wrong":
        assert best is None or best <= without, "a better verdict than without the fact"
        assert errors, "nobody says that something is wrong"
        named = [
            problem for problem in errors if spelling in (problem.column, *problem.details.values(), problem.nearest)
        ]
        assert named, [problem.draw("en") for problem in errors]
        for language in LANGUAGES:
            assert spelling in named[0].draw(language)
        assert named[0].file is not None
        return
    assert not errors, [problem.draw("en") for problem in errors]
    assert best is not None
    if meaning == "missing":
        assert best == without
    elif meaning == "same":
        assert best == whole
    else:
        assert best <= max(without, whole)


# ---- JSON ----------------------------------------------------------------------------------------------------------------

Corrupt = Callable[[str, Any, Fact], tuple[str, Meaning, str]]
"""From a fact's name, its value and its declaration: the text of the object's members, what it means, who is named."""


def member(name: str, value: object) -> str:
    return f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"


def is_text(fact: Fact) -> bool:
    return fact.type.kind == "text"


def misspelt(text: str) -> str:
    return text[:-1] + text[-1] * 2 if len(text) > 1 else text * 2


def wrong_type(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    other = "word" if isinstance(value, bool | int | float) or fact.type.kind == "date" else True
    return member(name, other), "wrong", name


def misspelt_name(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    return member(misspelt(name), value), "wrong", misspelt(name)


def misspelt_value(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    if isinstance(value, list):
        return member(name, [*map(misspelt, value)] or ["nobodyy"]), "wrong", name
    if isinstance(value, bool | int | float):
        return member(name, misspelt(str(value).lower())), "wrong", name
    return member(name, misspelt(value)), "another" if is_text(fact) and value != "none" else "wrong", name


def null(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    return member(name, None), "missing", name


def empty(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    return member(name, " " if is_text(fact) else ""), "wrong", name


def nan(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    return f'"{name}": NaN', "wrong", name


def full_width_digits(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    if isinstance(value, str) and any(char.isdigit() for char in value):
        return member(name, value.translate(WIDE)), "same", name
    if is_text(fact):
        return member(name, "１２"), "another", name
    return member(name, "１２"), "wrong", name


def wrong_date_form(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    day = date.fromisoformat(value) if fact.type.kind == "date" and value != "none" else date(2024, 3, 1)
    return member(name, f"{day:%d/%m/%Y}"), "another" if is_text(fact) else "wrong", name


def duplicate_key(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    return f"{member(name, value)}, {member(name, value)}", "wrong", name


def unknown_value(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    unheard = ["unheard_of"] if isinstance(value, list) else "unheard_of"
    return member(name, unheard), "another" if is_text(fact) else "wrong", name


def wrong_case(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    if fact.type.values and isinstance(value, str):
        return member(name, value.upper()), "wrong", name
    if fact.type.values and value:
        return member(name, [each.upper() for each in value]), "wrong", name
    return member(name.upper(), value), "wrong", name.upper()


def nested_object(name: str, value: Any, fact: Fact) -> tuple[str, Meaning, str]:
    return member(name, {"value": value}), "wrong", name


CORRUPTIONS: tuple[Corrupt, ...] = (
    wrong_type,
    misspelt_name,
    misspelt_value,
    null,
    empty,
    nan,
    full_width_digits,
    wrong_date_form,
    duplicate_key,
    unknown_value,
    wrong_case,
    nested_object,
)


def test_there_are_twelve_corruptions_and_accepted_cases() -> None:
    assert len(CORRUPTIONS) == 12
    assert len(CASES) >= 10
    assert sum(map(len, CASES.values())) >= 180


@pytest.mark.parametrize("corrupt", CORRUPTIONS, ids=lambda corrupt: corrupt.__name__)
@pytest.mark.parametrize("case", CASES)
def test_a_corrupted_fact_in_json(case: str, corrupt: Corrupt, tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    for name, value in CASES[case].items():
        fact = fact_of(name)
        text, meaning, spelling = corrupt(name, value, fact)
        others = [member(key, each) for key, each in CASES[case].items() if key != name]
        path.write_text("{" + ", ".join(['"id": "x"', *others, text]) + "}", "utf-8")
        entries, errors = read(path)
        check(case, name, meaning, entries, errors, spelling)


# ---- tables --------------------------------------------------------------------------------------------------------------


def cell(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(value) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def cells_of(name: str, value: Any, fact: Fact) -> Iterator[tuple[str, str, Meaning]]:
    """A cell in eight corruptions; the other four can befall only its head, or JSON."""
    text, free = cell(value), is_text(fact)
    digits = any(char.isdigit() for char in text)
    other: Meaning = "another" if free else "wrong"
    yield "wrong type", "12.5", "another" if free or fact.type.kind == "number" else "wrong"
    yield "misspelt value", misspelt(text), "another" if free and text != "none" else "wrong"
    yield "empty", "　", "missing"
    yield "NaN", "NaN", other
    yield "full-width digits", text.translate(WIDE) if digits else "１２", "same" if digits else other
    yield "wrong date form", "01/03/2024", other
    yield "unknown value", "unheard_of", other
    yield "wrong case", text.upper() if text != text.upper() and not free else "Unheard_Of", other


@pytest.mark.parametrize("case", CASES)
def test_a_corrupted_cell(case: str, tmp_path: Path) -> None:
    facts = CASES[case]
    heads = ["id", *facts]
    rows = []
    for name, value in facts.items():
        for kind, text, meaning in cells_of(name, value, fact_of(name)):
            rows.append((name, kind, meaning, {**{key: cell(each) for key, each in facts.items()}, name: text}))
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(heads)
    writer.writerows([f"{number}", *row.values()] for number, (*_, row) in enumerate(rows))
    path = tmp_path / "tasks.csv"
    path.write_text(stream.getvalue(), "utf-8")
    entries, errors = read(path)
    assert len(entries) == len(rows)
    assert not errors
    for entry, (name, kind, meaning, _) in zip(entries, rows, strict=True):
        try:
            check(case, name, meaning, [entry], [], name)
        except AssertionError as error:
            raise AssertionError(f"{kind} of {name}") from error


@pytest.mark.parametrize("case", list(CASES)[:3])
def test_a_corrupted_head(case: str, tmp_path: Path) -> None:
    facts = CASES[case]
    path = tmp_path / "tasks.csv"
    for name in facts:
        for heads, spelling in (
            ([misspelt(name) if each == name else each for each in facts], misspelt(name)),
            ([name.upper() if each == name else each for each in facts], name.upper()),
            ([*facts, name], name),
        ):
            values = [*map(cell, facts.values()), cell(facts[name])][: len(heads)]
            stream = io.StringIO()
            csv.writer(stream).writerows([["id", *heads], ["x", *values]])
            path.write_text(stream.getvalue(), "utf-8")
            entries, errors = read(path)
            check(case, name, "wrong", entries, errors, spelling)
            if spelling != name:
                assert errors[0].nearest == name
