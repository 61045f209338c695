"""CSV: blocks by polars; where it refuses, or where it cannot be believed, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from kefu.read.csvcut import layout
from kefu.read.csvlines import LineReader, Record
from kefu.read.lines import TextFile, longer
from kefu.read.quarantine import broken_lines
from kefu.read.refusals import REFUSALS
from kefu.read.stage import Chunk
from kefu.tables import TableSpec

PIECE = 128 * 1024
SEPARATORS = ",;\t|"


class HeaderError(ValueError):
    """A first line that does not name the columns."""


def csv_chunks(text: TextFile, spec: TableSpec) -> Iterator[Chunk]:
    """Yield the rows of a file, every value as text; blank lines are no rows.

    The separator is a comma, or a semicolon, tab or bar where that makes more sense of the header.
    """
    reader: _Reader | None = None
    row = 1
    for block, last in _with_last(text.blocks()):
        data = block
        if reader is None:
            header, _, data = data.lstrip(b"\r\n").partition(b"\n")
            if not header:
                continue
            reader = _Reader(text, *_header(header, spec, text.options.limits.columns))
            yield replace(Chunk.whole(pl.DataFrame(schema=reader.schema), 1, 0), header=tuple(reader.schema))
        for chunk in reader.chunks(data, row, last=last):
            row += chunk.rows
            yield chunk


def _with_last(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each block, and whether it is the last."""
    held: bytes | None = None
    for block in blocks:
        if held is not None:
            yield held, False
        held = block
    if held is not None:
        yield held, True


def _header(line: bytes, spec: TableSpec, most: int) -> tuple[str, list[str]]:
    """Return the separator and the names of the columns; an unlisted name may come twice."""
    text = line.removesuffix(b"\r").decode(errors="replace")
    splits = []
    for separator in SEPARATORS:
        record = Record(separator)
        names = record.fields if record.feed(text) == "whole" else text.split(separator)
        splits.append((separator, [name.strip() for name in names]))
    separator, names = max(splits, key=lambda split: len(set(split[1]) & set(spec.names)))
    if len(names) > most:
        raise HeaderError(f"has {len(names):,} columns, more than {most:,}")
    for name in spec.names:
        if names.count(name) > 1:
            raise HeaderError(f"names the column {name} twice")
    return separator, _unique(names)


def _unique(names: list[str]) -> list[str]:
    """Give columns without a name one, and a number to a name that was there before."""
    seen: set[str] = set()
    for place, name in enumerate(names, 1):
        new = name or f"column_{place}"
        while new in seen or (new != name and new in names):
            new = f"{new}_{place}"
        seen.add(new)
        names[place - 1] = new
    return names


class _Reader:
    """Reads blocks of one file."""

    def __init__(self, text: TextFile, separator: str, names: list[str]) -> None:
        self.schema = dict.fromkeys(names, pl.String())
        self._file = text.source.shown
        self._separator = separator
        self._waiting = b""
        self._limit = text.options.limits.line_bytes
        self._lines = LineReader(separator, len(names), self._limit, text.encoding.name)

    def chunks(self, block: bytes, row: int, *, last: bool) -> Iterator[Chunk]:
        """Yield the rows of a block, whole or in pieces; what goes on in the next block waits for it."""
        block = self._waiting + block
        chunk = self._quick(block, row, last=last)
        if chunk is not None:
            yield chunk
            return
        self._waiting = b""
        for piece, end in _with_last(_pieces(block)):
            data = self._waiting + piece
            chunk = self._quick(data, row, last=last and end) or self._careful(data, row, last=last and end)
            row += chunk.rows
            yield chunk

    def _quick(self, block: bytes, row: int, *, last: bool) -> Chunk | None:
        """Return the rows of a block if its layout is beyond doubt and polars reads it."""
        found = layout(block, ord(self._separator))
        tail = block[found.end :]
        if found.records is None or len(tail) > (0 if last else self._limit) or found.longest > self._limit:
            return None
        frame = self._by_polars(block[: found.end] if tail else block, found.records, found.separators)
        if frame is None:
            return None
        self._waiting = tail
        return Chunk.whole(frame, row, found.end)

    def _by_polars(self, block: bytes, records: int, separators: int) -> pl.DataFrame | None:
        """Let polars read a block if every record in it has every field."""
        if separators != records * (len(self.schema) - 1) or longer(block, self._limit):
            return None
        if len(self.schema) == 1 and (b"\n\n" in block or b"\n\r\n" in block or block[:1] in b"\r\n"):
            return None
        try:
            frame = pl.read_csv(block, has_header=False, schema=self.schema, separator=self._separator)
        except REFUSALS:
            return None
        return frame if frame.height == records else None

    def _careful(self, block: bytes, row: int, *, last: bool) -> Chunk:
        """Take a block apart line by line."""
        lines = block.split(b"\n")[:-1]
        taken = self._lines.take(lines, row, last=last)
        self._waiting = b"".join(line + b"\n" for line in lines[taken.used :])
        frame = pl.DataFrame(taken.fields, schema=self.schema, orient="row")
        numbers = pl.Series(taken.numbers, dtype=pl.Int64)
        return Chunk(frame, numbers, broken_lines(self._file, taken.broken), len(block))


def _pieces(block: bytes) -> Iterator[bytes]:
    """Yield a block in pieces that end with a line feed."""
    start = 0
    while start < len(block):
        end = block.find(b"\n", start + PIECE) + 1 or len(block)
        yield block[start:end]
        start = end
