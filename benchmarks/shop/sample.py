"""The readable week that is kept in the repository."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from shop import staff, workforce, write
from shop.common import Settings

SEED = 618
AGENTS = 9
SETTINGS = {
    "first_day": date(2025, 6, 2),
    "days": 7,
    "sessions": 600,
    "trouble": 3.2,
    "rush": 2.6,
    "pools": 1,
    "whole_seconds": True,
    "short_ids": True,
    "duplicates": 0.0004,
    "hot_per_topic": 1,
    "hot_variants": 1,
    "recommended": 2.6,
}


def write_week(out: Path, seed: int) -> int:
    """Write every table as CSV; returns the number of messages."""
    settings = Settings(seed=seed, **SETTINGS)  # type: ignore[arg-type]
    team = staff.hire(settings.random(10_000), AGENTS, new_share=0.4, one_pool=True)
    shop = write.open_shop(settings, team, at_midnight=False, people=True)
    days = list(shop.days)
    found = {
        "agents": shop.agents,
        "scripts": shop.scripts,
        "hotspots": shop.hotspots,
        **{name: _whole(days, name) for name in ("messages", "sessions", "recommendations", "alerts")},
        **{name: _people(days, name) for name in workforce.TABLES},
        "staffing": shop.staffing,
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, frame in found.items():
        write.readable(frame).write_csv(out / f"{name}.csv")
    return len(found["messages"])


def _whole(days: list[write.DayTables], name: str) -> pl.DataFrame:
    frames: list[pl.DataFrame] = [getattr(day, name) for day in days]
    return pl.concat([frame for frame in frames if frame.width])


def _people(days: list[write.DayTables], name: str) -> pl.DataFrame:
    """Return a table about the people who serve, by agent where it tells what each did."""
    whole = pl.concat([day.people[name] for day in days if name in day.people])
    return whole.sort(whole.columns[:2]) if name == "agent_states" else whole
