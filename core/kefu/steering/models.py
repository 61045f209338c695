"""The models that try to say an agent's next value, each from nothing but the past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from kefu.steering.nature import Floats, Nature
from kefu.steering.panel import Panel, Past

Model = Literal["naive", "level", "ridge"]
MODELS: tuple[Model, ...] = ("naive", "level", "ridge")
"""From the simplest on. ``naive``: the last value again. ``level``: the agent's own mean, drawn to the team's.
``ridge``: a linear model of all agents together."""
LEARNT = 2
"""The first column that a model learns from: before it there is too little of a past."""
PENALTY = 30.0
"""How strongly the linear model is drawn to the level; of those tried on simulated teams, the best."""


def said_of(panel: Panel, pasts: Sequence[Past], column: int, nature: Nature) -> dict[Model, Floats]:
    """Return what each model, taught by the columns before, says of a column.

    :param pasts: the past of each column from ``LEARNT`` on.
    """
    now = pasts[column - LEARNT]
    off = _ridge(_lessons(panel, pasts[: column - LEARNT]), now.features)
    return {
        "naive": now.last,
        "level": now.level,
        "ridge": np.clip(now.level + now.scale * off, nature.low, nature.high),
    }


Lesson = tuple[Floats, Floats, Floats]
"""Features, how far the value ended up from the level, in units of the scale, and what the value is of."""


def _lessons(panel: Panel, pasts: Iterable[Past]) -> list[Lesson]:
    found = []
    for column, known in enumerate(pasts, start=LEARNT):
        there = panel.weights[known.rows, column] > 0
        rows = known.rows[there]
        off = (panel.values[rows, column] - known.level[there]) / known.scale[there]
        if len(rows):
            found.append((known.features[there], off, panel.weights[rows, column]))
    return found


def _ridge(lessons: Sequence[Lesson], features: Floats) -> Floats:
    """Return how far from the level a linear model expects values; nowhere, if there was nothing to learn."""
    from sklearn.linear_model import Ridge

    if not lessons or not len(features):
        return np.zeros(len(features))
    seen, off, weights = (np.concatenate(parts) for parts in zip(*lessons, strict=True))
    usual = np.sqrt(np.median(weights))
    model = Ridge(PENALTY, solver="cholesky")
    model.fit(seen * usual, off, sample_weight=weights / (weights + usual**2))
    return np.asarray(model.predict(features * usual), dtype=np.float64)
