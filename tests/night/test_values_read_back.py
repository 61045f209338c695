"""What the store says of a period is what a run over its transcripts says, bit for bit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import weeks

from kefu.clock import EPOCH
from kefu.host import Host
from kefu.night.nightly import Span
from kefu.night.view import StoreView
from kefu.run.collect import Request
from kefu.run.engine import open_engine
from kefu.run.outcome import Outcome
from kefu.store import open_store

GROUPINGS: tuple[tuple[str, ...], ...] = (
    ("date",),
    ("week",),
    ("month",),
    ("channel",),
    ("queue",),
    ("scene",),
    ("agent_id",),
    ("team",),
    ("date", "queue"),
    ("week", "team"),
    ("month", "agent_id", "channel"),
    ("date", "channel", "queue", "scene"),
    ("team", "queue"),
)
JUNE = [None, *(dt.date(2025, 6, day) for day in range(2, 9))]
PERIODS = [(None, None), (JUNE[3], JUNE[5]), (JUNE[4], JUNE[4]), (None, JUNE[2]), (JUNE[6], None)]
Groups = dict[tuple[str, ...], object]


def told(outcome: Outcome) -> Groups:
    """Return all values with their measures and coverage, exact to the last bit."""
    assert not outcome.failures
    return {group.key: {name: repr(value) for name, value in group.values.items()} for group in [*outcome.groups]}


def whole(outcome: Outcome) -> object:
    return {name: repr(value) for name, value in outcome.whole.values.items()}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return weeks.write(tmp_path_factory.mktemp("week"), weeks.week())


@pytest.fixture(scope="module")
def view(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreView]:
    """The view of a store that has the week of all plugins, its dates written one after the other."""
    scratch = tmp_path_factory.mktemp("scratch")
    with open_store(scratch / "store.db") as store:
        weeks.run_night(store, data, Span(None, JUNE[5]), host=weeks.whole_host())
        weeks.run_night(store, data, Span(JUNE[4], None), host=weeks.whole_host())
        yield StoreView(store, weeks.settings_of_tests(), weeks.whole_host(), scratch)


def over_transcripts(
    data: Path, host: Host, first: dt.date | None, last: dt.date | None, by: tuple[str, ...]
) -> Outcome:
    low, high = (None if end is None else (end - EPOCH).days for end in (first, last))
    with TemporaryDirectory() as scratch:
        return open_engine(data, Path(scratch), weeks.settings_of_tests(), host).run(Request(by, low, high))


@pytest.mark.parametrize(("first", "last"), PERIODS, ids=str)
def test_values_of_every_metric_are_those_of_the_transcripts(
    data: Path, view: StoreView, first: dt.date | None, last: dt.date | None
) -> None:
    stored = view.outcome(first, last, ("date",))
    computed = over_transcripts(data, weeks.whole_host(), first, last, ("date",))
    assert whole(stored) == whole(computed)
    assert told(stored) == told(computed)
    assert (stored.first, stored.last) == (computed.first, computed.last)


@pytest.fixture(scope="module")
def quick_view(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreView]:
    scratch = tmp_path_factory.mktemp("quick")
    with open_store(scratch / "store.db") as store:
        weeks.run_night(store, data)
        yield StoreView(store, weeks.settings_of_tests(), weeks.quick_host(), scratch)


@pytest.mark.parametrize("by", GROUPINGS, ids="+".join)
def test_values_in_groups_are_those_of_the_transcripts(data: Path, quick_view: StoreView, by: tuple[str, ...]) -> None:
    first, last = JUNE[2], JUNE[6]
    assert told(quick_view.outcome(first, last, by)) == told(
        over_transcripts(data, weeks.quick_host(), first, last, by)
    )


@pytest.mark.long
@pytest.mark.parametrize("by", GROUPINGS, ids="+".join)
@pytest.mark.parametrize(("first", "last"), PERIODS, ids=str)
def test_values_of_every_metric_in_groups(
    data: Path, view: StoreView, first: dt.date | None, last: dt.date | None, by: tuple[str, ...]
) -> None:
    stored = view.outcome(first, last, by)
    computed = over_transcripts(data, weeks.whole_host(), first, last, by)
    assert told(stored) == told(computed)
    assert whole(stored) == whole(computed)


def test_the_week_holds_what_is_awkward(quick_view: StoreView) -> None:
    """Else the law above would say little: sessions over midnight, customers who come back, repaired hotspots."""
    rows = weeks.week()
    dates: dict[str, set[str]] = {}
    for row in rows["messages"]:
        dates.setdefault(row["session_id"], set()).add(row["sent_at"][:10])
    assert sum(len(found) > 1 for found in dates.values()) >= 3
    assert any(row["repaired_at"] for row in rows["hotspots"])
    values = quick_view.outcome(None, None).whole.values
    assert all(value.value is not None for value in values.values())
