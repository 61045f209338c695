"""The days: each one written whole, as a new revision where it says something new."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from kefu.store.forgotten import Forgotten, without
from kefu.store.frames import canonical_json, digest_of, pack, unpack
from kefu.store.mask import masked_series
from kefu.store.schema import NO_NUL, days, evidence, frames, input_files

if TYPE_CHECKING:
    from kefu.store.opening import Store

HIT = pl.Struct(
    {"word": pl.String, "category": pl.String, "severity": pl.Int64, "start": pl.Int64, "end": pl.Int64},
)
"""A listed word in a text, from character ``start`` to before ``end``."""

EVIDENCE = pl.Schema(
    [
        ("metric", pl.String()),
        ("session_id", pl.String()),
        ("message_id", pl.String()),
        ("sent_at", pl.Datetime("us", "UTC")),
        ("role", pl.String()),
        ("text", pl.String()),
        ("why_zh", pl.String()),
        ("why_en", pl.String()),
        ("hits", pl.List(HIT)),
    ]
)
"""A message or a moment that shows something; ``hits`` is null where no words are looked for."""

MASKED = ("text", "why_zh", "why_en")
WHOLE = "@whole"
"""What stands in the names of frames that follow from others of the same day; they add nothing to what it says."""
SLICE = 10_000
"""Rows that are handed to the database at once."""


@dataclass(frozen=True, slots=True)
class Day:
    """What a local date holds.

    :param frames: by name; a frame without rows says the same as none.
    :param layout: what the frames were made with, as JSON; another one makes another revision.
    :param present: what the input held, as JSON.
    :param reasons: why the date was computed, as JSON; they do not make a revision by themselves.
    :param evidence: of the schema ``EVIDENCE``; its texts are masked when they are written.
    """

    date: dt.date
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    layout: Any = field(default_factory=dict)
    present: Any = field(default_factory=dict)
    sessions: int = 0
    reasons: Sequence[Any] = ()
    evidence: pl.DataFrame = field(default_factory=EVIDENCE.to_frame)

    @property
    def empty(self) -> bool:
        """Whether nothing happened on the date."""
        return not self.sessions and not self.evidence.height and not any(f.height for f in self.frames.values())


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a day: ``changed`` is false where the store already said the same.

    :param revision: the current one; 0 for an empty date that the store never knew.
    """

    date: dt.date
    revision: int
    changed: bool


@dataclass(frozen=True, slots=True)
class DayRow:
    """A revision of a date, as the store has it."""

    id: int
    date: dt.date
    revision: int
    run_id: int
    current: bool
    digest: str
    reasons: list[Any]
    layout: Any
    present: Any
    sessions: int
    written_at: dt.datetime


def write_days(
    connection: sa.Connection, run_id: int, given: Iterable[Day], *, at: dt.datetime | None = None
) -> list[Written]:
    """Write days one after the other; what says something new becomes the current revision, the old one stays.

    Rows of those who were forgotten are left out; measures are counts, and stay. A date that lost its sessions is
    written as an empty ``Day``.

    :param at: when they are written; now, if not told.
    """
    mind = Forgotten.of(connection)
    return [_write(connection, run_id, day, at or dt.datetime.now(dt.UTC), mind) for day in given]


def current_days(connection: sa.Connection, first: dt.date | None = None, last: dt.date | None = None) -> list[DayRow]:
    """Return the current revision of each date of a period, in order of date; ``None`` leaves an end open."""
    chosen = sa.select(days).where(days.c.current.is_(True)).order_by(days.c.date)
    if first is not None:
        chosen = chosen.where(days.c.date >= first)
    if last is not None:
        chosen = chosen.where(days.c.date <= last)
    return _rows(connection, chosen)


def days_of_run(connection: sa.Connection, run_id: int) -> list[DayRow]:
    """Return the revisions that a run wrote, in order of date."""
    return _rows(connection, sa.select(days).where(days.c.run_id == run_id).order_by(days.c.date))


def revisions(connection: sa.Connection, date: dt.date) -> list[DayRow]:
    """Return all that the store ever said of a date, oldest first."""
    return _rows(connection, sa.select(days).where(days.c.date == date).order_by(days.c.revision))


def read_frames(
    connection: sa.Connection, day_ids: Iterable[int], names: Iterable[str]
) -> dict[str, dict[int, pl.DataFrame]]:
    """Return frames by name and day; a day without one is left out.

    :raises StoreError: a frame is damaged.
    """
    packed = read_packed(connection, day_ids, names)
    return {name: {day: unpack(content) for day, content in by_day.items()} for name, by_day in packed.items()}


def read_packed(connection: sa.Connection, day_ids: Iterable[int], names: Iterable[str]) -> dict[str, dict[int, bytes]]:
    """Return frames as they are packed, by name and day; a day without one is left out."""
    wanted = [*names]
    found: dict[str, dict[int, bytes]] = {name: {} for name in wanted}
    chosen = (
        sa.select(frames.c.name, frames.c.day_id, frames.c.content)
        .where(frames.c.day_id.in_([*day_ids]), frames.c.name.in_(wanted))
        .order_by(frames.c.day_id)
    )
    for name, day_id, content in connection.execute(chosen):
        found[name][day_id] = content
    return found


def read_evidence(connection: sa.Connection, day_ids: Iterable[int], metric: str | None = None) -> pl.DataFrame:
    """Return the evidence of days in the order in which it was written; of all metrics, if none is named."""
    chosen = sa.select(*(evidence.c[name] for name in EVIDENCE)).where(evidence.c.day_id.in_([*day_ids]))
    if metric is not None:
        chosen = chosen.where(evidence.c.metric == metric)
    rows = connection.execute(chosen.order_by(evidence.c.id))
    return pl.DataFrame([row._asdict() for row in rows], schema=EVIDENCE)


def content_digest(store: Store, *, files: bool = True) -> str:
    """Return the SHA-256 of what a store says now: equal for stores that say the same, whatever runs wrote them.

    It is taken from the rows, not from the digests that stand beside them. Empty dates count as none.

    :param files: count the input files with their figures too.
    """
    found = hashlib.sha256()
    with store.reading() as connection:
        for row in current_days(connection):
            day = _stored(connection, row)
            if not day.empty:
                found.update(f"{row.date} {_digest(day)}\n".encode())
        if files:
            told = [c for c in input_files.c if c.name not in {"id", "run_id"}]
            told_files = sorted([*map(str, file)] for file in connection.execute(sa.select(*told)))
            found.update(canonical_json(told_files).encode())
    return found.hexdigest()


def _write(connection: sa.Connection, run_id: int, day: Day, at: dt.datetime, mind: Forgotten) -> Written:
    kept = _kept(day.evidence)
    digest = _digest(Day(day.date, day.frames, day.layout, day.present, day.sessions, evidence=kept))
    before = connection.execute(
        sa.select(days.c.id, days.c.revision, days.c.digest).where(days.c.date == day.date, days.c.current.is_(True))
    ).one_or_none()
    if before is None and day.empty:
        return Written(day.date, 0, changed=False)
    if before is not None:
        if before.digest == digest:
            return Written(day.date, before.revision, changed=False)
        connection.execute(sa.update(days).where(days.c.id == before.id).values(current=False))
    revision = 1 if before is None else before.revision + 1
    row = {
        "date": day.date,
        "revision": revision,
        "run_id": run_id,
        "current": True,
        "digest": digest,
        "reasons": [*day.reasons],
        "layout": day.layout,
        "present": day.present,
        "sessions": day.sessions,
        "written_at": at,
    }
    day_id = connection.execute(sa.insert(days).values(row).returning(days.c.id)).scalar_one()
    frames_left, kept = _remembered(connection, day.frames, kept, mind)
    for name, frame in sorted(frames_left.items()):
        content = {"day_id": day_id, "name": name, "rows": frame.height, "content": pack(frame)}
        connection.execute(sa.insert(frames).values(content))
    for part in kept.iter_slices(SLICE):
        connection.execute(sa.insert(evidence), part.with_columns(day_id=pl.lit(day_id)).to_dicts())
    return Written(day.date, revision, changed=True)


def _remembered(
    connection: sa.Connection, found: Mapping[str, pl.DataFrame], shown: pl.DataFrame, mind: Forgotten
) -> tuple[Mapping[str, pl.DataFrame], pl.DataFrame]:
    """Return frames and evidence without those who were forgotten, whose new sessions are forgotten with them."""
    if not mind:
        return found, shown
    gone = mind.in_frames({**found, "evidence": shown})
    mind.add(connection, "session_id", gone["session_id"])
    return {name: without(name, frame, gone) for name, frame in found.items()}, without("evidence", shown, gone)


def _kept(given: pl.DataFrame) -> pl.DataFrame:
    """Return evidence as the store keeps it: masked, and without what PostgreSQL cannot hold."""
    whole = given.select(pl.col(name).cast(kind) for name, kind in EVIDENCE.items())
    masked = whole.with_columns(masked_series(whole[name]) for name in MASKED)
    return masked.with_columns(pl.col(pl.String).str.replace_all("\0", NO_NUL, literal=True))


def _digest(day: Day) -> str:
    """Return the digest of what a day says; the reasons are not part of it."""
    told = canonical_json([day.layout, day.present, day.sessions])
    own = {name: frame for name, frame in day.frames.items() if WHOLE not in name}
    parts = f"{told} {digest_of(own)} {digest_of({'evidence': day.evidence})}"
    return hashlib.sha256(parts.encode()).hexdigest()


def _stored(connection: sa.Connection, row: DayRow) -> Day:
    """Return a day as it stands in the rows."""
    names = [*connection.scalars(sa.select(frames.c.name).where(frames.c.day_id == row.id))]
    found = {name: by_day[row.id] for name, by_day in read_frames(connection, [row.id], names).items()}
    shown = read_evidence(connection, [row.id])
    return Day(row.date, found, row.layout, row.present, row.sessions, evidence=shown)


def _rows(connection: sa.Connection, chosen: sa.Select[Any]) -> list[DayRow]:
    return [DayRow(**row) for row in connection.execute(chosen).mappings()]
