"""Find listed words and phrases in one text: dictionary look-ups only, so that no list can make a search explode.

A phrase may have one gap, written ``…``: up to :data:`WIDEST_GAP` characters of the same clause. Every place of a
text costs at most a look-up for each length of the words that begin as the text does there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

GAP = "…"
"""Stands in a listed phrase for up to :data:`WIDEST_GAP` characters."""

WIDEST_GAP = 4

CLAUSE_SIGNS = frozenset(",.!?;:，。！？；：\n\r\0")
"""What ends a clause. No gap of a phrase and no disguise reaches over it; a full stop is a disguise, though."""

_MOST_AT_A_PLACE = 4
"""Of the words that begin at one place, so many of the longest are looked at."""


class Span(NamedTuple):
    """An occurrence of a word, as character offsets; ``end`` is the first one after it.

    ``cut`` and ``resume`` are the ends of its gap; without one, both are ``end``.
    """

    start: int
    end: int
    word: str
    cut: int
    resume: int

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """Where the written parts of the word are."""
        if self.cut == self.end:
            return ((self.start, self.end),)
        return (self.start, self.cut), (self.resume, self.end)


class Phrases:
    """Words that can be looked for together.

    :param words: none empty; a word has one :data:`GAP` at most, and text on both sides of it.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Sort the words by how they begin."""
        self._words: set[str] = set()
        self._tails: dict[str, dict[str, str]] = {}
        for word in words:
            head, gap, tail = word.partition(GAP)
            if gap:
                self._tails.setdefault(head, {})[tail] = word
            else:
                self._words.add(word)
        self._lengths = _by_beginning((*self._words, *self._tails))
        self._tail_lengths = {head: sorted(set(map(len, tails))) for head, tails in self._tails.items()}

    def __bool__(self) -> bool:
        """Say whether there is anything to look for."""
        return bool(self._lengths)

    def spans(self, text: str) -> Iterator[Span]:
        """Go through the occurrences of all words, by place."""
        lengths, size = self._lengths, len(text)
        for start in range(size):
            found = 0
            for length in lengths.get(text[start : start + 2], ()):
                if found < _MOST_AT_A_PLACE and start + length <= size:
                    for span in self._spans_at(text, start, start + length):
                        found += 1
                        yield span
            if start + 1 < size and text[start] in lengths:
                yield from self._spans_at(text, start, start + 1)

    def _spans_at(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Give the word that is written between two places, and those that begin with it and have a gap after it."""
        piece = text[start:end]
        if piece in self._words:
            yield Span(start, end, piece, end, end)
        if tails := self._tails.get(piece):
            yield from self._with_gap(text, start, end, tails)

    def _with_gap(self, text: str, start: int, cut: int, tails: dict[str, str]) -> Iterator[Span]:
        """Give the nearest ending of a phrase with a gap."""
        lengths = self._tail_lengths[text[start:cut]]
        for resume in range(cut, cut + WIDEST_GAP + 1):
            for length in reversed(lengths):
                word = tails.get(text[resume : resume + length])
                if word and resume + length <= len(text):
                    yield Span(start, resume + length, word, cut, resume)
                    return
            if text[resume : resume + 1] in CLAUSE_SIGNS or resume >= len(text):
                return


def _by_beginning(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Give the lengths, longest first, of the words with the same first two characters; one character is itself."""
    lengths: dict[str, set[int]] = {}
    for word in words:
        lengths.setdefault(word[:2], set()).add(len(word))
    return {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}


class Cover:
    """Stretches of a text in which nothing counts."""

    def __init__(self, spans: Iterable[Span]) -> None:
        """Note how far the stretches reach that begin at a place or before it."""
        self._starts: list[int] = []
        self._reach: list[int] = []
        for span in sorted(spans):
            self._starts.append(span.start)
            self._reach.append(max(span.end, self._reach[-1] if self._reach else 0))

    def holds(self, span: Span) -> bool:
        """Say whether a span lies in one of the stretches."""
        before = bisect_right(self._starts, span.start)
        return before > 0 and self._reach[before - 1] >= span.end
