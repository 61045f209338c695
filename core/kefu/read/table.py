"""A table that is ready to be read part by part, and the account of what was read."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

from kefu.read.quarantine import Quarantine, file_failure
from kefu.tables import TableSpec

_LOCK = threading.Lock()


@dataclass(slots=True)
class FileReport:
    """What became of the rows of one file.

    :param failed: why the file as a whole could not be used, or ``None``.
    """

    file: str
    rows: int = 0
    rejected: int = 0
    duplicates: int = 0
    failed: str | None = None

    @property
    def loaded(self) -> int:
        """The rows that stayed."""
        return self.rows - self.duplicates - self.rejected


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the first reading of a part found.

    :param bad: positions of the rejected rows, ascending.
    :param failed: why the part could not be decoded, or ``None``.
    """

    bad: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.UInt32))
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The checked rows of a part.

    :param rejects: a line for each row that this reading rejected: none where the verdict was known before.
    """

    frame: pl.DataFrame
    verdict: Verdict
    rejects: pl.DataFrame


class PartSource(Protocol):
    """Where the rows of a part come from."""

    def load(self, columns: Sequence[str], verdict: Verdict | None) -> Loaded:
        """Return the checked rows; ``verdict`` is what an earlier reading found, ``None`` for the first."""
        ...

    def keys(self, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns as cheaply as possible, rejecting nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """Some consecutive rows of one file."""

    table: Table = field(repr=False)
    file: str
    index: int
    rows: int
    source: PartSource = field(repr=False)

    def read(self, columns: Sequence[str]) -> pl.DataFrame:
        """Return the checked rows in file order: these columns, canonical types, null where a column is lacking."""
        loaded = self.load(columns)
        self.table.settle(self.index, loaded)
        return loaded.frame

    def load(self, columns: Sequence[str]) -> Loaded:
        """Do the work of ``read`` and note nothing: for workers, whose result goes to ``Table.settle``."""
        return self.source.load(columns, self.table.verdict(self.index))

    def keys(self, columns: Sequence[str] = ("session_id",)) -> pl.DataFrame:
        """Return columns of all rows, rejected or not, as cheaply as possible."""
        return self.source.keys(columns)


class Table:
    """One table of the input."""

    def __init__(self, spec: TableSpec, scratch: Path) -> None:
        """Start without files; they are added while they are opened."""
        self.spec = spec
        self.present: frozenset[str] = frozenset()
        self.parts: list[Part] = []
        self._files: dict[str, FileReport] = {}
        self._quarantine = Quarantine(scratch)
        self._verdicts: dict[int, Verdict] = {}

    @property
    def report(self) -> list[FileReport]:
        """What became of each file, in the order of reading; final when every part has been read."""
        return list(self._files.values())

    @property
    def quarantine(self) -> pl.DataFrame:
        """The rejected rows so far."""
        return self._quarantine.frame()

    @property
    def rows(self) -> int:
        """All rows of all files."""
        return sum(report.rows for report in self._files.values())

    @property
    def counts(self) -> dict[str, int]:
        """How many rows all files had, and what became of them."""
        names = ("rows", "loaded", "rejected", "duplicates")
        return {name: sum(getattr(report, name) for report in self.report) for name in names}

    def add_file(self, file: str, rows: int, columns: Iterable[str], rejected: Quarantine | None = None) -> None:
        """Take in a file that was opened, with the rows that were rejected so far."""
        self._files[file] = FileReport(file, rows, rejected.rows if rejected else 0)
        if rejected:
            self._quarantine.take(rejected)
        self.present |= frozenset(columns) & frozenset(self.spec.names)

    def add_failure(self, file: str, column: str | None, reason: str, what_to_do: str) -> None:
        """Take in a file that cannot be used at all."""
        self._files[file] = FileReport(file, failed=reason)
        self._quarantine.add(file_failure(file, column, reason, what_to_do))

    def add_part(self, file: str, rows: int, source: PartSource) -> None:
        """Take in the next part of a file."""
        self.parts.append(Part(self, file, len(self.parts), rows, source))

    def add_duplicates(self, file: str, count: int) -> None:
        """Count rows of a file that were recognised as duplicates later on."""
        with _LOCK:
            self._files[file].duplicates += count

    def reject(self, file: str, rejected: pl.DataFrame) -> None:
        """Take in rows that turned out to be unusable beside other tables; once for each."""
        with _LOCK:
            self._files[file].rejected += rejected.height
            self._quarantine.add(rejected)

    def verdict(self, index: int) -> Verdict | None:
        """Return what the first reading of a part found; ``None`` where it was not read."""
        return self._verdicts.get(index)

    def settle(self, index: int, loaded: Loaded) -> None:
        """Note what was rejected in a part, once, however often it is read."""
        with _LOCK:
            known = self._verdicts.get(index)
            if known is not None and (known.failed or not loaded.verdict.failed):
                return
            self._verdicts[index] = loaded.verdict
            report = self._files[self.parts[index].file]
            if loaded.verdict.failed:
                report.failed = loaded.verdict.failed
                report.rejected += self.parts[index].rows - (len(known.bad) if known else 0)
            else:
                report.rejected += len(loaded.verdict.bad)
            self._quarantine.add(loaded.rejects)
