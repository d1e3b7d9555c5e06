"""CSV: comma or tab, in UTF-8 or as Excel writes it in China."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from burdenlib.lists import decode
from burdenlib.problems import Problem
from burdenlib.readers.found import Found, Refused
from burdenlib.readers.heads import Vocabulary
from burdenlib.readers.table import Row, is_empty, read_rows
from burdenlib.source import Cell
from burdenlib.words import Words

__all__ = ["read_csv", "text_of"]

_GUARDED = re.compile("'+[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
"""Text that a spreadsheet would run, with the apostrophe that the writer put before it."""

_NUL = Words("含有空字符(NUL)", "it holds a NUL character")

_SAID: Final = {
    "',' expected after '\"'": Words("结束的引号之后应为逗号", "a comma is expected after the closing quote"),
    "'\t' expected after '\"'": Words("结束的引号之后应为制表符", "a tab is expected after the closing quote"),
    "unexpected end of data": Words("有引号没有闭合", "a quote isn't closed"),
}
"""What the module `csv` says, in plain words."""


def text_of(file: str, data: bytes) -> str:
    """The text of a file in one of the encodings that are known."""
    if (text := decode(data)) is None:
        raise Refused(Problem("unknown-encoding", Cell(file)))
    return text


def read_csv(file: str, name: str, data: bytes, vocabulary: Vocabulary, delimiter: str = ",") -> Iterator[Found]:
    """The tasks of a table in CSV."""
    text = text_of(file, data)
    if (at := text.find("\0")) >= 0:
        raise Refused(Problem("bad-csv", Cell(file, text.count("\n", 0, at) + 1), {"error": _NUL}))
    first = text.lstrip("\r\n").partition("\n")[0]
    if "\t" in first and delimiter not in first:
        delimiter = "\t"
    yield from read_rows(file, name, _rows(file, text, delimiter), vocabulary, lenient=True)


def _rows(file: str, text: str, delimiter: str) -> Iterator[Row]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, record in enumerate(records, start=1):
            if not all(map(is_empty, record)):
                yield Row(number, [cell[1:] if _GUARDED.match(cell) else cell for cell in record])
    except csv.Error as error:
        raise Refused(Problem("bad-csv", Cell(file, number + 1), {"error": _said(str(error))})) from None


def _said(message: str) -> Words:
    if message.startswith("field larger"):
        limit = f"{csv.field_size_limit():,}"
        return Words(f"单元格超过{limit}个字符", f"a cell is longer than {limit} characters")
    return _SAID.get(message, Words(message, message))
