"""A store of each kind, and a clock that can be set."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from counted import Clock

from stores import postgres_url, sqlite_store, sqlite_url, store, store_url

__all__ = ["clock", "postgres_url", "sqlite_store", "sqlite_url", "store", "store_url"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the record takes for the time when people take a step."""
    told = Clock()

    class Moment(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return told.at.astimezone(tz)

    monkeypatch.setattr("kefu.queue.record.dt", SimpleNamespace(**{**vars(dt), "datetime": Moment}))
    return told
