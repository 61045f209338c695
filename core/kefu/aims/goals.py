"""Settings of goals (``[goals.NAME]``): from where to where, until when, whose."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from kefu.aims.scale import Aim, Where, Words, exact


class Step(Aim):
    """A value to have reached by a date on the way."""

    by: dt.date
    value: float


class GoalSettings(Where):
    """A goal: a metric, of which sessions, from ``baseline`` at ``start`` to ``target`` at ``deadline``.

    :param window_days: the value of so many days up to a date is held against the line.
    """

    metric: str
    title: Words | None = None
    baseline: float
    target: float
    start: dt.date
    deadline: dt.date
    owner: str = Field(min_length=1)
    steps: tuple[Step, ...] = ()
    window_days: int = Field(default=7, ge=1, le=366)

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.deadline <= self.start:
            raise ValueError("the deadline must be later than the start")
        if self.target == self.baseline:
            raise ValueError("target and baseline must not be equal: there would be nothing to do")
        marks = self.marks
        if any(day >= later for (day, _), (later, _) in pairwise(marks)):
            raise ValueError("steps come in order of their dates, between start and deadline")
        if any((later - value) * (self.target - self.baseline) < 0 for (_, value), (_, later) in pairwise(marks)):
            raise ValueError("steps must lead from the baseline to the target, and never back")
        return self

    @property
    def rises(self) -> bool:
        """Whether more is better."""
        return self.target > self.baseline

    @property
    def marks(self) -> list[tuple[dt.date, float]]:
        """The corners of the line: its start, every step, its end."""
        steps = [(step.by, step.value) for step in self.steps]
        return [(self.start, self.baseline), *steps, (self.deadline, self.target)]

    def line(self, day: dt.date) -> Fraction:
        """Return where the line is on a day: before it begins the baseline, after its end the target."""
        if day <= self.start:
            return exact(self.baseline)
        for (first, low), (last, high) in pairwise(self.marks):
            if day <= last:
                return exact(low) + (exact(high) - exact(low)) * Fraction((day - first).days, (last - first).days)
        return exact(self.target)
