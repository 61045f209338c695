"""From a folder to tables: find the files, open each, note what cannot be used."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from kefu.errors import InputError
from kefu.read.csvread import csv_chunks
from kefu.read.encodings import told_encoding
from kefu.read.find import READABLE, Source, find_sources
from kefu.read.lines import open_text
from kefu.read.ndjson import ndjson_chunks
from kefu.read.options import ReadOptions
from kefu.read.parquet import open_parquet
from kefu.read.refusals import ALL, said
from kefu.read.stage import Staged, stage
from kefu.read.table import Table
from kefu.read.times import Clock, Units
from kefu.read.zones import Zone
from kefu.tables import TABLES

ALWAYS = "messages"


def open_tables(data: Path, scratch: Path, options: ReadOptions | None = None) -> dict[str, Table]:
    """Find every table under a folder and make it ready to be read part by part.

    Parquet is decoded when parts are read; text files are parsed now, into ``scratch``, which must outlive the
    tables. A file that cannot be used is noted in its table and costs nothing but itself.

    :param scratch: a folder of ours, on a disk with room for the text files, unpacked.
    :raises InputError: nothing usable is there for ``messages``, or the folder itself is not as it should be.
    :raises ConfigError: an option cannot be used.
    """
    told = options or ReadOptions()
    Zone(told.timezone)
    if told.encoding is not None:
        told_encoding(told.encoding)
    tables = {
        name: _open_table(name, sources, scratch / name, told)
        for name, sources in find_sources(data, told.paths).items()
    }
    _must_have(tables.get(ALWAYS), data)
    return tables


def _must_have(table: Table | None, data: Path) -> None:
    """Make sure that there is something to work on."""
    if table is None:
        raise InputError(f"{data}: there is no {ALWAYS} table: give {ALWAYS} as {READABLE}")
    failed = [f"{report.file} {report.failed}" for report in table.report if report.failed is not None]
    if len(failed) == len(table.report):
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise InputError(f"no file of {ALWAYS} can be used: {failed[0]}{more}")


def _open_table(name: str, sources: Iterable[Source], folder: Path, options: ReadOptions) -> Table:
    folder.mkdir(parents=True, exist_ok=True)
    table = Table(TABLES[name], folder)
    for number, source in enumerate(sources):
        place = folder / str(number)
        try:
            _open(table, source, place, options)
        except ALL as error:
            shutil.rmtree(place, ignore_errors=True)
            table.add_failure(source.shown, None, *said(error))
    return table


def _open(table: Table, source: Source, folder: Path, options: ReadOptions) -> None:
    if source.form is None:
        table.add_failure(source.shown, None, "the file is of a kind that is not read", f"give it as {READABLE}")
    elif source.form == "parquet":
        opened = open_parquet(source, table.spec, options)
        if _usable(table, source, opened.file.schema):
            table.add_file(source.shown, opened.file.rows, opened.file.schema)
            for piece in opened.parts:
                table.add_part(source.shown, piece.rows, piece)
    else:
        staged = _stage(table, source, folder, options)
        if not staged.columns or _usable(table, source, staged.columns):
            table.add_file(source.shown, staged.rows, staged.columns, staged.rejected)
            for part in staged.parts:
                table.add_part(source.shown, part.rows, part)


def _stage(table: Table, source: Source, folder: Path, options: ReadOptions) -> Staged:
    """Stage a text file; once more where the first rows misled about the unit of an epoch column."""
    text = open_text(source, options)
    chunks = csv_chunks if source.form == "csv" else ndjson_chunks
    clock = Clock(Zone(options.timezone))
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        staged = stage(chunks(text, table.spec), table.spec, clock, source.shown, folder, options)
        wrong = clock.units.wrong()
        if not wrong:
            return staged
        clock = Clock(clock.zone, Units(told=clock.units.told | wrong))


def _usable(table: Table, source: Source, columns: Iterable[str]) -> bool:
    """Return whether a file has the columns that every row must fill; note it in the table where it has not."""
    have = list(columns)
    for name in table.spec.required:
        if name not in have:
            shown = ", ".join(have[:50]) or "none"
            reason = f"the column {name} is not there; the columns are {shown}"
            table.add_failure(source.shown, name, reason, f"name the column {name}, as the documentation has it")
            return False
    return True
