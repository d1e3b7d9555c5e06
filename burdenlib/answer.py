"""What a judgement consists of: proofs, reasons and the rest of an answer, before it is put into words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from attrs import field, frozen

from burdenlib.facts import Value
from burdenlib.logic import Truth
from burdenlib.policy import About, Citation, Condition, Item, Policy, PolicySet, TaskList
from burdenlib.problems import Where
from burdenlib.task import Told
from burdenlib.words import Words

__all__ = [
    "Admission",
    "Answer",
    "Duty",
    "Missing",
    "PolicyUsed",
    "Proof",
    "ProposedChange",
    "Reading",
    "Reason",
    "ReasonKind",
    "Status",
]

Status = Literal["accepted", "rejected", "undetermined"]

ReasonKind = Literal[
    "ban",
    "require",
    "ban_list",
    "not_listed",
    "partial_list",
    "no_list",
    "limit",
    "narrower_policy",
    "error",
]


@frozen
class Reading:
    """A fact as a condition read it: its value, `None` if it isn't known, and the statements behind it.

    `because` says why a value holds that nobody told: the fact doesn't exist for such tasks, or it is assumed.
    """

    fact: str
    value: Value | None
    told: tuple[Told, ...] = ()
    because: Words | None = None


@frozen
class Proof:
    """Why a condition is true, false or unknown.

    `parts` are the proofs of the parts that decide; `readings` the facts that a leaf read; `lists` what was found on
    lists; `note` what else the reader has to know.
    """

    condition: Condition
    truth: Truth
    parts: tuple[Proof, ...] = ()
    readings: tuple[Reading, ...] = ()
    lists: tuple[Coverage, ...] = ()
    note: Words | None = None


@frozen
class Coverage:
    """How a list stands to a task: whether it governs it, whether it covers it, by which item.

    `covers` doesn't yet ask whether the list governs. `found` are the items with the task's code or title; `asked` is
    the proof of the fact that answers for a partial list. `instead` are lists that take the place of this one.
    """

    task_list: TaskList
    governs: Proof
    covers: Truth
    item: Item | None = None
    found: tuple[Item, ...] | None = None
    parts: tuple[Proof, ...] = ()
    replaced: Truth = False
    instead: tuple[Coverage, ...] = ()

    @property
    def truth(self) -> Truth:
        """Whether the task is on the list."""
        if self.governs.truth is False or self.covers is False:
            return False
        return True if self.governs.truth and self.covers else None


@frozen
class Reason:
    """One reason of an answer: what decided, or where the answer is undetermined, what is open.

    `rule` is the name of the rule or list (`policy.name`); `truth` is true where it decides, unknown where it is open;
    `near` are titles like the task's item; `details` fill the wording of reasons that no rule words itself.
    """

    kind: ReasonKind
    rule: str | None
    about: About
    cites: tuple[Citation, ...]
    truth: Truth
    refs: tuple[str, ...] = ()
    proof: tuple[Proof, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    seen: str | None = None
    near: tuple[str, ...] = ()
    message: Words | None = None
    instead: Words | None = None

    @property
    def where(self) -> Where:
        """Where the rule, the list or the document stands."""
        return self.about.where


@frozen
class Admission:
    """What admits a task: an item of a list, a partial list for which a register answered, or an admission."""

    rule: str
    about: About
    cites: tuple[Citation, ...]
    item: Item | None = None
    is_list: bool = True
    proof: tuple[Proof, ...] = ()
    seen: str | None = None

    @property
    def refs(self) -> tuple[str, ...]:
        """The ids of the field's rules that the item and the list, or the admission, express."""
        return tuple(dict.fromkeys((*(self.item.about.refs if self.item is not None else ()), *self.about.refs)))


@frozen
class Duty:
    """What comes with acceptance; where its condition is unknown, `condition` says which."""

    rule: str
    about: About
    cites: tuple[Citation, ...]
    owed_by: str | None
    condition: Condition | None


@frozen
class Missing:
    """A fact that could still change the answer, and who can tell it."""

    fact: str
    question: Words
    set_by: tuple[str, ...]


@frozen
class ProposedChange:
    """A change of facts that a policy quotes as a remedy, and who would make it."""

    changes: tuple[tuple[str, Value], ...]
    by: str


@frozen
class PolicyUsed:
    """A document, or a table that documents rest on, with its version and digest."""

    name: str
    version: str
    digest: str

    @classmethod
    def of(cls, policy: Policy) -> PolicyUsed:
        """Name a document."""
        return cls(policy.name, policy.version, policy.digest)


@frozen
class Answer:
    """Everything that was found out about one task."""

    task: str
    status: Status
    reasons: tuple[Reason, ...]
    admitted_by: tuple[Admission, ...]
    duties: tuple[Duty, ...]
    limits: tuple[str, ...]
    missing: tuple[Missing, ...]
    remedies: tuple[ProposedChange, ...]
    assumed: Mapping[str, Value]
    claimed: tuple[str, ...]
    as_of: date | None
    policies: tuple[PolicyUsed, ...]
    known: Mapping[str, Value] = field(eq=False, repr=False)
    policy_set: PolicySet = field(eq=False, repr=False)
