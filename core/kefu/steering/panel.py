"""One metric as a table of agents by periods, and what the past of a period says about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kefu.steering.nature import Floats, Nature

RECENT = 4
"""Periods that "lately" means; who has no value in them is not there any more."""
SLOPE = 6
"""Periods that a trend is drawn through."""
LEAST_SCALE = 0.25
"""The least noise of an agent, as a part of that at the team's level."""
LEAST_VALUES = 2
"""An agent with fewer values has no history to speak of."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Values and weights, a row an agent in order of their ids, a column a period without gaps.

    :param first: the period of the first column.
    :param values: 0 where there is none.
    :param weights: 0 where there is no value.
    """

    agents: tuple[str, ...]
    first: int
    values: Floats
    weights: Floats

    @classmethod
    def of(cls, rows: pl.DataFrame, upto: int) -> Panel:
        """Lay out the rows (``agent_id``, ``period``, ``value``, ``weight``) before a period."""
        rows = rows.filter(pl.col("period") < upto).sort("agent_id", "period")
        agents = rows["agent_id"].unique().sort()
        first = upto if rows.is_empty() else int(rows["period"].min())  # type: ignore[arg-type]
        values = np.zeros((len(agents), upto - first))
        weights = np.zeros_like(values)
        at = (agents.search_sorted(rows["agent_id"]).to_numpy(), (rows["period"] - first).to_numpy())
        values[at], weights[at] = rows["value"].to_numpy(), rows["weight"].to_numpy()
        return cls(tuple(agents), first, values, weights)

    @property
    def periods(self) -> int:
        """How many columns hold any value."""
        return int(self.weights.any(axis=0).sum())


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of each agent before a period; a row for each one with enough of a past.

    :param rows: which rows of the panel.
    :param last: the last value.
    :param level: the mean of all values, drawn to the mean of all agents, the more the less it is of.
    :param scale: how far one session strays at this level.
    :param weight: what the next value will be of, by the last ones.
    :param features: what a model reads, in units of the scale.
    """

    rows: np.ndarray[tuple[int], np.dtype[np.intp]]
    last: Floats
    level: Floats
    scale: Floats
    weight: Floats
    features: Floats


def past(panel: Panel, column: int, nature: Nature, season: int = 0) -> Past:
    """Return what the columns before a column say.

    :param season: after how many periods things come round again; 0 for never.
    """
    enough = (panel.weights[:, :column] > 0).sum(axis=1) >= LEAST_VALUES
    rows = np.flatnonzero(enough & panel.weights[:, max(0, column - RECENT) : column].any(axis=1))
    values, weights = panel.values[rows, :column], panel.weights[rows, :column]
    if not len(rows):
        nothing = np.zeros(0)
        return Past(rows, nothing, nothing, nothing, nothing, np.zeros((0, 0)))
    level, team = levels(values, weights)
    scale = _scale(nature, level, team)
    at = column - 1 - (weights[:, ::-1] > 0).argmax(axis=1)
    each = np.arange(len(rows))
    last, size = values[each, at], weights[each, at]
    trust = size / (size + np.median(weights[weights > 0]))
    lately = slice(max(0, column - RECENT), column)
    found = weights[:, lately] > 0
    features = [
        last - level,
        (last - level) * trust,
        mean(values[:, lately], weights[:, lately], axis=1) - level,
        np.full(len(rows), _team_at(values, weights, column - 1, team) - team),
        _slope(values[:, -SLOPE:], weights[:, -SLOPE:]),
        level - team,
    ]
    if season:
        features += _a_season_ago(values, weights, level, team, column - season)
    expected = weights[:, lately].sum(axis=1) / found.sum(axis=1)
    return Past(rows, last, level, scale, expected, np.column_stack(features) / scale[:, None])


def mean(values: Floats, weights: Floats, axis: int | None = None) -> Floats:
    """Return weighted means; 0 where nothing weighs anything."""
    whole = weights.sum(axis=axis)
    return np.asarray((values * weights).sum(axis=axis) / np.where(whole > 0, whole, 1))


def levels(values: Floats, weights: Floats) -> tuple[Floats, float]:
    """Return each agent's mean, drawn to that of all, and the mean of all.

    How far is what the values themselves say: noise within agents against differences between them.
    """
    own, size = mean(values, weights, axis=1), weights.sum(axis=1)
    team = float(mean(values, weights))
    within = (weights * (values - own[:, None]) ** 2).sum() / max(((weights > 0).sum(axis=1) - 1).sum(), 1)
    between = max(np.var(own, ddof=1) - within * np.mean(1 / size), 0.0) if len(own) > 1 else 0.0
    whole = between * size + within
    return np.where(whole > 0, (between * size * own + within * team) / np.where(whole > 0, whole, 1), own), team


def _scale(nature: Nature, level: Floats, team: float) -> Floats:
    """Return how far a session strays; not much less than at the team's level, for who never strayed yet may."""
    least = LEAST_SCALE * float(nature.noise(np.asarray(team)))
    own = np.maximum(nature.noise(level), least)
    return np.where(own > 0, own, 1.0)


def _team_at(values: Floats, weights: Floats, column: int, otherwise: float) -> float:
    there = column >= 0 and weights[:, column].any()
    return float(mean(values[:, column], weights[:, column])) if there else otherwise


def _slope(values: Floats, weights: Floats) -> Floats:
    """Return the slope of each row's straight line; 0 where one point is all there is."""
    steps = np.broadcast_to(np.arange(values.shape[1], dtype=np.float64), values.shape)
    off = steps - mean(steps, weights, axis=1)[:, None]
    whole = (weights * off**2).sum(axis=1)
    return np.asarray((weights * off * values).sum(axis=1) / np.where(whole > 0, whole, 1))


def _a_season_ago(values: Floats, weights: Floats, level: Floats, team: float, column: int) -> list[Floats]:
    if column < 0:
        return [np.zeros(len(level))] * 2
    own = np.where(weights[:, column] > 0, values[:, column] - level, 0.0)
    return [own, np.full(len(level), _team_at(values, weights, column, team) - team)]
