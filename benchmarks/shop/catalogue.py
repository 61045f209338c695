"""The shop's own tables: its prepared scripts and its hotspots, with their history."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np
import polars as pl

from shop.common import Bools, Ints, Settings
from shop.ids import SHANGHAI, Namer
from shop.phrases import PhraseBook
from shop.signals import quality

CATEGORIES = ("服饰", "数码家电", "食品", "家居", "美妆")


def scripts(settings: Settings, book: PhraseBook, names: Namer) -> pl.DataFrame:
    """Return the library of prepared utterances, as they are sent, slots included."""
    rng = settings.random(10_002)
    age = rng.integers(3, 500, len(book.scripts))
    return pl.DataFrame(
        {
            "script_id": names.scripts,
            "text": [text for text, _ in book.scripts],
            "category": [category for _, category in book.scripts],
            "updated_at": _moments(settings, -age, rng),
        }
    )


def hotspots(settings: Settings, book: PhraseBook, names: Namer) -> pl.DataFrame:
    """Return prepared answers: some overtaken by newer knowledge, some flagged, some of those repaired."""
    rng = settings.random(10_003)
    kept = [line for line, first in enumerate(names.first_hotspot) if first >= 0]
    rows = [(line, variant) for line in kept for variant in range(settings.hot_variants)]
    count, days = len(rows), settings.days
    published = rng.integers(-420, -40, count)
    knowledge = published - rng.integers(0, 30, count)
    stale = rng.random(count) < 0.1
    knowledge = np.where(stale, rng.integers(-25, days, count), knowledge)
    _, worth = quality(settings, count)
    flagged_now = rng.random(count) < np.where(worth < 0.5, 0.6, 0.1)
    flagged_before = ~flagged_now & (rng.random(count) < 0.1)
    flagged = np.where(flagged_now, rng.integers(-6, days, count), rng.integers(-38, -20, count))
    repaired = flagged + rng.integers(1, 9, count)
    done = (flagged_before | (flagged_now & (rng.random(count) < 0.55))) & ~stale & (repaired < days)
    return pl.DataFrame(
        {
            "hotspot_id": names.hotspots,
            "title": [_title(settings, book, line, variant) for line, variant in rows],
            "answer": [book.hotspots[line][2] for line, _ in rows],
            "published_at": _moments(settings, published, rng),
            "knowledge_updated_at": _moments(settings, knowledge, rng),
            "flagged_at": _moments(settings, flagged, rng, flagged_now | flagged_before),
            "repaired_at": _moments(settings, repaired, rng, done),
        }
    )


def _title(settings: Settings, book: PhraseBook, line: int, variant: int) -> str:
    title = book.hotspots[line][1]
    return title if settings.hot_variants == 1 else f"{CATEGORIES[variant % len(CATEGORIES)]}｜{title}"


def _moments(settings: Settings, day: Ints, rng: np.random.Generator, known: Bools | None = None) -> pl.Series:
    """Working-hours times on the days given, counted from the first day; null where not known."""
    start = datetime.combine(settings.first_day, time(9, 0), tzinfo=UTC) - SHANGHAI
    minutes = rng.integers(0, 540, len(day))
    known = np.ones(len(day), dtype=bool) if known is None else known
    values = [
        start + timedelta(days=int(d), minutes=int(m)) if k else None
        for d, m, k in zip(day, minutes, known, strict=True)
    ]
    return pl.Series(values, dtype=pl.Datetime("us", "UTC"))
