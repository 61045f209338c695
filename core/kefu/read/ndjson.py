"""NDJSON: blocks by polars; where it refuses, line by line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

import polars as pl

from kefu.read.lines import TextFile, fault_of, lines_in, longer, shown_line
from kefu.read.quarantine import broken_lines
from kefu.read.refusals import REFUSALS
from kefu.read.stage import Chunk
from kefu.tables import TableSpec

SMALL = 64 * 1024
HEAD = 128 * 1024
MOST_DIGITS = 38
MOST_OTHERS = 200
ADVICE = "write one JSON object on each line"
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPES = re.compile(rb"\\[^u]|%b%b|(%b|%b)" % (_HIGH, _LOW, _HIGH, _LOW))
"""Every escape that matters; the group holds half of a pair."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def ndjson_chunks(text: TextFile, spec: TableSpec) -> Iterator[Chunk]:
    """Yield the rows of a file, every value as text; blank lines are no rows.

    Half of a surrogate pair, as programs leave where they cut an emoji in two, becomes U+FFFD.
    """
    row = 1
    reader: _Reader | None = None
    for block in text.blocks():
        reader = reader or _Reader(text, [*spec.names, *_other_keys(block[:HEAD], spec)])
        for chunk in reader.chunks(block, row):
            row += chunk.rows
            yield chunk


def _other_keys(head: bytes, spec: TableSpec) -> list[str]:
    """Return the unlisted keys at the beginning of a file, in order of appearance."""
    keys: dict[str, None] = {}
    for line in head.splitlines():
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            keys.update(dict.fromkeys(found))
    others = [key for key in keys if key not in spec.names and not _SURROGATE.search(key)]
    return others[:MOST_OTHERS]


class _Reader:
    """Reads blocks of one file with one schema."""

    def __init__(self, text: TextFile, names: list[str]) -> None:
        self._limit = text.options.limits.line_bytes
        self._encoding = text.encoding.name
        self._file = text.source.shown
        self._schema = dict.fromkeys(names, pl.String())

    def chunks(self, block: bytes, row: int) -> Iterator[Chunk]:
        """Yield a block whole where polars takes it, else its halves; small pieces go line by line."""
        trusted = not longer(block, self._limit) and not _has_half_pair(block)
        frame = self._quick(block) if trusted else None
        if frame is not None and frame.height == lines_in(block):
            yield Chunk.whole(frame, row, len(block))
            return
        middle = block.find(b"\n", len(block) // 2) + 1
        if len(block) <= SMALL or middle in (0, len(block)):
            yield self._careful(block, row)
            return
        for half in (block[:middle], block[middle:]):
            for chunk in self.chunks(half, row):
                row += chunk.rows
                yield chunk

    def _quick(self, block: bytes) -> pl.DataFrame | None:
        try:
            return pl.scan_ndjson(block, schema=self._schema).collect()
        except REFUSALS:
            return None

    def _careful(self, block: bytes, row: int) -> Chunk:
        """Read the lines that are good one by one, and those only."""
        good: list[bytes] = []
        numbers: list[int] = []
        broken: dict[int, tuple[str, str, str]] = {}
        for number, line in enumerate((line for line in block.split(b"\n") if line.strip()), row):
            fault = fault_of(line, self._limit, self._encoding) or _fault_in(line)
            if fault:
                broken[number] = (*fault, shown_line(line))
            else:
                good.append(_without_halves(line))
                numbers.append(number)
        frames = self._sift(good, numbers, broken)
        kept = [number for number in numbers if number not in broken]
        frame = pl.concat(frames) if frames else pl.DataFrame(schema=self._schema)
        return Chunk(frame, pl.Series(kept, dtype=pl.Int64), broken_lines(self._file, broken), len(block))

    def _sift(
        self, lines: list[bytes], numbers: list[int], broken: dict[int, tuple[str, str, str]]
    ) -> list[pl.DataFrame]:
        """Return the rows of the lines; one that polars alone refuses is found by halving and goes to ``broken``."""
        if not lines:
            return []
        frame = self._quick(b"\n".join(lines) + b"\n")
        if frame is not None and frame.height == len(lines):
            return [frame]
        if len(lines) == 1:
            broken[numbers[0]] = ("the line is not JSON that can be read", ADVICE, shown_line(lines[0]))
            return []
        half = len(lines) // 2
        return self._sift(lines[:half], numbers[:half], broken) + self._sift(lines[half:], numbers[half:], broken)


def _has_half_pair(block: bytes) -> bool:
    """Return whether an escape may be half of a surrogate pair: polars makes another character of it."""
    if b"\\" not in block or (b"\\ud" not in block and b"\\uD" not in block):
        return False
    return any(match.group(1) for match in _ESCAPES.finditer(block))


def _without_halves(line: bytes) -> bytes:
    if not _has_half_pair(line):
        return line
    found = json.loads(line, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    return _SURROGATE.sub("\ufffd", json.dumps(found, ensure_ascii=False)).encode()


def _fault_in(line: bytes) -> tuple[str, str] | None:
    """Return what is wrong with the JSON of a line."""
    try:
        found = json.loads(line, parse_constant=_refuse, parse_int=_integer, parse_float=_float)
    except RecursionError:
        return "the JSON is nested too deeply", ADVICE
    except json.JSONDecodeError as error:
        return f"the line is not JSON: {error.msg} at character {error.pos + 1}", ADVICE
    except ValueError as error:
        return str(error), ADVICE
    return None if isinstance(found, dict) else ("the line is not a JSON object", ADVICE)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON value")


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits is too large")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"the number {digits[:20]} is too large")
    return value
