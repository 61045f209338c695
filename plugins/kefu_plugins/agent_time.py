"""坐席时间 · The time of agents: their states laid over their shifts, cut by local day and half hour.

A table for the metrics of time, which offers none itself. What overlaps and what is missing is settled here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

from kefu.plugin import Addition, Context, DatedTable, Period, agent_time, hookimpl


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Offer the table ``agent_time``."""
    build = partial(rows_of, timezone=context.timezone)
    tables = ("agent_states", "shifts")
    return [DatedTable("agent_time", "agent_id", tables, build, groups=("agent_id", "half_hour"))]


def rows_of(
    tables: Mapping[str, pl.DataFrame | None], _: Mapping[str, pl.DataFrame], period: Period, *, timezone: str
) -> pl.DataFrame:
    """Return agent, date, half hour, activity, state and milliseconds."""
    return agent_time(tables["agent_states"], tables["shifts"], period.first, period.last, timezone)
