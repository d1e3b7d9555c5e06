"""Implementations outside: a function, or a command that is asked in lines of JSON.

For each question the command gets one line, an object with `policies` (texts by name), `tasks` and, where they matter,
`tables`, `together` and `as_of`; it answers with one line, an object whose `answers` are the replies in the order of the tasks.
"""

from __future__ import annotations

import atexit
import json
import shlex
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field

from burdenlib.engine import Engine
from burdenlib.testing.implementations import Implementation, Question, Reply

__all__ = ["calling", "command"]

SECONDS = 120.0
"""How long a command may take to answer one question."""


def calling(name: str, judge: Callable[[dict[str, object]], Sequence[Mapping[str, Any]]]) -> Implementation:
    """An implementation that is a function: from a question to its answers, both as JSON has them."""

    def answer(engine: Engine, question: Question) -> list[Reply]:
        return [Reply.from_json(each) for each in judge(question.to_json(engine.policies))]

    return Implementation(name, answer, strict=False, together=True)


def command(line: str | Sequence[str], name: str | None = None, *, seconds: float = SECONDS) -> Implementation:
    """An implementation that is a command: it stays running, and is asked one line after the other.

    What it doesn't judge it answers with an empty object. One that stops or takes too long has failed.
    """
    words = shlex.split(line) if isinstance(line, str) else [*line]
    running = _Running(words, seconds)
    atexit.register(running.stop)
    return calling(words[0] if name is None else name, running.ask)


@define(eq=False)
class _Running:
    """A command while it runs; it is started when it is first asked."""

    words: Sequence[str]
    seconds: float
    _process: subprocess.Popen[str] | None = field(default=None)

    def ask(self, question: Mapping[str, object]) -> Sequence[Mapping[str, Any]]:
        """Its answers to one question."""
        process = self._start()
        timer = threading.Timer(self.seconds, process.kill)
        timer.start()
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(question, ensure_ascii=False) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            self.stop()
            raise RuntimeError(
                f"`{shlex.join(self.words)}` stopped without an answer, or took longer than {self.seconds:g} s"
            )
        answers: Sequence[Mapping[str, Any]] = json.loads(line)["answers"]
        return answers

    def _start(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  # the caller's own command
                self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
            )
        return self._process

    def stop(self) -> None:
        """End the command."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
