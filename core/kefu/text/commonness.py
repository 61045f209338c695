"""How often ordinary talk says something: it tells where a search for phrases had better not begin."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

RARE = {1: 300, 2: 10, 3: 3}
"""By its length, in how many of a hundred thousand messages a wording stands that was not counted; longer: 1."""


def commonness(wording: str) -> int:
    """Return in about how many of a hundred thousand messages a wording stands."""
    return _counted().get(wording) or RARE.get(len(wording), 1)


@cache
def _counted() -> dict[str, int]:
    text = (files("kefu_lexicons") / "common" / "wordings.txt").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {wording: int(count) for wording, count in rows}
