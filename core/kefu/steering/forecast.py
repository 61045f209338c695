"""Each agent's next value of a metric, by the model that did best on the past, with an interval.

A model that is not better than "same as last time" by more than chance is not used, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from kefu.steering.backtest import beats_naive, chosen, mean_error, tries
from kefu.steering.intervals import ends_of, held
from kefu.steering.models import LEARNT, Model, said_of
from kefu.steering.nature import Floats, Nature
from kefu.steering.panel import LEAST_VALUES, Panel, Past, past

Said = Literal["better", "no_better", "too_few_periods", "too_few_agents"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a forecast takes.

    :param least_weight: a value of fewer sessions (or whatever the metric divides by) says nothing.
    :param season: after how many periods things come round again; 0 for never.
    """

    least_periods: int = 6
    least_agents: int = 4
    least_weight: int = 5
    season: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the models of a metric did on the past.

    :param period: the period that is forecast.
    :param model: what the forecasts are made with.
    :param error: the mean absolute error of the models that were chosen, each by the periods before.
    :param naive_error: that of "same as last time", on the same values.
    :param forecasts: how many values both were judged on.
    :param periods: of how many periods these values are.
    :param inside: the share of these values that were inside their intervals.
    """

    metric: str
    period: int
    said: Said
    model: Model = "naive"
    error: float | None = None
    naive_error: float | None = None
    forecasts: int = 0
    periods: int = 0
    inside: float | None = None

    @property
    def better(self) -> bool:
        """Whether a model is better than "same as last time"."""
        return self.said == "better"


@dataclass(frozen=True, slots=True)
class Forecast:
    """An agent's next value and the last one; with the ends of an interval, where there is enough of a past."""

    metric: str
    agent_id: str
    period: int
    value: float
    low: float | None
    high: float | None
    last: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An agent without a forecast: too few values of enough sessions, or none lately.

    :param weight: what the values of all periods are of.
    """

    metric: str
    agent_id: str
    why: Literal["too_few", "gone"]
    weight: int


@dataclass(frozen=True, slots=True)
class Predicted:
    """The forecasts of a metric, by agent."""

    verdict: Verdict
    forecasts: tuple[Forecast, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def predict(metric: str, rows: pl.DataFrame, nature: Nature, upto: int, rules: Rules) -> Predicted:
    """Return each agent's value in the period ``upto``, from those before it.

    :param rows: ``agent_id``, ``period``, ``value`` and ``weight``, in any order; periods are whole numbers, one for
        each stretch of the calendar.
    """
    from threadpoolctl import threadpool_limits

    rows = rows.filter(pl.col("period") < upto)
    panel = Panel.of(rows.filter(pl.col("weight") >= rules.least_weight), upto)
    with threadpool_limits(1):  # the same sums in the same order, however many processors there are
        pasts = [past(panel, column, nature, rules.season) for column in range(LEARNT, panel.values.shape[1] + 1)]
        if not pasts:
            return Predicted(Verdict(metric, upto, "too_few_periods"), (), _left_out(metric, rows, panel, ()))
        verdict, values, low, high = _next(metric, panel, pasts, nature, upto, rules)
    now = pasts[-1]
    found = zip(now.rows, values, low, high, now.last, strict=True)
    forecasts = tuple(
        Forecast(metric, panel.agents[row], upto, float(value), _known(below), _known(above), float(last))
        for row, value, below, above, last in found
    )
    return Predicted(verdict, forecasts, _left_out(metric, rows, panel, [one.agent_id for one in forecasts]))


Told = tuple[Verdict, Floats, Floats, Floats]
"""The verdict, and the values with both ends."""


def _next(metric: str, panel: Panel, pasts: Sequence[Past], nature: Nature, upto: int, rules: Rules) -> Told:
    now = pasts[-1]
    nothing = np.full(len(now.rows), np.nan)
    if panel.periods < rules.least_periods:
        return Verdict(metric, upto, "too_few_periods"), now.last, nothing, nothing
    if len(now.rows) < rules.least_agents:
        return Verdict(metric, upto, "too_few_agents"), now.last, nothing, nothing
    tried = tries(panel, pasts, nature)
    if len(tried) <= 1:
        return Verdict(metric, upto, "too_few_periods"), now.last, nothing, nothing
    *models, final = chosen(tried)
    judged = tried[1:]
    better = final != "naive" and beats_naive(judged, models)
    model: Model = final if better else "naive"
    same: list[Model] = ["naive"] * len(judged)
    verdict = Verdict(
        metric,
        upto,
        "better" if better else "no_better",
        model,
        mean_error(judged, models),
        mean_error(judged, same),
        sum(len(one.agents) for one in judged),
        len(judged),
        held(tried, models if better else same, nature),
    )
    values = said_of(panel, pasts, panel.values.shape[1], nature)[model]
    ends = ends_of(tried, model)
    low, high = (nothing, nothing) if ends is None else ends.around(values, now.scale, now.weight, nature)
    return verdict, values, low, high


def _known(end: float) -> float | None:
    return None if np.isnan(end) else float(end)


def _left_out(metric: str, rows: pl.DataFrame, panel: Panel, told: Sequence[str]) -> tuple[LeftOut, ...]:
    had = (panel.weights > 0).sum(axis=1) >= LEAST_VALUES
    gone = {panel.agents[row] for row in np.flatnonzero(had)}
    whole = rows.group_by("agent_id").agg(pl.col("weight").sum()).sort("agent_id")
    return tuple(
        LeftOut(metric, agent, "gone" if agent in gone else "too_few", weight)
        for agent, weight in whole.filter(~pl.col("agent_id").is_in([*told])).iter_rows()
    )
