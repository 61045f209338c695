"""Points to one decimal that still add up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

_HALF = Fraction(1, 2)


def tenth(points: Fraction) -> int:
    """Return points in tenths, a half rounded up.

    >>> tenth(Fraction(1, 20)), tenth(Fraction(2, 3))
    (1, 7)
    """
    return (points * 10 + _HALF).__floor__()


def tenths(parts: Sequence[Fraction]) -> list[int]:
    """Return parts in tenths that add up to their rounded sum, none of them off by a tenth or more.

    All are rounded down, and what is then lacking goes to those that lost most; of equal ones, to the first.

    >>> tenths([Fraction(1, 3)] * 3)
    [4, 3, 3]
    """
    low = [(part * 10).__floor__() for part in parts]
    lacking = tenth(sum(parts, Fraction())) - sum(low)
    lost = sorted(range(len(parts)), key=lambda place: (low[place] - parts[place] * 10, place))
    for place in lost[:lacking]:
        low[place] += 1
    return low


def points_text(tenths_of: int) -> str:
    """Return tenths as people read them.

    >>> points_text(735)
    '73.5'
    """
    return f"{tenths_of / 10:.1f}"
