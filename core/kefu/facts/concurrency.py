"""The ``agent_days`` facts: how many services each agent had open at once, rebuilt from the past.

A service occupies ``[begin, end)``, at least one second; one that runs over midnight counts on each local day
that it touches. One sort of one key finds the peaks of all agents and days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kefu.clock import LocalDays
from kefu.facts.segments import Rows

LEAST = 1_000_000
"""A service counts as a second long at least (µs)."""
_CLOCK_BITS = 37
"""Enough for the microseconds of a day of 25 hours."""


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Services cut by local day, an entry a piece.

    :param service: which service it is a piece of.
    :param group: a number for each agent and day; likewise ``agent`` and ``day`` alone.
    :param begin: microseconds since the day began; likewise ``end``.
    """

    service: Rows
    agent: Rows
    day: Rows
    group: Rows
    begin: Rows
    end: Rows


def service_days(services: pl.DataFrame, days: LocalDays) -> pl.DataFrame:
    """Return a row for each local day that each service touches.

    In: ``agent_id``, ``begin``, ``end`` (UTC microseconds), any order.
    Out: ``service`` (a row of the input), ``agent_id``, ``date``, ``in_service_ms``; ``open_ms``, the part of it in
    which no service of the agent that began earlier was open; ``peak`` of the agent and day; ``at_peak``: it is one
    of those open when the peak was first reached, at ``peak_at``.
    """
    names = services["agent_id"].unique().sort().cast(pl.String)
    agent = services["agent_id"].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)
    pieces = _cut(agent, services["begin"].to_numpy(), services["end"].to_numpy(), days)
    peak, peak_at = _peaks(pieces)
    at_peak = (pieces.begin <= peak_at) & (peak_at < pieces.end)
    starts = days.starts(int(pieces.day.min()), int(pieces.day.max())) if len(pieces.day) else pieces.day
    low = int(pieces.day.min()) if len(pieces.day) else 0
    return pl.DataFrame(
        {
            "service": pieces.service,
            "agent_id": names.gather(pieces.agent),
            "date": pl.Series(pieces.day.astype(np.int32)).cast(pl.Date),
            "in_service_ms": (pieces.end - pieces.begin) // 1000,
            "open_ms": _newly_open(pieces) // 1000,
            "peak": peak,
            "at_peak": at_peak,
            "peak_at": pl.Series(peak_at + starts[pieces.day - low]).cast(pl.Datetime("us", "UTC")),
        }
    )


def agent_days(services: pl.DataFrame, days: LocalDays) -> pl.DataFrame:
    """Return a row an agent and local day: the peak, the time in service and the time with any service open.

    Out: ``agent_id``, ``date``, ``peak``, ``in_service_ms``, ``open_ms``, by agent and date.
    """
    return (
        service_days(services, days)
        .group_by("agent_id", "date")
        .agg(pl.col("peak").max(), pl.col("in_service_ms", "open_ms").sum())
        .sort("agent_id", "date")
    )


def _cut(agent: Rows, begin: Rows, end: Rows, days: LocalDays) -> _Pieces:
    """Cut services at local midnights."""
    end = np.maximum(end, begin + LEAST)
    first, last = days.of(begin).astype(np.int64), days.of(end - 1).astype(np.int64)
    number = last - first + 1
    service = np.repeat(np.arange(len(begin)), number)
    day = first[service] + np.arange(len(service)) - np.repeat(np.cumsum(number) - number, number)
    if not len(day):
        return _Pieces(service, agent, day, day, begin, end)
    low, high = int(day.min()), int(day.max())
    starts = days.starts(low, high)
    start, stop = starts[day - low], starts[day - low + 1]
    group = agent[service] * (high - low + 1) + day - low
    begin, end = np.maximum(begin[service], start) - start, np.minimum(end[service], stop) - start
    return _Pieces(service, agent[service], day, group, begin, end)


def _peaks(pieces: _Pieces) -> tuple[Rows, Rows]:
    """Return for each piece the peak of its agent and day, and when it was first reached."""
    key = np.sort(np.concatenate([_key(pieces.group, pieces.begin, 1), _key(pieces.group, pieces.end, 0)]))
    begins, group = key & 1, key >> (_CLOCK_BITS + 1)
    at = (key >> 1) & ((1 << _CLOCK_BITS) - 1)
    opened = np.cumsum(begins * 2 - 1)
    found = pl.DataFrame({"group": group, "open": opened, "at": at})
    first = pl.col("at").filter(pl.col("open") == pl.col("open").max()).min()
    top = found.group_by("group").agg(pl.col("open").max(), first)
    of_piece = pl.DataFrame({"group": pieces.group}).join(top, on="group", how="left", maintain_order="left")
    return of_piece["open"].to_numpy(), of_piece["at"].to_numpy()


def _key(group: Rows, at: Rows, begins: int) -> Rows:
    return (group << (_CLOCK_BITS + 1)) | (at << 1) | begins


def _newly_open(pieces: _Pieces) -> Rows:
    """Return how long each piece is open beyond those that began before it (of equal ones, the earlier row)."""
    order = np.lexsort((pieces.begin, pieces.group))
    reach = (pieces.group[order] << _CLOCK_BITS) | pieces.end[order]
    furthest = np.maximum.accumulate(reach)[:-1]
    same = furthest >> _CLOCK_BITS == pieces.group[order][1:]
    before = np.append(0, np.where(same, furthest & ((1 << _CLOCK_BITS) - 1), 0))
    newly = np.empty(len(order), dtype=np.int64)
    newly[order] = np.maximum(pieces.end[order] - np.maximum(pieces.begin[order], before[: len(order)]), 0)
    return newly
