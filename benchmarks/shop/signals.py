"""The tables ``recommendations`` and ``alerts`` of a day."""

from __future__ import annotations

import numpy as np
import polars as pl

from shop.common import Floats, Ints, Settings, known_where, pick
from shop.day import Day
from shop.ids import Namer, moments
from shop.messages import hotspots
from shop.wording import GROUPS

OUTCOMES = ("adopted", "resolved", "rejected")


def recommendations(settings: Settings, names: Namer, day: Day) -> pl.DataFrame:
    """Return the prepared answers that customers were shown while the bot had them."""
    rng = settings.random(day.number, 6)
    of_row = hotspots(names, day)
    answered = np.flatnonzero(of_row >= 0)
    shown = np.repeat(answered, rng.poisson(settings.recommended, len(answered)))
    n = len(shown)
    again = np.concatenate([[False], shown[1:] == shown[:-1]])
    hotspot = np.where(again, _neighbour(rng, names, of_row[shown]), of_row[shown])
    appeal, worth = quality(settings, len(names.hotspots))
    clicked = rng.random(n) < appeal[hotspot]
    rated = rng.random(n) < np.where(clicked, 0.62, 0.04)
    good = clicked & (rng.random(n) < worth[hotspot])
    outcome = np.where(good, (rng.random(n) < 0.4).astype(np.int64), 2)
    return pl.DataFrame(
        {
            "session_id": names.sessions(day).gather(pl.Series(day.rows.session[shown])),
            "hotspot_id": names.hotspots.gather(pl.Series(hotspot)),
            "shown_at": moments(settings, day.at[shown] + 0.2),
            "clicked": known_where(rng.random(n) < 0.97, pl.Series(clicked)),
            "outcome": known_where(rated, pick(OUTCOMES, outcome)),
        }
    )


def _neighbour(rng: np.random.Generator, names: Namer, hotspot: Ints) -> Ints:
    """Return a second hotspot beside the first, mostly of the same topic: those lie side by side."""
    step = rng.integers(1, 4, len(hotspot)) * names.settings.hot_variants
    return np.asarray((hotspot + step) % len(names.hotspots))


def quality(settings: Settings, count: int) -> tuple[Floats, Floats]:
    """Return for every hotspot the share of customers who click and the share of those who find it good."""
    rng = settings.random(10_001)
    appeal = np.where(rng.random(count) < 0.12, 0.02, rng.uniform(0.4, 0.8, count))
    worth = np.where(rng.random(count) < 0.12, 0.2, rng.uniform(0.62, 0.95, count))
    appeal[1], worth[1] = 0.75, 0.2  # one that many open and few like
    return appeal, worth


def alerts(settings: Settings, names: Namer, day: Day) -> pl.DataFrame:
    """Return the alerts of the platform's monitor: most in time, some late, some missing, some for nothing."""
    rng = settings.random(day.number, 7)
    row = np.flatnonzero(GROUPS[day.rows.step] == "threat")
    session, threat_at = day.rows.session[row], day.at[row]
    luck = rng.random(len(row))
    late = np.where(luck < 0.68, rng.exponential(240, len(row)), rng.uniform(1860, 9000, len(row)))
    late = np.where(luck > 0.96, -rng.uniform(5, 60, len(row)), late)
    raised = (luck < 0.85) | (luck > 0.96)
    again = raised & (rng.random(len(row)) < 0.06)
    calm = ~day.plan.threat & (day.rows.count > 0)
    false = np.flatnonzero((rng.random(len(day.visits)) < 0.0012 * settings.trouble) & calm)
    which = np.concatenate([session[raised], session[again], false])
    for_nothing = day.visits.opened[false] + rng.uniform(30, 300, len(false))
    at = np.concatenate([(threat_at + late)[raised], (threat_at + late + 600)[again], for_nothing])
    order = np.lexsort((which, at))
    label = pl.Series(np.arange(len(which)) + 1).cast(pl.String).str.zfill(4)
    return pl.DataFrame(
        {
            "session_id": names.sessions(day).gather(pl.Series(which[order])),
            "raised_at": moments(settings, at[order]),
            "alert_id": f"AL{day.date:%y%m%d}" + label,
        }
    )
