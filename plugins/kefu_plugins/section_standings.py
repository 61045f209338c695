"""评分与目标 · Standings: scorecards, goals, and efficiency beside what customers perceive."""

from __future__ import annotations

from kefu.plugin import (
    Balanced,
    Block,
    Changed,
    Chart,
    Column,
    Figure,
    Figures,
    Goal,
    Metric,
    Reading,
    Scorecard,
    Scored,
    Section,
    Table,
    Title,
    hookimpl,
    line_chart,
)
from kefu_plugins._titles import GROUPS

MOST = 10
SESSIONS = Column(Title(zh="人工会话", en="Human sessions"), "whole")
CHANGE = Column(Title(zh="较上期", en="Change"), "mixed")


@hookimpl
def kefu_sections() -> list[Section]:
    """Offer goals, scorecards and the balance."""
    return [
        Section(
            name="goals",
            title=Title(zh="目标", en="Goals"),
            reads=Title(
                zh="每个目标在本期末的状态：与计划线比，也看趋势能否到达。虚线为目标值。",
                en="How each goal stands at the end, by its line and its trend. The dashed line is the target.",
            ),
            build=goals,
            order=80,
        ),
        Section(
            name="scorecards",
            title=Title(zh="综合评分", en="Scorecards"),
            reads=Title(
                zh="每个指标按权重折成 0–100 分；列名旁的百分数是权重。",
                en="Each metric gives up to 100 points by its weight, which stands beside it.",
            ),
            build=scorecards,
            order=82,
        ),
        Section(
            name="balance",
            title=Title(zh="效率与感知", en="Efficiency and perception"),
            reads=Title(
                zh="效率上升而感知下降时会有提醒。",
                en="There is a warning where efficiency rises while perception falls.",
            ),
            build=balance,
            order=84,
        ),
    ]


def goals(reading: Reading) -> list[Block]:
    """Return a figure for each goal."""
    known = {metric.name: metric for metric in reading.metrics}
    figures = tuple(_goal(goal, known.get(goal.metric)) for goal in reading.goals())
    return [Figures(figures)] if figures else []


def _goal(goal: Goal, metric: Metric | None) -> Figure:
    return Figure(
        title=goal.title,
        value=goal.value,
        unit=goal.unit,
        better=None if metric is None else metric.better,
        target=goal.target,
        about=(
            goal.status,
            goal.reason,
            Title(
                zh=f"{goal.owner}，{goal.start} 至 {goal.deadline}", en=f"{goal.owner}, {goal.start} to {goal.deadline}"
            ),
        ),
        chart=_course(goal),
    )


def _course(goal: Goal) -> Chart | None:
    if len(goal.days) < 2:  # noqa: PLR2004 - one value is no course
        return None
    points = [(day.isoformat(), value) for day, value in goal.days]
    first, last = goal.days[0], goal.days[-1]
    return Chart(
        title=goal.title,
        says=Title(
            zh=f"{goal.title.zh}：{first[0]} 至 {last[0]} 的每日数值",
            en=f"{goal.title.en} by day, {first[0]} to {last[0]}",
        ),
        spec=line_chart(points, goal.unit, target=goal.target),
        table=Table(
            title=goal.title,
            columns=(Column(Title(zh="日期", en="Date"), "date"), Column(goal.title, goal.unit)),
            rows=goal.days,
        ),
    )


def scorecards(reading: Reading) -> list[Block]:
    """Return a table for each scorecard, the best first."""
    known = {metric.name: metric for metric in reading.metrics}
    told = [card for card in reading.scorecards() if any(line.points is not None for line in card.lines)]
    return [_card(card, known) for card in told]


def _card(card: Scorecard, known: dict[str, Metric]) -> Table:
    alone = card.by == "whole"
    names = [name for name in card.weights if any(line.given[name] is not None for line in card.lines)]
    who = Title(zh="整体", en="All") if alone else GROUPS[card.by]
    columns = (
        Column(who),
        *(() if alone else (Column(Title(zh="名次", en="Rank"), "whole"),)),
        SESSIONS,
        Column(Title(zh="得分", en="Points"), "points"),
        CHANGE,
        *(Column(_weighed(known[name].title, card.weights[name]), "points") for name in names if name in known),
    )
    rows = tuple(_line(line, names, who, alone=alone) for line in card.lines[:MOST])
    return Table(card.title, columns, rows, _notes(card))


def _notes(card: Scorecard) -> Title | None:
    """Return what to know of a card, in one line."""
    left = len(card.lines) - MOST
    more = [Title(zh=f"另有 {left} 行：kefu scorecard", en=f"… and {left} more: kefu scorecard")] if left > 0 else []
    unranked = dict.fromkeys(line.note for line in card.lines[:MOST] if line.note is not None)
    why = [Title(zh=f"没有名次：{one.zh}", en=f"without a rank: {one.en}") for one in unranked]
    told = [*more, *why, *card.notes]
    return Title(zh="；".join(one.zh for one in told), en="; ".join(one.en for one in told)) if told else None


def _line(line: Scored, names: list[str], who: Title, *, alone: bool) -> tuple[object, ...]:
    key = who if alone else line.key
    change = Changed(line.points, line.before, "points", "higher")
    return (
        key,
        *(() if alone else (line.rank,)),
        line.sessions,
        line.points,
        change,
        *(line.given[name] for name in names),
    )


def _weighed(title: Title, weight: float) -> Title:
    return Title(zh=f"{title.zh} {weight:.0%}", en=f"{title.en} {weight:.0%}")


def balance(reading: Reading) -> list[Block]:
    """Return where teams and queues stand, and the agents with a warning."""
    tables = [_balance(by, [*reading.balance(by)]) for by in ("team", "queue")]
    warned = [one for one in reading.balance("agent_id") if one.warnings]
    if warned:
        tables.append(_balance("agent_id", warned))
    return [table for table in tables if table is not None]


def _balance(by: str, standings: list[Balanced]) -> Table | None:
    told = [one for one in standings if one.efficiency is not None or one.perception is not None]
    if not told:
        return None
    what = GROUPS[by]
    columns = (
        Column(what),
        SESSIONS,
        Column(Title(zh="效率", en="Efficiency"), "points"),
        CHANGE,
        Column(Title(zh="感知", en="Perception"), "points"),
        CHANGE,
        Column(Title(zh="象限", en="Quadrant")),
        Column(Title(zh="提醒", en="Warnings")),
    )
    return Table(
        title=Title(zh=f"按{what.zh}", en=f"By {what.en.lower()}"),
        columns=columns,
        rows=tuple(_stands(one) for one in told[:MOST]),
        note=_more(len(told) - MOST, by),
    )


def _stands(one: Balanced) -> tuple[object, ...]:
    warnings = Title(zh="；".join(told.zh for told in one.warnings), en="; ".join(told.en for told in one.warnings))
    return (
        one.key,
        one.sessions,
        one.efficiency,
        _moved(one.efficiency_change),
        one.perception,
        _moved(one.perception_change),
        one.quadrant,
        warnings if one.warnings else None,
    )


def _moved(change: float | None) -> Changed:
    return Changed(change, 0.0, "points", "higher")


def _more(left: int, by: str) -> Title | None:
    if left <= 0:
        return None
    return Title(zh=f"另有 {left} 行：kefu balance --by {by}", en=f"… and {left} more: kefu balance --by {by}")
