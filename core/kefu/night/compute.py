"""Compute the dates of a period, each with all that the store keeps of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from kefu.clock import date_of
from kefu.night.listed import ListingKeeper
from kefu.night.spans import Spans
from kefu.run.collect import Collector, Request
from kefu.run.engine import Engine, Progress
from kefu.run.evidence import Found
from kefu.run.kept import EvidenceKeeper, Keeper
from kefu.run.outcome import Outcome
from kefu.run.plan import Plan, merged
from kefu.run.tally import Tallies, grouped
from kefu.run.values import Value
from kefu.store.days import EVIDENCE, WHOLE, Day

BY_AGENT = ("date", "agent_id", "team")
AT_AGENT = ("services", "turns")
"""The tables that are kept by agent alone as well."""
AT_WHOLE = ("sessions", "turns")
"""The tables that are kept undivided as well."""
BUCKETS, AGENT, COUNT, FACT = ".buckets", "@agent", "count:", "fact:"
"""What the names of a day's frames are made of."""


@dataclass(slots=True)
class Computed:
    """What a night found.

    :param days: those of the period, in order.
    :param outcome: the values of the period, for people.
    :param spans: of each file that gave rows to sessions, the first and the last date of these.
    :param outside: how many sessions there were before and after the period.
    :param values: those of the last date that was asked for, or of all of them where there was none such.
    """

    days: list[Day]
    outcome: Outcome
    spans: dict[str, tuple[dt.date, dt.date]] = field(default_factory=dict)
    outside: dict[dt.date, int] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)


def compute(
    engine: Engine,
    request: Request,
    layout: Mapping[str, Any],
    scratch: Path,
    progress: Progress | None = None,
    *,
    valued: bool = False,
) -> Computed:
    """Read the transcripts and compute every date of the request that has sessions.

    :param layout: what the definitions depend on besides the measures, to be kept with each day.
    :param valued: say what the values of the last date are, too.
    """
    plan = Plan.of_metrics(engine.metrics)
    keeper, evidence = Keeper(engine, plan, request, scratch), EvidenceKeeper(engine, request)
    collector = engine.collector(plan, request, keep=keeper.take)
    spans, outside = Spans(engine), dict[dt.date, int]()
    listings = ListingKeeper(engine, request)
    for laid, facts in engine.facts(plan, also=listings.needs, progress=progress):
        listings.take(laid, facts["sessions"])
        collector.add(facts)
        evidence.take(laid, facts)
        spans.take(laid, facts["sessions"])
        _note_outside(facts["sessions"], request, outside)
        del laid, facts
    engine.require_messages()
    collector.finish()
    outcome = engine.outcome(plan, collector, request)
    values = _values(engine, plan, collector, request, outcome) if valued else {}
    frames: dict[dt.date, dict[str, pl.DataFrame]] = {}
    for name, frame in _measured(plan, collector):
        _by_date(name, frame, frames)
    for name, frame in listings.frames():
        _by_date(name, frame, frames)
    for date, facts in keeper.by_date():
        for table, rows in facts.items():
            frames.setdefault(date, {})[f"{FACT}{table}"] = rows
    told = {**layout, "columns": {f"{metric}/{name}": item.id for (metric, name), item in plan.of.items()}}
    present = {metric.name: engine.is_present(metric) for metric in engine.metrics}
    days = [
        Day(
            date,
            frames[date],
            told,
            present,
            sessions=len(frames[date].get(f"{FACT}sessions", ())),
            evidence=evidence_frame(evidence.of(date)),
        )
        for date in sorted(frames)
        if _is_within(date, request)
    ]
    return Computed(days, outcome, spans.of_files(), outside, values)


def evidence_frame(found: Iterable[tuple[str, str, Found]]) -> pl.DataFrame:
    """Return evidence as the store keeps it."""
    rows = [
        {
            "metric": metric,
            "session_id": session,
            "message_id": one.message_id,
            "sent_at": one.sent_at,
            "role": one.role,
            "text": one.text,
            "why_zh": one.why.zh,
            "why_en": one.why.en,
            "hits": None if one.hits is None else [asdict(hit) for hit in one.hits],
        }
        for metric, session, one in found
    ]
    return pl.DataFrame(rows, schema=EVIDENCE)


def _values(
    engine: Engine, plan: Plan, collector: Collector, request: Request, outcome: Outcome
) -> Mapping[str, Value]:
    if request.last is None:
        return outcome.whole.values
    groups = engine.evaluator(plan, collector, ("date",)).groups(outcome.metrics, ("date",))
    return next((group.values for group in groups if group.key == (str(date_of(request.last)),)), {})


def _measured(plan: Plan, collector: Collector) -> Iterable[tuple[str, pl.DataFrame]]:
    """Give every frame of measures, all dates together."""
    for table, tallies in collector.tallies.items():
        yield table, tallies.numbers()
        yield f"{table}{BUCKETS}", tallies.buckets()
        if table in AT_AGENT:
            yield from _merged(plan, table, tallies, AGENT, BY_AGENT)
        if table in AT_WHOLE:
            yield from _merged(plan, table, tallies, WHOLE, ("date",))
    for name in collector.counted:
        yield f"{COUNT}{name}", collector.day_counts_by_date(name)


def _merged(
    plan: Plan, table: str, tallies: Tallies, suffix: str, by: tuple[str, ...]
) -> Iterable[tuple[str, pl.DataFrame]]:
    """Give a table's measures in coarser groups, too, so that a year of them is quick to read."""
    numbers, buckets = tallies.numbers(), tallies.buckets()
    items = [item for items in plan.items.values() for item in items if item.id in numbers.columns]
    yield f"{table}{suffix}", grouped(numbers, by, [merged(item) for item in items])
    if buckets.width:
        yield f"{table}{suffix}{BUCKETS}", buckets.group_by(*by, "id", "bucket").agg(pl.col("n").sum())


def _by_date(name: str, frame: pl.DataFrame, frames: dict[dt.date, dict[str, pl.DataFrame]]) -> None:
    """Divide a frame by its dates, each part sorted."""
    if frame.is_empty():
        return
    for (date,), rows in frame.partition_by("date", as_dict=True).items():
        frames.setdefault(date, {})[name] = rows.sort(rows.columns)


def _is_within(date: dt.date, request: Request) -> bool:
    first, last = request.first, request.last
    return (first is None or date >= date_of(first)) and (last is None or date <= date_of(last))


def _note_outside(sessions: pl.DataFrame, request: Request, outside: dict[dt.date, int]) -> None:
    if request.first is None and request.last is None:
        return
    for date, count in sessions["date"].value_counts().iter_rows():
        if not _is_within(date, request):
            outside[date] = outside.get(date, 0) + count
