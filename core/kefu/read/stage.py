"""Text files are parsed once: their checked rows are put down as Arrow files, a part each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kefu.read.check import check, shaped
from kefu.read.options import ReadOptions
from kefu.read.quarantine import REJECTS, Quarantine
from kefu.read.table import Loaded, Verdict
from kefu.read.times import Clock
from kefu.tables import TableSpec

VIEW_BYTES = 16


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a text file.

    :param frame: the rows that could be taken apart, every column text; all chunks of a file have the same columns.
    :param numbers: the number of each in the file, from 1.
    :param broken: a line for each row that could not.
    :param size: how many bytes of the file it was.
    :param header: the columns that the file is known to have even without rows.
    """

    frame: pl.DataFrame
    numbers: pl.Series
    broken: pl.DataFrame
    size: int = 0
    header: tuple[str, ...] = ()

    @classmethod
    def whole(cls, frame: pl.DataFrame, row: int, size: int) -> Chunk:
        """Return rows that are all good, the first of them with this number."""
        numbers = pl.int_range(row, row + frame.height, eager=True)
        return cls(frame, numbers, REJECTS.to_frame(), size)

    @property
    def rows(self) -> int:
        """All rows, good and broken."""
        return self.frame.height + self.broken.height

    @property
    def weight(self) -> int:
        """About how much memory the good rows take: an empty text needs room as well."""
        return self.size + VIEW_BYTES * self.frame.width * self.frame.height

    def cut(self, start: int, count: int | None) -> Chunk:
        """Return some of the good rows; the broken ones stay behind."""
        size = self.size if count is None else 0
        return Chunk(self.frame.slice(start, count), self.numbers.slice(start, count), self.broken.clear(), size)


@dataclass(slots=True)
class Staged:
    """What a text file became.

    :param columns: the columns that have a value somewhere, or stand in the header.
    """

    rows: int
    rejected: Quarantine
    columns: tuple[str, ...]
    parts: list[StagedPart]


@dataclass(frozen=True, slots=True)
class StagedPart:
    """The checked rows of a part, in a file of their own."""

    path: Path
    spec: TableSpec
    rows: int

    def load(self, columns: Sequence[str], verdict: Verdict | None) -> Loaded:
        """Return the rows: they were checked when they were put down."""
        return Loaded(self.keys(columns), verdict or Verdict(), REJECTS.to_frame())

    def keys(self, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of the rows."""
        have = pl.read_ipc_schema(self.path)
        wanted = [name for name in columns if name in have] or list(have)[:1]
        return shaped(pl.read_ipc(self.path, columns=wanted), columns, self.spec)


def stage(
    chunks: Iterable[Chunk], spec: TableSpec, clock: Clock, file: str, folder: Path, options: ReadOptions
) -> Staged:
    """Check all rows of a file and put the good ones down in parts."""
    work = _Work(spec, clock, file, folder, options)
    for chunk in chunks:
        work.add(chunk)
    work.put_down()
    return Staged(work.rows, work.rejected, tuple(work.columns), work.parts)


class _Work:
    """Gathers rows, and checks and writes them when there are enough for a part."""

    def __init__(self, spec: TableSpec, clock: Clock, file: str, folder: Path, options: ReadOptions) -> None:
        self.rows = 0
        self.rejected = Quarantine(folder)
        self.columns: dict[str, None] = {}
        self.parts: list[StagedPart] = []
        self._spec, self._clock, self._file, self._folder, self._options = spec, clock, file, folder, options
        self._waiting: list[Chunk] = []

    def add(self, chunk: Chunk) -> None:
        """Take some rows in."""
        self.rows += chunk.frame.height + chunk.broken.height
        self.rejected.add(chunk.broken)
        if not chunk.frame.height:
            self.columns.update(dict.fromkeys(chunk.header))
            return
        most = self._options.part_rows
        while chunk.frame.height >= (room := most - sum(one.frame.height for one in self._waiting)):
            self._waiting.append(chunk.cut(0, room))
            self.put_down()
            chunk = chunk.cut(room, None)
        if chunk.frame.height:
            self._waiting.append(chunk)
        if sum(one.weight for one in self._waiting) >= self._options.limits.part_bytes:
            self.put_down()

    def put_down(self) -> None:
        """Check the rows that are waiting, and write the good ones as a part."""
        if not self._waiting:
            return
        raw = _without_empty(pl.concat([one.frame for one in self._waiting]), self._spec)
        numbers = pl.concat([one.numbers for one in self._waiting])
        self._waiting = []
        self.columns.update(dict.fromkeys(one.name for one in raw if one.null_count() < raw.height))
        checked = check(raw, self._spec, self._clock, self._file, numbers)
        self.rejected.add(checked.rejects)
        if checked.good.height:
            path = self._folder / f"{len(self.parts)}.arrow"
            checked.good.write_ipc(path, compression="uncompressed", compat_level=pl.CompatLevel.oldest())
            self.parts.append(StagedPart(path, self._spec, checked.good.height))


def _without_empty(frame: pl.DataFrame, spec: TableSpec) -> pl.DataFrame:
    """Leave out columns without any value, unless every row must have one."""
    empty = [one.name for one in frame if one.null_count() == frame.height and one.name not in spec.required]
    return frame.drop(empty)
