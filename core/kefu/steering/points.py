"""Points of several metrics put together; a metric without a value gives its weight to the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kefu.aims.scale import Scale, exact
from kefu.metric import Title
from kefu.steering.readings import Reading


@dataclass(frozen=True, slots=True)
class Part:
    """What one metric gives to the whole.

    :param points: 0 to 100; ``None`` without a value.
    :param asked: the share of the weight that it was to have, of 1.
    :param weight: the share that it has, after metrics without a value gave theirs; 0 without a value.
    :param given: ``points`` × ``weight``. These add up to the points of the whole.
    """

    metric: str
    value: float | None
    points: Fraction | None
    asked: Fraction
    weight: Fraction
    given: Fraction
    missing: Title | None = None
    wider: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """Points of a whole, ``None`` where no metric has a value, with the part of each metric."""

    points: Fraction | None
    parts: tuple[Part, ...]

    @property
    def missing(self) -> list[Part]:
        """The metrics without a value."""
        return [part for part in self.parts if part.points is None]


def score(scales: Mapping[str, Scale], readings: Mapping[str, Reading]) -> Score:
    """Weigh the points of metrics.

    Weights are in proportion to each other. What a metric without a value was to have goes to the others in
    proportion to theirs.
    """
    weights = {name: exact(scale.weight) for name, scale in scales.items() if scale.weight > 0}
    points = {name: _points(scales[name], readings.get(name)) for name in weights}
    asked = sum(weights.values(), Fraction())
    known = sum((weight for name, weight in weights.items() if points[name] is not None), Fraction())
    parts = tuple(
        _part(name, readings.get(name, Reading(None)), points[name], weight / asked, weight / (known or asked))
        for name, weight in weights.items()
    )
    return Score(sum((part.given for part in parts), Fraction()) if known else None, parts)


def _points(scale: Scale, reading: Reading | None) -> Fraction | None:
    return None if reading is None or reading.value is None else scale.points(reading.value)


def _part(name: str, reading: Reading, points: Fraction | None, asked: Fraction, weight: Fraction) -> Part:
    if points is None:
        return Part(name, None, None, asked, Fraction(), Fraction(), reading.missing, reading.wider)
    return Part(name, reading.value, points, asked, weight, points * weight, None, reading.wider)
