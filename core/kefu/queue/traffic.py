"""What the traffic says of a repair: the day's counts of one measure, before it and after it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

import polars as pl

from kefu.clock import LocalDays
from kefu.context import Thresholds
from kefu.queue.items import Item
from kefu.queue.verify import Better, Counts, verdict_by_day
from kefu.reasons import Seen

LEAST_SINCE_FLAGGED = 100
"""With so many between flagging and repair, days that decided the flagging are left out of the sample before."""
BETTER_BY = 0.1
"""How much more customers an answer has to help where no rule names a target."""
MEASURES = {"low_adoption": "adoption", "low_clicks": "clicks", "unrecognised": "unrecognised"}
"""What tells whether a reason is gone; for others whether customers were helped (``handled``)."""
HELPED = ("thanks", "left", "went_on")


@dataclass(frozen=True, slots=True)
class Series:
    """Daily counts of a measure: ``date``, ``x`` and ``n``."""

    measure: str
    days: pl.DataFrame
    better: Better

    def between(self, first: dt.date, last: dt.date) -> pl.DataFrame:
        """Return the days of a period."""
        return self.days.filter(pl.col("date").is_between(first, last)).sort("date")


def verification(
    item: Item,
    seen: Seen,
    asked: pl.DataFrame,
    sessions: pl.DataFrame,
    last: dt.date,
    days: LocalDays,
    limits: Thresholds,
) -> dict[str, Any] | None:
    """Return what the traffic up to a date says of an item's repair, as JSON; ``None`` where it was not repaired.

    :param asked: ``topic``, ``date`` and ``asked``: how often topics were asked about.
    :param sessions: ``date`` and ``n``: all sessions.
    """
    if item.repaired_at is None:
        return None
    repaired = _local(item.repaired_at, days)
    series = series_of(item, seen, asked, sessions)
    window = limits.hotspot_window_days
    before = _sum(series.between(repaired - dt.timedelta(days=window), repaired - dt.timedelta(days=1)))
    since = _sum(series.between(_local(item.opened_at, days) + dt.timedelta(days=1), repaired - dt.timedelta(days=1)))
    before = since if since.n >= LEAST_SINCE_FLAGGED else before
    after = _cumulated(series, repaired + dt.timedelta(days=1), last)
    target = _target(series.measure, before, limits)
    told = asdict(verdict_by_day(before, after, target, series.better))
    return {
        **told,
        "measure": series.measure,
        "target": target,
        "from": (repaired + dt.timedelta(days=1)).isoformat(),
        "to": last.isoformat(),
    }


def series_of(item: Item, seen: Seen, asked: pl.DataFrame, sessions: pl.DataFrame) -> Series:
    """Return the measure that tells whether an item is repaired, day by day."""
    strongest = max(item.reasons, key=lambda reason: (reason.active, reason.saves, reason.name), default=None)
    measure = MEASURES.get(strongest.name, "handled") if strongest else "handled"
    if measure == "unrecognised":
        topics = strongest.evidence.get("topics", []) if strongest else []
        known = (
            asked.filter(pl.col("topic").is_in([item.subject_id, *topics]))
            .group_by("date")
            .agg(x=pl.col("asked").sum())
        )
        since = sessions.filter(pl.col("date") >= asked["date"].min())  # before that nobody knows what was asked
        rows = since.join(known, on="date", how="left").with_columns(pl.col("x").fill_null(0).clip(0, pl.col("n")))
        return Series(measure, rows.select("date", "x", "n"), "lower")
    if measure == "handled":
        used = seen.gathered.get("hotspots")
        rows = (
            pl.DataFrame(schema={"hotspot_id": pl.String, "date": pl.Date, "next": pl.String, "uses": pl.Int64})
            if used is None
            else used
        )
        helped = pl.col("uses").filter(pl.col("next").is_in(HELPED)).sum()
        own = rows.filter(hotspot_id=item.subject_id).group_by("date").agg(x=helped, n=pl.col("uses").sum())
        return Series(measure, own, "higher")
    x, n = {"adoption": ("adopted", "rated"), "clicks": ("clicks", "click_known")}[measure]
    own = seen.counts["hotspot_days"].filter(hotspot_id=item.subject_id)
    own = own.group_by(pl.col("own_date").cast(pl.Int32).cast(pl.Date).alias("date")).agg(
        x=pl.col(x).sum(), n=pl.col(n).sum()
    )
    return Series(measure, own, "higher")


def _target(measure: str, before: Counts, limits: Thresholds) -> float:
    """Return the rate that a repair should reach."""
    rate = before.x / before.n if before.n else 0.0
    if measure == "adoption":
        return max(limits.hotspot_adoption_floor, rate)
    if measure == "unrecognised":
        return rate / 2
    return min(rate + BETTER_BY, 1.0)


def _cumulated(series: Series, first: dt.date, last: dt.date) -> list[Counts]:
    """Return the counts from a date up to each date until the last one."""
    known = {date: (x, n) for date, x, n in series.between(first, last).select("date", "x", "n").iter_rows()}
    dates = [first + dt.timedelta(days=number) for number in range(max((last - first).days + 1, 0))]
    daily = [Counts(*known.get(date, (0, 0))) for date in dates]
    return list(accumulate(daily, lambda a, b: Counts(a.x + b.x, a.n + b.n)))


def _sum(rows: pl.DataFrame) -> Counts:
    return Counts(int(rows["x"].sum()), int(rows["n"].sum()))


def _local(moment: dt.datetime, days: LocalDays) -> dt.date:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo(days.timezone)).date()
