"""The ``sessions`` facts: when each session ran, who spoke how often, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from kefu.clock import LocalDays
from kefu.facts.order import AGENT, BOT, CUSTOMER, EVENT, Laid
from kefu.facts.segments import NEVER, NONE, Mask, Rows, counts, first_rows, last_rows, rows_where, sums, take

if TYPE_CHECKING:
    from kefu.facts.human import Phase, Turns
    from kefu.facts.services import Services

TIME = pl.Datetime("us", "UTC")
GROUPS = ("channel", "queue", "scene")
"""The groups that ``sessions`` gives; a missing one is ``unknown``."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What the later steps ask of each session; times in UTC microseconds, ``NEVER`` where there is none.

    :param handoff: the row of the first hand-off event; likewise ``first_agent`` and ``last_agent``.
    """

    size: int
    opened_at: Rows
    handed_off_at: Rows
    ended_at: Rows
    handoff: Rows
    first_agent: Rows
    last_agent: Rows
    closed_by_agent: Mask

    @property
    def human(self) -> Mask:
        """Sessions with an agent message."""
        found: Mask = self.first_agent != NONE
        return found


def outline(laid: Laid, told: pl.DataFrame) -> Outline:
    """Find out when each session opened and ended, and between which rows agents spoke."""
    size = len(told)
    every, agents = np.arange(len(laid.session)), rows_where(laid.speaker == AGENT)
    last_agent = last_rows(laid.session[agents], agents, size)
    first_at = take(laid.sent_at, first_rows(laid.session, every, size), NEVER)
    last_at = take(laid.sent_at, last_rows(laid.session, every, size), NEVER)
    opened, handed_off, closed = (_micros(told[name]) for name in ("opened_at", "handed_off_at", "closed_at"))
    opened = np.where(opened == NEVER, first_at, opened)
    event = take(laid.sent_at, _event_rows(laid, "closed", size, last_rows), NEVER)
    ended = np.select([closed != NEVER, event != NEVER, last_at != NEVER], [closed, event, last_at], opened)
    return Outline(
        size=size,
        opened_at=opened,
        handed_off_at=handed_off,
        ended_at=np.maximum(ended, take(laid.sent_at, last_agent, NEVER)),
        handoff=_event_rows(laid, "handoff", size, first_rows),
        first_agent=first_rows(laid.session[agents], agents, size),
        last_agent=last_agent,
        closed_by_agent=(told["closed_by"] == "agent").fill_null(value=False).to_numpy(),
    )


def _micros(times: pl.Series) -> Rows:
    return times.to_physical().fill_null(NEVER).to_numpy()


def _event_rows(laid: Laid, event: str, size: int, pick: Callable[[Rows, Rows, int], Rows]) -> Rows:
    """Return the first or last row of an event in each session."""
    rows = rows_where(laid.speaker == EVENT)
    rows = rows[(laid.pick("event", rows) == event).to_numpy()]
    return pick(laid.session[rows], rows, size)


def session_frame(
    laid: Laid,
    told: pl.DataFrame,
    lines: Outline,
    phase: Phase,
    turns: Turns,
    services: Services,
    weights: Mapping[str, tuple[Rows, Rows]],
    days: LocalDays,
) -> pl.DataFrame:
    """Return a row a session: what was told of it, and what its messages say."""
    handed_off = phase.explicit | lines.human
    started = take(laid.sent_at, lines.first_agent, 0)
    facts = {
        **_messages(laid, lines.size),
        "human": lines.human,
        "handed_off": handed_off,
        "explicit": phase.explicit,
        "abandoned": handed_off & ~lines.human,
        "answered_turns": counts(turns.session, lines.size),
        "interactions": counts(turns.session[turns.asked], lines.size),
        "pending_turn": turns.pending,
        "services": counts(services.session, lines.size),
        "service_ms": np.where(lines.human, (lines.ended_at - started) // 1000, 0),
        "agent_closed": lines.human & lines.closed_by_agent,
        "abrupt": lines.human & lines.closed_by_agent & _customer_last(laid, lines.size),
        **{name: sums(laid.session[rows], values, lines.size) for name, (rows, values) in weights.items()},
    }
    times = {
        "opened_at": lines.opened_at,
        "ended_at": lines.ended_at,
        "phase_at": phase.at,
        "first_agent_at": take(laid.sent_at, lines.first_agent, NEVER),
    }
    return told.with_columns(
        *(_compact(name, value) for name, value in facts.items()),
        *(as_time(name, value) for name, value in times.items()),
        pl.Series("date", days.of(lines.opened_at)).cast(pl.Date),
        *(pl.col(name).fill_null("unknown") for name in GROUPS),
        wrap_up_ms=_millis("wrap_up_seconds"),
        hold_ms=_millis("hold_seconds"),
        customer=pl.when(pl.col("customer_id").is_not_null()).then(pl.col("customer_id").hash()),
    ).with_columns(
        bot_only=(pl.col("bot_messages") > 0) & ~pl.col("handed_off"), contact=pl.col("customer_messages") > 0
    )


def _millis(seconds: str) -> pl.Expr:
    return (pl.col(seconds) * 1000).round().cast(pl.Int64)


def _compact(name: str, values: Rows | Mask) -> pl.Series:
    """Return counts in four bytes; they are widened again before they are summed."""
    wide = name.endswith("_ms") or values.dtype == np.bool_
    return pl.Series(name, values if wide else values.astype(np.int32))


def as_time(name: str, micros: Rows) -> pl.Series:
    """Return UTC microseconds as a time column, null where they are ``NEVER``."""
    return pl.select(pl.lit(pl.Series(name, micros)).replace(NEVER, None).cast(TIME)).to_series()


def _messages(laid: Laid, size: int) -> dict[str, Rows]:
    """Count the messages of each speaker, and what the bot understood."""
    rows = {who: rows_where(laid.speaker == who) for who in (CUSTOMER, BOT, AGENT)}
    number = {who: counts(laid.session[of], size) for who, of in rows.items()}
    recognised = laid.pick("recognised", rows[BOT])
    known = rows[BOT][recognised.is_not_null().to_numpy()]
    missed = rows[BOT][(~recognised).fill_null(value=False).to_numpy()]
    return {
        "customer_messages": number[CUSTOMER],
        "bot_messages": number[BOT],
        "agent_messages": number[AGENT],
        "messages": number[CUSTOMER] + number[BOT] + number[AGENT],
        "bot_recognition_known": counts(laid.session[known], size),
        "bot_unrecognised": counts(laid.session[missed], size),
    }


def _customer_last(laid: Laid, size: int) -> Mask:
    """Return the sessions in which the customer had the last word."""
    spoken = rows_where(laid.speaker <= AGENT)
    last = last_rows(laid.session[spoken], spoken, size)
    found: Mask = (last != NONE) & (take(laid.speaker, last, AGENT) == CUSTOMER)
    return found
