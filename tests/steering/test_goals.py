"""Goals: one rule set for the line and the trend, on numbers made by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.aims.goals import GoalSettings
from kefu.metric import Title
from kefu.night.periods import Dates
from kefu.steering.goals import GoalState, state, window_of
from kefu.steering.readings import NO_DATA, Reading
from kefu.steering.trend import trend

START = dt.date(2025, 6, 1)
DAY = dt.timedelta(days=1)
NAME = Title(zh="目标", en="goal")
WORSE = ("met", "on_track", "at_risk", "missed")
"""From best to worst."""


def day(number: int) -> dt.date:
    """Return a day of the goal; the first is 0."""
    return START + DAY * number


def goal(**changes: Any) -> GoalSettings:  # noqa: ANN401
    """From 10 to 50 in 40 days, a day's value alone."""
    told = {"metric": "m", "baseline": 10, "target": 50, "start": day(0), "deadline": day(40), "owner": "w"}
    return GoalSettings.model_validate({**told, "window_days": 1, **changes})


def judged(settings: GoalSettings, values: Mapping[int, float], on: int) -> GoalState:
    """Judge by the values of days; a window's value is the mean of its days."""
    days = {day(number): value for number, value in values.items()}

    def read(window: Dates) -> Reading:
        inside = [exact for date, exact in sorted(days.items()) if window.first <= date <= window.last]
        return Reading(float(np.mean(inside))) if inside else Reading(None, NO_DATA)

    until = min(day(on), settings.deadline)
    return state("g", NAME, settings, None, until, {d: v for d, v in days.items() if d <= until}, read)


def straight(first: float, slope: float, until: int) -> dict[int, float]:
    return {number: first + slope * number for number in range(until + 1)}


def test_on_the_line_and_by_the_trend_in_time_is_on_track() -> None:
    told = judged(goal(), straight(10, 1, 20), 20)
    assert (told.status, told.now.value, told.now.due, told.now.projected) == ("on_track", 30, 30, 50)
    assert told.slope == 1
    assert told.now.needed == Fraction(20) / Fraction(20, 7)


def test_behind_the_line_is_at_risk_though_the_trend_is_good() -> None:
    told = judged(goal(), straight(-8, 1.5, 20), 20)  # 22 of 30, but 52 at the end
    assert (told.status, told.now.behind, told.now.falls_short) == ("at_risk", True, False)
    assert told.now.projected == 52


def test_ahead_of_the_line_is_at_risk_where_the_trend_falls_short() -> None:
    told = judged(goal(), straight(25, 0.5, 20), 20)  # 35 of 30, but 45 at the end
    assert (told.status, told.now.behind, told.now.falls_short) == ("at_risk", False, True)
    assert told.now.projected == 45


def test_with_fewer_than_five_days_the_line_alone_decides() -> None:
    values = {0: 40.0, 1: 30.0, 2: 20.0, 3: 14.0}
    assert judged(goal(), values, 3).status == "on_track"
    assert judged(goal(), values, 3).now.projected is None
    assert judged(goal(), {**values, 4: 14.0}, 4).status == "at_risk"


def test_a_reached_target_is_met_whatever_the_trend() -> None:
    told = judged(goal(), {**straight(90, -4, 9), 10: 50.0}, 10)
    assert (told.status, told.now.needed) == ("met", 0)
    assert told.now.falls_short


@pytest.mark.parametrize("on", [40, 41, 400])
def test_after_the_deadline_the_last_day_before_it_decides(on: int) -> None:
    assert judged(goal(), {40: 50.0, 41: 0.0}, on).status == "met"
    told = judged(goal(), {40: 49.999, 41: 99.0}, on)
    assert (told.status, told.now.needed, told.on) == ("missed", None, day(40))


def test_one_day_before_the_deadline_nothing_is_missed_yet() -> None:
    told = judged(goal(), {39: 30.0}, 39)
    assert told.status == "at_risk"
    assert told.now.needed == 20  # of a week, though one day is left


def test_without_data_or_before_it_begins_nobody_knows() -> None:
    told = judged(goal(), {3: 30.0}, 10)
    assert (told.status, told.now.missing, told.now.due) == ("unknown", NO_DATA, 20)
    early = judged(goal(), {}, -3)
    assert early.status == "unknown"
    assert early.now.missing == Title(zh="2025-06-01 才开始", en="begins on 2025-06-01")


def test_the_window_never_begins_before_the_goal() -> None:
    told = goal(window_days=7)
    assert window_of(told, day(2)) == Dates(day(0), day(2))
    assert window_of(told, day(20)) == Dates(day(14), day(20))


def test_the_trend_is_asked_about_the_last_window() -> None:
    told = judged(goal(window_days=7), straight(13, 1, 20), 20)  # the mean of the days 34 to 40 is 13 + 37
    assert (told.now.value, told.now.due, told.now.projected, told.status) == (30, 30, 50, "on_track")


def test_less_can_be_the_aim() -> None:
    falling = goal(baseline=60, target=20)
    assert judged(falling, straight(60, -1, 10), 10).status == "on_track"
    assert judged(falling, straight(61, -1, 10), 10).now.behind
    assert judged(falling, {10: 20.0}, 10).status == "met"


def test_steps_bend_the_line_and_are_judged_each_by_itself() -> None:
    told = goal(steps=[{"by": day(10), "value": 40}, {"by": day(20), "value": 45}, {"by": day(30), "value": 45}])
    assert [told.line(day(number)) for number in (-1, 0, 5, 10, 15, 20, 25, 35, 40, 50)] == [
        *(10, 10, 25, 40, Fraction(85, 2), 45, 45, Fraction(95, 2), 50, 50)
    ]
    found = judged(told, {5: 30.0, 10: 40.0, 15: 42.0}, 15)
    assert [step.status for step in found.steps] == ["met", "at_risk", "at_risk"]
    assert [step.value for step in found.steps] == [40, 42, 42]
    assert found.steps[1].needed == 3  # five days are left
    assert judged(told, {10: 39.0, 15: 44.0}, 15).steps[0].status == "missed"


def test_a_step_is_held_against_the_trend_of_the_days_up_to_it() -> None:
    told = goal(steps=[{"by": day(10), "value": 20}])
    values = {**straight(10, 0.75, 10), **dict.fromkeys(range(11, 15), 60.0)}
    (step,) = judged(told, values, 14).steps
    assert (step.status, step.projected) == ("missed", 17.5)


@given(st.dictionaries(st.integers(0, 60), st.floats(-1e3, 1e3), min_size=5, max_size=30))
def test_the_trend_is_the_line_of_least_squares(values: dict[int, float]) -> None:
    drawn = trend({day(number): value for number, value in values.items()})
    assert drawn is not None
    slope, first = np.polyfit([*values], [*values.values()], 1)
    assert float(drawn.slope) == pytest.approx(slope, abs=1e-6)
    assert float(drawn.over(Dates(day(0), day(0)))) == pytest.approx(first, abs=1e-5)
    assert float(drawn.over(Dates(day(70), day(73)))) == pytest.approx(first + slope * 71.5, abs=1e-4)


ends = st.tuples(st.integers(-50, 50), st.integers(-50, 50)).filter(lambda both: both[0] != both[1])
days = st.dictionaries(st.integers(0, 39), st.integers(-80, 80).map(float), max_size=25)


@given(ends, days, st.integers(0, 45), st.integers(1, 9))
def test_upside_down_it_stands_the_same(both: tuple[int, int], values: dict[int, float], on: int, window: int) -> None:
    told = goal(baseline=both[0], target=both[1], window_days=window)
    turned = goal(baseline=-both[0], target=-both[1], window_days=window)
    one, other = judged(told, values, on), judged(turned, {d: -v for d, v in values.items()}, on)
    assert one.status == other.status
    assert one.now.needed is None or one.now.needed == -(other.now.needed or 0)


@given(ends, days, st.integers(0, 45), st.integers(1, 9), st.lists(st.integers(0, 9), min_size=40, max_size=40))
def test_who_improves_and_keeps_it_up_never_stands_worse(
    both: tuple[int, int], values: dict[int, float], on: int, window: int, rises: list[int]
) -> None:
    told = goal(baseline=both[0], target=both[1], window_days=window)
    way = 1 if both[1] > both[0] else -1
    better = {number: value + way * sum(rises[: number + 1]) / 4 for number, value in values.items()}
    one, other = judged(told, values, on), judged(told, better, on)
    if one.status == "unknown":
        assert other.status == "unknown"
    else:
        assert WORSE.index(other.status) <= WORSE.index(one.status)


@given(ends, days, st.integers(0, 45), st.randoms())
def test_the_order_of_the_days_does_not_matter(
    both: tuple[int, int],
    values: dict[int, float],
    on: int,
    chance: Any,  # noqa: ANN401
) -> None:
    told = goal(baseline=both[0], target=both[1])
    mixed = [*values.items()]
    chance.shuffle(mixed)
    assert judged(told, dict(mixed), on).now == judged(told, values, on).now
