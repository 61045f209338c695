"""Lay messages out: a session's rows together, in the order of the contract, each message once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kefu.facts.segments import Rows

CUSTOMER, BOT, AGENT, SYSTEM, EVENT = range(5)
"""Who speaks, as a number: the roles of the contract, and messages that carry an event."""

SPEAKERS = pl.Enum(["customer", "bot", "agent", "system", "event"])


@dataclass(frozen=True, slots=True)
class Laid:
    """Messages of whole sessions in order.

    :param messages: the messages; column ``role`` is who speaks (``SPEAKERS``).
    :param session_ids: the sessions, in order of appearance.
    :param session: for each message the place of its session in ``session_ids``, ascending.
    :param speaker: ``role`` as a number.
    :param sent_at: UTC microseconds.
    :param duplicates: for each part that held any, how many messages were repeats.
    """

    messages: pl.DataFrame
    session_ids: pl.Series
    session: Rows
    speaker: np.ndarray
    sent_at: Rows
    duplicates: dict[int, int]

    @property
    def size(self) -> int:
        """How many sessions there are."""
        return len(self.session_ids)


def lay_out(messages: pl.DataFrame) -> Laid:
    """Order messages by session, ``sent_at``, ``seq`` and file order; drop repeats and private notes.

    In: checked ``messages`` in file order with a column ``part``. All messages of each session are here.
    Sessions whose messages are all private do not appear.
    """
    messages, session_ids, session = _together(messages)
    messages, session = _in_time(messages, session)
    messages, session, duplicates = _each_once(messages, session)
    messages, session_ids, session = _without_private(messages, session_ids, session)
    speaker = _speakers(messages)
    return Laid(
        messages.with_columns(pl.Series("role", speaker, dtype=pl.UInt8).cat.to(SPEAKERS)),
        session_ids,
        session,
        speaker,
        messages["sent_at"].to_physical().to_numpy(),
        duplicates,
    )


def _together(messages: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series, Rows]:
    """Number the sessions; where the rows of one lie apart, bring them together."""
    ids = messages["session_id"]
    if ids.is_empty():
        return messages, ids, np.zeros(0, dtype=np.int64)
    begins = (ids != ids.shift(1)).fill_null(value=True)
    heads = ids.filter(begins)
    run = begins.to_numpy().cumsum() - 1
    if heads.n_unique() == len(heads):
        return messages, heads, run
    names = heads.unique(maintain_order=True)
    numbers = pl.DataFrame({"session_id": names, "number": np.arange(len(names), dtype=np.int64)})
    of_head = heads.to_frame().join(numbers, on="session_id", how="left", maintain_order="left")["number"].to_numpy()
    session = of_head[run]
    order = np.argsort(session, kind="stable")
    return messages[order], names, session[order]


def _in_time(messages: pl.DataFrame, session: Rows) -> tuple[pl.DataFrame, Rows]:
    """Order within sessions, only where the file was not in order already."""
    sent_at = messages["sent_at"].to_physical().to_numpy()
    seq = messages["seq"].fill_null(_LAST).to_numpy()
    same = session[1:] == session[:-1]
    step = np.diff(sent_at)
    disorder = same & ((step < 0) | ((step == 0) & (seq[1:] < seq[:-1])))
    if not disorder.any():
        return messages, session
    order = np.lexsort((seq, sent_at, session))
    return messages[order], session[order]


_LAST = np.iinfo(np.int64).max
"""A message without a ``seq`` comes after those of the same time that have one."""


def _each_once(messages: pl.DataFrame, session: Rows) -> tuple[pl.DataFrame, Rows, dict[int, int]]:
    """Keep the first message of each ``message_id`` in a session."""
    ids = messages["message_id"]
    known = len(ids) - ids.null_count()
    if not known or ids.drop_nulls().n_unique() == known:
        return messages, session, {}
    key = pl.DataFrame({"session": session, "message_id": ids})
    keep = key.select(pl.struct("session", "message_id").is_first_distinct() | pl.col("message_id").is_null())
    kept = keep.to_series()
    repeats = messages["part"].filter(~kept).value_counts()
    return messages.filter(kept), session[kept.to_numpy()], dict(repeats.iter_rows())


def _without_private(
    messages: pl.DataFrame, session_ids: pl.Series, session: Rows
) -> tuple[pl.DataFrame, pl.Series, Rows]:
    private = messages["private"].fill_null(value=False)
    if not private.any():
        return messages, session_ids, session
    public = ~private
    kept = session[public.to_numpy()]
    present, renumbered = np.unique(kept, return_inverse=True)
    return messages.filter(public), session_ids[present], renumbered.astype(np.int64)


def _speakers(messages: pl.DataFrame) -> np.ndarray:
    speaker = messages["role"].to_physical().to_numpy().copy()
    automatic = messages["automatic"]
    if automatic.any():
        speaker[automatic.fill_null(value=False).to_numpy()] = SYSTEM
    event = messages["event"]
    if event.null_count() < len(event):
        speaker[event.is_not_null().to_numpy()] = EVENT
    return speaker
