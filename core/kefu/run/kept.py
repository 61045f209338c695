"""What is kept of a night beside its measures: the rows that they were taken from, and the evidence for people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from kefu.facts.order import Laid
from kefu.metric import Metric
from kefu.run.collect import Collector, Request
from kefu.run.engine import Engine
from kefu.run.evidence import Found, evidence_rows, found_of, told_of
from kefu.run.plan import Plan
from kefu.run.spool import BUCKETS, Spool

MOST_EVIDENCE = 200
"""So many sessions a metric and day have their evidence kept, the first by their ids."""
ALWAYS = ("date", "channel", "queue", "scene", "agent_id", "team", "level", "begin", "end", "closed_by", "customer_id")


class Keeper:
    """Takes the fact rows of batches, narrow, and gives them back by date."""

    def __init__(self, engine: Engine, plan: Plan, request: Request, scratch: Path) -> None:
        """Ask for what all metrics read."""
        reasons = {root for m in engine.metrics for reason in m.left_out.values() for root in reason.meta.root_names()}
        keys = {name for groups in engine.own_groups.values() for name in groups}
        keys |= {name for names in plan.each.values() for name in names}
        self._asked = sorted(plan.every_root | reasons | {*ALWAYS} | engine.window_needs | keys)
        self._request, self._scratch = request, scratch
        self._spools: dict[str, Spool] = {}

    def take(self, collector: Collector, table: str, rows: pl.DataFrame, sessions: pl.DataFrame) -> None:
        """Keep rows of a fact table; they belong to ``sessions`` by their ``session``, or are these."""
        ids = rows["session_id"] if "session_id" in rows.columns else sessions["session_id"].gather(rows["session"])
        rows = collector.attach(rows, self._asked, sessions)
        names = [name for name in rows.columns if name in self._asked]
        narrow = self._request.within(rows.select(names).with_columns(ids.alias("id")))
        spool = self._spools.setdefault(table, Spool(self._scratch, f"kept-{table}", "date"))
        spool.append(narrow)

    def by_date(self) -> Iterator[tuple[dt.date, dict[str, pl.DataFrame]]]:
        """Give each date with its rows by table, each table sorted."""
        for number in range(BUCKETS):
            parts: dict[dt.date, dict[str, pl.DataFrame]] = {}
            for table, spool in self._spools.items():
                rows = spool.bucket(number)
                if rows is not None:
                    for (date,), some in rows.partition_by("date", as_dict=True).items():
                        parts.setdefault(date, {})[table] = some.sort(some.columns)
            yield from parts.items()


class EvidenceKeeper:
    """Takes the evidence of some sessions of each batch, by metric and date."""

    def __init__(self, engine: Engine, request: Request) -> None:
        """Choose the metrics that have evidence to keep."""
        self._engine, self._request = engine, request
        self._metrics = [metric for metric in engine.metrics if any(e.keep is not None for e in metric.evidence)]
        self.found: dict[tuple[object, str], dict[str, list[Found]]] = {}

    def take(self, laid: Laid, facts: Mapping[str, pl.DataFrame]) -> None:
        """Look for evidence in a batch."""
        sessions = self._request.within(facts["sessions"].with_row_index("session"))
        for metric in self._metrics:
            self._take(metric, laid, facts, sessions)

    def _take(self, metric: Metric, laid: Laid, facts: Mapping[str, pl.DataFrame], sessions: pl.DataFrame) -> None:
        for evidence in metric.evidence:
            if evidence.keep is None:
                continue
            wanted = sessions.filter(evidence.keep)
            if wanted.is_empty():
                continue
            messages = told_of(laid, facts, wanted["session"])
            dates = dict(wanted.select("session_id", "date").iter_rows())
            for row, found in evidence_rows(self._engine, evidence, messages, facts, wanted):
                place = self.found.setdefault((dates[row], metric.name), {})
                place.setdefault(row, []).append(found)

    def of(self, date: object) -> Iterator[tuple[str, str, Found]]:
        """Give metric, session and finding of a date, the sessions by their ids, not more than there is room for."""
        for metric in self._metrics:
            sessions = self.found.get((date, metric.name), {})
            for session in sorted(sessions)[:MOST_EVIDENCE]:
                for found in sorted(sessions[session], key=found_of):
                    yield metric.name, session, found
