"""What stands behind an item of the queue: the answer, what customers asked, what they did next, day by day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from kefu.night.view import StoreView
from kefu.queue.items import Item
from kefu.queue.seen import gathered_rows, kept_listings
from kefu.queue.traffic import HELPED

MOST_QUESTIONS = 10
NEXT = (*HELPED, "again", "person")


@dataclass(frozen=True, slots=True)
class Question:
    """What customers asked: the text, masked, in how many sessions, and one of these."""

    text: str
    count: int
    session_id: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind an item.

    :param hotspot: its row in the table ``hotspots``; ``None`` for a topic, and where the table has it not.
    :param questions: the commonest ones of the window.
    :param next_steps: what customers did after the answer, in sessions: of :data:`NEXT`.
    :param trend: date, sessions, and in how many of these the answer helped (for a topic: always 0), day by day.
    """

    hotspot: dict[str, Any] | None
    questions: list[Question]
    next_steps: dict[str, int]
    trend: list[tuple[dt.date, int, int]] = field(default_factory=list)


def evidence_of(view: StoreView, item: Item, last: dt.date, since: dt.date | None = None) -> Evidence:
    """Return what stands behind an item at the end of a date.

    :param since: from when on the trend goes; from the beginning of the window, if not told.
    """
    wanted = "topics" if item.subject == "topic" else "hotspots"
    kept = {listing.name: (plugin, listing) for plugin, listing in kept_listings(view)}
    used = gathered_rows(view, *kept[wanted], last, since) if wanted in kept else None
    hotspot = _hotspot(view, item)
    if item.subject == "topic":
        return Evidence(None, _typical(item), {}, _asked(item, used))
    if used is None:
        return Evidence(hotspot, _typical(item), {})
    own = used.filter(hotspot_id=item.subject_id)
    texts = own.drop_nulls("text").group_by("text").agg(pl.col("uses").sum(), pl.col("session_id").min())
    common = texts.sort("uses", "text", descending=[True, False]).head(MOST_QUESTIONS)
    following = dict(own.group_by("next").agg(pl.col("uses").sum()).iter_rows())
    helped = pl.col("uses").filter(pl.col("next").is_in(HELPED)).sum()
    daily = own.group_by("date").agg(pl.col("uses").sum(), helped=helped).sort("date")
    return Evidence(
        hotspot,
        [Question(*row) for row in common.select("text", "uses", "session_id").iter_rows()] or _typical(item),
        {name: following.get(name, 0) for name in NEXT},
        [*daily.select("date", "uses", "helped").iter_rows()],
    )


def _hotspot(view: StoreView, item: Item) -> dict[str, Any] | None:
    table = view.engine.small("hotspots")
    if table is None or item.subject != "hotspot":
        return None
    return next(iter(table.filter(hotspot_id=item.subject_id).to_dicts()), None)


def _typical(item: Item) -> list[Question]:
    """Return the questions that a reason names as typical."""
    named = [text for reason in item.reasons for text in reason.evidence.get("questions", [])]
    return [Question(text, 0, None) for text in dict.fromkeys(named)][:MOST_QUESTIONS]


def _asked(item: Item, rows: pl.DataFrame | None) -> list[tuple[dt.date, int, int]]:
    """Return how often the typical questions of a topic were asked, day by day."""
    if rows is None or rows.is_empty():
        return []
    texts = [question.text for question in _typical(item)]
    daily = rows.filter(pl.col("text").is_in(texts)).group_by("date").agg(pl.col("asked").sum()).sort("date")
    return [(date, asked, 0) for date, asked in daily.iter_rows()]
