"""The words of a lexicon laid out for the search: tables of numbers and two long strings, small and soon read.

What is searched for are *patterns*. A pattern stands for some *items*: entries of the lexicon, innocent words, cues,
and one item for each category. A *use* says what a pattern is for an item: see :class:`Use`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kefu.text.automaton import Automaton
from kefu.text.lexicon import Entry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Bits = NDArray[np.int64]


class Mark:
    """What a pattern is like."""

    BEGINS, ENDS = 1, 2
    """It begins or ends with a letter or digit."""
    RIGHT, LEFT = 4, 8
    """A phrase goes on after it, or before it."""
    LONE = 16
    """… and it may be with a single character."""
    NEXT, PREVIOUS = 32, 64
    """A phrase goes on right after it, or right before it."""


class Use:
    """What a pattern is for an item."""

    WORD = 1
    """The word itself."""
    PHRASE = 2
    """What a phrase with a gap is looked for by."""
    CUE = 4
    """A weak word of the item's categories may count in a text that holds the pattern."""
    SOLID = 8
    """The word without blanks."""
    KEY = 16
    """The word without blanks, each run of a character as one."""
    INNOCENT = 32
    """The same of an innocent word."""
    LEET = 64
    """The word with i for l: how it reads when digits stand for letters."""
    REPEATED = 128
    """Repeated characters with which a word of the item's category may begin or be drawn out."""
    ALONE = 256
    """Beside ``WORD``: it counts only where no Chinese character stands beside it."""


@dataclass(frozen=True, eq=False)
class Wordings:
    """A lexicon, laid out; all texts are in normal form, 您 in a pattern is written 你.

    :param digest: of the lexicon.
    :param patterns: a line each.
    :param words: the words of the entries, then the innocent ones, a line each.
    :param senses: category, severity, isolated, weak and the stances of entries, each combination once.
    :param cues: word, kind and categories of each cue.
    :param sense_of: the number of each entry's combination.
    :param category_of: the category of each item, -1 for one without.
    :param bits_of: the categories that each item bears on, as bits.
    :param marks: what each pattern is like.
    :param pattern, item, use: the uses, in order of the patterns and then of the items.
    :param beside: a Bloom filter of what may stand beside the patterns of phrases: see :mod:`.holding`.
    :param nested: so many patterns at most end at one place.
    """

    digest: str
    patterns: str
    words: str
    categories: tuple[str, ...]
    senses: tuple[tuple[str, int, bool, bool, tuple[str, ...]], ...]
    cues: tuple[tuple[str, str, tuple[str, ...]], ...]
    sense_of: Ints
    category_of: Ints
    bits_of: Bits
    marks: NDArray[np.uint8]
    pattern: Ints
    item: Ints
    use: NDArray[np.uint16]
    beside: NDArray[np.uint8]
    longest: int
    nested: int

    @property
    def entries(self) -> int:
        """How many entries there are: the first so many items."""
        return len(self.sense_of)

    @cached_property
    def weak(self) -> NDArray[np.bool_]:
        """Tell the items that are weak words."""
        found = np.zeros(len(self.category_of), dtype=bool)
        found[: self.entries] = np.array([sense[3] for sense in self.senses], dtype=bool)[self.sense_of]
        return found

    def automaton_of(self, used: NDArray[np.bool_]) -> Automaton:
        """Build what finds those patterns that are used."""
        numbers = np.flatnonzero(used)
        patterns = self.patterns.split("\n")
        return Automaton([patterns[number] for number in numbers.tolist()], numbers, self.longest, self.nested)

    @cached_property
    def begins(self) -> NDArray[np.int64]:
        """Where the uses of each pattern begin, with one more at the end."""
        return np.append(np.flatnonzero(np.diff(self.pattern, prepend=-1)), len(self.pattern))

    @cached_property
    def _ends(self) -> Ints:
        signs = np.frombuffer(self.words.encode("utf-32-le"), dtype=np.uint32)
        return np.append(np.flatnonzero(signs == ord("\n")), len(signs)).astype(np.int32)

    def word(self, item: int) -> str:
        """Return the word of an entry or an innocent one."""
        return self.words[int(self._ends[item - 1]) + 1 if item else 0 : int(self._ends[item])]

    def entry(self, item: int) -> Entry:
        """Return an entry; only ``place`` is not known any more."""
        category, severity, isolated, weak, unless = self.senses[self.sense_of[item]]
        return Entry(self.word(item), category, severity, isolated=isolated, weak=weak, unless=frozenset(unless))

    def uses(self, pattern: int) -> Iterator[tuple[int, int]]:
        """Give the items of a pattern in order, and what it is for each."""
        low, high = self.begins[pattern], self.begins[pattern + 1]
        return zip(self.item[low:high].tolist(), self.use[low:high].tolist(), strict=True)
