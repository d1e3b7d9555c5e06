"""Syntax to checked policies: every problem of all documents is found in one go.

Two steps only stop early: a text that can't be read hides what it declares, and an issuer without the right to
issue ends the checking before anything else is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from burdenlib import policy as p
from burdenlib import syntax as s
from burdenlib.checker.about import read_citations
from burdenlib.checker.conditions import check_condition
from burdenlib.checker.context import Context, Head
from burdenlib.checker.facts import read_facts
from burdenlib.checker.heads import read_heads
from burdenlib.checker.lists import TableReader, check_lists, draft_lists
from burdenlib.checker.order import check_order
from burdenlib.checker.rules import check_examples, check_phrases, check_promises, check_rules, check_terms
from burdenlib.digest import digest
from burdenlib.facts import FactType
from burdenlib.parser import Parsed
from burdenlib.places import EVERYWHERE
from burdenlib.problems import Note, PolicyError, Problem
from burdenlib.vocabulary import SEEN
from burdenlib.words import Words

__all__ = ["IDENTITY", "check"]

MAX_PROBLEMS = 1000
"""How many problems are reported at once."""

IDENTITY: Mapping[str, str] = {
    "id": "text",
    "title": "text",
    "text": "text",
    "item": "text",
    "date": "date",
    "target": "place",
}
"""The facts that the meaning of the language itself rests on, with their types."""


def check(parsed: Iterable[Parsed], read_table: TableReader) -> p.PolicySet:
    """Check all documents together; raises `PolicyError` with every error, else gives them with their warnings."""
    parsed = tuple(parsed)
    context = Context(skipped=frozenset().union(*(each.skipped for each in parsed)))
    context.problems += [problem for each in parsed for problem in each.problems]
    rightful = read_heads(context, (each.file for each in parsed if each.file is not None))
    if not rightful:
        raise PolicyError(context.problems)
    facts = read_facts(context)
    _check_identity(context)
    _declare_names(context)
    _check_uses(context)
    draft_lists(context, read_table)
    for head, declaration, fact in facts:
        only_when = declaration.one(s.OnlyWhen)
        if only_when is not None:
            condition = check_condition(context, head, only_when.condition)
            context.facts[fact.name] = evolve(context.facts[fact.name], only_when=condition)
    result = _policies(context)
    if any(problem.severity == "error" for problem in context.problems):
        raise PolicyError(_once(context.problems))
    return evolve(result, findings=_once(context.problems))


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems without repetitions at one place, as many as anybody reads."""
    seen: dict[object, Problem] = {}
    for problem in problems:
        if len(seen) >= MAX_PROBLEMS:
            seen.setdefault(None, Problem("too-many-problems", problem.where))
            break
        seen.setdefault((problem.code, problem.file, problem.line, problem.column, problem.message("en")), problem)
    return tuple(seen.values())


def _check_identity(context: Context) -> None:
    """The facts on which the language's meaning rests have the types that it needs."""
    for name, kind in IDENTITY.items():
        fact = context.facts.get(name)
        if fact is not None and fact.type.kind != kind:
            wanted = FactType(kind).described  # type: ignore[arg-type]  # the table holds kinds of types
            context.report("wrong-use", fact.span, {"fact": name, "type": fact.type.described, "wanted": wanted})


def _declare_names(context: Context) -> None:
    for head in context.heads:
        names = context.declared.setdefault(head.key, {})
        for declaration in head.file.declarations:
            name = declaration.name
            if name is None or declaration.kind == "fact":
                continue
            if "." in name.text:
                context.report("dotted-name", name.span, {"name": name.text})
            if name.text in names:
                note = Note(Words("另一处在", "the other declaration"), names[name.text].head)
                context.report("duplicate-name", name.span, {"name": name.text}, notes=[note])
            elif declaration.kind == "term" and (fact := context.find_fact(name.text)) is not None:
                note = Note(Words("要素声明在", "the fact's declaration"), fact.span)
                context.report("duplicate-name", name.span, {"name": name.text}, notes=[note])
            names.setdefault(name.text, declaration)


def _check_uses(context: Context) -> None:
    for head in context.heads:
        uses = head.file.policy.one(s.Uses)
        for name in uses.names if uses is not None else ():
            if name.text not in context.versions:
                context.unknown("policy", name, context.versions)


def _policies(context: Context) -> p.PolicySet:
    applies = {
        head.key: p.All(
            (
                *((p.Inside("target", (head.place,), clause="for_place"),) if head.place != EVERYWHERE else ()),
                p.InForce(head.interval, Words("文件", "the document")),
            )
        )
        for head in context.heads
    }
    lists = check_lists(context, applies)
    rules = {head.key: check_rules(context, head, applies[head.key]) for head in context.heads}
    terms = {head.key: check_terms(context, head, applies[head.key]) for head in context.heads}
    phrases = {head.key: check_phrases(context, head) for head in context.heads}
    all_terms = {term.key: term for each in terms.values() for term in each}
    implementers: dict[str, tuple[str, ...]] = {}
    for key in lists:
        for higher in context.higher[key]:
            implementers[higher.key] = (*implementers.get(higher.key, ()), key)
    check_order(context, all_terms, lists, implementers)
    names = {rule.key: rule.name for each in rules.values() for rule in each} | {
        key: each.name for key, each in lists.items()
    }
    duties = {rule.key: rule.name for each in rules.values() for rule in each if rule.kind == "duty"}
    policies = []
    for head in context.heads:
        declaration = head.file.policy
        issuer, place = declaration.one(s.IssuedBy), declaration.one(s.ForPlace)
        supersedes, uses = declaration.one(s.Supersedes), declaration.one(s.Uses)
        cite, seen = declaration.one(s.Cite), declaration.one(s.Seen)
        policy = p.Policy(
            name=head.name,
            version=head.version,
            title=None if declaration.title is None else declaration.title.words,
            level=head.level,
            authority=None if issuer is None else issuer.authority.words,
            place=head.place,
            place_title=None if place is None or place.title is None else place.title.words,
            stated=_stated(declaration),
            in_force=head.interval,
            supersedes=() if supersedes is None else tuple(sorted(name.text for name in supersedes.names)),
            uses=() if uses is None else tuple(sorted(name.text for name in uses.names)),
            cites=() if cite is None else read_citations(cite.citations),
            seen=None if seen is None else context.word(seen.extent, SEEN),
            applies=applies[head.key],
            facts=tuple(fact for fact in context.facts.values() if fact.policy == head.name),
            terms=terms[head.key],
            lists=tuple(each for key, each in lists.items() if context.lists[key].head is head),
            rules=rules[head.key],
            phrases=phrases[head.key],
            promises=check_promises(context, head),
            examples=check_examples(context, head, names, duties),
            counts_working_days=_counts_working_days(head),
            span=declaration.head,
        )
        _check_citations(context, policy)
        policies.append(evolve(policy, digest=digest(policy)))
    owner: dict[str, p.Policy] = {}
    for policy in policies:
        for named in (policy.lists, policy.rules, policy.terms, policy.phrases):
            owner |= {each.key: policy for each in named}
    all_phrases = {each.key: each for group in phrases.values() for each in group}
    return p.PolicySet(tuple(policies), context.facts, lists, all_terms, all_phrases, owner, implementers)


def _counts_working_days(head: Head) -> bool:
    """Whether a condition of the document counts working days."""
    return any(unit in head.file.source.folded for unit in ("working", "工作日"))


def _stated(policy: s.Declaration) -> p.Interval:
    effective = policy.one(s.Effective)
    if effective is None:
        return p.Interval()
    return p.Interval(effective.start.value, None if effective.end is None else effective.end.value)


def _check_citations(context: Context, policy: p.Policy) -> None:
    """Every rule and list cites something, itself or by its document; a ban had better name its own article."""
    for rule in policy.rules:
        _check_cited(context, policy, rule.name, cited=bool(rule.about.cites), refuses=rule.kind in ("ban", "require"))
    for each in policy.lists:
        by_items = bool(each.items) and all(item.about.cites for item in each.items)
        _check_cited(context, policy, each.name, cited=bool(each.about.cites) or by_items, refuses=each.is_ban)


def _check_cited(context: Context, policy: p.Policy, name: str, *, cited: bool, refuses: bool) -> None:
    where = context.declared[policy.key][name.removeprefix(f"{policy.name}.")].head
    if not cited and not policy.cites:
        context.report("uncited-ban" if refuses else "uncited-rule", where, {"name": name})
    elif not cited and refuses:
        context.report("cited-by-document", where, {"name": name})
