"""From a folder to tables: find the files, open each, note what cannot be used."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from kefu.errors import InputError
from kefu.read.find import READABLE, Source, find_sources
from kefu.read.options import ReadOptions
from kefu.read.parquet import REFUSALS, ParquetSlice
from kefu.read.stage import clock_for, csv_chunks, stage
from kefu.read.table import Table
from kefu.tables import TABLES


def open_tables(data: Path, scratch: Path, options: ReadOptions | None = None) -> dict[str, Table]:
    """Find every table under a folder and make it ready to be read part by part.

    Parquet is decoded when parts are read; text files are parsed now, into ``scratch``, which must outlive the
    tables. A file that cannot be used is noted in its table and costs nothing but itself.

    :param scratch: an empty folder of ours, on a disk with room for the text files.
    :raises InputError: nothing usable is there for ``messages``, or the folder itself is not as it should be.
    """
    told = options or ReadOptions()
    tables: dict[str, Table] = {}
    for name, sources in find_sources(data, told.paths).items():
        folder = scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        tables[name] = Table(TABLES[name], folder)
        for number, source in enumerate(sources):
            place = folder / str(number)
            place.mkdir()
            _open(tables[name], source, place, told)
    if "messages" not in tables:
        raise InputError(f"{data}: there is no messages table: give messages as {READABLE}")
    return tables


def _open(table: Table, source: Source, folder: Path, options: ReadOptions) -> None:
    try:
        if source.form == "parquet":
            _open_parquet(table, source, options)
        else:
            _open_text(table, source, folder, options)
    except REFUSALS as error:
        table.add_failure(source.shown, None, f"cannot be read: {error}", "export the file again")


def _open_parquet(table: Table, source: Source, options: ReadOptions) -> None:
    schema = dict(pl.read_parquet_schema(source.path))
    rows = pl.scan_parquet(source.path, glob=False, hive_partitioning=False).select(pl.len()).collect().item()
    if not _usable(table, source, list(schema)):
        return
    empty = table.quarantine.clear()
    table.add_file(source.shown, rows, empty, frozenset(schema) & frozenset(table.spec.names))
    clock = clock_for(options)
    for offset in range(0, rows, options.part_rows):
        count = min(options.part_rows, rows - offset)
        part = ParquetSlice(source.path, source.shown, schema, table.spec, clock, offset, count)
        table.add_part(source.shown, count, part)


def _open_text(table: Table, source: Source, folder: Path, options: ReadOptions) -> None:
    chunks = csv_chunks(source.path, options)
    staged = stage(chunks, table.spec, clock_for(options), source.shown, folder, options)
    if not _usable(table, source, list(staged.columns)):
        return
    table.add_file(source.shown, staged.rows, staged.rejects, staged.columns)
    for part in staged.parts:
        table.add_part(source.shown, part.rows, part)


def _usable(table: Table, source: Source, columns: list[str]) -> bool:
    for name in table.spec.required:
        if name not in columns:
            have = ", ".join(columns) or "none"
            reason = f"the column {name} is not there; the columns are {have}"
            table.add_failure(source.shown, name, reason, f"name the column {name} as it is in the documentation")
            return False
    return True
