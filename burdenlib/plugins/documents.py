"""A service that reads a task's title and text for the wordings of the policies' `phrases`.

What a text forbids or calls off shows nothing: “不得签订责任书” is no pledge. What it asks for becomes part of a
fact, with the sentence's place in the proof; a wording that isn't there excludes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import burdenlib
from burdenlib import Origin, PolicySet, Task, Told


@burdenlib.hookimpl
def burdenlib_facts(task: Task, policies: PolicySet) -> Mapping[str, list[Told]]:
    """Tell the values of sets that the text shows."""
    told: dict[str, list[Told]] = {}
    for field, text in _texts(task, policies):
        for phrases in policies.phrases.values():
            if phrases.fact is None or phrases.value is None:
                continue
            for finding in burdenlib.find(phrases, text):
                if not finding.negated:
                    origin = Origin(field=field, quote=finding.sentence, offset=finding.offset)
                    told.setdefault(phrases.fact, []).append(Told({"includes": [phrases.value]}, origin))
    return told


def _texts(task: Task, policies: PolicySet) -> Iterator[tuple[str, str]]:
    for field in ("title", "text"):
        fact = policies.find_fact(field)
        for spelling in fact.spellings if fact is not None else (field,):
            text = task.get(spelling)
            if isinstance(text, str):
                yield field, text
