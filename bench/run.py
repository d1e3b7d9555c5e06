"""How fast burdenlib loads and judges, as ratios within one run: `./run bench [--guard | --keep]`.

`--guard` measures the ratios that are kept in `kept.json`, and fails if one is more than half again as large;
`--keep` keeps those measured now.

No figure here is a test: machines differ. What should hold anywhere are the ratios: loading what was checked before
against checking it, a portfolio ten times as large against the smaller one, judging a sheet against reading it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOAD = "import time, burdenlib as b; t = time.perf_counter(); b.Engine.load(); print(time.perf_counter() - t)"


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The best of several runs."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def loading() -> tuple[float, float]:
    """Seconds for loading all that ships in fresh processes: checked anew, and as kept."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {**os.environ, "BURDENLIB_CACHE": folder}
        none = {**os.environ, "BURDENLIB_CACHE": "off"}

        def run(environment: dict[str, str]) -> float:
            return float(subprocess.run([sys.executable, "-c", LOAD], env=environment, check=True, stdout=-1).stdout)

        run(kept)
        return min(run(none) for _ in range(3)), min(run(kept) for _ in range(5))


def guarded(*, keep: bool) -> int:
    """Compare ratios with those that were kept, or keep them; 1 if one is worse."""
    import audit
    import decision
    import guard

    parts: Mapping[str, Callable[[], Mapping[str, float]]] = {"decision": decision.ratios, "audit": audit.ratios}
    measured = {part: measure() for part, measure in parts.items()}
    print(json.dumps(measured, indent=2))
    if keep:
        guard.keep(measured)
        return 0
    worse = list(guard.complaints(measured, guard.kept()))
    print(*worse or ["no ratio is worse than it was"], sep="\n")
    return 1 if worse else 0


def main() -> None:
    """Measure and print."""
    if {"--guard", "--keep"} & {*sys.argv}:
        raise SystemExit(guarded(keep="--keep" in sys.argv))
    import burdenlib as bl
    from burdenlib.questions import BUDGET

    cold, warm = loading()
    engine = bl.Engine.load()
    sheet = ROOT / "dsl" / "demo" / "sample.xlsx"
    read = seconds(lambda: bl.read_tasks(sheet, engine.policies))
    sample = list(bl.read_tasks(sheet, engine.policies))
    judged = seconds(lambda: engine.check_all(sample))

    def copies(times: int) -> list[bl.Task]:
        return [
            bl.Task(f"{task.id}-{number}", {**task.facts, "编号": f"{task.id}-{number}"}, cells=task.cells)
            for number in range(times)
            for task in sample
        ]

    small, large = copies(10), copies(100)
    ten, hundred = seconds(lambda: engine.check_all(small), 1), seconds(lambda: engine.check_all(large), 1)
    definite = [task for task in sample if engine.check(task).status != "undetermined"]
    one = seconds(lambda: [engine.check(task) for task in definite]) / len(definite)
    documents = len(engine.policies.policies)
    items = sum(len(each.items) for each in engine.policies.lists.values())
    figures = {
        "documents": documents,
        "items": items,
        "load_checked_s": round(cold, 3),
        "load_kept_s": round(warm, 3),
        "checked_over_kept": round(cold / warm, 1),
        "definite_verdict_ms": round(1000 * one, 2),
        "sheet_of_48_read_s": round(read, 3),
        "sheet_of_48_judged_s": round(judged, 3),
        "judged_over_read": round(judged / read, 1),
        "tasks_480_s": round(ten, 2),
        "tasks_4800_s": round(hundred, 2),
        "4800_over_480": round(hundred / ten, 1),
        "judged_again_at_most": BUDGET,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
