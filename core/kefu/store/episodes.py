"""Each time that something needed repair by the repair queue, and how it ended: the table ``repair_record``."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa

from kefu.store.schema import queue_items, queue_steps

TIME = pl.Datetime("us", "UTC")
RECORD = pl.Schema(
    {"hotspot_id": pl.String(), "flagged_at": TIME, "repaired_at": TIME, "ended_at": TIME, "until": TIME},
)
_BEGIN, _END = ("opened", "reopened"), ("repaired", "dismissed")


def repair_record(connection: sa.Connection) -> pl.DataFrame:
    """Return a row for each time from opened to repaired or dismissed.

    ``hotspot_id`` is the hotspot or topic; ``ended_at`` is when it was dismissed, ``until`` how long that holds.
    """
    chosen = (
        sa.select(
            queue_items.c.subject_id, queue_steps.c.item_id, queue_steps.c.step, queue_steps.c.at, queue_steps.c.data
        )
        .join(queue_items, queue_items.c.id == queue_steps.c.item_id)
        .where(queue_steps.c.step.in_([*_BEGIN, *_END]))
        .order_by(queue_steps.c.item_id, queue_steps.c.version)
    )
    rows: list[dict[str, object]] = []
    item = None
    for subject_id, item_id, step, at, data in connection.execute(chosen):
        if step in _BEGIN or item != item_id:
            rows.append({"hotspot_id": subject_id, "flagged_at": at})
            item = item_id
        if step == "repaired":
            rows[-1]["repaired_at"] = at
        elif step == "dismissed":
            rows[-1] |= {"ended_at": at, "until": _midnight_after(data)}
    return pl.DataFrame(rows, schema=RECORD)


def _midnight_after(data: dict[str, str] | None) -> dt.datetime | None:
    if not data or "until" not in data:
        return None
    return dt.datetime.combine(dt.date.fromisoformat(data["until"]), dt.time(), dt.UTC) + dt.timedelta(days=1)
