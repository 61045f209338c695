"""Is there anything new for a night? Where there is not, what the last one could not do is still undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kefu.night.files import ends_of, missing
from kefu.store.days import DayRow, current_days
from kefu.store.runs import InputFile, RunRow, known_files, latest_run

if TYPE_CHECKING:
    import sqlalchemy as sa

    from kefu.night.nightly import Span


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What the last run could not do, and what still holds.

    :param kept: the dates that are left as they are, with the files that are missing for them.
    :param broken: the files that cannot be used.
    """

    kept: dict[dt.date, list[str]]
    broken: list[InputFile]


def unchanged(
    connection: sa.Connection, files: Sequence[InputFile], layout: Mapping[str, Any], span: Span
) -> Unchanged | None:
    """Return it if the last run saw all these files with the same definitions, and wrote all these dates."""
    last, known, days = latest_run(connection), known_files(connection), current_days(connection)
    if last is None:
        return None
    read = [file for file in known if file.run_id == last.id]
    if not _same(last, read, days, files, layout, span):
        return None
    gone = {day.date: missing(known, read, day) for day in days if span.holds(day.date)}
    return Unchanged({date: names for date, names in gone.items() if names}, [file for file in read if file.failed])


def _same(
    last: RunRow,
    read: Sequence[InputFile],
    days: Sequence[DayRow],
    files: Sequence[InputFile],
    layout: Mapping[str, Any],
    span: Span,
) -> bool:
    if {(file.path, file.digest) for file in read} != {(file.path, file.digest) for file in files}:
        return False
    if any(plugin["error"] for plugin in last.plugins):
        return False
    asked = [day for day in days if span.holds(day.date)]
    if any({**day.layout, "columns": None} != {**layout, "columns": None} for day in asked):
        return False
    there = span.within(ends_of(read, [day.date for day in days]))
    return there.is_part_of(type(span)(last.first_date, last.last_date))
