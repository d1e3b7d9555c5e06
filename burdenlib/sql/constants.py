"""The constants of a query, bound as parameters or written as literals, and the smallest pieces of its tree.

No text is ever put into a query by itself: a constant is a parameter or a literal of sqlglot's, a name an identifier
that sqlglot quotes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from sqlglot import exp

__all__ = [
    "Constants",
    "all_of",
    "any_of",
    "call",
    "cases",
    "cast",
    "col",
    "negated",
    "no",
    "not_false",
    "surely",
    "unknown",
    "yes",
]

Expr = exp.Expr

Kind = Literal["TEXT", "INT", "DATE", "BOOLEAN", "TEXT[]", "INT[]", "DATE[]"]

_TYPES: Final[Mapping[type, Kind]] = {str: "TEXT", int: "INT"}


class Constants:
    """The constants of one query by the names of their parameters; the same constant is bound once.

    `typed` says that a parameter has to say its type where it stands.
    """

    def __init__(self, *, literal: bool, typed: bool) -> None:
        self._typed = typed
        self.values: dict[str, object] = {}
        self._literal = literal
        self._names: dict[Hashable, str] = {}

    def __call__(self, value: str | date | Decimal | float) -> Expr:
        """A constant; dates are texts that are cast, as not every driver binds those of the first centuries."""
        if isinstance(value, date):
            return cast(self._constant(value.isoformat()), "DATE")
        kind = _TYPES.get(type(value))
        found = self._constant(value)
        return found if kind is None or self._literal or not self._typed else cast(found, kind)

    def row(self, values: Sequence[str] | Sequence[int] | Sequence[date], kind: Kind) -> Expr:
        """An array of constants of one type."""
        told = [each.isoformat() if isinstance(each, date) else each for each in values]
        if self._literal:
            return cast(exp.Array(expressions=[_literal(each) for each in told]), kind)
        return cast(self._bound((kind, *told), told), kind)

    def _constant(self, value: str | Decimal | float) -> Expr:
        return _literal(value) if self._literal else self._bound((type(value), value), value)

    def _bound(self, key: Hashable, value: object) -> Expr:
        name = self._names.setdefault(key, f"p{len(self._names) + 1}")
        self.values[name] = value
        return exp.Placeholder(this=name)


def _literal(value: str | Decimal | float) -> Expr:
    if isinstance(value, str):
        return exp.Literal.string(value)
    number = exp.Literal.number(f"{abs(value):f}" if isinstance(value, Decimal) else repr(abs(value)))
    return exp.Neg(this=number) if value < 0 else number


# ---- pieces ----------------------------------------------------------------------------------------------------------


def col(name: str, table: str | None = None) -> Expr:
    """A column."""
    return exp.column(name, table=table, quoted=True)


def call(name: str, *arguments: Expr) -> Expr:
    """A function that every dialect calls by this name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(part: Expr, kind: Kind) -> Expr:
    """A value as one of a type."""
    inner = exp.DataType(this=getattr(exp.DType, kind.removesuffix("[]")))
    whole = inner
    if kind.endswith("[]"):
        whole = exp.DataType(this=exp.DType.ARRAY, expressions=[inner], nested=True)
    return exp.Cast(this=part, to=whole)


def negated(part: Expr) -> Expr:
    """Not, as SQL has it: in three values."""
    return exp.not_(part, copy=False)


def yes() -> Expr:
    """True."""
    return exp.true()


def no() -> Expr:
    """False."""
    return exp.false()


def unknown() -> Expr:
    """Unknown."""
    return cast(exp.null(), "BOOLEAN")


def all_of(parts: Iterable[Expr]) -> Expr:
    """And, as SQL has it: in three values."""
    found = list(parts)
    return exp.and_(*found, copy=False) if found else yes()


def any_of(parts: Iterable[Expr]) -> Expr:
    """Or, as SQL has it: in three values."""
    found = list(parts)
    return exp.or_(*found, copy=False) if found else no()


def is_null(part: Expr) -> Expr:
    """Whether a value is null."""
    return exp.Is(this=_closed(part), expression=exp.null())


def is_false(part: Expr) -> Expr:
    """Whether a condition is false, and not unknown."""
    return exp.Not(this=not_false(part))


def _closed(part: Expr) -> Expr:
    return part if isinstance(part, exp.Column) else exp.paren(part, copy=False)


def surely(part: Expr) -> Expr:
    """True where the part is, else false."""
    return exp.Coalesce(this=part, expressions=[no()])


def not_false(part: Expr) -> Expr:
    """False where the part is, else true."""
    return exp.Coalesce(this=part, expressions=[yes()])


def cases(branches: Iterable[tuple[Expr, Expr]], default: Expr | None = None, *, of: Expr | None = None) -> Expr:
    """The first branch that holds; `of` is what the branches are compared with."""
    ifs = [exp.If(this=test, true=value) for test, value in branches]
    return exp.Case(this=of, ifs=ifs, default=default) if ifs else default or exp.null()
