"""Word lists for the benchmarks: long, well-formed, and with few words that occur.

Every word that is not meant to occur is checked against each utterance of the grammar, so that the hits are the
intended ones, each a whole word that overlaps no other.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shop import phrases, slots

OCCURRING = ("TNND", "烦死了", "爱买不买", "废话", "不识字", "随便你", "你烦不烦", "有本事去投诉")
OPINION = ("曝光", "12315", "消费者协会", "找媒体", "电视台记者", "法院", "市场监管局", "律师")
HAN = (
    "孬窝囊蠢犊骚痞匪娼妓贱婊奸佞嗔诈骗谩骂嘲讥侮辱蔑藐唾诅咒魑魅魍魉狰狞猥琐龌龊卑鄙畜牲禽兽渣滓蛆虻"
    "蟑螂蟾蜍鼠狗彘豺狼虎豹鹰犬爪牙喽啰腌臜混账泼皮无赖流氓恶棍杂碎废柴脑残智障傻瓜笨蛋呆瓜懒鬼穷酸土鳖"
)
LATIN = "abcdefghijklmnopqrstuvwxyz"


def write_words(out: Path, count: int, seed: int) -> int:
    """Write a list of sensitive words, one a line, the occurring ones spread among the others."""
    rng = np.random.default_rng([seed, 301])
    words = set(OCCURRING)
    spoken = _spoken()
    while len(words) < count:
        word = _latin(rng) if rng.random() < 0.03 else _han(rng)
        if word not in words and word not in spoken and not any(word in w or w in word for w in OCCURRING):
            words.add(word)
    shuffled = np.array(sorted(words))[rng.permutation(len(words))]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(shuffled.tolist()) + "\n", encoding="utf-8")
    return len(words)


def write_opinion(out: Path) -> int:
    """Write the features of public opinion that the angry customers of the grammar use."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(OPINION) + "\n", encoding="utf-8")
    return len(OPINION)


def _han(rng: np.random.Generator) -> str:
    length = rng.choice([2, 3, 4, 5], p=[0.4, 0.3, 0.2, 0.1])
    return "".join(HAN[i] for i in rng.integers(0, len(HAN), length))


def _latin(rng: np.random.Generator) -> str:
    return "".join(LATIN[i] for i in rng.integers(0, len(LATIN), rng.integers(4, 7)))


def _spoken() -> str:
    """Return all text that the grammar can produce, slot values aside from digits, in one string to search in."""
    book = phrases.load()
    words = slots.names()
    fixed = [piece for parts in book.parts for piece in parts]
    values = [str(value) for value in [*words.values(), *words["goods"].values()]]
    return "\n".join([*fixed, *values]).lower()
