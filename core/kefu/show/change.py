"""How a value changed since the period before: in words, and whether that is for the better."""

from __future__ import annotations

from typing import Literal

from kefu.metric import Better, Unit
from kefu.show.format import value_text

LITTLE = 0.0005
"""A change by less is none."""
Way = Literal["none", "same", "other", "better", "worse"]


def change_of(value: float | None, before: float | None, unit: Unit, better: Better | None) -> tuple[str, Way]:
    """Return by how much a value changed, with an arrow, and which way that is; ``none`` without two values.

    >>> change_of(0.25, 0.2, "ratio", "lower")
    ('↑ 5.0 pp', 'worse')
    """
    if value is None or before is None:
        return "", "none"
    change = value - before
    if abs(change) < LITTLE * max(abs(before), LITTLE):
        return "→", "same"
    text = f"{'↑' if change > 0 else '↓'} {size_text(abs(change), unit)}"
    if better in (None, "middle"):
        return text, "other"
    return text, "better" if (change > 0) == (better == "higher") else "worse"


def size_text(change: float, unit: Unit) -> str:
    """Return how large a change is; that of a share is in percentage points."""
    return f"{change * 100:.1f} pp" if unit == "ratio" else value_text(change, unit)
