"""Character bigrams of many texts at once, as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_CODE_BITS = 21
"""A character's code point has 21 bits; a bigram is two of them beside each other."""
GRAM_BITS = 2 * _CODE_BITS
"""So many bits has a bigram."""
_BREAK = ord("\n")


@dataclass(frozen=True)
class Grams:
    """The bigrams of some texts in reading order: ``code`` of each, and ``row``, the number of its text."""

    code: Ints
    row: Ints


def grams(texts: pl.Series) -> Grams:
    """Return the bigrams of texts that hold no line break and no null.

    >>> found = grams(pl.Series(["甲乙丙", "丁", "甲乙"]))
    >>> found.row.tolist(), bool(found.code[0] == found.code[2])
    ([0, 0, 2], True)
    """
    import numpy as np

    joined = "\n".join(texts.to_list())
    signs = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    if len(signs) < 2:  # noqa: PLR2004 - a bigram has two
        return Grams(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    inside = signs != _BREAK
    row = np.cumsum(~inside)
    both = inside[:-1] & inside[1:]
    return Grams((signs[:-1] << _CODE_BITS | signs[1:])[both], row[:-1][both])
