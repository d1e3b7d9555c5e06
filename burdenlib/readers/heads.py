"""The heads of a table: which fact each column tells, and in which row they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Literal

from attrs import field, frozen

from burdenlib.loader import shipped_facts
from burdenlib.policy import PolicySet
from burdenlib.problems import PolicyError, Problem, nearest
from burdenlib.source import Cell, fold

__all__ = ["MAX_COLUMNS", "MOST", "Column", "Vocabulary", "facts_elsewhere", "head_text", "read_heads"]

MOST = 10
"""How many rows are looked through for the heads."""

MAX_COLUMNS = 1_000
"""How many columns a table may have."""

_SUGGESTIONS = 20
"""For how many unknown heads of a table the nearest fact is looked for: it takes long."""


def head_text(value: object) -> str:
    """A head as it is shown: on one line, without space at the ends."""
    return "" if value is None else " ".join(unicodedata.normalize("NFC", str(value)).split())


@lru_cache(maxsize=4096)
def _key(head: str) -> str:
    """A head as it is compared: full-width characters folded, space and the star of a required column dropped."""
    return re.sub(r"\s", "", fold(head)).strip("*")


@cache
def _elsewhere() -> Mapping[str, str]:
    """The facts of all that is shipped: a column of one that no loaded policy declares is no mistake."""
    return {_key(each): each for each in facts_elsewhere()}


def facts_elsewhere() -> frozenset[str]:
    """Every way to write a fact of what is shipped, as far as that can be used."""
    try:
        return shipped_facts()
    except PolicyError:
        return frozenset()


@frozen(eq=False)
class Vocabulary:
    """What may head a column: facts, the columns that the caller names, and the columns to leave out.

    `columns` gives facts by other heads; `skip` are heads (and names of sheets) that aren't read.
    """

    known: PolicySet
    columns: Mapping[str, str] = field(factory=dict)
    skip: frozenset[str] = frozenset()
    _index: Mapping[str, str] = field(init=False, repr=False)
    _left_out: frozenset[str] = field(init=False, repr=False)

    @_index.default
    def _indexed(self) -> Mapping[str, str]:
        spellings = {_key(each): each for each in self.known.fact_spellings}
        return spellings | {_key(head): fact for head, fact in self.columns.items()}

    @_left_out.default
    def _left(self) -> frozenset[str]:
        return frozenset(map(_key, self.skip)) - {_key(each) for each in self.known.fact_spellings}

    def find(self, head: str) -> str | None:
        """The fact that a head names, in a spelling that the policies know."""
        key = _key(head)
        return self._index.get(key) or _elsewhere().get(key)

    def skips(self, name: str) -> bool:
        """Whether a column or a sheet of this name is to be left out."""
        return _key(name) in self._left_out

    def nearest(self, head: str) -> str | None:
        """The spelling of a fact that was perhaps meant."""
        return nearest(_key(head), (*self.columns, *self.known.fact_spellings))

    def same(self, key: str) -> str:
        """What tells two spellings of one fact to be the same."""
        fact = self.known.find_fact(key)
        return key if fact is None else fact.name

    def looks_like_heads(self, texts: Sequence[str]) -> Literal["yes", "perhaps", "no"]:
        """Whether a row of texts names columns: two facts do, one does only if no other row has more."""
        heads = [text for text in texts if text]
        named = sum(self.find(text) is not None for text in heads)
        return "yes" if named >= 2 else "perhaps" if named else "no"


@frozen
class Column:
    """A column: its head as it stands, and the fact that it tells (`None`: it isn't read)."""

    head: str
    key: str | None


def read_heads(
    file: str, row: int, texts: Sequence[str], vocabulary: Vocabulary
) -> tuple[tuple[Column, ...], tuple[Problem, ...]]:
    """The columns that heads name, and what is wrong with the heads; of two alike, neither is read."""
    problems = list(_unknown(file, row, texts, vocabulary))
    keys = [None if vocabulary.skips(text) else vocabulary.find(text) if text else None for text in texts]
    left_out = [text for text in texts if text and vocabulary.skips(text)]
    if left_out:
        problems.append(Problem("skipped-columns", Cell(file, row), {"columns": ", ".join(left_out)}))
    seen: dict[str, int] = {}
    twins: set[int] = set()
    for index, key in enumerate(keys):
        if key is None:
            continue
        if (first := seen.setdefault(vocabulary.same(key), index)) != index:
            problems.append(Problem("duplicate-column", Cell(file, row, texts[index]), {"found": texts[index]}))
            twins |= {first, index}
    columns = tuple(
        Column(text, None if i in twins else key) for i, (text, key) in enumerate(zip(texts, keys, strict=True))
    )
    return columns, tuple(problems)


def _unknown(file: str, row: int, texts: Sequence[str], vocabulary: Vocabulary) -> Iterator[Problem]:
    unknown = (text for text in dict.fromkeys(texts) if text and vocabulary.find(text) is None)
    for number, text in enumerate(text for text in unknown if not vocabulary.skips(text)):
        near = vocabulary.nearest(text) if number < _SUGGESTIONS else None
        yield Problem("unknown-column", Cell(file, row, text), {"found": text}, nearest=near)
