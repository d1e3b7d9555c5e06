"""The wheel holds everything, and a separate plugin package is found beside it."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from burdenlib.locate import dsl

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a fresh environment into which the wheel and the example package are installed."""
    folder = tmp_path_factory.mktemp("packaging")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    venv.create(folder / "venv", with_pip=True)
    scripts = folder / "venv" / "bin"
    wheel = next(folder.glob("burdenlib-*.whl"))
    run(str(scripts / "python"), "-m", "pip", "install", "--quiet", str(wheel))
    example = ROOT / "examples" / "burdenlib-forestry"
    run(str(scripts / "python"), "-m", "pip", "install", "--quiet", "--no-deps", str(example))
    return scripts


def run(*command: str) -> str:
    finished = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd="/", check=False)
    assert finished.returncode in (0, 1), finished.stderr
    return finished.stdout


def test_the_wheel_holds_the_same_policies_as_the_checkout(installed: Path) -> None:
    code = "from burdenlib.locate import dsl; print(dsl())"
    shipped = Path(run(str(installed / "python"), "-I", "-c", code).strip())
    assert shipped.name == "_dsl"
    files = {path.relative_to(dsl()): path.read_bytes() for path in dsl().rglob("*") if path.is_file()}
    assert {path.relative_to(shipped): path.read_bytes() for path in shipped.rglob("*") if path.is_file()} == files
    assert (shipped.parent / "py.typed").is_file()


def test_a_plain_check_needs_no_extra(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "task.json").write_text('{"id": "1", "title": "甲"}', "utf-8")
    answers = json.loads(run(str(installed / "burdenlib"), "check", str(tmp_path / "task.json"), "--format", "json"))
    assert [answer["status"] for answer in answers] == ["undetermined"]


def test_the_example_package_is_discovered_and_its_tasks_are_judged(installed: Path) -> None:
    listed = json.loads(run(str(installed / "burdenlib"), "plugins", "--format", "json"))
    plugins = {each["name"]: each for each in listed}
    assert plugins["forestry"]["distribution"].startswith("burdenlib-forestry ")
    assert plugins["forestry"]["department"]
    assert plugins["forestry"]["problems"] == []
    answers = json.loads(run(str(installed / "burdenlib"), "check", "--plugins", "--format", "json"))
    assert any(answer["task"].startswith("LY-") for answer in answers)
