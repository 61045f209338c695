"""Words in texts: our lists on what people say, the rules one by one, and a slow twin."""

from __future__ import annotations

import csv
import os
import pickle
import re
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lines import finder, labelled, lexicon, lines, tokenizer

from kefu.errors import ConfigError
from kefu.text import Entry, Lexicon, WordFinder
from kefu.text.holding import FirstLook, sizes_of
from kefu.text.layout import laid_out
from kefu.text.normalise import normalised
from kefu.text.phrases import GAP

SHARED = Path(os.environ.get("KEFU_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))


def words(found: WordFinder, texts: list[str | None]) -> list[list[str]]:
    hits = found.find(pl.Series(texts, dtype=pl.String))
    by_text: list[list[str]] = [[] for _ in texts]
    for index, word in hits.select("text", "word").iter_rows():
        by_text[index].append(word)
    return by_text


def marked(found: WordFinder, texts: list[str]) -> list[list[str]]:
    """Give the stretches that are marked in each text, in normal form."""
    stretches: list[list[str]] = [[] for _ in texts]
    for index, start, end in found.find(pl.Series(texts)).select("text", "start", "end").iter_rows():
        stretches[index].append(pl.select(normalised(pl.lit(texts[index][start:end]))).item())
    return stretches


def of(*listed: str, allowed: tuple[str, ...] = (), isolated: bool = False) -> WordFinder:
    entries = [Entry(word, "c", isolated=isolated) for word in listed]
    return WordFinder(Lexicon.of([*entries, *(Entry(word, "c", allowed=True) for word in allowed)]), tokenizer())


@pytest.mark.parametrize(
    ("subject", "name", "least"),
    [("sensitive", "ordinary_agent.txt", 150), ("opinion", "ordinary_customer.txt", 50)],
)
def test_ordinary_talk_is_not_hit(subject: str, name: str, least: int) -> None:
    sentences = lines(name)
    assert len(sentences) >= least
    found = words(finder(subject), [*sentences])
    assert {text: hits for text, hits in zip(sentences, found, strict=True) if hits} == {}


@pytest.mark.parametrize(
    ("subject", "name", "least"), [("sensitive", "rude_agent.tsv", 80), ("opinion", "opinion_customer.tsv", 40)]
)
def test_what_should_be_found_is_found(subject: str, name: str, least: int) -> None:
    cases = labelled(name)
    assert len(cases) >= least
    found = marked(finder(subject), [sentence for sentence, _ in cases])
    missed = {
        (sentence, word)
        for (sentence, expected), stretches in zip(cases, found, strict=True)
        for word in expected
        if not any(word in stretch or stretch in word for stretch in stretches)
    }
    assert missed == set()


def test_every_category_is_met_in_the_sentences() -> None:
    for subject, name in (("sensitive", "rude_agent.tsv"), ("opinion", "opinion_customer.tsv")):
        hits = finder(subject).find(pl.Series([sentence for sentence, _ in labelled(name)]))
        with_words = set(hits["category"])
        assert with_words == {path.stem for path in _lists(subject)} - {"cues"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
def test_the_shared_data_holds_the_words_that_it_says_it_holds() -> None:
    agent, customer = set(), set()
    for path in SHARED.glob("awkward_*/messages.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                (agent if row["role"].lower() == "agent" else customer).add(row["text"])
    said = sorted(agent)
    assert words(finder("sensitive"), [*said]) == [["tnnd"] if "TNND" in text else [] for text in said]
    said = sorted(customer - agent)
    threats = {"我要去微博曝光你们", "再不解决我就找消费者协会"}
    assert [bool(hits) for hits in words(finder("opinion"), [*said])] == [text in threats for text in said]


def test_hits_have_their_place_in_the_text_as_it_was_given() -> None:
    hits = of("烦死", "TNND").find(pl.Series([None, "您好", "ＴＮＮＤ，煩死我了", ""]))
    assert hits.schema == {
        "text": pl.UInt32,
        "word": pl.String,
        "category": pl.String,
        "severity": pl.UInt8,
        "start": pl.UInt32,
        "end": pl.UInt32,
        "entry": pl.UInt32,
    }
    assert hits.rows() == [(2, "tnnd", "c", 1, 0, 4, 1), (2, "烦死", "c", 1, 5, 7, 0)]


def test_equal_letters_on_both_sides_of_a_blank_are_no_trouble() -> None:
    assert words(of("m d z z"), ["md-zz", "m d z z", "m-d-z-z"]) == [["m d z z"]] * 3


@pytest.mark.parametrize(
    ("listed", "text", "said"),
    [
        ("{我|我们}…{没法|没义务}…{帮|替}你", "我们真没义务再替您", ["我们…没义务…替您"]),
        ("{我|我们}…{没法|没义务}…{帮|替}你", "我现在没法给您处理", []),
        ("{我|我们}…{没法|没义务}…{帮|替}你", "我们很累，没义务帮你", []),
        ("{我|我们}…{没法|没义务}…{帮|替}你", "我们大家今天真没义务帮你", []),
        ("{自己|你自己}{看|去看}{|吧}", "你自己去看吧", ["你自己去看吧"]),
        ("{自己|你自己}{看|去看}{|吧}", "自己看 说明", ["自己看"]),
        ("{滚|走}…{远点|开}", "滚 远 点", []),
        ("{滚|走}{蛋|开}", "滚 蛋", ["滚蛋"]),
        ("{我们|这边}…{不管|不管了}", "这个我们真不管", ["我们…不管"]),
        ("{管|管了}…{我们|这边}", "管我们", ["管…我们"]),
    ],
)
def test_alternatives_and_gaps(listed: str, text: str, said: list[str]) -> None:
    assert words(of(listed), [text]) == [said]


@pytest.mark.parametrize(
    ("listed", "text", "stretch"),
    [
        ("滚蛋", "①㍿，滚\u200b蛋\u200b！", "滚\u200b蛋"),
        ("café", "ｘ cafe\u0301\u0327s cafe\u0301！", "cafe\u0301"),
        ("각하", "㍿\u1100\u1161\u11a8하", "\u1100\u1161\u11a8하"),
        ("滚蛋", "㍿你 滚。 . 蛋", None),
        ("滚蛋", "㍿你 滚 * 蛋啊", "滚 * 蛋"),
        ("傻逼", "㍿你傻傻傻逼逼逼啊", "傻傻傻逼逼逼"),
        ("你大爷", "㍿，您大爺", "您大爺"),
    ],
)
def test_the_whole_stretch_is_marked_in_the_text(listed: str, text: str, stretch: str | None) -> None:
    rows = of(listed).find(pl.Series([text])).select("start", "end").rows()
    assert [text[start:end] for start, end in rows] == ([] if stretch is None else [stretch])


def test_counts_are_one_for_each_text() -> None:
    counts = of("滚蛋").counts(pl.Series(["滚蛋，滚蛋", None, "您好", "滚蛋"]))
    assert counts.dtype == pl.UInt32
    assert counts.to_list() == [2, 0, 0, 1]


@pytest.mark.parametrize("texts", [pl.Series([], dtype=pl.String), pl.Series([None, None]), pl.Series(["您好"])])
def test_no_text_and_no_word_are_no_hits(texts: pl.Series) -> None:
    for found in (of(), of("滚蛋"), of(allowed=("滚蛋",))):
        assert found.find(texts).is_empty()
        assert found.counts(texts).to_list() == [0] * len(texts)


@pytest.mark.parametrize(
    ("listed", "text", "hits"),
    [
        (["没空"], "没空调的房间", []),
        (["没空"], "我没空", ["没空"]),
        (["骗子"], "大骗子", ["骗子"]),
        (["sb"], "usb sb asb2 sb2 2sb 你sb啊", ["sb", "sb"]),
        (["12315"], "打12315，单号9123150", ["12315"]),
        (["加我vx"], "加我VX吧，加我vxx", ["加我vx"]),
        (["滚"], "滚！滚吧。滚筒，快滚，滚", ["滚", "滚", "滚"]),
        (["滚"], "那个球，滚了很远，滚了", ["滚"]),
        (["傻", "大傻", "大傻逼"], "大傻逼", ["大傻逼"]),
        (["去死", "去死吧"], "去死吧，去死", ["去死吧", "去死"]),
        (["哈哈"], "哈哈哈哈", ["哈哈", "哈哈"]),
        (["fuck you"], "Fuck  you, FUCK YOU", ["fuck you", "fuck you"]),
        (["t.m.d"], "Ｔ．Ｍ．Ｄ", ["t.m.d"]),
        (["100%有效"], "１００％有效", ["100%有效"]),
        (["好,吗"], "好，吗", ["好,吗"]),
        (["café"], "cafe\u0301", ["café"]),
        (["café"], "CAFÉS", []),
        (["각하"], "\u1100\u1161\u11a8하", ["각하"]),
        (["がき"], "か\u3099き", ["がき"]),
        (["aς"], "aΣ", ["aς"]),
        (["🖕"], "给你🖕🏻", ["🖕"]),
        (["a+b", "c|d", "e\\f", "[g]x"], "a+b c|d e\\f [g]x aab", ["a+b", "c|d", "e\\f", "[g]x"]),
    ],
)
def test_the_rules_one_by_one(listed: list[str], text: str, hits: list[str]) -> None:
    assert words(of(*listed), [text]) == [hits]


def test_a_hit_inside_an_innocent_word_is_none() -> None:
    found = of("垃圾", "骗子", allowed=("垃圾桶", "谨防骗子"))
    assert words(found, ["垃圾桶里的垃圾", "谨防骗子", "骗子"]) == [["垃圾"], [], ["骗子"]]


def test_an_isolated_word_has_no_chinese_character_beside_it() -> None:
    assert words(of("骗子", isolated=True), ["骗子！", "大骗子", "骗子吧", "骗子来了"]) == [["骗子"], [], ["骗子"], []]


def test_a_finder_travels_to_another_process() -> None:
    sent = pickle.loads(pickle.dumps(of("滚蛋")))  # noqa: S301 - our own
    assert words(sent, ["滚蛋"]) == [["滚蛋"]]


@pytest.mark.parametrize(
    "text", ["滚" * 300_000, "滚蛋" * 100_000, "啊滚蛋，" * 50_000, "sb" * 300_000, "\u200b" * 300_000]
)
def test_an_endless_message_is_no_hang(text: str) -> None:
    began = time.process_time()
    of("滚", "滚蛋", "sb", "蛋滚").counts(pl.Series([text]))
    assert time.process_time() - began < 20


# A slow twin that shares no code with the finder but the normal form and the tokens of whole texts.
PARTS = "滚蛋操作筒没空调垃圾桶sbusSBＳＢé1２ \u200b，,軟软件。!"
twin_words = st.lists(st.text(st.sampled_from(PARTS), min_size=1, max_size=4), min_size=1, max_size=8)
twin_texts = st.lists(st.text(st.sampled_from(PARTS), max_size=16), min_size=1, max_size=8)


def _twin(listed: list[str], allowed: list[str], text: str) -> list[tuple[int, int]]:
    edges = set(tokenizer().edges(text))
    innocent = [(i, i + len(w)) for w in allowed for i in range(len(text)) if text.startswith(w, i)]
    kept: list[tuple[int, int]] = []
    places = [(-len(w), i, i + len(w)) for w in listed for i in range(len(text)) if text.startswith(w, i)]
    for _, start, end in sorted(places):
        free = all(end <= a or b <= start for a, b in kept)
        if free and not any(a <= start and end <= b for a, b in innocent) and _twin_alone(text, start, end, edges):
            kept.append((start, end))
    return sorted(kept)


def _twin_alone(text: str, start: int, end: int, edges: set[int]) -> bool:
    before, after = (text[start - 1] if start else "."), (text[end] if end < len(text) else ".")
    for inner, outer in ((text[start], before), (text[end - 1], after)):
        if inner.isalnum() and outer.isalnum() and inner < "\u3000" and outer < "\u3000":
            return False
    if not any("\u4e00" <= sign <= "\u9fff" for sign in text[start:end]):
        return True
    if end - start == 1:
        return not "\u4e00" <= before <= "\u9fff" and not "\u4e00" <= after <= "\u9fff"
    whole, divided = {start, end} <= edges, any(start < edge < end for edge in edges)
    return whole or not divided


@settings(deadline=None, max_examples=200)
@given(twin_words, st.lists(st.text(st.sampled_from(PARTS), min_size=2, max_size=5), max_size=3), twin_texts)
def test_the_finder_agrees_with_a_slow_twin(listed: list[str], allowed: list[str], texts: list[str]) -> None:
    keep = [word for word in listed if any(map(str.isalnum, word))]
    innocent = [word for word in allowed if any(map(str.isalnum, word))]
    lexicon = Lexicon.of([*(Entry(w, "c") for w in keep), *(Entry(w, "c", allowed=True) for w in innocent)])
    normal = pl.Series(texts).to_frame("t").select(normalised(pl.col("t"))).to_series().to_list()
    normal = [re.sub(r"(.)\1\1+", r"\1\1", text) for text in normal]  # more would be a disguise
    hits = WordFinder(lexicon, tokenizer()).find(pl.Series(normal))
    places: list[list[tuple[int, int]]] = [[] for _ in texts]
    for index, word, start, end in hits.select("text", "word", "start", "end").iter_rows():
        if normal[index][start:end] == word:  # not in disguise
            places[index].append((start, end))
    assert places == [_twin(lexicon.words, [*lexicon.allowed], text) for text in normal]


# Characters that become each other, become one, or become nothing.
DISGUISES = "aAａＡⓐåÅ\u030afiﬁFkK\u212a12①½軟软乾干ςσΣ가\u1100\u1161\u11a8か\u3099が\u200b\u00ad\ufe0f，,～~….。"


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.text(st.sampled_from(DISGUISES), min_size=1, max_size=4), min_size=1, max_size=4),
    st.lists(
        st.text(st.one_of(st.sampled_from(DISGUISES), st.characters(exclude_categories=["Cs"])), max_size=8),
        min_size=1,
        max_size=30,
    ),
)
def test_the_first_look_misses_nothing(listed: list[str], texts: list[str]) -> None:
    entries = []
    for word in listed:
        with suppress(ConfigError):  # nothing but punctuation
            entries += Lexicon.of([Entry(word, "c")]).entries
    entries = [entry for entry in entries if GAP not in entry.word]
    found = {entry.word for entry in entries}
    normal = pl.DataFrame({"t": [*texts, "滚"]}).select(normalised(pl.col("t"))).to_series()
    held = FirstLook(laid_out(Lexicon.of([*entries, Entry("蛋", "c")]))).at(normal, sizes_of(normal))
    assert held.told.tolist() == [any(word in text for word in found) for text in normal.to_list()]


@pytest.mark.parametrize("size", [300, 700, 900, 2_000, 4_000])
def test_lists_of_all_sizes_give_the_same(size: int) -> None:
    dull = [f"词{number:x}甲" for number in range(size)]
    assert words(of("滚蛋", *dull), ["滾蛋", "您好", f"词{size - 1:X}甲"]) == [["滚蛋"], [], [dull[-1]]]


@pytest.mark.parametrize("subject", ["sensitive", "opinion"])
def test_a_finder_for_some_categories_is_one_over_their_words_alone(subject: str) -> None:
    whole = lexicon(subject)
    some = sorted({entry.category for entry in whole.entries})[::2]
    alone = replace(whole, entries=tuple(entry for entry in whole.entries if entry.category in some))
    texts = pl.Series([*lines("ordinary_customer.txt"), *(entry.word for entry in whole.entries[::9]), "傻.逼", None])
    limited = WordFinder(whole, tokenizer(), some)
    assert limited.find(texts).equals(WordFinder(alone, tokenizer()).find(texts))
    assert set(limited.find(texts)["category"]) == set(some)


def _lists(subject: str) -> list[Path]:
    return sorted((Path(__file__).parents[2] / "lexicons" / "kefu_lexicons" / subject).glob("*.txt"))
