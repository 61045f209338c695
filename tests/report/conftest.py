"""What the tests of the report share: a store of the sample, and one of hostile texts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from stored_reports import SAMPLE, filled

sys.path.append(str(Path(__file__).parents[1] / "web"))  # the hostile texts and the browser are those of the pages


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
