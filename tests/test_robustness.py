"""Whatever the text, the checker answers with its own error, in bounded time and memory."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from burdenlib import Engine, PolicyError
from burdenlib.loader import load_documents
from burdenlib.locate import dsl
from burdenlib.problems import Problem
from burdenlib.vocabulary import KEYWORDS
from burdenlib.words import LANGUAGES

HEAD = 'policy p "测试" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试》\n'
SHIPPED = sorted(path.read_text("utf-8") for path in dsl().rglob("*.burden"))
WORDS = [word for pair in KEYWORDS.values() for word in pair]


def problems_of(text: str) -> tuple[Problem, ...]:
    """The problems of a text; anything else that is raised fails the test."""
    try:
        return load_documents(texts={"text.burden": text}).policies.findings
    except PolicyError as error:
        for problem in error.problems:
            for language in LANGUAGES:
                assert problem.draw(language)
        return error.problems


@given(st.text(max_size=200))
@example("\ufeffpolicy")
@example("policy p version 1 ban x when a b c")
@example('policy p version 1 list x items from "../../etc/passwd"')
@example("文件")
def test_any_text(text: str) -> None:
    problems_of(text)


@given(
    st.lists(
        st.sampled_from(
            [
                *WORDS,
                "x",
                "类别",
                "work",
                '"标题"',
                "《甲》",
                "第五条",
                "1",
                "2024-01-01",
                "{",
                "}",
                "(",
                ")",
                ",",
                ">",
                ":",
            ]
        ),
        max_size=40,
    )
)
def test_any_row_of_words(words: list[str]) -> None:
    problems_of(HEAD + " ".join(words))


@given(st.sampled_from(SHIPPED), st.integers(0, 2**32))
def test_a_shipped_policy_with_words_dropped_doubled_or_swapped(text: str, seed: int) -> None:
    chance = random.Random(seed)
    pieces = re.findall(r'"[^"]*"|\w+|\s+|[^\w\s]', text[: chance.randrange(200, 4000)])
    for _ in range(chance.randrange(1, 6)):
        at, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
        match chance.randrange(4):
            case 0:
                pieces[at] = ""
            case 1:
                pieces[at] *= 2
            case 2:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case _:
                pieces[at] = chance.choice(WORDS)
    problems_of("".join(pieces))


def codes(text: str) -> set[str]:
    return {problem.code for problem in problems_of(text)}


def test_every_mistake_is_found_in_one_go() -> None:
    text = HEAD + (
        "ban a when kind is wrok cite 《甲》\n"
        "ban b when\n"
        "ban c when chanels includes pledge cite 《甲》\n"
        "list d cite 《甲》\n"
        'ban e "标题" when kind is work and target_kind is village or emergency cite 《甲》\n'
        "ban f when target_kind at least village\n"
    )
    assert codes(text) >= {
        "unknown-value",
        "unexpected",
        "unexpected-end",
        "unknown-fact",
        "missing-extent",
        "wrong-use",
    }


HOSTILE = [
    (HEAD + "ban a when " + "(" * 10_000 + "funded" + ")" * 10_000, "too-deep"),
    (HEAD + "ban a when " + "not " * 10_000 + "funded", "too-deep"),
    (HEAD + "ban a when funded\x00", "hidden-character"),
    (HEAD + 'ban a "标题\u202e" when funded', "hidden-character"),
    (HEAD + "ban a # \u2066 comment\n when funded", "hidden-character"),
    (HEAD + "ban a when fun\u200bded", "hidden-character"),
    (HEAD + 'ban a "' + "长" * 100_000, "unclosed-quote"),
    (HEAD + "ban " * 20_000, "too-many-problems"),
    ("x" * 17_000_000, "too-long"),
    (HEAD + "".join(f"term t{n} means t{n + 1}\n" for n in range(300)) + "term t300 means funded", "too-deep"),
    (HEAD + "term a means b\nterm b means c\nterm c means a", "cycle"),
]
LITTLE = """
import json, resource
resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
from tests.test_robustness import HOSTILE, codes
print(json.dumps([sorted(codes(text)) for text, _ in HOSTILE]))
"""


@pytest.fixture(scope="module")
def codes_in_little_memory() -> list[list[str]]:
    """What each hostile text is told, by a process that may take a gigabyte."""
    command = [sys.executable, "-c", LITTLE]
    found = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent.parent, check=False)
    assert found.returncode == 0, found.stderr[-2000:]
    return json.loads(found.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("number", range(len(HOSTILE)), ids=[code for _, code in HOSTILE])
def test_hostile_text_gets_a_clear_error_in_little_memory(number: int, codes_in_little_memory: list[list[str]]) -> None:
    assert HOSTILE[number][1] in codes_in_little_memory[number]


def test_a_file_of_fifty_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "huge.burden"
    path.write_bytes((HEAD + "ban a when funded\n").encode() * 500_000)
    assert path.stat().st_size > 50_000_000
    with pytest.raises(PolicyError) as error:
        Engine.load(path)
    assert {problem.code for problem in error.value.problems} <= {"too-long", "file-too-large"}


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (b"code,title\nA-1," + b"x" * 200_000, "bad-csv"),
        (b'code,title\nA-1,"' + b"x,\n" * 100_000, "bad-csv"),
        (b"code,title\nA-1,a" + b",x" * 1_000_000, "row-too-long"),
        (b"code,title\nA-1,a\x00b\n", "hidden-character"),
        (b"code,titel\nA-1,a\n", "unknown-column"),
        (b"\xff\xff\xff", "unknown-encoding"),
        (b"", "empty-table"),
        ("code,title\nA-1,\u202e甲\n".encode(), "hidden-character"),
        (b"code,title\nA-1,a\nA-1,b\n", "duplicate-code"),
        (b"code,title,when\nA-1,a,kind is wrok\n", "unknown-value"),
        (b"code,title,from\nA-1,a,2024-13-01\n", "bad-date"),
    ],
)
def test_item_tables_that_cant_be_used(tmp_path: Path, table: bytes, code: str) -> None:
    (tmp_path / "items.csv").write_bytes(table)
    policy = tmp_path / "p.burden"
    policy.write_text(HEAD + 'list a closed governs when kind is work items from "items.csv"', "utf-8")
    with pytest.raises(PolicyError) as error:
        Engine.load(policy)
    found = {problem.code: problem for problem in error.value.problems}
    assert code in found, found
    assert found[code].file == str(tmp_path / "items.csv")


@pytest.mark.parametrize("name", ["../items.csv", "/etc/passwd", "nowhere.csv", "a/../../x.csv"])
def test_item_tables_stay_in_the_policys_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "county"
    folder.mkdir()
    (tmp_path / "items.csv").write_text("code,title\nA-1,a\n")
    (folder / "p.burden").write_text(HEAD + f'list a closed items from "{name}"', "utf-8")
    with pytest.raises(PolicyError) as error:
        Engine.load(folder)
    assert {problem.code for problem in error.value.problems} <= {"table-outside", "no-table"}


def test_a_file_in_another_encoding_says_which(tmp_path: Path) -> None:
    path = tmp_path / "gbk.burden"
    path.write_bytes((HEAD + "ban a when funded").encode("gb18030"))
    with pytest.raises(PolicyError) as error:
        Engine.load(path)
    assert "gb18030" in str(error.value)


def test_an_impossible_date_hides_no_other_mistake() -> None:
    text = HEAD.replace("2024-01-01", "2024-02-30") + 'ban a "标题" when kind is wrok from 2024-13-01 cite 《甲》\n'
    assert codes(text) >= {"bad-date", "unknown-value"}


def test_a_condition_without_spaces_is_written_apart() -> None:
    with pytest.raises(PolicyError) as error:
        Engine.load(texts={"a": HEAD + 'ban a "标题" when 对象类别是村 cite 《甲》'})
    (problem,) = (each for each in error.value.problems if each.severity == "error")
    assert problem.code == "unspaced"
    assert "对象类别 是 村" in (problem.help("zh") or "")
