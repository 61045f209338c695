"""Questions as they are compared: masked, without greetings, each once."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

import polars as pl

from kefu.text.lexicon import Lexicon
from kefu.text.normalise import NO_LETTERS, normal_forms

LONGEST_QUESTION = 300
"""What stands after so many characters is not compared: a pasted page is no better known by its end."""
FEWEST_CHARACTERS = 2
"""A text of fewer letters or Chinese characters asks nothing."""
MOST_GREETINGS = 4
"""So many greetings in a row are taken off the front of a question."""

_LINK = r"(?:https?://|www\.)[\x21-\x7e]+|[a-z0-9._+-]+@[a-z0-9.-]+"
_STICKER = r"\[[^\[\]]{1,8}\]|&[a-z]{2,6};|<[a-z/][^<>]{0,60}>"
_CODE = r"[a-z_-]*\d[a-z0-9_-]{5,}"
_EMOJI = r"[\x{1f000}-\x{1faff}\x{2600}-\x{27bf}\x{fe0f}\x{200d}]+"
_PAUSE = " ,，、~～!！。."
_STOPS = " \t\r\n,，。.!！~～;；、"
_NUMBER = r"\d+(?:[.,:]\d+)*"


@dataclass(frozen=True)
class Questions:
    """The questions of a period.

    :param texts: ``text`` as it came, each once, and ``key``, null where it asks nothing.
    :param asked: a row per question, sorted by ``key``: ``key``, ``member`` (hash of the key), ``spaced`` (its
        words apart, masked, no greeting), ``text`` (its commonest form) and ``count``.
    """

    texts: pl.DataFrame
    asked: pl.DataFrame


def distinct_questions(texts: pl.DataFrame) -> Questions:
    """Bring together what is the same question: numbers, links, signs, stickers and greetings make no difference.

    :param texts: ``text`` and ``count``; rows without text or with a count below 1 are left out.
    """
    rows = texts.lazy().filter(pl.col("text").is_not_null(), pl.col("count") >= 1)
    rows = rows.group_by("text").agg(pl.col("count").cast(pl.Int64).sum()).sort("text")
    found = rows.collect().with_columns(spaced=pl.lit(""))
    found = found.with_columns(spaced=spaced(found["text"])).with_columns(key=_key())
    best = pl.col("text").sort_by(["count", "text"], descending=[True, False]).first()
    asked = (
        found.filter(pl.col("key").is_not_null())
        .group_by("key")
        .agg(pl.col("spaced").min(), text=best, count=pl.col("count").sum())
        .sort("key")
    )
    return Questions(found.select("text", "key"), asked.with_columns(member=hashes(asked["key"])))


def spaced(texts: pl.Series) -> pl.Series:
    """Give the words of texts with blanks between, masked: a number is 0, links and stickers are gone, greetings too.

    >>> spaced(pl.Series(["您好！订单 8812345 怎么退款？[微笑] 谢谢"])).to_list()
    ['订单 0 怎么退款']
    """
    short = normal_forms(texts.str.slice(0, LONGEST_QUESTION))
    plain = short.str.replace_all(_LINK, " ").str.replace_all(_STICKER, " ")
    plain = plain.str.replace_all(_CODE, " 0 ").str.replace_all(_NUMBER, "0").str.replace_all(NO_LETTERS, " ")
    opening, closing = _greetings()
    plain = plain.str.strip_chars()
    for _ in range(MOST_GREETINGS):
        plain = plain.str.replace(opening, "${kept}")
    return plain.str.replace(closing, "").str.strip_chars()


def without_signs(texts: pl.Series) -> pl.Series:
    """Take links, stickers, emoji and greetings from texts and leave the rest as it was written."""
    plain = texts.str.replace_all(_LINK, " ").str.replace_all(_STICKER, " ").str.replace_all(_EMOJI, " ")
    opening, closing = _greetings()
    for _ in range(MOST_GREETINGS):
        plain = plain.str.strip_chars(_STOPS).str.replace(opening, "${kept}")
    return plain.str.strip_chars_end(_STOPS).str.replace(closing, "").str.strip_chars(_STOPS)


def hashes(keys: pl.Series) -> pl.Series:
    """Name each key by 16 hexadecimal digits, the same on every machine and in every version."""
    found = [blake2b(key.encode(), digest_size=8).hexdigest() for key in keys.to_list()]
    return pl.Series(keys.name, found, dtype=pl.String)


def _key() -> pl.Expr:
    """Take the characters alone; null where too few are left beside the numbers."""
    bare = pl.col("spaced").str.replace_all(" ", "", literal=True)
    return pl.when(bare.str.replace_all("0", "", literal=True).str.len_chars() >= FEWEST_CHARACTERS).then(bare)


@functools.cache
def _greetings() -> tuple[str, str]:
    """Write what opens and what closes a question as patterns; words that only begin like a greeting are kept."""
    listed = Lexicon.load(topic_lists() / "greetings.txt")
    words = {name: [e.word for e in listed.entries if e.category == name] for name in ("opening", "closing", "alone")}
    opening, closing, alone = (_alternatives(words[name]) for name in ("opening", "closing", "alone"))
    kept = _alternatives(listed.allowed)
    return rf"^(?:(?P<kept>{kept})|(?:{opening}) *|(?:{alone})(?:[{_PAUSE}]+|$))", rf"(?: *(?:{closing}))+$"


def _alternatives(words: Iterable[str]) -> str:
    """Join words, the longest first; a word of letters ends where the letters end."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) + (r"(?-u:\b)" if word.isascii() else "") for word in ordered)


def topic_lists() -> Path:
    """Name the folder of our own lists."""
    return Path(str(files("kefu_lexicons") / "topics"))
