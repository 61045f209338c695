"""``kefu show``, ``kefu explain`` and ``kefu diff`` answer from the store as a run over the transcripts would."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from commands import Done, kefu

EVERY_KIND = [
    *("reply_interval", "sensitive_word_rate", "abrupt_close_rate", "effective_interception_rate"),
    *("hotspot_adoption_rate", "click_rate", "false_alert_share", "peak_concurrency", "hotspot_repair_rate"),
]
"""Metrics on every fact table."""


@pytest.fixture(scope="module")
def shop() -> Path:
    return Path(__file__).parents[2] / "sample_sessions"


@pytest.fixture(scope="module")
def store(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("store") / "kefu.db")
    assert kefu("run", shop, "--store", path).code == 0
    return path


def values(done: Done) -> dict[str, Any]:
    assert done.code == 0, done.err
    keys = ("value", "coverage", "measures", "unit")
    return {metric["name"]: {key: metric[key] for key in keys} for metric in done.document["metrics"]}


@pytest.mark.parametrize(
    "period", [("2025-06-02", "2025-06-08"), ("2025-06-03", "2025-06-03"), ("2025-06-05", "2025-06-12")]
)
def test_the_store_says_what_a_run_says(shop: Path, store: str, period: tuple[str, str]) -> None:
    ends = ["--from", period[0], "--to", period[1], "--format", "json"]
    told = kefu("show", "--store", store, *ends)
    assert values(told) == values(kefu("run", shop, *ends))
    assert told.document["period"] == {"from": period[0], "to": period[1], "timezone": "Asia/Shanghai"}


@pytest.mark.parametrize(
    "by", [("date",), ("week",), ("agent_id",), ("team", "date"), ("queue", "channel"), ("agent_id", "queue")]
)
def test_the_groups_of_the_store_are_those_of_a_run(shop: Path, store: str, by: tuple[str, ...]) -> None:
    told = [part for name in by for part in ("--by", name)] + ["--format", "json"]
    period = ["--from", "2025-06-02", "--to", "2025-06-08"]
    assert (
        kefu("show", "--store", store, *period, *told).document["groups"] == kefu("run", shop, *told).document["groups"]
    )


def test_the_period_before_and_the_trend_stand_beside_the_value(store: str) -> None:
    document = kefu("show", "reply_interval", "--day", "2025-06-04", "--store", store, "--format", "json").document
    (metric,) = document["metrics"]
    by_day = {
        day: values(kefu("show", "--day", day, "--store", store, "--format", "json"))["reply_interval"]["value"]
        for day in ("2025-06-02", "2025-06-03", "2025-06-04")
    }
    assert metric["previous"] == by_day["2025-06-03"]
    assert document["previous_period"] == {"from": "2025-06-03", "to": "2025-06-03"}
    assert {one["date"]: one["value"] for one in metric["trend"]} == by_day


def test_without_a_period_it_is_the_last_date_and_it_is_provisional(store: str) -> None:
    document = kefu("show", "--store", store, "--format", "json").document
    assert document["period"]["from"] == document["period"]["to"] == "2025-06-08"
    assert document["provisional"] == ["2025-06-08"]


def test_dates_that_the_store_lacks_are_named(store: str) -> None:
    document = kefu("show", "--from", "2025-05-31", "--to", "2025-06-02", "--store", store, "--format", "json").document
    assert document["missing"] == ["2025-05-31", "2025-06-01"]


def test_people_see_a_table(store: str) -> None:
    done = kefu("show", "--store", store, "--lang", "en")
    assert "Reply interval" in done.out
    assert "provisional" in done.out
    assert kefu("show", "--store", store, "--format", "csv").out.startswith("name,value,previous,unit,")


@pytest.mark.parametrize("metric", EVERY_KIND)
def test_an_explanation_from_the_store_is_that_of_the_transcripts(shop: Path, store: str, metric: str) -> None:
    ours = kefu("explain", metric, "--store", store, "--format", "json").document
    theirs = kefu("explain", metric, shop, "--format", "json").document
    for name in ("value", "coverage", "measures", "total"):
        assert ours[name] == theirs[name]
    plain = [[{k: v for k, v in row.items() if k != "evidence"} for row in one["rows"]] for one in (ours, theirs)]
    assert plain[0] == plain[1]


def test_the_evidence_of_the_gravest_cases_is_kept(shop: Path, store: str) -> None:
    ours = kefu("explain", "sensitive_word_rate", "--store", store, "--format", "json").document
    theirs = kefu("explain", "sensitive_word_rate", shop, "--format", "json").document
    kept = [evidence for row in ours["rows"] for evidence in row["evidence"]]
    assert kept
    assert [(one["message_id"], one["hits"]) for one in kept] == [
        (one["message_id"], one["hits"]) for row in theirs["rows"] for one in row["evidence"]
    ]


def test_an_explanation_from_the_store_says_where_the_number_comes_from(shop: Path, store: str) -> None:
    origin = kefu("explain", "reply_interval", "--store", store, "--format", "json").document["origin"]
    assert origin["plugin"] == "reply_interval"
    assert next((one["date"], one["revision"]) for one in origin["dates"]) == ("2025-06-02", 1)
    assert {Path(one["path"]).name for one in origin["files"]} >= {"messages.csv"}
    assert all(Path(one["path"]).parent == shop.resolve() for one in origin["files"])


def test_a_date_that_was_computed_again_says_what_changed_and_why(shop: Path, tmp_path: Path) -> None:
    data, store = tmp_path / "data", tmp_path / "kefu.db"
    shutil.copytree(shop, data)
    kefu("run", data, "--store", store)
    messages = data / "messages.csv"
    lines = messages.read_text(encoding="utf-8").splitlines()
    names = lines[0].split(",")
    place = next(
        n for n, line in enumerate(lines) if line.startswith("S0603") and ",agent," in line and '"' not in line
    )
    cells = lines[place].split(",")
    session = cells[names.index("session_id")]
    cells[names.index("text")], cells[names.index("script_id")] = "烦死了", ""
    lines[place] = ",".join(cells)
    messages.write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert kefu("run", data, "--store", store).code == 0
    document = kefu("diff", "2025-06-03", "--store", store, "--format", "json").document
    assert (document["before"], document["after"]) == ("2025-06-03@1", "2025-06-03@2")
    changed = {one["name"]: one for one in document["differences"]}
    assert changed["sensitive_word_rate"]["sessions"] == [session]
    assert changed["sensitive_word_rate"]["measures_after"]["sensitive_hits"] == (
        changed["sensitive_word_rate"]["measures_before"]["sensitive_hits"] + 1
    )
    origin = kefu("explain", "sensitive_word_rate", "--store", store, "--format", "json").document["origin"]
    (again,) = [one for one in origin["dates"] if one["revision"] == 2]
    assert again["date"] == "2025-06-03"
    assert [(one["why"], Path(one["file"]).name) for one in again["reasons"]] == [("corrected file", "messages.csv")]


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("diff", "yesterday"), 2, "no date"),
        (("diff", "2030-01-01"), 2, "nothing of that date"),
        (("diff", "run:99"), 2, "run 99 changed no date"),
        (("show", "no_such"), 2, "no metric 'no_such'"),
        (("show", "--week", "2025-23"), 2, "write 2025-W23"),
        (("show", "--month", "2025-13"), 2, "write 2025-06"),
        (("show", "--day", "2025-06-02", "--week", "2025-W23"), 2, "one period"),
        (("explain", "no_such"), 2, "no metric 'no_such'"),
    ],
)
def test_a_mistake_is_a_sentence(store: str, arguments: tuple[str, ...], code: int, why: str) -> None:
    done = kefu(*arguments, "--store", store)
    assert (done.code, done.out) == (code, "")
    assert why in done.err


@pytest.mark.parametrize("command", ["show", "explain reply_interval", "diff 2025-06-02"])
def test_without_a_store_it_says_so(tmp_path: Path, command: str) -> None:
    done = kefu(*command.split(), "--store", tmp_path / "nowhere.db")
    assert (done.code, done.out) == (5, "")
    assert "there is no store at" in done.err
