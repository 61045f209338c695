"""What a Parquet file declares of itself, read without believing it.

The footer is in Thrift's compact protocol. Only what guards against files that are cut, changed or made to harm is
looked at: how many rows, how large unpacked, and whether all of it can be in the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kefu.read.options import MIB, Limits
from kefu.read.streams import TooLargeError

MAGIC: Final = b"PAR1"
TAIL: Final = 8
MOST_FOOTER: Final = 64 * MIB
MOST_DEPTH: Final = 16
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
_LONG_LIST, _VARINT_BITS = 15, 70

Fields = dict[int, Any]


class FooterError(ValueError):
    """A footer that contradicts itself or the file."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the footer says.

    :param unpacked: the size of all column chunks before compression.
    :param filled: the columns whose statistics say that no value is an empty text.
    """

    rows: int
    unpacked: int
    filled: frozenset[str]


def declared(path: Path, limits: Limits) -> Declared:
    """Return what a file declares.

    :raises FooterError: it is cut or changed.
    :raises TooLargeError: it would become larger than the limits allow.
    """
    size = path.stat().st_size
    fields = _Compact(_footer(path, size)).struct(0)
    try:
        return _believed(fields, size, limits)
    except (AttributeError, TypeError, KeyError) as error:
        raise FooterError("the footer is not what a footer is") from error


def _believed(fields: Fields, size: int, limits: Limits) -> Declared:
    rows, groups = fields[3], fields[4]
    if rows < 0 or sum(group[3] for group in groups) != rows:
        raise FooterError("the numbers of rows in the footer do not add up")
    chunks = [chunk[3] for group in groups for chunk in group[1]]
    for chunk in chunks:
        place, packed, unpacked = chunk[9], chunk[7], chunk[6]
        if min(place, packed, unpacked) < 0 or place + packed > size + MIB:
            raise FooterError("the footer names columns beyond the end of the file")
    total = sum(chunk[6] for chunk in chunks)
    if total > limits.ratio * size + MIB or rows > limits.ratio * size + MIB:
        raise TooLargeError(f"grows from {size:,} bytes to {total:,} bytes and {rows:,} rows")
    names = {_name(chunk) for chunk in chunks}
    return Declared(rows, total, frozenset(names - {_name(chunk) for chunk in chunks if not _no_empty_text(chunk)}))


def _name(chunk: Fields) -> str:
    """Return the name of a column chunk; for a nested column, its path."""
    return b".".join(chunk[3]).decode(errors="replace")


def _no_empty_text(chunk: Fields) -> bool:
    """Return whether the smallest value of a chunk is more than nothing, or there is no value at all."""
    says = chunk.get(12, {})
    smallest = says.get(6)
    return bool(smallest) if smallest is not None else says.get(3) == chunk[5]


def _footer(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
        file.seek(max(size - TAIL, 0))
        tail = file.read(TAIL)
        length = int.from_bytes(tail[:4], "little")
        if start != MAGIC or tail[4:] != MAGIC:
            raise FooterError("the file is no Parquet file, or it is cut")
        if length > min(size - TAIL - len(MAGIC), MOST_FOOTER):
            raise FooterError("the footer is larger than the file, or than any that is believed")
        file.seek(size - TAIL - length)
        return file.read(length)


class _Compact:
    """A reader of Thrift's compact protocol that gives up on anything odd."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0
        integers: dict[int, Callable[[int], Any]] = dict.fromkeys(_INTEGERS, lambda _: self._zigzag())
        self._readers = integers | {
            _TRUE: lambda _: True,
            _FALSE: lambda _: False,
            _BYTE: lambda _: self._byte(),
            _DOUBLE: lambda _: self._take(8),
            _BINARY: lambda _: self._take(self._varint()),
            _LIST: self._list,
            _SET: self._list,
            _STRUCT: lambda depth: self.struct(depth + 1),
        }

    def struct(self, depth: int) -> Fields:
        fields: Fields = {}
        number = 0
        if depth > MOST_DEPTH:
            raise FooterError("the footer is nested too deeply")
        while head := self._byte():
            step = head >> 4
            number = number + step if step else self._zigzag()
            fields[number] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:  # noqa: ANN401 -- a value of any of Thrift's types
        if kind not in self._readers:
            raise FooterError("the footer holds something unknown")
        return self._readers[kind](depth)

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        count = head >> 4
        if count == _LONG_LIST:
            count = self._varint()
        if count > len(self._data):
            raise FooterError("the footer declares more than it can hold")
        kind = head & 15
        if kind in (_TRUE, _FALSE):
            kind = _BYTE
        return [self._value(kind, depth + 1) for _ in range(count)]

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, count: int) -> bytes:
        piece = self._data[self._place : self._place + count]
        if len(piece) != count:
            raise FooterError("the footer ends too early")
        self._place += count
        return piece

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:  # noqa: PLR2004 -- the last byte of a number
                return value
            if shift > _VARINT_BITS:
                raise FooterError("the footer holds a number that is too large")

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
