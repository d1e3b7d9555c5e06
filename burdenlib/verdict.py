"""The answer as a value that can explain itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal, NoReturn

from attrs import frozen

from burdenlib.answer import Answer
from burdenlib.problems import Problem
from burdenlib.words import Language

__all__ = ["Outcome", "Verdict"]


@frozen
class Verdict(Answer):
    """The answer to one task: `accepted`, `rejected` or `undetermined`, with reasons.

    It has no truth value: ask for its `status`.
    """

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is neither true nor false: compare its `status`")

    def explain(self, language: Language = "en", format: Literal["text", "markdown", "html", "json"] = "text") -> str:
        """The answer in words: the verdict, why and what to do first, the whole proof after.

        `html` gives a fragment whose texts are escaped. Raises `ValueError` for another language or format.
        """
        from burdenlib.explainer import explain

        return explain(self, language, format)

    def to_json(self, language: Language = "en") -> dict[str, object]:
        """The answer as the object that `burdenlib check --format json` prints for a task."""
        from burdenlib.answer_json import as_object

        return as_object(self, language)


@frozen
class Outcome:
    """The answers to a portfolio, in the order of its tasks.

    `problems` name the tasks that could not be judged and the plugins that failed; `digest` stands for the portfolio
    whatever the order of its tasks; `judged` gives for each verdict the number (from 0) of its task among those given.
    """

    verdicts: tuple[Verdict, ...]
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    judged: tuple[int, ...] = ()

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def __len__(self) -> int:
        return len(self.verdicts)

    def __getitem__(self, task: str) -> Verdict:
        """The verdict on the task with this id; raises `KeyError` if there is none, or more than one."""
        found = [verdict for verdict in self.verdicts if verdict.task == task]
        if len(found) != 1:
            raise KeyError(task)
        return found[0]

    def to_json(self, language: Language = "en") -> str:
        """All answers as a JSON array."""
        return json.dumps([verdict.to_json(language) for verdict in self.verdicts], ensure_ascii=False, indent=2)
