"""Words in disguise: signs between the characters, characters repeated, digits for letters.

:func:`kefu.text.squeeze.squeezed` takes out of a text what stands between its letters, and what is repeated in it.
The words are looked for in what is left. Few texts come so far: :meth:`Disguises.may_hide` sees in a few vectorised
passes which of them can hold a word in disguise.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from kefu.text.holding import FirstLook
from kefu.text.layout import FOLDED, LEET
from kefu.text.phrases import MOST_AT_A_PLACE, Cover, Span
from kefu.text.squeeze import LONGEST_GAP, Shape, Squeezed, squeezed
from kefu.text.wordings import Use

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

_REMEMBERED = 1_000

_LETTER = r"\p{L}\p{N}"
_GAPPED = rf"[{_LETTER}][^{_LETTER},!?;:，。！？；：\n\r]{{1,{LONGEST_GAP}}}[{_LETTER}]"
_PARTED = rf"[^{_LETTER}]*[,!?;:，。！？；：\n\r][^{_LETTER}]*|[^{_LETTER}]{{{LONGEST_GAP + 1},}}"
_LEETED = r"[a-zA-Z][0134577@$]|[0134577@$][a-zA-Z]"


class Disguised(NamedTuple):
    """A word in disguise: where it is, and how the text around it would read without the disguise."""

    span: Span
    around: str
    bare: Span


class Disguises:
    """What the words that count look like in disguise."""

    def __init__(self, look: FirstLook) -> None:
        """Take the patterns of the first look; words with signs in them, or a gap, are in no disguise."""
        self._look = look
        self._words_of = lru_cache(_REMEMBERED)(self._find_words)

    def may_hide(self, texts: pl.Series, solid: Ints, repeated: Bools) -> Bools:
        """Tell the texts, in normal form, that may hold a word in disguise; the others do not.

        :param solid: how many words without blanks each holds.
        :param repeated: whether characters are repeated in it with which a word may be drawn out.
        """
        hide = repeated.copy()
        gapped = texts.str.contains(_GAPPED).arg_true()
        bare = texts.gather(gapped).str.replace_all(_PARTED, "\n").str.replace_all(rf"[^{_LETTER}\n]+", "")
        places = gapped.to_numpy()
        hide[places] |= self._look.counts(bare, self._look.roles.solid) > solid[places]
        digits = texts.str.contains(_LEETED).arg_true()
        slim = texts.gather(digits).str.replace_all("l", "i", literal=True)
        read, leet = slim.str.replace_many([*LEET], [*LEET.values()]), self._look.roles.leet
        hide[digits.to_numpy()] |= self._look.counts(read, leet) > self._look.counts(slim, leet)
        return hide

    def find(self, text: str) -> Iterator[tuple[int, Disguised]]:
        """Go through the words in disguise of a text in normal form, some of which may be pieces of other words.

        :return: the number of each entry, and how it is disguised.
        """
        bare = squeezed(text)
        rows = self._look.automaton.in_one(bare.text)
        innocent = Cover(Span.whole(start, end, "") for _, start, end in self._longest(rows, Use.INNOCENT))
        for pattern, start, end in self._longest(rows, Use.KEY):
            found = Span.whole(start, end, bare.text[start:end])
            if not innocent.holds(found):
                yield from (
                    (item, self._disguised(bare, found, shape))
                    for item, shape in self._words_of(pattern, Use.KEY)
                    if bare.wears(found, shape)
                )
        yield from self._with_digits(text)

    def _longest(self, rows: list[tuple[int, int, int]], use: int) -> Iterator[tuple[int, int, int]]:
        """Give the occurrences that have a use, of those that begin at one place the longest, and single characters."""
        chosen = (row for row in rows if self._words_of(row[0], use))
        for _, found in groupby(chosen, key=itemgetter(1)):
            for number, row in enumerate(found):
                if number < MOST_AT_A_PLACE or row[2] - row[1] == 1:
                    yield row

    def _find_words(self, pattern: int, use: int) -> list[tuple[int, Shape]]:
        """Give the words that have a use for a pattern, and their shapes."""
        look = self._look
        items = [item for item, uses in look.wordings.uses(pattern) if uses & use and look.roles.kept[item]]
        return [(item, Shape.of(look.wordings.word(item))) for item in items]

    def _disguised(self, bare: Squeezed, found: Span, shape: Shape) -> Disguised:
        """Describe a word."""
        before, after = bare.before(found.start), bare.after(found.end)
        inner = Span.whole(len(before), len(before) + len(shape.solid), shape.word)
        return Disguised(bare.place(found, shape.word), before + shape.solid + after, inner)

    def _with_digits(self, text: str) -> Iterator[tuple[int, Disguised]]:
        """Go through the words that are written with digits for letters."""
        rows = self._look.automaton.in_one(text.translate(FOLDED))
        for pattern, start, end in self._longest(rows, Use.LEET):
            piece = text[start:end]
            if any(sign in LEET for sign in piece) and any(sign.isalpha() for sign in piece):
                item, shape = self._words_of(pattern, Use.LEET)[0]
                span = Span.whole(start, end, shape.word)
                yield item, Disguised(span, text, span)
