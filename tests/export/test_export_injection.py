"""More than two hundred texts that try to be a formula, a link, markup or a command: nowhere is one of them obeyed."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from commands import kefu
from formulas import FORMULAS
from reading_back import from_csv, from_csv_file, from_ndjson, from_parquet, from_prometheus, from_xlsx, query

from kefu.export.write import _harmless
from kefu.show.output import harmless
from kefu.show.safe import safe

OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BY = ("channel", "queue", "scene", "agent_id", "team")
MOST = 200
METRICS = ("reply_interval", "robot_interception_rate", "agent_closed_rate", "peak_concurrency", "reply_interval_p90")


def is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", text))


def check_cells(rows: list[dict[str, str]]) -> None:
    assert len(rows) > MOST
    numeric = {name for name in rows[0] if all(is_number(row[name]) for row in rows if row[name])}
    for row in rows:
        for name, cell in row.items():
            assert not OBEYED.search(cell), cell
            assert "\n" not in cell
            assert name in numeric or not cell.startswith(FORMULA), cell


def groups(store: str, by: str) -> list[str]:
    """Return the groups that programs are told, as they are."""
    document = kefu(
        "show", "reply_interval", "--by", by, "--from", "2025-06-01", "--store", store, "--format", "json"
    ).document
    return [group["by"][by] for group in document["groups"]]


def test_the_data_tries_everything(injected: str) -> None:
    found = groups(injected, "queue")
    assert len(found) > MOST
    assert {text for text in FORMULAS if text.strip()} <= {*found}
    assert any("<script>" in text for text in found)


@pytest.mark.parametrize("by", BY)
def test_values_are_never_obeyed(injected: str, tmp_path: Path, by: str) -> None:
    told = [*METRICS, "--from", "2025-06-01", "--by", by, "--store", injected]
    for form in ("csv", "xlsx", "ndjson", "json", "parquet", "prom"):
        assert kefu("export", "values", *told, "--out", tmp_path / f"v.{form}").code == 0
    expected = groups(injected, by)
    check_cells(from_csv_file(tmp_path / "v.csv"))
    sheet = from_xlsx(tmp_path / "v.xlsx")
    assert {row[by] for row in sheet} == {safe(text) for text in expected}
    assert {type(row[by]) for row in sheet} == {str}
    for name in ("v.ndjson", "v.json"):
        assert not OBEYED.search((tmp_path / name).read_bytes().decode())
    for rows in (
        from_ndjson(tmp_path / "v.ndjson"),
        json.loads((tmp_path / "v.json").read_bytes())["rows"],
        from_parquet(tmp_path / "v.parquet"),
    ):
        assert {row[by] for row in rows} == {*expected}
    text = (tmp_path / "v.prom").read_bytes().decode()
    assert not OBEYED.search(text)
    assert {dict(labels).get(by) for _, labels in from_prometheus(text)} - {None} == {safe(text) for text in expected}


@pytest.mark.parametrize("table", ["sessions", "services", "turns"])
def test_facts_are_never_obeyed(injected: str, tmp_path: Path, table: str) -> None:
    for form in ("csv", "xlsx", "ndjson", "parquet"):
        told = ["--from", "2025-06-01", "--store", injected, "--out", tmp_path / f"f.{form}"]
        assert kefu("export", table, *told).code == 0
    check_cells(from_csv_file(tmp_path / "f.csv"))
    assert not OBEYED.search((tmp_path / "f.ndjson").read_bytes().decode())
    texts = [name for name, kind in pl.read_parquet_schema(tmp_path / "f.parquet").items() if kind == pl.String]
    assert {"session_id", "queue"} <= {*texts}
    for row, cells in zip(from_parquet(tmp_path / "f.parquet"), from_xlsx(tmp_path / "f.xlsx"), strict=True):
        assert {name: cells[name] for name in texts} == {
            name: None if row[name] is None else safe(row[name]) for name in texts
        }
    assert from_ndjson(tmp_path / "f.ndjson")[0].keys() == from_parquet(tmp_path / "f.parquet")[0].keys()


@pytest.mark.parametrize("by", BY)
def test_rows_for_sql_are_texts(injected: str, by: str) -> None:
    rows = query(injected, "SELECT DISTINCT by_value FROM bi_values WHERE by_name = ?", by)
    assert {row[0] for row in rows} == {text.replace("\0", "␀") for text in groups(injected, by)}


@pytest.mark.parametrize("by", BY)
def test_why_is_never_obeyed(injected: str, by: str) -> None:
    told = ["why", "reply_interval", "--day", "2025-06-03", "--by", by, "--store", injected]
    done = kefu(*told, "--format", "csv")
    assert done.code == 0
    assert not OBEYED.search(done.out)
    for row in from_csv(done.out):
        assert not row["group"].startswith(FORMULA)
    assert not OBEYED.search(kefu(*told, "--format", "json").out)
    assert not OBEYED.search(kefu(*told).out)


def test_columns_are_made_harmless_as_single_cells_are() -> None:
    """Every character there is, alone and at the beginning of a text."""
    codes = [code for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    for form in ("{}", "{}x", "x{}"):
        column = pl.Series([form.format(chr(code)) for code in codes])
        found: list[Any] = _harmless(column).to_list()
        expected = [harmless(text) for text in column.to_list()]
        assert found == expected
