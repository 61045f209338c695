"""Values of any period and grouping from the store, without reading transcripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from kefu.clock import EPOCH
from kefu.columns import PeriodTable
from kefu.config import Settings
from kefu.host import Host
from kefu.metric import Metric
from kefu.night.compute import AGENT, AT_AGENT, BUCKETS, COUNT, FACT
from kefu.read import Table
from kefu.run.collect import Request
from kefu.run.engine import Engine
from kefu.run.outcome import Outcome
from kefu.run.period import period_tallies
from kefu.run.plan import AGENTS, DATES, Item, Plan
from kefu.run.tally import Tallies
from kefu.run.values import Evaluator, GroupValues
from kefu.store.days import DayRow, current_days, read_frames
from kefu.store.opening import Store
from kefu.store.runs import latest_run, read_small_table
from kefu.tables import TABLES


@dataclass(slots=True)
class StoredCounts:
    """The day counts of the store, up to the end of a period."""

    first_day: int | None
    last_day: int | None
    counts: Mapping[str, pl.DataFrame]

    def counts_of(self, table: PeriodTable) -> dict[str, pl.DataFrame]:
        """Return the day counts that a period table reads."""
        return {name: self.counts[name] for name in table.counts}


class StoreView:
    """Answers questions about dates that the store has."""

    def __init__(self, store: Store, settings: Settings, host: Host, scratch: Path) -> None:
        """Ask the plugins for their metrics; the small tables are those of the last run."""
        self.store, self.settings = store, settings
        with store.reading() as connection:
            run = latest_run(connection)
            small = {} if run is None else run.small_tables
            self._input = {} if run is None else run.input
            known = {name: read_small_table(connection, digest) for name, digest in small.items()}
        nothing = {"messages": Table(TABLES["messages"], scratch)}
        self.engine = Engine(nothing, scratch, settings, host, known=known)
        self.plan = Plan.of_metrics(self.engine.metrics)

    def days(self, first: dt.date | None, last: dt.date | None) -> list[DayRow]:
        """Return the dates of a period that the store has."""
        with self.store.reading() as connection:
            return current_days(connection, first, last)

    def outcome(
        self,
        first: dt.date | None,
        last: dt.date | None,
        by: tuple[str, ...] = (),
        metrics: Sequence[Metric] | None = None,
    ) -> Outcome:
        """Return the values of a period, as a run over its transcripts would; of all metrics, if none are named."""
        days = self.days(first, last)
        metrics = self.engine.metrics if metrics is None else metrics
        whole = self.groups(days, last, (), metrics)[0]
        groups = self.groups(days, last, by, metrics) if by else []
        ends = [_day(day.date) for day in days]
        return Outcome(
            first=_day(first) if first else min(ends, default=None),
            last=_day(last) if last else max(ends, default=None),
            metrics=metrics,
            whole=whole,
            groups=groups,
            tables={},
            failures=self.engine.failures(),
            owners={metric.name: self.engine.host.owner(metric.name).name for metric in metrics},
            input=self._input,
        )

    def groups(
        self, days: Sequence[DayRow], last: dt.date | None, by: tuple[str, ...], metrics: Sequence[Metric]
    ) -> list[GroupValues]:
        """Return the values of each group."""
        return self.evaluator(days, last, by).groups(metrics, by)

    def kept_rows(self, table: str, days: Sequence[DayRow]) -> pl.DataFrame:
        """Return the rows of a fact table that the store kept of some days, with the ``id`` of their session.

        They have every column of the table, null where it was not kept.
        """
        with self.store.reading() as connection:
            found = read_frames(connection, [day.id for day in days], [f"{FACT}{table}"])[f"{FACT}{table}"]
        nothing = self.engine.nothing[table].clear()
        nothing = self.engine.with_windows(nothing) if table == "sessions" else nothing
        if not found:
            return nothing.with_columns(pl.lit(None, pl.String).alias("id"), pl.lit(None, pl.Date).alias("date"))
        rows = pl.concat(found.values(), how="diagonal_relaxed")
        lacking = [pl.lit(None, kind).alias(name) for name, kind in nothing.schema.items() if name not in rows.columns]
        return rows.with_columns(lacking)

    def evaluator(self, days: Sequence[DayRow], last: dt.date | None, by: tuple[str, ...]) -> Evaluator:
        """Return what gives values from the measures of some days."""
        empty = self.engine.collector(self.plan, Request(by, finest=True)).tallies
        alone = bool(set(by) & set(AGENTS)) and set(by) <= {*DATES, *AGENTS}
        suffix = {name: AGENT if alone and name in AT_AGENT else "" for name in empty}
        names = [f"{name}{suffix[name]}{kind}" for name in empty for kind in ("", BUCKETS)]
        with self.store.reading() as connection:
            found = read_frames(connection, [day.id for day in days], names)
        tallies = {}
        for name, one in empty.items():
            frames = (found[f"{name}{suffix[name]}"], found[f"{name}{suffix[name]}{BUCKETS}"])
            grain = [column for column in one.grain if not suffix[name] or column in (*DATES, *AGENTS)]
            tallies[name] = self._filled(one.items, grain, days, *frames)
        tallies |= self._periodic(days, last, by)
        told = days or self.days(None, None)[-1:]
        present = {m.name: any(day.present.get(m.name, False) for day in told) for m in self.engine.metrics}
        return Evaluator(self.plan, tallies, present, self.engine.periodic)

    def counts(self, days: Sequence[DayRow], last: dt.date | None) -> StoredCounts:
        """Return the day counts of everything up to the end of a period."""
        tables = self.engine.period_tables
        names = sorted({name for table in tables for name in table.counts})
        with self.store.reading() as connection:
            before = current_days(connection, None, last or max((day.date for day in days), default=None))
            found = read_frames(connection, [day.id for day in before], [f"{COUNT}{name}" for name in names])
        nothing = self.engine.collector(self.plan, Request())
        counts = {}
        for table in tables:
            for name, asked in table.counts.items():
                parts = [nothing.day_counts(name), *found[f"{COUNT}{name}"].values()]
                keys = [*asked.by, asked.day]
                rows = pl.concat([part.select(*keys, *asked.measures) for part in parts], how="vertical_relaxed")
                counts[name] = rows.group_by(keys).agg(pl.col(*asked.measures).sum()).sort(keys)
        ends = [_day(day.date) for day in days]
        return StoredCounts(min(ends, default=None), max(ends, default=None), counts)

    def _periodic(self, days: Sequence[DayRow], last: dt.date | None, by: tuple[str, ...]) -> dict[str, Tallies]:
        """Build the tables that depend on the period."""
        tables = [table for table in self.engine.period_tables if table.name in self.plan.items]
        if not tables:
            return {}
        counts = self.counts(days, last)
        fit = by if set(by) <= set(DATES) else ()
        return {
            table.name: period_tallies(
                table,
                self.plan.items[table.name],
                fit,
                counts,
                {name: self.engine.small(name) for name in table.tables},
                self.engine.days,
            )
            for table in tables
        }

    def _filled(
        self,
        items: Sequence[Item],
        grain: Sequence[str],
        days: Sequence[DayRow],
        numbers: Mapping[int, pl.DataFrame],
        buckets: Mapping[int, pl.DataFrame],
    ) -> Tallies:
        """Put the measures of days together under the names that they have now."""
        parts, spreads = [], []
        for layout, some in _alike(days):
            columns = self._columns(items, layout)
            rows = [numbers[day.id] for day in some if day.id in numbers]
            if rows:
                parts.append(_renamed(pl.concat(rows, how="diagonal_relaxed"), grain, columns))
            rows = [buckets[day.id] for day in some if day.id in buckets]
            if rows:
                spreads.append(_readdressed(pl.concat(rows), grain, columns))
        whole = pl.concat(parts, how="diagonal_relaxed") if parts else pl.DataFrame()
        return Tallies.of(items, grain, whole, pl.concat(spreads) if spreads else pl.DataFrame())

    def _columns(self, items: Sequence[Item], layout: Mapping[str, str]) -> dict[str, str | None]:
        """Return under which name each measure was kept; ``None`` where it was not."""
        wanted = {item.id for item in items}
        found: dict[str, str | None] = dict.fromkeys(wanted)
        for (metric, name), item in self.plan.of.items():
            if item.id in wanted and found[item.id] is None:
                found[item.id] = layout.get(f"{metric}/{name}")
        return found


def _alike(days: Iterable[DayRow]) -> Iterable[tuple[dict[str, str], list[DayRow]]]:
    """Put days together whose measures were kept under the same names."""
    found: dict[tuple[tuple[str, str], ...], list[DayRow]] = {}
    for day in days:
        columns: dict[str, str] = day.layout.get("columns", {})
        found.setdefault(tuple(sorted(columns.items())), []).append(day)
    return [(dict(columns), some) for columns, some in found.items()]


def _renamed(rows: pl.DataFrame, grain: Sequence[str], columns: Mapping[str, str | None]) -> pl.DataFrame:
    named: list[Any] = [
        pl.col(old).alias(new) if old in rows.columns else pl.lit(None, pl.Int64).alias(new)
        for new, old in sorted(columns.items())
    ]
    return rows.select(*grain, *named)


def _readdressed(rows: pl.DataFrame, grain: Sequence[str], columns: Mapping[str, str | None]) -> pl.DataFrame:
    pairs = [(old, new) for new, old in sorted(columns.items()) if old is not None]
    names = pl.DataFrame(pairs, schema={"id": pl.String, "new": pl.String}, orient="row")
    return rows.join(names, on="id").select(*grain, pl.col("new").alias("id"), "bucket", "n")


def _day(date: dt.date) -> int:
    return (date - EPOCH).days
