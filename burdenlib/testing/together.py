"""Documents that are loaded together, so that what is wrong with one of them is told of that one alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from burdenlib import policy as p
from burdenlib.loader import load_documents
from burdenlib.problems import PolicyError, Problem

__all__ = ["Together", "load_together"]


@frozen(eq=False)
class Together:
    """Documents that were loaded together: the policy of each file that can be used, what is wrong with each other.

    Files go by the names that their policies show for them.
    """

    policies: Mapping[str, tuple[p.PolicySet, p.Policy]]
    problems: Mapping[str, tuple[Problem, ...]]


def load_together(files: Sequence[Path], names: Sequence[str] = ()) -> Together:
    """Load files and shipped sets together; files that can't be used are left out until the rest can be."""
    problems: dict[str, tuple[Problem, ...]] = {}
    rest = list(files)
    while rest:
        try:
            found = load_documents([*rest, *names]).policies
        except PolicyError as error:
            to_blame = dict(_to_blame(rest, error.problems)) or dict.fromkeys(map(str, rest), error.problems)
            problems |= to_blame
            rest = [file for file in rest if str(file) not in to_blame]
        else:
            there = {policy.file: (found, policy) for policy in found.policies}
            return Together({str(file): there[str(file)] for file in rest if str(file) in there}, problems)
    return Together({}, problems)


def _to_blame(files: Sequence[Path], problems: Sequence[Problem]) -> Iterator[tuple[str, tuple[Problem, ...]]]:
    """The files that have errors, each with its own."""
    errors = [problem for problem in problems if problem.severity == "error"]
    for file in files:
        if own := tuple(problem for problem in errors if _is_of(problem, file)):
            yield str(file), own


def _is_of(problem: Problem, file: Path) -> bool:
    """Whether a problem lies in a file or in an item table that the file names."""
    if problem.file is None or problem.file == str(file):
        return problem.file is not None
    table = Path(problem.file)
    return table.suffix == ".csv" and table.is_relative_to(file.parent) and _mentions(file, table.name)


def _mentions(file: Path, name: str) -> bool:
    try:
        return name.encode() in file.read_bytes()
    except OSError:
        return False
