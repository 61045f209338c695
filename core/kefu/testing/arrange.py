"""How a case is laid out in files: every order of the rows and every cut that must not matter.

Where rows tell of the same thing and the later one counts (two forecasts of a date and queue, two states that began
together), their order stays: that is what they say.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kefu.tables import TABLES

Rows = list[dict[str, Any]]
Tables = Mapping[str, Rows]
Files = Mapping[str, list[Rows]]
"""The rows of each file of each table."""
_MILLISECOND = 1000
_SAME: Mapping[str, tuple[str, ...]] = {
    "messages": ("session_id", "message_id"),
    "agent_states": ("agent_id", "started_at"),
    "shifts": ("agent_id", "starts_at"),
    "forecasts": ("date", "queue"),
}
"""The columns whose values make two rows tell of the same thing, of tables without a key."""


def as_given(tables: Tables) -> Files:
    """Put each table into one file."""
    return {name: [rows] for name, rows in tables.items()}


def _reversed(tables: Tables) -> Files:
    return {name: [rows[::-1] if name == "messages" else _turned(name, rows)] for name, rows in tables.items()}


def _turned(table: str, rows: Rows) -> Rows:
    waiting: dict[object, deque[dict[str, Any]]] = defaultdict(deque)
    for row in rows:
        waiting[_thing(table, row)].append(row)
    return [waiting[_thing(table, row)].popleft() for row in reversed(rows)]


def _by_time(tables: Tables) -> Files:
    return {name: [sorted(rows, key=lambda row: _place(name, row))] for name, rows in tables.items()}


def _place(table: str, row: Mapping[str, Any]) -> tuple[str, int]:
    times = [c.name for c in TABLES[table].columns if c.required and c.kind in ("time", "date")]
    return (_moment(row.get(times[0])) if times else "", row["seq"] if table == "messages" else 0)


def _twice(tables: Tables) -> Files:
    return {name: [[*rows, *rows] if _columns(name) else rows] for name, rows in tables.items()}


def _a_unit_at_a_time(tables: Tables) -> Files:
    return {name: _units(rows, TABLES[name].columns[0].name) for name, rows in tables.items()}


def _units(rows: Rows, unit: str) -> list[Rows]:
    found = dict.fromkeys(str(row.get(unit)) for row in rows)
    return [[row for row in rows if str(row.get(unit)) == name] for name in found] or [[]]


def _one_by_one(tables: Tables) -> Files:
    return {name: [[row] for row in rows] or [[]] for name, rows in tables.items()}


def _columns(table: str) -> tuple[str, ...]:
    return _SAME.get(table) or TABLES[table].key


def _thing(table: str, row: Mapping[str, Any]) -> object:
    """Return what a row tells of; of a table where every row is something of its own, the row."""
    columns = _columns(table)
    return tuple(_moment(row.get(name)) for name in columns) if columns else id(row)


def _moment(value: object) -> str:
    """Return a time cut to the millisecond, within which states begin together; anything else as its text."""
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        return "unknown" if value is None else str(value)
    return str(time.replace(microsecond=time.microsecond // _MILLISECOND * _MILLISECOND))


ARRANGEMENTS: Mapping[str, Callable[[Tables], Files]] = {
    "as given": as_given,
    "reversed": _reversed,
    "sorted by time": _by_time,
    "every message, and every row that a later one replaces, twice": _twice,
    "a session, an agent or a date at a time": _a_unit_at_a_time,
    "a row at a time": _one_by_one,
}
"""How a case is laid out in files; each file of messages is a batch of its own."""
