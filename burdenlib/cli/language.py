"""In which language the command line speaks: what the user says, else what the environment says."""

from __future__ import annotations

import os
import sys

from burdenlib.words import Language

__all__ = ["default_language"]


def default_language() -> Language:
    """Chinese if the locale for messages is Chinese, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := os.environ.get(name):
            return "zh" if locale.lower().startswith("zh") else "en"
    return _of_windows()


def _of_windows() -> Language:
    """The language of Windows, which has no such variables."""
    if sys.platform == "win32":
        import ctypes

        if ctypes.windll.kernel32.GetUserDefaultUILanguage() & _PRIMARY == _CHINESE:
            return "zh"
    return "en"


_PRIMARY, _CHINESE = 0x3FF, 0x04
"""The part of a language's number that says which language it is, and the number of Chinese."""
