"""Find many patterns in many texts at once, with an automaton that is built once and held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

MOST_FOUND = 1_000_000
"""So many occurrences at most are found at once, whatever the texts hold."""
MOST_SIGNS = 250_000
"""So many characters are searched at once."""
LEAST_SIGNS = 4_000
_AFTER = "\n" * 8
"""What stands after the last text, so that a look beyond it finds nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """Occurrences of patterns in some texts, by text.

    :param text: which text each is in, ``start`` and ``end`` where.
    :param signs: the characters of all texts as numbers, line feeds between them and at both ends.
    :param at: where each occurrence begins in ``signs``.
    :param texts: how many texts there are.
    """

    text: Ints
    pattern: Ints
    start: Ints
    end: Ints
    signs: NDArray[np.uint32]
    at: Ints
    texts: int


class Automaton:
    """Finds all occurrences of all patterns, those that overlap as well.

    :param patterns: none empty, none with a line feed in it.
    :param numbers: what each is called.
    :param longest: their greatest length.
    :param nested: so many of them at most end at one place.
    """

    def __init__(self, patterns: Sequence[str], numbers: Ints, longest: int, nested: int) -> None:
        """Build the automaton."""
        from ahocorasick_rs import AhoCorasick

        self._search = AhoCorasick(patterns, store_patterns=False)
        self._numbers = numbers
        self._longest = longest
        self._at_once = max(LEAST_SIGNS, min(MOST_SIGNS, MOST_FOUND // max(nested, 1)))

    def runs(self, sizes: Ints) -> Iterator[slice]:
        """Cut texts of some sizes into runs that can be searched at once."""
        ends = np.cumsum(sizes + 1)
        low = 0
        while low < len(ends):
            before = int(ends[low - 1]) if low else 0
            high = max(low + 1, int(np.searchsorted(ends, before + self._at_once, side="right")))
            yield slice(low, high)
            low = high

    def found(self, texts: list[str], sizes: Ints) -> Found:
        """Search a run of texts of some sizes."""
        joined = "\n".join(texts)
        pattern, at, end = self._rows(joined)
        ends = np.cumsum(sizes + 1)
        text = np.searchsorted(ends, at, side="right")
        begins = (ends - sizes - 1)[text]
        signs = np.frombuffer(f"\n{joined}{_AFTER}".encode("utf-32-le"), dtype=np.uint32)
        return Found(text, pattern, at - begins, end - begins, signs, at + 1, len(texts))

    def _rows(self, text: str) -> tuple[Ints, Ints, Ints]:
        """Search one text: patterns, starts and ends, by the end."""
        found = self._search.find_matches_as_indexes(text, overlapping=True)
        flat = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=3 * len(found))
        return self._numbers[flat[0::3]], flat[1::3], flat[2::3]

    def in_one(self, text: str) -> list[tuple[int, int, int]]:
        """Search one text: pattern, start and end of each occurrence, by the start, the longest first."""
        found = self._search.find_matches_as_indexes(text, overlapping=True)
        rows = ((int(self._numbers[pattern]), start, end) for pattern, start, end in found)
        return sorted(rows, key=lambda row: (row[1], -row[2]))

    def windows(self, text: str, seams: Sequence[int]) -> Iterator[tuple[Ints, int]]:
        """Search an endless text window by window: the patterns found, and how many times each counts.

        In a window of one repeated character what begins at its first place stands for all.

        :param seams: where windows begin and end: 0 first, the length of the text last.
        """
        for low, high in pairwise(seams):
            stretch, size, times = text[low : high + self._longest - 1], high - low, 1
            if len(stretch) == size + self._longest - 1 and len(set(stretch)) == 1:
                stretch, size, times = stretch[: self._longest], 1, size
            pattern, start, _ = self._rows(stretch)
            yield pattern[start < size], times
