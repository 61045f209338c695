"""Periods of a calendar, and the one before each."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from kefu.errors import ConfigError

_WEEK = re.compile(r"(\d{4})-W(\d{2})\Z")
_MONTH = re.compile(r"(\d{4})-(\d{2})\Z")
ONE = dt.timedelta(days=1)
TREND_DAYS = 14
"""A period shorter than this is shown with so many days up to its end."""
MOST_TREND_DAYS = 93
"""The trend of a longer period goes by weeks."""


@dataclass(frozen=True, slots=True)
class Dates:
    """A stretch of local dates, both ends included."""

    first: dt.date
    last: dt.date

    def before(self) -> Dates:
        """Return the stretch before: the calendar month before a whole month, else as many days.

        >>> Dates(dt.date(2025, 3, 1), dt.date(2025, 3, 31)).before()
        Dates(first=datetime.date(2025, 2, 1), last=datetime.date(2025, 2, 28))
        """
        last = self.first - ONE
        if self.first.day == 1 and self.last == _month_end(self.first):
            return Dates(last.replace(day=1), last)
        return Dates(self.first - (self.last - self.first) - ONE, last)

    def trend(self) -> Dates:
        """Return the days to draw a trend of."""
        return Dates(min(self.first, self.last - ONE * (TREND_DAYS - 1)), self.last)

    @property
    def trend_by(self) -> Literal["date", "week"]:
        """What a step of the trend is: a day, or a week where there are too many days to look at."""
        return "date" if (self.last - self.first).days < MOST_TREND_DAYS else "week"


def week(text: str) -> Dates:
    """Read an ISO week, such as 2025-W23.

    :raises ConfigError: it is none.
    """
    found = _WEEK.match(text)
    try:
        first = dt.date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        first = None
    if first is None:
        raise ConfigError(f"{text!r} is no week: write 2025-W23")
    return Dates(first, first + 6 * ONE)


def month(text: str) -> Dates:
    """Read a month, such as 2025-06.

    :raises ConfigError: it is none.
    """
    found = _MONTH.match(text)
    if not found or not 1 <= int(found[2]) <= 12:  # noqa: PLR2004 - months
        raise ConfigError(f"{text!r} is no month: write 2025-06")
    first = dt.date(int(found[1]), int(found[2]), 1)
    return Dates(first, _month_end(first))


def _month_end(first: dt.date) -> dt.date:
    return (first + 31 * ONE).replace(day=1) - ONE
