"""What customers wrote, with numbers and addresses made unreadable, before any of it is kept.

This is the one place that decides what is masked; what is to be masked further is added here. A masked text is as
long as it was, so that places in it stay where they were.
"""

from __future__ import annotations

import re

import polars as pl

_BETWEEN = r"[ \t\u00a0\u3000\-\u2010-\u2014\uff0d]{0,3}"
_DATE = r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?:[ T]\d\d:\d\d)?(?!\d)"
_DIGITS = rf"\d(?:{_BETWEEN}\d){{6,}}"
_NUMBER = re.compile(rf"{_DATE}|(?P<number>{_DIGITS})")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?=[@\uff20][A-Za-z0-9-])")
_ANY = rf"{_DIGITS}|[@\uff20]"
KEPT_FIRST, KEPT_LAST = 3, 2


def masked(text: str) -> str:
    """Return a text with long numbers and the local part of e-mail addresses starred.

    A number is seven digits or more, also with blanks or hyphens between; its first three and last two stay. Dates
    written as 2026-01-31 stay.

    >>> masked("call 138-0013-8000 or li.lei@example.com, since 2026-01-31")
    'call 138-****-**00 or ******@example.com, since 2026-01-31'
    """
    starred = _MAIL.sub(lambda found: "*" * len(found[0]), text)
    return _NUMBER.sub(_starred, starred)


def masked_series(texts: pl.Series) -> pl.Series:
    """Return each text masked; Python sees only distinct texts in which there may be something to mask."""
    distinct = texts.drop_nulls().unique()
    found = distinct.filter(distinct.str.contains(_ANY))
    if found.is_empty():
        return texts
    return texts.replace(found, pl.Series([masked(text) for text in found], dtype=pl.String))


def _starred(found: re.Match[str]) -> str:
    number = found["number"]
    if number is None:
        return found[0]
    places = [place for place, character in enumerate(number) if character.isdigit()]
    hidden = {*places[KEPT_FIRST:-KEPT_LAST]}
    return "".join("*" if place in hidden else character for place, character in enumerate(number))
