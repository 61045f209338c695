"""What kefu raises for people to read: the message says what was found, where, and what to do."""

from __future__ import annotations


class KefuError(Exception):
    """Anything that a user of kefu can put right; every other exception is a fault of the program."""


class InputError(KefuError):
    """The input as a whole cannot be used. One bad row or one bad file is no reason to raise it."""


class ConfigError(KefuError):
    """An option or a setting that cannot be used."""
