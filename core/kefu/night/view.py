"""Values of any period and grouping from the store, without reading transcripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from kefu.clock import EPOCH
from kefu.columns import PeriodTable
from kefu.config import Settings
from kefu.host import Host
from kefu.metric import Metric, Spread
from kefu.night.compute import AGENT, AT_AGENT, AT_WHOLE, BUCKETS, COUNT, FACT
from kefu.read import Table
from kefu.run.collect import Request
from kefu.run.derive import SESSION_GROUPS
from kefu.run.engine import Engine
from kefu.run.outcome import Outcome
from kefu.run.period import period_tallies
from kefu.run.plan import AGENTS, DATES, Item, Plan, stand_in
from kefu.run.tally import Tallies
from kefu.run.values import Evaluator, GroupValues
from kefu.store.days import WHOLE, DayRow, current_days, read_frames, read_packed
from kefu.store.episodes import repair_record
from kefu.store.frames import unpack_all
from kefu.store.opening import Store
from kefu.store.runs import latest_run, read_small_table
from kefu.tables import TABLES

if TYPE_CHECKING:
    import sqlalchemy as sa


GRAINS = {AGENT: (*DATES, *AGENTS), WHOLE: DATES}
"""The columns of merged frames."""


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
            known["repair_record"] = repair_record(connection)
        nothing = {"messages": Table(TABLES["messages"], scratch)}
        self.engine = Engine(nothing, scratch, settings, host, known=known, reads_texts=False)
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
        return self.evaluator(days, last, by, metrics).groups(metrics, by)

    def kept_rows(self, table: str, days: Sequence[DayRow]) -> pl.DataFrame:
        """Return the rows of a fact table that the store kept of some days, with the ``id`` of their session.

        They have every column of the table, null where it was not kept.
        """
        with self.store.reading() as connection:
            found = read_frames(connection, [day.id for day in days], [f"{FACT}{table}"])[f"{FACT}{table}"]
        nothing = self.engine.nothing[table].clear()
        nothing = self.engine.with_windows(nothing) if table == "sessions" else nothing
        if not found:
            groups = [name for name in (*SESSION_GROUPS, *AGENTS) if name not in nothing.columns]
            none = [pl.lit(None, pl.String).alias(name) for name in ("id", *groups) if name != "date"]
            return nothing.with_columns(*none, pl.lit(None, pl.Date).alias("date"))
        rows = pl.concat(found.values(), how="diagonal_relaxed")
        lacking = [pl.lit(None, kind).alias(name) for name, kind in nothing.schema.items() if name not in rows.columns]
        return rows.with_columns(lacking)

    def evaluator(
        self,
        days: Sequence[DayRow],
        last: dt.date | None,
        by: tuple[str, ...],
        metrics: Sequence[Metric] | None = None,
    ) -> Evaluator:
        """Return what gives values of metrics, all without any, from the measures of some days."""
        plan = self.plan if metrics is None else self._part_of(metrics)
        needed = {stand_in(table, by, self.engine.own_groups) for table in plan.items}
        empty = self.engine.collector(plan, Request(by, finest=True)).tallies
        with self.store.reading() as connection:
            tallies = {
                name: self._filled(connection, name, one, days, self._kept_as(plan, name, by))
                for name, one in empty.items()
                if name in needed
            }
        tallies |= self._periodic(plan, days, last, by)
        told = days or self.days(None, None)[-1:]
        present = {m.name: any(day.present.get(m.name, False) for day in told) for m in self.engine.metrics}
        return Evaluator(plan, tallies, present, self.engine.own_groups)

    def _part_of(self, metrics: Sequence[Metric]) -> Plan:
        """Return what some metrics measure, and the numbers of sessions, for the groups there are."""
        names = {metric.name for metric in metrics}
        of = {key: item for key, item in self.plan.of.items() if key[0] in names}
        wanted = {item.id for item in of.values()}
        items = {
            table: [i for i in items if i.id in wanted or (table == "sessions" and not isinstance(i.measure, Spread))]
            for table, items in self.plan.items.items()
        }
        return Plan({table: some for table, some in items.items() if some}, of, self.plan.each)

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

    def _periodic(
        self, plan: Plan, days: Sequence[DayRow], last: dt.date | None, by: tuple[str, ...]
    ) -> dict[str, Tallies]:
        """Build the tables that depend on the period."""
        tables = [table for table in self.engine.period_tables if table.name in plan.items]
        if not tables:
            return {}
        counts = self.counts(days, last)
        return {
            table.name: period_tallies(
                table,
                plan.items[table.name],
                by,
                counts,
                {name: self.engine.small(name) for name in table.tables},
                self.engine.days,
                self.engine.teams,
            )
            for table in tables
        }

    @staticmethod
    def _kept_as(plan: Plan, table: str, by: tuple[str, ...]) -> str:
        """Return which frames of a table answer fastest in some groups, by the suffix of their names."""
        each = plan.each.get(table, set()) - set(DATES)
        if set(by) <= set(DATES):
            return WHOLE if table in AT_WHOLE and not each else ""
        return AGENT if table in AT_AGENT and set(by) <= {*DATES, *AGENTS} else ""

    def _filled(
        self, connection: sa.Connection, table: str, empty: Tallies, days: Sequence[DayRow], suffix: str
    ) -> Tallies:
        """Put the measures of days together under the names that they have now."""
        grain = [column for column in empty.grain if column in GRAINS.get(suffix, empty.grain)]
        numbers, buckets = _packed(connection, table, empty, days, suffix)
        parts, spreads = [], []
        for layout, some in _alike(days):
            columns = self._columns(empty.items, layout)
            found = [numbers[day.id] for day in some if day.id in numbers]
            if found:
                parts.append(_renamed(unpack_all(found), grain, columns))
            found = [buckets[day.id] for day in some if day.id in buckets]
            if found:
                spreads.append(_readdressed(unpack_all(found), grain, columns))
        whole = pl.concat(parts, how="diagonal_relaxed") if parts else pl.DataFrame()
        return Tallies.of(empty.items, grain, whole, pl.concat(spreads) if spreads else pl.DataFrame())

    def _columns(self, items: Sequence[Item], layout: Mapping[str, str]) -> dict[str, str | None]:
        """Return under which name each measure was kept; ``None`` where it was not."""
        wanted = {item.id for item in items}
        found: dict[str, str | None] = dict.fromkeys(wanted)
        for (metric, name), item in self.plan.of.items():
            if item.id in wanted and found[item.id] is None:
                found[item.id] = layout.get(f"{metric}/{name}")
        return found


def _packed(
    connection: sa.Connection, table: str, empty: Tallies, days: Sequence[DayRow], suffix: str
) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """Return the frames of numbers and those of spreads by day; a day without merged frames gives its fine ones."""
    kinds = ["", BUCKETS] if any(isinstance(item.measure, Spread) for item in empty.items) else [""]
    found = read_packed(connection, [day.id for day in days], [f"{table}{suffix}{kind}" for kind in kinds])
    told = {kind: found[f"{table}{suffix}{kind}"] for kind in kinds}
    lacking = [day.id for day in days if day.id not in told[""]] if suffix == WHOLE else []
    if lacking:
        fine = read_packed(connection, lacking, [f"{table}{kind}" for kind in kinds])
        told = {kind: by_day | fine[f"{table}{kind}"] for kind, by_day in told.items()}
    return told[""], told.get(BUCKETS, {})


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
