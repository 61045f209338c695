"""The word lists of a run: the product's, with what the settings add or put in their place."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from kefu.config import Settings, WordLists
from kefu.context import Words
from kefu.errors import ConfigError

if TYPE_CHECKING:
    from kefu.text import Tokenizer


def word_lists(settings: Settings) -> Callable[[str], Words]:
    """Return what gives the word finder over a subject's lists, built when it is first asked for."""

    def words(subject: str) -> Words:
        told = settings.lexicons.get(subject, WordLists())
        return _finder(subject, tuple(told.extra), tuple(told.replace), tuple(told.only))

    return words


@cache
def _finder(subject: str, extra: tuple[Path, ...], replace: tuple[Path, ...], only: tuple[Path, ...]) -> Words:
    from kefu.text import Lexicon, WordFinder

    if only:
        return WordFinder(Lexicon.load(only, extra=extra), _tokenizer())
    own = files("kefu_lexicons") / subject
    if not own.is_dir() and not extra:
        raise ConfigError(f"there are no word lists on {subject!r}: name files under lexicons.{subject}.extra")
    with as_file(own) as folder:
        lexicon = Lexicon.load(folder if own.is_dir() else [], extra=extra, replace=replace)
    return WordFinder(lexicon, _tokenizer())


@cache
def _tokenizer() -> Tokenizer:
    from kefu.text import Tokenizer

    return Tokenizer()
