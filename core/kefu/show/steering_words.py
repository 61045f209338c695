"""The words of scorecards, goals and the balance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from kefu.metric import Metric, Title
from kefu.run.outcome import Failure
from kefu.show.format import MISSING
from kefu.show.safe import safe
from kefu.show.tenths import points_text, tenth
from kefu.show.words import Language

TEXTS = {
    "rank": Title(zh="名次", en="Rank"),
    "agent_id": Title(zh="客服", en="Agent"),
    "team": Title(zh="团队", en="Team"),
    "queue": Title(zh="队列", en="Queue"),
    "channel": Title(zh="渠道", en="Channel"),
    "scene": Title(zh="场景", en="Scene"),
    "sessions": Title(zh="人工会话", en="Human sessions"),
    "points": Title(zh="得分", en="Points"),
    "change": Title(zh="较上期", en="Change"),
    "trend": Title(zh="趋势", en="Trend"),
    "note": Title(zh="说明", en="Note"),
    "nothing": Title(zh="期间内没有可列的内容", en="nothing in this period"),
    "no_goals": Title(
        zh="没有设定目标：在配置文件中写 [goals.名称]", en="there are no goals: write [goals.NAME] in the settings"
    ),
    "gone": Title(
        zh="{metric}：{why}，其权重 {share} 按比例分给其余指标",
        en="{metric}: {why}; its weight of {share} goes to the other metrics in proportion",
    ),
    "lacking": Title(
        zh="* 此行缺少标有 – 的指标，其权重按比例分给本行其余指标",
        en="* a metric marked – has no value here; its weight goes to the others of this line in proportion",
    ),
    "wider": Title(
        zh="{metric}：不按会话划分，取其全部工作的值",
        en="{metric}: not divided by sessions; the value is of all that somebody did",
    ),
    "unsettled": Title(zh="{metric}：近几天的值仍可能改变", en="{metric}: the last days may still change it"),
    "goal": Title(zh="目标", en="Goal"),
    "owner": Title(zh="负责人", en="Owner"),
    "status": Title(zh="状态", en="Status"),
    "value": Title(zh="当前值", en="Value"),
    "line": Title(zh="计划线", en="Line"),
    "target": Title(zh="目标值", en="Target"),
    "deadline": Title(zh="期限", en="Deadline"),
    "projected": Title(zh="预计", en="Projected"),
    "needed": Title(zh="每周还需", en="Needed a week"),
    "reason": Title(zh="理由", en="Why"),
    "step": Title(zh="阶段 {date}", en="step {date}"),
    "met": Title(zh="已达成", en="met"),
    "on_track": Title(zh="进展正常", en="on track"),
    "at_risk": Title(zh="有风险", en="at risk"),
    "missed": Title(zh="未达成", en="missed"),
    "unknown": Title(zh="无法判断", en="unknown"),
    "efficiency": Title(zh="效率", en="Efficiency"),
    "perception": Title(zh="感知", en="Perception"),
    "quadrant": Title(zh="象限", en="Quadrant"),
    "warnings": Title(zh="提醒", en="Warnings"),
    "both": Title(zh="效率与感知双优", en="strong on both"),
    "efficient": Title(zh="效率高，感知弱", en="efficient, poorly perceived"),
    "perceived": Title(zh="感知好，效率弱", en="well perceived, not efficient"),
    "neither": Title(zh="效率与感知双弱", en="weak on both"),
    "few": Title(zh="* 人工会话过少，不与上期比较", en="* too few human sessions to compare with the period before"),
}


def word(name: str, language: Language, **values: object) -> str:
    """Return a text in a language."""
    return pick(TEXTS[name], language).format(**values)


def pick(title: Title, language: Language) -> str:
    """Return a title in a language."""
    return title.zh if language == "zh" else title.en


def both(title: Title | None) -> dict[str, str] | None:
    """Return a title as JSON has it."""
    return None if title is None else {"zh": title.zh, "en": title.en}


def number(value: Fraction | None) -> float | None:
    """Return an exact number as JSON has it."""
    return None if value is None else float(value)


def points(value: Fraction | None) -> str:
    """Return points to one decimal."""
    return MISSING if value is None else points_text(tenth(value))


def change_text(change: Fraction | None) -> Text:
    """Return by how many points something changed, with an arrow."""
    if change is None:
        return Text(MISSING, style="dim")
    size = tenth(abs(change))
    if not size:
        return Text("→", style="dim")
    return Text(f"{'↑' if change > 0 else '↓'} {points_text(size)}", style="green" if change > 0 else "red")


def heading(names: Sequence[str], right: Sequence[str], language: Language) -> Table:
    """Return an empty table with headings of these words."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in names:
        table.add_column(Text(word(name, language)), justify="right" if name in right else "left", overflow="fold")
    return table


def metric_title(name: str, metrics: Mapping[str, Metric], language: Language) -> str:
    """Return what people call a metric; its name, where no plugin offers it."""
    return safe(pick(metrics[name].title, language)) if name in metrics else safe(name)


def failed(failures: Iterable[Failure]) -> list[dict[str, Any]]:
    """Return plugins that failed, as JSON has them."""
    return [{"plugin": one.plugin, "version": one.version, "error": one.error} for one in failures]
