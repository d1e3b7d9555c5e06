"""Write `coverage.md`: which rules of the field the shipped policies express, and how their examples show them.

Run `python docs/make_coverage.py` after a policy changes; a test compares. `field_rules.csv` states the rules of the
field, with the reason where none is expressed yet and with what is left out of others; `constructs.csv` states what
a language for them must be able to say, each with the features of policies (`features` below) that say it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path

from attrs import frozen

from burdenlib import Engine
from burdenlib import policy as p
from burdenlib.evaluator import Evaluator
from burdenlib.examples import Judged, Result, related, run_examples
from burdenlib.facts import Value
from burdenlib.intake import make_case
from burdenlib.locate import dsl
from burdenlib.task import Origin, Told
from burdenlib.vocabulary import LEVELS, SEEN
from burdenlib.words import Words

DOCS = Path(__file__).parent
DEMO = "demo"
"""The folder of what is composed: it expresses no rule of the field."""


@cache
def shipped() -> p.PolicySet:
    """All that ships."""
    return Engine.load().policies


# ---- the rules of the field ------------------------------------------------------------------------------------------------


@frozen
class FieldRule:
    """A rule of the field: its statement, why it isn't expressed (if it isn't), what of it is left out."""

    id: str
    group: str
    statement: Words
    reason: str
    rest: str


@frozen
class Construct:
    """Something that the language must be able to say, and the features by which it is found."""

    number: str
    title: Words
    found_by: tuple[str, ...]


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a table in this folder."""
    with (DOCS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def field_rules() -> tuple[FieldRule, ...]:
    """The rules of the field, in their order."""
    return tuple(
        FieldRule(row["id"], row["group"], Words(row["statement_zh"], row["statement_en"]), row["reason"], row["rest"])
        for row in read_table("field_rules.csv")
    )


def constructs() -> tuple[Construct, ...]:
    """What the language must be able to say."""
    return tuple(
        Construct(row["number"], Words(row["zh"], row["en"]), tuple(row["found_by"].split()))
        for row in read_table("constructs.csv")
    )


# ---- where they are expressed --------------------------------------------------------------------------------------------------


@frozen
class Place:
    """A rule, list or item of a document, with the ids that it expresses and how much of its source was seen."""

    policy: p.Policy
    name: str
    refs: tuple[str, ...]
    seen: str | None
    about: p.About

    @property
    def short(self) -> str:
        """The name without the document's."""
        return self.name.removeprefix(f"{self.policy.name}.")


def places(policies: Iterable[p.Policy]) -> Iterator[Place]:
    """Every rule, list and item."""
    for policy in policies:
        for rule in policy.rules:
            yield Place(policy, rule.name, rule.about.refs, rule.about.seen or policy.seen, rule.about)
        for task_list in policy.lists:
            about = task_list.about
            yield Place(policy, task_list.name, about.refs, about.seen or policy.seen, about)
            for item in (*task_list.items, *task_list.otherwise):
                if item.about.refs:
                    seen = item.about.seen or task_list.about.seen or policy.seen
                    yield Place(policy, task_list.name, item.about.refs, seen, item.about)


def expressed(policies: Sequence[p.Policy], rules: Iterable[FieldRule]) -> Mapping[str, tuple[Place, ...]]:
    """Where each rule of the field is expressed. Raises `SystemExit` for an id that there isn't."""
    known = {rule.id for rule in rules}
    found: dict[str, list[Place]] = {}
    for place in places(policies):
        for ref in place.refs:
            if ref not in known:
                raise SystemExit(f"{place.about.where}: `{ref}` is no rule of the field")
            found.setdefault(ref, []).append(place)
    return {ref: tuple(each) for ref, each in found.items()}


# ---- features of policies --------------------------------------------------------------------------------------------------------


def features(policy: p.Policy) -> Iterator[tuple[str, str]]:
    """What a document makes use of, as `kind:what`, and where."""
    yield from ((f"seen:{policy.seen}", "") for _ in [None] if policy.seen)
    for rule in policy.rules:
        for feature in _of_rule(rule):
            yield feature, rule.name
    for each in policy.lists:
        for feature in _of_list(each):
            yield feature, each.name
    for term in policy.terms:
        for feature in _of_condition(term.condition):
            yield feature, f"{policy.name}.{term.name}"
    for phrases in policy.phrases:
        yield "declares:phrases", phrases.name
        yield from ((f"phrases:{what}", phrases.name) for what in _of_phrases(phrases))
    for example in policy.examples:
        yield f"expects:{example.status}", ""


def _of_rule(rule: p.Rule) -> Iterator[str]:
    yield f"declares:{rule.kind}"
    yield from _of_about(rule.about, "rule")
    for condition in (rule.when, *([] if rule.must is None else [rule.must]), *rule.unless):
        yield from _of_condition(condition)
    if rule.unless:
        yield "rule:unless"
    if any(isinstance(each, p.All | p.Any | p.TermUse) for each in rule.unless):
        yield "unless:composite"
    if rule.quota is not None:
        yield f"quota:{rule.quota.each or 'any time'}"
        yield from (f"quota:{fact}" for fact in rule.quota.per)


def _of_list(each: p.TaskList) -> Iterator[str]:
    yield "list:ban" if each.is_ban else f"list:{each.extent}"
    yield from _of_about(each.about, "list")
    marks = {
        "answered_by": each.answered_by is not None,
        "implements": bool(each.implements),
        "localities_may_add": each.may_add,
        "item_states": bool(each.states),
        "otherwise": bool(each.otherwise),
        "unless": bool(each.unless),
    }
    yield from (f"list:{mark}" for mark, holds in marks.items() if holds)
    for condition in (each.when, *each.unless):
        yield from _of_condition(condition)
    for item in (*each.items, *each.otherwise):
        yield from _of_item(item)


def _of_item(item: p.Item) -> Iterator[str]:
    marks = {
        "role": item.role is not None,
        "place": item.place is not None,
        "refines": item.refines is not None,
        "instead": item.instead is not None,
        "unless": bool(item.unless),
        "from": item.about.interval.start is not None,
        "until": item.about.interval.end is not None,
    }
    yield from (f"item:{mark}" for mark, holds in marks.items() if holds)
    for condition in (item.when, *item.unless):
        yield from _of_condition(condition)


def _of_about(about: p.About, of: str) -> Iterator[str]:
    marks = {
        "because": about.because is not None,
        "cite": bool(about.cites),
        "remedy": about.remedy is not None,
        "from": about.interval.start is not None,
        "until": about.interval.end is not None,
    }
    yield from (f"{of}:{mark}" for mark, holds in marks.items() if holds)
    if about.remedy is not None and about.remedy.changes:
        yield "remedy:set"
    for word, value in (("binds", about.binds), ("grade", about.grade), ("seen", about.seen)):
        if value is not None:
            yield f"{word}:{value.replace(' ', '_')}"
    if about.because is not None and "{channels}" in (about.because.pick("en") or ""):
        yield "slot:channels"
    yield from (f"ref:{ref}" for ref in about.refs)


def _of_phrases(phrases: p.Phrases) -> Iterator[str]:
    if phrases.excluded:
        yield "excluded"
    if phrases.fact is not None:
        yield "shows"


def _of_condition(condition: p.Condition) -> Iterator[str]:
    yield from (f"fact:{fact}" for fact in p.facts_of(condition))
    for leaf in p.leaves(condition):
        yield f"condition:{type(leaf).__name__}"
        match leaf:
            case p.Contains("approved_by", values):
                yield from (f"approver:{value}" for value in values)
            case p.Compare(_, _, p.Offset(_, working, _)):
                yield "condition:Offset"
                yield "offset:working" if working else "offset:calendar"
            case p.Compare(_, _, Decimal()):
                yield "condition:Number"
            case _:
                pass


def used_features(policies: Sequence[p.Policy]) -> Mapping[str, tuple[tuple[p.Policy, str], ...]]:
    """Where each feature is used, what is composed left out."""
    found: dict[str, list[tuple[p.Policy, str]]] = {}
    for policy in policies:
        if not is_composed(policy):
            for feature, where in features(policy):
                found.setdefault(feature, []).append((policy, where))
    names = [policy.name for policy in policies]
    for policy in policies:
        if names.count(policy.name) > 1 and not is_composed(policy):
            found.setdefault("document:versions", []).append((policy, ""))
    return {feature: tuple(dict.fromkeys(each)) for feature, each in found.items()}


# ---- how examples show the rules -------------------------------------------------------------------------------------------------

DAY = timedelta(days=1)


@frozen
class Shown:
    """A task, or portfolio, of an example that was judged, and the evaluator of each of its tasks, the judged one last."""

    result: Result
    judged: Judged
    evaluators: tuple[Evaluator, ...]

    @property
    def last(self) -> Evaluator:
        """The evaluator of the judged task."""
        return self.evaluators[-1]

    def decided_by(self, rule: p.Rule) -> bool:
        """Whether this version of the rule is a reason of the answer."""
        assert self.judged.verdict is not None
        return any(
            reason.rule == rule.name and reason.truth and reason.where == rule.about.where
            for reason in self.judged.verdict.reasons
        )


@frozen
class Gap:
    """A rule or list, and what no example shows of it."""

    policy: p.Policy
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.policy.key} {self.name.removeprefix(f'{self.policy.name}.')}: {self.what}"


@cache
def show(policies: p.PolicySet) -> Mapping[str, tuple[Shown, ...]]:
    """The judged examples by the name of their document. Raises `SystemExit` where one can't be judged."""
    found: dict[str, list[Shown]] = {}
    under: dict[str, p.PolicySet] = {}
    for result in run_examples(policies):
        policy, example = result.policy, result.example
        if result.verdict is None:
            raise SystemExit(f"{example.span}: {result.got.pick('en')}")
        if policy.name not in under:
            under[policy.name] = p.restrict(policies, related(policies, policy))
        for task in result.tasks:
            evaluators = tuple(_evaluator(under[policy.name], given) for given in task.given)
            found.setdefault(policy.name, []).append(Shown(result, task, evaluators))
    return {name: tuple(each) for name, each in found.items()}


def _evaluator(policies: p.PolicySet, given: Mapping[str, Value]) -> Evaluator:
    told = [Told(value, Origin(policies.facts[name].set_by[0]), name) for name, value in given.items()]
    case, _ = make_case(policies, "", told)
    return Evaluator(policies, case.known)


def gaps(policies: p.PolicySet, shown: Mapping[str, tuple[Shown, ...]]) -> Iterator[Gap]:
    """What of the shipped rules and lists no example of their document shows."""
    for policy in policies.policies:
        examples = shown.get(policy.name, ())
        for rule in policy.rules:
            yield from (Gap(policy, rule.name, what) for what in _unshown_of_rule(rule, examples))
        for each in policy.lists:
            yield from (Gap(policy, each.name, what) for what in _unshown_of_list(policy, each, examples))


def _unshown_of_rule(rule: p.Rule, examples: Sequence[Shown]) -> Iterator[str]:
    if not any(fires(rule, each) for each in examples):
        yield "firing"
    if not any(just_misses(rule, each) for each in examples):
        yield "just missing"
    for number in range(len(rule.unless)):
        if not any(saved(rule, number, each) for each in examples):
            yield f"saved by exception {number + 1}"


def fires(rule: p.Rule, shown: Shown) -> bool:
    """Whether the rule decides an example; an admission, whether it applies; a duty, whether it comes along."""
    applies = shown.last.fires(rule).truth is True
    if rule.kind == "admit":
        return applies
    if rule.kind == "duty":
        return applies and shown.judged.verdict is not None and shown.judged.verdict.status == "accepted"
    return shown.decided_by(rule)


def just_misses(rule: p.Rule, shown: Shown) -> bool:
    """Whether all but one part of the rule's condition hold, exceptions apart; of a limit, whether it isn't used up."""
    if rule.kind == "limit":
        accepted = shown.judged.verdict is not None and shown.judged.verdict.status == "accepted"
        return accepted and shown.last.fires(rule).truth is True
    truths = [shown.last.prove(part).truth for part in _core(rule, shown.last)]
    return truths.count(False) == 1 and None not in truths


def saved(rule: p.Rule, number: int, shown: Shown) -> bool:
    """Whether an exception holds and all of the rule's condition does."""
    held = all(shown.last.prove(part).truth for part in _core(rule, shown.last))
    return held and shown.last.prove(rule.unless[number]).truth is True


def _core(rule: p.Rule, evaluator: Evaluator) -> Iterator[p.Condition]:
    """The parts of a rule's condition, its exceptions left out."""
    for part in p.parts_of(rule.fires):
        if part.clause != "unless":
            yield from _parts(part, evaluator)


def _parts(condition: p.Condition, evaluator: Evaluator) -> Iterator[p.Condition]:
    """The parts of a conjunction, also where terms and negations hide it."""
    terms = evaluator.policies.terms
    match condition:
        case p.All(parts):
            for part in parts:
                yield from _parts(part, evaluator)
        case p.Not(p.Any(parts)):
            for part in parts:
                yield from _parts(p.Not(part), evaluator)
        case p.TermUse((key,)):
            yield from _parts(terms[key].condition, evaluator)
        case p.Not(p.TermUse((key,))):
            yield from _parts(p.Not(terms[key].condition), evaluator)
        case _:
            yield condition


def _unshown_of_list(policy: p.Policy, task_list: p.TaskList, examples: Sequence[Shown]) -> Iterator[str]:
    coverages = [each.last.cover(task_list.key) for each in examples]
    if not any(each.truth for each in coverages):
        yield "an item on it"
    if not any(each.governs.truth and each.covers is False for each in coverages):
        yield "an item off it"
    days = {each.last.day for each in examples if each.last.prove(task_list.when).truth}
    start, end = in_force(policy, task_list)
    for what, day in (
        ("the first day", start),
        ("the day before", None if start is None else start - DAY),
        ("the last day", end),
        ("the day after", None if end is None else end + DAY),
    ):
        if day is not None and day not in days:
            yield what


def in_force(policy: p.Policy, task_list: p.TaskList) -> tuple[date | None, date | None]:
    """The first and the last day on which a list is in force; where every item begins later, when the first does."""
    intervals = (policy.in_force, task_list.about.interval)
    starts = [each.start for each in intervals if each.start is not None]
    ends = [each.end for each in intervals if each.end is not None]
    items = [item.about.interval.start for item in task_list.items]
    if items and not task_list.otherwise and None not in items:
        starts.append(min(day for day in items if day is not None))
    return max(starts, default=None), min(ends, default=None)


# ---- the page --------------------------------------------------------------------------------------------------------------------

HEAD = """\
# Coverage of the field · 规则覆盖

<!-- written by make_coverage.py; don't edit -->

Which rules of the field the shipped policies express, how much of each source was seen, and what their examples show.
Every rule, list and item names in `ref` the ids that it expresses; this page is generated from that.
“As a duty” says that a rule only comes along with an accepted task and refuses nothing.
What is composed for demonstration expresses nothing.

随附的文件写出了哪些规则、各自的来源见到多少、示例表明了什么。
每条规则、每张清单、每个事项以“编号”写明所表达的规则,本页由此生成。
“仅作义务”是指只随准入的任务一并告知,不据此拒绝。
自编的演示文件不计。

"""

WHAT = {
    "firing": "适用",
    "just missing": "差一点",
    "saved by exception": "例外",
    "an item on it": "在清单上",
    "an item off it": "不在清单上",
    "the first day": "首日",
    "the day before": "前一日",
    "the last day": "末日",
    "the day after": "次日",
}


def page() -> str:
    """The whole page."""
    policies = shipped()
    rules = field_rules()
    where = expressed([each for each in policies.policies if not is_composed(each)], rules)
    shown = show(policies)
    parts = (
        _summary(policies, rules, where),
        _rules(rules, where),
        _constructs(used_features(policies.policies)),
        _documents(policies),
        _gaps(policies, shown),
    )
    return HEAD + "\n".join("".join(part) for part in parts)


def is_composed(policy: p.Policy) -> bool:
    """Whether a document is composed for demonstration, or holds facts only."""
    return Path(policy.file).parent.name == DEMO or not policy.decides


def _summary(
    policies: p.PolicySet, rules: Sequence[FieldRule], where: Mapping[str, tuple[Place, ...]]
) -> Iterator[str]:
    documents = [each for each in policies.policies if not is_composed(each)]
    lists = sum(len(each.lists) for each in documents)
    items = sum(len(each.items) for document in documents for each in document.lists)
    own = sum(len(each.rules) for each in documents)
    examples = sum(len(each.examples) for each in policies.policies)
    yield "| | |\n|---|---|\n"
    yield f"| rules of the field 领域规则 | {len(rules)} |\n"
    yield f"| expressed 已表达 | {len(where)} |\n"
    yield f"| not expressed 未表达 | {len(rules) - len(where)} |\n"
    yield f"| documents 文件 | {len(documents)} |\n"
    yield f"| rules in them 规则 | {own} |\n"
    yield f"| lists 清单 | {lists} |\n"
    yield f"| items 事项 | {items} |\n"
    yield f"| examples 示例 | {examples} |\n"


def _rules(rules: Sequence[FieldRule], where: Mapping[str, tuple[Place, ...]]) -> Iterator[str]:
    yield "## The rules of the field · 领域规则\n"
    for group, members in groupby(rules, key=lambda rule: rule.group):
        each = tuple(members)
        yield f"\n### {each[0].id[0]} {group.replace(' / ', ' · ')}\n\n"
        yield "| id | 规则 statement | 表达于 expressed in · 来源 seen | 未写部分 left out |\n|---|---|---|---|\n"
        for rule in each:
            cells = (rule.id, _both(rule.statement), _expressed(rule, where.get(rule.id, ())), _lines(rule.rest))
            yield _row(cells)


def _expressed(rule: FieldRule, found: Sequence[Place]) -> str:
    if not found:
        return f"**not yet 尚未表达**<br>{_lines(rule.reason)}"
    by_document: dict[str, list[Place]] = {}
    for place in found:
        by_document.setdefault(place.policy.key, []).append(place)
    lines = []
    for places_ in by_document.values():
        names = "、".join(dict.fromkeys(place.short for place in places_))
        seen = "、".join(dict.fromkeys(_seen(place.seen) for place in places_))
        lines.append(f"{_link(places_[0].policy)} {names} · {seen}")
    if all(_is_duty(place) for place in found):
        lines.append("*仅作义务 as a duty*")
    return "<br>".join(lines)


def _is_duty(place: Place) -> bool:
    return any(rule.name == place.name and rule.kind == "duty" for rule in place.policy.rules)


def _constructs(used: Mapping[str, tuple[tuple[p.Policy, str], ...]]) -> Iterator[str]:
    yield "## What the language must be able to say · 语言须能表达的\n\n"
    yield "| | 结构 construct | 特征 feature | 用于 used in |\n|---|---|---|---|\n"
    for construct in constructs():
        lines = []
        for feature in construct.found_by:
            uses = used.get(feature, ())
            documents = dict.fromkeys(policy.key for policy, _ in uses)
            first = _link(uses[0][0]) if uses else "**nowhere 无**"
            more = f" +{len(documents) - 1}" if len(documents) > 1 else ""
            name = uses[0][1].rpartition(".")[2] if uses else ""
            lines.append((f"`{feature}`", f"{first} {name}".rstrip() + more))
        yield _row(
            (
                construct.number,
                _both(construct.title),
                "<br>".join(feature for feature, _ in lines),
                "<br>".join(use for _, use in lines),
            )
        )


def _documents(policies: p.PolicySet) -> Iterator[str]:
    yield "## The documents · 文件\n\n"
    yield (
        "| name 名称 | title 标题 | level 层级 | place 地区 | in force 施行 | seen 所见 | rules 规则 | lists 清单 | items 事项 "
        "| examples 示例 |\n|---|---|---|---|---|---|---|---|---|---|\n"
    )
    for policy in sorted(policies.policies, key=lambda each: (_file(policy=each), each.name)):
        if not policy.decides:
            continue
        title = _both(policy.title) if policy.title is not None else ""
        place = f"{policy.place or '全国'} {policy.place_title.pick('zh') if policy.place_title is not None else ''}"
        counts = (
            len(policy.rules),
            len(policy.lists),
            sum(len(each.items) for each in policy.lists),
            len(policy.examples),
        )
        level = LEVELS[policy.level] if policy.level is not None else ""
        cells = (_link(policy), title, level, place.strip(), _interval(policy.in_force), _seen(policy.seen))
        yield _row((*cells, *map(str, counts)))


def _interval(interval: p.Interval) -> str:
    start = "" if interval.start is None else interval.start.isoformat()
    end = "" if interval.end is None else interval.end.isoformat()
    return f"{start} – {end}".strip()


def _gaps(policies: p.PolicySet, shown: Mapping[str, tuple[Shown, ...]]) -> Iterator[str]:
    found = list(gaps(policies, shown))
    by_what = {what: 0 for what in WHAT}
    for gap in found:
        by_what[_kind_of(gap)] += 1
    yield "## What the examples show · 示例\n\n"
    yield "Each rule has to be shown firing, saved by each of its exceptions, and just missing (all parts but one hold);\n"
    yield "each list with an item on it and one off it, on its first and last day, the day before and the day after.\n"
    yield "An example counts for the document that it stands in, all versions together.\n\n"
    yield "每条规则应有示例表明其适用、被每个例外排除、只差一个条件;每张清单应有在其上和不在其上的事项,\n"
    yield "以及首日、末日、前一日、次日。示例计入所在文件的各个版本。\n\n"
    yield "| | not shown 未表明 |\n|---|---|\n"
    yield from (_row((f"{what} {WHAT[what]}", str(count))) for what, count in by_what.items())
    if found:
        yield "\n| document 文件 | rule or list 规则、清单 | not shown 未表明 |\n|---|---|---|\n"
        for (_, name), members in groupby(found, key=lambda gap: (gap.policy.key, gap.name)):
            each = tuple(members)
            cells = (_link(each[0].policy), name.rpartition(".")[2], "、".join(gap.what for gap in each))
            yield _row(cells)


def _kind_of(gap: Gap) -> str:
    return next(what for what in WHAT if gap.what.startswith(what))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def _both(words: Words) -> str:
    return "<br>".join(dict.fromkeys(words.ordered("zh")))


def _lines(text: str) -> str:
    return text.replace(" / ", "<br>")


def _seen(seen: str | None) -> str:
    return "—" if seen is None else f"{SEEN[seen]} {seen}"


def _file(policy: p.Policy) -> str:
    return Path(policy.file).resolve().relative_to(dsl().resolve()).as_posix()


def _link(policy: p.Policy) -> str:
    return f"[{policy.name} {policy.version}](../dsl/{_file(policy)})"


if __name__ == "__main__":
    (DOCS / "coverage.md").write_text(page(), "utf-8")
