"""Sections of the report and the dashboard, as data: what a plugin says of a period, in blocks for people.

A section is built from a ``Reading``, which answers what is asked of it and nothing else. This module imports no
other module of kefu but ``metric`` and ``blocks``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import polars as pl

from kefu.blocks import Block
from kefu.metric import Metric, Title, Unit


class Span(NamedTuple):
    """A stretch of local dates, both ends included."""

    first: dt.date
    last: dt.date


class Told(Protocol):
    """A value of a metric, with the measures behind it and its coverage."""

    @property
    def value(self) -> float | None: ...  # noqa: D102

    @property
    def measures(self) -> Mapping[str, int | None]: ...  # noqa: D102

    @property
    def coverage(self) -> float | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Driver:
    """A group that moved a metric since the period before.

    :param by: what it is a group of, such as ``queue``; ``key`` is which.
    :param effect: how much of the change is due to it, in the metric's unit.
    """

    by: str
    key: str
    effect: float


@dataclass(frozen=True, slots=True)
class Scored:
    """Who has how many points on a scorecard.

    :param key: which agent, team or queue; empty for the whole.
    :param before: the points of the period before.
    :param given: what each metric gave; ``None`` where it has no value.
    :param note: why there is no rank.
    """

    key: str
    rank: int | None
    sessions: int | None
    points: float | None
    before: float | None
    given: Mapping[str, float | None]
    note: Title | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A scorecard, the best first.

    :param by: whom it ranks: ``agent_id``, ``team`` …, or ``whole``.
    :param weights: the share of each metric.
    :param notes: what to know of it, such as which metrics have no value.
    """

    title: Title
    by: str
    weights: Mapping[str, float]
    lines: tuple[Scored, ...]
    notes: tuple[Title, ...] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal, as it stands.

    :param status: met, on track, at risk, missed or unknown, in words; ``reason`` says why.
    :param days: the values of the days since it began.
    """

    title: Title
    metric: str
    unit: Unit
    owner: str
    baseline: float
    target: float
    start: dt.date
    deadline: dt.date
    value: float | None
    projected: float | None
    status: Title
    reason: Title
    days: tuple[tuple[dt.date, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Balanced:
    """Where somebody stands on efficiency and on what customers perceive, in points of 100, and how both changed."""

    key: str
    sessions: int | None
    efficiency: float | None
    efficiency_change: float | None
    perception: float | None
    perception_change: float | None
    quadrant: Title | None
    warnings: tuple[Title, ...] = ()


class Reading(Protocol):
    """What a section may ask of a period. Nothing is read before it is asked for."""

    @property
    def language(self) -> Literal["zh", "en"]:
        """The language of the reader; blocks are in both."""
        ...

    @property
    def timezone(self) -> str:
        """The business time zone."""
        ...

    @property
    def period(self) -> Span:
        """The dates that it is about."""
        ...

    @property
    def previous(self) -> Span:
        """The dates before, to compare with."""
        ...

    @property
    def trend_by(self) -> Literal["date", "week"]:
        """What a step of a trend is; a week is named by its Monday."""
        ...

    @property
    def metrics(self) -> Sequence[Metric]:
        """All metrics that work."""
        ...

    def value(self, metric: str) -> Told | None:
        """Return the value of a metric; ``None`` where there is no such metric."""
        ...

    def before(self, metric: str) -> Told | None:
        """Return the value of the period before; ``None`` where the store has none of its dates."""
        ...

    def trend(self, metric: str) -> Sequence[tuple[dt.date, float | None]]:
        """Return the values up to the end of the period, those of a short period with some days before it."""
        ...

    def target(self, metric: str) -> float | None:
        """Return what the metric should reach, where a goal or a scorecard says so."""
        ...

    def drivers(self, metric: str) -> Sequence[Driver]:
        """Return the groups that moved a metric since the period before, the strongest first."""
        ...

    def groups(self, by: str, metrics: Sequence[str]) -> Sequence[tuple[str, Mapping[str, Told]]]:
        """Return the values of each group by ``channel``, ``queue``, ``scene``, ``agent_id`` or ``team``."""
        ...

    def spread(self, metric: str, measure: str) -> pl.DataFrame:
        """Return how often each size of a ``Spread`` occurs: ``low``, ``high`` (both included) and ``n``, in order."""
        ...

    def rows(self, table: str, columns: Sequence[str], *, days_before: int = 0) -> pl.DataFrame:
        """Return columns of the rows of a fact table that the store keeps, with the ``id`` of their session."""
        ...

    def evidence(self, metric: str) -> pl.DataFrame:
        """Return the evidence that the store keeps.

        Columns: ``session_id``, ``message_id``, ``sent_at``, ``role``, ``text`` (masked), ``why_zh``, ``why_en`` and
        ``hits``, a list of ``word``, ``category``, ``severity``, ``start`` and ``end``.
        """
        ...

    def listed(self, listing: str) -> pl.DataFrame | None:
        """Return a listing that the store keeps, built of the period; ``None`` where it keeps none of it."""
        ...

    def table(self, name: str) -> pl.DataFrame | None:
        """Return a small input table as the last run read it, or ``None``."""
        ...

    def topics(self) -> pl.DataFrame:
        """Return the topics as the last night saw them: those of the listing ``topics``, and ``item_id``."""
        ...

    def repairs(self) -> pl.DataFrame:
        """Return the repair queue as it stands.

        Columns: ``id``, ``subject``, ``subject_id``, ``title``, ``state``, ``reasons`` (a list of names), ``saves``,
        ``opened_at``, ``due_on``, ``assignee``, ``repaired_at``, ``verdict`` and ``overdue`` at the end of the period.
        """
        ...

    def reason_titles(self) -> Mapping[str, Title]:
        """Return what the reasons of the repair queue are called."""
        ...

    def scorecards(self) -> Sequence[Scorecard]:
        """Return the scorecards of the settings."""
        ...

    def goals(self) -> Sequence[Goal]:
        """Return the goals of the settings, as they stand at the end of the period."""
        ...

    def balance(self, by: str) -> Sequence[Balanced]:
        """Return where each agent (``agent_id``), ``team`` or ``queue`` stands."""
        ...

    @property
    def input(self) -> Mapping[str, Mapping[str, int]]:
        """Of each table that the last run read: ``rows``, ``rejected`` and ``duplicates``."""
        ...

    @property
    def failures(self) -> Sequence[tuple[str, str]]:
        """What is missing, by plugin, and why."""
        ...

    @property
    def provisional(self) -> Sequence[dt.date]:
        """Dates that late data may still change."""
        ...

    @property
    def missing(self) -> Sequence[dt.date]:
        """Dates of the period that the store does not have."""
        ...

    @property
    def unmeasured(self) -> Mapping[str, Sequence[dt.date]]:
        """Of each metric the dates that were stored before there was such a metric."""
        ...


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report and the dashboard.

    :param name: its id, in lower case with underscores; no other plugin may use it.
    :param title: its heading.
    :param build: a reading in, blocks out; no blocks where there is nothing to say, and then there is no heading.
    :param order: its place: 10 at a glance, 20 to 40 groups and times, 50 to 70 texts and knowledge, 80 people, 90
        what to know of the data.
    :param reads: a sentence below the heading.
    """

    name: str
    title: Title
    build: Callable[[Reading], Iterable[Block]]
    order: int = 50
    reads: Title | None = None
