"""The table ``shifts`` of a day: who is called in for the chat, who for the phone, and when they rest.

Who serves in the chat was called in by the floor. The others, but for two days of rest, are scheduled for what is
not in the transcripts: calls and work orders.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from shop.busy import Busy
from shop.common import DAY, Bools, Floats, Ints, Settings, pick
from shop.ids import moments
from shop.staff import Staff

HOUR, QUARTER = 3600, 900
REST = 8 * HOUR
DAYS_A_WEEK = 5
GROUP = 9
"""Of so many agents, one a week is sick, one is on leave and one comes late."""
MISHAPS = ("leave", "sick", "late")
KINDS = ("work", *MISHAPS)
STANDBY = (8.5, 9.0, 9.5, 10.0)
ACTIVITIES = ("work", "break", "training", "meeting", "leave")
PLACES = 8


@dataclass(frozen=True)
class Pieces:
    """What is laid over the shifts, by the number of the shift."""

    shift: Ints
    start: Ints
    end: Ints
    activity: Ints


@dataclass(frozen=True)
class Shifts:
    """The shifts that begin on a day, by agent; times are whole seconds since the first midnight."""

    agent: Ints
    start: Ints
    end: Ints
    kind: Ints
    pieces: Pieces


@dataclass
class Calendar:
    """What is known from the days before.

    :param until: when each agent's last shift ended.
    :param worked: the shifts of each agent this week.
    :param schooled: the last week in which each agent had a training or a meeting.
    :param happened: the mishaps of this week, with the group of agents.
    """

    staff: Staff
    until: Ints = field(init=False)
    worked: Ints = field(init=False)
    schooled: Ints = field(init=False)
    happened: set[tuple[int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Start with everybody rested, and nobody trained."""
        self.until = np.full(len(self.staff.ids), -REST)
        self.worked = np.zeros(len(self.staff.ids), dtype=np.int64)
        self.schooled = np.full(len(self.staff.ids), -1)


def plan(
    settings: Settings, calendar: Calendar, busy: Busy, number: int, called: list[tuple[int, float, float]]
) -> Shifts:
    """Return the shifts of a day, and remember them in the calendar."""
    rng = settings.random(number, 8)
    if number % 7 == 0:
        calendar.worked[:] = 0
        calendar.happened.clear()
    chat = _called(calendar, busy, number, called)
    phone = _standby(rng, calendar, number, chat[0])
    agent, start, end = (np.concatenate(pair) for pair in zip(chat, phone, strict=True))
    order = np.argsort(agent, kind="stable")
    agent, start, end = agent[order], start[order], end[order]
    standby = order >= len(chat[0])
    kind = _mishaps(settings, calendar, busy, number, (agent, start, end), standby)
    shifts = Shifts(agent, start, end, kind, _pieces(rng, calendar, busy, number, (agent, start, end, kind)))
    calendar.until[agent] = np.where(kind == KINDS.index("leave"), calendar.until[agent], end)
    calendar.worked[agent] += 1
    return shifts


def table(settings: Settings, staff: Staff, shifts: Shifts) -> pl.DataFrame:
    """Return one row a shift, and one for each break, training and meeting in it."""
    pieces = shifts.pieces
    leave = np.where(shifts.kind == KINDS.index("leave"), ACTIVITIES.index("leave"), 0)
    place = np.concatenate([np.arange(len(shifts.agent)), pieces.shift])
    start, end = np.concatenate([shifts.start, pieces.start]), np.concatenate([shifts.end, pieces.end])
    activity = np.concatenate([leave, pieces.activity])
    order = np.lexsort((start, np.append(np.zeros_like(leave), np.ones_like(pieces.shift)), place))
    return pl.DataFrame(
        {
            "agent_id": pick(staff.ids, shifts.agent[place[order]]),
            "starts_at": moments(settings, start[order].astype(np.float64)),
            "ends_at": moments(settings, end[order].astype(np.float64)),
            "activity": pick(ACTIVITIES, activity[order]),
        }
    )


def _called(
    calendar: Calendar, busy: Busy, number: int, called: list[tuple[int, float, float]]
) -> tuple[Ints, Ints, Ints]:
    """Return the shifts for the chat; who worked at night begins later, as far as the first customer allows."""
    agent = np.array([row[0] for row in called], dtype=np.int64)
    day = int(number * DAY)
    planned = np.array([int(row[1] * HOUR) for row in called], dtype=np.int64) + day
    end = np.array([int(row[2] * HOUR) for row in called], dtype=np.int64) + day
    until = calendar.until[agent]
    first = busy.next(agent, np.maximum(planned, until)) // (2 * QUARTER) * (2 * QUARTER)
    start = np.maximum(np.maximum(planned, until), np.minimum(until + REST, first))
    kept = end - start >= HOUR
    return agent[kept], start[kept], end[kept]


def _standby(rng: np.random.Generator, calendar: Calendar, number: int, called: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the shifts for calls and work orders, of agents who neither chat nor rest today."""
    count = len(calendar.until)
    start = int(number * DAY) + rng.choice(np.array(STANDBY) * HOUR, size=count).astype(np.int64)
    free = (np.arange(count) * 3 + number) % 7 >= 2
    free &= (calendar.until + REST <= start) & (calendar.worked < DAYS_A_WEEK)
    free[called] = False
    agent = np.flatnonzero(free)
    return agent, start[agent], start[agent] + 9 * HOUR


def _mishaps(
    settings: Settings, calendar: Calendar, busy: Busy, number: int, shifts: tuple[Ints, Ints, Ints], standby: Bools
) -> Ints:
    """Return the kind of each shift: who is on leave or sick serves nobody, who is late serves nobody before.

    A mishap that fits nobody on its day comes on a later day of the week.
    """
    agent, start, end = shifts
    week, weekday = divmod(number, 7)
    rng = settings.random(10_004, week)
    idle = standby & (busy.between(agent, start - HOUR, end + HOUR) == 0)
    morning = (start % int(DAY) < 12 * HOUR) & (busy.next(agent, start - HOUR) > start + HOUR)
    kind = np.zeros(len(agent), dtype=np.int64)
    for group in range(int(agent.max(initial=-1)) // GROUP + 1):
        days, luck = rng.permutation(7)[: len(MISHAPS)], rng.random(len(MISHAPS))
        for mishap, day, chance in zip(MISHAPS, days, luck, strict=True):
            fit = (morning if mishap == "late" else idle) & (agent // GROUP == group) & (kind == 0)
            some = np.flatnonzero(fit)
            if day <= weekday and len(some) and (group, mishap) not in calendar.happened:
                kind[some[int(chance * len(some))]] = KINDS.index(mishap)
                calendar.happened.add((group, mishap))
    return kind


def _pieces(
    rng: np.random.Generator, calendar: Calendar, busy: Busy, number: int, shifts: tuple[Ints, Ints, Ints, Ints]
) -> Pieces:
    """Lay breaks, and once a week a training or a meeting, over the shifts, where few customers are waiting."""
    agent, start, end, kind = shifts
    hours = (end - start) / HOUR
    there = np.isin(kind, (KINDS.index("work"), KINDS.index("late")))
    day_shift = start % int(DAY) < 16 * HOUR
    week, weekday = divmod(number, 7)
    due = there & day_shift & (hours >= 8) & (calendar.schooled[agent] < week)
    due &= weekday >= agent % 3
    calendar.schooled[agent[due]] = week
    senior = calendar.staff.senior[agent]
    found = [
        _laid(rng, busy, shifts, there & (hours >= 5), (0.36, 0.55), HOUR, "break"),
        _laid(rng, busy, shifts, there & (hours >= 3), (0.75, 0.88), QUARTER, "break"),
        _laid(rng, busy, shifts, due & ~senior, (0.1, 0.22), HOUR, "training"),
        _laid(rng, busy, shifts, due & senior, (0.1, 0.22), 2 * QUARTER, "meeting"),
    ]
    return Pieces(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _laid(
    rng: np.random.Generator,
    busy: Busy,
    shifts: tuple[Ints, Ints, Ints, Ints],
    where: Bools,
    window: tuple[float, float],
    length: int,
    activity: str,
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return, for these shifts, a piece at the quietest quarter of an hour within a part of the shift."""
    place = np.flatnonzero(where)
    agent, start, end, _ = (column[place][:, None] for column in shifts)
    share: Floats = np.linspace(*window, PLACES)[None, :]
    quarter = ((start + share * (end - start)) // QUARTER).astype(np.int64) * QUARTER
    taken = busy.between(agent, quarter, quarter + length) + rng.random(quarter.shape) * 60
    begin = quarter[np.arange(len(place)), taken.argmin(axis=1)]
    return place, begin, begin + length, np.full(len(place), ACTIVITIES.index(activity))
