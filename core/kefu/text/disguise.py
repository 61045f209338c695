"""Words in disguise: signs between the characters, characters repeated, digits for letters.

:func:`kefu.text.squeeze.squeezed` takes out of a text what stands between its letters, and what is repeated in it.
The words are looked for in what is left. Few texts come so far: :meth:`Disguises.may_hide` sees in a few vectorised
passes which of them can hold a word in disguise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

import polars as pl

from kefu.text.phrases import Cover, Phrases, Span
from kefu.text.squeeze import LONGEST_GAP, REPEATED, Shape, Squeezed, key_of, solid_of, squeezed

LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
"""What is written for a letter; i and l are taken for one."""

_FOLDED = str.maketrans(LEET | {"l": "i"})
_SHORTEST_LEET = 4
"""Shorter words with a digit in them are parts of order numbers and sizes."""

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
    """What words look like in disguise.

    :param words: the words that count, in normal form.
    :param innocent: words in which nothing is found.
    """

    def __init__(self, words: Iterable[str], innocent: Iterable[str]) -> None:
        """Squeeze the words; those with signs in them, which stay in no squeezed text, and with a gap are left out."""
        self._by_key: dict[str, list[str]] = {}
        self._leet: dict[str, str] = {}
        for word in words:
            key = key_of(word)
            if key is None:
                continue
            self._by_key.setdefault(key, []).append(word)
            if len(solid_of(word)) >= _SHORTEST_LEET and key.isascii() and key.isalpha():
                self._leet.setdefault(word.translate(_FOLDED), word)
        self._phrases = Phrases(self._by_key)
        self._leet_phrases = Phrases(self._leet)
        self._innocent = Phrases(filter(None, map(key_of, innocent)))
        self._shape_of = lru_cache(_REMEMBERED)(Shape.of)

    def may_hide(self, texts: pl.Series) -> pl.Series:
        """Tell the texts, in normal form, that may hold a word in disguise; the others do not, nor do nulls."""
        text, none = pl.col("text"), pl.zeros(len(texts), dtype=pl.Boolean, eager=True)
        if not self._by_key:
            return none
        frame = texts.alias("text").to_frame().with_row_index("index")
        frame = frame.select(
            "index",
            "text",
            repeats=text.str.contains_any(self._repetitions),
            gaps=text.str.contains(_GAPPED),
            digits=text.str.contains(_LEETED),
        ).filter(pl.any_horizontal("repeats", "gaps", "digits"))
        bare = text.str.replace_all(_PARTED, "\n").str.replace_all(rf"[^{_LETTER}\n]+", "")
        slim = text.str.replace_all("l", "i", literal=True)
        found = [
            frame.filter("repeats"),
            _with_more(frame.filter("gaps"), bare, text, self._solids),
            _with_more(frame.filter("digits"), slim.str.replace_many([*LEET], [*LEET.values()]), slim, [*self._leet]),
        ]
        return none.scatter(pl.concat(part["index"] for part in found).unique(), values=True)

    def find(self, text: str) -> Iterator[Disguised]:
        """Go through the words in disguise of a text in normal form, some of which may be pieces of other words."""
        bare = squeezed(text)
        innocent = Cover(self._innocent.spans(bare.text))
        for found in self._phrases.spans(bare.text):
            if not innocent.holds(found):
                yield from (
                    self._disguised(bare, found, shape)
                    for shape in map(self._shape_of, self._by_key[found.word])
                    if bare.wears(found, shape)
                )
        yield from self._with_digits(text)

    def _disguised(self, bare: Squeezed, found: Span, shape: Shape) -> Disguised:
        """Describe a word."""
        before, after = bare.before(found.start), bare.after(found.end)
        inner = Span.whole(len(before), len(before) + len(shape.solid), shape.word)
        return Disguised(bare.place(found, shape.word), before + shape.solid + after, inner)

    def _with_digits(self, text: str) -> Iterator[Disguised]:
        """Go through the words that are written with digits for letters."""
        for found in self._leet_phrases.spans(text.translate(_FOLDED)):
            piece, word = text[found.start : found.end], self._leet[found.word]
            if any(sign in LEET for sign in piece) and any(sign.isalpha() for sign in piece):
                span = found._replace(word=word)
                yield Disguised(span, text, span)

    @cached_property
    def _solids(self) -> list[str]:
        return sorted({solid_of(word) for words in self._by_key.values() for word in words})

    @cached_property
    def _repetitions(self) -> list[str]:
        """List three of each character of the words, and the first two characters of each twice."""
        runs = {sign * REPEATED for sign in set("".join(self._by_key))}
        return sorted(runs | {key[0] * 2 + key[1] * 2 for key in self._by_key if key[1:]})


def _with_more(frame: pl.DataFrame, reading: pl.Expr, text: pl.Expr, words: list[str]) -> pl.DataFrame:
    """Keep the texts that hold more of the words when they are read in a certain way."""
    if frame.is_empty() or not words:
        return frame.clear()
    both = pl.concat(
        frame.select(form).to_series() for form in (reading, text)
    )  # one search: it is built anew each time
    counts = both.str.find_many(pl.Series(words).implode(), overlapping=True).list.len()
    return frame.filter(counts.head(len(frame)) > counts.tail(len(frame)))
