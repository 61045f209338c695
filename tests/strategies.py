"""Hypothesis strategies for small data sets that are awkward on purpose.

``data_sets()`` draws tables of rows of strings, as a CSV reader gives them: ties, half seconds, midnight,
missing senders, hand-offs at any moment, several agents, and values on both sides of every threshold.
Every row of a table has the same columns; ``COLUMNS`` names them for a table that has no rows.

Left out on purpose is what SPEC does not decide: a session that numbers only some of its messages, script
texts with slots or nearly alike, a repeated message_id at another time than the first, a script_id that stands
on nothing but notes and automatic messages, and times finer than a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

Row = dict[str, str]
Tables = dict[str, list[Row]]

ZONE = ZoneInfo("Asia/Shanghai")
# A Saturday: the next days cross a month and an ISO week.
FIRST_DAY = datetime(2025, 5, 31, tzinfo=ZONE)
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000

SCRIPTS = ("请您点击订单详情页的申请售后按钮", "款项会在三个工作日内原路退回")
COLUMNS: dict[str, tuple[str, ...]] = {
    "messages": (
        *("session_id", "sent_at", "role", "text", "sender_id", "message_id", "seq"),
        *("script_id", "event", "recognised", "private", "automatic"),
    ),
    "sessions": (
        *("session_id", "customer_id", "channel", "queue", "scene"),
        *("opened_at", "handed_off_at", "closed_at", "closed_by", "resolved"),
    ),
    "agents": ("agent_id", "name", "team", "level"),
    "scripts": ("script_id", "text"),
    "hotspots": ("hotspot_id", "title", "published_at", "knowledge_updated_at", "flagged_at", "repaired_at"),
    "recommendations": ("session_id", "hotspot_id", "shown_at", "clicked", "outcome"),
    "alerts": ("session_id", "raised_at"),
}
# What a source may lack altogether; everything else stays, so that most data sets reach most metrics.
MAY_LACK: dict[str, tuple[str, ...]] = {
    "messages": ("text", "message_id", "seq", "script_id", "event", "recognised", "private", "automatic"),
    "sessions": ("customer_id", "channel", "queue", "scene", "handed_off_at", "closed_at", "closed_by", "resolved"),
    "agents": ("name", "team", "level"),
    "hotspots": ("published_at", "knowledge_updated_at", "flagged_at", "repaired_at"),
    "recommendations": ("clicked", "outcome"),
}
MAY_BE_ABSENT = ("sessions", "agents", "scripts", "hotspots", "recommendations", "alerts")

AGENTS = ("a1", "a2", "a3", "a4")
NOWHERE = "s99"  # a session that no table knows

# Kinds of messages: (role, columns of its own). More frequent kinds stand more than once.
KINDS: tuple[tuple[str, Row], ...] = (
    *[("customer", {})] * 4,
    *[("agent", {})] * 4,
    *[("bot", {"sender_id": "bot1"})] * 2,
    ("Customer", {}),
    ("AGENT", {}),
    ("BOT", {"sender_id": "bot1"}),
    ("bot", {"sender_id": "bot1", "recognised": "false"}),
    ("bot", {"sender_id": "bot1", "recognised": "true"}),
    ("system", {}),
    ("system", {"event": "handoff"}),
    ("System", {"event": "Handoff"}),
    ("system", {"event": "agent_joined", "sender_id": "a1"}),
    ("system", {"event": "agent_left", "sender_id": "a2"}),
    ("system", {"event": "closed"}),
    ("agent", {"event": "agent_joined"}),
    ("customer", {"private": "true"}),
    ("agent", {"private": "True"}),
    ("agent", {"automatic": "true"}),
    ("bot", {"automatic": "true"}),
    ("agent", {"private": "false", "automatic": "false"}),
)
# What a session holds before it comes to a human; without it, hardly a session would stay with the bot.
BOT_KINDS: tuple[tuple[str, Row], ...] = (
    *[("customer", {})] * 2,
    *[("bot", {"sender_id": "bot1"})] * 3,
    ("bot", {"sender_id": "bot1", "recognised": "false"}),
    ("system", {}),
)
OPINIONS = ("再不发货就曝光", "我找消费者协会")
TEXTS = {
    "customer": ("你好", "订单什么时候发货", "", *OPINIONS, "tnnd"),
    "bot": ("您好，我是智能助手", "曝光"),
    "system": ("", "tnnd 曝光"),
    "agent": ("好的", "稍等", "tnnd", "TNND tnnd", SCRIPTS[0], f" {SCRIPTS[1]} ", "曝光"),
}
STEPS = (0, 0, 0, 0, 1, 500, 500, 999, 1 * SECOND, 1500, 30 * SECOND, MINUTE, 30 * MINUTE, HOUR)
TIMES_OF_DAY = (0, 12 * HOUR, 12 * HOUR, 12 * HOUR + 500, 12 * HOUR + 1, DAY - 1, DAY - 500, DAY - 2 * SECOND)
# From the first start to that of another session: customers come back just within and just after 24 hours.
APART = (0, 1, MINUTE, HOUR, DAY - 1, DAY, DAY, DAY + 1, 2 * DAY)
NEAR = (-DAY, -HOUR, -SECOND, -1, 0, 0, 1, 500, SECOND, HOUR, DAY)
CLOSE = (-HOUR, -SECOND, -1, 0, 0, 0, 1, 500)
ALERT_DELAYS = (-MINUTE, 0, 30 * MINUTE - 1, 30 * MINUTE, 30 * MINUTE + 1, 2 * HOUR)
HOTSPOT_TIMES = (None, None, -40 * DAY, -DAY, 0, 12 * HOUR, DAY - 1, DAY, DAY + 1, 2 * DAY, 5 * DAY)

BAD_MESSAGES: tuple[Row, ...] = (
    {"session_id": "s0", "sent_at": "yesterday", "role": "agent"},
    {"session_id": "s0", "sent_at": "2025-05-31T12:00:00", "role": "robot"},
    {"session_id": "s0", "sent_at": "2025-05-31T12:00:00", "role": ""},
    {"session_id": "", "sent_at": "2025-05-31T12:00:00", "role": "agent"},
    {"session_id": "s0", "sent_at": "2025-05-31T12:00:00", "role": "system", "event": "exploded"},
    {"session_id": "s98", "sent_at": "", "role": "customer"},
)
BAD_SESSIONS: tuple[Row, ...] = (
    {"session_id": "s0", "opened_at": "2025-05-31T12:00:00", "closed_by": "nobody"},
    {"session_id": "s1", "opened_at": "2025-13-31T12:00:00"},
    {"session_id": "", "opened_at": "2025-05-31T12:00:00"},
)


def written(milliseconds: int, style: str) -> str:
    """Write a time, given from the first local midnight, as ``T`` or space without an offset, or in UTC with ``Z``."""
    moment = FIRST_DAY.astimezone(UTC) + timedelta(milliseconds=milliseconds)
    if style == "Z":
        return moment.replace(tzinfo=None).isoformat() + "Z"
    return moment.astimezone(ZONE).replace(tzinfo=None).isoformat(sep=style)


def full(table: str, row: Row) -> Row:
    """Give the row with every column of its table; one that is not set is null."""
    return {name: row.get(name, "") for name in COLUMNS[table]}


@dataclass
class Story:
    """One session before it is written: its rows, and the times that other tables refer to."""

    name: str
    style: str
    start: int
    messages: list[Row] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    voiced: list[int] = field(default_factory=list)


STYLES = st.sampled_from(("T", " ", "Z"))


@st.composite
def stories(draw: st.DrawFn, name: str, starts: list[int]) -> Story:
    """Draw one session's messages, and their times; a session may have none."""
    story = Story(name, draw(STYLES), draw(st.sampled_from(starts)))
    numbered, identified = draw(st.booleans()), draw(st.booleans())
    with_bot = draw(st.sampled_from((0, 0, 0, 3, 12)))
    now = story.start
    for place in range(draw(st.integers(0, 12))):
        now += draw(st.sampled_from(STEPS))
        role, own = draw(st.sampled_from(BOT_KINDS if place < with_bot else KINDS))
        row = full("messages", {"session_id": name, "sent_at": written(now, story.style), "role": role} | own)
        row["text"] = draw(st.sampled_from(TEXTS[role.lower()]))
        if role.lower() == "agent":
            row["sender_id"] = draw(st.sampled_from(("a1", "a1", "a2", "a3", "a4", "")))
            row["script_id"] = draw(st.sampled_from(("", "", "k1")))
        row["seq"] = str(place) if numbered else ""
        row["message_id"] = f"m{place}" if identified else ""
        story.messages.append(row)
        story.times.append(now)
        story.voiced += [now] if role == "customer" and row["text"] in OPINIONS else []
    if story.messages and draw(st.integers(0, 3)) == 0:
        again = draw(st.sampled_from(story.messages))
        story.messages.append(again | draw(st.sampled_from(({}, {"text": "再说一遍"}))))
    return story


@st.composite
def moments(draw: st.DrawFn, story: Story, likely: int) -> str:
    """Draw a time before, between or after the messages of a session, ``likely`` times in four, or none."""
    if draw(st.integers(0, 3)) >= likely:
        return ""
    anchor = draw(st.sampled_from((story.start, *story.times)))
    return written(anchor + draw(st.sampled_from(NEAR)), story.style)


@st.composite
def session_rows(draw: st.DrawFn, story: Story) -> list[Row]:
    """Draw the rows of one session: none, one, or an older and a newer state."""
    if draw(st.integers(0, 5)) == 5:
        return []
    opened = draw(st.sampled_from(("", "first", "first", "near")))
    opened_at = written(story.start, story.style) if opened == "first" else ""
    row: Row = {
        "session_id": story.name,
        "customer_id": draw(st.sampled_from(("c1", "c1", "c2", "c3", ""))),
        "channel": draw(st.sampled_from(("app", "web", ""))),
        "queue": draw(st.sampled_from(("售前", "售后", ""))),
        "scene": draw(st.sampled_from(("online", "phone", "柜台", ""))),
        "opened_at": draw(moments(story, 3)) if opened == "near" else opened_at,
        "handed_off_at": draw(moments(story, 1)),
        "closed_at": draw(moments(story, 1)),
        "closed_by": draw(st.sampled_from(("", "customer", "agent", "agent", "Agent", "bot", "system"))),
        "resolved": draw(st.sampled_from(("", "true", "false"))),
    }
    older = [row | {"queue": "售前", "closed_by": "agent", "resolved": ""}]
    return (older if draw(st.integers(0, 7)) == 0 else []) + [row]


@st.composite
def returning_customer(draw: st.DrawFn, start: int) -> tuple[list[Row], list[Row]]:
    """Draw a session that stays with the bot, and the same customer's next one, which is handed off."""
    style, apart = draw(STYLES), draw(st.sampled_from(APART))
    opened = {"r0": start, "r1": start + apart}
    roles = [("r0", "customer"), ("r0", "bot"), ("r1", "customer"), *draw(st.sampled_from(([], [("r1", "agent")])))]
    messages = [{"session_id": name, "sent_at": written(opened[name], style), "role": role} for name, role in roles]
    sessions = [
        {"session_id": name, "customer_id": "c9", "opened_at": written(moment, style), "channel": "app"}
        for name, moment in opened.items()
    ]
    sessions[0]["resolved"] = draw(st.sampled_from(("", "true", "false")))
    sessions[1]["handed_off_at"] = sessions[1]["opened_at"]
    return messages, sessions


@st.composite
def busy_agent(draw: st.DrawFn, start: int) -> tuple[list[Row], list[Row]]:
    """Draw sessions of one agent, evenly apart and equally long, so that some end just as another begins."""
    style, agent = draw(STYLES), draw(st.sampled_from(("a1", "a2")))
    apart = draw(st.sampled_from((500, MINUTE, HOUR)))
    length = draw(st.integers(1, 9)) * apart + draw(st.sampled_from((-1, 0, 1)))
    messages: list[Row] = []
    sessions: list[Row] = []
    for place in range(draw(st.integers(2, 10))):
        name, begin = f"b{place}", start + place * apart
        message = {"session_id": name, "sent_at": written(begin, style), "role": "agent", "sender_id": agent}
        messages += [message | {"role": "customer", "sender_id": ""}, message]
        sessions.append({"session_id": name, "queue": "售后", "closed_at": written(begin + length, style)})
    return messages, sessions


@st.composite
def agent_rows(draw: st.DrawFn) -> list[Row]:
    """Draw which agents are known, with or without a team and a level."""
    team, level = st.sampled_from(("t1", "t2", "")), st.sampled_from(("new", "senior", "Senior", ""))
    known = draw(st.lists(st.sampled_from(AGENTS), unique=True))
    return [{"agent_id": name, "name": name, "team": draw(team), "level": draw(level)} for name in known]


@st.composite
def alert_rows(draw: st.DrawFn, found: list[Story]) -> list[Row]:
    """Draw alerts around the limit after a message, some of them of sessions that no table knows."""
    rows = []
    voiced = [story for story in found if story.voiced] or found
    for story in draw(st.lists(st.sampled_from(found + 3 * voiced), max_size=5)):
        anchors = story.voiced[:1] or [story.start, *story.times]
        raised_at = draw(st.sampled_from(anchors)) + draw(st.sampled_from(ALERT_DELAYS))
        name = draw(st.sampled_from((story.name, story.name, story.name, NOWHERE)))
        rows.append({"session_id": name, "raised_at": written(raised_at, story.style)})
    return rows


@st.composite
def recommendation_rows(draw: st.DrawFn, found: list[Story]) -> list[Row]:
    """Draw single recommendations, shown at any moment of their session."""
    rows = []
    for story in draw(st.lists(st.sampled_from(found), max_size=8)):
        shown_at = draw(st.sampled_from((story.start, *story.times))) + draw(st.sampled_from(CLOSE))
        row = {
            "session_id": draw(st.sampled_from((story.name, story.name, story.name, NOWHERE))),
            "hotspot_id": draw(st.sampled_from(("h1", "h2", "h3"))),
            "shown_at": written(shown_at, story.style),
            "clicked": draw(st.sampled_from(("", "true", "false"))),
            "outcome": draw(st.sampled_from(("", "adopted", "adopted", "resolved", "rejected", "Adopted"))),
        }
        rows.append(row)
    return rows


@st.composite
def evidence(draw: st.DrawFn, found: list[Story]) -> tuple[Row, list[Row]]:
    """Draw a hotspot and many recommendations of it: clicks, ratings and age on both sides of the thresholds."""
    clicked, rated, adopted = draw(st.sampled_from((9, 10, 10, 11))), draw(st.integers(19, 21)), draw(st.integers(4, 7))
    shown_at = draw(st.sampled_from((0, -DAY, -29 * DAY, -29 * DAY - 1, -28 * DAY, -28 * DAY - 1, -31 * DAY)))
    style, repaired_at = draw(STYLES), draw(st.sampled_from((None, *HOTSPOT_TIMES)))
    hotspot = {
        "hotspot_id": "h5",
        "title": "h5 怎么办理",
        "repaired_at": "" if repaired_at is None else written(repaired_at, style),
    }
    row = {
        "session_id": draw(st.sampled_from(found)).name,
        "hotspot_id": "h5",
        "shown_at": written(shown_at, style),
    }
    outcomes = ["adopted"] * adopted + ["rejected"] * (rated - adopted)
    return hotspot, [
        row | {"clicked": "true" if place < clicked else "false", "outcome": outcome}
        for place, outcome in enumerate(outcomes)
    ]


@st.composite
def hotspot_rows(draw: st.DrawFn) -> list[Row]:
    """Draw hotspots with times around the days of the sessions."""
    rows = []
    for name in draw(st.lists(st.sampled_from(("h1", "h2", "h3", "h4")), unique=True)):
        style, row = draw(STYLES), {"hotspot_id": name, "title": f"{name} 怎么办理"}
        for column in MAY_LACK["hotspots"]:
            moment = draw(st.sampled_from(HOTSPOT_TIMES))
            row[column] = "" if moment is None else written(moment, style)
        rows.append(row)
    return rows


def only_beside_uses(rows: list[Row]) -> list[Row]:
    """Clear script_id where only notes and automatic messages have one: SPEC leaves open whether that is data."""
    flags = ("private", "automatic", "event")
    if any(row["script_id"] and not any(row[flag].lower() not in ("", "false") for flag in flags) for row in rows):
        return rows
    return [row | {"script_id": ""} for row in rows]


def strewn(rows: list[Row], stride: int) -> list[Row]:
    """Mix the rows of a file: a stride of 1 leaves them as they are, others interleave the sessions."""
    places = sorted(range(len(rows)), key=lambda place: (place * stride % len(rows), place))
    return [rows[place] for place in places]


@st.composite
def lacking(draw: st.DrawFn, tables: Tables) -> Tables:
    """Take whole tables and columns away, as a poorer source would lack them."""
    absent = draw(st.sets(st.sampled_from(MAY_BE_ABSENT), max_size=2)) if draw(st.booleans()) else set()
    kept = {}
    for table, rows in tables.items():
        if table not in absent:
            may_lack = MAY_LACK.get(table, ())
            some = bool(may_lack) and draw(st.integers(0, 4)) == 0
            columns = draw(st.sets(st.sampled_from(may_lack), min_size=1, max_size=2)) if some else set()
            kept[table] = [{name: row[name] for name in row if name not in columns} for row in rows]
    return kept


@st.composite
def data_sets(draw: st.DrawFn, *, bad_rows: bool = True, with_evidence: bool = True, max_sessions: int = 8) -> Tables:
    """Draw a data set of up to ``max_sessions`` sessions, and sometimes a busy agent's and a returning customer's.

    ``bad_rows`` adds rows for the quarantine, ``with_evidence`` a hotspot that is recommended often.
    """
    first = draw(st.integers(0, 1)) * DAY + draw(st.sampled_from(TIMES_OF_DAY))
    starts = [first + apart for apart in draw(st.lists(st.sampled_from(APART), min_size=1, max_size=3))]
    found = [draw(stories(f"s{number}", starts)) for number in range(draw(st.integers(1, max_sessions)))]
    messages = only_beside_uses([row for story in found for row in story.messages])
    sessions = [row for story in found for row in draw(session_rows(story))]
    for more in (returning_customer, busy_agent):
        if draw(st.integers(0, 2)) == 0:
            more_messages, more_sessions = draw(more(draw(st.sampled_from(starts))))
            messages += more_messages
            sessions += more_sessions
    if bad_rows:
        messages += draw(st.lists(st.sampled_from(BAD_MESSAGES), max_size=2))
        sessions += draw(st.lists(st.sampled_from(BAD_SESSIONS), max_size=1))
    hotspots, recommendations = draw(hotspot_rows()), draw(recommendation_rows(found))
    if with_evidence and draw(st.booleans()):
        hotspot, rows = draw(evidence(found))
        hotspots.append(hotspot)
        recommendations += rows
    tables: Tables = {
        "messages": strewn(messages, draw(st.sampled_from((1, 3, 7, 11)))),
        "sessions": sessions,
        "agents": draw(agent_rows()),
        "scripts": [{"script_id": f"k{place}", "text": text} for place, text in enumerate(SCRIPTS, 1)],
        "hotspots": hotspots,
        "recommendations": recommendations,
        "alerts": draw(alert_rows(found)),
    }
    return draw(lacking({table: [full(table, row) for row in rows] for table, rows in tables.items()}))
