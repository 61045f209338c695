"""Values as plain rows, which BI tools read by SQL; they follow from the days, and are no part of what a store says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from kefu.store.schema import bi_dates, bi_measures, bi_values

SLICE = 10_000
"""Rows that are handed to the database at once."""
Row = Mapping[str, Any]


def published(connection: sa.Connection) -> dict[dt.date, tuple[int, str]]:
    """Return of each date that was published the revision's id, and what it was made with."""
    return {date: (day, made) for date, day, made in connection.execute(sa.select(bi_dates))}


def publish_dates(
    connection: sa.Connection, dates: Mapping[dt.date, int], made_with: str, values: Sequence[Row], parts: Sequence[Row]
) -> None:
    """Put the rows of some dates in the place of those that were there.

    :param dates: of each the id of its revision.
    :param values: rows of ``bi_values``, ``parts`` of ``bi_measures``.
    """
    withdraw_dates(connection, [*dates])
    told = [{"date": date, "day_id": day, "made_with": made_with} for date, day in dates.items()]
    _insert(connection, bi_dates, told)
    _insert(connection, bi_values, values)
    _insert(connection, bi_measures, parts)


def publish_others(
    connection: sa.Connection, daily: Collection[str], values: Sequence[Row], parts: Sequence[Row]
) -> None:
    """Put rows of all dates in the place of those of every metric that is none of ``daily``."""
    for table in (bi_values, bi_measures):
        connection.execute(sa.delete(table).where(table.c.metric.not_in([*daily])))
    _insert(connection, bi_values, values)
    _insert(connection, bi_measures, parts)


def withdraw_dates(connection: sa.Connection, dates: Sequence[dt.date]) -> None:
    """Drop the rows of some dates."""
    for start in range(0, len(dates), SLICE):
        for table in (bi_dates, bi_values, bi_measures):
            connection.execute(sa.delete(table).where(table.c.date.in_(dates[start : start + SLICE])))


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterable[Row]) -> None:
    told = [*rows]
    for start in range(0, len(told), SLICE):
        connection.execute(sa.insert(table), told[start : start + SLICE])
