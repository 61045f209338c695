"""Ways to hide a word, as programs: each takes a word of a list and gives it in disguise."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from opencc import OpenCC

SIGNS = (" ", "  ", "*", ".", "-", "_", "~", "·", "|", "/", "…", "+", "#", "^", "😀")
INVISIBLE = ("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad")
LEET = {"o": "0", "i": "1", "l": "1", "e": "3", "a": "4", "s": "5", "t": "7"}

Evasion = Callable[[str, random.Random], str]


def full_width(word: str, _: random.Random) -> str:
    """Write letters and digits in full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in word)


def traditional(word: str, _: random.Random) -> str:
    """Write Traditional characters."""
    return _to_traditional().convert(word)


def upper(word: str, _: random.Random) -> str:
    """Write capitals."""
    return word.upper()


def spaced(word: str, chance: random.Random) -> str:
    """Write a blank between all characters."""
    return chance.choice((" ", "\u3000", "  ")).join(word.replace(" ", ""))


def signs(word: str, chance: random.Random) -> str:
    """Write a sign between all characters."""
    return chance.choice(SIGNS).join(word.replace(" ", ""))


def one_sign(word: str, chance: random.Random) -> str:
    """Write a sign somewhere in a Chinese word."""
    place = chance.randrange(1, len(word))
    return word[:place] + chance.choice(SIGNS) + word[place:]


def zero_width(word: str, chance: random.Random) -> str:
    """Write something invisible between all characters."""
    return chance.choice(INVISIBLE).join(word)


def drawn_out(word: str, chance: random.Random) -> str:
    """Repeat the last character."""
    return word + word[-1] * chance.randrange(2, 5)


def stuttered(word: str, _: random.Random) -> str:
    """Write each character three times."""
    return "".join(sign * 3 for sign in word)


def doubled(word: str, _: random.Random) -> str:
    """Write each character twice."""
    return "".join(sign * 2 for sign in word)


def digits(word: str, chance: random.Random) -> str:
    """Write a digit for one of the letters."""
    places = [place for place, sign in enumerate(word) if sign in LEET]
    place = chance.choice(places)
    return word[:place] + LEET[word[place]] + word[place + 1 :]


@cache
def _to_traditional() -> OpenCC:
    return OpenCC("s2t")
