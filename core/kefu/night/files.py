"""The files of the input, as the store knows them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from kefu.config import Settings
from kefu.read import Table
from kefu.read.find import find_sources
from kefu.run.whole import KEYED
from kefu.store.days import DayRow
from kefu.store.runs import InputFile
from kefu.tables import TABLES

Ends = tuple[dt.date | None, dt.date | None]
"""The first and the last date of something, which may have none."""


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
) -> list[InputFile]:
    """Add to each file what became of its rows, and the dates that it gave rows to.

    :param spans: the dates of each file that gave rows to sessions; files of other tables have to do with all of them.
    """
    ends = [end for both in spans.values() for end in both]
    whole = min(ends, default=None), max(ends, default=None)
    shown = {name: {str((data / r.file).resolve()): r for r in table.report} for name, table in tables.items()}
    told = []
    for file in files:
        report = shown.get(file.table_name, {}).get(file.path)
        first, last = (None, None) if file.table_name in ("messages", *KEYED) else whole
        if report is not None:
            first, last = spans.get(report.file, (first, last))
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
        told.append(InputFile(**about, **counts, first_date=first, last_date=last))  # type: ignore[arg-type]
    return told


def broken_tables(broken: Iterable[InputFile], data: Path, settings: Settings, scratch: Path) -> dict[str, Table]:
    """Return tables that hold nothing but files that cannot be used, by the names that people know them by."""
    found = find_sources(data, settings.paths)
    shown = {str(source.path.resolve()): source.shown for sources in found.values() for source in sources}
    tables: dict[str, Table] = {}
    for file in broken:
        table = tables.setdefault(file.table_name, Table(TABLES[file.table_name], scratch))
        table.add_failure(shown.get(file.path, file.path), None, file.failed or "", "")
    return tables


def ends_of(files: Iterable[InputFile], dates: Iterable[dt.date]) -> Ends:
    """Return the first and the last date that files gave rows to or that is among some dates."""
    ends = [end for file in files for end in (file.first_date, file.last_date) if end is not None]
    return min([*ends, *dates], default=None), max([*ends, *dates], default=None)


def missing(known: Iterable[InputFile], told: Iterable[InputFile], day: DayRow) -> list[str]:
    """Return the files that a date was made from and that are not there any more, or cannot be read any more.

    A file that was gone already when the date was written as it is now (``--replace``) is not missing.
    """
    there = {file.path for file in told if file.failed is None}
    latest = {file.path: file for file in known if file.failed is None}
    return [
        path
        for path, file in sorted(latest.items())
        if path not in there and covers(file, day.date) and (file.run_id is None or file.run_id >= day.run_id)
    ]


def covers(file: InputFile, date: dt.date) -> bool:
    """Say whether a date lies between the first and the last that a file gave rows to."""
    return file.first_date is not None and file.last_date is not None and file.first_date <= date <= file.last_date
