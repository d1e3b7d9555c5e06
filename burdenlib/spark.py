"""The audit of a table in Apache Spark: every executor judges with the kernel of `burdenlib.audit`.

The checked policies travel once, behind a seal, and are planned once in each process. Rows that limits may count meet
in a second stage; the rest of the table goes through one stage and is never gathered.
"""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import evolve, field, frozen

from burdenlib.digest import digest
from burdenlib.engine import Engine
from burdenlib.policy import PolicySet
from burdenlib.problems import Problem, TaskError
from burdenlib.source import Cell
from burdenlib.words import Language

try:
    import numpy as np
    import pyarrow as pa
    from pyspark import TaskContext
    from pyspark.sql import functions as f
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import BinaryType, LongType, StringType, StructField, StructType
    from pyspark.sql.window import Window

    from burdenlib.audit import planes as b
    from burdenlib.audit import spread
    from burdenlib.audit.judging import Judge, Judged
    from burdenlib.audit.results import COLUMNS, Wording
    from burdenlib.audit.sources import Source, coalesced, open_sources
except ModuleNotFoundError as error:
    if error.name not in ("numpy", "pyarrow", "pyspark"):
        raise
    raise TaskError([Problem("needs-extra", Cell("spark"), {"package": error.name, "extra": "spark"})]) from None

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["audit"]

_BATCH: Final = 1 << 17
_FEW: Final = 500_000
"""Up to how many rows that limits may change are sent to every executor instead of sorting the whole table."""

_KEY: Final = "_burdenlib_key"
_TWIN: Final = "_burdenlib_twin"
_CHANGE: Final = "_burdenlib_new_"


def audit(
    engine: Engine | PolicySet,
    dataframe: DataFrame,
    *,
    as_of: date | None = None,
    columns: Mapping[str, str] | None = None,
    skip: Iterable[str] = (),
    keep: Iterable[str] = (),
    keep_going: bool = False,
    language: Language = "en",
) -> DataFrame:
    """Judge a data frame of tasks; the answers are a data frame with the columns that an audit of one machine has.

    `columns` gives the facts of columns with other heads, `skip` heads to leave out, `keep` columns to give on
    unchanged. `row` is a number that grows with the rows, with gaps. Nothing is judged until the answers are asked
    for, but that limits need a census of the rows that they may count. Raises `TaskError` where a column can't be
    used; a value that can't be used fails the job. With `keep_going` such a row's answer is null, and the column
    `problems` says what is wrong with it, in `language`.
    """
    policies = engine.policies if isinstance(engine, Engine) else engine
    kept = tuple(dict.fromkeys(keep))
    left_out = (*skip, *(head for head in kept if head not in (columns or {})))
    source = _source(policies, dataframe, columns or {}, left_out, keep_going=keep_going)
    judge = Judge(policies, as_of)
    heads = tuple(dict.fromkeys((*judge.wanted(source), *kept)))
    _check_kept(kept, dataframe, source)
    work = _Work(_send(policies, dataframe), as_of, source.facts, heads, kept, keep_going, language)
    table = dataframe.select(*(f.col(_quoted(head)) for head in heads))
    chosen = _chosen(work, judge, table) if judge.kernel.limits else {}
    answers = table.mapInArrow(_mapped(_answers, evolve(work, chosen=chosen)), _schema(work, table, keyed=bool(chosen)))
    return _limited(evolve(work, chosen=chosen), table, answers) if chosen else answers


# ---- what is sent to the executors -----------------------------------------------------------------------------------------


class _Sent(Protocol):
    """Bytes that executors can get: a broadcast variable, or what travels with the work."""

    @property
    def value(self) -> bytes: ...


@frozen
class Plain:
    """Bytes that travel with the work."""

    value: bytes = field(repr=False)


@frozen
class Parcel:
    """Checked policies behind a seal, with the version of the code that packed them."""

    version: str
    seal: str
    data: _Sent = field(eq=False, repr=False)

    def opened(self) -> PolicySet:
        """The policies; raises `RuntimeError` if they aren't the ones that were sent, or mean something else here."""
        if (here := _version()) != self.version:
            raise RuntimeError(f"the driver has burdenlib {self.version}, this executor {here}: install one version")
        data = self.data.value
        if hashlib.sha256(data).hexdigest() != self.seal:
            raise RuntimeError("the policies didn't arrive whole")
        policies: PolicySet = pickle.loads(data)  # noqa: S301  # whole, and from the driver whose code runs here anyway
        for policy in policies.policies:
            if digest(policy) != policy.digest:
                raise RuntimeError(f"`{policy.name}` means something else here: the code isn't that of the driver")
        return policies


def _version() -> str:
    from burdenlib import __version__

    return __version__


def _send(policies: PolicySet, dataframe: DataFrame) -> Parcel:
    """Pack policies; a session that is connected from afar has no broadcast variables."""
    data = pickle.dumps(policies, protocol=5)
    try:
        sent: _Sent = dataframe.sparkSession.sparkContext.broadcast(data)
    except Exception:  # noqa: BLE001  # the class of the exception depends on the version of Spark
        sent = Plain(data)
    return Parcel(_version(), hashlib.sha256(data).hexdigest(), sent)


@frozen(eq=False)
class _Work:
    """What an executor is to do: with which policies, for which columns, and how limits are spread."""

    parcel: Parcel
    as_of: date | None
    facts: Mapping[str, str]
    heads: tuple[str, ...]
    keep: tuple[str, ...]
    keep_going: bool
    language: Language
    chosen: Mapping[int, spread.Spread] = field(factory=dict)

    @property
    def judge(self) -> Judge:
        """What judges in this process; planned once."""
        return _judge(self.parcel, self.as_of)


@lru_cache(maxsize=4)
def _judge(parcel: Parcel, as_of: date | None) -> Judge:
    return Judge(parcel.opened(), as_of)


def _mapped(function: Any, work: _Work) -> Any:
    """A function of one argument, as Spark wants it."""
    return lambda given: function(work, given)


# ---- on the driver ---------------------------------------------------------------------------------------------------------


def _source(
    policies: PolicySet, dataframe: DataFrame, columns: Mapping[str, str], skip: Sequence[str], *, keep_going: bool
) -> Source:
    """The columns of a data frame as an audit of one machine reads them."""
    heads = getattr(dataframe, "columns", None)
    if not isinstance(heads, list) or not hasattr(dataframe, "mapInArrow"):
        raise TypeError(f"a data frame of Spark was expected, not {type(dataframe).__name__}")
    empty = pa.table([pa.array([], pa.string()) for _ in heads], names=heads)
    (source,) = open_sources(empty, policies, columns, skip)
    errors = [problem for problem in source.problems if problem.severity == "error"]
    if errors and not keep_going:
        raise TaskError(errors)
    for problem in errors:
        warnings.warn(problem.message("en"), RuntimeWarning, stacklevel=3)
    return source


def _check_kept(kept: Sequence[str], dataframe: DataFrame, source: Source) -> None:
    unknown = [head for head in kept if head not in dataframe.columns]
    if unknown:
        raise ValueError(f"`keep` names what is no column: {', '.join(unknown)}")
    own = {"row", "problems", *COLUMNS, *(("id",) if "id" in source.facts else ())}
    taken = [head for head in kept if head in own]
    if taken:
        raise ValueError(f"`keep` names what the answers have anyway: {', '.join(taken)}")


def _quoted(head: str) -> str:
    return "`" + head.replace("`", "``") + "`"


def _schema(work: _Work, table: DataFrame, *, keyed: bool) -> StructType:
    fields = [StructField("row", LongType())]
    if "id" in work.facts:
        fields.append(StructField("id", table.schema[work.facts["id"]].dataType))
    fields += [StructField(name, StringType()) for name in COLUMNS]
    fields += [StructField("problems", StringType())] if work.keep_going else []
    fields += [table.schema[head] for head in work.keep]
    return StructType([*fields, *([StructField(_KEY, BinaryType())] if keyed else [])])


def _chosen(work: _Work, judge: Judge, table: DataFrame) -> dict[int, spread.Spread]:
    """How the rows of each limit meet; Spark counts them."""
    counted = table.mapInArrow(_mapped(_census, work), from_arrow_schema(spread.CENSUS)).collect()
    parts = (
        (row["limit"], spread.Census(row["rows"], row["accepted"], frozenset(row["unknown"]), frozenset(row["areas"])))
        for row in counted
    )
    return spread.spreads(judge.limits, spread.add_up(parts))


def _limited(work: _Work, table: DataFrame, answers: DataFrame) -> DataFrame:
    """The answers as the limits change them."""
    entries = table.mapInArrow(_mapped(_entries, work), from_arrow_schema(spread.ENTRIES))
    changes = entries.groupBy("limit", "bucket").applyInArrow(_mapped(_places, work), from_arrow_schema(spread.CHANGES))
    outcomes = changes.groupBy("bucket").applyInArrow(_mapped(_settled, work), from_arrow_schema(spread.OUTCOMES))
    found = outcomes.select(*(f.col(name).alias(_CHANGE + name) for name in spread.OUTCOMES.names))
    heads = [name for name in answers.columns if name != _KEY]
    key, twin = f.col(_CHANGE + "key"), f.col(_CHANGE + "twin")
    few = sum(each.most for each in work.chosen.values()) <= _FEW
    changed = found.where(twin < 0)
    # nulls join nothing, but all of them would be sorted into one partition
    own_key = f.coalesce(f.col(_KEY), f.col("row").cast("string").cast("binary"))
    joined = answers.join(f.broadcast(changed) if few else changed, own_key == key, "left")
    alike = joined.where(twin.isNull() | (twin == spread.ALIKE)).select(*_patched(heads))
    mixed = f.broadcast(found.where(twin == spread.MIXED).select(key.alias(_KEY)))
    order = Window.partitionBy(_KEY).orderBy("row")
    twins = answers.join(mixed, _KEY).withColumn(_TWIN, f.row_number().over(order) - 1)
    apart = twins.join(found.where(twin >= 0), (f.col(_KEY) == key) & (f.col(_TWIN) == twin), "left")
    return alike.unionByName(apart.select(*_patched(heads)))


def _patched(heads: Sequence[str]) -> Iterator[Column]:
    """The columns of the answers, with what limits change."""
    for head in heads:
        own = f.col(_quoted(head))
        changed = f.coalesce(f.col(_CHANGE + head), own) if head in ("status", "reasons", "open") else own
        yield changed.alias(head)


# ---- on the executors ------------------------------------------------------------------------------------------------------


def _judged(work: _Work, batches: Iterator[pa.RecordBatch]) -> Iterator[Judged]:
    """The batches of a partition judged, their rows numbered as Spark does it."""
    judge = work.judge
    judge.values = {}
    context = TaskContext.get()
    row = (0 if context is None else context.partitionId()) << 33
    source: Source | None = None
    for batch in coalesced(batches, _BATCH):
        if source is None:
            source = Source("table", batch.schema, work.facts, lambda _: iter(()))
        judged = judge.judge(source, np.arange(row, row + batch.num_rows), batch)
        row += batch.num_rows
        if not work.keep_going and (problems := [*judge.problems(judged)]):
            raise TaskError(problems)
        yield judged


def _answers(work: _Work, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    wording, texts = Wording(), spread.Texts(work.judge.policies)
    for judged in _judged(work, batches):
        columns: dict[str, pa.Array] = {"row": pa.array(judged.rows)}
        if "id" in work.facts:
            columns["id"] = judged.batch.column(work.facts["id"])
        columns |= {name: each.cast(pa.string()) for name, each in judged.answers(wording).items()}
        if work.keep_going:
            columns["problems"] = _problems(work, judged)
        columns |= {head: judged.batch.column(head) for head in work.keep}
        if work.chosen:
            columns[_KEY] = spread.keys(work.judge, texts, work.chosen, judged)
        yield pa.RecordBatch.from_arrays([*columns.values()], [*columns])


def _problems(work: _Work, judged: Judged) -> pa.Array:
    """For each row what is wrong with it."""
    found: list[str | None] = [None] * len(judged.rows)
    bad = judged.decided.bad
    for at in () if b.is_empty(bad) else b.rows_of(bad, judged.decided.rows).tolist():
        one = work.judge.judge(judged.source, judged.rows[at : at + 1], judged.batch.slice(at, 1))
        problems = work.judge.problems(one)
        found[at] = "; ".join(_told(problem, work.language) for problem in problems)
    return pa.array(found, pa.string())


def _told(problem: Problem, language: Language) -> str:
    help = problem.help(language) if problem.nearest is not None else None
    head = "" if problem.column is None else f"{problem.column}: "
    return f"{head}{problem.message(language)}{'' if help is None else f' ({help})'}"


def _census(work: _Work, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    found = spread.add_up(spread.census(work.judge, _judged(work, batches)))
    rows = [
        {
            "limit": limit,
            "rows": part.rows,
            "accepted": part.accepted,
            "unknown": [*part.unknown],
            "areas": [*part.areas],
        }
        for limit, part in found.items()
    ]
    yield from pa.Table.from_pylist(rows, spread.CENSUS).to_batches()


def _entries(work: _Work, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    texts = spread.Texts(work.judge.policies)
    for judged in _judged(work, batches):
        yield from spread.entries(work.judge, texts, work.chosen, judged)


def _places(work: _Work, entries: pa.Table) -> pa.Table:
    judge = work.judge
    return spread.judge_places(judge.policies, work.as_of, judge.limits, entries)


def _settled(work: _Work, changes: pa.Table) -> pa.Table:
    judge = work.judge
    return spread.settle(judge.policies, judge.limits, changes)
