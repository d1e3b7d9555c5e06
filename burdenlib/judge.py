"""From proofs to an answer: what rejects a task, what admits it, and what is open.

Rejected if a ban fires, a requirement is violated, a ban list covers the task or a document shuts it out; accepted
if all of that is definitely not so and something definitely admits it; else undetermined.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from burdenlib import policy as p
from burdenlib import workdays
from burdenlib.answer import (
    Admission,
    Coverage,
    Duty,
    Missing,
    PolicyUsed,
    Proof,
    ProposedChange,
    Reason,
    ReasonKind,
    Status,
)
from burdenlib.evaluator import Evaluator
from burdenlib.facts import Value
from burdenlib.intake import Case
from burdenlib.lists import near_titles
from burdenlib.logic import Truth, all_true, any_true, negate
from burdenlib.places import is_inside
from burdenlib.verdict import Verdict
from burdenlib.vocabulary import LEVELS
from burdenlib.words import Words

__all__ = ["Charge", "Ground", "Grounds", "bearing", "grounds", "judge"]


# ---- grounds: what can reject or admit a task -------------------------------------------------------------------------------


@frozen
class Charge:
    """Something that can reject a task: a rule, a ban list, or (with neither) a document that shuts it out."""

    policy: p.Policy
    rule: p.Rule | None = None
    ban_list: p.TaskList | None = None

    def truth(self, evaluator: Evaluator) -> Truth:
        """Whether it rejects."""
        if self.rule is not None:
            return evaluator.fires(self.rule).truth
        if self.ban_list is not None:
            saved = [negate(evaluator.prove(unless).truth) for unless in self.ban_list.unless]
            return all_true((evaluator.cover(self.ban_list.key).truth, *saved))
        return _shut_out(self.policy, evaluator)


@frozen
class Ground:
    """Something that can admit a task: an admission list, or an admission."""

    policy: p.Policy
    rule: p.Rule | None = None
    task_list: p.TaskList | None = None

    def truth(self, evaluator: Evaluator) -> Truth:
        """Whether it admits."""
        if self.rule is not None:
            return evaluator.fires(self.rule).truth
        assert self.task_list is not None
        return evaluator.cover(self.task_list.key).truth


def bearing(policies: p.PolicySet, each: Charge | Ground) -> tuple[tuple[p.Rule, ...], tuple[p.TaskList, ...]]:
    """The rules and the lists that decide whether something rejects or admits."""
    if each.rule is not None:
        return (each.rule,), ()
    one = each.ban_list if isinstance(each, Charge) else each.task_list
    if one is not None:
        return (), (one,)
    lists = tuple(task_list for task_list in each.policy.lists if not task_list.is_ban)
    reaching = (rule for task_list in lists if task_list.shuts_out for rule in policies.reaching(task_list.key))
    return tuple(dict.fromkeys(reaching)), lists


def _shut_out(policy: p.Policy, evaluator: Evaluator) -> Truth:
    """Whether a closed or partial list of the document governs the task, none covers it, and no admission reaches it."""
    shutting = [each for each in policy.lists if each.shuts_out]
    governed = any_true(evaluator.cover(each.key).governs.truth for each in shutting)
    if governed is False:
        return False
    covered = any_true(evaluator.cover(each.key).truth for each in policy.lists if not each.is_ban)
    if covered:
        return False
    reached = any_true(
        all_true((evaluator.cover(each.key).governs.truth, evaluator.fires(rule).truth))
        for each in shutting
        for rule in evaluator.policies.reaching(each.key)
    )
    return all_true((governed, negate(covered), negate(reached)))


@frozen
class Grounds:
    """All that can reject or admit a task, and the documents for places inside its target."""

    charges: tuple[Charge, ...]
    admitting: tuple[Ground, ...]
    narrower: tuple[p.Policy, ...]


def grounds(policies: p.PolicySet, evaluator: Evaluator) -> Grounds:
    """What in the loaded documents can reject or admit a task for its place and on its day."""
    charges: list[Charge] = []
    admitting: list[Ground] = []
    for policy in policies.policies:
        if evaluator.prove(policy.applies).truth is False:
            continue
        for rule in policy.rules:
            if rule.kind in ("ban", "require"):
                charges.append(Charge(policy, rule=rule))
            elif rule.kind == "admit":
                admitting.append(Ground(policy, rule=rule))
        for each in policy.lists:
            if each.is_ban:
                charges.append(Charge(policy, ban_list=each))
            else:
                admitting.append(Ground(policy, task_list=each))
        if any(each.shuts_out for each in policy.lists):
            charges.append(Charge(policy))
    return Grounds(tuple(charges), tuple(admitting), tuple(_narrower(policies, evaluator)))


def _narrower(policies: p.PolicySet, evaluator: Evaluator) -> Iterator[p.Policy]:
    """The documents for a place that is, or may be, inside the task's target, and that are, or may be, in force."""
    target = evaluator.read("target").value
    if target is not None and not isinstance(target, str):
        return
    for policy in policies.policies:
        inside = policy.place != target and is_inside(policy.place, target or "")
        if inside and policy.place and evaluator.prove(p.InForce(policy.in_force, Words())).truth is not False:
            yield policy


# ---- the answer -----------------------------------------------------------------------------------------------------------


def judge(policies: p.PolicySet, case: Case) -> Verdict:
    """Judge one task by itself; limits are named, not yet judged, and `missing` is left empty."""
    evaluator = Evaluator(policies, case.known, case.as_of)
    found = grounds(policies, evaluator)
    charges = [(charge, charge.truth(evaluator)) for charge in found.charges]
    fired = [_reason(charge, truth, evaluator) for charge, truth in charges if truth]
    open_ = [_reason(charge, truth, evaluator) for charge, truth in charges if truth is None]
    admitting = [(ground, ground.truth(evaluator)) for ground in found.admitting]
    admitted = any_true(truth for _, truth in admitting)
    status: Status = "undetermined"
    reasons: list[Reason] = open_
    if fired:
        status, reasons = "rejected", fired
    elif admitted and not open_ and not found.narrower:
        status, reasons = "accepted", []
    else:
        target = evaluator.read("target").value
        reasons = [*open_, *(_narrower_reason(policy, target) for policy in found.narrower)]
        if not admitted and not any(reason.kind in ("not_listed", "partial_list") for reason in reasons):
            reasons.append(_no_list(evaluator, admitted, found))
    reasons = sorted(reasons, key=lambda reason: _rank(policies, reason))
    reasons += [
        Reason("error", None, p.About(), (), None, message=words) for words in (*case.errors, *_errors(reasons))
    ]
    return Verdict(
        task=case.task,
        status=status,
        reasons=tuple(reasons),
        admitted_by=tuple(_admission(g, evaluator) for g, truth in admitting if truth and _speaks(g, evaluator)),
        duties=tuple(_duties(policies, evaluator)) if status == "accepted" else (),
        limits=tuple(_limits(policies, evaluator)),
        missing=(),
        remedies=_remedies(policies, reasons) if status == "rejected" else (),
        assumed=case.assumed,
        claimed=case.claimed,
        as_of=evaluator.day,
        policies=tuple(_used(policies, evaluator, found)),
        known={name: known.value for name, known in case.known.items()},
        policy_set=policies,
    )


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


def _rank(policies: p.PolicySet, reason: Reason) -> tuple[int, int, str]:
    """Where a reason stands among others: bans first, of the highest level first."""
    name = (reason.rule or "").partition(".")[0]
    level = next((policy.level for policy in policies.policies if policy.name == name), None)
    levels = [*LEVELS]
    return _KINDS.index(reason.kind), levels.index(level) if level is not None else len(levels), reason.rule or ""


def _reason(charge: Charge, truth: Truth, evaluator: Evaluator) -> Reason:
    policy = charge.policy
    if charge.rule is not None:
        rule, about = charge.rule, charge.rule.about
        kind: ReasonKind = "ban" if rule.kind == "ban" else "require"
        cites, seen = about.cites or policy.cites, about.seen or policy.seen
        proof = (evaluator.fires(rule),)
        return Reason(kind, rule.name, about, cites, truth, about.refs, proof, seen=seen)
    if charge.ban_list is not None:
        return _ban_list_reason(charge, charge.ban_list, truth, evaluator)
    return _shut_out_reason(policy, truth, evaluator)


def _ban_list_reason(charge: Charge, ban_list: p.TaskList, truth: Truth, evaluator: Evaluator) -> Reason:
    coverage = evaluator.cover(ban_list.key)
    item = coverage.item or (coverage.found[0] if coverage.found else None)
    not_held = truth is None and ban_list.extent == "partial" and coverage.found == ()
    proof = tuple(evaluator.prove(unless) for unless in ban_list.unless)
    about, policy = ban_list.about, charge.policy
    cites, refs, seen = about.cites or policy.cites, about.refs, about.seen or policy.seen
    if item is not None:
        refs = tuple(dict.fromkeys((*item.about.refs, *refs)))
        cites, seen = item.about.cites or cites, item.about.seen or seen
        about = evolve(
            about,
            because=item.about.because or about.because,
            remedy=item.about.remedy or about.remedy,
        )
    return Reason(
        "partial_list" if not_held else "ban_list",
        ban_list.name,
        about,
        cites,
        truth,
        refs,
        proof,
        (coverage,),
        seen,
        _near(evaluator, ban_list) if not_held else (),
        instead=None if item is None else item.instead,
    )


def _shut_out_reason(policy: p.Policy, truth: Truth, evaluator: Evaluator) -> Reason:
    coverages = [evaluator.cover(each.key) for each in policy.lists if each.shuts_out]
    governing = [each for each in coverages if each.governs.truth is not False]
    first = next((each for each in governing if each.governs.truth), governing[0])
    not_held = truth is None and any(
        each.task_list.extent == "partial" and each.found == () and each.truth is None for each in governing
    )
    task_list, about = first.task_list, first.task_list.about
    admits = dict.fromkeys(rule for each in governing for rule in evaluator.policies.reaching(each.task_list.key))
    proof = tuple(proof for rule in admits if (proof := evaluator.fires(rule)).truth is None)
    return Reason(
        "partial_list" if not_held else "not_listed",
        task_list.name,
        about,
        about.cites or policy.cites,
        truth,
        about.refs,
        proof,
        tuple(governing),
        about.seen or policy.seen,
        tuple(dict.fromkeys(near for each in governing for near in _near(evaluator, each.task_list)))[:3],
    )


def _near(evaluator: Evaluator, task_list: p.TaskList) -> tuple[str, ...]:
    """Titles like the task's item, where the list has no item with its code or title."""
    value = evaluator.read("item").value
    coverage = evaluator.cover(task_list.key)
    if not isinstance(value, str) or coverage.found:
        return ()
    return near_titles(value, (item.title.pick("zh") for item in task_list.items))


def _narrower_reason(policy: p.Policy, target: Value | None) -> Reason:
    place = policy.place_title.pick("zh") if policy.place_title is not None else policy.place
    message = (
        Words(
            f"任务对象尚未说明，{place}另有规定({policy.name})",
            f"the target isn't told, and {place} has rules of its own ({policy.name})",
        )
        if target is None
        else Words(
            f"任务覆盖的范围内，{place}另有规定({policy.name});请按地区分别申报",
            f"{place}, inside the task's target, has rules of its own ({policy.name}); register the task for each place",
        )
    )
    return Reason("narrower_policy", policy.name, policy.about, policy.cites, None, message=message)


def _no_list(evaluator: Evaluator, admitted: Truth, found: Grounds) -> Reason:
    """That no list and no admission decides, and whose list is wanted."""
    target, kind = evaluator.read("target").value, evaluator.read("kind").value
    fact = evaluator.policies.facts.get("kind")
    shown = (
        fact.type.words(kind) if fact is not None and isinstance(kind, str) else Words("该类事项", "this kind of task")
    )
    whose = Words("对象所在地有权机关", "whoever decides for the place of the task's target")
    if isinstance(target, str):
        code = target[:6]
        level = {2: "province", 4: "city", 6: "county"}[len(code)]
        whose = Words(f"{LEVELS[level]}级({code})", f"the {level} ({code})")
    if admitted is None:
        proof = tuple(
            evaluator.fires(ground.rule)
            for ground in found.admitting
            if ground.rule is not None and ground.truth(evaluator) is None
        )
        coverage = tuple(
            evaluator.cover(ground.task_list.key)
            for ground in found.admitting
            if ground.task_list is not None and ground.truth(evaluator) is None
        )
        message = Words(
            f"是否准入尚不能确定：没有封闭或节选清单管辖({shown.pick('zh')}),能否准入取决于未告知的要素",
            f"nothing is known to admit it: no closed or partial list governs it ({shown.pick('en')}), and what could "
            "admit it hangs on facts that were not told",
        )
        return Reason("no_list", None, p.About(), (), None, (), proof, coverage, message=message)
    message = Words(
        f"尚无清单或规定决定该事项({shown.pick('zh')})能否下达，需由{whose.pick('zh')}制定清单或作出决定",
        f"no list or rule decides on this task ({shown.pick('en')}); a list of {whose.pick('en')} is wanted",
    )
    return Reason("no_list", None, p.About(), (), None, message=message)


def _errors(reasons: list[Reason]) -> Iterator[Words]:
    """What went wrong inside proofs, such as working days outside the table."""
    seen: dict[Words, None] = {}
    for reason in reasons:
        if reason.truth is None:
            for proof in (*reason.proof, *(part for each in reason.coverage for part in (each.governs, *each.parts))):
                seen |= dict.fromkeys(_notes(proof))
    yield from seen


def _notes(proof: Proof) -> Iterator[Words]:
    if proof.truth is None and proof.note is not None:
        yield proof.note
    for part in proof.parts:
        yield from _notes(part)


# ---- what comes with an answer -----------------------------------------------------------------------------------------------


def _speaks(ground: Ground, evaluator: Evaluator) -> bool:
    """A list whose place another one takes doesn't admit by itself."""
    return ground.task_list is None or evaluator.cover(ground.task_list.key).replaced is not True


def _admission(ground: Ground, evaluator: Evaluator) -> Admission:
    policy = ground.policy
    if ground.rule is not None:
        about = ground.rule.about
        fires = evaluator.fires(ground.rule)
        cites, seen = about.cites or policy.cites, about.seen or policy.seen
        return Admission(ground.rule.name, about, cites, None, is_list=False, proof=(fires,), seen=seen)
    assert ground.task_list is not None
    coverage: Coverage = evaluator.cover(ground.task_list.key)
    item, about = coverage.item, ground.task_list.about
    cites = (item.about.cites if item is not None else ()) or about.cites or policy.cites
    seen = (item.about.seen if item is not None else None) or about.seen or policy.seen
    proof = (coverage.governs, *coverage.parts)
    return Admission(ground.task_list.name, about, cites, item, is_list=True, proof=proof, seen=seen)


def _duties(policies: p.PolicySet, evaluator: Evaluator) -> Iterator[Duty]:
    for policy, rule in policies.rules("duty"):
        truth = evaluator.fires(rule).truth
        if truth is not False:
            cites = rule.about.cites or policy.cites
            yield Duty(rule.name, rule.about, cites, rule.owed_by, None if truth else rule.when)


def _limits(policies: p.PolicySet, evaluator: Evaluator) -> Iterator[str]:
    for _, rule in policies.rules("limit"):
        if evaluator.fires(rule).truth is not False:
            yield rule.name


def _remedies(policies: p.PolicySet, reasons: list[Reason]) -> tuple[ProposedChange, ...]:
    """The changes of facts that the policies quote, each under whoever sets its facts."""
    found: dict[ProposedChange, None] = {}
    for reason in reasons:
        remedy = reason.about.remedy
        if remedy is not None and remedy.changes:
            actors = {actor for fact, _ in remedy.changes for actor in policies.facts[fact].set_by[:1]}
            found[ProposedChange(remedy.changes, "、".join(sorted(actors)) if len(actors) > 1 else min(actors))] = None
    return tuple(found)


def _used(policies: p.PolicySet, evaluator: Evaluator, found: Grounds) -> Iterator[PolicyUsed]:
    """The documents that could have a say in the task's place and on its day, and the table of holidays if one counts."""
    narrower = {id(policy) for policy in found.narrower}
    used = [
        policy
        for policy in policies.policies
        if id(policy) in narrower or evaluator.prove(policy.applies).truth is not False
    ]
    yield from map(PolicyUsed.of, used)
    if any(policy.counts_working_days for policy in used):
        table = workdays.table()
        yield PolicyUsed(table.name, table.version, table.digest)


def as_missing(policies: p.PolicySet, names: tuple[str, ...]) -> tuple[Missing, ...]:
    """Facts with their questions and who can answer."""
    found = []
    for name in names:
        fact = policies.facts[name]
        label = fact.label
        question = fact.question or Words(f"{label.pick('zh')}是什么?", f"what is `{name}`?")
        found.append(Missing(name, question, fact.set_by))
    return tuple(found)
