"""Words of our lists, hidden by a program in ordinary sentences, are found all the same."""

from __future__ import annotations

import random
import re

import evasions
import polars as pl
import pytest
from lines import finder, lexicon

from kefu.text.normalise import normal_forms
from kefu.text.phrases import GAP

SENTENCES = ("您好，{}，我帮您查一下订单", "{}，稍等", "我这边看到了，{}", "{}", "这个订单的事，{}！请您理解")
LEAST = 300

WORDS = [entry.word for entry in lexicon("sensitive").entries if GAP not in entry.word and not entry.weak]
CHINESE = [word for word in WORDS if re.fullmatch(r"[\u4e00-\u9fff]{2,}", word)]
LATIN = [word for word in WORDS if re.fullmatch(r"[a-z]+( [a-z]+)*", word)]
KINDS = {
    "full_width": [word for word in WORDS if not word.isalpha() or word.isascii()],
    "traditional": CHINESE,
    "upper": LATIN,
    "spaced": CHINESE + [word for word in LATIN if " " not in word],
    "signs": CHINESE + [word for word in LATIN if " " not in word],
    "one_sign": CHINESE,
    "zero_width": WORDS,
    "drawn_out": [word for word in CHINESE if word[-1] != word[-2]],
    "stuttered": [word for word in CHINESE if not re.search(r"(.)\1", word)],
    "doubled": [word for word in CHINESE if not re.search(r"(.)\1", word)],
    "digits": [word for word in LATIN if len(word) >= 5 and set(word) & set(evasions.LEET)],
}


@pytest.mark.parametrize("kind", KINDS)
def test_hidden_words_are_found(kind: str) -> None:
    hide, chance = getattr(evasions, kind), random.Random(7)
    pairs = [(chance.choice(SENTENCES), hide(chance.choice(KINDS[kind]), chance)) for _ in range(2 * LEAST)]
    texts = [sentence.format(word) for sentence, word in pairs]
    found: dict[int, str] = {}
    for index, start, end in finder("sensitive").find(pl.Series(texts)).select("text", "start", "end").iter_rows():
        found[index] = found.get(index, "") + texts[index][start:end]
    missed = [word for index, (_, word) in enumerate(pairs) if index not in found]
    assert len(missed) <= 0.02 * len(pairs), missed


@pytest.mark.parametrize("sign", "，。！？；,!?;\n")
def test_a_clause_end_is_no_disguise(sign: str) -> None:
    words = [word for word in CHINESE if len(word) == 2]
    texts = [f"好的{word[0]}{sign}{word[1]}的" for word in words]
    marked = finder("sensitive").find(pl.Series(texts)).select("text", "start", "end").rows()
    over = [texts[index][start:end] for index, start, end in marked if sign in texts[index][start:end]]
    forms = normal_forms(pl.Series(over, dtype=pl.String)).to_list()
    assert [text for text, form in zip(over, forms, strict=True) if form not in WORDS] == []
