"""A task on which a policy and its mutant answer differently, made into an example.

Where two conditions differ, the combination of values on which they do is laid over tasks that examples tell, so that
the rest of the documents stays quiet. What is found is judged under both, and told with as few facts as will do.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from attrs import evolve, field, frozen

from burdenlib import policy as p
from burdenlib.evaluator import Evaluator
from burdenlib.facts import SetValue, Value
from burdenlib.intake import Case
from burdenlib.logic import Truth
from burdenlib.testing.cases import answer, cases_of, meets
from burdenlib.testing.reach import Chance, Goal, charges_of, grounds_of, reach
from burdenlib.testing.sameness import FALSE, Difference, compare, values_of
from burdenlib.verdict import Verdict
from burdenlib.words import Words

__all__ = ["TRIES", "Part", "Search", "pairs_of"]

TRIES = 150
"""How many tasks are judged under a policy and its mutant before the search gives up."""

_OPEN = 6
"""Of how many tasks that stay undetermined it is looked at what is asked."""

_MOST = 60
"""How many tasks a portfolio may have."""

Facts = Mapping[str, Value]
Pair = tuple[p.Condition, p.Condition]


@frozen(eq=False)
class Part:
    """A condition before and after a change; `item` is the one that it belongs to, `items` are names of items.

    `quota` is the limit whose condition it is, `term` the key of the term.
    """

    pair: Pair
    items: tuple[str, ...] = ()
    quota: p.Rule | None = None
    loose: bool = False
    term: str = ""
    item: p.Item | None = None


def pairs_of(before: p.Policy, after: p.Policy) -> tuple[Part, ...]:
    """What differs between a document and its mutant; a part that is `loose` differs in more than its condition."""
    return tuple(_parts(before, after))


def _parts(before: p.Policy, after: p.Policy) -> Iterator[Part]:
    if before.applies != after.applies:
        yield Part((before.applies, after.applies), loose=True)
    rules = {rule.key: rule for rule in after.rules}
    for rule in before.rules:
        now = rules.get(rule.key)
        if now is None:
            yield Part((rule.fires, FALSE), quota=rule if rule.kind == "limit" else None)
        elif now.fires != rule.fires or now.quota != rule.quota or now.reaches != rule.reaches:
            loose = now.quota != rule.quota or now.reaches != rule.reaches
            yield Part((rule.fires, now.fires), quota=rule if rule.kind == "limit" else None, loose=loose)
    terms = {term.key: term for term in after.terms}
    for term in before.terms:
        if (now_term := terms[term.key]).condition != term.condition:
            yield Part((term.condition, now_term.condition), term=term.key)
    lists = {each.key: each for each in after.lists}
    for each in before.lists:
        yield from _list_parts(each, lists.get(each.key))


def _list_parts(before: p.TaskList, after: p.TaskList | None) -> Iterator[Part]:
    if after is None:
        yield Part((before.governs, FALSE), _titles(before.items[:3]), loose=True)
        return
    if before.governs != after.governs:
        yield Part((before.governs, after.governs), _titles(before.items[:2]))
    if (before.extent, before.answered_by) != (after.extent, after.answered_by):
        yield Part((before.governs, FALSE), loose=True)
    if before.unless != after.unless:
        old, new = (p.Any(each.unless) for each in (before, after))
        yield Part((old, new), _titles(before.items[:2]))
    for old_items, new_items in ((before.items, after.items), (before.otherwise, after.otherwise)):
        yield from _item_parts(before, old_items, new_items)


def _item_parts(task_list: p.TaskList, before: Sequence[p.Item], after: Sequence[p.Item]) -> Iterator[Part]:
    left = list(after)
    for item in before:
        same = next((each for each in left if (each.code, each.title) == (item.code, item.title)), None)
        if same is not None:
            left.remove(same)
        if same is None or same.covers != item.covers:
            covers = FALSE if same is None else same.covers
            pair = (p.All((task_list.governs, item.covers)), p.All((task_list.governs, covers)) if same else FALSE)
            yield Part(pair, _titles((item,)), loose=same is None, item=item)


def _meant(policies: p.PolicySet, condition: p.Condition) -> p.Condition:
    """A condition with what its terms mean in their place."""
    match condition:
        case p.All(parts):
            return p.All(tuple(_meant(policies, part) for part in parts))
        case p.Any(parts):
            return p.Any(tuple(_meant(policies, part) for part in parts))
        case p.Not(part):
            return p.Not(_meant(policies, part))
        case p.TermUse((key,)):
            return _meant(policies, policies.terms[key].condition)
    return condition


def _titles(items: Sequence[p.Item]) -> tuple[str, ...]:
    return tuple(item.title.pick("zh") for item in items if item.code is not None) or ("(演示)清单外的事项",)


# ---- the search -----------------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Search:
    """Looks for a task that tells `before` from `after`, two sets of documents of which one document differs."""

    policy: p.Policy
    before: p.PolicySet
    after: p.PolicySet
    seeds: tuple[Facts, ...]
    seed: int = 0
    tried: list[int] = field(factory=lambda: [0], init=False)
    open: list[tuple[p.Example, Sequence[Case]]] = field(factory=list, init=False)

    def same(self, parts: Sequence[Part]) -> bool:
        """Whether it is shown that no task tells the two apart."""
        return bool(parts) and all(
            not each.loose and compare(self.before, self.after, each.pair, enough=1)[0] for each in parts
        )

    def example(self, parts: Sequence[Part], title: Words) -> p.Example | None:
        """An example that holds before the change and fails after it."""
        for part in (*self._lifted(parts), *parts):
            if part.quota is not None and (found := self._portfolio(part, part.quota, title)) is not None:
                return found
            for candidates, tries in self._ways(part):
                stop = self.tried[0] + tries
                for facts in candidates:
                    if self.tried[0] >= stop:
                        break
                    if (found := self._tells(facts, part, title)) is not None:
                        return self._shrunk(found, part)
        for example, cases in self.open[:_OPEN]:
            if (found := self._asking(example, cases)) is not None:
                return self._shrunk(found, parts[0])
        return None

    def _lifted(self, parts: Sequence[Part]) -> Iterator[Part]:
        """The rules that use a term that was changed, as if its meaning stood in them."""
        changed = {part.term for part in parts if part.term}
        if not changed:
            return
        after = {rule.key: rule for policy in self.after.policies for rule in policy.rules}
        for rule in (rule for policy in self.before.policies for rule in policy.rules):
            used = {key for leaf in p.leaves(rule.fires) if isinstance(leaf, p.TermUse) for key in leaf.terms}
            if not used.isdisjoint(changed) and rule.key in after:
                pair = (_meant(self.before, rule.fires), _meant(self.after, after[rule.key].fires))
                yield Part(pair, quota=rule if rule.kind == "limit" else None)

    # ---- candidates ------------------------------------------------------------------------------------------------------

    def _ways(self, part: Part) -> Iterator[tuple[Iterator[Facts], int]]:
        """Ways to find tasks that may tell the two apart, the likeliest first, and how many tries each is worth."""
        _, differences = compare(self.before, self.after, part.pair, enough=400)
        chooser = random.Random(self.seed)  # noqa: S311  # a search that can be repeated, no secret
        ordered = sorted(differences, key=_rank)
        chosen = ordered[:12] + chooser.sample(ordered[12:], min(24, len(ordered[12:])))
        yield self._over_examples(part, chosen), TRIES // 3
        yield self._reached(part), TRIES // 3
        yield self._at_random(part, chosen, chooser), TRIES // 3

    def _over_examples(self, part: Part, differences: Sequence[Difference]) -> Iterator[Facts]:
        for item in part.items or (None,):
            for difference in differences or [Difference({}, None, None)]:
                for facts in self.seeds:
                    yield from self._laid_over(facts, difference, item)

    def _reached(self, part: Part) -> Iterator[Facts]:
        """Tasks on which the two conditions differ in a given way, while all else is quiet, or whatever else holds."""
        starts: list[Facts] = [{"item": item} for item in part.items[:2]] or [{}]
        for one, other in itertools.permutations((True, False, None), 2):
            own = [Goal(part.pair[0], one), Goal(part.pair[1], other)]
            for number, (more, start) in enumerate(
                itertools.product((self._quiet(part), self._calm(part), []), starts)
            ):
                for seed in range(2):
                    found = reach(self.before, [*own, *more], Chance(self.seed + 7 * number + seed), start=start)
                    if found is not None:
                        yield found
                        break

    def _quiet(self, part: Part) -> list[Goal]:
        """That nothing but the changed condition rejects a task, and something else admits it."""
        admitting = [each for each in grounds_of(self.before).values() if each != part.pair[0]]
        return [*self._calm(part), Goal(p.Any(tuple(admitting)))]

    def _calm(self, part: Part) -> list[Goal]:
        return [Goal(each, False) for each in charges_of(self.before).values() if each != part.pair[0]]

    def _at_random(self, part: Part, differences: Sequence[Difference], chooser: random.Random) -> Iterator[Facts]:
        names = self._facts_of(part)
        for _ in range(600):
            facts = dict(chooser.choice(self.seeds))
            if part.items:
                facts["item"] = chooser.choice(part.items)
            if differences and chooser.random() < 0.7:
                facts |= {k: v for k, v in chooser.choice(differences).facts.items() if v is not None}
            for name in chooser.sample(names, min(len(names), chooser.randint(1, 3))):
                value = chooser.choice(self._values(name))
                if value is None:
                    facts.pop(name, None)
                else:
                    facts[name] = value
            yield facts

    def _laid_over(self, seed: Facts, difference: Difference, item: str | None) -> Iterator[Facts]:
        facts = dict(seed)
        for name, value in difference.facts.items():
            if value is None:
                facts.pop(name, None)
            elif _compatible(name, facts.get(name), value, self.before):
                facts[name] = value
        if item is not None:
            facts["item"] = item
        yield facts
        if difference.facts.get("date") is None and "date" in facts and "date" in difference.facts:
            return
        if "date" not in facts:
            start = self.policy.in_force.start
            yield {**facts, "date": start or date(2024, 6, 3)}

    def _facts_of(self, part: Part) -> list[str]:
        """The facts that may decide a part, in order."""
        found: dict[str, None] = {}
        for policies, condition in zip((self.before, self.after), part.pair, strict=True):
            _gather(policies, condition, found, set())
        found |= dict.fromkeys(name for name in ("item", "date") if name in self.before.facts)
        return list(found)

    def _values(self, name: str) -> list[Value | None]:
        leaves = [leaf for leaf in _all_leaves(self.before) if next(iter(p.facts_of(leaf)), None) == name]
        values, _ = values_of(self.before, name, leaves)
        if name == "item":
            values += [each.title.pick("zh") for task_list in self.policy.lists for each in task_list.items[:20]]
        kind = self.before.facts[name].type
        return [v for v in values if not isinstance(v, SetValue) or v.includes | v.excludes == kind.names]

    # ---- judging both ------------------------------------------------------------------------------------------------------

    def _tells(self, facts: Facts, part: Part, title: Words) -> p.Example | None:
        """The example of a task, if the two answer it differently."""
        if not facts or not _full(facts, self.before):
            return None
        example = p.Example(title, (facts,), "undetermined", (), (), (), (), self.policy.span)
        cases = cases_of(self.before, (facts,))
        if cases is None or not self._differs(cases[0], part):
            return None
        self.tried[0] += 1
        return self._expecting(example, cases)

    def _differs(self, case: Case, part: Part) -> bool:
        """Whether the changed condition comes out differently; what is loose may differ in other ways."""
        if part.loose:
            return True
        one, other = (
            Evaluator(policies, case.known).prove(condition).truth
            for policies, condition in zip((self.before, self.after), part.pair, strict=True)
        )
        return one is not other

    def _expecting(self, example: p.Example, cases: Sequence[Case]) -> p.Example | None:
        """The example with the answer that holds before the change, if it doesn't hold after it."""
        one, other = (answer(each, cases, asking=False) for each in (self.before, self.after))
        found = _expectation(example, one, other)
        if found is None and one.status == other.status == "undetermined":
            self.open.append((example, cases))
        return found if found is not None and self._holds(found, cases) else None

    def _asking(self, example: p.Example, cases: Sequence[Case]) -> p.Example | None:
        """The example with what is asked before the change and not after it; looking for that takes long."""
        one, other = ([m.fact for m in answer(each, cases).missing] for each in (self.before, self.after))
        lost = [fact for fact in one if fact not in other]
        found = evolve(example, asking=tuple(lost[:2]))
        return found if lost and self._holds(found, cases) else None

    def _holds(self, example: p.Example, cases: Sequence[Case]) -> bool:
        return meets(example, self.before, cases) and not meets(example, self.after, cases)

    def _shrunk(self, example: p.Example, part: Part) -> p.Example:
        """The example without the facts that it can do without, the changed condition coming to what it came to."""
        truths = self._truths(example, part)
        *others, last = next(example.tasks())
        for name in sorted(last):
            facts = {each: value for each, value in last.items() if each != name}
            if name in _KEPT or not facts:
                continue
            smaller = evolve(example, given=(*others, facts))
            cases = cases_of(self.before, (*others, facts))
            if cases is not None and self._holds(smaller, cases) and self._truths(smaller, part) == truths:
                example, last = smaller, facts
        return example

    def _truths(self, example: p.Example, part: Part) -> tuple[Truth, ...]:
        cases = cases_of(self.before, next(example.tasks())) or ()
        return tuple(
            Evaluator(policies, case.known).prove(condition).truth
            for case in cases[-1:]
            for policies, condition in zip((self.before, self.after), part.pair, strict=True)
        )

    # ---- limits ----------------------------------------------------------------------------------------------------------------

    def _portfolio(self, part: Part, rule: p.Rule, title: Words) -> p.Example | None:
        """As many tasks as a limit allows, or one more, or one fewer."""
        assert rule.quota is not None
        count = int(rule.quota.count)
        seeds = [*self._matching(part), *self.seeds]
        if rule.quota.of is not None:
            return self._amount(rule, seeds, title)
        for facts in seeds:
            for number in (count, count + 1, count + 2):
                if not facts or not 0 < number <= _MOST:
                    continue
                given = tuple({**facts, "id": f"{each + 1:03}"} for each in range(number))
                if (found := self._given(given, title)) is not None:
                    return found
        return self._crowded(part, rule.quota, title)

    def _crowded(self, part: Part, quota: p.Quota, title: Words) -> p.Example | None:
        """An accepted task that a limit counts, after others that may use it up before the change, or after it."""
        count, shared = int(quota.count), {*quota.per, "date"}
        counted = [*self._matching(part)][:2] if 0 < count < _MOST else []
        for one, other in itertools.permutations((True, None, False), 2):
            goals = [Goal(part.pair[0], one), Goal(part.pair[1], other)]
            crowd = reach(self.before, goals, Chance(self.seed)) if counted else None
            for facts in counted if crowd else ():
                alike = {**(crowd or {}), **{name: value for name, value in facts.items() if name in shared}}
                others = ({**alike, "id": f"{each:03}"} for each in range(1, count + 1))
                if (found := self._given((*others, {**facts, "id": f"{count + 1:03}"}), title)) is not None:
                    return found
        return None

    def _matching(self, part: Part) -> Iterator[Facts]:
        """Accepted tasks that a limit counts before or after the change."""
        for one, other in ((True, True), (True, False), (False, True)):
            own = [Goal(part.pair[0], one), *([] if part.pair[1] == FALSE else [Goal(part.pair[1], other)])]
            for seed in range(3):
                found = reach(self.before, [*own, *self._quiet(part)], Chance(self.seed + seed))
                if found is not None:
                    yield found

    def _amount(self, rule: p.Rule, seeds: Sequence[Facts], title: Words) -> p.Example | None:
        assert rule.quota is not None and rule.quota.of is not None
        for facts in seeds:
            for step in (0, 1, -1):
                given = ({**facts, rule.quota.of: rule.quota.count + step},)
                if (found := self._given(given, title)) is not None:
                    return found
        return None

    def _given(self, given: tuple[Facts, ...], title: Words) -> p.Example | None:
        example = p.Example(title, given, "undetermined", (), (), (), (), self.policy.span)
        cases = cases_of(self.before, given)
        return None if cases is None else self._expecting(example, cases)


_KEPT = ("target", "date", "kind")
"""Facts without which a reader doesn't see what an example is about."""


def _rank(difference: Difference) -> tuple[int, int]:
    """Definite differences first, then those of few facts."""
    open_ = (difference.one is None) + (difference.other is None)
    return open_, sum(value is not None for value in difference.facts.values())


def _compatible(name: str, told: Value | None, value: Value, policies: p.PolicySet) -> bool:
    """Whether a value has to be put in the place of what a task tells."""
    if isinstance(value, SetValue) and value.includes | value.excludes != policies.facts[name].type.names:
        return False
    return told != value


def _full(facts: Facts, policies: p.PolicySet) -> bool:
    """Whether an example can tell these values: a set is told whole."""
    return all(
        not isinstance(value, SetValue) or value.includes | value.excludes == policies.facts[name].type.names
        for name, value in facts.items()
    )


def _expectation(example: p.Example, one: Verdict, other: Verdict) -> p.Example | None:
    """What to expect so that the other verdict fails; `None` if at most what is missing tells them apart."""
    by, others = _by(one), _by(other)
    duties = [duty.rule for duty in one.duties]
    owed = [duty.rule for duty in other.duties]
    if one.status != other.status:
        return evolve(example, status=one.status, by=tuple(by[:1]) if one.status != "undetermined" else ())
    if one.status == "undetermined":  # an example can't name what leaves a task open
        return None
    if lost := [name for name in by if name not in others]:
        return evolve(example, status=one.status, by=tuple(lost[:1]))
    if lost := [name for name in duties if name not in owed]:
        return evolve(example, status=one.status, by=tuple(by[:1]), duties=tuple(lost[:1]))
    if won := [name for name in owed if name not in duties]:
        return evolve(example, status=one.status, by=tuple(by[:1]), without=tuple(won[:1]))
    return None


def _by(verdict: Verdict) -> list[str]:
    if verdict.status == "accepted":
        return list(dict.fromkeys(each.rule for each in verdict.admitted_by))
    names = (reason.rule for reason in verdict.reasons if reason.rule is not None and reason.kind != "narrower_policy")
    return list(dict.fromkeys(names))


def _gather(policies: p.PolicySet, condition: p.Condition, found: dict[str, None], seen: set[str]) -> None:
    """Add the facts that a condition may read, through terms, lists and what says whether a fact exists."""
    for leaf in p.leaves(condition):
        match leaf:
            case p.TermUse(keys):
                inside = [policies.terms[key].condition for key in keys if key in policies.terms]
            case p.OnList(keys):
                lists = [policies.lists[key] for key in keys if key in policies.lists]
                inside = [each.governs for each in lists]
                found |= dict.fromkeys(each.answered_by for each in lists if each.answered_by is not None)
                found["item"] = None
            case _:
                inside = []
                for name in p.facts_of(leaf):
                    found[name] = None
                    fact = policies.facts.get(name)
                    if fact is not None and fact.only_when is not None and name not in seen:
                        seen.add(name)
                        inside.append(fact.only_when)
        for each in inside:
            _gather(policies, each, found, seen)


def _all_leaves(policies: p.PolicySet) -> Iterator[p.Condition]:
    for policy in policies.policies:
        for rule in policy.rules:
            yield from p.leaves(rule.fires)
        for term in policy.terms:
            yield from p.leaves(term.condition)
        for each in policy.lists:
            yield from p.leaves(each.governs)
            for item in each.otherwise:
                yield from p.leaves(item.covers)
