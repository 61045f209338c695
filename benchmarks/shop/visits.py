"""Who comes when, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from shop.common import DAY, Bools, Floats, Ints, Keys, Settings
from shop.phrases import PhraseBook

# Sessions by hour of the day: quiet at night, two peaks, and late shoppers.
HOURLY = np.array(
    [3, 1.2, 0.6, 0.4, 0.4, 0.6, 1.4, 2.6, 4.6, 6.8, 8.4, 7.4, 5.6, 6, 6.6, 6.4, 6, 5, 4.6, 6, 8.6, 7.6, 7, 8]
)
WEEKDAY = (1.06, 1.0, 0.97, 0.98, 1.02, 1.0, 0.97)
RUSHES = ((10.0, 0.5, 0.07), (20.0, 0.45, 0.15))
"""Start, hours, share of the day's sessions: the morning, and the sale that opens at eight."""


@dataclass
class Past:
    """Sessions of yesterday, among which today's returning customers are found."""

    opened: Floats = field(default_factory=lambda: np.zeros(0))
    customer: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    topic: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    key: Keys = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))


@dataclass(frozen=True)
class Visits:
    """A day's sessions, by opening time. Who returns keeps topic and key, and with the key order and parcel."""

    opened: Floats
    customer: Ints
    topic: Ints
    key: Keys
    returned: Bools

    def __len__(self) -> int:
        """Return the number of sessions."""
        return len(self.opened)


def shares(settings: Settings) -> list[int]:
    """Return the number of sessions of each day, adding up to the whole."""
    weights = [WEEKDAY[(settings.first_day + timedelta(days=d)).weekday()] for d in range(settings.days)]
    edges = np.rint(np.cumsum(weights) / sum(weights) * settings.sessions).astype(int)
    return [int(n) for n in np.diff(np.concatenate([[0], edges]))]


def draw(settings: Settings, book: PhraseBook, past: Past, number: int, n: int) -> Visits:
    """Draw the visits of a day; every tenth is a return within 24 hours where there is somebody to return."""
    rng = settings.random(number, 0)
    opened = number * DAY + _arrivals(rng, n, settings.rush)
    weights = np.array([topic.weight for topic in book.topics])
    topic = rng.choice(len(weights), size=n, p=weights / weights.sum())
    people = max(300, int(settings.sessions * 0.6))
    customer = (people * rng.random(n) ** 1.5).astype(np.int64)
    key = rng.integers(0, 2**63, size=n, dtype=np.uint64)
    returned = rng.random(n) < 0.10
    where = rng.integers(0, 2**40, size=n)
    if not len(past.opened):
        return Visits(opened, customer, topic, key, np.zeros(n, dtype=bool))
    where %= len(past.opened)
    gap = opened - past.opened[where]
    returned &= (gap > 900) & (gap < DAY)
    return Visits(
        opened,
        customer=np.where(returned, past.customer[where], customer),
        topic=np.where(returned, past.topic[where], topic),
        key=np.where(returned, past.key[where], key),
        returned=returned,
    )


def remember(past: Past, visits: Visits, bot_only: Bools) -> None:
    """Keep who may come back: mostly people whom only the bot answered."""
    keep = bot_only | (visits.key % np.uint64(4) == 0)
    past.opened, past.customer = visits.opened[keep], visits.customer[keep]
    past.topic, past.key = visits.topic[keep], visits.key[keep]


def _arrivals(rng: np.random.Generator, n: int, sharpness: float) -> Floats:
    hours = rng.choice(24, size=n, p=HOURLY / HOURLY.sum()) + rng.random(n)
    rush = rng.random(n)
    edge = 0.0
    for start, length, share in RUSHES:
        inside = (rush >= edge) & (rush < edge + share * sharpness)
        hours = np.where(inside, start + length / sharpness * rng.random(n) ** 1.4, hours)
        edge += share * sharpness
    return np.asarray(np.sort(hours * 3600.0))
