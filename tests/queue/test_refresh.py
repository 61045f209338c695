"""The queue after each night: what is opened, joined, closed and opened again; a night counts whole or not at all."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from counted import FIRST, OURS, Clock, Shop, date, hotspots, noon, question, shown, used

from kefu.queue import refresh as refreshing
from kefu.queue.items import State, StepName
from kefu.queue.refresh import is_due
from kefu.store.opening import Store
from kefu.store.schema import queue_items, queue_memory, queue_steps

FEW = shown("h1", shown=40, clicks=2)
"""Few clicks: 40 sessions × (1 − 2/10) = 32."""
ENOUGH = shown("h1", shown=40, clicks=20)
DISLIKED = shown("h1", shown=200, clicks=20, rated=100, adopted=20)
"""Seldom adopted: 100 sessions × (0.5 − 0.2) = 30."""
ADDRESS = ("怎么修改收货地址", "我想修改收货地址", "收货地址怎么修改啊", "修改收货地址在哪里", "收货地址写错了怎么修改")


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Shop:
    shop = Shop(store, tmp_path)
    shop.table = hotspots({"hotspot_id": "h1", "title": "退货流程"})
    return shop


def test_what_needs_repair_is_opened_with_its_evidence_at_the_end_of_the_date(shop: Shop) -> None:
    told = shop.night(0, counts=[FEW])
    item = shop.item("h1")
    (reason,) = item.reasons
    assert (told.opened, told.joined, told.closed, told.reopened, told.verified, told.failures) == (1, 0, 0, 0, 0, [])
    assert (item.subject, item.title, item.state, item.version) == ("hotspot", "退货流程", State.OPEN, 1)
    assert (item.priority, item.due_on, item.seen_on) == (32, FIRST + dt.timedelta(days=5), FIRST)
    assert item.opened_at == noon(1, 0) - dt.timedelta(microseconds=1)
    assert (reason.name, reason.since, reason.sessions, reason.gap) == ("low_clicks", FIRST, 40, 0.8)
    assert reason.evidence == {"clicks": 2, "shown": 40, "limit": 10, "window_days": 30}
    assert shop.steps(item) == [StepName.OPENED]


@pytest.mark.parametrize(("saves", "days"), [(100, 2), (99, 5), (20, 5), (19, 10), (0, 10)])
def test_due_by_what_a_repair_would_save(shop: Shop, saves: int, days: int) -> None:
    shop.night(0, counts=[shown("h1", shown=saves), {**ENOUGH, "hotspot_id": "h2"}])
    assert (shop.item("h1").priority, shop.item("h1").due_on) == (saves, date(days))


def test_a_new_reason_joins_the_item_and_it_is_due_no_later(shop: Shop) -> None:
    shop.night(0, counts=[FEW])
    told = shop.night(1, counts=[DISLIKED | {"clicks": 0}])
    item = shop.item("h1")
    assert (told.opened, told.joined) == (0, 1)
    assert [(reason.name, reason.since, reason.saves) for reason in item.reasons] == [
        ("low_clicks", date(0), 192),
        ("low_adoption", date(1), 30),
    ]
    assert (item.priority, item.due_on, item.version) == (192, date(3), 2)
    assert shop.queue.steps(item.id)[-1].data == {"reasons": ["low_adoption"]}


def test_a_later_night_with_less_to_save_does_not_put_the_due_date_off(shop: Shop) -> None:
    shop.night(0, counts=[FEW])
    shop.night(3, counts=[shown("h1", shown=1, clicks=7)])
    item = shop.item("h1")
    assert (item.priority, item.due_on, item.version) == (4, date(5), 1)


def test_what_is_no_longer_seen_is_closed_unless_somebody_works_on_it(shop: Shop) -> None:
    shop.table = hotspots({"hotspot_id": "h1"}, {"hotspot_id": "h2"})
    shop.night(0, counts=[FEW, {**FEW, "hotspot_id": "h2"}])
    taken = shop.queue.claim(shop.item("h2").id, 1, "小李")
    told = shop.night(1, counts=[ENOUGH, {**ENOUGH, "hotspot_id": "h2"}])
    closed, kept = shop.item("h1"), shop.item("h2")
    assert told.closed == 1
    assert (closed.state, closed.dismissed_until) == (State.DISMISSED, None)
    assert shop.queue.steps(closed.id)[-1].who == "kefu"
    assert (kept.state, kept.assignee, kept.version) == (State.IN_REPAIR, "小李", taken.version)
    assert [reason.active for reason in kept.reasons] == [False]


def test_what_was_closed_by_the_night_is_opened_anew_when_it_is_seen_again(shop: Shop) -> None:
    shop.night(0, counts=[FEW])
    shop.night(1, counts=[ENOUGH])
    told = shop.night(31, counts=[FEW])
    assert told.opened == 1
    assert [item.state for item in shop.items("h1")] == [State.DISMISSED, State.OPEN]


def test_what_was_dismissed_rests_until_its_date_and_comes_back(shop: Shop, clock: Clock) -> None:
    shop.night(0, counts=[FEW])
    clock.at = noon(1)
    shop.queue.dismiss(shop.item("h1").id, 1, "小李", "季节性", date(3))
    for number in (1, 2, 3):
        assert shop.night(number, counts=[FEW | {"clicks": 0}]).opened == 0
    told = shop.night(4, counts=[FEW | {"clicks": 0}])
    assert told.opened == 1
    assert [item.state for item in shop.items("h1")] == [State.DISMISSED, State.OPEN]


def test_what_people_open_again_is_not_closed_by_the_night_and_gets_a_due_date(shop: Shop, clock: Clock) -> None:
    shop.night(0, counts=[FEW])
    clock.at = noon(1)
    item = shop.queue.dismiss(shop.item("h1").id, 1, "小李", "看错了", date(30))
    shop.queue.reopen(item.id, item.version, "小李", "还是要修")
    assert shop.night(1, counts=[ENOUGH]).closed == 0
    item = shop.item("h1")
    assert (item.state, item.due_on) == (State.OPEN, date(6))
    assert [reason.active for reason in item.reasons] == [False]
    shop.night(2, counts=[ENOUGH])
    assert shop.item("h1") == item


def test_a_repair_is_not_undone_by_the_night_of_its_date(shop: Shop, clock: Clock) -> None:
    row = {"hotspot_id": "h1", "published_at": noon(-9), "knowledge_updated_at": noon(-1), "flagged_at": noon(-1)}
    shop.table = hotspots(row)
    shop.night(0, counts=[ENOUGH])
    assert {reason.name for reason in shop.item("h1").reasons} == {"stale", "flagged"}
    shop.repair("h1", clock, noon(1))
    assert shop.night(1, counts=[ENOUGH]).reopened == 0
    assert shop.item("h1").state == State.REPAIRED


@pytest.mark.parametrize(("name", "column"), [("stale", "knowledge_updated_at"), ("flagged", "flagged_at")])
def test_what_is_stale_or_flagged_again_after_its_repair_is_opened_again(
    shop: Shop, clock: Clock, name: str, column: str
) -> None:
    row: dict[str, Any] = {"hotspot_id": "h1", "published_at": noon(-9), column: noon(-1)}
    shop.table = hotspots(row)
    shop.night(0, counts=[ENOUGH])
    shop.repair("h1", clock, noon(1))
    shop.table = hotspots({**row, column: noon(4)})
    told = shop.night(5, counts=[ENOUGH])
    item = shop.item("h1")
    assert told.reopened == 1
    assert (item.state, item.assignee, item.due_on) == (State.OPEN, None, date(10))
    assert shop.steps(item) == [StepName.OPENED, StepName.REPAIRED, StepName.REOPENED]
    assert shop.queue.steps(item.id)[-1].data == {"reasons": [name]}
    shop.night(6, counts=[ENOUGH])
    assert (shop.item("h1").priority, shop.item("h1").due_on) == (120, date(8))


def test_a_night_that_is_run_again_changes_nothing(shop: Shop, clock: Clock) -> None:
    shop.night(0, counts=[FEW], questions=[question(text, 9) for text in ADDRESS])
    shop.repair("h1", clock, noon(1))
    shop.night(1, counts=[FEW], questions=[question(text, 9) for text in ADDRESS])
    tables = (queue_items, queue_steps, queue_memory)
    before = [shop.rows(table) for table in tables]
    told = shop.refresh()
    assert told is not None
    assert told.notes("zh") == []
    assert [shop.rows(table) for table in tables] == before


def test_the_queue_is_due_once_after_each_run_that_wrote_a_date(shop: Shop) -> None:
    assert not is_due(shop.store)
    assert shop.refresh() is None
    shop.write(0, counts=[FEW])
    assert is_due(shop.store)
    shop.refresh()
    assert not is_due(shop.store)
    shop.write(0, counts=[FEW])
    assert not is_due(shop.store)


@pytest.mark.parametrize("at", ["take_step", "open_item", "_remember"])
def test_a_refresh_that_is_cut_short_leaves_nothing_behind(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    shop.table = hotspots({"hotspot_id": "h1"}, {"hotspot_id": "h2"})
    shop.night(0, counts=[FEW, {**FEW, "hotspot_id": "h2"}])
    shop.table = hotspots(*({"hotspot_id": name} for name in ("h1", "h2", "h3")))
    tables = (queue_items, queue_steps, queue_memory)
    before = [shop.rows(table) for table in tables]
    shop.write(1, counts=[ENOUGH, {**DISLIKED, "hotspot_id": "h2"}, {**FEW, "hotspot_id": "h3"}])
    whole = getattr(refreshing, at)

    def cut(*told: Any, **more: Any) -> None:  # noqa: ANN401
        whole(*told, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(refreshing, at, cut)
        with pytest.raises(KeyboardInterrupt):
            shop.refresh()
    assert [shop.rows(table) for table in tables] == before
    assert is_due(shop.store)
    told = shop.refresh()
    assert told is not None
    assert (told.opened, told.joined, told.closed) == (1, 1, 1)


def test_a_topic_without_a_hotspot_is_an_item_and_one_near_a_hotspot_joins_it(shop: Shop) -> None:
    told = shop.night(0, counts=[FEW], questions=[question(text, 5) for text in ADDRESS])
    (topic,) = (item for item in shop.items() if item.subject == "topic")
    assert told.opened == 2
    assert (topic.title in ADDRESS, topic.priority, [r.name for r in topic.reasons]) == (True, 25, ["unrecognised"])
    shop.table = hotspots({"hotspot_id": "h1", "title": "退货流程"}, {"hotspot_id": "h2", "title": "怎么修改收货地址"})
    shop.night(1, counts=[FEW, {**ENOUGH, "hotspot_id": "h2"}], questions=[question(text, 5) for text in ADDRESS])
    assert [reason.name for reason in shop.item("h2").reasons] == ["unrecognised"]
    assert shop.queue.item(topic.id).state == State.DISMISSED


VENDOR = '''
"""One answer that is too long: a reason of a vendor."""

import polars as pl
from kefu.plugin import Reason, Seen, Title, hookimpl

def too_long(seen: Seen) -> pl.DataFrame:
    rows = seen.gathered["hotspots"].filter(pl.col("next") == "again").group_by("hotspot_id").agg(pl.col("uses").sum())
    return rows.filter(pl.col("uses") >= 3).select(
        pl.lit("hotspot").alias("subject"), pl.col("hotspot_id").alias("subject_id"), pl.lit("太长").alias("title"),
        pl.col("uses").alias("sessions"), pl.lit(0.5).alias("gap"), pl.lit(3).alias("limit"),
    )

@hookimpl
def kefu_reasons():
    return [Reason("too_long", Title(zh="太长", en="Too long"), Title(zh="客户又问一遍", en="asked again"), too_long)]
'''
AGAIN = [used("h1", "again", 9)]


def vendor(text: str = VENDOR) -> ModuleType:
    module = ModuleType("vendor")
    exec(text, vars(module))  # noqa: S102
    return module


def test_a_plugin_of_one_file_adds_a_reason(shop: Shop, tmp_path: Path) -> None:
    shop = Shop(shop.store, tmp_path, vendor())
    shop.night(0, uses=AGAIN)
    (reason,) = shop.item("h1").reasons
    assert (reason.name, reason.sessions, reason.saves, reason.evidence) == ("too_long", 9, 4, {"limit": 3})


def test_the_reason_of_the_guide_works(shop: Shop, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "queue.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    shop = Shop(shop.store, tmp_path, vendor(example))
    shop.night(0, uses=[used("h1", "again", 21), used("h1", "left", 63), used("h2", "again", 20)])
    (reason,) = shop.item("h1").reasons
    assert (reason.name, reason.sessions, reason.gap, reason.evidence) == ("asked_again", 84, 0.25, {"again": 21})
    assert shop.items("h2") == []


BROKEN = {
    "finding raises": ('rows = seen.gathered["hotspots"]', "rows = (1 / 0)", "ZeroDivisionError"),
    "a column is lacking": ('.alias("sessions")', '.alias("session")', "gave back no table"),
    "another subject": ('pl.lit("hotspot")', 'pl.lit("agent")', "neither hotspot nor topic"),
    "offering raises": ("    return [Reason(", "    1 / 0\n    return [Reason(", "ZeroDivisionError"),
    "a name that is taken": ('Reason("too_long"', 'Reason("stale"', "stale"),
    "no reason": ("    return [Reason(", "    return [3, Reason(", "Reason"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_plugin_that_fails_loses_its_own_reason_only_and_the_night_says_so(
    store: Store, tmp_path: Path, case: str
) -> None:
    old, new, why = BROKEN[case]
    assert old in VENDOR
    shop = Shop(store, tmp_path, vendor(VENDOR.replace(old, new)))
    shop.table = hotspots({"hotspot_id": "h1"})
    told = shop.night(0, counts=[FEW], uses=AGAIN)
    assert [reason.name for reason in shop.item("h1").reasons] == ["low_clicks"]
    (failure,) = told.failures
    assert failure.startswith("vendor: ")
    assert why in failure
    assert [one for one in told.notes("zh") if "vendor" in one]


def test_while_a_plugin_fails_its_items_stay_as_they_were(store: Store, tmp_path: Path) -> None:
    works, fails = vendor(), vendor(VENDOR.replace('rows = seen.gathered["hotspots"]', "rows = (1 / 0)"))
    Shop(store, tmp_path, works).night(0, uses=AGAIN)
    shop = Shop(store, tmp_path, fails)
    before = shop.items()
    assert shop.night(1).closed == 0
    assert shop.items() == before
    assert Shop(store, tmp_path, works).night(31).closed == 1


def test_a_listing_that_fails_does_not_keep_the_queue_from_other_reasons(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = OURS[0]
    monkeypatch.setattr(topics, "group_topics", lambda *_, **__: 1 / 0)
    told = shop.night(0, counts=[FEW], questions=[question(text, 9) for text in ADDRESS])
    assert [item.subject_id for item in shop.items()] == ["h1"]
    assert [failure.partition(":")[0] for failure in told.failures] == ["hot_topics"]


def test_texts_are_masked_before_they_are_kept(shop: Shop) -> None:
    shop.table = hotspots({"hotspot_id": "h1", "title": "打 13812345678 退货"})
    shop.night(0, counts=[FEW])
    assert "13812345678" not in shop.item("h1").title


def test_the_night_says_what_it_did_in_both_languages(shop: Shop) -> None:
    told = shop.night(0, counts=[FEW])
    assert told.notes("zh") == ["修复队列：新增 1"]
    assert told.notes("en") == ["repair queue: 1 opened"]
