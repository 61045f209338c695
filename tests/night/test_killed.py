"""A night that is killed leaves the store as it was or as it should be, and the next one completes it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
import weeks
from children import STEPS

from kefu.store import open_store
from kefu.store.days import content_digest, revisions
from kefu.store.opening import Store

CHILDREN = Path(__file__).with_name("children.py")
KILLED = -9
DAY = "2025-06-05"
REJECTED = {"session_id": "S0605-001", "sent_at": "yesterday", "role": "agent"}
"""A row for the quarantine."""


def without_some(tables: weeks.Tables) -> weeks.Tables:
    """Leave out every second session: these come late."""
    late = {row["session_id"] for row in tables["sessions"][::2]}
    held = ("messages", "sessions")
    return {
        name: [row for row in rows if name not in held or row["session_id"] not in late]
        for name, rows in tables.items()
    }


class Before:
    """A store that has some nights, and data that say more: what it says, and what it should say."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.data = url, folder / "data"
        weeks.write(self.data, without_some(weeks.until(DAY)))
        with open_store(url) as store, open_store(folder / "undisturbed.db") as undisturbed:
            for one in (store, undisturbed):
                weeks.run_night(one, self.data)
            whole = weeks.week()
            bad = dict.fromkeys(whole["messages"][0], "") | REJECTED
            weeks.write(self.data, whole | {"messages": [*whole["messages"], bad]})
            weeks.run_night(undisturbed, self.data)
            self.old, self.new = (content_digest(one, files=False) for one in (store, undisturbed))
        assert self.old != self.new

    def child(self, step: str = "") -> subprocess.Popen[bytes]:
        command = [sys.executable, str(CHILDREN), "night", self.url, str(self.data), *([step] if step else [])]
        return subprocess.Popen(command)

    def kill_at(self, step: str) -> None:
        with self.child(step) as child:
            assert child.wait(120) == KILLED, f"step {step!r} was not reached"
        assert weeks.digest(self.url) == (self.new if step == "after the commit" else self.old)

    def complete(self) -> None:
        """Run again, and see that nothing is lost and nothing is there twice."""
        with open_store(self.url) as store:
            weeks.run_night(store, self.data)
            assert content_digest(store, files=False) == self.new
            self._once(store)
            assert weeks.run_night(store, self.data).run_id is None

    def _once(self, store: Store) -> None:
        with store.reading() as connection:
            for date in weeks.dates_of(weeks.week()):
                found = [row.revision for row in revisions(connection, date)]
                assert found == [*range(1, len(found) + 1)]
                assert len(found) <= 2


@pytest.fixture
def before(store_url: str, tmp_path: Path) -> Before:
    return Before(store_url, tmp_path)


def test_killed_while_reading_computing_and_writing(before: Before) -> None:
    for step in ("compute", "frame", "after the commit"):
        before.kill_at(step)
    before.complete()


def test_killed_at_a_random_moment(before: Before) -> None:
    moments_of_death(before, random.Random(3), 1)
    before.complete()


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_every_step(before: Before, step: str) -> None:
    before.kill_at(step)
    before.complete()


def moments_of_death(before: Before, chance: random.Random, count: int) -> list[str]:
    """Kill nights at random moments, and return what the store said after each."""
    found = []
    for _ in range(count):
        with before.child() as child:
            time.sleep(chance.uniform(0.2, 4.5))
            child.kill()
            child.wait(60)
        found.append(weeks.digest(before.url))
        assert found[-1] in {before.old, before.new}
    return found


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_killed_at_ten_random_moments(before: Before, seed: int) -> None:
    moments_of_death(before, random.Random(seed), 10)
    before.complete()
