"""Reading and printing text: slips, spans, comments, keywords."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from burdenlib.formatter import format_file, print_file
from burdenlib.loader import load
from burdenlib.locate import dsl, shipped
from burdenlib.parser import parse
from burdenlib.parser.build import lark
from burdenlib.source import Source, Span, display_width
from burdenlib.translation import Lexicon
from burdenlib.vocabulary import ACTORS, GRADES, KEYWORDS, LEVELS, PERIODS, PROMISES, SEEN, STATUSES, TELLERS
from burdenlib.words import LANGUAGES

SLIPS = tomllib.loads(shipped("slips.toml").read_text("utf-8"))["slip"]


@pytest.mark.parametrize(("entry", "text"), [(entry, text) for entry in SLIPS for text in entry["texts"]])
def test_every_slip_gets_its_own_advice(entry: dict[str, str], text: str) -> None:
    problems = parse(Source("slip", text)).problems
    assert entry["en"] in [problem.help("en") for problem in problems]
    assert entry["zh"] in [problem.help("zh") for problem in problems]


@pytest.mark.packaging
def test_the_grammar_has_no_conflicts(tmp_path: Path) -> None:
    """Lark checks that only with the package interegular, which slows every other use down, so it gets its own folder."""
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tmp_path), "interegular", "lark"],
        check=True,
    )
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from lark import Lark;"
        "Lark(open(sys.argv[2], encoding='utf-8').read(), parser='lalr', strict=True,"
        " start=['start', 'rest', 'condition', 'citations'])"
    )
    grammar = str(shipped("burden.lark"))
    subprocess.run([sys.executable, "-I", "-c", code, str(tmp_path), grammar], check=True)


def test_the_grammar_and_the_vocabulary_spell_the_same_keywords() -> None:
    patterns: dict[str, list[str]] = {}
    for terminal in lark().terminals:
        patterns.setdefault(terminal.name.strip("_").lower(), []).append(terminal.pattern.to_regexp())
    tables = {"grade": GRADES, "period": PERIODS, "promised": PROMISES}
    spelt = {name: list(pair) for name, pair in KEYWORDS.items()}
    for name, table in tables.items():
        spelt[name] = [*spelt.get(name, ()), *table, *table.values()]
    for name, words in spelt.items():
        only_chinese = name in ("afterwards", "beforehand")
        for word in words[1:] if only_chinese else words:
            assert any(re.fullmatch(pattern, word) for pattern in patterns[name]), word
    no_keywords = {
        "name",
        "word",
        "document",
        "article",
        "string",
        "date",
        "number",
        "comment",
        "first",
        "last",
        "left",
    }
    no_keywords |= {"right", "close", "comma", "colon", "slash", "above_sign"}
    assert {name for name in patterns if not name.startswith("ignore")} - no_keywords == set(spelt)


def test_carets_stand_under_wide_characters() -> None:
    source = Source("x", 'ban 甲 "不得签责任书" when 对象 wrong')
    start = source.text.index("对象")
    drawn = Span(source, start, start + 2).draw().splitlines()
    before = drawn[1].split("| ", 1)[1]
    under = drawn[2].split("| ", 1)[1]
    at = display_width(before[: before.index("对象")])
    assert under == " " * at + "^^^^"
    assert Span(source, start, start + 2).column == at + 1


def test_long_lines_are_cut_round_the_span() -> None:
    source = Source("x", "长" * 500 + "X" + "长" * 500)
    drawn = Span(source, 500, 501).draw().splitlines()
    assert len(drawn[1]) < 130
    column = display_width(drawn[1][: drawn[1].index("X")])
    assert drawn[2][:column].strip(" |") == ""
    assert drawn[2][column:] == "^"


COMMENTED = """# 文件说明
# 第二行
policy p "测试"  # 标题后
  version 1  # 版本
  # 施行之前
  issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试》 "文号#不是注释"

# B1
ban a "标题" # 禁止
  when kind is work # 情形
    and funded
  # 依据之前
  cite 《测试》第一条
list b "清单" closed cite 《测试》
  item T-1 "走访" # 事项一
  # 事项二之前
  item T-2 "宣传"
    # 角色之前
    role assist
# 最后
"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_comments_survive_formatting(language: str) -> None:
    lexicon = Lexicon.of(load("core").facts.values())
    parsed = parse(Source("x", COMMENTED))
    assert not parsed.problems
    assert parsed.file is not None
    formatted = format_file(parsed.file, language, lexicon)  # type: ignore[arg-type]
    again = parse(Source("x", formatted)).file
    assert again is not None
    wanted = sorted(comment.text for comment in parsed.file.comments)
    assert sorted(comment.text for comment in again.comments) == wanted
    assert format_file(again, language, lexicon) == formatted  # type: ignore[arg-type]
    lines = formatted.splitlines()
    assert lines[:2] == ["# 文件说明", "# 第二行"]
    below = lines[lines.index("  # 依据之前") + 1]
    assert "《测试》第一条" in below
    assert "宣传" in lines[lines.index("  # 事项二之前") + 1]
    assert lines[-1] == "# 最后"


@cache
def lexicon() -> Lexicon:
    return Lexicon.of(load().facts.values())


@pytest.mark.parametrize("path", sorted(dsl().rglob("*.burden")), ids=lambda path: path.stem)
@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_policies_survive_both_languages(path: Path, language: str) -> None:
    parsed = parse(Source(str(path), path.read_text("utf-8")))
    assert parsed.file is not None
    text = format_file(parsed.file, language, lexicon())  # type: ignore[arg-type]
    again = parse(Source(str(path), text)).file
    assert again is not None
    assert print_file(again, language) == text  # type: ignore[arg-type]


def test_closed_tables_have_no_word_twice() -> None:
    for table in (ACTORS, GRADES, LEVELS, PERIODS, PROMISES, SEEN, STATUSES, TELLERS):
        words = [*table, *table.values()]
        assert len(words) == len(set(words))
