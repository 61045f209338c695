"""Signals that ask a run to end: it ends as from an interruption, so that what is half done is undone."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ENDING = tuple(one for one in ("SIGTERM", "SIGHUP") if hasattr(signal, one))


@contextmanager
def signals_as_exits() -> Iterator[None]:
    """Turn signals into exits with the usual code, 128 and the number of the signal."""
    before = {name: signal.signal(getattr(signal, name), _leave) for name in ENDING}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
