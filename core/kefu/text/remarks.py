"""What one text means for the outcome of a session: a code for each, worked out for all texts at once."""

from __future__ import annotations

import functools
from enum import IntEnum
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from kefu.text.cues import CueList, clauses
from kefu.text.normalise import normal_forms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.integer]
    Bools = NDArray[np.bool_]


class Remark(IntEnum):
    """What a text of the customer says of the outcome."""

    OTHER = 0
    """Something else: a statement, a number."""
    NOTED = 1
    GREETING = 2
    QUESTION = 3
    LATER = 4
    NO = 5
    NOTHING = 6
    THANKS = 7
    PRAISE = 8
    NO_MORE = 9
    WORKS = 10
    NO_USE = 11
    STILL = 12
    ASKED_AGAIN = 13
    ASKED_PERSON = 14
    COMPLAINT = 15
    DENIAL = 16
    """A statement that denies something: whether it decides is for what came before it to say."""


class Reply(IntEnum):
    """What a text of the bot or an agent is."""

    ANSWER = 0
    GREETING = 1
    WAIT = 2
    ANYTHING_ELSE = 3
    CHECK = 4
    ASK = 5
    LOST = 6


@functools.cache
def _list(name: str) -> CueList:
    return CueList.read(Path(str(files("kefu_lexicons") / "outcome" / f"{name}.txt")))


_SAID = (
    *("thanks", "praise", "no_more", "works", "nothing", "no"),
    *("no_use", "still", "again", "person", "complaint", "denial", "later", "question", "ack", "greeting"),
)


def remarks(texts: pl.Series) -> pl.Series:
    """Say what each text of a customer means for the outcome, as a code of :class:`Remark` (u8).

    >>> [Remark(code).name for code in remarks(pl.Series(["好了，谢谢", "还是不行啊", "好的"]))]
    ['WORKS', 'STILL', 'NOTED']
    """
    import numpy as np

    rows = clauses(texts)
    codes = pl.select(pl.repeat(Remark.NOTED, len(texts), dtype=pl.UInt8)).to_series()
    if rows.is_empty():
        return codes.alias("remark")
    distinct = rows["clause"].unique()
    told = pl.DataFrame([_list(name).said(distinct).alias(name) for name in _SAID])
    failed = pl.any_horizontal("no_use", "still", "again", "person", "complaint")
    won = pl.any_horizontal("works", "no_more", "praise") & ~failed & ~pl.col("question")
    told = told.with_columns(failed=failed, won=won, idle=pl.any_horizontal("ack", "greeting", "thanks"))
    numbers = pl.DataFrame({"clause": distinct}).with_row_index("number")
    number = rows.join(numbers, on="clause", how="left", maintain_order="left")["number"]
    begins = np.flatnonzero(np.diff(rows["text"].to_numpy().astype(np.int64), prepend=-1))
    said = _of_clauses(told, number.to_numpy(), rows["at"].to_numpy(), begins)
    return codes.scatter(rows["text"].gather(begins), said.select(_remark())["remark"]).alias("remark")


_KINDS = ("failed", "won", "question", "later", "works", "no_more", "person", "again", "still", "no_use", "thanks")


def _of_clauses(told: pl.DataFrame, number: Ints, at: Ints, begins: Ints) -> pl.DataFrame:
    """Sum the clauses of each text up: where the last of each kind stands, and whether all are of a kind.

    :param told: what each distinct clause says; ``number`` is which of them each clause is.
    :param at: the place of each clause in its text, from 1 or further on.
    :param begins: where the clauses of each text begin.
    """
    import numpy as np

    def says(name: str) -> Bools:
        flags: Bools = told[name].to_numpy()[number]
        return flags

    def some(flags: Bools) -> Bools:
        return np.logical_or.reduceat(flags, begins)

    idle, nothing, no = says("idle"), says("nothing"), says("no")
    return pl.DataFrame(
        {
            **{name: np.maximum.reduceat(np.where(says(name), at, 0), begins) for name in _KINDS},
            "nothing_else": some(nothing) & ~some(~(nothing | idle)),
            "no": some(no) & ~some(~(no | idle)),
            "idle": ~some(~idle),
            "denial": some(says("denial")),
            "greeting": some(says("greeting") & ~says("ack")),
        }
    )


def _remark() -> pl.Expr:
    failed, won, question, later = (pl.col(name) for name in ("failed", "won", "question", "later"))
    lost = (failed > 0) & (failed > won)
    kept = (won > 0) & (question < won)
    return (
        pl.when("no")
        .then(Remark.NO)
        .when("nothing_else")
        .then(Remark.NOTHING)
        .when(lost & (pl.col("person") > 0))
        .then(Remark.ASKED_PERSON)
        .when(lost & (pl.col("again") == failed))
        .then(Remark.ASKED_AGAIN)
        .when(lost & (pl.col("still") == failed))
        .then(Remark.STILL)
        .when(lost & (pl.col("no_use") == failed))
        .then(Remark.NO_USE)
        .when(lost)
        .then(Remark.COMPLAINT)
        .when(kept & (pl.col("works") == won))
        .then(Remark.WORKS)
        .when(kept & (pl.col("no_more") == won))
        .then(Remark.NO_MORE)
        .when(kept)
        .then(Remark.PRAISE)
        .when(later > 0)
        .then(Remark.LATER)
        .when(question > 0)
        .then(Remark.QUESTION)
        .when(pl.col("thanks") > 0)
        .then(Remark.THANKS)
        .when(pl.col("idle") & pl.col("greeting"))
        .then(Remark.GREETING)
        .when("idle")
        .then(Remark.NOTED)
        .when("denial")
        .then(Remark.DENIAL)
        .otherwise(Remark.OTHER)
        .cast(pl.UInt8)
        .alias("remark")
    )


_REPLIES = ("lost", "anything_else", "wait", "check", "ask", "greeting")


def replies(texts: pl.Series) -> pl.Series:
    """Say what each text of a bot or agent is, as a code of :class:`Reply` (u8)."""
    plain = normal_forms(texts.fill_null("").str.slice(-200)).str.replace_all("’", "'", literal=True)
    said = pl.DataFrame([_list(f"answer_{name}").said(plain).alias(name) for name in _REPLIES])
    code = (
        pl.when("lost")
        .then(Reply.LOST)
        .when("anything_else")
        .then(Reply.ANYTHING_ELSE)
        .when("wait")
        .then(Reply.WAIT)
        .when("greeting")
        .then(Reply.GREETING)
        .when("check")
        .then(Reply.CHECK)
        .when("ask")
        .then(Reply.ASK)
        .otherwise(Reply.ANSWER)
    )
    return said.select(reply=code.cast(pl.UInt8)).to_series()
