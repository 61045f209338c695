"""Which of many literals texts hold: the first, fast look, over all texts at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

_BITS = 63
ANY = -1
"""All categories, as bits."""


@dataclass
class Role:
    """What a literal says of a text that holds it.

    :param strong: the text may hold a word that counts by itself.
    :param weak: the categories, as bits, of the words that it may hold and that need a cue.
    :param cue: the categories for whose words it may hold a cue.
    """

    strong: bool = False
    weak: int = 0
    cue: int = 0


class Holding:
    """Tells the texts that may hold a word that counts, and the literals that they hold.

    :param roles: what each literal says; one without a role is only told of texts that are.
    """

    def __init__(self, roles: Mapping[str, Role]) -> None:
        """Put the literals into tables."""
        self._roles = pl.DataFrame(
            {
                "literal": list(roles),
                "strong": [role.strong for role in roles.values()],
                "weak": [role.weak for role in roles.values()],
                "cue": [role.cue for role in roles.values()],
            },
            schema={"literal": pl.String, "strong": pl.Boolean, "weak": pl.Int64, "cue": pl.Int64},
        )
        self._wanted = self._roles.filter(pl.col("strong") | (pl.col("weak") > 0))["literal"]

    def literals(self, texts: pl.Series) -> pl.DataFrame:
        """Return ``index``, ``literals`` (sorted) and ``cues`` of the texts that may hold a word that counts.

        The others do not. ``cues`` are the categories for whose words there may be a cue.

        :param texts: in normal form; nulls hold nothing.
        """
        text = pl.col("text")
        frame = texts.alias("text").to_frame().with_row_index("index")
        if self._wanted.is_empty():
            nothing = {"literals": pl.lit(None, pl.List(pl.String)), "cues": pl.lit(0, pl.Int64)}
            return frame.clear().select("index", **nothing)
        frame = frame.filter(text.str.contains_any(self._wanted.implode()))
        found = text.str.extract_many(self._roles["literal"].implode(), overlapping=True).list.unique()
        held = frame.select("index", literal=found).explode("literal").join(self._roles, on="literal")
        either = pl.col("strong").any() | (pl.col("weak").bitwise_or() & pl.col("cue").bitwise_or() != 0)
        cues = pl.col("cue").bitwise_or()
        told = held.group_by("index").agg(pl.col("literal").sort().alias("literals"), cues=cues, counts=either)
        return told.filter("counts").drop("counts").sort("index")


def bits(categories: Iterable[str]) -> dict[str, int]:
    """Give each category a bit; with more categories than bits some share one, which only lets more texts through."""
    return {category: 1 << number % _BITS for number, category in enumerate(sorted(set(categories)))}
