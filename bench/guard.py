"""Ratios that were kept, and whether those measured now are worse.

A ratio is the time of some work of burdenlib over that of other work in the same run, so that less is better and the
machine matters little. `kept.json` holds them by part (`audit`, …) and name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

Ratios = Mapping[str, float]

KEPT = Path(__file__).with_name("kept.json")
WORSE = 1.5
"""How many times worse than kept a ratio may be."""


def keep(measured: Mapping[str, Ratios]) -> None:
    """Keep ratios; parts that weren't measured stay as they are."""
    found = {**kept(), **{part: {name: round(each, 3) for name, each in own.items()} for part, own in measured.items()}}
    KEPT.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def kept() -> dict[str, dict[str, float]]:
    """The ratios that were kept."""
    if not KEPT.exists():
        return {}
    found: dict[str, dict[str, float]] = json.loads(KEPT.read_text("utf-8"))
    return found


def complaints(measured: Mapping[str, Ratios], before: Mapping[str, Ratios]) -> Iterator[str]:
    """What is worse than it was, or wasn't kept."""
    for part, own in measured.items():
        for name, ratio in own.items():
            old = before.get(part, {}).get(name)
            if old is None:
                yield f"{part}: {name}: {ratio:.2f}, nothing kept"
            elif ratio > WORSE * old:
                yield f"{part}: {name}: {ratio:.2f}, kept {old:.2f}"
