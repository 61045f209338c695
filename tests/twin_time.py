"""docs/time.md once more, slowly: what each agent was scheduled to do and did, and the metrics made of it.

``agent_time(...)`` looks at every stretch between two changes by itself and asks every row whether it runs there.
Nothing is shared with the product, and nothing is clever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from twin import time_groups
from twin_facts import Row, milliseconds
from twin_ground import DATES, NO_DATA, OF_AGENTS, Family, Ground, Told, Values, Where, ratio

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
HALF_HOUR = timedelta(minutes=30)
SERVING = {"handling", "wrap_up"}
WORKING = SERVING | {"available"}
LOGGED_IN = WORKING | {"break", "training", "meeting"}
UNPLANNED = {"sick", "late"}
PLANNED = {"break", "training", "meeting"}


@dataclass(frozen=True)
class Stretch:
    """A row of ``agent_states`` or ``shifts``: whole milliseconds [begin, end), and its place in the file."""

    begin: int
    end: int
    place: int
    what: str


@dataclass(frozen=True)
class Piece:
    """A stretch of one agent's time in which nothing changes."""

    agent_id: str
    date: date
    half_hour: str
    activity: str | None
    state: str | None
    ms: int


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Give the first instant of a local day; clocks differ from UTC by whole quarters of an hour."""
    moment = datetime.combine(day, time(), UTC) - DAY
    while moment.astimezone(zone).date() < day:
        moment += QUARTER
    return moment


def half_hours(day: date, zone: ZoneInfo) -> Iterator[tuple[int, int, str]]:
    """Give each half hour of a local day by elapsed time: begin, end, and what the clock shows as it begins."""
    moment, next_day = day_start(day, zone), day_start(day + DAY, zone)
    while moment < next_day:
        end = min(moment + HALF_HOUR, next_day)
        yield milliseconds(EPOCH, moment), milliseconds(EPOCH, end), moment.astimezone(zone).strftime("%H:%M")
        moment = end


def stretches(rows: Sequence[Row], agent_id: str, begin: str, end: str, what: str) -> list[Stretch]:
    """Give an agent's rows; one that ends at or before its beginning counts for nothing."""
    found = [
        Stretch(milliseconds(EPOCH, row[begin]), milliseconds(EPOCH, row[end]), place, row[what])
        for place, row in enumerate(rows)
        if row["agent_id"] == agent_id
    ]
    return [stretch for stretch in found if stretch.begin < stretch.end]


def holding(rows: Sequence[Stretch], instant: int) -> str | None:
    """Give what holds at an instant: of the rows that run, the one that began last, then the one further down."""
    running = [row for row in rows if row.begin <= instant < row.end]
    return max(running, key=lambda row: (row.begin, row.place)).what if running else None


def agent_time(states: Sequence[Row], shifts: Sequence[Row], days: Sequence[date], zone: ZoneInfo) -> list[Piece]:
    """Give every piece of these days in which an activity or a state is known."""
    cells = [(day, *cell) for day in days for cell in half_hours(day, zone)]
    pieces = []
    for agent_id in sorted({row["agent_id"] for row in [*states, *shifts]}):
        did = stretches(states, agent_id, "started_at", "ended_at", "state")
        should = stretches(shifts, agent_id, "starts_at", "ends_at", "activity")
        changes = {moment for row in [*did, *should] for moment in (row.begin, row.end)}
        for day, begin, end, name in cells:
            cuts = sorted({begin, end, *(moment for moment in changes if begin < moment < end)})
            for since, until in pairwise(cuts):
                activity, state = holding(should, since), holding(did, since)
                if activity or state:
                    pieces.append(Piece(agent_id, day, name, activity, state, until - since))
    return pieces


class TimeTwin(Ground):
    """The time of agents."""

    def time_families(self) -> list[Family]:
        """Give each family of metrics, with what it can be grouped by."""
        groups = DATES | OF_AGENTS | {"half_hour"}
        return [(self._occupancy, groups), (self._scheduled, groups)]

    @cached_property
    def pieces(self) -> list[tuple[Piece, Where]]:
        """Every piece of the agents' time in the period, with its groups."""
        found = agent_time(self.tables.get("agent_states", []), self.tables.get("shifts", []), self.period, self.zone)
        return [
            (piece, time_groups(piece.date) | self.of_agent(piece.agent_id) | {"half_hour": piece.half_hour})
            for piece in found
        ]

    def _occupancy(self, where: Where) -> Values:
        if "agent_states" not in self.tables:
            return {"occupancy": NO_DATA}
        pieces = [piece for piece, groups in self.pieces if where.items() <= groups.items()]
        busy, working = (sum(p.ms for p in pieces if p.state in states) for states in (SERVING, WORKING))
        return {"occupancy": Told(ratio(busy, working), 1.0)}

    def _scheduled(self, where: Where) -> Values:
        names = ("utilisation", "shrinkage", "planned_shrinkage", "unplanned_shrinkage")
        if not {"agent_states", "shifts"} <= self.tables.keys():
            return dict.fromkeys((*names, "adherence", "login_rate", "absence_rate"), NO_DATA)
        pieces = [piece for piece, groups in self.pieces if where.items() <= groups.items() and piece.activity]
        work = [piece for piece in pieces if piece.activity == "work"]
        tests: dict[str, tuple[list[Piece], Callable[[Piece], bool]]] = {
            "utilisation": (pieces, lambda piece: piece.state in SERVING),
            "shrinkage": (pieces, away),
            "planned_shrinkage": (pieces, lambda piece: away(piece) and planned(piece)),
            "unplanned_shrinkage": (pieces, lambda piece: away(piece) and not planned(piece)),
            "adherence": (work, lambda piece: piece.state in WORKING),
            "login_rate": (work, lambda piece: piece.state in LOGGED_IN),
            "absence_rate": (work, lambda piece: piece.state in {"sick", "offline", None}),
        }
        return {
            name: Told(part(among, test), part(among, lambda piece: piece.state is not None))
            for name, (among, test) in tests.items()
        }


def part(pieces: Sequence[Piece], test: Callable[[Piece], bool]) -> float | None:
    """Give the share of the time that passes a test."""
    return ratio(sum(piece.ms for piece in pieces if test(piece)), sum(piece.ms for piece in pieces))


def away(piece: Piece) -> bool:
    """Whether the agent did not work."""
    return piece.state not in WORKING


def planned(piece: Piece) -> bool:
    """Whether scheduled time away from work was planned: the state says so, else the activity."""
    if piece.state in UNPLANNED:
        return False
    return piece.state in PLANNED or piece.activity != "work"
