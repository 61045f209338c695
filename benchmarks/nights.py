"""Sixty nights, one after the other, with late and corrected data, missing files and kills.

    python benchmarks/nights.py WORK [--nights 60] [--sessions 40]

A shop of ``--sessions`` sessions a day. Each night sees the files of the last week, as a platform that keeps so
many would leave them. Some of a day's sessions come one to three days late, which is as late as the lookback mends;
some days come cut short and are corrected the next day, now and then a file is missing for a night, and some runs are
killed before the one that counts. All nights run in one process, which must not grow; the store must grow evenly, and
say in the end what one run over all the data says.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import polars as pl

from kefu.config import load_settings
from kefu.host import Host
from kefu.night.nightly import Nightly, Span
from kefu.store import open_store
from kefu.store.days import content_digest

HERE = Path(__file__)
FIRST = date(2025, 6, 1)
KEPT, LOOKBACK = 7, 3
WARM_UP = 10
LATE_OF, CUT_EACH, MISSING_EACH, KILLED_EACH = 20, 10, 11, 6
"""One session in so many comes late; each so many nights a file is cut, is missing, a run is killed."""
FLAT = 0.05


@dataclass(frozen=True)
class Figures:
    """What a night took, and what it left."""

    night: int
    seconds: float
    peak_mb: float
    open_files: int
    store_mb: float
    restated: int
    left: int
    killed: bool


class Platform:
    """Delivers a day's files night by night, as unreliably as real ones do."""

    def __init__(self, work: Path, nights: int, sessions: int) -> None:
        """Write all the data, and nothing of it to the folder that nights see."""
        self.whole, self.seen = work / "whole", work / "seen"
        for folder in (self.whole, self.seen):
            rmtree(folder, ignore_errors=True)
        options = ["--sessions", str(nights * sessions), "--days", str(nights), "--agents", "20", "--format", "csv"]
        generate = [sys.executable, str(HERE.with_name("generate.py")), "big", str(self.whole), *options]
        subprocess.run(generate, check=True, stderr=subprocess.DEVNULL)
        self._nights, self._late = nights, dict[int, list[pl.DataFrame]]()

    def deliver(self, night: int) -> None:
        """Put into the folder what there is on a night, and take out what is a week old."""
        self.seen.mkdir(exist_ok=True)
        for path in self.whole.glob("*.csv"):
            self._put(Path(path.name), pl.read_csv(path, infer_schema=False))
        name = f"{_date(night)}.csv"
        for table in ("sessions", "recommendations", "alerts"):
            self._put(Path(table, name), pl.read_csv(self.whole / table / name, infer_schema=False))
        self._messages(night)
        for old in self.seen.glob(f"*/{_date(night - KEPT)}*.csv"):
            old.unlink()

    def _messages(self, night: int) -> None:
        rows = self._of_day(night)
        number = pl.col("session_id").hash(7) % (3 * LATE_OF)
        last = self._nights - 1
        of_before = pl.col("session_id").is_in(self._opened(night - 1).implode())
        for days in range(3):
            for is_before, opened in ((~of_before, night), (of_before, night - 1)):
                due = min(max(opened + 1 + days, night), last)
                self._late.setdefault(due, []).append(rows.filter((number == days) & is_before))
        if night == last:
            self._late[last] += [late for due, some in self._late.items() if due > last for late in some]
        on_time = rows.filter(number > 2)
        self._put(
            Path("messages", f"{_date(night)}.csv"), on_time.head(len(rows) // 2) if _cut(night, last) else on_time
        )
        if _cut(night - 1, last):
            before = self._of_day(night - 1).filter(number > 2)
            self._put(Path("messages", f"{_date(night - 1)}.csv"), before)
        late = pl.concat(self._late.pop(night, [rows.clear()]))
        if len(late):
            self._put(Path("messages", f"{_date(night)}-late.csv"), late)

    def _of_day(self, night: int) -> pl.DataFrame:
        return pl.read_csv(self.whole / "messages" / f"{_date(night)}.csv", infer_schema=False)

    def _opened(self, night: int) -> pl.Series:
        """Return the sessions of a date; their messages may run on into the next."""
        path = self.whole / "sessions" / f"{_date(night)}.csv"
        return pl.read_csv(path, infer_schema=False)["session_id"] if night >= 0 else pl.Series(dtype=pl.String)

    def _put(self, name: Path, rows: pl.DataFrame) -> None:
        path = self.seen / name
        path.parent.mkdir(exist_ok=True)
        rows.write_csv(path)

    @contextmanager
    def without_a_file(self, night: int) -> Iterator[None]:
        """Take away the file of the day before, every now and then."""
        path = self.seen / "messages" / f"{_date(night - 1)}.csv"
        away = self.seen.parent / "away.csv"
        taken = night % MISSING_EACH == MISSING_EACH - 1 and night < self._nights - 1
        if taken:
            path.rename(away)
        yield
        if taken:
            away.rename(path)


def _date(night: int) -> date:
    return FIRST + timedelta(days=night)


def _cut(night: int, last: int) -> bool:
    """Say whether the file of a day comes cut short at first."""
    return night % CUT_EACH == CUT_EACH - 2 and 0 <= night < last


def run(store: Path, data: Path, span: Span) -> tuple[int, int]:
    """Run a night; return how many dates were restated and how many left alone."""
    with TemporaryDirectory() as scratch, open_store(store) as opened, opened.lock(30):
        night = Nightly(opened, load_settings(), Host(outsiders=False), Path(scratch)).run(data, span)
    return sum(one.changed and one.revision > 1 for one in night.written), len(night.kept)


def killed(store: Path, data: Path, night: int, chance: random.Random) -> None:
    """Start a night in a process of its own, and kill it at some moment."""
    command = [sys.executable, str(HERE), "--one-night", str(store), str(data), str(night)]
    with subprocess.Popen(command) as process:
        time.sleep(chance.uniform(0.5, 5))
        process.kill()


def nights(platform: Platform, store: Path, count: int) -> Iterator[Figures]:
    """Run the nights in this process, and tell what each took."""
    chance = random.Random(1)
    for night in range(count):
        platform.deliver(night)
        dies = night % KILLED_EACH == KILLED_EACH - 1
        if dies:
            killed(store, platform.seen, night, chance)
        _forget_peak()
        start = time.monotonic()
        with platform.without_a_file(night):
            restated, left = run(store, platform.seen, Span.of_night(_date(night), LOOKBACK))
        seconds = time.monotonic() - start
        files = len([*Path("/proc/self/fd").iterdir()])
        size = store.stat().st_size / 1e6
        yield Figures(night + 1, round(seconds, 2), _peak(), files, round(size, 2), restated, left, dies)


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return round(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1000, 1)


def growth(values: Sequence[float]) -> float:
    """Return by how much the last third lies above the first, after the warm-up, by their medians."""
    rest = values[min(WARM_UP, len(values) // 3) :]
    third = max(len(rest) // 3, 1)
    return statistics.median(rest[-third:]) / statistics.median(rest[:third]) - 1


def report(found: Sequence[Figures], digests: tuple[str, str]) -> bool:
    """Print the table and what follows from it; return whether all is as it should be."""
    print("night  seconds  peak MB  open files  store MB  restated  left  killed before")
    for one in found:
        print(
            f"{one.night:5}  {one.seconds:7.2f}  {one.peak_mb:7.1f}  {one.open_files:10}  {one.store_mb:8.2f}"
            f"  {one.restated:8}  {one.left:4}  {'yes' if one.killed else ''}"
        )
    steps = [after.store_mb - before.store_mb for before, after in pairwise(found)]
    memory, files = growth([one.peak_mb for one in found]), growth([one.open_files for one in found])
    print(f"peak memory {memory:+.1%}, open files {files:+.1%} from the first third to the last, after the warm-up")
    print(f"store: {statistics.mean(steps):.3f} MB a night, {growth(steps):+.1%} from the first third to the last")
    same = digests[0] == digests[1]
    print(f"content {'equal to' if same else 'OTHER THAN'} that of one clean backfill")
    return same and memory <= FLAT and files <= FLAT


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, nargs="?")
    parser.add_argument("--nights", type=int, default=60)
    parser.add_argument("--sessions", type=int, default=40, help="a day")
    parser.add_argument("--one-night", nargs=3, metavar=("STORE", "DATA", "NIGHT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one_night:
        store, data, night = args.one_night
        run(Path(store), Path(data), Span.of_night(_date(int(night)), LOOKBACK))
        return
    if args.work is None:
        parser.error("name a folder to work in")
    args.work.mkdir(parents=True, exist_ok=True)
    stores = [args.work / "nights.db", args.work / "backfill.db"]
    for store in stores:
        store.unlink(missing_ok=True)
    platform = Platform(args.work.resolve(), args.nights, args.sessions)
    found = []
    for one in nights(platform, stores[0], args.nights):
        found.append(one)
        print(f"night {one.night}: {one.seconds} s", file=sys.stderr)
    run(stores[1], platform.whole, Span())
    digests = []
    for store in stores:
        with open_store(store) as opened:
            digests.append(content_digest(opened, files=False))
    (args.work / "nights.json").write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")
    sys.exit(0 if report(found, (digests[0], digests[1])) else 1)


if __name__ == "__main__":
    main()
