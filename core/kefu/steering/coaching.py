"""The coaching list: for each agent the metrics that hold them back most, against the middle of the team.

What counts is how far somebody is behind for sure: from the nearer end of an interval around the value, which is the
wider, the fewer sessions it is seen in. A bad week of three sessions tops no list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from kefu.config import OutlookSettings
from kefu.night.view import StoreView
from kefu.steering.forecast import Forecast
from kefu.steering.nature import Floats, Nature, nature_of
from kefu.steering.outlook import Outlook, outlook
from kefu.steering.panel import LEAST_VALUES, Panel, mean

LATELY = 4
"""The last periods, which are looked at together; a trend is against as many before them."""
MOST = 2
"""So many metrics are enough to work on."""
WORTH = 0.25
"""Who is behind for sure by less than this, in spreads of the team, is not held back."""
SURE = 1.645
"""Half the width of an interval in standard errors: nine of ten hold the true value."""
TO_SPREAD = 1.4826
"""The standard deviation of normal values ÷ their median distance from the median."""
Trend = Literal["improving", "worsening", "steady"]


@dataclass(frozen=True, slots=True)
class WeakPoint:
    """A metric that holds an agent back.

    :param value: of the last periods together.
    :param weight: what the value is of.
    :param aim: the team's median; of a metric whose middle is best, the nearer end of its band.
    :param gap: how far the value is on the wrong side of the aim, in the metric's own unit.
    :param score: the part of the gap that is sure, in spreads of the team; the list goes by this.
    :param trend: against the periods before; ``None`` where there is nothing to compare with.
    """

    metric: str
    value: float
    weight: int
    aim: float
    gap: float
    score: float
    trend: Trend | None
    forecast: Forecast | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What to work on with an agent, the worst first."""

    agent_id: str
    points: tuple[WeakPoint, ...]


def coaching(view: StoreView, settings: OutlookSettings, found: Outlook | dt.date | None = None) -> list[Advice]:
    """Return what to work on with whom, those who are furthest behind first; agents without a weak point are not there.

    :param found: the outlook, if it is known already, or the date up to which the store counts.
    """
    known = found if isinstance(found, Outlook) else outlook(view, settings, found)
    return advise(known, settings.least_weight, settings.least_agents)


def advise(found: Outlook, least_weight: int, least_agents: int) -> list[Advice]:
    """Return what to work on with whom, by an outlook."""
    forecasts = {(one.metric, one.agent_id): one for one in found.forecasts}
    upto = {one.metric: one.period for one in found.verdicts}
    points: dict[str, list[WeakPoint]] = {}
    for metric in found.metrics:
        own = found.rows.filter(pl.col("metric") == metric.name)
        told = weak_points(
            metric.name, own, nature_of(metric), upto[metric.name], least_weight, least_agents, forecasts
        )
        for agent, point in told.items():
            points.setdefault(agent, []).append(point)
    return listed(points)


def listed(points: Mapping[str, Iterable[WeakPoint]]) -> list[Advice]:
    """Return the worst points of each agent, the worst agent first; of equals, by id."""
    worst = [Advice(agent, tuple(sorted(own, key=lambda p: -p.score)[:MOST])) for agent, own in points.items()]
    return sorted((one for one in worst if one.points), key=lambda one: (-one.points[0].score, one.agent_id))


def weak_points(
    metric: str,
    rows: pl.DataFrame,
    nature: Nature,
    upto: int,
    least_weight: int,
    least_agents: int,
    forecasts: Mapping[tuple[str, str], Forecast] | None = None,
) -> dict[str, WeakPoint]:
    """Return the agents whom a metric holds back.

    :param rows: ``agent_id``, ``period``, ``value`` and ``weight``, in any order; those before ``upto`` count.
    """
    rows = rows.filter(pl.col("period") < upto)
    lately, before = _stretch(rows, upto), _stretch(rows, upto - LATELY)
    there = [agent for agent, (_, weight) in lately.items() if weight >= least_weight]
    if len(there) < least_agents or (nature.better == "middle" and nature.band is None):
        return {}
    values = np.array([lately[agent][0] for agent in there])
    weights = np.array([lately[agent][1] for agent in there])
    spread = _spread(values)
    aims = _aims(values, nature)
    gaps = _behind(values, aims, nature)
    unrest = _unrest(rows, nature)
    scores = _sure(values, weights, aims, nature, unrest) / spread if spread > 0 else np.zeros_like(gaps)
    found = {}
    for at in np.flatnonzero(scores >= WORTH):
        agent = there[at]
        trend = _trend(lately[agent], before.get(agent), nature, unrest, least_weight)
        forecast = (forecasts or {}).get((metric, agent))
        numbers = (float(aims[at]), float(gaps[at]), float(scores[at]))
        found[agent] = WeakPoint(metric, float(values[at]), int(weights[at]), *numbers, trend, forecast)
    return found


Seen = tuple[float, int]
"""A value, and what it is of."""


def _stretch(rows: pl.DataFrame, upto: int) -> dict[str, Seen]:
    """Return each agent's value of the ``LATELY`` periods before one, together."""
    panel = Panel.of(rows.filter(pl.col("period") >= upto - LATELY), upto)
    values, weights = mean(panel.values, panel.weights, axis=1), panel.weights.sum(axis=1)
    return {agent: (float(values[at]), int(weights[at])) for at, agent in enumerate(panel.agents)}


def _spread(values: Floats) -> float:
    """Return how far agents are from their median; by those who are not on it, if most are."""
    off = np.abs(values - np.median(values))
    usual = float(np.median(off))
    return TO_SPREAD * (usual if usual > 0 else float(off.mean()))


def _aims(values: Floats, nature: Nature) -> Floats:
    if nature.better != "middle" or nature.band is None:
        return np.full(len(values), np.median(values))
    low, high = nature.band
    return np.where(values < low, low, high)


def _behind(values: Floats, aims: Floats, nature: Nature) -> Floats:
    """Return how far values are on the wrong side of what they should be; below 0 on the right side."""
    match nature.better:
        case "lower":
            return values - aims
        case "higher":
            return aims - values
        case "middle":
            low, high = nature.band or (-np.inf, np.inf)
            return np.where((values < low) | (values > high), np.abs(values - aims), 0.0)


def _unrest(rows: pl.DataFrame, nature: Nature) -> float:
    """Return the variance of one session, in units of the metric's noise at the agent's level; 1 if it is not known.

    What changes from period to period, sessions being alike, is noise.
    """
    panel = Panel.of(rows, int(rows["period"].max()) + 1)  # type: ignore[arg-type]
    often = (panel.weights > 0).sum(axis=1) >= LEAST_VALUES
    values, weights = panel.values[often], panel.weights[often]
    own = mean(values, weights, axis=1)[:, None]
    size = nature.noise(own)
    squares = (weights * (values - own) ** 2 / np.where(size > 0, size, 1) ** 2)[size[:, 0] > 0]
    free = ((weights > 0).sum(axis=1) - 1)[size[:, 0] > 0].sum()
    return float(squares.sum() / free) if free else 1.0


def _sure(values: Floats, weights: Floats, aims: Floats, nature: Nature, unrest: float) -> Floats:
    """Return how far the nearer ends of intervals are on the wrong side; below 0 where an interval holds the aim."""
    low, high = bounds(values, weights, nature, unrest)
    return np.where(_behind(values, aims, nature) > 0, np.where(values > aims, low - aims, aims - high), 0.0)


def bounds(values: Floats, weights: Floats, nature: Nature, unrest: float) -> tuple[Floats, Floats]:
    """Return the ends of a 90 % interval around each value.

    Of shares and of counts they are Wilson's, which are never of no width, with as many sessions as the unrest leaves;
    of other values by the normal distribution.
    """
    sizes = weights / max(unrest, 1.0)
    more = SURE**2 / sizes
    match nature.kind:
        case "share":
            middle = (values + more / 2) / (1 + more)
            half = SURE * np.sqrt(np.clip(values * (1 - values), 0, None) / sizes + more / sizes / 4) / (1 + more)
        case "rate":
            middle, half = values + more / 2, SURE * np.sqrt(values / sizes + more / sizes / 4)
        case "times" | "free":
            middle, half = values, SURE * nature.noise(values) * np.sqrt(unrest / weights)
    return middle - half, middle + half


def _trend(now: Seen, before: Seen | None, nature: Nature, unrest: float, least_weight: int) -> Trend | None:
    """Say whether the last periods are better than those before, by more than chance."""
    if before is None or before[1] < least_weight:
        return None
    values, weights = np.array([before[0], now[0]]), np.array([before[1], now[1]], dtype=np.float64)
    low, high = bounds(values, weights, nature, unrest)
    less = _less_behind(values, nature)
    if abs(less) <= float(np.hypot(*(high - low))) / 2:
        return "steady"
    return "improving" if less > 0 else "worsening"


def _less_behind(values: Floats, nature: Nature) -> float:
    """Return how much nearer to the right side the second of two values is."""
    if nature.better == "middle":
        was, now = _behind(values, _aims(values, nature), nature)
        return float(was - now)
    rise = float(values[1] - values[0])
    return rise if nature.better == "higher" else -rise
