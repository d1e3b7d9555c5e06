"""The cases of the field get their verdicts, for the reasons that the field gives, under everything that ships."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from burdenlib import Engine, Outcome, Verdict


def read(name: str) -> dict[str, dict[str, Any]]:
    """The cases of a file, by id."""
    lines = (Path(__file__).parent / "data" / name).read_text("utf-8").splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


CASES = read("cases.jsonl")


@cache
def engine() -> Engine:
    return Engine.load()


def tasks_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    return case["tasks"] if "tasks" in case else [{"id": case["id"], **case["facts"]}]


def judge(case: dict[str, Any]) -> Outcome:
    return engine().check_all(tasks_of(case))


def refs(verdict: Verdict) -> set[str]:
    """The ids of the field's rules by which a verdict stands."""
    found = {ref for reason in verdict.reasons for ref in reason.refs}
    return found | {ref for admission in verdict.admitted_by for ref in admission.refs}


def check(case: dict[str, Any]) -> None:
    """Fail unless the case gets its verdicts, by its rules, with its questions and duties."""
    outcome = judge(case)
    expected = case["expect"] if isinstance(case["expect"], list) else [case["expect"]]
    shown = "\n\n".join(verdict.explain("en") for verdict in outcome.verdicts)
    assert [verdict.status for verdict in outcome.verdicts] == expected, shown
    last = outcome.verdicts[-1]
    if set(expected) != {"accepted"} or "tasks" not in case:
        assert refs(last) & set(case["by"]), (case["by"], refs(last), shown)
    asked = {missing.fact for missing in last.missing}
    assert set(case.get("asks", ())) <= asked, (asked, shown)
    duties = " ".join(words for duty in last.duties for words in duty.about.title.ordered("zh"))  # type: ignore[union-attr]
    for duty in case.get("duties", ()):
        assert duty in duties, shown


@pytest.mark.parametrize("name", CASES)
def test_a_case_gets_its_verdict(name: str) -> None:
    check(CASES[name])
