"""Concurrency, told by session: which services were open at an agent's peak, and for how long each was the only one."""

from __future__ import annotations

import polars as pl

from kefu.clock import LocalDays
from kefu.facts.concurrency import service_days
from kefu.metric import Count, Metric, Pairs


def service_lines(services: pl.DataFrame, days: LocalDays) -> pl.DataFrame:
    """Return ``service_days`` with the ``id`` of the session of each, and when the service began."""
    told = services.select("id", "begin").with_row_index("service")
    return service_days(services, days).join(
        told.with_columns(pl.col("service").cast(pl.Int64)), on="service", how="left", maintain_order="left"
    )


def over_services(lines: pl.DataFrame, metric: Metric, replies: pl.DataFrame) -> pl.DataFrame:
    """Return what each session adds to the second-level measures of a metric on ``agent_days``.

    The peak of an agent is made up of the sessions that were open at it, each 1; whatever counts agents, or agents
    and days, is put down to the first of these sessions.

    :param replies: how long and how often each agent replied on each day.
    """
    each = [*metric.each]
    top = lines.filter(pl.col("at_peak") & (pl.col("peak") == pl.col("peak").max().over(each)))
    top = top.filter(pl.col("date") == pl.col("date").min().over(each)).sort(*each, "begin", "id")
    first = top.select(pl.struct(each).is_first_distinct()).to_series()
    rows = top.with_columns(first=first).join(replies, on=["agent_id", "date"], how="left", maintain_order="left")
    added = {}
    for name, measure in metric.over.items():
        if isinstance(measure, Pairs):
            whole = pl.col("first") & (pl.col(measure.y_count).fill_null(0) > 0)
        elif isinstance(measure, Count):
            whole = pl.col("first") if measure.where is None else pl.col("first") & measure.where
        else:
            whole = pl.lit(value=True)
        added[name] = whole.cast(pl.Int64).fill_null(0)
    return rows.select("id", **added, left_out=pl.lit(None, pl.Int64))
