"""The overview shows the report's sections with the store's numbers, and each number leads to its metric."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from markup import Page, Rows, check_inert, section_of
from serving import TODAY, Served, serving
from test_pages import shown, text_of

from kefu.config import load_settings
from kefu.night.periods import Dates
from kefu.queue.record import Filter
from kefu.show.format import value_text
from kefu.web.period import Chosen, chosen_by
from kefu.web.site import Site

WEEK = "period=week&at=2025-06-04"
BAD = '''"""A section that fails."""
from kefu.plugin import Section, Title, hookimpl


@hookimpl
def kefu_sections():
    return [Section("bad_one", Title(zh="坏的一节", en="A bad one"), fails, order=15)]


def fails(reading):
    raise ValueError("<b>no luck</b>")
'''


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_figure_is_that_of_the_command_line_and_leads_to_its_metric(
    shared: Served, week: Path, lang: str
) -> None:
    with shared.client() as client:
        text = client.get(f"/overview?{WEEK}&lang={lang}").text
    page, part = check_inert(text), section_of(text, "glance-title")
    metrics = {one["name"]: one for one in shown(week, "show", "--week=2025-W23")["metrics"]}
    links = [href for href in Page(part).values("href") if href.startswith("/metrics/")]
    assert len(links) >= 10
    for href in links:
        name = urlsplit(href).path.removeprefix("/metrics/")
        assert parse_qs(urlsplit(href).query) == {"period": ["week"], "at": ["2025-06-02"]}
        place = part.index(f'<a href="{href.replace("&", "&amp;")}">')
        assert value_text(metrics[name]["value"], metrics[name]["unit"]) in part[place : place + 200], name
    assert [tag for tag, _ in page.tags].count("svg") > 10


def test_a_span_of_the_address_is_that_of_the_command_line(shared: Served, week: Path) -> None:
    with shared.client() as client:
        text = client.get("/overview?from=2025-06-03&to=2025-06-05").text
        same = client.get("/overview?from=2025-06-05&to=2025-06-03").text
    assert section_of(same, "glance-title") == section_of(text, "glance-title")
    told = shown(week, "show", "reply_interval", "--from=2025-06-03", "--to=2025-06-05")["metrics"][0]
    before = shown(week, "show", "reply_interval", "--from=2025-05-31", "--to=2025-06-02")["metrics"][0]
    part = section_of(text, "glance-title")
    assert f">{value_text(told['value'], 'seconds')}</a>" in part
    assert f"上期 {value_text(before['value'], 'seconds')}" in part
    assert "对比上期 2025-05-31 – 2025-06-02" in text


def test_the_numbers_of_groups_lead_to_the_metric_in_these_groups(shared: Served, week: Path) -> None:
    with shared.client() as client:
        part = section_of(client.get(f"/overview?{WEEK}").text, "by_group-title")
    links = [parse_qs(urlsplit(href).query).get("by") for href in Page(part).values("href")]
    assert {("queue",), ("channel",), ("scene",), ("team",)} == {tuple(one or ()) for one in links}
    document = shown(week, "show", "reply_interval", "--week=2025-W23", "--by", "queue")
    rows = {row[0]: row for row in Rows(part).rows}
    for group in document["groups"]:
        value = group["metrics"][0]["value"]
        if value is not None:
            assert value_text(value, "seconds") in rows[group["by"]["queue"]]


def test_a_section_that_fails_is_said_in_its_place(week: Path, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "bad_one.py").write_text(BAD, encoding="utf-8")
    with serving(week, tmp_path, plugins_dir=tmp_path / "plugins") as served, served.client() as client:
        text = client.get(f"/overview?{WEEK}").text
    check_inert(text)
    assert "ValueError: <b>no luck</b>" in Page(section_of(text, "bad_one-title")).text
    assert len(Page(section_of(text, "glance-title")).values("href")) >= 10


def test_a_period_without_any_data_says_so_and_numbers_are_missing_not_zero(shared: Served) -> None:
    with shared.client() as client:
        text = client.get("/overview?period=day&at=2031-01-01").text
    assert "2031-01-01" in text
    figures = re.findall(r'<p class="value">(.*?)</p>', section_of(text, "glance-title"))
    assert "–" in figures
    assert not [one for one in figures if "/metrics/" in one and "hotspot" not in one]


def test_the_overview_is_made_once_until_the_store_changes(served: Served) -> None:
    site = Site(served.store, load_settings(store="none"), None, "王敏")
    made: list[int] = []

    def make(_: object) -> list[int]:
        made.append(len(made))
        return [len(made)]

    assert site.kept("a", make, list) is site.kept("a", make, list)
    assert site.kept("b", make, list) == [2]
    item = served.queue.find(Filter(), TODAY).items[0]
    served.queue.claim(item.id, 1, "李雷")
    assert site.kept("a", make, list) == [3]
    for number in range(100):
        site.kept(number, make, list)
    assert site.kept("a", make, list) == [104]
    site.close()


def test_a_step_in_the_queue_is_seen_at_the_next_click(served: Served) -> None:
    with served.client() as client:
        before = Page(section_of(client.get(f"/overview?{WEEK}").text, "repair_queue-title")).text
        for item in served.queue.find(Filter(), TODAY).items[:3]:
            served.queue.claim(item.id, 1, "李雷")
        after = Page(section_of(client.get(f"/overview?{WEEK}").text, "repair_queue-title")).text
    assert before != after


ODD = (
    *("period=year", "at=", "at=2025-02-30", "at=0001-01-01", "at=9999-12-31", "period=month&at=2199-12-31"),
    *(
        "from=2025-06-03",
        "to=2025-06-03",
        "from=x&to=y",
        "from=9999-12-31&to=9999-12-31",
        "from=0001-01-01&to=2025-06-03",
    ),
    *("from=1971-01-01&to=2199-12-31", "from=%00&to=%FF", "from=2025-06-03&to=2025-06-04&period=month&at=2025-05-01"),
    "from=20250603&to=2025-W23-2",
    "&".join(f"x{number}=1" for number in range(60)),
)


@pytest.mark.parametrize("query", ODD)
@pytest.mark.parametrize("path", ["/metrics", "/metrics/reply_interval", "/metrics/reply_interval/sessions"])
def test_odd_periods_never_fail(shared: Served, path: str, query: str) -> None:
    with shared.client() as client:
        text_of(client, f"{path}?{query}")


@pytest.mark.parametrize("query", ODD[::4])
def test_odd_periods_never_fail_the_overview(shared: Served, query: str) -> None:
    with shared.client() as client:
        text_of(client, f"/overview?{query}")


LAST = dt.date(2025, 6, 8)


SPANS = [
    ("2025-06-03", "2025-06-05", "from=2025-06-06&to=2025-06-08"),
    ("2025-06-03", "2025-06-03", "from=2025-06-04&to=2025-06-04"),
    ("2025-01-01", "2025-01-31", "from=2025-02-01&to=2025-03-03"),
]


@pytest.mark.parametrize(("first", "last", "after"), SPANS)
def test_a_span_moves_by_as_many_days_and_back(first: str, last: str, after: str) -> None:
    chosen = chosen_by({"from": first, "to": last}, LAST)
    assert chosen == Chosen("span", Dates(dt.date.fromisoformat(first), dt.date.fromisoformat(last)))
    moved = chosen.moved(1)
    assert "&".join(f"{name}={value}" for name, value in moved.told.items()) == after
    assert moved.moved(-1) == chosen
    assert chosen_by(moved.told, LAST) == moved
    assert chosen.as_kind("month").dates.first == chosen.dates.last.replace(day=1)
