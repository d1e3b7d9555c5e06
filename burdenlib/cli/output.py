"""What goes out: problems to standard error, results to standard output or to a file."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from burdenlib.problems import BurdenError, Problem, TaskError, draw_all
from burdenlib.source import Cell
from burdenlib.words import Language
from burdenlib.writers import printable

MOST = 2_000
"""How many problems are drawn; of more, only the number is told."""

__all__ = ["put", "replace_file", "show", "show_problems", "terminal_width", "wants_colour"]


def show_problems(problems: Iterable[Problem], language: Language) -> None:
    """Draw problems on standard error; one that is told twice is shown once."""
    seen: dict[str, Problem] = {}
    more = 0
    for problem in problems:
        if len(seen) < MOST:
            seen.setdefault(problem.draw(language), problem)
        else:
            more += 1
    if seen:
        sys.stdout.flush()
        show(draw_all(seen.values(), language), error=True)
    if more:
        show(f"\n……另有{more:,}个问题未显示" if language == "zh" else f"\n… and {more:,} more problems", error=True)


def show(text: str, *, error: bool = False) -> None:
    """Write text on a line of standard output, without what would steer a terminal."""
    stream = sys.stderr if error else sys.stdout
    stream.write(printable(text) + "\n")
    stream.flush()


def terminal_width() -> int | None:
    """How wide standard output is: what `COLUMNS` says, or the terminal, if it is one."""
    said = os.environ.get("COLUMNS", "")
    if said.isdigit() and int(said) > 0:
        return int(said)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def wants_colour() -> bool:
    """Whether standard output is a terminal that shows colours, and nobody has asked for none."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty():
        return False
    return sys.platform != "win32" or bool(os.environ.get("WT_SESSION") or os.environ.get("ANSICON"))


def put(data: bytes, output: str | None) -> None:
    """Write bytes to standard output, or to a file in one go."""
    if output is None or output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        replace_file(Path(output), data)
    except OSError as error:
        raise _unwritable(output, error) from error


def _unwritable(output: str, error: OSError) -> BurdenError:
    return TaskError([Problem("unwritable-file", Cell(output), {"error": error.strerror or str(error)})])


def replace_file(path: Path, data: bytes) -> None:
    """Put data into a file so that it holds either the old or the new; its permissions stay."""
    path = path.resolve()
    if path.exists() and not path.is_file():  # a device or a pipe
        path.write_bytes(data)
        return
    import tempfile

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        if path.exists():
            shutil.copymode(path, beside)
        else:
            beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
