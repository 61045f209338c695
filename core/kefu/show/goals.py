"""Goals as a table, JSON (``kefu.goals/1``) or CSV, each with its reasons in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from rich.text import Text

from kefu.config import Settings
from kefu.metric import Title, Unit
from kefu.run.outcome import Failure
from kefu.show.change import size_text
from kefu.show.format import MISSING, value_text
from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.steering_words import both, failed, heading, number, pick, word
from kefu.show.terminal import console
from kefu.show.words import Language
from kefu.steering.goals import GoalState, Judged
from kefu.steering.trend import LEAST_DAYS

COLUMNS = (
    *("name", "step", "metric", "where", "owner", "start", "deadline", "baseline", "target", "on", "status"),
    *("value", "line", "projected", "needed_per_week", "reason"),
)
STYLES = {"met": "bold green", "on_track": "green", "at_risk": "yellow", "missed": "bold red", "unknown": "dim"}


def write_goals(goals: Sequence[GoalState], failures: Sequence[Failure], form: str, settings: Settings) -> None:
    """Write how goals stand."""
    if form == "json":
        write_json(goals_document(goals, failures, settings.timezone))
    elif form == "csv":
        write_csv(COLUMNS, _rows(goals, settings.language))
    else:
        _print(goals, settings.language)


def goals_document(goals: Sequence[GoalState], failures: Sequence[Failure], timezone: str) -> dict[str, Any]:
    """Return what ``kefu goals --format json`` prints."""
    return {
        "schema": "kefu.goals/1",
        "timezone": timezone,
        "goals": [_goal(goal) for goal in goals],
        "failures": failed(failures),
    }


def unit_of(goal: GoalState) -> Unit:
    """Return the unit of a goal's values."""
    return "count" if goal.metric is None else goal.metric.unit


def reason(told: Judged, unit: Unit) -> Title:
    """Say in words why a target stands as it does."""
    if told.missing is not None or told.value is None or told.window is None:
        return told.missing or Title(zh="", en="")
    value, target = value_text(told.value, unit), value_text(told.target, unit)
    days = f"{told.window.first} – {told.window.last}"
    if told.status == "met":
        return Title(zh=f"{days} 的值 {value} 达到 {target}", en=f"{value} over {days} reaches {target}")
    if told.status == "missed":
        zh = f"期限已到，{days} 的值 {value} 未达到 {target}"
        return Title(zh=zh, en=f"the time is over, and {value} over {days} does not reach {target}")
    line, trend = _of_line(told, value, unit), _of_trend(told, target, unit)
    return Title(zh=f"{line.zh}；{trend.zh}", en=f"{line.en}; {trend.en}")


def _of_line(told: Judged, value: str, unit: Unit) -> Title:
    due = MISSING if told.due is None else value_text(float(told.due), unit)
    if told.behind:
        return Title(zh=f"当前值 {value} 落后于计划线 {due}", en=f"{value} is behind the line, which is at {due}")
    return Title(zh=f"当前值 {value} 不落后于计划线 {due}", en=f"{value} is not behind the line, which is at {due}")


def _of_trend(told: Judged, target: str, unit: Unit) -> Title:
    if told.projected is None:
        zh = f"有值的天数不足 {LEAST_DAYS} 天，看不出趋势"
        return Title(zh=zh, en=f"fewer than {LEAST_DAYS} days have a value, so there is no trend")
    ends = value_text(float(told.projected), unit)
    if told.falls_short:
        zh = f"按目前趋势到期约为 {ends}，达不到 {target}"
        return Title(zh=zh, en=f"the trend leads to {ends} and does not reach {target}")
    return Title(zh=f"按目前趋势到期约为 {ends}，可达到 {target}", en=f"the trend leads to {ends} and reaches {target}")


def _goal(goal: GoalState) -> dict[str, Any]:
    settings, unit = goal.settings, unit_of(goal)
    return {
        "name": goal.name,
        "title": both(goal.title),
        "metric": settings.metric,
        "unit": None if goal.metric is None else unit,
        "where": {**settings.where},
        "owner": settings.owner,
        "start": str(settings.start),
        "baseline": settings.baseline,
        "on": None if goal.on is None else str(goal.on),
        **_judged(goal.now, unit),
        "unsettled": goal.unsettled,
        "steps": [_judged(step, unit) for step in goal.steps],
        "line": [{"date": str(day), "value": value} for day, value in settings.marks],
        "days": [{"date": str(day), "value": value} for day, value in goal.days.items()],
        "slope_per_day": number(goal.slope),
    }


def _judged(told: Judged, unit: Unit) -> dict[str, Any]:
    window = None if told.window is None else {"from": str(told.window.first), "to": str(told.window.last)}
    return {
        "deadline": str(told.deadline),
        "target": told.target,
        "status": told.status,
        "reason": both(reason(told, unit)),
        "window": window,
        "value": told.value,
        "due": number(told.due),
        "projected": number(told.projected),
        "behind": told.behind,
        "falls_short": told.falls_short,
        "needed_per_week": number(told.needed),
    }


def _all(goal: GoalState) -> Iterator[tuple[int | None, Judged]]:
    """Return a goal, then its steps with their numbers."""
    yield None, goal.now
    yield from enumerate(goal.steps, 1)


def _rows(goals: Iterable[GoalState], language: Language) -> Iterator[Sequence[object]]:
    for goal in goals:
        settings = goal.settings
        where = " ".join(f"{name}={value}" for name, value in settings.where.items())
        for step, told in _all(goal):
            about = (goal.name, step, settings.metric, where, settings.owner, str(settings.start), str(told.deadline))
            numbers = (told.value, number(told.due), number(told.projected), number(told.needed))
            why = pick(reason(told, unit_of(goal)), language)
            yield (*about, settings.baseline, told.target, str(goal.on or ""), told.status, *numbers, why)


def _print(goals: Sequence[GoalState], language: Language) -> None:
    out = console()
    if not goals:
        out.print(Text(word("no_goals", language)))
        return
    right = ("value", "line", "target", "projected", "needed")
    columns = ("goal", "owner", "status", "value", "line", "target", "deadline", "projected", "needed", "reason")
    table = heading(columns, right, language)
    for goal in goals:
        for step, told in _all(goal):
            table.add_row(*_cells(goal, step, told, language))
    out.print(table)
    for goal in goals:
        if goal.unsettled:
            out.print(Text(word("unsettled", language, metric=safe(pick(goal.title, language))), style="yellow"))


def _cells(goal: GoalState, step: int | None, told: Judged, language: Language) -> list[Text]:
    unit = unit_of(goal)
    where = " · ".join(goal.settings.where.values())
    title = " · ".join(part for part in (pick(goal.title, language), where) if part)
    name = safe(title) if step is None else "  " + word("step", language, date=told.deadline)
    return [
        Text(name, style="bold" if step is None else ""),
        Text(safe(goal.settings.owner) if step is None else ""),
        Text(word(told.status, language), style=STYLES[told.status]),
        Text(value_text(told.value, unit)),
        Text(value_text(number(told.due), unit), style="dim"),
        Text(value_text(told.target, unit)),
        Text(str(told.deadline)),
        Text(value_text(number(told.projected), unit), style="dim"),
        Text(needed_text(told.needed, unit)),
        Text(safe(pick(reason(told, unit), language)), style="dim"),
    ]


def needed_text(needed: Fraction | None, unit: Unit) -> str:
    """Return by how much a value has to change a week."""
    if needed is None:
        return MISSING
    if not needed:
        return "0"
    return f"{'+' if needed > 0 else '−'}{size_text(abs(float(needed)), unit)}"
