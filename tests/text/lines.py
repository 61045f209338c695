"""Sentences for the tests, as data: ``cases/`` holds what people say and what is to be found in it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from kefu.text import Lexicon, Tokenizer, WordFinder

CASES = Path(__file__).parent / "cases"


@cache
def lexicon(subject: str) -> Lexicon:
    """Return the product's own lists on a subject."""
    return Lexicon.load(Path(str(files("kefu_lexicons"))) / subject)


@cache
def finder(subject: str) -> WordFinder:
    """Return a finder over them; all finders share one dictionary."""
    return WordFinder(lexicon(subject), tokenizer())


@cache
def tokenizer() -> Tokenizer:
    """Return a tokenizer with the dictionary as it comes."""
    return Tokenizer()


def lines(name: str) -> list[str]:
    """Return the lines of a case file, comments aside."""
    text = (CASES / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def labelled(name: str) -> list[tuple[str, list[str]]]:
    """Return sentences and the words that are to be found in each, in order."""
    pairs = (line.split("\t") for line in lines(name))
    return [(sentence, [word.replace("_", " ") for word in words.split(" ")]) for sentence, words in pairs]
