"""The word lists of a run: the product's, with what the settings add or put in their place."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from kefu.config import Settings, WordLists
from kefu.context import Words
from kefu.errors import ConfigError

if TYPE_CHECKING:
    from kefu.text import Tokenizer


def word_lists(settings: Settings) -> Callable[[str], Words]:
    """Return what gives the word finder over a subject's lists, each built once, when it is first asked for."""

    @cache
    def tokenizer() -> Tokenizer:
        from kefu.text import Tokenizer  # noqa: PLC0415

        return Tokenizer()

    @cache
    def words(subject: str) -> Words:
        from kefu.text import Lexicon, WordFinder  # noqa: PLC0415 - heavy, and not every run asks

        own = files("kefu_lexicons") / subject
        told = settings.lexicons.get(subject, WordLists())
        if not own.is_dir() and not told.extra:
            raise ConfigError(f"there are no word lists on {subject!r}: name files under lexicons.{subject}.extra")
        with as_file(own) as folder:
            lexicon = Lexicon.load(folder if own.is_dir() else [], extra=told.extra, replace=told.replace)
        return WordFinder(lexicon, tokenizer())

    return words
