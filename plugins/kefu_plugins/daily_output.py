"""人均日产能 · Daily output: human sessions for each agent and day with a service.

The table ``agent_output`` has a row for each of these, with the number of services; it is for load balance, too.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kefu.plugin import Addition, Count, DatedTable, DayCounts, Metric, Period, Ratio, Title, col, hookimpl
from kefu_plugins._sources import EFFICIENCY


@hookimpl
def kefu_columns() -> list[Addition]:
    """Offer the table ``agent_output``."""
    counts = {"served_days": DayCounts("services", "date", ("agent_id",), {"services": Count()})}
    return [DatedTable("agent_output", "agent_id", (), served_days, counts, groups=("agent_id",))]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``daily_output``."""
    return [
        Metric(
            name="daily_output",
            title=Title(zh="人均日产能", en="Daily output"),
            on="sessions",
            measures={"human_sessions": Count(col("human")), "agent_days": Count(on="agent_output")},
            value=Ratio("human_sessions", "agent_days"),
            unit="count",
            better="higher",
            group="efficiency",
            source=EFFICIENCY,
            reads=Title(
                zh="人工会话 ÷ 有服务的客服人日", en="human sessions ÷ agent-days with a service (an agent and a date)"
            ),
        ),
    ]


def served_days(_: Mapping[str, pl.DataFrame | None], counts: Mapping[str, pl.DataFrame], __: Period) -> pl.DataFrame:
    """Return ``agent_id``, ``date`` and ``services`` of each agent and date with any."""
    return counts["served_days"]
