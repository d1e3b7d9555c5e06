"""Conditions: every name in them resolved, every type checked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from burdenlib import policy as p
from burdenlib import syntax as s
from burdenlib.checker.context import Context, Head
from burdenlib.checker.facts import read_literal
from burdenlib.facts import FactType, Value
from burdenlib.lists import normal_code
from burdenlib.places import parse_place
from burdenlib.policy import Fact
from burdenlib.problems import nearest
from burdenlib.words import Words

__all__ = ["MAX_DAYS", "check_condition"]

MAX_DAYS = 3660
"""The longest stretch of days that a condition may count."""

_OPERATORS: Mapping[s.Operator, Literal[">=", "<=", ">", "<"]] = {
    "at_least": ">=",
    "at_most": "<=",
    "above": ">",
    "below": "<",
    "no_earlier": ">=",
    "no_later": "<=",
    "after": ">",
    "before": "<",
}
_DATE_OPERATORS = ("no_earlier", "no_later", "before", "after")


def check_condition(context: Context, head: Head, condition: s.Condition) -> p.Condition:
    """The meaning of a condition in one document; where it has none, a problem is kept and it counts as true."""
    return _Checker(context, head).check(condition)


class _Checker:
    def __init__(self, context: Context, head: Head) -> None:
        self.context = context
        self.head = head

    def check(self, condition: s.Condition) -> p.Condition:
        found = self._check(condition)
        return p.TRUE if found is None else found

    def _check(self, node: s.Condition) -> p.Condition | None:
        match node:
            case s.AllOf(parts):
                return p.All(tuple(self.check(part) for part in parts), syntax=node)
            case s.AnyOf(parts):
                return p.Any(tuple(self.check(part) for part in parts), syntax=node)
            case s.Not(part):
                return p.Not(self.check(part), syntax=node)
            case s.Holds():
                return self._holds(node)
            case s.Is():
                return self._is(node)
            case s.In():
                return self._in(node)
            case s.Compare():
                return self._compare(node)
            case s.Includes():
                return self._includes(node)
            case s.Within():
                return self._within(node)
            case s.OnList():
                return self._on(node)
            case s.OnAnyList(negated):
                return p.OnAnyList(negated, syntax=node)
            case s.Has():
                return self._has(node)
            case s.Mentions():
                keys = self.context.resolve("phrases", self.head, node.phrases)
                return p.Mentions(keys, syntax=node) if keys else None

    # ---- facts -------------------------------------------------------------------------------------------------------

    def _holds(self, node: s.Holds) -> p.Condition | None:
        terms = self.context.find(self.head, node.name, ("term",))
        if terms:
            return p.TermUse(tuple(head.key_of(str(each.name)) for head, each in terms), syntax=node)
        fact = self.context.find_fact(node.name.text)
        if fact is None:
            known = [*self.context.spellings, *self.context.known(self.head, ("term",))]
            self.context.unknown("fact", node.name, known)
            return None
        if fact.type.kind != "yes_no":
            self._wrong_use(node.name, fact, "yes_no")
            return None
        return p.YesNo(fact.name, syntax=node)

    def _wrong_use(self, name: s.Name, fact: Fact, *wanted: str) -> None:
        """Report a fact whose type doesn't fit what is asked of it."""
        kinds = [FactType(kind).described for kind in wanted]  # type: ignore[arg-type]  # they are kinds of types
        words = Words("或".join(kind.pick("zh") for kind in kinds), " or ".join(kind.pick("en") for kind in kinds))
        advice = None
        if fact.type.kind == "set_of":
            advice = Words(f"多选要素写作“{name.text} 含 …”", f"sets are asked by `{name.text} includes …`")
        elif fact.type.kind in ("one_of", "ordered", "text", "number", "date", "place"):
            advice = Words(f"写出取值,如“{name.text} 是 …”", f"say which value: `{name.text} is …`")
        elif fact.type.kind == "yes_no":
            advice = Words(
                f"是否要素只写名称:“{name.text}”或“非 {name.text}”", f"write `{name.text}` or `not {name.text}`"
            )
        details = {"fact": name.text, "type": fact.type.described, "wanted": words}
        self.context.report("wrong-use", name.span, details, advice=advice)

    def _other_fact(self, literal: s.LiteralNode, fact: Fact) -> p.FactRef | None:
        """Another fact of the same values, if a literal names one."""
        if not isinstance(literal, s.Name) or fact.type.find(literal.text) is not None:
            return None
        other = self.context.find_fact(literal.text)
        if other is None:
            return None
        if not fact.type.same_values(other.type):
            details = {
                "fact": fact.name,
                "type": fact.type.described,
                "other": other.name,
                "other_type": other.type.described,
            }
            self.context.report("unlike-facts", literal.span, details)
        return p.FactRef(other.name)

    def _value(self, literal: s.LiteralNode, fact: Fact) -> Value | p.FactRef | None:
        if (other := self._other_fact(literal, fact)) is not None:
            return other
        if isinstance(literal, s.Name) and not fact.type.values:
            self.context.unknown("fact", literal, self.context.spellings)
            return None
        return read_literal(self.context, fact, literal)

    def _is(self, node: s.Is) -> p.Condition | None:
        if (fact := self.context.fact(node.fact)) is None:
            return None
        if fact.type.kind == "set_of":
            self._wrong_use(node.fact, fact, "one_of", "text", "number", "date")
            return None
        value = self._value(node.value, fact)
        return None if value is None else p.Equal(fact.name, value, node.negated, syntax=node)

    def _in(self, node: s.In) -> p.Condition | None:
        if (fact := self.context.fact(node.fact)) is None:
            return None
        if fact.type.kind in ("set_of", "yes_no"):
            self._wrong_use(node.fact, fact, "one_of", "text")
            return None
        if not node.values.literals:
            self.context.report("empty-braces", node.values.span)
        values = [read_literal(self.context, fact, literal) for literal in node.values.literals]
        return p.Member(fact.name, tuple(v for v in values if v is not None), node.negated, syntax=node)

    def _compare(self, node: s.Compare) -> p.Condition | None:
        if (fact := self.context.fact(node.fact)) is None:
            return None
        if fact.type.kind not in ("number", "ordered", "date"):
            self._wrong_use(node.fact, fact, "number", "ordered", "date")
            return None
        if (fact.type.kind == "date") != (node.operator in _DATE_OPERATORS):
            self.context.report("wrong-operator", node.span, {"fact": fact.name, "type": fact.type.described})
            return None
        amount: Value | p.FactRef | p.Offset | None
        amount = (
            self._offset(node.amount, fact) if isinstance(node.amount, s.Offset) else self._value(node.amount, fact)
        )
        if isinstance(node.amount, s.Constant) and node.amount.word == "none":
            self.context.report("compared-with-none", node.amount.span, {"fact": node.fact.text})
            return None
        if amount is None:
            return None
        return p.Compare(fact.name, _OPERATORS[node.operator], amount, syntax=node)

    def _offset(self, node: s.Offset, fact: Fact) -> p.Offset | None:
        count, base = node.count.value, self.context.fact(node.fact)
        if count != count.to_integral_value() or node.count.percent or not 0 < count <= MAX_DAYS:
            details = {"found": node.count.span.text, "limit": str(MAX_DAYS)}
            self.context.report("bad-day-count", node.count.span, details)
            return None
        for each in (fact, base):
            if each is not None and each.type.kind != "date":
                self._wrong_use(node.fact, each, "date")
                return None
        if base is None:
            return None
        return p.Offset(int(count) if node.after else -int(count), node.working, base.name)

    def _includes(self, node: s.Includes) -> p.Condition | None:
        if (fact := self.context.fact(node.fact)) is None:
            return None
        if fact.type.kind != "set_of":
            self._wrong_use(node.fact, fact, "set_of")
            return None
        if not node.values.literals:
            self.context.report("empty-braces", node.values.span)
        values = [read_literal(self.context, fact, literal) for literal in node.values.literals]
        names = tuple(str(value) for value in values if value is not None)
        return p.Contains(fact.name, names, node.quantifier == "all", syntax=node)

    def _within(self, node: s.Within) -> p.Condition | None:
        if (fact := self.context.fact(node.fact)) is None:
            return None
        if fact.type.kind != "place":
            self._wrong_use(node.fact, fact, "place")
            return None
        places = []
        for code in node.places:
            if (place := parse_place(code.text)) is None:
                self.context.report("bad-place", code.span, {"found": code.text})
            else:
                places.append(place)
        return p.Inside(fact.name, tuple(places), syntax=node)

    def _has(self, node: s.Has) -> p.Condition | None:
        if (fact := self.context.fact(node.fact)) is None:
            return None
        if not fact.type.or_none:
            self.context.report("never-none", node.fact.span, {"fact": fact.name, "type": fact.type.described})
            return None
        return p.Has(fact.name, node.negated, syntax=node)

    # ---- lists -------------------------------------------------------------------------------------------------------

    def _on(self, node: s.OnList) -> p.Condition | None:
        keys = self.context.resolve("list", self.head, node.list)
        if not keys:
            return None
        drafts = [self.context.lists[key] for key in keys]
        known = {normal_code(item.code.text) for draft in drafts for item in draft.items if item.code is not None}
        codes = []
        for code in node.codes:
            codes.append(normal_code(code.text))
            if codes[-1] not in known and not self.context.skipped:
                details = {"code": code.text, "list": node.list.text}
                self.context.report("unknown-code", code.span, details, nearest=nearest(code.text, known))
        return p.OnList(keys, tuple(codes), node.off, syntax=node)


def whole_number(value: Decimal) -> bool:
    """Whether a number has no fraction."""
    return value == value.to_integral_value()
