"""Scripts with slots: ``{name}`` stands for what the agent fills in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

import polars as pl

FEWEST_LITERALS = 6
"""A template with fewer characters of its own would fit almost anything: it matches only as it is written."""
LONGEST_SLOT = 30
MOST_SLOTS = 12
NEGATIONS = "不没无未非别勿"
"""No slot ends in one of them, for it would deny what follows: 明天不 is not a date before 需要补差价."""

SLOT = re.compile(r"\{[^{}]{0,60}\}")

_MOST_PAIRS = 1_000_000
"""So many texts and templates with the same words are compared at once: it bounds the memory."""


def holds(text: str, parts: Sequence[str], *, whole: bool) -> bool:
    """Tell whether the pieces of a template follow each other in a text, 1 to 30 characters in each slot.

    Not by a regex: Python's would try all ways to fill the slots, and polars' is slow to build for each text.

    :param whole: the text begins and ends with the template; else it may stand anywhere in the text.

    >>> holds("订单1号2单", ["订单", "单"], whole=True), holds("订单明天不需要", ["订单", "需要"], whole=True)
    (True, False)
    """
    reached, slots = ([0] if whole else None), 0
    for number, piece in enumerate(parts):
        slots += number > 0
        if piece:
            reached = _after(text, piece, reached, slots)
            slots = 0
        if reached == []:
            return False
    if not whole or reached is None:
        return True
    if not slots:
        return reached[-1] == len(text)
    return text[-1:] not in NEGATIONS and any(slots <= len(text) - end <= slots * LONGEST_SLOT for end in reached)


def _after(text: str, piece: str, reached: list[int] | None, slots: int) -> list[int]:
    """Return where a piece can end, in order, if what is before it and the slots can end where told, or anywhere."""
    found = []
    start = text.find(piece)
    while start >= 0:
        first = 0 if reached is None else bisect_left(reached, start - slots * LONGEST_SLOT)
        fits = reached is None or (first < len(reached) and reached[first] <= start - slots)
        if fits and not (slots and text[start - 1] in NEGATIONS):
            found.append(start + len(piece))
        start = text.find(piece, start + 1)
    return found


class Templates:
    """Scripts with slots, and the texts that fit one from beginning to end."""

    def __init__(self, known: pl.DataFrame) -> None:
        """Read ``rank``, ``parts`` (literal pieces, in normal form) and ``literals`` (their characters) of scripts."""
        slots = (pl.col("parts").list.len() - 1).cast(pl.UInt32)
        usable = slots.is_between(1, MOST_SLOTS) & (pl.col("literals") >= FEWEST_LITERALS)
        frame = known.with_columns(slots=slots).filter(usable)
        parts = frame["parts"].to_list()
        self.parts = frame.select("rank", "parts")
        """The literal pieces of each template that can be matched with its slots filled."""
        self._templates = frame.select(
            "rank",
            "slots",
            "parts",
            head=pl.col("parts").list.first(),
            tail=pl.col("parts").list.last(),
            shortest=pl.col("literals") + pl.col("slots"),
            longest=pl.col("literals") + pl.col("slots") * LONGEST_SLOT,
            anchor=pl.Series([max(row, key=len) for row in parts], dtype=pl.String),
            other=pl.Series([sorted(row, key=len)[-2] for row in parts], dtype=pl.String),
        ).unique("parts", keep="first", maintain_order=True)
        sharing = max(self._templates["anchor"].value_counts()["count"], default=1)
        self._batch = max(1, _MOST_PAIRS // sharing)
        self._anchors = self._templates["anchor"].unique(maintain_order=True)

    def fit(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Return ``index`` and ``rank`` of the best template for each text (``index``, ``key``) that fits one."""
        if self._anchors.is_empty():
            return self._best(texts.clear())
        batches = texts.filter(pl.col("key").str.contains_any(self._anchors.implode())).iter_slices(self._batch)
        return pl.concat([self._best(batch) for batch in batches] or [self._best(texts.clear())])

    def _best(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Do the same for a batch that is small enough to be put beside its templates."""
        key, length = pl.col("key"), pl.col("key").str.len_chars()
        found = key.str.extract_many(self._anchors.implode(), overlapping=True).list.unique()
        pairs = texts.select("index", "key", anchor=found).explode("anchor").join(self._templates, on="anchor")
        pairs = pairs.filter(
            key.str.starts_with(pl.col("head")),
            key.str.ends_with(pl.col("tail")),
            length.is_between(pl.col("shortest"), pl.col("longest")),
            key.str.contains(pl.col("other"), literal=True),
        ).sort("rank")
        alone = pl.col("slots") == 1
        filled = key.str.strip_suffix(pl.col("tail"))
        one = pairs.filter(alone & ~filled.str.contains(f"[{NEGATIONS}]$")).select("index", "rank")
        more = pairs.filter(~alone)
        fits = [holds(text, parts, whole=True) for text, parts in more.select("key", "parts").iter_rows()]
        more = more.filter(pl.Series(fits, dtype=pl.Boolean)).select("index", "rank")
        return pl.concat([one, more]).group_by("index").agg(pl.col("rank").min())
