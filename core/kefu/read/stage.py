"""Text files are parsed once: their checked rows are put down as Arrow files, a part each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kefu.read.check import check
from kefu.read.options import ReadOptions
from kefu.read.parquet import shaped
from kefu.read.quarantine import REJECTS
from kefu.read.table import Loaded
from kefu.read.times import Clock, Units
from kefu.read.zones import Zone
from kefu.tables import TableSpec


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a text file.

    :param frame: the rows that could be taken apart, every column text.
    :param numbers: the number of each in the file, from 1.
    :param broken: a line for each row that could not.
    """

    frame: pl.DataFrame
    numbers: pl.Series
    broken: pl.DataFrame


@dataclass(slots=True)
class Staged:
    """What a text file became."""

    rows: int
    rejects: pl.DataFrame
    columns: frozenset[str]
    parts: list[StagedPart]


@dataclass(frozen=True, slots=True)
class StagedPart:
    """The checked rows of a part, in a file of their own."""

    path: Path
    spec: TableSpec
    rows: int

    def load(self, columns: Sequence[str], bad: pl.Series | None) -> Loaded:
        """Return the rows: they were checked when they were put down."""
        del bad
        return Loaded(self.keys(columns), None, REJECTS.to_frame())

    def keys(self, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of the rows."""
        have = pl.read_ipc_schema(self.path)
        wanted = [name for name in columns if name in have] or list(have)[:1]
        return shaped(pl.read_ipc(self.path, columns=wanted), columns, self.spec)


def stage(
    chunks: Iterable[Chunk], spec: TableSpec, clock: Clock, file: str, folder: Path, options: ReadOptions
) -> Staged:
    """Check all rows of a file and put the good ones down in parts."""
    writer = _Writer(spec, folder, options)
    rejected = [REJECTS.to_frame()]
    rows = 0
    columns: set[str] = set()
    for chunk in chunks:
        rows += chunk.frame.height + chunk.broken.height
        checked = check(chunk.frame, spec, clock, file, chunk.numbers)
        columns |= set(chunk.frame.columns)
        rejected += [chunk.broken, checked.rejects]
        writer.add(checked.good)
    writer.close()
    return Staged(rows, pl.concat(rejected), frozenset(columns & set(spec.names)), writer.parts)


class _Writer:
    """Gathers checked rows and writes a part when there are enough."""

    def __init__(self, spec: TableSpec, folder: Path, options: ReadOptions) -> None:
        self.parts: list[StagedPart] = []
        self._spec, self._folder, self._options = spec, folder, options
        self._frames: list[pl.DataFrame] = []
        self._rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        while self._rows + frame.height >= self._options.part_rows:
            room = self._options.part_rows - self._rows
            self._frames.append(frame.head(room))
            self._write()
            frame = frame.slice(room)
        if frame.height:
            self._frames.append(frame)
            self._rows += frame.height

    def close(self) -> None:
        if self._frames:
            self._write()

    def _write(self) -> None:
        whole = pl.concat(self._frames, how="diagonal")
        path = self._folder / f"{len(self.parts)}.arrow"
        whole.write_ipc(path, compression="uncompressed")
        self.parts.append(StagedPart(path, self._spec, whole.height))
        self._frames, self._rows = [], 0


def clock_for(options: ReadOptions, units: Units | None = None) -> Clock:
    """Return a fresh clock for one file."""
    return Clock(Zone(options.timezone), units or Units())


def csv_chunks(path: Path, options: ReadOptions) -> Iterator[Chunk]:
    """Yield the rows of a CSV file."""
    with path.open("rb") as file:
        names = file.readline().decode("utf-8-sig").strip().split(",")
        schema = {name.strip().strip('"'): pl.String for name in names}
        row = 1
        while block := file.read(options.limits.block_bytes):
            rest = file.readline()
            while (block.count(b'"') + rest.count(b'"')) % 2:
                more = file.readline()
                if not more:
                    break
                rest += more
            frame = pl.read_csv(block + rest, has_header=False, schema=schema)
            yield Chunk(frame, pl.int_range(row, row + frame.height, eager=True), REJECTS.to_frame())
            row += frame.height
