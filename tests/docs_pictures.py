"""The pictures of the READMEs, made by the program: ``make pictures`` writes them anew into ``docs/pictures``.

The terminal is an SVG of what ``kefu run sample_sessions`` prints, always the same bytes; ``test_docs`` compares it.
The report is photographed in Chromium: the one that ``KEFU_TEST_CHROMIUM`` names, or on the path, or playwright's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from docs_blocks import COLUMNS, READMES, ROOT, is_of_the_ten, offered, plain, printed
from kefu.show.words import Language, say
from terminal_picture import picture

PICTURES = ROOT / "docs" / "pictures"
SUFFIX: dict[Language, str] = {"en": "", "zh": ".zh-CN"}
COMMAND = "kefu run sample_sessions"
PERIOD = ("--from", "2025-06-06", "--to", "2025-06-08")
"""Three days with three before them, so that there is something to compare."""
DESK: dict[str, Any] = {"viewport": {"width": 1100, "height": 1000}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "device_scale_factor": 1.5}
AROUND = 14
"""Pixels left above and below what a picture shows."""


def terminal(language: Language) -> str:
    """Return the picture of the terminal: the rows of the ten metrics, and a sign where the program prints more."""
    lines = printed(language)
    table = [plain(line) for line in lines].index("") + 1
    shown = [lines[0], "", *lines[table : table + 2], *_groups(lines[table + 2 :], language)]
    return picture(["\x1b[2m$\x1b[0m " + COMMAND, *shown[:-1]], COLUMNS, COMMAND)


def _groups(lines: tuple[str, ...], language: Language) -> Iterator[str]:
    """Yield of each group with metrics of the ten its heading and their rows."""
    ten = [metric for metric in offered() if is_of_the_ten(metric)]
    titles = {getattr(metric.title, language) for metric in ten}
    headings = {say(metric.group, language) for metric in ten}
    for filled, group in groupby(lines, key=lambda line: bool(plain(line))):
        heading, *rows = group
        if filled and plain(heading).strip() in headings:
            yield from (heading, *_chosen(rows, titles), " \x1b[2m…\x1b[0m", "")


def _chosen(rows: list[str], titles: set[str]) -> Iterator[str]:
    """Yield the rows with these titles, and the lines that they run on to."""
    wanted = False
    for row in rows:
        title, *_ = plain(row)[1:].split("  ")
        wanted = title in titles or (wanted and plain(row).startswith(" " * 5))
        if wanted:
            yield row


def reports(folder: Path) -> dict[Language, Path]:
    """Return the report of the period in each language, of a store in this folder."""
    _kefu(folder, "run", ROOT / "sample_sessions")
    made: dict[Language, Path] = {language: folder / f"{language}.html" for language in READMES.values()}
    for language, path in made.items():
        _kefu(folder, "report", *PERIOD, "--lang", language, "--out", path)
    return made


def _kefu(folder: Path, *words: object) -> None:
    env = {**os.environ, "KEFU_STORE": str(folder / "kefu.db")}
    subprocess.run([sys.executable, "-m", "kefu", *map(str, words)], check=True, stdout=subprocess.DEVNULL, env=env)


def photograph(report: Path, language: Language, browser: Browser) -> None:
    """Take a report's first page by day, and on a phone by night how long customers waited."""
    for name, look, from_, to in (
        ("report", DESK, "body", "#glance .figure:nth-of-type(6)"),
        ("report-phone", PHONE, "#reply_times h2", "#reply_times svg"),
    ):
        page = browser.new_context(**look).new_page()
        page.goto(report.as_uri())
        path = PICTURES / f"{name}{SUFFIX[language]}.png"
        page.screenshot(path=path, full_page=True, clip=_between(page, from_, to))
        page.context.close()


def _between(page: Page, first: str, last: str) -> FloatRect:
    """Return the part of a page from the top of one element to the end of another, over its whole width."""
    above, below = (page.locator(one).first.bounding_box() for one in (first, last))
    viewport = page.viewport_size
    if above is None or below is None or viewport is None:
        raise SystemExit(f"the report has no {first} or {last}")
    top = max(above["y"] - AROUND, 0)
    return {"x": 0, "y": top, "width": viewport["width"], "height": below["y"] + below["height"] + AROUND - top}


def main() -> None:
    """Write the pictures."""
    PICTURES.mkdir(exist_ok=True)
    for language in READMES.values():
        (PICTURES / f"terminal{SUFFIX[language]}.svg").write_text(terminal(language), encoding="utf-8")
    chromium = os.environ.get("KEFU_TEST_CHROMIUM") or shutil.which("chromium")
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language, path in reports(Path(folder)).items():
            photograph(path, language, browser)
        browser.close()


if __name__ == "__main__":
    main()
