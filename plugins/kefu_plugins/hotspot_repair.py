"""智能热点修复率 · Hotspot repair: of the prepared answers that needed repair in a period, how many were repaired.

A hotspot needs repair from when it was flagged, by hand or by a rule (few clicks, stale, seldom adopted), until it is
repaired. The rules look at the last 30 days before the period ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
    Reason,
    Seen,
    Spread,
    Thresholds,
    Title,
    col,
    hookimpl,
    lit,
)
from kefu_plugins._sources import TEN_METRICS

TIME = pl.Datetime("us", "UTC")
REASONS = ("low_clicks", "stale", "low_adoption")
RECORD: dict[str, type[pl.String] | pl.Datetime] = {
    "hotspot_id": pl.String,
    "flagged_at": TIME,
    "repaired_at": TIME,
    "ended_at": TIME,
    "until": TIME,
}
"""The columns of ``repair_record``: each time that something needed repair by the repair queue, and how it ended."""
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
            "shown": Count(),
            "clicks": Count(col("clicked")),
            "click_known": Count(col("clicked").is_not_null()),
            "rated": Count(col("outcome").is_not_null()),
            "adopted": Count(adopted),
        },
    )
    build = partial(repairs, limits=context.thresholds)
    return [PeriodTable("repairs", "hotspot_id", ("hotspots", "repair_record"), build, {"hotspot_days": counts})]


@hookimpl
def kefu_reasons(context: Context) -> list[Reason]:
    """Put what needs repair by these rules into the queue."""
    limits = context.thresholds
    days, floor = limits.hotspot_window_days, limits.hotspot_adoption_floor
    told = {
        "flagged": Title(zh="人工标记", en="Flagged by hand"),
        "low_clicks": Title(zh="点击少", en="Few clicks"),
        "stale": Title(zh="内容过期", en="Stale"),
        "low_adoption": Title(zh="采纳率低", en="Seldom adopted"),
    }
    reads = {
        "flagged": Title(zh="有人标记它需要修复", en="somebody flagged it"),
        "low_clicks": Title(
            zh=f"最近 {days} 天点击少于 {limits.hotspot_low_clicks} 次",
            en=f"fewer than {limits.hotspot_low_clicks} clicks in the last {days} days",
        ),
        "stale": Title(zh="知识更新后答案没有跟上", en="the knowledge changed after it was published or repaired"),
        "low_adoption": Title(
            zh=f"最近 {days} 天至少 {limits.hotspot_rated_least} 次评价，采纳率 95% 区间上限低于 {floor:.0%}",
            en=f"at least {limits.hotspot_rated_least} ratings in the last {days} days, "
            f"and the upper end of the 95 % interval of adopted ÷ rated is below {floor:.0%}",
        ),
    }
    return [Reason(name, told[name], reads[name], partial(needing, name=name, limits=limits)) for name in told]


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
    """Return a row for each hotspot, or topic of the repair queue, that needed repair in the period.

    Out: ``hotspot_id``, ``reasons`` (list), ``flagged_at`` (null where only a rule of the moment says so),
    ``repaired_at``, ``repaired`` (in the period), and the counts that the rules read.
    """
    start, end = _bounds(period)
    record = _record(tables.get("repair_record"), end)
    queued = _queued(record, start, end)
    own = _by_rules(tables["hotspots"], record, counts, period, limits)
    both = own.join(queued, on="hotspot_id", how="full", coalesce=True, suffix="_queued")
    return both.with_columns(
        flagged_at=pl.min_horizontal("flagged_at", "flagged_at_queued"),
        repaired_at=pl.max_horizontal("repaired_at", "repaired_at_queued"),
        repaired=col("repaired").fill_null(value=False) | col("repaired_queued").fill_null(value=False),
        reasons=col("reasons").fill_null(pl.lit(["queued"])),
    ).sort("hotspot_id")


def needing(seen: Seen, *, name: str, limits: Thresholds) -> pl.DataFrame:
    """Return the hotspots that need repair for one reason at the end of a night, with what is behind it."""
    moment = replace(seen.period, start=seen.period.end)  # all that was repaired until then is repaired
    _, end = _bounds(moment)
    record = _record(seen.tables.get("repair_record"), end)
    rows = _by_rules(seen.tables["hotspots"], record, seen.counts, moment, limits)
    rows = rows.filter(col("reasons").list.contains(name))
    used = seen.gathered.get("hotspots", pl.DataFrame(schema={"hotspot_id": pl.String, "uses": pl.Int64}))
    told = rows.join(used.group_by("hotspot_id").agg(col("uses").sum()), on="hotspot_id", how="left")
    used_or_shown = (col("shown").fill_null(0) + col("uses").fill_null(0)).cast(pl.Int64)
    affected, gap, shown = {
        "flagged": (used_or_shown, lit(1.0), ("flagged_at",)),
        "stale": (used_or_shown, lit(1.0), ("knowledge_updated_at", "published_at", "repaired_at")),
        "low_clicks": (
            used_or_shown,
            1 - col("clicks").fill_null(0) / max(limits.hotspot_low_clicks, 1),
            ("clicks", "shown"),
        ),
        "low_adoption": (
            col("rated").cast(pl.Int64),
            limits.hotspot_adoption_floor - col("adopted") / col("rated"),
            ("adopted", "rated", "shown"),
        ),
    }[name]
    limit = {"low_clicks": limits.hotspot_low_clicks, "low_adoption": limits.hotspot_adoption_floor}.get(name)
    return told.select(
        lit("hotspot").alias("subject"),
        col("hotspot_id").alias("subject_id"),
        "title",
        affected.alias("sessions"),
        gap.cast(pl.Float64).alias("gap"),
        *shown,
        *([] if limit is None else [lit(limit).alias("limit")]),
        lit(limits.hotspot_window_days).alias("window_days"),
    )


def _by_rules(
    table: pl.DataFrame | None,
    record: pl.DataFrame,
    counts: Mapping[str, pl.DataFrame],
    period: Period,
    limits: Thresholds,
) -> pl.DataFrame:
    """Return the hotspots that need repair by their own times or by a rule."""
    start, end = _bounds(period)
    days = counts["hotspot_days"]
    mended = record.group_by("hotspot_id").agg(col("repaired_at").max().alias("mended_at"))
    dismissed = record.sort("flagged_at").group_by("hotspot_id").last().filter(col("until") > end)
    hotspots = _hotspots(table).join(_recent(days, period, limits), on="hotspot_id", how="left")
    hotspots = hotspots.join(mended, on="hotspot_id", how="left").join(dismissed, on="hotspot_id", how="anti")
    own_repair, any_repair = col("repaired_at"), pl.max_horizontal("repaired_at", "mended_at")
    earlier = pl.max_horizontal(
        pl.when(own_repair < start).then(own_repair), pl.when(col("mended_at") < start).then("mended_at")
    )
    updated = col("knowledge_updated_at")
    went_stale = [updated > pl.max_horizontal("published_at", repair) for repair in (earlier, any_repair)]
    stale_at = pl.when(pl.any_horizontal(*went_stale)).then(updated)
    told_at = pl.when(earlier.is_null() | (col("flagged_at") > earlier)).then(col("flagged_at"))
    window = end - pl.duration(days=limits.hotspot_window_days)
    judged_anew = (pl.max_horizontal(earlier, pl.when(col("mended_at") < end).then("mended_at")) >= window).fill_null(
        value=False
    )
    rows = hotspots.with_columns(
        flagged=told_at.is_not_null() & (told_at < end),
        stale=stale_at.is_not_null() & (stale_at < end),
        low_clicks=_low_clicks(days, limits) & ~judged_anew,
        low_adoption=_low_adoption(limits) & ~judged_anew,
        flagged_at=pl.min_horizontal(_before(told_at, end), _before(stale_at, end)),
    )
    needing = rows.filter(pl.any_horizontal("flagged", *REASONS))
    repaired = (own_repair >= start) & (own_repair < end)
    since_flag = col("low_clicks") | col("low_adoption") | (own_repair >= col("flagged_at"))
    reasons = pl.concat_list(pl.when(name).then(lit(name)) for name in ("flagged", *REASONS)).list.drop_nulls()
    return needing.with_columns(repaired=(repaired & since_flag).fill_null(value=False), reasons=reasons)


def _record(table: pl.DataFrame | None, end: pl.Expr) -> pl.DataFrame:
    """Return what the repair queue knew before a moment."""
    if table is None:
        return pl.DataFrame(schema=RECORD)
    known = table.filter(col("flagged_at") < end).with_columns(until=pl.when(col("ended_at") < end).then("until"))
    return known.with_columns(_before(col(name), end) for name in ("repaired_at", "ended_at"))


def _queued(record: pl.DataFrame, start: pl.Expr, end: pl.Expr) -> pl.DataFrame:
    """Return what needed repair in a period by the repair queue: opened before its end, not over before its start."""
    over = pl.min_horizontal("repaired_at", "ended_at")
    needed = record.filter((over >= start).fill_null(value=True))
    repaired = (col("repaired_at") >= start) & (col("repaired_at") < end)
    return needed.group_by("hotspot_id").agg(
        col("flagged_at").min(), col("repaired_at").max(), repaired=repaired.fill_null(value=False).any()
    )


def _bounds(period: Period) -> tuple[pl.Expr, pl.Expr]:
    start, end = (pl.lit(bound).cast(TIME) for bound in (period.start, period.end))
    return start, end


def _hotspots(table: pl.DataFrame | None) -> pl.DataFrame:
    times = ("published_at", "knowledge_updated_at", "flagged_at", "repaired_at")
    if table is None:
        return pl.DataFrame(schema={"hotspot_id": pl.String, "title": pl.String, **dict.fromkeys(times, TIME)})
    return table.select("hotspot_id", "title", *times)


def _recent(days: pl.DataFrame, period: Period, limits: Thresholds) -> pl.DataFrame:
    """Sum what happened to each hotspot in the last days of the period."""
    day = col("own_date").to_physical()
    recent = days.filter((day > period.last - limits.hotspot_window_days) & (day <= period.last))
    return recent.group_by("hotspot_id").agg(col("shown", "clicks", "rated", "adopted").sum())


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
