"""The record: each step in each state, who and when, and editors who are at one item at once."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from counted import Clock, noon
from sqlalchemy.exc import IntegrityError

from kefu.queue.items import Conflict, Item, NoName, NoSuchItem, NotAllowed, ReasonFound, State, StepName
from kefu.queue.record import Filter, Queue, named, open_item, read_item, take_step
from kefu.store import open_store
from kefu.store.opening import Store
from kefu.store.schema import queue_items, queue_steps

TODAY = dt.date(2025, 6, 10)
EDITORS = 20
Taken = Callable[[Queue, int, int], Item]
STEPS: dict[StepName, Taken] = {
    StepName.CLAIMED: lambda queue, item, version: queue.claim(item, version, "小李"),
    StepName.RELEASED: lambda queue, item, version: queue.release(item, version, "小李", "没空"),
    StepName.REPAIRED: lambda queue, item, version: queue.repaired(item, version, "小李", "重写了答案"),
    StepName.DISMISSED: lambda queue, item, version: queue.dismiss(
        item, version, "小李", "季节性", dt.date(2025, 7, 1)
    ),
    StepName.REOPENED: lambda queue, item, version: queue.reopen(item, version, "小李", "又来了"),
    StepName.NOTED: lambda queue, item, version: queue.note(item, version, "小李", "问过产品"),
}
ALLOWED = {
    State.OPEN: {StepName.CLAIMED, StepName.REPAIRED, StepName.DISMISSED, StepName.NOTED},
    State.IN_REPAIR: {StepName.RELEASED, StepName.REPAIRED, StepName.DISMISSED, StepName.NOTED},
    State.REPAIRED: {StepName.REOPENED, StepName.NOTED},
    State.VERIFIED: {StepName.REOPENED, StepName.NOTED},
    State.DISMISSED: {StepName.REOPENED, StepName.NOTED},
}
"""What people can do in each state."""
AFTER = {
    StepName.CLAIMED: State.IN_REPAIR,
    StepName.RELEASED: State.OPEN,
    StepName.REPAIRED: State.REPAIRED,
    StepName.DISMISSED: State.DISMISSED,
    StepName.REOPENED: State.OPEN,
}


def opened(store: Store, subject_id: str = "h1", title: str = "退货流程", saves: int = 40, **more: object) -> Item:
    reasons = [ReasonFound("low_clicks", TODAY, saves, 1.0, {"clicks": 2})]
    row = {
        "subject": "hotspot",
        "subject_id": subject_id,
        "title": title,
        "seen_on": TODAY,
        "due_on": TODAY,
        "priority": saves,
        "reasons": [reason.as_json() for reason in reasons],
        "reason_names": named(reasons),
    }
    with store.writing() as connection:
        return read_item(connection, open_item(connection, {**row, **more}, noon(0), "kefu"))


def in_state(store: Store, state: State) -> Item:
    """Return an item that came to a state as items do."""
    queue, item = Queue(store), opened(store)
    if state == State.IN_REPAIR:
        return queue.claim(item.id, 1, "小王")
    if state == State.DISMISSED:
        return queue.dismiss(item.id, 1, "小王", "不用修", TODAY)
    if state in {State.REPAIRED, State.VERIFIED}:
        item = queue.repaired(item.id, 1, "小王", "改了")
    if state == State.VERIFIED:
        with store.writing() as connection:
            take_step(connection, item, StepName.VERIFIED, "kefu", {"state": State.VERIFIED})
            return read_item(connection, item.id)
    return item


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", State)
def test_every_step_in_every_state_is_taken_or_refused_whole(sqlite_store: Store, state: State, step: StepName) -> None:
    queue, item = Queue(sqlite_store), in_state(sqlite_store, state)
    before = queue.steps(item.id)
    if step not in ALLOWED[state]:
        with pytest.raises(NotAllowed, match=f"is {state}, so it cannot be {step}"):
            STEPS[step](queue, item.id, item.version)
        assert queue.item(item.id) == item
        assert queue.steps(item.id) == before
        return
    after = STEPS[step](queue, item.id, item.version)
    assert after == queue.item(item.id)
    assert (after.state, after.version) == (AFTER.get(step, state), item.version + 1)
    *earlier, latest = queue.steps(item.id)
    assert earlier == before
    assert (latest.step, latest.who, latest.version) == (step, "小李", after.version)


def test_a_life_is_kept_step_by_step_with_who_and_when(store: Store, clock: Clock) -> None:
    queue, item = Queue(store), opened(store)
    for hour, step in enumerate(("CLAIMED", "NOTED", "RELEASED", "DISMISSED", "REOPENED", "REPAIRED"), start=9):
        clock.at = noon(1, hour)
        item = STEPS[StepName[step]](queue, item.id, item.version)
    told = [(one.version, one.at, one.who, str(one.step), one.note, one.data) for one in queue.steps(item.id)]
    assert told == [
        (1, noon(0), "kefu", "opened", None, {"reasons": ["low_clicks"]}),
        (2, noon(1, 9), "小李", "claimed", None, None),
        (3, noon(1, 10), "小李", "noted", "问过产品", None),
        (4, noon(1, 11), "小李", "released", "没空", None),
        (5, noon(1, 12), "小李", "dismissed", "季节性", {"until": "2025-07-01"}),
        (6, noon(1, 13), "小李", "reopened", "又来了", None),
        (7, noon(1, 14), "小李", "repaired", "重写了答案", None),
    ]
    assert (item.repaired_at, item.since, item.change) == (noon(1, 14), noon(1, 14), "重写了答案")
    assert (item.dismissed_reason, item.dismissed_until, item.assignee) == (None, None, "小李")


def test_a_note_changes_nothing_else(sqlite_store: Store) -> None:
    item = in_state(sqlite_store, State.IN_REPAIR)
    after = Queue(sqlite_store).note(item.id, item.version, "小李", "  问过产品  ")
    assert (after.state, after.since, after.assignee) == (item.state, item.since, "小王")
    assert Queue(sqlite_store).steps(item.id)[-1].note == "问过产品"


def test_who_saw_an_older_version_is_told_who_was_first(store: Store, clock: Clock) -> None:
    queue, item = Queue(store), opened(store)
    clock.at = noon(3)
    queue.claim(item.id, 1, "小王")
    with pytest.raises(Conflict, match="claimed by 小王 at 2025-06-04T04:00:00") as told:
        queue.dismiss(item.id, 1, "小李", "不用修", TODAY)
    assert (told.value.item.state, told.value.item.version, told.value.latest.who) == (State.IN_REPAIR, 2, "小王")
    assert [step.step for step in queue.steps(item.id)] == ["opened", "claimed"]


def test_no_such_item(sqlite_store: Store) -> None:
    with pytest.raises(NoSuchItem, match="no item 7"):
        Queue(sqlite_store).claim(7, 1, "小李")


@pytest.mark.parametrize("name", ["", "  ", "kefu", " Kefu "])
def test_nobody_takes_a_step_without_a_name_or_in_that_of_the_night(sqlite_store: Store, name: str) -> None:
    item = opened(sqlite_store)
    with pytest.raises(NoName):
        Queue(sqlite_store).claim(item.id, 1, name)
    assert Queue(sqlite_store).item(item.id) == item


def test_a_subject_has_one_live_item(store: Store) -> None:
    queue, first = Queue(store), opened(store)
    with pytest.raises(IntegrityError):
        opened(store)
    opened(store, subject="topic")
    first = queue.dismiss(first.id, 1, "小李", "不用修", TODAY)
    second = opened(store)
    with pytest.raises(NotAllowed, match=f"item {second.id} takes care of the same") as told:
        queue.reopen(first.id, first.version, "小李")
    assert told.value.other == second.id
    queue.repaired(second.id, 1, "小李", "改了")
    with pytest.raises(NotAllowed):
        queue.reopen(first.id, first.version, "小李")
    with store.reading() as connection:
        live = connection.scalar(
            sa.select(sa.func.count()).where(queue_items.c.subject_id == "h1", queue_items.c.subject == "hotspot")
        )
    assert live == 2


def complete(store: Store, item_id: int) -> bool:
    """Say whether there is one step for each version of an item."""
    with store.reading() as connection:
        steps = connection.execute(
            sa.select(queue_steps.c.version).where(queue_steps.c.item_id == item_id).order_by(queue_steps.c.version)
        ).scalars()
        return [*steps] == [*range(1, read_item(connection, item_id).version + 1)]


def test_of_twenty_editors_in_threads_one_wins_and_the_others_are_told(store_url: str) -> None:
    with ExitStack() as stack:
        stores = [stack.enter_context(open_store(store_url)) for _ in range(EDITORS)]
        item, barrier = opened(stores[0]), Barrier(EDITORS)

        def claim(number: int) -> Item | Conflict:
            barrier.wait()
            try:
                return Queue(stores[number]).claim(item.id, item.version, f"编辑{number}")
            except Conflict as conflict:
                return conflict

        with ThreadPoolExecutor(EDITORS) as pool:
            answers = [*pool.map(claim, range(EDITORS))]
        (winner,) = (answer for answer in answers if isinstance(answer, Item))
        others = [answer for answer in answers if isinstance(answer, Conflict)]
        assert len(others) == EDITORS - 1
        assert {(one.latest.who, one.latest.step) for one in others} == {(winner.assignee, StepName.CLAIMED)}
        assert Queue(stores[0]).item(item.id) == winner
        assert complete(stores[0], item.id)


def test_of_twenty_editors_in_processes_one_wins_and_the_others_are_told(store: Store, store_url: str) -> None:
    item = opened(store)
    command = [sys.executable, str(Path(__file__).with_name("editors.py")), store_url, str(item.id), "1"]
    names = [[f"e{process}{number}" for number in range(5)] for process in range(EDITORS // 5)]
    with ExitStack() as stack:
        editors = [
            stack.enter_context(
                subprocess.Popen([*command, *some], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for some in names
        ]
        for editor in editors:
            assert editor.stdout is not None
            assert editor.stdout.readline() == "ready\n"
        for editor in editors:
            assert editor.stdin is not None
            editor.stdin.write("\n")
            editor.stdin.flush()
        told = [line for editor in editors for line in editor.communicate(timeout=120)[0].splitlines()]
    winner = Queue(store).item(item.id).assignee
    assert sorted(told) == [f"claimed {winner} 2", *[f"conflict {winner} claimed 2"] * (EDITORS - 1)]
    assert complete(store, item.id)


def test_steps_of_many_editors_one_after_the_other_are_all_kept(store: Store) -> None:
    """Who is told of a conflict reads again and tries again; nothing is lost."""
    item = opened(store)

    def note(number: int) -> None:
        queue = Queue(store)
        while True:
            try:
                queue.note(item.id, queue.item(item.id).version, f"编辑{number}", f"备注 {number}")
            except Conflict:
                continue
            return

    with ThreadPoolExecutor(8) as pool:
        [*pool.map(note, range(8))]
    assert {step.note for step in Queue(store).steps(item.id)[1:]} == {f"备注 {number}" for number in range(8)}
    assert complete(store, item.id)


@pytest.fixture
def many(store: Store) -> Queue:
    """A queue of items: two wait, one is in repair, one is dismissed."""
    queue = Queue(store)
    opened(store, "h1", "退货流程", 40, due_on=TODAY - dt.timedelta(days=1))
    opened(store, "h2", "运费 100% 说明", 90, due_on=TODAY)
    opened(store, "h3", "Invoice_guide", 10, due_on=None, reason_names=",stale,")
    opened(store, "T4", "怎么开发票", 60, subject="topic", due_on=TODAY - dt.timedelta(days=3))
    queue.claim(3, 1, "小李")
    queue.dismiss(4, 1, "小王", "不用修", TODAY)
    return queue


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        (Filter(), [2, 1, 3]),
        (Filter(order="due"), [1, 2, 3]),
        (Filter(states=(State.DISMISSED,)), [4]),
        (Filter(states=()), [2, 4, 1, 3]),
        (Filter(reason="stale"), [3]),
        (Filter(reason="low"), []),
        (Filter(assignee="小李"), [3]),
        (Filter(overdue=True), [1]),
        (Filter(states=(), subject="topic"), [4]),
        (Filter(states=(), text="发票"), [4]),
        (Filter(text="invoice_"), [3]),
        (Filter(text="100%"), [2]),
        (Filter(text="%"), [2]),
        (Filter(states=(), text=" t4 "), [4]),
        (Filter(size=2), [2, 1]),
        (Filter(size=2, page=2), [3]),
        (Filter(page=9), []),
    ],
)
def test_items_are_found_by_what_people_filter_by(many: Queue, asked: Filter, ids: list[int]) -> None:
    assert [item.id for item in many.find(asked, TODAY).items] == ids


def test_pages_say_how_many_there_are_in_all_and_states_are_counted(many: Queue) -> None:
    assert many.find(Filter(size=2), TODAY).total == 3
    assert [item.id for item in many.all(Filter(size=1), TODAY)] == [2, 1, 3]
    assert many.counts(TODAY) == {
        "open": 2,
        "in_repair": 1,
        "repaired": 0,
        "verified": 0,
        "dismissed": 1,
        "overdue": 1,
    }


def test_due_today_is_not_overdue_and_what_does_not_wait_never_is(many: Queue) -> None:
    assert [item.overdue(TODAY) for item in many.all(Filter(states=(), order="due"), TODAY)] == [
        False,
        True,
        False,
        False,
    ]
