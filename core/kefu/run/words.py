"""The word lists of a run: the product's, with what the settings add or put in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    from kefu.text.wordings import Wordings

Paths = tuple[Path, ...]
Stamps = tuple[tuple[str, int, int], ...]


def word_lists(settings: Settings) -> Callable[..., Words]:
    """Return what gives the word finder over a subject's lists, built when it is first asked for."""

    def words(subject: str, *categories: str) -> Words:
        told = settings.lexicons.get(subject, WordLists())
        if not told.only and not told.extra and not (files("kefu_lexicons") / subject).is_dir():
            raise _no_lists(subject)
        return _Words(lambda: _finder(_wordings_of(subject, told), categories, settings.dictionaries))

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
    return _lexicon(subject, told.extra, told.replace, told.only, _stamps(told))


def digest_of(subject: str, told: WordLists) -> str:
    """Return the digest of the same, which is known sooner than the lists are read.

    :raises ConfigError: there are none, or one is broken.
    """
    return _wordings_of(subject, told).digest


def _wordings_of(subject: str, told: WordLists) -> Wordings:
    return _wordings(subject, told.extra, told.replace, told.only, _stamps(told))


def _stamps(told: WordLists) -> Stamps:
    """Give what tells a changed list from the one that was read."""
    from kefu.text.listing import list_files

    files = [path for path in list_files((*told.extra, *told.replace, *told.only)) if path.is_file()]
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)


@cache
def _lexicon(subject: str, extra: Paths, replace: Paths, only: Paths, _: Stamps) -> Lexicon:
    from kefu.text import Lexicon

    with _own_lists(subject, bool(only or extra)) as own:
        return Lexicon.load(only or own, extra=extra, replace=() if only else replace)


@cache
def _wordings(subject: str, extra: Paths, replace: Paths, only: Paths, stamps: Stamps) -> Wordings:
    """Give the lists laid out, as they were kept or anew."""
    from kefu.text.kept import keep, kept, key_of
    from kefu.text.layout import laid_out
    from kefu.text.listing import list_files

    with _own_lists(subject, bool(only or extra)) as own:
        key = key_of(list_files([*(only or replace or own), *extra]))
    found = kept(key) if key else None
    if found is None:
        found = laid_out(_lexicon(subject, extra, replace, only, stamps))
        if key:
            keep(key, found)
    return found


@contextmanager
def _own_lists(subject: str, others: bool) -> Iterator[Paths]:  # noqa: FBT001
    """Give the folder of the product's lists, nothing if there are only others."""
    own = files("kefu_lexicons") / subject
    if not own.is_dir():
        if not others:
            raise _no_lists(subject)
        yield ()
        return
    with as_file(own) as folder:
        yield (folder,)


@cache
def tokenizer(dictionaries: tuple[Path, ...] = ()) -> Tokenizer:
    """Return the tokenizer over jieba's dictionary and a user's own.

    :raises ConfigError: a dictionary cannot be read, or is broken.
    """
    from kefu.text import Tokenizer
    from kefu.text.dictionary import read_dictionaries

    return Tokenizer(read_dictionaries(dictionaries))


@cache
def _finder(wordings: Wordings, categories: tuple[str, ...], dictionaries: tuple[Path, ...]) -> Words:
    from kefu.text import WordFinder

    return WordFinder(wordings, tokenizer(dictionaries), categories)


def _no_lists(subject: str) -> ConfigError:
    return ConfigError(f"there are no word lists on {subject!r}: name files under lexicons.{subject}.extra")
