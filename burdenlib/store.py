"""Checked policies kept between runs, so that loading what hasn't changed takes a fraction of a second.

An entry stands behind its own SHA-256; one that is damaged, of another version, or not the user's own is as good
as none. It is written aside and moved into place, so that processes don't disturb each other.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from functools import cache
from pathlib import Path
from typing import cast

from burdenlib.compact import pack, unpack

__all__ = ["digest_of", "keep", "key_of", "recall"]

VARIABLE = "BURDENLIB_CACHE"
"""The environment variable that names the folder of the entries; `off` keeps none."""

MAX_ENTRIES = 16
"""How many entries are kept; the ones that were used longest ago go first."""


def digest_of(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def key_of(*parts: str) -> str:
    """The key of an entry: what it was made of, and by which code."""
    return digest_of("\0".join((_code(), *parts)).encode(errors="surrogatepass"))


def recall(key: str) -> object | None:
    """What was kept under a key, or `None`."""
    folder = _folder()
    if folder is None:
        return None
    path = folder / key
    try:
        if not _is_ours(path):
            return None
        data = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    seal, payload = data[:32], data[32:]
    if hashlib.sha256(payload).digest() != seal:
        return None
    try:
        return cast(object, unpack(payload))
    except Exception:  # noqa: BLE001  # whatever an entry of unlike code raises, it is as good as none
        return None


def keep(key: str, value: object) -> None:
    """Keep a value under a key; where that can't be done, nothing is kept."""
    folder = _folder()
    if folder is None:
        return
    try:
        import tempfile

        payload = pack(value)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as file:
            file.write(hashlib.sha256(payload).digest() + payload)
        Path(file.name).replace(folder / key)
        _forget_old(folder)
    except (OSError, RecursionError, TypeError, ValueError):
        return


def _forget_old(folder: Path) -> None:
    entries = sorted((path for path in folder.iterdir()), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in entries[MAX_ENTRIES:]:
        path.unlink(missing_ok=True)


def _folder() -> Path | None:
    """The folder of the entries, made if need be; `None` if there is none that only the user can write to."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen.lower() in ("off", "0", "no"):
        return None
    try:
        folder = Path(chosen) if chosen else _caches() / "burdenlib"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder if _is_ours(folder) else None
    except (OSError, RuntimeError):
        return None


def _caches() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _is_ours(path: Path) -> bool:
    """Whether nobody else may have written a file or a folder."""
    if sys.platform == "win32":
        return path.exists()
    found = path.lstat()
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


@cache
def _code() -> str:
    """The version of the code, down to the files of a checkout that changes."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    stamps = (f"{path.name}:{(found := path.stat()).st_size}:{found.st_mtime_ns}" for path in files)
    return digest_of("\n".join((sys.version, *stamps)).encode())
