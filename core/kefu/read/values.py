"""Values of one column to its canonical type. A value that cannot be read becomes null here; ``check`` says why."""

from __future__ import annotations

import polars as pl

from kefu.read.times import UNITS, Clock, in_range, number_times, text_times
from kefu.read.written import OUTSIDE
from kefu.tables import Column

UTC_TIME = pl.Datetime("us", "UTC")
_YES = ("true", "True", "TRUE", "1", "yes", "Yes", "YES", "是", "1.0")
_NO = ("false", "False", "FALSE", "0", "no", "No", "NO", "否", "0.0")
_FLAGS = pl.Enum([*_YES, *_NO])


def canonical(column: Column) -> pl.DataType:
    """Return the type that a column has after reading.

    >>> from kefu.tables import MESSAGES
    >>> canonical(MESSAGES["sent_at"])
    Datetime(time_unit='us', time_zone='UTC')
    """
    if column.values:
        return pl.Enum(column.values)
    kinds: dict[str, pl.DataType] = {
        "text": pl.String(),
        "time": UTC_TIME,
        "date": pl.Date(),
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "flag": pl.Boolean(),
    }
    return kinds[column.kind]


def convert(raw: pl.Series, column: Column, clock: Clock) -> tuple[pl.Series, pl.Series | None]:
    """Return the canonical values and, where there is more to say than *cannot be read*, why not.

    The second is a text for each row, null where nothing special is to be said.
    """
    values, why = _convert(raw, column, clock)
    return values.alias(raw.name), why


def _convert(raw: pl.Series, column: Column, clock: Clock) -> tuple[pl.Series, pl.Series | None]:
    if raw.dtype == pl.Null:
        return raw.cast(canonical(column)), None
    if column.kind in ("time", "date"):
        return _times(raw, column, clock)
    if column.kind == "text":
        return (_enum(raw, column.values) if column.values else as_text(raw)), None
    if column.kind == "flag":
        return _flag(raw), None
    return _numbers(raw, column)


def as_text(raw: pl.Series) -> pl.Series:
    """Return values as their text; an empty text is null, and so is what is no text."""
    text = raw if raw.dtype == pl.String else _text_of(raw).alias(raw.name)
    if not (text.str.len_bytes() == 0).any():
        return text
    return text.to_frame().select(pl.when(pl.first() != "").then(pl.first())).to_series()


def _text_of(raw: pl.Series) -> pl.Series:
    frame = raw.to_frame("v")
    if raw.dtype.is_float():
        whole = raw.cast(pl.Int64, strict=False)
        number = pl.when(whole == raw).then(whole.cast(pl.String)).otherwise(pl.col("v").cast(pl.String))
        return frame.select(pl.when(pl.col("v").is_not_nan()).then(number)).to_series()
    if raw.dtype == pl.Boolean:
        return frame.select(pl.when("v").then(pl.lit("true")).when(~pl.col("v")).then(pl.lit("false"))).to_series()
    if raw.dtype.is_nested():
        json = frame.select(
            pl.struct("v").struct.json_encode().str.strip_prefix('{"v":').str.head(-1).alias("json"), "v"
        )
        return json.select(pl.when(pl.col("v").is_not_null()).then("json")).to_series()
    try:
        return raw.cast(pl.String, strict=False)
    except pl.exceptions.PolarsError:
        return pl.Series([_decoded(value) for value in raw], dtype=pl.String)


def _decoded(value: object) -> str | None:
    """Return bytes as text; ``None`` for what is none."""
    try:
        return value.decode() if isinstance(value, bytes) else None
    except UnicodeDecodeError:
        return None


def blank(raw: pl.Series) -> pl.Series:
    """Return where there is no value: null, or nothing but blanks."""
    if raw.dtype != pl.String:
        return raw.is_null()
    return (raw.str.strip_chars() == "").fill_null(True)


def _enum(raw: pl.Series, values: tuple[str, ...]) -> pl.Series:
    wanted = pl.Enum(values)
    if raw.dtype == wanted:
        return raw
    if raw.dtype == pl.String:
        quick = raw.to_frame().select(_codes(values)).to_series().cat.to(wanted)
        if quick.null_count() == raw.null_count():
            return quick
    return as_text(raw).str.strip_chars().str.to_lowercase().cast(wanted, strict=False)


def _codes(values: tuple[str, ...]) -> pl.Expr:
    """Return the place of each text among the values: by comparison, which is faster than a cast for a few."""
    places = pl.when(pl.first() == values[0]).then(pl.lit(0, pl.UInt8))
    for place, value in enumerate(values[1:], 1):
        places = places.when(pl.first() == value).then(pl.lit(place, pl.UInt8))  # type: ignore[assignment]
    return places


def _flag(raw: pl.Series) -> pl.Series:
    if raw.dtype == pl.Boolean:
        return raw
    if raw.dtype.is_numeric():
        return raw.to_frame().select(pl.when(pl.first() == 1).then(True).when(pl.first() == 0).then(False)).to_series()
    text = as_text(raw)
    known = text.cast(_FLAGS, strict=False)
    if known.null_count() != text.null_count():
        known = text.str.strip_chars().str.to_lowercase().cast(_FLAGS, strict=False)
    return (known.to_physical() < len(_YES)).alias(raw.name)


def _numbers(raw: pl.Series, column: Column) -> tuple[pl.Series, pl.Series | None]:
    values = _integers(raw) if column.kind == "integer" else _floats(raw)
    if column.low is None and column.high is None:
        return values, None
    low, high = column.low, column.high
    fits = pl.repeat(True, len(values), eager=True)
    if low is not None:
        fits &= (values >= low).fill_null(True)
    if high is not None:
        fits &= (values <= high).fill_null(True)
    if fits.all():
        return values, None
    frame = values.to_frame("v").with_columns(fits.alias("fits"))
    why = f"is not {_range(low, high)}"
    return (
        frame.select(pl.when("fits").then("v").alias(raw.name)).to_series(),
        frame.select(pl.when(~pl.col("fits")).then(pl.lit(why))).to_series(),
    )


def _range(low: float | None, high: float | None) -> str:
    if high is None:
        return f"at least {low:g}"
    return f"at most {high:g}" if low is None else f"from {low:g} to {high:g}"


def _integers(raw: pl.Series) -> pl.Series:
    if raw.dtype.is_integer():
        return raw.cast(pl.Int64, strict=False)
    if raw.dtype == pl.String:
        tidy = raw.str.strip_chars()
        quick = tidy.cast(pl.Int64, strict=False)
        if quick.null_count() == raw.null_count():
            return quick
        whole = tidy.str.strip_suffix(".").str.replace(r"[.]0+$", "")
        return whole.cast(pl.Int64, strict=False)
    floats = _floats(raw)
    whole = floats.cast(pl.Int64, strict=False)
    return pl.select(pl.when(whole == floats).then(whole).alias(raw.name)).to_series()


def _floats(raw: pl.Series) -> pl.Series:
    if raw.dtype == pl.String:
        values = raw.str.strip_chars().cast(pl.Float64, strict=False)
    elif raw.dtype.is_numeric():
        values = raw.cast(pl.Float64, strict=False)
    else:
        values = pl.repeat(None, len(raw), dtype=pl.Float64, eager=True).alias(raw.name)
    if values.is_finite().all():
        return values
    return values.to_frame().select(pl.when(pl.first().is_finite()).then(pl.first())).to_series()


def _times(raw: pl.Series, column: Column, clock: Clock) -> tuple[pl.Series, pl.Series | None]:
    if column.kind == "date" and raw.dtype == pl.Date:
        return raw, None
    micros, why = _micros(raw, clock)
    if column.kind == "time":
        return micros.cast(UTC_TIME), why
    return clock.zone.to_wall(micros).cast(pl.Datetime("us")).dt.date(), why


def _micros(raw: pl.Series, clock: Clock) -> tuple[pl.Series, pl.Series | None]:
    """Return microseconds of UTC, and why values of a readable form are refused."""
    kind = raw.dtype
    if isinstance(kind, pl.Datetime):
        micros = raw.cast(pl.Datetime("us", kind.time_zone)).to_physical()
        utc = in_range(micros if kind.time_zone else clock.zone.to_utc(micros))
        return utc, _outside(utc, raw)
    if kind == pl.Date:
        utc = in_range(clock.zone.to_utc(raw.cast(pl.Datetime("us")).to_physical()))
        return utc, _outside(utc, raw)
    if kind.is_numeric():
        values, codes = number_times(raw, clock)
    else:
        values, codes = text_times(as_text(raw), clock)
    if not (codes >= OUTSIDE).any():
        return values, None
    unit = UNITS[clock.units.told.get(raw.name, 0)]
    whys: list[str | None] = [None, None, None, _NOT_BELIEVED]
    whys += [f"looks like {other} in a column of {unit}" for other in UNITS]
    return values, pl.Series(codes).replace_strict(dict(enumerate(whys)), return_dtype=pl.String)


_NOT_BELIEVED = "is outside 1970-01-02 to 2199-12-31"


def _outside(utc: pl.Series, raw: pl.Series) -> pl.Series | None:
    if utc.null_count() == raw.null_count():
        return None
    lost = utc.is_null() & raw.is_not_null()
    return pl.select(pl.when(lost).then(pl.lit(_NOT_BELIEVED))).to_series()
