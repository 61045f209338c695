"""The few words of the terminal, in both languages."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]

TEXTS = {
    "intelligence": ("智能", "Intelligence"),
    "quality": ("质量", "Quality"),
    "efficiency": ("效率", "Efficiency"),
    "metric": ("指标", "Metric"),
    "name": ("标识", "Name"),
    "value": ("数值", "Value"),
    "better": ("方向", "Better"),
    "measures": ("依据", "Measures"),
    "coverage": ("覆盖", "Coverage"),
    "higher": ("↑ 越高越好", "↑ higher"),
    "lower": ("↓ 越低越好", "↓ lower"),
    "middle": ("↔ 适中为宜", "↔ middle"),
    "period": ("期间", "Period"),
    "input": ("输入", "Input"),
    "rows": ("{rows} 行", "{rows} rows"),
    "rejected": ("拒收 {n}", "{n} rejected"),
    "duplicates": ("重复 {n}", "{n} duplicates"),
    "failed": ("未成功", "Failed"),
    "check_hint": ("用 kefu check 查看被拒的行及原因", "kefu check shows the rejected rows and why"),
    "formula": ("口径", "Formula"),
    "unit": ("单位", "Unit"),
    "source": ("来源", "Source"),
    "plugin": ("插件", "Plugin"),
    "version": ("版本", "Version"),
    "origin": ("来处", "Origin"),
    "status": ("状态", "Status"),
    "works": ("正常", "works"),
    "reading": ("读取与计算", "Reading and computing"),
    "ratio": ("比率", "ratio"),
    "seconds": ("秒", "seconds"),
    "days": ("天", "days"),
    "count": ("次", "count"),
    "points": ("分", "points"),
    "correlation": ("相关系数", "correlation"),
    "amount": ("金额", "amount"),
    "built-in": ("内置", "built-in"),
    "entry point": ("安装包", "entry point"),
    "file": ("单文件", "file"),
    "nothing": ("没有会话", "no sessions"),
    "session": ("会话", "Session"),
    "counts": ("计入", "Counts"),
    "evidence": ("依据的消息", "Messages that made the difference"),
    "left_out": ("未计入", "Left out"),
    "linted": ("{words} 个词，对照 {messages} 条消息", "{words} words, held against {messages} messages"),
    "no_findings": ("没有发现问题", "nothing odd"),
    "word": ("词", "Word"),
    "finding": ("发现", "Finding"),
    "place": ("位置", "Place"),
    "example": ("例句", "Example"),
    "more_rows": (
        "还有 {n} 行，用 --limit 多看，或用 --format csv 全部导出",
        "{n} more rows: --limit shows more, --format csv all",
    ),
    "no_rows": ("没有可列的内容", "nothing to list"),
    "listing": ("清单", "Listing"),
    "more": ("还有 {n} 条，用 --offset {at} 继续", "{n} more: go on with --offset {at}"),
    "path": ("文件", "File"),
    "row": ("行", "Row"),
    "column": ("列", "Column"),
    "reason": ("原因", "Reason"),
    "what_to_do": ("怎么办", "What to do"),
    "raw": ("原文", "Raw"),
    "table": ("表", "Table"),
    "loaded": ("载入 {n}", "{n} loaded"),
    "all_good": ("没有被拒的行", "no row was rejected"),
}


def say(name: str, language: Language, **values: object) -> str:
    """Return a text in a language."""
    return TEXTS[name][0 if language == "zh" else 1].format(**values)
