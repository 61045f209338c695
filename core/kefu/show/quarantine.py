"""Rejected rows, as a table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from kefu.read import Table
from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.terminal import console, grid
from kefu.show.words import Language, say

COLUMNS = ("table", "file", "row", "column", "reason", "what_to_do", "raw")


def write_quarantine(tables: Mapping[str, Table], form: str, language: Language) -> None:
    """Write what became of each file, and every rejected row."""
    if form == "json":
        files = [_file(name, file) for name, table in tables.items() for file in table.report]
        write_json({"schema": "kefu.check/1", "files": files, "rejected": [*_rows(tables)]})
    elif form == "csv":
        write_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in _rows(tables)))
    else:
        _print(tables, language)


def _file(table: str, file: Any) -> dict[str, Any]:  # noqa: ANN401 - a report of kefu.read
    return {
        "table": table,
        "file": file.file,
        "rows": file.rows,
        "loaded": file.loaded,
        "rejected": file.rejected,
        "duplicates": file.duplicates,
        "failed": file.failed,
    }


def _rows(tables: Mapping[str, Table]) -> Iterator[dict[str, Any]]:
    for name, table in tables.items():
        for row in table.quarantine.iter_rows(named=True):
            yield {"table": name, **row}


def _print(tables: Mapping[str, Table], language: Language) -> None:
    out = console()
    for table in tables.values():
        for file in table.report:
            parts = [say("rows", language, rows=format(file.rows, ",")), say("loaded", language, n=file.loaded)]
            parts += [say(what, language, n=getattr(file, what)) for what in ("duplicates", "rejected")]
            out.print(Text(f"{safe(file.file)}  {' · '.join(parts)}", style="red" if file.failed else ""))
    rows = [*_rows(tables)]
    if not rows:
        out.print(Text(say("all_good", language), style="green"))
        return
    grid_ = grid(language, ("path", *COLUMNS[2:]))
    for row in rows:
        grid_.add_row(*(Text(safe("" if row[name] is None else str(row[name]))) for name in COLUMNS[1:]))
    out.print(grid_)
