"""Word lists: what the words of a subject are, from files that a person keeps.

A list is a UTF-8 text file with one word a line; ``docs/lexicons.md`` describes the format. Words are brought
into the normal form of :mod:`kefu.text.normalise` here, so a list need not name full-width, capital or
Traditional variants.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from kefu.errors import ConfigError

SEVERITIES = (1, 2, 3)
ALLOW = "allow"
"""The name of the section, and of the flag, of words that are innocent and contain a listed word."""

LONGEST_WORD = 100

_HEADER = re.compile(r"\[(?P<name>[a-z][a-z0-9_]*)\](?P<settings>(?:[ \t]+\w+=\S+)*)", re.ASCII)
_FLAGS = frozenset({ALLOW, "isolated"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of a list.

    :param word: in normal form.
    :param category: what kind of word it is; the file's name unless the file says otherwise.
    :param severity: 1 to 3, the worst.
    :param isolated: counts only where no Chinese character stands beside it; single characters always are.
    :param allowed: an innocent word; a hit inside it is none.
    :param place: file and line, for messages.
    """

    word: str
    category: str
    severity: int = 1
    isolated: bool = False
    allowed: bool = False
    place: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Words by category, and the innocent words that contain them.

    :param entries: the words that count, each once.
    :param allowed: the innocent words.
    :param notes: what was odd but harmless: a word listed twice, a word that the allow list takes out.
    """

    entries: tuple[Entry, ...]
    allowed: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

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
        own = [source] if isinstance(source, str | Path) else source
        return cls.of(entry for path in _files([*(list(replace) or own), *extra]) for entry in read_list(path))

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Lexicon:
        """Build a lexicon from entries; of two with the same word, the first counts."""
        listed = list(entries)
        forms = _normal_forms([entry.word for entry in listed])
        listed = [replace(entry, word=form) for entry, form in zip(listed, forms, strict=True)]
        allowed = {entry.word: entry for entry in listed if entry.allowed}
        kept: dict[str, Entry] = {}
        notes: list[str] = []
        for entry in listed:
            _require_substance(entry)
            if entry.allowed:
                continue
            if first := allowed.get(entry.word) or kept.get(entry.word):
                what = "taken out by" if first.allowed else "listed already in"
                notes.append(f"{entry.place}: '{entry.word}' is {what} {first.place}")
            else:
                kept[entry.word] = entry
        return cls(tuple(kept.values()), tuple(allowed), tuple(notes))

    @property
    def words(self) -> list[str]:
        """The words that count."""
        return [entry.word for entry in self.entries]

    @property
    def digest(self) -> str:
        """The SHA-256 of what the lexicon says, whatever files it came from and in whatever order."""
        lines = [f"{e.word}\t{e.category}\t{e.severity}\t{e.isolated:d}" for e in self.entries]
        lines += [f"{word}\t{ALLOW}" for word in self.allowed]
        return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def read_list(path: Path) -> Iterator[Entry]:
    """Read one list.

    :raises ConfigError: the file cannot be read, or a line is broken.
    """
    category, severity = path.stem.lower(), 1
    for number, line in enumerate(_lines(path), 1):
        place = f"lexicon '{path.name}', line {number}"
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("["):
            category, severity = _header(text, place)
        else:
            yield _entry(line.rstrip(), category, severity, place)


def _files(sources: Iterable[Path | str]) -> Iterator[Path]:
    """List the files of files and folders, in a fixed order."""
    for source in map(Path, sources):
        if source.is_dir():
            yield from sorted(source.glob("*.txt"))
        else:
            yield source


def _lines(path: Path) -> list[str]:
    """Read the lines of a UTF-8 file, with or without a byte-order mark."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"lexicon '{path.name}' cannot be read ({error.strerror}): check the path {path}") from error
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"lexicon '{path.name}', line {number} is not UTF-8: save the file as UTF-8") from error


def _header(text: str, place: str) -> tuple[str, int]:
    """Read ``[category] severity=2``."""
    found = _HEADER.fullmatch(text)
    if not found:
        raise ConfigError(
            f"{place} is no section header: write [category] severity=2, or \\[ to list a word that begins with ["
        )
    settings = dict(part.split("=", 1) for part in found["settings"].split())
    if unknown := sorted(settings.keys() - {"severity"}):
        raise ConfigError(f"{place}: '{unknown[0]}' is no setting of a section: only severity is")
    return found["name"], _severity(settings.get("severity", "1"), place)


def _entry(line: str, category: str, severity: int, place: str) -> Entry:
    """Read ``word``, ``word<TAB>severity`` or ``word<TAB>severity<TAB>flags``."""
    word, *more = (part.strip() for part in line.split("\t"))
    if len(more) > 2:  # noqa: PLR2004 - severity and flags
        raise ConfigError(f"{place} has {len(more) + 1} columns: write word, severity and flags, apart by tabs")
    own, names = (*more, "", "")[:2]
    flags = set(names.replace(",", " ").split())
    if unknown := sorted(flags - _FLAGS):
        raise ConfigError(f"{place}: '{unknown[0]}' is no flag: write one of {', '.join(sorted(_FLAGS))}")
    return Entry(
        word=word.removeprefix("\\"),
        category=category,
        severity=_severity(own, place) if own else severity,
        isolated="isolated" in flags,
        allowed=category == ALLOW or ALLOW in flags,
        place=place,
    )


def _severity(text: str, place: str) -> int:
    """Read a severity."""
    if text not in map(str, SEVERITIES):
        raise ConfigError(f"{place}: severity '{text}' is none of 1, 2, 3: write one of them, or nothing")
    return int(text)


def _require_substance(entry: Entry) -> None:
    """Refuse a word that could not be found, or would be found everywhere."""
    if len(entry.word) > LONGEST_WORD:
        raise ConfigError(f"{entry.place}: a word of {len(entry.word)} characters: write at most {LONGEST_WORD}")
    if not any(sign.isalnum() or ord(sign) > 0xFFFF for sign in entry.word):  # noqa: PLR2004 - emoji
        raise ConfigError(f"{entry.place}: '{entry.word}' has no letter, digit or character: delete the line")


def _normal_forms(words: list[str]) -> list[str]:
    """Bring all words into normal form at once."""
    import polars as pl

    from kefu.text.normalise import normalised

    frame = pl.DataFrame({"word": words}, schema={"word": pl.String})
    return frame.select(normalised(pl.col("word")).str.strip_chars())["word"].to_list()
