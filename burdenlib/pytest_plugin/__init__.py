"""The pytest plugin: collects the examples and promises of policies as tests, and gives fixtures.

pytest loads this module in every run on a machine where burdenlib is installed, so it imports nothing until a policy
file or a fixture is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from burdenlib.engine import Engine
    from burdenlib.policy import Policy
    from burdenlib.pytest_plugin.items import PolicyFile

__all__ = ["burden_plugins", "engine", "policy"]

SUFFIX = ".burden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the settings."""
    group = parser.getgroup("burdenlib", "policies (burdenlib)")
    group.addoption(
        "--burden-policy",
        action="append",
        metavar="PATH|NAME",
        help="a file, a folder or the name of a shipped set for the fixtures `engine` and `policy` (repeatable)",
    )
    group.addoption("--burden-language", choices=("zh", "en"), help="the language of failures (default: the locale's)")
    group.addoption("--burden-tasks", type=int, metavar="N", help="on how many tasks each promise is tried (100)")
    group.addoption(
        "--no-burden-collect", action="store_true", help="don't collect examples and promises from policy files"
    )
    parser.addini("burden_policy", "as --burden-policy, one a line; paths start at this file", type="linelist")
    parser.addini("burden_language", "as --burden-language", default="")
    parser.addini("burden_tasks", "as --burden-tasks", default="100")
    parser.addini("burden_collect", "collect examples and promises from policy files", type="bool", default=True)


def pytest_configure(config: pytest.Config) -> None:
    """Say at once what is wrong with the settings."""
    language, tasks = config.getini("burden_language"), config.getini("burden_tasks")
    if language not in ("", "zh", "en"):
        raise pytest.UsageError(f"burden_language is zh or en, not {language}")
    chosen = config.getoption("burden_tasks")
    if not (text := str(tasks if chosen is None else chosen)).isdecimal() or int(text) == 0:
        raise pytest.UsageError(f"burden_tasks is a number from 1 up, not {text}")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PolicyFile | None:
    """Collect a policy file."""
    config = parent.config
    if file_path.suffix != SUFFIX or config.getoption("no_burden_collect") or not config.getini("burden_collect"):
        return None
    from burdenlib.pytest_plugin.items import PolicyFile

    return PolicyFile.from_parent(parent, path=file_path)


@pytest.fixture(scope="session")
def burden_plugins() -> Iterable[object]:
    """The plugins of the fixture `engine`: none, unless a `conftest.py` says otherwise."""
    return ()


@pytest.fixture(scope="session")
def engine(pytestconfig: pytest.Config, burden_plugins: Iterable[object]) -> Engine:
    """An engine with the policies of `--burden-policy`, or else all that is shipped, and with `burden_plugins`."""
    from burdenlib.pytest_plugin.settings import load_engine

    return load_engine(pytestconfig, burden_plugins)


@pytest.fixture(scope="session")
def policy(pytestconfig: pytest.Config, engine: Engine) -> Policy:
    """The checked document that `--burden-policy` names; an error where it names none, or several."""
    from burdenlib.pytest_plugin.settings import only_policy

    return only_policy(pytestconfig, engine)
