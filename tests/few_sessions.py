"""Some thirty sessions of the sample, with all tables: small enough for tests that run the product many times."""

from __future__ import annotations

import csv
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "sample_sessions"
SESSIONS = ("S0602-00", "S0602-08", "S0605-03")
"""How the ids of these sessions begin; among them are all kinds, so that every metric has a value."""


def write_few_sessions(folder: Path) -> None:
    """Write these sessions to a folder, with the small tables whole."""
    for source in sorted(SAMPLE.glob("*.csv")):
        with source.open(encoding="utf-8", newline="") as file:
            lines = csv.DictReader(file)
            rows = [row for row in lines if row.get("session_id", SESSIONS[0]).startswith(SESSIONS)]
            columns = lines.fieldnames or ()
        with (folder / source.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
