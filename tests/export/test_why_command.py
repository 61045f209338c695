"""``kefu why``: the change that ``kefu show`` sees, split by groups, in three formats."""

from __future__ import annotations

import pytest
from commands import kefu
from reading_back import from_csv

PERIODS = ["--from", "2025-06-05", "--to", "2025-06-08", "--against", "2025-06-02..2025-06-04"]


def value(week: str, metric: str, *period: str) -> float:
    document = kefu("show", metric, *period, "--store", week, "--format", "json").document
    found: float = document["metrics"][0]["value"]
    return found


@pytest.mark.parametrize(
    "metric", ["reply_interval", "reply_interval_p90", "hotspot_adoption_rate", "robot_interception_rate"]
)
def test_the_parts_add_up_to_what_show_says(week: str, metric: str) -> None:
    document = kefu("why", metric, *PERIODS, "--store", week, "--format", "json").document
    after = value(week, metric, "--from", "2025-06-05", "--to", "2025-06-08")
    before = value(week, metric, "--from", "2025-06-02", "--to", "2025-06-04")
    assert (document["before"]["value"], document["after"]["value"]) == (before, after)
    assert document["change"] == pytest.approx(after - before)
    assert len(document["splits"]) >= 3
    for split in document["splits"]:
        assert split["mix"] + split["rate"] + split["shared"] == pytest.approx(document["change"])
        changes = [group["change"] for group in split["groups"]]
        assert sum(changes) + split["joint"] + split["shared"] == pytest.approx(document["change"])
        assert [abs(change) for change in changes] == sorted(map(abs, changes), reverse=True)
        assert sum(group["after"]["weight"] for group in split["groups"]) == pytest.approx(1)


def test_csv_is_a_line_a_group(week: str) -> None:
    told = ["reply_interval", *PERIODS, "--by", "queue", "--by", "agent_id", "--store", week]
    rows = from_csv(kefu("why", *told, "--format", "csv").out)
    document = kefu("why", *told, "--format", "json").document
    assert [split["by"] for split in document["splits"]] == ["queue", "agent_id"]
    for split in document["splits"]:
        mine = [row for row in rows if row["by"] == split["by"]]
        assert mine[0]["group"] == "*"
        assert float(mine[0]["change"]) == document["change"]
        groups = [(row["group"], float(row["change"])) for row in mine[1:] if row["group"]]
        assert groups == [(group["group"], group["change"]) for group in split["groups"]]


def test_people_see_a_table_in_their_language(week: str) -> None:
    zh = kefu("why", "reply_interval", *PERIODS, "--store", week, "--lang", "zh")
    en = kefu("why", "reply_interval", *PERIODS, "--store", week, "--lang", "en")
    assert (zh.code, en.code) == (0, 0)
    assert "结构影响" in zh.out
    assert "售后" in en.out
    assert "mix" in en.out
    refused = kefu("why", "hotspot_repair_rate", "--by", "team", *PERIODS, "--store", week, "--lang", "en")
    assert (refused.code, "this metric has no values by team" in refused.out) == (0, True)


def test_without_a_period_it_is_the_last_date_against_the_one_before(week: str) -> None:
    document = kefu("why", "reply_interval", "--store", week, "--format", "json").document
    assert [document[side]["from"] for side in ("before", "after")] == ["2025-06-07", "2025-06-08"]
    assert [document[side]["to"] for side in ("before", "after")] == ["2025-06-07", "2025-06-08"]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("2025-06-03", ("2025-06-03", "2025-06-03")),
        ("2025-W23", ("2025-06-02", "2025-06-08")),
        ("2025-05", ("2025-05-01", "2025-05-31")),
        ("2025-06-02..2025-06-03", ("2025-06-02", "2025-06-03")),
    ],
)
def test_any_period_can_be_the_other_one(week: str, text: str, ends: tuple[str, str]) -> None:
    told = ["why", "reply_interval", "--day", "2025-06-08", "--against", text, "--store", week, "--format", "json"]
    document = kefu(*told).document
    assert (document["before"]["from"], document["before"]["to"]) == ends
    if text == "2025-05":
        assert len(document["missing"]) == 31
        assert document["splits"][0]["why_not"]["en"] == "one of the periods has no value"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reply_intervall"], "did you mean reply_interval?"),
        (["reply_interval", "--against", "yesterday"], "is no month"),
        (["reply_interval", "--against", "2025-06-09..2025-06-01"], "ends before it begins"),
        (["reply_interval", "--against", "2025-06-09..x"], "is no period"),
        (["reply_interval", "--against", "2025-W99"], "is no week"),
        (["reply_interval", "--day", "2025-06-01", "--week", "2025-W23"], "give one period"),
    ],
)
def test_a_wrong_question_is_said(week: str, arguments: list[str], said: str) -> None:
    done = kefu("why", *arguments, "--store", week)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", " ").split())
