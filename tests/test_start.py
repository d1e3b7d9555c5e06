"""Starting fast: what is imported when, and that names that are imported late are there all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

import burdenlib


def modules_after(code: str) -> set[str]:
    """What is imported in a fresh process that runs `code`."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint('\\n'.join(['', *sys.modules]))"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_importing_the_package_imports_nothing_else() -> None:
    assert not {each for each in modules_after("import burdenlib") if each.startswith(("burdenlib.", "attr", "lark"))}


@pytest.mark.parametrize("name", burdenlib.__all__)
def test_every_public_name_is_there_when_asked_for(name: str) -> None:
    assert name in dir(burdenlib)
    assert getattr(burdenlib, name) is getattr(burdenlib, name)


def test_what_isnt_there_is_no_name() -> None:
    with pytest.raises(AttributeError, match="module 'burdenlib' has no attribute 'engin'"):
        _ = burdenlib.engin  # type: ignore[attr-defined]
    assert not hasattr(burdenlib, "TYPE")
