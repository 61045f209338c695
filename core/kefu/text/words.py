"""Find the words of a lexicon in texts: a multi-pattern search first, word boundaries only where it found something."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache, partial

import polars as pl

from kefu.text.disguise import Disguised, Disguises
from kefu.text.holding import ANY, Holding, Role, bits
from kefu.text.lexicon import Lexicon
from kefu.text.normalise import normal_forms
from kefu.text.phrases import CLAUSE_SIGNS, GAP, Cover, Phrases, Span
from kefu.text.places import original_places
from kefu.text.squeeze import REPEATED
from kefu.text.stance import Stances
from kefu.text.tokenizer import LONGEST_PIECE, Tokenizer, seams

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

MAY_FOLLOW_A_SINGLE = "吧了啊"
"""Particles after which a single character still stands alone (滚吧)."""

_SAME = {"’": "'", "妳": "你"}
_FAMILIAR, _POLITE = "你您"
_REMEMBERED = 20_000
_SHORT = 100
"""Shorter runs of text are remembered with their tokens: phrases come again in other messages."""


class WordFinder:
    """Finds the words of a lexicon in texts.

    An occurrence is a hit if it is a word of its own (see :meth:`_stands_alone`), lies in no word of the allow list
    and is meant as it is said (see :mod:`kefu.text.stance`). Hits do not overlap: a word as it is listed wins over one
    in disguise, then the longest, of equals the first.

    Two passes over all texts at once miss nothing: one for the words as they are listed, one for disguises. Everything
    else is looked for only in what they let through.
    """

    def __init__(self, lexicon: Lexicon, tokenizer: Tokenizer | None = None) -> None:
        """Prepare the search; the tokenizer loads its dictionary when the first hit needs it."""
        self._lexicon = lexicon
        self._entries = {entry.word: entry for entry in lexicon.entries}
        self._tokenizer = tokenizer or Tokenizer()
        self._remembered_edges = lru_cache(_REMEMBERED)(self._tokenizer.edges)

    def __reduce__(self) -> tuple[type[WordFinder], tuple[Lexicon, Tokenizer]]:
        """Travel to another process without what was prepared."""
        return WordFinder, (self._lexicon, self._tokenizer)

    def find(self, texts: pl.Series) -> pl.DataFrame:
        """Return every hit, by text and place.

        :param texts: texts, best each once: the work is done for each; nulls have no hits.
        :return: ``text`` (index into ``texts``), ``word`` as it is listed or, if it has a gap, as it is said,
            ``category``, ``severity``, ``start`` and ``end`` (character offsets in the text as it was given, so that
            the hit can be marked there), ``entry`` (index into the entries of the lexicon).
        """
        rows = [
            (index, said, (entry := self._entries[word]).category, entry.severity, start, end, self._numbers[word])
            for index, form, found in self._hits(texts)
            for word, said, start, end in _placed(texts[index], form, found)
        ]
        return pl.DataFrame(rows, schema=HITS, orient="row")

    def counts(self, texts: pl.Series) -> pl.Series:
        """Return the number of hits of each text, as u32; 0 for a null."""
        found = [(index, len(spans)) for index, _, spans in self._hits(texts)]
        counts = pl.zeros(len(texts), dtype=pl.UInt32, eager=True)
        hits = pl.Series([number for _, number in found], dtype=pl.UInt32)
        return counts.scatter([index for index, _ in found], hits).alias("hits")

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self._entries)}

    def _hits(self, texts: pl.Series) -> Iterator[tuple[int, str, list[Span]]]:
        """Go through the texts that may hold a word; give those with hits, their normal form and the hits in it."""
        if not self._entries:
            return
        read = normal_forms(texts.cast(pl.String)).str.replace_many([*_SAME], [*_SAME.values()])
        plain = read.str.replace_all(_POLITE, _FAMILIAR, literal=True)
        hidden = self._disguises.may_hide(plain).arg_true().alias("index").to_frame().with_columns(hidden=True)
        held = self._holding.literals(plain).join(hidden, on="index", how="full", coalesce=True).sort("index")
        held = held.with_columns(pl.col("hidden").fill_null(value=False), pl.col("cues").fill_null(ANY))
        columns = ("literals", "cues", "hidden")
        for index, text, *told in zip(
            held["index"].to_list(),
            read.gather(held["index"]).to_list(),
            *(held[name].to_list() for name in columns),
            strict=True,
        ):
            if spans := self._counting(text, *told):
                yield index, text, spans

    @cached_property
    def _bits(self) -> dict[str, int]:
        return bits(entry.category for entry in self._entries.values())

    @cached_property
    def _holding(self) -> Holding:
        """The first pass, made when it is first needed."""
        roles: dict[str, Role] = {}
        for entry in self._entries.values():
            for literal in self._phrases.literals(entry.word):
                role = roles.setdefault(_familiar(literal), Role())
                role.strong |= not entry.weak
                role.weak |= self._bits[entry.category] if entry.weak else 0
        for category in {entry.category for entry in self._entries.values() if entry.weak}:
            for literal in self._stances.cues_for(category):
                roles.setdefault(_familiar(literal), Role()).cue |= self._bits[category]
        for word in self._lexicon.allowed:
            for literal in self._phrases.literals(word):
                roles.setdefault(_familiar(literal), Role())
        return Holding(roles)

    @cached_property
    def _written(self) -> dict[str, list[str]]:
        """The literals that stand behind one with 你 in it, where those with 您 are among them."""
        literals = {
            x
            for word in (*self._entries, *self._lexicon.allowed)
            if _POLITE in word
            for x in self._phrases.literals(word)
        }
        written: dict[str, list[str]] = {}
        for literal in sorted(literals):
            if _POLITE in literal:
                written.setdefault(_familiar(literal), [_familiar(literal)]).append(literal)
        return written

    @cached_property
    def _disguises(self) -> Disguises:
        """The second pass."""
        return Disguises(self._entries, self._lexicon.allowed)

    @cached_property
    def _phrases(self) -> Phrases:
        """The words that count and the innocent ones."""
        return Phrases((*self._entries, *self._lexicon.allowed))

    @cached_property
    def _stances(self) -> Stances:
        """What decides whether a word is meant."""
        return Stances(self._lexicon.cues)

    def _counting(self, text: str, literals: Iterable[str] | None, cues: int, hidden: bool) -> list[Span]:  # noqa: FBT001
        """Find the hits of a text in normal form, an endless one piece by piece.

        :param literals: what it holds of what is looked for.
        :param cues: the categories for whose words it may hold a cue.
        :param hidden: whether words in disguise are to be looked for.
        """
        asked = [written for literal in literals or () for written in self._written.get(literal, (literal,))]
        if len(text) <= LONGEST_PIECE:
            return self._in_piece(text, asked, cues, disguised=hidden)
        return [
            span.moved(low)
            for low, piece in pieces(text)
            if len(set(piece)) > 1  # thousands of one character say nothing
            for span in self._in_piece(piece, asked, cues, disguised=hidden)
        ]

    def _in_piece(self, text: str, literals: list[str], cues: int, *, disguised: bool) -> list[Span]:
        """Choose the occurrences that count."""
        found = self._spans(text, literals)
        listed = [span for span in found if span.word in self._entries and self._may_count(span, cues)]
        if not listed and not disguised:
            return []
        innocent = Cover(span for span in found if span.word not in self._entries)
        tokens = _Tokens(text, self._edges)
        taken = bytearray(len(text))
        hidden = self._hidden(text, cues) if disguised else {}
        kept: list[Span] = []
        # A weak word may turn out to count for nothing: it takes no place from one that counts by itself.
        for weak in (False, True):
            plain = [span for span in listed if self._entries[span.word].weak is weak]
            kept += [span for span in _longest_first(plain, taken, innocent) if self._stands_alone(span, tokens, taken)]
            dressed = [span for span in hidden if self._entries[span.word].weak is weak]
            kept += [
                span
                for span in _longest_first(dressed, taken, innocent)
                if self._is_hidden_word(hidden[span], text, taken)
            ]
        if disguised:
            kept = [_with_repeats(span, text) for span in kept]
        return self._stances.counting(text, sorted(kept), self._entries, partial(self._is_cue, tokens))

    def _may_count(self, span: Span, cues: int) -> bool:
        """Say whether a word counts by itself, or the text may hold a cue for it."""
        entry = self._entries[span.word]
        return not entry.weak or bool(self._bits[entry.category] & cues)

    def _hidden(self, text: str, cues: int) -> dict[Span, Disguised]:
        """Find the words in disguise, by where they are."""
        found = self._disguises.find(_familiar(text))
        return {word.span: word for word in found if self._may_count(word.span, cues)}

    def _spans(self, text: str, literals: list[str]) -> list[Span]:
        """Find all words; 你 in a list stands for 您 too, 您 for nothing else."""
        found = set(self._phrases.spans_of(text, literals))
        if _POLITE in text:
            found |= set(self._phrases.spans_of(_familiar(text), literals))
        return sorted(found)

    def _stands_alone(self, span: Span, tokens: _Tokens, taken: bytearray) -> bool:
        """Say whether an occurrence is a word of its own and not a piece of another, and if so take its place.

        An end that is a letter or digit touches no other letter or digit. With a Chinese character in it, the word
        is exactly whole tokens or lies inside one (大骗子); it never runs over the edge of a token (操 in 操作). A
        single character counts only where no Chinese character is beside it, 吧, 了 and 啊 after it apart.
        """
        alone = self._may_stand(span, tokens.text) and (len(span.word) == 1 or _are_words(span, tokens))
        return alone and _take(span, taken)

    def _is_hidden_word(self, found: Disguised, text: str, taken: bytearray) -> bool:
        """Say the same of a word in disguise."""
        single = len(found.span.word) == 1
        alone = self._may_stand(found.span, text) and (
            single or _are_words(found.bare, _Tokens(found.around, self._edges))
        )
        return alone and _take(found.span, taken)

    def _may_stand(self, span: Span, text: str) -> bool:
        """Say whether the characters beside an occurrence leave it a word of its own."""
        word = span.word
        before, after = _neighbours(span, text)
        if _runs_on(word, before, after):
            return False
        isolated = self._entries[word].isolated or (len(word) == 1 and _is_han(word))
        return not isolated or not any(map(_is_han, word)) or _is_isolated(before, after)

    def _is_cue(self, tokens: _Tokens, span: Span) -> bool:
        """Say whether a cue is a word of its own."""
        word = span.word
        if _runs_on(word, *_neighbours(span, tokens.text)):
            return False
        return not any(map(_is_han, word)) or all(tokens.are_whole(start, end) for start, end in span.parts)

    def _edges(self, run: str) -> list[int]:
        """Give the edges of the tokens of a run of text."""
        return self._remembered_edges(run) if len(run) <= _SHORT else self._tokenizer.edges(run)


class _Tokens:
    """The tokens of a text, found piece by piece where they are asked for."""

    def __init__(self, text: str, edges: Callable[[str], list[int]]) -> None:
        """Divide the text into pieces that can be cut by themselves."""
        self.text = text
        self._seams = seams(text)
        self._edges = edges
        self._known: dict[tuple[int, int], list[int]] = {}

    def are_crossed_by(self, start: int, end: int) -> bool:
        """Say whether a stretch runs over the edge of a token: it is neither whole tokens nor inside one."""
        low, high, count = self._around(start, end)
        return (low, high) != (start, end) and count > 1

    def are_whole(self, start: int, end: int) -> bool:
        """Say whether a stretch is whole tokens."""
        return self._around(start, end)[:2] == (start, end)

    def _around(self, start: int, end: int) -> tuple[int, int, int]:
        """Give where the tokens that a stretch touches begin and end, and how many they are."""
        low = self._seams[bisect_right(self._seams, start) - 1]
        high = self._seams[bisect_left(self._seams, end)]
        if (low, high) == (start, end):
            return start, end, 1
        if (low, high) not in self._known:
            self._known[low, high] = self._edges(self.text[low:high])
        edges = self._known[low, high]
        first, last = bisect_right(edges, start - low) - 1, bisect_left(edges, end - low)
        return edges[first] + low, edges[last] + low, last - first


def _placed(text: str, form: str, spans: list[Span]) -> Iterator[tuple[str, str, int, int]]:
    """Give the words of a text, how they are said and where they are in it."""
    places = original_places(text, [(span.start, span.end) for span in spans])
    for span, (start, end) in zip(spans, places, strict=True):
        said = GAP.join(form[low:high] for low, high in span.parts) if GAP in span.word else span.word
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


def _are_words(span: Span, tokens: _Tokens) -> bool:
    """Say whether the written parts of a word with a Chinese character in it run over no edge of a token."""
    if not any(map(_is_han, span.word)):
        return True
    return not any(tokens.are_crossed_by(start, end) for start, end in span.parts)


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut an endless text, where a clause ends if it can be, and give the pieces with their places."""
    low = 0
    while low < len(text):
        high = low + LONGEST_PIECE
        if high < len(text):
            signs = (place for place in range(high, low + LONGEST_PIECE // 2, -1) if text[place - 1] in CLAUSE_SIGNS)
            high = next(signs, high)
        yield low, text[low:high]
        low = high


def _familiar(text: str) -> str:
    """Address the reader as 你 throughout."""
    return text.replace(_POLITE, _FAMILIAR)


def _neighbours(span: Span, text: str) -> tuple[str, str]:
    """Return the character before a stretch and the one after it; empty where there is none."""
    return text[max(span.start - 1, 0) : span.start], text[span.end : span.end + 1]


def _runs_on(word: str, before: str, after: str) -> bool:
    """Say whether a word ends in a letter or digit that another one touches."""
    return (_is_latin(word[0]) and _is_latin(before)) or (_is_latin(word[-1]) and _is_latin(after))


def _is_isolated(before: str, after: str) -> bool:
    """Say whether no Chinese character, particles apart, stands beside a word."""
    return not _is_han(before) and (not _is_han(after) or after in MAY_FOLLOW_A_SINGLE)


def _is_latin(sign: str) -> bool:
    """Say whether a character, if there is one, belongs to a run of letters and digits."""
    return sign.isalnum() and sign < "\u2e80"  # where the East Asian scripts begin


def _is_han(sign: str) -> bool:
    """Say whether a character, if there is one, is Chinese."""
    return sign >= "\u3400" and sign.isalpha()
