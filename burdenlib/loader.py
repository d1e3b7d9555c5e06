"""Policy files on disk to checked policies: files, folders, names of shipped sets, and what they use.

Parser and checker are imported where they are used: what was kept since the last run needs neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from burdenlib import store
from burdenlib.garbage import put_off
from burdenlib.locate import dsl
from burdenlib.policy import PolicySet
from burdenlib.problems import PolicyError, Problem, nearest
from burdenlib.source import Cell, Source, Span
from burdenlib.vocabulary import KEYWORDS

if TYPE_CHECKING:
    from burdenlib.lists import TableRow
    from burdenlib.parser import Parsed

__all__ = ["Loaded", "Sourcelike", "load", "load_documents", "parse_file", "shipped_facts", "shipped_sets"]

SUFFIX = ".burden"


@frozen
class Loaded:
    """Checked policies, the files that they came from, and which of them the caller asked for."""

    policies: PolicySet
    asked: tuple[str, ...]


Sourcelike = str | Path | tuple[str, str]
"""Where a document comes from: a file, a folder, the name of a shipped set, or a name with a text."""


def load_documents(
    documents: Sequence[Sourcelike] = (),
    texts: Mapping[str, str] | None = None,
    tables: Mapping[str, bytes] | None = None,
) -> Loaded:
    """Read and check documents; without any, all that is shipped.

    `texts` are further documents by the names to show for them, `tables` item tables that are in memory. The core
    vocabulary always comes along, and so do the shipped documents that the others name. Raises `PolicyError`.
    """
    problems: list[Problem] = []
    paths = [each for each in documents if not isinstance(each, tuple)]
    in_memory = [*(each for each in documents if isinstance(each, tuple)), *(texts or {}).items()]
    files = list(_files(paths, problems)) if paths or not texts else []
    key = None if problems or in_memory or tables else _key(files)
    if key is not None and (kept := _kept(key)) is not None:
        return kept
    with put_off():
        loaded, digests = _checked(files, in_memory, tables, problems)
    if key is not None:
        store.keep(key, (digests, loaded))
    return loaded


def _checked(
    files: Sequence[Path],
    in_memory: Sequence[tuple[str, str]],
    tables: Mapping[str, bytes] | None,
    problems: Sequence[Problem],
) -> tuple[Loaded, Digests]:
    """What files and texts mean, with the digests of all files that were read."""
    from burdenlib.checker import check
    from burdenlib.lists import read_table
    from burdenlib.parser import parse

    digests: Digests = {}
    parsed = (*(parse_file(file, digests) for file in files), *(parse(Source(name, text)) for name, text in in_memory))
    if problems:
        raise PolicyError([*problems, *(problem for each in parsed for problem in each.problems)])
    asked = tuple(each.file.source.name for each in parsed if each.file is not None)

    def read(span: Span) -> tuple[tuple[TableRow, ...], tuple[Problem, ...]]:
        name = span.text.strip('"\u201c\u201d\uff02')
        if tables is not None and name in tables:
            return read_table(name, tables[name])
        return _read_table(span, name, digests)

    return Loaded(check(_with_used(parsed, digests), read), asked), digests


def load(*paths: str | Path) -> PolicySet:
    """Check files, folders or shipped sets; without any, all that is shipped. Raises `PolicyError`."""
    return load_documents(paths).policies


# ---- what was checked before ------------------------------------------------------------------------------------------------

Digests = dict[str, str]
"""The digest of each file that was read, by its path."""


def _key(files: Sequence[Path]) -> str:
    """The key under which documents are kept: their files, as named and where they are, and which files ship."""
    shipped = (str(path) for path in sorted(dsl().rglob(f"*{SUFFIX}")))
    return store.key_of(*(part for file in files for part in (str(file), str(file.resolve()))), "", *shipped)


def _kept(key: str) -> Loaded | None:
    """The documents kept under a key, if none of their files has changed."""
    match store.recall(key):
        case (dict() as digests, Loaded() as loaded) if all(map(_is_unchanged, digests, digests.values())):
            return loaded
    return None


def _is_unchanged(path: str, digest: str) -> bool:
    try:
        return store.digest_of(Path(path).read_bytes()) == digest
    except OSError:
        return False


# ---- files ---------------------------------------------------------------------------------------------------------------


def shipped_sets() -> tuple[str, ...]:
    """The names of the shipped sets and documents."""
    root = dsl()
    folders = {path.parent.relative_to(root).as_posix() for path in root.rglob(f"*{SUFFIX}")} - {"."}
    return tuple(sorted({*folders, *(path.stem for path in root.glob(f"*{SUFFIX}"))}))


def _files(paths: Sequence[str | Path], problems: list[Problem]) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in paths or [dsl()]:
        for file in _files_of(Path(path), problems):
            if (resolved := file.resolve()) not in seen:
                seen.add(resolved)
                yield file


def _files_of(path: Path, problems: list[Problem]) -> list[Path]:
    inside = path.relative_to("dsl") if path.parts[:1] == ("dsl",) else path
    for candidate in (path, dsl() / inside, dsl() / f"{inside}{SUFFIX}"):
        if candidate.is_dir():
            found = sorted(candidate.rglob(f"*{SUFFIX}"))
            if not found:
                problems.append(Problem("empty-folder", Cell(str(path)), {"folder": str(path)}))
            return found
        if candidate.is_file():
            return [candidate]
    near = nearest(str(path), shipped_sets())
    problems.append(Problem("no-such-policy", Cell(str(path)), {"path": str(path)}, nearest=near))
    return []


def parse_file(path: Path, digests: Digests | None = None) -> Parsed:
    """Read one policy file; what keeps it from being read is a problem, nothing is raised.

    The digest of what was read is added to `digests`.
    """
    from burdenlib.lists import decode
    from burdenlib.parser import MAX_LENGTH, Parsed, parse

    name = str(path)
    try:
        if path.stat().st_size > 4 * MAX_LENGTH:
            return Parsed(None, (Problem("file-too-large", Cell(name), {"limit": f"{4 * MAX_LENGTH:,}"}),))
        data = path.read_bytes()
    except OSError as error:
        return Parsed(None, (Problem("unreadable-file", Cell(name), {"error": error.strerror or str(error)}),))
    if digests is not None:
        digests[name] = store.digest_of(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        guess = decode(data)
        advice = "gb18030" if guess is not None else "unknown"
        return Parsed(None, (Problem("not-utf8", Cell(name), {"guess": advice}),))
    return parse(Source(name, text.replace("\r\n", "\n")))


def _read_table(span: Span, name: str, digests: Digests) -> tuple[tuple[TableRow, ...], tuple[Problem, ...]]:
    """Read the item table beside a policy file; a table outside its folder is refused."""
    from burdenlib.lists import read_table
    from burdenlib.parser import MAX_LENGTH

    folder = Path(span.source.name).parent
    path = folder / name
    try:
        if Path(name).is_absolute() or folder.resolve() not in path.resolve().parents:
            return (), (Problem("table-outside", span, {"file": name}),)
        if path.stat().st_size > 4 * MAX_LENGTH:
            return (), (Problem("file-too-large", Cell(str(path)), {"limit": f"{4 * MAX_LENGTH:,}"}),)
        data = path.read_bytes()
        digests[str(path)] = store.digest_of(data)
        return read_table(str(path), data)
    except (OSError, ValueError) as error:
        there = sorted(each.name for each in folder.glob("*.csv")) if folder.is_dir() else []
        text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return (), (Problem("no-table", span, {"file": name, "error": text}, nearest=nearest(name, there)),)


# ---- what documents use ----------------------------------------------------------------------------------------------------

_NAME_OF = re.compile(rf"^\s*(?:{'|'.join(KEYWORDS['policy'])})\s+([^\W\d_]\w*)", re.MULTILINE)
_QUALIFIED = re.compile(r'"[^"\n]*"|“[^“”\n]*”|#[^\n]*|(?<!\w)([^\W\d_]\w*+)\.[^\W\d_]')


@cache
def _shipped_documents() -> Mapping[str, tuple[Path, ...]]:
    """The files of the shipped documents by the documents' names."""
    found: dict[str, tuple[Path, ...]] = {}
    for path in sorted(dsl().rglob(f"*{SUFFIX}")):
        match = _NAME_OF.search(path.read_text("utf-8", errors="replace"))
        if match is not None:
            found[match[1]] = (*found.get(match[1], ()), path)
    return found


def _with_used(parsed: tuple[Parsed, ...], digests: Digests) -> tuple[Parsed, ...]:
    """Add the core vocabulary and the shipped documents that others name, as far as they aren't there."""
    have = {str(each.file.policy.name) for each in parsed if each.file is not None}
    wanted = {"core", *(name for each in parsed for name in _named(each))}
    todo = sorted(wanted - have)
    while todo:
        name = todo.pop()
        have.add(name)
        more = tuple(parse_file(path, digests) for path in _shipped_documents().get(name, ()))
        parsed = (*parsed, *more)
        todo += sorted({each for file in more for each in _named(file)} - have - set(todo))
    return parsed


def _named(parsed: Parsed) -> Iterator[str]:
    """The documents that a text names: in `uses`, in `supersedes`, or before a dot."""
    from burdenlib.syntax import Supersedes, Uses

    if parsed.file is None:
        return
    yield from (match[1] for match in _QUALIFIED.finditer(parsed.file.source.folded) if match[1])
    for clause in parsed.file.policy.clauses:
        if isinstance(clause, Uses | Supersedes):
            yield from (name.text for name in clause.names)


@cache
def shipped_facts() -> frozenset[str]:
    """Every way to write the name of a fact that a shipped document declares."""
    try:
        facts = load().facts.values()
    except PolicyError:  # nobody is kept from judging by a shipped document that is broken
        return frozenset()
    return frozenset(spelling for fact in facts for spelling in fact.spellings)
