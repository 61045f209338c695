"""The ``services`` facts: each agent's part in each session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from kefu.facts.order import AGENT, Laid
from kefu.facts.segments import NONE, Mask, Rows, counts, first_rows, last_rows, rows_where, sums

if TYPE_CHECKING:
    from kefu.facts.human import Turns
    from kefu.facts.sessions import Outline

INHERITED = ("closed_by", "messages")
"""What a service shares with its session."""
LAST_AGENTS: Mapping[str, int | None] = {"wrap_up_ms": 0, "hold_ms": None}
"""What of a session is its last agent's, and what stands for the others: of known work after it, none was theirs."""


@dataclass(frozen=True, slots=True)
class Services:
    """Services, an entry each.

    :param session: the session of each.
    :param messages: the agent messages of all of them, by row; ``service`` is the service of each.
    """

    session: Rows
    messages: Rows
    service: Rows

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.session)

    def of(self, rows: Rows) -> Rows:
        """Return the service of each of some agent messages, by row."""
        return self.service[np.searchsorted(self.messages, rows)]


def find_services(laid: Laid) -> Services:
    """Find the services: the agents of each session."""
    rows = rows_where(laid.speaker == AGENT)
    session = laid.session[rows]
    names = laid.pick("sender_id", rows).fill_null("unknown")
    agent = names.cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    key = session * (int(agent.max(initial=0)) + 1) + agent
    starts = np.ones(len(key), dtype=bool)
    starts[1:] = key[1:] != key[:-1]
    distinct, of_run = np.unique(key[starts], return_inverse=True)
    service = of_run[np.cumsum(starts) - 1]
    first = first_rows(service, np.arange(len(rows)), len(distinct))
    return Services(session[first], rows, service)


def service_frame(
    laid: Laid,
    lines: Outline,
    services: Services,
    turns: Turns,
    weights: Mapping[str, tuple[Rows, Rows]],
    sessions: pl.DataFrame,
) -> pl.DataFrame:
    """Return a row a service; the last agent of a session answers for how it ended."""
    begin, end, last = _spans(laid, lines, services)
    ends_session = last == lines.last_agent[services.session]
    answered = services.of(turns.answer)
    own = {name: services_only(laid, rows, values) for name, (rows, values) in weights.items()}
    flags = {
        name: ends_session & sessions[name].gather(services.session).to_numpy()
        for name in ("agent_closed", "abrupt", "pending_turn")
    }
    after = {
        name: _of_last_agent(sessions[name].gather(services.session), ends_session, others)
        for name, others in LAST_AGENTS.items()
    }
    return pl.DataFrame(
        {
            "session": services.session.astype(np.uint32),
            "agent_id": laid.pick("sender_id", last).fill_null("unknown"),
            "begin": begin,
            "end": end,
            "human": np.ones(services.size, dtype=bool),
            "service_ms": (end - begin) // 1000,
            "agent_messages": counts(services.service, services.size),
            "answered_turns": counts(answered, services.size),
            "interactions": counts(answered[turns.asked], services.size),
            **flags,
            **after,
            **{name: sums(services.of(rows), values, services.size) for name, (rows, values) in own.items()},
            **{name: sessions[name].gather(services.session) for name in INHERITED},
        }
    )


def _of_last_agent(known: pl.Series, theirs: Mask, others: int | None) -> pl.Series:
    rows = pl.DataFrame({"known": known, "theirs": theirs})
    rest = pl.when(pl.col("known").is_not_null()).then(pl.lit(others, pl.Int64))
    return rows.select(pl.when("theirs").then("known").otherwise(rest)).to_series()


def services_only(laid: Laid, rows: Rows, values: Rows) -> tuple[Rows, Rows]:
    """Return those of some weighted rows that are agent messages."""
    by_agent = laid.speaker[rows] == AGENT
    return rows[by_agent], values[by_agent]


def _spans(laid: Laid, lines: Outline, services: Services) -> tuple[Rows, Rows, Rows]:
    """Return when each service begins and ends, and the row of its last message.

    It ends when another agent sends the first message after its last one, else with its session.
    """
    every = np.arange(len(services.messages))
    first = services.messages[first_rows(services.service, every, services.size)]
    place = last_rows(services.service, every, services.size)
    last = services.messages[place]
    following = np.append(services.messages, NONE)[place + 1]
    same = (following != NONE) & (laid.session[following] == services.session)
    end = np.where(same, laid.sent_at[following], lines.ended_at[services.session])
    return laid.sent_at[first], end, last
