"""The rules over a hand-made set of hotspots: below, at and above each threshold; expected rows worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl
import pytest
from counted import COUNTS, SHANGHAI, TIME, USES, Row, hotspots, shown, used

from kefu.clock import EPOCH
from kefu.columns import Period
from kefu.context import Context, Thresholds
from kefu.reasons import Seen
from kefu_plugins import hot_topics, hotspot_repair

NIGHT = dt.date(2025, 6, 30)
START = dt.datetime(2025, 6, 30, tzinfo=SHANGHAI)
END = START + dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
MAY = dt.datetime(2025, 5, 1, tzinfo=SHANGHAI)
RECORD = {"hotspot_id": pl.String} | dict.fromkeys(("flagged_at", "repaired_at", "ended_at", "until"), TIME)


def night_period() -> Period:
    day = (NIGHT - EPOCH).days
    start, end = (int(at.timestamp()) * 1_000_000 for at in (START, END))
    return Period(day, day, start, end)


def seen(
    table: pl.DataFrame | None = None,
    counts: Iterable[tuple[int, Row]] = (),
    uses: Iterable[Row] = (),
    record: Iterable[Row] | None = None,
    topics: pl.DataFrame | None = None,
) -> Seen:
    """Return what the store knows at the end of the night; counts come with how many days ago they were."""
    days = [{**row, "own_date": NIGHT - dt.timedelta(days=ago)} for ago, row in counts]
    tables = {"hotspots": table, "repair_record": None if record is None else pl.DataFrame(record, schema=RECORD)}
    return Seen(
        night_period(),
        tables,
        {"hotspot_days": pl.DataFrame(days, schema=COUNTS).drop("date")},
        {"hotspots": pl.DataFrame([{**row, "date": NIGHT} for row in uses], schema=USES)},
        {} if topics is None else {"topics": topics},
    )


def found(name: str, told: Seen, limits: Thresholds | None = None) -> list[dict[str, Any]]:
    reasons = hotspot_repair.kefu_reasons(Context(limits or Thresholds()))
    (reason,) = (one for one in reasons if one.name == name)
    return reason.find(told).to_dicts()


def ids(name: str, told: Seen) -> list[str]:
    return [row["subject_id"] for row in found(name, told)]


def test_low_clicks_holds_below_ten_clicks_and_says_how_far_below() -> None:
    table = hotspots(*({"hotspot_id": f"h{clicks}", "title": "退货"} for clicks in (0, 9, 10, 11)))
    counts = [(3, shown(f"h{clicks}", shown=40, clicks=clicks)) for clicks in (0, 9, 10, 11)]
    rows = found("low_clicks", seen(table, counts, [used("h9", "left", 60)]))
    common = {"subject": "hotspot", "title": "退货", "shown": 40, "limit": 10, "window_days": 30}
    assert rows == [
        {**common, "subject_id": "h0", "sessions": 40, "gap": 1.0, "clicks": 0},
        {**common, "subject_id": "h9", "sessions": 100, "gap": pytest.approx(0.1), "clicks": 9},
    ]


def test_low_clicks_looks_at_thirty_days() -> None:
    table = hotspots({"hotspot_id": "h1"}, {"hotspot_id": "h2"})
    counts = [(29, shown("h1", shown=20, clicks=10)), (30, shown("h2", shown=20, clicks=10))]
    assert ids("low_clicks", seen(table, counts)) == ["h2"]


def test_low_clicks_says_nothing_where_clicks_are_not_logged() -> None:
    silent = {**shown("h1", shown=50), "click_known": 0}
    assert ids("low_clicks", seen(hotspots({"hotspot_id": "h1"}), [(1, silent)])) == []


def test_low_adoption_holds_where_the_whole_interval_is_below_the_floor_and_there_are_ratings_enough() -> None:
    """Wilson's interval of 5 of 20 ends at 0.469, of 6 of 20 at 0.519, of 4 of 19 at 0.433."""
    samples = {"five of 20": (5, 20), "six of 20": (6, 20), "four of 19": (4, 19), "60 of 200": (60, 200)}
    table = hotspots(*({"hotspot_id": name, "title": name} for name in samples))
    counts = [(2, shown(name, shown=300, clicks=99, rated=n, adopted=x)) for name, (x, n) in samples.items()]
    common = {"subject": "hotspot", "shown": 300, "limit": 0.5, "window_days": 30}
    rows = found("low_adoption", seen(table, counts))
    assert sorted(rows, key=lambda row: row["subject_id"]) == [
        {
            **common,
            **dict.fromkeys(("subject_id", "title"), "60 of 200"),
            "sessions": 200,
            "gap": pytest.approx(0.2),
            "adopted": 60,
            "rated": 200,
        },
        {
            **common,
            **dict.fromkeys(("subject_id", "title"), "five of 20"),
            "sessions": 20,
            "gap": pytest.approx(0.25),
            "adopted": 5,
            "rated": 20,
        },
    ]


@pytest.mark.parametrize(
    ("later", "is_found"), [(dt.timedelta(0), False), (SECOND, True), (-SECOND, False), (END - MAY - SECOND, True)]
)
def test_stale_is_what_is_older_than_the_knowledge(later: dt.timedelta, is_found: bool) -> None:  # noqa: FBT001
    table = hotspots({"hotspot_id": "h1", "published_at": MAY, "knowledge_updated_at": MAY + later})
    assert ids("stale", seen(table)) == ["h1"] * is_found


def test_knowledge_that_changes_at_the_end_of_the_night_is_a_matter_of_the_next() -> None:
    assert ids("stale", seen(hotspots({"hotspot_id": "h1", "published_at": MAY, "knowledge_updated_at": END}))) == []


def test_stale_says_since_when_and_how_many_sessions_it_affects() -> None:
    updated = dt.datetime(2025, 6, 12, 9, tzinfo=SHANGHAI)
    table = hotspots({"hotspot_id": "h1", "title": "退货", "published_at": MAY, "knowledge_updated_at": updated})
    told = seen(table, [(1, shown("h1", shown=30, clicks=20))], [used("h1", "again", 4), used("h1", "left", 6)])
    assert found("stale", told) == [
        {
            "subject": "hotspot",
            "subject_id": "h1",
            "title": "退货",
            "sessions": 40,
            "gap": 1.0,
            "knowledge_updated_at": updated,
            "published_at": MAY,
            "repaired_at": None,
            "window_days": 30,
        }
    ]


@pytest.mark.parametrize("at", [MAY, START + SECOND, END - SECOND], ids=["before", "on the date", "in its last second"])
@pytest.mark.parametrize("by", ["table", "record"])
def test_what_was_repaired_since_is_neither_stale_nor_flagged(by: str, at: dt.datetime) -> None:
    earlier = dt.datetime(2025, 4, 1, tzinfo=SHANGHAI)
    row = {"hotspot_id": "h1", "published_at": earlier, "knowledge_updated_at": earlier + SECOND, "flagged_at": earlier}
    repaired = {"repaired_at": at} if by == "table" else {}
    record = [{"hotspot_id": "h1", "flagged_at": earlier, "repaired_at": at}] if by == "record" else None
    told = seen(hotspots({**row, **repaired}), record=record)
    assert ids("stale", told) == []
    assert ids("flagged", told) == []


def test_what_changed_after_the_repair_of_the_same_date_is_stale_again() -> None:
    noon = START + dt.timedelta(hours=12)
    table = hotspots({"hotspot_id": "h1", "published_at": MAY, "knowledge_updated_at": noon + SECOND})
    record = [{"hotspot_id": "h1", "flagged_at": MAY, "repaired_at": noon}]
    assert ids("stale", seen(table, record=record)) == ["h1"]


@pytest.mark.parametrize(("at", "is_found"), [(END - SECOND, True), (END, False), (END + SECOND, False)])
def test_flagged_by_hand_counts_from_the_night_of_its_date(at: dt.datetime, is_found: bool) -> None:  # noqa: FBT001
    assert ids("flagged", seen(hotspots({"hotspot_id": "h1", "flagged_at": at}))) == ["h1"] * is_found


def test_flagged_again_after_a_repair_needs_repair_again() -> None:
    table = hotspots({"hotspot_id": "h1", "flagged_at": START, "repaired_at": START - SECOND})
    assert ids("flagged", seen(table)) == ["h1"]


@pytest.mark.parametrize("name", ["low_clicks", "low_adoption"])
def test_a_repair_is_judged_by_days_after_it(name: str) -> None:
    """The window still holds days from before the repair; 30 days later it does not."""
    counts = [(1, shown("h1", shown=300, clicks=2, rated=100, adopted=10))]
    for ago, is_found in ((29, False), (31, True)):
        record = [{"hotspot_id": "h1", "flagged_at": MAY, "repaired_at": END - dt.timedelta(days=ago)}]
        assert ids(name, seen(hotspots({"hotspot_id": "h1"}), counts, record=record)) == ["h1"] * is_found


def test_what_was_dismissed_is_not_found_until_its_date() -> None:
    counts = [(1, shown("h1", shown=300, clicks=2))]
    for until, is_found in ((END + SECOND, False), (END, True)):
        record = [{"hotspot_id": "h1", "flagged_at": MAY, "ended_at": MAY + SECOND, "until": until}]
        assert ids("low_clicks", seen(hotspots({"hotspot_id": "h1"}), counts, record=record)) == ["h1"] * is_found


def test_what_was_opened_again_by_hand_no_longer_rests() -> None:
    counts = [(1, shown("h1", shown=300, clicks=2))]
    dismissed = {"hotspot_id": "h1", "flagged_at": MAY, "ended_at": MAY + SECOND, "until": END + SECOND}
    record = [dismissed, {"hotspot_id": "h1", "flagged_at": MAY + 2 * SECOND}]
    assert ids("low_clicks", seen(hotspots({"hotspot_id": "h1"}), counts, record=record)) == ["h1"]


def topics(*rows: tuple[str, str, int, str, list[str]]) -> pl.DataFrame:
    told = [
        {
            "topic": topic,
            "label": label,
            "asked": 2 * count,
            "unrecognised": count,
            "unsolved": 0,
            "with_person": 3,
            "hotspot_id": hotspot,
            "typical": typical,
        }
        for topic, label, count, hotspot, typical in rows
    ]
    return pl.DataFrame(told, schema_overrides={"typical": pl.List(pl.String)})


def test_topics_that_were_not_understood_are_found_and_those_near_a_hotspot_join_it() -> None:
    listed = topics(
        ("t1", "怎么开发票", 12, "新 new", ["怎么开发票", "发票怎么开"]),
        ("t2", "退货流程", 7, "h1", ["退货流程"]),
        ("t3", "退货要多久", 1, "h1", ["退货要多久"]),
        ("t4", "懂了的", 0, "新 new", ["懂了的"]),
        ("t5", "热点没了", 2, "h9", ["热点没了"]),
        ("other", "其他 other", 40, "", []),
    )
    (reason,) = hot_topics.kefu_reasons()
    rows = reason.find(seen(hotspots({"hotspot_id": "h1", "title": "如何退货"}), topics=listed)).to_dicts()
    common = {"gap": 1.0, "window_days": 7}
    assert sorted(rows, key=lambda row: row["subject_id"]) == [
        {
            **common,
            "subject": "hotspot",
            "subject_id": "h1",
            "title": "如何退货",
            "sessions": 8,
            "topics": ["t2", "t3"],
            "unrecognised": 8,
            "asked": 16,
            "with_person": 6,
            "questions": ["退货流程", "退货要多久"],
        },
        {
            **common,
            "subject": "topic",
            "subject_id": "t1",
            "title": "怎么开发票",
            "sessions": 12,
            "topics": ["t1"],
            "unrecognised": 12,
            "asked": 24,
            "with_person": 3,
            "questions": ["怎么开发票", "发票怎么开"],
        },
        {
            **common,
            "subject": "topic",
            "subject_id": "t5",
            "title": "热点没了",
            "sessions": 2,
            "topics": ["t5"],
            "unrecognised": 2,
            "asked": 4,
            "with_person": 3,
            "questions": ["热点没了"],
        },
    ]


def test_without_topics_and_without_hotspots_nothing_is_found() -> None:
    (reason,) = hot_topics.kefu_reasons()
    assert reason.find(seen()).is_empty()
    assert all(one.find(seen()).is_empty() for one in hotspot_repair.kefu_reasons(Context()))
