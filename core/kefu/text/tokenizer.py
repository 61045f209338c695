"""Cut text into words: the one place that knows jieba."""

from __future__ import annotations

import logging
import os
import re
import stat
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

LONGEST_PIECE = 4_000
"""A longer run is cut into pieces, so that one endless message cannot hold up a night."""


class Tokenizer:
    """Cuts text into words.

    Every tokenizer has a dictionary of its own, so words added here are seen nowhere else. Nothing is guessed:
    only words of the dictionary are joined, and a run of ASCII letters and digits is one token.

    :param words: further words with their frequency; the higher, the sooner a word wins over its parts.
    """

    def __init__(self, words: Mapping[str, int] | None = None) -> None:
        """Remember the words; jieba is loaded at the first cut."""
        self._words = dict(words or {})

    def cut(self, text: str) -> list[str]:
        """Return the tokens of a text, in order; joined, they are the text again."""
        if len(text) <= LONGEST_PIECE:
            return list(self._jieba.cut(text, HMM=False))
        return [token for start, end in pairwise(seams(text)) for token in self._jieba.cut(text[start:end], HMM=False)]

    def edges(self, text: str) -> list[int]:
        """Return where tokens begin and end, as character offsets: 0 first, the length of the text last."""
        return list(accumulate(map(len, self.cut(text)), initial=0))

    @cached_property
    def _jieba(self) -> Any:  # noqa: ANN401 - jieba has no types
        """Load jieba with a dictionary of our own."""
        jieba = _quiet_jieba()
        tokenizer = jieba.Tokenizer()
        tokenizer.cache_file = f"jieba-{jieba.__version__}.cache"
        with cache_folder() as folder:
            tokenizer.tmp_dir = str(folder)
            tokenizer.initialize()
        for word, frequency in self._words.items():
            tokenizer.add_word(word, frequency)
        return tokenizer


@contextmanager
def cache_folder() -> Iterator[Path]:
    """Give a folder that nobody else can write to: what lies in it is trusted when it is read back.

    It is ``$KEFU_CACHE``, else ``kefu`` in the user's cache folder. Where that cannot be had, or belongs to
    someone else, it is a new folder that is gone afterwards.
    """
    folder = _usual_cache_folder()
    if folder is not None and _made_private(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="kefu-") as name:
        yield Path(name)


def _usual_cache_folder() -> Path | None:
    """Name the cache folder by the environment; None where there is no home."""
    if named := os.environ.get("KEFU_CACHE"):
        return Path(named)
    if (base := os.environ.get("XDG_CACHE_HOME")) and Path(base).is_absolute():
        return Path(base, "kefu")
    try:
        return Path.home() / ".cache" / "kefu"
    except RuntimeError:
        return None


def _made_private(folder: Path) -> bool:
    """Make the folder if it is not there; say whether it is ours alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    if not hasattr(os, "getuid"):  # the folder's access list guards it where there are no user ids
        return os.access(folder, os.W_OK)
    return found.st_uid == os.getuid() and not found.st_mode & 0o022 and os.access(folder, os.W_OK)


def _quiet_jieba() -> Any:  # noqa: ANN401 - jieba has no types
    """Import jieba without its warnings and its log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its escapes and its use of pkg_resources are not the user's business
        import jieba  # noqa: PLC0415 - costs a load that most commands do not need
    jieba.setLogLevel(logging.ERROR)
    return jieba


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
