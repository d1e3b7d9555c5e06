"""Where the files of `dsl/` are: inside an installed package, or beside it in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["dsl", "shipped"]


@cache
def dsl() -> Path:
    """The folder of the grammar and the shipped policies."""
    package = Path(__file__).resolve().parent
    installed = package / "_dsl"
    return installed if installed.is_dir() else package.parent / "dsl"


def shipped(name: str) -> Path:
    """One file or folder of it."""
    return dsl() / name
