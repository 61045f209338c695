"""Forecasts: intervals hold what they promise, nothing is known before it happened, no model is praised for luck."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_agents import FREE, KINDS, RATE, SHARE, TIMES, Process, frame, table, wandering, white_noise

from kefu.steering.backtest import Tried, beats_naive, chosen, tries
from kefu.steering.forecast import Forecast, Predicted, Rules, predict
from kefu.steering.intervals import ends_of
from kefu.steering.models import LEARNT
from kefu.steering.nature import Kind, Nature
from kefu.steering.panel import Panel, levels, past

ANY = Rules(least_weight=1)
SMALL = Process(agents=12, periods=12)


def by_agent(found: Predicted) -> dict[str, Forecast]:
    return {one.agent_id: one for one in found.forecasts}


def told(rows: pl.DataFrame, nature: Nature, upto: int, rules: Rules = ANY) -> Predicted:
    return predict("m", rows, nature, upto, rules)


def tried(rows: pl.DataFrame, nature: Nature, upto: int) -> dict[int, dict[str, tuple[float, ...]]]:
    """Return what each model said of every period of the past, by agent."""
    panel = Panel.of(rows, upto)
    pasts = [past(panel, column, nature) for column in range(LEARNT, panel.values.shape[1] + 1)]
    return {
        column: {
            panel.agents[agent]: (*(float(said[at]) for said in one.said.values()), float(one.scale[at]))
            for at, agent in enumerate(one.agents)
        }
        for column, one in enumerate(tries(panel, pasts, nature), start=LEARNT + 1)
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("process", [Process(), Process(back=0.95, drift=0.3), Process(agents=15, most=300)], ids=str)
def test_nine_of_ten_values_are_inside_their_interval(kind: Kind, process: Process) -> None:
    inside, small, said = [], [], []
    for seed in range(20 if process.agents > 50 else 40):
        rows = process.run(kind, seed)
        last = process.periods - 1
        found = told(rows, Nature(kind, "lower"), last)
        came = {agent: (value, weight) for agent, period, value, weight in rows.iter_rows() if period == last}
        ends = [(one.low, one.high, *came[one.agent_id]) for one in found.forecasts]
        inside += [low <= value <= high for low, high, value, _ in ends if low is not None and high is not None]
        usual = np.median([weight for *_, weight in ends])
        small += [weight < usual for *_, weight in ends]
        said.append(found.verdict.inside)
    assert len(inside) == len(small) >= 600
    assert 0.85 < np.mean(inside) < 0.95
    assert 0.85 < np.mean(np.array(inside)[small]) < 0.95  # of agents with few sessions, too
    assert 0.85 < np.mean(np.array(inside)[~np.array(small)]) < 0.95
    assert np.mean(said) == pytest.approx(np.mean(inside), abs=0.03)  # as the backtest promised


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_knows_the_team_beats_the_last_value(kind: Kind) -> None:
    found = told(Process().run(kind, 1), Nature(kind, "lower"), 20).verdict
    assert found.better
    assert found.error < 0.9 * found.naive_error
    assert found.forecasts == 60 * 16
    assert found.periods == 16


def test_no_model_knows_more_of_white_noise_than_there_is_to_know() -> None:
    gains, ratios = [], []
    for seed in range(20):
        rows, means = white_noise(seed)
        found = told(rows, FREE, 20).verdict
        values = rows["value"].to_numpy().reshape(40, 20)[:, 4:]
        best = np.abs(values - means[:, None]).mean()  # by who knows the levels
        gains.append(best - found.error)
        ratios.append(found.error / found.naive_error)
        assert found.better
    assert np.mean(gains) < 2 * np.std(gains) / np.sqrt(len(gains))
    assert 0.5**0.5 - 0.02 < np.mean(ratios) < 0.8  # two draws differ by √2 as much as one from its mean


def test_where_only_the_last_value_tells_anything_it_is_the_forecast_and_that_is_said() -> None:
    praised = 0
    for seed in range(20):
        found = told(wandering(seed), FREE, 20)
        praised += found.verdict.better
        if not found.verdict.better:
            assert found.verdict.said == "no_better"
            assert found.verdict.model == "naive"
            assert all(one.value == one.last and one.low < one.last < one.high for one in found.forecasts)
    assert praised <= 3  # one of twenty may seem better by chance


@given(st.integers(5, 11), st.integers(0, 5), st.sampled_from(KINDS))
@settings(max_examples=20, deadline=None)
def test_nothing_is_known_before_it_happened(now: int, seed: int, kind: Kind) -> None:
    nature = Nature(kind, "lower")
    first = frame([("late", now - 1, 0.9, 30)])
    rows = pl.concat([SMALL.run(kind, seed), first])
    before = rows.filter(pl.col("period") < now)
    later = rows.filter(pl.col("period") >= now)
    other = later.with_columns(value=1 - pl.col("value") / 7, weight=pl.col("weight") * 3 + 1)
    newcomers = other.with_columns(agent_id=pl.concat_str("agent_id", pl.lit("x")))
    again = frame([("late", period, 0.1, 40) for period in range(now, 12)])
    changed = pl.concat([before, other, newcomers, again])
    assert told(changed, nature, now) == told(rows, nature, now) == told(before, nature, now)
    was, became = tried(rows, nature, 12), tried(changed, nature, 12)
    assert [was[column] for column in range(LEARNT + 1, now)] == [became[column] for column in range(LEARNT + 1, now)]
    known = {agent: said for agent, said in became[now].items() if agent in was[now]}
    assert known == was[now]  # what was said of the first changed period
    assert was[11] != became[11] or now == 11  # and the change would have been seen


@given(st.randoms(use_true_random=False), st.sampled_from(KINDS))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_says_nothing(chance, kind: Kind) -> None:  # noqa: ANN001
    rows = SMALL.run(kind, 3)
    mixed = rows[chance.sample(range(len(rows)), len(rows))]
    assert told(mixed, Nature(kind, "lower"), 12) == told(rows, Nature(kind, "lower"), 12)


@given(st.permutations(range(12)), st.sampled_from(KINDS))
@settings(max_examples=10, deadline=None)
def test_the_names_of_agents_say_nothing(order: list[int], kind: Kind) -> None:
    rows, nature = SMALL.run(kind, 4), Nature(kind, "lower")
    names = {f"a{old:03}": f"a{new:03}" for old, new in enumerate(order)}
    renamed = rows.with_columns(pl.col("agent_id").replace_strict(names))
    was, became = told(rows, nature, 12), told(renamed, nature, 12)
    assert became.verdict.model == was.verdict.model
    for agent, one in by_agent(was).items():
        other = by_agent(became)[names[agent]]
        assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high))


@given(st.floats(0.001, 1000), st.integers(0, 3))
@settings(max_examples=15, deadline=None)
def test_in_another_unit_of_time_the_forecast_is_the_same(factor: float, seed: int) -> None:
    rows = SMALL.run("times", seed)
    was, became = (told(rows.with_columns(pl.col("value") * by), TIMES, 12) for by in (1.0, factor))
    assert became.verdict.error == pytest.approx(was.verdict.error * factor)
    for one, other in zip(was.forecasts, became.forecasts, strict=True):
        assert (other.value, other.low, other.high) == pytest.approx(
            (one.value * factor, one.low * factor, one.high * factor)
        )


def test_too_few_periods_or_agents_give_the_last_value_without_an_interval() -> None:
    rows = SMALL.run("share", 1)
    short = told(rows, SHARE, 5)
    assert short.verdict.said == "too_few_periods"
    assert short.verdict.error is None
    few = told(rows.filter(pl.col("agent_id") < "a003"), SHARE, 12)
    assert few.verdict.said == "too_few_agents"
    last = {agent: value for agent, period, value, _ in rows.iter_rows() if period == 4}
    assert {one.agent_id: one.value for one in short.forecasts} == last
    assert len(few.forecasts) == 3
    assert all(one.value == one.last and one.low is None for one in (*short.forecasts, *few.forecasts))


def test_without_any_past_there_is_no_forecast() -> None:
    for rows in (frame([]), frame([("a", 3, 0.5, 10)]), frame([("a", 9, 0.5, 10)])):
        found = told(rows, SHARE, 4)
        assert (found.verdict.said, found.forecasts) == ("too_few_periods", ())


def test_agents_with_too_little_or_nothing_lately_are_left_out_and_named() -> None:
    rows = SMALL.run("share", 2)
    rare = frame([("rare", period, 1.0, 4) for period in range(12)])
    left = frame([("left", period, 0.4, 30) for period in range(8)])
    new = frame([("new", 11, 0.4, 30)])
    found = told(pl.concat([rows, rare, left, new]), SHARE, 12, Rules(least_weight=5))
    assert [(one.agent_id, one.why, one.weight) for one in found.left_out] == [
        ("left", "gone", 240),
        ("new", "too_few", 30),
        ("rare", "too_few", 48),
    ]
    assert by_agent(found).keys() == set(rows["agent_id"])
    without = told(pl.concat([rows, left, new]), SHARE, 12, Rules(least_weight=5))
    assert without.forecasts == found.forecasts  # what is of too little moves nobody else


def test_gaps_in_the_calendar_are_no_periods() -> None:
    rows = SMALL.run("rate", 5).filter(pl.col("period") != 6)
    found = told(rows, RATE, 12)
    assert found.verdict.periods == 7  # 4 to 11 but for one
    away = told(rows.filter((pl.col("agent_id") != "a000") | (pl.col("period") < 10)), RATE, 12)
    assert by_agent(away)["a000"].last == rows.filter((pl.col("agent_id") == "a000"), pl.col("period") == 9)["value"][0]


@pytest.mark.parametrize(("nature", "kind"), [(SHARE, "share"), (TIMES, "times"), (RATE, "rate")], ids=str)
def test_forecasts_stay_within_what_there_can_be(nature: Nature, kind: Kind) -> None:
    for seed in range(5):
        rows = Process(agents=10, least=2, most=8, drift=1.5).run(kind, seed)
        for one in told(rows, nature, 20).forecasts:
            assert nature.low <= one.low <= one.value <= one.high <= nature.high


def test_a_rate_may_be_above_one() -> None:
    rows = table(np.random.default_rng(1).normal(3, 0.2, (10, 12)))
    assert all(one.low > 1 for one in told(rows, RATE, 12).forecasts)
    assert all(one.high <= 1 for one in told(rows.with_columns(pl.col("value") / 3), SHARE, 12).forecasts)


def test_values_that_never_change_are_forecast_as_they_are() -> None:
    rows = table(np.repeat([[0.0], [0.25], [0.5], [1.0]], 8, axis=1))
    for one in told(rows, SHARE, 8).forecasts:
        assert (one.value, one.low, one.high) == (one.last, one.last, one.last)


def test_a_week_has_its_days() -> None:
    chance = np.random.default_rng(7)
    week = np.tile([1.0, 1, 1, 1, 1, 3, 3], 8)
    rows = table(10 + week + chance.normal(0, 0.2, (20, 56)))
    with_week = told(rows, FREE, 56, Rules(season=7)).verdict.error
    assert with_week < 0.7 * told(rows, FREE, 56).verdict.error


def series(values: list[float], said: dict[str, float], agents: int = 1) -> list[Tried]:
    """Return tries of models that always say the same."""
    one = np.ones(agents)
    return [Tried(np.arange(agents), one * v, one, one * 9, {m: one * s for m, s in said.items()}) for v in values]


def test_the_ends_of_an_interval_are_errors_of_the_past() -> None:
    spread = [float(number) for number in range(-9, 10)]
    ends = ends_of(series(spread, {"naive": 0.0}), "naive")
    low, high = ends.around(np.array([100.0]), np.ones(1), np.array([9.0]), FREE)
    assert (low, high) == (pytest.approx(91), pytest.approx(109))  # 19 errors: the least and the greatest
    ends = ends_of(series([value * 0.5 for value in range(-19, 20)], {"naive": 0.0}), "naive")
    low, high = ends.around(np.array([100.0]), np.ones(1), np.array([9.0]), FREE)
    assert (low, high) == (pytest.approx(91), pytest.approx(109))  # 39 errors: the second and the second last
    assert ends_of(series(spread[1:], {"naive": 0.0}), "naive") is None


def test_a_model_is_chosen_by_earlier_periods_only() -> None:
    said = {"naive": 0.0, "level": 1.0, "ridge": 2.0}
    assert chosen(series([2.0, 1.0, 0.0, 0.0, 0.0], said)) == ["ridge", "level", "level", "naive", "naive"]


def test_a_gain_has_to_stand_out_over_periods_and_over_agents() -> None:
    said = {"naive": 0.0, "level": 1.0}
    models = ["level"] * 8
    assert beats_naive(series([1.0] * 8, said, agents=9), models)
    assert not beats_naive(series([1.0, 0.1] * 4, said, agents=9), models)  # some periods gain, some lose as much
    lucky = [
        Tried(
            np.arange(9),
            np.array([1.0] * 5 + [0.0] * 4),
            np.ones(9),
            np.ones(9),
            {"naive": np.zeros(9), "level": np.ones(9)},
        )
        for _ in range(8)
    ]
    assert not beats_naive(lucky, models)  # five agents gain, four lose as much
    assert not beats_naive(series([1.0], said, agents=9), ["level"])  # one period says nothing of others


@given(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=2, max_size=6), st.integers(1, 100))
def test_a_level_lies_between_the_own_mean_and_that_of_all(values: list[list[float]], weight: int) -> None:
    told_values = np.array(values)
    found, team = levels(told_values, np.full(told_values.shape, float(weight)))
    own = told_values.mean(axis=1)
    assert team == pytest.approx(told_values.mean())
    assert all(min(o, team) - 1e-9 <= f <= max(o, team) + 1e-9 for o, f in zip(own, found, strict=True))


def test_the_less_a_mean_is_of_the_nearer_is_its_level_to_the_team() -> None:
    chance = np.random.default_rng(2)
    values = chance.normal(0, 1, (20, 6)) + chance.normal(0, 2, (20, 1))
    values[:3] = values[3] + 1.5 * np.array([1, -1, 1, -1, 1, -1])  # three who are alike
    sizes = np.full((20, 6), 10.0)
    sizes[:3] = [[1], [10], [100]]
    found, team = levels(values, sizes)
    far = np.abs(found[:3] - values[:3].mean(axis=1))
    assert all(more < less for less, more in pairwise(far))
    assert np.abs(found[2] - team) > np.abs(found[0] - team)
