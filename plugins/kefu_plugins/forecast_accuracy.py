"""预测准确率 · Forecast accuracy: how near the forecast was to the sessions that came, by date and queue."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kefu.plugin import Addition, Count, DatedTable, DayCounts, Metric, Period, Ratio, Sum, Title, Total, col, hookimpl
from kefu_plugins._sources import SCHEDULING

THOUSAND = 1000


@hookimpl
def kefu_columns() -> list[Addition]:
    """Offer the table ``forecast_days``: what was forecast beside what came."""
    counts = {"queue_days": DayCounts("sessions", "date", ("queue",), {"sessions": Count()})}
    return [DatedTable("forecast_days", "day", ("forecasts",), forecast_days, counts, groups=("queue",))]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``forecast_accuracy``."""
    forecast = col("forecast").is_not_null()
    return [
        Metric(
            name="forecast_accuracy",
            title=Title(zh="预测准确率", en="Forecast accuracy"),
            on="forecast_days",
            measures={
                "actual_thousandths": Sum(col("actual") * THOUSAND, where=forecast),
                "off_thousandths": Sum((col("actual") * THOUSAND - col("forecast")).abs()),
                "forecast_sessions": Sum(col("actual"), where=forecast),
                "all_sessions": Sum(col("actual")),
            },
            value=Ratio(Total("actual_thousandths", minus=("off_thousandths",)), "actual_thousandths"),
            coverage=Ratio("forecast_sessions", "all_sessions"),
            unit="ratio",
            better="higher",
            group="organisation",
            source=SCHEDULING,
            reads=Title(
                zh="1 − 各日各队列 |实际 − 预测| 之和 ÷ 实际会话之和",
                en="1 − Σ |actual − forecast| ÷ Σ actual sessions, by date and queue",
            ),
            needs=("forecasts",),
        ),
    ]


def forecast_days(
    tables: Mapping[str, pl.DataFrame | None], counts: Mapping[str, pl.DataFrame], _: Period
) -> pl.DataFrame:
    """Return ``day``, ``date``, ``queue``, ``actual`` sessions and their ``forecast`` in thousandths, null for none.

    Where no forecast of a date names a queue, it is for all queues together.
    """
    came = counts["queue_days"].select("date", "queue", actual="sessions")
    empty = pl.DataFrame(schema={"date": pl.Date, "queue": pl.String, "sessions": pl.Float64})
    table = tables["forecasts"] if tables["forecasts"] is not None else empty
    told = table.filter(col("date").is_between(came["date"].min(), came["date"].max())).select(
        "date",
        queue=col("queue").fill_null("unknown"),
        forecast=(col("sessions") * THOUSAND).round().cast(pl.Int64),
        named=col("queue").is_not_null().any().over("date"),
    )
    told = told.unique(["date", "queue"], keep="last", maintain_order=True)
    whole = came.group_by("date").agg(col("actual").sum(), queue=pl.lit("unknown"))
    by_queue = came.join(told.filter("named").select("date").unique(), on="date", how="semi")
    pairs = [
        some.join(told.filter(named).drop("named"), on=["date", "queue"], how="full", coalesce=True)
        for some, named in (
            (by_queue, col("named")),
            (whole.join(told.filter(~col("named")), on="date", how="semi"), ~col("named")),
        )
    ]
    rows = pl.concat(pairs, how="diagonal_relaxed").with_columns(col("actual").fill_null(0))
    return rows.select("date", "queue", "actual", "forecast", day=col("date").cast(pl.String))
