"""The twin gives what an outside implementation of SPEC expects of the awkward data sets.

The data sets are no part of the repository: they are read from the folder in ``KEFU_SHARED_DATA``, else
from ``shared/data`` beside the repository, and the tests are skipped where neither is there.
"""

from __future__ import annotations

import csv
import json
import math
import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings

from strategies import data_sets
from twin import GROUPINGS, Twin, peak, percentile, spearman, union, wilson_upper
from twin_facts import Tables

BESIDE = Path(__file__).resolve().parents[1].parent / "shared" / "data"
SHARED = Path(os.environ.get("KEFU_SHARED_DATA", BESIDE))
AWKWARD = ("awkward_1", "awkward_2", "awkward_3")
GRAINS: dict[str, tuple[str, ...]] = {
    "metrics": (),
    "by_agent": ("agent_id",),
    "by_date": ("date",),
    "by_channel": ("channel",),
    "by_queue": ("queue",),
}
Expected = dict[tuple[str, ...], dict[str, float | None]]


def read_tables(folder: Path) -> Tables:
    """Read every CSV file of ``folder`` as rows of strings."""
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return tables


def read_expected(folder: Path, part: str) -> Expected:
    """Read one part of the expected values, by group; the total is the group without a name."""
    values = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[part]
    return {(): values} if part == "metrics" else {(group,): metrics for group, metrics in values.items()}


def equal(got: float | None, want: float | None) -> bool:
    """Compare exactly but for the last digits of a float; null equals only null."""
    if got is None or want is None:
        return got is want
    return math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-12)


@pytest.fixture(scope="module", params=AWKWARD)
def awkward(request: pytest.FixtureRequest) -> tuple[Path, Twin]:
    """Give a data set's folder and its twin."""
    folder = SHARED / str(request.param)
    if not (folder / "expected.json").is_file():
        pytest.skip(f"{folder} is not there: set KEFU_SHARED_DATA to the folder that holds {AWKWARD[0]}")
    return folder, Twin(read_tables(folder))


@pytest.mark.parametrize("part", GRAINS)
def test_every_value_is_the_expected_one(awkward: tuple[Path, Twin], part: str) -> None:
    folder, twin = awkward
    groups, expected = twin.groups(*GRAINS[part]), read_expected(folder, part)
    assert groups.keys() == expected.keys()
    wrong = [
        (group, name, groups[group][name], want)
        for group, metrics in expected.items()
        for name, want in metrics.items()
        if not equal(groups[group][name], want)
    ]
    assert wrong == []


def test_the_total_is_the_one_group_of_no_grouping(awkward: tuple[Path, Twin]) -> None:
    _, twin = awkward
    assert twin.groups() == {(): twin.metrics()}


def test_every_row_is_loaded_a_duplicate_or_rejected() -> None:
    rows = [
        {"session_id": "s1", "sent_at": "2025-06-01T10:00:00", "role": "Customer", "message_id": "m1"},
        {"session_id": "s1", "sent_at": "2025-06-01T10:00:09", "role": "agent", "message_id": "m1"},
        {"session_id": "s1", "sent_at": "yesterday", "role": "agent"},
        {"session_id": "s1", "sent_at": "2025-06-01T10:00:09", "role": "robot"},
        {"session_id": "", "sent_at": "2025-06-01T10:00:09", "role": "agent"},
    ]
    twin = Twin({"messages": rows, "sessions": [{"session_id": "s2", "opened_at": ""}]})
    messages, sessions = twin.input["messages"], twin.input["sessions"]
    assert (messages.rows, messages.rejected, messages.duplicates) == (5, 3, 1)
    assert (sessions.rows, sessions.rejected, sessions.duplicates) == (1, 1, 0)
    assert list(twin.sessions) == ["s1"]


def row(session_id: str, clock: str, role: str, **more: str) -> dict[str, str]:
    """Write one message of 1 June 2025."""
    return {"session_id": session_id, "sent_at": f"2025-06-01T{clock}", "role": role} | more


def test_turns_begin_at_the_hand_off_and_at_the_first_word_of_each_run() -> None:
    rows = [
        row("s1", "10:00:00", "customer"),
        row("s1", "10:00:05", "bot", sender_id="bot1"),
        row("s1", "10:00:10", "system", event="handoff"),
        row("s1", "10:00:20", "agent", sender_id="a1"),
        row("s1", "10:00:30", "customer"),
        row("s1", "10:00:40", "customer"),
        row("s1", "10:01:30", "agent", sender_id="a2"),
        row("s1", "10:02:00", "agent", sender_id="a2"),
        row("s1", "10:02:30", "customer"),
    ]
    twin = Twin({"messages": rows})
    assert [(turn.reply_ms, turn.agent_id, turn.customer_messages) for turn in twin.turns] == [
        (10_000, "a1", 0),
        (60_000, "a2", 2),
        (None, None, 1),
    ]
    total, by_agent = twin.metrics(), twin.groups("agent_id")
    assert (total["reply_interval"], total["first_response"], total["pending_turn_rate"]) == (35.0, 10.0, 1.0)
    assert (total["interactions_per_session"], total["messages_per_session"]) == (1.0, 8.0)
    assert total["service_time_per_session"] == 130.0
    assert [by_agent[name,]["service_time_per_session"] for name in ("a1", "a2")] == [70.0, 60.0]
    assert [by_agent[name,]["pending_turn_rate"] for name in ("a1", "a2")] == [0.0, 1.0]
    assert total["script_usage_rate"] is None


def test_the_last_closed_event_counts_and_an_answer_after_it_still_belongs_to_the_service() -> None:
    rows = [
        row("s1", "10:00:00", "agent"),
        row("s1", "10:00:10", "system", event="closed"),
        row("s1", "10:00:30", "system", event="closed"),
        row("s1", "10:00:50", "agent"),
        row("s1", "10:01:00", "customer"),
    ]
    assert Twin({"messages": rows}).metrics()["service_time_per_session"] == 50.0


def test_a_peak_counts_what_is_open_at_one_instant_on_each_day_it_touches() -> None:
    rows = [
        row("s1", "23:59:00", "agent", sender_id="a1"),
        row("s2", "23:59:30", "agent", sender_id="a1"),
        row("s3", "23:59:40", "agent", sender_id="a1"),
    ]
    ends = {"s1": "2025-06-02T00:01:00", "s2": "2025-06-01T23:59:40", "s3": "2025-06-01T23:59:40"}
    sessions = [{"session_id": name, "closed_at": end} for name, end in ends.items()]
    twin = Twin({"messages": rows, "sessions": sessions, "agents": [{"agent_id": "a1", "level": "new"}]})
    total, by_date = twin.metrics(), twin.groups("date")
    assert (total["peak_concurrency"], total["outside_band_share"]) == (2.0, 0.0)
    assert total["mean_concurrency"] == pytest.approx((120 + 10 + 1) / 120)
    assert [by_date[day,]["peak_concurrency"] for day in ("2025-06-01", "2025-06-02")] == [2.0, 1.0]
    assert by_date["2025-06-02",]["interactions_per_session"] is None
    assert twin.groups("queue")["unknown",]["peak_concurrency"] is None


def test_a_repair_counts_for_the_flag_before_it_and_a_rule_needs_no_record() -> None:
    seen = {"session_id": "s1", "shown_at": "2025-06-01T10:00:00", "clicked": "true"}
    often = {"h1": (10, 0), "h2": (20, 5), "h3": (20, 6), "h4": (9, 0)}
    recommendations = [
        seen | {"hotspot_id": name, "outcome": ("adopted" if place < adopted else "rejected") if adopted else ""}
        for name, (shown, adopted) in often.items()
        for place in range(shown)
    ]
    hotspots = [
        {"hotspot_id": "h1", "title": "t", "flagged_at": "2025-05-30T00:00:00", "repaired_at": "2025-06-01T12:00:00"},
        {"hotspot_id": "h2", "title": "low adoption"},
        {"hotspot_id": "h3", "title": "six of twenty may be half"},
        {"hotspot_id": "h4", "title": "low clicks", "repaired_at": "2025-05-31T23:59:59"},
    ]
    tables = {"messages": [row("s1", "10:00:00", "bot")], "hotspots": hotspots, "recommendations": recommendations}
    total = Twin(tables).metrics()
    assert (total["hotspot_repair_rate"], total["repair_days_p50"]) == (0.5, 2.5)
    hotspots[0]["flagged_at"] = "2025-06-01T13:00:00"
    assert Twin(tables).metrics()["hotspot_repair_rate"] == 0.0


def test_the_arithmetic_is_the_textbook_one() -> None:
    assert [percentile([4, 1, 3, 2], percent) for percent in (25, 50, 51, 90)] == [1, 2, 3, 4]
    assert spearman([(Fraction(x), Fraction(y)) for x, y in ((1, 1), (2, 3), (3, 2), (4, 4))]) == pytest.approx(0.8)
    assert spearman([(Fraction(x), Fraction(y)) for x, y in ((1, 5), (1, 7), (2, 7))]) == pytest.approx(0.5)
    assert spearman([(Fraction(1), Fraction(2))] * 3) is None
    assert wilson_upper(5, 10) == pytest.approx(0.7634, abs=1e-4)
    assert peak([(0, 2), (1, 3), (2, 4)]) == 2
    assert union([(0, 2), (1, 3), (5, 6)]) == 4


@settings(max_examples=30, deadline=None)
@given(data_sets())
def test_every_grouping_names_the_same_metrics_with_finite_values(tables: Tables) -> None:
    twin = Twin(tables)
    total = twin.metrics()
    for by in ((name,) for name in GROUPINGS):
        for values in twin.groups(*by).values():
            assert values.keys() == total.keys()
            assert all(value is None or math.isfinite(value) for value in values.values())
