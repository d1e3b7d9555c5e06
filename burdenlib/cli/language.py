"""In which language the command line speaks: what the user says, else what the environment says."""

from __future__ import annotations

import os

from burdenlib.words import Language

__all__ = ["default_language"]


def default_language() -> Language:
    """Chinese if the locale for messages is Chinese, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := os.environ.get(name):
            return "zh" if locale.lower().startswith("zh") else "en"
    return "en"
