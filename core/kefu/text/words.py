"""Find the words of a lexicon in texts: a multi-pattern search first, word boundaries only where it found something."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

import polars as pl

from kefu.text.lexicon import Lexicon
from kefu.text.normalise import normal_forms
from kefu.text.sieve import sieve
from kefu.text.tokenizer import Tokenizer, seams

HITS = {
    "text": pl.UInt32,
    "word": pl.String,
    "category": pl.String,
    "severity": pl.UInt8,
    "start": pl.UInt32,
    "end": pl.UInt32,
}
"""The columns of a table of hits."""

MAY_FOLLOW_A_SINGLE = "吧了啊"
"""Particles after which a single character still stands alone (滚吧)."""

_REMEMBERED = 20_000
_SHORT = 100
"""Shorter runs of text are remembered with their tokens: phrases come again in other messages."""


class Span(NamedTuple):
    """An occurrence of a word, as character offsets; ``end`` is the first one after it."""

    start: int
    end: int
    word: str


class WordFinder:
    """Finds the words of a lexicon in texts.

    An occurrence is a hit if it is a word of its own (see :meth:`stands_alone`) and lies in no word of the allow
    list. Hits do not overlap: the longest wins, of equals the first.

    The first pass over the texts is a search in polars that misses nothing; word boundaries are looked for only in
    what it lets through.
    """

    def __init__(self, lexicon: Lexicon, tokenizer: Tokenizer | None = None) -> None:
        """Prepare the search; the tokenizer loads its dictionary when the first hit needs it."""
        self._lexicon = lexicon
        self._entries = {entry.word: entry for entry in lexicon.entries}
        self._words = frozenset(self._entries) | frozenset(lexicon.allowed)
        self._tokenizer = tokenizer or Tokenizer()
        self._remembered_edges = lru_cache(_REMEMBERED)(self._tokenizer.edges)

    def __reduce__(self) -> tuple[type[WordFinder], tuple[Lexicon, Tokenizer]]:
        """Travel to another process without what was prepared."""
        return WordFinder, (self._lexicon, self._tokenizer)

    def find(self, texts: pl.Series) -> pl.DataFrame:
        """Return every hit, by text and place.

        :param texts: texts, best each once: the work is done for each; nulls have no hits.
        :return: ``text`` (index into ``texts``), ``word``, ``category``, ``severity``, ``start`` and ``end``
            (character offsets in the normal form of the text).
        """
        hits = list(self._hits(texts))
        entries = [self._entries[span.word] for _, span in hits]
        columns = (
            [index for index, _ in hits],
            [entry.word for entry in entries],
            [entry.category for entry in entries],
            [entry.severity for entry in entries],
            [span.start for _, span in hits],
            [span.end for _, span in hits],
        )
        return pl.DataFrame(dict(zip(HITS, columns, strict=True)), schema=HITS)

    def counts(self, texts: pl.Series) -> pl.Series:
        """Return the number of hits of each text, as u32; 0 for a null."""
        found = pl.Series([index for index, _ in self._hits(texts)], dtype=pl.UInt32).value_counts(name="hits")
        counts = pl.zeros(len(texts), dtype=pl.UInt32, eager=True)
        return counts.scatter(found.to_series(0), found["hits"]).alias("hits")

    def _hits(self, texts: pl.Series) -> Iterator[tuple[int, Span]]:
        """Go through the texts that the sieve lets through."""
        if not self._entries:
            return
        frame = texts.cast(pl.String).alias("text").to_frame().with_row_index("index").filter(self._sieve)
        for index, text in zip(frame["index"].to_list(), normal_forms(frame["text"]).to_list(), strict=True):
            for span in self._accepted(text):
                yield index, span

    @cached_property
    def _sieve(self) -> pl.Expr:
        """The first pass, made when it is first needed."""
        return sieve(pl.col("text"), self._entries)

    @cached_property
    def _lengths(self) -> dict[str, tuple[int, ...]]:
        """How long the words are that begin with the same two characters; a single character stands for itself."""
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[:2], set()).add(len(word))
        return {head: tuple(sorted(found)) for head, found in lengths.items()}

    def _spans(self, text: str) -> Iterator[Span]:
        """Find all occurrences of all words, the innocent ones included."""
        lengths, words, end = self._lengths, self._words, len(text)
        for start in range(end):
            if text[start] in lengths and start + 1 < end:
                yield Span(start, start + 1, text[start])
            for length in lengths.get(text[start : start + 2], ()):
                word = text[start : start + length]
                if word in words and start + length <= end:
                    yield Span(start, start + length, word)

    def _accepted(self, text: str) -> list[Span]:
        """Choose the occurrences that count."""
        spans = list(self._spans(text))
        innocent = [span for span in spans if span.word not in self._entries]
        listed = [span for span in spans if span.word in self._entries]
        if not listed:
            return []
        reach = list(accumulate((span.end for span in innocent), max))
        starts = [span.start for span in innocent]
        tokens = _Tokens(text, self._edges)
        taken = bytearray(len(text))
        kept: list[Span] = []
        for span in sorted(listed, key=lambda found: (found.start - found.end, found.start)):
            before = bisect_right(starts, span.start)
            if any(taken[span.start : span.end]) or (before and reach[before - 1] >= span.end):
                continue
            if self._stands_alone(span, tokens):
                kept.append(span)
                taken[span.start : span.end] = b"\1" * (span.end - span.start)
        return sorted(kept)

    def _stands_alone(self, span: Span, tokens: _Tokens) -> bool:
        """Say whether an occurrence is a word of its own and not a piece of another.

        An end that is a letter or digit touches no other letter or digit. With a Chinese character in it, the word
        is exactly whole tokens or lies inside one (大骗子); it never runs over the edge of a token (操 in 操作). A
        single character counts only where no Chinese character is beside it, 吧, 了 and 啊 after it apart.
        """
        word, text = span.word, tokens.text
        before, after = text[max(span.start - 1, 0) : span.start], text[span.end : span.end + 1]
        if (_is_latin(word[0]) and _is_latin(before)) or (_is_latin(word[-1]) and _is_latin(after)):
            return False
        if not any(map(_is_han, word)):
            return True
        single = len(word) == 1
        if (single or self._entries[word].isolated) and not _is_isolated(before, after):
            return False
        return single or not tokens.are_crossed_by(span)

    def _edges(self, run: str) -> list[int]:
        """Give the edges of the tokens of a run of text."""
        return self._remembered_edges(run) if len(run) <= _SHORT else self._tokenizer.edges(run)


class _Tokens:
    """The tokens of a text, found piece by piece where they are asked for."""

    def __init__(self, text: str, edges: Callable[[str], list[int]]) -> None:
        """Divide the text into pieces that can be cut by themselves."""
        self.text = text
        self._seams = seams(text)
        self._edges = edges
        self._known: dict[tuple[int, int], list[int]] = {}

    def are_crossed_by(self, span: Span) -> bool:
        """Say whether a span runs over the edge of a token: it is neither whole tokens nor inside one."""
        low = self._seams[bisect_right(self._seams, span.start) - 1]
        high = self._seams[bisect_left(self._seams, span.end)]
        if (low, high) == (span.start, span.end):
            return False
        if (low, high) not in self._known:
            self._known[low, high] = self._edges(self.text[low:high])
        edges, start, end = self._known[low, high], span.start - low, span.end - low
        first, last = bisect_right(edges, start) - 1, bisect_left(edges, end)
        return (edges[first], edges[last]) != (start, end) and last - first > 1


def _is_isolated(before: str, after: str) -> bool:
    """Say whether no Chinese character, particles apart, stands beside a word."""
    return not _is_han(before) and (not _is_han(after) or after in MAY_FOLLOW_A_SINGLE)


def _is_latin(sign: str) -> bool:
    """Say whether a character, if there is one, belongs to a run of letters and digits."""
    return sign.isalnum() and sign < "\u2e80"  # where the East Asian scripts begin


def _is_han(sign: str) -> bool:
    """Say whether a character, if there is one, is Chinese."""
    return sign >= "\u3400" and sign.isalpha()
