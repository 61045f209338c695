"""Where the tables go: a folder of daily files for machines, or seven readable files for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from shop import catalogue, day, messages, phrases, sessions, signals, staff
from shop.common import Settings
from shop.ids import Namer
from shop.visits import Past

FORMATS = ("parquet", "csv", "ndjson")
ROW_GROUP = 100_000
LOCAL = "%Y-%m-%d %H:%M:%S"
ISO = "%Y-%m-%dT%H:%M:%S%.3fZ"


@dataclass(frozen=True)
class DayTables:
    """The four tables that grow by the day."""

    name: str
    messages: pl.DataFrame
    sessions: pl.DataFrame
    recommendations: pl.DataFrame
    alerts: pl.DataFrame


@dataclass(frozen=True)
class Shop:
    """The tables that do not grow, and the days one after another."""

    agents: pl.DataFrame
    scripts: pl.DataFrame
    hotspots: pl.DataFrame
    days: Iterator[DayTables]


def open_shop(settings: Settings, team: staff.Staff, *, at_midnight: bool) -> Shop:
    """Open a shop with these agents; its days are made as they are asked for.

    :param at_midnight: messages after midnight belong to the next day, though their session does not.
    """
    book = phrases.load()
    names = Namer(settings, book)
    return Shop(
        agents=team.table,
        scripts=catalogue.scripts(settings, book, names),
        hotspots=catalogue.hotspots(settings, book, names),
        days=_days(settings, book, names, team, at_midnight=at_midnight),
    )


def _days(
    settings: Settings, book: phrases.PhraseBook, names: Namer, team: staff.Staff, *, at_midnight: bool
) -> Iterator[DayTables]:
    floor, past = staff.Floor(team), Past()
    carry: pl.DataFrame | None = None
    for number in range(settings.days):
        today = day.make(settings, book, floor, past, number)
        spoken = messages.messages(settings, team, names, today)
        spoken = spoken if carry is None else pl.concat([carry, spoken])
        if at_midnight:
            spoken, carry = messages.split(spoken, settings, number)
        yield DayTables(
            name=today.date.isoformat(),
            messages=spoken,
            sessions=sessions.sessions(settings, book, names, today),
            recommendations=signals.recommendations(settings, names, today),
            alerts=signals.alerts(settings, names, today),
        )
    if carry is not None and len(carry):
        none = pl.DataFrame()
        last = settings.first_day + timedelta(days=settings.days)
        yield DayTables(last.isoformat(), carry, none, none, none)


@dataclass(frozen=True)
class Layout:
    """How the big data is written.

    :param interleaved: a day's messages in order of time, not by session.
    :param message_ids: with the column ``message_id``.
    """

    format: str = "parquet"
    interleaved: bool = False
    message_ids: bool = True


def big(settings: Settings, agents: int, out: Path, layout: Layout) -> int:
    """Write a file per day and table; memory holds one day. Returns the number of messages."""
    shop = open_shop(settings, staff.hire(settings.random(10_000), agents), at_midnight=True)
    for name, frame in (("agents", shop.agents), ("scripts", shop.scripts), ("hotspots", shop.hotspots)):
        write(frame, out / f"{name}.{layout.format}", layout.format)
    count = 0
    for today in shop.days:
        count += len(today.messages)
        for name, frame in (
            ("messages", _laid(today.messages, layout)),
            ("sessions", today.sessions),
            ("recommendations", today.recommendations),
            ("alerts", today.alerts),
        ):
            if frame.width:
                write(frame, out / name / f"{today.name}.{layout.format}", layout.format)
    return count


def _laid(spoken: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    spoken = spoken if layout.message_ids else spoken.drop("message_id")
    return spoken.sort("sent_at", maintain_order=True) if layout.interleaved else spoken


def write(frame: pl.DataFrame, path: Path, fmt: str) -> None:
    """One file; in the text formats, times are ISO 8601 in UTC."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if fmt == "parquet":
        frame.write_parquet(path, compression="zstd", row_group_size=ROW_GROUP)
        return
    text = frame.with_columns(pl.col(pl.Datetime("us", "UTC")).dt.strftime(ISO))
    if fmt == "csv":
        text.write_csv(path)
    else:
        text.write_ndjson(path)


def readable(frame: pl.DataFrame) -> pl.DataFrame:
    """As people read it: local times without offset, and no ``false`` where nothing is the matter."""
    local = pl.col(pl.Datetime("us", "UTC")).dt.convert_time_zone("Asia/Shanghai").dt.strftime(LOCAL)
    frame = frame.with_columns(local)
    flags = [name for name in ("private", "automatic") if name in frame.columns]
    return frame.with_columns(pl.when(pl.col(name)).then(pl.lit("true")).alias(name) for name in flags)
