"""The straight line through values of days: least squares, exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kefu.aims.scale import exact
from kefu.night.periods import Dates

LEAST_DAYS = 5
"""With fewer days that have a value there is no trend."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line.

    :param middle: its value in the middle of the days that it was drawn through …
    :param day: … which is this day, as a number of days since year 1, and a fraction.
    :param slope: its change a day.
    """

    day: Fraction
    middle: Fraction
    slope: Fraction

    def over(self, dates: Dates) -> Fraction:
        """Return its mean over some days."""
        day = Fraction(dates.first.toordinal() + dates.last.toordinal(), 2)
        return self.middle + self.slope * (day - self.day)


def trend(values: Mapping[dt.date, float]) -> Trend | None:
    """Draw the line from which the values differ least, in squares; every day weighs the same.

    >>> trend({dt.date(2025, 6, day): float(day * day) for day in (1, 2, 3, 4, 5)}).slope
    Fraction(6, 1)
    """
    if len(values) < LEAST_DAYS:
        return None
    points = [(Fraction(day.toordinal()), exact(value)) for day, value in sorted(values.items())]
    x = sum((day for day, _ in points), Fraction()) / len(points)
    y = sum((value for _, value in points), Fraction()) / len(points)
    spread = sum(((day - x) ** 2 for day, _ in points), Fraction())
    slope = sum(((day - x) * (value - y) for day, value in points), Fraction()) / spread
    return Trend(x, y, slope)
