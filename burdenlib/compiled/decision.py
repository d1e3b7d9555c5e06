"""What is decided about a task, without the words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from attrs import field, frozen

from burdenlib.answer import Answer, ReasonKind, Status
from burdenlib.logic import Truth
from burdenlib.policy import PolicySet
from burdenlib.vocabulary import LEVELS

__all__ = ["AdmittedBy", "Because", "Decision", "in_order"]

_KINDS: tuple[ReasonKind, ...] = (
    "ban",
    "ban_list",
    "require",
    "not_listed",
    "partial_list",
    "no_list",
    "limit",
    "narrower_policy",
    "error",
)


@frozen
class Because:
    """A reason: its kind, the rule or list (`policy.name`), true where it decides, `None` where it is open."""

    kind: ReasonKind
    rule: str | None
    truth: Truth


@frozen
class AdmittedBy:
    """What admits a task: an admission, or a list with the code of the item (`None`: no item of the list by itself)."""

    rule: str
    item: str | None = None
    is_list: bool = True


@frozen
class Decision:
    """The answer to one task as far as it is needed at once; equal answers are one object.

    Like a verdict it has no truth value. `body` is the answer as JSON, without the braces round it.
    """

    status: Status
    reasons: tuple[Because, ...]
    admitted_by: tuple[AdmittedBy, ...]
    body: bytes = field(init=False, eq=False, repr=False)

    @body.default
    def _as_json(self) -> bytes:
        found = {
            "status": self.status,
            "reasons": [{"rule": each.rule, "kind": each.kind} for each in self.reasons],
            "admitted_by": [
                {"list": each.rule, "item": each.item} if each.is_list else {"admit": each.rule}
                for each in self.admitted_by
            ],
        }
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()[1:-1]

    @classmethod
    def of(cls, answer: Answer) -> Decision:
        """What the interpreter decided."""
        return cls(
            answer.status,
            tuple(Because(each.kind, each.rule, each.truth) for each in answer.reasons),
            tuple(
                AdmittedBy(each.rule, None if each.item is None else each.item.code, each.is_list)
                for each in answer.admitted_by
            ),
        )

    def __bool__(self) -> bool:
        raise TypeError("a decision is neither true nor false: compare its `status`")


def levels_of(policies: PolicySet) -> Mapping[str, int]:
    """The rank of the level of each document's issuer, highest first, by the document's name."""
    ranks = {level: rank for rank, level in enumerate(LEVELS)}
    found: dict[str, int] = {}
    for policy in policies.policies:
        found.setdefault(policy.name, len(ranks) if policy.level is None else ranks[policy.level])
    return found


def in_order(reasons: Iterable[Because], levels: Mapping[str, int]) -> tuple[Because, ...]:
    """Reasons as an answer shows them: bans first, of the highest level first."""

    def rank(reason: Because) -> tuple[int, int, str]:
        policy = (reason.rule or "").partition(".")[0]
        return _KINDS.index(reason.kind), levels.get(policy, len(LEVELS)), reason.rule or ""

    return tuple(sorted(reasons, key=rank))
