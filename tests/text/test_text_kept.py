"""Word lists laid out are kept for the next start, and never trusted when they are not what they should be."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from lines import lexicon, tokenizer

import kefu.text.kept as kept_module
from kefu.config import Settings, WordLists
from kefu.errors import ConfigError
from kefu.run.words import digest_of, lexicon_of, word_lists
from kefu.text import Entry, Lexicon, WordFinder
from kefu.text.kept import MOST_KEPT, keep, kept, key_of
from kefu.text.layout import laid_out
from kefu.text.wordings import Wordings

LISTED = [
    Entry("滚蛋", "abuse", severity=3, unless=frozenset()),
    Entry("{帮|给}您…{滚|爬}", "refusal", weak=True),
    Entry("ab c", "abuse", isolated=True),
    Entry("滚蛋歌", "allow", allowed=True),
    Entry("我就", "threat", of=frozenset({"refusal"})),
]
TEXTS = pl.Series(["滚 蛋", "我就给您快点滚", "给你滚", "听滚蛋歌", "a b c", "AB C", None, "滚滚滚蛋蛋蛋"])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep in a folder of the test's own."""
    place = tmp_path / "cache"
    monkeypatch.setenv("KEFU_CACHE", str(place))
    return place


def same(one: Wordings, other: Wordings) -> bool:
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(Wordings)]
    return all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in pairs)


def test_what_was_kept_is_what_was_laid_out_and_finds_the_same(folder: Path) -> None:
    laid = laid_out(Lexicon.of(LISTED))
    assert kept("some") is None
    keep("some", laid)
    back = kept("some")
    assert back is not None
    assert same(back, laid)
    assert same(pickle.loads(pickle.dumps(back)), laid)  # noqa: S301 - our own
    expected = WordFinder(Lexicon.of(LISTED), tokenizer()).find(TEXTS)
    assert expected["word"].to_list() == ["滚蛋", "给您…滚", "ab c", "ab c", "滚蛋"]
    assert WordFinder(back, tokenizer()).find(TEXTS).equals(expected)
    assert [file.name for file in folder.iterdir()] == ["some.wordings"]


@pytest.mark.parametrize("damage", [b"", b"short", None, "cut", "flipped", "longer"])
def test_a_damaged_file_is_not_read(damage: bytes | str | None, folder: Path) -> None:
    keep("some", laid_out(Lexicon.of(LISTED)))
    file = folder / "some.wordings"
    content = file.read_bytes()
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    changed = {"cut": content[:-1], "flipped": bytes(flipped), "longer": content + b"0", None: b"0" * 500}
    file.write_bytes(damage if isinstance(damage, bytes) else changed[damage])
    assert kept("some") is None
    keep("some", laid_out(Lexicon.of(LISTED)))
    assert file.read_bytes() == content


def test_a_folder_that_others_can_write_to_is_not_used(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    keep("some", laid_out(Lexicon.of(LISTED)))
    assert [*folder.iterdir()] == []


def test_the_oldest_files_go(folder: Path) -> None:
    laid = laid_out(Lexicon.of(LISTED))
    for number in range(MOST_KEPT + 3):
        keep(f"{number:02}", laid)
    assert len([*folder.iterdir()]) == MOST_KEPT
    assert kept(f"{MOST_KEPT + 2:02}") is not None


def test_several_at_a_time_read_whole_files_or_none() -> None:
    laid = laid_out(Lexicon.of(LISTED))

    def turn(_: int) -> bool:
        keep("some", laid)
        found = kept("some")
        return found is None or same(found, laid)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(turn, range(200)))


def test_the_key_is_of_names_order_and_content(tmp_path: Path) -> None:
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("滚蛋", encoding="utf-8")
    other.write_text("笨蛋", encoding="utf-8")
    keys = [key_of([one]), key_of([other]), key_of([one, other]), key_of([other, one]), key_of([])]
    one.write_text("笨蛋", encoding="utf-8")
    assert len({*keys, key_of([one])}) == 6
    assert key_of([tmp_path / "none.txt"]) is None


def test_a_run_reads_its_lists_once(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("滚蛋\n", encoding="utf-8")
    told = WordLists(only=(mine,))
    settings = Settings(lexicons={"sensitive": told})
    assert word_lists(settings)("sensitive").counts(pl.Series(["滚蛋", "笨蛋"])).to_list() == [1, 0]
    assert len([*folder.glob("*.wordings")]) == 1
    mine.write_text("笨蛋\n", encoding="utf-8")
    assert word_lists(settings)("sensitive").counts(pl.Series(["滚蛋", "笨蛋"])).to_list() == [0, 1]
    assert digest_of("sensitive", told) == lexicon_of("sensitive", told).digest
    mine.write_text("笨蛋\t9\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.txt', line 1: severity '9'"):
        word_lists(settings)("sensitive").counts(pl.Series(["笨蛋"]))
    monkeypatch.setattr(kept_module, "private_folder", lambda: None)
    mine.write_text("傻蛋\n", encoding="utf-8")
    assert word_lists(settings)("sensitive").counts(pl.Series(["傻蛋", "笨蛋"])).to_list() == [1, 0]


@pytest.mark.parametrize("subject", ["sensitive", "opinion"])
def test_our_own_lists_are_laid_out_without_a_loss(subject: str) -> None:
    own = lexicon(subject)
    laid = laid_out(own)
    assert [laid.entry(number).saying(entry.word) for number, entry in enumerate(own.entries)] == [
        Entry(e.word, e.category, e.severity, e.isolated, e.allowed, "", e.weak, e.unless, e.of) for e in own.entries
    ]
    assert [laid.word(number) for number in range(len(own.entries))] == own.words
    assert [laid.word(number) for number in range(len(own.entries), len(own.entries) + len(own.allowed))] == [
        *own.allowed
    ]
