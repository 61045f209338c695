"""Chinese text: one normal form, words in texts, uses of prepared scripts.

Importing this package is cheap: polars, jieba and OpenCC are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kefu.text.lexicon import Entry, Lexicon
    from kefu.text.normalise import needs_normalising, normalised
    from kefu.text.scripts import ScriptLibrary
    from kefu.text.tokenizer import Tokenizer
    from kefu.text.words import WordFinder

__all__ = ["Entry", "Lexicon", "ScriptLibrary", "Tokenizer", "WordFinder", "needs_normalising", "normalised"]

_HOMES = {
    "Entry": "lexicon",
    "Lexicon": "lexicon",
    "ScriptLibrary": "scripts",
    "Tokenizer": "tokenizer",
    "WordFinder": "words",
    "needs_normalising": "normalise",
    "normalised": "normalise",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Load a public name from its module when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
