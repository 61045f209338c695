"""One result, three formats: a table, JSON or CSV on stdout."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from kefu.config import Settings
from kefu.context import Checked
from kefu.run.outcome import Outcome
from kefu.show.document import run_document
from kefu.show.safe import safe


def write_outcome(
    outcome: Outcome,
    by: tuple[str, ...],
    form: str,
    settings: Settings,
    checks: Iterable[Checked] | None = None,
) -> None:
    """Write the values of a run."""
    if form == "table":
        from kefu.show.terminal import print_outcome

        print_outcome(outcome, by, settings.language)
        return
    document = run_document(outcome, by, settings.timezone, checks)
    if form == "json":
        write_json(document)
    else:
        write_csv((*by, "name", "value", "unit", "coverage", "measures"), _lines(outcome, document, by))


def _lines(outcome: Outcome, document: Mapping[str, Any], by: Sequence[str]) -> Iterable[Sequence[object]]:
    """Return a line a metric and group; without groups, of the whole."""
    units = {metric.name: metric.unit for metric in outcome.metrics}
    groups = document.get("groups") or [{"by": {}, "metrics": document["metrics"]}]
    for group in groups:
        for metric in group["metrics"]:
            measures = " ".join(f"{name}={value}" for name, value in metric["measures"].items())
            keys = [group["by"].get(name) for name in by]
            yield [*keys, metric["name"], metric["value"], units[metric["name"]], metric["coverage"], measures]


_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Beyond ASCII, what a terminal obeys: JSON has these characters as escapes, which mean the same."""
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula; some take the full width for the half."""


def write_json(document: object) -> None:
    """Write JSON; the same input gives the same bytes."""
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    sys.stdout.write(inert(text) + "\n")


def inert(text: str) -> str:
    """Return JSON in which nothing is left that a terminal obeys; it means the same."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def write_csv(columns: Sequence[str], lines: Iterable[Sequence[object]], to: TextIO | None = None) -> None:
    """Write CSV: a record a line; a text that a spreadsheet would take for a formula gets an apostrophe.

    :param to: a file; stdout, if none is told.
    """
    writer = csv.writer(to or sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for line in lines:
        writer.writerow([harmless(value) for value in line])


def harmless(value: object) -> object:
    """Return a value as a cell of CSV: a text shows what it holds, and is no formula."""
    if not isinstance(value, str):
        return value
    text = safe(value)
    return f"'{text}" if text.startswith(FORMULA) else text
