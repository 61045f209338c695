"""What kind of sign a character is, and the two ways to address the reader."""

from __future__ import annotations

FAMILIAR, POLITE = "你您"

MAY_FOLLOW_A_SINGLE = "吧了啊"
"""Particles after which a single character still stands alone (滚吧)."""


def familiar(text: str) -> str:
    """Address the reader as 你 throughout."""
    return text.replace(POLITE, FAMILIAR)


def is_latin(sign: str) -> bool:
    """Say whether a character, if there is one, belongs to a run of letters and digits."""
    return sign.isalnum() and sign < "\u2e80"  # where the East Asian scripts begin


def is_han(sign: str) -> bool:
    """Say whether a character, if there is one, is Chinese."""
    return sign >= "\u3400" and sign.isalpha()
