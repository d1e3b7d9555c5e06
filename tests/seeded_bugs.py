"""Bugs sown into a copy of the engine one at a time, to see whether the properties find them.

`python -m tests.seeded_bugs` runs all sixty and prints by which property each was caught, and after how many examples;
`--only K1,N2` runs some, `--list` writes the list for the docs. Each property has up to 2,000 examples; the first
failure ends the run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
MOST = 2000
ROUNDS = (50, 250, MOST)


class Bug(NamedTuple):
    """One replacement in the source; `title` says what the engine then gets wrong."""

    name: str
    title: str
    file: str
    old: str
    new: str


EVALUATOR, JUDGE, LOGIC, LIMITS = "evaluator.py", "judge.py", "logic.py", "limits.py"
RULES, LISTS, HEADS, ABOUT = "checker/rules.py", "checker/lists.py", "checker/heads.py", "checker/about.py"

CLASSES: dict[str, tuple[Bug, ...]] = {
    "Kleene tables": (
        Bug("K1", "not unknown is true", LOGIC, "return None if truth is None else not truth", "return not truth"),
        Bug(
            "K2",
            "an `and` takes an unknown part for true",
            LOGIC,
            "            return False\n        if truth is None:\n            found = None",
            "            return False\n        if truth is None:\n            continue",
        ),
        Bug(
            "K3",
            "an `or` takes an unknown part for false",
            LOGIC,
            "            return True\n        if truth is None:\n            found = None",
            "            return True\n        if truth is None:\n            continue",
        ),
        Bug(
            "K4",
            "an `and` with an unknown and a false part is unknown",
            LOGIC,
            "        if truth is False:\n            return False\n        if truth is None:\n            found = None",
            "        if truth is None:\n            return None\n        if truth is False:\n            found = False",
        ),
        Bug(
            "K5",
            "where it is unknown which of two lists counts, the lower one is ignored",
            LOGIC,
            "        return yes if yes is no else None",
            "        return no",
        ),
        Bug(
            "K6",
            "a condition whose open parts decide nothing counts as settled",
            EVALUATOR,
            "truth = None if any(proof.truth is None for proof in proofs) else not decisive",
            "truth = not decisive",
        ),
    ),
    "none": (
        Bug(
            "N1",
            "a comparison with none is true",
            EVALUATOR,
            "if left is NONE or right is NONE:\n            return Proof(condition, False,",
            "if left is NONE or right is NONE:\n            return Proof(condition, True,",
        ),
        Bug(
            "N2",
            "a comparison with none is unknown",
            EVALUATOR,
            "if left is NONE or right is NONE:\n            return Proof(condition, False,",
            "if left is NONE or right is NONE:\n            return Proof(condition, None,",
        ),
        Bug(
            "N3",
            "what nobody told counts as none for `has` and `no`",
            EVALUATOR,
            "        if any(value is None for value in values.values()):",
            "        if isinstance(condition, p.Has) and values[condition.fact] is None:\n"
            "            return Proof(condition, condition.negated, readings=readings)\n"
            "        if any(value is None for value in values.values()):",
        ),
        Bug(
            "N4",
            "`is` with none on the left is false, negated or not",
            EVALUATOR,
            "return Proof(condition, same(values[fact], other) is not negated, readings=readings)",
            "return Proof(condition, values[fact] is not NONE and same(values[fact], other) is not negated, "
            "readings=readings)",
        ),
        Bug(
            "N5",
            "a yes/no fact that doesn't exist is yes",
            EVALUATOR,
            '        case "yes_no":\n            return False',
            '        case "yes_no":\n            return True',
        ),
        Bug(
            "N6",
            "a fact that may not exist counts as one that doesn't",
            EVALUATOR,
            "value = nonexistent_value(fact) if exists is False else None",
            "value = nonexistent_value(fact) if exists is not True else None",
        ),
    ),
    "interval ends": (
        Bug(
            "I1",
            "the first day of an interval isn't in it",
            "policy.py",
            "(self.start is None or self.start <= day)",
            "(self.start is None or self.start < day)",
        ),
        Bug(
            "I2",
            "the last day of an interval isn't in it",
            "policy.py",
            "(self.end is None or day <= self.end)",
            "(self.end is None or day < self.end)",
        ),
        Bug(
            "I3",
            "the last day of a rule or an item is lost",
            ABOUT,
            "None if end is None else end.day.value)\n    last",
            "None if end is None else end.day.value - __import__('datetime').timedelta(days=1))\n    last",
        ),
        Bug(
            "I4",
            "a version still holds on the day on which the next begins",
            HEADS,
            "            before = start - timedelta(days=1)\n            if end is None:",
            "            before = start\n            if end is None:",
        ),
        Bug(
            "I5",
            "the dates of an item are not looked at",
            LISTS,
            'parts: list[p.Condition] = [p.InForce(about.interval, Words("事项", "the item"))]',
            "parts: list[p.Condition] = []",
        ),
        Bug(
            "I6",
            "the dates of a rule are not looked at",
            RULES,
            "[applies, _ALWAYS if about.interval.is_always else p.InForce(about.interval, _RULE)]",
            "[applies]",
        ),
    ),
    "reach of admit": (
        Bug(
            "A1",
            "an admission reaches a higher level's list that doesn't say `localities may add`",
            RULES,
            "if draft.may_add and is_inside(head.place, other.place):",
            "if is_inside(head.place, other.place):",
        ),
        Bug(
            "A2",
            "an admission reaches no higher list, whatever that says",
            RULES,
            "if draft.may_add and is_inside(head.place, other.place):",
            "if draft.may_add and head.place == other.place:",
        ),
        Bug(
            "A3",
            "an admission to a list doesn't reach those that implement it",
            RULES,
            "    grown = True",
            "    grown = False",
        ),
        Bug(
            "A4",
            "an admission doesn't reach lists of its own level",
            RULES,
            "if _RANKS[other.level] >= _RANKS[head.level]:",
            "if _RANKS[other.level] > _RANKS[head.level]:",
        ),
        Bug(
            "A5",
            "an admission opens lists even where it doesn't apply",
            JUDGE,
            "all_true((evaluator.cover(each.key).governs.truth, evaluator.fires(rule).truth))",
            "all_true((evaluator.cover(each.key).governs.truth, evaluator.prove(rule.when).truth))",
        ),
        Bug(
            "A6",
            "an admission that applies undoes bans",
            JUDGE,
            "fired = [_reason(charge, truth, evaluator) for charge, truth in charges if truth]",
            "pardoned = any(g.rule is not None and g.truth(evaluator) for g in found.admitting)\n"
            "    charges = [(c, False if pardoned and c.rule is not None else t) for c, t in charges]\n"
            "    fired = [_reason(charge, truth, evaluator) for charge, truth in charges if truth]",
        ),
    ),
    "partial lists": (
        Bug(
            "P1",
            "what an extract doesn't show is off the list",
            EVALUATOR,
            "else Proof(p.OnList((task_list.key,)), None)",
            "else Proof(p.OnList((task_list.key,)), False)",
        ),
        Bug(
            "P2",
            "a partial list is taken for a closed one",
            EVALUATOR,
            'if task_list.extent == "partial":',
            'if task_list.extent == "part":',
        ),
        Bug(
            "P3",
            "the register is asked of items that the extract shows, too",
            EVALUATOR,
            "if found or codes is not None:",
            'if (found and task_list.extent != "partial") or codes is not None:',
        ),
        Bug(
            "P4",
            "a partial list shuts nothing out",
            "policy.py",
            'return not self.is_ban and self.extent != "open"',
            'return not self.is_ban and self.extent == "closed"',
        ),
        Bug(
            "P5",
            "the register's no is taken for unknown",
            EVALUATOR,
            "            proofs = (*proofs, asked)",
            "            proofs = (*proofs, asked if asked.truth else Proof(asked.condition, None))",
        ),
        Bug(
            "P6",
            "the residual item of a partial list is never tried",
            EVALUATOR,
            "            proofs = (*proofs, asked)",
            "            proofs = (asked,)",
        ),
    ),
    "implementing lists": (
        Bug(
            "M1",
            "a list that implements another doesn't take its place",
            EVALUATOR,
            "if implementers := self.policies.implementers.get(key, ()):",
            "if (implementers := self.policies.implementers.get(key, ())) and codes is not None:",
        ),
        Bug(
            "M2",
            "it takes the higher one's place even where it doesn't govern",
            EVALUATOR,
            "    replaced = any_true(each.governs.truth for each in instead)",
            "    replaced = True",
        ),
        Bug(
            "M3",
            "the higher list still covers beside it",
            EVALUATOR,
            "covers = either(replaced, any_true(each.truth for each in instead), coverage.covers)",
            "covers = any_true((*(each.truth for each in instead), coverage.covers))",
        ),
        Bug(
            "M4",
            "an item covers though the one that it carries out is no longer in force",
            LISTS,
            "        parts.append(p.Any(tuple(_in_force(context, each) for each in carried)))",
            "        pass",
        ),
        Bug(
            "M5",
            "where it isn't known whether it governs, the higher list counts",
            EVALUATOR,
            "covers = either(replaced, any_true(each.truth for each in instead), coverage.covers)",
            "covers = either(bool(replaced), any_true(each.truth for each in instead), coverage.covers)",
        ),
        Bug(
            "M6",
            "of several lists that implement one only the first counts",
            EVALUATOR,
            "instead = tuple(self.cover(each, self._carrying(each, codes)) for each in implementers)",
            "instead = tuple(self.cover(each, self._carrying(each, codes)) for each in implementers[:1])",
        ),
    ),
    "limits": (
        Bug(
            "L1",
            "the last task that a limit allows is past it",
            LIMITS,
            "if used <= count or self.plain:\n            return used > count",
            "if used < count or self.plain:\n            return used >= count",
        ),
        Bug(
            "L2",
            "the later tasks use up the limit",
            LIMITS,
            "for use in sorted(group, key=lambda use: use.order):",
            "for use in sorted(group, key=lambda use: use.order, reverse=True):",
        ),
        Bug(
            "L3",
            "a quarter begins a month late",
            LIMITS,
            "return (day.year, (day.month - 1) // 3)",
            "return (day.year, day.month // 3)",
        ),
        Bug(
            "L4",
            "the weeks of different years are one",
            LIMITS,
            "return day.isocalendar()[:2]",
            "return day.isocalendar()[1:2]",
        ),
        Bug(
            "L5",
            "a task for an area doesn't count for the places inside",
            LIMITS,
            "        above = tuple(ancestors(point))",
            "        above = (point,)",
        ),
        Bug(
            "L6",
            "an amount of none counts as one",
            LIMITS,
            "summed if isinstance(summed, Decimal) else None if summed is None else _NOTHING",
            "summed if isinstance(summed, Decimal) else None if summed is None else Decimal(1)",
        ),
    ),
    "sets": (
        Bug(
            "S1",
            "`includes all of` is content with one",
            EVALUATOR,
            "return all_true(truths) if condition.every else any_true(truths)",
            "return any_true(truths)",
        ),
        Bug(
            "S2",
            "a value of which nothing is told isn't in the set",
            EVALUATOR,
            "True if name in value.includes else False if name in value.excludes else None for name in",
            "name in value.includes for name in",
        ),
        Bug(
            "S3",
            "a value of which nothing is told is in the set",
            EVALUATOR,
            "True if name in value.includes else False if name in value.excludes else None for name in",
            "name not in value.excludes for name in",
        ),
        Bug(
            "S4",
            "a list tells only what is in the set, not what isn't",
            "facts.py",
            "return SetValue(includes, kind.names - includes)",
            "return SetValue(includes)",
        ),
        Bug(
            "S5",
            "of two sources that contradict each other the first is believed",
            "task.py",
            "yield Known(SetValue(includes - excludes, excludes - includes), tuple(group))",
            "yield Known(SetValue(includes, excludes - includes), tuple(group))",
        ),
        Bug(
            "S6",
            "only the first of several sources excludes anything",
            "task.py",
            "excludes = frozenset().union(*(told.value.excludes for told in group))",
            "excludes = frozenset().union(*(told.value.excludes for told in group[:1]))",
        ),
    ),
    "place": (
        Bug(
            "G1",
            "a place lies in those inside it",
            "places.py",
            "return code.startswith(place)",
            "return place.startswith(code)",
        ),
        Bug(
            "G2",
            "a place lies in itself only",
            "places.py",
            "return code.startswith(place)",
            "return place in (code, EVERYWHERE)",
        ),
        Bug(
            "G3",
            "zeros at the end of a code are dropped one by one",
            "places.py",
            '    code = "".join(steps)',
            '    code = text.rstrip("0")',
        ),
        Bug(
            "G4",
            "a task for an area is accepted though a place inside has rules of its own",
            JUDGE,
            "        if inside and",
            "        if inside and policy.level is None and",
        ),
        Bug(
            "G5",
            "a document for the very place of the task counts as narrower",
            JUDGE,
            'inside = policy.place != target and is_inside(policy.place, target or "")',
            'inside = is_inside(policy.place, target or "")',
        ),
        Bug(
            "G6",
            "a document applies everywhere",
            "checker/__init__.py",
            "if head.place != EVERYWHERE else ()),",
            'if head.place == "-" else ()),',
        ),
    ),
    "working days": (
        Bug(
            "W1",
            "the day from which it is counted counts",
            "workdays.py",
            "    left = abs(count)",
            "    left = abs(count) - (day.weekday() < 5)",
        ),
        Bug(
            "W2",
            "public holidays are working days",
            "workdays.py",
            "left -= is_workday(day)",
            "left -= is_workday(day) or day.weekday() < 5",
        ),
        Bug(
            "W3",
            "make-up days are not working days",
            "workdays.py",
            "left -= is_workday(day)",
            "left -= is_workday(day) and day.weekday() < 5",
        ),
        Bug(
            "W4",
            "`before` counts forward",
            "workdays.py",
            "step = timedelta(days=1 if count > 0 else -1)",
            "step = timedelta(days=1)",
        ),
        Bug(
            "W5",
            "all days count",
            EVALUATOR,
            "    if working:\n        return workdays.shift(day, days)",
            "    if working and days > 3660:\n        return workdays.shift(day, days)",
        ),
        Bug(
            "W6",
            "a comparison outside the table of holidays is false",
            EVALUATOR,
            "return Proof(condition, None, readings=readings, note=out_of_table(base))",
            "return Proof(condition, False, readings=readings, note=out_of_table(base))",
        ),
    ),
}
"""Six bugs of each class."""


def bugs() -> list[tuple[str, Bug]]:
    """Every bug with its class."""
    return [(each, bug) for each, found in CLASSES.items() for bug in found]


# ---- the properties ---------------------------------------------------------------------------------------------------------


def properties() -> list[Callable[[], None]]:
    """The property tests that a bug has to get past, the quickest to find one first."""
    from tests import test_agreement, test_laws, test_oracle

    return [
        test_agreement.test_sources_add_up_to_what_neither_contradicts,
        test_agreement.test_one_version_is_in_force_on_each_day,
        test_agreement.test_every_condition_agrees,
        test_agreement.test_what_an_admission_opens_agrees,
        test_agreement.test_tasks_at_the_edges_of_policies_agree,
        test_agreement.test_tasks_told_in_part_agree,
        test_agreement.test_portfolios_of_like_tasks_agree,
        test_oracle.test_portfolios_agree,
        test_agreement.test_trailing_zeros_of_a_place_say_nothing,
        test_laws.test_learning_more_never_overturns_a_definite_verdict,
        test_laws.test_a_ban_beats_any_admission,
        test_laws.test_learning_more_about_a_portfolio_never_overturns_a_definite_verdict,
    ]


def tried(test: Any, examples: int) -> int | None:
    """After how many examples a property fails, `None` if it doesn't."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.errors import HypothesisException

    count = 0
    inner = test.hypothesis.inner_test

    def counted(*arguments: object, **named: object) -> None:
        nonlocal count
        count += 1
        inner(*arguments, **named)

    quick = settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=True,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    own = test._hypothesis_internal_use_settings
    test.hypothesis.inner_test, test._hypothesis_internal_use_settings = counted, quick
    try:
        test()
    except HypothesisException:  # the property could not be tried
        raise
    except Exception:  # noqa: BLE001  # a crash is a failure as well
        return count
    finally:
        test.hypothesis.inner_test, test._hypothesis_internal_use_settings = inner, own
    return None


def hunt(most: int = MOST) -> dict[str, object]:
    """Try the properties in turn, with more and more examples, until one fails."""
    for examples in (*(each for each in ROUNDS if each < most), most):
        for test in properties():
            found = tried(test, examples)
            if found is not None:
                return {"property": test.__name__, "examples": found}
    return {"property": None, "examples": most}


# ---- one bug at a time --------------------------------------------------------------------------------------------------------


def sow(bug: Bug, folder: Path) -> None:
    """Make a copy of the package with the bug in it."""
    ignore = shutil.ignore_patterns("__pycache__", "_dsl")
    shutil.copytree(ROOT / "burdenlib", folder / "burdenlib", ignore=ignore)
    for shared in ("dsl", "tests"):
        (folder / shared).symlink_to(ROOT / shared)
    path = folder / "burdenlib" / bug.file
    text = path.read_text("utf-8")
    if text.count(bug.old) != 1:
        raise LookupError(f"{bug.name}: `{bug.old}` stands {text.count(bug.old)} times in {bug.file}")
    path.write_text(text.replace(bug.old, bug.new), "utf-8")


def caught(bug: Bug | None, most: int = MOST) -> dict[str, object]:
    """What the properties say of an engine with the bug (without one: of the engine itself)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sow(bug or Bug("-", "", LOGIC, "def negate(", "def negate("), folder)
        environment = {
            **os.environ,
            "PYTHONPATH": str(folder),
            "BURDENLIB_CACHE": "off",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, "-W", "ignore", "-m", "tests.seeded_bugs", "--hunt", str(most)]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            return {"property": "(the engine doesn't start)", "examples": 0, "error": done.stderr[-2000:]}
        return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


DOC = ROOT / "docs" / "seeded_bugs.md"
HEAD = """# Seeded bugs

Sixty bugs, six of each class, sown one at a time into a copy of the engine: does a property find each of them?
`python -m tests.seeded_bugs --list` makes this page; it takes some minutes.
Each property has at most 2,000 examples, and the first failure ends the run.
The properties are tests of `tests/test_agreement.py`, `tests/test_oracle.py` and `tests/test_laws.py`.

"""


def page(results: dict[str, dict[str, object]]) -> str:
    """The list for the docs."""
    lines = [HEAD]
    for each, found in CLASSES.items():
        lines += [f"## {each[0].upper()}{each[1:]}\n", "| | bug | caught by | examples |", "|---|---|---|---|"]
        for bug in found:
            result = results[bug.name]
            test = f"`{result['property']}`" if result["property"] else "**not caught**"
            lines.append(f"| {bug.name} | {bug.title} | {test} | {result['examples']} |")
        lines.append("")
    done = sum(result["property"] is not None for result in results.values())
    lines.append(f"{done} of {len(results)} are caught.\n")
    return "\n".join(lines)


def main() -> None:
    """Sow, hunt, report."""
    parser = argparse.ArgumentParser(prog="python -m tests.seeded_bugs", description=__doc__)
    parser.add_argument("--only", help="names of bugs, separated by commas")
    parser.add_argument("--list", action="store_true", help=f"write {DOC.relative_to(ROOT)}")
    parser.add_argument("--examples", type=int, default=MOST, help="examples for each property")
    parser.add_argument("--hunt", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hunt:
        sys.stdout.write(json.dumps(hunt(options.hunt)) + "\n")
        return
    chosen = set(options.only.split(",")) if options.only else None
    results: dict[str, dict[str, object]] = {}
    for each, bug in bugs():
        if chosen is None or bug.name in chosen:
            start = time.monotonic()
            found = results[bug.name] = caught(bug, options.examples)
            by = f"{found['property']} after {found['examples']} examples" if found["property"] else "NOT CAUGHT"
            sys.stdout.write(f"{bug.name} [{each}] {bug.title}: {by} ({time.monotonic() - start:.0f} s)\n")
            sys.stdout.flush()
    done = sum(found["property"] is not None for found in results.values())
    sys.stdout.write(f"{done} of {len(results)} are caught\n")
    if options.list and chosen is None:
        DOC.write_text(page(results), "utf-8")
    sys.exit(done != len(results))


if __name__ == "__main__":
    main()
