"""The repair queue as a file for a spreadsheet: CSV or xlsx, in which no text is ever a formula or a link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from kefu.config import Settings
from kefu.errors import ConfigError
from kefu.metric import Title
from kefu.queue.items import Item
from kefu.show.output import write_csv
from kefu.show.queue_rows import COLUMNS, item_row
from kefu.show.safe import safe

TEXT_ONLY = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LONGEST_CELL = 32_767
"""So many characters a cell of a spreadsheet can hold."""


def write_sheet(
    target: Path, kind: str, found: Sequence[Item], titles: Mapping[str, Title], settings: Settings, today: dt.date
) -> None:
    """Write items to a file; it is there whole or not at all.

    :param kind: ``csv`` or ``xlsx``.
    :raises ConfigError: the file cannot be written.
    """
    rows = [item_row(item, titles, settings.language, today) for item in found]
    beside = target.with_name(f".{target.name}.new")
    try:
        if kind == "xlsx":
            _write_xlsx(beside, rows, today)
        else:
            _write_csv(beside, rows)
        beside.replace(target)
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror}") from None


def _write_csv(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # spreadsheets know by the mark that it is UTF-8
        write_csv(COLUMNS, rows, file)


def _write_xlsx(path: Path, rows: Sequence[Sequence[object]], today: dt.date) -> None:
    import xlsxwriter  # type: ignore[import-untyped, unused-ignore]

    with path.open("wb") as file, xlsxwriter.Workbook(file, TEXT_ONLY) as book:
        book.set_properties(
            {"created": dt.datetime.combine(today, dt.time())}
        )  # so that the same items give the same bytes
        sheet = book.add_worksheet("kefu")
        bold = book.add_format({"bold": True})
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(number, column, value)
                elif value is not None:
                    sheet.write_string(number, column, safe(str(value))[:LONGEST_CELL])
        sheet.freeze_panes(1, 0)
