"""Uses of scripts."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.text import ScriptLibrary

LIBRARY = {
    "s1": "您好，请提供订单号",
    "s2": "亲{name}，您的订单{no}已经发货",
    "s3": "好的",
    "s4": "您好{x}",
    "s5": "您的订单{no}已经发货，请注意查收哦",
    "s6": "好的亲亲",
    "s7": "退款{金额}元，{天数}天到账",
}


def match(texts: list[str | None], scripts: dict[str, str] | None = None) -> list[str | None]:
    library = scripts or LIBRARY
    frame = pl.DataFrame({"script_id": list(library), "text": list(library.values())})
    return ScriptLibrary(frame).match(pl.Series(texts, dtype=pl.String)).to_list()


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("您好，请提供订单号", "s1"),
        ("您好 请提供订单号！", "s1"),
        ("【您好】请提供訂單號~", "s1"),
        ("您好，请提供订单号谢谢", None),
        ("亲小王，您的订单 AB-12 已经发货。", "s2"),
        ("亲，您的订单12已经发货", None),
        ("亲王，您的订单已经发货", None),
        ("您的订单12已经发货，请注意查收哦", "s5"),
        ("您的订单" + "1" * 30 + "已经发货请注意查收哦", "s5"),
        ("您的订单" + "1" * 31 + "已经发货请注意查收哦", None),
        ("您的订单12已经发货，请注意查收哦，祝您愉快", None),
        ("好的", None),
        ("好的亲亲", "s6"),
        ("您好在的", None),
        ("退款12元，3天到账", "s7"),
        ("退款12元，3个工作日内到账", None),
        ("", None),
        ("！！！", None),
        (None, None),
    ],
)
def test_what_is_a_use_and_what_is_not(text: str | None, script: str | None) -> None:
    assert match([text]) == [script]


def test_the_most_literal_characters_win_then_the_smallest_id() -> None:
    assert match(["您的订单12已经发货"], {"a": "您的订单{no}{x}发货", "b": "您的订单{no}已经发货"}) == ["b"]
    same = {"z": "请您提供{a}订单号", "y": "请您提供{b}订单号"}
    assert match(["请您提供一下订单号"], same) == ["y"]
    assert match(["请您提供订单号"], {"z": "请您提供订单号", "y": "请您提供订单号！", "x": "{a}您提供订单号"}) == ["y"]


def test_a_script_as_it_is_written_is_a_use_of_itself() -> None:
    assert match(["您好{name}在吗", "亲{name}，您的订单{no}已经发货"], {"a": "您好{name}在吗", **LIBRARY}) == [
        "a",
        "s2",
    ]


def test_a_slot_before_a_repeated_piece_is_found() -> None:
    scripts = {"a": "订单{x}单号{y}发货单号{z}请查收"}
    assert match(["订单1单号2单号3发货单号4请查收"], scripts) == ["a"]


def test_scripts_without_text_or_id_are_left_out() -> None:
    frame = pl.DataFrame({"script_id": ["a", None, "c"], "text": [None, "请您提供订单号", "请提供订单编号"]})
    texts = pl.Series(["请您提供订单号", "请提供订单编号"])
    assert ScriptLibrary(frame).match(texts).to_list() == [None, "c"]
    assert ScriptLibrary(frame.clear()).match(texts).to_list() == [None, None]


def test_the_result_has_the_type_of_the_ids() -> None:
    library = ScriptLibrary(pl.DataFrame({"script_id": [7], "text": ["请您提供订单号"]}))
    found = library.match(pl.Series(["请您提供订单号", "您好"]))
    assert (found.dtype, found.name, found.to_list()) == (pl.Int64, "script_id", [7, None])


def test_evil_templates_are_harmless() -> None:
    evil = {
        "1": "{a}" * 5000 + "我们会尽快处理",
        "2": "(" * 2000 + "我们{a}会尽快(.*)+处理[]{",
        "3": "啊".join(f"{{{number}}}" for number in range(13)) + "您好您好",
        "4": "{{{a}}}您好您好您好",
        "5": "^(a+)+${x}" + "a" * 2000,
    }
    began = time.process_time()
    texts = ["啊" * 3000 + "您好您好", "a" * 30_000, "我们x会尽快处理", "我们{a}会尽快(.*)+处理", "x" * 100_000]
    assert match([*texts], evil) == [None, None, "2", "2", None]
    assert time.process_time() - began < 10


def test_many_templates_with_the_same_words_are_kept_apart() -> None:
    scripts = {f"s{number:04}": f"请您稍等片刻{{a}}第{number}号{{b}}" for number in range(3_000)}
    texts = [f"请您稍等片刻在看第{number}号单" for number in range(0, 3_000, 3)]
    assert match([*texts], scripts) == [f"s{number:04}" for number in range(0, 3_000, 3)]


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("甲乙丙丁{}ab，. "), max_size=12), min_size=1, max_size=6), st.data())
def test_texts_match_whatever_the_order_of_scripts_and_texts(scripts: list[str], data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.text(st.sampled_from("甲乙丙丁ab，"), max_size=14), min_size=1, max_size=8))
    library = {f"s{number}": text for number, text in enumerate(scripts)}
    backwards = dict(reversed(library.items()))
    assert match([*texts], library) == match([*texts[::-1]], backwards)[::-1]
