"""Small data sets for nights, written, cut and delivered in any way; and hosts that are quick to run."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kefu.config import Settings, WordLists, load_settings
from kefu.host import Host
from kefu.night.nightly import Night, Nightly, Span
from kefu.store import open_store
from kefu.store.days import content_digest
from kefu.store.opening import Store
from kefu_plugins import agent_closed, concurrency, hotspot_repair, interactions, reply_interval, robot_interception

SAMPLE = Path(__file__).parents[2] / "sample_sessions"
OF_SESSIONS = ("messages", "sessions", "recommendations", "alerts")
KNOWN_AGAIN = ("messages", "sessions", "agents", "scripts", "hotspots")
"""The tables of which a row that comes twice is known again."""
MODULES = (agent_closed, concurrency, hotspot_repair, interactions, reply_interval, robot_interception)
"""Plugins that read no texts, among them a window, a period table, a spread and a correlation."""

Row = dict[str, str]
Tables = dict[str, list[Row]]


@cache
def sample() -> Tables:
    """The sample week, as rows."""
    found = {}
    for path in sorted(SAMPLE.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = [*csv.DictReader(file)]
    return found


@cache
def week() -> Tables:
    """Some sessions of each day: those over midnight, those of three customers who came often, and some others."""
    tables = sample()
    customers = Counter(row["customer_id"] for row in tables["sessions"])
    often = {name for name, _ in customers.most_common(3)}
    dates: dict[str, set[str]] = {}
    for row in tables["messages"]:
        dates.setdefault(row["session_id"], set()).add(row["sent_at"][:10])
    chosen = {
        row["session_id"]
        for number, row in enumerate(tables["sessions"])
        if number % 20 == 0 or row["customer_id"] in often or len(dates.get(row["session_id"], ())) > 1
    }
    return {
        name: [row for row in rows if name not in OF_SESSIONS or row["session_id"] in chosen]
        for name, rows in tables.items()
    }


def until(date: str, tables: Tables | None = None) -> Tables:
    """Return what there was at the end of a date."""
    moments = {"messages": "sent_at", "sessions": "opened_at", "recommendations": "shown_at", "alerts": "raised_at"}
    return {
        name: [row for row in rows if name not in moments or row[moments[name]][:10] <= date]
        for name, rows in (tables or week()).items()
    }


def write_file(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write(folder: Path, tables: Tables) -> Path:
    """Write a file for each table."""
    for name, rows in tables.items():
        write_file(folder / f"{name}.csv", rows)
    return folder


def scatter(folder: Path, tables: Tables, chance: random.Random) -> Path:
    """Write each table in any order to any files, and deliver each file up to three times where that is allowed."""
    for name, rows in tables.items():
        mixed = chance.sample(rows, len(rows))
        files: list[list[Row]] = [[] for _ in range(chance.randint(1, 4))]
        for row in mixed:
            chance.choice(files).append(row)
        copies = [part for part in files if part for _ in range(chance.randint(1, 3) if name in KNOWN_AGAIN else 1)]
        for number, part in enumerate(chance.sample(copies, len(copies))):
            write_file(folder / name / f"{number}.csv", part)
    return folder


def quick_host() -> Host:
    """Load the plugins that read no texts."""
    return Host(builtins=False, outsiders=False, modules={module.__name__: module for module in MODULES})


def whole_host() -> Host:
    """Load all our plugins."""
    return Host(outsiders=False)


def settings_of_tests() -> Settings:
    """Return the defaults, but for word lists of one word, which work on the product's lists does not change."""
    lists = WordLists(only=(Path(__file__).with_name("words.txt"),))
    return load_settings().model_copy(update={"lexicons": {"sensitive": lists, "opinion": lists}})


def run_night(
    store: Store,
    data: Path,
    span: Span | None = None,
    *,
    host: Host | None = None,
    settings: Settings | None = None,
    replace: bool = False,
) -> Night:
    """Run a night in this process."""
    with TemporaryDirectory() as scratch:
        night = Nightly(store, settings or settings_of_tests(), host or quick_host(), Path(scratch))
        return night.run(data, span or Span(), replace=replace)


def digest(url: str) -> str:
    """Return what a store says, whatever files it was made from."""
    with open_store(url) as store:
        return content_digest(store, files=False)


def dates_of(tables: Tables) -> list[dt.date]:
    """Return the dates on which sessions were opened."""
    return sorted({dt.date.fromisoformat(row["opened_at"][:10]) for row in tables["sessions"]})


def undisturbed(folder: Path, data: Path) -> str:
    """Return what a fresh store says after a night."""
    with open_store(folder / "undisturbed.db") as store:
        run_night(store, data)
        return content_digest(store, files=False)
