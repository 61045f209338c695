"""智能热点修复率 · Hotspot repair: of the prepared answers that needed repair in a period, how many were repaired.

A hotspot needs repair from when it was flagged, by hand or by a rule (few clicks, stale, seldom adopted), until it is
repaired. The rules look at the last 30 days before the period ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

from kefu.plugin import (
    Addition,
    Context,
    Count,
    DayCounts,
    Metric,
    Period,
    PeriodTable,
    Quantile,
    Ratio,
    Spread,
    Thresholds,
    Title,
    col,
    hookimpl,
    lit,
)
from kefu_plugins._sources import TEN_METRICS

REASONS = ("low_clicks", "stale", "low_adoption")
TIME = pl.Datetime("us", "UTC")
Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution, for the 95 % interval of Wilson."""


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Offer the table ``repairs``: the hotspots that needed repair in a period, and why."""
    adopted = col("outcome").is_in(["adopted", "resolved"])
    counts = DayCounts(
        on="recommendations",
        day="own_date",
        by=("hotspot_id",),
        measures={
            "clicks": Count(col("clicked")),
            "click_known": Count(col("clicked").is_not_null()),
            "rated": Count(col("outcome").is_not_null()),
            "adopted": Count(adopted),
        },
    )
    build = partial(repairs, limits=context.thresholds)
    return [PeriodTable("repairs", "hotspot_id", ("hotspots",), build, {"hotspot_days": counts})]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``hotspot_repair_rate`` and ``repair_days_p50``."""
    repaired = col("repaired")
    days = (col("repaired_at") - col("flagged_at")).dt.total_milliseconds()
    rate = Metric(
        name="hotspot_repair_rate",
        title=Title(zh="智能热点修复率", en="Hotspot repair rate"),
        on="repairs",
        measures={"repaired": Count(repaired), "needing_repair": Count()},
        value=Ratio("repaired", "needing_repair"),
        unit="ratio",
        better="higher",
        group="intelligence",
        source=TEN_METRICS,
        reads=Title(
            zh="期间内修复的热点 ÷ 期间内需修复的热点（期末前被标记，期初前未修复）",
            en="hotspots repaired in the period ÷ hotspots needing repair in the period "
            "(flagged before its end, not repaired before its start)",
        ),
        needs=("hotspots",),
    )
    return [
        rate,
        rate.companion(
            "repair_days_p50",
            Title(zh="修复用时中位数", en="Days to repair, median"),
            measures={
                "repaired_with_flag_time": Spread(days, where=repaired & (days >= 0)),
                "repaired": Count(repaired),
            },
            value=Quantile("repaired_with_flag_time", 50, per=86_400_000),
            coverage=Ratio("repaired_with_flag_time", "repaired"),
            unit="days",
            better="lower",
            reads=Title(
                zh="期间内修复的热点从被标记到修复所用时间的中位数",
                en="median time from flagged to repaired, over hotspots repaired in the period",
            ),
        ),
    ]


def repairs(
    tables: Mapping[str, pl.DataFrame | None],
    counts: Mapping[str, pl.DataFrame],
    period: Period,
    *,
    limits: Thresholds,
) -> pl.DataFrame:
    """Return a row for each hotspot that needed repair in the period.

    Out: ``hotspot_id``, ``reasons`` (list), ``flagged_at`` (null where only a rule of the moment says so),
    ``repaired_at``, ``repaired`` (in the period), and the counts that the rules read.
    """
    start, end = (pl.lit(bound).cast(TIME) for bound in (period.start, period.end))
    days = counts["hotspot_days"]
    hotspots = _hotspots(tables["hotspots"]).join(_recent(days, period, limits), on="hotspot_id", how="left")
    earlier = pl.when(col("repaired_at") < start).then(col("repaired_at"))
    updated = col("knowledge_updated_at")
    went_stale = [updated > pl.max_horizontal("published_at", repair) for repair in (earlier, col("repaired_at"))]
    stale_at = pl.when(pl.any_horizontal(*went_stale)).then(updated)
    told_at = pl.when(earlier.is_null() | (col("flagged_at") > earlier)).then(col("flagged_at"))
    judged_anew = (earlier >= end - pl.duration(days=limits.hotspot_window_days)).fill_null(value=False)
    rows = hotspots.with_columns(
        flagged=told_at.is_not_null() & (told_at < end),
        stale=stale_at.is_not_null() & (stale_at < end),
        low_clicks=_low_clicks(days, limits) & ~judged_anew,
        low_adoption=_low_adoption(limits) & ~judged_anew,
        flagged_at=pl.min_horizontal(_before(told_at, end), _before(stale_at, end)),
    )
    needing = rows.filter(pl.any_horizontal("flagged", *REASONS))
    repaired = (col("repaired_at") >= start) & (col("repaired_at") < end)
    since_flag = col("low_clicks") | col("low_adoption") | (col("repaired_at") >= col("flagged_at"))
    reasons = pl.concat_list(pl.when(name).then(lit(name)) for name in ("flagged", *REASONS)).list.drop_nulls()
    return needing.with_columns(repaired=(repaired & since_flag).fill_null(value=False), reasons=reasons).sort(
        "hotspot_id"
    )


def _hotspots(table: pl.DataFrame | None) -> pl.DataFrame:
    times = ("published_at", "knowledge_updated_at", "flagged_at", "repaired_at")
    if table is None:
        return pl.DataFrame(schema={"hotspot_id": pl.String, **dict.fromkeys(times, TIME)})
    return table.select("hotspot_id", *times)


def _recent(days: pl.DataFrame, period: Period, limits: Thresholds) -> pl.DataFrame:
    """Sum what happened to each hotspot in the last days of the period."""
    day = col("own_date").to_physical()
    recent = days.filter((day > period.last - limits.hotspot_window_days) & (day <= period.last))
    return recent.group_by("hotspot_id").agg(col("clicks", "rated", "adopted").sum())


def _low_clicks(days: pl.DataFrame, limits: Thresholds) -> pl.Expr:
    """Few clicks, where the platform logs clicks at all."""
    logged = bool(days["click_known"].sum())
    return lit(logged) & (col("clicks").fill_null(0) < limits.hotspot_low_clicks)


def _low_adoption(limits: Thresholds) -> pl.Expr:
    """Ask whether the upper end of Wilson's 95 % interval of adopted ÷ rated is below the floor."""
    n, p = col("rated"), col("adopted") / col("rated")
    middle = p + Z**2 / (2 * n)
    half = Z * (p * (1 - p) / n + Z**2 / (4 * n**2)).sqrt()
    upper = (middle + half) / (1 + Z**2 / n)
    return ((n >= limits.hotspot_rated_least) & (upper < limits.hotspot_adoption_floor)).fill_null(value=False)


def _before(time: pl.Expr, end: pl.Expr) -> pl.Expr:
    return pl.when(time < end).then(time)
