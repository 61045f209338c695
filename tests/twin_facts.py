"""The facts of SPEC sections 1 and 2, derived slowly and in plain Python.

The twin is the oracle of the tests: it has to be easy to check against the contract by eye, so every
rule is one small function that goes through the messages of one session with a loop. It shares no
code with the product, because a shared mistake would never be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Value = str | bool | int | float | datetime | None
Kind = str | set[str]
Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]

UNKNOWN = "unknown"
ROLES = {"customer", "bot", "agent", "system"}
SPEAKERS = {"customer", "bot", "agent"}

# Only the tables that the ten metrics read. A kind is a name below or a set of allowed words.
COLUMNS: dict[str, dict[str, Kind]] = {
    "messages": {
        "session_id": "text",
        "sent_at": "time",
        "role": ROLES,
        "text": "text",
        "sender_id": "text",
        "message_id": "text",
        "seq": "integer",
        "script_id": "text",
        "event": {"handoff", "agent_joined", "agent_left", "closed"},
        "recognised": "truth",
        "hotspot_id": "text",
        "private": "truth",
        "automatic": "truth",
    },
    "sessions": {
        "session_id": "text",
        "customer_id": "text",
        "channel": "text",
        "queue": "text",
        "scene": "text",
        "topic": "text",
        "opened_at": "time",
        "handed_off_at": "time",
        "closed_at": "time",
        "closed_by": ROLES,
        "resolved": "truth",
        "csat": "number",
        "csat_max": "number",
        "nps": "integer",
        "converted": "truth",
        "ai_assisted": "truth",
        "hold_seconds": "number",
        "wrap_up_seconds": "number",
    },
    "agents": {"agent_id": "text", "team": "text", "level": {"new", "senior"}, "hired_at": "time", "left_at": "time"},
    "scripts": {"script_id": "text", "text": "text", "updated_at": "time"},
    "hotspots": {
        "hotspot_id": "text",
        "title": "text",
        "published_at": "time",
        "knowledge_updated_at": "time",
        "flagged_at": "time",
        "repaired_at": "time",
    },
    "recommendations": {
        "session_id": "text",
        "hotspot_id": "text",
        "shown_at": "time",
        "clicked": "truth",
        "outcome": {"adopted", "resolved", "rejected"},
    },
    "alerts": {"session_id": "text", "raised_at": "time", "alert_id": "text"},
}
REQUIRED = {
    "messages": ("session_id", "sent_at", "role"),
    "sessions": ("session_id",),
    "agents": ("agent_id",),
    "scripts": ("script_id", "text"),
    "hotspots": ("hotspot_id", "title"),
    "recommendations": ("session_id", "hotspot_id", "shown_at"),
    "alerts": ("session_id", "raised_at"),
}
TRUTH = {"true": True, "false": False, "1": True, "0": False}
READERS: dict[str, Callable[[str], Value]] = {
    "text": str,
    "integer": int,
    "number": float,
    "truth": lambda value: TRUTH[value.lower()],
}
KEYS = {"sessions": "session_id", "agents": "agent_id", "scripts": "script_id", "hotspots": "hotspot_id"}


@dataclass
class Message:
    """One message that the customer could see. ``role`` is None where it carries an event."""

    sent_at: datetime
    role: str | None
    event: str | None
    text: str
    agent_id: str
    script_id: str | None
    recognised: bool | None


@dataclass
class Turn:
    """A wait for a human answer; ``reply_ms`` and ``agent_id`` are None while it is pending."""

    session: Session
    began_at: datetime
    customer_messages: int
    reply_ms: int | None = None
    agent_id: str | None = None
    first: bool = False


@dataclass
class Service:
    """One agent's part in one session."""

    session: Session
    agent_id: str
    begins_at: datetime
    ends_at: datetime


@dataclass
class Session:
    """One session with everything that SPEC section 2 derives for it."""

    session_id: str
    row: Row
    messages: list[Message]
    opened_at: datetime
    date: date
    ended_at: datetime
    human_from: datetime | None = None
    turns: list[Turn] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    opinion_at: datetime | None = None

    def by(self, role: str) -> list[Message]:
        """Give the messages of ``role``, in order."""
        return [message for message in self.messages if message.role == role]

    @property
    def human(self) -> bool:
        """Whether an agent wrote at all."""
        return bool(self.by("agent"))

    @property
    def handed_off(self) -> bool:
        """Whether the session came to a human queue, answered there or not."""
        return self.human or explicit_handoff(self.row, self.messages) is not None

    @property
    def bot_only(self) -> bool:
        """Whether a bot spoke and no human was asked for."""
        return bool(self.by("bot")) and not self.handed_off

    @property
    def agent_closed(self) -> bool:
        """Whether an agent ended a human session."""
        return self.human and self.row.get("closed_by") == "agent"

    @property
    def abrupt(self) -> bool:
        """Whether the agent closed although the customer spoke last."""
        spoken = [message.role for message in self.messages if message.role in SPEAKERS]
        return self.agent_closed and spoken[-1] == "customer"

    @property
    def pending(self) -> bool:
        """Whether the session ends on a turn that nobody answered."""
        return bool(self.turns) and self.turns[-1].reply_ms is None

    @property
    def last_agent(self) -> str:
        """The agent of the last agent message, who answers for the end of the session."""
        return self.by("agent")[-1].agent_id


def milliseconds(begin: datetime, end: datetime) -> int:
    """Give the whole milliseconds from ``begin`` to ``end``; what is smaller is cut off."""
    return (end - begin) // timedelta(milliseconds=1)


# --- Section 1: reading ------------------------------------------------------------------------


def read_time(value: str | datetime, zone: ZoneInfo) -> datetime:
    """Give the UTC time; a time without an offset is in the business time zone."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def read_value(value: Value, kind: Kind, zone: ZoneInfo) -> Value:
    """Give the value as ``kind``; a ValueError or KeyError means that the row is rejected."""
    if value is None or value == "":
        return None
    if kind == "time":
        return read_time(value if isinstance(value, datetime) else str(value), zone)
    if isinstance(kind, str):
        return READERS[kind](str(value))
    if str(value).lower() not in kind:
        raise ValueError(value)
    return str(value).lower()


def read_row(table: str, raw: Row, zone: ZoneInfo) -> dict[str, Any] | None:
    """Give the row with typed values, or None for a row that goes to quarantine."""
    try:
        row = {name: read_value(raw.get(name), kind, zone) for name, kind in COLUMNS[table].items()}
    except (ValueError, KeyError):
        return None
    return None if any(row[name] is None for name in REQUIRED[table]) else row


@dataclass
class Count:
    """What became of the rows of one table: rows = loaded + duplicates + rejected."""

    rows: int = 0
    rejected: int = 0
    duplicates: int = 0


def without_repeated_messages(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the first row of each message_id in a session; rows without one are all kept."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for row in rows:
        key = (row["session_id"], row["message_id"])
        if row["message_id"] is None or key not in seen:
            kept.append(row)
            seen.add(key)
    return kept


def without_repeated_keys(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Keep the last row of each key: a later row is the newer state of the same thing."""
    return list({row[key]: row for row in rows}.values())


def read_table(table: str, raw_rows: Sequence[Row], zone: ZoneInfo) -> tuple[list[dict[str, Any]], Count]:
    """Give the loaded rows of a table and the count of the others."""
    read = [read_row(table, raw, zone) for raw in raw_rows]
    good = [row for row in read if row is not None]
    if table == "messages":
        loaded = without_repeated_messages(good)
    elif table in KEYS:
        loaded = without_repeated_keys(good, KEYS[table])
    else:
        loaded = good
    return loaded, Count(len(read), len(read) - len(good), len(good) - len(loaded))


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort by (sent_at, seq, file order); sorting is stable, and a row without seq follows those with one."""
    return sorted(rows, key=lambda row: (row["sent_at"], row["seq"] is None, row["seq"] or 0))


def as_message(row: Row) -> Message:
    """Give the message in its effective role: an automatic one is nobody's answer, an event is no message."""
    role = "system" if row["automatic"] else row["role"]
    return Message(
        sent_at=row["sent_at"],
        role=None if row["event"] else role,
        event=row["event"],
        text=row["text"] or "",
        agent_id=row["sender_id"] or UNKNOWN,
        script_id=row["script_id"],
        recognised=row["recognised"],
    )


def transcripts(rows: Iterable[dict[str, Any]]) -> dict[str, list[Message]]:
    """Give the visible messages of each session, in order."""
    found: dict[str, list[Message]] = {}
    for row in in_order(rows):
        if not row["private"]:
            found.setdefault(row["session_id"], []).append(as_message(row))
    return found


# --- Section 2: one session --------------------------------------------------------------------


def first_handoff(messages: Sequence[Message]) -> int | None:
    """Give the place of the first ``handoff`` event."""
    return next((place for place, message in enumerate(messages) if message.event == "handoff"), None)


def explicit_handoff(row: Row, messages: Sequence[Message]) -> datetime | None:
    """Give the explicit ``H``: handed_off_at, else the first handoff event."""
    given: datetime | None = row.get("handed_off_at")
    place = first_handoff(messages)
    return given or (None if place is None else messages[place].sent_at)


def first_at_or_after(messages: Sequence[Message], moment: datetime) -> int:
    """Give the place of the first message at or after ``moment``; the length if there is none."""
    return sum(message.sent_at < moment for message in messages)


def place_after_bot(messages: Sequence[Message], last_bot: int, first_agent: int) -> int:
    """Give the place of the first customer message after the bot's last word, else of the first agent message."""
    for place in range(last_bot + 1, first_agent):
        if messages[place].role == "customer":
            return place
    return first_agent


def human_phase(row: Row, messages: Sequence[Message], opened_at: datetime) -> tuple[int, datetime | None]:
    """Give the place of the first message of the human phase, and ``H``; ``H`` is None where there is no such phase."""
    if row.get("handed_off_at"):
        return first_at_or_after(messages, row["handed_off_at"]), row["handed_off_at"]
    handoff = first_handoff(messages)
    if handoff is not None:
        return handoff, messages[handoff].sent_at
    agents = [place for place, message in enumerate(messages) if message.role == "agent"]
    if not agents:
        return len(messages), None
    bots = [place for place in range(agents[0]) if messages[place].role == "bot"]
    if not bots:
        # An opened_at from the sessions table may be later than the first messages: they wait for nobody.
        return first_at_or_after(messages, opened_at), opened_at
    place = place_after_bot(messages, bots[-1], agents[0])
    return place, messages[place].sent_at


def turns_of(session: Session) -> list[Turn]:
    """Give the turns of the human phase; with an explicit ``H`` the first begins at ``H``, whoever spoke."""
    place, human_from = human_phase(session.row, session.messages, session.opened_at)
    turns: list[Turn] = []
    waiting: Turn | None = None
    if human_from and explicit_handoff(session.row, session.messages) is not None:
        waiting = Turn(session, human_from, customer_messages=0)
        turns.append(waiting)
    for message in session.messages[place:]:
        if message.role == "customer":
            if waiting is None:
                waiting = Turn(session, message.sent_at, customer_messages=0)
                turns.append(waiting)
            waiting.customer_messages += 1
        elif message.role == "agent" and waiting is not None:
            waiting.reply_ms = milliseconds(waiting.began_at, message.sent_at)
            waiting.agent_id = message.agent_id
            waiting.first = not any(turn.first for turn in turns)
            waiting = None
    return turns


def services_of(session: Session) -> list[Service]:
    """Give each agent's part: from its first message to the first one of another agent after its last, or the end."""
    agents = session.by("agent")
    services = []
    for agent_id in dict.fromkeys(message.agent_id for message in agents):
        own = [place for place, message in enumerate(agents) if message.agent_id == agent_id]
        after = agents[own[-1] + 1 :]
        ends_at = after[0].sent_at if after else session.ended_at
        services.append(Service(session, agent_id, agents[own[0]].sent_at, ends_at))
    return services


def ended_at(row: Row, messages: Sequence[Message], opened_at: datetime) -> datetime:
    """Give the end: closed_at, else the last ``closed`` event, else the last message; never before the last answer."""
    closed = [message.sent_at for message in messages if message.event == "closed"]
    last = messages[-1].sent_at if messages else opened_at
    end: datetime = row.get("closed_at") or (closed[-1] if closed else last)
    return max([end, *(message.sent_at for message in messages if message.role == "agent")])


def hits(text: str, words: Iterable[str]) -> int:
    """Count the occurrences of the words, without regard to case."""
    return sum(text.lower().count(word.lower()) for word in words)


def derive_session(
    session_id: str, row: Row | None, messages: list[Message], zone: ZoneInfo, opinion_words: Iterable[str]
) -> Session | None:
    """Give the session with its facts, or None where nothing says when it opened."""
    row = row or {}
    opened_at = row.get("opened_at") or (messages[0].sent_at if messages else None)
    if opened_at is None:
        return None
    local_date = opened_at.astimezone(zone).date()
    session = Session(session_id, row, messages, opened_at, local_date, ended_at(row, messages, opened_at))
    session.human_from = human_phase(row, messages, opened_at)[1]
    session.turns = turns_of(session)
    session.services = services_of(session)
    opinions = (message.sent_at for message in session.by("customer") if hits(message.text, opinion_words))
    session.opinion_at = next(opinions, None)
    return session
