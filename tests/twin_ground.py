"""What all parts of the twin of docs/classic.md stand on: facts, groups, the period, and exact arithmetic.

Rows are typed: times aware, ids text, and ``None`` for what is not told. Numbers count as they are written: 0.1 is a
tenth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from twin import time_groups
from twin_facts import (
    UNKNOWN,
    Row,
    Service,
    Session,
    Tables,
    derive_session,
    milliseconds,
    read_table,
    transcripts,
)

Where = dict[str, str]
Number = int | Fraction

DATES = {"date", "week", "month"}
OF_SESSIONS = DATES | {"channel", "queue", "scene"}
OF_AGENTS = {"agent_id", "team"}
DAY = timedelta(days=1)
SECOND = 1000


@dataclass(frozen=True)
class Told:
    """A value with its coverage, and its interval if it has one; all ``None`` where it does not apply."""

    value: float | None = None
    coverage: float | None = None
    interval: tuple[float, float] | None = None


Values = dict[str, Told]
Family = tuple[Callable[[Where], Values], set[str]]
"""Metrics that are worked out together, and what they can be grouped by."""
NO_DATA = Told(None, 0.0)
"""What is said where the table that a metric needs is not there."""


@dataclass(frozen=True)
class Part:
    """A session, or one service of it where the table is about agents."""

    session: Session
    service: Service | None = None

    @property
    def service_ms(self) -> int:
        """How long it was served; 0 without a human."""
        if self.service:
            return milliseconds(self.service.begins_at, self.service.ends_at)
        agents = self.session.by("agent")
        return milliseconds(agents[0].sent_at, self.session.ended_at) if agents else 0

    @property
    def ends_here(self) -> bool:
        """Whether it holds the last agent message."""
        return self.service is None or self.service.agent_id == self.session.last_agent

    @property
    def handle_ms(self) -> int:
        """How long it was worked on: the wrap-up belongs to the agent of the last agent message."""
        return self.service_ms + (whole_ms(self.told("wrap_up_seconds")) if self.ends_here else 0)

    @property
    def contact(self) -> bool:
        """Whether the customer wrote at all."""
        return bool(self.session.by("customer"))

    def told(self, column: str) -> Any:  # noqa: ANN401 - a cell of any type
        """Give what the ``sessions`` table says, ``None`` where it says nothing."""
        return self.session.row.get(column)


def exact(number: float) -> Fraction:
    """Give a number as it is written."""
    return Fraction(str(number))


def ratio(top: Number, bottom: Number) -> float | None:
    """Divide; None where there is nothing to divide by."""
    return float(Fraction(top) / Fraction(bottom)) if bottom else None


def share(of: Iterable[bool], among: Sequence[object]) -> float | None:
    """Give how many hold, as a share."""
    return ratio(sum(of), len(among))


def whole_ms(seconds: float | None) -> int:
    """Give seconds as whole milliseconds, 0 where they are not told."""
    return 0 if seconds is None else round(exact(seconds) * SECOND)


class Ground:
    """The facts that all parts of the twin stand on, and which of them belong to a group."""

    def __init__(
        self, tables: Tables, timezone: str = "Asia/Shanghai", first: date | None = None, last: date | None = None
    ) -> None:
        """Read the tables and derive the facts; ``first`` and ``last`` bound the period, else the sessions do."""
        self.tables, self.zone = tables, ZoneInfo(timezone)
        loaded = {name: read_table(name, tables.get(name, []), self.zone)[0] for name in ("messages", "sessions")}
        agents = read_table("agents", tables.get("agents", []), self.zone)[0]
        self.agents = {row["agent_id"]: row for row in agents}
        self.everyone = self._derive(loaded["messages"], {row["session_id"]: row for row in loaded["sessions"]})
        self.period = self._period(first, last)
        self.sessions = [session for session in self.everyone.values() if session.date in self.period]

    def _derive(self, rows: list[dict[str, Any]], told: dict[str, dict[str, Any]]) -> dict[str, Session]:
        messages = transcripts(rows)
        names = [*told, *(name for name in messages if name not in told)]
        found = {name: derive_session(name, told.get(name), messages.get(name, []), self.zone, ()) for name in names}
        return {name: session for name, session in found.items() if session}

    def _period(self, first: date | None, last: date | None) -> list[date]:
        """Give the days of the period: none after the last date of all that has sessions."""
        every = [session.date for session in self.everyone.values()]
        days = [day for day in every if (first is None or day >= first) and (last is None or day <= last)]
        begin, end = first or min(days, default=None), last or max(days, default=None)
        if begin is None or end is None or not every:
            return []
        end = min(end, max(every))
        return [begin + n * DAY for n in range((end - begin).days + 1)]

    # --- which group a row is in ----------------------------------------------------------------

    def of_session(self, session: Session) -> Where:
        """Give the groups of a session."""
        names = {name: session.row.get(name) or UNKNOWN for name in ("channel", "queue", "scene")}
        return time_groups(session.date) | names

    def of_agent(self, agent_id: str) -> Where:
        """Give the groups of an agent."""
        row = self.agents.get(agent_id)
        return {"agent_id": agent_id, "team": (row["team"] if row else None) or UNKNOWN}

    def parts(self, where: Where) -> list[Part]:
        """Give the sessions of a group, or the services of it where it is about agents."""
        if not OF_AGENTS & where.keys():
            return [Part(session) for session in self.sessions if where.items() <= self.of_session(session).items()]
        return [
            Part(session, service)
            for session in self.sessions
            for service in session.services
            if where.items() <= (self.of_session(session) | self.of_agent(service.agent_id)).items()
        ]

    def dated(self, table: str, where: Where, group: str) -> list[Row]:
        """Give the rows of a table with a date in the period, by the date and one group of their own."""
        return [
            row
            for row in self.tables.get(table, [])
            if row["date"] in self.period
            and where.items() <= (time_groups(row["date"]) | {group: row.get(group) or UNKNOWN}).items()
        ]

    def days(self, where: Where) -> list[date]:
        """Give the days of a group, from the first to the last date of the period with sessions."""
        dates = {name: value for name, value in where.items() if name in DATES}
        used = [session.date for session in self.sessions]
        return [
            day
            for day in self.period
            if used and min(used) <= day <= max(used) and dates.items() <= time_groups(day).items()
        ]
