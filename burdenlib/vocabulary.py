"""The words of the language itself, in English and Chinese: keywords, actors, grades, periods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from burdenlib.words import Language, Words, has_han

__all__ = [
    "ACTORS",
    "GRADES",
    "KEYWORDS",
    "LANGUAGE_VERSION",
    "LEVELS",
    "PERIODS",
    "PROMISES",
    "SEEN",
    "STATUSES",
    "TELLERS",
    "canonical",
    "keyword",
    "written_apart",
]

LANGUAGE_VERSION: Final = "1.1"
"""Version of the language, apart from the version of the library."""

KEYWORDS: Final[Mapping[str, tuple[str, str]]] = {
    # declarations
    "policy": ("policy", "文件"),
    "fact": ("fact", "要素"),
    "term": ("term", "所称"),
    "list": ("list", "清单"),
    "ban_list": ("ban list", "禁入清单"),
    "item": ("item", "事项"),
    "otherwise": ("otherwise", "其他"),
    "ban": ("ban", "禁止"),
    "require": ("require", "要求"),
    "admit": ("admit", "准入"),
    "limit": ("limit", "限额"),
    "duty": ("duty", "义务"),
    "phrases": ("phrases", "用语"),
    "promise": ("promise", "保证"),
    "example": ("example", "示例"),
    # the head of a policy
    "version": ("version", "版本"),
    "issued_by": ("issued by", "制定机关"),
    "for_place": ("for place", "适用地区"),
    "everywhere": ("everywhere", "全国"),
    "effective": ("effective", "施行"),
    "supersedes": ("supersedes", "废止"),
    "uses": ("uses", "引用"),
    # facts
    "yes_no": ("yes/no", "是否"),
    "text": ("text", "文本"),
    "number_type": ("number", "数值"),
    "date_type": ("date", "日期"),
    "place": ("place", "区划"),
    "one_of": ("one of", "单选"),
    "set_of": ("set of", "多选"),
    "ordered": ("ordered", "分级"),
    "same_as": ("same as", "同"),
    "or_none": ("or none", "或无"),
    "ask": ("ask", "询问"),
    "set_by": ("set by", "填报方"),
    "only_when": ("only when", "仅限"),
    "usually": ("usually", "通常"),
    "means": ("means", "是指"),
    # lists and items
    "governs": ("governs when", "适用于"),
    "closed": ("closed", "封闭"),
    "open": ("open", "开放"),
    "partial": ("partial", "节选"),
    "answered_by": ("answered by", "查询"),
    "implements": ("implements", "落实"),
    "localities_may_add": ("localities may add", "地方可增补"),
    "each_states": ("each item states", "事项须载明"),
    "items_from": ("items from", "事项见"),
    "also": ("also", "又称"),
    "refines": ("refines", "细化"),
    "department": ("department", "部门"),
    "role": ("role", "角色"),
    "instead": ("instead", "改由"),
    # rules
    "when": ("when", "情形"),
    "unless": ("unless", "例外"),
    "must": ("must", "应当"),
    "to": ("to", "纳入"),
    "every_list": ("every list", "各清单"),
    "of": ("of", "合计"),
    "per": ("per", "每"),
    "each": ("each", "按"),
    "owed_by": ("owed by", "义务人"),
    "but_not": ("but not", "不含"),
    "shows": ("shows", "表明"),
    "because": ("because", "理由"),
    "cite": ("cite", "依据"),
    "remedy": ("remedy", "整改"),
    "set": ("set", "设为"),
    "from": ("from", "自"),
    "until": ("until", "至"),
    "binds": ("binds", "约束"),
    "grade": ("grade", "效力"),
    "seen": ("seen", "所见"),
    "ref": ("ref", "编号"),
    # examples
    "given": ("given", "给定"),
    "each_of": ("each", "逐一"),
    "expect": ("expect", "结果"),
    "accepted": ("accepted", "准入"),
    "rejected": ("rejected", "不予准入"),
    "undetermined": ("undetermined", "待核实"),
    "by": ("by", "根据"),
    "with": ("with", "附带"),
    "without": ("without", "不附带"),
    "asking": ("asking", "询问"),
    # conditions
    "and": ("and", "且"),
    "or": ("or", "或"),
    "not": ("not", "非"),
    "is": ("is", "是"),
    "is_not": ("is not", "不是"),
    "in": ("in", "属于"),
    "not_in": ("not in", "不属于"),
    "at_least": ("at least", "不低于"),
    "at_most": ("at most", "不超过"),
    "above": ("above", "高于"),
    "below": ("below", "低于"),
    "no_earlier": ("no earlier than", "不早于"),
    "no_later": ("no later than", "不晚于"),
    "before": ("before", "早于"),
    "after": ("after", "晚于"),
    "afterwards": ("after", "之后"),
    "beforehand": ("before", "之前"),
    "days": ("days", "日"),
    "working_days": ("working days", "个工作日"),
    "includes": ("includes", "含"),
    "any_of": ("any of", "任一"),
    "all_of": ("all of", "全部"),
    "within": ("within", "位于"),
    "on": ("on", "列入"),
    "off": ("off", "未列入"),
    "listed": ("listed", "已列入清单"),
    "unlisted": ("unlisted", "未列入清单"),
    "has": ("has", "有"),
    "has_no": ("no", "无"),
    "mentions": ("mentions", "提及"),
    "none": ("none", "无"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
}
"""Every keyword by the name of its terminal in `dsl/burden.lark`: English, Chinese."""

TELLERS: Final[Mapping[str, str]] = {
    "identity": "登记信息",
    "department": "部门",
    "authority": "主管机关",
    "register": "登记机关",
    "target": "对象",
}
"""Who may tell a fact; `identity` facts say which task it is, and anyone who registers it tells them."""

ACTORS: Final[Mapping[str, str]] = {
    "assigner": "下达方",
    "demander": "索要方",
    "issuer": "出具方",
    "committee": "村居",
    "approver": "批准方",
}
"""Whom a rule binds, or who owes a duty."""

LEVELS: Final[Mapping[str, str]] = {
    "central": "中央",
    "province": "省",
    "city": "市",
    "county": "县",
    "township": "乡镇",
    "grassroots": "村社",
}
"""The levels of government that issue documents, from the highest down."""

SEEN: Final[Mapping[str, str]] = {"full": "全文", "list": "名录", "extract": "摘录", "digest": "转述"}
"""How much of its source the author of a policy has seen, from most to least."""

GRADES: Final[Mapping[str, str]] = {"must not": "不得", "as a rule": "原则上", "may refuse": "有权拒绝"}
"""How strict a rule is, for the reader."""

PERIODS: Final[Mapping[str, str]] = {"year": "年", "quarter": "季", "month": "月", "week": "周"}
"""The windows of a limit: calendar year, quarter and month, and ISO week."""

PROMISES: Final[Mapping[str, str]] = {
    "never accepted when": "绝不准入",
    "accepted only when": "准入前提",
    "always rejected when": "一律不予准入",
}
"""What a promise says of every possible task."""

STATUSES: Final[Mapping[str, str]] = {"accepted": "准入", "rejected": "不予准入", "undetermined": "待核实"}
"""The three answers."""


def keyword(name: str, language: Language) -> str:
    """Spell the keyword with this terminal name in `language`."""
    english, chinese = KEYWORDS[name]
    return chinese if language == "zh" else english


_CHINESE: Final = sorted({chinese for _, chinese in KEYWORDS.values()}, key=lambda word: (-len(word), word))
_INSIDE: Final = re.compile("|".join(re.escape(word) for word in _CHINESE if len(word) > 1 or word in "是含且或"))


def written_apart(name: str) -> str | None:
    """A name that Chinese keywords run into, with spaces round them; `None` if none does."""
    if not has_han(name) or name in _CHINESE or not _INSIDE.search(name):
        return None
    return " ".join(_INSIDE.sub(lambda match: f" {match[0]} ", name).split())


def canonical(word: str, table: Mapping[str, str]) -> str | None:
    """The English spelling of `word` in one of the tables above, or `None` if it isn't there."""
    word = " ".join(word.split())
    return word if word in table else next((en for en, zh in table.items() if zh == word), None)


def label(word: str, table: Mapping[str, str]) -> Words:
    """The two spellings of an entry of one of the tables above."""
    return Words(zh=table[word], en=word)
