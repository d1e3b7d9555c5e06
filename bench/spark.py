"""What an audit in Spark costs beside one on one machine: `python bench/spark.py [ROWS]`.

Both read the same Parquet file and give all columns of the answer, on two threads. Compared is what the processor
spent: on the driver, Spark's own process and its Python workers together, after one run to warm up.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import audit as local
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

import burdenlib as bl
from burdenlib import spark

LIMIT = """
limit few "three a month" at most 3 per target each month when kind is work and role is assist
"""


def children(parent: int) -> list[int]:
    """The processes below a process, and itself."""
    found, parents = [parent], {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text("utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
    for each in found:
        found += [pid for pid, above in parents.items() if above == each]
    return found


def spent(processes: list[int]) -> float:
    """Seconds that processes, and those below them that have ended, took from the processor."""
    ticks = 0
    for pid in processes:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(each) for each in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def measured(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """The least processor's and wall seconds of several runs."""
    found = []
    for _ in range(times + 1):
        began, at = spent(children(os.getpid())), time.perf_counter()
        work()
        found.append((spent(children(os.getpid())) - began, time.perf_counter() - at))
    return min(each for each, _ in found[1:]), min(each for _, each in found[1:])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "2g")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tasks.parquet"
        pq.write_table(local.table(rows), path, row_group_size=rows // 4)
        for name, text in (("no limits", local.policy()), ("one limit", local.policy() + LIMIT)):
            engine = bl.Engine.load("core", texts={"bench.burden": text})

            def alone(engine: bl.Engine = engine) -> None:
                engine.audit(path, threads=2).summarise()

            def spread(engine: bl.Engine = engine) -> None:
                answers = spark.audit(engine, session.read.parquet(str(path)))
                answers.write.format("noop").mode("overwrite").save()

            processor, wall = measured(alone)
            more, longer = measured(spread)
            print(
                f"{name}: one machine {processor / rows * 1e9:.0f} ns a row, Spark {more / rows * 1e9:.0f}, "
                f"ratio {more / processor:.1f} (wall clock {longer / wall:.1f})"
            )
    session.stop()


if __name__ == "__main__":
    main()
