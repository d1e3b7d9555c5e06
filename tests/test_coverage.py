"""What ships covers the field, shows by examples what each rule does, and says where its source was seen only in part."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from burdenlib import Verdict, loader
from burdenlib import policy as p
from burdenlib.examples import Judged

DOCS = Path(__file__).parent.parent / "docs"
COVERAGE = SimpleNamespace(**runpy.run_path(str(DOCS / "make_coverage.py")))

MOST_UNEXPRESSED = 15

KNOWN_GAPS: frozenset[str] = frozenset()
"""What no example shows yet, as the page words it. It may only shrink."""


def policies() -> p.PolicySet:
    found = COVERAGE.shipped()
    assert isinstance(found, p.PolicySet)
    return found


@cache
def answers() -> tuple[Judged, ...]:
    """The answer to each example, for the first of the values that it gives."""
    shown = (each for group in COVERAGE.show(policies()).values() for each in group)
    return tuple(each.judged for each in shown if each.judged is each.result.shown)


def rules_and_lists(policy: p.Policy) -> tuple[p.Rule | p.TaskList, ...]:
    return (*policy.rules, *policy.lists)


def of_the_field() -> tuple[p.Policy, ...]:
    return tuple(policy for policy in policies().policies if not COVERAGE.is_composed(policy))


def whole(parts: str) -> p.PolicySet:
    """A document of which only the head is given before its declarations, checked."""
    head = 'policy p "p"\n  version 1\n  issued by county "c"\n  for place 990101\n  effective 2024-01-01\n'
    return loader.load_documents(texts={"p.burden": head + parts}).policies


# ---- the field -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_page_is_up_to_date() -> None:
    assert (DOCS / "coverage.md").read_text("utf-8") == COVERAGE.page(), "run `python docs/make_coverage.py`"


def test_every_rule_of_the_field_is_stated_once_in_both_languages() -> None:
    rules = COVERAGE.field_rules()
    ids = [rule.id for rule in rules]
    assert len(ids) == len(set(ids)) == 95
    for letter in "ABCDEFGHIJKLM":
        numbers = [int(each[1:]) for each in ids if each[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1)), letter
    assert all(rule.statement.zh and rule.statement.en for rule in rules)
    for text in (each for rule in rules for each in (rule.group, rule.reason, rule.rest) if each):
        assert re.search(r"[\u3400-\u9fff].* / [ -~\u2019]+$", text), text


def test_every_rule_of_the_field_is_expressed_or_says_why_not() -> None:
    rules = COVERAGE.field_rules()
    where = COVERAGE.expressed(of_the_field(), rules)
    unexpressed = [rule for rule in rules if rule.id not in where]
    assert [rule.id for rule in unexpressed if not rule.reason] == []
    assert [rule.id for rule in rules if rule.id in where and rule.reason] == [], "they are expressed by now"
    assert len(unexpressed) <= MOST_UNEXPRESSED
    assert len(where) + len(unexpressed) == len(rules)


def test_a_reference_to_a_rule_that_there_is_not_is_an_error() -> None:
    checked = whole('ban b "b"\n  when kind is work\n  cite 《c》\n  ref B3, Z9\n')
    with pytest.raises(SystemExit, match="Z9"):
        COVERAGE.expressed(checked.policies, COVERAGE.field_rules())


def test_every_rule_and_list_of_the_field_names_what_it_expresses() -> None:
    missing = [
        f"{policy.key} {each.name}"
        for policy in of_the_field()
        for each in rules_and_lists(policy)
        if not each.about.refs
        and not (isinstance(each, p.TaskList) and each.items and all(item.about.refs for item in each.items))
    ]
    assert missing == []


def test_every_construct_is_used_by_a_shipped_policy() -> None:
    constructs = COVERAGE.constructs()
    assert [construct.number for construct in constructs] == [str(number) for number in range(1, 26)]
    used = COVERAGE.used_features(policies().policies)
    unused = [(each.number, feature) for each in constructs for feature in each.found_by if not used.get(feature)]
    assert unused == []


def test_a_construct_is_found_only_where_it_stands() -> None:
    checked = whole(
        'list l "l"\n  governs when kind is work\n  cite 《c》\n  closed\n  item X-1 "x" role assist\n'
        'limit two "two" at most 2 per target each week\n  when kind is form\n  cite 《c》\n  binds assigner\n  ref H2\n'
    )
    (policy,) = (each for each in checked.policies if each.name == "p")
    found = {feature for feature, _ in COVERAGE.features(policy)}
    assert found >= {"list:closed", "item:role", "declares:limit", "quota:week", "binds:assigner", "ref:H2"}
    assert not found & {"list:open", "list:partial", "quota:month", "declares:ban", "condition:Offset", "ref:A10"}


# ---- provenance ----------------------------------------------------------------------------------------------------------------


def test_every_document_says_how_much_of_its_source_was_seen() -> None:
    assert [policy.key for policy in of_the_field() if policy.seen is None] == []


def test_what_is_composed_says_so() -> None:
    composed = [policy for policy in policies().policies if policy.decides and COVERAGE.is_composed(policy)]
    assert composed
    for policy in composed:
        assert policy.title is not None
        assert "自编" in policy.title.pick("zh")
        assert "composed" in policy.title.pick("en")


NOTES = {
    "extract": ("来源仅见摘录", "known only from an extract"),
    "digest": ("来源仅见转述", "known only from a digest"),
}


def seen_by(verdict: Verdict) -> Iterator[str | None]:
    """How much was seen of what an answer hangs on, as the policies have it, not as the answer tells it."""
    for reason in verdict.reasons:
        if reason.rule is not None and reason.kind != "narrower_policy":
            items = (item for each in reason.coverage for item in (each.item, *(each.found or ())) if item is not None)
            yield seen_of(reason.about, next(items, None) if reason.kind == "ban_list" else None)
    for admission in verdict.admitted_by:
        yield seen_of(admission.about, admission.item)


@cache
def seen_at() -> dict[str, str | None]:
    """How much was seen of the source of each rule and list, by its place in the policies."""
    return {
        str(each.about.where): each.about.seen or policy.seen
        for policy in policies().policies
        for each in rules_and_lists(policy)
    }


def seen_of(about: p.About, item: p.Item | None) -> str | None:
    """What the item says, else its list or the rule, else the document."""
    return (item.about.seen if item is not None else None) or seen_at()[str(about.where)]


@pytest.mark.slow
def test_an_answer_that_hangs_on_a_digest_or_an_extract_says_so() -> None:
    told: dict[str, int] = dict.fromkeys(NOTES, 0)
    for answer in answers():
        verdict = answer.verdict
        assert verdict is not None
        kinds = {seen for seen in seen_by(verdict) if seen is not None} & set(NOTES)
        if kinds:
            texts = verdict.explain("zh"), verdict.explain("en")
            for kind in kinds:
                told[kind] += 1
                assert all(note in text for note, text in zip(NOTES[kind], texts, strict=True)), (kind, texts)
    assert all(told.values())


@pytest.mark.slow
def test_an_answer_that_hangs_on_a_full_text_says_nothing_of_the_kind() -> None:
    silent = 0
    for answer in answers():
        verdict = answer.verdict
        assert verdict is not None
        if set() < {*seen_by(verdict)} <= {"full", "list"}:
            silent += 1
            assert not any(note[0] in verdict.explain("zh") for note in NOTES.values())
            assert not any(note[1] in verdict.explain("en") for note in NOTES.values())
    assert silent


@pytest.mark.slow
def test_an_admission_by_an_item_says_how_much_of_the_item_was_seen() -> None:
    found = 0
    for answer in answers():
        verdict = answer.verdict
        assert verdict is not None
        for admission in verdict.admitted_by:
            if admission.item is not None and (seen := admission.item.about.seen) in NOTES:
                found += 1
                assert NOTES[seen][0] in verdict.explain("zh")
                assert NOTES[seen][1] in verdict.explain("en")
    assert found


# ---- examples ------------------------------------------------------------------------------------------------------------------


def test_every_example_of_what_ships_holds() -> None:
    shown = (each for group in COVERAGE.show(policies()).values() for each in group)
    failed = [
        (each.result.policy.key, each.result.example.title.pick("en")) for each in shown if not each.judged.passed
    ]
    assert failed == []


@pytest.mark.slow
def test_what_no_example_shows_is_known() -> None:
    found = {str(gap) for gap in COVERAGE.gaps(policies(), COVERAGE.show(policies()))}
    assert found == KNOWN_GAPS, "write the example, or take out of `KNOWN_GAPS` what an example shows by now"


BAN = """
ban nightly "No work at night"
  when kind is work and level is county
  unless emergency
  cite 《c》
"""
TASK = "kind: work, target: 990101001201, target_kind: village, date: 2024-03-01"
FIRING = f'example "firing"\n  given {TASK}, level: county, emergency: no\n  expect rejected by nightly\n'
SAVED = f'example "saved"\n  given {TASK}, level: county, emergency: yes\n  expect undetermined\n'
MISSING = f'example "just missing"\n  given {TASK}, level: city, emergency: no\n  expect undetermined\n'


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        ((), {"firing", "just missing", "saved by exception 1"}),
        ((FIRING,), {"just missing", "saved by exception 1"}),
        ((FIRING, SAVED), {"just missing"}),
        ((FIRING, MISSING), {"saved by exception 1"}),
        ((SAVED, MISSING), {"firing"}),
        ((FIRING, SAVED, MISSING), set()),
        ((FIRING, SAVED, MISSING.replace("kind: work", "kind: form")), {"just missing"}),
    ],
)
def test_a_gap_is_seen(examples: tuple[str, ...], expected: set[str]) -> None:
    checked = whole(BAN + "\n".join(examples))
    assert {gap.what for gap in COVERAGE.gaps(checked, COVERAGE.show(checked))} == expected


def test_the_days_of_a_list_are_looked_for() -> None:
    checked = whole(
        'list l "l"\n  governs when kind is work\n  cite 《c》\n  closed\n  until 2024-06-30\n  item X-1 "x"\n'
        + "".join(
            f'example "{day}"\n  given {TASK.replace("2024-03-01", day)}, item: "{item}"\n  expect {status}\n'
            for day, item, status in (
                ("2024-01-01", "x", "accepted"),
                ("2024-06-30", "y", "rejected"),
                ("2024-07-01", "y", "undetermined"),
            )
        )
    )
    assert {gap.what for gap in COVERAGE.gaps(checked, COVERAGE.show(checked))} == {"the day before"}
