"""Speed of the text work, as ratios in one run: against the rest of a run, and against jieba on every message.

    python benchmarks/text.py WORK [--sessions 800000] [--days 24] [--rounds 3]

Data (ten million messages, a table of scripts) is generated in WORK once. First: a run with all plugins against one
with those that read no text, as CPU seconds of whole processes that take turns. Then: finding sensitive words with 120
and with 16,000 words against jieba cutting every message, on a million messages.
"""

from __future__ import annotations

import argparse
import logging
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from kefu.config import Settings, WordLists
from kefu.run.words import lexicon_of, tokenizer
from kefu.text import Lexicon, WordFinder
from kefu.text.lexicon import Entry
from speed import HERE, KEFU, rounds

SAMPLE = 1_000_000
CUT = 20_000
"""jieba cuts so many of the messages; its time is scaled up."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--sessions", type=int, default=800_000)
    parser.add_argument("--days", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    data = told.work / "text"
    if not data.exists():
        make = ["big", data, "--sessions", str(told.sessions), "--days", str(told.days), "--seed", "7"]
        subprocess.run([sys.executable, HERE / "generate.py", *make], check=True)
    against_the_rest(data, told.rounds)
    against_jieba(data, told.rounds)


def against_the_rest(data: Path, count: int) -> None:
    """Compare a whole run with one that reads no text."""
    contestants = {
        "all": [*KEFU, "run", str(data), "--format", "json"],
        "no text": [sys.executable, str(HERE / "rivals" / "without_text.py"), str(data)],
    }
    found = rounds(contestants, count)
    whole, rest = (statistics.median(spent.cpu for spent in found[name]) for name in contestants)
    most = max(spent.megabytes for spent in found["all"])
    print(
        f"text columns: {whole - rest:.1f} CPU s, the rest {rest:.1f}: {(whole - rest) / rest:.2f} × (aim: at most 3)"
    )
    print(f"peak memory with text: {most:.0f} MB")


def against_jieba(data: Path, count: int) -> None:
    """Compare finding words with cutting every message."""
    import jieba

    jieba.setLogLevel(logging.ERROR)
    files = sorted((data / "messages").glob("*.parquet"))[:3]
    texts = pl.concat([pl.read_parquet(file, columns=["text"])["text"] for file in files]).drop_nulls().head(SAMPLE)
    chosen = texts.sample(CUT, seed=7).to_list()
    cutter = jieba.Tokenizer()
    cutter.initialize()
    cut = _median(lambda: [cutter.lcut(text, HMM=False) for text in chosen], count) * len(texts) / CUT
    own = lexicon_of("sensitive", WordLists())
    print(f"{len(texts):,} messages, {texts.n_unique():,} distinct; jieba {cut:.1f} CPU s")
    for words, aim in ((120, 15), (16_000, 5)):
        finder = WordFinder(sized(own, words), tokenizer(Settings().dictionaries))
        finder.counts(texts.head(1_000))
        spent = _median(lambda finder=finder: finder.counts(texts.unique()), count)
        print(f"{words:6,} words: {spent:.2f} CPU s, {cut / spent:.1f} times as fast as jieba (aim: {aim})")


def sized(lexicon: Lexicon, count: int) -> Lexicon:
    """Return a lexicon of so many words: some of the product's, or all of them and made-up ones."""
    chance = random.Random(7)
    if count <= len(lexicon.entries):
        return Lexicon(tuple(chance.sample(lexicon.entries, count)), lexicon.allowed, (), lexicon.cues)
    signs = [chr(code) for code in range(0x4E00, 0x8000)]
    made = {"".join(chance.sample(signs, chance.randint(3, 5))) for _ in range(2 * count)} - set(lexicon.words)
    more = [Entry(word, "made") for word in sorted(made)[: count - len(lexicon.entries)]]
    return Lexicon((*lexicon.entries, *more), lexicon.allowed, (), lexicon.cues)


def _median(work: Callable[[], object], count: int) -> float:
    """Return the median CPU seconds of some rounds."""
    spent = []
    for _ in range(count):
        before = time.process_time()
        work()
        spent.append(time.process_time() - before)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
