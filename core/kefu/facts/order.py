"""Lay messages out: a session's rows together, in the order of the contract, each message once.

The messages themselves stay where they are; what is laid out is their row numbers. So nothing but a few integers
moves, and the texts are touched only where somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from kefu.facts.segments import Mask, Rows

CUSTOMER, BOT, AGENT, SYSTEM, EVENT = range(5)
"""Who speaks, as a number: the roles of the contract, and messages that carry an event."""

SPEAKERS = pl.Enum(["customer", "bot", "agent", "system", "event"])


@dataclass(frozen=True, slots=True)
class Laid:
    """Messages of whole sessions in order.

    :param messages: the messages as they came, others among them; column ``role`` is who speaks (``SPEAKERS``).
    :param order: for each message in order, its row in ``messages``.
    :param session_ids: the sessions, in order of appearance.
    :param session: for each message in order, the place of its session in ``session_ids``, ascending.
    :param speaker: ``role`` as a number, in order; likewise ``sent_at``, UTC microseconds.
    :param duplicates: for each part that held any, how many messages were repeats.
    """

    messages: pl.DataFrame
    order: Rows
    session_ids: pl.Series
    session: Rows
    speaker: np.ndarray
    sent_at: Rows
    duplicates: Mapping[int, int]

    def pick(self, column: str, rows: Rows) -> pl.Series:
        """Return a column at some rows, counted in order."""
        return self.messages[column].gather(self.order[rows])

    def where(self, condition: pl.Expr) -> Rows:
        """Return the rows, counted in order, that fulfil a condition."""
        return np.flatnonzero(self._mask(condition)[self.order])

    def weights(self, expression: pl.Expr) -> tuple[Rows, Rows]:
        """Return the rows, counted in order, on which an expression is not 0, and its integers there."""
        rows = self.where(expression.cast(pl.Int64) != 0)
        value = self.messages.select(expression.cast(pl.Int64)).to_series()
        return rows, value.gather(self.order[rows]).to_numpy()

    def _mask(self, condition: pl.Expr) -> Mask:
        value = self.messages.select(condition.fill_null(value=False)).to_series()
        if len(value) != len(self.messages):  # a condition without a column is one value
            value = value.new_from_index(0, len(self.messages))
        return value.cast(pl.UInt8).to_numpy().view(np.bool_)

    def with_columns(self, columns: Sequence[pl.Series]) -> Laid:
        """Add columns to the messages, given as they came."""
        return replace(self, messages=self.messages.with_columns(columns))

    def in_order(self) -> pl.DataFrame:
        """Return the messages themselves in order, with ``session``."""
        return self.messages[self.order].with_columns(pl.Series("session", self.session.astype(np.uint32)))


def lay_out(messages: pl.DataFrame, elsewhere: Mask | None = None) -> Laid:
    """Order messages by session, ``sent_at``, ``seq`` and file order; leave out repeats and private notes.

    Sessions whose messages are all private do not appear.

    :param messages: checked ``messages`` in file order, with a column ``part``; all of each session that counts.
    :param elsewhere: rows that are not to be looked at now.
    """
    sent_at, seq = messages["sent_at"].to_physical().to_numpy(), messages["seq"].fill_null(_LAST).to_numpy()
    ids, number = _numbered(messages["session_id"])
    order = np.arange(len(messages)) if elsewhere is None else np.flatnonzero(~elsewhere)
    order = _sorted(order, number, sent_at, seq)
    order, duplicates = _each_once(messages, order, number)
    private = messages["private"]
    if private.any():
        order = order[~private.fill_null(value=False).to_numpy()[order]]
    speaker = _speakers(messages)
    session_ids, session = _present(ids, number[order])
    return Laid(
        messages.with_columns(pl.Series("role", speaker, dtype=pl.UInt8).cat.to(SPEAKERS)),
        order,
        session_ids,
        session,
        speaker[order],
        sent_at[order],
        duplicates,
    )


_LAST = np.iinfo(np.int64).max
"""A message without a ``seq`` comes after those of the same time that have one."""


def _numbered(ids: pl.Series) -> tuple[pl.Series, Rows]:
    """Number the sessions in order of appearance; return their ids, and the number of each row."""
    if ids.is_empty():
        return ids, np.zeros(0, dtype=np.int64)
    begins = (ids != ids.shift(1)).fill_null(value=True)
    heads = ids.filter(begins)
    run = begins.to_numpy().cumsum() - 1
    names = heads.unique(maintain_order=True)
    if len(names) == len(heads):
        return heads, run
    numbers = pl.DataFrame({"session_id": names, "number": np.arange(len(names), dtype=np.int64)})
    of_head = heads.to_frame("session_id").join(numbers, on="session_id", how="left", maintain_order="left")["number"]
    return names, of_head.to_numpy()[run]


def _sorted(order: Rows, session: Rows, sent_at: Rows, seq: Rows) -> Rows:
    """Sort rows, only as far as the file was not in order already."""
    session = session[order]
    if (session[1:] < session[:-1]).any():
        together = np.argsort(session, kind="stable")
        order, session = order[together], session[together]
    sent_at, seq = sent_at[order], seq[order]
    step = np.diff(sent_at)
    disorder = (session[1:] == session[:-1]) & ((step < 0) | ((step == 0) & (seq[1:] < seq[:-1])))
    return order[np.lexsort((seq, sent_at, session))] if disorder.any() else order


def _each_once(messages: pl.DataFrame, order: Rows, session: Rows) -> tuple[Rows, dict[int, int]]:
    """Keep the first message of each ``message_id`` in a session."""
    ids = messages["message_id"]
    if ids.null_count() == len(ids):
        return order, {}
    suspects = order[_alike(ids, session)[order]]
    key = pl.DataFrame({"session": session[suspects], "message_id": ids.gather(suspects)})
    first = key.select(pl.struct("session", "message_id").is_first_distinct() | pl.col("message_id").is_null())
    repeats = suspects[~first.to_series().to_numpy()]
    dropped = np.zeros(len(messages), dtype=bool)
    dropped[repeats] = True
    parts, counts = np.unique(messages["part"].gather(repeats).to_numpy(), return_counts=True)
    return order[~dropped[order]], dict(zip(parts.tolist(), counts.tolist(), strict=True))


def _alike(ids: pl.Series, session: Rows) -> Mask:
    """Return rows among which are all that share session and id with another: those that share a 64-bit hash."""
    keys = ids.hash().to_numpy() ^ (session.astype(np.uint64) * _ODD)
    ascending = np.sort(keys)
    shared = np.unique(ascending[1:][ascending[1:] == ascending[:-1]])
    marked = np.zeros(1 << 16, dtype=bool)
    marked[shared.astype(np.uint16)] = True
    rows = np.flatnonzero(marked[keys.astype(np.uint16)])
    found = np.zeros(len(keys), dtype=bool)
    found[rows] = np.isin(keys[rows], shared)
    return found


_ODD = np.uint64(0x9E3779B97F4A7C15)
"""Spreads session numbers over 64 bits."""


def _present(ids: pl.Series, session: Rows) -> tuple[pl.Series, Rows]:
    """Return the sessions that have a row left, and each row's place among them."""
    present = np.zeros(len(ids), dtype=bool)
    present[session] = True
    if present.all():
        return ids, session
    return ids.filter(pl.Series(present)), (np.cumsum(present) - 1)[session]


def _speakers(messages: pl.DataFrame) -> np.ndarray:
    """Return who speaks in each row: the role, but for automatic messages and those with an event."""
    speaker = messages["role"].to_physical().to_numpy().copy()
    automatic = messages["automatic"]
    if automatic.any():
        speaker[automatic.fill_null(value=False).to_numpy()] = SYSTEM
    event = messages["event"]
    if event.null_count() < len(event):
        speaker[event.is_not_null().to_numpy()] = EVENT
    return speaker
