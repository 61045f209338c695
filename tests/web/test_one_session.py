"""From a number to its sessions, to one session with what the store keeps of it."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from markup import Page, Rows, check_inert, section_of
from serving import Served
from test_pages import shown, text_of

from conftest import SAMPLE

WEEK = "period=week&at=2025-06-04"


def test_from_a_number_to_its_session_with_the_words_marked(shared: Served, week: Path) -> None:
    document = shown(week, "explain", "sensitive_word_rate", "--from=2025-06-02", "--to=2025-06-08")
    (row, *_) = [one for one in document["rows"] if len(one["evidence"]) and one["evidence"][0]["hits"]]
    with shared.client() as client:
        listed = Page(client.get(f"/metrics/sensitive_word_rate/sessions?{WEEK}").text)
        (address,) = [href for href in listed.values("href") if href.startswith(f"/sessions/{row['session_id']}?")]
        text = client.get(address).text
    page = check_inert(text)
    part = section_of(text, "evidence")
    for one in row["evidence"]:
        assert one["text"] in Page(part).text
        for hit in one["hits"]:
            assert f"<mark>{one['text'][hit['start'] : hit['end']]}</mark>" in part
    counted = Page(section_of(text, "counted")).text
    for name, count in row["counts"].items():
        assert f"{name} {count}" in counted
    assert f"/metrics/sensitive_word_rate/sessions?{WEEK.replace('06-04', '06-02')}" in page.values("href")


def test_the_facts_are_those_of_the_input(shared: Served) -> None:
    with (SAMPLE / "messages.csv").open(encoding="utf-8", newline="") as file:
        mine = [row for row in csv.DictReader(file) if row["session_id"] == "S0602-088"]
    with shared.client() as client:
        text = client.get("/sessions/S0602-088").text
    facts = Page(section_of(text, "facts")).text.split("\n")
    for name, role in (("客户消息", "customer"), ("客服消息", "agent"), ("机器人消息", "bot")):
        count = len({row["message_id"] for row in mine if row["role"] == role and row["automatic"] != "true"})
        assert f"{name}{count}" in facts
    agents = {row["sender_id"] for row in mine if row["role"] == "agent"}
    assert {row[0] for row in Rows(section_of(text, "table-services")).rows[1:]} == agents


def test_the_command_shows_the_messages_of_the_session(shared: Served) -> None:
    with shared.client() as client:
        text = client.get("/sessions/S0602-035?metric=sensitive_word_rate").text
    (command,) = [part.partition("</code>")[0] for part in text.split("<code>")[1:]]
    typed = shlex.split(Page(command).text)
    assert typed[:3] == ["kefu", "explain", "sensitive_word_rate"]
    typed[typed.index("DATA")] = str(SAMPLE)
    run = [sys.executable, "-m", *typed, "--format", "json"]
    document = json.loads(subprocess.run(run, check=True, capture_output=True).stdout)
    (row,) = [one for one in document["rows"] if one["session_id"] == "S0602-035"]
    assert row["evidence"]


def asks(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@pytest.mark.parametrize(
    ("name", "column", "leads"),
    [
        ("adherence", "客服", "/metrics/adherence/sessions?agent_id=A01"),
        ("forecast_accuracy", "日期", "/metrics/forecast_accuracy?period=day&at=2025-06-03"),
        ("ai_assist_gain", "队列", "/metrics/ai_assist_gain/sessions?queue=%E5%94%AE%E5%90%8E"),
        ("hotspot_repair_rate", "热点", "/queue?state=all&q=H009"),
        ("reply_interval", "会话", "/sessions/S0602-002?metric=reply_interval"),
    ],
)
def test_lines_say_what_they_are_and_lead_there(shared: Served, name: str, column: str, leads: str) -> None:
    with shared.client() as client:
        text = client.get(f"/metrics/{name}/sessions?{WEEK}").text
        page, rows = Page(text), Rows(text).rows
        wanted = urlsplit(leads)
        links = [href for href in page.values("href") if urlsplit(href).path == wanted.path]
        found = [href for href in links if asks(href).items() >= asks(leads).items()]
        assert rows[0][0] == column
        assert found, leads
        text_of(client, found[0])


def test_the_lines_of_a_metric_by_dates_add_up_to_its_measures(shared: Served, week: Path) -> None:
    told = shown(week, "show", "forecast_accuracy", "--week=2025-W23")["metrics"][0]["measures"]
    with shared.client() as client:
        rows = Rows(client.get(f"/metrics/forecast_accuracy/sessions?{WEEK}").text).rows[1:]
    found: dict[str, int] = {}
    for _, counts in rows:
        for name, count in re.findall(r"([a-z_]+) ([\d,]+)", counts):
            found[name] = found.get(name, 0) + int(count.replace(",", ""))
    assert len(rows) == 7
    assert found == {name: told[name] for name in found}
    assert len(found) == 2


def test_a_session_is_found_without_its_period_and_with_a_wrong_one(shared: Served) -> None:
    with shared.client() as client:
        for query in ("", "?period=day&at=2025-06-08", "?metric=nothing", "?metric=forecast_accuracy", "?id=x"):
            assert "2025-06-03" in text_of(client, f"/sessions/S0603-030{query}")
        assert "2025-06-03" in text_of(client, "/sessions?id=S0603-030")


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/sessions",
            "/sessions?id=",
            "/sessions/nothing",
            "/sessions?id=%00%FF",
            "/sessions/..%2f..%2fqueue",
            "/sessions/",
        ),
        *("/sessions/x/y", f"/sessions/{'x' * 5000}", "/sessions?id=None", "/sessions/%25"),
    ],
)
def test_what_is_no_session_is_not_found(shared: Served, path: str) -> None:
    with shared.client() as client:
        text_of(client, path, 404)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_are_in_both_languages(shared: Served, lang: str) -> None:
    with shared.client() as client:
        told = text_of(client, f"/sessions/S0602-035?metric=sensitive_word_rate&lang={lang}")
    assert ("保留的依据" in told) == (lang == "zh")
    assert ("Evidence kept" in told) == (lang == "en")


def test_readers_may_see_all_of_it_and_strangers_nothing(guarded: Served) -> None:
    from conftest import READER

    for path in ("/overview", "/sessions/S0602-035", "/sessions?id=S0602-035"):
        with guarded.client() as client:
            assert client.get(path).status_code == 303
            answer = client.get(path, headers={"authorization": f"Bearer {READER}"})
            assert answer.status_code == 200
