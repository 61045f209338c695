"""Which encoding a text file is in: told by its first bytes, by its zeros, or by what its lines decode as."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from kefu.errors import ConfigError

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_WIDE_NAMES = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_HEAD = 64
_RUN_OF_UTF8 = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2}")
_PAIR = re.compile(rb"[\x81-\xfe][\x30-\xfe]")
_COMMON = re.compile(rb"(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])")
ENOUGH = 0.9
"""The share of double bytes that must be everyday characters before a file is taken for GB18030."""
MOST = 0.5


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file are to be read.

    :param name: by Python's names; always of the fixed byte order.
    :param skip: the length of the mark at the beginning.
    """

    name: str
    skip: int = 0

    @property
    def wide(self) -> bool:
        """Whether a line feed is more than one byte."""
        return self.name in WIDE


def told_encoding(name: str) -> str:
    """Return the canonical name of an encoding that a user asks for.

    :raises ConfigError: Python does not know it, or it cannot be cut at line feeds.
    """
    try:
        found = codecs.lookup(name).name
        plain = "\n,".encode(found) == b"\n,"
    except (LookupError, UnicodeError, TypeError) as error:
        raise ConfigError(f"encoding {name!r} is not known: use utf-8, gb18030, utf-16, big5 …") from error
    if found in ("utf-8-sig", "utf_8_sig"):
        return "utf-8"
    found = _WIDE_NAMES.get(found, found)
    if found in ("gbk", "gb2312", "hz"):
        return "gb18030" if found != "hz" else _refuse(name)
    return found if plain or found in WIDE else _refuse(name)


def _refuse(name: str) -> str:
    raise ConfigError(f"encoding {name!r} cannot be read line by line: convert the files to UTF-8")


def find_encoding(sample: bytes, told: str | None) -> Encoding | None:
    """Return the encoding of a file from its first bytes, or ``None`` where it cannot be known.

    A mark at the beginning always counts. UTF-8 is preferred where most lines with letters beyond ASCII are valid
    in it. GB18030 is believed only where most of its characters are everyday ones: almost any bytes decode in it.
    """
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return Encoding(name, len(mark))
    if told is not None:
        return Encoding(told_encoding(told))
    return _by_zeros(sample[:_HEAD]) or _by_lines(sample)


def _by_zeros(head: bytes) -> Encoding | None:
    """Recognise UTF-16 without a mark: every other byte of its ASCII beginning is zero."""
    even, odd = head[0::2], head[1::2]
    if len(odd) < 4 or b"\0" not in head:  # noqa: PLR2004 -- too little to tell
        return None
    if odd.count(0) > len(odd) * MOST and 0 not in even:
        return Encoding("utf-16-le")
    if even.count(0) > len(even) * MOST and 0 not in odd:
        return Encoding("utf-16-be")
    return None


def _by_lines(sample: bytes) -> Encoding | None:
    lines = sample.splitlines()[:-1] or sample.splitlines()
    wide = [line for line in lines if not line.isascii()]
    bad = [line for line in wide if not valid(line, "utf-8")]
    if len(bad) <= len(wide) * MOST:
        return Encoding("utf-8")
    if _everyday([line for line in bad if valid(line, "gb18030")], len(bad)):
        return Encoding("gb18030")
    return Encoding("utf-8") if len(bad) <= len(lines) * MOST else None


def _everyday(chinese: list[bytes], most: int) -> bool:
    """Return whether most lines decode as GB18030, and as characters of every day."""
    pairs = [pair for line in chinese for pair in _PAIR.findall(line)]
    common = sum(_COMMON.fullmatch(pair) is not None for pair in pairs)
    return len(chinese) > most * MOST and common >= len(pairs) * ENOUGH


def valid(line: bytes, encoding: str) -> bool:
    """Return whether bytes decode."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def misplaced(line: bytes) -> bool:
    """Return whether a line of a GB18030 file is really UTF-8: valid in it, with Chinese characters in a row."""
    return _RUN_OF_UTF8.search(line) is not None and valid(line, "utf-8")


def recode(block: bytes, encoding: str) -> bytes:
    """Turn whole lines into UTF-8; a line that is no text in ``encoding`` begins with a byte that UTF-8 lacks."""
    if encoding == "utf-8":
        return block
    suspect = encoding == "gb18030" and _RUN_OF_UTF8.search(block) is not None
    if not suspect:
        try:
            return block.decode(encoding).encode()
        except UnicodeError:
            pass
    return b"\n".join(_recode_line(line, encoding) for line in block.split(b"\n"))


def _recode_line(line: bytes, encoding: str) -> bytes:
    if encoding == "gb18030" and misplaced(line):
        return b"\xff" + line
    try:
        return line.decode(encoding).encode()
    except UnicodeError:
        return b"\xff" + line.decode(encoding, errors="replace").encode(errors="replace")
