"""Days, revisions, runs: what is written is read back, and nothing is written twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal
from sqlalchemy.exc import IntegrityError

import nights
from kefu.store import StoreError, open_store, schema
from kefu.store.days import (
    Day,
    content_digest,
    current_days,
    days_of_run,
    read_evidence,
    read_frames,
    revisions,
    write_days,
)
from kefu.store.opening import Store
from kefu.store.runs import (
    Check,
    InputFile,
    config_digest,
    known_files,
    latest_run,
    read_checks,
    read_quarantine,
    read_run,
    read_small_table,
    record_failure,
    write_checks,
    write_files,
    write_quarantine,
    write_run,
)
from nights import FIRST, START, day, evidence, measures, sessions, write


def full_day(text: str = "call 13800138000\0") -> Day:
    return day(
        frames={"measures": measures(5), "sessions": sessions("s1", "s2")},
        layout={"measures": ["answered"], "versions": {"reply": 2}},
        present={"messages": True},
        sessions=2,
        reasons=[{"late": 3}],
        evidence=evidence("s1", text),
    )


def test_a_day_is_read_back_as_it_was_written(store: Store) -> None:
    at = dt.datetime(2026, 3, 2, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    with store.writing() as connection:
        run_id = write_run(connection, nights.run())
        write_days(connection, run_id, [full_day()], at=at)
    with store.reading() as connection:
        (row,) = current_days(connection, FIRST, FIRST)
        assert (row.date, row.revision, row.run_id, row.current, row.sessions) == (FIRST, 1, run_id, True, 2)
        assert row.layout == {"measures": ["answered"], "versions": {"reply": 2}}
        assert (row.present, row.reasons) == ({"messages": True}, [{"late": 3}])
        assert row.written_at == START
        assert row.written_at.tzinfo == dt.UTC
        found = read_frames(connection, [row.id], ["measures", "sessions", "none"])
        assert_frame_equal(found["measures"][row.id], measures(5))
        assert_frame_equal(found["sessions"][row.id], sessions("s1", "s2"))
        assert found["none"] == {}
        assert_frame_equal(read_evidence(connection, [row.id]), evidence("s1", "call 138******00\u2400"))
        assert read_evidence(connection, [row.id], "other").is_empty()
        assert days_of_run(connection, run_id) == [row]


def test_the_same_content_writes_no_revision(store: Store) -> None:
    assert [one.changed for one in write(store, full_day())] == [True]
    shuffled = {"sessions": sessions("s2", "s1"), "measures": measures(5).reverse()}
    again = write(store, replace(full_day(), frames=shuffled, reasons=["other"]))
    assert [(one.revision, one.changed) for one in again] == [(1, False)]
    with store.reading() as connection:
        assert len(revisions(connection, FIRST)) == 1
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.frames)) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"frames": {"measures": measures(6), "sessions": sessions("s1", "s2")}},
        {"layout": {"measures": ["answered"], "versions": {"reply": 3}}},
        {"present": {}},
        {"sessions": 3},
        {"evidence": evidence("s2", "call 13800138000")},
    ],
)
def test_new_content_is_a_new_revision_and_the_old_one_stays(store: Store, changes: dict[str, object]) -> None:
    write(store, full_day(), day(1))
    (again,) = write(store, replace(full_day(), **changes))
    assert (again.revision, again.changed) == (2, True)
    with store.reading() as connection:
        old, new = revisions(connection, FIRST)
        assert (old.current, new.current) == (False, True)
        assert current_days(connection, FIRST, FIRST) == [new]
        assert_frame_equal(read_frames(connection, [old.id], ["measures"])["measures"][old.id], measures(5))


def test_a_date_that_lost_its_sessions_is_an_empty_revision(store: Store) -> None:
    write(store, full_day())
    assert [one.revision for one in write(store, Day(FIRST))] == [2]
    assert [one.changed for one in write(store, Day(FIRST))] == [False]
    assert [(one.revision, one.changed) for one in write(store, Day(FIRST + dt.timedelta(days=9)))] == [(0, False)]
    assert [one.revision for one in write(store, full_day())] == [3]


def test_a_period_may_be_open(store: Store) -> None:
    write(store, *(day(number) for number in (2, 0, 1)))
    middle = FIRST + dt.timedelta(days=1)
    with store.reading() as connection:
        dates = [[row.date.day for row in current_days(connection, *ends)] for ends in [(), (middle,), (None, middle)]]
    assert dates == [[1, 2, 3], [2, 3], [1, 2]]


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="written|writes"), store.reading() as connection:
        write_run(connection, nights.run())


def test_a_fault_of_the_program_passes_and_leaves_the_store_as_it_was(store: Store) -> None:
    before = content_digest(store)
    with pytest.raises(IntegrityError, match=r"(?s)INSERT.*hidden due to hide_parameters"):
        nights.broken(store)
    assert content_digest(store) == before


def test_a_run_is_read_back_as_it_was_written(store: Store) -> None:
    agents = pl.DataFrame({"agent_id": ["a1", "a2"], "team": ["x", None]})
    given = nights.run(
        ended_at=START + dt.timedelta(minutes=3),
        first_date=FIRST,
        last_date=FIRST,
        config={"b": 1, "a": {"客": [1.5]}},
        plugins=[{"name": "p", "version": "1", "error": None}],
        input={"messages": {"rows": 3, "loaded": 1, "rejected": 1, "duplicates": 1}},
        timings={"read": 0.25},
        failures=["p: x"],
        small_tables={"agents": agents},
    )
    with store.writing() as connection:
        run_id = write_run(connection, given)
        write_run(connection, replace(given, small_tables={"agents": agents.reverse()}, outcome="failed"))
    with store.reading() as connection:
        found = latest_run(connection)
        assert found is not None
        assert found == read_run(connection, run_id)
        assert (found.started_at, found.ended_at, found.outcome) == (given.started_at, given.ended_at, "done")
        assert (found.first_date, found.config, found.plugins) == (FIRST, given.config, given.plugins)
        assert (found.input, found.timings, found.failures) == (given.input, given.timings, ["p: x"])
        assert found.config_digest == config_digest({"a": {"客": [1.5]}, "b": 1})
        assert_frame_equal(read_small_table(connection, found.small_tables["agents"]), agents)
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.small_tables)) == 1
        assert read_run(connection, 99) is None


def test_a_failure_is_recorded_by_itself(store: Store) -> None:
    failed = record_failure(store, nights.run(outcome="interrupted"))
    with store.reading() as connection:
        assert latest_run(connection) is None
        last = latest_run(connection, None)
        assert last is not None
        assert (last.id, last.outcome) == (failed, "interrupted")


def test_files_are_known_by_path_and_content(store: Store) -> None:
    one = InputFile("a.csv", "messages", 5 << 30, "d1", rows=3, loaded=3, first_date=FIRST, last_date=FIRST)
    corrected = replace(one, digest="d2", loaded=2, rejected=1)
    with store.writing() as connection:
        run_id = write_run(connection, nights.run())
        write_files(connection, run_id, [replace(one, path="b.csv"), one, corrected])
        write_files(connection, run_id, [one])
        found = known_files(connection)
    assert [(file.path, file.digest) for file in found] == [("a.csv", "d2"), ("a.csv", "d1"), ("b.csv", "d1")]
    assert found[0] == replace(corrected, run_id=run_id)


def test_the_quarantine_is_masked(store: Store) -> None:
    rejected = pl.DataFrame(
        {
            "file": ["a.csv", "a.csv"],
            "row": [7, None],
            "column": ["sent_at", None],
            "reason": ["'13800138000' is no time", "cut"],
            "what_to_do": ["write one", "copy it"],
            "raw": ["s1,13800138000,li@x.cn\0", None],
        }
    )
    with store.writing() as connection:
        run_id = write_run(connection, nights.run())
        write_quarantine(connection, run_id, "messages", rejected)
        write_quarantine(connection, run_id, "agents", rejected.clear())
        write_checks(connection, run_id, [Check("volume", "warn", "low")])
        write_checks(connection, run_id, [])
        found = read_quarantine(connection, run_id)
        assert read_checks(connection, run_id) == [Check("volume", "warn", "low")]
    assert found["raw"].to_list() == ["s1,138******00,**@x.cn\u2400", None]
    assert found["reason"].to_list() == ["'138******00' is no time", "cut"]
    assert found["row"].to_list() == [7, None]
    assert found["table_name"].to_list() == ["messages"] * 2


def test_the_content_does_not_depend_on_runs_and_order(store: Store, tmp_path: object) -> None:
    write(store, day(1), full_day("old"), day(2))
    write(store, Day(FIRST + dt.timedelta(days=2)), full_day())
    with open_store(f"sqlite:///{tmp_path}/other.db") as other:
        write(other, full_day())
        assert content_digest(store) != content_digest(other)
        write(other, day(1))
        assert content_digest(store) == content_digest(other)
        with other.writing() as connection:
            run_id = write_run(connection, nights.run())
            write_files(connection, run_id, [InputFile("a", "messages", 1, "d")])
        assert content_digest(store) != content_digest(other)
        assert content_digest(store, files=False) == content_digest(other, files=False)
