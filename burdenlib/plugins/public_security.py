"""A demonstration county's public security bureau: drug prevention, a certificate, a veto."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import burdenlib
from burdenlib import NONE, Task

department = "示范县公安局(演示)"

_ALWAYS: Mapping[str, object] = {
    "department": department,
    "level": "county",
    "target": "370899101201",
    "target_kind": "village",
    "mandate": NONE,
    "emergency": False,
    "separate_assessment": False,
}


@burdenlib.hookimpl
def burdenlib_tasks() -> Iterator[Task]:
    """Register what the bureau asks of villages."""
    yield Task(
        "GA-2024-01",
        {
            **_ALWAYS,
            "title": "协助开展禁毒宣传教育",
            "kind": "work",
            "item": "协助加强禁毒宣传教育",
            "date": date(2024, 6, 3),
            "role": "assist",
            "acts": {"publicise"},
            "channels": {"notice"},
            "government_duty": False,
            "basis": "law",
            "basis_citation": "《禁毒法》",
            "funded": True,
            "duration": "long_term",
        },
    )
    yield Task(
        "GA-2024-02",
        {
            **_ALWAYS,
            "title": "出具无犯罪记录证明",
            "kind": "certificate",
            "item": "无犯罪记录证明",
            "date": date(2024, 6, 3),
            "channels": {"notice"},
            "basis": NONE,
        },
    )
    yield Task(
        "GA-2024-03",
        {
            **_ALWAYS,
            "title": "反诈应用安装率考核",
            "text": "安装率低于八成的村,年度平安建设考核一票否决。",
            "kind": "evaluation",
            "item": "反诈应用安装率考核",
            "date": date(2024, 7, 1),
            "channels": {"veto", "ranking"},
            "government_duty": True,
            "separate_assessment": True,
        },
    )
