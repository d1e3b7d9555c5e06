"""`burdenlib fmt`: policies in their canonical layout, in the language that they are written in or in the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import click
from attrs import frozen

from burdenlib.cli.guard import NOT_ALL_ACCEPTED, UNUSABLE
from burdenlib.cli.language import default_language
from burdenlib.cli.output import put, replace_file, show, show_problems
from burdenlib.formatter import FormatError, format_file
from burdenlib.loader import load, load_documents, parse_file
from burdenlib.locate import dsl
from burdenlib.problems import PolicyError, Problem
from burdenlib.source import Cell
from burdenlib.syntax import File
from burdenlib.translation import Lexicon
from burdenlib.vocabulary import KEYWORDS
from burdenlib.words import Language

__all__ = ["fmt"]


@click.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Change nothing; list what would change, exit 1. 只检查,不改写。")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print instead of rewriting. 输出到标准输出,不改写。")
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    help="Keywords and names in this language; default: the file's own. 改用该语言的关键词。",
)
@click.pass_context
def fmt(ctx: click.Context, paths: tuple[str, ...], check: bool, to_stdout: bool, language: Language | None) -> None:
    """Rewrite policy FILEs (or those of folders) in the canonical layout.

    将政策文件改写为规范格式;含有错误的文件不作改动。

    Exit status: 0; 1 with --check if a file would change; 2 if a file can't be formatted.
    """
    spoken = default_language()
    problems: list[Problem] = []
    files = list(_files(_with_shipped(paths) if to_stdout else paths, problems))
    changed = False
    for file in files:
        formatted = _formatted(file, language, _Lexicons(tuple(files)))
        if isinstance(formatted, tuple):
            problems += formatted
        elif to_stdout:
            put(formatted.encode(), None)
        elif formatted.encode() != file.read_bytes():
            changed = True
            problems += _change(file, formatted, check=check)
    if problems:
        show_problems(problems, spoken)
        ctx.exit(UNUSABLE)
    if check and changed:
        ctx.exit(NOT_ALL_ACCEPTED)


def _change(file: Path, text: str, *, check: bool) -> Iterator[Problem]:
    """Rewrite a file, or with `check` only name it."""
    if check:
        show(str(file))
        return
    try:
        replace_file(file, text.encode())
    except OSError as error:
        yield Problem("unwritable-file", Cell(str(file)), {"error": error.strerror or str(error)})


def _with_shipped(paths: Sequence[str]) -> Sequence[str]:
    """The paths, and for a name of a shipped set that is no path, where it stands: it may be read, not rewritten."""
    places = {path: (Path(path), dsl() / path, dsl() / f"{path}.burden") for path in paths}
    return [str(next(filter(Path.exists, places[path]), path)) for path in paths]


def _files(paths: Sequence[str], problems: list[Problem]) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in map(Path, paths):
        if path.is_dir():
            found = sorted(path.rglob("*.burden"))
            problems += [] if found else [Problem("empty-folder", Cell(str(path)), {"folder": str(path)})]
        elif path.is_file():
            found = [path]
        else:
            problems.append(Problem("no-such-policy", Cell(str(path)), {"path": str(path)}))
            continue
        for file in found:
            if (resolved := file.resolve()) not in seen:
                seen.add(resolved)
                yield file


def _formatted(file: Path, language: Language | None, lexicons: _Lexicons) -> str | tuple[Problem, ...]:
    """The text of a policy in its canonical layout, or what keeps it from being formatted."""
    parsed = parse_file(file)
    if parsed.file is None or any(problem.severity == "error" for problem in parsed.problems):
        return parsed.problems
    try:
        return format_file(parsed.file, language or _own_language(parsed.file), lexicons.of(file))
    except FormatError:
        return (Problem("not-formatted", Cell(str(file))),)


_COMMENT = re.compile(r"(?:\s|#[^\n]*\n)*")


def _own_language(file: File) -> Language:
    """The language of the keyword with which a policy begins."""
    text = file.source.folded
    match = _COMMENT.match(text)
    return "zh" if text.startswith(KEYWORDS["policy"][1], match.end() if match else 0) else "en"


@frozen
class _Lexicons:
    """The names that files may use, in both languages: of all files together, or of each, or what is shipped."""

    files: tuple[Path, ...]

    def of(self, file: Path) -> Lexicon:
        """The lexicon for one file."""
        return _lexicon(self.files) or _lexicon((file,)) or _shipped_lexicon()


@cache
def _lexicon(files: tuple[Path, ...]) -> Lexicon | None:
    try:
        return Lexicon.of(load_documents(files).policies.facts.values())
    except PolicyError:
        return None


@cache
def _shipped_lexicon() -> Lexicon:
    try:
        return Lexicon.of(load().facts.values())
    except PolicyError:
        return Lexicon({})
