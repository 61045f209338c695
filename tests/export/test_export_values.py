"""The same number everywhere, asked at random; files are whole, the same each time, and read back as what was shown."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from commands import kefu
from reading_back import from_csv, from_csv_file, from_ndjson, from_parquet, from_prometheus, from_xlsx, query

from kefu.show.format import value_text

BY = ("channel", "queue", "scene", "agent_id", "team")
PERIODS = (
    *((f"2025-06-0{day}",) * 2 for day in (2, 3, 5, 8)),
    *(("2025-06-02", "2025-06-08"), ("2025-06-03", "2025-06-05"), ("2025-06-06", "2025-06-30")),
)
QUESTIONS_EACH = 6
VIEWS = {"": "kefu_daily", **{name: f"kefu_daily_by_{name.removesuffix('_id')}" for name in BY}}


@cache
def metrics() -> dict[str, dict[str, Any]]:
    return {metric["name"]: metric for metric in kefu("metrics", "--format", "json").document["metrics"]}


def asked(seed: int) -> tuple[list[str], tuple[str, str], str]:
    """Return some metrics, a period and a grouping, or none."""
    chance = random.Random(seed)
    names = chance.sample(sorted(metrics()), QUESTIONS_EACH)
    return names, PERIODS[seed % len(PERIODS)], ("", *BY)[seed % (len(BY) + 1)]


def number(text: str) -> float | None:
    return float(text) if text else None


def sixteen(value: float | None) -> float | None:
    """Return what sixteen digits leave, which is what sheets hold."""
    return None if value is None else float(f"{value:.16G}")


@pytest.mark.parametrize("seed", range(10))
def test_the_same_number_everywhere(week: str, tmp_path: Path, seed: int) -> None:
    """Ten times six questions, each asked in ten ways; a group and metric is one number in all of them."""
    names, (first, last), by = asked(seed)
    common = [*names, "--from", first, "--to", last, *(("--by", by) if by else ()), "--store", week]
    shown = kefu("show", *common, "--format", "json").document
    groups = shown["groups"] if by else [{"by": {}, "metrics": shown["metrics"]}]
    expected = {(g["by"].get(by, ""), m["name"]): m["value"] for g in groups for m in g["metrics"]}
    assert len({name for _, name in expected}) == QUESTIONS_EACH or not groups

    told = {}
    for form, read in (
        ("csv", from_csv_file),
        ("parquet", from_parquet),
        ("xlsx", from_xlsx),
        ("ndjson", from_ndjson),
        ("json", lambda path: json.loads(path.read_text(encoding="utf-8"))["rows"]),
    ):
        path = tmp_path / f"values.{form}"
        assert kefu("export", "values", *common, "--out", path).code == 0
        told[form] = {
            (str(row[by]) if by else "", row["metric"]): number(row["value"]) if form == "csv" else row["value"]
            for row in read(path)
        }
    lines = from_csv(kefu("show", *common, "--format", "csv").out)
    told["show csv"] = {(line[by] if by else "", line["name"]): number(line["value"]) for line in lines}
    assert {form: told[form] for form in told if form != "xlsx"} == dict.fromkeys(told.keys() - {"xlsx"}, expected)
    assert told["xlsx"] == {key: sixteen(value) for key, value in expected.items()}

    samples = from_prometheus(kefu("export", "values", *common, "--format", "prometheus").out)
    exposed = {
        (dict(labels).get(by, ""), name.removeprefix("kefu_")): value
        for (name, labels), value in samples.items()
        if name.removeprefix("kefu_") in names
    }
    assert exposed == {key: value for key, value in expected.items() if value is not None}

    _check_sql(week, names, (first, last), by, expected)
    if not by:
        table = kefu("show", *common, "--lang", "en").out
        for name in names:
            title, unit = metrics()[name]["en"], metrics()[name]["unit"]
            assert any(title in line and value_text(expected["", name], unit) in line for line in table.splitlines())


def _check_sql(
    store: str, names: list[str], period: tuple[str, str], by: str, expected: dict[tuple[str, str], float | None]
) -> None:
    """A single date stands in the daily views; the store's whole week is all that there is of its month."""
    group = by or "''"
    if period[0] == period[1]:
        rows = query(store, f"SELECT {group}, metric, value FROM {VIEWS[by]} WHERE date = ?", period[0])  # noqa: S608
        found = {(text, name): value for text, name, value in rows if value is not None and name in names}
        assert found == {key: value for key, value in expected.items() if value is not None}
    elif period == ("2025-06-02", "2025-06-08"):
        rows = query(store, "SELECT by_value, metric, value FROM kefu_monthly WHERE by_name = ?", by)
        found = {(text, name): value for text, name, value in rows if name in names}
        assert found
        assert found.items() <= expected.items()


@pytest.mark.parametrize(
    "what", [["values", "--by", "queue"], ["values"], ["sessions"], ["services"], ["turns"]], ids=" ".join
)
def test_the_same_bytes_each_time(week: str, tmp_path: Path, what: list[str]) -> None:
    forms = ["csv", "parquet", "xlsx", "ndjson", *(["json", "prom"] if what[0] == "values" else [])]
    for form in forms:
        path = tmp_path / f"out.{form}"
        written = []
        for _ in range(2):
            done = kefu("export", *what, "--week", "2025-W23", "--store", week, "--out", path)
            assert (done.code, done.out) == (0, "")
            written.append(path.read_bytes())
        assert written[0] == written[1]
        assert len(written[0]) > 100
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"out.{form}" for form in forms)


def test_measures_and_coverage_stand_beside_the_value(week: str, tmp_path: Path) -> None:
    shown = kefu("show", "--by", "team", "--store", week, "--format", "json").document
    kefu("export", "values", "--by", "team", "--store", week, "--out", tmp_path / "v.ndjson")
    rows = {(row["team"], row["metric"]): row for row in from_ndjson(tmp_path / "v.ndjson")}
    for group in shown["groups"]:
        for metric in group["metrics"]:
            row = rows[group["by"]["team"], metric["name"]]
            assert (row["measures"], row["coverage"]) == (metric["measures"], metric["coverage"])
            assert (row["first_date"], row["last_date"]) == ("2025-06-08", "2025-06-08")
            assert row["unit"] == metrics()[metric["name"]]["unit"]


def test_what_cannot_be_written_leaves_the_old_file(week: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for form in ("csv", "parquet", "xlsx"):
        gone = kefu("export", "values", "--store", week, "--out", tmp_path / "nowhere" / f"v.{form}")
        assert gone.code == 2
        assert "cannot be written" in gone.err
    old = tmp_path / "s.xlsx"
    old.write_bytes(b"old")
    monkeypatch.setattr("kefu.export.write.MOST_ROWS", 10)
    full = kefu("export", "sessions", "--store", week, "--out", old)
    assert full.code == 2
    assert "a sheet holds 10 rows: write Parquet or CSV, or fewer dates at a time" in full.err
    assert old.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["s.xlsx"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["values", "nonsense"], "there is no metric"),
        (["values", "--format", "parquet"], "name a file with --out"),
        (["values", "--out", "x.doc"], "name one with --format"),
        (["sessions", "--out", "x.json"], "name one with --format"),
        (["values", "--day", "2025-06-02", "--month", "2025-06"], "give one period"),
        (["values", "--month", "2025-13"], "is no month"),
    ],
)
def test_a_wrong_question_is_said(week: str, arguments: list[str], said: str) -> None:
    done = kefu("export", *arguments, "--store", week)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", " ").split())
    assert "Traceback" not in done.err


def test_an_empty_period_gives_headings(week: str, tmp_path: Path) -> None:
    for form, read in (("csv", from_csv_file), ("parquet", from_parquet), ("xlsx", from_xlsx), ("ndjson", from_ndjson)):
        path = tmp_path / f"s.{form}"
        assert kefu("export", "sessions", "--day", "2024-01-01", "--store", week, "--out", path).code == 0
        assert read(path) == []
