"""The documentation of the tables, from the same ``TableSpec`` that reading and checking use.

``python -m kefu.read.describe > docs/tables.md`` writes the page; a test compares the two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from kefu.tables import TABLES, Column, TableSpec

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "text": "text",
        "time": "time",
        "date": "date",
        "integer": "whole number",
        "number": "number",
        "flag": "true or false",
    }
)

HEAD = """\
# Tables in

A data set is a folder. Each table is one file named after it (`messages.parquet`, `sessions.csv`,
`alerts.ndjson.gz`), several that go on with a number (`messages-2025-06-01.parquet`, `messages-2025-06-02.parquet`),
or a folder of files (`messages/2025-06-01.parquet`). The names of the files do not matter inside a folder; names that
begin with a dot or an underscore are left out. Where a table stands there in two of these ways, or the same file in
two formats, nothing is read until that is cleared up. `paths` in the configuration names a file, folder or glob for a
table instead.

Formats: Parquet, CSV and NDJSON (`.ndjson`, `.jsonl`); the last two also packed (`.gz`, `.zst`). Text files are in
UTF-8, UTF-16, or GB18030 (which includes GBK); that is found out file by file, or told. A file that is none of these
is refused, and so is a line in another encoding than its file: text is right or it is rejected, never guessed.

Only `messages` is required. In the lists below, every row must fill the columns in **bold**; any other column may be
missing or empty. Columns that are not listed are carried along.

## How values are read

- **Text** stays as it is; an empty text is no text. Numbers and `true` and `false` are taken as their text, lists and
  objects as their JSON. A list of allowed values is read without regard to case and outer blanks.
- **Times** are written as `2025-06-01T12:00:00`, with a blank or `T`, with `-`, `/`, `.` or 年月日, with or without
  seconds, fractions, and `Z` or an offset (`+08:00`, `+0800`, `+08`); a date alone is its midnight. Styles may be
  mixed. A time without an offset is in the business time zone: one that the clock skips in spring is the instant
  of the skip, one that it shows twice in autumn is the first of the two. What is finer than a microsecond is cut off.
- **Epochs** are numbers of seconds, milliseconds, microseconds or nanoseconds, as numbers or as digits, also with a
  fraction. One unit holds for a column of a file, the one that most of its values are in; a value that looks like
  another unit is rejected, not believed. `20250601` and `20250601120000` are dates.
- Times are from 1970-01-02 to 2199-12-31; any other is rejected.
- **Dates** are days of the business time zone; a time counts as the day that it falls on there.
- **Whole numbers** may end in `.0`. **Numbers** are finite. Limits are given with the column.
- **True or false** are `true`, `false`, `yes`, `no`, `1`, `0`, 是, 否, in any case.

## What becomes of the rest

A row with a value that cannot be read, a required one that is missing, an unknown value or a broken line goes to
quarantine with its file, its number (counted from 1, without the header and blank lines), the reason and what to do.
A broken line costs that line. A file that is cut, damaged, or grows beyond the limits when it is unpacked is refused
as a whole. For every file, rows read = loaded + duplicates + rejected.

CSV follows the usual rules: a field with a separator, quote or line feed stands in quotes, and quotes inside it are
doubled. The separator is a comma, or a semicolon, tab or bar where the header says so. A record has as many fields
as the header; empty ones after that are dropped. NDJSON has an object on each line; of a key that comes twice the
first counts, and half of a surrogate pair becomes U+FFFD. Of the unlisted keys, the first 200 at the beginning of the
file are carried along.
"""


def describe(spec: TableSpec) -> str:
    """Return the section of one table, in Markdown."""
    lines = [f"## `{spec.name}`", "", spec.doc]
    if spec.key:
        keys = ", ".join(f"`{name}`" for name in spec.key)
        lines += ["", f"A later row with the same {keys} replaces an earlier one, which counts as a duplicate."]
    lines += ["", "| column | type | what it is |", "|---|---|---|", *(_row(column) for column in spec.columns)]
    return "\n".join(lines) + "\n"


def describe_all(specs: Iterable[TableSpec] = TABLES.values()) -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *(describe(spec) for spec in specs)])


def _row(column: Column) -> str:
    name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
    return f"| {name} | {_kind(column)} | {column.doc} |"


def _kind(column: Column) -> str:
    if column.values:
        return " · ".join(f"`{value}`" for value in column.values)
    low, high = column.low, column.high
    if low is not None and high is not None:
        return f"{KINDS[column.kind]}, {low:g}–{high:g}"
    if low is not None:
        return f"{KINDS[column.kind]}, {low:g} or more"
    return KINDS[column.kind]


if __name__ == "__main__":
    sys.stdout.write(describe_all())
