"""Fact tables that depend on the period: built for each day, week or month that is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import polars as pl

from kefu.clock import LocalDays
from kefu.columns import Period, PeriodTable
from kefu.run.plan import DATES, Item
from kefu.run.tally import Tallies
from kefu.run.values import with_dates


class Counted(Protocol):
    """Holds day counts, and the days that there are."""

    first_day: int | None
    last_day: int | None

    def counts_of(self, table: PeriodTable) -> dict[str, pl.DataFrame]:
        """Return the day counts that a period table reads."""
        ...


def period_tallies(
    table: PeriodTable,
    items: Sequence[Item],
    by: Sequence[str],
    collected: Counted,
    tables: Mapping[str, pl.DataFrame | None],
    days: LocalDays,
    teams: Callable[[pl.DataFrame], pl.DataFrame],
) -> Tallies:
    """Measure a period table for every period that ``by`` makes of the days collected.

    :param by: some of date, week and month, and of the table's own groups; without dates, the whole is one period.
    :param teams: adds the team of each agent to rows.
    """
    fit = by if set(by) <= {*DATES, *table.divided_by} else ()
    tallies = Tallies(items, [*fit])
    counts = collected.counts_of(table)
    dates = [name for name in fit if name in DATES]
    for labels, period in periods(collected.first_day, collected.last_day, dates, days):
        rows = table.build(tables, counts, period)
        if rows.width:
            named = teams(rows).with_columns(pl.col(name).fill_null("unknown") for name in table.groups)
            tallies.add(named.with_columns(pl.lit(label).alias(name) for name, label in labels.items()))
    return tallies


def periods(
    first: int | None, last: int | None, by: Sequence[str], days: LocalDays
) -> Iterable[tuple[dict[str, object], Period]]:
    """Cut the days into periods, each with its labels."""
    if first is None or last is None or not set(by) <= set(DATES):
        return
    calendar = with_dates(pl.DataFrame({"day": range(first, last + 1)}).with_columns(date=_date("day")), by)
    if not by:
        yield {}, _period(first, last, days)
        return
    for key, rows in calendar.group_by(*by, maintain_order=True):
        bounds = rows["day"]
        yield dict(zip(by, key, strict=True)), _period(int(bounds[0]), int(bounds[-1]), days)


def _date(day: str) -> pl.Expr:
    return pl.col(day).cast(pl.Int32).cast(pl.Date)


def _period(first: int, last: int, days: LocalDays) -> Period:
    starts = days.starts(first, last)
    return Period(first, last, int(starts[0]), int(starts[-1]))
