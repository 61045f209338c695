"""Repairs that worked are told from those that did not, though they are looked at every night."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from kefu.queue.verify import (
    LEAST,
    MOST,
    POWER,
    Better,
    Counts,
    Verdict,
    needed_after,
    newcombe,
    verdict,
    verdict_by_day,
    wilson,
)

BEFORE = Counts(30, 100)


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_as_published(x: int, n: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3."""
    assert wilson(x, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_is_as_published(after: tuple[int, int], before: tuple[int, int], low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 873–890, table II, contrasts (a) to (h), method 10."""
    assert newcombe(Counts(*before), Counts(*after)) == pytest.approx((low, high), abs=5e-5)


def test_what_is_no_share_is_refused() -> None:
    for x, n in [(-1, 5), (6, 5)]:
        with pytest.raises(ValueError, match="no share"):
            Counts(x, n)
    for x, n in [(0, 0), (6, 5), (-1, 5)]:
        with pytest.raises(ValueError, match="no interval"):
            wilson(x, n)


def chance_of_worked(before: Counts, n: int, rate: float) -> float:
    """Add up the chances of all counts after a repair whose interval lies above 0."""
    shows = [x for x in range(n + 1) if newcombe(before, Counts(x, n))[0] > 0]
    return float(binom.pmf(shows, n, rate).sum())


@pytest.mark.parametrize(
    ("before", "target"), [(BEFORE, 0.5), (Counts(4, 20), 0.5), (Counts(40, 200), 0.4), (Counts(850, 1000), 0.95)]
)
def test_the_needed_sample_and_larger_ones_show_the_target(before: Counts, target: float) -> None:
    needed = needed_after(before, target, "higher")
    assert needed is not None
    assert chance_of_worked(before, needed - 1, target) < POWER
    assert all(chance_of_worked(before, n, target) >= POWER for n in range(needed, needed + 60))


@given(st.integers(20, 400), st.data(), st.floats(0.0, 1.0))
def test_lower_is_higher_of_the_others(n: int, data: st.DataObject, target: float) -> None:
    x = data.draw(st.integers(0, n))
    mirrored = needed_after(Counts(n - x, n), 1 - (1 - target), "lower")
    assert mirrored == needed_after(Counts(x, n), 1 - target, "higher")


def test_few_are_not_enough_and_rare_ones_need_more() -> None:
    assert needed_after(Counts(0, LEAST - 1), 0.9, "higher") is None
    assert needed_after(Counts(2, 20), 1.0, "higher") == 30  # 5 of the better kind at (2 + 2) ÷ (20 + 4), or 30
    assert needed_after(Counts(10, 20), 1.0, "higher") == LEAST
    assert needed_after(Counts(0, 2000), 0.5, "higher") == MOST


def test_no_sample_shows_a_target_within_the_interval_before() -> None:
    before = Counts(10, 20)
    assert wilson(before.x, before.n)[1] > 0.65
    assert needed_after(before, 0.65, "higher") is None
    told = verdict(before, Counts(0, 0), 0.65, "higher", waited_days=1)
    assert (told.state, told.needed) == ("cannot_tell", None)


def test_a_target_already_met_means_five_points_better() -> None:
    before = Counts(1200, 2000)
    assert needed_after(before, 0.5, "higher") == needed_after(before, 0.65, "higher")
    assert needed_after(before, 0.9, "higher") != needed_after(before, 0.65, "higher")


@pytest.mark.parametrize(
    ("before", "after", "target", "better", "state"),
    [
        (BEFORE, (100, 200), 0.5, "higher", "worked"),
        (BEFORE, (60, 200), 0.5, "higher", "no_effect"),
        (BEFORE, (20, 200), 0.5, "higher", "no_effect"),
        (Counts(70, 100), (100, 200), 0.5, "lower", "worked"),
        (Counts(70, 100), (140, 200), 0.5, "lower", "no_effect"),
        (Counts(1000, 2000), (2000, 4000), 0.45, "higher", "no_effect"),  # clearly better than the target before
        (Counts(1000, 2000), (2000, 4000), 0.52, "higher", "cannot_tell"),  # 2 points more would not have shown
        (Counts(1000, 2000), (2200, 4000), 0.52, "higher", "worked"),
        (Counts(1000, 2000), (2000, 4000), 0.49, "higher", "cannot_tell"),  # the target may have been ahead
    ],
)
def test_the_look(before: Counts, after: tuple[int, int], target: float, better: Better, state: str) -> None:
    told = verdict(before, Counts(*after), target, better, waited_days=9)
    assert told.state == state
    assert told.difference == pytest.approx(after[0] / after[1] - before.rate)
    assert (told.low, told.high) == newcombe(before, Counts(*after))


def test_until_the_look_nothing_is_shown() -> None:
    needed = needed_after(BEFORE, 0.5, "higher")
    assert needed is not None
    before_the_look = Counts((needed - 1) // 5, needed - 1)
    for days in (0, 59):
        told = verdict(BEFORE, before_the_look, 0.5, "higher", waited_days=days)
        assert told == Verdict("too_early", BEFORE, before_the_look, None, None, None, needed, "higher")
    assert verdict(BEFORE, before_the_look, 0.5, "higher", waited_days=60).state == "cannot_tell"
    few = Counts(LEAST - 1, LEAST - 1)
    told = verdict(BEFORE, few, 0.5, "higher", waited_days=60)
    assert told == Verdict("cannot_tell", BEFORE, few, None, None, None, needed, "higher")


def test_the_last_day_is_the_look_where_too_few_came() -> None:
    before, after = Counts(4, 20), Counts(24, 40)
    assert (needed_after(before, 0.5, "higher") or 0) > after.n
    assert verdict(before, after, 0.5, "higher", waited_days=59).state == "too_early"
    assert verdict(before, after, 0.5, "higher", waited_days=60).state == "worked"
    assert verdict(before, Counts(8, 40), 0.5, "higher", waited_days=60).state == "cannot_tell"


def test_a_verdict_stays_from_night_to_night() -> None:
    needed = needed_after(BEFORE, 0.5, "higher")
    assert needed is not None
    days = [Counts(day * 5, day * 10) for day in range(1, 90)]
    nightly = [verdict_by_day(BEFORE, days[:known], 0.5, "higher") for known in range(len(days) + 1)]
    look = -(-needed // 10)
    assert {told.state for told in nightly[:look]} == {"too_early"}
    assert [told.after for told in nightly[1:look]] == days[: look - 1]
    assert {*nightly[look:]} == {verdict(BEFORE, days[look - 1], 0.5, "higher", waited_days=look)}


def test_traffic_that_comes_too_late_changes_nothing() -> None:
    days = [Counts(1, 2)] * 60 + [Counts(500, 500)]
    for known in (60, 61):
        told = verdict_by_day(BEFORE, days[:known], 0.5, "higher")
        assert (told.state, told.after) == ("cannot_tell", Counts(1, 2))
    assert verdict_by_day(BEFORE, [*days[:59], Counts(500, 500)], 0.5, "higher").state == "worked"
    assert verdict_by_day(BEFORE, days[:7], 0.5, "higher", longest_days=7).state == "cannot_tell"


def test_counts_that_fall_are_refused() -> None:
    with pytest.raises(ValueError, match="cumulated"):
        verdict_by_day(BEFORE, [Counts(5, 10), Counts(6, 9)], 0.5, "higher")


WEEK = np.array([1.2, 1.1, 1.0, 1.0, 1.1, 0.8, 0.8])
ALIKE = 0.002
"""Correlation of two answers of one day: the rate itself differs a little from day to day."""


@dataclass(frozen=True)
class Cell:
    """Items that are alike: a sample before, the rate in truth, and how far the target is."""

    n: int
    rate: float
    gap: float

    @property
    def target(self) -> float:
        return round(self.rate + self.gap, 4)


CELLS = [
    Cell(n, rate, gap)
    for n in (20, 50, 100, 200, 500, 2000)
    for rate in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98)
    for gap in (0.02, 0.05, 0.1, 0.2, 0.4)
    if rate + gap <= 1
]


def answered(rng: np.random.Generator, traffic: np.ndarray, rate: float) -> np.ndarray:
    """Return how many of each day's answers are of the better kind."""
    often = 1 / ALIKE - 1
    return rng.binomial(traffic, rng.beta(rate * often, (1 - rate) * often, len(traffic)) if rate < 1 else rate)


def nights(rng: np.random.Generator, cell: Cell, rate: float) -> tuple[Verdict, list[Counts], Counts]:
    """Return the verdict on one item with this rate after the repair; half of them count what should be rare."""
    month = answered(rng, rng.multinomial(cell.n, np.full(30, 1 / 30)), cell.rate)
    before, target = Counts(int(month.sum()), cell.n), cell.target
    daily = (needed_after(before, target, "higher") or 100) / rng.uniform(1, 45)
    traffic = rng.poisson(daily * WEEK[(np.arange(60) + rng.integers(7)) % 7] * rng.gamma(10, 1 / 10, 60))
    days = [
        Counts(x, n)
        for x, n in zip(answered(rng, traffic, rate).cumsum().tolist(), traffic.cumsum().tolist(), strict=True)
    ]
    if rng.random() < 0.5:
        return verdict_by_day(before, days, target, "higher"), days, before
    others = [Counts(day.n - day.x, day.n) for day in days]
    return verdict_by_day(Counts(before.n - before.x, before.n), others, 1 - target, "lower"), days, before


def outcomes(rng: np.random.Generator, cell: Cell, rate: float, items: int) -> Counter[str]:
    """Return how often each verdict was given at a look, and how often there was none."""
    told = (nights(rng, cell, rate)[0] for _ in range(items))
    return Counter(one.state if one.difference is not None else "no look" for one in told)


def check(seed: int, cells: list[Cell], items: int) -> None:
    """Hold every cell, up to chance, and all together: 95 % of those to the target worked, 5 % of those without effect.

    The 95 % are of those decided: where a sample cannot show the target, ``cannot_tell`` is right. The 5 % are of all,
    and of those looked at too where the target is far: near it, only samples that are low by chance are looked at.
    """
    rng = np.random.default_rng(seed)
    reached = {cell: outcomes(rng, cell, cell.target, items) for cell in cells}
    unchanged = {cell: outcomes(rng, cell, cell.rate, items) for cell in cells}
    for found in reached.values():
        assert binom.sf(found["no_effect"] - 1, found["worked"] + found["no_effect"], 0.05) > 1e-4
    for found in unchanged.values():
        assert binom.sf(found["worked"] - 1, found.total(), 0.05) > 1e-4
    right, wrong = sum(reached.values(), Counter()), sum(unchanged.values(), Counter())
    assert right["worked"] >= 0.95 * (right["worked"] + right["no_effect"])
    assert wrong["worked"] <= 0.05 * wrong.total()
    far = sum((found for cell, found in unchanged.items() if cell.gap >= 0.2), Counter())
    assert far["worked"] <= 0.05 * (far.total() - far["no look"])
    clear = sum((found for cell, found in reached.items() if cell.gap >= 0.2 and cell.n >= 100), Counter())
    assert clear["worked"] >= 0.95 * clear.total()


def test_simulated_repairs_are_told_apart() -> None:
    check(5, CELLS[::6], items=36)


@pytest.mark.long
def test_many_simulated_repairs_are_told_apart() -> None:
    check(6, CELLS, items=400)


def test_who_tests_every_night_finds_effects_that_are_not_there() -> None:
    rng = np.random.default_rng(7)
    runs = [nights(rng, Cell(200, 0.3, 0.2), 0.3) for _ in range(300)]
    nightly = sum(any(day.n and newcombe(before, day)[0] > 0 for day in days) for _, days, before in runs)
    assert nightly > 0.1 * len(runs)
    assert sum(told.state == "worked" for told, _, _ in runs) < 0.06 * len(runs)
