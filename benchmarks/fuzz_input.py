"""Mutated input files, thousands of them: each loads, or is rejected with file and row, and nothing else happens.

    python benchmarks/fuzz_input.py --files 10000

Every file comes from its seed alone, so a failure is replayed with ``--first SEED --files 1``. It ends with a table
of what became of the files, and with a status that is not 0 if there was a traceback, a file that took too long, a
sum that is wrong, or an intact row that did not load.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import polars as pl

from fuzz_cases import Case, case_for
from kefu.errors import InputError
from kefu.read import Limits, ReadOptions, open_tables

SECONDS = 2
MEGABYTES = 1024


@dataclass
class Outcome:
    """What became of it."""

    kind: str
    seconds: float
    rows: int = 0
    rejected: int = 0
    problems: list[str] = field(default_factory=list)


class TooSlowError(BaseException):
    """A file that took too long; no ``Exception``, so that nothing swallows it."""


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise ``TooSlowError`` when the time is over."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def judge(case: Case, folder: Path) -> Outcome:
    """Read a file, and look whether everything adds up."""
    data, scratch = folder / "data", folder / "scratch"
    data.mkdir(parents=True)
    (data / case.name).write_bytes(case.data)
    start = time.perf_counter()
    outcome = Outcome("loaded", 0.0)
    try:
        with time_limit(SECONDS):
            _read(case, data, scratch, outcome)
    except InputError:
        outcome.kind = "file refused"
    except TooSlowError:
        outcome.problems.append("took too long")
    except BaseException:  # noqa: BLE001 -- a panic is no Exception
        outcome.problems.append(traceback.format_exc())
    outcome.seconds = time.perf_counter() - start
    return outcome


def _read(case: Case, data: Path, scratch: Path, outcome: Outcome) -> None:
    rng = random.Random(len(case.data))
    options = ReadOptions(
        part_rows=rng.choice([3, 50, 500_000]), limits=Limits(block_bytes=rng.choice([500, 2**20, 2**23]))
    )
    table = open_tables(data, scratch, options)["messages"]
    frames = [part.read(table.spec.names) for part in table.parts]
    again = [part.read(["message_id"]) for part in table.parts]
    read = sum(frame.height for frame in frames)
    outcome.rows = sum(report.rows for report in table.report)
    outcome.rejected = sum(report.rejected for report in table.report)
    outcome.kind = "rows rejected" if outcome.rejected else "loaded"
    if sum(report.loaded for report in table.report) != read:
        outcome.problems.append(f"{table.report} but {read} rows came out")
    if [frame.height for frame in frames] != [frame.height for frame in again]:
        outcome.problems.append("a second reading gave other rows")
    lines = table.quarantine
    failed = any(report.failed for report in table.report)
    if lines.filter(pl.col("row").is_not_null()).height != outcome.rejected and not failed:
        outcome.problems.append(f"{outcome.rejected} rejected, {lines.height} in quarantine")
    if lines.select("file", "row").is_duplicated().any() or lines["reason"].null_count():
        outcome.problems.append("a row was rejected twice, or without a reason")
    ids = set(pl.concat(frames)["message_id"]) if frames else set()
    if not failed and not case.intact <= ids:
        lost = sorted(case.intact - ids)[:3]
        outcome.problems.append(f"intact rows {lost} were not loaded: {lines.head(3).rows()}")


def main() -> int:
    """Run the files, print what became of them, and return a status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    kinds: Counter[str] = Counter()
    rows = rejected = 0
    slowest, slowest_seed, bad = 0.0, -1, 0
    for seed in range(asked.first, asked.first + asked.files):
        case = case_for(seed)
        with tempfile.TemporaryDirectory() as folder:
            outcome = judge(case, Path(folder))
        kinds[outcome.kind] += 1
        rows, rejected = rows + outcome.rows, rejected + outcome.rejected
        if outcome.seconds > slowest:
            slowest, slowest_seed = outcome.seconds, seed
        for problem in outcome.problems:
            bad += 1
            print(f"seed {seed}, {case.name}, {case.how}:\n  {problem}", file=sys.stderr)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"files {asked.files}: " + ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())))
    print(f"rows {rows}, rejected {rejected}, problems {bad}")
    print(f"slowest {slowest:.2f} s (seed {slowest_seed}), peak memory {memory} MB")
    return 1 if bad or memory > MEGABYTES else 0


if __name__ == "__main__":
    sys.exit(main())
