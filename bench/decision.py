"""How fast one decision is, as ratios to hand-written Python within one run: `python bench/decision.py`.

Both sides run one after the other on the same tasks, many times over; a ratio is that of their shortest times, and
beside it stands the range of the rounds from the 10th to the 90th percentile. Time is what the processor spent on the
process, so that others' work doesn't count. Other engines are measured if they are installed. `--quick` leaves out
what takes longer than a few seconds.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import peers
import workload

import burdenlib as bl
from burdenlib.compiled import Program

Work = Callable[[], object]


def over(function: Callable[[Any], object], values: Sequence[Any]) -> Work:
    """The work of calling a function on each of some values."""

    def work() -> None:
        for value in values:
            function(value)

    return work


def seconds(work: Work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def best(work: Work, times: int = 5) -> float:
    """The shortest of several runs, the first left out."""
    work()
    return min(seconds(work) for _ in range(times))


def compare(name: str, work: Work, base: Work, count: int, *, rounds: int = 60) -> float:
    """Print the ratio of some work to a base, and the shortest time for each of `count` tasks; give the ratio."""
    work()
    pairs = [(seconds(base), seconds(work)) for _ in range(rounds)]
    ratios = [own / other for other, own in pairs]
    low, *_, high = statistics.quantiles(ratios, n=10)
    shortest = min(own for _, own in pairs) / count * 1e6
    ratio = min(own for _, own in pairs) / min(other for other, _ in pairs)
    print(f"{name:58}{ratio:9.2f}  ({low:.2f} to {high:.2f}){shortest:12.2f} us", flush=True)
    return ratio


def head(title: str) -> None:
    print(f"\n{title}\n{'':58}{'ratio':>9}  (10 to 90 %){'shortest':>13}", flush=True)


def program_of(engine: bl.Engine, tasks: Iterable[workload.Facts]) -> Program:
    """The compiled form of an engine's policies, having met the tasks."""
    program = Program(engine.policies)
    for task in tasks:
        if program.decide(task) is None or program.decide_read(program.read(task) or ()) is None:
            raise RuntimeError("left to the interpreter")
    return program


# ---- one decision ---------------------------------------------------------------------------------------------------------


def agree(
    engine: bl.Engine, hand: Callable[[workload.Facts], workload.Answer], tasks: Iterable[workload.Facts]
) -> None:
    """Make sure that both sides decide the same, with the same reasons."""
    for task in tasks:
        found, expected = engine.decide(task), hand(task)
        reasons = {((each.rule or "").partition(".")[2] or each.kind, each.truth) for each in found.reasons}
        admitted = {each.item or each.rule.split(".")[1] for each in found.admitted_by}
        if (found.status, reasons, admitted) != (expected[0], set(expected[1]), set(expected[2])):
            raise RuntimeError(f"{task}: {found} is not {expected}")


def one_decision() -> None:
    engine, hand = bl.Engine.load(texts={"bench": workload.policy()}), workload.by_hand()
    agree(engine, hand, workload.tasks(10_000, seed=1))
    tasks = workload.tasks(400)
    program = program_of(engine, tasks)
    base, count = over(hand, tasks), len(tasks)
    head(f"one decision, {count} tasks, one fact of ten not told; against hand-written Python on the mapping")
    print(f"{'hand-written Python':58}{1:9.2f}{'':18}{best(base, 40) / count * 1e6:12.2f} us")
    names = frozenset(engine.policies.facts).issuperset
    strict = over(lambda task: hand(task) if names(task) else None, tasks)
    compare("  the same, refusing keys that are no facts", strict, base, count)
    read = [program.read(task) for task in tasks]
    compare("read tasks: Program.decide_read", over(program.decide_read, read), base, count)  # type: ignore[arg-type]
    compare("mappings: the generated code", over(program.tree.root, tasks), base, count)
    compare("mappings: Engine.decide", over(engine.decide, tasks), base, count)
    compare("tasks: Engine.decide(Task)", over(engine.decide, [bl.Task(t["id"], t) for t in tasks]), base, count)
    texts = [json.dumps(task, ensure_ascii=False).encode() for task in tasks]
    compare("JSON bytes to JSON bytes: Engine.decide_json", over(engine.decide_json, texts), base, count)
    compare("  json.loads alone", over(json.loads, texts), base, count)
    compare("reading a task: Program.read", over(program.read, tasks), base, count)
    some = tasks[:30]
    compare("the interpreter: Engine.check", over(engine.check, some), over(hand, some), len(some), rounds=5)
    explaining(engine, tasks)


def ratios() -> dict[str, float]:
    """What is kept and compared: the processor's time of a decision over that of the same decision by hand."""
    engine, hand = bl.Engine.load(texts={"bench": workload.policy()}), workload.by_hand()
    tasks = workload.tasks(400)
    program = program_of(engine, tasks)
    texts = [json.dumps(task, ensure_ascii=False).encode() for task in tasks]
    works = {
        "read tasks": over(program.decide_read, [program.read(task) for task in tasks]),  # type: ignore[arg-type]
        "mappings": over(engine.decide, tasks),
        "JSON bytes to JSON bytes": over(engine.decide_json, texts),
    }
    by_hand = best(over(hand, tasks), 60)
    return {f"{name} / hand-written Python": best(work, 60) / by_hand for name, work in works.items()}


def explaining(engine: bl.Engine, tasks: Sequence[workload.Facts]) -> None:
    for status in ("rejected", "undetermined", "accepted"):
        verdicts = [engine.check(task) for task in [t for t in tasks if engine.decide(t).status == status][:20]]
        for language in ("zh", "en"):
            took = best(over(lambda verdict, to=language: verdict.explain(to), verdicts)) / len(verdicts)
            print(f"{f'explaining one that is {status} ({language})':58}{'':27}{took * 1e6:12.0f} us")


def others() -> None:
    engine, hand = bl.Engine.load(texts={"bench": workload.policy()}), workload.by_hand()
    tasks = workload.tasks(200)
    program_of(engine, tasks)
    few = tasks[:20]
    base = over(engine.decide, few)
    base()
    head("other engines, verdict and reasons (see bench/peers.py); against Engine.decide on the same mappings")
    for name, asked in peers.installed():
        if isinstance(asked, str):
            print(f"{name:58}{asked[:60]}")
            continue
        wrong = sum(asked(task) != peers.expected(hand(task)) for task in tasks)
        compare(name + (f" ({wrong} of {len(tasks)} WRONG)" if wrong else ""), over(asked, few), base, 20, rounds=15)


# ---- growth ---------------------------------------------------------------------------------------------------------------


def growth() -> None:
    head("12 to 12,000 rules, told apart by the department; against 12 rules (mappings)")
    small = bl.Engine.load(texts={"bench": workload.policy()})
    for rules in (120, 1_200, 12_000):
        tasks = workload.tasks(400, departments=max(1, rules - 12))
        start = time.process_time()
        large = bl.Engine.load(texts={"bench": workload.policy(rules=rules)})
        checked = time.process_time()
        program_of(large, tasks[:1])
        first = time.process_time()
        program_of(small, tasks)
        for task in tasks:
            large.decide(task), small.decide(task)
        compare(f"{rules:,} rules", over(large.decide, tasks), over(small.decide, tasks), len(tasks), rounds=20)
        print(f"{'':12}from text {checked - start:.2f} s, compiled and first decision {first - checked:.2f} s")
    head("150 to 150,000 items; a dictionary's own growth beside it")
    for items in (1_500, 15_000, 150_000):
        own, before = workload.tasks(400, items=items), workload.tasks(400)
        large = bl.Engine.load(texts={"bench": workload.policy(items=items)})
        for task in [*own, *before]:
            large.decide(task), small.decide(task)
        compare(f"{items:,} items", over(large.decide, own), over(small.decide, before), len(own), rounds=20)
        few, many = ({f"W-{number}": number for number in range(size)} for size in (150, items))
        wanted, usual = ([str(task.get("item")) for task in tasks] for tasks in (own, before))
        compare("  a dictionary of as many", over(many.get, wanted), over(few.get, usual), len(own), rounds=20)


# ---- loading --------------------------------------------------------------------------------------------------------------

FRESH = """
import gc, sys, time
start = time.process_time()
import burdenlib as bl
imported = time.process_time()
engine = bl.Engine.load(sys.argv[1])
loaded = time.process_time()
engine.decide({"id": "t", "kind": "work", "target": "370829101201", "date": "2024-03-01", "department": "department 7"})
print(imported - start, loaded - imported, time.process_time() - loaded)
"""


def fresh(path: str, cache: str) -> list[float]:
    """Seconds of a fresh process for importing, loading, and compiling with the first decision."""
    environment = {**os.environ, "BURDENLIB_CACHE": cache}
    found = subprocess.run([sys.executable, "-c", FRESH, path], env=environment, check=True, capture_output=True)
    return [float(each) for each in found.stdout.split()]


def loading() -> None:
    print(
        f"\nloading in fresh processes, seconds of the processor, the shortest of several\n{'':58}{'import':>9}{'load':>9}{'first':>9}"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "large.burden")
        Path(path).write_text(workload.policy(rules=10_000), "utf-8")
        for name, target in (("10,000 rules", path), ("the shipped policies of China", "china")):
            cache = str(Path(folder) / "cache")
            for kind, runs in (("from text", 1), ("from the cache", 5)):
                times = [fresh(target, cache) for _ in range(runs)]
                shortest = "".join(f"{min(each):9.3f}" for each in zip(*times, strict=True))
                print(f"{f'{name}, {kind}':58}{shortest}", flush=True)
        bare = min(_run("-c", "pass") for _ in range(7))
        print(
            f"{'import burdenlib over bare Python':58}{min(_run('-c', 'import burdenlib') for _ in range(7)) - bare:9.3f}"
        )


def _run(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    gc.freeze()
    load = "/".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, load {load}")
    one_decision()
    others()
    if "--quick" not in sys.argv:
        growth()
        loading()


if __name__ == "__main__":
    main()
