"""How a value becomes 0 to 100 points, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

FULL = 100
Place = Literal["channel", "queue", "scene", "agent_id", "team"]
"""What a part of the sessions can be told by."""


class Aim(BaseModel):
    """The manner of all records of this package: no unknown name, no change, finite numbers only."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Words(Aim):
    """A text in both languages; a single one stands for both."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _one_for_both(cls, told: Any) -> Any:  # noqa: ANN401 - whatever a file holds
        return {"zh": told, "en": told} if isinstance(told, str) else told


class Scale(Aim):
    """Where a value has no points and where it has all: a line from ``floor`` to ``target``, or a ``band``.

    A target below the floor says that less is better. Within the band all points are given; from there they fall to
    none at the outer ``limits``. ``weight`` is how much the metric counts beside others; 0 leaves it out.
    """

    weight: float = Field(default=1, ge=0)
    floor: float | None = None
    target: float | None = None
    band: tuple[float, float] | None = None
    limits: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        line, band = (self.floor, self.target), (self.band, self.limits)
        if (None in line or band != (None, None)) and (None in band or line != (None, None)):
            raise ValueError("write floor and target, or band and limits")
        if self.floor is not None and self.floor == self.target:
            raise ValueError("floor and target must not be equal")
        if self.band and self.limits and not self.limits[0] <= self.band[0] <= self.band[1] <= self.limits[1]:
            raise ValueError("the band must lie within the limits, and the lower end comes first")
        return self

    @property
    def rewards(self) -> Literal["higher", "lower", "middle"]:
        """Which values have more points."""
        if self.floor is None or self.target is None:
            return "middle"
        return "higher" if self.target > self.floor else "lower"

    def points(self, value: float) -> Fraction:
        """Return the points of a value, from 0 to 100.

        >>> Scale(floor=120, target=20).points(45)
        Fraction(75, 1)
        >>> Scale(band=(3, 8), limits=(1, 12)).points(11)
        Fraction(25, 1)
        """
        if self.floor is not None and self.target is not None:
            return _line(exact(value), exact(self.floor), exact(self.target))
        (low, high), (least, most) = self.band or (0, 0), self.limits or (0, 0)
        if low <= value <= high:
            return Fraction(FULL)
        if value < low:
            return _line(exact(value), exact(least), exact(low)) if least < low else Fraction()
        return _line(exact(value), exact(most), exact(high)) if high < most else Fraction()


def exact(value: float) -> Fraction:
    """Return a number as it is written: 0.1 is a tenth.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(value)))


def _line(value: Fraction, floor: Fraction, target: Fraction) -> Fraction:
    return min(max((value - floor) / (target - floor), Fraction()), Fraction(1)) * FULL


def laid_over(told: Any, ours: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever a file holds
    """Lay scales that were told over ours, metric by metric; who tells the other form of a scale means that one."""
    if not isinstance(told, Mapping):
        return told
    found: dict[str, Any] = {**ours}
    for name, scale in told.items():
        known = ours.get(name, {})
        if not isinstance(scale, Mapping):
            found[name] = scale
            continue
        if {"band", "limits"} & {*scale}:
            known = {key: value for key, value in known.items() if key not in ("floor", "target")}
        if {"floor", "target"} & {*scale}:
            known = {key: value for key, value in known.items() if key not in ("band", "limits")}
        found[name] = {**known, **scale}
    return found


class Where(Aim):
    """Of which sessions something is said: those of a queue, a scene, an agent …; of all without any."""

    where: dict[Place, str] = {}

    @field_validator("where")
    @classmethod
    def _in_order(cls, where: dict[Place, str]) -> dict[Place, str]:
        return dict(sorted(where.items()))
