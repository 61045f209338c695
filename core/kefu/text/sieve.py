"""A first, fast look: which texts can hold a word of a list at all.

One pass over the raw text, before any of it is normalised. The pass looks for the words and, beside them, for every
character that normalising would turn into a character of a word; so it may let a text through for nothing, but it
misses none.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator

import polars as pl

from kefu.text.normalise import PLAIN_PUNCTUATION, changes, simplified_forms
from kefu.text.phrases import GAP

_LONGEST_LITERAL = 12
"""A longer word is looked for by its beginning."""

MANY_WORDS = 800
AUTOMATON_FROM = 3_000
"""The regex engine of polars searches for 3,000 literals or more with an Aho-Corasick automaton, for fewer with a lazy
automaton: twice as fast, until the words are so many that they overrun its cache. Beyond that, more are better."""

_MOST_LITERALS = 100_000
"""More words than that are looked for by shorter and shorter beginnings: an automaton of a million would take minutes
to build and gigabytes to hold."""

_SIGNS = re.compile(f"[{re.escape(''.join(PLAIN_PUNCTUATION.values()))}]+")
_SAME = {"您": "你", "妳": "你", "’": "'"}
"""Signs that a word need not tell apart."""


def sieve(text: pl.Expr, words: Iterable[str]) -> pl.Expr:
    """Tell the texts whose normal form may hold one of the words; false is certain, for nulls too.

    :param words: in normal form, each with a letter, digit or character that is no plain punctuation.
    """
    listed = list(words)
    if not listed:
        return pl.lit(value=False)
    literals = _literals(listed)
    many = len(literals) > MANY_WORDS
    literals.update(foreign_characters(set("".join(listed))))
    if many and len(literals) < AUTOMATON_FROM:
        literals.update(simplified_forms())
    # A regex that is nothing but literals: polars keeps the automaton between calls, which contains_any does not. (A
    # character class beside thousands of words would take it off that path and make it a hundred times slower.)
    read = text.str.to_lowercase().str.replace_many([*_SAME], [*_SAME.values()])
    return read.str.contains("|".join(map(escaped, sorted(literals)))).fill_null(value=False)


def hold_both(texts: pl.Series, pairs: pl.DataFrame) -> pl.Series:
    """Tell the texts that hold both parts of a pair.

    :param texts: in normal form.
    :param pairs: ``head`` and ``tail``.
    """
    parts = pl.concat([pairs["head"], pairs["tail"].alias("head")]).unique().sort()
    none = pl.zeros(len(texts), dtype=pl.Boolean, eager=True)
    if parts.is_empty() or texts.is_empty():
        return none
    found = pl.col("text").str.extract_many(parts.implode(), overlapping=True).list.unique()
    held = texts.alias("text").to_frame().with_row_index("index").select("index", part=found).explode("part")
    both = held.join(pairs, left_on="part", right_on="head").join(
        held, left_on=["index", "tail"], right_on=["index", "part"], how="semi"
    )
    return none.scatter(both["index"].unique(), values=True)


def foreign_characters(used: set[str]) -> Iterator[str]:
    """List the characters that normalising may turn into one of those used, or take out from between them."""
    for old, new in changes().items():
        if old not in PLAIN_PUNCTUATION and not ("A" <= old <= "Z") and (not new or not used.isdisjoint(new)):
            yield old
    if "\u03c2" in used:  # a final sigma
        yield "\u03a3"
    if any(map(_is_composed, used)):
        yield from combining()


def _literals(words: list[str]) -> set[str]:
    """Write out the words, by shorter beginnings if they are too many."""
    for longest in (_LONGEST_LITERAL, 4, 3, 2):
        literals = {_solid(word, longest) for word in words}
        if len(literals) <= _MOST_LITERALS:
            return literals
    return {literal[0] for literal in literals}


def _solid(word: str, longest: int) -> str:
    """Return a piece of a word that a text has to hold as it is, if it holds no foreign character."""
    solid = max(_SIGNS.split(max(word.split(GAP), key=len)), key=len)[:longest]
    return "".join(_SAME.get(sign, sign) for sign in solid)


def _is_composed(sign: str) -> bool:
    """Say whether a character can arise from two, or is the second of such a pair."""
    return unicodedata.normalize("NFD", sign) != sign or unicodedata.combining(sign) > 0


@functools.cache
def combining() -> frozenset[str]:
    """Give the characters that can become one with what stands before them."""
    signs = [chr(code) for code in range(0x300, 0x1E950)]
    seconds = (second for sign in signs for second in unicodedata.normalize("NFD", sign)[1:])
    return frozenset(seconds) | frozenset(filter(unicodedata.combining, signs))


def escaped(literal: str) -> str:
    """Quote a literal for polars' regexes."""
    return re.sub(r"([\\.+*?()|\[\]{}^$#&\-~])", r"\\\1", literal)
