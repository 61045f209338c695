"""Nights of a shop, written into a store as the counts that a run would have kept of its transcripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import sqlalchemy as sa

from kefu.config import Settings, load_settings
from kefu.host import Host
from kefu.night.compute import COUNT
from kefu.night.listed import LISTING
from kefu.night.view import StoreView
from kefu.queue.items import Item, StepName
from kefu.queue.record import Filter, Queue
from kefu.queue.refresh import Refreshed, refresh
from kefu.store.days import Day, write_days
from kefu.store.opening import Store
from kefu.store.runs import Run, write_run
from kefu_plugins import hot_topics, hotspot_repair, hotspot_use

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
FIRST = dt.date(2025, 6, 1)
TIME = pl.Datetime("us", "UTC")
TIMES = ("published_at", "knowledge_updated_at", "flagged_at", "repaired_at")
OURS = (hot_topics, hotspot_repair, hotspot_use)
HOTSPOTS = {"hotspot_id": pl.String, "title": pl.String, "topic": pl.String, **dict.fromkeys(TIMES, TIME)}
COUNTS = {"hotspot_id": pl.String, "own_date": pl.Date, "date": pl.Date} | dict.fromkeys(
    ("shown", "clicks", "click_known", "rated", "adopted"), pl.Int64
)
USES = dict.fromkeys(("hotspot_id", "next", "text", "session_id"), pl.String) | {
    "date": pl.Date,
    "uses": pl.Int64,
}
QUESTIONS = {"text": pl.String, "date": pl.Date} | dict.fromkeys(
    ("asked", "unrecognised", "unsolved", "with_person"), pl.Int64
)
PRESENT = {"hotspot_repair_rate": True, "repair_days_p50": True}
"""The metrics that the input had something for."""
Row = Mapping[str, Any]


@dataclass
class Clock:
    """The time when people take a step."""

    at: dt.datetime = field(default_factory=lambda: noon(0))


def date(number: int) -> dt.date:
    """Return the date of a night."""
    return FIRST + dt.timedelta(days=number)


def noon(number: int, hour: int = 12) -> dt.datetime:
    """Return an hour of the date of a night, in Shanghai."""
    return dt.datetime.combine(date(number), dt.time(hour), SHANGHAI)


def hotspots(*rows: Row) -> pl.DataFrame:
    """Return the table ``hotspots``; what a row does not tell is empty."""
    return pl.DataFrame([{"title": f"标题 {row['hotspot_id']}", **row} for row in rows], schema=HOTSPOTS)


def shown(hotspot_id: str, *, shown: int = 0, clicks: int = 0, rated: int = 0, adopted: int = 0) -> Row:
    """Return what the platform logged of a hotspot on a date; a click is known of each time it was shown."""
    return {
        "hotspot_id": hotspot_id,
        "shown": shown,
        "clicks": clicks,
        "click_known": shown,
        "rated": rated,
        "adopted": adopted,
    }


def used(hotspot_id: str, following: str, uses: int, text: str = "怎么退货") -> Row:
    """Return in how many sessions of a date the bot answered with a hotspot, and what came next."""
    return {"hotspot_id": hotspot_id, "next": following, "uses": uses, "text": text, "session_id": "s1"}


def question(text: str, unrecognised: int) -> Row:
    """Return how often a question was not understood on a date."""
    return {"text": text, "asked": unrecognised, "unrecognised": unrecognised, "unsolved": 0, "with_person": 0}


class Shop:
    """A shop whose nights are written one by one, the queue refreshed after each."""

    def __init__(self, store: Store, scratch: Path, *more: ModuleType, settings: Settings | None = None) -> None:
        self.store, self.queue = store, Queue(store)
        self._scratch, self._modules = scratch, (*OURS, *more)
        self.settings = settings or load_settings()
        self.table = hotspots()

    def night(
        self,
        number: int,
        *,
        counts: Iterable[Row] = (),
        uses: Iterable[Row] = (),
        questions: Iterable[Row] = (),
        sessions: int = 100,
    ) -> Refreshed:
        """Write a date, and bring the queue up to date."""
        self.write(number, counts=counts, uses=uses, questions=questions, sessions=sessions)
        told = self.refresh()
        assert told is not None
        return told

    def write(
        self,
        number: int,
        *,
        counts: Iterable[Row] = (),
        uses: Iterable[Row] = (),
        questions: Iterable[Row] = (),
        sessions: int = 100,
    ) -> None:
        """Write a date."""
        own = {"date": date(number), "own_date": date(number)}
        frames = {
            f"{COUNT}hotspot_days": pl.DataFrame([{**row, **own} for row in counts], schema=COUNTS),
            f"{LISTING}hotspots": pl.DataFrame([{**row, **own} for row in uses], schema=USES),
            f"{LISTING}topics": pl.DataFrame([{**row, **own} for row in questions], schema=QUESTIONS),
        }
        frames = {name: frame for name, frame in frames.items() if frame.height}
        run = Run(noon(number), "done", "0.1.0", small_tables={"hotspots": self.table})
        with self.store.writing() as connection:
            day = Day(date(number), frames, present=PRESENT, sessions=sessions)
            write_days(connection, write_run(connection, run), [day])

    def host(self) -> Host:
        """Load our plugins of hotspots and topics, and those of the test."""
        named = {module.__name__.rpartition(".")[2]: module for module in self._modules}
        return Host(builtins=False, outsiders=False, modules=named)

    def view(self) -> StoreView:
        """Return what looks at the store as it is now."""
        return StoreView(self.store, self.settings, self.host(), self._scratch)

    def refresh(self) -> Refreshed | None:
        """Bring the queue up to date."""
        return refresh(self.view())

    def items(self, subject_id: str | None = None) -> list[Item]:
        """Return all items, or those of a subject, the newest last."""
        found = self.queue.all(Filter(states=()), date(0))
        return sorted((one for one in found if subject_id in {None, one.subject_id}), key=lambda one: one.id)

    def item(self, subject_id: str) -> Item:
        """Return the only item of a subject."""
        (found,) = self.items(subject_id)
        return found

    def steps(self, item: Item) -> list[StepName]:
        """Return the steps of an item."""
        return [step.step for step in self.queue.steps(item.id)]

    def repair(self, subject_id: str, clock: Clock, at: dt.datetime) -> Item:
        """Say that the newest item of a subject was repaired at a moment."""
        clock.at = at
        item = self.items(subject_id)[-1]
        return self.queue.repaired(item.id, item.version, "小李", "重写了答案")

    def rows(self, table: sa.Table) -> list[tuple[Any, ...]]:
        """Return all rows of a table."""
        with self.store.reading() as connection:
            return [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
