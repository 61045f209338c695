"""``hotspot_repair_rate`` of any period, from the rules and from what people did; values worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from counted import Clock, Shop, date, hotspots, noon, question, shown

from kefu.queue.items import State
from kefu.store.opening import Store
from kefu.store.schema import queue_steps

RATE = ("hotspot_repair_rate", "repair_days_p50")
NONE = None
Shares = dict[str, str | None]


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Shop:
    shop = Shop(store, tmp_path)
    shop.table = hotspots({"hotspot_id": "h1"})
    return shop


def clicked(*ids: str, clicks: int = 0) -> list[dict[str, int | str]]:
    return [dict(shown(name, shown=40, clicks=clicks)) for name in ids]


def share(shop: Shop, first: int, last: int) -> str | None:
    """Return repaired ÷ needing repair of a period, as it is written."""
    (found,) = shares(shop, first, last, ()).values()
    return found


def shares(shop: Shop, first: int, last: int, by: tuple[str, ...]) -> Shares:
    view = shop.view()
    metrics = [metric for metric in view.engine.metrics if metric.name in RATE]
    found = view.outcome(date(first), date(last), by, metrics)
    told = {}
    for group in found.groups if by else [found.whole]:
        value = group.values["hotspot_repair_rate"]
        told["".join(group.key)] = (
            None if value.value is None else f"{value.measures['repaired']}/{value.measures['needing_repair']}"
        )
    return told


def days(shop: Shop, first: int, last: int) -> list[str | None]:
    found = shares(shop, first, last, ("date",))
    return [found.get(str(date(number))) for number in range(first, last + 1)]


def test_where_only_tables_are_given_the_nights_change_nothing(shop: Shop) -> None:
    """Three need repair at the start, one of them is repaired on the third day, one goes stale on the fourth."""
    shop.table = hotspots(
        {"hotspot_id": "h1", "flagged_at": noon(-3)},
        {"hotspot_id": "h2", "flagged_at": noon(-3), "repaired_at": noon(2)},
        {"hotspot_id": "h3", "published_at": noon(-9), "knowledge_updated_at": noon(3)},
        {"hotspot_id": "h4"},
        {"hotspot_id": "h5"},
    )
    for number in range(6):
        shop.write(number, counts=[*clicked("h4"), *clicked("h1", "h2", "h3", "h5", clicks=20)])
    periods = [(0, 5), (0, 1), (2, 2), (3, 5), (1, 3)]
    before = [shares(shop, *period, by) for period in periods for by in ((), ("date",), ("week",), ("month",))]
    assert [share(shop, *period) for period in periods] == ["1/4", "0/3", "1/3", "0/3", "1/4"]
    for _ in range(2):
        shop.refresh()
        after = [shares(shop, *period, by) for period in periods for by in ((), ("date",), ("week",), ("month",))]
        assert after == before
    assert {item.state for item in shop.items()} == {State.OPEN}


def test_a_repair_by_the_queue_counts_in_the_periods_that_hold_it(shop: Shop, clock: Clock) -> None:
    """Opened at the end of 06-01, a Sunday, repaired on 06-11 at noon, after nine days and a half."""
    for number in range(21):
        if number == 10:
            shop.repair("h1", clock, noon(10))
        shop.night(number, counts=clicked("h1"))
    assert days(shop, 0, 20) == ["0/1"] * 10 + ["1/1"] + [NONE] * 10
    weeks = {"2025-W22": "0/1", "2025-W23": "0/1", "2025-W24": "1/1"}
    assert shares(shop, 0, 20, ("week",)) == weeks  # in the last one nothing needed repair
    assert shares(shop, 0, 20, ("month",)) == {"2025-06": "1/1"}
    assert [share(shop, *period) for period in ((0, 9), (5, 12), (10, 10), (11, 20))] == ["0/1", "1/1", "1/1", NONE]
    view = shop.view()
    metrics = [metric for metric in view.engine.metrics if metric.name in RATE]
    took = view.outcome(date(5), date(12), (), metrics).whole.values["repair_days_p50"]
    assert took.value == pytest.approx(9.5, rel=0.01)


def test_what_was_dismissed_needs_no_repair_until_its_date(shop: Shop, clock: Clock) -> None:
    for number in range(12):
        if number == 5:
            clock.at = noon(5)
            shop.queue.dismiss(shop.item("h1").id, 1, "小李", "季节性", date(8))
        shop.night(number, counts=clicked("h1"))
    assert days(shop, 0, 11) == ["0/1"] * 6 + [NONE] * 3 + ["0/1"] * 3
    assert [share(shop, *period) for period in ((0, 7), (6, 8), (6, 9), (0, 4))] == ["0/1", NONE, "0/1", "0/1"]


def test_what_was_opened_again_needs_repair_again(shop: Shop, clock: Clock) -> None:
    for number in range(16):
        if number in {3, 12}:
            shop.repair("h1", clock, noon(number))
        if number == 6:
            clock.at = noon(6)
            item = shop.item("h1")
            shop.queue.reopen(item.id, item.version, "小李", "又坏了")
        shop.night(number, counts=clicked("h1"))
    assert days(shop, 0, 15) == ["0/1"] * 3 + ["1/1"] + [NONE] * 2 + ["0/1"] * 6 + ["1/1"] + [NONE] * 3
    periods = ((0, 15), (4, 11), (4, 5), (4, 12), (13, 15))
    assert [share(shop, *period) for period in periods] == ["1/1", "0/1", NONE, "1/1", NONE]


def test_hotspots_are_counted_once_and_those_not_repaired_lower_the_rate(shop: Shop, clock: Clock) -> None:
    shop.table = hotspots(*({"hotspot_id": name} for name in ("h1", "h2", "h3")))
    counts = [*clicked("h1", "h2"), *clicked("h3", clicks=30)]
    shop.night(0, counts=counts)
    shop.queue.claim(shop.item("h2").id, 1, "小王")
    shop.repair("h1", clock, noon(1))
    for number in (1, 2):
        shop.night(number, counts=counts)
    assert [share(shop, *period) for period in ((0, 2), (1, 1), (2, 2))] == ["1/2", "1/2", "0/1"]


def test_a_topic_that_somebody_took_counts_as_well(shop: Shop, clock: Clock) -> None:
    shop.table = hotspots({"hotspot_id": "h1"})
    asked = [question(text, 5) for text in ("怎么修改收货地址", "我想修改收货地址", "收货地址怎么修改啊")]
    fine = clicked("h1", clicks=20)
    shop.night(0, counts=fine, questions=asked)
    (topic,) = (item for item in shop.items() if item.subject == "topic")
    clock.at = noon(1)
    shop.queue.claim(topic.id, topic.version, "小李")
    shop.night(1, counts=fine, questions=asked)
    shop.repair(topic.subject_id, clock, noon(2))
    shop.night(2, counts=fine)
    assert days(shop, 0, 2) == ["0/1", "0/1", "1/1"]


def test_a_repair_is_of_the_local_date_on_which_it_was_done(shop: Shop, clock: Clock) -> None:
    """At 00:30 in Shanghai it is still the day before in UTC."""
    for number in range(5):
        if number == 3:
            shop.repair("h1", clock, noon(3, 0))
        shop.night(number, counts=clicked("h1"))
    assert days(shop, 0, 4) == ["0/1"] * 3 + ["1/1", NONE]
    assert len(shop.rows(queue_steps)) == 2
