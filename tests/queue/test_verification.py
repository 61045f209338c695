"""Did it help? Simulated traffic with a known effect, night by night through the queue."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from counted import Clock, Row, Shop, date, hotspots, noon, question, shown, used

from kefu.queue.items import Item, State, StepName
from kefu.store.opening import Store

REPAIRED = 8
ADDRESS = ("怎么修改收货地址", "我想修改收货地址", "收货地址怎么修改啊")


@pytest.fixture
def shop(sqlite_store: Store, tmp_path: Path) -> Shop:
    shop = Shop(sqlite_store, tmp_path)
    shop.table = hotspots({"hotspot_id": "h1"})
    return shop


def rated(name: str, adopted: int, rated: int = 40) -> Row:
    return shown(name, shown=90, clicks=30, rated=rated, adopted=adopted)


def nights(shop: Shop, numbers: Iterable[int], *counts: Row, **more: Iterable[Row]) -> None:
    for number in numbers:
        shop.night(number, counts=counts, **more)


def repaired_at_night_8(shop: Shop, clock: Clock) -> Item:
    """Return an item with eight nights of 8 adopted of 40 before its repair."""
    nights(shop, range(REPAIRED), rated("h1", 8))
    return shop.repair("h1", clock, noon(REPAIRED))


def verification(item: Item) -> dict[str, object]:
    assert item.verification is not None
    return item.verification


def test_a_true_improvement_is_verified_from_the_days_after_the_repair(shop: Shop, clock: Clock) -> None:
    repaired_at_night_8(shop, clock)
    nights(shop, [REPAIRED], rated("h1", 40))
    told = verification(shop.item("h1"))
    assert (told["state"], told["measure"], told["target"]) == ("too_early", "adoption", 0.5)
    assert (told["before"], told["after"]) == ({"x": 56, "n": 280}, {"x": 0, "n": 0})
    nights(shop, [REPAIRED + 1], rated("h1", 26))
    item, told = shop.item("h1"), verification(shop.item("h1"))
    assert (item.state, told["state"]) == (State.VERIFIED, "worked")
    assert (told["after"], told["from"], told["to"]) == ({"x": 26, "n": 40}, str(date(9)), str(date(9)))
    assert told["difference"] == pytest.approx(26 / 40 - 56 / 280)
    assert shop.steps(item)[-1] == StepName.VERIFIED
    assert shop.queue.steps(item.id)[-1].who == "kefu"


def test_the_sample_before_leaves_out_the_days_that_decided_it(shop: Shop, clock: Clock) -> None:
    """The first night was the worst; those after it, before anything was done, say what is usual."""
    nights(shop, [0], rated("h1", 2))
    nights(shop, range(1, REPAIRED), rated("h1", 16))
    shop.repair("h1", clock, noon(REPAIRED))
    nights(shop, range(REPAIRED, REPAIRED + 2), rated("h1", 16))
    assert verification(shop.item("h1"))["before"] == {"x": 7 * 16, "n": 7 * 40}


def test_a_repair_without_effect_is_opened_again_and_stays_open(shop: Shop, clock: Clock) -> None:
    repaired_at_night_8(shop, clock)
    nights(shop, range(REPAIRED, REPAIRED + 2), rated("h1", 8))
    item = shop.item("h1")
    assert (item.state, verification(item)["state"]) == (State.OPEN, "no_effect")
    assert shop.steps(item)[-1] == StepName.REOPENED
    assert item.due_on is not None
    assert item.due_on > date(REPAIRED + 1)
    nights(shop, range(REPAIRED + 2, REPAIRED + 5), rated("h1", 8))
    after = shop.item("h1")
    assert (after.state, after.version, after.due_on) == (State.OPEN, item.version, item.due_on)


def test_it_is_too_early_while_there_is_too_little_traffic_and_at_last_nobody_can_tell(
    shop: Shop, clock: Clock
) -> None:
    repaired_at_night_8(shop, clock)
    for number in (REPAIRED + 1, REPAIRED + 30, REPAIRED + 59):
        nights(shop, [number], rated("h1", 1, rated=2))
        assert verification(shop.item("h1"))["state"] == "too_early"
    nights(shop, [REPAIRED + 61], rated("h1", 1, rated=2))
    assert (shop.item("h1").state, verification(shop.item("h1"))["state"]) == (State.REPAIRED, "cannot_tell")
    assert shop.steps(shop.item("h1")) == [StepName.OPENED, StepName.REPAIRED]


def test_the_sample_before_stays_the_same_however_long_it_takes(shop: Shop, clock: Clock) -> None:
    """The listing forgets after 30 days; the look that was fixed by the sample before must not move."""
    shop.table = hotspots({"hotspot_id": "h1", "flagged_at": noon(0)})
    usual = [used("h1", "left", 2), used("h1", "again", 18)]
    nights(shop, range(REPAIRED), rated("h1", 30), uses=usual)
    shop.repair("h1", clock, noon(REPAIRED))
    nights(shop, [REPAIRED], rated("h1", 30), uses=usual)
    first = verification(shop.item("h1"))
    assert (first["measure"], first["before"]) == ("handled", {"x": 14, "n": 140})
    for number in (REPAIRED + 20, REPAIRED + 35, REPAIRED + 50):
        nights(shop, [number], rated("h1", 30), uses=[used("h1", "thanks", 1)])
        later = verification(shop.item("h1"))
        assert (later["before"], later["needed"], later["state"]) == (first["before"], first["needed"], "too_early")


def test_a_topic_is_verified_when_fewer_sessions_ask(shop: Shop, clock: Clock) -> None:
    """The queue knows topics of seven days before its first night, and nothing of earlier ones."""
    asked = [question(text, 10) for text in ADDRESS]
    for number in range(-20, 0):
        shop.write(number, sessions=1000)
    for number in range(REPAIRED):
        shop.night(number, counts=[rated("h1", 30)], questions=asked, sessions=200)
    (topic,) = (item for item in shop.items() if item.subject == "topic")
    shop.repair(topic.subject_id, clock, noon(REPAIRED))
    for number in range(REPAIRED, REPAIRED + 3):
        shop.night(number, counts=[rated("h1", 30)], questions=[question(ADDRESS[0], 1)], sessions=200)
    told = verification(shop.queue.item(topic.id))
    assert (told["measure"], told["state"]) == ("unrecognised", "worked")
    assert told["before"] == {"x": 7 * 30, "n": 7 * 200}


def test_clicks_are_what_tells_of_few_clicks(shop: Shop, clock: Clock) -> None:
    few = shown("h1", shown=60, clicks=1)
    nights(shop, range(REPAIRED), few)
    shop.repair("h1", clock, noon(REPAIRED))
    nights(shop, range(REPAIRED, REPAIRED + 6), shown("h1", shown=60, clicks=24))
    told = verification(shop.item("h1"))
    assert (told["measure"], told["state"], shop.item("h1").state) == ("clicks", "worked", State.VERIFIED)


def test_of_many_repairs_those_that_helped_are_told_from_those_that_did_not(shop: Shop, clock: Clock) -> None:
    """Sixty hotspots at 20 %: half of the repairs reach 55 %, half change nothing."""
    chance = random.Random(7)
    names = [f"h{number:02}" for number in range(60)]
    after = {name: 0.55 if number % 2 else 0.2 for number, name in enumerate(names)}
    shop.table = hotspots(*({"hotspot_id": name} for name in names))

    def day(rates: dict[str, float]) -> list[Row]:
        return [rated(name, sum(chance.random() < rate for _ in range(40))) for name, rate in rates.items()]

    for number in range(REPAIRED):
        shop.night(number, counts=day(dict.fromkeys(names, 0.2)))
    for name in names:
        shop.repair(name, clock, noon(REPAIRED))
    for number in range(REPAIRED, REPAIRED + 5):
        shop.night(number, counts=day(after))
    worked = {name for name in names if shop.item(name).state == State.VERIFIED}
    helped = {name for name in names if after[name] > 0.5}
    assert len(worked & helped) >= 29
    assert len(worked - helped) <= 2
    assert all(shop.item(name).state == State.OPEN for name in names if name not in worked)
