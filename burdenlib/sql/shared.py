"""Formulas as SQL conditions: what several others use is worked out once, in a column of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlglot import exp

from burdenlib.compiled.formula import Formula
from burdenlib.sql.constants import all_of, any_of, col, negated, no, not_false, unknown, yes

__all__ = ["Shared"]

Expr = exp.Expr


class Shared:
    """The formulas that a query needs, and the columns for those that are used more than once.

    `leaf` gives the condition of a formula that isn't put together from others by `and`, `or`, `not` and `maybe`.
    """

    def __init__(self, leaf: Callable[[Formula, Shared], Expr]) -> None:
        self._leaf = leaf
        self._users: dict[Formula, int] = {}
        self._levels: dict[Formula, int] = {}
        self._named: dict[Formula, int] = {}

    def need(self, formula: Formula) -> Formula:
        """Say that a formula will be asked for as a column."""
        if formula.operator != "constant":
            self._count(formula)
            self._users[formula] += 1
        return formula

    def _count(self, formula: Formula) -> None:
        todo = [formula]
        while todo:
            each = todo.pop()
            if each.operator == "constant":
                continue
            self._users[each] = self._users.get(each, 0) + 1
            if self._users[each] == 1:
                todo.extend(each.parts)

    # ---- columns -----------------------------------------------------------------------------------------------------

    def columns(self) -> Iterator[Mapping[str, Expr]]:
        """The columns, those that rest on others after these."""
        by_level: dict[int, list[Formula]] = {}
        for formula in self._inside_out():
            below = max((self._levels[part] for part in formula.parts if part in self._levels), default=0)
            named = self._is_named(formula)
            self._levels[formula] = below + named
            if named:
                by_level.setdefault(below, []).append(formula)
        for level in sorted(by_level):
            found = {f"b{each.number}": self._spelled(each) for each in by_level[level]}
            self._named |= dict.fromkeys(by_level[level], level)
            yield found

    def _is_named(self, formula: Formula) -> bool:
        return self._users[formula] > 1

    def _inside_out(self) -> Iterator[Formula]:
        """Every formula after its parts."""
        done: set[Formula] = set()
        for root in self._users:
            todo = [root]
            while todo:
                each = todo[-1]
                if each in done or each.operator == "constant":
                    todo.pop()
                elif more := [part for part in each.parts if part not in done and part.operator != "constant"]:
                    todo.extend(more)
                else:
                    done.add(todo.pop())
                    yield each

    # ---- conditions --------------------------------------------------------------------------------------------------

    def of(self, formula: Formula) -> Expr:
        """A formula as a condition: a column, if it has one."""
        if formula in self._named:
            return col(f"b{formula.number}")
        return self._spelled(formula)

    def every(self, formulas: Iterable[Formula]) -> Expr:
        """That all of some formulas hold."""
        return all_of(map(self.of, formulas))

    def some(self, formulas: Iterable[Formula]) -> Expr:
        """That one of some formulas holds."""
        return any_of(map(self.of, formulas))

    def _spelled(self, formula: Formula) -> Expr:
        match formula.operator:
            case "constant":
                return {True: yes, False: no, None: unknown}[formula.truth]()
            case "and":
                return self.every(formula.parts)
            case "or":
                return self.some(formula.parts)
            case "not":
                return negated(self.of(formula.parts[0]))
            case "maybe":
                return not_false(self.of(formula.parts[0]))
        return self._leaf(formula, self)
