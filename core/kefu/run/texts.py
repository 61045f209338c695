"""What text columns say of each text: one that comes again, in its batch or a later one, is not asked about again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kefu.columns import TextColumn
from kefu.facts.segments import Rows, rows_where

MOST = 2_000_000
"""So many texts are remembered; when there are more, all are forgotten. Each takes about 25 bytes."""
_BITS, _STEP, _TURNS = 20, 11, 5
USUAL, UNKNOWN = -1, -2
"""The places of the default, and of a text that was not asked about."""


class _Said:
    """What a column says of the texts that are remembered, but for those with the default: ``values``, each once."""

    def __init__(self, column: TextColumn) -> None:
        self.values = pl.DataFrame(schema=dict(column.columns))
        self._places = np.zeros(0, dtype=np.int16)

    def places(self, size: int) -> np.ndarray:
        """Return, for the first so many texts, where what is said of them is among the values."""
        if len(self._places) < size:
            new = np.full(size - len(self._places), UNKNOWN, dtype=self._places.dtype)
            self._places = np.append(self._places, new)
        return self._places

    def note(self, numbers: Rows, values: pl.DataFrame) -> None:
        """Remember what is said of further texts, by their numbers."""
        names = values.columns
        self.values.extend(values.unique().join(self.values, on=names, how="anti", nulls_equal=True))
        known = self.values.with_row_index("place")
        found = values.join(known, on=names, how="left", nulls_equal=True, maintain_order="left")["place"]
        if len(self.values) > np.iinfo(self._places.dtype).max:
            self._places = self._places.astype(np.int32)
        self._places[numbers] = found.to_numpy()


class Remembered:
    """The texts of a run and what is said of them.

    Texts are told apart by a hash of 64 bits: that two of a million have the same is one chance in 10⁷.
    """

    def __init__(self, most: int = MOST) -> None:
        """Begin with none."""
        self._most = most
        self._forget()

    def _forget(self) -> None:
        self._keys = np.zeros(0, dtype=np.uint64)
        self._numbers = np.zeros(0, dtype=np.int32)
        self._said: dict[str, _Said] = {}

    def of_batch(self, texts: pl.Series) -> Texts:
        """Take up the texts of a batch."""
        keys = texts.hash().to_numpy()
        same = alike(keys)
        first = rows_where(same == np.arange(len(keys)))
        first = first[np.argsort(keys[first])]
        code = np.empty(len(keys), dtype=np.int64)
        code[first] = np.arange(len(first))
        return Texts(texts, first, code[same], self._numbers_of(keys[first]), self)

    def _numbers_of(self, keys: np.ndarray) -> Rows:
        """Number texts by their keys, which are distinct and in order."""
        places = np.searchsorted(self._keys, keys)
        known = np.zeros(len(keys), dtype=bool)
        inside = places < len(self._keys)
        known[inside] = self._keys[places[inside]] == keys[inside]
        if len(self._keys) and len(self._keys) + len(keys) - known.sum() > self._most:
            self._forget()
            return self._numbers_of(keys)
        fresh = np.arange(len(self._keys), len(self._keys) + len(keys) - known.sum(), dtype=np.int32)
        self._numbers = np.insert(self._numbers, places[~known], fresh)
        self._keys = np.insert(self._keys, places[~known], keys[~known])
        numbers: Rows = self._numbers[places + np.cumsum(~known) - ~known].astype(np.int64)
        return numbers

    def ask(self, column: TextColumn, texts: pl.Series, numbers: Rows) -> tuple[Rows, pl.DataFrame]:
        """Return where the values of texts with these numbers are in a table of values, ``USUAL`` for the default."""
        said = self._said.setdefault(column.name, _Said(column))
        new = rows_where(said.places(len(self._keys))[numbers] == UNKNOWN)
        if len(new):
            values, special = values_of(column, texts.gather(new))
            said.places(0)[numbers[new]] = USUAL
            said.note(numbers[new[special]], values)
        return said.places(0)[numbers], said.values


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a batch.

    :param first: a row of each distinct text.
    :param code: for each row the place of its text in ``first``.
    :param numbers: what the distinct texts are called in the run.
    """

    texts: pl.Series
    first: Rows
    code: Rows
    numbers: Rows
    remembered: Remembered

    def ask(self, column: TextColumn, rows: Rows) -> tuple[Rows, pl.DataFrame]:
        """Return the rows with values other than the default, and these."""
        if not column.distinct:
            values, special = values_of(column, self.texts.gather(rows))
            return rows[special], values
        asked = np.zeros(len(self.first), dtype=bool)
        asked[self.code[rows]] = True
        chosen = rows_where(asked)
        place = np.full(len(self.first), USUAL, dtype=np.int32)
        place[chosen], values = self.remembered.ask(column, self.texts.gather(self.first[chosen]), self.numbers[chosen])
        of_row = place[self.code[rows]]
        special = rows_where(of_row != USUAL)
        return rows[special], values[of_row[special]]


def alike(keys: np.ndarray) -> Rows:
    """Return for each row one with the same key, the same one for all of them.

    A row is written where some bits of its key say; a key that finds another one's row there tries other bits. Each
    turn settles at least one key; two or three settle a batch, in a third of the time that sorting takes.
    """
    found, left = np.arange(len(keys)), np.arange(len(keys))
    table = np.empty(1 << _BITS, dtype=np.int64)
    turn = 0
    while len(left):
        place = (keys[left] >> np.uint64(turn % _TURNS * _STEP)).astype(np.int64) & (1 << _BITS) - 1
        table[place] = left
        there = table[place]
        same = keys[there] == keys[left]
        found[left[same]] = there[same]
        left = left[~same]
        turn += 1
    return found


def values_of(column: TextColumn, texts: pl.Series) -> tuple[pl.DataFrame, Rows]:
    """Work a column out: the values other than the default, and for which texts they are."""
    values = column.compute(texts).cast(column.dtype)
    fields = values.struct.unnest() if isinstance(column.dtype, pl.Struct) else values.to_frame(column.name)
    special = fields.select(
        pl.any_horizontal(
            pl.col(name).is_not_null() & pl.col(name).ne_missing(column.default) for name in fields.columns
        )
    ).to_series()
    return fields.filter(special), rows_where(special.to_numpy())
