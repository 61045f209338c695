"""The tokenizer: the same tokens as jieba, private, and never overrun."""

from __future__ import annotations

import itertools
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lines import lines, tokenizer

import kefu.text.tokenizer
from helpers import SHARED
from kefu.errors import ConfigError
from kefu.text.dictionary import read_dictionaries
from kefu.text.tokenizer import LONGEST_PIECE, Tokenizer, private_folder, quick_cut, seams

MIXED = st.text(
    st.one_of(
        st.sampled_from("操作滚筒没空调取消协议 ,，usb12.-%+\r\n\t、。☺"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def plain_jieba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[jieba.Tokenizer]:
    jieba.setLogLevel(logging.ERROR)
    plain = jieba.Tokenizer()
    plain.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    return plain


def test_tokens_are_those_of_jieba(plain_jieba: jieba.Tokenizer) -> None:
    for sentence in lines("ordinary_agent.txt") + lines("ordinary_customer.txt"):
        assert tokenizer().cut(sentence) == plain_jieba.lcut(sentence, HMM=False)


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    """Return all the text there is: the labelled sentences and, where they are at hand, offensive comments."""
    labelled = [file for file in (Path(__file__).parent / "labelled").iterdir() if file.is_file()]
    found = [field for file in labelled for line in file.read_text("utf-8").splitlines() for field in line.split("\t")]
    for name in ("test.csv", "dev.csv"):
        file = SHARED / "cold" / name
        found += file.read_text("utf-8").splitlines() if file.exists() else []
    return [*dict.fromkeys(found)]


def test_the_quicker_engine_is_used_in_proven_versions_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert quick_cut() is not None
    monkeypatch.setattr(kefu.text.tokenizer, "PROVEN", (("0.42.1", "0.0.1"),))
    assert quick_cut() is None


def test_the_quicker_engine_gives_the_tokens_of_jieba(plain_jieba: jieba.Tokenizer, sentences: list[str]) -> None:
    cut = quick_cut()
    assert cut is not None
    assert len(sentences) > 5_000
    assert [one for one in sentences if cut(one) != plain_jieba.lcut(one, HMM=False)] == []


@settings(deadline=None)
@given(MIXED)
def test_the_quicker_engine_gives_the_tokens_of_jieba_for_any_text(plain_jieba: jieba.Tokenizer, text: str) -> None:
    cut = quick_cut()
    assert cut is not None
    assert cut(text) == plain_jieba.lcut(text, HMM=False)


def test_a_dictionary_adds_words(tmp_path: Path) -> None:
    (tmp_path / "ours.txt").write_text("# ours\n没空调 100000 n\n\n", encoding="utf-8")
    assert Tokenizer(read_dictionaries([tmp_path / "ours.txt"])).cut("没空调") == ["没空调"]


@pytest.mark.parametrize("line", ["没空调", "没空调 many", "没空调 0", "没空调 -3", "没空调 99999999999999999999"])
def test_a_broken_line_of_a_dictionary_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "ours.txt").write_text(f"空调 10\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"dictionary 'ours.txt', line 2: '没空调' has no frequency"):
        read_dictionaries([tmp_path / "ours.txt"])


@settings(deadline=None)
@given(MIXED)
def test_tokens_joined_are_the_text(text: str) -> None:
    tokens = tokenizer().cut(text)
    assert "".join(tokens) == text
    edges = tokenizer().edges(text)
    assert [text[start:end] for start, end in itertools.pairwise(edges)] == tokens


@settings(deadline=None)
@given(MIXED)
def test_what_lies_between_seams_can_be_cut_by_itself(text: str) -> None:
    places = seams(text)
    pieces = [tokenizer().cut(text[start:end]) for start, end in itertools.pairwise(places)]
    assert [token for piece in pieces for token in piece] == tokenizer().cut(text)


def test_an_endless_run_is_cut_in_pieces() -> None:
    text = "没空调" * LONGEST_PIECE
    assert "".join(tokenizer().cut(text)) == text
    assert max(end - start for start, end in zip(seams(text), seams(text)[1:], strict=False)) == LONGEST_PIECE


def test_added_words_stay_with_their_tokenizer() -> None:
    assert Tokenizer({"没空调": 100_000}).cut("没空调") == ["没空调"]
    assert tokenizer().cut("没空调") == ["没", "空调"]


def test_a_tokenizer_travels_without_its_dictionary() -> None:
    sent = pickle.dumps(Tokenizer({"没空调": 100_000}))
    assert len(sent) < 500
    assert pickle.loads(sent).cut("没空调") == ["没空调"]  # noqa: S301 - our own


def test_the_dictionary_is_kept_in_a_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kefu.text.tokenizer, "PROVEN", ())
    monkeypatch.setenv("KEFU_CACHE", str(tmp_path / "cache"))
    for _ in range(2):
        assert Tokenizer().cut("滚筒洗衣机") == tokenizer().cut("滚筒洗衣机")
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".words"]


@pytest.mark.parametrize("content", [b"", b"no dictionary", b"\xe9\x01\x00\x00\x00"])
def test_a_broken_cache_is_built_anew(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kefu.text.tokenizer, "PROVEN", ())
    monkeypatch.setenv("KEFU_CACHE", str(tmp_path))
    tmp_path.chmod(0o700)
    kept = tmp_path / f"jieba-{jieba.__version__}.words"
    kept.write_bytes(content)
    assert Tokenizer().cut("滚筒洗衣机") == tokenizer().cut("滚筒洗衣机")
    assert kept.stat().st_size > 1_000_000


def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_CACHE", str(tmp_path))
    tmp_path.chmod(0o777)
    assert private_folder() is None
    assert Tokenizer().cut("滚筒") == tokenizer().cut("滚筒")
    assert not list(tmp_path.iterdir())


def test_the_cache_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEFU_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert private_folder() == tmp_path / "kefu"
    monkeypatch.setenv("KEFU_CACHE", str(tmp_path / "file"))
    (tmp_path / "file").touch()
    assert private_folder() is None


def test_importing_the_package_loads_nothing_heavy_and_cutting_prints_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, kefu.text\n"
        "assert not {'polars', 'jieba', 'opencc'} & sys.modules.keys()\n"
        "from kefu.text import Tokenizer\n"
        "assert not {'polars', 'jieba', 'opencc'} & sys.modules.keys()\n"
        "Tokenizer().cut('没空调')\n"
    )
    environment = os.environ | {"KEFU_CACHE": str(tmp_path / "cache"), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert done.stdout + done.stderr == b""
