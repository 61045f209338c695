"""Stores: opened, read and written in transactions, locked for a run."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError

from kefu.store import postgres, schema, sqlite
from kefu.store.errors import StoreError, StoreLost, StoreOutdated, StoreTooNew
from kefu.store.lock import OF_WRITERS, AdvisoryLock, file_lock
from kefu.store.migrate import migrate

T = TypeVar("T")
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between the tries to write to a server that went; so long a restart may take."""
POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")


class Store:
    """A store that is open.

    :param name: what to call it before people: its path, or its URL without the password.
    :param path: the file of an SQLite store, ``None`` for PostgreSQL.
    """

    def __init__(self, engine: sa.Engine, name: str, path: Path | None) -> None:
        """Take an engine that was made for it."""
        self.engine = engine
        self.name = name
        self.path = path
        self._held: AdvisoryLock | None = None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection in one transaction that sees one state and cannot write."""
        with self._faults(), self.engine.connect() as connection:
            if self.path is None:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection in one transaction, the only one that writes; an exception leaves the store as it was."""
        engine = self.engine.execution_options(kefu_writes=True)
        with self._faults(), engine.connect() as connection, connection.begin():
            if self.path is None:
                key = sa.func.hashtext(sa.func.current_schema())
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(OF_WRITERS, key)))
            yield connection

    def persistently(self, deed: Callable[[sa.Connection], T], is_done: Callable[[sa.Connection], bool]) -> T:
        """Write in one transaction; where the server goes, write all of it again some seconds later.

        The lock of a run goes with its connection, so it is taken again too.

        :param deed: what writes; each time it finds the store without what it wrote before.
        :param is_done: says whether it was written after all, for a server may go just after the commit.
        :raises StoreLost: the server did not come back.
        :raises StoreBusy: another run has the lock now; nothing was written.
        """
        told: list[T] = []
        for number, pause in enumerate((*PAUSES, None), start=1):
            try:
                self._renew()
                with self.writing() as connection:
                    if not told or not is_done(connection):
                        told = [deed(connection)]
                break
            except StoreLost as error:
                if pause is None:
                    raise StoreLost(f"{error} (tried {number} times)") from None
                time.sleep(pause)
        return told[0]

    def _renew(self) -> None:
        if self._held is not None:
            with self._faults():
                self._held.renew()

    @contextmanager
    def bare(self) -> Iterator[sa.Connection]:
        """Give a connection outside any transaction, for what cannot be done in one."""
        options: dict[str, Any] = {"kefu_bare": True} if self.path else {"isolation_level": "AUTOCOMMIT"}
        with self._faults(), self.engine.connect().execution_options(**options) as connection:
            yield connection

    def lock(self, wait: float) -> AbstractContextManager[None]:
        """Hold off every other run, on any machine for PostgreSQL.

        :param wait: seconds to wait for a run that is at work.
        :raises StoreBusy: it did not end in that time.
        """
        if self.path is not None:
            return file_lock(self.path.with_name(f"{self.path.name}.lock"), wait, self.name)
        return self._advisory(wait)

    @contextmanager
    def _advisory(self, wait: float) -> Iterator[None]:
        held = AdvisoryLock(self.engine, self.name)
        with self._faults():
            held.take(wait)
        self._held = held
        try:
            yield
        finally:
            self._held = None
            held.release()

    def revision(self) -> str | None:
        """Return the revision of the schema, or ``None`` where there is none.

        :raises StoreError: the database holds something else.
        """
        with self.reading() as connection:
            found = {*sa.inspect(connection).get_table_names()}
            if schema.REVISION_TABLE in found:
                table = sa.table(schema.REVISION_TABLE, sa.column("version_num", sa.String))
                return connection.scalar(sa.select(table.c.version_num))
        if found if self.path else found & {*schema.metadata.tables}:
            raise StoreError(f"{self.name} is no store of kefu, but holds tables of something else: name another")
        return None

    def create(self) -> None:
        """Make the tables where there are none; of two that do so at once, one finds them made."""
        self.persistently(migrate, lambda _: False)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        """Return it; it is closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Say what is wrong with a database in words for people; faults of the program pass."""
        try:
            yield
        except DBAPIError as error:
            advice = sqlite.advice(error.orig) if self.path else postgres.advice(error.orig)
            if advice is None:
                raise
            passing = self.path is None and postgres.is_passing(error.orig)
            raise (StoreLost if passing else StoreError)(f"the store {self.name}: {advice}") from None
        except sqlite3.Error as error:
            raise StoreError(f"the store {self.name}: {sqlite.advice(error) or error}") from None


def opened(place: str | Path, *, create: bool = True) -> Store:
    """Return the store at a place, at the revision that this kefu knows."""
    store = unchecked(place, create=create)
    try:
        _check(store, store.revision(), create=create)
    except BaseException:
        store.close()
        raise
    return store


def unchecked(place: str | Path, *, create: bool = False) -> Store:
    """Return the store at a place, whatever its revision."""
    if isinstance(place, str) and "://" in place:
        return _of_url(place, create=create)
    return _of_path(Path(place), create=create)


def _check(store: Store, revision: str | None, *, create: bool) -> None:
    if revision is None:
        if not create:
            raise StoreError(f"there is no store at {store.name}: kefu run makes one")
        store.create()
    elif revision not in schema.REVISIONS:
        raise StoreTooNew(f"a newer kefu wrote the store {store.name} (revision {revision}): install that one")
    elif revision != schema.REVISIONS[-1]:
        raise StoreOutdated(
            f"an older kefu wrote the store {store.name} (revision {revision}): run kefu store upgrade; "
            "it makes a backup first"
        )


def _of_path(path: Path, *, create: bool) -> Store:
    path = path.expanduser().resolve()
    if path.is_dir():
        raise StoreError(f"the store {path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise StoreError(f"the folder of the store {path} is lacking: make it, or name another")
    if not create and not path.exists():
        raise StoreError(f"there is no store at {path}: kefu run makes one")
    store = Store(sqlite.engine(path, create=create), str(path), path)
    with store.bare() as connection:
        sqlite.set_journal(connection)
    return store


def _of_url(text: str, *, create: bool) -> Store:
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        # The text may hold a password: it is not repeated, and the error that holds it is not kept.
        raise StoreError("the URL of the store cannot be read: write postgresql://user@host/database") from None
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        if url.database in {None, "", ":memory:"}:
            raise StoreError("a store in memory is lost at once: name a file")
        return _of_path(Path(str(url.database)), create=create)
    if url.drivername not in POSTGRES:
        raise StoreError(f"a store is a file, sqlite:///… or postgresql://…, not {url.drivername}://…")
    name = url.set(drivername="postgresql", password=None, query={}).render_as_string()
    try:
        return Store(postgres.engine(url), name, None)
    except ModuleNotFoundError:
        raise StoreError(f"the store {name} needs psycopg: pip install 'kefu[postgres]'") from None
