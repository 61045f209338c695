"""Charts as points of an SVG drawing; templates draw them, with a text or a table that says the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

FIRST = dt.date(1970, 1, 1)
Point = tuple[dt.date, float | None]


@dataclass(frozen=True, slots=True)
class Line:
    """A line over days; a day without a value is a gap.

    :param parts: the stretches between gaps, as points of a polyline; one of a single point is in ``dots``.
    :param end: the last point, ``None`` without any value.
    """

    width: int
    height: int
    parts: Sequence[str]
    dots: Sequence[tuple[float, float]]
    end: tuple[float, float] | None
    known: Sequence[tuple[dt.date, float]]

    @property
    def low(self) -> float:
        """The lowest value."""
        return min(value for _, value in self.known)

    @property
    def high(self) -> float:
        """The highest value."""
        return max(value for _, value in self.known)


def line(points: Sequence[Point], width: int, height: int, margin: int = 4, among: Sequence[Point] = ()) -> Line:
    """Draw values over days, from the lowest to the highest.

    :param among: those of a line that is drawn to the same scale.
    """
    known = [(date, value) for date, value in points if value is not None]
    if not known:
        return Line(width, height, [], [], None, [])
    levels = [value for _, value in (*points, *among) if value is not None]
    low, high = min(levels), max(levels)
    step = (width - 2 * margin) / max(len(points) - 1, 1)
    stretches: list[list[tuple[float, float]]] = [[]]
    for number, (_, value) in enumerate(points):
        if value is None:
            stretches.append([])
            continue
        level = 0.5 if high == low else (value - low) / (high - low)
        stretches[-1].append(
            (round(margin + number * step, 1), round(height - margin - level * (height - 2 * margin), 1))
        )
    whole = [stretch for stretch in stretches if stretch]
    parts = [" ".join(f"{x},{y}" for x, y in stretch) for stretch in whole if len(stretch) > 1]
    return Line(width, height, parts, [one[0] for one in whole if len(one) == 1], whole[-1][-1], known)


def counts(values: Sequence[int], width: int, height: int) -> Line:
    """Draw counts of days that follow each other."""
    return line(
        [(FIRST + dt.timedelta(days=number), float(value)) for number, value in enumerate(values)], width, height
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: how often something was used, and how often it helped."""

    date: dt.date
    uses: int
    good: int
    x: float
    width: float
    uses_height: float
    good_height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars by day.

    :param repair: where the day of the repair begins, ``None`` where it is none of these days.
    """

    width: int
    height: int
    bars: Sequence[Bar]
    repair: float | None


def bars(days: Sequence[tuple[dt.date, int, int]], repaired: dt.date | None, width: int, height: int) -> Bars:
    """Draw uses by day, with those that helped inside; days without any stand empty.

    :param days: dates with the number of uses and of those that helped.
    """
    if not days:
        return Bars(width, height, [], None)
    told = {date: (uses, good) for date, uses, good in days}
    first, last = min(told), max(told)
    dates = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    step, most = width / len(dates), max(1, *(uses for uses, _ in told.values()))
    drawn = []
    for number, date in enumerate(dates):
        uses, good = told.get(date, (0, 0))
        heights = (round(uses / most * height, 1), round(min(good, uses) / most * height, 1))
        drawn.append(Bar(date, uses, good, round(number * step + step * 0.1, 2), round(step * 0.8, 2), *heights))
    inside = repaired is not None and first <= repaired <= last
    return Bars(width, height, drawn, round((repaired - first).days * step, 2) if repaired and inside else None)
