"""Frames as bytes, and digests that depend on nothing but what a frame says."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from kefu.store.errors import StoreError

if TYPE_CHECKING:
    from hashlib import _Hash

CHECKSUM = hashlib.sha256().digest_size


def pack(frame: pl.DataFrame) -> bytes:
    """Return a frame as an Arrow IPC file behind the SHA-256 of its bytes."""
    file = io.BytesIO()
    frame.rechunk().write_ipc(file, compression="zstd", compat_level=pl.CompatLevel.oldest())
    content = file.getvalue()
    return hashlib.sha256(content).digest() + content


def unpack(content: bytes) -> pl.DataFrame:
    """Return the frame that ``pack`` packed.

    :raises StoreError: the bytes are not what was packed; a damaged file may decode to wrong values.
    """
    return pl.read_ipc(_checked(content))


def unpack_all(contents: Sequence[bytes]) -> pl.DataFrame:
    """Return packed frames as one; a column that one of them lacks is null there. Far quicker than one by one.

    :raises StoreError: one of them is damaged.
    """
    files: list[IO[bytes]] = [_checked(content) for content in contents]
    try:
        return pl.scan_ipc(files).collect()
    except pl.exceptions.PolarsError:  # they have not the same columns
        return pl.concat([unpack(content) for content in contents], how="diagonal_relaxed")


def columns_of(content: bytes) -> list[str]:
    """Return the columns of a packed frame, without its rows."""
    return [*pl.read_ipc_schema(_checked(content))]


def is_whole(content: bytes) -> bool:
    """Return whether the bytes are those that were packed."""
    return hashlib.sha256(memoryview(content)[CHECKSUM:]).digest() == content[:CHECKSUM]


def digest_of(frames: Mapping[str, pl.DataFrame]) -> str:
    """Return the SHA-256 of what the frames say, in hex.

    The order of frames, columns and rows, chunks and the width of integers make no difference, and a frame without
    rows is as none. Null is not the empty text.
    """
    found = hashlib.sha256()
    for name in sorted(frames):
        frame = frames[name]
        if frame.height:
            _field(found, name.encode(), str(frame.height).encode())
            plain = frame.select(_plain(frame[column]) for column in sorted(frame.columns))
            for column in plain.sort(plain.columns, nulls_last=False):
                _field(found, column.name.encode())
                _column(found, column)
    return found.hexdigest()


def canonical_json(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return a value as JSON that is the same before and after it was stored."""
    return json.dumps(json.loads(json.dumps(value)), sort_keys=True, separators=(",", ":"))


def _checked(content: bytes) -> io.BytesIO:
    if not is_whole(content):
        raise StoreError("a frame of the store is damaged: put a backup in its place")
    return io.BytesIO(memoryview(content)[CHECKSUM:])


def _plain(column: pl.Series) -> pl.Series:
    """Return a column in the type that stands for all that can say the same."""
    kind = column.dtype
    if kind.is_integer() and kind != pl.UInt64:
        return column.cast(pl.Int64)
    if kind.is_float():
        real = column.cast(pl.Float64).fill_nan(float("nan"))
        return real.zip_with((real != 0).fill_null(value=True), pl.Series([0.0]))  # but one zero, and one NaN
    if isinstance(kind, pl.Datetime | pl.Duration):
        return column.dt.cast_time_unit("us")
    if isinstance(kind, pl.Categorical | pl.Enum | pl.Decimal):
        return column.cast(pl.String)
    return column


def _column(found: _Hash, column: pl.Series) -> None:
    """Add the values of a column in their order."""
    plain = _plain(column)
    kind = plain.dtype
    _field(found, kind.base_type().__name__.encode(), _bytes(plain.is_null().cast(pl.UInt8)))
    if isinstance(kind, pl.List | pl.Array):
        lists = plain.arr.to_list() if isinstance(kind, pl.Array) else plain
        _field(found, _bytes(lists.list.len().fill_null(0).cast(pl.Int64)))
        _column(found, lists.filter(lists.list.len() > 0).explode())
    elif isinstance(kind, pl.Struct):
        for field in sorted(kind.fields, key=lambda one: one.name):
            _field(found, field.name.encode())
            _column(found, plain.struct.field(field.name))
    elif kind == pl.String:
        _field(found, _bytes(plain.str.len_bytes().fill_null(0).cast(pl.Int64)))
        _field(found, plain.fill_null("").str.join().item().encode() if len(plain) else b"")
    elif kind == pl.Binary:
        for value in plain:
            _field(found, value or b"")
    elif kind == pl.Boolean:
        _field(found, _bytes(plain.cast(pl.UInt8).fill_null(0)))
    else:
        _field(found, _bytes(plain.to_physical().fill_null(0)))


def _bytes(numbers: pl.Series) -> bytes:
    array = numbers.to_numpy()
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def _field(found: _Hash, *parts: bytes) -> None:
    """Add parts with their lengths, so that no two lists of parts look alike."""
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
