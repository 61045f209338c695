"""What the tests of exports share: a store with the sample's week, and one whose every text tries to be obeyed."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

import pytest

TESTS = Path(__file__).parents[1]
sys.path += [str(TESTS / name) for name in ("cli", "night", "web")]

import hostile  # noqa: E402
from commands import kefu  # noqa: E402
from formulas import FORMULAS  # noqa: E402

from stores import postgres_url, sqlite_store, sqlite_url, store, store_url  # noqa: E402

__all__ = ["postgres_url", "sqlite_store", "sqlite_url", "store", "store_url"]


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the store of the sample's week, published for SQL."""
    path = str(tmp_path_factory.mktemp("exported") / "kefu.db")
    assert kefu("run", TESTS.parent / "sample_sessions", "--store", path).code == 0
    assert kefu("export", "sql", "--store", path).code == 0
    return path


@pytest.fixture(scope="session")
def injected(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store into which more than two hundred texts came through every field, published for SQL."""
    folder = tmp_path_factory.mktemp("injected")
    (folder / "data").mkdir()
    with patch.object(hostile, "TEXTS", [*FORMULAS, *hostile.TEXTS]):
        hostile.write_hostile(folder / "data")
    path = str(folder / "kefu.db")
    assert kefu("run", folder / "data", "--store", path).code == 0
    assert kefu("export", "sql", "--store", path).code == 0
    return path
