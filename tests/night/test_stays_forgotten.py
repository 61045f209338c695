"""A customer who was forgotten stays forgotten when old files are read again, and the numbers stay as they are."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import polars.selectors as cs
import pytest
import sqlalchemy as sa
import weeks

from kefu.night.view import StoreView
from kefu.store import open_store, schema
from kefu.store.erase import forget
from kefu.store.frames import unpack
from kefu.store.opening import Store

CUSTOMER = "c-zebra"
OLD, LATE = "S-okapi-1", "S-okapi-2"
WORD = "快递"
"""The word of the tests' lists: who writes it leaves evidence."""


def with_customer(tables: weeks.Tables, *ids: str) -> weeks.Tables:
    """Add sessions of a customer with an agent who says the word."""
    found = {name: [*rows] for name, rows in tables.items()}
    for session in ids:
        row = dict.fromkeys(found["sessions"][0], "")
        opened = {"session_id": session, "customer_id": CUSTOMER, "opened_at": "2025-06-04 10:00:00"}
        found["sessions"].append(row | opened)
        for second, role in ((1, "customer"), (9, "agent")):
            line = dict.fromkeys(found["messages"][0], "") | {"session_id": session, "role": role}
            told = {"sent_at": f"2025-06-04 10:00:0{second}", "text": f"{session} {WORD}", "sender_id": role}
            found["messages"].append(line | told)
    return found


def with_bad_rows(tables: weeks.Tables) -> weeks.Tables:
    """Add rows that are rejected for a cell that tells of him, or of somebody else; cells slip from their columns."""
    line = dict.fromkeys(tables["messages"][0], "") | {"session_id": "S-any", "sent_at": "2025-06-04 10:00:00"}
    rows = [line | {"role": text} for text in (OLD, f"{CUSTOMER} {LATE}", LATE, "S-other")]
    return tables | {"messages": [*tables["messages"], *rows]}


def texts_of(store: Store) -> set[str]:
    """Return every text of every frame, of the evidence and of the quarantine."""
    with store.reading() as connection:
        frames = [unpack(content) for content in connection.scalars(sa.select(schema.frames.c.content))]
        shown = connection.execute(sa.select(schema.evidence.c.session_id, schema.evidence.c.text)).all()
        rejected = connection.scalars(sa.select(schema.quarantine.c.raw)).all()
    found = {text for frame in frames for column in frame.select(cs.string()) for text in column.drop_nulls()}
    return found | {str(text) for row in shown for text in row} | {str(text) for text in rejected}


def values_of(store: Store) -> dict[str, str]:
    with TemporaryDirectory() as scratch:
        view = StoreView(store, weeks.settings_of_tests(), weeks.whole_host(), Path(scratch))
        outcome = view.outcome(None, None, ("date",))
    return {f"{g.key} {name}": repr(v) for g in (outcome.whole, *outcome.groups) for name, v in g.values.items()}


@pytest.fixture
def other(tmp_path: Path) -> Store:
    """A store that forgets nobody."""
    return open_store(tmp_path / "other.db")


def test_he_stays_forgotten_and_the_numbers_stay(store: Store, other: Store, tmp_path: Path) -> None:
    data, week = tmp_path / "data", weeks.until("2025-06-05")
    with other:
        for one in (store, other):
            weeks.write(data, with_customer(week, OLD))
            weeks.run_night(one, data, host=weeks.whole_host())
        assert any(OLD in text for text in texts_of(store))
        forget(store, customer_ids=[CUSTOMER])
        weeks.write(data, with_bad_rows(with_customer(week, OLD, LATE)))
        for one in (store, other):
            night = weeks.run_night(one, data, host=weeks.whole_host())
            assert {written.date.day for written in night.written if written.changed} >= {4}
        found = texts_of(store)
        assert [text for text in found if CUSTOMER in text or "okapi" in text] == []
        assert any("S-other" in text for text in found)
        his = {OLD, LATE, f"{CUSTOMER} {LATE}", f"{OLD} {WORD}", f"{LATE} {WORD}"}
        assert {text for text in texts_of(other) if "okapi" in text} == his
        assert values_of(store) == values_of(other)


def test_the_frames_of_others_are_whole(sqlite_store: Store, other: Store, tmp_path: Path) -> None:
    data = weeks.write(tmp_path / "data", with_customer(weeks.until("2025-06-05"), OLD))
    with other:
        forget(sqlite_store, customer_ids=[CUSTOMER])
        sizes = []
        for one in (sqlite_store, other):
            weeks.run_night(one, data)
            with one.reading() as connection:
                rows = connection.execute(
                    sa.select(schema.frames.c.name, sa.func.sum(schema.frames.c.rows)).group_by(schema.frames.c.name)
                )
                sizes.append(pl.DataFrame([tuple(row) for row in rows], schema=["name", "n"], orient="row"))
        both = sizes[0].join(sizes[1], on="name").filter(pl.col("n") != pl.col("n_right")).sort("name")
        assert both.rows() == [
            ("fact:services", both["n"][0], both["n"][0] + 1),
            ("fact:sessions", both["n"][1], both["n"][1] + 1),
            ("fact:turns", both["n"][2], both["n"][2] + 1),
        ]
