"""Which prepared script a text is a use of."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from kefu.text.normalise import folded
from kefu.text.sieve import sieve

SHORTEST_SCRIPT = 4
"""Shorter scripts (好的) are said without the script as well: their text alone proves no use."""
FEWEST_LITERALS = 6
"""A template with fewer characters of its own would fit almost anything: it matches only as it is written."""
LONGEST_SLOT = 30
MOST_SLOTS = 12

_MOST_PAIRS = 1_000_000
"""So many texts and templates with the same words are compared at once: it bounds the memory."""

_SLOT = re.compile(r"\{[^{}]{0,60}\}")


class ScriptLibrary:
    """Prepared scripts, and the texts that are uses of them.

    A text is a use of a script if the two are the same once punctuation, blanks, width, case and Traditional
    characters are out of the way (so 1.5 and 15 are the same, too); each slot ``{name}`` of a script stands for 1
    to 30 characters. A script of fewer than 4 characters is never matched. One with more than 12 slots, or with fewer
    than 6 characters beside them, is matched as it is written only.
    """

    def __init__(self, scripts: pl.DataFrame) -> None:
        """Read ``script_id`` and ``text`` of each script; a script without either is left out.

        Where a text could be a use of several, the one with the most characters outside slots is taken, of those
        the one with the smallest id.
        """
        known = scripts.select("script_id", "text").drop_nulls()
        pieces = [_SLOT.split(text) for text in known["text"]]
        literals = folded(pl.Series([piece for parts in pieces for piece in parts], dtype=pl.String)).to_list()
        taken = iter(literals)
        parts = [[next(taken) for _ in row] for row in pieces]
        known = known.with_columns(key=folded(known["text"]), parts=pl.Series(parts, dtype=pl.List(pl.String)))
        known = known.with_columns(literals=pl.col("parts").list.join("").str.len_chars())
        known = known.sort(pl.col("literals"), "script_id", descending=[True, False], maintain_order=True)
        known = known.with_row_index("rank")
        self._ids = known["script_id"]
        self._exact = _exact_keys(known)
        self._templates = _templates(known)
        sharing = max(self._templates["anchor"].value_counts()["count"], default=1)
        self._batch = max(1, _MOST_PAIRS // sharing)
        self._has_anchor = sieve(pl.col("key"), self._templates["anchor"])

    def match(self, texts: pl.Series) -> pl.Series:
        """Return the id of the script that each text is a use of, null where it is none."""
        frame = folded(texts).alias("key").to_frame().with_row_index("index")
        frame = frame.join(self._exact, on="key", how="left", maintain_order="left")
        found = self._with_slots(frame.filter(pl.col("rank").is_null() & self._has_anchor))
        return self._ids.gather(frame["rank"].scatter(found["index"], found["rank"])).alias("script_id")

    def _with_slots(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Return ``index`` and ``rank`` of the best template for each text that fits one."""
        batches = texts.iter_slices(self._batch)
        return pl.concat([self._best(batch) for batch in batches] or [self._best(texts)])

    def _best(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Do the same for a batch that is small enough to be put beside its templates."""
        anchors = self._templates["anchor"].unique().implode()
        key, length = pl.col("key"), pl.col("key").str.len_chars()
        found = key.str.extract_many(anchors, overlapping=True).list.unique()
        pairs = texts.select("index", "key", anchor=found).explode("anchor").join(self._templates, on="anchor")
        pairs = pairs.filter(
            key.str.starts_with(pl.col("head")),
            key.str.ends_with(pl.col("tail")),
            length.is_between(pl.col("shortest"), pl.col("longest")),
        )
        fits = (pl.col("slots") == 1) | key.str.contains(pl.col("pattern"), strict=False)
        return pairs.sort("rank").filter(fits).group_by("index").agg(pl.col("rank").min())


def _exact_keys(known: pl.DataFrame) -> pl.DataFrame:
    """Return the scripts that are compared as a whole, by key."""
    long = known.filter(pl.col("key").str.len_chars() >= SHORTEST_SCRIPT)
    return long.group_by("key").agg(pl.col("rank").min())


def _templates(known: pl.DataFrame) -> pl.DataFrame:
    """Return the scripts with slots: a piece to look for, bounds for the length, and the pattern that decides."""
    slots = (pl.col("parts").list.len() - 1).cast(pl.UInt32)
    usable = slots.is_between(1, MOST_SLOTS) & (pl.col("literals") >= FEWEST_LITERALS)
    frame = known.with_columns(slots=slots).filter(usable)
    parts = frame["parts"].to_list()
    templates = frame.select(
        "rank",
        "slots",
        head=pl.col("parts").list.first(),
        tail=pl.col("parts").list.last(),
        shortest=pl.col("literals") + pl.col("slots"),
        longest=pl.col("literals") + pl.col("slots") * LONGEST_SLOT,
        anchor=pl.Series([max(row, key=len) for row in parts], dtype=pl.String),
        pattern=pl.Series([_pattern(row) for row in parts], dtype=pl.String),
    )
    return templates.unique("pattern", keep="first", maintain_order=True)


def _pattern(parts: Iterable[str]) -> str:
    """Write the literal pieces of a template as one regex; they hold no sign that a regex knows, once folded."""
    return "^" + f".{{1,{LONGEST_SLOT}}}".join(parts) + "$"
