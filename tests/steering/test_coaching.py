"""The coaching list: who is behind, by how much, how surely, and whether it gets better."""

from __future__ import annotations

from math import sqrt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_agents import frame

from kefu.steering.coaching import Advice, WeakPoint, listed, weak_points
from kefu.steering.forecast import Forecast
from kefu.steering.nature import Nature

LOWER, HIGHER, SECONDS = Nature("share", "lower"), Nature("share", "higher"), Nature("times", "lower")
SHARES = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4, "e": 0.9}
"""Median 0.3; distances from it 0.2, 0.1, 0, 0.1, 0.6, whose median is 0.1."""
SPREAD = 0.14826


def rows(values: dict[str, float], weight: int = 25, periods: tuple[int, ...] = (4, 5, 6, 7)) -> pl.DataFrame:
    return frame([(agent, period, value, weight) for agent, value in values.items() for period in periods])


def found(told: pl.DataFrame, nature: Nature = LOWER, **more: Any) -> dict[str, WeakPoint]:  # noqa: ANN401
    return weak_points("m", told, nature, 8, least_weight=5, least_agents=4, **more)


def wilson(share: float, size: float) -> tuple[float, float]:
    """Return the ends between which a true share is that a share seen in so many is 1.645 standard errors from."""
    more = 1.645**2
    middle = 2 * size * share + more
    root = sqrt(middle**2 - 4 * (size + more) * size * share**2)
    return (middle - root) / (2 * (size + more)), (middle + root) / (2 * (size + more))


def test_the_score_is_the_sure_part_of_the_gap_in_spreads_of_the_team() -> None:
    points = found(rows(SHARES))
    e = points["e"]
    assert points.keys() == {"e"}  # d is behind by 0.1, of which nothing is sure
    assert (e.value, e.aim, e.gap, e.weight) == (pytest.approx(0.9), 0.3, pytest.approx(0.6), 100)
    assert e.score == pytest.approx((wilson(0.9, 100)[0] - 0.3) / SPREAD)
    assert e.trend is None  # there is nothing before
    sure = found(rows(SHARES, weight=100))
    assert sure.keys() == {"d", "e"}
    assert sure["d"].score == pytest.approx((wilson(0.4, 400)[0] - 0.3) / SPREAD)


def test_where_more_is_better_those_with_less_are_behind() -> None:
    points = found(rows(SHARES, weight=100), HIGHER)
    assert points.keys() == {"a", "b"}
    assert points["a"].gap == pytest.approx(0.2)
    assert points["a"].score == pytest.approx((0.3 - wilson(0.1, 400)[1]) / SPREAD)


def test_a_small_sample_does_not_top_the_list() -> None:
    few = rows({"z": 1.0}, weight=2)  # eight sessions, all of them bad
    points = found(pl.concat([rows(SHARES | {"f": 0.35, "g": 0.25}), few]))
    assert points["z"].gap > points["e"].gap
    assert points["z"].score < points["e"].score
    assert "y" not in found(pl.concat([rows(SHARES), rows({"y": 1.0}, weight=1)]))  # four sessions: nothing is said


def test_what_changes_from_week_to_week_is_noise() -> None:
    steady, restless = rows(SHARES), rows(SHARES)
    shift = pl.when(pl.col("period") % 2 == 0).then(0.1).otherwise(-0.1)
    restless = restless.with_columns(value=pl.col("value") + shift)
    assert found(restless)["e"].value == pytest.approx(0.9)
    assert found(restless)["e"].score < found(steady)["e"].score


def test_seconds_are_unsure_by_what_changes_from_week_to_week() -> None:
    values = {"a": 40.0, "b": 50.0, "c": 60.0, "d": 70.0, "e": 120.0}
    told = frame(
        [
            (agent, period, value * (1.1 if period % 2 else 0.9), 25)
            for agent, value in values.items()
            for period in (4, 5, 6, 7)
        ]
    )
    e = found(told, SECONDS)["e"]
    error = 120 * sqrt(25 * 0.1**2 * 4 / 3 / 100)  # ± 10 % with 25 sessions, four times, three of them free
    assert (e.value, e.aim, e.gap) == (pytest.approx(120), 60, pytest.approx(60))
    assert e.score == pytest.approx((60 - 1.645 * error) / (1.4826 * 10))


def test_counts_have_the_interval_of_counts() -> None:
    values = {"a": 0.0, "b": 0.1, "c": 0.2, "d": 0.3, "e": 1.2}
    e = found(rows(values, weight=10), Nature("rate", "lower"))["e"]
    more = 1.645**2 / 40
    low = 1.2 + more / 2 - sqrt((1.2 + more / 2) ** 2 - 1.2**2)  # which of 40 sessions gives 48 at 1.645 errors
    assert abs(low + 1.645 * sqrt(low / 40) - 1.2) < 1e-9
    assert e.score == pytest.approx((low - 0.2) / (1.4826 * 0.1))


def test_of_a_metric_whose_middle_is_best_the_distance_to_its_band_counts() -> None:
    values = {"a": 0.5, "b": 0.7, "c": 0.8, "d": 0.85, "e": 0.99}
    points = found(rows(values, weight=2000), Nature("share", "middle", (0.75, 0.9)))
    told = {agent: (one.aim, round(one.gap, 9)) for agent, one in points.items()}
    assert told == {"a": (0.75, 0.25), "b": (0.75, 0.05), "e": (0.9, 0.09)}
    assert points["a"].score == pytest.approx((0.75 - wilson(0.5, 8000)[1]) / (1.4826 * 0.1))
    assert found(rows(values, weight=2000), Nature("share", "middle")) == {}


def test_only_the_last_four_periods_count() -> None:
    old = rows(dict.fromkeys(SHARES, 0.99), periods=(0, 1, 2))
    points = found(pl.concat([old, rows(SHARES)]))
    assert points["e"].value == pytest.approx(0.9)
    beyond = rows({"e": 0.0}, weight=900, periods=(8, 9))
    assert found(pl.concat([rows(SHARES), beyond])) == found(rows(SHARES))


@pytest.mark.parametrize(
    ("before", "nature", "trend"),
    [
        (1.0, LOWER, "improving"),
        (0.2, LOWER, "worsening"),
        (0.9, LOWER, "steady"),
        (0.93, LOWER, "steady"),
        (0.2, HIGHER, None),
    ],
)
def test_the_trend_is_against_the_four_periods_before(before: float, nature: Nature, trend: str | None) -> None:
    told = pl.concat([rows(SHARES), rows(SHARES | {"e": before}, periods=(0, 1, 2, 3))])
    points = found(told, nature)
    assert (points["e"].trend if "e" in points else None) == trend


def test_too_few_agents_have_no_middle() -> None:
    assert found(rows({"a": 0.1, "b": 0.2, "c": 0.9})) == {}


def test_where_all_are_alike_nobody_is_behind() -> None:
    assert found(rows(dict.fromkeys("abcdef", 0.3))) == {}
    points = found(rows(dict.fromkeys("abcdefgh", 0.3) | {"z": 0.9}))
    assert points.keys() == {"z"}  # but one


def test_the_forecast_stands_beside() -> None:
    forecast = Forecast("m", "e", 8, 0.8, 0.7, 0.9, 0.9)
    assert found(rows(SHARES), forecasts={("m", "e"): forecast})["e"].forecast == forecast


def point(metric: str, score: float) -> WeakPoint:
    return WeakPoint(metric, 1.0, 10, 0.5, 0.5, score, None)


def test_each_agent_has_two_points_at_most_and_the_worst_come_first() -> None:
    told = {
        "b": [point("x", 2.0), point("y", 1.0), point("z", 3.0)],
        "d": [point("x", 4.0)],
        "c": [point("y", 3.0)],
        "a": [point("z", 3.0), point("x", 3.0)],
        "e": [],
    }
    assert [(one.agent_id, [own.metric for own in one.points]) for one in listed(told)] == [
        ("d", ["x"]),
        ("a", ["z", "x"]),  # of equals the first metric, and the first id
        ("b", ["z", "x"]),
        ("c", ["y"]),
    ]
    assert listed({}) == []
    assert isinstance(listed(told)[0], Advice)


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefghij"), st.floats(0, 1).map(lambda share: round(share, 3)), min_size=4),
    st.randoms(use_true_random=False),
)
def test_neither_the_order_of_rows_nor_the_names_say_anything(values: dict[str, float], chance) -> None:  # noqa: ANN001
    told = rows(values)
    points = found(told)
    assert found(told[chance.sample(range(len(told)), len(told))]) == points
    names = dict(zip(values, chance.sample([*values], len(values)), strict=True))
    renamed = found(told.with_columns(pl.col("agent_id").replace_strict(names)))
    assert renamed.keys() == {names[agent] for agent in points}
    for agent, one in points.items():
        assert renamed[names[agent]].score == pytest.approx(one.score)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1, 100), min_size=4, max_size=8), st.sampled_from([0.25, 2.0, 1024.0]))
def test_in_another_unit_the_same_agents_are_behind(values: list[float], factor: float) -> None:
    told = rows({f"a{number}": value for number, value in enumerate(values)})
    points, others = found(told, SECONDS), found(told.with_columns(pl.col("value") * factor), SECONDS)
    assert points.keys() == others.keys()
    for agent, one in points.items():
        assert others[agent].score == pytest.approx(one.score)
        assert others[agent].gap == pytest.approx(one.gap * factor)
