"""人机协作效率 · What assistance gains: handle time with it, against handle time without, like for like.

Within each queue and topic, so that easy questions that get assistance more often do not look like a gain; weighted by
the assisted sessions, with a 95 % interval by the delta method.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Any

import polars as pl

from kefu.plugin import (
    Addition,
    Computed,
    Count,
    DatedTable,
    DayCounts,
    Estimate,
    Metric,
    Period,
    Ratio,
    Rows,
    Sum,
    Title,
    col,
    hookimpl,
)
from kefu_plugins._handling import HANDLE_MS
from kefu_plugins._sources import SCHEDULING

NORMAL = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
KINDS = ("with", "without")
PARTS = ("n", "ms", "s", "squares")
COLUMNS = tuple(f"{kind}_{part}" for kind in KINDS for part in PARTS)


@hookimpl
def kefu_columns() -> list[Addition]:
    """Offer the table ``assisted``: sums of handle times by date, queue and topic."""
    seconds = (HANDLE_MS + 500) // 1000
    of = {"ms": HANDLE_MS, "s": seconds, "squares": seconds * seconds}
    where = {"with": col("human") & col("ai_assisted"), "without": col("human") & ~col("ai_assisted")}
    measures: dict[str, Count | Sum] = {}
    for kind, chosen in where.items():
        measures[f"{kind}_n"] = Count(chosen)
        measures |= {f"{kind}_{part}": Sum(value, where=chosen) for part, value in of.items()}
    counts = {"assisted_days": DayCounts("sessions", "date", ("queue", "topic"), measures)}
    return [DatedTable("assisted", "queue", (), assisted, counts, groups=("queue",))]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``ai_assist_gain``."""
    both = (col("with_n") > 0) & (col("without_n") > 0) & (col("without_ms") > 0)
    return [
        Metric(
            name="ai_assist_gain",
            title=Title(zh="人机协作效率", en="Gain by assistance"),
            on="assisted",
            measures={name: Sum(col(name)) for name in COLUMNS},
            each=("queue", "topic"),
            over={
                "strata": Rows(*COLUMNS),
                "compared_sessions": Sum(col("with_n"), where=both),
                "assisted_sessions": Sum(col("with_n")),
            },
            value=Computed("strata", gain, beside=("compared_sessions", "assisted_sessions")),
            coverage=Ratio("compared_sessions", "assisted_sessions"),
            unit="ratio",
            better="higher",
            group="efficiency",
            source=SCHEDULING,
            reads=Title(
                zh="1 − 有协助的处理时长 ÷ 无协助的处理时长，在每个队列与主题内比较，按有协助的会话加权",
                en="1 − handle time with ÷ without assistance, within each queue and topic, weighted by the assisted "
                "sessions",
            ),
        ),
    ]


def assisted(_: Mapping[str, pl.DataFrame | None], counts: Mapping[str, pl.DataFrame], __: Period) -> pl.DataFrame:
    """Return the day counts as they are."""
    return counts["assisted_days"]


@dataclass(frozen=True, slots=True)
class _Sample:
    """Handle times of one kind in one stratum, in seconds; ``off`` is the sum of squares about the mean."""

    n: int
    mean: float
    off: float

    @classmethod
    def of(cls, row: Mapping[str, Any], kind: str) -> _Sample:
        n, ms, seconds, squares = (int(row[f"{kind}_{part}"]) for part in PARTS)
        return cls(n, ms / (1000 * n), (n * squares - seconds * seconds) / n)

    def variance(self, pooled: float | None) -> float | None:
        """Return the variance, from at least two sessions; else the pooled one."""
        return self.off / (self.n - 1) if self.n > 1 else pooled


def gain(rows: Sequence[Mapping[str, Any]]) -> Estimate | None:
    """Return the mean gain of strata that have both kinds, weighted by assisted sessions, with its interval."""
    both = [row for row in rows if row["with_n"] and row["without_n"] and row["without_ms"]]
    if not both:
        return None
    pairs = [(_Sample.of(row, "with"), _Sample.of(row, "without")) for row in both]
    weight = sum(assisted.n for assisted, _ in pairs)
    value = fsum(assisted.n * (1 - assisted.mean / alone.mean) for assisted, alone in pairs) / weight
    pooled = [_pooled([pair[kind] for pair in pairs]) for kind in range(2)]
    errors = [_squared_error(assisted, alone, pooled) for assisted, alone in pairs]
    known = [error for error in errors if error is not None]
    if len(known) < len(errors):
        return Estimate(value)
    half = NORMAL * sqrt(fsum((pair[0].n / weight) ** 2 * error for pair, error in zip(pairs, known, strict=True)))
    return Estimate(value, value - half, value + half)


def _pooled(samples: Sequence[_Sample]) -> float | None:
    freedom = sum(sample.n - 1 for sample in samples)
    return fsum(sample.off for sample in samples) / freedom if freedom else None


def _squared_error(assisted: _Sample, alone: _Sample, pooled: Sequence[float | None]) -> float | None:
    """Return the variance of the ratio of two means, by the delta method."""
    above, below = assisted.variance(pooled[0]), alone.variance(pooled[1])
    if above is None or below is None:
        return None
    return above / (assisted.n * alone.mean**2) + assisted.mean**2 * below / (alone.n * alone.mean**4)
