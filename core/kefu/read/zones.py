"""Local wall-clock times to UTC, for whole columns.

Times are integers: microseconds since 1970-01-01, of the wall clock or of UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import polars as pl

from kefu.errors import ConfigError

SECOND = 1_000_000
DAY = 86_400 * SECOND
FIRST = DAY
"""The earliest time that is believed: 1970-01-02."""
LAST = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * SECOND - 1
"""The latest: the end of 2199."""
_EARLIEST, _LATEST, _WEEK = -30_000, 90_000, 7
"""In days; no zone has ever changed its clocks there and back within a week."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Zone:
    """The business time zone.

    :raises ConfigError: there is no time zone of that name.
    """

    name: str

    def __post_init__(self) -> None:
        """Look the name up once, so that a wrong one is told at the start."""
        _zone(self.name)

    def to_utc(self, wall: pl.Series) -> pl.Series:
        """Turn wall-clock times into UTC; null stays null.

        A time that a clock skipped becomes the instant of the skip, the earliest that exists from there on; a
        time that a clock showed twice is the first of the two.
        """
        low, high = wall.min(), wall.max()
        if not isinstance(low, int) or not isinstance(high, int):
            return wall
        walls, instants, offsets = _changes(self.name, low // DAY - 2, high // DAY + 2)
        if len(offsets) == 1:
            return wall - int(offsets[0])
        values = wall.fill_null(low).to_numpy()
        piece = np.searchsorted(walls, values, side="right")
        utc = pl.Series(wall.name, np.minimum(values - offsets[piece], instants[piece]))
        return utc if not wall.null_count() else pl.select(pl.when(wall.is_not_null()).then(utc)).to_series()

    def to_wall(self, utc: pl.Series) -> pl.Series:
        """Turn UTC into wall-clock times; null stays null."""
        low, high = utc.min(), utc.max()
        if not isinstance(low, int) or not isinstance(high, int):
            return utc
        _, instants, offsets = _changes(self.name, low // DAY - 2, high // DAY + 2)
        if len(offsets) == 1:
            return utc + int(offsets[0])
        values = utc.fill_null(low).to_numpy()
        moved = pl.Series(utc.name, values + offsets[np.searchsorted(instants[:-1], values, side="right")])
        return moved if not utc.null_count() else pl.select(pl.when(utc.is_not_null()).then(moved)).to_series()


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"there is no time zone {name!r}: use a name such as Asia/Shanghai or UTC") from error


def _offset(zone: ZoneInfo, second: int) -> int:
    """Return the zone's offset at an instant, in seconds."""
    shift = (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    return int(shift.total_seconds()) if shift else 0


@lru_cache(maxsize=256)
def _changes(name: str, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the changes of offset between two days, as three columns.

    ``offsets`` has one entry more than there are changes; ``instants`` ends with a time that never comes;
    ``walls[i]`` is where the wall clock certainly shows ``offsets[i + 1]``.
    """
    zone = _zone(name)
    days = [*range(max(first, _EARLIEST), min(last, _LATEST), _WEEK), min(last, _LATEST)]
    offsets, instants = [_offset(zone, days[0] * 86_400)], []
    for before, day in pairwise(days):
        after = _offset(zone, day * 86_400)
        if after != offsets[-1]:
            instants.append(_switch(zone, before * 86_400, day * 86_400))
            offsets.append(after)
    pairs = zip(instants, offsets, offsets[1:], strict=False)
    walls = [instant + max(before, after) for instant, before, after in pairs]
    never = np.iinfo(np.int64).max
    return (
        np.array(walls, dtype=np.int64) * SECOND,
        np.append(np.array(instants, dtype=np.int64) * SECOND, never),
        np.array(offsets, dtype=np.int64) * SECOND,
    )


def _switch(zone: ZoneInfo, low: int, high: int) -> int:
    """Return the first second at which the offset is that of ``high``."""
    after = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(zone, middle) == after else (middle, high)
    return high
