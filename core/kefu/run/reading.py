"""Which columns of the input a run reads: what the facts need, and what plugins name."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kefu.columns import Addition
from kefu.run.guard import reads_of
from kefu.run.plan import Plan
from kefu.run.whole import KEYED
from kefu.tables import TABLES

MESSAGE_COLUMNS = (
    *("session_id", "sent_at", "role", "text", "sender_id", "message_id", "seq"),
    *("event", "recognised", "private", "automatic"),
)
"""The columns of messages that every run reads."""
SESSION_COLUMNS = (
    *("session_id", "customer_id", "channel", "queue", "scene"),
    *("opened_at", "handed_off_at", "closed_at", "closed_by", "hold_seconds", "wrap_up_seconds"),
)
"""The columns of sessions that every run reads."""


def columns_to_read(
    tables: Collection[str],
    plan: Plan,
    additions: Iterable[Addition],
    also: Collection[str] = (),
    *,
    everything: bool = False,
) -> dict[str, list[str]]:
    """Return the columns of ``messages`` and of the tables whose rows belong to a session, in the contract's order.

    :param tables: the tables that are there.
    :param also: more columns to read; ``everything`` reads them all.
    """
    asked = plan.every_root | {*also}
    for added in additions:
        asked |= reads_of(added)
    wanted = {"messages": MESSAGE_COLUMNS, "sessions": SESSION_COLUMNS}
    found = {}
    for name in ("messages", *KEYED):
        if name in tables:
            names = TABLES[name].names
            base = wanted.get(name, names)
            found[name] = [column for column in names if everything or column in base or column in asked]
    return found
