"""Of each file of the input, the first and the last date of a session that it gave a row to."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from kefu.facts.order import Laid
from kefu.run.engine import Engine
from kefu.run.whole import KEYED, PART

Dates = tuple[dt.date, dt.date]


class Spans:
    """Takes batches, and finds the dates of the files of messages, and of tables whose rows belong to a session."""

    def __init__(self, engine: Engine) -> None:
        """Find out which tables have several files; of a single one all dates are taken."""
        self._tables = engine.tables
        keyed = {name: [told.file for told in self._tables[name].report] for name in KEYED if name in self._tables}
        self._single = [files[0] for files in keyed.values() if len(files) == 1]
        self._several = [name for name, files in keyed.items() if len(files) > 1]
        self._found: dict[str, Dates] = {}
        self._dates: list[pl.DataFrame] = []

    def take(self, laid: Laid, sessions: pl.DataFrame) -> None:
        """Note which dates each file of messages gave messages to."""
        parts = laid.messages[PART].gather(laid.order)
        days = sessions["date"].gather(laid.session.astype(np.uint32))
        for part, first, last in _ends(pl.DataFrame({"key": parts, "date": days})).iter_rows():
            self._add(self._tables["messages"].parts[part].file, first, last)
        if self._several:
            self._dates.append(sessions.select(pl.col("session_id").hash(), "date"))

    def of_files(self) -> dict[str, Dates]:
        """Return the dates by file; one that gave a row to no session is not among them."""
        ends = [end for both in self._found.values() for end in both]
        if not ends:
            return {}
        for file in self._single:
            self._add(file, min(ends), max(ends))
        if self._several:
            dates = pl.concat(self._dates)
            for name in self._several:
                for part in self._tables[name].parts:
                    rows = part.keys().select(pl.col("session_id").hash()).join(dates, on="session_id")
                    for _, first, last in _ends(rows.select(pl.lit(0).alias("key"), "date")).iter_rows():
                        self._add(part.file, first, last)
        return self._found

    def _add(self, file: str, first: dt.date, last: dt.date) -> None:
        low, high = self._found.get(file, (first, last))
        self._found[file] = (min(low, first), max(high, last))


def _ends(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("key").agg(first=pl.col("date").min(), last=pl.col("date").max())
