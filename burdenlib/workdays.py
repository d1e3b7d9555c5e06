"""Working days in China, with public holidays and the make-up days for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from burdenlib import store

__all__ = ["Table", "shift", "table"]


@frozen
class Table:
    """Which table of holidays is in use: package name, version and digest of its data."""

    name: str
    version: str
    digest: str


@cache
def table() -> Table:
    """The table of the package `chinesecalendar`, compiled from the yearly notices of the State Council.

    What it is called is kept between runs, as long as its file is the same: to find out takes longer than a verdict.
    """
    found = find_spec("chinese_calendar")
    files = [Path(path) / "constants.py" for path in (found.submodule_search_locations or ())] if found else []
    stamps = [f"{path}:{(at := path.stat()).st_size}:{at.st_mtime_ns}" for path in files if path.exists()]
    if not stamps:
        return _table()
    key = store.key_of("workdays", *stamps)
    kept = store.recall(key)
    if not isinstance(kept, Table):
        kept = _table()
        store.keep(key, kept)
    return kept


def _table() -> Table:
    import importlib.metadata

    from chinese_calendar import constants

    days = sorted(day.isoformat() for day in constants.holidays)
    make_up = sorted(day.isoformat() for day in constants.workdays)
    digest = hashlib.sha256("\n".join([*days, "", *make_up]).encode()).hexdigest()
    return Table("chinesecalendar", importlib.metadata.version("chinesecalendar"), digest)


@cache
def _known() -> Callable[[date], bool]:
    """Whether a day is a working day, remembered: the package looks for the ends of its table at every question."""
    from chinese_calendar import is_workday

    return lru_cache(maxsize=20_000)(is_workday)


def shift(day: date, count: int) -> date | None:
    """The day `count` working days after `day` (before it, if negative); `day` itself isn't counted.

    `None` if the table doesn't reach far enough.
    """
    is_workday = _known()
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    try:
        while left:
            day += step
            left -= is_workday(day)
    except (NotImplementedError, OverflowError):
        return None
    return day
