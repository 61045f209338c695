"""A server that goes during a run: the dates are written when it is back, once, or it is said that it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
import weeks
from children import STATEMENTS
from sqlalchemy import event

from kefu.night import nightly
from kefu.store import StoreBusy, StoreError, open_store, opening
from kefu.store.days import content_digest, revisions
from kefu.store.lock import OF_RUNS
from kefu.store.opening import Store

BACKENDS = sa.text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = ANY(:pids)")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PAUSES", (0.01, 0.02, 0.04))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return weeks.write(tmp_path / "data", weeks.week())


@pytest.fixture
def expected(data: Path, tmp_path: Path) -> str:
    return weeks.undisturbed(tmp_path, data)


def terminate(url: str, *pids: int) -> None:
    """End processes of the server, as a restart or an administrator does."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert all(connection.execute(BACKENDS, {"pids": [*pids]}).scalars())


def lock_holder(store: Store) -> int:
    """Return the process of the server that holds the lock of a run."""
    of_runs = "classid = :family AND objid = hashtext(current_schema())::bit(32)::bigint"
    found = sa.text(f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND {of_runs}")  # noqa: S608 - a constant
    with store.reading() as connection:
        return int(connection.execute(found, {"family": OF_RUNS}).scalar_one())


@contextmanager
def cut_at(url: str, step: str, times: int) -> Iterator[list[int]]:
    """End the connection so many times when a statement was executed."""
    ended: list[int] = []

    def act(_connection: object, cursor: Any, statement: str, *_: object) -> None:  # noqa: ANN401 - of any driver
        if statement.startswith(STATEMENTS[step]) and len(ended) < times:
            ended.append(cursor.connection.info.backend_pid)
            terminate(url, ended[-1])

    event.listen(sa.Engine, "after_cursor_execute", act)
    try:
        yield ended
    finally:
        event.remove(sa.Engine, "after_cursor_execute", act)


def once(store: Store) -> None:
    """See that each date was written once, by one run."""
    with store.reading() as connection:
        for date in weeks.dates_of(weeks.week()):
            assert [row.revision for row in revisions(connection, date)] == [1]
        assert connection.scalar(sa.text("SELECT count(*) FROM runs")) == 1


@pytest.mark.parametrize(("step", "times"), [("first statement", 1), ("frame", 3), ("file", 2)])
def test_a_connection_that_is_cut_is_made_again(
    postgres_url: str, data: Path, expected: str, step: str, times: int
) -> None:
    with open_store(postgres_url) as store, store.lock(0):
        with cut_at(postgres_url, step, times) as ended:
            night = weeks.run_night(store, data)
        assert len(ended) == times
        assert all(one.changed for one in night.written)
        assert content_digest(store, files=False) == expected
        once(store)


def test_a_server_that_goes_just_after_the_commit_has_written_once(
    postgres_url: str, data: Path, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(postgres_url) as store:
        dialect = store.engine.dialect
        commit, ended = dialect.do_commit, []

        def lossy(connection: Any) -> None:  # noqa: ANN401 - of any driver
            commit(connection)
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM runs")
                written = cursor.fetchone() != (0,)
            commit(connection)
            if written and not ended:
                ended.append(connection)
                connection.driver_connection.close()
                raise psycopg.OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(dialect, "do_commit", lossy)
        night = weeks.run_night(store, data)
        assert ended
        assert all(one.changed for one in night.written)
        assert content_digest(store, files=False) == expected
        once(store)


def test_a_server_that_stays_away_is_told_and_the_next_night_does_the_work(
    postgres_url: str, data: Path, expected: str
) -> None:
    with open_store(postgres_url) as store:
        with (
            cut_at(postgres_url, "frame", 4) as ended,
            pytest.raises(StoreError, match=r"see that the server is up .* \(tried 4 times\)"),
        ):
            weeks.run_night(store, data)
        assert len(ended) == 4
        with store.reading() as connection:
            assert connection.scalar(sa.text("SELECT outcome FROM runs")) == "failed"
            assert connection.scalar(sa.text("SELECT count(*) FROM days")) == 0
        weeks.run_night(store, data)
        assert content_digest(store, files=False) == expected


Act = Callable[[], object]


def while_computing(monkeypatch: pytest.MonkeyPatch, *acts: Act) -> None:
    """Let something happen while a night computes."""
    compute = nightly.compute

    def outer(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes
        for act in acts:
            act()
        return compute(*arguments, **named)

    monkeypatch.setattr(nightly, "compute", outer)


def is_free(url: str) -> bool:
    """Say whether another run could begin."""
    with open_store(url) as other:
        try:
            with other.lock(0):
                return True
        except StoreBusy:
            return False


def test_a_lock_that_was_lost_is_taken_again(
    postgres_url: str, data: Path, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(postgres_url) as store:
        while_computing(monkeypatch, lambda: terminate(postgres_url, lock_holder(store)))
        with store.lock(0):
            weeks.run_night(store, data)
            assert not is_free(postgres_url)
        assert is_free(postgres_url)
        assert content_digest(store, files=False) == expected


def test_a_lock_that_another_run_has_taken_meanwhile_ends_the_run(
    postgres_url: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(postgres_url) as store, open_store(postgres_url) as other, ExitStack() as of_other:
        while_computing(
            monkeypatch,
            lambda: terminate(postgres_url, lock_holder(store)),
            lambda: of_other.enter_context(other.lock(5)),
        )
        with pytest.raises(StoreBusy), store.lock(0):
            weeks.run_night(store, data)
        with store.reading() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM days")) == 0
