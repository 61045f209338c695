"""The word lists of a run: the product's, with what the settings add or put in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as replace_fields
from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from kefu.config import Settings, WordLists
from kefu.context import Words
from kefu.errors import ConfigError

if TYPE_CHECKING:
    from kefu.text import Lexicon, Tokenizer

Paths = tuple[Path, ...]


def word_lists(settings: Settings) -> Callable[..., Words]:
    """Return what gives the word finder over a subject's lists, built when it is first asked for."""

    def words(subject: str, *categories: str) -> Words:
        told = settings.lexicons.get(subject, WordLists())
        if not told.only and not told.extra and not (files("kefu_lexicons") / subject).is_dir():
            raise _no_lists(subject)
        return _Words(lambda: _finder(lexicon_of(subject, told), categories, settings.dictionaries))

    return words


class _Words:
    """Finds words; the lists are read when they are first needed."""

    def __init__(self, made: Callable[[], Words]) -> None:
        self._made = made

    @cached_property
    def _finder(self) -> Words:
        return self._made()

    def counts(self, texts: pl.Series) -> pl.Series:
        return self._finder.counts(texts)

    def find(self, texts: pl.Series) -> pl.DataFrame:
        return self._finder.find(texts)


def lexicon_of(subject: str, told: WordLists) -> Lexicon:
    """Read the lists of a subject, once as long as their files stay as they are.

    :raises ConfigError: there are none, or one is broken.
    """
    return _lexicon(subject, told.extra, told.replace, told.only, _stamps((*told.extra, *told.replace, *told.only)))


def _stamps(paths: tuple[Path, ...]) -> tuple[tuple[str, int, int], ...]:
    """Give what tells a changed list from the one that was read."""
    from kefu.text.listing import list_files

    files = [path for path in list_files(paths) if path.is_file()]
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)


@cache
def _lexicon(subject: str, extra: Paths, replace: Paths, only: Paths, _: tuple[tuple[str, int, int], ...]) -> Lexicon:
    from kefu.text import Lexicon

    if only:
        return Lexicon.load(only, extra=extra)
    own = files("kefu_lexicons") / subject
    if not own.is_dir() and not extra:
        raise _no_lists(subject)
    with as_file(own) as folder:
        return Lexicon.load(folder if own.is_dir() else [], extra=extra, replace=replace)


@cache
def tokenizer(dictionaries: tuple[Path, ...] = ()) -> Tokenizer:
    """Return the tokenizer over jieba's dictionary and a user's own.

    :raises ConfigError: a dictionary cannot be read, or is broken.
    """
    from kefu.text import Tokenizer
    from kefu.text.dictionary import read_dictionaries

    return Tokenizer(read_dictionaries(dictionaries))


@cache
def _finder(lexicon: Lexicon, categories: tuple[str, ...], dictionaries: tuple[Path, ...]) -> Words:
    from kefu.text import WordFinder

    if categories:
        lexicon = replace_fields(lexicon, entries=tuple(e for e in lexicon.entries if e.category in categories))
    return WordFinder(lexicon, tokenizer(dictionaries))


def _no_lists(subject: str) -> ConfigError:
    return ConfigError(f"there are no word lists on {subject!r}: name files under lexicons.{subject}.extra")
