"""A change is split exactly: what the groups' weights add, what happened inside them, and what they share."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
import weeks
from hypothesis import assume, given
from hypothesis import strategies as st

from kefu.errors import ConfigError
from kefu.metric import Count, Metric, Quantile, Ratio, Spread, Sum, Title
from kefu.night.changes import Change, State, split, split_states, why
from kefu.night.percentiles import Sizes
from kefu.night.periods import Dates
from kefu.night.view import StoreView
from kefu.run.values import Value
from kefu.store import open_store
from kefu.store.opening import Store

Counts = Mapping[str, tuple[int, int]]
"""Top and bottom of each group."""
Waits = Mapping[str, Sequence[int]]
"""The sizes in each group."""
HALF = Fraction(1, 2)
NAMES = st.sampled_from(["售后", "技术", "a", "b", "=1+1"])
COUNTS = st.dictionaries(NAMES, st.tuples(st.integers(-50, 200), st.integers(0, 60)), min_size=1)
WAITS = st.dictionaries(
    st.sampled_from("abc"), st.lists(st.integers(0, 200), min_size=1, max_size=6), min_size=1, max_size=3
)


def metric(value: Ratio | Quantile) -> Metric:
    spread = isinstance(value, Quantile)
    measures = {"waits": Spread(pl.col("x"))} if spread else {"top": Sum(pl.col("x")), "bottom": Count()}
    title = Title(zh="试", en="trial")
    return Metric("trial", title, "sessions", measures, value, "count", "lower", "test", title)


def counted(groups: Counts, whole: tuple[int, int] | None = None, per: int = 1, times: int = 1) -> State:
    """Return what the store would say; the whole is the sum of the groups, if it is not told."""
    top, bottom = whole or tuple(sum(group[i] for group in groups.values()) for i in (0, 1))

    def value(top: int, bottom: int) -> Value:
        return Value(top * times / (bottom * per) if bottom else None, {"top": top, "bottom": bottom}, 1.0)

    return State(value(top, bottom), {name: value(*group) for name, group in groups.items()}, None, {})


def waited(groups: Waits, percent: int) -> State:
    everyone = [wait for waits in groups.values() for wait in waits]

    def value(waits: Sequence[int]) -> Value:
        return Value(float(nearest(waits, percent)), {"waits": len(waits)}, 1.0)

    return State(
        value(everyone),
        {name: value(waits) for name, waits in groups.items()},
        sizes(everyone),
        {name: sizes(waits) for name, waits in groups.items()},
    )


def sizes(waits: Sequence[int]) -> Sizes:
    """Below 256 a bucket is one size."""
    return Sizes.of(pl.DataFrame({"bucket": waits}).group_by("bucket").agg(n=pl.len().cast(pl.Int64)))


def nearest(waits: Sequence[int], percent: int) -> int:
    return sorted(waits)[math.ceil(Fraction(percent * len(waits), 100)) - 1]


def of_ratio(old: State, new: State, per: int = 1, times: int = 1) -> Change:
    return split_states(metric(Ratio("top", "bottom", per=per, times=times)), "queue", old, new)


def of_percentile(old: Waits, new: Waits, percent: int) -> Change:
    return split_states(metric(Quantile("waits", percent)), "queue", waited(old, percent), waited(new, percent))


def moves(change: Change) -> dict[str, tuple[Fraction, Fraction]]:
    return {part.group: (part.mix, part.rate) for part in change.parts}


@given(COUNTS, COUNTS)
def test_what_groups_add_is_what_the_twin_says(old: Counts, new: Counts) -> None:
    """The twin goes from one state to the other in both orders, weights first and values first, and takes the mean."""
    states = [{name: group for name, group in state.items() if group[1]} for state in (old, new)]
    assume(all(states))
    whole = [sum(bottom for _, bottom in state.values()) for state in states]
    names = sorted({*states[0], *states[1]})
    rates = [{n: Fraction(*(states[s].get(n) or states[1 - s][n])) for n in names} for s in (0, 1)]
    weights = [{n: Fraction(states[s].get(n, (0, 0))[1], whole[s]) for n in names} for s in (0, 1)]
    level = [sum(weights[s][n] * rates[s][n] for n in names) for s in (0, 1)]
    expected = {}
    for n in names:
        moved = weights[1][n] - weights[0][n]
        first, last = moved * (rates[0][n] - level[0]), moved * (rates[1][n] - level[1])
        mix = HALF * (first + last)
        rate = HALF * (weights[0][n] + weights[1][n]) * (rates[1][n] - rates[0][n])
        expected[n] = (mix, rate)
    assert moves(of_ratio(counted(old), counted(new))) == expected


@given(
    COUNTS,
    COUNTS,
    st.tuples(st.integers(-50, 900), st.integers(1, 300)),
    st.sampled_from([(1, 1), (1000, 1), (7, 100)]),
)
def test_parts_and_what_is_shared_make_up_the_change_exactly(
    old: Counts, new: Counts, whole: tuple[int, int], units: tuple[int, int]
) -> None:
    """Whatever the whole is: of agents, a session that two of them share counts once."""
    per, times = units
    assume(sum(bottom for _, bottom in old.values()) and sum(bottom for _, bottom in new.values()))
    before, after = counted(old, None, per, times), counted(new, whole, per, times)
    change = of_ratio(before, after, per, times)
    was = Fraction(sum(top for top, _ in old.values()) * times, sum(bottom for _, bottom in old.values()) * per)
    assert change.change == Fraction(whole[0] * times, whole[1] * per) - was
    assert sum(part.mix + part.rate for part in change.parts) + change.shared == change.change
    assert (change.mix, change.joint) == (sum(part.mix for part in change.parts), 0)


@given(COUNTS)
def test_no_change_moves_nothing(state: Counts) -> None:
    assume(sum(bottom for _, bottom in state.values()))
    change = of_ratio(counted(state), counted(state))
    assert not any(part.mix or part.rate for part in change.parts)
    assert (change.change, change.shared) == (0, 0)


@given(st.dictionaries(NAMES, st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1), st.data())
def test_where_only_weights_move_nothing_happened_inside(state: Counts, data: st.DataObject) -> None:
    grown = {name: data.draw(st.integers(1, 5)) for name in state}
    after = {name: (top * grown[name], bottom * grown[name]) for name, (top, bottom) in state.items()}
    change = of_ratio(counted(state), counted(after))
    assert not any(part.rate for part in change.parts)
    assert change.mix == change.change


@given(st.dictionaries(NAMES, st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 9)), min_size=1))
def test_where_only_values_move_there_is_no_mix(state: Mapping[str, tuple[int, int, int]]) -> None:
    before = {name: (top, bottom) for name, (top, _, bottom) in state.items()}
    after = {name: (top * 3, bottom * 3) for name, (_, top, bottom) in state.items()}
    change = of_ratio(counted(before), counted(after))
    assert not any(part.mix for part in change.parts)
    assert change.rate == change.change


@given(COUNTS, COUNTS)
def test_the_order_of_groups_makes_no_difference(old: Counts, new: Counts) -> None:
    turned = [dict(reversed(state.items())) for state in (old, new)]
    assert of_ratio(counted(old), counted(new)).parts == of_ratio(*map(counted, turned)).parts


def test_the_groups_that_matter_come_first() -> None:
    old = {"a": (10, 100), "b": (50, 100), "c": (50, 100), "d": (50, 100)}
    new = {"a": (12, 100), "b": (90, 100), "c": (10, 100), "d": (50, 100)}
    assert [part.group for part in of_ratio(counted(old), counted(new)).parts] == ["b", "c", "a", "d"]


def test_a_group_that_came_or_went_is_all_mix() -> None:
    change = of_ratio(counted({"a": (10, 100), "b": (90, 100)}), counted({"a": (10, 100), "c": (30, 100)}))
    assert [(part.group, part.rate) for part in change.parts if part.group != "a"] == [("b", 0), ("c", 0)]
    assert change.mix == change.change == Fraction(1, 5) - HALF


def test_a_group_that_counts_nothing_below_the_line_stands_apart() -> None:
    """Adopted recommendations of a queue without a single human session."""
    change = of_ratio(counted({"a": (10, 100), "x": (5, 0)}), counted({"a": (10, 100), "x": (9, 0)}))
    assert [(part.group, part.change) for part in change.parts] == [("a", 0)]
    assert change.shared == change.change == Fraction(4, 100)


@given(WAITS, WAITS, st.sampled_from([1, 50, 90, 99]))
def test_percentiles_move_as_the_twin_says(old: Waits, new: Waits, percent: int) -> None:
    """The twin writes every mixture out as a list in which each group stands as often as it weighs."""
    change = of_percentile(old, new, percent)
    names = sorted({*old, *new})
    shapes = [{n: state.get(n) or other[n] for n in names} for state, other in ((old, new), (new, old))]
    totals = [sum(map(len, state.values())) for state in (old, new)]
    weights = [{n: Fraction(len(s.get(n, ())), t) for n in names} for s, t in zip((old, new), totals, strict=True)]

    def mixed(weights: Mapping[str, Fraction], shapes: Waits) -> int:
        told = {n: w / len(shapes[n]) for n, w in weights.items()}
        unit = math.lcm(*(one.denominator for one in told.values()))
        return nearest([wait for n in names for wait in shapes[n] for _ in range(int(told[n] * unit))], percent)

    at = {(w, d): mixed(weights[w], shapes[d]) for w in (0, 1) for d in (0, 1)}
    assert change.mix == HALF * (at[1, 0] - at[0, 0] + at[1, 1] - at[0, 1])
    assert change.rate == HALF * (at[0, 1] - at[0, 0] + at[1, 1] - at[1, 0])
    assert (change.change, change.shared) == (at[1, 1] - at[0, 0], 0)
    for part in change.parts:
        n = part.group
        filled = [mixed(weights[s], {**shapes[s], n: shapes[1 - s][n]}) for s in (0, 1)]
        assert part.rate == HALF * (filled[0] - at[0, 0] + at[1, 1] - filled[1])
        grown = [at[s, s] if weights[s][n] == 1 else mixed(_grown(weights, s, n), shapes[s]) for s in (0, 1)]
        assert part.mix == HALF * (grown[0] - at[0, 0] + at[1, 1] - grown[1])
    assert sum(part.change for part in change.parts) + change.joint + change.shared == change.change


def _grown(weights: Sequence[Mapping[str, Fraction]], state: int, name: str) -> dict[str, Fraction]:
    """Return the weights where one group has its other one, and the rest keep their proportions."""
    other = weights[1 - state][name]
    rest = (1 - other) / (1 - weights[state][name])
    return {n: other if n == name else w * rest for n, w in weights[state].items()}


def test_a_percentile_of_the_same_groups_that_weigh_otherwise_is_all_mix() -> None:
    change = of_percentile({"a": [10] * 8, "b": [200] * 2}, {"a": [10] * 2, "b": [200] * 8}, 50)
    assert (change.change, change.mix, change.rate) == (190, 190, 0)


JUNE = [dt.date(2025, 6, day) for day in range(1, 10)]
EARLY, LATE = Dates(JUNE[1], JUNE[3]), Dates(JUNE[4], JUNE[7])
BY = ("channel", "queue", "scene", "agent_id", "team")


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreView]:
    folder = tmp_path_factory.mktemp("changes")
    with open_store(folder / "store.db") as store:
        weeks.run_night(store, weeks.write(folder / "data", weeks.week()))
        yield StoreView(store, weeks.settings_of_tests(), weeks.quick_host(), folder)


@pytest.mark.parametrize("by", BY)
def test_every_metric_of_a_store_is_split_exactly_or_says_why_not(view: StoreView, by: str) -> None:
    old, new = view.outcome(EARLY.first, EARLY.last, (by,)), view.outcome(LATE.first, LATE.last, (by,))
    seen = set()
    for one in view.engine.metrics:
        change = split(view, one, EARLY, LATE, by)
        values = [state.whole.values[one.name].value for state in (old, new)]
        assert [change.before.value, change.after.value] == values
        if change.why_not is not None:
            assert not change.parts
            continue
        seen.add(type(one.value))
        assert change.change is not None
        assert sum(part.change for part in change.parts) + change.shared + change.joint == change.change
        assert float(change.change) == pytest.approx(values[1] - values[0], abs=1e-9)  # type: ignore[operator]
        for state, side in ((old, "before"), (new, "after")):
            told = {group.key[0]: group.values[one.name].value for group in state.groups}
            assert {part.group: getattr(part, side).value for part in change.parts} == {
                part.group: told.get(part.group) for part in change.parts
            }
    assert seen == {Ratio, Quantile}


def test_sessions_that_agents_share_stand_apart(sqlite_store: Store, tmp_path: Path) -> None:
    """First 4 interactions in 2 sessions; then 5 in 2, of which both agents serve one."""
    talks = {
        "s1": ("2025-06-02", ["a", "a"]),
        "s2": ("2025-06-02", ["b", "b"]),
        "s3": ("2025-06-03", ["a", "b", "a"]),
        "s4": ("2025-06-03", ["a", "a"]),
    }
    rows = []
    for session, (date, agents) in talks.items():
        for minute, agent in enumerate(agents):
            asked = {"session_id": session, "sent_at": f"{date} 10:{minute:02}:00", "role": "customer", "sender_id": ""}
            rows += [asked, {**asked, "sent_at": f"{date} 10:{minute:02}:30", "role": "agent", "sender_id": agent}]
    weeks.run_night(sqlite_store, weeks.write(tmp_path / "talks", {"messages": rows}))
    view = StoreView(sqlite_store, weeks.settings_of_tests(), weeks.quick_host(), tmp_path)
    change = split(
        view, view.engine.metric("interactions_per_session"), *(Dates(day, day) for day in JUNE[1:3]), "agent_id"
    )
    assert change.change == Fraction(5, 2) - Fraction(4, 2)
    assert {part.group: (part.before.weight, part.after.weight) for part in change.parts} == {
        "a": (HALF, Fraction(2, 3)),
        "b": (HALF, Fraction(1, 3)),
    }
    # Of agent a 4 in 2 sessions, of b 1 in 1: together 5 in 3, where the whole says 5 in 2.
    assert change.shared == Fraction(5, 2) - Fraction(5, 3)
    assert change.mix + change.rate == Fraction(5, 3) - 2


@pytest.mark.parametrize("name", ["concurrency_reply_correlation", "hotspot_repair_rate", "robot_interception_rate"])
def test_what_cannot_be_split_says_why(view: StoreView, name: str) -> None:
    change = split(view, view.engine.metric(name), EARLY, LATE, "agent_id")
    assert change.why_not is not None
    assert not change.parts


def test_without_a_grouping_those_that_are_at_hand_are_taken(view: StoreView) -> None:
    assert [c.by for c in why(view, "reply_interval", EARLY, LATE)] == ["channel", "queue", "scene", "team"]
    assert [c.by for c in why(view, "peak_concurrency", EARLY, LATE)] == ["team"]
    assert [c.by for c in why(view, "hotspot_repair_rate", EARLY, LATE)] == ["channel"]


def test_a_period_without_values_is_said(view: StoreView) -> None:
    nothing = Dates(JUNE[0], JUNE[0])
    change = split(view, view.engine.metric("reply_interval"), nothing, LATE, "queue")
    assert change.why_not is not None
    assert change.change is None


def test_an_unknown_metric_is_a_users_mistake(view: StoreView) -> None:
    with pytest.raises(ConfigError, match="did you mean reply_interval"):
        why(view, "reply_intervall", EARLY, LATE)
