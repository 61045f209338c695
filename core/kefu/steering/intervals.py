"""Intervals that hold nine values of ten: as wide as the errors of the past were (split conformal prediction).

Errors are made comparable first: a value of few sessions strays further than one of many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kefu.steering.backtest import Tried
from kefu.steering.models import Model
from kefu.steering.nature import Floats, Nature

BEYOND = 20
"""One value of so many may be beyond each end: nine of ten are inside."""
ENOUGH = BEYOND - 1
"""With fewer errors, the ends would have to be beyond the greatest of them."""
BRIM = 1 + 1e-9
"""An end is beyond the error that it is made of, for the same error, which counts repeat, is to be inside again."""
ROUNDS = 3
"""How often the weights of errors follow from their expected size."""


@dataclass(frozen=True, slots=True)
class Ends:
    """How far below and above a forecast the ends are, for a value whose errors are of size 1.

    :param own: the part of the variance that every value has, in units of its scale.
    :param shared: the part that is the less, the more sessions a value is of.
    """

    below: float
    above: float
    own: float
    shared: float

    def around(self, values: Floats, scale: Floats, weight: Floats, nature: Nature) -> tuple[Floats, Floats]:
        """Return both ends for each forecast, within what there can be."""
        size = _size(self.own, self.shared, scale, weight)
        return (
            np.clip(values + self.below * size, nature.low, nature.high),
            np.clip(values + self.above * size, nature.low, nature.high),
        )


def ends_of(tried: Sequence[Tried], model: Model) -> Ends | None:
    """Return how wide intervals have to be, by what a model said of earlier periods; ``None`` for too few of these."""
    if sum(len(one.agents) for one in tried) < ENOUGH:
        return None
    off, scale, weight = (
        np.concatenate(parts) for parts in zip(*((one.off(model), one.scale, one.weight) for one in tried), strict=True)
    )
    own, shared = _parts(off / scale, weight)
    errors = np.sort(off / _size(own, shared, scale, weight))
    beyond = (len(errors) + 1) // BEYOND
    below, above = errors[beyond - 1], errors[-beyond]
    return Ends(min(float(below), 0.0) * BRIM, max(float(above), 0.0) * BRIM, own, shared)


def _size(own: float, shared: float, scale: Floats, weight: Floats) -> Floats:
    return scale * np.sqrt(own + shared / weight)


def _parts(errors: Floats, weight: Floats) -> tuple[float, float]:
    """Return which part of the squared errors is the same for all, and which goes down with the weight."""
    from scipy.optimize import nnls

    squares, terms = errors**2, np.column_stack([np.ones_like(weight), 1 / weight])
    if not squares.any():
        return 1.0, 0.0
    parts = np.array([squares.mean(), 0.0])
    for _ in range(ROUNDS):
        trust = 1 / (terms @ parts)
        parts, _off = nnls(terms * trust[:, None], squares * trust)
    return float(parts[0]), float(parts[1])


def held(tried: Sequence[Tried], models: Sequence[Model], nature: Nature) -> float | None:
    """Return the share of values inside the interval that the periods before theirs would have given them.

    :param models: the model of each period but the first.
    """
    inside = []
    for number, model in enumerate(models, start=1):
        ends, one = ends_of(tried[:number], model), tried[number]
        if ends is not None:
            low, high = ends.around(one.said[model], one.scale, one.weight, nature)
            inside.append((low <= one.actual) & (one.actual <= high))
    return float(np.concatenate(inside).mean()) if inside else None
