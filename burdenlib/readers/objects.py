"""Objects as JSON, Parquet and plugins give them, to tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from burdenlib.facts import FactType
from burdenlib.policy import PolicySet
from burdenlib.problems import Problem, nearest
from burdenlib.readers.found import Columns, Entry, Found
from burdenlib.readers.json_text import Piece
from burdenlib.source import Cell, fold
from burdenlib.task import Task
from burdenlib.words import Words

__all__ = ["ANNOTATIONS", "read_object", "read_pieces"]

ANNOTATIONS = frozenset({"expect", "by", "asks", "duties", "why", "source", "confidence", "needs"})
"""Keys with which a collection of cases says what it expects, and why; they are no facts."""

_KINDS = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
_KINDS_ZH = {dict: "对象", list: "数组", str: "文本", bool: "布尔值", type(None): "null"}


def read_pieces(file: str, name: str, pieces: Iterable[Piece | Problem], known: PolicySet) -> Iterator[Found]:
    """The tasks of a JSON file; an object with a list under `tasks` is a portfolio of its own."""
    lines: dict[int, int] = {}
    for index, piece in enumerate(pieces, start=1):
        if isinstance(piece, Problem):
            yield piece
            continue
        lines[piece.line] = lines.get(piece.line, 0) + 1
        place = f"{file}:{piece.line}" if lines[piece.line] == 1 else f"{file}:{piece.line}#{index}"
        made_up = f"{name}:{piece.line}" if lines[piece.line] == 1 else f"{name}:{piece.line}#{index}"
        yield from _piece(place, made_up, piece, known)


def _piece(place: str, name: str, piece: Piece, known: PolicySet) -> Iterator[Found]:
    value = piece.value
    if piece.twice:
        yield from _twice(place, piece)
    elif isinstance(value, dict) and isinstance(value.get("tasks"), list) and known.find_fact("tasks") is None:
        yield from _portfolio(place, name, value, known)
    else:
        yield from read_object(place, name, value, known)


def _twice(place: str, piece: Piece) -> Iterator[Problem]:
    task = piece.value.get("id") if isinstance(piece.value, dict) else None
    where = Words("同一对象", "one object") if task is None else Words(f"任务“{task}”", f"task `{task}`")
    for key in piece.twice:
        yield Problem("duplicate-key", Cell(place, None, key), {"key": key, "object": where})


def _portfolio(place: str, name: str, value: Mapping[str, object], known: PolicySet) -> Iterator[Found]:
    yield from _beside(place, value, {"tasks"}, known)
    tasks = value["tasks"]
    assert isinstance(tasks, list)
    head = value.get("id")
    if not tasks:
        yield Problem("no-tasks", Cell(place))
    for index, task in enumerate(tasks, start=1):
        inner = f"{head}-{index}" if isinstance(head, str) and head.strip() else f"{name}-{index}"
        yield from read_object(place, inner, task, known, portfolio=place)


def read_object(
    place: str, name: str, value: object, known: PolicySet, portfolio: str | None = None
) -> Iterator[Found]:
    """A task whose facts stand in the object itself, or under `facts`; `name` is its id if it tells none."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        yield Problem("not-a-task", Cell(place), {"found": _kind(value)})
        return
    facts = value
    if isinstance(nested := value.get("facts"), Mapping) and known.find_fact("facts") is None:
        yield from _beside(place, value, {"facts"}, known)
        facts = nested
    if problems := tuple(_id_problems(place, value, facts)):
        yield from problems
        return
    notes = {key for key in ANNOTATIONS if known.find_fact(key) is None}
    told = {key: each for key, each in facts.items() if key not in notes and not (each is None and _is_id(key))}
    id_ = _id(value) or _id(facts)
    yield Columns(tuple(told))
    yield Entry(Task(id_ or name, told, source=place), told, portfolio)


def _beside(place: str, value: Mapping[str, object], used: set[str], known: PolicySet) -> Iterator[Problem]:
    """What stands beside `facts` or `tasks` and is no annotation: it would be lost."""
    for key in value:
        if fold(key).strip() not in ANNOTATIONS | _IDS | used:
            near = nearest(key, (*ANNOTATIONS, "id", *used, *known.fact_spellings))
            yield Problem("unknown-fact", Cell(place, None, key), {"name": key}, nearest=near)


_IDS = frozenset({"id", "编号"})


def _is_id(key: str) -> bool:
    return fold(key).strip() in _IDS


def _id(value: Mapping[str, object]) -> str | None:
    found = next((each for key, each in value.items() if _is_id(key) and each is not None), None)
    return found.strip() if isinstance(found, str) else None


def _id_problems(place: str, value: Mapping[str, object], facts: Mapping[str, object]) -> Iterator[Problem]:
    told: list[str] = []
    for each in (value,) if facts is value else (value, facts):
        for key, raw in each.items():
            if not _is_id(key) or raw is None:
                continue
            where = Cell(place, None, key)
            if not isinstance(raw, str):
                details = {"type": FactType("text").described, "found": repr(raw)[:60], "fact": key}
                yield Problem("ill-typed", where, details)
            elif not raw.strip():
                yield Problem("empty-text", where, {"fact": key})
            else:
                told.append(raw.strip())
    if len(set(told)) > 1 and facts is not value:
        yield Problem("told-twice", Cell(place, None, "id"), {"fact": "id", "other": told[0]})


def _kind(value: object) -> Words:
    kind = type(value)
    return Words(_KINDS_ZH.get(kind, "数值"), _KINDS.get(kind, "a number"))
