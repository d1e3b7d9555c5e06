"""Rules: bans, requirements, admissions, limits and duties; terms, phrases, promises and examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from burdenlib import policy as p
from burdenlib import syntax as s
from burdenlib.checker.about import read_about
from burdenlib.checker.conditions import check_condition
from burdenlib.checker.context import RULE_KINDS, Context, Head, ListDraft, both
from burdenlib.checker.facts import read_each, read_literal, read_told
from burdenlib.facts import Value
from burdenlib.places import is_inside
from burdenlib.problems import Note
from burdenlib.vocabulary import ACTORS, LEVELS, TELLERS
from burdenlib.words import Words

__all__ = ["check_examples", "check_phrases", "check_promises", "check_rules", "check_terms"]

MAX_TASKS = 1000
"""How many tasks one example may stand for."""

_RANKS = {level: rank for rank, level in enumerate(LEVELS)}
_RULE = Words("本条", "the rule")
_ALWAYS = p.InForce(p.Interval(), _RULE)
"""The time of a rule that has no bounds of its own; one value for all such rules."""


def check_rules(context: Context, head: Head, applies: p.Condition) -> tuple[p.Rule, ...]:
    """The meaning of every rule of a document; `applies` is its place and its time."""
    rules = (
        _check_rule(context, head, declaration, applies)
        for declaration in head.file.declarations
        if declaration.kind in RULE_KINDS
    )
    return tuple(sorted(rules, key=lambda rule: rule.name))


def _check_rule(context: Context, head: Head, declaration: s.Declaration, applies: p.Condition) -> p.Rule:
    context.check_clauses(declaration)
    about = read_about(context, head, declaration)
    when, must, owed_by = declaration.one(s.When), declaration.one(s.Must), declaration.one(s.OwedBy)
    kind = declaration.kind
    assert kind in ("ban", "require", "admit", "limit", "duty")
    if when is None and kind in ("ban", "require", "admit"):
        context.report("missing-clause", declaration.head, {"clause": both("when")})
    if must is None and kind == "require":
        context.report("missing-clause", declaration.head, {"clause": both("must")})
    condition = p.TRUE if when is None else check_condition(context, head, when.condition)
    must_hold = None if must is None else check_condition(context, head, must.condition)
    unless = tuple(check_condition(context, head, each.condition) for each in declaration.all(s.Unless))
    parts: list[p.Condition] = [applies, _ALWAYS if about.interval.is_always else p.InForce(about.interval, _RULE)]
    parts.append(evolve(condition, clause="when"))
    if must_hold is not None:
        parts.append(p.Not(must_hold, clause="must"))
    parts += [p.Not(each, clause="unless") for each in unless]
    to, reaches = _reach(context, head, declaration) if kind == "admit" else (None, ())
    quota = declaration.one(s.Quota)
    return p.Rule(
        kind,
        head.key_of(str(declaration.name)),
        f"{head.name}.{declaration.name}",
        about,
        condition,
        must_hold,
        unless,
        p.All(tuple(parts)),
        to,
        reaches,
        None if quota is None else _quota(context, quota),
        None if owed_by is None else context.word(owed_by.actor, {**ACTORS, **TELLERS}),
    )


def _quota(context: Context, quota: s.Quota) -> p.Quota:
    if quota.count.value < 0 or quota.count.percent:
        context.report("bad-quota", quota.count.span, {"found": quota.count.span.text})
    summed = None if quota.of is None else context.fact(quota.of)
    if summed is not None and quota.of is not None and summed.type.kind != "number":
        details = {"fact": summed.name, "type": summed.type.described, "wanted": both("number_type")}
        context.report("wrong-use", quota.of.span, details)
    per = []
    for name in quota.per:
        if (fact := context.fact(name)) is not None:
            per.append(fact.name)
            if fact.type.kind == "set_of":
                details = {"fact": fact.name, "type": fact.type.described, "wanted": both("one_of")}
                context.report("wrong-use", name.span, details)
    return p.Quota(quota.count.value, None if summed is None else summed.name, tuple(per), quota.each)


# ---- what an admission reaches -----------------------------------------------------------------------------------------


def _reach(context: Context, head: Head, declaration: s.Declaration) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The lists that an admission names, and all that it reaches; naming one out of its reach is an error."""
    clause = declaration.one(s.To)
    if clause is None or not clause.lists:
        return None, tuple(key for key, draft in context.lists.items() if _in_reach(head, draft) is None)
    named: list[str] = []
    for name in clause.lists:
        for key in context.resolve("list", head, name):
            draft = context.lists[key]
            if (reason := _in_reach(head, draft)) is None:
                named.append(key)
                continue
            note = Note(Words("该清单", "the list"), draft.declaration.head)
            context.report("out-of-reach", name.span, {"list": name.text, "reason": reason}, notes=[note])
    reached = dict.fromkeys(named)
    grown = True
    while grown:
        below = [
            key
            for key, draft in context.lists.items()
            if key not in reached
            and any(higher.key in reached for higher in context.higher[key])
            and _in_reach(head, draft) is None
        ]
        reached |= dict.fromkeys(below)
        grown = bool(below)
    return tuple(named), tuple(reached)


def _in_reach(head: Head, draft: ListDraft) -> Words | None:
    """Why an admission of one document doesn't reach a list, or `None` if it does."""
    if draft.is_ban:
        return Words("禁入清单不能由准入打开", "a ban list is not opened by an admission")
    if draft.extent == "open":
        return Words("开放清单不排除任何事项，无须纳入", "an open list shuts nothing out")
    other = draft.head
    if head.level is None or other.level is None:
        return Words("制定机关不明", "its issuer is not known")
    if _RANKS[other.level] >= _RANKS[head.level]:
        if is_inside(other.place, head.place):
            return None
        return Words("该清单不在本文件适用地区内", "the list is for a place outside this document's")
    if draft.may_add and is_inside(head.place, other.place):
        return None
    return Words("上级清单未写明“地方可增补”", "it is a higher level's list that doesn't say `localities may add`")


# ---- terms, phrases, promises, examples ------------------------------------------------------------------------------------


def check_terms(context: Context, head: Head, applies: p.Condition) -> tuple[p.Term, ...]:
    """The terms of a document."""
    terms = []
    for declaration in head.file.declarations:
        if declaration.kind == "term":
            context.check_clauses(declaration)
            read_about(context, head, declaration)
            means = declaration.one(s.Means)
            assert means is not None
            label = None if declaration.title is None else declaration.title.words
            condition = check_condition(context, head, means.condition)
            name = str(declaration.name)
            terms.append(p.Term(head.key_of(name), name, label, condition, applies))
    return tuple(terms)


def check_phrases(context: Context, head: Head) -> tuple[p.Phrases, ...]:
    """The phrases of a document."""
    found = []
    for declaration in head.file.declarations:
        if declaration.kind != "phrases":
            continue
        wordings = {each.excluded: each for each in declaration.all(s.Wordings)}
        texts = {excluded: tuple(text.words.pick("zh") for text in each.texts) for excluded, each in wordings.items()}
        for clause in wordings.values():
            for text in clause.texts:
                if not text.words.pick("zh").strip():
                    context.report("empty-wording", text.span)
        shows = declaration.one(s.Shows)
        fact = None if shows is None else context.fact(shows.fact)
        value = None
        if shows is not None and fact is not None:
            if fact.type.kind != "set_of":
                details = {"fact": fact.name, "type": fact.type.described, "wanted": both("set_of")}
                context.report("wrong-use", shows.fact.span, details)
            else:
                read = read_literal(context, fact, shows.value)
                value = read if isinstance(read, str) else None
        name = str(declaration.name)
        found.append(
            p.Phrases(
                head.key_of(name),
                f"{head.name}.{name}",
                None if declaration.title is None else declaration.title.words,
                texts[False],
                texts.get(True, ()),
                None if fact is None else fact.name,
                value,
                declaration.span,
            )
        )
    return tuple(found)


def check_promises(context: Context, head: Head) -> tuple[p.Promise, ...]:
    """The promises of a document: checked for sense, and noted as not yet proved."""
    promises = []
    for declaration in head.file.declarations:
        if declaration.kind == "promise":
            context.check_clauses(declaration)
            read_about(context, head, declaration)
            promised = declaration.one(s.Promised)
            assert promised is not None
            condition = check_condition(context, head, promised.condition)
            title = None if declaration.title is None else declaration.title.words
            name = str(declaration.name)
            promises.append(p.Promise(name, title, promised.kind, condition, declaration.span))
            context.report("promise-not-proved", declaration.head, {"name": name})
    return tuple(promises)


def check_examples(
    context: Context, head: Head, names: Mapping[str, str], duties: Mapping[str, str]
) -> tuple[p.Example, ...]:
    """The examples of a document; `names` and `duties` give the shown name of each key of a rule or list."""
    examples = []
    for declaration in head.file.declarations:
        if declaration.kind != "example":
            continue
        expect = declaration.one(s.Expect)
        assert expect is not None and declaration.title is not None
        given = tuple(_given(context, clause) for clause in declaration.all(s.Given))
        by = [names[key] for name in expect.by for key in context.resolve("rule", head, name)[:1]]
        owed = _duties(context, head, expect.duties, duties)
        without = _duties(context, head, expect.without, duties)
        asking = [fact.name for name in expect.asking if (fact := context.fact(name)) is not None]
        example = p.Example(
            declaration.title.words,
            given,
            expect.status,
            tuple(by),
            owed,
            without,
            tuple(asking),
            declaration.span,
        )
        if example.count > MAX_TASKS:
            details = {"count": f"{example.count:,}", "limit": f"{MAX_TASKS:,}"}
            context.report("too-many-combinations", declaration.head, details)
        examples.append(example)
    return tuple(examples)


def _duties(context: Context, head: Head, names: Sequence[s.Name], duties: Mapping[str, str]) -> tuple[str, ...]:
    found = []
    for name in names:
        for key in context.resolve("rule", head, name)[:1]:
            if (duty := duties.get(key)) is None:
                context.report("not-a-duty", name.span, {"name": name.text})
            else:
                found.append(duty)
    return tuple(found)


_SEVERAL = Words("几个取值都要成立的，写作“逐一 {…}”", "where the example holds for several values, write `each {…}`")


def _given(context: Context, clause: s.Given) -> Mapping[str, Value | p.Each]:
    """What is told of one task."""
    facts: dict[str, Value | p.Each] = {}
    for told in clause.facts:
        pair = read_each(context, told) if isinstance(told, s.Each) else read_told(context, told, _SEVERAL)
        if pair is not None:
            if pair[0] in facts:
                context.report("told-twice", told.span, {"fact": told.fact.text})
            facts[pair[0]] = pair[1]
    return facts
