"""The meaning of the language, case by case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from burdenlib import Engine, PolicyError, Task, TaskError, Verdict

TASK: Mapping[str, object] = {
    "title": "走访",
    "text": "请协助走访。",
    "department": "甲局",
    "level": "county",
    "target": "370899101201",
    "target_kind": "village",
    "kind": "work",
    "item": "入户走访",
    "date": "2024-05-01",
    "role": "assist",
    "channels": ["notice"],
    "government_duty": False,
    "mandate": "none",
    "basis": "none",
    "approved_by": [],
    "funded": True,
}


def policy(
    body: str,
    name: str = "p",
    level: str = "county",
    place: str = "370899",
    effective: str = "2024-01-01",
    more: str = "",
) -> str:
    return (
        f'policy {name} "测试" version 1 issued by {level} "测试机关" for place {place} effective {effective} '
        f"cite 《测试》第一条 {more}\n{body}"
    )


def engine(*texts: str) -> Engine:
    return Engine.load(texts={f"text{number}.burden": text for number, text in enumerate(texts)})


def check(one: Engine, facts: Mapping[str, object] = TASK, /, **changes: object) -> Verdict:
    told = {name: value for name, value in {**facts, **changes}.items() if value is not None}
    return one.check(Task("t", told))


def status(body: str, /, **changes: object) -> str:
    return check(engine(policy(body)), TASK, **changes).status


ADMIT = 'admit door "准入" when kind in {work, form, meeting, certificate, signboard, inspection} cite 《测试》\n'


def holds(condition: str, **changes: object) -> bool | None:
    """Whether a condition is true for the task, asked by a ban beside an admission."""
    found = status(f"{ADMIT}ban x when {condition} cite 《测试》", **changes)
    return {"rejected": True, "accepted": False, "undetermined": None}[found]


def codes(*texts: str) -> list[str]:
    with pytest.raises(PolicyError) as error:
        engine(*texts)
    return [problem.code for problem in error.value.problems if problem.severity == "error"]


# ---- conditions ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "changes", "expected"),
    [
        ("level at least county", {}, True),
        ("level at least county", {"level": "province"}, True),
        ("level at least county", {"level": "township"}, False),
        ("level at least county", {"level": "none"}, False),
        ("not level at least county", {"level": "none"}, True),
        ("level below county", {"level": "none"}, False),
        ("level is none", {"level": "none"}, True),
        ("level is none", {}, False),
        ("level is not none", {"level": None}, None),
        ("level in {county, none}", {"level": "none"}, True),
        ("no level", {"level": "none"}, True),
        ("has level", {"level": "none"}, False),
        ("has level", {"level": None}, None),
        ("mandate at least level", {"mandate": "county"}, True),
        ("mandate at least level", {"mandate": "none"}, False),
        ("mandate at least level", {"mandate": "county", "level": None}, None),
        ("mandate is level", {"mandate": "county"}, True),
        ("mandate is level", {"mandate": "none", "level": "none"}, True),
        ("channels includes pledge", {"channels": ["pledge", "notice"]}, True),
        ("channels includes pledge", {"channels": []}, False),
        ("channels includes pledge", {"channels": {"includes": ["notice"]}}, None),
        ("channels includes pledge", {"channels": {"excludes": ["pledge"]}}, False),
        ("channels includes any of {pledge, veto}", {"channels": {"includes": ["veto"]}}, True),
        ("channels includes all of {pledge, veto}", {"channels": {"includes": ["veto"]}}, None),
        ("channels includes all of {pledge, veto}", {"channels": {"excludes": ["pledge"]}}, False),
        ("target within 3708", {}, True),
        ("target within 370890", {}, False),
        ("target within {11, 370899000000}", {}, True),
        ("target within 3710", {"target": "370899"}, False),
        ("date no earlier than 2024-05-01", {}, True),
        ("date after 2024-05-01", {}, False),
        ("date before 2024-05-02", {}, True),
        ("date no later than 2024-04-30", {}, False),
        ("date no earlier than 30 days after applied_on", {"applied_on": "2024-04-01"}, True),
        ("date no earlier than 31 days after applied_on", {"applied_on": "2024-04-01"}, False),
        ("date no earlier than 30 days after applied_on", {"applied_on": "none"}, False),
        ("date no earlier than 30 days after applied_on", {}, None),
        ("funded and level is city", {"funded": None}, False),
        ("funded or level is county", {"funded": None}, True),
        ("not funded", {"funded": None}, None),
        ("documents_increase above 0", {"documents_increase": 0.5, "kind": "document"}, True),
        ("documents_increase at least 66.67", {"documents_increase": 66.67, "kind": "document"}, True),
        ('item is "入户走访"', {}, True),
        ('item is "入户走访"', {"item": "入户走访 "}, True),
        ('department in {"甲局", "乙局"}', {"department": "\uff24\u5c40"}, False),
    ],
)
def test_conditions(condition: str, changes: dict[str, object], expected: bool | None) -> None:
    if changes.get("kind") == "document":
        found = status(f"admit door when kind is document cite 《甲》\nban x when {condition} cite 《甲》", **changes)
        assert {"rejected": True, "accepted": False, "undetermined": None}[found] is expected
    else:
        assert holds(condition, **changes) is expected


def test_mentions_reads_title_and_text_and_respects_negation() -> None:
    body = ADMIT + 'phrases words {"责任书"} but not {"目标责任书样本"}\nban x when mentions words cite 《测试》'
    assert status(body) == "accepted"
    assert status(body, text="请签订责任书。") == "rejected"
    assert status(body, text="不得签订责任书。") == "accepted"
    assert status(body, text="附目标责任书样本。") == "accepted"
    assert status(body, text=None) == "undetermined"
    assert status(body, text=None, title="签订责任书") == "rejected"


def test_facts_that_dont_exist_for_a_task() -> None:
    assert holds("placement is wall", kind="signboard", placement="wall") is True
    assert holds("placement is wall") is False
    assert holds("no placement") is True
    assert holds("placement is wall", kind=None) is None
    with pytest.raises(TaskError) as error:
        check(engine(policy(ADMIT)), placement="wall")
    assert [problem.code for problem in error.value.problems] == ["misplaced-fact"]
    assert check(engine(policy(ADMIT)), placement="none").status == "accepted"


# ---- working days ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applied", "day", "days", "expected"),
    [
        ("2024-04-30", "2024-05-06", 1, True),  # 1 to 5 May are a holiday
        ("2024-04-30", "2024-05-05", 1, False),
        ("2024-05-10", "2024-05-11", 1, True),  # Saturday 11 May makes up for it
        ("2024-02-09", "2024-02-18", 1, True),  # Sunday 18 February makes up for the Spring Festival
        ("2024-09-30", "2024-10-08", 1, True),
        ("2024-09-30", "2024-10-12", 5, True),
        ("2024-09-30", "2024-10-11", 5, False),
    ],
)
def test_working_days_know_holidays_and_make_up_days(applied: str, day: str, days: int, expected: bool) -> None:
    condition = f"date no earlier than {days} working days after applied_on"
    assert holds(condition, applied_on=applied, date=day) is expected


def test_outside_the_table_of_holidays_the_comparison_is_unknown() -> None:
    body = ADMIT + "ban x when date before 5 working days after applied_on cite 《测试》"
    one = engine(policy(body))
    verdict = check(one, applied_on="2049-12-01", date="2049-12-02")
    assert verdict.status == "undetermined"
    assert [reason.kind for reason in verdict.reasons if reason.rule is None] == ["error"]
    assert "chinesecalendar" in {used.name for used in verdict.policies}
    assert "chinesecalendar" not in {used.name for used in check(engine(policy(ADMIT))).policies}


# ---- lists ------------------------------------------------------------------------------------------------------------------------

CLOSED = "list tasks closed governs when kind is work cite 《测试》\n"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("入户走访", "accepted"),
        ("入 户 走 访", "accepted"),
        ("T-1", "accepted"),
        ("\uff34-\uff11", "accepted"),
        ("政策宣传\uff1b动员", "accepted"),
        ("政策宣传,,动员", "accepted"),
        ("政策宣传动员", "rejected"),
        ("上门走访", "accepted"),
        ("入户走访2", "rejected"),
        ("2024年走访", "accepted"),
        ("2023年走访", "rejected"),
    ],
)
def test_items_are_found_by_code_title_or_alias(item: str, expected: str) -> None:
    items = 'item T-1 "入户走访" also "上门走访" item T-2 "政策宣传、动员" item T-3 "2024年走访"'
    assert status(CLOSED + items, item=item) == expected


def test_near_titles_are_shown_and_never_match() -> None:
    verdict = check(engine(policy(CLOSED + 'item T-1 "入户走访调查"')), item="入户走访")
    assert (verdict.status, verdict.reasons[0].kind) == ("rejected", "not_listed")
    assert verdict.reasons[0].near == ("入户走访调查",)
    assert "入户走访调查" in verdict.explain("zh")


def test_a_found_item_covers_only_in_its_role_condition_exception_and_time() -> None:
    body = CLOSED + 'item T-1 "入户走访" role assist when funded unless emergency from 2024-03-01 until 2024-05-01'
    assert status(body, emergency=False) == "accepted"
    assert status(body, emergency=False, role="own") == "rejected"
    assert status(body, emergency=False, role=None) == "undetermined"
    assert status(body, emergency=False, funded=False) == "rejected"
    assert status(body, emergency=True) == "rejected"
    assert status(body) == "undetermined"
    assert status(body, emergency=False, date="2024-05-02") == "rejected"
    assert status(body, emergency=False, date="2024-03-01") == "accepted"
    assert status(body, emergency=False, date="2024-02-29") == "rejected"


def test_the_residual_item_is_tried_only_where_no_item_is_found() -> None:
    body = CLOSED + 'item T-1 "入户走访" role own otherwise "其他事项" when funded'
    assert status(body) == "rejected"
    assert status(body, item="别的") == "accepted"
    assert status(body, item="别的", funded=False) == "rejected"


def test_open_partial_and_ban_lists() -> None:
    opened = 'list tasks open governs when kind is work cite 《测试》 item T-1 "入户走访"'
    assert status(opened) == "accepted"
    assert [reason.kind for reason in check(engine(policy(opened)), item="别的").reasons] == ["no_list"]
    partial = 'list tasks partial governs when kind is work cite 《测试》 item T-1 "入户走访" role assist'
    assert status(partial) == "accepted"
    assert status(partial, role="own") == "rejected"
    verdict = check(engine(policy(partial)), item="别的")
    assert (verdict.status, verdict.reasons[0].kind, verdict.missing) == ("undetermined", "partial_list", ())
    answered = partial.replace("partial", "partial answered by listed_locally")
    assert status(answered, item="别的", listed_locally=True) == "accepted"
    assert status(answered, item="别的", listed_locally=False) == "rejected"
    asked = check(engine(policy(answered)), item="别的")
    assert [missing.fact for missing in asked.missing] == ["listed_locally"]
    banned = (
        ADMIT
        + 'ban list no unless basis at least law cite 《测试》 item T-1 "入户走访" unless emergency instead "由本部门办理"'
    )
    assert status(banned, emergency=False) == "rejected"
    assert status(banned, emergency=True) == "accepted"
    assert status(banned, emergency=False, basis="law") == "accepted"
    assert status(banned, item="别的") == "accepted"
    assert "由本部门办理" in check(engine(policy(banned)), emergency=False).explain("zh").splitlines()[2]


def test_each_document_is_satisfied_by_itself() -> None:
    two = (
        CLOSED + 'item T-1 "入户走访"\nlist more closed governs when kind in {work, form} cite 《测试》 item M-1 "填表"'
    )
    assert status(two) == "accepted"
    assert status(two, item="填表") == "accepted"
    other = policy('list o closed governs when kind is work cite 《测试》 item O-1 "别的"', "other", "province", "37")
    one = engine(policy(two), other)
    assert check(one).status == "rejected"
    assert {reason.rule for reason in check(one).reasons} == {"other.o"}


def test_on_off_listed_and_unlisted() -> None:
    body = 'list tasks open governs when kind is work cite 《测试》 item T-1 "入户走访" item T-2 "宣传"\n' + ADMIT
    for condition, task, expected in (
        ("on tasks", {}, "rejected"),
        ("on tasks[T-2]", {}, "accepted"),
        ("on tasks[T-1, T-2]", {}, "rejected"),
        ("off tasks", {"item": "别的"}, "rejected"),
        ("off tasks", {"item": "别的", "kind": "form"}, "accepted"),
        ("not on tasks", {"item": "别的", "kind": "form"}, "rejected"),
        ("listed", {}, "rejected"),
        ("unlisted", {"kind": "form"}, "rejected"),
        ("unlisted", {}, "accepted"),
    ):
        assert status(f"{body}ban x when {condition} cite 《测试》", **task) == expected, condition


# ---- admissions ---------------------------------------------------------------------------------------------------------------------


def reach(level: str, place: str, to: str = "", extent: str = "closed", more: str = "") -> str:
    county = policy(f'list tasks {extent} {more} governs when kind is work cite 《测试》 item T-1 "宣传"', "county")
    admit = policy(f"admit a when funded {to} cite 《测试》", "above", level, place)
    return check(engine(county, admit)).status


def test_what_an_admission_reaches() -> None:
    assert reach("county", "370899") == "accepted"
    assert reach("city", "3708") == "accepted"
    assert reach("province", "37", "to county.tasks") == "accepted"
    assert reach("central", "everywhere", "to every list") == "accepted"
    assert reach("province", "11") == "rejected"
    assert reach("county", "370829") == "rejected"
    province = policy(
        'list up closed governs when kind is work cite 《测试》 item T-1 "宣传"', "province", "province", "37"
    )
    county = policy("admit a when funded cite 《测试》", "county")
    assert check(engine(province, county)).status == "rejected"
    assert check(engine(province.replace("closed", "closed localities may add"), county)).status == "accepted"
    named = policy("admit a when funded to province.up cite 《测试》", "county")
    assert codes(province, named) == ["out-of-reach"]
    assert codes(policy('ban list b cite 《测试》 item T-1 "甲"\nadmit a when funded to b cite 《测试》')) == [
        "out-of-reach"
    ]


def test_an_admission_never_undoes_a_ban() -> None:
    assert status(ADMIT + "ban x when funded cite 《测试》") == "rejected"
    assert status(ADMIT + "require x when kind is work must not funded cite 《测试》") == "rejected"
    assert status(ADMIT + 'ban list x cite 《测试》 item T-1 "入户走访"') == "rejected"


# ---- implementing a higher list -------------------------------------------------------------------------------------------------------

HIGHER = 'list up closed governs when kind is work cite 《测试》 item U-1 "入户走访" until 2024-12-31 item U-2 "宣传" item U-3 "调解"'
PROVINCE = policy(HIGHER, "province", "province", "37")


def lower(items: str, **more: str) -> str:
    return policy(
        f"list down implements province.up closed governs when kind is work cite 《测试》 {items}", "county", **more
    )


def test_an_implementing_list_takes_the_place_of_the_higher_one() -> None:
    one = engine(PROVINCE, lower('item D-1 "走访困难户" refines U-1 item D-2 "宣传"'))
    assert check(one, item="走访困难户").status == "accepted"
    assert {admission.rule for admission in check(one, item="走访困难户").admitted_by} == {"county.down"}
    assert check(one, item="宣传").status == "accepted"
    dropped = check(one, item="调解")
    assert dropped.status == "rejected"
    assert {reason.rule for reason in dropped.reasons} == {"county.down", "province.up"}
    assert check(one, item="调解", target="370829101201").status == "accepted"
    assert check(one, item="走访困难户", date="2025-01-01").status == "rejected"
    assert check(one, item="宣传", date="2025-01-01").status == "accepted"


def test_conditions_on_the_higher_list_follow_the_implementing_one() -> None:
    rule = policy("ban x when on province.up[U-2] cite 《测试》", "other", "province", "37", more="uses province")
    one = engine(PROVINCE, lower('item D-2 "宣传动员" refines U-2 item D-1 "入户走访"'), rule)
    assert {reason.rule for reason in check(one, item="宣传动员").reasons} == {"other.x"}
    assert check(one, item="入户走访").status == "accepted"
    assert check(one, item="宣传", target="370829101201").status == "rejected"


def test_additions_to_a_higher_list() -> None:
    added = lower('item D-9 "新事项"')
    assert codes(PROVINCE, added) == ["added-item"]
    allowed = PROVINCE.replace("closed", "closed localities may add")
    assert check(engine(allowed, added), item="新事项").status == "accepted"
    partial = engine(PROVINCE.replace("closed", "partial"), added)
    assert [finding.code for finding in partial.policies.findings] == ["added-to-partial"]
    assert codes(PROVINCE, lower('item D-1 "甲" refines U-9')) == ["unknown-code"]
    assert codes(PROVINCE, lower('item U-1 "入户走访"')) == ["duplicate-code"]
    assert codes(PROVINCE, lower('item D-1 "宣传" otherwise "其他" when funded')) == ["added-item"]
    assert codes(policy(HIGHER, "province", "county", "370829"), added) == ["not-a-higher-list"]


def test_an_open_list_below_a_closed_one_loosens_nothing() -> None:
    below = lower('item D-1 "宣传"').replace("closed", "open")
    assert check(engine(PROVINCE, below), item="调解").status == "rejected"


# ---- time and place ---------------------------------------------------------------------------------------------------------------------


def version(number: int, effective: str, item: str) -> str:
    return (
        f'policy v "测试" version {number} issued by county "测试" for place 370899 effective {effective} cite 《测试》\n'
        f'list tasks closed governs when kind is work cite 《测试》 item V{number} "{item}"'
    )


def test_versions_follow_one_another() -> None:
    one = engine(version(1, "2024-01-01", "入户走访"), version(2, "2024-06-01", "宣传"))
    assert check(one, date="2024-05-31").status == "accepted"
    assert check(one, date="2024-06-01").status == "rejected"
    assert check(one, date="2024-06-01", item="宣传").status == "accepted"
    assert [(used.name, used.version) for used in check(one).policies if used.name == "v"] == [("v", "1")]
    early = check(one, date="2023-12-31")
    assert (early.status, early.reasons[0].kind) == ("undetermined", "no_list")
    moved = one.check(Task("t", TASK), as_of=date(2024, 6, 1))
    assert (moved.status, moved.as_of) == ("rejected", date(2024, 6, 1))


def test_versions_that_overlap_or_leave_a_gap() -> None:
    assert codes(version(1, "2024-01-01 until 2024-06-01", "甲"), version(2, "2024-06-01", "乙")) == [
        "overlapping-versions"
    ]
    assert codes(version(1, "2024-01-01", "甲"), version(2, "2024-01-01", "乙")) == ["overlapping-versions"]
    assert codes(version(1, "2024-01-01", "甲"), version(1, "2024-06-01", "乙")) == ["duplicate-policy"]
    gap = engine(version(1, "2024-01-01 until 2024-05-30", "甲"), version(2, "2024-06-01", "乙"))
    assert [finding.code for finding in gap.policies.findings] == ["gap-between-versions"]


def test_a_superseding_document_ends_the_other_one() -> None:
    old = policy(CLOSED + 'item T-1 "入户走访"', "old")
    new = policy("ban x when emergency cite 《测试》", "new", effective="2024-06-01", more="supersedes old")
    one = engine(old, new)
    assert check(one, emergency=False, date="2024-05-31").status == "accepted"
    assert check(one, emergency=False, date="2024-06-01").reasons[0].kind == "no_list"
    assert codes(
        policy("ban x when emergency cite 《测试》", "new", effective="2023-06-01", more="supersedes old"), old
    ) == ["superseded-before-force"]


def test_references_to_a_document_with_versions_mean_the_one_in_force() -> None:
    rule = policy("ban x when on v.tasks cite 《测试》", "rule", more="uses v")
    one = engine(version(1, "2024-01-01", "入户走访"), version(2, "2024-06-01", "宣传"), rule)
    assert "rule.x" in {reason.rule for reason in check(one, date="2024-05-31").reasons}
    assert "rule.x" not in {reason.rule for reason in check(one, date="2024-06-01").reasons}
    assert "rule.x" in {reason.rule for reason in check(one, date="2024-06-01", item="宣传").reasons}


@pytest.mark.parametrize(
    ("place", "target", "applies"),
    [
        ("3710", "371002001001", True),
        ("371000", "371002001001", True),
        ("371000000000", "371102001001", False),
        ("37", "370829101201", True),
        ("370829", "370829000000", True),
        ("11", "110105001001", True),
    ],
)
def test_zeros_are_dropped_level_by_level(place: str, target: str, applies: bool) -> None:
    level = {2: "province", 4: "city", 6: "county" if place != "371000" else "city", 12: "city"}[len(place)]
    one = engine(policy("ban x when funded cite 《测试》", level=level, place=place))
    assert (check(one, target=target).status == "rejected") is applies


def test_a_task_for_an_area_with_rules_of_its_own_inside() -> None:
    door = policy(ADMIT, "door", "province", "37")
    village = policy("duty d when funded cite 《测试》", "inner", "county", "370899")
    one = engine(door, village)
    wide = check(one, target="3708")
    assert wide.status == "undetermined"
    assert [(reason.kind, reason.rule) for reason in wide.reasons] == [("narrower_policy", "inner")]
    assert wide.missing == ()
    assert check(one, target="370829").status == "accepted"
    assert check(one, target="3708", date="2023-01-01").reasons[0].kind == "no_list"
    nation = engine(policy(ADMIT, "door", "central", "everywhere"), village)
    anywhere = check(nation, target=None)
    assert [(reason.kind, reason.rule) for reason in anywhere.reasons] == [("narrower_policy", "inner")]
    assert [missing.fact for missing in anywhere.missing] == ["target"]
    assert check(nation, target=None, date="2025-01-01", kind="form").status == "undetermined"
    banned = engine(door, village, policy("ban x when funded cite 《测试》", "ban", "province", "37"))
    assert check(banned, target="3708").status == "rejected"


def test_who_may_issue_what() -> None:
    ban = "ban x when funded cite 《测试》"
    assert codes(policy(ban, level="township", place="370899")) == ["no-right"]
    assert codes(policy(ban, level="county", place="everywhere")) == ["no-right"]
    assert codes(policy(ban, level="county", place="37")) == ["no-right"]
    assert codes(policy(ADMIT, level="township", place="370899101")) == ["no-right-to-admit"]
    assert engine(policy(ban, level="township", place="370899101"))
    broken = policy("ban x when nothing_known cite 《测试》", level="county", place="37")
    assert codes(broken) == ["no-right"]  # before anything else is looked at


# ---- verdicts ------------------------------------------------------------------------------------------------------------------------------


def test_no_list_says_whose_list_is_wanted() -> None:
    verdict = check(engine(policy("ban x when emergency cite 《测试》")), emergency=False)
    assert (verdict.status, verdict.missing) == ("undetermined", ())
    (reason,) = verdict.reasons
    assert reason.kind == "no_list"
    assert "370899" in verdict.explain("zh").splitlines()[1]
    assert "county" in verdict.explain("en").splitlines()[1]


def test_duties_come_with_acceptance_and_say_on_what_they_hang() -> None:
    body = (
        ADMIT
        + 'duty pay "保障经费" when role is assist owed by assigner cite 《测试》\nduty train "培训" when emergency cite 《测试》'
    )
    verdict = check(engine(policy(body)))
    duties = verdict.to_json()["duties"]
    assert duties == [
        {"duty": "p.pay", "title": "保障经费", "owed_by": "assigner", "if": None},
        {"duty": "p.train", "title": "培训", "owed_by": None, "if": "emergency"},
    ]
    assert check(engine(policy(body + "\nban x when funded cite 《测试》"))).duties == ()


def test_remedies_that_a_policy_quotes() -> None:
    body = (
        ADMIT
        + 'ban x "不得签责任书" when channels includes pledge remedy "改为通知" set channels: notice cite 《测试》'
    )
    verdict = check(engine(policy(body)), channels=["pledge"])
    assert verdict.to_json()["remedies"] == [{"set": {"channels": ["notice"]}, "by": "department"}]
    assert verdict.explain("zh").splitlines()[2].endswith("改为通知")


def test_claimed_facts_and_strictness() -> None:
    one = engine(policy(ADMIT + "ban x when not approved_by includes county cite 《测试》"))
    told = Task("t", {**TASK, "approved_by": ["county"]})
    loose = one.check(told)
    assert loose.status == "accepted"
    assert "approved_by" in loose.claimed
    strict = one.check(told, strict=True)
    assert strict.status == "undetermined"
    assert [missing.fact for missing in strict.missing] == ["approved_by"]
    by_authority = Task("t", told.facts, tellers={"approved_by": "authority"})
    assert one.check(by_authority, strict=True).status == "accepted"
    assert "approved_by" not in one.check(by_authority).claimed


def test_assumptions_are_listed_and_refused_for_told_facts() -> None:
    one = engine(policy(ADMIT + "ban x when emergency cite 《测试》\nban y when separate_assessment cite 《测试》"))
    task = Task("t", TASK)
    assert one.check(task).status == "undetermined"
    usual = one.check(task, assume="usual")
    assert usual.status == "accepted"
    assert usual.to_json()["assumed"] == dict(usual.to_json()["assumed"].items())
    assert usual.assumed["emergency"] is False
    given = one.check(task, assume={"突发应急": True})
    assert (given.status, dict(given.assumed)) == ("rejected", {"emergency": True})
    with pytest.raises(TaskError) as error:
        one.check(task, assume={"funded": False})
    assert [problem.code for problem in error.value.problems] == ["assumed-but-told"]
    with pytest.raises(TaskError) as error:
        one.check(task, assume={"emergncy": False})
    assert error.value.problems[0].nearest == "emergency"


def test_a_verdict_has_no_truth_value() -> None:
    with pytest.raises(TypeError):
        bool(check(engine(policy(ADMIT))))


def test_json_has_exactly_the_keys_of_the_format() -> None:
    body = (
        ADMIT
        + 'ban x "不得" when funded because "{title}不得" binds assigner grade must not ref B1 cite 《测试》第二条'
    )
    found = check(engine(policy(body))).to_json("zh")
    assert list(found) == [
        "task",
        "status",
        "reasons",
        "admitted_by",
        "duties",
        "limits",
        "missing",
        "remedies",
        "assumed",
        "claimed",
        "as_of",
        "policies",
    ]
    assert found["reasons"] == [
        {
            "rule": "p.x",
            "kind": "ban",
            "title": "不得",
            "because": "走访不得",
            "cite": ["《测试》第二条"],
            "remedy": None,
            "grade": "must not",
            "binds": "assigner",
            "ref": ["B1"],
            "source": "text0.burden:3",
        }
    ]
    assert found["admitted_by"] == [{"admit": "p.door"}]
    assert found["as_of"] == "2024-05-01"


# ---- limits ----------------------------------------------------------------------------------------------------------------------------------


def portfolio(limit: str, *tasks: Mapping[str, object]) -> list[str]:
    pages = 'fact pages "页数" number or none set by department'
    one = engine(
        policy(f"{pages}\nadmit door when kind in {{work, meeting}} cite 《测试》\nlimit x {limit} cite 《测试》")
    )
    told = [Task(str(number), {**TASK, **task}) for number, task in enumerate(tasks)]
    return [verdict.status[0] for verdict in one.check_all(told)]


def test_limits_count_in_order_of_date_and_id() -> None:
    days = [{"date": day} for day in ("2024-03-04", "2024-03-01", "2024-03-01", "2024-03-31", "2024-04-01")]
    assert portfolio("at most 2 per target each month", *days) == ["r", "a", "a", "r", "a"]
    assert portfolio("at most 2 per target", *days) == ["r", "a", "a", "r", "r"]
    weeks = [{"date": day} for day in ("2024-12-30", "2025-01-05", "2025-01-06")]
    assert portfolio("at most 1 per target each week", *weeks) == ["a", "r", "a"]
    assert portfolio("at most 1 per target each year", *weeks) == ["a", "a", "r"]
    assert portfolio("at most 1 per target each quarter", *weeks) == ["a", "a", "r"]


def test_limits_tell_groups_apart_and_count_only_what_matches() -> None:
    tasks = [
        {"department": "甲局"},
        {"department": "乙局"},
        {"department": "甲局"},
        {"department": "甲局", "funded": False},
    ]
    assert portfolio("at most 1 per target, department when funded", *tasks) == ["a", "a", "r", "a"]


def test_limits_over_a_sum() -> None:
    tasks = [{"pages": each} for each in (3, 2, "none", 2, 1)]
    body = "at most 6 of pages per target"
    assert portfolio(body, *tasks) == ["a", "a", "a", "r", "r"]


def test_an_amount_below_zero_gives_something_back() -> None:
    assert portfolio("at most 2 of pages per target", {"pages": -1}, {"pages": 3}, {"pages": 1}) == ["a", "a", "r"]
    one = engine(
        policy(
            'fact pages "页数" number or none set by department\nadmit door when funded cite 《测试》\n'
            "ban x when emergency cite 《测试》\nlimit y at most 2 of pages per target cite 《测试》"
        )
    )
    sure = {**TASK, "emergency": False}
    for first in ({**TASK, "pages": -1}, sure):  # not sure that it counts, or for how much
        outcome = one.check_all([Task("1", first), Task("2", {**sure, "pages": 3})])
        assert outcome["2"].status == "undetermined"
    outcome = one.check_all([Task("1", {**TASK, "pages": 1}), Task("2", {**sure, "pages": 3})])
    assert outcome["2"].status == "rejected"


def test_a_task_for_an_area_counts_for_every_target_inside() -> None:
    village, other, county = ({"target": code} for code in ("370899101201", "370899101202", "370899"))
    assert portfolio("at most 1 per target", county, village, other) == ["a", "r", "r"]
    assert portfolio("at most 1 per target", village, county, other) == ["a", "r", "r"]
    assert portfolio("at most 2 per target", village, county, other, village) == ["a", "a", "a", "r"]


def test_undetermined_tasks_may_use_a_limit_up() -> None:
    unknown = {"kind": None}
    one = engine(
        policy(
            "admit door when funded cite 《测试》\nban x when emergency cite 《测试》\nlimit y at most 1 per target cite 《测试》"
        )
    )
    sure, open_ = {**TASK, "emergency": False}, TASK
    outcome = one.check_all([Task("1", open_), Task("2", sure), Task("3", sure)])
    assert [verdict.status for verdict in outcome] == ["undetermined", "undetermined", "rejected"]
    assert "1" in str(outcome["2"].reasons[0].message)
    assert "2" in str(outcome["3"].reasons[0].message)
    assert unknown == {"kind": None}


def test_a_task_told_in_part_uses_up_only_the_limits_that_it_may_count_for() -> None:
    one = engine(
        policy("admit door when funded cite 《测试》\nlimit y at most 1 per department each year cite 《测试》")
    )
    tasks = [
        Task("1", {name: value for name, value in TASK.items() if name != "department"}),
        Task("2", {**TASK, "date": "2025-06-01"}),
        Task("3", {**TASK, "date": "2024-06-01"}),
    ]
    assert [verdict.status for verdict in one.check_all(tasks)] == ["accepted", "accepted", "undetermined"]


def test_a_task_for_an_area_minds_the_targets_that_may_be_full() -> None:
    one = engine(
        policy(
            "admit door when funded cite 《测试》\nban x when emergency cite 《测试》\nlimit y at most 2 per target cite 《测试》"
        )
    )
    sure = {**TASK, "emergency": False}
    tasks = [
        Task("1", sure),
        Task("2", {**TASK, "target": "370899101202"}),
        Task("3", {**TASK, "target": "370899101202"}),
        Task("4", {**sure, "target": "370899"}),
    ]
    assert [verdict.status for verdict in one.check_all(tasks)][-1] == "undetermined"
    told = [tasks[0], *(Task(task.id, {**task.facts, "emergency": False}) for task in tasks[1:3]), tasks[3]]
    assert [verdict.status for verdict in one.check_all(told)][-1] == "rejected"


def test_limits_dont_interact() -> None:
    one = engine(
        policy(
            "admit door when funded cite 《测试》\n"
            "limit a at most 1 per target cite 《测试》\nlimit b at most 2 per department cite 《测试》"
        )
    )
    outcome = one.check_all([Task(str(number), TASK) for number in range(3)])
    assert [[reason.rule for reason in verdict.reasons] for verdict in outcome] == [[], ["p.a"], ["p.a", "p.b"]]
    assert one.check(Task("1", TASK)).limits == ("p.a", "p.b")
    assert len(outcome.digest) == 64


def test_reasons_and_remedies_name_the_facts_of_the_task() -> None:
    body = """
    ban orders "no orders" / "不得命令" when kind is work
      because "{department} orders {title}" / "{部门}以命令下达{标题}"
      remedy "let {department} do it" / "由{部门}自行承担" cite 《测试》"""
    verdict = check(engine(policy(body)), department="县水利局", title="清淤")
    assert "县水利局 orders 清淤" in verdict.explain("en")
    assert "由县水利局自行承担" in verdict.explain("zh")
    assert codes(policy('ban a "t" when kind is work remedy "let {departmant} do it" cite 《测试》')) == [
        "unknown-slot"
    ]


def test_an_exception_of_a_ban_list_may_look_at_the_list_and_says_that_it_is_open() -> None:
    body = (
        ADMIT
        + """
    ban list bad "禁办事项" unless on bad[B-1] and funded cite 《测试》
      item B-1 "甲" item B-2 "乙\""""
    )
    assert status(body, item="甲") == "accepted"
    assert status(body, item="乙") == "rejected"
    verdict = check(engine(policy(body)), item="甲", funded=None)
    assert verdict.status == "undetermined"
    assert [each.fact for each in verdict.missing] == ["funded"]
    assert "是否属于例外尚不能确定" in verdict.explain("zh")
