"""What all parts of the shop share: settings, array types, small helpers for columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DAY = 86400.0
"""Seconds; all times are seconds since the first day's local midnight until they become columns."""


@dataclass(frozen=True)
class Settings:
    """What makes the readable week different from the big data.

    :param trouble: multiplies the share of angry customers and rude agents.
    :param rush: how much sharper the two rushes of the day are.
    :param pools: 2, or 1 where every agent serves every queue.
    :param duplicates: the share of messages that the platform delivered twice.
    :param hot_per_topic: hotspots of each topic; one more of a busy topic.
    :param hot_variants: how many variants, by category of goods, each hotspot has.
    :param recommended: recommendations per answer of the bot.
    """

    seed: int
    first_day: date
    days: int
    sessions: int
    trouble: float = 1.0
    rush: float = 1.0
    pools: int = 2
    whole_seconds: bool = False
    short_ids: bool = False
    duplicates: float = 0.0002
    hot_per_topic: int = 99
    hot_variants: int = 5
    recommended: float = 0.85

    def random(self, *stream: int) -> np.random.Generator:
        """Return a generator of its own for each purpose, so that one table never disturbs another."""
        return np.random.default_rng([self.seed, *stream])


def pick(options: Sequence[str | None], at: Ints) -> pl.Series:
    """Return the option at each place, as a column."""
    return pl.Series(list(options), dtype=pl.String).gather(pl.Series(at))


def known_where(known: Bools, column: pl.Series) -> pl.Series:
    """Return the column with nulls where the mask does not hold."""
    return pl.select(pl.when(pl.Series(known)).then(column)).to_series()
