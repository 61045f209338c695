"""What is no store, too old, too new, not writable or full is told as such, and nothing is touched."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from kefu.store import StoreError, StoreOutdated, StoreTooNew, migrate, open_store, schema, sqlite
from kefu.store.days import content_digest
from kefu.store.opening import Store
from nights import day, full, large, set_revision, write

NIGHTS = Path(__file__).with_name("nights.py")


def test_a_fresh_store_has_the_tables_that_the_code_has(store: Store) -> None:
    with store.reading() as connection:
        options = {"version_table": schema.REVISION_TABLE, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata) == []
    assert store.revision() == schema.REVISIONS[-1]


def test_the_code_knows_every_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    steps = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(reversed([step.revision for step in steps])) == schema.REVISIONS


def test_importing_the_package_imports_no_database() -> None:
    code = "import sys, kefu.store; print({'sqlalchemy', 'polars', 'alembic', 'sqlite3'} & {*sys.modules})"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_a_store_is_opened_again(store_url: str) -> None:
    with open_store(store_url) as store:
        write(store, day())
        digest = content_digest(store)
    with open_store(store_url, create=False) as store:
        assert content_digest(store) == digest


def test_a_path_and_a_url_are_the_same_store(sqlite_url: str, tmp_path: Path) -> None:
    with open_store(sqlite_url) as store:
        write(store, day())
        for place in (tmp_path / "store.db", str(tmp_path / "store.db"), tmp_path / ".." / tmp_path.name / "store.db"):
            with open_store(place, create=False) as same:
                assert (same.name, content_digest(same)) == (store.name, content_digest(store))


def test_there_is_no_store(store_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at .*: kefu run makes one"):
        open_store(store_url, create=False)
    assert [*tmp_path.iterdir()] == []


def test_an_older_store_asks_for_an_upgrade(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(store_url).close()
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9999"))
    with pytest.raises(StoreOutdated, match=r"an older kefu wrote .*kefu store upgrade"):
        open_store(store_url)


def test_a_newer_store_is_not_touched(store_url: str, tmp_path: Path) -> None:
    with open_store(store_url) as store:
        write(store, day())
        set_revision(store, "9999")
    before = [path.read_bytes() for path in tmp_path.iterdir()]
    with pytest.raises(StoreTooNew, match=r"a newer kefu wrote .*9999"):
        open_store(store_url)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == before


def test_tables_of_something_else_are_no_store(store_url: str) -> None:
    with open_store(store_url) as store, store.writing() as connection:
        connection.exec_driver_sql(f"DROP TABLE {schema.REVISION_TABLE}")
    with pytest.raises(StoreError, match="no store of kefu"):
        open_store(store_url)


def test_a_file_that_is_no_database_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "chats.csv"
    path.write_text("session_id,text\n" * 1000)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"chats\.csv.* no store of kefu"):
        open_store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("{folder}", "is a folder"),
        ("{folder}/none/store.db", "make it, or name another"),
        ("sqlite://", "in memory"),
        ("mysql://root:sesame@host/kefu", "not mysql://"),
        ("postgresql://u:sesame@127.0.0.1:notaport/kefu", "cannot be read"),
        ("postgresql://u:sesame@127.0.0.1:1/kefu", "see that the server is up"),
        ("postgresql://u@127.0.0.1:1/kefu?password=sesame", "see that the server is up"),
        ("postgres://u:sesame@127.0.0.1:1/kefu", "see that the server is up"),
    ],
)
def test_a_place_that_cannot_be_a_store_is_told_without_its_password(place: str, said: str, tmp_path: Path) -> None:
    if place.startswith("postgres"):
        pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match=said) as caught:
        open_store(place.format(folder=tmp_path))
    assert "sesame" not in f"{caught.value}{caught.value.__cause__}"


def test_a_password_is_neither_in_the_name_nor_in_what_is_printed(postgres_url: str) -> None:
    url = sa.make_url(postgres_url).set(password="sesame")  # noqa: S106
    with open_store(url.render_as_string(hide_password=False)) as store:
        assert "sesame" not in f"{store.name} {store.engine} {store!r}"


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_which_sqlite_may_keep_a_write_ahead_log(version: tuple[int, ...], *, fixed: bool) -> None:
    assert sqlite.has_fix(version) is fixed


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 3)])
def test_the_journal_follows_the_version(
    version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    with open_store(tmp_path / "store.db") as store, store.bare() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        others = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("foreign_keys", "secure_delete")]
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 60_000
    assert found == ["wal" if version > (3, 51) else "delete", 2]
    assert others == [1, 1]


def test_a_full_disk_leaves_the_old_state(sqlite_store: Store) -> None:
    write(sqlite_store, day(0, 1), day(1, 1))
    before = content_digest(sqlite_store)
    with pytest.raises(StoreError, match=r"store\.db: the disk is full"):
        full(sqlite_store)
    assert content_digest(sqlite_store) == before
    assert [one.revision for one in write(sqlite_store, day(0, 2))] == [2]


def limit_files() -> None:
    """Let no file of this process grow beyond a size, as a quota does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def test_a_quota_leaves_the_old_state(sqlite_store: Store, sqlite_url: str) -> None:
    write(sqlite_store, day(0, 1), day(1, 1))
    before = content_digest(sqlite_store)
    deed = [sys.executable, NIGHTS, sqlite_url, "writing_large_nights"]
    done = subprocess.run(deed, preexec_fn=limit_files, capture_output=True, text=True, check=False)
    assert "StoreError: the store" in done.stderr
    assert "store.db: the disk" in done.stderr
    assert content_digest(sqlite_store) == before


@pytest.fixture
def sealed(sqlite_url: str, tmp_path: Path) -> Iterator[Path]:
    """A store in a folder that cannot be written, where others than root can reach it."""
    with open_store(sqlite_url) as store:
        write(store, day())
    folder = Path(tempfile.mkdtemp())
    shutil.copy(tmp_path / "store.db", folder)
    (folder / "store.db").chmod(0o444)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


SEALED = """
import os, sys
if os.geteuid() == 0:
    import alembic.command, kefu.store.runs, kefu.store.housekeeping, nights, sqlalchemy.dialects.sqlite.pysqlite
    os.setuid(65534)
from kefu.store import StoreError, open_store
from kefu.store.days import current_days
from nights import day, write
folder = sys.argv[1]
with open_store(f"{folder}/store.db") as store:
    with store.reading() as connection:
        print(len(current_days(connection)))
    for deed in (lambda: write(store, day(0, 2)), lambda: store.lock(0).__enter__()):
        try:
            deed()
        except StoreError as error:
            print(error)
try:
    open_store(f"{folder}/new.db")
except StoreError as error:
    print(error)
"""


def test_a_folder_that_cannot_be_written_is_read_and_told(sealed: Path) -> None:
    found = {**os.environ, "PYTHONPATH": str(NIGHTS.parent)}
    done = subprocess.run([sys.executable, "-c", SEALED, sealed], capture_output=True, text=True, env=found, check=True)
    days, written, locked, made = done.stdout.splitlines()
    assert days == "1"
    assert "make the file and its folder writable" in written
    assert "make its folder writable" in locked
    assert "new.db" in made
    assert "readable and writable" in made
    assert [path.name for path in sealed.iterdir()] == ["store.db"]


def test_a_damaged_file_is_told(sqlite_url: str, tmp_path: Path) -> None:
    with open_store(sqlite_url) as store:
        write(store, *(large(number, 1) for number in range(2)))
    path = tmp_path / "store.db"
    content = bytearray(path.read_bytes())
    content[4096:40_960] = b"\xff" * 36_864
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), open_store(path) as store:
        content_digest(store)
