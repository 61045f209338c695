"""The floor: polars decodes the columns that the ten metrics need, and does next to nothing with them.

    python benchmarks/rivals/floor.py DATA

Every value is read and reduced to something trivial (length, sum, greatest), so that nothing is optimised away; the
streaming engine keeps memory flat. DATA holds Parquet, CSV or NDJSON, as ``generate.py big`` writes it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import polars as pl

TIME = pl.Datetime("us", "UTC")
USED: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "messages": {
        "session_id": pl.String,
        "sent_at": TIME,
        "role": pl.String,
        "text": pl.String,
        "sender_id": pl.String,
        "message_id": pl.String,
        "seq": pl.Int32,
        "script_id": pl.String,
        "event": pl.String,
        "recognised": pl.Boolean,
        "private": pl.Boolean,
        "automatic": pl.Boolean,
    },
    "sessions": {
        "session_id": pl.String,
        "customer_id": pl.String,
        "channel": pl.String,
        "queue": pl.String,
        "scene": pl.String,
        "opened_at": TIME,
        "handed_off_at": TIME,
        "closed_at": TIME,
        "closed_by": pl.String,
        "resolved": pl.Boolean,
    },
    "recommendations": {
        "session_id": pl.String,
        "hotspot_id": pl.String,
        "shown_at": TIME,
        "clicked": pl.Boolean,
        "outcome": pl.String,
    },
    "alerts": {"session_id": pl.String, "raised_at": TIME},
}


def scan(data: Path, table: str) -> pl.LazyFrame:
    """Return all files of a table, lazily, in whatever format is there."""
    files = sorted((data / table).iterdir())
    if files[0].suffix == ".parquet":
        return pl.scan_parquet(files)
    if files[0].suffix == ".csv":
        return pl.scan_csv(files, schema_overrides=USED[table])
    return pl.scan_ndjson(files, schema_overrides=USED[table])


def trivial(name: str, kind: pl.DataType) -> pl.Expr:
    """Return a number that cannot be known without reading the column."""
    column = pl.col(name)
    if kind == pl.String:
        return column.str.len_bytes().cast(pl.Int64).sum()
    if kind == pl.Boolean:
        return column.sum().cast(pl.Int64)
    return column.max().to_physical().cast(pl.Int64)


def read(data: Path, table: str) -> dict[str, int | None]:
    """Read the used columns of a table that are there."""
    frame = scan(data, table)
    kinds = frame.collect_schema()
    wanted = [trivial(name, kinds[name]) for name in USED[table] if name in kinds]
    return frame.select(wanted).collect(engine="streaming").row(0, named=True)


def main() -> None:
    """Read every table and print what was made of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data: Path = parser.parse_args().data
    print(json.dumps({table: read(data, table) for table in USED if (data / table).is_dir()}, indent=1))


if __name__ == "__main__":
    main()
