"""How the values of a metric behave: what bounds them, how their noise grows, which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kefu.metric import Better, Count, Metric, Quantile, RankCorrelation, Ratio, Total
from kefu.run.values import Measured

Floats = NDArray[np.float64]
Kind = Literal["share", "rate", "times", "free"]
"""``share``: a part of a whole, from 0 to 1. ``rate``: so many a session, from 0. ``times``: durations and amounts,
from 0, whose noise is in proportion to them. ``free``: any number."""
SHARES = frozenset({"csat", "adherence", "occupancy", "login_rate", "shrinkage", "absence_rate"})
"""Ratios that cannot be above 1, although they divide no number of rows."""
ALIKE = 1000
"""The weight of a value that says nothing of how many things it is of: every one has the same."""


@dataclass(frozen=True, slots=True)
class Nature:
    """What is known of a metric before any value is seen.

    :param band: between which values a metric should be whose middle is best; ``None`` where nobody said.
    """

    kind: Kind
    better: Better
    band: tuple[float, float] | None = None

    @property
    def low(self) -> float:
        """The least value there can be."""
        return -np.inf if self.kind == "free" else 0.0

    @property
    def high(self) -> float:
        """The greatest value there can be."""
        return 1.0 if self.kind == "share" else np.inf

    def noise(self, level: Floats) -> Floats:
        """Return how far one session strays from a level, up to a factor that is the same for all levels."""
        match self.kind:
            case "share":
                return np.sqrt(np.clip(level * (1 - level), 0, None))
            case "rate":
                return np.sqrt(np.clip(level, 0, None))
            case "times":
                return np.abs(level)
            case "free":
                return np.ones_like(level)


def nature_of(metric: Metric) -> Nature:
    """Return how the values of a metric behave."""
    return Nature(_kind(metric), metric.better, metric.band)


def _kind(metric: Metric) -> Kind:
    if metric.unit == "ratio" and (metric.name in SHARES or _counts(metric)):
        return "share"
    if metric.unit in ("ratio", "count"):
        return "rate"
    return "times" if metric.unit in ("seconds", "days", "amount") else "free"


def _counts(metric: Metric) -> bool:
    """Return whether a formula divides a number of rows by a number of rows of the same table."""
    if metric.each or not isinstance(metric.value, Ratio):
        return False
    measures = [metric.measures[name] for name in metric.value.names]
    return all(isinstance(one, Count) for one in measures) and len({metric.table_of(one) for one in measures}) == 1


def weight_of(metric: Metric, measures: Measured) -> int:
    """Return how many things a value is of: its denominator, or the number of values in a spread.

    >>> from kefu.metric import Title
    >>> no = Title("", "")
    >>> rate = Metric("rate", no, "sessions", {}, Ratio("hits", "sessions"), "ratio", "lower", "", no)
    >>> weight_of(rate, {"hits": 3, "sessions": 40})
    40
    """
    if metric.each:
        return ALIKE
    match metric.value:
        case Ratio(bottom=str(name)) | Quantile(spread=name) | RankCorrelation(pairs=name):
            return measures[name] or 0
        case Ratio(bottom=Total(plus=plus, minus=minus)):
            return sum(measures[name] or 0 for name in plus) - sum(measures[name] or 0 for name in minus)
        case _:
            return ALIKE
