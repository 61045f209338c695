"""What tells a text from a script that it is close to."""

from __future__ import annotations

import polars as pl
import pytest

from kefu.text.guards import same_sense
from kefu.text.normalise import normalised
from kefu.text.slots import holds


def same(text: str, script: str) -> bool:
    return same_sense(*pl.select(normalised(pl.lit(pl.Series([text, script])))).to_series())


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("这款不可以退的", "这款可以退的"),
        ("这款可以退的", "这款不可以退的"),
        ("这款没有现货", "这款有现货"),
        ("您的订单未发货，请放心", "您的订单已发货，请放心"),
        ("请勿拆开包装，直接寄回", "请拆开包装，直接寄回"),
        ("亲，不行的，请在订单页申请", "亲，可以的，请在订单页申请"),
        ("您不在合约期内，可以降低套餐", "您在合约期内，不能降低套餐"),
        ("15天内可以退货", "7天内可以退货"),
        ("十五天内可以退货", "7天内可以退货"),
        ("每两年检测一次", "每年检测一次"),
        ("48小时内答复，3天内解决", "24小时内答复，3天内解决"),
        ("订单A88的退款15天到账", "订单{no}的退款7天到账"),
        ("3月5日恢复", "3月6日恢复"),
        ("这个服务是收费的", "这个服务是免费的"),
        ("上午给您送到", "下午给您送到"),
    ],
)
def test_what_says_something_else(text: str, script: str) -> None:
    assert not same(text, script)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("不好意思，这款可以退的", "这款可以退的"),
        ("没问题的亲，这款可以退的", "这款可以退的"),
        ("这个我不太清楚，我问过仓库了，这款可以退的", "这款可以退的"),
        ("这款可以退的", "这款可以退的，如果您不方便可以联系我"),
        ("发出以后换不了快递", "发出以后不能换快递"),
        ("支持七天无里由退货", "支持七天无理由退货"),
        ("七天内可以退货", "7日内可以退货"),
        ("工号1024为您服务，请提供订单号", "请提供订单号"),
        ("可以退货的", "7天内可以退货"),
        ("订单88990的退款7天到账", "订单{no}的退款7天到账"),
        ("您看是不是这个订单", "您看是否这个订单"),
        ("半小时到账，两百元", "半小时到账，200块"),
    ],
)
def test_what_says_the_same(text: str, script: str) -> None:
    assert same(text, script)


@pytest.mark.parametrize(
    ("text", "parts", "whole", "fits"),
    [
        ("订单1号2单", ["订单", "单"], True, True),
        ("订单" + "1" * 30 + "单", ["订单", "单"], True, True),
        ("订单" + "1" * 31 + "单", ["订单", "单"], True, False),
        ("订单单", ["订单", "单"], True, False),
        ("我的订单12单号", ["订单", "单"], True, False),
        ("我的订单12单号", ["订单", "单"], False, True),
        ("甲1", ["甲", ""], True, True),
        ("甲", ["甲", ""], True, False),
        ("1甲", ["", "甲"], True, True),
        ("甲1乙", ["甲", "", "乙"], True, False),
        ("甲12乙", ["甲", "", "乙"], True, True),
        ("甲1不乙", ["甲", "乙"], True, False),
        ("甲乙1乙2丙", ["甲", "乙", "丙"], True, True),
    ],
)
def test_slots_hold_one_to_thirty_characters(text: str, parts: list[str], whole: bool, fits: bool) -> None:  # noqa: FBT001
    assert holds(text, parts, whole=whole) is fits
