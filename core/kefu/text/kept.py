"""Word lists laid out, kept on disk for the next start: in a folder of the user's own, each under what it came from."""

from __future__ import annotations

import logging
import marshal
import os
import sys
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import fields
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from kefu.text.tokenizer import private_folder
from kefu.text.wordings import Wordings

MOST_KEPT = 12
"""So many files are kept; the oldest go first."""
_ENDING = ".wordings"
_MADE_WITH = ("polars", "opencc")
_DIGEST = 32


def key_of(lists: Iterable[Path]) -> str | None:
    """Name what lists are laid out to: by their names and content, and all that has a part in it; None if unread."""
    digest = sha256(f"{sys.byteorder} {sys.version_info} {unicodedata.unidata_version}".encode())
    digest.update(" ".join(map(version, _MADE_WITH)).encode())
    code = sorted((file for file in files("kefu.text").iterdir() if file.name.endswith(".py")), key=lambda x: x.name)
    try:
        for file in (*code, files("kefu_lexicons") / "common" / "wordings.txt", *lists):
            content = file.read_bytes()
            digest.update(f"\n{len(content)} {file.name}\n".encode(errors="surrogatepass"))
            digest.update(content)
    except OSError:
        return None
    return digest.hexdigest()


def kept(key: str) -> Wordings | None:
    """Read lists back; None where they are not kept, or are damaged."""
    folder = private_folder()
    try:
        content = (folder / f"{key}{_ENDING}").read_bytes() if folder else b""
    except OSError:
        return None
    if len(content) <= _DIGEST or sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
        return None
    told: dict[str, Any] = marshal.loads(content[_DIGEST:])  # noqa: S302 - whole, and from a folder of ours
    return Wordings(**{name: _read(value) for name, value in told.items()})


def keep(key: str, wordings: Wordings) -> None:
    """Keep lists, if there is a place for them; who reads at the same time finds the old file, the new one or none."""
    folder = private_folder()
    if folder is None:
        return
    told = marshal.dumps({field.name: _written(getattr(wordings, field.name)) for field in fields(wordings)})
    try:
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(sha256(told).digest() + told)
        Path(name).replace(folder / f"{key}{_ENDING}")
        _tidy(folder)
    except OSError:
        logging.getLogger(__name__).debug("the word lists could not be kept in %s", folder)


def _tidy(folder: Path) -> None:
    """Remove the oldest files."""
    found = sorted(folder.glob(f"*{_ENDING}"), key=lambda file: file.stat().st_mtime_ns)
    for file in found[:-MOST_KEPT]:
        file.unlink(missing_ok=True)


def _written(value: object) -> object:
    return (value.dtype.str, value.tobytes()) if isinstance(value, np.ndarray) else value


def _read(value: object) -> Any:  # noqa: ANN401 - whatever it is
    """Read a value; a pair that begins with the name of a type is an array."""
    match value:
        case (str(name), bytes(content)):
            return np.frombuffer(content, dtype=name)
        case _:
            return value
