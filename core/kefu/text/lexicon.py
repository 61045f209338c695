"""Word lists: what the words of a subject are, from files that a person keeps.

Words are brought into the normal form of :mod:`kefu.text.normalise` here, so a list need not name full-width,
capital or Traditional variants. :mod:`kefu.text.listing` reads the files; ``docs/lexicons.md`` describes them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from kefu.errors import ConfigError
from kefu.text.phrases import GAP, MOST_GAPS, MOST_WAYS, MOST_WRITTEN_OUT, Phrase, count_ways, ways

ALLOW = "allow"
"""The name of the section, and of the flag, of words that are innocent and contain a listed word."""

CUES = frozenset(
    {
        "negation",
        "negation_after",
        "question",
        "question_after",
        "quotation",
        "quotation_after",
        "turn",
        "insist",
        "cue",
        "threat",
    }
)
"""The names of the sections whose words count for nothing, but decide whether others do: see :mod:`.stance`."""

STANCES = frozenset({"quoted", "negated", "asked"})
"""How a word may be meant otherwise than it is said."""

LONGEST_WORD = 100
LONGEST_DISGUISED = 6
"""Words of more Chinese characters are not looked for in disguise if they are many ways of one line."""

_LATIN = 4
"""So many Latin letters are as long as a Chinese character."""
_CHOICES = re.compile(r"(?:[^{}]|\{[^{}]*\})*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of a list.

    :param word: in normal form; with :data:`~kefu.text.phrases.GAP` in it, parts each of which may have alternatives.
    :param category: what kind of word it is; the file's name unless the file says otherwise.
    :param severity: 1 to 3, the worst.
    :param isolated: counts only where no Chinese character stands beside it; single characters always are.
    :param allowed: an innocent word; a hit inside it is none.
    :param place: file and line, for messages.
    :param weak: counts only beside a cue.
    :param unless: the stances in which it does not count.
    :param of: of a cue: the categories that it is for; none are all.
    """

    word: str
    category: str
    severity: int = 1
    isolated: bool = False
    allowed: bool = False
    place: str = ""
    weak: bool = False
    unless: frozenset[str] = frozenset({"quoted"})
    of: frozenset[str] = frozenset()

    def saying(self, word: str) -> Entry:
        """Return the same with another word; sooner than ``replace``, for there are many."""
        return Entry(
            word,
            self.category,
            self.severity,
            self.isolated,
            self.allowed,
            self.place,
            self.weak,
            self.unless,
            self.of,
        )


class Note(NamedTuple):
    """A line that says nothing new.

    :param place: file and line; ``first`` is the line that says it already.
    :param innocent: whether that line says that the word is innocent.
    """

    place: str
    word: str
    first: str
    innocent: bool


@dataclass(frozen=True)
class Lexicon:
    """Words by category, the innocent words that contain them, and the cues that decide whether they count.

    :param entries: the words that count, each once.
    :param allowed: the innocent words.
    :param notes: what was odd but harmless: a word listed twice, a word that the allow list takes out.
    :param cues: their category is one of :data:`CUES`.
    """

    entries: tuple[Entry, ...]
    allowed: tuple[str, ...] = ()
    notes: tuple[Note, ...] = field(default=(), compare=False)
    cues: tuple[Entry, ...] = ()

    @classmethod
    def load(
        cls,
        source: Path | str | Iterable[Path | str],
        *,
        extra: Iterable[Path | str] = (),
        replace: Iterable[Path | str] = (),
    ) -> Lexicon:
        """Read lists from a folder (every ``*.txt`` in it) or from files.

        :param extra: files or folders that are read as well.
        :param replace: files or folders that are read in place of ``source``.
        :raises ConfigError: a file cannot be read, or a line is broken; it names the file and the line.
        """
        from kefu.text.listing import list_files, read_list

        own = [source] if isinstance(source, str | Path) else source
        return cls.of(entry for path in list_files([*(list(replace) or own), *extra]) for entry in read_list(path))

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Lexicon:
        """Build a lexicon from entries; of two with the same word, the first counts."""
        given = list(entries)
        forms = _normal_forms([entry.word for entry in given])
        listed = [way for entry, form in zip(given, forms, strict=True) for way in _written_out(entry, form)]
        allowed = {entry.word: entry for entry in listed if entry.allowed}
        kept: dict[str, Entry] = {}
        cues: dict[tuple[str, str, frozenset[str]], Entry] = {}
        again: dict[str, list[tuple[Entry, Entry]]] = {}
        for entry in listed:
            if entry.allowed:
                continue
            if entry.category in CUES:
                first = cues.setdefault((entry.word, entry.category, entry.of), entry)
            else:
                first = allowed.get(entry.word) or kept.setdefault(entry.word, entry)
            if first is not entry:
                again.setdefault(entry.place, []).append((entry, first))
        notes = _notes(again, Counter(entry.place for entry in listed))
        return cls(tuple(kept.values()), tuple(allowed), notes, tuple(cues.values()))

    @property
    def words(self) -> list[str]:
        """The words that count."""
        return [entry.word for entry in self.entries]

    @property
    def digest(self) -> str:
        """The SHA-256 of what the lexicon says, whatever files it came from and in whatever order."""
        lines = [
            f"{e.word}\t{e.category}\t{e.severity}\t{e.isolated:d}{e.weak:d}\t{' '.join(sorted(e.unless))}"
            for e in self.entries
        ]
        lines += [f"{word}\t{ALLOW}" for word in self.allowed]
        lines += [f"{e.word}\t[{e.category}]\t{' '.join(sorted(e.of))}" for e in self.cues]
        return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _notes(again: Mapping[str, list[tuple[Entry, Entry]]], ways_of: Mapping[str, int]) -> tuple[Note, ...]:
    """Say which lines say nothing new; of alternatives some may be listed already, not all."""
    notes = []
    for place, pairs in again.items():
        if len(pairs) >= ways_of[place]:
            entry, first = pairs[0]
            notes.append(Note(place, entry.word, first.place, first.allowed))
    return tuple(notes)


def _written_out(entry: Entry, form: str) -> Iterator[Entry]:
    """Give an entry in normal form; one with alternatives and no gap as a word for each, unless they are too many."""
    parts = _sensible_parts(entry.place, form)
    if "{" not in form or GAP in form or _is_chain(form, parts[0]):
        yield entry if entry.word == form else entry.saying(form)
        return
    for way in parts[0]:
        yield entry.saying(way.strip(" "))


def _is_chain(form: str, said: list[str]) -> bool:
    """Say whether a word is too long to be disguised, and said in too many ways to be written out."""
    if len(said) <= MOST_WRITTEN_OUT:
        return False
    return max(map(_width, said)) > LONGEST_DISGUISED and len(Phrase.read(form).parts[0]) > 1


def _width(word: str) -> int:
    """Count the characters of a word; four Latin letters count as one."""
    return sum(1 if sign.isascii() else _LATIN for sign in word) // _LATIN


def _sensible_parts(place: str, word: str) -> list[list[str]]:
    """Write out the parts of a word; refuse one that could not be found, or would be found everywhere."""
    if len(word) > LONGEST_WORD and "{" not in word:
        raise ConfigError(f"{place}: a word of {len(word)} characters: write at most {LONGEST_WORD}")
    if not (word.isascii() and word.isprintable()) and any(unicodedata.category(sign) == "Cc" for sign in word):
        raise ConfigError(f"{place}: {word!r} has a control character in it: delete it")
    parts = word.split(GAP)
    if len(parts) > MOST_GAPS + 1:
        raise ConfigError(f"{place}: '{word}' has {len(parts) - 1} gaps: write {GAP} {MOST_GAPS} times at most")
    for part in parts:
        if not _CHOICES.fullmatch(part):
            raise ConfigError(f"{place}: '{word}' has a brace without its other, or one in another: write {{a|b}}")
        if count_ways(part) > MOST_WAYS:
            raise ConfigError(f"{place}: '{part}' says {count_ways(part):,} things: write {MOST_WAYS:,} at most")
    said = [ways(part) for part in parts]
    if not all(_has_substance(way) for part in said for way in part):
        where = f" on each side of {GAP}" if len(parts) > 1 else ""
        raise ConfigError(f"{place}: '{word}' has no letter, digit or character{where}: delete the line")
    return said


def _has_substance(text: str) -> bool:
    """Say whether there is something to look for."""
    return any(sign.isalnum() or ord(sign) > 0xFFFF for sign in text)  # noqa: PLR2004 - emoji


def _normal_forms(words: list[str]) -> list[str]:
    """Bring all words into normal form at once; the gap, which would become three dots, stays what it is."""
    import polars as pl

    from kefu.text.normalise import normalised

    frame = pl.DataFrame({"word": words}, schema={"word": pl.String})
    guarded = pl.col("word").str.replace_all(GAP, "\n", literal=True).str.replace_all("’", "'", literal=True)
    plain = normalised(guarded).str.strip_chars(" \t\r").str.replace_all("\n", GAP, literal=True)
    return frame.select(plain)["word"].to_list()
