"""A checked policy set compiled to Python, for one decision at a time.

`meaning` turns policies into three-valued formulas over `variables`; `tree` makes a function for each part of them
that a task can touch, when a task first does, out of `source`; `program` is what is called, `decision` what it gives.
The evaluator and the judge are the definition: what this package decides, they decide too.
"""

from __future__ import annotations

from burdenlib.compiled.decision import AdmittedBy, Because, Decision
from burdenlib.compiled.json_text import TaskTexts
from burdenlib.compiled.program import Program

__all__ = ["AdmittedBy", "Because", "Decision", "Program", "TaskTexts"]
