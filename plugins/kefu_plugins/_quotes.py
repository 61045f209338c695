"""What was said, for the report: kept evidence as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kefu.plugin import Marked, Title

MOST = 20
"""So many quotes a table shows."""


def quoted(text: str | None, hits: Sequence[Mapping[str, Any]] | None) -> Marked | None:
    """Return a message with the listed words in it marked."""
    return None if text is None else Marked(text, tuple((hit["start"], hit["end"]) for hit in hits or ()))


def more(shown: int, total: int, metric: str) -> Title | None:
    """Say how many quotes a table leaves out, and how to see them."""
    left = total - shown
    return (
        Title(zh=f"另有 {left} 条：kefu explain {metric}", en=f"… and {left} more: kefu explain {metric}")
        if left
        else None
    )


def hits_of(evidence: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each listed word that was found: ``session_id``, ``word``, ``category``, ``severity``."""
    told = evidence.select("session_id", "hits").filter(pl.col("hits").list.len() > 0).explode("hits")
    return told.unnest("hits").select("session_id", "word", "category", "severity")
