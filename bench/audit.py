"""How fast tables are audited, as ratios within one run: `python bench/audit.py [ROWS] [--large]`.

The workload: a closed list of 150 items, a ban list of 27 certificates, 12 bans of two to four conditions with
exceptions; 20 facts, a tenth of them missing. The same policy is written by hand for DuckDB and for Polars, which
give the verdict and a number whose bits are the reasons. Every engine's answers are compared before it is timed.
Beside it: the same with 12,000 bans more, told apart by the department, and all that ships, without limits.
All runs take turns, so that a ratio is one of neighbours.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shipped
from attrs import evolve

import burdenlib as bl
from burdenlib.audit import audit
from burdenlib.audit import planes as b
from burdenlib.audit.columns import Coded, coded
from burdenlib.audit.kernel import Kernel
from burdenlib.policy import PolicySet

if TYPE_CHECKING:
    import duckdb

COMPUTED = "computed: codes to verdict and reason masks"
ARROW = "Arrow to Arrow"
PARQUET = "Parquet to Parquet"
FEW = "Arrow to Arrow, with departments"
MANY = "Arrow to Arrow, 12,000 rules more"
SHIPPED = "all that ships, columns of the sample"
SHIPPED_WHOLE = "all that ships, all facts"
DUCKDB = "DuckDB, SQL by hand, on its own table"
POLARS = "Polars, expressions by hand"
COUNTED = "counting the values of each column"
READ = "reading Parquet"

FLAGS = tuple(f"flag_{number}" for number in range(1, 9))
SORTS = tuple(f"sort_{number}" for number in range(1, 5))
VALUES = ("red", "green", "blue", "white")
LEVELS = ("central", "province", "city", "county", "township")
ITEMS = tuple(f"W-{number:03}" for number in range(1, 151))
CERTIFICATES = tuple(f"C-{number:02}" for number in range(1, 28))
TEXTS = ["target", "date", "kind", "target_kind", "role", "level", "item", *SORTS]

Atom = tuple[str, str, object]
"""A condition: a fact, `is`, `is not`, `at least` or `holds`, and a value."""


def bans() -> tuple[tuple[tuple[Atom, ...], Atom], ...]:
    """Twelve bans: the conditions of each, and its exception."""
    random = np.random.default_rng(5)
    found = []
    for number in range(12):
        count = 2 + number % 3
        facts = random.permutation([*FLAGS, *SORTS, "kind", "target_kind", "role", "level"])[: count + 1]
        atoms = tuple(_atom(str(fact), random) for fact in facts)
        found.append((atoms[:-1], atoms[-1]))
    return tuple(found)


def _atom(fact: str, random: np.random.Generator) -> Atom:
    if fact in FLAGS:
        return fact, "holds", True
    if fact == "level":
        return fact, "at least", str(random.choice(LEVELS[1:4]))
    values = {"kind": ("work", "certificate"), "target_kind": ("village", "community"), "role": ("own", "assist")}
    return fact, str(random.choice(["is", "is not"])), str(random.choice(values.get(fact, VALUES)))


def policy(departments: int = 0) -> str:
    """The policy as a text; with a ban for each of some departments."""
    lines = [
        'policy bench "A policy to measure (composed)" / "测速政策(自编)"',
        "  version 1",
        '  issued by province "nobody"',
        "  for place 370000",
        "  effective 2020-01-01",
        "  cite 《测速政策(自编)》",
        *(f'fact {name} "{name}甲" yes/no set by department' for name in FLAGS),
        *(
            f'fact {name} "{name}甲" one of {{{", ".join(f"{each} {each}甲" for each in VALUES)}}} set by department'
            for name in SORTS
        ),
        'list works "works"',
        "  governs when kind is work",
        "  closed",
        *(f'  item {code} "title {code}"{_role(number)}' for number, code in enumerate(ITEMS)),
        'ban list certificates "certificates"',
        "  governs when kind is certificate",
        "  unless flag_1",
        *(f'  item {code} "title {code}"' for code in CERTIFICATES),
    ]
    for number, (when, unless) in enumerate(bans()):
        lines += [
            f'ban ban_{number:02} "a ban"',
            f"  when {' and '.join(map(_text, when))}",
            f"  unless {_text(unless)}",
        ]
    lines += ['admit certificates_too "certificates"', "  when kind is certificate"]
    lines += [
        f'ban d{number} when department is "department {number}" and kind is work and flag_2 unless sort_1 is red'
        for number in range(departments)
    ]
    return "\n".join(lines) + "\n"


def _role(number: int) -> str:
    return (" role assist", " role own", "")[number % 3]


def _text(atom: Atom) -> str:
    fact, operator, value = atom
    return fact if operator == "holds" else f"{fact} {operator} {value}"


# ---- rows ----------------------------------------------------------------------------------------------------------------------


def choices() -> Mapping[str, Sequence[object]]:
    """The values of each of the 20 facts."""
    villages = [
        f"37{city:02}{county:02}1{town:02}2{village:02}"
        for city in range(1, 9)
        for county in range(1, 9)
        for town in range(1, 5)
        for village in range(1, 6)
    ]
    days = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    return {
        "target": villages,
        "date": days,
        "kind": ("work", "work", "certificate"),
        "target_kind": ("village", "community"),
        "role": ("assist", "assist", "own", "responsible"),
        "level": LEVELS,
        "item": (*ITEMS, *CERTIFICATES, *(f"X-{number}" for number in range(20))),
        "separate_assessment": (True, False),
        **dict.fromkeys(FLAGS, (True, False, False)),
        **dict.fromkeys(SORTS, VALUES),
    }


def table(rows: int, seed: int = 1, departments: int = 0) -> pa.Table:
    """Rows with a tenth of the facts missing, as dictionary columns; departments are always told."""
    random = np.random.default_rng(seed)
    columns = {}
    if departments:
        names = pa.array([f"department {number}" for number in range(departments)])
        codes = pa.array(random.integers(0, departments, rows).astype(np.int32))
        columns["department"] = pa.DictionaryArray.from_arrays(codes, names)
    for name, values in choices().items():
        distinct = list(dict.fromkeys(values))
        codes = np.array([distinct.index(value) for value in values], dtype=np.int32)[
            random.integers(0, len(values), rows)
        ]
        missing = random.random(rows) < 0.1
        if isinstance(distinct[0], bool):
            columns[name] = pa.array(np.array(distinct)[codes], mask=missing)
        else:
            columns[name] = pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), pa.array(distinct))
    return pa.table(columns)


# ---- the same by hand -----------------------------------------------------------------------------------------------------------


def sql() -> str:
    """The policy as a query, by hand: three-valued as SQL is."""
    place, day = "target LIKE '37%'", "date >= '2020-01-01'"
    quoted = [f"'{code}'" for code in ITEMS]
    assist, own, any_ = (", ".join(quoted[start::3]) for start in range(3))
    covered = f"((item IN ({assist}) AND role = 'assist') OR (item IN ({own}) AND role = 'own') OR item IN ({any_}))"
    certificates = ", ".join(f"'{code}'" for code in CERTIFICATES)
    works, admits = f"{place} AND {day} AND kind = 'work'", f"{place} AND {day} AND kind = 'certificate'"
    rules = [
        *(f"{place} AND {day} AND {' AND '.join(map(_sql, when))} AND NOT {_sql(unless)}" for when, unless in bans()),
        f"{place} AND {day} AND kind = 'certificate' AND item IN ({certificates}) AND NOT flag_1",
        f"{works} AND NOT ({works} AND {covered}) AND NOT ({works} AND {admits})",
    ]
    columns = ", ".join(f"({rule}) AS r{number}" for number, rule in enumerate(rules))
    numbers = range(len(rules))
    fired = " | ".join(f"CASE WHEN r{number} THEN {1 << number} ELSE 0 END" for number in numbers)
    open_ = " | ".join(f"CASE WHEN r{number} IS NULL THEN {1 << number} ELSE 0 END" for number in numbers)
    admitted = f"(({admits}) OR ({works} AND {covered}))"
    inner = f"SELECT {columns}, {admitted} AS admitted FROM tasks"  # noqa: S608  # all of it is ours
    masks = f"SELECT {fired} AS fired, {open_} AS open_, admitted FROM ({inner})"  # noqa: S608
    return (
        "SELECT CASE WHEN fired > 0 THEN 1 WHEN open_ = 0 AND admitted THEN 0 ELSE 2 END AS status, "  # noqa: S608
        f"CASE WHEN fired > 0 THEN fired WHEN open_ = 0 AND admitted THEN 0 ELSE open_ END AS reasons FROM ({masks})"
    )


def _sql(atom: Atom) -> str:
    fact, operator, value = atom
    if operator == "holds":
        return fact
    if operator == "at least":
        return f"{fact} IN ({', '.join(repr(level) for level in LEVELS[: LEVELS.index(str(value)) + 1])})"
    return f"{fact} {'=' if operator == 'is' else '<>'} '{value}'"


def polars_query(frame: object) -> Callable[[], object]:
    """The policy as expressions of Polars, by hand."""
    import polars as pl

    def atom(each: Atom) -> pl.Expr:
        fact, operator, value = each
        if operator == "holds":
            return pl.col(fact)
        if operator == "at least":
            return pl.col(fact).is_in(list(LEVELS[: LEVELS.index(str(value)) + 1]))
        return pl.col(fact) == value if operator == "is" else pl.col(fact) != value

    def all_(*parts: pl.Expr) -> pl.Expr:
        return pl.all_horizontal(*parts)

    here = [pl.col("target").cast(pl.String).str.starts_with("37"), pl.col("date").cast(pl.String) >= "2020-01-01"]
    item, role = pl.col("item"), pl.col("role")
    assist, own, any_ = (item.is_in(list(ITEMS[start::3])) for start in range(3))
    covered = (assist & (role == "assist")) | (own & (role == "own")) | any_
    works, admits = all_(*here, pl.col("kind") == "work"), all_(*here, pl.col("kind") == "certificate")
    rules = [
        *(all_(*here, *map(atom, when), ~atom(unless)) for when, unless in bans()),
        all_(*here, pl.col("kind") == "certificate", item.is_in(list(CERTIFICATES)), ~pl.col("flag_1")),
        all_(works, ~(works & covered), ~(works & admits)),
    ]
    admitted = admits | (works & covered)
    numbers = range(len(rules))
    fired = pl.sum_horizontal(
        pl.col(f"r{number}").fill_null(value=False).cast(pl.UInt16) * (1 << number) for number in numbers
    )
    open_ = pl.sum_horizontal(pl.col(f"r{number}").is_null().cast(pl.UInt16) * (1 << number) for number in numbers)
    accepted = (pl.col("open_") == 0) & pl.col("admitted").fill_null(value=False)
    query = (
        frame.lazy()  # type: ignore[attr-defined]
        .select(*(rule.alias(f"r{number}") for number, rule in enumerate(rules)), admitted.alias("admitted"))
        .select(fired.alias("fired"), open_.alias("open_"), "admitted")
        .select(
            pl.when(pl.col("fired") > 0).then(1).when(accepted).then(0).otherwise(2).cast(pl.Int8).alias("status"),
            pl.when(pl.col("fired") > 0).then("fired").when(accepted).then(0).otherwise("open_").alias("reasons"),
        )
    )
    return query.collect


# ---- ours ----------------------------------------------------------------------------------------------------------------------


def computed(engine: bl.Engine, given: pa.Table) -> Iterator[tuple[str, Callable[[], object]]]:
    """Verdicts and reasons as numbers, from columns that are codes already."""
    from concurrent.futures import ThreadPoolExecutor

    kernel = Kernel(engine.policies, None)
    names = [name for name in given.column_names if name in kernel.classes]
    batches = given.select(names).combine_chunks().to_batches(max_chunksize=1 << 20)
    encoded = [
        (batch.num_rows, {name: coded(batch.column(name), kernel.classes_of(name)) for name in names})
        for batch in batches
    ]

    def judged(batch: tuple[int, Mapping[str, Coded]]) -> tuple[b.Codes, b.Codes]:
        rows, columns = batch
        decided = kernel.decide(rows, {name: each.column() for name, each in columns.items()})
        return (
            b.to_codes([decided.accepted, decided.rejected], rows),
            b.to_codes([*decided.reasons.values()], rows),
        )

    def run() -> object:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(judged, encoded))

    yield COMPUTED, run


def answers_of(result: pa.Table) -> tuple[list[str], list[frozenset[str]]]:
    """Statuses, and reasons but for those that the queries don't give."""
    names = {f"ban bench.ban_{number:02}": number for number in range(12)}
    names |= {"ban_list bench.certificates": 12, "not_listed bench.works": 13}
    reasons = [
        sum(1 << names[each] for each in text.split("; ") if each in names) for text in result["reasons"].to_pylist()
    ]
    return result["status"].to_pylist(), reasons  # type: ignore[return-value]


def compare(name: str, query: Callable[[], tuple[Sequence[int], Sequence[int]]], result: pa.Table) -> None:
    """Stop if an engine answers otherwise."""
    statuses, reasons = answers_of(result)
    numbers = {"accepted": 0, "rejected": 1, "undetermined": 2}
    found, masks = query()
    wrong = sum(numbers[one] != other for one, other in zip(statuses, found, strict=True))
    wrong += sum(one != other for one, other in zip(reasons, masks, strict=True))
    print(f"{name} against ours on {len(statuses):,} rows: {wrong} disagreements", flush=True)
    assert not wrong


# ---- measuring -----------------------------------------------------------------------------------------------------------------


Runs = Mapping[str, tuple[int, Callable[[], object]]]
"""What is measured, by name: how many rows it treats, and the work."""

Times = Mapping[str, Sequence[tuple[float, float]]]
"""For each run the seconds a row of each round: those of the clock, and those that the processor spent."""


def taking_turns(runs: Runs, times: int) -> Times:
    """Measure all runs in turn."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(times):
        for name, (rows, work) in runs.items():
            gc.collect()
            start, spent = time.perf_counter(), time.process_time()
            work()
            found[name].append(((time.perf_counter() - start) / rows, (time.process_time() - spent) / rows))
    return found


def ratio(found: Times, name: str, base: str, which: int = 0) -> str:
    """How many times faster a run is than another one in the same round: the median, and the range."""
    ratios = [other[which] / own[which] for own, other in zip(found[name], found[base], strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def report(found: Times, bases: Sequence[str]) -> None:
    """Print rates, what the processor spent, and ratios."""
    for name, own in found.items():
        rates = [1e-6 / wall for wall, _ in own]
        spent = min(cpu for _, cpu in own) * 1e9
        print(
            f"{name:45} {max(rates):7.2f} M rows/s (median {statistics.median(rates):.2f}), {spent:7.0f} ns a row spent"
        )
        for base in bases:
            if base in found and base != name:
                print(f"{'':45}   {ratio(found, name, base)} times as fast as {base}")


# ---- what else is measured -------------------------------------------------------------------------------------------------


def unlimited(engine: bl.Engine) -> PolicySet:
    """Policies without their limits, which take another way."""
    kept = (
        evolve(each, rules=tuple(rule for rule in each.rules if rule.kind != "limit"))
        for each in engine.policies.policies
    )
    return evolve(engine.policies, policies=tuple(kept))


def others(rows: int) -> Iterator[tuple[str, tuple[int, Callable[[], object]]]]:
    """Twelve thousand rules beside twelve, and all that ships."""
    many = table(rows, departments=12_000)
    for name, departments in ((FEW, 0), (MANY, 12_000)):
        engine = bl.Engine.load(texts={"bench.burden": policy(departments)})
        yield name, (rows, partial(judged_all, engine.policies, many))
    engine = bl.Engine.load()
    fewer = min(rows, 1 << 22)
    yield SHIPPED, (fewer, partial(judged_all, unlimited(engine), shipped.table(engine, fewer)))
    yield SHIPPED_WHOLE, (fewer, partial(judged_all, unlimited(engine), shipped.table(engine, fewer, whole=True)))


def judged_all(policies: PolicySet, given: pa.Table) -> pa.Table:
    """An audit from Arrow to Arrow."""
    return audit(policies, given).to_arrow()


def ratios(rows: int = 1 << 21, times: int = 3) -> dict[str, float]:
    """What is kept and compared: the processor's time of an audit over that of simpler work on the same rows."""
    engine = bl.Engine.load(texts={"bench.burden": policy()})
    given = table(rows)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "tasks.parquet", Path(folder) / "answers.parquet"
        pq.write_table(given, source, row_group_size=1 << 20)
        runs: dict[str, tuple[int, Callable[[], object]]] = {
            COUNTED: (rows, partial(counted, given)),
            **{name: (rows, work) for name, work in computed(engine, given)},
            ARROW: (rows, partial(judged_all, engine.policies, given)),
            READ: (rows, lambda: pq.read_table(source, read_dictionary=TEXTS)),
            PARQUET: (rows, lambda: engine.audit(source).write(target)),
            **dict(others(rows)),
        }
        found = taking_turns(runs, times)
    spent = {name: min(cpu for _, cpu in own) for name, own in found.items()}
    pairs = (
        (COMPUTED, COUNTED),
        (ARROW, COUNTED),
        (PARQUET, READ),
        (MANY, FEW),
        (SHIPPED, ARROW),
        (SHIPPED_WHOLE, ARROW),
    )
    return {f"{name} / {base}": spent[name] / spent[base] for name, base in pairs}


def counted(given: pa.Table) -> list[object]:
    """Counting the values of each column by Arrow: what audits are compared with where no other engine is."""
    return [pc.value_counts(column) for column in given.columns]


# ---- other engines ---------------------------------------------------------------------------------------------------------


def peers(given: pa.Table, sample: pa.Table, ours: pa.Table) -> Iterator[tuple[str, Callable[[], object]]]:
    """DuckDB and Polars, if they are installed."""
    try:
        import duckdb

        connection = duckdb.connect()
        connection.execute(f"SET threads = {os.cpu_count()}")

        def answers(tasks: pa.Table) -> pa.Table:
            connection.register("tasks", tasks)
            return connection.sql(sql()).to_arrow_table()

        found = answers(sample)
        compare("DuckDB", lambda: (found["status"].to_pylist(), found["reasons"].to_pylist()), ours)
        connection.register("given", given)
        connection.execute("CREATE TABLE tasks_in_memory AS SELECT * FROM given")
        yield DUCKDB, connection_run(connection)
        yield "DuckDB, SQL of burdenlib, on its own table", written(connection, sample, ours)
    except ImportError:
        print("DuckDB isn't installed")
    try:
        import polars as pl

        result = polars_query(pl.from_arrow(sample))()
        compare("Polars", lambda: (result["status"].to_list(), result["reasons"].to_list()), ours)  # type: ignore[index]
        yield POLARS, polars_query(pl.from_arrow(given))
    except ImportError:
        print("Polars isn't installed")


def connection_run(connection: object) -> Callable[[], object]:
    """The query on DuckDB's own table."""
    query = sql().replace("FROM tasks)", "FROM tasks_in_memory)")
    return lambda: connection.sql(query).to_arrow_table()  # type: ignore[attr-defined]


def written(connection: duckdb.DuckDBPyConnection, sample: pa.Table, ours: pa.Table) -> Callable[[], object]:
    """The query that burdenlib writes, on DuckDB's own table; its answers hold more than those of the others."""
    engine = bl.Engine.load(texts={"bench.burden": policy()})
    columns = [name for name in sample.schema.names if engine.policies.find_fact(name) is not None]
    connection.register("sample", sample)
    for name, source in (("few", "sample"), ("many", "tasks_in_memory")):
        typed = "SELECT * REPLACE (CAST(date AS DATE) AS date) FROM"
        connection.execute(f"CREATE TABLE {name} AS {typed} {source}")

    def run(table: str) -> pa.Table:
        asked = engine.sql("duckdb", table, columns, keys=())
        return connection.sql(asked.text, params=dict(asked.parameters)).to_arrow_table()

    statuses, reasons = answers_of(run("few"))
    numbers = {"accepted": 0, "rejected": 1, "undetermined": 2}
    compare("SQL of burdenlib", lambda: ([numbers[each] for each in statuses], reasons), ours)  # type: ignore[arg-type,return-value]
    return lambda: run("many")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="?", default=8_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="60 million rows from Parquet to Parquet as well")
    options = parser.parse_args()
    engine = bl.Engine.load(texts={"bench.burden": policy()})
    given = table(options.rows)
    sample = given.slice(0, 20_000)
    ours = engine.audit(sample).to_arrow()
    singly = [engine.check(bl.Task(str(number), task)) for number, task in enumerate(sample.slice(0, 500).to_pylist())]
    assert [verdict.status for verdict in singly] == ours["status"].to_pylist()[:500]
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}, pyarrow {pa.__version__}"
    )
    print("statuses:", dict(engine.audit(sample).summarise().statuses), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "tasks.parquet", Path(folder) / "answers.parquet"
        pq.write_table(given, source, row_group_size=1 << 20)
        works = [
            *computed(engine, given),
            (ARROW, lambda: engine.audit(given).to_arrow()),
            (PARQUET, lambda: engine.audit(source).write(target)),
            *peers(given, sample, ours),
        ]
        runs = {name: (options.rows, work) for name, work in works}
        report(taking_turns(runs, options.times), (DUCKDB, POLARS))
        beside = {ARROW: runs[ARROW], **dict(others(min(options.rows, 1 << 22)))}
        report(taking_turns(beside, options.times), (ARROW,))
        if options.large:
            large(given, Path(folder))


def large(given: pa.Table, folder: Path) -> None:
    """60 million rows from Parquet to Parquet, in a process of its own."""
    source, target = folder / "large.parquet", folder / "answers.parquet"
    with pq.ParquetWriter(source, given.schema) as writer:
        rows = 0
        while rows < 60_000_000:
            part = given.slice(0, min(given.num_rows, 60_000_000 - rows))
            writer.write_table(part, row_group_size=1 << 20)
            rows += part.num_rows
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        rows, seconds, most = pool.apply(answered, (source, target))
    print(f"{rows:,} rows from Parquet to Parquet: {seconds:.1f} s, at most {most:.2f} GB in all")


def answered(source: Path, target: Path) -> tuple[int, float, float]:
    """How many rows were answered, in how many seconds, with how many GB of memory at most."""
    engine = bl.Engine.load(texts={"bench.burden": policy()})
    start = time.perf_counter()
    summary = engine.audit(source).write(target)
    seconds = time.perf_counter() - start
    return summary.rows, seconds, peak()


def peak() -> float:
    """The most memory that this process held, in GB; `getrusage` would tell of the process that began it as well."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1e6


if __name__ == "__main__":
    main()
