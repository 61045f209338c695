"""The words of the repair queue, and its numbers in words; the same as those of the pages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from kefu.show.words import Language

TEXTS = {
    "id": ("编号", "Id"),
    "title": ("标题", "Title"),
    "reasons": ("原因", "Reasons"),
    "saves": ("可挽回会话", "Sessions saved"),
    "saves_n": ("可挽回 {n:,} 次会话", "{n:,} sessions saved"),
    "due": ("到期", "Due"),
    "state": ("状态", "State"),
    "who": ("谁", "Who"),
    "open": ("待处理", "open"),
    "in_repair": ("修复中", "in repair"),
    "repaired": ("已修复", "repaired"),
    "verified": ("已验证", "verified"),
    "dismissed": ("已搁置", "dismissed"),
    "overdue": ("逾期", "overdue"),
    "overdue_by": ("逾期 {n} 天", "overdue by {n} d"),
    "hotspot": ("热点", "hotspot"),
    "topic": ("话题", "topic"),
    "found": ("共 {n:,} 项", "{n:,} in all"),
    "nothing": ("没有符合条件的项目", "nothing fits these filters"),
    "more_pages": ("第 {page}/{last} 页，用 --page {next} 继续", "page {page} of {last}: go on with --page {next}"),
    "exported": ("已把 {n:,} 项导出到 {target}", "{n:,} items written to {target}"),
    "from": ("{date} 起", "since {date}"),
    "until": ("至 {date}", "until {date}"),
    "no_longer": ("最近一晚已不成立", "no longer holds"),
    "calculation": (
        "影响 {sessions:,} 次会话 × 差距 {gap} = 可挽回 {saves:,} 次会话",
        "affects {sessions:,} sessions × gap {gap} = {saves:,} sessions saved",
    ),
    "questions": ("典型问法", "Typical questions"),
    "next": ("客户接下来做了什么", "What customers did next"),
    "next_thanks": ("道谢", "said thanks"),
    "next_left": ("没再说话", "said no more"),
    "next_went_on": ("继续问别的", "went on to something else"),
    "next_again": ("又问一遍", "asked again"),
    "next_person": ("转人工", "went to a person"),
    "change": ("改了什么", "What was changed"),
    "verification": ("验证", "Verification"),
    "steps": ("经过", "History"),
    "step_opened": ("加入队列", "put into the queue"),
    "step_joined": ("新增原因", "joined by further reasons"),
    "step_claimed": ("认领", "claimed"),
    "step_released": ("放回", "given back"),
    "step_repaired": ("标记为已修复", "repaired"),
    "step_dismissed": ("搁置", "dismissed"),
    "step_reopened": ("重新打开", "opened again"),
    "step_verified": ("验证", "verified"),
    "step_noted": ("备注", "noted"),
    "conflict": (
        "#{id} 有人先了一步：{who} 于 {at} {step}，现在是“{state}”。没有更改，请先 kefu queue show {id}",
        "#{id}: somebody was first: {step} by {who} at {at}, {state} now. Nothing was changed: kefu queue show {id}",
    ),
    "not_allowed": (
        "#{id} 现在是“{state}”，不能{step}。没有更改",
        "#{id} is {state}, so it cannot be {step}. Nothing was changed",
    ),
    "other_item": (
        "#{id} 不能重新打开：#{other} 已在处理同一内容。没有更改",
        "#{id} cannot be opened again: #{other} takes care of the same. Nothing was changed",
    ),
    "no_such_item": ("队列里没有 #{id}", "there is no item #{id} in the queue"),
    "measure_adoption": ("采纳率", "adoption rate"),
    "measure_clicks": ("点击率", "click rate"),
    "measure_handled": ("机器人解决率", "handled by the bot"),
    "measure_unrecognised": ("未识别率", "unrecognised rate"),
    "worked": ("有效", "worked"),
    "no_effect": ("没有效果", "no effect"),
    "too_early": ("还早: {n:,}/{needed:,}", "too early: {n:,} of {needed:,}"),
    "cannot_tell": ("无法判断", "cannot tell"),
    "looked": (
        "{before} → {after}, {difference} 点 (95 % 区间 {low} 至 {high} 点): {state}",
        "{before} → {after}, {difference} points (95 % interval {low} to {high} points): {state}",
    ),
}
EVIDENCE = {
    "clicks": ("点击", "clicks"),
    "shown": ("展示", "shown"),
    "rated": ("评价", "rated"),
    "adopted": ("采纳", "adopted"),
    "limit": ("界限", "limit"),
    "window_days": ("天数", "days"),
    "unrecognised": ("没听懂", "not understood"),
    "asked": ("提问", "asked"),
    "with_person": ("转人工", "with a person"),
    "topics": ("话题", "topics"),
    "questions": ("例句", "questions"),
    "flagged_at": ("标记于", "flagged at"),
    "published_at": ("发布于", "published at"),
    "knowledge_updated_at": ("知识更新于", "knowledge updated at"),
    "repaired_at": ("修复于", "repaired at"),
}
"""What the evidence of our own reasons is called; that of others has its own names."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")


def say(name: str, language: Language, **values: object) -> str:
    """Return a text in a language."""
    return TEXTS[name][0 if language == "zh" else 1].format(**values)


def listed(texts: Iterable[str], language: Language) -> str:
    """Return texts as one."""
    return ("、" if language == "zh" else ", ").join(texts)


def evidence_text(evidence: Mapping[str, Any], language: Language, zone: ZoneInfo) -> str:
    """Return the counts, thresholds and times behind a reason in one line, times in a zone."""
    side = 0 if language == "zh" else 1
    return " · ".join(
        f"{EVIDENCE[name][side] if name in EVIDENCE else name} {_value(value, zone)}"
        for name, value in evidence.items()
        if value is not None and value != []
    )


def verification_text(told: Mapping[str, Any], language: Language) -> str:
    """Say whether a repair worked.

    >>> counts = {"before": {"x": 12, "n": 80}, "after": {"x": 40, "n": 90}, "needed": 90, "measure": "adoption"}
    >>> verification_text({**counts, "state": "worked", "difference": 0.294, "low": 0.15, "high": 0.42}, "zh")
    '采纳率 12/80 → 40/90, +29 点 (95 % 区间 15 至 42 点): 有效'
    """
    name = f"measure_{told['measure']}"
    measure = say(name, language) if name in TEXTS else told["measure"]
    before, after = ("{x:,}/{n:,}".format(**told[side]) for side in ("before", "after"))
    if told["state"] == "too_early":
        return f"{measure} {before}; {say('too_early', language, n=told['after']['n'], needed=told['needed'])}"
    state = say(told["state"], language)
    if told["difference"] is None:
        return f"{measure} {before} → {after}: {state}"
    points = {key: _points(told[key]) for key in ("difference", "low", "high")}
    points["difference"] = f"{'+' if told['difference'] > 0 else ''}{points['difference']}"
    return f"{measure} {say('looked', language, before=before, after=after, state=state, **points)}"


def _points(share: float) -> str:
    return f"{share * 100:.0f}".replace("-0", "0").replace("-", "−")


def _value(value: object, zone: ZoneInfo) -> str:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return f"{dt.datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, list):
        return " / ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
