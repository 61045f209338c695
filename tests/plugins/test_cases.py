"""Every case of every built-in plugin, in every arrangement."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.testing import Case, check, load_cases

FOLDER = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", load_cases(FOLDER), ids=str)
def test_case(case: Case) -> None:
    check(case)
