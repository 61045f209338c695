"""Frames as bytes, digests, masks."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from kefu.store import StoreError
from kefu.store.frames import digest_of, pack, unpack, unpack_all
from kefu.store.mask import masked, masked_series

KINDS = pl.DataFrame(
    {
        "whole": [3, None, -1],
        "real": [0.5, None, float("nan")],
        "text": ["客服", "", None],
        "truth": [True, None, False],
        "date": [dt.date(2026, 1, 31), None, dt.date(1970, 1, 1)],
        "at": [dt.datetime(2026, 1, 31, 2, tzinfo=dt.UTC), None, dt.datetime(1970, 1, 1, tzinfo=dt.UTC)],
        "lists": [["a", None], [], None],
        "hits": [[{"word": "x", "start": 1}], None, []],
        "bytes": [b"\x00", None, b""],
    },
    schema_overrides={"at": pl.Datetime("us", "UTC")},
)


def test_what_is_packed_is_unpacked() -> None:
    assert_frame_equal(unpack(pack(KINDS)), KINDS)
    assert_frame_equal(unpack(pack(KINDS.clear())), KINDS.clear())


@pytest.mark.parametrize("place", [0, 31, 40, -1])
def test_a_damaged_frame_is_refused(place: int) -> None:
    content = bytearray(pack(KINDS))
    content[place] ^= 1
    with pytest.raises(StoreError, match="damaged"):
        unpack(bytes(content))


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(6)), st.permutations(KINDS.columns), st.integers(1, 5))
def test_a_digest_does_not_depend_on_order_or_chunks(rows: list[int], columns: list[str], cut: int) -> None:
    whole = pl.concat([KINDS, KINDS.head(2), KINDS.tail(1)])
    shuffled = whole.select(columns)[rows]
    parts = pl.concat([shuffled.head(cut), shuffled.tail(6 - cut)], rechunk=False)
    assert digest_of({"b": KINDS, "a": parts}) == digest_of({"a": whole, "b": KINDS})
    assert digest_of({"a": unpack(pack(parts))}) == digest_of({"a": whole})


def texts(*values: str | None) -> dict[str, pl.DataFrame]:
    return {"frame": pl.DataFrame({"text": values}, schema={"text": pl.String})}


def test_different_content_has_different_digests() -> None:
    different = [
        texts(""),
        texts(None),
        texts("", ""),
        texts("", None),
        texts("a", "bc"),
        texts("ab", "c"),
        texts("0"),
        {"other": texts("0")["frame"]},
        {"frame": texts("0")["frame"].rename({"text": "told"})},
        {"frame": pl.DataFrame({"text": [0]})},
        {"frame": pl.DataFrame({"text": [0.0]})},
        {"frame": pl.DataFrame({"text": [False]})},
        {"frame": pl.DataFrame({"text": [None]}, schema={"text": pl.Int64})},
        {"frame": pl.DataFrame({"text": [["a"], []]})},
        {"frame": pl.DataFrame({"text": [[], ["a"]], "more": [1, 2]})},
        {"frame": pl.DataFrame({"text": [["a"], []], "more": [1, 2]})},
        {},
    ]
    assert len({digest_of(frames) for frames in different}) == len(different)


def test_what_says_the_same_has_the_same_digest() -> None:
    narrow = pl.DataFrame({"n": [1, 2]}, schema={"n": pl.UInt8})
    assert digest_of({"f": narrow}) == digest_of({"f": narrow.cast(pl.Int64)})
    assert digest_of({"f": pl.DataFrame({"x": [-0.0]})}) == digest_of({"f": pl.DataFrame({"x": [0.0]})})
    assert digest_of({"f": KINDS.clear()}) == digest_of({})


MASKS = [
    ("13800138000", "138******00"),
    ("打 138 0013 8000 找我", "打 138 **** **00 找我"),
    ("１３８００１３８０００", "１３８******００"),
    ("order 123456", "order 123456"),
    ("order 1234567", "order 123**67"),
    ("li.lei+x@example.com", "********@example.com"),
    ("我的邮箱是abc@x.cn", "我的邮箱是***@x.cn"),
    ("13800138000@qq.com", "***********@qq.com"),
    ("2026-03-01 10:00 to 2026-03-02", "2026-03-01 10:00 to 2026-03-02"),
    ("62220212345678901234", "622***************34"),
    ("plain", "plain"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "want"), MASKS)
def test_numbers_and_addresses_are_masked(text: str, want: str) -> None:
    assert masked(text) == want
    assert masked(want) == want


@given(st.text(st.sampled_from("0189 -@.aé客\n"), max_size=60))
def test_a_mask_keeps_length_and_places(text: str) -> None:
    assert len(masked(text)) == len(text)
    assert all(new in {old, "*"} for old, new in zip(text, masked(text), strict=True))


def test_a_series_is_masked_as_its_texts_are() -> None:
    given_texts = pl.Series("raw", [text for text, _ in MASKS] * 2 + [None])
    assert masked_series(given_texts).to_list() == [want for _, want in MASKS] * 2 + [None]
    assert masked_series(pl.Series([], dtype=pl.String)).to_list() == []


def test_masking_a_long_text_is_quick() -> None:
    for text in ("1 " * 50_000, "a" * 100_000 + "@", "1-" * 50_000 + "@x"):
        start = dt.datetime.now(dt.UTC)
        masked(text)
        assert (dt.datetime.now(dt.UTC) - start).total_seconds() < 2


def test_frames_are_read_together_whatever_their_columns() -> None:
    one, two = pl.DataFrame({"a": [1, 2], "b": ["x", None]}), pl.DataFrame({"a": [3], "b": ["y"]})
    assert unpack_all([pack(one), pack(two)]).rows() == [(1, "x"), (2, None), (3, "y")]
    other = pl.DataFrame({"b": ["z"], "c": [True]})
    assert unpack_all([pack(one), pack(other)]).rows() == [(1, "x", None), (2, None, None), (None, "z", True)]
    damaged = bytearray(pack(two))
    damaged[-9] ^= 1
    with pytest.raises(StoreError, match="damaged"):
        unpack_all([pack(one), bytes(damaged)])
