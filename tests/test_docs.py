"""The documentation is true: its examples run as printed, and everything that there is stands in it.

In a document, blocks fenced as `burden`, `csv`, `ini`, `json`, `jsonl` or `python` with `file=NAME` are files; `diff file=NAME`
changes one. `console` blocks are what a reader types and sees: each line that begins with `$ burdenlib` or `$ pytest` is run in a
folder with those files, and what follows is compared, full-width punctuation as ASCII; a line `...` stands for any lines. `python` blocks are run, and
a `text` block right after one is what it prints. `burden` blocks without a name have to parse.
"""

from __future__ import annotations

import builtins
import contextlib
import inspect
import io
import os
import re
import runpy
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import attrs
import click
import pytest
from click.testing import CliRunner

import burdenlib
from burdenlib.cli import main
from burdenlib.hooks import HOOKS
from burdenlib.parser import parse
from burdenlib.source import Source, fold
from burdenlib.vocabulary import ACTORS, GRADES, KEYWORDS, LEVELS, PERIODS, PROMISES, SEEN, STATUSES, TELLERS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
READMES = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "examples").rglob("README*.md"))]
FAULTY = {"problems.md"}  # its policies are wrong on purpose; `test_problems.py` reads them


@attrs.frozen
class Block:
    """A fenced block: its language, the file that it is (if any), its text, its line in the document."""

    language: str
    file: str | None
    text: str
    line: int
    follows: bool = False


_FENCE = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    last = -1
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(match[1], match[2], match[3], line, follows=not text[last : match.start()].strip())
        last = match.end()


# ---- running ------------------------------------------------------------------------------------------------------------


class Reader:
    """Somebody who does what a document says, in an empty folder."""

    def __init__(self, page: Path, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.names: dict[str, object] = {"__name__": "__docs__"}
        self.printed = ""
        self.status = 0
        self.env = {"LC_ALL": "zh_CN.UTF-8" if ".zh." in page.name else "en_GB.UTF-8", "COLUMNS": "100"}

    def read(self, block: Block) -> None:
        if block.language == "diff" and block.file is not None:
            self.change(block)
        elif block.file is not None:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif block.language == "console":
            self.type(block)
        elif block.language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as stream:
                exec(compile(block.text, f"{self.page.name}:{block.line}", "exec"), self.names)
            self.printed = stream.getvalue()
        elif block.language == "text" and block.follows and self.printed:
            self.same(block.text, self.printed, f"{self.page.name}:{block.line}")
        if block.language != "python":
            self.printed = ""

    def change(self, block: Block) -> None:
        assert block.file is not None
        lines = block.text.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] != "+")
        new = "".join(line[1:] for line in lines if line[0] != "-")
        path = self.folder / block.file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{self.page.name}:{block.line}: {block.file} doesn't have these lines once"
        path.write_text(text.replace(old, new), "utf-8")

    def type(self, block: Block) -> None:
        for match in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE):
            command, expected = match[1], match[2]
            where = f"{self.page.name}:{block.line + block.text.count(chr(10), 0, match.start()) + 1}: {command}"
            if command == "echo $?":
                assert expected == f"{self.status}\n", where
            elif command.startswith("burdenlib "):
                self.same(expected, self.run(command), where)
            elif command.split()[0] == "pytest":
                self.same(expected, self.run_pytest(shlex.split(command)[1:]), where)
            elif command.startswith("python "):
                self.same(expected, self.run_python(shlex.split(command)[1:]), where)
            else:
                raise AssertionError(f"{where}: not a command that this test knows")

    def run(self, command: str) -> str:
        command, _, stdin = command.partition(" < ")
        given = (self.folder / stdin).read_bytes() if stdin else b""
        result = CliRunner(env=self.env).invoke(main, shlex.split(command)[1:], input=given, prog_name="burdenlib")
        self.status = result.exit_code
        assert result.exit_code != 70, result.output
        return result.output

    def run_python(self, arguments: list[str]) -> str:
        with contextlib.redirect_stdout(io.StringIO()) as stream:
            runpy.run_path(arguments[0], run_name="__main__")
        return stream.getvalue()

    def run_pytest(self, arguments: list[str]) -> str:
        with mock.patch.dict(os.environ, self.env), contextlib.redirect_stdout(io.StringIO()) as stream:
            self.status = pytest.main(["-p", "no:cacheprovider", *arguments])
        return stream.getvalue()

    def same(self, expected: str, got: str, where: str) -> None:
        expected, got = fold(expected), fold(got)
        wanted = "".join(
            r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()).replace(r"\.\.\.", ".*") + r"[ ]*\n"
            for line in expected.splitlines()
        )
        text = "\n".join(line.rstrip() for line in got.replace("\r\n", "\n").rstrip("\n").split("\n")) + "\n"
        if not got.strip():
            text = ""
        if re.fullmatch(wanted, text) is None:
            assert text == expected, where


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_reader_who_follows_a_document_sees_what_it_prints(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    reader = Reader(page, tmp_path)
    try:
        for block in blocks(page):
            reader.read(block)
    finally:
        for name in set(sys.modules) - before:
            if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


@pytest.mark.parametrize("page", READMES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_readme_shows_can_be_typed(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their commands name files that the reader has: the options have to be right; code has to run."""
    monkeypatch.chdir(tmp_path)
    for block in blocks(page):
        if block.language == "python":
            Reader(page, tmp_path).read(block)
        for line in re.findall(r"^(?:\$ )?burdenlib (.*)$", block.text, re.MULTILINE):
            name, *arguments = shlex.split(line, comments=True)
            dict(commands())[name].make_context(name, arguments)


@pytest.mark.parametrize(
    "page",
    [page for page in (*PAGES, *READMES) if page.name not in FAULTY],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_policies_in_documents_parse(page: Path) -> None:
    for block in blocks(page):
        if block.language == "burden" and block.file is None:
            text = (
                block.text if re.search(r"^(policy|文件) ", block.text, re.MULTILINE) else 'policy p "p"\n' + block.text
            )
            parsed = parse(Source(f"{page.name}:{block.line}", text))
            assert not parsed.problems, [problem.draw("en") for problem in parsed.problems]


def test_a_wrong_page_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "wrong.md"
    page.write_text("```console\n$ burdenlib --version\nburdenlib 99\n```\n", "utf-8")
    with pytest.raises(AssertionError, match="99"):
        Reader(page, tmp_path).read(next(blocks(page)))
    page.write_text("```python\nprint(1)\n```\n\n```text\n2\n```\n", "utf-8")
    reader = Reader(page, tmp_path)
    code, output = blocks(page)
    reader.read(code)
    with pytest.raises(AssertionError, match="wrong"):
        reader.read(output)


# ---- links --------------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", re.sub(_FENCE, "", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(_FENCE, "", page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        path = page.parent / file if file else page
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path), target


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.zh.md")), ids=lambda page: page.name)
def test_a_page_and_its_translation_name_each_other(page: Path) -> None:
    other = page.with_name(page.name.replace(".zh.md", ".md"))
    assert f"({other.name})" in page.read_text("utf-8")
    assert f"({page.name})" in other.read_text("utf-8")


# ---- completeness -------------------------------------------------------------------------------------------------------


def code_of(page: str) -> str:
    """What stands between backticks on a page, tables and blocks included, as one text."""
    text = (DOCS / page).read_text("utf-8")
    return "\n".join([*re.findall(r"`([^`\n]+)`", text), *(block.text for block in blocks(DOCS / page))])


@pytest.mark.parametrize("page", ["language.md", "language.zh.md"])
def test_every_keyword_is_explained_in_both_spellings(page: str) -> None:
    code = code_of(page)
    missing = [
        word
        for spellings in KEYWORDS.values()
        for word in spellings
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", code) is None
    ]
    assert not missing


@pytest.mark.parametrize("page", ["language.md", "language.zh.md"])
def test_every_other_word_of_the_language_is_there(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    own = 1 if page.endswith(".zh.md") else 0
    tables = (ACTORS, GRADES, LEVELS, PERIODS, PROMISES, SEEN, STATUSES, TELLERS)
    missing = [pair[own] for table in tables for pair in table.items() if pair[own] not in text]
    assert not missing


@pytest.mark.parametrize("page", ["plugins.md", "plugins.zh.md"])
def test_every_hook_is_documented_with_its_signature(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for name, hook in HOOKS.items():
        assert callable(hook)
        assert f"{name}({', '.join(inspect.signature(hook).parameters)})" in text


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(main)
    found = [(name, main.get_command(context, name)) for name in main.list_commands(context)]
    return [(name, command) for name, command in found if command is not None]


@pytest.mark.parametrize("page", ["cli.md", "cli.zh.md"])
@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda each: each if isinstance(each, str) else "")
def test_every_command_and_option_is_documented(page: str, name: str, command: click.Command) -> None:
    text = (DOCS / page).read_text("utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    section = next((each for each in sections if each.startswith(f"`burdenlib {name}")), None)
    assert section is not None
    shared = next(each for each in sections if each.startswith(("Options of `check`", "`check`")))
    for option in command.params:
        if isinstance(option, click.Option):
            for spelling in option.opts:
                where = section + (shared if name in ("check", "explain") else "")
                assert re.search(rf"`{spelling}(?![\w-])", where), spelling
            for choice in option.type.choices if isinstance(option.type, click.Choice) else ():
                assert str(choice) in section + shared


def test_every_public_name_is_documented() -> None:
    text = (DOCS / "api.md").read_text("utf-8")
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    missing = [name for name in burdenlib.__all__ if not any(f"`{name}" in head for head in heads)]
    assert not missing


PUBLIC = (
    "Engine",
    "Verdict",
    "Outcome",
    "Task",
    "Told",
    "Origin",
    "Intake",
    "Problem",
    "SetValue",
    "Finding",
    "BurdenError",
)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_attribute_is_documented(name: str) -> None:
    text = (DOCS / "api.md").read_text("utf-8")
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    own = next(each for each in section if f"`{name}" in each.partition("\n")[0])
    kind = getattr(burdenlib, name)
    inherited = set(dir(BaseException)) | set(dir(builtins.object))
    public = {each for each in dir(kind) if not each.startswith("_")} - inherited
    if attrs.has(kind):
        public |= {field.name for field in attrs.fields(kind) if not field.name.startswith("_")}
    missing = [each for each in sorted(public) if re.search(rf"[`.]{each}(?!\w)", own) is None]
    assert not missing


def contract() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return [name.strip() for layer in layers for name in layer.split("|")]


def test_every_layer_is_in_the_architecture_in_order() -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    layers = text.split("## The layers", 1)[1].split("\n## ", 1)[0]
    named = re.findall(r"^\| `([^|]*)` \|", layers, re.MULTILINE)
    assert [name for cell in named for name in re.findall(r"\w+", cell)] == contract()


def test_every_document_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    missing = [page.name for page in DOCS.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index]
    assert not missing


def test_the_table_of_facts_is_up_to_date() -> None:
    script = runpy.run_path(str(DOCS / "make_facts.py"))
    assert (DOCS / "facts.md").read_text("utf-8") == script["page"]()
