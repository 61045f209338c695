"""``kefu scorecard``, ``kefu goals`` and ``kefu balance`` say what the values of the store say."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from commands import FORMS, Done, kefu

WEEK = ["--from", "2025-06-02", "--to", "2025-06-08"]
COMMANDS = ["scorecard", "goals", "balance"]
GOALS = """
[goals.reply]
title = { zh = "回复更快", en = "Quicker replies" }
metric = "reply_interval"
where = { queue = "售后" }
baseline = 80
target = 30
start = 2025-06-02
deadline = 2025-06-30
owner = "[red]王=1+1"
window_days = 3
steps = [{ by = 2025-06-05, value = 75 }, { by = 2025-06-20, value = 60 }]
"""
FAILING = '''"""Fails as soon as it is loaded."""
raise RuntimeError("no")
'''
BROKEN = """from kefu.plugin import Count, Metric, Ratio, Title, col, hookimpl


@hookimpl
def kefu_metrics():
    measures = {"top": Count(col("no_such_column")), "all_rows": Count()}
    value, title = Ratio("top", "all_rows"), Title(zh="礼貌率", en="Courtesy rate")
    return [Metric("courtesy_rate", title, "sessions", measures, value, "ratio", "higher", "us", title)]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("steering") / "kefu.db")
    sample = Path(__file__).parents[2] / "sample_sessions"
    assert kefu("run", sample, "--store", path).code == 0
    return path


def write_config(folder: Path, text: str) -> str:
    path = folder / "kefu.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def groups(store: str, *by: str, period: list[str] = WEEK) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return what ``kefu show`` says of each group."""
    told = [part for name in by for part in ("--by", name)]
    document = kefu("show", "--store", store, *period, *told, "--format", "json").document
    return {
        tuple(group["by"].values()): {metric["name"]: metric for metric in group["metrics"]}
        for group in document["groups"]
    }


def card(store: str, name: str, *told: str) -> dict[str, Any]:
    (found,) = kefu("scorecard", name, "--store", store, *WEEK, "--format", "json", *told).document["cards"]
    return found


def line_points(value: float, floor: float, target: float) -> float:
    return 100 * min(max((value - floor) / (target - floor), 0), 1)


def test_a_scene_is_scored_by_the_sessions_of_that_scene(store: str) -> None:
    shown = {
        agent: values for (agent, scene), values in groups(store, "agent_id", "scene").items() if scene == "online"
    }
    whole = {agent: values for (agent,), values in groups(store, "agent_id").items()}
    found = card(store, "online")
    assert {line["key"] for line in found["lines"]} == {*shown}
    for line in found["lines"]:
        parts = {part["metric"]: part for part in line["parts"]}
        for name in ("first_response", "first_contact_resolution", "csat"):
            assert parts[name]["value"] == shown[line["key"]][name]["value"]
            assert not parts[name]["wider"]
        assert parts["utilisation"]["value"] == whole[line["key"]]["utilisation"]["value"]
        assert parts["utilisation"]["wider"]
        assert line["sessions"] == shown[line["key"]]["reply_interval"]["measures"].get(
            "human_sessions", shown[line["key"]]["interactions_per_session"]["measures"]["human_sessions"]
        )


def test_points_of_a_card_are_what_a_sheet_would_give(store: str) -> None:
    found = card(store, "agents")
    assert len(found["lines"]) == 9
    for line in found["lines"]:
        values = {part["metric"]: part["value"] for part in line["parts"]}
        asked = (
            0.3 * line_points(values["script_usage_rate"], 0, 2)
            + 0.3 * line_points(values["sensitive_word_rate"], 0.1, 0)
            + 0.4 * line_points(values["reply_interval"], 120, 20)
        )
        assert line["points"] == pytest.approx(asked)
        assert sum(part["given"] for part in line["parts"]) == pytest.approx(line["points"])
    ranks = [(line["rank"], line["points"]) for line in found["lines"] if line["rank"]]
    assert ranks == sorted(ranks, key=lambda one: (-one[1], one[0]))
    few = {line["key"]: line["unranked"] for line in found["lines"] if line["sessions"] < 20}
    assert few
    assert all(why["en"] == "fewer than 20 human sessions" for why in few.values())


def test_the_whole_has_a_trend_by_day_and_no_rank(store: str) -> None:
    found = card(store, "knowledge")
    (line,) = found["lines"]
    assert (line["key"], line["rank"], line["unranked"]) == ("", None, None)
    days = {f"2025-06-0{day}": ["--day", f"2025-06-0{day}"] for day in range(2, 9)}
    assert [one["date"] for one in found["trend"]] == [*days]
    for one in found["trend"][:2]:
        told = kefu("scorecard", "knowledge", "--store", store, *days[one["date"]], "--format", "json").document
        assert told["cards"][0]["lines"][0]["points"] == pytest.approx(one["points"])


def test_the_points_of_the_period_before_stand_beside(store: str) -> None:
    now = kefu("scorecard", "agents", "--store", store, "--day", "2025-06-04", "--format", "json").document
    before = kefu("scorecard", "agents", "--store", store, "--day", "2025-06-03", "--format", "json").document
    assert now["previous_period"] == before["period"]
    then = {line["key"]: line["points"] for line in before["cards"][0]["lines"]}
    assert {line["key"]: line["before"] for line in now["cards"][0]["lines"]} == {
        line["key"]: then.get(line["key"]) for line in now["cards"][0]["lines"]
    }


def test_without_a_period_it_is_the_last_week_of_the_store(store: str) -> None:
    for name in ("scorecard", "balance"):
        told = kefu(name, "--store", store, "--format", "json")
        assert told.document["period"] == {"from": "2025-06-02", "to": "2025-06-08", "timezone": "Asia/Shanghai"}
        assert told.out == kefu(name, "--store", store, *WEEK, "--format", "json").out


def test_a_period_without_data_has_nothing_in_it(store: str) -> None:
    for name in ("scorecard", "balance"):
        told = kefu(name, "--store", store, "--day", "2030-01-01", "--lang", "en")
        assert told.code == 0
        assert "nothing in this period" in told.out


def test_cards_that_are_off_are_shown_when_named(store: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, "[scorecards.online]\noff = true\n")
    told = kefu("scorecard", "--store", store, "--config", config, "--format", "json").document
    assert [one["name"] for one in told["cards"]] == ["phone", "technical", "agents", "operations", "knowledge"]
    assert card(store, "online", "--config", config)["name"] == "online"


def test_a_card_that_there_is_not_is_a_sentence(store: str) -> None:
    told = kefu("scorecard", "onlin", "--store", store)
    assert (told.code, told.out) == (2, "")
    assert "there is no scorecard 'onlin': did you mean online?" in told.err


@pytest.mark.parametrize(
    ("command", "text", "said"),
    [
        (
            "scorecard",
            "[scorecards.agents.metrics.csatt]\nfloor = 0\ntarget = 1\n",
            "'scorecards.agents.metrics.csatt': there is no such metric: did you mean csat?",
        ),
        (
            "scorecard",
            "[scorecards.agents.metrics.reply_interval]\nfloor = 10\ntarget = 90\n",
            "'scorecards.agents.metrics.reply_interval': it gives more points to higher values",
        ),
        ("goals", GOALS.replace('"reply_interval"', '"reply_intervall"'), "did you mean reply_interval?"),
        ("goals", GOALS.replace("target = 30", "target = 90").replace("value = 60", "value = 85"), "never back"),
        (
            "goals",
            GOALS.replace("target = 30", "target = 90").replace("steps", "#"),
            "from 80 to 90 is for the worse",
        ),
        (
            "balance",
            "[balance.perception.xyz]\nfloor = 0\ntarget = 1\n",
            "'balance.perception.xyz': there is no such metric",
        ),
        ("balance", "[balance.perception.csat]\nfloor = 1\ntarget = 0\n", "exchange floor and target"),
    ],
)
def test_what_is_wrong_in_the_settings_is_a_sentence(
    store: str, tmp_path: Path, command: str, text: str, said: str
) -> None:
    told = kefu(command, "--store", store, "--config", write_config(tmp_path, text))
    assert (told.code, told.out) == (2, "")
    assert said in told.err


@pytest.mark.parametrize("source", [FAILING, BROKEN])
def test_the_metric_of_a_failed_plugin_is_missing_and_said_to_be(store: str, tmp_path: Path, source: str) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "courtesy.py").write_text(source, encoding="utf-8")
    metrics = "[scorecards.agents.metrics.courtesy_rate]\nweight = 100\nfloor = 0\ntarget = 1\n"
    goal = GOALS.replace("reply_interval", "courtesy_rate")
    told = ["--store", store, "--plugins-dir", tmp_path / "plugins", "--config", write_config(tmp_path, metrics + goal)]
    done = kefu("scorecard", "agents", *told, *WEEK, "--format", "json")
    assert (done.code, [failure["plugin"] for failure in done.document["failures"]]) == (1, ["courtesy"])
    (found,) = done.document["cards"]
    (lacking,) = [metric for metric in found["metrics"] if metric["missing"]]
    assert (lacking["name"], lacking["missing"]["en"]) == ("courtesy_rate", "plugin courtesy failed")
    plain = {line["key"]: line["points"] for line in card(store, "agents")["lines"]}
    assert {line["key"]: line["points"] for line in found["lines"]} == plain
    table = kefu("scorecard", "agents", *told, *WEEK, "--lang", "en").out
    assert "courtesy_rate: plugin courtesy failed; its weight of 50% goes to the other metrics in proportion" in table
    (goal_told,) = kefu("goals", *told, "--format", "json").document["goals"]
    assert (goal_told["status"], goal_told["reason"]["en"]) == ("unknown", "plugin courtesy failed")


def goal(store: str, folder: Path, *told: str) -> dict[str, Any]:
    done = kefu("goals", "--store", store, "--config", write_config(folder, GOALS), "--format", "json", *told)
    assert done.code == 0, done.err
    (found,) = done.document["goals"]
    return found


def test_a_goal_is_held_against_the_value_of_its_window(store: str, tmp_path: Path) -> None:
    found = goal(store, tmp_path)
    shown = groups(store, "queue", period=["--from", "2025-06-06", "--to", "2025-06-08"])
    assert found["window"] == {"from": "2025-06-06", "to": "2025-06-08"}
    assert found["value"] == shown["售后",]["reply_interval"]["value"]
    by_day = groups(store, "date", "queue")
    assert {one["date"]: one["value"] for one in found["days"]} == {
        date: values["reply_interval"]["value"] for (date, queue), values in by_day.items() if queue == "售后"
    }
    first, second = found["steps"]
    assert (first["status"], first["window"]) == ("met", {"from": "2025-06-03", "to": "2025-06-05"})
    assert second["deadline"] == "2025-06-20"


def test_a_goal_as_of_an_earlier_day_looks_at_nothing_later(store: str, tmp_path: Path) -> None:
    found = goal(store, tmp_path, "--day", "2025-06-05")
    assert (found["on"], found["window"]) == ("2025-06-05", {"from": "2025-06-03", "to": "2025-06-05"})
    assert max(one["date"] for one in found["days"]) == "2025-06-05"
    assert goal(store, tmp_path, "--day", "2025-06-01")["status"] == "unknown"


def test_a_goal_of_a_queue_that_there_is_not_is_unknown(store: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, GOALS.replace("售后", "没有"))
    (found,) = kefu("goals", "--store", store, "--config", config, "--format", "json").document["goals"]
    assert (found["status"], found["reason"]["en"], found["days"]) == ("unknown", "no data in the period", [])


def test_without_goals_it_is_said_how_to_set_one(store: str) -> None:
    assert "[goals.NAME]" in kefu("goals", "--store", store, "--lang", "en").out
    assert kefu("goals", "--store", store, "--format", "json").document["goals"] == []


def test_both_sides_are_means_of_points_and_the_change_is_that_of_the_period_before(store: str) -> None:
    period = ["--from", "2025-06-06", "--to", "2025-06-08"]
    found = kefu("balance", "--by", "queue", "--store", store, *period, "--format", "json").document
    before = kefu(
        "balance", "--by", "queue", "--store", store, "--from", "2025-06-03", "--to", "2025-06-05", "--format", "json"
    ).document
    assert found["previous_period"] == before["period"]
    then = {one["key"]: one for one in before["standings"]}
    compared = 0
    for one in found["standings"]:
        for side in ("efficiency", "perception"):
            known = {part["metric"]: part["points"] for part in one[side]["parts"] if part["points"] is not None}
            assert one[side]["points"] == (pytest.approx(sum(known.values()) / len(known)) if known else None)
            earlier = {p["metric"]: p["points"] for p in then[one["key"]][side]["parts"] if p["points"] is not None}
            if known and known.keys() == earlier.keys():
                compared += 1
                assert one[side]["change"] == pytest.approx(one[side]["points"] - then[one["key"]][side]["points"])
    assert compared > 6


def test_a_warning_has_its_numbers_and_its_words(store: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, "[balance]\noccupancy_most = 0.1\noccupancy_least = 0.0\n")
    told = kefu("balance", "--store", store, "--config", config, *WEEK, "--format", "json").document
    busy = {agent: values["occupancy"]["value"] for (agent,), values in groups(store, "agent_id").items()}
    for one in told["standings"]:
        found = {warned["code"]: warned for warned in one["warnings"]}
        value = busy[one["key"]]
        assert ("occupancy_high" in found) == (value is not None and value > 0.1)
        if "occupancy_high" in found:
            assert found["occupancy_high"]["numbers"] == {"value": value, "limit": 0.1}
            assert found["occupancy_high"]["message"]["en"] == f"occupancy of {value:.2%} is above 10.00%"
    assert any(one["warnings"] for one in told["standings"])


@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_store_gives_the_same_bytes(store: str, tmp_path: Path, command: str) -> None:
    config = write_config(tmp_path, GOALS)
    for form in FORMS:
        once, again = (kefu(command, "--store", store, "--config", config, "--format", form) for _ in range(2))
        assert once == again
        assert once.code == 0


def rows(done: Done) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(done.out))]


def test_the_csv_says_what_the_json_says(store: str, tmp_path: Path) -> None:
    told = ["--store", store, "--config", write_config(tmp_path, GOALS)]
    document = kefu("scorecard", *told, "--format", "json").document
    asked = [
        (one["name"], line["key"], part["metric"], json.dumps(part["value"]).replace("null", ""))
        for one in document["cards"]
        for line in one["lines"]
        for part in line["parts"]
    ]
    found = rows(kefu("scorecard", *told, "--format", "csv"))
    assert [(row["card"], row["key"], row["metric"], row["value"]) for row in found] == asked
    document = kefu("balance", *told, "--format", "json").document
    found = rows(kefu("balance", *told, "--format", "csv"))
    assert [(row["key"], row["quadrant"] or None) for row in found] == [
        (one["key"], one["quadrant"]) for one in document["standings"]
    ]
    found = rows(kefu("goals", *told, "--format", "csv"))
    assert [(row["step"], row["deadline"]) for row in found] == [
        ("", "2025-06-30"),
        ("1", "2025-06-05"),
        ("2", "2025-06-20"),
    ]


def test_texts_of_the_settings_are_text(store: str, tmp_path: Path) -> None:
    told = ["--store", store, "--config", write_config(tmp_path, GOALS)]
    assert "[red]王=1+1" in kefu("goals", *told).out
    hostile = '[scorecards.agents]\ntitle = "=1+1[red]\\u001b[2J"\n'
    out = kefu("scorecard", "agents", "--store", store, "--config", write_config(tmp_path, hostile)).out
    assert "=1+1[red]␛[2J" in out
