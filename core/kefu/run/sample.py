"""Ordinary messages to hold a word list against."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from kefu.config import Settings
from kefu.errors import InputError
from kefu.read import ReadOptions, open_tables


def read_sample(path: Path, role: str, settings: Settings) -> pl.DataFrame:
    """Return the distinct messages of a sample: ``text`` in order, ``count``.

    :param path: a folder with ``messages``, or a text file with a message a line.
    :param role: who speaks, for a folder.
    :raises InputError: it cannot be read.
    """
    texts = _lines(path) if path.is_file() else _messages(path, role, settings)
    return texts.drop_nulls().value_counts(name="count").rename({texts.name: "text"}).sort("text")


def _lines(path: Path) -> pl.Series:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"sample {path} cannot be read ({error}): give a text file in UTF-8") from error
    return pl.Series("text", [line for line in lines if line.strip()], dtype=pl.String)


def _messages(folder: Path, role: str, settings: Settings) -> pl.Series:
    with TemporaryDirectory(prefix="kefu-") as scratch:
        options = ReadOptions(timezone=settings.timezone, encoding=settings.encoding, paths=settings.paths)
        table = open_tables(folder, Path(scratch), options)["messages"]
        by_role = pl.col("role").cast(pl.String) == role
        texts = [part.read(["role", "text"]).filter(by_role)["text"] for part in table.parts]
    return pl.concat(texts) if texts else pl.Series("text", [], dtype=pl.String)
