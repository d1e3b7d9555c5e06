"""What examples exercise: figures that were counted by hand, the meaning of MC/DC with unknown, and the reports."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from burdenlib.cli import main
from burdenlib.examples import run_examples
from burdenlib.loader import load_documents
from burdenlib.testing.cases import is_generated, trials
from burdenlib.testing.coverage import KINDS, Coverage, measure
from burdenlib.testing.coverage_report import as_fractions, as_html, as_text, as_xml
from burdenlib.testing.fill import FILLED, fill
from burdenlib.testing.paste import example_text
from burdenlib.words import Language

HEAD = """
policy county "Composed for tests" / "自编" version 1 issued by county "自编机关" for place 990101 effective 2024-01-01
  cite 《自编文件》
"""
COUNTY = (
    HEAD
    + """
list tasks "the county's list" governs when kind is work closed
  item T-1 "help to visit families" role assist
ban pledges "no pledges" when channels includes pledge unless mandate at least province cite 《自编文件》第一条
example "a pledge"
  given target: 990101001201, date: 2024-05-06, kind: work, item: "T-1", role: assist,
      channels: {pledge}, mandate: none
  expect rejected by pledges
"""
)
MORE = """
example "generated: required by the province"
  given target: 990101001201, date: 2024-05-06, kind: work, item: "T-1", role: assist,
      channels: {pledge}, mandate: province
  expect accepted by tasks
"""


def covered(*texts: str) -> Coverage:
    loaded = load_documents((), {f"<{number}>": text for number, text in enumerate(texts)})
    names = frozenset(policy.name for policy in loaded.policies.policies if policy.file in loaded.asked)
    return measure(loaded.policies, names, trials(loaded.policies, names))


def test_the_figures_of_a_small_policy_are_those_counted_by_hand() -> None:
    coverage = covered(COUNTY)
    assert {kind: coverage.counts(kind) for kind in KINDS} == {
        "rules": (1, 1),
        "exceptions": (0, 1),
        "items": (1, 1),
        "values": (3, 4),  # province is never the level of the mandate
        "outcomes": (8, 24),  # place, date and both; channels, mandate and the rule; kind; role: three each
        "mcdc": (0, 6),  # each condition has one of its values only
    }


def test_generated_examples_are_counted_apart() -> None:
    coverage = covered(COUNTY + MORE)
    assert coverage.counts("exceptions") == (1, 1)
    assert coverage.counts("exceptions", written=True) == (0, 1)
    assert coverage.counts("values") == (4, 4)
    assert coverage.counts("mcdc") == (1, 6)  # the exception, which was false before and is true now
    assert coverage.counts("mcdc", written=True) == (0, 6)
    assert covered(COUNTY).written == coverage.written


# ---- MC/DC --------------------------------------------------------------------------------------------------------------------

FLAGS = HEAD + "ban b when (emergency or funded) and not separate_assessment cite 《自编文件》第一条\n"
SHOWS: tuple[tuple[str | None, str | None, str | None, set[tuple[int, str]]], ...] = (
    # emergency, funded, separate_assessment; the conditions that are shown, by number, with their values
    ("yes", "no", "no", {(0, "true"), (2, "false")}),
    ("no", "no", "no", {(0, "false"), (1, "false")}),
    ("yes", "yes", "no", {(2, "false")}),  # neither part of the `or` matters by itself
    ("yes", "no", "yes", {(2, "true")}),
    ("no", "no", "yes", set()),  # two parts are wrong: no one of them decides
    ("yes", None, "no", {(2, "false")}),  # what is unknown masks
    (None, "no", "no", set()),  # an unknown condition shows nothing, and masks the others
    ("yes", "no", None, set()),
    ("no", "no", None, set()),
)


def flags(*rows: tuple[str | None, str | None, str | None]) -> str:
    text = FLAGS
    for number, row in enumerate(rows):
        told = [
            f"{name}: {value}"
            for name, value in zip(("emergency", "funded", "separate_assessment"), row, strict=True)
            if value is not None
        ]
        facts = ", ".join(["target: 990101001201", "date: 2024-05-06", "kind: work", "role: assist", *told])
        text += f'example "{number}"\n  given {facts}\n  expect undetermined\n'
    return text


def shown(coverage: Coverage) -> set[tuple[int, str]]:
    return {
        (point.number, point.outcome) for point in coverage.written if (point.kind, point.decision[-1]) == ("mcdc", "b")
    }


@pytest.mark.parametrize("row", SHOWS, ids=lambda row: "-".join(str(each) for each in row[:3]))
def test_an_example_shows_the_conditions_that_alone_decide(
    row: tuple[str | None, str | None, str | None, object],
) -> None:
    *values, expected = row
    assert shown(covered(flags(tuple(values)))) == expected  # type: ignore[arg-type]


def test_a_condition_counts_once_it_is_shown_with_both_values() -> None:
    rows = [row[:3] for row in SHOWS]
    own = {point for point in covered(flags(*rows)).missing("mcdc") if point.decision.endswith(".b")}
    assert {(point.number, point.outcome) for point in own} == {(1, "true")}
    assert covered(flags(*rows)).counts("mcdc") == (2, 5)  # with place and date, which are never false
    assert covered(flags(*rows, ("no", "yes", "no"))).counts("mcdc") == (3, 5)


def test_a_rule_is_looked_at_only_where_its_document_applies() -> None:
    elsewhere = COUNTY.replace("target: 990101001201", "target: 990102001201").replace(
        "rejected by pledges", "undetermined"
    )
    coverage = covered(elsewhere)
    assert coverage.counts("rules") == coverage.counts("items") == (0, 1)
    assert {point.decision for point in coverage.written} == {"county@1"}


def test_examples_judged_under_another_document_count_for_it_too() -> None:
    other = HEAD.replace("policy county", "policy other") + (
        'uses county\nexample "elsewhere"\n  given target: 990101001201, date: 2024-05-06, kind: work, item: "T-1",\n'
        "      role: assist, channels: {pledge}, mandate: central\n  expect accepted by county.tasks\n"
    )
    assert covered(COUNTY).counts("exceptions") == (0, 1)
    assert covered(
        COUNTY, other.replace("\n  cite 《自编文件》\nuses county", "\n  uses county\n  cite 《自编文件》")
    ).counts("exceptions") == (1, 1)


# ---- layout ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_formatting_and_translating_change_no_figure(language: str, tmp_path: Path) -> None:
    file = tmp_path / "county.burden"
    file.write_text(COUNTY + MORE, "utf-8")
    before = covered(file.read_text("utf-8"))
    assert CliRunner().invoke(main, ["fmt", str(file), "--language", language]).exit_code == 0
    assert file.read_text("utf-8") != COUNTY + MORE
    after = covered(file.read_text("utf-8"))
    assert (after.points, after.written, after.generated) == (before.points, before.written, before.generated)


# ---- reports -----------------------------------------------------------------------------------------------------------------------


def test_the_figures_are_fractions_under_the_promised_keys(tmp_path: Path) -> None:
    file = tmp_path / "county.burden"
    file.write_text(COUNTY, "utf-8")
    result = CliRunner().invoke(main, ["test", str(file), "--coverage", "--format", "json"])
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert list(answer) == ["rules", "exceptions", "items", "values", "outcomes", "mcdc"]
    assert answer == as_fractions(covered(COUNTY))
    assert answer["values"] == 0.75


def test_one_kind_of_examples_can_be_chosen(tmp_path: Path) -> None:
    file = tmp_path / "county.burden"
    file.write_text(COUNTY + MORE, "utf-8")

    def answer(*options: str) -> dict[str, float]:
        return json.loads(CliRunner().invoke(main, ["test", str(file), "--format", "json", *options]).stdout)  # type: ignore[no-any-return]

    found = {kind: answer("--coverage", "--examples", kind)["exceptions"] for kind in ("all", "written", "generated")}
    assert found == {"all": 1.0, "written": 0.0, "generated": 1.0}
    assert answer("--examples", "written")["passed"] == answer("--examples", "generated")["passed"] == 1


def test_a_format_of_coverage_needs_coverage() -> None:
    assert CliRunner().invoke(main, ["test", "core", "--format", "xml"]).exit_code == 2


def test_the_text_names_what_no_example_exercises() -> None:
    text = as_text(covered(COUNTY), "en")
    assert "exceptions: 0.0 % (0/1); 0.0 % (0/1)" in text
    assert "county@1.pledges “mandate at least province” province" in text
    assert "… and" not in as_text(covered(COUNTY), "en", everything=True)


def test_the_page_shows_the_whole_policy_with_its_gaps_marked() -> None:
    page = as_html(covered(COUNTY), "en")
    source = re.search(r"<pre>(.*)</pre>", page, re.DOTALL)
    assert source is not None
    assert html.unescape(re.sub(r"<[^>]*>", "", source[1])).rstrip() == COUNTY.rstrip()
    assert source[1].count("<span") == source[1].count("</span>")
    assert re.search(r'<span class="some" title="[^"]*unknown[^"]*">mandate at least province</span>', page)


def test_cobertura_names_each_line_once_with_the_rates_of_the_policy() -> None:
    root = ET.fromstring(as_xml(covered(COUNTY), "1"))
    assert root.attrib["line-rate"] == "1.000000"
    assert root.attrib["branch-rate"] == f"{8 / 24:.6f}"
    lines = root.findall(".//line")
    numbers = [line.attrib["number"] for line in lines]
    assert len(numbers) == len(set(numbers))
    pledge = COUNTY[: COUNTY.index("ban pledges")].count("\n") + 1
    line = next(line for line in lines if line.attrib["number"] == str(pledge))
    assert line.attrib["condition-coverage"] == "33% (3/9)"
    assert line.attrib["hits"] == "1"


# ---- examples for the gaps --------------------------------------------------------------------------------------------------------


def test_examples_are_added_for_what_none_exercises(tmp_path: Path) -> None:
    file = tmp_path / "county.burden"
    file.write_text(COUNTY, "utf-8")
    options = ["test", str(file), "--coverage", "--format", "json"]
    result = CliRunner().invoke(main, [*options, "--write-examples"])
    answer = json.loads(result.stdout)
    assert {kind: answer[kind] for kind in KINDS if kind != "outcomes"} == dict.fromkeys(
        ("rules", "exceptions", "items", "values", "mcdc"), 1.0
    )
    assert json.loads(CliRunner().invoke(main, [*options, "--examples", "written"]).stdout) == as_fractions(
        covered(COUNTY)
    )
    text = file.read_text("utf-8")
    assert CliRunner().invoke(main, [*options, "--write-examples"]).exit_code == 0
    assert file.read_text("utf-8") == text, "what is exercised needs no further example"


def test_the_examples_for_the_gaps_hold_and_none_is_idle() -> None:
    policies = load_documents((), {"<0>": FLAGS}).policies
    found = fill(policies, frozenset({"county"}), ())
    assert all(is_generated(each.example) for each in found)
    language: Language = "en"
    text = FLAGS + "".join(example_text(policies, each.policy, each.example, language) for each in found)
    whole = covered(text)
    assert whole.counts("mcdc") == (5, 5)
    policies = load_documents((), {"<0>": text}).policies
    assert all(result.passed for result in run_examples(policies))
    for number in range(len(found)):
        rest = found[:number] + found[number + 1 :]
        fewer = covered(FLAGS + "".join(example_text(policies, each.policy, each.example, language) for each in rest))
        assert any(fewer.missing(kind) for kind in FILLED)
