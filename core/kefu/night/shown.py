"""What the store says of a period: values, those of the period before, the trend, and how far they can be trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kefu.metric import Metric
from kefu.night.periods import ONE, Dates
from kefu.night.view import StoreView
from kefu.run.outcome import Outcome
from kefu.run.values import GroupValues


@dataclass(frozen=True, slots=True)
class Shown:
    """A period as the store knows it.

    :param before: the values of the period before, ``None`` where the store has none of its dates.
    :param trend: the values of each date up to the end of the period; of each week, by its Monday, where it is long.
    :param provisional: dates that late data may still change.
    :param missing: dates of the period that the store does not have.
    :param unmeasured: of each metric, the dates that were stored before there was such a metric.
    :param unsettled: of each metric that settles late, the dates of the period whose values later sessions may change.
    """

    outcome: Outcome
    dates: Dates | None
    previous: Dates | None
    before: GroupValues | None
    trend: Mapping[dt.date, GroupValues]
    provisional: Sequence[dt.date]
    missing: Sequence[dt.date]
    unmeasured: Mapping[str, Sequence[dt.date]]
    unsettled: Mapping[str, Sequence[dt.date]]


def show(
    view: StoreView, dates: Dates | None, by: tuple[str, ...], lookback: int, metrics: Sequence[str] = ()
) -> Shown:
    """Read a period from the store.

    :param dates: the period; ``None`` for the last date that the store has.
    :param metrics: the names of those to show; all without any.
    :raises ConfigError: there is no such metric.
    """
    known = view.days(None, None)
    if dates is None and known:
        dates = Dates(known[-1].date, known[-1].date)
    chosen = [view.engine.metric(name) for name in metrics] or view.engine.metrics
    if dates is None:
        return Shown(view.outcome(None, None, by, chosen), None, None, None, {}, [], [], {}, {})
    outcome = view.outcome(dates.first, dates.last, by, chosen)
    previous = dates.before()
    days = view.days(previous.first, previous.last)
    before = view.groups(days, previous.last, (), chosen)[0] if days else None
    stored = {day.date for day in known}
    last = max(stored, default=dates.last)
    inside = [dates.first + ONE * number for number in range((dates.last - dates.first).days + 1)]
    return Shown(
        outcome,
        dates,
        previous,
        before,
        _trend(view, dates, chosen),
        [date for date in inside if date in stored and date > last - ONE * lookback],
        [date for date in inside if date not in stored and date <= last],
        _unmeasured(view, dates, chosen),
        {m.name: [date for date in inside if last - ONE * m.settles < date <= last] for m in chosen if m.settles},
    )


def _trend(view: StoreView, dates: Dates, metrics: Sequence[Metric]) -> dict[dt.date, GroupValues]:
    told = dates.trend()
    groups = view.groups(view.days(told.first, told.last), told.last, (dates.trend_by,), metrics)
    return {dt.date.fromisoformat(group.key[0]): group for group in groups}


def _unmeasured(view: StoreView, dates: Dates, metrics: Sequence[Metric]) -> dict[str, list[dt.date]]:
    found: dict[str, list[dt.date]] = {}
    for day in view.days(dates.first, dates.last):
        columns = day.layout.get("columns", {})
        for metric in metrics:
            periodic = metric.on in view.engine.periodic
            if not periodic and not all(f"{metric.name}/{name}" in columns for name in metric.measures):
                found.setdefault(metric.name, []).append(day.date)
    return found
