"""Balance: both sides as mean points, four quadrants, and warnings where one side rises at the other's cost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.aims.balance import BalanceSettings
from kefu.aims.house import EFFICIENCY, PERCEPTION
from kefu.steering.balance import Standing, standing
from kefu.steering.readings import NO_DATA, Group, Reading

PLAIN = {"floor": 0, "target": 100}
OURS_OFF = {side: {name: {"weight": 0} for name in ours} for side, ours in (("e", EFFICIENCY), ("p", PERCEPTION))}
values = st.one_of(st.none(), st.integers(0, 100))


def settings(**changes: Any) -> BalanceSettings:  # noqa: ANN401
    """Two metrics a side, whose values are their points."""
    told = {
        "efficiency": {**OURS_OFF["e"], "e1": PLAIN, "e2": {**PLAIN, "instead_of": "e1"}, "e3": PLAIN},
        "perception": {**OURS_OFF["p"], "p1": PLAIN, "p2": PLAIN},
        "least_sessions": 20,
    }
    return BalanceSettings.model_validate({**told, **changes})


def group(sessions: int | None = 50, **told: float | None) -> Group:
    return Group(sessions, {name: Reading(value, NO_DATA if value is None else None) for name, value in told.items()})


def stands(now: Group, before: Group | None = None, **changes: Any) -> Standing:  # noqa: ANN401
    return standing("a1", now, before, settings(**changes))


def codes(told: Standing) -> list[str]:
    return [one.code for one in told.warnings]


def test_a_side_is_the_mean_of_the_points_that_there_are() -> None:
    told = stands(group(e1=80, e2=10, e3=50, p1=30))
    assert (told.efficiency.points, told.perception.points) == (65, 30)
    assert [part.metric for part in told.efficiency.parts] == ["e1", "e3"]


def test_what_stands_in_counts_only_where_the_other_has_no_value() -> None:
    told = stands(group(e1=None, e2=10, e3=50, p1=None))
    assert (told.efficiency.points, told.perception.points, told.quadrant) == (30, None, None)
    assert [(part.metric, part.points) for part in told.efficiency.parts] == [("e1", None), ("e2", 10), ("e3", 50)]


@pytest.mark.parametrize(
    ("efficiency", "perception", "quadrant"),
    [(60, 60, "both"), (60, 59.9, "efficient"), (59.9, 60, "perceived"), (0, 0, "neither")],
)
def test_the_boundary_belongs_to_the_better_side(efficiency: float, perception: float, quadrant: str) -> None:
    assert stands(group(e1=efficiency, p1=perception)).quadrant == quadrant


def test_efficiency_up_and_perception_down_is_a_warning() -> None:
    told = stands(group(e1=54, e3=54, p1=40), group(e1=50, e3=50, p1=44))
    assert codes(told) == ["efficiency_over_perception"]
    assert told.warnings[0].numbers == {"efficiency": 4, "perception": -4}


@pytest.mark.parametrize(("up", "down"), [(3, 4), (4, 3), (-4, 4), (4, -4), (0, 0)])
def test_a_change_up_to_the_threshold_is_none(up: int, down: int) -> None:
    assert codes(stands(group(e1=50 + up, p1=50 - down), group(e1=50, p1=50))) == []


def test_only_metrics_with_a_value_in_both_periods_are_compared() -> None:
    told = stands(group(e1=90, e3=None, p1=40, p2=10), group(e1=80, e3=10, p1=44))
    assert (told.efficiency.change, told.perception.change) == (10, -4)
    told = stands(group(e1=None, e2=50, p1=1), group(e1=70, e2=40, p1=1))
    assert told.efficiency.change == 10  # of what stands in, in both periods


def test_few_sessions_in_one_of_both_periods_are_not_compared() -> None:
    for now, before in ((19, 50), (50, 19)):
        told = stands(group(now, e1=90, p1=10), group(before, e1=10, p1=90))
        assert told.few
        assert codes(told) == []
    assert codes(stands(group(20, e1=90, p1=10), group(20, e1=10, p1=90))) == ["efficiency_over_perception"]


@pytest.mark.parametrize(
    ("occupancy", "code"),
    [(0.9, []), (0.9001, ["occupancy_high"]), (0.75, []), (0.7499, ["occupancy_low"]), (None, [])],
)
def test_too_busy_and_too_idle_are_warnings(occupancy: float | None, code: list[str]) -> None:
    assert codes(stands(group(3, occupancy=occupancy, e1=1, p1=1))) == code


@pytest.mark.parametrize(
    ("time", "repeats", "code"),
    [
        (380, 0.21, ["quick_but_repeated"]),
        (380.1, 0.21, []),
        (380, 0.2099, []),
        (300, 0.2, []),
        (420, 0.3, []),
        (None, 0.3, []),
        (300, None, []),
    ],
)
def test_quicker_but_more_customers_come_back_is_a_warning(
    time: float | None, repeats: float | None, code: list[str]
) -> None:
    now, before = (
        group(handle_time=time, repeat_contact_rate=repeats),
        group(handle_time=400, repeat_contact_rate=0.2),
    )
    assert codes(stands(now, before)) == code


def test_limits_of_0_warn_of_a_change_only() -> None:
    same = group(handle_time=400, repeat_contact_rate=0.2)
    assert codes(stands(same, same, handle_time_fall=0, repeat_rise=0, threshold=0)) == []


def test_without_a_period_before_nothing_changed() -> None:
    told = stands(group(e1=90, p1=10))
    assert (told.efficiency.change, told.perception.change, told.few, told.sessions_before) == (None, None, False, None)


@given(st.lists(values, min_size=6, max_size=6))
def test_swapped_periods_change_the_other_way(told: list[float | None]) -> None:
    now, before = (group(e1=some[0], e3=some[1], p1=some[2]) for some in (told[:3], told[3:]))
    there, back = stands(now, before), stands(before, now)
    for side in ("efficiency", "perception"):
        one, other = getattr(there, side).change, getattr(back, side).change
        assert (one is None) == (other is None)
        assert one is None or one == -other
    assert len({*codes(there), *codes(back)}) == len(codes(there)) + len(codes(back))


@given(values, values)
def test_a_side_lies_between_its_metrics(one: float | None, other: float | None) -> None:
    told = stands(group(e1=one, e3=other, p1=0)).efficiency.points
    known = [value for value in (one, other) if value is not None]
    assert told == (Fraction(sum(known), len(known)) if known else None)
