"""Who works with the exported rows gets the numbers that kefu shows."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from commands import kefu
from reading_back import from_csv_file, from_ndjson, from_xlsx

SAMPLE = Path(__file__).parents[2] / "sample_sessions"
PERIOD = ("--from", "2025-06-03", "--to", "2025-06-06")


@pytest.fixture(scope="module")
def exported(week: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("facts")
    for table in ("sessions", "services", "turns"):
        for form in ("parquet", "csv", "ndjson", "xlsx"):
            done = kefu("export", table, *PERIOD, "--store", week, "--out", folder / f"{table}.{form}", "--lang", "en")
            assert (done.code, done.out) == (0, "")
    return folder


def measures(week: str, *arguments: str) -> dict[str, Mapping[str, Any]]:
    document = kefu("show", *arguments, *PERIOD, "--store", week, "--format", "json").document
    return {metric["name"]: metric["measures"] for metric in document["metrics"]}


def test_counts_over_the_rows_are_the_measures(week: str, exported: Path) -> None:
    told = measures(week)
    rows = pl.read_parquet(exported / "sessions.parquet")
    human = rows.filter("human")
    assert told["interactions_per_session"] == {
        "interactions": human["interactions"].sum(),
        "human_sessions": len(human),
    }
    assert told["agent_closed_rate"]["agent_closed"] == rows["agent_closed"].sum()
    assert told["robot_interception_rate"]["bot_sessions"] == rows["bot_only"].sum()
    assert told["service_time_per_session"]["service_ms"] == human["service_ms"].sum()
    turns = pl.read_parquet(exported / "turns.parquet")
    assert told["reply_interval"] == {"reply_ms": turns["reply_ms"].sum(), "answered_turns": len(turns)}
    document = kefu(
        "show", "interactions_per_session", "--by", "agent_id", *PERIOD, "--store", week, "--format", "json"
    )
    by_agent = {group["by"]["agent_id"]: group["metrics"][0]["measures"] for group in document.document["groups"]}
    services = (
        pl.read_parquet(exported / "services.parquet").group_by("agent_id").agg(pl.len(), pl.col("interactions").sum())
    )
    assert {agent: (n, turns) for agent, n, turns in services.iter_rows()} == {
        agent: (one["human_sessions"], one["interactions"]) for agent, one in by_agent.items()
    }


def test_there_is_a_row_a_session_in_order(exported: Path) -> None:
    with (SAMPLE / "sessions.csv").open(encoding="utf-8", newline="") as file:
        opened = {row["session_id"]: row["opened_at"][:10] for row in csv.DictReader(file)}
    expected = sorted((date, session) for session, date in opened.items() if "2025-06-03" <= date <= "2025-06-06")
    rows = pl.read_parquet(exported / "sessions.parquet")
    assert [(str(date), session) for date, session in rows.select("date", "session_id").iter_rows()] == expected
    assert rows.columns[:6] == ["session_id", "date", "opened_at", "channel", "queue", "scene"]
    assert "text" not in rows.columns


@pytest.mark.parametrize("table", ["sessions", "services", "turns"])
def test_all_formats_hold_the_same_rows(exported: Path, table: str) -> None:
    parquet = pl.read_parquet(exported / f"{table}.parquet")
    moments = [pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"), pl.col(pl.Date).cast(pl.String)]
    plain = parquet.with_columns(moments)
    assert from_ndjson(exported / f"{table}.ndjson") == plain.to_dicts()
    as_text = plain.with_columns(pl.all().cast(pl.String).fill_null("")).to_dicts()
    assert from_csv_file(exported / f"{table}.csv") == as_text
    assert from_xlsx(exported / f"{table}.xlsx") == plain.to_dicts()


def test_dates_with_other_columns_fit_together(exported: Path, week: str) -> None:
    """A plugin that came later gave a column that earlier dates lack."""
    from kefu.export.facts import fact_rows
    from kefu.store import open_store
    from kefu.store.days import current_days, read_frames

    with open_store(week, create=False) as store:
        with store.reading() as connection:
            days = current_days(connection)[:2]
            frames = read_frames(connection, [day.id for day in days], ["fact:sessions"])["fact:sessions"]
        frames[days[1].id] = frames[days[1].id].with_columns(mood=pl.lit(3, pl.Int8), csat=pl.lit("n/a"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("kefu.export.facts.read_frames", lambda _, ids, names: {names[0]: {ids[0]: frames[ids[0]]}})
            rows = pl.concat(fact_rows(store, "sessions", days).batches())
    assert rows.schema["mood"] == pl.Int64
    assert rows.schema["csat"] == pl.String
    assert rows.group_by("date").agg(pl.col("mood").sum()).sort("date")["mood"].to_list() == [
        0,
        3 * len(frames[days[1].id]),
    ]
    assert exported.exists()
