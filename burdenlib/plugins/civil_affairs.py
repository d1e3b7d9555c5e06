"""A demonstration county's civil affairs bureau: help with social assistance, a certificate, a signboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import burdenlib
from burdenlib import NONE, Task

department = "示范县民政局(演示)"

_ALWAYS: Mapping[str, object] = {
    "department": department,
    "level": "county",
    "target": "370899101201",
    "target_kind": "village",
    "channels": {"notice"},
    "separate_assessment": False,
}


@burdenlib.hookimpl
def burdenlib_tasks() -> Iterator[Task]:
    """Register the bureau's tasks of the spring."""
    yield Task(
        "MZ-2024-01",
        {
            **_ALWAYS,
            "title": "协助做好低保对象入户走访",
            "text": "请各村协助走访低保对象,发现家庭情况变化及时报告,不需填报表格。",
            "kind": "work",
            "item": "协助做好有关社会救助工作",
            "date": date(2024, 3, 4),
            "role": "assist",
            "acts": {"visit", "discover"},
            "government_duty": False,
            "mandate": NONE,
            "basis": "administrative_regulation",
            "basis_citation": "《社会救助暂行办法》",
            "funded": True,
            "duration": "long_term",
            "emergency": False,
        },
    )
    yield Task(
        "MZ-2024-02",
        {
            **_ALWAYS,
            "title": "由村出具婚姻状况证明",
            "text": "办理业务的居民由村委会出具婚姻状况证明。",
            "kind": "certificate",
            "item": "婚姻状况证明",
            "date": date(2024, 4, 15),
            "basis": NONE,
            "within_duty": False,
        },
    )
    yield Task(
        "MZ-2024-03",
        {
            **_ALWAYS,
            "title": "门口加挂社会工作站牌子",
            "kind": "signboard",
            "item": "社会工作站",
            "date": date(2024, 5, 6),
            "placement": "outside",
            "government_duty": False,
            "mandate": NONE,
        },
    )


@burdenlib.hookimpl
def burdenlib_facts(task: Task) -> Mapping[str, object]:
    """Tell that the bureau pays for what it asks of villages in its own programme of visits."""
    return {"support": ["information", "training"]} if task.get("kind") == "work" else {}
