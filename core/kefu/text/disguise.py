"""Words in disguise: signs between the characters, characters repeated, digits for letters.

:func:`kefu.text.squeeze.squeezed` takes out of a text what stands between its letters, and what is repeated in it.
The words are looked for in what is left. Few texts come so far: :meth:`Disguises.may_hide` sees in a few vectorised
passes which of them can hold a word in disguise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import polars as pl

from kefu.text.normalise import simplified_forms
from kefu.text.phrases import GAP, Cover, Phrases, Span
from kefu.text.sieve import AUTOMATON_FROM, MANY_WORDS, escaped, sieve
from kefu.text.squeeze import LONGEST_GAP, REPEATED, Shape, Squeezed, squeezed

LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
"""What is written for a letter; i and l are taken for one."""

_FOLDED = str.maketrans(LEET | {"l": "i"})
_SHORTEST_LEET = 4
"""Shorter words with a digit in them are parts of order numbers and sizes."""

_LETTER = r"\p{L}\p{N}"
_GAPPED = rf"[{_LETTER}][^{_LETTER},!?;:，。！？；：\n\r]{{1,{LONGEST_GAP}}}[{_LETTER}]"
_LEETED = r"[a-zA-Z][0134577@$]|[0134577@$][a-zA-Z]"


class Disguised(NamedTuple):
    """A word in disguise: where it is, and how the text around it would read without the disguise."""

    span: Span
    around: str
    bare: Span


class Disguises:
    """What words look like in disguise.

    :param words: the words that count, in normal form.
    :param innocent: words in which nothing is found.
    """

    def __init__(self, words: Iterable[str], innocent: Iterable[str]) -> None:
        """Squeeze the words."""
        self._shapes: dict[str, list[Shape]] = {}
        self._leet: dict[str, str] = {}
        for word in words:
            shape = Shape.of(word)
            if shape is None:
                continue
            self._shapes.setdefault(shape.key, []).append(shape)
            if shape.is_latin and len(shape.solid) >= _SHORTEST_LEET:
                self._leet.setdefault(word.translate(_FOLDED), word)
        self._phrases = Phrases(self._shapes)
        self._leet_phrases = Phrases(self._leet)
        self._innocent = Phrases(shape.key for shape in map(Shape.of, innocent) if shape)

    def may_hide(self, texts: pl.Series) -> pl.Series:
        """Tell the texts, in normal form or nearly so, that may hold a word in disguise; the others do not."""
        text, none = pl.col("text"), pl.zeros(len(texts), dtype=pl.Boolean, eager=True)
        if not self._shapes:
            return none
        frame = texts.alias("text").to_frame().with_row_index("index")
        frame = frame.select(
            "index",
            "text",
            repeats=text.str.contains(self._repetitions),
            gaps=text.str.contains(_GAPPED),
            digits=text.str.contains(_LEETED),
        ).filter(pl.any_horizontal("repeats", "gaps", "digits"))
        bare = text.str.to_lowercase().str.replace_all(rf"[^{_LETTER}]+", "")
        found = [frame.filter("repeats"), _sifted(frame.filter("gaps"), bare, self._solid_sieve)]
        if self._leet:
            read = text.str.to_lowercase().str.replace_many([*LEET, "l"], [*LEET.values(), "i"])
            found.append(_sifted(frame.filter("digits"), read, self._leet_sieve))
        return none.scatter(pl.concat(part["index"] for part in found).unique(), values=True)

    def find(self, text: str) -> Iterator[Disguised]:
        """Go through the words in disguise of a text in normal form, some of which may be pieces of other words."""
        bare = squeezed(text)
        innocent = Cover(self._innocent.spans(bare.text))
        for found in self._phrases.spans(bare.text):
            if not innocent.holds(found):
                yield from (
                    self._disguised(bare, found, shape)
                    for shape in self._shapes[found.word]
                    if bare.wears(found, shape)
                )
        yield from self._with_digits(text)

    def _disguised(self, bare: Squeezed, found: Span, shape: Shape) -> Disguised:
        """Describe a word."""
        before, after = bare.before(found.start), bare.after(found.end)
        cut, resume = len(shape.solid.partition(GAP)[0]), 0
        solid = shape.solid
        if GAP in solid:
            between = bare.text[found.cut : found.resume]
            solid, resume = solid.replace(GAP, between), cut + len(between)
        start, end = len(before), len(before) + len(solid)
        inner = Span(start, end, shape.word, start + cut, start + resume if resume else end)
        return Disguised(bare.place(found, shape.word), before + solid + after, inner)

    def _with_digits(self, text: str) -> Iterator[Disguised]:
        """Go through the words that are written with digits for letters."""
        for found in self._leet_phrases.spans(text.translate(_FOLDED)):
            piece, word = text[found.start : found.end], self._leet[found.word]
            if any(sign in LEET for sign in piece) and any(sign.isalpha() for sign in piece):
                span = found._replace(word=word)
                yield Disguised(span, text, span)

    def _all_shapes(self) -> Iterator[Shape]:
        """Go through the shapes of all words."""
        for shapes in self._shapes.values():
            yield from shapes

    @cached_property
    def _solid_sieve(self) -> pl.Expr:
        return sieve(pl.col("text"), (shape.solid for shape in self._all_shapes()))

    @cached_property
    def _leet_sieve(self) -> pl.Expr:
        return sieve(pl.col("text"), self._leet)

    @cached_property
    def _repetitions(self) -> str:
        """Write a regex for three of a character of the words, and for the first two characters of one twice each."""
        keys = [key.replace(GAP, "") for key in self._shapes]
        runs = {sign * REPEATED for sign in set("".join(keys))} | {key[0] * 2 + key[1] * 2 for key in keys if key[1:]}
        runs |= {run.upper() for run in runs if run.isascii()}
        if MANY_WORDS < len(runs) < AUTOMATON_FROM:
            runs |= {sign * REPEATED for sign in simplified_forms()}
        return "|".join(map(escaped, sorted(runs)))


def _sifted(frame: pl.DataFrame, reading: pl.Expr, holds: pl.Expr) -> pl.DataFrame:
    """Keep the texts that hold a word when they are read in a certain way; with no text, no search is prepared."""
    if frame.is_empty():
        return frame
    return frame.with_columns(text=reading).filter(holds)
