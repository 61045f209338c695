"""Who served whom, from when until when: the services of a day, as the tables tell them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from shop import flow
from shop.common import Bools, Floats, Ints, Settings
from shop.day import Day
from shop.ids import Namer, epoch
from shop.messages import AUTOMATIC, EVENT, PRIVATE, ROLE

SECOND = 1_000_000
SPOKEN = (flow.ROLES.index("agent") == ROLE) & ~PRIVATE & ~AUTOMATIC
CLOSED = flow.EVENTS.index("closed")
AGENTS = 1_000_000
"""More agents than any shop has; session · AGENTS + agent is one number for a service."""


@dataclass(frozen=True)
class Services:
    """One row a session and agent; times are whole seconds since the first midnight, rounded outwards.

    :param session: number of the session within its day.
    :param last: the service with which the session ends.
    :param wrap_up: seconds of work after it, 0 where the platform tells none.
    """

    session: Ints
    agent: Ints
    begin: Ints
    end: Ints
    last: Bools
    wrap_up: Ints


def services(settings: Settings, names: Namer, day: Day, told: pl.DataFrame) -> Services:
    """Return the services of the sessions that opened on a day; ``told`` is the day's table of sessions."""
    rows = day.rows
    at = _shown(settings, day.at)
    spoken = np.flatnonzero(SPOKEN[rows.step] & (day.agent >= 0))
    session, agent, said = rows.session[spoken], day.agent[spoken], at[spoken]
    key = session * AGENTS + agent
    _, first = np.unique(key, return_index=True)
    _, from_behind = np.unique(key[::-1], return_index=True)
    final = len(key) - 1 - from_behind
    following = np.append(session, -1)[final + 1] == session[final]
    closed, wrap_up = _known(settings, names, day, told)
    ended = np.maximum(_ended(day, at, closed)[session[final]], said[final])
    end = np.where(following, np.append(said, 0)[final + 1], ended)
    return Services(
        session=session[first],
        agent=agent[first],
        begin=said[first] // SECOND,
        end=-(-end // SECOND),
        last=~following,
        wrap_up=np.where(following, 0, wrap_up[session[first]]),
    )


def _shown(settings: Settings, at: Floats) -> Ints:
    """Return microseconds since the first midnight, as fine as the tables show them."""
    unit = SECOND if settings.whole_seconds else 1_000
    return np.asarray(np.floor(at * SECOND / unit).astype(np.int64) * unit)


def _known(settings: Settings, names: Namer, day: Day, told: pl.DataFrame) -> tuple[Ints, Ints]:
    """Return when each session closed, -1 where that is not told, and the seconds of work after it."""
    every = pl.DataFrame({"session_id": names.sessions(day)})
    found = every.join(told, on="session_id", how="left", maintain_order="left")
    closed = found["closed_at"].cast(pl.Int64) - epoch(settings)
    return closed.fill_null(-1).to_numpy(), found["wrap_up_seconds"].fill_null(0).cast(pl.Int64).to_numpy()


def _ended(day: Day, at: Ints, closed: Ints) -> Ints:
    """Return when each session ended: as told, else with its closing event, else with its last message."""
    rows = day.rows
    public, event = ~PRIVATE[rows.step], EVENT[rows.step] == CLOSED
    last = np.zeros(len(closed), dtype=np.int64)
    last[rows.session[public]] = at[public]
    last[rows.session[event]] = at[event]
    return np.where(closed >= 0, closed, last)
