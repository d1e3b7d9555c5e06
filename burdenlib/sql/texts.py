"""How a text is compared, in SQL: the counterpart of `normal_code` and `normal_title`.

PostgreSQL knows NFKC. The other two don't: full-width forms and the spaces of other widths are put right there, and a
text with any other character that NFKC would change can't be compared, so that it is an error.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

from sqlglot import exp

from burdenlib.sql.constants import Constants, any_of, call
from burdenlib.sql.dialects import Dialect

__all__ = ["Texts"]

Expr = exp.Expr
Ranges = tuple[tuple[int, int], ...]

_PUT_RIGHT: Final = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
}
_ELLIPSIS: Final = ("\u2026", "...")

_CONTROL: Final = ((0x01, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x9F), (0x202A, 0x202E), (0x2066, 0x2069))
"""What no text may hold; zero, which databases don't store, is left out."""

_BLOCKS: Final = (range(1, 0xD800), range(0xE000, 0x20000), range(0x2F800, 0x2FA20), range(0xE0000, 0xE0200))
"""Where Unicode has characters that matter here: the rest is Han, private or not given out."""


def _ranges(wanted: Callable[[str], bool]) -> Ranges:
    found: list[list[int]] = []
    for code in (code for block in _BLOCKS for code in block if wanted(chr(code))):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return tuple((first, last) for first, last in found)


@cache
def _changing() -> Ranges:
    """The characters that NFKC changes, by themselves or after another one, but those that are put right."""
    second = {
        chr(int(parts[1], 16))
        for block in _BLOCKS
        for code in block
        if len(parts := unicodedata.decomposition(chr(code)).split()) == 2 and not parts[0].startswith("<")
    }

    def changes(char: str) -> bool:
        return (
            char in second
            or bool(unicodedata.combining(char))
            or unicodedata.normalize("NFKC", char) != char
            or "\u1100" <= char <= "\u11ff"
        )

    return _ranges(changes)


@cache
def _marks() -> Ranges:
    return _ranges(lambda char: unicodedata.category(char)[0] == "P")


@cache
def _blanks() -> Ranges:
    return _ranges(str.isspace)


@cache
def _dropped() -> Ranges:
    """What a title is compared without."""
    return _ranges(lambda char: char.isspace() or unicodedata.category(char) == "Cf")


class Texts:
    """Texts as they are compared, in one dialect."""

    def __init__(self, dialect: Dialect, constants: Constants) -> None:
        self._dialect = dialect
        self._constant = constants

    def code(self, text: Expr) -> Expr:
        """A text as a code is compared; null if nothing is left of it."""
        stripped = self._dialect.replaced(
            self._folded(text), self._pattern(_blanks(), "^{0}+|{0}+$"), self._constant("")
        )
        return exp.Nullif(this=stripped, expression=self._constant(""))

    def title(self, code: Expr) -> Expr:
        """A text, already as a code is compared, as a title is."""
        kept = self._dialect.replaced(code, self._pattern(_dropped(), "{0}+"), self._constant(""))
        return self._dialect.replaced(kept, self._pattern(_marks(), "{0}+"), self._constant("\u00b7"))

    def forbidden(self, text: Expr) -> Expr:
        """Whether a text holds a control character."""
        return self._dialect.matches(text, self._pattern(_CONTROL))

    def incomparable(self, text: Expr) -> Expr | None:
        """Whether a text can't be compared; `None` where every text can."""
        if self._dialect.normalises:
            return None
        return self._dialect.matches(self._folded(text), self._pattern(_changing()))

    def _folded(self, text: Expr) -> Expr:
        if self._dialect.normalises:
            return exp.Normalize(this=text, form=exp.var("NFKC"))
        constant = self._constant
        told = exp.Replace(this=text, expression=constant(_ELLIPSIS[0]), replacement=constant(_ELLIPSIS[1]))
        return call("TRANSLATE", told, constant("".join(map(chr, _PUT_RIGHT))), constant("".join(_PUT_RIGHT.values())))

    def _pattern(self, ranges: Ranges, form: str = "{0}") -> Expr:
        return self._constant(form.replace("{0}", self._dialect.one_of(ranges)))


def matches_one(expressions: Iterable[Expr | None]) -> Expr:
    """Whether one of some tests holds."""
    return any_of(each for each in expressions if each is not None)
