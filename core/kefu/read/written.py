"""Written times of one shape, many at once: digits by their place in the text.

One grammar, ``SHAPE``, says what a written time may look like. A value that has it serves as a template for all
values of the same length whose signs stand in the same places.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from kefu.read.zones import DAY, FIRST, LAST, SECOND, Zone

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

MISSING, READ, UNREADABLE, OUTSIDE = 0, 1, 2, 3
"""What became of a value: it is not there, it is read, it is no time, it is no time that is believed."""

SHAPE = re.compile(
    rb"[ \t]*(?P<Y>[0-9]{4})(?:-|/|\.|\xe5\xb9\xb4)(?P<m>[0-9]{1,2})(?:-|/|\.|\xe6\x9c\x88)(?P<d>[0-9]{1,2})"
    rb"(?:\xe6\x97\xa5)?"
    rb"(?:[Tt ] ?(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?"
    rb" ?(?P<zone>Z|z|UTC|GMT|(?P<sign>[+-])(?P<h>[0-9]{2})(?::?(?P<n>[0-9]{2}))?)?)?[ \t]*"
)
"""``2025-06-01``, ``2025/6/1 9:05``, ``2025年6月1日 09:05:00``, ``2025-06-01T09:05:00.123456+08:00`` …"""
STEP: Final = 16_384
"""So many values at a time stay in the cache of a processor."""
MOST_OFFSET: Final = 14 * 60
HOURS, MINUTES, SECONDS = 24, 60, 61
"""What an hour, minute and second stay below: a leap second is the first second of the next minute."""

_MONTHS = np.arange("1970-01", "2200-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int32)
_STARTS, _LENGTHS = _MONTHS[:-1], np.diff(_MONTHS).astype(np.uint32)


def by_template(texts: pl.Series, shape: re.Match[bytes], zone: Zone) -> tuple[Ints, Codes]:
    """Read values that are all as long as the template; those that do not fit it stay ``MISSING``."""
    size = len(shape.string)
    cells = texts.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, size)).to_numpy().reshape(-1, size)
    values, codes = np.empty(len(cells), dtype=np.int64), np.empty(len(cells), dtype=np.uint8)
    for start in range(0, len(cells), STEP):
        piece = slice(start, start + STEP)
        values[piece], codes[piece] = _piece(cells[piece].T.copy(), shape, zone)
    return values, codes


def wall_time(parts: dict[str, Small]) -> tuple[Ints, Flags, Flags]:
    """Return wall-clock microseconds, whether there is such a time, and whether its year is believed."""
    month, day = parts["m"] - 1, parts["d"] - 1
    index = (parts["Y"] - 1970) * 12 + month
    inside = index.view(np.uint32) < len(_STARTS)
    if not inside.all():
        index = np.where(inside, index, 0)
    good = (month.view(np.uint32) < 12) & (day.view(np.uint32) < _LENGTHS[index])  # noqa: PLR2004 -- months
    seconds = (_STARTS[index] + day).astype(np.int64) * (DAY // SECOND)
    for name, most, worth in (("H", HOURS, 3600), ("M", MINUTES, 60), ("S", SECONDS, 1)):
        if name in parts:
            good &= parts[name] < most
            seconds += parts[name] * worth
    return seconds * SECOND, good, inside


def _piece(grid: Bytes, shape: re.Match[bytes], zone: Zone) -> tuple[Ints, Codes]:
    """Read some values whose places are the rows of a grid."""
    fields = {name: shape.span(name) for name in "YmdHMSfhn" if shape.group(name) is not None}
    places = [place for start, end in fields.values() for place in range(start, end)]
    grid[places] -= 48
    fits = np.maximum.reduce(grid[places]) < 10  # noqa: PLR2004 -- a digit
    for place in set(range(len(grid))) - set(places):
        fits &= grid[place] == shape.string[place]
    parts = {name: _number(grid[start:end]) for name, (start, end) in fields.items()}
    values, good, inside = wall_time(parts)
    if "f" in parts:
        values += parts["f"].astype(np.int64) * 10**9 // 10 ** (3 + len(shape["f"]))
    if shape.group("zone") is None:
        values = zone.to_utc(pl.Series(np.where(good & inside, values, FIRST))).to_numpy()
    elif shape.group("sign") is not None:
        minutes = parts["h"] * 60 + parts.get("n", np.int32(0))
        good &= minutes <= MOST_OFFSET
        values -= minutes * np.int64(60 * SECOND if shape.group("sign") == b"+" else -60 * SECOND)
    inside &= (values >= FIRST) & (values <= LAST)
    if (fits & good & inside).all():
        return values, np.full(len(fits), READ, dtype=np.uint8)
    codes = np.where(good, np.where(inside, READ, OUTSIDE), UNREADABLE)
    return values, np.where(fits, codes, MISSING).astype(np.uint8)


def _number(digits: Bytes) -> Small:
    total: Small = digits[0].astype(np.int32)
    for digit in digits[1:]:
        total *= 10
        total += digit
    return total
