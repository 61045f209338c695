"""Weeks of sessions of a few agents in a store, made so that every value is known beforehand."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

from kefu.config import Settings, load_settings
from kefu.host import Host
from kefu.night.nightly import Nightly, Span
from kefu.store.opening import Store
from kefu_plugins import agent_closed, first_contact, reply_interval

MONDAY = dt.date(2025, 3, 3)
AGENTS = ("a1", "a2", "a3", "a4", "a5")
DAILY = 2
"""Sessions of each agent on each day, Sundays as well."""


def seconds(agent: int, week: int) -> int:
    """Return how long every customer of an agent waits in a week."""
    return 20 + 10 * agent + (week * 7 + agent * 3) % 5


def write_weeks(folder: Path, first: dt.date, last: dt.date) -> None:
    """Write a session for each agent, day and number: one question, one answer, closed by the customer but by a1."""
    messages, sessions = [], []
    for day in range((last - first).days + 1):
        date = first + dt.timedelta(day)
        week = (date - MONDAY).days // 7
        for agent, name in enumerate(AGENTS):
            for number in range(DAILY):
                session = f"{date}-{name}-{number}"
                asked = dt.datetime.combine(date, dt.time(9 + agent, 10 * number))
                answered = asked + dt.timedelta(seconds=seconds(agent, week))
                messages.append((session, asked, "customer", "", "请问"))
                messages.append((session, answered, "agent", name, "您好"))
                sessions.append((session, f"c-{session}", asked, answered, "agent" if name == "a1" else "customer"))
    _write(folder / "messages.csv", ("session_id", "sent_at", "role", "sender_id", "text"), messages)
    _write(folder / "sessions.csv", ("session_id", "customer_id", "opened_at", "closed_at", "closed_by"), sessions)


def _write(path: Path, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def host() -> Host:
    """Load three plugins; one of them gives values that only settle after a week."""
    modules = (agent_closed, first_contact, reply_interval)
    return Host(builtins=False, outsiders=False, modules={module.__name__: module for module in modules})


def fill(store: Store, first: dt.date, last: dt.date, settings: Settings | None = None) -> None:
    """Run a night over such weeks."""
    with TemporaryDirectory() as scratch, TemporaryDirectory() as data:
        write_weeks(Path(data), first, last)
        Nightly(store, settings or load_settings(), host(), Path(scratch)).run(Path(data), Span())
