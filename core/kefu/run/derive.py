"""From a batch of whole sessions to its fact tables, with what the plugins add."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
import polars as pl

from kefu.clock import LocalDays
from kefu.columns import Addition, Earliest, SessionColumns, Tally, TextColumn
from kefu.facts.build import Facts, build_facts
from kefu.facts.order import Laid, lay_out
from kefu.facts.segments import Rows, rows_where
from kefu.host import Plugin
from kefu.offers import names_of
from kefu.read import Table
from kefu.read.quarantine import rejects
from kefu.read.values import canonical
from kefu.run.texts import Remembered, Texts
from kefu.run.whole import PART, Batch, nothing_of
from kefu.tables import MESSAGES, SESSIONS, TABLES

T = TypeVar("T")
NOTHING: tuple[Rows, Rows] = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
"""No rows, and nothing on them."""
TIME_OF = {"recommendations": "shown_at", "alerts": "raised_at", "reviews": None}
"""The time that dates a row whose session is not known; a row without one is dated by its session alone."""
SESSION_GROUPS = ("date", "channel", "queue", "scene")
FACT_COLUMNS = frozenset(
    {
        *MESSAGES.names,
        *SESSIONS.names,
        *(name for table in TIME_OF for name in TABLES[table].names),
        *("session", "customer", "date", "human", "handed_off", "explicit", "bot_only", "abandoned", "services"),
        *("customer_messages", "bot_messages", "agent_messages", "messages", "bot_recognition_known"),
        *("bot_unrecognised", "answered_turns", "interactions", "pending_turn", "service_ms", "agent_closed"),
        *("abrupt", "ended_at", "phase_at", "first_agent_at", "agent_id", "team", "level"),
        *("contact", "wrap_up_ms", "hold_ms"),
        *("reply_ms", "asked", "first", "answer_row", "begin_row", "begin", "end", "own_date"),
        *("peak", "in_service_ms", "open_ms", "replies"),
        *("id", PART, "row", "last_spoken", "nth_of_role", "service_edge"),
    }
)
"""The columns of the facts, whose names plugins cannot take."""


class Deriver:
    """Derives the facts of each batch, and counts repeats and rejects in the tables it came from."""

    def __init__(
        self,
        tables: Mapping[str, Table],
        additions: Sequence[Addition],
        days: LocalDays,
        owners: Mapping[str, Plugin],
    ) -> None:
        """Take the additions of all plugins.

        :param owners: the plugin of each addition, by its name: if it cannot be worked out, the plugin has failed.
        """
        self._tables = tables
        self._owners = owners
        self._text = [added for added in additions if isinstance(added, TextColumn)]
        self._tallies = [added for added in additions if isinstance(added, Tally)]
        self._earliest = [added for added in additions if isinstance(added, Earliest)]
        self._courses = [added for added in additions if isinstance(added, SessionColumns)]
        self._days = days
        self._remembered = Remembered()

    def derive(self, batch: Batch) -> tuple[Laid, dict[str, pl.DataFrame]]:
        """Return the messages of a batch, laid out, and its fact tables; all but ``sessions`` carry ``session``."""
        laid = lay_out(batch.messages, batch.elsewhere)
        self._count_repeats("messages", laid.duplicates)
        told = self._told(laid.session_ids, batch.keyed.get("sessions"))
        if self._text:
            laid = self._with_text_columns(laid, self._remembered.of_batch(laid.messages["text"]))
        sums = {tally.name: self._ask(tally, partial(laid.weights, tally.of)) or NOTHING for tally in self._tallies}
        facts = build_facts(laid, told, self._days, sums)
        keyed = {}
        for name in TIME_OF:
            rows = batch.keyed[name] if name in batch.keyed else nothing_of(TABLES[name], TABLES[name].names)
            keyed[name] = self._keyed(name, rows, facts.sessions)
        keyed["reviews"] = _with_reviewed(keyed["reviews"], facts)
        sessions = facts.sessions.with_columns(*self._first_times(facts, keyed), *self._course_of(facts))
        return laid, {
            "sessions": sessions,
            "services": facts.services,
            "turns": facts.turns,
            **keyed,
        }

    def _with_text_columns(self, laid: Laid, texts: Texts) -> Laid:
        for column in self._text:
            found = self._ask(column, partial(_text_columns, laid.messages, texts, column))
            laid = laid.with_columns(_default_columns(laid.messages, column) if found is None else found)
        return laid

    def _ask(self, added: Addition, ask: Callable[[], T]) -> T | None:
        return self._owners[names_of(added)[0]].call(ask, None)

    def _told(self, ids: pl.Series, rows: pl.DataFrame | None) -> pl.DataFrame:
        """Return what ``sessions`` says: a row for each id, in order, then the sessions without messages."""
        if rows is None:
            return ids.to_frame("session_id").with_columns(_typed_nulls())
        last = rows.unique("session_id", keep="last", maintain_order=True)
        if len(last) < len(rows):
            repeats = rows.filter(~rows.select(pl.col("session_id").is_last_distinct()).to_series())
            self._count_repeats("sessions", dict(repeats[PART].value_counts().iter_rows()))
        silent = last.join(ids.to_frame("session_id"), on="session_id", how="anti", maintain_order="left")
        undated = silent.filter(pl.col("opened_at").is_null())
        if len(undated):
            self._reject_undated(undated)
            silent = silent.filter(pl.col("opened_at").is_not_null())
        spoken = ids.to_frame("session_id").join(last, on="session_id", how="left", maintain_order="left")
        return pl.concat([spoken, silent.select(spoken.columns)]).drop(PART)

    def _reject_undated(self, undated: pl.DataFrame) -> None:
        """Quarantine the sessions that nothing dates; each is looked up again for its row number."""
        table = self._tables["sessions"]
        for part, session_id in undated.select(PART, "session_id").iter_rows():
            file = table.parts[part].file
            before = sum(other.rows for other in table.parts[:part] if other.file == file)
            places = (table.parts[part].keys()["session_id"] == session_id).arg_true()
            why = "the session has neither messages nor an opened_at"
            what = "give it an opened_at, or deliver its messages"
            table.reject(file, rejects(file, [before + int(places[-1]) + 1], "opened_at", why, what, [session_id]))

    def _count_repeats(self, table: str, repeats: Mapping[int, int]) -> None:
        for part, number in repeats.items():
            self._tables[table].add_duplicates(self._tables[table].parts[part].file, number)

    def _keyed(self, name: str, rows: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
        """Give each row its session and that session's groups; one without gets its own date, and ``unknown``."""
        place = sessions.select("session_id", *SESSION_GROUPS).with_row_index("session")
        time = TIME_OF[name]
        if time is None:
            return rows.join(place, on="session_id", how="inner", maintain_order="left")
        own = pl.Series("own", self._days.of(rows[time].to_physical().to_numpy())).cast(pl.Date)
        joined = rows.with_columns(own).join(place, on="session_id", how="left", maintain_order="left")
        return joined.with_columns(
            pl.col("date").fill_null(pl.col("own")),
            *(pl.col(group).fill_null("unknown") for group in SESSION_GROUPS[1:]),
        ).rename({"own": "own_date"})

    def _first_times(self, facts: Facts, keyed: Mapping[str, pl.DataFrame]) -> list[pl.Series]:
        found = []
        for added in self._earliest:
            times = self._ask(added, partial(_earliest, added, facts, keyed))
            found.append(_no_times(added, len(facts.sessions)) if times is None else times)
        return found

    def _course_of(self, facts: Facts) -> list[pl.Series]:
        """Return the columns that need a look at the course of each session."""
        return [
            column
            for added in self._courses
            for column in self._ask(added, partial(_course, added, facts)) or _no_course(added, len(facts.sessions))
        ]


def _with_reviewed(reviews: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Fill in the agents of reviews that name none: the only agent of the session, else ``unknown``."""
    alone = facts.services.filter(pl.len().over("session") == 1).select("session", only="agent_id")
    told = reviews.join(alone, on="session", how="left", maintain_order="left")
    return told.with_columns(pl.coalesce("agent_id", "only", pl.lit("unknown")).alias("agent_id")).drop("only")


def _typed_nulls() -> Iterable[pl.Expr]:
    return (pl.lit(None, canonical(column)).alias(column.name) for column in SESSIONS.columns[1:])


def _marked(laid: Laid, added: Earliest) -> pl.DataFrame:
    """Return session and time of the messages that fulfil a condition, and nothing else to look at."""
    every = np.arange(len(laid.order))
    marked = every if added.where is None else laid.where(added.where)
    return pl.DataFrame({"session": laid.session[marked].astype(np.uint32), added.of: laid.pick(added.of, marked)})


def _text_columns(messages: pl.DataFrame, texts: Texts, column: TextColumn) -> list[pl.Series]:
    """Work a text column out; only values other than the default are written."""
    wanted = column.where.fill_null(value=False) & pl.col("text").is_not_null()
    rows, values = texts.ask(column, rows_where(messages.select(wanted=wanted)["wanted"].to_numpy()))
    whole = _default_columns(messages, column)
    return [blank.scatter(rows, values[blank.name]) for blank in whole] if len(rows) else whole


def _default_columns(messages: pl.DataFrame, column: TextColumn) -> list[pl.Series]:
    return [
        pl.Series(name, [column.default], dtype=kind).new_from_index(0, len(messages))
        for name, kind in column.columns.items()
    ]


def _no_times(added: Earliest, size: int) -> pl.Series:
    return pl.select(pl.repeat(None, size, dtype=pl.Datetime("us", "UTC"))).to_series().alias(added.name)


def _earliest(added: Earliest, facts: Facts, keyed: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Find the earliest time of each session."""
    rows = _marked(facts.laid, added) if added.on == "messages" else keyed[added.on]
    blank = _no_times(added, len(facts.sessions))
    chosen = rows.drop_nulls("session")
    if added.where is not None and added.on != "messages":
        chosen = chosen.filter(added.where)
    first = chosen.group_by("session").agg(pl.col(added.of).min())
    return blank.scatter(first["session"], first[added.of])


def _course(added: SessionColumns, facts: Facts) -> list[pl.Series]:
    """Let a plugin look at the messages of each session in order."""
    rows = facts.laid.where(added.where)
    session = pl.Series("session", facts.laid.session[rows].astype(np.uint32))
    messages = pl.DataFrame([facts.laid.pick(name, rows) for name in added.needs]).with_columns(session)
    found = added.build(messages)
    return [blank.scatter(found["session"], found[blank.name]) for blank in _no_course(added, len(facts.sessions))]


def _no_course(added: SessionColumns, size: int) -> list[pl.Series]:
    return [pl.Series(name, [None], dtype=kind).new_from_index(0, size) for name, kind in added.adds.items()]
