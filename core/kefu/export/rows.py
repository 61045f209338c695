"""Rows to export, a part at a time: in plain types that every format knows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from kefu.clock import date_of
from kefu.run.outcome import Outcome

MOMENT = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table.

    :param name: what they are: ``values``, ``sessions``, ``services`` or ``turns``.
    :param batches: gives them part by part, each time from the beginning, every part of the schema.
    :param of: the last date that they tell of, ``None`` where there is none.
    :param nested: columns of text that hold JSON.
    """

    name: str
    schema: pl.Schema
    batches: Callable[[], Iterator[pl.DataFrame]]
    of: dt.date | None = None
    nested: Sequence[str] = ()


def plain_type(kind: pl.DataType) -> pl.DataType:
    """Return the type in which a column is exported."""
    if kind.is_integer():
        return pl.Int64()
    if kind.is_float() or isinstance(kind, pl.Decimal):
        return pl.Float64()
    if isinstance(kind, pl.Datetime):
        return MOMENT
    if isinstance(kind, pl.Date | pl.Boolean):
        return kind
    return pl.String()


def value_rows(outcome: Outcome, by: Sequence[str]) -> Rows:
    """Return a row a metric and group, or a metric without groups: value, unit, coverage and what it is made of."""
    first, last = (None if day is None else date_of(day) for day in (outcome.first, outcome.last))
    schema = pl.Schema(
        [
            *(("first_date", pl.Date()), ("last_date", pl.Date())),
            *((name, pl.String()) for name in by),
            *(("metric", pl.String()), ("value", pl.Float64()), ("low", pl.Float64()), ("high", pl.Float64())),
            *(("unit", pl.String()), ("coverage", pl.Float64()), ("measures", pl.String())),
        ]
    )
    lines = []
    for group in outcome.groups if by else [outcome.whole]:
        for metric in outcome.metrics:
            value = group.values[metric.name]
            measures = {name: value.measures[name] for name in metric.value.names}
            ends = value.interval or (None, None)
            told = (metric.unit, value.coverage, json.dumps(measures))
            lines.append((first, last, *group.key, metric.name, value.value, *ends, *told))
    frame = pl.DataFrame(lines, schema, orient="row")
    return Rows("values", schema, lambda: iter([frame]), last, nested=("measures",))
