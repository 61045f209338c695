"""Cards: weights go to those that have a value, parts add up, equal points share a rank."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.aims.scale import Scale
from kefu.errors import ConfigError
from kefu.metric import Title
from kefu.show.tenths import points_text, tenth, tenths
from kefu.steering.points import Score, score
from kefu.steering.readings import NO_DATA, Reading
from kefu.steering.scorecards import Line, check_direction, gone, ranked

NAMES = ("a", "b", "c", "d")
PLAIN = {"floor": 0.0, "target": 100.0}
"""A scale on which the value is the points."""
ONLINE = dict(zip(NAMES, (30, 25, 20, 25), strict=True))

weights = st.lists(st.integers(1, 50), min_size=4, max_size=4)
values = st.lists(st.one_of(st.none(), st.integers(0, 1000).map(lambda tenth: tenth / 10)), min_size=4, max_size=4)
shares = st.lists(st.fractions(0, 100, max_denominator=997), min_size=1, max_size=8)


def scales(told: Mapping[str, float]) -> dict[str, Scale]:
    return {name: Scale(weight=weight, **PLAIN) for name, weight in told.items()}


def readings(*told: float | None) -> dict[str, Reading]:
    return {n: Reading(v, NO_DATA if v is None else None) for n, v in zip(NAMES, told, strict=False)}


def weighed(told: list[int], points: list[float | None]) -> Score:
    return score(scales(dict(zip(NAMES, told, strict=True))), readings(*points))


def line(key: str, points: float | None, sessions: int | None = 100) -> Line:
    return Line(key, sessions, None if points is None else Fraction(points), ())


def test_each_metric_gives_its_points_by_its_weight() -> None:
    told = score(scales(ONLINE), readings(80, 60, 50, 40))
    assert [part.given for part in told.parts] == [24, 15, 10, 10]
    assert told.points == 59


def test_a_missing_metric_gives_its_weight_to_the_others_in_proportion() -> None:
    told = score(scales(ONLINE), readings(80, 60, 50, None))
    assert [part.weight for part in told.parts] == [Fraction(30, 75), Fraction(25, 75), Fraction(20, 75), 0]
    assert [part.asked for part in told.parts] == [Fraction(w, 100) for w in (30, 25, 20, 25)]
    assert told.points == Fraction(80 * 30 + 60 * 25 + 50 * 20, 75)
    (missing,) = told.missing
    assert (missing.metric, missing.missing, missing.points, missing.given) == ("d", NO_DATA, None, 0)


def test_without_any_value_there_are_no_points() -> None:
    told = score(scales(ONLINE), readings(None, None, None, None))
    assert told.points is None
    assert len(told.missing) == 4


def test_no_points_are_points_too() -> None:
    assert score(scales(ONLINE), readings(0, 0, 0, 0)).points == 0


def test_a_weight_of_0_leaves_a_metric_out() -> None:
    told = score(scales({"a": 1, "b": 0}), readings(10, 90))
    assert [part.metric for part in told.parts] == ["a"]
    assert told.points == 10


@given(weights, values)
def test_parts_add_up_and_weights_to_one(told: list[int], points: list[float | None]) -> None:
    found = weighed(told, points)
    assert sum(part.asked for part in found.parts) == 1
    if found.points is None:
        assert all(value is None for value in points)
        return
    assert sum(part.weight for part in found.parts) == 1
    assert sum(part.given for part in found.parts) == found.points
    known = [(weight, value) for weight, value in zip(told, points, strict=True) if value is not None]
    assert float(found.points) == pytest.approx(sum(w * v for w, v in known) / sum(w for w, _ in known))
    given_points = [part.points for part in found.parts if part.points is not None]
    assert min(given_points) <= found.points <= max(given_points)


@given(weights, values, st.integers(2, 9))
def test_weights_are_in_proportion(told: list[int], points: list[float | None], times: int) -> None:
    assert weighed([weight * times for weight in told], points) == weighed(told, points)


@given(weights, values, st.integers(0, 3), st.integers(1, 1000))
def test_a_better_value_never_lowers_the_points(
    told: list[int], points: list[float | None], place: int, rise: int
) -> None:
    before = weighed(told, points).points
    if points[place] is None or before is None:
        return
    better = [*points]
    better[place] = (points[place] or 0) + rise / 10
    after = weighed(told, better).points
    assert after is not None
    assert after >= before


def test_equal_points_share_a_rank_and_the_next_is_left_out() -> None:
    told = ranked([line("d", 50), line("c", 70), line("a", 90), line("b", 70)], 0)
    assert [(one.key, one.rank) for one in told] == [("a", 1), ("b", 2), ("c", 2), ("d", 4)]


def test_who_has_too_few_sessions_no_points_or_no_name_has_no_rank() -> None:
    told = ranked([line("x", 99, 19), line("unknown", 98), line("y", None), line("z", 10, 20), line("w", 5, None)], 20)
    assert [(one.key, one.rank) for one in told if one.unranked is None] == [("z", 1), ("w", 2)]
    why = {one.key: one.unranked for one in told if one.unranked}
    assert why["x"] == Title(zh="人工会话少于 20 次", en="fewer than 20 human sessions")
    assert why["unknown"].en == "nobody knows who this is"
    assert why["y"].en == "no metric has a value"


@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 5)), st.integers(0, 40)), max_size=12), st.randoms())
def test_ranks_are_what_counting_says_in_any_order(told: list[tuple[int | None, int]], chance: random.Random) -> None:
    lines = [line(f"k{number:02}", points, sessions) for number, (points, sessions) in enumerate(told)]
    found = ranked(lines, 20)
    chance.shuffle(lines)
    assert ranked(lines, 20) == found
    in_race = [points for points, sessions in told if points is not None and sessions >= 20]
    for one in found:
        if one.rank is None:
            assert one.points is None or (one.sessions or 0) < 20
        else:
            assert one.points is not None
            assert one.rank == 1 + sum(points > one.points for points in in_race)
    assert [one.rank is None for one in found] == sorted(one.rank is None for one in found)


def test_a_metric_that_nobody_has_is_said_of_the_card() -> None:
    told = [score(scales(ONLINE), readings(*row)) for row in ((1, None, 2, None), (None, None, 3, 4))]
    lines = [Line(str(number), 1, one.points, one.parts) for number, one in enumerate(told)]
    assert gone(lines) == {"b": (NO_DATA, Fraction(1, 4))}


@pytest.mark.parametrize("better", ["higher", "lower", "middle"])
def test_a_scale_that_rewards_the_worse_is_refused(better: str) -> None:
    rising, falling, band = (
        Scale(floor=0, target=1),
        Scale(floor=1, target=0),
        Scale(band=(0.4, 0.6), limits=(0, 1)),
    )
    for scale, rewards in ((rising, "higher"), (falling, "lower"), (band, "middle")):
        if "middle" in (better, rewards) or better == rewards:
            check_direction("m", better, scale, "here")  # type: ignore[arg-type]
        else:
            with pytest.raises(ConfigError, match=r"'here\.m': .* exchange floor and target"):
                check_direction("m", better, scale, "here")  # type: ignore[arg-type]


def test_a_half_of_a_tenth_is_rounded_up() -> None:
    told = (Fraction(1, 20), Fraction(4, 100), Fraction(99_94, 100), Fraction(99_95, 100))
    assert [points_text(tenth(points)) for points in told] == ["0.1", "0.0", "99.9", "100.0"]


@given(shares)
def test_shown_parts_add_up_to_the_shown_whole(parts: list[Fraction]) -> None:
    shown = tenths(parts)
    assert sum(shown) == tenth(sum(parts, Fraction()))
    assert all(abs(one - part * 10) < 1 for one, part in zip(shown, parts, strict=True))
    assert all(one == part * 10 for one, part in zip(shown, parts, strict=True) if part * 10 % 1 == 0)
