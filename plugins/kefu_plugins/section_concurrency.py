"""每小时并发 · Concurrency by hour: when agents had how many customers at once.

A service that runs through several hours counts in each of them, for the time that it takes of it; shorter than a
second, it counts as one. The mean of an hour is time in services ÷ time with at least one open, over agents, as in
``mean_concurrency``.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import polars as pl

from kefu.plugin import Block, Chart, Column, Reading, Section, Table, Title, col, column_chart, hookimpl

SECOND = 1_000_000
QUARTER, HOUR = 900 * SECOND, 3600 * SECOND
"""Every time zone is off by whole quarters of an hour."""
HOURS_A_DAY = 24
BEFORE = 2
"""A service that is open on a day may have begun so many days before."""
Moments = npt.NDArray[np.int64]


@hookimpl
def kefu_sections() -> list[Section]:
    """Offer the concurrency by hour of the day."""
    return [
        Section(
            name="concurrency_hours",
            title=Title(zh="每小时并发", en="Concurrency by hour"),
            reads=Title(
                zh="柱：在服务的客服平均同时服务几位客户；菱形：最忙的一位客服同一时刻最多几位。",
                en="Columns: customers that an agent in service has at once, on average. Diamonds: the most that any "
                "agent had at one instant.",
            ),
            build=by_hour,
            order=35,
        )
    ]


def by_hour(reading: Reading) -> list[Block]:
    """Return the concurrency of each hour of the day."""
    services = reading.rows("services", ["agent_id", "begin", "end"], days_before=BEFORE)
    first, last = reading.period
    hours = hours_of_day(services, first, last, reading.timezone)
    if not hours["in_service"].sum():
        return []
    days = (last - first).days + 1
    length = days * HOUR
    rows = tuple(
        (f"{hour:02}", in_service / opened if opened else None, peak, in_service / length, opened / length)
        for hour, in_service, opened, peak in hours.iter_rows()
    )
    table = Table(
        title=Title(zh="每小时并发", en="Concurrency by hour"),
        columns=(
            Column(Title(zh="时", en="Hour")),
            Column(Title(zh="每位客服", en="Each agent"), "count"),
            Column(Title(zh="最忙的一位", en="The busiest"), "whole"),
            Column(Title(zh="全部会话", en="All sessions"), "count"),
            Column(Title(zh="在服务的客服", en="Agents in service"), "count"),
        ),
        rows=rows,
        note=Title(
            zh="每位客服：服务时长之和 ÷ 至少有一个服务进行中的时长之和。后两列是该小时内的平均数"
            + ("，再对各日平均。" if days > 1 else "。"),
            en="Each agent: time in services ÷ time with at least one open. The other columns are means over the hour"
            + (", and over the days." if days > 1 else "."),
        ),
    )
    busiest = max((row for row in rows if row[1] is not None), key=lambda row: row[1] or 0)
    chart = Chart(
        title=Title(zh="一天中的并发", en="Concurrency over the day"),
        says=Title(
            zh=f"每小时的平均并发，最高在 {busiest[0]} 时，每位客服 {busiest[1]:.2f}",
            en=f"Mean concurrency of each hour, highest at {busiest[0]}:00 with {busiest[1]:.2f} an agent",
        ),
        spec=column_chart([row[:2] for row in rows], "count", peaks=[row[2] or None for row in rows], every=3),
        table=table,
    )
    return [chart]


def hours_of_day(services: pl.DataFrame, first: dt.date, last: dt.date, timezone: str) -> pl.DataFrame:
    """Return for each local hour of the day, over the days of a period, how long services took, and agents.

    In: ``agent_id``, ``begin``, ``end`` (UTC microseconds). Out: ``hour``, ``in_service`` (microseconds of services),
    ``open`` (microseconds in which an agent had at least one open, over agents) and ``peak``, the most that one had
    open at one instant.
    """
    whole = services.with_columns(end=pl.max_horizontal("end", col("begin") + SECOND))
    marks = _quarters(first, last)
    local = marks[:-1].dt.convert_time_zone(timezone)
    ends = marks.to_physical().to_numpy()
    quarters = pl.DataFrame(
        {
            "date": local.dt.date(),
            "hour": local.dt.hour(),
            "in_service": _within(whole["begin"].to_numpy(), whole["end"].to_numpy(), ends),
            "open": _within(*_busy(whole), ends),
            "start": ends[:-1],
        }
    ).filter(col("date").is_between(first, last))
    quarters = quarters.join(_peaks(whole), on="start", how="left")
    hours = pl.DataFrame({"hour": range(HOURS_A_DAY)}, schema={"hour": pl.Int8})
    sums = quarters.group_by("hour").agg(col("in_service", "open").sum(), col("peak").max())
    told = hours.join(sums, on="hour", how="left").with_columns(col("in_service", "open", "peak").fill_null(0))
    return told.sort("hour")


def _quarters(first: dt.date, last: dt.date) -> pl.Series:
    """Return every quarter of an hour of a period, with room for the days of any time zone."""
    day = dt.timedelta(days=1)
    start, stop = (dt.datetime.combine(date, dt.time(), dt.UTC) for date in (first - day, last + 2 * day))
    return pl.datetime_range(start, stop, "15m", time_unit="us", eager=True)


def _within(begin: Moments, end: Moments, marks: Moments) -> Moments:
    """Return how much of all stretches lies between each mark and the next."""
    upto: Moments = _passed(np.sort(begin), marks) - _passed(np.sort(end), marks)
    return upto[1:] - upto[:-1]


def _passed(moments: Moments, marks: Moments) -> Moments:
    """Return for each mark how long ago those moments are that lie before it, added up.

    Large sums run over and begin anew, which the differences between marks do not notice.
    """
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(moments)])
    before = np.searchsorted(moments, marks).astype(np.int64)
    found: Moments = before * marks - sums[before]
    return found


def _busy(services: pl.DataFrame) -> tuple[Moments, Moments]:
    """Return the stretches in which each agent had at least one service open."""
    ordered = services.sort("agent_id", "begin", "end")
    furthest = col("end").cum_max().shift().over("agent_id")
    begins = (col("begin") > furthest).fill_null(value=True)
    stretches = (
        ordered.with_columns(stretch=begins.cum_sum()).group_by("stretch").agg(col("begin").min(), col("end").max())
    )
    return stretches["begin"].to_numpy(), stretches["end"].to_numpy()


def _peaks(services: pl.DataFrame) -> pl.DataFrame:
    """Return ``start`` of every quarter of an hour with a service, and the ``peak`` of any agent in it.

    What is open changes at a begin or an end only, and is carried into each quarter that follows.
    """
    begins = services.select("agent_id", at="begin", step=pl.lit(1, pl.Int32))
    ends = services.select("agent_id", at="end", step=pl.lit(-1, pl.Int32))
    steps = pl.concat([begins, ends]).sort("agent_id", "at", "step")  # an end and a begin at one instant do not overlap
    told = steps.with_columns(
        open=col("step").cum_sum().over("agent_id"), until=col("at").shift(-1).over("agent_id")
    ).filter((col("open") > 0) & (col("until") > col("at")))
    first, last = col("at") // QUARTER, (col("until") - 1) // QUARTER
    spread = told.select("open", quarter=pl.int_ranges(first, last + 1)).explode("quarter")
    return spread.group_by(start=col("quarter") * QUARTER).agg(peak=col("open").max())
