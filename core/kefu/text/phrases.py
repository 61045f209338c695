"""Find listed words and phrases in one text: look-ups only, so that no list can make a search explode.

A phrase may have gaps, written ``…``: up to :data:`WIDEST_GAP` characters of the same clause. Each of its parts may be
said in several ways, ``{没法|没办法}``. A phrase is looked for by its anchor, the part that says most by itself; what
stands before and after it is looked for beside the anchor only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from kefu.text.commonness import commonness

GAP = "…"
"""Stands in a listed phrase for up to :data:`WIDEST_GAP` characters."""

WIDEST_GAP = 4
MOST_GAPS = 2
MOST_WAYS = 1_000
"""A part of a phrase can be said in so many ways at most."""

CLAUSE_SIGNS = frozenset(",.!?;:，。！？；：\n\r\0")
"""What ends a clause. No gap of a phrase and no disguise reaches over it; a full stop is a disguise, though."""

AFTER, BEFORE = 0, 1

MOST_AT_A_PLACE = 4
"""Of the words that begin at one place, so many of the longest are looked at."""

_CHOICE = re.compile(r"\{([^{}]*)\}")


class Span(NamedTuple):
    """An occurrence of a word, as character offsets; ``end`` is the first one after it.

    ``parts`` are the stretches that are written in the list, apart by its gaps.
    """

    start: int
    end: int
    word: str
    parts: tuple[tuple[int, int], ...]

    @classmethod
    def whole(cls, start: int, end: int, word: str) -> Span:
        """Return an occurrence without a gap."""
        return cls(start, end, word, ((start, end),))

    def moved(self, by: int) -> Span:
        """Return the same so many characters further on."""
        parts = tuple((low + by, high + by) for low, high in self.parts)
        return Span(self.start + by, self.end + by, self.word, parts)


def ways(part: str) -> list[str]:
    """Write out in how many ways a part of a phrase can be said.

    >>> ways("{不|没法}管{了|}")
    ['不管了', '不管', '没法管了', '没法管']
    """
    pieces = _CHOICE.split(part)
    choices = [piece.split("|") if number % 2 else [piece] for number, piece in enumerate(pieces)]
    return list(dict.fromkeys(map("".join, product(*choices))))


def count_ways(part: str) -> int:
    """Count them without writing them out; the same way twice counts twice."""
    count = 1
    for choice in _CHOICE.findall(part):
        count *= choice.count("|") + 1
    return count


@dataclass(frozen=True)
class Phrase:
    """A phrase with gaps.

    :param word: as it is listed.
    :param parts: what may stand in each place.
    :param anchor: the place that is looked for first: the one that ordinary talk says least often.
    """

    word: str
    parts: tuple[frozenset[str], ...]
    anchor: int

    @classmethod
    def read(cls, word: str) -> Phrase:
        """Read a listed phrase."""
        parts = tuple(frozenset(ways(part)) for part in word.split(GAP))
        return cls(word, parts, min(range(len(parts)), key=lambda place: sum(map(commonness, parts[place]))))

    @property
    def nearest(self) -> tuple[int, frozenset[str]]:
        """Return the side of the anchor on which a part is looked for first, and what that may be."""
        last = self.anchor + 1 == len(self.parts)
        return (BEFORE, self.parts[-2]) if last else (AFTER, self.parts[self.anchor + 1])

    @cached_property
    def _lengths(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(sorted(set(map(len, part)), reverse=True)) for part in self.parts)

    def around(self, text: str, start: int, end: int) -> Span | None:
        """Find the other parts about an occurrence of the anchor, the nearest of each."""
        parts = [(start, end)]
        for place in range(self.anchor + 1, len(self.parts)):
            if (found := self._after(text, parts[-1][1], place)) is None:
                return None
            parts.append(found)
        for place in range(self.anchor - 1, -1, -1):
            if (found := self._before(text, parts[0][0], place)) is None:
                return None
            parts.insert(0, found)
        return Span(parts[0][0], parts[-1][1], self.word, tuple(parts))

    def _after(self, text: str, low: int, place: int) -> tuple[int, int] | None:
        part, lengths = self.parts[place], self._lengths[place]
        for start in range(low, min(low + WIDEST_GAP, len(text)) + 1):
            for length in lengths:
                if start + length <= len(text) and text[start : start + length] in part:
                    return start, start + length
            if text[start : start + 1] in CLAUSE_SIGNS:
                return None
        return None

    def _before(self, text: str, high: int, place: int) -> tuple[int, int] | None:
        part, lengths = self.parts[place], self._lengths[place]
        for end in range(high, max(high - WIDEST_GAP, 0) - 1, -1):
            for length in lengths:
                if length <= end and text[end - length : end] in part:
                    return end - length, end
            if text[end - 1 : end] in CLAUSE_SIGNS:
                return None
        return None


class Anchored:
    """The phrases with one anchor, by the character that is nearest to it: after it if anything stands there."""

    def __init__(self) -> None:
        """Begin with none."""
        self._after: dict[str, list[Phrase]] = {}
        self._before: dict[str, list[Phrase]] = {}

    def add(self, phrase: Phrase) -> None:
        """Take a phrase up."""
        side, literals = phrase.nearest
        found, place = (self._before, -1) if side == BEFORE else (self._after, 0)
        for sign in {literal[place] for literal in literals}:
            found.setdefault(sign, []).append(phrase)

    def spans(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Give the phrases about an occurrence of the anchor, or of what is the anchor of some of them."""
        after, before = text[end : end + WIDEST_GAP + 1], text[max(start - WIDEST_GAP - 1, 0) : start]
        near = {id(phrase): phrase for sign in after for phrase in self._after.get(sign, ())}
        near |= {id(phrase): phrase for sign in before for phrase in self._before.get(sign, ())}
        for phrase in near.values():
            if text[start:end] in phrase.parts[phrase.anchor] and (span := phrase.around(text, start, end)):
                yield span


class Phrases:
    """Words and phrases that can be looked for together.

    :param words: none empty; those without a gap are taken as they are.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Sort the words by what is looked for."""
        self._words: set[str] = set()
        self._phrases: dict[str, Phrase] = {}
        self._anchored: dict[str, Anchored] = {}
        for word in words:
            if GAP not in word:
                self._words.add(word)
                continue
            phrase = self._phrases[word] = Phrase.read(word)
            for literal in phrase.parts[phrase.anchor]:
                self._anchored.setdefault(literal, Anchored()).add(phrase)
        self._lengths = _by_beginning((*self._words, *self._anchored))

    def __bool__(self) -> bool:
        """Say whether there is anything to look for."""
        return bool(self._lengths)

    def spans(self, text: str) -> Iterator[Span]:
        """Go through the occurrences of all words."""
        lengths, size = self._lengths, len(text)
        for start in range(size):
            found = 0
            for length in lengths.get(text[start : start + 2], ()):
                if found < MOST_AT_A_PLACE and start + length <= size:
                    for span in self._spans_at(text, start, start + length):
                        found += 1
                        yield span
            if start + 1 < size and text[start] in lengths:
                yield from self._spans_at(text, start, start + 1)

    def literals(self, word: str) -> frozenset[str]:
        """Return what is looked for to find a word: a text with none of it does not hold the word."""
        if GAP not in word:
            return frozenset((word,))
        phrase = self._phrases[word]
        return phrase.parts[phrase.anchor]

    def _spans_at(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Give the word that is written between two places, and the phrases about it."""
        piece = text[start:end]
        if piece in self._words:
            yield Span.whole(start, end, piece)
        if beside := self._anchored.get(piece):
            yield from beside.spans(text, start, end)


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
