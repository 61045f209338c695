"""Ids and times as the tables show them: short for people, long and scattered like a platform's for machines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from shop.common import Bools, Floats, Ints, Settings, known_where
from shop.day import Day
from shop.phrases import PhraseBook

SHANGHAI = timedelta(hours=8)
BUSY_TOPIC = 5
TEN_13 = 10**13


class Namer:
    """Ids of sessions, customers, messages, scripts and hotspots."""

    def __init__(self, settings: Settings, book: PhraseBook) -> None:
        """Give numbers to the scripts and hotspots of the shop."""
        self.settings = settings
        self.scripts = pl.Series([f"SC{i + 1:03d}" for i in range(len(book.scripts))])
        self.first_hotspot = _first_hotspots(settings, book)
        count = int(self.first_hotspot.max()) + settings.hot_variants
        self.hotspots = pl.Series([f"H{i + 1:03d}" for i in range(count)])

    def sessions(self, day: Day) -> pl.Series:
        """Return one id a session, unique over all days; 20 characters long in the big data."""
        number = np.arange(len(day.visits))
        if self.settings.short_ids:
            return f"S{day.date:%m%d}-" + pl.Series(number + 1).cast(pl.String).str.zfill(3)
        return f"S{day.date:%y%m%d}" + _scattered(number, day.number + 1)

    def customers(self, customer: Ints) -> pl.Series:
        """Return one id a customer."""
        if self.settings.short_ids:
            return "C" + pl.Series(customer + 1001).cast(pl.String)
        return "C" + _scattered(customer, 7_000_001)

    def messages(self, day: Day, sent_at: pl.Series) -> pl.Series:
        """Return one id a message: snowflakes, as many platforms use, of time in milliseconds and a counter."""
        number = np.arange(len(day.at))
        if self.settings.short_ids:
            return f"M{day.date:%m%d}" + pl.Series(number + 1).cast(pl.String).str.zfill(5)
        millis = sent_at.cast(pl.Int64).to_numpy() // 1000
        return pl.Series((millis << 22) + (number & 0x3FFFFF)).cast(pl.String)


def _scattered(numbers: Ints, salt: int) -> pl.Series:
    """Return thirteen digits without visible order: multiplying by a unit modulo 10**13 keeps them distinct."""
    spread = (numbers.astype(object) * 7_368_787_369_391 + salt * 1_234_567_891_771) % TEN_13
    return pl.Series(spread.astype(np.int64)).cast(pl.String).str.zfill(13)


def _first_hotspots(settings: Settings, book: PhraseBook) -> Ints:
    """Return the first hotspot of each prepared answer, -1 where it is none in this shop."""
    seen: dict[int, int] = {}
    first: list[int] = []
    count = 0
    for topic, _, _ in book.hotspots:
        seen[topic] = seen.get(topic, 0) + 1
        kept = seen[topic] <= settings.hot_per_topic + (book.topics[topic].weight >= BUSY_TOPIC)
        first.append(count if kept else -1)
        count += settings.hot_variants if kept else 0
    return np.array(first)


def epoch(settings: Settings) -> int:
    """Return the first local midnight in microseconds since 1970, UTC."""
    midnight = datetime.combine(settings.first_day, datetime.min.time(), tzinfo=UTC) - SHANGHAI
    return int(midnight.timestamp()) * 1_000_000


def moments(settings: Settings, at: Floats, known: Bools | None = None) -> pl.Series:
    """Return times as a column: milliseconds, or whole seconds for people to read; null where not known."""
    unit = 1_000_000 if settings.whole_seconds else 1_000
    micros = np.floor(np.nan_to_num(at) * 1_000_000 / unit).astype(np.int64) * unit + epoch(settings)
    column = pl.Series(micros).cast(pl.Datetime("us", "UTC"))
    return column if known is None else known_where(known, column)
