"""Nights in a process of their own, some of which are killed or held at a step: ``python children.py DEED …``."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

sys.path.insert(0, str(Path(__file__).parent))

import weeks

from kefu.night import nightly
from kefu.run.engine import Engine
from kefu.store import open_store

Action = Callable[[], None]
FUNCTIONS: dict[str, tuple[Any, str]] = {
    "open": (nightly, "open_engine"),
    "read": (Engine, "require_messages"),
    "compute": (Engine, "outcome"),
    "before the write": (nightly, "with_reports"),
    "after the commit": (nightly.Nightly, "_write"),
}
STATEMENTS = {
    "first statement": "INSERT INTO runs",
    "old revision": "UPDATE days",
    "day": "INSERT INTO days",
    "frame": "INSERT INTO frames",
    "evidence": "INSERT INTO evidence",
    "file": "INSERT INTO input_files",
    "quarantine": "INSERT INTO quarantine",
}
STEPS = (*FUNCTIONS, *STATEMENTS, "commit")
LOCK_SECONDS = 30


def die() -> None:
    """End as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def hold() -> None:
    """Say that the step is reached, and stay there."""
    print("here", file=sys.stderr, flush=True)  # noqa: T201 - the parent waits for it
    time.sleep(60)


def at(step: str, act: Action) -> None:
    """Do something when a step is reached: a function has returned, or a statement was executed."""
    if step in FUNCTIONS:
        place, name = FUNCTIONS[step]
        inner = getattr(place, name)

        def outer(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever it takes
            found = inner(*args, **kwargs)
            act()
            return found

        setattr(place, name, outer)
    elif step == "commit":
        event.listen(
            sa.Engine,
            "commit",
            lambda connection: act() if "kefu_writes" in connection.get_execution_options() else None,
        )
    else:
        begins = STATEMENTS[step]
        event.listen(
            sa.Engine,
            "after_cursor_execute",
            lambda _connection, _cursor, statement, *_: act() if statement.startswith(begins) else None,
        )


def night(url: str, data: str, step: str = "") -> None:
    """Run a night, which dies at a step if one is named."""
    with open_store(url) as store, store.lock(LOCK_SECONDS):
        if step:
            at(step, die)
        weeks.run_night(store, Path(data))


def command(step: str, *arguments: str) -> None:
    """Run ``kefu`` with arguments, and stay at a step."""
    from kefu.cli import main

    if step:
        at(step, hold)
    sys.argv = ["kefu", *arguments]
    main()


def waiting(url: str) -> None:
    """Hold the lock of a store until a line comes."""
    with open_store(url) as store, store.lock(0):
        print("here", flush=True)  # noqa: T201
        sys.stdin.readline()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
