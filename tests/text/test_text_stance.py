"""Words that are quoted, denied or asked about do not count; weak ones need a cue."""

from __future__ import annotations

import polars as pl
import pytest
from lines import finder, lines, tokenizer

from kefu.text import Entry, Lexicon, WordFinder
from kefu.text.lexicon import STANCES

CASES = [line.split("\t") for line in lines("stances.tsv")]


@pytest.mark.parametrize(("subject", "sentence", "counts"), CASES)
def test_a_word_counts_only_as_it_is_meant(subject: str, sentence: str, counts: str) -> None:
    assert (finder(subject).counts(pl.Series([sentence])).item() > 0) == (counts == "yes")


def hits(text: str, *cues: tuple[str, str], weak: bool = False, unless: frozenset[str] = STANCES) -> int:
    """Count a word in a text, with cues (kind and word)."""
    entries = [Entry("滚蛋", "c", weak=weak, unless=unless), *(Entry(word, kind) for kind, word in cues)]
    return WordFinder(Lexicon.of(entries), tokenizer()).counts(pl.Series([text])).item()


@pytest.mark.parametrize(
    ("text", "cue", "count"),
    [
        ("不想说滚蛋", ("negation", "不想"), 0),
        ("不想说，滚蛋", ("negation", "不想"), 1),
        ("不想再一次这样子说滚蛋", ("negation", "不想"), 1),
        ("不想说滚蛋吗", ("negation", "不想"), 1),
        ("滚蛋就算了", ("negation_after", "就算了"), 0),
        ("怎么滚蛋", ("question", "怎么"), 0),
        ("滚蛋是什么", ("question_after", "什么"), 0),
        ("他说滚蛋", ("quotation", "他说"), 0),
        ("他说走，滚蛋", ("quotation", "他说"), 1),
        ("滚蛋这个词", ("quotation_after", "这个词"), 0),
    ],
)
def test_how_far_a_cue_reaches(text: str, cue: tuple[str, str], count: int) -> None:
    assert hits(text) == 1
    assert hits(text, cue) == count
    assert hits(text, cue, unless=frozenset()) == 1


def test_a_cue_for_the_familiar_you_is_one_for_the_polite_you_but_not_the_other_way_round() -> None:
    assert hits("返您钱，滚蛋", ("cue", "返你"), weak=True) == 1
    assert hits("返你钱，滚蛋", ("cue", "返您"), weak=True) == 0


def test_half_of_a_question_denies_nothing() -> None:
    assert hits("不要滚蛋", ("negation", "不要")) == 0
    assert hits("要不要滚蛋", ("negation", "不要")) == 1


def test_a_word_that_is_not_meant_hides_no_shorter_one() -> None:
    entries = [
        Entry("滚蛋…吧", "c", unless=frozenset({"negated"})),
        Entry("滚蛋", "d", unless=frozenset()),
        Entry("不想", "negation", of=frozenset({"c"})),
    ]
    found = WordFinder(Lexicon.of(entries), tokenizer()).find(pl.Series(["滚蛋去吧", "不想滚蛋去吧"]))
    assert found.select("text", "word").rows() == [(0, "滚蛋…吧"), (1, "滚蛋")]


def test_a_weak_word_needs_a_cue_and_a_turn_ends_its_reach() -> None:
    assert hits("滚蛋", weak=True) == 0
    assert hits("我要滚蛋", ("threat", "我要"), weak=True) == 1
    assert hits("滚蛋，太黑心了", ("cue", "黑心"), weak=True) == 1
    assert hits("不想说就滚蛋", ("negation", "不想"), ("turn", "就")) == 1


def test_words_in_quotation_marks_are_named_unless_they_are_insisted_on() -> None:
    assert hits("“滚蛋”") == 0
    assert hits("你就是“滚蛋”", ("insist", "你就是")) == 1
    assert hits("“好”滚蛋“好”") == 1


def test_a_cue_may_be_for_some_categories_only() -> None:
    cue = Entry("不想", "negation", of=frozenset({"other"}))
    word = Entry("滚蛋", "c", unless=STANCES)
    assert WordFinder(Lexicon.of([word, cue]), tokenizer()).counts(pl.Series(["不想说滚蛋"])).item() == 1
