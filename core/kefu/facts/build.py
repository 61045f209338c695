"""Derive the fact tables of whole sessions: ``sessions``, ``services`` and ``turns``, a row each.

One ordered pass over the messages. What the columns mean is section 2 of the contract; times are UTC
microseconds, durations whole milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from kefu.clock import LocalDays
from kefu.facts.human import Turns, find_phase, find_turns
from kefu.facts.order import Laid
from kefu.facts.segments import NONE, Rows
from kefu.facts.services import find_services, service_frame
from kefu.facts.sessions import outline, session_frame

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of some whole sessions.

    ``services`` and ``turns`` carry ``session``, the row of theirs in ``sessions``; ``answer_row`` and ``begin_row``
    of a turn are rows of ``laid``.
    """

    laid: Laid
    sessions: pl.DataFrame
    services: pl.DataFrame
    turns: pl.DataFrame


def build_facts(laid: Laid, told: pl.DataFrame, days: LocalDays, sums: Mapping[str, tuple[Rows, Rows]]) -> Facts:
    """Derive the facts.

    :param told: what the ``sessions`` table says, a row for each of ``laid.session_ids``, in that order, nulls
        where it says nothing; then rows of sessions without messages, which must have ``opened_at``.
    :param sums: what to sum over the messages of each session and service: rows, counted in order, and integers.
    """
    lines = outline(laid, told)
    phase = find_phase(laid, lines)
    turns = find_turns(laid, lines, phase)
    services = find_services(laid)
    sessions = session_frame(laid, told, lines, phase, turns, services, sums, days)
    return Facts(
        laid,
        sessions,
        service_frame(laid, lines, services, turns, sums, sessions),
        _turn_frame(laid, turns),
    )


def _turn_frame(laid: Laid, turns: Turns) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "session": turns.session.astype(np.uint32),
            "agent_id": laid.pick("sender_id", turns.answer).fill_null(UNKNOWN),
            "reply_ms": turns.reply_ms,
            "asked": turns.asked,
            "first": turns.first,
            "answer_row": turns.answer.astype(np.uint32),
            "begin_row": pl.Series(turns.begin).replace(NONE, None).cast(pl.UInt32),
        }
    )
