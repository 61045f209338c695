"""Upgrade, backup, purge, forget, doctor."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

import nights
from kefu.errors import ConfigError
from kefu.store import StoreBusy, StoreError, StoreOutdated, StoreTooNew, housekeeping, migrate, open_store, schema
from kefu.store.days import content_digest, current_days, read_evidence, read_frames, revisions, write_days
from kefu.store.erase import forget, purge
from kefu.store.opening import Store
from kefu.store.runs import (
    InputFile,
    Run,
    known_files,
    latest_run,
    read_quarantine,
    read_small_table,
    write_files,
    write_quarantine,
    write_run,
)
from nights import FIRST, day, evidence, measures, sessions, set_revision, write

NOW = schema.REVISIONS[-1]
NEXT_STEP = """
import sqlalchemy as sa
from alembic import op

revision = "9998"
down_revision = "{before}"


def upgrade():
    op.add_column("days", sa.Column("note", sa.Text))
    {more}
"""


def next_release(monkeypatch: pytest.MonkeyPatch, folder: Path, more: str = "pass") -> None:
    """Let this kefu be a newer one, with one step more."""
    scripts = folder / "migrations"
    shutil.copytree(migrate.SCRIPTS, scripts)
    (scripts / "versions" / "r9998_next.py").write_text(NEXT_STEP.format(before=NOW, more=more))
    monkeypatch.setattr(migrate, "SCRIPTS", scripts)
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9998"))


def count(store: Store, table: sa.Table) -> int:
    with store.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_an_upgrade_keeps_the_content_and_a_copy(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(store_url) as store:
        write(store, day())
        before = content_digest(store)
    next_release(monkeypatch, tmp_path)
    done = housekeeping.upgrade(store_url)
    assert (done.before, done.after) == (NOW, "9998")
    with open_store(store_url) as store:
        assert (store.revision(), content_digest(store)) == ("9998", before)
        assert (done.backup is None) == (store.path is None)
    again = housekeeping.upgrade(store_url)
    assert (again.before, again.after, again.backup) == ("9998", "9998", None)
    if done.backup is not None:
        monkeypatch.undo()
        with open_store(done.backup) as copy:
            assert (copy.revision(), content_digest(copy)) == (NOW, before)


def test_an_upgrade_that_fails_leaves_the_old_revision(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(store_url) as store:
        write(store, day())
        before = content_digest(store)
    next_release(monkeypatch, tmp_path, "raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        housekeeping.upgrade(store_url)
    monkeypatch.undo()
    with open_store(store_url, create=False) as store:
        assert content_digest(store) == before
        with store.reading() as connection:
            columns = {column["name"] for column in sa.inspect(connection).get_columns("days")}
    assert "note" not in columns


def test_an_upgrade_is_refused_during_a_run_and_for_what_is_newer(store_url: str) -> None:
    with pytest.raises(StoreError, match="no store"):
        housekeeping.upgrade(store_url)
    with open_store(store_url) as store:
        with store.lock(0), pytest.raises(StoreBusy):
            housekeeping.upgrade(store_url)
        set_revision(store, "9999")
    with pytest.raises(StoreTooNew):
        housekeeping.upgrade(store_url)


def test_a_backup_during_a_run_is_the_state_before_it(sqlite_store: Store, tmp_path: Path) -> None:
    write(sqlite_store, day(0, 1))
    before = content_digest(sqlite_store)
    with sqlite_store.writing() as connection:
        write_days(connection, write_run(connection, nights.run()), [nights.large(0, 2)])
        made = housekeeping.backup(sqlite_store, tmp_path / "copy.db")
    assert content_digest(sqlite_store) != before
    with open_store(made, create=False) as copy:
        assert content_digest(copy) == before
    with pytest.raises(ConfigError, match=r"copy\.db exists"):
        housekeeping.backup(sqlite_store, made)
    with pytest.raises(StoreError, match="cannot be written"):
        housekeeping.backup(sqlite_store, tmp_path / "none" / "copy.db")
    assert {path.name for path in tmp_path.iterdir()} == {"store.db", "copy.db"}


def test_a_backup_of_postgresql_names_its_tool(postgres_url: str, tmp_path: Path) -> None:
    with open_store(postgres_url) as store, pytest.raises(ConfigError, match="pg_dump"):
        housekeeping.backup(store, tmp_path / "copy")


def one_night(store: Store, date: int, *days: nights.Day, small: str = "x") -> None:
    """Write a night that started on a day of March, with all that a run has."""
    at = dt.datetime(2026, 3, date, 2, tzinfo=dt.UTC)
    rejected = {name: ["x"] for name in ("file", "column", "reason", "what_to_do", "raw")}
    with store.writing() as connection:
        tables = {"agents": pl.DataFrame({"agent_id": [small]})}
        run_id = write_run(connection, Run(at, "done", "0.1.0", small_tables=tables))
        write_days(connection, run_id, days, at=at)
        write_files(connection, run_id, [InputFile(f"{date}.csv", "messages", 1, "d")])
        write_quarantine(connection, run_id, "messages", pl.DataFrame(rejected).with_columns(row=pl.lit(1)))


def test_a_purge_drops_what_is_older_and_nothing_else(store: Store) -> None:
    shown = evidence("s1", "x")
    one_night(store, 2, day(0, evidence=shown), day(1), day(2), small="old")
    one_night(store, 3, day(1, 2), small="new")
    one_night(store, 5, day(2, 2, evidence=shown), small="new")
    assert purge(store, dt.date(2026, 3, 2)) == {
        "frames": 1, "evidence": 1, "days": 1, "quarantine": 0, "checks": 0, "runs": 0, "small_tables": 0
    }  # fmt: skip
    # Both revisions of 2 March, and the first of 3 March: it no longer holds and was written on 2 March.
    assert purge(store, dt.date(2026, 3, 3)) == {
        "frames": 3, "evidence": 0, "days": 3, "quarantine": 1, "checks": 0, "runs": 1, "small_tables": 1
    }  # fmt: skip
    with store.reading() as connection:
        assert [(row.date.day, row.revision) for row in current_days(connection)] == [(3, 2)]
        assert [(file.path, file.run_id) for file in known_files(connection)] == [
            ("2.csv", None),
            ("3.csv", 2),
            ("5.csv", 3),
        ]
    assert [one.revision for one in write(store, day(2, 3))] == [3]


CUSTOMER = "customer-zebra"
SESSION = "session-okapi"
PHONE = "s13800138000"


@pytest.fixture
def crowded(store: Store) -> Store:
    """A store in which a customer stands in frames, evidence, quarantine and superseded revisions."""
    for value in (1, 2):
        rows = sessions(SESSION, PHONE, "s3", "s4", customers=[CUSTOMER, CUSTOMER, None, "c4"])
        shown = pl.concat([evidence(SESSION, f"{SESSION} said {value}"), evidence("s3", "stays")])
        only_customers = pl.DataFrame({"customer_id": [CUSTOMER, None, "c4"], "n": [1, 2, 3]})
        frames = {"measures": measures(value), "sessions": rows, "customers": only_customers}
        write(store, day(0, frames=frames, evidence=shown, sessions=4), day(1, value), small_tables={"x": rows})
    raw = [f"{SESSION},x", f"a,{CUSTOMER}", f"{SESSION}2,stays", "s4,stays", None, f"{PHONE},x"]
    rejected = pl.DataFrame({"raw": raw}).with_columns(
        file=pl.lit("a"), row=pl.lit(1), column=pl.lit("c"), reason=pl.lit("r"), what_to_do=pl.lit("w")
    )
    with store.writing() as connection:
        write_quarantine(connection, 1, "messages", rejected)
    return store


def test_what_is_forgotten_is_nowhere(crowded: Store) -> None:
    gone = forget(crowded, customer_ids=[CUSTOMER])
    assert gone == {"frames": 6, "small_tables": 2, "evidence": 2, "quarantine": 3}
    with crowded.reading() as connection:
        rows = revisions(connection, FIRST)
        assert len(rows) == 2
        found = read_frames(connection, [row.id for row in rows], ["measures", "sessions", "customers"])
        for value, row in enumerate(rows, start=1):
            assert found["measures"][row.id].equals(measures(value))
            assert found["sessions"][row.id]["session_id"].to_list() == ["s3", "s4"]
            assert found["customers"][row.id]["customer_id"].to_list() == [None, "c4"]
            assert read_evidence(connection, [row.id])["session_id"].to_list() == ["s3"]
        assert read_quarantine(connection, 1)["raw"].to_list() == [f"{SESSION}2,stays", "s4,stays", None]
    assert forget(crowded, customer_ids=[CUSTOMER]) == dict.fromkeys(gone, 0)


def test_a_session_is_forgotten_alone(crowded: Store) -> None:
    assert forget(crowded, session_ids=["s4"]) == {"frames": 2, "small_tables": 1, "evidence": 0, "quarantine": 1}
    assert forget(crowded, session_ids=["unknown"]) == {
        "frames": 0, "small_tables": 0, "evidence": 0, "quarantine": 0
    }  # fmt: skip


def test_the_bytes_of_what_is_forgotten_are_gone(sqlite_store: Store, tmp_path: Path) -> None:
    write(sqlite_store, *(day(number, evidence=evidence(SESSION, f"{SESSION} {number}")) for number in range(20)))
    path = tmp_path / "store.db"
    assert SESSION.encode() in path.read_bytes()
    forget(sqlite_store, session_ids=[SESSION])
    for file in tmp_path.iterdir():
        assert SESSION.encode() not in file.read_bytes()


OF_THE_FIRST = {"runs", "small_tables", "input_files", "days", "frames", "quarantine", "evidence", "checks"}


def as_first_made(store: Store) -> None:
    """Take a fresh store back to the schema of the first revision."""
    with store.writing() as connection:
        for view in sa.inspect(connection).get_view_names():
            connection.exec_driver_sql(f"DROP VIEW {view}")
        for table in reversed(schema.metadata.sorted_tables):
            if table.name not in OF_THE_FIRST:
                connection.execute(sa.schema.DropTable(table))
    set_revision(store, "0001")


def test_a_store_of_the_first_revision_is_upgraded(store_url: str) -> None:
    with open_store(store_url) as store:
        write(store, day())
        before = content_digest(store)
        as_first_made(store)
    with pytest.raises(StoreOutdated, match="kefu store upgrade"):
        open_store(store_url)
    assert housekeeping.upgrade(store_url).before == "0001"
    with open_store(store_url) as store:
        assert content_digest(store) == before
        forget(store, customer_ids=["c1"])
        assert count(store, schema.forgotten) == 1


def late(store: Store) -> dict[str, list[str]]:
    """Write a date again with late rows, and return which sessions the store tells of."""
    ids = [SESSION, "new-of-zebra", "s3", "s4"]
    rows = sessions(*ids, customers=[CUSTOMER, CUSTOMER, None, "c4"])
    shown = pl.concat([evidence(one, f"{one} said") for one in ids])
    kept = {"measures": measures(3), "sessions": rows, "fact:turns": pl.DataFrame({"id": ids})}
    (written,) = write(store, day(0, frames=kept, evidence=shown, sessions=4), small_tables={"x": rows})
    assert written.changed
    with store.reading() as connection:
        [row] = current_days(connection, FIRST, FIRST)
        assert row.sessions == 4
        found = read_frames(connection, [row.id], kept)
        assert found["measures"][row.id].equals(measures(3))
        run = latest_run(connection)
        assert run is not None
        small = read_small_table(connection, run.small_tables["x"])
        return {
            "sessions": found["sessions"][row.id]["session_id"].to_list(),
            "turns": found["fact:turns"][row.id]["id"].to_list(),
            "evidence": read_evidence(connection, [row.id])["session_id"].to_list(),
            "small": small["session_id"].to_list(),
        }


def test_who_was_forgotten_stays_forgotten_when_an_old_file_is_read_again(crowded: Store) -> None:
    forget(crowded, customer_ids=[CUSTOMER])
    assert late(crowded) == {key: ["s3", "s4"] for key in ("sessions", "turns", "evidence", "small")}
    raw = {
        f"{SESSION},2026-03-01 10:00,boss,x": True,
        f'{{"customer_id": "{CUSTOMER}", "text": "x"}}': True,
        "new-of-zebra\tyesterday": True,
        f"a;'{CUSTOMER}';b": True,
        f"a text with {SESSION}.": True,
        f"{CUSTOMER}2,stays": False,
        "s4,stays": False,
        None: False,
    }
    texts = pl.DataFrame({"raw": [*raw], "row": [*range(len(raw))]}, schema={"raw": pl.String, "row": pl.Int64})
    told = texts.with_columns(pl.lit("x").alias(name) for name in ("file", "column", "reason", "what_to_do"))
    with crowded.writing() as connection:
        run_id = write_run(connection, nights.run())
        write_quarantine(connection, run_id, "messages", told)
    with crowded.reading() as connection:
        kept = read_quarantine(connection, run_id)["row"].to_list()
    assert kept == [row for row, gone in enumerate(raw.values()) if not gone]


def test_a_session_that_was_forgotten_stays_so_and_its_customer_does_not(crowded: Store) -> None:
    forget(crowded, session_ids=[SESSION])
    assert late(crowded)["sessions"] == ["new-of-zebra", "s3", "s4"]


def test_who_was_never_seen_can_be_forgotten_beforehand(store: Store) -> None:
    forget(store, customer_ids=[CUSTOMER])
    assert late(store)["sessions"] == ["s3", "s4"]


def test_of_who_was_forgotten_no_id_is_kept(crowded: Store) -> None:
    forget(crowded, customer_ids=[CUSTOMER])
    forget(crowded, customer_ids=[CUSTOMER, "c5"])
    with crowded.reading() as connection:
        rows = connection.execute(sa.select(schema.forgotten)).all()
    assert len(rows) == 4  # two customers, two sessions
    (key,) = {row.key for row in rows}
    assert len(key) == 32
    plain = {sha256(text.encode()).hexdigest() for text in (CUSTOMER, f"customer_id\0{CUSTOMER}")}
    assert {row.digest for row in rows}.isdisjoint(plain)


def test_two_stores_keep_other_hashes(sqlite_store: Store, tmp_path: Path) -> None:
    with open_store(tmp_path / "other.db") as other:
        found = []
        for one in (sqlite_store, other):
            forget(one, customer_ids=[CUSTOMER])
            with one.reading() as connection:
                found.append(connection.scalar(sa.select(schema.forgotten.c.digest)))
    assert found[0] != found[1]


def test_what_was_forgotten_does_not_come_back_with_the_same_input(store: Store) -> None:
    given = day(frames={"sessions": sessions("s1", "s2")}, sessions=2)
    write(store, given)
    forget(store, session_ids=["s1"])
    assert [one.changed for one in write(store, given)] == [False]


def levels(store: Store) -> dict[str, str]:
    return {one.name: one.level for one in housekeeping.examine(store)}


def test_a_sound_store_is_found_sound(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write(store, day())
    monkeypatch.setattr(housekeeping, "LITTLE_SPACE", 1)
    names = {"frames", "revision"} | ({"folder", "integrity", "space", "sqlite"} if store.path else set())
    assert levels(store) == dict.fromkeys(names, "ok")


def test_what_is_wrong_is_found(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write(store, day())
    with store.writing() as connection:
        connection.execute(sa.update(schema.frames).values(content=b"\0" * 99))
    assert levels(store)["frames"] == "error"
    if store.path is not None:
        monkeypatch.setattr(housekeeping, "LITTLE_SPACE", 1 << 62)
        monkeypatch.setattr(housekeeping, "_file_system", lambda _: "nfs4")
        monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
        found = levels(store)
        assert [found[name] for name in ("space", "folder", "sqlite")] == ["warn", "warn", "warn"]


def test_a_damaged_index_is_found(sqlite_store: Store, tmp_path: Path) -> None:
    write(sqlite_store, *(day(number) for number in range(3)))
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'date)', 'digest)') WHERE name='days_current'")
        connection.commit()
    assert levels(sqlite_store)["integrity"] == "error"
    with pytest.raises(StoreError, match="damaged"):
        housekeeping.backup(sqlite_store, tmp_path / "copy.db")
