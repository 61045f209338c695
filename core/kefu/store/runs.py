"""The runs: what went in, with what, and how it ended; the files, the rows left out and the checks of each."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import sqlalchemy as sa

from kefu.store import schema
from kefu.store.forgotten import Forgotten, without
from kefu.store.frames import canonical_json, digest_of, pack, unpack
from kefu.store.mask import masked_series

if TYPE_CHECKING:
    from kefu.store.opening import Store

Outcome = Literal["done", "failed", "interrupted"]
SLICE = 10_000
"""Rows that are handed to the database at once."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run, to be written.

    :param plugins: of each its name, version and error, which is null where there is none.
    :param input: of each table its rows, and how many were loaded, rejected and duplicates.
    :param failures: what is missing from the values, and why.
    :param small_tables: the tables that were read whole, such as agents; equal ones are kept once.
    """

    started_at: dt.datetime
    outcome: Outcome
    host_version: str
    ended_at: dt.datetime | None = None
    first_date: dt.date | None = None
    last_date: dt.date | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    plugins: Sequence[Mapping[str, Any]] = ()
    input: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    failures: Sequence[Any] = ()
    small_tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, as the store has it; ``small_tables`` is name to digest."""

    id: int
    started_at: dt.datetime
    ended_at: dt.datetime | None
    outcome: Outcome
    first_date: dt.date | None
    last_date: dt.date | None
    host_version: str
    config: dict[str, Any]
    config_digest: str
    plugins: list[dict[str, Any]]
    input: dict[str, dict[str, int]]
    timings: dict[str, float]
    failures: list[Any]
    small_tables: dict[str, str]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read, and what became of its rows.

    :param digest: the SHA-256 of its bytes.
    :param failed: why it could not be used, or ``None``.
    :param first_date: the first date of a session to which it gave a row.
    """

    path: str
    table_name: str
    bytes: int
    digest: str
    rows: int = 0
    loaded: int = 0
    duplicates: int = 0
    rejected: int = 0
    failed: str | None = None
    first_date: dt.date | None = None
    last_date: dt.date | None = None
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What a check said: ``level`` is ok, warn or error."""

    name: str
    level: Literal["ok", "warn", "error"]
    message: str


def config_digest(config: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a configuration; the order of its keys makes no difference."""
    return hashlib.sha256(canonical_json(config).encode()).hexdigest()


def write_run(connection: sa.Connection, run: Run) -> int:
    """Write a run and return its id; days and files of the same transaction name it."""
    row = {name: getattr(run, name) for name in Run.__dataclass_fields__}
    row |= {"config": {**run.config}, "plugins": [dict(one) for one in run.plugins], "failures": [*run.failures]}
    row |= {"input": {name: dict(counts) for name, counts in run.input.items()}, "timings": {**run.timings}}
    row |= {"small_tables": _small(connection, run.small_tables), "config_digest": config_digest(run.config)}
    run_id: int = connection.execute(sa.insert(schema.runs).values(row).returning(schema.runs.c.id)).scalar_one()
    return run_id


def record_failure(store: Store, run: Run) -> int:
    """Write a run that did not come to its end, in a transaction of its own, and return its id."""
    with store.writing() as connection:
        return write_run(connection, run)


def latest_run(connection: sa.Connection, outcome: Outcome | None = "done") -> RunRow | None:
    """Return the last run with an outcome, or of all for ``None``."""
    chosen = sa.select(schema.runs).order_by(schema.runs.c.id.desc()).limit(1)
    return _run(connection, chosen if outcome is None else chosen.where(schema.runs.c.outcome == outcome))


def is_done(connection: sa.Connection, started_at: dt.datetime) -> bool:
    """Say whether a run that started at a moment was written whole."""
    found = sa.select(schema.runs.c.id).where(schema.runs.c.started_at == started_at, schema.runs.c.outcome == "done")
    return connection.execute(found).first() is not None


def read_run(connection: sa.Connection, run_id: int) -> RunRow | None:
    """Return a run."""
    return _run(connection, sa.select(schema.runs).where(schema.runs.c.id == run_id))


def read_small_table(connection: sa.Connection, digest: str) -> pl.DataFrame:
    """Return a table that a run read whole."""
    table = schema.small_tables
    return unpack(connection.execute(sa.select(table.c.rows).where(table.c.digest == digest)).scalar_one())


def known_files(connection: sa.Connection) -> list[InputFile]:
    """Return each content that was read from each path, by path; of one path, what was read last comes last."""
    table = schema.input_files
    rows = connection.execute(
        sa.select(*(table.c[name] for name in InputFile.__dataclass_fields__)).order_by(table.c.id)
    )
    return sorted((InputFile(**row) for row in rows.mappings()), key=lambda file: file.path)


def write_files(connection: sa.Connection, run_id: int, files: Iterable[InputFile]) -> None:
    """Write the files of a run; what was said of the same content at the same path is replaced."""
    table = schema.input_files
    for file in files:
        row = {name: getattr(file, name) for name in InputFile.__dataclass_fields__} | {"run_id": run_id}
        connection.execute(sa.delete(table).where(table.c.path == file.path, table.c.digest == file.digest))
        connection.execute(sa.insert(table).values(row))


def write_quarantine(connection: sa.Connection, run_id: int, table_name: str, rejected: pl.DataFrame) -> None:
    """Write the rows of a table that were left out, masked, but for those that tell of somebody who was forgotten.

    :param rejected: with file, row, column, reason, what_to_do, raw.
    """
    mind = Forgotten.of(connection)
    told = mind.not_told(rejected, "raw", "reason") if mind else rejected
    masked = told.with_columns(
        masked_series(told["raw"]),
        masked_series(told["reason"]),
        run_id=pl.lit(run_id),
        table_name=pl.lit(table_name),
    )
    for part in masked.iter_slices(SLICE):
        connection.execute(sa.insert(schema.quarantine), part.to_dicts())


def read_quarantine(connection: sa.Connection, run_id: int) -> pl.DataFrame:
    """Return the rows that a run left out, in the order in which they were written."""
    table = schema.quarantine
    told = [column for column in table.c if column.name not in {"id", "run_id"}]
    rows = connection.execute(sa.select(*told).where(table.c.run_id == run_id).order_by(table.c.id))
    kinds = {column.name: pl.Int64 if column.name == "row" else pl.String for column in told}
    return pl.DataFrame([tuple(row) for row in rows], schema=kinds, orient="row")


def write_checks(connection: sa.Connection, run_id: int, checks: Iterable[Check]) -> None:
    """Write what the checks of a run said."""
    rows = [{"run_id": run_id, "name": one.name, "level": one.level, "message": one.message} for one in checks]
    if rows:
        connection.execute(sa.insert(schema.checks), rows)


def read_checks(connection: sa.Connection, run_id: int) -> list[Check]:
    """Return what the checks of a run said, in the order in which they were written."""
    table = schema.checks
    chosen = sa.select(table.c.name, table.c.level, table.c.message).where(table.c.run_id == run_id)
    return [Check(**row) for row in connection.execute(chosen.order_by(table.c.id)).mappings()]


def _small(connection: sa.Connection, tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Keep tables that are not kept yet, and return the digest of each."""
    table = schema.small_tables
    digests = {name: digest_of({name: frame}) for name, frame in sorted(tables.items())}
    mind = Forgotten.of(connection)
    for name, digest in digests.items():
        if connection.scalar(sa.select(table.c.digest).where(table.c.digest == digest)) is None:
            row = {"digest": digest, "name": name, "rows": pack(without(name, tables[name], mind.in_frames(tables)))}
            connection.execute(sa.insert(table).values(row))
    return digests


def _run(connection: sa.Connection, chosen: sa.Select[Any]) -> RunRow | None:
    row = connection.execute(chosen).mappings().one_or_none()
    return None if row is None else RunRow(**row)
