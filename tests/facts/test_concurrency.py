"""Concurrency against a count at every instant that matters."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.clock import LocalDays
from kefu.facts.concurrency import agent_days, service_days

SECOND = 1_000_000
ZONES = ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "UTC"]
NEAR_CHANGE = int(dt.datetime(2025, 3, 9, 3, tzinfo=dt.UTC).timestamp()) * SECOND
"""Some hours before clocks change in New York."""

services = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 60), st.integers(0, 40)).map(
        lambda told: (told[0], NEAR_CHANGE + told[1] * 1800 * SECOND, NEAR_CHANGE + (told[1] + told[2]) * 1800 * SECOND)
    ),
    min_size=1,
    max_size=12,
)


def frame(rows: list[tuple[str, int, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"agent_id": pl.String, "begin": pl.Int64, "end": pl.Int64}, orient="row")


def local_date(micros: int, zone: str) -> dt.date:
    return dt.datetime.fromtimestamp(micros / SECOND, ZoneInfo(zone)).date()


def slow(rows: list[tuple[str, int, int]], zone: str) -> dict[tuple[str, dt.date], tuple[int, int, int]]:
    """Look at every half hour, the finest step there is, and at the second that a service lasts at least."""
    found: dict[tuple[str, dt.date], tuple[int, int, int]] = {}
    for agent in {row[0] for row in rows}:
        mine = [(begin, max(end, begin + SECOND)) for name, begin, end in rows if name == agent]
        moments = sorted({moment for begin, end in mine for moment in (begin, end)} | {*midnights(mine, zone)})
        for start, stop in zip(moments, moments[1:], strict=False):
            number = sum(begin <= start and stop <= end for begin, end in mine)
            key = (agent, local_date(start, zone))
            if number:
                peak, served, busy = found.get(key, (0, 0, 0))
                length = (stop - start) // 1000
                found[key] = (max(peak, number), served + number * length, busy + length)
    return found


def midnights(mine: list[tuple[int, int]], zone: str) -> list[int]:
    first = local_date(min(begin for begin, _ in mine), zone)
    days = [first + dt.timedelta(days=number) for number in range(5)]
    starts = [dt.datetime.combine(day, dt.time(), ZoneInfo(zone)) for day in days]
    last = max(end for _, end in mine)
    micros = [int(start.timestamp()) * SECOND for start in starts]
    return [start for start in micros if min(begin for begin, _ in mine) < start < last]


@settings(max_examples=150, deadline=None)
@given(services, st.sampled_from(ZONES))
def test_peaks_and_times_equal_a_slow_count(rows: list[tuple[str, int, int]], zone: str) -> None:
    found = agent_days(frame(rows), LocalDays(zone))
    ours = {(row[0], row[1]): row[2:] for row in found.iter_rows()}
    assert ours == slow(rows, zone)


@settings(max_examples=100, deadline=None)
@given(services)
def test_the_services_at_a_peak_are_as_many_as_the_peak(rows: list[tuple[str, int, int]]) -> None:
    days = service_days(frame(rows), LocalDays("UTC"))
    at_peak = days.group_by("agent_id", "date").agg(pl.col("at_peak").sum().cast(pl.Int64), pl.col("peak").max())
    assert at_peak["at_peak"].to_list() == at_peak["peak"].to_list()


def test_one_that_ends_as_another_begins_does_not_overlap() -> None:
    found = agent_days(frame([("a", 0, 5 * SECOND), ("a", 5 * SECOND, 9 * SECOND)]), LocalDays("UTC"))
    assert found["peak"].to_list() == [1]


def test_nothing_gives_nothing() -> None:
    assert agent_days(frame([]), LocalDays("UTC")).is_empty()
