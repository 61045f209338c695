"""Raw rows in, good rows and rejected rows out. Every format and every path through the reader ends here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from kefu.read.quarantine import REJECTS, rejects
from kefu.read.times import Clock
from kefu.read.values import as_text, blank, canonical, convert
from kefu.tables import Column, TableSpec

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "text": "write text or a number",
        "time": "write it as 2025-06-01T12:00:00+08:00, or as an epoch in one unit for the whole column",
        "date": "write it as 2025-06-01",
        "integer": "write a whole number",
        "number": "write a number, with a point for decimals",
        "flag": "write true or false",
    }
)
NOUNS: Mapping[str, str] = MappingProxyType(
    {
        "text": "text",
        "time": "a time",
        "date": "a date",
        "integer": "a whole number",
        "number": "a number",
        "flag": "true or false",
    }
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of some rows.

    :param good: the rows that stay, listed columns in their canonical types.
    :param bad: their positions among the rows that came, ascending.
    :param rejects: a line for each of them.
    """

    good: pl.DataFrame
    bad: pl.Series
    rejects: pl.DataFrame


def fallible(column: Column, kind: pl.DataType) -> bool:
    """Return whether a value of this stored type can make its row bad."""
    if column.required or kind == pl.Null:
        return column.required
    if column.kind == "text" and not column.values:
        return kind not in (pl.String, pl.Categorical, pl.Enum, pl.Boolean) and not kind.is_integer()
    if column.low is not None or column.high is not None or column.kind in ("time", "number"):
        return True
    return kind != canonical(column)


def check(
    raw: pl.DataFrame, spec: TableSpec, clock: Clock, file: str, rows: pl.Series | int, filled: Collection[str] = ()
) -> Checked:
    """Check the listed columns that ``raw`` has; the others pass as they are.

    :param rows: the number of each row in its file, or of the first one where they are consecutive.
    :param filled: text columns that are known to hold no empty text.
    """
    out: list[pl.Series] = []
    faults: list[pl.DataFrame] = []
    for series in raw.get_columns():
        if series.name not in spec.names:
            out.append(series)
            continue
        column = spec[series.name]
        values, why = (series, None) if _as_it_is(series, column, filled) else convert(series, column, clock)
        out.append(values)
        faults += _faults(series, values, why, column, file, rows)
    good = pl.DataFrame(out)
    if not faults:
        return Checked(good, pl.Series(dtype=pl.UInt32), REJECTS.to_frame())
    order = {name: place for place, name in enumerate(spec.names)}
    faults.sort(key=lambda fault: order[fault["column"][0]])
    found = pl.concat(faults).unique("at", keep="first", maintain_order=True).sort("at")
    keep = pl.repeat(True, raw.height, eager=True).scatter(found["at"], False)
    return Checked(good.filter(keep), found["at"], found.select(*REJECTS))


def _as_it_is(raw: pl.Series, column: Column, filled: Collection[str]) -> bool:
    """Return whether there is nothing to convert."""
    return raw.name in filled and raw.dtype == pl.String and column.kind == "text" and not column.values


def drop(raw: pl.DataFrame, spec: TableSpec, clock: Clock, bad: pl.Series) -> pl.DataFrame:
    """Return the good rows of a frame whose bad rows are known, listed columns in their canonical types."""
    listed = set(spec.names)
    columns = [convert(one, spec[one.name], clock)[0] if one.name in listed else one for one in raw.get_columns()]
    good = pl.DataFrame(columns)
    return good.filter(pl.repeat(True, raw.height, eager=True).scatter(bad, False)) if len(bad) else good


def shaped(frame: pl.DataFrame, columns: Sequence[str], spec: TableSpec) -> pl.DataFrame:
    """Return exactly these columns; a lacking one is null, in its canonical type where it is listed."""
    kinds = {name: canonical(spec[name]) if name in spec.names else pl.String() for name in columns}
    if not frame.width:
        return pl.DataFrame(schema=kinds)
    lacking = {name: pl.lit(None, dtype=kind) for name, kind in kinds.items() if name not in frame.columns}
    return frame.with_columns(**lacking).select(columns)


def _faults(
    raw: pl.Series, values: pl.Series, why: pl.Series | None, column: Column, file: str, rows: pl.Series | int
) -> list[pl.DataFrame]:
    """Return the lines for the bad values of one column, with their positions as ``at``."""
    nulls = values.null_count()
    if nulls == (0 if column.required else raw.null_count()):
        return []
    gone = blank(raw)
    lines = []
    if column.required and gone.any():
        at = gone.arg_true()
        note = "fill it in, or leave the row out"
        lines.append(
            rejects(file, _numbers(rows, at), column.name, f"{column.name} is missing", note).with_columns(at=at)
        )
    lost = values.is_null() & ~gone
    if lost.any():
        at = lost.arg_true()
        shown = _shown(raw.gather(at))
        reason = pl.Series(_reasons(shown, None if why is None else why.gather(at), column))
        lines.append(rejects(file, _numbers(rows, at), column.name, reason, _advice(column), shown).with_columns(at=at))
    return lines


def _numbers(rows: pl.Series | int, at: pl.Series) -> pl.Series:
    return at.cast(pl.Int64) + rows if isinstance(rows, int) else rows.gather(at)


def _shown(values: pl.Series) -> pl.Series:
    """Return values as text for people."""
    if values.dtype == pl.String:
        return values
    if values.dtype == pl.Binary:
        return pl.Series(values.name, [str(value) for value in values], dtype=pl.String)
    return as_text(values) if values.dtype.is_nested() else values.cast(pl.String, strict=False)


def _reasons(shown: pl.Series, why: pl.Series | None, column: Column) -> Sequence[str]:
    rest = f"is none of {', '.join(column.values)}" if column.values else f"is not {NOUNS[column.kind]}"
    whys = [None] * len(shown) if why is None else why.to_list()
    return [
        f"{column.name} {_quoted(value)} {special or rest}"
        for value, special in zip(shown.to_list(), whys, strict=True)
    ]


def _quoted(value: str | None) -> str:
    text = value or ""
    return repr(text if len(text) <= 40 else text[:39] + "…")  # noqa: PLR2004 -- enough to find it


def _advice(column: Column) -> str:
    if column.values:
        return f"map it to one of {', '.join(column.values)}"
    return ADVICE[column.kind]
