"""What must always hold: the same input gives the same bytes, however it is cut, ordered or computed."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest

from kefu.config import load_settings
from kefu.host import Host
from kefu.read import ReadOptions, open_tables
from kefu.run import spool
from kefu.run.collect import Request
from kefu.run.engine import Engine
from kefu.show.document import run_document

SAMPLE = Path(__file__).parents[1] / "sample_sessions"
BY = ("date", "queue")
GROWING = (
    *("messages", "sessions", "recommendations", "alerts", "agent_states", "shifts", "reviews"),
    *("costs", "forecasts", "staffing"),
)
"""Tables that have rows of every day."""


def document(data: Path, by: tuple[str, ...] = BY, *, part_rows: int = 250_000, batch_rows: int = 250_000) -> str:
    settings = load_settings()
    with TemporaryDirectory() as scratch:
        tables = open_tables(data, Path(scratch), ReadOptions(timezone=settings.timezone, part_rows=part_rows))
        engine = Engine(tables, Path(scratch), settings, Host(outsiders=False), batch_rows=batch_rows)
        found = run_document(engine.run(Request(by)), by, settings.timezone)
    del found["input"]  # tells of files, which differ
    return json.dumps(found)


@pytest.fixture(scope="module")
def whole() -> str:
    return document(SAMPLE)


def rows_of(table: str) -> list[dict[str, str]]:
    with (SAMPLE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


def write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    rows = [*rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def copy_all_but(folder: Path, *tables: str) -> None:
    for table in {path.stem for path in SAMPLE.glob("*.csv")}.difference(tables):
        write(folder / f"{table}.csv", rows_of(table))


@pytest.mark.parametrize("rows", [64, 997])
def test_parts_of_any_size_give_the_same_bytes(whole: str, rows: int) -> None:
    assert document(SAMPLE, part_rows=rows, batch_rows=rows) == whole


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_in_any_order_and_any_files_give_the_same_bytes(whole: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    copy_all_but(tmp_path, *GROWING)
    for table in GROWING:
        rows = rows_of(table)
        chance.shuffle(rows)
        files = [[] for _ in range(chance.randint(2, 9))]
        for row in rows:
            chance.choice(files).append(row)
        for number, part in enumerate(files):
            if part:
                write(tmp_path / table / f"{number}.csv", part)
    assert document(tmp_path, batch_rows=500) == whole


def test_messages_delivered_twice_count_once(whole: str, tmp_path: Path) -> None:
    copy_all_but(tmp_path, "messages")
    for number in range(2):
        write(tmp_path / "messages" / f"{number}.csv", rows_of("messages"))
    assert document(tmp_path) == whole


def test_a_file_format_does_not_show(whole: str, tmp_path: Path) -> None:
    for path in SAMPLE.glob("*.csv"):
        frame = pl.read_csv(path, infer_schema=False)
        if path.stem in ("messages", "recommendations"):
            frame.write_ndjson(tmp_path / f"{path.stem}.ndjson")
        else:
            frame.write_parquet(tmp_path / f"{path.stem}.parquet")
    assert document(tmp_path) == whole


def test_rows_that_wait_in_files_give_the_same_bytes(whole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 0)
    assert document(SAMPLE, part_rows=997, batch_rows=997) == whole


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    command = [sys.executable, "-m", "kefu", "run", str(SAMPLE), "--format", "json", "--by", "agent_id"]
    found = {
        threads: subprocess.run(
            command, check=True, capture_output=True, env={**os.environ, "POLARS_MAX_THREADS": threads}
        ).stdout
        for threads in ("1", "2", "5")
    }
    assert len(set(found.values())) == 1


def test_days_merged_equal_the_whole() -> None:
    """Counts and sums of all days add up to those of the whole, and so does what is left of the formulas."""
    found = json.loads(document(SAMPLE, ("date",)))
    whole = {metric["name"]: metric for metric in found["metrics"]}
    for name in ("reply_interval", "agent_closed_rate", "script_usage_rate", "interactions_per_session"):
        added: dict[str, int] = {}
        for group in found["groups"]:
            for metric in group["metrics"]:
                for measure, value in metric["measures"].items() if metric["name"] == name else ():
                    added[measure] = added.get(measure, 0) + value
        assert added == whole[name]["measures"]
