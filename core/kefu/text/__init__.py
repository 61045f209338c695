"""Chinese text: one normal form, words in texts, uses of prepared scripts.

Importing this package is cheap: polars, jieba and OpenCC are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kefu.text.edits import script_edits
    from kefu.text.lexicon import Entry, Lexicon
    from kefu.text.normalise import needs_normalising, normalised
    from kefu.text.scripts import ScriptLibrary
    from kefu.text.tokenizer import Tokenizer
    from kefu.text.topics import TopicSettings, group_topics
    from kefu.text.unscripted import repeated_utterances
    from kefu.text.words import WordFinder

__all__ = [
    "Entry",
    "Lexicon",
    "ScriptLibrary",
    "Tokenizer",
    "TopicSettings",
    "WordFinder",
    "group_topics",
    "needs_normalising",
    "normalised",
    "repeated_utterances",
    "script_edits",
]

_HOMES = {
    "Entry": "lexicon",
    "Lexicon": "lexicon",
    "ScriptLibrary": "scripts",
    "Tokenizer": "tokenizer",
    "TopicSettings": "topics",
    "WordFinder": "words",
    "group_topics": "topics",
    "needs_normalising": "normalise",
    "normalised": "normalise",
    "repeated_utterances": "unscripted",
    "script_edits": "edits",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Load a public name from its module when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
