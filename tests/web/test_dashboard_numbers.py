"""The numbers of the metric pages: any period and grouping, why they changed, two groups side by side."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlencode

import pytest
from markup import Page, Rows, check_inert, section_of
from serving import Served
from test_pages import shown, text_of

from kefu.config import load_settings
from kefu.host import Host
from kefu.night.view import StoreView
from kefu.show.format import coverage_text, value_text
from kefu.show.why import signed
from kefu.store import open_store
from kefu.web.compared import pair_of

FIRST = dt.date(2025, 6, 2)
BY = ("channel", "queue", "scene", "agent_id", "team", "date", "week", "month", "half_hour")


@pytest.fixture(scope="module")
def view(week: Path) -> Iterator[StoreView]:
    settings = load_settings(store=str(week))
    with TemporaryDirectory() as scratch, open_store(str(week), create=False) as store:
        yield StoreView(store, settings, Host(settings.plugins_dir), Path(scratch))


@pytest.mark.parametrize("seed", range(20))
def test_twenty_questions(shared: Served, view: StoreView, seed: int) -> None:
    chance = random.Random(seed)
    metric = chance.choice(view.engine.metrics)
    first = FIRST + dt.timedelta(days=chance.randrange(7))
    last = min(first + dt.timedelta(days=chance.randrange(7)), FIRST + dt.timedelta(days=6))
    by = chance.choice(BY)
    outcome = view.outcome(first, last, (by,), [metric])
    with shared.client() as client:
        text = client.get(f"/metrics/{metric.name}?from={first}&to={last}&by={by}").text
    check_inert(text)
    whole = outcome.whole.values[metric.name]
    assert f'<p class="value">{value_text(whole.value, metric.unit)}</p>' in text
    rows = {row[0]: row for row in Rows(section_of(text, "groups")).rows[1:]}
    known = {group.key[0]: group.values[metric.name] for group in outcome.groups}
    for key, value in known.items():
        if value.value is not None:
            assert rows[key][1] == value_text(value.value, metric.unit)
            assert rows[key][-2] == coverage_text(value.coverage)
    assert rows.keys() <= known.keys()


def test_only_groupings_with_values_are_offered(shared: Served) -> None:
    with shared.client() as client:
        texts = [client.get(f"/metrics/{name}").text for name in ("adherence", "hotspot_repair_rate", "reply_interval")]
    links = [{one for one in BY if f"by={one}#groups" in text} for text in texts]
    dates = {"date", "week", "month"}
    assert links[0] == {"agent_id", "team", "half_hour"} | dates
    assert "agent_id" not in links[1]
    assert links[2] == {*BY} - {"half_hour"}


@pytest.mark.parametrize(("by", "name"), [("queue", "reply_interval"), ("team", "agent_closed_rate")])
def test_why_it_changed_is_what_the_command_line_says(shared: Served, week: Path, by: str, name: str) -> None:
    periods = "--from=2025-06-05", "--to=2025-06-07", "--against", "2025-06-02..2025-06-04"
    document = shown(week, "why", name, *periods, "--by", by)
    told = {"from": "2025-06-05", "to": "2025-06-07", "against_from": "2025-06-02", "against_to": "2025-06-04"}
    with shared.client() as client:
        part = section_of(client.get(f"/metrics/{name}?{urlencode({**told, 'by': by})}").text, "why")
    rows = {row[0]: row[1:] for row in Rows(part).rows[1:]}
    unit, (split,) = document["unit"], document["splits"]
    for group in split["groups"]:
        cells = rows[group["group"]]
        assert cells[:2] == [value_text(group[side]["value"], unit) for side in ("before", "after")]
        assert cells[3:] == [signed(group[move], unit) for move in ("mix", "rate", "change")]
    assert rows["全部"][-1] == signed(document["change"], unit)
    assert len(rows) == len(split["groups"]) + 1 + bool(split["shared"]) + bool(split["joint"])


def test_without_a_period_to_compare_with_it_is_the_one_before(shared: Served, week: Path) -> None:
    document = shown(week, "why", "reply_interval", "--day=2025-06-05", "--by", "queue")
    with shared.client() as client:
        text = client.get("/metrics/reply_interval?period=day&at=2025-06-05&by=queue").text
        other = text_of(client, "/metrics/reply_interval?period=day&at=2025-06-05&by=date")
        nothing = text_of(client, "/metrics/reply_interval?at=2025-06-05&against_from=2030-01-01&against_to=2030-01-02")
    assert signed(document["change"], "seconds") in Page(section_of(text, "why")).text
    assert "按日期无法拆分变化" in other
    assert "其中一个期间没有数值" in nothing


def test_two_groups_stand_side_by_side(shared: Served, view: StoreView) -> None:
    first, last = FIRST, FIRST + dt.timedelta(days=6)
    metric = view.engine.metric("reply_interval")
    days = view.outcome(first, last, ("date", "queue"), [metric]).groups
    whole = {g.key[0]: g.values[metric.name] for g in view.outcome(first, last, ("queue",), [metric]).groups}
    with shared.client() as client:
        text = client.get(f"/metrics/reply_interval?period=week&at={first}&by=queue&groups={quote('售后,物流')}").text
        same = client.get(f"/metrics/reply_interval?period=week&at={first}&by=queue&one=售后&two=物流").text
    part = section_of(text, "two")
    assert part == section_of(same, "two")
    told = Page(part).text
    for key in ("售后", "物流"):
        assert value_text(whole[key].value, "seconds") in told
        assert f"answered_turns {whole[key].measures['answered_turns']:,}" in told
    values = {g.key: value_text(g.values[metric.name].value, "seconds") for g in days}
    rows = Rows(part).rows[1:]
    assert [row[1:] for row in rows] == [[values[row[0], "售后"], values[row[0], "物流"]] for row in rows]
    assert len(rows) == 7
    apart = (whole["物流"].value or 0) - (whole["售后"].value or 0)
    assert f"{'−' if apart < 0 else '+'}{value_text(abs(apart), 'seconds')}" in told


@pytest.mark.parametrize(
    ("told", "pair"),
    [
        ({"groups": "a,b"}, ("a", "b")),
        ({"groups": "a,a,b"}, ("a,a", "b")),
        ({"groups": "b,a,a"}, ("b", "a,a")),
        ({"one": "b", "two": "a"}, ("b", "a")),
        ({"groups": "a,a"}, ()),
        ({"groups": "a"}, ()),
        ({"groups": ",,,"}, ()),
        ({"groups": "a,c"}, ()),
        ({"one": "a", "two": "a"}, ()),
        ({}, ()),
    ],
)
def test_two_groups_are_those_that_there_are(told: dict[str, str], pair: tuple[str, ...]) -> None:
    assert pair_of(told, dict.fromkeys(("a", "b", "a,a"), 0)) == pair


@pytest.mark.parametrize(
    "query",
    [
        *(
            "by=half_hour",
            "by=nothing",
            "by=date&groups=2025-06-02,2025-06-03",
            "by=week&one=1&two=2",
            "groups=%00,%FF",
        ),
        *("against_from=2025-06-03", "against_from=x&against_to=y", "against_from=1971-01-01&against_to=2199-12-31"),
        "by=agent_id&groups=A01,A02&against_from=2025-06-02&against_to=2025-06-02&page=-1",
    ],
)
@pytest.mark.parametrize("name", ["reply_interval", "ai_assist_gain", "peak_concurrency", "forecast_accuracy"])
def test_odd_questions_never_fail(shared: Served, name: str, query: str) -> None:
    with shared.client() as client:
        check_inert(client.get(f"/metrics/{name}?{query}").text)
        text_of(client, f"/metrics/{name}?{query}&period=week&at=2025-06-04")


def test_groups_that_are_not_there_are_said(shared: Served) -> None:
    with shared.client() as client:
        assert "没有这样两个有数值的组" in text_of(client, "/metrics/reply_interval?by=queue&groups=x,y")


def test_intervals_ranges_and_what_is_not_settled_are_said(shared: Served, view: StoreView) -> None:
    outcome = view.outcome(FIRST, FIRST + dt.timedelta(days=6))
    with_interval = [name for name, value in outcome.whole.values.items() if value.interval]
    assert with_interval
    with shared.client() as client:
        for name in with_interval:
            low, high = outcome.whole.values[name].interval or (0, 0)
            unit = view.engine.metric(name).unit
            page = text_of(client, f"/metrics/{name}?period=week&at=2025-06-04")
            assert f"{value_text(low, unit)} … {value_text(high, unit)}" in page
        low, high = view.engine.metric("occupancy").band or (0, 0)
        assert f"{low:.1%} … {high:.1%}" in text_of(client, "/metrics/occupancy")
        late = view.engine.metric("first_contact_resolution").settles
        first = FIRST + dt.timedelta(days=6 - min(late, 7) + 1)
        page = text_of(client, "/metrics/first_contact_resolution?period=week&at=2025-06-04")
        assert f"之后的会话仍可能改变它：{first} – 2025-06-08" in page
