"""Items of the repair queue: a hotspot or a topic that needs repair, why, and how far the repair is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kefu.errors import KefuError


class State(StrEnum):
    """How far an item is."""

    OPEN = "open"
    IN_REPAIR = "in_repair"
    REPAIRED = "repaired"
    VERIFIED = "verified"
    DISMISSED = "dismissed"


LIVE = (State.OPEN, State.IN_REPAIR, State.REPAIRED)
"""Of these states a subject has one item at most."""


class StepName(StrEnum):
    """What can be done with an item; the night opens, joins, verifies, reopens and closes by itself."""

    OPENED = "opened"
    JOINED = "joined"
    CLAIMED = "claimed"
    RELEASED = "released"
    REPAIRED = "repaired"
    DISMISSED = "dismissed"
    REOPENED = "reopened"
    VERIFIED = "verified"
    NOTED = "noted"


FITS = {
    StepName.JOINED: LIVE,
    StepName.CLAIMED: (State.OPEN,),
    StepName.RELEASED: (State.IN_REPAIR,),
    StepName.REPAIRED: (State.OPEN, State.IN_REPAIR),
    StepName.DISMISSED: (State.OPEN, State.IN_REPAIR),
    StepName.REOPENED: (State.REPAIRED, State.VERIFIED, State.DISMISSED),
    StepName.VERIFIED: (State.REPAIRED,),
    StepName.NOTED: tuple(State),
}
"""In which states each step can be taken."""


@dataclass(frozen=True, slots=True)
class ReasonFound:
    """One reason why a subject needs repair.

    :param name: the reason's name, such as ``stale``.
    :param since: the night that first saw it.
    :param sessions: how many sessions of the window it affects.
    :param gap: how far it is from the target, from 0 to 1.
    :param evidence: the counts, thresholds and dates behind it, as JSON.
    :param active: whether the last night still saw it.
    """

    name: str
    since: dt.date
    sessions: int
    gap: float
    evidence: Mapping[str, Any]
    active: bool = True

    @property
    def saves(self) -> int:
        """How many sessions a repair would save in a window: those affected times the gap to the target."""
        return round(self.sessions * self.gap)

    def as_json(self) -> dict[str, Any]:
        """Return it as the store keeps it."""
        return {
            "name": self.name,
            "since": self.since.isoformat(),
            "sessions": self.sessions,
            "gap": self.gap,
            "evidence": dict(self.evidence),
            "active": self.active,
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> ReasonFound:
        """Return what the store keeps."""
        return cls(**{**told, "since": dt.date.fromisoformat(told["since"])})


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the queue.

    :param subject: ``hotspot`` or ``topic``; ``subject_id`` is its id.
    :param version: of the item: one higher with every step.
    :param since: when its state began.
    :param seen_on: the last date whose night saw a reason.
    :param priority: sessions that a repair would save in a window, by its strongest reason.
    :param change: what the last repair changed.
    :param verification: what the traffic since the repair says, as JSON; see :mod:`kefu.queue.verify`.
    """

    id: int
    subject: str
    subject_id: str
    title: str
    state: State
    version: int
    opened_at: dt.datetime
    since: dt.datetime
    seen_on: dt.date
    due_on: dt.date | None
    priority: int
    reasons: tuple[ReasonFound, ...]
    assignee: str | None
    repaired_at: dt.datetime | None
    change: str | None
    dismissed_reason: str | None
    dismissed_until: dt.date | None
    verification: dict[str, Any] | None

    @property
    def live(self) -> bool:
        """Whether there is something to do, or to wait for."""
        return self.state in LIVE

    def overdue(self, today: dt.date) -> bool:
        """Say whether it should have been repaired by now."""
        waits = self.state in (State.OPEN, State.IN_REPAIR)
        return waits and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the life of an item."""

    id: int
    item_id: int
    version: int
    at: dt.datetime
    who: str
    step: StepName
    note: str | None
    data: dict[str, Any] | None


class NoSuchItem(KefuError):  # noqa: N818 - what it says is enough
    """There is no item with that number."""


class NoName(KefuError):  # noqa: N818 - what it says is enough
    """A step was taken by nobody."""


class NotAllowed(KefuError):  # noqa: N818 - what it says is enough
    """A step does not fit the state of an item.

    :param other: the live item of the same subject that is in the way.
    """

    def __init__(self, item: Item, step: StepName, other: int | None = None) -> None:
        """Say which step and which state."""
        self.item, self.step, self.other = item, step, other
        why = (
            f"item {item.id} is {item.state}" if other is None else f"item {other} takes care of the same as {item.id}"
        )
        super().__init__(f"{why}, so it cannot be {step}: look at it again")


class Conflict(KefuError):  # noqa: N818 - what it says is enough
    """Somebody else was first.

    :param item: the item as it is now.
    :param latest: the step that came first.
    """

    def __init__(self, item: Item, latest: Step) -> None:
        """Say who was first."""
        self.item, self.latest = item, latest
        when = latest.at.isoformat(timespec="seconds")
        super().__init__(f"item {item.id} was {latest.step} by {latest.who} at {when}: look at it again")
