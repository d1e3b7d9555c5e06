"""Tests of policies: strategies for their tasks, properties that they ought to have, coverage and mutation.

Strategies and properties need the extra `testing` (Hypothesis) and are imported when they are first asked for; all
the rest works without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from burdenlib.testing.reach import Chance, Chooser, Goal, reach

if TYPE_CHECKING:
    from burdenlib.testing.conformance import Contradiction, conformance_cases, contradictions
    from burdenlib.testing.differential import Disagreement, DisagreementError, agree, agreement
    from burdenlib.testing.generated import Made, texts_of
    from burdenlib.testing.implementations import (
        AUDIT,
        AUDIT_COMPILED,
        COMPILED,
        COMPILED_JSON,
        COMPILED_READ,
        INTERPRETER,
        INTERPRETER_ASKING,
        REFUSED,
        SILENT,
        Implementation,
        Question,
        Reply,
    )
    from burdenlib.testing.outside import calling, command
    from burdenlib.testing.properties import (
        ADMITTED,
        ALIVE,
        CONSTANT,
        EVERY,
        EXCEPTIONS_NARROW,
        EXPLAINED,
        MONOTONE,
        PROMISES,
        REMEDIES,
        SEAMLESS,
        USABLE,
        BrokenError,
        Property,
        check,
        decides,
        holds,
        tighter_than,
    )
    from burdenlib.testing.strategies import (
        UnreachableError,
        facts,
        policies,
        policy_sets,
        portfolios,
        tasks,
        tasks_where,
    )

__all__ = [
    "ADMITTED",
    "ALIVE",
    "AUDIT",
    "AUDIT_COMPILED",
    "COMPILED",
    "COMPILED_JSON",
    "COMPILED_READ",
    "CONSTANT",
    "EVERY",
    "EXCEPTIONS_NARROW",
    "EXPLAINED",
    "INTERPRETER",
    "INTERPRETER_ASKING",
    "MONOTONE",
    "PROMISES",
    "REFUSED",
    "REMEDIES",
    "SEAMLESS",
    "SILENT",
    "USABLE",
    "BrokenError",
    "Chance",
    "Chooser",
    "Contradiction",
    "Disagreement",
    "DisagreementError",
    "Goal",
    "Implementation",
    "Made",
    "Property",
    "Question",
    "Reply",
    "UnreachableError",
    "agree",
    "agreement",
    "calling",
    "check",
    "command",
    "conformance_cases",
    "contradictions",
    "decides",
    "facts",
    "holds",
    "policies",
    "policy_sets",
    "portfolios",
    "reach",
    "tasks",
    "tasks_where",
    "texts_of",
    "tighter_than",
]

_PLACES = {
    "conformance": ("Contradiction", "conformance_cases", "contradictions"),
    "differential": ("Disagreement", "DisagreementError", "agree", "agreement"),
    "implementations": (
        "AUDIT",
        "AUDIT_COMPILED",
        "COMPILED",
        "COMPILED_JSON",
        "COMPILED_READ",
        "INTERPRETER",
        "INTERPRETER_ASKING",
        "REFUSED",
        "SILENT",
        "Implementation",
        "Question",
        "Reply",
    ),
    "outside": ("calling", "command"),
    "generated": ("Made", "texts_of"),
    "strategies": ("UnreachableError", "facts", "policies", "policy_sets", "portfolios", "tasks", "tasks_where"),
}


def __getattr__(name: str) -> object:
    """Import what needs Hypothesis when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = next((module for module, names in _PLACES.items() if name in names), "properties")
    return getattr(import_module(f"{__name__}.{module}"), name)
