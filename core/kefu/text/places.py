"""Where the characters of a normal form stand in the text that it came from."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import polars as pl

from kefu.text.normalise import changes, normal_forms


def original_places(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turn stretches of a text's normal form into stretches of the text, invisible signs at the end left out.

    >>> original_places("①㍿！", [(0, 1), (2, 4)])
    [(0, 1), (1, 2)]
    """
    if text.isascii():
        return list(spans)
    starts, ends = _places(text)
    return [(starts[start], ends[end - 1]) for start, end in spans]


def _places(text: str) -> tuple[list[int], list[int]]:
    """Give, for each character of the normal form, where what it came from begins and ends."""
    table, joining = changes(), _joining()
    seams = [0, *(place for place, sign in enumerate(text) if place and sign not in joining), len(text)]
    pieces = [text[low:high] for low, high in pairwise(seams)]
    odd = [number for number, piece in enumerate(pieces) if len(piece) > 1]
    sizes = [len(table.get(piece, piece)) for piece in pieces]
    if odd:
        forms = normal_forms(pl.Series([pieces[number] for number in odd], dtype=pl.String)).str.len_chars().to_list()
        for number, size in zip(odd, forms, strict=True):
            sizes[number] = size
    starts: list[int] = []
    ends: list[int] = []
    for low, piece, size in zip(seams, pieces, sizes, strict=False):
        shown = piece.rstrip(_invisible()) or piece
        starts += [low] * size
        ends += [low + len(shown)] * size
    return starts, ends


@cache
def _invisible() -> str:
    """Give the characters that have no normal form."""
    return "".join(old for old, new in changes().items() if not new)


@cache
def _joining() -> frozenset[str]:
    """Give the characters that may become one with what stands before them, and those that vanish."""
    signs = [chr(code) for code in range(0x300, 0x1E950)]
    seconds = {second for sign in signs for second in unicodedata.normalize("NFD", sign)[1:]}
    seconds |= set(filter(unicodedata.combining, signs))
    return frozenset(seconds) | {old for old, new in changes().items() if not new or new[0] in seconds}
