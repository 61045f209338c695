"""Times as they come, to microseconds of UTC, for whole columns.

One grammar (``SHAPE``) says what a written time may look like. A column is read in rounds: the first value that
is left gives a template, and every value of the same length with the same signs between its digits is read by it
at once. Most columns need one round; what is left after many rounds is read value by value, by the same grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from kefu.read.zones import DAY, FIRST, LAST, SECOND, Zone

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.uint8]

SHAPE = re.compile(
    rb"[ \t]*(?P<Y>[0-9]{4})(?:-|/|\.|\xe5\xb9\xb4)(?P<m>[0-9]{1,2})(?:-|/|\.|\xe6\x9c\x88)(?P<d>[0-9]{1,2})"
    rb"(?:\xe6\x97\xa5)?"
    rb"(?:[Tt ] ?(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?"
    rb" ?(?P<zone>Z|z|UTC|GMT|(?P<sign>[+-])(?P<h>[0-9]{2})(?::?(?P<n>[0-9]{2}))?)?)?[ \t]*"
)
"""``2025-06-01``, ``2025/6/1 9:05``, ``2025年6月1日 09:05:00``, ``2025-06-01T09:05:00.123456+08:00`` …"""
DECIMAL: Final = "^[0-9]+[.][0-9]+$"
UNITS: Final = ("seconds", "milliseconds", "microseconds", "nanoseconds")
ROUNDS: Final = 24
STEP: Final = 16_384

MISSING, READ, UNREADABLE, OUTSIDE, OTHER_UNIT = 0, 1, 2, 3, 4
"""What became of a value. ``OTHER_UNIT + u`` is an epoch in ``UNITS[u]`` where the column holds another unit."""

_EDGES: Ints = np.array([86_400, 10**11, 10**14, 10**17], dtype=np.int64)
_STARTS: Ints = np.arange("1970-01", "2200-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
_LENGTHS: Ints = np.diff(_STARTS)


@dataclass(slots=True)
class Units:
    """In which unit each epoch column of one file counts: that of most of its values.

    :param told: columns whose unit is known from a look at the whole file.
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
    values = np.zeros(len(texts), dtype=np.int64)
    codes = np.zeros(len(texts), dtype=np.uint8)
    left, rows = texts, np.arange(len(texts))
    if texts.null_count():
        rows = np.flatnonzero(texts.is_not_null().to_numpy())
        left = texts.drop_nulls()
    for _ in range(ROUNDS):
        if not len(left):
            break
        got, kinds = _round(left, clock)
        done = kinds != MISSING
        values[rows[done]], codes[rows[done]] = got[done], kinds[done]
        if done.all():
            left = left.clear()
        else:
            rows, left = rows[~done], left.filter(pl.Series(~done))
    if len(left):
        values[rows], codes[rows] = _one_by_one(left, clock)
    codes[codes == _BLANK] = MISSING
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


_BLANK: Final = 255


def _series(name: str, values: Ints, codes: Codes) -> pl.Series:
    series = pl.Series(name, values)
    if (codes == READ).all():
        return series
    return pl.select(pl.when(pl.Series(codes == READ)).then(series).alias(name)).to_series()


def _round(texts: pl.Series, clock: Clock) -> tuple[Ints, Codes]:
    """Read the values that look like the first one; the others stay ``MISSING``."""
    codes = np.zeros(len(texts), dtype=np.uint8)
    values = np.zeros(len(texts), dtype=np.int64)
    sample = str(texts[0]).encode(errors="replace")
    shape = SHAPE.fullmatch(sample)
    if shape:
        like = texts.str.len_bytes() == len(sample)
        all_like = bool(like.all())
        rows = slice(None) if all_like else np.flatnonzero(like.to_numpy())
        values[rows], codes[rows] = _by_template(texts if all_like else texts.filter(like), shape, clock)
        return values, codes
    if not sample.strip():
        codes[(texts.str.strip_chars() == "").to_numpy()] = _BLANK
        return values, codes
    numbers = texts.cast(pl.Int64, strict=False)
    if numbers[0] is None:
        numbers = pl.select(pl.when(texts.str.contains(DECIMAL)).then(texts)).to_series().cast(pl.Float64, strict=False)
    if numbers[0] is None:
        codes[(texts == texts[0]).to_numpy()] = UNREADABLE
        return values, codes
    rows = np.flatnonzero(numbers.is_not_null().to_numpy())
    values[rows], codes[rows] = _epochs(numbers.drop_nulls(), clock)
    return values, codes


def _one_by_one(texts: pl.Series, clock: Clock) -> tuple[Ints, Codes]:
    """Read values that share no template, each distinct one by itself."""
    known: dict[str, tuple[int, int]] = {}
    for text in texts.unique():
        got, kinds = _round(pl.Series(texts.name, [text], dtype=pl.String), clock)
        known[text] = (int(got[0]), int(kinds[0]))
    pairs = [known[text] for text in texts]
    return np.array([p[0] for p in pairs], dtype=np.int64), np.array([p[1] for p in pairs], dtype=np.uint8)


def _by_template(texts: pl.Series, shape: re.Match[bytes], clock: Clock) -> tuple[Ints, Codes]:
    """Read the values, all as long as the sample, whose signs stand where the sample has them."""
    size = len(shape.string)
    cells = texts.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, size)).to_numpy().reshape(-1, size)
    values, codes = np.empty(len(cells), dtype=np.int64), np.empty(len(cells), dtype=np.uint8)
    for start in range(0, len(cells), STEP):
        piece = slice(start, start + STEP)
        values[piece], codes[piece] = _template_piece(cells[piece].T.copy(), shape, clock)
    return values, codes


def _template_piece(grid: Bytes, shape: re.Match[bytes], clock: Clock) -> tuple[Ints, Codes]:
    """Read some values, a column each, by the template; those that do not fit it are ``MISSING``."""
    fields = {name: shape.span(name) for name in "YmdHMSfhn" if shape.group(name) is not None}
    places = [place for start, end in fields.values() for place in range(start, end)]
    grid[places] -= 48
    fits = np.maximum.reduce(grid[places]) < 10  # noqa: PLR2004 -- a digit
    for place in set(range(len(grid))) - set(places):
        fits &= grid[place] == shape.string[place]
    parts = {name: _number(grid[start:end]) for name, (start, end) in fields.items()}
    if "f" in parts:
        parts["f"] = parts["f"] * 10**9 // 10 ** (3 + len(shape["f"]))
    values, good, inside = _wall(parts, len(fits))
    if shape.group("zone") is None:
        values = clock.zone.to_utc(pl.Series(np.where(good & inside, values, FIRST))).to_numpy()
    elif shape.group("sign") is not None:
        minutes = parts["h"] * 60 + parts.get("n", np.zeros_like(parts["h"]))
        good &= minutes <= 14 * 60
        values -= minutes * (60 * SECOND if shape.group("sign") == b"+" else -60 * SECOND)
    inside &= (values >= FIRST) & (values <= LAST)
    codes = np.where(good, np.where(inside, READ, OUTSIDE), UNREADABLE).astype(np.uint8)
    return values, np.where(fits, codes, np.uint8(MISSING))


def _number(digits: Bytes) -> Ints:
    total = digits[0].astype(np.int64)
    for digit in digits[1:]:
        total *= 10
        total += digit
    return total


def _wall(parts: dict[str, Ints], count: int) -> tuple[Ints, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return wall-clock microseconds, whether there is such a time, and whether its year is believed."""
    zero = np.zeros(count, dtype=np.int64)
    month, day = parts["m"], parts["d"]
    hour, minute, second = parts.get("H", zero), parts.get("M", zero), parts.get("S", zero)
    index = (parts["Y"] - 1970) * 12 + month - 1
    inside = (index >= 0) & (index < len(_LENGTHS))
    index = np.clip(index, 0, len(_LENGTHS) - 1)
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= np.where(inside, _LENGTHS[index], 31))
    good &= (hour < 24) & (minute < 60) & (second <= 60)
    total = ((hour * 60 + minute) * 60 + second) * SECOND + (_STARTS[index] + day - 1) * DAY
    if "f" in parts:
        total += parts["f"]
    return total, good, inside


def _epochs(numbers: pl.Series, clock: Clock) -> tuple[Ints, Codes]:
    """Read numbers as epochs of the column's unit, or as the digits of a date."""
    whole = numbers.cast(pl.Int64, strict=False).fill_null(0).to_numpy().copy()
    unit_of = np.searchsorted(_EDGES, whole, side="right") - 1
    written, known = _written_dates(whole, clock)
    counts = np.bincount(unit_of[(unit_of >= 0) & ~known], minlength=4)
    unit = clock.units.unit(numbers.name, counts) if counts.any() else 0
    values = _scaled(numbers, whole, unit)
    inside = (values >= FIRST) & (values <= LAST)
    codes = np.where(unit_of == unit, np.where(inside, READ, OUTSIDE), OTHER_UNIT + unit_of)
    codes = np.where(unit_of < 0, OUTSIDE, codes)
    return np.where(known, written, values), np.where(known, READ, codes).astype(np.uint8)


def _scaled(numbers: pl.Series, whole: Ints, unit: int) -> Ints:
    """Return microseconds; a fraction of the unit counts as far as microseconds go."""
    edge = 4 * 10**18 // 10**6
    if numbers.dtype.is_float() and unit < 2:  # noqa: PLR2004 -- microseconds have no fraction that counts
        per = 10 ** (6 - 3 * unit)
        fraction = np.nan_to_num(numbers.to_numpy() - whole, nan=0.0, posinf=0.0, neginf=0.0)
        return np.clip(whole, -edge, edge) * per + np.rint(fraction * per).astype(np.int64)
    if unit == 3:  # noqa: PLR2004 -- nanoseconds
        return whole // 1000
    return np.clip(whole, -edge, edge) * 10 ** (6 - 3 * unit)


def _written_dates(whole: Ints, clock: Clock) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the times of numbers such as 20250601 and 20250601093000, and where there are any."""
    short = (whole >= 1970_01_02) & (whole <= 2199_12_31)
    long = (whole >= 1970_01_02_000000) & (whole <= 2199_12_31_235959)
    if not (short.any() or long.any()):
        return whole, short
    stamp = np.where(short, whole * 1_000_000, np.where(long, whole, 1970_01_02_000000))
    names = ("S", "M", "H", "d", "m")
    parts = {name: stamp // 100**place % 100 for place, name in enumerate(names)} | {"Y": stamp // 10**10}
    values, good, _ = _wall(parts, len(stamp))
    values = clock.zone.to_utc(pl.Series(np.where(good, values, FIRST))).to_numpy()
    return values, (short | long) & good & (values >= FIRST)
