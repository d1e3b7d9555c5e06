"""The conformance suite says what every implementation here says, is what its generator writes, and covers the language."""

from __future__ import annotations

import json
import sys
import typing
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import evolve

import burdenlib.testing as bt
from burdenlib import syntax as s
from burdenlib.parser import parse
from burdenlib.source import Source
from burdenlib.testing.conformance import Case, main
from tests import conformance
from tests.agreement import NAIVE
from tests.conformance_constructs import CONSTRUCTS

OURS = (bt.INTERPRETER_ASKING, bt.COMPILED, bt.COMPILED_READ, bt.COMPILED_JSON, bt.AUDIT, bt.AUDIT_COMPILED, NAIVE)
NAMES = tuple(sorted(path.name for path in conformance.FOLDER.glob("*.json") if path.stem != "index"))


@cache
def cases() -> tuple[Case, ...]:
    return tuple(bt.conformance_cases())


@pytest.mark.parametrize("name", NAMES)
def test_every_implementation_answers_as_the_suite_expects(name: str) -> None:
    said: Counter[str] = Counter()
    for case in cases():
        if case.file == name:
            engine = case.engine()
            for each in OURS:
                for number, reply in enumerate(each.ask(engine, case.question)):
                    expected = case.expected[number]
                    lax = expected == bt.REFUSED and not each.strict
                    assert lax or not expected.differs(reply), (
                        each.name,
                        case.name,
                        case.question.tasks[number],
                        reply,
                    )
                    said[each.name] += reply.status is not None
    assert said[bt.INTERPRETER_ASKING.name] > 0
    if name != "limits.json":
        assert said[NAIVE.name] == said[bt.INTERPRETER_ASKING.name]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "generated.json"])
def test_the_files_are_what_is_written(name: str) -> None:
    """But for the answers, which the test above compares: `python -m tests.conformance --write` writes them anew."""
    title = conformance.FILES[name.removesuffix(".json")]
    found = [
        (
            conformance.Case(
                c.name, c.exercises, _own(c), c.question.tasks, c.question.together, _day(c), c.question.tables
            ),
            _answers(c.file, c.name),
        )
        for c in cases()
        if c.file == name
    ]
    made = [(each, answers) for each, (_, answers) in zip(title[2](), found, strict=True)]
    path = conformance.FOLDER / name
    assert conformance.as_text(path.stem, title[0], title[1], made) == path.read_text("utf-8")


def _own(case: Case) -> dict[str, str]:
    return {name: text for name, text in case.texts.items() if name != "core"}


def _day(case: Case) -> str | None:
    return None if case.question.as_of is None else case.question.as_of.isoformat()


@cache
def _read(file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((conformance.FOLDER / file).read_text("utf-8"))
    return found


def _answers(file: str, name: str) -> list[dict[str, object]]:
    (found,) = [each["answers"] for each in _read(file)["cases"] if each["name"] == name]
    return list(found)


def test_the_index_names_every_case_that_exercises_something() -> None:
    assert (conformance.FOLDER / "index.json").read_text("utf-8") == conformance.index_text()
    index = _read("index.json")
    assert set(index["constructs"]) == set(CONSTRUCTS)
    assert [name for name, each in index["constructs"].items() if not each["cases"]] == []
    assert len({(case.file, case.name) for case in cases()}) == len(cases()) >= 150
    assert index["tasks"] == sum(len(case.question.tasks) for case in cases()) >= 1000
    assert sum(path.stat().st_size for path in conformance.FOLDER.iterdir()) < 1_000_000


def _nodes(node: object) -> Iterator[type]:
    if attrs.has(type(node)):
        yield type(node)
        for field in attrs.fields(type(node)):
            if field.name not in ("span", "head", "source"):
                yield from _nodes(getattr(node, field.name))
    elif isinstance(node, tuple):
        for each in node:
            yield from _nodes(each)


def test_every_clause_and_condition_of_the_language_stands_somewhere() -> None:
    texts = {text for case in cases() for text in case.texts.values()}
    trees = [parse(Source("<text>", text)).file for text in texts]
    assert None not in trees
    found = {kind for tree in trees for kind in _nodes(tree)}
    wanted = {*s.CLAUSES, *typing.get_args(s.Condition)}
    assert {kind.__name__ for kind in wanted - found} == set()
    kinds = {declaration.kind for tree in trees if tree is not None for declaration in tree.declarations}
    assert kinds >= {*typing.get_args(s.DeclarationKind)} - {"policy", "item", "otherwise"}


def test_every_status_and_every_kind_of_reason_is_expected_somewhere() -> None:
    replies = [reply for case in cases() for reply in case.expected]
    assert {reply.status for reply in replies} == {"accepted", "rejected", "undetermined", "refused"}
    kinds = {kind for reply in replies for kind, _ in reply.reasons or ()}
    assert kinds == {"ban", "require", "ban_list", "not_listed", "partial_list", "no_list", "limit", "narrower_policy"}
    assert any(item is None for reply in replies for _, item in reply.admitted_by or ())
    assert {open_ for reply in replies for _, open_ in reply.duties or ()} == {True, False}


def test_every_change_of_an_expected_answer_is_noticed() -> None:
    changed = 0
    for case in cases():
        for reply in case.expected:
            for status in {"accepted", "rejected", "undetermined", "refused"} - {reply.status}:
                assert "status" in reply.differs(evolve(reply, status=status))
            if reply == bt.REFUSED:
                continue
            assert reply.reasons is not None and reply.admitted_by is not None and reply.missing is not None
            others = [evolve(reply, reasons=reply.reasons - {each}) for each in reply.reasons]
            others += [evolve(reply, admitted_by=reply.admitted_by - {each}) for each in reply.admitted_by]
            others += [evolve(reply, missing=reply.missing - {each}) for each in reply.missing]
            others.append(evolve(reply, reasons=reply.reasons | {("ban", "no.such")}))
            for other in others:
                assert reply.differs(other), (case.name, other)
                changed += 1
    assert changed > 1000


# ---- another implementation --------------------------------------------------------------------------------------------------

SCRIPT = """
import json, sys

answers = {}
for path in sys.argv[2:]:
    for case in json.load(open(path, encoding="utf-8"))["cases"]:
        answers[json.dumps(case["tasks"])] = case["answers"]
for line in sys.stdin:
    found = answers[json.dumps(json.loads(line)["tasks"])]
    if sys.argv[1] == "hasty":
        found = [{**each, "status": "rejected"} if each["status"] == "undetermined" else each for each in found]
    print(json.dumps({"answers": found}), flush=True)
"""


@pytest.mark.parametrize("kind", ["right", "hasty"])
def test_a_command_is_run_against_the_suite(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, folder = tmp_path / "outside.py", tmp_path / "suite"
    script.write_text(SCRIPT, "utf-8")
    folder.mkdir()
    for name in ("duties.json", "phrases.json"):
        (folder / name).write_bytes((conformance.FOLDER / name).read_bytes())
    words = [sys.executable, str(script), kind, *map(str, sorted(folder.iterdir()))]
    code = main(words, folder)
    told = capsys.readouterr().out.splitlines()
    expected = [reply.status for case in bt.conformance_cases(folder) for reply in case.expected]
    wrong = expected.count("undetermined") if kind == "hasty" else 0
    assert told[-1] == f"{len(expected)} tasks, {wrong} answered otherwise"
    assert (code, len(told) - 1) == (1 if wrong else 0, wrong)
    assert main([]) == 2
