"""What the store keeps of one session: its facts, and its evidence for every metric. Messages are not kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import polars as pl

from kefu.metric import Title
from kefu.night.periods import Dates
from kefu.night.view import StoreView
from kefu.run.evidence import Found, Hit
from kefu.store.days import DayRow, read_evidence
from kefu.web.render import query

AT_ONCE = 31
"""So many dates are looked through at once, the last first."""
HIDDEN = frozenset(["id", "session", "session_id", "customer", "date", "row", "part", "own_date", "csat_max"])
FIRST = ("sessions", "services", "turns")
"""Tables that stand first, in this order."""
MOST_ROWS = 200
PLAIN = re.compile(r"\w[\w.:-]{0,99}")
"""An id that can stand in the path of an address; any other one stands in its query."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a fact table that are of a session: those columns that say something."""

    table: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    more: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a session.

    :param facts: what is known of the session as a whole.
    :param tables: what is known of its services, answers and so on.
    :param groups: the groups that it belongs to.
    :param evidence: what it shows, by metric.
    """

    id: str
    date: dt.date
    facts: Sequence[tuple[str, object]]
    tables: Sequence[Rows]
    groups: Mapping[str, str]
    evidence: Mapping[str, Sequence[Found]]


def address(session: str, told: Mapping[str, str]) -> str:
    """Return the address of the page of a session.

    >>> address("S1", {"metric": "csat"}), address("a/b", {})
    ('/sessions/S1?metric=csat', '/sessions?id=a%2Fb')
    """
    if PLAIN.fullmatch(session):
        return f"/sessions/{quote(session, safe='')}{query(told) if told else ''}"
    return f"/sessions{query({'id': session, **told})}"


def find(view: StoreView, session: str, dates: Dates) -> Kept | None:
    """Return what is kept of a session: of some dates, else of any; ``None`` where there is nothing."""
    days = [*_searched(view, dates)]
    for at in range(0, len(days), AT_ONCE):
        rows = view.kept_rows("sessions", days[at : at + AT_ONCE]).filter(pl.col("id") == session)
        if rows.height:
            (date, *_) = rows["date"].sort()
            return _kept(view, session, next(day for day in days if day.date == date), rows)
    return None


def _searched(view: StoreView, dates: Dates) -> Iterator[DayRow]:
    days = view.days(None, None)
    inside = [day for day in days if dates.first <= day.date <= dates.last]
    yield from reversed(inside)
    yield from (day for day in reversed(days) if day not in inside)


def _kept(view: StoreView, session: str, day: DayRow, rows: pl.DataFrame) -> Kept:
    whole = rows.filter(pl.col("date") == day.date).row(0, named=True)
    facts = [(name, value) for name, value in whole.items() if value is not None and name not in HIDDEN]
    own = view.engine.own_groups
    names = [name for name in view.engine.nothing if name not in own and name != "sessions"]
    ordered = sorted(names, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    found = {name: view.kept_rows(name, [day]).filter(pl.col("id") == session) for name in ordered}
    tables = [told for name, frame in found.items() if (told := _told(name, frame, whole)) is not None]
    agents = found["services"]["agent_id"].drop_nulls().unique().sort().to_list() if "services" in found else []
    groups = {name: f"{whole[name]}" for name in ("channel", "queue", "scene") if whole.get(name) is not None}
    groups |= {"agent_id": agents[0]} if len(agents) == 1 else {}
    return Kept(session, day.date, facts, tables, groups, _evidence(view, session, day))


def _told(table: str, rows: pl.DataFrame, whole: Mapping[str, object]) -> Rows | None:
    """Return the rows of a table without what they repeat of their session; ``None`` without any."""
    if rows.is_empty():
        return None
    order = [name for name in ("begin", "agent_id", "reply_ms") if name in rows.columns]
    rows = rows.sort(*order, nulls_last=True) if order else rows
    columns = [
        name
        for name in rows.columns
        if name not in HIDDEN and any(value is not None and value != whole.get(name) for value in rows[name].to_list())
    ]
    shown = rows.select(columns).head(MOST_ROWS)
    return Rows(table, columns, [*shown.iter_rows()], rows.height - shown.height)


def _evidence(view: StoreView, session: str, day: DayRow) -> dict[str, list[Found]]:
    with view.store.reading() as connection:
        kept = read_evidence(connection, [day.id])
    found: dict[str, list[Found]] = {}
    for row in kept.filter(pl.col("session_id") == session).iter_rows(named=True):
        hits = None if row["hits"] is None else tuple(Hit(**hit) for hit in row["hits"])
        why = Title(row["why_zh"], row["why_en"])
        one = Found(row["sent_at"], why, row["message_id"], row["role"], row["text"], hits)
        found.setdefault(row["metric"], []).append(one)
    return found
