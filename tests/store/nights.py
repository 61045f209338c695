"""Small nights to write into a store, also as a program: ``python nights.py URL DEED``."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import sys
from collections.abc import Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from kefu.store import open_store, schema
from kefu.store.days import EVIDENCE, Day, Written, write_days
from kefu.store.opening import Store
from kefu.store.runs import Run, write_run

START = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
FIRST = dt.date(2026, 3, 1)
LARGE_ROWS = 60_000


def run(**changes: Any) -> Run:  # noqa: ANN401 - any field
    return Run(**{"started_at": START, "outcome": "done", "host_version": "0.1.0", **changes})


def measures(value: int, agents: int = 3) -> pl.DataFrame:
    return pl.DataFrame({"agent_id": [f"a{n}" for n in range(agents)], "answered": [value] * agents})


def sessions(*ids: str, customers: Sequence[str | None] = ()) -> pl.DataFrame:
    given = customers or [f"c-{one}" for one in ids]
    kinds = {"session_id": pl.String, "customer_id": pl.String, "messages": pl.Int32}
    return pl.DataFrame({"session_id": ids, "customer_id": given, "messages": [4] * len(ids)}, schema=kinds)


def evidence(session_id: str, text: str) -> pl.DataFrame:
    row = {
        "metric": "abuse_rate",
        "session_id": session_id,
        "message_id": "m1",
        "sent_at": START,
        "role": "customer",
        "text": text,
        "why_zh": "辱骂",
        "why_en": "abuse",
        "hits": [{"word": "x", "category": "abuse", "severity": 2, "start": 0, "end": 1}],
    }
    return pl.DataFrame([row], schema=EVIDENCE)


def day(number: int = 0, value: int = 1, **changes: Any) -> Day:  # noqa: ANN401
    date = FIRST + dt.timedelta(days=number)
    return Day(**{"date": date, "frames": {"measures": measures(value)}, "sessions": 1, **changes})


def write(store: Store, *days: Day, **changes: Any) -> list[Written]:  # noqa: ANN401
    with store.writing() as connection:
        return write_days(connection, write_run(connection, run(**changes)), days)


def large(number: int, value: int) -> Day:
    """A day that is too large for the cache of SQLite and does not pack well."""
    noise = random.Random(number).randbytes(8 * LARGE_ROWS)
    numbers = pl.Series("noise", memoryview(noise).cast("q"), dtype=pl.Int64)
    frame = pl.DataFrame({"value": pl.repeat(value, LARGE_ROWS, eager=True), "noise": numbers})
    return day(number, frames={"large": frame, "small": frame.head(1)})


def die() -> None:
    """End as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def set_revision(store: Store, revision: str) -> None:
    table = sa.table(schema.REVISION_TABLE, sa.column("version_num"))
    with store.writing() as connection:
        connection.execute(sa.update(table).values(version_num=revision))


def broken(store: Store) -> None:
    """Write a whole day, then one that lacks nearly all."""
    with store.writing() as connection:
        write_days(connection, write_run(connection, run()), [day()])
        connection.execute(sa.insert(schema.days).values(date=FIRST))


def full(store: Store) -> None:
    """Write on a disk with room for 40 pages."""
    with store.writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=40")
        write_days(connection, write_run(connection, run()), [day(0, 2), large(1, 2)])


def killed_between_days(store: Store) -> None:
    with store.writing() as connection:
        run_id = write_run(connection, run())
        write_days(connection, run_id, [large(0, 2), day(1, 2)])
        die()


def killed_with_the_lock(store: Store) -> None:
    with store.lock(0):
        print("locked", flush=True)  # noqa: T201 - the parent waits for it
        sys.stdin.readline()
        die()


def writing_large_nights(store: Store) -> None:
    for value in range(1, 6):
        write(store, *(large(number, value) for number in range(4)))


def main(url: str, deed: str) -> None:
    """Do one of the deeds above."""
    with open_store(url) as store:
        globals()[deed](store)


if __name__ == "__main__":
    main(*sys.argv[1:])
