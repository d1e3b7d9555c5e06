"""What three databases call differently, and what one of them lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from attrs import frozen
from sqlglot import exp

from burdenlib.sql.constants import call, negated

__all__ = ["DIALECTS", "Dialect", "DialectName"]

Expr = exp.Expr
DialectName = Literal["postgres", "duckdb", "spark"]


@frozen
class Dialect:
    """A database as far as queries depend on it."""

    name: DialectName

    @property
    def normalises(self) -> bool:
        """Whether the database itself brings a text into the form NFKC."""
        return self.name == "postgres"

    @property
    def doubles_percent(self) -> bool:
        """Whether a percent sign outside a parameter is written twice, as Python's drivers for it want."""
        return self.name == "postgres"

    @property
    def types_parameters(self) -> bool:
        """Whether a parameter has no type but the one that the query gives it."""
        return self.name == "postgres"

    def text(self, query: Expr) -> str:
        """A query as text."""
        return query.sql(self.name, pretty=True, copy=False)

    # ---- functions ---------------------------------------------------------------------------------------------------

    def overlaps(self, one: Expr, other: Expr) -> Expr:
        """Whether two arrays share a value."""
        if self.name == "spark":
            return call("ARRAYS_OVERLAP", one, other)
        return exp.ArrayOverlaps(this=one, expression=other)

    def strangers(self, one: Expr, other: Expr) -> Expr:
        """Whether an array holds a value, or a null, that isn't in another one; `one` is a column."""
        match self.name:
            case "spark":
                return exp.GT(this=call("SIZE", call("ARRAY_EXCEPT", one, other)), expression=exp.Literal.number(0))
            case "duckdb":
                whole = exp.EQ(this=call("LIST_COUNT", one.copy()), expression=call("LEN", one.copy()))
                return negated(exp.and_(exp.ArrayContainsAll(this=other, expression=one), whole))
        return negated(exp.ArrayContainsAll(this=other, expression=one))

    def size(self, array: Expr) -> Expr:
        """How many values an array holds."""
        return call({"postgres": "CARDINALITY", "duckdb": "LEN", "spark": "SIZE"}[self.name], array)

    def matches(self, text: Expr, pattern: Expr) -> Expr:
        """Whether a pattern is found in a text."""
        return exp.RegexpLike(this=text, expression=pattern)

    def replaced(self, text: Expr, pattern: Expr, by: Expr) -> Expr:
        """A text with every match of a pattern replaced."""
        every = () if self.name == "spark" else (exp.Literal.string("g"),)
        return call("REGEXP_REPLACE", text, pattern, by, *every)

    def one_of(self, ranges: Sequence[tuple[int, int]]) -> str:
        """A pattern for one character in any of these ranges of code points."""
        return f"[{''.join(map(self._range, ranges))}]"

    def _range(self, bounds: tuple[int, int]) -> str:
        first, last = map(self._point, bounds)
        return first if bounds[0] == bounds[1] else f"{first}-{last}"

    def _point(self, code: int) -> str:
        if self.name == "postgres":
            return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
        return f"\\x{{{code:X}}}"

    def rows(self, name: str, columns: Sequence[tuple[str, Expr]]) -> Expr:
        """A table of arrays of equal length."""
        names = [exp.to_identifier(each, quoted=True) for each, _ in columns]
        alias = exp.to_identifier(name, quoted=True)
        if self.name == "duckdb":
            unnested = [
                exp.alias_(call("UNNEST", array), each.copy()) for each, (_, array) in zip(names, columns, strict=True)
            ]
            return exp.select(*unnested).subquery(alias)
        table = exp.TableAlias(this=alias, columns=names)
        rows = exp.Unnest(expressions=[array for _, array in columns], alias=table)
        if self.name == "spark":  # joined by itself it would be one more column, whatever the condition of the join
            return exp.select(*(each.copy() for each in names)).from_(rows).subquery(alias.copy())
        return rows

    def held_apart(self, query: exp.Select) -> exp.Select:
        """A query that the planner doesn't dissolve in the one round it, so that its columns are worked out once."""
        return query.offset(0, copy=False) if self.name == "postgres" else query


DIALECTS: Final = {name: Dialect(name) for name in ("postgres", "duckdb", "spark")}
