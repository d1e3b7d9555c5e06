"""A demonstration county's agriculture and rural affairs bureau: a survey by the township, targets, a chat group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import burdenlib
from burdenlib import NONE, Task

department = "示范县农业农村局(演示)"

_ALWAYS: Mapping[str, object] = {
    "department": department,
    "level": "county",
    "mandate": NONE,
    "emergency": False,
    "separate_assessment": False,
}


@burdenlib.hookimpl
def burdenlib_tasks() -> Iterator[Task]:
    """Register the bureau's tasks of the year."""
    yield Task(
        "NY-2024-01",
        {
            **_ALWAYS,
            "title": "阶段性农业普查由乡镇承办",
            "target": "370899101000",
            "target_kind": "township",
            "kind": "work",
            "item": "农业普查",
            "date": date(2024, 5, 1),
            "role": "assist",
            "channels": {"notice"},
            "government_duty": False,
            "duration": "staged",
            "funded": True,
            "support": {"staff", "guidance", "training"},
            "approved_by": {"county"},
        },
    )
    yield Task(
        "NY-2024-02",
        {
            **_ALWAYS,
            "title": "农业保险参保指标分解到村",
            "text": "今年农业保险参保率不低于九成,指标分解到各村,纳入排名通报。",
            "target": "370899101203",
            "target_kind": "village",
            "kind": "work",
            "item": "农业保险参保指标",
            "date": date(2024, 4, 10),
            "role": "assist",
            "subject": "insurance",
            "channels": {"target_quota", "ranking"},
            "government_duty": True,
            "basis": NONE,
            "funded": False,
        },
    )
    yield Task(
        "NY-2024-03",
        {
            **_ALWAYS,
            "title": "动物疫病应急排查",
            "target": "370899101203",
            "target_kind": "village",
            "kind": "work",
            "item": "动物疫病应急排查",
            "date": date(2024, 6, 12),
            "role": "assist",
            "channels": {"notice"},
            "government_duty": False,
            "emergency": True,
            "funded": True,
            "duration": "temporary",
        },
    )
