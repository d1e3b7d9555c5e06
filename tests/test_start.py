"""Starting fast: what is imported when, and that names that are imported late are there all the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import burdenlib

POLICY = """
policy kept "留存测试(自编)" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试》
ban all "一律不得" when kind is form cite 《测试》
"""


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


def test_a_check_of_what_was_kept_needs_neither_parser_nor_what_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BURDENLIB_CACHE", str(tmp_path / "cache"))
    (tmp_path / "p.burden").write_text(POLICY, "utf-8")
    (tmp_path / "t.json").write_text(json.dumps({"id": "1", "kind": "work", "date": "2024-03-01"}), "utf-8")
    arguments = ["check", str(tmp_path / "t.json"), "--policy", str(tmp_path / "p.burden")]
    code = f"import burdenlib.cli\nburdenlib.cli.main({arguments!r}, standalone_mode=False)"
    assert "burdenlib.parser" in modules_after(code)
    after = modules_after(code)
    assert "burdenlib.engine" in after
    late = ("burdenlib.parser", "burdenlib.checker", "burdenlib.syntax", "burdenlib.compiled", "burdenlib.formatter")
    assert not {each for each in after if each.startswith((*late, "burdenlib.testing", "lark", "pluggy", "openpyxl"))}
