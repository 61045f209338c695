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
NIGHT = "kefu"
"""Who takes the steps of the night; nobody else has this name."""
_BEGIN = ("opened", "reopened")


def repair_record(connection: sa.Connection) -> pl.DataFrame:
    """Return a row for each time from opened to repaired or dismissed, in which somebody did something.

    What the night alone opened is not in it: the rules say so of every period anyway. ``hotspot_id`` is the hotspot or
    topic; ``ended_at`` is when it was dismissed, ``until`` how long that holds.
    """
    step, item = queue_steps.c, queue_items.c
    chosen = (
        sa.select(item.subject_id, step.item_id, step.step, step.who, step.at, step.data)
        .join(queue_items, item.id == step.item_id)
        .where(step.item_id.in_(sa.select(step.item_id).where(step.who != NIGHT)))
        .order_by(step.item_id, step.version)
    )
    rows: list[dict[str, object]] = []
    last = None
    for subject_id, item_id, name, who, at, data in connection.execute(chosen):
        if name in _BEGIN or item_id != last:
            rows.append({"hotspot_id": subject_id, "flagged_at": at, "touched": False})
            last = item_id
        rows[-1]["touched"] = rows[-1]["touched"] or who != NIGHT
        if name == "repaired":
            rows[-1]["repaired_at"] = at
        elif name == "dismissed":
            rows[-1] |= {"ended_at": at, "until": _midnight_after(data)}
    return pl.DataFrame([row for row in rows if row.pop("touched")], schema=RECORD)


def _midnight_after(data: dict[str, str] | None) -> dt.datetime | None:
    if not data or "until" not in data:
        return None
    return dt.datetime.combine(dt.date.fromisoformat(data["until"]), dt.time(), dt.UTC) + dt.timedelta(days=1)
