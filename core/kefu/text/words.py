"""Find the words of a lexicon in texts: a multi-pattern search first, word boundaries only where it found something."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from kefu.text.lexicon import Entry, Lexicon
from kefu.text.normalise import needs_normalising, normalised
from kefu.text.tokenizer import Tokenizer

HITS = {
    "text": pl.UInt32,
    "word": pl.String,
    "category": pl.String,
    "severity": pl.UInt8,
    "start": pl.UInt32,
    "end": pl.UInt32,
}
"""The columns of a table of hits."""


class Span(NamedTuple):
    """An occurrence of a word, as character offsets; ``end`` is the first one after it."""

    start: int
    end: int
    word: str


class WordFinder:
    """Finds the words of a lexicon in texts."""

    def __init__(self, lexicon: Lexicon, tokenizer: Tokenizer | None = None) -> None:
        """Prepare the search."""
        self._entries = {entry.word: entry for entry in lexicon.entries}
        self._patterns = [*self._entries, *lexicon.allowed]
        self._edges = (tokenizer or Tokenizer()).edges

    def find(self, texts: pl.Series) -> pl.DataFrame:
        """Return every hit in distinct texts, by text and place.

        :param texts: texts, each once; nulls have no hits.
        :return: ``text`` (index into ``texts``), ``word``, ``category``, ``severity``, ``start`` and ``end``
            (character offsets in the normal form of the text).
        """
        rows = [(i, e.word, e.category, e.severity, s.start, s.end) for i, s, e in self._hits(texts)]
        return pl.DataFrame(rows, schema=HITS, orient="row")

    def counts(self, texts: pl.Series) -> pl.Series:
        """Return the number of hits of each text, as u32; 0 for a null."""
        hits = self.find(texts).group_by("text").agg(n=pl.len().cast(pl.UInt32))
        rows = pl.DataFrame({"text": pl.arange(len(texts), dtype=pl.UInt32, eager=True)})
        return rows.join(hits, on="text", how="left", maintain_order="left")["n"].fill_null(0).rename("hits")

    def _hits(self, texts: pl.Series) -> Iterator[tuple[int, Span, Entry]]:
        """Go through the candidates one by one."""
        if not self._entries:
            return
        for index, text, words, offsets in self._candidates(texts).iter_rows():
            spans = _spans(text, words, offsets)
            for span in self._accepted(text, spans):
                yield index, span, self._entries[span.word]

    def _candidates(self, texts: pl.Series) -> pl.DataFrame:
        """Return index, normal form, words and byte offsets of the texts that hold a word, boundaries aside."""
        frame = pl.DataFrame({"i": pl.arange(len(texts), dtype=pl.UInt32, eager=True), "t": texts})
        odd = frame.select(needs_normalising(pl.col("t"))).to_series().fill_null(value=False)
        words = pl.Series(self._patterns)
        some = pl.col("t").str.contains_any(words.implode(), ascii_case_insensitive=True)
        frame = pl.concat([frame.filter(~odd).filter(some), frame.filter(odd)])
        frame = frame.with_columns(normalised(pl.col("t")))
        found = frame.with_columns(
            w=pl.col("t").str.extract_many(words.implode(), overlapping=True),
            o=pl.col("t").str.find_many(words.implode(), overlapping=True),
        )
        return found.filter(pl.col("w").list.len() > 0).sort("i")

    def _accepted(self, text: str, spans: list[Span]) -> list[Span]:
        """Choose the occurrences that count."""
        innocent = [span for span in spans if span.word not in self._entries]
        kept: list[Span] = []
        for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
            if span.word not in self._entries or _touches(span, kept) or _inside(span, innocent):
                continue
            if stands_alone(text, span, self._edges, isolated=self._entries[span.word].isolated):
                kept.append(span)
        return sorted(kept)


def _spans(text: str, words: Iterable[str], offsets: Iterable[int]) -> list[Span]:
    """Turn byte offsets into character offsets."""
    data = text.encode()
    starts = [len(data[:offset].decode()) for offset in offsets]
    return [Span(start, start + len(word), word) for start, word in zip(starts, words, strict=True)]


def _touches(span: Span, others: Iterable[Span]) -> bool:
    """Say whether a span shares a character with any other."""
    return any(span.start < other.end and other.start < span.end for other in others)


def _inside(span: Span, others: Iterable[Span]) -> bool:
    """Say whether a span lies within any other."""
    return any(other.start <= span.start and span.end <= other.end for other in others)


def stands_alone(text: str, span: Span, edges: Callable[[str], list[int]], *, isolated: bool = False) -> bool:
    """Say whether an occurrence is a word of its own and not a piece of another.

    An end that is a letter or digit touches no other letter or digit. With a Chinese character in it, the word is
    exactly whole tokens or lies inside one (大骗子); it never runs over the edge of a token (操 in 操作). A single
    character counts only where no Chinese character is beside it, 吧, 了 and 啊 after it apart.
    """
    before, after = text[span.start - 1 : span.start], text[span.end : span.end + 1]
    if _latin(span.word[0]) and _latin(before) or _latin(span.word[-1]) and _latin(after):
        return False
    if not any(map(_han, span.word)):
        return True
    single = len(span.word) == 1
    if (single or isolated) and (_han(before) or _han(after) and after not in "吧了啊"):
        return False
    return single or not _crosses(edges(text), span)


def _crosses(edges: list[int], span: Span) -> bool:
    """Say whether a span runs over the edge of a token."""
    low = edges[bisect_right(edges, span.start) - 1]
    high = edges[bisect_left(edges, span.end)]
    return (low, high) != (span.start, span.end) and bisect_left(edges, high) - bisect_left(edges, low) > 1


def _latin(sign: str) -> bool:
    """Say whether a character belongs to a run of letters and digits."""
    return sign.isalnum() and ord(sign) < 0x2E80  # noqa: PLR2004 - where the East Asian scripts begin


def _han(sign: str) -> bool:
    """Say whether a character is Chinese."""
    return sign >= "\u3400" and sign.isalpha()
