"""Nights beside other nights, and beside people who read."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import weeks

from kefu.night.compute import FACT
from kefu.store import open_store
from kefu.store.days import current_days, read_frames
from kefu.store.opening import Store

CHILDREN = Path(__file__).with_name("children.py")
BUSY = 75


@contextmanager
def another(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    command = [sys.executable, str(CHILDREN), *arguments]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def kefu(data: Path, url: str, wait: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kefu", "run", str(data), "--store", url, "--wait", wait]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return weeks.write(tmp_path / "data", weeks.until("2025-06-02"))


def test_a_second_night_is_told_to_come_back(store_url: str, data: Path) -> None:
    with another("waiting", store_url) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "here\n"
        done = kefu(data, store_url, "0")
        assert (done.returncode, done.stdout) == (BUSY, "")
        assert done.stderr.splitlines()[-1].startswith("kefu: another run is at work on the store")


def test_a_second_night_waits_for_the_first(sqlite_url: str, data: Path) -> None:
    with another("waiting", sqlite_url) as first:
        assert first.stdout is not None
        assert first.stdin is not None
        assert first.stdout.readline() == "here\n"
        command = [sys.executable, "-m", "kefu", "run", str(data), "--store", sqlite_url, "--wait", "60"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as second:
            time.sleep(3)
            assert second.poll() is None
            first.communicate("\n", timeout=60)
            assert second.wait(60) == 0


def state(store: Store) -> dict[str, tuple[int, int]]:
    """Return of each date its revision and how many rows of sessions stand behind it."""
    with store.reading() as connection:
        days = current_days(connection)
        found = read_frames(connection, [day.id for day in days], [f"{FACT}sessions"])[f"{FACT}sessions"]
        for day in days:
            assert day.sessions == found[day.id].height, "a date is there in part"
    return {day.date.isoformat(): (day.revision, day.sessions) for day in days}


def test_readers_see_a_night_whole_or_not_at_all_and_are_never_refused(store_url: str, tmp_path: Path) -> None:
    first = weeks.write(tmp_path / "data", weeks.until("2025-06-05"))
    with open_store(store_url) as store:
        weeks.run_night(store, first)
        old = state(store)
        weeks.write(tmp_path / "data", weeks.week())
        seen = []
        with another("night", store_url, str(tmp_path / "data")) as writer:
            while writer.poll() is None:
                seen.append(state(store))
            assert writer.returncode == 0
        new = state(store)
    assert old != new
    assert seen[0] == old
    assert all(one in (old, new) for one in seen)
    assert len(seen) > 10
