"""Buckets: in order, exact below 256, never wider than 1 %."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kefu.run.spread import bucket, middle

LARGEST = 2**53


def buckets(values: list[int]) -> list[int]:
    return pl.DataFrame({"value": values}, schema={"value": pl.Int64}).select(b=bucket(pl.col("value")))["b"].to_list()


@given(st.lists(st.integers(0, LARGEST), min_size=1))
def test_the_middle_of_a_bucket_is_within_half_a_per_cent(values: list[int]) -> None:
    for value, place in zip(values, buckets(values), strict=True):
        assert abs(middle(place) - value) <= 0.004 * value


@given(st.lists(st.integers(0, LARGEST), min_size=2))
def test_buckets_keep_the_order(values: list[int]) -> None:
    ascending = sorted(values)
    assert buckets(ascending) == sorted(buckets(ascending))


def test_small_values_are_exact_and_negative_ones_count_as_nothing() -> None:
    assert buckets([*range(256)]) == [*range(256)]
    assert buckets([-1, -(2**40)]) == [0, 0]


def test_edges_of_doublings_fall_into_neighbouring_buckets() -> None:
    for power in range(8, 53):
        below, at = buckets([2**power - 1, 2**power])
        assert at == below + 1
