"""PostgreSQL as a store: how it is opened, and what its faults mean."""

from __future__ import annotations

import json
from functools import partial

import sqlalchemy as sa

CONNECT_SECONDS = 10
_FAULTS = {
    "53100": "the disk of the server is full: free some space and run again",
    "25006": "the server takes no writes: name the primary, not a standby",
    "42501": "this user may not do that: grant it all on its schema",
    "3F000": "its schema is lacking: create it",
}
_PASSING = ("08", "57P", "40001", "40P01", "53300")
"""How the states of faults begin that pass: connection, shutdown, a lost race, too many connections."""


def engine(url: sa.URL) -> sa.Engine:
    """Return an engine; a connection that was cut is replaced before it is used."""
    given = {"connect_timeout": CONNECT_SECONDS, "application_name": "kefu", **url.query}
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg", query={}),
        connect_args={**given, "client_encoding": "utf8"},
        pool_pre_ping=True,
        pool_size=2,
        hide_parameters=True,
        json_serializer=partial(json.dumps, sort_keys=True, ensure_ascii=False),
    )


def advice(error: BaseException | None) -> str | None:
    """Return what a fault of the database means and what to do, or ``None`` for a fault of the program."""
    import psycopg

    state = getattr(error, "sqlstate", None)
    if state in _FAULTS:
        return _FAULTS[state]
    if isinstance(error, psycopg.OperationalError):
        lines = str(error).strip().splitlines() or ["the connection was lost"]
        return f"{lines[0]}: see that the server is up and the address right, and run again"
    return None


def is_passing(error: BaseException | None) -> bool:
    """Say whether a fault may be gone a little later: the server went, or gave up a transaction for another one."""
    import psycopg

    state = getattr(error, "sqlstate", None)
    return isinstance(error, psycopg.OperationalError) and (state is None or state.startswith(_PASSING))
