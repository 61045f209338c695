"""Parts of Parquet files: decoded when they are asked for, checked as they are decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kefu.read.check import check, drop, fallible
from kefu.read.find import Source
from kefu.read.options import ReadOptions
from kefu.read.quarantine import REJECTS, file_failure
from kefu.read.refusals import REFUSALS, said
from kefu.read.table import Loaded
from kefu.read.times import Clock
from kefu.read.values import as_text, canonical
from kefu.read.zones import Zone
from kefu.tables import TableSpec


@dataclass(frozen=True, slots=True)
class ParquetSlice:
    """A run of rows of a Parquet file."""

    path: Path
    shown: str
    schema: dict[str, pl.DataType]
    spec: TableSpec
    clock: Clock
    offset: int
    rows: int

    def load(self, columns: Sequence[str], bad: pl.Series | None) -> Loaded:
        """Return the checked rows; a part that cannot be decoded is empty and says so."""
        wanted = [name for name in self.schema if name in columns or (bad is None and self._fallible(name))]
        try:
            raw = self._decode(wanted or list(self.schema)[:1])
        except REFUSALS as error:
            return self._failed(columns, *said(error))
        if raw.height != self.rows:
            return self._failed(columns, f"{self.rows} rows are declared, {raw.height} are there", "export it again")
        if bad is not None:
            good = drop(raw, self.spec, self.clock, bad)
            return Loaded(shaped(good, columns, self.spec), bad, REJECTS.to_frame())
        numbers = pl.int_range(self.offset + 1, self.offset + self.rows + 1, eager=True)
        checked = check(raw, self.spec, self.clock, self.shown, numbers)
        return Loaded(shaped(checked.good, columns, self.spec), checked.bad, checked.rejects)

    def keys(self, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of all rows as they are, texts as text; empty where they cannot be decoded."""
        try:
            raw = self._decode([name for name in self.schema if name in columns])
        except REFUSALS:
            return shaped(pl.DataFrame(), columns, self.spec)
        texts = [as_text(s) if s.name in self.spec.names and self.spec[s.name].kind == "text" else s for s in raw]
        return pl.DataFrame(texts).select(columns)

    def _fallible(self, name: str) -> bool:
        return name in self.spec.names and fallible(self.spec[name], self.schema[name])

    def _decode(self, names: list[str]) -> pl.DataFrame:
        scan = pl.scan_parquet(self.path, glob=False, hive_partitioning=False)
        return scan.slice(self.offset, self.rows).select(names).collect()

    def _failed(self, columns: Sequence[str], reason: str, what_to_do: str) -> Loaded:
        line = file_failure(self.shown, None, reason, what_to_do)
        return Loaded(shaped(pl.DataFrame(), columns, self.spec), None, line, reason)


@dataclass(frozen=True, slots=True)
class Opened:
    """A Parquet file that is ready to be read."""

    rows: int
    schema: dict[str, pl.DataType]
    parts: list[ParquetSlice]


def open_parquet(source: Source, spec: TableSpec, options: ReadOptions) -> Opened:
    """Look at what a file declares, and cut it into parts."""
    schema = dict(pl.read_parquet_schema(source.path))
    rows = int(pl.scan_parquet(source.path, glob=False, hive_partitioning=False).select(pl.len()).collect().item())
    clock = Clock(Zone(options.timezone))
    parts = [
        ParquetSlice(source.path, source.shown, schema, spec, clock, start, min(options.part_rows, rows - start))
        for start in range(0, rows, options.part_rows)
    ]
    return Opened(rows, schema, parts)


def shaped(frame: pl.DataFrame, columns: Sequence[str], spec: TableSpec) -> pl.DataFrame:
    """Return exactly these columns; a lacking one is null, in its canonical type where it is listed."""
    have = set(frame.columns)
    lacking = {
        name: pl.lit(None, dtype=canonical(spec[name]) if name in spec.names else pl.String)
        for name in columns
        if name not in have
    }
    if not have:
        return pl.DataFrame(
            schema={name: canonical(spec[name]) if name in spec.names else pl.String for name in columns}
        )
    return frame.with_columns(**lacking).select(columns)
