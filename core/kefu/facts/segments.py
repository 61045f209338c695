"""Sums, firsts and lasts over runs of rows, in a few nanoseconds a row.

The rows of a session lie together and in order, so a group-by is not needed: what would be a hash table is
an index into an array with a place for each session.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NONE = -1
"""The row of nothing."""
NEVER = np.iinfo(np.int64).min
"""The time of nothing."""


def rows_where(mask: Mask) -> Rows:
    """Return the rows that fulfil a condition, in order."""
    return np.flatnonzero(mask)


def first_rows(groups: Rows, rows: Rows, size: int) -> Rows:
    """Return the first of ``rows`` in each of ``size`` groups, ``NONE`` where a group has none.

    :param groups: the group of each row in ``rows``; rows are in ascending order.
    """
    found = np.full(size, NONE, dtype=np.int64)
    found[groups[::-1]] = rows[::-1]
    return found


def last_rows(groups: Rows, rows: Rows, size: int) -> Rows:
    """Return the last of ``rows`` in each of ``size`` groups, ``NONE`` where a group has none."""
    found = np.full(size, NONE, dtype=np.int64)
    found[groups] = rows
    return found


def counts(groups: Rows, size: int) -> Rows:
    """Return how many rows each of ``size`` groups has."""
    return np.bincount(groups, minlength=size)


def sums(groups: Rows, values: Rows, size: int) -> Rows:
    """Return the sum of integers in each of ``size`` groups, without a detour over floats."""
    found = np.zeros(size, dtype=np.int64)
    np.add.at(found, groups, values)
    return found


def take(values: npt.NDArray[Any], rows: Rows, missing: int) -> npt.NDArray[Any]:
    """Return the values at ``rows``, and ``missing`` where a row is ``NONE``."""
    if not len(values):
        return np.full(len(rows), missing, dtype=values.dtype)
    return np.where(rows == NONE, missing, values[rows])
