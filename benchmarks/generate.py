"""Write data of a made-up Chinese online shop: a readable week, a big month, or a list of words.

    python benchmarks/generate.py sample sample_sessions/
    python benchmarks/generate.py big OUT --sessions 1000000 --days 30 --seed 7
    python benchmarks/generate.py words OUT.txt --count 10000 --seed 7
    python benchmarks/generate.py opinion OUT.txt

The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from shop import lexicon, sample, write
from shop.common import Settings


def arguments(argv: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    week = commands.add_parser("sample", help="a week of about 600 sessions, a CSV file for each table")
    week.add_argument("out", type=Path)
    week.add_argument("--seed", type=int, default=sample.SEED)
    big = commands.add_parser("big", help="a file per day, any number of sessions")
    big.add_argument("out", type=Path)
    big.add_argument("--sessions", type=int, default=1_000_000)
    big.add_argument("--days", type=int, default=30)
    big.add_argument("--agents", type=int, default=500)
    big.add_argument("--first-day", type=date.fromisoformat, default=date(2025, 6, 1))
    big.add_argument("--seed", type=int, default=7)
    big.add_argument("--format", choices=write.FORMATS, default="parquet")
    big.add_argument("--interleaved", action="store_true", help="a day's messages in order of time, not by session")
    big.add_argument("--no-message-ids", action="store_true", help="leave out the message_id column")
    big.add_argument("--people", action="store_true", help="also shifts, states, reviews, costs, forecasts, staffing")
    words = commands.add_parser("words", help="sensitive words, of which only a few occur")
    words.add_argument("out", type=Path)
    words.add_argument("--count", type=int, default=10_000)
    words.add_argument("--seed", type=int, default=7)
    opinion = commands.add_parser("opinion", help="the public-opinion features that occur")
    opinion.add_argument("out", type=Path)
    return parser.parse_args(argv)


def main(argv: list[str]) -> None:
    """Do what the command line says; figures go to stderr."""
    args = arguments(argv)
    started = time.perf_counter()
    if args.command == "sample":
        count = sample.write_week(args.out, args.seed)
    elif args.command == "words":
        count = lexicon.write_words(args.out, args.count, args.seed)
    elif args.command == "opinion":
        count = lexicon.write_opinion(args.out)
    else:
        settings = Settings(args.seed, args.first_day, args.days, args.sessions)
        layout = write.Layout(args.format, args.interleaved, not args.no_message_ids, args.people)
        count = write.big(settings, args.agents, args.out, layout)
    unit = "messages" if args.command in ("sample", "big") else "words"
    print(f"{args.out}: {count:,} {unit} in {time.perf_counter() - started:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
