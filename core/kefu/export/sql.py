"""Values of each date as plain rows in the store's own database: what the views for BI tools show."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kefu.metric import Count, Metric, Ratio, Sum
from kefu.night.view import StoreView
from kefu.run.values import Value, total_of
from kefu.store.days import DayRow
from kefu.store.frames import canonical_json
from kefu.store.published import publish_dates, publish_others, published, withdraw_dates
from kefu.store.schema import NO_NUL

DAYS = 31
"""So many dates are worked on at once."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was done: how many dates were written anew and taken out, and how many rows were written."""

    dates: int
    gone: int
    rows: int


@dataclass(slots=True)
class _Told:
    values: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)


def publish(view: StoreView, by: Sequence[str]) -> Published:
    """Write the values of all dates that say something new, of the whole and by each of some groupings.

    Metrics that depend on the period, such as repair rates, are written anew for all dates: what they say of a date can
    change with what is known later.
    """
    days = view.days(None, None)
    periodic = [metric for metric in view.engine.metrics if _is_periodic(view, metric)]
    daily = [metric for metric in view.engine.metrics if metric not in periodic]
    made_with = _digest(daily, by)
    with view.store.reading() as connection:
        known = published(connection)
    gone = sorted({*known} - {day.date for day in days})
    changed = [day for day in days if known.get(day.date) != (day.id, made_with)]
    rows = 0
    for some in _alike(changed):
        told = _told(view, some, by, daily)
        rows += len(told.values)
        with view.store.writing() as connection:
            publish_dates(connection, {day.date: day.id for day in some}, made_with, told.values, told.parts)
    told = _told(view, days, by, periodic)
    with view.store.writing() as connection:
        withdraw_dates(connection, gone)
        publish_others(connection, [metric.name for metric in daily], told.values, told.parts)
    return Published(len(changed), len(gone), rows + len(told.values))


def _is_periodic(view: StoreView, metric: Metric) -> bool:
    return any(metric.table_of(measure) in view.engine.periodic for measure in metric.measures.values())


def _digest(metrics: Iterable[Metric], by: Sequence[str]) -> str:
    """Return the SHA-256 of what values are made with, beside what the dates hold."""
    told = [
        [metric.name, metric.unit, *(repr(one) for one in (metric.value, metric.coverage) if isinstance(one, Ratio))]
        for metric in metrics
    ]
    return hashlib.sha256(canonical_json([sorted(told), [*by]]).encode()).hexdigest()


def _alike(days: Sequence[DayRow]) -> Iterator[list[DayRow]]:
    """Cut dates into parts in each of which the input held the same, so that each says what it says alone."""
    found: dict[str, list[DayRow]] = {}
    for day in days:
        found.setdefault(canonical_json(day.present), []).append(day)
    for some in found.values():
        yield from (some[start : start + DAYS] for start in range(0, len(some), DAYS))


def _told(view: StoreView, days: Sequence[DayRow], by: Sequence[str], metrics: Sequence[Metric]) -> _Told:
    told = _Told()
    if not days or not metrics:
        return told
    added = {metric.name: _adds(view, metric) for metric in metrics}
    for name in ("", *by):
        groups = view.groups(days, days[-1].date, ("date", name) if name else ("date",), metrics)
        seen: dict[tuple[str, str], int] = {}
        for group in groups:
            date, text = group.key[0], (group.key[1] if name else "").replace("\0", NO_NUL)
            seen[date, text] = seen.get((date, text), 0) + 1
            value = text if seen[date, text] == 1 else f"{text} ({seen[date, text]})"
            place = {"date": dt.date.fromisoformat(date), "by_name": name, "by_value": value}
            for metric in metrics:
                _tell(told, place, metric, group.values[metric.name], adds=added[metric.name])
    return told


def _tell(told: _Told, place: dict[str, Any], metric: Metric, value: Value, *, adds: bool) -> None:
    """Add the rows of one value; where there is nothing to tell, none."""
    known = {name: amount for name, amount in value.measures.items() if amount is not None}
    if value.value is None and not any(known.values()):
        return
    here = {**place, "metric": metric.name}
    row = {**here, "value": value.value, "unit": metric.unit, "coverage": value.coverage}
    told.values.append({**row, **_fraction(metric, value if adds else None)})
    told.parts += [{**here, "measure": name, "amount": amount} for name, amount in known.items()]


def _adds(view: StoreView, metric: Metric) -> bool:
    """Return whether the measures of dates add up to those of a longer period."""
    plain = all(isinstance(measure, Count | Sum) for measure in metric.measures.values())
    return isinstance(metric.value, Ratio) and plain and not metric.each and not _is_periodic(view, metric)


def _fraction(metric: Metric, value: Value | None) -> dict[str, int | None]:
    """Return what a value is the quotient of: ``top × times ÷ bottom ÷ per``."""
    formula = metric.value
    if value is None or not isinstance(formula, Ratio):
        return dict.fromkeys(("top", "bottom", "times", "per"))
    top, bottom = (total_of(side, value.measures) for side in (formula.top, formula.bottom))
    return {"top": top, "bottom": bottom, "times": formula.times, "per": formula.per}
