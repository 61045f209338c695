"""The browser of this machine, driven for tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

__all__ = ["Browser", "chromium", "opened_browser"]


def chromium() -> str | None:
    """Return the browser to test with."""
    return os.environ.get("KEFU_TEST_CHROMIUM") or shutil.which("chromium")


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Open the browser; without one the test is skipped."""
    path = chromium()
    if path is None:
        pytest.skip("needs Chromium: KEFU_TEST_CHROMIUM names none, and none is on the path")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
