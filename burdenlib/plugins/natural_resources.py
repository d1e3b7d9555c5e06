"""A demonstration county's natural resources bureau: pledges for farmland, reports on land use, patrols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import burdenlib
from burdenlib import NONE, Task

department = "示范县自然资源和规划局(演示)"

_ALWAYS: Mapping[str, object] = {
    "department": department,
    "level": "county",
    "target": "370899101202",
    "target_kind": "village",
    "kind": "work",
    "role": "assist",
    "government_duty": False,
    "mandate": NONE,
    "emergency": False,
    "separate_assessment": False,
}


@burdenlib.hookimpl
def burdenlib_tasks() -> Iterator[Task]:
    """Register what the bureau asks of villages about land."""
    yield Task(
        "ZR-2024-01",
        {
            **_ALWAYS,
            "title": "签订耕地保护目标责任书",
            "text": "各村须于月底前与乡镇签订耕地保护目标责任书,完成情况与年终考核挂钩。",
            "item": "耕地保护宣传",
            "date": date(2024, 3, 1),
            "channels": {"pledge"},
            "basis": NONE,
            "funded": False,
        },
    )
    yield Task(
        "ZR-2024-02",
        {
            **_ALWAYS,
            "title": "违法占地巡查处置",
            "text": "由村委会对辖区违法占地负责制止和拆除。",
            "item": "违法占地拆除",
            "date": date(2024, 4, 1),
            "role": "responsible",
            "subject": "demolition",
            "channels": {"administrative_order"},
            "government_duty": True,
            "basis": NONE,
        },
    )
    yield Task(
        "ZR-2024-03",
        {
            **_ALWAYS,
            "title": "耕地种植用途填报",
            "kind": "form",
            "item": "耕地种植用途填报",
            "date": date(2024, 5, 1),
            "channels": {"notice"},
            "government_duty": True,
            "funded": False,
        },
    )
