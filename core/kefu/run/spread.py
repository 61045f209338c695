"""Buckets for percentiles: integers only, so that every machine and every order gives the same bits.

Up to 255 a bucket is one value. Above, each doubling is cut into 128 buckets, so a bucket is at most 1/128 of its
values wide, and its middle at most 0.4 % off.
"""

from __future__ import annotations

import polars as pl

_EXACT = 256
_STEPS = 128
_EXACT_BITS = 8


def bucket(value: pl.Expr) -> pl.Expr:
    """Return the bucket (i32) of integers from 0 to 2⁵³; negative ones count as 0."""
    value = value.cast(pl.Int64).clip(lower_bound=0)
    excess = (64 - _EXACT_BITS) - value.clip(lower_bound=1).bitwise_leading_zeros().cast(pl.Int64)
    shift = excess.clip(lower_bound=0)
    return (shift * _STEPS + value // pl.lit(2, pl.Int64).pow(shift)).cast(pl.Int32)


def edges(bucket: int) -> tuple[int, int]:
    """Return the lowest and the highest value of a bucket."""
    if bucket < _EXACT:
        return bucket, bucket
    shift = bucket // _STEPS - 1
    low = (bucket - shift * _STEPS) << shift
    return low, low + (1 << shift) - 1


def middle(bucket: int) -> float:
    """Return the value in the middle of a bucket."""
    low, high = edges(bucket)
    return low + (high - low) / 2
