"""What a topic is called: a question that stands for it, the words that tell it from others, typical questions."""

from __future__ import annotations

import numpy as np
import polars as pl

from kefu.text.linkage import Ints, sums_of
from kefu.text.questions import LONGEST_QUESTION, without_signs
from kefu.text.vectors import UNIT, Rows, whole

LONGEST_LABEL = 40
"""A longer question is a label only where there is no shorter one, and is cut there."""

_BLOCK = 8_192
_CANDIDATES = 10
"""The label is one of so many questions that were asked the most: a slip of the hand may be nearest of all."""

_DIGITS = r"[0-9０-９]{4,}"
"""So many digits in a row are somebody's number: nobody needs them to understand a question."""


def named(asked: pl.DataFrame, rows: Rows, tags: int, typical: int) -> pl.DataFrame:
    """Return ``group``, ``founder`` (member), ``label``, ``tags``, ``questions``, ``count``, ``typical`` of each topic.

    The label is, of the ten questions that were asked the most, the one nearest to the mean of the topic, weighted by
    how often each was asked. Typical questions are the label and then the most asked. Both are shown as they were
    commonly written, without greetings, stickers and long numbers; those that need no mask come first.

    :param asked: ``group`` (null: no topic), ``key``, ``member``, ``text``, ``words``, ``count``, in a fixed order.
    :param rows: of each question.
    """
    near = _nearness(asked["group"], asked["count"], rows)
    frame = asked.with_columns(shown=readable(asked["text"]), near=near).filter(pl.col("group").is_not_null())
    masked = frame["key"].str.contains("0", literal=True) | (frame["text"].str.len_chars() > LONGEST_LABEL)
    frame = frame.with_columns(masked=masked)
    ranked = frame.sort(["masked", "count", "near", "key"], descending=[False, True, True, False])
    best = ranked.group_by("group", maintain_order=True).head(_CANDIDATES)
    best = best.sort(["masked", "near", "count", "key"], descending=[False, True, True, False])
    heads = best.group_by("group", maintain_order=True).first()
    heads = heads.select("group", founder="member", label="shown")
    sums = frame.group_by("group").agg(questions=pl.len().cast(pl.Int64), count=pl.col("count").sum())
    found = heads.join(sums, on="group", how="left").join(_tags(asked, tags), on="group", how="left")
    return found.join(_typical(ranked, heads, typical), on="group", how="left").sort("group")


def readable(texts: pl.Series) -> pl.Series:
    r"""Return texts on one line, without greetings, stickers and long numbers, cut where they are long.

    >>> readable(pl.Series(["您好，订单 88123456\n怎么退？[微笑]"])).to_list()
    ['订单 *** 怎么退？']
    """
    line = without_signs(texts.str.slice(0, LONGEST_QUESTION)).str.replace_all(_DIGITS, "***")
    line = line.str.replace_all(r"\s+", " ").str.strip_chars()
    cut = line.str.len_chars() > LONGEST_LABEL
    shown = pl.when(cut).then(line.str.slice(0, LONGEST_LABEL) + "…").otherwise(line)
    return pl.select(shown.alias(texts.name)).to_series()


def _nearness(group: pl.Series, count: pl.Series, rows: Rows) -> Ints:
    """Return how near each question is to the weighted mean of its topic, as a whole number; 0 where it has none."""
    near = np.zeros(len(group), dtype=np.int64)
    placed = group.is_not_null().arg_true().to_numpy()
    places = group.drop_nulls().to_numpy()
    means = middles(places, rows[placed], count.to_numpy()[placed])
    for start in range(0, len(placed), _BLOCK):
        some = slice(start, start + _BLOCK)
        near[placed[some]] = (means[places[some]] * rows[placed[some]]).sum(axis=1, dtype=np.float64)
    return near


def middles(places: Ints, rows: Rows, weights: Ints | None = None) -> Rows:
    """Return the mean direction of the rows at each place, as a row."""
    sums = sums_of(places, rows, weights)
    length = np.maximum(np.linalg.norm(sums, axis=1), 1.0)
    return whole(sums * (UNIT / length)[:, None])


def _tags(asked: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return ``group`` and ``tags``: the words with the most tf·idf, of equals in the order of their characters.

    A word of one character says half as much as another.
    """
    spread = asked.select("group", word=pl.col("words").list.unique()).explode("word")
    known = spread.group_by("word").agg(all=pl.len())
    held = spread.drop_nulls("group").group_by("group", "word").agg(here=pl.len()).join(known, on="word")
    long = (pl.col("word").str.len_chars() > 1) + 1
    weight = pl.col("here") * (len(asked) / pl.col("all")).log1p() * long
    held = held.with_columns(weight=weight.round(6)).sort(["group", "weight", "word"], descending=[False, True, False])
    return held.group_by("group", maintain_order=True).agg(tags=pl.col("word").head(most))


def _typical(ranked: pl.DataFrame, heads: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return ``group`` and ``typical``: the label, then the most asked of the others."""
    rest = ranked.join(heads, left_on="member", right_on="founder", how="anti")
    rest = rest.sort(["count", "near", "key"], descending=[True, True, False])
    rows = pl.concat([heads.select("group", shown="label"), rest.select("group", "shown")])
    return rows.group_by("group", maintain_order=True).agg(
        typical=pl.col("shown").unique(maintain_order=True).head(most)
    )
