"""Sessions, services and turns as the store keeps them: a row each, with all its facts; ids, no texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal

import polars as pl

from kefu.export.rows import MOMENT, Rows, plain_type
from kefu.night.compute import FACT
from kefu.store.days import DayRow, read_frames
from kefu.store.opening import Store

Table = Literal["sessions", "services", "turns"]
FIRST = ("session_id", "date", "opened_at", "agent_id", "team", "channel", "queue", "scene")
"""The columns that come first; the others follow by name."""
INTERNAL = ("customer", "session", "answer_row", "begin_row")
"""Numbers that mean something within one run only."""
MOMENTS = ("begin", "end")
"""Moments that the store keeps as numbers: microseconds since 1970."""


def fact_rows(store: Store, table: Table, days: Sequence[DayRow]) -> Rows:
    """Return the rows that the store kept of some dates, one date after the other, each in order of its rows.

    Reads the dates twice: once for the columns that there are. A column that a date lacks is null there.
    """
    schema = _schema(store, table, days)
    return Rows(table, schema, partial(_batches, store, table, days, schema), days[-1].date if days else None)


def _batches(store: Store, table: Table, days: Sequence[DayRow], schema: pl.Schema) -> Iterator[pl.DataFrame]:
    for day in days:
        rows = _rows(store, table, day)
        if rows is not None:
            fitting = [
                (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
                for name, kind in schema.items()
            ]
            yield rows.select(fitting).sort([*schema], nulls_last=True)


def _schema(store: Store, table: Table, days: Sequence[DayRow]) -> pl.Schema:
    found: dict[str, pl.DataType] = {"session_id": pl.String(), "date": pl.Date()}
    for day in days:
        rows = _rows(store, table, day)
        for name, kind in ({} if rows is None else rows.schema).items():
            plain = plain_type(kind)
            found[name] = plain if found.get(name, plain) == plain else pl.String()
    ahead = [name for name in FIRST if name in found]
    return pl.Schema([(name, found[name]) for name in [*ahead, *sorted({*found} - {*ahead})]])


def _rows(store: Store, table: Table, day: DayRow) -> pl.DataFrame | None:
    name = f"{FACT}{table}"
    with store.reading() as connection:
        rows = read_frames(connection, [day.id], [name])[name].get(day.id)
    if rows is None:
        return None
    kept = rows.drop(*INTERNAL, "session_id", strict=False).rename({"id": "session_id"})
    return kept.with_columns(pl.col(column).cast(MOMENT) for column in MOMENTS if column in kept.columns)
