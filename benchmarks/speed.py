"""Speed and memory, as ratios in one run: kefu against the bare scan, DuckDB and pandas.

    python benchmarks/speed.py WORK [--sessions 1000000] [--days 30] [--rounds 5] [--tenfold] [--text]

Data is generated in WORK once. Every figure is of a whole process: CPU seconds (user and system) and peak memory;
the contestants take turns, and the median of the rounds counts. The three answers are compared first.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

HERE = Path(__file__).parent
KEFU = [sys.executable, "-m", "kefu"]
HEADLINES = (
    "script_usage_rate",
    "robot_interception_rate",
    "hotspot_repair_rate",
    "hotspot_adoption_rate",
    "opinion_alert_timeliness",
    "sensitive_word_rate",
    "agent_closed_rate",
    "reply_interval",
    "peak_concurrency",
    "interactions_per_session",
)


@dataclass(frozen=True)
class Spent:
    """What one process took."""

    cpu: float
    megabytes: float
    output: bytes


def spend(command: Sequence[str]) -> Spent:
    """Run a command and measure it from outside."""
    with TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        out.seek(0)
        return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000, out.read())


def generate(folder: Path, sessions: int, days: int, *more: str) -> Path:
    """Write the data, unless it is there."""
    if not folder.exists():
        options = ["--sessions", str(sessions), "--days", str(days), "--seed", "7", *more]
        subprocess.run([sys.executable, HERE / "generate.py", "big", folder, *options], check=True)
        (folder / "scripts.parquet").unlink(missing_ok=True)  # the rivals count logged uses only
        (folder / "scripts.csv").unlink(missing_ok=True)
        (folder / "scripts.ndjson").unlink(missing_ok=True)
    return folder


def word_lists(work: Path) -> tuple[Path, Path, Path]:
    """Write the 10,000 words, the opinion words, and the settings that use them."""
    words, opinion, config = work / "words.txt", work / "opinion.txt", work / "kefu.toml"
    if not config.exists():
        make = [sys.executable, str(HERE / "generate.py")]
        subprocess.run([*make, "words", words, "--count", "10000", "--seed", "7"], check=True)
        subprocess.run([*make, "opinion", opinion], check=True)
        lists = (("sensitive", words), ("opinion", opinion))
        config.write_text("".join(f"[lexicons.{name}]\nonly = [{json.dumps(str(path))}]\n" for name, path in lists))
    return words, opinion, config


def kefu(data: Path, config: Path) -> list[str]:
    """Return the command of a run."""
    return [*KEFU, "run", str(data), "--config", str(config), "--format", "json"]


def rounds(contestants: dict[str, list[str]], count: int) -> dict[str, list[Spent]]:
    """Let the contestants take turns."""
    found: dict[str, list[Spent]] = {name: [] for name in contestants}
    for number in range(count):
        for name, command in contestants.items():
            spent = spend(command)
            found[name].append(spent)
            print(f"round {number + 1} {name:8} {spent.cpu:7.2f} CPU s {spent.megabytes:7.0f} MB", file=sys.stderr)
    return found


def compare(found: dict[str, list[Spent]]) -> None:
    """Stop unless all give the same answers."""
    document = json.loads(found["kefu"][0].output)
    ours = {metric["name"]: metric["value"] for metric in document["metrics"]}
    for rival in ("duckdb", "pandas"):
        theirs = json.loads(found[rival][0].output)
        for name in HEADLINES:
            if abs(ours[name] - theirs[name]) > 1e-9 * abs(theirs[name]):
                raise SystemExit(f"{name}: kefu says {ours[name]}, {rival} says {theirs[name]}")


def report(found: dict[str, list[Spent]]) -> None:
    """Print medians, and each as a ratio of kefu and of the bare scan."""
    cpu = {name: statistics.median(spent.cpu for spent in runs) for name, runs in found.items()}
    print(f"{'':8} {'CPU s':>8} {'× scan':>8} {'× kefu':>8} {'peak MB':>8}")
    for name, runs in found.items():
        most = max(spent.megabytes for spent in runs)
        print(f"{name:8} {cpu[name]:8.2f} {cpu[name] / cpu['scan']:8.2f} {cpu[name] / cpu['kefu']:8.2f} {most:8.0f}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tenfold", action="store_true", help="ten times the days as well: memory")
    parser.add_argument("--text", action="store_true", help="CSV and NDJSON input as well")
    told = parser.parse_args()
    told.work.mkdir(parents=True, exist_ok=True)
    words, opinion, config = word_lists(told.work)
    data = generate(told.work / "parquet", told.sessions, told.days)
    lists = ["--words", str(words), "--opinion", str(opinion)]
    rivals = HERE / "rivals"
    contestants = {
        "scan": [sys.executable, str(rivals / "floor.py"), str(data)],
        "kefu": kefu(data, config),
        "duckdb": [sys.executable, str(rivals / "duckdb_ten.py"), str(data), *lists],
        "pandas": [sys.executable, str(rivals / "pandas_ten.py"), str(data), *lists],
    }
    found = rounds(contestants, told.rounds)
    compare(found)
    report(found)
    if told.tenfold:
        tenfold(told, config)
    if told.text:
        text_formats(told, config, data)


def tenfold(told: argparse.Namespace, config: Path) -> None:
    """Run over ten times the days, once."""
    data = generate(told.work / "tenfold", told.sessions * 10, told.days * 10)
    spent = spend(kefu(data, config))
    print(f"ten times the days: {spent.cpu:.2f} CPU s, {spent.megabytes:.0f} MB")


def text_formats(told: argparse.Namespace, config: Path, parquet: Path) -> None:
    """Compare CSV and NDJSON input with polars' own reading of the same files plus the run on Parquet."""
    base = statistics.median(spend(kefu(parquet, config)).cpu for _ in range(told.rounds))
    for form in ("csv", "ndjson"):
        data = generate(told.work / form, told.sessions, told.days, "--format", form)
        ours, theirs = [], []
        for _ in range(told.rounds):
            theirs.append(spend([sys.executable, str(HERE / "rivals" / "floor.py"), str(data)]).cpu)
            ours.append(spend(kefu(data, config)).cpu)
        own, read = statistics.median(ours), statistics.median(theirs)
        share = (own - base) / read
        print(f"{form}: {own:.2f} CPU s; polars' reading {read:.2f}, run on Parquet {base:.2f}: {share:.2f} × reading")


if __name__ == "__main__":
    main()
