"""The ten metrics of SPEC section 3 with all companions, as a slow oracle for the tests.

``Twin(tables).metrics()`` gives every value of the whole data, ``Twin(tables).groups("date", "queue")``
every value of every group. Nothing is merged or cached: each value goes through the rows of its group
again, so that a mistake in the product's merging cannot be repeated here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from math import sqrt
from zoneinfo import ZoneInfo

from twin_facts import (
    COLUMNS,
    SPEAKERS,
    UNKNOWN,
    Message,
    Row,
    Session,
    Tables,
    Turn,
    derive_session,
    hits,
    milliseconds,
    read_table,
    transcripts,
)

Values = dict[str, float | None]
Where = dict[str, str]

GROUPINGS = ("date", "week", "month", "channel", "queue", "scene", "agent_id", "team")
OF_TIME = {"date", "week", "month"}
OF_AGENTS = {"agent_id", "team"}
POSITIVE = {"adopted", "resolved"}
DAY = timedelta(days=1)
SECOND = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Z_95 = 1.959963984540054
BANDS = {"new": (0, 3), "senior": (6, 8)}


@dataclass
class Human:
    """What a human session is at the grain of the table: one session, or one service of it."""

    session: Session
    agent_id: str | None
    service_ms: int
    agent_messages: list[Message]
    ends_here: bool


@dataclass
class AgentDay:
    """The parts of one agent's services that lie on one local day, as milliseconds [begin, end)."""

    agent_id: str
    date: date
    spans: list[tuple[int, int]]


def ratio(numerator: float, denominator: float) -> float | None:
    """Divide; None where there is nothing to divide by."""
    return numerator / denominator if denominator else None


def mean(values: Sequence[float]) -> float | None:
    """Give the arithmetic mean, None of nothing."""
    return ratio(sum(values), len(values))


def percentile(values: Iterable[float], percent: int) -> float | None:
    """Give the smallest value that at least ``percent`` % of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[-(-percent * len(ordered) // 100) - 1] if ordered else None


def seconds(value: float | None) -> float | None:
    """Turn milliseconds into seconds."""
    return None if value is None else value / SECOND


def peak(spans: Iterable[tuple[int, int]]) -> int:
    """Give the most spans that are open at one instant; it is always reached where one of them begins."""
    spans = list(spans)
    return max(sum(begin <= instant < end for begin, end in spans) for instant, _ in spans)


def union(spans: Iterable[tuple[int, int]]) -> int:
    """Give the length of the time in which at least one span is open."""
    total, reached = 0, None
    for begin, end in sorted(spans):
        start = begin if reached is None else max(begin, reached)
        total += max(end - start, 0)
        reached = end if reached is None else max(end, reached)
    return total


def ranks(values: Sequence[Fraction]) -> list[Fraction]:
    """Give the rank of each value; equal values share the mean of their ranks."""
    below = [sum(other < value for other in values) for value in values]
    equal = [sum(other == value for other in values) for value in values]
    return [lower + Fraction(same + 1, 2) for lower, same in zip(below, equal, strict=True)]


def spearman(pairs: Sequence[tuple[Fraction, Fraction]]) -> float | None:
    """Give Pearson's correlation of the ranks; None where one side does not vary."""
    if not pairs:
        return None
    left, right = ranks([pair[0] for pair in pairs]), ranks([pair[1] for pair in pairs])
    middle = Fraction(len(pairs) + 1, 2)
    shared = sum((x - middle) * (y - middle) for x, y in zip(left, right, strict=True))
    spread = sum((x - middle) ** 2 for x in left) * sum((y - middle) ** 2 for y in right)
    return ratio(float(shared), sqrt(spread))


def wilson_upper(successes: int, trials: int) -> float:
    """Give the upper end of the 95 % Wilson interval of successes ÷ trials."""
    share, square = successes / trials, Z_95**2
    margin = Z_95 * sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    return (share + square / (2 * trials) + margin) / (1 + square / trials)


def time_groups(day: date) -> Where:
    """Give the date, ISO week and month that a local day is in."""
    year, week, _ = day.isocalendar()
    return {"date": day.isoformat(), "week": f"{year}-W{week:02}", "month": f"{day.year}-{day.month:02}"}


@dataclass(eq=False, repr=False)
class Twin:
    """Every metric of a data set, from raw rows: strings as in a CSV file, or typed values."""

    tables: Tables
    _: KW_ONLY
    timezone: str = "Asia/Shanghai"
    sensitive_words: Sequence[str] = ("tnnd",)
    opinion_words: Sequence[str] = ("曝光", "消费者协会")
    alert_limit: timedelta = timedelta(minutes=30)
    return_window: timedelta = timedelta(hours=24)
    evidence_window: timedelta = timedelta(days=30)
    fewest_clicks: int = 10
    fewest_rated: int = 20
    lowest_adoption: float = 0.5

    def __post_init__(self) -> None:
        """Read the tables and derive the facts once; values are computed on demand."""
        self.zone = ZoneInfo(self.timezone)
        read = {name: read_table(name, rows, self.zone) for name, rows in self.tables.items() if name in COLUMNS}
        self.rows = {name: loaded for name, (loaded, _) in read.items()}
        self.input = {name: count for name, (_, count) in read.items()}
        self.agents = {row["agent_id"]: row for row in self.rows.get("agents", [])}
        self.scripts = {row["text"].strip() for row in self.rows.get("scripts", [])}
        self.sessions = self._derive_sessions()
        self.turns = [turn for session in self.sessions.values() for turn in session.turns]
        self.services = [service for session in self.sessions.values() for service in session.services]
        self.agent_days = self._agent_days()

    def metrics(self) -> Values:
        """Give every metric of the whole data."""
        return self._values({})

    def groups(self, *by: str) -> dict[tuple[str, ...], Values]:
        """Give every metric of every group that holds anything, by its values of ``by`` in that order."""
        found = {tuple(groups[name] for name in by) for groups in self._all_groups() if set(by) <= groups.keys()}
        return {key: self._values(dict(zip(by, key, strict=True))) for key in sorted(found)}

    # --- what there is --------------------------------------------------------------------------

    def _derive_sessions(self) -> dict[str, Session]:
        rows = {row["session_id"]: row for row in self.rows.get("sessions", [])}
        messages = transcripts(self.rows.get("messages", []))
        sessions = {}
        for name in [*rows, *(name for name in messages if name not in rows)]:
            session = derive_session(name, rows.get(name), messages.get(name, []), self.zone, self.opinion_words)
            if session is None:
                self.input["sessions"].rejected += 1
            else:
                sessions[name] = session
        return sessions

    def _agent_days(self) -> list[AgentDay]:
        days: dict[tuple[str, date], AgentDay] = {}
        for service in self.services:
            end = max(service.ends_at, service.begins_at + timedelta(seconds=1))
            day = service.begins_at.astimezone(self.zone).date()
            while self._midnight(day) < end:
                begin, stop = max(service.begins_at, self._midnight(day)), min(end, self._midnight(day + DAY))
                agent_day = days.setdefault((service.agent_id, day), AgentDay(service.agent_id, day, []))
                agent_day.spans.append((milliseconds(EPOCH, begin), milliseconds(EPOCH, stop)))
                day += DAY
        return list(days.values())

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    # --- groups ---------------------------------------------------------------------------------

    def _of_session(self, session: Session) -> Where:
        own = {name: session.row.get(name) or UNKNOWN for name in ("channel", "queue", "scene")}
        return time_groups(session.date) | own

    def _of_agent(self, agent_id: str) -> Where:
        return {"agent_id": agent_id, "team": self.agents.get(agent_id, {}).get("team") or UNKNOWN}

    def _of_attachment(self, row: Row) -> Where:
        """Give the groups of a recommendation or alert: those of its session, else its own date."""
        session = self.sessions.get(row["session_id"])
        if session:
            return self._of_session(session)
        moment = row["shown_at"] if "shown_at" in row else row["raised_at"]
        return time_groups(moment.astimezone(self.zone).date()) | dict.fromkeys(("channel", "queue", "scene"), UNKNOWN)

    def _all_groups(self) -> Iterable[Where]:
        for session in self.sessions.values():
            yield self._of_session(session)
        for service in self.services:
            yield self._of_session(service.session) | self._of_agent(service.agent_id)
        for row in [*self.rows.get("recommendations", []), *self.rows.get("alerts", [])]:
            yield self._of_attachment(row)
        for day in self.agent_days:
            yield time_groups(day.date) | self._of_agent(day.agent_id)

    # --- the rows of one group ------------------------------------------------------------------

    def _sessions_in(self, where: Where) -> list[Session]:
        return [session for session in self.sessions.values() if where.items() <= self._of_session(session).items()]

    def _humans_in(self, where: Where) -> list[Human]:
        """Give one row for each human session, or for each service where the table is about agents."""
        if not OF_AGENTS & where.keys():
            return [self._human(session) for session in self._sessions_in(where) if session.human]
        humans = []
        for service in self.services:
            groups = self._of_session(service.session) | self._of_agent(service.agent_id)
            if where.items() <= groups.items():
                own = [message for message in service.session.by("agent") if message.agent_id == service.agent_id]
                length = milliseconds(service.begins_at, service.ends_at)
                ends_here = service.session.last_agent == service.agent_id
                humans.append(Human(service.session, service.agent_id, length, own, ends_here))
        return humans

    def _human(self, session: Session) -> Human:
        agents = session.by("agent")
        return Human(session, None, milliseconds(agents[0].sent_at, session.ended_at), agents, ends_here=True)

    def _answered_in(self, where: Where) -> list[Turn]:
        found = []
        for turn in self.turns:
            if turn.agent_id is not None:
                groups = self._of_session(turn.session) | self._of_agent(turn.agent_id)
                if where.items() <= groups.items():
                    found.append(turn)
        return found

    def _attached_in(self, table: str, where: Where) -> list[Row]:
        return [row for row in self.rows[table] if where.items() <= self._of_attachment(row).items()]

    # --- values ---------------------------------------------------------------------------------

    def _values(self, where: Where) -> Values:
        """Give every metric of one group; one that does not apply to the group is None."""
        parts: list[tuple[Callable[[Where], Values], set[str]]] = [
            (self._script_usage, set()),
            (self._sensitive_words, set()),
            (self._closing, set()),
            (self._replies, set()),
            (self._service, set()),
            (self._interactions, set()),
            (self._interception, OF_AGENTS),
            (self._adoption, OF_AGENTS),
            (self._opinion, OF_AGENTS),
            (self._repair, set(GROUPINGS) - OF_TIME),
            (self._concurrency, set(GROUPINGS) - OF_TIME - OF_AGENTS),
        ]
        values: Values = {}
        for part, says_nothing_by in parts:
            applies = not says_nothing_by & where.keys()
            values |= {name: value if applies else None for name, value in part(where).items()}
        return values

    def _is_script_use(self, message: Message) -> bool:
        return message.script_id is not None or message.text.strip() in self.scripts

    def _script_usage(self, where: Where) -> Values:
        logged = any(m.script_id is not None for session in self.sessions.values() for m in session.messages)
        humans = self._humans_in(where) if logged or "scripts" in self.rows else []
        messages = [message for human in humans for message in human.agent_messages]
        uses = sum(map(self._is_script_use, messages))
        with_use = sum(any(map(self._is_script_use, human.agent_messages)) for human in humans)
        return {
            "script_usage_rate": ratio(uses, len(humans)),
            "scripted_message_share": ratio(uses, len(messages)),
            "scripted_session_share": ratio(with_use, len(humans)),
        }

    def _sensitive_words(self, where: Where) -> Values:
        humans = self._humans_in(where)
        found = [sum(hits(m.text, self.sensitive_words) for m in human.agent_messages) for human in humans]
        return {
            "sensitive_word_rate": ratio(sum(found), len(humans)),
            "sensitive_session_share": ratio(sum(hit > 0 for hit in found), len(humans)),
        }

    def _closing(self, where: Where) -> Values:
        known = [human for human in self._humans_in(where) if human.session.row.get("closed_by")]
        return {
            "agent_closed_rate": ratio(sum(h.ends_here and h.session.agent_closed for h in known), len(known)),
            "abrupt_close_rate": ratio(sum(h.ends_here and h.session.abrupt for h in known), len(known)),
        }

    def _replies(self, where: Where) -> Values:
        answered = self._answered_in(where)
        replies = [turn.reply_ms for turn in answered if turn.reply_ms is not None]
        first = [turn.reply_ms for turn in answered if turn.reply_ms is not None and turn.first]
        return {
            "reply_interval": seconds(mean(replies)),
            "reply_interval_p50": seconds(percentile(replies, 50)),
            "reply_interval_p90": seconds(percentile(replies, 90)),
            "first_response": seconds(mean(first)),
            "first_response_p90": seconds(percentile(first, 90)),
        }

    def _service(self, where: Where) -> Values:
        humans = self._humans_in(where)
        return {
            "service_time_per_session": seconds(ratio(sum(human.service_ms for human in humans), len(humans))),
            "pending_turn_rate": ratio(sum(h.ends_here and h.session.pending for h in humans), len(humans)),
        }

    def _interactions(self, where: Where) -> Values:
        humans = self._humans_in(where)
        interactions = sum(turn.customer_messages > 0 for turn in self._answered_in(where))
        spoken = sum(message.role in SPEAKERS for human in humans for message in human.session.messages)
        return {
            "interactions_per_session": ratio(interactions, len(humans)),
            "messages_per_session": ratio(spoken, len(humans)),
        }

    def _came_back(self, session: Session) -> bool:
        """Whether the customer asked for a human soon after; nobody can come back without a customer_id."""
        customer = session.row.get("customer_id")
        for other in self.sessions.values():
            same = customer is not None and other.row.get("customer_id") == customer
            after = other.opened_at - session.opened_at
            if same and other.handed_off and timedelta(0) < after <= self.return_window:
                return True
        return False

    def _interception(self, where: Where) -> Values:
        sessions = self._sessions_in(where)
        bots = [session for session in sessions if session.bot_only]
        reached = len(bots) + sum(session.handed_off for session in sessions)
        effective = [s for s in bots if s.row.get("resolved") is not False and not self._came_back(s)]
        known = [m.recognised for s in sessions for m in s.by("bot") if m.recognised is not None]
        return {
            "robot_interception_rate": ratio(len(bots), reached),
            "effective_interception_rate": ratio(len(effective), reached),
            "bot_unrecognised_rate": ratio(known.count(False), len(known)),
        }

    def _handed_off_after(self, shown: list[datetime], session: Session | None) -> bool:
        return session is not None and session.human_from is not None and session.human_from >= min(shown)

    def _adoption(self, where: Where) -> Values:
        names = ("hotspot_adoption_rate", "adopted_of_rated", "click_rate", "human_after_adoption_rate")
        if "recommendations" not in self.rows:
            return dict.fromkeys(names)
        rows = self._attached_in("recommendations", where)
        adopted = [row for row in rows if row["outcome"] in POSITIVE]
        shown: dict[str, list[datetime]] = {}
        for row in adopted:
            if row["session_id"] in self.sessions:
                shown.setdefault(row["session_id"], []).append(row["shown_at"])
        later = sum(self._handed_off_after(times, self.sessions.get(name)) for name, times in shown.items())
        known = [row["clicked"] for row in rows if row["clicked"] is not None]
        values = (
            ratio(len(adopted), len(self._humans_in(where))),
            ratio(len(adopted), sum(row["outcome"] is not None for row in rows)),
            ratio(known.count(True), len(known)),
            ratio(later, len(shown)),
        )
        return dict(zip(names, values, strict=True))

    def _first_alerts(self) -> dict[str, datetime]:
        """Give the time of the first alert of each session that has one."""
        latest_first = sorted(self.rows["alerts"], key=lambda row: row["raised_at"], reverse=True)
        return {row["session_id"]: row["raised_at"] for row in latest_first}

    def _opinion(self, where: Where) -> Values:
        names = ("opinion_alert_timeliness", "opinion_alert_missed_rate", "alert_delay_p50", "false_alert_share")
        if "alerts" not in self.rows:
            return dict.fromkeys(names)
        first = self._first_alerts()
        voiced = {s.session_id: s.opinion_at for s in self._sessions_in(where) if s.opinion_at}
        pairs = [(voiced_at, first[name]) for name, voiced_at in voiced.items() if name in first]
        alerts = self._attached_in("alerts", where)
        with_feature = {name for name, session in self.sessions.items() if session.opinion_at}
        values = (
            ratio(sum(alert <= voiced_at + self.alert_limit for voiced_at, alert in pairs), len(voiced)),
            ratio(len(voiced) - len(pairs), len(voiced)),
            seconds(percentile([max(milliseconds(*pair), 0) for pair in pairs], 50)),
            ratio(sum(row["session_id"] not in with_feature for row in alerts), len(alerts)),
        )
        return dict(zip(names, values, strict=True))

    # --- hotspots -------------------------------------------------------------------------------

    def _period(self, where: Where) -> tuple[datetime, datetime] | None:
        """Give the time [start, end) of the group's days within the days of the data, in UTC."""
        known = [date.fromisoformat(self._of_session(session)["date"]) for session in self.sessions.values()]
        days = [min(known) + n * DAY for n in range((max(known) - min(known)).days + 1)] if known else []
        days = [day for day in days if where.items() <= time_groups(day).items()]
        return (self._midnight(days[0]), self._midnight(days[-1] + DAY)) if days else None

    def _flags(self, hotspot: Row, start: datetime, end: datetime) -> list[datetime]:
        """Give since when each flag of a hotspot stands; a rule on evidence has no such time: ever since.

        A repair before the period ends what was flagged before it; one whose evidence it lies in ends that too.
        """
        done = hotspot["repaired_at"]
        earlier = done if done and done < start else None
        flags = [hotspot["flagged_at"]] if hotspot["flagged_at"] and hotspot["flagged_at"] < end else []
        updated = hotspot["knowledge_updated_at"]
        for repaired in (earlier, done):
            known = [moment for moment in (hotspot["published_at"], repaired) if moment]
            if updated and updated < end and known and updated > max(known):
                flags.append(updated)
        flags = [flag for flag in flags if earlier is None or flag > earlier]
        if earlier and earlier >= end - self.evidence_window:
            return flags
        rows = [row for row in self.rows.get("recommendations", []) if row["hotspot_id"] == hotspot["hotspot_id"]]
        recent = [row for row in rows if end - self.evidence_window <= row["shown_at"] < end]
        if self._low_clicks(recent) or self._low_adoption(recent):
            flags.append(datetime.min.replace(tzinfo=UTC))
        return flags

    def _low_clicks(self, recent: Sequence[Row]) -> bool:
        """Whether a hotspot has too few clicks, which nobody can say where no click is logged at all."""
        logged = any(row["clicked"] is not None for row in self.rows.get("recommendations", []))
        return logged and sum(row["clicked"] is True for row in recent) < self.fewest_clicks

    def _low_adoption(self, recent: Sequence[Row]) -> bool:
        rated = [row["outcome"] in POSITIVE for row in recent if row["outcome"]]
        return len(rated) >= self.fewest_rated and wilson_upper(sum(rated), len(rated)) < self.lowest_adoption

    def _repair(self, where: Where) -> Values:
        period = self._period({name: value for name, value in where.items() if name in OF_TIME})
        if period is None:
            return dict.fromkeys(("hotspot_repair_rate", "repair_days_p50"))
        (start, end), needing, repaired, days = period, 0, 0, []
        for hotspot in self.rows.get("hotspots", []):
            flags, done = self._flags(hotspot, start, end), hotspot["repaired_at"]
            needing += bool(flags)
            if done and start <= done < end and any(flag <= done for flag in flags):
                repaired += 1
                told = [flag for flag in flags if flag.year > 1]
                if told and min(told) <= done:
                    days.append(milliseconds(min(told), done))
        middle = percentile(days, 50)
        return {
            "hotspot_repair_rate": ratio(repaired, needing),
            "repair_days_p50": None if middle is None else middle / (DAY // timedelta(milliseconds=1)),
        }

    # --- concurrency ----------------------------------------------------------------------------

    def _agent_days_in(self, where: Where) -> list[AgentDay]:
        return [
            day
            for day in self.agent_days
            if where.items() <= (time_groups(day.date) | self._of_agent(day.agent_id)).items()
        ]

    def _outside_band(self, agent_id: str, most: int) -> bool:
        lowest, highest = BANDS[self.agents[agent_id]["level"]]
        return not lowest <= most <= highest

    def _peak_and_reply(self, day: AgentDay) -> tuple[Fraction, Fraction] | None:
        """Give an agent-day's peak and mean reply of the sessions of that date; None without a reply."""
        groups = {"agent_id": day.agent_id, "date": day.date.isoformat()}
        replies = [turn.reply_ms for turn in self._answered_in(groups) if turn.reply_ms is not None]
        return (Fraction(peak(day.spans)), Fraction(sum(replies), len(replies))) if replies else None

    def _concurrency(self, where: Where) -> Values:
        days = self._agent_days_in(where)
        peaks: dict[str, int] = {}
        for day in days:
            peaks[day.agent_id] = max(peaks.get(day.agent_id, 0), peak(day.spans))
        levelled = [agent_id for agent_id in peaks if self.agents.get(agent_id, {}).get("level")]
        served = sum(end - begin for day in days for begin, end in day.spans)
        pairs = [pair for pair in map(self._peak_and_reply, days) if pair]
        return {
            "peak_concurrency": mean(list(peaks.values())),
            "mean_concurrency": ratio(served, sum(union(day.spans) for day in days)),
            "outside_band_share": ratio(sum(self._outside_band(a, peaks[a]) for a in levelled), len(levelled)),
            "concurrency_reply_correlation": spearman(pairs),
        }
