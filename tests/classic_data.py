"""Random small data sets for the metrics of docs/classic.md, awkward on purpose, each made from its seed.

Rows are typed; every table has all its columns. Times lie on both sides of every limit, to the microsecond. Left out
is what other tests look at: rows that cannot be read, and messages that count for nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from twin_facts import UNKNOWN

Row = dict[str, Any]
T = TypeVar("T")

COLUMNS: dict[str, tuple[str, ...]] = {
    "messages": ("session_id", "sent_at", "role", "sender_id", "message_id", "event"),
    "sessions": (
        *("session_id", "customer_id", "queue", "topic", "opened_at", "handed_off_at", "closed_at", "resolved"),
        *("csat", "csat_max", "nps", "converted", "ai_assisted", "hold_seconds", "wrap_up_seconds"),
    ),
    "agents": ("agent_id", "team", "hired_at", "left_at"),
    "reviews": ("session_id", "agent_id", "score", "fatal_errors", "nonfatal_errors"),
    "agent_states": ("agent_id", "started_at", "ended_at", "state"),
    "shifts": ("agent_id", "starts_at", "ends_at", "activity"),
    "costs": ("date", "amount", "queue"),
    "forecasts": ("date", "sessions", "queue"),
    "staffing": ("date", "requested", "hired", "team"),
}
MUST_HAVE = {
    *("session_id", "sent_at", "role", "agent_id", "started_at", "ended_at", "state", "starts_at", "ends_at"),
    *("activity", "date", "amount", "sessions", "requested", "hired", "opened_at"),
}
# Clocks that stand still, move at two o'clock, at midnight, and by half an hour; each first day is just before.
CALENDARS = (
    *[("Asia/Shanghai", date(2025, 5, 30))] * 4,
    ("America/New_York", date(2025, 3, 8)),
    ("America/New_York", date(2025, 11, 1)),
    ("America/Havana", date(2025, 3, 8)),
    ("America/Havana", date(2025, 11, 1)),
    ("Australia/Lord_Howe", date(2025, 4, 5)),
    ("Australia/Lord_Howe", date(2025, 10, 4)),
)
AGENTS = ("a1", "a2", "a3", "a4", None)
QUEUES = ("q1", "q2", None)
TOPICS = ("billing", "login", None)
CUSTOMERS = ("c1", "c2", "c3", "c4", "c5", "c6", None)
STATES = ("available", "handling", "wrap_up", "break", "training", "meeting", "sick", "late", "offline")
ACTIVITIES = ("work", "work", "work", "break", "training", "meeting", "leave")
MICROSECOND, SECOND, HOUR, DAY = timedelta(microseconds=1), timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
# Waits between messages, and from a hand-over to an answer.
GAPS = (
    *(timedelta(0), MICROSECOND, 0.5 * SECOND, 5 * SECOND, 61 * SECOND, 10 * 61 * SECOND, 3 * HOUR),
    *(20 * SECOND, 20 * SECOND - MICROSECOND, 20 * SECOND + MICROSECOND, 21 * SECOND),
)
EDGES = tuple(microseconds * MICROSECOND for microseconds in (-1, 0, 1, 999, 1000))
# From one contact of a customer to the next, and from opening to end.
RETURNS = (*(7 * DAY + edge for edge in EDGES), timedelta(0), MICROSECOND, HOUR)
LENGTHS = (*(DAY + edge for edge in EDGES), -HOUR, 5 * SECOND, 3 * HOUR)
KINDS = (
    *["CA", "CACA", "CCABA", "CBCABCA", "CBHCACA", "HA", "CHBCCAAC", "CAHCA", "ACAC"],
    *["CB", "CBCB", "B", "C", "", "CBH", "H", "CHB", "CX", "AX", "CAAAX"],
)
ROLES = {"C": "customer", "A": "agent", "B": "bot", "H": "system", "X": "system"}
EVENTS = {"H": "handoff", "X": "closed"}


@dataclass(frozen=True)
class DataSet:
    """Tables, the time zone that they are read in, and the period that is asked about."""

    tables: dict[str, list[Row]]
    timezone: str
    first: date | None = None
    last: date | None = None


class Maker:
    """Makes one data set."""

    def __init__(self, seed: int) -> None:
        """Choose what holds for the whole set."""
        self.random = Random(seed)
        self.timezone, self.day = self.random.choice(CALENDARS)
        self.start = datetime.combine(self.day, datetime.min.time(), ZoneInfo(self.timezone)).astimezone(UTC)
        self.kinds = self.some(KINDS, 6)
        self.queues, self.topics, self.customers = (self.some(names, 1) for names in (QUEUES, TOPICS, CUSTOMERS))
        self.agents = self.some(AGENTS, 2)
        self.span = self.random.choice((1, 4, 4))

    def some(self, among: tuple[T, ...], least: int) -> list[T]:
        """Choose some of several."""
        return self.random.sample(among, self.random.randint(least, len(among)))

    def odds(self, chance: float) -> bool:
        """Say yes so often."""
        return self.random.random() < chance

    def maybe(self, value: T, chance: float = 0.6) -> T | None:
        """Give a value or none."""
        return value if self.odds(chance) else None

    def moment(self) -> datetime:
        """Choose a time on one of the days: sharp on a half hour, just beside it, or anywhere."""
        sharp = self.start + self.random.randrange(48 * self.span) * HOUR / 2
        beside = self.random.choice((timedelta(0), -MICROSECOND, MICROSECOND, 999 * MICROSECOND, 0.0015 * SECOND))
        return sharp + (beside if self.odds(0.4) else self.random.randrange(1_800_000_000) * MICROSECOND)

    def date(self) -> date:
        """Choose a date in the days or just beside them."""
        return self.day + self.random.randint(-1, self.span) * DAY

    # --- conversations --------------------------------------------------------------------------

    def conversation(self, name: str, begin: datetime) -> list[Row]:
        """Write the messages of one session."""
        moment, rows = begin, []
        agents = self.random.sample(self.agents, min(len(self.agents), self.random.choice((1, 1, 2, 3))))
        for place, kind in enumerate(self.random.choice(self.kinds)):
            moment += self.random.choice(GAPS) if place else timedelta(0)
            rows.append(
                {
                    "session_id": name,
                    "sent_at": moment,
                    "role": ROLES[kind],
                    "sender_id": self.random.choice(agents) if kind == "A" else None,
                    "message_id": f"{name}m{place}",
                    "event": EVENTS.get(kind),
                }
            )
        return rows

    def session(self, name: str, begin: datetime, customer: str | None, messages: list[Row]) -> Row:
        """Write what the platform knows of one session."""
        near = self.random.choice((timedelta(0), MICROSECOND, 5 * SECOND, -5 * SECOND, 20 * SECOND, -20 * SECOND))
        anchor = self.random.choice(messages)["sent_at"] if messages else begin
        return {
            "session_id": name,
            "customer_id": customer,
            "queue": self.random.choice(self.queues),
            "topic": self.random.choice(self.topics),
            "opened_at": begin if not messages or self.odds(0.5) else self.maybe(begin - near, 0.4),
            "handed_off_at": self.maybe(anchor + near, 0.3),
            "closed_at": self.maybe(begin + self.random.choice(LENGTHS), 0.5),
            "resolved": self.random.choice((True, False, None)),
            "csat": self.maybe(self.random.choice((0, 1, 3, 4, 4.35, 5, 5.6, 7, 8, 10, 2.8))),
            "csat_max": self.random.choice((None, None, 5, 7, 10, 0, 3.5)),
            "nps": self.maybe(self.random.randint(0, 10)),
            "converted": self.random.choice((True, False, None)),
            "ai_assisted": self.random.choice((True, True, False, False, None)),
            "hold_seconds": self.maybe(self.seconds()),
            "wrap_up_seconds": self.maybe(self.seconds()),
        }

    def seconds(self) -> float:
        """Choose a number of seconds, whole or with a fraction that is no half of a millisecond."""
        return self.random.choice((0, 1, 30, 59.9996, 0.0004, 12.3456, round(self.random.uniform(0, 300), 3)))

    def begins(self) -> list[tuple[datetime, str | None]]:
        """Choose when sessions begin, and whose they are: some together, some about a week after another."""
        found = [(self.moment(), self.random.choice(self.customers))]
        for _ in range(self.random.choice((0, 3, 8, 15, 24, 39))):
            before, customer = self.random.choice(found)
            again = (before + self.random.choice(RETURNS), customer)
            found.append(again if self.odds(0.3) else (self.moment(), self.random.choice(self.customers)))
        return found

    def conversations(self) -> tuple[list[Row], list[Row]]:
        """Write the messages and the sessions, some of them known by one only."""
        messages, sessions = [], []
        for place, (begin, customer) in enumerate(self.begins()):
            rows = self.conversation(f"s{place}", begin)
            messages += rows
            if not rows or self.odds(0.9):
                sessions.append(self.session(f"s{place}", begin, customer, rows))
        if not messages:
            messages = [{**dict.fromkeys(COLUMNS["messages"]), "session_id": "s", "sent_at": self.start, "role": "bot"}]
        return messages, sessions

    # --- everything else ------------------------------------------------------------------------

    def agent_rows(self) -> list[Row]:
        """Write the agents, some of them twice or in no team."""
        names = [name for name in AGENTS if name and self.odds(0.8)] + ["a5"]
        edges = [self.start + days * DAY - self.random.choice((0, 1)) * MICROSECOND for days in (-9, 0, 1, 2, 3, 12)]
        return [
            {
                "agent_id": self.random.choice(names) if self.odds(0.1) else name,
                "team": self.random.choice(("t1", "t2", None)),
                "hired_at": self.maybe(self.random.choice(edges[:4])),
                "left_at": self.maybe(self.random.choice(edges[1:]), 0.4),
            }
            for name in names
        ]

    def stretch(self, begin: str, end: str) -> Row:
        """Write a stretch of an agent's time: short, empty, over midnight, or longer than all the days."""
        since = self.moment() - self.random.choice((0, 0, 0, 1, 40)) * DAY
        lengths = (timedelta(0), -HOUR, 0.0005 * SECOND, 0.001 * SECOND, 1799.9995 * SECOND, HOUR, 9 * HOUR, 26 * HOUR)
        length = self.random.choice((*lengths, 45 * DAY)) if self.odds(0.5) else self.random.randrange(40_000) * SECOND
        return {"agent_id": self.random.choice([*AGENTS[:4], "a5"]), begin: since, end: since + length}

    def stretches(self, begin: str, end: str, what: str, among: tuple[str, ...]) -> list[Row]:
        """Write many of them; some begin together."""
        rows: list[Row] = []
        for _ in range(self.random.choice((0, 2, 10, 25))):
            row = self.stretch(begin, end) | {what: self.random.choice(among)}
            together = rows and self.odds(0.2)
            rows.append(row | {name: rows[-1][name] for name in ("agent_id", begin)} if together else row)
        return rows

    def reviews(self, sessions: int) -> list[Row]:
        """Write reviews, some of sessions that nobody knows."""
        return [
            {
                "session_id": f"s{self.random.randint(0, sessions + 1)}",
                "agent_id": self.maybe(self.random.choice(("a1", "a2", "a9"))),
                "score": self.maybe(
                    self.random.choice((0, 100, 87.25, 66.666667, round(self.random.uniform(0, 100), 3)))
                ),
                "fatal_errors": self.maybe(self.random.randint(0, 2)),
                "nonfatal_errors": self.maybe(self.random.randint(0, 2)),
            }
            for _ in range(self.random.randint(0, 12))
        ]

    def plans(self) -> dict[str, list[Row]]:
        """Write costs, forecasts and staffing; a forecast names queues on some dates and none on others."""
        queued = {self.day + n * DAY: self.odds(0.5) for n in range(-1, self.span + 1)}
        costs, forecasts, staffing = ([self.date() for _ in range(self.random.randint(0, 8))] for _ in range(3))
        queue = lambda: self.random.choice(("q1", "q2", "q9", None, UNKNOWN))  # noqa: E731
        return {
            "costs": [
                {"date": day, "amount": self.random.choice((0, 100, 12.345678, 99.99)), "queue": queue()}
                for day in costs
            ],
            "forecasts": [
                {
                    "date": day,
                    "sessions": self.random.choice((0, 1, 3, 2.5, 7.125)),
                    "queue": queue() if queued[day] else None,
                }
                for day in forecasts
            ],
            "staffing": [
                {
                    "date": day,
                    "requested": self.random.randint(0, 5),
                    "hired": self.random.randint(0, 5),
                    "team": self.random.choice(("t1", "t2", "t9", None)),
                }
                for day in staffing
            ],
        }

    def data_set(self) -> DataSet:
        """Write all tables; whole tables and columns may be missing."""
        messages, sessions = self.conversations()
        tables = {
            "messages": messages,
            "sessions": sessions,
            "agents": self.agent_rows(),
            "reviews": self.reviews(len(sessions)),
            "agent_states": self.stretches("started_at", "ended_at", "state", STATES),
            "shifts": self.stretches("starts_at", "ends_at", "activity", ACTIVITIES),
            **self.plans(),
        }
        for name in (*COLUMNS,)[1:]:
            if self.odds(0.08) and name != "sessions":
                del tables[name]
        for name, rows in tables.items():
            for column in COLUMNS[name]:
                if column not in MUST_HAVE and self.odds(0.05):
                    tables[name] = [row | {column: None} for row in tables[name]]
            if name != "messages" and self.odds(0.05):
                tables[name] = []
            elif rows and self.odds(0.1):
                self.random.shuffle(tables[name])
        begin = self.maybe(self.date(), 0.15)
        end = (begin or self.day) + self.random.randint(0, 5) * DAY
        return DataSet(tables, self.timezone, begin, self.maybe(end, 0.1))


def random_data_set(seed: int) -> DataSet:
    """Give the data set of that seed."""
    return Maker(seed).data_set()
