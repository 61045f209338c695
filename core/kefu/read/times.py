"""Times as they come, to microseconds of UTC, for whole columns.

A column is read in rounds: the first value that is left says how to read all values like it. Most columns need one
round; what is left after many is sorted by shape first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl

from kefu.read.written import (
    MISSING,
    OUTSIDE,
    READ,
    SHAPE,
    UNREADABLE,
    Codes,
    Flags,
    Ints,
    by_template,
    wall_time,
)
from kefu.read.zones import FIRST, LAST, Zone

WHOLE: Final = "^[+-]?[0-9]+$"
DECIMAL: Final = "^[0-9]+[.][0-9]+$"
NUMBER: Final = re.compile(rb"[ \t]*(?:[+-]?[0-9]+|[0-9]+[.][0-9]+)[ \t]*")
UNITS: Final = ("seconds", "milliseconds", "microseconds", "nanoseconds")
ROUNDS: Final = 8
OTHER_UNIT: Final = 4
"""``OTHER_UNIT + u``: an epoch in ``UNITS[u]`` where the column holds another unit."""
BLANK: Final = 255

_EDGES: Ints = np.array([86_400, 10**11, 10**14, 10**17], dtype=np.int64)
_MICROS, _NANOS = 2, 3
_SHORT = (1970_01_02, 2199_12_31)
_LONG = (1970_01_02_000000, 2199_12_31_235959)
_MOST = 4 * 10**12
_ALIKE = str.maketrans("0123456789", "0" * 10)


@dataclass(slots=True)
class Units:
    """In which unit each epoch column of one file counts: that of most of its values.

    :param told: columns whose unit is known, or taken from the first values.
    :param votes: how many values of each unit were seen, by column.
    """

    told: dict[str, int] = field(default_factory=dict)
    votes: dict[str, Ints] = field(default_factory=dict)

    def unit(self, column: str, counts: Ints) -> int:
        """Count values of a column, and return its unit as far as is known."""
        seen = self.votes.setdefault(column, np.zeros(4, dtype=np.int64))
        seen += counts
        return self.told.setdefault(column, int(seen.argmax())) if seen.any() else 0

    def wrong(self) -> dict[str, int]:
        """Return the units of the columns that began otherwise than most of their values are."""
        found = {column: int(seen.argmax()) for column, seen in self.votes.items() if seen.any()}
        return {column: unit for column, unit in found.items() if self.told[column] != unit}


@dataclass(slots=True)
class Clock:
    """What the reading of times in one file needs to know."""

    zone: Zone
    units: Units = field(default_factory=Units)


def text_times(texts: pl.Series, clock: Clock) -> tuple[pl.Series, Codes]:
    """Read written times: microseconds of UTC, null where there is none; and what became of each value."""
    left = texts.drop_nulls()
    if not len(left):
        return texts.cast(pl.Int64), np.full(len(texts), MISSING, dtype=np.uint8)
    got, kinds = _round(left, clock)
    if len(left) == len(texts) and (kinds == READ).all():
        return pl.Series(texts.name, got), kinds
    values, codes = np.zeros(len(texts), dtype=np.int64), np.zeros(len(texts), dtype=np.uint8)
    rows = np.flatnonzero(texts.is_not_null().to_numpy())
    for _ in range(ROUNDS):
        done = kinds != MISSING
        values[rows[done]], codes[rows[done]] = got[done], kinds[done]
        if done.all():
            break
        rows, left = rows[~done], left.filter(pl.Series(~done))
        got, kinds = _round(left, clock)
    else:
        values[rows], codes[rows] = _by_shape(left, clock)
    codes[codes == BLANK] = MISSING
    return _series(texts.name, values, codes), codes


def number_times(numbers: pl.Series, clock: Clock) -> tuple[pl.Series, Codes]:
    """Read epochs: microseconds of UTC, null where there is none; and what became of each value."""
    codes = np.zeros(len(numbers), dtype=np.uint8)
    values = np.zeros(len(numbers), dtype=np.int64)
    rows = np.flatnonzero(numbers.is_not_null().to_numpy())
    unit = clock.units.unit(numbers.name, _votes(numbers))
    values[rows], codes[rows] = _epochs(numbers.drop_nulls(), unit, clock.zone)
    return _series(numbers.name, values, codes), codes


def in_range(times: pl.Series) -> pl.Series:
    """Return the UTC microseconds with those that are not believed as null."""
    low, high = times.min(), times.max()
    if not isinstance(low, int) or not isinstance(high, int) or (low >= FIRST and high <= LAST):
        return times
    return times.to_frame().select(pl.when(times.is_between(FIRST, LAST)).then(times)).to_series()


def unit_votes(name: str, kind: pl.DataType) -> list[pl.Expr]:
    """Return, for each unit, how many values of a stored column are epochs in it; nothing for a column without."""
    if not (kind.is_numeric() or kind == pl.String):
        return []
    value = pl.col(name).cast(pl.Float64, strict=False)
    dates = value.is_between(*_SHORT) | value.is_between(*_LONG)
    ends = [*_EDGES[1:].tolist(), float("inf")]
    pairs = zip(_EDGES.tolist(), ends, strict=True)
    return [(value.is_between(low, high, closed="left") & ~dates).sum() for low, high in pairs]


def _series(name: str, values: Ints, codes: Codes) -> pl.Series:
    series = pl.Series(name, values)
    if (codes == READ).all():
        return series
    return pl.select(pl.when(pl.Series(codes == READ)).then(series).alias(name)).to_series()


def _round(texts: pl.Series, clock: Clock) -> tuple[Ints, Codes]:
    """Read the values that look like the first one; the others stay ``MISSING``."""
    sample = str(texts[0]).encode(errors="replace")
    codes = np.zeros(len(texts), dtype=np.uint8)
    values = np.zeros(len(texts), dtype=np.int64)
    if shape := SHAPE.fullmatch(sample):
        like = texts.str.len_bytes() == len(sample)
        if like.all():
            return by_template(texts, shape, clock.zone)
        rows = np.flatnonzero(like.to_numpy())
        values[rows], codes[rows] = by_template(texts.filter(like), shape, clock.zone)
        return values, codes
    if NUMBER.fullmatch(sample):
        values, codes = _written_epochs(texts, clock)
    if codes[0] == MISSING:
        codes[(texts == texts[0]).to_numpy()] = UNREADABLE if sample.strip(b" \t") else BLANK
    return values, codes


def _written_epochs(texts: pl.Series, clock: Clock) -> tuple[Ints, Codes]:
    """Read the values that are digits, with a fraction or without."""
    tidy = texts.str.strip_chars(" \t").to_frame("t")
    whole = tidy.select(pl.when(pl.col("t").str.contains(WHOLE)).then("t").cast(pl.Int64, strict=False)).to_series()
    split = tidy.select(pl.when(pl.col("t").str.contains(DECIMAL)).then("t").cast(pl.Float64)).to_series()
    unit = clock.units.unit(texts.name, _votes(whole) + _votes(split))
    values, codes = np.zeros(len(texts), dtype=np.int64), np.zeros(len(texts), dtype=np.uint8)
    for numbers in (whole, split):
        rows = np.flatnonzero(numbers.is_not_null().to_numpy())
        values[rows], codes[rows] = _epochs(numbers.drop_nulls(), unit, clock.zone)
    return values, codes


def _by_shape(texts: pl.Series, clock: Clock) -> tuple[Ints, Codes]:
    """Read values of many shapes: sort them by shape, one by one, and read those of a shape together."""
    values, codes = np.zeros(len(texts), dtype=np.int64), np.full(len(texts), UNREADABLE, dtype=np.uint8)
    shapes: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        written = text.encode()
        if SHAPE.fullmatch(written) or not text.strip(" \t"):
            shapes.setdefault(text.translate(_ALIKE), []).append(row)
        elif NUMBER.fullmatch(written):
            shapes.setdefault("number", []).append(row)
    for rows in shapes.values():
        got, kinds = _round(texts.gather(rows), clock)
        values[rows], codes[rows] = got, np.where(kinds == MISSING, UNREADABLE, kinds)
    return values, codes


def _votes(numbers: pl.Series) -> Ints:
    """Count the values of each unit."""
    whole = numbers.drop_nulls().cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    unit_of = np.searchsorted(_EDGES, whole, side="right") - 1
    short, long = _like_dates(whole)
    return np.bincount(unit_of[(unit_of >= 0) & ~(short | long)], minlength=4)


def _epochs(numbers: pl.Series, unit: int, zone: Zone) -> tuple[Ints, Codes]:
    """Read numbers as epochs of a unit, or as the digits of a date."""
    whole = numbers.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    unit_of = np.searchsorted(_EDGES, whole, side="right") - 1
    values = _scaled(numbers, whole, unit)
    inside = (values >= FIRST) & (values <= LAST)
    codes = np.where(unit_of == unit, np.where(inside, READ, OUTSIDE), OTHER_UNIT + unit_of)
    codes = np.where(unit_of < 0, OUTSIDE, codes)
    short, long = _like_dates(whole)
    if (dated := short | long).any():
        dates, real = _dates(np.where(short, whole * 1_000_000, np.where(long, whole, _LONG[0])), zone)
        values = np.where(dated, dates, values)
        codes = np.where(dated, np.where(real, READ, UNREADABLE), codes)
    return values, codes.astype(np.uint8)


def _scaled(numbers: pl.Series, whole: Ints, unit: int) -> Ints:
    """Return microseconds; a fraction of the unit counts as far as microseconds go."""
    if unit == _NANOS:
        return whole // 1000
    per = 10 ** (6 - 3 * unit)
    values: Ints = np.clip(whole, -_MOST, _MOST) * per if unit < _MICROS else whole
    if not numbers.dtype.is_float() or unit == _MICROS:
        return values
    fraction = np.nan_to_num(numbers.to_numpy() - whole, nan=0.0, posinf=0.0, neginf=0.0)
    values += np.rint(np.clip(fraction, -1, 1) * per).astype(np.int64)
    return values


def _like_dates(whole: Ints) -> tuple[Flags, Flags]:
    """Return which numbers look like 20250601, and which like 20250601093000."""
    return (whole >= _SHORT[0]) & (whole <= _SHORT[1]), (whole >= _LONG[0]) & (whole <= _LONG[1])


def _dates(stamp: Ints, zone: Zone) -> tuple[Ints, Flags]:
    """Return the times of numbers such as 20250601093000, and which of them are times."""
    parts = {name: (stamp // 100**place % 100).astype(np.int32) for place, name in enumerate("SMHdm")}
    values, good, _ = wall_time(parts | {"Y": (stamp // 10**10).astype(np.int32)})
    values = zone.to_utc(pl.Series(np.where(good, values, FIRST))).to_numpy()
    return values, good & (values >= FIRST)
