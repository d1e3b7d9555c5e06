"""Whole policies to test evaluators with: small trees over a small vocabulary, printed as text, and tasks that meet them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from attrs import evolve, frozen
from hypothesis import strategies as st

from burdenlib import syntax as s
from burdenlib.formatter import print_file
from burdenlib.source import Source, Span
from burdenlib.words import Language, Words

__all__ = [
    "CHANNELS",
    "CORE",
    "DAYS",
    "FACTS",
    "Made",
    "chains",
    "documents",
    "doors_with_limits",
    "policy_sets",
    "print_made",
    "reaches",
    "small_portfolios",
    "some_facts",
    "texts_of",
    "whole_facts",
]

NOWHERE = Span(Source("<generated>", ""), 0, 0)

CORE = """
policy core "要素" / "The facts" version 1
fact id "编号" text
fact title "标题" text
fact text "正文" text
fact department "部门" text set by department
fact target "对象" place
fact target_kind "对象类别" one of {village 村, community 社区}
fact kind "类别" one of {work 工作事务, form 报表台账, certificate 证明}
fact item "事项" text
fact date "日期" date
fact level "下达层级" ordered {central 中央 > province 省 > county 县 > township 乡镇} or none set by department
fact mandate "明确要求层级" same as level or none set by authority
fact role "承担角色" one of {own 自治履职, assist 协助, responsible 责任主体} set by department
fact channels "下达方式" set of {notice 通知, pledge 责任书, veto 一票否决} set by department
fact funded "经费落实" yes/no set by department
fact emergency "突发应急" yes/no set by authority usually no only when kind in {work, form}
fact pages "页数" number or none set by department
fact applied_on "申请日期" date or none set by department only when kind is work
fact listed_locally "列入当地清单" yes/no set by register
"""
"""A vocabulary with a fact of every type, small enough that generated rules and tasks meet."""

TITLES = ("甲事项", "乙事项", "丙事项", "甲、乙事项", "丁 事项")
DAYS = tuple(dt.date(2024, 1, 1) + dt.timedelta(days=offset) for offset in (-400, -1, 0, 1, 30, 59, 60, 366))
BEFORE_HOLIDAYS = dt.date(1999, 3, 1)
"""A day for which working days are not known."""
PLACES = ("37", "3708", "370829", "370811", "370829101", "370829101201")
TARGETS = ("370829101201", "370829101202", "370811001001", "370829", "3708", "110105001001")
LEVELS = ("central", "province", "county", "township")
ENUMS = {
    "target_kind": ("village", "community"),
    "kind": ("work", "form", "certificate"),
    "role": ("own", "assist", "responsible"),
}
CHANNELS = ("notice", "pledge", "veto")

# ---- parts of trees ----------------------------------------------------------------------------------------------------------


def name(text: str) -> s.Name:
    """A name as a tree holds it."""
    return s.Name(text, NOWHERE)


def text(words: str, other: str | None = None) -> s.Text:
    """A text as a tree holds it."""
    return s.Text(Words.of(words, other), NOWHERE)


def values(*names: str) -> s.Values:
    """Values in braces."""
    return s.Values(tuple(name(each) for each in names), NOWHERE)


def days() -> st.SearchStrategy[s.Day]:
    """Days next to each other and far apart."""
    return st.sampled_from(DAYS).map(lambda day: s.Day(day, NOWHERE))


@lru_cache
def atoms(lists: tuple[str, ...] = (), terms: tuple[str, ...] = ()) -> st.SearchStrategy[s.Condition]:
    """Conditions without parts, over every type of fact."""
    enums = st.sampled_from(sorted(ENUMS)).flatmap(
        lambda fact: st.one_of(
            st.builds(
                lambda value, negated: s.Is(name(fact), name(value), negated, NOWHERE),
                st.sampled_from(ENUMS[fact]),
                st.booleans(),
            ),
            st.builds(
                lambda chosen, negated: s.In(name(fact), values(*sorted(chosen)), negated, NOWHERE),
                st.sets(st.sampled_from(ENUMS[fact]), min_size=1),
                st.booleans(),
            ),
        )
    )
    ordered = st.builds(
        lambda fact, operator, value: s.Compare(name(fact), operator, value, NOWHERE),
        st.sampled_from(("level", "mandate")),
        st.sampled_from(("at_least", "at_most", "above", "below")),
        st.sampled_from(LEVELS).map(name) | st.just(name("level")),
    )
    nones = st.one_of(
        st.builds(
            lambda fact, negated: s.Has(name(fact), negated, NOWHERE),
            st.sampled_from(("level", "mandate", "pages", "applied_on")),
            st.booleans(),
        ),
        st.builds(
            lambda fact, negated: s.Is(name(fact), s.Constant("none", NOWHERE), negated, NOWHERE),
            st.sampled_from(("level", "mandate", "applied_on")),
            st.booleans(),
        ),
    )
    flags = st.sampled_from(("funded", "emergency", "listed_locally", *terms)).map(lambda f: s.Holds(name(f), NOWHERE))
    sets = st.builds(
        lambda chosen, quantifier: s.Includes(
            name("channels"),
            values(*(sorted(chosen)[:1] if quantifier == "one" else sorted(chosen))),
            quantifier,
            NOWHERE,
        ),
        st.sets(st.sampled_from(CHANNELS), min_size=1),
        st.sampled_from(("one", "any", "all")),
    )
    numbers = st.builds(
        lambda operator, number: s.Compare(
            name("pages"), operator, s.Number(Decimal(number), percent=False, span=NOWHERE), NOWHERE
        ),
        st.sampled_from(("at_least", "at_most", "above", "below")),
        st.integers(0, 4),
    )
    offsets = st.builds(
        lambda count, working, after: s.Offset(
            s.Number(Decimal(count), percent=False, span=NOWHERE), working, after, name("applied_on"), NOWHERE
        ),
        st.integers(1, 10),
        st.booleans(),
        st.booleans(),
    )
    dates = st.builds(
        lambda operator, amount: s.Compare(name("date"), operator, amount, NOWHERE),
        st.sampled_from(("no_earlier", "no_later", "before", "after")),
        st.one_of(days(), offsets, st.just(name("applied_on"))),
    )
    places = st.lists(st.sampled_from(PLACES), min_size=1, max_size=2, unique=True).map(
        lambda codes: s.Within(name("target"), tuple(s.Code(code, NOWHERE) for code in codes), NOWHERE)
    )
    kinds: list[st.SearchStrategy[s.Condition]] = [enums, ordered, nones, flags, sets, numbers, dates, places]
    if lists:
        kinds.append(
            st.builds(
                lambda each, off: s.OnList(name(each), (), off, NOWHERE), st.sampled_from(sorted(lists)), st.booleans()
            )
        )
        kinds.append(st.booleans().map(lambda negated: s.OnAnyList(negated, NOWHERE)))
    return st.one_of(kinds)


def _joined(kind: type[s.AllOf | s.AnyOf], parts: list[s.Condition]) -> s.Condition:
    flat = [each for part in parts for each in (part.parts if isinstance(part, kind) else (part,))]
    return kind(tuple(flat), NOWHERE)


@lru_cache
def conditions(lists: tuple[str, ...] = (), terms: tuple[str, ...] = ()) -> st.SearchStrategy[s.Condition]:
    """Conditions, nested a little."""
    return st.recursive(
        atoms(lists, terms),
        lambda inner: st.one_of(
            inner.map(lambda part: s.Not(part, NOWHERE)),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: _joined(s.AllOf, parts)),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: _joined(s.AnyOf, parts)),
        ),
        max_leaves=4,
    )


def _clauses(*found: object) -> tuple[s.Clause, ...]:
    rank: dict[type, int] = {kind: index for index, kind in enumerate(s.CLAUSES)}
    kept: list[s.Clause] = [each for each in found if each is not None]  # type: ignore[misc]  # clauses, or none
    return tuple(sorted(kept, key=lambda each: rank[type(each)]))


def _declare(
    kind: s.DeclarationKind, called: str | None, title: s.Text | None, *clauses: object, **more: object
) -> s.Declaration:
    return s.Declaration(
        kind,
        None if called is None else name(called),
        title,
        _clauses(*clauses),
        NOWHERE,
        NOWHERE,
        **more,  # type: ignore[arg-type]
    )


CITE = s.Cite((s.Citation("《演示文件》", ("第一条",), None, NOWHERE),), NOWHERE)


@lru_cache
def optional_atoms(kind: type) -> st.SearchStrategy[object]:
    """A clause with a condition, or none."""
    return st.none() | atoms().map(lambda condition: kind(condition, NOWHERE))


@st.composite
def _intervals(draw: st.DrawFn) -> tuple[s.From | None, s.Until | None]:
    start, end = sorted(draw(st.tuples(st.sampled_from(DAYS[1:]), st.sampled_from(DAYS[1:]))))
    has_start, has_end = draw(st.booleans()), draw(st.booleans())
    return (
        s.From(s.Day(start, NOWHERE), NOWHERE) if has_start else None,
        s.Until(s.Day(end, NOWHERE), NOWHERE) if has_end else None,
    )


@st.composite
def _items(
    draw: st.DrawFn, prefix: str, higher: Sequence[s.Declaration], *, may_add: bool
) -> tuple[s.Declaration, ...]:
    """Items with codes of their own; those of an implementing list refine items of the higher one."""
    count = draw(st.integers(0 if not higher else 1, 3))
    titles = draw(st.lists(st.sampled_from(TITLES), min_size=count, max_size=count, unique=True))
    items = []
    for number, title in enumerate(titles, 1):
        refines = None
        if higher:
            options = [s.Refines(each.code, NOWHERE) for each in higher if each.code is not None]
            if not options and not may_add:
                continue
            refines = draw(st.sampled_from(options)) if options else None
        role = draw(st.none() | st.sampled_from(ENUMS["role"]).map(lambda value: s.Role(name(value), NOWHERE)))
        when = draw(optional_atoms(s.When))
        unless = draw(optional_atoms(s.Unless))
        item = _declare("item", None, text(title), role, when, unless, refines, *draw(_intervals()))
        items.append(evolve(item, code=s.Code(f"{prefix}-{number}", NOWHERE)))
    return tuple(items)


@frozen(repr=False)
class Made:
    """A generated document and what others may refer to in it."""

    file: s.File
    level: str
    place: str

    def __repr__(self) -> str:
        return f"<{print_file(self.file, 'en')}>"

    @property
    def name(self) -> str:
        """The document's name."""
        return str(self.file.policy.name)

    def lists(self) -> list[s.Declaration]:
        """Its admission lists."""
        return [each for each in self.file.declarations if each.kind == "list"]


ISSUERS = (("central", ""), ("province", "37"), ("city", "3708"), ("county", "370829"), ("county", "370811"))
_RANKS = ("central", "province", "city", "county", "township")


_EXTENTS: st.SearchStrategy[Literal["closed", "open", "partial"]] = st.sampled_from(("closed", "open", "partial"))
_EFFECTIVE = st.tuples(st.sampled_from(DAYS[:3]), st.none() | st.sampled_from(DAYS[5:]))
_KINDS: st.SearchStrategy[s.DeclarationKind] = st.sampled_from(("ban", "require", "admit", "admit", "limit", "duty"))


@st.composite
def _lists(draw: st.DrawFn, number: int, level: str, place: str, above: Sequence[Made]) -> list[s.Declaration]:
    found = []
    for index in range(draw(st.integers(0, 2))):
        if draw(st.booleans()) and draw(st.booleans()):
            found.append(draw(_ban_lists(number, index)))
            continue
        candidates = [
            (made, each)
            for made in above
            for each in made.lists()
            if _RANKS.index(made.level) < _RANKS.index(level) and place.startswith(made.place)
        ]
        chosen = draw(st.none() | st.sampled_from(candidates)) if candidates else None
        if (one := draw(_admission_lists(number, index, chosen))) is not None:
            found.append(one)
    return found


def _residual(condition: s.Condition) -> s.Declaration:
    return _declare("otherwise", None, text("其他"), s.When(condition, NOWHERE))


@st.composite
def _ban_lists(draw: st.DrawFn, number: int, index: int) -> s.Declaration:
    governs, unless = draw(optional_atoms(s.Governs)), draw(optional_atoms(s.Unless))
    residual = map(_residual, draw(st.lists(atoms(), max_size=1)))
    items = draw(_items(f"L{number}{index}", (), may_add=True))
    return _declare("ban_list", f"list{index}", text("禁入清单"), governs, unless, CITE, items=(*items, *residual))


@st.composite
def _admission_lists(
    draw: st.DrawFn, number: int, index: int, chosen: tuple[Made, s.Declaration] | None
) -> s.Declaration | None:
    """An admission list, which carries out the chosen one, if that lets it."""
    governs = draw(optional_atoms(s.Governs))
    residual = tuple(map(_residual, draw(st.lists(atoms(), max_size=1))))
    kind = draw(_EXTENTS)
    answered = draw(st.none() | st.just(name("listed_locally"))) if kind == "partial" else None
    may_add = draw(st.none() | st.just(s.MayAdd(NOWHERE)))
    implements, free = None, True
    higher: tuple[s.Declaration, ...] = ()
    if chosen is not None:
        made, each = chosen
        implements = s.Implements(name(f"{made.name}.{each.name}"), NOWHERE)
        higher = tuple(item for item in each.items if item.kind == "item")
        extent = each.one(s.Extent)
        assert extent is not None
        free = extent.kind != "closed" or each.one(s.MayAdd) is not None
        if not higher and not free:
            return None
        residual = residual if free else ()
    items = draw(_items(f"L{number}{index}", higher, may_add=free))
    return _declare(
        "list",
        f"list{index}",
        text("清单"),
        governs,
        s.Extent(kind, answered, NOWHERE),
        implements,
        may_add,
        CITE,
        *draw(_intervals()),
        items=(*items, *residual),
    )


@st.composite
def reaches(draw: st.DrawFn) -> tuple[Made, ...]:
    """One or two documents with a list that shuts out, and one with an admission that may or may not reach it."""
    made = []
    for number in range(1 + draw(st.integers(0, 1))):
        level, place = draw(st.sampled_from(ISSUERS))
        may_add = draw(st.none() | st.just(s.MayAdd(NOWHERE)))
        shut = _declare("list", "list0", text("清单"), s.Extent("closed", None, NOWHERE), may_add, CITE)
        made.append(Made(s.File(NOWHERE.source, _head(number, level, place, DAYS[0], None), (shut,)), level, place))
    level, place = draw(st.sampled_from(ISSUERS))
    when = s.When(draw(atoms()), NOWHERE)
    admit = _declare("admit", "admit0", text("准入"), when, s.To((), NOWHERE), CITE, *draw(_intervals()))
    made.append(Made(s.File(NOWHERE.source, _head(8, level, place, DAYS[0], None), (admit,)), level, place))
    return tuple(made)


@st.composite
def chains(draw: st.DrawFn) -> tuple[Made, ...]:
    """A list of the centre or a province, and one or two lists of counties that implement it."""
    level, place = draw(st.sampled_from(ISSUERS[:2]))
    start, end = draw(_EFFECTIVE)
    top = draw(_admission_lists(0, 0, None))
    if top is None or not _overlaps(top, start, end):
        return (door(),)
    declarations: tuple[s.Declaration, ...] = (top,)
    if top.one(s.Extent) != s.Extent("open", None, NOWHERE) and draw(st.booleans()):
        named = s.To((name("list0"),), NOWHERE)
        declarations += (_declare("admit", "admit0", text("准入"), s.When(draw(atoms()), NOWHERE), named, CITE),)
    made = [Made(s.File(NOWHERE.source, _head(0, level, place, start, end), declarations), level, place)]
    for number in range(1, 2 + draw(st.integers(0, 1))):
        level, place = draw(st.sampled_from(ISSUERS[3:]))
        start, end = draw(_EFFECTIVE)
        below = draw(_admission_lists(number, 0, (made[0], top)))
        if below is not None and _overlaps(below, start, end):
            file = s.File(NOWHERE.source, _head(number, level, place, start, end), (below,))
            made.append(Made(file, level, place))
    return tuple(made)


@st.composite
def _rules(
    draw: st.DrawFn, lists: tuple[str, ...], shutting: Sequence[str], terms: tuple[str, ...]
) -> list[s.Declaration]:
    found = []
    condition = conditions(lists, terms)
    for index in range(draw(st.integers(0, 4))):
        kind = draw(_KINDS)
        called, title = f"{kind}{index}", text("规定", "a rule")
        when = s.When(draw(condition), NOWHERE)
        unless = [s.Unless(each, NOWHERE) for each in draw(st.lists(atoms(lists, terms), max_size=1))]
        interval = draw(_intervals())
        more: list[object] = []
        if kind == "require":
            more.append(s.Must(draw(atoms(lists, terms)), NOWHERE))
        if kind == "admit":
            chosen = draw(st.lists(st.sampled_from(shutting), max_size=2, unique=True)) if shutting else []
            more.append(s.To(tuple(name(each) for each in chosen), NOWHERE))
        if kind == "limit":
            per = draw(st.lists(st.sampled_from(("target", "department", "kind")), min_size=1, max_size=2, unique=True))
            of = draw(st.none() | st.just(name("pages")))
            each = draw(st.none() | st.sampled_from(("year", "quarter", "month", "week")))
            count = s.Number(Decimal(draw(st.integers(0, 3))), percent=False, span=NOWHERE)
            more.append(s.Quota(count, of, tuple(name(p) for p in per), each, NOWHERE))
        because = s.Because(text("“{title}”不合规定", "“{title}” breaks the rule"), NOWHERE)
        remedy = draw(st.none() | st.just(s.Remedy(text("改正", "mend it"), (), NOWHERE)))
        found.append(_declare(kind, called, title, when, *unless, *more, because, remedy, CITE, *interval))
    return found


def _head(number: int, level: str, place: str, start: dt.date, end: dt.date | None) -> s.Declaration:
    return _declare(
        "policy",
        f"p{number}",
        text("演示文件(自编)", "composed for tests"),
        s.Version(s.Code("1", NOWHERE), NOWHERE),
        s.IssuedBy(name(level), text("演示机关"), NOWHERE),
        s.ForPlace(s.Code(place, NOWHERE) if place else None, None, NOWHERE),
        s.Effective(s.Day(start, NOWHERE), None if end is None else s.Day(end, NOWHERE), NOWHERE),
    )


@st.composite
def documents(draw: st.DrawFn, number: int, above: Sequence[Made] = ()) -> Made:
    """One document, whose lists may implement those of the documents above it."""
    level, place = draw(st.sampled_from(ISSUERS))
    start, end = draw(_EFFECTIVE)
    head = _head(number, level, place, start, end)
    lists = draw(_lists(number, level, place, above))
    lists = [each for each in lists if _overlaps(each, start, end)]
    terms = [
        _declare("term", f"term{index}", None, s.Means(condition, NOWHERE))
        for index, condition in enumerate(draw(st.lists(conditions(), max_size=1)))
    ]
    own = [str(each.name) for each in lists]
    shutting = [
        str(each.name)
        for each in lists
        if each.kind == "list" and each.one(s.Extent).kind != "open"  # type: ignore[union-attr]
    ]
    rules = draw(_rules(tuple(own), shutting, tuple(str(each.name) for each in terms)))
    rules = [each for each in rules if _overlaps(each, start, end)]
    return Made(s.File(NOWHERE.source, head, (*terms, *lists, *rules)), level, place)


def _overlaps(declaration: s.Declaration, start: dt.date, end: dt.date | None) -> bool:
    """Whether a declaration, and each of its items, is in force at some time with its document."""
    first, last = declaration.one(s.From), declaration.one(s.Until)
    meets = (first is None or end is None or first.day.value <= end) and (last is None or last.day.value >= start)
    return meets and all(_overlaps(item, start, end) for item in declaration.items)


EVERYTHING = s.In(name("kind"), values(*ENUMS["kind"]), negated=False, span=NOWHERE)


def door(limits: Sequence[s.Declaration] = ()) -> Made:
    """A document that admits every task."""
    head = _declare(
        "policy",
        "door",
        text("一律准入(自编)", "everything is admitted"),
        s.Version(s.Code("1", NOWHERE), NOWHERE),
        s.IssuedBy(name("central"), text("演示机关"), NOWHERE),
        s.ForPlace(None, None, NOWHERE),
        s.Effective(s.Day(dt.date(2000, 1, 1), NOWHERE), None, NOWHERE),
    )
    admit = _declare("admit", "all", text("一律准入"), s.When(EVERYTHING, NOWHERE), s.To((), NOWHERE), CITE)
    return Made(s.File(NOWHERE.source, head, (admit, *limits)), "central", "")


@st.composite
def doors_with_limits(draw: st.DrawFn) -> Made:
    """A document that admits every task, within one to three limits."""
    limits = []
    for index in range(draw(st.integers(1, 3))):
        per = draw(st.lists(st.sampled_from(("target", "department", "kind")), min_size=1, max_size=2, unique=True))
        of = draw(st.none() | st.just(name("pages")))
        each = draw(st.none() | st.sampled_from(("year", "quarter", "month", "week")))
        count = s.Number(Decimal(draw(st.integers(0, 3))), percent=False, span=NOWHERE)
        quota = s.Quota(count, of, tuple(name(fact) for fact in per), each, NOWHERE)
        when = s.When(draw(st.just(EVERYTHING) | conditions()), NOWHERE)
        limits.append(_declare("limit", f"limit{index}", text("限额"), quota, when, CITE))
    return door(limits)


@st.composite
def policy_sets(draw: st.DrawFn, most: int = 3, *, examples: bool = False) -> tuple[Made, ...]:
    """Documents of one country, some of which implement others; now and then one admits everything.

    With `examples` each has some, which need not hold.
    """
    found: list[Made] = [door()] if draw(st.booleans()) else []
    for number in range(draw(st.integers(1, most))):
        found.append(draw(documents(number, tuple(found))))
    return tuple(draw(_with_examples(each)) for each in found) if examples else tuple(found)


def texts_of(made: Sequence[Made], language: Language = "en") -> dict[str, str]:
    """The texts of documents with the vocabulary that they use."""
    return {"core": CORE} | {f"{each.name}.burden": print_file(each.file, language) for each in made}


def print_made(made: Made) -> str:
    """The text of one document."""
    return print_file(made.file, "en")


# ---- examples -------------------------------------------------------------------------------------------------------------------


def _written(fact: str, value: object) -> s.LiteralNode | s.Values:
    """A value as the text of a policy has it."""
    match value:
        case "none":
            return s.Constant("none", NOWHERE)
        case bool():
            return s.Constant("yes" if value else "no", NOWHERE)
        case int():
            return s.Number(Decimal(value), percent=False, span=NOWHERE)
        case dt.date():
            return s.Day(value, NOWHERE)
        case set() | frozenset():
            return values(*sorted(value))
    if fact == "target":
        return s.Number(Decimal(str(value)), percent=False, span=NOWHERE)
    return text(str(value)) if fact in ("title", "item", "department") else name(str(value))


@st.composite
def _givens(draw: st.DrawFn) -> s.Given:
    """What is told of a task; now and then a fact takes several values in turn."""
    told: list[s.Told | s.Each] = []
    facts = draw(st.lists(st.sampled_from(sorted(FACTS)), min_size=1, max_size=6, unique=True))
    several = draw(st.lists(st.sampled_from(facts), max_size=2, unique=True))
    for fact in facts:
        drawn = FACTS[fact].map(lambda value: frozenset(value) if isinstance(value, set) else value)
        some = draw(st.lists(drawn, min_size=1, max_size=2 if fact in several else 1, unique=True))
        written = tuple(_written(fact, value) for value in some)
        if fact in several:
            told.append(s.Each(name(fact), written, NOWHERE))
        else:
            told.append(s.Told(name(fact), written[0], NOWHERE))
    return s.Given(tuple(told), NOWHERE)


_STATUSES: st.SearchStrategy[Literal["accepted", "rejected", "undetermined"]] = st.sampled_from(
    ("accepted", "rejected", "undetermined")
)


@st.composite
def _with_examples(draw: st.DrawFn, made: Made) -> Made:
    """A document with examples at its end."""
    found = []
    for number in range(draw(st.integers(0, 2))):
        given = draw(st.lists(_givens(), min_size=1, max_size=2))
        expect = s.Expect(draw(_STATUSES), (), (), (), (), NOWHERE)
        found.append(_declare("example", None, text(f"示例{number}", f"example {number}"), *given, expect))
    return evolve(made, file=evolve(made.file, declarations=(*made.file.declarations, *found)))


# ---- tasks -------------------------------------------------------------------------------------------------------------------

FACTS: dict[str, st.SearchStrategy[object]] = {
    "title": st.just("一项任务"),
    "target": st.sampled_from(TARGETS),
    "target_kind": st.sampled_from(ENUMS["target_kind"]),
    "kind": st.sampled_from(ENUMS["kind"]),
    "item": st.sampled_from((*TITLES, "甲 事项", "L00-1", "L10-1", "L01-2", "没有的事项")),
    "date": st.sampled_from(DAYS),
    "level": st.sampled_from((*LEVELS, "none")),
    "mandate": st.sampled_from((*LEVELS, "none")),
    "role": st.sampled_from(ENUMS["role"]),
    "channels": st.sets(st.sampled_from(CHANNELS)),
    "funded": st.booleans(),
    "emergency": st.booleans(),
    "pages": st.integers(0, 4) | st.just("none"),
    "applied_on": st.sampled_from((*DAYS, BEFORE_HOLIDAYS)) | st.just("none"),
    "listed_locally": st.booleans(),
    "department": st.sampled_from(("甲局", "乙局")),
}


@st.composite
def whole_facts(draw: st.DrawFn) -> dict[str, object]:
    """A task of which everything is told."""
    facts = {fact: draw(strategy) for fact, strategy in FACTS.items()}
    if facts["kind"] not in ("work", "form"):
        facts["emergency"] = False
    if facts["kind"] != "work":
        facts["applied_on"] = "none"
    return facts


@st.composite
def some_facts(draw: st.DrawFn) -> tuple[dict[str, object], dict[str, object]]:
    """A task of which part is told, and the same task with more told, perhaps everything."""
    whole = draw(whole_facts())
    more = {fact: value for fact, value in whole.items() if draw(st.integers(0, 9)) > 0}
    less = {fact: value for fact, value in more.items() if draw(st.integers(0, 9)) > 2}
    if "channels" in less and draw(st.booleans()):
        told = whole["channels"]
        assert isinstance(told, set)
        less["channels"] = {
            "includes": sorted(each for each in told if draw(st.booleans())),
            "excludes": sorted(each for each in set(CHANNELS) - told if draw(st.booleans())),
        }
    return less, more


@st.composite
def small_portfolios(draw: st.DrawFn, most: int = 6) -> list[dict[str, object]]:
    """A few tasks, each with its id, of which most is told."""
    found = []
    for number in range(draw(st.integers(1, most))):
        whole = draw(whole_facts())
        facts = {fact: value for fact, value in whole.items() if draw(st.integers(0, 19)) > 0}
        found.append({"id": f"t{number}", **facts})
    return found
