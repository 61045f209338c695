"""What a listing remembers from one time to the next, in a file."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from kefu.errors import InputError


def read_memory(path: Path) -> pl.DataFrame | None:
    """Return what was remembered, ``None`` where there is no file yet.

    :raises InputError: the file cannot be read.
    """
    if not path.exists():
        return None
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{path} is no memory of a listing ({error}): move it away to begin anew") from error


def write_memory(path: Path, memory: pl.DataFrame | None) -> None:
    """Replace what was remembered, whole or not at all; a listing that remembers nothing writes nothing.

    :raises InputError: the file cannot be written.
    """
    if memory is None:
        return
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        memory.write_parquet(beside)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written ({error.strerror}): check the folder") from error
