"""The files of the input, as the store knows them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from kefu.config import Settings
from kefu.read import Table
from kefu.read.find import find_sources
from kefu.store.runs import InputFile


def files_of(data: Path, settings: Settings) -> list[InputFile]:
    """Return every file of the input with its digest; paths are absolute, for two nights may share a name.

    :raises InputError: the folder cannot be used, or a file cannot be read.
    """
    found = find_sources(data, settings.paths)
    return [_file(table, source.path) for table, sources in found.items() for source in sources]


def _file(table: str, path: Path) -> InputFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return InputFile(str(path.resolve()), table, path.stat().st_size, digest)


def with_reports(
    files: Iterable[InputFile],
    data: Path,
    tables: Mapping[str, Table],
    spans: Mapping[str, tuple[dt.date, dt.date]],
    whole: tuple[dt.date | None, dt.date | None],
) -> list[InputFile]:
    """Add to each file what became of its rows, and the dates that it gave rows to.

    :param spans: the dates of each file of messages; of other files all dates of the run (``whole``) are taken.
    """
    shown = {name: {str((data / r.file).resolve()): r for r in table.report} for name, table in tables.items()}
    told = []
    for file in files:
        report = shown.get(file.table_name, {}).get(file.path)
        ends = whole if file.table_name != "messages" else (None, None)
        if report is not None:
            ends = spans.get(report.file, ends)
        counts = (
            {}
            if report is None
            else {
                "rows": report.rows,
                "loaded": report.loaded,
                "duplicates": report.duplicates,
                "rejected": report.rejected,
                "failed": report.failed,
            }
        )
        about = {"path": file.path, "table_name": file.table_name, "bytes": file.bytes, "digest": file.digest}
        told.append(InputFile(**about, **counts, first_date=ends[0], last_date=ends[1]))  # type: ignore[arg-type]
    return told


def missing(known: Iterable[InputFile], files: Iterable[InputFile], date: dt.date) -> list[str]:
    """Return the files that gave rows to a date before and are not there any more."""
    there = {file.path for file in files}
    latest = {file.path: file for file in known}
    return [
        path
        for path, file in sorted(latest.items())
        if path not in there and file.first_date and file.last_date and file.first_date <= date <= file.last_date
    ]
