"""The tree of a policy text: one frozen class for each rule of the grammar.

Names are kept as the author wrote them (NFC); spans take no part in equality. Clauses stand in the
order of `CLAUSES`, whatever order the author wrote them in, because their order means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from attrs import field, frozen

from burdenlib.source import Source, Span
from burdenlib.words import Words

# ---- small parts ----------------------------------------------------------------------------------------------


@frozen
class Name:
    """A name as written: `kind`, `类别`, `policy.name`."""

    text: str
    span: Span = field(eq=False, repr=False)

    def __str__(self) -> str:
        return self.text


@frozen
class Text:
    """A quoted text in one or two languages."""

    words: Words
    span: Span = field(eq=False, repr=False)


@frozen
class Code:
    """A bare word that is no name: an item's code, a version, the id of a rule of the field."""

    text: str
    span: Span = field(eq=False, repr=False)


@frozen
class Day:
    """A date."""

    value: date
    span: Span = field(eq=False, repr=False)


@frozen
class Number:
    """A number; `percent` says that the author wrote a per cent sign."""

    value: Decimal
    percent: bool
    span: Span = field(eq=False, repr=False)


@frozen
class Constant:
    """One of the words `none`, `yes`, `no`."""

    word: Literal["none", "yes", "no"]
    span: Span = field(eq=False, repr=False)


@frozen
class Offset:
    """A number of days, or working days, after (or before) the date in a fact."""

    count: Number
    working: bool
    after: bool
    fact: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Values:
    """Literals in braces."""

    literals: tuple[LiteralNode, ...]
    span: Span = field(eq=False, repr=False)


LiteralNode = Name | Text | Number | Day | Constant
Amount = LiteralNode | Offset


@frozen
class Citation:
    """A document, its articles, and a document number or another note."""

    document: str
    articles: tuple[str, ...]
    note: str | None
    span: Span = field(eq=False, repr=False)


@frozen
class Told:
    """A fact and its value in an example or a remedy."""

    fact: Name
    value: LiteralNode | Values
    span: Span = field(eq=False, repr=False)


@frozen
class Each:
    """A fact of an example, and the values that it takes one after the other: `each {…}`."""

    fact: Name
    values: tuple[LiteralNode | Values, ...]
    span: Span = field(eq=False, repr=False)


# ---- conditions -------------------------------------------------------------------------------------------------


@frozen
class AllOf:
    """`and`."""

    parts: tuple[Condition, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class AnyOf:
    """`or`."""

    parts: tuple[Condition, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Not:
    """`not`."""

    part: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class Holds:
    """A yes/no fact's name, or a term's."""

    name: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Is:
    """`is` and `is not`."""

    fact: Name
    value: LiteralNode
    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class In:
    """`in {…}` and `not in {…}`."""

    fact: Name
    values: Values
    negated: bool
    span: Span = field(eq=False, repr=False)


Operator = Literal["at_least", "at_most", "above", "below", "no_earlier", "no_later", "before", "after"]


@frozen
class Compare:
    """A comparison of a fact with an amount."""

    fact: Name
    operator: Operator
    amount: Amount
    span: Span = field(eq=False, repr=False)


@frozen
class Includes:
    """`includes X`, `includes any of {…}`, `includes all of {…}`."""

    fact: Name
    values: Values
    quantifier: Literal["one", "any", "all"]
    span: Span = field(eq=False, repr=False)


@frozen
class Within:
    """`within CODE`, `within {CODES}`."""

    fact: Name
    places: tuple[Code, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class OnList:
    """`on LIST`, `on LIST[CODES]`, `off LIST`."""

    list: Name
    codes: tuple[Code, ...]
    off: bool
    span: Span = field(eq=False, repr=False)


@frozen
class OnAnyList:
    """`listed` and `unlisted`."""

    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class Has:
    """`has FACT` and `no FACT`: not none, none."""

    fact: Name
    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class Mentions:
    """`mentions PHRASES`."""

    phrases: Name
    span: Span = field(eq=False, repr=False)


Condition = AllOf | AnyOf | Not | Holds | Is | In | Compare | Includes | Within | OnList | OnAnyList | Has | Mentions

# ---- clauses ------------------------------------------------------------------------------------------------------


@frozen
class Version:
    """`version`."""

    code: Code
    span: Span = field(eq=False, repr=False)


@frozen
class IssuedBy:
    """`issued by LEVEL "authority"`."""

    level: Name
    authority: Text
    span: Span = field(eq=False, repr=False)


@frozen
class ForPlace:
    """`for place CODE "name"`, or `for place everywhere` with no code."""

    code: Code | None
    title: Text | None
    span: Span = field(eq=False, repr=False)


@frozen
class Effective:
    """`effective DATE until DATE`."""

    start: Day
    end: Day | None
    span: Span = field(eq=False, repr=False)


@frozen
class Supersedes:
    """`supersedes`."""

    names: tuple[Name, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Uses:
    """`uses`."""

    names: tuple[Name, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Cite:
    """`cite`."""

    citations: tuple[Citation, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Seen:
    """`seen`."""

    extent: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Value:
    """A value of an enumeration with its label."""

    name: Name
    label: Text | Name
    span: Span = field(eq=False, repr=False)


@frozen
class Type:
    """The type of a fact; `values` for enumerations, `like` for `same as`, `or_none` for `or none`."""

    kind: Literal["yes_no", "text", "number", "date", "place", "one_of", "set_of", "ordered", "same_as"]
    values: tuple[Value, ...]
    like: Name | None
    or_none: bool
    span: Span = field(eq=False, repr=False)


@frozen
class Ask:
    """`ask`."""

    question: Text
    span: Span = field(eq=False, repr=False)


@frozen
class SetBy:
    """`set by`."""

    actors: tuple[Name, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class OnlyWhen:
    """`only when`."""

    condition: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class Usually:
    """`usually`."""

    value: LiteralNode
    span: Span = field(eq=False, repr=False)


@frozen
class Governs:
    """`governs when`."""

    condition: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class Extent:
    """`closed`, `open`, or `partial` with the fact that answers for what isn't held."""

    kind: Literal["closed", "open", "partial"]
    answered_by: Name | None
    span: Span = field(eq=False, repr=False)


@frozen
class Implements:
    """`implements`."""

    list: Name
    span: Span = field(eq=False, repr=False)


@frozen
class MayAdd:
    """`localities may add`."""

    span: Span = field(eq=False, repr=False)


@frozen
class EachStates:
    """`each item states`."""

    columns: tuple[Code, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class ItemsFrom:
    """`items from "file.csv"`."""

    file: Text
    span: Span = field(eq=False, repr=False)


@frozen
class Also:
    """`also`."""

    titles: tuple[Text, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Refines:
    """`refines`."""

    code: Code
    span: Span = field(eq=False, repr=False)


@frozen
class Department:
    """`department`."""

    name: Text
    span: Span = field(eq=False, repr=False)


@frozen
class Role:
    """`role`."""

    value: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Instead:
    """`instead`."""

    text: Text
    span: Span = field(eq=False, repr=False)


@frozen
class When:
    """`when`."""

    condition: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class Unless:
    """`unless`."""

    condition: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class Must:
    """`must`."""

    condition: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class Means:
    """`means`."""

    condition: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class To:
    """`to LISTS`; `to every list` has no names."""

    lists: tuple[Name, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Quota:
    """`at most N of FACT per FACTS each PERIOD`."""

    count: Number
    of: Name | None
    per: tuple[Name, ...]
    each: str | None
    span: Span = field(eq=False, repr=False)


@frozen
class OwedBy:
    """`owed by`."""

    actor: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Wordings:
    """The wordings of `phrases`, or with `excluded` those of `but not`."""

    texts: tuple[Text, ...]
    excluded: bool
    span: Span = field(eq=False, repr=False)


@frozen
class Shows:
    """`shows FACT includes VALUE`."""

    fact: Name
    value: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Promised:
    """What a promise says of every task."""

    kind: str
    condition: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class Given:
    """One task of an example."""

    facts: tuple[Told | Each, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Expect:
    """What an example expects."""

    status: Literal["accepted", "rejected", "undetermined"]
    by: tuple[Name, ...]
    duties: tuple[Name, ...]
    without: tuple[Name, ...]
    asking: tuple[Name, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Because:
    """`because`."""

    text: Text
    span: Span = field(eq=False, repr=False)


@frozen
class Remedy:
    """`remedy`."""

    text: Text
    changes: tuple[Told, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class From:
    """`from`."""

    day: Day
    span: Span = field(eq=False, repr=False)


@frozen
class Until:
    """`until`."""

    day: Day
    span: Span = field(eq=False, repr=False)


@frozen
class Binds:
    """`binds`."""

    actor: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Grade:
    """`grade`."""

    value: str
    span: Span = field(eq=False, repr=False)


@frozen
class Ref:
    """`ref`."""

    ids: tuple[Code, ...]
    span: Span = field(eq=False, repr=False)


Clause = (
    Version
    | IssuedBy
    | ForPlace
    | Effective
    | Supersedes
    | Uses
    | Type
    | Ask
    | SetBy
    | OnlyWhen
    | Usually
    | Means
    | Governs
    | Extent
    | Implements
    | MayAdd
    | EachStates
    | Also
    | Refines
    | Role
    | Department
    | Quota
    | When
    | Must
    | Unless
    | To
    | OwedBy
    | Instead
    | Wordings
    | Shows
    | Promised
    | Given
    | Expect
    | From
    | Until
    | Because
    | Remedy
    | Binds
    | Grade
    | Cite
    | Seen
    | Ref
    | ItemsFrom
)

CLAUSES: tuple[type[Clause], ...] = Clause.__args__
"""The clauses in the order in which they stand in a tree and in a formatted text."""

REPEATABLE: frozenset[type[Clause]] = frozenset({Unless, Given, ItemsFrom, Wordings})
"""The clauses that may stand more than once; of all others a second one is a mistake."""

# ---- declarations ---------------------------------------------------------------------------------------------------

DeclarationKind = Literal[
    "policy",
    "fact",
    "term",
    "list",
    "ban_list",
    "item",
    "otherwise",
    "ban",
    "require",
    "admit",
    "limit",
    "duty",
    "phrases",
    "promise",
    "example",
]

C = TypeVar("C")


@frozen
class Declaration:
    """A declaration: its keyword, name, title and clauses; a list also holds its items.

    `name` is missing in examples and residual items; an item's code stands in `code`.
    `items` are the items of a list and its residual items, in the author's order.
    `head` spans the keyword, the name and the title; `extra` holds the cells of an item table for which the
    language has no clause.
    """

    kind: DeclarationKind
    name: Name | None
    title: Text | None
    clauses: tuple[Clause, ...]
    span: Span = field(eq=False, repr=False)
    head: Span = field(eq=False, repr=False)
    code: Code | None = None
    items: tuple[Declaration, ...] = ()
    extra: Mapping[str, Span] = field(factory=dict, eq=False, repr=False)

    def all(self, kind: type[C]) -> Iterator[C]:
        """The clauses of one kind."""
        return (clause for clause in self.clauses if isinstance(clause, kind))

    def one(self, kind: type[C]) -> C | None:
        """The first clause of one kind, or `None`."""
        return next(self.all(kind), None)


@frozen
class Comment:
    """A comment from `#` to the end of its line."""

    text: str
    span: Span = field(eq=False, repr=False)


@frozen
class File:
    """One policy text: the policy's head, its declarations and the comments anywhere in it."""

    source: Source = field(eq=False, repr=False)
    policy: Declaration
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...] = ()
