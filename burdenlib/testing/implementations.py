"""Implementations of the language that can be asked the same questions: ours, and any other.

A question is a set of policies with tasks; a reply says of one task what an implementation can say: the answer, the
reasons, what admits, the duties, the missing facts. What it leaves unsaid isn't compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from burdenlib import policy as p
from burdenlib.compiled import Decision, Program
from burdenlib.engine import Engine, as_task
from burdenlib.facts import SetValue, ValueProblemError, read_value
from burdenlib.intake import Case, make_case
from burdenlib.judge import judge
from burdenlib.limits import apply_limits
from burdenlib.lists import decode
from burdenlib.problems import TaskError
from burdenlib.source import Span
from burdenlib.task import read_task
from burdenlib.verdict import Verdict

__all__ = [
    "AUDIT",
    "AUDIT_COMPILED",
    "COMPILED",
    "COMPILED_JSON",
    "COMPILED_READ",
    "INTERPRETER",
    "INTERPRETER_ASKING",
    "REFUSED",
    "SILENT",
    "Implementation",
    "Question",
    "Reply",
]

# ---- questions -------------------------------------------------------------------------------------------------------------


@frozen
class Question:
    """Tasks to be judged, each by itself or `together` as a portfolio; `as_of` moves what is in force.

    A task is a mapping of facts by name, with an `id` of its own. `tables` are the item tables of policies that were
    not read from files, by name.
    """

    tasks: tuple[Mapping[str, object], ...]
    together: bool = False
    as_of: date | None = None
    tables: Mapping[str, str] = field(factory=dict)

    def to_json(self, policies: p.PolicySet) -> dict[str, object]:
        """The question with the texts of its policies, as an outside implementation is asked it."""
        found: dict[str, object] = {"policies": texts_of_policies(policies)}
        if tables := dict(self.tables) or _tables(policies):
            found["tables"] = tables
        found["tasks"] = [{name: _as_json(value) for name, value in task.items()} for task in self.tasks]
        if self.together:
            found["together"] = True
        if self.as_of is not None:
            found["as_of"] = self.as_of.isoformat()
        return found


def texts_of_policies(policies: p.PolicySet) -> dict[str, str]:
    """The texts of policies, by the names of their sources."""
    return {policy.file: policy.span.source.text for policy in policies.policies}


def _tables(policies: p.PolicySet) -> dict[str, str]:
    """The item tables of policies, by the names of their files."""
    wheres = (item.about.where for each in policies.lists.values() for item in each.items)
    cells = (each.source.cell for each in wheres if isinstance(each, Span))
    files = sorted({Path(each.file) for each in cells if each is not None})
    return {file.name: decode(file.read_bytes()) or "" for file in files}


def _as_json(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case set() | frozenset() | tuple():
            return sorted(value)
        case Mapping():
            return {name: _as_json(each) for name, each in value.items()}
    return value


# ---- replies ---------------------------------------------------------------------------------------------------------------


@frozen
class Reply:
    """What an implementation says of one task; `None` is left unsaid.

    `status` is that of a verdict, or `refused` where the task can't be judged as it is told. `reasons` are kinds and
    rules (without those that tell of errors), `admitted_by` are rules and lists, these with the code of the item
    (`None`: the item has none), `duties` say whether they hang on what isn't known. `missing` is exact; `open` holds
    it, and may hold more.
    """

    status: str | None = None
    reasons: frozenset[tuple[str, str | None]] | None = None
    admitted_by: frozenset[tuple[str, str | None]] | None = None
    duties: frozenset[tuple[str, bool]] | None = None
    missing: frozenset[str] | None = None
    open: frozenset[str] | None = None

    @classmethod
    def of(cls, verdict: Verdict, *, asking: bool = False) -> Reply:
        """What a verdict says; with `asking` also what is missing."""
        return cls(
            verdict.status,
            frozenset((each.kind, each.rule) for each in verdict.reasons if each.kind != "error"),
            frozenset((each.rule, None if each.item is None else each.item.code) for each in verdict.admitted_by),
            frozenset((each.rule, each.condition is not None) for each in verdict.duties),
            frozenset(each.fact for each in verdict.missing) if asking else None,
        )

    @classmethod
    def of_decision(cls, decision: Decision | None) -> Reply:
        """What a decision says; nothing where the task is left to the interpreter."""
        if decision is None:
            return SILENT
        return cls(
            decision.status,
            frozenset((each.kind, each.rule) for each in decision.reasons if each.kind != "error"),
            frozenset((each.rule, each.item) for each in decision.admitted_by),
        )

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Reply:
        """A reply as the conformance suite writes it, or a verdict as JSON; keys that aren't there are left unsaid."""

        def told(key: str, read: Callable[[Any], Any]) -> Any:
            return None if found.get(key) is None else frozenset(read(each) for each in found[key])

        return cls(
            found.get("status"),
            None
            if found.get("reasons") is None
            else frozenset((each["kind"], each["rule"]) for each in found["reasons"] if each["kind"] != "error"),
            told("admitted_by", lambda each: (each.get("list") or each["admit"], each.get("item"))),
            told("duties", lambda each: (each["duty"], bool(each.get("if")))),
            told("missing", lambda each: each["fact"] if isinstance(each, Mapping) else each),
            told("open", str),
        )

    def to_json(self, lists: Iterable[str]) -> dict[str, object]:
        """The reply as the conformance suite writes it; `lists` are the names of the lists."""
        names = frozenset(lists)
        found: dict[str, object] = {} if self.status is None else {"status": self.status}
        if self.reasons is not None:
            found["reasons"] = [{"kind": kind, "rule": rule} for kind, rule in _sorted(self.reasons)]
        if self.admitted_by is not None:
            found["admitted_by"] = [
                {"list": rule, "item": item} if rule in names else {"admit": rule}
                for rule, item in _sorted(self.admitted_by)
            ]
        if self.duties is not None:
            found["duties"] = [{"duty": rule} | ({"if": True} if open_ else {}) for rule, open_ in sorted(self.duties)]
        for name in ("missing", "open"):
            if (facts := getattr(self, name)) is not None:
                found[name] = sorted(facts)
        return found

    def differs(self, other: Reply) -> tuple[str, ...]:
        """The parts in which two replies contradict each other."""
        found = [
            name
            for name in ("status", "reasons", "admitted_by", "duties", "missing")
            if (one := getattr(self, name)) is not None and (two := getattr(other, name)) is not None and one != two
        ]
        for exact, more in ((self, other), (other, self)):
            if exact.missing is not None and more.open is not None and not exact.missing <= more.open:
                found.append("open")
        return tuple(found)


def _sorted(pairs: Iterable[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    return sorted(pairs, key=lambda pair: (pair[0], pair[1] or ""))


SILENT = Reply()
"""Says nothing: an implementation leaves the task alone."""

REFUSED = Reply("refused")
"""The task can't be judged as it is told."""


# ---- implementations -------------------------------------------------------------------------------------------------------

Answer = Callable[[Engine, Question], Sequence[Reply]]


@frozen(eq=False)
class Implementation:
    """A way to judge tasks: its name, and a function that gives a reply to each task of a question.

    `strict` says that it reads all that a task tells, and refuses what can't be read even where nothing hangs on it;
    `together` that it judges limits over portfolios too. What it can't do it may leave alone with `SILENT`.
    """

    name: str
    answer: Answer = field(repr=False)
    strict: bool = True
    together: bool = False

    def ask(self, engine: Engine, question: Question) -> tuple[Reply, ...]:
        """Its replies, one for each task; nothing is said of a portfolio by one that doesn't judge those.

        Where it fails, the error is its reply to every task.
        """
        if question.together and not self.together:
            return (SILENT,) * len(question.tasks)
        try:
            replies = tuple(self.answer(engine, question))
        except Exception as error:  # noqa: BLE001  # whatever goes wrong in one of them is a disagreement
            return (Reply(f"failed: {type(error).__name__}: {error}"),) * len(question.tasks)
        if len(replies) != len(question.tasks):
            raise ValueError(f"{self.name} gives {len(replies)} replies to {len(question.tasks)} tasks")
        return replies

    def differs(self, reply: Reply, other: Implementation, others: Reply) -> tuple[str, ...]:
        """The parts in which the replies of two implementations contradict each other."""
        if (reply == REFUSED and not other.strict) or (others == REFUSED and not self.strict):
            return ()
        return reply.differs(others)


def _interpreted(engine: Engine, question: Question) -> list[Reply]:
    """What the judge finds, limits included if tasks are judged together, without looking for what is missing."""
    policies = engine.policies
    judged: dict[int, tuple[Case, Verdict]] = {}
    for number, facts in enumerate(question.tasks):
        task = as_task(facts)
        told, wrong = read_task(task, policies)
        case, more = make_case(policies, task.id, told, as_of=question.as_of)
        if not wrong and not more:
            judged[number] = case, judge(policies, case)
    verdicts = [verdict for _, verdict in judged.values()]
    if question.together:
        verdicts = apply_limits(policies, list(judged.values()))
    found = dict(zip(judged, verdicts, strict=True))
    return [Reply.of(found[number]) if number in found else REFUSED for number in range(len(question.tasks))]


def _asking(engine: Engine, question: Question) -> list[Reply]:
    """What `Engine.check` and `Engine.check_all` give."""
    if question.together:
        outcome = engine.check_all(question.tasks, as_of=question.as_of, keep_going=True)
        found = {verdict.task: Reply.of(verdict, asking=True) for verdict in outcome.verdicts}
        return [found.get(as_task(task).id, REFUSED) for task in question.tasks]
    return [_asked(engine, task, question.as_of) for task in question.tasks]


def _asked(engine: Engine, task: Mapping[str, object], as_of: date | None) -> Reply:
    try:
        return Reply.of(engine.check(task, as_of=as_of), asking=True)
    except TaskError:
        return REFUSED


INTERPRETER = Implementation("interpreter", _interpreted, together=True)
"""The definition: the tree-walking interpreter. It doesn't say what is missing, which takes longer than all the rest."""

INTERPRETER_ASKING = Implementation("interpreter, asking", _asking, together=True)
"""`Engine.check`, or `Engine.check_all`: the interpreter with what is missing."""


# ---- compiled --------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _program(policies: p.PolicySet, as_of: date | None) -> Program:
    return Program(policies, as_of)


def _compiled(engine: Engine, question: Question) -> list[Reply]:
    program = _program(engine.policies, question.as_of)
    return [Reply.of_decision(program.decide(task)) for task in question.tasks]


def _compiled_read(engine: Engine, question: Question) -> list[Reply]:
    program = _program(engine.policies, question.as_of)
    read = map(program.read, question.tasks)
    return [SILENT if each is None else Reply.of_decision(program.decide_read(each)) for each in read]


def _compiled_json(engine: Engine, question: Question) -> list[Reply]:
    if question.as_of is not None:
        return [SILENT] * len(question.tasks)
    return [_from_bytes(engine, task) for task in question.tasks]


def _from_bytes(engine: Engine, task: Mapping[str, object]) -> Reply:
    told = {name: _as_json(value) for name, value in task.items()}
    try:
        answer = engine.decide_json(json.dumps(told, ensure_ascii=False).encode())
    except TaskError:
        return REFUSED
    return Reply.from_json(json.loads(answer))


COMPILED = Implementation("compiled", _compiled, strict=False)
"""The compiled form behind `Engine.decide`; it says nothing where it leaves a task to the interpreter."""

COMPILED_READ = Implementation("compiled, read once", _compiled_read, strict=False)
"""The compiled form of a task that was read before it is decided."""

COMPILED_JSON = Implementation("compiled, JSON", _compiled_json, strict=False)
"""`Engine.decide_json`: bytes in, bytes out."""


# ---- audit -----------------------------------------------------------------------------------------------------------------


def _audited(engine: Engine, question: Question, *, compiled: bool = False) -> list[Reply]:
    from burdenlib.audit import audit

    policies = engine.policies if question.together else without_limits(engine.policies)
    read = [named(policies, task) for task in question.tasks]
    told = {number: task for number, task in enumerate(read) if task is not None}
    if not told:
        return [REFUSED] * len(read)
    found = audit(policies, table_of(policies, [*told.values()]), as_of=question.as_of, keep_going=True, threads=1)
    if compiled:
        found.fewest = 0
    rows = dict(zip(told, found.to_arrow().to_pylist(), strict=True))
    codes = codes_of(policies)
    return [reply_of_row(rows[number], codes) if number in rows else REFUSED for number in range(len(read))]


@lru_cache(maxsize=8)
def without_limits(policies: p.PolicySet) -> p.PolicySet:
    """The policies as tasks are judged one by one."""
    found = (evolve(each, rules=tuple(r for r in each.rules if r.kind != "limit")) for each in policies.policies)
    return evolve(policies, policies=tuple(found))


@lru_cache(maxsize=8)
def codes_of(policies: p.PolicySet) -> frozenset[tuple[str, str]]:
    """Each list with the code of each of its items."""
    return frozenset((each.name, item.code) for each in policies.lists.values() for item in each.items if item.code)


def reply_of_row(row: Mapping[str, str | None], codes: frozenset[tuple[str, str]]) -> Reply:
    if row["status"] is None:
        return REFUSED
    reasons, admitting = (_parts(row[name]) for name in ("reasons", "admitted_by"))
    return Reply(
        row["status"],
        frozenset((kind, rule or None) for kind, _, rule in reasons),
        frozenset((rule, item if (rule, item) in codes else None) for rule, _, item in admitting),
        open=frozenset(word for word, _, _ in _parts(row["open"])),
    )


def _parts(text: str | None) -> list[tuple[str, str, str]]:
    from burdenlib.audit.results import SEPARATOR

    return [each.partition(" ") for each in text.split(SEPARATOR)] if text else []


def named(policies: p.PolicySet, task: Mapping[str, object]) -> dict[str, object] | None:
    """A task's facts by their names; `None` if not all of them can stand in a table, which reads cells otherwise."""
    found: dict[str, object] = {}
    for name, raw in task.items():
        fact = policies.find_fact(name)
        if fact is None or fact.name in found:
            return None
        try:
            read_value(fact.type, raw)
        except ValueProblemError:
            return None
        found[fact.name] = raw
    return found


def table_of(policies: p.PolicySet, tasks: Sequence[Mapping[str, object]]) -> Any:
    """Tasks as a table with a column for each fact that one of them tells, each value as a cell has it."""
    import pyarrow as pa

    names = sorted({name for task in tasks for name in task})
    return pa.table({name: _column(policies, name, [task.get(name) for task in tasks]) for name in names})


def _column(policies: p.PolicySet, name: str, values: Sequence[object]) -> Any:
    """A column of text; one of objects where a set is told in part."""
    import pyarrow as pa

    if not any(isinstance(value, Mapping) for value in values):
        return pa.array([cell_of(value) for value in values], pa.string())
    read = [read_value(policies.facts[name].type, value) for value in values]
    parts = [
        {"includes": sorted(value.includes), "excludes": sorted(value.excludes)}
        if isinstance(value, SetValue)
        else None
        for value in read
    ]
    members = pa.list_(pa.string())
    return pa.array(parts, pa.struct([("includes", members), ("excludes", members)]))


def cell_of(value: object) -> str | None:
    """A value as a cell of a table has it."""
    match value:
        case None:
            return None
        case bool():
            return "是" if value else "否"
        case set() | frozenset() | list() | tuple():
            return "、".join(sorted(value)) or "无"
        case date():
            return value.isoformat()
    return str(value)


AUDIT = Implementation("audit", _audited, together=True)
"""`Engine.audit`: tasks as a table, judged column by column (needs the extra `audit`)."""

AUDIT_COMPILED = Implementation("audit, compiled", partial(_audited, compiled=True), together=True)
"""`Engine.audit` as it judges tables of many rows: by compiled code, where numba is installed (extra `fast`)."""
