"""What agents type again and again although no script says it."""

from __future__ import annotations

import polars as pl

from kefu.text.guards import same_sense
from kefu.text.near import NearIndex
from kefu.text.normalise import folded, normal_forms

SHORTEST = 8
"""Shorter utterances (好的，请稍等) are not worth a script."""
ALIKE = 850
"""Two utterances are variants of one if they are that close, in thousandths."""
MOST_LEADERS = 20_000
"""So many utterances, the commonest, can have variants."""

_NUMBER = r"[0-9a-z]*[0-9]{4,}[0-9a-z]*"
"""A number of an order or a parcel: it differs each time."""


def repeated_utterances(utterances: pl.DataFrame, least_count: int = 5, least_agents: int = 2) -> pl.DataFrame:
    """Return the utterances that are said often enough to become scripts, the commonest first.

    Out: ``text``, the commonest form; ``count`` of all its variants; ``agents``, the most that said one of them (so at
    least as many said it); ``variants``, how many forms there are. Two are variants of one utterance if they are the
    same but for punctuation, width, case and long numbers, or nearly the same with no other negation or number.

    :param utterances: ``text``, each once, ``count``, how often it was said, and ``agents``, by how many; none a use.
    :param least_count: what is said less often, all variants together, is left out.
    :param least_agents: likewise what fewer agents say.
    """
    known = utterances.select("text", "count", "agents").drop_nulls()
    known = known.with_columns(key=folded(known["text"]).str.replace_all(_NUMBER, "0"))
    known = known.filter(pl.col("key").str.len_chars() >= SHORTEST)
    known = known.sort("count", "text", descending=[True, False])
    groups = _merged(known, "key", pl.len()).sort("count", "key", descending=[True, False])
    groups = groups.with_columns(leader=pl.Series(_leaders(groups), dtype=pl.UInt32))
    often = _merged(groups, "leader", pl.col("variants").sum())
    often = often.filter(pl.col("count") >= least_count, pl.col("agents") >= least_agents)
    return often.sort("count", "text", descending=[True, False]).select("text", "count", "agents", "variants")


def _merged(frame: pl.DataFrame, by: str, variants: pl.Expr) -> pl.DataFrame:
    """Merge rows, the first of which gives the text."""
    return frame.group_by(by, maintain_order=True).agg(
        pl.col("text").first(), pl.col("count").sum(), pl.col("agents").max(), variants=variants.cast(pl.UInt32)
    )


def _leaders(groups: pl.DataFrame) -> list[int]:
    """Return for each utterance the number of the commoner one that it is a variant of, or its own."""
    index = NearIndex([[key] for key in groups["key"].head(MOST_LEADERS)])
    written = normal_forms(groups["text"]).to_list()
    leader = list(range(len(groups)))
    for batch in index.near(groups["key"]):
        near = pl.DataFrame({"own": batch.text, "other": batch.script, "score": batch.score})
        near = near.filter(pl.col("score") >= ALIKE, pl.col("other") < pl.col("own"))
        for own, other, _ in near.sort("own", "score", "other", descending=[False, True, False]).iter_rows():
            free = leader[own] == own and leader[other] == other
            if free and same_sense(written[own], written[other]):
                leader[own] = other
    return leader
