"""Rows that wait for the end of the run, in buckets: in memory while they are few, then in scratch files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

IN_MEMORY = 24 * 1024 * 1024
"""How many bytes of one spool stay in memory."""
BUCKETS = 32
"""How many buckets there are: memory at the end follows that share of the rows."""
_BUCKET = "_bucket"


class Spool:
    """Frames of one schema, appended one by one, read again by bucket: all rows of a key are in one bucket."""

    def __init__(self, folder: Path, name: str, key: str) -> None:
        """Keep files, if any are needed, in ``folder``, which the caller removes.

        :param key: the column whose equal values stay together; rows without one are in any bucket.
        """
        self._folder, self._name, self._key = folder, name, key
        self._frames: list[list[pl.DataFrame]] = [[] for _ in range(BUCKETS)]
        self._files: list[list[Path]] = [[] for _ in range(BUCKETS)]
        self._size = 0
        self._parts = 0

    def append(self, frame: pl.DataFrame) -> None:
        """Add rows."""
        place = pl.coalesce(pl.col(self._key).hash(), pl.int_range(pl.len(), dtype=pl.UInt64)) % BUCKETS
        for (number,), rows in (
            frame.with_columns(place.alias(_BUCKET)).partition_by(_BUCKET, as_dict=True, include_key=False).items()
        ):
            self._frames[int(number)].append(rows)
        self._size += int(frame.estimated_size())
        if self._size > IN_MEMORY:
            self._put_away()

    def bucket(self, number: int) -> pl.DataFrame | None:
        """Read the rows of one bucket again, ``None`` where it has none."""
        files, frames = self._files[number], self._frames[number]
        return pl.concat([*(pl.read_ipc(path) for path in files), *frames]) if files or frames else None

    def buckets(self) -> Iterator[pl.DataFrame]:
        """Read the rows again, a bucket at a time."""
        found = (self.bucket(number) for number in range(BUCKETS))
        yield from (rows for rows in found if rows is not None)

    def _put_away(self) -> None:
        for number, frames in enumerate(self._frames):
            if frames:
                path = self._folder / f"{self._name}-{number:02}-{self._parts:05}.arrow"
                pl.concat(frames).write_ipc(path)
                self._files[number].append(path)
        self._frames = [[] for _ in range(BUCKETS)]
        self._size = 0
        self._parts += 1
