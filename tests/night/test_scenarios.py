"""Late, corrected and removed rows: ``scenarios.toml`` says what comes, and what the store has to say then."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import weeks

from kefu.host import Host
from kefu.night.nightly import Night, Span
from kefu.store import open_store
from kefu.store.days import DayRow, current_days
from kefu.store.opening import Store
from kefu_plugins import interactions, reply_interval

SCENARIOS = tomllib.loads(Path(__file__).with_name("scenarios.toml").read_text(encoding="utf-8"))["scenario"]
DAYS = range(1, 7)
FILES = {
    **{f"messages/{day:02}-a": [f"{day:02}a", f"{day:02}b"] for day in DAYS[:-1]},
    **{f"messages/{day:02}-b": [f"{day:02}c"] for day in DAYS[:-1]},
    "messages/05-late": ["04d"],
    "messages/05-more": ["01d"],
    "sessions/base": ["01b 售前", "04b 售前"],
}
NEW = {"messages/06-a": ["06a"]}


def messages(told: str) -> list[dict[str, str]]:
    """Return a question at ten o'clock and its answer after 9 seconds, or as many as are told."""
    name, *wait = told.split()
    seconds = int(wait[0]) if wait else 9
    day = f"2025-06-{name[:2]}"
    rows = [("customer", "", "10:00:00"), ("agent", "A1", f"10:00:{seconds:02}")]
    return [
        {"session_id": name, "sent_at": f"{day} {at}", "role": role, "sender_id": agent, "message_id": role}
        for role, agent, at in rows
    ]


def session(told: str) -> dict[str, str]:
    name, queue = told.split()
    return {"session_id": name, "queue": queue}


def deliver(data: Path, files: dict[str, list[str]]) -> None:
    for name, told in files.items():
        rows = [row for one in told for row in (messages(one) if name.startswith("messages") else [session(one)])]
        weeks.write_file(data / f"{name}.csv", rows)


def night(store: Store, data: Path, span: Span, *, replace: bool = False) -> Night:
    host = Host(builtins=False, outsiders=False, modules={"interactions": interactions, "reply": reply_interval})
    return weeks.run_night(store, data, span, host=host, replace=replace)


def days(store: Store) -> list[DayRow]:
    with store.reading() as connection:
        return current_days(connection)


def agree(store: Store, done: Night, want: dict[str, Any]) -> None:
    found = days(store)
    assert [day.date for day in found] == [dt.date(2025, 6, day) for day in DAYS]
    assert [day.sessions for day in found] == want["sessions"]
    assert [day.revision for day in found] == want["revisions"]
    assert sorted(date.day for date in done.kept) == want.get("left", [])


def reasons(rows: Sequence[DayRow], data: Path) -> dict[str, list[str]]:
    """Return the reasons of each day that says something new, in words."""
    found = {}
    for row in rows:
        told = [(reason["why"], reason.get("file")) for reason in row.reasons]
        names = [(why, file and Path(file).relative_to(data.resolve()).with_suffix("")) for why, file in told]
        if row.revision > 1:
            found[str(row.date.day)] = [f"{why} {name}" for why, name in names]
    return found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one["name"] for one in SCENARIOS])
def test_late_corrected_and_removed_rows(scenario: dict[str, Any], tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_store(tmp_path / "store.db") as store:
        deliver(data, FILES)
        night(store, data, Span.of_night(dt.date(2025, 6, 5), 9))
        assert [day.sessions for day in days(store)] == [4, 3, 3, 4, 3]
        deliver(data, NEW | scenario.get("deliver", {}))
        for name in scenario.get("gone", []):
            (data / f"{name}.csv").unlink()
        span = Span.of_night(dt.date(2025, 6, 6), 3)
        done = night(store, data, span, replace=scenario.get("replace", False))
        agree(store, done, scenario)
        found = days(store)
        assert reasons(found, data) == scenario.get("reasons", {})
        assert found[-1].reasons == [{"why": "first"}]
        if "asked" in scenario:
            agree(store, night(store, data, Span()), scenario["asked"])


def test_there_is_a_scenario_for_each_combination() -> None:
    kinds = [
        f"{how}, {when} the lookback, {what}"
        for how in ("full", "delta")
        for when in ("in", "before")
        for what in ("corrected", "late", "removed")
    ]
    for kind in kinds:
        assert sum(one["name"].startswith(kind) for one in SCENARIOS) == 2
    assert len(SCENARIOS) == 24


def test_a_night_that_was_left_alone_is_written_when_its_file_is_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_store(tmp_path / "store.db") as store:
        deliver(data, FILES)
        night(store, data, Span())
        away = (data / "messages/04-b.csv").rename(tmp_path / "away.csv")
        deliver(data, {"messages/04-a": ["04a", "04b", "04e"]})
        assert [date.day for date in night(store, data, Span()).kept] == [4]
        away.rename(data / "messages/04-b.csv")
        assert night(store, data, Span()).kept == {}
        assert days(store)[3].sessions == 5


def test_a_file_that_was_given_up_is_not_missed_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_store(tmp_path / "store.db") as store:
        deliver(data, FILES)
        night(store, data, Span())
        (data / "messages/04-b.csv").unlink()
        night(store, data, Span(), replace=True)
        deliver(data, {"messages/05-late": ["04d 20"]})
        done = night(store, data, Span())
        assert done.kept == {}
        assert [(one.date.day, one.revision) for one in done.written if one.changed] == [(4, 3)]


def test_a_platform_that_keeps_a_week_of_files_leaves_no_night_alone(tmp_path: Path) -> None:
    """The files of days before the lookback go; what they held beside messages has to do with their days alone."""
    data = tmp_path / "data"
    with open_store(tmp_path / "store.db") as store:
        for day in range(1, 11):
            deliver(data, {f"messages/{day:02}": [f"{day:02}a"], f"sessions/{day:02}": [f"{day:02}a 售前"]})
            for old in data.glob(f"*/{day - 5:02}.csv"):
                old.unlink()
            done = night(store, data, Span.of_night(dt.date(2025, 6, day), 3))
            assert done.kept == {}
            assert [one.date.day for one in done.written if one.changed] == [day]
        assert [row.sessions for row in days(store)] == [1] * 10
