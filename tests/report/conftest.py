"""What the tests of the report share: stores, and reports of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "web"))  # the hostile texts and the browser are those of the pages

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


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the store of the sample's week."""
    return filled(SAMPLE, tmp_path_factory.mktemp("report") / "kefu.db")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store in which every text of every table tries to run something."""
    from hostile import write_hostile

    folder = tmp_path_factory.mktemp("hostile")
    (folder / "data").mkdir()
    write_hostile(folder / "data")
    return filled(folder / "data", folder / "kefu.db")
