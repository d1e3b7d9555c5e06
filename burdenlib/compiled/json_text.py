"""Tasks as JSON bytes, and decisions as JSON bytes.

`msgspec` reads them where it is installed; what says something twice is refused all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any

from burdenlib.compiled.decision import Decision
from burdenlib.problems import Problem, TaskError
from burdenlib.source import Cell

__all__ = ["TaskTexts"]


class TaskTexts:
    """Reads tasks that are JSON objects, and writes the answers."""

    def __init__(self) -> None:
        self._decode = _decoder()

    def read(self, data: bytes) -> tuple[str, dict[str, object]]:
        """The id of a task, and its facts; raises `TaskError` if the text is no such object."""
        try:
            facts = self._decode(data)
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
        return name, facts

    def answer(self, name: str, decision: Decision) -> bytes:
        """The answer to the task of that id."""
        return b"".join((b'{"task":', encode_basestring_ascii(name).encode(), b",", decision.body, b"}"))


def _decoder() -> Callable[[bytes], Any]:
    try:
        import msgspec
    except ImportError:
        return json.loads
    decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode
    return decode


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_task(found: str) -> TaskError:
    return TaskError([Problem("not-a-task", Cell("task"), {"found": found})])
