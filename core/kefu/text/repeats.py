"""Does one text ask what another asked? Pairs of texts compared by the character bigrams that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kefu.text.grams import grams
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
    texts, numbers = whole.str.replace_all("[0-9]", ""), whole.str.replace_all("[^0-9]", "")
    size = len(first)
    same = ((numbers[:size] == numbers[size:]) | (numbers[:size] == "") | (numbers[size:] == "")).to_numpy()
    lengths = texts.str.len_chars().to_numpy()
    long_enough = np.minimum(lengths[:size], lengths[size:]) >= FEWEST_CHARACTERS
    pairs = grams(texts)
    codes, code = np.unique(pairs.code, return_inverse=True)
    width = max(1, len(codes))
    keys = np.unique(pairs.row * width + code)
    own = np.bincount(keys // width, minlength=2 * size)
    both = np.intersect1d(keys, keys - size * width, assume_unique=True)
    shared = np.bincount(both // width, minlength=size)[:size]
    product, least = own[:size] * own[size:], np.minimum(own[:size], own[size:])
    close = shared >= LEAST_COSINE * np.sqrt(product)
    held = shared >= LEAST_HELD * least
    found: NDArray[np.bool_] = same & long_enough & (shared > 0) & (close | held)
    return found
