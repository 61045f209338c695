"""Which values differ between two dates, revisions or runs, and which sessions make the difference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from kefu.errors import ConfigError
from kefu.metric import Metric, Spread
from kefu.night.view import StoreView
from kefu.run.explain import added
from kefu.store.days import DayRow, days_of_run, revisions

MOST_SESSIONS = 50
"""So many sessions are named for each value."""


def differences(view: StoreView, before: Sequence[DayRow], after: Sequence[DayRow]) -> list[dict[str, Any]]:
    """Return a row for each metric whose value or measures differ, with the sessions that count otherwise.

    Sessions are found for metrics on sessions; for the others the list is empty.
    """
    metrics = view.engine.metrics
    old, new = (view.groups(days, _last(days), (), metrics)[0].values for days in (before, after))
    changed = [
        m for m in metrics if (old[m.name].value, old[m.name].measures) != (new[m.name].value, new[m.name].measures)
    ]
    rows, others = view.kept_rows("sessions", before), view.kept_rows("sessions", after)
    found = []
    for metric in changed:
        moved = _moved(metric, rows, others)
        found.append(
            {
                "name": metric.name,
                "title": {"zh": metric.title.zh, "en": metric.title.en},
                "unit": metric.unit,
                "before": old[metric.name].value,
                "after": new[metric.name].value,
                "measures_before": dict(old[metric.name].measures),
                "measures_after": dict(new[metric.name].measures),
                "session_count": len(moved),
                "sessions": moved[:MOST_SESSIONS],
            }
        )
    return found


def states(connection: sa.Connection, first: str, second: str | None) -> tuple[list[DayRow], list[DayRow]]:
    """Return the days that two names stand for: dates, ``DATE@REVISION``, or ``run:NUMBER``.

    With one name, a date is compared with its revision before, and a run with what its dates said before it.

    :raises ConfigError: there is no such date, revision or run.
    """
    after = _named(connection, first if second is None else second)
    if second is not None:
        return _named(connection, first), after
    before = [_previous(connection, day) for day in after]
    return [day for day in before if day is not None], after


def _named(connection: sa.Connection, name: str) -> list[DayRow]:
    kind, colon, number = name.partition(":")
    if colon and kind == "run" and number.isdigit():
        found = days_of_run(connection, int(number))
        if not found:
            raise ConfigError(f"run {number} changed no date")
        return found
    text, _, revision = name.partition("@")
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{name!r} is no date (2025-06-01), revision (2025-06-01@2) or run (run:7)") from None
    known = revisions(connection, date)
    chosen = [day for day in known if (str(day.revision) == revision if revision else day.current)]
    if not chosen:
        told = f"revisions {', '.join(str(day.revision) for day in known)}" if known else "nothing of that date"
        raise ConfigError(f"the store has no {name}: it has {told}")
    return chosen


def _previous(connection: sa.Connection, day: DayRow) -> DayRow | None:
    earlier = [row for row in revisions(connection, day.date) if row.revision < day.revision]
    return earlier[-1] if earlier else None


def _last(days: Sequence[DayRow]) -> dt.date | None:
    return max((day.date for day in days), default=None)


def _moved(metric: Metric, before: pl.DataFrame, after: pl.DataFrame) -> list[str]:
    """Return the sessions that add something else to a measure of sessions than before."""
    measures = {n: m for n, m in metric.measures.items() if metric.table_of(m) == "sessions"}
    if not measures or metric.over:
        return []
    told = [
        rows.select("id", *(added(measure).alias(name) for name, measure in measures.items()), *_sizes(measures))
        for rows in (before, after)
    ]
    zero = [pl.col(name).fill_null(0) for name in told[0].columns if name != "id"]
    both = told[0].join(told[1], on="id", how="full", coalesce=True, suffix="_after").with_columns(zero)
    names = [name for name in told[0].columns if name != "id"]
    differs = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_after").fill_null(0) for name in names)
    return both.filter(differs)["id"].sort().to_list()


def _sizes(measures: Any) -> list[pl.Expr]:  # noqa: ANN401 - a mapping of measures
    """Return what a spread is taken of: to have another size is to count otherwise."""
    return [m.of.cast(pl.Int64).fill_null(0).alias(f"{n}/of") for n, m in measures.items() if isinstance(m, Spread)]
