"""Rows as CSV, JSON, NDJSON, Parquet or xlsx; a file is there whole or not at all, and no text in it is ever obeyed."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import polars as pl
from polars.io.plugins import register_io_source

from kefu.errors import ConfigError
from kefu.export.rows import Rows
from kefu.show.output import FORMULA, harmless, inert
from kefu.show.safe import safe
from kefu.show.sheets import LONGEST_CELL, TEXT_ONLY

Form = Literal["csv", "json", "ndjson", "parquet", "xlsx", "prometheus"]
SUFFIXES: dict[str, Form] = {
    ".csv": "csv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".prom": "prometheus",
}
TO_FILES = ("parquet", "xlsx")
"""Formats that are no text: they go to a file only."""
MOST_ROWS = 1_048_575
"""So many rows a sheet can hold below its heading."""
ROW_GROUP = 50_000
_ODD = "^[-" + "".join(FORMULA).replace("-", "") + r"]|[\p{Cc}\p{Cf}\u2028-\u202e\u2060-\u2069]"
"""What finds every text that a cell of CSV must not hold as it is, and some others."""
_TIME = "%Y-%m-%dT%H:%M:%S%.6fZ"
Emit = Callable[[str], object]


def write_rows(rows: Rows, form: Form, target: Path | None) -> int:
    """Write rows and return how many there were.

    :param target: a file, which is replaced; stdout, if none is told.
    :raises ConfigError: the file cannot be written, or a sheet cannot hold so many rows.
    """
    if form == "parquet":
        with replaced(target) as path:
            return _write_parquet(rows, path)
    if form == "xlsx":
        with replaced(target) as path:
            return _write_xlsx(rows, path)
    write = {"csv": _write_csv, "json": _write_json, "ndjson": _write_ndjson}[form]
    return with_text(target, lambda emit: write(rows, emit), mark=form == "csv")


def with_text(target: Path | None, write: Callable[[Emit], int], *, mark: bool = False) -> int:
    """Call a function with what takes text, for stdout or for a file that is there whole or not at all.

    :param mark: begin a file with the mark by which spreadsheets know UTF-8.
    """
    if target is None:
        return write(sys.stdout.write)
    with replaced(target) as path, path.open("w", encoding="utf-8-sig" if mark else "utf-8", newline="") as file:
        return write(file.write)


@contextmanager
def replaced(target: Path | None) -> Iterator[Path]:
    """Give a path beside a file; what is written there takes the file's place at the end.

    :raises ConfigError: no file was named, or it cannot be written.
    """
    if target is None:
        raise ConfigError("this format is no text: name a file with --out")
    beside = target.with_name(f".{target.name}.new")
    try:
        yield beside
        beside.replace(target)
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _write_csv(rows: Rows, emit: Emit) -> int:
    emit(rows.schema.to_frame().write_csv())
    total = 0
    for part in rows.batches():
        cells = part.with_columns(_times(part)).with_columns(_harmless(column) for column in _texts(part))
        emit(cells.write_csv(include_header=False))
        total += len(part)
    return total


def _write_ndjson(rows: Rows, emit: Emit) -> int:
    total = 0
    for part in rows.batches():
        for line in _records(rows, part):
            emit(inert(json.dumps(line, ensure_ascii=False, allow_nan=False)) + "\n")
        total += len(part)
    return total


def _write_json(rows: Rows, emit: Emit) -> int:
    found = [record for part in rows.batches() for record in _records(rows, part)]
    document = {"schema": f"kefu.{rows.name}/1", "rows": found}
    emit(inert(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)) + "\n")
    return len(found)


def _records(rows: Rows, part: pl.DataFrame) -> Iterator[dict[str, Any]]:
    dates = [pl.col(name).cast(pl.String) for name, kind in part.schema.items() if kind == pl.Date]
    for record in part.with_columns(*dates, *_times(part)).iter_rows(named=True):
        yield record | {name: json.loads(record[name]) for name in rows.nested}


def _write_parquet(rows: Rows, path: Path) -> int:
    total = 0

    def source(
        with_columns: list[str] | None, predicate: object, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        nonlocal total
        del predicate, n_rows, batch_size  # nothing is asked but the rows
        for part in rows.batches():
            total += len(part)
            yield part if with_columns is None else part.select(with_columns)

    lazy = register_io_source(source, schema=rows.schema, is_pure=False)
    lazy.sink_parquet(path, compression="zstd", row_group_size=ROW_GROUP, maintain_order=True)
    return total


def _write_xlsx(rows: Rows, path: Path) -> int:
    import xlsxwriter  # type: ignore[import-untyped, unused-ignore]

    total = 0
    with path.open("wb") as file, xlsxwriter.Workbook(file, {**TEXT_ONLY, "constant_memory": True}) as book:
        made = dt.datetime.combine(rows.of or dt.date(2000, 1, 1), dt.time())
        book.set_properties({"created": made})  # so that the same rows give the same bytes
        sheet = book.add_worksheet(rows.name)
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, name in enumerate(rows.schema):
            sheet.write_string(0, column, safe(name), bold)
        for part in rows.batches():
            if total + len(part) > MOST_ROWS:
                raise ConfigError(f"a sheet holds {MOST_ROWS:,} rows: write Parquet or CSV, or fewer dates at a time")
            for number, cells in enumerate(_with_text_dates(part).iter_rows(), total + 1):
                _write_row(sheet, number, cells)
            total += len(part)
    return total


def _write_row(sheet: Any, number: int, cells: tuple[object, ...]) -> None:  # noqa: ANN401 - it has no types
    for column, value in enumerate(cells):
        if isinstance(value, bool):
            sheet.write_boolean(number, column, value)
        elif isinstance(value, int | float):
            sheet.write_number(number, column, value)
        elif value is not None:
            sheet.write_string(number, column, safe(str(value))[:LONGEST_CELL])


def _with_text_dates(part: pl.DataFrame) -> pl.DataFrame:
    dates = [pl.col(name).cast(pl.String) for name, kind in part.schema.items() if kind == pl.Date]
    return part.with_columns(*dates, *_times(part))


def _times(part: pl.DataFrame) -> list[pl.Expr]:
    """Return moments as text: UTC, to the microsecond."""
    return [pl.col(name).dt.strftime(_TIME) for name, kind in part.schema.items() if isinstance(kind, pl.Datetime)]


def _texts(part: pl.DataFrame) -> list[pl.Series]:
    return [column for column in part if column.dtype == pl.String]


def _harmless(column: pl.Series) -> pl.Series:
    """Return texts as cells of CSV; only what needs it is looked at closely, each text once."""
    odd = column.filter(column.str.contains(_ODD)).unique()
    if not len(odd):
        return column
    clean = pl.Series([str(harmless(text)) for text in odd], dtype=pl.String)
    return column.replace(odd, clean)
