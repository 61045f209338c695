"""Days, ISO weeks and months as whole numbers, one after the other."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from kefu.night.periods import ONE, Dates, month, week

PeriodKind = Literal["day", "week", "month"]
COLUMNS: dict[PeriodKind, str] = {"day": "date", "week": "week", "month": "month"}
"""What values are grouped by."""
SEASONS: dict[PeriodKind, int] = {"day": 7, "week": 0, "month": 0}
"""After how many periods things come round again."""
_YEAR = 12


def number_of(date: dt.date, kind: PeriodKind) -> int:
    """Return the number of the period that a date is in.

    >>> number_of(dt.date(2025, 6, 8), "week") + 1 == number_of(dt.date(2025, 6, 9), "week")
    True
    """
    match kind:
        case "day":
            return date.toordinal()
        case "week":
            return (date.toordinal() - 1) // 7
        case "month":
            return date.year * _YEAR + date.month - 1


def dates_of(number: int, kind: PeriodKind) -> Dates:
    """Return the dates of a period.

    >>> dates_of(number_of(dt.date(2025, 6, 4), "week"), "week")
    Dates(first=datetime.date(2025, 6, 2), last=datetime.date(2025, 6, 8))
    """
    match kind:
        case "day":
            return Dates(dt.date.fromordinal(number), dt.date.fromordinal(number))
        case "week":
            first = dt.date.fromordinal(number * 7 + 1)
            return Dates(first, first + 6 * ONE)
        case "month":
            year, before = divmod(number, _YEAR)
            return month(f"{year:04}-{before + 1:02}")


def label_of(number: int, kind: PeriodKind) -> str:
    """Return how people write a period.

    >>> label_of(number_of(dt.date(2025, 6, 4), "week"), "week")
    '2025-W23'
    """
    first = dates_of(number, kind).first
    return first.strftime({"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}[kind])


def number_of_label(label: str, kind: PeriodKind) -> int:
    """Return the number of a period as people, and groups of values, write it."""
    match kind:
        case "day":
            return number_of(dt.date.fromisoformat(label), kind)
        case "week":
            return number_of(week(label).first, kind)
        case "month":
            return number_of(month(label).first, kind)
