"""Uses of scripts."""

from __future__ import annotations

import random

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
        ("您好，请提供订单号谢谢", "s1"),
        ("亲小王，您的订单 AB-12 已经发货。", "s2"),
        ("亲，您的订单12已经发货", "s2"),
        ("亲王，您的订单已经发货", "s2"),
        ("您的订单查不到呢", None),
        ("您的订单12已经发货，请注意查收哦", "s5"),
        ("您的订单" + "1" * 30 + "已经发货请注意查收哦", "s5"),
        ("您的订单" + "1" * 31 + "已经发货请注意查收哦", "s5"),
        ("您的订单12已经发货，请注意查收哦，祝您愉快", "s5"),
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


def rows(texts: list[str], scripts: dict[str, str], threshold: int = 720) -> list[tuple[str | None, str | None, int]]:
    frame = pl.DataFrame({"script_id": list(scripts), "text": list(scripts.values())})
    found = ScriptLibrary(frame, threshold).matches(pl.Series(texts, dtype=pl.String))
    return [(row["matched_script"], row["match_kind"], row["match_confidence"]) for row in found]


DELIVERY = "您的包裹已经到达驿站，请凭取件码领取，超过三天会退回"
REFUND = "退款{amount}元已经原路退回，请您注意查收"


@pytest.mark.parametrize(
    ("text", "script", "kind"),
    [
        (DELIVERY, "d", "exact"),
        ("您的包裹已經到達驛站　請憑取件碼領取！超過三天會退回～", "d", "exact"),
        ("退款128.50元已经原路退回，请您注意查收", "r", "slot"),
        ("您好，退款128元已经原路退回，请您注意查收哦", "r", "affix"),
        (f"亲，{DELIVERY}，请稍等哦~", "d", "affix"),
        (f"我刚才帮您问过了，{DELIVERY}，您看今天方便去拿吗", "d", "affix"),
        ("您的包裹已经到达驿站，超过三天会退回", "d", "edited"),
        ("您的包裹已经到达驿站，请凭取件码领取", "d", "edited"),
        ("您的包裹己经到达译站，请凭取件码领取，超过三天会退回", "d", "edited"),
        ("您的包裹已经到达驿站，请凭取件码领取，三天不拿就退了", None, None),
        ("您的包裹已经到达驿站，请凭取件码领取，超过七天会退回", None, None),
        ("您的包裹还没有到达驿站，请凭取件码领取，超过三天会退回", None, None),
        ("您的包裹已经到达驿站", "d", "edited"),
        ("请凭身份证办理，超过三天要重新申请", None, None),
        ("超过三天", None, None),
        ("好的", None, None),
        ("退款明天不元已经原路退回，请您注意查收", None, None),
    ],
)
def test_each_kind_of_use(text: str, script: str | None, kind: str | None) -> None:
    assert rows([text], {"d": DELIVERY, "r": REFUND})[0][:2] == (script, kind)


def test_exact_and_slot_are_certain_and_the_rest_is_not() -> None:
    texts = [DELIVERY, "退款1元已经原路退回，请您注意查收", f"{DELIVERY}，" + "我再帮您看看别的单子" * 3, "好的"]
    first, second, third, last = rows(texts, {"d": DELIVERY, "r": REFUND})
    assert (first, second, last) == (("d", "exact", 1000), ("r", "slot", 1000), (None, None, None))
    assert 720 <= third[2] < 1000


def test_the_threshold_decides_on_changed_scripts_only() -> None:
    texts = [DELIVERY, f"亲，{DELIVERY}哦", "您的包裹已经到达驿站，请凭取件码领取"]
    strict = rows(texts, {"d": DELIVERY}, threshold=1000)
    assert [row[1] for row in strict] == ["exact", None, None]
    middle = rows(texts, {"d": DELIVERY}, threshold=970)
    assert [row[1] for row in middle] == ["exact", "affix", None]
    with pytest.raises(ValueError, match="between 1 and 1000"):
        rows(texts, {"d": DELIVERY}, threshold=0)


def test_a_close_script_that_says_the_opposite_gives_way_to_the_right_one() -> None:
    scripts = {"no": "这款商品不可以退货的，请您谅解", "yes": "这款商品可以退货的，请您放心"}
    assert rows(["亲，这款商品可以退货的哦，请您放心"], scripts)[0][0] == "yes"
    assert rows(["亲，这款商品不可以退货的哦，请您谅解"], scripts)[0][0] == "no"


def test_a_struct_of_nulls_stands_for_no_use() -> None:
    library = ScriptLibrary(pl.DataFrame({"script_id": ["d"], "text": [DELIVERY]}))
    found = library.matches(pl.Series("said", ["好的", None], dtype=pl.String))
    assert (found.name, found.null_count()) == ("said", 0)
    assert found.dtype == pl.Struct(
        {"matched_script": pl.String, "match_kind": pl.String, "match_confidence": pl.UInt16}
    )
    assert found.struct.unnest().null_count().row(0) == (2, 2, 2)


def test_many_templates_with_the_same_words_are_kept_apart() -> None:
    scripts = {f"s{number:04}": f"请您稍等片刻{{a}}第{number}号{{b}}" for number in range(3_000)}
    texts = [f"请您稍等片刻在看第{number}号单" for number in range(0, 3_000, 3)]
    assert match([*texts], scripts) == [f"s{number:04}" for number in range(0, 3_000, 3)]


PIECES = ["您的包裹", "已经到达驿站", "请凭取件码领取", "超过三天会退回", "不", "{no}", "，", "可以退", "15", "天"]
SAID = [piece for piece in PIECES if piece != "{no}"]


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join), min_size=1, max_size=8),
    st.lists(st.lists(st.sampled_from(SAID), min_size=1, max_size=7).map("".join), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_order_batches_and_duplicates_change_nothing(
    scripts: list[str], texts: list[str], chance: random.Random
) -> None:
    library = {f"s{number}": text for number, text in enumerate(scripts)}
    alone = {text: rows([text], library)[0] for text in texts}
    shuffled = [*texts, *texts[:3]]
    chance.shuffle(shuffled)
    backwards = dict(reversed(library.items()))
    assert rows(shuffled, backwards) == [alone[text] for text in shuffled]


def test_many_texts_get_what_they_get_alone() -> None:
    scripts = {f"s{number}": f"您的第{number}号包裹已经到达{number % 7}号驿站，请凭取件码领取" for number in range(400)}
    texts = [f"亲，您的第{number}号包裹到达{number % 7}号驿站了，请凭取件码领取" for number in range(1_200)]
    whole = rows(texts, scripts)
    halves = rows(texts[:517], scripts) + rows(texts[517:], scripts)
    assert whole == halves
    assert [row[0] for row in whole[:400:57]] == [f"s{number}" for number in range(0, 400, 57)]


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("甲乙丙丁{}ab，. "), max_size=12), min_size=1, max_size=6), st.data())
def test_texts_match_whatever_the_order_of_scripts_and_texts(scripts: list[str], data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.text(st.sampled_from("甲乙丙丁ab，"), max_size=14), min_size=1, max_size=8))
    library = {f"s{number}": text for number, text in enumerate(scripts)}
    backwards = dict(reversed(library.items()))
    assert match([*texts], library) == match([*texts[::-1]], backwards)[::-1]
