"""The ready-made properties hold of what ships, and each of them finds what it is there for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

import burdenlib as bl
import burdenlib.testing as bt
from burdenlib.intake import Case
from burdenlib.policy import PolicySet
from burdenlib.testing import properties
from burdenlib.verdict import Verdict
from tests import planted_faults, seeded_bugs

HEAD = """
policy small "小文件(自编)" version 1 issued by county "示范" for place 990101 effective 2024-01-01 cite 《演示》
"""
PLAIN = (
    HEAD
    + """
admit all "一律准入" when kind is form to every list
ban pledges "不签责任书" when kind is form and channels includes pledge
  unless mandate at least province
  remedy "取消责任书" set channels: notice
require money "经费" when kind is form and role is assist must funded
ban late "逾期" when kind is form and applied_on after 2024-06-30
promise quiet never accepted when kind is form and channels includes pledge and not mandate at least province
"""
)


def small(text: str) -> PolicySet:
    return bl.Engine.load(texts={"small.burden": text}).policies


SMALL = small(PLAIN)

test_demo_has_every_property = bt.holds(*bt.EVERY, of="demo", examples=15)
test_a_small_policy_has_every_property = bt.holds(*bt.EVERY, of=SMALL, examples=40)


@pytest.mark.parametrize(
    "folder", ["xicheng", "zhuhai", *(pytest.param(each, marks=pytest.mark.slow) for each in ("china", "shandong"))]
)
def test_shipped_policies_have_every_property(folder: str) -> None:
    for each in bt.EVERY:
        if each is not bt.PROMISES:  # they are the policies' own, and a matter of their own tests
            bt.check(each, folder, examples=15)


# ---- an engine that breaks the laws ---------------------------------------------------------------------------------------


def judged_otherwise(monkeypatch: pytest.MonkeyPatch, change: Callable[[PolicySet, Case, Verdict], Verdict]) -> None:
    real = properties.judge
    monkeypatch.setattr(properties, "judge", lambda policies, case: change(policies, case, real(policies, case)))


def broken(prop: bt.Property, policies: PolicySet = SMALL, examples: int = 3000) -> str:
    with pytest.raises(bt.BrokenError) as caught:
        bt.check(prop, policies, examples=examples)
    message = str(caught.value)
    assert message.startswith(f"{prop.name}: {prop.says.en}")
    return message


def test_a_verdict_that_more_facts_overturn_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(_: PolicySet, case: Case, verdict: Verdict) -> Verdict:
        return evolve(verdict, status="undetermined") if "funded" in case.known else verdict

    judged_otherwise(monkeypatch, change)
    message = broken(bt.MONOTONE)
    assert "but" in message and "funded: " in message


def test_an_acceptance_that_nothing_admits_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    judged_otherwise(monkeypatch, lambda _p, _c, verdict: evolve(verdict, admitted_by=()))
    assert "accepted" in broken(bt.ADMITTED)


def test_an_exception_that_widens_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(policies: PolicySet, _: Case, verdict: Verdict) -> Verdict:
        bare = not any(rule.unless for _, rule in policies.rules("ban"))
        return evolve(verdict, status="accepted", reasons=()) if bare else verdict

    judged_otherwise(monkeypatch, change)
    assert "with every exception struck out" in broken(bt.EXCEPTIONS_NARROW)


def test_a_proof_that_leaves_something_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(_: PolicySet, case: Case, verdict: Verdict) -> Verdict:
        hasty = verdict.status == "rejected" and len(case.known) < 6
        return evolve(verdict, status="undetermined", reasons=()) if hasty else verdict

    judged_otherwise(monkeypatch, change)
    broken(bt.EXPLAINED)


def test_a_verdict_that_changes_between_dates_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(_: PolicySet, case: Case, verdict: Verdict) -> Verdict:
        day = case.known.get("date")
        return evolve(verdict, status="undetermined") if day is not None and day.value.day % 2 else verdict  # type: ignore[union-attr]

    judged_otherwise(monkeypatch, change)
    assert "date: " in broken(bt.CONSTANT)


# ---- policies that lack a property -------------------------------------------------------------------------------------------


def test_a_remedy_that_mends_nothing_is_found() -> None:
    message = broken(bt.REMEDIES, small(PLAIN.replace("set channels: notice", "set funded: yes")))
    assert "rejected by small.pledges" in message


def test_a_broken_promise_is_found() -> None:
    for promise in (
        "never accepted when kind is form and funded",
        "accepted only when kind is form and not funded",
        "always rejected when kind is form and channels includes veto",
    ):
        assert "promise broken" in broken(bt.PROMISES, small(f"{PLAIN}promise broken {promise}\n"))


def test_a_looser_policy_is_found() -> None:
    looser = small(PLAIN.replace("  unless mandate at least province\n", "  unless funded\n"))
    bt.check(bt.tighter_than(SMALL), SMALL)
    assert "by the other policies" in broken(bt.tighter_than(SMALL), looser)
    tighter = small(PLAIN.replace("  unless mandate at least province\n", ""))
    bt.check(bt.tighter_than(SMALL), tighter, examples=300)


FAULTS = planted_faults.faults()


@pytest.mark.parametrize("number", [0, 14, 16, 25, 40, 57, 65, 71])
def test_planted_faults_are_found_and_sound_policies_are_not_blamed(number: int) -> None:
    fault = FAULTS[number]
    wanted = planted_faults.wanted(fault)
    assert planted_faults.found_by(planted_faults.load(fault.faulty), wanted) is not None, fault
    assert planted_faults.found_by(planted_faults.load(fault.sound), wanted, examples=60) is None, fault


def test_there_are_twenty_faults_of_each_sort() -> None:
    sorts = [fault.sort for fault in FAULTS]
    assert {sort: sorts.count(sort) for sort in sorts} == dict.fromkeys(
        ("contradiction", "gap", "dead rule", "date off by one"), 20
    )
    assert all(fault.sound != fault.faulty for fault in FAULTS)


# ---- seeded bugs ---------------------------------------------------------------------------------------------------------------


def test_sixty_bugs_fit_the_source_and_stand_in_the_docs() -> None:
    found = seeded_bugs.bugs()
    assert len(found) == len({bug.name for _, bug in found}) == 60
    assert all(len(each) == 6 for each in seeded_bugs.CLASSES.values())
    page = seeded_bugs.DOC.read_text("utf-8")
    for _, bug in found:
        source = (seeded_bugs.ROOT / "burdenlib" / bug.file).read_text("utf-8")
        assert source.count(bug.old) == 1, bug.name
        compile(source.replace(bug.old, bug.new), bug.file, "exec")
        assert bug.title in page
    assert "60 of 60 are caught" in page


@pytest.mark.parametrize("name", ["K3", "I1"])
def test_a_seeded_bug_is_caught(name: str) -> None:
    bug = next(bug for _, bug in seeded_bugs.bugs() if bug.name == name)
    assert seeded_bugs.caught(bug, most=50)["property"] is not None
