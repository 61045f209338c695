"""``kefu queue``: a morning on the command line, and what it says when somebody else was first."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
import zipfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from commands import Done, kefu

from kefu.queue.items import State, StepName
from kefu.show.queue_words import EVIDENCE, TEXTS, verification_text

HOTSPOTS = """hotspot_id,title,flagged_at
h1,=HYPERLINK("http://x.example"),2025-06-01 09:00:00
h2,运费说明,2025-06-01 09:00:00
h3,\x1b[31m发票\u202e,2025-06-01 09:00:00
"""
"""One title is a formula, one would colour a terminal and turn what follows around."""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store after one night: h1 was the answer four times, h2 twice, h3 once."""
    folder = tmp_path_factory.mktemp("night")
    answers = ["h1"] * 4 + ["h2"] * 2 + ["h3"]
    lines = ["session_id,sent_at,role,text,hotspot_id"]
    for number, hotspot in enumerate(answers):
        at = f"2025-06-02 10:{number:02}"
        lines += [f"s{number},{at}:00,customer,怎么退货,", f"s{number},{at}:05,bot,请看这里,{hotspot}"]
        lines += [f"s{number},{at}:30,customer,还是不行,"]
    (folder / "messages.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / "hotspots.csv").write_text(HOTSPOTS, encoding="utf-8")
    done = kefu("run", folder, "--store", folder / "night.db")
    assert (done.code, "修复队列：新增 3" in done.err) == (0, True)
    return folder


@pytest.fixture
def store(night: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(night / "night.db", tmp_path / "kefu.db"))


def queue(store: Path, *arguments: str | Path) -> Done:
    return kefu("queue", *arguments, env={"KEFU_STORE": str(store), "LOGNAME": "小李"})


def listed(store: Path, *arguments: str) -> list[dict[str, Any]]:
    document = queue(store, "list", "--format", "json", *arguments).document
    assert document["schema"] == "kefu.queue/1"
    rows: list[dict[str, Any]] = document["items"]
    return rows


def by_hotspot(store: Path) -> dict[str, int]:
    return {row["subject_id"]: row["id"] for row in listed(store, "--state", "all")}


def test_the_list_shows_what_saves_most_first(store: Path) -> None:
    document = queue(store, "list", "--format", "json").document
    assert [(row["subject_id"], row["priority"], row["state"]) for row in document["items"]] == [
        ("h1", 4, "open"),
        ("h2", 2, "open"),
        ("h3", 1, "open"),
    ]
    assert (document["total"], document["counts"]["open"], document["counts"]["overdue"]) == (3, 3, 3)
    reason = document["items"][0]["reasons"][0]
    assert (reason["name"], reason["title"]["zh"], reason["sessions"], reason["saves"]) == ("flagged", "人工标记", 4, 4)
    table = queue(store, "list").out
    assert all(text in table for text in ("可挽回会话", "运费说明", "人工标记", "2025-06-12 逾期", "共 3 项"))
    assert "Flagged by hand" in queue(store, "list", "--lang", "en").out


def test_the_list_is_filtered_searched_ordered_and_cut_into_pages(store: Path) -> None:
    ids = by_hotspot(store)
    assert queue(store, "claim", str(ids["h2"])).code == 0

    def found(*arguments: str) -> list[str]:
        return [row["subject_id"] for row in listed(store, *arguments)]

    assert found("--mine") == found("--assignee", "小李") == found("--state", "in_repair") == ["h2"]
    assert found("--mine", "--as", "小王") == []
    assert found("--search", "运费") == found("--search", "H2") == ["h2"]
    assert found("--reason", "stale") == []
    assert found("--reason", "flagged", "--overdue", "--limit", "2", "--page", "2") == ["h3"]
    assert "--page 2" in queue(store, "list", "--limit", "2").out
    assert "没有符合条件的项目" in queue(store, "list", "--search", "xyz").out


def test_a_morning_and_its_record(store: Path) -> None:
    item = str(by_hotspot(store)["h2"])
    steps = [
        ("claim",),
        ("note", "--text", "问过产品"),
        ("release", "--note", "没空"),
        ("repaired", "--change", "重写了答案", "--as", "小王"),
        ("reopen", "--note", "还不对"),
        ("dismiss", "--reason", "下架了", "--until", "2999-01-01"),
    ]
    for name, *more in steps:
        done = queue(store, name, item, *more)
        assert (done.code, done.err) == (0, "")
    document = queue(store, "show", item, "--format", "json").document
    assert [(step["who"], step["step"], step["note"]) for step in document["steps"]] == [
        ("kefu", "opened", None),
        ("小李", "claimed", None),
        ("小李", "noted", "问过产品"),
        ("小李", "released", "没空"),
        ("小王", "repaired", "重写了答案"),
        ("小李", "reopened", "还不对"),
        ("小李", "dismissed", "下架了"),
    ]
    assert (document["item"]["version"], document["item"]["dismissed_until"]) == (7, "2999-01-01")
    assert document["evidence"]["next"] == {"thanks": 0, "left": 0, "went_on": 0, "again": 2, "person": 0}
    shown = queue(store, "show", item).out
    wanted = ("影响 2 次会话 × 差距 1 = 可挽回 2 次会话", "又问一遍 2", "怎么退货 ×2", "小王  标记为已修复: 重写了答案")
    assert all(text in shown for text in (*wanted, "已搁置: 下架了 (至 2999-01-01)", "标记于 2025-06-01 09:00"))
    english = queue(store, "show", item, "--lang", "en").out
    assert "affects 2 sessions × gap 1 = 2 sessions saved" in english
    assert "put into the queue: Flagged by hand" in english


def test_who_read_an_older_version_is_told_who_was_first_and_nothing_changes(store: Path) -> None:
    item = str(by_hotspot(store)["h1"])
    assert queue(store, "claim", item, "--version", "1", "--as", "小王").code == 0
    done = queue(store, "repaired", item, "--change", "改了", "--version", "1")
    today = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
    assert (done.code, done.out) == (1, "")
    assert f"#{item} 有人先了一步：小王 于 {today}" in done.err
    assert "认领，现在是“修复中”" in done.err
    english = queue(store, "repaired", item, "--change", "x", "--version", "1", "--lang", "en", "--format", "json")
    (refused,) = english.document["refused"]
    assert (english.code, refused["why"], refused["by"]["who"], refused["version"]) == (1, "Conflict", "小王", 2)
    assert "somebody was first: claimed by 小王" in english.err
    (row,) = listed(store, "--state", "in_repair")
    assert (row["version"], row["assignee"]) == (2, "小王")


def test_of_several_items_those_that_can_are_done(store: Path) -> None:
    ids = by_hotspot(store)
    queue(store, "claim", str(ids["h1"]), "--as", "小王")
    done = queue(store, "claim", *map(str, ids.values()), "99", "--format", "json")
    assert done.code == 2
    assert [row["subject_id"] for row in done.document["items"]] == ["h2", "h3"]
    assert [(row["id"], row["why"]) for row in done.document["refused"]] == [
        (ids["h1"], "NotAllowed"),
        (99, "NoSuchItem"),
    ]
    assert f"#{ids['h1']} 现在是“修复中”，不能认领" in done.err
    assert "队列里没有 #99" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "99"),
        ("claim", "1", "--as", "kefu"),
        ("claim", "1", "--as", " "),
        ("claim", "1", "2", "--version", "1"),
        ("claim",),
        ("dismiss", "1"),
        ("dismiss", "1", "--reason", "x", "--until", "2020-01-01"),
        ("repaired", "1", "--change", "  "),
        ("note", "1", "--text", "x" * 2001),
        ("list", "--mine", "--assignee", "x"),
        ("export", "items.txt"),
        ("export", "nowhere/items.csv"),
        ("list", "--store", "none"),
    ],
)
def test_what_makes_no_sense_is_refused_with_code_2_and_changes_nothing(store: Path, arguments: tuple[str]) -> None:
    before = listed(store)
    done = queue(store, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err
    assert listed(store) == before


def test_dismissed_for_thirty_days_if_no_date_is_told(store: Path) -> None:
    done = queue(store, "dismiss", "1", "--reason", "季节性", "--format", "json").document
    today = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
    assert done["items"][0]["dismissed_until"] == str(today + dt.timedelta(days=30))


def test_a_store_without_a_queue_and_one_that_is_not_there(tmp_path: Path) -> None:
    assert queue(tmp_path / "none.db", "list").code == 5


def test_csv_and_the_exported_files_hold_no_formula_and_no_control_character(store: Path, tmp_path: Path) -> None:
    out = queue(store, "list", "--format", "csv").out
    for form in ("csv", "xlsx"):
        done = queue(store, "export", tmp_path / f"items.{form}", "--state", "all")
        assert (done.code, "3 项" in done.out) == (0, True)
    exported = (tmp_path / "items.csv").read_bytes()
    assert exported == b"\xef\xbb\xbf" + out.encode()
    titles = [row["title"] for row in csv.DictReader(out.splitlines())]
    assert titles == ['\'=HYPERLINK("http://x.example")', "运费说明", "␛[31m发票⟨U+202E⟩"]
    with zipfile.ZipFile(tmp_path / "items.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower()
    assert '=HYPERLINK("http://x.example")</t>' in strings
    assert "\x1b" not in strings
    assert "␛[31m发票⟨U+202E⟩" in strings


def test_the_same_items_give_the_same_file(store: Path, tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        queue(store, "export", tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*.xlsx*")) == ["one.xlsx", "two.xlsx"]


def test_customer_text_is_text_on_the_terminal(store: Path) -> None:
    for arguments in (("list",), ("show", "1"), ("show", "2"), ("show", "3"), ("claim", "1", "2", "3")):
        out = queue(store, *arguments).out
        assert "\x1b" not in out
        assert "\u202e" not in out


LOOKED = {"difference": 0.294, "low": 0.15, "high": 0.42, "needed": 90, "measure": "adoption"}
COUNTS = {"before": {"x": 12, "n": 80}, "after": {"x": 40, "n": 90}}


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        (
            {"state": "worked"},
            "采纳率 12/80 → 40/90, +29 点 (95 % 区间 15 至 42 点): 有效",
            "adoption rate 12/80 → 40/90, +29 points (95 % interval 15 to 42 points): worked",
        ),
        (
            {"state": "no_effect", "difference": -0.031, "low": -0.12, "high": 0.004},
            "采纳率 12/80 → 40/90, −3 点 (95 % 区间 −12 至 0 点): 没有效果",
            "adoption rate 12/80 → 40/90, −3 points (95 % interval −12 to 0 points): no effect",
        ),
        (
            {"state": "too_early", "difference": None, "after": {"x": 40, "n": 140}, "needed": 300},
            "采纳率 12/80; 还早: 140/300",
            "adoption rate 12/80; too early: 140 of 300",
        ),
        (
            {"state": "cannot_tell", "difference": None, "needed": None},
            "采纳率 12/80 → 40/90: 无法判断",
            "adoption rate 12/80 → 40/90: cannot tell",
        ),
    ],
)
def test_a_verification_is_said_in_words(told: dict[str, Any], zh: str, en: str) -> None:
    whole = {**LOOKED, **COUNTS, **told}
    assert (verification_text(whole, "zh"), verification_text(whole, "en")) == (zh, en)


def test_every_state_and_every_step_has_its_words() -> None:
    assert {*State} | {f"step_{step}" for step in StepName} <= TEXTS.keys()
    assert all(len({*texts}) == 2 for texts in [*TEXTS.values(), *EVIDENCE.values()])
