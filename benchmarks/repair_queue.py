"""How long the repair queue takes to list, to search and to open an item, with 100,000 items.

    python benchmarks/repair_queue.py WORK [--items 100000] [--rounds 20] [--store URL]

One item in five waits, as after years of work; every search and every order is asked for in turn, the first page and a
late one. Times are of whole calls, as the commands and the pages make them. Without ``--store``: SQLite in WORK.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kefu.queue.items import ReasonFound, State
from kefu.queue.record import WAITING, Filter, Queue, named
from kefu.store import open_store
from kefu.store.opening import Store
from kefu.store.schema import queue_items, queue_steps

TODAY = dt.date(2025, 6, 30)
NOW = dt.datetime(2025, 6, 30, 4, tzinfo=dt.UTC)
STATES = (*WAITING, State.REPAIRED, *[State.VERIFIED] * 4, *[State.DISMISSED] * 3)
REASONS = ("low_clicks", "stale", "low_adoption", "unrecognised")
PEOPLE = ("小李", "小王", "小陈", "alice")
WORDS = (
    "退货",
    "运费",
    "发票",
    "会员",
    "积分",
    "物流",
    "优惠券",
    "保修",
    "地址",
    "换货",
    "流程",
    "怎么办",
    "多久",
    "在哪里",
)
LIMIT_MS = 300
AT_ONCE = 5_000


def rows(count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give items, each with its first step."""
    chance = random.Random(1)
    for number in range(1, count + 1):
        opened = NOW - dt.timedelta(days=chance.randrange(1000), seconds=chance.randrange(80_000))
        found = [
            ReasonFound(
                name,
                opened.date(),
                chance.randrange(1, 400),
                chance.random(),
                {"clicks": 3, "shown": 200, "limit": 10, "window_days": 30, "questions": chance.sample(WORDS, 5)},
            )
            for name in chance.sample(REASONS, chance.randrange(1, 4))
        ]
        state = chance.choice(STATES)
        yield (
            {
                "id": number,
                "subject": chance.choice(("hotspot", "hotspot", "topic")),
                "subject_id": f"H{number:06}",
                "title": "".join(chance.sample(WORDS, 4)),
                "state": state,
                "version": 1,
                "opened_at": opened,
                "since": opened,
                "seen_on": opened.date(),
                "due_on": opened.date() + dt.timedelta(days=chance.choice((2, 5, 10))),
                "priority": max(reason.saves for reason in found),
                "reason_names": named(found),
                "reasons": [reason.as_json() for reason in found],
                "assignee": chance.choice(PEOPLE) if state != State.OPEN else None,
            },
            {"item_id": number, "version": 1, "at": opened, "who": "kefu", "step": "opened"},
        )


def fill(store: Store, count: int) -> None:
    """Write items into an empty queue."""
    made = rows(count)
    with store.writing() as connection:
        for _ in range(0, count, AT_ONCE):
            some = [pair for pair, _ in zip(made, range(AT_ONCE), strict=False)]
            connection.execute(sa.insert(queue_items), [item for item, _ in some])
            connection.execute(sa.insert(queue_steps), [step for _, step in some])


def calls(queue: Queue) -> dict[str, Callable[[], object]]:
    """Return what is timed."""

    def find(**asked: Any) -> Callable[[], object]:  # noqa: ANN401
        return lambda: queue.find(Filter(**asked), TODAY)

    return {
        "list by priority": find(),
        "list by due date": find(order="due"),
        "list the newest": find(order="opened"),
        "list by title": find(order="title"),
        "list page 100": find(page=100),
        "list overdue": find(overdue=True, order="due"),
        "list mine": find(assignee="小李"),
        "list one reason": find(reason="stale"),
        "list all states": find(states=()),
        "list all by title": find(states=(), order="title"),
        "list verified": find(states=(State.VERIFIED,), order="opened"),
        "search what waits": find(text="发票"),
        "search everywhere": find(states=(), text="发票流程"),
        "search for an id": find(states=(), text="h012345"),
        "search for nothing": find(states=(), text="没有这样的"),
        "counts": lambda: queue.counts(TODAY),
        "an item with its steps": lambda: (queue.item(777), queue.steps(777)),
    }


def main() -> None:
    """Fill a store, time each call, and say what the 95th percentile of all and of each is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--store")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    with open_store(asked.store or f"sqlite:///{asked.work / 'queue.db'}") as store:
        queue = Queue(store)
        if not queue.find(Filter(states=()), TODAY).total:
            fill(store, asked.items)
        times: dict[str, list[float]] = {name: [] for name in calls(queue)}
        for _ in range(asked.rounds):
            for name, call in calls(queue).items():
                start = time.perf_counter()
                call()
                times[name].append((time.perf_counter() - start) * 1000)
    for name, taken in times.items():
        print(f"{name:24} median {statistics.median(taken):7.1f} ms   p95 {percentile(taken):7.1f} ms")
    worst = percentile([one for taken in times.values() for one in taken])
    print(f"{'all':24} p95 {worst:.1f} ms, limit {LIMIT_MS} ms: {'kept' if worst <= LIMIT_MS else 'MISSED'}")


def percentile(taken: list[float]) -> float:
    """Return the 95th percentile, by nearest rank."""
    return sorted(taken)[-(-len(taken) * 95 // 100) - 1]


if __name__ == "__main__":
    main()
