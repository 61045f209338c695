"""What readers raise for input that they cannot use, and how to say it in a line."""

from __future__ import annotations

import polars as pl

from kefu.read.lines import UnknownEncodingError
from kefu.read.streams import DAMAGE, TooLargeError

NOTE_CHARACTERS = 300
REFUSALS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, OverflowError, MemoryError)
"""What polars raises for input that it cannot read; a panic is no ``Exception``."""
ALL = (*REFUSALS, *DAMAGE)


def said(error: BaseException) -> tuple[str, str]:
    """Return what is wrong with a file, and what to do."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    note = lines[0][:NOTE_CHARACTERS]
    if isinstance(error, TooLargeError):
        return f"the file {note}", "unpack it, or raise limits.ratio or limits.out_bytes"
    if isinstance(error, UnknownEncodingError):
        return f"the file {note}", "save it as UTF-8, or tell its encoding"
    if isinstance(error, DAMAGE):
        return f"the packed file is cut or damaged: {note}", "copy it again"
    return f"the file cannot be read: {note}", "export it again"
