"""单呼成本 · Cost per session: what a human session costs, on the dates that have a cost."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kefu.plugin import (
    Addition,
    Count,
    DatedTable,
    DayCounts,
    Metric,
    Period,
    Ratio,
    Sum,
    Title,
    col,
    hookimpl,
)
from kefu_plugins._sources import FIRST_METRICS

MILLION = 10**6
PARTS = ("cost_millionths", "costs", "sessions", "human_sessions")


@hookimpl
def kefu_columns() -> list[Addition]:
    """Offer the table ``cost_days``: the costs of a date and queue, and the sessions."""
    counts = {"costed_days": DayCounts("sessions", "date", ("queue",), {"s": Count(), "human": Count(col("human"))})}
    return [DatedTable("cost_days", "day", ("costs",), cost_days, counts, groups=("queue",))]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``cost_per_session``."""
    costed, used = col("costs") > 0, col("sessions") > 0
    return [
        Metric(
            name="cost_per_session",
            title=Title(zh="单呼成本", en="Cost per session"),
            on="cost_days",
            measures={name: Sum(col(name)) for name in PARTS},
            each=("date",),
            over={
                "cost_millionths": Sum(col("cost_millionths")),
                "costed_sessions": Sum(col("human_sessions"), where=costed),
                "costed_dates": Count(costed & used),
                "dates": Count(used),
            },
            value=Ratio("cost_millionths", "costed_sessions", per=MILLION),
            coverage=Ratio("costed_dates", "dates"),
            unit="amount",
            better="lower",
            group="organisation",
            source=FIRST_METRICS,
            reads=Title(zh="成本之和 ÷ 同日人工会话", en="costs ÷ human sessions of the same dates"),
            needs=("costs",),
        ),
    ]


def cost_days(tables: Mapping[str, pl.DataFrame | None], counts: Mapping[str, pl.DataFrame], _: Period) -> pl.DataFrame:
    """Return ``day``, ``date``, ``queue``, and a number for each part: what was paid, and who came."""
    empty = pl.DataFrame(schema={"date": pl.Date, "queue": pl.String, "amount": pl.Float64})
    table = tables["costs"] if tables["costs"] is not None else empty
    paid = table.select(
        "date",
        "queue",
        cost_millionths=(col("amount") * MILLION).round().cast(pl.Int64),
        costs=pl.lit(1, pl.Int64),
    )
    came = counts["costed_days"].select("date", "queue", sessions="s", human_sessions="human")
    rows = pl.concat([paid, came], how="diagonal")
    return rows.with_columns(pl.col(*PARTS).fill_null(0), day=col("date").cast(pl.String))
