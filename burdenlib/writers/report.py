"""What is written: verdicts, each with the row that it came from, and how they were reached."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from attrs import field, frozen

from burdenlib.answer import PolicyUsed
from burdenlib.problems import Problem
from burdenlib.verdict import Verdict
from burdenlib.vocabulary import STATUSES
from burdenlib.words import Language

__all__ = ["SHEETS", "Report", "Result", "policies_used", "printable", "tally"]

SHEETS = frozenset({"判定依据", "how it was judged"})
"""The title of the second sheet of a workbook in each language; readers leave it out."""

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Text without the characters that steer a terminal or turn the direction of what is shown."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n"))


@frozen
class Result:
    """A verdict and the row of its task, by the heads of the columns."""

    verdict: Verdict
    row: Mapping[str, object] = field(factory=dict, hash=False)


@frozen
class Report:
    """Verdicts in the order of their tasks, and the heads of the columns that their rows had.

    `options` are what the verdicts depend on beside tasks and policies, by name; `problems` what couldn't be judged.
    """

    results: tuple[Result, ...]
    columns: tuple[str, ...] = ()
    language: Language = "en"
    options: Mapping[str, str] = field(factory=dict, hash=False)
    problems: tuple[Problem, ...] = ()

    def say(self, zh: str, en: str) -> str:
        """One of two texts, by the report's language."""
        return zh if self.language == "zh" else en


def tally(report: Report) -> str:
    """How many tasks were accepted, rejected and left undetermined, on one line."""
    counts: Counter[str] = Counter(result.verdict.status for result in report.results)
    total = len(report.results)
    parts = [report.say(f"{STATUSES[status]} {counts[status]} 项", f"{counts[status]} {status}") for status in STATUSES]
    shown = report.say("，", ", ").join(parts)
    errors = sum(problem.severity == "error" for problem in report.problems)
    text = report.say(f"共 {total} 项：{shown}", f"{total} task{'' if total == 1 else 's'}: {shown}")
    if not errors:
        return text
    return text + report.say(
        f"；另有 {errors} 处错误，所涉任务未判定",
        f"; {errors} error{'' if errors == 1 else 's'}, and what they touch was not judged",
    )


def policies_used(report: Report) -> list[PolicyUsed]:
    """Every document that a verdict rests on, by name and version."""
    used = {each for result in report.results for each in result.verdict.policies}
    return sorted(used, key=lambda each: (each.name, each.version))
