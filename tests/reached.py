"""Whether `tasks_where` reaches every rule, exception and item of every shipped policy.

`python -m tests.reached` draws tasks for each of them with Hypothesis' health checks on, judges what was drawn, and
prints how many were reached, and how fast. The ordinary tests do the same once for each (`test_testing_strategies.py`).
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

import burdenlib as bl
from burdenlib import policy as p
from burdenlib.evaluator import Evaluator, find_items
from burdenlib.task import Known, Task, read_task
from burdenlib.testing.strategies import UnreachableError, tasks_where

DRAWS = 20


class Target(NamedTuple):
    """Something to be reached: what it is, how it is asked for, and whether a task does it."""

    sort: str
    name: str
    asked: Callable[[], st.SearchStrategy[Task]]
    does: Callable[[Evaluator], bool]


def targets(policies: p.PolicySet) -> Iterator[Target]:
    """Every rule, exception and item."""
    for policy in policies.policies:
        for rule in policy.rules:
            yield _rule(policies, rule)
            yield from (_exception(policies, rule, number) for number in range(len(rule.unless)))
        for task_list in policy.lists:
            for item in task_list.items:
                yield _item(policies, task_list, item)
                yield from (_item_exception(policies, task_list, item, number) for number in range(len(item.unless)))
            yield from (_list_exception(policies, task_list, number) for number in range(len(task_list.unless)))


def _rule(policies: p.PolicySet, rule: p.Rule) -> Target:
    def does(evaluator: Evaluator) -> bool:
        same = (each for policy in policies.policies for each in policy.rules if each.name == rule.name)
        return any(evaluator.fires(each).truth for each in same)

    return Target("rule", rule.name, lambda: tasks_where(policies, fires=rule.name), does)


def _exception(policies: p.PolicySet, rule: p.Rule, number: int) -> Target:
    def does(evaluator: Evaluator) -> bool:
        truths = [evaluator.prove(unless).truth for unless in rule.unless]
        alone = truths[number] is True and truths.count(False) == len(truths) - 1
        return alone and evaluator.prove(rule.when).truth is True and evaluator.fires(rule).truth is False

    return Target(
        "exception", f"{rule.name}#{number + 1}", lambda: tasks_where(policies, saved_from=(rule.name, number)), does
    )


def _item(policies: p.PolicySet, task_list: p.TaskList, item: p.Item) -> Target:
    code = item.code or ""

    def does(evaluator: Evaluator) -> bool:
        same = [key for key, each in policies.lists.items() if each.name == task_list.name]
        return any(evaluator.cover(key, frozenset((code,))).truth for key in same)

    return Target(
        "item", f"{task_list.name}[{code}]", lambda: tasks_where(policies, covered_by=(task_list.name, code)), does
    )


def _item_exception(policies: p.PolicySet, task_list: p.TaskList, item: p.Item, number: int) -> Target:
    name = f"{task_list.name}[{item.code}]"

    def does(evaluator: Evaluator) -> bool:
        saves = evaluator.prove(item.unless[number]).truth is True
        asked = str(evaluator.read("item").value)
        governs = evaluator.prove(task_list.governs).truth is True
        return saves and governs and item in find_items(task_list, asked) and evaluator.prove(item.when).truth is True

    return Target("exception", f"{name}#{number + 1}", lambda: tasks_where(policies, saved_from=(name, number)), does)


def _list_exception(policies: p.PolicySet, task_list: p.TaskList, number: int) -> Target:
    name = task_list.name

    def does(evaluator: Evaluator) -> bool:
        saves = evaluator.prove(task_list.unless[number]).truth is True
        return saves and evaluator.cover(task_list.key).truth is True

    return Target("exception", f"{name}#{number + 1}", lambda: tasks_where(policies, saved_from=(name, number)), does)


def misses(policies: p.PolicySet, target: Target, draws: int = DRAWS) -> str | None:
    """Why a target isn't reached, `None` if every task that is drawn does it."""
    wrong: list[Task] = []
    count = 0

    def look(task: Task) -> None:
        nonlocal count
        count += 1
        told, problems = read_task(task, policies)
        known = {each.fact: Known(each.value) for each in told}  # type: ignore[arg-type]
        if problems or not target.does(Evaluator(policies, known)):
            wrong.append(task)

    try:
        settings(max_examples=draws, deadline=None, database=None)(given(target.asked())(look))()
    except UnreachableError as error:
        return str(error)
    return str(wrong[0].facts) if wrong else None if count else "nothing was drawn"


def main() -> None:
    """Go through everything that ships."""
    policies = bl.Engine.load().policies
    counted: dict[str, list[int]] = {}
    found: list[str] = []
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for target in targets(policies):
            missed = misses(policies, target)
            counts = counted.setdefault(target.sort, [0, 0])
            counts[0] += missed is None
            counts[1] += 1
            found += [] if missed is None else [f"{target.sort} {target.name}: {missed}"]
    sys.stdout.writelines(f"{line}\n" for line in found)
    for sort, (reached, all_) in counted.items():
        sys.stdout.write(f"{sort}s: {reached} of {all_} reached\n")
    sys.stdout.write(
        f"{len(policies.policies)} documents, {time.process_time() - start:.0f} s, no health check failed\n"
    )
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
