"""The tables that go in: one ``TableSpec`` each.

Reading, checking, the documentation of the tables and the test data all come from here. Nothing in this
module reads anything, and it imports no other module of kefu.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["text", "time", "date", "integer", "number", "flag"]

ROLES = ("customer", "bot", "agent", "system")
EVENTS = ("handoff", "agent_joined", "agent_left", "closed")
CLOSERS = ("customer", "agent", "bot", "system")
LEVELS = ("new", "senior")
OUTCOMES = ("adopted", "resolved", "rejected")
STATES = ("available", "handling", "wrap_up", "break", "training", "meeting", "sick", "late", "offline")
ACTIVITIES = ("work", "break", "training", "meeting", "leave")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an input table.

    :param kind: what a value is; times become UTC microseconds, texts stay as they are.
    :param values: the allowed values of an enum, read without regard to case; empty for anything else.
    :param low: the smallest allowed number, ``None`` for no limit; likewise ``high``.
    """

    name: str
    kind: Kind
    doc: str
    required: bool = False
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One input table.

    :param key: columns that identify a row; a later row with the same key replaces the earlier one, which is
        counted as a duplicate. Empty where rows have no identity (a session can have two equal alerts).
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name.

        :raises KeyError: the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """All column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the columns that every row must fill."""
        return tuple(column.name for column in self.columns if column.required)


def _text(name: str, doc: str, *, required: bool = False, values: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", doc, required, values)


def _time(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name, "time", doc, required)


def _flag(name: str, doc: str) -> Column:
    return Column(name, "flag", doc)


MESSAGES = TableSpec(
    "messages",
    "What was said, a row a message. The only table that must be there.",
    (
        _text("session_id", "the session that the message is part of", required=True),
        _time("sent_at", "when it was sent", required=True),
        _text("role", "who speaks", required=True, values=ROLES),
        _text("text", "what was said"),
        _text("sender_id", "who sent it: the agent's id when the role is agent"),
        _text("message_id", "the same id twice in one session is one message"),
        Column("seq", "integer", "order within equal times; else the order of the file"),
        _text("script_id", "the platform logged the use of this script"),
        _text("event", "what happened, on a system message; such a message counts for no role", values=EVENTS),
        _flag("recognised", "bot only: false = the bot did not understand"),
        _text("hotspot_id", "bot only: the prepared entry it answered with"),
        _flag("private", "a note that the customer cannot see; counts nowhere"),
        _flag("automatic", "sent in an agent's name by a rule, a campaign or a timer; counts as system"),
    ),
)

SESSIONS = TableSpec(
    "sessions",
    "What the platform knows of each session. A session without a row is derived from its messages.",
    (
        _text("session_id", "one conversation of one customer", required=True),
        _text("conversation_id", "the thread it is part of"),
        _text("customer_id", "who asks"),
        _text("channel", "where: app, web, wechat …"),
        _text("queue", "the human queue"),
        _text("scene", "online, phone, technical or any other"),
        _text("topic", "what it is about"),
        _time("opened_at", "when it began; needed where the session has no messages"),
        _time("handed_off_at", "when it entered a human queue"),
        _time("closed_at", "when it ended"),
        _text("closed_by", "who ended it", values=CLOSERS),
        _flag("resolved", "whether it was solved"),
        Column("csat", "number", "the customer's rating", low=0),
        Column("csat_max", "number", "the top of the rating scale (5)", low=0),
        Column("nps", "integer", "would recommend, 0–10", low=0, high=10),
        _flag("converted", "ended in a purchase"),
        _flag("ai_assisted", "the agent had the assistant"),
        Column("hold_seconds", "number", "seconds on hold, part of the service", low=0),
        Column("wrap_up_seconds", "number", "seconds of after-work", low=0),
    ),
    key=("session_id",),
)

AGENTS = TableSpec(
    "agents",
    "The people who serve.",
    (
        _text("agent_id", "the id that messages carry as `sender_id`", required=True),
        _text("name", "the name to show"),
        _text("team", "the team; `unknown` where empty"),
        _text("level", "new or senior", values=LEVELS),
        _time("hired_at", "first day"),
        _time("left_at", "last day"),
    ),
    key=("agent_id",),
)

SCRIPTS = TableSpec(
    "scripts",
    "Prepared utterances that agents send.",
    (
        _text("script_id", "its id", required=True),
        _text("text", "what it says, slots as `{name}`", required=True),
        _text("category", "where it is filed"),
        _time("updated_at", "when it was last changed"),
    ),
    key=("script_id",),
)

HOTSPOTS = TableSpec(
    "hotspots",
    "Prepared question-and-answer entries that the platform recommends to customers.",
    (
        _text("hotspot_id", "its id", required=True),
        _text("title", "the question", required=True),
        _text("answer", "the prepared answer"),
        _time("published_at", "when it went live"),
        _time("knowledge_updated_at", "when the knowledge behind it last changed"),
        _time("flagged_at", "when it was marked as needing repair"),
        _time("repaired_at", "when it was last repaired"),
    ),
    key=("hotspot_id",),
)

RECOMMENDATIONS = TableSpec(
    "recommendations",
    "Hotspots shown to customers, a row each time.",
    (
        _text("session_id", "the session", required=True),
        _text("hotspot_id", "the hotspot", required=True),
        _time("shown_at", "when it was shown", required=True),
        _flag("clicked", "whether the customer opened it"),
        _text("outcome", "what the customer said of it", values=OUTCOMES),
    ),
)

ALERTS = TableSpec(
    "alerts",
    "Public-opinion alerts that the platform raised.",
    (
        _text("session_id", "the session", required=True),
        _time("raised_at", "when it was raised", required=True),
        _text("alert_id", "its id"),
    ),
)

AGENT_STATES = TableSpec(
    "agent_states",
    "What each agent was doing, a row a stretch of time.",
    (
        _text("agent_id", "the agent", required=True),
        _time("started_at", "from", required=True),
        _time("ended_at", "to", required=True),
        _text("state", "the state", required=True, values=STATES),
    ),
)

SHIFTS = TableSpec(
    "shifts",
    "What each agent was scheduled to do.",
    (
        _text("agent_id", "the agent", required=True),
        _time("starts_at", "from", required=True),
        _time("ends_at", "to", required=True),
        _text("activity", "the activity", required=True, values=ACTIVITIES),
    ),
)

REVIEWS = TableSpec(
    "reviews",
    "Quality reviews of sessions.",
    (
        _text("session_id", "the session", required=True),
        _text("agent_id", "the agent under review"),
        Column("score", "number", "0–100", low=0, high=100),
        Column("fatal_errors", "integer", "how many fatal errors", low=0),
        Column("nonfatal_errors", "integer", "how many other errors", low=0),
    ),
)

COSTS = TableSpec(
    "costs",
    "What the service cost.",
    (
        Column("date", "date", "the day", required=True),
        Column("amount", "number", "in the currency of the business", required=True),
        _text("queue", "the human queue"),
    ),
)

FORECASTS = TableSpec(
    "forecasts",
    "How many sessions were expected.",
    (
        Column("date", "date", "the day", required=True),
        Column("sessions", "number", "how many", required=True, low=0),
        _text("queue", "the human queue"),
    ),
)

STAFFING = TableSpec(
    "staffing",
    "Posts asked for and filled.",
    (
        Column("date", "date", "the day", required=True),
        Column("requested", "integer", "posts asked for", required=True, low=0),
        Column("hired", "integer", "posts filled", required=True, low=0),
        _text("team", "the team"),
    ),
)

TABLES: Mapping[str, TableSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            MESSAGES,
            SESSIONS,
            AGENTS,
            SCRIPTS,
            HOTSPOTS,
            RECOMMENDATIONS,
            ALERTS,
            AGENT_STATES,
            SHIFTS,
            REVIEWS,
            COSTS,
            FORECASTS,
            STAFFING,
        )
    }
)
"""Every table by its name."""
