"""Whole sessions, some at a time: every row of a session in one batch, wherever its rows lie.

A first look at the session ids alone finds the sessions that run on into a later part of the input. Their
messages wait until the last part that has any; rows of the other tables wait for their session. So memory
follows what is open, and ten bytes a session.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from kefu.facts.segments import Mask, Rows
from kefu.read import Part, Table
from kefu.read.values import canonical
from kefu.tables import TableSpec

KEYED = ("sessions", "recommendations", "alerts", "reviews")
"""The tables whose rows belong to a session."""
PART = "part"
"""The column that says which part of its table a row came from."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole sessions: their messages in file order, and their rows of the other tables.

    :param elsewhere: rows of ``messages`` whose session a later batch has whole; ``None`` for none.
    """

    number: int
    messages: pl.DataFrame
    elsewhere: Mask | None
    keyed: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class _Known:
    """Sessions with messages: the key of each, ascending, and the last batch that has any of it.

    :param several: which of them stand in several batches.
    """

    keys: np.ndarray
    last: np.ndarray
    several: Mask

    def late(self) -> _Known:
        """Return those that stand in several batches, alone."""
        return _Known(self.keys[self.several], self.last[self.several], self.several[self.several])

    def batch_of(self, ids: pl.Series, missing: int) -> Rows:
        """Return the batch in which each session is whole, ``missing`` for one without messages."""
        return _look_up(self.keys, self.last, ids, missing)

    def runs_on(self, ids: pl.Series, number: int) -> Mask | None:
        """Return which rows of batch ``number`` belong to sessions that a later batch goes on with."""
        if ids.is_empty() or not len(self.keys):
            return None
        begins = (ids != ids.shift(1)).fill_null(value=True)
        later = self.batch_of(ids.filter(begins), number) > number
        return later[begins.to_numpy().cumsum() - 1] if later.any() else None


def _look_up(keys: np.ndarray, values: np.ndarray, ids: pl.Series, missing: int) -> Rows:
    asked = _keys(ids)
    if not len(keys):
        return np.full(len(asked), missing)
    order = np.argsort(asked)  # neighbours are found close to each other: several times as fast
    ascending = asked[order]
    place = np.minimum(np.searchsorted(keys, ascending), len(keys) - 1)
    found = np.empty(len(asked), dtype=np.int64)
    found[order] = np.where(keys[place] == ascending, values[place], missing)
    return found


class WholeSessions:
    """Reads tables in batches of whole sessions.

    :param tables: the checked tables; ``messages`` and those of ``KEYED`` are read here.
    :param columns: which columns of each are wanted.
    :param batch_rows: how many messages a batch holds, about.
    """

    def __init__(self, tables: Mapping[str, Table], columns: Mapping[str, Sequence[str]], batch_rows: int) -> None:
        """Plan the batches; reads nothing yet."""
        self._tables = tables
        self._columns = columns
        self._plan = _pack(tables["messages"].parts, batch_rows)

    def __len__(self) -> int:
        """Return how many batches there are; the last has the rows of sessions without messages."""
        return max(len(self._plan), 1)

    def __iter__(self) -> Iterator[Batch]:
        """Read the batches, in order."""
        known = self._known()
        waiting = {name: _Waiting(self._tables[name], self._columns[name], known, len(self)) for name in self._keyed()}
        late = None if known is None else known.late()
        del known  # ten million sessions are a hundred megabytes, and they have told what they know
        open_rows: list[pl.DataFrame] = []
        for number in range(len(self)):
            messages = _together([*open_rows, *self._read(number)])
            later = None if late is None else late.runs_on(messages["session_id"], number)
            open_rows = [] if later is None else [_on_its_own(messages.filter(pl.Series(later)))]
            batch = Batch(number, messages, later, {name: rows.of_batch(number) for name, rows in waiting.items()})
            del messages, later
            yield batch
            del batch

    def _keyed(self) -> list[str]:
        return [name for name in KEYED if name in self._tables]

    def _read(self, number: int) -> Iterator[pl.DataFrame]:
        parts = self._plan[number] if self._plan else []
        for part in parts:
            yield _read(part, self._columns["messages"])
        if not parts:
            yield nothing_of(self._tables["messages"].spec, self._columns["messages"])

    def _known(self) -> _Known | None:
        """Look at all session ids; ``None`` where one batch holds everything."""
        if len(self) == 1:
            return None
        found = [np.unique(np.concatenate([_distinct(part) for part in parts])) for parts in self._plan]
        batch = np.repeat(np.arange(len(found), dtype=np.int32), [len(keys) for keys in found])
        keys = np.concatenate(found)
        del found  # eight bytes a session, as are the next lines: each is held once
        order = np.argsort(keys, kind="stable")
        keys, batch = keys[order], batch[order]
        del order
        same = keys[1:] == keys[:-1]
        final = np.append(~same, True)
        return _Known(keys[final], batch[final], np.append(False, same)[final])


class _Waiting:
    """The rows of a keyed table that wait for the batch of their session."""

    def __init__(self, table: Table, columns: Sequence[str], known: _Known | None, batches: int) -> None:
        self._columns = columns
        self._apart = known is not None
        self._last = batches - 1
        self._rows: list[pl.DataFrame] = []
        self._batches: dict[int, np.ndarray] = {}
        self._unread = [(part, self._first_batch(part, known)) for part in table.parts]
        self._empty = nothing_of(table.spec, columns)

    def of_batch(self, number: int) -> pl.DataFrame:
        """Return the rows of the sessions of a batch, in file order."""
        due = [part for part, first in self._unread if first <= number]
        self._unread = [(part, first) for part, first in self._unread if first > number]
        rows = [*self._rows, *(self._with_batch(part) for part in due)]
        if not self._apart:
            self._rows = []
            return _together([*rows, self._empty])
        ready = [frame.filter(frame[_BATCH] <= number).drop(_BATCH) for frame in rows]
        kept = [frame.filter(frame[_BATCH] > number) for frame in rows]
        self._rows = [frame for frame in kept if len(frame)]
        return _together([*ready, self._empty])

    def _first_batch(self, part: Part, known: _Known | None) -> int:
        """Find out where the rows of a part belong, and return the first batch that needs any of them."""
        if known is None:
            return 0
        batches = known.batch_of(part.keys()["session_id"].fill_null(""), self._last)
        self._batches[part.index] = batches.astype(np.uint16 if self._last < _MANY else np.int32)
        return int(batches.min(initial=self._last))

    def _with_batch(self, part: Part) -> pl.DataFrame:
        rows = _read(part, self._columns)
        if not self._apart:
            return rows
        batches = pl.Series(_BATCH, self._batches.pop(part.index)).cast(pl.Int32)
        if len(batches) == len(rows):
            return rows.with_columns(batches)
        of_session = part.keys().with_columns(batches).unique("session_id")  # some rows were rejected
        found = rows.join(of_session, on="session_id", how="left", maintain_order="left")
        return found.with_columns(pl.col(_BATCH).fill_null(self._last))


_BATCH = "_batch"
_MANY = 1 << 16
"""So many batches that their number needs four bytes."""


def _pack(parts: Sequence[Part], rows: int) -> list[list[Part]]:
    """Put small parts together, in order, until a batch has enough rows."""
    batches: list[list[Part]] = []
    room = 0
    for part in parts:
        if part.rows > room:
            batches.append([])
            room = rows
        batches[-1].append(part)
        room -= part.rows
    return batches


def nothing_of(spec: TableSpec, columns: Sequence[str]) -> pl.DataFrame:
    """Return columns of a table without a row, as its parts would give them."""
    types = {column.name: canonical(column) for column in spec.columns}
    return pl.DataFrame(schema={name: types.get(name, pl.String()) for name in columns} | {PART: pl.UInt32()})


def _read(part: Part, columns: Sequence[str]) -> pl.DataFrame:
    return part.read([*columns]).with_columns(_part(part.index))


def _part(index: int) -> pl.Expr:
    return pl.lit(index, pl.UInt32).alias(PART)


def _together(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put frames one after the other, in one piece: many looks at many pieces cost more than one copy."""
    whole = frames[0] if len(frames) == 1 else pl.concat(frames, how="vertical_relaxed")
    return whole.rechunk()


def _on_its_own(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a copy that shares no memory: a few texts of a frame would keep all of its texts alive."""
    buffer = io.BytesIO()
    rows.write_ipc(buffer)
    buffer.seek(0)
    return pl.read_ipc(buffer)


def _distinct(part: Part) -> np.ndarray:
    ids = part.keys()["session_id"].drop_nulls()
    begins = (ids != ids.shift(1)).fill_null(value=True)
    return _keys(ids.filter(begins))


def _keys(ids: pl.Series) -> np.ndarray:
    """Return 64 bits for each session id. Two that share them wait for each other, and no more than that."""
    return ids.hash().to_numpy()
