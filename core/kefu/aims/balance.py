"""Settings of the balance of efficiency and perception (``[balance]``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from kefu.aims.house import EFFICIENCY, PERCEPTION
from kefu.aims.scale import Aim, Scale, laid_over


class SideScale(Scale):
    """A scale of one side; with ``instead_of``, only where that metric has no value."""

    instead_of: str | None = None


Side = dict[str, SideScale]


def _ours(side: Mapping[str, Mapping[str, object]]) -> Side:
    return {name: SideScale.model_validate(scale) for name, scale in side.items()}


class BalanceSettings(Aim):
    """What efficiency and perception are made of, and when to warn.

    :param boundary: from so many points on, a side is strong.
    :param threshold: efficiency up and perception down by more points than this is a warning.
    :param least_sessions: who has fewer human sessions in one of both periods is not compared with the period before.
    :param handle_time_fall: a share by which handle time falls; with …
    :param repeat_rise: … repeated contacts rising by this, it is a warning.
    """

    efficiency: Annotated[Side, BeforeValidator(partial(laid_over, ours=EFFICIENCY))] = _ours(EFFICIENCY)
    perception: Annotated[Side, BeforeValidator(partial(laid_over, ours=PERCEPTION))] = _ours(PERCEPTION)
    boundary: float = Field(default=60, ge=0, le=100)
    threshold: float = Field(default=3, ge=0)
    least_sessions: int = Field(default=20, ge=0)
    occupancy_least: float = Field(default=0.75, ge=0)
    occupancy_most: float = Field(default=0.9, ge=0)
    handle_time_fall: float = Field(default=0.05, ge=0)
    repeat_rise: float = Field(default=0.01, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.occupancy_most < self.occupancy_least:
            raise ValueError("occupancy_most must not be below occupancy_least")
        for side in (self.efficiency, self.perception):
            for name, scale in side.items():
                other = scale.instead_of
                if other is not None and (other not in side or side[other].instead_of is not None):
                    raise ValueError(f"{name} is instead of {other}, which must stand beside it and for itself")
        return self
