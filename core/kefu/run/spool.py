"""Rows that must wait for the end of the run: in memory while they are few, then in files of the scratch folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

IN_MEMORY = 12 * 1024 * 1024
"""How many bytes of one table stay in memory."""


class Spool:
    """Frames of one schema, appended one by one, read again in order."""

    def __init__(self, folder: Path, name: str) -> None:
        """Keep files, if any are needed, in ``folder``, which the caller removes."""
        self._folder = folder
        self._name = name
        self._frames: list[pl.DataFrame] = []
        self._files: list[Path] = []
        self._size = 0
        self.rows = 0

    def append(self, frame: pl.DataFrame) -> None:
        """Add rows."""
        self.rows += len(frame)
        self._size += int(frame.estimated_size())
        self._frames.append(frame)
        if self._size > IN_MEMORY:
            path = self._folder / f"{self._name}-{len(self._files):05}.arrow"
            pl.concat(self._frames).write_ipc(path)
            self._files.append(path)
            self._frames, self._size = [], 0

    def frames(self) -> Iterator[pl.DataFrame]:
        """Read the rows again, some at a time."""
        for path in self._files:
            yield pl.read_ipc(path)
        if self._frames:
            yield pl.concat(self._frames)

    def buckets(self, key: str, most: int) -> Iterator[pl.DataFrame]:
        """Read the rows again with all rows of the same ``key`` in one frame of about ``most`` rows; null is no key."""
        count = -(-self.rows // most) if self.rows else 0
        if count <= 1:
            yield from [pl.concat([*self.frames()])] if self.rows else []
            return
        for frame in self.frames():
            yield frame.filter(pl.col(key).is_null())
        place = pl.col(key).hash() % count
        for number in range(count):
            yield pl.concat([frame.filter(pl.col(key).is_not_null() & (place == number)) for frame in self.frames()])
