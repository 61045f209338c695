"""What a section may ask of a period, answered from the store; each answer is worked out once, when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache, cached_property
from typing import Literal

import polars as pl

from kefu.host import Plugin
from kefu.listings import Listing
from kefu.metric import Metric, Ratio, Title
from kefu.night.changes import GROUPINGS, Change, State, split_states
from kefu.night.periods import ONE, Dates
from kefu.night.shown import Shown, show
from kefu.night.view import StoreView
from kefu.queue.items import Item
from kefu.queue.items import State as ItemState
from kefu.queue.record import Filter, Queue
from kefu.queue.seen import gathered_rows, kept_listings
from kefu.queue.topics import topics_of
from kefu.report import steered
from kefu.run.listing import Lister
from kefu.run.spread import edges
from kefu.run.values import GroupValues, Value
from kefu.sections import Balanced, Driver, Goal, Scorecard, Span
from kefu.show.words import Language
from kefu.store.days import EVIDENCE, read_evidence

REPAIRS = {
    "id": pl.Int64(),
    "subject": pl.String(),
    "subject_id": pl.String(),
    "title": pl.String(),
    "state": pl.String(),
    "reasons": pl.List(pl.String()),
    "saves": pl.Int64(),
    "opened_at": pl.Datetime("us", "UTC"),
    "due_on": pl.Date(),
    "assignee": pl.String(),
    "repaired_at": pl.Datetime("us", "UTC"),
    "verdict": pl.String(),
    "overdue": pl.Boolean(),
}
"""The columns of the repair queue."""


class StoreReading:
    """Answers what sections ask of a period."""

    def __init__(self, view: StoreView, dates: Dates, language: Language) -> None:
        """Take a view of the store and a period; nothing is read yet."""
        self._view, self._dates = view, dates
        self.language: Language = language
        self.timezone = view.settings.timezone
        before = dates.before()
        self.period, self.previous = Span(dates.first, dates.last), Span(before.first, before.last)
        self.trend_by: Literal["date", "week"] = dates.trend_by
        self._days = cache(view.days)
        self._of = cache(self._companions_of)
        self._grouped = cache(self._groups_of)
        self._changes = cache(self._changes_by)

    @property
    def metrics(self) -> Sequence[Metric]:
        """All metrics that work."""
        return self._view.engine.metrics

    def value(self, metric: str) -> Value | None:
        """Return the value of a metric."""
        return self._shown.outcome.whole.values.get(metric) or self._of(self.period).get(metric)

    def before(self, metric: str) -> Value | None:
        """Return the value of the period before."""
        if self._shown.before is None:
            return None
        return self._shown.before.values.get(metric) or self._of(self.previous).get(metric)

    @property
    def has_before(self) -> bool:
        """Whether the store has anything of the period before."""
        return self._shown.before is not None

    def trend(self, metric: str) -> list[tuple[dt.date, float | None]]:
        """Return the values up to the end of the period."""
        is_head = metric in self._shown.outcome.whole.values
        found = self._shown.trend if is_head else show(self._view, self._dates, (), 0, [metric]).trend
        return [(date, group.values[metric].value) for date, group in sorted(found.items())]

    def target(self, metric: str) -> float | None:
        """Return what the metric should reach."""
        return steered.target_of(self._view, self._dates, metric)

    def drivers(self, metric: str) -> list[Driver]:
        """Return the groups that moved a metric, by the grouping in which one of them stands out most."""
        told = [change for by in GROUPINGS if (change := self._changes(by).get(metric)) and change.parts]
        if not told:
            return []
        most = max(told, key=_outstanding)
        return [Driver(most.by, part.group, float(part.change)) for part in most.parts]

    def groups(self, by: str, metrics: Sequence[str]) -> list[tuple[str, Mapping[str, Value]]]:
        """Return the values of each group."""
        found = self._grouped(self.period, by, tuple(metrics))
        return [(group.key[0], group.values) for group in found]

    def spread(self, metric: str, measure: str) -> pl.DataFrame:
        """Return how often each size of a spread occurs."""
        asked = self._view.engine.metric(metric)
        rows = self._view.evaluator(self._days(*self.period), self.period.last, (), [asked]).sizes(asked, measure, ())
        found = [(*edges(bucket), n) for bucket, n in rows.sort("bucket").select("bucket", "n").iter_rows()]
        return pl.DataFrame(found, schema=dict.fromkeys(("low", "high", "n"), pl.Int64), orient="row")

    def rows(self, table: str, columns: Sequence[str], *, days_before: int = 0) -> pl.DataFrame:
        """Return columns of the rows of a fact table that the store keeps."""
        days = self._view.days(self._dates.first - ONE * days_before, self._dates.last)
        return self._view.kept_rows(table, days).select("id", *columns)

    def evidence(self, metric: str) -> pl.DataFrame:
        """Return the evidence that the store keeps."""
        with self._view.store.reading() as connection:
            found = read_evidence(connection, [day.id for day in self._days(*self.period)], metric)
        return found.select(name for name in EVIDENCE if name != "metric")

    def listed(self, listing: str) -> pl.DataFrame | None:
        """Return a listing that the store keeps, built of the period."""
        plugin, asked = self._listings.get(listing, (None, None))
        if plugin is None or asked is None:
            return None
        rows = gathered_rows(self._view, plugin, asked, self._dates.last, self._dates.first)
        return None if rows.is_empty() else Lister(self._view.engine, plugin, asked).built(rows).rows

    def table(self, name: str) -> pl.DataFrame | None:
        """Return a small input table."""
        found = self._view.engine.small(name)
        return None if found is None else found.clone()

    def topics(self) -> pl.DataFrame:
        """Return the topics as the last night saw them."""
        return pl.DataFrame(topics_of(self._view), infer_schema_length=None)

    def repairs(self) -> pl.DataFrame:
        """Return the repair queue as it stands."""
        found = Queue(self._view.store).all(Filter(states=tuple(ItemState)), self._dates.last)
        return pl.DataFrame([self._repair(item) for item in found], schema=REPAIRS)

    def reason_titles(self) -> Mapping[str, Title]:
        """Return what the reasons of the repair queue are called."""
        self._view.engine.offer_reasons()
        return {reason.name: reason.title for plugin in self._view.engine.host.working() for reason in plugin.reasons}

    def scorecards(self) -> list[Scorecard]:
        """Return the scorecards of the settings."""
        return steered.scorecards(self._view, self._dates)

    def goals(self) -> list[Goal]:
        """Return the goals of the settings, as they stand at the end of the period."""
        return steered.goals_at_end(self._view, self._dates)

    def balance(self, by: str) -> list[Balanced]:
        """Return where each agent, team or queue stands."""
        return steered.balanced(self._view, self._dates, by)

    @property
    def input(self) -> Mapping[str, Mapping[str, int]]:
        """Of each table that the last run read: its rows and what became of them."""
        return self._shown.outcome.input or {}

    @property
    def failures(self) -> Sequence[tuple[str, str]]:
        """What is missing, by plugin, and why."""
        return [(failure.plugin, failure.error) for failure in self._view.engine.failures()]

    @property
    def provisional(self) -> Sequence[dt.date]:
        """Dates that late data may still change."""
        return self._shown.provisional

    @property
    def missing(self) -> Sequence[dt.date]:
        """Dates of the period that the store does not have."""
        return self._shown.missing

    @property
    def unmeasured(self) -> Mapping[str, Sequence[dt.date]]:
        """Of each metric the dates that were stored before there was such a metric."""
        return self._shown.unmeasured

    @cached_property
    def _shown(self) -> Shown:
        names = [metric.name for metric in self.metrics if metric.companion_of is None]
        return show(self._view, self._dates, (), self._view.settings.lookback, names)

    @cached_property
    def _listings(self) -> dict[str, tuple[Plugin, Listing]]:
        return {listing.name: (plugin, listing) for plugin, listing in kept_listings(self._view)}

    def _companions_of(self, span: Span) -> Mapping[str, Value]:
        metrics = [metric for metric in self.metrics if metric.companion_of is not None]
        return self._view.groups(self._days(*span), span.last, (), metrics)[0].values

    def _groups_of(self, span: Span, by: str, names: tuple[str, ...]) -> list[GroupValues]:
        metrics = [self._view.engine.metric(name) for name in names]
        return self._view.groups(self._days(*span), span.last, (by,), metrics)

    def _changes_by(self, by: str) -> dict[str, Change]:
        """Return how each metric that is a quotient changed, split by a grouping."""
        if self._shown.before is None:
            return {}
        heads = [m for m in self._shown.outcome.metrics if isinstance(m.value, Ratio) and not m.each]
        names = tuple(metric.name for metric in heads)
        wholes = (self._shown.before, self._shown.outcome.whole)
        grouped = [
            {group.key[0]: group for group in self._grouped(span, by, names)} for span in (self.previous, self.period)
        ]
        found = {}
        for metric in heads:
            old, new = (
                State(
                    whole.values[metric.name],
                    {key: group.values[metric.name] for key, group in groups.items()},
                    None,
                    {},
                )
                for whole, groups in zip(wholes, grouped, strict=True)
            )
            found[metric.name] = split_states(metric, by, old, new)
        return found

    def _repair(self, item: Item) -> dict[str, object]:
        known = {name: getattr(item, name) for name in REPAIRS if name in Item.__dataclass_fields__}
        return known | {
            "state": item.state.value,
            "reasons": [reason.name for reason in item.reasons if reason.active],
            "saves": item.priority,
            "verdict": (item.verification or {}).get("state"),
            "overdue": item.overdue(self.period.last),
        }


def _outstanding(change: Change) -> Fraction:
    """Return how much more of a change the group that stands out has made than its size lets expect."""
    whole = abs(change.change or Fraction())
    return max(abs(part.change) - whole * part.after.weight for part in change.parts)
