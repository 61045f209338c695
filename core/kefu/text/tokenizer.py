"""Cut text into words: the one place that knows jieba."""

from __future__ import annotations

import logging
import marshal
import os
import re
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from importlib.metadata import version
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

LONGEST_PIECE = 4_000
"""A longer run is cut into pieces, so that one endless message cannot hold up a night."""


PROVEN = (("0.42.1", "0.2.2"),)
"""The versions of jieba and rjieba that a test has proven to give the same tokens."""


class Tokenizer:
    """Cuts text into words.

    Every tokenizer has a dictionary of its own, so words added here are seen nowhere else. Nothing is guessed:
    only words of the dictionary are joined, and a run of ASCII letters and digits is one token.

    jieba cuts. Where rjieba is installed, which is the same and quicker, it does, but for tokenizers with words of
    their own: with other frequencies the two may part where several cuts are equally likely.

    :param words: further words with their frequency; the higher, the sooner a word wins over its parts.
    """

    def __init__(self, words: Mapping[str, int] | None = None) -> None:
        """Remember the words; jieba is loaded at the first cut."""
        self._words = dict(words or {})

    def __reduce__(self) -> tuple[type[Tokenizer], tuple[dict[str, int]]]:
        """Travel to another process without the dictionary."""
        return Tokenizer, (self._words,)

    def cut(self, text: str) -> list[str]:
        """Return the tokens of a text, in order; joined, they are the text again."""
        if len(text) <= LONGEST_PIECE:
            return list(self._cut(text))
        return [token for start, end in pairwise(seams(text)) for token in self._cut(text[start:end])]

    def edges(self, text: str) -> list[int]:
        """Return where tokens begin and end, as character offsets: 0 first, the length of the text last."""
        return list(accumulate(map(len, self.cut(text)), initial=0))

    @cached_property
    def _cut(self) -> Callable[[str], Iterable[str]]:
        """What cuts a text."""
        quick = None if self._words else quick_cut()
        return quick or partial(self._jieba.cut, HMM=False)

    @cached_property
    def _jieba(self) -> Any:  # noqa: ANN401 - jieba has no types
        """Load jieba with a dictionary of our own."""
        jieba = _quiet_jieba()
        tokenizer = jieba.Tokenizer()
        folder = private_folder()
        kept = folder / f"jieba-{jieba.__version__}.words" if folder else None
        tokenizer.FREQ, tokenizer.total = _read(kept) or _built(tokenizer, kept)
        tokenizer.initialized = True
        for word, frequency in self._words.items():
            tokenizer.add_word(word, frequency)
        return tokenizer


def quick_cut() -> Callable[[str], list[str]] | None:
    """Return what cuts as jieba does and quicker; None where it is not installed, or not in a proven version."""
    try:
        if (version("jieba"), version("rjieba")) not in PROVEN:
            return None
        from rjieba import Jieba
    except ImportError:
        return None
    cut = Jieba().cut
    return lambda text: cut(text, False)


def seams(text: str) -> list[int]:
    """Return where tokens end whatever the dictionary says: 0 first, the length of the text last.

    What lies between two seams can be cut by itself, with the same result as in the whole text.
    """
    found = {0, len(text)}
    for run in _RUN.finditer(text):
        found.update(range(run.start(), run.end(), LONGEST_PIECE), (run.end(),))
    return sorted(found)


# What jieba looks up in its dictionary; everything else it leaves alone.
_RUN = re.compile(r"[\u4E00-\u9FD5a-zA-Z0-9+#&._%-]+")


def private_folder() -> Path | None:
    """Give a folder that nobody else can write to, for what is trusted when it is read back.

    It is ``$KEFU_CACHE``, else ``kefu`` in the user's cache folder; None where that cannot be had or others can
    write to it.
    """
    folder = _named_folder()
    try:
        if folder is None:
            return None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    ours = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
    return folder if ours and stat.S_ISDIR(found.st_mode) else None


def _named_folder() -> Path | None:
    """Name the cache folder by the environment; None where there is no home."""
    if named := os.environ.get("KEFU_CACHE"):
        return Path(named)
    if (base := os.environ.get("XDG_CACHE_HOME")) and Path(base).is_absolute():
        return Path(base, "kefu")
    try:
        return Path.home() / ".cache" / "kefu"
    except RuntimeError:
        return None


def _quiet_jieba() -> Any:  # noqa: ANN401 - jieba has no types
    """Import jieba without its warnings and its log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its escapes and its use of pkg_resources are not the user's business
        import jieba
    jieba.setLogLevel(logging.ERROR)
    return jieba


def _read(kept: Path | None) -> tuple[dict[str, int], int] | None:
    """Read the dictionary back, three times as fast as it is built; None where it is not there or broken.

    jieba's own cache lies in the shared temporary folder, where anybody can plant one, and is no faster than none.
    """
    try:
        words, total = marshal.loads(kept.read_bytes()) if kept else ({}, 0)  # noqa: S302 - in a folder of ours
    except (OSError, ValueError, TypeError, EOFError):
        return None
    return (words, total) if isinstance(words, dict) and words and isinstance(total, int) else None


def _built(tokenizer: Any, kept: Path | None) -> tuple[dict[str, int], int]:  # noqa: ANN401 - jieba has no types
    """Build the dictionary from jieba's list, and keep it for the next time."""
    words, total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    if kept:
        try:
            handle, name = tempfile.mkstemp(dir=kept.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(marshal.dumps((words, total)))
            Path(name).replace(kept)
        except OSError:
            logging.getLogger(__name__).debug("the dictionary could not be kept in %s", kept.parent)
    return words, total
