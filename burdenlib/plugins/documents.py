"""A service that reads a task's title and text for the wordings of the policies' `phrases`.

What a text forbids, calls off or only tells of shows nothing: “不得签订责任书” is no pledge, nor is
“某镇曾要求签订责任书”. What it asks for becomes part of a fact, with the sentence and its place in the proof;
a wording that isn't there excludes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import burdenlib
from burdenlib import Finding, Origin, PolicySet, Task, Told

_QUOTES = 3
"""So many places are told of one value in one text: enough to check, and a proof that can be read."""


@burdenlib.hookimpl
def burdenlib_facts(task: Task, policies: PolicySet) -> Mapping[str, list[Told]]:
    """Tell the values of sets that the text shows."""
    told: dict[str, list[Told]] = {}
    for field, text in _texts(task, policies):
        for (fact, value), findings in _shown(policies, text).items():
            for finding in sorted(findings.values(), key=lambda each: each.offset)[:_QUOTES]:
                origin = Origin(field=field, quote=finding.sentence, offset=finding.offset)
                told.setdefault(fact, []).append(Told({"includes": [value]}, origin))
    return told


def _shown(policies: PolicySet, text: str) -> dict[tuple[str, str], dict[int, Finding]]:
    """What the text shows: for each value of a fact where, though several documents know the wording."""
    shown: dict[tuple[str, str], dict[int, Finding]] = {}
    for phrases in policies.phrases.values():
        if phrases.fact is None or phrases.value is None:
            continue
        for finding in burdenlib.find(phrases, text):
            if finding.meant:
                shown.setdefault((phrases.fact, phrases.value), {})[finding.offset] = finding
    return shown


def _texts(task: Task, policies: PolicySet) -> Iterator[tuple[str, str]]:
    for field in ("title", "text"):
        fact = policies.find_fact(field)
        for spelling in fact.spellings if fact is not None else (field,):
            text = task.get(spelling)
            if isinstance(text, str):
                yield field, text
