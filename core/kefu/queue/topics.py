"""The topics of the last nights, as the queue saw them, with the items that take care of them."""

from __future__ import annotations

from typing import Any

import polars as pl

from kefu.night.view import StoreView
from kefu.queue.items import LIVE
from kefu.queue.record import read_items
from kefu.queue.refresh import TOPICS
from kefu.store.frames import unpack
from kefu.store.schema import queue_items as items
from kefu.store.schema import queue_memory as memory


def topics_of(view: StoreView) -> list[dict[str, Any]]:
    """Return the topics as the listing ``topics`` shows them, the commonest first; ``item_id`` is who takes care."""
    with view.store.reading() as connection:
        content = connection.scalar(memory.select().with_only_columns(memory.c.content).where(memory.c.name == TOPICS))
        live = read_items(connection, items.c.state.in_(LIVE))
    if content is None:
        return []
    by_topic = {item.subject_id: item.id for item in live if item.subject == "topic"}
    for item in live:
        for reason in item.reasons:
            by_topic |= {topic: item.id for topic in reason.evidence.get("topics", []) if topic not in by_topic}
    rows: pl.DataFrame = unpack(content)
    return [{**row, "item_id": by_topic.get(row["topic"])} for row in rows.to_dicts()]
