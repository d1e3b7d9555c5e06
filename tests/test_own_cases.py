"""Cases written from the rules and lists: the first 209 by somebody who had not read the policies, the others after."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.test_cases import CASES, check, judge, read

OWN = read("own_cases.jsonl")

# How many rules each group of the field has.
COUNTS = {"A": 11, "B": 16, "C": 13, "D": 8, "E": 6, "F": 6, "G": 6, "H": 6, "I": 6, "J": 3, "K": 8, "L": 4, "M": 2}
# Kinds of lists, a duty, and the dates of a county that isn't named: no verdict rests on these.
ELSEWHERE = {"A11", "I6", "K3"}


@pytest.mark.parametrize("name", OWN)
def test_an_own_case_gets_its_verdict(name: str) -> None:
    check(OWN[name])


def test_every_rule_that_the_cases_name_has_an_own_case() -> None:
    named = {rule for case in CASES.values() for rule in case["by"]}
    assert named <= {rule for case in OWN.values() for rule in case["by"]}


def test_the_own_cases_reach_nearly_every_rule_of_the_field() -> None:
    rules = {f"{group}{number}" for group, count in COUNTS.items() for number in range(1, count + 1)}
    reached = {rule for case in OWN.values() for rule in case["by"]}
    assert rules - reached == ELSEWHERE
    assert reached <= rules


def test_the_own_cases_ask_for_all_three_answers() -> None:
    answers = Counter(case["expect"] for case in OWN.values() if isinstance(case["expect"], str))
    assert set(answers) == {"accepted", "rejected", "undetermined"}
    assert min(answers.values()) >= 30


def test_no_fact_is_told_that_the_answer_asks_for() -> None:
    """A case that expects a question must leave that fact out, or it proves nothing."""
    for case in OWN.values():
        if "facts" in case:
            assert not set(case.get("asks", ())) & set(case["facts"])


@pytest.mark.parametrize(
    "name", [name for name, case in OWN.items() if case["expect"] in ("accepted", "rejected") and "facts" in case]
)
def test_the_wording_of_a_title_decides_nothing(name: str) -> None:
    """The verdict rests on the facts: with another title, and the same text, it stays."""
    case = OWN[name]
    renamed = {**case, "facts": {**case["facts"], "title": "某事项"}}
    assert [verdict.status for verdict in judge(renamed).verdicts] == [case["expect"]]
