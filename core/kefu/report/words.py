"""The words of the report that no section brings with it, in both languages."""

from __future__ import annotations

from kefu.metric import Title

TEXTS = {
    "report": Title(zh="客服运营报告", en="Service report"),
    "kind_day": Title(zh="日报", en="Day"),
    "kind_week": Title(zh="周报", en="Week"),
    "kind_month": Title(zh="月报", en="Month"),
    "kind_other": Title(zh="期间", en="Period"),
    "compared": Title(zh="对比上期 {dates}", en="compared with {dates}"),
    "no_before": Title(zh="存储中没有上期（{dates}）", en="nothing stored of the period before ({dates})"),
    "times": Title(zh="日期与时间按 {zone}", en="dates and times in {zone}"),
    "contents": Title(zh="目录", en="Contents"),
    "skip": Title(zh="跳到正文", en="Skip to the content"),
    "target": Title(zh="目标 {value}", en="Target {value}"),
    "target_met": Title(zh="已达到", en="met"),
    "target_missed": Title(zh="未达到", en="not met"),
    "previous": Title(zh="上期 {value}", en="before {value}"),
    "same": Title(zh="与上期持平", en="as before"),
    "better": Title(zh="变好", en="better"),
    "worse": Title(zh="变差", en="worse"),
    "other": Title(zh="有变化", en="changed"),
    "as_table": Title(zh="以表格查看", en="As a table"),
    "nothing": Title(zh="没有可列的内容", en="Nothing to list"),
    "failed": Title(
        zh="这一节没有做成（插件 {plugin}）：{error}", en="This section could not be made (plugin {plugin}): {error}"
    ),
    "empty": Title(zh="存储中没有这一期间的数据。", en="The store holds nothing of this period."),
    "made": Title(
        zh="由 kefu 从存储生成；同一份存储总得到同一份报告。",
        en="Made by kefu from its store; the same store always gives the same report.",
    ),
}


def pick(title: Title, language: str) -> str:
    """Return a text in a language."""
    return title.zh if language == "zh" else title.en


def other(title: Title, language: str) -> str:
    """Return a text in the other language; nothing where it is the same."""
    told = title.en if language == "zh" else title.zh
    return "" if told == pick(title, language) else told


def say(name: str, language: str, **values: object) -> str:
    """Return one of the report's own texts."""
    return pick(TEXTS[name], language).format(**values)
