"""The JSON Schemas of everything that kefu prints as JSON: a file for each ``schema`` that a document can name."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from kefu.errors import ConfigError

FOLDER = files("kefu") / "schemas"


def names() -> list[str]:
    """Return what schemas there are, such as ``kefu/1``."""
    stems = (file.name.removesuffix(".json") for file in FOLDER.iterdir() if file.name.endswith(".json"))
    return sorted("/".join(stem.rsplit("-", 1)) for stem in stems)


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the documents that name this one.

    :raises ConfigError: there is none.
    """
    if name not in names():
        raise ConfigError(f"there is no schema {name!r}: there are {', '.join(names())}")
    found: dict[str, Any] = json.loads((FOLDER / f"{name.replace('/', '-')}.json").read_text(encoding="utf-8"))
    return found
