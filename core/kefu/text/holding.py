"""Which texts may hold a word that counts: the first, fast look, over many texts at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from kefu.text.automaton import Found
from kefu.text.beside import Beside
from kefu.text.phrases import AFTER, BEFORE, NEXT, PREVIOUS, WIDEST_GAP
from kefu.text.signs import MAY_FOLLOW_A_SINGLE
from kefu.text.tokenizer import LONGEST_PIECE
from kefu.text.wordings import Mark, Use, Wordings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

ANY = -1
"""All categories, as bits."""

_SIDES = (
    (AFTER, Mark.RIGHT, 1, WIDEST_GAP),
    (BEFORE, Mark.LEFT, -1, WIDEST_GAP),
    (NEXT, Mark.NEXT, 1, 0),
    (PREVIOUS, Mark.PREVIOUS, -1, 0),
)
"""Sides of a pattern, the mark of one where a phrase goes on there, which way that is, and beyond how wide a gap."""

_HAN = (0x4E00, 0x9FA5)
"""The characters between them are Chinese beyond doubt."""
_MAY_FOLLOW = [ord(sign) for sign in MAY_FOLLOW_A_SINGLE]


@dataclass(frozen=True)
class Held:
    """What some texts hold, by their place among those that were looked at.

    :param told: the texts that hold a word or what a phrase is looked for by, and a cue if that needs one.
    :param worth: those of them in which it may be a word of its own, or a whole phrase.
    :param cues: the categories for whose words a text may hold a cue, as bits.
    :param solid: how many words without blanks it holds.
    :param repeated: whether a word in it may be drawn out.
    :param places: pattern, start and end of what may be a word or a phrase, text by text; ``sizes``, how many in each.
    """

    told: Bools
    worth: Bools
    cues: Ints
    solid: Ints
    repeated: Bools
    places: Ints
    sizes: Ints

    @classmethod
    def joined(cls, parts: Sequence[Held]) -> Held:
        """Put what was held in several runs of texts together; at least one."""
        return cls(
            np.concatenate([part.told for part in parts]),
            np.concatenate([part.worth for part in parts]),
            np.concatenate([part.cues for part in parts]),
            np.concatenate([part.solid for part in parts]),
            np.concatenate([part.repeated for part in parts]),
            np.concatenate([part.places for part in parts]),
            np.concatenate([part.sizes for part in parts]),
        )

    @cached_property
    def _ends(self) -> Ints:
        return np.cumsum(self.sizes)

    def places_of(self, text: int) -> list[list[int]]:
        """Give pattern, start and end of the places in a text."""
        end = self._ends[text]
        places: list[list[int]] = self.places[end - self.sizes[text] : end].tolist()
        return places


class Roles:
    """What each pattern says of a text that holds it, for the words of some categories.

    :param categories: of the words that count; none are all.
    """

    def __init__(self, wordings: Wordings, categories: Collection[str] = ()) -> None:
        """Sum the uses of each pattern up."""
        known = [number for number, name in enumerate(wordings.categories) if not categories or name in categories]
        self.kept = np.isin(wordings.category_of, [-1, *known])
        self._begins = wordings.begins[:-1]
        self._bits = wordings.bits_of[wordings.item]
        use = np.where(self.kept[wordings.item], wordings.use, 0)
        self.used = self._any(use > 0)
        entry, weak = wordings.item < wordings.entries, wordings.weak[wordings.item]
        word, phrase = entry & (use & Use.WORD > 0), entry & (use & Use.PHRASE > 0)
        self.word, self.phrase = self._any(word), self._any(use & Use.PHRASE > 0)
        self.innocent = self._any(~entry & (use & Use.WORD > 0))
        self.strong = self._any((word | phrase) & ~weak)
        self.weak = self._categories((word | phrase) & weak)
        self.strong_word, self.strong_phrase = self._any(word & ~weak), self._any(phrase & ~weak)
        self.weak_word, self.weak_phrase = self._categories(word & weak), self._categories(phrase & weak)
        self.cue = self._categories(use & Use.CUE > 0)
        self.solid, self.leet = self._any(use & Use.SOLID > 0), self._any(use & Use.LEET > 0)
        self.repeated = self._any(use & Use.REPEATED > 0)
        self.alone = ~self._any(word & (use & Use.ALONE == 0))

    def _any(self, uses: Bools) -> Bools:
        return np.logical_or.reduceat(uses, self._begins) if len(uses) else uses

    def _categories(self, uses: Bools) -> Ints:
        bits = np.where(uses, self._bits, 0)
        return np.bitwise_or.reduceat(bits, self._begins) if len(bits) else bits


class FirstLook:
    """Tells the texts that may hold a word that counts, by the patterns that stand in them."""

    def __init__(self, wordings: Wordings, categories: Collection[str] = ()) -> None:
        """Prepare the look at the words of some categories; none are all."""
        self.wordings = wordings
        self.roles = Roles(wordings, categories)
        self.automaton = wordings.automaton_of(self.roles.used)
        self._beside = Beside(wordings.beside)

    def at(self, texts: pl.Series, sizes: Ints) -> Held:
        """Look at texts of some sizes, at least one, none endless and none null."""
        parts = [self._at(texts[run].to_list(), sizes[run]) for run in self.automaton.runs(sizes)]
        return Held.joined(parts)

    def _at(self, texts: list[str], sizes: Ints) -> Held:
        """Look at so many of them as can be searched at once."""
        found = self.automaton.found(texts, sizes)
        roles, pattern = self.roles, found.pattern
        stands, goes_on = self._may_stand(found), self._may_go_on(found)
        told, cues = self._told(roles.strong[pattern], roles.weak[pattern], roles.cue[pattern], found)
        worth, _ = self._told(
            stands & roles.strong_word[pattern] | goes_on & roles.strong_phrase[pattern],
            np.where(stands, roles.weak_word[pattern], 0) | np.where(goes_on, roles.weak_phrase[pattern], 0),
            roles.cue[pattern],
            found,
        )
        places = np.flatnonzero(stands & roles.word[pattern] | roles.innocent[pattern] | goes_on)
        return Held(
            told,
            worth,
            cues,
            np.bincount(found.text[roles.solid[pattern]], minlength=found.texts),
            _by_text(np.logical_or, roles.repeated[pattern], found),
            np.stack([pattern, found.start, found.end], axis=1)[places],
            np.bincount(found.text[places], minlength=found.texts),
        )

    def at_endless(self, text: str, seams: Sequence[int]) -> Held:
        """Look at one endless text, window by window; what is worth a second look is not told, nor are places."""
        roles, none = self.roles, np.zeros(0, dtype=np.int64)
        strong, weak, cues, solid, repeated = False, 0, 0, 0, False
        for pattern, times in self.automaton.windows(text, seams):
            strong |= bool(roles.strong[pattern].any())
            weak |= int(np.bitwise_or.reduce(roles.weak[pattern]))
            cues |= int(np.bitwise_or.reduce(roles.cue[pattern]))
            solid += times * int(roles.solid[pattern].sum())
            repeated |= bool(roles.repeated[pattern].any())
        told = np.array([strong or bool(weak & cues)])
        return Held(told, told, np.array([cues]), np.array([solid]), np.array([repeated]), none.reshape(0, 3), none)

    def counts(self, texts: pl.Series, chosen: Bools) -> Ints:
        """Count in each text, none null, the occurrences of some patterns."""
        automaton, sizes = self.automaton, sizes_of(texts)
        counts = np.zeros(len(texts), dtype=np.int64)
        short = np.flatnonzero(sizes <= LONGEST_PIECE)
        for run in automaton.runs(sizes[short]):
            found = automaton.found(texts.gather(short[run]).to_list(), sizes[short[run]])
            counts[short[run]] = np.bincount(found.text[chosen[found.pattern]], minlength=found.texts)
        for number in np.flatnonzero(sizes > LONGEST_PIECE):
            seams = [*range(0, sizes[number], LONGEST_PIECE), sizes[number]]
            windows = automaton.windows(texts[int(number)], seams)
            counts[number] = sum(times * int(chosen[pattern].sum()) for pattern, times in windows)
        return counts

    def _told(self, strong: Bools, weak: NDArray[Any], cue: Ints, found: Found) -> tuple[Bools, Ints]:
        """Tell the texts that hold enough to count, and the categories that they hold a cue for."""
        cues = _by_text(np.bitwise_or, cue, found)
        needy = _by_text(np.bitwise_or, weak, found)
        return _by_text(np.logical_or, strong, found) | (needy & cues != 0), cues

    def _may_stand(self, found: Found) -> Bools:
        """Tell the occurrences that no letter or digit touches, and no Chinese character if they stand alone."""
        before, after = found.signs[found.at - 1], found.signs[found.at + found.end - found.start]
        marks = self.wordings.marks[found.pattern]
        runs_on = (marks & Mark.BEGINS > 0) & _is_latin(before) | (marks & Mark.ENDS > 0) & _is_latin(after)
        crowded = _is_han(before) | _is_han(after) & ~np.isin(after, _MAY_FOLLOW)
        return ~runs_on & ~(self.roles.alone[found.pattern] & crowded)

    def _may_go_on(self, found: Found) -> Bools:
        """Tell the occurrences beside which a phrase may go on."""
        told, marks = np.zeros(len(found.pattern), dtype=bool), self.wordings.marks[found.pattern]
        marks = np.where(self.roles.phrase[found.pattern], marks, 0)
        for side, mark, step, widest in _SIDES:
            for lone in (0, Mark.LONE):
                asked = np.flatnonzero(marks & (mark | lone) == mark | lone)
                pattern, first = found.pattern[asked], found.at[asked]
                first = first + (found.end - found.start)[asked] if step > 0 else first - 1
                for _ in range(widest + 1):
                    second = None if lone else found.signs[np.maximum(first + step, 0)]
                    told[asked] |= self._beside.may(pattern, side, found.signs[np.maximum(first, 0)], second)
                    first = first + step
        return told


def sizes_of(texts: pl.Series) -> Ints:
    """Count the characters of each text, 0 for a null."""
    return texts.str.len_chars().fill_null(0).to_numpy().astype(np.int64)


def _by_text(sum_up: np.ufunc, values: NDArray[Any], found: Found) -> NDArray[Any]:
    """Sum what the occurrences in each text say; where there is none, it is nothing."""
    begins = np.flatnonzero(np.diff(found.text, prepend=-1))
    sums = np.zeros(found.texts, dtype=values.dtype)
    if len(begins):
        sums[found.text[begins]] = sum_up.reduceat(values, begins)
    return sums


def _is_latin(sign: NDArray[np.uint32]) -> Bools:
    """Tell the characters that are letters or digits beyond doubt, in normal form."""
    return (sign - ord("0") < 10) | (sign - ord("a") < 26)  # noqa: PLR2004 - unsigned: smaller ones wrap around


def _is_han(sign: NDArray[np.uint32]) -> Bools:
    return (sign >= _HAN[0]) & (sign <= _HAN[1])
