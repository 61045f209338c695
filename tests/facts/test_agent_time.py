"""States and shifts by half hour, against a walk over the minutes of the clock and a scan of all rows."""

from __future__ import annotations

import datetime as dt
import random
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.facts.agent_time import agent_time

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MINUTE = 60_000
HALF_HOUR = 30 * MINUTE
DAY = 48 * HALF_HOUR
DAYS = 4
"""A window is at most so long."""
WINDOWS = [
    ("Asia/Shanghai", dt.date(2025, 6, 1)),
    ("Asia/Kathmandu", dt.date(2025, 6, 1)),
    ("America/New_York", dt.date(2025, 3, 8)),
    ("America/New_York", dt.date(2025, 11, 1)),
    ("Australia/Lord_Howe", dt.date(2025, 4, 5)),  # half an hour back
    ("Australia/Lord_Howe", dt.date(2025, 10, 4)),  # half an hour forward
    ("Asia/Beirut", dt.date(2025, 3, 29)),  # midnight is skipped
    ("Africa/Cairo", dt.date(2025, 4, 24)),  # midnight is skipped
    ("Africa/Cairo", dt.date(2025, 10, 29)),  # the last hour before midnight comes twice
    ("America/Havana", dt.date(2025, 11, 1)),  # midnight comes twice
]
"""Zones, and the day before something happens to the clock there."""

Row = tuple[str, int, int, str]
"""Agent, begin and end (UTC microseconds), state or activity."""
Part = tuple[str, dt.date, str, str | None, str | None, int]
"""A row of what comes out."""
Case = tuple[list[Row], list[Row], dt.date, dt.date, str, dt.date]
"""States, shifts, first and last day, zone, and where the window begins."""


def frame(rows: list[Row], begin: str, end: str, value: str) -> pl.DataFrame:
    schema = {"agent_id": pl.String, begin: pl.Int64, end: pl.Int64, value: pl.String}
    told = pl.DataFrame(rows, schema=schema, orient="row")
    return told.with_columns(pl.col(begin, end).cast(pl.Datetime("us", "UTC")))


def states_of(rows: list[Row]) -> pl.DataFrame:
    return frame(rows, "started_at", "ended_at", "state")


def shifts_of(rows: list[Row]) -> pl.DataFrame:
    return frame(rows, "starts_at", "ends_at", "activity")


def number(day: dt.date) -> int:
    return (day - EPOCH.date()).days


def measured(states: list[Row], shifts: list[Row], first: dt.date, last: dt.date, zone: str) -> list[Part]:
    return agent_time(states_of(states), shifts_of(shifts), number(first), number(last), zone).rows()


@lru_cache
def half_hours(zone: str, start: dt.date) -> list[tuple[int, dt.date, str]]:
    """Walk the minutes around a window: when each half hour begins, its date and what the clock shows."""
    clock, found = ZoneInfo(zone), []
    day, passed = dt.date(1, 1, 1), 0
    begin = (dt.datetime.combine(start, dt.time(), dt.UTC) - EPOCH) // dt.timedelta(minutes=1) - 2 * 1440
    for minute in range(begin, begin + (DAYS + 4) * 1440):
        shown = (EPOCH + dt.timedelta(minutes=minute)).astimezone(clock)
        if shown.date() != day:
            day, passed = shown.date(), 0
        if passed % 30 == 0:
            found.append((minute * MINUTE, day, f"{shown:%H:%M}"))
        passed += 1
    return found


def on_top(rows: list[Row], agent: str, begin: int, end: int) -> str | None:
    """Scan all rows for the one that counts in a stretch in which none begins or ends."""
    best, found = None, None
    for name, starts, stops, value in rows:
        covers = name == agent and starts // 1000 <= begin and end <= stops // 1000
        if covers and (best is None or starts // 1000 >= best):
            best, found = starts // 1000, value
    return found


def slow(states: list[Row], shifts: list[Row], first: dt.date, last: dt.date, zone: str, start: dt.date) -> list[Part]:
    slots = half_hours(zone, start)
    inside = [slot for slot in slots if first <= slot[1] <= last]
    low, high = inside[0][0], next(moment for moment, day, _ in slots if moment > inside[-1][0] and day > last)
    found: dict[tuple, int] = {}
    for agent in {row[0] for row in states + shifts}:
        mine = [moment // 1000 for row in states + shifts if row[0] == agent for moment in row[1:3]]
        moments = sorted({*mine, *(slot[0] for slot in inside), high})
        names = {moment: (day, label) for moment, day, label in inside}
        place = inside[0][1:]
        for begin, end in pairwise(moment for moment in moments if low <= moment <= high):
            place = names.get(begin, place)
            activity, state = (on_top(rows, agent, begin, end) for rows in (shifts, states))
            if activity or state:
                key = (agent, *place, activity, state)
                found[key] = found.get(key, 0) + end - begin
    rows = [(*key, ms) for key, ms in found.items()]
    return sorted(rows, key=lambda row: (*row[:3], row[3] or "", row[4] or ""))  # nothing comes before any text


def rows_near(start: dt.date, values: list[str]) -> st.SearchStrategy[list[Row]]:
    """Rows that begin and end together, at half hours, beside them, or long before and after the window."""
    zero = number(start) * DAY
    step = st.integers(-30, (DAYS + 1) * 48).map(lambda half: zero + half * HALF_HOUR)
    inner = st.integers(-DAY, (DAYS + 1) * DAY).map(lambda ms: zero + ms)
    far = st.sampled_from([-100, 100]).map(lambda days: zero + days * DAY)
    moment = st.one_of(step, step, inner, far)
    micros = st.sampled_from([0, 0, 0, 1, 400, 999])
    time = st.tuples(moment, micros).map(lambda told: told[0] * 1000 + told[1])
    row = st.tuples(st.sampled_from(["b", "a", "é"]), time, time, st.sampled_from(values), st.booleans())
    # mostly the right way round
    straight = row.map(lambda told: (told[0], *(sorted(told[1:3]) if told[4] else told[1:3]), told[3]))
    return st.lists(straight, max_size=14)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone, start = draw(st.sampled_from(WINDOWS))
    first = draw(st.integers(0, DAYS - 1))
    last = draw(st.integers(first, DAYS - 1))
    day = [start + dt.timedelta(days=later) for later in (first, last)]
    states = draw(rows_near(start, ["available", "handling", "wrap_up"]))
    return states, draw(rows_near(start, ["work", "break"])), day[0], day[1], zone, start


@settings(max_examples=300, deadline=None)
@given(cases())
def test_it_equals_a_slow_sweep(case: Case) -> None:
    states, shifts, first, last, zone, start = case
    assert measured(states, shifts, first, last, zone) == slow(states, shifts, first, last, zone, start)


@pytest.mark.parametrize(("zone", "start"), WINDOWS)
def test_hundreds_of_rows_on_top_of_each_other_equal_a_slow_sweep(zone: str, start: dt.date) -> None:
    chance, zero = random.Random(zone), number(start) * DAY * 1000
    last = start + dt.timedelta(days=DAYS - 1)

    def rows(size: int, values: str) -> list[Row]:
        begins = [zero + chance.randrange(-DAY, (DAYS + 1) * DAY) * 1000 for _ in range(size)]
        return [(chance.choice("ab"), at, at + int(chance.expovariate(1e-10)), chance.choice(values)) for at in begins]

    states, shifts = rows(200, "xyz"), rows(100, "uv")
    assert measured(states, shifts, start, last, zone) == slow(states, shifts, start, last, zone, start)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_parts_add_up_to_the_time_that_anything_is_known(
    case: Case,
) -> None:
    states, shifts, first, last, zone, _ = case
    clock = ZoneInfo(zone)
    found: dict[str, int] = {}
    for agent, *_, ms in measured(states, shifts, first, last, zone):
        found[agent] = found.get(agent, 0) + ms
    low, high = (
        int(dt.datetime.combine(day, dt.time(), clock).timestamp()) * 1000
        for day in (first, last + dt.timedelta(days=1))
    )
    expected: dict[str, int] = {}
    for agent in {row[0] for row in states + shifts}:
        reached = low
        for begin, end in sorted((row[1] // 1000, row[2] // 1000) for row in states + shifts if row[0] == agent):
            begin, end = max(begin, reached), min(end, high)  # noqa: PLW2901 the part that is new
            if begin < end:
                expected[agent] = expected.get(agent, 0) + end - begin
                reached = end
    assert found == expected


@settings(max_examples=100, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_only_the_order_of_an_agents_own_rows_matters(case: Case, chance: random.Random) -> None:
    states, shifts, first, last, zone, _ = case

    def mixed(rows: list[Row]) -> list[Row]:
        queues = {agent: [row for row in rows if row[0] == agent] for agent in {row[0] for row in rows}}
        turns = [row[0] for row in rows]
        chance.shuffle(turns)
        return [queues[agent].pop(0) for agent in turns]

    assert measured(mixed(states), mixed(shifts), first, last, zone) == measured(states, shifts, first, last, zone)


# By hand: one day, 2025-06-02, in UTC unless said.

JUNE = dt.date(2025, 6, 2)


def at(clock: str, day: dt.date = JUNE) -> int:
    """Return a UTC time as microseconds."""
    moment = dt.datetime.combine(day, dt.time.fromisoformat(clock), dt.UTC)
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def minutes(found: list[Part]) -> list[tuple[str, str | None, str | None, float]]:
    return [(row[2], row[3], row[4], row[5] / MINUTE) for row in found]


def on_june_2(states: list[Row], shifts: list[Row]) -> list[tuple[str, str | None, str | None, float]]:
    return minutes(measured(states, shifts, JUNE, JUNE, "UTC"))


def test_a_break_inside_a_shift_covers_it_and_the_shift_counts_again() -> None:
    shifts = [("a", at("10:10"), at("10:20"), "break"), ("a", at("10:00"), at("10:30"), "work")]
    states = [("a", at("10:00"), at("10:15"), "handling")]
    assert on_june_2(states, shifts) == [
        ("10:00", "break", None, 5),
        ("10:00", "break", "handling", 5),
        ("10:00", "work", None, 10),
        ("10:00", "work", "handling", 10),
    ]


def test_of_rows_that_begin_together_the_one_further_down_counts_while_it_runs() -> None:
    long, short = ("a", at("10:00"), at("10:30"), "available"), ("a", at("10:00"), at("10:10"), "handling")
    assert on_june_2([long, short], []) == [("10:00", None, "available", 20), ("10:00", None, "handling", 10)]
    assert on_june_2([short, long], []) == [("10:00", None, "available", 30)]


def test_rows_that_begin_in_the_same_millisecond_begin_together() -> None:
    later, earlier = ("a", at("10:00") + 900, at("10:30"), "available"), ("a", at("10:00"), at("10:30"), "handling")
    assert on_june_2([later, earlier], []) == [("10:00", None, "handling", 30)]


def test_of_rows_from_before_the_period_the_one_that_began_last_counts() -> None:
    yesterday = JUNE - dt.timedelta(days=1)
    late, early = (("a", at(clock, yesterday), at("00:30"), state) for clock, state in (("23:00", "x"), ("22:00", "y")))
    assert on_june_2([late, early], []) == [("00:00", None, "x", 30)]


def test_a_row_that_ends_no_later_than_it_begins_counts_for_nothing() -> None:
    ten = at("10:00")
    states = [
        ("a", ten, at("10:30"), "available"),
        ("a", ten + 60_000_000, ten + 60_000_000, "break"),
        ("a", at("10:20"), at("10:10"), "break"),
        ("a", ten + 100, ten + 900, "break"),  # less than a millisecond
    ]
    assert on_june_2(states, []) == [("10:00", None, "available", 30)]
    assert on_june_2(states[1:], []) == []


def test_parts_of_a_millisecond_neither_vanish_nor_appear() -> None:
    cuts = [at("10:00") + 700 + 1500 * step for step in range(5)]
    states = [("a", begin, end, name) for (begin, end), name in zip(pairwise(cuts), "wxyz", strict=True)]
    assert [row[4:] for row in measured(states, [], JUNE, JUNE, "UTC")] == [("w", 2), ("x", 1), ("y", 2), ("z", 1)]


def test_an_agents_time_does_not_run_on_into_the_next_agents() -> None:
    tomorrow = JUNE + dt.timedelta(days=1)
    states = [("a", at("23:30"), at("09:00", tomorrow), "break"), ("b", at("23:45"), at("23:50"), "late")]
    found = measured(states, [], JUNE, JUNE, "UTC")
    assert [(row[0], row[2], row[4], row[5]) for row in found] == [
        ("a", "23:30", "break", 30 * MINUTE),
        ("b", "23:30", "late", 5 * MINUTE),
    ]


def test_agents_are_in_order_whichever_table_names_them() -> None:
    states, shifts = [("a", at("10:00"), at("10:10"), "break")], [("b", at("10:00"), at("10:10"), "work")]
    for first, second in ((states, shifts), (shifts, states)):
        assert [row[0] for row in measured(first, second, JUNE, JUNE, "UTC")] == ["a", "b"]


def test_two_centuries_are_cut_to_the_days_asked_for() -> None:
    states = [("a", at("00:00", dt.date(1970, 1, 2)), at("00:00", dt.date(2199, 12, 31)), "offline")]
    found = on_june_2(states, [])
    assert found == [(f"{half // 2:02}:{half % 2 * 30:02}", None, "offline", 30) for half in range(48)]


@pytest.mark.parametrize(
    ("zone", "day", "hours", "labels", "some"),
    [
        ("America/New_York", dt.date(2025, 3, 9), 23, 46, {"01:30": 30, "03:00": 30}),
        ("America/New_York", dt.date(2025, 11, 2), 25, 48, {"00:30": 30, "01:00": 60, "01:30": 60, "02:00": 30}),
        ("Australia/Lord_Howe", dt.date(2025, 4, 6), 24.5, 48, {"01:00": 30, "01:30": 60, "02:00": 30}),
        ("Australia/Lord_Howe", dt.date(2025, 10, 5), 23.5, 47, {"01:30": 30, "02:30": 30}),
        ("Africa/Cairo", dt.date(2025, 4, 25), 23, 46, {"01:00": 30, "23:30": 30}),
        ("Africa/Cairo", dt.date(2025, 10, 30), 25, 48, {"23:00": 60, "23:30": 60}),
        ("Asia/Beirut", dt.date(2025, 3, 30), 23, 46, {"01:00": 30}),
        ("America/Havana", dt.date(2025, 11, 2), 25, 48, {"00:00": 60, "00:30": 60}),
    ],
)
def test_days_of_a_clock_change(zone: str, day: dt.date, hours: float, labels: int, some: dict[str, float]) -> None:
    week = dt.timedelta(days=7)
    shifts = [("a", at("00:00", day - week), at("00:00", day + week), "work")]
    found = minutes(measured([], shifts, day, day, zone))
    by_label = {label: length for label, _, _, length in found}
    assert len(found) == labels
    assert sum(by_label.values()) == hours * 60
    assert {label: by_label[label] for label in some} == some


def test_a_day_that_never_was_has_no_time() -> None:
    day, week = dt.date(2011, 12, 30), dt.timedelta(days=7)  # Samoa moved across the date line
    shifts = [("a", at("00:00", day - week), at("00:00", day + week), "work")]
    assert measured([], shifts, day, day, "Pacific/Apia") == []
    around = measured([], shifts, day - dt.timedelta(days=1), day + dt.timedelta(days=1), "Pacific/Apia")
    assert {row[1].day for row in around} == {29, 31}
    assert sum(row[5] for row in around) == 2 * DAY


def test_a_table_may_be_missing_or_empty() -> None:
    states = states_of([("a", at("10:00"), at("10:10"), "break")])
    shifts = shifts_of([("a", at("10:00"), at("10:10"), "work")])
    day = number(JUNE)
    schema = {
        "agent_id": pl.String,
        "date": pl.Date,
        "half_hour": pl.String,
        "activity": pl.String,
        "state": pl.String,
        "ms": pl.Int64,
    }
    for told, planned, expected in [
        (None, None, []),
        (states, None, [("10:00", None, "break", 10)]),
        (None, shifts, [("10:00", "work", None, 10)]),
        (states, shifts.clear(), [("10:00", None, "break", 10)]),
    ]:
        found = agent_time(told, planned, day, day, "UTC")
        assert dict(found.schema) == schema
        assert minutes(found.rows()) == expected


def test_values_are_texts_in_order_not_in_that_of_an_enum() -> None:
    states = [("a", at("10:00"), at("10:10"), "wrap_up"), ("a", at("10:10"), at("10:20"), "break")]
    kind = pl.Enum(["wrap_up", "break"])
    told = states_of(states).with_columns(pl.col("state").cast(kind))
    assert agent_time(told, None, number(JUNE), number(JUNE), "UTC")["state"].to_list() == ["break", "wrap_up"]
