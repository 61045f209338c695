"""How often ordinary talk says something, roughly: it tells where a search for phrases had better not begin."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

OFTEN = {1: 10_000, 2: 100, 3: 20, 4: 5}
"""By its length, in how many of a hundred thousand messages a wording stands; a longer one in one."""
MUCH_MORE_OFTEN = 2_000
"""The same for one that is listed as common."""


def commonness(wording: str) -> int:
    """Return in about how many of a hundred thousand messages a wording stands."""
    return MUCH_MORE_OFTEN if wording in _common() else OFTEN.get(len(wording), 1)


@cache
def _common() -> frozenset[str]:
    text = (files("kefu_lexicons") / "common" / "wordings.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
