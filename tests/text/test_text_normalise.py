"""The normal form, and the short cuts to it."""

from __future__ import annotations

import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.text.normalise import changes, folded, needs_normalising, normal_forms, normalised, simplified_forms

# Everything that is awkward by itself, beside each other: accents, fillers, width, case, final sigma, Hangul jamo.
AWKWARD = (
    "aAｆＦ①㍿ﬁİıßẞσΣςéE\u0301\u0327\u200b\u200d\ufe0f\u3164\u1160"
    "가\u1100\u1161\u11a8゛か\u3099軟覆乾干，！？：；（）～…。 \u3000您好"
)
texts = st.text(st.one_of(st.sampled_from(AWKWARD), st.characters(exclude_categories=["Cs"])), max_size=12)
lists = st.lists(st.one_of(st.none(), texts), max_size=20).map(lambda values: pl.Series(values, dtype=pl.String))


def whole(series: pl.Series) -> pl.Series:
    return series.to_frame("t").select(normalised(pl.col("t"))).to_series()


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ＴＮＮＤ，稍等", "tnnd,稍等"),
        ("傻\u200b逼", "傻逼"),
        ("消費者協會", "消费者协会"),
        ("Ａ\u00adＰＰ", "app"),
        ("①②", "12"),
        ("", ""),
    ],
)
def test_what_a_reader_takes_for_the_same_is_the_same(text: str, normal: str) -> None:
    assert whole(pl.Series([text])).item() == normal


def test_a_null_stays_null() -> None:
    nothing = pl.Series([None], dtype=pl.String)
    assert whole(nothing).to_list() == normal_forms(nothing).to_list() == folded(nothing).to_list() == [None]


@settings(deadline=None)
@given(lists)
def test_normalising_twice_changes_nothing_more(series: pl.Series) -> None:
    assert whole(whole(series)).to_list() == whole(series).to_list()


@settings(deadline=None)
@given(lists)
def test_the_short_cut_gives_the_same_as_normalising_everything(series: pl.Series) -> None:
    assert normal_forms(series).to_list() == whole(series).to_list()


@settings(deadline=None)
@given(lists)
def test_keys_are_the_letters_of_the_normal_form(series: pl.Series) -> None:
    expected = whole(series).str.replace_all(r"[\s\p{P}\p{S}\p{C}]", "")
    assert folded(series).to_list() == expected.to_list()


@settings(deadline=None)
@given(lists)
def test_a_text_that_needs_no_normalising_changes_in_plain_punctuation_only(series: pl.Series) -> None:
    needy = series.to_frame("t").select(needs_normalising(pl.col("t"))).to_series().fill_null(value=False)
    plain = series.filter(~needy)
    marks = plain.str.replace_many(list("，！？：；（）～"), list(",!?:;()~"))
    assert marks.to_list() == whole(plain).to_list()


def test_ordinary_text_takes_the_short_cut() -> None:
    ordinary = pl.Series(["您好，请问有什么可以帮您？", "订单25067303已发货（圆通）～", "好的！", "usb接口。"])
    assert not ordinary.to_frame("t").select(needs_normalising(pl.col("t"))).to_series().any()


def test_every_character_that_changes_is_known() -> None:
    every = pl.Series([chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000])
    new = whole(every)
    differing = {old: form for old, form in zip(every, new, strict=True) if old != form}
    assert differing == changes()
    assert whole(new).to_list() == new.to_list()


def test_simplified_characters_stay() -> None:
    forms = simplified_forms()
    assert len(forms) > 3000
    assert not forms.keys() & set(forms.values())
