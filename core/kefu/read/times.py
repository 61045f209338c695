"""Times as they come, to microseconds of UTC, for whole columns.

A column is read in rounds: the first value that is left says how to read all values like it. Most columns need one
round; what is left after many is read value by value, in the same way.
"""

from __future__ import annotations

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

DECIMAL: Final = "^[0-9]+[.][0-9]+$"
UNITS: Final = ("seconds", "milliseconds", "microseconds", "nanoseconds")
ROUNDS: Final = 24
OTHER_UNIT: Final = 4
"""``OTHER_UNIT + u``: an epoch in ``UNITS[u]`` where the column holds another unit."""
BLANK: Final = 255

_EDGES: Ints = np.array([86_400, 10**11, 10**14, 10**17], dtype=np.int64)
_MICROS, _NANOS = 2, 3
_SHORT = (1970_01_02, 2199_12_31)
_LONG = (1970_01_02_000000, 2199_12_31_235959)
_MOST = 4 * 10**12


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
        return self.told.setdefault(column, int(seen.argmax()))

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
        values[rows], codes[rows] = _one_by_one(left, clock)
    codes[codes == BLANK] = MISSING
    return _series(texts.name, values, codes), codes


def number_times(numbers: pl.Series, clock: Clock) -> tuple[pl.Series, Codes]:
    """Read epochs: microseconds of UTC, null where there is none; and what became of each value."""
    codes = np.zeros(len(numbers), dtype=np.uint8)
    values = np.zeros(len(numbers), dtype=np.int64)
    rows = np.flatnonzero(numbers.is_not_null().to_numpy())
    values[rows], codes[rows] = _epochs(numbers.drop_nulls(), clock)
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
    elif not sample.strip():
        codes[(texts.str.strip_chars() == "").to_numpy()] = BLANK
    elif (numbers := _digits(texts)) is not None:
        rows = np.flatnonzero(numbers.is_not_null().to_numpy())
        values[rows], codes[rows] = _epochs(numbers.drop_nulls(), clock)
    else:
        codes[(texts == texts[0]).to_numpy()] = UNREADABLE
    return values, codes


def _digits(texts: pl.Series) -> pl.Series | None:
    """Return the values as numbers, null where they are none; ``None`` where the first one is none."""
    numbers = texts.cast(pl.Int64, strict=False)
    if numbers[0] is not None:
        return numbers
    decimals = texts.to_frame().select(pl.when(pl.first().str.contains(DECIMAL)).then(pl.first())).to_series()
    numbers = decimals.cast(pl.Float64, strict=False)
    return None if numbers[0] is None else numbers


def _one_by_one(texts: pl.Series, clock: Clock) -> tuple[Ints, Codes]:
    """Read values that share no shape, each distinct one by itself."""
    known: dict[str, tuple[int, int]] = {}
    for text in texts.unique():
        got, kinds = _round(pl.Series(texts.name, [text], dtype=pl.String), clock)
        known[text] = (int(got[0]), int(kinds[0]))
    pairs = [known[text] for text in texts]
    return np.array([p[0] for p in pairs], dtype=np.int64), np.array([p[1] for p in pairs], dtype=np.uint8)


def _epochs(numbers: pl.Series, clock: Clock) -> tuple[Ints, Codes]:
    """Read numbers as epochs of the column's unit, or as the digits of a date."""
    whole = numbers.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    unit_of = np.searchsorted(_EDGES, whole, side="right") - 1
    dates, dated, real = _dates(whole, clock.zone)
    counts = np.bincount(unit_of[(unit_of >= 0) & ~dated], minlength=4)
    unit = clock.units.unit(numbers.name, counts) if counts.any() else 0
    values = _scaled(numbers, whole, unit)
    inside = (values >= FIRST) & (values <= LAST)
    codes = np.where(unit_of == unit, np.where(inside, READ, OUTSIDE), OTHER_UNIT + unit_of)
    codes = np.where(unit_of < 0, OUTSIDE, codes)
    codes = np.where(dated, np.where(real, READ, UNREADABLE), codes)
    return np.where(dated, dates, values), codes.astype(np.uint8)


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


def _dates(whole: Ints, zone: Zone) -> tuple[Ints, Flags, Flags]:
    """Return the times of numbers such as 20250601 and 20250601093000, which look like one, and which are."""
    short = (whole >= _SHORT[0]) & (whole <= _SHORT[1])
    long = (whole >= _LONG[0]) & (whole <= _LONG[1])
    dated = short | long
    if not dated.any():
        return whole, dated, dated
    stamp = np.where(short, whole * 1_000_000, np.where(long, whole, _LONG[0]))
    parts = {name: (stamp // 100**place % 100).astype(np.int32) for place, name in enumerate("SMHdm")}
    values, good, _ = wall_time(parts | {"Y": (stamp // 10**10).astype(np.int32)})
    values = zone.to_utc(pl.Series(np.where(good, values, FIRST))).to_numpy()
    return values, dated, good & (values >= FIRST)
