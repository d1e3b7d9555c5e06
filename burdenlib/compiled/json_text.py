"""Tasks as JSON bytes, and decisions as JSON bytes.

`msgspec` reads them where it is installed; what says something twice is refused all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from json.encoder import encode_basestring_ascii
from typing import Any

from burdenlib.compiled.decision import Decision
from burdenlib.problems import Problem, TaskError
from burdenlib.source import Cell

__all__ = ["TaskText"]


@cache
def _decoder() -> Callable[[bytes], Any]:
    try:
        import msgspec
    except ImportError:
        return json.loads
    decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode
    return decode


class TaskText:
    """A task as it came in: its facts, and how it is named in the answer."""

    __slots__ = ("facts", "id")

    def __init__(self, data: bytes) -> None:
        try:
            facts = _decoder()(data)
            # Each key of an object without others in it is followed by a colon: with more colons, look closely.
            if type(facts) is dict and data.count(b":") != len(facts):
                facts = json.loads(data, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise _no_task(type(error).__name__) from error
        if type(facts) is not dict:
            raise _no_task(type(facts).__name__)
        name = facts.get("id") or facts.get("\u7f16\u53f7")
        if type(name) is not str or not name.strip():
            raise _no_task("dict")
        self.facts: dict[str, object] = facts
        self.id = name

    def answered(self, decision: Decision) -> bytes:
        """The answer to the task."""
        return b'{"task":%b,%b}' % (encode_basestring_ascii(self.id).encode(), decision.body)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_task(found: str) -> TaskError:
    return TaskError([Problem("not-a-task", Cell("task"), {"found": found})])
