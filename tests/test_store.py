"""Checked policies kept between runs: the same answers, and never a stale, damaged or foreign entry."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from burdenlib import Engine, store
from burdenlib.loader import load_documents

POLICY = """
policy kept "留存测试(自编)" version 1 issued by county "测试县" for place 370899 effective 2024-01-01 cite 《测试》
list works closed governs when kind is work items from "items.csv" cite 《测试》
"""
TASK = {
    "id": "1",
    "kind": "work",
    "item": "甲",
    "target": "370899101201",
    "target_kind": "village",
    "date": "2024-03-01",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy and its table, and an empty cache."""
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "cache"))
    home = tmp_path / "policies"
    home.mkdir()
    (home / "p.burden").write_text(POLICY, "utf-8")
    (home / "items.csv").write_text("code,title\nK-1,甲\n", "utf-8")
    return home


def entries(folder: Path) -> list[Path]:
    return sorted((folder.parent / "cache").iterdir())


def status(folder: Path) -> str:
    return Engine.load(folder).check(TASK).status


def was_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether loading takes what was kept, without checking anything."""
    with monkeypatch.context() as patch:

        def refuse(*_: object) -> None:
            raise AssertionError

        patch.setattr("burdenlib.checker.check", refuse)
        try:
            load_documents([folder])
        except AssertionError:
            return False
    return True


def test_what_was_kept_gives_the_same_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Engine.load(folder)
    assert was_kept(folder, monkeypatch)
    second = Engine.load(folder)
    assert [each.digest for each in first.policies.policies] == [each.digest for each in second.policies.policies]
    assert first.check(TASK).explain("en") == second.check(TASK).explain("en")
    assert first.check(TASK).status == "accepted"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("items.csv", "code,title\nK-1,乙\n"),
        ("p.burden", POLICY + "ban all when kind is work cite 《测试》\n"),
        (
            "more.burden",
            POLICY.replace("kept", "more").replace(" items from", ' item X-1 "丙" items from').split("list")[0]
            + "ban all when kind is work cite 《测试》\n",
        ),
    ],
)
def test_a_change_of_any_file_is_seen(folder: Path, file: str, text: str) -> None:
    assert status(folder) == "accepted"
    (folder / file).write_text(text, "utf-8")
    assert status(folder) == "rejected"


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "pickle of something else"])
def test_a_damaged_entry_is_as_good_as_none(folder: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert status(folder) == "accepted"
    (entry,) = entries(folder)
    data = entry.read_bytes()
    entry.write_bytes(
        {
            "flipped": data[:100] + bytes([data[100] ^ 1]) + data[101:],
            "cut": data[: len(data) // 2],
            "empty": b"",
            "pickle of something else": pickle.dumps({"a": 1}),
        }[damage]
    )
    assert not was_kept(folder, monkeypatch)
    assert status(folder) == "accepted"
    assert was_kept(folder, monkeypatch)


def test_an_entry_that_others_may_write_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status(folder)
    (entry,) = entries(folder)
    entry.chmod(0o666)
    assert not was_kept(folder, monkeypatch)


def test_nothing_is_kept_where_the_user_says_so_or_nothing_can_be(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    for value in ("off", str(tmp_path / "file" / "below")):
        monkeypatch.setenv(store.VARIABLE, value)
        assert status(folder) == "accepted"
        assert not was_kept(folder, monkeypatch)


def test_old_entries_go(folder: Path) -> None:
    for number in range(store.MAX_ENTRIES + 3):
        store.keep(store.key_of(str(number)), number)
    assert len(entries(folder)) == store.MAX_ENTRIES


def test_processes_dont_disturb_each_other(folder: Path) -> None:
    code = "import sys, burdenlib as b; print(b.Engine.load(sys.argv[1]).check(eval(sys.argv[2])).status)"
    command = [sys.executable, "-c", code, str(folder), repr(TASK)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) for _ in range(4)]
    assert {each.communicate()[0].strip() for each in running} == {"accepted"}
    assert not [path for path in entries(folder) if path.name.startswith(".new-")]
