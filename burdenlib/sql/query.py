"""A checked policy set as one SQL query: a row of facts in, a row with its answer out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import field, frozen
from sqlglot import exp

from burdenlib import policy as p
from burdenlib.answer import ReasonKind
from burdenlib.compiled.decision import Because, in_order, levels_of
from burdenlib.compiled.formula import TRUE, UNTOLD, Formula
from burdenlib.compiled.meaning import Part
from burdenlib.compiled.variables import FactVariable, PairVariable, SetVariable
from burdenlib.problems import Problem, TaskError, nearest
from burdenlib.source import Cell
from burdenlib.sql.constants import (
    Constants,
    all_of,
    any_of,
    call,
    cases,
    cast,
    col,
    is_false,
    is_null,
    negated,
    no,
    not_false,
    surely,
)
from burdenlib.sql.dialects import DIALECTS, DialectName
from burdenlib.sql.items import Lookup, name_of
from burdenlib.sql.leaves import Leaves
from burdenlib.sql.pairs import Pairs, counted
from burdenlib.sql.reading import SOURCE, Column, Reader, Told, column_types
from burdenlib.sql.scope import Outside, Scope, UnsupportedSqlError
from burdenlib.sql.shared import Shared
from burdenlib.sql.stages import Join, Stage, nested

__all__ = ["ANSWERS", "Query", "Table", "query"]

Expr = exp.Expr
Table = str | Sequence[str] | exp.Query
"""A table by its name, with dots before what it is part of; by the parts of its name; or a query."""

SEPARATOR: Final = "; "
ANSWERS: Final = ("status", "reasons", "admitted_by", "open", "duties", "problems")
"""The columns of an answer."""

_MOST_ARGUMENTS: Final = 90
"""PostgreSQL gives a function at most a hundred arguments."""


@frozen(eq=False)
class Query:
    """A policy set as a query.

    `parameters` are the constants that `text` names; `columns` tell which column it reads for which fact, `types` of
    which type each is (in PostgreSQL's words); `outside` names the rules that are left open, and why.
    """

    dialect: DialectName
    text: str = field(repr=False)
    parameters: Mapping[str, object] = field(repr=False)
    columns: Mapping[str, Column]
    types: Mapping[str, str]
    outside: tuple[Outside, ...]


def query(
    policies: p.PolicySet,
    dialect: DialectName = "postgres",
    table: Table = "tasks",
    columns: Mapping[str, str | Column] | Iterable[str] | None = None,
    *,
    keys: Sequence[str] = ("id",),
    as_of: dt.date | None = None,
    leave_open: bool = False,
    literals: bool = False,
) -> Query:
    """Write a policy set as a query over a table of tasks.

    `columns` gives the columns of facts, or names the facts that have one of their own name; without it all facts that
    are read have one, and for a date or number that may be none another one named `…_none`. `keys` are columns that
    are handed on. `leave_open` leaves what SQL can't say open, so that no task is accepted on its account; else
    `UnsupportedSqlError` names it. `literals` writes constants into the text instead of binding them.
    """
    if dialect not in DIALECTS:
        raise ValueError(f"unknown dialect {dialect!r}: one of {', '.join(DIALECTS)}")
    scope = Scope(policies, as_of)
    if scope.outside and not leave_open:
        raise UnsupportedSqlError(scope.outside)
    return _Writer(scope, dialect, columns, literal=literals).query(table, tuple(keys))


class _Writer:
    def __init__(
        self,
        scope: Scope,
        dialect: DialectName,
        columns: Mapping[str, str | Column] | Iterable[str] | None,
        *,
        literal: bool,
    ) -> None:
        self.scope = scope
        self.meaning = scope.meaning
        self.policies = scope.policies
        self.dialect = DIALECTS[dialect]
        self.constant = Constants(literal=literal, typed=self.dialect.types_parameters)
        self.told = {
            name: Told(self.policies.facts[name], column, number, self.constant)
            for number, (name, column) in enumerate(sorted(self._columns(columns).items()))
        }
        self.reader = Reader(self.dialect, self.constant, tuple(self.told.values()))
        self.leaves = Leaves(self.constant)
        self.pairs = Pairs(self.constant, self.policies, self.told)
        self.shared = Shared(self._leaf)
        self._left_open = self._unknown_variables()
        self._simple: dict[Formula, Formula] = {}
        self._need()

    # ---- columns -----------------------------------------------------------------------------------------------------

    def _columns(self, given: Mapping[str, str | Column] | Iterable[str] | None) -> dict[str, Column]:
        if given is None:
            return {name: self._usual(name) for name in self._read if name not in self.scope.open_facts()}
        pairs = given.items() if isinstance(given, Mapping) else ((name, None) for name in given)
        found: dict[str, Column] = {}
        for spelling, column in pairs:
            fact = self.policies.find_fact(spelling)
            if fact is None:
                near = nearest(spelling, self.policies.fact_spellings)
                raise TaskError([Problem("unknown-fact", Cell("columns", None, spelling), {"name": spelling}, near)])
            found[fact.name] = (
                self._usual(fact.name) if column is None else Column(column) if isinstance(column, str) else column
            )
        return {
            name: each
            for name, each in found.items()
            if name not in self.scope.open_facts() and (name in self._read or self._is_checked(name))
        }

    def _usual(self, name: str) -> Column:
        kind = self.policies.facts[name].type
        return Column(name, none=f"{name}_none" if kind.or_none and kind.kind in ("date", "number") else None)

    def _is_checked(self, name: str) -> bool:
        return self.policies.facts[name].type.kind != "text"

    @cached_property
    def _read(self) -> tuple[str, ...]:
        """The facts that the answer may hang on, in the order of their declaration."""
        formulas = [*(part.formula for part in self.meaning.parts), *self.scope.rules.values()]
        read = frozenset().union(*map(self.scope.facts_of, formulas))
        unsaid = {name for number in self.scope.unsaid for name in self.meaning.variables[number].keys}
        said = {n for f in formulas for n in f.variables if n not in self.scope.unsaid}
        also = {name for number in said for name in self.meaning.variables[number].keys}
        return tuple(name for name in self.policies.facts if name in read - (unsaid - also))

    # ---- formulas ----------------------------------------------------------------------------------------------------

    def _unknown_variables(self) -> tuple[int, ...]:
        """The variables of which nothing is known in any row."""
        told = frozenset(self.told)
        untold = frozenset(self.policies.facts) - told
        pairs = (
            number for number, pair in self.scope.pairs.items() if not self.scope.open_facts().isdisjoint(pair.keys)
        )
        return tuple({*self.scope.unsaid, *self.scope.reading(untold), *pairs})

    def simple(self, formula: Formula) -> Formula:
        """A formula where nothing is known of what no column tells."""
        if formula not in self._simple:
            found = formula
            for number in self._left_open:
                found = self.meaning.make.given(found, number, lambda _: None, self._done(number))
            self._simple[formula] = found
        return self._simple[formula]

    def _done(self, number: int) -> dict[Formula, Formula]:
        return self._memory.setdefault(number, {})

    @cached_property
    def _memory(self) -> dict[int, dict[Formula, Formula]]:
        return {}

    def of(self, formula: Formula) -> Expr:
        """A formula as a condition."""
        return self.shared.of(self.simple(formula))

    def _need(self) -> None:
        """Say which formulas will be asked for."""
        found: dict[Formula, None] = {}
        for part in self.meaning.parts:
            found |= dict.fromkeys((part.formula, *self._details(part)))
        found |= dict.fromkeys(self.scope.existing[name] for name in self.scope.existing)
        for _, rule in (*self.policies.rules("duty"), *self.policies.rules("limit")):
            found[self.scope.rules[rule.key]] = None
        for formula in found:
            self.shared.need(self.simple(formula))

    def _details(self, part: Part) -> Iterator[Formula]:
        if part.task_list is not None:
            if part.role == "ground":
                yield self.meaning.replaced(part.task_list.key)
                yield from (self.meaning.formula(item.covers) for item in part.task_list.otherwise)
                yield from self._conditions_of(part.task_list)
        elif part.rule is None and part.role == "charge":
            for each in self._shutting(part.policy):
                yield self.meaning.governs(each.key)
                yield self.meaning.truth(each.key)

    def _conditions_of(self, task_list: p.TaskList) -> Iterator[Formula]:
        if self.items.places(task_list.key) > 1:
            for place in range(self.items.places(task_list.key)):
                yield from (self.meaning.conditions[n] for n in self.items.conditions_at(task_list.key, place))

    @cached_property
    def items(self) -> Lookup:
        """What the item finds."""
        return Lookup(self.policies, self.meaning.item)

    # ---- leaves ------------------------------------------------------------------------------------------------------

    def _leaf(self, formula: Formula, shared: Shared) -> Expr:
        variable = self.meaning.variables[formula.variable]
        match variable:
            case FactVariable():
                return self.leaves.condition(variable, formula.mask, self.told[variable.fact.name])
            case SetVariable():
                return self.told[variable.fact.name].bit(formula.mask)
            case PairVariable():
                absent = [None if part is TRUE else is_false(shared.of(part)) for part in formula.parts]
                return self.pairs.condition(variable, absent)
        return self._found(formula)

    def _found(self, formula: Formula) -> Expr:
        """That the item finds something; null where no item is told."""
        payload = formula.payload
        told = negated(is_null(col("item_class")))
        if payload == UNTOLD:
            return cases([(told, no())])
        assert isinstance(payload, tuple)
        is_view = isinstance(payload[0], str)
        classes = self.items.finding(payload) if is_view else self.items.finding(*payload)
        return self._in_classes(classes)

    def _in_classes(self, classes: Sequence[int]) -> Expr:
        if not classes:
            return cases([(negated(is_null(col("item_class"))), no())])
        return exp.In(this=col("item_class"), expressions=[exp.Literal.number(each) for each in classes])

    # ---- the answer --------------------------------------------------------------------------------------------------

    @cached_property
    def _charges(self) -> list[Part]:
        return [part for part in self.meaning.parts if part.role == "charge"]

    @cached_property
    def _grounds(self) -> list[Part]:
        return [part for part in self.meaning.parts if part.role == "ground"]

    @cached_property
    def _narrower(self) -> list[Part]:
        return [part for part in self.meaning.parts if part.role == "narrower"]

    @staticmethod
    def _shutting(policy: p.Policy) -> list[p.TaskList]:
        return [each for each in policy.lists if each.shuts_out]

    def query(self, table: Table, keys: tuple[str, ...]) -> Query:
        """The query over a table."""
        _check_names(keys, self.told.values())
        problems = [*self.reader.problems(), *self._misplaced()]
        stages = [
            Stage("burden_read", {f"k{n}": col(key, SOURCE) for n, key in enumerate(keys)} | dict(self.reader.raw())),
            Stage("burden_told", dict(self.reader.values(with_item="item" in self.told)), remarks=self._remarks()),
        ]
        if "item" in self.told:
            stages.append(self._item_stage())
        if calendars := self.pairs.calendars(tuple(self.scope.pairs.values())):
            stages.append(self._calendar_stage(calendars))
        stages += [Stage(f"burden_{n}", columns) for n, columns in enumerate(self.shared.columns(), start=1)]
        stages.append(self._verdict_stage(problems))
        stages.append(Stage("burden_status", self._status()))
        last = [
            *(exp.alias_(col(f"k{n}"), key, quoted=True, copy=False) for n, key in enumerate(keys)),
            *(exp.alias_(each, name, quoted=True, copy=False) for name, each in self._answers(problems).items()),
        ]
        tree = nested(stages, _source(table), last, self.dialect)
        bound = {each.name for each in tree.find_all(exp.Placeholder)}
        parameters = {name: value for name, value in self.constant.values.items() if name in bound}
        if self.dialect.doubles_percent and parameters:
            _double_percents(tree)
        columns = {name: each.column for name, each in self.told.items()}
        types = {name: kind for each in self.told.values() for name, kind in column_types(each.fact.type, each.column)}
        return Query(self.dialect.name, self.dialect.text(tree), parameters, columns, types, self.scope.outside)

    def _remarks(self) -> Mapping[str, str]:
        found = {f"v{each.number}": name for name, each in self.told.items()}
        for name, each in self.told.items():
            found |= {f"v{each.number}_{n}": f"{name} {value.name}" for n, value in enumerate(each.fact.type.values)}
        return found

    def _item_stage(self) -> Stage:
        by = []
        width = len(self.items.slots and {*self.items.slots.values()})
        for name, key, table in (("codes", "code", self.items.by_code), ("titles", "title", self.items.by_title)):
            founds = list(table.values())
            columns = [
                ("key", self.constant.row(list(table), "TEXT[]")),
                ("class", self.constant.row([self.items.class_of(found) for found in founds], "INT[]")),
            ]
            names = [self.items.names(found) for found in founds]
            columns += [(f"name_{n}", self.constant.row([each[n] for each in names], "TEXT[]")) for n in range(width)]
            own = self.told["item"].value if key == "code" else col("item_title")
            on = exp.EQ(this=col("key", name), expression=own)
            by.append(Join(self.dialect.rows(name, columns), on, ("key", *(each for each, _ in columns))))

        def either(column: str) -> Expr:
            return exp.Coalesce(this=col(column, "codes"), expressions=[col(column, "titles")])

        found = exp.Coalesce(this=either("class"), expressions=[exp.Literal.number(0)])
        told = negated(is_null(self.told["item"].value))
        return Stage(
            "burden_item",
            {"item_class": cases([(told, found)])} | {f"item_name_{n}": either(f"name_{n}") for n in range(width)},
            by,
        )

    def _calendar_stage(self, calendars: Mapping[str, p.Offset]) -> Stage:
        joins, columns = [], {}
        for n, (column, offset) in enumerate(calendars.items()):
            days = counted(offset.days)
            arrays = [
                (name, self.constant.row([pair[at] for pair in days], "DATE[]"))
                for at, name in enumerate(("day", "leads"))
            ]
            on = exp.EQ(this=col("day", f"days_{n}"), expression=self.told[offset.fact].value)
            joins.append(Join(self.dialect.rows(f"days_{n}", arrays), on, ("day", "leads")))
            columns[column] = col("leads", f"days_{n}")
        return Stage("burden_days", columns, joins)

    def _misplaced(self) -> Iterator[tuple[str, Expr]]:
        for name, formula in self.scope.existing.items():
            if name in self.told:
                yield (
                    f"misplaced-fact {name}",
                    all_of((self.told[name].says, is_false(self.of(formula)))),
                )

    def _verdict_stage(self, problems: Sequence[tuple[str, Expr]]) -> Stage:
        return Stage(
            "burden_verdict",
            {
                "charged": any_of(self.of(part.formula) for part in self._charges),
                "admitted": any_of(self.of(part.formula) for part in self._grounds),
                "narrowed": any_of(self.of(part.formula) for part in self._narrower),
                "limited": any_of(self.of(self.scope.rules[rule.key]) for _, rule in self.policies.rules("limit")),
                **{f"x{n}": surely(test) for n, (_, test) in enumerate(problems)},
                **{f"s{part.number}_first": self._first(part) for part in self._charges if self._is_shared(part)},
            },
        )

    # ---- status ------------------------------------------------------------------------------------------------------

    def _status(self) -> Mapping[str, Expr]:
        constant = self.constant
        wrong = any_of(col(name) for name in self._problem_columns)
        accepted = all_of((negated(col("charged")), negated(col("narrowed")), negated(col("limited")), col("admitted")))
        status = cases(
            [
                (wrong, cast(exp.null(), "TEXT")),
                (col("charged"), constant("rejected")),
                (accepted, constant("accepted")),
            ],
            constant("undetermined"),
        )
        return {"status": status}

    def _is(self, status: str) -> Expr:
        return exp.EQ(this=col("status"), expression=self.constant(status))

    def _answers(self, problems: Sequence[tuple[str, Expr]]) -> Mapping[str, Expr]:
        there = negated(is_null(col("status")))
        undetermined = self._is("undetermined")
        wrong = [(col(f"x{n}"), self.constant(name)) for n, (name, _) in enumerate(problems)]
        return {
            "status": col("status"),
            "reasons": self._if(there, self._reasons()),
            "admitted_by": self._if(there, self._admitted_by()),
            "open": self._if(there, [(all_of((undetermined, test)), name) for test, name in self._open()]),
            "duties": self._if(there, self._duties()),
            "problems": exp.Nullif(this=self._joined(wrong), expression=self.constant("")),
        }

    def _if(self, there: Expr, named: Iterable[tuple[Expr, Expr]]) -> Expr:
        return cases([(there.copy(), self._joined(named))])

    def _joined(self, named: Iterable[tuple[Expr, Expr]]) -> Expr:
        """The names for which something holds, one after the other; an empty text if none does."""
        parts = [cases([(test, name)]) for test, name in named]
        while len(parts) > _MOST_ARGUMENTS:
            groups = [parts[start : start + _MOST_ARGUMENTS] for start in range(0, len(parts), _MOST_ARGUMENTS)]
            parts = [exp.Nullif(this=self._concatenated(each), expression=self.constant("")) for each in groups]
        return self._concatenated(parts) if parts else self.constant("")

    def _concatenated(self, parts: Sequence[Expr]) -> Expr:
        return call("CONCAT_WS", self.constant(SEPARATOR), *parts)

    # ---- reasons -----------------------------------------------------------------------------------------------------

    def _reasons(self) -> Iterator[tuple[Expr, Expr]]:
        """The reasons by name, in the order of an answer."""
        found: dict[Because, list[Expr]] = {}
        for because, test in self._every_reason():
            found.setdefault(because, []).append(test)
        for because in in_order(found, levels_of(self.policies)):
            name = because.kind if because.rule is None else f"{because.kind} {because.rule}"
            yield any_of(found[because]), self.constant(name)

    def _every_reason(self) -> Iterator[tuple[Because, Expr]]:
        for part in self._charges:
            yield from self._reasons_of(part)
        undetermined = self._is("undetermined")
        nobody = [negated(surely(col("admitted"))), *(negated(each) for each in self._unlisted())]
        yield Because("no_list", None, None), all_of((undetermined, *nobody))
        for _, rule in self.policies.rules("limit"):
            may = not_false(self.of(self.scope.rules[rule.key]))
            otherwise_accepted = all_of((negated(col("charged")), negated(col("narrowed")), col("admitted")))
            yield Because("limit", rule.name, None), all_of((undetermined.copy(), surely(otherwise_accepted), may))
        for part in self._narrower:
            may = not_false(self.of(part.formula))
            yield Because("narrower_policy", part.policy.name, None), all_of((undetermined.copy(), may))

    def _reasons_of(self, part: Part) -> Iterator[tuple[Because, Expr]]:
        def because(kind: ReasonKind, name: str) -> Because:
            return Because(kind, name, None)

        decides = any_of((surely(self.of(part.formula)), self._is_open(part)))
        if part.rule is not None:
            yield because("ban" if part.rule.kind == "ban" else "require", part.rule.name), decides
        elif part.task_list is not None:
            name = part.task_list.name
            if part.task_list.extent == "partial":
                not_held = self._not_held_ban(part)
                yield because("partial_list", name), not_held
                decides = all_of((decides, negated(not_held.copy())))
            yield because("ban_list", name), decides
        else:
            shutting = self._shutting(part.policy)
            for n, each in enumerate(shutting):
                tests = [decides.copy()]
                if self._is_shared(part):
                    tests.append(exp.EQ(this=col(f"s{part.number}_first"), expression=exp.Literal.number(n)))
                if any(other.extent == "partial" for other in shutting):
                    not_held = self._not_held(part)
                    yield because("partial_list", each.name), all_of((*(test.copy() for test in tests), not_held))
                    tests.append(negated(not_held.copy()))
                yield because("not_listed", each.name), all_of(tests)

    def _is_open(self, part: Part) -> Expr:
        """Whether a charge is open where nothing rejects."""
        return all_of(is_null(each) for each in (self.of(part.formula), col("charged")))

    def _unlisted(self) -> Iterator[Expr]:
        """Whether there is a reason that speaks of lists."""
        for part in self._charges:
            if part.rule is None and part.task_list is None:
                yield self._is_open(part)
            elif part.task_list is not None and part.task_list.extent == "partial":
                yield self._not_held_ban(part)

    def _not_held_ban(self, part: Part) -> Expr:
        assert part.task_list is not None
        return all_of((self._is_open(part), self._seeks(part.task_list)))

    def _not_held(self, part: Part) -> Expr:
        """Whether a document may shut a task out by what isn't at hand of a list."""
        tests = []
        for each in self._shutting(part.policy):
            if each.extent == "partial":
                governs = not_false(self.of(self.meaning.governs(each.key)))
                covers = is_null(self.of(self.meaning.truth(each.key)))
                tests.append(all_of((governs, covers, self._seeks(each))))
        return all_of((self._is_open(part), any_of(tests)))

    def _seeks(self, task_list: p.TaskList) -> Expr:
        """Whether an item is told that a list doesn't have."""
        if "item" not in self.told:
            return no()
        return surely(negated(self._in_classes(self.items.finding((task_list.key, ())))))

    def _is_shared(self, part: Part) -> bool:
        """Whether one of several lists names the reason that a document shuts a task out."""
        return part.rule is None and part.task_list is None and len(self._shutting(part.policy)) > 1

    def _first(self, part: Part) -> Expr:
        """The number of the first list that governs, or may govern if none surely does."""
        governs = [self.meaning.governs(each.key) for each in self._shutting(part.policy)]
        sure = [(self.of(each), exp.Literal.number(n)) for n, each in enumerate(governs)]
        perhaps = [(is_null(self.of(each)), exp.Literal.number(n)) for n, each in enumerate(governs)]
        return cases([*sure, *perhaps], exp.Literal.number(0))

    # ---- what admits, what is open, what comes with it -----------------------------------------------------------------

    def _admitted_by(self) -> Iterator[tuple[Expr, Expr]]:
        for part in self._grounds:
            if part.rule is not None:
                yield self.of(part.formula), self.constant(part.rule.name)
            elif part.task_list is not None:
                speaks = negated(surely(self.of(self.meaning.replaced(part.task_list.key))))
                yield all_of((self.of(part.formula), speaks)), self._item_named(part.task_list)

    def _item_named(self, task_list: p.TaskList) -> Expr:
        """The name of a list with that of the item by which it covers a task."""
        named = [*self._found_items(task_list), *self._residual_items(task_list)]
        if "item" not in self.told:
            return self.constant(task_list.name)
        return cases(named, self.constant(task_list.name)) if named else self.constant(task_list.name)

    def _found_items(self, task_list: p.TaskList) -> Iterator[tuple[Expr, Expr]]:
        places = self.items.places(task_list.key)
        view = (task_list.key, ())
        for place in range(places):
            number = self.items.slots[task_list.key, place]
            name = call("CONCAT", self.constant(f"{task_list.name} "), col(f"item_name_{number}"))
            if places == 1:
                yield self._in_classes(self.items.finding(view)), name
                continue
            ways = []
            for condition in self.items.conditions_at(task_list.key, place):
                found = self._in_classes(self.items.finding(view, condition, place))
                ways.append(all_of((found, self.of(self.meaning.conditions[condition]))))
            yield any_of(ways), name

    def _residual_items(self, task_list: p.TaskList) -> Iterator[tuple[Expr, Expr]]:
        for item in task_list.otherwise:
            unlisted = negated(self._in_classes(self.items.finding((task_list.key, ()))))
            test = all_of((unlisted, self.of(self.meaning.formula(item.covers))))
            yield test, self.constant(f"{task_list.name} {name_of(item)}")

    def _open(self) -> Iterator[tuple[Expr, Expr]]:
        """The facts that aren't known and that something open reads."""
        reading: dict[str, list[Expr]] = {}
        parts = [*self._charges, *self._grounds, *self._narrower]
        limits = [self.scope.rules[rule.key] for _, rule in self.policies.rules("limit")]
        for formula in (*(part.formula for part in parts), *limits):
            for name in self.scope.facts_of(formula):
                reading.setdefault(name, []).append(is_null(self.of(formula)))
        for name in self.policies.facts:
            if name in reading:
                unread = negated(self._is_known(name))
                yield all_of((any_of(reading[name]), unread)), self.constant(name)

    def _is_known(self, name: str) -> Expr:
        known = [self.told[name].known] if name in self.told else []
        if name in self.scope.existing:
            known.append(is_false(self.of(self.scope.existing[name])))
        return any_of(known)

    def _duties(self) -> Iterator[tuple[Expr, Expr]]:
        found: dict[str, list[Expr]] = {}
        for _, rule in self.policies.rules("duty"):
            found.setdefault(rule.name, []).append(not_false(self.of(self.scope.rules[rule.key])))
        for name, tests in found.items():
            yield all_of((self._is("accepted"), any_of(tests))), self.constant(name)

    @property
    def _problem_columns(self) -> Iterator[str]:
        number = len([*self.reader.problems(), *self._misplaced()])
        return (f"x{n}" for n in range(number))


def _source(table: Table) -> exp.Select:
    """The innermost query, round a table or another query."""
    if isinstance(table, exp.Query):
        return exp.select().from_(table.copy().subquery(SOURCE))
    parts = table.split(".") if isinstance(table, str) else list(table)
    if not parts or len(parts) > 3 or not all(parts) or any("\0" in part for part in parts):
        raise ValueError(f"not the name of a table: {table!r}")
    names = [exp.to_identifier(part, quoted=True) for part in parts]
    named = exp.Table(**dict(zip(("this", "db", "catalog"), names[::-1], strict=False)))
    return exp.select().from_(exp.alias_(named, SOURCE, table=True, quoted=True, copy=False))


def _double_percents(tree: Expr) -> None:
    for each in tree.find_all(exp.Identifier):
        each.set("this", each.this.replace("%", "%%"))


def _check_names(keys: Sequence[str], told: Iterable[Told]) -> None:
    """Refuse names that no database has, and answers of one name."""
    if any("\0" in name or not name for name in (*keys, *(name for each in told for name in each.column.names))):
        raise ValueError("the name of a column is empty or holds NUL")
    if len({*keys, *ANSWERS}) < len(keys) + len(ANSWERS):
        raise ValueError(f"a column of the answer stands twice: {', '.join((*keys, *ANSWERS))}")
