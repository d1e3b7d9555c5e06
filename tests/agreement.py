"""All implementations of the language asked the same, at length: `python -m tests.agreement --decisions 1000000`.

A decision is one task judged by the interpreter and, against it, by the compiled form (three ways in), the columnar
audit, SQL in the databases that are at hand, and the naive evaluator of the tests. Most policies are generated, with many
tasks for each set; one stretch in ten is the shipped policies, which the naive evaluator doesn't read. What is missing is
asked of one set in ten, and so is Spark, which takes seconds for a query. Every stretch has a seed: with `--from` a run
goes on where another ended. Each disagreement is made as small as it gets, and printed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache, cached_property
from multiprocessing.util import Finalize
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import burdenlib.testing as bt
from burdenlib import Engine
from burdenlib.testing.differential import compare, drawn_question, generated, smaller
from burdenlib.testing.implementations import Implementation
from tests.databases import HAS_POSTGRES, DuckDb, as_sql, postgres_server, spark_session
from tests.oracle import answers

NAIVE = bt.calling("naive", answers)
OURS = (bt.INTERPRETER, bt.COMPILED, bt.COMPILED_READ, bt.COMPILED_JSON, bt.AUDIT, bt.AUDIT_COMPILED, NAIVE)
MISSING = (bt.INTERPRETER_ASKING, bt.INTERPRETER, bt.AUDIT)

DATABASES = ("duckdb", "postgres", "spark")
"""All three; Spark runs if it is asked for."""

RARE = 10
"""One set in so many is asked of Spark, and what is missing."""

SETS, TASKS, PORTFOLIOS, IN_PORTFOLIO, ASKED = 10, 1000, 10, 8, 8
SHIPPED_TASKS = 400

LONGEST = 20_000
"""So many characters of a disagreement are printed."""


class Found(NamedTuple):
    """What a stretch came to: its seed, how many decisions with which answers, the disagreements in words.

    `said` is how many of the decisions each implementation said something of.
    """

    seed: int
    decisions: int
    statuses: Counter[str]
    disagreements: list[str]
    said: Counter[str]


class Databases:
    """The databases of a process, begun when the first question comes."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = names
        self._open = ExitStack()
        Finalize(None, self._open.close, exitpriority=10)  # before temporary folders go

    @cached_property
    def always(self) -> list[Implementation]:
        """Those that are asked everything."""
        found: list[Implementation] = []
        if "duckdb" in self.names:
            found.append(as_sql(DuckDb()))
        if "postgres" in self.names:
            found.append(as_sql(self._open.enter_context(postgres_server())))
        return found

    @cached_property
    def rarely(self) -> list[Implementation]:
        """Those that are asked one set in ten."""
        return [as_sql(self._open.enter_context(spark_session()))] if "spark" in self.names else []


class Process:
    """What a process holds."""

    databases = Databases()


def begin(names: Sequence[str]) -> None:
    """Begin a process that asks these databases."""
    Process.databases = Databases(names)


class Asking:
    """Asks questions and counts."""

    def __init__(self, number: int) -> None:
        self.found = Found(number, 0, Counter(), [], Counter())

    def ask(self, asked: Sequence[Implementation], engine: Engine, question: bt.Question) -> None:
        found = self.found
        counted = [counting(each, found.said, None if at else found.statuses) for at, each in enumerate(asked)]
        wrong = compare(counted, engine, question)
        self.found = self.found._replace(decisions=self.found.decisions + len(question.tasks))
        if wrong is not None:
            least = smaller(wrong, asked, engine)
            self.found.disagreements.append(shortened(f"seed {self.found.seed}: {least}"))


def shortened(text: str) -> str:
    """A disagreement without the texts of all the policies that ship."""
    return text if len(text) <= LONGEST else f"{text[:200]} … {text[-LONGEST:]}"


def counting(asked: Implementation, said: Counter[str], statuses: Counter[str] | None) -> Implementation:
    """An implementation, counting its answers."""

    def answer(engine: Engine, question: bt.Question) -> list[bt.Reply]:
        replies = [*asked.ask(engine, question)]
        said[asked.name] += sum(reply != bt.SILENT for reply in replies)
        if statuses is not None:
            statuses.update(reply.status or "" for reply in replies)
        return replies

    return Implementation(asked.name, answer, strict=asked.strict, together=asked.together)


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
        is_rare = chance.below(RARE) == 0
        databases = [*Process.databases.always, *(Process.databases.rarely if is_rare else ())]
        asking.ask((*OURS, *databases), engine, drawn_question(engine.policies, chance, TASKS))
        if any(True for _ in engine.policies.rules("limit")):
            for _ in range(PORTFOLIOS):
                asking.ask(OURS, engine, drawn_question(engine.policies, chance, IN_PORTFOLIO, together=True))
        if is_rare:
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
    asked = [each for each in (*OURS, *Process.databases.always) if each is not NAIVE]
    asking.ask(asked, shipped(), drawn_question(shipped().policies, chance, SHIPPED_TASKS))
    asking.ask(asked, shipped(), drawn_question(shipped().policies, chance, IN_PORTFOLIO, together=True))
    return asking.found


def stretch(number: int) -> Found:
    return of_shipped(number) if number % 10 == 9 else of_generated(number)


def run(decisions: int, first: int, processes: int, seconds: float, databases: Sequence[str]) -> int:
    """Ask until there are so many decisions; 1 if there was a disagreement."""
    began, done, statuses, said, disagreements = time.time(), 0, Counter[str](), Counter[str](), 0
    with multiprocessing.get_context("spawn").Pool(processes, begin, (databases,)) as pool:
        number = first
        while done < decisions and time.time() - began < seconds:
            for found in pool.map(stretch, range(number, number + processes), chunksize=1):
                done += found.decisions
                statuses += found.statuses
                said += found.said
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
        for name, count in said.most_common():
            print(f"{count:12,} said by {name}", flush=True)  # noqa: T201
        pool.close()
        pool.join()
    return min(disagreements, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=20_000, help="how many at least (20,000)")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the seed of the first stretch (0)")
    parser.add_argument("--processes", type=int, default=1, help="how many at once (1)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    at_hand = ("duckdb", "postgres") if HAS_POSTGRES else ("duckdb",)
    parser.add_argument(
        "--databases",
        nargs="*",
        choices=DATABASES,
        default=at_hand,
        help=f"which are asked as well ({', '.join(at_hand)})",
    )
    told = parser.parse_args()
    return run(told.decisions, told.first, told.processes, told.seconds, told.databases)


if __name__ == "__main__":
    sys.exit(main())
