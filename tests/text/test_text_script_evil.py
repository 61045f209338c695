"""Scripts from users' files: whatever they hold, matching neither hangs nor fails."""

from __future__ import annotations

import time

import polars as pl
import pytest

from kefu.text import ScriptLibrary

EVIL = {
    "many slots": "{a}" * 5_000 + "我们会尽快处理",
    "regex signs": "(" * 2_000 + "我们{a}会尽快(.*)+处理[]{",
    "13 slots": "啊".join(f"{{{number}}}" for number in range(13)) + "您好您好",
    "12 slots": "啊".join(["{x}"] * 12) + "啊啊啊啊啊啊",
    "braces in braces": "{{{a}}}您好您好您好",
    "open braces": "{{{{" * 500,
    "a backtracking trap": "^(a+)+${x}" + "a" * 2_000,
    "one sign": "啊" * 10_000,
    "one sign and slots": "啊啊{x}" * 10 + "啊啊",
    "long": "".join(chr(0x4E00 + number % 3_000) for number in range(10_000)),
    "only slots": "{a}{b}{c}",
    "nul": "\0请您\0稍等{x}\0马上处理好",
    "private use": "\ue000，\ue000，请您稍等一下马上回复",
    "line breaks": "请您\n稍等{x}\r\n马上处理好了",
    "empty": "",
    "blank": " \u200b　",
    "negations": "不" * 3_000 + "没可以退款",
    "numbers": "一二三四五六七八九十" * 300 + "退款到账",
    "digits": "9" * 5_000 + "退款到账了请查收",
}
TEXTS = [
    "啊" * 3_000 + "您好您好",
    "啊" * 100_000,
    "a" * 30_000,
    "我们x会尽快处理",
    "我们{a}会尽快(.*)+处理",
    "x" * 100_000,
    "".join(chr(0x4E00 + number % 3_000) for number in range(100_000)),
    "请您稍等12马上处理好",
    "不" * 2_999 + "没可以退款",
    "没" * 100_000,
    "一二三四五六七八九十" * 10_000 + "退款到账",
    "9" * 100_000 + "退款到账了请查收",
    "\0" * 1_000,
    "{" * 50_000,
]


def match(texts: list[str], scripts: dict[str, str]) -> list[str | None]:
    frame = pl.DataFrame({"script_id": list(scripts), "text": list(scripts.values())})
    return ScriptLibrary(frame).match(pl.Series(texts)).to_list()


@pytest.mark.parametrize("name", EVIL)
def test_no_script_takes_long_alone(name: str) -> None:
    began = time.process_time()
    match(TEXTS, {name: EVIL[name]})
    assert time.process_time() - began < 10


def test_all_together_find_what_is_a_use() -> None:
    began = time.process_time()
    found = dict(zip(TEXTS, match(TEXTS, EVIL), strict=True))
    assert time.process_time() - began < 30
    assert found["我们x会尽快处理"] == "regex signs"
    assert found["我们{a}会尽快(.*)+处理"] == "regex signs"
    assert found["请您稍等12马上处理好"] == "nul"
    assert found["x" * 100_000] is found["a" * 30_000] is found["啊" * 100_000] is None


def test_slots_that_can_be_filled_in_many_ways_are_tried_once() -> None:
    scripts = {"s": "啊".join(["{x}"] * 12) + "您好您好"}
    began = time.process_time()
    texts = ["啊" * length + "您好您" for length in range(200, 330)]
    assert match(texts, scripts) == [None] * len(texts)
    assert match(["啊" * 200 + "您好您好"], scripts) == ["s"]
    assert time.process_time() - began < 5
