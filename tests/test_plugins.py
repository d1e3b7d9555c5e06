"""Plugins: what departments and services may do, and that a bad one costs nobody else anything."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import burdenlib
from burdenlib import Engine, Origin, Task, Told, Verdict, hookimpl

POLICY = """
policy lists "测试清单" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试》
list tasks "事项" closed governs when kind is work cite 《测试》
  item T-1 "入户走访" role assist
ban pledges "不得签责任书" when channels includes pledge cite 《测试》第一条
ban unfunded "没有经费不得下达" when kind is work and not funded cite 《测试》第二条
phrases pledge_words {"责任书", "责任状"} shows channels includes pledge
"""

GOOD = "甲局"
FACTS = {
    "department": GOOD,
    "title": "走访",
    "target": "370899101201",
    "target_kind": "village",
    "kind": "work",
    "item": "T-1",
    "role": "assist",
    "date": "2024-05-01",
    "channels": ["notice"],
    "funded": True,
}


class Good:
    name = "good"
    department = GOOD

    @hookimpl
    def burdenlib_tasks(self) -> list[Task]:
        return [
            Task("G-1", FACTS),
            Task("G-2", {**FACTS, "channels": ["pledge"]}),
            Task("G-3", {key: value for key, value in FACTS.items() if key != "funded"}),
        ]


class Raises:
    department = "坏局一"

    @hookimpl
    def burdenlib_tasks(self) -> Iterator[Task]:
        yield Task("R-1", {**FACTS, "department": self.department})
        raise RuntimeError("no network")

    @hookimpl
    def burdenlib_facts(self, task: Task) -> Mapping[str, object]:
        raise ValueError("no file")

    @hookimpl
    def burdenlib_verdict(self, verdict: Verdict) -> None:
        raise OSError("disk full")


class Exits:
    department = "坏局二"

    @hookimpl
    def burdenlib_tasks(self) -> list[Task]:
        raise SystemExit(0)


class Nonsense:
    department = "坏局三"

    @hookimpl
    def burdenlib_tasks(self) -> str:
        return "all of them"


class WrongDepartment:
    department = "坏局四"

    @hookimpl
    def burdenlib_tasks(self) -> list[Task]:
        return [Task("W-1", {**FACTS, "department": GOOD})]

    @hookimpl
    def burdenlib_facts(self, task: Task) -> Mapping[str, object]:
        return {"channels": {"includes": ["pledge"]}}


class SameIds:
    department = "坏局五"

    @hookimpl
    def burdenlib_tasks(self) -> list[Task]:
        return [Task("G-1", {**FACTS, "department": self.department, "channels": ["pledge"]})]


class Misspelt:
    department = "坏局六"

    @hookimpl
    def burdenlib_task(self) -> list[Task]:
        return []


class Unmarked:
    department = "坏局七"

    def burdenlib_tasks(self) -> list[Task]:
        return []


class BringsPolicies:
    department = "坏局八"

    @hookimpl
    def burdenlib_policies(self) -> list[str]:
        return [POLICY.replace("policy lists", "policy mine")]


class Conflicting:
    department = "坏局九"

    @hookimpl
    def burdenlib_vocabulary(self) -> list[str]:
        return ['policy mine "我的" version 1\nfact funded "经费落实" text']


class Tampers:
    department = "坏局十"

    @hookimpl
    def burdenlib_tasks(self) -> list[Mapping[str, object]]:
        return [{"id": "T-1", **FACTS, "department": self.department, "chanels": ["notice"]}]

    @hookimpl
    def burdenlib_facts(self, task: Task) -> Mapping[str, object]:
        task.facts["funded"] = True  # type: ignore[index]
        return {}


class Signature:
    department = "坏局十一"

    @hookimpl
    def burdenlib_tasks(self, everything: object) -> list[Task]:
        return []


class Greedy:
    """A service that tells what only an authority may tell, and a value that there isn't."""

    @hookimpl
    def burdenlib_facts(self, task: Task) -> Mapping[str, object]:
        return {"approved_by": ["county"], "channels": {"includes": ["bribe"]}, "chanels": ["notice"]}


BAD = (
    Raises,
    Exits,
    Nonsense,
    WrongDepartment,
    SameIds,
    Misspelt,
    Unmarked,
    BringsPolicies,
    Conflicting,
    Tampers,
    Signature,
)


def engine(*plugins: object) -> Engine:
    return Engine.load(texts={"lists.burden": POLICY}, plugins=plugins)


def statuses(one: Engine) -> dict[str, str]:
    """The verdicts on the good department's tasks."""
    outcome = one.check_all(one.tasks, keep_going=True)
    pairs = zip([task for task in one.tasks if outcome_has(outcome, task)], outcome, strict=True)
    return {task.id: verdict.status for task, verdict in pairs if task.facts["department"] == GOOD}


def outcome_has(outcome: burdenlib.Outcome, task: Task) -> bool:
    return any(verdict.task == task.id for verdict in outcome)


def test_a_department_registers_tasks() -> None:
    one = engine(Good())
    assert statuses(one) == {"G-1": "accepted", "G-2": "rejected", "G-3": "undetermined"}
    verdict = one.check(one.tasks[1])
    assert verdict.reasons[0].rule == "lists.pledges"
    assert "plugin good" in verdict.explain("en")


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.__name__)
def test_a_bad_plugin_is_named_and_changes_nobody_elses_verdict(bad: type) -> None:
    alone, together = engine(Good()), engine(Good(), bad())
    assert dict(statuses(together).items()) == statuses(alone)
    outcome = together.check_all(together.tasks, keep_going=True)
    named = [*together.problems, *outcome.problems]
    assert any(bad.__name__ in problem.draw(language) for problem in named for language in ("zh", "en")), named
    for task in [task for task in together.tasks if task.facts["department"] == GOOD]:
        assert together.check(task).to_json() == alone.check(task).to_json()


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_ten_bad_plugins_in_any_order(seed: int) -> None:
    plugins = [Good, *BAD]
    random.Random(seed).shuffle(plugins)
    together = engine(*(plugin() for plugin in plugins))
    assert statuses(together) == statuses(engine(Good()))
    outcome = together.check_all(together.tasks, keep_going=True)
    text = "\n".join(problem.draw("en") for problem in (*together.problems, *outcome.problems))
    assert all(bad.__name__ in text for bad in BAD)


def test_a_failed_plugins_facts_are_missing_with_an_error_reason() -> None:
    one = engine(Raises())
    told = {key: value for key, value in FACTS.items() if key != "funded"}
    with pytest.warns(RuntimeWarning, match="plugin `Raises` failed in burdenlib_verdict"):
        verdict = one.check(Task("R-9", {**told, "department": Raises.department}))
    assert verdict.status == "undetermined"
    assert [missing.fact for missing in verdict.missing] == ["funded"]
    error = next(reason for reason in verdict.reasons if reason.kind == "error")
    assert error.message is not None
    assert "Raises" in error.message.pick("en")
    assert "no file" in error.message.pick("zh")
    with pytest.warns(RuntimeWarning, match="burdenlib_verdict"):
        rejected = one.check(Task("R-8", {**FACTS, "department": Raises.department, "channels": ["pledge"]}))
    assert rejected.status == "rejected"


def test_two_plugins_of_one_department_with_one_id_lose_that_task() -> None:
    class Twin(Good):
        name = "twin"

        @hookimpl
        def burdenlib_tasks(self) -> list[Task]:
            return [Task("G-1", {**FACTS, "channels": ["pledge"]})]

    for plugins in ((Good(), Twin()), (Twin(), Good())):
        one = engine(*plugins)
        assert [task.id for task in one.tasks] == ["G-2", "G-3"]
        problem = next(p for p in one.check_all(one.tasks).problems if p.code == "duplicate-id")
        assert {"plugin good", "plugin twin"} == {problem.details["one"], problem.details["other"]}


def test_a_department_is_asked_only_about_its_own_tasks() -> None:
    asked: list[str] = []
    seen: list[str] = []

    class Curious:
        department = "乙局"

        @hookimpl
        def burdenlib_facts(self, task: Task) -> Mapping[str, object]:
            asked.append(task.id)
            return {"funded": False}

        @hookimpl
        def burdenlib_verdict(self, task: Task, verdict: Verdict) -> None:
            seen.append(verdict.task)

    one = engine(Good(), Curious())
    untold = {key: value for key, value in FACTS.items() if key != "funded"}
    own = Task("C-1", {**untold, "department": "乙局"})
    outcome = one.check_all([*one.tasks, own])
    assert (asked, seen) == (["C-1"], ["C-1"])
    assert outcome["C-1"].status == "rejected"
    assert outcome["G-1"].status == "accepted"


def test_contradicting_sources_leave_the_fact_missing_and_name_both() -> None:
    class Contradicts:
        department = GOOD

        @hookimpl
        def burdenlib_facts(self, task: Task) -> Mapping[str, object]:
            return {"funded": False, "channels": {"includes": ["pledge"]}}

    verdict = engine(Contradicts()).check(Task("X", FACTS, source="sheet.csv"))
    assert verdict.status == "undetermined"
    errors = [reason.message.pick("en") for reason in verdict.reasons if reason.kind == "error" and reason.message]
    assert len(errors) == 2
    assert all("sheet.csv" in text and "plugin Contradicts" in text for text in errors)
    assert {"funded", "channels"} == {missing.fact for missing in verdict.missing}
    rejected = engine(Contradicts()).check(Task("X", {**FACTS, "channels": ["pledge"]}))
    assert rejected.status == "rejected"


def test_a_fact_that_a_plugin_tells_of_the_wrong_kind_of_task_is_left_out() -> None:
    class Misplaces:
        department = GOOD

        @hookimpl
        def burdenlib_facts(self, task: Task) -> Mapping[str, object]:
            return {"placement": "wall"}

    verdict = engine(Misplaces()).check(Task("X", FACTS))
    assert verdict.status == "accepted"
    assert "placement" in verdict.explain("en")


def test_a_service_has_to_be_named_and_tells_nothing_that_an_authority_sets() -> None:
    one = engine(Good(), Greedy())
    verdict = one.check(one.tasks[0])
    assert verdict.status == "accepted"
    assert "approved_by" not in verdict.known
    text = "\n".join(p.draw("en") for p in one.check_all(one.tasks).problems)
    assert all(word in text for word in ("approved_by", "bribe", "chanels"))


def test_the_reader_of_documents_finds_what_a_text_asks_for_and_not_what_it_forbids() -> None:
    one = Engine.load(texts={"lists.burden": POLICY}, services=["documents"])
    told = {key: value for key, value in FACTS.items() if key != "channels"}
    asks = one.check(Task("D-1", {**told, "text": "各村按要求走访。各村须签订责任书。"}))
    assert asks.status == "rejected"
    shown = asks.explain("zh")
    assert "plugin documents" in shown
    assert "各村须签订责任书。" in shown
    assert "第14字" in shown
    forbids = one.check(Task("D-2", {**told, "text": "各村按要求走访,不得签订责任书。"}))
    assert forbids.status == "undetermined"
    assert [missing.fact for missing in forbids.missing] == ["channels"]


def test_told_says_where_a_value_was_found() -> None:
    class Finds:
        department = GOOD

        @hookimpl
        def burdenlib_facts(self, task: Task) -> Mapping[str, object]:
            return {"funded": Told(value=False, origin=Origin(field="text", quote="经费自筹", offset=4))}

    told = {key: value for key, value in FACTS.items() if key != "funded"}
    verdict = engine(Finds()).check(Task("X", told))
    assert verdict.status == "rejected"
    assert "text “经费自筹” at character 5" in verdict.explain("en")


def test_a_plugins_vocabulary_and_a_services_policies_are_loaded() -> None:
    class Pets:
        department = GOOD

        @hookimpl
        def burdenlib_vocabulary(self) -> list[str]:
            return ['policy pets "宠物" version 1\nfact pets "犬只数量" number or none set by department']

    class Dogs:
        @hookimpl
        def burdenlib_policies(self) -> list[str]:
            return [
                (
                    'policy dogs "养犬" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试》\n'
                    'ban packs "不得超过三只" when pets above 3 cite 《测试》第三条'
                )
            ]

    one = engine(Pets(), Dogs())
    assert one.check(Task("P", {**FACTS, "犬只数量": 4})).status == "rejected"
    lone = engine(Dogs())
    assert [problem.code for problem in lone.problems] == ["plugin-nonsense"]  # the policy needs the other's vocabulary
    alone = Engine.load(texts={"lists.burden": POLICY}, plugins=[Pets()])
    assert alone.check(Task("P", {**FACTS, "犬只数量": 4})).status == "accepted"

    class Both(Dogs):
        @hookimpl
        def burdenlib_vocabulary(self) -> list[str]:
            return Pets().burdenlib_vocabulary()

    both = Engine.load(texts={"lists.burden": POLICY}, plugins=[Both()])
    assert both.check(Task("P", {**FACTS, "犬只数量": 4})).status == "rejected"


def test_an_unknown_plugin_is_named_with_the_nearest_one() -> None:
    one = Engine.load(texts={"lists.burden": POLICY}, services=["document"])
    assert [problem.code for problem in one.problems if problem.severity == "error"] == ["plugin-unknown"]
    assert "documents" in str(one.problems[-1].help("en"))
