"""The lint of word lists: every kind of finding, where it is due and nowhere else."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from lines import tokenizer

from kefu.text import Lexicon, WordFinder
from kefu.text.lint import Finding, lint

LIST = """\
滚
靠\t\tisolated
sb
qq\t\tisolated
250
烦死了
煩死了
抱歉
垃圾
[allow]
垃圾
"""


def findings(folder: Path, text: str, sample: dict[str, int] | None = None, most: int = 20_000) -> list[Finding]:
    path = folder / "ours.txt"
    path.write_text(text, encoding="utf-8")
    lexicon = Lexicon.load(path)
    rows = None
    if sample is not None:
        rows = pl.DataFrame({"text": [*sample], "count": [*sample.values()]})
    return lint(lexicon, WordFinder(lexicon, tokenizer()), rows, most)


def kinds(found: list[Finding]) -> set[tuple[str, str, str]]:
    return {(one.kind, one.word, one.place) for one in found}


def test_odd_entries_are_named_with_their_line(tmp_path: Path) -> None:
    line = "lexicon 'ours.txt', line {}".format
    assert kinds(findings(tmp_path, LIST)) == {
        ("single", "滚", line(1)),
        ("latin", "sb", line(3)),
        ("digits", "250", line(5)),
        ("duplicate", "烦死了", line(7)),
        ("duplicate", "垃圾", line(9)),
    }


def test_a_word_of_ordinary_talk_is_found_by_its_share(tmp_path: Path) -> None:
    sample = {"抱歉让您久等": 3, "您好": 59_990, "真烦死了": 1}
    (found,) = findings(tmp_path, "烦死了\n抱歉\n", sample)
    assert (found.kind, found.word, found.messages, found.example) == ("common", "抱歉", 3, "抱歉让您久等")
    assert "in 3 of 59,994 ordinary messages" in found.what.en
    assert "59,994 条普通消息中有 3 条" in found.what.zh
    assert findings(tmp_path, "烦死了\n抱歉\n", sample, most=10_000) == []


def test_one_message_alone_proves_nothing(tmp_path: Path) -> None:
    assert findings(tmp_path, "抱歉\n", {"抱歉让您久等": 1}) == []


class Blind(WordFinder):
    """A word finder that takes 烦死了 for 死了 and sees nothing else."""

    def find(self, texts: pl.Series) -> pl.DataFrame:
        found = pl.Series([place for place, text in enumerate(texts) if text == "烦死了"], dtype=pl.UInt32)
        return pl.DataFrame({"text": found}).with_columns(word=pl.lit("死了"), entry=pl.lit(9))


def test_an_entry_that_is_not_found_even_alone_is_hidden(tmp_path: Path) -> None:
    path = tmp_path / "ours.txt"
    path.write_text("烦死了\n滚蛋\n", encoding="utf-8")
    lexicon = Lexicon.load(path)
    first, second = lint(lexicon, Blind(lexicon, tokenizer()))
    assert (first.kind, first.word, "'死了' is found in its place" in first.what.en) == ("hidden", "烦死了", True)
    assert (second.kind, second.word, "takes it out" in second.what.en) == ("hidden", "滚蛋", True)


def test_every_finding_is_said_in_both_languages(tmp_path: Path) -> None:
    found = findings(tmp_path, LIST + "[c]\n抱歉\n", {"抱歉让您久等": 5})
    assert {one.kind for one in found} == {"single", "latin", "digits", "duplicate", "common"}
    for one in found:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in one.what.zh)
        assert one.what.en.replace(one.word, "").isascii()


def test_a_line_that_is_taken_out_is_told_from_one_that_is_repeated(tmp_path: Path) -> None:
    repeated, taken_out = (one for one in findings(tmp_path, LIST) if one.kind == "duplicate")
    assert repeated.what.en == "'烦死了' is listed already in lexicon 'ours.txt', line 6: delete one of them"
    assert taken_out.what.en == "'垃圾' is taken out by lexicon 'ours.txt', line 11: delete one of them"
    assert ("已列出" in repeated.what.zh, "无害词" in taken_out.what.zh) == (True, True)


def test_a_word_with_a_quotation_mark_keeps_its_name(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "you're daft\nyou're daft\n")
    assert (found.kind, found.word) == ("duplicate", "you're daft")


def test_a_clean_list_has_no_finding(tmp_path: Path) -> None:
    assert findings(tmp_path, "烦死了\n爱买不买\n", {"您好，请稍等": 100_000}) == []
