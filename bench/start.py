"""How fast burdenlib starts, loads and explains, beside references measured in the same run: `python bench/start.py`.

All times are those that the processor spent, the least of several runs, so that other work on the machine disturbs
them little; what should hold anywhere are the ratios to the references.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import workload

ROOT = Path(__file__).parent.parent
TASK = {"id": "t-1", "kind": "work", "target": "370829101201", "target_kind": "village", "date": "2024-03-01"}
LOAD = (
    "import sys, time, json; from burdenlib import Engine; t = time.process_time(); {}; print(time.process_time() - t)"
)


def used(*arguments: str, runs: int = 8) -> float:
    """Seconds of the processor that a fresh process needs in all."""
    best = float("inf")
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=False, stdout=-3, stderr=-3)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def told(code: str, *arguments: str, runs: int = 5) -> float:
    """The least number that a fresh process prints."""
    command = [sys.executable, "-c", LOAD.format(code), *arguments]
    return min(float(subprocess.run(command, check=True, stdout=-1).stdout) for _ in range(runs))


def line(name: str, seconds: float, base: float | None = None, of: str = "") -> None:
    ratio = "" if base is None else f"{seconds / base:9.1f} x {of}"
    print(f"{name:52}{1000 * seconds:10.1f} ms{ratio}", flush=True)


def starting(folder: Path) -> None:
    bare = used("-c", "pass")
    click = used("-c", "import click, attrs")
    line("bare Python", bare)
    line("import click and attrs, over bare Python", click - bare)
    line("import burdenlib, over bare Python", used("-c", "import burdenlib") - bare, bare, "bare Python")
    line(
        "from burdenlib import Engine, over it", used("-c", "from burdenlib import Engine") - bare, bare, "bare Python"
    )
    for name, more in (("undetermined", {}), ("rejected", {"channels": ["pledge"], "title": "签订责任书"})):
        task = folder / f"{name}.json"
        task.write_text(json.dumps(TASK | more), "utf-8")
        arguments = ("-m", "burdenlib", "check", str(task))
        used(*arguments, runs=1)
        line(f"burdenlib check of one task, {name}, all in all", used(*arguments), bare, "bare Python")


def loading(folder: Path) -> None:
    policy = folder / "large.burden"
    policy.write_text(workload.policy(rules=10_000), "utf-8")
    engine = "Engine.load(*sys.argv[1:])"
    os.environ["BURDENLIB_CACHE"] = "off"
    line("10,000 rules from text", told(engine, str(policy), runs=3))
    os.environ["BURDENLIB_CACHE"] = str(folder / "cache")
    first = told(engine, str(policy), runs=1)
    (kept,) = [path for path in (folder / "cache").iterdir() if path.stat().st_size > 5_000_000]
    same = folder / "same.json"
    rows = json.dumps(
        [{"a": number, "b": "十", "c": [number, None, True]} for number in range(1000)], ensure_ascii=False
    )
    size = kept.stat().st_size
    same.write_text(f"[{','.join([rows] * (1 + size // len(rows.encode())))}]", "utf-8")
    json_time = told("json.loads(open(sys.argv[1], encoding='utf-8').read())", str(same))
    line(f"json.loads of a file as long ({size / 1e6:.1f} MB)", json_time)
    line("10,000 rules from text, and kept", first)
    line("10,000 rules from what was kept", told(engine, str(policy)), json_time, "json.loads")
    told(engine, runs=1)
    line("all that ships, from what was kept", told(engine))


def explaining() -> None:
    import burdenlib as bl

    engine = bl.Engine.load()
    verdicts = [engine.check(task) for task in bl.read_tasks(ROOT / "dsl" / "demo" / "sample.xlsx", engine.policies)]
    times: dict[str, list[float]] = defaultdict(list)
    for verdict in verdicts:
        verdict.explain("zh")
        times[verdict.status].append(least(lambda verdict=verdict: verdict.explain("zh")))  # type: ignore[misc]
    object_ = json.loads(verdicts[0].explain("zh", "json"))
    base = least(lambda: json.dumps(object_, ensure_ascii=False))
    line("json.dumps of one answer", base)
    for status, found in times.items():
        line(f"explain, {status}: the median of {len(found)}", sorted(found)[len(found) // 2], base, "json.dumps")


def least(work: Callable[[], object], runs: int = 20) -> float:
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Measure and print."""
    load = "/".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, load {load}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BURDENLIB_CACHE"] = str(Path(folder) / "cache")
        starting(Path(folder))
        explaining()
        loading(Path(folder))


if __name__ == "__main__":
    main()
