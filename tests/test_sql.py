"""Policies as SQL give the verdicts of tasks judged one by one, in the databases that are at hand."""

from __future__ import annotations

import datetime as dt
import json
import random
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from burdenlib import workdays
from burdenlib.cli import main
from burdenlib.engine import Engine
from burdenlib.intake import make_case
from burdenlib.judge import judge
from burdenlib.lists import normal_code, normal_title
from burdenlib.problems import TaskError
from burdenlib.questions import with_missing
from burdenlib.task import Task, read_task
from burdenlib.verdict import Verdict
from tests.strategies import FACTS, Made, policy_sets, some_facts, texts_of, whole_facts

sqlglot = pytest.importorskip("sqlglot")
duckdb = pytest.importorskip("duckdb")

from burdenlib.sql import Column, DialectName, Query, UnsupportedSqlError, query  # noqa: E402  # needs sqlglot
from burdenlib.sql.constants import Constants, col  # noqa: E402
from burdenlib.sql.dialects import DIALECTS  # noqa: E402
from burdenlib.sql.pairs import counted  # noqa: E402
from burdenlib.sql.query import ANSWERS  # noqa: E402
from burdenlib.sql.scope import Scope  # noqa: E402
from burdenlib.sql.texts import Texts  # noqa: E402
from tests.databases import (  # noqa: E402
    HAS_POSTGRES,
    Database,
    Postgres,
    duck,
    postgres_server,
    psycopg,
    quoted,
    spark_session,
)

Facts = Mapping[str, object]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of its own in a temporary folder, that nobody else can reach."""
    if not HAS_POSTGRES:
        pytest.skip("PostgreSQL or psycopg isn't installed")
    with ExitStack() as stack:
        try:
            found = stack.enter_context(postgres_server())
        except (OSError, subprocess.CalledProcessError, psycopg.Error) as error:
            pytest.skip(f"no PostgreSQL can be started here: {error}")
        yield found


# ---- what is compared ----------------------------------------------------------------------------------------------------------

COLUMNS: Mapping[str, Column] = {
    "applied_on": Column("applied_on", none="never applied"),
    "pages": Column("pages", none="no pages"),
    "channels": Column("channels", excludes="not by"),
}
"""Columns with more than a value; the others have the names of their facts."""


def row_of(number: int, facts: Facts, columns: Mapping[str, Column]) -> dict[str, object]:
    """A task as a row of a table."""
    row: dict[str, object] = {}
    for name, value in facts.items():
        column = columns.get(name, Column(name))
        if column.none is not None and value == "none":
            row[column.none] = True
        elif isinstance(value, dict):
            row[column.name] = sorted(value["includes"])
            assert column.excludes is not None
            row[column.excludes] = sorted(value["excludes"])
        elif isinstance(value, set | frozenset | list | tuple):
            row[column.name] = sorted(value)
        else:
            row[column.name] = value
    return {**row, "id": f"{number:04}"}


def whole_sets(engine: Engine, row: dict[str, object], columns: Mapping[str, Column]) -> None:
    """A set that is told as a whole excludes the rest."""
    for name, column in columns.items():
        if column.excludes is not None and column.name in row and column.excludes not in row:
            held = row[column.name]
            assert isinstance(held, list)
            row[column.excludes] = sorted(engine.policies.facts[name].type.names - set(held))


def judged(engine: Engine, number: int, facts: Facts, as_of: dt.date | None, *, asking: bool) -> Verdict | None:
    told, problems = read_task(Task(f"{number:04}", facts), engine.policies)
    case, more = make_case(engine.policies, f"{number:04}", told, as_of=as_of)
    if problems or more:
        return None
    verdict = judge(engine.policies, case)
    return with_missing(engine.policies, case, verdict) if asking else verdict


def words(text: str | None) -> list[str]:
    return text.split("; ") if text else []


def reasons_of(verdict: Verdict) -> list[str]:
    named = ((each.kind, each.rule) for each in verdict.reasons if each.kind != "error")
    return list(dict.fromkeys(kind if rule is None else f"{kind} {rule}" for kind, rule in named))


def admitted_by(verdict: Verdict) -> set[str]:
    return {
        each.rule if each.item is None else f"{each.rule} {each.item.code or each.item.title.pick('zh')}"
        for each in verdict.admitted_by
    }


def agree(row: Mapping[str, Any], verdict: Verdict | None, outside: frozenset[str] = frozenset()) -> None:
    """Compare an answer; rules that are `outside` are left open, as limits are, and keep a task from being accepted."""
    if verdict is None:
        assert row["status"] is None, row
        assert row["problems"], row
        assert row["reasons"] is row["open"] is row["admitted_by"] is row["duties"] is None
        return
    said = (row, verdict.status, reasons_of(verdict), admitted_by(verdict), verdict.missing)
    assert row["problems"] is None, said
    assert set(words(row["admitted_by"])) == set(words("; ".join(admitted_by(verdict)))), said
    left_open = {each for each in words(row["reasons"]) if each.split(" ")[-1] in outside}
    expected = [each for each in reasons_of(verdict) if each.split(" ")[-1] not in outside]
    if left_open or len(expected) < len(verdict.reasons) or (verdict.status == "accepted" and verdict.limits):
        assert row["status"] == "undetermined" or (row["status"] == verdict.status == "rejected"), said
        if verdict.status == "accepted" and not left_open:
            assert set(words(row["reasons"])) == {f"limit {each}" for each in verdict.limits}, said
        return
    assert row["status"] == verdict.status, said
    assert words(row["reasons"]) == expected, said
    assert set(words(row["open"])) >= {missing.fact for missing in verdict.missing}, said
    assert verdict.status == "undetermined" or not row["open"], said
    assert set(words(row["duties"])) == {duty.rule for duty in verdict.duties}, said


def same_answers(
    engine: Engine,
    tasks: Sequence[Facts],
    as_of: dt.date | None = None,
    *,
    database: Database | None = None,
    asking: bool = True,
    **options: Any,
) -> list[str]:
    """Compare the answers of a database with those of the interpreter; gives the statuses."""
    columns = {**{name: Column(name) for name in FACTS if name in engine.policies.facts}, **COLUMNS}
    dialect: DialectName = "postgres" if isinstance(database, Postgres) else "duckdb"
    asked = query(engine.policies, dialect, columns=columns, as_of=as_of, leave_open=True, **options)
    rows = [row_of(number, facts, columns) for number, facts in enumerate(tasks)]
    for row in rows:
        whole_sets(engine, row, columns)
    found = (database or duck()).answers(asked, rows)
    assert len(found) == len(rows)
    for number, (row, facts) in enumerate(zip(found, tasks, strict=True)):
        agree(row, judged(engine, number, facts, as_of, asking=asking))
    return [row["status"] for row in found]


def wild_facts() -> st.SearchStrategy[dict[str, object]]:
    """Tasks of which anything may be missing, and some of which tell what they can't have."""
    return st.fixed_dictionaries({}, optional=dict(FACTS))


TASKS = st.lists(whole_facts() | some_facts().map(lambda pair: pair[0]) | wild_facts(), min_size=1, max_size=12)
DAYS_OF = st.none() | st.sampled_from((dt.date(2024, 2, 1), dt.date(2022, 1, 1)))


@given(policy_sets(), TASKS, DAYS_OF)
@settings(max_examples=settings().max_examples // 3)
def test_duckdb_gives_the_verdicts_of_generated_policies(
    made: tuple[Made, ...], tasks: list[dict[str, object]], as_of: dt.date | None
) -> None:
    same_answers(Engine.load(texts=texts_of(made)), tasks, as_of)


@given(policy_sets(), TASKS, DAYS_OF)
@settings(max_examples=settings().max_examples // 3, suppress_health_check=list(HealthCheck))
def test_postgres_gives_the_verdicts_of_generated_policies(
    postgres: Postgres, made: tuple[Made, ...], tasks: list[dict[str, object]], as_of: dt.date | None
) -> None:
    same_answers(Engine.load(texts=texts_of(made)), tasks, as_of, database=postgres)


# ---- what is shipped -------------------------------------------------------------------------------------------------------------

CASES = Path(__file__).parent / "data" / "cases.jsonl"


def parts_of_cases(engine: Engine, number: int, seed: int) -> list[Facts]:
    """The cases of the field, some of them with part of their facts."""
    read = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    cases = [task.get("facts", task) for each in read for task in each.get("tasks", [each])]
    chance = random.Random(seed)
    found: list[Facts] = []
    for _ in range(number):
        dropped = chance.choice((0.0, 0.0, 0.1, 0.3))
        found.append(
            {
                name: value
                for name, value in chance.choice(cases).items()
                if name in engine.policies.facts and not isinstance(value, dict) and chance.random() >= dropped
            }
        )
    return found


def shipped_alike(engine: Engine, database: Database, dialect: DialectName, number: int) -> None:
    asked = query(engine.policies, dialect, leave_open=True)
    tasks = parts_of_cases(engine, number, seed=number)
    rows = database.answers(asked, [row_of(at, facts, asked.columns) for at, facts in enumerate(tasks)])
    outside = frozenset(each.rule for each in asked.outside)
    for at, (row, facts) in enumerate(zip(rows, tasks, strict=True)):
        agree(row, judged(engine, at, facts, None, asking=at < 3), outside)
    assert {row["status"] for row in rows} >= {"accepted", "rejected", "undetermined"}


def test_the_policies_of_a_province_judge_cases_alike() -> None:
    shipped_alike(Engine.load("shandong"), duck(), "duckdb", 60)


@pytest.mark.slow
def test_all_that_is_shipped_judges_cases_alike_in_duckdb() -> None:
    shipped_alike(Engine.load(), duck(), "duckdb", 400)


@pytest.mark.slow
def test_all_that_is_shipped_judges_cases_alike_in_postgres(postgres: Postgres) -> None:
    shipped_alike(Engine.load(), postgres, "postgres", 400)


def test_nearly_all_shipped_rules_can_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    scope = Scope(Engine.load().policies, None)
    names = {(each.rule, each.construct) for each in scope.outside}
    rules = [rule for policy in scope.policies.policies for rule in policy.rules]
    outside = {rule for rule, _ in names} & {rule.name for rule in rules}
    share = 1 - len(outside) / len(rules)
    with capsys.disabled():
        print(  # noqa: T201  # told at every run
            f"\nSQL says {share:.1%} of {len(rules)} shipped rules, and {1 - len(names) / scope.judged:.1%} with lists"
        )
    assert share >= 0.95
    assert {construct for _, construct in names} == {"limit", "mentions"}


# ---- what can't be said ------------------------------------------------------------------------------------------------------------

OUTSIDE = """
policy outside "规则(自编)" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试》
phrases pledge_words {"责任书"} shows channels includes pledge
admit all "all" when kind is work or kind is form
ban words "no pledges" when kind is work and mentions pledge_words
limit forms "two forms" at most 2 per target when kind is form
"""


def outside() -> Engine:
    return Engine.load(texts={"outside.burden": OUTSIDE})


def test_what_cannot_be_said_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedSqlError) as error:
        outside().sql()
    found = {(each.rule, each.construct) for each in error.value.outside}
    assert found == {("outside.words", "mentions"), ("outside.forms", "limit")}
    assert "`outside.words` can't be said in SQL: mentions" in str(error.value)
    assert all(problem.line for problem in error.value.problems)


def test_what_is_left_open_never_accepts() -> None:
    asked = outside().sql("duckdb", leave_open=True)
    task = {"target": "370899101201", "date": dt.date(2024, 5, 6)}
    kinds = [{"id": str(at), **task, "kind": kind} for at, kind in enumerate(("work", "form", "meeting"))]
    found = duck().answers(asked, kinds)
    assert [(row["status"], row["reasons"]) for row in found] == [
        ("undetermined", "ban outside.words"),
        ("undetermined", "limit outside.forms"),
        ("undetermined", "no_list"),
    ]


# ---- what can't be used ------------------------------------------------------------------------------------------------------------

COUNTY = """
policy county "清单(自编)" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试》
list tasks "tasks" governs when kind is work closed
  item T-1 "甲、乙事项" also "上门①走访" role assist
  item T-2 "丙事项" role own
  item T-3 "丙事项" role assist when funded
  otherwise "其他事项" when channels includes consultation
ban pledges "no pledges" when channels includes pledge unless basis at least administrative_regulation
ban many "too many" when documents_increase above 3
ban early "too early" when kind is signboard and date before 5 working days after applied_on
duty training "training" when role is assist
"""
TOLD: Facts = {
    "target": "370899101201",
    "kind": "work",
    "item": "T-1",
    "date": dt.date(2024, 3, 1),
    "role": "assist",
    "channels": ["notice"],
    "basis": "none",
    "documents_increase": 1,
}


@cache
def county() -> Engine:
    return Engine.load(texts={"county.burden": COUNTY})


def told(**changes: object) -> dict[str, object]:
    return {name: value for name, value in {"id": "t", **TOLD, **changes}.items() if value is not None}


def answer(database: Database, dialect: DialectName, **changes: object) -> dict[str, Any]:
    return database.answers(county().sql(dialect), [told(**changes)])[0]


def test_a_task_told_completely_is_accepted() -> None:
    found = answer(duck(), "duckdb")
    assert found == {
        "id": "t",
        "status": "accepted",
        "reasons": "",
        "admitted_by": "county.tasks T-1",
        "open": "",
        "duties": "county.training",
        "problems": None,
    }


WRONG: Sequence[tuple[dict[str, object], str]] = [
    ({"kind": "wrok"}, "unknown-value kind"),
    ({"channels": ["notice", "plege"]}, "unknown-value channels"),
    ({"channels": ["notice", None]}, "unknown-value channels"),
    ({"target": "3708991"}, "bad-place target"),
    ({"target": "003708"}, "bad-place target"),
    ({"target": "\uff13\uff17"}, "bad-place target"),
    ({"item": "T-1\x07"}, "control-character item"),
    ({"item": "无"}, "never-none item"),
    ({"documents_increase": float("nan")}, "ill-typed documents_increase"),
    ({"documents_increase": float("inf")}, "ill-typed documents_increase"),
    ({"kind": "signboard"}, "misplaced-fact documents_increase"),
    ({"applied_on": dt.date(2024, 1, 1), "applied_on_none": True}, "none-and-value applied_on"),
]


@pytest.mark.parametrize(("changes", "problem"), WRONG)
def test_what_cannot_be_read_is_an_error_and_never_accepted(changes: dict[str, object], problem: str) -> None:
    found = answer(duck(), "duckdb", **changes)
    assert found["status"] is found["reasons"] is found["admitted_by"] is found["open"] is None
    assert found["problems"] == problem


def test_what_cannot_be_read_is_an_error_in_postgres_too(postgres: Postgres) -> None:
    asked = county().sql("postgres")
    rows = [{**told(**changes), "id": f"{number:02}"} for number, (changes, _) in enumerate(WRONG)]
    found = postgres.answers(asked, rows)
    assert [row["problems"] for row in found] == [problem for _, problem in WRONG]
    assert {row["status"] for row in found} == {None}


@pytest.mark.parametrize("day", ["infinity", "-infinity"])
def test_a_day_outside_the_calendar_is_an_error(postgres: Postgres, day: str) -> None:
    for database, dialect in ((duck(), "duckdb"), (postgres, "postgres")):
        found = answer(database, dialect, date=day)  # type: ignore[arg-type]  # of a tuple of literals
        assert (found["status"], found["problems"]) == (None, "ill-typed date")


def test_a_date_in_a_column_of_text_never_accepts(postgres: Postgres) -> None:
    for database, dialect, error in ((duck(), "duckdb", duckdb.Error), (postgres, "postgres", psycopg.Error)):
        asked = county().sql(dialect)  # type: ignore[arg-type]  # of a tuple of literals
        asked = evolve(asked, types={**asked.types, "date": "text"})
        for day in ("2024-02-30", "1 March", "03/01/2024"):
            with pytest.raises(error):
                database.answers(asked, [told(date=day)])


TWINS = [
    "T-1",
    " T-1 ",
    "\uff34\uff0d\uff11",
    "甲、乙事项",
    "甲,乙 事项",
    "甲\uff0c\u3000乙事项",
    "甲\u2026乙事项",
    "丙事项",
    "丙 事项",
]
TWINS += ["甲乙事项", "上门1走访", "t-1", "T\u200b-1", "其他"]


@pytest.mark.parametrize("role", ["own", "assist"])
def test_items_are_found_by_code_and_title_as_elsewhere(postgres: Postgres, role: str) -> None:
    tasks = [{**TOLD, "item": item, "role": role, "funded": True} for item in TWINS]
    for database, dialect in ((duck(), "duckdb"), (postgres, "postgres")):
        asked = county().sql(dialect)  # type: ignore[arg-type]  # of a tuple of literals
        rows = [row_of(number, task, asked.columns) for number, task in enumerate(tasks)]
        for number, (row, task) in enumerate(zip(database.answers(asked, rows), tasks, strict=True)):
            agree(row, judged(county(), number, task, None, asking=True))


STRANGE = "aA1-T \t\n\u3000\u00a0\u2003\u200b\u00ad、，,。…·“”()（）①㎡ﬁ\u0301é가\u1161𝒜丽\U0002f800甲乙\u2028_+=|"


@given(st.lists(st.text(STRANGE, max_size=6) | st.text(max_size=6), min_size=1, max_size=20))
@settings(max_examples=settings().max_examples * 2, suppress_health_check=list(HealthCheck))
def test_texts_are_compared_as_elsewhere_or_not_at_all(postgres: Postgres, texts: list[str]) -> None:
    texts = [text for text in texts if "\0" not in text and text.isprintable()] + ["甲"]
    for name in ("duckdb", "postgres"):
        dialect = DIALECTS[name]  # type: ignore[index]  # of a tuple of literals
        constants = Constants(literal=True, typed=True)
        reading = Texts(dialect, constants)
        rows = sqlglot.exp.select("n", "x").from_(
            dialect.rows("t", [("n", constants.row(range(len(texts)), "INT[]")), ("x", constants.row(texts, "TEXT[]"))])
        )
        given_ = col("x")
        other = reading.incomparable(given_)
        asked = sqlglot.exp.select(
            "n",
            reading.code(given_.copy()),
            reading.title(reading.code(given_.copy())),
            sqlglot.exp.false() if other is None else other,
        ).from_(rows.subquery("t"))
        database = duck() if name == "duckdb" else postgres
        found = sorted(database.connection.execute(dialect.text(asked)).fetchall())
        for number, code, title, is_incomparable in found:
            if not is_incomparable:
                assert (code or "", title or "") == (normal_code(texts[number]), normal_title(texts[number]))
            assert name == "duckdb" or not is_incomparable
        assert not found[-1][3]


# ---- text that isn't code --------------------------------------------------------------------------------------------------------------

EVIL = "a'b\"c`d\\e;f--g/*h*/i%s%(p1)s$p1:p1'' OR 1=1"
QUOTED = EVIL.replace('"', "”")


def evil() -> Engine:
    return Engine.load(
        texts={
            "evil.burden": f"""
policy evil "{QUOTED}" version 1 issued by county "{QUOTED}" for place 370899 effective 2024-01-01 cite 《测试》
list tasks "{QUOTED}" governs when kind is work closed
  item T-1 "{QUOTED}"
  otherwise "x'); drop table tasks;--" when department is "{QUOTED}"
ban named "{QUOTED}" when department is "'); drop table tasks; --" because "{QUOTED}"
"""
        }
    )


NAMES = {"kind": EVIL, "item": "'; drop table tasks; --", "department": "部门\n\u2028%", "date": 'x"y', "target": "$1"}


@pytest.mark.parametrize("literals", [False, True])
def test_names_and_texts_are_never_read_as_sql(postgres: Postgres, literals: bool) -> None:
    task = {"target": "370899101201", "kind": "work", "date": dt.date(2024, 5, 6)}
    tasks = [
        {**task, "item": QUOTED, "department": "甲局"},
        {**task, "item": "other", "department": QUOTED},
        {**task, "item": "T-1", "department": "'); drop table tasks; --"},
        {**task, "item": EVIL, "department": "甲局"},
    ]
    columns = {name: Column(column) for name, column in NAMES.items()}
    for database, dialect in ((duck(), "duckdb"), (postgres, "postgres")):
        asked = evil().sql(dialect, columns=columns, literals=literals)  # type: ignore[arg-type]
        assert bool(asked.parameters) is not literals
        found = database.answers(asked, [row_of(number, each, columns) for number, each in enumerate(tasks)])
        for number, (row, each) in enumerate(zip(found, tasks, strict=True)):
            agree(row, judged(evil(), number, each, None, asking=True))
        assert [row["status"] for row in found] == ["accepted", "accepted", "rejected", "accepted"]


def test_a_table_may_have_any_name_and_be_a_query() -> None:
    connection = duck().connection
    name = 'ta"sks; drop table x; --'
    columns = ("target", "kind", "item", "date", "role", "channels", "basis", "documents_increase")
    asked = county().sql("duckdb", (name,), columns, keys=(EVIL,))
    types = ", ".join(f'"{each}" {kind}' for each, kind in asked.types.items())
    connection.execute(f"create or replace table {quoted(name)} ({types}, {quoted(EVIL)} int)")
    row = [TOLD.get(each) for each in asked.types]
    connection.execute(f"insert into {quoted(name)} values ({', '.join('?' * len(row))}, 7)", row)
    found = connection.execute(asked.text, dict(asked.parameters))
    assert [each[0] for each in found.description] == [EVIL, *ANSWERS]
    assert found.fetchall()[0][:2] == (7, "accepted")
    inner = sqlglot.parse_one(f"select 1 as id, * from main.{quoted(name)} where kind = 'work'", read="duckdb")
    asked = county().sql("duckdb", inner, columns)
    assert connection.execute(asked.text, dict(asked.parameters)).fetchall()[0][:2] == (1, "accepted")
    asked = county().sql("duckdb", ("main", name), columns, keys=())
    assert connection.execute(asked.text, dict(asked.parameters)).fetchall()[0][0] == "accepted"
    for bad in ("", "a..b", ("a", ""), ("a\0b",), (), ("a", "b", "c", "d")):
        with pytest.raises(ValueError, match="name of a table"):
            county().sql("duckdb", bad)
    with pytest.raises(ValueError, match="NUL"):
        county().sql("duckdb", columns={"kind": "a\0b"})
    with pytest.raises(ValueError, match="dialect"):
        county().sql("oracle")  # type: ignore[arg-type]
    with pytest.raises(TaskError, match="unknown-fact"):
        county().sql("duckdb", columns=["knid"])
    with pytest.raises(ValueError, match="twice"):
        county().sql("duckdb", keys=("status",))


def spark_reads(asked: Query) -> sqlglot.exp.Expr:
    tree = sqlglot.parse_one(asked.text, read="spark")
    assert tree.sql("spark", pretty=True) == asked.text
    assert {each.name for each in tree.find_all(sqlglot.exp.Placeholder)} == set(asked.parameters)
    return tree


@given(policy_sets(2))
@settings(max_examples=3)
def test_spark_reads_what_is_written(made: tuple[Made, ...]) -> None:
    spark_reads(query(Engine.load(texts=texts_of(made)).policies, "spark", leave_open=True))


def test_spark_reads_strange_names_and_texts_as_they_are() -> None:
    columns = {name: Column(column) for name, column in NAMES.items()}
    tree = spark_reads(evil().sql("spark", EVIL.replace(".", ""), columns, keys=(EVIL,), literals=True))
    assert QUOTED in {each.this for each in tree.find_all(sqlglot.exp.Literal) if each.is_string}
    assert set(NAMES.values()) <= {each.name for each in tree.find_all(sqlglot.exp.Column)}
    assert [each.name for each in tree.find_all(sqlglot.exp.Table) if each.alias == "source"] == [EVIL]


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
def test_spark_gives_the_verdicts_of_tasks_judged_one_by_one() -> None:
    pytest.importorskip("pyspark")
    with spark_session() as spark:
        asked = county().sql("spark", literals=True)
        tasks = [{**TOLD, "item": item, "role": role} for item in TWINS[:9] for role in ("own", "assist")]
        rows = [row_of(number, task, asked.columns) for number, task in enumerate(tasks)]
        for number, (row, task) in enumerate(zip(spark.answers(asked, rows), tasks, strict=True)):
            agree(row, judged(county(), number, task, None, asking=False))
        wrong = [{**told(**changes), "id": f"{number:02}"} for number, (changes, _) in enumerate(WRONG)]
        assert [row["problems"] for row in spark.answers(asked, wrong)] == [problem for _, problem in WRONG]
        columns = {name: Column(column) for name, column in NAMES.items()}
        asked = evil().sql("spark", columns=columns)
        tasks = [
            {"target": "370899101201", "kind": "work", "item": item, "department": each}
            for item in (QUOTED, "T-1", "other")
            for each in ("甲局", QUOTED, "'); drop table tasks; --")
        ]
        rows = [row_of(number, task, columns) for number, task in enumerate(tasks)]
        for number, (row, task) in enumerate(zip(spark.answers(asked, rows), tasks, strict=True)):
            agree(row, judged(evil(), number, task, None, asking=False))


# ---- what is missing ---------------------------------------------------------------------------------------------------------------------


@given(policy_sets(2), st.lists(whole_facts(), min_size=1, max_size=6), st.sets(st.sampled_from(sorted(FACTS))))
@settings(max_examples=settings().max_examples // 3)
def test_a_fact_without_a_column_is_not_told(
    made: tuple[Made, ...], tasks: list[dict[str, object]], without: set[str]
) -> None:
    engine = Engine.load(texts=texts_of(made))
    columns = {name: COLUMNS.get(name, Column(name)) for name in FACTS if name not in without}
    asked = query(engine.policies, "duckdb", columns=columns, leave_open=True)
    rows = [row_of(number, facts, {**columns, **COLUMNS}) for number, facts in enumerate(tasks)]
    for row in rows:
        whole_sets(engine, row, columns)
    for number, (row, facts) in enumerate(zip(duck().answers(asked, rows), tasks, strict=True)):
        known = {name: value for name, value in facts.items() if name in columns}
        agree(row, judged(engine, number, known, None, asking=True))


@given(st.integers(-20, 20).filter(bool), st.dates(dt.date(2003, 12, 1), dt.date(2027, 2, 1)))
def test_working_days_are_counted_as_elsewhere(days: int, day: dt.date) -> None:
    assert dict(counted(days)).get(day) == workdays.shift(day, days)


# ---- the command --------------------------------------------------------------------------------------------------------------------------


def test_the_command_writes_a_query_that_runs(tmp_path: Path) -> None:
    (tmp_path / "county.burden").write_text(COUNTY, "utf-8")
    (tmp_path / "outside.burden").write_text(OUTSIDE, "utf-8")
    given_ = ["sql", "--policy", str(tmp_path / "county.burden"), "--language", "en", "--dialect", "duckdb"]
    result = CliRunner().invoke(main, [*given_, "--show-columns"])
    assert result.exit_code == 0
    columns = [line.split("\t") for line in result.stdout.splitlines()]
    assert ["applied_on_none", "boolean", "applied_on"] in columns
    result = CliRunner().invoke(main, [*given_, "--table", "main.tasks", "--output", str(tmp_path / "query.sql")])
    assert (result.exit_code, result.stdout) == (0, "")
    asked = county().sql("duckdb", "main.tasks", literals=True)
    assert (tmp_path / "query.sql").read_text("utf-8") == f"{asked.text};\n"
    assert duck().answers(asked, [told()])[0]["status"] == "accepted"
    result = CliRunner().invoke(main, [*given_, "--column", "类别=what", "--column", "date", "--key", "nr"])
    assert result.exit_code == 0
    assert '"source"."what"' in result.stdout
    assert '"nr"' in result.stdout
    result = CliRunner().invoke(main, [*given_[:2], str(tmp_path / "outside.burden"), *given_[3:]])
    assert result.exit_code == 2
    assert "error[outside-sql]: `outside.words` can't be said in SQL: mentions" in result.stderr
    result = CliRunner().invoke(main, [*given_, "--column", "knid"])
    assert result.exit_code == 2
    assert "did you mean `kind`?" in result.stderr
