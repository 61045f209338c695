"""Run the product on rows, as files: what several tests need."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from kefu.config import Settings, load_settings
from kefu.host import Host
from kefu.run.collect import Request
from kefu.run.engine import open_engine
from kefu.run.outcome import Outcome

Row = Mapping[str, str]
SHARED = Path(os.environ.get("KEFU_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


def write_tables(folder: Path, tables: Mapping[str, Sequence[Row]], columns: Mapping[str, Sequence[str]]) -> None:
    """Write each table as CSV; one without rows has its header only."""
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys() if rows else columns[name], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def run(data: Path, by: Sequence[str] = (), settings: Settings | None = None, host: Host | None = None) -> Outcome:
    """Run all built-in metrics over a folder."""
    with TemporaryDirectory() as scratch:
        engine = open_engine(data, Path(scratch), settings or load_settings(), host or Host(outsiders=False))
        return engine.run(Request(by=tuple(by)))


def values(outcome: Outcome) -> dict[str, float | None]:
    """Return the values of the whole, by metric."""
    return {name: value.value for name, value in outcome.whole.values.items()}


def groups(outcome: Outcome) -> dict[tuple[str, ...], dict[str, float | None]]:
    """Return the values of each group."""
    return {group.key: {name: value.value for name, value in group.values.items()} for group in outcome.groups}


def lexicon_settings(folder: Path, sensitive: Sequence[str], opinion: Sequence[str]) -> Settings:
    """Return settings whose word lists hold these words and no others."""
    config = folder / "kefu.toml"
    lines = []
    for subject, words in (("sensitive", sensitive), ("opinion", opinion)):
        path = folder / f"{subject}.txt"
        path.write_text("\n".join(words) + "\n", encoding="utf-8")
        lines += [f"[lexicons.{subject}]", f"only = {json.dumps([str(path)])}"]
    config.write_text("\n".join(lines), encoding="utf-8")
    return load_settings(config)
