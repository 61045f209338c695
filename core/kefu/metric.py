"""A metric is data: named integer measures on a fact table, and one formula over them.

Measures merge: counts and sums add, peaks take the larger, spreads add bucket by bucket. A formula sees merged
measures only, so days, agents and partitions are merged first and divided last. This module imports no other
module of kefu.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

import polars as pl

Unit = Literal["ratio", "seconds", "days", "count", "points", "correlation", "amount"]
Better = Literal["higher", "lower", "middle"]
Group = Literal["intelligence", "quality", "efficiency", "organisation"]


@dataclass(frozen=True, slots=True)
class Title:
    """A name, or any other text for people, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of the fact table fulfil ``where`` (all of them without one).

    :param on: the fact table, where it is not the metric's own.
    """

    where: pl.Expr | None = None
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of an integer column or expression; null counts as nothing."""

    of: pl.Expr
    where: pl.Expr | None = None
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Peak:
    """The largest value of an integer column or expression."""

    of: pl.Expr
    where: pl.Expr | None = None
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How often each size occurs, in buckets less than 1 % wide: what percentiles are read from.

    ``of`` is an integer from 0 to 2⁵³; a negative one counts as 0, null as nothing.
    """

    of: pl.Expr
    where: pl.Expr | None = None
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Value pairs for a rank correlation: ``x`` against the mean ``y_sum`` ÷ ``y_count``, a pair a row.

    Only in ``over``: names are columns of the rows that ``each`` makes. Rows without a ``y`` or an ``x`` make no pair.
    """

    x: str
    y_sum: str
    y_count: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that ``each`` makes, for a ``Computed`` value; only in ``over``.

    :param columns: which of their columns the formula reads: some of ``each`` and of the measures.
    """

    columns: tuple[str, ...]

    def __init__(self, *columns: str) -> None:
        """Take the columns as arguments."""
        object.__setattr__(self, "columns", columns)


Measure = Count | Sum | Peak | Spread
Second = Count | Sum | Pairs | Rows
"""What ``over`` can hold."""


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of some measures, less others: a numerator or denominator of ``Ratio``."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()

    def __init__(self, *plus: str, minus: tuple[str, ...] = ()) -> None:
        """Take the measures to add as arguments, those to subtract as ``minus``."""
        object.__setattr__(self, "plus", plus)
        object.__setattr__(self, "minus", minus)

    @property
    def names(self) -> tuple[str, ...]:
        """Every measure that takes part."""
        return self.plus + self.minus


@dataclass(frozen=True, slots=True)
class Ratio:
    """``top`` × ``times`` ÷ ``bottom`` ÷ ``per``; null where the bottom is 0.

    :param per: what to divide by besides, to change the unit: 1000 makes seconds of milliseconds.
    :param times: what to multiply by: 100 makes points of a share.
    """

    top: str | Total
    bottom: str | Total
    per: int = 1
    times: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """The measures that the formula reads."""
        return _names(self.top) + _names(self.bottom)


@dataclass(frozen=True, slots=True)
class Quantile:
    """The value at ``percent`` by nearest rank of a ``Spread``, within 0.4 %, ÷ ``per``."""

    spread: str
    percent: int
    per: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """The measures that the formula reads."""
        return (self.spread,)


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Spearman's rank correlation of ``Pairs``, ties at their mean rank; null without variation."""

    pairs: str

    @property
    def names(self) -> tuple[str, ...]:
        """The measures that the formula reads."""
        return (self.pairs,)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with an interval around it; both ends ``None`` where it cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """What a function makes of ``Rows``, for formulas that have no name here.

    :param rows: the measure in ``over`` that holds the rows. They come in order of their columns, so that the result
        does not depend on how the data was cut.
    :param of: rows in, each a mapping of the columns; the value, or an estimate with its interval, out.
    :param beside: further measures of ``over`` to show with the value.
    """

    rows: str
    of: Callable[[Sequence[Mapping[str, Any]]], float | Estimate | None]
    beside: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The measures that are shown with the value."""
        return (*self.beside, self.rows)


Formula = Ratio | Quantile | RankCorrelation | Computed


def _names(side: str | Total) -> tuple[str, ...]:
    return (side,) if isinstance(side, str) else side.names


@dataclass(frozen=True, slots=True)
class Evidence:
    """Which messages made the difference, for ``kefu explain``.

    :param where: a condition on the columns of the messages and of their session.
    :param why: what to say beside each; ``{name}`` stands for the value of that column.
    :param on: another table with a ``session_id`` whose rows are shown instead of messages.
    :param marks: the subject of the word lists whose words are marked in the text of each message.
    :param keep: a condition on the columns of sessions: the store keeps the evidence of these sessions, for the
        report and for ``kefu explain`` without transcripts; ``None`` keeps none.
    """

    where: pl.Expr
    why: Title
    on: str = "messages"
    marks: str | None = None
    keep: pl.Expr | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    :param name: its id, in lower case with underscores; no other plugin may use it.
    :param title: 指标 and English name.
    :param on: the fact table that its measures read, unless they name their own.
    :param measures: named integers; the same name with the same meaning may stand in several metrics.
    :param value: the formula over the measures (over ``over`` where that is given).
    :param unit: of the value.
    :param better: the direction to wish for.
    :param source: where the definition comes from.
    :param reads: the formula in words (口径), in both languages.
    :param group: where it stands in the terminal and the report.
    :param companion_of: the metric that it stands beside; ``None`` for a metric of its own.
    :param needs: what must be there at all, else the value is null: tables (``"alerts"``) or columns with any value
        (``"messages.script_id"``); inside a tuple, one of them is enough.
    :param coverage: the share of rows that had the data; without it, 1 where ``needs`` is fulfilled.
    :param each: measures are first merged for each of these columns, as in "for each agent" …
    :param over: … and these measures are then taken over the merged rows.
    :param left_out: conditions on the fact table for rows that the metric is about but could not count, by the
        reason.
    :param evidence: the messages that ``kefu explain`` shows.
    :param only_covered: there is no value where the coverage is 0.
    :param settles: so many days after a date its value is final; until then it is shown as provisional.
    :param band: a value outside is a warning: below the first or above the second.
    """

    name: str
    title: Title
    on: str
    measures: Mapping[str, Measure]
    value: Formula
    unit: Unit
    better: Better
    source: str
    reads: Title
    group: Group = "quality"
    companion_of: str | None = None
    needs: tuple[str | tuple[str, ...], ...] = ()
    coverage: Ratio | None = None
    each: tuple[str, ...] = ()
    over: Mapping[str, Second] = field(default_factory=lambda: MappingProxyType({}))
    left_out: Mapping[Title, pl.Expr] = field(default_factory=lambda: MappingProxyType({}))
    evidence: tuple[Evidence, ...] = ()
    only_covered: bool = False
    settles: int = 0
    band: tuple[float, float] | None = None

    def companion(
        self,
        name: str,
        title: Title,
        *,
        measures: Mapping[str, Measure],
        value: Formula,
        reads: Title,
        **changes: Any,  # noqa: ANN401 - any other field
    ) -> Metric:
        """Return a metric that stands beside this one: the same table, unit and source, unless changed."""
        return replace(
            self,
            **{
                "name": name,
                "title": title,
                "measures": measures,
                "value": value,
                "reads": reads,
                "companion_of": self.name,
                "coverage": None,
                "each": (),
                "over": MappingProxyType({}),
                **changes,
            },
        )

    def table_of(self, measure: Measure) -> str:
        """Return the fact table that a measure reads."""
        return measure.on or self.on
