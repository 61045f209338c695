"""The ``agent_days`` facts: how many services each agent had open at once, rebuilt from the past.

A service occupies ``[begin, end)``, at least one second; one that runs over midnight counts on each local day
that it touches. One sort of one key finds the peaks of all agents and days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kefu.clock import LocalDays
from kefu.facts.segments import Mask, Rows

LEAST = 1_000_000
"""A service counts as a second long at least (µs)."""
_CLOCK_BITS = 37
"""Enough for the microseconds of a day of 25 hours."""


@dataclass(frozen=True, slots=True)
class Stays:
    """Services cut by local day, an entry a piece: whose (``agent``, a number), which day, from and to in it (µs)."""

    service: Rows
    agent: Rows
    day: Rows
    begin: Rows
    end: Rows


@dataclass(frozen=True, slots=True)
class Sweep:
    """Begins and ends in order of agent, day and time; an end before a begin of the same instant.

    :param group: a number for each agent and day, ascending.
    :param at: microseconds since the day began.
    :param open: how many are open from then on.
    :param piece: the piece of ``Stays`` that begins or ends.
    """

    group: Rows
    at: Rows
    open: Rows
    begins: Mask
    piece: Rows


def cut_by_day(agent: Rows, begin: Rows, end: Rows, days: LocalDays) -> Stays:
    """Cut services at local midnights."""
    end = np.maximum(end, begin + LEAST)
    first, last = days.of(begin).astype(np.int64), days.of(end - 1).astype(np.int64)
    pieces = last - first + 1
    service = np.repeat(np.arange(len(begin)), pieces)
    nth = np.arange(len(service)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    day = first[service] + nth
    if not len(day):
        return Stays(service, agent, day, begin, end)
    low = int(day.min())
    starts = days.starts(low, int(day.max()))
    start, stop = starts[day - low], starts[day - low + 1]
    return Stays(
        service,
        agent[service],
        day,
        np.maximum(begin[service], start) - start,
        np.minimum(end[service], stop) - start,
    )


def sweep(stays: Stays) -> Sweep:
    """Put all begins and ends in order and count what is open."""
    size = len(stays.day)
    low, high = (int(stays.day.min()), int(stays.day.max())) if size else (0, 0)
    group = stays.agent * (high - low + 1) + stays.day - low
    key = np.concatenate([_key(group, stays.begin, 1), _key(group, stays.end, 0)])
    order = np.argsort(key, kind="stable")
    key = key[order]
    begins = (key & 1).astype(bool)
    return Sweep(
        group=key >> (_CLOCK_BITS + 1),
        at=(key >> 1) & ((1 << _CLOCK_BITS) - 1),
        open=np.cumsum(np.where(begins, 1, -1)),
        begins=begins,
        piece=np.where(order < size, order, order - size),
    )


def _key(group: Rows, at: Rows, begins: int) -> Rows:
    return (group << (_CLOCK_BITS + 1)) | (at << 1) | begins


def agent_days(services: pl.DataFrame, days: LocalDays) -> pl.DataFrame:
    """Return a row an agent and local day: the peak, the time in service and the time with any service open.

    In: ``agent_id``, ``begin``, ``end`` (UTC microseconds), any order.
    Out: ``agent_id``, ``date``, ``peak``, ``in_service_ms``, ``open_ms``.
    """
    names = services["agent_id"].unique().sort()
    agent = services["agent_id"].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)
    stays = cut_by_day(agent, services["begin"].to_numpy(), services["end"].to_numpy(), days)
    line = sweep(stays)
    until = np.append(line.at[1:], 0)
    busy = np.where(line.open > 0, until - line.at, 0)
    found = pl.DataFrame(
        {
            "agent": stays.agent[line.piece].astype(np.uint32),
            "day": stays.day[line.piece].astype(np.int32),
            "open": line.open,
            "busy": busy,
            "length": np.where(line.begins, (stays.end - stays.begin)[line.piece], 0),
        }
    )
    return (
        found.group_by("agent", "day")
        .agg(peak=pl.col("open").max(), in_service_ms=pl.col("length").sum() // 1000, open_ms=pl.col("busy").sum() // 1000)
        .sort("agent", "day")
        .select(
            pl.lit(names).gather(pl.col("agent")).alias("agent_id"),
            pl.col("day").cast(pl.Date).alias("date"),
            "peak",
            "in_service_ms",
            "open_ms",
        )
    )
