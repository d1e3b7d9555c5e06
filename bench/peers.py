"""The synthetic workload in the languages of other engines, as far as they are installed.

None of them has a third truth value, so each is asked two questions for each ban and for each list that may reject: whether
it surely rejects the task, and whether it may, for all that isn't told. From the answers come verdict and deciding reasons,
and they have to be those of the code written by hand. What admits a task isn't asked, so they are asked a little less.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

Condition = tuple[Any, ...]
Answer = set[tuple[str, bool | None]]
Asked = Callable[[Mapping[str, Any]], Answer]
Tells = Callable[[Mapping[str, Any]], Iterable[str]]
"""Which of the questions an engine says yes to; those whether a charge is sure end in `!`."""

COMMITTEE: Condition = ("in", "target_kind", ["village", "community"])


def kind(name: str) -> Condition:
    return ("in", "kind", [name])


def no(condition: Condition) -> Condition:
    return ("not", condition)


MANDATED = ["central", "province"]
STATUTES = ["law", "administrative_regulation", "local_regulation"]

BANS: Mapping[str, tuple[Condition, ...]] = {
    "b01": (COMMITTEE, ("has", "channels", ["pledge"]), no(("in", "basis", STATUTES[:2]))),
    "b02": (COMMITTEE, ("has", "channels", ["veto"]), no(("in", "mandate", ["central"]))),
    "b03": (kind("work"), ("in", "role", ["responsible"]), ("yes", "government_duty"), no(("in", "mandate", MANDATED))),
    "b04": (kind("work"), ("has", "channels", ["target_quota", "ranking"]), no(("yes", "emergency"))),
    "b05": (
        kind("form"),
        no(("yes", "within_duty")),
        ("in", "level", ["county", "township", "grassroots"]),
        no(("has", "approved_by", ["statistics"])),
    ),
    "b06": (
        kind("evaluation"),
        no(("has", "approved_by", ["central", "province"])),
        ("yes", "separate_assessment"),
        no(("in", "basis", ["law"])),
    ),
    "b07": (kind("certificate"), no(("yes", "within_duty")), no(("in", "basis", STATUTES))),
    "b08": (
        kind("meeting"),
        ("has", "channels", ["leader_speech"]),
        no(("in", "duration", ["temporary"])),
        no(("yes", "emergency")),
    ),
    "b09": (
        kind("inspection"),
        no(("has", "approved_by", ["county"])),
        ("in", "level", ["county", "township"]),
        no(("in", "mandate", [*MANDATED, "city"])),
    ),
    "b10": (
        kind("work"),
        ("in", "role", ["assist"]),
        no(("yes", "funded")),
        ("in", "duration", ["long_term"]),
        no(("in", "mandate", ["central"])),
    ),
    "b11": (kind("signboard"), no(("in", "target_kind", ["township"])), no(("in", "mandate", MANDATED))),
    "b12": (kind("app"), COMMITTEE, no(("has", "approved_by", ["joint_meeting"])), no(("yes", "emergency"))),
}

APPLIES: tuple[Condition, ...] = (("starts", "target", "37"), ("from", "date", "2023-01-01"))
BY_LAW: Condition = ("in", "basis", STATUTES[:2])
WORK = [text for number in range(150) for text in (f"W-{number}", f"help with matter {number}")]
GONE = [text for number in range(27) for text in (f"C-{number}", f"certificate {number}")]

CHARGES: Mapping[str, Condition] = {
    **{name: ("and", *APPLIES, *parts) for name, parts in BANS.items()},
    "certificates": ("and", *APPLIES, kind("certificate"), ("in", "item", GONE), no(("in", "mandate", ["central"]))),
    "tasks": (
        "and",
        *APPLIES,
        kind("work"),
        no(("and", *APPLIES, kind("work"), ("in", "item", WORK))),
        no(("and", *APPLIES, kind("work"), BY_LAW)),
    ),
}


@frozen
class Words:
    """How a language says things; `{0}` stands for a fact, `{1}` for a constant."""

    told: str
    has: str
    starts: str = "({0}.startsWith({1}))"
    since: str = "({0} >= {1})"
    member: str = "({0} in {1})"
    fact: str = "{}"
    not_: str = "!"
    or_: str = " || "
    and_: str = " && "

    def leaf(self, condition: Condition) -> str:
        """A condition on a fact that is told."""
        fact = self.fact.format(condition[1])
        match condition:
            case ("in", _, values):
                return self.member.format(fact, json.dumps(values))
            case ("has", _, values):
                return f"({self.or_.join(self.has.format(fact, json.dumps(each)) for each in values)})"
            case ("yes", _):
                return fact
            case ("starts", _, value):
                return self.starts.format(fact, json.dumps(value))
            case ("from", _, value):
                return self.since.format(fact, json.dumps(value))
        raise ValueError(condition)

    def text(self, condition: Condition, *, sure: bool) -> str:
        """Whether a condition is surely true, or may be true."""
        match condition:
            case ("and", *parts):
                return f"({self.and_.join(self.text(each, sure=sure) for each in parts)})"
            case ("not", inner):
                return f"{self.not_}({self.text(inner, sure=not sure)})"
        told, leaf = self.told.format(self.fact.format(condition[1]), condition[1]), self.leaf(condition)
        return f"({told}{self.and_}{leaf})" if sure else f"({self.not_}({told}){self.or_}{leaf})"

    def questions(self) -> dict[str, str]:
        """All questions by name."""
        return {
            f"{name}{mark}": self.text(charge, sure=bool(mark))
            for name, charge in CHARGES.items()
            for mark in ("", "!")
        }


def weighed(yes: Iterable[str]) -> Answer:
    """The reasons that decide, from what an engine says yes to."""
    found = set(yes)
    fired = {name for name in CHARGES if f"{name}!" in found}
    return {(name, True) for name in fired} or {(name, None) for name in CHARGES if name in found}


def expected(answer: Sequence[Any]) -> Answer:
    """The same of the code written by hand: without that no list decides, or that a part of the place may."""
    return {(name, truth) for name, truth in answer[1] if name in CHARGES}


def zen() -> Tells:
    import zen

    words = Words(
        "{0} != null",
        "contains({0}, {1})",
        "startsWith({0}, {1})",
        "(d({0}) >= d({1}))",
        not_="not ",
        or_=" or ",
        and_=" and ",
    )
    compiled = {name: zen.compile_expression(text) for name, text in words.questions().items()}
    return lambda task: (name for name, each in compiled.items() if each.evaluate(task))


def cel_rust() -> Tells:
    import cel

    words = Words("has({0})", "({1} in {0})", fact="t.{}")
    programs = {name: cel.compile(text) for name, text in words.questions().items()}

    def tells(task: Mapping[str, Any]) -> list[str]:
        context = cel.Context(variables={"t": task})
        return [name for name, each in programs.items() if each.execute(context)]

    return tells


def cel_python() -> Tells:
    import celpy

    environment = celpy.Environment()
    words = Words("has({0})", "({1} in {0})", fact="t.{}")
    programs = {name: environment.program(environment.compile(text)) for name, text in words.questions().items()}

    def tells(task: Mapping[str, Any]) -> list[str]:
        values = {"t": celpy.json_to_cel(dict(task))}
        return [name for name, each in programs.items() if each.evaluate(values)]

    return tells


def rule_engine() -> Tells:
    import rule_engine

    words = Words("{0} != null", "({1} in {0})", "({0}.starts_with({1}))", not_="not ", or_=" or ", and_=" and ")
    context = rule_engine.Context(default_value=None)
    rules = {name: rule_engine.Rule(text, context=context) for name, text in words.questions().items()}
    return lambda task: [name for name, each in rules.items() if each.matches(task)]


def json_logic() -> Tells:
    from json_logic import jsonLogic

    def leaf(condition: Condition) -> dict[str, Any]:
        fact = {"var": condition[1]}
        match condition:
            case ("in", _, values):
                return {"in": [fact, values]}
            case ("has", _, values):
                return {"or": [{"in": [each, fact]} for each in values]}
            case ("starts", _, value):
                return {"==": [{"substr": [fact, 0, len(value)]}, value]}
            case ("from", _, value):
                return {">=": [fact, value]}
        return fact

    def logic(condition: Condition, *, sure: bool) -> dict[str, Any]:
        match condition:
            case ("and", *parts):
                return {"and": [logic(each, sure=sure) for each in parts]}
            case ("not", inner):
                return {"!": [logic(inner, sure=not sure)]}
        untold = {"===": [{"var": condition[1]}, None]}
        return {"and": [{"!": [untold]}, leaf(condition)]} if sure else {"or": [untold, leaf(condition)]}

    rules = {f"{name}{mark}": logic(each, sure=bool(mark)) for name, each in CHARGES.items() for mark in ("", "!")}
    return lambda task: [name for name, each in rules.items() if jsonLogic(each, task)]


def cedar() -> Tells:
    import cedarpy

    words = Words(
        "context has {1}",
        "{0}.contains({1})",
        "({0} like {1})",
        "(datetime({0}) >= datetime({1}))",
        "{1}.contains({0})",
        "context.{}",
    )
    questions = {name: text.replace('like "37"', 'like "37*"') for name, text in words.questions().items()}
    policies = "\n".join(f"forbid(principal, action, resource) when {{ {text} }};" for text in questions.values())
    names = list(questions)
    parsed = cedarpy.PolicySet.from_str(policies) if hasattr(cedarpy.PolicySet, "from_str") else policies
    who = {"principal": 'User::"u"', "action": 'Action::"a"', "resource": 'Task::"t"'}

    def tells(task: Mapping[str, Any]) -> list[str]:
        answer = cedarpy.is_authorized({**who, "context": dict(task)}, parsed, [])
        return [names[int(each.removeprefix("policy"))] for each in answer.diagnostics.reasons]

    return tells


def rego() -> Tells:
    from regopy import Interpreter

    rules: list[str] = []

    def rule(*bodies: str) -> str:
        name = f"n{len(rules)}"
        rules.append("\n".join(f"{name} if {{ {body} }}" for body in bodies))
        return name

    def test(condition: Condition) -> str:
        match condition:
            case ("in", name, values):
                return f"input.{name} in {json.dumps(values)}"
            case ("has", name, values):
                return f"some each in {json.dumps(values)}; each in input.{name}"
            case ("starts", name, value):
                return f"startswith(input.{name}, {json.dumps(value)})"
            case ("from", name, value):
                return f"input.{name} >= {json.dumps(value)}"
        return f"input.{condition[1]} == true"

    def asked(condition: Condition, *, sure: bool) -> str:
        match condition:
            case ("and", *parts):
                return rule("; ".join(asked(each, sure=sure) for each in parts))
            case ("not", inner):
                return rule(f"not {asked(inner, sure=not sure)}")
        return rule(*(() if sure else (f"not {rule(f'input.{condition[1]} != null')}",)), test(condition))

    heads = [
        f'yes contains "{name}{mark}" if {asked(each, sure=bool(mark))}'
        for name, each in CHARGES.items()
        for mark in ("", "!")
    ]
    interpreter = Interpreter()
    interpreter.add_module("workload", "\n".join(("package workload", "import rego.v1", *rules, *heads)))

    def tells(task: Mapping[str, Any]) -> list[str]:
        interpreter.set_input(dict(task))
        found = json.loads(str(interpreter.query("data.workload.yes")))
        return list(found["expressions"][0])

    return tells


PEERS: Mapping[str, Callable[[], Tells]] = {
    "zen-engine, compiled expressions": zen,
    "CEL in Rust (common-expression-language)": cel_rust,
    "json-logic-qubit": json_logic,
    "cedarpy": cedar,
    "rego-cpp (regopy)": rego,
    "rule-engine": rule_engine,
    "cel-python": cel_python,
}


def installed() -> Iterator[tuple[str, Asked | str]]:
    """Each engine, ready, or why it isn't."""
    for name, make in PEERS.items():
        try:
            tells = make()
        except Exception as error:  # noqa: BLE001  # whatever keeps one of them away
            yield name, f"{type(error).__name__}: {error}"
        else:
            yield name, lambda task, tells=tells: weighed(tells(task))  # type: ignore[misc]
