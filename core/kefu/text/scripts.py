"""Which prepared script a text is a use of."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from kefu.text.guards import GAP, GUARDS
from kefu.text.normalise import folded, normal_forms
from kefu.text.slots import SLOT, Templates, holds

if TYPE_CHECKING:
    from kefu.text.near import NearIndex

SHORTEST_SCRIPT = 4
"""Shorter scripts (好的) are said without the script as well: their text alone proves no use."""
SHORTEST_CLOSE = 8
"""A script must have so many characters outside slots to be known again when it was changed or is part of a text."""
FEWEST_SIGNS = 4
"""… and so many different ones: 哈哈哈哈哈哈哈哈 is no script."""
THRESHOLD = 720
CERTAIN = 1000
FIELDS = ("match_kind", "match_confidence")

_AROUND = 8
"""A text with so many times the script's characters around it, and no more, is half as sure as the script alone."""
_OPENING = "^(?:您好|你好|亲爱的?|亲亲|亲|好的|好滴|嗯嗯|嗯|是的|在的|在呢|哈喽|那|哦)+"
_CLOSING = "(?:哦|呢|哈|啦|呀|的|了|噢|喔|亲亲|亲|谢谢|感谢|请稍等|稍等|好吗)+$"


class ScriptLibrary:
    """Prepared scripts, and the texts that are uses of them.

    Texts are compared without punctuation, blanks, width, case and Traditional characters (so 1.5 and 15 are the
    same, too). A use is, in this order:

    ``exact``: the script as it is written;
    ``slot``: each slot ``{name}`` stands for 1 to 30 characters;
    ``affix``: the script, whole, with a greeting, a closing or other words around it;
    ``edited``: the script with a clause left out, a slip of the pen, another ending.

    The last two are uses if their confidence reaches the threshold, and if no negation, number or opposite tells the
    text from the script. A script of fewer than 4 characters is never matched; one with fewer than 8 outside slots
    is never ``edited``. One with more than 12 slots, or with fewer than 6 characters beside them, is not matched
    with its slots filled.
    """

    def __init__(self, scripts: pl.DataFrame, threshold: int = THRESHOLD) -> None:
        """Read ``script_id`` and ``text`` of each script; a script without either is left out.

        Where a text could be a use of several, the closest is taken, of those the one with the most characters
        outside slots, of those the one with the smallest id.

        :param threshold: the confidence, in thousandths, that makes a text a use.
        """
        if not 1 <= threshold <= CERTAIN:
            raise ValueError(f"the threshold is {threshold}: it must lie between 1 and {CERTAIN}")
        self._threshold = threshold
        known = _ranked(scripts.select("script_id", "text").drop_nulls())
        self._ids = known["script_id"]
        long = known.filter(pl.col("key").str.len_chars() >= SHORTEST_SCRIPT)
        self._exact = long.group_by("key").agg(pl.col("rank").min())
        cores = long.filter(pl.col("plain")).with_columns(key=_core(pl.col("key")))
        self._cores = cores.filter(pl.col("key").str.len_chars() >= SHORTEST_SCRIPT)
        self._cores = self._cores.group_by("key").agg(pl.col("rank").min())
        self._templates = Templates(known)
        self._known = known
        close = known.filter(pl.col("literals") >= SHORTEST_CLOSE, pl.col("signs") >= FEWEST_SIGNS)
        whole = close.filter("plain")
        whole = whole.group_by("key").agg(pl.col("rank", "literals").sort_by("rank").first())
        self._whole = whole.sort("literals", "rank", descending=[True, False])
        self._near_ranks = close["rank"]
        self._parts = close["parts"]

    @cached_property
    def _near(self) -> NearIndex:
        """The scripts by their bigrams; scipy is loaded when a text first needs it."""
        from kefu.text.near import NearIndex

        return NearIndex(self._parts.to_list())

    def match(self, texts: pl.Series) -> pl.Series:
        """Return the id of the script that each text is a use of, null where it is none."""
        return self.matches(texts).struct.field("matched_script").alias("script_id")

    def matches(self, texts: pl.Series) -> pl.Series:
        """Return for each text a struct: ``matched_script``, ``match_kind`` and ``match_confidence`` in thousandths.

        All three are null where the text is no use. Texts are best given each once: the work is done for each.
        """
        text = texts.alias("text").to_frame().with_row_index("index")
        uses = self._uses(text.with_columns(key=folded(texts)).drop_nulls("text"))
        joined = text.select("index").join(uses, on="index", how="left", maintain_order="left")
        found = joined.select(*FIELDS, matched_script=self._ids.gather(joined["rank"]))
        return found.select(pl.struct("matched_script", *FIELDS).alias(texts.name)).to_series()

    def _uses(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Return ``index``, ``rank`` and the fields of each text (``index``, ``text``, ``key``) that is a use."""
        exact = texts.join(self._exact, on="key").select("index", "rank")
        texts = texts.join(exact, on="index", how="anti")
        filled = self._templates.fit(texts)
        texts = texts.join(filled, on="index", how="anti")
        core = texts.select("index", key=_core(pl.col("key"))).join(self._cores, on="key").select("index", "rank")
        close, held = self._close(texts)
        whole = pl.concat([core, self._held(texts), held])
        pairs = pl.concat([self._around(whole, texts), close])
        best = self._best(pairs.filter(pl.col("match_confidence") >= self._threshold), texts)
        certain = pl.lit(CERTAIN, pl.UInt16)
        return pl.concat(
            [
                exact.select("index", "rank", match_kind=pl.lit("exact"), match_confidence=certain),
                filled.select("index", "rank", match_kind=pl.lit("slot"), match_confidence=certain),
                best,
            ]
        )

    def _held(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Return ``index`` and ``rank`` of scripts that stand, as they are, in a text."""
        if self._whole.is_empty():
            return texts.clear().select("index", rank=pl.lit(0, pl.UInt32))
        # The longest first, and none that overlaps one found: so a text has no more finds than characters.
        held = pl.col("key").str.extract_many(self._whole["key"].implode(), leftmost=True)
        found = texts.select("index", key=held).explode("key").drop_nulls()
        return found.join(self._whole, on="key").select("index", "rank").unique()

    def _around(self, pairs: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
        """Rate texts that hold a script as a whole: the more other words, the less sure."""
        sizes = texts.select("index", size=pl.col("key").str.len_chars())
        pairs = pairs.join(sizes, on="index").join(self._known.select("rank", "literals"), on="rank")
        own = (_AROUND * pl.col("literals")).cast(pl.Float64)
        part = (own / (own + pl.col("size") - pl.col("literals"))).sqrt()
        confidence = (CERTAIN * part).floor().clip(0, CERTAIN - 1).cast(pl.UInt16)
        return pairs.select("index", "rank", match_kind=pl.lit("affix"), match_confidence=confidence)

    def _close(self, texts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Rate the scripts that each text is closest to, and give apart those that stand in it with slots filled."""
        found = [
            pl.DataFrame({"at": batch.text, "near": batch.script, "score": batch.score, "whole": batch.whole}).filter(
                (pl.col("score") >= self._threshold) | pl.col("whole")
            )
            for batch in self._near.near(texts["key"])
        ]
        nothing = pl.DataFrame(schema={"at": pl.Int64, "near": pl.Int64, "score": pl.Int64, "whole": pl.Boolean})
        pairs = pl.concat([nothing, *found])
        pairs = pairs.select(
            index=texts["index"].gather(pairs["at"]),
            rank=self._near_ranks.gather(pairs["near"]),
            match_kind=pl.lit("edited"),
            match_confidence=pairs["score"].clip(0, CERTAIN - 1).cast(pl.UInt16),
            whole=pairs["whole"],
        )
        filled = pairs.filter("whole").join(self._templates.parts, on="rank").join(texts, on="index")
        held = [holds(key, parts, whole=False) for key, parts in filled.select("key", "parts").iter_rows()]
        filled = filled.filter(pl.Series(held, dtype=pl.Boolean))
        return pairs.drop("whole"), filled.select("index", "rank")

    def _best(self, pairs: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
        """Keep for each text the closest script that it says the same as."""
        pairs = (
            pairs.sort("index", "rank", "match_kind")
            .group_by("index", "rank", maintain_order=True)
            .agg(pl.col("match_kind").first(), pl.col("match_confidence").max())
        )
        said = texts.join(pairs, on="index", how="semi").select("index", said=pl.col("text"))
        said = said.with_columns(normal_forms(said["said"])).with_columns(_marks("said"))
        pairs = pairs.join(said, on="index").join(self._known.select("rank", "^written.*$"), on="rank")
        pairs = pairs.sort("index", "match_confidence", "rank", descending=[False, True, False])
        found = [pairs.clear()]
        while len(pairs):
            first = pairs.unique("index", keep="first", maintain_order=True)
            found.append(first.filter(_same_sense(first)))
            pairs = pairs.join(first, on=["index", "rank"], how="anti", maintain_order="left")
            pairs = pairs.join(found[-1], on="index", how="anti", maintain_order="left")
        return pl.concat(found).select("index", "rank", *FIELDS)


def _same_sense(pairs: pl.DataFrame) -> pl.Series:
    """Tell the pairs that say the same; where all marks agree, no closer look is needed."""
    same = pl.repeat(True, len(pairs), eager=True)
    for number, guard in enumerate(GUARDS):
        ours, theirs = pairs[f"said{number}"], pairs[f"written{number}"]
        doubtful = same & (ours != theirs)
        if guard.both:
            doubtful &= (ours != "") & (theirs != "")
        places = doubtful.arg_true()
        rows = pairs.select("said", "written")[places].iter_rows()
        verdicts = pl.Series([not guard.tells_apart(text, script) for text, script in rows], dtype=pl.Boolean)
        same = same.scatter(places, verdicts)
    return same


def _ranked(scripts: pl.DataFrame) -> pl.DataFrame:
    """Lay out the scripts, the one that wins a tie first; ``rank`` is their number in this order."""
    pieces = [SLOT.split(text) for text in scripts["text"]]
    literals = folded(pl.Series([piece for parts in pieces for piece in parts], dtype=pl.String)).to_list()
    taken = iter(literals)
    parts = [[next(taken) for _ in row] for row in pieces]
    known = scripts.select(
        "script_id",
        key=folded(scripts["text"]),
        written=normal_forms(scripts["text"].str.replace_all(SLOT.pattern, GAP)),
        parts=pl.Series(parts, dtype=pl.List(pl.String)),
    )
    known = known.with_columns(
        literals=pl.col("parts").list.join("").str.len_chars(),
        signs=pl.col("parts").list.join("").str.split("").list.n_unique(),
        plain=pl.col("parts").list.len() == 1,
    ).with_columns(_marks("written"))
    known = known.sort("literals", "script_id", "written", descending=[True, False, False])
    return known.with_row_index("rank")


def _marks(column: str) -> list[pl.Expr]:
    """Write out what each guard looks for in a text."""
    marks = [pl.col(column).str.extract_all(guard.marks).list.join(" ") for guard in GUARDS]
    return [found.alias(f"{column}{number}") for number, found in enumerate(marks)]


def _core(key: pl.Expr) -> pl.Expr:
    """Take away a polite opening and closing."""
    return key.str.replace(_OPENING, "").str.replace(_CLOSING, "")
