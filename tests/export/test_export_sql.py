"""Rows and views for SQL say of each date what kefu says, and are written anew only where something changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
import weeks

from kefu.export.sql import Published, publish
from kefu.metric import Ratio
from kefu.night.nightly import Span
from kefu.night.view import StoreView
from kefu.store.days import content_digest
from kefu.store.erase import purge
from kefu.store.opening import Store

BY = ("channel", "queue", "scene", "team", "agent_id")
JUNE = [dt.date(2025, 6, day) for day in range(1, 10)]


@contextmanager
def seen(store: Store) -> Iterator[StoreView]:
    with TemporaryDirectory() as scratch:
        yield StoreView(store, weeks.settings_of_tests(), weeks.quick_host(), Path(scratch))


def fill(store: Store, folder: Path, last: dt.date | None = None, tables: weeks.Tables | None = None) -> None:
    weeks.run_night(store, weeks.write(folder, tables or weeks.week()), Span(None, last), replace=True)


def published(store: Store, by: tuple[str, ...] = BY) -> Published:
    with seen(store) as view:
        return publish(view, by)


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.text(sql))]


def date_of(value: Any) -> dt.date:  # noqa: ANN401 - SQLite has dates as text
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def test_the_views_say_of_each_date_what_kefu_says(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path)
    assert published(store).dates == 7
    views = {"": "kefu_daily", **{by: f"kefu_daily_by_{by.removesuffix('_id')}" for by in BY}}
    for by, view_name in views.items():
        told = rows(store, f"SELECT date, {by or chr(39) * 2}, metric, value, unit, coverage FROM {view_name}")  # noqa: S608
        found = {(date_of(date), key, name): rest for date, key, name, *rest in told}
        assert len(found) == len(told)
        expected = {}
        with seen(store) as view:
            for date in JUNE[1:8]:
                outcome = view.outcome(date, date, (by,) if by else ())
                for group in outcome.groups if by else [outcome.whole]:
                    for metric in outcome.metrics:
                        value = group.values[metric.name]
                        if value.value is not None or any(value.measures.values()):
                            place = (date, group.key[0] if by else "", metric.name)
                            expected[place] = [value.value, metric.unit, value.coverage]
        assert found == expected


def test_tops_and_bottoms_of_dates_add_up_to_the_value_of_a_month(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path)
    published(store)
    told = rows(store, "SELECT month, by_name, by_value, metric, value FROM kefu_monthly")
    assert {row[0] for row in told} == {"2025-06"}
    found = {row[1:4]: row[4] for row in told}
    with seen(store) as view:
        names = {name for *_, name in found}
        ratios = {metric.name for metric in view.engine.metrics if isinstance(metric.value, Ratio)}
        assert ratios - names == {"peak_concurrency", "outside_band_share", "hotspot_repair_rate"}
        for by in ("", *BY):
            outcome = view.outcome(None, None, (by,) if by else ())
            for group in outcome.groups if by else [outcome.whole]:
                for name in names:
                    place = (by, group.key[0] if by else "", name)
                    assert found.get(place) == group.values[name].value


def test_measures_stand_by_name(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path)
    published(store, ("queue",))
    told = rows(store, "SELECT date, by_name, by_value, metric, measure, amount FROM kefu_measures")
    found = {(date_of(date), *rest[:4]): rest[4] for date, *rest in told}
    with seen(store) as view:
        outcome = view.outcome(JUNE[3], JUNE[3], ("queue",))
    told_of = [group for group in outcome.groups if any(group.values["agent_closed_rate"].measures.values())]
    assert len(told_of) > 1
    for group in told_of:
        for measure, amount in group.values["agent_closed_rate"].measures.items():
            assert found[JUNE[3], "queue", group.key[0], "agent_closed_rate", measure] == amount
    assert {key[1] for key in found} == {"", "queue"}


def test_only_dates_that_say_something_new_are_written(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path / "a", JUNE[5])
    assert published(store).dates == 5
    before = content_digest(store)
    assert published(store).dates == 0
    assert content_digest(store) == before
    fill(store, tmp_path / "b")
    with store.reading() as connection:
        changed = connection.scalar(sa.text("SELECT count(*) FROM days WHERE run_id = 2"))
    assert published(store).dates == changed
    assert published(store, ("queue",)).dates == 7, "other groups are written for all dates"
    assert rows(store, "SELECT DISTINCT by_name FROM bi_values ORDER BY 1") == [("",), ("queue",)]


def test_a_corrected_date_is_replaced(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path / "a")
    published(store)
    tables = weeks.week()
    gone = {row["session_id"] for row in tables["messages"] if row["sent_at"].startswith("2025-06-04")}
    fewer = {
        name: [row for row in some if name not in weeks.OF_SESSIONS or row["session_id"] not in gone]
        for name, some in tables.items()
    }
    fill(store, tmp_path / "b", tables=fewer)
    assert published(store).dates >= 1
    left = "SELECT count(*) FROM kefu_daily_by_queue WHERE date = '2025-06-04' AND metric = 'reply_interval'"
    assert rows(store, left) == [(0,)]


def test_what_is_purged_is_gone_at_once(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path)
    published(store)
    purge(store, JUNE[5])
    assert {date_of(row[0]) for row in rows(store, "SELECT DISTINCT date FROM bi_values")} == {*JUNE[5:8]}
    done = published(store)
    assert (done.dates, done.gone) == (0, 0)


def test_dates_that_the_store_lost_are_taken_out(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path)
    published(store)
    with store.writing() as connection:
        connection.execute(sa.text("INSERT INTO bi_dates VALUES ('2024-01-01', 99, 'x')"))
        connection.execute(
            sa.text(
                "INSERT INTO bi_values (date, by_name, by_value, metric, unit) VALUES ('2024-01-01', '', '', 'm', 'u')"
            )
        )
    assert published(store).gone == 1
    assert min(date_of(row[0]) for row in rows(store, "SELECT DISTINCT date FROM bi_values")) == JUNE[1]
