"""A line that says many things is searched for as a chain of links: it finds what its wordings, written out, find."""

from __future__ import annotations

from itertools import product
from unittest import mock

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from lines import tokenizer

from kefu.text import Entry, Lexicon, WordFinder
from kefu.text.phrases import Phrase, ways

SIGNS = "甲乙丙丁"
WAYS = st.lists(st.text(SIGNS, min_size=1, max_size=3), min_size=1, max_size=4, unique=True)
SOME = st.lists(st.text(SIGNS, max_size=2), min_size=1, max_size=3, unique=True)
LINES = st.lists(st.one_of(WAYS, SOME), min_size=2, max_size=4).filter(lambda choices: any(map(all, choices)))
TEXTS = st.lists(st.text(f"{SIGNS}，", max_size=14), min_size=1, max_size=6)


def written(choices: list[list[str]]) -> str:
    return "".join(f"{{{'|'.join(choice)}}}" for choice in choices)


def nothing_hides(_: object, texts: pl.Series, *__: object) -> np.ndarray:
    """Leave disguises aside: those of a chain are not looked for."""
    return np.zeros(len(texts), dtype=bool)


def hits(line: str, texts: list[str], most: int) -> set[tuple[int, int, int, str]]:
    """Find a line of which a part of more ways than ``most`` is a chain."""
    with (
        mock.patch("kefu.text.phrases.MOST_WRITTEN_OUT", most),
        mock.patch("kefu.text.lexicon.MOST_WRITTEN_OUT", most),
        mock.patch("kefu.text.lexicon.LONGEST_DISGUISED", 0),
        mock.patch("kefu.text.disguise.Disguises.may_hide", nothing_hides),
    ):
        lexicon = Lexicon.of([Entry(line, "c")])
        found = WordFinder(lexicon, tokenizer()).find(pl.Series(texts, dtype=pl.String))
    rows = set(found.select("text", "start", "end", "word").iter_rows())
    assert all(texts[text][start:end] == word for text, start, end, word in rows)
    return rows


@settings(max_examples=150, deadline=None)
@given(LINES, TEXTS)
def test_a_chain_finds_what_its_wordings_find(choices: list[list[str]], texts: list[str]) -> None:
    line = written(choices)
    whole = [way for way in map("".join, product(*choices)) if not way]
    if whole:
        return  # a line that may say nothing is refused
    assert hits(line, texts, most=2) == hits(line, texts, most=10_000)


@settings(deadline=None)
@given(LINES)
def test_the_links_of_a_chain_say_what_the_line_says(choices: list[list[str]]) -> None:
    line = written(choices)
    with mock.patch("kefu.text.phrases.MOST_WRITTEN_OUT", 3):
        (chain,) = Phrase.read(line).parts
    assert {"".join(said) for said in product(*(link.ways for link in chain))} == set(ways(line))
    assert "" not in {way for link in chain for way in link.ways} or len(chain) == 1


def test_a_long_line_with_a_gap_is_told_as_it_is_said() -> None:
    line = (
        "{"
        + "|".join(f"你{sign}" for sign in "赶快速立马就")
        + "}{给我|跟我}{走开|滚开|让开|躲开|离开|闪开}…{远点|别来}"
    )
    found = WordFinder(Lexicon.of([Entry(line, "c")]), tokenizer()).find(
        pl.Series(["你就给我滚开，远点", "你就给我滚开得远点"])
    )
    assert found.select("text", "word").rows() == [(1, "你就给我滚开…远点")]


def test_letters_in_a_phrase_are_whole_words() -> None:
    finder = WordFinder(Lexicon.of([Entry("{not|isn't} my…{ job| fault}", "c")]), tokenizer())
    texts = ["it is not my job", "it is not my own fault", "knot my job", "it is not my jobs", "isn't my job"]
    assert finder.counts(pl.Series(texts)).to_list() == [1, 1, 0, 0, 1]
