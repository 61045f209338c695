"""Parts of Parquet files: decoded when they are asked for, checked as they are decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kefu.read.check import check, drop, fallible, shaped
from kefu.read.find import Source
from kefu.read.footer import declared
from kefu.read.options import ReadOptions
from kefu.read.quarantine import REJECTS, file_failure
from kefu.read.refusals import REFUSALS, said
from kefu.read.stage import VIEW_BYTES
from kefu.read.table import Loaded, Verdict
from kefu.read.times import Clock, Units, unit_votes
from kefu.read.values import as_text
from kefu.read.zones import Zone
from kefu.tables import TableSpec

FEWEST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A Parquet file that was looked at.

    :param filled: the columns that hold no empty text.
    :param stamp: its size and time of change, to notice when it is changed under our hands.
    """

    path: Path
    shown: str
    rows: int
    schema: dict[str, pl.DataType]
    filled: frozenset[str]
    stamp: tuple[int, int]

    def decode(self, names: Sequence[str], offset: int, rows: int) -> pl.DataFrame:
        """Return columns of a run of rows, as they are stored."""
        if _stamp(self.path) != self.stamp:
            raise ValueError("it was changed while it was read")
        return self.scan().slice(offset, rows).select(names).collect()

    def scan(self) -> pl.LazyFrame:
        """Return the file as a query."""
        return pl.scan_parquet(self.path, glob=False, hive_partitioning=False)


@dataclass(frozen=True, slots=True)
class ParquetSlice:
    """A run of rows of a Parquet file."""

    file: ParquetFile
    spec: TableSpec
    clock: Clock
    offset: int
    rows: int

    def load(self, columns: Sequence[str], verdict: Verdict | None) -> Loaded:
        """Return the checked rows; a part that cannot be decoded is empty and says so."""
        if verdict is not None and verdict.failed:
            return Loaded(shaped(pl.DataFrame(), columns, self.spec), verdict, REJECTS.to_frame())
        schema = self.file.schema
        wanted = [name for name in schema if name in columns or (verdict is None and self._fallible(name))]
        try:
            raw = self.file.decode(wanted or list(schema)[:1], self.offset, self.rows)
        except REFUSALS as error:
            return self._failed(columns, *said(error))
        if raw.height != self.rows:
            return self._failed(columns, f"{self.rows} rows are declared, {raw.height} are there", "export it again")
        if verdict is not None:
            good = drop(raw, self.spec, self.clock, verdict.bad)
            return Loaded(shaped(good, columns, self.spec), verdict, REJECTS.to_frame())
        checked = check(raw, self.spec, self.clock, self.file.shown, self.offset + 1, self.file.filled)
        return Loaded(shaped(checked.good, columns, self.spec), Verdict(checked.bad), checked.rejects)

    def keys(self, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of all rows as they are, texts as text; empty where they cannot be decoded."""
        try:
            wanted = [name for name in self.file.schema if name in columns]
            raw = self.file.decode(wanted, self.offset, self.rows)
        except REFUSALS:
            return shaped(pl.DataFrame(), columns, self.spec)
        texts = [one.name for one in raw if one.name in self.spec.names and self.spec[one.name].kind == "text"]
        return shaped(raw.with_columns([as_text(raw[name]) for name in texts]), columns, self.spec)

    def _fallible(self, name: str) -> bool:
        return name in self.spec.names and fallible(self.spec[name], self.file.schema[name])

    def _failed(self, columns: Sequence[str], reason: str, what_to_do: str) -> Loaded:
        line = file_failure(self.file.shown, None, reason, what_to_do)
        return Loaded(shaped(pl.DataFrame(), columns, self.spec), Verdict(failed=reason), line)


@dataclass(frozen=True, slots=True)
class Opened:
    """A Parquet file that is ready to be read."""

    file: ParquetFile
    parts: list[ParquetSlice]


def open_parquet(source: Source, spec: TableSpec, options: ReadOptions) -> Opened:
    """Look at what a file declares, and cut it into parts.

    A file of several parts is decoded once as a whole beforehand: its first part must not be used before a later
    one turns out to be damaged, and the unit of its epochs must be known.
    """
    path = source.path
    says = declared(path, options.limits)
    schema = dict(pl.read_parquet_schema(path))
    if len(schema) > options.limits.columns:
        raise ValueError(f"it has {len(schema):,} columns, more than {options.limits.columns:,}")
    file = ParquetFile(path, source.shown, says.rows, schema, says.filled, _stamp(path))
    step = _part_rows(file, says.unpacked, options)
    clock = Clock(Zone(options.timezone))
    if step < file.rows:
        clock.units = _looked_through(file, spec)
    parts = [
        ParquetSlice(file, spec, clock, start, min(step, file.rows - start)) for start in range(0, file.rows, step)
    ]
    return Opened(file, parts)


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _part_rows(file: ParquetFile, unpacked: int, options: ReadOptions) -> int:
    """Return how many rows a part may have, so that it is neither too long nor too large."""
    each = unpacked // max(file.rows, 1) + VIEW_BYTES * len(file.schema)
    fitting = options.limits.part_bytes // each
    return min(options.part_rows, max(fitting, FEWEST_ROWS))


def _looked_through(file: ParquetFile, spec: TableSpec) -> Units:
    """Decode all listed columns, and return the units that most epochs of each column have."""
    listed = [name for name in file.schema if name in spec.names]
    times = [name for name in listed if spec[name].kind in ("time", "date")]
    votes = {name: unit_votes(name, file.schema[name]) for name in times}
    seen = file.scan().select(
        pl.len().alias("rows"),
        *(pl.col(name).null_count().alias(f"nulls {name}") for name in listed),
        *(vote.alias(f"votes {name} {unit}") for name, each in votes.items() for unit, vote in enumerate(each)),
    )
    found = seen.collect().row(0, named=True)
    if found["rows"] != file.rows:
        raise ValueError(f"{file.rows} rows are declared, {found['rows']} are there")
    told: dict[str, int] = {}
    for name, each in votes.items():
        counts = [found[f"votes {name} {unit}"] for unit in range(len(each))]
        if any(counts):
            told[name] = counts.index(max(counts))
    return Units(told)
