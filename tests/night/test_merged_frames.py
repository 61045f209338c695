"""Merged frames make a year quick to read, and say nothing that the fine ones do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import weeks

from kefu.night.periods import Dates
from kefu.night.shown import show
from kefu.night.view import StoreView
from kefu.store import open_store
from kefu.store.days import WHOLE, current_days
from kefu.store.opening import Store
from kefu.store.schema import frames

BYS = [(), ("date",), ("week",), ("month",), ("agent_id",), ("queue",)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("merged")
    with open_store(folder / "store.db") as store:
        weeks.run_night(store, weeks.write(folder / "data", weeks.week()))
        yield store


@pytest.fixture
def store(made: Store, tmp_path: Path) -> Iterator[Store]:
    """A copy, to be changed."""
    assert made.path is not None
    (tmp_path / "copy.db").write_bytes(made.path.read_bytes())
    with open_store(tmp_path / "copy.db", create=False) as copy:
        yield copy


def values(store: Store, scratch: Path, by: tuple[str, ...], *names: str) -> dict[tuple[str, ...], dict[str, str]]:
    view = StoreView(store, weeks.settings_of_tests(), weeks.quick_host(), scratch)
    chosen = [view.engine.metric(name) for name in names] or None
    outcome = view.outcome(None, None, by, chosen)
    groups = outcome.groups if by else [outcome.whole]
    return {group.key: {name: repr(value) for name, value in group.values.items()} for group in groups}


def drop_merged(store: Store, *dates: int) -> int:
    """Take the merged frames of some dates of June away, and return how many there were."""
    with store.writing() as connection:
        ids = [row.id for row in current_days(connection) if row.date.day in dates]
        gone = sa.delete(frames).where(frames.c.name.contains(WHOLE, autoescape=True), frames.c.day_id.in_(ids))
        return connection.execute(gone).rowcount


@pytest.mark.parametrize("by", BYS, ids="+".join)
@pytest.mark.parametrize("dates", [(3, 5), range(1, 30)], ids=["some", "all"])
def test_without_them_the_values_are_the_same(
    made: Store, store: Store, tmp_path: Path, by: tuple[str, ...], dates: tuple[int, ...]
) -> None:
    assert drop_merged(store, *dates) >= 2 * min(len(dates), 7)
    assert values(store, tmp_path, by) == values(made, tmp_path, by)


def test_they_are_what_is_read(store: Store, tmp_path: Path) -> None:
    """Else nothing would be gained: without the fine frames the whole is there still, but no queue."""
    whole = values(store, tmp_path, ("date",), "reply_interval", "reply_interval_p90")
    with store.writing() as connection:
        fine = frames.c.name.in_(["sessions", "sessions.buckets", "turns", "turns.buckets"])
        assert connection.execute(sa.delete(frames).where(fine)).rowcount > 7
    assert values(store, tmp_path, ("date",), "reply_interval", "reply_interval_p90") == whole
    assert values(store, tmp_path, ("queue",), "reply_interval") == {}


@pytest.mark.parametrize("by", BYS, ids="+".join)
@pytest.mark.parametrize("name", ["reply_interval_p90", "robot_interception_rate", "mean_concurrency"])
def test_a_metric_alone_has_the_values_that_it_has_among_all(
    made: Store, tmp_path: Path, by: tuple[str, ...], name: str
) -> None:
    alone, among = values(made, tmp_path, by, name), values(made, tmp_path, by)
    assert alone == {key: {name: of[name]} for key, of in among.items() if key in alone}
    assert set(alone) == set(among)


def test_they_make_no_revision(store: Store, tmp_path: Path) -> None:
    """A date that an older kefu wrote without them is the same date."""
    drop_merged(store, *range(1, 30))
    data = weeks.write(tmp_path / "data", weeks.week())
    night = weeks.run_night(store, data)
    assert night.run_id is not None
    assert not any(one.changed for one in night.written)


@pytest.mark.parametrize(("days", "step"), [(1, 1), (14, 1), (93, 1), (94, 7), (365, 7)])
def test_a_long_trend_goes_by_weeks(made: Store, tmp_path: Path, days: int, step: int) -> None:
    last = dt.date(2025, 6, 8)
    view = StoreView(made, weeks.settings_of_tests(), weeks.quick_host(), tmp_path)
    dates = Dates(last - dt.timedelta(days=days - 1), last)
    shown = show(view, dates, (), 3, ["reply_interval"])
    assert dates.trend_by == ("date" if step == 1 else "week")
    assert [*shown.trend] == (
        [dt.date(2025, 6, 2)] if step == 7 else [dt.date(2025, 6, 2) + dt.timedelta(days=n) for n in range(7)]
    )
