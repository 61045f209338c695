"""A night with nothing new does nothing and says so; one with new definitions says why values are others."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest
import weeks

from kefu.config import Settings, load_settings
from kefu.host import Host
from kefu.night.nightly import Night, Span
from kefu.store import open_store
from kefu.store.days import DayRow, current_days
from kefu.store.opening import Store
from kefu.store.runs import latest_run
from kefu_plugins import interactions, reply_interval

LAST = dt.date(2025, 6, 8)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return weeks.write(tmp_path / "data", weeks.until("2025-06-04"))


def last_run_id(store: Store) -> int:
    with store.reading() as connection:
        found = latest_run(connection, None)
    assert found is not None
    return found.id


def days(store: Store) -> list[DayRow]:
    with store.reading() as connection:
        return current_days(connection)


@pytest.mark.parametrize("span", [Span(), Span.of_night(dt.date(2025, 6, 4), 1), Span(dt.date(2025, 6, 3))])
def test_a_second_night_does_nothing(store: Store, data: Path, span: Span) -> None:
    first = weeks.run_night(store, data, span)
    assert first.run_id is not None
    assert weeks.run_night(store, data, span) == Night()
    assert last_run_id(store) == first.run_id


def test_part_of_what_was_written_is_nothing_new(sqlite_store: Store, data: Path) -> None:
    weeks.run_night(sqlite_store, data)
    assert weeks.run_night(sqlite_store, data, Span.of_night(dt.date(2025, 6, 4), 1)) == Night()


@pytest.mark.parametrize(
    ("first", "then", "written"),
    [
        (Span(last=dt.date(2025, 6, 3)), Span(), {4}),
        (Span(dt.date(2025, 6, 3), dt.date(2025, 6, 3)), Span.of_night(dt.date(2025, 6, 4), 1), {4}),
        (Span(dt.date(2025, 6, 3)), Span(last=dt.date(2025, 6, 3)), {2}),
    ],
)
def test_dates_that_no_night_was_about_are_new(
    sqlite_store: Store, data: Path, first: Span, then: Span, written: set[int]
) -> None:
    weeks.run_night(sqlite_store, data, first)
    night = weeks.run_night(sqlite_store, data, then)
    assert {one.date.day for one in night.written if one.changed} == written


def test_a_file_that_comes_back_is_new(sqlite_store: Store, data: Path) -> None:
    """The store knows it, but the last night was without it."""
    weeks.run_night(sqlite_store, data)
    alerts = (data / "alerts.csv").rename(data / "alerts.away")
    weeks.run_night(sqlite_store, data, replace=True)
    alerts.rename(data / "alerts.csv")
    assert weeks.run_night(sqlite_store, data).run_id is not None


def changed(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "kefu.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def of_version(version: str) -> Host:
    """Return a host with a plugin of that version."""
    host = Host(builtins=False, outsiders=False, modules={"a": interactions, "b": reply_interval})
    host.plugins[0].version = version
    return host


def test_a_new_threshold_makes_a_new_revision(store: Store, data: Path, tmp_path: Path) -> None:
    weeks.run_night(store, data, settings=load_settings())
    other = changed(tmp_path, "[thresholds]\nreturn_hours = 48\n")
    night = weeks.run_night(store, data, settings=other)
    assert {(one.revision, one.changed) for one in night.written} == {(2, True)}
    assert [day.reasons for day in days(store)] == [[{"why": "new configuration"}]] * 3
    assert weeks.run_night(store, data, settings=other) == Night()


def test_a_new_word_makes_a_new_revision(sqlite_store: Store, data: Path, tmp_path: Path) -> None:
    words = tmp_path / "more.txt"
    words.write_text("快递\n", encoding="utf-8")
    text = f'[lexicons.sensitive]\nonly = ["{words}"]\n'
    weeks.run_night(sqlite_store, data, settings=changed(tmp_path, text))
    assert weeks.run_night(sqlite_store, data, settings=changed(tmp_path, text)) == Night()
    words.write_text("快递\n物流\n", encoding="utf-8")
    weeks.run_night(sqlite_store, data, settings=changed(tmp_path, text))
    assert {day.revision for day in days(sqlite_store)} == {2}
    assert [day.reasons for day in days(sqlite_store)] == [[{"why": "new configuration"}]] * 3


def test_a_new_version_of_a_plugin_makes_a_new_revision(sqlite_store: Store, data: Path) -> None:
    weeks.run_night(sqlite_store, data, host=of_version("1.0"))
    assert weeks.run_night(sqlite_store, data, host=of_version("1.0")) == Night()
    weeks.run_night(sqlite_store, data, host=of_version("1.1"))
    assert [day.reasons for day in days(sqlite_store)] == [[{"why": "new plugin version"}]] * 3


def test_what_makes_no_difference_makes_no_revision(sqlite_store: Store, data: Path, tmp_path: Path) -> None:
    weeks.run_night(sqlite_store, data, settings=load_settings())
    settings = changed(tmp_path, 'language = "en"\nlookback = 5\n')
    assert weeks.run_night(sqlite_store, data, settings=settings) == Night()


def test_a_night_after_a_plugin_failed_runs_again(sqlite_store: Store, data: Path) -> None:
    def kefu_metrics() -> list[object]:
        raise ZeroDivisionError

    from kefu.plugin import hookimpl

    broken = SimpleNamespace(kefu_metrics=hookimpl(kefu_metrics))
    host = Host(builtins=False, outsiders=False, modules={"a": interactions, "broken": broken})
    weeks.run_night(sqlite_store, data, host=host)
    host = Host(builtins=False, outsiders=False, modules={"a": interactions, "broken": broken})
    assert weeks.run_night(sqlite_store, data, host=host).run_id is not None


def test_a_dry_store_says_what_became_of_other_dates(tmp_path: Path, data: Path) -> None:
    with open_store(tmp_path / "other.db") as store:
        night = weeks.run_night(store, data, Span.of_night(dt.date(2025, 6, 4), 0))
    assert {date.day for date in night.outside} == {2, 3}
