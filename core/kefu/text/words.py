"""Find the words of a lexicon in texts: a multi-pattern search first, word boundaries only where it found something."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property, lru_cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from kefu.text.disguise import Disguised, Disguises
from kefu.text.holding import ANY, FirstLook, sizes_of
from kefu.text.layout import laid_out
from kefu.text.lexicon import Entry, Lexicon
from kefu.text.normalise import normal_forms
from kefu.text.phrases import GAP, Anchored, Cover, Phrase, Span, is_phrase
from kefu.text.places import original_places
from kefu.text.signs import FAMILIAR, MAY_FOLLOW_A_SINGLE, POLITE, familiar, is_han, is_latin
from kefu.text.squeeze import REPEATED
from kefu.text.stance import Stances
from kefu.text.tokenizer import LONGEST_PIECE, Tokenizer
from kefu.text.tokens import Tokens, pieces
from kefu.text.wordings import Use, Wordings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

HITS = {
    "text": pl.UInt32,
    "word": pl.String,
    "category": pl.String,
    "severity": pl.UInt8,
    "start": pl.UInt32,
    "end": pl.UInt32,
    "entry": pl.UInt32,
}
"""The columns of a table of hits."""

_SAME = {"’": "'", "妳": "你"}
_REMEMBERED = 20_000
_SHORT = 100
"""Shorter runs of text are remembered with their tokens: phrases come again in other messages."""


class WordFinder:
    """Finds the words of a lexicon in texts.

    An occurrence is a hit if it is a word of its own (see :meth:`_stands_alone`), lies in no word of the allow list
    and is meant as it is said (see :mod:`kefu.text.stance`). Hits do not overlap: a word as it is listed wins over one
    in disguise, then the longest, of equals the first. What is no hit takes no place from a shorter word.

    One pass over all texts at once misses nothing, listed or in disguise. Everything else is looked for only in what
    it lets through.
    """

    def __init__(
        self, lexicon: Lexicon | Wordings, tokenizer: Tokenizer | None = None, categories: Collection[str] = ()
    ) -> None:
        """Prepare the search; the tokenizer loads its dictionary when the first hit needs it.

        :param categories: of the words that count; none are all.
        """
        self._lexicon, self._categories = lexicon, tuple(categories)
        self._tokenizer = tokenizer or Tokenizer()
        self._remembered_edges = lru_cache(_REMEMBERED)(self._tokenizer.edges)
        self._entries: dict[str, Entry] = {}
        self._numbers: dict[str, int] = {}
        self._wanted_at = cache(self._find_wanted)
        self._phrase_of = cache(Phrase.read)

    def __reduce__(self) -> tuple[type[WordFinder], tuple[Lexicon | Wordings, Tokenizer, tuple[str, ...]]]:
        """Travel to another process without what was prepared."""
        return WordFinder, (self._lexicon, self._tokenizer, self._categories)

    def find(self, texts: pl.Series) -> pl.DataFrame:
        """Return every hit, by text and place.

        :param texts: texts, best each once: the work is done for each; nulls have no hits.
        :return: ``text`` (index into ``texts``), ``word`` as it is listed or, if it has a gap, as it is said,
            ``category``, ``severity``, ``start`` and ``end`` (character offsets in the text as it was given, so that
            the hit can be marked there), ``entry`` (index into the entries of the lexicon, of those of the categories
            where some are named).
        """
        rows = [
            (index, said, (entry := self._entries[word]).category, entry.severity, start, end, self._numbers[word])
            for index, form, found in sorted(self._hits(texts), key=itemgetter(0))
            for word, said, start, end in _placed(texts[index], form, found)
        ]
        return pl.DataFrame(rows, schema=HITS, orient="row")

    def counts(self, texts: pl.Series) -> pl.Series:
        """Return the number of hits of each text, as u32; 0 for a null."""
        found = [(index, len(spans)) for index, _, spans in self._hits(texts)]
        counts = pl.zeros(len(texts), dtype=pl.UInt32, eager=True)
        hits = pl.Series([number for _, number in found], dtype=pl.UInt32)
        return counts.scatter([index for index, _ in found], hits).alias("hits")

    def _hits(self, texts: pl.Series) -> Iterator[tuple[int, str, list[Span]]]:
        """Go through the texts that may hold a word; give those with hits, their normal form and the hits in it."""
        if not self._wordings.entries:
            return
        read = normal_forms(texts.cast(pl.String)).str.replace_many([*_SAME], [*_SAME.values()])
        plain = read.str.replace_all(POLITE, FAMILIAR, literal=True)
        sizes = sizes_of(plain)
        for index in np.flatnonzero(sizes > LONGEST_PIECE).tolist():
            if spans := self._in_endless(read[index]):
                yield index, read[index], spans
        short = np.flatnonzero((sizes <= LONGEST_PIECE) & (sizes > 0))
        if len(short):
            yield from self._in_short(plain.gather(short), sizes[short], read.gather(short), short)

    def _in_short(
        self, plain: pl.Series, sizes: Ints, read: pl.Series, numbers: Ints
    ) -> Iterator[tuple[int, str, list[Span]]]:
        """Find the hits of texts that are not endless."""
        held = self._look.at(plain, sizes)
        hidden = self._disguises.may_hide(plain, held.solid, held.repeated)
        chosen = np.flatnonzero(held.worth | hidden)
        cues = np.where(held.told, held.cues, ANY)
        told = (column[chosen].tolist() for column in (numbers, held.told, cues, hidden))
        for place, text, index, may_count, beside, hides in zip(
            chosen.tolist(), read.gather(chosen).to_list(), *told, strict=True
        ):
            places = held.places_of(place) if may_count else ()
            if spans := self._in_piece(text, places, beside, disguised=hides):
                yield index, text, spans

    @cached_property
    def _wordings(self) -> Wordings:
        return laid_out(self._lexicon) if isinstance(self._lexicon, Lexicon) else self._lexicon

    @cached_property
    def _look(self) -> FirstLook:
        """The first pass, made when it is first needed."""
        return FirstLook(self._wordings, self._categories)

    @cached_property
    def _disguises(self) -> Disguises:
        """The second pass."""
        return Disguises(self._look)

    @cached_property
    def _stances(self) -> Stances:
        """What decides whether a word is meant."""
        return Stances(Entry(word, kind, of=frozenset(of)) for word, kind, of in self._wordings.cues)

    @cached_property
    def _bits(self) -> dict[str, int]:
        """The bit of each category."""
        wordings = self._wordings
        return dict(zip(wordings.categories, wordings.bits_of[-len(wordings.categories) :].tolist(), strict=True))

    def _in_endless(self, text: str) -> list[Span]:
        """Find the hits of an endless text, piece by piece."""
        plain, cut = familiar(text), [*pieces(text)]
        held = self._look.at_endless(plain, [*(low for low, _ in cut), len(text)])
        hidden = bool(self._disguises.may_hide(pl.Series([plain]), held.solid, held.repeated)[0])
        cues = int(held.cues[0]) if held.told[0] else ANY
        found = []
        for low, piece in cut if held.told[0] or hidden else ():
            if len(set(piece)) > 1:  # thousands of one character say nothing
                looked = self._look.at(pl.Series([familiar(piece)]), np.array([len(piece)]))
                places = looked.places_of(0) if held.told[0] else ()
                found += [span.moved(low) for span in self._in_piece(piece, places, cues, disguised=hidden)]
        return found

    def _in_piece(self, text: str, places: Iterable[Sequence[int]], cues: int, *, disguised: bool) -> list[Span]:
        """Choose the occurrences that count.

        :param text: in normal form.
        :param places: where words and phrases may be.
        :param cues: the categories for whose words it may hold a cue.
        :param disguised: whether words in disguise are to be looked for.
        """
        found = self._spans(text, places)
        listed = [span for span in found if span.word in self._entries and self._may_count(span, cues)]
        if not listed and not disguised:
            return []
        innocent = Cover(span for span in found if span.word not in self._entries)
        tokens = Tokens(text, self._edges)
        taken = bytearray(len(text))
        hidden = self._hidden(text, cues) if disguised else {}
        kept: list[Span] = []
        is_meant = self._is_meant(tokens)
        # A weak word may turn out to count for nothing: it takes no place from one that counts by itself.
        for weak in (False, True):
            plain = [span for span in listed if self._entries[span.word].weak is weak]
            kept += [
                span
                for span in _longest_first(plain, taken, innocent)
                if self._stands_alone(span, tokens) and is_meant(span) and _take(span, taken)
            ]
            dressed = [span for span in hidden if self._entries[span.word].weak is weak]
            kept += [
                span
                for span in _longest_first(dressed, taken, innocent)
                if self._is_hidden_word(hidden[span], text) and is_meant(span) and _take(span, taken)
            ]
        return sorted(_with_repeats(span, text) for span in kept) if disguised else sorted(kept)

    def _is_meant(self, tokens: Tokens) -> Callable[[Span], bool]:
        """Say whether an occurrence is meant as it is said; the text is read for cues when that is first asked."""
        reading = cache(lambda: self._stances.reading(tokens.text, partial(self._is_cue, tokens)))
        return lambda span: reading().takes(span, self._entries[span.word])

    def _may_count(self, span: Span, cues: int) -> bool:
        """Say whether a word counts by itself, or the text may hold a cue for it."""
        entry = self._entries[span.word]
        return not entry.weak or bool(self._bits[entry.category] & cues)

    def _hidden(self, text: str, cues: int) -> dict[Span, Disguised]:
        """Find the words in disguise, by where they are."""
        found = {}
        for item, word in self._disguises.find(familiar(text)):
            self._remember(item)
            if self._may_count(word.span, cues):
                found[word.span] = word
        return found

    def _spans(self, text: str, places: Iterable[Sequence[int]]) -> list[Span]:
        """Find all words and phrases; 你 in a list stands for 您 too, 您 for nothing else."""
        found = set()
        for form in (text, familiar(text)) if POLITE in text else (text,):
            for pattern, start, end in places:
                words, phrases = self._wanted_at(pattern)
                if form[start:end] in words:
                    found.add(Span.whole(start, end, form[start:end]))
                found.update(phrases.spans(form, start, end))
        return sorted(found)

    def _find_wanted(self, pattern: int) -> tuple[frozenset[str], Anchored]:
        """Give the words and the phrases that a pattern is looked for for."""
        words, phrases = set(), Anchored()
        for item, use in self._wordings.uses(pattern):
            if use & (Use.WORD | Use.PHRASE) and self._look.roles.kept[item]:
                word = self._remember(item)
                if use & Use.WORD:
                    words.add(word)
                else:
                    phrases.add(self._phrase_of(word))
        return frozenset(words), phrases

    def _remember(self, item: int) -> str:
        """Have the entry of a word at hand, and its number among those that count."""
        word = self._wordings.word(item)
        if item < self._wordings.entries and word not in self._entries:
            self._entries[word] = self._wordings.entry(item)
            self._numbers[word] = int(self._look.roles.kept[:item].sum())
        return word

    def _stands_alone(self, span: Span, tokens: Tokens) -> bool:
        """Say whether an occurrence is a word of its own and not a piece of another.

        An end that is a letter or digit touches no other letter or digit. With a Chinese character in it, the word
        is exactly whole tokens or lies inside one (大骗子); it never runs over the edge of a token (操 in 操作). A
        single character counts only where no Chinese character is beside it, 吧, 了 and 啊 after it apart.
        """
        return self._may_stand(span, tokens.text) and (len(span.word) == 1 or _are_words(span, tokens))

    def _is_hidden_word(self, found: Disguised, text: str) -> bool:
        """Say the same of a word in disguise."""
        single = len(found.span.word) == 1
        return self._may_stand(found.span, text) and (
            single or _are_words(found.bare, Tokens(found.around, self._edges))
        )

    def _may_stand(self, span: Span, text: str) -> bool:
        """Say whether the characters beside an occurrence leave it a word of its own."""
        word = span.word
        if _runs_on(span, text):
            return False
        isolated = self._entries[word].isolated or (len(word) == 1 and is_han(word))
        return not isolated or not any(map(is_han, word)) or _is_isolated(span, text)

    def _is_cue(self, tokens: Tokens, span: Span) -> bool:
        """Say whether a cue is a word of its own."""
        word = span.word
        if _runs_on(span, tokens.text):
            return False
        return not any(map(is_han, word)) or all(tokens.are_whole(start, end) for start, end in span.parts)

    def _edges(self, run: str) -> list[int]:
        """Give the edges of the tokens of a run of text."""
        return self._remembered_edges(run) if len(run) <= _SHORT else self._tokenizer.edges(run)


def _placed(text: str, form: str, spans: list[Span]) -> Iterator[tuple[str, str, int, int]]:
    """Give the words of a text, how they are said and where they are in it."""
    places = original_places(text, [(span.start, span.end) for span in spans])
    for span, (start, end) in zip(spans, places, strict=True):
        said = GAP.join(form[low:high] for low, high in span.parts) if is_phrase(span.word) else span.word
        yield span.word, said, start, end


def _longest_first(spans: list[Span], taken: bytearray, innocent: Cover) -> Iterator[Span]:
    """Go through the occurrences whose place nothing has taken yet."""
    for span in sorted(spans, key=lambda found: (found.start - found.end, found.start, found.word)):
        if not any(taken[span.start : span.end]) and not innocent.holds(span):
            yield span


def _take(span: Span, taken: bytearray) -> bool:
    """Mark a place as taken."""
    taken[span.start : span.end] = b"\1" * (span.end - span.start)
    return True


def _with_repeats(span: Span, text: str) -> Span:
    """Widen a stretch by the repetitions of its first and its last character (傻傻傻逼逼逼)."""
    start, end = span.start, span.end
    low = len(text[:start].rstrip(text[start]))
    high = len(text) - len(text[end:].lstrip(text[end - 1]))
    low, high = (low if start - low + 1 >= REPEATED else start), (high if high - end + 1 >= REPEATED else end)
    parts = ((low, span.parts[0][1]), *span.parts[1:])
    return Span(low, high, span.word, (*parts[:-1], (parts[-1][0], high)))


def _are_words(span: Span, tokens: Tokens) -> bool:
    """Say whether the written parts of a word with a Chinese character in it run over no edge of a token."""
    if not any(map(is_han, span.word)):
        return True
    return not any(tokens.are_crossed_by(start, end) for start, end in span.parts)


def _runs_on(span: Span, text: str) -> bool:
    """Say whether a part of a word ends in a letter or digit that another one touches."""
    return any(
        (is_latin(text[start]) and is_latin(text[max(start - 1, 0) : start]))
        or (is_latin(text[end - 1]) and is_latin(text[end : end + 1]))
        for start, end in span.parts
    )


def _is_isolated(span: Span, text: str) -> bool:
    """Say whether no Chinese character stands beside a word, but for a particle that ends what is said."""
    before, after = text[max(span.start - 1, 0) : span.start], text[span.end : span.end + 2]
    closes = after[:1] in MAY_FOLLOW_A_SINGLE and not is_han(after[1:])
    return not is_han(before) and (not is_han(after[:1]) or closes)
