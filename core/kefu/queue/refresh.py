"""The repair queue after a night: what needs repair now, what no longer does, and which repairs worked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import polars as pl
import sqlalchemy as sa

from kefu.clock import MICROSECOND, UNIX, date_of
from kefu.config import QueueSettings
from kefu.night.view import StoreView
from kefu.queue.found import Found, Key, answers
from kefu.queue.items import LIVE, Item, ReasonFound, State, Step, StepName
from kefu.queue.record import REOPENED, named, open_item, read_items, read_steps, take_step
from kefu.queue.seen import Look, look, with_uses_since_repairs
from kefu.queue.traffic import verification
from kefu.run.outcome import Outcome
from kefu.store.episodes import NIGHT
from kefu.store.frames import pack, unpack
from kefu.store.mask import masked_series
from kefu.store.opening import Store
from kefu.store.schema import days as stored_days
from kefu.store.schema import queue_items as items
from kefu.store.schema import queue_memory as memory

REFRESHED, ASKED, TOPICS = "refreshed", "asked", "topics as listed"
AT_ONCE = ("stale", "flagged")
"""Reasons that look at the time of the repair, and so hold anew when they hold after it."""
NO_LONGER_SEEN = "不再出现 no longer seen"


@dataclass(slots=True)
class Refreshed:
    """How many items the night opened, and so on; ``failures`` are the reasons that could not be asked."""

    opened: int = 0
    joined: int = 0
    reopened: int = 0
    verified: int = 0
    closed: int = 0
    failures: list[str] = field(default_factory=list)

    def notes(self, language: str) -> list[str]:
        """Return what people are told of it, if anything happened."""
        said = {
            "opened": ("新增 {}", "{} opened"),
            "joined": ("{} 条有新原因", "{} with a new reason"),
            "reopened": ("重新打开 {}", "{} opened again"),
            "verified": ("验证有效 {}", "{} verified"),
            "closed": ("自动关闭 {}", "{} closed"),
        }
        parts = [said[name][language == "en"].format(getattr(self, name)) for name in said if getattr(self, name)]
        line = ("修复队列：" if language != "en" else "repair queue: ") + ("，" if language != "en" else ", ").join(
            parts
        )
        return [*([line] if parts else []), *(f"repair queue: {failure}" for failure in self.failures)]


def is_due(store: Store) -> bool:
    """Say whether a run wrote dates that the queue does not know yet."""
    with store.reading() as connection:
        newest = connection.scalar(sa.select(sa.func.max(stored_days.c.run_id)).where(stored_days.c.current.is_(True)))
        return newest is not None and not _knows(connection, newest)


def _knows(connection: sa.Connection, run_id: int) -> bool:
    return connection.scalar(sa.select(memory.c.run_id).where(memory.c.name == REFRESHED)) == run_id


def refresh(view: StoreView) -> Refreshed | None:
    """Bring the queue up to date with the last date of a store; ``None`` where there is no date.

    The steps of the night are taken at the last moment of that date, so that they belong to its period.
    """
    days = view.days(None, None)
    with view.store.reading() as connection:
        memories = {name: unpack(content) for name, content in _contents(connection)}
    newest = max((day.run_id for day in days), default=0)
    if not days:
        return None
    last, before = days[-1].date, view.engine.host.working()
    seen = look(view, last, memories)
    answered = answers(view, seen.seen, last)
    failures = [f"{plugin.name}: {plugin.error}" for plugin in before if plugin.error is not None]
    asked = _asked(seen, memories.get(ASKED))
    sessions = pl.DataFrame(
        {"date": [day.date for day in days], "n": [day.sessions for day in days]},
        schema={"date": pl.Date, "n": pl.Int64},
    )
    limits, zone = view.settings.thresholds, view.engine.days
    whole = with_uses_since_repairs(view, seen.seen, last)
    prove = partial(verification, seen=whole, asked=asked, sessions=sessions, last=last, days=zone, limits=limits)
    topics = seen.seen.listed.get("topics")
    known = {} if topics is None else {TOPICS: _masked_topics(topics)}

    last_moment = UNIX + (seen.seen.period.end - 1) * MICROSECOND

    def write(connection: sa.Connection) -> Refreshed:
        told = Refreshed(failures=[*failures])
        night = _Night(last, last_moment, view.settings.queue, told, frozenset(answered.asked))
        night.bring_up(connection, answered.found)
        for item in read_items(connection, items.c.state == State.REPAIRED):
            night.verify(connection, item, prove(item))
        _remember(connection, newest, {**seen.memories, ASKED: asked, **known})
        return told

    return view.store.persistently(write, lambda connection: _knows(connection, newest))


def with_record(view: StoreView, outcome: Outcome, by: tuple[str, ...]) -> Outcome:
    """Return the outcome of a run with the values that depend on the queue's record, as the store gives them now."""
    asked = [metric for metric in outcome.metrics if metric.on in view.engine.periodic]
    if not asked or outcome.first is None or outcome.last is None:
        return outcome
    stored = view.outcome(date_of(outcome.first), date_of(outcome.last), by, asked)
    groups = {group.key: group.values for group in stored.groups}
    return replace(
        outcome,
        whole=replace(outcome.whole, values={**outcome.whole.values, **stored.whole.values}),
        groups=[replace(one, values={**one.values, **groups.get(one.key, {})}) for one in outcome.groups],
    )


@dataclass(frozen=True, slots=True)
class _Night:
    """The steps of one night.

    :param asked: the reasons that answered; what others said before still stands.
    """

    date: dt.date
    at: dt.datetime
    settings: QueueSettings
    told: Refreshed
    asked: frozenset[str]

    def bring_up(self, connection: sa.Connection, found: Mapping[Key, Found]) -> None:
        """Open, join, reopen and close items so that they say what was found."""
        live = {(item.subject, item.subject_id): item for item in read_items(connection, items.c.state.in_(LIVE))}
        still = (items.c.state == State.DISMISSED) & (items.c.dismissed_until >= self.date)
        resting = {(item.subject, item.subject_id) for item in read_items(connection, still)}
        for key, one in sorted(found.items()):
            item = live.get(key)
            if item is None and key not in resting:
                self._open(connection, key, one)
            elif item is not None and item.state == State.REPAIRED:
                self._after_repair(connection, item, one)
            elif item is not None:
                self._join(connection, item, one)
        for key, item in live.items():
            if key not in found and item.state != State.REPAIRED:
                self._unseen(connection, item)

    def verify(self, connection: sa.Connection, item: Item, told: dict[str, Any] | None) -> None:
        """Note what the traffic says of a repair."""
        if told is None:
            return
        change = {"verification": told}
        if told["state"] == "worked":
            self.told.verified += 1
            self._step(connection, item, StepName.VERIFIED, {**change, "state": State.VERIFIED}, told)
        elif told["state"] == "no_effect":
            self.told.reopened += 1
            self._step(connection, item, StepName.REOPENED, {**REOPENED, **change, **self._due_anew(item)}, told)
        elif told != item.verification:
            _update(connection, item, change)

    def _open(self, connection: sa.Connection, key: Key, one: Found) -> None:
        self.told.opened += 1
        subject, subject_id = key
        row = {"subject": subject, "subject_id": subject_id, "title": one.title, **self._said(one.reasons)}
        open_item(connection, row, self.at, NIGHT)

    def _join(self, connection: sa.Connection, item: Item, one: Found) -> None:
        reasons = self._merged(item.reasons, one.reasons)
        new = [r.name for r in one.reasons if r.name not in {old.name for old in item.reasons if old.active}]
        changes = {"title": one.title, **self._said(reasons, item.due_on)}
        if new:
            self.told.joined += 1
            self._step(connection, item, StepName.JOINED, changes, {"reasons": new})
        else:
            _update(connection, item, changes)

    def _after_repair(self, connection: sa.Connection, item: Item, one: Found) -> None:
        again = [reason for reason in one.reasons if reason.name in AT_ONCE]
        if again and item.repaired_at is not None and item.repaired_at < self.at:
            self.told.reopened += 1
            changes = {**REOPENED, **self._said(self._merged(item.reasons, one.reasons))}
            self._step(connection, item, StepName.REOPENED, changes, {"reasons": [reason.name for reason in again]})

    def _unseen(self, connection: sa.Connection, item: Item) -> None:
        """Close what needs no repair any more; what people or traffic opened again is theirs to close."""
        if any(reason.active and reason.name not in self.asked for reason in item.reasons):
            return
        if item.state == State.OPEN and not _was_held_open(read_steps(connection, item.id)):
            self.told.closed += 1
            closed = {"state": State.DISMISSED, "dismissed_reason": NO_LONGER_SEEN, "dismissed_until": None}
            self._step(connection, item, StepName.DISMISSED, closed, {}, NO_LONGER_SEEN)
            return
        reasons = self._merged(item.reasons, [])
        changes = {"reasons": _json(reasons), "reason_names": named(reasons)}
        _update(connection, item, changes if item.due_on else {**changes, **self._due_anew(item)})

    def _said(self, reasons: list[ReasonFound], due: dt.date | None = None) -> dict[str, Any]:
        """Return what an item says of its reasons; it is never due later than it was."""
        saves = max((reason.saves for reason in reasons if reason.active), default=0)
        own = self.date + dt.timedelta(days=self.settings.days_for(saves))
        return {
            "seen_on": self.date,
            "due_on": own if due is None else min(own, due),
            "priority": saves,
            "reasons": _json(reasons),
            "reason_names": named(reasons),
        }

    def _due_anew(self, item: Item) -> dict[str, Any]:
        return {"due_on": self.date + dt.timedelta(days=self.settings.days_for(item.priority))}

    def _merged(self, old: tuple[ReasonFound, ...], new: list[ReasonFound]) -> list[ReasonFound]:
        """Put what was found beside what was known; what is no longer seen stays, but does not hold."""
        since = {reason.name: reason.since for reason in old if reason.active}
        fresh = [replace(reason, since=since.get(reason.name, reason.since)) for reason in new]
        names = {reason.name for reason in new}
        kept = [
            replace(reason, active=False) if reason.name in self.asked else reason
            for reason in old
            if reason.name not in names
        ]
        return [*fresh, *kept]

    def _step(
        self,
        connection: sa.Connection,
        item: Item,
        step: StepName,
        changes: dict[str, Any],
        data: dict[str, Any],
        note: str | None = None,
    ) -> None:
        take_step(connection, item, step, NIGHT, changes, note, data, at=max(self.at, item.since))


def _was_held_open(steps: list[Step]) -> bool:
    """Say whether an item was opened again by people or by traffic, not by a reason that the night saw."""
    latest = [step for step in steps if step.step in {StepName.OPENED, StepName.REOPENED}][-1]
    return latest.step == StepName.REOPENED and "reasons" not in (latest.data or {})


def _json(reasons: list[ReasonFound]) -> list[dict[str, Any]]:
    return [reason.as_json() for reason in reasons]


def _update(connection: sa.Connection, item: Item, changes: dict[str, Any]) -> None:
    """Change what an item says; nobody's step, so its version stays."""
    connection.execute(sa.update(items).where(items.c.id == item.id).values(changes))


def _asked(seen: Look, before: pl.DataFrame | None) -> pl.DataFrame:
    """Return how often each topic was asked about on each day, as far back as it was ever known."""
    schema = {"topic": pl.String, "date": pl.Date, "asked": pl.Int64}
    known = pl.DataFrame(schema=schema) if before is None else before
    topics, first = seen.seen.listed.get("topics"), seen.first_days.get("topics")
    if topics is None or first is None or topics.is_empty():
        return known
    days = topics.select("topic", "trend", day=pl.int_ranges(0, pl.col("trend").list.len())).explode("trend", "day")
    fresh = days.select("topic", date=pl.lit(first) + pl.duration(days="day"), asked=pl.col("trend").cast(pl.Int64))
    older = known.join(fresh.select("topic", "date"), on=["topic", "date"], how="anti")
    return pl.concat([older, fresh.select([*schema])]).sort("topic", "date")


def _masked_topics(topics: pl.DataFrame) -> pl.DataFrame:
    """Return the topics as they may be kept; they are made of masked texts already, but for titles of hotspots."""
    return topics.with_columns(masked_series(topics["label"])) if topics.width else topics


def _contents(connection: sa.Connection) -> Iterator[tuple[str, bytes]]:
    for name, content in connection.execute(sa.select(memory.c.name, memory.c.content)):
        if content is not None:
            yield name, content


def _remember(connection: sa.Connection, run_id: int, frames: Mapping[str, pl.DataFrame]) -> None:
    rows: list[dict[str, Any]] = [{"name": REFRESHED, "run_id": run_id, "content": None}]
    rows += [{"name": name, "run_id": run_id, "content": pack(frame)} for name, frame in sorted(frames.items())]
    connection.execute(sa.delete(memory).where(memory.c.name.in_([row["name"] for row in rows])))
    connection.execute(sa.insert(memory), rows)
