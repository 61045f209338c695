"""Local days of the business time zone, in bulk: UTC microseconds in, local dates out."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

EPOCH = dt.date(1970, 1, 1)
MICROSECOND = dt.timedelta(microseconds=1)
UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Ints = npt.NDArray[np.int64]


def date_of(day: int) -> dt.date:
    """Return days since 1970-01-01 as a date."""
    return EPOCH + dt.timedelta(days=day)


@lru_cache(maxsize=4096)
def day_start(day: int, timezone: str) -> int:
    """Return when a local day begins, as UTC microseconds.

    A day begins at its first instant: where a clock change skips midnight, that is the end of the gap.
    """
    midnight = dt.datetime.combine(date_of(day), dt.time(), ZoneInfo(timezone))
    return (midnight.astimezone(dt.UTC) - UNIX) // MICROSECOND


class LocalDays:
    """Local days of one time zone."""

    def __init__(self, timezone: str) -> None:
        """Prepare for a zone of the tz database."""
        self.timezone = timezone

    def starts(self, first: int, last: int) -> Ints:
        """Return where each day from ``first`` to ``last`` begins, and where the last one ends."""
        return np.array([day_start(day, self.timezone) for day in range(first, last + 2)], dtype=np.int64)

    def of(self, times: Ints) -> npt.NDArray[np.int32]:
        """Return the local day (days since 1970) of each time (UTC microseconds)."""
        if not len(times):
            return np.zeros(0, dtype=np.int32)
        day = 86_400_000_000
        first, last = int(times.min()) // day - 1, int(times.max()) // day + 1
        starts = self.starts(first, last)
        found = np.searchsorted(starts, times, side="right") - 1 + first
        return found.astype(np.int32)
