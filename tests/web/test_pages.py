"""The pages show what the store says, and the steps of people are kept."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from markup import Page
from serving import TODAY, Served

from kefu.config import load_settings
from kefu.queue.items import Item, State
from kefu.queue.record import Filter
from kefu.show.format import value_text
from kefu.web import words
from kefu.web.site import Site
from kefu.web.words import TEXTS


def text_of(client: httpx.Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return Page(answer.text).text


def first(served: Served, **filters: Any) -> Item:  # noqa: ANN401 - of any kind
    return served.queue.find(Filter(**filters), TODAY).items[0]


def test_the_queue_shows_what_matters_most_first(shared: Served) -> None:
    with shared.client() as client:
        assert client.get("/").headers["location"] == "/queue"
        page = text_of(client, "/queue")
    found = shared.queue.find(Filter(), TODAY)
    places = [page.index(item.title) for item in found.items]
    assert places == sorted(places)
    assert f"共 {found.total} 项" in page
    assert page.count("逾期") > sum(item.overdue(TODAY) for item in found.items)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("q=H00", Filter(text="H00")),
        ("reason=low_clicks", Filter(reason="low_clicks")),
        ("overdue=1&order=due", Filter(overdue=True, order="due")),
        ("state=all&order=title", Filter(states=(), order="title")),
        ("state=repaired", Filter(states=("repaired",))),  # type: ignore[arg-type]
        ("mine=1", Filter(assignee="王敏")),
        ("q=%25", Filter(text="%")),
    ],
)
def test_filters_let_through_what_the_record_says(shared: Served, query: str, asked: Filter) -> None:
    with shared.client() as client:
        page = text_of(client, f"/queue?{query}")
    found = shared.queue.find(asked, TODAY)
    if found.total:
        assert f"共 {found.total} 项" in page
        assert [item.title in page for item in found.items[:50]] == [True] * len(found.items[:50])
    else:
        assert "没有符合条件的项目" in page


def test_an_item_shows_why_it_is_there(shared: Served) -> None:
    item = first(shared, reason="low_adoption")
    with shared.client() as client:
        page = text_of(client, f"/queue/{item.id}")
        english = text_of(client, f"/queue/{item.id}?lang=en")
    reason = next(one for one in item.reasons if one.name == "low_adoption")
    assert f"影响 {reason.sessions} 次会话 × 差距 {reason.gap:.1%} = 可挽回 {reason.saves} 次会话" in page
    assert f"{reason.gap:.1%} = {reason.saves} sessions saved" in english
    for name in ("典型问法", "客户接下来做了什么", "前后对比", "现在的答案", "经过", "加入队列"):
        assert name in page


def test_the_morning_of_an_editor(served: Served) -> None:
    item = first(served)
    with served.client() as client:
        for name, form in (
            ("claim", {}),
            ("note", {"text": "查过知识库\n第二行"}),
            ("repaired", {"text": "改写了答案"}),
        ):
            now = served.queue.item(item.id)
            answer = client.post(f"/queue/{item.id}/{name}", data={"version": str(now.version), **form})
            assert (answer.status_code, answer.headers["location"]) == (303, f"/queue/{item.id}?done={name}")
        page = text_of(client, answer.headers["location"])
        assert "已标记为修复" in page
        assert "查过知识库\n第二行" in page
        assert item.title in text_of(client, "/verified")
    done = served.queue.item(item.id)
    assert (done.state, done.assignee, done.change) == ("repaired", "王敏", "改写了答案")
    assert [step.step for step in served.queue.steps(item.id)] == ["opened", "claimed", "noted", "repaired"]


def test_dismissed_and_opened_again(served: Served) -> None:
    item = first(served)
    with served.client() as client:
        form = {"version": "1", "text": "活动结束", "until": "2025-07-01"}
        client.post(f"/queue/{item.id}/dismiss", data=form)
        assert served.queue.item(item.id).dismissed_until == dt.date(2025, 7, 1)
        assert "活动结束" in text_of(client, f"/queue/{item.id}")
        client.post(f"/queue/{item.id}/reopen", data={"version": "2", "text": ""})
        client.post(f"/queue/{item.id}/claim", data={"version": "3"})
        client.post(f"/queue/{item.id}/release", data={"version": "4", "text": "换人"})
    assert served.queue.item(item.id).state == "open"
    assert served.queue.item(item.id).version == 5


@pytest.mark.parametrize(
    ("name", "form", "why"),
    [
        ("repaired", {"text": " "}, "请填写“改了什么”"),
        ("note", {"text": ""}, "请填写“备注”"),
        ("note", {"text": "x" * 2001}, "最多 2000 个字符"),
        ("dismiss", {"text": "", "until": "2025-07-01"}, "请填写“为什么不修复”"),
        ("dismiss", {"text": "why", "until": ""}, "“到哪天为止”须在"),
        ("dismiss", {"text": "why", "until": "2025-06-16"}, "“到哪天为止”须在"),
        ("dismiss", {"text": "why", "until": "2027-01-01"}, "“到哪天为止”须在"),
    ],
)
def test_what_is_lacking_is_said_and_what_was_typed_stays(
    shared: Served, name: str, form: dict[str, str], why: str
) -> None:
    with shared.client() as client:
        answer = client.post("/queue/1/" + name, data={"version": "1", **form})
    page = Page(answer.text)
    assert answer.status_code == 400
    assert why in page.text
    assert form["text"].strip() in page.text
    assert shared.queue.item(1).version == 1


def test_who_comes_second_is_told_and_can_go_on(served: Served) -> None:
    item = first(served)
    with served.client() as client:
        served.queue.claim(item.id, 1, "李雷")
        answer = client.post(f"/queue/{item.id}/repaired", data={"version": "1", "text": "改了第一段\n和第二段"})
        page = Page(answer.text)
        assert answer.status_code == 409
        assert "李雷：认领" in page.text
        assert "改了第一段\n和第二段" in page.text
        assert served.queue.item(item.id).version == 2
        (version,) = page.values("value")
        again = client.post(f"/queue/{item.id}/repaired", data={"version": version, "text": "改了第一段\n和第二段"})
        assert again.status_code == 303
    assert served.queue.item(item.id).change == "改了第一段\n和第二段"


def test_a_step_that_no_longer_fits_offers_to_keep_the_words(served: Served) -> None:
    item = first(served)
    with served.client() as client:
        served.queue.repaired(item.id, 1, "李雷", "好了")
        answer = client.post(f"/queue/{item.id}/repaired", data={"version": "1", "text": "我的改动"})
        page = Page(answer.text)
        assert answer.status_code == 409
        assert f"/queue/{item.id}/note" in page.values("action")
        assert "我的改动" in page.text


def test_many_at_once(served: Served) -> None:
    a, b, c = served.queue.find(Filter(), TODAY).items[:3]
    with served.client() as client:
        form = {"step": "claim", "item": [f"{a.id}:1", f"{b.id}:1"], "back": "state=waiting&order=due"}
        answer = client.post("/queue/bulk", data=form)
        assert answer.headers["location"] == "/queue?state=waiting&order=due&done=2"
        assert "已处理 2 项" in text_of(client, answer.headers["location"])
        served.queue.claim(c.id, 1, "李雷")
        form = {"step": "dismiss", "text": "why", "until": "2025-07-01", "item": [f"{a.id}:2", f"{c.id}:1"]}
        answer = client.post("/queue/bulk", data=form)
        page = Page(answer.text).text
        assert answer.status_code == 409
        assert "1 项已处理，1 项没有" in page
        assert "李雷：认领" in page
        assert client.post("/queue/bulk", data={"step": "claim"}).status_code == 400
        assert client.post("/queue/bulk", data={"step": "repaired", "item": "1:1"}).status_code == 400
        assert client.post("/queue/bulk", data={"step": "claim", "item": "1"}).status_code == 400
    states = [served.queue.item(one.id).state for one in (a, b, c)]
    assert states == ["dismissed", "in_repair", "in_repair"]


def shown(store: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "kefu", *arguments, "--store", str(store), "--format", "json"]
    document: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return document


@pytest.mark.parametrize(
    ("query", "option"), [("day&at=2025-06-05", "--day=2025-06-05"), ("week&at=2025-06-04", "--week=2025-W23")]
)
def test_the_metrics_are_those_of_the_command_line(shared: Served, week: Path, query: str, option: str) -> None:
    with shared.client() as client:
        page = text_of(client, f"/metrics?period={query}")
    metrics = [one for one in shown(week, "show", option)["metrics"] if one["name"] in TEN]
    assert len(metrics) == 10
    for metric in metrics:
        place = page.index(metric["title"]["zh"])
        assert value_text(metric["value"], metric["unit"]) in page[place : place + 120], metric["name"]


TEN = (
    *("agent_closed_rate", "peak_concurrency", "hotspot_adoption_rate", "hotspot_repair_rate", "reply_interval"),
    *("interactions_per_session", "opinion_alert_timeliness", "robot_interception_rate", "script_usage_rate"),
    "sensitive_word_rate",
)


def test_from_a_number_to_its_groups_to_their_sessions(shared: Served, week: Path) -> None:
    with shared.client() as client:
        answer = client.get("/metrics/sensitive_word_rate?period=week&at=2025-06-04&by=queue")
        links = [link for link in Page(answer.text).values("href") if "/sessions" in link and "queue=" in link]
        document = shown(week, "show", "sensitive_word_rate", "--week=2025-W23", "--by", "queue")
        groups = [one["by"]["queue"] for one in document["groups"] if one["metrics"][0]["value"] is not None]
        assert len(links) == len(groups)
        rows = Page(client.get(links[0]).text)
    group = groups[0]
    explained = shown(
        week, "explain", "sensitive_word_rate", "--where", f"queue={group}", "--from=2025-06-02", "--to=2025-06-08"
    )
    assert f"共 {explained['total']} 项" in rows.text
    for row in explained["rows"][:20]:
        assert row["session_id"] in rows.text
    hits = sum(len(one["hits"]) for row in explained["rows"][:20] for one in row["evidence"])
    assert [tag for tag, _ in rows.tags].count("mark") == hits > 0


def test_a_metric_without_values_in_such_groups_says_so(shared: Served) -> None:
    with shared.client() as client:
        assert "没有数值" in text_of(client, "/metrics/hotspot_repair_rate?by=agent_id")
        text_of(client, "/metrics/hotspot_repair_rate/sessions?agent_id=A01", 404)
        assert "没有会话" in text_of(client, "/metrics/reply_interval/sessions?queue=nothing")


def test_the_language_stays_once_it_was_chosen(shared: Served) -> None:
    with shared.client() as client:
        assert "修复队列" in text_of(client, "/queue")
        assert "Repair queue" in text_of(client, "/queue?lang=en")
        assert "Topics" in text_of(client, "/topics")
        assert "没有这个页面" in text_of(client, "/nothing?lang=zh", 404)
        assert "修复队列" in text_of(client, "/queue?lang=xx")


def test_every_text_has_both_languages_and_the_same_gaps() -> None:
    from string import Formatter

    for name, (zh, en) in TEXTS.items():
        gaps = [sorted({gap for _, gap, _, _ in Formatter().parse(text) if gap}) for text in (zh, en)]
        assert zh, name
        assert en, name
        assert gaps[0] == gaps[1], name


def test_what_is_known_of_the_store_is_looked_up_anew_after_a_step(served: Served) -> None:
    site = Site(served.store, load_settings(store="none"), None, "王敏")
    with site.view() as first_view, site.view() as same:
        assert same is first_view
    served.queue.claim(first(served).id, 1, "李雷")
    with site.view() as later:
        assert later is not first_view
    site.close()


def test_every_text_of_the_pages_is_used() -> None:
    folder = Path(words.__file__).parent
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".py", ".html")]
    told = "".join(text for text in sources if "TEXTS = {" not in text)
    built = ("step_", "next_", "error_", "measure_", "by_", "order_", "done_", "role_", "line_", "fact_", "table_")
    lost = [name for name in TEXTS if f"'{name}'" not in told and f'"{name}"' not in told]
    states = {*State, "worked", "no_effect", "too_early", "cannot_tell"}
    assert [one for one in lost if not one.startswith(built) and not one.endswith("_now") and one not in states] == []
