"""Stores to report on, and the command that does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kefu.config import load_settings
from kefu.host import Host
from kefu.night.view import StoreView
from kefu.store import open_store

SAMPLE = Path(__file__).parents[2] / "sample_sessions"
WEEK = ("--week", "2025-W23")


def kefu(*arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command of kefu, with nothing set but what a test sets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    command = [sys.executable, "-m", "kefu", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, encoding="utf-8", env={**kept, **env})


def filled(data: Path, store: Path) -> Path:
    """Return a store with all of a folder in it."""
    done = kefu("run", data, "--store", store)
    assert done.returncode == 0, done.stderr
    return store


@contextmanager
def viewed(store: Path, scratch: Path) -> Iterator[StoreView]:
    """Give the view of a store."""
    with open_store(store, create=False) as kept:
        yield StoreView(kept, load_settings(store=str(store)), Host(outsiders=False), scratch)
