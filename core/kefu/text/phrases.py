"""Find listed words and phrases in one text: look-ups only, so that no list can make a search explode.

A phrase may have gaps, written ``…``: up to :data:`WIDEST_GAP` characters of the same clause. Each of its parts may be
said in several ways, ``{没法|没办法}帮{你|他}``. A part that can be said in many ways is a chain of links, not written
out. A phrase is looked for by its anchor, the link that says most by itself; what stands before and after it is looked
for beside the anchor only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from kefu.text.commonness import commonness

GAP = "…"
"""Stands in a listed phrase for up to :data:`WIDEST_GAP` characters."""

WIDEST_GAP = 4
MOST_GAPS = 2
MOST_WAYS = 1_000
"""A part of a phrase can be said in so many ways at most."""

MOST_WRITTEN_OUT = 100
"""A part of more ways is a chain of links, of so many ways each if its alternatives are not more."""

CLAUSE_SIGNS = frozenset(",.!?;:，。！？；：\n\r\0")
"""What ends a clause. No gap of a phrase and no disguise reaches over it; a full stop is a disguise, though."""

AFTER, BEFORE, NEXT, PREVIOUS = range(4)
"""Sides of an anchor: beyond a gap, which may be nothing, or right beside it."""

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


def is_phrase(word: str) -> bool:
    """Say whether a word of a lexicon is a phrase: with a gap, or with alternatives that are not written out."""
    return GAP in word or "{" in word


class Link(NamedTuple):
    """What may stand in one place of a phrase, nothing between it and the next link, and the lengths of that."""

    ways: frozenset[str]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, said: Iterable[str]) -> Link:
        """Make a link; none of the ways is empty."""
        found = frozenset(said)
        return cls(found, tuple({*map(len, found)}))

    def ends(self, text: str, starts: Iterable[int]) -> set[int]:
        """Return where it ends if it begins at one of some places."""
        size = len(text)
        return {
            start + length
            for start in starts
            for length in self.sizes
            if start + length <= size and text[start : start + length] in self.ways
        }

    def starts(self, text: str, ends: Iterable[int]) -> set[int]:
        """Return where it begins if it ends at one of some places."""
        return {
            end - length
            for end in ends
            for length in self.sizes
            if length <= end and text[end - length : end] in self.ways
        }


Chain = tuple[Link, ...]


@dataclass(frozen=True)
class Phrase:
    """A phrase with gaps, or with many alternatives.

    :param word: as it is listed.
    :param parts: what stands before, between and after the gaps.
    :param anchor: the part, and the link of it, that is looked for first: the one that ordinary talk says least often.
    """

    word: str
    parts: tuple[Chain, ...]
    anchor: tuple[int, int]

    @classmethod
    def read(cls, word: str) -> Phrase:
        """Read a listed phrase."""
        parts = tuple(_chain(part) for part in word.split(GAP))
        places = [(part, link) for part, chain in enumerate(parts) for link in range(len(chain))]
        return cls(word, parts, min(places, key=lambda at: sum(map(commonness, parts[at[0]][at[1]].ways))))

    @property
    def anchors(self) -> frozenset[str]:
        """What it is looked for by."""
        part, link = self.anchor
        return self.parts[part][link].ways

    @property
    def nearest(self) -> tuple[int, frozenset[str]]:
        """Return the side of the anchor on which a link is looked for first, and what that may be."""
        part, link = self.anchor
        links = [one for chain in self.parts for one in chain]
        place = sum(map(len, self.parts[:part])) + link
        if place + 1 < len(links):
            return NEXT if link + 1 < len(self.parts[part]) else AFTER, links[place + 1].ways
        return PREVIOUS if link else BEFORE, links[place - 1].ways

    def around(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Find the other links about an occurrence of the anchor; of a part beyond a gap, the nearest and longest."""
        part, link = self.anchor
        lows = _starts(text, start, self.parts[part][:link])
        highs = _ends(text, end, self.parts[part][link + 1 :])
        if len(self.parts) == 1:
            yield from (Span.whole(low, high, self.word) for low in lows for high in highs)
            return
        parts = [(min(lows), max(highs))] if lows and highs else []
        for chain in self.parts[part + 1 :] if parts else ():
            if (found := _after(text, parts[-1][1], chain)) is None:
                return
            parts.append(found)
        for chain in self.parts[:part][::-1] if parts else ():
            if (found := _before(text, parts[0][0], chain)) is None:
                return
            parts.insert(0, found)
        if parts:
            yield Span(parts[0][0], parts[-1][1], self.word, tuple(parts))


def _chain(part: str) -> Chain:
    """Take a part of a phrase apart into links of not too many ways, none of which is nothing."""
    pieces = _CHOICE.split(part)
    choices = [piece.split("|") if number % 2 else [piece] for number, piece in enumerate(pieces)]
    links = [[""]]
    for choice in choices:
        together = [first + second for first in links[-1] for second in choice]
        if len(together) > MOST_WRITTEN_OUT and all(links[-1]) and all(choice):
            links.append(choice)
        else:
            links[-1] = together
    return tuple(map(Link.of, links))


def _ends(text: str, place: int, links: Chain) -> set[int]:
    """Return where links end that follow on a place."""
    found = {place}
    for link in links:
        found = link.ends(text, found)
    return found


def _starts(text: str, place: int, links: Chain) -> set[int]:
    """Return where links begin that a place follows on."""
    found = {place}
    for link in reversed(links):
        found = link.starts(text, found)
    return found


def _after(text: str, low: int, chain: Chain) -> tuple[int, int] | None:
    for start in range(low, min(low + WIDEST_GAP, len(text)) + 1):
        if ends := _ends(text, start, chain):
            return start, max(ends)
        if text[start : start + 1] in CLAUSE_SIGNS:
            return None
    return None


def _before(text: str, high: int, chain: Chain) -> tuple[int, int] | None:
    for end in range(high, max(high - WIDEST_GAP, 0) - 1, -1):
        if starts := _starts(text, end, chain):
            return min(starts), end
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
        found, place = (self._before, -1) if side in {BEFORE, PREVIOUS} else (self._after, 0)
        for sign in {literal[place] for literal in literals}:
            found.setdefault(sign, []).append(phrase)

    def spans(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Give the phrases about an occurrence of the anchor, or of what is the anchor of some of them."""
        after, before = text[end : end + WIDEST_GAP + 1], text[max(start - WIDEST_GAP - 1, 0) : start]
        near = {id(phrase): phrase for sign in after for phrase in self._after.get(sign, ())}
        near |= {id(phrase): phrase for sign in before for phrase in self._before.get(sign, ())}
        for phrase in near.values():
            if text[start:end] in phrase.anchors:
                yield from phrase.around(text, start, end)


class Phrases:
    """Words and phrases that can be looked for together.

    :param words: none empty; those that are no phrases are taken as they are.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Sort the words by what is looked for."""
        self._words: set[str] = set()
        self._phrases: dict[str, Phrase] = {}
        self._anchored: dict[str, Anchored] = {}
        for word in words:
            if not is_phrase(word):
                self._words.add(word)
                continue
            phrase = self._phrases[word] = Phrase.read(word)
            for literal in phrase.anchors:
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
        return self._phrases[word].anchors if is_phrase(word) else frozenset((word,))

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
