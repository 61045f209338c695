"""Speed of script matching, as ratios in one run: kefu against scikit-learn's cosine and rapidfuzz's all pairs.

    python benchmarks/scripts.py [--templates 10000] [--messages 20000] [--raw 1000000] [--rounds 5]

The contestants take turns over the same distinct messages, ready as they are; CPU seconds, and the median of the
rounds counts. kefu decides which messages are uses, of which script, and how; the others only find the closest one.
The last line is a day's raw messages, most of them repeated. A contestant that is not installed is left out.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import time
import tomllib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from kefu.text import ScriptLibrary

SHOP = Path(__file__).parent / "shop"
LABELLED = Path(__file__).parents[1] / "tests" / "text" / "labelled" / "scripts_library.tsv"
FEW = 200
"""All pairs take so long that only so many messages are compared, and the time is scaled up."""

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{[^{}]*\}")
_CLAUSE = re.compile("(?<=[，。：])")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--templates", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--raw", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    told = parser.parse_args()
    scripts = library(told.templates)
    texts = messages(scripts, told.messages)
    found = take_turns(contestants(scripts, texts), told.rounds)
    report(found, len(texts))
    raw(scripts, told.raw)


def library(count: int) -> pl.DataFrame:
    """Return the scripts of the labelled set and as many of :func:`distractors` as are missing to a number."""
    lines = [line for line in LABELLED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    own = [tuple(line.split("\t")) for line in lines[1:]]
    more = [(f"D{number:05}", text) for number, text in enumerate(distractors(count - len(own)))]
    return pl.DataFrame([*own, *more][:count], schema=["script_id", "text"], orient="row")


def distractors(count: int, seed: int = 9) -> list[str]:
    """Return scripts that say something else: two or three utterances of the sample shop's grammar each."""
    rng, said = random.Random(seed), utterances()
    found: dict[str, None] = {}
    while len(found) < count:
        some = (_chosen(rng, rng.choice(said)) for _ in range(2 + (rng.random() < 0.3)))
        found["，".join(some)] = None
    return list(found)


def utterances() -> list[str]:
    """List the utterances of the sample shop, with their choices."""
    general, topics = (
        tomllib.loads((SHOP / name).read_text(encoding="utf-8")) for name in ("general.toml", "topics.toml")
    )
    blocks = [*general["general"].values()]
    for topic in topics["topic"].values():
        blocks += [topic[part] for part in ("ask", "again", "hot", "find", "pairs")]
    lines = [line.strip() for block in blocks for line in block.splitlines() if line.strip()]
    return [line.lstrip("*?! ").split(" => ")[-1] for line in lines]


def messages(scripts: pl.DataFrame, count: int, seed: int = 3) -> list[str]:
    """Return distinct messages: 2 in 10 are scripts as they are, 3 changed ones, 5 something else."""
    rng, said, written = random.Random(seed), utterances(), scripts["text"].to_list()
    found: dict[str, None] = {}
    while len(found) < count:
        luck = rng.random()
        if luck < 0.5:
            text = f"{_chosen(rng, rng.choice(said))}{rng.randrange(1000)}{_chosen(rng, rng.choice(said))[:8]}"
        else:
            text = rng.choice(written)
        text = _SLOT.sub(lambda _: str(rng.randrange(10**6)), text)
        found[changed(rng, text) if 0.5 <= luck < 0.8 else text] = None
    return list(found)


def changed(rng: random.Random, text: str) -> str:
    """Change a script as agents do: words around it, a clause less, or a slip."""
    way, clauses = rng.randrange(3), _CLAUSE.split(text)
    if way == 0:
        return rng.choice(["您好，", "亲，", "好的，"]) + text + rng.choice(["哦", "，请稍等", "，谢谢"])
    if way == 1 and len(clauses) > 2:
        del clauses[rng.randrange(len(clauses))]
        return "".join(clauses)
    place = rng.randrange(len(text))
    return text[:place] + rng.choice("的了是我") + text[place + 1 :]


def _chosen(rng: random.Random, line: str) -> str:
    return _CHOICE.sub(lambda choice: rng.choice(choice[1].split("|")), line)


def contestants(scripts: pl.DataFrame, texts: list[str]) -> dict[str, tuple[int, Callable[[], object]]]:
    """Return who runs, each with the number of messages that it is given."""
    kefu, series = ScriptLibrary(scripts), pl.Series(texts)
    runs: dict[str, tuple[int, Callable[[], object]]] = {
        "kefu": (len(texts), lambda: kefu.matches(series)),
        "scikit-learn": (len(texts), cosine(scripts["text"].to_list(), texts)),
    }
    if find_spec("rapidfuzz"):
        runs["rapidfuzz"] = (FEW, all_pairs(scripts["text"].to_list(), texts[:FEW]))
    else:
        print("rapidfuzz is not installed: left out")
    return runs


def cosine(scripts: list[str], texts: list[str]) -> Callable[[], object]:
    """Compare with character bigrams, TF-IDF and the cosine."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(2, 2))
    known = vectorizer.fit_transform(scripts).T.tocsr()

    def run() -> Iterator[object]:
        for start in range(0, len(texts), 2_000):
            yield (vectorizer.transform(texts[start : start + 2_000]) @ known).argmax(axis=1)

    return lambda: list(run())


def all_pairs(scripts: list[str], texts: list[str]) -> Callable[[], object]:
    """Compare each message with each script."""
    from rapidfuzz import fuzz, process

    return lambda: [process.extractOne(text, scripts, scorer=fuzz.ratio) for text in texts]


def take_turns(runs: dict[str, tuple[int, Callable[[], object]]], rounds: int) -> dict[str, float]:
    """Return the median of CPU seconds per message."""
    spent: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, (count, run) in runs.items():
            began = time.process_time()
            run()
            spent[name].append((time.process_time() - began) / count)
    return {name: statistics.median(times) for name, times in spent.items()}


def report(found: dict[str, float], count: int) -> None:
    """Print each as messages a CPU second and as a ratio of kefu."""
    print(f"{count:,} distinct messages")
    for name, seconds in found.items():
        print(f"{name:14} {1 / seconds:10,.0f} messages/s {seconds / found['kefu']:8.2f} × kefu's time")


def raw(scripts: pl.DataFrame, count: int) -> None:
    """Print how long a day of messages takes of which one in ten is new."""
    distinct = pl.Series(messages(scripts, count // 10, seed=4))
    texts = pl.concat([distinct, distinct.sample(count - len(distinct), with_replacement=True, seed=1)])
    kefu = ScriptLibrary(scripts)
    began = time.perf_counter()
    uses = kefu.match(texts)
    took = time.perf_counter() - began
    print(f"{count:,} raw messages, {len(distinct):,} distinct: {took:.1f} s, {uses.count():,} uses")


if __name__ == "__main__":
    main()
