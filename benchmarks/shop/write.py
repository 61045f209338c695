"""Where the tables go: a folder of daily files for machines, or a readable file a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import polars as pl

from shop import catalogue, day, ledger, messages, phrases, sessions, signals, staff
from shop.common import Settings
from shop.ids import Namer
from shop.visits import Past
from shop.workforce import Office

FORMATS = ("parquet", "csv", "ndjson")
ROW_GROUP = 100_000
LOCAL = "%Y-%m-%d %H:%M:%S"
ISO = "%Y-%m-%dT%H:%M:%S%.3fZ"


@dataclass(frozen=True)
class DayTables:
    """The four tables that grow by the day, and where wanted those about the people who serve."""

    name: str
    messages: pl.DataFrame
    sessions: pl.DataFrame
    recommendations: pl.DataFrame
    alerts: pl.DataFrame
    people: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Shop:
    """The tables that do not grow, and the days one after another."""

    agents: pl.DataFrame
    scripts: pl.DataFrame
    hotspots: pl.DataFrame
    staffing: pl.DataFrame
    days: Iterator[DayTables]


def open_shop(settings: Settings, team: staff.Staff, *, at_midnight: bool, people: bool) -> Shop:
    """Open a shop with these agents; its days are made as they are asked for.

    :param at_midnight: messages after midnight belong to the next day, though their session does not.
    :param people: with the tables about the people who serve; the other tables are the same without.
    """
    book = phrases.load()
    names = Namer(settings, book)
    return Shop(
        agents=team.table,
        scripts=catalogue.scripts(settings, book, names),
        hotspots=catalogue.hotspots(settings, book, names),
        staffing=ledger.staffing(settings, team),
        days=_days(settings, book, names, team, at_midnight=at_midnight, people=people),
    )


def _days(
    settings: Settings, book: phrases.PhraseBook, names: Namer, team: staff.Staff, *, at_midnight: bool, people: bool
) -> Iterator[DayTables]:
    floor, past = staff.Floor(team), Past()
    office = Office(settings, book, names, floor)
    carry: pl.DataFrame | None = None
    for number in range(settings.days):
        today = day.make(settings, book, floor, past, number)
        spoken = messages.messages(settings, team, names, today)
        spoken = spoken if carry is None else pl.concat([carry, spoken])
        if at_midnight:
            spoken, carry = messages.split(spoken, settings, number)
        told = sessions.sessions(settings, book, names, today)
        yield DayTables(
            name=today.date.isoformat(),
            messages=spoken,
            sessions=told,
            recommendations=signals.recommendations(settings, names, today),
            alerts=signals.alerts(settings, names, today),
            people=office.day(today, told) if people else {},
        )
    none = pl.DataFrame()
    spoken = none if carry is None else carry
    rest = office.rest() if people else {}
    if len(spoken) or rest:
        last = settings.first_day + timedelta(days=settings.days)
        yield DayTables(last.isoformat(), spoken if len(spoken) else none, none, none, none, rest)


@dataclass(frozen=True)
class Layout:
    """How the big data is written.

    :param interleaved: a day's messages in order of time, not by session.
    :param message_ids: with the column ``message_id``.
    :param people: with the tables about the people who serve.
    """

    format: str = "parquet"
    interleaved: bool = False
    message_ids: bool = True
    people: bool = False


def big(settings: Settings, agents: int, out: Path, layout: Layout) -> int:
    """Write a file per day and table; memory holds one day. Returns the number of messages."""
    shop = open_shop(settings, staff.hire(settings.random(10_000), agents), at_midnight=True, people=layout.people)
    lists = {"agents": shop.agents, "scripts": shop.scripts, "hotspots": shop.hotspots}
    for name, frame in {**lists, **({"staffing": shop.staffing} if layout.people else {})}.items():
        write(frame, out / f"{name}.{layout.format}", layout.format)
    count = 0
    for today in shop.days:
        count += len(today.messages)
        for name, frame in (
            ("messages", _laid(today.messages, layout)),
            ("sessions", today.sessions),
            ("recommendations", today.recommendations),
            ("alerts", today.alerts),
            *today.people.items(),
        ):
            if frame.width:
                write(frame, out / name / f"{today.name}.{layout.format}", layout.format)
    return count


def _laid(spoken: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    if not spoken.width:
        return spoken
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
