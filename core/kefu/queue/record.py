"""The record of the repair queue: every item and every step, with who and when; no step overwrites another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from kefu.queue.items import (
    FITS,
    LIVE,
    Conflict,
    Item,
    NoName,
    NoSuchItem,
    NotAllowed,
    ReasonFound,
    State,
    Step,
    StepName,
)
from kefu.store.episodes import NIGHT
from kefu.store.opening import Store
from kefu.store.schema import queue_items as items
from kefu.store.schema import queue_steps as steps

Order = Literal["priority", "due", "opened", "title"]
LONGEST_NOTE = 2_000
MOST_ON_A_PAGE = 1_000
WAITING = (State.OPEN, State.IN_REPAIR)

_ORDERS = {
    "priority": (items.c.priority.desc(),),
    "due": (items.c.due_on.is_(None), items.c.due_on, items.c.priority.desc()),
    "opened": (items.c.opened_at.desc(),),
    "title": (items.c.title,),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items to find, and which page of them.

    :param states: those in one of these states; any, if none is named.
    :param text: with this in the title or the id.
    :param overdue: those that should have been repaired before today.
    """

    states: tuple[State, ...] = WAITING
    reason: str | None = None
    subject: str | None = None
    assignee: str | None = None
    text: str = ""
    overdue: bool = False
    order: Order = "priority"
    page: int = 1
    size: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Items, and how many there are in all."""

    items: list[Item]
    total: int


class Queue:
    """The queue in a store."""

    def __init__(self, store: Store) -> None:
        """Take a store that is open."""
        self._store = store

    def find(self, asked: Filter, today: dt.date) -> Page:
        """Return one page of the items that a filter lets through."""
        where = _where(asked, today)
        size = min(max(asked.size, 1), MOST_ON_A_PAGE)
        chosen = sa.select(items).where(*where).order_by(*_ORDERS[asked.order], items.c.id)
        with self._store.reading() as connection:
            total = connection.scalar(sa.select(sa.func.count()).select_from(items).where(*where)) or 0
            rows = connection.execute(chosen.limit(size).offset((max(asked.page, 1) - 1) * size))
            return Page([_item(row) for row in rows.mappings()], total)

    def all(self, asked: Filter, today: dt.date) -> list[Item]:
        """Return the items of all pages, as one state of the store has them."""
        chosen = sa.select(items).where(*_where(asked, today)).order_by(*_ORDERS[asked.order], items.c.id)
        with self._store.reading() as connection:
            return [_item(row) for row in connection.execute(chosen).mappings()]

    def counts(self, today: dt.date) -> dict[str, int]:
        """Return how many items are in each state, and how many are ``overdue``."""
        late = _where(Filter(overdue=True), today)
        with self._store.reading() as connection:
            found = connection.execute(sa.select(items.c.state, sa.func.count()).group_by(items.c.state)).all()
            overdue = connection.scalar(sa.select(sa.func.count()).select_from(items).where(*late)) or 0
        return dict.fromkeys(map(str, State), 0) | {row[0]: row[1] for row in found} | {"overdue": overdue}

    def item(self, item_id: int) -> Item:
        """Return an item.

        :raises NoSuchItem: there is none with that number.
        """
        with self._store.reading() as connection:
            return read_item(connection, item_id)

    def steps(self, item_id: int) -> list[Step]:
        """Return the steps of an item, the first one first."""
        with self._store.reading() as connection:
            return read_steps(connection, item_id)

    def claim(self, item_id: int, version: int, who: str) -> Item:
        """Take an open item into repair."""
        return self._take(item_id, version, who, StepName.CLAIMED, {"state": State.IN_REPAIR, "assignee": who})

    def release(self, item_id: int, version: int, who: str, note: str | None = None) -> Item:
        """Give an item that is in repair back."""
        changes = {"state": State.OPEN, "assignee": None}
        return self._take(item_id, version, who, StepName.RELEASED, changes, note)

    def repaired(self, item_id: int, version: int, who: str, change: str) -> Item:
        """Say that an item was repaired, and what was changed."""
        now = dt.datetime.now(dt.UTC)
        changes = {"state": State.REPAIRED, "assignee": who, "repaired_at": now, "change": _note(change)}
        return self._take(item_id, version, who, StepName.REPAIRED, changes | {"verification": None}, change, at=now)

    def dismiss(self, item_id: int, version: int, who: str, reason: str, until: dt.date) -> Item:
        """Say that an item needs no repair until a date; from then on its reasons count anew."""
        changes = {"state": State.DISMISSED, "dismissed_reason": _note(reason), "dismissed_until": until}
        data = {"until": until.isoformat()}
        return self._take(item_id, version, who, StepName.DISMISSED, changes, reason, data)

    def reopen(self, item_id: int, version: int, who: str, note: str | None = None) -> Item:
        """Open an item again."""
        return self._take(item_id, version, who, StepName.REOPENED, REOPENED, note)

    def note(self, item_id: int, version: int, who: str, text: str) -> Item:
        """Write something down that changes nothing else."""
        return self._take(item_id, version, who, StepName.NOTED, {}, text)

    def _take(
        self,
        item_id: int,
        version: int,
        who: str,
        step: StepName,
        changes: dict[str, Any],
        note: str | None = None,
        data: dict[str, Any] | None = None,
        *,
        at: dt.datetime | None = None,
    ) -> Item:
        """Take a step.

        :param version: the version that the one who takes it has seen.
        :raises NoName: nobody, or nobody but the night, has that name.
        :raises NoSuchItem: there is no such item.
        :raises Conflict: the item has another version by now.
        :raises NotAllowed: the step does not fit its state.
        """
        if who.strip().lower() in ("", NIGHT):
            raise NoName("say who you are: a name, but not kefu, which is that of the night")
        with self._store.writing() as connection:
            item = read_item(connection, item_id)
            if item.version != version:
                raise Conflict(item, read_steps(connection, item_id)[-1])
            take_step(connection, item, step, who, changes, note, data, at=at)
            return read_item(connection, item_id)


REOPENED: dict[str, Any] = {
    "state": State.OPEN,
    "assignee": None,
    "due_on": None,
    "dismissed_reason": None,
    "dismissed_until": None,
    "verification": None,
}
"""What an item loses when it is opened again; the night says anew when it is due."""


def take_step(
    connection: sa.Connection,
    item: Item,
    step: StepName,
    who: str,
    changes: dict[str, Any],
    note: str | None = None,
    data: dict[str, Any] | None = None,
    *,
    at: dt.datetime | None = None,
) -> None:
    """Write a step and what it changes.

    :raises NotAllowed: it does not fit the state of the item, or another item took its place.
    :raises Conflict: another transaction changed the item since it was read.
    """
    if item.state not in FITS[step]:
        raise NotAllowed(item, step)
    if not item.live and changes.get("state") in LIVE:
        same_subject = (items.c.subject == item.subject) & (items.c.subject_id == item.subject_id)
        other = connection.scalar(sa.select(items.c.id).where(same_subject, items.c.state.in_(LIVE)))
        if other is not None:
            raise NotAllowed(item, step, other)
    now = at or dt.datetime.now(dt.UTC)
    own = {**changes, "version": item.version + 1}
    if "state" in changes:
        own["since"] = now
    same = (items.c.id == item.id) & (items.c.version == item.version)
    if connection.execute(sa.update(items).where(same).values(own)).rowcount != 1:
        raise Conflict(read_item(connection, item.id), read_steps(connection, item.id)[-1])
    _write_step(connection, item.id, item.version + 1, now, who, step, note, data)


def open_item(connection: sa.Connection, row: dict[str, Any], at: dt.datetime, who: str) -> int:
    """Write a new item with its first step, and return its number.

    :param row: its columns but those that every new item has.
    """
    fresh = {"state": State.OPEN, "version": 1, "opened_at": at, "since": at}
    item_id = int(connection.execute(sa.insert(items).values({**row, **fresh}).returning(items.c.id)).scalar_one())
    data = {"reasons": [reason["name"] for reason in row["reasons"]]}
    _write_step(connection, item_id, 1, at, who, StepName.OPENED, None, data)
    return item_id


def read_item(connection: sa.Connection, item_id: int) -> Item:
    """Return an item.

    :raises NoSuchItem: there is none with that number.
    """
    row = connection.execute(sa.select(items).where(items.c.id == item_id)).mappings().one_or_none()
    if row is None:
        raise NoSuchItem(f"there is no item {item_id} in the queue: kefu queue list names them")
    return _item(row)


def read_items(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Item]:
    """Return all items of some kind, by number."""
    return [_item(row) for row in connection.execute(sa.select(items).where(*where).order_by(items.c.id)).mappings()]


def read_steps(connection: sa.Connection, item_id: int) -> list[Step]:
    """Return the steps of an item, the first one first."""
    chosen = sa.select(steps).where(steps.c.item_id == item_id).order_by(steps.c.version)
    return [Step(**{**row, "step": StepName(row["step"])}) for row in connection.execute(chosen).mappings()]


def named(reasons: Sequence[ReasonFound]) -> str:
    """Return the names of the reasons that hold, as they are searched for."""
    return "".join(f",{reason.name}" for reason in reasons if reason.active) + ","


def _write_step(
    connection: sa.Connection,
    item_id: int,
    version: int,
    at: dt.datetime,
    who: str,
    step: StepName,
    note: str | None,
    data: dict[str, Any] | None,
) -> None:
    row = {"item_id": item_id, "version": version, "at": at, "who": who, "step": step}
    connection.execute(sa.insert(steps).values({**row, "note": _note(note), "data": data}))


def _note(text: str | None) -> str | None:
    return text.strip()[:LONGEST_NOTE] or None if text else None


def _where(asked: Filter, today: dt.date) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    if asked.states:
        where.append(items.c.state.in_(asked.states))
    if asked.reason:
        where.append(items.c.reason_names.contains(f",{asked.reason},", autoescape=True))
    if asked.subject:
        where.append(items.c.subject == asked.subject)
    if asked.assignee:
        where.append(items.c.assignee == asked.assignee)
    if asked.text.strip():
        text = asked.text.strip()
        where.append(
            items.c.title.icontains(text, autoescape=True) | items.c.subject_id.icontains(text, autoescape=True)
        )
    if asked.overdue:
        where += [items.c.state.in_(WAITING), items.c.due_on < today]
    return where


def _item(row: sa.RowMapping) -> Item:
    told = {name: row[name] for name in row if name != "reason_names"}
    reasons = tuple(map(ReasonFound.of_json, row["reasons"]))
    return Item(**{**told, "state": State(row["state"]), "reasons": reasons})
