"""Write `facts.md`: the table of the core facts, as `core.burden` declares them.

Run `python docs/make_facts.py` after the core facts change; a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from burdenlib.facts import show
from burdenlib.formatter import format_condition
from burdenlib.loader import load_documents
from burdenlib.policy import Fact
from burdenlib.translation import Lexicon
from burdenlib.vocabulary import KEYWORDS, TELLERS

HEAD = """\
# The core facts · 核心要素

<!-- written by make_facts.py; don't edit -->

Every policy, sheet and plugin may use these facts, by name or by label.
A column of a sheet is headed by either; values are written in either language.
`or none` says that the fact may be known not to exist: write `none` or `无`.
`only when` says for which tasks the fact exists at all.
Who may tell a fact stands under *set by*; *identity* facts say which task it is.
Policies and plugins may declare more facts.

政策、表格和插件都可以使用下列要素,名称或标签均可;取值用哪种语言都可以。
“或无”表示可以确知没有,填 `无` 或 `none`;不知道的留空。
“仅限”表示只有这类任务才有该要素。
“填报方”是可以告知该要素的一方;登记信息标识任务本身。

| name | 要素 | type 类型 | values 取值 | 询问 | set by 填报方 | only when 仅限 |
|---|---|---|---|---|---|---|
"""


def core_facts() -> tuple[Fact, ...]:
    """The facts of the core policy, in their order."""
    return next(policy.facts for policy in load_documents(["core"]).policies.policies if policy.name == "core")


def kind_of(fact: Fact) -> str:
    """The type in both languages."""
    words = fact.type.described
    none = KEYWORDS["or_none"] if fact.type.or_none else ("", "")
    return f"{words.en} {none[0]}".strip() + "<br>" + f"{words.zh} {none[1]}".strip()


def values_of(fact: Fact) -> str:
    """The values with their labels; of an ordered type the highest first."""
    joint = " > " if fact.type.kind == "ordered" else "、"
    return joint.join(f"{value.name} {value.words.pick('zh')}" for value in fact.type.values)


def only_when(fact: Fact, lexicon: Lexicon) -> str:
    """The condition under which the fact exists, in both languages."""
    if fact.only_when is None or fact.only_when.syntax is None:
        return ""
    texts = (format_condition(fact.only_when.syntax, language, lexicon) for language in ("en", "zh"))
    return "<br>".join(re.sub(r"\s+", " ", text) for text in texts)


def rows() -> Iterator[str]:
    """A row of the table for each fact."""
    facts = core_facts()
    lexicon = Lexicon.of(facts)
    for fact in facts:
        question = "" if fact.question is None else fact.question.pick("zh")
        usual = "" if fact.usually is None else f"<br>(通常 {show(fact.type, fact.usually, 'zh')})"
        tellers = "<br>".join(f"{teller} {TELLERS[teller]}" for teller in fact.set_by)
        cells = (f"`{fact.name}`", fact.label.pick("zh"), kind_of(fact), values_of(fact), question + usual, tellers)
        yield "| " + " | ".join((*cells, only_when(fact, lexicon))) + " |\n"


def page() -> str:
    """The whole page."""
    return HEAD + "".join(rows())


if __name__ == "__main__":
    Path(__file__).with_name("facts.md").write_text(page(), "utf-8")
