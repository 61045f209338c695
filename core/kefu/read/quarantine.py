"""Rejected rows: what they look like, and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

RAW_CHARACTERS = 200
SPILL_ROWS = 100_000

REJECTS = pl.Schema(
    {
        "file": pl.String,
        "row": pl.Int64,
        "column": pl.String,
        "reason": pl.String,
        "what_to_do": pl.String,
        "raw": pl.String,
    }
)
"""One line for each rejected row, counted from 1 without the header; ``row`` is null where a whole file failed."""


def rejects(
    file: str,
    rows: pl.Series | list[int | None],
    column: str | None,
    reason: pl.Series | str,
    what_to_do: pl.Series | str,
    raw: pl.Series | list[str] | None = None,
) -> pl.DataFrame:
    """Return the lines for some rows that were rejected for one fault."""
    given = {
        "file": pl.lit(file),
        "row": pl.col("row"),
        "column": pl.lit(column, dtype=pl.String),
        "reason": pl.lit(reason) if isinstance(reason, str) else reason,
        "what_to_do": pl.lit(what_to_do),
        "raw": pl.lit(raw if raw is None or isinstance(raw, pl.Series) else pl.Series(raw, dtype=pl.String)),
    }
    frame = pl.DataFrame({"row": rows}, schema={"row": pl.Int64}).with_columns(**given)
    return frame.select(
        pl.col("raw").cast(pl.String).str.head(RAW_CHARACTERS) if name == "raw" else pl.col(name) for name in REJECTS
    )


def broken_lines(file: str, broken: Mapping[int, tuple[str, str, str]]) -> pl.DataFrame:
    """Return the lines for records that could not be taken apart: row number to reason, what to do, raw."""
    if not broken:
        return REJECTS.to_frame()
    numbers = sorted(broken)
    texts = zip(*(broken[number] for number in numbers), strict=True)
    reasons, advice, raw = (pl.Series(column, dtype=pl.String) for column in texts)
    return rejects(file, list(numbers), None, reasons, advice, raw)


def file_failure(file: str, column: str | None, reason: str, what_to_do: str) -> pl.DataFrame:
    """Return the line for a file that cannot be used."""
    return rejects(file, [None], column, reason, what_to_do)


class Quarantine:
    """Rejected rows; many of them are kept on disk, not in memory."""

    def __init__(self, folder: Path) -> None:
        """Keep nothing yet; ``folder`` is where rows go when there are many."""
        self.rows = 0
        self._folder = folder
        self._kept: list[pl.DataFrame] = []
        self._spilled: list[Path] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Keep some more."""
        if not frame.height:
            return
        self.rows += frame.height
        self._kept.append(frame)
        if sum(part.height for part in self._kept) >= SPILL_ROWS:
            path = self._folder / f"rejected-{len(self._spilled)}.arrow"
            pl.concat(self._kept).write_ipc(path, compression="lz4")
            self._spilled.append(path)
            self._kept.clear()

    def take(self, other: Quarantine) -> None:
        """Keep what another one has."""
        self.rows += other.rows
        self._kept += other._kept
        self._spilled += other._spilled

    def frame(self) -> pl.DataFrame:
        """Return all of them by file and row; failures of whole files come first."""
        parts = [pl.read_ipc(path) for path in self._spilled] + self._kept
        if not parts:
            return REJECTS.to_frame()
        return pl.concat(parts).sort("file", "row", nulls_last=False, maintain_order=True)
