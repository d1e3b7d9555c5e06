"""A real cluster of Spark gives the answers of one machine; `pytest -m spark` runs this."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import burdenlib
from burdenlib.engine import Engine
from burdenlib.policy import PolicySet
from burdenlib.problems import TaskError
from burdenlib.words import Words
from tests.strategies import FACTS, Made, doors_with_limits, policy_sets, texts_of, whole_facts
from tests.test_cases import tasks_of
from tests.test_own_cases import OWN
from tests.test_spread import VISITS, comparable, table_of, visits

pytest.importorskip("pyspark", reason="pyspark isn't installed: pip install 'burdenlib[spark]'")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Spark needs Java: apt-get install default-jre-headless", allow_module_level=True)

import pyarrow as pa
from pyspark import cloudpickle
from pyspark.errors import PythonException
from pyspark.sql import DataFrame, SparkSession

from burdenlib import spark

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

Row = dict[str, object]
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "512m",
    "spark.executor.memory": "1024m",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A cluster of two executors on this machine, each a process of its own."""
    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"):
            patch.setenv(name, sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_HOSTNAME", "localhost")
        patch.setenv("SPARK_WORKER_DIR", str(folder / "work"))
        builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("burdenlib")
        for name, value in {**SETTINGS, "spark.sql.warehouse.dir": str(folder), "spark.local.dir": str(folder)}.items():
            builder = builder.config(name, value)
        try:
            found = builder.getOrCreate()
        except Exception as error:  # noqa: BLE001  # whatever keeps a cluster from starting here says nothing of ours
            pytest.skip(f"no cluster of Spark can be started: {error}")
        found.sparkContext.setLogLevel("ERROR")
        yield found
        found.stop()


def frame(session: SparkSession, table: pa.Table, parts: int = 3) -> DataFrame:
    rows = [tuple(row.values()) for row in table.to_pylist()]
    schema = ", ".join(f"`{name}` string" for name in table.column_names)
    return session.createDataFrame(session.sparkContext.parallelize(rows, parts), schema)


def answers(policies: PolicySet, tasks: DataFrame, **options: Any) -> list[Row]:
    return [row.asDict() for row in spark.audit(policies, tasks, **options).collect()]


def alone(policies: PolicySet, table: pa.Table, **options: Any) -> list[Row]:
    from burdenlib.audit import audit

    return [{"id": None, **row} for row in audit(policies, table, **options).to_arrow().to_pylist()]


# ---- the same answers ----------------------------------------------------------------------------------------------------------


def own_cases() -> list[Row]:
    """The tasks of the cases, each three times, so that limits are used up."""
    facts = [task for case in OWN.values() for task in tasks_of(case)]
    whole = [{name: value for name, value in one.items() if not isinstance(value, dict)} for one in facts]
    return [{**one, "id": f"{turn}-{number:04}"} for turn in range(3) for number, one in enumerate(whole)]


def test_the_shipped_policies_judge_the_own_cases_as_on_one_machine(session: SparkSession) -> None:
    policies = Engine.load().policies
    tasks = own_cases()
    tasks[5]["kind"] = "wrk"
    assert len(tasks) >= 3 * 331
    table = table_of(tasks)
    expected = alone(policies, table, keep_going=True)
    found = answers(policies, frame(session, table), keep_going=True)
    assert comparable(found) == comparable(expected)
    assert any("limit " in str(row["reasons"]) for row in found)
    (bad,) = (row for row in found if row["problems"] is not None)
    assert bad["id"] == tasks[5]["id"] and bad["status"] is None
    assert bad["problems"] == "kind: `wrk` is no value of `kind` (did you mean `work`?)"
    assert len({row["row"] for row in found}) == len(tasks)


@given(st.one_of(policy_sets(2), doors_with_limits().map(lambda made: (made,))), st.lists(whole_facts(), min_size=9))
@settings(max_examples=3, derandomize=True, phases=[Phase.generate], deadline=None)
def test_generated_policies_judge_as_on_one_machine(
    session: SparkSession, made: tuple[Made, ...], tasks: list[Row]
) -> None:
    policies = Engine.load(texts=texts_of(made)).policies
    table = table_of([{"id": f"t{number}", **task} for number, task in enumerate(tasks)], ["id", *sorted(FACTS)])
    found = answers(policies, frame(session, table, 2), as_of=date(2024, 2, 1), keep_going=True)
    assert comparable(found) == comparable(alone(policies, table, as_of=date(2024, 2, 1), keep_going=True))


def test_tasks_without_ids_share_the_changes(session: SparkSession) -> None:
    policies = Engine.load("core", texts={"visits.burden": VISITS}).policies
    tasks = [{name: value for name, value in task.items() if name != "id"} for task in visits()]
    table = table_of(tasks)
    found = spark.audit(policies, frame(session, table).withColumnRenamed("department", "部门")).collect()
    assert "id" not in found[0].asDict()
    rows = [{"id": None, **row.asDict()} for row in found]
    assert comparable(rows, ids=False) == comparable(alone(policies, table), ids=False)
    assert Counter(row["status"] for row in rows) == {"accepted": 60, "rejected": 40}


# ---- what goes wrong -----------------------------------------------------------------------------------------------------------


def once(marker: Path) -> bool:
    """Whether nobody was here before."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def dying(folder: Path) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A step before the audit: in each stage a worker dies once; in the second one its executor does, too."""
    exit, kill, parent, killed, once_only = os._exit, os.kill, os.getppid, signal.SIGKILL, once

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        context = TaskContext.get()
        assert context is not None
        for batch in batches:
            if context.partitionId() == 1:
                if once_only(folder / f"worker-{context.stageId()}"):
                    exit(1)
                if len([*folder.glob("worker-*")]) > 1 and once_only(folder / "executor"):
                    daemon = Path(f"/proc/{parent()}/stat").read_text("ascii")
                    kill(int(daemon.rpartition(")")[2].split()[1]), killed)
            yield batch

    return run


@pytest.mark.skipif(sys.platform != "linux", reason="an executor's process is looked for in /proc")
def test_lost_workers_and_executors_change_nothing(session: SparkSession, tmp_path: Path) -> None:
    policies = Engine.load("core", texts={"visits.burden": VISITS}).policies
    table = table_of(visits())
    whole = frame(session, table, 4)
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # executors don't find the tests
    try:
        found = answers(policies, whole.mapInArrow(dying(tmp_path), whole.schema))
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    assert comparable(found) == comparable(alone(policies, table))
    assert (tmp_path / "executor").exists()
    assert len([*tmp_path.glob("worker-*")]) >= 3


def test_a_wrong_column_is_named_before_anything_is_read(session: SparkSession) -> None:
    policies = Engine.load("core", texts={"visits.burden": VISITS}).policies
    tasks = frame(session, table_of(visits()[:1]), 1).withColumnRenamed("kind", "knd")
    with pytest.raises(TaskError) as caught:
        spark.audit(policies, tasks)
    (problem,) = caught.value.problems
    assert problem.code == "unknown-column" and problem.nearest == "kind"
    with pytest.raises(TypeError, match="a data frame of Spark"):
        spark.audit(policies, table_of(visits()[:1]))
    with pytest.raises(ValueError, match="no column: knod"):
        spark.audit(policies, tasks, columns={"knd": "kind"}, keep=["knod"])
    with pytest.raises(ValueError, match="have anyway: id"):
        spark.audit(policies, tasks, columns={"knd": "kind"}, keep=["id"])
    (row,) = spark.audit(policies, tasks, columns={"knd": "kind"}, keep=["target", "knd"]).collect()
    assert row.asDict() == {
        "row": 0,
        "id": "t000",
        "status": "accepted",
        "reasons": "",
        "admitted_by": "visits.all",
        "open": "",
        "target": "370829101201",
        "knd": "work",
    }


def test_a_value_that_cannot_be_used_fails_the_job(session: SparkSession) -> None:
    policies = Engine.load("core", texts={"visits.burden": VISITS}).policies
    tasks = [{**visits()[0], "date": "soon"}]
    with pytest.raises(PythonException, match=r"`soon`.*\n.*row.*1|table:1"):
        answers(policies, frame(session, table_of(tasks), 1))


def test_policies_are_the_ones_that_were_sent() -> None:
    policies = Engine.load("core", texts={"visits.burden": VISITS}).policies
    data = pickle.dumps(policies)
    parcel = spark.Parcel(burdenlib.__version__, hashlib.sha256(data).hexdigest(), spark.Plain(data))
    assert [each.digest for each in parcel.opened().policies] == [each.digest for each in policies.policies]
    with pytest.raises(RuntimeError, match="install one version"):
        evolve(parcel, version="0.0.1").opened()
    with pytest.raises(RuntimeError, match="whole"):
        evolve(parcel, data=spark.Plain(data + b"!")).opened()
    other = evolve(policies, policies=tuple(evolve(each, title=Words("别的", "other")) for each in policies.policies))
    changed = pickle.dumps(other)
    sealed = evolve(parcel, seal=hashlib.sha256(changed).hexdigest(), data=spark.Plain(changed))
    with pytest.raises(RuntimeError, match="means something else here"):
        sealed.opened()
