"""Read the files of word lists: UTF-8, one word a line; ``docs/lexicons.md`` describes the format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from kefu.errors import ConfigError
from kefu.text.lexicon import ALLOW, CUES, STANCES, Entry

_HEADER = re.compile(r"\[(?P<name>[a-z][a-z0-9_]*)\](?P<settings>(?:[ \t]+\w+=\S+)*)", re.ASCII)
_FLAGS = frozenset({ALLOW, "isolated", "weak"})
_NOTHING = "nothing"


class _Section(NamedTuple):
    """What a header says of the lines below it."""

    category: str
    severity: int = 1
    unless: frozenset[str] = frozenset({"quoted"})
    of: frozenset[str] = frozenset()


def list_files(sources: Iterable[Path | str]) -> Iterator[Path]:
    """Give the files of files and folders, in a fixed order."""
    for source in map(Path, sources):
        if source.is_dir():
            yield from sorted(source.glob("*.txt"))
        else:
            yield source


def read_list(path: Path) -> Iterator[Entry]:
    """Read one list.

    :raises ConfigError: the file cannot be read, or a line is broken.
    """
    section = _Section(path.stem.lower())
    for number, line in enumerate(read_lines(path), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        place = f"lexicon '{path.name}', line {number}"
        if text.startswith("["):
            section = _header(text, place)
        else:
            yield _entry(line.rstrip(), section, place)


def read_lines(path: Path, what: str = "lexicon") -> list[str]:
    """Read the lines of a UTF-8 file, with or without a byte-order mark.

    :param what: what kind of file it is, for the error.
    :raises ConfigError: it cannot be read, or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{what} '{path.name}' cannot be read ({error.strerror}): check the path {path}") from error
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{what} '{path.name}', line {number} is not UTF-8: save the file as UTF-8") from error


def _header(text: str, place: str) -> _Section:
    """Read ``[category] severity=2 unless=quoted,asked`` or ``[cue] of=category``."""
    found = _HEADER.fullmatch(text)
    if not found:
        raise ConfigError(
            f"{place} is no section header: write [category] severity=2, or \\[ to list a word that begins with ["
        )
    settings = dict(part.split("=", 1) for part in found["settings"].split())
    known = {"of"} if found["name"] in CUES else {"severity", "unless"}
    if unknown := sorted(settings.keys() - known):
        names = " and ".join(sorted(known))
        raise ConfigError(f"{place}: '{unknown[0]}' is no setting of [{found['name']}]: write {names} only")
    return _Section(
        found["name"],
        _severity(settings.get("severity", "1"), place),
        _stances(settings.get("unless", "quoted"), place),
        frozenset(filter(None, settings.get("of", "").split(","))),
    )


def _stances(text: str, place: str) -> frozenset[str]:
    """Read the stances in which words do not count."""
    named = frozenset(filter(None, text.split(","))) - {_NOTHING}
    if unknown := sorted(named - STANCES):
        known = ", ".join((*sorted(STANCES), _NOTHING))
        raise ConfigError(f"{place}: unless={unknown[0]} is unknown: write some of {known}")
    return named


def _entry(line: str, section: _Section, place: str) -> Entry:
    """Read ``word``, ``word<TAB>severity`` or ``word<TAB>severity<TAB>flags``."""
    word, *more = (part.strip() for part in line.split("\t"))
    if len(more) > 2:  # noqa: PLR2004 - severity and flags
        raise ConfigError(f"{place} has {len(more) + 1} columns: write word, severity and flags, apart by tabs")
    own, names = (*more, "", "")[:2]
    flags = set(names.replace(",", " ").split()) if names else set()
    if unknown := sorted(flags - _FLAGS):
        raise ConfigError(f"{place}: '{unknown[0]}' is no flag: write one of {', '.join(sorted(_FLAGS))}")
    return Entry(
        word=word.removeprefix("\\"),
        category=section.category,
        severity=_severity(own, place) if own else section.severity,
        isolated="isolated" in flags,
        allowed=section.category == ALLOW or ALLOW in flags,
        place=place,
        weak="weak" in flags,
        unless=section.unless,
        of=section.of,
    )


def _severity(text: str, place: str) -> int:
    """Read a severity."""
    if text not in {"1", "2", "3"}:
        raise ConfigError(f"{place}: severity '{text}' is none of 1, 2, 3: write one of them, or nothing")
    return int(text)
