"""How agents change the scripts they send."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import polars as pl

from kefu.text.normalise import normal_forms
from kefu.text.slots import SLOT

MOST_TEXTS = 200
"""So many texts of a script are looked at, the commonest first."""
LONGEST = 400
"""Longer texts and scripts are passed over."""
SAME_CLAUSE = 0.5
"""A clause that keeps so much of another is that clause with a change."""

_GAP = "\ue000"
_CLAUSE = re.compile(r"[\s,.!?:;~、。…，！？；：～]+")
_SIGN = re.compile(rf"(?:[^\w{_GAP}]|_)+")


def script_edits(scripts: pl.DataFrame, uses: pl.DataFrame, most: int = 5) -> pl.DataFrame:
    """Return the commonest changes of each script, the commonest first.

    Out: ``script_id``; ``edits``, the uses with the change; ``uses``, all uses of the script; ``change``, the words
    that went and came (``−请耐心等待 +马上为您处理``); ``example``, the commonest text with the change. A text with
    several changes counts for each. What fills a slot, punctuation, case and width are no changes.

    :param scripts: ``script_id`` and ``text``.
    :param uses: ``script_id``, ``text``, and ``count``, how often the script was sent as that text; no text twice.
    :param most: so many changes a script.
    """
    ranked = uses.drop_nulls().sort("script_id", "count", "text", descending=[False, True, False])
    totals = ranked.group_by("script_id").agg(uses=pl.col("count").sum())
    ranked = ranked.filter(pl.col("text").str.len_chars() <= LONGEST)
    known = scripts.select("script_id", written="text").drop_nulls().unique("script_id", keep="first")
    pairs = (
        ranked.group_by("script_id", maintain_order=True)
        .head(MOST_TEXTS)
        .join(known, on="script_id", maintain_order="left")
    )
    pairs = pairs.filter(pl.col("written").str.len_chars() <= LONGEST)
    forms = zip(normal_forms(pairs["text"]).to_list(), normal_forms(pairs["written"]).to_list(), strict=True)
    found = pl.Series([sorted({*changes(script, text)}) for text, script in forms], dtype=pl.List(pl.String))
    rows = pairs.with_columns(change=found).explode("change").drop_nulls("change")
    counts = rows.group_by("script_id", "change", maintain_order=True).agg(
        edits=pl.col("count").sum(), example=pl.col("text").first()
    )
    counts = counts.join(totals, on="script_id").sort("script_id", "edits", "change", descending=[False, True, False])
    commonest = counts.group_by("script_id", maintain_order=True).head(most)
    return commonest.select("script_id", "edits", "uses", "change", "example")


def changes(script: str, text: str) -> Iterator[str]:
    """Give what was taken out of a script and what was put in, clause by clause; both in normal form.

    >>> [*changes("请稍等,请耐心等待", "您好,请稍等,马上为您处理")]
    ['+您好', '−请耐心等待 +马上为您处理']
    >>> [*changes("您的订单{no}已发货", "您的订单 A1 已经发货")]
    ['+经']
    """
    theirs, ours = _clauses(SLOT.sub(_GAP, script)), _clauses(text)
    for kind, low, high, begin, end in SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from _changed(theirs[low:high], ours[begin:end])


def _changed(gone: Sequence[str], come: Sequence[str]) -> Iterator[str]:
    """Give the changes between two runs of clauses: of the letters where they are alike, of the whole where not."""
    old, new = "".join(gone), "".join(come)
    if old.replace(_GAP, "") == new:
        return
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    kept = sum(high - low for kind, low, high, _, _ in blocks if kind == "equal")
    if kept < SAME_CLAUSE * len(old.replace(_GAP, "")):
        yield _written("，".join(gone), "，".join(come))
        return
    for kind, low, high, begin, end in blocks:
        if kind != "equal" and old[low:high] != _GAP:
            yield _written(old[low:high], new[begin:end])


def _written(gone: str, come: str) -> str:
    """Write down a change."""
    pieces = [f"−{gone.replace(_GAP, '{}')}" if gone else "", f"+{come}" if come else ""]
    return " ".join(filter(None, pieces))


def _clauses(text: str) -> list[str]:
    """Cut a text at its punctuation, and drop all other signs."""
    clauses = (_SIGN.sub("", clause) for clause in _CLAUSE.split(text))
    return [clause for clause in clauses if clause]
