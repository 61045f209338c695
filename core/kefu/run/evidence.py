"""The messages that made the difference, and the moments that did where it was no message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from string import Formatter
from typing import TYPE_CHECKING, Any

import polars as pl

from kefu.context import Words
from kefu.facts.order import Laid
from kefu.metric import Evidence, Metric, Title
from kefu.run.derive import TIME_OF

if TYPE_CHECKING:
    from kefu.run.engine import Engine
    from kefu.run.plan import Plan


HIT = ("text", "word", "category", "severity", "start", "end")
"""The columns of what a word finder finds."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed word in a text, from character ``start`` to before ``end``."""

    word: str
    category: str
    severity: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A message, or a moment, with what it shows.

    :param role: who spoke; ``None`` for what was no message, as are ``message_id`` and ``text``.
    :param hits: the listed words in the text, in order; ``None`` where none are looked for.
    """

    sent_at: dt.datetime
    why: Title
    message_id: str | None = None
    role: str | None = None
    text: str | None = None
    hits: tuple[Hit, ...] | None = None


def of_messages(
    engine: Engine, plan: Plan, metric: Metric, ids: pl.Series, agents: Sequence[str] | None = None
) -> dict[str, list[Found]]:
    """Read the input once more for some sessions, and return their evidence in order of time.

    :param agents: of the agents' messages, show only theirs; ``None`` shows all.
    """
    found: dict[str, list[Found]] = {}
    if not metric.evidence or ids.is_empty():
        return found
    for laid, facts in engine.facts(plan, everything=True, only=_read_by(metric)):
        sessions = facts["sessions"]
        wanted = sessions.with_row_index("session").filter(pl.col("session_id").is_in(ids.implode()))
        messages = told_of(laid, facts, wanted["session"])
        if agents is not None:
            theirs = pl.col("sender_id").fill_null("unknown").is_in([*agents])
            messages = messages.filter((pl.col("role") != "agent") | theirs)
        for evidence in metric.evidence:
            for session_id, one in evidence_rows(engine, evidence, messages, facts, wanted):
                found.setdefault(session_id, []).append(one)
    return {name: sorted(rows, key=found_of) for name, rows in found.items()}


def _read_by(metric: Metric) -> set[str]:
    """Return every column that the evidence of a metric reads or shows."""
    roots = {root for evidence in metric.evidence for root in evidence.where.meta.root_names()}
    texts = [text for evidence in metric.evidence for text in (evidence.why.zh, evidence.why.en)]
    return roots | {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def evidence_rows(
    engine: Engine,
    evidence: Evidence,
    messages: pl.DataFrame,
    facts: Mapping[str, pl.DataFrame],
    sessions: pl.DataFrame,
) -> Iterator[tuple[str, Found]]:
    """Give the session and the finding of each row that is evidence.

    :param messages: those of ``sessions``, as ``told_of`` gives them.
    :param sessions: rows of the fact table, with their place as ``session``.
    """
    around = [name for name in sessions.columns if name == "session" or name not in messages.columns]
    rows = messages if evidence.on == "messages" else facts[evidence.on].drop_nulls("session")
    own = [name for name in around if name == "session" or name not in rows.columns]
    chosen = rows.join(sessions.select(own), on="session").filter(evidence.where)
    hits = _hits(engine.words(evidence.marks), chosen["text"]) if evidence.marks else repeat(None)
    for row, marked in zip(chosen.iter_rows(named=True), hits, strict=False):
        yield row["session_id"], _found(evidence, row, marked)


def found_of(one: Found) -> tuple[dt.datetime, str, str]:
    """Return what findings of a session are ordered by."""
    return one.sent_at, one.message_id or "", one.text or ""


def of_peaks(lines: pl.DataFrame) -> dict[str, list[Found]]:
    """Return when each session was open at a peak of its agent."""
    found: dict[str, list[Found]] = {}
    for row in lines.filter("at_peak").sort("id", "peak_at", "agent_id").iter_rows(named=True):
        why = Title(
            zh=f"{row['agent_id']} 当日并发最高 {row['peak']} 时在服务",
            en=f"open when {row['agent_id']} had {row['peak']} at once, the most of the day",
        )
        found.setdefault(row["id"], []).append(Found(row["peak_at"], why))
    return found


def told_of(laid: Laid, facts: Mapping[str, pl.DataFrame], sessions: pl.Series) -> pl.DataFrame:
    """Return the messages of some sessions in order, with what the facts say of each.

    Adds ``reply_ms``, ``asked`` and ``first`` to answers; ``last_spoken``: the last of a customer, bot or agent in its
    session; ``nth_of_role``; ``service_edge``: the first message of each agent, or the session's last.
    """
    turns = facts["turns"].select(pl.col("answer_row").alias("row"), "reply_ms", "asked", "first")
    speech = pl.col("role").is_in(["customer", "bot", "agent"])
    place = pl.int_range(pl.len()).over("session", "role")
    begins = (pl.col("role") == "agent") & (pl.int_range(pl.len()).over("session", "role", "sender_id") == 0)
    last = pl.col("row").filter(speech).max().over("session") == pl.col("row")
    whole = laid.in_order().with_row_index("row").filter(pl.col("session").is_in(sessions.implode()))
    return (
        whole.join(turns, on="row", how="left", maintain_order="left")
        .with_columns(last_spoken=last.fill_null(value=False), nth_of_role=place + 1)
        .with_columns(
            pl.col("first").fill_null(value=False),
            service_edge=begins | (pl.col("row") == pl.col("row").max().over("session")),
        )
    )


def _hits(words: Words, texts: pl.Series) -> list[tuple[Hit, ...]]:
    """Return the words of a lexicon in each text."""
    found: list[list[Hit]] = [[] for _ in texts]
    for index, *hit in words.find(texts).select(HIT).sort("text", "start").iter_rows():
        found[index].append(Hit(*hit))
    return [*map(tuple, found)]


def _found(evidence: Evidence, row: Mapping[str, Any], hits: tuple[Hit, ...] | None) -> Found:
    values = {name: "" if value is None else value for name, value in row.items()}
    why = Title(zh=evidence.why.zh.format(**values), en=evidence.why.en.format(**values))
    if evidence.on != "messages":
        return Found(row[TIME_OF[evidence.on] or "opened_at"], why)
    return Found(row["sent_at"], why, row["message_id"], row["role"], row["text"], hits)
