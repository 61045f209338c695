"""One run at a time: a lock that goes with its process, however that ends."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from kefu.store.errors import StoreBusy, StoreError

PAUSE = 0.1
"""Seconds between two tries; waiting in Python keeps signals working."""

OF_RUNS = 0x6B656675
OF_WRITERS = 0x6B656676
"""The two families of advisory locks: a whole run, and one writing transaction."""


@contextmanager
def file_lock(path: Path, wait: float, name: str) -> Iterator[None]:
    """Hold an exclusive transaction on a small SQLite file; the system releases it when the process ends."""
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    except sqlite3.Error as error:
        raise _unusable(path, error) from None
    with closing(connection):
        _until(lambda: _exclusive(connection, path), wait, name)
        yield


class AdvisoryLock:
    """An advisory lock of the store's schema on a connection of its own; the server releases it with that."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        """Take the engine to connect with, and the name of the store."""
        self._engine, self._name = engine, name
        self._connection: sa.Connection | None = None

    def take(self, wait: float) -> None:
        """Wait for it.

        :raises StoreBusy: another run did not let it go in that time.
        """
        attempt = sa.select(sa.func.pg_try_advisory_lock(OF_RUNS, sa.func.hashtext(sa.func.current_schema())))
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.detach()
            _until(lambda: bool(connection.scalar(attempt)), wait, self._name)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def renew(self) -> None:
        """Take it again if its connection was lost.

        :raises StoreBusy: another run has it now.
        """
        if self._connection is not None:
            try:
                self._connection.execute(sa.select(1))
            except DBAPIError:
                self.release()
            else:
                return
        self.take(0)

    def release(self) -> None:
        """Let it go, with its connection, however that is."""
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.close()
            self._connection = None


def _exclusive(connection: sqlite3.Connection, path: Path) -> bool:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return False
        raise _unusable(path, error) from None
    return True


def _until(attempt: Callable[[], bool], wait: float, name: str) -> None:
    end = time.monotonic() + wait
    while not attempt():
        if time.monotonic() >= end:
            raise StoreBusy(f"another run is at work on the store {name}: try again when it has ended")
        time.sleep(PAUSE)


def _unusable(path: Path, error: sqlite3.Error) -> StoreError:
    return StoreError(f"the lock file {path} cannot be used ({error}): make its folder writable")
