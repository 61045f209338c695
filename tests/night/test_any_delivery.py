"""However the same rows are delivered and in whatever order the days are run, the store says the same."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import weeks

from kefu.night.nightly import Span
from kefu.store import open_store
from kefu.store.days import content_digest

LOOKBACK = 3


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("expected")
    return weeks.undisturbed(folder, weeks.write(folder / "data", weeks.week()))


def nights_in_any_order(url: str, data: Path, chance: random.Random) -> str:
    """Run every date on its own, each as a night with its lookback, and return what the store says."""
    dates = weeks.dates_of(weeks.week())
    with open_store(url) as store:
        for date in chance.sample(dates, len(dates)):
            weeks.run_night(store, data, Span.of_night(date, chance.randint(0, LOOKBACK)))
        return content_digest(store, files=False)


def arranged(url: str, folder: Path, seed: int) -> str:
    chance = random.Random(seed)
    data = weeks.scatter(folder / "data", weeks.week(), chance)
    if chance.random() < 0.5:
        return nights_in_any_order(url, data, chance)
    with open_store(url) as store:
        weeks.run_night(store, data)
        return content_digest(store, files=False)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_split_and_repetition_of_files(store_url: str, expected: str, tmp_path: Path, seed: int) -> None:
    assert arranged(store_url, tmp_path, seed) == expected


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 200))
def test_any_delivery_at_length(store_url: str, expected: str, tmp_path: Path, seed: int) -> None:
    assert arranged(store_url, tmp_path, seed) == expected


def test_nights_forward_one_by_one_as_the_data_come(sqlite_url: str, expected: str, tmp_path: Path) -> None:
    """Each night sees the rows up to its own date only; the lookback mends what the next day tells of it."""
    with open_store(sqlite_url) as store:
        for date in weeks.dates_of(weeks.week()):
            weeks.write(tmp_path / "data", weeks.until(date.isoformat()))
            weeks.run_night(store, tmp_path / "data", Span.of_night(date, LOOKBACK))
        assert content_digest(store, files=False) == expected


def test_a_date_that_no_night_was_about_is_written_though_its_files_are_known(
    sqlite_url: str, expected: str, tmp_path: Path
) -> None:
    data = weeks.write(tmp_path / "data", weeks.week())
    with open_store(sqlite_url) as store:
        for date in weeks.dates_of(weeks.week()):
            night = weeks.run_night(store, data, Span.of_night(date, 1))
            assert {one.date for one in night.written if one.changed} == {date}
        assert content_digest(store, files=False) == expected


@pytest.mark.parametrize("threads", ["1", "2"])
def test_any_number_of_threads(sqlite_url: str, expected: str, tmp_path: Path, threads: str) -> None:
    data = weeks.scatter(tmp_path / "data", weeks.week(), random.Random(7))
    command = [sys.executable, str(Path(__file__).with_name("children.py")), "night", sqlite_url, str(data)]
    subprocess.run(command, check=True, timeout=120, env={**os.environ, "POLARS_MAX_THREADS": threads})
    assert weeks.digest(sqlite_url) == expected


def test_the_night_of_a_date_without_sessions_says_nothing(sqlite_url: str, tmp_path: Path) -> None:
    data = weeks.write(tmp_path / "data", weeks.week())
    with open_store(sqlite_url) as store:
        night = weeks.run_night(store, data, Span.of_night(dt.date(2026, 1, 1), 0))
        assert night.written == []
        assert sum(night.outside.values()) > 50
        assert weeks.run_night(store, data, Span.of_night(dt.date(2026, 1, 2), 0)).run_id is None
