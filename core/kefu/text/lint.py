"""Lint word lists: which entries would hit ordinary talk, which say nothing that others do not say already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from kefu.metric import Title
from kefu.text.lexicon import Entry, Lexicon
from kefu.text.phrases import GAP, ways
from kefu.text.signs import is_latin
from kefu.text.words import WordFinder

COMMON = 20_000
"""A word in more than one of so many ordinary messages is no word to judge people by."""
LEAST_HITS = 2
"""So many messages have to hold a word before its share says anything."""
SHORT_LATIN = 2
SINGLE = Title(
    zh="单个字：只在独立出现时才算；请换更长的词",
    en="a single character: it counts only where it stands alone; use a longer word",
)
DIGITS = Title(
    zh="只有数字，订单号和日期里都会有：请标 isolated，或补上使它成词的字",
    en="digits only, as in order numbers and dates: flag it isolated, or add what makes it a word",
)
LATIN = Title(
    zh="两个字母，单位和商品名里都会有：请标 isolated，或换更长的词",
    en="two letters, as in units and product names: flag it isolated, or use a longer word",
)
_NOTHING: tuple[list[str], list[int]] = ([], [])


@dataclass(frozen=True, slots=True)
class Finding:
    """What is odd about an entry of a list.

    :param kind: ``duplicate``, ``hidden``, ``single``, ``digits``, ``latin`` or ``common``.
    :param place: file and line.
    :param what: what it is, and what to do about it.
    :param messages: how many messages of the sample it hits; ``None`` where that is not the point.
    :param example: one of them.
    """

    kind: str
    word: str
    category: str
    place: str
    what: Title
    messages: int | None = None
    example: str | None = None


def lint(lexicon: Lexicon, finder: WordFinder, sample: pl.DataFrame | None = None, most: int = COMMON) -> list[Finding]:
    """Return every finding, in the order of the lists.

    :param finder: the word finder over the lexicon.
    :param sample: ordinary messages: ``text``, each once, and ``count``, how often.
    :param most: one message in so many may hold a word.
    """
    found = [*_repeats(lexicon), *_shapes(lexicon.entries), *_hidden(lexicon.entries, finder)]
    if sample is not None:
        found += _common(lexicon.entries, finder, sample, most)
    places = {entry.word: number for number, entry in enumerate(lexicon.entries)}
    return sorted(found, key=lambda one: places.get(one.word, len(places)))


def _repeats(lexicon: Lexicon) -> Iterator[Finding]:
    for note in lexicon.notes:
        zh = "是无害词，此行不起作用" if note.innocent else "已列出"
        en = "taken out by" if note.innocent else "listed already in"
        what = Title(
            zh=f"“{note.word}”在 {note.first} {zh}：删去其中一行",
            en=f"'{note.word}' is {en} {note.first}: delete one of them",
        )
        yield Finding("duplicate", note.word, "", note.place, what)


def _shapes(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Find entries that ordinary talk can hardly do without, and that are not said to count by themselves only."""
    for entry in entries:
        word = entry.word
        if entry.isolated:
            continue
        if len(word) == 1:
            yield _finding("single", entry, SINGLE)
        elif word.isdigit():
            yield _finding("digits", entry, DIGITS)
        elif word.isascii() and word.isalpha() and len(word) <= SHORT_LATIN:
            yield _finding("latin", entry, LATIN)


def _hidden(entries: Sequence[Entry], finder: WordFinder) -> Iterator[Finding]:
    """Find lines that are not found even in texts that are nothing but them; of alternatives one is enough."""
    asked = [(number, text) for number, entry in enumerate(entries) if not entry.weak for text in _said(entry.word)]
    hits = finder.find(pl.Series([text for _, text in asked], dtype=pl.String)).group_by("text").agg("word", "entry")
    found = {text: (words, numbers) for text, words, numbers in hits.iter_rows()}
    seen = {entries[number].place for place, (number, _) in enumerate(asked) if number in found.get(place, _NOTHING)[1]}
    for place, (number, _) in enumerate(asked):
        entry = entries[number]
        if entry.place not in seen:
            seen.add(entry.place)
            others, _ = found.get(place, _NOTHING)
            yield _finding("hidden", entry, _never_found(others[0] if others else None))


def _never_found(other: str | None) -> Title:
    """Say that an entry is never found, and what is found in its place."""
    zh = "被无害词或提示词排除" if other is None else f"那里找到的是“{other}”"
    en = "an innocent word or a cue takes it out" if other is None else f"'{other}' is found in its place"
    return Title(
        zh=f"从不会被找到：{zh}；请删去它，或删去遮住它的词",
        en=f"it is never found: {en}; delete it, or what hides it",
    )


def _said(word: str) -> list[str]:
    """Say a word; one with gaps in several ways, each of its alternatives once."""
    parts = [ways(part) for part in word.split(GAP)]
    return [_together([part[number % len(part)] for part in parts]) for number in range(max(map(len, parts)))]


def _together(parts: list[str]) -> str:
    """Write parts after each other, words in letters apart."""
    said = parts[0]
    for part in parts[1:]:
        said += f" {part}" if is_latin(said[-1]) and is_latin(part[0]) else part
    return said


def _common(entries: Sequence[Entry], finder: WordFinder, sample: pl.DataFrame, most: int) -> Iterator[Finding]:
    total = int(sample["count"].sum())
    hits = finder.find(sample["text"]).unique(["text", "entry"])
    told = hits.join(sample.with_row_index("place"), left_on="text", right_on="place", suffix="_of_message")
    counts = told.group_by("entry").agg(pl.col("count").sum(), pl.col("text_of_message").min())
    by_entry = {number: (count, example) for number, count, example in counts.iter_rows()}
    for number, entry in enumerate(entries):
        count, example = by_entry.get(number, (0, None))
        if count >= LEAST_HITS and count * most > total:
            what = Title(
                zh=f"{total:,} 条普通消息中有 {count:,} 条含有它：请删去，或列出含有它的无害词",
                en=f"in {count:,} of {total:,} ordinary messages: drop it, or list the innocent words around it",
            )
            yield _finding("common", entry, what, count, example)


def _finding(kind: str, entry: Entry, what: Title, messages: int | None = None, example: str | None = None) -> Finding:
    return Finding(kind, entry.word, entry.category, entry.place, what, messages, example)
