"""What is behind a number, from the store alone: the sessions that the dates were made from, and the evidence kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property

import polars as pl

from kefu.clock import date_of
from kefu.columns import PeriodTable
from kefu.metric import Metric, Title
from kefu.night.view import StoreView
from kefu.run.collect import Request
from kefu.run.evidence import Found, Hit, of_peaks
from kefu.run.explain import Explainer
from kefu.run.service_lines import service_lines
from kefu.run.values import Evaluator
from kefu.store.days import DayRow, read_evidence

BEFORE = dt.timedelta(days=2)
"""A service that is open on a day may have begun so long before."""


class StoredExplainer(Explainer):
    """Explains one metric over the dates of a store."""

    def __init__(self, view: StoreView, metric: Metric, where: Mapping[str, str], request: Request) -> None:
        """Take the dates of the request."""
        super().__init__(view.engine, metric, where, request)
        self._view = view
        self._first, self._last = (None if day is None else date_of(day) for day in (request.first, request.last))
        self._days = view.days(self._first, self._last)

    @property
    def days(self) -> list[DayRow]:
        """The dates behind the number, as the store has them."""
        return self._days

    def _is_measurable(self) -> bool:
        return self._values.measurable(self._metric, self._request.by)

    def _evaluator(self) -> Evaluator:
        return self._values

    @cached_property
    def _values(self) -> Evaluator:
        return self._view.evaluator(self._days, self._last, self._request.by)

    def _rows(self) -> dict[str, pl.DataFrame]:
        rows = {table: self._view.kept_rows(table, self._days) for table in self._kept()}
        rows = self._with_windows(rows)
        dated = {
            table.name: self._keyed(table, self._view.kept_rows(table.name, self._days), "id")
            for table in self._dated_read()
        }
        if self._metric.on == "agent_days":
            first = min((day.date for day in self._days), default=None)
            days = [] if first is None else self._view.days(first - BEFORE, self._last)
            services = self._view.kept_rows("services", days)
            rows["agent_days"] = self._collector.attach(service_lines(services, self._engine.days), ("team", "level"))
            rows["turns"] = self._view.kept_rows("turns", days)
        told = {table: frame for table, frame in rows.items() if table != "services" or "date" in frame}
        return dated | {table: self._within(frame) for table, frame in told.items()}

    def _replies(self, rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        sums = (pl.col("reply_ms").sum(), pl.len().cast(pl.Int64).alias("replies"))
        return rows["turns"].group_by("agent_id", "date").agg(*sums)

    def _period_rows(self, table: PeriodTable) -> pl.DataFrame:
        counts = self._view.counts(self._days, self._last)
        return self._engine.period_rows(table, counts, self._where)

    def _evidence(self, ids: pl.Series, rows: Mapping[str, pl.DataFrame]) -> dict[str, list[Found]]:
        if self._periodic or self._dated:
            return {}
        if self._metric.on == "agent_days":
            return of_peaks(rows["agent_days"].filter(pl.col("id").is_in(ids.implode())))
        with self._view.store.reading() as connection:
            kept = read_evidence(connection, [day.id for day in self._days], self._metric.name)
        found: dict[str, list[Found]] = {}
        for row in kept.filter(pl.col("session_id").is_in(ids.implode())).iter_rows(named=True):
            hits = None if row["hits"] is None else tuple(Hit(**hit) for hit in row["hits"])
            why = Title(row["why_zh"], row["why_en"])
            one = Found(row["sent_at"], why, row["message_id"], row["role"], row["text"], hits)
            found.setdefault(row["session_id"], []).append(one)
        return found
