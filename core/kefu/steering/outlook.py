"""The outlook: each agent's metrics of the next period, from what the store has of the past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from kefu.config import OutlookSettings
from kefu.metric import Metric
from kefu.night.periods import ONE, Dates
from kefu.night.view import StoreView
from kefu.run.values import GroupValues
from kefu.steering.calendar import COLUMNS, SEASONS, PeriodKind, dates_of, label_of, number_of, number_of_label
from kefu.steering.forecast import Forecast, LeftOut, Predicted, Rules, Verdict, predict
from kefu.steering.nature import nature_of, weight_of

USUAL = (
    "reply_interval",
    "first_response",
    "csat",
    "first_contact_resolution",
    "handle_time",
    "agent_closed_rate",
    "sensitive_word_rate",
    "script_usage_rate",
)
"""The metrics that are forecast where nobody names any; those of them that there are."""
NOBODY = "unknown"
"""The agent of messages that nobody signed."""
ROWS = pl.Schema(
    {"metric": pl.String(), "agent_id": pl.String(), "period": pl.Int64(), "value": pl.Float64(), "weight": pl.Int64()}
)
"""A value of an agent in a period, and what it is of: sessions, turns, or whatever the metric divides by."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of each agent.

    :param kind: what a period is.
    :param metrics: those with values by agent.
    :param rows: the values of whole periods, of the schema ``ROWS``; of metrics that settle late, the settled ones.
    :param upto: the period after the last whole one; ``None`` where the store has no whole period.
    :param unfinished: the dates of the period that is not over, where the store has any of it.
    :param begun: the dates of the first period of the store, if its beginning is not there.
    """

    kind: PeriodKind
    metrics: tuple[Metric, ...]
    rows: pl.DataFrame
    upto: int | None
    unfinished: Dates | None
    begun: Dates | None
    predicted: tuple[Predicted, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """How the models of each metric did."""
        return tuple(one.verdict for one in self.predicted)

    @property
    def forecasts(self) -> tuple[Forecast, ...]:
        """The next values, by metric and agent."""
        return tuple(forecast for one in self.predicted for forecast in one.forecasts)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The agents without a forecast, by metric."""
        return tuple(left for one in self.predicted for left in one.left_out)

    def label(self, period: int) -> str:
        """Return how people write a period."""
        return label_of(period, self.kind)


def outlook(view: StoreView, settings: OutlookSettings, until: dt.date | None = None) -> Outlook:
    """Return what is to be expected of each agent, by what the store has up to a date.

    A period counts if the store has its first date or one before, and its last date or one after.

    :raises ConfigError: there is no such metric.
    """
    metrics = _metrics(view, settings.metrics)
    kind = settings.period
    dates = [day.date for day in view.days(None, until)]
    if not dates:
        return Outlook(kind, (), ROWS.to_frame(), None, None, None, ())
    first, last = _whole(dates[0], dates[-1], kind)
    end = number_of(dates[-1], kind)
    begun = dates_of(first - 1, kind) if number_of(dates[0], kind) < first else None
    first = max(first, last - settings.history + 1)
    rows = _rows(view, metrics, kind, first, last) if first <= last else ROWS.to_frame()
    settled = {metric.name: _settled(metric, dates[-1], kind) for metric in metrics}
    rows = rows.filter(pl.col("period") < pl.col("metric").replace_strict(settled, return_dtype=pl.Int64))
    there = tuple(metric for metric in metrics if metric.name in set(rows["metric"]))
    predicted = tuple(_predict(rows, metric, settings, settled[metric.name]) for metric in there)
    unfinished = dates_of(end, kind) if end > last else None
    return Outlook(kind, there, rows, last + 1, unfinished, begun, predicted)


def _metrics(view: StoreView, names: Sequence[str] | None) -> list[Metric]:
    """Return the metrics that are named, else those of the usual ones that there are."""
    if names is not None:
        return [view.engine.metric(name) for name in dict.fromkeys(names)]
    known = {metric.name: metric for metric in view.engine.metrics}
    return [known[name] for name in USUAL if name in known]


def _whole(first: dt.date, last: dt.date, kind: PeriodKind) -> tuple[int, int]:
    """Return the first and the last period that lie between two dates as a whole."""
    low, high = number_of(first, kind), number_of(last, kind)
    return low + (dates_of(low, kind).first < first), high - (dates_of(high, kind).last > last)


def _rows(view: StoreView, metrics: Sequence[Metric], kind: PeriodKind, first: int, last: int) -> pl.DataFrame:
    dates = Dates(dates_of(first, kind).first, dates_of(last, kind).last)
    groups = view.groups(view.days(dates.first, dates.last), dates.last, (COLUMNS[kind], "agent_id"), metrics)
    return pl.DataFrame([*_lines(groups, metrics, kind)], schema=ROWS, orient="row")


def _lines(
    groups: Iterable[GroupValues], metrics: Sequence[Metric], kind: PeriodKind
) -> Iterable[tuple[str, str, int, float, int]]:
    """Return every value that is of anything."""
    for group in groups:
        label, agent = group.key
        for metric in metrics:
            found = group.values[metric.name]
            weight = weight_of(metric, found.measures) if found.value is not None else 0
            if found.value is not None and weight > 0 and agent != NOBODY:
                yield metric.name, agent, number_of_label(label, kind), found.value, weight


def _settled(metric: Metric, last: dt.date, kind: PeriodKind) -> int:
    """Return the first period of a metric that is not over, or whose values what comes later may still change."""
    return number_of(last - dt.timedelta(metric.settles) + ONE, kind)


def _predict(rows: pl.DataFrame, metric: Metric, settings: OutlookSettings, upto: int) -> Predicted:
    own = rows.filter(pl.col("metric") == metric.name)
    rules = Rules(settings.least_periods, settings.least_agents, settings.least_weight, SEASONS[settings.period])
    return predict(metric.name, own, nature_of(metric), upto, rules)
