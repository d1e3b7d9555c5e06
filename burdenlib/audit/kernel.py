"""The judge on planes: which rows are accepted or rejected, for which reasons, by what, and what is open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import ModuleType
from typing import Final, cast

from attrs import evolve, frozen

from burdenlib import policy as p
from burdenlib.answer import ReasonKind
from burdenlib.audit import planes as b
from burdenlib.audit.circuits import FEWEST, Circuit, Program, Wire, compiler
from burdenlib.audit.columns import Classes, Column
from burdenlib.audit.patterns import Named, find_banks
from burdenlib.audit.plan import Batch, Covering, Node, Planner

__all__ = ["Decided", "Kernel", "Limit", "Way"]

_KINDS: tuple[ReasonKind, ...] = (
    "ban",
    "ban_list",
    "require",
    "not_listed",
    "partial_list",
    "no_list",
    "narrower_policy",
)

_MOST_NOTED: Final = 16
"""For how many kinds of batches programs are kept."""


@frozen(eq=False)
class _Charge:
    """What can reject, and under which names it stands among the reasons: a node says for which rows."""

    truth: Node
    names: tuple[tuple[str, Node], ...]
    names_if_not_held: tuple[tuple[str, Node], ...] = ()
    not_held: Node | None = None


@frozen(eq=False)
class Way:
    """One way to be admitted: by a rule, or by a list through an item or a register.

    `place` is the place of the item among those that have the task's code or title; `item` a residual item.
    """

    rule: str
    task_list: p.TaskList | None = None
    place: int | None = None
    item: p.Item | None = None


@frozen(eq=False)
class Limit:
    """A limit with its document; the node says which rows it may count."""

    policy: p.Policy
    rule: p.Rule
    fires: Node


@frozen(eq=False)
class Decided:
    """What was found out about the rows of a batch: planes of rows, by name.

    `limited` are the rows that each limit may count, `matching` those that match it for sure, `named` reasons
    that are no planes.
    """

    rows: int
    accepted: b.Plane
    rejected: b.Plane
    bad: b.Plane
    misplaced: Mapping[str, b.Plane]
    reasons: Mapping[str, b.Plane]
    admitted: tuple[tuple[Way, b.Plane], ...]
    open: Mapping[str, b.Plane]
    limited: tuple[b.Plane, ...]
    matching: tuple[b.Plane, ...]
    held: tuple[tuple[b.Plane, ...], ...] = ()
    """For each bank of rules where its patterns are reasons."""
    named: tuple[Named, ...] = ()

    def over(self, change: Callable[[b.Plane], b.Plane]) -> Decided:
        """The same with each plane changed."""
        return evolve(
            self,
            accepted=change(self.accepted),
            rejected=change(self.rejected),
            bad=change(self.bad),
            misplaced={name: change(plane) for name, plane in self.misplaced.items()},
            reasons={name: change(plane) for name, plane in self.reasons.items()},
            admitted=tuple((way, change(plane)) for way, plane in self.admitted),
            open={name: change(plane) for name, plane in self.open.items()},
            limited=tuple(map(change, self.limited)),
            matching=tuple(map(change, self.matching)),
            held=tuple(tuple(map(change, each)) for each in self.held),
        )

    def present(self) -> Decided:
        """The same without names that no row has."""
        return evolve(
            self,
            misplaced=_present(self.misplaced),
            reasons=_present(self.reasons),
            admitted=tuple(each for each in self.admitted if not b.is_empty(each[1])),
            open=_present(self.open),
        )


@frozen(eq=False)
class _Noted:
    """What is found out about any batch whose columns have the same classes: planes that are named, and their program."""

    decided: Decided
    outputs: tuple[Wire, ...]
    program: Program


class Kernel:
    """A policy set made ready to judge batches."""

    def __init__(self, policies: p.PolicySet, as_of: date | None) -> None:
        self.policies = policies
        self.as_of = as_of
        self.planner = plan = Planner(policies, as_of)
        self.banks, self._banked = find_banks(plan, policies)
        self.charges = tuple(self._charges())
        self.grounds = tuple(self._grounds())
        self.narrower = tuple(self._narrower())
        self.limits = tuple(
            Limit(policy, rule, plan.use(plan.condition(rule.fires))) for policy, rule in policies.rules("limit")
        )
        self.misplaced = {
            fact.name: plan.use(plan.misplaced(fact)) for fact in policies.facts.values() if fact.only_when is not None
        }
        for number in range(len(self.limits)):
            self.limit_facts(number)
        self.known = {name: plan.use(plan.known(name)) for name in self.facts}
        self._comparisons = plan.comparisons
        self._noted: dict[object, _Noted] = {}
        self._noting = threading.Lock()

    @property
    def classes(self) -> Mapping[str, Classes]:
        """The classes of the facts that are asked about."""
        return self.planner.classes

    def forget(self) -> None:
        """Let go of what was read of columns with many values, and of programs if there are many."""
        with self._noting:
            if len(self._noted) >= _MOST_NOTED:
                self._noted.clear()
        for classes in self.classes.values():
            classes.forget()

    @property
    def size(self) -> int:
        """How many conditions there are to work out."""
        return self.planner.size

    def classes_of(self, name: str) -> Classes:
        """The classes of a fact, asked about or not."""
        return self.planner.classes_of(name)

    def limit_facts(self, number: int) -> frozenset[str]:
        """The facts that a limit looks at."""
        limit = self.limits[number]
        quota = limit.rule.quota
        assert quota is not None
        names = {*quota.per, "date", "target", *((quota.of,) if quota.of is not None else ())}
        nodes = (self.planner.told(name) for name in names if name in self.policies.facts)
        return limit.fires.facts.union(*(node.facts for node in nodes))

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that may be asked for, in the order of their declaration."""
        nodes = [*(each.truth for each in self.charges), *(node for node, _ in self.grounds), *self._narrowing]
        nodes += [pattern.rest for bank in self.banks for pattern in bank.patterns]
        read = frozenset(bank.classes.fact.name for bank in self.banks).union(*(node.facts for node in nodes))
        return tuple(name for name in self.policies.facts if name in read)

    @property
    def _narrowing(self) -> Iterator[Node]:
        return (node for _, node in self.narrower)

    # ---- what is asked -----------------------------------------------------------------------------------------------------

    def _charges(self) -> Iterator[_Charge]:
        plan = self.planner
        for policy in self.policies.policies:
            for rule in policy.rules:
                if rule.kind in ("ban", "require") and id(rule) not in self._banked:
                    kind = "ban" if rule.kind == "ban" else "require"
                    yield _Charge(plan.use(plan.condition(rule.fires)), ((f"{kind} {rule.name}", plan.true),))
            for each in policy.lists:
                if each.is_ban:
                    yield self._ban_list(each)
            if any(each.shuts_out for each in policy.lists):
                yield self._shut_out(policy)

    def _ban_list(self, ban_list: p.TaskList) -> _Charge:
        plan = self.planner
        covering = plan.cover(ban_list.key)
        saved = [plan.inverse(plan.condition(unless)) for unless in ban_list.unless]
        truth = plan.use(plan.all((covering.truth, *saved)))
        held = ((f"ban_list {ban_list.name}", plan.true),)
        if ban_list.extent != "partial":
            return _Charge(truth, held)
        not_held = ((f"partial_list {ban_list.name}", plan.true),)
        return _Charge(truth, held, not_held, plan.use(covering.unlisted))

    def _shut_out(self, policy: p.Policy) -> _Charge:
        plan = self.planner
        shutting = [plan.cover(each.key) for each in policy.lists if each.shuts_out]
        covered = plan.any(plan.cover(each.key).truth for each in policy.lists if not each.is_ban)
        reached = plan.any(
            plan.all((each.governs, plan.condition(rule.fires)))
            for each in shutting
            for _, rule in self.policies.rules("admit")
            if each.task_list.key in rule.reaches
        )
        governed = plan.any(each.governs for each in shutting)
        truth = plan.use(plan.all((governed, plan.inverse(covered), plan.inverse(reached))))
        firsts = [(each.task_list.name, node) for each, node in zip(shutting, self._firsts(shutting), strict=True)]
        not_held = plan.any(
            plan.all((plan.open(each.truth), plan.surely(each.unlisted)))
            for each in shutting
            if each.task_list.extent == "partial"
        )
        return _Charge(
            truth,
            tuple((f"not_listed {name}", plan.use(node)) for name, node in firsts),
            tuple((f"partial_list {name}", plan.use(node)) for name, node in firsts),
            plan.use(not_held),
        )

    def _firsts(self, shutting: Sequence[Covering]) -> Iterator[Node]:
        """For each list whether it is the first that governs, or may govern if none surely does."""
        plan = self.planner
        sure = [plan.surely(each.governs) for each in shutting]
        perhaps = [plan.inverse(plan.surely(plan.inverse(each.governs))) for each in shutting]
        none = plan.inverse(plan.any(sure))
        for at in range(len(shutting)):
            first = plan.all((sure[at], *map(plan.inverse, sure[:at])))
            yield plan.any((first, plan.all((none, perhaps[at], *map(plan.inverse, perhaps[:at])))))

    def _grounds(self) -> Iterator[tuple[Node, tuple[tuple[Way, Node], ...]]]:
        """What can admit, and the ways in which it does."""
        plan = self.planner
        for policy in self.policies.policies:
            for rule in policy.rules:
                if rule.kind == "admit":
                    node = plan.use(plan.condition(rule.fires))
                    yield node, ((Way(rule.name), plan.use(node)),)
            for each in policy.lists:
                if not each.is_ban:
                    covering = plan.cover(each.key)
                    yield plan.use(covering.truth), tuple(self._ways(covering))

    def _ways(self, covering: Covering) -> Iterator[tuple[Way, Node]]:
        """The ways in which a list admits: the first that covers counts; a list that another one replaces has none."""
        plan, task_list = self.planner, covering.task_list
        speaks = plan.all((plan.surely(covering.truth), plan.inverse(plan.surely(covering.replaced))))
        earlier: list[Node] = []
        for what, node in covering.ways:
            sure = plan.surely(node)
            way = Way(
                task_list.name,
                task_list,
                what if isinstance(what, int) else None,
                what if isinstance(what, p.Item) else None,
            )
            yield way, plan.use(plan.all((speaks, sure, *map(plan.inverse, earlier))))
            earlier.append(sure)

    def _narrower(self) -> Iterator[tuple[str, Node]]:
        """The documents for places that may be inside a task's target, where they may be in force."""
        plan = self.planner
        for policy in (each for each in self.policies.policies if each.place):
            inside = plan.inside_target(policy)
            force = plan.in_force(policy.in_force)
            yield (
                f"narrower_policy {policy.name}",
                plan.use(plan.inverse(plan.surely(plan.inverse(plan.all((inside, force)))))),
            )

    # ---- what is found -----------------------------------------------------------------------------------------------------

    def decide(self, rows: int, columns: Mapping[str, Column], fewest: int = FEWEST) -> Decided:
        """Judge the rows of a batch, each by itself; compiled code judges so many rows and more."""
        batch, there = Batch(rows, columns), b.rows_there(rows)
        seen = [bank.see(batch) for bank in self.banks]
        here = [each.here for each in seen]
        compiled = compiler(rows, fewest)
        if compiled is None:
            found = self._work_out(batch, there, here).present()
        else:
            found = self._run(compiled, batch, there, here).present()
        named = (bank.named(one.codes, held) for bank, one, held in zip(self.banks, seen, found.held, strict=True))
        return evolve(found, named=tuple(each for each in named if each is not None))

    def _run(self, compiled: ModuleType, batch: Batch, there: b.Plane, here: Sequence[Sequence[b.Plane]]) -> Decided:
        """What compiled code finds out, or NumPy if columns have had other classes in most batches."""
        compared = {node: batch.of(node) for node in self._comparisons}
        given = [there]
        given += [plane for column in batch.columns.values() for plane in column.planes]
        given += [plane for each in here for plane in each]
        given += [plane for each in compared.values() for plane in (each.true, each.false)]
        key = (
            tuple((name, column.present.tobytes()) for name, column in batch.columns.items()),
            tuple(plane if isinstance(plane, bool) else None for plane in given),
        )
        with self._noting:
            if key not in self._noted and len(self._noted) < _MOST_NOTED:
                self._noted[key] = self._note(batch, given, here)
            noted = self._noted.get(key)
        if noted is None:
            return self._work_out(Batch.knowing(batch.rows, batch.columns, compared), there, here)
        planes = compiled.run(noted.program, [plane for plane in given if not isinstance(plane, bool)], batch.rows)
        by_wire: dict[object, b.Plane] = dict(zip(noted.outputs, planes, strict=True))
        found = noted.decided.over(lambda plane: plane if isinstance(plane, bool) else by_wire[plane])
        return evolve(found, rows=batch.rows)

    def _note(self, batch: Batch, given: Sequence[b.Plane], here: Sequence[Sequence[b.Plane]]) -> _Noted:
        """Note down what is asked of planes."""
        circuit = Circuit()
        named = iter([plane if isinstance(plane, bool) else cast("b.Bits", circuit.input()) for plane in given])
        there = next(named)
        columns = {
            name: column.of_planes([next(named) for _ in column.planes]) for name, column in batch.columns.items()
        }
        seen = [[next(named) for _ in each] for each in here]
        compared = {node: b.Truths(next(named), next(named)) for node in self._comparisons}
        decided = self._work_out(Batch.knowing(batch.rows, columns, compared), there, seen)
        outputs: dict[object, None] = {}

        def note(plane: b.Plane) -> b.Plane:
            outputs[plane] = None
            return plane

        decided.over(note)
        wires = tuple(each for each in outputs if isinstance(each, Wire))
        return _Noted(decided, wires, circuit.program(wires))

    def _work_out(self, batch: Batch, there: b.Plane, here: Sequence[Sequence[b.Plane]]) -> Decided:
        """The planes of rows that answer, of bits or named."""
        bad = b.any_plane(column.bad for column in batch.columns.values())
        misplaced = {
            name: b.trimmed(b.both(there, batch.of(node).true))
            for name, node in self.misplaced.items()
            if name in batch.columns
        }
        bad = b.either(bad, b.any_plane(misplaced.values()))
        charges = [(charge, batch.of(charge.truth)) for charge in self.charges]
        met = [bank.meet(batch, seen) for bank, seen in zip(self.banks, here, strict=True)]
        grounds = [batch.of(node) for node, _ in self.grounds]
        narrower: dict[str, b.Plane] = {}
        for name, node in self.narrower:
            if (plane := batch.of(node).true) is not False:
                narrower[name] = b.either(narrower.get(name, False), plane)
        rejected = b.any_plane((*(truths.true for _, truths in charges), *(each.fires for each in met)))
        open_ = b.any_plane((*(truths.open for _, truths in charges), *(each.open for each in met), *narrower.values()))
        admitted = b.any_plane(truths.true for truths in grounds)
        accepted = b.minus(b.minus(admitted, rejected), open_)
        good = b.minus(there, bad)
        undetermined = b.both(good, b.opposite(b.either(accepted, rejected)))
        found = _Found(batch, b.both(good, rejected), undetermined)
        reasons = dict(found.reasons(charges))
        unlisted = b.any_plane(
            plane for name, plane in reasons.items() if name.startswith(("not_listed ", "partial_list "))
        )
        reasons["no_list"] = b.minus(b.minus(undetermined, admitted), unlisted)
        for name, plane in narrower.items():
            reasons[name] = b.either(reasons.get(name, False), b.both(undetermined, plane))
        asking = [(charge.truth.facts, truths.open) for charge, truths in charges]
        asking += [(node.facts, truths.open) for (node, _), truths in zip(self.grounds, grounds, strict=True)]
        asking += [each for one in met for each in one.asking()]
        return Decided(
            batch.rows,
            b.both(good, accepted),
            b.both(good, rejected),
            bad,
            misplaced,
            dict(sorted(reasons.items(), key=lambda each: _KINDS.index(each[0].split(" ")[0]))),
            tuple((way, b.both(good, batch.of(node).true)) for _, ways in self.grounds for way, node in ways),
            self._open(found, asking, b.any_plane(narrower.values())),
            tuple(b.minus(b.minus(b.opposite(batch.of(each.fires).false), rejected), bad) for each in self.limits),
            tuple(batch.of(each.fires).true for each in self.limits),
            tuple(each.held(found.rejected, undetermined) for each in met),
        )

    def _open(
        self, found: _Found, opened: Iterable[tuple[frozenset[str], b.Plane]], narrower: b.Plane
    ) -> Mapping[str, b.Plane]:
        """The facts that aren't known and that something open reads, for the rows that are undetermined."""
        asking: dict[str, b.Plane] = {} if narrower is False else dict.fromkeys(("target", "date"), narrower)
        for facts, open_ in opened:
            rows = b.both(found.undetermined, open_)
            if rows is not False:
                for name in facts:
                    asking[name] = b.either(asking.get(name, False), rows)
        return {
            name: b.both(found.undetermined, b.minus(asking[name], found.batch.of(node).known))
            for name, node in self.known.items()
            if name in asking
        }


@frozen(eq=False)
class _Found:
    batch: Batch
    rejected: b.Plane
    undetermined: b.Plane

    def reasons(self, charges: Iterable[tuple[_Charge, b.Truths]]) -> Mapping[str, b.Plane]:
        """The rows for which each charge is a reason: it fires, or it is open and nothing else fires."""
        found: dict[str, b.Plane] = {}
        for charge, truths in charges:
            open_ = b.both(self.undetermined, truths.open)
            held = b.either(b.both(self.rejected, truths.true), open_)
            if charge.not_held is not None and open_ is not False:
                not_held = b.both(open_, self.batch.of(charge.not_held).true)
                held = b.minus(held, not_held)
                self._name(found, charge.names_if_not_held, not_held)
            self._name(found, charge.names, held)
        return found

    def _name(self, found: dict[str, b.Plane], names: Iterable[tuple[str, Node]], rows: b.Plane) -> None:
        if rows is not False:
            for name, node in names:
                found[name] = b.either(found.get(name, False), b.both(rows, self.batch.of(node).true))


def _present(planes: Mapping[str, b.Plane]) -> Mapping[str, b.Plane]:
    return {name: plane for name, plane in planes.items() if not b.is_empty(plane)}
