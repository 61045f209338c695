"""A listing as a table, JSON (``kefu.list/1``) or CSV."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from rich import box
from rich.table import Table
from rich.text import Text

from kefu.listings import Listing
from kefu.metric import Title
from kefu.show.format import MISSING
from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.terminal import console
from kefu.show.words import Language, say

BARS = "▁▂▃▄▅▆▇█"
MOST_TEXTS = 2
"""So many of several texts stand in a cell; JSON and CSV have them all."""


def write_listing(listing: Listing, rows: pl.DataFrame, form: str, language: Language, limit: int | None) -> None:
    """Write a listing.

    :param limit: write so many rows; ``None`` writes all.
    """
    shown = rows.head(limit) if limit else rows
    if form == "json":
        write_json(
            {
                "schema": "kefu.list/1",
                "listing": listing.name,
                "title": {"zh": listing.title.zh, "en": listing.title.en},
                "total": len(rows),
                "rows": shown.with_columns(_as_text(rows)).to_dicts(),
            }
        )
    elif form == "csv":
        write_csv(rows.columns, ([_cell(value) for value in row] for row in shown.with_columns(_as_text(rows)).rows()))
    else:
        _print(listing, shown, len(rows), language)


def _as_text(rows: pl.DataFrame) -> Sequence[pl.Expr]:
    """Return dates and times as text."""
    return [pl.col(name).cast(pl.String) for name, kind in rows.schema.items() if kind.is_temporal()]


def _print(listing: Listing, rows: pl.DataFrame, total: int, language: Language) -> None:
    out = console()
    out.print(Text(safe(_in(listing.title, language)), style="bold"))
    out.print(Text(safe(_in(listing.reads, language)), style="dim"))
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name, title in listing.columns.items():
        right = "right" if rows.schema[name].is_numeric() else "left"
        table.add_column(Text(safe(_in(title, language))), justify=right, overflow="fold")  # type: ignore[arg-type]
    for row in rows.iter_rows():
        table.add_row(*(Text(safe(str(_cell(value, MOST_TEXTS)))) for value in row))
    out.print(table)
    if len(rows) < total:
        out.print(Text(say("more_rows", language, n=total - len(rows)), style="dim"))
    if not total:
        out.print(Text(say("no_rows", language), style="dim"))


def _cell(value: object, most: int | None = None) -> object:
    """Return a value as it stands in a table: numbers over time are bars, several texts (``most`` of them) are one."""
    if value is None:
        return MISSING
    if isinstance(value, list):
        return bars(value) if all(isinstance(one, int) for one in value) else " · ".join(map(str, value[:most]))
    return value


def bars(values: Sequence[int]) -> str:
    """Draw numbers as bars, the largest full.

    >>> bars([0, 1, 8])
    '▁▁█'
    """
    most = max(values, default=0) or 1
    return "".join(BARS[(value * (len(BARS) - 1)) // most] for value in values)


def _in(title: Title, language: Language) -> str:
    return title.zh if language == "zh" else title.en
