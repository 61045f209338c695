"""Several processes at one store, some of them killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kefu.store import StoreBusy, open_store
from kefu.store.days import content_digest, current_days, read_frames, write_days
from kefu.store.opening import Store
from nights import day, large, write

NIGHTS = Path(__file__).with_name("nights.py")
KILLED = -9


@contextmanager
def another(url: str, deed: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(NIGHTS), url, deed]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_killed_writer_leaves_the_old_state(store: Store, store_url: str) -> None:
    write(store, large(0, 1), day(1, 1))
    before = content_digest(store)
    with another(store_url, "killed_between_days") as process:
        assert process.wait(60) == KILLED
    assert content_digest(store) == before
    assert [one.revision for one in write(store, day(1, 2))] == [2]


def test_killed_at_any_moment_a_night_is_there_whole_or_not_at_all(store_url: str, tmp_path: Path) -> None:
    """The earliest moments are those at which the store is being made."""
    for moment in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1):
        with another(store_url, "writing_large_nights") as process:
            time.sleep(moment)
            process.kill()
            process.wait(60)
        with open_store(store_url) as store, store.reading() as connection:
            written = bool(current_days(connection))
        if written:
            with open_store(store_url) as store:
                assert len(nights_seen(store)) == 1
    with another(store_url, "writing_large_nights") as process:
        assert process.wait(60) == 0
    with open_store(store_url) as store, open_store(tmp_path / "undisturbed.db") as undisturbed:
        write(undisturbed, *(large(number, 5) for number in range(4)))
        assert content_digest(store) == content_digest(undisturbed)


def test_one_run_at_a_time_and_the_lock_goes_with_its_process(store: Store, store_url: str) -> None:
    with another(store_url, "killed_with_the_lock") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "locked\n"
        start = time.monotonic()
        with pytest.raises(StoreBusy, match="another run"), store.lock(0.3):
            pass
        assert 0.3 <= time.monotonic() - start < 5
        assert [one.changed for one in write(store, day())] == [True]
        process.stdin.write("\n")
        process.stdin.flush()
        with store.lock(20):
            assert process.wait(60) == KILLED
            with pytest.raises(StoreBusy), store.lock(0):
                pass
    with store.lock(0):
        pass


def test_the_lock_is_free_after_an_exception(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.lock(0):
        raise ZeroDivisionError
    with store.lock(0):
        pass


def test_two_that_make_a_store_at_once_both_have_it(store_url: str) -> None:
    with another(store_url, "writing_large_nights") as one, another(store_url, "writing_large_nights") as two:
        assert [one.wait(120), two.wait(120)] == [0, 0]
    with open_store(store_url, create=False) as store, store.reading() as connection:
        assert [row.date.day for row in current_days(connection)] == [1, 2, 3, 4]


def nights_seen(store: Store) -> set[int]:
    """Return the nights that the current days are of: one, if no night is seen in part."""
    with store.reading() as connection:
        ids = [row.id for row in current_days(connection)]
        frames = read_frames(connection, ids, ["large", "small"])
    assert len(ids) == 4
    return {value for by_day in frames.values() for frame in by_day.values() for value in frame["value"].unique()}


def test_readers_see_a_night_whole_or_not_at_all_and_are_never_refused(store: Store, store_url: str) -> None:
    write(store, *(large(number, 0) for number in range(4)))
    seen: list[set[int]] = []
    with another(store_url, "writing_large_nights") as process:
        while process.poll() is None:
            seen.append(nights_seen(store))
        assert process.returncode == 0
    seen.append(nights_seen(store))
    assert all(len(values) == 1 for values in seen)
    assert [*seen[0], *seen[-1]] == [0, 5]
    assert len(seen) > 5


def test_a_reader_keeps_what_it_saw_and_does_not_hold_off_the_writer_before_the_commit(store: Store) -> None:
    """Only the commit waits for readers: the cache of SQLite does not spill before."""
    write(store, large(0, 1))
    with store.reading() as reader:
        assert [row.revision for row in current_days(reader)] == [1]
    with store.writing() as connection:
        write_days(connection, 1, [large(0, 2), large(1, 2), large(2, 2), large(3, 2)])
        with store.reading() as reader:
            assert [row.revision for row in current_days(reader)] == [1]
    with store.reading() as reader:
        assert [row.revision for row in current_days(reader)] == [2, 1, 1, 1]
