"""No word and no text of evil shape makes a search hang or crash."""

from __future__ import annotations

import time

import polars as pl
import pytest
from lines import tokenizer

from kefu.text import Entry, Lexicon, WordFinder

EVIL = ["(a+)+$", ".*x", "a|b", "[a", "a{9999}", "\\d+x", "(?i)a", "^a$", "a" * 100, "滚" * 100, "滚…" + "滚" * 90]
EVIL += ["滚" * length for length in range(2, 100)] + ["a" * length + "b" for length in range(2, 60)]


@pytest.mark.parametrize("text", ["a" * 1_000_000, "滚" * 1_000_000, "a " * 200_000, "滚.蛋" * 60_000, "“" * 500_000])
def test_evil_words_on_evil_texts(text: str) -> None:
    lexicon = Lexicon.of(
        [*(Entry(word, "c") for word in EVIL), Entry("不", "negation"), Entry("aa", "c", allowed=True)]
    )
    began = time.process_time()
    WordFinder(lexicon, tokenizer()).find(pl.Series([text]))
    assert time.process_time() - began < 60


def test_signs_of_regexes_are_only_signs() -> None:
    finder = WordFinder(Lexicon.of([Entry("(a+)+$", "c"), Entry(".*x", "c")]), tokenizer())
    assert finder.counts(pl.Series(["(a+)+$", "aaa", ".*x", "yyx"])).to_list() == [1, 0, 1, 0]


def test_a_finder_over_a_hundred_thousand_words_finds() -> None:
    words = [f"词{number:x}甲" for number in range(100_000)]
    finder = WordFinder(Lexicon.of(Entry(word, "c") for word in words), tokenizer())
    assert finder.counts(pl.Series(["您好", f"有{words[-1]}吗", words[77]])).to_list() == [0, 1, 1]
