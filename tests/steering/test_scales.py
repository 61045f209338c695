"""Points of one metric: from none at the floor to all at the target, or within a band."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.aims.scale import Scale, exact

numbers = st.floats(-1e6, 1e6)
lines = st.tuples(numbers, numbers).filter(lambda ends: ends[0] != ends[1])
bands = st.lists(numbers, min_size=4, max_size=4).map(sorted)


def in_between(ends: tuple[float, float]) -> Scale:
    return Scale(floor=ends[0], target=ends[1])


def within(ends: list[float]) -> Scale:
    return Scale(band=(ends[1], ends[2]), limits=(ends[0], ends[3]))


scales = st.one_of(lines.map(in_between), bands.map(within))


@pytest.mark.parametrize(
    ("value", "points"),
    [(120, 0), (20, 100), (45, 75), (70, 50), (19.9, 100), (120.1, 0), (1e9, 0), (-5, 100), (20.1, Fraction(999, 10))],
)
def test_less_is_better_where_the_target_is_below_the_floor(value: float, points: Fraction) -> None:
    assert Scale(floor=120, target=20).points(value) == points


@pytest.mark.parametrize(("value", "points"), [(0.6, 0), (0.75, 50), (0.9, 100), (0.8, Fraction(200, 3)), (1, 100)])
def test_shares_are_taken_as_they_are_written(value: float, points: Fraction) -> None:
    assert Scale(floor=0.6, target=0.9).points(value) == points


@pytest.mark.parametrize(
    ("value", "points"), [(1, 0), (2, 50), (3, 100), (5.5, 100), (8, 100), (9, 75), (11, 25), (12, 0), (0, 0), (99, 0)]
)
def test_the_middle_is_best_within_a_band(value: float, points: Fraction) -> None:
    assert Scale(band=(3, 8), limits=(1, 12)).points(value) == points


def test_a_band_may_end_at_once() -> None:
    scale = Scale(band=(0, 1), limits=(0, 1))
    assert [scale.points(value) for value in (-0.001, 0, 1, 1.001)] == [0, 100, 100, 0]


@given(scales, numbers)
def test_points_are_from_0_to_100(scale: Scale, value: float) -> None:
    assert 0 <= scale.points(value) <= 100


@given(lines, numbers, numbers)
def test_a_better_value_never_has_fewer_points(ends: tuple[float, float], one: float, other: float) -> None:
    worse, better = sorted((one, other), reverse=ends[1] < ends[0])
    assert in_between(ends).points(worse) <= in_between(ends).points(better)


@given(bands, numbers, numbers)
def test_points_fall_with_the_distance_from_the_band(ends: list[float], one: float, other: float) -> None:
    scale = within(ends)
    low, high = sorted((one, other))
    if high <= ends[2]:
        assert scale.points(low) <= scale.points(high)
    if low >= ends[1]:
        assert scale.points(low) >= scale.points(high)


@given(lines, numbers)
def test_floor_and_target_exchanged_give_what_is_left_of_100(ends: tuple[float, float], value: float) -> None:
    assert in_between(ends).points(value) + in_between(ends[::-1]).points(value) == 100


@given(st.decimals(-1000, 1000, places=6))
def test_a_number_is_what_is_written(number: object) -> None:
    assert exact(float(str(number))) == Fraction(str(number))
