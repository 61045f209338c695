"""Models tried on the past: each period predicted from those before it, chosen on earlier, judged on later ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from kefu.steering.models import LEARNT, MODELS, Model, said_of
from kefu.steering.nature import Floats, Nature
from kefu.steering.panel import Panel, Past

ORIGIN = LEARNT + 1
"""The first column that is predicted; the model for the next one is chosen by it."""
CHANCE = 0.05
"""How often a model that is no better may seem to be."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the models said of a period, and what came: an entry for each agent with both.

    :param agents: which rows of the panel.
    :param scale: how far one session strays, by the past.
    :param weight: what the value was expected to be of, by the past.
    """

    agents: NDArray[np.intp]
    actual: Floats
    scale: Floats
    weight: Floats
    said: Mapping[Model, Floats]

    def off(self, model: Model) -> Floats:
        """Return how far above a model's values the actual ones were."""
        return self.actual - self.said[model]


def tries(panel: Panel, pasts: Sequence[Past], nature: Nature) -> list[Tried]:
    """Predict every column from those before it; columns without any value are passed over."""
    found = (_try(panel, pasts, column, nature) for column in range(ORIGIN, panel.values.shape[1]))
    return [one for one in found if len(one.agents)]


def _try(panel: Panel, pasts: Sequence[Past], column: int, nature: Nature) -> Tried:
    known = pasts[column - LEARNT]
    there = panel.weights[known.rows, column] > 0
    said = said_of(panel, pasts, column, nature)
    agents = known.rows[there]
    return Tried(
        agents,
        panel.values[agents, column],
        known.scale[there],
        known.weight[there],
        {model: values[there] for model, values in said.items()},
    )


def chosen(tried: Sequence[Tried]) -> list[Model]:
    """Return the model for each period but the first, chosen by those before it, and the one for the next period."""
    return [best(tried[:number]) for number in range(1, len(tried) + 1)]


def best(tried: Sequence[Tried]) -> Model:
    """Return the model with the least mean error; of equals the simplest."""
    return min(MODELS, key=lambda model: mean_error(tried, repeat(model, len(tried))))


def mean_error(tried: Iterable[Tried], models: Iterable[Model]) -> float:
    """Return the mean absolute error, each period with its own model."""
    return float(np.abs(np.concatenate([one.off(model) for one, model in zip(tried, models, strict=True)])).mean())


def beats_naive(tried: Sequence[Tried], models: Sequence[Model]) -> bool:
    """Return whether errors are smaller than those of "same as last time" by more than chance makes of it.

    Values of one period have the period in common, those of one agent the agent: the gain has to stand out from its
    spread over periods and from that over agents.
    """
    pairs = [*zip(tried, models, strict=True)]
    gains = np.concatenate([np.abs(one.off("naive")) - np.abs(one.off(model)) for one, model in pairs])
    periods = np.repeat(np.arange(len(pairs)), [len(one.agents) for one in tried])
    return _stands_out(gains, periods) and _stands_out(gains, np.concatenate([one.agents for one in tried]))


def _stands_out(gains: Floats, groups: NDArray[np.intp]) -> bool:
    """Return whether a mean is above 0 for sure, if values of one group may be of one cause."""
    from scipy.stats import t as student

    names, at = np.unique(groups, return_inverse=True)
    if len(names) < 2:  # noqa: PLR2004 - one group has no spread
        return False
    sums = np.bincount(at, gains - gains.mean())
    error = np.sqrt((sums**2).sum() * len(names) / (len(names) - 1)) / len(gains)
    return bool(gains.mean() > student.ppf(1 - CHANCE, len(names) - 1) * error)
