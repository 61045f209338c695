"""Ids that stay: which of tonight's topics is which of last night's."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

import polars as pl

KNOWN = {"member": pl.String, "count": pl.Int64, "topic": pl.String}
"""What is kept from night to night; a row without a member holds an id that was used before."""


def following(tonight: pl.DataFrame, founders: pl.DataFrame, known: pl.DataFrame, same: float) -> pl.DataFrame:
    """Give every topic of tonight an id: that of the topic of last night whose members it shares, or a new one.

    Two topics share ``Σ min(counts) ÷ Σ max(counts)`` of their members, the weighted Jaccard index. The pair that
    shares the most is joined first, of equals the one with the smaller old id, then the smaller founder; no id is
    given twice. A new id is made from the founder, and is none that was ever used.

    :param tonight: ``group``, ``member``, ``count``: the members of tonight's topics.
    :param founders: ``group``, ``founder``: the member that a topic is called by.
    :param known: as ``KNOWN``.
    :param same: topics that share less are not the same.
    :return: ``group`` and ``topic``.
    """
    old = dict(_joined(_shares(tonight, founders, known).filter(pl.col("share") >= same)))
    used = set(known["topic"].drop_nulls())
    topics: list[str] = []
    ordered = founders.sort("founder", "group")
    for group, founder in ordered.select("group", "founder").iter_rows():
        topics.append(old.get(group) or _new_id(founder, used))
        used.add(topics[-1])
    return ordered.select("group", topic=pl.Series(topics, dtype=pl.String))


def kept(members: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return what the next night needs: tonight's members, and every id that was used before and is not now.

    :param members: ``member``, ``count``, ``topic``.
    """
    gone = known.select("topic").drop_nulls().unique().join(members.select("topic"), on="topic", how="anti")
    rows = [
        members.select(*KNOWN),
        gone.select(pl.lit(None, pl.String).alias("member"), pl.lit(0, pl.Int64).alias("count"), "topic"),
    ]
    return pl.concat(rows).sort("topic", "member")


def _shares(tonight: pl.DataFrame, founders: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return ``group``, ``topic`` and ``share`` of every pair of topics with a member in common, the nearest first."""
    before = known.filter(pl.col("member").is_not_null())
    all_now = tonight.group_by("group").agg(now=pl.col("count").sum())
    all_before = before.group_by("topic").agg(before=pl.col("count").sum())
    both = tonight.join(before.rename({"count": "last"}), on="member")
    common = both.group_by("group", "topic").agg(common=pl.min_horizontal("count", "last").sum())
    pairs = common.join(all_now, on="group").join(all_before, on="topic").join(founders, on="group")
    pairs = pairs.with_columns(share=pl.col("common") / (pl.col("now") + pl.col("before") - pl.col("common")))
    return pairs.sort(["share", "topic", "founder"], descending=[True, False, False])


def _joined(pairs: pl.DataFrame) -> list[tuple[int, str]]:
    """Join each group and each topic once, in the order of the pairs."""
    groups: set[int] = set()
    topics: set[str] = set()
    chosen = []
    for group, topic in pairs.select("group", "topic").iter_rows():
        if group not in groups and topic not in topics:
            groups.add(group)
            topics.add(topic)
            chosen.append((group, topic))
    return chosen


def _new_id(founder: str, used: Collection[str]) -> str:
    """Make an id from the founder; where it is taken, from the founder and a number."""
    number = 0
    while (found := "t" + blake2b(f"{founder} {number}".encode(), digest_size=4).hexdigest()) in used:
        number += 1
    return found
