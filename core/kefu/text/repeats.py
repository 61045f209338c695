"""Does one text ask what another asked? Pairs of texts compared by the character bigrams that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kefu.text.grams import GRAM_BITS, grams
from kefu.text.normalise import folded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_CHARACTERS = 4
"""Shorter texts are not compared: they are answers more often than questions."""
LEAST_COSINE = 0.7
LEAST_HELD = 0.8
"""So much of the shorter text is in the other, where one says the question with more or fewer words."""


def asked_again(first: pl.Series, second: pl.Series) -> NDArray[np.bool_]:
    """Tell the pairs whose second text asks what the first one did. Signs make no difference; another number does.

    >>> asked_again(pl.Series(["退款几天到账", "几点开门"]), pl.Series(["退款几天能到账？", "有停车场吗"])).tolist()
    [True, False]
    """
    import numpy as np

    whole = folded(pl.concat([first, second]).fill_null(""))
    size = len(first)
    numbers = whole.str.replace_all("[^0-9]", "")
    same = (numbers[:size] == numbers[size:]) | (numbers[:size] == "") | (numbers[size:] == "")
    texts = whole.str.replace_all("[0-9]", "")
    long_enough = texts.str.len_chars() >= FEWEST_CHARACTERS
    asked = (same & long_enough[:size] & long_enough[size:]).arg_true()
    found: NDArray[np.bool_] = np.zeros(size, dtype=bool)
    found[asked.to_numpy()] = _alike(texts.gather(pl.concat([asked, asked + size])), len(asked))
    return found


def _alike(texts: pl.Series, size: int) -> NDArray[np.bool_]:
    """Tell which of so many texts share enough bigrams with the one that stands so many places further on."""
    import numpy as np

    pairs = grams(texts)
    keys = np.sort(pairs.row << GRAM_BITS | pairs.code)
    keys = keys[np.diff(keys, prepend=-1) > 0]
    own = np.bincount(keys >> GRAM_BITS, minlength=2 * size)
    both = np.intersect1d(keys, keys - (size << GRAM_BITS), assume_unique=True)
    shared = np.bincount(both >> GRAM_BITS, minlength=size)[:size]
    product, least = own[:size] * own[size:], np.minimum(own[:size], own[size:])
    close = shared >= LEAST_COSINE * np.sqrt(product)
    held = shared >= LEAST_HELD * least
    enough: NDArray[np.bool_] = (shared > 0) & (close | held)
    return enough
