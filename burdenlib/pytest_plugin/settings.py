"""The options and settings of the pytest plugin, and the fixtures that they make."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import pytest

from burdenlib import policy as p
from burdenlib.engine import Engine
from burdenlib.loader import SUFFIX
from burdenlib.problems import PolicyError, draw_all
from burdenlib.words import Language

__all__ = ["fail", "files_of", "language_of", "load_engine", "only_policy", "paths_of", "shown", "tasks_of"]


# ---- settings ----------------------------------------------------------------------------------------------------------------


def language_of(config: pytest.Config) -> Language:
    """The language of failures: the option's, else the setting's, else the locale's."""
    chosen = config.getoption("burden_language") or config.getini("burden_language")
    if not chosen:
        from burdenlib.cli.language import default_language

        return default_language()
    return "zh" if chosen == "zh" else "en"


def tasks_of(config: pytest.Config) -> int:
    """On how many tasks each promise is tried."""
    chosen = config.getoption("burden_tasks")
    return int(config.getini("burden_tasks") if chosen is None else chosen)


def paths_of(config: pytest.Config) -> tuple[str | Path, ...]:
    """The files and folders, and the names of shipped sets, that the option or else the setting gives."""
    given: list[str] | None = config.getoption("burden_policy")
    base = config.invocation_params.dir
    if given is None:
        given = config.getini("burden_policy")
        base = config.rootpath if config.inipath is None else config.inipath.parent
    return tuple(shown(base / each) if (base / each).exists() else each for each in given)


def shown(path: Path) -> Path:
    """A path as a reader likes to see it: from where pytest was started."""
    path, here = Path(os.path.abspath(path)), Path.cwd()  # noqa: PTH100  # a link stays what it is called
    return path.relative_to(here) if path.is_relative_to(here) else path


# ---- fixtures ----------------------------------------------------------------------------------------------------------------


def load_engine(config: pytest.Config, plugins: Iterable[object]) -> Engine:
    """The engine of the fixture; policies that can't be used are drawn."""
    try:
        return Engine.load(*paths_of(config), plugins=plugins)
    except PolicyError as error:
        fail(draw_all(error.problems, language_of(config)))


def only_policy(config: pytest.Config, engine: Engine) -> p.Policy:
    """The one document of the engine that was asked for."""
    given = paths_of(config)
    files = {str(file) for path in given if isinstance(path, Path) for file in files_of(path)}
    found = [each for each in engine.policies.policies if each.file in files]
    if len(found) != 1:
        named = ", ".join(each.key for each in found) or ", ".join(map(str, given))
        if language_of(config) == "zh":
            fail(f"夹具 `policy` 只用于一份政策文件\uff1b--burden-policy 指明的是\uff1a{named or '无'}")
        fail(f"the fixture `policy` is for one policy file; --burden-policy names {named or 'nothing'}")
    return found[0]


def files_of(path: Path) -> list[Path]:
    """The policy files that a path names."""
    return sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]


def fail(text: str) -> NoReturn:
    """Fail with a text and no traceback."""
    pytest.fail(text, pytrace=False)
