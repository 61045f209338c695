"""坐席流失率 · Attrition: agents who left in the period, of the mean headcount of its days."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

from kefu.plugin import Addition, Context, Count, Metric, Period, PeriodTable, Ratio, Sum, Title, col, hookimpl
from kefu_plugins._sources import BASIC_TARGETS


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Offer the table ``headcount``: who was there in a period, and for how many of its days."""
    build = partial(headcount, timezone=context.timezone)
    return [PeriodTable("headcount", "agent_id", ("agents",), build, groups=("team",))]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``attrition_rate``."""
    return [
        Metric(
            name="attrition_rate",
            title=Title(zh="坐席流失率", en="Attrition rate"),
            on="headcount",
            measures={
                "left_agents": Count(col("left")),
                "left_times_days": Sum(col("days"), where=col("left")),
                "headcount_days": Sum(col("present_days")),
                "dated_agents": Count(col("hired").is_not_null()),
                "agents": Count(),
            },
            value=Ratio("left_times_days", "headcount_days"),
            coverage=Ratio("dated_agents", "agents"),
            unit="ratio",
            better="lower",
            group="organisation",
            source=BASIC_TARGETS,
            reads=Title(
                zh="期内离职的客服 ÷ 期内每日在职人数的平均值",
                en="agents who left in the period ÷ mean headcount of its days",
            ),
            needs=("agents",),
        ),
    ]


def headcount(
    tables: Mapping[str, pl.DataFrame | None], _: Mapping[str, pl.DataFrame], period: Period, *, timezone: str
) -> pl.DataFrame:
    """Return a row for each agent who was there on a day of the period, or left in it.

    Out: ``agent_id``, ``team``, ``hired`` and ``gone`` (dates), ``left`` (in the period), ``present_days``, ``days`` of
    the period.
    """
    times = ("hired_at", "left_at")
    empty = pl.DataFrame(
        schema={"agent_id": pl.String, "team": pl.String, **dict.fromkeys(times, pl.Datetime("us", "UTC"))}
    )
    agents = tables["agents"] if tables["agents"] is not None else empty
    hired, gone = (col(name).dt.convert_time_zone(timezone).dt.date() for name in times)
    first, last = pl.lit(period.first).cast(pl.Int32), pl.lit(period.last).cast(pl.Int32)
    begin = pl.max_horizontal(col("hired").to_physical(), first)
    end = pl.min_horizontal(col("gone").to_physical(), last)
    return (
        agents.select("agent_id", "team", hired=hired, gone=gone)
        .with_columns(
            left=col("gone").to_physical().is_between(period.first, period.last).fill_null(value=False),
            present_days=(end - begin + 1).clip(0).cast(pl.Int64),
            days=pl.lit(period.last - period.first + 1, pl.Int64),
        )
        .filter((col("present_days") > 0) | col("left"))
    )
