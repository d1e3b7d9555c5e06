"""Facts: their types, their values, and how a value is read from what a user wrote."""

from __future__ import annotations

import enum
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from attrs import field, frozen

from burdenlib.places import parse_place
from burdenlib.problems import nearest
from burdenlib.source import fold
from burdenlib.vocabulary import KEYWORDS
from burdenlib.words import Language, Words

__all__ = [
    "NONE",
    "EnumValue",
    "FactType",
    "NoneValue",
    "SetValue",
    "Value",
    "ValueProblemError",
    "fold_text",
    "read_cell",
    "read_value",
    "show",
    "to_json",
]


class NoneValue(enum.Enum):
    """The value of a fact that is known not to exist."""

    NONE = "none"

    def __repr__(self) -> str:
        return "NONE"


NONE: Final = NoneValue.NONE


@frozen
class SetValue:
    """What is known of a set: values that are in it and values that are not; of the others nothing is known."""

    includes: frozenset[str] = frozenset()
    excludes: frozenset[str] = frozenset()


Value = bool | str | Decimal | date | SetValue | NoneValue

Kind = Literal["yes_no", "text", "number", "date", "place", "one_of", "set_of", "ordered"]


@frozen
class EnumValue:
    """A value of an enumeration: the name under which it is known, and its name in each language."""

    name: str
    words: Words

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way to write the value."""
        return tuple(dict.fromkeys((self.name, *self.words.ordered("en"))))


_KIND_WORDS: Final[Mapping[str, str]] = {"number": "number_type", "date": "date_type"}


@frozen
class FactType:
    """The type of a fact. `values` of an ordered type stand from highest to lowest."""

    kind: Kind
    values: tuple[EnumValue, ...] = ()
    or_none: bool = False
    _spellings: Mapping[str, str] = field(init=False, eq=False, repr=False)

    @_spellings.default
    def _index(self) -> Mapping[str, str]:
        return {spelling: value.name for value in self.values for spelling in value.spellings}

    @property
    def names(self) -> frozenset[str]:
        """The names of the values."""
        return frozenset(value.name for value in self.values)

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way to write every value."""
        return tuple(self._spellings)

    def find(self, text: str) -> str | None:
        """The name of the value that `text` spells, or `None`."""
        return self._spellings.get(text)

    def words(self, name: str) -> Words:
        """A value's name in each language."""
        return next(value.words for value in self.values if value.name == name)

    def rank(self, name: str) -> int:
        """The height of a value of an ordered type: the higher, the greater."""
        return -next(index for index, value in enumerate(self.values) if value.name == name)

    def same_values(self, other: FactType) -> bool:
        """Whether values of this type and of the other one can be compared."""
        return self.kind == other.kind and self.values == other.values

    @property
    def listed(self) -> Words:
        """The names of all values, in a row."""
        return Words(
            "、".join(value.words.pick("zh") for value in self.values), ", ".join(value.name for value in self.values)
        )

    @property
    def described(self) -> Words:
        """The type in the words of the language."""
        english, chinese = KEYWORDS[_KIND_WORDS.get(self.kind, self.kind)]
        return Words(chinese, english)


def fold_text(text: str) -> str:
    """Text as it is compared: NFKC, without space at the ends."""
    return unicodedata.normalize("NFKC", text).strip()


# ---- reading ----------------------------------------------------------------------------------------------------------


class ValueProblemError(Exception):
    """A value that can't be read: the code of the problem, its details, and the value perhaps meant."""

    def __init__(self, code: str, details: Mapping[str, object], nearest: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.details = details
        self.nearest = nearest


_NONE_SPELLINGS = frozenset(KEYWORDS["none"])
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_TABLE_DATES = (_ISO, re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"), re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})"))
_SEPARATOR = re.compile(r"[、,;\n]")
_YES_NO = {"yes": True, "是": True, "true": True, "TRUE": True, "True": True, "1": True}
_YES_NO |= {"no": False, "否": False, "false": False, "FALSE": False, "False": False, "0": False}

MAX_TEXT = 1_000_000
"""The longest text that a fact may hold, in characters."""


def read_value(kind: FactType, raw: object) -> Value | None:
    """Read a value as JSON or Python gives it; `None` means that nothing was told.

    Dates are `date` or ISO text, sets are lists, sets of Python or `{"includes": […], "excludes": […]}`,
    `"none"` is none. Raises `ValueProblemError`.
    """
    if raw is None:
        return None
    if raw is NONE or (isinstance(raw, str) and fold_text(raw) in _NONE_SPELLINGS):
        return _none(kind)
    match kind.kind:
        case "yes_no":
            if isinstance(raw, bool):
                return raw
        case "text":
            if isinstance(raw, str):
                return _text(raw)
        case "number":
            if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool) and _finite(raw):
                return Decimal(str(raw))
        case "date":
            if isinstance(raw, str):
                return _date(raw, (_ISO,))
            if isinstance(raw, date) and not isinstance(raw, datetime):
                return raw
        case "place":
            if isinstance(raw, str) or (isinstance(raw, int) and not isinstance(raw, bool)):
                return _place(str(raw))
        case "one_of" | "ordered":
            if isinstance(raw, str):
                return _member(kind, raw)
        case "set_of":
            return _set(kind, raw)
    raise _ill_typed(kind, raw)


def read_cell(kind: FactType, raw: object) -> Value | None:
    """Read a value as a cell of a table gives it: text, or what a spreadsheet stores.

    An empty cell is a missing fact. Raises `ValueProblemError`.
    """
    if raw is None or (isinstance(raw, str) and not fold_text(raw)):
        return None
    if isinstance(raw, datetime):
        if raw.time() != datetime.min.time():
            raise _ill_typed(kind, raw)
        raw = raw.date()
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    text = fold_text(raw if isinstance(raw, str) else "" if isinstance(raw, date) else str(raw))
    if kind.kind == "set_of":
        if isinstance(raw, date):
            raise _ill_typed(kind, raw)
        if text in _NONE_SPELLINGS:
            return SetValue(excludes=kind.names)
        return _set(kind, [part for part in _SEPARATOR.split(text) if part.strip()])
    if text in _NONE_SPELLINGS:
        return _none(kind)
    match kind.kind:
        case "yes_no" if text in _YES_NO:
            return _YES_NO[text]
        case "text" if isinstance(raw, str):
            return _text(raw)
        case "text" if isinstance(raw, int | float) and not isinstance(raw, bool):
            return text
        case "number" if text and not isinstance(raw, bool):
            try:
                number = Decimal(text.removesuffix("%"))
            except InvalidOperation:
                raise _ill_typed(kind, raw) from None
            if number.is_finite():
                return number
        case "date" if isinstance(raw, date):
            return raw
        case "date" if isinstance(raw, str):
            return _date(raw, _TABLE_DATES)
        case "place" if text and not isinstance(raw, bool):
            return _place(text)
        case "one_of" | "ordered" if isinstance(raw, str):
            return _member(kind, raw)
    raise _ill_typed(kind, raw)


def _finite(raw: float | Decimal) -> bool:
    return raw.is_finite() if isinstance(raw, Decimal) else math.isfinite(raw)


def _none(kind: FactType) -> NoneValue:
    if not kind.or_none:
        raise ValueProblemError("never-none", {"type": kind.described})
    return NONE


def _ill_typed(kind: FactType, raw: object) -> ValueProblemError:
    found = str(raw) if isinstance(raw, date) else repr(raw)
    return ValueProblemError(
        "ill-typed", {"type": kind.described, "found": found if len(found) < 60 else found[:57] + "…"}
    )


def _text(raw: str) -> str:
    if not raw.strip():
        raise ValueProblemError("empty-text", {})
    if match := _CONTROL.search(raw):
        raise ValueProblemError("control-character", {"code": f"U+{ord(match[0]):04X}"})
    if len(raw) > MAX_TEXT:
        raise ValueProblemError("text-too-long", {"limit": f"{MAX_TEXT:,}"})
    return unicodedata.normalize("NFC", raw).strip()


def _date(raw: str, forms: Iterable[re.Pattern[str]]) -> date:
    text = fold(raw).strip()
    for form in forms:
        if match := form.fullmatch(text):
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                break
    raise ValueProblemError("ill-typed", {"type": FactType("date").described, "found": repr(raw)[:60]})


def _place(raw: str) -> str:
    if (code := parse_place(fold_text(raw))) is None:
        raise ValueProblemError("bad-place", {"found": raw})
    return code


def _member(kind: FactType, raw: str) -> str:
    text = fold_text(raw)
    if (name := kind.find(text)) is None:
        raise ValueProblemError("unknown-value", {"found": raw, "values": kind.listed}, nearest(text, kind.spellings))
    return name


def _set(kind: FactType, raw: object) -> SetValue:
    if isinstance(raw, SetValue):
        parts: Mapping[object, object] = {"includes": raw.includes, "excludes": raw.excludes}
    elif isinstance(raw, Mapping):
        parts = raw
    else:
        includes = _members(kind, raw)
        return SetValue(includes, kind.names - includes)
    if not parts or set(parts) - {"includes", "excludes"}:
        raise ValueProblemError("ill-typed", {"type": kind.described, "found": repr(raw)[:60]})
    value = SetValue(*(_members(kind, parts.get(key, ())) for key in ("includes", "excludes")))
    if both := value.includes & value.excludes:
        raise ValueProblemError("set-contradicts-itself", {"value": min(both)})
    return value


def _members(kind: FactType, raw: object) -> frozenset[str]:
    if not isinstance(raw, list | tuple | set | frozenset):
        raise _ill_typed(kind, raw)
    if not all(isinstance(part, str) for part in raw):
        raise _ill_typed(kind, next(part for part in raw if not isinstance(part, str)))
    return frozenset(_member(kind, part) for part in raw)


# ---- showing -----------------------------------------------------------------------------------------------------------


def show(kind: FactType, value: Value | None, language: Language) -> str:
    """A value in words; `None` is not told."""
    zh = language == "zh"
    match value:
        case None:
            return "未告知" if zh else "not told"
        case NoneValue():
            return "无" if zh else "none"
        case bool():
            return KEYWORDS["yes" if value else "no"][zh]
        case SetValue(includes, excludes):
            named = sorted(kind.words(name).pick(language) for name in includes)
            text = ("、" if zh else ", ").join(named) or ("(空)" if zh else "(empty)")
            if includes | excludes != kind.names:
                return ("至少含" if zh else "at least ") + text if includes else ("未全部告知" if zh else "partly told")
            return text
        case str() if kind.values:
            return kind.words(value).pick(language)
        case Decimal():
            return f"{value.normalize():f}"
    return str(value)


def to_json(kind: FactType, value: Value) -> object:
    """A value as JSON writes it; a set that is told in part is an object of what it includes and excludes."""
    match value:
        case SetValue(includes, excludes) if includes | excludes == kind.names:
            return sorted(includes)
        case SetValue(includes, excludes):
            return {"includes": sorted(includes), "excludes": sorted(excludes)}
        case NoneValue():
            return "none"
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case date():
            return value.isoformat()
    return value
