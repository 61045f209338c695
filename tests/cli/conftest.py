"""What the tests of the commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from few_sessions import write_few_sessions


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with some sessions of a shop, and all tables."""
    folder = tmp_path_factory.mktemp("shop")
    write_few_sessions(folder)
    return folder
