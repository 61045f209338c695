"""What is behind a number: the sessions that counted, the messages that made the difference, what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from kefu.columns import DatedTable, PeriodTable
from kefu.errors import ConfigError
from kefu.metric import Count, Measure, Metric, Rows, Spread, Title
from kefu.run.collect import Collector, Request, agents_of
from kefu.run.engine import Engine
from kefu.run.evidence import Found, of_messages, of_peaks
from kefu.run.plan import Plan, merged, stand_in, taken
from kefu.run.service_lines import over_services, service_lines
from kefu.run.tally import grouped
from kefu.run.values import Evaluator, Value, second_step, with_dates

REASON = "left_out"


@dataclass(frozen=True, slots=True)
class Line:
    """One session, or hotspot, behind a number.

    :param counts: what it adds to each measure; a measure to which it adds nothing is not there.
    :param left_out: why it did not count although the metric is about it.
    """

    id: str
    counts: Mapping[str, int]
    left_out: Title | None
    evidence: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number and lines behind it; the counts of all ``total`` lines add up to its measures.

    :param key: what a line is: ``session_id``, or ``hotspot_id`` for what is about hotspots.
    """

    metric: Metric
    value: Value
    key: str
    lines: Sequence[Line]
    total: int


class Explainer:
    """Explains one metric over the tables of an engine."""

    def __init__(self, engine: Engine, metric: Metric, where: Mapping[str, str], request: Request) -> None:
        """Plan the measures of the metric alone.

        :param where: the groups to look at: column to value.
        :raises ConfigError: the metric has no value in such groups.
        """
        self._engine, self._metric, self._where = engine, metric, where
        self._plan = Plan.of_metrics([metric])
        self._request = Request(tuple(where), request.first, request.last)
        self._names = [*dict.fromkeys(metric.value.names)]
        self._periodic = engine.period_table(metric.on)
        self._dated = engine.dated_table(metric.on)
        self._collector = engine.collector(self._plan, self._request)

    def explain(self, limit: int | None = None, offset: int = 0) -> Explanation:
        """Find all lines, and show some of them with their evidence."""
        if not self._is_measurable():
            by = ", ".join(self._where)
            raise ConfigError(f"{self._metric.name} has no value by {by}: leave that out of --where")
        rows = self._rows()
        groups = self._evaluator().groups([self._metric], self._request.by)
        nothing = Value(None, dict.fromkeys(self._names, 0), None)
        value = next((g.values[self._metric.name] for g in groups if g.key == tuple(self._where.values())), nothing)
        counts = self._counts(rows)
        chosen = counts.slice(offset, limit)
        found = self._evidence(chosen["id"], rows)
        lines = [self._line(row, found.get(row["id"], ())) for row in chosen.iter_rows(named=True)]
        own = self._periodic or self._dated
        key = own.key if own else "session_id"
        return Explanation(self._metric, value, key, lines, len(counts))

    def _is_measurable(self) -> bool:
        evaluator = self._engine.evaluator(self._plan, self._collector, self._request.by)
        return evaluator.measurable(self._metric, self._request.by)

    def _rows(self) -> dict[str, pl.DataFrame]:
        """Return the rows that the measures are taken from, with the ``id`` of their session."""
        rows = self._read(self._collector)
        self._engine.require_messages()
        self._collector.finish()
        return rows | {
            table.name: self._keyed(table, self._collector.dated_rows(table), table.key) for table in self._dated_read()
        }

    def _evaluator(self) -> Evaluator:
        """Return what gives the value, once everything was read."""
        evaluator = self._engine.evaluator(self._plan, self._collector, self._request.by)
        self._engine.metric(self._metric.name)  # its plugin may have failed only now
        return evaluator

    def _replies(self, rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:  # noqa: ARG002 - for those who read no batches
        """Return how long and how often each agent replied on each day."""
        return self._collector.replies()

    def _period_rows(self, table: PeriodTable) -> pl.DataFrame:
        """Return the rows of a table that depends on the period."""
        return self._engine.period_rows(table, self._collector, self._where)

    def _dated_read(self) -> list[DatedTable]:
        """Return the dated tables that the shown measures are taken of."""
        names = {self._metric.table_of(measure) for measure in self._shown().values()}
        return [table for name in sorted(names) if (table := self._engine.dated_table(name)) is not None]

    def _keyed(self, table: DatedTable, rows: pl.DataFrame, column: str) -> pl.DataFrame:
        """Name the rows of a dated table by a column: among those of other tables, by the table as well."""
        key = pl.col(column).cast(pl.String)
        named = key if self._dated else pl.format("{} {}", pl.lit(table.name), key)
        return self._within(rows.with_columns(named.alias("id")))

    def _table(self, table: str) -> str | None:
        return stand_in(table, self._request.by, self._engine.own_groups)

    def _read(self, collector: Collector) -> dict[str, pl.DataFrame]:
        """Collect every batch; return the rows that the measures are taken from, with the ``id`` of their session."""
        kept: dict[str, list[pl.DataFrame]] = {}
        asked = self._plan.every_root
        reasons = self._reasons_read()
        for _, facts in self._engine.facts(self._plan, also=reasons, only=asked | reasons):
            collector.add(facts)
            for table in self._kept():
                kept.setdefault(table, []).append(self._narrow(table, facts, collector))
        rows = {table: pl.concat(frames, how="vertical_relaxed") for table, frames in kept.items()}
        if "sessions" in rows:
            rows["sessions"] = self._engine.with_windows(rows["sessions"])
        rows = self._with_windows(rows)
        if "services" in rows and self._metric.on == "agent_days":
            rows["agent_days"] = collector.attach(service_lines(rows["services"], self._engine.days), ("team", "level"))
        return {table: self._within(frame) for table, frame in rows.items()}

    def _tables(self) -> set[str]:
        """Return the fact tables to keep rows of; concurrency is worked out from services."""
        tables = {str(self._table(self._metric.table_of(measure))) for measure in self._shown().values()}
        dated = {table.name for table in self._dated_read()}
        return {"services" if table == "agent_days" else table for table in tables} - self._engine.periodic - dated

    def _kept(self) -> set[str]:
        """Return the fact tables to keep rows of, and sessions where services need what windows say of them."""
        tables = self._tables()
        late = "services" in tables and self._plan.every_root & self._engine.window_adds
        return tables | {"sessions"} if late else tables

    def _with_windows(self, rows: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Give services the columns that windows add to their sessions, where these were kept for that."""
        if not {"sessions", "services"} <= rows.keys():
            return rows
        sessions = rows["sessions"]
        adds = [name for name in sorted(self._engine.window_adds) if name in sessions.columns]
        own = rows["services"].drop(adds, strict=False)
        services = own.join(sessions.select("id", *adds), on="id", how="left", maintain_order="left")
        return {name: rows[name] for name in self._tables() & rows.keys()} | {"services": services}

    def _shown(self) -> dict[str, Measure]:
        """Return the measures that the value names, where it does not name those of a second step."""
        if self._metric.over:
            return dict(self._metric.measures)
        return {name: self._metric.measures[name] for name in self._names}

    def _reasons_read(self) -> set[str]:
        return {root for reason in self._metric.left_out.values() for root in reason.meta.root_names()}

    def _narrow(self, table: str, facts: Mapping[str, pl.DataFrame], collector: Collector) -> pl.DataFrame:
        asked = self._plan.every_root
        asked |= {*self._where, *self._reasons_read(), "date", "agent_id", "begin", "end"} | self._engine.window_needs
        sessions, rows = facts["sessions"], facts[table]
        rows = collector.attach(rows, sorted(asked), sessions)
        ids = rows["session_id"] if "session_id" in rows.columns else sessions["session_id"].gather(rows["session"])
        return rows.select([name for name in rows.columns if name in asked]).with_columns(ids.alias("id"))

    def _within(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = with_dates(self._request.within(rows), self._request.by)
        for name, value in self._where.items():
            rows = rows.filter(pl.col(name).cast(pl.String) == value)
        return rows

    def _counts(self, rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Return a row an id: what it adds to each measure, and why it was left out if it adds nothing."""
        if self._periodic:
            table = self._period_rows(self._periodic)
            parts = [self._counted(table.rename({self._periodic.key: "id"}), self._shown(), reasons=True)]
        elif self._metric.over and self._dated:
            parts = [self._over_dated(rows[self._dated.name])]
        elif self._metric.over:
            parts = [over_services(rows["agent_days"], self._metric, self._replies(rows))]
        else:
            parts = []
            for name, measures in self._measures_by_table().items():
                reasons = name == self._table(self._metric.on)
                parts.append(self._counted(rows[name], measures, reasons=reasons))
        return self._merged(parts)

    def _over_dated(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return what the rows of each id add to the second-level measures."""
        metric = self._metric
        items = {name: self._plan.of[metric.name, name] for name in metric.measures}
        first = [taken(item) for item in items.values()]
        parts = grouped(rows, [*metric.each], [*first, pl.col("id").min()])
        whole = grouped(
            parts, [*dict.fromkeys(("id", *metric.each))], [merged(item).alias(name) for name, item in items.items()]
        )
        second = {
            name: pl.len().cast(pl.Int64) if isinstance(measure, Rows) else second_step(measure)
            for name, measure in metric.over.items()
        }
        added = grouped(whole, ["id"], [one.alias(name) for name, one in second.items()])
        return added.with_columns(pl.lit(None, pl.Int64).alias(REASON))

    def _measures_by_table(self) -> dict[str, dict[str, Measure]]:
        found: dict[str, dict[str, Measure]] = {}
        for name, measure in self._shown().items():
            found.setdefault(str(self._table(self._metric.table_of(measure))), {})[name] = measure
        return found

    def _counted(self, rows: pl.DataFrame, measures: Mapping[str, Measure], *, reasons: bool) -> pl.DataFrame:
        """Return what each row adds to each measure, and the place of the first reason to leave it out."""
        reasons_why = [
            pl.when(reason).then(pl.lit(place, pl.Int64)) for place, reason in enumerate(self._metric.left_out.values())
        ]
        why = pl.coalesce(*reasons_why, pl.lit(None, pl.Int64))
        counts = [added(measure).alias(name) for name, measure in measures.items()]
        return rows.select("id", *counts, (why if reasons else pl.lit(None, pl.Int64)).alias(REASON))

    def _merged(self, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        whole = (
            pl.concat(parts, how="diagonal_relaxed")
            .group_by("id")
            .agg(
                pl.exclude("id", REASON).sum(), pl.col(REASON).min() if any(REASON in p.columns for p in parts) else []
            )
        )
        names = [name for name in self._names if name in whole.columns]
        counted = pl.any_horizontal(pl.col(name) != 0 for name in names) if names else pl.lit(value=False)
        return self._telling_first(whole.filter(counted | pl.col(REASON).is_not_null()))

    def _telling_first(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Put the lines first that add to the measure with the fewest: they are what people ask for."""
        totals = {name: int(lines[name].sum()) for name in self._names if name in lines.columns}
        fewest = min((name for name, total in totals.items() if total), key=lambda name: totals[name], default=None)
        rest = [pl.col("id")]
        return lines.sort(*([pl.col(fewest) == 0, *rest] if fewest and len(totals) > 1 else rest))

    def _evidence(self, ids: pl.Series, rows: Mapping[str, pl.DataFrame]) -> dict[str, list[Found]]:
        if self._periodic or self._dated:
            return {}
        if self._metric.on == "agent_days":
            return of_peaks(rows["agent_days"].filter(pl.col("id").is_in(ids.implode())))
        return of_messages(self._engine, self._plan, self._metric, ids, self._agents())

    def _agents(self) -> list[str] | None:
        """Return the agents whose messages are evidence, ``None`` for all."""
        agents = agents_of(self._engine.small("agents"))
        asked = {name: value for name, value in self._where.items() if name in ("agent_id", "team")}
        if not asked or "team" not in asked:
            return [*asked.values()] or None
        return agents.filter(**asked)["agent_id"].to_list()

    def _line(self, row: Mapping[str, object], evidence: Sequence[Found]) -> Line:
        counts = {name: int(row[name]) for name in self._names if row.get(name)}  # type: ignore[call-overload]
        place = row[REASON]
        reason = None if counts or place is None else [*self._metric.left_out][int(place)]  # type: ignore[call-overload]
        return Line(str(row["id"]), counts, reason, evidence)


def added(measure: Measure) -> pl.Expr:
    """Return what a row adds to a measure; to a spread it adds one value."""
    where = pl.lit(value=True) if measure.where is None else measure.where
    if isinstance(measure, Count):
        value = where.cast(pl.Int64)
    elif isinstance(measure, Spread):
        value = (where & measure.of.is_not_null()).cast(pl.Int64)
    else:
        value = pl.when(where).then(measure.of.cast(pl.Int64))
    return value.fill_null(0)
