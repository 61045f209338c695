"""SQLite as a store: how it is opened, and what its faults mean."""

from __future__ import annotations

import json
import sqlite3
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

BUSY_SECONDS = 60
FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""The first of each line of releases in which a write-ahead log cannot lose a transaction."""

_FAULTS = {
    "SQLITE_FULL": "the disk is full: free some space and run again",
    "SQLITE_READONLY": "it cannot be written: make the file and its folder writable",
    "SQLITE_CANTOPEN": "it cannot be opened: make the file and its folder readable and writable",
    "SQLITE_PERM": "it cannot be opened: make the file and its folder readable and writable",
    "SQLITE_IOERR": "the disk refuses to read or write: see that it is there and has space, and run again",
    "SQLITE_BUSY": "another process kept it locked too long: run again when that has ended",
    "SQLITE_NOTADB": "the file is no store of kefu: name another",
    "SQLITE_CORRUPT": "the file is damaged: put a backup in its place",
    "SQLITE_TOOBIG": "a frame is too large for SQLite: use PostgreSQL",
}


def has_fix(version: tuple[int, ...]) -> bool:
    """Return whether a version of SQLite may keep a write-ahead log."""
    return version >= FIXED[0] or any(version[:2] == fixed[:2] and version >= fixed for fixed in FIXED)


def journal() -> str:
    """Return the journal that is safe with the SQLite that is linked."""
    return "wal" if has_fix(sqlite3.sqlite_version_info) else "delete"


def engine(path: Path, *, create: bool) -> sa.Engine:
    """Return an engine that connects anew for each transaction."""
    made = sa.create_engine(
        "sqlite+pysqlite://",
        creator=partial(connect, path, create=create),
        poolclass=sa.NullPool,
        hide_parameters=True,
        json_serializer=partial(json.dumps, sort_keys=True, ensure_ascii=False),
    )
    event.listen(made, "begin", _begin)
    return made


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Return a connection; transactions are begun by hand, for sqlite3 begins them late."""
    uri = f"{path.as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_spill=OFF"):
            # A cache that spills locks out readers long before the commit.
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def set_journal(connection: sa.Connection) -> None:
    """Take the safe journal; a store that others use, or that cannot be written, stays as it is."""
    if connection.exec_driver_sql("PRAGMA journal_mode").scalar() == journal():
        return
    try:
        connection.exec_driver_sql(f"PRAGMA journal_mode={journal()}")
    except OperationalError as error:
        if _name(error.orig) not in {"SQLITE_BUSY", "SQLITE_READONLY"}:
            raise


def advice(error: BaseException | None) -> str | None:
    """Return what a fault of the database means and what to do, or ``None`` for a fault of the program."""
    return _FAULTS.get(_name(error))


def _name(error: BaseException | None) -> str:
    """Return the primary name of an error: SQLITE_IOERR for SQLITE_IOERR_WRITE."""
    return "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get("kefu_bare"):
        return
    if options.get("kefu_writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
