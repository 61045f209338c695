"""The account of a table, and the law that the format of a file changes nothing."""

from __future__ import annotations

import gzip
import json
import pickle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import csv_bytes, messages, ndjson_bytes, opened, parquet_bytes, read

from kefu.errors import ConfigError
from kefu.read import Limits, canonical
from kefu.read.describe import describe, describe_all
from kefu.read.streams import zstd
from kefu.tables import MESSAGES, TABLES

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"
NAMES: tuple[str, ...] = ("session_id", "sent_at", "role", "text", "seq", "event", "private")
row = st.tuples(
    st.sampled_from(["s1", "会话", "", None]),
    st.sampled_from(["2025-06-01 12:00:00", "2025-06-01T12:00:00.5Z", "1748750400", "1748750400000", "soon", "", None]),
    st.sampled_from(["agent", "Bot ", "robot", "", None]),
    st.sampled_from(["您好", "a,b", 'q"q', "x\ny", "", None, "😀"]),
    st.sampled_from(["1", " 2", "3.0", "x", None]),
    st.sampled_from(["handoff", "CLOSED", "left", None]),
    st.sampled_from(["true", "否", "0", "maybe", None]),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(row, min_size=1, max_size=12), st.integers(1, 5))
def test_the_same_values_give_the_same_rows_in_every_format(rows: list[tuple[Any, ...]], part_rows: int) -> None:
    records = [dict(zip(NAMES, values, strict=True)) for values in rows]
    lines = csv_bytes([NAMES, *[["" if value is None else value for value in one] for one in rows]])
    objects = ndjson_bytes(records)
    filled = {name for name in NAMES[:3] if any(record[name] for record in records)}
    files = {
        "messages.parquet": parquet_bytes(pl.DataFrame(records, schema=dict.fromkeys(NAMES, pl.String))),
        "messages.csv": lines,
        "messages.csv.gz": gzip.compress(lines),
    }
    if len(filled) == 3:  # of a key that never has a value, NDJSON does not know that it is there
        files |= {"messages.ndjson": objects, "messages.jsonl.zst": zstd.compress(objects)}
    came = {}
    for name, content in files.items():
        with TemporaryDirectory() as folder:
            table = messages(Path(folder), name, content, part_rows=part_rows)
            came[name] = (read(table).rows(), table.quarantine.drop("file").rows(), table.rows)
    assert len({repr(outcome) for outcome in came.values()}) == 1


GOOD = csv_bytes([NAMES[:4], ["s1", "2025-06-01", "agent", "hi"], ["s1", "2025-06-01", "robot", "hi"]])


def test_duplicates_are_counted_by_the_host(tmp_path: Path) -> None:
    table = messages(tmp_path, "messages.csv", GOOD)
    assert table.parts[0].read(["text"]).height == 1
    table.add_duplicates("messages.csv", 1)
    report = table.report[0]
    assert (report.rows, report.loaded, report.duplicates, report.rejected) == (2, 0, 1, 1)


def test_a_part_can_be_read_in_another_process_and_settled_here(tmp_path: Path) -> None:
    frame = pl.DataFrame({"session_id": ["s1", None], "sent_at": ["2025-06-01"] * 2, "role": ["agent"] * 2})
    table = messages(tmp_path, "messages.parquet", parquet_bytes(frame))
    there = pickle.loads(pickle.dumps(table.parts[0]))  # noqa: S301
    loaded = pickle.loads(pickle.dumps(there.load(["session_id"])))  # noqa: S301
    for _ in range(2):
        table.settle(0, loaded)
    assert table.report[0].rejected == table.quarantine.height == 1
    assert table.parts[0].read(["session_id"]).rows() == [("s1",)]


def test_staged_parts_come_in_the_size_that_was_told(tmp_path: Path) -> None:
    content = csv_bytes([NAMES[:3], *[[f"s{n}", "2025-06-01", "agent"] for n in range(25)]])
    for number, block in enumerate([100, 10_000]):
        table = messages(
            tmp_path / str(number), "messages.csv", content, part_rows=10, limits=Limits(block_bytes=block)
        )
        assert [part.rows for part in table.parts] == [10, 10, 5]
        assert read(table)["session_id"].to_list() == [f"s{n}" for n in range(25)]
        assert table.parts[1].keys().height == 10


def test_units_that_the_first_rows_mislead_about(tmp_path: Path) -> None:
    times = ["1748750400"] * 5 + ["1748750400000"] * 20
    content = csv_bytes([NAMES[:3], *[["s1", time, "agent"] for time in times]])
    table = messages(tmp_path, "messages.csv", content, part_rows=2, limits=Limits(block_bytes=50))
    assert read(table).height == 20
    assert table.quarantine["row"].to_list() == [1, 2, 3, 4, 5]


def test_many_rejected_rows_are_kept_on_disk(tmp_path: Path) -> None:
    content = b"session_id,sent_at,role\n" + b"s1,soon,agent\n" * 250_000
    table = messages(tmp_path, "messages.csv", content, part_rows=40_000)
    assert table.quarantine["row"].to_list() == list(range(1, 250_001))
    assert list((tmp_path / "scratch").rglob("rejected-*"))


def test_raw_text_is_short(tmp_path: Path) -> None:
    content = b"session_id,sent_at,role\ns1," + b"x" * 10_000 + b",agent\n"
    line = messages(tmp_path, "messages.csv", content).quarantine.row(0, named=True)
    assert line["raw"] == "x" * 200
    assert len(line["reason"]) < 100
    assert line["what_to_do"].startswith("write it as 2025-06-01T12:00:00+08:00")


def test_every_table_of_the_contract_can_be_read(tmp_path: Path) -> None:
    samples = {
        "text": "x",
        "time": "2025-06-01 12:00",
        "date": "2025-06-01",
        "integer": "1",
        "number": "0.5",
        "flag": "true",
    }
    files = {}
    for spec in TABLES.values():
        values = {one.name: one.values[0] if one.values else samples[one.kind] for one in spec.columns}
        if spec.name == "reviews":
            values["score"] = "99.5"
        files[f"{spec.name}.ndjson"] = json.dumps(values).encode()
    tables = opened(tmp_path, files)
    assert set(tables) == set(TABLES)
    for name, table in tables.items():
        frame = read(table)
        assert frame.height == 1, table.quarantine.rows()
        assert frame.schema == {one.name: canonical(one) for one in TABLES[name].columns}
        assert all(value is not None for value in frame.row(0))
        assert table.present == set(table.spec.names)


def test_a_zone_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Mars/Olympus"):
        messages(tmp_path, "messages.csv", GOOD, timezone="Mars/Olympus")


def test_the_page_of_the_tables_is_made_from_the_specs() -> None:
    assert PAGE.read_text(encoding="utf-8") == describe_all(), "run: python -m kefu.read.describe > docs/tables.md"
    assert "| **`session_id`** | text | the session that the message is part of |" in describe(MESSAGES)
