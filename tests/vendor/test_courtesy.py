"""The vendor's own test: a transcript a case, run in every arrangement by kefu's test kit."""

from pathlib import Path

import kefu_vendor_demo
import pytest

from kefu.testing import Case, check, load_cases


@pytest.mark.parametrize("case", load_cases(Path(__file__).parent / "cases"), ids=str)
def test_courtesy(case: Case) -> None:
    check(case, kefu_vendor_demo)
