"""Which files belong to which table. Nothing is opened here."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kefu.errors import ConfigError, InputError
from kefu.tables import TABLES

Form = Literal["parquet", "csv", "ndjson"]
Packing = Literal["plain", "gzip", "zstd"]

FORMS: Mapping[str, Form] = {".parquet": "parquet", ".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
PACKINGS: Mapping[str, Packing] = {".gz": "gzip", ".zst": "zstd"}
READABLE = "parquet, csv, ndjson, jsonl; the last three also with .gz or .zst"


@dataclass(frozen=True, slots=True)
class Source:
    """One input file.

    :param shown: the path as people know it, relative to the data folder.
    :param form: ``None`` where the name is not one that can be read.
    """

    path: Path
    shown: str
    form: Form | None
    packing: Packing = "plain"


def find_sources(data: Path, told: Mapping[str, str]) -> dict[str, list[Source]]:
    """Return the files of every table that has any, each list in natural order of the paths.

    :raises InputError: the folder is not there, a table stands there twice, or a path is not a plain file inside.
    """
    unknown = sorted(set(told) - set(TABLES))
    if unknown:
        raise ConfigError(f"paths names the table {unknown[0]!r}: the tables are {', '.join(TABLES)}")
    if not data.is_dir():
        raise InputError(f"{data} is no folder: give the folder that holds messages.parquet, messages.csv …")
    found: dict[str, list[Source]] = {}
    for table in TABLES:
        paths = _told(data, table, told[table]) if table in told else _search(data, table)
        if paths:
            found[table] = _without_twins(table, [_source(data, path) for path in sorted(paths, key=natural)])
    return found


def natural(path: Path) -> list[tuple[int, str]]:
    """Return a key that sorts ``day-2`` before ``day-10``."""
    pieces = re.split(r"([0-9]+)", path.as_posix())
    return [(int(piece) if number % 2 else 0, piece) for number, piece in enumerate(pieces)]


def shown_path(data: Path, path: Path) -> str:
    """Return how a path is called in reports: relative to the data folder, always printable text."""
    inside = path.relative_to(data) if path.is_relative_to(data) else path
    return inside.as_posix().encode(errors="surrogateescape").decode(errors="replace")


def split_name(name: str) -> tuple[str, Form | None, Packing]:
    """Take a file name apart.

    >>> split_name("messages-2025.CSV.gz")
    ('messages-2025', 'csv', 'gzip')
    """
    lower = name.lower()
    packing: Packing = "plain"
    for ending, packed in PACKINGS.items():
        if lower.endswith(ending):
            lower, packing = lower[: -len(ending)], packed
    for ending, form in FORMS.items():
        if lower.endswith(ending) and (form != "parquet" or packing == "plain"):
            return lower[: -len(ending)], form, packing
    return lower, None, packing


def _search(data: Path, table: str) -> list[Path]:
    """Return the files named after the table: ``T.csv``, ``T-1.csv`` …, or those of the folder ``T``."""
    numbered = re.compile(rf"{table}[-_.][0-9].*")
    single, several, folder = [], [], []
    for entry in data.iterdir():
        stem, form, _ = split_name(entry.name)
        if entry.is_dir():
            folder += [entry] if entry.name.lower() == table else []
        elif form is not None:
            single += [entry] if stem == table else []
            several += [entry] if numbered.fullmatch(stem) else []
    ways = [*single, *several[:1], *folder]
    if len(ways) > 1:
        names = " and ".join(sorted(way.name for way in ways))
        raise InputError(f"{data}: the table {table} stands there as {names}: keep one, or name it with paths")
    return [path for place in folder for path in _inside(place)] or single or several


def _told(data: Path, table: str, pattern: str) -> list[Path]:
    place = Path(os.path.normpath(data / pattern))
    try:
        if place.is_dir():
            paths = list(_inside(place))
        elif place.exists():
            paths = [place]
        else:
            root = Path(place.anchor) if Path(pattern).is_absolute() else data
            paths = [path for path in root.glob(str(place.relative_to(root))) if not _hidden(path)]
            paths = [path for path in paths if not path.is_dir()]
    except (OSError, ValueError) as error:
        raise InputError(f"paths.{table} = {pattern!r} cannot be used: {error}") from error
    if not paths:
        raise InputError(f"paths.{table} = {pattern!r} names no file under {data}")
    return paths


def _inside(folder: Path) -> Iterator[Path]:
    """Yield every file of a folder and its folders; names that start with a dot or underscore are left out."""
    for entry in folder.iterdir():
        if _hidden(entry):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _inside(entry)
        else:
            yield entry


def _hidden(path: Path) -> bool:
    return path.name.startswith((".", "_"))


def _source(data: Path, path: Path) -> Source:
    shown = shown_path(data, path)
    _, form, packing = split_name(path.name)
    try:
        real = path.resolve(strict=True)
        plain = stat.S_ISREG(real.stat().st_mode)
    except (OSError, RuntimeError) as error:
        raise InputError(f"{shown} cannot be opened: {error}") from error
    if not plain:
        raise InputError(f"{shown} is no plain file (a folder link, pipe or device): remove it")
    told_outside = not path.is_relative_to(data)
    if not told_outside and not real.is_relative_to(data.resolve()):
        raise InputError(f"{shown} is a link that leaves the data folder: copy the file, or name it with paths")
    return Source(path, shown, form, packing)


def _without_twins(table: str, sources: list[Source]) -> list[Source]:
    """Refuse ``day1.csv`` beside ``day1.parquet``: most likely the same rows twice."""
    seen: dict[tuple[Path, str], Source] = {}
    for source in sources:
        stem, form, _ = split_name(source.path.name)
        twin = seen.setdefault((source.path.parent, stem), source)
        if twin is not source and form is not None and twin.form is not None:
            raise InputError(f"table {table}: {twin.shown} and {source.shown} look like the same rows: keep one")
    return sources
