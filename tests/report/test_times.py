"""Reply times and the concurrency by hour, held against a slow count and against the metrics they belong to."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from stored_reports import viewed

from kefu.clock import LocalDays
from kefu.facts.concurrency import agent_days
from kefu.night.periods import week as week_of
from kefu.report.reading import StoreReading
from kefu_plugins.section_concurrency import SECOND, by_hour, hours_of_day
from kefu_plugins.section_reply_times import STEPS, reply_times

FIRST, LAST = dt.date(2025, 10, 25), dt.date(2025, 10, 27)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu")
"""In Berlin the second of these days has 25 hours; Kathmandu is 5:45 ahead."""
Service = tuple[str, int, int]


def services(seed: int, number: int) -> list[Service]:
    chance = random.Random(seed)
    start = int(dt.datetime(2025, 10, 24, tzinfo=dt.UTC).timestamp())
    found = []
    for _ in range(number):
        begin = start + chance.randrange(4 * 86_400)
        length = chance.choice([0, 1, 60, 900, 3600, 20_000])
        found.append((chance.choice("abc"), begin * SECOND, (begin + length) * SECOND))
    return found


def frame(told: list[Service]) -> pl.DataFrame:
    return pl.DataFrame(told, schema={"agent_id": pl.String, "begin": pl.Int64, "end": pl.Int64}, orient="row")


def by_second(told: list[Service], zone: str) -> dict[int, tuple[int, int, int]]:
    """Count second by second: of each hour the seconds in services, those with any, and the most at once."""
    found = dict.fromkeys(range(24), (0, 0, 0))
    spans = [(agent, begin // SECOND, max(end, begin + SECOND) // SECOND) for agent, begin, end in told]
    start, stop = min(begin for _, begin, _ in spans), max(end for _, _, end in spans)
    for second in range(start, stop):
        local = dt.datetime.fromtimestamp(second, ZoneInfo(zone))
        if FIRST <= local.date() <= LAST:
            counts: dict[str, int] = {}
            for agent, begin, end in spans:
                if begin <= second < end:
                    counts[agent] = counts.get(agent, 0) + 1
            served, busy, most = found[local.hour]
            found[local.hour] = (
                served + sum(counts.values()),
                busy + len(counts),
                max([most, *counts.values()]),
            )
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_each_hour_is_what_counting_every_second_gives(zone: str) -> None:
    told = services(7, 25)
    hours = hours_of_day(frame(told), FIRST, LAST, zone)
    found = {hour: (served // SECOND, busy // SECOND, peak) for hour, served, busy, peak in hours.iter_rows()}
    assert found == by_second(told, zone)
    assert max(peak for *_, peak in found.values()) > 1, "some are open at once"


@pytest.mark.parametrize("seed", range(5))
def test_the_hours_add_up_to_the_days_of_agents(seed: int) -> None:
    told = frame(services(seed, 400))
    hours = hours_of_day(told, FIRST, LAST, "Asia/Shanghai")
    days = agent_days(told, LocalDays("Asia/Shanghai")).filter(pl.col("date").is_between(FIRST, LAST))
    assert hours["in_service"].sum() == days["in_service_ms"].sum() * 1000
    assert hours["open"].sum() == days["open_ms"].sum() * 1000
    assert hours["peak"].max() == days["peak"].max()


def test_without_services_there_are_no_hours() -> None:
    assert hours_of_day(frame([]), FIRST, LAST, "Asia/Shanghai").select("in_service", "open", "peak").sum().row(0) == (
        0,
        0,
        0,
    )


def test_the_hours_of_the_store_are_those_of_the_metric(week: Path, tmp_path: Path) -> None:
    with viewed(week, tmp_path) as view:
        reading = StoreReading(view, week_of("2025-W23"), "zh")
        (chart,) = by_hour(reading)
        told = reading.value("mean_concurrency")
        rows = reading.rows("services", ["agent_id", "begin", "end"], days_before=2)
    assert told is not None
    hours = hours_of_day(rows, reading.period.first, reading.period.last, "Asia/Shanghai")
    assert hours["in_service"].sum() == told.measures["in_service_ms"] * 1000
    assert len(chart.table.rows) == 24


def test_the_classes_of_reply_times_are_those_of_the_turns(week: Path, tmp_path: Path) -> None:
    with viewed(week, tmp_path) as view:
        reading = StoreReading(view, week_of("2025-W23"), "en")
        _, chart = reply_times(reading)
        turns = reading.rows("turns", ["reply_ms"])["reply_ms"].to_list()
    ends = [0, *STEPS, 10**9]
    slow = [sum(low * 1000 <= wait < high * 1000 for wait in turns) for low, high in zip(ends, ends[1:], strict=False)]
    while not slow[-1]:
        slow.pop()
    assert [row[1] for row in chart.table.rows] == slow
    assert sum(slow) == len(turns) > 1000
