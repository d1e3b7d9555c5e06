"""The conformance suite: what any implementation of the language has to answer, in JSON.

`python -m burdenlib.testing.conformance COMMAND…` asks a command the questions of the suite and prints what it answers
otherwise. The suite lies in `dsl/conformance/`; its format is told there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from attrs import frozen

from burdenlib.engine import Engine
from burdenlib.loader import load_documents
from burdenlib.locate import shipped
from burdenlib.testing.implementations import Implementation, Question, Reply

__all__ = ["Case", "Contradiction", "conformance_cases", "contradictions", "main"]

FOLDER = "conformance"


@frozen(eq=False)
class Case:
    """A question of the suite with the replies that it has to get; `exercises` names the constructs that it is about."""

    file: str
    name: str
    exercises: tuple[str, ...]
    texts: Mapping[str, str]
    question: Question
    expected: tuple[Reply, ...]

    def engine(self) -> Engine:
        """The policies of the case."""
        tables = {name: text.encode() for name, text in self.question.tables.items()}
        return Engine(load_documents((), self.texts, tables).policies)


@frozen
class Contradiction:
    """A task of the suite that an implementation answers otherwise: where it stands, what was expected, what came."""

    file: str
    case: str
    task: str
    parts: tuple[str, ...]
    expected: Reply
    got: Reply

    def __str__(self) -> str:
        wrong = "; ".join(f"{part} {_shown(self.got, part)}, not {_shown(self.expected, part)}" for part in self.parts)
        return f"{self.file}: {self.case}: {self.task}: {wrong}"


def _shown(reply: Reply, part: str) -> str:
    found = getattr(reply, part)
    return str(found) if not isinstance(found, frozenset) else str(sorted(found, key=str))


def conformance_cases(folder: Path | None = None) -> Iterator[Case]:
    """The cases of the suite that ships, or of another folder."""
    for path in sorted((shipped(FOLDER) if folder is None else folder).glob("*.json")):
        if path.stem == "index":
            continue
        found = json.loads(path.read_text("utf-8"))
        for each in found["cases"]:
            yield _case(path.name, found["vocabulary"], each)


def _case(file: str, vocabulary: str, found: Mapping[str, Any]) -> Case:
    day = found.get("as_of")
    question = Question(
        tuple(found["tasks"]),
        bool(found.get("together")),
        None if day is None else date.fromisoformat(day),
        found.get("tables", {}),
    )
    expected = tuple(map(Reply.from_json, found["answers"]))
    texts = {"core": vocabulary, **found["policies"]}
    return Case(file, found["name"], tuple(found["exercises"]), texts, question, expected)


def contradictions(implementation: Implementation, folder: Path | None = None) -> Iterator[Contradiction]:
    """What an implementation answers otherwise than the suite expects; what it doesn't say isn't compared."""
    for case in conformance_cases(folder):
        replies = implementation.ask(case.engine(), case.question)
        for task, expected, got in zip(case.question.tasks, case.expected, replies, strict=True):
            refused = expected.status == "refused" and not implementation.strict
            parts = () if refused else expected.differs(got)
            if parts:
                yield Contradiction(case.file, case.name, str(task["id"]), parts, expected, got)


def main(words: Sequence[str], folder: Path | None = None) -> int:
    """Ask a command the questions of the suite; 1 if it contradicts it."""
    from burdenlib.testing.outside import command

    if not words:
        sys.stderr.write("usage: python -m burdenlib.testing.conformance COMMAND...\n")
        return 2
    asked = sum(len(case.question.tasks) for case in conformance_cases(folder))
    found = list(contradictions(command(words), folder))
    for each in found:
        sys.stdout.write(f"{each}\n")
    sys.stdout.write(f"{asked} tasks, {len(found)} answered otherwise\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
