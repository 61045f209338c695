"""Lay a lexicon out for the search, as :class:`~kefu.text.wordings.Wordings`: once, for it takes its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from itertools import product
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

from kefu.text.beside import Beside
from kefu.text.lexicon import Entry, Lexicon
from kefu.text.phrases import AFTER, BEFORE, NEXT, PREVIOUS, Phrase, is_phrase
from kefu.text.signs import POLITE, familiar, is_han, is_latin
from kefu.text.squeeze import REPEATED, key_of, solid_of
from kefu.text.wordings import Mark, Use, Wordings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]

LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
"""What is written for a letter; i and l are taken for one."""
FOLDED = str.maketrans(LEET | {"l": "i"})
SHORTEST_LEET = 4
"""Shorter words with a digit in them are parts of order numbers and sizes."""

_BITS = 63
_MARKS = {AFTER: Mark.RIGHT, BEFORE: Mark.LEFT, NEXT: Mark.NEXT, PREVIOUS: Mark.PREVIOUS}
_PLAIN = Use.WORD | Use.KEY | Use.SOLID


def laid_out(lexicon: Lexicon) -> Wordings:
    """Lay a lexicon out."""
    drawn = _Layout(lexicon)
    for number, entry in enumerate(lexicon.entries):
        drawn.add_entry(number, entry)
    for number, word in enumerate(lexicon.allowed, len(lexicon.entries)):
        drawn.add_innocent(number, word)
    drawn.add_cues(lexicon.cues)
    drawn.add_repetitions()
    return drawn.wordings()


class _Layout:
    """Patterns and uses, while they are gathered; a pattern with 您 in it is in no text that is searched."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._categories = sorted({entry.category for entry in lexicon.entries})
        self._number = {name: number for number, name in enumerate(self._categories)}
        self._patterns: dict[str, int] = {}
        self._uses: list[tuple[int, int, int]] = []
        self._phrases: list[tuple[Phrase, list[int]]] = []
        self._keys: dict[int, list[str]] = {}
        self._category_of = [self._number[entry.category] for entry in lexicon.entries] + [-1] * len(lexicon.allowed)
        self._bits_of = [_bit(number) if number >= 0 else 0 for number in self._category_of]

    def _add(self, pattern: str, item: int, use: int) -> int:
        number = self._patterns.setdefault(pattern, len(self._patterns))
        self._uses.append((number, item, use))
        return number

    def add_entry(self, number: int, entry: Entry) -> None:
        """Take up a word that counts."""
        word = entry.word
        if is_phrase(word):
            self._add_phrase(number, word)
            return
        alone = (entry.isolated or len(word) == 1) and any(map(is_han, word))
        key = None if POLITE in word else key_of(word)
        if key == word:
            self._add(word, number, _PLAIN | Use.ALONE if alone else _PLAIN)
        else:
            self._add(familiar(word), number, Use.WORD | Use.ALONE if alone else Use.WORD)
        if key is None:
            return
        self._keys.setdefault(self._category_of[number], []).append(key)
        solid = word if key == word else solid_of(word)
        if key != word:
            self._add(key, number, Use.KEY)
            self._add(solid, number, Use.SOLID)
        if len(solid) >= SHORTEST_LEET and key.isascii() and key.isalpha():
            self._add(word.translate(FOLDED), number, Use.LEET)

    def add_innocent(self, number: int, word: str) -> None:
        """Take up an innocent word."""
        if is_phrase(word):
            self._add_phrase(number, word)
            return
        self._add(familiar(word), number, Use.WORD)
        if POLITE not in word and (key := key_of(word)):
            self._add(key, number, Use.INNOCENT)

    def _add_phrase(self, number: int, word: str) -> None:
        phrase = Phrase.read(word)
        anchors = dict.fromkeys(map(familiar, sorted(phrase.anchors)))
        self._phrases.append((phrase, [self._add(pattern, number, Use.PHRASE) for pattern in anchors]))

    def add_cues(self, cues: Iterable[Entry]) -> None:
        """Take up the cues that let weak words count."""
        for cue in cues:
            if cue.category not in {"cue", "threat"}:
                continue
            phrase = Phrase.read(cue.word)
            for literal in sorted(phrase.anchors):
                self._add(familiar(literal), len(self._bits_of), Use.CUE)
            known = [number for name, number in self._number.items() if not cue.of or name in cue.of]
            self._category_of.append(-1)
            self._bits_of.append(reduce(or_, map(_bit, known), 0))

    def add_repetitions(self) -> None:
        """Take up three of each character of the words, and the first two characters of each twice; no digits.

        A digit is not drawn out: see :meth:`kefu.text.squeeze.Squeezed.wears`.
        """
        for category, keys in self._keys.items():
            runs = {sign * REPEATED for sign in set("".join(keys)) if not sign.isdigit()}
            heads = {key[:2] for key in keys if key[1:] and not any(map(str.isdigit, key[:2]))}
            for run in sorted(runs | {head[0] * 2 + head[1] * 2 for head in heads}):
                self._add(run, len(self._bits_of) + category, Use.REPEATED)
        self._category_of += range(len(self._categories))
        self._bits_of += map(_bit, range(len(self._categories)))

    def wordings(self) -> Wordings:
        """Write everything down."""
        entries = self._lexicon.entries
        senses = {_sense(entry): None for entry in entries}
        number = {sense: place for place, sense in enumerate(senses)}
        patterns = [*self._patterns]
        neighbours = [*self._neighbours()]
        pattern, item, use = _merged(np.array(self._uses, dtype=np.int32).reshape(-1, 3))
        return Wordings(
            digest=self._lexicon.digest,
            patterns="\n".join(patterns),
            words="\n".join((*self._lexicon.words, *self._lexicon.allowed)),
            categories=tuple(self._categories),
            senses=tuple(senses),
            cues=tuple((cue.word, cue.category, tuple(sorted(cue.of))) for cue in self._lexicon.cues),
            sense_of=np.array([number[_sense(entry)] for entry in entries], dtype=np.int32),
            category_of=np.array(self._category_of, dtype=np.int32),
            bits_of=np.array(self._bits_of, dtype=np.int64),
            marks=self._marks(neighbours),
            pattern=pattern,
            item=item,
            use=use.astype(np.uint16),
            beside=Beside.of(neighbours).bits,
            longest=max(map(len, patterns), default=0),
            nested=max((_nested(p, self._patterns) for p in patterns), default=0),
        )

    def _neighbours(self) -> Iterator[tuple[int, int, str]]:
        """Go through what stands nearest to each pattern of a phrase, on the side that is looked at."""
        for phrase, anchors in self._phrases:
            side, literals = phrase.nearest
            nearest = {familiar(literal[:2] if side in {AFTER, NEXT} else literal[:-3:-1]) for literal in literals}
            yield from product(anchors, (side,), nearest)

    def _marks(self, neighbours: Iterable[tuple[int, int, str]]) -> NDArray[np.uint8]:
        """Say what each pattern is like."""
        marks = np.zeros(len(self._patterns), dtype=np.uint8)
        for pattern, number in self._patterns.items():
            marks[number] = Mark.BEGINS * is_latin(pattern[0]) | Mark.ENDS * is_latin(pattern[-1])
        for number, side, near in neighbours:
            marks[number] |= _MARKS[side] | (0 if near[1:] else Mark.LONE)
        return marks


def _bit(category: int) -> int:
    """Give a category its bit; with more categories than bits some share one, which only lets more texts through."""
    return 1 << category % _BITS


def _merged(uses: Ints) -> tuple[Ints, Ints, Ints]:
    """Sort uses by pattern and item, and make one of those of the same two."""
    pattern, item, use = uses[np.lexsort((uses[:, 1], uses[:, 0]))].T
    begins = np.flatnonzero(np.diff(pattern, prepend=-1) | np.diff(item, prepend=-1))
    return pattern[begins], item[begins], np.bitwise_or.reduceat(use, begins) if len(use) else use


def _sense(entry: Entry) -> tuple[str, int, bool, bool, tuple[str, ...]]:
    return entry.category, entry.severity, entry.isolated, entry.weak, tuple(sorted(entry.unless))


def _nested(pattern: str, patterns: Mapping[str, int]) -> int:
    """Count the patterns that end where a pattern does."""
    count = 1
    for start in range(1, len(pattern)):
        count += pattern[start:] in patterns
    return count
