"""The exit codes: which stands for which error."""

from __future__ import annotations

FAILED, USAGE, INPUT, CHECK, STORE, BUSY = 1, 2, 3, 4, 5, 75
"""Beside 0 for done and 128 and its number for a signal; ``docs/configuration.md`` says what each means."""


def exit_code(error: Exception) -> int:
    """Return the exit code that stands for an error."""
    from kefu.errors import ConfigError, InputError
    from kefu.store.errors import StoreBusy, StoreError

    codes = {StoreBusy: BUSY, StoreError: STORE, ConfigError: USAGE, InputError: INPUT}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), FAILED)
