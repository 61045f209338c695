"""Files as bytes of UTF-8 with line feeds, whatever they were: packed, UTF-16, or with carriage returns only."""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from kefu.read.find import Packing
from kefu.read.options import MIB, Limits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK = 256 * 1024
DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zstd.ZstdError)
"""What reading raises where a packed file is cut or changed."""


class TooLargeError(ValueError):
    """A packed file that grows beyond the limits."""


class Filtered(io.RawIOBase):
    """A stream whose bytes pass through a function on their way."""

    def __init__(self, source: BinaryIO, change: Callable[[bytes, bool], bytes]) -> None:
        """Read from ``source``; ``change`` is given the bytes, and ``True`` with the last of them."""
        super().__init__()
        self._source, self._change = source, change
        self._ready = b""
        self._over = False

    def readable(self) -> bool:
        """Say that reading is possible."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer as far as there is something."""
        view = memoryview(cast("bytearray", buffer)).cast("B")
        while not self._ready and not self._over:
            raw = self._source.read(CHUNK)
            self._over = not raw
            self._ready = self._change(raw, self._over)
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def close(self) -> None:
        """Close the source too."""
        self._source.close()
        super().close()


def open_packed(path: Path, packing: Packing, limits: Limits) -> BinaryIO:
    """Open a file for reading what is packed in it; one that grows too large raises ``TooLargeError``."""
    if packing == "plain":
        return path.open("rb")
    size = path.stat().st_size
    most = min(limits.out_bytes, limits.ratio * size + MIB)
    unpack = gzip.GzipFile if packing == "gzip" else zstd.ZstdFile
    return buffered(Filtered(cast("BinaryIO", unpack(path)), _Meter(most, size)))


class _Meter:
    """Counts what comes out of a packed file."""

    def __init__(self, most: int, size: int) -> None:
        self._most, self._size, self._seen = most, size, 0

    def __call__(self, data: bytes, last: bool) -> bytes:  # noqa: FBT001 -- the shape of every change
        del last
        self._seen += len(data)
        if self._seen > self._most:
            raise TooLargeError(f"grows from {self._size:,} bytes to more than {self._most:,}")
        return data


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """Return a stream with ``read`` and ``readline`` over a raw one."""
    return cast("BinaryIO", io.BufferedReader(raw, CHUNK))


def from_wide(source: BinaryIO, encoding: str) -> BinaryIO:
    """Turn UTF-16 or UTF-32 into UTF-8. What is no text becomes bytes that are not valid UTF-8 either."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")

    def change(raw: bytes, last: bool) -> bytes:  # noqa: FBT001 -- the shape of every change
        try:
            return decoder.decode(raw, last).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            decoder.reset()
            return b"\xff"

    return buffered(Filtered(source, change))


def from_returns(source: BinaryIO) -> BinaryIO:
    """Turn carriage returns, with or without a line feed after them, into line feeds."""
    held = b""

    def change(raw: bytes, last: bool) -> bytes:  # noqa: FBT001 -- the shape of every change
        nonlocal held
        data = held + raw
        held = b"\r" if data.endswith(b"\r") and not last else b""
        data = data[: len(data) - len(held)]
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    return buffered(Filtered(source, change))


__all__ = ["DAMAGE", "TooLargeError", "from_returns", "from_wide", "open_packed", "zstd"]
