"""招聘到岗率 · Staffing: posts filled, of those that were asked for."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kefu.plugin import Addition, DatedTable, Metric, Period, Ratio, Sum, Title, col, hookimpl
from kefu_plugins._sources import BASIC_TARGETS

SCHEMA = pl.Schema({"date": pl.Date(), "requested": pl.Int64(), "hired": pl.Int64(), "team": pl.String()})


@hookimpl
def kefu_columns() -> list[Addition]:
    """Offer the table ``posts``."""
    return [DatedTable("posts", "day", ("staffing",), posts, groups=("team",))]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``staffing_rate``."""
    return [
        Metric(
            name="staffing_rate",
            title=Title(zh="招聘到岗率", en="Staffing rate"),
            on="posts",
            measures={"hired_posts": Sum(col("hired")), "requested_posts": Sum(col("requested"))},
            value=Ratio("hired_posts", "requested_posts"),
            unit="ratio",
            better="higher",
            group="organisation",
            source=BASIC_TARGETS,
            reads=Title(zh="到岗人数 ÷ 需求人数", en="posts filled ÷ posts asked for"),
            needs=("staffing",),
        ),
    ]


def posts(tables: Mapping[str, pl.DataFrame | None], _: Mapping[str, pl.DataFrame], __: Period) -> pl.DataFrame:
    """Return ``day``, ``date``, ``team``, ``requested`` and ``hired``."""
    table = tables["staffing"] if tables["staffing"] is not None else SCHEMA.to_frame()
    return table.select(*SCHEMA, day=col("date").cast(pl.String))
