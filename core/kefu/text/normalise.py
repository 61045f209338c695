"""One normal form for all text that is compared: what a reader takes for the same words is the same string.

Format and zero-width characters go, then NFKC (full width becomes half width), lower case, and Traditional
characters become Simplified ones, character by character.
"""

from __future__ import annotations

import functools
from collections import deque

import polars as pl

FORMAT_CHARACTERS = (
    r"[\p{Cf}\x{34f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}"
    r"\x{3164}\x{fe00}-\x{fe0f}\x{ffa0}\x{e0100}-\x{e01ef}]"
)
"""Characters that leave no mark of their own: everything of category Cf, fillers, variation selectors."""

PLAIN_PUNCTUATION = dict(zip("，！？：；（）～", ",!?:;()~", strict=True))
"""Full-width signs that ordinary Chinese text is full of, and their normal forms."""

NO_LETTERS = r"[\s\p{P}\p{S}\p{C}]+"
"""What stands between letters, digits and Chinese characters."""

_COMMON_MARKS = "，|。|！|？| |,|～|："
"""The commonest of them: a short list of literals is found much faster than a character class."""

_HAN = ((0x2E80, 0x2FE0), (0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x33480))
_FOLDABLE = (
    (0, 0x3400),
    (0xA000, 0xAC00),
    (0xF900, 0x12000),
    (0x13400, 0x13500),
    (0x16A00, 0x17000),
    (0x1BC00, 0x1BD00),
    (0x1CC00, 0x1F300),
    (0x1FB00, 0x20000),
    (0x2F800, 0x2FA20),
    (0xE0000, 0xE0200),
)
_USUAL = ((0x20, 0x7F), (0x2010, 0x2027), (0x3001, 0x3012), (0x3400, 0xA000), (0x1F300, 0x1F650))
_USUAL_LETTERS = ((0x30, 0x3A), (0x61, 0x7B), (0x4E00, 0xA000))


def normalised(text: pl.Expr) -> pl.Expr:
    """Give the normal form of a text column: NFKC, lower case, Simplified, nothing invisible.

    Doing it twice changes nothing more. A null stays null.

    >>> pl.select(normalised(pl.lit("ＴＮＮＤ，軟體"))).item()
    'tnnd,软体'
    """
    simplified = simplified_forms()
    return _folded_width_and_case(text).str.replace_many(list(simplified), list(simplified.values()))


def needs_normalising(text: pl.Expr) -> pl.Expr:
    """Tell the texts of which :func:`normalised` may change more than the signs ，！？：；（）～.

    False is certain; true is not, but rare: about 5 in 100 messages, most for a capital letter. A null stays null.
    """
    return text.str.contains(f"[^{_stable_class()}]")


def normal_forms(texts: pl.Series) -> pl.Series:
    """Give the same as :func:`normalised`, sooner where few texts need it, and where the same were asked for before.

    Words, opinion and outcome are read in the same texts, one after the other: the last two answers are remembered.
    """
    forms = next((forms for before, forms in [*_recent] if len(before) == len(texts) and before.equals(texts)), None)
    if forms is None:
        plain = pl.col("text").str.replace_many(list(PLAIN_PUNCTUATION), list(PLAIN_PUNCTUATION.values()))
        frame = texts.alias("text").to_frame().select("text", plain=plain, odd=needs_normalising(pl.col("text")))
        forms = _with_full_forms(frame)
        _recent.append((texts, forms))
    return forms.alias(texts.name)


_recent: deque[tuple[pl.Series, pl.Series]] = deque(maxlen=2)


def folded(texts: pl.Series) -> pl.Series:
    """Reduce texts to the letters, digits and Chinese characters of their normal form: the key to compare them by.

    >>> folded(pl.Series(["您好, 请提供 订单号!", None])).to_list()
    ['您好请提供订单号', None]
    """
    frame = texts.alias("text").to_frame().with_columns(plain=pl.col("text").str.replace_all(_COMMON_MARKS, ""))
    frame = frame.with_columns(odd=pl.col("plain").str.contains(f"[^{_letter_class()}]"))
    return _with_full_forms(frame, strip=NO_LETTERS).alias(texts.name)


def _with_full_forms(frame: pl.DataFrame, strip: str | None = None) -> pl.Series:
    """Take ``plain``, and where a text is ``odd`` its whole normal form, less what is to be stripped off."""
    full = _simplified(frame.filter("odd").select(_folded_width_and_case(pl.col("text"))).to_series())
    if strip:
        full = full.str.replace_all(strip, "")
    return frame["plain"].scatter(frame["odd"].arg_true(), full)


def _simplified(texts: pl.Series) -> pl.Series:
    """Replace Traditional characters; few texts have any."""
    places = texts.str.contains(f"[{_traditional_class()}]").arg_true()
    table = str.maketrans(simplified_forms())
    simple = [text.translate(table) for text in texts.gather(places).to_list()]
    return texts.scatter(places, pl.Series(simple, dtype=pl.String))


def _folded_width_and_case(text: pl.Expr) -> pl.Expr:
    """Take away what is invisible, then width and case; a small letter may join an accent that a capital did not."""
    return text.str.replace_all(FORMAT_CHARACTERS, "").str.normalize("NFKC").str.to_lowercase().str.normalize("NFC")


@functools.cache
def simplified_forms() -> dict[str, str]:
    """Map every Traditional character to its Simplified one, from OpenCC's character table."""
    from opencc import OpenCC

    han = [chr(code) for low, high in _HAN for code in range(low, high)]
    simple = OpenCC("t2s").convert("\n".join(han)).split("\n")
    forms = {old: new for old, new in zip(han, simple, strict=True) if old != new}
    return {old: forms.get(new, new) for old, new in forms.items()}


@functools.cache
def changes() -> dict[str, str]:
    """Map every character that has another normal form to that form, which may be empty.

    Only characters by themselves: two beside each other may also become one (e and an accent).
    """
    old = pl.Series("old", [chr(code) for low, high in _FOLDABLE for code in range(low, high)])
    frame = old.to_frame().with_columns(new=_folded_width_and_case(pl.col("old")))
    simplified = simplified_forms()
    table = str.maketrans(simplified)
    return simplified | {old: new.translate(table) for old, new in frame.iter_rows() if old != new}


@functools.cache
def _stable_class() -> str:
    """Write the usual characters that are their own normal form as the inside of a regex character class."""
    return r"\t\n\r" + _ranges(sorted({*_stable(_USUAL), *PLAIN_PUNCTUATION}))


@functools.cache
def _traditional_class() -> str:
    """Write the Traditional characters as the inside of a regex character class."""
    return _ranges(sorted(simplified_forms()))


@functools.cache
def _letter_class() -> str:
    """Write the digits, letters and Chinese characters among them likewise."""
    return _ranges(_stable(_USUAL_LETTERS))


def _stable(ranges: tuple[tuple[int, int], ...]) -> list[str]:
    """List the characters of some ranges that are their own normal form, whatever stands before them."""
    old = pl.Series("old", [chr(code) for low, high in ranges for code in range(low, high)]).to_frame()
    alone = ~pl.col("old").str.contains(r"\p{M}")
    return old.filter(alone & (pl.col("old") == normalised(pl.col("old"))))["old"].to_list()


def _ranges(characters: list[str]) -> str:
    """Write sorted characters as regex ranges."""
    ranges: list[tuple[int, int]] = []
    for code in map(ord, characters):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges)
