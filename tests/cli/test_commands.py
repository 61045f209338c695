"""The commands: what they print in each format, and nothing on stdout but what was asked for."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from commands import GOOD, READING, kefu, write

from kefu.context import Context
from kefu.host import Host
from kefu.metric import Metric


def offered() -> list[Metric]:
    host = Host(outsiders=False)
    host.offer_metrics(lambda _: Context())
    return host.metrics


METRICS = {metric.name: metric for metric in offered()}


@pytest.fixture(scope="module")
def whole(shop: Path) -> dict:
    return kefu("run", shop, "--format", "json").document


def test_the_json_of_a_run_is_that_of_the_contract(shop: Path) -> None:
    document = kefu("run", shop, "--by", "agent_id", "--format", "json").document
    assert {*document} == {"schema", "period", "input", "metrics", "groups", "failures"}
    assert document["schema"] == "kefu/1"
    assert document["period"] == {"from": "2025-06-02", "to": "2025-06-05", "timezone": "Asia/Shanghai"}
    tables = {path.stem for path in shop.iterdir()}
    assert {*document["input"]} == tables
    for counts in document["input"].values():
        assert {*counts} == {"rows", "loaded", "rejected", "duplicates"}
        assert counts["rows"] == counts["loaded"] + counts["rejected"] + counts["duplicates"]
    assert {metric["name"] for metric in document["metrics"]} == METRICS.keys()
    keys = {"name", "title", "value", "unit", "better", "coverage", "measures", "plugin"}
    for metric in document["metrics"]:
        assert {*metric} == keys
        assert {*metric["title"]} == {"zh", "en"}
        assert {*metric["measures"]} == set(METRICS[metric["name"]].value.names)
    for group in document["groups"]:
        assert {*group} == {"by", "metrics"}
        assert {*group["by"]} == {"agent_id"}
        assert [metric["name"] for metric in group["metrics"]] == [metric["name"] for metric in document["metrics"]]
        assert all({*metric} == {"name", "value", "coverage", "measures"} for metric in group["metrics"])


def test_without_a_grouping_there_are_no_groups(whole: dict) -> None:
    assert "groups" not in whole


def test_the_csv_of_a_run_says_what_its_json_says(shop: Path) -> None:
    told = [*csv.DictReader(io.StringIO(kefu("run", shop, "--by", "queue", "--format", "csv").out))]
    groups = kefu("run", shop, "--by", "queue", "--format", "json").document["groups"]
    wanted = [(group["by"]["queue"], metric) for group in groups for metric in group["metrics"]]
    assert [(line["queue"], line["name"]) for line in told] == [(queue, metric["name"]) for queue, metric in wanted]
    for line, (_, metric) in zip(told, wanted, strict=True):
        assert line["value"] == ("" if metric["value"] is None else str(metric["value"]))
        assert line["unit"] == METRICS[metric["name"]].unit
        assert line["measures"] == " ".join(f"{name}={count}" for name, count in metric["measures"].items())


def test_the_table_of_a_run_shows_every_metric(shop: Path) -> None:
    told = kefu("run", shop).out
    for metric in METRICS.values():
        assert metric.title.zh in told
        assert metric.title.en in told


@pytest.mark.parametrize("by", [("queue", "date"), ("agent_id", "week"), ("channel", "scene", "month"), ("team",)])
def test_groupings_cross(by: tuple[str, ...], shop: Path) -> None:
    options = [word for name in by for word in ("--by", name)]
    groups = kefu("run", shop, *options, "--format", "json").document["groups"]
    keys = [tuple(group["by"].items()) for group in groups]
    assert [tuple(name for name, _ in key) for key in keys] == [by] * len(keys)
    assert len(set(keys)) == len(keys) > 1 or by == ("channel", "scene", "month")
    assert kefu("run", shop, *options, *options, "--format", "json").document["groups"] == groups
    told = kefu("run", shop, *options).out
    assert all(value in told for key in keys for _, value in key)


def test_weeks_and_months_are_written_by_the_standard(shop: Path) -> None:
    for name, values in (
        ("week", ["2025-W23"]),
        ("month", ["2025-06"]),
        ("date", [f"2025-06-0{day}" for day in (2, 3, 4, 5)]),
    ):
        groups = kefu("run", shop, "--by", name, "--format", "json").document["groups"]
        assert [group["by"][name] for group in groups] == values


@pytest.mark.parametrize("day", ["2025-06-02", "2025-06-05"])
def test_a_period_of_a_day_says_what_the_group_of_that_day_says(day: str, shop: Path) -> None:
    document = kefu("run", shop, "--from", day, "--to", day, "--format", "json").document
    groups = kefu("run", shop, "--by", "date", "--format", "json").document["groups"]
    (group,) = (group["metrics"] for group in groups if group["by"]["date"] == day)
    assert document["period"] == {"from": day, "to": day, "timezone": "Asia/Shanghai"}
    alone = {metric["name"]: (metric["value"], metric["measures"]) for metric in document["metrics"]}
    assert alone == {metric["name"]: (metric["value"], metric["measures"]) for metric in group}


def test_a_period_can_be_open_at_either_end(shop: Path, whole: dict) -> None:
    for option in (["--from", "2025-06-02"], ["--to", "2025-06-05"]):
        assert kefu("run", shop, *option, "--format", "json").document["metrics"] == whole["metrics"]


def test_people_read_their_language_and_programs_do_not_care(shop: Path) -> None:
    chinese, english = (kefu("run", shop, "--lang", language).out for language in ("zh", "en"))
    assert "覆盖" in chinese
    assert "Coverage" in english
    assert "覆盖" not in english
    for command in READING:
        for form in ("json", "csv"):
            outs = {kefu(*command, shop, "--lang", language, "--format", form).out for language in ("zh", "en")}
            assert len(outs) == 1


def test_a_check_says_what_became_of_every_row(tmp_path: Path) -> None:
    data = write(tmp_path, messages=GOOD + "s1,2025-06-02 10:01:00,boss,x\n")
    document = kefu("check", data, "--format", "json").document
    assert {*document} == {"schema", "files", "rejected"}
    assert document["schema"] == "kefu.check/1"
    assert {*document["files"][0]} == {"table", "file", "rows", "loaded", "rejected", "duplicates", "failed"}
    (row,) = document["rejected"]
    assert {*row} == {"table", "file", "row", "column", "reason", "what_to_do", "raw"}
    assert (row["table"], row["file"], row["row"], row["column"]) == ("messages", "messages.csv", 3, "role")
    (line,) = csv.DictReader(io.StringIO(kefu("check", data, "--format", "csv").out))
    assert line == {name: str(value) for name, value in row.items()}
    assert "role" in kefu("check", data).out


def test_metrics_and_plugins_are_listed_whole() -> None:
    listed = kefu("metrics", "--format", "json").document
    assert listed["schema"] == "kefu.metrics/1"
    assert {metric["name"] for metric in listed["metrics"]} == METRICS.keys()
    assert all(metric["reads"]["zh"] and metric["reads"]["en"] and metric["source"] for metric in listed["metrics"])
    plugins = kefu("plugins", "--format", "json").document
    assert plugins["schema"] == "kefu.plugins/1"
    assert {name for plugin in plugins["plugins"] for name in plugin["metrics"]} == METRICS.keys()
    lines = [*csv.DictReader(io.StringIO(kefu("metrics", "--format", "csv").out))]
    assert [line["name"] for line in lines] == [metric["name"] for metric in listed["metrics"]]


def added_up(document: dict) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for row in document["rows"]:
        counted.update(row["counts"])
    return {name: counted[name] for name in document["measures"]}


@pytest.mark.parametrize("name", METRICS)
def test_the_counts_of_all_sessions_add_up_to_the_measures(name: str, shop: Path, whole: dict) -> None:
    done = kefu("explain", name, shop, "--format", "json")
    document = done.document
    (metric,) = (metric for metric in whole["metrics"] if metric["name"] == name)
    assert done.code == 0
    assert (document["schema"], document["metric"]) == ("kefu.explain/1", name)
    assert (document["value"], document["measures"]) == (metric["value"], metric["measures"])
    assert added_up(document) == document["measures"]
    assert document["total"] == len(document["rows"])
    for row in document["rows"]:
        assert bool(row["counts"]) != bool(row["left_out"])
        for found in row["evidence"]:
            assert {*found} - {"hits"} == {"message_id", "sent_at", "role", "text", "why"}


@pytest.mark.parametrize("where", ["queue=物流", "agent_id=A04", "date=2025-06-02", "queue=没有"])
@pytest.mark.parametrize("name", ["agent_closed_rate", "reply_interval", "interactions_per_session"])
def test_the_counts_of_a_group_add_up_to_its_measures(name: str, where: str, shop: Path) -> None:
    column, _, value = where.partition("=")
    document = kefu("explain", name, shop, "--where", where, "--format", "json").document
    assert document["where"] == {column: value}
    assert added_up(document) == document["measures"]
    groups = kefu("run", shop, "--by", column, "--format", "json").document["groups"]
    wanted = [metric["value"] for group in groups for metric in group["metrics"]
              if group["by"][column] == value and metric["name"] == name]  # fmt: skip
    assert [document["value"]] == (wanted or [None])


def test_lines_can_be_read_a_page_at_a_time(shop: Path) -> None:
    rows = kefu("explain", "reply_interval", shop, "--format", "json").document["rows"]
    pages = [
        kefu("explain", "reply_interval", shop, "--limit", "3", "--offset", str(at), "--format", "json").document[
            "rows"
        ]
        for at in range(0, len(rows), 3)
    ]
    assert [row for page in pages for row in page] == rows
    assert "--offset 3" in kefu("explain", "reply_interval", shop, "--limit", "3").out


def test_the_environment_overrides_settings(shop: Path, tmp_path: Path) -> None:
    assert "Coverage" in kefu("run", shop, env={"KEFU_LANGUAGE": "en"}).out
    assert "覆盖" in kefu("run", shop, "--lang", "zh", env={"KEFU_LANGUAGE": "en"}).out
    document = kefu("run", shop, "--format", "json", env={"KEFU_TIMEZONE": "America/New_York"}).document
    assert document["period"]["timezone"] == "America/New_York"
    config = tmp_path / "kefu.toml"
    config.write_text("[thresholds]\nband_new_most = 0\nband_senior_least = 0", encoding="utf-8")
    for env, shares in (({}, 1.0), ({"KEFU_THRESHOLDS__BAND_NEW_MOST": "99"}, 0.0)):
        told = kefu("run", shop, "--config", config, "--by", "team", "--format", "json", env=env).document
        (share,) = (metric["value"] for metric in told["metrics"] if metric["name"] == "outside_band_share")
        assert (share == 0) == (shares == 0)


@pytest.mark.parametrize(("name", "value"), [("KEFU_LANGUAGE", "fr"), ("KEFU_THRESHOLDS", "{")])
def test_a_wrong_variable_is_said_in_a_sentence(name: str, value: str, shop: Path) -> None:
    done = kefu("run", shop, env={name: value})
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
