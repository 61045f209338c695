"""Questions as they are compared."""

from __future__ import annotations

import polars as pl
import pytest

from kefu.text.lexicon import Lexicon
from kefu.text.naming import readable
from kefu.text.questions import distinct_questions, hashes, spaced, topic_lists


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("您好，在吗？想问一下怎么退款，谢谢", "怎么退款"),
        ("亲 怎么退款", "怎么退款"),
        ("亲子装怎么退", "亲子装怎么退"),
        ("客服电话多少", "客服电话多少"),
        ("客服，电话多少", "电话多少"),
        ("你好像没有听懂", "你好像没有听懂"),
        ("hi history please", "history"),
        ("hello怎么退款", "怎么退款"),
        ("JD20240101888888到哪了", "0 到哪了"),
        ("iphone15多少钱", "iphone0多少钱"),
        ("满1,000.50减20", "满0减0"),
        ("看https://a.cn/b?c=1打不开", "看 打不开"),
        ("發票<br/>怎麼開&nbsp;[微笑]", "发票 怎么开"),
        ("我的 Card　没到", "我的 card 没到"),
        ("😭😭", ""),
        ("您好您好", ""),
        (None, None),
    ],
)
def test_what_is_left_of_a_text(text: str | None, bare: str | None) -> None:
    assert spaced(pl.Series([text], dtype=pl.String)).to_list() == [bare]


def test_forms_of_a_question_are_counted_together_under_the_commonest() -> None:
    rows = pl.DataFrame({"text": ["退款？", "退款", "退 款", "您好，退款"], "count": [2, 1, 2, 1]})
    assert distinct_questions(rows).asked.select("key", "text", "count").rows() == [("退款", "退 款", 6)]


def test_every_text_has_the_key_of_its_question() -> None:
    rows = pl.DataFrame({"text": ["退款？", "退款", "你好", "1"], "count": 1})
    assert dict(distinct_questions(rows).texts.rows()) == {"退款？": "退款", "退款": "退款", "你好": None, "1": None}


def test_only_the_beginning_of_a_long_text_counts() -> None:
    rows = pl.DataFrame({"text": ["退款" * 200, "退款" * 300], "count": 1})
    assert distinct_questions(rows).asked["count"].to_list() == [2]


def test_a_member_is_named_by_its_key_alone() -> None:
    assert hashes(pl.Series(["怎么退款"])).to_list() == ["f5092f58cedb5e31"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("您好！订单 88123456\n怎么退？[微笑]", "订单 *** 怎么退？"),
        ("我要退2件", "我要退2件"),
        ("怎么退😭😭，谢谢！", "怎么退"),
        ("退" * 41, "退" * 40 + "…"),
    ],
)
def test_labels_can_be_read_and_tell_nobody_s_number(text: str, shown: str) -> None:
    assert readable(pl.Series([text])).to_list() == [shown]


@pytest.mark.parametrize("name", ["greetings.txt", "stop_words.txt"])
def test_no_word_is_listed_twice(name: str) -> None:
    assert Lexicon.load(topic_lists() / name).notes == ()
