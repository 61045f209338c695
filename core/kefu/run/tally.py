"""Take measures from fact tables, part by part, and merge them: integers in, integers out, any order."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

import polars as pl

from kefu.metric import Spread
from kefu.run.plan import Item, merged, taken
from kefu.run.spread import bucket

BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What an expression raises that cannot be worked out of some rows."""
_FOLD = 64
"""After so many parts the parts are merged, so that memory follows the groups."""


class Tallies:
    """The measures of one fact table, in groups.

    :param items: what to take.
    :param grain: the columns to group by; every coarser grouping can be merged from it.

    A measure that cannot be taken of some rows is given up and stands in ``broken`` with the reason; the others count.
    """

    def __init__(self, items: Sequence[Item], grain: Sequence[str]) -> None:
        """Start with nothing."""
        self.grain = [*grain]
        self.items = [*items]
        self.ids = frozenset(item.id for item in items)
        self.roots = frozenset(root for item in items for root in item.roots)
        self._numbers = [item for item in items if not isinstance(item.measure, Spread)]
        self._spreads = [item for item in items if isinstance(item.measure, Spread)]
        self.broken: dict[str, BaseException] = {}
        self._parts: list[pl.DataFrame] = []
        self._buckets: list[pl.DataFrame] = []

    @classmethod
    def of(cls, items: Sequence[Item], grain: Sequence[str], numbers: pl.DataFrame, buckets: pl.DataFrame) -> Tallies:
        """Return tallies of what others gave as ``numbers()`` and ``buckets()``, put together."""
        found = cls(items, grain)
        found._parts = [numbers] if numbers.width else []
        found._buckets = [buckets] if buckets.width else []
        if len(numbers):
            found._parts = [grouped(numbers, grain, [merged(item) for item in found._numbers])]
        return found

    def add(self, rows: pl.DataFrame, only: Container[str] | None = None) -> None:
        """Take the measures of some more rows; they have the columns of ``grain`` and those that are read.

        :param only: the ids of the measures to take of these rows; ``None`` for all.
        """
        chosen = {item.id for item in self.items if only is None or item.id in only}
        if self._numbers:
            self._parts.append(self._taken(rows, chosen))
            if len(self._parts) >= _FOLD:
                self.numbers()
        spreads = [item for item in self._spreads if item.id in chosen]
        self._buckets += [found for item in spreads if (found := self._tried(rows, item)) is not None]
        if len(self._buckets) >= _FOLD:
            self._buckets = [self.buckets()]

    def numbers(self) -> pl.DataFrame:
        """Return the measures that are one number a group: ``grain`` and a column for each."""
        if not self._parts:
            kinds = {name: pl.Date() if name == "date" else pl.String() for name in self.grain}
            return pl.DataFrame(schema={**kinds, **dict.fromkeys((item.id for item in self._numbers), pl.Int64())})
        if len(self._parts) > 1:
            self._parts = [grouped(pl.concat(self._parts), self.grain, [merged(item) for item in self._numbers])]
        return self._parts[0]

    def buckets(self) -> pl.DataFrame:
        """Return the spreads: ``grain``, ``id`` of the measure, ``bucket``, ``n``."""
        if not self._buckets:
            return pl.DataFrame()
        return pl.concat(self._buckets).group_by(*self.grain, "id", "bucket").agg(pl.col("n").sum())

    def _taken(self, rows: pl.DataFrame, chosen: Container[str]) -> pl.DataFrame:
        """Take all numbers at once; if that fails, find out which of them cannot be taken."""
        try:
            return grouped(rows, self.grain, [self._measure(item, chosen) for item in self._numbers])
        except BROKEN:
            for item in self._numbers:
                if item.id in chosen:
                    self._tried(rows, item)
            return grouped(rows, self.grain, [self._measure(item, chosen) for item in self._numbers])

    def _measure(self, item: Item, chosen: Container[str]) -> pl.Expr:
        there = item.id in chosen and item.id not in self.broken
        return taken(item) if there else pl.lit(None, pl.Int64).alias(item.id)

    def _tried(self, rows: pl.DataFrame, item: Item) -> pl.DataFrame | None:
        """Take one measure; ``None`` if it cannot be taken, now or before."""
        if item.id in self.broken:
            return None
        try:
            if isinstance(item.measure, Spread):
                return self._spread(rows, item)
            return grouped(rows, self.grain, [taken(item)])
        except BROKEN as error:
            self.broken[item.id] = error
            return None

    def _spread(self, rows: pl.DataFrame, item: Item) -> pl.DataFrame:
        of = item.measure.of  # type: ignore[union-attr]
        chosen = rows if item.measure.where is None else rows.filter(item.measure.where)
        counted = (
            chosen.select(*self.grain, bucket=bucket(of)).drop_nulls("bucket").group_by(*self.grain, "bucket").len("n")
        )
        return counted.select(*self.grain, pl.lit(item.id).alias("id"), "bucket", pl.col("n").cast(pl.Int64))


def grouped(rows: pl.DataFrame, by: Sequence[str], measures: Iterable[pl.Expr]) -> pl.DataFrame:
    """Group, or take the whole where there is nothing to group by."""
    return rows.group_by(*by).agg(*measures) if by else rows.select(*measures)
