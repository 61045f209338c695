"""What is old or asked for is taken out of the store, so that its bytes are gone too."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from kefu.store import schema
from kefu.store.forgotten import KEYS, Forgotten, told, without
from kefu.store.frames import columns_of, pack, unpack
from kefu.store.mask import masked
from kefu.store.opening import Store
from kefu.store.schema import days, evidence, frames, quarantine, runs, small_tables

SLICE = 10_000


def purge(store: Store, before: dt.date) -> dict[str, int]:
    """Drop what is older than a date, and return how many rows of each table went.

    Of days: those of earlier dates, and revisions that no longer hold and were written earlier. Of runs that
    started earlier: quarantine and checks, and the runs themselves where no day that stays needs them. Input files
    stay known, or the files of old dates would be taken for new.
    """
    midnight = dt.datetime.combine(before, dt.time(), dt.UTC)
    superseded = sa.and_(days.c.current.is_(False), days.c.written_at < midnight)
    old_days = sa.select(days.c.id).where(sa.or_(days.c.date < before, superseded))
    old_runs = sa.select(runs.c.id).where(runs.c.started_at < midnight)
    dropped: dict[str, int] = {}
    with store.writing() as connection:

        def drop(table: sa.Table, where: sa.ColumnElement[bool]) -> None:
            dropped[table.name] = connection.execute(sa.delete(table).where(where)).rowcount

        drop(frames, frames.c.day_id.in_(old_days))
        drop(evidence, evidence.c.day_id.in_(old_days))
        drop(days, sa.or_(days.c.date < before, superseded))
        for table in (schema.bi_dates, schema.bi_values, schema.bi_measures):  # they only repeat what days say
            connection.execute(sa.delete(table).where(table.c.date < before))
        drop(quarantine, quarantine.c.run_id.in_(old_runs))
        drop(schema.checks, schema.checks.c.run_id.in_(old_runs))
        needed = sa.exists().where(days.c.run_id == runs.c.id)
        drop(runs, sa.and_(runs.c.started_at < midnight, ~needed))
        used = {digest for found in connection.scalars(sa.select(runs.c.small_tables)) for digest in found.values()}
        drop(small_tables, small_tables.c.digest.not_in(used))
    _vacuum(store)
    return dropped


def forget(store: Store, *, session_ids: Collection[str] = (), customer_ids: Collection[str] = ()) -> dict[str, int]:
    """Take sessions, and all sessions of customers, out of every table; return how many rows of each went.

    Rows go from every frame that tells sessions or customers, in all revisions, and from evidence and
    quarantine. The measures stay as they are: they are counts. So does the digest of a day, which tells what was
    computed. Hashes of the ids stay too, so that nobody comes back with what is read later.
    """
    gone: dict[str, int] = {}
    with store.writing() as connection:
        sessions = {*session_ids} | _sessions_of(connection, customer_ids)
        wanted = {"session_id": sessions, "customer_id": {*customer_ids}}
        for table in (frames, small_tables):
            found = [*_keys(connection, table)]
            gone[table.name] = sum(_without(connection, table, key, name, wanted) for key, name in found)
        mind = Forgotten.of(connection)
        for kind, ids in wanted.items():
            mind.add(connection, kind, ids)
        gone["evidence"] = _drop(connection, evidence.c.session_id, sorted(sessions))
        gone["quarantine"] = _drop(connection, quarantine.c.id, _telling(connection, sessions | {*customer_ids}))
    _vacuum(store)
    return gone


def _drop(connection: sa.Connection, column: sa.Column[Any], values: Sequence[Any]) -> int:
    """Delete the rows with one of some values, and return how many; a statement takes only so many values."""
    parts = [values[start : start + SLICE] for start in range(0, len(values), SLICE)]
    return sum(connection.execute(sa.delete(column.table).where(column.in_(part))).rowcount for part in parts)


def _keys(connection: sa.Connection, table: sa.Table) -> Iterator[tuple[sa.ColumnElement[bool], str]]:
    """Return a condition for each row of a table of frames, and the name of the frame."""
    keys = [*table.primary_key.columns]
    for *row, name in connection.execute(sa.select(*keys, table.c.name.label("of"))).all():
        yield sa.and_(*(column == value for column, value in zip(keys, row, strict=True))), name


def _content(table: sa.Table) -> sa.Column[bytes]:
    return table.c.content if table is frames else table.c.rows


def _sessions_of(connection: sa.Connection, customers: Collection[str]) -> set[str]:
    """Return the sessions of customers, from the frames that tell both."""
    found: set[str] = set()
    if not customers:
        return found
    for key, name in _keys(connection, frames):
        content = connection.execute(sa.select(frames.c.content).where(key)).scalar_one()
        columns = {key: column for column, key in told(name, columns_of(content)).items()}
        if {*KEYS} <= {*columns}:
            theirs = pl.col(columns["customer_id"]).cast(pl.String).is_in([*customers])
            found |= {*unpack(content).filter(theirs)[columns["session_id"]].drop_nulls().cast(pl.String)}
    return found


def _without(
    connection: sa.Connection, table: sa.Table, key: sa.ColumnElement[bool], name: str, wanted: dict[str, set[str]]
) -> int:
    """Take rows out of one frame, and return how many."""
    content = connection.execute(sa.select(_content(table)).where(key)).scalar_one()
    if not told(name, columns_of(content)):
        return 0
    frame = unpack(content)
    kept = without(name, frame, wanted)
    if kept.height == frame.height:
        return 0
    values = {_content(table): pack(kept)} | ({table.c.rows: kept.height} if table is frames else {})
    connection.execute(sa.update(table).where(key).values(values))
    return frame.height - kept.height


def _telling(connection: sa.Connection, ids: Collection[str]) -> list[int]:
    """Return the rows of the quarantine that tell one of some ids, plain or as masking leaves it."""
    needles = sorted({form for one in ids for form in (one, masked(one)) if form})
    if not needles:
        return []
    whole = re.compile(rf"(?<![0-9A-Za-z_])(?:{'|'.join(map(re.escape, needles))})(?![0-9A-Za-z_])")
    found: list[int] = []
    rows = connection.execute(sa.select(quarantine.c.id, quarantine.c.raw, quarantine.c.reason)).partitions(SLICE)
    for part in rows:
        texts = pl.DataFrame([tuple(row) for row in part], schema=["id", "raw", "reason"], orient="row").select(
            "id", text=pl.concat_str(pl.col("raw", "reason").cast(pl.String), separator="\n", ignore_nulls=True)
        )
        near = texts.filter(pl.col("text").str.contains_any(needles))
        found += [number for number, text in near.iter_rows() if whole.search(text)]
    return found


def _vacuum(store: Store) -> None:
    """Give the space back, and with it the bytes of what was deleted."""
    with store.bare() as connection:
        if store.path is None:
            for table in schema.metadata.sorted_tables:
                connection.exec_driver_sql(f"VACUUM FULL {table.name}")
        else:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
