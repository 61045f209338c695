"""How people dress up what they say: a greeting before, a plea or a picture after.

Without it, a grammar repeats itself far more often than people do. Prepared scripts stay as they are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from shop.common import Bools, Floats

BEFORE = {
    "ask": "opening",
    "again": "insisting",
    "restate": "insisting",
    "pair_question": "further",
    "find": "found",
    "pair_answer": "answering",
    "soothe": "answering",
    "offer": "answering",
    "extra": "answering",
}
ASKS = ("ask", "again", "pair_question", "restate", "after_all")
TELLS = ("find", "pair_answer", "soothe", "offer", "extra", "transfer_say", "ask_order")
# Texts that need nothing before them, and nothing after them.
POLITE = r"^(亲|您|好的|收到|嗯|实在|非常|真的|抱歉|不好意思|理解|可以|会|不|那|请|对|[^，]{1,2}(女士|先生))"
COMPLETE = r"(谢|麻烦|放心|留意|联系|抱歉|备注|吗|[哦哈啦～吧？])$|谢|麻烦|[？]$|吗$"
ENDS = r"[？！。～?!，]+$"
BEFORE_SHARE = 0.72
AFTER_SHARE = 0.66


def dress(
    rng: np.random.Generator,
    words: dict[str, list[str]],
    groups: npt.NDArray[np.str_],
    text: pl.Series,
    prepared: Bools,
    forms: pl.Series,
) -> pl.Series:
    """Return text with something before and after it: customers' questions, and what agents type themselves.

    :param prepared: rows that are prepared scripts, which nobody dresses up here.
    :param forms: the customer's form of address, for every row.
    """
    polite = text.str.contains(POLITE).to_numpy()
    complete = text.str.contains(COMPLETE).to_numpy()
    asks, tells = np.isin(groups, ASKS), np.isin(groups, TELLS) & ~prepared
    before = pl.Series([""], dtype=pl.String).new_from_index(0, len(text))
    luck = rng.random(len(text))
    for group, manner in BEFORE.items():
        where = (groups == group) & ~prepared & ~polite
        before = before + _choose(luck, words[manner], where, BEFORE_SHARE)
    luck = rng.random(len(text))
    plea = asks & ~text.str.contains("谢|麻烦|急|帮").to_numpy()
    after = _choose(luck, words["plea"], plea, AFTER_SHARE)
    after = after + _choose(luck, words["comfort"], tells & ~complete, AFTER_SHARE)
    parts = pl.DataFrame({"text": text, "before": before, "after": after, "form": forms})
    named = pl.col("before").str.starts_with("@")
    stem = pl.when(pl.col("after") == "").then("text").otherwise(pl.col("text").str.replace(ENDS, ""))
    start = pl.when(named).then(pl.col("form") + pl.col("before").str.slice(1)).otherwise("before")
    return parts.select(text=start + stem + pl.col("after"))["text"]


def _choose(luck: Floats, options: list[str], where: Bools, share: float) -> pl.Series:
    """Return one of the options where the mask holds and luck will have it, else the empty string."""
    number = np.where(where & (luck < share), (luck / share * len(options)).astype(np.int64), len(options))
    return pl.Series([*options, ""], dtype=pl.String).gather(pl.Series(np.minimum(number, len(options))))
