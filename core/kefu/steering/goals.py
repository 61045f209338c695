"""Goals (目标): is each met, on track, at risk or missed, by its line and by the trend of its days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from kefu.aims.goals import GoalSettings
from kefu.aims.scale import exact
from kefu.config import Settings
from kefu.errors import ConfigError
from kefu.metric import Metric, Title
from kefu.night.periods import ONE, Dates
from kefu.night.view import StoreView
from kefu.steering.readings import NO_DATA, WEEK, Chosen, Reading, choose, read_groups, unsettled
from kefu.steering.trend import Trend, trend

Status = Literal["met", "on_track", "at_risk", "missed", "unknown"]
ReadWindow = Callable[[Dates], Reading]


@dataclass(frozen=True, slots=True)
class Judged:
    """How a target stands on a day.

    :param target: what is to be reached …
    :param deadline: … by when.
    :param window: the days whose value was looked at; ``None`` before the goal begins.
    :param due: where the line is on the last of them.
    :param projected: what the trend makes of the last window before the deadline; ``None`` without a trend.
    :param behind: the value is short of the line.
    :param falls_short: the trend does not reach the target.
    :param needed: by how much the value has to change in each week that is left; 0 once the target is reached,
        ``None`` where no time is left or no value is known.
    :param missing: why the status is ``unknown``.
    """

    status: Status
    target: float
    deadline: dt.date
    window: Dates | None = None
    value: float | None = None
    due: Fraction | None = None
    projected: Fraction | None = None
    behind: bool = False
    falls_short: bool = False
    needed: Fraction | None = None
    missing: Title | None = None


@dataclass(frozen=True, slots=True)
class GoalState:
    """A goal as it stands.

    :param on: the day that it is judged on: the one asked for, or its deadline, if that is before.
    :param days: the values of the days since it began, for the trend and for a chart.
    :param slope: the change a day of the trend.
    :param steps: each step, judged as the goal is.
    :param unsettled: later sessions may still change the value.
    """

    name: str
    title: Title
    settings: GoalSettings
    metric: Metric | None
    on: dt.date | None
    now: Judged
    days: Mapping[dt.date, float]
    slope: Fraction | None
    steps: tuple[Judged, ...]
    unsettled: bool = False

    @property
    def status(self) -> Status:
        """How the goal stands."""
        return self.now.status


def goals(view: StoreView, settings: Settings, on: dt.date | None = None) -> list[GoalState]:
    """Return how every goal stands on a day: the last date of the store, if none is told.

    :raises ConfigError: a goal names a metric that there is not, or goes the wrong way.
    """
    stored = view.days(None, None)
    on = on or (stored[-1].date if stored else None)
    return [_goal(view, name, goal, on) for name, goal in settings.goals.items()]


def _goal(view: StoreView, name: str, goal: GoalSettings, on: dt.date | None) -> GoalState:
    chosen = choose(view, [goal.metric], f"goals.{name}.metric")
    metric = chosen.metrics.get(goal.metric)
    _check_direction(name, goal, metric)
    title = Title(zh=name, en=name) if goal.title is None else Title(goal.title.zh, goal.title.en)
    if on is None:
        none = Judged("unknown", goal.target, goal.deadline, missing=NO_DATA)
        steps = tuple(Judged("unknown", step.value, step.by, missing=NO_DATA) for step in goal.steps)
        return GoalState(name, title, goal, metric, None, none, {}, None, steps)
    until = min(on, goal.deadline)
    days = _days(view, goal, chosen, Dates(goal.start, until)) if until >= goal.start else {}
    told = state(name, title, goal, metric, until, days, lambda window: _window(view, goal, chosen, window))
    late = metric is not None and told.now.window is not None and unsettled(view, metric, told.now.window)
    return replace(told, unsettled=late)


def state(
    name: str,
    title: Title,
    goal: GoalSettings,
    metric: Metric | None,
    on: dt.date,
    days: Mapping[dt.date, float],
    read: ReadWindow,
) -> GoalState:
    """Judge a goal and its steps on a day from the values of days and of windows; nothing else is looked at."""
    drawn = trend(days)
    now = judge(goal, goal.target, goal.deadline, on, drawn, read)
    steps = tuple(
        judge(goal, step.value, step.by, on, trend({d: v for d, v in days.items() if d <= step.by}), read)
        for step in goal.steps
    )
    return GoalState(name, title, goal, metric, on, now, days, drawn.slope if drawn else None, steps)


def judge(
    goal: GoalSettings, target: float, deadline: dt.date, on: dt.date, drawn: Trend | None, read: ReadWindow
) -> Judged:
    """Say how a target on a goal's line stands on a day, or on its deadline, if that is before.

    1. no value in the window: ``unknown``; 2. the value reaches the target: ``met``; 3. the deadline is over:
    ``missed``; 4. the value is at the line or beyond, and the trend, where there is one, reaches the target:
    ``on_track``; 5. else ``at_risk``.
    """
    on = min(on, deadline)
    if on < goal.start:
        begins = Title(zh=f"{goal.start} 才开始", en=f"begins on {goal.start}")
        return Judged("unknown", target, deadline, missing=begins)
    window = window_of(goal, on)
    reading = read(window)
    due = goal.line(on)
    if reading.value is None:
        return Judged("unknown", target, deadline, window, due=due, missing=reading.missing)
    value, wanted = exact(reading.value), exact(target)
    projected = None if drawn is None else drawn.over(window_of(goal, deadline))
    behind = not _reaches(value, due, goal)
    short = projected is not None and not _reaches(projected, wanted, goal)
    needed = _needed(value, wanted, goal, (deadline - on).days)
    status = _status(_reaches(value, wanted, goal), on >= deadline, behind or short)
    return Judged(status, target, deadline, window, reading.value, due, projected, behind, short, needed)


def window_of(goal: GoalSettings, day: dt.date) -> Dates:
    """Return the days up to a day whose value is looked at; none is before the goal begins."""
    return Dates(max(goal.start, day - ONE * (goal.window_days - 1)), day)


def _status(reached: bool, over: bool, doubtful: bool) -> Status:  # noqa: FBT001
    if reached:
        return "met"
    if over:
        return "missed"
    return "at_risk" if doubtful else "on_track"


def _reaches(value: Fraction, mark: Fraction, goal: GoalSettings) -> bool:
    return value >= mark if goal.rises else value <= mark


def _needed(value: Fraction, target: Fraction, goal: GoalSettings, days: int) -> Fraction | None:
    if _reaches(value, target, goal):
        return Fraction()
    return (target - value) / max(Fraction(days, WEEK), Fraction(1)) if days else None


def _check_direction(name: str, goal: GoalSettings, metric: Metric | None) -> None:
    if metric is not None and metric.better == ("lower" if goal.rises else "higher"):
        raise ConfigError(
            f"setting 'goals.{name}': from {goal.baseline:g} to {goal.target:g} is for the worse, "
            f"since of {metric.name} {metric.better} values are better"
        )


def _days(view: StoreView, goal: GoalSettings, chosen: Chosen, dates: Dates) -> dict[dt.date, float]:
    where: Mapping[str, str] = {str(name): value for name, value in goal.where.items()}
    groups = read_groups(view, dates, ("date",), where, chosen)
    told = {dt.date.fromisoformat(day): group.readings[goal.metric].value for (day,), group in groups.items()}
    return {day: value for day, value in sorted(told.items()) if value is not None}


def _window(view: StoreView, goal: GoalSettings, chosen: Chosen, window: Dates) -> Reading:
    where: Mapping[str, str] = {str(name): value for name, value in goal.where.items()}
    group = read_groups(view, window, (), where, chosen).get(())
    if group is None:
        return Reading(None, chosen.missing.get(goal.metric, NO_DATA))
    return group.readings[goal.metric]
