"""How the tests of reading make files and read them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from kefu.errors import InputError
from kefu.read import Limits, ReadOptions, Table, open_tables

SMALL = Limits(block_bytes=400)
"""Blocks so small that every file has several."""
Row = Mapping[str, Any]


def opened(folder: Path, files: Mapping[str, bytes], **options: Any) -> dict[str, Table]:  # noqa: ANN401 -- passed on
    """Write files, and open them."""
    data = folder / "data"
    for name, content in files.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return open_tables(data, folder / "scratch", ReadOptions(**options))


def messages(folder: Path, name: str, content: bytes, **options: Any) -> Table:  # noqa: ANN401 -- passed on
    """Write one file of messages, and open it."""
    return opened(folder, {name: content}, **options)["messages"]


def read(table: Table, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read all parts; check on the way that the account is right."""
    names = list(table.spec.names) if columns is None else list(columns)
    frames = [part.read(names) for part in table.parts]
    came = {report.file: 0 for report in table.report}
    for part, frame in zip(table.parts, frames, strict=True):
        came[part.file] += frame.height
    for report in table.report:
        assert report.rows == report.loaded + report.duplicates + report.rejected
        assert report.loaded == came[report.file], report
        lines = table.quarantine.filter(pl.col("file") == report.file)
        assert report.failed or lines.height == report.rejected
        assert not lines["row"].is_duplicated().any()
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def outcome(folder: Path, name: str, content: bytes, **options: Any) -> tuple[list[Any], list[Any]] | str:  # noqa: ANN401 -- passed on
    """Return the rows and the quarantine of one file, or why nothing can be read."""
    try:
        table = messages(folder, name, content, **options)
    except InputError as error:
        return str(error)
    return read(table).rows(), table.quarantine.rows()


def reasons(table: Table) -> list[tuple[int | None, str | None, str]]:
    """Read everything, and return row, column and reason of all that was rejected."""
    read(table)
    return table.quarantine.select("row", "column", "reason").rows()


def csv_bytes(rows: Iterable[Sequence[object]], **style: Any) -> bytes:  # noqa: ANN401 -- passed on
    """Return rows as CSV by Python's own writer."""
    text = io.StringIO(newline="")
    together: dict[str, Any] = {"lineterminator": "\n"} | style
    csv.writer(text, **together).writerows(rows)
    return text.getvalue().encode()


def ndjson_bytes(rows: Iterable[Row]) -> bytes:
    """Return rows as NDJSON by Python's own writer."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def parquet_bytes(frame: pl.DataFrame, **style: Any) -> bytes:  # noqa: ANN401 -- passed on
    """Return a frame as Parquet."""
    sink = io.BytesIO()
    frame.write_parquet(sink, **style)
    return sink.getvalue()
