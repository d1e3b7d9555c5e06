"""Every problem that burdenlib reports: its code, how grave it is, and its texts in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from attrs import frozen

from burdenlib.words import Words

__all__ = ["CATALOGUE", "Entry", "Severity"]

Severity = Literal["error", "warning", "note"]


@frozen
class Entry:
    """A kind of problem. Texts have slots that a problem's details fill."""

    severity: Severity
    message: Words
    help: Words | None = None


def _error(en: str, zh: str, help_en: str = "", help_zh: str = "") -> Entry:
    return Entry("error", Words(zh, en), Words(help_zh, help_en) if help_en else None)


def _warning(en: str, zh: str, help_en: str = "", help_zh: str = "") -> Entry:
    return Entry("warning", Words(zh, en), Words(help_zh, help_en) if help_en else None)


def _note(en: str, zh: str, help_en: str = "", help_zh: str = "") -> Entry:
    return Entry("note", Words(zh, en), Words(help_zh, help_en) if help_en else None)


_TEXT: Mapping[str, Entry] = {
    "unexpected": _error(
        "unexpected `{found}`; expected {expected}",
        "此处不应出现“{found}”，应为{expected}",
    ),
    "unexpected-end": _error(
        "something is missing after this; expected {expected}", "此处之后缺少内容，应为{expected}"
    ),
    "unexpected-character": _error("unexpected character `{found}`", "不应出现字符“{found}”"),
    "unclosed-quote": _error(
        "this quote isn't closed on its line",
        "引号在本行内没有闭合",
        "close it before the end of the line",
        "在行末之前补上后引号",
    ),
    "unspaced": _error(
        "`{found}` reads as one name",
        "“{found}”连写，被当作一个名称",
        "put spaces round the keywords: `{spaced}`",
        "关键词两边加空格：“{spaced}”",
    ),
    "bad-date": _error(
        "`{found}` is no date",
        "“{found}”不是有效日期",
        "write 2024-01-31 or 2024年1月31日",
        "写作 2024-01-31 或 2024年1月31日",
    ),
    "too-deep": _error(
        "nested more than {limit} deep",
        "嵌套超过{limit}层",
        "give parts of the condition names with `term`",
        "用“所称”给条件的各部分命名",
    ),
    "too-long": _error(
        "the text is longer than {limit} characters",
        "文本超过{limit}个字符",
        "split it, or put items in a table with `items from`",
        "拆分文件，或用“事项见”把事项放进表格",
    ),
    "hidden-character": _error(
        "the text holds a character that nobody can see: {code} {name}",
        "文本中有看不见的字符：{code} {name}",
        "delete it; it can make a text read otherwise than it means",
        "请删除；这类字符会使文本看起来与实际含义不同",
    ),
    "too-many-problems": _error("too many problems; the rest of the text was not read", "问题过多，其余文本未再读取"),
    "not-utf8": _error(
        "the file isn't in UTF-8 (it looks like {guess})",
        "文件不是 UTF-8 编码(疑为 {guess})",
        "save it again as UTF-8",
        "请另存为 UTF-8 编码",
    ),
    "no-such-policy": _error(
        "there is no file, folder or shipped set called `{path}`", "没有名为“{path}”的文件、文件夹或随附政策集"
    ),
    "empty-folder": _error("the folder `{folder}` holds no .burden file", "文件夹“{folder}”中没有 .burden 文件"),
    "unreadable-file": _error("the file can't be read: {error}", "文件无法读取：{error}"),
    "unwritable-file": _error("the file can't be written: {error}", "文件无法写出：{error}"),
    "not-formatted": _error(
        "the formatted text would not mean the same; nothing was changed",
        "改写后的文本含义会有不同，未作改动",
        "this is a defect of the formatter: please report it",
        "这是格式化程序的缺陷，请反馈",
    ),
    "file-too-large": _error("the file is larger than {limit} bytes", "文件超过{limit}字节"),
}

_HEADS: Mapping[str, Entry] = {
    "missing-clause": _error("`{clause}` is missing", "缺少“{clause}”"),
    "duplicate-clause": _error("this clause is given twice", "本款重复"),
    "misplaced-clause": _error("this clause doesn't belong to a `{declaration}`", "“{declaration}”不能有本款"),
    "duplicate-policy": _error(
        "version {version} of `{name}` is loaded twice",
        "“{name}”的版本 {version} 重复载入",
        "give the new text a version of its own",
        "新文本应有自己的版本号",
    ),
    "no-right": _error(
        "a body of level {level} can't issue a document for place {place}",
        "{level}级机关无权为地区 {place} 制定文件",
        "the place's code is that of level {fitting}; correct the level or the place",
        "该地区代码属于{fitting}级；请更正级别或地区",
    ),
    "no-right-to-admit": _error(
        "below the county nobody makes lists that admit (this issuer's level: {level})",
        "县级以下机关不得制定准入清单或准入规定(制定机关级别：{level})",
        "a township may ban and require, not admit",
        "乡镇可以禁止和要求，不能准入",
    ),
    "bad-place": _error(
        "`{found}` is no code of a place",
        "“{found}”不是区划代码",
        "a code has 2, 4, 6, 9 or 12 digits",
        "区划代码为 2、4、6、9 或 12 位数字",
    ),
    "impossible-interval": _error("it ends before it begins", "终止日期早于起始日期"),
    "never-in-force": _error(
        "it lies outside the time in which `{document}` is in force", "该期间不在“{document}”的施行期间之内，永不生效"
    ),
    "overlapping-versions": _error(
        "versions {earlier} and {later} of `{name}` are in force at the same time",
        "“{name}”的版本 {earlier} 与 {later} 施行期间重叠",
        "a version without `until` ends the day before the next one begins",
        "不写“至”的版本在下一版本施行前一日终止",
    ),
    "gap-between-versions": _warning(
        "between versions {earlier} and {later} of `{name}` nothing is in force",
        "“{name}”的版本 {earlier} 与 {later} 之间有空档",
    ),
    "superseded-before-force": _error(
        "`{name}` {version} takes effect no earlier than the document that supersedes it",
        "“{name}”{version} 的施行日期不早于废止它的文件",
    ),
}

_NAMES: Mapping[str, Entry] = {
    "unknown-fact": _error(
        "no fact is called `{name}`",
        "没有名为“{name}”的要素",
        "see the core vocabulary, or declare it with `fact`",
        "见核心要素表，或用“要素”声明",
    ),
    "unknown-term": _error("no term is called `{name}`", "没有名为“{name}”的所称"),
    "unknown-list": _error("no list is called `{name}`", "没有名为“{name}”的清单"),
    "unknown-phrases": _error("no phrases are called `{name}`", "没有名为“{name}”的用语"),
    "unknown-rule": _error("no rule or list is called `{name}`", "没有名为“{name}”的规定或清单"),
    "unknown-policy": _error(
        "no document is called `{name}`", "没有名为“{name}”的文件", "load it along with this one", "请与本文件一并载入"
    ),
    "unknown-value": _error(
        "`{found}` is no value of `{fact}`", "“{found}”不是“{fact}”的取值", "it is one of {values}", "取值为{values}"
    ),
    "unknown-word": _error("`{found}` can't stand here", "此处不能写“{found}”", "write one of {words}", "可写{words}"),
    "unknown-code": _error("the list `{list}` has no item with code `{code}`", "清单“{list}”没有编码为“{code}”的事项"),
    "unknown-slot": _error(
        "no fact is called `{name}`, so its value can't be put here", "没有名为“{name}”的要素，无法代入"
    ),
    "dotted-name": _error("a declared name holds no dot: `{name}`", "声明的名称不能含点号：“{name}”"),
    "reserved-name": _error("`{name}` is a word of the language and can't be a name", "“{name}”是语言用词，不能作名称"),
    "duplicate-name": _error("the name `{name}` is already taken", "名称“{name}”已被使用"),
    "conflicting-fact": _error(
        "the fact `{name}` is declared elsewhere with another type or label",
        "要素“{name}”在别处以不同的类型或标签声明",
        "use the declared one, or choose another name",
        "沿用已有声明，或另取名称",
    ),
    "duplicate-value": _error("the value `{value}` is given twice", "取值“{value}”重复"),
    "cycle": _error("this is defined by itself: {cycle}", "循环定义：{cycle}"),
}

_TYPES: Mapping[str, Entry] = {
    "wrong-type": _error(
        "`{found}` doesn't fit `{fact}`, which is {type}", "“{found}”不符合要素“{fact}”的类型({type})"
    ),
    "wrong-use": _error(
        "`{fact}` is {type}; here it would have to be {wanted}", "“{fact}”的类型是{type}，此处须为{wanted}"
    ),
    "unlike-facts": _error(
        "`{fact}` ({type}) and `{other}` ({other_type}) can't be compared",
        "“{fact}”({type})与“{other}”({other_type})不能比较",
    ),
    "wrong-operator": _error(
        "this comparison doesn't fit `{fact}`, which is {type}",
        "该比较词不适用于“{fact}”({type})",
        "dates: before, after, no earlier than, no later than; others: at least, at most, above, below",
        "日期用 早于、晚于、不早于、不晚于；其他用 不低于、不超过、高于、低于",
    ),
    "compared-with-none": _error(
        "a comparison with none is never true",
        "与“无”比较永远不成立",
        "ask `no {fact}` or `has {fact}`",
        "改写为“无 {fact}”或“有 {fact}”",
    ),
    "never-none": _error(
        "this fact ({type}) is never none",
        "该要素({type})不会是“无”",
        "leave out what isn't known; `or none` in the declaration makes none possible",
        "不知道就不填；声明中写“或无”才可以为无",
    ),
    "none-not-possible": _error(
        "yes/no facts and sets have no none",
        "是否要素和多选要素不能写“或无”",
        "no, or the empty set, says it",
        "用“否”或空集表示",
    ),
    "empty-braces": _error("there is nothing in the braces", "花括号内没有内容"),
    "bad-day-count": _error("`{found}` is no number of days from 1 to {limit}", "“{found}”不是 1 到 {limit} 的天数"),
    "bad-quota": _error("`{found}` is no quota", "“{found}”不能作为额度"),
    "told-twice": _error("the fact `{fact}` is told twice", "要素“{fact}”重复给出"),
    "empty-each": _error("`each` gives no value of `{fact}`", "“逐一”未给出要素“{fact}”的取值"),
    "too-many-combinations": _error(
        "the example stands for {count} tasks; at most {limit} are allowed",
        "该示例相当于{count}项任务，最多{limit}项",
        "write several examples, each with fewer values",
        "分写为若干示例，减少每个示例“逐一”的取值",
    ),
    "remedy-changes-identity": _error(
        "a remedy can't change `{fact}`: it says which task it is", "整改不能改动“{fact}”：它标识任务本身"
    ),
    "empty-wording": _error("a wording can't be empty", "用语不能为空"),
}

_LISTS: Mapping[str, Entry] = {
    "missing-extent": _error(
        "a list says whether it is `closed`, `open` or `partial`",
        "清单须写明“封闭”“开放”或“节选”",
        "closed: what is not on it is shut out; open: it only admits; partial: we hold an extract",
        "封闭：清单之外不得下达；开放：只作准入；节选：只掌握部分内容",
    ),
    "empty-list": _warning("the ban list has no items", "禁入清单没有事项"),
    "duplicate-code": _error(
        "the code `{found}` is already taken",
        "编码“{found}”重复",
        "codes are unique over all lists; an item that carries out another one has its own code and `refines`",
        "编码在所有清单中唯一；落实上级事项的，另编代码并写“细化”",
    ),
    "duplicate-title": _error(
        "the title `{found}` stands twice for the same circumstances",
        "事项名称“{found}”在相同情形下重复",
        "let place, role, condition or time tell them apart",
        "以地区、角色、情形或时间加以区分",
    ),
    "unstated": _error("item `{code}` doesn't state `{column}`", "事项“{code}”未载明“{column}”"),
    "refines-nothing": _error(
        "`refines` needs a list that `implements` another one", "“细化”只能用于落实上级清单的清单"
    ),
    "not-a-higher-list": _error(
        "`{list}` is no admission list of a higher level for this place", "“{list}”不是本地区上级的准入清单"
    ),
    "added-item": _error(
        "`{title}` is added to `{list}`, which allows no additions",
        "“{title}”超出上级清单“{list}”，该清单不允许增补",
        "refine an item of the higher list with `refines`, or take it out",
        "用“细化”指明所落实的上级事项，或删去",
    ),
    "added-to-partial": _note(
        "`{title}` isn't in the part of `{list}` that is at hand", "“{title}”不在所掌握的上级清单“{list}”部分之中"
    ),
    "out-of-reach": _error("the admission doesn't reach `{list}`: {reason}", "该准入够不到“{list}”：{reason}"),
    "no-table": _error("the item table `{file}` can't be read: {error}", "事项表“{file}”无法读取：{error}"),
    "table-outside": _error(
        "the item table `{file}` lies outside the policy's folder", "事项表“{file}”不在政策文件所在文件夹内"
    ),
    "unknown-encoding": _error("the text is neither UTF-8 nor GB18030", "文本既不是 UTF-8 也不是 GB18030 编码"),
    "bad-csv": _error("the table can't be read: {error}", "表格无法读取：{error}"),
    "empty-table": _error("the table is empty", "表格为空"),
    "unknown-column": _error("there is no column `{found}`", "没有名为“{found}”的列"),
    "duplicate-column": _error("the column `{found}` stands twice", "列“{found}”重复"),
    "missing-column": _error("the column `{column}` is missing", "缺少列“{column}”"),
    "row-too-long": _error("the row has more cells than the head's {columns}", "该行单元格多于表头的 {columns} 列"),
    "empty-cell": _error("the cell is empty", "单元格为空"),
}

_RULES: Mapping[str, Entry] = {
    "uncited-ban": _error(
        "`{name}` refuses tasks and cites nothing",
        "“{name}”作出禁止却没有依据",
        "add `cite 《…》第…条`",
        "补充“依据 《…》第…条”",
    ),
    "uncited-rule": _error("`{name}` cites nothing", "“{name}”没有依据", "add `cite 《…》`", "补充“依据 《…》”"),
    "cited-by-document": _warning(
        "`{name}` is cited only by its document",
        "“{name}”只有文件级依据",
        "cite the article that refuses",
        "写明作出禁止的条款",
    ),
    "not-a-duty": _error("`{name}` is no duty", "“{name}”不是义务"),
    "promise-not-proved": _note(
        "the promise `{name}` makes sense; it isn't proved yet",
        "保证“{name}”语义无误；尚未证明",
        "this version checks promises for sense only and proves nothing; don't rely on it",
        "本版本只检查保证的语义，不作证明，请勿据以为凭",
    ),
    "thirsty-rule": _warning(
        "`{name}` asks `{fact}` of most kinds of task",
        "“{name}”对多数类别的任务都要询问“{fact}”",
        "narrow the rule with `kind`, or the fact with `only when`",
        "用“类别”限定本条，或用“仅限”限定该要素",
    ),
}

_TASKS: Mapping[str, Entry] = {
    "ill-typed": _error("{found} is no value of type {type}", "{found} 不是“{type}”类型的取值"),
    "empty-text": _error(
        "the text is empty", "文本为空", "leave the fact out if it isn't known", "不知道就不要填写该要素"
    ),
    "control-character": _error("the text holds a control character: {code}", "文本中有控制字符：{code}"),
    "text-too-long": _error("the text is longer than {limit} characters", "文本超过{limit}个字符"),
    "set-contradicts-itself": _error("`{value}` is both included and excluded", "“{value}”既包含又排除"),
    "misplaced-fact": _error(
        "`{fact}` doesn't exist for such a task, and {value} is told of it",
        "此类任务没有要素“{fact}”，却填写了{value}",
        "correct the task's kind, or leave the fact out",
        "更正任务类别，或不填该要素",
    ),
    "assumed-but-told": _error(
        "`{fact}` can't be assumed: task `{task}` tells it",
        "任务“{task}”已告知“{fact}”，不能再作假定",
        "drop the assumption, or leave the fact out",
        "取消该假定，或不填该要素",
    ),
    "bad-assumption": _error(
        "`{found}` is no assumption",
        "“{found}”不是有效的假定",
        "write FACT=VALUE, or `usual`",
        "写作 要素=取值，或 usual",
    ),
    "duplicate-id": _error("the id `{id}` is used twice, by {one} and by {other}", "编号“{id}”重复：{one} 与 {other}"),
    "unknown-format": _error(
        "files of type `{suffix}` can't be read",
        "不能读取“{suffix}”类型的文件",
        "it is one of {known}",
        "可用类型：{known}",
    ),
    "unknown-output": _error(
        "files of type `{suffix}` can't be written",
        "不能写出“{suffix}”类型的文件",
        "it is one of {known}",
        "可用类型：{known}",
    ),
    "needs-extra": _error(
        "this needs the package `{package}`",
        "需要软件包“{package}”",
        "install it: pip install 'burdenlib[{extra}]'",
        "安装:pip install 'burdenlib[{extra}]'",
    ),
    "outside-sql": _error(
        "`{rule}` can't be said in SQL: {construct}",
        "“{rule}”无法写成 SQL:{construct}",
        "leave such rules open with `--leave-open`: no task is accepted on their account",
        "可用 --leave-open 将此类规则留待核实:任何任务都不会因其而准入",
    ),
    "output-is-input": _error(
        "the output would overwrite what is read from",
        "输出会覆盖输入文件",
        "give `--output` another name",
        "请为 --output 另取文件名",
    ),
    "needs-output": _error(
        "`{format}` can't be shown in a terminal",
        "“{format}”不能在终端显示",
        "write it to a file: --output FILE",
        "写入文件:--output 文件",
    ),
    "unknown-task": _error("there is no task `{id}`", "没有编号为“{id}”的任务"),
    "bad-json": _error("this is no JSON: {error}", "不是有效的 JSON:{error}"),
    "duplicate-key": _error("the key `{key}` stands twice in {object}", "{object}中键“{key}”重复"),
    "not-a-task": _error("a task is an object of facts; this is {found}", "任务应为要素组成的对象，此处为{found}"),
    "no-tasks": _error("there are no tasks in it", "其中没有任务"),
    "no-header": _error(
        "no row of the first {rows} names the columns",
        "前{rows}行中没有列标题",
        "head each column with the name or the label of a fact",
        "每列以要素名称或标签作标题",
    ),
    "skipped-rows": _note("the rows above the head of the table were skipped: {text}", "跳过了表头以上的行：{text}"),
    "error-cell": _error("the cell holds the error {found}", "单元格为错误值 {found}"),
    "formula-without-value": _error(
        "the cell holds a formula without a stored value",
        "单元格是没有存储结果的公式",
        "open and save the file in a spreadsheet program",
        "用表格软件打开并保存一次",
    ),
    "headless-column": _error(
        "the cell {cell} stands under no head",
        "单元格 {cell} 所在的列没有标题",
        "head the column with the name or the label of a fact",
        "以要素名称或标签作该列标题",
    ),
    "skipped-columns": _note("these columns were left out: {columns}", "以下列未予读取：{columns}"),
    "skipped-sheet": _note("the sheet was left out: {reason}", "该工作表未予读取：{reason}"),
    "too-many-tasks": _error("there are more than {limit} tasks", "任务超过{limit}个"),
}

_PLUGINS: Mapping[str, Entry] = {
    "plugin-failed": _error("plugin `{plugin}` failed in {hook}: {error}", "插件“{plugin}”在 {hook} 中出错：{error}"),
    "plugin-nonsense": _error(
        "plugin `{plugin}` returned from {hook} what can't be used: {error}",
        "插件“{plugin}”的 {hook} 返回了无法使用的内容：{error}",
    ),
    "plugin-hook": _error("plugin `{plugin}` has no right hook: {error}", "插件“{plugin}”的挂钩有误：{error}"),
    "plugin-department": _error(
        "plugin `{plugin}` speaks for “{department}” and can't register the task `{task}` of “{other}”",
        "插件“{plugin}”代表“{department}”，不能登记“{other}”的任务“{task}”",
    ),
    "plugin-fact": _error(
        "plugin `{plugin}` can't tell `{fact}`: {reason}", "插件“{plugin}”不能告知“{fact}”：{reason}"
    ),
    "plugin-policies": _error(
        "plugin `{plugin}` speaks for a department and can't bring policies",
        "插件“{plugin}”代表部门，不能提供政策文件",
        "policies come from the operator, or from a service plugin that the operator names",
        "政策文件由运行方提供，或由运行方点名的服务插件提供",
    ),
    "plugin-unknown": _error("no plugin is called `{plugin}`", "没有名为“{plugin}”的插件"),
    "plugin-not-named": _note(
        "the service plugin `{plugin}` is installed and not in use",
        "服务插件“{plugin}”已安装，未启用",
        "name it to use it: --service {plugin}",
        "点名后启用:--service {plugin}",
    ),
    "plugin-duplicate": _error("two plugins are called `{plugin}`", "有两个插件同名“{plugin}”"),
}

CATALOGUE: Final[Mapping[str, Entry]] = {
    **_TEXT,
    **_HEADS,
    **_NAMES,
    **_TYPES,
    **_LISTS,
    **_RULES,
    **_TASKS,
    **_PLUGINS,
}
"""All kinds of problems by their codes."""
