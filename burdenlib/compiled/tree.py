"""The functions that decide, made when they are first needed: each knows some facts already and asks for the rest.

A branch looks at one fact and hands over to the function for its class; what that class can't touch is left out there.
A leaf asks what is left, in one piece of code, and looks its answer up among those that it gave before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from burdenlib import policy as p
from burdenlib.compiled.decision import AdmittedBy, Because, Decision, in_order, levels_of
from burdenlib.compiled.formula import FALSE, Formula
from burdenlib.compiled.meaning import Given, Meaning, Part
from burdenlib.compiled.source import Asked, Bits, Flavour, Source, conjuncts, namespace_of, reading
from burdenlib.compiled.variables import FactVariable, Hit, LeftToInterpreterError
from burdenlib.logic import Truth

__all__ = ["NoTree", "Tree"]

Function = Callable[..., Decision]

Root = Callable[[Any], Decision | None]

FEW = 8
"""With so few questions left, a leaf asks them all."""

GAIN = 4.0
"""A branch has to save so many questions."""

MOST_CODES = 64
"""A guard that leaves more classes than this isn't looked up by class."""

MOST_FUNCTIONS = 4096
"""With so many functions made, all are dropped and made anew as they are needed."""

MOST_QUESTIONS = 250
"""A function asks at most so many questions."""

MOST_ANSWERS = 65_536
"""How many answers a leaf remembers."""


@frozen(eq=False)
class _Known:
    """What functions know before they ask anything: codes of variables, and the class of the item."""

    given: tuple[Given, ...] = ()
    item: int | None = None


class NoTree:
    """No functions."""

    def root(self, f: Any) -> Decision | None:  # noqa: ARG002  # the shape of a tree's root
        """Leave everything to the interpreter."""
        return None


class Tree:
    """All functions for the formulas of a policy set; `root` decides a task from what it tells, or from its codes.

    It gives `None` for what is left to the interpreter: a key that is no fact, a value that can't be read.
    """

    def __init__(self, meaning: Meaning, flavour: Flavour) -> None:
        self.meaning = meaning
        self.flavour = flavour
        self.levels = levels_of(meaning.policies)
        self.made = 0
        self.uses_item = False
        self.root: Root = self._first
        self._decisions: dict[Decision, Decision] = {}

    def _first(self, f: Any) -> Decision | None:
        parts = [part for part in self.meaning.parts if part.formula is not FALSE]
        self.uses_item = any(0 in each.variables for each in _formulas(parts))
        self.root = self._grow(parts, _Known())
        return self.root(f)

    def function(self, lines: Sequence[str], namespace: dict[str, Any], known: _Known) -> Function:
        """The function `decide` of a source; the one that knows nothing yet looks at the keys, and never fails."""
        if not known.given:
            head, *rest = lines
            check = ["        if not are_names(f):", "            return None"] if self.flavour == "told" else []
            inner = [f"    {line}" for line in rest]
            lines = [head, "    try:", *check, *inner, "    except Left:", "        return None"]
            namespace |= {
                "are_names": frozenset(self.meaning.policies.facts).issuperset,
                "Left": LeftToInterpreterError,
            }
        return _made(lines, namespace)

    def _make_room(self) -> None:
        """Count functions, and drop all where there are too many."""
        self.made += 1
        if self.made > MOST_FUNCTIONS:
            self.made = 0
            self.root = self._first
            self._decisions = {}

    def intern(self, decision: Decision) -> Decision:
        """The one object for equal decisions."""
        return self._decisions.setdefault(decision, decision)

    # ---- growing -----------------------------------------------------------------------------------------------------

    def _grow(self, parts: Sequence[Part], known: _Known) -> Function:
        self._make_room()
        number = self._best(parts)
        if number is None and known.item is None and self.uses_item:
            number = 0
        return (
            _Leaf(self, parts, known).function() if number is None else _Branch(self, parts, known, number).function()
        )

    def _best(self, parts: Sequence[Part]) -> int | None:
        """The variable whose class spares most guards, if it is worth asking first."""
        if len(parts) <= FEW:
            return None
        gains: dict[int, float] = {}
        for each in {each: None for part in parts for each in conjuncts(part.formula)}:
            variable = self.meaning.variables[each.variable] if each.operator == "codes" else None
            if isinstance(variable, FactVariable):
                size = 2 if variable.role == "yes_no" else variable.size
                gains[each.variable] = gains.get(each.variable, 0) + 1 - each.mask.bit_count() / size
        best = max(gains, key=gains.__getitem__, default=None)
        return best if best is not None and gains[best] >= GAIN else None

    def after(self, parts: Iterable[Part], known: _Known, number: int, code: int) -> Function | _Branch:
        """The function for a class of a variable; if the item hasn't been looked at, the branch that looks at it."""
        item = code if number == 0 else known.item
        given = Given(self.meaning, number, code)
        following = _Known((*known.given, given), item)
        left = []
        for part in parts:
            formula = given(part.formula)
            if formula is not FALSE:
                details = tuple(map(given, part.details))
                if number == 0 and part.role == "ground" and part.task_list is not None:
                    details = (details[0], *self._choices(part.task_list, following))
                left.append(evolve(part, formula=formula, details=details))
        return _Branch(self, left, following, 0) if item is None and self.uses_item else self._grow(left, following)

    def _choices(self, task_list: p.TaskList, known: _Known) -> Iterator[Formula]:
        """The conditions of the items that are found on a list, where they differ."""
        numbers = self.choice_numbers(task_list, known)
        for number in numbers if len(numbers) > 1 else ():
            formula = self.meaning.conditions[number]
            for given in known.given:
                formula = given(formula)
            yield formula

    def choice_numbers(self, task_list: p.TaskList, known: _Known) -> list[int]:
        """The numbers of the conditions of the items that are found on a list."""
        held = self.meaning.item.classes[known.item or 0]
        view = (task_list.key, ())
        return sorted(each[1] for each in held if isinstance(each, tuple) and each[0] == view)


def _formulas(parts: Iterable[Part]) -> Iterator[Formula]:
    for part in parts:
        yield part.formula
        yield from part.details


def _made(lines: Sequence[str], namespace: dict[str, Any]) -> Callable[..., Any]:
    """The function `decide` of a source that this package wrote."""
    source = "\n".join((*lines, ""))
    try:
        exec(compile(source, "<burdenlib.compiled>", "exec"), namespace)  # noqa: S102  # no text of a policy is in it
    except (SyntaxError, RecursionError, MemoryError):  # nested too deeply for Python
        return _left_to_interpreter
    function: Callable[..., Any] = namespace["decide"]
    return function


def _left_to_interpreter(*_: object) -> Decision:
    raise LeftToInterpreterError


# ---- branches -------------------------------------------------------------------------------------------------------------

_YES_NO: Mapping[object, int] = {None: 0, False: 1, True: 2}


class _Branch:
    """What one variable leads to, by its code: functions, or if the item is looked at next, the tables for its class."""

    def __init__(self, tree: Tree, parts: Sequence[Part], known: _Known, number: int) -> None:
        self.tree = tree
        self.known = known
        self.number = number
        self.variable = tree.meaning.variables[number]
        self.is_yes_no = isinstance(self.variable, FactVariable) and self.variable.role == "yes_no"
        self.table: dict[Any, Any] = {}
        self.items: dict[Any, _Branch] = {}
        self.anywhere: list[Part] = []
        self.by_code: dict[int, list[Part]] = {}
        self.parts = parts
        for part in parts:
            self._sort(part)

    def _sort(self, part: Part) -> None:
        mask = next(
            (f.mask for f in conjuncts(part.formula) if f.variable == self.number and f.operator == "codes"), -1
        )
        if mask < 0 or mask.bit_count() > MOST_CODES:
            self.anywhere.append(part)
            return
        while mask:
            bit = mask & -mask
            self.by_code.setdefault(bit.bit_length() - 1, []).append(part)
            mask ^= bit

    def _grow(self, code: Any) -> None:
        """Make what a code leads to."""
        number = _YES_NO[code] if self.is_yes_no else code
        parts = self.parts
        if number:
            parts = sorted((*self.anywhere, *self.by_code.get(number, ())), key=lambda part: part.number)
        found = self.tree.after(parts, self.known, self.number, number)
        if isinstance(found, _Branch):
            self.items[code] = found
            self.table[code] = found.table
        else:
            self.table[code] = found

    def _lead(self, f: Any, hit: Hit | None = None) -> Decision:
        """Decide a task that tells something new, or leads where no other has led."""
        item, is_read = self.tree.meaning.item, self.tree.flavour == "read"
        if hit is None and self.tree.uses_item:
            hit = f[0] if is_read else item.told(f.get("item"))
        if self.number == 0:
            assert hit is not None
            code: Any = hit.code
        else:
            code = f[self.number] if is_read else self.variable.told(f.get(self.variable.keys[0]))  # type: ignore[call-arg]
        if code not in self.table:
            self._grow(code)
        following = self.table[code]
        if code in self.items:
            assert hit is not None
            return self.items[code]._lead(f, hit)  # noqa: SLF001  # a branch like this one
        decision: Decision = following(f) if hit is None else following(f, hit)
        return decision

    def function(self) -> Function:
        """The function that looks at the variable; the first one looks at the item as well."""
        item, flavour = self.tree.meaning.item, self.tree.flavour
        read = reading(self.number, self.variable, flavour)
        if self.is_yes_no:
            read = f"x if (x := {read}) is None or x.__class__ is bool else refuse()"
        is_first = self.known.item is None and self.tree.uses_item
        has_item = self.tree.uses_item and not is_first
        lines = [f"def decide(f{', h' if has_item else ''}):", "    try:"]
        if is_first:
            lines.append(f"        h = {reading(0, item, flavour)}")
        found = "h.code" if self.number == 0 else f"{read}][h.code" if is_first else read
        lines += [f"        g = T[{found}]", "    except (KeyError, TypeError):"]
        lines.append(f"        return lead(f{', h' if has_item else ''})")
        lines.append(f"    return g(f{', h' if self.tree.uses_item else ''})")
        namespace: dict[str, Any] = {"T": self.table, "lead": self._lead, "refuse": _left_to_interpreter}
        namespace |= dict(namespace_of(0, item)) | dict(namespace_of(self.number, self.variable))
        return self.tree.function(lines, namespace, self.known)


# ---- leaves ---------------------------------------------------------------------------------------------------------------


class _Leaf:
    """What is left to ask once a few facts are known, and what the answers come to."""

    def __init__(self, tree: Tree, parts: Sequence[Part], known: _Known) -> None:
        self.tree = tree
        self.known = known
        self.parts = parts
        self.asked = [Asked(part.formula, part.details, part.role == "ground") for part in parts]
        self.bits: list[Bits] = []
        self.answers: dict[Any, Any] = {}
        self._asking: list[Callable[..., int]] = []
        grounds = (part for part in parts if part.role == "ground")
        self.names_items = any(part.task_list is not None and self._finds(part.task_list.key) for part in grounds)

    def _finds(self, key: str) -> bool:
        """Whether the item is found on a list."""
        return self.known.item is not None and (key, ()) in self.tree.meaning.item.classes[self.known.item]

    def _head(self) -> str:
        return f"def decide(f{', h' if self.known.item is not None else ''}):"

    def _namespace(self, source: Source) -> dict[str, Any]:
        found: dict[str, Any] = {"A": self.answers, "again": self._again, "refuse": _left_to_interpreter}
        for number in source.used:
            found |= dict(namespace_of(number, self.tree.meaning.variables[number]))
        return found

    def function(self) -> Function:
        """The function that asks, and looks the answer up; for what is new it asks again."""
        hit = ", h" if self.known.item is not None else ""
        if len(self.asked) > MOST_QUESTIONS:
            return self.tree.function([self._head(), f"    return again(f{hit})"], {"again": self._again}, self.known)
        source = Source(self.tree.meaning.variables, self.asked, self.tree.flavour)
        lines = [self._head(), "    try:", f"        m = {source.first}", *(f"    {line}" for line in source.lines)]
        lines += [f"        return A[{'h][m' if self.names_items else 'm'}]", "    except (KeyError, TypeError):"]
        lines += [f"        return again(f{hit})"]
        return self.tree.function(lines, self._namespace(source), self.known)

    def _again(self, f: Any, hit: Hit | None = None) -> Decision:
        """Ask with functions that read whatever is told, and remember it and the answer."""
        if not self._asking:
            self._ask()
        found = tuple([ask(f) if hit is None else ask(f, hit) for ask in self._asking])
        key = found[0] if len(found) == 1 else found
        answers = self.answers.setdefault(hit, {}) if self.names_items else self.answers
        decision: Decision | None = answers.get(key)
        if decision is None:
            if len(self.answers) >= MOST_ANSWERS // len(found):
                self.answers.clear()
            decision = answers[key] = self.tree.intern(self._decide(found, hit))
        return decision

    def _ask(self) -> None:
        """Make the functions that ask, each so many questions."""
        flavour: Flavour = "read" if self.tree.flavour == "read" else "slow"
        for start in range(0, max(1, len(self.asked)), MOST_QUESTIONS):
            asked = self.asked[start : start + MOST_QUESTIONS]
            source = Source(self.tree.meaning.variables, asked, flavour)
            self.bits += source.bits
            lines = [self._head(), f"    m = {source.first}", *source.lines, "    return m"]
            self._asking.append(_made(lines, self._namespace(source)))

    # ---- answers -----------------------------------------------------------------------------------------------------

    def _decide(self, found: Sequence[int], hit: Hit | None) -> Decision:
        fired: list[Because] = []
        open_: list[Because] = []
        narrower: list[Because] = []
        admitted: list[AdmittedBy] = []
        is_admitted = False
        for number, (part, bits) in enumerate(zip(self.parts, self.bits, strict=True)):
            m = found[number // MOST_QUESTIONS]
            if not m & (bits.true | bits.open):
                continue
            truth: Truth = True if m & bits.true else None
            if part.role == "charge":
                (fired if truth else open_).append(self._because(part, bits, m, truth))
            elif part.role == "narrower":
                narrower.append(Because("narrower_policy", part.policy.name, None))
            else:
                is_admitted = True
                admitted += self._admission(part, bits, m, hit)
        if fired:
            return Decision("rejected", in_order(fired, self.tree.levels), tuple(admitted))
        if is_admitted and not open_ and not narrower:
            return Decision("accepted", (), tuple(admitted))
        reasons = [*open_, *narrower]
        if not is_admitted and not any(each.kind in ("not_listed", "partial_list") for each in reasons):
            reasons.append(Because("no_list", None, None))
        return Decision("undetermined", in_order(reasons, self.tree.levels), tuple(admitted))

    def _because(self, part: Part, bits: Bits, m: int, truth: Truth) -> Because:
        if part.rule is not None:
            return Because("ban" if part.rule.kind == "ban" else "require", part.rule.name, truth)
        if part.task_list is not None:
            is_partial = truth is None and part.task_list.extent == "partial" and self._seeks(part.task_list.key)
            return Because("partial_list" if is_partial else "ban_list", part.task_list.name, truth)
        return self._shut_out(part, bits, m, truth)

    def _seeks(self, key: str) -> bool:
        """Whether an item is told that isn't found on a list."""
        return bool(self.known.item) and not self._finds(key)

    def _shut_out(self, part: Part, bits: Bits, m: int, truth: Truth) -> Because:
        shutting = [each for each in part.policy.lists if each.shuts_out]
        truths = [self._truth(detail, pair, m) for detail, pair in zip(part.details, bits.details, strict=True)]
        governing = [
            (each, governs, covers)
            for each, governs, covers in zip(shutting, truths[::2], truths[1::2], strict=False)
            if governs is not False
        ]
        first = next(
            (each for each, governs, _ in governing if governs), (governing or [(shutting[0], None, None)])[0][0]
        )
        is_partial = truth is None and any(
            each.extent == "partial" and covers is None and self._seeks(each.key) for each, _, covers in governing
        )
        return Because("partial_list" if is_partial else "not_listed", first.name, truth)

    def _truth(self, detail: Formula, bits: tuple[int, int], m: int) -> Truth:
        if detail.operator == "constant":
            return detail.truth
        return True if m & bits[0] else None if m & bits[1] else False

    def _admission(self, part: Part, bits: Bits, m: int, hit: Hit | None) -> Iterator[AdmittedBy]:
        """What an admission or a list admits by; a list whose place another one takes admits nothing by itself."""
        if part.rule is not None:
            yield AdmittedBy(part.rule.name, None, is_list=False)
            return
        assert part.task_list is not None
        truths = [self._truth(detail, pair, m) for detail, pair in zip(part.details, bits.details, strict=True)]
        if truths[0] is not True:
            yield AdmittedBy(part.task_list.name, self._item(part.task_list, truths[1:], hit))

    def _item(self, task_list: p.TaskList, truths: Sequence[Truth], hit: Hit | None) -> str | None:
        """The code of the first item found on a list that covers the task."""
        found = () if hit is None else hit.found.get(task_list.key, ())
        if not truths:
            return found[0].code if found else None
        covering = {
            number
            for number, truth in zip(self.tree.choice_numbers(task_list, self.known), truths, strict=True)
            if truth
        }
        covers = self.tree.meaning.item.covers
        return next((item.code for item in found if covers[id(item)] in covering), None)
