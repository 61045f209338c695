"""A user's dictionary: further words for the tokenizer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kefu.errors import ConfigError
from kefu.text.listing import read_lines

MOST_FREQUENT = 10_000_000
"""The highest frequency of a word; jieba's commonest has 883,634."""


def read_dictionaries(paths: Iterable[Path]) -> dict[str, int]:
    """Read words with their frequency; of two with the same word the last counts.

    The format is jieba's own: a word, its frequency and what else jieba takes a line, apart by blanks. The frequency
    cannot be left out, as it can for jieba, which then makes one up.

    :raises ConfigError: a file cannot be read, or a line is broken; it names the file and the line.
    """
    return {word: frequency for path in paths for word, frequency in _words(path)}


def _words(path: Path) -> Iterable[tuple[str, int]]:
    for number, line in enumerate(read_lines(path, "dictionary"), 1):
        word, frequency, *_ = (*line.split(), "", "")
        if not word or word.startswith("#"):
            continue
        if not (frequency.isascii() and frequency.isdigit() and 0 < int(frequency) <= MOST_FREQUENT):
            raise ConfigError(
                f"dictionary '{path.name}', line {number}: '{word}' has no frequency: "
                f"write the word, a blank and a number from 1 to {MOST_FREQUENT}"
            )
        yield word, int(frequency)
