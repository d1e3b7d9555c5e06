"""Checked policies: what a text means once every name in it is known and every type fits.

The checker makes these values, the evaluator reads them. Place, time and the governing condition of a list
are conditions like others: they are part of a rule's `applies`, a list's `governs`, an item's `covers`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

from burdenlib.compact import LATER, Later, taken
from burdenlib.facts import FactType, Value
from burdenlib.problems import Problem, Where
from burdenlib.source import Span
from burdenlib.words import Words

if TYPE_CHECKING:
    from burdenlib.syntax import Condition as Written

# ---- facts ------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Fact:
    """A declared fact. `label` is its name in the other language, where that is a name."""

    name: str
    label: Words
    type: FactType
    question: Words | None
    set_by: tuple[str, ...]
    only_when: Condition | None
    usually: Value | None
    policy: str
    _span: Span | Later = field(repr=False, metadata={LATER: True})

    @property
    def span(self) -> Span:
        """Where it stands."""
        return taken(self, "_span", self._span)

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way to write the name."""
        return tuple(dict.fromkeys((self.name, *self.label.ordered("en"))))

    @property
    def is_identity(self) -> bool:
        """Whether the fact says which task it is; such facts are never part of a remedy."""
        return "identity" in self.set_by


# ---- conditions -------------------------------------------------------------------------------------------------------


@frozen
class Node:
    """What conditions have in common: the syntax that they come from, if they stand in a text.

    `clause` is the keyword of the clause that a condition is the whole of, for the explanation.
    """

    _syntax: Written | Later | None = field(default=None, eq=False, repr=False, kw_only=True, metadata={LATER: True})
    clause: str | None = field(default=None, eq=False, repr=False, kw_only=True)

    @property
    def syntax(self) -> Written | None:
        """What it was made of, if that stands in a text."""
        return taken(self, "_syntax", self._syntax)


@frozen
class All(Node):
    """True if all parts are."""

    parts: tuple[Condition, ...]


@frozen
class Any(Node):
    """True if one part is."""

    parts: tuple[Condition, ...]


@frozen
class Not(Node):
    """True if the part is false."""

    part: Condition


@frozen
class YesNo(Node):
    """True if the yes/no fact is yes."""

    fact: str


@frozen
class FactRef:
    """The value of another fact, on the right of a comparison."""

    fact: str


@frozen
class Offset:
    """A number of days, or working days, after (before, if negative) the date in a fact."""

    days: int
    working: bool
    fact: str


@frozen
class Equal(Node):
    """True if the fact has this value; none is a value like others."""

    fact: str
    value: Value | FactRef
    negated: bool = False


@frozen
class Member(Node):
    """True if the fact's value is one of these; none is a value like others."""

    fact: str
    values: tuple[Value, ...]
    negated: bool = False


@frozen
class Compare(Node):
    """True if fact and amount compare so; false if either is none."""

    fact: str
    operator: Literal[">=", "<=", ">", "<"]
    amount: Value | FactRef | Offset


@frozen
class Contains(Node):
    """True if the set holds one of the values (all of them, with `every`)."""

    fact: str
    values: tuple[str, ...]
    every: bool = False


@frozen
class Inside(Node):
    """True if the place lies in one of these; false if it is none."""

    fact: str
    places: tuple[str, ...]


@frozen
class OnList(Node):
    """True if the list governs the task and covers it (`off`: governs and doesn't cover).

    `lists` are keys of the versions of one list; `codes` narrow what counts to these items.
    """

    lists: tuple[str, ...]
    codes: tuple[str, ...] = ()
    off: bool = False


@frozen
class OnAnyList(Node):
    """True if the task is on some admission list (`negated`: on none)."""

    negated: bool = False


@frozen
class Has(Node):
    """True if the fact's value isn't none (`negated`: is none)."""

    fact: str
    negated: bool = False


@frozen
class Mentions(Node):
    """True if the title or the text of the task uses one of the phrases."""

    phrases: tuple[str, ...]


@frozen
class TermUse(Node):
    """True if the term's condition is; `terms` are keys of the versions of one term."""

    terms: tuple[str, ...]


@frozen
class InForce(Node):
    """True if the day of judgement lies in the interval; `of` says whose interval it is."""

    interval: Interval
    of: Words


Condition = (
    All
    | Any
    | Not
    | YesNo
    | Equal
    | Member
    | Compare
    | Contains
    | Inside
    | OnList
    | OnAnyList
    | Has
    | Mentions
    | TermUse
    | InForce
)

TRUE = All(())


# ---- what rules, lists and items share -----------------------------------------------------------------------------------


@frozen
class Interval:
    """From the first day to the last, both in it; `None` is no bound."""

    start: date | None = None
    end: date | None = None

    @property
    def is_always(self) -> bool:
        """Whether there are no bounds."""
        return self.start is None and self.end is None

    def holds(self, day: date) -> bool:
        """Whether `day` lies in it."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def overlaps(self, other: Interval) -> bool:
        """Whether they share a day."""
        return not (
            (self.end is not None and other.start is not None and self.end < other.start)
            or (other.end is not None and self.start is not None and other.end < self.start)
        )


@frozen
class Citation:
    """A document, its articles, and a document number or another note."""

    document: str
    articles: tuple[str, ...] = ()
    note: str | None = None

    def __str__(self) -> str:
        note = f"({self.note})" if self.note else ""
        return f"{self.document}{''.join(self.articles)}{note}"


@frozen
class Remedy:
    """What a policy says to do, and the change of facts that it comes to."""

    text: Words
    changes: tuple[tuple[str, Value], ...] = ()


@frozen
class About:
    """What every rule, list and item may say of itself."""

    title: Words | None = None
    because: Words | None = None
    cites: tuple[Citation, ...] = ()
    remedy: Remedy | None = None
    interval: Interval = Interval()
    binds: str | None = None
    grade: str | None = None
    seen: str | None = None
    refs: tuple[str, ...] = ()
    _where: Where | Later = field(default=None, eq=False, repr=False, metadata={LATER: True})

    @property
    def where(self) -> Where:
        """Where it stands."""
        return taken(self, "_where", self._where)


# ---- lists ---------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Item:
    """An item of a list, or a residual item (`code` is `None`).

    `covers` is what must hold for the item to cover a task that has its code or title. `carries` are the codes of the
    items of a higher list that it carries out.
    """

    code: str | None
    title: Words
    also: tuple[str, ...]
    category: str | None
    role: str | None
    department: str | None
    place: str | None
    when: Condition
    unless: tuple[Condition, ...]
    refines: str | None
    carries: tuple[str, ...]
    instead: Words | None
    about: About
    covers: Condition


@frozen(eq=False)
class TaskList:
    """An admission list or a ban list of one document.

    `when` is the list's own condition; `governs` holds place and time as well. `answered_by` is the fact that tells of what a
    partial list doesn't show. `implements` are keys of the versions of the list that this one carries out.
    """

    key: str
    name: str
    about: About
    is_ban: bool
    extent: Literal["closed", "open", "partial"]
    answered_by: str | None
    when: Condition
    governs: Condition
    unless: tuple[Condition, ...]
    items: tuple[Item, ...]
    otherwise: tuple[Item, ...]
    implements: tuple[str, ...]
    may_add: bool
    states: tuple[str, ...]
    by_code: Mapping[str, tuple[Item, ...]] = field(repr=False)
    by_title: Mapping[str, tuple[Item, ...]] = field(repr=False)

    @property
    def shuts_out(self) -> bool:
        """Whether what the list governs and doesn't cover is shut out."""
        return not self.is_ban and self.extent != "open"


# ---- rules -----------------------------------------------------------------------------------------------------------------

RuleKind = Literal["ban", "require", "admit", "limit", "duty"]


@frozen
class Quota:
    """At most `count` tasks, or at most `count` of the sum of the fact `of`, per values of facts and period."""

    count: Decimal
    of: str | None
    per: tuple[str, ...]
    each: str | None


@frozen(eq=False)
class Rule:
    """A ban, requirement, admission, limit or duty.

    `fires` is the whole condition: place, time, `when`, not `must`, no `unless`. `reaches` are the keys of the
    lists that an admission reaches.
    """

    kind: RuleKind
    key: str
    name: str
    about: About
    when: Condition
    must: Condition | None
    unless: tuple[Condition, ...]
    fires: Condition
    to: tuple[str, ...] | None = None
    reaches: tuple[str, ...] = ()
    quota: Quota | None = None
    owed_by: str | None = None


@frozen(eq=False)
class Term:
    """A term and its condition."""

    key: str
    name: str
    label: Words | None
    condition: Condition
    applies: Condition


@frozen(eq=False)
class Phrases:
    """Wordings, wordings round them that don't count, and what they show."""

    key: str
    name: str
    title: Words | None
    wordings: tuple[str, ...]
    excluded: tuple[str, ...]
    fact: str | None
    value: str | None
    _where: Where | Later = field(default=None, eq=False, repr=False, metadata={LATER: True})

    @property
    def where(self) -> Where:
        """Where it stands."""
        return taken(self, "_where", self._where)


@frozen(eq=False)
class Promise:
    """A statement about every possible task; it is checked for sense, and not yet proved."""

    name: str
    title: Words | None
    kind: str
    condition: Condition
    span: Span = field(repr=False)


@frozen
class Each:
    """Values that a fact of an example takes one after the other."""

    values: tuple[Value, ...]


@frozen(eq=False)
class Example:
    """A task, or a portfolio of which the last task is judged, and the expected answer.

    With `Each` it stands for one task (or portfolio) for every combination of values: see `tasks`.
    """

    title: Words
    given: tuple[Mapping[str, Value | Each], ...]
    status: Literal["accepted", "rejected", "undetermined"]
    by: tuple[str, ...]
    duties: tuple[str, ...]
    without: tuple[str, ...]
    asking: tuple[str, ...]
    span: Span = field(repr=False)

    @property
    def count(self) -> int:
        """How many tasks, or portfolios, the example stands for."""
        return math.prod(len(each.values) for each in self._choices())

    def tasks(self) -> Iterator[tuple[Mapping[str, Value], ...]]:
        """The task, or portfolio, for every combination of values; the last fact changes fastest."""
        for combination in itertools.product(*(each.values for each in self._choices())):
            chosen = iter(combination)
            yield tuple(
                {fact: next(chosen) if isinstance(value, Each) else value for fact, value in facts.items()}
                for facts in self.given
            )

    def _choices(self) -> Iterator[Each]:
        return (value for facts in self.given for value in facts.values() if isinstance(value, Each))


# ---- documents --------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Policy:
    """One version of one document.

    `place` is a code without trailing zeros. `stated` is the interval that the text states; `in_force` ends where the
    next version or a superseding document begins; `applies` is place and time.
    """

    name: str
    version: str
    title: Words | None
    level: str | None
    authority: Words | None
    place: str
    place_title: Words | None
    stated: Interval
    in_force: Interval
    supersedes: tuple[str, ...]
    uses: tuple[str, ...]
    cites: tuple[Citation, ...]
    seen: str | None
    applies: Condition
    facts: tuple[Fact, ...]
    terms: tuple[Term, ...]
    lists: tuple[TaskList, ...]
    rules: tuple[Rule, ...]
    phrases: tuple[Phrases, ...]
    _promises: tuple[Promise, ...] | Later = field(metadata={LATER: True})
    _examples: tuple[Example, ...] | Later = field(metadata={LATER: True})
    counts_working_days: bool
    _span: Span | Later = field(repr=False, metadata={LATER: True})
    digest: str = ""

    @property
    def promises(self) -> tuple[Promise, ...]:
        """What the document says of every possible task."""
        return taken(self, "_promises", self._promises)

    @property
    def examples(self) -> tuple[Example, ...]:
        """Tasks with the answers that the document expects."""
        return taken(self, "_examples", self._examples)

    @property
    def span(self) -> Span:
        """Where it stands."""
        return taken(self, "_span", self._span)

    @property
    def key(self) -> str:
        """The name with the version."""
        return f"{self.name}@{self.version}"

    @property
    def about(self) -> About:
        """What the document says of itself, as its rules do."""
        return About(title=self.title, where=self._span)

    @property
    def file(self) -> str:
        """The file that the document was read from."""
        return self.span.source.name

    @property
    def decides(self) -> bool:
        """Whether the document holds anything but facts, terms and phrases."""
        return bool(self.lists or self.rules)


@frozen(eq=False)
class PolicySet:
    """All documents that judge together, in order of name and version, and their names.

    `lists`, `terms`, `phrases` go by key (`policy@version.name`); `facts` by name; `owner` gives the document of a
    list's or a rule's key. `findings` are the warnings and notes of the checker.
    """

    policies: tuple[Policy, ...]
    facts: Mapping[str, Fact]
    lists: Mapping[str, TaskList]
    terms: Mapping[str, Term]
    phrases: Mapping[str, Phrases]
    owner: Mapping[str, Policy]
    implementers: Mapping[str, tuple[str, ...]]
    findings: tuple[Problem, ...] = ()
    _spellings: Mapping[str, str] = field(init=False, eq=False, repr=False)
    _reaching: Mapping[str, tuple[Rule, ...]] = field(init=False, eq=False, repr=False)

    @_spellings.default
    def _index(self) -> Mapping[str, str]:
        return {spelling: fact.name for fact in self.facts.values() for spelling in fact.spellings}

    @_reaching.default
    def _index_reaches(self) -> Mapping[str, tuple[Rule, ...]]:
        found: dict[str, list[Rule]] = {}
        for _, rule in self.rules("admit"):
            for key in rule.reaches:
                found.setdefault(key, []).append(rule)
        return {key: tuple(rules) for key, rules in found.items()}

    def reaching(self, key: str) -> tuple[Rule, ...]:
        """The admissions that reach the list with this key."""
        return self._reaching.get(key, ())

    def find_fact(self, spelling: str) -> Fact | None:
        """The fact that `spelling` names in one language or the other."""
        name = self._spellings.get(spelling)
        return None if name is None else self.facts[name]

    @property
    def fact_spellings(self) -> tuple[str, ...]:
        """Every way to write the name of every fact."""
        return tuple(self._spellings)

    def rules(self, kind: RuleKind) -> Iterator[tuple[Policy, Rule]]:
        """Every rule of one kind with its document."""
        return ((policy, rule) for policy in self.policies for rule in policy.rules if rule.kind == kind)


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """The conditions directly inside a condition."""
    match condition:
        case All() | Any():
            return condition.parts
        case Not():
            return (condition.part,)
        case _:
            return ()


def leaves(condition: Condition) -> Iterator[Condition]:
    """The conditions inside a condition that have no parts."""
    todo = [condition]
    while todo:
        current = todo.pop()
        inner = parts_of(current)
        if inner or isinstance(current, All | Any):
            todo.extend(reversed(inner))
        else:
            yield current


def facts_of(condition: Condition) -> Iterator[str]:
    """The names of the facts that stand in a condition itself (not in the terms and lists that it uses)."""
    for leaf in leaves(condition):
        match leaf:
            case Mentions():
                yield "title"
                yield "text"
            case InForce():
                yield "date"
            case _:
                yield from facts_of_leaf(leaf)


def facts_of_leaf(leaf: Condition) -> tuple[str, ...]:
    """The names of the facts that a condition compares, each once."""
    match leaf:
        case YesNo(fact) | Member(fact) | Contains(fact) | Inside(fact) | Has(fact):
            return (fact,)
        case Equal(fact, other) | Compare(fact, _, other):
            if isinstance(other, FactRef | Offset) and other.fact != fact:
                return fact, other.fact
            return (fact,)
        case _:
            return ()


def restrict(policies: PolicySet, names: frozenset[str]) -> PolicySet:
    """The documents with these names by themselves, as they stand beside the others."""
    kept = tuple(policy for policy in policies.policies if policy.name in names)
    owner = {key: policy for key, policy in policies.owner.items() if policy.name in names}
    return PolicySet(
        kept,
        policies.facts,
        {key: each for key, each in policies.lists.items() if key in owner},
        {key: each for key, each in policies.terms.items() if key in owner},
        {key: each for key, each in policies.phrases.items() if key in owner},
        owner,
        {
            key: tuple(each for each in below if each in owner)
            for key, below in policies.implementers.items()
            if key in owner
        },
        policies.findings,
    )
