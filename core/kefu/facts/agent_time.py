"""What each agent did beside what was scheduled, by local half hour.

The agents' times are laid end to end on one line, so that one sort finds every boundary. Which row covers the others
between two boundaries is a maximum over ranges: a row is put down as two blocks whose length is a power of two, and
each length is handed down to the half of it. So the work grows with the rows, not with how long they last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from kefu.clock import LocalDays
from kefu.facts.segments import NONE, Rows

HALF_HOUR = 1_800_000
"""Milliseconds."""
_MINUTES = 1440
_LABELS = pl.Series([f"{minute // 60:02}:{minute % 60:02}" for minute in range(_MINUTES)])


@dataclass(frozen=True, slots=True)
class _Period:
    """The half hours of some local days.

    :param begin: when the first day begins, epoch ms; likewise ``end``, when the last one is over.
    :param slots: when each half hour begins, ms after ``begin``.
    :param cells: the day (minutes since the first one) and the minute of the clock that each half hour counts for;
        two may count for the same.
    """

    begin: int
    end: int
    slots: Rows
    cells: Rows


@dataclass(frozen=True, slots=True)
class _Told:
    """The rows of a table that reach into the period: an agent's together, a later one covers an earlier one.

    :param begin: epoch ms, not before the period; likewise ``end``, not after it.
    :param value: what is told, as its place in ``values``, texts in order.
    """

    agent_id: pl.Series
    begin: Rows
    end: Rows
    value: Rows
    values: pl.Series


def agent_time(
    states: pl.DataFrame | None, shifts: pl.DataFrame | None, first: int, last: int, timezone: str
) -> pl.DataFrame:
    """Return how long each agent was in each state during each scheduled activity, by local half hour.

    In: ``states`` with ``agent_id``, ``started_at``, ``ended_at`` (UTC), ``state``; ``shifts`` with ``agent_id``,
    ``starts_at``, ``ends_at``, ``activity``; no nulls, ``None`` for a table that is not there.
    Out: ``agent_id``, ``date`` (local), ``half_hour`` (``HH:MM``), ``activity`` (null: nothing is scheduled),
    ``state`` (null: none is told), ``ms`` (> 0). One row a key, sorted by all keys; time of which neither is known
    is left out.

    - An agent has one state and one activity at a time: that of the row that began last, of rows that began together
      the one further down. When it ends, an earlier one that still runs counts again.
    - Times are floored to milliseconds before anything else, so parts add up exactly to the whole. A row that ends
      at or before its beginning counts for nothing.
    - A day begins at its first instant, also where clocks skip midnight, and half hours are counted from there by
      elapsed time: 46 or 50 where clocks move by an hour. A half hour is called what the clock shows as it begins;
      two of a day with one name, where clocks go back, are one here.

    :param first: the first local day, as days since 1970; likewise ``last``, the last, not before it. What lies
        outside is cut off.
    """
    period = _period(first, last, timezone)
    activities = _reaching_in(shifts, ("starts_at", "ends_at", "activity"), period)
    told = _reaching_in(states, ("started_at", "ended_at", "state"), period)
    agents = pl.concat([activities.agent_id, told.agent_id]).unique().sort()
    activity_line, state_line = _on_line(activities, agents, period), _on_line(told, agents, period)
    marks = _distinct(np.concatenate([*activity_line, *state_line]))
    activity = _covering(*activity_line, activities.value, marks)
    state = _covering(*state_line, told.value, marks)
    known = np.flatnonzero((activity != NONE) | (state != NONE))
    piece, agent, cell, ms = _cut(marks[known], marks[known + 1], period)
    keys = agent, cell, activity[known][piece] + 1, state[known][piece] + 1
    (agent, cell, activity, state), ms = _added(keys, ms)
    return pl.DataFrame(
        {
            "agent_id": agents.gather(agent),
            "date": pl.Series((cell // _MINUTES + first).astype(np.int32)).cast(pl.Date),
            "half_hour": _LABELS.gather(cell % _MINUTES),
            "activity": _texts(activities.values, activity),
            "state": _texts(told.values, state),
            "ms": ms,
        }
    )


def _period(first: int, last: int, timezone: str) -> _Period:
    """Lay out the half hours of the days from ``first`` to ``last``."""
    starts = LocalDays(timezone).starts(first, last) // 1000
    begin, end = int(starts[0]), int(starts[-1])
    of_day = [np.arange(start, stop, HALF_HOUR) for start, stop in pairwise(starts)]
    slots = np.concatenate(of_day)
    day = np.repeat(np.arange(len(of_day)), [len(found) for found in of_day])
    zone = ZoneInfo(timezone)
    shown = [dt.datetime.fromtimestamp(slot // 1000, zone) for slot in slots.tolist()]
    minute = np.array([clock.hour * 60 + clock.minute for clock in shown], dtype=np.int64)
    return _Period(begin, end, slots - begin, day * _MINUTES + minute)


def _reaching_in(table: pl.DataFrame | None, names: tuple[str, str, str], period: _Period) -> _Told:
    """Return the rows of a table that count in a period, cut off where it begins and ends.

    :param names: its columns of the beginning, the end and what is told.
    """
    if table is None:
        kinds = dict.fromkeys(names[:2], pl.Datetime("us", "UTC"))
        table = pl.DataFrame(schema={"agent_id": pl.String, **kinds, names[2]: pl.String})
    begin, end = (table[name].dt.epoch("us").to_numpy() // 1000 for name in names[:2])
    rows = np.flatnonzero((begin < end) & (begin < period.end) & (end > period.begin))
    agent, _ = _numbered(table["agent_id"].gather(rows))
    # by the real beginning: what began before the period is still told apart
    rows = rows[np.lexsort((begin[rows], agent))]
    value, values = _numbered(table[names[2]].gather(rows))
    begin, end = np.maximum(begin[rows], period.begin), np.minimum(end[rows], period.end)
    return _Told(table["agent_id"].gather(rows).cast(pl.String), begin, end, value, values)


def _numbered(texts: pl.Series, known: pl.Series | None = None) -> tuple[Rows, pl.Series]:
    """Return each text as its place among the distinct ones in order, and these (or among those ``known``)."""
    texts = texts.cast(pl.String)
    values = texts.unique().sort() if known is None else known
    return texts.cast(pl.Enum(values)).to_physical().to_numpy().astype(np.int64), values


def _on_line(told: _Told, agents: pl.Series, period: _Period) -> tuple[Rows, Rows]:
    """Return where rows begin and end when the agents' periods lie end to end; where one ends, the next begins."""
    agent, _ = _numbered(told.agent_id, agents)
    shift = agent * (period.end - period.begin) - period.begin
    return told.begin + shift, told.end + shift


def _distinct(values: Rows) -> Rows:
    """Return distinct values in order."""
    values = np.sort(values)
    return values[np.flatnonzero(np.diff(values, prepend=NONE))]


def _covering(begin: Rows, end: Rows, value: Rows, marks: Rows) -> Rows:
    """Return the value of the last row that covers each stretch from a mark to the next, ``NONE`` where none does.

    :param marks: in order; every row begins and ends at one.
    """
    row = np.arange(len(begin))
    left, right = np.searchsorted(marks, begin), np.searchsorted(marks, end)
    level = np.frexp(right - left)[1] - 1  # two blocks of 2 ** level cover the row
    top = np.full(max(len(marks) - 1, 0), NONE, dtype=np.int64)
    for size in range(int(level.max(initial=0)), -1, -1):
        here = np.flatnonzero(level == size)
        np.maximum.at(top, left[here], row[here])
        np.maximum.at(top, right[here] - (1 << size), row[here])
        if size:
            half = 1 << (size - 1)
            top = np.maximum(top, np.concatenate([np.full(half, NONE), top[:-half]]))
    return np.append(value, NONE)[top]  # row NONE, -1, is the last


def _cut(begin: Rows, end: Rows, period: _Period) -> tuple[Rows, Rows, Rows, Rows]:
    """Cut stretches of the line at half hours; return of each piece its stretch, agent, cell and milliseconds."""
    length = max(period.end - period.begin, 1)
    agent = begin // length
    begin, end = begin - agent * length, end - agent * length
    first = np.searchsorted(period.slots, begin, side="right") - 1
    number = np.searchsorted(period.slots, end, side="left") - first
    stretch = np.repeat(np.arange(len(begin)), number)
    slot = np.arange(len(stretch)) + np.repeat(first - np.cumsum(number) + number, number)
    stop = np.append(period.slots[1:], period.end - period.begin)
    ms = np.minimum(end[stretch], stop[slot]) - np.maximum(begin[stretch], period.slots[slot])
    return stretch, agent[stretch], period.cells[slot], ms


def _added(keys: Sequence[Rows], values: Rows) -> tuple[list[Rows], Rows]:
    """Return the distinct keys (whole numbers from 0) in order, and the sum of the values of each."""
    sizes = [int(key.max(initial=0)) + 1 for key in keys]
    packed = keys[0]
    for key, size in zip(keys[1:], sizes[1:], strict=True):
        packed = packed * size + key
    sums = pl.DataFrame({"key": packed, "sum": values}).group_by("key").agg(pl.col("sum").sum()).sort("key")
    packed, found = sums["key"].to_numpy(), []
    for size in reversed(sizes):
        packed, key = np.divmod(packed, size)
        found.append(key)
    return found[::-1], sums["sum"].to_numpy()


def _texts(values: pl.Series, number: Rows) -> pl.Series:
    """Return texts by their place, counted from 1; 0 is null."""
    return pl.concat([pl.Series([None], dtype=pl.String), values]).gather(number)
