"""How scripts are changed, and what agents repeat without one."""

from __future__ import annotations

import random

import polars as pl
import pytest

from kefu.text.edits import changes, script_edits
from kefu.text.unscripted import repeated_utterances

SCRIPTS = pl.DataFrame(
    {
        "script_id": ["a", "b", "c"],
        "text": ["您的订单{no}已经发货，请耐心等待。", "可以退的，请在订单页申请", "没有人用过"],
    }
)
USES = pl.DataFrame(
    [
        ("a", "您的订单A12已经发货，请耐心等待。", 20),
        ("a", "您的订单A12已经发货，马上为您查物流", 7),
        ("a", "您的订单B7已经发货，马上为您查物流！", 4),
        ("a", "您好，您的订单99已经发货，请耐心等待哦", 3),
        ("b", "可以退的，请在订单详情页申请", 2),
        ("z", "这个脚本不在库里了", 9),
    ],
    schema=["script_id", "text", "count"],
    orient="row",
)


def test_the_commonest_changes_of_each_script() -> None:
    assert script_edits(SCRIPTS, USES).rows() == [
        ("a", 11, 34, "−请耐心等待 +马上为您查物流", "您的订单A12已经发货，马上为您查物流"),
        ("a", 3, 34, "+哦", "您好，您的订单99已经发货，请耐心等待哦"),
        ("a", 3, 34, "+您好", "您好，您的订单99已经发货，请耐心等待哦"),
        ("b", 2, 2, "+详情", "可以退的，请在订单详情页申请"),
    ]
    assert script_edits(SCRIPTS, USES, most=1)["change"].to_list() == ["−请耐心等待 +马上为您查物流", "+详情"]
    assert script_edits(SCRIPTS, USES.sample(fraction=1, shuffle=True, seed=3)).equals(script_edits(SCRIPTS, USES))
    assert script_edits(SCRIPTS, USES.clear()).rows() == []


@pytest.mark.parametrize(
    ("script", "text", "found"),
    [
        ("请稍等,我去查", "请稍等,我去查", []),
        ("请稍等,我去查", "请稍等 我去查!", []),
        ("请稍等,我去查", "请稍等", ["−我去查"]),
        ("请稍等,我去查", "好的,请稍等,我去查", ["+好的"]),
        ("请稍等,我去查一下单号", "请稍等,我去查一下订单号", ["+订"]),
        ("退款{x}元", "退款12元", []),
        ("退款{x}元已到账", "退款12元未到账", ["−已 +未"]),
    ],
)
def test_a_change_is_what_went_and_what_came(script: str, text: str, found: list[str]) -> None:
    assert [*changes(script, text)] == found


REPEATED = [
    ("亲，您的包裹我帮您催一下快递", 5, 3),
    ("亲您的包裹我帮您催一下快递！", 3, 2),
    ("亲，您的包裹我帮您催一下快递哦", 2, 1),
    ("这个可以退的您放心申请", 6, 2),
    ("这个不可以退的您放心申请", 6, 2),
    ("单号12345678已经帮您登记", 4, 2),
    ("单号87654321已经帮您登记", 4, 3),
    ("满七天以后才能再申请一次", 5, 2),
    ("满九天以后才能再申请一次", 5, 2),
    ("只有一位客服这样说话的", 50, 1),
    ("只说过一次的话在这里", 1, 2),
    ("好的", 99, 9),
]


def test_what_is_repeated_is_merged_and_counted() -> None:
    rows = REPEATED[:]
    random.Random(5).shuffle(rows)
    found = repeated_utterances(pl.DataFrame(rows, schema=["text", "count", "agents"], orient="row"))
    assert found.rows() == [
        ("亲，您的包裹我帮您催一下快递", 10, 3, 3),
        ("单号12345678已经帮您登记", 8, 3, 2),
        ("这个不可以退的您放心申请", 6, 2, 1),
        ("这个可以退的您放心申请", 6, 2, 1),
        ("满七天以后才能再申请一次", 5, 2, 1),
        ("满九天以后才能再申请一次", 5, 2, 1),
    ]


def test_nothing_is_repeated_in_nothing() -> None:
    frame = pl.DataFrame(REPEATED, schema=["text", "count", "agents"], orient="row")
    assert repeated_utterances(frame.clear()).rows() == []
    assert repeated_utterances(frame, least_count=1_000).rows() == []
    assert repeated_utterances(frame, least_agents=1)["text"][0] == "只有一位客服这样说话的"
