"""Did a repair work? The share of customers helped, before it and after it, compared once.

The queue is looked at every night, and who tests every night until something shows finds an improvement in far more
than 5 % of the repairs that changed nothing. So the day of the look is fixed beforehand: from the sample before the
repair and the target follows how many rated answers to wait for (:func:`needed_after`), the first day that has them is
looked at (:func:`verdict_by_day`), and what comes later changes nothing. When a day has enough depends on traffic only,
not on what the customers said, so the one look keeps the error of its interval: 2.5 %, for rates of 2 % up to 4.6 %.

Keep the sample before with the target when the item is repaired, and count it over days that did not decide that the
item was flagged. A hotspot that is flagged for its worst month does better in the next one without any repair, and no
interval knows of that: with 20 rated and a rate of 40 %, `low_adoption` flags it so that 15 % seem to have "worked".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import Any, Literal

Better = Literal["higher", "lower"]
State = Literal["too_early", "worked", "no_effect", "cannot_tell"]

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution: intervals are of 95 %."""
LEAST = 20
"""Fewer than this, before or after, decide nothing; the rule `low_adoption` asks for as many."""
MOST = 5_000
"""More than this are not waited for: a hotspot with 80 rated answers a day has them after 60 days."""
POWER = 0.97
"""Planned for a rate at the target; 95 % of them still show where the rate differs a little from day to day."""
EXPECTED = 5
"""So many of the better kind must be expected after a repair that changed nothing: Cochran, Biometrics 10 (1954) 417.

With fewer, the interval's lower limit is too high too often: at a rate of 2 % and 27 answers in 10 % of all samples."""
GAP = 0.05
"""An improvement smaller than this is not looked for."""


@dataclass(frozen=True)
class Counts:
    """``x`` of ``n``: adopted of rated, clicked of shown."""

    x: int
    n: int

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        if not 0 <= self.x <= self.n:
            raise ValueError(f"{self.x} of {self.n} is no share: 0 ≤ x ≤ n")

    @property
    def rate(self) -> float:
        """The share; there must be at least one."""
        return self.x / self.n


@dataclass(frozen=True)
class Verdict:
    """What is known of a repair, and from which counts.

    ``worked``: the whole interval of after − before lies on the better side of 0. ``no_effect``: it does not, though a
    rate at the target would have shown. ``too_early``: fewer than ``needed`` after the repair. ``cannot_tell``: too few
    came in time, and these do not show it; or no sample would do (``needed`` is None); or the target is so near that
    reaching it could not show.
    ``difference``, ``low`` and ``high`` are of after − before, None unless the look was taken.
    """

    state: State
    before: Counts
    after: Counts
    difference: float | None
    low: float | None
    high: float | None
    needed: int | None
    better: Better


def wilson(x: int, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of x ÷ n, without continuity correction.

    Source: Wilson, JASA 22 (1927) 209–212; method 3 of Newcombe, Statistics in Medicine 17 (1998) 857–872.

    :raises ValueError: n is 0, or x is not in 0 … n.

    >>> [round(limit, 4) for limit in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    if not 0 <= x <= n or n == 0:
        raise ValueError(f"{x} of {n} has no interval: 0 ≤ x ≤ n and n > 0")
    low, high = _wilson(x, n)
    return (low if x else 0.0), (high if x < n else 1.0)


def newcombe(before: Counts, after: Counts) -> tuple[float, float]:
    """Return the 95 % hybrid score interval of the rate after − the rate before.

    Source: method 10 of Newcombe, Statistics in Medicine 17 (1998) 873–890.

    >>> [round(limit, 4) for limit in newcombe(Counts(48, 80), Counts(56, 70))]
    [0.0524, 0.3339]
    """
    (low_1, high_1), (low_2, high_2) = wilson(before.x, before.n), wilson(after.x, after.n)
    p_1, p_2 = before.rate, after.rate
    low = p_2 - p_1 - ((p_2 - low_2) ** 2 + (high_1 - p_1) ** 2) ** 0.5
    high = p_2 - p_1 + ((high_2 - p_2) ** 2 + (p_1 - low_1) ** 2) ** 0.5
    return low, high


@lru_cache(maxsize=4096)
def needed_after(before: Counts, target: float, better: Better, power: float = POWER) -> int | None:
    """Return how many to wait for after a repair; None if no number up to ``MOST`` would do.

    With that many, or any number above it, a rate at the target is called ``worked`` with at least this probability;
    worked out exactly, from the binomial distribution and the sample before as it is. A target that is less than
    ``GAP`` better than the rate before, or worse than it, is moved to ``GAP`` better.
    """
    import numpy as np
    from scipy.special import betainc  # of one share, from x up: betainc(x, n − x + 1, share)

    if before.n < LEAST:
        return None
    before, target = _upwards(before, target, better)
    aim = min(max(target, before.rate + GAP), 1.0)
    n = np.arange(min(max(LEAST, ceil(EXPECTED * (before.n + 4) / (before.x + 2))), MOST), MOST + 1)
    enough = _fewest_that_show(before, n)
    shown = np.where(enough <= n, betainc(enough, np.maximum(n - enough + 1, 1), aim), 0.0)
    short = np.flatnonzero(shown < power)
    first = int(short[-1]) + 1 if len(short) else 0
    return int(n[first]) if first < len(n) else None


def verdict(
    before: Counts, after: Counts, target: float, better: Better, *, waited_days: int, longest_days: int = 60
) -> Verdict:
    """Return what these counts say; for a verdict that stays from night to night use :func:`verdict_by_day`."""
    needed = needed_after(before, target, better)
    if needed is None:
        return Verdict("cannot_tell", before, after, None, None, None, None, better)
    late = after.n < needed
    if late and (waited_days < longest_days or not _is_enough(before, after, better)):
        state: State = "too_early" if waited_days < longest_days else "cannot_tell"
        return Verdict(state, before, after, None, None, None, needed, better)
    low, high = newcombe(before, after)
    state = _looked(before, target, better, shows=low > 0 if better == "higher" else high < 0)
    state = "cannot_tell" if late and state == "no_effect" else state
    return Verdict(state, before, after, after.rate - before.rate, low, high, needed, better)


def verdict_by_day(
    before: Counts, days: Sequence[Counts], target: float, better: Better, *, longest_days: int = 60
) -> Verdict:
    """Return the verdict of the first day with enough traffic, or of the last day that is waited for.

    :param days: counts since the repair, up to the end of its first day, of its second day and so on.
    :raises ValueError: the counts of a day are below those of the day before.
    """
    if any(later.n < day.n or later.x < day.x for day, later in pairwise(days)):
        raise ValueError("counts after a repair fall from one day to the next: give them cumulated")
    needed = needed_after(before, target, better)
    waited = days[:longest_days]
    reached = (number for number, day in enumerate(waited, 1) if needed is not None and day.n >= needed)
    number = next(reached, len(waited))
    after = days[number - 1] if number else Counts(0, 0)
    return verdict(before, after, target, better, waited_days=number, longest_days=longest_days)


def _is_enough(before: Counts, after: Counts, better: Better) -> bool:
    """Say whether a sample that stayed too small to be sure of showing the target is fit for a look at all."""
    before, _ = _upwards(before, 0.0, better)
    return after.n >= max(LEAST, EXPECTED * (before.n + 4) / (before.x + 2))


def _looked(before: Counts, target: float, better: Better, *, shows: bool) -> State:
    """Return what the look says; where the target was moved, coming from below it to it could have stayed unseen."""
    if shows:
        return "worked"
    before, target = _upwards(before, target, better)
    moved = target < before.rate + GAP
    return "cannot_tell" if moved and target > wilson(before.x, before.n)[0] else "no_effect"


def _upwards(before: Counts, target: float, better: Better) -> tuple[Counts, float]:
    """Return sample and target such that higher is better: the counts of the others, where lower is."""
    return (before, target) if better == "higher" else (Counts(before.n - before.x, before.n), 1 - target)


def _wilson(x: Any, n: Any) -> tuple[Any, Any]:  # noqa: ANN401 - numbers or arrays of them
    """Return Wilson's limits, up to rounding errors at 0 and 1."""
    middle, width = x + Z * Z / 2, Z * (x * (n - x) / n + Z * Z / 4) ** 0.5
    return (middle - width) / (n + Z * Z), (middle + width) / (n + Z * Z)


def _fewest_that_show(before: Counts, n: Any) -> Any:  # noqa: ANN401 - arrays
    """Return for each n the smallest x whose interval lies above 0, n + 1 if none does.

    Halving finds it: the lower limit rises with x, because Wilson's does.
    """
    import numpy as np

    below, beyond = np.zeros_like(n), n + 1
    reach = wilson(before.x, before.n)[1] - before.rate
    while (beyond - below > 1).any():
        x = (below + beyond) // 2
        shows = x / n - before.rate > np.hypot(x / n - _wilson(x, n)[0], reach)
        below, beyond = np.where(shows, below, x), np.where(shows, x, beyond)
    return beyond
