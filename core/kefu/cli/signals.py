"""Signals that ask a run to end: it ends as from an interruption, so that what is half done is undone."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ENDING = tuple(one for one in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, one))


class Ended(KeyboardInterrupt):
    """A signal came; no ``except Exception`` stops it, nor the host's watch over plugins, which stops an exit."""

    def __init__(self, number: int) -> None:
        """Keep the number of the signal."""
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def signals_as_exits() -> Iterator[None]:
    """Turn signals into exits with the usual code, 128 and the number of the signal."""
    before = {name: signal.signal(getattr(signal, name), _end) for name in ENDING}
    try:
        yield
    except Ended as ended:
        sys.exit(128 + ended.number)
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise Ended(number)
