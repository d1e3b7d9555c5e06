"""Examples that were found, added to the policies that they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from burdenlib.cli.output import replace_file
from burdenlib.problems import Problem, TaskError
from burdenlib.source import Cell
from burdenlib.testing.paste import with_examples

__all__ = ["add_examples"]


def add_examples(found: Iterable[tuple[str, str]]) -> None:
    """Add examples to files, given as pairs of a file and a text, each text once; raises `TaskError`."""
    by_file: dict[str, dict[str, None]] = {}
    for file, text in found:
        by_file.setdefault(file, {})[text] = None
    for file, texts in by_file.items():
        path = Path(file)
        try:
            replace_file(path, with_examples(path.read_text("utf-8"), list(texts)).encode())
        except OSError as error:
            details = {"error": error.strerror or str(error)}
            raise TaskError([Problem("unwritable-file", Cell(file), details)]) from error
