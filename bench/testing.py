"""How fast tasks are drawn for policies: `python bench/testing.py`.

Seconds are of one core's own time. Hypothesis itself needs some time for each test case; so tasks are drawn fifty to a
test case, and what Hypothesis does with as many plain integers is printed beside them.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import burdenlib as bl
import burdenlib.testing as bt

EACH = 50


def per_second(strategy: st.SearchStrategy[Any], cases: int = 150) -> int:
    """How many values are drawn in a second, once those that are kept have been found."""
    drawn = 0

    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(strategy, min_size=EACH, max_size=EACH))
    def run(values: list[object]) -> None:
        nonlocal drawn
        drawn += len(values)

    run()
    drawn, start = 0, time.process_time()
    run()
    return round(drawn / (time.process_time() - start))


def main() -> None:
    """Measure and print."""
    shandong, everything = bl.Engine.load("shandong"), bl.Engine.load()
    figures = {
        "integers": per_second(st.integers(0, 1000)),
        "tasks_demo": per_second(bt.tasks("demo")),
        "tasks_shandong": per_second(bt.tasks(shandong)),
        "tasks_all_that_ships": per_second(bt.tasks(everything)),
        "tasks_where_a_rule_fires": per_second(bt.tasks_where(shandong, fires="shandong_assignment.责任书")),
        "tasks_where_accepted": per_second(bt.tasks_where(shandong, verdict="accepted")),
        "tasks_where_rejected": per_second(bt.tasks_where(shandong, verdict="rejected")),
        "tasks_where_undetermined": per_second(bt.tasks_where(shandong, verdict="undetermined")),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
