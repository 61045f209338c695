"""Spearman's rank correlation in integers, so that the order of the pairs cannot show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isqrt, sqrt

import polars as pl


def spearman(pairs: Sequence[Mapping[str, float]]) -> float | None:
    """Return the correlation of the ranks of ``x`` and ``y``, ties at their mean rank.

    ``None`` where one side does not vary.
    """
    x, y = _ranks([pair["x"] for pair in pairs]), _ranks([pair["y"] for pair in pairs])
    size = len(pairs)
    both = size * sum(a * b for a, b in zip(x, y, strict=True)) - sum(x) * sum(y)
    spread = _variation(x) * _variation(y)
    if not spread:
        return None
    root = isqrt(spread)
    return both / (root if root * root == spread else sqrt(spread))


def _ranks(values: Sequence[float]) -> list[int]:
    """Return twice the mean rank of each value: an integer."""
    return [int(2 * rank) for rank in pl.Series(values).rank("average")]


def _variation(ranks: Sequence[int]) -> int:
    return len(ranks) * sum(rank * rank for rank in ranks) - sum(ranks) ** 2
