"""Wordings in a text: where they stand, and whether the sentence asks for them.

A wording shows nothing where the sentence forbids it, calls it off or says that there is none (`negated`), nor where
it tells of others, of the past or of the word itself (`reported`). Cues decide that: words such as “不得”, “取消”,
“有的部门”, “过去”. A sentence is read once from left to right, so a text takes time in proportion to its length.

The cues come from our own reading of notices, plans, minutes, speeches and group messages; no official source lists
them. What they decide:

- “不得” holds for its clause and the 、-list in it; past a comma only where the next clause goes on without a subject
  (“,或者…”, “,搞…”, “,以…”). “不得推诿,各村须签订责任书” asks for a pledge. Words against burdens (“清理”, “防止”) let
  go where the list goes on with another thing to do: “清理河道、签订责任书”.
- Two negations ask: “不得不签”, “不得拒绝签订”, “不签订责任书的,不予拨付”; not “未签订责任书的,不得扣减经费”, nor two
  plain 不 in a list.
- A cue inside the name of a thing that is signed or set up is none: “签订禁止燃放烟花爆竹责任书”.
- What follows undoes what stands before it: “责任书一律取消”, “…等做法已被通报”, “…?”. So does a repeal or a
  prohibition in a later clause that has no object of its own: “签订责任书的,立即废止”, “责任书…,乡镇不得自行设立”.
- A case is no order: “如有部门要求签订责任书,…”, “部门在微信群派活的,…”.
- A quotation after a colon, or a full sentence in quotation marks, is what somebody said, unless it was ordered.
- “严禁下列行为:” and “一、严禁事项” hold for the items below, “存在问题:” likewise.
- Lines that were broken by a page's width are joined; blanks within a spaced-out word are dropped.
- Who signs with whom is read within a clause: two parties of which neither is a village or a community, or another
  one who “须…”, are others. Whoever isn't named is the reader of the text.

Deliberately not attempted: what a sentence refers to in another one, irony, and dates compared with the task's.
In doubt a clear “须签订” counts and a told story doesn't; a full sentence in which nothing is ordered is told.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Final, Literal

from attrs import define, field, frozen

from burdenlib.policy import Phrases
from burdenlib.source import fold

__all__ = ["Finding", "find"]

Sense = Literal["meant", "negated", "reported"]


@frozen
class Finding:
    """A wording found in a text: where it stands, the sentence round it, and whether that asks for it.

    `offset` counts characters of the text as it was given. `negated`: the sentence forbids the thing, calls it off or
    says that there is none; `reported`: it tells of others, of the past or of the word. A long sentence is cut.
    """

    wording: str
    offset: int
    sentence: str
    negated: bool
    reported: bool = False

    @property
    def meant(self) -> bool:
        """Whether the sentence asks for the thing."""
        return not (self.negated or self.reported)


# ---- the cues --------------------------------------------------------------------------------------------------------


def _each(words: str, behind: str = "", *, before: str = "") -> str:
    """Alternatives that each begin with a letter of its own.

    `behind` has to follow each; `before` is a class of characters, or one that begins with ^, of which none precedes.
    """
    return "|".join(word + (f"(?<![{before}]{word})" if before else "") + behind for word in words.split())


# The first kind that matches at a place wins. All are written as `fold` leaves the text: ASCII commas and colons.
_CUES: Final = {
    # the frame: clauses, lists, titles of papers
    "carry": ",(?=以(?![便免利确前上下内外期达此])|借|或|以及|及|和|也|亦|更|甚至|搞|签|设|下达|下派|摊派|强制|强迫|随意|擅自|变相|层层|要求)",
    "comma": ",|[ \t](?<![ \t][ \t])[ \t]*(?=各|请|必须|务必)",
    "colon": ":",
    "semicolon": ";",
    "list": "、|并(?=签|与|成立|组建|建立|设立|实行|下达|分解)",
    "unquote": "”",
    "open": "《",
    "close": "》",
    # looks like a negation and is none
    "pass": "不[得能可应]不|不得(?:低于|少于|迟于|晚于|超过)|不[低少]于|不[仅但光只断论]|不定期|不折不扣|要不要|是不是|[毫无]例外"
    "|完不成|不作为(?=的|[,。;、])|不到位|" + _each("未 不能 没有?", "(?:完成|达到)"),
    # not having done it costs nothing, so it needn't be done
    "spare": _each(
        "不得 不能 不予 不再 不会 不做 不作 不 严禁 禁止 不准 不应 免于?",
        "(?:因此|据此|随意|擅自)?(?:受|被|予以)?(?:扣[减分发]?|追[究责]|问责|处[罚分]|批评|影响|为难|歧视|约谈|强[制求迫])",
    )
    + "|照[样常旧]|也可|可以?不|可以?继续",
    "penalty": "取消[^,。;]{0,12}?资格|通报批评|约谈|问责|追[究责]|扣[减分发]|否决|责令|视为|不予(?!受理|接收|认可|采用|承认)|影响|限期|补[签交齐办报]|交齐|签[齐完]|抓紧|尽快|速|须|务必",
    # what it says of the wordings before it
    "undone": _each(
        "取消 废止 废除 停止 叫停 喊停 停用 停办 停签 收回 撤销 撤并 取缔 解散 清退 退出 归零 注销 终止 禁止 杜绝 避免 清理"
        " 整治 纠正 压减 精简 下架 摒弃 删除 删去 剔除 归并 关停 停掉 撤回 召回 搁置 停下来 停一停 放一放 撤下 取下 摘下",
        "掉?[了后]?(?=[,。;!?:)并]|$)",
    )
    + "|"
    + _each("清零", "(?=[,。;!?:)]|$)", before="成态题患")
    + "|不[签搞设排发下建用填交要看]了?(?=[,。;、)]|$)|列[为入][^,。;]{0,4}?(?:禁止|负面|取消|废止|清理|整治)|退[回还]|返还|不予(?:受理|接收|认可|采用|承认)(?=[,。;]|$)|不算数|不作数|不认账|无效(?!率)|失去效力|能[撤并减退]则|应[撤并减退]尽|成为?了?历史|走[进入]历史|为[零0](?=[,。;]|$)"
    + "|停[签建设办发]|作废|失效|退出历史|压?减[为至到]|改[为成]|转[为成]|变[为成]|调整为|不作|不强[制求](?=[,。;]|$)",
    "refusable": "有权(?=举报|投诉|抵制)|"
    + _each("有权 可以? 予以", "(?:拒[绝签收办]?|不予?[签理办接认收做]?[理单受收纳可]?)(?=[,。;)]|$)"),
    "phenomenon": "问题\\d+[多余]?[个项条起处]|等[^,。;]{0,8}?(?:问题|做法|现象|乱象|行为|倾向|形式主义)|的(?:做法(?!是)|现象|乱象|行为|倾向|怪象|陋习|老路|路子|套路)|泛滥|满天飞|成风"
    "|过多|过滥|繁多|之风|乱象|专项(?:治理|整治|清理)|变相",
    "relief": "减负|减轻[^,。;]{0,4}?负担|松绑|解放|解脱|成[为了]?[^,。;]{0,4}?负担|加重[^,。;]{0,6}?负担|甩锅|转嫁|苦不堪言|疲于|顾不上|喘不过气|叫苦|怨言"
    "|头上(?=[,。;])|压[弯垮]",
    "word": "最早|起源于|始于|一词|字[样眼]|[两二三四几]个字|的(?:提法|说法|表述|称谓|由来|含义|定义|概念)|原指|是指|系指|并非",
    "aftermath": "所致|[已均]整改到位|立行立改|看似|实则|沦为|异化|已被[^,。;]{0,6}?(?:通报|约谈|问责|责令|叫停|批评|纠正|查处|处分)|[后曾]被"
    "|受到了?[^,。;]{0,4}?(?:处分|批评|问责)|"
    + _each("被点名", before="将会要应可律")
    + "|"
    + _each("该 此 这 上述", "[种一类些]?(?:做法|行为|现象)"),
    # what it says of those after it: told, not asked
    "said": _each(
        "说 坦言 感叹 感慨 吐槽 抱怨 诉苦 直言 回忆 介绍 透露 坦承 调侃 自嘲 认为 写道 留言 发帖",
        "道?(?=[:,。;“]|$)",
        before="是来话者如议",
    )
    + "|[人者众民料子]称(?=[:,“])|认为(?<!议认为)",
    "some": _each(
        "有的 有些 一些 个别 少数 部分 不少 许多 很多 某些",
        "(?:地方|地区|[县区]?直?部门|职能部门|单位|乡镇|镇|街道|[县市区局乡]|领导|同志|[^,。;]{0,2}干部)",
    )
    + "|有(?<![所没]有)(?=部门|乡镇|镇|街道|单位|地方|领导|人)|多地|[老小](?=[王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗][,。;:说在当的手打掰有用一每天])",
    "certain": "某[些个某]?(?:地|部门|单位|[省市县区镇乡局村]|街道|社区)|被要求|被迫|举报称|通报了|据[了介悉统报](?!此|实)|来[信电访件](?!息|源)|记者|存在(?<!不存在)(?!下列|以下|上述)(?=[^,。;]{0,30}?(?:问题|现象|情况|情形|做法)(?!的|之一))|"
    + _each("据 群众 干部 书记 基层", "[^,。;]{0,4}?(?:反映|投诉|举报|介绍|回忆|透露|讲述)(?!的|强烈|问题|情况)"),
    "punished": "被(?<![将会要应可律])(?:诫勉|立案|免职|停职|处分|通报批评|约谈|查处)",
    "found": _each(
        "问卷 数据 督查 督导 检查 巡察 巡视 审计 暗访 调研 走访 调查 核查 抽查 自查 摸排 回访 座谈",
        "[^,。;]{0,4}?(?:发现|指出|显示|查明|了解到)(?!的|问题)",
    )
    + "|曝光",
    "past": "十[一二三]五(?=”?(?:时期|期间))|[唐宋元明清]朝|民国时|曾(?<!未曾)|过去|以往|从前|原先|原本|一度|当[时初]|当年(?!度?的?[考评绩工奖内不取,])|那会儿|新中国成立|建国|解放前|人民公社|合作化|生产队|大集体|原(?=《)|那时|那几年|那些年|老办法|老规矩|老一套|往年|去年|上年|前[两三]?年|昔日|历史上|早些?年|前[些几]年|上世纪|改革前|减负前|整治前"
    "|长期以来|多年来|[6789]0年代|[六七八九]十年代|"
    + _each(
        "改革 减负 整治 整改 撤并 准入 制度 规定 办法 条例 清单 政策",
        "(?:实行|实施|施行|推行|出台|开展)?(?:之前|以前|前)(?=[,、:]|$)",
    )
    + "|[一二两三四五六七八九十百\\d]多?年前|"
    + _each(
        "1 2",
        "(?:(?<=1)[89][0-9][0-9]|(?<=2)0(?:0[0-9]|1[0-5]))年(?!度|版|第|颁|修|制定|出台|[^,。;]{0,6}《)",
        before="0123456789",
    )
    + "|"
    + _each("以前 此前", before="日月底旬节点时周末天会期号"),
    "present": "今年|现在|如今|今后|从今|即日起|目前|本月|[这此本]次",
    "done": _each("签订? 设置? 建立? 成立 组建 下达 下发 实行 推行 搞 传达 学习 听取", "[了过]"),
    "clearing": _each("清理 整治 清零 瘦身 整合 撤并", "”?(?:任务|工作|行动|情况|成效|整改|结果|后)"),
    "else": "就(?=[扣不没停免]|[^,。;]{1,4}不[了到])",
    "wrong": "违反规定|违反要求|谁再|违规(?=[与和向对以用在]|签|下达|设|搞|要求|实行|成立|组建|开展|进行|排名)|动辄|动不动|一味|热衷于?|习惯[于用]|[单光只仅][靠凭]|为了?应付|疲于应付|滥[用发]",
    "topic": "有无|有没有|所谓|是否|做法是|什么是|何谓|何为|被问及|[谈聊讲][起到及]|提[起到及]|[说问]起|学习贯彻|传达学习|学习领会|学习宣传|重温|领会",
    "direct": "请各|各(?:村|社区)[^,。;]{0,6}?(?:要(?!求)|必须|务必|应)|请",
    "oblige": "必须|应当|一律|将|要(?!求)",
    # conditions and exceptions
    "case": "如[有果遇]|遇到|碰到|再有|如发现|若(?!干|要?需)|倘若?|一旦|发现(?=[^,。;]{0,40}?的[,、])",
    "if": "拟(?=[采与对向以在设签]|成立|下)|如需|确需|确有必要|若需|凡(?:要求|需|拟)",
    "approve": "审[批定]|报[批备]|同意|审核|批准|备案|准入",
    "except": "除(?=[^,。;]{0,40}?外)",
    "beyond": "[以之]外|外(?=,)",
    "also": "还|也|另|同时",
    # forbidden, absent, refused
    "because": _each("不得 不能 不应 不可 不要 不准", "因(?!故|公|此)")
    + "|"
    + _each("不得 不准 严禁 禁止", "以(?=[^,。;]{0,24}为由)")
    + "|"
    + _each("不得 不准 严禁 禁止 不能", "(?=对[^,。;]{0,16}?[不未没拒])"),
    "why": "为由|而(?!是|且)",
    "unable": "不能(?=按[时期]|如期|及时|保证|落实)|未(?![来必定成经])|没(?!有(?:针对|面向|任何|关于|对))有?|尚无",
    "refuse": "拒[绝不签]?|漏(?=签)|[缓迟](?=签)|" + _each("拖延 逃避 推诿 推脱", "(?![,、。;扯])"),
    "leave": "退出(?!机制|历史)",
    "without": "不(?:签|设|搞|排|建|纳入|适用|涉及|参加|承接)了?(?=[,。;]|$)|"
    + _each(
        "不得 无权 不准 严禁 不许 不可 不能 不应 不宜 不再 停止 禁止",
        "(?:(?:再|自行|擅自|随意|任意|另行|继续|层层)*(?:设立|设定|设置|签订|下达|下发|组建|成立|建立|实行|实施|采用|使用|开展|进行|派发|执行|签署|保留|推行|增设|新增|追加|附加)|再?[往向给][^,。;]{1,6}?[送发派压下签要])(?=[,。;]|$)",
    ),
    "alter": "降低|调低|变更|更改|篡改|突破|违反|屏蔽",
    "forbid": "不得|不准|不许|不应|不宜|不能|不可|不要|不再|不予|不用|不必|不需|不[搞设强给靠派压摊带]|不是(?=[靠以用签搞依凭拿]|通过)|不对应|不允许|不存在|不承担|不组织|不安排|不负责|不参与|不由|不制定|不层层|不[作列](?!为)|不许|[零无](?=任务|排名|指标|责任)"
    "|严禁|禁止|杜绝|取消|废[止除]|停止|叫停|制止|反对|免[于除]|[无毋]需|[无毋]须|切忌|有权拒绝|可以?拒绝|请?勿|未经|撤销|解散|取缔|清退|停[签建设办发掉用]|免[签去]|豁免|变(?=“[^,。;”]{1,10}”为)|砍掉|去掉|剔除|删[除去]|斩断|慎用|撤回|召回|撤下|取下|摘下|卸下|甩掉|丢掉|铲除|关停|别[让再搞把用拿]|休要|切莫|莫让|少[搞签]|无权|非[^,。;]{1,4}不"
    "|代替|取代|替代",
    "weak": _each(
        "整治 治理 清理 清查 纠正 纠治 避免 防止 减少 压减 压缩 精简 遏制 破除 克服 摆脱 告别 抵制 谨防 警惕 力戒 力避 摒弃 扭转"
        " 刹住 根治 严控 严格控制 从严控制",
        "(?!返贫|溺水)",
        before="^,、。;:!?\\n()要须应请和并或将力面中决实步续法项幅效底会再已予律都均求点肃入化严促织展手动即速",
    ),
    "not": "不(?=签|看|适用|在(?![岗位场家线职少乎意册编校])|会(?=[签设搞再让向对与下建排]|要求)|兼任|担任|充当|多[签设建发]|推行|启用|使用|开设|涉及|包[括含]|送|接[收受]|新增|增设|下达|下发|下派|发(?!生|展|达|现)|分解|实行|实施|建|成立|组建|要求|列入|纳入|采[取用]|用(?!心)|和(?!谐)|对(?=[村各社基])|保?留(?!情)|直接|统一|单独|另行|具体|盲目|轻易|[以与向把将]|硬性|提倡|鼓励|通过)|没有(?:针对|面向|任何|关于|对)",
    "verb": "签订?|成立|组建|设立|建立|立下|下达|分解",
    "others": "[与和同对向](?:各(?:乡镇|镇|街道|[县区]|部门)|[县市]直|成员单位|下属|直属|内设|所属|[^,。;村]{0,4}?(?:企业|商户|学校|派出所|科室|机关|站所|窗口|民警|职工|员工|教师|党组)|各?[^,。;村]{0,4}?[局科股处室所站厂店行校院队](?=实行|进行|开展|实施|每|按))",
    "of": "的",
}

_PART: Final = re.compile(r"(?:\\.|\[[^\]]*\]|\((?:[^()\[]|\[[^\]]*\]|\((?:[^()\[]|\[[^\]]*\])*\))*\)|[^|])+")


def _by_first(pattern: str) -> str:
    """The same pattern, its alternatives put together by the character that they begin with.

    `re` then skips whatever begins none of them: a text is searched in half the time.
    """
    found: dict[str, list[str]] = {}
    for part in _PART.findall(pattern):
        if part[0] == "[":
            end = part.index("]")
            firsts, rest = part[1:end].replace("\\d", "0123456789"), part[end + 1 :]
        else:
            firsts, rest = part[0], part[1:]
        if rest.startswith("?"):
            rest = rest[1:]
            found.setdefault(rest[0], []).append(rest[1:])
        for first in firsts:
            found.setdefault(first, []).append(rest)
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in found.items())


_KINDS: Final = tuple(_CUES)


@cache
def _cue() -> re.Pattern[str]:
    """Any cue; without groups it is found more than twice as fast."""
    return re.compile(_by_first("|".join(_CUES.values())))


@cache
def _grouped() -> re.Pattern[str]:
    """A cue with a group for each kind."""
    return re.compile("|".join(f"({pattern})" for pattern in _CUES.values()))


# After a wording, these make a prohibition one of it: “责任书不得层层签订”; “责任书不得代签” asks for one.
_OF_IT: Final = re.compile(
    "(?:再|继续|层层|自行|擅自|随意)*(?:作为|[与和同向对搞有再]|签|设|实行|下达|要求|使用|保留|列入|纳入|强制|开展|进行|适用|用于)"
)

# After “的”, these say that the clause described somebody: “完不成任务指标的村”.
_WHOM: Final = re.compile(
    "[^,。;]{0,4}(?:村|社区|单位|部门|个人|人员|干部|网格员)|,|一律|直接|予以|不得|不予|要|须|[,。;]"
)

# Who hands tasks down: “部门要求签订责任书的,村里可以拒绝” supposes that somebody does.
_ASSIGNER: Final = re.compile(
    "(?<!各)(?<!成员)(?:部门|单位|机关|领导|任何人|谁)[^,。;]{0,6}(?:要求|让|叫|向|对|与|在|以|通过|用)"
)

_ASSIGNS: Final = re.compile("要求|强迫|[让叫向与对给](?:村|社区|基层)")

# A clause that has only these before a repeal calls off what the sentence described: “签订责任书的,一律取消”.
_ONLY_WHEN: Final = re.compile(
    "(?:的|也|都|均|已|现|要|应|当|须|必须|坚决|予以|给予|加以|一律|一概|一次性|全部|全面|全都|统统|立即|立刻|即刻|马上|及时|抓紧|尽快|限期"
    "|即行|即日起|同时|[自从][^,。;]{1,10}起|于[^,。;]{1,10}?[时起前]|由[^,。;]{1,8}?(?:牵头|负责|统一|组织|依法|单位|部门|机关|街道)|凡?(?:涉及|属于|针对|面向|关于|没有|无)[^,。;]{1,10}?的|[0-9年月日底前内]|三|五|依法|按规定|逐步|逐一|彻底|自行|相应|上述|这些|该|此类|做法|规定|制度|事项)*+"
)

# What a weak cue is against; a fire, say, is none: “防止火灾、签订责任书” asks for a pledge.
_BURDEN: Final = re.compile(
    "层层|加码|摊派|形式主义|官僚主义|痕迹|留痕|台账|多头|重复|文山会海|一刀切|甩锅|推责|转嫁|随意|盲目|过度|泛化|滥|变相|强制|考核|检查|会议|文件"
    "|材料|证明|挂牌|以|把|用|靠|拿"
)

# Who never is a village: what they are to do is handed down to others. Departments and towns are the senders as well,
# so of them only what they sign with each other or those above them.
_OUTSIDER: Final = re.compile(
    "^[^,。;:]{0,10}?(?:企业|公司|[工营理设产用]单位|学校|幼儿园|家长|班主任|老师|医院|商户|业主|门店|司机|监理|机关|科室|派出所|公安局|支行)[^,。;:]{0,8}?(?:应|须|必须|要(?!求)|与|和|同|向|负责|签|建|组织|每)"
)
_AMONG_OFFICES: Final = re.compile(
    "(?:乡镇|镇街|镇\\(街道\\)|街道|[县市区省\\)][直级]?(?:有关|相关|各)?(?:部门|单位|政府)|[局委办]|政府)[^,。;村]{0,8}?"
    "(?:[与同和向][^,。;村]{0,8}?(?:政府|党委|党组|[县市区省]委|部门|[厅局部委办])|之间|相互|互相)[^,。;村]{0,8}?(?:签|立|递交)"
)

# A full sentence without any of these orders nothing, it only tells: “村里收到七八张便笺。”
_ORDER: Final = re.compile(
    "要(?!求)|须|应|务必|请|一律|将|上墙|张贴|今年|补[齐交签]|[日底一二三四五六]前|特制定|[甲乙]方|不达标|任何|均|凡|哪个|[就即]一票|一旦|之一|编入|抽调|全[部体]|暂停|采取|采用|执行|照办|发[到至给]|不能[丢松少]|予以|给予|确保|落实|不得|严禁|按|根据|照|各|每|对|实行|实施|签|立下|[递提]交|成立|组建|建立|设立"
    "|下达|分解|纳入|列入|作为|的,|的一律|直接|由(?:村|社区)|命令|小时内|你[村社们]|[本此这]次|加入|进群|接龙|回复|报送|上报|年[终底末]|考核|限[期时于]|责令|无条件|印发|附件|的(?:村|社区|单位)|人人|日内|周内"
)
_VILLAGE: Final = re.compile("村|社区|居委|网格|你们")
_PARTIES: Final = re.compile(
    "([^,。;:]{1,15}(?:[局科股处室所站厂店行校院队部厅委办组会镇乡县市区长员家司府道]|(?<![当现])场))(?:必?须|应当?|需|要)?[与和同向][^,。;:]{2,12}?签"
)
_ANYBODY: Final = re.compile(
    "(?:[一二三四五六七八九十0-9]+[、.]|\\([^()]{1,3}\\)|今年|经|请|要|须|应|必须|同时|抓紧|及时|尽快|逐|并|再|均|统一|由|年|[各全]?体?(?:单位|责任|负责|书记|主任|干部|成员|党员))"
)
_SIGNED: Final = re.compile("签|交|填|报送|递|附件|印发|履行|按|落实|立|领")
_ORDERED_QUOTE: Final = re.compile("(?:要求|强调|通知|规定|明确|部署|指示|提出|如下|命令|口号|标语|实行|做到|推行)$")
_OF_MANY_THINGS: Final = ("清理", "整治", "精简", "压减")
_HANDED_BACK: Final = ("退回", "退还", "叫停", "废止")
_UNDONE_BY: Final = re.compile("逾期|无故|到期|仍|拒|缺|如|若|凡|谁|还|未|没")
_PERFECT: Final = re.compile(
    "(?:完成|取得|形成|实现|压实|解决|得到|起到|收到|发挥|提升|改善|推动|促进|翻出|成|走出|探索|创造|打赢|丢|挂满)了"
)
_MUST: Final = re.compile("要(?!求)|须|应|务必|请|一律|不得|严禁|确保|未|没")
_VERB: Final = re.compile("签|与|成立|组建|建立|设立|实行|下达|分解|层层签")
_COUNTED: Final = re.compile("[^,。;:、]{0,3}?[0-9_]+[余多]?[份个项次条张种]")
_SHALL: Final = re.compile("要(?!求)|须|应|务必|请|每|各(?![类种项])|不[少低]于|至少")
_NO: Final = ("不", "勿", "不是", "并非", "而非", "绝非", "毫无", "没有")
_PROHIBITIONS: Final = {"不得", "不准", "不许", "不应", "不宜", "不能", "不可", "不要", "不允许"}
_VICE: Final = re.compile(
    "推诿|敷衍|塞责|弄虚作假|走过场|松懈|懈怠|大意|麻痹|[瞒漏迟虚]报|打折扣|拖延|拖沓|马虎|空谈|焚烧|露天"
)

_KIND: Final = "(?:事项|行为|情形|情况|做法|问题|清单|内容|现象)"
_BAN: Final = "(?:严禁|禁止|不得|不准|不许|杜绝|取消|停止|废止|叫停)"
_BELOW: Final = "(?:以下|下列|如下)"
_BANNED_HEAD: Final = re.compile(
    f"{_BAN}[^,]{{0,16}}{_KIND}$|{_BAN}[^,]{{0,16}}{_BELOW}[^,]{{0,10}}$|{_BELOW}[^,]{{0,16}}{_BAN}$|{_BAN}”?$"
    f"|(?:清理|整治|纠[正治])[^,]{{0,4}}{_BELOW}[^,]{{0,10}}$|(?:负面|禁入)清单$|[个项条](?:不准|不得|严禁|禁令)”?[^,]{{0,4}}$"
)
_TOLD_HEAD: Final = re.compile(
    "(?:存在|主要|突出|发现|反映)[^,]{0,8}问题[^,]{0,4}$|问题(?:清单|表现|如下)$|典型(?:案例|问题)[^,]{0,6}$|问题[^,]{0,4}通报如下$"
)


def _head(text: str) -> Sense | None:
    """What a heading makes of the items below it; nothing if it is no such heading."""
    text = text.strip().rsplit(",", 1)[-1].rstrip(":。 ")
    if len(text) > 60:
        return None
    return "negated" if _BANNED_HEAD.search(text) else "reported" if _TOLD_HEAD.search(text) else None


# ---- one sentence ----------------------------------------------------------------------------------------------------


@define
class _Clause:
    """What a clause has said so far."""

    forbids: str = ""  # the kind of cue
    carried: bool = False  # from the clause before
    twice: bool = False  # a second negation
    second: str = ""  # what made it twice
    held: str = ""  # a cue that stands in the name of a thing, unless a verb follows
    verb: bool = False
    told: bool = False
    except_: bool = False
    others: bool = False
    case: bool = False  # it says in which case something holds
    bare: bool = False  # a plain 不: another one after 、 stands beside it, “不搞排名、不下指标”
    hits: list[int] = field(factory=list)


@define
class _Sentence:
    """A sentence while it is read: the sense of each wording in it, and what the cues have said so far."""

    senses: list[Sense] = field(factory=list)
    places: list[int] = field(factory=list)
    clause: _Clause = field(factory=_Clause)
    number: int = 0
    start: int = 0  # of the clause
    told: str = ""
    told_in: int = 0
    head: Sense | None = None
    title: bool = False
    open: list[int] = field(factory=list)  # wordings that something later may undo
    absent: list[int] = field(factory=list)
    conditional: list[int] = field(factory=list)
    excepted: list[int] = field(factory=list)
    condition: bool = False
    relative: bool = False
    owed: bool = False  # it says what becomes of those who haven't done it
    outsider: bool = False  # it speaks to somebody else

    def mark(self, hits: list[int], sense: Sense) -> None:
        """Give wordings another sense; each is asked about once."""
        for hit in hits:
            self.senses[hit] = sense
        hits.clear()

    def end_clause(self, text: str, at: int, *, carry: bool = False) -> None:
        """Pass a comma: what the clause forbade holds on only if the next one goes on from it."""
        last = self.clause
        if _VILLAGE.search(text, self.start, at):
            self.outsider = False
        elif _OUTSIDER.match(text[self.start : at]) or (self.outsider and not last.others):
            self.outsider = True
        if last.hits and self._of_others(text, at):
            self.mark(last.hits, "reported")
        if last.case and self.absent:
            self.owed = True
        keeps = carry and last.forbids and not last.twice
        if keeps and text[at + 1 : at + 2] not in "或以和也亦更甚" and _VICE.search(text, self.start, at):
            keeps = False
        self.clause = _Clause(forbids=last.forbids if keeps else "", carried=bool(keeps))
        self.number, self.start = self.number + 1, at + 1

    def _of_others(self, text: str, at: int) -> bool:
        """Whether the clause that ends here speaks to somebody who isn't a village or a community."""
        if _VILLAGE.search(text, self.start, at):
            return False
        if self.clause.others or self.outsider or _AMONG_OFFICES.search(text, self.start, at):
            return True
        parties = _PARTIES.match(text, self.start, at)
        return parties is not None and not _ANYBODY.match(parties[1])

    def settle(self) -> None:
        """End a sentence, or a part of it before a semicolon: who bears a consequence has to do it."""
        if self.owed:
            self.mark(self.absent, "meant")
        self.told, self.condition, self.relative, self.owed, self.outsider = "", False, False, False, False
        for hits in (self.open, self.absent, self.conditional, self.excepted):
            hits.clear()

    def wording(self, text: str, start: int, end: int) -> None:
        """Meet a wording."""
        clause, hit = self.clause, len(self.senses)
        if text[max(0, start - 2) : start].endswith(_NO) and not clause.forbids:
            clause.forbids = "not"
        named = self.title and (
            text[end : end + 1] not in {"》", "("}
            or not _SIGNED.search(text, max(self.start, start - _NEAR), end + _NEAR)
        )
        forbidden = bool(clause.forbids) and not clause.twice
        if self.relative and not forbidden:
            self.mark(self.absent, "meant")
        counted = _COUNTED.match(text, end) and not _SHALL.search(text, max(self.start, start - _NEAR), start)
        told = named or clause.told or clause.case or bool(self.told or counted)
        self.places.append(start)
        self.senses.append(self.head or ("negated" if forbidden else "reported" if told else "meant"))
        clause.verb, clause.held = False, ""
        if self.head or named:
            return
        if forbidden:
            if clause.forbids in {"not", "unable", "refuse"} and (not told or self.told == "past"):
                self.absent.append(hit)
            return
        clause.hits.append(hit)
        self.open.append(hit)
        if clause.except_:
            self.excepted.append(hit)
        if self.condition:
            self.conditional.append(hit)

    def forbid(self, kind: str, cue: str) -> None:
        """Meet a negation: the first forbids, a second one in the same clause takes that back."""
        clause = self.clause
        if clause.forbids and not clause.carried:
            if kind in {"unable", "not", "refuse"} and clause.forbids != "because":
                clause.twice, clause.second = True, cue
        elif clause.verb:
            clause.held = kind
        else:
            clause.forbids, clause.carried, clause.twice = kind, False, False
            clause.bare = cue.startswith("不") and cue not in _PROHIBITIONS

    def cue(self, kind: str, text: str, match: re.Match[str]) -> None:
        """Meet a cue."""
        clause = self.clause
        match kind:
            case "carry" | "comma":
                self.end_clause(text, match.start(), carry=kind == "carry")
            case "because" | "unable" | "refuse" | "forbid" | "weak" | "not":
                if clause.hits and (kind == "not" or (kind == "forbid" and _OF_IT.match(text, match.end()))):
                    self.mark(clause.hits, "negated")
                if kind == "forbid":
                    self.mark(self.excepted, "negated")
                    if self.relative and match.group() in {"不得", "不准", "取消", "停止"}:
                        self.mark(self.absent, "meant")
                self.forbid(kind, match.group())
            case "verb":
                if clause.held:
                    clause.forbids, clause.held = clause.held, ""
                clause.verb = True
            case "unquote":
                self._unquote(text, match.start())
                self.told = "" if self.told == "quote" else self.told
            case "colon":
                if text[match.end() : match.end() + 1] == "“" and not _ORDERED_QUOTE.search(
                    text, max(0, match.start() - 4), match.start()
                ):
                    self.told, self.told_in = "quote", self.number + 1
                self.head = self.head or _head(text[max(self.start, match.start() - 80) : match.start()])
                self.end_clause(text, match.start())
            case "semicolon":
                self.end_clause(text, match.start())
                self.settle()
            case "list":
                clause.twice, clause.carried = False, clause.carried or clause.bare
                if clause.forbids == "weak" and _next_does(text, self.start, match):
                    clause.forbids = ""
            case "open" | "close":
                self.title = kind == "open"
            case "of":
                self._of(text, match.end())
            case "undone" | "phenomenon" | "word" | "aftermath" | "refusable" | "also":
                self._look_back(kind, text, match)
            case "if":
                self.condition = True
            case "approve":
                self.mark(self.conditional, "negated")
            case "except" | "beyond":
                clause.except_ = kind == "except"
            case "penalty":
                self._penalty(match.group())
            case "said" | "some" | "certain" | "found" | "past":
                if kind == "past" and _VERB.match(text, match.end()):
                    self.mark(clause.hits, "reported")
                if kind == "said":
                    self.mark(self.open, "reported")
                self.told, self.told_in = kind, self.number
            case "done" | "topic" | "wrong":
                clause.told = True
            case "case":
                clause.case = True
            case "pass":
                clause.case = False
            case "relief":
                self.mark(self.open, "reported")
                self.told, self.told_in = self.told or kind, self.number
            case "clearing":
                self.mark(self.clause.hits, "reported")
            case "without":
                self.mark(self.open, "negated")
            case "punished":
                if not clause.case:
                    self.mark(self.open, "reported")
                    self.told, self.told_in = kind, self.number
            case "else":
                self.mark(self.absent, "meant")
            case "spare":
                self._spare(match.group())
            case "leave":
                if clause.forbids:
                    clause.twice = True
                elif clause.hits:
                    self.mark(clause.hits, "negated")
                else:
                    self.forbid("refuse", match.group())
            case "present" | "direct" | "oblige":
                if kind == "oblige" and self.relative:
                    self.mark(self.absent, "meant")
                self._ask_now(kind)
            case "others":
                clause.others = True
            case "why":
                if clause.forbids == "because":
                    clause.forbids = "forbid"
            case "alter":
                clause.twice = clause.twice or bool(clause.forbids)

    def _of(self, text: str, at: int) -> None:
        """“未签订的”: what wasn't done describes somebody; what follows is about them."""
        clause = self.clause
        self.relative = self.relative or bool(self.absent)
        if clause.twice and clause.second.startswith(("没", "未", "无")):
            clause.twice = False
        if clause.forbids in {"unable", "refuse"}:
            clause.forbids = ""
        behind = text[at : at + 2]
        near = max(self.start, at - _NEAR)
        if clause.hits and (
            (behind[:1] == "," and _ASSIGNER.search(text, near, at))
            or (behind in {"部门", "单位", "领导", "机关", "乡镇", "街道", "干部"} and _ASSIGNS.search(text, near, at))
        ):
            self.mark(clause.hits, "reported")
        if _WHOM.match(text, at):
            self.owed = self.owed or bool(self.absent)
            clause.case = False
            clause.hits.clear()
            if self.told in {"found", "punished"}:
                self.told = ""
            if clause.forbids == "forbid" and text.startswith("未经", self.start):
                clause.forbids = ""

    def _unquote(self, text: str, at: int) -> None:
        """Pass the end of a quotation: what is a full sentence in it was said by somebody."""
        if text[at - 1 : at] not in {"。", "!", "?"}:
            return
        begun = text.rfind("“", max(0, at - 3 * _NEAR), at)
        if begun < 0 or _ORDERED_QUOTE.search(text[max(0, begun - 5) : begun].rstrip(":")):
            return
        for hit in range(len(self.senses) - 1, -1, -1):
            if self.places[hit] < begun:
                break
            self.senses[hit] = "reported" if self.senses[hit] == "meant" else self.senses[hit]

    def _spare(self, cue: str) -> None:
        """Meet what doesn't become of those who haven't done it: so they needn't."""
        if not self.absent and ("不" in cue or cue[0] in "严禁免"):
            self.forbid("forbid", cue)
        self.relative = self.owed = False
        self.absent.clear()

    def _look_back(self, kind: str, text: str, match: re.Match[str]) -> None:
        """Meet what says something of the wordings before it."""
        cue = match.group()
        if kind == "undone":
            self.mark(self.open if self._has_no_object(text, match) else self.clause.hits, "negated")
            self.mark(self.excepted, "negated")
            if cue.endswith(("为", "成")):
                self.clause.forbids = ""
        elif kind == "refusable":
            self.mark(self.open, "negated")
        elif kind == "also":
            self.excepted.clear()
        elif kind == "aftermath":
            self.mark(self.open, "reported")
        else:
            self.relative = self.relative or bool(self.absent)
            self.mark(self.clause.hits, "reported")

    def _has_no_object(self, text: str, match: re.Match[str]) -> bool:
        """Whether what a repeal undoes stands in an earlier clause: “凡签订责任书的,一律取消”, “责任书到镇为止,村级不签”."""
        cue, at = match.group(), match.start()
        if cue.startswith(_OF_MANY_THINGS) and not text.endswith("的,", 0, self.start):
            return False
        if at - self.start <= _NEAR and _ONLY_WHEN.fullmatch(text, self.start, at):
            return True
        if cue[0] != "不" and not cue.startswith(_HANDED_BACK):
            return False
        return self.number > 0 and not self.clause.hits and not _UNDONE_BY.search(text, max(self.start, at - _NEAR), at)

    def _penalty(self, cue: str) -> None:
        """Meet what happens to those who haven't done it: so they have to."""
        if self.relative or cue[0] in "补交签抓尽速" or cue == "限期":
            self.mark(self.absent, "meant")
        if cue in {"须", "务必"}:
            self._ask_now("oblige")

    def _ask_now(self, kind: str) -> None:
        """Meet an order: it ends a finding, and in a later clause what was told of some; the present ends the past."""
        later = self.number > self.told_in
        ended = {
            "present": {"past", "relief"},
            "direct": {"found", "some", "past", "relief"},
            "oblige": {"found", "relief"},
        }[kind]
        if self.told in ended and (later or kind == "oblige"):
            self.told = ""


def _next_does(text: str, start: int, mark: re.Match[str]) -> bool:
    """Whether the list goes on with another thing to do: what stands before is nothing that burdens anybody."""
    return bool(_VERB.match(text, mark.end())) and not _BURDEN.search(
        text, max(start, mark.start() - _NEAR), mark.start()
    )


def _kind(text: str, at: int) -> str:
    match = _grouped().match(text, at)
    return _KINDS[match.lastindex - 1] if match and match.lastindex else ""


def _read(text: str, hits: Sequence[tuple[int, int]], head: Sense | None) -> list[Sense]:
    """The sense of each wording in a sentence."""
    sentence = _Sentence(head=head)
    waiting = done = 0
    for match in _cue().finditer(text):
        while waiting < len(hits) and hits[waiting][0] <= match.start():
            sentence.wording(text, *hits[waiting])
            done = hits[waiting][1]
            waiting += 1
        if match.start() < done:
            continue
        kind = _kind(text, match.start())
        if sentence.title and kind != "close":
            continue
        sentence.cue(kind, text, match)
    for each in hits[waiting:]:
        sentence.wording(text, *each)
    sentence.end_clause(text, len(text))
    sentence.settle()
    if (
        text.endswith("?")
        or (_PERFECT.search(text) and not _MUST.search(text))
        or (text.endswith("。") and "meant" in sentence.senses and not _ORDER.search(text))
    ):
        return ["reported" if sense == "meant" else sense for sense in sentence.senses]
    return sentence.senses


# ---- the page --------------------------------------------------------------------------------------------------------

_HAN: Final = "[\u4e00-\u9fff]"
_MARK: Final = (
    "[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]{1,3}[条章,、]",
    "\\([一二三四五六七八九十]{1,3}\\)",
    "\\d{1,2}[.、](?!\\d)",
    "\\(\\d{1,2}\\)|\\d{1,2}\\)",
    "[①-⑳]",
    "[-•·●◆■*—]",
)
_ITEM: Final = re.compile("[ \t]*(?:" + "|".join(f"({each})" for each in _MARK) + ")")
_NO_MARK: Final = len(_MARK) + 1
# A line goes on in the next one if it breaks off at a comma, or is long and ends without punctuation.
_DROPPED: Final = re.compile(
    "[\u200b-\u200d\u2060\ufeff\u00ad]"
    f"|(?:(?<=[,、])|(?<=[^\\n]{{15}}[^\\s。!?;:…]))[ \t]*\r?\n ?(?!\\s|{'|'.join(_MARK)}|各|请|严禁|不得|禁止|附件|关于|@)"
    f"|(?<={_HAN})[ \t\u00a0]+(?={_HAN}(?:[ \t\u00a0]|[,。;:!?、”》)]|$))"
)
_STOP: Final = re.compile("[。!?]+(?![”’」』])|\n")
_NEAR: Final = 40  # so far round a wording or a cue is looked for what bears on it: a text takes linear time
_LONGEST_QUOTE: Final = 240
_GAP: Final = "[^,。;:!?\\n不未没勿]{0,12}?"  # what … in a wording stands for


@define
class _Page:
    """A text without what its layout put in, and where each character stood."""

    text: str
    folded: str
    starts: list[int]
    offsets: list[int]

    def offset(self, at: int) -> int:
        """Where a character stood in the text as it was given."""
        if len(self.starts) == 1:
            return at
        part = bisect_right(self.starts, at) - 1
        return self.offsets[part] + at - self.starts[part]


def _page(given: str) -> _Page:
    folded = fold(given)
    parts, starts, offsets, length, at = [], [0], [0], 0, 0
    for match in _DROPPED.finditer(folded):
        parts.append((at, match.start()))
        length += match.start() - at
        at = match.end()
        starts.append(length)
        offsets.append(at)
    parts.append((at, len(given)))
    return _Page("".join(given[i:j] for i, j in parts), "".join(folded[i:j] for i, j in parts), starts, offsets)


def _headed(text: str) -> Iterator[tuple[int, int, Sense]]:
    """The stretches of items under headings that forbid or report them.

    Items are marked, or plain lines; a heading without a mark ends with the list below it.
    """
    at, begun, level, marked, sense = 0, 0, 0, False, None
    for line in text.splitlines(keepends=True):
        item = _ITEM.match(line)
        own = item.lastindex or _NO_MARK if item else _NO_MARK
        blank = not line.strip()
        over = own <= level if own < _NO_MARK and level < _NO_MARK else (own == _NO_MARK and marked and not blank)
        if sense and (over or (blank and begun < at and not marked)):
            yield begun, at, sense
            sense = None
        found = None if blank or sense or len(line) > 80 else _head(line[item.end() :] if item else line)
        if found and (own < _NO_MARK or line.rstrip().endswith((":", "通报"))):
            begun, level, marked, sense = at + len(line), own, False, found
        elif sense and not blank:
            marked = marked or own < _NO_MARK
            if level == own == _NO_MARK and line.rstrip().endswith("。"):
                yield begun, at + len(line), sense
                sense = None
        at += len(line)
    if sense:
        yield begun, at, sense


def find(phrases: Phrases, text: str) -> tuple[Finding, ...]:
    """Every place where a wording stands outside the wordings that don't count, with what the sentence makes of it.

    “不得签订责任书” forbids the pledge, “某镇曾要求签订责任书” reports one, “不得不签订责任书” asks for one.
    """
    page = _page(text)
    hits = _hits(phrases, page.folded)
    found: list[Finding] = []
    heads = list(_headed(page.folded)) if hits else []
    first = head = 0
    for start, end in _sentences(page.folded):
        last = first
        while last < len(hits) and hits[last][0] < end:
            last += 1
        if first == last:
            continue
        while head < len(heads) and heads[head][1] <= start:
            head += 1
        under = heads[head][2] if head < len(heads) and heads[head][0] <= start else None
        within = [(i - start, j - start) for i, j in hits[first:last]]
        for (i, j), sense in zip(hits[first:last], _read(page.folded[start:end], within, under), strict=True):
            at, stop = page.offset(i), page.offset(j - 1) + 1
            quote = _quote(page, start, end, i, j)
            found.append(Finding(text[at:stop], at, quote, sense == "negated", sense == "reported"))
        first = last
    return tuple(found)


def _hits(phrases: Phrases, text: str) -> list[tuple[int, int]]:
    """Where the wordings stand, but for those inside the wordings that don't count."""
    shadows = sorted(match.span() for wording in phrases.excluded for match in _wordings((wording,)).finditer(text))
    hits, next_, reach = [], 0, 0
    for match in _wordings(phrases.wordings).finditer(text):
        while next_ < len(shadows) and shadows[next_][0] <= match.start():
            reach = max(reach, shadows[next_][1])
            next_ += 1
        if match.end() > reach:
            hits.append(match.span())
    return hits


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _STOP.finditer(text):
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _quote(page: _Page, start: int, end: int, i: int, j: int) -> str:
    """The part of the sentence, between semicolons, that holds the wording; cut if it is long."""
    left, right = max(start, i - _LONGEST_QUOTE // 2), min(end, j + _LONGEST_QUOTE // 2)
    semicolon = page.folded.rfind(";", left, i) + 1
    begin = semicolon or left
    semicolon = page.folded.find(";", j, right) + 1
    stop = semicolon or right
    before = "…" if begin == left > start else ""
    after = "…" if stop == right < end else ""
    return before + page.text[begin:stop].strip() + after


@lru_cache(maxsize=1024)
def _wordings(wordings: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted((fold(each) for each in wordings), key=len, reverse=True)
    return re.compile("|".join(_GAP.join(re.escape(part) for part in each.split("…")) for each in ordered))


def uses(phrases: Sequence[Phrases], texts: Iterable[str]) -> Iterator[Finding]:
    """The findings that are meant in any of the texts."""
    for text in texts:
        for each in phrases:
            yield from (finding for finding in find(each, text) if finding.meant)
