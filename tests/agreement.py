"""All implementations of the language asked the same, at length: `python -m tests.agreement --decisions 1000000`.

A decision is one task judged by the interpreter and, against it, by the compiled form (three ways in), the columnar
audit and the naive evaluator of the tests. Most policies are generated, with many tasks for each set; one stretch in
ten is the shipped policies, which the naive evaluator doesn't read. What is missing is asked of one set in ten. Every
stretch has a seed: with `--from` a run goes on where another ended. Each disagreement is made as small as it gets, and printed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import burdenlib.testing as bt
from burdenlib import Engine
from burdenlib.testing.differential import compare, drawn_question, generated, smaller
from burdenlib.testing.implementations import Implementation
from tests.oracle import answers

NAIVE = bt.calling("naive", answers)
ALL = (bt.INTERPRETER, bt.COMPILED, bt.COMPILED_READ, bt.COMPILED_JSON, bt.AUDIT, NAIVE)
MISSING = (bt.INTERPRETER_ASKING, bt.INTERPRETER, bt.AUDIT)
OF_SHIPPED = (bt.INTERPRETER, bt.COMPILED, bt.COMPILED_READ, bt.COMPILED_JSON, bt.AUDIT)

SETS, TASKS, PORTFOLIOS, IN_PORTFOLIO, ASKED = 10, 400, 10, 8, 8
SHIPPED_TASKS = 400


class Found(NamedTuple):
    """What a stretch came to: its seed, how many decisions with which answers, and the disagreements in words."""

    seed: int
    decisions: int
    statuses: Counter[str]
    disagreements: list[str]


class Asking:
    """Asks questions and counts."""

    def __init__(self, number: int) -> None:
        self.found = Found(number, 0, Counter(), [])

    def ask(self, asked: Sequence[Implementation], engine: Engine, question: bt.Question) -> None:
        wrong = compare((counting(self.found.statuses), *asked[1:]), engine, question)
        self.found = self.found._replace(decisions=self.found.decisions + len(question.tasks))
        if wrong is not None:
            least = smaller(wrong, asked, engine)
            self.found.disagreements.append(f"seed {self.found.seed}: {least}")


def counting(statuses: Counter[str]) -> Implementation:
    """The interpreter, counting its answers."""

    def answer(engine: Engine, question: bt.Question) -> list[bt.Reply]:
        replies = bt.INTERPRETER.ask(engine, question)
        statuses.update(reply.status or "" for reply in replies)
        return list(replies)

    return Implementation(bt.INTERPRETER.name, answer, together=True)


def of_generated(number: int) -> Found:
    """A stretch of generated policies."""
    asking = Asking(number)

    @settings(
        max_examples=SETS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(number)
    @given(st.integers(0, 3).flatmap(lambda turn: generated(together=turn == 0)), st.integers(0, 1 << 30))
    def run(made: tuple[bt.Made, ...], drawn: int) -> None:
        engine = Engine.load(texts=bt.texts_of(made))
        chance = bt.Chance(drawn)
        asking.ask(ALL, engine, drawn_question(engine.policies, chance, TASKS))
        if any(True for _ in engine.policies.rules("limit")):
            for _ in range(PORTFOLIOS):
                asking.ask(ALL, engine, drawn_question(engine.policies, chance, IN_PORTFOLIO, together=True))
        if chance.below(10) == 0:
            question = drawn_question(engine.policies, chance, ASKED)
            wrong = compare(MISSING, engine, question)
            if wrong is not None:
                asking.found.disagreements.append(f"seed {number}: {smaller(wrong, MISSING, engine)}")

    run()
    return asking.found


@cache
def shipped() -> Engine:
    return Engine.load()


def of_shipped(number: int) -> Found:
    """A stretch of the shipped policies."""
    asking, chance = Asking(number), bt.Chance(number)
    asking.ask(OF_SHIPPED, shipped(), drawn_question(shipped().policies, chance, SHIPPED_TASKS))
    asking.ask(OF_SHIPPED, shipped(), drawn_question(shipped().policies, chance, IN_PORTFOLIO, together=True))
    return asking.found


def stretch(number: int) -> Found:
    return of_shipped(number) if number % 10 == 9 else of_generated(number)


def run(decisions: int, first: int, processes: int, seconds: float) -> int:
    """Ask until there are so many decisions; 1 if there was a disagreement."""
    began, done, statuses, disagreements = time.time(), 0, Counter[str](), 0
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        number = first
        while done < decisions and time.time() - began < seconds:
            for found in pool.map(stretch, range(number, number + processes)):
                done += found.decisions
                statuses += found.statuses
                disagreements += len(found.disagreements)
                for each in found.disagreements:
                    print(f"\n{each}\n", flush=True)  # noqa: T201
            number += processes
            rate = done / (time.time() - began)
            told = ", ".join(f"{count:,} {status}" for status, count in sorted(statuses.items()))
            print(  # noqa: T201
                f"{done:,} decisions, {rate:,.0f} a second, {disagreements} disagreements ({told}); --from {number}",
                flush=True,
            )
    return min(disagreements, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=20_000, help="how many at least (20,000)")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the seed of the first stretch (0)")
    parser.add_argument("--processes", type=int, default=1, help="how many at once (1)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    told = parser.parse_args()
    return run(told.decisions, told.first, told.processes, told.seconds)


if __name__ == "__main__":
    sys.exit(main())
