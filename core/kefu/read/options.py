"""What a reader may be told, and the limits that keep hostile files small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Where reading stops believing a file.

    :param ratio: how many times larger than itself a compressed file may become.
    :param out_bytes: how large one compressed file may become at all.
    :param line_bytes: the longest record of a text file; a longer one is rejected as one row.
    :param columns: how many columns a file may have.
    :param block_bytes: how much of a text file is looked at in one step; memory follows it.
    :param part_bytes: how large a part may become in memory, whatever its rows.
    """

    ratio: int = 200
    out_bytes: int = 8 * GIB
    line_bytes: int = 1 * MIB
    columns: int = 5_000
    block_bytes: int = 8 * MIB
    part_bytes: int = 256 * MIB


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How the tables are read.

    :param timezone: the business time zone; times without an offset are in it, and dates are its days.
    :param encoding: the encoding of all text files, by Python's names; ``None`` to find it out file by file.
    :param paths: table name to a file, folder or glob, relative to the data folder; overrides the search.
    :param part_rows: about how many rows a part has at most.
    """

    timezone: str = "Asia/Shanghai"
    encoding: str | None = None
    paths: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    part_rows: int = 500_000
    limits: Limits = field(default_factory=Limits)
