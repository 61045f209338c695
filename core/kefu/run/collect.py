"""Collects the measures of a run from the facts of its batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import polars as pl

from kefu.clock import LocalDays
from kefu.columns import DatedTable, DayCounts, Period, PluginTable, Window
from kefu.facts.concurrency import agent_days
from kefu.host import Plugin
from kefu.run.guard import counted_by
from kefu.run.plan import DATES, Groups, Item, Plan, stand_in, taken
from kefu.run.spool import Spool
from kefu.run.tally import Tallies, grouped

SHARED_COLUMNS = frozenset(
    {
        *("human", "services", "messages", "contact", "closed_by", "resolved", "converted", "customer", "topic"),
        *("csat", "csat_max", "nps", "opened_at", "ended_at", "agent_id", "team", "level"),
        *("date", "channel", "queue", "scene"),
    }
)
"""The columns that a service has from its session, and those of its agent."""
SERVICE_COLUMNS = SHARED_COLUMNS | {
    *("service_ms", "agent_messages", "answered_turns", "interactions", "agent_closed", "abrupt", "pending_turn"),
    *("wrap_up_ms", "hold_ms"),
}
"""The columns of ``sessions`` that mean the same on ``services``, and those of its agent."""


FINEST = (
    ("date", "channel", "queue", "scene"),
    ("date", "agent_id", "team"),
    ("date", "agent_id", "team", "channel", "queue", "scene"),
)
"""Groupings that together divide every fact table as finely as any grouping can."""
Keep = Callable[["Collector", str, pl.DataFrame, pl.DataFrame], None]
"""Called with the collector, the name of a fact table, some of its rows, and the sessions that they belong to."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run.

    :param by: the columns to group by, besides the whole.
    :param first: the first local date that counts (days since 1970), ``None`` for no limit; likewise ``last``.
    :param finest: keep measures in the finest groups, from which any others can be merged.
    """

    by: tuple[str, ...] = ()
    first: int | None = None
    last: int | None = None
    finest: bool = False

    @property
    def groupings(self) -> set[tuple[str, ...]]:
        """The groupings that the measures have to be good for."""
        return {(), self.by, *(FINEST if self.finest else ())}

    def within(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows whose ``date`` is in the period."""
        day = pl.col("date").to_physical()
        if self.first is not None:
            rows = rows.filter(day >= self.first)
        return rows if self.last is None else rows.filter(day <= self.last)


@dataclass(frozen=True, slots=True)
class Offered:
    """What plugins add to the facts that measures are taken of.

    :param tallied: the columns that plugins sum over messages, which stand on services too.
    :param counts: what to count day by day, by name, each with its plugin, which fails if it cannot.
    :param small: gives a small input table, ``None`` where it is not there.
    :param own: what their tables can be grouped by.
    """

    windows: Sequence[Window]
    tallied: frozenset[str]
    counts: Mapping[str, tuple[Plugin, DayCounts]]
    dated: Sequence[DatedTable]
    small: Callable[[str], pl.DataFrame | None]
    own: Groups


class Collector:
    """Takes the facts of batches, keeps measures.

    Facts of a batch are measured at once. Some wait for the end: ``sessions``, because a window may look at the
    customer's other sessions, with what their services have of it; the spans of services, because an agent's day is
    not one batch's; and the dated tables of plugins, which may read what was counted.
    """

    def __init__(
        self,
        plan: Plan,
        request: Request,
        agents: pl.DataFrame,
        days: LocalDays,
        scratch: Path,
        offered: Offered,
        keep: Keep | None = None,
    ) -> None:
        """Prepare for the measures of a plan.

        :param agents: ``agent_id``, ``team``, ``level``.
        :param keep: is given every row of every fact table that is in the period.
        """
        self._keep = keep
        self._plan, self._request, self._agents, self._days = plan, request, agents, days
        self._offered, self._windows, self._dated = offered, offered.windows, offered.dated
        self.tallies = self._prepare()
        self._sessions = Spool(scratch, "sessions", "customer")
        self._services = Spool(scratch, "services", "agent_id")
        self._replies: list[pl.DataFrame] = []
        self._counts = {name: (plugin, asked, list[pl.DataFrame]()) for name, (plugin, asked) in offered.counts.items()}
        self.first_day: int | None = None
        self.last_day: int | None = None
        self._newest: int | None = None

    def add(self, facts: Mapping[str, pl.DataFrame]) -> None:
        """Take the facts of one batch."""
        sessions = facts["sessions"]
        self._note_days(self._request.within(sessions))
        if len(sessions):
            newest = int(sessions["date"].to_physical().max())  # type: ignore[arg-type]
            self._newest = newest if self._newest is None else max(newest, self._newest)
        waiting = sessions if self._keep else sessions.select(self._session_columns(sessions))
        self._sessions.append(_with_agents(waiting, facts["services"]) if self._late else waiting)
        for table, tallies in self.tallies.items():
            if table in facts and table != "sessions":
                only = tallies.ids - self._late if table == "services" else None
                tallies.add(self._request.within(self._wide(table, facts, tallies)), only)
        if self._keep:
            for table, rows in facts.items():
                if table != "sessions":
                    self._keep(self, table, rows, sessions)
        if "agent_days" in self._plan.items:
            self._services.append(facts["services"].select("agent_id", "begin", "end"))
            turns = self.attach(facts["turns"], ("date",), sessions)
            self._replies.append(
                turns.group_by("agent_id", "date").agg(pl.col("reply_ms").sum(), replies=pl.len().cast(pl.Int64))
            )
        for plugin, asked, found in self._counts.values():
            rows = self.attach(facts[asked.on], sorted({"date", asked.day, *counted_by(asked)}), sessions)
            counted = plugin.call(partial(_day_counts, rows, asked), None)
            if counted is not None:
                found.append(counted)

    def finish(self) -> None:
        """Measure what had to wait."""
        for rows in self._whole_customers() if self._keep or self._late or "sessions" in self.tallies else ():
            within = self._request.within(rows)
            if self._late:
                served = within.explode(_SERVED, empty_as_null=False).rename({_SERVED: "agent_id"})
                self.tallies["services"].add(self.attach(served, ("team", "level")), self._late)
                within = within.drop(_SERVED)
            if "sessions" in self.tallies:
                self.tallies["sessions"].add(within)
            if self._keep:
                self._keep(self, "sessions", within, within)
        if "agent_days" in self.tallies:
            self.tallies["agent_days"].add(self._request.within(self.agent_days()))
        for table in self._dated:
            rows = self.dated_rows(table) if table.name in self.tallies else pl.DataFrame()
            if rows.width:
                self.tallies[table.name].add(rows)
                if self._keep:
                    self._keep(self, table.name, rows.with_columns(session_id=table.key), rows)

    def dated_rows(self, table: DatedTable) -> pl.DataFrame:
        """Return the rows of a dated table in the period; without columns if its plugin failed.

        The period is that of the request, an open end of it that of the sessions; it does not go beyond the last date
        with sessions, so that a date says the same whatever period was asked for. What a group has no name for is
        ``unknown``.
        """
        period = self._period()
        tables = {name: self._offered.small(name) for name in table.tables}
        rows = table.build(tables, self.counts_of(table), period or NO_PERIOD)
        if not rows.width:
            return rows
        day = pl.col("date").to_physical()
        there = pl.lit(value=False) if period is None else day.is_between(period.first, period.last)
        named = rows.filter(there).with_columns(pl.col(name).fill_null("unknown") for name in table.groups)
        return self.attach(named, ("team", "level"))

    def _period(self) -> Period | None:
        first = self.first_day if self._request.first is None else self._request.first
        asked = self.last_day if self._request.last is None else self._request.last
        if first is None or asked is None or self._newest is None or first > min(asked, self._newest):
            return None
        last = min(asked, self._newest)
        starts = self._days.starts(first, last)
        return Period(first, last, int(starts[0]), int(starts[-1]))

    def agent_days(self) -> pl.DataFrame:
        """Return the ``agent_days`` facts: concurrency and mean reply for each agent and local day."""
        parts = [agent_days(rows, self._days) for rows in self._services.buckets()]
        if not parts:
            return self.empty_agent_days()
        whole = pl.concat(parts).join(self.replies(), on=["agent_id", "date"], how="left", maintain_order="left")
        return self.attach(whole.with_columns(pl.col("reply_ms", "replies").fill_null(0)), ("team", "level"))

    def empty_agent_days(self) -> pl.DataFrame:
        """Return ``agent_days`` without rows: what columns there are."""
        numbers = ("peak", "in_service_ms", "open_ms", "reply_ms", "replies")
        schema = {"agent_id": pl.String, "date": pl.Date, **dict.fromkeys(numbers, pl.Int64)}
        return self.attach(pl.DataFrame(schema=schema), ("team", "level"))

    def day_counts(self, name: str) -> pl.DataFrame:
        """Return the day counts of that name: ``by``, ``day`` and a column for each measure."""
        _, asked, found = self._counts[name]
        keys = [*asked.by, asked.day]
        if not found:
            return pl.DataFrame(schema={**dict.fromkeys(asked.by, pl.String), asked.day: pl.Date}).with_columns(
                pl.lit(None, pl.Int64).alias(measure) for measure in asked.measures
            )
        return pl.concat(found).group_by(keys).agg(pl.col(*asked.measures).sum()).sort(keys)

    def day_counts_by_date(self, name: str) -> pl.DataFrame:
        """Return the day counts of that name, divided by the ``date`` of the session as well."""
        _, asked, found = self._counts[name]
        keys = [*dict.fromkeys((*asked.by, asked.day, "date"))]
        return pl.concat(found).group_by(keys).agg(pl.col(*asked.measures).sum()) if found else pl.DataFrame()

    @property
    def counted(self) -> list[str]:
        """The names of the day counts, but for those that went into dated rows already."""
        return [*self._counts.keys() - {name for table in self._dated for name in table.counts}]

    def counts_of(self, table: PluginTable) -> dict[str, pl.DataFrame]:
        """Return the day counts that a table reads."""
        return {name: self.day_counts(name) for name in table.counts}

    def replies(self) -> pl.DataFrame:
        """Return ``agent_id``, ``date`` and how long and how often the agent replied in that day's sessions."""
        return pl.concat(self._replies).group_by("agent_id", "date").agg(pl.col("reply_ms", "replies").sum())

    def attach(self, rows: pl.DataFrame, names: Sequence[str], sessions: pl.DataFrame | None = None) -> pl.DataFrame:
        """Add columns that rows have by their session or their agent."""
        missing = [name for name in names if name not in rows.columns]
        of_agent = [name for name in missing if name in ("team", "level") and "agent_id" in rows.columns]
        if of_agent:
            rows = rows.join(
                self._agents.select("agent_id", *of_agent), on="agent_id", how="left", maintain_order="left"
            ).with_columns(pl.col(name).fill_null("unknown") for name in of_agent if name == "team")
        if sessions is None or "session" not in rows.columns:
            return rows
        of_session = [name for name in missing if name not in of_agent and name in sessions.columns]
        return rows.with_columns(sessions[name].gather(rows["session"]) for name in of_session)

    @cached_property
    def _late(self) -> frozenset[str]:
        """The measures of services that have to wait for the windows of their sessions."""
        adds = {name for window in self._windows for name in window.adds}
        items = self.tallies["services"].items if "services" in self.tallies else []
        return frozenset(item.id for item in items if item.table == "sessions" and item.roots & adds)

    def _prepare(self) -> dict[str, Tallies]:
        """Choose the tables to measure, and how finely."""
        found: dict[str, tuple[list[Item], dict[str, None]]] = {}
        own, windows = self._offered.own, {name for window in self._windows for name in window.adds}
        groupings = [*self._request.groupings]
        if self._request.finest:
            groupings += [("date", *sorted(own[table])) for table in self._plan.items if table in own]
        for by in sorted({*groupings}):
            dates = dict.fromkeys("date" if name in DATES else name for name in by)
            for table, items in self._plan.items.items():
                name = stand_in(table, by, own)
                if name is None or name in self._periodic:
                    continue
                served = (SERVICE_COLUMNS | self._offered.tallied, SHARED_COLUMNS | windows)
                fit = [i for i in items if name == table or any(i.roots <= columns for columns in served)]
                known, grain = found.setdefault(name, ([], {}))
                known += [item for item in fit if item not in known]
                grain |= dates | dict.fromkeys(sorted(self._plan.each.get(table, ())))
        return {name: Tallies(items, [*grain]) for name, (items, grain) in found.items()}

    @property
    def _periodic(self) -> set[str]:
        return self._offered.own.keys() - {table.name for table in self._dated}

    def _wide(self, table: str, facts: Mapping[str, pl.DataFrame], tallies: Tallies) -> pl.DataFrame:
        names = {"date", *tallies.grain, *tallies.roots}
        return self.attach(facts[table], sorted(names), facts["sessions"])

    def _session_columns(self, sessions: pl.DataFrame) -> list[str]:
        asked = {"date", "customer", "opened_at", *self._request.by, *self._plan.roots("sessions")}
        asked |= {need for window in self._windows for need in window.needs}
        return [name for name in sessions.columns if name in asked]

    def _whole_customers(self) -> Iterator[pl.DataFrame]:
        for rows in self._sessions.buckets():
            whole = rows
            for window in self._windows:
                whole = window.build(whole)
            yield whole

    def _note_days(self, sessions: pl.DataFrame) -> None:
        if sessions.is_empty():
            return
        day = sessions["date"].to_physical()
        low, high = int(day.min()), int(day.max())  # type: ignore[arg-type]
        self.first_day = low if self.first_day is None else min(low, self.first_day)
        self.last_day = high if self.last_day is None else max(high, self.last_day)


_SERVED = "_served"
"""The agents of a session, while it waits."""
NO_PERIOD = Period(0, 0, 0, 86_400_000_000)
"""A period to ask for rows in where there is none."""


def _with_agents(sessions: pl.DataFrame, services: pl.DataFrame) -> pl.DataFrame:
    """Add the agents who served each session."""
    served = services.group_by("session").agg(pl.col("agent_id").alias(_SERVED))
    rows = sessions.with_row_index("session").join(served, on="session", how="left", maintain_order="left")
    return rows.drop("session").with_columns(pl.col(_SERVED).fill_null(pl.lit([], pl.List(pl.String))))


def _day_counts(rows: pl.DataFrame, asked: DayCounts) -> pl.DataFrame:
    items = [Item(name, asked.on, measure) for name, measure in asked.measures.items()]
    keys = dict.fromkeys((*asked.by, asked.day, "date"))
    return grouped(rows, [*keys], [taken(item) for item in items])


def agents_of(table: pl.DataFrame | None) -> pl.DataFrame:
    """Return each agent's team and level; the team is ``unknown`` where it is not told."""
    if table is None:
        return pl.DataFrame(schema={"agent_id": pl.String, "team": pl.String, "level": pl.String})
    chosen = table.unique("agent_id", keep="last", maintain_order=True).select("agent_id", "team", "level")
    return chosen.with_columns(pl.col("team").fill_null("unknown"))
