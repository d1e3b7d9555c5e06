"""Every problem code is documented, its examples have that problem, and its texts stand in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from burdenlib import PolicyError
from burdenlib.catalogue import CATALOGUE
from burdenlib.lint import lint
from burdenlib.loader import load_documents
from burdenlib.problems import Problem

DOCS = (Path(__file__).parent.parent / "docs" / "problems.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^### `([a-z0-9-]+)` \(\w+\)\n(.*?)(?=^### |^## |\Z)", DOCS, re.MULTILINE | re.DOTALL))
EXAMPLES = {
    code: blocks for code, text in SECTIONS.items() if (blocks := re.findall(r"```burden\n(.*?)```", text, re.DOTALL))
}


def problems_of(text: str) -> list[Problem]:
    try:
        return list(lint(load_documents(texts={"example.burden": text}).policies))
    except PolicyError as error:
        return list(error.problems)


def test_every_code_has_a_section_and_every_section_a_code() -> None:
    assert set(SECTIONS) == set(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_texts_are_those_of_the_catalogue(code: str) -> None:
    entry = CATALOGUE[code]
    for words in (entry.message, entry.help):
        if words is not None:
            assert words.zh is not None
            assert words.en is not None
            assert words.zh in SECTIONS[code]
            assert words.en in SECTIONS[code]
    assert f"`{code}` ({entry.severity})" in DOCS
    assert not entry.message.pick("en").endswith(".")
    assert not entry.message.pick("zh").endswith("。")


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_has_its_problem(code: str) -> None:
    for text in EXAMPLES[code]:
        found = problems_of(text)
        own = [problem for problem in found if problem.code == code]
        assert own, [problem.draw("en") for problem in found]
        worse = [p for p in found if p.code != code and p.severity == "error"]
        assert not worse, [problem.draw("en") for problem in worse]
        for problem in own:
            assert problem.draw("zh") != problem.draw("en")
            assert "{" not in re.sub(r"\{titel\}", "", problem.message("en")) or code == "unexpected"
            assert problem.line is not None
