"""The twelve bans of the synthetic workload in the languages of other engines, as far as they are installed.

They are asked less than burdenlib: tasks are told completely, and only which bans fire is asked, not what is open,
what a list says, or what admits the task. Each engine has to find the same bans as the code written by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Condition = tuple[Any, ...]
Fired = Callable[[Mapping[str, Any]], list[str]]

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


def infix(condition: Condition, has: str, words: tuple[str, str], fact: str = "{}") -> str:
    """A condition in a language with infix operators; `words` are its not and its or."""
    match condition:
        case ("in", name, values):
            return f"({fact.format(name)} in {json.dumps(values)})"
        case ("has", name, values):
            return f"({words[1].join(has.format(fact.format(name), json.dumps(each)) for each in values)})"
        case ("yes", name):
            return fact.format(name)
        case ("not", inner):
            return f"{words[0]}({infix(inner, has, words, fact)})"
    raise ValueError(condition)


def joined(has: str, words: tuple[str, str, str]) -> dict[str, str]:
    """Every ban as one expression; `words` are not, or, and."""
    return {name: words[2].join(infix(each, has, words[:2]) for each in parts) for name, parts in BANS.items()}


def zen() -> Fired:
    import zen

    compiled = {
        name: zen.compile_expression(text)
        for name, text in joined("contains({}, {})", ("not ", " or ", " and ")).items()
    }
    return lambda task: [name for name, each in compiled.items() if each.evaluate(task)]


def cel_rust() -> Fired:
    import cel

    programs = {name: cel.compile(text) for name, text in joined("({1} in {0})", ("!", " || ", " && ")).items()}

    def fired(task: Mapping[str, Any]) -> list[str]:
        context = cel.Context(variables=dict(task))
        return [name for name, each in programs.items() if each.execute(context)]

    return fired


def cel_python() -> Fired:
    import celpy

    environment = celpy.Environment()
    texts = joined("({1} in {0})", ("!", " || ", " && "))
    programs = {name: environment.program(environment.compile(text)) for name, text in texts.items()}

    def fired(task: Mapping[str, Any]) -> list[str]:
        values = celpy.json_to_cel(dict(task))
        return [name for name, each in programs.items() if each.evaluate(values)]

    return fired


def rule_engine() -> Fired:
    import rule_engine

    rules = {name: rule_engine.Rule(text) for name, text in joined("({1} in {0})", ("not ", " or ", " and ")).items()}
    return lambda task: [name for name, each in rules.items() if each.matches(task)]


def json_logic() -> Fired:
    from json_logic import jsonLogic

    def logic(condition: Condition) -> dict[str, Any]:
        match condition:
            case ("in", name, values):
                return {"in": [{"var": name}, values]}
            case ("has", name, values):
                return {"or": [{"in": [each, {"var": name}]} for each in values]}
            case ("yes", name):
                return {"var": name}
        return {"!": [logic(condition[1])]}

    rules = {name: {"and": [logic(each) for each in parts]} for name, parts in BANS.items()}
    return lambda task: [name for name, each in rules.items() if jsonLogic(each, task)]


def cedar() -> Fired:
    import cedarpy

    def text(condition: Condition) -> str:
        match condition:
            case ("in", name, values):
                return f"{json.dumps(values)}.contains(context.{name})"
            case ("has", name, values):
                return f"context.{name}.containsAny({json.dumps(values)})"
            case ("yes", name):
                return f"context.{name}"
        return f"!({text(condition[1])})"

    policies = "\n".join(
        f'@id("{name}") forbid(principal, action, resource) when {{ {" && ".join(map(text, parts))} }};'
        for name, parts in BANS.items()
    )
    names = list(BANS)
    parsed = cedarpy.PolicySet.from_str(policies) if hasattr(cedarpy.PolicySet, "from_str") else policies
    who = {"principal": 'User::"u"', "action": 'Action::"a"', "resource": 'Task::"t"'}

    def fired(task: Mapping[str, Any]) -> list[str]:
        answer = cedarpy.is_authorized({**who, "context": dict(task)}, parsed, [])
        found = answer.diagnostics.reasons
        return [names[int(each.removeprefix("policy"))] if each.startswith("policy") else each for each in found]

    return fired


PEERS: Mapping[str, Callable[[], Fired]] = {
    "zen-engine, compiled expressions": zen,
    "CEL in Rust (common-expression-language)": cel_rust,
    "json-logic-qubit": json_logic,
    "cedarpy": cedar,
    "rule-engine": rule_engine,
    "cel-python": cel_python,
}


def installed() -> Iterator[tuple[str, Fired | str]]:
    """Each engine, ready, or why it isn't."""
    for name, make in PEERS.items():
        try:
            yield name, make()
        except Exception as error:  # noqa: BLE001  # whatever keeps one of them away
            yield name, f"{type(error).__name__}: {error}"
