"""The human phase of each session, and the turns in it.

The phase starts at H: the hand-off where one is told, else worked out from who speaks when. Inside it, customer
and agent messages alternate in turns; bot and system messages neither begin nor end one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kefu.facts.order import AGENT, BOT, CUSTOMER, Laid
from kefu.facts.segments import NEVER, NONE, Mask, Rows, first_rows, last_rows, rows_where, take

if TYPE_CHECKING:
    from kefu.facts.sessions import Outline


@dataclass(frozen=True, slots=True)
class Phase:
    """Where the human phase starts, an entry a session.

    :param explicit: a hand-off time or event says so.
    :param at: H as a time, ``NEVER`` where there is none.
    :param row: where H is a message, its row, else ``NONE``: then the phase holds what was sent at or after ``at``.
    """

    explicit: Mask
    at: Rows
    row: Rows


@dataclass(frozen=True, slots=True)
class Turns:
    """Answered turns, an entry each, in order; and which sessions end on a pending one.

    :param answer: the row of the agent message that answers.
    :param begin: the row of the customer message that began it, ``NONE`` where H itself did.
    :param reply_ms: from beginning to answer.
    :param asked: it holds a customer message.
    :param first: it is the first answered turn of its session.
    """

    session: Rows
    answer: Rows
    begin: Rows
    reply_ms: Rows
    asked: Mask
    first: Mask
    pending: Mask


def find_phase(laid: Laid, lines: Outline) -> Phase:
    """Find H for each session."""
    told, event, human = lines.handed_off_at != NEVER, lines.handoff != NONE, lines.human
    bots = rows_where(laid.speaker == BOT)
    bots = bots[bots < lines.first_agent[laid.session[bots]]]
    last_bot = last_rows(laid.session[bots], bots, lines.size)
    customers = rows_where(laid.speaker == CUSTOMER)
    of = laid.session[customers]
    customers = customers[(customers > last_bot[of]) & (customers < lines.first_agent[of])]
    after_bot = first_rows(laid.session[customers], customers, lines.size)
    after_bot = np.where(after_bot == NONE, lines.first_agent, after_bot)
    from_opening = human & (last_bot == NONE)
    row = np.select([told, event, from_opening, human], [NONE, lines.handoff, NONE, after_bot], NONE)
    at = np.select(
        [told, event, from_opening, human],
        [lines.handed_off_at, take(laid.sent_at, row, NEVER), lines.opened_at, take(laid.sent_at, row, NEVER)],
        NEVER,
    )
    return Phase(told | event, at, row)


def find_turns(laid: Laid, lines: Outline, phase: Phase) -> Turns:
    """Find the answered turns of the human sessions, and which sessions end on a pending one."""
    rows, session = _speech_in_phase(laid, phase, lines.human)
    by_agent = laid.speaker[rows] == AGENT
    opens = _changes(session)
    after_customer = ~opens & ~np.append(True, by_agent)[: len(rows)]
    at_h = opens & phase.explicit[session]
    begins = ~by_agent & ~after_customer
    began = np.maximum.accumulate(np.where(begins, np.arange(len(rows)), 0))
    answered = by_agent & (after_customer | at_h)
    of, asked, began = session[answered], after_customer[answered], began[answered]
    from_h = ~asked | at_h[began]
    since = np.where(from_h, phase.at[of], laid.sent_at[rows[began]])
    return Turns(
        session=of,
        answer=rows[answered],
        begin=np.where(asked, rows[began], NONE),
        reply_ms=(laid.sent_at[rows[answered]] - since) // 1000,
        asked=asked,
        first=_changes(of),
        pending=_pending(session, by_agent, phase, lines),
    )


def _changes(groups: Rows) -> Mask:
    """Return where a run of equal values begins."""
    changes = np.ones(len(groups), dtype=bool)
    changes[1:] = groups[1:] != groups[:-1]
    return changes


def _speech_in_phase(laid: Laid, phase: Phase, human: Mask) -> tuple[Rows, Rows]:
    """Return the customer and agent messages of human phases, and their sessions."""
    rows = rows_where((laid.speaker == CUSTOMER) | (laid.speaker == AGENT))
    session = laid.session[rows]
    by_row = phase.row != NONE
    inside = human[session] & np.where(
        by_row[session], rows >= phase.row[session], laid.sent_at[rows] >= phase.at[session]
    )
    return rows[inside], session[inside]


def _pending(session: Rows, by_agent: Mask, phase: Phase, lines: Outline) -> Mask:
    """Return the sessions whose last turn waits: the customer spoke last, or nobody did since an explicit H."""
    pending = lines.human & phase.explicit
    last = last_rows(session, np.arange(len(session)), lines.size)
    spoken = last != NONE
    pending[spoken] = ~by_agent[last[spoken]]
    return pending
